//! A PodDisruptionBudget: how many pods may go, and whether any may at present.

use crate::selector::Selector;
use crate::workload::meta::{Condition, Meta};
use crate::workload::pod::Pod;
use crate::workload::template::Json;

facts! {
    pub struct Budget {
        #[serde(rename = "metadata")]
        pub meta: Meta,
        pub spec: BudgetSpec,
        pub status: BudgetStatus,
    }
    pub struct BudgetSpec {
        /// A number or a percentage.
        pub min_available: String,
        pub max_unavailable: String,
        pub unhealthy_pod_eviction_policy: String,
        pub selector: Option<Json>,
    }
    pub struct BudgetStatus {
        pub observed_generation: String,
        pub disruptions_allowed: Option<i64>,
        pub current_healthy: i64,
        pub desired_healthy: i64,
        pub expected_pods: i64,
        pub conditions: Vec<Condition>,
    }
}

impl Budget {
    /// Whether it counts any of these pods.
    pub fn guards(&self, pods: &[&Pod]) -> bool {
        let Some(text) = &self.spec.selector else { return false };
        let Ok(value) = serde_json::from_str(text.text()) else { return false };
        let Ok(selector) = Selector::from_label_selector(&value) else { return false };
        let counts =
            |pod: &&&Pod| pod.meta.namespace == self.meta.namespace && selector.matches(&pod.meta.labels);
        pods.iter().find(counts).is_some()
    }
}
