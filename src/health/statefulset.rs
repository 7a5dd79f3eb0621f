//! The verdict on a StatefulSet, which has no failure state of its own (facts/health.md 1.7).

use crate::health::deployment::updated;
use crate::health::replicas::{self, Counts, Crew};
use crate::health::{Health, Thresholds, Verdict, common};
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
    crew: &Crew,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    let counts = counts(spec, status);
    if let Some(verdict) = common(meta, &status.observed_generation, &status.conditions, now, thresholds) {
        return verdict;
    }
    if matches!(status.observed_generation.as_str(), "" | "0") {
        return Verdict::new(Health::Progressing, "spec-not-observed", "the controller has not reported yet");
    }
    if counts.desired == 0 {
        return replicas::scaled_to_zero();
    }
    let verdict = if counts.short() {
        short(meta, counts, status, crew, now, thresholds)
    } else {
        rollout(spec, status)
    };
    match forced_rollback(spec, status, crew) {
        Some(note) => verdict.note(note),
        None => verdict,
    }
}

fn short(
    meta: &Meta,
    counts: Counts,
    status: &StatefulSetStatus,
    crew: &Crew,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    let old = meta.created.is_some_and(|created| now.duration_since(created) > thresholds.creating);
    if crew.known && crew.members.is_empty() && status.replicas == 0 && old {
        let message = format!("{}, no pod was created", counts.said());
        return Verdict::new(Health::Degraded, "pods-not-created", message);
    }
    let rolls = !is_updated(status);
    let message =
        if rolls { format!("rollout: {}, {}", updated(counts), counts.said()) } else { counts.said() };
    let reason = if rolls { "rollout" } else { "replicas-unavailable" };
    let since = if rolls { replicas::first_of_newest(crew) } else { None };
    Verdict::new(Health::Progressing, reason, message).since(since)
}

/// All are there: what the update strategy still has to do, or leaves to somebody.
fn rollout(spec: &StatefulSetSpec, status: &StatefulSetStatus) -> Verdict {
    let desired = spec.replicas.unwrap_or(1);
    let partition = spec.update_strategy.rolling_update.as_ref().and_then(|rolling| rolling.partition);
    let partition = partition.unwrap_or(0).clamp(0, desired);
    let due = desired - partition;
    let pending = || format!("update-pending ({} of {desired} on new revision)", status.updated_replicas);
    if spec.update_strategy.kind == "OnDelete" {
        let verdict = Verdict::healthy();
        let waits = !is_updated(status) && status.updated_replicas < desired;
        return if waits { verdict.note(pending()) } else { verdict };
    }
    if status.updated_replicas < due && !(is_updated(status) && partition == 0 && told_revisions(status)) {
        let message = format!("rollout: {} of {due} updated", status.updated_replicas);
        return Verdict::new(Health::Progressing, "rollout", message);
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
        return Verdict::new(Health::Progressing, "rollout", message);
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
fn forced_rollback(spec: &StatefulSetSpec, status: &StatefulSetStatus, crew: &Crew) -> Option<String> {
    let ordered = matches!(spec.pod_management_policy.as_str(), "" | "OrderedReady");
    if !ordered || spec.update_strategy.kind == "OnDelete" || is_updated(status) {
        return None;
    }
    let unready = crew
        .members
        .iter()
        .map(|member| member.pod)
        .filter(|pod| !pod.is_ready() && pod.meta.deleted.is_none());
    let lowest = unready.min_by_key(|pod| ordinal(pod))?;
    let revision = lowest.meta.labels.get("controller-revision-hash")?;
    let stuck = *revision != status.update_revision && *revision != status.current_revision;
    let name = crate::text::safe(&lowest.meta.name);
    stuck.then(|| {
        format!("forced rollback: {name} blocks the update until it is deleted (kubectl delete pod {name})")
    })
}

fn ordinal(pod: &Pod) -> u64 {
    pod.meta.name.rsplit('-').next().and_then(|ordinal| ordinal.parse().ok()).unwrap_or(u64::MAX)
}
