//! Cases of our own: every cause in the table, in the words of old and new kubelets, schedulers and runtimes.
#![allow(clippy::unwrap_used)]

use crate::diagnose::corpus::{DiagnosisCase, wrong};
use serde_json::{Value, json};

mod pods;
mod processes;
mod starts;

/// A pod that runs, is not ready, and has one container `app` in the state given.
pub fn pod(status: Value, spec: Value, related: Value) -> Value {
    let mut container = json!({"name": "app", "image": "registry.example.com/team/web:1.4.2"});
    merge(&mut container, &spec);
    let mut state = json!({"name": "app", "image": "registry.example.com/team/web:1.4.2", "ready": false, "restartCount": 0});
    merge(&mut state, &status);
    json!({
        "id": "own",
        "object": {
            "kind": "Pod",
            "metadata": {"name": "web-7d9f8b6c5d-abcde", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"nodeName": "node-1", "containers": [container]},
            "status": {"phase": "Running", "containerStatuses": [state]},
        },
        "related": related,
    })
}

pub fn merge(into: &mut Value, more: &Value) {
    match (into.as_object_mut(), more.as_object()) {
        (Some(into), Some(more)) => {
            for (key, value) in more {
                match into.get_mut(key) {
                    Some(known) if known.is_object() && value.is_object() => merge(known, value),
                    _ => {
                        into.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        _ => *into = more.clone(),
    }
}

pub fn ended(code: i64, reason: &str, message: &str) -> Value {
    json!({"restartCount": 7,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container=app pod=web"}},
        "lastState": {"terminated": {"reason": reason, "exitCode": code, "message": message,
            "startedAt": "2026-01-01T00:58:00Z", "finishedAt": "2026-01-01T00:58:03Z"}}})
}

pub fn exit(code: i64, log: &str) -> Value {
    let related = if log.is_empty() { json!({}) } else { json!({"previous_log": log}) };
    pod(ended(code, if code == 0 { "Completed" } else { "Error" }, ""), json!({}), related)
}

pub fn waits(reason: &str, message: &str) -> Value {
    let mut case =
        pod(json!({"state": {"waiting": {"reason": reason, "message": message}}}), json!({}), json!({}));
    case["object"]["status"]["phase"] = "Pending".into();
    case
}

pub fn start(reason: &str, code: i64, message: &str) -> Value {
    pod(ended(code, reason, message), json!({}), json!({}))
}

pub fn event(reason: &str, message: &str) -> Value {
    json!({"involvedObject": {"kind": "Pod", "name": "web-7d9f8b6c5d-abcde", "fieldPath": "spec.containers{app}"},
        "type": "Warning", "reason": reason, "message": message, "count": 5, "source": {"component": "kubelet"},
        "firstTimestamp": "2026-01-01T00:50:00Z", "lastTimestamp": "2026-01-01T00:58:00Z"})
}

pub fn with(mut case: Value, more: Value) -> Value {
    merge(&mut case, &more);
    case
}

pub fn creating(reason: &str, message: &str) -> Value {
    let mut told = event(reason, message);
    told["involvedObject"]["fieldPath"] = "".into();
    with(waits("ContainerCreating", ""), json!({"related": {"events": [told]}}))
}

pub fn pending(message: &str) -> Value {
    let mut case = pod(json!({}), json!({}), json!({}));
    case["object"]["spec"]["nodeName"] = "".into();
    case["object"]["status"] = json!({"phase": "Pending", "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]});
    case
}

pub fn over(reason: &str, message: &str) -> Value {
    let mut case = pod(json!({}), json!({}), json!({}));
    case["object"]["status"] = json!({"phase": "Failed", "reason": reason, "message": message});
    case
}

pub fn going(reason: &str, message: &str) -> Value {
    let mut case = pod(
        json!({"ready": true, "state": {"running": {"startedAt": "2026-01-01T00:10:00Z"}}}),
        json!({}),
        json!({}),
    );
    case["object"]["metadata"]["deletionTimestamp"] = "2026-01-01T00:59:50Z".into();
    case["object"]["status"]["conditions"] =
        json!([{"type": "DisruptionTarget", "status": "True", "reason": reason, "message": message}]);
    case
}

pub fn runs(spec: Value, since: &str, more: Value, events: Value) -> Value {
    let mut status = json!({"state": {"running": {"startedAt": since}}});
    merge(&mut status, &more);
    let mut case = pod(status, spec, json!({"events": events}));
    case["object"]["status"]["conditions"] = json!([
        {"type": "ContainersReady", "status": "False", "reason": "ContainersNotReady", "message": "containers with unready status: [app]"},
        {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "containers with unready status: [app]"}]);
    case
}

pub fn refused(kind: &str, message: &str) -> Value {
    json!({"id": "own", "object": {"kind": kind, "metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": 3}, "status": {"replicas": 0}},
        "related": {"events": [{"involvedObject": {"kind": kind, "name": "web"}, "type": "Warning", "reason": "FailedCreate",
            "message": message, "count": 9, "lastTimestamp": "2026-01-01T00:59:00Z"}]}})
}

pub fn condition(kind: &str, spec: Value, conditions: Value, more: Value) -> Value {
    let mut status = json!({"conditions": conditions});
    merge(&mut status, &more);
    json!({"id": "own", "object": {"kind": kind, "metadata": {"name": "web", "namespace": "shop"}, "spec": spec, "status": status}, "related": {}})
}

pub const NONE: &str = "-";

/// The one finding of a case; container `-` stands for none.
#[track_caller]
pub fn check(case: Value, cause: &str, confidence: &str, container: &str) {
    let mut case = case;
    let container = if container == NONE { Value::Null } else { container.into() };
    case["expected"] = json!({"status": cause, "confidence": confidence, "container": container});
    case["id"] = cause.into();
    let case = DiagnosisCase::read(&case.to_string());
    if let Some(wrong) = wrong(&case) {
        panic!("{wrong}");
    }
}

#[track_caller]
pub fn high(case: Value, cause: &str) {
    check(case, cause, "high", "app");
}

#[track_caller]
pub fn none(case: Value) {
    check(case, "none", "", NONE);
}
