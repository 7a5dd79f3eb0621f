//! What a service is in each cluster, as attributes that can be compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::compare::beside;
use crate::commands::compare::maps::{Maps, pod_spec};
use crate::compare::{
    self, Absence, Attribute, AttributeGroup, AttributeName, AttributeValue, Attributes, ConfigMapPart,
    ContainerPart, Sample, container_part, put,
};
use crate::health::{Assessed, Health, WorkloadFamily};
use crate::survey::Details;
use crate::workload::Role;

/// A service's part of a cluster that answered: its workloads, and the ConfigMaps that were read there.
pub struct Here<'a> {
    pub cluster: &'a str,
    pub workloads: &'a [(WorkloadFamily<'a>, Assessed<'a>)],
    pub maps: &'a Maps,
    pub details: &'a Details,
}

/// Workloads that are the same one in several clusters: its name for people, and a sample for each cluster that has it.
#[derive(Debug)]
pub struct ComparedWorkloads {
    /// `Deployment/checkout`.
    pub name: String,
    pub samples: Vec<Sample>,
    /// Jobs come and go, and bare pods: that one is not there says nothing.
    pub lasting: bool,
}

impl ComparedWorkloads {
    pub fn has(&self, cluster: &str) -> bool {
        self.samples.iter().any(|sample| sample.cluster == cluster)
    }
}

/// Pairs the workloads by kind and name, whatever their namespaces, unless a cluster has that name in several; those of
/// a kind of which every cluster has exactly one are one under whatever names. What is of another kind in other clusters
/// (a Deployment here, a Rollout there) is one as well.
pub fn pairs(clusters: &[Here]) -> Vec<ComparedWorkloads> {
    let mut found: BTreeMap<(String, String, String), ComparedWorkloads> = BTreeMap::new();
    let (alone, twofold) = (alone(clusters), twofold(clusters));
    for here in clusters {
        for (family, assessed) in here.workloads {
            let name = if alone.contains(family.kind) { "" } else { family.name };
            let is_twofold = twofold.contains(&(family.kind, family.name));
            let namespace = if is_twofold { family.namespace } else { "" };
            let key = (family.kind.to_string(), name.to_string(), namespace.to_string());
            let pair = found.entry(key).or_insert_with(|| ComparedWorkloads {
                name: format!("{}/{}", family.kind, family.name),
                samples: Vec::new(),
                lasting: !matches!(family.kind, "Job" | "Pod"),
            });
            let attributes = attributes(family, assessed, here);
            let bad = assessed.verdict.health >= Health::Missing;
            let is_partial = family.kind != "Pod" && written_template(family).is_none();
            pair.samples.push(Sample {
                cluster: here.cluster.to_string(),
                bad,
                attributes,
                is_partial,
                more: 0,
            });
        }
    }
    let mut pairs = joined(found.into_values().collect(), clusters);
    for pair in &mut pairs {
        tell_absent_keys(&mut pair.samples);
    }
    pairs
}

/// Kinds and names that a cluster has in several namespaces: then the namespace tells them apart everywhere.
fn twofold<'a>(clusters: &'a [Here]) -> BTreeSet<(&'a str, &'a str)> {
    let mut twofold = BTreeSet::new();
    for here in clusters {
        let mut seen = BTreeSet::new();
        let names = here.workloads.iter().map(|(family, _)| (family.kind, family.name));
        twofold.extend(names.filter(|name| !seen.insert(*name)));
    }
    twofold
}

/// Joins what has one name and another kind in other clusters.
fn joined(pairs: Vec<ComparedWorkloads>, clusters: &[Here]) -> Vec<ComparedWorkloads> {
    const SERVING: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "Rollout", "ReplicaSet"];
    let mut found: Vec<ComparedWorkloads> = Vec::new();
    // Those that serve, by their name: the kinds that it has are few.
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for mut pair in pairs {
        let (kind, name) = split_name(&pair.name);
        if !SERVING.contains(&kind) {
            found.push(pair);
            continue;
        }
        let known = by_name.entry(name.to_string()).or_default();
        let is_it = |other: &&usize| pair.samples.iter().all(|sample| !found[**other].has(&sample.cluster));
        match known.iter().find(is_it).copied() {
            Some(other) => found[other].samples.append(&mut pair.samples),
            None => {
                known.push(found.len());
                found.push(pair);
            }
        }
    }
    let place = |sample: &Sample| clusters.iter().position(|here| here.cluster == sample.cluster);
    found.iter_mut().for_each(|pair| pair.samples.sort_by_key(place));
    found
}

fn split_name(name: &str) -> (&str, &str) {
    name.split_once('/').unwrap_or(("", name))
}

const ABSENT: AttributeValue = AttributeValue::Absent(Absence::NoConfigMap);

