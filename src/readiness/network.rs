//! Rules about the core Services before a workload: ready pods behind them, and ports that are there.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::readiness::facts::{PlaceFacts, ServiceFacts, WorkloadFacts, text, texts};
use crate::readiness::verdict::{RuleState, RuleVerdict};

/// The core Services that select the pods of a workload.
pub fn selecting<'a>(place: &'a PlaceFacts, workload: &WorkloadFacts) -> Result<Vec<&'a Json>, &'a str> {
    let labels = workload.labels();
    let services = place.services.as_ref().map_err(String::as_str)?;
    Ok(services.iter().filter(|service| selects(service, &workload.namespace, &labels)).collect())
}

fn selects(service: &Json, namespace: &str, labels: &BTreeMap<String, String>) -> bool {
    let selector = texts(&service["spec"]["selector"]);
    let own = text(&service["metadata"]["namespace"]);
    !selector.is_empty()
        && (own == namespace || own.is_empty() || namespace.is_empty())
        && text(&service["spec"]["type"]) != "ExternalName"
        && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

pub fn endpoints(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    let mut verdicts = Vec::new();
    for (place, workload) in facts.workloads().filter(|(_, workload)| workload.serves()) {
        let services = match selecting(place, workload) {
            Ok(services) => services,
            Err(why) => {
                verdicts.push(
                    RuleVerdict::workload(RuleState::Unknown, place, workload, "core Services", "")
                        .message(format!("they were not read: {why}")),
                );
                continue;
            }
        };
        for service in services {
            verdicts.push(of_service(place, workload, service));
        }
    }
    verdicts
}

fn of_service(place: &PlaceFacts, workload: &WorkloadFacts, service: &Json) -> RuleVerdict {
    let name = text(&service["metadata"]["name"]);
    let containers = workload.pod_spec()["containers"].as_array().into_iter().flatten();
    let named: Vec<&str> = containers
        .flat_map(|container| container["ports"].as_array().into_iter().flatten())
        .map(|port| text(&port["name"]))
        .filter(|name| !name.is_empty())
        .collect();
    for port in service["spec"]["ports"].as_array().into_iter().flatten() {
        if let Some(target) = port["targetPort"].as_str().filter(|target| target.parse::<u16>().is_err())
            && !named.contains(&target)
        {
            let path = format!("core Service {name}: spec.ports[].targetPort");
            return RuleVerdict::workload(RuleState::Fail, place, workload, &path, target)
                .message(format!(
                    "no container has a port of that name; there are {}",
                    if named.is_empty() { "none".to_string() } else { named.join(", ") }
                ))
                .fix(format!("ports: [{{name: {target}, containerPort: 8080}}]"));
        }
    }
    let path = format!("core Service {name}: ready pods");
    match &workload.pods {
        None => RuleVerdict::workload(
            RuleState::Pass,
            place,
            workload,
            &format!("core Service {name}: spec.ports[].targetPort"),
            "resolves",
        ),
        Some(Err(why)) => RuleVerdict::workload(RuleState::Unknown, place, workload, &path, "")
            .message(format!("its pods were not read: {why}")),
        Some(Ok(pods)) => {
            let selector = texts(&service["spec"]["selector"]);
            let behind = |labels: &BTreeMap<String, String>| {
                selector.iter().all(|(key, value)| labels.get(key) == Some(value))
            };
            let ready = pods.iter().filter(|pod| pod.ready && behind(&pod.labels)).count();
            let seen = format!("{ready} of {}", pods.len());
            match ready {
                0 => RuleVerdict::workload(RuleState::Fail, place, workload, &path, &seen)
                    .message("nobody answers behind it")
                    .fix(format!("callboard why {}", workload.name)),
                _ => RuleVerdict::workload(RuleState::Pass, place, workload, &path, &seen),
            }
        }
    }
}
