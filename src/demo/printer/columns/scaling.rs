//! The rows of what bounds and scales: autoscalers, disruption budgets, quotas.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::demo::printer::columns::cell::{created, integer, items, name, plain, some_of, text_or};

pub fn autoscaler(scaler: &Value, now: Timestamp) -> Vec<Value> {
    let (spec, status) = (&scaler["spec"], &scaler["status"]);
    let target = &spec["scaleTargetRef"];
    vec![
        name(scaler),
        format!("{}/{}", text_or(&target["kind"], ""), text_or(&target["name"], "")).into(),
        targets(spec, status).into(),
        json!(spec["minReplicas"].as_i64().unwrap_or(1).to_string()),
        json!(integer(&spec["maxReplicas"])),
        json!(integer(&status["currentReplicas"])),
        created(scaler, now),
    ]
}

fn targets(spec: &Value, status: &Value) -> String {
    let current = items(&status["currentMetrics"]);
    let metrics = items(&spec["metrics"]).iter().enumerate();
    let texts: Vec<String> =
        metrics.map(|(index, metric)| target(metric, current.get(index).unwrap_or(&Value::Null))).collect();
    if texts.is_empty() { "<none>".into() } else { some_of(&texts, 2, ", ") }
}

/// `cpu: 45%/80%`, `120/100 (avg)`: what is measured against what is wanted.
fn target(metric: &Value, current: &Value) -> String {
    let kind = text_or(&metric["type"], "");
    let field =
        format!("{}{}", kind.get(..1).unwrap_or_default().to_lowercase(), kind.get(1..).unwrap_or_default());
    let (wanted, measured) = (&metric[&field]["target"], &current[&field]["current"]);
    let per_resource = matches!(kind.as_str(), "Resource" | "ContainerResource");
    let label =
        if per_resource { format!("{}: ", text_or(&metric[&field]["name"], "")) } else { String::new() };
    let percent =
        |value: &Value| value.as_i64().map_or_else(|| "<unknown>".to_string(), |value| format!("{value}%"));
    let amount = |value: &Value| plain(value).unwrap_or_else(|| "<unknown>".into());
    if wanted["averageUtilization"].is_number() {
        return format!(
            "{label}{}/{}",
            percent(&measured["averageUtilization"]),
            percent(&wanted["averageUtilization"])
        );
    }
    if wanted["averageValue"].is_null() {
        return format!("{label}{}/{}", amount(&measured["value"]), amount(&wanted["value"]));
    }
    let average = if matches!(kind.as_str(), "External" | "Object") { " (avg)" } else { "" };
    format!("{label}{}/{}{average}", amount(&measured["averageValue"]), amount(&wanted["averageValue"]))
}

pub fn budget(budget: &Value, now: Timestamp) -> Vec<Value> {
    let or_not = |value: &Value| Value::from(plain(value).unwrap_or_else(|| "N/A".into()));
    vec![
        name(budget),
        or_not(&budget["spec"]["minAvailable"]),
        or_not(&budget["spec"]["maxUnavailable"]),
        json!(integer(&budget["status"]["disruptionsAllowed"])),
        created(budget, now),
    ]
}

pub fn quota(quota: &Value, now: Timestamp) -> Vec<Value> {
    let hard = quota["status"]["hard"].as_object();
    let mut resources: Vec<&String> = hard.into_iter().flatten().map(|(resource, _)| resource).collect();
    resources.sort();
    let text = |resource: &str| {
        let of = |side: &str| plain(&quota["status"][side][resource]).unwrap_or_else(|| "0".into());
        format!("{resource}: {}/{}", of("used"), of("hard"))
    };
    let part = |limits: bool| {
        let chosen = resources.iter().filter(|resource| resource.starts_with("limits") == limits);
        Value::from(chosen.map(|resource| text(resource)).collect::<Vec<_>>().join(", "))
    };
    vec![name(quota), part(false), part(true), created(quota, now)]
}

#[cfg(test)]
mod tests {
    use super::{quota, targets};
    use jiff::Timestamp;
    use serde_json::json;

    #[test]
    fn targets_are_measured_against_wanted() {
        let spec = json!({"metrics": [
            {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}},
            {"type": "External", "external": {"target": {"averageValue": "30"}}},
            {"type": "Pods", "pods": {"target": {"averageValue": "1k"}}}]});
        let status = json!({"currentMetrics": [{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 45}}}]});
        assert_eq!(targets(&spec, &status), "cpu: 45%/80%, <unknown>/30 (avg) + 1 more...");
        assert_eq!(targets(&json!({}), &json!(7)), "<none>");
    }

    #[test]
    fn quotas_tell_requests_from_limits() {
        let full = json!({"metadata": {"name": "q"}, "status": {"hard": {"limits.cpu": "4", "pods": "10"}, "used": {"pods": "10"}}});
        assert_eq!(
            quota(&full, Timestamp::UNIX_EPOCH),
            [json!("q"), json!("pods: 10/10"), json!("limits.cpu: 0/4"), json!("<unknown>")]
        );
    }
}
