//! A pod template as attributes: what is known by name, and all else by its path.

use crate::compare::attribute::{AttributeName, Attributes, ContainerPart, VolumePart, container_part, put};
use crate::compare::mask::{masked, masked_text};
use crate::compare::seal::Hide;
use crate::compare::spec::{is_read, spec};
use crate::compare::value::AttributeValue;
use crate::workload::{Object, kind};
use serde_json::Value;
use std::collections::BTreeSet;

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
    ("terminationMessagePath", "/dev/termination-log"),
    ("terminationMessagePolicy", "File"),
    ("enableServiceLinks", "true"),
    ("automountServiceAccountToken", "true"),
    ("preemptionPolicy", "PreemptLowerPriority"),
    ("hostIPC", "false"),
    ("hostPID", "false"),
    ("shareProcessNamespace", "false"),
    ("stdin", "false"),
    ("stdinOnce", "false"),
    ("tty", "false"),
    ("setHostnameAsFQDN", "false"),
    ("hostUsers", "true"),
    ("nodeAffinityPolicy", "Honor"),
    ("nodeTaintsPolicy", "Ignore"),
    ("minDomains", "1"),
    ("defaultMode", "420"),
    ("recursiveReadOnly", "Disabled"),
];

/// Labels and annotations that controllers and tools write for each object, or each rollout, by itself.
const MARKS: &[&str] = &[
    "kubectl.kubernetes.io/restartedAt",
    "kubectl.kubernetes.io/last-applied-configuration",
    "pod-template-hash",
    "pod-template-generation",
    "rollouts-pod-template-hash",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/job-completion-index",
    // Told as the version and the chart.
    "app.kubernetes.io/version",
    "helm.sh/chart",
];

/// A pod template (JSON text) as attributes, normalised: without defaults, without what controllers mark it with, lists
/// by name or sorted where their order means nothing. What is no JSON object gives nothing.
pub fn template(raw: &str) -> Attributes {
    let mut found = Attributes::new();
    let Some(Ok(Object::Pod(pod))) = kind("Pod").map(|kind| kind.observe(raw)) else { return found };
    spec(&pod.spec, "", &mut found);
    type Named = fn(String) -> AttributeName;
    let marks: [(Named, _); 2] =
        [(AttributeName::Annotation, &pod.meta.annotations), (AttributeName::Label, &pod.meta.labels)];
    for (named, map) in marks {
        for (key, value) in map.iter().filter(|(key, _)| !MARKS.contains(&key.as_str())) {
            let value = match masked(key, &masked_text(value, Hide::Marked), Hide::Marked) {
                empty if empty.is_empty() => AttributeValue::Empty,
                value => AttributeValue::Text(value),
            };
            found.insert(named(key.clone()).into(), value);
        }
    }
    let whole: Value = serde_json::from_str(raw).unwrap_or_default();
    let spec = &whole["spec"];
    rest(None, spec, &mut found);
    for list in ["initContainers", "containers"] {
        for container in spec[list].as_array().into_iter().flatten() {
            rest(Some(container["name"].as_str().unwrap_or_default()), container, &mut found);
        }
    }
    let others = pod.spec.volumes.iter().filter(|volume| !is_read(volume));
    let others: BTreeSet<&str> = others.map(|volume| volume.name.as_str()).collect();
    for volume in spec["volumes"].as_array().into_iter().flatten() {
        let name = volume["name"].as_str().unwrap_or_default();
        if others.contains(name) {
            let source = AttributeName::OfVolume(name.to_string(), VolumePart::Source);
            put(&mut found, source, other_volume(volume));
        }
    }
    found
}

/// What a pod spec, or a container of it, has beside the fields that are read by name.
fn rest(container: Option<&str>, object: &Value, found: &mut Attributes) {
    let name = |path: &str| match container {
        Some(container) => container_part(container, ContainerPart::Field(path.to_string())),
        None => AttributeName::PodField(path.to_string()),
    };
    for (key, value) in object.as_object().into_iter().flatten() {
        // Of a container this word makes a sidecar, which its role tells; of a pod it is nearly always one default.
        let is_told = match key.as_str() {
            "restartPolicy" => container.is_some() || value == "Always",
            "imagePullPolicy" => is_usual_policy(value, object["image"].as_str().unwrap_or_default()),
            key => NAMED.contains(&key),
        };
        if is_told {
            continue;
        }
        flatten(key, key, value, &name, found);
    }
}

/// Without a word an image is pulled each time where its tag is `latest`, else once.
fn is_usual_policy(policy: &Value, image: &str) -> bool {
    let (name, digest) = image.split_once('@').unwrap_or((image, ""));
    let tag = name.rsplit('/').next().and_then(|last| last.split_once(':')).map_or("", |(_, tag)| tag);
    let usual = if digest.is_empty() && matches!(tag, "" | "latest") { "Always" } else { "IfNotPresent" };
    policy == usual
}

