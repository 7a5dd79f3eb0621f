//! What a container said before it ended: its termination message and the last lines of its log, and which of it is
//! the error that the process died of.

use crate::diagnose::culprit::Culprit;
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::reference;
use crate::diagnose::rule::{Family, Rule};
use crate::diagnose::subject::Subject;
use crate::loglines::{Entry, Level, Reading, is_chatter, peer};
use crate::pattern::regex;

/// A line to quote, and what it says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it says, without time and level.
    pub text: String,
    /// Up to two lines that say more about it.
    pub more: Vec<String>,
    /// As it stands in the log.
    verbatim: String,
    pub source: Source,
    /// Whether it is of the run that ended.
    pub of_that_run: bool,
}

/// The lines beside the deciding one that a finding quotes.
const MORE: usize = 2;

impl Line {
    fn of(entry: &Entry, source: Source, of_that_run: bool) -> Line {
        let root = entry.root.iter().chain(&entry.context).map(String::as_str);
        let mut more: Vec<String> = Vec::new();
        for text in root.chain(entry.details.iter().map(String::as_str)) {
            if more.len() < MORE && !entry.line.contains(text) && !more.iter().any(|known| known == text) {
                more.push(text.to_string());
            }
        }
        Line { text: entry.text.clone(), more, verbatim: entry.line.clone(), source, of_that_run }
    }

    /// Adds the line to a finding, as its evidence and its signature. Another run's line is worth less.
    pub fn quote(&self, mut finding: Finding, culprit: &Culprit) -> Finding {
        if !self.of_that_run {
            finding.confidence = finding.confidence.lowered();
        }
        let mut quoted = Finding { evidence: Vec::new(), ..finding.clone() };
        for text in [&self.verbatim].into_iter().chain(&self.more) {
            quoted = quoted.because(self.source, text);
        }
        quoted = quoted.like(&format!("{} {}", culprit.name(), self.text), &culprit.pod.meta.name);
        // What decides stands first.
        for evidence in finding.evidence {
            quoted = quoted.because(evidence.source, &evidence.text);
        }
        quoted
    }

    /// The text and what it says about itself.
    fn texts(&self) -> impl Iterator<Item = &str> {
        [self.text.as_str()].into_iter().chain(self.more.iter().map(String::as_str))
    }
}

/// What a rule about log lines makes of a container's end.
pub fn says(subject: &Subject, rule: &Rule, table: &[Rule], culprit: &Culprit) -> Option<Finding> {
    let decision = deciding(subject, culprit, table).filter(|decision| decision.cause == rule.code)?;
    let line = &decision.line;
    let text = line.texts().find(|text| rule.find(text).is_some()).unwrap_or(&line.text);
    let words = rule.find(text);
    let mut facts = culprit.facts();
    if let Some(what) = words.and_then(|words| words.name("what").map(|what| what.as_str().to_string())) {
        facts.set("what", &what);
    }
    let named = line.texts().map(peer).find(|peer| !peer.is_empty());
    facts.set("peer", &named.unwrap_or_default());
    facts.set("said", &said(text));
    let missed = reference::missed(culprit, text).filter(|_| rule.code == "missing-env");
    if let Some(missed) = &missed {
        missed.tell(&mut facts);
    }
    let alternatives: Vec<&str> = decision.alternatives.to_vec();
    let finding = line.quote(culprit.blame_end(rule, Confidence::Medium, &facts), culprit).or(&alternatives);
    Some(finding.because(Source::Object, &missed.map(|missed| missed.text).unwrap_or_default()))
}

/// The line as a summary holds it.
pub fn said(line: &str) -> String {
    let shown = crate::text::safe(line.trim());
    let end = shown.char_indices().nth(200).map_or(shown.len(), |(at, _)| at);
    shown[..end].to_string()
}

/// The last line that fits, of those that are not mere information.
pub fn line(subject: &Subject, culprit: &Culprit, fits: impl Fn(&str) -> bool) -> Option<Line> {
    let all = parts(subject, culprit);
    all.iter().rev().find_map(|part| {
        let fitting = part.reading.entries.iter().rev().filter(|entry| !is_chatter(&entry.line));
        let mut fitting = fitting.filter(|entry| entry.level > Some(Level::Info) || entry.level.is_none());
        fitting
            .find(|entry| entry.texts().any(&fits))
            .map(|entry| Line::of(entry, part.source, part.of_that_run))
    })
}

