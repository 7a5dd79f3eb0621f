//! Why there is no figure of a pod, so that a dash is never a riddle.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::commands::top::report::PodRow;
use crate::workload::{Pod, Role};

/// Why a pod was not measured.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Unmeasured {
    /// The cluster serves no metrics: it has no metrics server.
    NotServed,
    /// The cluster would not, or could not, tell them: its gap says why.
    Refused,
    /// A container waits or is over: a metrics server tells nothing of the pod then.
    NotRunning,
    /// It has only just started.
    Young,
    /// It runs, metrics are served, and there are none of it.
    Absent,
}

/// How long a metrics server may take for its first figure; kubectl waits as long before it complains.
const FIRST_FIGURE: SignedDuration = SignedDuration::from_mins(2);
/// Pods named for one reason.
const MOST_NAMES: usize = 3;

/// Of a pod without metrics in a cluster that serves and tells them.
pub fn why(pod: &Pod, now: Timestamp) -> Unmeasured {
    let beside = pod.containers().into_iter().filter(|one| matches!(one.role, Role::Main | Role::Sidecar));
    let states: Vec<_> = beside.filter_map(|one| one.status).map(|status| &status.state).collect();
    if pod.status.phase != "Running" || states.iter().any(|state| state.running.is_none()) {
        return Unmeasured::NotRunning;
    }
    let starts = states.iter().filter_map(|state| state.running.as_ref()?.started_at);
    let started = starts.max().or(pod.status.start_time);
    match started.is_some_and(|at| now.duration_since(at) < FIRST_FIGURE) {
        true => Unmeasured::Young,
        false => Unmeasured::Absent,
    }
}

/// A note for each reason that no other line tells: of refusals the gaps do.
pub fn notes(items: &[PodRow]) -> Vec<String> {
    let of = |reason: Unmeasured| items.iter().filter(move |item| item.unmeasured == Some(reason));
    let mut notes = Vec::new();
    let mut without: Vec<&str> = of(Unmeasured::NotServed).map(|item| item.cluster.as_str()).collect();
    without.sort_unstable();
    without.dedup();
    if !without.is_empty() {
        notes.push(format!("no metrics server: {}", without.join(", ")));
    }
    for (reason, words) in [
        (Unmeasured::NotRunning, "not measured, as a container does not run"),
        (Unmeasured::Young, "not measured yet, as it started less than 2m ago"),
        (Unmeasured::Absent, "not measured, though it runs and its cluster serves metrics"),
    ] {
        let names: Vec<String> = of(reason).map(|item| format!("{} ({})", item.name, item.cluster)).collect();
        let more = names.len().saturating_sub(MOST_NAMES);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        if !names.is_empty() {
            let shown: Vec<String> = names.into_iter().take(MOST_NAMES).collect();
            notes.push(format!("{words}: {}{rest}", shown.join(", ")));
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::{Unmeasured, why};
    use crate::workload::{Object, kind};

    #[track_caller]
    fn check(status: &str, expected: Unmeasured) {
        let json = format!(
            r#"{{"metadata":{{"name":"p"}},"spec":{{"initContainers":[{{"name":"setup"}}],"containers":[{{"name":"app"}}]}},"status":{status}}}"#
        );
        let Object::Pod(pod) = (kind("Pod").expect("a row").observe)(&json).expect("a pod") else {
            panic!("no pod")
        };
        assert_eq!(why(&pod, "2026-01-15T10:00:00Z".parse().expect("a time")), expected, "{status}");
    }

    #[test]
    fn a_pod_without_a_figure_says_why() {
        let running = |state: &str| {
            format!(
                r#"{{"phase":"Running","startTime":"2026-01-15T09:00:00Z",
                "initContainerStatuses":[{{"name":"setup","state":{{"terminated":{{"exitCode":0}}}}}}],
                "containerStatuses":[{{"name":"app","state":{state}}}]}}"#
            )
        };
        check(r#"{"phase":"Pending"}"#, Unmeasured::NotRunning);
        check(&running(r#"{"waiting":{"reason":"CrashLoopBackOff"}}"#), Unmeasured::NotRunning);
        check(&running(r#"{"terminated":{"exitCode":0}}"#), Unmeasured::NotRunning);
        check(&running(r#"{"running":{"startedAt":"2026-01-15T09:58:01Z"}}"#), Unmeasured::Young);
        check(&running(r#"{"running":{"startedAt":"2026-01-15T09:58:00Z"}}"#), Unmeasured::Absent);
        check(r#"{"phase":"Running","startTime":"2026-01-15T09:59:30Z"}"#, Unmeasured::Young);
    }
}
