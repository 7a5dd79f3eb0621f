//! The rows of what runs pods.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::demo::printer::columns::cell::{
    age, containers, created, integer, items, labels, name, selector, text_or,
};
use crate::demo::printer::columns::core::duration;
use crate::workload::{self, JobSpec, JobStatus};

pub fn deployment(deployment: &Value, now: Timestamp) -> Vec<Value> {
    let status = &deployment["status"];
    let mut row = vec![
        name(deployment),
        format!("{}/{}", integer(&status["readyReplicas"]), desired(deployment)).into(),
        json!(integer(&status["updatedReplicas"])),
        json!(integer(&status["availableReplicas"])),
        created(deployment, now),
    ];
    row.extend(runs(deployment));
    row
}

pub fn replica_set(set: &Value, now: Timestamp) -> Vec<Value> {
    let status = &set["status"];
    let mut row = vec![
        name(set),
        json!(desired(set)),
        json!(integer(&status["replicas"])),
        json!(integer(&status["readyReplicas"])),
        created(set, now),
    ];
    row.extend(runs(set));
    row
}

pub fn stateful_set(set: &Value, now: Timestamp) -> Vec<Value> {
    let ready = format!("{}/{}", integer(&set["status"]["readyReplicas"]), desired(set));
    let mut row = vec![name(set), ready.into(), created(set, now)];
    row.extend(containers(&set["spec"]["template"]));
    row
}

pub fn daemon_set(set: &Value, now: Timestamp) -> Vec<Value> {
    let number = |field: &str| json!(integer(&set["status"][field]));
    let mut row = vec![
        name(set),
        number("desiredNumberScheduled"),
        number("currentNumberScheduled"),
        number("numberReady"),
        number("updatedNumberScheduled"),
        number("numberAvailable"),
        labels(&set["spec"]["template"]["spec"]["nodeSelector"]).into(),
        created(set, now),
    ];
    row.extend(runs(set));
    row
}

pub fn job(job: &Value, now: Timestamp) -> Vec<Value> {
    let (spec, status) = (&job["spec"], &job["status"]);
    let cells = workload::job_columns(
        &serde_json::from_str::<JobSpec>(&spec.to_string()).unwrap_or_default(),
        &serde_json::from_str::<JobStatus>(&status.to_string()).unwrap_or_default(),
        job["metadata"]["deletionTimestamp"].is_string(),
    );
    let mut row = vec![
        name(job),
        cells.status.into(),
        cells.completions.into(),
        duration(&status["startTime"], &status["completionTime"], now).into(),
        created(job, now),
    ];
    row.extend(runs(job));
    row
}

pub fn cron_job(job: &Value, now: Timestamp) -> Vec<Value> {
    let (spec, last) = (&job["spec"], &job["status"]["lastScheduleTime"]);
    let mut row = vec![
        name(job),
        text_or(&spec["schedule"], "").into(),
        text_or(&spec["timeZone"], "<none>").into(),
        if spec["suspend"] == true { "True".into() } else { "False".into() },
        json!(items(&job["status"]["active"]).len()),
        if last.is_string() { age(last, now).into() } else { "<none>".into() },
        created(job, now),
    ];
    row.extend(runs(&spec["jobTemplate"]));
    row
}

/// Wanted replicas; one where nothing is said.
fn desired(workload: &Value) -> i64 {
    workload["spec"]["replicas"].as_i64().unwrap_or(1)
}

/// Containers, images and selector. A ReplicationController's selector is a map of labels.
fn runs(workload: &Value) -> Vec<Value> {
    let spec = &workload["spec"];
    let of = &spec["selector"];
    let object_form = ["matchLabels", "matchExpressions"].iter().any(|form| of.get(form).is_some());
    let mut cells = containers(&spec["template"]).to_vec();
    cells.push(if object_form { selector(of) } else { labels(of) }.into());
    cells
}

#[cfg(test)]
mod tests {
    use super::{cron_job, deployment, job};
    use jiff::Timestamp;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(row: fn(&Value, Timestamp) -> Vec<Value>, object: &Value, expect: &str) {
        let now = "2026-01-15T10:00:00Z".parse().expect("an instant");
        let texts: Vec<String> = row(object, now).iter().map(ToString::to_string).collect();
        assert_eq!(texts.join(" "), expect);
    }

    #[test]
    fn rows_are_kubectls() {
        let template = json!({"spec": {"containers": [{"name": "app", "image": "web:1"}, {"name": "proxy", "image": "envoy:2"}]}});
        check(
            deployment,
            &json!({"metadata": {"name": "web"}, "spec": {"template": template, "selector": {"matchLabels": {"app": "web"}}}, "status": {}}),
            r#""web" "0/1" 0 0 "<unknown>" "app,proxy" "web:1,envoy:2" "app=web""#,
        );
        check(
            job,
            &json!({"metadata": {"name": "j"}, "spec": {"completions": 2}, "status": {"succeeded": 1, "startTime": "2026-01-15T09:59:00Z"}}),
            r#""j" "Running" "1/2" "60s" "<unknown>" "" "" "<none>""#,
        );
        check(
            cron_job,
            &json!({"metadata": {"name": "c"}, "spec": {"schedule": "* * * * *", "suspend": true}, "status": {"active": [{}]}}),
            r#""c" "* * * * *" "<none>" "True" 1 "<none>" "<unknown>" "" "" "<none>""#,
        );
    }
}
