//! How much an entry weighs as the reason why a process ended.

use crate::loglines::phrases::{
    complains, is_chatter, is_exception, is_notice_of_deprecation, is_of_a_client, is_retried, is_survived,
};
use crate::loglines::record::LogLevel;
use crate::pattern::regex;

/// How much an entry weighs as a reason why the process ended, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryWeight {
    /// Information, and what is said of no trouble.
    Plain,
    /// A warning, or an attempt that is made again.
    Warning,
    /// Unmarked, but its words complain.
    Complaint,
    Error,
    /// What ends a process: a fatal line, a panic, an exception that nobody caught.
    Fatal,
}

/// What the weight of an entry is read from.
pub struct Marks<'a> {
    pub line: &'a str,
    pub text: &'a str,
    pub level: Option<LogLevel>,
    pub has_stack: bool,
    pub is_uncaught: bool,
    /// Whether a server says it of one of its clients.
    pub is_session: bool,
}

impl Marks<'_> {
    /// How much it weighs, by its level, its words and what a runtime reports of it.
    pub fn weight(&self) -> EntryWeight {
        let weight = self.alone();
        let of_a_client = self.is_session || (!self.is_uncaught && is_of_a_client(self.text));
        match weight {
            _ if of_a_client => weight.min(EntryWeight::Warning),
            EntryWeight::Error if is_survived(self.text) && !self.is_uncaught => EntryWeight::Warning,
            EntryWeight::Complaint | EntryWeight::Warning if is_survived(self.text) => EntryWeight::Plain,
            _ => weight,
        }
    }

    fn alone(&self) -> EntryWeight {
        let text = self.text;
        if !self.is_uncaught && (is_chatter(text) || is_chatter(self.line)) {
            return EntryWeight::Plain;
        }
        if self.level < Some(LogLevel::Error) && !self.is_uncaught && is_notice_of_deprecation(text) {
            return EntryWeight::Plain;
        }
        let fatal = self.is_uncaught
            || regex!(r"^(fatal( error)?|panic|emerg|critical)\b *[:!-]").is_match(text)
            || self.level == Some(LogLevel::Fatal);
        let error = self.level == Some(LogLevel::Error)
            || is_exception(text)
            || regex!(r"^(\S+: )?(error|err!|failed|failure)\b *(\[\w+\])?[:!] ").is_match(text);
        match self.level {
            _ if fatal => EntryWeight::Fatal,
            _ if error && is_retried(text) => EntryWeight::Warning,
            Some(LogLevel::Debug | LogLevel::Info) if error && !self.has_stack => {
                EntryWeight::Plain.max(self.by_words())
            }
            _ if error => EntryWeight::Error,
            Some(LogLevel::Warning) => EntryWeight::Warning,
            Some(LogLevel::Debug | LogLevel::Info) => self.by_words(),
            _ if is_retried(text) => EntryWeight::Warning,
            _ if complains(text) => EntryWeight::Complaint,
            _ => EntryWeight::Plain,
        }
    }

    /// A program that marks everything as information may still say that it failed.
    fn by_words(&self) -> EntryWeight {
        let failed = regex!(r"\b(error|fatal|exception|failed|panic|failure|could not|cannot|unable to)\b")
            .is_match(self.text);
        let negated = regex!(r"\b(no|0|without|zero|any) (errors?|exceptions?|failures?|failed)\b|(errors?|failures?|failed)[=: ]+(0|none|null|false|\[\])|on[- _]error|error[- _](log|handler|page|handling|rate|budget|code|reporting)|fail(ure|ed)?[- _](over|fast|threshold|policy)").is_match(self.text);
        if failed && !negated && !is_retried(self.text) { EntryWeight::Warning } else { EntryWeight::Plain }
    }
}
