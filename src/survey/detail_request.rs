//! What the second phase is to ask one cluster: only what is wanted where something is wrong.

use std::collections::BTreeSet;
use std::fmt;

/// A name in a namespace.
pub type NamespacedName = (String, String);

/// A container: namespace, pod, name.
pub type ContainerName = (String, String, String);

/// What a cluster can refuse to show in the second phase, in the order in which it is told. `Display` is the word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DetailKind {
    Autoscalers,
    Budgets,
    Claims,
    ConfigMaps,
    Events,
    Logs,
    /// Nodes and the events about them.
    Nodes,
    CoreServices,
}

impl fmt::Display for DetailKind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            DetailKind::Autoscalers => "autoscalers",
            DetailKind::Budgets => "budgets",
            DetailKind::Claims => "claims",
            DetailKind::ConfigMaps => "configmaps",
            DetailKind::Events => "events",
            DetailKind::Logs => "logs",
            DetailKind::Nodes => "nodes",
            DetailKind::CoreServices => "services",
        })
    }
}

/// A log that is wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WantedLog {
    pub container: ContainerName,
    /// Of the run before the current one.
    pub previous: bool,
    /// What it shares with those that failed alike: of these one tells most of what there is to know.
    pub shape: String,
}

/// What one cluster is to be asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetailRequest {
    /// Objects whose events are wanted: namespace and name.
    pub events: BTreeSet<NamespacedName>,
    /// Containers whose logs are wanted, those first that matter most.
    pub logs: Vec<WantedLog>,
    /// How many of them are read at most.
    pub most_logs: usize,
    pub nodes: BTreeSet<String>,
    /// Namespaces whose core Services are wanted.
    pub core_services: BTreeSet<String>,
    /// Whether all nodes are wanted, for their taints.
    pub all_nodes: bool,
    /// Namespaces in which it is asked which pods had to make room for others.
    pub preempted: BTreeSet<String>,
    /// Nodes whose events are wanted too.
    pub node_events: BTreeSet<String>,
    pub claims: BTreeSet<NamespacedName>,
    pub config_maps: BTreeSet<NamespacedName>,
    /// Namespaces whose autoscalers are wanted.
    pub autoscalers: BTreeSet<String>,
    /// Namespaces whose disruption budgets, and what is told of the autoscalers, are wanted too.
    pub scaling: BTreeSet<String>,
    /// Autoscalers and budgets by a selector: its namespace (none: all) and its text.
    pub labelled: BTreeSet<(Option<String>, String)>,
    /// The last lines of each log.
    pub lines: u32,
}

impl DetailRequest {
    pub fn is_empty(&self) -> bool {
        let DetailRequest {
            events,
            logs,
            nodes,
            core_services,
            all_nodes,
            preempted,
            node_events,
            claims,
            config_maps,
            autoscalers,
            scaling,
            labelled,
            lines: _,
            most_logs: _,
        } = self;
        events.is_empty()
            && logs.is_empty()
            && nodes.is_empty()
            && core_services.is_empty()
            && !all_nodes
            && preempted.is_empty()
            && node_events.is_empty()
            && claims.is_empty()
            && config_maps.is_empty()
            && autoscalers.is_empty()
            && scaling.is_empty()
            && labelled.is_empty()
    }
}

impl DetailRequest {
    /// Both: what several services need of a cluster is asked once.
    pub fn join(&mut self, other: DetailRequest) {
        self.events.extend(other.events);
        self.logs.extend(other.logs);
        self.nodes.extend(other.nodes);
        self.core_services.extend(other.core_services);
        self.all_nodes |= other.all_nodes;
        self.preempted.extend(other.preempted);
        self.node_events.extend(other.node_events);
        self.claims.extend(other.claims);
        self.config_maps.extend(other.config_maps);
        self.autoscalers.extend(other.autoscalers);
        self.scaling.extend(other.scaling);
        self.labelled.extend(other.labelled);
        self.lines = self.lines.max(other.lines);
        self.most_logs = self.most_logs.max(other.most_logs);
    }
}
