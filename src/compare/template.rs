//! A pod template as attributes: what is known by name, and all else by its path.

use crate::compare::attributes::{self, Attributes, Group, put};
use crate::compare::mask::masked_text;
use crate::workload::{Object, kind};
use serde_json::Value;

/// Fields of a pod spec and of a container that `attributes::spec` names already, or that differ without meaning.
const NAMED: &[&str] = &[
    "containers",
    "initContainers",
    "serviceAccountName",
    "serviceAccount",
    "imagePullSecrets",
    "nodeSelector",
    "tolerations",
    "priorityClassName",
    "hostNetwork",
    "terminationGracePeriodSeconds",
    "schedulerName",
    "volumes",
    "name",
    "image",
    "command",
    "args",
    "env",
    "envFrom",
    "resources",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
    "ports",
    "volumeMounts",
];

/// What the API server fills in: saying it or not is the same.
const DEFAULTS: &[(&str, &str)] = &[
    ("dnsPolicy", "ClusterFirst"),
    ("restartPolicy", "Always"),
    ("terminationMessagePath", "/dev/termination-log"),
    ("terminationMessagePolicy", "File"),
    ("enableServiceLinks", "true"),
    ("imagePullPolicy", "IfNotPresent"),
    ("automountServiceAccountToken", "true"),
    ("preemptionPolicy", "PreemptLowerPriority"),
];

/// A pod template (JSON text) as attributes, normalised: without defaults, without its own hash, lists by name.
/// What is no JSON object gives nothing.
pub fn template(raw: &str) -> Attributes {
    let mut found = Attributes::new();
    let Some(Ok(Object::Pod(pod))) = kind("Pod").map(|kind| (kind.observe)(raw)) else { return found };
    attributes::spec(&pod.spec, &mut found);
    for (key, value) in &pod.meta.annotations {
        if !matches!(
            key.as_str(),
            "kubectl.kubernetes.io/restartedAt" | "kubectl.kubernetes.io/last-applied-configuration"
        ) {
            put(&mut found, Group::Template, format!("annotation {key}"), masked_text(value));
        }
    }
    let whole: Value = serde_json::from_str(raw).unwrap_or_default();
    let spec = &whole["spec"];
    rest("", spec, &mut found);
    for list in ["initContainers", "containers"] {
        for container in spec[list].as_array().into_iter().flatten() {
            rest(container["name"].as_str().unwrap_or_default(), container, &mut found);
        }
    }
    found
}

fn rest(prefix: &str, object: &Value, found: &mut Attributes) {
    for (key, value) in object.as_object().into_iter().flatten() {
        if NAMED.contains(&key.as_str()) {
            continue;
        }
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix} {key}") };
        flatten(&path, key, value, found);
    }
}

fn flatten(path: &str, key: &str, value: &Value, found: &mut Attributes) {
    let scalar = match value {
        Value::Null => return,
        Value::Object(fields) => {
            for (key, value) in fields {
                flatten(&format!("{path}.{key}"), key, value, found);
            }
            return;
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let is_default = DEFAULTS.contains(&(key, scalar.as_str()));
    if !is_default {
        put(found, Group::Template, path, crate::compare::masked(key, &masked_text(&scalar)));
    }
}

#[cfg(test)]
mod tests {
    use super::template;
    use crate::compare::contrast::{Sample, differences};

    #[track_caller]
    fn check(one: &str, other: &str, expect: &[&str]) {
        let sample = |cluster: &str, raw: &str| Sample {
            cluster: cluster.to_string(),
            bad: false,
            attributes: template(raw),
        };
        let found = differences(&[sample("eu", one), sample("us", other)], Some("eu"));
        let said: Vec<String> = found
            .iter()
            .map(|difference| {
                let values: Vec<&str> = difference.values.iter().map(|value| value.value.as_str()).collect();
                format!(
                    "{} {}: {}",
                    difference.attribute.group.word(),
                    difference.attribute.what,
                    values.join(" | ")
                )
            })
            .collect();
        assert_eq!(said, expect);
    }

    #[test]
    fn only_what_differs_is_told() {
        check(
            r#"{"spec":{"containers":[{"name":"app","image":"web:1","env":[{"name":"MODE","value":"a"},{"name":"DB_PASSWORD","value":"one"},
                {"name":"KEY_FILE","valueFrom":{"secretKeyRef":{"name":"web","key":"f"}}}],"resources":{"limits":{"memory":"256Mi"}},"terminationMessagePath":"/dev/termination-log"}],
                "dnsPolicy":"ClusterFirst","securityContext":{"runAsUser":1000}}}"#,
            r#"{"spec":{"containers":[{"name":"app","image":"web:2","env":[{"name":"MODE","value":"b"},{"name":"DB_PASSWORD","value":"two"},
                {"name":"KEY_FILE","valueFrom":{"secretKeyRef":{"name":"web-v1","key":"f"}}}],"livenessProbe":{"httpGet":{"path":"/","port":80}}}],
                "securityContext":{"runAsUser":0}}}"#,
            &[
                "images app image: web:1 | web:2",
                "env app env KEY_FILE: from Secret web key f | from Secret web-v1 key f",
                "env app env MODE: a | b",
                "resources app limits.memory: 256Mi | not set",
                "probes app livenessProbe: not set | GET :80/ delay=0s period=10s timeout=1s failures=3",
                "template securityContext.runAsUser: 1000 | 0",
            ],
        );
    }

    #[test]
    fn defaults_and_order_do_not_differ() {
        check(
            r#"{"metadata":{"labels":{"pod-template-hash":"a"}},"spec":{"schedulerName":"default-scheduler","restartPolicy":"Always","tolerations":[{"key":"a"},{"key":"b"}],"containers":[]}}"#,
            r#"{"metadata":{"labels":{"pod-template-hash":"b"}},"spec":{"tolerations":[{"key":"b"},{"key":"a"}],"terminationGracePeriodSeconds":30}}"#,
            &[],
        );
        assert!(template("[]").is_empty() && template("").is_empty() && template("{\"spec\":3}").is_empty());
    }
}
