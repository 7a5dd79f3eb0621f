//! What a service is in each cluster, as attributes that can be compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::compare::maps::{Maps, pod_spec};
use crate::compare::{self, Attribute, Attributes, Group, Sample};
use crate::health::{Assessed, Family};
use crate::workload::Role;

/// A service's part of a cluster that answered: its workloads, and the ConfigMaps that were read there.
pub struct Here<'a> {
    pub cluster: &'a str,
    pub workloads: &'a [(Family<'a>, Assessed<'a>)],
    pub maps: &'a Maps,
}

/// Workloads that are the same one in several clusters: its name for people, and a sample for each cluster that has it.
#[derive(Debug)]
pub struct Pair {
    /// `Deployment/checkout`.
    pub name: String,
    pub samples: Vec<Sample>,
    /// Jobs come and go, and bare pods: that one is not there says nothing.
    pub lasting: bool,
}

/// Pairs the workloads by kind and name; those of a kind of which every cluster has exactly one are one under
/// whatever names.
pub fn pairs(clusters: &[Here]) -> Vec<Pair> {
    let mut found: BTreeMap<(String, String), Pair> = BTreeMap::new();
    for here in clusters {
        for (family, assessed) in here.workloads {
            let alone = is_alone(family.kind, clusters);
            let key = (family.kind.to_string(), if alone { String::new() } else { family.name.to_string() });
            let pair = found.entry(key).or_insert_with(|| Pair {
                name: format!("{}/{}", family.kind, family.name),
                samples: Vec::new(),
                lasting: !matches!(family.kind, "Job" | "Pod"),
            });
            let attributes = attributes(family, assessed, here.maps);
            pair.samples.push(Sample { cluster: here.cluster.to_string(), bad: false, attributes });
        }
    }
    found.into_values().collect()
}

fn is_alone(kind: &str, clusters: &[Here]) -> bool {
    let lasting = !matches!(kind, "Job" | "Pod");
    let of_kind = |here: &Here| here.workloads.iter().filter(|(family, _)| family.kind == kind).count();
    lasting && clusters.iter().all(|here| here.workloads.is_empty() || of_kind(here) == 1)
}

/// Everything of one workload in one cluster.
fn attributes(family: &Family, assessed: &Assessed, maps: &Maps) -> Attributes {
    let mut found = template(family);
    if let Some(workload) = family.workload {
        found.extend(compare::workload(workload, &family.replica_sets));
        let label = |key: &str| workload.meta.labels.get(key).map_or("", String::as_str);
        put(&mut found, Group::Revision, "Flux Kustomization", label("kustomize.toolkit.fluxcd.io/name"));
        put(&mut found, Group::Revision, "Flux HelmRelease", label("helm.toolkit.fluxcd.io/name"));
    }
    put(&mut found, Group::Scale, "available", &assessed.available.map(|n| n.to_string()).unwrap_or_default());
    digests(family, &mut found);
    let referred = pod_spec(family).map(|spec| crate::commands::compare::maps::references(&spec));
    for name in referred.unwrap_or_default() {
        match maps.get(&(family.namespace.to_string(), name.clone())) {
            Some(Some(data)) => found.extend(compare::config_map(&name, data)),
            Some(None) => put(&mut found, Group::Config, &format!("ConfigMap {name} keys"), "no such ConfigMap"),
            None => {}
        }
    }
    found
}

/// The workload's template; where it is not known, what its pods say of theirs.
fn template(family: &Family) -> Attributes {
    let raw = family.workload.and_then(|workload| workload.template().raw.as_ref());
    if let Some(raw) = raw {
        return compare::template(raw.text());
    }
    let mut found = family.pods.first().map(|pod| compare::pod(pod, None)).unwrap_or_default();
    found.retain(|attribute, _| !matches!(attribute.group, Group::Node) && !is_digest(attribute));
    found
}

pub const DIGEST: &str = " image digest";

pub fn is_digest(attribute: &Attribute) -> bool {
    attribute.group == Group::Image && attribute.what.ends_with(DIGEST)
}

/// The digests that a container's pods run; several while a rollout goes on, or where a tag was moved.
fn digests(family: &Family, found: &mut Attributes) {
    let mut running: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for pod in &family.pods {
        for container in pod.containers().iter().filter(|container| container.role != Role::Ephemeral) {
            let Some(status) = container.status else { continue };
            let Some((_, digest)) = status.image_id.rsplit_once('@') else { continue };
            running.entry(container.name).or_default().insert(digest);
        }
    }
    for (container, digests) in running {
        let all: Vec<&str> = digests.into_iter().collect();
        put(found, Group::Image, &format!("{container}{DIGEST}"), &all.join(", "));
    }
}

fn put(found: &mut Attributes, group: Group, what: &str, value: &str) {
    if !value.is_empty() {
        found.insert(Attribute { group, what: what.to_string() }, value.to_string());
    }
}
