//! Rules about how many pods there are and how they change: replicas, autoscalers, budgets, rollouts, schedules.

use serde_json::Value as Json;

use crate::readiness::facts::{PlaceFacts, ServiceFacts, WorkloadFacts, number, text};
use crate::readiness::verdict::{RuleState, RuleVerdict};
use crate::selector::Selector;

/// The autoscalers of a workload.
fn autoscalers<'a>(place: &'a PlaceFacts, workload: &WorkloadFacts) -> Result<Vec<&'a Json>, &'a str> {
    let all = place.autoscalers.as_ref().map_err(String::as_str)?;
    let is = |autoscaler: &&Json| {
        let target = &autoscaler["spec"]["scaleTargetRef"];
        let own = text(&autoscaler["metadata"]["namespace"]);
        text(&target["kind"]) == workload.kind
            && text(&target["name"]) == workload.name
            && (own == workload.namespace || own.is_empty() || workload.namespace.is_empty())
    };
    Ok(all.iter().filter(is).collect())
}

fn least(autoscaler: &Json) -> i64 {
    number(&autoscaler["spec"]["minReplicas"]).unwrap_or(1)
}

/// How many replicas there are at least, and by what.
fn wanted(place: &PlaceFacts, workload: &WorkloadFacts) -> Result<(i64, &'static str), String> {
    let own = number(&workload.object["spec"]["replicas"]);
    match autoscalers(place, workload) {
        Ok(all) => Ok(match all.first() {
            Some(autoscaler) => (least(autoscaler), "HorizontalPodAutoscaler: spec.minReplicas"),
            None => (own.unwrap_or(1), "spec.replicas"),
        }),
        Err(why) => Err(why.to_string()),
    }
}

fn scaled(facts: &ServiceFacts) -> impl Iterator<Item = (&PlaceFacts, &WorkloadFacts)> {
    facts.workloads().filter(|(_, workload)| workload.scales())
}

pub fn replicas(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    let check = |(place, workload): (&PlaceFacts, &WorkloadFacts)| {
        let fix = "replicas: 2";
        let (least, path) = match wanted(place, workload) {
            Ok(wanted) => wanted,
            Err(why) => {
                let seen = number(&workload.object["spec"]["replicas"]).unwrap_or(1).to_string();
                return RuleVerdict::workload(RuleState::Unknown, place, workload, "spec.replicas", &seen)
                    .message(format!("autoscalers were not read: {why}"));
            }
        };
        if least < 2 {
            let fix = if path == "spec.replicas" { fix } else { "minReplicas: 2" };
            return RuleVerdict::workload(RuleState::Fail, place, workload, path, &least.to_string())
                .message("one pod that goes takes the service with it")
                .fix(fix);
        }
        if place.is_live() {
            let field = if workload.kind == "StatefulSet"
                && workload.object["status"]["availableReplicas"].is_null()
            {
                "readyReplicas"
            } else {
                "availableReplicas"
            };
            let available = number(&workload.object["status"][field]).unwrap_or_default();
            let path = format!("status.{field}");
            if available < 2 {
                return RuleVerdict::workload(
                    RuleState::Fail,
                    place,
                    workload,
                    &path,
                    &available.to_string(),
                )
                .message(format!("{least} are wanted at least"))
                .fix(format!("callboard why {}", workload.name));
            }
            return RuleVerdict::workload(RuleState::Pass, place, workload, &path, &available.to_string());
        }
        RuleVerdict::workload(RuleState::Pass, place, workload, path, &least.to_string())
    };
    scaled(facts).map(check).collect()
}

pub fn budget(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    scaled(facts).map(|(place, workload)| of_budget(place, workload)).collect()
}

