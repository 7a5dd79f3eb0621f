//! Which rule knows the error that a process died of, and in which line of its log that stands.

use crate::diagnose::failed_container::FailedContainer;
use crate::diagnose::last_words::{self, QuotedLine};
use crate::diagnose::rule::{Rule, RuleFamily};
use crate::diagnose::subject::Subject;
use crate::loglines::{LogEntry, LogLevel, is_chatter};
use crate::pattern::regex;
use regex::Captures;

/// What a page of usage amounts to, where no rule knows the line before it.
pub const USAGE: &str = "app-usage-error";

/// The log rule that decides, its line, and what else the last words may mean.
pub struct Decision {
    pub cause: &'static str,
    pub line: QuotedLine,
    /// What of the line, or of what it says about itself, the rule knows.
    pub text: String,
    pub alternatives: Vec<&'static str>,
}

/// What the error that the process died of amounts to. Nothing where no rule knows it: an earlier line that one knows
/// may have been overcome.
pub fn deciding(subject: &Subject, failed: &FailedContainer, table: &[Rule]) -> Option<Decision> {
    let rules = || table.iter().filter(|rule| rule.family == RuleFamily::Log);
    let knows = |rule: &&Rule, text: &str| rule.find(text).is_some_and(|words| !is_value(text, &words));
    let of_text = |text: &str| rules().find(|rule| knows(rule, text)).map(|rule| rule.code);
    // Mere information tells of no trouble, whatever words it has.
    let known = |entry: &LogEntry| {
        let mut texts = entry.texts().filter(|_| !entry.is_mere_information());
        texts.find_map(|text| of_text(text).map(|cause| (cause, text.to_string())))
    };
    let cause = |entry: &LogEntry| known(entry).map(|(cause, _)| cause);
    let all = last_words::places(subject, failed);
    for part in all.iter().rev() {
        let Some(entry) = part.reading.fatal() else { continue };
        // A controller that may not list what it watches waits for its cache in vain, and says that last.
        let watched = || {
            let chatter = part.reading.entries.iter().rev().filter(|other| is_chatter(&other.line));
            chatter
                .filter(|other| other.level >= Some(LogLevel::Warning))
                .find_map(|other| of_text(&other.text).map(|cause| (cause, other.text.clone(), other)))
        };
        let told = |other| known(other).map(|(cause, text)| (cause, text, other));
        let syncs = regex!(r"caches? to (be )?sync").is_match(&entry.text);
        let chosen = match told(entry) {
            _ if syncs && watched().is_some() => watched(),
            Some(told) => Some(told),
            // Its own line leaves open what those right before it tell.
            None if part.reading.is_open(entry) => part.reading.before(entry).find_map(told),
            None => None,
        };
        if let Some((code, text, entry)) = chosen {
            let others = part.reading.beside(entry).filter_map(cause).filter(|other| *other != code);
            let mut alternatives: Vec<&'static str> = others.collect();
            alternatives.sort_unstable();
            alternatives.dedup();
            let line = part.line_with(entry, &text);
            return Some(Decision { cause: code, line, text, alternatives });
        }
        if let Some(usage) = part.reading.usage() {
            let line = part.line(usage);
            let text = line.text.clone();
            return Some(Decision { cause: USAGE, line, text, alternatives: Vec::new() });
        }
    }
    None
}

/// Whether the words are a value that the text speaks of, and not what it says: `got "timed out"`, `'connection refused'
/// is not a valid action`.
fn is_value(text: &str, words: &Captures) -> bool {
    let Some(all) = words.get(0) else { return false };
    let (before, after) = (&text[..all.start()], &text[all.end()..]);
    let quote = |c: Option<char>| c.filter(|c| "'\"`".contains(*c));
    let is_quoted = quote(before.chars().last()).is_some() && quote(after.chars().next()).is_some();
    is_quoted
        && (regex!(r"\b(got|unknown|value|expected|unsupported|invalid|action|option|setting|policy)[\s:=(\\]*['\x22`]$").is_match(before)
            || regex!(r"^['\x22`] (is (not|no)|isn't|must|policy|action|setting|option|should)\b").is_match(after))
}
