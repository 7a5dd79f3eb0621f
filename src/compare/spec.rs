//! A pod spec as attributes: without what servers, admission and controllers add to every pod by themselves.

use crate::compare::attribute::{AttributeName, Attributes, ContainerPart, VolumePart, container_part, put};
use crate::compare::mask::{masked, masked_list, masked_text};
use crate::compare::seal::Hide;
use crate::compare::value::AttributeValue;
use crate::workload::{Container, ContainerPort, EnvFrom, EnvVar, PodSpec, Probe, Toleration, Volume};
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Where every pod finds the token of its service account.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

static TOKEN: LazyLock<Regex> = LazyLock::new(|| suffix(r"^kube-api-access-|-token-[a-z0-9]{5}$"));

/// A pull secret that OpenShift makes for each service account, with a random end.
static DOCKERCFG: LazyLock<Regex> = LazyLock::new(|| suffix(r"-dockercfg-[a-z0-9]{5}$"));

/// What a pod spec asks for, without what the API server fills in by default. `pod` is the pod's name, empty for a
/// template: a claim that carries it is the pod's own.
pub fn spec(spec: &PodSpec, pod: &str, found: &mut Attributes) {
    let tokens = tokens(spec);
    for (list, role) in [(&spec.init_containers, "init"), (&spec.containers, "main")] {
        for container in list {
            let role = if role == "init" && container.restart_policy == "Always" { "sidecar" } else { role };
            put(found, container_part(&container.name, ContainerPart::Role), role);
            self::container(container, &tokens, found);
        }
    }
    let order: Vec<String> = spec.init_containers.iter().map(|container| container.name.clone()).collect();
    put(found, AttributeName::InitOrder, order);
    let account = if spec.service_account_name == "default" { "" } else { &spec.service_account_name };
    put(found, AttributeName::ServiceAccount, account);
    let secrets = spec.image_pull_secrets.iter().map(|secret| DOCKERCFG.replace(&secret.name, "-dockercfg"));
    put(found, AttributeName::ImagePullSecrets, sorted(secrets.map(String::from)));
    let selector = spec.node_selector.iter().map(|(key, value)| format!("{key}={value}"));
    put(found, AttributeName::NodeSelector, sorted(selector));
    put(found, AttributeName::Tolerations, sorted(spec.tolerations.iter().filter_map(toleration)));
    put(found, AttributeName::PriorityClass, &spec.priority_class_name);
    put(found, AttributeName::HostNetwork, if spec.host_network { "true" } else { "" });
    let grace = spec.termination_grace_period_seconds.filter(|seconds| *seconds != 30);
    let grace = grace.map(|seconds| format!("{seconds}s")).unwrap_or_default();
    put(found, AttributeName::TerminationGrace, grace);
    let scheduler = if spec.scheduler_name == "default-scheduler" { "" } else { &spec.scheduler_name };
    put(found, AttributeName::Scheduler, scheduler);
    for volume in spec.volumes.iter().filter(|volume| !tokens.contains(volume.name.as_str())) {
        let name = AttributeName::OfVolume(volume.name.clone(), VolumePart::Source);
        put(found, name, self::volume(volume, pod));
    }
}

/// The volumes by which a pod gets its service account's token.
fn tokens(spec: &PodSpec) -> BTreeSet<&str> {
    let containers = spec.init_containers.iter().chain(&spec.containers);
    let mounts = containers.flat_map(|container| &container.volume_mounts);
    let mounted = mounts.filter(|mount| mount.mount_path == TOKEN_PATH).map(|mount| mount.name.as_str());
    let named = spec
        .volumes
        .iter()
        .map(|volume| volume.name.as_str())
        .filter(|name| name.starts_with("kube-api-access-"));
    mounted.filter(|name| TOKEN.is_match(name)).chain(named).collect()
}

