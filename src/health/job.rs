//! The verdict on a Job (docs/health.md section 9).

use crate::health::pod::has_failed;
use crate::health::replicas::{self, Counts, PodSet};
use crate::health::why::Why;
use crate::health::{Health, OwnReason, Verdict, common};
use crate::podstatus::Thresholds;
use crate::text::count;
use crate::text::sentence;
use crate::workload::{Condition, JobSpec, JobStatus, Meta, condition};
use jiff::Timestamp;

/// The verdict with its pods: those of a Job that is over have no say, nor do attempts that failed.
pub fn verdict(
    (meta, spec, status): (&Meta, &JobSpec, &JobStatus),
    pod_set: &PodSet,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    let says = |kind| condition(&status.conditions, kind).filter(|condition| condition.is_true());
    if says("Complete").is_some() {
        return Verdict::healthy();
    }
    if let Some(verdict) = common(meta, "", &status.conditions, now, thresholds) {
        return verdict;
    }
    if let Some(failed) = says("Failed").or_else(|| says("FailureTarget")) {
        return over(failed, spec, status, pod_set);
    }
    if spec.suspend && says("Suspended").is_some() {
        return Verdict::new(Health::Suspended, OwnReason::Suspended, "suspended");
    }
    let old = status.start_time.is_some_and(|start| now.duration_since(start) > thresholds.creating);
    if pod_set.known
        && pod_set.members.is_empty()
        && status.active == 0
        && status.failed == 0
        && status.succeeded == 0
        && old
    {
        let verdict = Verdict::new(Health::Degraded, OwnReason::PodsNotCreated, "no pod was created");
        return verdict.since(status.start_time);
    }
    running(spec, status, pod_set, now, thresholds)
}

/// Whether the Job has come to its end, well or not.
pub fn is_over(status: &JobStatus) -> bool {
    ["Complete", "Failed"]
        .iter()
        .any(|kind| condition(&status.conditions, kind).is_some_and(Condition::is_true))
}

fn running(
    spec: &JobSpec,
    status: &JobStatus,
    pod_set: &PodSet,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    let done = match spec.completions {
        Some(wanted) if wanted > 1 => format!("{} of {wanted} done", status.succeeded),
        _ if status.active > 0 => "runs".to_string(),
        _ => "waits for its pods".to_string(),
    };
    let message = match usize::try_from(status.failed) {
        Ok(failed) if failed > 0 => {
            let allowed = spec.backoff_limit.unwrap_or(6).saturating_add(1);
            format!("{done}, {} of {allowed}", count(failed, "failed attempt"))
        }
        _ => done,
    };
    let verdict = Verdict::new(Health::Progressing, "Running", message).since(status.start_time);
    // All are wanted, so that whatever is broken and not over has a say.
    let wanted = i64::try_from(pod_set.members.len()).unwrap_or(i64::MAX);
    let counts = Counts { desired: wanted, available: wanted, ..Counts::default() };
    replicas::join(verdict, pod_set, counts, now, thresholds)
}

fn over(failed: &Condition, spec: &JobSpec, status: &JobStatus, pod_set: &PodSet) -> Verdict {
    let reason = if failed.reason.is_empty() { "Failed" } else { &failed.reason };
    let attempts = usize::try_from(status.failed).unwrap_or_default();
    let last = pod_set
        .members
        .iter()
        .filter(|member| has_failed(member.pod))
        .max_by_key(|member| member.pod.meta.created);
    let what = match (reason, last) {
        ("DeadlineExceeded", _) => match spec.active_deadline_seconds {
            Some(seconds) => format!("ran longer than its deadline of {seconds}s"),
            None => "ran longer than its deadline".to_string(),
        },
        (_, Some(member)) if !member.judged.why.what.is_empty() => {
            let Why { subject, what, limit, .. } = &member.judged.why;
            let why = Why { limit: limit.clone(), ..Why::new(subject.clone(), what.clone(), "") };
            if attempts > 0 {
                format!("{}, {} failed", why.line(None), count(attempts, "attempt"))
            } else {
                why.line(None)
            }
        }
        ("BackoffLimitExceeded", None) if attempts > 0 => format!("{} failed", count(attempts, "attempt")),
        _ => match sentence(&failed.message) {
            message if message.is_empty() => "failed".to_string(),
            message => message,
        },
    };
    let message = if reason == "Failed" { what } else { format!("{what} ({reason})") };
    Verdict::new(Health::Degraded, reason, message).since(failed.last_transition_time)
}

#[cfg(test)]
mod tests {
    use crate::health::sample::{ago, check, looping, owned, patch, pod, verdict_of, workload};
    use serde_json::{Value, json};

    fn job(spec: Value, status: Value) -> Value {
        workload("Job", "migrate", spec, status)
    }

    fn says(kind: &str, status: &str, reason: &str) -> Value {
        json!({"failed": 2, "conditions": [{"type": kind, "status": status, "reason": reason, "message": "told."}]})
    }

    #[test]
    fn a_job_without_any_pod_is_missed_once_it_had_its_time() {
        let since = |seconds: i64| job(json!({}), json!({"startTime": ago(seconds)}));
        check(&[since(3600)], "Degraded", "pods-not-created", "no pod was created");
        assert_eq!(verdict_of(&[since(20)])[0], "Progressing");
        let retries = job(json!({}), json!({"startTime": ago(3600), "failed": 2}));
        assert_eq!(verdict_of(&[retries])[0], "Progressing");
    }

    #[test]
    fn conditions_count_only_when_they_are_true() {
        check(&[job(json!({}), says("Complete", "True", ""))], "Healthy", "", "");
        check(
            &[job(json!({}), says("Failed", "True", "BackoffLimitExceeded"))],
            "Degraded",
            "BackoffLimitExceeded",
            "2 attempts failed (BackoffLimitExceeded)",
        );
        let deadline = json!({"activeDeadlineSeconds": 600});
        check(
            &[job(deadline, says("FailureTarget", "True", "DeadlineExceeded"))],
            "Degraded",
            "DeadlineExceeded",
            "ran longer than its deadline of 600s (DeadlineExceeded)",
        );
        for (kind, status) in
            [("Failed", "False"), ("Suspended", "False"), ("Complete", "False"), ("Suspended", "True")]
        {
            let running = job(json!({}), patch(says(kind, status, ""), json!({"active": 1})));
            check(&[running], "Progressing", "Running", "runs, 2 failed attempts of 7");
        }
        check(
            &[job(json!({"suspend": true}), says("Suspended", "True", ""))],
            "Suspended",
            "suspended",
            "suspended",
        );
    }

    #[test]
    fn its_pods_speak_while_it_runs() {
        let failed = patch(
            pod("a"),
            json!({"status": {"phase": "Failed", "containerStatuses":
            [{"name": "app", "state": {"terminated": {"exitCode": 3, "reason": "Error"}}}]}}),
        );
        let failed = owned(failed, "Job", "migrate");
        let running = job(json!({}), json!({"active": 1}));
        assert_eq!(verdict_of(&[running.clone(), failed.clone()])[0], "Progressing");
        assert_eq!(verdict_of(&[running, owned(looping("b", 4), "Job", "migrate")])[1], "CrashLoopBackOff");
        check(
            &[job(json!({}), says("Failed", "True", "BackoffLimitExceeded")), failed.clone()],
            "Degraded",
            "BackoffLimitExceeded",
            "app exits 3, 2 attempts failed (BackoffLimitExceeded)",
        );
        check(&[job(json!({}), says("Complete", "True", "")), failed], "Healthy", "", "");
    }
}
