//! What the container said before it ended: its termination message, else the last lines of its log.

use crate::diagnose::culprit::Culprit;
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::reference;
use crate::diagnose::rule::{Family, Rule};
use crate::diagnose::subject::Subject;
use crate::diagnose::words::regex;

/// How many of the last lines are read, and how long a line may be.
const LINES: usize = 50;
const LONGEST: usize = 4000;

/// A line and whether it is of the run that ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line<'a> {
    pub text: &'a str,
    pub source: Source,
    pub of_that_run: bool,
}

impl Line<'_> {
    /// Adds the line to a finding, as its evidence and its signature. Another run's line is worth less.
    pub fn quote(&self, mut finding: Finding, culprit: &Culprit) -> Finding {
        if !self.of_that_run {
            finding.confidence = finding.confidence.lowered();
        }
        let said = self.text.trim();
        finding = finding
            .because(self.source, said)
            .like(&format!("{} {said}", culprit.name()), &culprit.pod.meta.name);
        // What decides stands first.
        finding.evidence.rotate_right(1);
        finding
    }
}

/// What a rule about log lines makes of a container's end.
pub fn says(subject: &Subject, rule: &Rule, table: &[Rule], culprit: &Culprit) -> Option<Finding> {
    let line = deciding(subject, culprit, table).filter(|(code, _)| *code == rule.code)?.1;
    let words = rule.find(line.text);
    let mut facts = culprit.facts();
    if let Some(what) = words.and_then(|words| words.name("what").map(|what| what.as_str().to_string())) {
        facts.set("what", &what);
    }
    facts.set("peer", &peer(line.text));
    facts.set("said", &said(line.text));
    let missed = reference::missed(culprit, line.text).filter(|_| rule.code == "missing-env");
    if let Some(missed) = &missed {
        missed.tell(&mut facts);
    }
    let finding = line.quote(culprit.blame_end(rule, Confidence::Medium, &facts), culprit);
    Some(finding.because(Source::Object, &missed.map(|missed| missed.text).unwrap_or_default()))
}

/// The line as a summary holds it.
pub fn said(line: &str) -> String {
    let shown = crate::text::safe(line.trim());
    let end = shown.char_indices().nth(160).map_or(shown.len(), |(at, _)| at);
    shown[..end].to_string()
}

/// The last line that fits, of those that are not mere information.
pub fn line<'a>(
    subject: &Subject<'a>,
    culprit: &Culprit<'a>,
    fits: impl Fn(&str) -> bool,
) -> Option<Line<'a>> {
    lines(subject, culprit).into_iter().rev().find(|line| !is_chatter(line.text) && fits(line.text))
}

/// The line to show where no rule knows any: the last error, else the last line.
pub fn last<'a>(subject: &Subject<'a>, culprit: &Culprit<'a>) -> Option<Line<'a>> {
    let lines = lines(subject, culprit);
    let error = regex(
        r"^panic: |^thread '.*' panicked|^fatal( error)?\b|\bfatal\b|^Exception in thread|^Caused by: |^\w*(\.\w+)*(Error|Exception)\b|^[\w.]+(Error|Exception): |\berror\b|\bexception\b|\bcritical\b|\bpanicked\b",
    );
    // The last line of a traceback, and the last cause of a Java exception, say more than the first.
    let strong =
        regex(r"^panic: |^thread '.*' panicked|^Exception in thread|^Caused by: |^[\w.]+(Error|Exception)\b");
    let find = |wanted: &regex::Regex| {
        lines.iter().rev().find(|line| !is_chatter(line.text) && wanted.is_match(line.text)).copied()
    };
    find(strong)
        .or_else(|| find(error))
        .or_else(|| lines.iter().rev().find(|line| !is_frame(line.text)).copied())
        .or(lines.last().copied())
}

/// The log rule that decides, and its line: the last line that fits any. A bug's own line after it wins over it:
/// a refused connection that was retried is not why a nil pointer ended the process.
pub fn deciding<'a>(
    subject: &Subject<'a>,
    culprit: &Culprit<'a>,
    table: &[Rule],
) -> Option<(&'static str, Line<'a>)> {
    let lines = lines(subject, culprit);
    let bug = regex(
        r"panic: runtime error|nil pointer|NullPointerException|IndexOutOfBounds|ClassCastException|NullReferenceException|^(Index|Type|Reference|Syntax|Attribute|Name|ZeroDivision|Assertion|Indentation)Error\b|panicked at|assertion .*failed",
    );
    // A controller that may not list what it watches waits for its cache in vain, and says that last.
    let follows = regex(r"caches? to (be )?sync");
    for line in lines.iter().rev().filter(|line| !is_chatter(line.text) && !follows.is_match(line.text)) {
        let fitting = table
            .iter()
            .filter(|rule| rule.family == Family::Log)
            .find(|rule| rule.find(line.text).is_some());
        if let Some(rule) = fitting {
            return Some((rule.code, *line));
        }
        if bug.is_match(line.text) {
            return None;
        }
    }
    let usage = lines.iter().find(|line| regex(r"^\s*usage:").is_match(line.text))?;
    let failed = lines.iter().any(|line| regex(r"^\s*(error|fatal)\b").is_match(line.text));
    (!failed).then_some(("app-usage-error", *usage))
}

fn lines<'a>(subject: &Subject<'a>, culprit: &Culprit<'a>) -> Vec<Line<'a>> {
    let message = culprit.end.filter(|_| !culprit.never_ran()).map_or("", |end| end.message.as_str());
    let mut all = Vec::new();
    if let Some(log) = subject.log(culprit.name()) {
        let of_that_run = log.previous || culprit.status.state.running.is_none();
        all.extend(split(log.text, Source::Log, of_that_run));
    }
    // The message needs no right to read logs, and it is of that very run: it speaks last.
    if !is_kubelets(message) {
        all.extend(split(message, Source::Status, true));
    }
    all
}

