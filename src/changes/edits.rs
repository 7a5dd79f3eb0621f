//! Edits that `managedFields` tells of: by whom, when, and of which fields at most.

use std::collections::BTreeSet;

use crate::changes::change::{Change, ChangeKind};
use crate::changes::object::{FieldsEntry, PastObject, is_automatic};
use crate::changes::rollouts::{beside_template, change, near};

/// What was done to an object beside its rollouts. An entry says when its manager last changed any of its fields, and not which: the
/// change is among them. Status is no edit.
pub fn edits(object: &PastObject, rollouts: &[Change]) -> Vec<Change> {
    let is_told = |entry: &FieldsEntry| {
        let created = object.created.is_some_and(|created| near(entry.time, created));
        let rolled = entry.has_template() && rollouts.iter().any(|one| near(one.time, entry.time));
        entry.subresource == "status" || created || rolled
    };
    let entries = object.entries.iter().filter(|entry| !is_told(entry));
    entries.filter_map(|entry| edit(object, entry)).collect()
}

fn edit(object: &PastObject, entry: &FieldsEntry) -> Option<Change> {
    let fields = match entry.has_template() {
        // Its revision is no longer kept, or was made later: all that is known is that the template was among it.
        true => entry.fields.clone(),
        false => beside_template(entry).into_iter().filter(|field| !is_bookkeeping(field)).collect(),
    };
    if fields.is_empty() {
        return None;
    }
    let scales = entry.subresource == "scale" || fields == ["spec.replicas"];
    let automatic = is_automatic(&entry.manager);
    let manager = Some(entry.manager.clone());
    Some(match scales {
        true => Change {
            note: object.replicas.map(|replicas| format!("{replicas} replicas now")),
            manager,
            automatic,
            ..change(object, entry.time, ChangeKind::Scaling)
        },
        false => Change { fields, manager, automatic, ..change(object, entry.time, ChangeKind::Edit) },
    })
}

/// Fields that controllers keep for themselves.
fn is_bookkeeping(field: &str) -> bool {
    field.starts_with("status.")
        || field.starts_with("metadata.annotations.deployment.kubernetes.io/")
        || field.starts_with("metadata.annotations.rollout.argoproj.io/")
        || field == "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration"
}

/// Edits of a ConfigMap, told by its keys; no value is read.
pub fn config_map_edits(map: &PastObject) -> Vec<Change> {
    let edited = |entry: &FieldsEntry| {
        let keys: BTreeSet<String> = entry
            .fields
            .iter()
            .filter_map(|field| field.strip_prefix("data.").or(field.strip_prefix("binaryData.")))
            .map(str::to_string)
            .collect();
        let kind = match map.created.is_some_and(|created| near(entry.time, created)) {
            true => ChangeKind::Created,
            false => ChangeKind::Config,
        };
        (!keys.is_empty()).then(|| Change {
            manager: Some(entry.manager.clone()),
            automatic: is_automatic(&entry.manager),
            fields: keys.into_iter().collect(),
            ..change(map, entry.time, kind)
        })
    };
    map.entries.iter().filter_map(edited).collect()
}

#[cfg(test)]
mod tests {
    use super::{config_map_edits, edits};
    use crate::changes::change::ChangeKind;
    use crate::changes::object::PastObject;
    use serde_json::{Value, json};

    fn object(kind: &str, entries: Value) -> PastObject {
        let object = json!({"metadata": {"name": "web", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z",
            "managedFields": entries}, "spec": {"replicas": 5}});
        PastObject::of(kind, &object)
    }

    fn entry(manager: &str, time: &str, subresource: &str, fields: Value) -> Value {
        json!({"manager": manager, "time": time, "subresource": subresource, "fieldsV1": fields})
    }

    const LATER: &str = "2026-01-03T00:00:00Z";

    #[track_caller]
    fn check(entry: Value, expected: &[(ChangeKind, bool, &[&str])]) {
        let found = edits(&object("Deployment", json!([entry])), &[]);
        let told: Vec<(ChangeKind, bool, Vec<&str>)> = found
            .iter()
            .map(|one| (one.kind, one.automatic, one.fields.iter().map(String::as_str).collect()))
            .collect();
        let expected: Vec<(ChangeKind, bool, Vec<&str>)> =
            expected.iter().map(|(kind, automatic, fields)| (*kind, *automatic, fields.to_vec())).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn an_entry_is_an_edit_a_scaling_or_nothing() {
        let paused = json!({"f:spec": {"f:paused": {}}});
        check(
            entry("kubectl-edit", LATER, "", paused.clone()),
            &[(ChangeKind::Edit, false, &["spec.paused"])],
        );
        // At its creation it was no edit.
        check(entry("helm", "2026-01-01T00:00:01Z", "", paused), &[]);
        let replicas = json!({"f:spec": {"f:replicas": {}}});
        check(entry("kubectl", LATER, "scale", replicas.clone()), &[(ChangeKind::Scaling, false, &[])]);
        check(
            entry("kube-controller-manager", LATER, "scale", replicas),
            &[(ChangeKind::Scaling, true, &[])],
        );
        check(
            entry("kube-controller-manager", LATER, "status", json!({"f:status": {"f:replicas": {}}})),
            &[],
        );
        let bookkeeping =
            json!({"f:metadata": {"f:annotations": {"f:deployment.kubernetes.io/revision": {}}}});
        check(entry("kube-controller-manager", LATER, "", bookkeeping), &[]);
    }

    #[test]
    fn a_config_map_is_told_by_its_keys() {
        let data = json!({"f:data": {".": {}, "f:LOG_LEVEL": {}, "f:app.yaml": {}}});
        let found = config_map_edits(&object("ConfigMap", json!([entry("kubectl-edit", LATER, "", data)])));
        assert_eq!(found[0].fields, ["LOG_LEVEL", "app.yaml"]);
        assert_eq!(found[0].kind, ChangeKind::Config);
        let labels = json!({"f:metadata": {"f:labels": {"f:a": {}}}});
        assert!(config_map_edits(&object("ConfigMap", json!([entry("x", LATER, "", labels)]))).is_empty());
    }
}
