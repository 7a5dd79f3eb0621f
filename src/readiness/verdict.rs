//! What a rule says of a service, and where.

use crate::readiness::facts::{PlaceFacts, WorkloadFacts};

/// From good to bad, but for the two that say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleState {
    NotApplicable,
    Pass,
    Exempt,
    Warn,
    /// Nobody could say: never a pass.
    Unknown,
    Fail,
}

impl RuleState {
    pub fn word(self) -> &'static str {
        match self {
            RuleState::NotApplicable => "n/a",
            RuleState::Pass => "pass",
            RuleState::Exempt => "exempt",
            RuleState::Warn => "warn",
            RuleState::Unknown => "unknown",
            RuleState::Fail => "fail",
        }
    }
}

/// The object of a verdict where a cluster as a whole said nothing, or not enough.
pub const SILENT: &str = "cluster";

/// One answer of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleVerdict {
    pub state: RuleState,
    /// Nothing for the catalog and for manifests.
    pub cluster: Option<String>,
    /// `Deployment shop/checkout`, or `entity`.
    pub object: String,
    /// Where in the object.
    pub path: String,
    pub seen: String,
    /// What it comes to, in words.
    pub message: String,
    /// The line to paste.
    pub fix: String,
    pub place: Option<(String, usize, usize)>,
}

impl RuleVerdict {
    pub fn new(state: RuleState, object: &str, path: &str, seen: &str) -> RuleVerdict {
        RuleVerdict {
            state,
            cluster: None,
            object: object.to_string(),
            path: path.to_string(),
            seen: seen.to_string(),
            message: String::new(),
            fix: String::new(),
            place: None,
        }
    }

    /// Of a place that is silent.
    pub fn silent(place: &PlaceFacts, why: &str) -> RuleVerdict {
        let verdict = RuleVerdict::new(RuleState::Unknown, SILENT, "", "");
        RuleVerdict { cluster: place.cluster.clone(), ..verdict }.message(why)
    }

    /// Of the entity.
    pub fn entity(state: RuleState, path: &str, seen: &str) -> RuleVerdict {
        RuleVerdict::new(state, "entity", path, seen)
    }

    /// Of a workload.
    pub fn workload(
        state: RuleState,
        place: &PlaceFacts,
        workload: &WorkloadFacts,
        path: &str,
        seen: &str,
    ) -> RuleVerdict {
        RuleVerdict {
            cluster: place.cluster.clone(),
            place: workload.place.clone(),
            ..RuleVerdict::new(state, &workload.called(), path, seen)
        }
    }

    pub fn fix(self, line: impl Into<String>) -> RuleVerdict {
        RuleVerdict { fix: line.into(), ..self }
    }

    pub fn message(self, message: impl Into<String>) -> RuleVerdict {
        RuleVerdict { message: message.into(), ..self }
    }
}
