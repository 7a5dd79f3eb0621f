//! The verdict on an Argo Rollout (docs/health.md section 11).

use crate::health::deployment::{no_progress, stage};
use crate::health::replicas::{self, Counts, PodSet};
use crate::health::{Health, OwnReason, Verdict, common};
use crate::podstatus::Thresholds;
use crate::text::sentence;
use crate::workload::{Meta, RolloutSpec, RolloutStatus};
use jiff::Timestamp;

pub fn counts(spec: &RolloutSpec, status: &RolloutStatus) -> Counts {
    Counts {
        desired: spec.replicas.unwrap_or(1),
        updated: status.updated_replicas,
        ready: status.ready_replicas,
        available: status.available_replicas,
    }
}

/// The phase as `kubectl argo rollouts` says it (Healthy, Progressing, Paused, Degraded) and its message.
pub fn phase(meta: &Meta, spec: &RolloutSpec, status: &RolloutStatus) -> (String, String) {
    let progressing = |message: &str| ("Progressing".to_string(), message.to_string());
    if !is_observed(meta, status) {
        return progressing("waiting for rollout spec update to be observed");
    }
    if status.controller_pause && status.pause_conditions.is_empty() {
        return progressing("waiting for rollout to unpause");
    }
    if spec.workload_ref.is_some() && !is_workload_observed(meta, status) {
        return progressing("waiting for rollout spec update to be observed for the reference workload");
    }
    match status.phase.as_str() {
        "" => calculated(spec, status),
        phase => (phase.to_string(), status.message.clone()),
    }
}

/// For controllers before 1.0, which do not store a phase.
fn calculated(spec: &RolloutSpec, status: &RolloutStatus) -> (String, String) {
    let told = |phase: &str, message: String| (phase.to_string(), message);
    for condition in &status.conditions {
        if condition.kind == "InvalidSpec" {
            return told("Degraded", format!("InvalidSpec: {}", condition.message));
        }
        if matches!(condition.reason.as_str(), "RolloutAborted" | "ProgressDeadlineExceeded") {
            return told("Degraded", format!("{}: {}", condition.reason, condition.message));
        }
    }
    if spec.paused {
        return told("Paused", "manually paused".to_string());
    }
    if let Some(pause) = status.pause_conditions.first() {
        return told("Paused", pause.reason.clone());
    }
    match unfinished(spec, status) {
        Some(message) => told("Progressing", message.to_string()),
        None => told("Healthy", String::new()),
    }
}

fn unfinished(spec: &RolloutSpec, status: &RolloutStatus) -> Option<&'static str> {
    if spec.restart_at.is_some() && spec.restart_at != status.restarted_at {
        return Some("rollout is restarting");
    }
    if status.updated_replicas < spec.replicas.unwrap_or(1) {
        return Some("more replicas need to be updated");
    }
    if status.available_replicas < status.updated_replicas {
        return Some("updated replicas are still becoming available");
    }
    let promoted = is_promoted(status);
    if let Some(blue_green) = &spec.strategy.blue_green {
        let active = &status.blue_green.active_selector;
        if active.is_empty() || *active != status.current_pod_hash {
            return Some("active service cutover pending");
        }
        return match (promoted, &blue_green.post_promotion_analysis) {
            (true, _) => None,
            (false, Some(_)) => Some("waiting for analysis to complete"),
            (false, None) => Some("waiting for post-promotion verification to complete"),
        };
    }
    let canary = spec.strategy.canary.as_ref()?;
    if canary.traffic_routing.is_none() && status.replicas > status.updated_replicas {
        return Some("old replicas are pending termination");
    }
    (!promoted).then_some("waiting for all steps to complete")
}

