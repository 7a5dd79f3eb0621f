//! What controllers say of themselves: rollouts that time out, jobs that give up, autoscalers, budgets.

use crate::diagnose::fill::Facts;
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::ready::say;
use crate::diagnose::rule::Rule;
use crate::diagnose::subject::Subject;
use crate::pattern::regex;
use crate::workload::{Condition, Workload, condition};

/// The rollout made no progress in its time. What holds it back is the pods' to say.
pub fn progress(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    by_condition(subject, rule, &["Deployment", "Rollout"], |workload| {
        let progressing = condition(workload.conditions(), "Progressing");
        progressing
            .filter(|progressing| progressing.is_false() || progressing.reason.contains("DeadlineExceeded"))
    })
}

/// The job gave up.
pub fn job(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    by_condition(subject, rule, &["Job"], |workload| {
        let failed =
            |kind| condition(workload.conditions(), kind).filter(|failed: &&Condition| failed.is_true());
        failed("Failed").or_else(|| failed("FailureTarget"))
    })
}

fn by_condition<'a>(
    subject: &Subject<'a>,
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
    let facts =
        Facts::default().with("workload", format!("{}/{}", workload.kind.to_lowercase(), workload.meta.name));
    let finding = rule.finding(Confidence::High, &facts).exactly(&condition.reason);
    let since = condition.last_transition_time.or(condition.last_update_time);
    vec![finding.because(Source::Condition, &say(condition)).since(since)]
}

/// The autoscaler wants more than it may have.
pub fn at_max(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(autoscaler) = subject.autoscaler else { return Vec::new() };
    let conditions = autoscaler.conditions();
    let limited = condition(&conditions, "ScalingLimited");
    let told = limited.filter(|limited| limited.is_true() && rule.find(&limited.reason).is_some());
    let (now, max) = (autoscaler.status.current_replicas, autoscaler.spec.max_replicas);
    let Some(told) = told else { return Vec::new() };
    let facts = Facts::default().with("what", &autoscaler.meta.name).with("max", max.to_string());
    let facts = facts.with("target", &autoscaler.spec.scale_target_ref.name);
    let finding = rule.finding(Confidence::High, &facts).exactly(&autoscaler.meta.name);
    let finding = finding.because(Source::Condition, &say(told)).since(told.last_transition_time);
    vec![finding.because(
        Source::Object,
        &format!("{now} of at most {max} replicas, wants {}", autoscaler.status.desired_replicas),
    )]
}

/// The autoscaler cannot see what it scales by.
pub fn metrics_missing(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(autoscaler) = subject.autoscaler else { return Vec::new() };
    let conditions = autoscaler.conditions();
    let told = conditions.iter().find(|told| told.is_false() && rule.find(&told.reason).is_some());
    let events: Vec<_> =
        subject.events.iter().filter(|event| event.about.kind == "HorizontalPodAutoscaler").collect();
    // A condition that is true says that it gets them by now.
    let active = condition(&conditions, "ScalingActive").is_some_and(Condition::is_true);
    let event = events.iter().find(|event| !active && rule.find(&event.reason).is_some());
    let (source, text, since) = match (told, event) {
        (Some(told), _) => (Source::Condition, say(told), told.last_transition_time),
        (None, Some(event)) => {
            (Source::Event, format!("{}: {}", event.reason, event.message), event.first_seen)
        }
        (None, None) => return Vec::new(),
    };
    let facts = Facts::default()
        .with("what", &autoscaler.meta.name)
        .with("target", &autoscaler.spec.scale_target_ref.name);
    let finding = rule.finding(Confidence::High, &facts).like(&text, &autoscaler.meta.name);
    vec![finding.because(source, &text).since(since)]
}

/// No pod may go, so no node can be drained.
pub fn no_disruption(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let refused = subject.events.iter().find(|event| rule.find(&event.message).is_some());
    let blocked = subject.budget.filter(|budget| {
        let denied =
            condition(&budget.status.conditions, "DisruptionAllowed").is_some_and(Condition::is_false);
        let guards = budget.status.expected_pods > 0 || budget.status.desired_healthy > 0;
        let none = budget.status.disruptions_allowed == Some(0);
        let failed = condition(&budget.status.conditions, "DisruptionAllowed")
            .is_some_and(|told| regex("SyncFailed").is_match(&told.reason));
        guards && (none || (denied && budget.status.disruptions_allowed.unwrap_or(0) == 0)) && !failed
    });
    if refused.is_none() && blocked.is_none() {
        return Vec::new();
    }
    let mut facts = Facts::default();
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
    let mut finding = rule.finding(Confidence::High, &facts).exactly(facts.get("what").unwrap_or_default());
    if let Some(event) = refused {
        finding = finding.because(Source::Event, &event.message).since(event.first_seen);
    }
    if let Some(budget) = blocked {
        let status = &budget.status;
        finding = finding.because(
            Source::Object,
            &format!(
                "{}: disruptionsAllowed 0, healthy {}, needed {}, expected {}",
                budget.meta.name, status.current_healthy, status.desired_healthy, status.expected_pods
            ),
        );
        if let Some(told) = condition(&status.conditions, "DisruptionAllowed") {
            finding = finding.because(Source::Condition, &say(told)).since(told.last_transition_time);
        }
    }
    vec![finding]
}
