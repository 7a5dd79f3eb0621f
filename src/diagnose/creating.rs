//! Scheduled but not created: the sandbox, the network, the volumes, the first pull.

use crate::diagnose::culprit::{culprits, is_stage, pod_facts};
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::rule::Rule;
use crate::diagnose::subject::Subject;
use crate::workload::{Event, Pod, Role};
use jiff::SignedDuration;

/// A pull that takes this long is worth a word.
const SLOW: SignedDuration = SignedDuration::from_secs(60);

/// An event of the kubelet or the attach controller that the rule's words are about, for a pod that is stuck
/// before its containers start.
pub fn stuck(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = being_created(subject) else { return Vec::new() };
    let events = subject.pod_events();
    let mut told = events.iter().filter(|event| is_about_creation(event));
    let found = told.find_map(|event| rule.find(&event.message).map(|words| (event, words)));
    let Some((event, words)) = found else { return Vec::new() };
    let mut facts = pod_facts(pod);
    for name in ["what", "volume", "key"] {
        if let Some(value) = words.name(name) {
            facts.set(name, value.as_str());
        }
    }
    let finding = rule.finding(Confidence::High, &facts);
    let named = [facts.get("what"), facts.get("key")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let finding = match named.is_empty() {
        true => finding.like(&event.message, &pod.meta.name),
        false => finding.exactly(&named),
    };
    vec![
        finding
            .because(Source::Event, &format!("{}: {}", event.reason, event.message))
            .since(event.first_seen),
    ]
}

/// A sandbox that fails for another reason than the network's.
pub fn sandbox(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = being_created(subject) else { return Vec::new() };
    let events = subject.pod_events();
    let Some(event) = events.iter().find(|event| event.reason == "FailedCreatePodSandBox") else {
        return Vec::new();
    };
    let finding = rule.finding(Confidence::High, &pod_facts(pod)).like(&event.message, &pod.meta.name);
    vec![finding.because(Source::Event, &event.message).or(&["sandbox-network"]).since(event.first_seen)]
}

/// Pulling without Pulled: not an error, but what the wait is for.
pub fn pulling(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = being_created(subject) else { return Vec::new() };
    let events = subject.pod_events();
    let done = |pull: &Event| {
        let after = events
            .iter()
            .filter(|event| matches!(event.reason.as_str(), "Pulled" | "Failed" | "Started" | "Created"));
        after
            .filter(|event| event.about.field_path == pull.about.field_path)
            .any(|event| event.last_seen >= pull.last_seen)
    };
    let Some(pull) = events.iter().find(|event| event.reason == "Pulling" && !done(event)) else {
        return Vec::new();
    };
    let Some(began) = pull.first_seen.or(pod.meta.created) else { return Vec::new() };
    let waited = subject.now.duration_since(began);
    if waited < SLOW {
        return Vec::new();
    }
    let image = pull.message.split('"').nth(1).unwrap_or_default();
    let facts = pod_facts(pod).with("what", image).with("waited", crate::text::age(waited.as_secs()));
    let finding = rule.finding(Confidence::Low, &facts).exactly(image);
    vec![finding.because(Source::Event, &pull.message).since(Some(began))]
}

/// The pod, if it is on its node and nothing but its making is waited for.
fn being_created<'a>(subject: &Subject<'a>) -> Option<&'a Pod> {
    let others = culprits(subject).iter().any(|culprit| !culprit.reason().contains("Sandbox"));
    subject.pod.filter(|pod| !others && is_being_created(pod))
}

/// No container has got beyond waiting for the pod to be made.
fn is_being_created(pod: &Pod) -> bool {
    let phase = matches!(pod.status.phase.as_str(), "Pending" | "Running" | "");
    let staged = |wait: Option<&crate::workload::Waiting>| {
        wait.is_some_and(|wait| is_stage(&wait.reason) || wait.reason.contains("Sandbox"))
    };
    let all = pod.containers();
    let mut own = all.iter().filter(|container| container.role != Role::Ephemeral).peekable();
    let none_known = own.clone().all(|container| container.status.is_none());
    // A pod whose init containers ran has its sandbox and its volumes, but may still pull.
    let waits =
        own.any(|container| container.status.is_some_and(|status| staged(status.state.waiting.as_ref())));
    let runs =
        all.iter().any(|container| container.status.is_some_and(|status| status.state.running.is_some()));
    phase && pod.meta.deleted.is_none() && !pod.spec.node_name.is_empty() && (none_known || waits) && !runs
}

fn is_about_creation(event: &Event) -> bool {
    matches!(
        event.reason.as_str(),
        "FailedMount"
            | "FailedAttachVolume"
            | "FailedCreatePodSandBox"
            | "FailedMapVolume"
            | "FailedSync"
            | "NetworkNotReady"
            | "FailedPodSandBoxStatus"
    )
}
