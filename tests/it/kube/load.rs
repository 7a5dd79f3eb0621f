//! A cluster's objects into etcd as they are written, past the API, which would give them uids, times and statuses of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base64::Engine;
use serde_json::{Value, json};

use crate::fleets::Cluster;
use crate::kube::create;
use crate::kube::http::Caller;
use crate::kube::until;

/// What the server says of a kind.
#[derive(Clone, Debug)]
struct Served {
    path: String,
    group: String,
    plural: String,
    namespaced: bool,
    custom: bool,
}

/// apiVersion and kind.
type Name = (String, String);

pub fn load(server: &Caller, etcd: &Caller, prefix: &str, cluster: &Cluster) {
    let (definitions, mut objects): (Vec<Value>, Vec<Value>) =
        cluster.objects.iter().cloned().partition(|object| object["kind"] == "CustomResourceDefinition");
    let mut groups = BTreeSet::new();
    for definition in &definitions {
        groups.insert(define(server, definition));
    }
    let mut served = BTreeMap::new();
    for name in objects.iter().map(name).collect::<BTreeSet<Name>>() {
        let found = find(server, &name, &groups).unwrap_or_else(|| {
            groups.insert(define(server, &guessed_definition(&name)));
            find(server, &name, &groups).expect("it was defined")
        });
        served.insert(name, found);
    }
    for object in &mut objects {
        complete(object, served[&name(object)].namespaced);
    }
    refer(&mut objects);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for object in &objects {
        let served = &served[&name(object)];
        put(etcd, &format!("/{prefix}/{}", key(served, object)), object);
        *counts.entry(served.path.clone()).or_default() += 1;
    }
    for (path, count) in counts {
        wait_for(server, &path, count);
    }
}

