//! The rules: a cause is a row, and the order of the rows is their precedence.

mod creating;
mod creation;
mod ends;
mod exit;
mod log;
mod ready;
mod start;

use crate::diagnose::rule::Rule;

/// The rows by subject, in order of precedence.
const PARTS: &[&[Rule]] =
    &[ends::ROWS, creation::ROWS, creating::ROWS, start::ROWS, exit::ROWS, log::ROWS, ready::ROWS];

/// Every cause, the first to be asked first.
pub static RULES: &[Rule] = &TABLE;

static TABLE: [Rule; COUNT] = joined();

const COUNT: usize = {
    let (mut count, mut part) = (0, 0);
    while part < PARTS.len() {
        count += PARTS[part].len();
        part += 1;
    }
    count
};

const fn joined() -> [Rule; COUNT] {
    let mut table = [PARTS[0][0]; COUNT];
    let (mut at, mut part) = (0, 0);
    while part < PARTS.len() {
        let mut row = 0;
        while row < PARTS[part].len() {
            table[at] = PARTS[part][row];
            at += 1;
            row += 1;
        }
        part += 1;
    }
    table
}

/// The rule of that id.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

#[cfg(test)]
mod tests {
    use super::RULES;
    use crate::diagnose::rule::Family;
    use crate::pattern::regex;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_words_compile() {
        let mut known = BTreeSet::new();
        for rule in RULES {
            assert!(known.insert(rule.code), "{} twice", rule.code);
            if !rule.words.is_empty() {
                assert!(!regex(rule.words).is_match(""), "{} fits everything", rule.code);
            }
            assert!(!rule.title.is_empty() && !rule.title.ends_with('.'), "{}", rule.code);
            assert!(!rule.next.is_empty(), "{} says nothing to do next", rule.code);
        }
    }

    #[test]
    fn every_rule_is_documented() {
        let page = include_str!("../../../docs/diagnoses.md");
        let headings: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
        let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(headings, rules);
    }

    #[test]
    fn a_controllers_own_word_comes_last() {
        let first = RULES.iter().position(|rule| rule.family == Family::Controller);
        let rest = RULES.iter().skip(first.unwrap_or(0));
        assert!(rest.clone().all(|rule| matches!(rule.family, Family::Controller | Family::Apart)));
        let end = RULES.iter().take_while(|rule| rule.family == Family::End).count();
        assert!(RULES.iter().skip(end).all(|rule| rule.family != Family::End));
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
