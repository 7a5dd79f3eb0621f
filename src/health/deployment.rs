//! The verdict on a Deployment (docs/health.md section 5).

use crate::health::replicas::{self, Counts, PodSet};
use crate::health::{Health, OwnReason, Verdict, common};
use crate::podstatus::Thresholds;
use crate::text::sentence;
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
    pod_set: &PodSet,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    let counts = counts(spec, status);
    if let Some(verdict) = common(meta, &status.observed_generation, &status.conditions, now, thresholds) {
        return verdict;
    }
    let progressing = condition(&status.conditions, "Progressing");
    if let Some(condition) = progressing.filter(|condition| condition.reason == "ProgressDeadlineExceeded") {
        let message = no_progress(spec.progress_deadline_seconds, counts);
        let verdict = Verdict::new(Health::Degraded, "ProgressDeadlineExceeded", message);
        return verdict.since(condition.last_transition_time);
    }
    if let Some(verdict) = replica_failure(&status.conditions) {
        return verdict;
    }
    if counts.desired == 0 {
        return replicas::scaled_to_zero(pod_set);
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
        let since = replicas::first_of_newest(pod_set).or(since);
        return Verdict::new(Health::Progressing, OwnReason::Rollout, message).since(since);
    }
    if counts.short() {
        let verdict = replicas::short_of(counts, spec.min_ready_seconds, pod_set);
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
    let cause = cause.trim_start_matches("Internal error occurred: ");
    let message = match cause {
        "" => format!("cannot create pods ({reason})"),
        cause => format!("cannot create pods: {cause} ({reason})"),
    };
    Some(Verdict::new(Health::Degraded, reason, message).since(failure.last_transition_time))
}

