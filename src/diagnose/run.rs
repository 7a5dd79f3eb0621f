//! Runs the rules over a subject, in order of precedence.

use crate::diagnose::command::NextCommand;
use crate::diagnose::examination::Examination;
use crate::diagnose::failed_container::exit_code;
use crate::diagnose::finding::{Confidence, Evidence, EvidenceSource, Finding};
use crate::diagnose::possible::fit;
use crate::diagnose::rule::RuleFamily;
use crate::diagnose::rules::{RULES, rule};
use crate::diagnose::subject::Subject;
use crate::health::blocks_update;
use crate::text::shell_word;
use crate::workload::{Body, ContainerStatus, Pod, Workload, condition};

/// The causes of what is wrong, the first to blame first; empty where nothing fits: better no cause than a
/// wrong one. One for each container at most, one for a pod's end, a controller's own only if nothing else.
pub fn diagnose(subject: &Subject) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut apart: Vec<Finding> = Vec::new();
    let mut whole = false;
    let subject = &Examination::of(*subject);
    for rule in RULES.iter() {
        let open = match rule.family {
            RuleFamily::Apart => true,
            RuleFamily::Controller => found.is_empty(),
            _ => !whole,
        };
        if !open {
            continue;
        }
        for finding in rule.findings(subject, &RULES) {
            match rule.family {
                RuleFamily::Apart => apart.push(finding),
                _ if found.iter().any(|known| known.container == finding.container) => {}
                _ => found.push(finding),
            }
        }
        whole = whole || (rule.family == RuleFamily::End && !found.is_empty());
    }
    order_by_start(subject, &mut found);
    found.iter_mut().for_each(|finding| date_back(subject, finding));
    found.iter_mut().for_each(|finding| unblock(subject, finding));
    found.append(&mut apart);
    found.iter_mut().for_each(|finding| doubt(subject, finding));
    found.iter_mut().for_each(|finding| fit(finding, subject));
    found
}

/// What is inferred from the pod alone is a weak signal where that was refused which its rule would have asked: an event may
/// tell of another killer, a log of another error. What somebody says outright stands.
fn doubt(subject: &Subject, finding: &mut Finding) {
    let Some(needs) = rule(&finding.cause).map(|rule| rule.needs) else { return };
    let unread = subject.unread;
    let is_missing = needs.events && unread.events || needs.log && unread.logs || needs.node && unread.node;
    let is_of_pod = |evidence: &Evidence| {
        !matches!(evidence.source, EvidenceSource::Event | EvidenceSource::Log | EvidenceSource::Node)
    };
    if is_missing && finding.confidence == Confidence::Medium && finding.evidence.iter().all(is_of_pod) {
        finding.confidence = Confidence::Low;
    }
}

/// Rules go by cause; people ask for the first container that failed.
fn order_by_start(subject: &Examination, found: &mut [Finding]) {
    found.sort_by_key(|finding| {
        subject
            .failed
            .iter()
            .position(|failed| finding.container.as_deref() == Some(failed.name()))
            .unwrap_or(usize::MAX)
    });
}

/// The last end of a container that falls over again and again is not when it began: the kubelet's first word
/// about it is, or the moment when the pod stopped being ready.
fn date_back(subject: &Examination, finding: &mut Finding) {
    let (Some(pod), Some(container)) = (subject.pod, &finding.container) else { return };
    if !subject.failed.iter().any(|failed| failed.name() == container) {
        return;
    }
    let events = subject.container_events(container);
    let told = events.iter().filter(|event| matches!(event.reason.as_str(), "BackOff" | "Failed"));
    let unready =
        pod.condition("Ready").filter(|ready| ready.is_false()).and_then(|ready| ready.last_transition_time);
    finding.since = told.filter_map(|event| event.first_seen).chain(unready).chain(finding.since).min();
}

