//! Objects for the tests of verdicts: small, real, at one instant.
#![allow(clippy::unwrap_used, reason = "a test")]

use crate::health::{Assessed, assess, families};
use crate::podstatus::Thresholds;
use crate::workload::{Object, kind};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub fn now() -> Timestamp {
    "2026-01-15T10:00:00Z".parse().unwrap()
}

/// The instant that many seconds before now, as text.
pub fn ago(seconds: i64) -> String {
    (now() - SignedDuration::from_secs(seconds)).to_string()
}

pub fn object(value: &Value) -> Object {
    let kind = kind(value["kind"].as_str().unwrap()).unwrap();
    kind.observe(&value.to_string()).unwrap()
}

/// Health, reason and message of the first family of these objects.
pub fn verdict_of(values: &[Value]) -> [String; 3] {
    with(values, |one| {
        [one.verdict.health.word().to_string(), one.verdict.reason.to_string(), one.verdict.message.clone()]
    })
}

/// Looks at the first family of these objects, judged.
pub fn with<T>(values: &[Value], look: impl FnOnce(&Assessed) -> T) -> T {
    let objects: Vec<Object> = values.iter().map(object).collect();
    let families = families(&objects);
    look(&assess(&families[0], now(), &Thresholds::default()))
}

#[track_caller]
pub fn check(values: &[Value], health: &str, reason: &str, message: &str) {
    assert_eq!(verdict_of(values), [health, reason, message]);
}

/// Lays a patch over a value; null removes.
pub fn patch(mut value: Value, over: Value) -> Value {
    merge(&mut value, over);
    value
}

fn merge(value: &mut Value, over: Value) {
    match over {
        Value::Object(over) if value.is_object() => {
            for (key, over) in over {
                if over.is_null() {
                    value.as_object_mut().unwrap().shift_remove(&key);
                } else {
                    merge(&mut value[key.as_str()], over);
                }
            }
        }
        over => *value = over,
    }
}

/// A Ready pod of an hour, without an owner.
pub fn pod(name: &str) -> Value {
    json!({
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "uid": name, "creationTimestamp": ago(3600)},
        "spec": {"nodeName": "node-1", "containers": [
            {"name": "app", "image": "registry.example.com/team/web:1.4.2", "resources": {"limits": {"memory": "256Mi"}}},
        ]},
        "status": {
            "phase": "Running",
            "startTime": ago(3600),
            "conditions": [
                {"type": "PodScheduled", "status": "True", "lastTransitionTime": ago(3600)},
                {"type": "Ready", "status": "True", "lastTransitionTime": ago(3590)},
            ],
            "containerStatuses": [
                {"name": "app", "ready": true, "restartCount": 0, "state": {"running": {"startedAt": ago(3595)}}},
            ],
        },
    })
}

/// The pod with another container status and, unless it is ready, `Ready=False` since two minutes.
pub fn with_app(pod: Value, status: Value) -> Value {
    let ready = status["ready"] == json!(true);
    let status = patch(json!({"name": "app", "ready": false, "restartCount": 0}), status);
    let since = if ready { 3590 } else { 120 };
    let conditions = json!([
        {"type": "PodScheduled", "status": "True", "lastTransitionTime": ago(3600)},
        {"type": "Ready", "status": if ready { "True" } else { "False" }, "lastTransitionTime": ago(since)},
    ]);
    patch(pod, json!({"status": {"containerStatuses": [status], "conditions": conditions}}))
}

/// In back-off after exit 1.
pub fn looping(name: &str, restarts: i64) -> Value {
    with_app(
        pod(name),
        json!({"restartCount": restarts, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": ago(20)}}}),
    )
}

/// Just made, still without a container.
pub fn fresh(name: &str) -> Value {
    let pod = with_app(pod(name), json!({"state": {"waiting": {"reason": "ContainerCreating"}}}));
    let conditions = json!([
        {"type": "PodScheduled", "status": "True", "lastTransitionTime": ago(9)},
        {"type": "Ready", "status": "False", "lastTransitionTime": ago(9)},
    ]);
    patch(
        pod,
        json!({"metadata": {"creationTimestamp": ago(10)},
            "status": {"phase": "Pending", "startTime": ago(9), "conditions": conditions}}),
    )
}

/// The object with a controller.
pub fn owned(value: Value, kind: &str, name: &str) -> Value {
    let owner = json!([{"kind": kind, "name": name, "uid": format!("{kind}-{name}"), "controller": true}]);
    patch(value, json!({"metadata": {"ownerReferences": owner}}))
}

/// A workload of that kind with this spec and status; its UID is `KIND-NAME`.
pub fn workload(kind: &str, name: &str, spec: Value, status: Value) -> Value {
    json!({
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop", "uid": format!("{kind}-{name}"), "generation": 2,
            "creationTimestamp": ago(86_400)},
        "spec": spec,
        "status": patch(json!({"observedGeneration": 2}), status),
    })
}

/// A ReplicaSet `web-REVISION` of Deployment web.
pub fn replica_set(revision: i64, replicas: i64) -> Value {
    let set = workload(
        "ReplicaSet",
        &format!("web-{revision}"),
        json!({"replicas": replicas}),
        json!({"replicas": replicas, "availableReplicas": replicas}),
    );
    let revision = json!({"deployment.kubernetes.io/revision": revision.to_string()});
    owned(patch(set, json!({"metadata": {"annotations": revision}})), "Deployment", "web")
}
