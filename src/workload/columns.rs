//! What `kubectl get pods` and `kubectl get jobs` print, cell by cell.

use crate::text;
use crate::workload::body::{JobSpec, JobStatus};
use crate::workload::container::{ContainerStatus, State, Terminated};
use crate::workload::meta::{Condition, condition};
use crate::workload::pod::Pod;
use jiff::Timestamp;

/// The cells of a pod.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    /// `1/2`
    pub ready: String,
    /// `CrashLoopBackOff`, `Init:0/1`, `Running`
    pub status: String,
    pub restarts: i64,
    /// The end of the newest earlier run, where one is known.
    pub last_restart: Option<Timestamp>,
}

impl Columns {
    /// The RESTARTS cell: `3` or `3 (10s ago)`.
    pub fn restarts_cell(&self, now: Timestamp) -> String {
        match self.last_restart {
            Some(last) if self.restarts > 0 => format!("{} ({} ago)", self.restarts, text::age_of(last, now)),
            _ => self.restarts.to_string(),
        }
    }
}

/// READY, STATUS and RESTARTS as Kubernetes' own printer (printPod) makes them.
pub fn columns(pod: &Pod) -> Columns {
    let status = &pod.status;
    let mut cells =
        Columns { ready: String::new(), status: status.phase.to_string(), restarts: 0, last_restart: None };
    if !status.reason.is_empty() {
        cells.status = status.reason.to_string();
    }
    if pod.gated_condition().is_some() {
        cells.status = "SchedulingGated".to_string();
    }
    let sidecars =
        pod.spec.init_containers.iter().filter(|container| container.restart_policy == "Always").count();
    let (seen, mut ready) = init_containers(pod, &mut cells);
    if !seen.initializing || says_initialized(pod) {
        ready += main_containers(pod, seen.containers, &mut cells);
    }
    let ended = matches!(status.phase.as_str(), "Succeeded" | "Failed");
    if pod.meta.deleted.is_some() && status.reason == "NodeLost" {
        cells.status = "Unknown".to_string();
    } else if pod.meta.deleted.is_some() && !ended {
        cells.status = "Terminating".to_string();
    }
    cells.ready = format!("{ready}/{}", pod.spec.containers.len() + sidecars);
    cells
}

fn says_initialized(pod: &Pod) -> bool {
    let first = pod.status.conditions.iter().find(|condition| condition.kind == "Initialized");
    first.is_some_and(Condition::is_true)
}

struct PodColumns<'a> {
    containers: &'a [ContainerStatus],
    initializing: bool,
}

/// The init containers seen until one that still initializes, and how many sidecars are ready.
fn init_containers<'a>(pod: &'a Pod, cells: &mut Columns) -> (PodColumns<'a>, usize) {
    let (all, mut ready) = (&pod.status.init_container_statuses, 0);
    for (index, container) in all.iter().enumerate() {
        count_restarts(container, cells);
        match &container.state.terminated {
            Some(end) if end.exit_code.unwrap_or(0) == 0 => continue,
            _ if is_sidecar(pod, &container.name) && container.started == Some(true) => {
                ready += usize::from(container.ready);
                continue;
            }
            Some(end) => cells.status = format!("Init:{}", end_word(end)),
            None => cells.status = initializing(pod, index, &container.state),
        }
        return (PodColumns { containers: &all[..=index], initializing: true }, ready);
    }
    (PodColumns { containers: all, initializing: false }, ready)
}

fn initializing(pod: &Pod, index: usize, state: &State) -> String {
    match state.waiting.as_deref().map_or("", |waiting| &waiting.reason) {
        "" | "PodInitializing" => format!("Init:{index}/{}", pod.spec.init_containers.len()),
        reason => format!("Init:{reason}"),
    }
}

