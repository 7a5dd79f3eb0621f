//! Why there is no figure of a pod, so that a dash is never a riddle.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

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

#[cfg(test)]
mod tests {
    use super::{Unmeasured, why};
    use crate::workload::{Object, kind};

    #[track_caller]
    fn check(status: &str, expected: Unmeasured) {
        let json = format!(
            r#"{{"metadata":{{"name":"p"}},"spec":{{"initContainers":[{{"name":"setup"}}],"containers":[{{"name":"app"}}]}},"status":{status}}}"#
        );
        let Object::Pod(pod) = kind("Pod").expect("a row").observe(&json).expect("a pod") else {
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
