//! The night's fleet: three clusters that run the same services, all well but for what `breakages` breaks in one of them.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::paged::breakages::{self, Bad, Breakage};

/// The clusters in fleet order; everything that is broken is broken in the middle one.
pub const CLUSTERS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-south-1"];
pub const BROKEN: &str = "eu-west-1";

/// A service of one Deployment, the same in every cluster where nothing is broken.
pub struct Service {
    pub name: &'static str,
    pub namespace: &'static str,
    pub team: &'static str,
    pub replicas: usize,
    /// The container, apart from its name.
    pub container: Value,
}

/// A pod to be, as its ReplicaSet wants it.
pub struct Slot<'a> {
    pub service: &'a Service,
    pub cluster: &'a str,
    pub container: &'a Value,
    pub name: String,
    pub node: String,
    pub address: String,
}

/// Files of one fleet directory.
pub fn write(directory: &Path) {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let names: Vec<String> =
        CLUSTERS.iter().map(|name| format!("- {{name: {name}, version: v1.36.3}}\n")).collect();
    files.insert("fleet.yaml".into(), format!("now: 2026-01-15T10:00:00Z\nclusters:\n{}", names.concat()));
    files.insert("catalog.yaml".into(), catalog());
    for (index, cluster) in CLUSTERS.iter().enumerate() {
        let mut objects: Vec<Value> = [1, 2].map(|worker| node(cluster, index, worker)).into();
        objects.push(control_plane(cluster));
        for namespace in ["shop", "payments"] {
            let metadata = json!({"name": namespace, "creationTimestamp": "2025-06-02T08:00:00Z"});
            objects.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "status": {"phase": "Active"}}));
        }
        for service in breakages::services() {
            let breakage = breakages::of(service.name).filter(|_| *cluster == BROKEN);
            deploy(&service, cluster, index, breakage.as_ref(), &mut objects, &mut files);
        }
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        files.insert(format!("{cluster}/objects.json"), format!("{list:#}"));
    }
    for (name, text) in files {
        let path = directory.join(name);
        std::fs::create_dir_all(path.parent().expect("below the fleet")).expect("created");
        std::fs::write(path, text).expect("written");
    }
}

fn catalog() -> String {
    let component = |service: &Service| {
        let metadata = json!({"name": service.name, "annotations": {"backstage.io/kubernetes-cluster": CLUSTERS.join(",")}});
        let spec = json!({"type": "service", "lifecycle": "production", "owner": service.team});
        json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": metadata, "spec": spec})
    };
    let group = |name: &str| {
        let metadata = json!({"name": name, "links": [{"title": "Runbook", "url": format!("https://runbooks.example.com/{name}")}]});
        json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Group", "metadata": metadata, "spec": {"type": "team", "children": []}})
    };
    let entities = breakages::services()
        .iter()
        .map(component)
        .chain(["team-shop", "team-pay"].map(group))
        .collect::<Vec<_>>();
    entities.iter().map(|entity| format!("---\n{entity}\n")).collect()
}

