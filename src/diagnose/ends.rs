//! The end of a whole pod: evicted, preempted, rejected, drained away, or unable to go.

use crate::diagnose::culprit::pod_facts;
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::ready::{first_main, say};
use crate::diagnose::rule::Rule;
use crate::diagnose::subject::Subject;
use crate::workload::{Condition, Pod};
use jiff::Timestamp;

/// The kubelet evicted the pod; the rule's words tell for what.
pub fn evicted(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| pod.status.reason == "Evicted") else { return Vec::new() };
    let words = rule.find(&pod.status.message);
    if words.is_none() && rule.code != "evicted-node-condition" {
        return Vec::new();
    }
    let confidence = if words.is_some() { Confidence::High } else { Confidence::Medium };
    let what = words.as_ref().and_then(|words| words.name("what")).map_or("", |what| what.as_str());
    let facts = pod_facts(pod).with("what", what);
    let matched = words.as_ref().and_then(|words| words.get(0)).map_or("", |all| all.as_str());
    let finding = rule.finding(confidence, &facts).container(first_main(pod)).like(matched, &pod.meta.name);
    vec![finding.because(Source::Status, &format!("Evicted: {}", pod.status.message)).since(ended(pod))]
}

/// The node's kubelet would not have the pod.
pub fn rejected(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| pod.status.phase == "Failed") else { return Vec::new() };
    let reason = pod.status.reason.as_str();
    let refused =
        pod.status.message.starts_with("Pod was rejected") || pod.status.message.starts_with("Pod Predicate");
    if reason.is_empty() || !(rule.find(reason).is_some() || refused) {
        return Vec::new();
    }
    let facts = pod_facts(pod).with("what", reason);
    let finding = rule.finding(Confidence::High, &facts).exactly(reason).since(ended(pod));
    vec![finding.because(Source::Status, &format!("{reason}: {}", pod.status.message))]
}

/// A pod's own reason and message, or a condition of it: the rule's words are about `reason: message`.
pub fn told(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| pod.status.phase != "Succeeded") else { return Vec::new() };
    // After a restart of its node a pod may run again while its status still tells why it ended (kubernetes#104531).
    if pod.status.phase == "Running" && pod.is_ready() && pod.meta.deleted.is_none() {
        return Vec::new();
    }
    let by_status = format!("{}: {}", pod.status.reason, pod.status.message);
    let finding = rule.finding(Confidence::High, &pod_facts(pod)).container(first_main(pod)).like("", "");
    if !pod.status.reason.is_empty() && rule.find(&by_status).is_some() {
        return vec![finding.because(Source::Status, &by_status).since(ended(pod))];
    }
    let target = pod.condition("DisruptionTarget").filter(|target| target.is_true());
    if let Some(target) =
        target.filter(|target| rule.find(&format!("{}: {}", target.reason, target.message)).is_some())
    {
        let finding = finding.because(Source::Condition, &say(target)).since(target.last_transition_time);
        return vec![finding.since(pod.meta.deleted)];
    }
    by_event(subject, rule, pod, finding)
}

/// Releases before 1.26 have no such condition, only events about a pod that is going.
fn by_event(subject: &Subject, rule: &Rule, pod: &Pod, finding: Finding) -> Vec<Finding> {
    let going = pod.meta.deleted.is_some() || pod.status.phase == "Failed";
    let events = subject.pod_events();
    let event = events
        .iter()
        .find(|event| going && rule.find(&format!("{}: {}", event.reason, event.message)).is_some());
    match event {
        Some(event) => {
            let text = format!("{}: {}", event.reason, event.message);
            vec![finding.because(Source::Event, &text).since(event.first_seen).since(pod.meta.deleted)]
        }
        None => Vec::new(),
    }
}

/// The node does not answer, or the garbage collector took the pod after its node.
pub fn lost(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let silent = crate::diagnose::ready::node(subject, rule);
    if silent.is_empty() { told(subject, rule) } else { silent }
}

/// Deleted, and still there.
pub fn stuck(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = subject.pod else { return Vec::new() };
    let Some(deleted) = pod
        .meta
        .deleted
        .filter(|deleted| subject.now.duration_since(*deleted) > subject.thresholds.stuck_terminating)
    else {
        return Vec::new();
    };
    let late = crate::text::age(subject.now.as_second() - deleted.as_second());
    let facts = pod_facts(pod).with("what", pod.meta.finalizers.join(", ")).with("late", &late);
    let mut finding = rule.finding(Confidence::High, &facts).container(first_main(pod));
    finding = finding.exactly(&pod.meta.finalizers.join(" ")).since(Some(deleted));
    finding = finding.because(Source::Object, &format!("deletionTimestamp {deleted}, {late} ago"));
    if !pod.meta.finalizers.is_empty() {
        finding = finding.because(Source::Object, &format!("finalizers: {}", pod.meta.finalizers.join(", ")));
    }
    if let Some(unready) = subject.node.and_then(|node| node.unready()) {
        finding = finding.because(Source::Node, &say(unready)).or(&["node-not-ready"]);
    }
    for event in subject.pod_events().iter().filter(|event| event.reason == "FailedKillPod") {
        finding = finding.because(Source::Event, &format!("{}: {}", event.reason, event.message));
    }
    let target = pod.condition("DisruptionTarget").filter(|target| target.is_true());
    vec![target.map_or(finding.clone(), |target| finding.because(Source::Condition, &say(target)))]
}

fn ended(pod: &Pod) -> Option<Timestamp> {
    let own = pod
        .status
        .container_statuses
        .iter()
        .filter_map(|status| status.state.terminated.as_ref()?.finished_at)
        .max();
    let told = |kind| pod.condition(kind).and_then(|condition: &Condition| condition.last_transition_time);
    own.or(told("DisruptionTarget")).or(told("Ready")).or(pod.status.start_time).or(pod.meta.created)
}