/// An ordered rollout goes on only when the broken pod that it waits for is deleted.
fn unblock(subject: &Subject, finding: &mut Finding) {
    let Some(Workload { body: Body::StatefulSet { spec, status }, .. }) = subject.workload else { return };
    let Some(pod) = subject.pod.filter(|pod| blocks_update((spec, status), pod)) else { return };
    let arguments = format!("delete pod {}", shell_word(&pod.meta.name));
    finding.next.insert(0, NextCommand { arguments, kubectl: true, namespaced: true });
    let revision = pod.meta.labels.get("controller-revision-hash").map_or("", String::as_str);
    let text = format!(
        "{} is of revision {revision}, the newest is {}: the StatefulSet waits for it until it is deleted",
        pod.meta.name, status.update_revision
    );
    finding.evidence.push(Evidence { source: EvidenceSource::Object, text });
}

/// What was looked at, for a subject that no rule explains.
pub fn looked_at(subject: &Subject) -> Vec<Evidence> {
    let mut seen = Vec::new();
    if let Some(pod) = subject.pod {
        look_at_pod(pod, &mut seen);
        for event in subject.pod_events().into_iter().take(5) {
            say(
                &mut seen,
                EvidenceSource::Event,
                format!("{}: {} ({}x)", event.reason, event.message, event.count),
            );
        }
    }
    for workload in subject.workloads() {
        let bad = workload.conditions().iter().filter(|condition| !condition.message.is_empty());
        for condition in bad {
            let text = format!(
                "{}={} {}: {}",
                condition.kind, condition.status, condition.reason, condition.message
            );
            say(
                &mut seen,
                EvidenceSource::Condition,
                format!("{}/{} {text}", workload.kind, workload.meta.name),
            );
        }
        if subject.pod.is_none() {
            for event in subject.workload_events(workload).into_iter().take(5) {
                say(
                    &mut seen,
                    EvidenceSource::Event,
                    format!("{}: {} ({}x)", event.reason, event.message, event.count),
                );
            }
        }
    }
    if let Some(unready) = subject.node.and_then(|node| node.unready()) {
        say(&mut seen, EvidenceSource::Node, format!("Ready={} {}", unready.status, unready.message));
    }
    for log in subject.logs {
        for line in log
            .text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .rev()
            .take(10)
            .collect::<Vec<_>>()
            .iter()
            .rev()
        {
            say(&mut seen, EvidenceSource::Log, format!("{}: {line}", log.container));
        }
    }
    say_unread(subject, &mut seen);
    seen
}

fn look_at_pod(pod: &Pod, seen: &mut Vec<Evidence>) {
    let status = &pod.status;
    say(seen, EvidenceSource::Status, format!("phase {} {} {}", status.phase, status.reason, status.message));
    for kind in ["PodScheduled", "Initialized", "ContainersReady", "Ready", "DisruptionTarget"] {
        let told = condition(&status.conditions, kind);
        if let Some(told) = told.filter(|told| told.is_false() == (kind != "DisruptionTarget")) {
            say(
                seen,
                EvidenceSource::Condition,
                format!("{kind}={} {} {}", told.status, told.reason, told.message),
            );
        }
    }
    for container in pod.containers() {
        if let Some(status) = container.status {
            say(seen, EvidenceSource::Status, state(container.name, status));
        }
    }
}

fn state(name: &str, status: &ContainerStatus) -> String {
    let state = &status.state;
    let now = if let Some(waiting) = &state.waiting {
        format!("waiting {} {}", waiting.reason, waiting.message)
    } else if let Some(end) = &state.terminated {
        format!("terminated {} exit code {}", end.reason, exit_code(end))
    } else if state.running.is_some() {
        format!("running, {}", if status.ready { "ready" } else { "not ready" })
    } else {
        "no state".to_string()
    };
    let before = status.last_state.terminated.as_deref();
    let before = before.map(|end| format!("; before: {} exit code {}", end.reason, exit_code(end)));
    format!("{name}: {}, restarts {}{}", now.trim(), status.restart_count, before.unwrap_or_default())
}

fn say_unread(subject: &Subject, seen: &mut Vec<Evidence>) {
    let unread = subject.unread;
    for (is, what) in [(unread.events, "events"), (unread.logs, "logs"), (unread.node, "the node")] {
        if is {
            say(seen, EvidenceSource::Object, format!("{what} could not be read"));
        }
    }
}

fn say(seen: &mut Vec<Evidence>, source: EvidenceSource, text: String) {
    seen.push(Evidence { source, text: text.trim().to_string() });
}
