//! Two clusters in which the same things are broken, each with pods and a namespace of its own.

use serde_json::{Value, json};

/// A pod of service `app`, whose label is its own.
pub fn pod_of(app: &str, place: (&str, &str), spec: Value, status: Value) -> Value {
    let (namespace, suffix) = place;
    let mut spec = spec;
    spec["nodeName"] = "node-1".into();
    json!({"apiVersion": "v1", "kind": "Pod", "spec": spec, "status": status,
        "metadata": {"name": format!("{app}-{suffix}"), "namespace": namespace, "uid": format!("{app}-{suffix}"),
            "labels": {"app": app}, "creationTimestamp": if suffix == "east" { "2026-01-15T08:30:00Z" } else { "2026-01-15T09:00:00Z" }}})
}

pub fn container(name: &str) -> Value {
    json!({"name": name, "image": "registry.example.com/web:1"})
}

pub fn waiting(name: &str, reason: &str, message: &str, last: Value) -> Value {
    json!({"name": name, "image": "", "imageID": "", "ready": false, "restartCount": 7,
        "state": {"waiting": {"reason": reason, "message": message}}, "lastState": last})
}

pub fn ended(code: i64, reason: &str, finished: &str, message: &str) -> Value {
    json!({"terminated": {"exitCode": code, "reason": reason, "message": message,
        "startedAt": "2026-01-15T09:20:00Z", "finishedAt": finished}})
}

/// What is broken in a cluster, in a namespace of its own; pods are named after the cluster.
pub fn broken(cluster: &str, namespace: &str, finished: &str) -> Vec<Value> {
    let place = (namespace, cluster);
    let one = json!({"containers": [container("app")]});
    let status = |phase: &str, status: Value| json!({"phase": phase, "containerStatuses": [status]});
    let back_off = |last: Value| waiting("app", "CrashLoopBackOff", "back-off", last);
    let no_start = "exec: \"nope\": executable file not found in $PATH: unknown";
    let setup =
        waiting("setup", "CrashLoopBackOff", "back-off", ended(127, "StartError", finished, no_start));
    let refused = "failed to pull and unpack image: unexpected status: 401 Unauthorized";
    let mut keyed = one.clone();
    keyed["containers"][0]["env"] = json!([{"name": "MODE",
        "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode"}}}]);
    let no_key = "couldn't find key mode in ConfigMap shop/settings";
    let up = json!({"name": "app", "image": "", "imageID": "", "ready": true, "restartCount": 4,
        "state": {"running": {"startedAt": "2026-01-15T09:59:00Z"}},
        "lastState": ended(137, "OOMKilled", "2026-01-15T09:58:00Z", "")});
    let mut objects = vec![
        pod_of("crash", place, one.clone(), status("Running", back_off(ended(1, "Error", finished, "")))),
        pod_of("oom", place, one.clone(), status("Running", back_off(ended(137, "OOMKilled", finished, "")))),
        pod_of("oom-up", place, one.clone(), status("Running", up)),
        pod_of(
            "init",
            place,
            json!({"initContainers": [container("setup")], "containers": [container("app")]}),
            json!({"phase": "Pending", "initContainerStatuses": [setup],
                "containerStatuses": [waiting("app", "PodInitializing", "", json!({}))]}),
        ),
        pod_of(
            "image",
            place,
            one.clone(),
            status("Pending", waiting("app", "ImagePullBackOff", refused, json!({}))),
        ),
        pod_of(
            "key",
            place,
            keyed,
            status("Pending", waiting("app", "CreateContainerConfigError", no_key, json!({}))),
        ),
        pod_of(
            "evicted",
            place,
            one.clone(),
            json!({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}),
        ),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"},
            "status": {"conditions": [{"type": "Ready", "status": "True"}]}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": namespace}}),
    ];
    objects.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}));
    let usage = json!({"cpu": "10m", "memory": "64Mi"});
    let measured = |kind: &str, meta: Value| {
        json!({"apiVersion": "metrics.k8s.io/v1beta1", "kind": kind, "metadata": meta, "usage": usage, "window": "15s",
            "timestamp": "2026-01-15T09:59:30Z", "containers": [{"name": "app", "usage": usage}]})
    };
    objects.push(measured("NodeMetrics", json!({"name": "node-1"})));
    objects
        .push(measured("PodMetrics", json!({"name": format!("oom-up-{cluster}"), "namespace": namespace})));
    objects
}

/// Clusters `west` and `east`, in this order, each with its own namespace; in east all began earlier.
pub fn two_clusters() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |path: &str, text: &str| {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("created");
        std::fs::write(path, text).expect("written");
    };
    write("fleet.yaml", "now: 2026-01-15T10:00:00Z\nclusters: [{name: west}, {name: east}]\n");
    let component = |app: &&str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {app}, annotations: \
             {{backstage.io/kubernetes-label-selector: app={app}}}}}\n\
             spec: {{type: service, lifecycle: production, owner: ida}}\n"
        )
    };
    let catalog: Vec<String> = APPS.iter().map(component).collect();
    write("catalog.yaml", &catalog.join("---\n"));
    for (cluster, namespace, finished) in
        [("west", "shop", "2026-01-15T09:50:00Z"), ("east", "store", "2026-01-15T09:30:00Z")]
    {
        let items = broken(cluster, namespace, finished);
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        write(&format!("{cluster}/objects.json"), &list.to_string());
        write(&format!("{cluster}/logs/{namespace}/crash-{cluster}/app.previous.log"), "FATAL no license\n");
    }
    directory
}

pub const APPS: &[&str] = &["crash", "oom", "oom-up", "init", "image", "key", "evicted"];
