//! Every rule, in order of precedence. A family's rules and their checks stand in a file of their own.

use crate::diagnose::rule::Rule;
use crate::diagnose::{
    container_killed, container_start, controller, image_pull, log_error, out_of_memory, pod_end,
    pod_refused, pod_setup, process_exit, readiness, scheduling,
};
use std::sync::LazyLock;

static FAMILIES: &[&[Rule]] = &[
    pod_end::RULES,
    pod_refused::RULES,
    scheduling::RULES,
    pod_setup::RULES,
    image_pull::RULES,
    out_of_memory::RULES,
    container_start::RULES,
    log_error::RULES,
    process_exit::RULES,
    container_killed::RULES,
    readiness::RULES,
    controller::RULES,
];

/// The ids of the rules, the first to be asked first: where two fit, the earlier one has the finding.
const PRECEDENCE: &[&str] = &[
    // The end of a whole pod.
    "evicted-emptydir-limit",
    "evicted-ephemeral-storage",
    "evicted-memory",
    "evicted-node-condition",
    "deadline-exceeded",
    "node-not-ready",
    "stuck-terminating",
    "preempted",
    "node-shutdown",
    "kubelet-rejected",
    "node-taint-evicted",
    "node-drained",
    // Nothing was created: the API server refused the pod.
    "quota-exceeded",
    "quota-requires-resources",
    "limitrange-violation",
    "podsecurity-violation",
    "admission-webhook-unavailable",
    "admission-denied",
    "serviceaccount-missing",
    "priorityclass-missing",
    // Not scheduled: clauses of the scheduler's message. The order decides only where one clause fits two rows.
    "scheduling-gated",
    "unschedulable-cordoned",
    "unschedulable-host-port",
    "unschedulable-too-many-pods",
    "unschedulable-volume-limit",
    "unschedulable-volume-zone",
    "unschedulable-pvc-missing",
    "unschedulable-pvc-unbound",
    "unschedulable-topology-spread",
    "unschedulable-pod-anti-affinity",
    "unschedulable-node-affinity",
    "unschedulable-taint",
    "unschedulable-memory",
    "unschedulable-cpu",
    "unschedulable-extended-resource",
    "unschedulable-mixed",
    // On a node, but no container yet.
    "sandbox-network",
    "volume-missing-secret",
    "volume-missing-configmap",
    "volume-multi-attach",
    "volume-mount-timeout",
    "sandbox-error",
    "slow-image-pull",
    // The image: which of them it is, podstatus tells.
    "image-invalid-name",
    "image-never-pull",
    "image-arch-mismatch",
    "image-pull-rate-limited",
    "image-disk-full",
    "image-registry-tls",
    "image-not-found-or-unauthorized",
    "image-pull-unauthorized",
    "image-not-found",
    "image-registry-unreachable",
    "image-registry-error",
    "image-pull-failed",
    // Configured, created, started, or not. What the kernel killed comes first: it may not even have started.
    "oom-killed",
    "poststart-hook-failed",
    "missing-secret-key",
    "missing-configmap-key",
    "missing-secret",
    "missing-configmap",
    "run-as-nonroot-violation",
    "mount-subpath-error",
    "no-command",
    "exec-format-error",
    "command-not-executable",
    "missing-shared-library",
    "command-not-found",
    "create-container-error",
    // The process ended: who ended it.
    "container-status-unknown",
    "startup-probe-killed",
    "liveness-killed",
    "oom-killed-by-node",
    "grace-period-exceeded",
    "oom-killed-child-process",
    "sigkill-unattributed",
    "sigterm",
    "jvm-heap-oom",
    "segfault",
    "illegal-instruction",
    "abort-signal",
    "app-exits-zero",
    // The process ended by itself: what it said last. The first row that fits a line has it.
    "rbac-forbidden",
    "port-in-use",
    "too-many-open-files",
    "disk-full",
    "read-only-filesystem",
    "dependency-dns",
    "dependency-tls",
    "dependency-auth",
    "missing-env",
    "dependency-refused",
    "dependency-timeout",
    "file-permission",
    "missing-file",
    "app-usage-error",
    "app-error",
    // It runs, but is not Ready.
    "readiness-gate",
    "startup-probe-pending",
    "readiness-failing",
    "init-container-stuck",
    // Controllers' own words.
    "progress-deadline-exceeded",
    "job-backoff-limit",
    "job-deadline-exceeded",
    // Beside any other.
    "hpa-at-max",
    "hpa-metrics-missing",
    "pdb-blocks-drain",
];

