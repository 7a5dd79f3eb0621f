//! A verdict as documents carry it, the same at every level.

use jiff::Timestamp;
use serde::Serialize;

use crate::health::{Health, Serving, Summary, Verdict};
use crate::report::Tone;

/// The verdict at any level: a service, a cell, a workload, a group of services.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthState {
    #[serde(serialize_with = "health_word")]
    pub health: Health,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "serving_word")]
    pub serving: Option<Serving>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// One line for the WHY column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl HealthState {
    pub fn of(summary: &Summary) -> HealthState {
        let some = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
        HealthState {
            health: summary.health,
            serving: summary.serving,
            reason: some(summary.reason.as_str()),
            message: some(&summary.message),
            since: summary.since,
        }
    }

    /// The verdict on a single workload.
    pub fn new(verdict: &Verdict, serving: Option<Serving>) -> HealthState {
        let some = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
        HealthState {
            health: verdict.health,
            serving,
            reason: some(verdict.reason.as_str()),
            message: some(&verdict.message),
            since: verdict.since,
        }
    }

    /// `Degraded (down)` is what serves nothing at all; the rest is the health's own word.
    pub fn word(&self) -> String {
        match (self.health, self.serving) {
            (Health::Degraded, Some(Serving::None)) => "Degraded (down)".to_string(),
            (health, _) => health.word().to_string(),
        }
    }

    pub fn tone(&self) -> Tone {
        tone(self.health)
    }
}

pub fn tone(health: Health) -> Tone {
    match health {
        Health::Healthy => Tone::Good,
        Health::Suspended => Tone::Muted,
        Health::Progressing => Tone::Moving,
        Health::Unknown => Tone::Doubtful,
        Health::Missing | Health::Degraded => Tone::Bad,
    }
}

pub fn health_word<S: serde::Serializer>(health: &Health, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(health.word())
}

pub fn serving_word<S: serde::Serializer>(
    serving: &Option<Serving>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(serving.map_or("", Serving::word))
}
