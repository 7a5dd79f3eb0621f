//! The process ran and ended by itself: what its exit code says.

use crate::diagnose::examination::Examination;
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::need::Needs;
use crate::diagnose::reference;
use crate::diagnose::rule::{Check, Rule, RuleFamily};
use crate::diagnose::{last_words, log_decision};
use crate::pattern::regex;
use crate::podstatus::signal_name;

pub static RULES: &[Rule] = &[
    Rule {
        code: "container-status-unknown",
        title: "The node lost sight of the container",
        summary: "{container} was lost from sight: its node was restarted, or its runtime was",
        family: RuleFamily::Exit,
        needs: Needs::NODE,
        words: None,
        next: &["~ describe node {node}"],
        check: Check::Alone(status_unknown),
    },
    Rule {
        code: "segfault",
        title: "The program crashed on a bad memory access",
        summary: "{container} crashes with a segmentation fault",
        family: RuleFamily::Exit,
        needs: Needs::END,
        words: None,
        next: &["logs {pod} -c {container} --previous --tail=50"],
        check: Check::Alone(|subject, rule| signalled(subject, rule, ProgramFault::Segfault)),
    },
    Rule {
        code: "illegal-instruction",
        title: "The program uses instructions that the CPU lacks",
        summary: "{container} uses an instruction that the CPU of node[ {node}] lacks",
        family: RuleFamily::Exit,
        needs: Needs::NODE,
        words: None,
        next: &["~ describe node {node}", "logs {pod} -c {container} --previous --tail=50"],
        check: Check::Alone(|subject, rule| signalled(subject, rule, ProgramFault::IllegalInstruction)),
    },
    Rule {
        code: "abort-signal",
        title: "The program aborted itself",
        summary: "{container} aborts itself (SIGABRT)",
        family: RuleFamily::Exit,
        needs: Needs::END,
        words: None,
        next: &["logs {pod} -c {container} --previous --tail=50"],
        check: Check::Among(aborted),
    },
    Rule {
        code: "app-exits-zero",
        title: "It finishes, but should keep running",
        summary: "{container} ends by itself with success, but should keep running",
        family: RuleFamily::Exit,
        needs: Needs::END,
        words: None,
        next: &[
            "logs {pod} -c {container} --previous --tail=50",
            "get pod {pod} -o jsonpath='{.spec.containers[*].command}'",
        ],
        check: Check::Alone(exits_zero),
    },
    Rule {
        code: "app-error",
        title: "The program gave up by itself",
        summary: "{container} exits {code}[ ({signal})][: {said}]",
        family: RuleFamily::Exit,
        needs: Needs::END,
        words: None,
        next: &[
            "get secret {secret} -o json | jq '.data|keys'",
            "get configmap {config} -o json | jq '.data|keys'",
            "logs {pod} -c {container} --previous --tail=50",
            "logs {pod} -c {container} --tail=50",
        ],
        check: Check::Alone(gave_up),
    },
];

/// The runtime lost sight of the container: the node went away under it.
fn status_unknown(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        let end = failed.end?;
        let unknown =
            end.reason == "ContainerStatusUnknown" || (end.reason == "Unknown" && end.exit_code == Some(255));
        unknown.then(|| {
            let finding = rule.blame_end(failed, Confidence::Medium, &failed.facts());
            finding.because(EvidenceSource::Status, &end.message)
        })
    })
}

/// The faults of a program that the kernel or its C library answers with a signal.
#[derive(Clone, Copy, PartialEq)]
enum ProgramFault {
    Segfault,
    Abort,
    IllegalInstruction,
}

