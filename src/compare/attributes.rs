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
use crate::workload::{Body, Node, Pod, PodContainer, PodSpec, Role, Workload};
use std::collections::BTreeMap;
use std::sync::Arc;

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
    for (name, key) in POD_LABELS {
        put(&mut found, name, label(pod, key));
    }
    put(&mut found, AttributeName::RestartedAt, restarted_at(pod));
    put(&mut found, AttributeName::Node, pod.node_name.as_str());
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
        put(&mut found, AttributeName::Zone, label(pod, ZONE));
    }
    found
}

/// The labels of a pod that are compared.
const POD_LABELS: [(AttributeName, &str); 4] = [
    (AttributeName::TemplateHash, "pod-template-hash"),
    (AttributeName::ControllerRevision, "controller-revision-hash"),
    (AttributeName::VersionLabel, "app.kubernetes.io/version"),
    (AttributeName::Chart, "helm.sh/chart"),
];
const ZONE: &str = "topology.kubernetes.io/zone";

fn label<'a>(pod: &'a Pod, key: &str) -> &'a str {
    pod.meta.labels.get(key).map_or("", String::as_str)
}

fn restarted_at(pod: &Pod) -> &str {
    pod.meta.annotations.get("kubectl.kubernetes.io/restartedAt").map_or("", String::as_str)
}

/// What of a pod its attributes are made from: pods of one cluster that are equal in it have the same, and thousands of
/// replicas need not be compared one by one.
#[derive(Debug, Eq, Hash, PartialEq)]
pub struct PodLikeness<'a> {
    /// Replicas share it.
    spec: *const PodSpec,
    /// Claims may be named after their pod.
    name: Option<&'a str>,
    images: Vec<(&'a str, &'a str)>,
    labels: [&'a str; POD_LABELS.len() + 1],
    restarted_at: &'a str,
    node: &'a str,
}

impl<'a> PodLikeness<'a> {
    pub fn of(pod: &'a Pod) -> PodLikeness<'a> {
        let has_claims = pod.spec.volumes.iter().any(|volume| volume.persistent_volume_claim.is_some());
        let mut labels = [label(pod, ZONE); POD_LABELS.len() + 1];
        for (place, (_, key)) in labels.iter_mut().zip(POD_LABELS) {
            *place = label(pod, key);
        }
        let image =
            |one: &PodContainer<'a>| (one.name, one.status.map_or("", |status| status.image_id.as_str()));
        PodLikeness {
            spec: Arc::as_ptr(&pod.spec),
            name: has_claims.then_some(pod.meta.name.as_str()),
            images: pod.containers().iter().map(image).collect(),
            labels,
            restarted_at: restarted_at(pod),
            node: &pod.node_name,
        }
    }
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
    let replicas = workload.replicas().map(|replicas| replicas.to_string());
    put(&mut found, AttributeName::Replicas, replicas.unwrap_or_default());
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

#[cfg(test)]
mod tests {
    use super::{PodLikeness, pod};
    use crate::workload::Pod;

    /// A pod of which one text is replaced by another one.
    fn but(from: &str, to: &str) -> Pod {
        let json = r#"{"metadata":{"name":"web-1","uid":"u","labels":{"pod-template-hash":"h1","controller-revision-hash":"r1",
            "app.kubernetes.io/version":"v1","helm.sh/chart":"c1","topology.kubernetes.io/zone":"z1"},
            "annotations":{"kubectl.kubernetes.io/restartedAt":"t1"}},
            "spec":{"nodeName":"n1","containers":[{"name":"app","image":"web:1"}],
                "volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data-web-1"}}]},
            "status":{"podIP":"10.0.0.1","containerStatuses":[{"name":"app","restartCount":3,"imageID":"r/web@sha256:d1"}]}}"#;
        assert!(from.is_empty() || json.contains(from), "{from}");
        Pod::of(&if from.is_empty() { json.to_string() } else { json.replace(from, to) }).expect("a pod")
    }

    #[test]
    fn pods_that_are_alike_have_the_same_attributes_and_all_others_are_told_apart() {
        let first = but("", "");
        let beside = |from: &str, to: &str| {
            let mut other = but(from, to);
            if !matches!(from, "web:1" | "data-web-1") {
                other.spec = first.spec.clone();
            }
            (PodLikeness::of(&first) == PodLikeness::of(&other), pod(&first, None) == pod(&other, None))
        };
        for (from, to) in [("\"u\"", "\"v\""), ("10.0.0.1", "10.0.0.2"), ("3,", "4,")] {
            assert_eq!(beside(from, to), (true, true), "{from}");
        }
        let telling =
            ["h1", "r1", "v1", "c1", "z1", "t1", "n1", "web:1", "d1\"}", "\"name\":\"web-1\"", "data-web-1"];
        for from in telling {
            let to = from.replace('1', "2");
            assert_eq!(beside(from, &to), (false, false), "{from}");
        }
    }
}
