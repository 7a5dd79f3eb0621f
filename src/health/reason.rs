//! Why a health is what it is, in one word.

use std::fmt;

/// A word of Kubernetes', or one of ours where Kubernetes has none. `Display` is what tables and JSON have.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// All is well, and there is nothing to say.
    #[default]
    None,
    /// Kubernetes' own CamelCase word, or the id of a cluster's silence.
    Word(String),
    Own(OwnReason),
}

/// What Kubernetes has no word for. docs/output.md says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnReason {
    InitContainerStuck,
    Interrupted,
    InvalidSelector,
    /// The catalog places the service in clusters that nobody has.
    NoSuchCluster,
    LastRunFailed,
    MinReadySeconds,
    MissedSchedule,
    Missing,
    NoConditions,
    NoPhase,
    NoStatus,
    NodeNotReady,
    Paused,
    PausedWhileUnavailable,
    PhaseUnknown,
    PodsNotCreated,
    ReadinessFailing,
    ReadinessGate,
    ReplicasUnavailable,
    Rollout,
    ScaledToZero,
    Scaling,
    ScalingToZero,
    SpecNotObserved,
    StuckTerminating,
    Suspended,
    WaitingForConsumer,
}

impl OwnReason {
    /// The kebab-case id.
    pub fn id(self) -> &'static str {
        match self {
            OwnReason::InitContainerStuck => "init-container-stuck",
            OwnReason::Interrupted => "interrupted",
            OwnReason::InvalidSelector => "invalid-selector",
            OwnReason::NoSuchCluster => "no-such-cluster",
            OwnReason::LastRunFailed => "last-run-failed",
            OwnReason::MinReadySeconds => "min-ready-seconds",
            OwnReason::MissedSchedule => "missed-schedule",
            OwnReason::Missing => "missing",
            OwnReason::NoConditions => "no-conditions",
            OwnReason::NoPhase => "no-phase",
            OwnReason::NoStatus => "no-status",
            OwnReason::NodeNotReady => "node-not-ready",
            OwnReason::Paused => "paused",
            OwnReason::PausedWhileUnavailable => "paused-while-unavailable",
            OwnReason::PhaseUnknown => "phase-unknown",
            OwnReason::PodsNotCreated => "pods-not-created",
            OwnReason::ReadinessFailing => "readiness-failing",
            OwnReason::ReadinessGate => "readiness-gate",
            OwnReason::ReplicasUnavailable => "replicas-unavailable",
            OwnReason::Rollout => "rollout",
            OwnReason::ScaledToZero => "scaled-to-zero",
            OwnReason::Scaling => "scaling",
            OwnReason::ScalingToZero => "scaling-to-zero",
            OwnReason::SpecNotObserved => "spec-not-observed",
            OwnReason::StuckTerminating => "stuck-terminating",
            OwnReason::Suspended => "suspended",
            OwnReason::WaitingForConsumer => "waiting-for-consumer",
        }
    }
}

impl Reason {
    /// The word; empty where all is well.
    pub fn as_str(&self) -> &str {
        match self {
            Reason::None => "",
            Reason::Word(word) => word,
            Reason::Own(own) => own.id(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq<OwnReason> for Reason {
    fn eq(&self, other: &OwnReason) -> bool {
        matches!(self, Reason::Own(own) if own == other)
    }
}

impl From<OwnReason> for Reason {
    fn from(own: OwnReason) -> Reason {
        Reason::Own(own)
    }
}

impl From<&str> for Reason {
    /// A word that often comes from a cluster: without what could steer a terminal.
    fn from(word: &str) -> Reason {
        if word.is_empty() { Reason::None } else { Reason::Word(crate::text::safe(word)) }
    }
}

impl From<&String> for Reason {
    fn from(word: &String) -> Reason {
        Reason::from(word.as_str())
    }
}

impl From<String> for Reason {
    fn from(word: String) -> Reason {
        Reason::from(word.as_str())
    }
}
