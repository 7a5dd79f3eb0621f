//! Fleets as large as a benchmark wants them, written as the demo reads them.

use std::path::Path;

use serde_json::{Value, json};

/// What a fleet holds.
pub struct Size {
    pub clusters: usize,
    /// In the catalog; each runs in `width` of the clusters.
    pub services: usize,
    pub width: usize,
    pub pods: usize,
    /// Clusters in which the pods of the first service crash.
    pub bad: usize,
    /// Milliseconds before each answer, of each cluster by its number.
    pub latency: fn(usize) -> usize,
}

/// Clusters that answer at once.
pub fn at_once(_: usize) -> usize {
    0
}

/// From 50 to 300 ms, as clusters around the world answer; the first is the slowest.
#[allow(dead_code, reason = "only some programs that share this file wait")]
pub fn around_the_world(number: usize) -> usize {
    300 - number * 37 % 251
}

const NOW: &str = "2026-01-15T10:00:00Z";
const PANIC: &str = "2026-01-15T09:57:02Z panic: cannot reach the database: dial tcp 10.0.0.7:5432: connect: connection refused\n";

pub fn cluster(number: usize) -> String {
    format!("cluster-{number:03}")
}

pub fn write(to: &Path, size: &Size) {
    let file = |path: String, text: String| {
        let path = to.join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("a directory");
        std::fs::write(path, text).expect("written");
    };
    let component = |service: usize| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: service-{service:04}}}\n\
             spec: {{type: service, lifecycle: production, owner: team-{}}}\n",
            service % 40
        )
    };
    let catalog: Vec<String> = (0..size.services).map(component).collect();
    file("catalog.yaml".into(), catalog.join("---\n"));
    let names: Vec<String> = (0..size.clusters).map(|number| entry(number, (size.latency)(number))).collect();
    file("fleet.yaml".into(), format!("now: {NOW}\nclusters:\n{}", names.concat()));
    for number in 0..size.clusters {
        let mut items = vec![node()];
        for service in 0..size.services {
            let runs = (0..size.width).any(|copy| (service + copy * 7) % size.clusters == number);
            if runs || size.width >= size.clusters {
                let is_bad = service == 0 && number < size.bad;
                items.extend(workload(service, size.pods, is_bad));
                for pod in (0..size.pods).filter(|_| is_bad) {
                    let log = format!("logs/shop/{}/app.previous.log", pod_name(service, pod));
                    file(format!("{}/{log}", cluster(number)), PANIC.to_string());
                }
            }
        }
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        file(format!("{}/objects.json", cluster(number)), list.to_string());
    }
}

fn entry(number: usize, latency: usize) -> String {
    let latency = if latency > 0 { format!("  latency: {latency}ms\n") } else { String::new() };
    format!("- name: {}\n{latency}", cluster(number))
}

pub fn pod_name(service: usize, pod: usize) -> String {
    format!("service-{service:04}-7d9f8b6c5d-{pod:05}")
}

fn node() -> Value {
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"},
        "status": {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
            "nodeInfo": {"kubeletVersion": "v1.36.3", "architecture": "amd64"}}})
}

/// As long as a service's environment usually is.
fn environment() -> Vec<Value> {
    (0..20).map(|number| json!({"name": format!("SETTING_{number:02}"), "value": format!("https://settings.example.com/{number}")})).collect()
}