fn split(text: &str, source: Source, of_that_run: bool) -> Vec<Line<'_>> {
    let mut lines: Vec<Line> = text
        .lines()
        .rev()
        .filter(|line| !line.trim().is_empty())
        .take(LINES)
        .map(|line| Line { text: cut(line), source, of_that_run })
        .collect();
    lines.reverse();
    lines
}

/// A line without the time that the log endpoint may put before it, and not without end.
fn cut(line: &str) -> &str {
    let line = line.trim_end();
    let end = line.char_indices().nth(LONGEST).map_or(line.len(), |(at, _)| at);
    let line = &line[..end];
    match line.split_once(' ') {
        Some((time, rest)) if time.len() >= 20 && time.parse::<jiff::Timestamp>().is_ok() => rest,
        _ => line,
    }
}

/// The kubelet writes into the same field where it knows better than the process.
fn is_kubelets(message: &str) -> bool {
    message.starts_with("The container could not be located")
        || message.starts_with("The node ")
        || message.starts_with("Pod ")
}

/// Lines that a program marks as not being errors, and what came of its own clients.
fn is_chatter(line: &str) -> bool {
    let answered = regex(
        r#""(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+( HTTP/[\d.]+)?" \d{3}\b|TLS handshake error from "#,
    );
    answered.is_match(line) || is_marked(line)
}

fn is_marked(line: &str) -> bool {
    regex(r#"(^|[\s\[|])(INFO|DEBUG|TRACE|NOTICE)([\s\]:|]|$)|level"?\s*[=:]\s*"?(info|debug|trace)\b|^I\d{4} \d\d:"#).is_match(line)
        && !regex(r"\b(error|fatal|exception|failed|panic)\b").is_match(line)
}

/// A line of a stack.
fn is_frame(line: &str) -> bool {
    regex(r#"^\s+(at |File "|\^|\.\.\.)|^goroutine \d+|^\t|^\s*\.\.\. \d+ more|^\s*\d+: 0x|^node:|^Node\.js v|^npm (ERR|error)"#).is_match(line)
}

/// The host and port that a line names, or the host of a URL. The line's own time is neither.
fn peer(line: &str) -> String {
    let times = r"\b\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[ ]?[+-]\d\d:?\d\d)?|(^|[\s\[(])\d?\d:\d\d(:\d\d)?([.,]\d+)?\b";
    let line = regex(times).replace_all(line, " ");
    let line = line.as_ref();
    let by_name = r"(lookup |getaddrinfo (ENOTFOUND|EAI_AGAIN) |UnknownHostException: |host name |resolve host:? |translate host name |could not resolve )[\x22'`]?(?<host>[\w.-]+)";
    let by_port =
        r"(?<host>([\w-]+(\.[\w-]+)+|localhost|[a-z][\w-]*|\[[0-9a-f:]+\])(:|, port |/[\d.]+:)\d{2,5})\b";
    let by_url = r"\b[a-z][a-z0-9+.-]*://([^/\s@\x22']*@)?(?<host>[\w.-]+(:\d+)?)";
    // A source position (main.go:12) looks like a host and its port.
    let is_place = |host: &str| {
        regex(r"\.(go|rs|py|js|ts|mjs|cjs|java|kt|rb|php|c|cc|cpp|h|cs|scala|ex|lua|sh)\b.*:\d+$")
            .is_match(host)
    };
    let hosts = |pattern: &'static str| -> Option<String> {
        let found = regex(pattern).captures_iter(line).map(|words| words["host"].to_string());
        let mut found = found.filter(|host| !is_place(host));
        found.next()
    };
    hosts(by_name).or_else(|| hosts(by_port)).or_else(|| hosts(by_url)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{is_chatter, peer};

    #[test]
    fn peers_are_named() {
        for (line, expect) in [
            ("dial tcp 10.0.12.4:5432: i/o timeout", "10.0.12.4:5432"),
            ("lookup db.shop.svc.cluster.local on 10.96.0.10:53: no such host", "db.shop.svc.cluster.local"),
            ("Error: connect ECONNREFUSED 127.0.0.1:6379", "127.0.0.1:6379"),
            ("getaddrinfo ENOTFOUND redis", "redis"),
            ("could not translate host name \"db\" to address", "db"),
            ("boom", ""),
            (
                r#"2026-01-15T09:15:49Z ERROR Put "https://gate.example/in": tls: failed to verify certificate: x509: expired: current time 2026-01-15T09:15:49Z is after 2026-01-15T09:00:00Z"#,
                "gate.example",
            ),
            ("[2026-01-15 09:15:49,123] main.go:12: dial tcp db:5432: connection refused", "db:5432"),
            ("09:15:49 server.js:31 connect ECONNREFUSED [fd00::1]:6379", "[fd00::1]:6379"),
            ("09:15 postgres://app:hunter2@db.internal/orders timed out", "db.internal"),
            ("2026/01/15 09:15:49 context deadline exceeded", ""),
        ] {
            assert_eq!(peer(line), expect, "{line}");
        }
    }

    #[test]
    fn chatter_decides_nothing() {
        assert!(is_chatter("2026 INFO using timeout: i/o timeout 5s"));
        assert!(is_chatter(r#"{"level":"debug","msg":"connection refused, retrying"}"#));
        assert!(!is_chatter("ERROR connection refused"));
        assert!(!is_chatter("INFO startup failed: connection refused"));
        assert!(!is_chatter("information is power"));
    }
}
