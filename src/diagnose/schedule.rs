//! Not scheduled: what the scheduler says of the nodes, clause by clause.

use crate::diagnose::culprit::pod_facts;
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::rule::Rule;
use crate::diagnose::subject::Subject;
use crate::pattern::regex;
use crate::podstatus::{Clause, clauses, total_nodes};
use crate::workload::{Pod, condition};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What the scheduler said.
struct Told<'a> {
    source: Source,
    text: &'a str,
    since: Option<Timestamp>,
}

/// The pod is kept from scheduling on purpose, until someone takes its gates away.
pub fn gated(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| waits_for_a_node(pod)) else { return Vec::new() };
    let told =
        condition(&pod.status.conditions, "PodScheduled").filter(|told| told.reason == "SchedulingGated");
    let gates: Vec<&str> = pod.spec.scheduling_gates.iter().map(|gate| gate.name.as_str()).collect();
    if told.is_none() && gates.is_empty() {
        return Vec::new();
    }
    let facts = pod_facts(pod).with("what", gates.join(", "));
    let mut finding = rule.finding(Confidence::High, &facts).exactly(&gates.join(" "));
    if let Some(told) = told {
        finding = finding
            .because(Source::Condition, &format!("SchedulingGated: {}", told.message))
            .since(told.last_transition_time);
    }
    vec![
        finding
            .because(Source::Object, &format!("schedulingGates: {}", gates.join(", ")))
            .since(pod.meta.created),
    ]
}

/// The one reason that rules out every node.
pub fn unschedulable(subject: &Subject, rule: &Rule, table: &[Rule]) -> Vec<Finding> {
    let Some((pod, told)) = told(subject, table) else { return Vec::new() };
    match verdict(told.text, table) {
        Some((cause, others)) if cause == rule.code => vec![finding(subject, rule, pod, &told, &others)],
        _ => Vec::new(),
    }
}

fn finding(subject: &Subject, rule: &Rule, pod: &Pod, told: &Told, others: &[&str]) -> Finding {
    let said = clauses(told.text);
    let words = said.iter().find_map(|clause| rule.find(&clause.text));
    let mut facts = pod_facts(pod);
    if let Some(what) = words.and_then(|words| words.name("what").map(|what| what.as_str().to_string())) {
        facts.set("what", &what);
    }
    let all: Vec<String> = said.iter().map(Clause::text_with_nodes).collect();
    facts.set("clauses", &all.join(", "));
    facts.set("selector", &selector(pod));
    facts.set("claims", &claims(pod));
    let requests = requests(pod, facts.get("what").unwrap_or(rule.code.trim_start_matches("unschedulable-")));
    facts.set("requests", &requests);
    let signature: Vec<&str> = said.iter().map(|clause| clause.text.as_str()).collect();
    let mut finding =
        rule.finding(Confidence::High, &facts).or(others).like(&signature.join(", "), &pod.meta.name);
    finding = finding.because(told.source, told.text).since(told.since).since(pod.meta.created);
    for event in subject.pod_events() {
        if matches!(event.reason.as_str(), "NotTriggerScaleUp" | "FailedScaleUp") {
            finding = finding.because(Source::Event, &format!("{}: {}", event.reason, event.message));
        }
    }
    for claim in subject.claims.iter().filter(|claim| claim.status.phase != "Bound") {
        let text = format!(
            "PersistentVolumeClaim {} is {}, class {:?}",
            claim.meta.name, claim.status.phase, claim.spec.storage_class_name
        );
        finding = finding.because(Source::Object, &text);
    }
    finding
}

fn waits_for_a_node(pod: &Pod) -> bool {
    pod.spec.node_name.is_empty()
        && matches!(pod.status.phase.as_str(), "Pending" | "")
        && pod.meta.deleted.is_none()
}

