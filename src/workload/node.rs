//! A node, reduced to what explains its pods: readiness, pressure, taints, and what it is.

use crate::workload::meta::{Condition, Meta, condition};

facts! {
    pub struct Node {
        #[serde(rename = "metadata")]
        pub meta: Meta,
        pub spec: NodeSpec,
        pub status: NodeStatus,
    }
    pub struct NodeSpec {
        pub unschedulable: bool,
        pub taints: Vec<Taint>,
    }
    pub struct Taint {
        pub key: String,
        pub value: String,
        pub effect: String,
    }
    pub struct NodeStatus {
        pub conditions: Vec<Condition>,
        pub node_info: NodeInfo,
    }
    pub struct NodeInfo {
        pub architecture: String,
        pub kubelet_version: String,
        pub container_runtime_version: String,
        pub kernel_version: String,
        pub os_image: String,
    }
}

impl Node {
    /// The Ready condition, where the node says that it is not ready or has stopped saying anything.
    pub fn unready(&self) -> Option<&Condition> {
        condition(&self.status.conditions, "Ready").filter(|ready| !ready.is_true())
    }

    /// The condition of that type if it holds: `MemoryPressure`.
    pub fn has(&self, kind: &str) -> Option<&Condition> {
        condition(&self.status.conditions, kind).filter(|condition| condition.is_true())
    }

    /// A well-known label: `topology.kubernetes.io/zone`, or what it was called before.
    pub fn zone(&self) -> Option<&str> {
        self.label(&["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"])
    }

    pub fn instance_type(&self) -> Option<&str> {
        self.label(&["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"])
    }

    pub fn architecture(&self) -> Option<&str> {
        let told = self.status.node_info.architecture.as_str();
        if told.is_empty() {
            self.label(&["kubernetes.io/arch", "beta.kubernetes.io/arch"])
        } else {
            Some(told)
        }
    }

    fn label(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.meta.labels.get(*key)).map(String::as_str)
    }
}
