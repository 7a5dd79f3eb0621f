//! The container could not be configured, created or started: what the kubelet or the runtime says of it.

use crate::diagnose::examination::Examination;
use crate::diagnose::failed_container::FailedContainer;
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::last_words;
use crate::diagnose::need::Needs;
use crate::diagnose::probe::asks;
use crate::diagnose::rule::{Check, Rule, RuleFamily};
use crate::diagnose::subject::Subject;
use crate::pattern::regex;
use crate::podstatus::{self, start_error};

pub static RULES: &[Rule] = &[
    Rule {
        code: "poststart-hook-failed",
        title: "The postStart hook fails",
        summary: "{container} is killed because its postStart hook fails[: {what}]",
        family: RuleFamily::Start,
        needs: Needs::EVENTS,
        words: Some(regex!("PostStartHook|PostStart ?Hook")),
        next: &["logs {pod} -c {container} --previous --tail=50", "describe pod {pod}"],
        check: Check::Alone(hook),
    },
    Rule {
        code: "missing-secret-key",
        title: "The Secret lacks a key",
        summary: "Secret {what} has no key {key}, which {container} needs",
        family: RuleFamily::Start,
        needs: Needs::NOTHING,
        words: Some(regex!(
            r"couldn't find key (?<key>\S+) in Secret (?:[^/\s]+/)?(?<what>[^\s/]+)|references non-existent secret key: (?<name>\S+)"
        )),
        next: &["get secret {what} -o json | jq '.data|keys'", "get secrets"],
        check: Check::Alone(config),
    },
    Rule {
        code: "missing-configmap-key",
        title: "The ConfigMap lacks a key",
        summary: "ConfigMap {what} has no key {key}, which {container} needs",
        family: RuleFamily::Start,
        needs: Needs::NOTHING,
        words: Some(regex!(r"couldn't find key (?<key>\S+) in ConfigMap (?:[^/\s]+/)?(?<what>[^\s/]+)")),
        next: &["get configmap {what} -o json | jq '.data|keys'", "get configmaps"],
        check: Check::Alone(config),
    },
    Rule {
        code: "missing-secret",
        title: "A Secret does not exist",
        summary: "Secret {what} does not exist, and {container} needs it",
        family: RuleFamily::Start,
        needs: Needs::NOTHING,
        words: Some(regex!(r#"\bsecrets? "(?<what>[^"]+)" not found"#)),
        next: &["get secrets", "get pod {pod} -o jsonpath='{.spec.containers[*].env}'"],
        check: Check::Alone(config),
    },
    Rule {
        code: "missing-configmap",
        title: "A ConfigMap does not exist",
        summary: "ConfigMap {what} does not exist, and {container} needs it",
        family: RuleFamily::Start,
        needs: Needs::NOTHING,
        words: Some(regex!(r#"\bconfigmaps? "(?<what>[^"]+)" not found"#)),
        next: &["get configmaps", "get pod {pod} -o jsonpath='{.spec.containers[*].env}'"],
        check: Check::Alone(config),
    },
    Rule {
        code: "run-as-nonroot-violation",
        title: "Must not run as root, and would",
        summary: "{container} must not run as root (runAsNonRoot), but its image does",
        family: RuleFamily::Start,
        needs: Needs::NOTHING,
        words: Some(regex!("runAsNonRoot|run as root|verify user is non-root|non-root")),
        next: &["get pod {pod} -o jsonpath='{.spec.securityContext}{.spec.containers[*].securityContext}'"],
        check: Check::Alone(config),
    },
    Rule {
        code: "mount-subpath-error",
        title: "A subPath cannot be mounted",
        summary: "a subPath of {container} cannot be mounted",
        family: RuleFamily::Start,
        needs: Needs::EVENTS,
        words: Some(regex!(
            "failed to prepare subpath|subpath|volume-subpaths|mount a directory onto a file|missing value for \\w+$"
        )),
        next: &["get pod {pod} -o jsonpath='{.spec.containers[*].volumeMounts}'", "describe pod {pod}"],
        check: Check::Alone(runtime),
    },
    Rule {
        code: "no-command",
        title: "Neither the image nor the pod names a command",
        summary: "{image} has no command, and {container} gives none",
        family: RuleFamily::Start,
        needs: Needs::NOTHING,
        words: Some(regex!(r"no (command|entrypoint)[^\n]* specified")),
        next: &["get pod {pod} -o jsonpath='{.spec.containers[*].command}'", "! crane config {image}"],
        check: Check::Alone(runtime),
    },
    Rule {
        code: "exec-format-error",
        title: "The program is not for this kind of node",
        summary: "{container}'s program is not for this node: wrong architecture, or a script without #!",
        family: RuleFamily::Start,
        needs: Needs::NODE,
        words: Some(regex!("exec format error|cannot execute binary file")),
        next: &["! crane manifest {image}", "~ get node {node} -L kubernetes.io/arch"],
        check: Check::Alone(format),
    },
    Rule {
        code: "command-not-executable",
        title: "The command may not be executed",
        summary: "{container}'s command[ {what}] may not be executed",
        family: RuleFamily::Start,
        needs: Needs::END,
        words: Some(regex!("permission denied|operation not permitted|cannot execute|is a directory")),
        next: &[
            "get pod {pod} -o jsonpath='{.spec.containers[*].command}'",
            "debug {pod} -it --image=busybox --target={container}",
        ],
        check: Check::Alone(|subject, rule| command(subject, rule, NOT_EXECUTABLE)),
    },
    Rule {
        code: "command-not-found",
        title: "The command is not in the image",
        summary: "{container}'s command[ {what}] is not in its image",
        family: RuleFamily::Start,
        needs: Needs::END,
        words: Some(regex!(
            r"executable file [^\n]*not found|no such file or directory|: not found|command not found|: no such file|stat (?<what>\S+): no such file"
        )),
        next: &["get pod {pod} -o jsonpath='{.spec.containers[*].command}'", "! crane config {image}"],
        check: Check::Alone(|subject, rule| command(subject, rule, NOT_FOUND)),
    },
    Rule {
        code: "create-container-error",
        title: "The container cannot be made or started",
        summary: "{container} cannot be started[: {what}]",
        family: RuleFamily::Start,
        needs: Needs::EVENTS,
        words: None,
        next: &["describe pod {pod}"],
        check: Check::Alone(other),
    },
];

/// The exit codes of a shell that cannot execute a command, or cannot find it.
const NOT_EXECUTABLE: i64 = 126;
const NOT_FOUND: i64 = 127;

/// What the words of a rule name.
#[derive(Clone, Copy, PartialEq)]
enum RuleNames {
    /// A Secret, a ConfigMap or a key, which is the trouble itself.
    Reference,
    Command,
    Nothing,
}

/// Why a container did not start.
struct StartMessage<'a> {
    source: EvidenceSource,
    reason: &'a str,
    text: &'a str,
}

/// References to Secrets and ConfigMaps, and what the kubelet checks before it asks the runtime.
fn config(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        if !matches!(failed.reason(), "CreateContainerConfigError" | "CreateContainerError") {
            return None;
        }
        by_words(subject, failed, rule, RuleNames::Reference)
    })
}

/// What the runtime says of the command, in any of the places that runtimes use.
fn runtime(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        if failed_to_start(failed) { by_words(subject, failed, rule, RuleNames::Nothing) } else { None }
    })
}

