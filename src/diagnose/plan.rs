//! What is worth asking for before a subject is judged: the plan of the second phase.

use crate::diagnose::failed_container::failed_containers;
use crate::diagnose::finding::Finding;
use crate::diagnose::need::Needs;
use crate::diagnose::rules::rule;
use crate::diagnose::subject::Subject;
use crate::workload::{Pod, Role};

/// What to ask for, beside what was found already: nothing where the status alone decides, else what the rules that it points to
/// need.
pub fn needs(subject: &Subject, findings: &[Finding]) -> Needs {
    let by_rules = findings.iter().filter_map(|finding| rule(&finding.cause)).map(|rule| rule.needs);
    let told = by_rules.fold(Needs::NOTHING, Needs::and);
    if !findings.is_empty() || !is_troubled(subject) {
        return told;
    }
    // What an init container waits for only its log tells.
    let inits = subject.pod.is_some_and(|pod| {
        pod.containers().iter().any(|one| {
            one.role == Role::Init && one.status.is_some_and(|status| status.state.running.is_some())
        })
    });
    let first = Needs::EVENTS.and(Needs::NODE);
    if inits { first.and(Needs::LOG) } else { first }
}

/// The containers of which a log is worth reading, the first to blame first, and whether it is that of the run before
/// the current one: of a container that is over the current log is that of its end, and the one before may be gone.
pub fn log_containers<'a>(subject: &Subject<'a>) -> Vec<(&'a str, bool)> {
    let ended =
        failed_containers(subject).into_iter().filter(|failed| failed.end.is_some() && !failed.never_ran());
    let mut logs: Vec<(&str, bool)> =
        ended.map(|failed| (failed.name(), failed.status.state.terminated.is_none())).collect();
    if let Some(pod) = subject.pod {
        let stuck = pod.containers().into_iter().filter(|container| {
            container.role == Role::Init
                && container.status.is_some_and(|status| status.state.running.is_some())
        });
        for container in stuck
            .filter(|container| !logs.iter().any(|(name, _)| *name == container.name))
            .collect::<Vec<_>>()
        {
            logs.push((container.name, false));
        }
    }
    logs
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
