//! An entry of a log: a line that says something, with the lines that belong to it, such as the stack below it.

use crate::loglines::phrases::{complains, is_consequence, is_exception, is_farewell, is_generic};
use crate::loglines::record::LogLevel;
use crate::loglines::weight::{EntryWeight, Marks};

/// Something that the program said.
#[derive(Debug, Clone, PartialEq)]
pub struct LogEntry {
    /// The line as it stands in the log, for evidence.
    pub line: String,
    /// What it says, without time and level, with what its fields say of the error.
    pub text: String,
    pub level: Option<LogLevel>,
    /// Lines that say more about it: a message over several lines, `DETAIL:`, the exceptions behind it.
    pub details: Vec<String>,
    /// The innermost exception: the last `Caused by:`, the first of chained Python exceptions.
    pub root: Option<String>,
    /// Whether it has the stack of an exception or a panic.
    pub has_stack: bool,
    /// Whether nobody caught it: the runtime's own report of the end.
    pub is_uncaught: bool,
    /// The exception that was being handled when this one came: what ended the process is this one.
    pub context: Option<String>,
    /// The process of PostgreSQL's that says it.
    pub process: Option<String>,
    /// Whether a server says it of one of its clients.
    pub is_session: bool,
    /// Whether the line has a time or a level.
    pub is_marked: bool,
    /// Depth of the stack of what was suppressed, while in it.
    pub suppressed: Option<usize>,
}

/// Details that are kept.
const MOST_DETAILS: usize = 12;

impl LogEntry {
    /// Adds a line that says more about it, unless it was said already.
    pub fn push(&mut self, detail: &str) {
        let detail = detail.trim();
        if !detail.is_empty() && self.details.len() < MOST_DETAILS && !self.text.contains(detail) {
            self.details.push(detail.to_string());
        }
    }

    /// The text and all that is said about it.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let details = self.details.iter().map(String::as_str);
        [Some(self.text.as_str()), self.root.as_deref()].into_iter().flatten().chain(details)
    }

    /// How much it weighs, by its level, its words and what a runtime reports of it.
    pub fn weight(&self) -> EntryWeight {
        let LogEntry { line, text, level, has_stack, is_uncaught, is_session, .. } = self;
        let (level, has_stack, is_uncaught) = (*level, *has_stack, *is_uncaught);
        Marks { line, text, level, has_stack, is_uncaught, is_session: *is_session }.weight()
    }

    /// What of it tells the cause: its own words, or, where those say only that something failed, the innermost
    /// exception's or the first of its details that says more.
    pub fn explanation(&self) -> &str {
        let is_vague = |text: &str| is_generic(text) || is_farewell(text) || is_consequence(text);
        let explains = |text: &&str| !is_vague(text) && (complains(text) || is_exception(text));
        let better = is_vague(&self.text).then(|| self.texts().skip(1).find(explains));
        better.flatten().unwrap_or(&self.text)
    }

    /// Whether its program marks it as information, and its words are none of trouble.
    pub fn is_mere_information(&self) -> bool {
        matches!(self.level, Some(LogLevel::Debug | LogLevel::Info)) && self.weight() == EntryWeight::Plain
    }

    /// Whether it says what went wrong, and not only what came of it.
    pub fn explains(&self) -> bool {
        self.is_uncaught || self.root.is_some() || !is_consequence(&self.text)
    }

    /// Whether it says nothing of its own about the cause.
    pub fn says_nothing(&self) -> bool {
        (is_farewell(&self.text) || is_generic(&self.text))
            && self.root.is_none()
            && !self
                .details
                .iter()
                .any(|detail| !is_generic(detail) && !is_farewell(detail) && complains(detail))
    }
}
