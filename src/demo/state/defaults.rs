//! What an API server fills in when it reads an object: the defaults of the kinds that callboard looks at.

use serde_json::{Map, Value, json};

type DefaultedFields = Map<String, Value>;

/// Fills in the fields that a built-in kind leaves out, as kube-apiserver 1.36 does for what it finds in etcd.
pub fn fill(object: &mut Value, plural: &str) {
    let pod = |object: &mut Value, pointer: &str| {
        if let Some(spec) = at(object, pointer) {
            pod_spec(spec);
        }
    };
    match plural {
        "pods" => {
            pod(object, "/spec");
            default(at(object, "/spec"), "enableServiceLinks", json!(true));
            repeat(object, "/status", "podIP", "podIPs");
            repeat(object, "/status", "hostIP", "hostIPs");
        }
        "jobs" => job(object, "/spec"),
        "cronjobs" => {
            defaults(
                at(object, "/spec"),
                json!({"concurrencyPolicy": "Allow", "suspend": false, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1}),
            );
            job(object, "/spec/jobTemplate/spec");
            pod(object, "/spec/jobTemplate/spec/template/spec");
        }
        "services" => service(object),
        "nodes" => {
            if let Some(spec) = at(object, "/spec")
                && let Some(range) = spec.get("podCIDR").cloned()
            {
                spec.entry("podCIDRs").or_insert_with(|| json!([range]));
            }
        }
        "namespaces" => {
            if let Some(fields) = object.as_object_mut() {
                fields.entry("spec").or_insert_with(|| json!({"finalizers": ["kubernetes"]}));
                fields.entry("status").or_insert_with(|| json!({}));
            }
            default(at(object, "/status"), "phase", json!("Active"));
        }
        "secrets" => default(object.as_object_mut(), "type", json!("Opaque")),
        "persistentvolumeclaims" => default(at(object, "/spec"), "volumeMode", json!("Filesystem")),
        "horizontalpodautoscalers" => default(at(object, "/spec"), "minReplicas", json!(1)),
        "deployments" | "statefulsets" | "daemonsets" | "replicasets" => workload(object, plural),
        _ => {}
    }
    if matches!(plural, "deployments" | "statefulsets" | "daemonsets" | "replicasets" | "jobs") {
        pod(object, "/spec/template/spec");
    }
}

fn at<'a>(object: &'a mut Value, pointer: &str) -> Option<&'a mut DefaultedFields> {
    object.pointer_mut(pointer)?.as_object_mut()
}

fn default(fields: Option<&mut DefaultedFields>, name: &str, value: Value) {
    if let Some(fields) = fields {
        fields.entry(name).or_insert(value);
    }
}

fn defaults(fields: Option<&mut DefaultedFields>, values: Value) {
    if let (Some(fields), Value::Object(values)) = (fields, values) {
        values.into_iter().for_each(|(name, value)| default(Some(fields), &name, value));
    }
}

/// `podIP` again as the first of `podIPs`.
fn repeat(object: &mut Value, pointer: &str, one: &str, many: &str) {
    if let Some(fields) = at(object, pointer)
        && let Some(ip) =
            fields.get(one).and_then(Value::as_str).filter(|ip| !ip.is_empty()).map(str::to_string)
    {
        fields.entry(many).or_insert_with(|| json!([{"ip": ip}]));
    }
}

fn workload(object: &mut Value, plural: &str) {
    let spec = at(object, "/spec");
    match plural {
        "deployments" => {
            let rolling = json!({"maxUnavailable": "25%", "maxSurge": "25%"});
            defaults(
                spec,
                json!({"replicas": 1, "strategy": {"type": "RollingUpdate"}, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}),
            );
            rolling_update(at(object, "/spec/strategy"), rolling);
        }
        "statefulsets" => {
            defaults(
                spec,
                json!({"replicas": 1, "podManagementPolicy": "OrderedReady", "updateStrategy": {"type": "RollingUpdate"},
                    "revisionHistoryLimit": 10, "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"}}),
            );
            rolling_update(at(object, "/spec/updateStrategy"), json!({"partition": 0}));
        }
        "daemonsets" => {
            defaults(spec, json!({"updateStrategy": {"type": "RollingUpdate"}, "revisionHistoryLimit": 10}));
            rolling_update(at(object, "/spec/updateStrategy"), json!({"maxUnavailable": 1, "maxSurge": 0}));
        }
        _ => default(spec, "replicas", json!(1)),
    }
}

fn rolling_update(strategy: Option<&mut DefaultedFields>, values: Value) {
    let Some(strategy) = strategy else { return };
    default(Some(strategy), "type", json!("RollingUpdate"));
    if strategy["type"] == "RollingUpdate" {
        default(Some(strategy), "rollingUpdate", json!({}));
        defaults(strategy["rollingUpdate"].as_object_mut(), values);
    }
}

fn job(object: &mut Value, pointer: &str) {
    let Some(spec) = at(object, pointer) else { return };
    if !spec.contains_key("completions") && !spec.contains_key("parallelism") {
        spec.insert("completions".into(), json!(1));
    }
    defaults(
        Some(spec),
        json!({"parallelism": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": false,
            "podReplacementPolicy": "TerminatingOrFailed"}),
    );
}

