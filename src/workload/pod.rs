//! A pod, reduced to what verdicts, diagnoses and comparisons read.

use crate::shared::SharedText;
use crate::workload::container::{Container, ContainerStatus};
use crate::workload::lenient;
use crate::workload::meta::{Condition, Meta, condition};
use crate::workload::pod_spec::PodSpec;
use crate::workload::shared_spec::read_spec;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A pod: its wish, which replicas share, and what the kubelet says of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pod {
    pub meta: Meta,
    /// `spec.nodeName`; empty until it is scheduled. Apart from the spec, as it differs among replicas.
    pub node_name: SharedText,
    pub spec: Arc<PodSpec>,
    pub status: PodStatus,
}

facts! {
    pub struct PodStatus {
        pub phase: SharedText,
        pub reason: SharedText,
        pub message: SharedText,
        pub conditions: Vec<Condition>,
        pub init_container_statuses: Vec<ContainerStatus>,
        pub container_statuses: Vec<ContainerStatus>,
        pub ephemeral_container_statuses: Vec<ContainerStatus>,
        pub start_time: Option<Timestamp>,
        pub qos_class: SharedText,
        pub observed_generation: Option<i64>,
    }
}

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
    /// The names of the ConfigMaps that it refers to.
    pub fn config_maps(&self) -> BTreeSet<String> {
        let volumes = self.spec.volumes.iter().filter_map(|volume| volume.config_map.as_ref());
        let mut names = self.config_maps_of_environment();
        names.extend(volumes.map(|map| map.name.clone()).filter(|name| !name.is_empty()));
        names
    }

    /// Those of which its environment is made: it has the values that they had when its containers started.
    pub fn config_maps_of_environment(&self) -> BTreeSet<String> {
        let containers = self.spec.init_containers.iter().chain(&self.spec.containers);
        let env = containers.clone().flat_map(|container| &container.env);
        let keys =
            env.filter_map(|env| env.value_from.config_map_key_ref.as_ref()).map(|key| key.name.clone());
        let whole = containers.flat_map(|container| &container.env_from);
        let whole = whole.filter_map(|from| from.config_map_ref.as_ref()).map(|map| map.name.clone());
        keys.chain(whole).filter(|name| !name.is_empty()).collect()
    }

    /// Decodes one pod; what it has in common with others that were read before is shared with them.
    pub fn of(json: &str) -> serde_json::Result<Pod> {
        let UnreadPod { metadata, spec, status } = lenient::object(json)?;
        let (node_name, spec) = spec.map(|raw| read_spec(raw.get())).transpose()?.unwrap_or_default();
        Ok(Pod { meta: metadata, node_name, spec, status })
    }

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

    /// The condition by which the scheduler says that it waits until someone takes the pod's gates away.
    pub fn gated_condition(&self) -> Option<&Condition> {
        self.condition("PodScheduled").filter(|scheduled| scheduled.reason == "SchedulingGated")
    }

    /// Whether gates keep the pod from being scheduled.
    pub fn is_gated(&self) -> bool {
        self.gated_condition().is_some()
            || (!self.spec.scheduling_gates.is_empty() && self.node_name.is_empty())
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

/// A pod whose spec is still text.
#[derive(Default, Deserialize)]
#[serde(default)]
struct UnreadPod<'a> {
    #[serde(deserialize_with = "lenient::read")]
    metadata: Meta,
    #[serde(borrow)]
    spec: Option<&'a RawValue>,
    #[serde(deserialize_with = "lenient::read")]
    status: PodStatus,
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
    for status in statuses.iter().filter(|status| !specs.iter().any(|spec| status.name == spec.name)) {
        all.push(PodContainer { name: &status.name, role, spec: None, status: Some(status) });
    }
}

#[cfg(test)]
mod tests {
    use crate::shared::Shared;
    use crate::workload::Pod;

    #[test]
    fn replicas_share_what_is_the_same_in_all_of_them() {
        let pod = |name: &str| {
            let json = r#"{"metadata":{"name":"NAME","labels":{"app":"web"},"annotations":{"a":"b"},
                "ownerReferences":[{"kind":"ReplicaSet","name":"web-1","uid":"r"}]},
                "status":{"phase":"Running","containerStatuses":[{"name":"app","image":"web:1",
                    "resources":{"limits":{"memory":"1Gi"}}}]}}"#;
            Pod::of(&json.replace("NAME", name)).expect("a pod")
        };
        let (one, other) = (pod("web-1-a"), pod("web-1-b"));
        assert_ne!(one.meta.name, other.meta.name);
        assert!(Shared::is_one(&one.meta.labels, &other.meta.labels));
        assert!(Shared::is_one(&one.meta.annotations, &other.meta.annotations));
        assert!(Shared::is_one(&one.meta.owners, &other.meta.owners));
        assert!(Shared::is_one(&one.status.phase, &other.status.phase));
        let (one, other) = (&one.status.container_statuses[0], &other.status.container_statuses[0]);
        assert!(Shared::is_one(&one.image, &other.image) && Shared::is_one(&one.resources, &other.resources));
    }
}
