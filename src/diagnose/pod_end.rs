//! The end of a whole pod: evicted, preempted, rejected, drained away, or unable to go.

use crate::diagnose::examination::Examination;
use crate::diagnose::failed_container::{condition_text, first_main_container, pod_facts};
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::need::Needs;
use crate::diagnose::readiness::is_up;
use crate::diagnose::rule::{Check, Rule, RuleFamily};
use crate::pattern::regex;
use crate::workload::{Condition, Event, Pod, Role};
use jiff::{SignedDuration, Timestamp};

pub static RULES: &[Rule] = &[
    Rule {
        code: "evicted-emptydir-limit",
        title: "An emptyDir volume outgrew its limit",
        summary: "evicted: emptyDir[ {what}] outgrew its size limit",
        family: RuleFamily::End,
        needs: Needs::NOTHING,
        words: Some(regex!(r#"EmptyDir volume "(?<what>[^"]+)" exceeds"#)),
        next: &["get pod {pod} -o jsonpath='{.spec.volumes}'", "describe pod {pod}"],
        check: Check::Alone(|subject, rule| evicted(subject, rule, Wording::Known)),
    },
    Rule {
        code: "evicted-ephemeral-storage",
        title: "Too much written to the container's own disk",
        summary: "evicted: too much ephemeral storage used[ on {node}]",
        family: RuleFamily::End,
        needs: Needs::NOTHING,
        words: Some(regex!(
            r"low on resource: \[?(?<what>ephemeral-storage|inodes\w*|nodefs\w*|imagefs\w*|DiskPressure)|ephemeral[- ]local storage|local ephemeral storage|exceeds the total limit"
        )),
        next: &["describe pod {pod}", "~ describe node {node}"],
        check: Check::Alone(|subject, rule| evicted(subject, rule, Wording::Known)),
    },
    Rule {
        code: "evicted-memory",
        title: "The node ran low on memory",
        summary: "evicted: node[ {node}] was low on memory",
        family: RuleFamily::End,
        needs: Needs::NOTHING,
        words: Some(regex!(r"low on resource: \[?(memory|MemoryPressure)")),
        next: &["~ describe node {node}", "~ top node {node}"],
        check: Check::Alone(|subject, rule| evicted(subject, rule, Wording::Known)),
    },
    Rule {
        code: "evicted-node-condition",
        title: "The node had a pressure condition",
        summary: "evicted: node[ {node}] was under pressure[ ({what})]",
        family: RuleFamily::End,
        needs: Needs::NOTHING,
        words: Some(regex!(r"node had conditions?: \[?(?<what>[^\].]+)|low on resource: (?<resource>pids)")),
        next: &["~ describe node {node}"],
        check: Check::Alone(|subject, rule| evicted(subject, rule, Wording::Any)),
    },
    Rule {
        code: "deadline-exceeded",
        title: "The pod ran longer than it may",
        summary: "the pod ran into its activeDeadlineSeconds",
        family: RuleFamily::End,
        needs: Needs::NOTHING,
        words: Some(regex!(r"^DeadlineExceeded\b")),
        next: &[
            "get pod {pod} -o jsonpath='{.spec.activeDeadlineSeconds}'",
            "logs {pod} --all-containers --tail=50",
        ],
        check: Check::Alone(by_reason),
    },
    Rule {
        code: "node-not-ready",
        title: "The node is not ready, or gone",
        summary: "node[ {node}] does not answer: its pods count as not ready",
        family: RuleFamily::End,
        needs: Needs::EVENTS_AND_NODE,
        words: Some(regex!(r"^DeletionByPodGC\b|^NodeLost\b")),
        next: &["~ describe node {node}", "~ get pods -A -o wide --field-selector spec.nodeName={node}"],
        check: Check::Alone(node_lost),
    },
    Rule {
        code: "stuck-terminating",
        title: "Deleted but not gone",
        summary: "deleted {late} ago and still there[, finalizer {what}]",
        family: RuleFamily::End,
        needs: Needs::EVENTS_AND_NODE,
        words: None,
        next: &[
            "get pod {pod} -o jsonpath='{.metadata.finalizers}'",
            "describe pod {pod}",
            "~ describe node {node}",
        ],
        check: Check::Alone(stuck_terminating),
    },
    Rule {
        code: "preempted",
        title: "Had to make room for a pod of higher priority",
        summary: "preempted for a pod of higher priority",
        family: RuleFamily::End,
        needs: Needs::NOTHING,
        words: Some(regex!("^Preempt|Preempted in order to admit")),
        next: &["~ get priorityclasses", "get pod {pod} -o jsonpath='{.spec.priorityClassName}'"],
        check: Check::Alone(by_reason),
    },
    Rule {
        code: "node-shutdown",
        title: "The node shut down",
        summary: "ended_at because node[ {node}] shut down",
        family: RuleFamily::End,
        needs: Needs::NOTHING,
        words: Some(regex!(
            "^(NodeShutdown|Shutdown|Terminated): |imminent node shutdown|node is shutting down"
        )),
        next: &["~ describe node {node}", "get pods -o wide"],
        check: Check::Alone(by_reason),
    },
    Rule {
        code: "kubelet-rejected",
        title: "The node's kubelet refused the pod",
        summary: "refused by the kubelet[ of {node}]: {what}",
        family: RuleFamily::End,
        needs: Needs::NOTHING,
        words: Some(regex!(
            r"^(OutOf\S+|UnexpectedAdmissionError|NodeAffinity|NodeName|NodePorts|NodeResources\w*|Topology\w*|TaintToleration|AppArmor|SysctlForbidden|ForbiddenSysctl|SMTAlignmentError|PodOS\w+|InvalidNodeInfo|AdmissionFailed|PodFeatureUnsupported|UnsupportedPodLevelResources|MatchNodeSelector|HostPortConflict|GeneralPredicates)$"
        )),
        next: &["~ describe node {node}", "describe pod {pod}"],
        check: Check::Alone(rejected),
    },
    Rule {
        code: "node-taint-evicted",
        title: "A taint drove it off its node",
        summary: "driven off node[ {node}] by a taint that it does not tolerate",
        family: RuleFamily::End,
        needs: Needs::NODE,
        words: Some(regex!("^DeletionByTaintManager|^TaintManagerEviction: (marking|deleting)")),
        next: &["~ get node {node} -o jsonpath='{.spec.taints}'", "~ describe node {node}"],
        check: Check::Alone(by_reason),
    },
    Rule {
        code: "node-drained",
        title: "Evicted through the API, as a drain does",
        summary: "evicted from node[ {node}] through the eviction API: a drain, or an autoscaler",
        family: RuleFamily::End,
        needs: Needs::NODE,
        words: Some(regex!("^EvictionByEvictionAPI|^Evicted: Evicted pod")),
        next: &["~ get node {node}", "get pods -o wide", "get poddisruptionbudgets"],
        check: Check::Alone(by_reason),
    },
];

/// Whether only the rule's own words will do, or, of the last rule of its kind, any.
#[derive(Clone, Copy, PartialEq)]
enum Wording {
    Known,
    Any,
}

/// The kubelet evicted the pod; the rule's words tell for what.
fn evicted(subject: &Examination, rule: &Rule, wording: Wording) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| pod.status.reason == "Evicted") else { return Vec::new() };
    let words = rule.find(&pod.status.message);
    if words.is_none() && wording == Wording::Known {
        return Vec::new();
    }
    let confidence = if words.is_some() { Confidence::High } else { Confidence::Medium };
    let what = words.as_ref().and_then(|words| words.name("what")).map_or("", |what| what.as_str());
    let facts = pod_facts(pod).with("what", what);
    let matched = words.as_ref().and_then(|words| words.get(0)).map_or("", |all| all.as_str());
    let finding = rule
        .finding(confidence, &facts)
        .container(first_main_container(pod))
        .signed_like(matched, &pod.meta.name);
    vec![
        finding
            .because(EvidenceSource::Status, &format!("Evicted: {}", pod.status.message))
            .since(ended_at(pod)),
    ]
}