/// How many main containers are ready. Restarts of finished init containers no longer count.
fn main_containers(pod: &Pod, init: &[ContainerStatus], cells: &mut Columns) -> usize {
    (cells.restarts, cells.last_restart) = (0, None);
    let sidecars = init.iter().filter(|container| is_sidecar(pod, &container.name));
    sidecars.for_each(|container| count_restarts(container, cells));
    let (mut ready, mut running) = (0, false);
    // Backwards, so that the first container has the last word.
    for container in pod.status.container_statuses.iter().rev() {
        count_restarts(container, cells);
        let waiting = container.state.waiting.as_deref().map_or("", |waiting| &waiting.reason);
        if !waiting.is_empty() {
            cells.status = waiting.to_string();
        } else if let Some(end) = &container.state.terminated {
            cells.status = end_word(end);
        } else if container.ready && container.state.running.is_some() {
            running = true;
            ready += 1;
        }
    }
    if cells.status == "Completed" && running {
        cells.status = if pod.is_ready() { "Running" } else { "NotReady" }.to_string();
    }
    ready
}

fn is_sidecar(pod: &Pod, name: &str) -> bool {
    let found = pod.spec.init_containers.iter().rev().find(|container| container.name == name);
    found.is_some_and(|container| container.restart_policy == "Always")
}

fn count_restarts(container: &ContainerStatus, cells: &mut Columns) {
    cells.restarts = cells.restarts.saturating_add(container.restart_count);
    let last = container.last_state.terminated.as_deref().and_then(|end| end.finished_at);
    cells.last_restart = cells.last_restart.max(last);
}

fn end_word(end: &Terminated) -> String {
    if !end.reason.is_empty() {
        end.reason.clone()
    } else if end.signal != 0 {
        format!("Signal:{}", end.signal)
    } else {
        format!("ExitCode:{}", end.exit_code.unwrap_or(0))
    }
}

/// The cells of a Job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobColumns {
    /// `Complete`, `Failed`, `Running`...
    pub status: String,
    /// `1/3`, `0/1 of 2`
    pub completions: String,
}

