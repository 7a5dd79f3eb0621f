//! A pod, a workload, a ConfigMap as plain names and values that can be compared.

use crate::compare::mask::{masked, masked_text, masked_words};
use crate::workload::{
    Body, Container, EnvVar, Node, Pod, PodSpec, Probe, Role, Toleration, Volume, Workload,
};
use std::collections::BTreeMap;

/// What kind of attribute it is, in the order in which people ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    Image,
    Environment,
    Resources,
    Probes,
    /// ConfigMaps, Secrets (by name alone), claims, service accounts.
    References,
    /// What is in the ConfigMaps that it refers to.
    Config,
    Template,
    Scale,
    Revision,
    Node,
}

/// The name of something comparable: `app env LOG_LEVEL`, `zone`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attribute {
    pub group: Group,
    pub what: String,
}

/// Values by name. Secret-looking ones are masked, and so are never told apart.
pub type Attributes = BTreeMap<Attribute, String>;

impl Group {
    /// The word of `--only`.
    pub fn word(self) -> &'static str {
        match self {
            Group::Image => "images",
            Group::Environment => "env",
            Group::Resources => "resources",
            Group::Probes => "probes",
            Group::References => "references",
            Group::Config => "config",
            Group::Template => "template",
            Group::Scale => "scale",
            Group::Revision => "revision",
            Group::Node => "nodes",
        }
    }

    /// Whether an absent attribute may only not have been read.
    pub fn may_be_unread(self) -> bool {
        matches!(self, Group::Node | Group::Config | Group::Revision | Group::Scale)
    }
}

/// A pod as it runs, with its node where that was read.
pub fn pod(pod: &Pod, node: Option<&Node>) -> Attributes {
    let mut found = Attributes::new();
    spec(&pod.spec, &mut found);
    for container in pod.containers().iter().filter(|container| container.role != Role::Ephemeral) {
        let digest = container
            .status
            .and_then(|status| status.image_id.rsplit_once('@'))
            .map_or("", |(_, digest)| digest);
        put(&mut found, Group::Image, format!("{} image digest", container.name), digest);
    }
    let label = |key: &str| pod.meta.labels.get(key).map_or("", String::as_str);
    put(&mut found, Group::Revision, "template hash", label("pod-template-hash"));
    put(&mut found, Group::Revision, "controller revision", label("controller-revision-hash"));
    put(&mut found, Group::Revision, "version label", label("app.kubernetes.io/version"));
    put(&mut found, Group::Revision, "chart", label("helm.sh/chart"));
    let restarted = pod.meta.annotations.get("kubectl.kubernetes.io/restartedAt").map_or("", String::as_str);
    put(&mut found, Group::Revision, "restarted at", restarted);
    put(&mut found, Group::Node, "node", &pod.spec.node_name);
    if let Some(node) = node {
        let info = &node.status.node_info;
        put(&mut found, Group::Node, "node architecture", node.architecture().unwrap_or_default());
        put(&mut found, Group::Node, "kubelet", &info.kubelet_version);
        put(&mut found, Group::Node, "container runtime", &info.container_runtime_version);
        put(&mut found, Group::Node, "kernel", &info.kernel_version);
        put(&mut found, Group::Node, "node image", &info.os_image);
        put(&mut found, Group::Node, "zone", node.zone().unwrap_or_default());
        put(&mut found, Group::Node, "instance type", node.instance_type().unwrap_or_default());
    } else {
        put(&mut found, Group::Node, "zone", label("topology.kubernetes.io/zone"));
    }
    found
}

