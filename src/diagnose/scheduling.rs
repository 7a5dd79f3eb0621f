//! Not scheduled: what the scheduler says of the nodes, clause by clause.

use crate::diagnose::examination::Examination;
use crate::diagnose::failed_container::pod_facts;
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::need::Needs;
use crate::diagnose::rule::{Check, Rule, RuleFamily};
use crate::diagnose::scheduler_message::verdict;
use crate::diagnose::subject::Subject;
use crate::pattern::regex;
use crate::podstatus::{Clause, clauses};
use crate::workload::{Condition, Event, Node, Pod, Taint, Toleration};
use jiff::Timestamp;
use std::collections::BTreeMap;

pub static RULES: &[Rule] = &[
    Rule {
        code: "scheduling-gated",
        title: "Held back by a scheduling gate",
        summary: "held back from scheduling by a gate[: {what}]",
        family: RuleFamily::Schedule,
        needs: Needs::NOTHING,
        words: None,
        next: &["get pod {pod} -o jsonpath='{.spec.schedulingGates}'"],
        check: Check::Alone(gated),
    },
    Rule {
        code: "unschedulable-cordoned",
        title: "The nodes are cordoned",
        summary: "no node takes it: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::EVENTS,
        words: Some(regex!(r"were unschedulable|node\.kubernetes\.io/unschedulable|^NodeUnschedulable")),
        next: &["~ get nodes"],
        check: Check::Among(unschedulable),
    },
    Rule {
        code: "unschedulable-host-port",
        title: "The host port is taken on every node",
        summary: "no node has its host port free: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::EVENTS,
        words: Some(regex!("free ports|^PodFitsHostPorts")),
        next: &["get pod {pod} -o jsonpath='{.spec.containers[*].ports}'"],
        check: Check::Among(unschedulable),
    },
    Rule {
        code: "unschedulable-too-many-pods",
        title: "The nodes hold as many pods as they may",
        summary: "every node is full: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::EVENTS,
        words: Some(regex!("too many pods|insufficient pods")),
        next: &["~ describe nodes"],
        check: Check::Among(unschedulable),
    },
    Rule {
        code: "unschedulable-volume-limit",
        title: "The nodes have no room for another volume",
        summary: "no node can attach another volume: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r"exceed max volume count|max ?volume ?count|^Max\w*VolumeCount|volume limits?\b"
        )),
        next: &["~ get csinodes", "~ get volumeattachments"],
        check: Check::Among(unschedulable),
    },
    Rule {
        code: "unschedulable-volume-zone",
        title: "Its volume is in another zone",
        summary: "its volume cannot be reached from any node that fits: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::CLAIMS,
        words: Some(regex!(
            "volume node affinity conflict|persistentvolume's node affinity|no available volume zone|^NoVolume(Zone|Node)Conflict"
        )),
        next: &["get pvc", "~ get pv", "~ get nodes -L topology.kubernetes.io/zone"],
        check: Check::Among(unschedulable),
    },
    Rule {
        code: "unschedulable-pvc-missing",
        title: "A volume claim does not exist",
        summary: "PersistentVolumeClaim[ {what}] does not exist",
        family: RuleFamily::Schedule,
        needs: Needs::CLAIMS,
        words: Some(regex!(
            r#"persistentvolumeclaim "(?<what>[^"]+)" (not found|is being deleted)|controller to create the persistentvolumeclaim "(?<name>[^"]+)"|persistentvolumeclaim is not found"#
        )),
        next: &["get pvc", "get pod {pod} -o jsonpath='{.spec.volumes}'"],
        check: Check::Among(unschedulable),
    },
    Rule {
        code: "unschedulable-pvc-unbound",
        title: "A volume claim has no volume",
        summary: "waits for a volume: PersistentVolumeClaim[ {claims}] is not bound",
        family: RuleFamily::Schedule,
        needs: Needs::CLAIMS,
        words: Some(regex!(
            r"unbound (immediate )?persistentvolumeclaims|persistent ?volumes? to bind|persistentvolumeclaim is not bound|non-?existent (persistentvolume|pv)|bound to non-existent|binding volumes|^CheckVolumeBinding|not have enough free storage|provision\w* volumes?"
        )),
        next: &[
            "describe pvc",
            "~ get storageclasses",
            "get events --field-selector involvedObject.kind=PersistentVolumeClaim",
        ],
        check: Check::Among(unschedulable),
    },
    Rule {
        code: "unschedulable-topology-spread",
        title: "Topology spread constraints cannot be met",
        summary: "topology spread constraints leave no node: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::EVENTS,
        words: Some(regex!("topology spread constraints|^EvenPodsSpread")),
        next: &[
            "get pod {pod} -o jsonpath='{.spec.topologySpreadConstraints}'",
            "~ get nodes -L topology.kubernetes.io/zone",
        ],
        check: Check::Among(unschedulable),
    },
    Rule {
        code: "unschedulable-pod-anti-affinity",
        title: "Pod (anti-)affinity leaves no node",
        summary: "pod (anti-)affinity leaves no node: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::EVENTS,
        words: Some(regex!(
            "pod (anti-)?affinity|pods? anti-affinity|inter-?pod affinity|^MatchInterPodAffinity"
        )),
        next: &["get pod {pod} -o jsonpath='{.spec.affinity}'", "get pods -o wide"],
        check: Check::Among(unschedulable),
    },
    Rule {
        code: "unschedulable-node-affinity",
        title: "No node has the labels that it asks for",
        summary: "no node matches its selector[ {selector}]: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r"node affinity|node selector|affinity/selector|^MatchNodeSelector|requested (hostname|node name)|^HostName\b"
        )),
        next: &[
            "~ get nodes --show-labels",
            "get pod {pod} -o jsonpath='{.spec.nodeSelector}{.spec.affinity}'",
        ],
        check: Check::Among(unschedulable),
    },
    Rule {
        code: "unschedulable-taint",
        title: "Every node has a taint that it does not tolerate",
        summary: "no node without a taint that it does not tolerate: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::EVENTS,
        words: Some(regex!(r"taints?\b|^PodToleratesNodeTaints")),
        next: &[
            "~ get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints",
            "get pod {pod} -o jsonpath='{.spec.tolerations}'",
        ],
        check: Check::Among(unschedulable),
    },
    Rule {
        code: "unschedulable-memory",
        title: "No node has the memory free",
        summary: "no node has the memory free that it requests[ ({requests})]: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::EVENTS,
        words: Some(regex!(r"insufficient memory\b|^PodFitsResources\b.*memory")),
        next: &["~ describe nodes", "~ top nodes"],
        check: Check::Among(|subject, rule, table| unschedulable_for(subject, rule, table, "memory")),
    },
    Rule {
        code: "unschedulable-cpu",
        title: "No node has the CPU free",
        summary: "no node has the CPU free that it requests[ ({requests})]: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::EVENTS,
        words: Some(regex!(r"insufficient cpu\b")),
        next: &["~ describe nodes", "~ top nodes"],
        check: Check::Among(|subject, rule, table| unschedulable_for(subject, rule, table, "cpu")),
    },
    Rule {
        code: "unschedulable-extended-resource",
        title: "No node has the special resource free",
        summary: "no node has {what} free: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r"insufficient (?<what>\S+)|(?<claim>resource ?claims?|cannot allocate all claims)"
        )),
        next: &["~ describe nodes", "get pod {pod} -o jsonpath='{.spec.containers[*].resources}'"],
        check: Check::Among(unschedulable),
    },
    Rule {
        code: "unschedulable-mixed",
        title: "No node fits, for several reasons",
        summary: "no node fits: {clauses}",
        family: RuleFamily::Schedule,
        needs: Needs::EVENTS,
        words: None,
        next: &["describe pod {pod}", "~ describe nodes"],
        check: Check::Among(unschedulable),
    },
];

