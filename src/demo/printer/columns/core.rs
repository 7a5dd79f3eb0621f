//! The rows of pods, nodes and what configures them.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::demo::printer::columns::cell::{count, created, instant, items, name, text_or};
use crate::text;
use crate::workload::{self, Pod};

pub fn pod(pod: &Value, now: Timestamp) -> Vec<Value> {
    let [ready, status, restarts] = pod_cells(pod, now);
    let none = |value: &Value| text_or(value, "<none>");
    let (spec, status_of) = (&pod["spec"], &pod["status"]);
    let ip = status_of["podIPs"][0]["ip"]
        .as_str()
        .or(status_of["podIP"].as_str())
        .filter(|ip| !ip.is_empty())
        .unwrap_or("<none>");
    vec![
        name(pod),
        ready.into(),
        status.into(),
        restarts.into(),
        created(pod, now),
        ip.into(),
        none(&spec["nodeName"]).into(),
        none(&status_of["nominatedNodeName"]).into(),
        readiness_gates(pod).into(),
    ]
}

/// READY, STATUS and RESTARTS.
fn pod_cells(pod: &Value, now: Timestamp) -> [String; 3] {
    let Ok(pod) = Pod::of(&pod.to_string()) else { return Default::default() };
    let columns = workload::columns(&pod);
    [columns.ready.clone(), columns.status.clone(), columns.restarts_cell(now)]
}

fn readiness_gates(pod: &Value) -> String {
    let gates = items(&pod["spec"]["readinessGates"]);
    if gates.is_empty() {
        return "<none>".into();
    }
    let conditions = items(&pod["status"]["conditions"]);
    let holds = |gate: &&Value| {
        conditions
            .iter()
            .any(|condition| condition["type"] == gate["conditionType"] && condition["status"] == "True")
    };
    format!("{}/{}", gates.iter().filter(holds).count(), gates.len())
}

pub fn namespace(namespace: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(namespace), text_or(&namespace["status"]["phase"], "Active").into(), created(namespace, now)]
}

pub fn node(node: &Value, now: Timestamp) -> Vec<Value> {
    let info = &node["status"]["nodeInfo"];
    let address = |kind: &str| {
        let found = items(&node["status"]["addresses"]).iter().find(|address| address["type"] == kind);
        found.and_then(|address| address["address"].as_str()).unwrap_or("<none>").to_string()
    };
    vec![
        name(node),
        node_status(node).into(),
        node_roles(node).into(),
        created(node, now),
        text_or(&info["kubeletVersion"], "").into(),
        address("InternalIP").into(),
        address("ExternalIP").into(),
        text_or(&info["osImage"], "<unknown>").into(),
        kernel(info).into(),
        text_or(&info["containerRuntimeVersion"], "<unknown>").into(),
    ]
}

/// `6.12.58 (amd64)`
fn kernel(info: &Value) -> String {
    let version = text_or(&info["kernelVersion"], "<unknown>");
    match info["architecture"].as_str().filter(|architecture| !architecture.is_empty()) {
        Some(architecture) if version != "<unknown>" => format!("{version} ({architecture})"),
        _ => version,
    }
}

fn node_status(node: &Value) -> String {
    let ready = items(&node["status"]["conditions"]).iter().find(|condition| condition["type"] == "Ready");
    let word = match ready {
        Some(condition) if condition["status"] == "True" => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    if node["spec"]["unschedulable"] == true { format!("{word},SchedulingDisabled") } else { word.into() }
}

fn node_roles(node: &Value) -> String {
    let labels = node["metadata"]["labels"].as_object().into_iter().flatten();
    let role = |(key, value): (&String, &Value)| match key.strip_prefix("node-role.kubernetes.io/") {
        Some(role) => Some(role.to_string()),
        None if key == "kubernetes.io/role" => value.as_str().map(str::to_string),
        None => None,
    };
    let mut roles: Vec<String> = labels.filter_map(role).filter(|role| !role.is_empty()).collect();
    roles.sort();
    roles.dedup();
    if roles.is_empty() { "<none>".into() } else { roles.join(",") }
}

pub fn config_map(map: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(map), json!(count(&map["data"]) + count(&map["binaryData"])), created(map, now)]
}

pub fn secret(secret: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        name(secret),
        text_or(&secret["type"], "Opaque").into(),
        json!(count(&secret["data"])),
        created(secret, now),
    ]
}

pub fn lease(lease: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(lease), text_or(&lease["spec"]["holderIdentity"], "").into(), created(lease, now)]
}

/// How long something took, or has been taking.
pub fn duration(from: &Value, to: &Value, now: Timestamp) -> String {
    let Some(start) = instant(from) else { return String::new() };
    text::age_of(start, instant(to).unwrap_or(now))
}

#[cfg(test)]
mod tests {
    use super::{node, pod};
    use jiff::Timestamp;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(cells: Vec<Value>, expect: &str) {
        let texts: Vec<String> =
            cells.iter().map(|cell| cell.as_str().map_or_else(|| cell.to_string(), str::to_string)).collect();
        assert_eq!(texts.join(" | "), expect);
    }

    fn now() -> Timestamp {
        "2026-01-15T10:00:00Z".parse().expect("an instant")
    }

    #[test]
    fn pods_say_what_kubectl_says() {
        let crashing = json!({"metadata": {"name": "a", "creationTimestamp": "2026-01-15T09:00:00Z"},
            "spec": {"nodeName": "n-1", "containers": [{"name": "app"}], "readinessGates": [{"conditionType": "x"}]},
            "status": {"phase": "Running", "podIPs": [{"ip": "10.0.0.9"}], "containerStatuses": [{"name": "app", "restartCount": 3,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-01-15T09:58:00Z"}}}]}});
        check(
            pod(&crashing, now()),
            "a | 0/1 | CrashLoopBackOff | 3 (2m ago) | 60m | 10.0.0.9 | n-1 | <none> | 0/1",
        );
    }

    #[test]
    fn nodes_say_whether_they_take_pods() {
        let cordoned = json!({"metadata": {"name": "n", "labels": {"node-role.kubernetes.io/worker": "", "kubernetes.io/role": "edge"}},
            "spec": {"unschedulable": true}, "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}});
        check(
            node(&cordoned, now()),
            "n | NotReady,SchedulingDisabled | edge,worker | <unknown> |  | <none> | <none> | <unknown> | <unknown> | <unknown>",
        );
    }
}