/// As `runtime`, or exit code 126 or 127 of a shell that says so in the log.
fn command(subject: &Examination, rule: &Rule, code: i64) -> Vec<Finding> {
    subject.each(|failed| {
        if failed_to_start(failed) {
            let is_told = texts(subject, failed).iter().any(|told| is_about_a_command(told.text));
            return if is_told { by_words(subject, failed, rule, RuleNames::Command) } else { None };
        }
        let by_shell = failed.code() == Some(code);
        let fits = |line: &str| (by_shell || is_last_word_of_exec(line)) && rule.find(line).is_some();
        let deciding = last_words::deciding_line(subject, failed, fits);
        if !by_shell && (deciding.is_none() || matches!(failed.code(), None | Some(0 | 137 | 143))) {
            return None;
        }
        // A shell ends with that code where its last command is missing; a program may choose it for what it died of.
        let confidence = if deciding.is_some() { Confidence::High } else { Confidence::Medium };
        let line = deciding.or_else(|| last_words::line(subject, failed, fits));
        let named = line.as_ref().and_then(|line| command_in(&line.text)).unwrap_or_default();
        let finding = rule.blame_end(failed, confidence, &failed.facts().with("what", named));
        let is_doubtful = confidence != Confidence::High && line.is_some();
        let finding = if is_doubtful { finding.or(&["app-error"]) } else { finding };
        Some(match line {
            Some(line) => line.quote(finding, failed),
            None => finding,
        })
    })
}

