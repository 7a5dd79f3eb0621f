//! A PersistentVolumeClaim: whether it has its volume.

use crate::workload::container::Resources;
use crate::workload::meta::{Condition, Meta};

facts! {
    pub struct Claim {
        #[serde(rename = "metadata")]
        pub meta: Meta,
        pub spec: ClaimSpec,
        pub status: ClaimStatus,
    }
    pub struct ClaimSpec {
        pub storage_class_name: String,
        pub volume_name: String,
        pub access_modes: Vec<String>,
        pub resources: Resources,
    }
    pub struct ClaimStatus {
        /// `Pending`, `Bound` or `Lost`.
        pub phase: String,
        pub conditions: Vec<Condition>,
    }
}
