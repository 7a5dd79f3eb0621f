//! The groups of differences, by which `--only` chooses.

use crate::compare::{Attribute, Group};

/// What is compared.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, clap::ValueEnum)]
pub enum Only {
    /// Images by tag and by the digest that runs
    Images,
    /// Environment variables; secret-looking values are masked and not compared
    Env,
    /// Requests and limits
    Resources,
    /// The rest of the pod template: command, probes, volumes, accounts, security
    Template,
    /// What is in the ConfigMaps that the pods refer to
    Config,
    /// Which revision, since when, from which chart or source
    Revision,
    /// How many replicas are wanted and available
    Scale,
    /// The servers' versions
    Versions,
}

impl Only {
    pub fn of(group: Group) -> Only {
        match group {
            Group::Image => Only::Images,
            Group::Environment => Only::Env,
            Group::Resources => Only::Resources,
            Group::Probes | Group::References | Group::Template => Only::Template,
            Group::Config => Only::Config,
            Group::Revision => Only::Revision,
            Group::Scale => Only::Scale,
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
            Only::Versions => "versions",
        }
    }
}

/// Whether each cluster has its own by nature: revisions are counted and rollouts begin in each by itself, replicas
/// follow the load, and an application of Argo CD is often named after its cluster. Such a difference is told, and is
/// nothing that is wrong.
pub fn is_expected(attribute: &Attribute) -> bool {
    match attribute.group {
        Group::Scale => true,
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
