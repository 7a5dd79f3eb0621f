//! Rollouts: each revision of a template that is kept, against the one before it.

use jiff::{SignedDuration, Timestamp};

use crate::changes::change::{Change, ChangeKind, ChangedValue};
use crate::changes::object::{FieldsEntry, PastObject, is_automatic, is_of_template};
use crate::compare::{Sample, differences, template};

/// An edit and the revision that its controller makes of it lie no further apart.
pub const ONE_DEED: SignedDuration = SignedDuration::from_secs(60);

/// The rollouts of a workload, from the ReplicaSets or ControllerRevisions that it owns. The oldest that is kept has nothing to be
/// compared with: it is the workload's creation, or it is not told.
pub fn rollouts(workload: &PastObject, revisions: &[PastObject]) -> Vec<Change> {
    let owns = |one: &&PastObject| {
        one.namespace == workload.namespace
            && one.owner.as_ref().is_some_and(|(kind, name)| *kind == workload.kind && *name == workload.name)
    };
    let mut own: Vec<(i64, &PastObject)> =
        revisions.iter().filter(owns).filter_map(|one| Some((one.revision?, one))).collect();
    own.sort_by_key(|(number, _)| *number);
    let newest = own.last().map(|(number, _)| *number);
    let pairs = own.windows(2).filter_map(|pair| match pair {
        [(_, before), (number, after)] => rollout(workload, before, after, *number, Some(*number) == newest),
        _ => None,
    });
    creation(workload).into_iter().chain(pairs).collect()
}

fn creation(workload: &PastObject) -> Option<Change> {
    let created = workload.created?;
    let creator = workload.entries.iter().find(|entry| near(entry.time, created));
    Some(Change {
        manager: creator.map(|entry| entry.manager.clone()),
        ..change(workload, created, ChangeKind::Created)
    })
}

fn rollout(
    workload: &PastObject,
    before: &PastObject,
    after: &PastObject,
    number: i64,
    is_newest: bool,
) -> Option<Change> {
    let made = after.created?;
    // An older one that was taken back was not made by the rollout that brought it back.
    let is_back = before.created.is_some_and(|earlier| made < earlier) || !after.earlier_revisions.is_empty();
    let of_template = |entry: &&FieldsEntry| entry.has_template() && !is_automatic(&entry.manager);
    let (time, who) = match is_back {
        false => {
            let who = workload.entries.iter().filter(of_template).rfind(|entry| near(entry.time, made));
            (made, who)
        }
        // Only of the last deed is known when it was.
        true if is_newest => {
            let last = workload.entries.iter().rfind(of_template)?;
            (last.time, Some(last))
        }
        true => return None,
    };
    let differences = changed(before.template.as_deref()?, after.template.as_deref()?);
    let restarted =
        differences.is_empty() && after.restarted_at.is_some() && after.restarted_at != before.restarted_at;
    let kind = match (is_back, restarted) {
        (true, _) => ChangeKind::Rollback,
        (false, true) => ChangeKind::Restart,
        (false, false) => ChangeKind::Rollout,
    };
    let back = || after.earlier_revisions.last().map(|earlier| format!("back to revision {earlier}"));
    let unseen = || differences.is_empty().then(|| "nothing differs that is compared".to_string());
    let note = match kind {
        ChangeKind::Rollback => back(),
        ChangeKind::Restart => None,
        _ => after.change_cause.clone().map(|cause| format!("change-cause: {cause}")).or_else(unseen),
    };
    Some(Change {
        manager: who.map(|entry| entry.manager.clone()),
        revision: Some(number.to_string()),
        note,
        differences,
        ..change(workload, time, kind)
    })
}

/// Two templates in the terms of `compare`.
fn changed(before: &str, after: &str) -> Vec<ChangedValue> {
    let sample = |name: &str, text: &str| Sample {
        cluster: name.to_string(),
        attributes: template(text),
        ..Sample::default()
    };
    let samples = [sample("before", before), sample("after", after)];
    let found = differences(&samples, Some("before")).into_iter().filter_map(|difference| {
        let value = |name: &str| {
            let of = difference.values.iter().find(|value| value.clusters.iter().any(|one| one == name));
            of.map(|value| value.value.clone())
        };
        let (before, after) = (value("before")?, value("after")?);
        Some(ChangedValue { what: difference.attribute.name().clone(), before, after })
    });
    found.collect()
}

/// A change of that object of which nothing else is known.
pub fn change(object: &PastObject, time: Timestamp, kind: ChangeKind) -> Change {
    Change {
        time,
        kind,
        object: object.kind.clone(),
        namespace: object.namespace.clone(),
        name: object.name.clone(),
        manager: None,
        revision: None,
        differences: Vec::new(),
        fields: Vec::new(),
        note: None,
        automatic: false,
    }
}

