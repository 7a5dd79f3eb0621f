//! The process ran and ended: what its exit code and its last words say.

use crate::diagnose::culprit::{Culprit, each};
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::log;
use crate::diagnose::reference;
use crate::diagnose::rule::Rule;
use crate::diagnose::subject::Subject;
use crate::pattern::regex;
use crate::podstatus::{MemoryLimit, memory_limit};

/// Over its own memory limit: the kernel's word, or the runtime's where not even the start had room.
pub fn out_of_memory(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        let end = culprit.end;
        let at_start = culprit.never_ran() && end.is_some_and(|end| rule.find(&end.message).is_some());
        let waiting = culprit.waiting.filter(|waiting| rule.find(&waiting.message).is_some());
        let killed = end.is_some_and(|end| end.reason == "OOMKilled");
        if !killed && !at_start && waiting.is_none() {
            return None;
        }
        let mut finding = culprit.blame_end(rule, Confidence::High, &culprit.facts());
        // Where a child was killed, the container itself ended with a code of its own.
        if let Some(code) = culprit.code().filter(|code| killed && !matches!(code, 0 | 137)) {
            let limit = culprit.facts().get("memory").map(|limit| format!(" of {limit}")).unwrap_or_default();
            finding.summary = format!(
                "a process in {} used more memory than the limit{limit} and was killed; the container then exited {code}",
                crate::text::safe(culprit.name())
            );
        }
        finding = finding.because(
            Source::Object,
            &MemoryLimit::evidence(memory_limit(culprit.pod, &culprit.container).as_ref()),
        );
        finding = match waiting {
            Some(waiting) => finding.because(Source::Status, &waiting.message),
            None => finding,
        };
        Some(match end.filter(|_| at_start) {
            Some(end) => finding.because(Source::Status, &end.message),
            None => finding,
        })
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
    each(subject, |culprit| {
        let code = culprit.code()?;
        let line = log::last(subject, culprit).filter(|line| line.of_that_run);
        // The first process of a container cannot be ended by its own SIGABRT: the C library then runs an instruction
        // that may not be, and the kernel says SIGSEGV.
        let aborts = code == 134 || (code == 139 && log::line(subject, culprit, has_aborted).is_some());
        // A program that reports its error and leaves in order chose its exit code.
        let in_order = log::leaves_in_order(subject, culprit);
        let fits = match rule.code {
            "segfault" => code == 139 && !aborts && !in_order,
            "abort-signal" => aborts,
            _ => code == 132,
        };
        if !fits {
            return None;
        }
        let finding = culprit.blame_end(rule, Confidence::High, &culprit.facts());
        let finding = match line {
            Some(line) => line.quote(finding, culprit),
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

/// The words of runtimes and C libraries that abort.
fn has_aborted(line: &str) -> bool {
    regex(r"^unhandled exception\. |^terminate called|\bbad_alloc\b|\babort(ed)?\b(\(\))?( \(core dumped\))?|assertion .*failed|\bassert(ion)? fail|\bSIGABRT\b|(free|malloc|realloc)\(\): |double free|stack smashing|\*\*\* .* detected|FATAL ERROR: .*(heap|allocation)").is_match(line)
}

/// Aborted by its own hand. A .NET runtime ends so after any exception that no one caught, and the exception tells
/// why.
pub fn aborted(subject: &Subject, rule: &Rule, table: &[Rule]) -> Vec<Finding> {
    let found = signalled(subject, rule);
    let explained = |finding: &Finding| {
        each(subject, |culprit| {
            let same = finding.container.as_deref() == Some(culprit.name());
            log::line(subject, culprit, |line| line.starts_with("Unhandled exception. ")).filter(|_| same)?;
            log::deciding(subject, culprit, table).map(|_| finding.clone())
        })
    };
    found.into_iter().filter(|finding| explained(finding).is_empty()).collect()
}

/// A process that should run for ever says that it is done.
pub fn zero(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        culprit.code().filter(|code| *code == 0)?;
        let finding = culprit.blame_end(rule, Confidence::High, &culprit.facts());
        Some(match log::last(subject, culprit).filter(|line| line.of_that_run) {
            Some(line) => line.quote(finding, culprit),
            None => finding,
        })
    })
}

/// A line of the log beside a non-zero exit.
pub fn logged(subject: &Subject, rule: &Rule, table: &[Rule]) -> Vec<Finding> {
    each(subject, |culprit| {
        if !speaks_for_itself(subject, culprit) {
            return None;
        }
        log::says(subject, rule, table, culprit)
    })
}

/// A worker of the process was killed with signal 9, and the process gave up.
pub fn child_killed(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        culprit.code().filter(|code| !matches!(code, 0 | 137 | 143))?;
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
            let lost = subject.log(culprit.name()).and_then(|log| log.lost);
            finding = match lost {
                Some(words) => finding.because(Source::Object, &format!("its log could not be had: {words}")),
                None => finding,
            };
            if code == 255 && read && lost.is_none() {
                finding.confidence = Confidence::Low;
                return Some(finding.or(&["exec-format-error", "container-status-unknown"]));
            }
            return Some(finding);
        };
        let mut facts = facts.with("said", log::said(&line.text));
        let missed = reference::missed(culprit, &line.text);
        if let Some(missed) = &missed {
            missed.tell(&mut facts);
        }
        let finding = line.quote(culprit.blame_end(rule, Confidence::High, &facts), culprit);
        Some(finding.because(Source::Object, &missed.map(|missed| missed.text).unwrap_or_default()))
    })
}

/// Whether the exit code is the program's own choice, so that its last words tell why. A JVM may also abort.
fn speaks_for_itself(subject: &Subject, culprit: &Culprit) -> bool {
    let chosen = |code| code != 0 && !matches!(code, 132 | 135..=137 | 139 | 143);
    let uncaught = || log::line(subject, culprit, |line| line.starts_with("Unhandled exception. ")).is_some();
    !culprit.never_ran() && culprit.code().is_some_and(|code| chosen(code) || (code == 139 && uncaught()))
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
