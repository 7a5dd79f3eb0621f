//! Which entry of a log is the error that the process died of.

use crate::loglines::entry::LogEntry;
use crate::loglines::phrases::{
    is_consequence, is_departure, is_farewell, is_frame, is_generic, is_recovery,
};
use crate::loglines::record::LogLevel;
use crate::loglines::weight::EntryWeight;

/// Entries right before another that may belong to it.
pub const NEAR: usize = 4;
/// So many lines about other things after a warning show that the program went on.
const WENT_ON: usize = 2;

/// By weight: the last fatal entry, else the last error, and so on; never a farewell while anything else is there. What
/// was overcome is none, and of errors that follow one another the one that the others came of is it.
pub fn fatal(entries: &[LogEntry]) -> Option<usize> {
    let log: Vec<JudgedEntry> = entries.iter().map(JudgedEntry::of).collect();
    for weight in [EntryWeight::Fatal, EntryWeight::Error, EntryWeight::Complaint, EntryWeight::Warning] {
        let is_candidate =
            |at: &usize| log[*at].weight == weight && !log[*at].says_nothing && !survived(&log, *at);
        let newest_first: Vec<usize> = (0..log.len()).rev().filter(is_candidate).collect();
        if let Some(at) = decisive(&log, &newest_first) {
            return Some(if entries[at].explains() { at } else { explained_by(&log, at).unwrap_or(at) });
        }
    }
    // Nothing but information: the last of it.
    let generic = log.iter().rposition(|judged| judged.weight >= EntryWeight::Error);
    let words = entries.iter().rposition(|entry| !is_farewell(&entry.text) && !is_frame(&entry.line));
    generic.or(words).or(entries.len().checked_sub(1))
}

/// An entry, and what it is, read once.
struct JudgedEntry<'a> {
    entry: &'a LogEntry,
    weight: EntryWeight,
    says_nothing: bool,
    /// A sign that all was well again.
    is_recovery: bool,
    /// About something else than the end.
    goes_on: bool,
}

impl JudgedEntry<'_> {
    fn of(entry: &LogEntry) -> JudgedEntry<'_> {
        let (weight, text) = (entry.weight(), entry.text.as_str());
        let is_plain = weight == EntryWeight::Plain;
        JudgedEntry {
            entry,
            weight,
            says_nothing: entry.says_nothing(),
            is_recovery: is_plain && is_recovery(text),
            goes_on: is_plain && !is_farewell(text) && !is_generic(text),
        }
    }
}

/// PostgreSQL gives each client a process, whose FATAL ends that client's session and not the server. The server says of
/// which of its own processes it dies.
pub fn mark_sessions(entries: &mut [LogEntry]) {
    let processes = || entries.iter().filter_map(|entry| entry.process.clone());
    let Some(server) = processes().find(|process| process == "1").or(processes().next_back()) else { return };
    let of_server: Vec<String> = entries
        .iter()
        .filter(|entry| entry.process.as_ref() == Some(&server))
        .map(|entry| entry.text.clone())
        .collect();
    for entry in entries {
        let Some(process) = entry.process.as_ref().filter(|process| **process != server) else { continue };
        let named = format!("(PID {process})");
        entry.is_session = !of_server.iter().any(|text| text.contains(&named));
    }
}

/// Whether the process outlived it.
fn survived(log: &[JudgedEntry], at: usize) -> bool {
    let after = log.get(at + 1..).unwrap_or_default();
    let recovered = after.iter().position(|judged| judged.is_recovery);
    match log[at].weight {
        // Of what ends a process only a later error can prove that it did not, as of a panic of one thread.
        EntryWeight::Fatal => recovered.is_some_and(|recovered| {
            after[recovered..]
                .iter()
                .any(|judged| judged.weight >= EntryWeight::Error && !judged.says_nothing)
        }),
        EntryWeight::Warning if log[at].entry.level == Some(LogLevel::Warning) => {
            recovered.is_some() || after.iter().filter(|judged| judged.goes_on).count() >= WENT_ON
        }
        _ => recovered.is_some(),
    }
}

/// Of candidates, newest first, the last that explains itself, with nothing overcome since; where the program had
/// already given up by then, the last one before it gave up.
fn decisive(log: &[JudgedEntry], newest_first: &[usize]) -> Option<usize> {
    let newest = *newest_first.first()?;
    let between = |from: usize, to: usize| log.get(from + 1..to).unwrap_or_default();
    let explains = |at: &usize| log[*at].entry.explains();
    let mut near = newest_first
        .iter()
        .copied()
        .take_while(|at| !between(*at, newest).iter().any(|judged| judged.is_recovery))
        .filter(explains);
    let Some(mut at) = near.next() else { return Some(newest) };
    if log[at].entry.is_uncaught || log[at].entry.root.is_some() {
        return Some(at);
    }
    let gives_up = |judged: &JudgedEntry| {
        let text = judged.entry.text.as_str();
        is_departure(text) || (judged.weight >= EntryWeight::Warning && is_consequence(text))
    };
    for earlier in near {
        let since = between(earlier, at);
        if since.iter().any(|judged| judged.goes_on) {
            break;
        }
        if since.iter().any(gives_up) {
            at = earlier;
        }
    }
    Some(at)
}

/// The error that one which explains nothing came of: the nearest before it, or right before it something less loud.
fn explained_by(log: &[JudgedEntry], at: usize) -> Option<usize> {
    let before = || (0..at).rev().take_while(|other| !log[*other].is_recovery);
    let of_weight = |least: EntryWeight, near: usize| {
        before().take(near).find(|other| {
            let judged = &log[*other];
            judged.weight >= least && !judged.says_nothing && judged.entry.explains()
        })
    };
    of_weight(EntryWeight::Error, at)
        .or_else(|| of_weight(EntryWeight::Complaint, NEAR))
        .or_else(|| of_weight(EntryWeight::Warning, NEAR))
}
