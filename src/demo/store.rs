//! What one simulated cluster holds: its kinds, its objects in the server's order, and its logs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use serde_json::{Map, Value, json};

use crate::demo::defaults;
use crate::demo::event_forms;
use crate::demo::objects::Placed;
use crate::demo::resource::{self, Resource};

/// Revisions begin here, so that there is room for one that is too old.
pub const FIRST_REVISION: u64 = 1000;

/// Objects are kept by group and plural: the versions of a kind are views of the same ones.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub resources: Vec<Resource>,
    objects: BTreeMap<(String, String), BTreeMap<String, Object>>,
    /// `<namespace>/<pod>/<container>.log` and `.previous.log` to their text.
    pub logs: BTreeMap<String, String>,
    /// The newest resourceVersion, which lists carry.
    pub revision: u64,
}

#[derive(Clone, Debug)]
pub struct Object {
    pub namespace: Option<String>,
    pub name: String,
    pub revision: u64,
    pub labels: BTreeMap<String, String>,
    /// Whole, `kind` and `apiVersion` first.
    pub value: Value,
    /// As it stands in a list: without kind and apiVersion if the kind is built in.
    pub item: String,
}

impl Store {
    pub fn resource(&self, group: &str, version: &str, plural: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| {
            resource.group == group && resource.version == version && resource.plural == plural
        })
    }

    /// The objects of a kind in the order of their keys (`namespace/name`), those of one namespace if it is given.
    pub fn objects(&self, resource: &Resource, namespace: Option<&str>) -> Vec<(&str, &Object)> {
        let all = self.objects.get(&(resource.group.clone(), resource.plural.clone()));
        let inside = |object: &Object| namespace.is_none() || object.namespace.as_deref() == namespace;
        all.into_iter()
            .flatten()
            .filter(|(_, object)| inside(object))
            .map(|(key, object)| (key.as_str(), object))
            .collect()
    }

    pub fn object(&self, resource: &Resource, namespace: Option<&str>, name: &str) -> Option<&Object> {
        self.objects.get(&(resource.group.clone(), resource.plural.clone()))?.get(&key(namespace, name))
    }

    pub fn pod(&self, namespace: &str, name: &str) -> Option<&Object> {
        self.objects.get(&(String::new(), "pods".to_string()))?.get(&key(Some(namespace), name))
    }
}

impl Object {
    /// Its metadata only.
    pub fn partial(&self) -> Value {
        json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": self.value["metadata"]})
    }
}

/// The key of an object below its kind, which is also the order of lists.
fn key(namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_string(),
    }
}

/// Makes a cluster's store of its objects; what one leaves out is filled in. The error names the place of an
/// object that stands there twice.
pub fn build(mut objects: Vec<Placed>, logs: BTreeMap<String, String>) -> anyhow::Result<Store> {
    let mut store = Store { resources: resource::built_in(), logs, ..Store::default() };
    for object in objects.iter().filter(|object| object.value["kind"] == "CustomResourceDefinition") {
        store.resources.extend(resource::from_definition(&object.value));
    }
    objects.iter_mut().for_each(|object| event_forms::to_core(&mut object.value));
    let mut kinds_of_objects = Vec::with_capacity(objects.len());
    for object in &objects {
        kinds_of_objects.push(known(&mut store.resources, &object.value));
    }
    for (object, resource) in objects.iter_mut().zip(&kinds_of_objects) {
        let resource = &store.resources[*resource];
        complete(&mut object.value, resource);
        if !resource.custom {
            defaults::fill(&mut object.value, &resource.plural);
        }
    }
    let uids = uids(&objects);
    let mut places = BTreeMap::new();
    store.revision = FIRST_REVISION;
    for (mut placed, index) in objects.into_iter().zip(kinds_of_objects) {
        refer(&mut placed.value, &uids);
        let resource = &store.resources[index];
        let (group, plural, custom) = (resource.group.clone(), resource.plural.clone(), resource.custom);
        store.revision += 1;
        let twin = event_forms::of_core(&placed.value);
        let object = object(placed.value, store.revision, custom);
        let key = key(object.namespace.as_deref(), &object.name);
        if let Some(before) =
            places.insert((group.clone(), plural.clone(), key.clone()), placed.place.clone())
        {
            bail!("{}: {plural} {key} was already defined at {before}", placed.place);
        }
        if let Some(twin) = twin {
            let newer = (event_forms::GROUP.to_string(), plural.clone());
            let twin = self::object(twin, store.revision, custom);
            store.objects.entry(newer).or_default().insert(key.clone(), twin);
        }
        store.objects.entry((group, plural)).or_default().insert(key, object);
    }
    Ok(store)
}

