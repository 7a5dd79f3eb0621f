//! What a Karmada hub holds of its members: a Cluster for each, as a real one tells it, and what its cache covers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::demo::directory::fleet_file::ClusterEntry;
use crate::demo::faults::FaultId;
use crate::demo::state::manifests::{self, PlacedObject};

/// Kinds that the cache is told to hold, whether a member has any or not.
const USUAL: &[(&str, &str)] = &[
    ("v1", "Pod"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
];

/// The Clusters of members, each with its URL, and a registry that has the cache hold these kinds: apiVersion and kind.
pub fn objects(
    members: &[(&ClusterEntry, &(String, String))],
    held: &BTreeSet<(String, String)>,
    version: &str,
) -> anyhow::Result<Vec<PlacedObject>> {
    let mut found = Vec::new();
    let usual = USUAL.iter().map(|(version, kind)| (version.to_string(), kind.to_string()));
    let kinds: BTreeSet<(String, String)> = held.iter().cloned().chain(usual).collect();
    let kinds: Vec<Value> =
        kinds.into_iter().map(|(version, kind)| json!({"apiVersion": version, "kind": kind})).collect();
    let names: Vec<&str> = members.iter().map(|(_, (name, _))| name.as_str()).collect();
    let registry = json!({
        "apiVersion": "search.karmada.io/v1alpha1",
        "kind": "ResourceRegistry",
        "metadata": {"name": "all"},
        "spec": {"targetCluster": {"clusterNames": names}, "resourceSelectors": kinds},
    });
    found.extend(manifests::read("the hub", &registry.to_string())?);
    for (entry, (name, url)) in members {
        let fault = entry.fault.as_ref().map(|fault| fault.id);
        let is_ready = !fault.is_some_and(|id| {
            matches!(id, FaultId::Dns | FaultId::Refused | FaultId::Blackhole | FaultId::TlsHang)
        });
        let (status, reason, message) = match is_ready {
            true => ("True", "ClusterReady", "cluster is healthy and ready to accept workloads"),
            false => ("False", "ClusterNotReachable", "cluster is not reachable"),
        };
        let cluster = json!({
            "apiVersion": "cluster.karmada.io/v1alpha1",
            "kind": "Cluster",
            "metadata": {"name": name, "labels": entry.labels},
            "spec": {
                "apiEndpoint": url,
                "syncMode": "Push",
                "provider": "lab",
                "region": entry.labels.get("region").map(String::as_str).unwrap_or_default(),
                "secretRef": {"name": name, "namespace": "karmada-cluster"},
            },
            "status": {
                "kubernetesVersion": entry.version.as_deref().unwrap_or(version),
                "conditions": [{"type": "Ready", "status": status, "reason": reason, "message": message}],
            },
        });
        found.extend(manifests::read("the hub", &cluster.to_string())?);
    }
    Ok(found)
}
