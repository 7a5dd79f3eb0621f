//! A finding: the cause, how sure, in whose words, and what to type next.

use crate::diagnose::blamed::Blamed;
use crate::diagnose::command::NextCommand;
use crate::diagnose::signature;
use jiff::Timestamp;

/// How sure: high = the kubelet, the scheduler or a controller says so; medium = two signals agree, or a log
/// line beside a non-zero exit; low = one weak signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    Low,
    Medium,
    High,
}

/// Where a piece of evidence was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceSource {
    Status,
    Condition,
    Event,
    Log,
    Node,
    Object,
}

/// Verbatim, as the cluster said it: not yet fit for a terminal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    pub source: EvidenceSource,
    pub text: String,
}

/// One cause of what is wrong with a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// An id of RULES, or a team's own.
    pub cause: String,
    /// Who stands behind a team's own cause.
    pub owner: Option<String>,
    pub runbook: Option<String>,
    pub confidence: Confidence,
    /// One line for someone who has just been woken.
    pub summary: String,
    /// The container to blame; for a pod's end its first main one; `None` where none is.
    pub container: Option<String>,
    /// The deciding piece first.
    pub evidence: Vec<Evidence>,
    pub next: Vec<NextCommand>,
    /// Other causes that the same facts allow, the likeliest first.
    pub alternatives: Vec<String>,
    /// What it blames outside of the pod.
    pub blames: Option<Blamed>,
    /// Equal for findings that are the same trouble, in any pod, workload or cluster.
    pub signature: String,
    pub since: Option<Timestamp>,
}

impl Finding {
    /// Adds evidence unless it says nothing or was said already.
    pub fn because(mut self, source: EvidenceSource, text: &str) -> Finding {
        let text = text.trim();
        if !text.is_empty() && !self.evidence.iter().any(|known| known.text == text) {
            self.evidence.push(Evidence { source, text: text.to_string() });
        }
        self
    }

    pub fn container(mut self, name: &str) -> Finding {
        self.container = Some(name.to_string()).filter(|name| !name.is_empty());
        self
    }

    pub fn or(mut self, causes: &[&str]) -> Finding {
        self.alternatives.extend(causes.iter().map(|cause| cause.to_string()));
        self
    }

    /// What makes two findings of a cause the same: the deciding line without what differs from run to run.
    pub fn signed_like(mut self, line: &str, pod: &str) -> Finding {
        self.signature = signature::of(line, pod);
        self
    }

    /// As `like`, for the name of a thing: another number is another thing.
    pub fn signed(mut self, name: &str) -> Finding {
        self.signature = name.trim().to_string();
        self
    }

    pub fn since(mut self, since: Option<Timestamp>) -> Finding {
        self.since = self.since.or(since);
        self
    }
}

impl Confidence {
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }

    /// One step down, for evidence that is missing or from another run.
    pub fn lowered(self) -> Confidence {
        match self {
            Confidence::High => Confidence::Medium,
            _ => Confidence::Low,
        }
    }
}

impl EvidenceSource {
    pub fn word(self) -> &'static str {
        match self {
            EvidenceSource::Status => "status",
            EvidenceSource::Condition => "condition",
            EvidenceSource::Event => "event",
            EvidenceSource::Log => "log",
            EvidenceSource::Node => "node",
            EvidenceSource::Object => "object",
        }
    }
}
