//! An object as a server holds it: whole, with what it leaves out filled in, and the same in every run.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::demo::state::resource::ServedResource;

#[derive(Clone, Debug)]
pub struct StoredObject {
    pub namespace: Option<String>,
    pub name: String,
    pub revision: u64,
    pub labels: BTreeMap<String, String>,
    /// Whole, `kind` and `apiVersion` first.
    pub value: Value,
    /// As it stands in a list: without kind and apiVersion if the kind is built in.
    pub item: String,
}

impl StoredObject {
    /// Its metadata only.
    pub fn partial(&self) -> Value {
        json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": self.value["metadata"]})
    }
}

/// The key of an object below its kind, which is also the order of lists.
pub fn key(namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_string(),
    }
}

/// Fills in the namespace, or takes it away.
pub fn place(object: &mut Value, resource: &ServedResource) {
    let Some(metadata) = object["metadata"].as_object_mut() else { return };
    if resource.namespaced {
        metadata.entry("namespace").or_insert_with(|| "default".into());
    } else {
        metadata.remove("namespace");
    }
}

/// Fills in the uid, and the ids of a pod's containers that have run.
pub fn identify(object: &mut Value, resource: &ServedResource) {
    let Some(metadata) = object["metadata"].as_object_mut() else { return };
    let text = |name: &str| metadata.get(name).and_then(Value::as_str).unwrap_or_default();
    let uid = uid(&resource.kind, text("namespace"), text("name"));
    let uid = metadata.entry("uid").or_insert_with(|| uid.into()).as_str().unwrap_or_default().to_string();
    if resource.kind == "Pod" && resource.group.is_empty() {
        for list in ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"] {
            let statuses = object["status"].get_mut(list).and_then(Value::as_array_mut);
            statuses.into_iter().flatten().for_each(|status| identify_container(status, &uid));
        }
    }
}

/// A container that runs or ran has its runtime's id, another one for each run.
fn identify_container(status: &mut Value, pod: &str) {
    let has = |pointer: &str| status.pointer(pointer).is_some_and(|state| !state.is_null());
    if !["/state/running", "/state/terminated", "/lastState/terminated"].into_iter().any(has) {
        return;
    }
    let of_run = format!(
        "{pod}/{}/{}",
        status["name"].as_str().unwrap_or_default(),
        status["restartCount"].as_u64().unwrap_or_default()
    );
    let Some(fields) = status.as_object_mut() else { return };
    if fields.get("containerID").and_then(Value::as_str).unwrap_or_default().is_empty() {
        let id = format!("containerd://{:032x}{:032x}", hash(&of_run), hash(&format!("{of_run}/")));
        fields.insert("containerID".into(), id.into());
    }
}

/// The uids of objects by kind, namespace and name.
pub type Uids = BTreeMap<(String, String, String), String>;

pub fn uids<'a>(objects: impl Iterator<Item = &'a Value>) -> Uids {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let entry = |object: &Value| {
        let metadata = &object["metadata"];
        (
            (text(&object["kind"]), text(&metadata["namespace"]), text(&metadata["name"])),
            text(&metadata["uid"]),
        )
    };
    objects.map(entry).collect()
}

/// Gives owner references and the objects that events are about the uid of what they name.
pub fn refer(object: &mut Value, uids: &Uids) {
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

/// The object at a revision; `custom` kinds are written as their own server does.
pub fn object(value: Value, revision: u64, custom: bool) -> StoredObject {
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
    StoredObject { namespace, name, revision, labels, value, item }
}

/// A uid that is the same in every run: a hash of kind, namespace and name, in the shape of a UUID.
pub fn uid(kind: &str, namespace: &str, name: &str) -> String {
    let hex = format!("{:032x}", hash(&format!("{kind}/{namespace}/{name}")));
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// FNV-1a of 128 bits.
fn hash(text: &str) -> u128 {
    let step =
        |hash: u128, byte: u8| (hash ^ u128::from(byte)).wrapping_mul(0x0000000001000000000000000000013b);
    text.bytes().fold(0x6c62272e07bb014262b821756295c58d, step)
}

#[cfg(test)]
mod tests {
    use super::identify;
    use crate::demo::state::resource;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(status: Value, expect: bool) {
        let pods =
            resource::built_in().into_iter().find(|resource| resource.kind == "Pod").expect("built in");
        let mut pod = json!({"metadata": {"name": "a", "namespace": "shop"}, "status": {"containerStatuses": [status]}});
        identify(&mut pod, &pods);
        let id = pod["status"]["containerStatuses"][0]["containerID"].as_str().unwrap_or_default();
        assert_eq!(id.starts_with("containerd://") && id.len() == 77, expect, "{pod}");
    }

    #[test]
    fn containers_that_ran_have_an_id() {
        check(json!({"name": "app", "state": {"running": {}}}), true);
        check(json!({"name": "app", "state": {"terminated": {"exitCode": 0}}}), true);
        check(
            json!({"name": "app", "state": {"waiting": {}}, "lastState": {"terminated": {"exitCode": 1}}}),
            true,
        );
        check(json!({"name": "app", "state": {"waiting": {}}}), false);
        check(json!({"name": "app"}), false);
        check(json!({"name": "app", "state": {"running": {}}, "containerID": "docker://1"}), false);
        check(json!(7), false);
    }
}
