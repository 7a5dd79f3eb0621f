//! The verdict on a Deployment (facts/health.md 1.5).

use crate::health::replicas::{self, Counts, Crew};
use crate::health::why::sentence;
use crate::health::{Health, Thresholds, Verdict, common};
use crate::workload::{Condition, DeploymentSpec, DeploymentStatus, Meta, condition};
use jiff::Timestamp;

pub fn counts(spec: &DeploymentSpec, status: &DeploymentStatus) -> Counts {
    Counts {
        desired: spec.replicas.unwrap_or(1),
        updated: status.updated_replicas,
        ready: status.ready_replicas,
        available: status.available_replicas,
    }
}

/// What the Deployment's own status says, with its pods where the rule asks for them.
pub fn verdict(
    (meta, spec, status): (&Meta, &DeploymentSpec, &DeploymentStatus),
    crew: &Crew,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    let counts = counts(spec, status);
    if let Some(verdict) = common(meta, &status.observed_generation, &status.conditions, now, thresholds) {
        return verdict;
    }
    let progressing = condition(&status.conditions, "Progressing");
    if let Some(condition) = progressing.filter(|condition| condition.reason == "ProgressDeadlineExceeded") {
        let message = format!("rollout: no progress, {} (ProgressDeadlineExceeded)", updated(counts));
        let verdict = Verdict::new(Health::Degraded, "ProgressDeadlineExceeded", message);
        return verdict.since(condition.last_transition_time);
    }
    if let Some(verdict) = replica_failure(&status.conditions) {
        return verdict;
    }
    if counts.desired == 0 {
        return replicas::scaled_to_zero();
    }
    if spec.paused {
        return paused(counts, &status.conditions);
    }
    let moving = progressing
        .is_some_and(|it| it.is_true() && !matches!(it.reason.as_str(), "" | "NewReplicaSetAvailable"));
    let rolls = counts.updated < counts.desired || status.replicas > counts.updated;
    if rolls || moving {
        let message = format!("rollout: {}", stage(counts, status.replicas));
        let since = progressing.and_then(|condition| condition.last_transition_time);
        let since = replicas::first_of_newest(crew).or(since);
        return Verdict::new(Health::Progressing, "rollout", message).since(since);
    }
    if counts.short() {
        let verdict = replicas::short_of(counts, spec.min_ready_seconds, crew);
        return since_unavailable(verdict, &status.conditions);
    }
    Verdict::healthy()
}

/// The controller cannot create pods: quota, admission, a missing service account.
pub fn replica_failure(conditions: &[Condition]) -> Option<Verdict> {
    let failure = condition(conditions, "ReplicaFailure").filter(|condition| condition.is_true())?;
    let reason = if failure.reason.is_empty() { "ReplicaFailure" } else { &failure.reason };
    let message = sentence(&failure.message);
    // `pods "web-1" is forbidden: exceeded quota: ...`: what follows is what matters.
    let cause = message.split_once(" is forbidden: ").map_or(message.as_str(), |(_, cause)| cause);
    let message = match cause {
        "" => format!("cannot create pods ({reason})"),
        cause => format!("cannot create pods: {cause} ({reason})"),
    };
    Some(Verdict::new(Health::Degraded, reason, message).since(failure.last_transition_time))
}

fn paused(counts: Counts, conditions: &[Condition]) -> Verdict {
    if !counts.short() {
        return Verdict::new(Health::Suspended, "paused", "rollout paused");
    }
    let message = format!("rollout paused, {}", counts.said());
    since_unavailable(Verdict::new(Health::Degraded, "paused-while-unavailable", message), conditions)
}

/// `Available=False` knows since when.
fn since_unavailable(verdict: Verdict, conditions: &[Condition]) -> Verdict {
    let available = condition(conditions, "Available").filter(|condition| condition.is_false());
    let since = available.and_then(|condition| condition.last_transition_time).or(verdict.since);
    verdict.since(since)
}

/// `9 of 24 updated`
pub fn updated(counts: Counts) -> String {
    format!("{} of {} updated", counts.updated.max(0), counts.desired)
}

/// What a rollout waits for.
pub fn stage(counts: Counts, replicas: i64) -> String {
    let old = replicas - counts.updated;
    if counts.updated < counts.desired {
        updated(counts)
    } else if counts.short() {
        format!("{}, {} available", updated(counts), counts.available.max(0))
    } else if old > 0 {
        format!("{} still to end", crate::text::count(usize::try_from(old).unwrap_or_default(), "old pod"))
    } else {
        updated(counts)
    }
}
