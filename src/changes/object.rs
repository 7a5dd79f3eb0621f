//! An object with what the API server keeps of its past: who set which fields when, its template, its revision.

use jiff::Timestamp;
use serde_json::Value;

/// An entry of `metadata.managedFields`: what a manager has set, and when it last changed any of it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldsEntry {
    pub manager: String,
    pub time: Timestamp,
    /// `scale`, `status`; empty for the object itself.
    pub subresource: String,
    /// Paths of leaves: `spec.template.spec.containers[app].image`.
    pub fields: Vec<String>,
}

/// What is read of an object to tell its past. What is not there is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PastObject {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub created: Option<Timestamp>,
    /// Kind and name of what manages it.
    pub owner: Option<(String, String)>,
    /// The number of the revision that it is, for ReplicaSets and ControllerRevisions.
    pub revision: Option<i64>,
    /// The numbers that it had before a rollback brought it back.
    pub earlier_revisions: Vec<i64>,
    /// What whoever changed it wrote beside it.
    pub change_cause: Option<String>,
    /// The pod template as JSON text.
    pub template: Option<String>,
    /// When `kubectl rollout restart` was last asked for, as the template has it.
    pub restarted_at: Option<String>,
    pub replicas: Option<i64>,
    /// What an autoscaler scales: kind and name.
    pub target: Option<(String, String)>,
    /// The oldest first.
    pub entries: Vec<FieldsEntry>,
}

/// Managers that nobody steers by hand: their deeds answer others'.
pub fn is_automatic(manager: &str) -> bool {
    const CONTROLLERS: &[&str] = &[
        "kube-controller-manager",
        "kube-scheduler",
        "cloud-controller-manager",
        "cluster-autoscaler",
        "rollouts-controller",
        "keda",
        "vpa-recommender",
        "vpa-updater",
    ];
    CONTROLLERS.contains(&manager)
}

impl PastObject {
    /// Reads an item of a list of that kind, or its metadata alone. What is malformed is as absent: it is somebody's note, not a verdict.
    pub fn of(kind: &str, object: &Value) -> PastObject {
        let meta = &object["metadata"];
        let text = |value: &Value| value.as_str().map(str::to_string);
        let annotation = |key: &str| text(&meta["annotations"][key]);
        let number = |key: &str| annotation(key)?.parse().ok();
        let (spec, data) = (&object["spec"], &object["data"]);
        let template = match kind {
            "ControllerRevision" => &data["spec"]["template"],
            "CronJob" => &spec["jobTemplate"]["spec"]["template"],
            _ => &spec["template"],
        };
        let owners = meta["ownerReferences"].as_array().into_iter().flatten();
        let owner = owners.clone().find(|owner| owner["controller"] == true).or(owners.clone().next());
        let revision = object["revision"]
            .as_i64()
            .or_else(|| number("deployment.kubernetes.io/revision"))
            .or_else(|| number("rollout.argoproj.io/revision"));
        let earlier = annotation("deployment.kubernetes.io/revision-history").unwrap_or_default();
        let mut entries: Vec<FieldsEntry> =
            meta["managedFields"].as_array().into_iter().flatten().filter_map(FieldsEntry::of).collect();
        entries.sort_by_key(|entry| entry.time);
        let target = &spec["scaleTargetRef"];
        PastObject {
            kind: kind.to_string(),
            namespace: text(&meta["namespace"]).unwrap_or_default(),
            name: text(&meta["name"]).unwrap_or_default(),
            created: instant(&meta["creationTimestamp"]),
            owner: owner.and_then(|owner| Some((text(&owner["kind"])?, text(&owner["name"])?))),
            revision,
            earlier_revisions: earlier.split(',').filter_map(|number| number.trim().parse().ok()).collect(),
            change_cause: annotation("kubernetes.io/change-cause").filter(|cause| !cause.trim().is_empty()),
            restarted_at: text(&template["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"]),
            template: template.is_object().then(|| template.to_string()),
            replicas: spec["replicas"].as_i64(),
            target: text(&target["kind"]).zip(text(&target["name"])),
            entries,
        }
    }
}

