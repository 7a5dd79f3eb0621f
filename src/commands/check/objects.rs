//! The objects that the rules need beside the survey's, as the servers have them: workloads whole, core Services, autoscalers, budgets.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt};
use serde_json::Value as Json;

use crate::fleet::{Asked, Gap, ListRequest};
use crate::survey::Snapshot;
use crate::workload::{Object, kind, later};

/// Lists that are under way in one cluster at a time.
const WIDTH: usize = 8;
/// The kinds of workloads that rules look at.
const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Rollout"];
const OTHERS: &[&str] = &["Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"];

/// What one cluster said, by kind; or why it did not.
#[derive(Clone, Debug, Default)]
pub struct RawObjects(BTreeMap<&'static str, Result<Vec<Json>, String>>);

impl RawObjects {
    /// Those of a kind; nothing was asked where the services have nothing.
    pub fn of(&self, kind: &str) -> Result<Vec<Json>, String> {
        self.0.get(kind).cloned().unwrap_or_else(|| Ok(Vec::new()))
    }

    /// One workload.
    pub fn one(&self, kind: &str, namespace: &str, name: &str) -> Result<Option<&Json>, String> {
        let is = |object: &&Json| {
            object["metadata"]["namespace"] == namespace && object["metadata"]["name"] == name
        };
        match self.0.get(kind) {
            None => Ok(None),
            Some(Err(why)) => Err(why.clone()),
            Some(Ok(objects)) => Ok(objects.iter().find(is)),
        }
    }
}

/// Asks a cluster for them, in the namespaces in which it has something of the services.
pub async fn raw_objects(asked: &Asked, snapshot: &Snapshot) -> (RawObjects, Vec<Gap>) {
    let mut wanted: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    let mut namespaces: BTreeSet<String> = BTreeSet::new();
    let members: BTreeSet<usize> = snapshot.members.iter().flatten().copied().collect();
    for member in members {
        let Object::Workload(workload) = &snapshot.objects[member] else { continue };
        let namespace = workload.meta.namespace.to_string();
        if let Some(kind) = WORKLOADS.iter().find(|kind| **kind == workload.kind) {
            wanted.entry(kind).or_default().insert(namespace.clone());
        }
        namespaces.insert(namespace);
    }
    for kind in OTHERS {
        wanted.insert(kind, namespaces.clone());
    }
    let mut asking = Vec::new();
    for (kind, namespaces) in wanted {
        for namespace in namespaces {
            asking.push(listed(asked, kind, namespace));
        }
    }
    let said: Vec<_> = stream::iter(asking).buffer_unordered(WIDTH).collect().await;
    let (mut objects, mut gaps) = (RawObjects::default(), Vec::new());
    for (kind, items) in said {
        let known = objects.0.entry(kind).or_insert_with(|| Ok(Vec::new()));
        match items {
            Ok(items) => {
                if let Ok(known) = known {
                    known.extend(items);
                }
            }
            Err(why) => {
                gaps.push(Gap::kind(plural(kind), why.clone()));
                *known = Err(why.to_string());
            }
        }
    }
    gaps.sort_by_key(|gap| format!("{gap:?}"));
    gaps.dedup_by_key(|gap| format!("{gap:?}"));
    (objects, gaps)
}

fn plural(name: &str) -> &'static str {
    kind(name).map(|kind| kind.plural).or_else(|| later(name).map(|kind| kind.plural)).unwrap_or_default()
}

async fn listed(
    asked: &Asked,
    name: &'static str,
    namespace: String,
) -> (&'static str, Result<Vec<Json>, crate::fleet::Silence>) {
    let resource = kind(name).map(|kind| kind.resource()).or_else(|| later(name).map(|kind| kind.resource()));
    let Some(resource) = resource else { return (name, Ok(Vec::new())) };
    let request = ListRequest { resource, namespace: Some(&namespace), selector: None, field_selector: None };
    let mut items = Vec::new();
    let mut receive = |item: &str| {
        asked.keep(item)?;
        let mut object: Json = serde_json::from_str(item)?;
        // Items of a list do not all say where they are.
        if object["metadata"].is_object() && object["metadata"]["namespace"].is_null() {
            object["metadata"]["namespace"] = Json::String(namespace.clone());
        }
        items.push(object);
        Ok(())
    };
    let end = asked.list(&request, &mut receive).await;
    (name, end.map(|_| items))
}
