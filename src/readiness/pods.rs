//! Rules about the pods that a workload makes: probes, resources, images, security, spread.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::readiness::facts::{PlaceFacts, ServiceFacts, WorkloadFacts, text};
use crate::readiness::network::selecting;
use crate::readiness::verdict::{RuleState, RuleVerdict};

/// One verdict for each main container of the workloads that a filter lets through.
fn each_container(
    facts: &ServiceFacts,
    wanted: impl Fn(&WorkloadFacts) -> bool,
    check: impl Fn(&PlaceFacts, &WorkloadFacts, &str, &Json) -> Option<RuleVerdict>,
) -> Vec<RuleVerdict> {
    let mut verdicts = Vec::new();
    for (place, workload) in facts.workloads().filter(|(_, workload)| wanted(workload)) {
        for (path, container) in workload.containers() {
            verdicts.extend(check(place, workload, &path, container));
        }
    }
    verdicts
}

fn shown(value: &Json) -> String {
    match value {
        Json::Null => "none".to_string(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub fn readiness_probe(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    each_container(facts, WorkloadFacts::serves, |place, workload, path, container| {
        let path = format!("{path}.readinessProbe");
        let probe = &container["readinessProbe"];
        if !probe.is_null() {
            return Some(RuleVerdict::workload(RuleState::Pass, place, workload, &path, "there"));
        }
        match selecting(place, workload) {
            Ok(services) if services.is_empty() => None,
            Ok(_) => Some(
                RuleVerdict::workload(RuleState::Fail, place, workload, &path, "none")
                    .message("traffic comes before it is ready")
                    .fix("readinessProbe: {httpGet: {path: /readyz, port: http}}"),
            ),
            Err(why) => Some(
                RuleVerdict::workload(RuleState::Unknown, place, workload, &path, "none")
                    .message(format!("whether a core Service selects it is not known: {why}")),
            ),
        }
    })
}

pub fn liveness_probe(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    each_container(facts, WorkloadFacts::serves, |place, workload, path, container| {
        let path = format!("{path}.livenessProbe");
        let (live, ready) = (&container["livenessProbe"], &container["readinessProbe"]);
        let fix = "livenessProbe: {httpGet: {path: /livez, port: http}, periodSeconds: 20}";
        Some(match (live.is_null(), live == ready) {
            (true, _) => RuleVerdict::workload(RuleState::Fail, place, workload, &path, "none").fix(fix),
            (false, true) => {
                RuleVerdict::workload(RuleState::Fail, place, workload, &path, "the same as readinessProbe")
                    .message("what makes it unready also restarts it")
                    .fix(fix)
            }
            (false, false) => RuleVerdict::workload(RuleState::Pass, place, workload, &path, "there"),
        })
    })
}

pub fn requests(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    each_container(
        facts,
        |_| true,
        |place, workload, path, container| {
            let path = format!("{path}.resources.requests");
            let whole = &workload.pod_spec()["resources"];
            // A limit without a request is the request as well.
            let has = |name: &str| {
                [&container["resources"], whole].iter().any(|resources| {
                    !resources["requests"][name].is_null() || !resources["limits"][name].is_null()
                })
            };
            let missing: Vec<&str> = ["cpu", "memory"].into_iter().filter(|name| !has(name)).collect();
            let seen = shown(&container["resources"]["requests"]);
            Some(match missing.is_empty() {
                true => RuleVerdict::workload(RuleState::Pass, place, workload, &path, &seen),
                false => RuleVerdict::workload(RuleState::Fail, place, workload, &path, &seen)
                    .message(format!("nothing is asked for of {}", missing.join(" and ")))
                    .fix("requests: {cpu: 100m, memory: 128Mi}"),
            })
        },
    )
}

pub fn memory_limit(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    each_container(
        facts,
        |_| true,
        |place, workload, path, container| {
            let path = format!("{path}.resources.limits.memory");
            let limit = &container["resources"]["limits"]["memory"];
            let limit =
                if limit.is_null() { &workload.pod_spec()["resources"]["limits"]["memory"] } else { limit };
            Some(match limit.is_null() {
                false => RuleVerdict::workload(RuleState::Pass, place, workload, &path, &shown(limit)),
                true => RuleVerdict::workload(RuleState::Fail, place, workload, &path, "none")
                    .message("one leak takes the node with it")
                    .fix("limits: {memory: 256Mi}"),
            })
        },
    )
}

pub fn image_pinned(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    each_container(
        facts,
        |_| true,
        |place, workload, path, container| {
            let path = format!("{path}.image");
            let image = text(&container["image"]);
            let (name, digest) =
                image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
            // A colon before the last slash is a port.
            let tag = name.rsplit('/').next().and_then(|last| last.split_once(':')).map(|(_, tag)| tag);
            let verdict = |state| {
                RuleVerdict::workload(
                    state,
                    place,
                    workload,
                    &path,
                    if image.is_empty() { "none" } else { image },
                )
            };
            let fix = format!(
                "image: {}:VERSION",
                name.rsplit_once(':').map_or(name, |(name, tag)| if tag.contains('/') {
                    image
                } else {
                    name
                })
            );
            Some(match (digest, tag) {
                (Some(_), _) => verdict(RuleState::Pass),
                (None, None) => verdict(RuleState::Fail).message("without a tag it is latest").fix(fix),
                (None, Some("latest")) => {
                    verdict(RuleState::Fail).message("latest is another one tomorrow").fix(fix)
                }
                (None, Some(_)) => verdict(RuleState::Pass),
            })
        },
    )
}

pub fn security(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    each_container(
        facts,
        |_| true,
        |place, workload, path, container| {
            let (pod, own) = (&workload.pod_spec()["securityContext"], &container["securityContext"]);
            let either = |field: &str| if own[field].is_null() { &pod[field] } else { &own[field] };
            let drops =
                own["capabilities"]["drop"].as_array().is_some_and(|all| all.iter().any(|one| one == "ALL"));
            let seccomp = text(&either("seccompProfile")["type"]);
            let checks = [
                (either("runAsNonRoot") == true, "runAsNonRoot"),
                (own["allowPrivilegeEscalation"] == false, "allowPrivilegeEscalation"),
                (drops, "capabilities.drop"),
                (own["readOnlyRootFilesystem"] == true, "readOnlyRootFilesystem"),
                (matches!(seccomp, "RuntimeDefault" | "Localhost"), "seccompProfile"),
            ];
            let missing: Vec<&str> = checks.iter().filter(|(good, _)| !good).map(|(_, name)| *name).collect();
            let path = format!("{path}.securityContext");
            Some(match missing.is_empty() {
            true => RuleVerdict::workload(RuleState::Pass, place, workload, &path, "there"),
            false => RuleVerdict::workload(RuleState::Fail, place, workload, &path, &shown(own))
                .message(format!("not as it should be: {}", missing.join(", ")))
                .fix("securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}"),
        })
        },
    )
}

pub fn service_account(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    let mut verdicts = Vec::new();
    for (place, workload) in facts.workloads() {
        let (at, spec) = (workload.template().0, workload.pod_spec());
        let account = text(&spec["serviceAccountName"]);
        let path = format!("{at}.spec.serviceAccountName");
        if account.is_empty() || account == "default" {
            let seen = if account.is_empty() { "none" } else { account };
            verdicts.push(
                RuleVerdict::workload(RuleState::Fail, place, workload, &path, seen)
                    .fix(format!("serviceAccountName: {}", workload.name)),
            );
            continue;
        }
        let token = &spec["automountServiceAccountToken"];
        let path = format!("{at}.spec.automountServiceAccountToken");
        verdicts.push(match token == false {
            true => RuleVerdict::workload(RuleState::Pass, place, workload, &path, "false"),
            false => RuleVerdict::workload(RuleState::Fail, place, workload, &path, &shown(token))
                .message("its pods hold a token for the API server")
                .fix("automountServiceAccountToken: false"),
        });
    }
    verdicts
}

pub fn spread(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    let mut verdicts = Vec::new();
    for (place, workload) in facts.workloads().filter(|(_, workload)| workload.scales()) {
        let (at, spec) = (workload.template().0, workload.pod_spec());
        let declared = spec["topologySpreadConstraints"].as_array().is_some_and(|all| !all.is_empty())
            || !spec["affinity"]["podAntiAffinity"].is_null();
        let path = format!("{at}.spec.topologySpreadConstraints");
        if !declared {
            let app = workload
                .labels()
                .into_iter()
                .next()
                .map_or("app: NAME".to_string(), |(key, value)| format!("{key}: {value}"));
            verdicts.push(RuleVerdict::workload(RuleState::Fail, place, workload, &path, "none").fix(format!(
                "topologySpreadConstraints: [{{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {{matchLabels: {{{app}}}}}}}]"
            )));
            continue;
        }
        verdicts.push(match &workload.pods {
            Some(Err(why)) => RuleVerdict::workload(RuleState::Unknown, place, workload, &path, "there")
                .message(format!("where its pods run is not known: {why}")),
            Some(Ok(pods)) if pods.len() >= 2 => {
                let nodes: BTreeSet<&str> =
                    pods.iter().map(|pod| pod.node.as_str()).filter(|node| !node.is_empty()).collect();
                let seen = format!(
                    "{} pods on {}",
                    pods.len(),
                    nodes.iter().copied().collect::<Vec<_>>().join(", ")
                );
                let state = if nodes.len() >= 2 { RuleState::Pass } else { RuleState::Fail };
                let verdict = RuleVerdict::workload(state, place, workload, "pods: spec.nodeName", &seen);
                if state == RuleState::Pass {
                    verdict
                } else {
                    verdict
                        .message("all on one node, whatever was declared")
                        .fix("whenUnsatisfiable: DoNotSchedule")
                }
            }
            _ => RuleVerdict::workload(RuleState::Pass, place, workload, &path, "there"),
        });
    }
    verdicts
}