/// A Deployment, its ReplicaSets, their pods, and what these said and used.
fn deploy(
    service: &Service,
    cluster: &str,
    index: usize,
    breakage: Option<&Breakage>,
    objects: &mut Vec<Value>,
    files: &mut BTreeMap<String, String>,
) {
    let container = |changes: Option<&Value>| {
        let mut container = service.container.clone();
        let whole = container.as_object_mut().expect("an object");
        whole.insert("name".into(), "app".into());
        whole.extend(
            changes
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.clone(), value.clone())),
        );
        container
    };
    let (old, new) = (container(None), container(breakage.map(|breakage| &breakage.changes)));
    let new_pods = breakage.map_or(service.replicas, |breakage| breakage.bad + breakage.good);
    let old_pods = breakage.map_or(0, |breakage| breakage.old);
    let is_changed = old != new;
    let mut sets = vec![(&new, new_pods, if is_changed { 8 } else { 7 })];
    if old_pods > 0 {
        sets.push((&old, old_pods, 7));
    }
    let (mut number, mut ready) = (0, 0);
    for (container, pods, revision) in &sets {
        let hash = name_of(&container.to_string(), 10);
        let is_newest = *revision == sets[0].2;
        let breakage = breakage.filter(|_| is_newest);
        let created = breakage.map_or("2026-01-12T13:20:00Z", |breakage| breakage.since);
        for position in 0..*pods {
            number += 1;
            let worker = 1 + number % 2;
            let slot = Slot {
                service,
                cluster,
                container,
                name: format!("{}-{hash}-{}", service.name, name_of(&format!("{cluster}{number}"), 5)),
                node: format!("{cluster}-worker-{worker}"),
                address: format!("10.{}.{worker}.{}", 240 + index, 10 + service.name.len() * 9 + number),
            };
            let bad = breakage.filter(|breakage| position < breakage.bad);
            let pod = match bad {
                Some(breakage) => broken(&slot, &hash, breakage, position, objects, files),
                None => healthy(&slot, &hash, created, objects, files),
            };
            ready += usize::from(bad.is_none());
            objects.push(pod);
        }
        let set_ready = pods - breakage.map_or(0, |breakage| breakage.bad);
        objects.push(replica_set(service, container, &hash, *pods, set_ready, *revision, created));
    }
    objects.push(deployment(service, &sets[0], ready, old_pods, breakage));
}

fn labels(service: &Service) -> Value {
    json!({"backstage.io/kubernetes-id": service.name, "app.kubernetes.io/name": service.name})
}

fn pod_labels(service: &Service, hash: &str) -> Value {
    json!({"backstage.io/kubernetes-id": service.name, "app.kubernetes.io/name": service.name, "pod-template-hash": hash})
}

fn template(labels: Value, container: &Value) -> Value {
    json!({"metadata": {"labels": labels}, "spec": {"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "containers": [container]}})
}

fn deployment(
    service: &Service,
    newest: &(&Value, usize, usize),
    ready: usize,
    old: usize,
    breakage: Option<&Breakage>,
) -> Value {
    let (container, updated, revision) = newest;
    let hash = name_of(&container.to_string(), 10);
    let set = format!("{}-{hash}", service.name);
    // Of four or fewer, a quarter rounded down may be missing.
    let is_available = ready >= service.replicas - service.replicas / 4;
    let since = breakage.map_or("2026-01-12T13:21:10Z", |breakage| breakage.since);
    let mut available = json!({"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable",
        "message": "Deployment has minimum availability.",
        "lastTransitionTime": "2026-01-12T13:21:05Z", "lastUpdateTime": "2026-01-12T13:21:05Z"});
    if !is_available {
        available = json!({"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable",
            "message": "Deployment does not have minimum availability.", "lastTransitionTime": since, "lastUpdateTime": since});
    }
    let progressing = match breakage.and_then(|breakage| breakage.deadline) {
        Some(deadline) => {
            json!({"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
            "message": format!("ReplicaSet \"{set}\" has timed out progressing."), "lastTransitionTime": deadline, "lastUpdateTime": deadline})
        }
        None => json!({"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable",
            "message": format!("ReplicaSet \"{set}\" has successfully progressed."),
            "lastTransitionTime": "2025-07-09T10:00:00Z", "lastUpdateTime": since}),
    };
    let mut status = json!({"observedGeneration": 9, "replicas": updated + old, "updatedReplicas": updated, "conditions": [available, progressing]});
    let counts = [
        ("readyReplicas", ready),
        ("availableReplicas", ready),
        ("unavailableReplicas", (updated + old) - ready),
    ];
    for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        status[name] = count.into();
    }
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": service.name, "namespace": service.namespace, "generation": 9, "labels": labels(service),
            "creationTimestamp": "2025-07-09T10:00:00Z", "annotations": {"deployment.kubernetes.io/revision": revision.to_string()}},
        "spec": {"replicas": service.replicas, "progressDeadlineSeconds": 600, "revisionHistoryLimit": 10,
            "selector": {"matchLabels": {"app.kubernetes.io/name": service.name}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "template": template(labels(service), container)},
        "status": status,
    })
}

