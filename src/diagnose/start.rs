//! The container could not be configured, created or started: what the kubelet or the runtime says of it.

use crate::diagnose::culprit::{Culprit, each};
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::kill::asks;
use crate::diagnose::log;
use crate::diagnose::rule::Rule;
use crate::diagnose::subject::Subject;
use crate::pattern::regex;
use crate::podstatus::{self, start_error};

/// Why a container did not start.
struct Told<'a> {
    source: Source,
    reason: &'a str,
    text: &'a str,
}

/// References to Secrets and ConfigMaps, and what the kubelet checks before it asks the runtime.
pub fn config(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        if !matches!(culprit.reason(), "CreateContainerConfigError" | "CreateContainerError") {
            return None;
        }
        by_words(subject, culprit, rule)
    })
}

/// What the runtime says of the command, in any of the places that runtimes use.
pub fn runtime(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| if failed_to_start(culprit) { by_words(subject, culprit, rule) } else { None })
}

/// As `runtime`, or exit code 126 or 127 of a shell that says so in the log.
pub fn command(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let code = if rule.code == "command-not-found" { 127 } else { 126 };
    each(subject, |culprit| {
        if failed_to_start(culprit) {
            let other = texts(subject, culprit).iter().any(|told| is_about_other(culprit, told.text));
            return if other { None } else { by_words(subject, culprit, rule) };
        }
        let by_shell = culprit.code() == Some(code);
        let line = log::line(subject, culprit, |line| {
            (by_shell || is_last_word_of_exec(line)) && rule.find(line).is_some()
        });
        if !by_shell && (line.is_none() || matches!(culprit.code(), None | Some(0 | 137 | 143))) {
            return None;
        }
        let confidence = if line.is_some() { Confidence::High } else { Confidence::Medium };
        let named = line.as_ref().and_then(|line| command_in(&line.text)).unwrap_or_default();
        let finding = culprit.blame_end(rule, confidence, &culprit.facts().with("what", named));
        Some(match line {
            Some(line) => line.quote(finding, culprit),
            None => finding,
        })
    })
}

/// The kernel does not know the file for a program: told by the runtime, or in the log by a shell or an init.
pub fn format(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        let mut finding = if failed_to_start(culprit) {
            by_words(subject, culprit, rule)?
        } else {
            let line = log::line(subject, culprit, |line| rule.find(line).is_some())?;
            culprit.code().filter(|code| *code != 0 && *code != 137 && *code != 143)?;
            let finding = culprit.blame_end(rule, Confidence::High, &culprit.facts());
            line.quote(finding, culprit)
        };
        if let Some(architecture) = subject.node.and_then(|node| node.architecture()) {
            finding = finding.because(Source::Node, &format!("architecture {architecture}"));
        }
        Some(finding)
    })
}

/// A hook that failed has its container killed: the exit code is the kill's.
pub fn hook(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        let events = subject.container_events(culprit.name());
        let failed =
            |reason: &str, message: &str| reason == "FailedPostStartHook" || rule.find(message).is_some();
        let event = events.iter().find(|event| failed(&event.reason, &event.message));
        let waiting = culprit
            .waiting
            .filter(|waiting| failed(&waiting.reason, &waiting.reason) || failed("", &waiting.message));
        if waiting.is_none() && event.is_none() {
            return None;
        }
        let hook = culprit.container.spec.and_then(|spec| spec.lifecycle.post_start.as_ref());
        let facts = culprit.facts().with("what", hook.map(asks).unwrap_or_default());
        let mut finding = culprit.blame(rule, Confidence::High, &facts);
        if let Some(waiting) = waiting {
            finding = finding.because(Source::Status, &format!("{}: {}", waiting.reason, waiting.message));
        }
        if let Some(event) = event {
            finding = finding
                .because(Source::Event, &format!("{}: {}", event.reason, event.message))
                .since(event.first_seen);
        }
        Some(finding.because(Source::Status, &culprit.ended()))
    })
}

/// Whatever else the runtime or the kubelet says when it cannot make or start a container.
pub fn other(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        if !failed_to_start(culprit) {
            return None;
        }
        let all = texts(subject, culprit);
        let told = all.iter().find(|told| !told.text.trim().is_empty());
        let text =
            told.map_or_else(|| culprit.reason().to_string(), |told| start_error(told.text).to_string());
        let finding = culprit.blame(rule, Confidence::Medium, &culprit.facts().with("what", &text));
        let source = told.map_or(Source::Status, |told| told.source);
        let whole = told.map_or(culprit.reason(), |told| told.text);
        Some(
            finding
                .because(source, whole)
                .like(&format!("{} {text}", culprit.name()), &culprit.pod.meta.name),
        )
    })
}

