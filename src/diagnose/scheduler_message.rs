//! Which cause a message of the scheduler amounts to, and which others it holds.

use crate::diagnose::rule::{Rule, RuleFamily};
use crate::pattern::regex;
use crate::podstatus::{clauses, total_nodes};
use std::collections::BTreeMap;

/// No single reason rules out every node.
pub const MIXED: &str = "unschedulable-mixed";
pub const TAINT: &str = "unschedulable-taint";

/// The cause that a message amounts to, and the other causes in it, those of most nodes first. One reason that
/// holds for every node that could be meant is the cause; where no single one does, it is a mix.
pub fn verdict(message: &str, table: &[Rule]) -> Option<(&'static str, Vec<&'static str>)> {
    let mut clauses = clauses(message);
    let mut total = total_nodes(message);
    let control = regex!(r"node-role\.kubernetes\.io/(control-?plane|master|etcd)");
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
    if most >= unnamed && first != TAINT {
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
    let mut rules = table.iter().filter(|rule| rule.family == RuleFamily::Schedule);
    rules.find(|rule| rule.find(clause).is_some()).map(|rule| rule.code)
}

#[cfg(test)]
mod tests {
    use crate::diagnose::rules::RULES;
    use crate::podstatus::clauses;

    fn verdict(message: &str) -> Option<(&'static str, Vec<&'static str>)> {
        super::verdict(message, &RULES)
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
