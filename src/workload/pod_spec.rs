//! What a pod's spec wishes, without its node: the same in all replicas of a template.

use crate::workload::container::{ConfigMapRef, Container, LocalRef, Resources};
use std::collections::BTreeMap;

facts! {
    pub struct PodSpec {
        pub init_containers: Vec<Container>,
        pub containers: Vec<Container>,
        pub ephemeral_containers: Vec<Container>,
        /// For all containers together, since 1.32; what is said here goes before their sums.
        pub resources: Resources,
        pub restart_policy: String,
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
}

macro_rules! present {
    ($($Name:ty),*) => { $(impl crate::workload::lenient::Present for $Name {})* };
}
present!(SecretVolume, ClaimVolume, EmptyDir, Projected);
