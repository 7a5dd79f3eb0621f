//! Names and values that can be compared.

use std::collections::BTreeMap;

/// What kind of attribute it is, in the order in which people ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    Image,
    /// Containers that pods have beside those of their template.
    Injected,
    Environment,
    Resources,
    Probes,
    /// ConfigMaps, Secrets (by name alone), claims, service accounts.
    References,
    /// What is in the ConfigMaps that it refers to.
    Config,
    Template,
    /// The workload beside its template: strategy, schedule.
    Workload,
    /// Autoscalers and disruption budgets.
    Bounds,
    /// The classes and sizes of volumes.
    Storage,
    Scale,
    Revision,
    Node,
}

/// The name of something comparable: `app env LOG_LEVEL`, `zone`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attribute {
    pub group: Group,
    pub what: String,
}

/// Values by name. Secret-looking ones are masked, and marked (`seal`) so that they are still told apart.
pub type Attributes = BTreeMap<Attribute, String>;

impl Attribute {
    /// Whether it is about the pod as a whole, and not about the container that it names first.
    pub fn is_of_pod(&self) -> bool {
        const OF_POD: &[&str] = &[
            "service account",
            "image pull secrets",
            "node selector",
            "tolerations",
            "priority class",
            "host network",
            "termination grace",
            "scheduler",
            INIT_ORDER,
        ];
        const KINDS: &[&str] = &["container ", "volume ", "annotation ", "label ", "spec "];
        let in_template = matches!(
            self.group,
            Group::Image
                | Group::Environment
                | Group::Resources
                | Group::Probes
                | Group::References
                | Group::Template
        );
        !in_template
            || OF_POD.contains(&self.what.as_str())
            || (matches!(self.group, Group::Template | Group::References)
                && KINDS.iter().any(|kind| self.what.starts_with(kind)))
    }
}

impl Group {
    /// A word for it, for tests.
    #[cfg(test)]
    pub fn word(self) -> &'static str {
        match self {
            Group::Image | Group::Injected => "images",
            Group::Environment => "env",
            Group::Resources => "resources",
            Group::Probes => "probes",
            Group::References => "references",
            Group::Config => "config",
            Group::Template | Group::Workload => "template",
            Group::Scale | Group::Bounds => "scale",
            Group::Storage => "storage",
            Group::Revision => "revision",
            Group::Node => "nodes",
        }
    }

    /// Whether an absent attribute may only not have been read.
    pub fn may_be_unread(self) -> bool {
        match self {
            Group::Node | Group::Config | Group::Revision | Group::Scale => true,
            Group::Injected | Group::Workload | Group::Bounds | Group::Storage => true,
            Group::Image | Group::Environment | Group::Resources | Group::Probes => false,
            Group::References | Group::Template => false,
        }
    }
}

/// Init containers run in this order; that of the others means nothing.
pub const INIT_ORDER: &str = "order of init containers";

/// Adds a value, unless it is empty.
pub fn put(found: &mut Attributes, group: Group, what: impl Into<String>, value: impl AsRef<str>) {
    let value = value.as_ref().trim();
    if !value.is_empty() {
        found.insert(Attribute { group, what: what.into() }, value.to_string());
    }
}