/// What the API server makes of a template for one pod: with the volume of its token, and with tolerations.
fn spec_of(container: &Value, number: usize) -> Value {
    let token = format!("kube-api-access-{number:05}");
    let mut container = container.clone();
    container["volumeMounts"] = json!([
        {"name": token, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true}]);
    let toleration = |key: &str| json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300});
    json!({"nodeName": "node-1", "restartPolicy": "Always", "containers": [container], "serviceAccountName": "default",
        "schedulerName": "default-scheduler", "terminationGracePeriodSeconds": 30,
        "tolerations": [toleration("node.kubernetes.io/not-ready"), toleration("node.kubernetes.io/unreachable")],
        "volumes": [{"name": token, "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}]}}]})
}

/// A Deployment, its ReplicaSet and its pods.
fn workload(service: usize, pods: usize, is_bad: bool) -> Vec<Value> {
    let name = format!("service-{service:04}");
    let labels = json!({"backstage.io/kubernetes-id": name, "app": name, "pod-template-hash": "7d9f8b6c5d"});
    let meta = |name: &str, kind: &str, owner: Option<(&str, &str)>| {
        let owners = owner.map(|(kind, owner)| {
            json!([{"apiVersion": "apps/v1", "kind": kind, "name": owner, "uid": format!("{kind}-{owner}"), "controller": true}])
        });
        json!({"name": name, "namespace": "shop", "uid": format!("{kind}-{name}"), "labels": labels, "generation": 1,
            "creationTimestamp": "2026-01-14T08:00:00Z", "ownerReferences": owners,
            "annotations": {"deployment.kubernetes.io/revision": "3"}})
    };
    let container = json!({"name": "app", "image": format!("registry.example.com/shop/{name}:1.4.2"),
        "ports": [{"containerPort": 8080}], "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "env": environment(),
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}}});
    let template = json!({"metadata": {"labels": labels}, "spec": {"containers": [container]}});
    let selector = json!({"matchLabels": {"app": name}});
    let ready = if is_bad { 0 } else { pods };
    let set = format!("{name}-7d9f8b6c5d");
    let status = json!({"replicas": pods, "updatedReplicas": pods, "readyReplicas": ready, "availableReplicas": ready,
        "unavailableReplicas": pods - ready, "observedGeneration": 1, "conditions": [
            {"type": "Available", "status": if is_bad { "False" } else { "True" }, "lastTransitionTime": "2026-01-15T09:40:00Z"},
            {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "lastTransitionTime": "2026-01-14T08:01:00Z"}]});
    let spec = json!({"replicas": pods, "selector": selector, "template": template});
    let mut items = vec![
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(&name, "Deployment", None), "spec": spec, "status": status}),
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta(&set, "ReplicaSet", Some(("Deployment", &name))),
            "spec": spec, "status": {"replicas": pods, "readyReplicas": ready, "availableReplicas": ready, "observedGeneration": 1}}),
    ];
    for number in 0..pods {
        let pod = pod_name(service, number);
        let state = match is_bad {
            false => json!({"running": {"startedAt": "2026-01-14T08:00:05Z"}}),
            true => {
                json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}})
            }
        };
        let last = match is_bad {
            false => json!({}),
            true => {
                json!({"terminated": {"reason": "Error", "exitCode": 2, "startedAt": "2026-01-15T09:57:00Z",
                "finishedAt": "2026-01-15T09:57:03Z"}})
            }
        };
        let truth = if is_bad { "False" } else { "True" };
        let since = "2026-01-15T09:40:00Z";
        items.push(json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta(&pod, "Pod", Some(("ReplicaSet", &set))),
            "spec": spec_of(&container, number),
            "status": {"phase": "Running", "podIP": "10.0.0.9", "startTime": "2026-01-14T08:00:00Z", "conditions": [
                {"type": "Ready", "status": truth, "lastTransitionTime": since},
                {"type": "ContainersReady", "status": truth, "lastTransitionTime": since},
                {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-01-14T08:00:00Z"}],
            "containerStatuses": [{"name": "app", "image": format!("registry.example.com/shop/{name}:1.4.2"),
                "imageID": format!("registry.example.com/shop/{name}@sha256:{:064}", service), "containerID": format!("containerd://{pod}"),
                "ready": !is_bad, "started": !is_bad, "restartCount": if is_bad { 9 } else { 0 }, "state": state, "lastState": last}]}}));
        if is_bad {
            items.push(json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("{pod}.1"), "namespace": "shop"},
                "involvedObject": {"kind": "Pod", "namespace": "shop", "name": pod, "uid": format!("Pod-{pod}")},
                "type": "Warning", "reason": "BackOff", "message": "Back-off restarting failed container app", "count": 41,
                "firstTimestamp": since, "lastTimestamp": "2026-01-15T09:59:00Z", "source": {"component": "kubelet"}}));
        }
    }
    items
}
