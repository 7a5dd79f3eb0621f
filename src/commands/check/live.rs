//! Services as live clusters have them, all clusters at once.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::app::App;
use crate::catalog::Service;
use crate::commands::check::about::{AboutService, CheckSubject, KnownTemplates, beside, of_catalog};
use crate::commands::check::objects::{RawObjects, raw_objects};
use crate::fleet::Asked;
use crate::health::{WorkloadFamily, families};
use crate::readiness::{PlaceFacts, PodFacts, ServiceFacts, WorkloadFacts};
use crate::survey::{ClusterAnswer, ServiceQuery, Snapshot, Survey, SurveyHeader};
use crate::workload::Pod;

/// Labels by which clusters say of which tier they are.
const TIERS: &[&str] = &["tier", "env", "environment", "stage"];

/// What the rules are asked about, for each service.
pub fn subjects(services: Vec<Service>, named: bool, app: &App) -> Result<(SurveyHeader, Vec<CheckSubject>)> {
    let further = |asked: Asked, snapshot: Snapshot| async move {
        let (objects, gaps) = raw_objects(&asked, &snapshot).await;
        (snapshot, objects, gaps)
    };
    let (mut survey, objects) = Survey::run_with_details(services, true, app, further)?;
    survey.miss(named, app)?;
    let templates = KnownTemplates::of(app);
    let catalog = app.catalog_if_readable()?;
    let answers = survey.collected.answers();
    let labels = survey.labels();
    let tiers: Vec<String> = survey.clusters.iter().map(|name| tier(name, labels.get(name))).collect();
    let mut subjects = Vec::new();
    for (index, wanted) in survey.placed.wanted.iter().enumerate() {
        let service = &survey.services[survey.placed.services[index]];
        let mut facts = ServiceFacts::default();
        for (cluster, answer) in answers.iter().enumerate() {
            let place = PlaceFacts {
                cluster: Some(survey.clusters[cluster].clone()),
                tier: tiers[cluster].clone(),
                ..PlaceFacts::default()
            };
            facts.places.extend(place_facts((place, cluster), wanted, index, answer, objects.get(cluster)));
        }
        let expected = wanted.placement.iter().flatten().filter_map(|cluster| survey.clusters.get(*cluster));
        facts.expected = expected.cloned().collect();
        let entity = service.entity.as_ref().and_then(|reference| catalog?.get(reference));
        if let (Some(entity), Some(catalog)) = (entity, catalog) {
            let mut about = of_catalog(entity, catalog);
            facts.path = templates.path_of(&about.document);
            if let Some(directory) = std::path::Path::new(entity.file()).parent() {
                beside(directory, &mut about, &mut facts.path);
            }
            facts.entity = Some(about);
        }
        let declared = service.declared.as_ref().map(|place| (place.file.clone(), place.line, place.column));
        let owner = entity.and_then(|entity| entity.spec("owner")).map(String::from);
        let about = AboutService {
            name: service.name.clone(),
            owner,
            template: facts.path.template.clone(),
            declared,
        };
        subjects.push(CheckSubject { about, facts });
    }
    let complete = survey.is_whole();
    Ok((SurveyHeader::of(&survey, complete, []), subjects))
}

/// A service in a cluster; nothing where it need not be and is not.
fn place_facts(
    (mut place, cluster): (PlaceFacts, usize),
    wanted: &ServiceQuery,
    index: usize,
    answer: &ClusterAnswer<'_>,
    objects: Option<&RawObjects>,
) -> Option<PlaceFacts> {
    let expected = wanted.placement.as_ref().map(|clusters| clusters.contains(&cluster));
    if wanted.is_told_by(cluster) {
        let snapshot = match answer {
            ClusterAnswer::Answered(snapshot) => snapshot,
            // Where the catalog says where it runs, a cluster that it does not name has nothing to say.
            ClusterAnswer::Silent(why) => {
                place.silent = Some(why.to_string());
                return (expected != Some(false)).then_some(place);
            }
            ClusterAnswer::Pending => {
                place.silent = Some("interrupted".to_string());
                return (expected != Some(false)).then_some(place);
            }
        };
        let none = RawObjects::default();
        fill(&mut place, snapshot, wanted, index, objects.unwrap_or(&none));
        let said = !place.workloads.is_empty() || place.silent.is_some();
        return (said || expected == Some(true)).then_some(place);
    }
    None
}