/// The kernel does not know the file for a program: told by the runtime, or in the log by a shell or an init.
fn format(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        let mut finding = if failed_to_start(failed) {
            by_words(subject, failed, rule, RuleNames::Nothing)?
        } else {
            let line = last_words::deciding_line(subject, failed, |line| rule.find(line).is_some())?;
            failed.code().filter(|code| *code != 0 && *code != 137 && *code != 143)?;
            let finding = rule.blame_end(failed, Confidence::High, &failed.facts());
            line.quote(finding, failed)
        };
        if let Some(architecture) = subject.node.and_then(|node| node.architecture()) {
            finding = finding.because(EvidenceSource::Node, &format!("architecture {architecture}"));
        }
        Some(finding)
    })
}

/// A hook that failed has its container killed: the exit code is the kill's.
fn hook(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        let events = subject.container_events(failed.name());
        let is_hook =
            |reason: &str, message: &str| reason == "FailedPostStartHook" || rule.find(message).is_some();
        let event = events.iter().find(|event| is_hook(&event.reason, &event.message));
        let waiting = failed
            .waiting
            .filter(|waiting| is_hook(&waiting.reason, &waiting.reason) || is_hook("", &waiting.message));
        if waiting.is_none() && event.is_none() {
            return None;
        }
        let hook = failed.container.spec.and_then(|spec| spec.lifecycle.post_start.as_ref());
        let facts = failed.facts().with("what", hook.map(asks).unwrap_or_default());
        let mut finding = rule.blame(failed, Confidence::High, &facts);
        if let Some(waiting) = waiting {
            finding =
                finding.because(EvidenceSource::Status, &format!("{}: {}", waiting.reason, waiting.message));
        }
        if let Some(event) = event {
            finding = finding
                .because(EvidenceSource::Event, &format!("{}: {}", event.reason, event.message))
                .since(event.first_seen);
        }
        Some(finding.because(EvidenceSource::Status, &failed.ended()))
    })
}

/// Whatever else the runtime or the kubelet says when it cannot make or start a container.
fn other(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        if !failed_to_start(failed) {
            return None;
        }
        let all = texts(subject, failed);
        let told = all.iter().find(|told| !told.text.trim().is_empty());
        let text =
            told.map_or_else(|| failed.reason().to_string(), |told| start_error(told.text).to_string());
        let finding = rule.blame(failed, Confidence::Medium, &failed.facts().with("what", &text));
        let source = told.map_or(EvidenceSource::Status, |told| told.source);
        let whole = told.map_or(failed.reason(), |told| told.text);
        Some(
            finding
                .because(source, whole)
                .signed_like(&format!("{} {text}", failed.name()), &failed.pod.meta.name),
        )
    })
}

fn by_words(subject: &Subject, failed: &FailedContainer, rule: &Rule, named: RuleNames) -> Option<Finding> {
    let all = texts(subject, failed);
    let (told, words) = all.iter().find_map(|told| rule.find(told.text).map(|words| (told, words)))?;
    let mut facts = failed.facts();
    for name in ["what", "key"] {
        if let Some(value) = words.name(name) {
            facts.set(name, value.as_str());
        }
    }
    if facts.get("what").is_none() && named == RuleNames::Command {
        facts.set("what", &command_in(told.text).unwrap_or_default());
    }
    let matched = words.get(0).map_or("", |all| all.as_str());
    let finding = rule.blame(failed, Confidence::High, &facts);
    // What a reference names is the trouble itself; what a runtime says differs from run to run.
    let finding = match (named == RuleNames::Reference, facts.get("what")) {
        (true, Some(what)) => {
            finding.signed(&format!("{} {what} {}", failed.name(), facts.get("key").unwrap_or_default()))
        }
        _ => finding.signed_like(&format!("{} {matched}", failed.name()), &failed.pod.meta.name),
    };
    let text = if told.reason.is_empty() {
        told.text.to_string()
    } else {
        format!("{}: {}", told.reason, told.text)
    };
    Some(finding.because(told.source, &text).since(failed.pod.meta.created))
}