fn container(container: &Container, tokens: &BTreeSet<&str>, found: &mut Attributes) {
    let name = &container.name;
    let of = |part| container_part(name, part);
    put(found, of(ContainerPart::Image), &container.image);
    put(found, of(ContainerPart::Command), words(&container.command));
    put(found, of(ContainerPart::Args), words(&container.args));
    for variable in &container.env {
        put(found, of(ContainerPart::Env(variable.name.clone())), env(variable));
    }
    put(found, of(ContainerPart::EnvFrom), sorted(container.env_from.iter().map(env_from)));
    for (resource, quantity) in &container.resources.requests {
        put(found, of(ContainerPart::Request(resource.clone())), quantity);
    }
    for (resource, quantity) in &container.resources.limits {
        put(found, of(ContainerPart::Limit(resource.clone())), quantity);
    }
    for (part, probe) in [
        (ContainerPart::LivenessProbe, &container.liveness_probe),
        (ContainerPart::ReadinessProbe, &container.readiness_probe),
        (ContainerPart::StartupProbe, &container.startup_probe),
        (ContainerPart::PostStart, &container.lifecycle.post_start),
        (ContainerPart::PreStop, &container.lifecycle.pre_stop),
    ] {
        let value = probe.as_ref().map(|probe| probe_value(probe, &container.ports));
        found.extend(value.map(|value| (of(part).into(), value)));
    }
    put(found, of(ContainerPart::Ports), sorted(container.ports.iter().map(port)));
    let mounts = container.volume_mounts.iter().filter(|mount| !tokens.contains(mount.name.as_str()));
    let mounts = mounts.map(|mount| {
        let below = if mount.sub_path.is_empty() { String::new() } else { format!("/{}", mount.sub_path) };
        let mode = if mount.read_only { " read-only" } else { "" };
        format!("{}:{}{below}{mode}", mount.mount_path, mount.name)
    });
    put(found, of(ContainerPart::Mounts), sorted(mounts));
}

/// A command line by its words, a flag with its value: so that only the flags that differ need be told.
fn words(words: &[String]) -> AttributeValue {
    let mut lines: Vec<String> = Vec::new();
    let mut flag = false;
    for word in masked_list(words, Hide::Marked) {
        let starts = word.starts_with('-');
        match lines.last_mut().filter(|_| flag && !starts) {
            Some(line) => *line = format!("{line} {word}"),
            None => lines.push(word.clone()),
        }
        flag = starts && !word.contains('=');
    }
    AttributeValue::CommandLine(lines)
}

fn env_from(from: &EnvFrom) -> String {
    match (&from.secret_ref, &from.config_map_ref) {
        (Some(secret), _) => format!("{}Secret {}", from.prefix, secret.name),
        (_, Some(config)) => format!("{}ConfigMap {}", from.prefix, config.name),
        _ => from.prefix.clone(),
    }
}

fn env(variable: &EnvVar) -> AttributeValue {
    let from = &variable.value_from;
    if let Some(secret) = &from.secret_key_ref {
        return format!("from Secret {} key {}", secret.name, secret.key).into();
    }
    if let Some(config) = &from.config_map_key_ref {
        return format!("from ConfigMap {} key {}", config.name, config.key).into();
    }
    if let Some(field) = &from.field_ref {
        return format!("from field {}", field.field_path).into();
    }
    if let Some(resource) = &from.resource_field_ref {
        return format!("from resource {}", resource.resource).into();
    }
    match variable.value.as_deref().unwrap_or_default() {
        "" => AttributeValue::Empty,
        value => AttributeValue::Text(masked(&variable.name, value, Hide::Marked)),
    }
}

/// What is asked and how often, the port by its number where the container names it.
fn probe_value(probe: &Probe, ports: &[ContainerPort]) -> AttributeValue {
    let number = |port: &mut String| {
        if let Some(named) = ports.iter().find(|named| !named.name.is_empty() && named.name == *port) {
            *port = named.container_port.to_string();
        }
    };
    let mut by_number = probe.clone();
    by_number.http_get.iter_mut().for_each(|http| number(&mut http.port));
    by_number.tcp_socket.iter_mut().for_each(|tcp| number(&mut tcp.port));
    let asked = match &probe.exec {
        Some(exec) => format!("exec {}", masked_list(&exec.command, Hide::Marked).join(" ")),
        None => masked_text(&by_number.handler(), Hide::Marked),
    };
    let mut terms = vec![
        format!("delay={}s", probe.initial_delay_seconds.unwrap_or(0)),
        format!("period={}s", probe.period()),
        format!("timeout={}s", probe.timeout()),
        format!("failures={}", probe.threshold()),
    ];
    terms
        .extend(probe.success_threshold.filter(|times| *times > 1).map(|times| format!("successes={times}")));
    AttributeValue::Probe { asked, terms }
}

/// `8080`, `53/UDP`, `8080 (http)`, `80 on the host's 80`.
fn port(port: &ContainerPort) -> String {
    let protocol = match port.protocol.as_str() {
        "" | "TCP" => String::new(),
        other => format!("/{other}"),
    };
    let name = if port.name.is_empty() { String::new() } else { format!(" ({})", port.name) };
    let host = if port.host_port == 0 { String::new() } else { format!(" on the host's {}", port.host_port) };
    format!("{}{protocol}{name}{host}", port.container_port)
}

