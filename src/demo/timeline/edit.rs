//! What is done to a cluster: objects are applied and deleted, as a server counts and tells it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::demo::state::change::{ObjectChange, StoreKey};
use crate::demo::state::manifests::PlacedObject;
use crate::demo::state::object::{self, StoredObject};
use crate::demo::state::store::{Put, Store};

/// Puts the objects there as they are written, each of them new or in the place of the one of its name.
pub fn apply(store: &mut Store, mut objects: Vec<PlacedObject>, now: Timestamp) {
    for placed in &mut objects {
        if let Some(metadata) = placed.value["metadata"].as_object_mut() {
            // What is there already keeps its own.
            let created = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            metadata.entry("creationTimestamp").or_insert(created.into());
        }
    }
    let kinds = store.complete(&mut objects);
    let values = store.all().map(|(_, _, object)| &object.value);
    let uids = object::uids(values.chain(objects.iter().map(|placed| &placed.value)));
    for (placed, kind) in objects.into_iter().zip(kinds) {
        for Put { kept, key, before, after } in store.put(placed.value, kind, &uids) {
            let change = ObjectChange { kept, key, revision: store.revision, before, after: Some(after) };
            store.changes.push(Arc::new(change));
        }
    }
}

/// Takes an object away, and with it all that only it owned, as the garbage collector would. False if it is not there.
pub fn delete(store: &mut Store, kept: &StoreKey, key: &str) -> bool {
    let found = store.all().find(|(of, at, _)| *of == kept && *at == key);
    let Some(first) = found.map(|(_, _, object)| uid(object)) else { return false };
    let mut gone = BTreeSet::from([first]);
    let mut going = vec![(kept.clone(), key.to_string())];
    while let Some((kept, key)) = going.pop() {
        for (kept, before) in store.take(&kept, &key) {
            let change = ObjectChange {
                kept,
                key: key.clone(),
                revision: store.revision,
                before: Some(before),
                after: None,
            };
            store.changes.push(Arc::new(change));
        }
        let orphans: Vec<(StoreKey, String, String)> = store
            .all()
            .filter(|(_, _, object)| is_orphan(object, &gone))
            .map(|(kept, key, object)| (kept.clone(), key.to_string(), uid(object)))
            .collect();
        for (kept, key, uid) in orphans {
            if gone.insert(uid) {
                going.push((kept, key));
            }
        }
    }
    true
}

fn uid(object: &StoredObject) -> String {
    object.value["metadata"]["uid"].as_str().unwrap_or_default().to_string()
}

/// Whether it had owners and all of them are gone.
fn is_orphan(object: &StoredObject, gone: &BTreeSet<String>) -> bool {
    let owners = object.value["metadata"]["ownerReferences"].as_array().map_or(&[][..], Vec::as_slice);
    let is_gone = |owner: &Value| owner["uid"].as_str().is_some_and(|uid| gone.contains(uid));
    !owners.is_empty() && owners.iter().all(is_gone)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{apply, delete};
    use crate::demo::state::manifests;
    use crate::demo::state::store::{Store, build};
    use jiff::Timestamp;

    const WEB: &str = "apiVersion: v1\nkind: List\nitems:\n\
        - {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, generation: 3, creationTimestamp: '2026-01-15T09:00:00Z'}, spec: {replicas: 1}, status: {replicas: 1}}\n\
        - {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-1, ownerReferences: [{kind: Deployment, name: web}]}}\n\
        - {apiVersion: v1, kind: Pod, metadata: {name: web-1-a, ownerReferences: [{kind: ReplicaSet, name: web-1}]}}\n\
        - {apiVersion: v1, kind: Pod, metadata: {name: other}}\n";

    fn web() -> Store {
        build(manifests::read("a.yaml", WEB).expect("objects"), BTreeMap::new()).expect("a store")
    }

    fn applied(store: &mut Store, text: &str) {
        let now: Timestamp = "2026-01-15T10:00:05Z".parse().expect("an instant");
        apply(store, manifests::read("b.yaml", text).expect("objects"), now);
    }

    fn told(store: &Store) -> Vec<String> {
        let told = store.changes.iter().map(|change| {
            let name = |object: &Option<_>| -> String {
                object.as_ref().map_or("-".to_string(), |object: &std::sync::Arc<super::StoredObject>| {
                    object.name.clone()
                })
            };
            format!("{} {} {}->{}", change.revision, change.kept.1, name(&change.before), name(&change.after))
        });
        told.collect()
    }

    #[test]
    fn what_is_applied_goes_on_as_what_it_was() {
        let mut store = web();
        applied(
            &mut store,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n---\n\
             apiVersion: v1\nkind: Pod\nmetadata: {name: new, ownerReferences: [{kind: Deployment, name: web}]}\n",
        );
        let deployments = store.resource("apps", "v1", "deployments").expect("built in");
        let web = &store.object(deployments, Some("default"), "web").expect("it is there").value;
        assert_eq!(web["metadata"]["generation"], 4);
        assert_eq!(web["metadata"]["creationTimestamp"], "2026-01-15T09:00:00Z");
        assert_eq!(
            (&web["metadata"]["resourceVersion"], &web["status"]["replicas"]),
            (&"1005".into(), &1.into())
        );
        let new = &store.pod("default", "new").expect("it is there").value["metadata"];
        assert_eq!(new["creationTimestamp"], "2026-01-15T10:00:05Z");
        assert_eq!(new["ownerReferences"][0]["uid"], web["metadata"]["uid"]);
        assert_eq!(told(&store), ["1005 deployments web->web", "1006 pods -->new"]);
    }

    #[test]
    fn a_generation_counts_changes_of_the_spec_alone() {
        let mut store = web();
        applied(
            &mut store,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {a: b}}\nspec: {replicas: 1}\n",
        );
        let deployments = store.resource("apps", "v1", "deployments").expect("built in");
        let web = store.object(deployments, Some("default"), "web").expect("it is there");
        assert_eq!((&web.value["metadata"]["generation"], web.labels.len()), (&3.into(), 1));
    }

    #[test]
    fn what_is_deleted_takes_along_what_it_owned() {
        let mut store = web();
        let deployments = ("apps".to_string(), "deployments".to_string());
        assert!(!delete(&mut store, &deployments, "default/nope"));
        assert!(delete(&mut store, &deployments, "default/web"));
        assert_eq!(
            told(&store),
            ["1005 deployments web->-", "1006 replicasets web-1->-", "1007 pods web-1-a->-"]
        );
        assert!(store.pod("default", "other").is_some() && store.pod("default", "web-1-a").is_none());
        let last = store.changes[0].last().expect("it was");
        assert_eq!(last.value["metadata"]["resourceVersion"], "1005");
    }

    #[test]
    fn an_event_changes_in_both_its_forms() {
        let mut store = web();
        applied(
            &mut store,
            "apiVersion: v1\nkind: Event\nmetadata: {name: e}\ninvolvedObject: {kind: Pod, name: other}\n",
        );
        assert_eq!(told(&store), ["1005 events -->e", "1005 events -->e"]);
        assert!(delete(&mut store, &(String::new(), "events".to_string()), "default/e"));
        assert_eq!(told(&store)[2..], ["1006 events e->-", "1006 events e->-"]);
    }
}
