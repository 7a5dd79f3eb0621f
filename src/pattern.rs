//! Regular expressions of tables, compiled once each.

use regex::{Regex, RegexBuilder};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Bytes that a compiled expression may take: the longest lists of words need more than the crate's own limit.
const LARGEST: usize = 64 << 20;

/// An expression of a table, case-insensitive, compiled once. A test compiles all of them. It is known by where it stands: some
/// are longer than what they are held against.
pub fn regex(words: &'static str) -> &'static Regex {
    static COMPILED: OnceLock<Mutex<HashMap<(usize, usize), &'static Regex>>> = OnceLock::new();
    let mut known = COMPILED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    known.entry((words.as_ptr().addr(), words.len())).or_insert_with(|| {
        let compiled = RegexBuilder::new(words)
            .case_insensitive(true)
            .size_limit(LARGEST)
            .build()
            .expect("a test compiles every expression of the tables");
        Box::leak(Box::new(compiled))
    })
}
