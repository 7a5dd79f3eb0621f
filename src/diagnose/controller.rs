//! What controllers say of themselves: rollouts that time out, jobs that give up, autoscalers, budgets.

use crate::diagnose::examination::Examination;
use crate::diagnose::failed_container::condition_text;
use crate::diagnose::fill::Placeholders;
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::need::Needs;
use crate::diagnose::rule::{Check, Rule, RuleFamily};
use crate::pattern::regex;
use crate::workload::{Condition, Workload, condition};

pub static RULES: &[Rule] = &[
    Rule {
        code: "progress-deadline-exceeded",
        title: "The rollout does not get on",
        summary: "the rollout of {workload} made no progress in its time",
        family: RuleFamily::Controller,
        needs: Needs::EVENTS,
        words: Some(regex!("^(ProgressDeadlineExceeded|RolloutAborted)$")),
        next: &["rollout status {workload}", "describe {workload}"],
        check: Check::Alone(progress),
    },
    Rule {
        code: "job-backoff-limit",
        title: "The job failed too often",
        summary: "{workload} failed as often as it may and gave up",
        family: RuleFamily::Controller,
        needs: Needs::EVENTS,
        words: Some(regex!("^(BackoffLimitExceeded|FailedIndexes|MaxFailedIndexesExceeded)$")),
        next: &["describe {workload}", "logs {workload} --all-containers --tail=50"],
        check: Check::Alone(job),
    },
    Rule {
        code: "job-deadline-exceeded",
        title: "The job ran out of time",
        summary: "{workload} ran longer than it may and was ended",
        family: RuleFamily::Controller,
        needs: Needs::EVENTS,
        words: Some(regex!("^DeadlineExceeded$")),
        next: &["describe {workload}", "logs {workload} --all-containers --tail=50"],
        check: Check::Alone(job),
    },
    Rule {
        code: "hpa-at-max",
        title: "The autoscaler is at its maximum",
        summary: "autoscaler {what} wants more than its maximum of {max} replicas",
        family: RuleFamily::Apart,
        needs: Needs::NOTHING,
        words: Some(regex!("^TooManyReplicas$")),
        next: &["describe hpa {what}"],
        check: Check::Alone(at_max),
    },
    Rule {
        code: "hpa-metrics-missing",
        title: "The autoscaler gets no metrics",
        summary: "autoscaler {what} gets no metrics and does not scale",
        family: RuleFamily::Apart,
        needs: Needs::NOTHING,
        words: Some(regex!(r"^(FailedGet\w*Metric|FailedComputeMetricsReplicas|InvalidMetricSourceType)$")),
        next: &["describe hpa {what}", "~ get apiservices v1beta1.metrics.k8s.io"],
        check: Check::Alone(metrics_missing),
    },
    Rule {
        code: "pdb-blocks-drain",
        title: "A disruption budget lets no pod go",
        summary: "disruption budget[ {what}] lets no pod go[ ({healthy})]: a drain would wait",
        family: RuleFamily::Apart,
        needs: Needs::NOTHING,
        words: Some(regex!("cannot evict pod as it would violate the pod's disruption budget")),
        next: &["describe pdb {what}", "get poddisruptionbudgets"],
        check: Check::Alone(no_disruption),
    },
];

/// The rollout made no progress in its time. What holds it back is the pods' to say.
fn progress(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    by_condition(subject, rule, &["Deployment", "Rollout"], |workload| {
        let progressing = condition(workload.conditions(), "Progressing");
        progressing
            .filter(|progressing| progressing.is_false() || progressing.reason.contains("DeadlineExceeded"))
    })
}

/// The job gave up.
fn job(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    by_condition(subject, rule, &["Job"], |workload| {
        let failed =
            |kind| condition(workload.conditions(), kind).filter(|failed: &&Condition| failed.is_true());
        failed("Failed").or_else(|| failed("FailureTarget"))
    })
}

fn by_condition<'a>(
    subject: &Examination<'a>,
    rule: &Rule,
    kinds: &[&str],
    find: impl Fn(&'a Workload) -> Option<&'a Condition>,
) -> Vec<Finding> {
    let own = subject.workloads().filter(|workload| kinds.contains(&workload.kind));
    let told = own.filter_map(|workload| find(workload).map(|condition| (workload, condition)));
    let mut fitting = told.filter(|(_, condition)| rule.find(&condition.reason).is_some());
    let Some((workload, condition)) = fitting.next() else { return Vec::new() };
    if subject.pod.is_some_and(|pod| pod.is_ready() || pod.status.phase == "Succeeded") {
        return Vec::new();
    }
    let facts = Placeholders::default()
        .with("workload", format!("{}/{}", workload.kind.to_lowercase(), workload.meta.name));
    let finding = rule.finding(Confidence::High, &facts).signed(&condition.reason);
    let since = condition.last_transition_time.or(condition.last_update_time);
    vec![finding.because(EvidenceSource::Condition, &condition_text(condition)).since(since)]
}

