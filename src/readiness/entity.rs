//! Rules about what the catalog says: owner, lifecycle, description, on-call, runbook, and how its objects are found.

use serde_json::Value as Json;

use crate::readiness::facts::{EntityFacts, ID, OwnerFact, ServiceFacts, text};
use crate::readiness::verdict::{RuleState, RuleVerdict};

const SELECTOR: &str = "backstage.io/kubernetes-label-selector";
/// Annotations by which somebody can be called.
const ON_CALL: &[&str] = &[
    "pagerduty.com/service-id",
    "pagerduty.com/integration-key",
    "opsgenie.com/team",
    "opsgenie.com/component-selector",
    "splunk.com/on-call-team",
    "grafana.com/on-call-schedule",
];

/// Rules about the entity say nothing where there is none.
fn with_entity(facts: &ServiceFacts, check: impl Fn(&EntityFacts) -> Vec<RuleVerdict>) -> Vec<RuleVerdict> {
    facts.entity.as_ref().map(check).unwrap_or_default()
}

pub fn owner(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    with_entity(facts, |entity| {
        let seen = text(&entity.document["spec"]["owner"]);
        let verdict =
            |state| RuleVerdict::entity(state, "spec.owner", if seen.is_empty() { "none" } else { seen });
        let fix = "owner: group:default/TEAM";
        vec![match &entity.owner {
            OwnerFact::Group => verdict(RuleState::Pass),
            OwnerFact::Missing => verdict(RuleState::Fail).message("nobody owns it").fix(fix),
            OwnerFact::User => verdict(RuleState::Fail).message("one person owns it, and no group").fix(fix),
            OwnerFact::Unknown(owner) => {
                verdict(RuleState::Fail).message(format!("the catalog has no group {owner}")).fix(fix)
            }
            OwnerFact::NobodyKnows(owner) => verdict(RuleState::Unknown)
                .message(format!("the catalog holds no groups: whether there is {owner} is not known")),
        }]
    })
}

pub fn lifecycle(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    with_entity(facts, |entity| {
        let seen = text(&entity.document["spec"]["lifecycle"]);
        let verdict =
            |state| RuleVerdict::entity(state, "spec.lifecycle", if seen.is_empty() { "none" } else { seen });
        if seen.is_empty() {
            return vec![verdict(RuleState::Fail).fix("lifecycle: production")];
        }
        let in_production =
            facts.places.iter().filter(|place| place.tier == "production" && !place.workloads.is_empty());
        let clusters: Vec<&str> = in_production.filter_map(|place| place.cluster.as_deref()).collect();
        if !clusters.is_empty() && seen != "production" {
            let message = format!("it runs in {}", clusters.join(", "));
            return vec![verdict(RuleState::Fail).message(message).fix("lifecycle: production")];
        }
        let known = matches!(seen, "production" | "experimental" | "deprecated" | "development" | "staging");
        vec![verdict(if known { RuleState::Pass } else { RuleState::Warn })]
    })
}

pub fn bound(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    with_entity(facts, |_| {
        let path = match facts.annotation(SELECTOR) {
            Some(_) => "metadata.annotations[backstage.io/kubernetes-label-selector]",
            None => "metadata.annotations[backstage.io/kubernetes-id]",
        };
        let seen = facts.annotation(SELECTOR).or(facts.id()).unwrap_or("none");
        let found = facts.workloads().next().is_some();
        let silent = facts.places.iter().find_map(|place| place.silent.as_ref());
        let state = match (found, silent) {
            (true, _) => RuleState::Pass,
            (false, Some(_)) => RuleState::Unknown,
            (false, None) if facts.places.is_empty() => return Vec::new(),
            (false, None) => RuleState::Fail,
        };
        let id = facts.id().unwrap_or_default();
        let verdict = RuleVerdict::entity(state, path, seen);
        vec![match state {
            RuleState::Pass => verdict,
            RuleState::Unknown => {
                verdict.message(format!("not every cluster said: {}", silent.cloned().unwrap_or_default()))
            }
            _ => verdict.message("nothing that runs is selected by it").fix(format!("{ID}: {id}")),
        }]
    })
}

pub fn pods_carry_id(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    // Whoever selects by other labels says which.
    if facts.annotation(SELECTOR).is_some() {
        return Vec::new();
    }
    let id = facts.id();
    let mut verdicts = Vec::new();
    for (place, workload) in facts.workloads() {
        let labels = workload.labels();
        let path = format!("{}.metadata.labels[{ID}]", workload.template().0);
        let seen = labels.get(ID).map_or("none", String::as_str);
        let good = labels
            .get(ID)
            .is_some_and(|label| id.is_none_or(|id| id.split(',').any(|one| one.trim() == label)));
        let state = if good { RuleState::Pass } else { RuleState::Fail };
        let verdict = RuleVerdict::workload(state, place, workload, &path, seen);
        verdicts.push(match good {
            true => verdict,
            false => verdict
                .message("its pods are not found by the label")
                .fix(format!("{ID}: {}", id.unwrap_or(&workload.name))),
        });
    }
    verdicts
}

