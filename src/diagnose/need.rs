//! What can be asked for beside what status has fetched.

/// What to fetch for a subject. Nothing of it is a Secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// Events of the pod (of a workload without pods: of it and of its children).
    pub events: bool,
    /// The previous log of the container to blame, else its current one.
    pub log: bool,
    /// The pod's node, and its events where `events` is set too.
    pub node: bool,
    /// The PersistentVolumeClaims that the pod's volumes name.
    pub claims: bool,
}

impl Needs {
    pub const NOTHING: Needs = Needs { events: false, log: false, node: false, claims: false };
    pub const EVENTS: Needs = Needs { events: true, ..Needs::NOTHING };
    pub const NODE: Needs = Needs { node: true, ..Needs::NOTHING };
    pub const END: Needs = Needs { events: true, log: true, ..Needs::NOTHING };
    pub const KILL: Needs = Needs { node: true, ..Needs::END };
    pub const EVENTS_AND_NODE: Needs = Needs { node: true, ..Needs::EVENTS };
    pub const CLAIMS: Needs = Needs { claims: true, ..Needs::EVENTS };
    pub const LOG: Needs = Needs { log: true, ..Needs::NOTHING };

    pub fn and(self, other: Needs) -> Needs {
        Needs {
            events: self.events || other.events,
            log: self.log || other.log,
            node: self.node || other.node,
            claims: self.claims || other.claims,
        }
    }
}
