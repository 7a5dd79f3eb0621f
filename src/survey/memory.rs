//! What clusters said the last time they answered, so that a silent one can still be told about.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::health::{Health, Serving, Summary};
use crate::survey::state::HealthState;

/// Answers older than this are forgotten: what ran a month ago is no news about tonight.
const KEEP: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 30);

/// The last answers, by cluster (its name and its server: a name alone may mean another one tomorrow) and by
/// service (its name and what it was asked by). Verdicts and kinds only: nothing that a cluster holds.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Memory {
    clusters: BTreeMap<String, BTreeMap<String, Remembered>>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Remembered {
    health: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    serving: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// Pods available and desired, where there was something to count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pods: Option<(i64, i64)>,
    pub answered_at: Timestamp,
    /// The kinds that the service had there.
    pub kinds: Vec<String>,
}

impl Remembered {
    pub fn new(summary: &Summary, kinds: Vec<String>, answered_at: Timestamp) -> Remembered {
        let state = HealthState::of(summary);
        Remembered {
            health: state.health.word().to_string(),
            serving: state.serving.map(|serving| serving.word().to_string()),
            reason: state.reason,
            message: state.message,
            since: state.since,
            pods: summary.available.zip(summary.desired),
            answered_at,
            kinds,
        }
    }

    /// The verdict of then; nothing where a later version's word is not known.
    pub fn state(&self) -> Option<HealthState> {
        Some(HealthState {
            health: Health::of_word(&self.health)?,
            serving: self.serving.as_deref().and_then(Serving::of_word),
            reason: self.reason.clone(),
            message: self.message.clone(),
            since: self.since,
        })
    }
}

/// What one run has learned, to be added to what others have learned meanwhile.
#[derive(Clone, Debug, Default)]
pub struct Learned {
    /// Cluster, service, and what it is there; nothing where it is not.
    said: Vec<(String, String, Option<Remembered>)>,
    now: Timestamp,
}

impl Learned {
    pub fn new(now: Timestamp) -> Learned {
        Learned { said: Vec::new(), now }
    }

    pub fn learn(&mut self, cluster: &str, service: &str, now: Option<Remembered>) {
        self.said.push((cluster.to_string(), service.to_string(), now));
    }

    /// A memory with what was learned.
    pub fn onto(&self, mut memory: Memory) -> Memory {
        for (cluster, service, now) in &self.said {
            memory.learn(cluster, service, now.clone());
        }
        memory.forget_before(self.now);
        memory
    }
}

impl Memory {
    /// A damaged memory is an empty one.
    pub fn of_text(text: &str) -> Memory {
        serde_json::from_str(text).unwrap_or_default()
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub fn of(&self, cluster: &str, service: &str) -> Option<&Remembered> {
        self.clusters.get(cluster)?.get(service)
    }

    /// What a cluster said now; a service that it no longer has is forgotten there.
    pub fn learn(&mut self, cluster: &str, service: &str, now: Option<Remembered>) {
        let services = self.clusters.entry(cluster.to_string()).or_default();
        match now {
            Some(remembered) => services.insert(service.to_string(), remembered),
            None => services.remove(service),
        };
    }

    pub fn forget_before(&mut self, now: Timestamp) {
        for services in self.clusters.values_mut() {
            services.retain(|_, remembered| now.duration_since(remembered.answered_at) < KEEP);
        }
        self.clusters.retain(|_, services| !services.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::{Memory, Remembered};
    use crate::health::{Health, Summary};

    fn remembered(at: &str) -> Remembered {
        let summary = Summary { health: Health::Degraded, ..Summary::unknown("", "") };
        Remembered::new(&summary, vec!["Pod".to_string()], at.parse().expect("a time"))
    }

    #[test]
    fn a_memory_survives_its_text_and_forgets_in_time() {
        let mut memory = Memory::default();
        memory.learn("eu-1", "cart", Some(remembered("2026-01-15T10:00:00Z")));
        memory.learn("eu-1", "old", Some(remembered("2025-01-15T10:00:00Z")));
        memory.forget_before("2026-01-16T10:00:00Z".parse().expect("a time"));
        let mut read = Memory::of_text(&memory.to_text());
        assert_eq!(read, memory);
        assert_eq!(read.of("eu-1", "cart").and_then(|r| r.state()).map(|s| s.health), Some(Health::Degraded));
        assert!(read.of("eu-1", "old").is_none());
        read.learn("eu-1", "cart", None);
        assert!(read.of("eu-1", "cart").is_none());
    }

    #[test]
    fn a_damaged_memory_is_an_empty_one() {
        for text in ["", "{", "[]", r#"{"clusters":{"a":{"b":{}}}}"#] {
            assert_eq!(Memory::of_text(text), Memory::default());
        }
    }
}