/// STATUS and COMPLETIONS as `kubectl get jobs` prints them.
pub fn job_columns(job_spec: &JobSpec, status: &JobStatus, deleted: bool) -> JobColumns {
    let says = |kind| condition(&status.conditions, kind).is_some_and(Condition::is_true);
    let word = match () {
        () if says("Complete") => "Complete",
        () if says("Failed") => "Failed",
        () if deleted => "Terminating",
        () if says("Suspended") => "Suspended",
        () if says("FailureTarget") => "FailureTarget",
        () if says("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    };
    let completions = match (job_spec.completions, job_spec.parallelism) {
        (Some(wanted), _) => format!("{}/{wanted}", status.succeeded),
        (None, Some(parallel)) if parallel > 1 => format!("{}/1 of {parallel}", status.succeeded),
        (None, _) => format!("{}/1", status.succeeded),
    };
    JobColumns { status: word.to_string(), completions }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{columns, job_columns};
    use crate::workload::{Body, Object, kind};
    use jiff::Timestamp;
    use serde_json::{Value, json};

    const NOW: &str = "2026-01-15T10:00:00Z";

    /// READY, STATUS and RESTARTS of a pod with two main containers, `a` and `b`, and what else is given.
    #[track_caller]
    fn check(pod: Value, expect: [&str; 3]) {
        let Object::Pod(pod) = kind("Pod").unwrap().observe(&pod.to_string()).unwrap() else {
            panic!("no pod")
        };
        let cells = columns(&pod);
        let restarts = cells.restarts_cell(NOW.parse::<Timestamp>().unwrap());
        assert_eq!([cells.ready.as_str(), &cells.status, &restarts], expect);
    }

    fn pod(status: Value) -> Value {
        json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}, "status": status})
    }

    fn up(name: &str, restarts: i64) -> Value {
        json!({"name": name, "ready": true, "restartCount": restarts, "state": {"running": {}},
            "lastState": {"terminated": {"finishedAt": "2026-01-15T09:59:50Z"}}})
    }

    #[test]
    fn the_first_container_has_the_last_word() {
        let waits = json!({"name": "b", "state": {"waiting": {"reason": "ContainerCreating"}}});
        check(
            pod(json!({"phase": "Running", "containerStatuses": [up("a", 3), waits.clone()]})),
            ["1/2", "ContainerCreating", "3 (10s ago)"],
        );
        let signal = json!({"name": "a", "state": {"terminated": {"signal": 9, "exitCode": 137}}});
        check(
            pod(json!({"phase": "Running", "containerStatuses": [signal, waits]})),
            ["0/2", "Signal:9", "0"],
        );
        let code = json!({"name": "a", "state": {"terminated": {"exitCode": 3}}});
        check(pod(json!({"phase": "Running", "containerStatuses": [code]})), ["0/2", "ExitCode:3", "0"]);
        let stale = json!({"name": "a", "ready": true, "state": {}});
        check(pod(json!({"phase": "Running", "containerStatuses": [stale]})), ["0/2", "Running", "0"]);
    }

    #[test]
    fn completed_beside_running_is_running_or_not_ready() {
        let done = json!({"name": "a", "state": {"terminated": {"reason": "Completed"}}});
        let status = |ready: &str| json!({"phase": "Running", "containerStatuses": [done, up("b", 0)], "conditions": [{"type": "Ready", "status": ready}]});
        check(pod(status("True")), ["1/2", "Running", "0"]);
        check(pod(status("False")), ["1/2", "NotReady", "0"]);
    }

    #[test]
    fn init_containers_speak_until_they_are_done() {
        let with = |statuses: Value, initialized: &str| {
            json!({"spec": {"containers": [{"name": "a"}], "initContainers": [{"name": "i"}, {"name": "s", "restartPolicy": "Always"}]},
                "status": {"phase": "Pending", "initContainerStatuses": statuses, "containerStatuses": [up("a", 1)],
                    "conditions": [{"type": "Initialized", "status": initialized}]}})
        };
        let done = json!({"name": "i", "restartCount": 4, "state": {"terminated": {"exitCode": 0}}});
        let side = |started: bool| json!({"name": "s", "ready": true, "started": started, "restartCount": 2, "state": {"running": {}}});
        check(with(json!([{"name": "i", "state": {"running": {}}}]), "False"), ["0/2", "Init:0/2", "0"]);
        check(
            with(json!([{"name": "i", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]), "False"),
            ["0/2", "Init:CrashLoopBackOff", "0"],
        );
        check(
            with(json!([{"name": "i", "state": {"terminated": {"exitCode": 1}}}]), "False"),
            ["0/2", "Init:ExitCode:1", "0"],
        );
        check(with(json!([done, side(false)]), "False"), ["0/2", "Init:1/2", "6"]);
        check(with(json!([done, side(true)]), "False"), ["2/2", "Pending", "3 (10s ago)"]);
        check(with(json!([done, side(false)]), "True"), ["1/2", "Init:1/2", "3 (10s ago)"]);
    }

    #[test]
    fn deletion_gates_and_reasons_override() {
        let deleted = |status: Value| {
            let mut pod = pod(status);
            pod["metadata"] = json!({"deletionTimestamp": NOW});
            pod
        };
        check(deleted(json!({"phase": "Running"})), ["0/2", "Terminating", "0"]);
        check(deleted(json!({"phase": "Failed", "reason": "Evicted"})), ["0/2", "Evicted", "0"]);
        check(deleted(json!({"phase": "Running", "reason": "NodeLost"})), ["0/2", "Unknown", "0"]);
        let gate = json!([{"type": "PodScheduled", "reason": "SchedulingGated"}]);
        check(pod(json!({"phase": "Pending", "conditions": gate})), ["0/2", "SchedulingGated", "0"]);
        check(json!({}), ["0/0", "", "0"]);
    }

    #[test]
    fn jobs_are_told_by_conditions_that_are_true() {
        let cells = |spec: Value, status: Value, deleted: bool| {
            let job = json!({"spec": spec, "status": status});
            let Object::Workload(job) = kind("Job").unwrap().observe(&job.to_string()).unwrap() else {
                panic!("a pod")
            };
            let Body::Job { spec, status } = job.body else { panic!("no Job") };
            let cells = job_columns(&spec, &status, deleted);
            [cells.status, cells.completions]
        };
        let says = |kind: &str, status: &str| json!({"succeeded": 1, "conditions": [{"type": kind, "status": status}]});
        assert_eq!(cells(json!({"completions": 3}), says("Complete", "True"), true), ["Complete", "1/3"]);
        assert_eq!(
            cells(json!({"parallelism": 2}), says("Failed", "False"), true),
            ["Terminating", "1/1 of 2"]
        );
        assert_eq!(cells(json!({}), says("Suspended", "True"), false), ["Suspended", "1/1"]);
        assert_eq!(cells(json!({}), json!({}), false), ["Running", "0/1"]);
    }
}