fn flatten(
    path: &str,
    key: &str,
    value: &Value,
    name: &impl Fn(&str) -> AttributeName,
    found: &mut Attributes,
) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                flatten(&format!("{path}.{key}"), key, value, name, found);
            }
        }
        Value::Array(items) => {
            // Terms of a preference or a rule count all alike, whatever their order.
            let mut texts: Vec<String> = items.iter().filter_map(|item| text("", item)).collect();
            texts.sort();
            put(found, name(path), texts);
        }
        scalar => put(found, name(path), text(key, scalar).unwrap_or_default()),
    }
}

/// A value in one line, masked, its fields by name, without defaults; nothing where nothing is left.
fn text(key: &str, value: &Value) -> Option<String> {
    let said = match value {
        Value::Null => return None,
        Value::Object(fields) => {
            let mut fields: Vec<String> = fields
                .iter()
                .filter_map(|(key, value)| Some(format!("{key}={}", text(key, value)?)))
                .collect();
            fields.sort();
            match fields.as_slice() {
                [one] => one.clone(),
                all => format!("{{{}}}", all.join(" ")),
            }
        }
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().filter_map(|item| text("", item)).collect();
            items.sort();
            format!("[{}]", items.join(", "))
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let is_default = DEFAULTS.contains(&(key, said.as_str())) || matches!(said.as_str(), "" | "{}" | "[]");
    (!is_default).then(|| masked(key, &masked_text(&said, Hide::Marked), Hide::Marked))
}

/// All of a volume that is of no kind with a name of its own: `hostPath path=/var/log`.
fn other_volume(volume: &Value) -> Vec<String> {
    let kinds = volume.as_object().into_iter().flatten().filter(|(key, _)| *key != "name");
    kinds
        .map(|(kind, value)| format!("{kind} {}", text("", value).unwrap_or_default()).trim_end().to_string())
        .collect()
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
            is_partial: false,
            more: 0,
        };
        let found = differences(&[sample("eu", one), sample("us", other)], Some("eu"));
        let said: Vec<String> = found
            .iter()
            .map(|difference| {
                let values: Vec<String> =
                    difference.values.iter().map(|value| value.value.to_string()).collect();
                format!(
                    "{} {}: {}",
                    difference.attribute.group().word(),
                    difference.attribute,
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
                "env app env DB_PASSWORD: ***(1) | ***(2)",
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
        check(
            r#"{"metadata":{"creationTimestamp":null,"labels":{"app":"web","controller-uid":"a"},"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-01-01T00:00:00Z"}},
               "spec":{"containers":[{"name":"app","image":"web:1","imagePullPolicy":"IfNotPresent","resources":{},"securityContext":{"capabilities":{"drop":["B","A"]}},
                 "livenessProbe":{"httpGet":{"path":"/","port":"http","scheme":"HTTP"},"successThreshold":1},"ports":[{"name":"http","containerPort":80,"protocol":"TCP"}]}],
               "securityContext":{},"hostUsers":true,"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","nodeTaintsPolicy":"Ignore"}],
               "volumes":[{"name":"logs","hostPath":{"path":"/var/log","type":""}}]}}"#,
            r#"{"metadata":{"labels":{"app":"web","controller-uid":"b"}},
               "spec":{"containers":[{"name":"app","image":"web:1","securityContext":{"capabilities":{"drop":["A","B"]}},
                 "livenessProbe":{"httpGet":{"path":"/","port":80}},"ports":[{"name":"http","containerPort":80}]}],
               "topologySpreadConstraints":[{"topologyKey":"zone","maxSkew":1}],"volumes":[{"name":"logs","hostPath":{"path":"/var/log"}}]}}"#,
            &[],
        );
        check(
            r#"{"spec":{"initContainers":[{"name":"p","restartPolicy":"Always","image":"p","imagePullPolicy":"Always"}],"volumes":[{"name":"v","csi":{"driver":"a"}}]}}"#,
            r#"{"spec":{"initContainers":[{"name":"p","image":"p","imagePullPolicy":"Never"}],"volumes":[{"name":"v","csi":{"driver":"b"}}],"restartPolicy":"OnFailure"}}"#,
            &[
                "references volume v: csi driver=a | csi driver=b",
                "template container p: sidecar | init",
                "template p imagePullPolicy: not set | Never",
                "template restartPolicy: not set | OnFailure",
            ],
        );
        assert!(template("[]").is_empty() && template("").is_empty() && template("{\"spec\":3}").is_empty());
    }
}
