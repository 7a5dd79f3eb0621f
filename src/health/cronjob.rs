//! The verdict on a CronJob (facts/health.md 1.10).

use crate::health::job;
use crate::health::schedule;
use crate::health::{Health, Thresholds, Verdict, common};
use crate::workload::{Body, CronJobSpec, CronJobStatus, JobStatus, Meta, Workload};
use jiff::Timestamp;

/// A Job of the CronJob with its verdict.
pub type Run<'a> = (&'a Workload, Verdict);

/// The verdict from its schedule and its Jobs, which are told by ownerReferences.
pub fn verdict(
    (meta, spec, status): (&Meta, &CronJobSpec, &CronJobStatus),
    runs: &[Run],
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    if let Some(verdict) = common(meta, "", &status.conditions, now, thresholds) {
        return verdict;
    }
    if spec.suspend {
        return Verdict::new(Health::Suspended, "suspended", "suspended");
    }
    let active = runs.iter().filter(|(run, _)| job_status(run).is_some_and(|status| !job::is_over(status)));
    if let Some((_, broken)) =
        active.clone().filter(|(_, verdict)| verdict.health == Health::Degraded).min_by_key(at)
    {
        return broken.clone();
    }
    if active.count() > 0 || !status.active.is_empty() {
        return Verdict::healthy();
    }
    if let Some(verdict) = last_failed(status, runs) {
        return verdict;
    }
    missed(meta, spec, status, now).unwrap_or_else(|| {
        match (status.last_schedule_time, status.last_successful_time) {
            (Some(_), None) if runs.is_empty() => Verdict::healthy().note("no run has succeeded yet"),
            _ => Verdict::healthy(),
        }
    })
}

/// The last Job that is over decides; without any, the times of the status do.
fn last_failed(status: &CronJobStatus, runs: &[Run]) -> Option<Verdict> {
    let over = runs.iter().filter(|(run, _)| job_status(run).is_some_and(job::is_over));
    if let Some((_, verdict)) = over.max_by_key(at) {
        return (verdict.health == Health::Degraded).then(|| Verdict {
            message: format!("last run failed: {}", verdict.message),
            ..verdict.clone()
        });
    }
    let (scheduled, succeeded) = (status.last_schedule_time?, status.last_successful_time?);
    (succeeded < scheduled).then(|| {
        Verdict::new(Health::Degraded, "last-run-failed", "last run did not succeed").since(Some(scheduled))
    })
}

/// Two periods without a run.
fn missed(meta: &Meta, spec: &CronJobSpec, status: &CronJobStatus, now: Timestamp) -> Option<Verdict> {
    let last = status.last_schedule_time.or(meta.created)?;
    let due = schedule::next(&spec.schedule, &spec.time_zone, last)?;
    let second = schedule::next(&spec.schedule, &spec.time_zone, due)?;
    (now > second).then(|| {
        let message = format!("missed its schedule {}", crate::text::safe(&spec.schedule));
        Verdict::new(Health::Degraded, "missed-schedule", message).since(Some(due))
    })
}

fn job_status(run: &Workload) -> Option<&JobStatus> {
    match &run.body {
        Body::Job { status, .. } => Some(status),
        _ => None,
    }
}

fn at((run, _): &&Run) -> Option<Timestamp> {
    run.meta.created.or(job_status(run).and_then(|status| status.start_time))
}