fn fill(
    place: &mut PlaceFacts,
    snapshot: &Snapshot,
    wanted: &ServiceQuery,
    index: usize,
    objects: &RawObjects,
) {
    let mut pods_unread = None;
    for unread in snapshot.unread.iter().filter(|unread| unread.hides(&wanted.target)) {
        let why = format!("{}: {}", unread.kind.plural, unread.why);
        match unread.kind.name {
            "Pod" => pods_unread = Some(why),
            // What it makes is seen in what is made.
            "ReplicaSet" | "Job" => {}
            _ => place.silent = Some(why),
        }
    }
    let members = snapshot.members.get(index).into_iter().flatten().map(|member| &snapshot.objects[*member]);
    for family in families(members) {
        let Some(workload) = family.workload.filter(|workload| workload.meta.deleted.is_none()) else {
            continue;
        };
        if !matches!(workload.kind, "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob" | "Rollout") {
            continue;
        }
        match objects.one(family.kind, family.namespace, family.name) {
            Ok(Some(object)) => {
                let pods = match &pods_unread {
                    Some(why) => Err(why.clone()),
                    None => Ok(pods(&family)),
                };
                place.workloads.push(WorkloadFacts {
                    kind: family.kind.to_string(),
                    namespace: family.namespace.to_string(),
                    name: family.name.to_string(),
                    object: object.clone(),
                    pods: Some(pods),
                    place: None,
                });
            }
            // Gone since.
            Ok(None) => {}
            Err(why) => place.silent = Some(why),
        }
    }
    place.services = objects.of("Service");
    place.autoscalers = objects.of("HorizontalPodAutoscaler");
    place.budgets = objects.of("PodDisruptionBudget");
}

/// The pods of a workload that are to live on.
fn pods(family: &WorkloadFamily<'_>) -> Vec<PodFacts> {
    let lives = |pod: &&&Pod| {
        pod.meta.deleted.is_none() && !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
    };
    family.pods.iter().filter(lives).map(|pod| pod_facts(pod)).collect()
}

fn pod_facts(pod: &Pod) -> PodFacts {
    let ready =
        pod.status.conditions.iter().any(|one| one.kind.as_str() == "Ready" && one.status.as_str() == "True");
    let image = |id: &str| id.rfind("sha256:").map(|at| id[at..].to_string());
    let images = pod.status.container_statuses.iter();
    PodFacts {
        labels: pod.meta.labels.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        node: pod.node_name.to_string(),
        ready,
        images: images
            .filter_map(|status| Some((status.name.to_string(), image(&status.image_id)?)))
            .collect(),
    }
}

/// Of which tier a cluster is: by its labels, else by its name.
fn tier(name: &str, labels: Option<&BTreeMap<String, String>>) -> String {
    let word = labels.and_then(|labels| TIERS.iter().find_map(|key| labels.get(*key))).cloned();
    let lower = word.clone().unwrap_or_else(|| name.to_string()).to_lowercase();
    let has =
        |words: &[&str]| lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| words.contains(&part));
    if has(&["prod", "production", "prd", "live"]) {
        return "production".to_string();
    }
    if has(&["staging", "stage", "stg", "preprod"]) {
        return "staging".to_string();
    }
    if has(&["dev", "development", "test", "qa", "sandbox"]) {
        return "development".to_string();
    }
    word.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::tier;

    #[test]
    fn a_cluster_says_of_which_tier_it_is() {
        let labels = |value: &str| Some([("env".to_string(), value.to_string())].into());
        for (name, value, expect) in [
            ("prod-eu", None, "production"),
            ("eu-staging-1", None, "staging"),
            ("dev", None, "development"),
            ("product-eu", None, ""),
            ("eu-1", Some("prod"), "production"),
            ("eu-1", Some("canary"), "canary"),
        ] {
            let labels = value.and_then(labels);
            assert_eq!(tier(name, labels.as_ref()), expect, "{name}");
        }
    }
}