/// Where a ConfigMap was read, a key that only others have is not set; the list of its keys then says nothing more.
fn tell_absent_keys(samples: &mut [Sample]) {
    let all: BTreeSet<Attribute> =
        samples.iter().flat_map(|sample| sample.attributes.keys().cloned()).collect();
    for list in &all {
        let AttributeName::OfConfigMap(map, ConfigMapPart::Keys) = list.name() else { continue };
        let lacks = |sample: &Sample| sample.attributes.get(list).is_some_and(|keys| *keys == ABSENT);
        if samples.iter().any(lacks) {
            continue;
        }
        let keys = all.iter().filter(|key| {
            matches!(key.name(), AttributeName::OfConfigMap(own, ConfigMapPart::Value(_)) if own == map)
        });
        for sample in samples.iter_mut().filter(|sample| sample.attributes.contains_key(list)) {
            for key in keys.clone() {
                sample.attributes.entry(key.clone()).or_insert(AttributeValue::Absent(Absence::NotSet));
            }
            sample.attributes.remove(list);
        }
    }
}

/// Kinds of which every cluster that has anything has one workload.
fn alone<'a>(clusters: &'a [Here]) -> BTreeSet<&'a str> {
    let counts: Vec<BTreeMap<&str, usize>> = clusters
        .iter()
        .filter(|here| !here.workloads.is_empty())
        .map(|here| {
            let mut counts = BTreeMap::new();
            here.workloads.iter().for_each(|(family, _)| *counts.entry(family.kind).or_default() += 1);
            counts
        })
        .collect();
    let kinds: BTreeSet<&str> = counts.iter().flat_map(|counts| counts.keys().copied()).collect();
    let is_alone = |kind: &&str| {
        !matches!(*kind, "Job" | "Pod") && counts.iter().all(|counts| counts.get(kind) == Some(&1))
    };
    kinds.into_iter().filter(is_alone).collect()
}

/// Everything of one workload in one cluster.
fn attributes(family: &WorkloadFamily, assessed: &Assessed, here: &Here) -> Attributes {
    let maps = here.maps;
    let mut found = template(family);
    put(&mut found, AttributeName::Kind, family.kind);
    put(&mut found, AttributeName::Namespace, family.namespace);
    put(&mut found, AttributeName::Name, family.name);
    if let Some(workload) = family.workload {
        found.extend(compare::workload(workload, &family.replica_sets));
        let label = |key: &str| workload.meta.labels.get(key).map_or("", String::as_str);
        put(&mut found, AttributeName::FluxKustomization, label("kustomize.toolkit.fluxcd.io/name"));
        put(&mut found, AttributeName::FluxHelmRelease, label("helm.toolkit.fluxcd.io/name"));
    }
    let available = assessed.available.map(|n| n.to_string()).unwrap_or_default();
    put(&mut found, AttributeName::Available, &available);
    running(family, &mut found);
    found.extend(beside::attributes(family, here.details));
    let referred = pod_spec(family).map(|spec| crate::commands::compare::maps::references(&spec));
    for name in referred.unwrap_or_default() {
        let keys = AttributeName::OfConfigMap(name.clone(), ConfigMapPart::Keys);
        match maps.get(&(family.namespace.to_string(), name.clone())) {
            Some(Some(data)) => found.extend(compare::config_map(&name, data)),
            Some(None) => put(&mut found, keys, ABSENT),
            None => {}
        }
    }
    found
}

fn written_template<'a>(family: &WorkloadFamily<'a>) -> Option<&'a str> {
    family.workload.and_then(|workload| workload.template().raw.as_ref()).map(|raw| raw.text())
}

/// The workload's template; where it is not known, what its pods say of theirs.
fn template(family: &WorkloadFamily) -> Attributes {
    if let Some(text) = written_template(family) {
        return compare::template(text);
    }
    let mut found = family.pods.first().map(|pod| compare::pod(pod, None)).unwrap_or_default();
    found.retain(|attribute, _| attribute.group() != AttributeGroup::Node && !attribute.name().is_digest());
    found
}

/// What the pods add to their template: the digests that run under its tags, and containers that something else put
/// beside its own, such as a mesh's. Pods of an earlier template have other tags, and say nothing.
fn running(family: &WorkloadFamily, found: &mut Attributes) {
    let template = found.clone();
    let image = |container: &str| {
        template.get(&Attribute::from(container_part(container, ContainerPart::Image)))?.as_text()
    };
    let mut digests: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut injected: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut current = 0;
    for pod in &family.pods {
        let containers: Vec<RunningContainer> = pod
            .containers()
            .into_iter()
            .filter(|container| container.role != Role::Ephemeral)
            .map(|container| RunningContainer {
                name: container.name,
                image: container.spec.map_or("", |spec| spec.image.as_str()),
                digest: container
                    .status
                    .and_then(|status| status.image_id.rsplit_once('@'))
                    .map(|(_, digest)| digest),
            })
            .filter(|container| !container.image.is_empty())
            .collect();
        let is_other =
            |one: &RunningContainer| image(one.name).is_some_and(|asked| !is_one_image(asked, one.image));
        if containers.iter().any(is_other) {
            continue;
        }
        current += 1;
        for one in containers {
            if image(one.name).is_none() {
                injected.entry(one.name).or_default().insert(one.image);
            } else {
                digests.entry(one.name).or_default().extend(one.digest);
            }
        }
    }
    let list = |all: BTreeSet<&str>| -> Vec<String> { all.into_iter().map(str::to_string).collect() };
    for (container, digests) in digests {
        put(found, container_part(container, ContainerPart::ImageDigest), list(digests));
    }
    if current > 0 {
        let names = AttributeValue::List(list(injected.keys().copied().collect()));
        found.insert(AttributeName::InjectedContainers.into(), names);
    }
    for (container, images) in injected {
        put(found, AttributeName::InjectedImage(container.to_string()), list(images));
    }
}