/// The verdict from the phase; a promoted Rollout that lost pods is judged as a Deployment is.
pub fn verdict(
    (meta, spec, status): (&Meta, &RolloutSpec, &RolloutStatus),
    pod_set: &PodSet,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Verdict {
    // The generation is judged by the phase, which knows the hashes of old controllers.
    if let Some(verdict) = common(meta, "", &status.conditions, now, thresholds) {
        return verdict;
    }
    let counts = counts(spec, status);
    let (phase, message) = phase(meta, spec, status);
    let verdict = match phase.as_str() {
        "Degraded" => degraded(&message, counts, spec, status),
        _ if counts.desired == 0 && matches!(phase.as_str(), "Healthy" | "Progressing") => {
            replicas::scaled_to_zero(pod_set)
        }
        "Paused" if counts.desired > 0 && counts.available <= 0 => {
            let message = format!("paused, {}", counts.availability());
            Verdict::new(Health::Degraded, OwnReason::PausedWhileUnavailable, message)
        }
        "Paused" => Verdict::new(
            Health::Suspended,
            "Paused",
            format!("paused: {}", progress(&message, counts, spec, status)),
        ),
        "Healthy" | "Progressing"
            if is_promoted(status) && counts.updated >= counts.desired && counts.short() =>
        {
            replicas::short_of(counts, spec.min_ready_seconds, pod_set)
        }
        "Healthy" => Verdict::healthy(),
        "Progressing" => {
            let message = format!("rollout: {}", progress(&message, counts, spec, status));
            Verdict::new(Health::Progressing, OwnReason::Rollout, message)
                .since(replicas::first_of_newest(pod_set))
        }
        _ => Verdict::new(Health::Unknown, OwnReason::PhaseUnknown, sentence(&format!("phase {phase}"))),
    };
    if status.abort && verdict.reason.as_str() != "RolloutAborted" {
        verdict.note("rollout aborted")
    } else {
        verdict
    }
}

fn degraded(message: &str, counts: Counts, spec: &RolloutSpec, status: &RolloutStatus) -> Verdict {
    let (reason, cause) = match message.split_once(": ") {
        Some((reason, cause)) if !reason.is_empty() && reason.chars().all(char::is_alphanumeric) => {
            (reason, cause)
        }
        _ => ("Degraded", message),
    };
    // `Rollout aborted update to revision 9: Metric ...`: the line says that much already.
    let cause = match cause.split_once(": ") {
        Some((start, inner)) if start.starts_with("Rollout aborted") => inner,
        _ => cause,
    };
    let condition = status.conditions.iter().find(|it| it.reason == reason || it.kind == reason);
    let message = match (reason, sentence(cause)) {
        ("Degraded", cause) if cause.is_empty() => "rollout degraded".to_string(),
        ("Degraded", cause) => cause,
        ("ProgressDeadlineExceeded", _) => no_progress(spec.progress_deadline_seconds, counts),
        ("RolloutAborted", cause) => format!("rollout aborted: {cause} (RolloutAborted)"),
        (reason, cause) => format!("{cause} ({reason})"),
    };
    let since = condition.and_then(|condition| condition.last_transition_time);
    Verdict::new(Health::Degraded, reason, message).since(since)
}

/// What it waits for, with the step and the weight of a canary.
fn progress(message: &str, counts: Counts, spec: &RolloutSpec, status: &RolloutStatus) -> String {
    let steps = spec.strategy.canary.as_ref().map_or(0, |canary| canary.steps.len());
    let mut said = match message {
        "more replicas need to be updated" | "updated replicas are still becoming available" => {
            stage(counts, status.replicas)
        }
        "" => stage(counts, status.replicas),
        message => sentence(message.trim_start_matches("rollout ")),
    };
    if let Some(index) = status.current_step_index.filter(|_| steps > 0 && !is_promoted(status)) {
        said.push_str(&format!(", step {index} of {steps}"));
    }
    if let Some(weights) = status.canary.weights.as_ref().filter(|_| !is_promoted(status)) {
        said.push_str(&format!(", weight {}%", weights.canary.weight));
    }
    said
}

fn is_promoted(status: &RolloutStatus) -> bool {
    !status.stable_rs.is_empty() && status.stable_rs == status.current_pod_hash
}

/// Text that is no number, or a number beyond the generation, is a hash of a controller before 0.10.
fn is_observed(meta: &Meta, status: &RolloutStatus) -> bool {
    let observed = status.observed_generation.parse::<i64>();
    observed.map_or(true, |observed| observed >= meta.generation.unwrap_or(0))
}

fn is_workload_observed(meta: &Meta, status: &RolloutStatus) -> bool {
    let wanted = meta.annotations.get("rollout.argoproj.io/workload-generation");
    match (wanted.map(|text| text.parse::<i64>()), status.workload_observed_generation.parse::<i64>()) {
        (Some(Ok(wanted)), Ok(observed)) => wanted == observed,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::health::sample::{check, looping, owned, patch, verdict_of, workload};
    use serde_json::{Value, json};

    fn rollout(status: Value) -> Value {
        let steps = json!({"canary": {"steps": [{"setWeight": 20}, {"pause": {}}]}});
        let whole = json!({"observedGeneration": "2", "replicas": 4, "updatedReplicas": 4, "readyReplicas": 4,
            "availableReplicas": 4, "stableRS": "a", "currentPodHash": "a", "phase": "Healthy"});
        workload("Rollout", "web", json!({"replicas": 4, "strategy": steps}), patch(whole, status))
    }

    #[test]
    fn the_phase_decides() {
        check(&[rollout(json!({}))], "Healthy", "", "");
        let canary = json!({"currentPodHash": "b", "updatedReplicas": 1, "currentStepIndex": 1,
            "canary": {"weights": {"canary": {"weight": 20}}}});
        let paused_at =
            |canary: &Value| patch(canary.clone(), json!({"phase": "Paused", "message": "CanaryPauseStep"}));
        check(
            &[rollout(paused_at(&canary))],
            "Suspended",
            "Paused",
            "paused: CanaryPauseStep, step 1 of 2, weight 20%",
        );
        let down = patch(paused_at(&canary), json!({"availableReplicas": 0}));
        check(&[rollout(down)], "Degraded", "paused-while-unavailable", "paused, 0 of 4 available");
        let moving =
            patch(canary, json!({"phase": "Progressing", "message": "more replicas need to be updated"}));
        check(
            &[rollout(moving)],
            "Progressing",
            "rollout",
            "rollout: 1 of 4 updated, step 1 of 2, weight 20%",
        );
        let aborted = json!({"phase": "Degraded", "message": "RolloutAborted: Rollout aborted update to revision 9: m failed"});
        check(
            &[rollout(aborted)],
            "Degraded",
            "RolloutAborted",
            "rollout aborted: m failed (RolloutAborted)",
        );
    }

    #[test]
    fn generations_are_text_and_may_be_hashes() {
        check(&[rollout(json!({"observedGeneration": "7d66d4485f"}))], "Healthy", "", "");
        assert_eq!(verdict_of(&[rollout(json!({"observedGeneration": "1"}))])[0], "Progressing");
    }

    #[test]
    fn a_promoted_rollout_that_fell_over_is_degraded() {
        let down = json!({"phase": "Progressing", "availableReplicas": 0, "readyReplicas": 0});
        check(&[rollout(down.clone())], "Degraded", "replicas-unavailable", "0 of 4 available");
        let labels = json!({"metadata": {"labels": {"rollouts-pod-template-hash": "a"}}});
        let set = owned(workload("ReplicaSet", "web-a", json!({"replicas": 4}), json!({})), "Rollout", "web");
        let pod = owned(patch(looping("p", 9), labels), "ReplicaSet", "web-a");
        assert_eq!(verdict_of(&[rollout(down), set, pod])[1], "CrashLoopBackOff");
    }
}
