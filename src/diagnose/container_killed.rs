//! The process was killed from outside: by a probe, at the end of its grace, by no one known.

use crate::diagnose::examination::Examination;
use crate::diagnose::failed_container::{FailedContainer, RECENT};
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::last_words;
use crate::diagnose::need::Needs;
use crate::diagnose::probe::{asks, budget, probe_evidence, throttled};
use crate::diagnose::rule::{Check, Rule, RuleFamily};
use crate::pattern::regex;
use crate::workload::{Event, Probe};

pub static RULES: &[Rule] = &[
    Rule {
        code: "startup-probe-killed",
        title: "Killed by its startup probe",
        summary: "{container} is killed before it is up: its startup probe fails[ ({what})][ for {budget}]",
        family: RuleFamily::Exit,
        needs: Needs::END,
        words: Some(regex!("startup probe")),
        next: &[
            "logs {pod} -c {container} --previous --tail=50",
            "describe pod {pod}",
            "debug {pod} -it --image=busybox --target={container}",
        ],
        check: Check::Alone(|subject, rule| by_probe(subject, rule, Killer::Startup)),
    },
    Rule {
        code: "liveness-killed",
        title: "Killed by its liveness probe",
        summary: "{container} is killed by its liveness probe[ ({what})]",
        family: RuleFamily::Exit,
        needs: Needs::END,
        words: Some(regex!("liveness probe")),
        next: &[
            "logs {pod} -c {container} --previous --tail=50",
            "describe pod {pod}",
            "debug {pod} -it --image=busybox --target={container}",
        ],
        check: Check::Alone(|subject, rule| by_probe(subject, rule, Killer::Liveness)),
    },
    Rule {
        code: "grace-period-exceeded",
        title: "Did not stop in time",
        summary: "{container} ignored the request to stop and was killed after[ its] {grace} of grace",
        family: RuleFamily::Exit,
        needs: Needs::EVENTS,
        words: Some(regex!(r"^stopping container|^killing container (with id|[^\s]+$)|need to kill pod")),
        next: &[
            "get pod {pod} -o jsonpath='{.spec.terminationGracePeriodSeconds}'",
            "logs {pod} -c {container} --previous --tail=50",
        ],
        check: Check::Alone(at_end_of_grace),
    },
    Rule {
        code: "sigkill-unattributed",
        title: "Killed, and nothing says by whom",
        summary: "{container} was killed with signal 9[ after {ran}], and nothing says by whom",
        family: RuleFamily::Exit,
        needs: Needs::KILL,
        words: None,
        next: &["logs {pod} -c {container} --previous --tail=50", "~ describe node {node}"],
        check: Check::Alone(unattributed),
    },
    Rule {
        code: "sigterm",
        title: "Asked to stop from outside",
        summary: "{container} was asked to stop (SIGTERM)[ after {ran}], and did",
        family: RuleFamily::Exit,
        needs: Needs::END,
        words: None,
        next: &["logs {pod} -c {container} --previous --tail=50", "describe pod {pod}"],
        check: Check::Alone(asked_to_stop),
    },
];

/// The probes whose failure kills.
#[derive(Clone, Copy, PartialEq)]
enum Killer {
    Startup,
    Liveness,
}

/// A probe's kill: told by events, else read from the time that the last run took.
fn by_probe(subject: &Examination, rule: &Rule, killer: Killer) -> Vec<Finding> {
    let startup = killer == Killer::Startup;
    subject.each(|failed| {
        let code = failed.code().filter(|_| !failed.never_ran())?;
        let spec = failed.container.spec;
        let probe =
            spec.and_then(
                |spec| if startup { spec.startup_probe.as_ref() } else { spec.liveness_probe.as_ref() },
            );
        let events = probe_events(subject, failed, rule);
        let killed = events.iter().any(|event| event.reason == "Killing");
        let by_signal = matches!(code, 0 | 137 | 143);
        let told =
            !events.is_empty() && (by_signal || (killed && !matches!(code, 126 | 127 | 132 | 134 | 139)));
        let facts = || {
            let facts = failed.facts().with("what", probe.map(asks).unwrap_or_default());
            facts.with("budget", budget(probe))
        };
        if told {
            let finding = rule.blame(failed, Confidence::High, &facts());
            let mut events: Vec<&Event> = events;
            events.sort_by_key(|event| event.reason != "Unhealthy");
            let finding = events
                .iter()
                .take(2)
                .fold(finding, |finding, event| finding.because(EvidenceSource::Event, &event.message));
            let finding = finding.signed_like(
                &format!("{} {}", failed.name(), events.first().map_or("", |event| &event.message)),
                &failed.pod.meta.name,
            );
            let finding = finding.because(EvidenceSource::Status, &failed.ended());
            return Some(throttled(probe_evidence(finding, failed, probe, startup), failed, &events));
        }
        let inferred = by_signal
            && probe.is_some_and(|probe| took_its_budget(failed, probe))
            && !has_other_killer(subject);
        let not_started = failed.status.started == Some(false) || failed.status.state.running.is_none();
        if !inferred || (startup && !not_started) || (!startup && has_startup_in_the_way(failed)) {
            return None;
        }
        let other = match code {
            0 => "app-exits-zero",
            143 => "sigterm",
            _ => "sigkill-unattributed",
        };
        let finding = rule.blame_end(failed, Confidence::Medium, &facts()).or(&[other]);
        Some(probe_evidence(finding, failed, probe, startup))
    })
}

