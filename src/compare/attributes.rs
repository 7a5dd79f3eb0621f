//! A pod, a workload, a ConfigMap as plain names and values that can be compared.

use crate::compare::attribute::{
    AttributeName, Attributes, ConfigMapPart, ContainerPart, container_part, put,
};
use crate::compare::mask::{masked, masked_text};
use crate::compare::seal::Hide;
use crate::compare::secret::is_secret_name;
use crate::compare::spec::spec;
use crate::compare::terms::terms;
use crate::compare::value::AttributeValue;
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
        put(&mut found, container_part(container.name, ContainerPart::ImageDigest), digest);
    }
    let label = |key: &str| pod.meta.labels.get(key).map_or("", String::as_str);
    put(&mut found, AttributeName::TemplateHash, label("pod-template-hash"));
    put(&mut found, AttributeName::ControllerRevision, label("controller-revision-hash"));
    put(&mut found, AttributeName::VersionLabel, label("app.kubernetes.io/version"));
    put(&mut found, AttributeName::Chart, label("helm.sh/chart"));
    let restarted = pod.meta.annotations.get("kubectl.kubernetes.io/restartedAt").map_or("", String::as_str);
    put(&mut found, AttributeName::RestartedAt, restarted);
    put(&mut found, AttributeName::Node, &pod.node_name);
    if let Some(node) = node {
        let info = &node.status.node_info;
        put(&mut found, AttributeName::NodeArchitecture, node.architecture().unwrap_or_default());
        put(&mut found, AttributeName::Kubelet, &info.kubelet_version);
        put(&mut found, AttributeName::ContainerRuntime, &info.container_runtime_version);
        put(&mut found, AttributeName::Kernel, &info.kernel_version);
        put(&mut found, AttributeName::NodeImage, &info.os_image);
        put(&mut found, AttributeName::Zone, node.zone().unwrap_or_default());
        put(&mut found, AttributeName::InstanceType, node.instance_type().unwrap_or_default());
    } else {
        put(&mut found, AttributeName::Zone, label("topology.kubernetes.io/zone"));
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
    put(&mut found, AttributeName::Revision, annotation("deployment.kubernetes.io/revision"));
    put(&mut found, AttributeName::VersionLabel, label("app.kubernetes.io/version"));
    put(&mut found, AttributeName::Chart, label("helm.sh/chart"));
    put(&mut found, AttributeName::TrackingId, annotation("argocd.argoproj.io/tracking-id"));
    let restarted =
        workload.template().annotations.get("kubectl.kubernetes.io/restartedAt").map_or("", String::as_str);
    put(&mut found, AttributeName::RestartedAt, restarted);
    let started = children
        .iter()
        .filter(|child| matches!(&child.body, Body::ReplicaSet { spec, .. } if spec.replicas != Some(0)))
        .filter_map(|child| child.meta.created)
        .max();
    put(&mut found, AttributeName::RolloutStart, started.map(|at| at.to_string()).unwrap_or_default());
    let replicas = match &workload.body {
        Body::Deployment { spec, .. } => spec.replicas,
        Body::StatefulSet { spec, .. } => spec.replicas,
        Body::Rollout { spec, .. } => spec.replicas,
        Body::DaemonSet { status, .. } => status.desired_number_scheduled,
        _ => None,
    };
    put(
        &mut found,
        AttributeName::Replicas,
        replicas.map(|replicas| replicas.to_string()).unwrap_or_default(),
    );
    terms(workload, &mut found);
    found
}

/// The keys and values of a ConfigMap.
pub fn config_map(name: &str, data: &BTreeMap<String, String>) -> Attributes {
    let mut found = Attributes::new();
    let of_map = |part| AttributeName::OfConfigMap(name.to_string(), part);
    let keys = AttributeValue::List(data.keys().cloned().collect());
    found.insert(of_map(ConfigMapPart::Keys).into(), keys);
    for (key, value) in data {
        found.insert(of_map(ConfigMapPart::Value(key.clone())).into(), config_value(key, value));
    }
    found
}

/// What is in a file is masked line by line: a password in one line hides no difference in another.
fn config_value(key: &str, value: &str) -> AttributeValue {
    if value.is_empty() {
        return AttributeValue::Empty;
    }
    if is_secret_name(key) {
        return AttributeValue::Text(masked(key, value, Hide::Marked));
    }
    let text = masked_text(value, Hide::Marked);
    // Whoever takes a variable from this gets the end of its line with it; at the end of a file it means nothing.
    match value.lines().count() {
        1 if value.ends_with('\n') => AttributeValue::Text(format!("{text}\n")),
        1 => AttributeValue::Text(text),
        _ => AttributeValue::Text(text.trim_end().to_string()),
    }
}
