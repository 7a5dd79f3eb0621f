//! The groups of differences, by which `--only` chooses.

use crate::compare::{AttributeGroup, AttributeName};
use serde::Serialize;

/// What is compared.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, clap::ValueEnum)]
pub enum ComparedGroup {
    /// Images by tag and by the digest that runs
    Images,
    /// Environment variables; secret-looking values are masked
    Env,
    /// Requests and limits
    Resources,
    /// The rest of the workload: command, probes, volumes, accounts, security, strategy, schedule
    Template,
    /// What is in the ConfigMaps that the pods refer to
    Config,
    /// Which revision, since when, from which chart or source
    Revision,
    /// Autoscalers, disruption budgets; how many replicas are wanted and available
    Scale,
    /// The classes and sizes of volume claims
    Storage,
    /// The servers' versions, and the nodes' where the pods run
    Versions,
}

/// As the word of `--only`.
impl Serialize for ComparedGroup {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl ComparedGroup {
    /// The group that an attribute is told in.
    pub fn of(group: AttributeGroup) -> ComparedGroup {
        match group {
            AttributeGroup::Image | AttributeGroup::Injected => ComparedGroup::Images,
            AttributeGroup::Environment => ComparedGroup::Env,
            AttributeGroup::Resources => ComparedGroup::Resources,
            AttributeGroup::Probes
            | AttributeGroup::References
            | AttributeGroup::Template
            | AttributeGroup::Workload => ComparedGroup::Template,
            AttributeGroup::Config => ComparedGroup::Config,
            AttributeGroup::Revision => ComparedGroup::Revision,
            AttributeGroup::Scale | AttributeGroup::Bounds => ComparedGroup::Scale,
            AttributeGroup::Storage => ComparedGroup::Storage,
            AttributeGroup::Node => ComparedGroup::Versions,
        }
    }

    /// The word of `--only`, of the table and of the JSON.
    pub fn word(self) -> &'static str {
        match self {
            ComparedGroup::Images => "images",
            ComparedGroup::Env => "env",
            ComparedGroup::Resources => "resources",
            ComparedGroup::Template => "template",
            ComparedGroup::Config => "config",
            ComparedGroup::Revision => "revision",
            ComparedGroup::Scale => "scale",
            ComparedGroup::Storage => "storage",
            ComparedGroup::Versions => "versions",
        }
    }
}

/// Whether each cluster has its own by nature: revisions are counted and rollouts begin in each by itself, replicas
/// follow the load, a namespace has the name that a cluster gives it, and an application of Argo CD is often named after
/// its cluster. Such a difference is told, and is
/// nothing that is wrong.
pub fn is_expected(attribute: &AttributeName) -> bool {
    use AttributeName as A;
    match attribute {
        A::Replicas | A::Available | A::Namespace | A::Name => true,
        A::Annotation(key) => is_stamp(key),
        A::Revision | A::RolloutStart | A::RestartedAt | A::TrackingId => true,
        A::TemplateHash | A::ControllerRevision => true,
        _ => false,
    }
}

/// Annotations that a tool writes anew for each rollout or each content: what they stand for is told by itself.
fn is_stamp(key: &str) -> bool {
    const STAMPS: &[&str] = &["checksum", "hash", "timestamp", "last-reload", "rollme", "change-cause"];
    let key = key.to_lowercase();
    STAMPS.iter().any(|stamp| key.contains(stamp))
}
