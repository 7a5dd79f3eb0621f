//! What a container's status says of its logs.

use crate::workload::PodContainer;

/// How often it was restarted and what the runtime calls it: differs from run to run. While a container waits to
/// be started again, it is that of the last one.
pub type ContainerRun = (i64, String);

/// One run after another: which one it is in, and what can be read of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Life {
    pub run: ContainerRun,
    pub running: bool,
    /// The kubelet has a log of this run, or, in back-off, of the last one.
    pub has_log: bool,
    pub has_previous: bool,
    /// It has ended and was not started again: the log of its last run is the current one, and the one before may be gone.
    pub is_over: bool,
    /// It runs and is ready, or has done its work, and was never restarted: it has no end to look into.
    pub is_unbroken: bool,
    /// Why there is no log, such as `ContainerCreating`.
    pub waits_for: String,
}

impl Life {
    pub fn of(container: &PodContainer) -> Life {
        let Some(status) = container.status else {
            return Life { waits_for: "not created yet".to_string(), ..Life::default() };
        };
        let (state, last) = (&status.state, &status.last_state);
        let running = state.running.is_some();
        let has_previous = last.terminated.is_some();
        let is_done = state.terminated.as_deref().is_some_and(|ended| ended.exit_code == Some(0));
        let waiting = state.waiting.as_deref().map(|waiting| waiting.reason.as_str()).unwrap_or_default();
        Life {
            run: (status.restart_count, status.container_id.clone()),
            running,
            has_log: running || state.terminated.is_some() || has_previous,
            has_previous,
            is_over: state.terminated.is_some(),
            is_unbroken: status.restart_count == 0 && !has_previous && (is_done || running && status.ready),
            waits_for: if waiting.is_empty() { "not started yet" } else { waiting }.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Life;
    use crate::workload::{Object, kind};

    #[track_caller]
    fn life(status: &str) -> Life {
        let json = format!(
            r#"{{"spec":{{"containers":[{{"name":"app"}}]}},"status":{{"containerStatuses":[{status}]}}}}"#
        );
        let object = kind("Pod").expect("a kind").observe(&json).expect("a pod");
        let Object::Pod(pod) = object else { panic!("no pod") };
        Life::of(&pod.containers()[0])
    }

    /// running, has a log, has a previous one
    #[track_caller]
    fn check(status: &str, expect: (bool, bool, bool)) {
        let life = life(status);
        assert_eq!((life.running, life.has_log, life.has_previous), expect, "{status}");
    }

    #[test]
    fn one_that_never_failed_is_unbroken() {
        let unbroken = |status: &str| life(status).is_unbroken;
        assert!(unbroken(r#"{"name":"app","ready":true,"state":{"running":{}}}"#));
        assert!(unbroken(r#"{"name":"app","state":{"terminated":{"exitCode":0}}}"#));
        assert!(!unbroken(r#"{"name":"app","state":{"running":{}}}"#), "not ready");
        assert!(!unbroken(r#"{"name":"app","state":{"terminated":{"exitCode":1}}}"#));
        assert!(
            !unbroken(r#"{"name":"app","ready":true,"restartCount":1,"state":{"running":{}}}"#),
            "its log is gone"
        );
        assert!(!unbroken(r#"{"name":"app","state":{"waiting":{"reason":"ContainerCreating"}}}"#));
    }

    #[test]
    fn a_status_says_what_can_be_read() {
        check("", (false, false, false));
        check(r#"{"name":"app","state":{"running":{}}}"#, (true, true, false));
        check(r#"{"name":"app","state":{"waiting":{"reason":"ImagePullBackOff"}}}"#, (false, false, false));
        check(r#"{"name":"app","state":{"terminated":{"exitCode":0}}}"#, (false, true, false));
        check(
            r#"{"name":"app","state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1}}}"#,
            (false, true, true),
        );
        check(
            r#"{"name":"app","state":{"running":{}},"lastState":{"terminated":{"exitCode":1}}}"#,
            (true, true, true),
        );
    }
}
