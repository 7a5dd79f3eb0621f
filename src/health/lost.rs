//! Objects that have lost fields, or got others: what is broken never looks well for it, and nothing panics.

use serde_json::{Value, json};

use crate::health::sample::{ago, now, verdict_of};
use crate::health::{Health, assess, families};
use crate::mutation::{Random, mutated, seeds};
use crate::podstatus::Thresholds;
use crate::workload::{Object, kind};

/// A Deployment of which nothing serves: its pod crashes.
fn broken() -> [Value; 3] {
    let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": "web:1"}]}});
    let meta = |name: &str| json!({"name": name, "namespace": "shop", "uid": name, "generation": 1, "labels": {"app": "web"}, "creationTimestamp": ago(7200)});
    let mut set = meta("web-1");
    set["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "web", "controller": true}]);
    let mut pod = meta("web-1-a");
    pod["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "web-1", "controller": true}]);
    [
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta("web"),
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template},
            "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "unavailableReplicas": 1, "conditions": [
                {"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable", "lastTransitionTime": ago(3600)},
                {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "lastTransitionTime": ago(3000)}]}}),
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": set,
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template},
            "status": {"observedGeneration": 1, "replicas": 1, "fullyLabeledReplicas": 1}}),
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": pod,
            "spec": {"nodeName": "n", "containers": [{"name": "app", "image": "web:1"}]},
            "status": {"phase": "Running", "startTime": ago(7000), "conditions": [
                {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "lastTransitionTime": ago(3600)},
                {"type": "ContainersReady", "status": "False", "lastTransitionTime": ago(3600)}],
                "containerStatuses": [{"name": "app", "image": "web:1", "ready": false, "started": false, "restartCount": 12,
                    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}},
                    "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": ago(60)}}}]}}),
    ]
}

/// Every place in a document, but for those that say which object this is, and whose.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (format!("{at}/{key}"), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (format!("{at}/{index}"), value)).collect()
        }
        _ => Vec::new(),
    };
    for (place, value) in children {
        if !matches!(place.as_str(), "/kind" | "/apiVersion" | "/metadata") {
            found.push(place.clone());
            places(value, &place, found);
        }
    }
}

fn remove(value: &mut Value, place: &str) {
    let Some((parent, last)) = place.rsplit_once('/') else { return };
    match value.pointer_mut(parent) {
        Some(Value::Object(fields)) => drop(fields.remove(last)),
        Some(Value::Array(items)) => {
            if let Some(index) = last.parse().ok().filter(|index: &usize| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

#[track_caller]
fn is_not_well(objects: &[Value], lost: &[&str]) {
    let [health, reason, message] = verdict_of(objects);
    assert!(
        !["Healthy", "Suspended"].contains(&health.as_str()),
        "without {lost:?} it is {health} {reason} {message}"
    );
}

#[test]
fn what_is_broken_is_not_well_without_any_one_field() {
    let objects = broken();
    is_not_well(&objects, &[]);
    for (index, object) in objects.iter().enumerate() {
        let mut all = Vec::new();
        places(object, "", &mut all);
        for place in &all {
            let mut less = objects.clone();
            remove(&mut less[index], place);
            is_not_well(&less, &[place]);
        }
    }
}

#[test]
fn what_is_broken_is_not_well_without_some_fields() {
    seeds(|seed| {
        let mut random = Random::from_seed(seed);
        let mut objects = broken();
        let mut lost = Vec::new();
        for _ in 0..2 + random.below(3) {
            let index = random.below(objects.len());
            let mut all = Vec::new();
            places(&objects[index], "", &mut all);
            if !all.is_empty() {
                let place = all.swap_remove(random.below(all.len()));
                remove(&mut objects[index], &place);
                lost.push(format!("{index}{place}"));
            }
        }
        is_not_well(&objects, &lost.iter().map(String::as_str).collect::<Vec<_>>());
    });
}

/// Whatever a server sends in the name of an object: it is refused or judged, in words that steer no terminal.
#[test]
fn a_mutated_object_is_refused_or_judged() {
    let good = broken().map(|object| object.to_string());
    let good: Vec<&str> = good.iter().map(String::as_str).collect();
    seeds(|seed| {
        let mut random = Random::from_seed(seed);
        let objects: Vec<Object> = [
            "Deployment",
            "ReplicaSet",
            "Pod",
            "Pod",
            "StatefulSet",
            "DaemonSet",
            "Job",
            "CronJob",
            "Rollout",
        ]
        .into_iter()
        .filter_map(|name| kind(name)?.observe(&mutated(&good, &mut random)).ok())
        .collect();
        for family in families(&objects) {
            let assessed = assess(&family, now(), &Thresholds::default());
            let Health::Healthy = assessed.verdict.health else {
                let message = &assessed.verdict.message;
                assert_eq!(*message, crate::text::safe(message), "{seed}");
                assert!(message.len() < 20_000, "{seed}: {}", message.len());
                continue;
            };
        }
    });
}