/// Whether a volume is of a kind that is read here; of any other one its template has all.
pub fn is_read(volume: &Volume) -> bool {
    let Volume { name: _, secret, config_map, persistent_volume_claim, empty_dir, projected, .. } = volume;
    let is_file = secret.is_some() || config_map.is_some() || projected.is_some();
    is_file || persistent_volume_claim.is_some() || empty_dir.is_some()
}

fn volume(volume: &Volume, pod: &str) -> String {
    if let Some(secret) = &volume.secret {
        return format!("Secret {}", secret.secret_name);
    }
    if let Some(config) = &volume.config_map {
        return format!("ConfigMap {}", config.name);
    }
    if let Some(claim) = &volume.persistent_volume_claim {
        // A StatefulSet's volumeClaimTemplate gives each pod its own, named after both.
        let own = !pod.is_empty() && claim.claim_name == format!("{}-{pod}", volume.name);
        let name = if own { "of its own" } else { &claim.claim_name };
        return format!("PersistentVolumeClaim {name}");
    }
    if let Some(empty) = &volume.empty_dir {
        return format!("emptyDir {} {}", empty.medium, empty.size_limit).trim_end().to_string();
    }
    match &volume.projected {
        Some(projected) => {
            let named =
                projected.sources.iter().filter_map(|source| match (&source.secret, &source.config_map) {
                    (Some(secret), _) => Some(format!("Secret {}", secret.name)),
                    (_, Some(config)) => Some(format!("ConfigMap {}", config.name)),
                    _ => None,
                });
            format!("projected {}", sorted(named).join(", ")).trim_end().to_string()
        }
        None => "other".to_string(),
    }
}

/// What admission (DefaultTolerationSeconds, PodTolerationRestriction) and the DaemonSet controller add to their pods.
const GIVEN: &[&str] = &[
    "not-ready",
    "unreachable",
    "disk-pressure",
    "memory-pressure",
    "pid-pressure",
    "unschedulable",
    "network-unavailable",
];

/// `key=value:Effect`, without those that pods are given.
fn toleration(toleration: &Toleration) -> Option<String> {
    let given = toleration.key.strip_prefix("node.kubernetes.io/").is_some_and(|key| GIVEN.contains(&key));
    if given && matches!(toleration.toleration_seconds, None | Some(300)) {
        return None;
    }
    let value = if toleration.value.is_empty() { String::new() } else { format!("={}", toleration.value) };
    let seconds = toleration.toleration_seconds.map(|seconds| format!(" for {seconds}s")).unwrap_or_default();
    let key = if toleration.key.is_empty() { "*" } else { &toleration.key };
    Some(format!("{key}{value}:{}{seconds}", toleration.effect))
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts
}

fn suffix(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant expression, which the tests compile")
}

#[cfg(test)]
mod tests {
    use crate::compare::attribute::Attributes;
    use crate::compare::{Sample, contrast, pod};
    use crate::workload::{Object, kind};

    fn attributes(json: &str) -> Attributes {
        let Ok(Object::Pod(read)) = kind("Pod").expect("a row").observe(json) else { panic!("no pod") };
        pod(&read, None)
    }

    /// What tells one pod, which is bad, from another.
    #[track_caller]
    fn check(one: &str, other: &str, expect: &[&str]) {
        let sample = |bad, json: &str| Sample {
            cluster: "eu".to_string(),
            bad,
            attributes: attributes(json),
            is_partial: false,
            more: 0,
        };
        let found = contrast(&[sample(true, one), sample(false, other)]);
        let mut said: Vec<String> = found
            .iter()
            .map(|difference| {
                let values: Vec<String> =
                    difference.values.iter().map(|value| value.value.to_string()).collect();
                format!("{}: {}", difference.attribute, values.join(" | "))
            })
            .collect();
        said.sort();
        assert_eq!(said, expect);
    }

