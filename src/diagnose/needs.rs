//! What is worth asking for before a subject is judged: the plan of the second phase.

use crate::diagnose::culprit::culprits;
use crate::diagnose::rules::rule;
use crate::diagnose::run::diagnose;
use crate::diagnose::subject::Subject;
use crate::workload::{Pod, Role};

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

/// What to ask for: nothing where the status alone decides, else what the rules that it points to need.
pub fn needs(subject: &Subject) -> Needs {
    let findings = diagnose(subject);
    let by_rules = findings.iter().filter_map(|finding| rule(&finding.cause)).map(|rule| rule.needs);
    let told = by_rules.fold(Needs::NOTHING, Needs::and);
    if findings.is_empty() && is_troubled(subject) { Needs::EVENTS.and(Needs::NODE) } else { told }
}

/// The containers of which a log is worth reading, the first to blame first.
pub fn log_containers<'a>(subject: &Subject<'a>) -> Vec<&'a str> {
    let ended = culprits(subject).into_iter().filter(|culprit| culprit.end.is_some() && !culprit.never_ran());
    let mut names: Vec<&str> = ended.map(|culprit| culprit.name()).collect();
    if let Some(pod) = subject.pod {
        let stuck = pod.containers().into_iter().filter(|container| {
            container.role == Role::Init
                && container.status.is_some_and(|status| status.state.running.is_some())
        });
        names.extend(stuck.map(|container| container.name));
    }
    names.dedup();
    names
}

fn is_troubled(subject: &Subject) -> bool {
    match (subject.pod, subject.workload) {
        (Some(pod), _) => !settled(pod),
        (None, Some(_)) => true,
        (None, None) => false,
    }
}

fn settled(pod: &Pod) -> bool {
    pod.status.phase == "Succeeded" || pod.is_ready()
}