pub fn described(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    with_entity(facts, |entity| {
        let document = &entity.document;
        let annotation = |key: &str| text(&document["metadata"]["annotations"][key]).to_string();
        let checks = [
            (
                "metadata.description",
                text(&document["metadata"]["description"]).to_string(),
                "description: WHAT IT DOES",
            ),
            ("spec.system", text(&document["spec"]["system"]).to_string(), "system: SYSTEM"),
            (
                "metadata.annotations[backstage.io/source-location]",
                annotation("backstage.io/source-location"),
                "backstage.io/source-location: url:https://git.example.com/TEAM/REPO",
            ),
        ];
        let mut verdicts: Vec<RuleVerdict> = checks
            .into_iter()
            .map(|(path, seen, fix)| match seen.is_empty() {
                true => RuleVerdict::entity(RuleState::Fail, path, "none").fix(fix),
                false => RuleVerdict::entity(RuleState::Pass, path, &seen),
            })
            .collect();
        if let (Some(false), Some(system)) = (entity.system_known, document["spec"]["system"].as_str()) {
            verdicts[1] = RuleVerdict::entity(RuleState::Fail, "spec.system", system)
                .message("the catalog has no such system")
                .fix("system: SYSTEM");
        }
        verdicts
    })
}

fn link<'a>(document: &'a Json, kinds: &[&str]) -> Option<&'a str> {
    let links = document["metadata"]["links"].as_array().into_iter().flatten();
    let named = |link: &&Json| {
        let is = |key: &str| kinds.iter().any(|kind| text(&link[key]).eq_ignore_ascii_case(kind));
        is("type")
    };
    links.into_iter().find(named).map(|link| text(&link["url"]))
}

pub fn on_call(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    with_entity(facts, |entity| {
        let annotated = ON_CALL.iter().find_map(|key| facts.annotation(key));
        let found = annotated.or_else(|| link(&entity.document, &["on-call", "oncall"]));
        let path = "metadata.links[type=on-call]";
        vec![match found {
            // Annotations may be keys: what they say is nobody's business here.
            Some(_) => RuleVerdict::entity(RuleState::Pass, path, "there"),
            None => RuleVerdict::entity(RuleState::Fail, path, "none")
                .message("nobody can be called")
                .fix("- {title: On call, type: on-call, url: https://oncall.example.com/TEAM}"),
        }]
    })
}

pub fn runbook(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    with_entity(facts, |entity| {
        let found = link(&entity.document, &["runbook"])
            .or_else(|| facts.annotation("backstage.io/techdocs-ref"))
            .or(entity.has_runbook.then_some("docs/runbook.md"));
        let path = "metadata.links[type=runbook]";
        vec![match found {
            Some(seen) => RuleVerdict::entity(RuleState::Pass, path, seen),
            None => RuleVerdict::entity(RuleState::Fail, path, "none")
                .fix("- {title: Runbook, type: runbook, url: https://git.example.com/TEAM/REPO/blob/main/docs/runbook.md}"),
        }]
    })
}

pub fn on_path(facts: &ServiceFacts) -> Vec<RuleVerdict> {
    let path = &facts.path;
    let Some(template) = &path.template else { return Vec::new() };
    let at = "metadata.annotations[backstage.io/template-version]";
    let seen = match &path.version {
        Some(version) => format!("{template} {version}"),
        None => template.clone(),
    };
    if !path.owned_changed.is_empty() {
        let files = path.owned_changed.join(", ");
        let fix = format!("callboard update --restore {}", path.owned_changed[0]);
        return vec![
            RuleVerdict::entity(RuleState::Fail, &files, "edited")
                .message("the guild's own files were changed")
                .fix(fix),
        ];
    }
    if path.deprecated {
        return vec![
            RuleVerdict::entity(RuleState::Fail, "metadata.annotations[backstage.io/source-template]", &seen)
                .message("the golden path is deprecated"),
        ];
    }
    let major = |version: &str| {
        version.trim_start_matches('v').split('.').next().and_then(|part| part.parse::<i64>().ok())
    };
    let (Some(version), Some(newest)) = (&path.version, &path.newest) else {
        let what = if path.newest.is_none() {
            "the golden path is not here, and how new it is not known"
        } else {
            "which version it is from is not known"
        };
        return vec![RuleVerdict::entity(RuleState::Unknown, at, &seen).message(what)];
    };
    let (Some(mine), Some(theirs)) = (major(version), major(newest)) else {
        return vec![RuleVerdict::entity(RuleState::Unknown, at, &seen).message("versions are not numbers")];
    };
    let verdict = |state| RuleVerdict::entity(state, at, &seen);
    vec![match theirs - mine {
        behind if behind >= 1 => {
            verdict(RuleState::Fail).message(format!("{newest} is out")).fix("callboard update")
        }
        _ if version != newest => {
            verdict(RuleState::Warn).message(format!("{newest} is out")).fix("callboard update")
        }
        _ => verdict(RuleState::Pass),
    }]
}
