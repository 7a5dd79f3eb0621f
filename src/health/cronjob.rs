//! The verdict on a CronJob (docs/health.md section 10).

use crate::health::job;
use crate::health::schedule;
use crate::health::{Health, OwnReason, Verdict, common};
use crate::podstatus::Thresholds;
use crate::workload::{Body, CronJobSpec, CronJobStatus, JobStatus, Meta, Workload};
use jiff::Timestamp;

/// A Job of the CronJob with its verdict.
pub type JudgedJob<'a> = (&'a Workload, Verdict);

/// The verdict from its schedule and its Jobs, which are told by ownerReferences.
pub fn verdict(
    (meta, spec, status): (&Meta, &CronJobSpec, &CronJobStatus),
    runs: &[JudgedJob],
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    if let Some(verdict) = common(meta, "", &status.conditions, now, thresholds) {
        return verdict;
    }
    if spec.suspend {
        return Verdict::new(Health::Suspended, OwnReason::Suspended, "suspended");
    }
    let active = runs.iter().filter(|(run, _)| job_status(run).is_some_and(|status| !job::is_over(status)));
    if let Some((_, broken)) =
        active.clone().filter(|(_, verdict)| verdict.health == Health::Degraded).min_by_key(at)
    {
        return broken.clone();
    }
    let runs_now = active.count() > 0 || !status.active.is_empty();
    // The next run at work proves nothing: a job that always fails is nearly always active.
    if let Some(verdict) = last_over_failed(runs) {
        return verdict;
    }
    if let Some(verdict) = last_unsuccessful(spec, status, runs, runs_now) {
        return verdict;
    }
    if runs_now {
        return match skipped(meta, spec, status, now) {
            Some(note) => Verdict::healthy().note(note),
            None => Verdict::healthy(),
        };
    }
    missed(meta, spec, status, now).unwrap_or_else(|| {
        match (status.last_schedule_time, status.last_successful_time) {
            (Some(_), None) if runs.is_empty() => Verdict::healthy().note("no run has succeeded yet"),
            _ => Verdict::healthy(),
        }
    })
}

/// The last Job that is over decides, until one that is newer succeeds.
fn last_over_failed(runs: &[JudgedJob]) -> Option<Verdict> {
    let (_, verdict) = over(runs).max_by_key(at)?;
    (verdict.health == Health::Degraded)
        .then(|| Verdict { message: format!("last run failed: {}", verdict.message), ..verdict.clone() })
}

fn over<'a, 'b>(runs: &'b [JudgedJob<'a>]) -> impl Iterator<Item = &'b JudgedJob<'a>> {
    runs.iter().filter(|(run, _)| job_status(run).is_some_and(job::is_over))
}

/// Where the Job of the last run is not left, the times of the status decide. While a run is at work they tell of it
/// alone, unless Jobs that fail are not kept: then a time of the schedule between the last success and this run had
/// one that did not succeed.
fn last_unsuccessful(
    spec: &CronJobSpec,
    status: &CronJobStatus,
    runs: &[JudgedJob],
    runs_now: bool,
) -> Option<Verdict> {
    let (scheduled, succeeded) = (status.last_schedule_time?, status.last_successful_time?);
    let is_kept = over(runs).any(|run| at(&run) >= Some(scheduled));
    let failed_at = match runs_now {
        _ if succeeded >= scheduled || is_kept => None,
        false => Some(scheduled),
        true if spec.failed_jobs_history_limit == Some(0) => {
            schedule::next(&spec.schedule, &spec.time_zone, succeeded).filter(|due| *due < scheduled)
        }
        true => None,
    };
    failed_at.map(|at| {
        Verdict::new(Health::Degraded, OwnReason::LastRunFailed, "last run did not succeed").since(Some(at))
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
        Verdict::new(Health::Degraded, OwnReason::MissedSchedule, message).since(Some(due))
    })
}

/// Under `Forbid` a run that is still at work keeps the next ones from starting, and their times are not even noted.
fn skipped(meta: &Meta, spec: &CronJobSpec, status: &CronJobStatus, now: Timestamp) -> Option<String> {
    if spec.concurrency_policy != "Forbid" {
        return None;
    }
    let last = status.last_schedule_time.or(meta.created)?;
    let mut due = schedule::next(&spec.schedule, &spec.time_zone, last)?;
    let mut times = 0;
    while due < now && times < MOST_SKIPPED {
        times += 1;
        due = schedule::next(&spec.schedule, &spec.time_zone, due)?;
    }
    let more = if times == MOST_SKIPPED { " or more" } else { "" };
    (times > 0)
        .then(|| format!("{}{more} skipped, the last one still runs", crate::text::count(times, "run")))
}

/// Skipped runs that are counted.
const MOST_SKIPPED: usize = 100;

fn job_status(run: &Workload) -> Option<&JobStatus> {
    match &run.body {
        Body::Job { status, .. } => Some(status),
        _ => None,
    }
}

fn at((run, _): &&JudgedJob) -> Option<Timestamp> {
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
        let active = |before| [cron(json!({}), times.clone()), run("b", "", 60), run("a", before, 5400)];
        check(&active("Complete"), "Healthy", "", "");
        check(
            &active("Failed"),
            "Degraded",
            "BackoffLimitExceeded",
            "last run failed: 1 attempt failed (BackoffLimitExceeded)",
        );
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
        // The Job that failed is not kept, an older one that succeeded is.
        let gone = [cron(json!({}), times(1800, 5000)), run("a", "Complete", 5400)];
        check(&gone, "Degraded", "last-run-failed", "last run did not succeed");
        let active = |limit: i64| {
            let spec = json!({"failedJobsHistoryLimit": limit});
            [cron(spec, times(60, 3 * 3600)), run("b", "", 60), run("a", "Complete", 4 * 3600)]
        };
        check(&active(0), "Degraded", "last-run-failed", "last run did not succeed");
        check(&active(1), "Healthy", "", "");
        let missed = cron(json!({}), times(3 * 3600, 3 * 3600 - 60));
        check(std::slice::from_ref(&missed), "Degraded", "missed-schedule", "missed its schedule 0 * * * *");
        check(&[patch(missed, json!({"spec": {"suspend": true}}))], "Suspended", "suspended", "suspended");
    }
}
