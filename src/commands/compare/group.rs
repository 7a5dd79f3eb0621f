//! The groups of differences, by which `--only` chooses.

use crate::compare::{Attribute, AttributeGroup};

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

impl ComparedGroup {
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
pub fn is_expected(attribute: &Attribute) -> bool {
    match attribute.group {
        AttributeGroup::Scale => true,
        AttributeGroup::Workload => matches!(attribute.what.as_str(), "namespace" | "name"),
        AttributeGroup::Template => is_stamp(&attribute.what),
        AttributeGroup::Revision => matches!(
            attribute.what.as_str(),
            "revision"
                | "rollout start"
                | "restarted at"
                | "tracking id"
                | "template hash"
                | "controller revision"
        ),
        _ => false,
    }
}

/// Annotations that a tool writes anew for each rollout or each content: what they stand for is told by itself.
fn is_stamp(what: &str) -> bool {
    const STAMPS: &[&str] = &["checksum", "hash", "timestamp", "last-reload", "rollme", "change-cause"];
    let Some(key) = what.strip_prefix("annotation ") else { return false };
    let key = key.to_lowercase();
    STAMPS.iter().any(|stamp| key.contains(stamp))
}