/// The condition says it; the event is as good where the condition is bare.
fn told<'a>(subject: &Subject<'a>, table: &[Rule]) -> Option<(&'a Pod, Told<'a>)> {
    let pod = subject.pod.filter(|pod| waits_for_a_node(pod))?;
    let scheduled = condition(&pod.status.conditions, "PodScheduled");
    if scheduled.is_some_and(|scheduled| scheduled.is_true() || scheduled.reason == "SchedulingGated") {
        return None;
    }
    // A fresh pod may wait for a node a while before that is news.
    let waits = scheduled.and_then(|scheduled| scheduled.last_transition_time).or(pod.meta.created);
    let young =
        waits.is_some_and(|since| subject.now.duration_since(since) < subject.thresholds.unschedulable);
    if young && !subject.is_degraded {
        return None;
    }
    let by_condition =
        scheduled.filter(|scheduled| verdict(&scheduled.message, table).is_some()).map(|scheduled| Told {
            source: Source::Condition,
            text: &scheduled.message,
            since: scheduled.last_transition_time,
        });
    let events = subject.pod_events();
    let by_event = || {
        let event = events
            .iter()
            .find(|event| event.reason == "FailedScheduling" && verdict(&event.message, table).is_some())?;
        Some(Told { source: Source::Event, text: &event.message, since: event.first_seen })
    };
    by_condition.or_else(by_event).map(|told| (pod, told))
}

const MIXED: &str = "unschedulable-mixed";

/// The cause that a message amounts to, and the other causes in it, those of most nodes first. One reason that
/// holds for every node that could be meant is the cause; where no single one does, it is a mix.
fn verdict(message: &str, table: &[Rule]) -> Option<(&'static str, Vec<&'static str>)> {
    let mut clauses = clauses(message);
    let mut total = total_nodes(message);
    let control = regex(r"node-role\.kubernetes\.io/(control-?plane|master|etcd)");
    if clauses.iter().any(|clause| !control.is_match(&clause.text)) {
        let apart: u64 = clauses
            .iter()
            .filter(|clause| control.is_match(&clause.text))
            .filter_map(|clause| clause.nodes)
            .sum();
        clauses.retain(|clause| !control.is_match(&clause.text));
        total = total.map(|total| total.saturating_sub(apart));
    }
    let mut weights: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut unknown = false;
    for clause in &clauses {
        match cause(&clause.text, table) {
            Some(code) => *weights.entry(code).or_default() += clause.nodes.unwrap_or(u64::from(u32::MAX)),
            None => unknown = true,
        }
    }
    let mut ranked: Vec<(&'static str, u64)> = weights.into_iter().collect();
    ranked.sort_by_key(|(code, nodes)| (std::cmp::Reverse(*nodes), *code));
    let codes: Vec<&'static str> = ranked.iter().map(|(code, _)| *code).collect();
    let (first, most) = *ranked.first()?;
    // Since 1.35 the scheduler no longer says which taint: on the fewer nodes it is most likely the control plane's.
    let unnamed: u64 = clauses
        .iter()
        .filter(|clause| clause.text.ends_with("untolerated taint(s)"))
        .filter_map(|clause| clause.nodes)
        .sum();
    if most >= unnamed && first != "unschedulable-taint" {
        total = total.map(|total| total.saturating_sub(unnamed));
    }
    let covers = |nodes: u64| total.is_none_or(|total| nodes >= total);
    let second_covers = ranked.get(1).is_some_and(|(_, nodes)| covers(*nodes) && total.is_some());
    if (ranked.len() == 1 && (!unknown || covers(most)))
        || (covers(most) && !second_covers && total.is_some())
    {
        return Some((first, codes[1..].to_vec()));
    }
    Some((MIXED, codes))
}

fn cause(clause: &str, table: &[Rule]) -> Option<&'static str> {
    let mut rules = table.iter().filter(|rule| rule.code.starts_with("unschedulable-"));
    rules.find(|rule| rule.find(clause).is_some()).map(|rule| rule.code)
}

/// The pod's node selector as kubectl takes it.
fn selector(pod: &Pod) -> String {
    let pairs: Vec<String> =
        pod.spec.node_selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(",")
}

fn claims(pod: &Pod) -> String {
    let claims = pod.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref());
    let names: Vec<&str> = claims.map(|claim| claim.claim_name.as_str()).collect();
    names.join(", ")
}