fn service(object: &mut Value) {
    let Some(spec) = at(object, "/spec") else { return };
    defaults(Some(spec), json!({"type": "ClusterIP", "sessionAffinity": "None"}));
    if spec["type"] != "ExternalName" {
        default(Some(spec), "internalTrafficPolicy", json!("Cluster"));
    }
    if let Some(ip) = spec.get("clusterIP").cloned() {
        spec.entry("clusterIPs").or_insert_with(|| json!([ip]));
    }
    for port in each(spec, "ports") {
        default(Some(port), "protocol", json!("TCP"));
        let number = port.get("port").cloned().unwrap_or_default();
        default(Some(port), "targetPort", number);
    }
    default(object.as_object_mut(), "status", json!({"loadBalancer": {}}));
}

/// The objects in a list.
fn each<'a>(fields: &'a mut DefaultedFields, list: &str) -> impl Iterator<Item = &'a mut DefaultedFields> {
    let items = fields.get_mut(list).and_then(Value::as_array_mut);
    items.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn pod_spec(spec: &mut DefaultedFields) {
    defaults(
        Some(spec),
        json!({"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
            "securityContext": {}, "schedulerName": "default-scheduler"}),
    );
    if let Some(account) = spec.get("serviceAccountName").cloned() {
        default(Some(spec), "serviceAccount", account);
    }
    for list in ["initContainers", "containers"] {
        each(spec, list).for_each(container);
    }
    for volume in each(spec, "volumes") {
        for source in ["secret", "configMap", "projected", "downwardAPI"] {
            default(volume.get_mut(source).and_then(Value::as_object_mut), "defaultMode", json!(420));
        }
    }
}

fn container(container: &mut DefaultedFields) {
    let image = container.get("image").and_then(Value::as_str).unwrap_or_default();
    let name = image.rsplit('/').next().unwrap_or_default();
    let latest = !name.contains('@') && (!name.contains(':') || name.ends_with(":latest"));
    let pull = if latest { "Always" } else { "IfNotPresent" };
    defaults(
        Some(container),
        json!({"resources": {}, "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
            "imagePullPolicy": pull}),
    );
    each(container, "ports").for_each(|port| default(Some(port), "protocol", json!("TCP")));
    for variable in each(container, "env") {
        let field = variable.get_mut("valueFrom").and_then(|from| from.get_mut("fieldRef"));
        default(field.and_then(Value::as_object_mut), "apiVersion", json!("v1"));
    }
    // A limit without a request is a request as well.
    if let Some(limits) = container["resources"].get("limits").cloned()
        && let Some(resources) = container["resources"].as_object_mut()
    {
        default(Some(resources), "requests", json!({}));
        defaults(resources["requests"].as_object_mut(), limits);
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.get_mut(probe).and_then(Value::as_object_mut) else { continue };
        default(probe.get_mut("httpGet").and_then(Value::as_object_mut), "path", json!("/"));
        default(probe.get_mut("httpGet").and_then(Value::as_object_mut), "scheme", json!("HTTP"));
        default(probe.get_mut("grpc").and_then(Value::as_object_mut), "service", json!(""));
        defaults(
            Some(probe),
            json!({"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::fill;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(plural: &str, mut object: Value, pointer: &str, expect: Value) {
        fill(&mut object, plural);
        assert_eq!(object.pointer(pointer), Some(&expect), "{object}");
    }

    #[test]
    fn what_is_left_out_is_filled_in_and_what_is_said_stays() {
        let template = json!({"spec": {"template": {"spec": {"containers": [{"image": "a/b:latest", "ports": [{"containerPort": 80}],
            "resources": {"limits": {"cpu": "1"}}, "readinessProbe": {"httpGet": {"port": 80}, "periodSeconds": 3}}]}}}});
        let first = |field: &str| format!("/spec/template/spec/containers/0/{field}");
        check("deployments", template.clone(), "/spec/replicas", json!(1));
        check("deployments", template.clone(), "/spec/strategy/rollingUpdate/maxSurge", json!("25%"));
        check("deployments", template.clone(), &first("ports/0/protocol"), json!("TCP"));
        check("deployments", template.clone(), &first("imagePullPolicy"), json!("Always"));
        check("deployments", template.clone(), &first("resources/requests/cpu"), json!("1"));
        check("jobs", template.clone(), &first("readinessProbe/httpGet/scheme"), json!("HTTP"));
        check("jobs", template, &first("readinessProbe/periodSeconds"), json!(3));
        check(
            "pods",
            json!({"status": {"podIP": "10.0.0.1"}}),
            "/status/podIPs",
            json!([{"ip": "10.0.0.1"}]),
        );
        check(
            "deployments",
            json!({"spec": {"strategy": {"type": "Recreate"}}}),
            "/spec/strategy",
            json!({"type": "Recreate"}),
        );
        check("services", json!({"spec": {"ports": [{"port": 80}]}}), "/spec/ports/0/targetPort", json!(80));
    }

    #[test]
    fn wrong_types_are_left_alone() {
        for plural in
            ["pods", "services", "deployments", "statefulsets", "jobs", "cronjobs", "nodes", "namespaces"]
        {
            for mut object in [
                json!({"spec": 7}),
                json!({"spec": {"containers": {}, "strategy": "x", "updateStrategy": []}}),
                Value::Null,
            ] {
                fill(&mut object, plural);
            }
        }
        check(
            "pods",
            json!({"spec": {"containers": [7, {"resources": 3}]}}),
            "/spec/containers/1/resources",
            json!(3),
        );
    }
}