/// The line to show where no rule knows any: the error that the process died of, else its last words.
pub fn last(subject: &Subject, culprit: &Culprit) -> Option<Line> {
    let all = parts(subject, culprit);
    let best = all.iter().rev().filter_map(|part| Some((part, part.reading.fatal()?)));
    // The termination message speaks last, unless the log knows something worse.
    let best = best.reduce(|one, other| if other.1.weight() > one.1.weight() { other } else { one });
    best.map(|(part, entry)| Line::of(entry, part.source, part.of_that_run))
}

/// Whether the log holds an error and ends with a farewell: then the program was not struck down.
pub fn leaves_in_order(subject: &Subject, culprit: &Culprit) -> bool {
    parts(subject, culprit).iter().any(|part| part.reading.leaves_in_order())
}

/// The log rule that decides, its line, and what else the last words may mean.
pub struct Decision {
    pub cause: &'static str,
    pub line: Line,
    alternatives: Vec<&'static str>,
}

/// What the error that the process died of amounts to. Nothing where no rule knows it: an earlier line that one knows
/// may have been overcome.
pub fn deciding(subject: &Subject, culprit: &Culprit, table: &[Rule]) -> Option<Decision> {
    let rules = || table.iter().filter(|rule| rule.family == Family::Log);
    let of_text = |text: &str| rules().find(|rule| rule.find(text).is_some()).map(|rule| rule.code);
    let cause = |entry: &Entry| entry.texts().find_map(of_text);
    let all = parts(subject, culprit);
    for part in all.iter().rev() {
        let Some(entry) = part.reading.fatal() else { continue };
        // A controller that may not list what it watches waits for its cache in vain, and says that last.
        let watched = || {
            let chatter = part.reading.entries.iter().rev().filter(|other| is_chatter(&other.line));
            chatter
                .filter(|other| other.level >= Some(Level::Warning))
                .find_map(|other| of_text(&other.text).map(|cause| (cause, other)))
        };
        let syncs = regex(r"caches? to (be )?sync").is_match(&entry.text);
        let chosen = match cause(entry) {
            _ if syncs && watched().is_some() => watched(),
            Some(cause) => Some((cause, entry)),
            // Its own line leaves open what those right before it tell.
            None if part.reading.is_open(entry) => {
                part.reading.before(entry).find_map(|other| cause(other).map(|cause| (cause, other)))
            }
            None => None,
        };
        if let Some((code, entry)) = chosen {
            let others = part.reading.beside(entry).filter_map(cause).filter(|other| *other != code);
            let mut alternatives: Vec<&'static str> = others.collect();
            alternatives.sort_unstable();
            alternatives.dedup();
            let line = Line::of(entry, part.source, part.of_that_run);
            return Some(Decision { cause: code, line, alternatives });
        }
        if let Some(usage) = part.reading.usage() {
            let line = Line::of(usage, part.source, part.of_that_run);
            return Some(Decision { cause: "app-usage-error", line, alternatives: Vec::new() });
        }
    }
    None
}

/// What one place holds of the last words.
struct Part<'a> {
    reading: std::borrow::Cow<'a, Reading>,
    source: Source,
    of_that_run: bool,
}

fn parts<'a>(subject: &Subject<'a>, culprit: &Culprit<'a>) -> Vec<Part<'a>> {
    let message = culprit.end.filter(|_| !culprit.never_ran()).map_or("", |end| end.message.as_str());
    let mut all = Vec::new();
    if let Some(log) = subject.log(culprit.name()) {
        let of_that_run = log.previous || culprit.status.state.running.is_none();
        all.push(Part {
            reading: std::borrow::Cow::Borrowed(&log.reading),
            source: Source::Log,
            of_that_run,
        });
    }
    // The message needs no right to read logs, and it is of that very run: it speaks last.
    if !message.trim().is_empty() && !is_kubelets(message) {
        let reading = std::borrow::Cow::Owned(Reading::of(message));
        all.push(Part { reading, source: Source::Status, of_that_run: true });
    }
    all
}

/// The kubelet writes into the same field where it knows better than the process.
fn is_kubelets(message: &str) -> bool {
    message.starts_with("The container could not be located")
        || message.starts_with("The node ")
        || message.starts_with("Pod ")
}
