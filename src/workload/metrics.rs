//! What a pod uses, as metrics.k8s.io tells it.

use std::collections::BTreeMap;

use crate::workload::lenient;
use crate::workload::meta::Meta;
use jiff::Timestamp;

facts! {
    /// A PodMetrics: it is called as its pod is.
    pub struct PodMetrics {
        #[serde(rename = "metadata")]
        pub meta: Meta,
        /// The end of the window that was measured.
        pub timestamp: Option<Timestamp>,
        pub containers: Vec<ContainerMetrics>,
    }

    pub struct ContainerMetrics {
        pub name: String,
        /// Quantities as text: `cpu`, `memory`.
        pub usage: BTreeMap<String, String>,
    }
}

/// Decodes one PodMetrics of a list.
pub fn observe_pod_metrics(json: &str) -> serde_json::Result<PodMetrics> {
    lenient::object(json)
}
