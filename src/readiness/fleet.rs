//! Rules over all clusters at once, which no tool that looks at one cluster can have: the same images, all places, the same shape.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::readiness::facts::{PlaceFacts, ServiceFacts, WorkloadFacts, text};
use crate::readiness::verdict::{RuleState, RuleVerdict};

/// What a workload shows in one place.
type Shown<'a, T> = (&'a PlaceFacts, &'a WorkloadFacts, T);
/// Digests by kind, name and container.
type DigestsByContainer<'a> = BTreeMap<(String, String, String), Vec<Shown<'a, BTreeSet<String>>>>;
/// What should be the same, by kind and name.
type ShapesByWorkload<'a> = BTreeMap<(String, String), Vec<Shown<'a, BTreeMap<String, Json>>>>;

/// The clusters that run it, by tier, where a tier has more than one.
fn tiers(facts: &ServiceFacts) -> Vec<Vec<&PlaceFacts>> {
    let mut tiers: BTreeMap<&str, Vec<&PlaceFacts>> = BTreeMap::new();
    for place in facts.places.iter().filter(|place| place.is_live() && !place.workloads.is_empty()) {
        tiers.entry(place.tier.as_str()).or_default().push(place);
    }
    tiers.into_values().filter(|places| places.len() > 1).collect()
}

/// Clusters of a tier that said nothing, and might differ.
fn silent(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    let silent = facts.places.iter().filter(|place| place.silent.is_some() && facts.places.len() > 1);
    let verdict =
        |place: &PlaceFacts| RuleVerdict::silent(place, place.silent.as_deref().unwrap_or_default());
    silent.map(verdict).collect()
}

/// Values by cluster, and those that are not the most common one.
fn odd_ones(values: &[(&PlaceFacts, String)]) -> Vec<(usize, String)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    values.iter().for_each(|(_, value)| *counts.entry(value).or_default() += 1);
    let most = counts.values().copied().max().unwrap_or_default();
    // Of two that are as common the first cluster's counts.
    let usual = values
        .iter()
        .map(|(_, value)| value.as_str())
        .find(|value| counts[value] == most)
        .unwrap_or_default()
        .to_string();
    let odd = values.iter().enumerate().filter(|(_, (_, value))| *value != usual);
    odd.map(|(index, _)| (index, usual.clone())).collect()
}

pub fn same_images(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    let mut verdicts = silent(facts);
    for places in tiers(facts) {
        let mut images = DigestsByContainer::new();
        for place in &places {
            for workload in place.workloads.iter().filter(|workload| workload.serves()) {
                let pods = match &workload.pods {
                    Some(Ok(pods)) => pods,
                    Some(Err(why)) => {
                        verdicts.push(
                            RuleVerdict::workload(
                                RuleState::Unknown,
                                place,
                                workload,
                                "status.containerStatuses[].imageID",
                                "",
                            )
                            .message(why.clone()),
                        );
                        continue;
                    }
                    None => continue,
                };
                let names: BTreeSet<&String> = pods.iter().flat_map(|pod| pod.images.keys()).collect();
                for name in names {
                    let digests = pods.iter().filter_map(|pod| pod.images.get(name)).cloned().collect();
                    let key = (workload.kind.clone(), workload.name.clone(), name.clone());
                    images.entry(key).or_default().push((place, workload, digests));
                }
            }
        }
        for ((_, _, container), found) in images.into_iter().filter(|(_, found)| found.len() > 1) {
            let values: Vec<(&PlaceFacts, String)> = found
                .iter()
                .map(|(place, _, digests)| {
                    (*place, digests.iter().map(|digest| short(digest)).collect::<Vec<_>>().join(", "))
                })
                .collect();
            let odd = odd_ones(&values);
            let path = format!("{container}: status.containerStatuses[].imageID");
            if odd.is_empty() {
                let (place, workload, _) = &found[0];
                verdicts.push(RuleVerdict::workload(RuleState::Pass, place, workload, &path, &values[0].1));
            }
            for (index, usual) in odd {
                let (place, workload, _) = &found[index];
                verdicts.push(
                    RuleVerdict::workload(RuleState::Fail, place, workload, &path, &values[index].1)
                        .message(format!("the others run {usual}"))
                        .fix(format!("callboard compare {}", workload.name)),
                );
            }
        }
    }
    verdicts
}

/// Twelve digits tell one digest from another.
fn short(digest: &str) -> String {
    let hash = digest.rsplit("sha256:").next().unwrap_or_default();
    let cut: String = hash.chars().take(12).collect();
    format!("sha256:{cut}")
}