/// The node's kubelet would not have the pod.
fn rejected(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| pod.status.phase == "Failed") else { return Vec::new() };
    let reason = pod.status.reason.as_str();
    let refused =
        pod.status.message.starts_with("Pod was rejected") || pod.status.message.starts_with("Pod Predicate");
    if reason.is_empty() || !(rule.find(reason).is_some() || refused) {
        return Vec::new();
    }
    let facts = pod_facts(pod).with("what", reason);
    let finding = rule.finding(Confidence::High, &facts).signed(reason).since(ended_at(pod));
    vec![finding.because(EvidenceSource::Status, &format!("{reason}: {}", pod.status.message))]
}

/// A pod's own reason and message, or a condition of it: the rule's words are about `reason: message`.
fn by_reason(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| pod.status.phase != "Succeeded") else { return Vec::new() };
    // After a restart of its node a pod may run again while its status still tells why it ended_at (kubernetes#104531).
    if pod.status.phase == "Running" && pod.is_ready() && pod.meta.deleted.is_none() {
        return Vec::new();
    }
    let finding = || {
        rule.finding(Confidence::High, &pod_facts(pod))
            .container(first_main_container(pod))
            .signed_like("", "")
    };
    let by_status = format!("{}: {}", pod.status.reason, pod.status.message);
    if !pod.status.reason.is_empty() && rule.find(&by_status).is_some() {
        return vec![finding().because(EvidenceSource::Status, &by_status).since(ended_at(pod))];
    }
    let target = pod.condition("DisruptionTarget").filter(|target| target.is_true());
    if let Some(target) =
        target.filter(|target| rule.find(&format!("{}: {}", target.reason, target.message)).is_some())
    {
        let finding = finding()
            .because(EvidenceSource::Condition, &condition_text(target))
            .since(target.last_transition_time);
        return vec![finding.since(pod.meta.deleted)];
    }
    by_event(subject, rule, pod, finding)
}

