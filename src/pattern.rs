//! Regular expressions of tables, compiled at their first use.

use regex::{Regex, RegexBuilder};
use std::ops::Deref;
use std::sync::OnceLock;

/// Bytes that a compiled expression may take: the longest lists of words need more than the crate's own limit.
const LARGEST: usize = 64 << 20;

/// A case-insensitive regular expression that stands in a table: most runs need few of them, so that each is compiled when it is
/// first asked. A test compiles all that the sources hold.
#[derive(Debug)]
pub struct LazyRegex {
    words: &'static str,
    compiled: OnceLock<Regex>,
}

impl LazyRegex {
    pub const fn new(words: &'static str) -> LazyRegex {
        LazyRegex { words, compiled: OnceLock::new() }
    }
}

impl Deref for LazyRegex {
    type Target = Regex;

    fn deref(&self) -> &Regex {
        self.compiled.get_or_init(|| {
            RegexBuilder::new(self.words)
                .case_insensitive(true)
                .size_limit(LARGEST)
                .build()
                .expect("a test compiles every expression of the sources")
        })
    }
}

/// The expression that is written here, as a [`LazyRegex`].
macro_rules! regex {
    ($words:expr) => {{
        static REGEX: $crate::pattern::LazyRegex = $crate::pattern::LazyRegex::new($words);
        &REGEX
    }};
}
pub(crate) use regex;