pub fn placed(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    if facts.places.iter().all(|place| !place.is_live()) {
        return Vec::new();
    }
    let mut verdicts = Vec::new();
    let path = "metadata.annotations[backstage.io/kubernetes-cluster]";
    for name in &facts.expected {
        let place = facts.places.iter().find(|place| place.cluster.as_ref() == Some(name));
        let (state, message) = match place {
            Some(place) if !place.workloads.is_empty() => (RuleState::Pass, String::new()),
            Some(PlaceFacts { silent: Some(why), .. }) => (RuleState::Unknown, why.clone()),
            Some(_) => (RuleState::Fail, "it does not run there".to_string()),
            None => (RuleState::Unknown, "this cluster was not asked".to_string()),
        };
        let seen = if state == RuleState::Pass { "runs" } else { "nothing" };
        let verdict = RuleVerdict { cluster: Some(name.clone()), ..RuleVerdict::entity(state, path, seen) };
        verdicts.push(verdict.message(message));
    }
    let production = facts
        .entity
        .as_ref()
        .is_some_and(|entity| text(&entity.document["spec"]["lifecycle"]) == "production");
    if !production {
        return verdicts;
    }
    let runs =
        facts.places.iter().filter(|place| !place.workloads.is_empty() && place.tier == "production").count();
    let anywhere = facts.places.iter().filter(|place| !place.workloads.is_empty()).count();
    let runs = if facts.places.iter().any(|place| place.tier == "production") { runs } else { anywhere };
    let hidden = facts.places.iter().any(|place| place.silent.is_some());
    let seen = format!("{runs} {}", if runs == 1 { "cluster" } else { "clusters" });
    verdicts.push(match (runs, hidden) {
        (2.., _) => RuleVerdict::entity(RuleState::Pass, "clusters", &seen),
        (_, true) => {
            RuleVerdict::entity(RuleState::Unknown, "clusters", &seen).message("not every cluster said")
        }
        _ => RuleVerdict::entity(RuleState::Fail, "clusters", &seen)
            .message("one cluster that goes takes the service with it")
            .fix("backstage.io/kubernetes-cluster: CLUSTER-1,CLUSTER-2"),
    });
    verdicts
}

pub fn same_shape(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    let mut verdicts = silent(facts);
    for places in tiers(facts) {
        let mut shapes = ShapesByWorkload::new();
        for place in &places {
            for workload in &place.workloads {
                let key = (workload.kind.clone(), workload.name.clone());
                shapes.entry(key).or_default().push((place, workload, shape(workload)));
            }
        }
        for (_, found) in shapes.into_iter().filter(|(_, found)| found.len() > 1) {
            let paths: BTreeSet<&String> = found.iter().flat_map(|(_, _, shape)| shape.keys()).collect();
            let before = verdicts.len();
            for path in paths {
                let values: Vec<&Json> =
                    found.iter().map(|(_, _, shape)| shape.get(path).unwrap_or(&Json::Null)).collect();
                let mut leaves = Vec::new();
                differing(path, values, &mut leaves);
                for (path, shown) in leaves {
                    let values: Vec<(&PlaceFacts, String)> =
                        found.iter().zip(shown).map(|((place, _, _), value)| (*place, value)).collect();
                    for (index, usual) in odd_ones(&values) {
                        let (place, workload, _) = &found[index];
                        verdicts.push(
                            RuleVerdict::workload(RuleState::Fail, place, workload, &path, &values[index].1)
                                .message(format!("the others have {usual}"))
                                .fix(format!("callboard compare {}", workload.name)),
                        );
                    }
                }
            }
            if verdicts.len() == before {
                let (place, workload, _) = &found[0];
                let seen = format!("the same in {} clusters", found.len());
                verdicts.push(RuleVerdict {
                    cluster: None,
                    ..RuleVerdict::workload(RuleState::Pass, place, workload, workload.template().0, &seen)
                });
            }
        }
    }
    verdicts
}

/// What should be the same everywhere, by path: probes, resources and the names of variables; no value of a variable.
fn shape(workload: &WorkloadFacts) -> BTreeMap<String, Json> {
    let mut shape = BTreeMap::new();
    for (path, container) in workload.containers() {
        for field in ["readinessProbe", "livenessProbe", "startupProbe", "resources"] {
            shape.insert(format!("{path}.{field}"), container[field].clone());
        }
        let names = container["env"].as_array().into_iter().flatten().map(|one| text(&one["name"]));
        for name in names {
            shape.insert(format!("{path}.env[name={name}]"), Json::from("there"));
        }
    }
    shape
}

/// The paths at which values differ, with each value as it is told. What one of them lacks as a whole is one path, however much of it the others have.
fn differing(path: &str, values: Vec<&Json>, into: &mut Vec<(String, Vec<String>)>) {
    if values.windows(2).all(|pair| pair[0] == pair[1]) {
        return;
    }
    let objects: Vec<&serde_json::Map<String, Json>> =
        values.iter().filter_map(|value| value.as_object()).collect();
    if objects.len() < values.len() {
        into.push((path.to_string(), values.into_iter().map(told).collect()));
        return;
    }
    let keys: BTreeSet<&String> = objects.iter().flat_map(|object| object.keys()).collect();
    for key in keys {
        let values = objects.iter().map(|object| object.get(key).unwrap_or(&Json::Null)).collect();
        differing(&format!("{path}.{key}"), values, into);
    }
}

fn told(value: &Json) -> String {
    match value {
        Json::Null => "none".to_string(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
