//! A pod, reduced to what verdicts, diagnoses and comparisons read.

use crate::workload::container::{ConfigMapRef, Container, ContainerStatus, LocalRef, Resources};
use crate::workload::lenient;
use crate::workload::meta::{Condition, Meta, condition};
use jiff::Timestamp;
use std::collections::BTreeMap;

facts! {
    pub struct Pod {
        #[serde(rename = "metadata")]
        pub meta: Meta,
        pub spec: PodSpec,
        pub status: PodStatus,
    }

    pub struct PodSpec {
        pub init_containers: Vec<Container>,
        pub containers: Vec<Container>,
        pub ephemeral_containers: Vec<Container>,
        /// For all containers together, since 1.32; what is said here goes before their sums.
        pub resources: Resources,
        pub restart_policy: String,
        pub node_name: String,
        pub service_account_name: String,
        pub priority_class_name: String,
        pub scheduler_name: String,
        pub termination_grace_period_seconds: Option<i64>,
        pub active_deadline_seconds: Option<i64>,
        pub host_network: bool,
        pub readiness_gates: Vec<ReadinessGate>,
        pub scheduling_gates: Vec<LocalRef>,
        pub node_selector: BTreeMap<String, String>,
        pub tolerations: Vec<Toleration>,
        pub image_pull_secrets: Vec<LocalRef>,
        pub volumes: Vec<Volume>,
    }

    pub struct ReadinessGate {
        pub condition_type: String,
    }

    pub struct Toleration {
        pub key: String,
        pub operator: String,
        pub value: String,
        pub effect: String,
        pub toleration_seconds: Option<i64>,
    }

    pub struct Volume {
        pub name: String,
        pub secret: Option<SecretVolume>,
        pub config_map: Option<ConfigMapRef>,
        pub persistent_volume_claim: Option<ClaimVolume>,
        pub empty_dir: Option<EmptyDir>,
        pub projected: Option<Projected>,
    }

    pub struct SecretVolume {
        pub secret_name: String,
        pub optional: bool,
    }

    pub struct ClaimVolume {
        pub claim_name: String,
    }

    pub struct EmptyDir {
        pub medium: String,
        pub size_limit: String,
    }

    pub struct Projected {
        pub sources: Vec<ProjectedSource>,
    }

    pub struct ProjectedSource {
        pub secret: Option<ConfigMapRef>,
        pub config_map: Option<ConfigMapRef>,
    }

    pub struct PodStatus {
        pub phase: String,
        pub reason: String,
        pub message: String,
        pub conditions: Vec<Condition>,
        pub init_container_statuses: Vec<ContainerStatus>,
        pub container_statuses: Vec<ContainerStatus>,
        pub ephemeral_container_statuses: Vec<ContainerStatus>,
        pub start_time: Option<Timestamp>,
        pub qos_class: String,
        pub observed_generation: Option<i64>,
        pub nominated_node_name: String,
        #[serde(rename = "podIP")]
        pub pod_ip: String,
        #[serde(rename = "hostIP")]
        pub host_ip: String,
    }
}

macro_rules! present {
    ($($Name:ty),*) => { $(impl crate::workload::lenient::Present for $Name {})* };
}
present!(SecretVolume, ClaimVolume, EmptyDir, Projected);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Init,
    /// An init container with restartPolicy Always: it runs beside the main ones.
    Sidecar,
    Main,
    Ephemeral,
}

/// One container, its wish and its state joined by name. Either half may be missing.
#[derive(Debug, Clone, Copy)]
pub struct PodContainer<'a> {
    pub name: &'a str,
    pub role: Role,
    pub spec: Option<&'a Container>,
    pub status: Option<&'a ContainerStatus>,
}

impl Pod {
    /// Every container, in the order in which they may be to blame: init containers and sidecars as they
    /// start, then main ones, then ephemeral ones. A status without a spec is tolerated.
    pub fn containers(&self) -> Vec<PodContainer<'_>> {
        let (spec, status) = (&self.spec, &self.status);
        let mut all = Vec::with_capacity(spec.init_containers.len() + spec.containers.len());
        join(&spec.init_containers, &status.init_container_statuses, Role::Init, &mut all);
        join(&spec.containers, &status.container_statuses, Role::Main, &mut all);
        join(&spec.ephemeral_containers, &status.ephemeral_container_statuses, Role::Ephemeral, &mut all);
        all
    }

    /// The condition of that type.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        condition(&self.status.conditions, kind)
    }

    /// Whether the pod counts as Ready: its condition says so.
    pub fn is_ready(&self) -> bool {
        self.condition("Ready").is_some_and(Condition::is_true)
    }

    /// Whether the kubelet starts a main container again whatever it ended with (the default).
    pub fn restarts_always(&self) -> bool {
        matches!(self.spec.restart_policy.as_str(), "" | "Always")
    }
}

impl PodContainer<'_> {
    /// Whether the kubelet starts it again after exit 0: main containers of an ordinary pod, and sidecars.
    pub fn runs_for_ever(&self, pod: &Pod) -> bool {
        match self.role {
            Role::Sidecar => true,
            Role::Main => match self.spec.map(|spec| spec.restart_policy.as_str()) {
                None | Some("") => pod.restarts_always(),
                Some(own) => own == "Always",
            },
            Role::Init | Role::Ephemeral => false,
        }
    }
}

/// Decodes one pod of a list.
pub fn observe(json: &str) -> serde_json::Result<Pod> {
    lenient::object(json)
}

fn join<'a>(
    specs: &'a [Container],
    statuses: &'a [ContainerStatus],
    role: Role,
    all: &mut Vec<PodContainer<'a>>,
) {
    for spec in specs {
        let sidecar = role == Role::Init && spec.restart_policy == "Always";
        let role = if sidecar { Role::Sidecar } else { role };
        let status = statuses.iter().find(|status| status.name == spec.name);
        all.push(PodContainer { name: &spec.name, role, spec: Some(spec), status });
    }
    for status in statuses.iter().filter(|status| !specs.iter().any(|spec| spec.name == status.name)) {
        all.push(PodContainer { name: &status.name, role, spec: None, status: Some(status) });
    }
}