/// Told to stop, and still there when the grace was over.
fn at_end_of_grace(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        failed.code().filter(|code| *code == 137)?;
        let events = subject.container_events(failed.name());
        let stopping =
            events.iter().find(|event| event.reason == "Killing" && rule.find(&event.message).is_some());
        if failed.pod.meta.deleted.is_none() && stopping.is_none() {
            return None;
        }
        let grace = failed.pod.spec.termination_grace_period_seconds.unwrap_or(30);
        let facts = failed.facts().with("grace", format!("{grace}s"));
        let mut finding = rule.blame_end(failed, Confidence::Medium, &facts);
        if let Some(deleted) = failed.pod.meta.deleted {
            finding = finding.because(
                EvidenceSource::Object,
                &format!("deletionTimestamp {deleted}, grace period {grace}s"),
            );
        }
        if let Some(event) = stopping {
            finding = finding.because(EvidenceSource::Event, &event.message);
        }
        Some(finding)
    })
}

/// Killed, and nothing says by whom. Without events that is less than a proof.
fn unattributed(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        failed.code().filter(|code| *code == 137)?;
        let confidence = if subject.pod_events().is_empty() { Confidence::Low } else { Confidence::Medium };
        let finding = rule
            .blame_end(failed, confidence, &failed.facts())
            .or(&["oom-killed-by-node", "grace-period-exceeded"]);
        Some(with_last_words(subject, failed, finding))
    })
}

/// Someone asked it to stop, and it did.
fn asked_to_stop(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        failed.code().filter(|code| *code == 143)?;
        let finding = rule.blame_end(failed, Confidence::Medium, &failed.facts());
        Some(with_last_words(subject, failed, finding))
    })
}

fn with_last_words(subject: &Examination, failed: &FailedContainer, finding: Finding) -> Finding {
    match last_words::last(subject, failed).filter(|line| line.of_that_run) {
        Some(line) => line.quote(finding, failed),
        None => finding,
    }
}

/// Events of this container about this probe: its failures, and the kill.
fn probe_events<'a>(subject: &Examination<'a>, failed: &FailedContainer, rule: &Rule) -> Vec<&'a Event> {
    let finished = failed.end.and_then(|end| end.finished_at);
    let of_this_end = |event: &Event| match (event.last_seen, finished) {
        // An hour of events may hold an older kill; a newer one is of a newer run.
        (Some(seen), Some(finished)) => finished.duration_since(seen) < RECENT,
        _ => true,
    };
    let mut events = subject.container_events(failed.name());
    events.retain(|event| {
        matches!(event.reason.as_str(), "Killing" | "Unhealthy")
            && rule.find(&event.message).is_some()
            && of_this_end(event)
    });
    events
}

/// Whether the last run took just as long as the probe grants, and the grace after a SIGTERM that was ignored.
fn took_its_budget(failed: &FailedContainer, probe: &Probe) -> bool {
    let (Some(ran), Some(code)) = (failed.ran(), failed.code()) else { return false };
    let own = probe.termination_grace_period_seconds;
    let grace = own.or(failed.pod.spec.termination_grace_period_seconds).unwrap_or(30).max(0);
    let least = probe.budget().saturating_sub(probe.period()).max(1);
    let most =
        probe.budget().saturating_add(probe.timeout().saturating_mul(probe.threshold())).saturating_add(5);
    let after = if code == 137 { grace } else { 0 };
    let until = if code == 137 { grace.saturating_add(2) } else { grace };
    let quick = (least.saturating_add(after)..=most.saturating_add(after)).contains(&ran);
    // A shutdown that takes its time ends with its own code, within the grace.
    quick || (code != 137 && (least..=probe.budget().saturating_add(until.min(10))).contains(&ran))
}

fn has_startup_in_the_way(failed: &FailedContainer) -> bool {
    let has = failed.container.spec.is_some_and(|spec| spec.startup_probe.is_some());
    has && failed.status.started == Some(false) && failed.status.state.running.is_some()
}

fn has_other_killer(subject: &Examination) -> bool {
    let node =
        subject.node_events().iter().any(|event| matches!(event.reason.as_str(), "SystemOOM" | "OOMKilling"));
    let deleted = subject.pod.is_some_and(|pod| pod.meta.deleted.is_some());
    node || deleted || subject.node.is_some_and(|node| node.has("MemoryPressure").is_some())
}