fn paused(counts: Counts, conditions: &[Condition]) -> Verdict {
    if !counts.short() {
        return Verdict::new(Health::Suspended, OwnReason::Paused, "rollout paused");
    }
    let message = format!("rollout paused, {}", counts.availability());
    since_unavailable(Verdict::new(Health::Degraded, OwnReason::PausedWhileUnavailable, message), conditions)
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

/// The line of a rollout that ran out of time.
pub fn no_progress(deadline: Option<i64>, counts: Counts) -> String {
    let within = deadline.map(|seconds| format!(" in {}", crate::text::age(seconds))).unwrap_or_default();
    format!("rollout: no progress{within}, {} (ProgressDeadlineExceeded)", updated(counts))
}

/// What a rollout waits for.
pub fn stage(counts: Counts, replicas: i64) -> String {
    let old = replicas.saturating_sub(counts.updated);
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

#[cfg(test)]
mod tests {
    use crate::health::sample::{ago, check, fresh, looping, owned, patch, pod, replica_set, with, workload};
    use serde_json::{Value, json};

    fn web(replicas: i64, status: Value) -> Value {
        let web = workload(
            "Deployment",
            "web",
            json!({"replicas": replicas, "progressDeadlineSeconds": 600}),
            status,
        );
        patch(web, json!({"metadata": {"annotations": {"deployment.kubernetes.io/revision": "2"}}}))
    }

    fn of(pod: Value, revision: i64) -> Value {
        owned(pod, "ReplicaSet", &format!("web-{revision}"))
    }

    fn whole(replicas: i64, available: i64) -> Value {
        let minimum = json!([{"type": "Available", "status": "False", "lastTransitionTime": ago(700)}]);
        json!({"replicas": replicas, "updatedReplicas": replicas, "readyReplicas": available,
            "availableReplicas": available, "conditions": if available == 0 { minimum } else { json!([]) }})
    }

    #[test]
    fn what_rolled_out_yesterday_can_be_down_today() {
        let pods = [of(looping("a", 30), 2), of(looping("b", 8), 2)];
        let all =
            [web(2, whole(2, 0)), replica_set(2, 2), replica_set(1, 0), pods[0].clone(), pods[1].clone()];
        check(
            &all,
            "Degraded",
            "CrashLoopBackOff",
            "app exits 1, 38 restarts, in back-off (CrashLoopBackOff)",
        );
        with(&all, |one| {
            assert_eq!((one.kind, one.name, one.pods.len()), ("Deployment", "web", 2));
            assert_eq!(one.serving, Some(crate::health::Serving::None));
            assert_eq!(one.verdict.since.map(|since| since.to_string()), Some(ago(700)));
            assert_eq!(one.revision.as_deref(), Some("2"));
        });
    }

    #[test]
    fn short_without_a_reason_is_degraded_and_with_one_may_pass() {
        check(&[web(3, whole(3, 2))], "Degraded", "replicas-unavailable", "2 of 3 available");
        let all =
            [web(3, whole(3, 2)), replica_set(2, 3), of(pod("a"), 2), of(pod("b"), 2), of(fresh("c"), 2)];
        check(
            &all,
            "Progressing",
            "replicas-unavailable",
            "2 of 3 available, app being created (ContainerCreating)",
        );
        check(&all[..4], "Degraded", "replicas-unavailable", "2 of 3 available");
        let down = [web(1, whole(1, 0)), replica_set(2, 1), of(fresh("c"), 2)];
        check(
            &down,
            "Degraded",
            "replicas-unavailable",
            "0 of 1 available, app being created (ContainerCreating)",
        );
    }

    #[test]
    fn a_rollout_moves_until_its_new_pods_break() {
        let status = json!({"replicas": 3, "updatedReplicas": 1, "readyReplicas": 2, "availableReplicas": 2});
        let old = [of(pod("a"), 1), of(pod("b"), 1)];
        let all = |new: Value| {
            [
                web(2, status.clone()),
                replica_set(1, 2),
                replica_set(2, 1),
                old[0].clone(),
                old[1].clone(),
                of(new, 2),
            ]
        };
        check(
            &all(fresh("c")),
            "Progressing",
            "rollout",
            "rollout: 1 of 2 updated, app being created (ContainerCreating)",
        );
        check(
            &all(looping("c", 4)),
            "Degraded",
            "CrashLoopBackOff",
            "app exits 1, 4 restarts in 1 pod, in back-off (CrashLoopBackOff)",
        );
        with(&all(looping("c", 4)), |one| {
            assert_eq!(one.serving, Some(crate::health::Serving::Full));
            assert_eq!(one.verdict.notes, ["rollout: 1 of 2 updated"]);
        });
        let since = with(&all(fresh("c")), |one| one.verdict.since.map(|since| since.to_string()));
        assert_eq!(since, Some(ago(10)), "the first new pod");
    }

    #[test]
    fn old_pods_count_only_while_they_are_needed() {
        let healthy =
            json!({"replicas": 3, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2});
        let new = [of(pod("a"), 2), of(pod("b"), 2)];
        let all = [
            web(2, healthy),
            replica_set(1, 1),
            replica_set(2, 2),
            new[0].clone(),
            new[1].clone(),
            of(looping("old", 9), 1),
        ];
        check(&all, "Progressing", "rollout", "rollout: 1 old pod still to end");
    }

    #[test]
    fn leftovers_are_a_note() {
        let gone = patch(of(pod("gone"), 2), json!({"status": {"phase": "Failed", "reason": "Evicted"}}));
        let all = [web(1, whole(1, 1)), replica_set(2, 1), of(pod("a"), 2), gone];
        check(&all, "Healthy", "", "");
        with(&all, |one| assert_eq!(one.verdict.notes, ["1 evicted leftover"]));
    }

    #[test]
    fn conditions_decide_where_no_pod_explains() {
        let condition = |kind: &str, status: &str, reason: &str, message: &str| json!({"conditions": [{"type": kind, "status": status, "reason": reason, "message": message}]});
        let status = |over| patch(whole(3, 3), over);
        let late = condition("Progressing", "False", "ProgressDeadlineExceeded", "x");
        check(
            &[web(3, status(late))],
            "Degraded",
            "ProgressDeadlineExceeded",
            "rollout: no progress in 10m, 3 of 3 updated (ProgressDeadlineExceeded)",
        );
        let quota = "pods \"web-1\" is forbidden: exceeded quota: q, requested: cpu=1";
        check(
            &[web(3, status(condition("ReplicaFailure", "True", "FailedCreate", quota)))],
            "Degraded",
            "FailedCreate",
            "cannot create pods: exceeded quota: q, requested: cpu=1 (FailedCreate)",
        );
        let first = condition("Progressing", "True", "ReplicaSetUpdated", "");
        check(
            &[web(3, patch(whole(3, 1), first))],
            "Progressing",
            "rollout",
            "rollout: 3 of 3 updated, 1 available",
        );
    }

    #[test]
    fn parked_is_suspended_only_while_it_serves() {
        check(&[web(0, json!({}))], "Suspended", "scaled-to-zero", "scaled to zero");
        let paused = |status| patch(web(2, status), json!({"spec": {"paused": true}}));
        check(&[paused(whole(2, 2))], "Suspended", "paused", "rollout paused");
        check(
            &[paused(whole(2, 1))],
            "Degraded",
            "paused-while-unavailable",
            "rollout paused, 1 of 2 available",
        );
        let lag = patch(web(2, whole(2, 2)), json!({"metadata": {"generation": 3}}));
        check(&[lag], "Progressing", "spec-not-observed", "the controller has not seen the newest spec yet");
    }
}
