//! The last lines of a log, read: which entry is the error that the process died of.

use crate::loglines::entry::LogEntry;
use crate::loglines::entry_reader::entries;
use crate::loglines::fatal::{NEAR, fatal, mark_sessions};
use crate::loglines::phrases::{is_consequence, is_farewell, is_recovery};
use crate::loglines::weight::EntryWeight;
use crate::pattern::regex;

/// How many of the last lines are read.
const LINES: usize = 500;

/// A log's last lines as entries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LogReading {
    pub entries: Vec<LogEntry>,
    /// Index of the error that the process died of, else of its last words.
    fatal: Option<usize>,
}

impl LogReading {
    pub fn of(text: &str) -> LogReading {
        let mut lines: Vec<&str> = text.lines().rev().take(LINES).collect();
        lines.reverse();
        let mut entries = entries(lines);
        mark_sessions(&mut entries);
        let fatal = fatal(&entries);
        LogReading { entries, fatal }
    }

    /// The error that the process died of; where there is none, the last words that are no farewell.
    pub fn fatal(&self) -> Option<&LogEntry> {
        self.entries.get(self.fatal?)
    }

    /// Whether an entry leaves open what went wrong, so that its neighbours may say it: it says only that something
    /// could not start, or what was to be done then.
    pub fn is_open(&self, entry: &LogEntry) -> bool {
        let text = entry.text.as_str();
        let bug = regex!(
            r"runtime error|nil pointer|NullPointerException|IndexOutOfBounds|ClassCastException|NullReferenceException|^(Index|Type|Reference|Syntax|Attribute|Name|ZeroDivision|Assertion|Indentation|Range|NoMethod)Error\b|assertion .*failed|index out of range"
        );
        !bug.is_match(text) && (entry.says_nothing() || (entry.root.is_none() && is_consequence(text)))
    }

    /// The entries that lead to this one without a break: errors right before it, the nearest first.
    pub fn before<'a>(&'a self, entry: &'a LogEntry) -> impl Iterator<Item = &'a LogEntry> {
        let at = self.entries.iter().position(|other| std::ptr::eq(other, entry)).unwrap_or_default();
        let near = self.entries[..at].iter().rev().take(NEAR);
        near.take_while(|other| !is_recovery(&other.text))
            .filter(|other| other.weight() >= EntryWeight::Warning)
    }

    /// Errors after this one, in order: they come of it, or of what it came of.
    pub fn errors_after<'a>(&'a self, entry: &'a LogEntry) -> impl Iterator<Item = &'a LogEntry> {
        let after = self.entries.iter().skip_while(|other| !std::ptr::eq(*other, entry)).skip(1);
        after.filter(|other| other.weight() >= EntryWeight::Error)
    }

    /// Entries as grave as this one beside it: where they have other causes, there are two readings.
    pub fn beside<'a>(&'a self, entry: &'a LogEntry) -> impl Iterator<Item = &'a LogEntry> {
        let weight = entry.weight();
        self.before(entry).filter(move |other| other.weight() >= weight)
    }

    /// Whether the program says goodbye after its error: then it was not struck down.
    pub fn leaves_in_order(&self) -> bool {
        let after = self.fatal.and_then(|at| self.entries.get(at + 1..)).unwrap_or_default();
        self.fatal().is_some_and(|entry| entry.weight() >= EntryWeight::Error)
            && after.iter().any(|entry| is_farewell(&entry.text))
    }

    /// A usage text, where the log has nothing graver.
    pub fn usage(&self) -> Option<&LogEntry> {
        let usage = self.entries.iter().find(|entry| regex!(r"^\s*usage:").is_match(&entry.line))?;
        let graver =
            self.entries.iter().any(|entry| entry.weight() >= EntryWeight::Error && !entry.says_nothing());
        (!graver).then_some(usage)
    }
}