/// What the scheduler said.
struct SchedulerMessage<'a> {
    source: EvidenceSource,
    text: &'a str,
    since: Option<Timestamp>,
}

/// The pod is kept from scheduling on purpose, until someone takes its gates away.
fn gated(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| waits_for_a_node(pod)) else { return Vec::new() };
    let told = pod.gated_condition();
    let gates: Vec<&str> = pod.spec.scheduling_gates.iter().map(|gate| gate.name.as_str()).collect();
    if told.is_none() && gates.is_empty() {
        return Vec::new();
    }
    let facts = pod_facts(pod).with("what", gates.join(", "));
    let mut finding = rule.finding(Confidence::High, &facts).signed(&gates.join(" "));
    if let Some(told) = told {
        finding = finding
            .because(EvidenceSource::Condition, &format!("SchedulingGated: {}", told.message))
            .since(told.last_transition_time);
    }
    vec![
        finding
            .because(EvidenceSource::Object, &format!("schedulingGates: {}", gates.join(", ")))
            .since(pod.meta.created),
    ]
}

/// The one reason that rules out every node.
fn unschedulable(subject: &Examination, rule: &Rule, table: &[Rule]) -> Vec<Finding> {
    unschedulable_for(subject, rule, table, "")
}

/// As `unschedulable`, for want of a resource; where it is empty, the rule's words may name one.
fn unschedulable_for(subject: &Examination, rule: &Rule, table: &[Rule], resource: &str) -> Vec<Finding> {
    let Some((pod, told)) = scheduler_message(subject, table) else { return Vec::new() };
    match verdict(told.text, table) {
        Some((cause, others)) if cause == rule.code => {
            vec![finding(subject, rule, pod, &told, &others, resource)]
        }
        _ => Vec::new(),
    }
}

