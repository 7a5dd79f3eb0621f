//! Nothing was created: what the API server answered when a controller asked for a pod.

use crate::diagnose::fill::Facts;
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::rule::{Family, Rule};
use crate::diagnose::subject::Subject;
use crate::workload::{Body, Workload, condition};
use jiff::Timestamp;

/// A refusal, where it was read, and since when it stands.
struct Refusal<'a> {
    source: Source,
    text: &'a str,
    workload: &'a Workload,
    since: Option<Timestamp>,
}

/// The refusal of a pod that the rule's words are about.
pub fn refused(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    if subject.pod.is_some() {
        return Vec::new();
    }
    let all = refusals(subject);
    let found = all.iter().find_map(|refusal| rule.find(refusal.text).map(|words| (refusal, words)));
    let Some((refusal, words)) = found else { return Vec::new() };
    let workload = refusal.workload;
    let mut facts = Facts::default().with("workload", format!("{}/{}", workload.kind, workload.meta.name));
    for name in ["what", "requested", "used", "limited", "kind"] {
        if let Some(value) = words.name(name) {
            facts.set(name, value.as_str());
        }
    }
    let finding = rule.finding(Confidence::High, &facts);
    let finding = match facts.get("what") {
        Some(what) => finding.exactly(what),
        None => finding.like(words.get(0).map_or("", |all| all.as_str()), ""),
    };
    let finding = finding.because(refusal.source, refusal.text).since(refusal.since);
    let others = all.iter().filter(|other| rule.find(other.text).is_some());
    vec![others.take(3).fold(finding, |finding, other| because_once(finding, other))]
}

/// As `refused`; and what the API server refuses in words that no other rule knows is refused all the same.
pub fn denied(subject: &Subject, rule: &Rule, table: &[Rule]) -> Vec<Finding> {
    let known = refused(subject, rule);
    if subject.pod.is_some() || !known.is_empty() {
        return known;
    }
    let others = || table.iter().filter(|other| other.family == Family::Creation && other.code != rule.code);
    let mut all = refusals(subject);
    // A namespace that goes takes no new pods, and that is as it should be.
    all.retain(|refusal| !refusal.text.contains("because it is being terminated"));
    let Some(refusal) =
        all.first().filter(|_| !all.iter().any(|one| others().any(|other| other.find(one.text).is_some())))
    else {
        return Vec::new();
    };
    let said = refusal.text.split_once(" is forbidden: ").map_or(refusal.text, |(_, said)| said);
    let said = said.trim_start_matches("Error creating: ").trim_start_matches("Internal error occurred: ");
    let workload = format!("{}/{}", refusal.workload.kind, refusal.workload.meta.name);
    let facts = Facts::default().with("workload", workload).with("said", said);
    let finding = rule.finding(Confidence::Medium, &facts).like(said, "");
    let finding = finding.because(refusal.source, refusal.text).since(refusal.since);
    vec![all.iter().take(3).fold(finding, |finding, other| because_once(finding, other))]
}

/// The same refusal stands in the condition, and with a prefix in the event: once is enough.
fn because_once(finding: Finding, other: &Refusal) -> Finding {
    let known = finding
        .evidence
        .iter()
        .any(|known| other.text.contains(&known.text) || known.text.contains(other.text));
    if known { finding } else { finding.because(other.source, other.text) }
}

fn refusals<'a>(subject: &Subject<'a>) -> Vec<Refusal<'a>> {
    let mut all = Vec::new();
    for workload in subject.workloads().filter(|workload| is_short(workload)) {
        if let Some(failure) =
            condition(workload.conditions(), "ReplicaFailure").filter(|failure| failure.is_true())
        {
            let since = failure.last_transition_time;
            all.push(Refusal { source: Source::Condition, text: &failure.message, workload, since });
        }
    }
    for workload in subject.workloads().filter(|workload| is_short(workload)) {
        let events = subject.workload_events(workload);
        // What was refused once and then went well is history.
        let created = events
            .iter()
            .filter(|event| event.reason == "SuccessfulCreate")
            .filter_map(|event| event.last_seen)
            .max();
        for event in
            events.into_iter().filter(|event| event.last_seen.is_none() || event.last_seen >= created)
        {
            if matches!(event.reason.as_str(), "FailedCreate" | "FailedDaemonPod" | "ReplicaSetCreateError") {
                all.push(Refusal {
                    source: Source::Event,
                    text: &event.message,
                    workload,
                    since: event.first_seen,
                });
            }
        }
    }
    all
}

/// Whether it lacks pods that it should have: an old event of a workload that has all of them is history.
fn is_short(workload: &Workload) -> bool {
    match &workload.body {
        Body::Deployment { spec, status } => {
            status.replicas < spec.replicas.unwrap_or(1) || unavailable(workload)
        }
        Body::ReplicaSet { spec, status } => status.replicas < spec.replicas.unwrap_or(1),
        Body::StatefulSet { spec, status } => status.replicas < spec.replicas.unwrap_or(1),
        Body::DaemonSet { status, .. } => {
            let desired = status.desired_number_scheduled.unwrap_or(1);
            status.current_number_scheduled < desired || status.number_available < desired
        }
        Body::Job { status, .. } => status.active == 0 && status.completion_time.is_none(),
        Body::Rollout { spec, status } => {
            status.replicas < spec.replicas.unwrap_or(1) || unavailable(workload)
        }
        Body::CronJob { .. } => true,
    }
}

/// A rollout whose new pods are refused keeps all of its old ones.
fn unavailable(workload: &Workload) -> bool {
    condition(workload.conditions(), "ReplicaFailure").is_some_and(|failure| failure.is_true())
}
