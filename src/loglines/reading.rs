//! The last lines of a log, read: which entry is the error that the process died of.

use crate::loglines::entry::{Entry, entries};
use crate::loglines::phrases::{is_consequence, is_farewell, is_frame, is_recovery};
use crate::loglines::weight::Weight;
use crate::pattern::regex;

/// How many of the last lines are read.
const LINES: usize = 500;
/// Entries right before another that may belong to it.
const NEAR: usize = 4;

/// A log's last lines as entries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    pub entries: Vec<Entry>,
    /// Index of the error that the process died of, else of its last words.
    fatal: Option<usize>,
}

impl Reading {
    pub fn of(text: &str) -> Reading {
        let mut lines: Vec<&str> = text.lines().rev().take(LINES).collect();
        lines.reverse();
        let entries = entries(lines);
        let fatal = fatal(&entries);
        Reading { entries, fatal }
    }

    /// The error that the process died of; where there is none, the last words that are no farewell.
    pub fn fatal(&self) -> Option<&Entry> {
        self.entries.get(self.fatal?)
    }

    /// Whether an entry leaves open what went wrong, so that its neighbours may say it: it says only that something
    /// could not start, or what was to be done then.
    pub fn is_open(&self, entry: &Entry) -> bool {
        let text = entry.text.as_str();
        let bug = regex(
            r"runtime error|nil pointer|NullPointerException|IndexOutOfBounds|ClassCastException|NullReferenceException|^(Index|Type|Reference|Syntax|Attribute|Name|ZeroDivision|Assertion|Indentation|Range|NoMethod)Error\b|assertion .*failed|index out of range",
        );
        !bug.is_match(text) && (entry.says_nothing() || (entry.root.is_none() && is_consequence(text)))
    }

    /// The entries that lead to this one without a break: errors right before it, the nearest first.
    pub fn before<'a>(&'a self, entry: &'a Entry) -> impl Iterator<Item = &'a Entry> {
        let at = self.entries.iter().position(|other| std::ptr::eq(other, entry)).unwrap_or_default();
        let near = self.entries[..at].iter().rev().take(NEAR);
        near.take_while(|other| !is_recovery(&other.text)).filter(|other| other.weight() >= Weight::Warning)
    }

    /// Entries as grave as this one beside it: where they have other causes, there are two readings.
    pub fn beside<'a>(&'a self, entry: &'a Entry) -> impl Iterator<Item = &'a Entry> {
        let weight = entry.weight();
        self.before(entry).filter(move |other| other.weight() >= weight)
    }

    /// Whether the program says goodbye after its error: then it was not struck down.
    pub fn leaves_in_order(&self) -> bool {
        let after = self.fatal.and_then(|at| self.entries.get(at + 1..)).unwrap_or_default();
        self.fatal().is_some_and(|entry| entry.weight() >= Weight::Error)
            && after.iter().any(|entry| is_farewell(&entry.text))
    }

    /// A usage text, where the log has nothing graver.
    pub fn usage(&self) -> Option<&Entry> {
        let usage = self.entries.iter().find(|entry| regex(r"^\s*usage:").is_match(&entry.line))?;
        let graver =
            self.entries.iter().any(|entry| entry.weight() >= Weight::Error && !entry.says_nothing());
        (!graver).then_some(usage)
    }
}

/// Whether all was well again between two entries.
fn overcome_between(entries: &[Entry], from: usize, to: usize) -> bool {
    let between = entries.get(from + 1..to).unwrap_or_default();
    between.iter().any(|entry| entry.weight() == Weight::Plain && is_recovery(&entry.text))
}

/// By weight: the last fatal entry, else the last error, and so on; never a farewell while anything else is there. An
/// error after which all was well again is none, and so is a complaint.
fn fatal(entries: &[Entry]) -> Option<usize> {
    let last = |weight: Weight| {
        entries
            .iter()
            .enumerate()
            .rev()
            .filter(move |(_, entry)| entry.weight() == weight && !entry.says_nothing())
    };
    let overcome = |at: usize| overcome_between(entries, at, entries.len());
    // Of errors that follow one another the last one often only says what came of those before it.
    let explains = |entry: &Entry| entry.is_uncaught || entry.root.is_some() || !is_consequence(&entry.text);
    let pick = |all: Vec<(usize, &Entry)>| {
        let (newest, _) = *all.first()?;
        let near = all.iter().take_while(|(at, _)| !overcome_between(entries, *at, newest));
        near.copied().find(|(_, entry)| explains(entry)).or(Some(all[0])).map(|(at, _)| at)
    };
    if let Some(at) = pick(last(Weight::Fatal).collect()) {
        // A fatal line that only says that nothing could start leaves the word to the error before it.
        let earlier = || {
            pick(
                last(Weight::Error)
                    .filter(|(other, _)| *other < at && !overcome_between(entries, *other, at))
                    .collect(),
            )
        };
        return if explains(&entries[at]) {
            Some(at)
        } else {
            earlier().filter(|other| explains(&entries[*other])).or(Some(at))
        };
    }
    for weight in [Weight::Error, Weight::Complaint, Weight::Warning] {
        if let Some(at) = pick(last(weight).filter(|(at, _)| !overcome(*at)).collect()) {
            // Right before it an unmarked line may say what it came of.
            let near =
                entries[..at].iter().enumerate().rev().take(NEAR).filter(|(_, entry)| !entry.says_nothing());
            let said = || {
                near.filter(|(_, entry)| entry.weight() == Weight::Complaint)
                    .find(|(_, entry)| explains(entry))
            };
            return if explains(&entries[at]) { Some(at) } else { said().map(|(at, _)| at).or(Some(at)) };
        }
    }
    // Nothing but information: the last of it.
    let plain = |entry: &&(usize, &Entry)| !is_farewell(&entry.1.text) && !is_frame(&entry.1.line);
    let all: Vec<(usize, &Entry)> = entries.iter().enumerate().collect();
    let generic = all.iter().rev().find(|(_, entry)| entry.weight() >= Weight::Error);
    let words = all.iter().rev().find(plain);
    generic.or(words).or(all.last()).map(|(at, _)| *at)
}
