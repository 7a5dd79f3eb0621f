//! The verdict on a StatefulSet, which has no failure state of its own (docs/health.md section 7).

use crate::health::deployment::updated;
use crate::health::replicas::{self, Counts, PodSet};
use crate::health::{Health, OwnReason, Verdict, common};
use crate::podstatus::Thresholds;
use crate::workload::{Meta, Pod, StatefulSetSpec, StatefulSetStatus};
use jiff::Timestamp;

pub fn counts(spec: &StatefulSetSpec, status: &StatefulSetStatus) -> Counts {
    // Servers before 1.22 do not count available pods, and without minReadySeconds ready is available.
    let available = match (status.available_replicas, spec.min_ready_seconds) {
        (Some(available), seconds) if seconds > 0 => available,
        (available, _) => available.unwrap_or(0).max(status.ready_replicas),
    };
    let updated = if is_updated(status) { status.replicas } else { status.updated_replicas };
    Counts { desired: spec.replicas.unwrap_or(1), updated, ready: status.ready_replicas, available }
}

/// What the StatefulSet's own status says, and what its pods prove that it does not say.
pub fn verdict(
    (meta, spec, status): (&Meta, &StatefulSetSpec, &StatefulSetStatus),
    pod_set: &PodSet,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    let counts = counts(spec, status);
    if let Some(verdict) = common(meta, &status.observed_generation, &status.conditions, now, thresholds) {
        return verdict;
    }
    if matches!(status.observed_generation.as_str(), "" | "0") {
        return Verdict::new(
            Health::Progressing,
            OwnReason::SpecNotObserved,
            "the controller has not reported yet",
        );
    }
    if counts.desired == 0 {
        return replicas::scaled_to_zero(pod_set);
    }
    let verdict = if counts.short() {
        short((meta, spec.min_ready_seconds), counts, status, pod_set, now, thresholds)
    } else {
        rollout(spec, status)
    };
    match forced_rollback(spec, status, pod_set) {
        Some(note) => verdict.note(note),
        None => verdict,
    }
}

fn short(
    (meta, min_ready_seconds): (&Meta, i64),
    counts: Counts,
    status: &StatefulSetStatus,
    pod_set: &PodSet,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    if let Some(verdict) =
        replicas::not_created(counts, (meta.created, min_ready_seconds), pod_set, now, thresholds)
    {
        return verdict;
    }
    let rolls = !is_updated(status);
    let message = if rolls {
        format!("rollout: {}, {}", updated(counts), counts.availability())
    } else {
        counts.availability()
    };
    let reason = if rolls { OwnReason::Rollout } else { OwnReason::ReplicasUnavailable };
    let since = if rolls { replicas::first_of_newest(pod_set) } else { None };
    Verdict::new(Health::Progressing, reason, message).since(since)
}

/// All are there: what the update strategy still has to do, or leaves to somebody.
fn rollout(spec: &StatefulSetSpec, status: &StatefulSetStatus) -> Verdict {
    let desired = spec.replicas.unwrap_or(1);
    let partition = spec.update_strategy.rolling_update.as_ref().and_then(|rolling| rolling.partition);
    let partition = partition.unwrap_or(0).clamp(0, desired.max(0));
    let due = desired - partition;
    let pending = || format!("update-pending ({} of {desired} on new revision)", status.updated_replicas);
    if spec.update_strategy.kind == "OnDelete" {
        let verdict = Verdict::healthy();
        let waits = !is_updated(status) && status.updated_replicas < desired;
        return if waits { verdict.note(pending()) } else { verdict };
    }
    if status.updated_replicas < due && !(is_updated(status) && partition == 0 && told_revisions(status)) {
        let message = format!("rollout: {} of {due} updated", status.updated_replicas);
        return Verdict::new(Health::Progressing, OwnReason::Rollout, message);
    }
    if partition > 0 {
        let verdict = Verdict::healthy();
        return if status.updated_replicas < desired && !is_updated(status) {
            verdict.note(pending())
        } else {
            verdict
        };
    }
    if !is_updated(status) {
        let message = format!("rollout: {} of {due} updated", status.updated_replicas);
        return Verdict::new(Health::Progressing, OwnReason::Rollout, message);
    }
    Verdict::healthy()
}

fn is_updated(status: &StatefulSetStatus) -> bool {
    status.current_revision == status.update_revision
}

fn told_revisions(status: &StatefulSetStatus) -> bool {
    !status.update_revision.is_empty()
}

/// An ordered rollout stops at the first pod that never gets ready, and stays there after the template is
/// repaired (kubernetes#67250): that pod must be deleted by hand.
fn forced_rollback(spec: &StatefulSetSpec, status: &StatefulSetStatus, pod_set: &PodSet) -> Option<String> {
    let unready = pod_set.members.iter().map(|member| member.pod).filter(|pod| !pod.is_ready());
    let lowest = unready.min_by_key(|pod| ordinal(pod)).filter(|pod| blocks_update((spec, status), pod))?;
    let name = crate::text::safe(&lowest.meta.name);
    let command = crate::text::shell_operand(&lowest.meta.name);
    let command = command.map(|name| format!(" (kubectl delete pod {name})")).unwrap_or_default();
    Some(format!("forced rollback: {name} blocks the update until it is deleted{command}"))
}