/// Every rule, the first to be asked first.
pub static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let all = || FAMILIES.iter().flat_map(|rules| rules.iter());
    PRECEDENCE.iter().filter_map(|code| all().find(|rule| rule.code == *code).copied()).collect()
});

/// The rule of that id.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

#[cfg(test)]
mod tests {
    use super::{FAMILIES, PRECEDENCE, RULES};
    use crate::diagnose::rule::RuleFamily;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_words_compile() {
        let mut known = BTreeSet::new();
        for rule in RULES.iter() {
            assert!(known.insert(rule.code), "{} twice", rule.code);
            assert!(rule.words.is_none_or(|words| !words.is_match("")), "{} fits everything", rule.code);
            assert!(!rule.title.is_empty() && !rule.title.ends_with('.'), "{}", rule.code);
            assert!(!rule.next.is_empty(), "{} says nothing to do next", rule.code);
        }
    }

    #[test]
    fn every_rule_has_its_place_in_the_order() {
        let rows: BTreeSet<&str> =
            FAMILIES.iter().flat_map(|rules| rules.iter()).map(|rule| rule.code).collect();
        assert_eq!(rows, PRECEDENCE.iter().copied().collect());
        assert_eq!(RULES.len(), PRECEDENCE.len());
    }

    #[test]
    fn every_rule_is_documented() {
        let page = include_str!("../../docs/diagnoses.md");
        let headings: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
        let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(headings, rules);
    }

    #[test]
    fn a_controllers_own_word_comes_last() {
        let first = RULES.iter().position(|rule| rule.family == RuleFamily::Controller);
        let rest = RULES.iter().skip(first.unwrap_or(0));
        assert!(rest.clone().all(|rule| matches!(rule.family, RuleFamily::Controller | RuleFamily::Apart)));
        let end = RULES.iter().take_while(|rule| rule.family == RuleFamily::End).count();
        assert!(RULES.iter().skip(end).all(|rule| rule.family != RuleFamily::End));
    }

    /// The vocabulary that reports have had from the first: more may come, none may go.
    #[test]
    fn the_first_vocabulary_is_whole() {
        const IDS: &str = "abort-signal admission-denied admission-webhook-unavailable app-error app-exits-zero \
            app-usage-error command-not-executable command-not-found container-status-unknown \
            create-container-error deadline-exceeded dependency-auth dependency-dns dependency-refused \
            dependency-timeout dependency-tls disk-full evicted-emptydir-limit evicted-ephemeral-storage \
            evicted-memory evicted-node-condition exec-format-error file-permission grace-period-exceeded \
            hpa-at-max hpa-metrics-missing illegal-instruction image-arch-mismatch image-disk-full \
            image-invalid-name image-never-pull image-not-found image-not-found-or-unauthorized \
            image-pull-rate-limited image-pull-unauthorized image-registry-tls image-registry-unreachable \
            init-container-stuck job-backoff-limit job-deadline-exceeded jvm-heap-oom kubelet-rejected \
            limitrange-violation liveness-killed missing-configmap missing-configmap-key missing-env \
            missing-file missing-secret missing-secret-key missing-shared-library mount-subpath-error \
            no-command node-drained node-not-ready node-shutdown node-taint-evicted oom-killed \
            oom-killed-by-node oom-killed-child-process pdb-blocks-drain podsecurity-violation port-in-use \
            poststart-hook-failed preempted priorityclass-missing progress-deadline-exceeded quota-exceeded \
            quota-requires-resources rbac-forbidden read-only-filesystem readiness-failing readiness-gate \
            run-as-nonroot-violation sandbox-network scheduling-gated segfault serviceaccount-missing \
            sigkill-unattributed sigterm slow-image-pull startup-probe-killed startup-probe-pending \
            stuck-terminating too-many-open-files unschedulable-cordoned unschedulable-cpu \
            unschedulable-extended-resource unschedulable-host-port unschedulable-memory unschedulable-mixed \
            unschedulable-node-affinity unschedulable-pod-anti-affinity unschedulable-pvc-missing \
            unschedulable-pvc-unbound unschedulable-taint unschedulable-too-many-pods \
            unschedulable-topology-spread unschedulable-volume-limit unschedulable-volume-zone \
            volume-missing-configmap volume-missing-secret volume-mount-timeout volume-multi-attach";
        let ids: Vec<&str> = IDS.split_whitespace().collect();
        assert_eq!(ids.len(), 104);
        for id in ids {
            assert!(super::rule(id).is_some(), "{id} is gone");
        }
    }
}
