//! A HorizontalPodAutoscaler: its bounds, where it stands, and what stops it.

use crate::workload::body::WorkloadRef;
use crate::workload::meta::{Condition, Meta};

facts! {
    pub struct Autoscaler {
        #[serde(rename = "metadata")]
        pub meta: Meta,
        pub spec: AutoscalerSpec,
        pub status: AutoscalerStatus,
    }
    pub struct AutoscalerSpec {
        pub min_replicas: Option<i64>,
        pub max_replicas: i64,
        pub scale_target_ref: WorkloadRef,
    }
    pub struct AutoscalerStatus {
        pub current_replicas: i64,
        pub desired_replicas: i64,
        pub conditions: Vec<Condition>,
    }
}

/// Where autoscaling/v1 keeps its conditions: JSON text in an annotation.
const V1_CONDITIONS: &str = "autoscaling.alpha.kubernetes.io/conditions";

facts! {
    pub struct Conditions {
        pub conditions: Vec<Condition>,
    }
}

impl Autoscaler {
    /// Whether this is what it scales.
    pub fn scales(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let target = &self.spec.scale_target_ref;
        self.meta.namespace == namespace && target.kind == kind && target.name == name
    }

    /// The conditions of autoscaling/v2, else those that v1 keeps in an annotation.
    pub fn conditions(&self) -> Vec<Condition> {
        if !self.status.conditions.is_empty() {
            return self.status.conditions.clone();
        }
        let Some(text) = self.meta.annotations.get(V1_CONDITIONS) else { return Vec::new() };
        let wrapped = format!("{{\"conditions\":{text}}}");
        crate::workload::lenient::object::<Conditions>(&wrapped)
            .map(|read| read.conditions)
            .unwrap_or_default()
    }
}
