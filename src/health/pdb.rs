//! A PodDisruptionBudget: whether its controller understands it, and whether it lets any pod go (docs/health.md
//! section 13.2).

use crate::health::{Health, OwnReason, Verdict, by_condition, common};
use crate::podstatus::Thresholds;
use crate::workload::{Budget, condition};
use jiff::Timestamp;

/// The verdict on a budget: one that allows nothing is as it was asked to be, and worth a note.
pub fn budget(budget: &Budget, now: Timestamp, thresholds: &Thresholds) -> Verdict {
    let status = &budget.status;
    if let Some(verdict) =
        common(&budget.meta, &status.observed_generation, &status.conditions, now, thresholds)
    {
        return verdict;
    }
    let allowed = condition(&status.conditions, "DisruptionAllowed");
    if let Some(told) = allowed.filter(|told| told.is_false() && told.reason == "SyncFailed") {
        return by_condition(Health::Degraded, told);
    }
    let Some(left) = status.disruptions_allowed else {
        return Verdict::new(Health::Progressing, OwnReason::NoStatus, "the budget has not been counted yet");
    };
    if status.expected_pods == 0 {
        return Verdict::healthy().note("its selector matches no pod");
    }
    if left > 0 {
        return Verdict::healthy();
    }
    let (healthy, wanted, all) = (status.current_healthy, status.desired_healthy, status.expected_pods);
    Verdict::healthy().note(format!("no-disruptions-allowed: {healthy} of {all} healthy, {wanted} needed"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::budget;
    use crate::podstatus::Thresholds;
    use crate::workload::{SupportingObject, later};

    #[track_caller]
    fn check(status: &str, expect: &str) {
        let json = format!(r#"{{"status":{status}}}"#);
        let SupportingObject::Budget(read) = later("PodDisruptionBudget").unwrap().observe(&json).unwrap()
        else {
            panic!()
        };
        let verdict = budget(&read, jiff::Timestamp::UNIX_EPOCH, &Thresholds::default());
        assert_eq!(
            format!("{} {} {}", verdict.health.word(), verdict.reason, verdict.notes.join("")),
            expect,
            "{status}"
        );
    }

    #[test]
    fn budgets() {
        check(
            r#"{"disruptionsAllowed":1,"expectedPods":3,"currentHealthy":3,"desiredHealthy":2}"#,
            "Healthy  ",
        );
        check(
            r#"{"disruptionsAllowed":0,"expectedPods":3,"currentHealthy":2,"desiredHealthy":2}"#,
            "Healthy  no-disruptions-allowed: 2 of 3 healthy, 2 needed",
        );
        check(r#"{"disruptionsAllowed":0}"#, "Healthy  its selector matches no pod");
        check(
            r#"{"disruptionsAllowed":0,"conditions":[{"type":"DisruptionAllowed","status":"False","reason":"SyncFailed","message":"m"}]}"#,
            "Degraded SyncFailed ",
        );
        check(
            r#"{"disruptionsAllowed":0,"expectedPods":1,"conditions":[{"type":"DisruptionAllowed","status":"False","reason":"InsufficientPods"}]}"#,
            "Healthy  no-disruptions-allowed: 0 of 1 healthy, 0 needed",
        );
        check("{}", "Progressing no-status ");
    }
}
