//! What stands beside a service's workloads: autoscalers, disruption budgets, volume claims, nodes. Asked only once it is
//! known what runs where.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::compare::group::ComparedGroup;
use crate::commands::compare::maps::pod_spec;
use crate::compare::{Attribute, AttributeName, AttributeValue, Attributes, claim};
use crate::health::WorkloadFamily;
use crate::survey::{ClusterHealth, DetailKind, DetailRequest, Details};
use crate::workload::{Budget, Pod};

/// Nodes that are read of a cluster for each service: most are alike.
const MOST_NODES: usize = 5;

/// Claims that are read of a workload: those of a StatefulSet's pods are alike.
const MOST_CLAIMS: usize = 6;

/// What one cluster is to be asked about one service.
pub fn inquiry(cell: &ClusterHealth, wants: impl Fn(ComparedGroup) -> bool) -> DetailRequest {
    let mut inquiry = DetailRequest::default();
    for (family, _) in &cell.workloads {
        if wants(ComparedGroup::Scale)
            && !family.namespace.is_empty()
            && !matches!(family.kind, "Job" | "Pod")
        {
            inquiry.scaling.insert(family.namespace.to_string());
        }
        if wants(ComparedGroup::Storage) {
            let names = claims(family).into_iter().take(MOST_CLAIMS);
            inquiry.claims.extend(names.map(|(_, name)| (family.namespace.to_string(), name)));
        }
        if wants(ComparedGroup::Versions) {
            let nodes: BTreeSet<&str> = family.pods.iter().map(|pod| pod.node_name.as_str()).collect();
            let nodes = nodes.into_iter().filter(|node| is_plain(node)).take(MOST_NODES);
            inquiry.nodes.extend(nodes.map(str::to_string));
        }
    }
    inquiry
}

/// Names from a cluster go into a path: what is no name of an object is not asked for.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
}

/// The volumes that are claims, with the names of the claims; of each volume the first pods' first.
fn claims(family: &WorkloadFamily) -> Vec<(String, String)> {
    let of_pod = |pod: &&Pod| -> Vec<(String, String)> {
        let claim = |volume: &crate::workload::Volume| {
            Some((volume.name.clone(), volume.persistent_volume_claim.as_ref()?.claim_name.clone()))
        };
        pod.spec.volumes.iter().filter_map(claim).collect()
    };
    let mut found: Vec<(String, String)> = family.pods.iter().flat_map(of_pod).collect();
    if family.pods.is_empty() {
        let volumes = pod_spec(family).map(|spec| spec.volumes.clone()).unwrap_or_default();
        found.extend(
            volumes
                .into_iter()
                .filter_map(|volume| Some((volume.name, volume.persistent_volume_claim?.claim_name))),
        );
    }
    found.retain(|(_, name)| is_plain(name));
    found.dedup();
    found
}

/// What the cluster said of that, about one workload. What could not be read is not said.
pub fn attributes(family: &WorkloadFamily, details: &Details) -> Attributes {
    let mut found = Attributes::new();
    let mut say = |name: AttributeName, value: String| found.insert(name.into(), value.into());
    let lasting = !matches!(family.kind, "Job" | "CronJob" | "Pod" | "DaemonSet");
    if lasting && !details.refused.contains_key(&DetailKind::Autoscalers) {
        let scales =
            |one: &&crate::workload::Autoscaler| one.scales(family.kind, family.namespace, family.name);
        let bounds = details.autoscalers.iter().find(scales).map(|one| {
            format!("{} to {} replicas", one.spec.min_replicas.unwrap_or(1), one.spec.max_replicas)
        });
        say(AttributeName::Autoscaler, bounds.unwrap_or_else(|| "none".to_string()));
    }
    if lasting && !details.refused.contains_key(&DetailKind::Budgets) && !family.pods.is_empty() {
        let budget = details.budgets.iter().find(|budget| budget.guards(&family.pods));
        say(AttributeName::DisruptionBudget, budget.map_or("none".to_string(), allowance));
    }
    let mut by_volume: BTreeMap<Attribute, BTreeSet<AttributeValue>> = BTreeMap::new();
    for (volume, name) in claims(family) {
        let is_it =
            |one: &&crate::workload::Claim| one.meta.name == name && one.meta.namespace == family.namespace;
        let Some(known) = details.claims.iter().find(is_it) else { continue };
        let mut said = Attributes::new();
        claim(&volume, &known.spec, &mut said);
        said.into_iter().for_each(|(what, value)| {
            by_volume.entry(what).or_default().insert(value);
        });
    }
    found.extend(each_as_one(by_volume));
    found
}

/// Of each attribute all its values as one.
fn each_as_one(found: BTreeMap<Attribute, BTreeSet<AttributeValue>>) -> Attributes {
    let of_all = |values: BTreeSet<AttributeValue>| AttributeValue::of_all(values.iter().collect());
    found.into_iter().filter_map(|(attribute, values)| Some((attribute, of_all(values)?))).collect()
}

fn allowance(budget: &Budget) -> String {
    match (budget.spec.min_available.as_str(), budget.spec.max_unavailable.as_str()) {
        ("", "") => "min available 1".to_string(),
        ("", most) => format!("max unavailable {most}"),
        (least, _) => format!("min available {least}"),
    }
}

/// What the nodes are that a service's pods run on.
pub fn nodes(families: &[&WorkloadFamily], details: &Details) -> Attributes {
    let mut found: BTreeMap<Attribute, BTreeSet<AttributeValue>> = BTreeMap::new();
    let names: BTreeSet<&str> =
        families.iter().flat_map(|family| &family.pods).map(|pod| pod.node_name.as_str()).collect();
    for node in names.iter().filter_map(|name| details.nodes.get(*name)) {
        let mut say = |name, value: &str| {
            if !value.is_empty() {
                found.entry(Attribute::from(name)).or_default().insert(value.into());
            }
        };
        say(AttributeName::NodeArchitecture, node.architecture().unwrap_or_default());
        say(AttributeName::Kubelet, &node.status.node_info.kubelet_version);
    }
    each_as_one(found)
}
