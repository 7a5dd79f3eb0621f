//! Verdicts: a workload, its pods and the time in, its health out.

mod assess;
mod container;
#[cfg(test)]
mod corpus;
mod cronjob;
mod daemonset;
mod deployment;
mod family;
mod hpa;
mod job;
mod judged;
#[cfg(test)]
mod lost;
mod pdb;
mod pod;
mod pvc;
mod reason;
mod replicas;
mod replicaset;
mod rollout;
mod rollup;
#[cfg(test)]
mod sample;
mod schedule;
mod stages;
mod statefulset;
mod why;

pub use assess::{Assessed, assess, is_batch};
pub use family::{WorkloadFamily, families};
pub use hpa::autoscaler;
pub use pdb::budget;
pub use pod::pod;
pub use pvc::claim;
pub use reason::{OwnReason, Reason};
pub use rollup::{Summary, cell, order, rank, service};
pub use statefulset::blocks_update;

use crate::podstatus::Thresholds;
use crate::text;
use crate::workload::{Condition, Meta, condition};
use jiff::Timestamp;

/// The verdict on a workload, in order of badness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    Healthy,
    Suspended,
    Progressing,
    Unknown,
    Missing,
    Degraded,
}

/// Available against desired, in order of badness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Serving {
    Full,
    Partial,
    None,
}

/// A health and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub health: Health,
    pub reason: Reason,
    /// One line for the WHY column; empty where all is well.
    pub message: String,
    /// Since when; only for Progressing and Degraded.
    pub since: Option<Timestamp>,
    pub notes: Vec<String>,
}

impl Health {
    /// The word in tables and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Health::Healthy => "Healthy",
            Health::Suspended => "Suspended",
            Health::Progressing => "Progressing",
            Health::Unknown => "Unknown",
            Health::Missing => "Missing",
            Health::Degraded => "Degraded",
        }
    }

    /// The health of that word.
    pub fn of_word(word: &str) -> Option<Health> {
        use Health::*;
        [Healthy, Suspended, Progressing, Unknown, Missing, Degraded]
            .into_iter()
            .find(|health| health.word() == word)
    }
}

impl Serving {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Serving::Full => "full",
            Serving::Partial => "partial",
            Serving::None => "none",
        }
    }

    /// The serving of that word.
    pub fn of_word(word: &str) -> Option<Serving> {
        [Serving::Full, Serving::Partial, Serving::None].into_iter().find(|serving| serving.word() == word)
    }

    /// Available at least desired is full, nothing available is none, else partial.
    pub fn of(available: i64, desired: i64) -> Serving {
        if available >= desired {
            Serving::Full
        } else if available <= 0 {
            Serving::None
        } else {
            Serving::Partial
        }
    }
}

impl Verdict {
    pub fn healthy() -> Verdict {
        Verdict::new(Health::Healthy, "", "")
    }

    pub fn new(health: Health, reason: impl Into<Reason>, message: impl Into<String>) -> Verdict {
        // Half of these messages come from clusters.
        let message = text::safe(&message.into());
        Verdict { health, reason: reason.into(), message, since: None, notes: Vec::new() }
    }

    /// With the instant since when, which only what moves or is broken has.
    pub fn since(mut self, since: Option<Timestamp>) -> Verdict {
        let tells = matches!(self.health, Health::Progressing | Health::Degraded);
        self.since = if tells { since } else { None };
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Verdict {
        self.notes.push(text::safe(&note.into()));
        self
    }
}

/// What every kind has in common and what decides before the kind's own rule: being deleted, a spec that
/// its controller has not seen, and kstatus' standard conditions (docs/health.md section 2).
fn common(
    meta: &Meta,
    observed: &str,
    conditions: &[Condition],
    now: Timestamp,
    thresholds: &Thresholds,
) -> Option<Verdict> {
    let says = |kind| condition(conditions, kind).filter(|condition| condition.is_true());
    if let Some(verdict) = deleted(meta, now, thresholds) {
        return Some(verdict);
    }
    if lags(meta.generation, observed) {
        let message = "the controller has not seen the newest spec yet";
        return Some(Verdict::new(Health::Progressing, OwnReason::SpecNotObserved, message));
    }
    if let Some(stalled) = says("Stalled") {
        return Some(by_condition(Health::Degraded, stalled));
    }
    says("Reconciling").map(|reconciling| by_condition(Health::Progressing, reconciling))
}

fn deleted(meta: &Meta, now: Timestamp, thresholds: &Thresholds) -> Option<Verdict> {
    let deleted = meta.deleted?;
    if now.duration_since(deleted) <= thresholds.stuck_terminating {
        let verdict = Verdict::new(Health::Progressing, "Terminating", "being deleted");
        return Some(verdict.since(Some(deleted)));
    }
    let message = match meta.finalizers.first() {
        Some(finalizer) => format!("deleted but still there, finalizer {finalizer}"),
        None => "deleted but still there".to_string(),
    };
    Some(Verdict::new(Health::Degraded, OwnReason::StuckTerminating, message).since(Some(deleted)))
}

/// Whether the controller still acts on an older spec. What is no number (a hash, in old Rollouts) or lies
/// ahead of the generation cannot be checked and so does not lag.
fn lags(generation: Option<i64>, observed: &str) -> bool {
    match (generation, observed.trim().parse::<i64>()) {
        (Some(generation), Ok(observed)) => observed < generation,
        _ => false,
    }
}

/// A verdict in the condition's own words.
fn by_condition(health: Health, condition: &Condition) -> Verdict {
    let reason = if condition.reason.is_empty() { &condition.kind } else { &condition.reason };
    let message = match condition.message.as_str() {
        "" => reason.to_string(),
        message => text::sentence(message),
    };
    Verdict::new(health, reason.as_str(), message).since(condition.last_transition_time)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Health, Serving, lags};

    #[test]
    fn badness_is_in_product_order() {
        let order = ["Healthy", "Suspended", "Progressing", "Unknown", "Missing", "Degraded"];
        let mut all = [
            Health::Degraded,
            Health::Missing,
            Health::Unknown,
            Health::Progressing,
            Health::Suspended,
            Health::Healthy,
        ];
        all.sort();
        assert_eq!(all.map(Health::word), order);
    }

    #[test]
    fn serving_is_available_against_desired() {
        assert_eq!(Serving::of(3, 3), Serving::Full);
        assert_eq!(Serving::of(4, 3), Serving::Full);
        assert_eq!(Serving::of(0, 0), Serving::Full);
        assert_eq!(Serving::of(1, 3), Serving::Partial);
        assert_eq!(Serving::of(0, 3), Serving::None);
    }

    #[test]
    fn only_an_older_number_lags() {
        assert!(lags(Some(3), "2"));
        assert!(lags(Some(3), "0"));
        assert!(!lags(Some(3), "3"));
        assert!(!lags(Some(3), "1366344857"), "a hash of digits");
        assert!(!lags(Some(3), "7d66d4485f"), "a hash");
        assert!(!lags(Some(3), ""));
        assert!(!lags(None, "2"));
    }
}
