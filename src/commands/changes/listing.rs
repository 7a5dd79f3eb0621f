//! What one cluster keeps of the past of services' objects.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::stream;
use serde_json::Value;

use crate::changes::{Change, PastObject, config_map_edits, edits, rollouts};
use crate::commands::changes::owned::{MapUses, OwnedObjects, add_uses};
use crate::fleet::{Asked, Gap, ListEnd, ListRequest, Resource, Silence};
use crate::selector::Selector;
use crate::survey::Snapshot;
use crate::workload::{Object, Workload, kind};

/// Requests to one cluster at a time.
const WIDTH: usize = 8;
/// Objects of a kind in a namespace that are asked for one by one; past it the list of the namespace is read once.
const MOST_SINGLE: usize = 8;
/// ConfigMaps of a cluster that are looked at.
const MOST_MAPS: usize = 64;

/// The kinds whose own edits are told.
const EDITED: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Rollout"];

const CONTROLLER_REVISIONS: Resource<'static> =
    Resource { kind: "ControllerRevision", group: "apps", version: "v1", plural: "controllerrevisions" };
const AUTOSCALERS: Resource<'static> = Resource {
    kind: "HorizontalPodAutoscaler",
    group: "autoscaling",
    version: "v2",
    plural: "horizontalpodautoscalers",
};
const CONFIG_MAPS: Resource<'static> =
    Resource { kind: "ConfigMap", group: "", version: "v1", plural: "configmaps" };

/// The changes in one cluster, each with the services (by index) whose it is.
#[derive(Clone, Debug, Default)]
pub struct ClusterChanges {
    pub changes: Vec<(BTreeSet<usize>, Change)>,
    /// Objects that were not looked at.
    pub left_out: usize,
}

/// Which objects' past is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PastScope {
    All,
    /// That of what runs pods alone: autoscalers and ConfigMaps are read for other reasons.
    Workloads,
}

/// What one cluster is asked about the past of services' objects.
#[derive(Debug, Default)]
pub struct PastPlan {
    owned: OwnedObjects,
    maps: MapUses,
    questions: Vec<PastQuestion>,
    /// The ConfigMaps that are asked for.
    asked_maps: Vec<(String, String)>,
    left_out: usize,
}

/// The past of services' objects as one cluster keeps it, and whose they are.
#[derive(Debug, Default)]
pub struct ReadPast {
    owned: OwnedObjects,
    maps: MapUses,
    objects: Vec<PastObject>,
    left_out: usize,
}

/// Asks for the past of what a cluster holds of the services.
pub async fn histories(asked: Asked, snapshot: Snapshot) -> (Snapshot, ClusterChanges, Vec<Gap>) {
    let members = snapshot.members.iter().enumerate();
    let objects = members.flat_map(|(service, members)| members.iter().map(move |member| (service, *member)));
    let objects = objects.map(|(service, member)| (service, &snapshot.objects[member]));
    let (past, gaps) = PastPlan::of(objects, PastScope::All).ask(&asked).await;
    (snapshot, past.changes(&[]), gaps)
}

impl PastPlan {
    /// For objects, each with the service whose it is.
    pub fn of<'a>(objects: impl Iterator<Item = (usize, &'a Object)>, scope: PastScope) -> PastPlan {
        let (mut owned, mut maps) = (OwnedObjects::new(), MapUses::new());
        let mut workloads = Vec::new();
        for (service, object) in objects {
            match object {
                Object::Workload(one) => {
                    let key = (one.kind.to_string(), one.meta.namespace.to_string(), one.meta.name.clone());
                    let services = owned.entry(key).or_default();
                    if services.is_empty() {
                        workloads.push(&**one);
                    }
                    services.insert(service);
                }
                Object::Pod(pod) => add_uses(pod, service, &mut maps),
            }
        }
        let asked_maps: Vec<(String, String)> = match scope {
            PastScope::All => maps.keys().take(MOST_MAPS).cloned().collect(),
            PastScope::Workloads => Vec::new(),
        };
        let left_out = if scope == PastScope::All { maps.len() - asked_maps.len() } else { 0 };
        PastPlan { questions: questions(&workloads, scope), owned, maps, asked_maps, left_out }
    }

    /// Whose past is asked for: what never had one is not among them.
    pub fn services(&self) -> BTreeSet<usize> {
        let edited = self.owned.iter().filter(|((kind, ..), _)| EDITED.contains(&kind.as_str()));
        edited.flat_map(|(_, services)| services.iter().copied()).collect()
    }

    pub async fn ask(self, asked: &Asked) -> (ReadPast, Vec<Gap>) {
        let PastPlan { owned, maps, questions, asked_maps, left_out } = self;
        let asking = questions.into_iter().map(|one| past_objects(asked, one));
        let mut told: Vec<_> = stream::iter(asking).buffer_unordered(WIDTH).collect().await;
        let reading = asked_maps.into_iter().map(|place| map_past(asked, place));
        told.extend(stream::iter(reading).buffer_unordered(WIDTH).collect::<Vec<_>>().await);
        let (mut objects, mut gaps) = (Vec::new(), Vec::new());
        for (found, gap) in told {
            objects.extend(found);
            gaps.extend(gap);
        }
        gaps.sort_by_key(|gap: &Gap| gap.kind.clone());
        gaps.dedup_by_key(|gap| gap.kind.clone());
        (ReadPast { owned, maps, objects, left_out }, gaps)
    }
}