/// What the pod's containers ask of a resource, in their own words.
fn requests(pod: &Pod, resource: &str) -> String {
    let asked = pod.spec.containers.iter().filter_map(|container| container.resources.requests.get(resource));
    asked.cloned().collect::<Vec<_>>().join(" + ")
}

#[cfg(test)]
mod tests {
    use crate::diagnose::rules::RULES;
    use crate::podstatus::clauses;

    fn verdict(message: &str) -> Option<(&'static str, Vec<&'static str>)> {
        super::verdict(message, RULES)
    }

    #[track_caller]
    fn check(message: &str, cause: &str, others: &[&str]) {
        let (found, alternatives) = verdict(message).unwrap_or_default();
        assert_eq!((found, alternatives.as_slice()), (cause, others), "{message}\n{:?}", clauses(message));
    }

    #[test]
    fn one_reason_for_every_node_is_the_cause() {
        check(
            "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
            "unschedulable-cpu",
            &[],
        );
        check(
            "0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient memory.",
            "unschedulable-memory",
            &[],
        );
        check(
            "0/3 nodes are available: 1 Insufficient memory, 3 Insufficient cpu.",
            "unschedulable-cpu",
            &["unschedulable-memory"],
        );
        check(
            "0/4 nodes are available: 1 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate, 3 node(s) had taint {dedicated: db}, that the pod didn't tolerate.",
            "unschedulable-taint",
            &[],
        );
        check(
            "0/1 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }.",
            "unschedulable-taint",
            &[],
        );
        check(
            "0/5 nodes are available: 2 node(s) had untolerated taint {a: b}, 3 node(s) had untolerated taint {c: d}. preemption: x",
            "unschedulable-taint",
            &[],
        );
        check(
            "No nodes are available that match all of the predicates: Insufficient cpu (3).",
            "unschedulable-cpu",
            &[],
        );
        check(
            "0/2 nodes are available: 2 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
            "unschedulable-extended-resource",
            &[],
        );
        check("persistentvolumeclaim \"data\" not found", "unschedulable-pvc-missing", &[]);
        check(
            "0/3 nodes are available: persistentvolumeclaim \"data\" not found. preemption: 0/3",
            "unschedulable-pvc-missing",
            &[],
        );
        check(
            "running PreBind plugin \"VolumeBinding\": binding volumes: timed out waiting for the condition",
            "unschedulable-pvc-unbound",
            &[],
        );
        check(
            "0/3 nodes are available: 3 node(s) had untolerated taint {node.kubernetes.io/unschedulable: }.",
            "unschedulable-cordoned",
            &[],
        );
    }

    #[test]
    fn several_reasons_are_a_mix() {
        check(
            "0/6 nodes are available: 2 Insufficient cpu, 4 node(s) had untolerated taint {dedicated: db}.",
            "unschedulable-mixed",
            &["unschedulable-taint", "unschedulable-cpu"],
        );
        check(
            "0/3 nodes are available: 3 Insufficient cpu, 3 Insufficient memory.",
            "unschedulable-mixed",
            &["unschedulable-cpu", "unschedulable-memory"],
        );
    }

    #[test]
    fn a_taint_without_a_name_on_the_fewer_nodes_is_the_control_planes() {
        check(
            "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient memory. no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.",
            "unschedulable-memory",
            &["unschedulable-taint"],
        );
        check(
            "0/9 nodes are available: 3 Insufficient cpu, 6 node(s) had untolerated taint(s).",
            "unschedulable-mixed",
            &["unschedulable-taint", "unschedulable-cpu"],
        );
        check(
            "0/6 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient memory, 3 Insufficient cpu.",
            "unschedulable-mixed",
            &["unschedulable-cpu", "unschedulable-memory", "unschedulable-taint"],
        );
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        assert_eq!(verdict("0/3 nodes are available: 3 the moon is full."), None);
        assert_eq!(verdict(""), None);
        assert_eq!(verdict(", , 18446744073709551616 x, {"), None);
    }
}
