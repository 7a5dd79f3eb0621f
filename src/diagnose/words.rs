//! Regular expressions of the tables, compiled once each.

use regex::Regex;
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A rule's expression, compiled once. A test compiles all of them.
pub fn regex(words: &'static str) -> &'static Regex {
    static COMPILED: OnceLock<Mutex<HashMap<&'static str, &'static Regex>>> = OnceLock::new();
    let mut known = COMPILED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(words).or_insert_with(|| {
        let compiled =
            Regex::new(&format!("(?i){words}")).expect("a test compiles every expression of the tables");
        Box::leak(Box::new(compiled))
    })
}