/// Whether an ordered rollout waits for this pod, which is of neither the newest revision nor a good one before it:
/// until it is deleted the controller goes on to wait, even after the template was mended (kubernetes#67250).
pub fn blocks_update((spec, status): (&StatefulSetSpec, &StatefulSetStatus), pod: &Pod) -> bool {
    let ordered = matches!(spec.pod_management_policy.as_str(), "" | "OrderedReady");
    let revision = pod.meta.labels.get("controller-revision-hash");
    let is_other = revision.is_some_and(|revision| {
        *revision != status.update_revision && (is_updated(status) || *revision != status.current_revision)
    });
    ordered
        && spec.update_strategy.kind != "OnDelete"
        && !pod.is_ready()
        && pod.meta.deleted.is_none()
        && told_revisions(status)
        && is_other
}

fn ordinal(pod: &Pod) -> u64 {
    pod.meta.name.rsplit('-').next().and_then(|ordinal| ordinal.parse().ok()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use crate::health::sample::{ago, check, fresh, looping, owned, patch, pod, verdict_of, with, workload};
    use serde_json::{Value, json};

    fn set(spec: Value, status: Value) -> Value {
        let status = patch(json!({"replicas": 3, "currentRevision": "a", "updateRevision": "b"}), status);
        workload("StatefulSet", "db", patch(json!({"replicas": 3}), spec), status)
    }

    fn of(pod: Value, revision: &str) -> Value {
        let labels = json!({"metadata": {"labels": {"controller-revision-hash": revision}}});
        owned(patch(pod, labels), "StatefulSet", "db")
    }

    #[test]
    fn readiness_comes_before_the_strategy() {
        let delete = json!({"updateStrategy": {"type": "OnDelete"}});
        let ready = |ready: i64, updated: i64| json!({"readyReplicas": ready, "updatedReplicas": updated});
        check(&[set(delete.clone(), ready(3, 1))], "Healthy", "", "");
        with(&[set(delete.clone(), ready(3, 1))], |one| {
            assert_eq!(one.verdict.notes, ["update-pending (1 of 3 on new revision)"]);
        });
        assert_eq!(verdict_of(&[of(fresh("db-0"), "b"), set(delete, ready(0, 1))])[0], "Progressing");
        check(&[set(json!({}), ready(3, 1))], "Progressing", "rollout", "rollout: 1 of 3 updated");
        let partition =
            json!({"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}});
        check(&[set(partition.clone(), ready(3, 0))], "Progressing", "rollout", "rollout: 0 of 1 updated");
        check(&[set(partition, ready(3, 1))], "Healthy", "", "");
        check(&[set(json!({"replicas": 0}), json!({}))], "Suspended", "scaled-to-zero", "scaled to zero");
    }

    #[test]
    fn pods_give_it_the_failure_state_that_it_lacks() {
        let short = set(json!({}), json!({"readyReplicas": 2, "updatedReplicas": 1}));
        let pods = [of(pod("db-0"), "a"), of(pod("db-1"), "a"), of(looping("db-2", 5), "b")];
        let all = [short.clone(), pods[0].clone(), pods[1].clone(), pods[2].clone()];
        check(
            &all,
            "Degraded",
            "CrashLoopBackOff",
            "app exits 1, 5 restarts in 1 pod, in back-off (CrashLoopBackOff)",
        );
        let none = set(json!({}), json!({"replicas": 0}));
        check(&[none], "Degraded", "pods-not-created", "0 of 3 available, no pod was created");
    }

    #[test]
    fn pods_that_are_not_created_are_missed_only_where_none_is_on_its_way() {
        let one = set(json!({}), json!({"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1}));
        let check_with = |pods: &[Value], health: &str| {
            let all: Vec<Value> = std::iter::once(one.clone()).chain(pods.iter().cloned()).collect();
            assert_eq!(verdict_of(&all)[0], health, "{:?}", verdict_of(&all));
        };
        check(
            &[one.clone(), of(pod("db-0"), "b")],
            "Degraded",
            "pods-not-created",
            "1 of 3 available, 2 pods were not created",
        );
        check_with(&[of(pod("db-0"), "b"), of(fresh("db-1"), "b")], "Progressing");
        let just_ready = json!({"status": {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": ago(20)}]}});
        check_with(&[of(patch(pod("db-0"), just_ready), "b")], "Progressing");
        let leaving = json!({"metadata": {"deletionTimestamp": ago(5)}});
        check_with(&[of(pod("db-0"), "b"), of(patch(pod("db-1"), leaving), "b")], "Progressing");
    }

    #[test]
    fn a_forced_rollback_is_noted() {
        let short = set(json!({}), json!({"readyReplicas": 2}));
        let broken = [short.clone(), of(pod("db-0"), "a"), of(looping("db-2", 5), "broken")];
        let notes = with(&broken, |one| one.verdict.notes.join("; "));
        assert!(notes.contains("db-2 blocks the update until it is deleted"), "{notes}");
        let rolling = [short, of(pod("db-0"), "a"), of(looping("db-2", 5), "b")];
        assert!(!with(&rolling, |one| one.verdict.notes.join("; ")).contains("blocks"));
    }
}