/// What the server says of each object of a cluster, in their order; nothing for one it does not have.
pub fn objects(server: &Caller, cluster: &Cluster) -> Vec<Value> {
    let mut served: BTreeMap<Name, Served> = BTreeMap::new();
    let mut get = |object: &Value| {
        let name = name(object);
        let found = served.entry(name.clone()).or_insert_with(|| {
            find(server, &name, &BTreeSet::new()).unwrap_or_else(|| panic!("{name:?} is not served"))
        });
        let (list, plural) = (found.path.trim_end_matches(&found.plural), &found.plural);
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default");
        let folder = if found.namespaced {
            format!("{list}namespaces/{namespace}/{plural}")
        } else {
            found.path.clone()
        };
        server.get(&format!("{folder}/{}", text(&object["metadata"]["name"]))).json()
    };
    cluster.objects.iter().map(&mut get).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

fn name(object: &Value) -> Name {
    (text(&object["apiVersion"]), text(&object["kind"]))
}

/// Creates a definition and waits until the server serves what it defines. Returns its group.
fn define(server: &Caller, definition: &Value) -> String {
    let mut definition = definition.clone();
    definition.as_object_mut().expect("an object").remove("status");
    let name = text(&definition["metadata"]["name"]);
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    create(server, path, &definition);
    let group = text(&definition["spec"]["group"]);
    let version = text(&definition["spec"]["versions"][0]["name"]);
    let list = format!("/apis/{group}/{version}/{}", text(&definition["spec"]["names"]["plural"]));
    let established = || {
        let status = server.get(&format!("{path}/{name}")).json();
        let conditions = status["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let yes = |condition: &Value| condition["type"] == "Established" && condition["status"] == "True";
        conditions.iter().any(yes) && server.get(&list).status == 200
    };
    assert!(until(Duration::from_secs(60), established), "{name} is not established");
    group
}

/// A definition for a kind that a fleet holds without one, as the simulated servers guess it.
fn guessed_definition((api_version, kind): &Name) -> Value {
    let (group, version) = api_version.split_once('/').expect("the kinds of the core group are all known");
    let singular = kind.to_lowercase();
    let plural = match kind.as_str() {
        "PodMetrics" => "pods".to_string(),
        "NodeMetrics" => "nodes".to_string(),
        _ if singular.ends_with("endpoints") => singular.clone(),
        _ if singular.ends_with('s') => format!("{singular}es"),
        _ => singular.strip_suffix('y').map_or(format!("{singular}s"), |stem| format!("{stem}ies")),
    };
    let schema = json!({"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {
            "name": format!("{plural}.{group}"),
            // Without it the server accepts no group of Kubernetes' own.
            "annotations": {"api-approved.kubernetes.io": "unapproved, test double"},
        },
        "spec": {
            "group": group,
            "scope": if kind == "NodeMetrics" { "Cluster" } else { "Namespaced" },
            "names": {"kind": kind, "plural": plural, "singular": singular, "listKind": format!("{kind}List")},
            "versions": [{"name": version, "served": true, "storage": true, "schema": schema}],
        },
    })
}

/// What discovery says of a kind; nothing if the server does not know it.
fn find(server: &Caller, (api_version, kind): &Name, custom_groups: &BTreeSet<String>) -> Option<Served> {
    let path = if api_version.contains('/') {
        format!("/apis/{api_version}")
    } else {
        format!("/api/{api_version}")
    };
    let reply = server.get(&path);
    if reply.status != 200 {
        return None;
    }
    let resources = reply.json()["resources"].as_array().cloned().unwrap_or_default();
    let found = resources
        .iter()
        .find(|found| found["kind"] == kind.as_str() && !text(&found["name"]).contains('/'))?;
    let (group, _) = api_version.split_once('/').unwrap_or_default();
    let plural = text(&found["name"]);
    Some(Served {
        path: format!("{path}/{plural}"),
        group: group.to_string(),
        namespaced: found["namespaced"] == true,
        custom: custom_groups.contains(group),
        plural,
    })
}

/// The fleet format's defaults: an absent namespace is `default`, an absent uid follows from kind, namespace and name.
fn complete(object: &mut Value, namespaced: bool) {
    let kind = text(&object["kind"]);
    let metadata = object["metadata"].as_object_mut().expect("every object has metadata");
    if namespaced {
        metadata.entry("namespace").or_insert("default".into());
    } else {
        metadata.remove("namespace");
    }
    let field = |name: &str| metadata.get(name).map(text).unwrap_or_default();
    let uid = uid(&kind, &field("namespace"), &field("name"));
    let uid = text(metadata.entry("uid").or_insert(uid.into()));
    let lists = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"];
    for list in lists.iter().filter(|_| kind == "Pod") {
        let statuses = object["status"].get_mut(list).and_then(Value::as_array_mut);
        statuses.into_iter().flatten().for_each(|status| give_container_id(status, &uid));
    }
}

/// A container that has run has an id, which follows from its pod, its name and the number of its run.
fn give_container_id(status: &mut Value, pod: &str) {
    let is_there = |pointer: &str| status.pointer(pointer).is_some_and(|state| !state.is_null());
    let has_run = ["/state/running", "/state/terminated", "/lastState/terminated"].into_iter().any(is_there);
    if has_run && text(&status["containerID"]).is_empty() {
        let run = format!("{pod}/{}/{}", text(&status["name"]), status["restartCount"].as_u64().unwrap_or(0));
        status["containerID"] =
            format!("containerd://{:032x}{:032x}", hash(&run), hash(&format!("{run}/"))).into();
    }
}

/// References to owners, and of events to what they are about, get the uid of what they name.
fn refer(objects: &mut [Value]) {
    let uids: BTreeMap<[String; 3], String> = objects
        .iter()
        .map(|object| {
            let metadata = &object["metadata"];
            let key = [text(&object["kind"]), text(&metadata["namespace"]), text(&metadata["name"])];
            (key, text(&metadata["uid"]))
        })
        .collect();
    let fill = |reference: &mut Value, namespace: &str| {
        let (kind, name) = (text(&reference["kind"]), text(&reference["name"]));
        let known = |namespace: &str| uids.get(&[kind.clone(), namespace.to_string(), name.clone()]).cloned();
        let found = known(namespace).or_else(|| known("")).unwrap_or_else(|| uid(&kind, namespace, &name));
        reference.as_object_mut().expect("a reference").entry("uid").or_insert(found.into());
    };
    for object in objects {
        let namespace = text(&object["metadata"]["namespace"]);
        if let Some(owners) = object["metadata"].get_mut("ownerReferences").and_then(Value::as_array_mut) {
            owners.iter_mut().for_each(|owner| fill(owner, &namespace));
        }
        if let Some(about) = object.get_mut("involvedObject") {
            let namespace = text(&about["namespace"]);
            fill(about, &namespace);
        }
    }
}

fn hash(text: &str) -> u128 {
    let (basis, prime) = (0x6c62272e07bb014262b821756295c58d_u128, 0x0000000001000000000000000000013b_u128);
    text.bytes().fold(basis, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(prime))
}

/// FNV-1a of 128 bits over kind, namespace and name, in the shape of a UUID: the simulated servers' rule.
fn uid(kind: &str, namespace: &str, name: &str) -> String {
    let hex = format!("{:032x}", hash(&format!("{kind}/{namespace}/{name}")));
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// Where kube-apiserver keeps an object, below its prefix.
fn key(served: &Served, object: &Value) -> String {
    let folder = match (served.group.as_str(), served.plural.as_str()) {
        (group, plural) if served.custom => format!("{group}/{plural}"),
        ("", "nodes") => "minions".into(),
        ("", "services") => "services/specs".into(),
        ("", "endpoints") => "services/endpoints".into(),
        ("", "replicationcontrollers") => "controllers".into(),
        ("networking.k8s.io", "ingresses") => "ingress".into(),
        (_, plural) => plural.into(),
    };
    let name = text(&object["metadata"]["name"]);
    match served.namespaced {
        true => format!("{folder}/{}/{name}", text(&object["metadata"]["namespace"])),
        false => format!("{folder}/{name}"),
    }
}

fn put(etcd: &Caller, key: &str, object: &Value) {
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let reply = etcd.post("/v3/kv/put", &json!({"key": encode(key), "value": encode(&object.to_string())}));
    assert_eq!(reply.status, 200, "{key}: {}", reply.text());
}

/// The watch cache follows etcd by a moment; an object that the server cannot decode shows here, too.
fn wait_for(server: &Caller, path: &str, count: usize) {
    let listed = || {
        let reply = server.get(&format!("{path}?resourceVersion=0"));
        assert!(reply.status < 500 || reply.status == 503, "{path}: {}", reply.text());
        reply.status == 200 && reply.json()["items"].as_array().is_some_and(|items| items.len() >= count)
    };
    assert!(until(Duration::from_secs(30), listed), "{path} does not list {count} objects");
}
