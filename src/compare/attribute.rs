//! Names and values that can be compared.

use std::collections::BTreeMap;

/// What kind of attribute it is, in the order in which people ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeGroup {
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
    pub group: AttributeGroup,
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
            AttributeGroup::Image
                | AttributeGroup::Environment
                | AttributeGroup::Resources
                | AttributeGroup::Probes
                | AttributeGroup::References
                | AttributeGroup::Template
        );
        !in_template
            || OF_POD.contains(&self.what.as_str())
            || (matches!(self.group, AttributeGroup::Template | AttributeGroup::References)
                && KINDS.iter().any(|kind| self.what.starts_with(kind)))
    }
}

impl AttributeGroup {
    /// A word for it, for tests.
    #[cfg(test)]
    pub fn word(self) -> &'static str {
        match self {
            AttributeGroup::Image | AttributeGroup::Injected => "images",
            AttributeGroup::Environment => "env",
            AttributeGroup::Resources => "resources",
            AttributeGroup::Probes => "probes",
            AttributeGroup::References => "references",
            AttributeGroup::Config => "config",
            AttributeGroup::Template | AttributeGroup::Workload => "template",
            AttributeGroup::Scale | AttributeGroup::Bounds => "scale",
            AttributeGroup::Storage => "storage",
            AttributeGroup::Revision => "revision",
            AttributeGroup::Node => "nodes",
        }
    }

    /// Whether an absent attribute may only not have been read.
    pub fn may_be_unread(self) -> bool {
        match self {
            AttributeGroup::Node
            | AttributeGroup::Config
            | AttributeGroup::Revision
            | AttributeGroup::Scale => true,
            AttributeGroup::Injected
            | AttributeGroup::Workload
            | AttributeGroup::Bounds
            | AttributeGroup::Storage => true,
            AttributeGroup::Image
            | AttributeGroup::Environment
            | AttributeGroup::Resources
            | AttributeGroup::Probes => false,
            AttributeGroup::References | AttributeGroup::Template => false,
        }
    }
}

/// Init containers run in this order; that of the others means nothing.
pub const INIT_ORDER: &str = "order of init containers";

/// Adds a value, unless it is empty.
pub fn put(found: &mut Attributes, group: AttributeGroup, what: impl Into<String>, value: impl AsRef<str>) {
    let value = value.as_ref().trim();
    if !value.is_empty() {
        found.insert(Attribute { group, what: what.into() }, value.to_string());
    }
}
