//! The process ran and ended: what its exit code and its last words say.

use crate::diagnose::culprit::{Culprit, each};
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::log;
use crate::diagnose::reference;
use crate::diagnose::rule::Rule;
use crate::diagnose::subject::Subject;

/// Over its own memory limit: the kernel's word, or the runtime's where not even the start had room.
pub fn out_of_memory(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        let end = culprit.end?;
        let at_start = culprit.never_ran() && rule.find(&end.message).is_some();
        let waiting = culprit.waiting.filter(|waiting| rule.find(&waiting.message).is_some());
        if end.reason != "OOMKilled" && !at_start && waiting.is_none() {
            return None;
        }
        let finding = culprit.blame_end(rule, Confidence::High, &culprit.facts());
        let limit = culprit.facts().get("memory").map(|limit| format!("limits.memory {limit}"));
        let finding = finding
            .because(Source::Object, &limit.unwrap_or_else(|| "no memory limit of its own".to_string()));
        Some(if at_start { finding.because(Source::Status, &end.message) } else { finding })
    })
}

/// The runtime lost sight of the container: the node went away under it.
pub fn status_unknown(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        let end = culprit.end?;
        let unknown =
            end.reason == "ContainerStatusUnknown" || (end.reason == "Unknown" && end.exit_code == 255);
        unknown.then(|| {
            let finding = culprit.blame_end(rule, Confidence::Medium, &culprit.facts());
            finding.because(Source::Status, &end.message)
        })
    })
}

/// Killed by a signal that a fault in the program raises; the code is 128 and the signal's number.
pub fn signalled(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let wanted = match rule.code {
        "segfault" => 139,
        "abort-signal" => 134,
        _ => 132,
    };
    each(subject, |culprit| {
        culprit.code().filter(|code| *code == wanted)?;
        let finding = culprit.blame_end(rule, Confidence::High, &culprit.facts());
        let finding = match log::last(subject, culprit).filter(|line| line.of_that_run) {
            Some(line) => finding.because(line.source, line.text),
            None => finding,
        };
        Some(match subject.node.filter(|_| rule.code == "illegal-instruction") {
            Some(node) => finding.because(
                Source::Node,
                &node.instance_type().map(|kind| format!("instance type {kind}")).unwrap_or_default(),
            ),
            None => finding,
        })
    })
}

/// Aborted by its own hand. A .NET runtime ends so after any exception that no one caught, and the exception tells
/// why.
pub fn aborted(subject: &Subject, rule: &Rule, table: &[Rule]) -> Vec<Finding> {
    let found = signalled(subject, rule);
    let told = |finding: &Finding| {
        each(subject, |culprit| {
            let same = finding.container.as_deref() == Some(culprit.name());
            log::line(subject, culprit, |line| line.starts_with("Unhandled exception. ")).filter(|_| same)?;
            log::deciding(subject, culprit, table).map(|_| finding.clone())
        })
    };
    found.into_iter().filter(|finding| told(finding).is_empty()).collect()
}

/// A process that should run for ever says that it is done.
pub fn zero(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        culprit.code().filter(|code| *code == 0)?;
        let finding = culprit.blame_end(rule, Confidence::High, &culprit.facts());
        Some(match log::last(subject, culprit).filter(|line| line.of_that_run) {
            Some(line) => finding.because(line.source, line.text),
            None => finding,
        })
    })
}

/// A line of the log beside a non-zero exit.
pub fn logged(subject: &Subject, rule: &Rule, table: &[Rule]) -> Vec<Finding> {
    each(subject, |culprit| {
        if !speaks_for_itself(culprit) {
            return None;
        }
        log::says(subject, rule, table, culprit)
    })
}

/// A worker of the process was killed with signal 9, and the process gave up.
pub fn child_killed(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        culprit.code().filter(|code| *code != 0 && *code != 143)?;
        let line = log::line(subject, culprit, |line| rule.find(line).is_some())?;
        let mut finding = line.quote(culprit.blame_end(rule, Confidence::Low, &culprit.facts()), culprit);
        finding.confidence = Confidence::Low;
        Some(finding)
    })
}

/// The program gave up by itself, and no rule knows its words.
pub fn failed(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        let code = culprit.code().filter(|code| *code != 0)?;
        let facts = culprit.facts().with("signal", signal(code));
        let Some(line) = log::last(subject, culprit) else {
            let read = subject.log(culprit.name()).is_some();
            let finding = culprit
                .blame_end(rule, Confidence::Medium, &facts)
                .like(&format!("{} exit code", culprit.name()), "");
            let mut finding = Finding { signature: format!("{} {code}", finding.signature), ..finding };
            if code == 255 && read {
                finding.confidence = Confidence::Low;
                return Some(finding.or(&["exec-format-error", "container-status-unknown"]));
            }
            return Some(finding);
        };
        let mut facts = facts.with("said", log::said(line.text));
        let missed = reference::missed(culprit, line.text);
        if let Some(missed) = &missed {
            missed.tell(&mut facts);
        }
        let finding = line.quote(culprit.blame_end(rule, Confidence::High, &facts), culprit);
        Some(finding.because(Source::Object, &missed.map(|missed| missed.text).unwrap_or_default()))
    })
}

/// Whether the exit code is the program's own choice, so that its last words tell why. A JVM may also abort.
fn speaks_for_itself(culprit: &Culprit) -> bool {
    culprit.code().is_some_and(|code| code != 0 && !matches!(code, 132 | 135..=137 | 139 | 143))
        && !culprit.never_ran()
}

fn signal(code: i64) -> &'static str {
    match code.saturating_sub(128) {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        13 => "SIGPIPE",
        _ => "",
    }
}