/// Killed by a signal that a fault in the program raises; the code is 128 and the signal's number.
fn signalled(subject: &Examination, rule: &Rule, fault: ProgramFault) -> Vec<Finding> {
    subject.each(|failed| {
        let code = failed.code()?;
        let line = last_words::last(subject, failed).filter(|line| line.of_that_run);
        // The first process of a container cannot be ended by its own SIGABRT: the C library then runs an instruction
        // that may not be, and the kernel says SIGSEGV.
        let aborts = code == 134 || (code == 139 && last_words::line(subject, failed, has_aborted).is_some());
        // A program that reports its error and leaves in order chose its exit code.
        let in_order = last_words::leaves_in_order(subject, failed);
        let fits = match fault {
            ProgramFault::Segfault => code == 139 && !aborts && !in_order,
            ProgramFault::Abort => aborts,
            ProgramFault::IllegalInstruction => code == 132,
        };
        if !fits {
            return None;
        }
        let finding = rule.blame_end(failed, Confidence::High, &failed.facts());
        let finding = match line {
            Some(line) => line.quote(finding, failed),
            None => finding,
        };
        Some(match subject.node.filter(|_| fault == ProgramFault::IllegalInstruction) {
            Some(node) => finding.because(
                EvidenceSource::Node,
                &node.instance_type().map(|kind| format!("instance type {kind}")).unwrap_or_default(),
            ),
            None => finding,
        })
    })
}

/// The words of runtimes and C libraries that abort.
fn has_aborted(line: &str) -> bool {
    regex!(r"^unhandled exception\. |^terminate called|\bbad_alloc\b|\babort(ed)?\b(\(\))?( \(core dumped\))?|assertion .*failed|\bassert(ion)? fail|\bSIGABRT\b|(free|malloc|realloc)\(\): |double free|stack smashing|\*\*\* .* detected|FATAL ERROR: .*(heap|allocation)").is_match(line)
}

/// Aborted by its own hand. A .NET runtime ends so after any exception that no one caught, and the exception tells
/// why.
fn aborted(subject: &Examination, rule: &Rule, table: &[Rule]) -> Vec<Finding> {
    let found = signalled(subject, rule, ProgramFault::Abort);
    let explained = |finding: &Finding| {
        subject.each(|failed| {
            let same = finding.container.as_deref() == Some(failed.name());
            last_words::line(subject, failed, |line| line.starts_with("Unhandled exception. "))
                .filter(|_| same)?;
            log_decision::deciding(subject, failed, table).map(|_| finding.clone())
        })
    };
    found.into_iter().filter(|finding| explained(finding).is_empty()).collect()
}

/// A process that should run for ever says that it is done.
fn exits_zero(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        failed.code().filter(|code| *code == 0)?;
        let finding = rule.blame_end(failed, Confidence::High, &failed.facts());
        Some(match last_words::last(subject, failed).filter(|line| line.of_that_run) {
            Some(line) => line.quote(finding, failed),
            None => finding,
        })
    })
}

/// The program gave up by itself, and no rule knows its words.
fn gave_up(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        let code = failed.code().filter(|code| *code != 0)?;
        let facts = failed.facts().with("signal", signal_name(code).unwrap_or_default());
        let Some(line) = last_words::last(subject, failed) else {
            let read = subject.log(failed.name()).is_some();
            let finding = rule
                .blame_end(failed, Confidence::Medium, &facts)
                .signed_like(&format!("{} exit code", failed.name()), "");
            let mut finding = Finding { signature: format!("{} {code}", finding.signature), ..finding };
            let lost = subject.log(failed.name()).and_then(|log| log.lost);
            finding = match lost {
                Some(words) => {
                    finding.because(EvidenceSource::Object, &format!("its log could not be had: {words}"))
                }
                None => finding,
            };
            if code == 255 && read && lost.is_none() {
                finding.confidence = Confidence::Low;
                return Some(finding.or(&["exec-format-error", "container-status-unknown"]));
            }
            return Some(finding);
        };
        let mut facts = facts.with("said", last_words::clipped_line(&line.explanation));
        let missed = reference::missed(failed, &line.text);
        if let Some(missed) = &missed {
            missed.tell(&mut facts);
        }
        let finding = line.quote(rule.blame_end(failed, Confidence::High, &facts), failed);
        Some(finding.because(EvidenceSource::Object, &missed.map(|missed| missed.text).unwrap_or_default()))
    })
}