/// Releases before 1.26 have no such condition, only events about a pod that is going.
fn by_event(subject: &Examination, rule: &Rule, pod: &Pod, finding: impl Fn() -> Finding) -> Vec<Finding> {
    if pod.meta.deleted.is_none() && pod.status.phase != "Failed" {
        return Vec::new();
    }
    let events = subject.pod_events();
    let event =
        events.iter().find(|event| rule.find(&format!("{}: {}", event.reason, event.message)).is_some());
    match event {
        Some(event) => {
            let text = format!("{}: {}", event.reason, event.message);
            vec![
                finding()
                    .because(EvidenceSource::Event, &text)
                    .since(event.first_seen)
                    .since(pod.meta.deleted),
            ]
        }
        None => Vec::new(),
    }
}

/// The node does not answer, or the garbage collector took the pod after its node.
fn node_lost(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let silent = unready_node(subject, rule);
    if silent.is_empty() { by_reason(subject, rule) } else { silent }
}

/// Deleted, and still there.
fn stuck_terminating(subject: &Examination, rule: &Rule) -> Vec<Finding> {
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
    let mut finding = rule.finding(Confidence::High, &facts).container(first_main_container(pod));
    finding = finding.signed(&pod.meta.finalizers.join(" ")).since(Some(deleted));
    finding = finding.because(EvidenceSource::Object, &format!("deletionTimestamp {deleted}, {late} ago"));
    if !pod.meta.finalizers.is_empty() {
        finding = finding
            .because(EvidenceSource::Object, &format!("finalizers: {}", pod.meta.finalizers.join(", ")));
    }
    if let Some(unready) = subject.node.and_then(|node| node.unready()) {
        finding = finding.because(EvidenceSource::Node, &condition_text(unready)).or(&["node-not-ready"]);
    }
    for event in subject.pod_events().iter().filter(|event| event.reason == "FailedKillPod") {
        finding = finding.because(EvidenceSource::Event, &format!("{}: {}", event.reason, event.message));
    }
    let target = pod.condition("DisruptionTarget").filter(|target| target.is_true());
    vec![target.map_or(finding.clone(), |target| {
        finding.because(EvidenceSource::Condition, &condition_text(target))
    })]
}

fn ended_at(pod: &Pod) -> Option<Timestamp> {
    let own = pod
        .status
        .container_statuses
        .iter()
        .filter_map(|status| status.state.terminated.as_deref()?.finished_at)
        .max();
    let transition =
        |kind| pod.condition(kind).and_then(|condition: &Condition| condition.last_transition_time);
    own.or(transition("DisruptionTarget"))
        .or(transition("Ready"))
        .or(pod.status.start_time)
        .or(pod.meta.created)
}

/// The node does not answer: its containers may well run, and no one is told.
fn unready_node(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| is_up(pod) && !pod.node_name.is_empty()) else {
        return Vec::new();
    };
    let node = subject.node.and_then(|node| node.unready());
    let events = subject.pod_events();
    let event = events.iter().find(|event| event.reason == "NodeNotReady" && recent(event, subject.now));
    let ready = pod.condition("Ready").filter(|ready| ready.is_false());
    let all = pod.containers();
    let mut own = all.iter().filter(|container| container.role == Role::Main).peekable();
    let up = own.peek().is_some() && own.all(|container| container.status.is_some_and(|status| status.ready));
    // A node that says that it is ready is believed, whatever an event said an hour ago.
    let fine =
        subject.node.is_some_and(|node| node.unready().is_none() && !node.status.conditions.is_empty());
    let silent = !fine && up && ready.is_some() && pod.spec.readiness_gates.is_empty();
    let odd = silent && ready.is_none_or(|ready| ready.reason != "ContainersNotReady");
    let lost = pod.status.reason == "NodeLost";
    let said = lost || node.is_some() || odd || (event.is_some() && ready.is_some() && up && !fine);
    if !said || subject.node_is_joining() {
        return Vec::new();
    }
    if (pod.is_ready() && node.is_none()) || (pod.meta.deleted.is_some() && !lost && node.is_none()) {
        return Vec::new();
    }
    let told = lost || node.is_some() || event.is_some();
    let confidence = if told { Confidence::High } else { Confidence::Medium };
    let mut finding =
        rule.finding(confidence, &pod_facts(pod)).container(first_main_container(pod)).signed(&pod.node_name);
    if let Some(unready) = node {
        finding = finding
            .because(EvidenceSource::Node, &condition_text(unready))
            .since(unready.last_transition_time);
    }
    if let Some(event) = event {
        finding = finding.because(EvidenceSource::Event, &format!("{}: {}", event.reason, event.message));
    }
    if lost {
        finding = finding.because(EvidenceSource::Status, &format!("NodeLost: {}", pod.status.message));
    }
    if let Some(ready) = ready {
        finding = finding
            .because(EvidenceSource::Condition, &condition_text(ready))
            .since(ready.last_transition_time);
    }
    let target = pod.condition("DisruptionTarget").filter(|target| target.is_true());
    if let Some(target) = target {
        finding = finding.because(EvidenceSource::Condition, &condition_text(target));
    }
    vec![finding]
}

fn recent(event: &Event, now: Timestamp) -> bool {
    event.last_seen.is_none_or(|seen| now.duration_since(seen) < SignedDuration::from_mins(60))
}
