//! The verdict on a DaemonSet, which has no failure state of its own (facts/health.md 1.8).

use crate::health::deployment::stage;
use crate::health::replicas::{self, Counts, Crew};
use crate::health::{Health, Thresholds, Verdict, common};
use crate::text::count;
use crate::workload::{DaemonSetSpec, DaemonSetStatus, Meta};
use jiff::Timestamp;

pub fn counts(spec: &DaemonSetSpec, status: &DaemonSetStatus) -> Counts {
    let available = match spec.min_ready_seconds {
        0 => status.number_available.max(status.number_ready),
        _ => status.number_available,
    };
    Counts {
        desired: status.desired_number_scheduled.unwrap_or(0),
        updated: status.updated_number_scheduled,
        ready: status.number_ready,
        available,
    }
}

/// What the DaemonSet's own status says, with its pods where the rule asks for them.
pub fn verdict(
    (meta, spec, status): (&Meta, &DaemonSetSpec, &DaemonSetStatus),
    crew: &Crew,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    let counts = counts(spec, status);
    if let Some(verdict) = common(meta, &status.observed_generation, &status.conditions, now, thresholds) {
        return verdict;
    }
    if status.desired_number_scheduled.is_none() {
        return Verdict::new(Health::Progressing, "spec-not-observed", "the controller has not reported yet");
    }
    let verdict = state(counts, spec, crew);
    match usize::try_from(status.number_misscheduled) {
        Ok(pods) if pods > 0 => verdict.note(format!("{} where none should run", count(pods, "pod"))),
        _ => verdict,
    }
}

fn state(counts: Counts, spec: &DaemonSetSpec, crew: &Crew) -> Verdict {
    let behind = counts.updated < counts.desired;
    if counts.desired == 0 {
        return Verdict::healthy().note("no matching node");
    }
    if counts.available <= 0 {
        return none_available(counts, spec, crew);
    }
    if behind && spec.update_strategy.kind != "OnDelete" {
        let message = format!("rollout: {}", stage(counts, counts.updated));
        let since = replicas::first_of_newest(crew);
        return Verdict::new(Health::Progressing, "rollout", message).since(since);
    }
    if counts.short() {
        return replicas::short_of(counts, spec.min_ready_seconds, crew);
    }
    let verdict = Verdict::healthy();
    match behind {
        true => {
            verdict.note(format!("update-pending ({} of {} on new revision)", counts.updated, counts.desired))
        }
        false => verdict,
    }
}

/// Broken, unless all its pods are new and have their time still: a first deploy.
fn none_available(counts: Counts, spec: &DaemonSetSpec, crew: &Crew) -> Verdict {
    let pods = i64::try_from(crew.members.len()).unwrap_or(i64::MAX);
    let fresh = crew.members.iter().all(|member| {
        let moving = member.judged.verdict.health == Health::Progressing;
        moving && member.pod.meta.deleted.is_none() && !was_ready(member.pod)
    });
    let verdict = replicas::short_of(counts, spec.min_ready_seconds, crew);
    if crew.known && pods >= counts.desired && fresh {
        let since = verdict.since;
        return Verdict::new(Health::Progressing, "rollout", verdict.message).since(since);
    }
    verdict
}

/// A pod that lost its readiness changed that condition well after it was made.
fn was_ready(pod: &crate::workload::Pod) -> bool {
    let ready = pod.condition("Ready");
    let changed = ready.and_then(|condition| condition.last_transition_time);
    let initialized = pod.condition("Initialized").and_then(|condition| condition.last_transition_time);
    let made = initialized.or(pod.status.start_time).or(pod.meta.created);
    let later = matches!((changed, made), (Some(changed), Some(made)) if changed > made);
    pod.is_ready() || (later && ready.is_some_and(|condition| condition.is_false()))
}