    /// Two pods of one StatefulSet behind real admission, as a server has them.
    #[test]
    fn pods_of_one_stateful_set_are_the_same() {
        let pod = |ordinal: &str, token: &str| {
            format!(
                r#"{{"metadata":{{"name":"web-{ordinal}","labels":{{"statefulset.kubernetes.io/pod-name":"web-{ordinal}","apps.kubernetes.io/pod-index":"{ordinal}","controller-revision-hash":"web-5d4f"}}}},
                "spec":{{"hostname":"web-{ordinal}","containers":[{{"name":"app","image":"web:1","volumeMounts":[{{"name":"data","mountPath":"/data"}},
                  {{"name":"kube-api-access-{token}","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount","readOnly":true}}]}}],
                "serviceAccountName":"default","imagePullSecrets":[{{"name":"default-dockercfg-{token}"}}],
                "tolerations":[{{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}}],
                "volumes":[{{"name":"data","persistentVolumeClaim":{{"claimName":"data-web-{ordinal}"}}}},
                  {{"name":"kube-api-access-{token}","projected":{{"sources":[{{"serviceAccountToken":{{"path":"token"}}}},{{"configMap":{{"name":"kube-root-ca.crt"}}}}]}}}}]}}}}"#
            )
        };
        check(&pod("0", "x2k4z"), &pod("1", "9qk7d"), &[]);
    }

    #[test]
    fn tokens_of_old_servers_and_what_controllers_add_are_no_difference() {
        check(
            r#"{"spec":{"containers":[{"name":"app","volumeMounts":[{"name":"default-token-x2k4z","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}],
                "volumes":[{"name":"default-token-x2k4z","secret":{"secretName":"default-token-x2k4z"}}],
                "tolerations":[{"key":"node.kubernetes.io/memory-pressure","operator":"Exists","effect":"NoSchedule"},{"key":"gpu","operator":"Exists","tolerationSeconds":60}]}}"#,
            r#"{"spec":{"containers":[{"name":"app"}],"tolerations":[{"key":"gpu","operator":"Exists"}]}}"#,
            &["tolerations: gpu: for 60s | gpu:"],
        );
    }

    #[test]
    fn a_claim_that_is_shared_is_told_by_its_name() {
        let pod = |name: &str, claim: &str| {
            format!(
                r#"{{"metadata":{{"name":"{name}"}},"spec":{{"volumes":[{{"name":"data","persistentVolumeClaim":{{"claimName":"{claim}"}}}}]}}}}"#
            )
        };
        check(
            &pod("web-a", "old"),
            &pod("web-b", "new"),
            &["volume data: PersistentVolumeClaim old | PersistentVolumeClaim new"],
        );
    }

    #[test]
    fn spelling_and_order_are_no_difference() {
        check(
            r#"{"spec":{"containers":[
                {"name":"app","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],"envFrom":[{"configMapRef":{"name":"a"}},{"configMapRef":{"name":"b"}}],
                 "ports":[{"containerPort":8080,"name":"http","protocol":"TCP"},{"containerPort":9090}],"livenessProbe":{"httpGet":{"path":"/","port":"http"}},
                 "resources":{"limits":{"cpu":"1000m","memory":"1Gi"}}},{"name":"proxy"}]}}"#,
            r#"{"spec":{"containers":[{"name":"proxy"},
                {"name":"app","env":[{"name":"B","value":"2"},{"name":"A","value":"1"}],"envFrom":[{"configMapRef":{"name":"b"}},{"configMapRef":{"name":"a"}}],
                 "ports":[{"containerPort":9090},{"containerPort":8080,"name":"http"}],"livenessProbe":{"httpGet":{"path":"/","port":8080}},
                 "resources":{"limits":{"cpu":"1","memory":"1024Mi"}}}]}}"#,
            &[],
        );
    }

    #[test]
    fn a_container_that_only_one_has_is_told_once() {
        check(
            r#"{"spec":{"initContainers":[{"name":"proxy","restartPolicy":"Always","image":"p:1","env":[{"name":"X","value":"1"}]}],"containers":[{"name":"app"}]}}"#,
            r#"{"spec":{"containers":[{"name":"app"},{"name":"log","image":"l:1","resources":{"limits":{"cpu":"1"}}}]}}"#,
            &[
                "container log: not set | main",
                "container proxy: sidecar | not set",
                "order of init containers: proxy | not set",
            ],
        );
    }

    #[test]
    fn a_flag_stays_with_its_value() {
        let words = |text: &str| super::words(&text.split(' ').map(str::to_string).collect::<Vec<_>>());
        assert_eq!(
            words("serve --port 80 --level=debug -v x").texts(),
            ["serve", "--port 80", "--level=debug", "-v x"]
        );
        let token = words("--token abc --port=80");
        assert_eq!(crate::compare::seal::shown(&[&token])[0].texts(), ["--token ***", "--port=80"]);
        assert_ne!(token, words("--token abd --port=80"), "another secret is another value");
        assert!(super::words(&[]).is_blank());
    }
}