fn by_words(subject: &Subject, culprit: &Culprit, rule: &Rule) -> Option<Finding> {
    let all = texts(subject, culprit);
    let (told, words) = all.iter().find_map(|told| rule.find(told.text).map(|words| (told, words)))?;
    let mut facts = culprit.facts();
    for name in ["what", "key"] {
        if let Some(value) = words.name(name) {
            facts.set(name, value.as_str());
        }
    }
    if facts.get("what").is_none() && rule.code.starts_with("command-") {
        facts.set("what", &command_in(told.text).unwrap_or_default());
    }
    let matched = words.get(0).map_or("", |all| all.as_str());
    let finding = culprit.blame(rule, Confidence::High, &facts);
    // What a reference names is the trouble itself; what a runtime says differs from run to run.
    let finding = match (rule.code.starts_with("missing-"), facts.get("what")) {
        (true, Some(what)) => {
            finding.exactly(&format!("{} {what} {}", culprit.name(), facts.get("key").unwrap_or_default()))
        }
        _ => finding.like(&format!("{} {matched}", culprit.name()), &culprit.pod.meta.name),
    };
    let text = if told.reason.is_empty() {
        told.text.to_string()
    } else {
        format!("{}: {}", told.reason, told.text)
    };
    Some(finding.because(told.source, &text).since(culprit.pod.meta.created))
}

/// Waiting on a fault of its making, or ended without having run.
fn failed_to_start(culprit: &Culprit) -> bool {
    culprit.never_ran() || culprit.waiting.is_some_and(podstatus::failed_to_start)
}

/// In the order of worth: the status of now, the last end, then events of that container.
fn texts<'a>(subject: &Subject<'a>, culprit: &Culprit<'a>) -> Vec<Told<'a>> {
    let mut all = Vec::new();
    if let Some(waiting) = culprit.waiting.filter(|waiting| waiting.reason != "CrashLoopBackOff") {
        all.push(Told { source: Source::Status, reason: &waiting.reason, text: &waiting.message });
    }
    if let Some(end) = culprit.end.filter(|_| culprit.never_ran()) {
        all.push(Told { source: Source::Status, reason: &end.reason, text: &end.message });
    }
    for event in subject.container_events(culprit.name()) {
        if event.reason == "Failed" {
            all.push(Told { source: Source::Event, reason: "", text: &event.message });
        }
    }
    all
}

/// Whether it is something else than the command that is missing or not allowed: a mount, a profile, a hook, a
/// device, a setting of the kernel's.
fn is_about_other(culprit: &Culprit, text: &str) -> bool {
    let command = regex(r#"\bexec: \\*"|executable file|exec user process"#).is_match(text);
    let other = r"error mounting|mount .* caused|chdir to cwd|mounting .* to rootfs|\bhook|seccomp|apparmor|selinux|sysctl|cgroup|nvidia|/proc/|/sys/|/dev/";
    !command && (culprit.reason() == "CreateContainerConfigError" || regex(other).is_match(text))
}

/// What is left of a start once the runtime has handed over to `exec`: a script without its interpreter, a file
/// that may not be executed.
fn is_last_word_of_exec(line: &str) -> bool {
    regex(r"^exec \S+: |\bexec user process caused|^\[FATAL tini[^\]]*\] exec \S+ failed: ").is_match(line)
}

/// The command that a shell or a runtime says it cannot find or execute: in `sh: 1: gunicorn: not found` gunicorn.
fn command_in(text: &str) -> Option<String> {
    let patterns = [
        r#"exec: \\*"(?<what>[^"\\]+)\\*": "#,
        r"exec: (?<what>[^\s:]+): (not found|permission denied|cannot execute|no such file)",
        r"(?:^|: )exec (?<what>\S+?):? (?:failed: )?(?:no such file|permission denied|exec format|not found)",
        r"env: ['\x22‘`]?(?<what>[^'\x22’:]+?)['\x22’]?: (no such file|permission denied|not found)",
        r"stat (?<what>\S+): no such file",
        r"(can't open|cannot open|can't execute|cannot run|cannot execute) ['\x22]?(?<what>[^'\x22:]+)",
        r"(?:^|: |: line )(?:\d+: )?(?<what>[^\s:]+): (command not found|not found|permission denied|no such file or directory|cannot execute|is a directory|bad interpreter)",
    ];
    let found = patterns.iter().find_map(|pattern| regex(pattern).captures(text))?;
    Some(found["what"].trim().to_string())
}