/// What a workload says of itself beside its template: how many, which revision, since when. The children are
/// its ReplicaSets: the newest with replicas tells when the rollout began.
pub fn workload(workload: &Workload, children: &[&Workload]) -> Attributes {
    let mut found = Attributes::new();
    let annotation = |key: &str| workload.meta.annotations.get(key).map_or("", String::as_str);
    let label = |key: &str| workload.meta.labels.get(key).map_or("", String::as_str);
    put(&mut found, Group::Revision, "revision", annotation("deployment.kubernetes.io/revision"));
    put(&mut found, Group::Revision, "version label", label("app.kubernetes.io/version"));
    put(&mut found, Group::Revision, "chart", label("helm.sh/chart"));
    put(&mut found, Group::Revision, "tracking id", annotation("argocd.argoproj.io/tracking-id"));
    let restarted =
        workload.template().annotations.get("kubectl.kubernetes.io/restartedAt").map_or("", String::as_str);
    put(&mut found, Group::Revision, "restarted at", restarted);
    let started = children
        .iter()
        .filter(|child| matches!(&child.body, Body::ReplicaSet { spec, .. } if spec.replicas != Some(0)))
        .filter_map(|child| child.meta.created)
        .max();
    put(&mut found, Group::Revision, "rollout start", started.map(|at| at.to_string()).unwrap_or_default());
    let replicas = match &workload.body {
        Body::Deployment { spec, .. } => spec.replicas,
        Body::StatefulSet { spec, .. } => spec.replicas,
        Body::Rollout { spec, .. } => spec.replicas,
        Body::DaemonSet { status, .. } => status.desired_number_scheduled,
        _ => None,
    };
    put(
        &mut found,
        Group::Scale,
        "replicas",
        replicas.map(|replicas| replicas.to_string()).unwrap_or_default(),
    );
    found
}

/// The keys and values of a ConfigMap.
pub fn config_map(name: &str, data: &BTreeMap<String, String>) -> Attributes {
    let mut found = Attributes::new();
    let keys: Vec<&str> = data.keys().map(String::as_str).collect();
    put(&mut found, Group::Config, format!("ConfigMap {name} keys"), keys.join(", "));
    for (key, value) in data {
        let shown = masked(key, value);
        let shown = if shown == *value { masked_text(value) } else { shown };
        put(&mut found, Group::Config, format!("ConfigMap {name} {key}"), shown);
    }
    found
}

/// What a pod spec asks for, without what the API server fills in by default.
pub fn spec(spec: &PodSpec, found: &mut Attributes) {
    for container in spec.init_containers.iter().chain(&spec.containers) {
        self::container(container, found);
    }
    let names = |list: &[Container]| {
        list.iter().map(|container| container.name.clone()).collect::<Vec<_>>().join(", ")
    };
    put(found, Group::Template, "containers", names(&spec.containers));
    put(found, Group::Template, "init containers", names(&spec.init_containers));
    let account = if spec.service_account_name == "default" { "" } else { &spec.service_account_name };
    put(found, Group::References, "service account", account);
    let secrets: Vec<&str> = spec.image_pull_secrets.iter().map(|secret| secret.name.as_str()).collect();
    put(found, Group::References, "image pull secrets", secrets.join(", "));
    let selector: Vec<String> =
        spec.node_selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
    put(found, Group::Template, "node selector", selector.join(", "));
    let mut tolerations: Vec<String> = spec.tolerations.iter().filter_map(toleration).collect();
    tolerations.sort();
    put(found, Group::Template, "tolerations", tolerations.join(", "));
    put(found, Group::Template, "priority class", &spec.priority_class_name);
    put(found, Group::Template, "host network", if spec.host_network { "true" } else { "" });
    let grace = spec.termination_grace_period_seconds.filter(|seconds| *seconds != 30);
    put(
        found,
        Group::Template,
        "termination grace",
        grace.map(|seconds| format!("{seconds}s")).unwrap_or_default(),
    );
    let scheduler = if spec.scheduler_name == "default-scheduler" { "" } else { &spec.scheduler_name };
    put(found, Group::Template, "scheduler", scheduler);
    for volume in &spec.volumes {
        if !volume.name.starts_with("kube-api-access-") {
            put(found, Group::References, format!("volume {}", volume.name), self::volume(volume));
        }
    }
}