/// The plurals of all kinds that a cluster could be asked for: those built in, those that callboard asks for, and
/// those of the objects and definitions.
pub fn plurals<'a>(objects: impl Iterator<Item = &'a Placed>) -> BTreeSet<String> {
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
fn known(resources: &mut Vec<Resource>, object: &Value) -> usize {
    let (api_version, kind) =
        (object["apiVersion"].as_str().unwrap_or_default(), object["kind"].as_str().unwrap_or_default());
    let found =
        resources.iter().position(|resource| resource.kind == kind && resource.api_version() == api_version);
    found.unwrap_or_else(|| {
        resources.push(resource::guessed(api_version, kind));
        resources.len() - 1
    })
}

/// Fills in the namespace and the uid.
fn complete(object: &mut Value, resource: &Resource) {
    let Some(metadata) = object["metadata"].as_object_mut() else { return };
    if resource.namespaced {
        metadata.entry("namespace").or_insert_with(|| "default".into());
    } else {
        metadata.remove("namespace");
    }
    let text = |name: &str| metadata.get(name).and_then(Value::as_str).unwrap_or_default();
    let uid = uid(&resource.kind, text("namespace"), text("name"));
    metadata.entry("uid").or_insert_with(|| uid.into());
}

type Uids = BTreeMap<(String, String, String), String>;

fn uids(objects: &[Placed]) -> Uids {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let entry = |object: &Value| {
        let metadata = &object["metadata"];
        (
            (text(&object["kind"]), text(&metadata["namespace"]), text(&metadata["name"])),
            text(&metadata["uid"]),
        )
    };
    objects.iter().map(|placed| entry(&placed.value)).collect()
}

/// Gives owner references and the objects that events are about the uid of what they name.
fn refer(object: &mut Value, uids: &Uids) {
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default().to_string();
    let fill = |reference: &mut Value, namespace: &str| {
        let Some(fields) = reference.as_object_mut() else { return };
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_string();
        let (kind, name) = (text("kind"), text("name"));
        let of = |namespace: &str| uids.get(&(kind.clone(), namespace.to_string(), name.clone())).cloned();
        let found = of(namespace).or_else(|| of("")).unwrap_or_else(|| uid(&kind, namespace, &name));
        fields.entry("uid").or_insert_with(|| found.into());
    };
    if let Some(owners) = object["metadata"].get_mut("ownerReferences").and_then(Value::as_array_mut) {
        owners.iter_mut().for_each(|owner| fill(owner, &namespace));
    }
    if let Some(about) = object.get_mut("involvedObject") {
        let namespace = about["namespace"].as_str().unwrap_or_default().to_string();
        fill(about, &namespace);
    }
}

fn object(value: Value, revision: u64, custom: bool) -> Object {
    let mut fields = match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let mut ordered = Map::new();
    for name in ["kind", "apiVersion", "metadata"] {
        ordered.extend(fields.shift_remove(name).map(|value| (name.to_string(), value)));
    }
    ordered.extend(fields);
    ordered["metadata"]["resourceVersion"] = revision.to_string().into();
    let metadata = &ordered["metadata"];
    let (namespace, name) = (
        metadata["namespace"].as_str().map(str::to_string),
        metadata["name"].as_str().unwrap_or_default().to_string(),
    );
    let labels = metadata["labels"].as_object().into_iter().flatten();
    let labels =
        labels.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_string())).collect();
    // All of an object but what says its kind, which lists of built-in kinds leave out.
    let head = format!("{{\"kind\":{},\"apiVersion\":{},", ordered["kind"], ordered["apiVersion"]);
    let mut value = Value::Object(ordered);
    if custom {
        // The server of custom kinds writes every object in alphabetical order.
        value.sort_all_objects();
    }
    let text = value.to_string();
    let item = text.strip_prefix(&head).filter(|_| !custom).map(|rest| format!("{{{rest}")).unwrap_or(text);
    Object { namespace, name, revision, labels, value, item }
}

/// A uid that is the same in every run: FNV-1a over kind, namespace and name, in the shape of a UUID.
pub fn uid(kind: &str, namespace: &str, name: &str) -> String {
    let mut hash: u128 = 0x6c62272e07bb014262b821756295c58d;
    for byte in format!("{kind}/{namespace}/{name}").bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000000001000000000000000000013b);
    }
    let hex = format!("{hash:032x}");
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::{build, uid};
    use crate::demo::objects;
    use std::collections::BTreeMap;

    #[track_caller]
    fn store(text: &str) -> super::Store {
        build(objects::read("a.yaml", text).expect("they are objects"), BTreeMap::new())
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
        let objects = objects::read("a.yaml", twice).expect("they are objects");
        let error = build(objects, BTreeMap::new()).expect_err("twice");
        assert_eq!(error.to_string(), "a.yaml:5:1: pods default/a was already defined at a.yaml:1:1");
    }
}