impl ReadPast {
    /// What changed. `beside`: objects whose past was read for other reasons.
    pub fn changes(&self, beside: &[PastObject]) -> ClusterChanges {
        let mut objects: Vec<&PastObject> = self.objects.iter().chain(beside).collect();
        // What two questions brought stands there once.
        objects.sort_by_key(|one| identity(one));
        objects.dedup_by_key(|one| identity(one));
        let is_revision =
            |one: &&PastObject| matches!(one.kind.as_str(), "ReplicaSet" | "ControllerRevision");
        let (revisions, others): (Vec<&PastObject>, Vec<&PastObject>) =
            objects.into_iter().partition(is_revision);
        let revisions: Vec<PastObject> = revisions.into_iter().cloned().collect();
        let changes = others.into_iter().flat_map(|object| self.changes_of(object, &revisions)).collect();
        ClusterChanges { changes, left_out: self.left_out }
    }

    fn changes_of(&self, object: &PastObject, revisions: &[PastObject]) -> Vec<(BTreeSet<usize>, Change)> {
        if object.kind == CONFIG_MAPS.kind {
            let used = self.maps.get(&(object.namespace.clone(), object.name.clone()));
            let told = used.into_iter().flat_map(|used| {
                config_map_edits(object).into_iter().map(|change| {
                    let note = used.still_old(change.time);
                    (used.services.clone(), Change { note, ..change })
                })
            });
            return told.collect();
        }
        let (kind, name) =
            object.target.as_ref().map_or((&object.kind, &object.name), |(kind, name)| (kind, name));
        let key = (kind.clone(), object.namespace.clone(), name.clone());
        let Some(services) = self.owned.get(&key) else { return Vec::new() };
        let rolled = rollouts(object, revisions);
        let edited = edits(object, &rolled);
        rolled.into_iter().chain(edited).map(|change| (services.clone(), change)).collect()
    }
}

/// One question about the past: a list, or one object of it.
#[derive(Debug)]
struct PastQuestion {
    resource: Resource<'static>,
    namespace: String,
    selector: Option<String>,
    name: Option<String>,
}

fn questions(owned: &[&Workload], scope: PastScope) -> Vec<PastQuestion> {
    let mut workloads: BTreeMap<(&str, &str), Vec<&Workload>> = BTreeMap::new();
    for one in owned.iter().filter(|one| EDITED.contains(&one.kind)) {
        workloads.entry((one.kind, one.meta.namespace.as_str())).or_default().push(one);
    }
    let mut questions = Vec::new();
    let mut namespaces = BTreeSet::new();
    for ((name, namespace), all) in workloads {
        let Some(row) = kind(name) else { continue };
        namespaces.insert(namespace);
        let revisions = match name {
            "Deployment" | "Rollout" => kind("ReplicaSet").map(|row| row.resource()),
            "StatefulSet" | "DaemonSet" => Some(CONTROLLER_REVISIONS),
            _ => None,
        };
        let question = |resource, selector, name| PastQuestion {
            resource,
            namespace: namespace.to_string(),
            selector,
            name,
        };
        if all.len() > MOST_SINGLE {
            questions.push(question(row.resource(), None, None));
            questions.extend(revisions.map(|resource| question(resource, None, None)));
            continue;
        }
        for one in all {
            questions.push(question(row.resource(), None, Some(one.meta.name.clone())));
            questions.extend(revisions.map(|resource| question(resource, selector(one), None)));
        }
    }
    namespaces.retain(|_| scope == PastScope::All);
    questions.extend(namespaces.into_iter().map(|namespace| PastQuestion {
        resource: AUTOSCALERS,
        namespace: namespace.to_string(),
        selector: None,
        name: None,
    }));
    questions
}

/// The workload's own selector: what it owns carries it.
fn selector(workload: &Workload) -> Option<String> {
    let json: Value = serde_json::from_str(workload.selector()?).ok()?;
    let selector = Selector::from_label_selector(&json).ok()?;
    (!selector.is_everything() && !selector.is_nothing()).then(|| selector.to_string())
}

async fn past_objects(asked: &Asked, question: PastQuestion) -> (Vec<PastObject>, Option<Gap>) {
    let PastQuestion { resource, namespace, selector, name } = question;
    let gap = |why: Silence| Some(Gap::kind(resource.plural, why));
    let read = |text: &str| {
        let object: Value = serde_json::from_str(text).unwrap_or_default();
        PastObject::of(resource.kind, &object)
    };
    if let Some(name) = name {
        return match asked.object(&resource, Some(&namespace), &name).await {
            Ok(found) => (found.as_deref().map(read).into_iter().collect(), None),
            Err(why) => (Vec::new(), gap(why)),
        };
    }
    let request = ListRequest {
        resource,
        namespace: Some(&namespace),
        selector: selector.as_deref(),
        field_selector: None,
    };
    let mut found = Vec::new();
    let receive = &mut |item: &str| {
        asked.keep(item)?;
        found.push(read(item));
        Ok(())
    };
    let end = asked.list(&request, receive).await;
    match end {
        Ok(ListEnd::Whole { .. } | ListEnd::NotServed) => (found, None),
        Err(why) => (found, gap(why)),
    }
}

/// A ConfigMap's metadata, and no value of it.
async fn map_past(asked: &Asked, (namespace, name): (String, String)) -> (Vec<PastObject>, Option<Gap>) {
    match asked.metadata(&CONFIG_MAPS, &namespace, &name).await {
        Ok(text) => {
            let read = |text: String| {
                let object: Value = serde_json::from_str(&text).unwrap_or_default();
                PastObject::of(CONFIG_MAPS.kind, &object)
            };
            (text.map(read).into_iter().collect(), None)
        }
        Err(why) => (Vec::new(), Some(Gap::kind(CONFIG_MAPS.plural, why))),
    }
}

fn identity(object: &PastObject) -> (String, String, String) {
    (object.kind.clone(), object.namespace.clone(), object.name.clone())
}