fn replica_set(
    service: &Service,
    container: &Value,
    hash: &str,
    pods: usize,
    ready: usize,
    revision: usize,
    created: &str,
) -> Value {
    let mut status = json!({"observedGeneration": 1, "replicas": pods, "fullyLabeledReplicas": pods});
    if ready > 0 {
        status["readyReplicas"] = ready.into();
        status["availableReplicas"] = ready.into();
    }
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": format!("{}-{hash}", service.name), "namespace": service.namespace, "generation": 1,
            "labels": pod_labels(service, hash), "creationTimestamp": created,
            "annotations": {"deployment.kubernetes.io/revision": revision.to_string()},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": service.name, "controller": true, "blockOwnerDeletion": true}]},
        "spec": {"replicas": pods, "selector": {"matchLabels": {"app.kubernetes.io/name": service.name, "pod-template-hash": hash}},
            "template": template(pod_labels(service, hash), container)},
        "status": status,
    })
}

fn pod(slot: &Slot, hash: &str, created: &str, status: Value, is_placed: bool) -> Value {
    let mut spec = json!({"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "containers": [slot.container]});
    if is_placed {
        spec["nodeName"] = slot.node.clone().into();
    }
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": slot.name, "namespace": slot.service.namespace, "labels": pod_labels(slot.service, hash), "creationTimestamp": created,
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{}-{hash}", slot.service.name), "controller": true, "blockOwnerDeletion": true}]},
        "spec": spec, "status": status,
    })
}

fn healthy(
    slot: &Slot,
    hash: &str,
    created: &str,
    objects: &mut Vec<Value>,
    files: &mut BTreeMap<String, String>,
) -> Value {
    let state = json!({"running": {"startedAt": later(created, 4)}});
    let status = status(slot, created, &later(created, 12), &container_status(slot, state, None, 0, true));
    let seed = slot.name.bytes().map(usize::from).sum::<usize>();
    let text: String = (0..4)
        .map(|line| {
            format!(
                "2026-01-15T09:{}:{:02}.{seed:03}Z GET /api 200 in {}ms\n",
                56 + line,
                seed % 60,
                4 + (seed + line) % 30
            )
        })
        .collect();
    files.insert(log_file(slot, ""), text);
    objects.push(metrics(slot, &format!("{}m", 40 + seed % 50), &format!("{}Mi", 180 + seed % 40)));
    pod(slot, hash, created, status, true)
}

fn broken(
    slot: &Slot,
    hash: &str,
    breakage: &Breakage,
    position: usize,
    objects: &mut Vec<Value>,
    files: &mut BTreeMap<String, String>,
) -> Pod {
    let Bad { status, events, log } = (breakage.pod)(slot, position);
    objects.extend(events);
    if let Some(log) = log {
        // Of a container in back-off, the kubelet shows the last run as the current one and as the previous one.
        files.insert(log_file(slot, ".previous"), log.clone());
        files.insert(log_file(slot, ""), log);
    }
    let is_placed = status["hostIP"].is_string();
    pod(slot, hash, breakage.since, status, is_placed)
}

type Pod = Value;

fn log_file(slot: &Slot, suffix: &str) -> String {
    format!("{}/logs/{}/{}/app{suffix}.log", slot.cluster, slot.service.namespace, slot.name)
}

/// A pod's status; `since` is when it became as ready as its container is.
pub fn status(slot: &Slot, created: &str, since: &str, container: &Value) -> Value {
    let is_ready = container["ready"] == true;
    let condition = |kind: &str, time: &str| json!({"type": kind, "status": "True", "lastProbeTime": null, "lastTransitionTime": time});
    let readiness = |kind: &str| {
        let mut condition = condition(kind, since);
        if !is_ready {
            condition["status"] = "False".into();
            condition["reason"] = "ContainersNotReady".into();
            condition["message"] = "containers with unready status: [app]".into();
        }
        condition
    };
    let phase = if container["state"]["waiting"].is_object() && container["lastState"] == json!({}) {
        "Pending"
    } else {
        "Running"
    };
    json!({
        "phase": phase, "qosClass": "Burstable", "startTime": created, "hostIP": slot.address, "hostIPs": [{"ip": slot.address}],
        "podIP": slot.address, "podIPs": [{"ip": slot.address}],
        "conditions": [
            condition("PodReadyToStartContainers", &later(created, 1)), condition("Initialized", created),
            readiness("Ready"), readiness("ContainersReady"), condition("PodScheduled", created),
        ],
        "containerStatuses": [container],
    })
}

