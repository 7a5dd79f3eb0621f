//! The rows of volumes and their claims.

use jiff::Timestamp;
use serde_json::Value;

use crate::demo::printer::columns::cell::{created, items, name, text_or};

pub fn claim(claim: &Value, now: Timestamp) -> Vec<Value> {
    let (spec, status) = (&claim["spec"], &claim["status"]);
    let bound = spec["volumeName"].as_str().is_some_and(|volume| !volume.is_empty());
    let of_volume = |text: String| Value::from(if bound { text } else { String::new() });
    vec![
        name(claim),
        phase(claim).into(),
        text_or(&spec["volumeName"], "").into(),
        of_volume(text_or(&status["capacity"]["storage"], "")),
        of_volume(access_modes(&status["accessModes"])),
        text_or(&spec["storageClassName"], "").into(),
        text_or(&spec["volumeAttributesClassName"], "<unset>").into(),
        created(claim, now),
        text_or(&spec["volumeMode"], "Filesystem").into(),
    ]
}

pub fn volume(volume: &Value, now: Timestamp) -> Vec<Value> {
    let spec = &volume["spec"];
    let claim = &spec["claimRef"];
    let claim = claim["name"].as_str().map(|name| format!("{}/{name}", text_or(&claim["namespace"], "")));
    vec![
        name(volume),
        text_or(&spec["capacity"]["storage"], "").into(),
        access_modes(&spec["accessModes"]).into(),
        text_or(&spec["persistentVolumeReclaimPolicy"], "Retain").into(),
        phase(volume).into(),
        claim.unwrap_or_default().into(),
        text_or(&spec["storageClassName"], "").into(),
        text_or(&spec["volumeAttributesClassName"], "<unset>").into(),
        text_or(&volume["status"]["reason"], "").into(),
        created(volume, now),
        text_or(&spec["volumeMode"], "Filesystem").into(),
    ]
}

pub fn class(class: &Value, now: Timestamp) -> Vec<Value> {
    let default = class["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] == "true";
    let name = text_or(&class["metadata"]["name"], "");
    vec![
        if default { format!("{name} (default)") } else { name }.into(),
        text_or(&class["provisioner"], "").into(),
        text_or(&class["reclaimPolicy"], "Delete").into(),
        text_or(&class["volumeBindingMode"], "Immediate").into(),
        Value::Bool(class["allowVolumeExpansion"] == true),
        created(class, now),
    ]
}

fn phase(volume: &Value) -> String {
    if volume["metadata"]["deletionTimestamp"].is_string() {
        return "Terminating".into();
    }
    text_or(&volume["status"]["phase"], "Pending")
}

fn access_modes(modes: &Value) -> String {
    const SHORT: &[(&str, &str)] = &[
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let has = |mode: &str| items(modes).iter().any(|item| item == mode);
    SHORT.iter().filter(|(mode, _)| has(mode)).map(|(_, short)| *short).collect::<Vec<_>>().join(",")
}
