//! A pod, a workload, a ConfigMap as plain names and values that can be compared.

use crate::compare::attribute::{AttributeGroup, Attributes, put};
use crate::compare::mask::{masked, masked_text};
use crate::compare::seal::Hide;
use crate::compare::spec::spec;
use crate::compare::terms::terms;
use crate::workload::{Body, Node, Pod, Role, Workload};
use std::collections::BTreeMap;

/// A pod as it runs, with its node where that was read.
pub fn pod(pod: &Pod, node: Option<&Node>) -> Attributes {
    let mut found = Attributes::new();
    spec(&pod.spec, &pod.meta.name, &mut found);
    for container in pod.containers().iter().filter(|container| container.role != Role::Ephemeral) {
        let digest = container
            .status
            .and_then(|status| status.image_id.rsplit_once('@'))
            .map_or("", |(_, digest)| digest);
        put(&mut found, AttributeGroup::Image, format!("{} image digest", container.name), digest);
    }
    let label = |key: &str| pod.meta.labels.get(key).map_or("", String::as_str);
    put(&mut found, AttributeGroup::Revision, "template hash", label("pod-template-hash"));
    put(&mut found, AttributeGroup::Revision, "controller revision", label("controller-revision-hash"));
    put(&mut found, AttributeGroup::Revision, "version label", label("app.kubernetes.io/version"));
    put(&mut found, AttributeGroup::Revision, "chart", label("helm.sh/chart"));
    let restarted = pod.meta.annotations.get("kubectl.kubernetes.io/restartedAt").map_or("", String::as_str);
    put(&mut found, AttributeGroup::Revision, "restarted at", restarted);
    put(&mut found, AttributeGroup::Node, "node", &pod.spec.node_name);
    if let Some(node) = node {
        let info = &node.status.node_info;
        put(&mut found, AttributeGroup::Node, "node architecture", node.architecture().unwrap_or_default());
        put(&mut found, AttributeGroup::Node, "kubelet", &info.kubelet_version);
        put(&mut found, AttributeGroup::Node, "container runtime", &info.container_runtime_version);
        put(&mut found, AttributeGroup::Node, "kernel", &info.kernel_version);
        put(&mut found, AttributeGroup::Node, "node image", &info.os_image);
        put(&mut found, AttributeGroup::Node, "zone", node.zone().unwrap_or_default());
        put(&mut found, AttributeGroup::Node, "instance type", node.instance_type().unwrap_or_default());
    } else {
        put(&mut found, AttributeGroup::Node, "zone", label("topology.kubernetes.io/zone"));
    }
    found
}

/// What a workload says of itself beside its template: how many, which revision, since when. The children are
/// its ReplicaSets: the newest with replicas tells when the rollout began.
pub fn workload(workload: &Workload, children: &[&Workload]) -> Attributes {
    let mut found = Attributes::new();
    let annotation = |key: &str| workload.meta.annotations.get(key).map_or("", String::as_str);
    let labels = (&workload.meta.labels, &workload.template().labels);
    let label = |key: &str| labels.0.get(key).or(labels.1.get(key)).map_or("", String::as_str);
    put(&mut found, AttributeGroup::Revision, "revision", annotation("deployment.kubernetes.io/revision"));
    put(&mut found, AttributeGroup::Revision, "version label", label("app.kubernetes.io/version"));
    put(&mut found, AttributeGroup::Revision, "chart", label("helm.sh/chart"));
    put(&mut found, AttributeGroup::Revision, "tracking id", annotation("argocd.argoproj.io/tracking-id"));
    let restarted =
        workload.template().annotations.get("kubectl.kubernetes.io/restartedAt").map_or("", String::as_str);
    put(&mut found, AttributeGroup::Revision, "restarted at", restarted);
    let started = children
        .iter()
        .filter(|child| matches!(&child.body, Body::ReplicaSet { spec, .. } if spec.replicas != Some(0)))
        .filter_map(|child| child.meta.created)
        .max();
    put(
        &mut found,
        AttributeGroup::Revision,
        "rollout start",
        started.map(|at| at.to_string()).unwrap_or_default(),
    );
    let replicas = match &workload.body {
        Body::Deployment { spec, .. } => spec.replicas,
        Body::StatefulSet { spec, .. } => spec.replicas,
        Body::Rollout { spec, .. } => spec.replicas,
        Body::DaemonSet { status, .. } => status.desired_number_scheduled,
        _ => None,
    };
    put(
        &mut found,
        AttributeGroup::Scale,
        "replicas",
        replicas.map(|replicas| replicas.to_string()).unwrap_or_default(),
    );
    terms(workload, &mut found);
    found
}

/// The keys and values of a ConfigMap.
pub fn config_map(name: &str, data: &BTreeMap<String, String>) -> Attributes {
    let mut found = Attributes::new();
    let keys: Vec<&str> = data.keys().map(String::as_str).collect();
    put(&mut found, AttributeGroup::Config, format!("ConfigMap {name} keys"), keys.join(", "));
    for (key, value) in data {
        // What is in a file is masked line by line: a password in one line hides no difference in another.
        let said = match masked(key, "x", Hide::Wholly) == "x" {
            true => masked_text(value, Hide::Marked),
            false => masked(key, value, Hide::Marked),
        };
        put(&mut found, AttributeGroup::Config, format!("ConfigMap {name} {key}"), said);
    }
    found
}
