//! A verdict on a pod with its line still in parts, and what such verdicts are made with.

use crate::health::why::Why;
use crate::health::{Health, Reason, Verdict};
use crate::workload::Pod;
use jiff::{SignedDuration, Timestamp};

/// A verdict with its line still in parts, for the roll-up.
pub struct Judged {
    pub verdict: Verdict,
    pub why: Why,
}

impl Judged {
    /// Whether a pod whose Ready condition was not told is well all the same.
    pub fn serves(&self) -> bool {
        self.verdict.health == Health::Healthy
    }
}

pub fn plain(verdict: Verdict) -> Judged {
    let why = Why::new("", verdict.message.clone(), "");
    Judged { verdict, why }
}

pub fn judged(health: Health, reason: impl Into<Reason>, why: Why, since: Option<Timestamp>) -> Judged {
    Judged { verdict: Verdict::new(health, reason, why.line(None)).since(since), why }
}

/// Progressing until the time is over, then Degraded. An age that nobody knows is no proof.
pub fn after(grace: SignedDuration, since: Option<Timestamp>, now: Timestamp) -> Health {
    let over = since.is_some_and(|since| now.duration_since(since) > grace);
    if over { Health::Degraded } else { Health::Progressing }
}

pub fn unready_since(pod: &Pod) -> Option<Timestamp> {
    pod.condition("Ready").filter(|condition| condition.is_false())?.last_transition_time
}

pub fn node(pod: &Pod) -> String {
    crate::text::safe(&pod.node_name)
}
