//! A PersistentVolumeClaim: whether it has its volume, and if not, whether anyone is to worry (docs/health.md section 13.3).

use crate::health::{Health, OwnReason, Verdict, common};
use crate::podstatus::Thresholds;
use crate::workload::{Claim, Event};
use jiff::Timestamp;

/// The verdict on a claim; its events tell a claim that waits for its first pod from one that gets no volume.
pub fn claim(claim: &Claim, events: &[Event], now: Timestamp, thresholds: &Thresholds) -> Verdict {
    if let Some(verdict) = common(&claim.meta, "", &[], now, thresholds) {
        return verdict;
    }
    match claim.status.phase.as_str() {
        "Bound" => bound(claim),
        "Lost" => Verdict::new(Health::Degraded, "Lost", "its volume is gone"),
        "Pending" => pending(claim, events),
        _ => Verdict::new(Health::Unknown, OwnReason::NoPhase, "its phase is not known"),
    }
}

fn bound(claim: &Claim) -> Verdict {
    let resizing = claim.status.conditions.iter().find(|told| told.is_true() && told.kind.contains("Resiz"));
    match resizing {
        Some(told) => Verdict::healthy().note(format!("{}: {}", told.kind, told.message)),
        None => Verdict::healthy(),
    }
}

fn pending(claim: &Claim, events: &[Event]) -> Verdict {
    let own =
        |event: &&Event| event.about.kind == "PersistentVolumeClaim" && event.about.name == claim.meta.name;
    let latest = |reason: &str| {
        events.iter().filter(own).filter(|event| event.reason == reason).max_by_key(|event| event.last_seen)
    };
    if let Some(failed) = latest("ProvisioningFailed") {
        let verdict =
            Verdict::new(Health::Degraded, "ProvisioningFailed", crate::text::safe(&failed.message));
        return verdict.since(failed.first_seen);
    }
    if latest("WaitForFirstConsumer").is_some() {
        return Verdict::new(
            Health::Suspended,
            OwnReason::WaitingForConsumer,
            "gets its volume with its first pod",
        );
    }
    Verdict::new(Health::Progressing, "Pending", "waits for its volume").since(claim.meta.created)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::claim;
    use crate::podstatus::Thresholds;
    use crate::workload::{SupportingObject, later, observe_event};

    #[track_caller]
    fn check(status: &str, events: &[&str], expect: &str) {
        let json = format!(r#"{{"metadata":{{"name":"data"}},"status":{status}}}"#);
        let SupportingObject::Claim(read) = later("PersistentVolumeClaim").unwrap().observe(&json).unwrap()
        else {
            panic!()
        };
        let event = |reason: &&str| {
            let json = format!(
                r#"{{"involvedObject":{{"kind":"PersistentVolumeClaim","name":"data"}},"reason":"{reason}","message":"m"}}"#
            );
            observe_event(&json).unwrap()
        };
        let events: Vec<_> = events.iter().map(event).collect();
        let verdict = claim(&read, &events, jiff::Timestamp::UNIX_EPOCH, &Thresholds::default());
        assert_eq!(format!("{} {}", verdict.health.word(), verdict.reason), expect, "{status}");
    }

    #[test]
    fn claims() {
        check(r#"{"phase":"Bound"}"#, &[], "Healthy ");
        check(r#"{"phase":"Lost"}"#, &[], "Degraded Lost");
        check(r#"{"phase":"Pending"}"#, &[], "Progressing Pending");
        check(r#"{"phase":"Pending"}"#, &["WaitForFirstConsumer"], "Suspended waiting-for-consumer");
        check(
            r#"{"phase":"Pending"}"#,
            &["WaitForFirstConsumer", "ProvisioningFailed"],
            "Degraded ProvisioningFailed",
        );
        check("{}", &[], "Unknown no-phase");
    }
}
