//! Events have two forms, core/v1 and events.k8s.io/v1, and one store: each is served as either.

use serde_json::Value;

/// The group of the newer form.
pub const GROUP: &str = "events.k8s.io";

/// What a field is called in core/v1, and in events.k8s.io/v1; the others have one name.
const NAMES: &[(&str, &str)] = &[
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("reportingComponent", "reportingController"),
    ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
];

/// Gives an event of the newer form that of core/v1, which is what etcd holds.
pub fn to_core(object: &mut Value) {
    let newer = object["apiVersion"].as_str().is_some_and(|version| version.starts_with("events.k8s.io/"));
    if newer && object["kind"] == "Event" {
        rename(object, "v1", NAMES.iter().map(|(core, newer)| (*newer, *core)));
    }
}

/// A core event in the newer form; nothing for any other object.
pub fn of_core(object: &Value) -> Option<Value> {
    if object["kind"] != "Event" || object["apiVersion"] != "v1" {
        return None;
    }
    let mut twin = object.clone();
    rename(&mut twin, "events.k8s.io/v1", NAMES.iter().copied());
    Some(twin)
}

fn rename<'a>(object: &mut Value, api_version: &str, names: impl Iterator<Item = (&'a str, &'a str)>) {
    object["apiVersion"] = api_version.into();
    let Some(fields) = object.as_object_mut() else { return };
    for (from, to) in names {
        if let Some(value) = fields.shift_remove(from) {
            fields.insert(to.to_string(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{of_core, to_core};

    #[test]
    fn both_forms_say_the_same() {
        let newer = json!({"apiVersion": "events.k8s.io/v1", "kind": "Event", "reason": "BackOff", "note": "again",
            "regarding": {"kind": "Pod"}, "series": {"count": 2}, "reportingController": "kubelet", "deprecatedCount": 3});
        let core = json!({"apiVersion": "v1", "kind": "Event", "reason": "BackOff", "message": "again",
            "involvedObject": {"kind": "Pod"}, "series": {"count": 2}, "reportingComponent": "kubelet", "count": 3});
        let mut changed = newer.clone();
        to_core(&mut changed);
        assert_eq!(changed, core);
        assert_eq!(of_core(&core), Some(newer));
        to_core(&mut changed);
        assert_eq!(changed, core);
        assert_eq!(of_core(&json!({"apiVersion": "v1", "kind": "Pod"})), None);
    }
}