fn container(container: &Container, found: &mut Attributes) {
    let name = &container.name;
    let what = |rest: &str| format!("{name} {rest}");
    put(found, Group::Image, what("image"), &container.image);
    put(found, Group::Template, what("command"), masked_words(&container.command));
    put(found, Group::Template, what("args"), masked_words(&container.args));
    for variable in &container.env {
        put(found, Group::Environment, format!("{name} env {}", variable.name), env(variable));
    }
    let from: Vec<String> = container
        .env_from
        .iter()
        .map(|from| match (&from.secret_ref, &from.config_map_ref) {
            (Some(secret), _) => format!("{}Secret {}", from.prefix, secret.name),
            (_, Some(config)) => format!("{}ConfigMap {}", from.prefix, config.name),
            _ => from.prefix.clone(),
        })
        .collect();
    put(found, Group::References, what("env from"), from.join(", "));
    for (kind, list) in [("requests", &container.resources.requests), ("limits", &container.resources.limits)]
    {
        for (resource, quantity) in list {
            put(found, Group::Resources, format!("{name} {kind}.{resource}"), quantity);
        }
    }
    for (kind, probe) in [
        ("livenessProbe", &container.liveness_probe),
        ("readinessProbe", &container.readiness_probe),
        ("startupProbe", &container.startup_probe),
        ("postStart", &container.lifecycle.post_start),
        ("preStop", &container.lifecycle.pre_stop),
    ] {
        put(found, Group::Probes, what(kind), probe.as_ref().map(probe_text).unwrap_or_default());
    }
    let ports: Vec<String> = container.ports.iter().map(|port| port.container_port.to_string()).collect();
    put(found, Group::Template, what("ports"), ports.join(", "));
    let mounts = container.volume_mounts.iter().filter(|mount| !mount.name.starts_with("kube-api-access-"));
    let mut mounts: Vec<String> =
        mounts.map(|mount| format!("{}:{}", mount.mount_path, mount.name)).collect();
    mounts.sort();
    put(found, Group::References, what("mounts"), mounts.join(", "));
}

fn env(variable: &EnvVar) -> String {
    let from = &variable.value_from;
    if let Some(secret) = &from.secret_key_ref {
        return format!("from Secret {} key {}", secret.name, secret.key);
    }
    if let Some(config) = &from.config_map_key_ref {
        return format!("from ConfigMap {} key {}", config.name, config.key);
    }
    if let Some(field) = &from.field_ref {
        return format!("from field {}", field.field_path);
    }
    if let Some(resource) = &from.resource_field_ref {
        return format!("from resource {}", resource.resource);
    }
    match masked(&variable.name, variable.value.as_deref().unwrap_or_default()) {
        empty if empty.is_empty() => "\"\"".to_string(),
        value => value,
    }
}

fn probe_text(probe: &Probe) -> String {
    let handler = match &probe.exec {
        Some(exec) => format!("exec {}", masked_words(&exec.command)),
        None => probe.handler(),
    };
    let delay = probe.initial_delay_seconds.unwrap_or(0);
    format!(
        "{handler} delay={delay}s period={}s timeout={}s failures={}",
        probe.period(),
        probe.timeout(),
        probe.threshold()
    )
}

fn volume(volume: &Volume) -> String {
    if let Some(secret) = &volume.secret {
        return format!("Secret {}", secret.secret_name);
    }
    if let Some(config) = &volume.config_map {
        return format!("ConfigMap {}", config.name);
    }
    if let Some(claim) = &volume.persistent_volume_claim {
        return format!("PersistentVolumeClaim {}", claim.claim_name);
    }
    if let Some(empty) = &volume.empty_dir {
        return format!("emptyDir {} {}", empty.medium, empty.size_limit).trim_end().to_string();
    }
    match &volume.projected {
        Some(projected) => {
            let named =
                projected.sources.iter().filter_map(|source| match (&source.secret, &source.config_map) {
                    (Some(secret), _) => Some(format!("Secret {}", secret.name)),
                    (_, Some(config)) => Some(format!("ConfigMap {}", config.name)),
                    _ => None,
                });
            format!("projected {}", named.collect::<Vec<_>>().join(", ")).trim_end().to_string()
        }
        None => "other".to_string(),
    }
}

/// `key=value:Effect`, without the two that every pod is given.
fn toleration(toleration: &Toleration) -> Option<String> {
    let given =
        matches!(toleration.key.as_str(), "node.kubernetes.io/not-ready" | "node.kubernetes.io/unreachable");
    if given && toleration.toleration_seconds == Some(300) {
        return None;
    }
    let value = if toleration.value.is_empty() { String::new() } else { format!("={}", toleration.value) };
    Some(format!(
        "{}{value}:{}",
        if toleration.key.is_empty() { "*" } else { &toleration.key },
        toleration.effect
    ))
}

/// Adds a value, unless it is empty.
pub fn put(found: &mut Attributes, group: Group, what: impl Into<String>, value: impl AsRef<str>) {
    let value = value.as_ref().trim();
    if !value.is_empty() {
        found.insert(Attribute { group, what: what.into() }, value.to_string());
    }
}
