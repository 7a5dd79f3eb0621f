//! What one simulated cluster holds: its kinds, its objects in the server's order, and its logs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::bail;
use serde_json::Value;

use crate::demo::state::change::{self, ObjectChange, StoreKey};
use crate::demo::state::defaults;
use crate::demo::state::event_forms;
use crate::demo::state::manifests::PlacedObject;
use crate::demo::state::object::{self, StoredObject, Uids, key};
use crate::demo::state::resource::{self, ServedResource};

/// Revisions begin here, so that there is room for one that is too old.
pub const FIRST_REVISION: u64 = 1000;

/// A copy shares the objects.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub resources: Vec<ServedResource>,
    objects: BTreeMap<StoreKey, BTreeMap<String, Arc<StoredObject>>>,
    /// `<namespace>/<pod>/<container>.log` and `.previous.log` to their text.
    pub logs: Arc<BTreeMap<String, String>>,
    /// The newest resourceVersion, which lists carry.
    pub revision: u64,
    /// What has changed since the cluster was read, the oldest first.
    pub changes: Vec<Arc<ObjectChange>>,
}

impl Store {
    pub fn resource(&self, group: &str, version: &str, plural: &str) -> Option<&ServedResource> {
        self.resources.iter().find(|resource| {
            resource.group == group && resource.version == version && resource.plural == plural
        })
    }

    /// The objects of a kind in the order of their keys (`namespace/name`), those of one namespace if it is given.
    pub fn objects(&self, resource: &ServedResource, namespace: Option<&str>) -> Vec<(&str, &StoredObject)> {
        let all = self.objects.get(&(resource.group.clone(), resource.plural.clone()));
        let inside = |object: &StoredObject| namespace.is_none() || object.namespace.as_deref() == namespace;
        all.into_iter()
            .flatten()
            .filter(|(_, object)| inside(object))
            .map(|(key, object)| (key.as_str(), &**object))
            .collect()
    }

    pub fn object(
        &self,
        resource: &ServedResource,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<&StoredObject> {
        self.objects
            .get(&(resource.group.clone(), resource.plural.clone()))?
            .get(&key(namespace, name))
            .map(|object| &**object)
    }

    pub fn pod(&self, namespace: &str, name: &str) -> Option<&StoredObject> {
        self.objects
            .get(&(String::new(), "pods".to_string()))?
            .get(&key(Some(namespace), name))
            .map(|object| &**object)
    }

    /// All objects, each in the one form that it was written in.
    pub fn all(&self) -> impl Iterator<Item = (&StoreKey, &str, &Arc<StoredObject>)> {
        let kinds = self.objects.iter().filter(|((group, _), _)| group != event_forms::GROUP);
        kinds
            .flat_map(|(kept, objects)| objects.iter().map(move |(key, object)| (kept, key.as_str(), object)))
    }

    /// Takes note of the kinds of objects, and fills in what each leaves out; where there is one of its name already,
    /// it goes on as that one. Returns the kinds' places among the resources.
    pub fn complete(&mut self, objects: &mut [PlacedObject]) -> Vec<usize> {
        for placed in objects.iter().filter(|placed| placed.value["kind"] == "CustomResourceDefinition") {
            for defined in resource::from_definition(&placed.value) {
                let is_same = |known: &ServedResource| {
                    (&known.group, &known.version, &known.plural)
                        == (&defined.group, &defined.version, &defined.plural)
                };
                self.resources.retain(|known| !is_same(known));
                self.resources.push(defined);
            }
        }
        objects.iter_mut().for_each(|placed| event_forms::to_core(&mut placed.value));
        let kinds: Vec<usize> =
            objects.iter().map(|placed| known(&mut self.resources, &placed.value)).collect();
        for (placed, index) in objects.iter_mut().zip(&kinds) {
            let resource = &self.resources[*index];
            object::place(&mut placed.value, resource);
            let before = self.same(resource, &placed.value).map(|before| &before.value);
            if let Some(before) = before {
                change::inherit(before, &mut placed.value);
            }
            object::identify(&mut placed.value, resource);
            if !resource.custom {
                defaults::fill(&mut placed.value, &resource.plural);
            }
            if let Some(before) = before {
                change::count(before, &mut placed.value);
            }
        }
        kinds
    }

    fn same(&self, resource: &ServedResource, object: &Value) -> Option<&StoredObject> {
        let metadata = &object["metadata"];
        self.object(resource, metadata["namespace"].as_str(), metadata["name"].as_str().unwrap_or_default())
    }

    /// Puts a complete object in its place, at a new revision. An event has two forms and one revision.
    pub fn put(&mut self, mut value: Value, kind: usize, uids: &Uids) -> Vec<Put> {
        object::refer(&mut value, uids);
        let ServedResource { group, plural, custom, .. } = self.resources[kind].clone();
        self.revision += 1;
        let twin = event_forms::of_core(&value).map(|twin| (event_forms::GROUP.to_string(), twin));
        let forms = std::iter::once((group, value)).chain(twin);
        let put = forms.map(|(group, value)| {
            let after = Arc::new(object::object(value, self.revision, custom));
            let (kept, key) = ((group, plural.clone()), key(after.namespace.as_deref(), &after.name));
            let objects = self.objects.entry(kept.clone()).or_default();
            let before = objects.insert(key.clone(), after.clone());
            Put { kept, key, before, after }
        });
        put.collect()
    }

    /// Takes an object out, at a new revision, in all its forms.
    pub fn take(&mut self, (group, plural): &StoreKey, key: &str) -> Vec<(StoreKey, Arc<StoredObject>)> {
        self.revision += 1;
        let is_event = plural == "events" && group.is_empty();
        let twin = is_event.then(|| (event_forms::GROUP.to_string(), plural.clone()));
        let forms = std::iter::once((group.clone(), plural.clone())).chain(twin);
        forms.filter_map(|kept| Some((kept.clone(), self.objects.get_mut(&kept)?.remove(key)?))).collect()
    }
}

/// An object that was put.
pub struct Put {
    pub kept: StoreKey,
    pub key: String,
    pub before: Option<Arc<StoredObject>>,
    pub after: Arc<StoredObject>,
}

/// Makes a cluster's store of its objects; what one leaves out is filled in. The error names the place of an
/// object that stands there twice.
pub fn build(mut objects: Vec<PlacedObject>, logs: BTreeMap<String, String>) -> anyhow::Result<Store> {
    let (resources, logs) = (resource::built_in(), Arc::new(logs));
    let mut store = Store { resources, logs, revision: FIRST_REVISION, ..Store::default() };
    let kinds = store.complete(&mut objects);
    let uids = object::uids(objects.iter().map(|placed| &placed.value));
    let mut places = BTreeMap::new();
    for (placed, kind) in objects.into_iter().zip(kinds) {
        for Put { kept, key, .. } in store.put(placed.value, kind, &uids) {
            let plural = kept.1.clone();
            if let Some(before) = places.insert((kept, key.clone()), placed.place.clone()) {
                bail!("{}: {plural} {key} was already defined at {before}", placed.place);
            }
        }
    }
    Ok(store)
}

/// The plurals of all kinds that a cluster could be asked for: those built in, those that callboard asks for, and
/// those of the objects and definitions.
pub fn plurals<'a>(objects: impl Iterator<Item = &'a PlacedObject>) -> BTreeSet<String> {
    let mut resources = resource::built_in();
    let asked = crate::workload::KINDS.iter().map(|kind| kind.plural.to_string());
    let mut plurals: BTreeSet<String> = asked.collect();
    for object in objects {
        if object.value["kind"] == "CustomResourceDefinition" {
            resources.extend(resource::from_definition(&object.value));
        }
        known(&mut resources, &object.value);
    }
    plurals.extend(resources.into_iter().map(|resource| resource.plural));
    plurals
}

