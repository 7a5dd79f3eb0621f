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
    // Neither clocks nor controllers are exact.
    let slack = jiff::SignedDuration::from_mins(1);
    (now.duration_since(second) > slack).then(|| {
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

#[cfg(test)]
mod tests {
    use crate::health::sample::{ago, check, looping, owned, patch, with, workload};
    use serde_json::{Value, json};

    fn cron(spec: Value, status: Value) -> Value {
        workload("CronJob", "nightly", patch(json!({"schedule": "0 * * * *"}), spec), status)
    }

    fn run(name: &str, kind: &str, seconds: i64) -> Value {
        let conditions = json!([{"type": kind, "status": "True", "reason": "BackoffLimitExceeded"}]);
        let job = workload("Job", name, json!({}), json!({"failed": 1, "conditions": conditions}));
        owned(patch(job, json!({"metadata": {"creationTimestamp": ago(seconds)}})), "CronJob", "nightly")
    }

    #[test]
    fn the_last_run_decides() {
        let times = json!({"lastScheduleTime": ago(1800)});
        let all = |last: &str, before: &str| {
            [cron(json!({}), times.clone()), run("b", last, 1800), run("a", before, 5400)]
        };
        check(&all("Complete", "Failed"), "Healthy", "", "");
        check(
            &all("Failed", "Complete"),
            "Degraded",
            "BackoffLimitExceeded",
            "last run failed: 1 attempt failed (BackoffLimitExceeded)",
        );
        let active = [cron(json!({}), times.clone()), run("b", "", 60), run("a", "Failed", 5400)];
        check(&active, "Healthy", "", "");
        let broken = [cron(json!({}), times), run("b", "", 60), owned(looping("p", 3), "Job", "b")];
        with(&broken, |one| {
            assert_eq!((one.verdict.reason.as_str(), one.pods.len()), ("CrashLoopBackOff", 1))
        });
    }

    #[test]
    fn times_decide_where_no_job_is_left() {
        let times = |scheduled: i64, succeeded: i64| json!({"lastScheduleTime": ago(scheduled), "lastSuccessfulTime": ago(succeeded)});
        check(&[cron(json!({}), times(1800, 1700))], "Healthy", "", "");
        check(
            &[cron(json!({}), times(1800, 5000))],
            "Degraded",
            "last-run-failed",
            "last run did not succeed",
        );
        let missed = cron(json!({}), times(3 * 3600, 3 * 3600 - 60));
        check(std::slice::from_ref(&missed), "Degraded", "missed-schedule", "missed its schedule 0 * * * *");
        check(&[patch(missed, json!({"spec": {"suspend": true}}))], "Suspended", "suspended", "suspended");
    }
}