fn of_budget(place: &PlaceFacts, workload: &WorkloadFacts) -> RuleVerdict {
    let told = |state, path: &str, seen: &str| RuleVerdict::workload(state, place, workload, path, seen);
    let all = match &place.budgets {
        Ok(all) => all,
        Err(why) => {
            return told(RuleState::Unknown, "PodDisruptionBudget", "")
                .message(format!("they were not read: {why}"));
        }
    };
    let labels = workload.labels();
    let guards = |budget: &&Json| {
        let own = text(&budget["metadata"]["namespace"]);
        let here = own == workload.namespace || own.is_empty() || workload.namespace.is_empty();
        here && Selector::from_label_selector(&budget["spec"]["selector"])
            .is_ok_and(|selector| selector.matches(&labels))
    };
    let found: Vec<&Json> = all.iter().filter(guards).collect();
    let fix = "spec: {maxUnavailable: 1, selector: {matchLabels: {app.kubernetes.io/name: NAME}}}";
    let budget = match found.as_slice() {
        [] => {
            return told(RuleState::Fail, "PodDisruptionBudget", "none")
                .message("a drain may take all pods at once")
                .fix(fix);
        }
        [one] => one,
        several => {
            let names: Vec<&str> = several.iter().map(|budget| text(&budget["metadata"]["name"])).collect();
            return told(RuleState::Fail, "PodDisruptionBudget", &names.join(", "))
                .message("with more than one none of its pods can be evicted")
                .fix(format!("kubectl delete poddisruptionbudget {}", names[names.len() - 1]));
        }
    };
    let name = text(&budget["metadata"]["name"]);
    if let Some(allowed) = number(&budget["status"]["disruptionsAllowed"]).filter(|_| place.is_live()) {
        let path = format!("PodDisruptionBudget {name}: status.disruptionsAllowed");
        return match allowed {
            0 => told(RuleState::Fail, &path, "0").message("a drain waits for ever").fix("maxUnavailable: 1"),
            some => told(RuleState::Pass, &path, &some.to_string()),
        };
    }
    let spec = &budget["spec"];
    let shown = |value: &Json| value.as_str().map_or_else(|| value.to_string(), String::from);
    let (field, blocks) = match (&spec["maxUnavailable"], &spec["minAvailable"]) {
        (Json::Null, Json::Null) => ("minAvailable", false),
        (Json::Null, least) => {
            let whole = least.as_str() == Some("100%");
            let Ok((replicas, _)) = wanted(place, workload) else {
                return told(
                    RuleState::Unknown,
                    &format!("PodDisruptionBudget {name}: spec.minAvailable"),
                    &shown(least),
                )
                .message("autoscalers were not read");
            };
            ("minAvailable", whole || least.as_i64().is_some_and(|least| least >= replicas))
        }
        (most, _) => ("maxUnavailable", most.as_i64() == Some(0) || most.as_str() == Some("0%")),
    };
    let path = format!("PodDisruptionBudget {name}: spec.{field}");
    match blocks {
        true => told(RuleState::Fail, &path, &shown(&spec[field]))
            .message("it allows no disruption: a drain waits for ever")
            .fix("maxUnavailable: 1"),
        false => told(RuleState::Pass, &path, &shown(&spec[field])),
    }
}

pub fn rollout(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    scaled(facts)
        .filter(|(_, workload)| workload.kind != "Rollout")
        .map(|(place, workload)| of_rollout(place, workload))
        .collect()
}

fn of_rollout(place: &PlaceFacts, workload: &WorkloadFacts) -> RuleVerdict {
    let told = |state, path: &str, seen: &str| RuleVerdict::workload(state, place, workload, path, seen);
    let spec = &workload.object["spec"];
    let field = if workload.kind == "StatefulSet" { "updateStrategy" } else { "strategy" };
    let kind = spec[field]["type"].as_str().unwrap_or("RollingUpdate");
    if kind != "RollingUpdate" {
        return told(RuleState::Fail, &format!("spec.{field}.type"), kind)
            .message("an update takes the service down")
            .fix(format!("{field}: {{type: RollingUpdate}}"));
    }
    let most = &spec[field]["rollingUpdate"]["maxUnavailable"];
    let all = match (most.as_i64(), wanted(place, workload)) {
        (Some(most), Ok((replicas, _))) => most > 0 && most >= replicas,
        _ => most.as_str() == Some("100%"),
    };
    if all && workload.kind == "Deployment" {
        return told(RuleState::Fail, "spec.strategy.rollingUpdate.maxUnavailable", &most.to_string())
            .message("an update may take all pods at once")
            .fix("rollingUpdate: {maxUnavailable: 0, maxSurge: 25%}");
    }
    let grace = number(&workload.pod_spec()["terminationGracePeriodSeconds"]).unwrap_or(30);
    for (path, container) in workload.containers() {
        let sleeps = sleep(&container["lifecycle"]["preStop"]);
        if let Some(sleeps) = sleeps.filter(|sleeps| grace < sleeps + 5) {
            return told(
                RuleState::Fail,
                &format!("{path}.lifecycle.preStop"),
                &format!("sleeps {sleeps}s of {grace}s"),
            )
            .message("it is killed before it has ended")
            .fix(format!("terminationGracePeriodSeconds: {}", sleeps + 30));
        }
    }
    told(RuleState::Pass, &format!("spec.{field}.type"), kind)
}