/// The place of the object's kind among the resources, which it joins if it was unknown.
fn known(resources: &mut Vec<ServedResource>, object: &Value) -> usize {
    let (api_version, kind) =
        (object["apiVersion"].as_str().unwrap_or_default(), object["kind"].as_str().unwrap_or_default());
    let found =
        resources.iter().position(|resource| resource.kind == kind && resource.api_version() == api_version);
    found.unwrap_or_else(|| {
        resources.push(resource::guessed(api_version, kind));
        resources.len() - 1
    })
}

#[cfg(test)]
mod tests {
    use super::build;
    use crate::demo::state::manifests;
    use crate::demo::state::object::uid;
    use std::collections::BTreeMap;

    #[track_caller]
    fn store(text: &str) -> super::Store {
        build(manifests::read("a.yaml", text).expect("they are objects"), BTreeMap::new())
            .expect("none is there twice")
    }

    #[test]
    fn what_is_left_out_is_filled_in() {
        let store = store(
            "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-1, uid: u-1}}\n\
             - {apiVersion: v1, kind: Pod, metadata: {name: web-1-a, ownerReferences: [{kind: ReplicaSet, name: web-1}]}}\n\
             - {apiVersion: v1, kind: Node, metadata: {name: n-1}}\n\
             - {apiVersion: v1, kind: Event, metadata: {name: e-1}, involvedObject: {kind: Pod, name: web-1-a, namespace: default}}",
        );
        let pod = store.pod("default", "web-1-a").expect("the pod is there");
        assert_eq!(pod.value["metadata"]["ownerReferences"][0]["uid"], "u-1");
        assert_eq!(pod.value["metadata"]["uid"], uid("Pod", "default", "web-1-a"));
        assert!(!pod.item.contains("\"kind\":\"Pod\""), "items of built-in kinds carry no kind");
        let events = store.resource("", "v1", "events").expect("built in");
        let event = store.object(events, Some("default"), "e-1").expect("the event is there");
        assert_eq!(event.value["involvedObject"]["uid"], pod.value["metadata"]["uid"]);
        let nodes = store.resource("", "v1", "nodes").expect("built in");
        assert!(store.object(nodes, None, "n-1").is_some(), "nodes have no namespace");
    }

    #[test]
    fn any_kind_is_served() {
        let store = store("apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: web}\n");
        let rollouts = store.resource("argoproj.io", "v1alpha1", "rollouts").expect("guessed");
        assert!(store.objects(rollouts, Some("default"))[0].1.item.contains("\"kind\":\"Rollout\""));
    }

    #[test]
    fn an_object_that_stands_there_twice_is_refused() {
        let twice = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
        let objects = manifests::read("a.yaml", twice).expect("they are objects");
        let error = build(objects, BTreeMap::new()).expect_err("twice");
        assert_eq!(error.to_string(), "a.yaml:5:1: pods default/a was already defined at a.yaml:1:1");
    }
}
