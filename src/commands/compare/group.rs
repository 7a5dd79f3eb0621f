//! The groups of differences, by which `--only` chooses.

use crate::compare::{Attribute, Group};

/// What is compared.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, clap::ValueEnum)]
pub enum Only {
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

impl Only {
    pub fn of(group: Group) -> Only {
        match group {
            Group::Image | Group::Injected => Only::Images,
            Group::Environment => Only::Env,
            Group::Resources => Only::Resources,
            Group::Probes | Group::References | Group::Template | Group::Workload => Only::Template,
            Group::Config => Only::Config,
            Group::Revision => Only::Revision,
            Group::Scale | Group::Bounds => Only::Scale,
            Group::Storage => Only::Storage,
            Group::Node => Only::Versions,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Only::Images => "images",
            Only::Env => "env",
            Only::Resources => "resources",
            Only::Template => "template",
            Only::Config => "config",
            Only::Revision => "revision",
            Only::Scale => "scale",
            Only::Storage => "storage",
            Only::Versions => "versions",
        }
    }
}

/// Whether each cluster has its own by nature: revisions are counted and rollouts begin in each by itself, replicas
/// follow the load, a namespace has the name that a cluster gives it, and an application of Argo CD is often named after
/// its cluster. Such a difference is told, and is
/// nothing that is wrong.
pub fn is_expected(attribute: &Attribute) -> bool {
    match attribute.group {
        Group::Scale => true,
        Group::Workload => matches!(attribute.what.as_str(), "namespace" | "name"),
        Group::Template => is_stamp(&attribute.what),
        Group::Revision => matches!(
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