/// How long a hook sleeps, where it does nothing else.
fn sleep(hook: &Json) -> Option<i64> {
    if let Some(seconds) = number(&hook["sleep"]["seconds"]) {
        return Some(seconds);
    }
    let words: Vec<&str> = hook["exec"]["command"].as_array()?.iter().map(text).collect();
    let line = words.join(" ");
    let after = line.split_once("sleep ")?.1;
    after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

pub fn autoscaler(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    let mut verdicts = Vec::new();
    for (place, workload) in scaled(facts) {
        let told = |state, path: &str, seen: &str| RuleVerdict::workload(state, place, workload, path, seen);
        let found = match autoscalers(place, workload) {
            Ok(found) => found,
            Err(why) => {
                verdicts.push(
                    told(RuleState::Unknown, "HorizontalPodAutoscaler", "")
                        .message(format!("they were not read: {why}")),
                );
                continue;
            }
        };
        for autoscaler in found {
            let name = text(&autoscaler["metadata"]["name"]);
            let at = |field: &str| format!("HorizontalPodAutoscaler {name}: {field}");
            let (least, most) =
                (least(autoscaler), number(&autoscaler["spec"]["maxReplicas"]).unwrap_or_default());
            let limited =
                autoscaler["status"]["conditions"].as_array().into_iter().flatten().any(|condition| {
                    text(&condition["type"]) == "ScalingLimited" && text(&condition["status"]) == "True"
                });
            let current = number(&autoscaler["status"]["currentReplicas"]);
            verdicts.push(if least >= most {
                told(RuleState::Fail, &at("spec.maxReplicas"), &format!("{most}, minReplicas {least}"))
                    .message("it cannot scale")
                    .fix(format!("maxReplicas: {}", (least * 2).max(2)))
            } else if limited && current.is_some_and(|current| current >= most) {
                told(RuleState::Fail, &at("status.currentReplicas"), &format!("{most} of {most}"))
                    .message("it is at its most and would have more")
                    .fix(format!("maxReplicas: {}", most * 2))
            } else if !place.is_live() && !workload.object["spec"]["replicas"].is_null() {
                told(RuleState::Fail, "spec.replicas", &workload.object["spec"]["replicas"].to_string())
                    .message("each apply undoes what the autoscaler did: leave the line out")
                    .fix("# replicas: left to the autoscaler")
            } else {
                told(RuleState::Pass, &at("spec"), &format!("{least} to {most}"))
            });
        }
    }
    verdicts
}

pub fn cron_job(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    let mut verdicts = Vec::new();
    for (place, workload) in facts.workloads().filter(|(_, workload)| workload.kind == "CronJob") {
        let told = |state, path: &str, seen: &str| RuleVerdict::workload(state, place, workload, path, seen);
        let (spec, status) = (&workload.object["spec"], &workload.object["status"]);
        let policy = spec["concurrencyPolicy"].as_str().unwrap_or("Allow");
        let before = verdicts.len();
        if policy == "Allow" {
            verdicts.push(
                told(RuleState::Fail, "spec.concurrencyPolicy", policy)
                    .message("runs may meet each other")
                    .fix("concurrencyPolicy: Forbid"),
            );
        }
        if spec["startingDeadlineSeconds"].is_null() {
            verdicts.push(
                told(RuleState::Fail, "spec.startingDeadlineSeconds", "none")
                    .fix("startingDeadlineSeconds: 300"),
            );
        }
        if spec["jobTemplate"]["spec"]["activeDeadlineSeconds"].is_null() {
            verdicts.push(
                told(RuleState::Fail, "spec.jobTemplate.spec.activeDeadlineSeconds", "none")
                    .message("a run may hang for ever")
                    .fix("activeDeadlineSeconds: 1800"),
            );
        }
        if spec["suspend"] == true {
            verdicts.push(told(RuleState::Warn, "spec.suspend", "true").message("it does not run"));
        }
        let (ran, succeeded) = (text(&status["lastScheduleTime"]), text(&status["lastSuccessfulTime"]));
        let runs = status["active"].as_array().is_some_and(|active| !active.is_empty());
        if place.is_live() && !ran.is_empty() && !runs && succeeded < ran {
            let seen = if succeeded.is_empty() { "never" } else { succeeded };
            verdicts.push(
                told(RuleState::Fail, "status.lastSuccessfulTime", seen)
                    .message(format!("the run of {ran} did not succeed"))
                    .fix(format!("callboard why {}", workload.name)),
            );
        }
        if verdicts.len() == before {
            verdicts.push(told(RuleState::Pass, "spec", "as it should be"));
        }
    }
    verdicts
}
