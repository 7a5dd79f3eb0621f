//! Whose the objects of a cluster are: what runs pods, and the ConfigMaps that the pods name.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::text::count;
use crate::workload::Pod;

/// Whose an object is, by its kind, namespace and name.
pub type OwnedObjects = BTreeMap<(String, String, String), BTreeSet<usize>>;

/// Who names the ConfigMaps, by namespace and name.
pub type MapUses = BTreeMap<(String, String), MapUse>;

/// Who names a ConfigMap.
#[derive(Debug, Default)]
pub struct MapUse {
    pub services: BTreeSet<usize>,
    /// When the pods were made whose environment is made of it.
    in_environment: BTreeMap<String, Timestamp>,
}

/// Takes note of the ConfigMaps that a pod of a service names.
pub fn add_uses(pod: &Pod, service: usize, maps: &mut MapUses) {
    let in_environment = pod.config_maps_of_environment();
    for map in pod.config_maps() {
        let read = in_environment.contains(&map);
        let one = maps.entry((pod.meta.namespace.to_string(), map)).or_default();
        one.services.insert(service);
        if let Some(created) = pod.meta.created.filter(|_| read && is_alive(pod)) {
            one.in_environment.insert(pod.meta.name.clone(), created);
        }
    }
}

fn is_alive(pod: &Pod) -> bool {
    !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
}

impl MapUse {
    /// A mounted ConfigMap reaches its pods; an environment is made when a container starts.
    pub fn still_old(&self, time: Timestamp) -> Option<String> {
        let all = self.in_environment.len();
        let old = self.in_environment.values().filter(|created| **created < time).count();
        let words = match old {
            1 => "its environment has the old values until it starts anew",
            _ => "their environment has the old values until they start anew",
        };
        (old > 0).then(|| format!("{old} of {} older than it: {words}", count(all, "pod")))
    }
}