/// Whether two instants are of one deed.
pub fn near(one: Timestamp, other: Timestamp) -> bool {
    one.duration_since(other).abs() <= ONE_DEED
}

/// The fields of an entry that are not told by a rollout.
pub fn beside_template(entry: &FieldsEntry) -> Vec<String> {
    entry.fields.iter().filter(|field| !is_of_template(field)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::rollouts;
    use crate::changes::change::{Change, ChangeKind};
    use crate::changes::object::PastObject;
    use serde_json::{Value, json};

    fn workload(entries: Value) -> PastObject {
        let object = json!({"metadata": {"name": "web", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z",
            "managedFields": entries}, "spec": {"replicas": 2}});
        PastObject::of("Deployment", &object)
    }

    fn revision(number: i64, created: &str, image: &str, more: Value) -> PastObject {
        let mut object = json!({"metadata": {"name": format!("web-{number}"), "namespace": "shop", "creationTimestamp": created,
            "annotations": {"deployment.kubernetes.io/revision": number.to_string()},
            "ownerReferences": [{"kind": "Deployment", "name": "web", "controller": true}]},
            "spec": {"template": {"metadata": {"labels": {"app": "web", "pod-template-hash": number.to_string()}},
                "spec": {"containers": [{"name": "app", "image": image, "env": [{"name": "DB_PASSWORD", "value": image}]}]}}}});
        for (key, value) in more.as_object().into_iter().flatten() {
            object["metadata"]["annotations"][key] = value.clone();
        }
        PastObject::of("ReplicaSet", &object)
    }

    fn template_by(manager: &str, time: &str) -> Value {
        json!([{"manager": manager, "operation": "Update", "time": time, "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {}}}}}}])
    }

    fn told(changes: &[Change]) -> Vec<(ChangeKind, String, Option<&str>, Vec<String>)> {
        let told = |change: &Change| {
            let values = change.differences.iter();
            let values = values.map(|one| format!("{} {} -> {}", one.what, one.before, one.after)).collect();
            (change.kind, change.time.to_string(), None, values)
        };
        changes.iter().map(told).collect()
    }

    #[test]
    fn a_revision_is_told_by_what_is_different_in_its_template() {
        let web = workload(template_by("kubectl-edit", "2026-01-02T00:00:01Z"));
        let revisions = [
            revision(1, "2026-01-01T00:00:00Z", "r.example.com/web:1", json!({})),
            revision(2, "2026-01-02T00:00:02Z", "r.example.com/web:2", json!({})),
        ];
        let changes = rollouts(&web, &revisions);
        assert_eq!(
            told(&changes),
            [
                (ChangeKind::Created, "2026-01-01T00:00:00Z".into(), None, Vec::new()),
                (
                    ChangeKind::Rollout,
                    "2026-01-02T00:00:02Z".into(),
                    None,
                    vec![
                        "app image r.example.com/web:1 -> r.example.com/web:2".to_string(),
                        "app env DB_PASSWORD ***(1) -> ***(2)".to_string(),
                    ]
                ),
            ]
        );
        assert_eq!(changes[1].manager.as_deref(), Some("kubectl-edit"));
        assert_eq!(changes[1].revision.as_deref(), Some("2"));
    }

    #[test]
    fn a_rollback_is_told_at_the_instant_of_the_edit() {
        let web = workload(template_by("kubectl-rollout", "2026-01-05T00:00:00Z"));
        let history = json!({"deployment.kubernetes.io/revision-history": "1"});
        let revisions = [
            revision(3, "2026-01-01T00:00:00Z", "web:1", history),
            revision(2, "2026-01-02T00:00:00Z", "web:2", json!({})),
        ];
        let changes = rollouts(&web, &revisions);
        let back = &changes[1];
        assert_eq!(
            (back.kind, back.time.to_string().as_str()),
            (ChangeKind::Rollback, "2026-01-05T00:00:00Z")
        );
        assert_eq!(back.note.as_deref(), Some("back to revision 1"));
        assert_eq!(told(&changes)[1].3[0], "app image web:2 -> web:1");
        // Nobody knows when it was where no entry says so.
        assert_eq!(rollouts(&workload(json!([])), &revisions).len(), 1);
    }

    #[test]
    fn of_others_nothing_is_told() {
        let mut other = revision(2, "2026-01-02T00:00:02Z", "web:2", json!({}));
        other.owner = Some(("Deployment".into(), "api".into()));
        let revisions = [revision(1, "2026-01-01T00:00:00Z", "web:1", json!({})), other];
        assert_eq!(rollouts(&workload(json!([])), &revisions).len(), 1);
    }
}