impl FieldsEntry {
    fn of(entry: &Value) -> Option<FieldsEntry> {
        let mut fields = Vec::new();
        leaves(&entry["fieldsV1"], String::new(), 0, &mut fields);
        Some(FieldsEntry {
            manager: entry["manager"].as_str().unwrap_or("an unnamed client").to_string(),
            time: instant(&entry["time"])?,
            subresource: entry["subresource"].as_str().unwrap_or_default().to_string(),
            fields,
        })
    }

    /// Whether the manager has set anything of the pod template.
    pub fn has_template(&self) -> bool {
        self.fields.iter().any(|field| is_of_template(field))
    }
}

/// Whether a field is one of the pod template.
pub fn is_of_template(field: &str) -> bool {
    field.starts_with("spec.template.") || field.starts_with("spec.jobTemplate.")
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// Deeper than any object of Kubernetes; a hostile one must not take the stack.
const DEEPEST: usize = 64;

/// The paths of what has nothing below it: `f:` is a field, `k:` an item by its keys, `v:` a member of a set, `.` the thing itself.
fn leaves(fields: &Value, path: String, depth: usize, found: &mut Vec<String>) {
    let below = fields.as_object().filter(|_| depth < DEEPEST);
    let parts = below.into_iter().flatten().filter(|(key, _)| *key != ".");
    let mut is_leaf = true;
    for (key, value) in parts {
        is_leaf = false;
        let (kind, rest) = key.split_once(':').unwrap_or(("f", key));
        let path = match kind {
            "f" if path.is_empty() => rest.to_string(),
            "f" => format!("{path}.{rest}"),
            "k" => format!("{path}[{}]", item(rest)),
            _ => format!("{path}[{}]", rest.trim_matches('"')),
        };
        leaves(value, path, depth + 1, found);
    }
    if is_leaf && !path.is_empty() {
        found.push(path);
    }
}

/// An item by what tells it from others: the name alone where it has one.
fn item(keys: &str) -> String {
    let keys: Value = serde_json::from_str(keys).unwrap_or_default();
    if let Some(name) = keys["name"].as_str() {
        return name.to_string();
    }
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
    keys.as_object().into_iter().flatten().map(|(_, value)| plain(value)).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::PastObject;
    use serde_json::json;

    #[test]
    fn fields_are_paths_of_leaves() {
        let object = json!({"metadata": {"name": "web", "namespace": "shop", "managedFields": [
            {"manager": "kubectl-edit", "operation": "Update", "time": "2026-01-01T00:00:00Z", "fieldsV1": {
                "f:spec": {"f:replicas": {}, "f:template": {"f:spec": {"f:containers": {
                    "k:{\"name\":\"app\"}": {".": {}, "f:image": {}, "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {"f:name": {}}}}}}}},
                "f:metadata": {"f:finalizers": {"v:\"x\"": {}}}}},
            {"manager": "timeless"},
            {"manager": "early", "time": "2025-01-01T00:00:00Z", "subresource": "status", "fieldsV1": null}]}});
        let past = PastObject::of("Deployment", &object);
        assert_eq!(past.entries.len(), 2, "an entry without a time tells nothing");
        assert_eq!((past.entries[0].manager.as_str(), past.entries[0].fields.len()), ("early", 0));
        let mut fields = past.entries[1].fields.clone();
        fields.sort();
        assert_eq!(
            fields,
            [
                "metadata.finalizers[x]",
                "spec.replicas",
                "spec.template.spec.containers[app].image",
                "spec.template.spec.containers[app].ports[80,TCP].name",
            ]
        );
        assert!(past.entries[1].has_template());
    }

    #[test]
    fn anything_is_read() {
        for odd in [json!(null), json!([]), json!({"metadata": 3, "spec": "x", "revision": "no"})] {
            assert_eq!(PastObject::of("Deployment", &odd).entries.len(), 0);
        }
        let deep = (0..100).fold(json!({}), |inner, _| json!({"f:a": inner}));
        let object =
            json!({"metadata": {"managedFields": [{"time": "2026-01-01T00:00:00Z", "fieldsV1": deep}]}});
        assert_eq!(PastObject::of("Deployment", &object).entries[0].fields.len(), 1);
    }
}