fn finding(
    subject: &Subject,
    rule: &Rule,
    pod: &Pod,
    told: &SchedulerMessage,
    others: &[&str],
    resource: &str,
) -> Finding {
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
    let unbound = subject.claims.iter().filter(|claim| claim.status.phase != "Bound");
    facts
        .set("class", unbound.map(|claim| claim.spec.storage_class_name.as_str()).next().unwrap_or_default());
    let requests = requests(pod, facts.get("what").unwrap_or(resource));
    facts.set("requests", &requests);
    let signature: Vec<&str> = said.iter().map(|clause| clause.text.as_str()).collect();
    let mut finding =
        rule.finding(Confidence::High, &facts).or(others).signed_like(&signature.join(", "), &pod.meta.name);
    finding = finding.because(told.source, told.text).since(told.since).since(pod.meta.created);
    for event in subject.pod_events() {
        // An autoscaler says whether a node is on its way; Karpenter says why none is under the scheduler's own reason.
        let is_autoscalers = matches!(
            event.reason.as_str(),
            "TriggeredScaleUp" | "NotTriggerScaleUp" | "FailedScaleUp" | "Nominated"
        );
        let is_others = event.reason == "FailedScheduling"
            && !event.message.contains("nodes are available")
            && event.message != told.text;
        if is_autoscalers || is_others {
            finding = finding.because(EvidenceSource::Event, &format!("{}: {}", event.reason, event.message));
        }
    }
    let name = |name: &str| name.rsplit_once('-').map_or(String::new(), |(set, _)| set.to_string());
    let gone =
        |event: &&&Event| event.reason == "Preempted" && name(&event.about.name) == name(&pod.meta.name);
    let preempted: Vec<&Event> = subject.events.iter().collect();
    for event in preempted.iter().filter(gone).take(1) {
        let text = format!("{} {}: {}", event.reason, event.about.name, event.message);
        finding = finding.because(EvidenceSource::Event, &text).or(&["preempted"]);
    }
    for text in taints(subject.nodes, pod).into_iter().filter(|_| names_no_taint(told.text)).take(3) {
        finding = finding.because(EvidenceSource::Node, &text);
    }
    for claim in subject.claims.iter().filter(|claim| claim.status.phase != "Bound") {
        let text = format!(
            "PersistentVolumeClaim {} is {}, class {:?}",
            claim.meta.name, claim.status.phase, claim.spec.storage_class_name
        );
        finding = finding.because(EvidenceSource::Object, &text);
    }
    finding
}

/// Since 1.35 the scheduler no longer says which taint it means.
pub fn names_no_taint(message: &str) -> bool {
    message.contains("untolerated taint(s)")
}

/// The taints of the nodes that the pod does not tolerate, those of most nodes first.
fn taints(nodes: &[&Node], pod: &Pod) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for taint in nodes.iter().flat_map(|node| &node.spec.taints) {
        let keeps_away = matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute");
        if keeps_away && !pod.spec.tolerations.iter().any(|toleration| tolerates(toleration, taint)) {
            let value = if taint.value.is_empty() { String::new() } else { format!("={}", taint.value) };
            *counts.entry(format!("{}{value}:{}", taint.key, taint.effect)).or_default() += 1;
        }
    }
    let mut ranked: Vec<(String, usize)> = counts.into_iter().collect();
    ranked.sort_by_key(|(_, nodes)| std::cmp::Reverse(*nodes));
    let told = ranked
        .into_iter()
        .map(|(taint, nodes)| format!("taint {taint} on {}", crate::text::count(nodes, "node")));
    told.collect()
}

fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let effect = toleration.effect.is_empty() || toleration.effect == taint.effect;
    let key = toleration.key == taint.key || (toleration.key.is_empty() && toleration.operator == "Exists");
    effect && key && (toleration.operator == "Exists" || toleration.value == taint.value)
}

fn waits_for_a_node(pod: &Pod) -> bool {
    pod.node_name.is_empty()
        && matches!(pod.status.phase.as_str(), "Pending" | "")
        && pod.meta.deleted.is_none()
}

/// The condition says it; the event is as good where the condition is bare.
fn scheduler_message<'a>(subject: &Subject<'a>, table: &[Rule]) -> Option<(&'a Pod, SchedulerMessage<'a>)> {
    let pod = subject.pod.filter(|pod| waits_for_a_node(pod))?;
    let scheduled = pod.condition("PodScheduled");
    if scheduled.is_some_and(Condition::is_true) || pod.gated_condition().is_some() {
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
        scheduled.filter(|scheduled| verdict(&scheduled.message, table).is_some()).map(|scheduled| {
            SchedulerMessage {
                source: EvidenceSource::Condition,
                text: &scheduled.message,
                since: scheduled.last_transition_time,
            }
        });
    let events = subject.pod_events();
    let by_event = || {
        let event = events
            .iter()
            .find(|event| event.reason == "FailedScheduling" && verdict(&event.message, table).is_some())?;
        Some(SchedulerMessage {
            source: EvidenceSource::Event,
            text: &event.message,
            since: event.first_seen,
        })
    };
    by_condition.or_else(by_event).map(|told| (pod, told))
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