/// The autoscaler wants more than it may have.
fn at_max(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let Some(autoscaler) = subject.autoscaler else { return Vec::new() };
    let conditions = autoscaler.conditions();
    let limited = condition(&conditions, "ScalingLimited");
    let told = limited.filter(|limited| limited.is_true() && rule.find(&limited.reason).is_some());
    let (now, max) = (autoscaler.status.current_replicas, autoscaler.spec.max_replicas);
    let Some(told) = told else { return Vec::new() };
    let facts = Placeholders::default().with("what", &autoscaler.meta.name).with("max", max.to_string());
    let facts = facts.with("target", &autoscaler.spec.scale_target_ref.name);
    let finding = rule.finding(Confidence::High, &facts).signed(&autoscaler.meta.name);
    let finding =
        finding.because(EvidenceSource::Condition, &condition_text(told)).since(told.last_transition_time);
    vec![finding.because(
        EvidenceSource::Object,
        &format!("{now} of at most {max} replicas, wants {}", autoscaler.status.desired_replicas),
    )]
}

/// The autoscaler cannot see what it scales by.
fn metrics_missing(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let Some(autoscaler) = subject.autoscaler else { return Vec::new() };
    let conditions = autoscaler.conditions();
    let told = conditions.iter().find(|told| told.is_false() && rule.find(&told.reason).is_some());
    let events: Vec<_> =
        subject.events.iter().filter(|event| event.about.kind == "HorizontalPodAutoscaler").collect();
    // A condition that is true says that it gets them by now.
    let active = condition(&conditions, "ScalingActive").is_some_and(Condition::is_true);
    let event = events.iter().find(|event| !active && rule.find(&event.reason).is_some());
    let (source, text, since) = match (told, event) {
        (Some(told), _) => (EvidenceSource::Condition, condition_text(told), told.last_transition_time),
        (None, Some(event)) => {
            (EvidenceSource::Event, format!("{}: {}", event.reason, event.message), event.first_seen)
        }
        (None, None) => return Vec::new(),
    };
    let facts = Placeholders::default()
        .with("what", &autoscaler.meta.name)
        .with("target", &autoscaler.spec.scale_target_ref.name)
        .with("metrics", metrics_api(&text));
    let finding = rule.finding(Confidence::High, &facts).signed_like(&text, &autoscaler.meta.name);
    vec![finding.because(source, &text).since(since)]
}

/// The API that does not answer an autoscaler; empty where it answers, and has nothing on these pods.
fn metrics_api(text: &str) -> &'static str {
    let apis = [
        (
            regex!(r"unable to fetch metrics from external|\(get \S*external\.metrics\.k8s\.io"),
            "external.metrics.k8s.io",
        ),
        (
            regex!(r"unable to fetch metrics from custom|\(get \S*custom\.metrics\.k8s\.io"),
            "custom.metrics.k8s.io",
        ),
        (regex!(r"unable to fetch metrics from resource|\(get pods\.metrics\.k8s\.io"), "metrics.k8s.io"),
    ];
    apis.into_iter().find(|(words, _)| words.is_match(text)).map_or("", |(_, api)| api)
}

/// No pod may go, so no node can be drained.
fn no_disruption(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let refused = subject.events.iter().find(|event| rule.find(&event.message).is_some());
    let blocked = subject.budget.filter(|budget| {
        let denied =
            condition(&budget.status.conditions, "DisruptionAllowed").is_some_and(Condition::is_false);
        let guards = budget.status.expected_pods > 0 || budget.status.desired_healthy > 0;
        let none = budget.status.disruptions_allowed == Some(0);
        let failed = condition(&budget.status.conditions, "DisruptionAllowed")
            .is_some_and(|told| regex!("SyncFailed").is_match(&told.reason));
        guards && (none || (denied && budget.status.disruptions_allowed.unwrap_or(0) == 0)) && !failed
    });
    if refused.is_none() && blocked.is_none() {
        return Vec::new();
    }
    let mut facts = Placeholders::default();
    if let Some(budget) = blocked.or(subject.budget) {
        facts.set("what", &budget.meta.name);
        facts.set(
            "healthy",
            &format!(
                "{} of {} pods healthy, {} needed",
                budget.status.current_healthy, budget.status.expected_pods, budget.status.desired_healthy
            ),
        );
    }
    let mut finding = rule.finding(Confidence::High, &facts).signed(facts.get("what").unwrap_or_default());
    if let Some(event) = refused {
        finding = finding.because(EvidenceSource::Event, &event.message).since(event.first_seen);
    }
    if let Some(budget) = blocked {
        let status = &budget.status;
        finding = finding.because(
            EvidenceSource::Object,
            &format!(
                "{}: disruptionsAllowed 0, healthy {}, needed {}, expected {}",
                budget.meta.name, status.current_healthy, status.desired_healthy, status.expected_pods
            ),
        );
        if let Some(told) = condition(&status.conditions, "DisruptionAllowed") {
            finding = finding
                .because(EvidenceSource::Condition, &condition_text(told))
                .since(told.last_transition_time);
        }
    }
    vec![finding]
}
