//! A HorizontalPodAutoscaler: whether it can scale, and whether it is at its limit (docs/health.md section 13.1).

use crate::health::{Health, OwnReason, Verdict, by_condition, common};
use crate::podstatus::Thresholds;
use crate::workload::{Autoscaler, Condition, condition};
use jiff::Timestamp;

/// The verdict on an autoscaler. Its trouble leaves serving as it is.
pub fn autoscaler(autoscaler: &Autoscaler, now: Timestamp, thresholds: &Thresholds) -> Verdict {
    let conditions = autoscaler.conditions();
    if let Some(verdict) = common(&autoscaler.meta, "", &conditions, now, thresholds) {
        return verdict;
    }
    let failed = |told: &&Condition| {
        told.is_false() && (told.reason.starts_with("Failed") || told.reason.starts_with("Invalid"))
    };
    if let Some(told) = conditions.iter().find(failed) {
        return by_condition(Health::Degraded, told);
    }
    let active = condition(&conditions, "ScalingActive");
    if let Some(told) = active.filter(|told| told.is_false() && told.reason == "ScalingDisabled") {
        return by_condition(Health::Suspended, told);
    }
    let status = &autoscaler.status;
    let limited = condition(&conditions, "ScalingLimited").filter(|told| told.is_true());
    if limited.is_some_and(|told| told.reason == "TooManyReplicas") {
        let note = format!("hpa-at-max: wants more than {} replicas", autoscaler.spec.max_replicas);
        return Verdict::healthy().note(note);
    }
    if status.desired_replicas != status.current_replicas {
        let message = format!("scaling from {} to {}", status.current_replicas, status.desired_replicas);
        return Verdict::new(Health::Progressing, OwnReason::Scaling, message);
    }
    let able = condition(&conditions, "AbleToScale").is_some_and(|told| told.is_true());
    if able || limited.is_some() {
        return Verdict::healthy();
    }
    Verdict::new(Health::Progressing, OwnReason::NoConditions, "the autoscaler has not reported yet")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::autoscaler;
    use crate::podstatus::Thresholds;
    use crate::workload::{SupportingObject, later};

    #[track_caller]
    fn check(status: &str, expect: &str) {
        let json = format!(r#"{{"spec":{{"maxReplicas":3}},"status":{status}}}"#);
        let SupportingObject::Autoscaler(read) =
            later("HorizontalPodAutoscaler").unwrap().observe(&json).unwrap()
        else {
            panic!()
        };
        let verdict = autoscaler(&read, jiff::Timestamp::UNIX_EPOCH, &Thresholds::default());
        assert_eq!(
            format!("{} {} {}", verdict.health.word(), verdict.reason, verdict.notes.len()),
            expect,
            "{status}"
        );
    }

    #[test]
    fn autoscalers() {
        check(
            r#"{"conditions":[{"type":"AbleToScale","status":"True","reason":"ReadyForNewScale"}]}"#,
            "Healthy  0",
        );
        check(
            r#"{"conditions":[{"type":"ScalingActive","status":"False","reason":"FailedGetContainerResourceMetric"}]}"#,
            "Degraded FailedGetContainerResourceMetric 0",
        );
        check(
            r#"{"conditions":[{"type":"AbleToScale","status":"True","reason":"FailedGetScale"}]}"#,
            "Healthy  0",
        );
        check(
            r#"{"conditions":[{"type":"ScalingActive","status":"False","reason":"ScalingDisabled"}]}"#,
            "Suspended ScalingDisabled 0",
        );
        check(
            r#"{"conditions":[{"type":"ScalingLimited","status":"True","reason":"TooManyReplicas"}]}"#,
            "Healthy  1",
        );
        check(
            r#"{"currentReplicas":1,"desiredReplicas":2,"conditions":[{"type":"AbleToScale","status":"True"}]}"#,
            "Progressing scaling 0",
        );
        check("{}", "Progressing no-conditions 0");
    }
}
