//! What one cluster keeps of the past of services' objects.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::stream;
use jiff::Timestamp;
use serde_json::Value;

use crate::changes::{Change, PastObject, config_map_edits, edits, rollouts};
use crate::fleet::{Asked, Gap, ListEnd, ListRequest, Resource, Silence};
use crate::selector::Selector;
use crate::survey::Snapshot;
use crate::text::count;
use crate::workload::{Object, Pod, Workload, kind};

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

/// Whose an object is, by its kind, namespace and name.
type OwnedObjects = BTreeMap<(String, String, String), BTreeSet<usize>>;

/// Asks for the past of what a cluster holds of the services.
pub async fn histories(asked: Asked, snapshot: Snapshot) -> (Snapshot, ClusterChanges, Vec<Gap>) {
    let (owned, maps) = owned(&snapshot);
    let left_out = maps.len().saturating_sub(MOST_MAPS);
    let lists = past_lists(&snapshot, &owned);
    let asking = lists.into_iter().map(|one| past_objects(&asked, one));
    let told: Vec<_> = stream::iter(asking).buffer_unordered(WIDTH).collect().await;
    let reading = maps.into_iter().take(MOST_MAPS).map(|(place, of)| map_past(&asked, place, of));
    let of_maps: Vec<_> = stream::iter(reading).buffer_unordered(WIDTH).collect().await;
    let mut gaps = Vec::new();
    let mut objects = Vec::new();
    for (found, gap) in told {
        objects.extend(found);
        gaps.extend(gap);
    }
    // What two questions brought stands there once.
    objects.sort_by_key(identity);
    objects.dedup_by_key(|one| identity(one));
    let mut changes = changes_of(&objects, &owned);
    for (found, gap) in of_maps {
        changes.extend(found);
        gaps.extend(gap);
    }
    gaps.sort_by_key(|gap| gap.kind.clone());
    gaps.dedup_by_key(|gap| gap.kind.clone());
    (snapshot, ClusterChanges { changes, left_out }, gaps)
}

/// Who names a ConfigMap.
#[derive(Default)]
struct MapUse {
    services: BTreeSet<usize>,
    /// When the pods were made whose environment is made of it.
    in_environment: BTreeMap<String, Timestamp>,
}

/// What belongs to the services: what runs pods, and by namespace and name the ConfigMaps that the pods name.
fn owned(snapshot: &Snapshot) -> (OwnedObjects, BTreeMap<(String, String), MapUse>) {
    let (mut owned, mut maps) = (OwnedObjects::new(), BTreeMap::<_, MapUse>::new());
    for (service, members) in snapshot.members.iter().enumerate() {
        for member in members {
            match &snapshot.objects[*member] {
                Object::Workload(one) => {
                    let key = (one.kind.to_string(), one.meta.namespace.to_string(), one.meta.name.clone());
                    owned.entry(key).or_default().insert(service);
                }
                Object::Pod(pod) => {
                    let in_environment = pod.config_maps_of_environment();
                    for map in pod.config_maps() {
                        let read = in_environment.contains(&map);
                        let one = maps.entry((pod.meta.namespace.to_string(), map)).or_default();
                        one.services.insert(service);
                        if let Some(created) = pod.meta.created.filter(|_| read && is_alive(pod)) {
                            one.in_environment.insert(pod.meta.name.clone(), created);
                        }
                    }
                }
            }
        }
    }
    (owned, maps)
}

fn is_alive(pod: &Pod) -> bool {
    !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
}

impl MapUse {
    /// A mounted ConfigMap reaches its pods; an environment is made when a container starts.
    fn still_old(&self, time: Timestamp) -> Option<String> {
        let all = self.in_environment.len();
        let old = self.in_environment.values().filter(|created| **created < time).count();
        let words = match old {
            1 => "its environment has the old values until it starts anew",
            _ => "their environment has the old values until they start anew",
        };
        (old > 0).then(|| format!("{old} of {} older than it: {words}", count(all, "pod")))
    }
}

/// One question about the past: a list, or one object of it.
struct PastQuestion {
    resource: Resource<'static>,
    namespace: String,
    selector: Option<String>,
    name: Option<String>,
}

fn past_lists(snapshot: &Snapshot, owned: &OwnedObjects) -> Vec<PastQuestion> {
    let mut workloads: BTreeMap<(&str, &str), Vec<&Workload>> = BTreeMap::new();
    for object in &snapshot.objects {
        let Object::Workload(one) = object else { continue };
        let key = (one.kind.to_string(), one.meta.namespace.to_string(), one.meta.name.clone());
        if EDITED.contains(&one.kind) && owned.contains_key(&key) {
            workloads.entry((one.kind, one.meta.namespace.as_str())).or_default().push(one);
        }
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

/// The edits of a ConfigMap, from its metadata alone.
async fn map_past(
    asked: &Asked,
    (namespace, name): (String, String),
    used: MapUse,
) -> (Vec<(BTreeSet<usize>, Change)>, Option<Gap>) {
    match asked.metadata(&CONFIG_MAPS, &namespace, &name).await {
        Ok(Some(text)) => {
            let object: Value = serde_json::from_str(&text).unwrap_or_default();
            let past = PastObject::of("ConfigMap", &object);
            let told = config_map_edits(&past).into_iter().map(|change| {
                let note = used.still_old(change.time);
                (used.services.clone(), Change { note, ..change })
            });
            (told.collect(), None)
        }
        Ok(None) => (Vec::new(), None),
        Err(why) => (Vec::new(), Some(Gap::kind(CONFIG_MAPS.plural, why))),
    }
}

fn identity(object: &PastObject) -> (String, String, String) {
    (object.kind.clone(), object.namespace.clone(), object.name.clone())
}

fn changes_of(objects: &[PastObject], owned: &OwnedObjects) -> Vec<(BTreeSet<usize>, Change)> {
    let is_revision = |one: &&PastObject| matches!(one.kind.as_str(), "ReplicaSet" | "ControllerRevision");
    let (revisions, others): (Vec<&PastObject>, Vec<&PastObject>) = objects.iter().partition(is_revision);
    let revisions: Vec<PastObject> = revisions.into_iter().cloned().collect();
    let of = |kind: &str, namespace: &str, name: &str| {
        owned.get(&(kind.to_string(), namespace.to_string(), name.to_string())).cloned()
    };
    let mut changes = Vec::new();
    for object in others {
        let services = match &object.target {
            Some((kind, name)) => of(kind, &object.namespace, name),
            None => of(&object.kind, &object.namespace, &object.name),
        };
        let Some(services) = services else { continue };
        let rolled = rollouts(object, &revisions);
        let edited = edits(object, &rolled);
        changes.extend(rolled.into_iter().chain(edited).map(|change| (services.clone(), change)));
    }
    changes
}