pub fn container_status(
    slot: &Slot,
    state: Value,
    last: Option<Value>,
    restarts: usize,
    ready: bool,
) -> Value {
    let image = slot.container["image"].as_str().expect("an image");
    let mut status = json!({
        "name": "app", "image": image, "imageID": format!("{}@sha256:{}", image.rsplit_once(':').expect("a tag").0, digest(image)),
        "containerID": format!("containerd://{}", digest(&slot.name)),
        "ready": ready, "started": ready, "restartCount": restarts, "state": state, "lastState": {},
    });
    if let Some(last) = last {
        status["lastState"] = json!({"terminated": last});
    }
    status
}

pub fn metrics(slot: &Slot, cpu: &str, memory: &str) -> Value {
    json!({
        "apiVersion": "metrics.k8s.io/v1beta1", "kind": "PodMetrics",
        "metadata": {"name": slot.name, "namespace": slot.service.namespace, "creationTimestamp": "2026-01-15T09:59:50Z",
            "labels": labels(slot.service)},
        "timestamp": "2026-01-15T09:59:40Z", "window": "15.2s",
        "containers": [{"name": "app", "usage": {"cpu": cpu, "memory": memory}}],
    })
}

fn node(cluster: &str, index: usize, worker: usize) -> Value {
    let name = format!("{cluster}-worker-{worker}");
    let zone = format!("{cluster}{}", ["a", "b"][worker - 1]);
    described(
        &name,
        &format!("10.{}.0.{worker}", 70 + index),
        json!({"topology.kubernetes.io/region": cluster, "topology.kubernetes.io/zone": zone}),
        json!({}),
    )
}

fn control_plane(cluster: &str) -> Value {
    let taint = json!({"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]});
    described(
        &format!("{cluster}-control-plane"),
        "10.70.9.1",
        json!({"node-role.kubernetes.io/control-plane": ""}),
        taint,
    )
}

fn described(name: &str, address: &str, more: Value, spec: Value) -> Value {
    let mut labels =
        json!({"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", "kubernetes.io/hostname": name});
    let whole = labels.as_object_mut().expect("an object");
    whole.extend(more.as_object().cloned().unwrap_or_default());
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "labels": labels, "creationTimestamp": "2025-12-05T10:00:00Z"}, "spec": spec,
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
            "capacity": {"cpu": "8", "memory": "32Gi", "pods": "110"}, "allocatable": {"cpu": "7900m", "memory": "31482Mi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status",
                "lastHeartbeatTime": "2026-01-15T09:59:20Z", "lastTransitionTime": "2025-12-05T10:00:00Z"}],
            "nodeInfo": {"architecture": "amd64", "bootID": "b", "containerRuntimeVersion": "containerd://2.1.5", "kernelVersion": "6.12.58",
                "kubeProxyVersion": "", "kubeletVersion": "v1.36.3", "machineID": "m", "operatingSystem": "linux",
                "osImage": "Debian GNU/Linux 13 (trixie)", "systemUUID": "s"},
        },
    })
}

/// An instant so many seconds later.
pub fn later(time: &str, seconds: i64) -> String {
    let time: jiff::Timestamp = time.parse().expect("an instant");
    time.checked_add(jiff::SignedDuration::from_secs(seconds)).expect("in range").to_string()
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf29ce484222325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100000001b3))
}

fn digest(text: &str) -> String {
    (0..4).map(|part| format!("{:016x}", hash(&format!("{part}{text}")))).collect()
}

/// Letters as the controllers draw them, always the same for the same text.
pub fn name_of(text: &str, length: usize) -> String {
    let letters = b"bcdfghjklmnpqrstvwxz2456789";
    let mut left = hash(text);
    let mut letter = || {
        let at = usize::try_from(left % 27).expect("small");
        left = (left / 27) ^ hash(&left.to_string());
        char::from(letters[at])
    };
    (0..length).map(|_| letter()).collect()
}
