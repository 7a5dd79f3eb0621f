//! The verdict on a DaemonSet, which has no failure state of its own (docs/health.md section 8).

use crate::health::deployment::stage;
use crate::health::replicas::{self, Counts, PodSet};
use crate::health::{Health, OwnReason, Verdict, common};
use crate::podstatus::Thresholds;
use crate::text::count;
use crate::workload::{DaemonSetSpec, DaemonSetStatus, Meta};
use jiff::Timestamp;

pub fn counts(status: &DaemonSetStatus) -> Counts {
    Counts {
        desired: status.desired_number_scheduled.unwrap_or(0),
        updated: status.updated_number_scheduled,
        ready: status.number_ready,
        available: status.number_available,
    }
}

/// What the DaemonSet's own status says, with its pods where the rule asks for them.
pub fn verdict(
    (meta, spec, status): (&Meta, &DaemonSetSpec, &DaemonSetStatus),
    pod_set: &PodSet,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    let counts = counts(status);
    if let Some(verdict) = common(meta, &status.observed_generation, &status.conditions, now, thresholds) {
        return verdict;
    }
    if status.desired_number_scheduled.is_none() {
        return Verdict::new(
            Health::Progressing,
            OwnReason::SpecNotObserved,
            "the controller has not reported yet",
        );
    }
    let verdict =
        replicas::not_created(counts, (meta.created, spec.min_ready_seconds), pod_set, now, thresholds)
            .filter(|_| counts.short())
            .unwrap_or_else(|| state(counts, spec, pod_set));
    match usize::try_from(status.number_misscheduled) {
        Ok(pods) if pods > 0 => verdict.note(format!("{} where none should run", count(pods, "pod"))),
        _ => verdict,
    }
}

fn state(counts: Counts, spec: &DaemonSetSpec, pod_set: &PodSet) -> Verdict {
    let behind = counts.updated < counts.desired;
    if counts.desired == 0 {
        return Verdict::healthy().note("no matching node");
    }
    if counts.available <= 0 {
        return none_available(counts, spec, pod_set);
    }
    if behind && spec.update_strategy.kind != "OnDelete" {
        let message = format!("rollout: {}", stage(counts, counts.updated));
        let since = replicas::first_of_newest(pod_set);
        return Verdict::new(Health::Progressing, OwnReason::Rollout, message).since(since);
    }
    if counts.short() {
        return replicas::short_of(counts, spec.min_ready_seconds, pod_set);
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
fn none_available(counts: Counts, spec: &DaemonSetSpec, pod_set: &PodSet) -> Verdict {
    let pods = i64::try_from(pod_set.members.len()).unwrap_or(i64::MAX);
    let fresh = pod_set.members.iter().all(|member| {
        let moving = member.judged.verdict.health == Health::Progressing;
        moving && member.pod.meta.deleted.is_none() && !replicas::was_ready(member.pod)
    });
    let verdict = replicas::short_of(counts, spec.min_ready_seconds, pod_set);
    if pod_set.known && pods >= counts.desired && fresh {
        let since = verdict.since;
        return Verdict::new(Health::Progressing, OwnReason::Rollout, verdict.message).since(since);
    }
    verdict
}

#[cfg(test)]
mod tests {
    use crate::health::sample::{ago, check, fresh, looping, owned, patch, pod, with, workload};
    use serde_json::{Value, json};

    fn set(desired: i64, updated: i64, available: i64, spec: Value) -> Value {
        let status = json!({"desiredNumberScheduled": desired, "updatedNumberScheduled": updated,
            "numberReady": available, "numberAvailable": available, "numberMisscheduled": 1});
        workload("DaemonSet", "agent", spec, status)
    }

    fn of(pod: Value) -> Value {
        owned(pod, "DaemonSet", "agent")
    }

    #[test]
    fn nothing_available_is_broken_unless_it_is_new() {
        let delete = json!({"updateStrategy": {"type": "OnDelete"}});
        check(
            &[set(2, 0, 0, delete.clone())],
            "Degraded",
            "pods-not-created",
            "0 of 2 available, no pod was created",
        );
        let first = [set(2, 2, 0, json!({})), of(fresh("a")), of(fresh("b"))];
        check(&first, "Progressing", "rollout", "0 of 2 available, app being created (ContainerCreating)");
        let conditions = json!([{"type": "Ready", "status": "False", "lastTransitionTime": ago(5)}]);
        let lost = patch(
            pod("a"),
            json!({"status": {"conditions": conditions, "containerStatuses": [
            {"name": "app", "ready": false, "state": {"running": {"startedAt": ago(3000)}}}]}}),
        );
        check(
            &[set(1, 1, 0, json!({})), of(lost)],
            "Degraded",
            "replicas-unavailable",
            "0 of 1 available, app runs, not ready",
        );
        check(&[set(2, 1, 2, delete)], "Healthy", "", "");
    }

    #[test]
    fn it_rolls_and_breaks_as_a_deployment_does() {
        check(&[set(3, 1, 3, json!({}))], "Progressing", "rollout", "rollout: 1 of 3 updated");
        let all = [set(2, 2, 1, json!({})), of(pod("a")), of(looping("b", 3))];
        check(
            &all,
            "Degraded",
            "CrashLoopBackOff",
            "app exits 1, 3 restarts in 1 pod, in back-off (CrashLoopBackOff)",
        );
        check(&[set(0, 0, 0, json!({}))], "Healthy", "", "");
        with(&[set(0, 0, 0, json!({}))], |one| {
            assert_eq!(one.verdict.notes, ["no matching node", "1 pod where none should run"]);
        });
    }
}
