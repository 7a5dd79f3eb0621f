//! Alerts of an Alertmanager as questions: what it sends to a webhook, what its API lists, or the labels of one alone.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::commands::owner::question::OwnerQuestion;

/// Labels that name an object, the nearest to what runs first, with the kind that they name.
const NAMED: &[(&str, &str)] = &[
    ("pod", "pod"),
    ("pod_name", "pod"),
    ("deployment", "deploy"),
    ("statefulset", "sts"),
    ("daemonset", "ds"),
    ("replicaset", "rs"),
    ("cronjob", "cronjob"),
    ("job_name", "job"),
    ("horizontalpodautoscaler", "hpa"),
    ("persistentvolumeclaim", "pvc"),
    ("ingress", "ingress"),
];

/// Labels under which the cluster stands.
const CLUSTERS: [&str; 4] = ["cluster", "cluster_name", "kubernetes_cluster", "context"];

/// The questions that alerts ask, each once; the error says what was expected.
pub fn questions(text: &str) -> Result<Vec<OwnerQuestion>, String> {
    let value: Value = serde_json::from_str(text.trim()).map_err(|error| {
        format!("stdin holds no JSON ({error}): an Alertmanager payload, or an alert's labels, was expected")
    })?;
    let alerts: Vec<&Value> = match (&value["alerts"], &value) {
        (Value::Array(alerts), _) | (_, Value::Array(alerts)) => alerts.iter().collect(),
        _ => vec![&value],
    };
    let mut found: Vec<OwnerQuestion> = Vec::new();
    for alert in alerts {
        let labels = if alert["labels"].is_object() { &alert["labels"] } else { alert };
        let labels: BTreeMap<&str, &str> = labels
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.as_str(), value.as_str().filter(|text| !text.is_empty())?)))
            .collect();
        if let Some(question) = question(&labels)
            && !found.contains(&question)
        {
            found.push(question);
        }
    }
    match found.is_empty() {
        true => {
            Err("no alert on stdin has a label that names a pod, a workload, a node or a namespace"
                .to_string())
        }
        false => Ok(found),
    }
}

fn question(labels: &BTreeMap<&str, &str>) -> Option<OwnerQuestion> {
    let namespace =
        ["namespace", "kubernetes_namespace", "exported_namespace"].iter().find_map(|key| labels.get(key));
    let object = NAMED.iter().find_map(|(label, kind)| Some((*kind, *labels.get(label)?)));
    let words = match (object, labels.get("node"), namespace) {
        (Some((kind, name)), ..) if namespace.is_some() || kind == "pod" => format!("{kind}/{name}"),
        (_, Some(node), _) => format!("node/{node}"),
        (_, None, Some(namespace)) => format!("namespace/{namespace}"),
        _ => return None,
    };
    let question = OwnerQuestion::of_words(&[words], namespace.copied()).ok()?;
    let cluster = CLUSTERS.iter().find_map(|key| labels.get(key)).map(|name| name.to_string());
    Some(OwnerQuestion { cluster, ..question })
}

#[cfg(test)]
mod tests {
    use super::questions;

    #[track_caller]
    fn check(text: &str, expect: &[(&str, Option<&str>, Option<&str>)]) {
        let found = questions(text).expect("questions");
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.text.as_str(), one.namespace.as_deref(), one.cluster.as_deref()))
            .collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn the_forms_of_alertmanager_and_labels_alone() {
        let labels = r#"{"alertname": "KubePodCrashLooping", "namespace": "shop", "pod": "cart-1", "cluster": "eu-1", "container": "app"}"#;
        let expect = [("pod/cart-1", Some("shop"), Some("eu-1"))];
        check(labels, &expect);
        check(&format!(r#"[{{"labels": {labels}}}]"#), &expect);
        check(
            &format!(
                r#"{{"version": "4", "status": "firing", "alerts": [{{"labels": {labels}}}, {{"labels": {labels}}}]}}"#
            ),
            &expect,
        );
        check(r#"{"namespace": "shop", "job_name": "night-1"}"#, &[("job/night-1", Some("shop"), None)]);
        check(r#"{"node": "n1"}"#, &[("node/n1", None, None)]);
        check(r#"{"namespace": "shop", "cluster": ""}"#, &[("namespace/shop", Some("shop"), None)]);
    }

    #[test]
    fn what_names_nothing_is_told() {
        for text in ["", "pod", "{}", "[]", r#"{"alerts": []}"#, r#"{"alertname": "Watchdog"}"#, "3", "null"]
        {
            assert!(questions(text).is_err(), "{text}");
        }
        crate::mutation::each(
            &[r#"{"alerts": [{"labels": {"namespace": "shop", "pod": "cart-1", "cluster": "eu"}}]}"#],
            |text| {
                drop(questions(text));
            },
        );
    }
}
