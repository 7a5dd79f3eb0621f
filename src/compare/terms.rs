//! What a workload says of how it runs its pods: strategy, schedule, claims. Defaults are said, so that saying them or
//! not is the same, and what was not read is not taken for a default.

use crate::compare::attribute::{AttributeName, Attributes, VolumePart, put};
use crate::workload::{Body, ClaimSpec, JobSpec, RolloutStrategy, UpdateStrategy, Workload};

pub fn terms(workload: &Workload, found: &mut Attributes) {
    let mut say = |name: AttributeName, value: &str| put(found, name, value);
    match &workload.body {
        Body::Deployment { spec, .. } => {
            say(AttributeName::Strategy, or(&spec.strategy.kind, "RollingUpdate"));
            say(AttributeName::Paused, truth(spec.paused));
            say(AttributeName::MinReady, &seconds(Some(spec.min_ready_seconds), 0));
            say(AttributeName::ProgressDeadline, &seconds(spec.progress_deadline_seconds, 600));
        }
        Body::StatefulSet { spec, .. } => {
            say(AttributeName::Strategy, &update(&spec.update_strategy));
            say(AttributeName::PodManagement, or(&spec.pod_management_policy, "OrderedReady"));
            say(AttributeName::CoreService, &spec.service_name);
            say(AttributeName::MinReady, &seconds(Some(spec.min_ready_seconds), 0));
            for template in &spec.volume_claim_templates {
                claim(&template.meta.name, &template.spec, found);
            }
        }
        Body::DaemonSet { spec, .. } => {
            say(AttributeName::Strategy, &update(&spec.update_strategy));
            say(AttributeName::MinReady, &seconds(Some(spec.min_ready_seconds), 0));
        }
        Body::Job { spec, .. } => job(spec, found),
        Body::CronJob { spec, .. } => {
            say(AttributeName::Schedule, &spec.schedule);
            say(AttributeName::TimeZone, or(&spec.time_zone, "the controller's"));
            say(AttributeName::Suspended, truth(spec.suspend));
            say(AttributeName::Concurrency, or(&spec.concurrency_policy, "Allow"));
            job(&spec.job_template.spec, found);
        }
        Body::Rollout { spec, .. } => {
            say(AttributeName::Strategy, &progressive(&spec.strategy));
            say(AttributeName::Paused, truth(spec.paused));
            say(AttributeName::MinReady, &seconds(Some(spec.min_ready_seconds), 0));
        }
        Body::ReplicaSet { .. } => {}
    }
}

/// A volume claim: its class and its size.
pub fn claim(volume: &str, spec: &ClaimSpec, found: &mut Attributes) {
    let of_volume = |part| AttributeName::OfVolume(volume.to_string(), part);
    put(found, of_volume(VolumePart::Class), &spec.storage_class_name);
    let size = spec.resources.requests.get("storage").map_or("", String::as_str);
    put(found, of_volume(VolumePart::Size), size);
    put(found, of_volume(VolumePart::Access), spec.access_modes.clone());
}

fn job(spec: &JobSpec, found: &mut Attributes) {
    let number = |number: Option<i64>, default: i64| number.unwrap_or(default).to_string();
    put(found, AttributeName::Parallelism, number(spec.parallelism, 1));
    put(found, AttributeName::BackoffLimit, number(spec.backoff_limit, 6));
    let deadline = spec.active_deadline_seconds.map_or("none".to_string(), |deadline| format!("{deadline}s"));
    put(found, AttributeName::ActiveDeadline, deadline);
}

fn update(strategy: &UpdateStrategy) -> String {
    let kind = or(&strategy.kind, "RollingUpdate");
    let partition = strategy.rolling_update.as_ref().and_then(|rolling| rolling.partition);
    match partition.filter(|partition| *partition != 0) {
        Some(partition) => format!("{kind}, partition {partition}"),
        None => kind.to_string(),
    }
}

fn progressive(strategy: &RolloutStrategy) -> String {
    match (&strategy.canary, &strategy.blue_green) {
        (Some(canary), _) => format!("canary, {}", crate::text::count(canary.steps.len(), "step")),
        (None, Some(_)) => "blue-green".to_string(),
        (None, None) => String::new(),
    }
}

fn or<'a>(text: &'a str, default: &'a str) -> &'a str {
    if text.is_empty() { default } else { text }
}

fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

fn seconds(value: Option<i64>, default: i64) -> String {
    format!("{}s", value.unwrap_or(default))
}

#[cfg(test)]
mod tests {
    use crate::compare::{Sample, differences, workload};
    use crate::workload::{Object, kind};

    #[track_caller]
    fn check(name: &str, one: &str, other: &str, expect: &[&str]) {
        let sample = |cluster: &str, spec: &str| {
            let json = format!(r#"{{"metadata":{{"name":"web"}},"spec":{spec}}}"#);
            let Ok(Object::Workload(read)) = kind(name).expect("a row").observe(&json) else {
                panic!("{json}")
            };
            Sample {
                cluster: cluster.to_string(),
                bad: false,
                attributes: workload(&read, &[]),
                is_partial: false,
                more: 0,
            }
        };
        let found = differences(&[sample("eu", one), sample("us", other)], Some("eu"));
        let said = found.iter().map(|difference| {
            let values: Vec<String> = difference.values.iter().map(|value| value.value.to_string()).collect();
            format!(
                "{} {}: {}",
                difference.attribute.group().word(),
                difference.attribute,
                values.join(" | ")
            )
        });
        assert_eq!(said.collect::<Vec<_>>(), expect);
    }

    #[test]
    fn defaults_are_what_is_not_said() {
        check(
            "Deployment",
            "{}",
            r#"{"strategy":{"type":"RollingUpdate"},"progressDeadlineSeconds":600,"paused":false}"#,
            &[],
        );
        check(
            "StatefulSet",
            "{}",
            r#"{"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":0}},"podManagementPolicy":"OrderedReady"}"#,
            &[],
        );
        check(
            "CronJob",
            r#"{"schedule":"@daily"}"#,
            r#"{"schedule":"@daily","concurrencyPolicy":"Allow","suspend":false,"jobTemplate":{"spec":{"backoffLimit":6}}}"#,
            &[],
        );
    }

    #[test]
    fn schedules_strategies_and_claims_differ() {
        check(
            "CronJob",
            r#"{"schedule":"@daily"}"#,
            r#"{"schedule":"@hourly","suspend":true}"#,
            &["template schedule: @daily | @hourly", "template suspended: false | true"],
        );
        check(
            "Deployment",
            "{}",
            r#"{"strategy":{"type":"Recreate"}}"#,
            &["template strategy: RollingUpdate | Recreate"],
        );
        let claims = |class: &str, size: &str| {
            format!(
                r#"{{"volumeClaimTemplates":[{{"metadata":{{"name":"data"}},"spec":{{"storageClassName":"{class}","resources":{{"requests":{{"storage":"{size}"}}}}}}}}]}}"#
            )
        };
        check(
            "StatefulSet",
            &claims("gp2", "1Gi"),
            &claims("gp3", "2Gi"),
            &["storage volume data class: gp2 | gp3", "storage volume data size: 1Gi | 2Gi"],
        );
        check("StatefulSet", &claims("gp3", "1Gi"), &claims("gp3", "1024Mi"), &[]);
        check(
            "Rollout",
            r#"{"strategy":{"canary":{"steps":[{}]}}}"#,
            r#"{"strategy":{"blueGreen":{}}}"#,
            &["template strategy: canary, 1 step | blue-green"],
        );
    }
}
