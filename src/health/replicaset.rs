//! The verdict on a ReplicaSet that stands alone (docs/health.md section 6).

use crate::health::deployment::replica_failure;
use crate::health::replicas::{self, Counts, PodSet};
use crate::health::{Health, OwnReason, Verdict, common};
use crate::podstatus::Thresholds;
use crate::workload::{Meta, ReplicaSetSpec, ReplicaSetStatus};
use jiff::Timestamp;

pub fn counts(spec: &ReplicaSetSpec, status: &ReplicaSetStatus) -> Counts {
    Counts {
        desired: spec.replicas.unwrap_or(1),
        updated: status.replicas,
        ready: status.ready_replicas,
        available: status.available_replicas,
    }
}

/// What the ReplicaSet's own status says; its pods are joined to it elsewhere.
pub fn verdict(
    (meta, spec, status): (&Meta, &ReplicaSetSpec, &ReplicaSetStatus),
    pod_set: &PodSet,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    let counts = counts(spec, status);
    if let Some(verdict) = common(meta, &status.observed_generation, &status.conditions, now, thresholds) {
        return verdict;
    }
    if let Some(verdict) = replica_failure(&status.conditions) {
        return verdict;
    }
    if counts.desired == 0 {
        return replicas::scaled_to_zero(pod_set);
    }
    if let Some(verdict) =
        replicas::not_created(counts, (meta.created, 0), pod_set, now, thresholds).filter(|_| counts.short())
    {
        return verdict;
    }
    if counts.short() {
        return Verdict::new(Health::Progressing, OwnReason::ReplicasUnavailable, counts.availability());
    }
    Verdict::healthy()
}