/// A container of a pod.
struct RunningContainer<'a> {
    name: &'a str,
    image: &'a str,
    digest: Option<&'a str>,
}

/// Whether one may stand for the other: admission may have a cluster pull from a mirror.
fn is_one_image(asked: &str, runs: &str) -> bool {
    let last = |image: &str| image.rsplit('/').next().map(str::to_string);
    asked == runs || last(asked) == last(runs)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{
        Absence, Attribute, AttributeName, AttributeValue, Attributes, Sample, running, tell_absent_keys,
    };
    use crate::compare::{ConfigMapPart, ContainerPart, config_map, container_part};
    use crate::health::families;
    use crate::workload::{Object, kind};

    fn sample(data: &[(&str, &str)]) -> Sample {
        let data: BTreeMap<String, String> =
            data.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        Sample { attributes: config_map("web", &data), ..Sample::default() }
    }

    fn of_map(part: ConfigMapPart) -> Attribute {
        AttributeName::OfConfigMap("web".to_string(), part).into()
    }

    #[test]
    fn a_key_that_only_others_have_is_not_set() {
        let mut samples = [sample(&[("A", "1"), ("B", "2")]), sample(&[("A", "1")]), Sample::default()];
        tell_absent_keys(&mut samples);
        let value = |key: &str| ConfigMapPart::Value(key.to_string());
        let of = |sample: &Sample, part| sample.attributes.get(&of_map(part)).cloned();
        assert_eq!(of(&samples[1], value("B")), Some(AttributeValue::Absent(Absence::NotSet)));
        assert_eq!(of(&samples[0], value("B")), Some("2".into()));
        assert_eq!(of(&samples[0], ConfigMapPart::Keys), None);
        assert!(samples[2].attributes.is_empty(), "what was not read is not known to be absent");
    }

    #[test]
    fn a_key_that_is_there_and_empty_is_set() {
        let mut samples = [sample(&[("A", "x")]), sample(&[("A", "")]), sample(&[])];
        tell_absent_keys(&mut samples);
        let told = samples
            .map(|sample| sample.attributes[&of_map(ConfigMapPart::Value("A".to_string()))].to_string());
        assert_eq!(told, ["x", "\"\"", "not set"]);
    }

    #[test]
    fn a_map_that_is_not_there_is_told_by_its_keys() {
        let mut absent = Sample::default();
        absent.attributes.insert(of_map(ConfigMapPart::Keys), super::ABSENT);
        let mut samples = [sample(&[("A", "1")]), absent];
        tell_absent_keys(&mut samples);
        assert!(samples[0].attributes.contains_key(&of_map(ConfigMapPart::Keys)));
        assert_eq!(samples[1].attributes.len(), 1);
    }

    fn pod(name: &str, containers: &[(&str, &str, &str)]) -> Object {
        let specs: Vec<String> = containers
            .iter()
            .map(|(name, image, _)| format!(r#"{{"name":"{name}","image":"{image}"}}"#))
            .collect();
        let statuses: Vec<String> = containers
            .iter()
            .map(|(name, image, digest)| {
                format!(r#"{{"name":"{name}","image":"{image}","imageID":"registry/x@{digest}"}}"#)
            })
            .collect();
        let json = format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"shop","ownerReferences":[{{"kind":"Deployment","name":"web","uid":"u","controller":true}}]}},
            "spec":{{"containers":[{}]}},"status":{{"containerStatuses":[{}]}}}}"#,
            specs.join(","),
            statuses.join(",")
        );
        kind("Pod").expect("a row").observe(&json).expect("a pod")
    }

    #[test]
    fn digests_are_those_of_the_templates_own_tag() {
        let pods = [
            pod("old", &[("app", "web:1", "sha256:a")]),
            pod("new", &[("app", "web:2", "sha256:b"), ("mesh", "proxy:7", "sha256:m")]),
        ];
        let mut found = Attributes::new();
        let key = |part| Attribute::from(container_part("app", part));
        found.insert(key(ContainerPart::Image), "web:2".into());
        let families = families(&pods);
        running(&families[0], &mut found);
        let told = |attribute: Attribute| found[&attribute].to_string();
        assert_eq!(told(key(ContainerPart::ImageDigest)), "sha256:b");
        assert_eq!(told(AttributeName::InjectedImage("mesh".to_string()).into()), "proxy:7");
        assert_eq!(told(AttributeName::InjectedContainers.into()), "mesh");
    }
}