/// Waiting on a fault of its making, or ended without having run.
fn failed_to_start(failed: &FailedContainer) -> bool {
    failed.never_ran() || failed.waiting.is_some_and(podstatus::failed_to_start)
}

/// In the order of worth: the status of now, the last end, then events of that container.
fn texts<'a>(subject: &Subject<'a>, failed: &FailedContainer<'a>) -> Vec<StartMessage<'a>> {
    let mut all = Vec::new();
    if let Some(waiting) = failed.waiting.filter(|waiting| waiting.reason != "CrashLoopBackOff") {
        all.push(StartMessage {
            source: EvidenceSource::Status,
            reason: &waiting.reason,
            text: &waiting.message,
        });
    }
    if let Some(end) = failed.end.filter(|_| failed.never_ran()) {
        all.push(StartMessage { source: EvidenceSource::Status, reason: &end.reason, text: &end.message });
    }
    for event in subject.container_events(failed.name()) {
        if event.reason == "Failed" {
            all.push(StartMessage { source: EvidenceSource::Event, reason: "", text: &event.message });
        }
    }
    all
}

/// Whether a runtime speaks of the command that it is to execute, and not of a mount, a profile, a hook, a capability,
/// a layer of the image: those may be missing or not allowed in the same words.
fn is_about_a_command(text: &str) -> bool {
    let command = regex!(
        r#"(^|[\s:("])exec: \\*["\w/.]|\bexec user process|executable( file)?\b|fork/exec|error finding executable|failed to load \S+: no such|CreateProcess|cannot find the (file|path) specified|starting container process caused \W*exec|(^|[\s:(])exec(v|ve|vp)?\b[^:/]{0,40}: (no such file|permission denied|not found)|failed to run (the )?command|^\s*exec /"#
    );
    let other = regex!(r"executable [^\n]*\bhook|\bhook[^\n]*(executable|exec)|nvidia-container");
    command.is_match(text) && !other.is_match(text)
}

/// What is left of a start once the runtime has handed over to `exec`: a script without its interpreter, a file
/// that may not be executed.
fn is_last_word_of_exec(line: &str) -> bool {
    regex!(r"^exec \S+: |\bexec user process caused|^\[FATAL tini[^\]]*\] exec \S+ failed: ").is_match(line)
}

/// The command that a shell or a runtime says it cannot find or execute: in `sh: 1: gunicorn: not found` gunicorn.
fn command_in(text: &str) -> Option<String> {
    let patterns = [
        regex!(r#"exec: \\*"(?<what>[^"\\]+)\\*": "#),
        regex!(r"exec: (?<what>[^\s:]+): (not found|permission denied|cannot execute|no such file)"),
        regex!(
            r"(?:^|: )exec (?<what>\S+?):? (?:failed: )?(?:no such file|permission denied|exec format|not found)"
        ),
        regex!(r"env: ['\x22‘`]?(?<what>[^'\x22’:]+?)['\x22’]?: (no such file|permission denied|not found)"),
        regex!(r"stat (?<what>\S+): no such file"),
        regex!(
            r"(can't open|cannot open|can't execute|cannot run|cannot execute) ['\x22]?(?<what>[^'\x22:]+)"
        ),
        regex!(
            r"(?:^|: |: line )(?:\d+: )?(?<what>[^\s:]+): (command not found|not found|permission denied|no such file or directory|cannot execute|is a directory|bad interpreter)"
        ),
    ];
    let found = patterns.iter().find_map(|pattern| pattern.captures(text))?;
    Some(found["what"].trim().to_string())
}
