//! What a container said before it ended: its termination message and the last lines of its log, and which of it is
//! the error that the process died of.

use crate::diagnose::failed_container::FailedContainer;
use crate::diagnose::finding::{EvidenceSource, Finding};
use crate::diagnose::subject::Subject;
use crate::loglines::{LogEntry, LogLevel, LogReading, complains, is_chatter};

/// A line to quote, and what it says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct QuotedLine {
    /// What it says, without time and level.
    pub text: String,
    /// What of it tells the cause.
    pub explanation: String,
    /// Up to two lines that say more about it.
    pub more: Vec<String>,
    /// As it stands in the log.
    verbatim: String,
    pub source: EvidenceSource,
    /// Whether it is of the run that ended.
    pub of_that_run: bool,
}

/// The lines beside the deciding one that a finding quotes.
const MORE: usize = 2;

impl QuotedLine {
    fn of(entry: &LogEntry, deciding: &str, source: EvidenceSource, of_that_run: bool) -> QuotedLine {
        let root = entry.root.iter().chain(&entry.context).map(String::as_str);
        let mut more: Vec<String> = Vec::new();
        // Beside a detail that decides, where not all can be shown, those that complain.
        let details = entry.details.iter().map(String::as_str);
        let complaints = details.clone().filter(|text| deciding != entry.text && complains(text));
        for text in [deciding].into_iter().chain(root).chain(complaints).chain(details) {
            if more.len() < MORE
                && text != entry.text
                && !entry.line.contains(text)
                && !more.iter().any(|known| known == text)
            {
                more.push(text.to_string());
            }
        }
        let (text, explanation) = (entry.text.clone(), entry.explanation().to_string());
        QuotedLine { text, explanation, more, verbatim: entry.line.clone(), source, of_that_run }
    }

    /// Adds the line to a finding, as its evidence and its signature. Another run's line is worth less.
    pub fn quote(&self, mut finding: Finding, failed: &FailedContainer) -> Finding {
        if !self.of_that_run {
            finding.confidence = finding.confidence.lowered();
        }
        let mut quoted = Finding { evidence: Vec::new(), ..finding.clone() };
        for text in [&self.verbatim].into_iter().chain(&self.more) {
            quoted = quoted.because(self.source, text);
        }
        quoted = quoted.signed_like(&format!("{} {}", failed.name(), self.text), &failed.pod.meta.name);
        // What decides stands first.
        for evidence in finding.evidence {
            quoted = quoted.because(evidence.source, &evidence.text);
        }
        quoted
    }

    /// The text and what it says about itself.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        [self.text.as_str()].into_iter().chain(self.more.iter().map(String::as_str))
    }
}

/// The line as a summary holds it.
pub fn clipped_line(line: &str) -> String {
    let shown = crate::text::safe(line.trim());
    let end = shown.char_indices().nth(200).map_or(shown.len(), |(at, _)| at);
    shown[..end].to_string()
}

/// The last line that fits, of those that are not mere information.
pub fn line(subject: &Subject, failed: &FailedContainer, fits: impl Fn(&str) -> bool) -> Option<QuotedLine> {
    let all = places(subject, failed);
    all.iter().rev().find_map(|part| {
        let fitting = part.reading.entries.iter().rev().filter(|entry| !is_chatter(&entry.line));
        let mut fitting = fitting.filter(|entry| entry.level > Some(LogLevel::Info) || entry.level.is_none());
        fitting.find(|entry| entry.texts().any(&fits)).map(|entry| part.line(entry))
    })
}

/// The line that fits, of those that tell the end: the error that the process died of, and where that leaves open what
/// went wrong, those right before it; errors after it. An earlier one may have been overcome.
pub fn deciding_line(
    subject: &Subject,
    failed: &FailedContainer,
    fits: impl Fn(&str) -> bool,
) -> Option<QuotedLine> {
    let all = places(subject, failed);
    all.iter().rev().find_map(|part| {
        let entry = part.reading.fatal()?;
        let before = part.reading.before(entry).filter(|_| part.reading.is_open(entry));
        let after = part.reading.errors_after(entry);
        let mut telling =
            [entry].into_iter().chain(before).chain(after).filter(|entry| !entry.is_mere_information());
        telling.find(|entry| entry.texts().any(&fits)).map(|entry| part.line(entry))
    })
}

/// The line to show where no rule knows any: the error that the process died of, else its last words.
pub fn last(subject: &Subject, failed: &FailedContainer) -> Option<QuotedLine> {
    let all = places(subject, failed);
    let best = all.iter().rev().filter_map(|part| Some((part, part.reading.fatal()?)));
    // The termination message speaks last, unless the log knows something worse.
    let best = best.reduce(|one, other| if other.1.weight() > one.1.weight() { other } else { one });
    best.map(|(part, entry)| part.line(entry))
}

/// Whether the log holds an error and ends with a farewell: then the program was not struck down.
pub fn leaves_in_order(subject: &Subject, failed: &FailedContainer) -> bool {
    places(subject, failed).iter().any(|part| part.reading.leaves_in_order())
}

/// What one place holds of the last words.
pub struct LastWords<'a> {
    pub reading: std::borrow::Cow<'a, LogReading>,
    source: EvidenceSource,
    of_that_run: bool,
}

impl LastWords<'_> {
    /// An entry of it, to be quoted.
    pub fn line(&self, entry: &LogEntry) -> QuotedLine {
        self.line_with(entry, entry.explanation())
    }

    /// An entry of it, to be quoted with that of its details which decides.
    pub fn line_with(&self, entry: &LogEntry, deciding: &str) -> QuotedLine {
        QuotedLine::of(entry, deciding, self.source, self.of_that_run)
    }
}

pub fn places<'a>(subject: &Subject<'a>, failed: &FailedContainer<'a>) -> Vec<LastWords<'a>> {
    let message = failed.end.filter(|_| !failed.never_ran()).map_or("", |end| end.message.as_str());
    let mut all = Vec::new();
    if let Some(log) = subject.log(failed.name()) {
        let of_that_run = log.previous || failed.status.state.running.is_none();
        all.push(LastWords {
            reading: std::borrow::Cow::Borrowed(&log.reading),
            source: EvidenceSource::Log,
            of_that_run,
        });
    }
    // The message needs no right to read logs, and it is of that very run: it speaks last.
    if !message.trim().is_empty() && !is_kubelets(message) {
        let reading = std::borrow::Cow::Owned(LogReading::of(message));
        all.push(LastWords { reading, source: EvidenceSource::Status, of_that_run: true });
    }
    all
}

/// The kubelet writes into the same field where it knows better than the process.
fn is_kubelets(message: &str) -> bool {
    message.starts_with("The container could not be located")
        || message.starts_with("The node ")
        || message.starts_with("Pod ")
}
