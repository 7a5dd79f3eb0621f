//! A container: what its pod's spec asks for and what its status says of it.

use crate::shared::{Shared, SharedText, poolable};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

facts! {
    pub struct Container {
        pub name: String,
        pub image: String,
        pub image_pull_policy: String,
        /// On an init container, `Always` makes it a sidecar; otherwise usually empty.
        pub restart_policy: String,
        pub command: Vec<String>,
        pub args: Vec<String>,
        pub working_dir: String,
        pub env: Vec<EnvVar>,
        pub env_from: Vec<EnvFrom>,
        pub resources: Resources,
        pub liveness_probe: Option<Probe>,
        pub readiness_probe: Option<Probe>,
        pub startup_probe: Option<Probe>,
        pub lifecycle: Lifecycle,
        pub volume_mounts: Vec<VolumeMount>,
        pub ports: Vec<ContainerPort>,
    }

    /// Quantities as text, by resource name.
    pub struct Resources {
        pub requests: BTreeMap<String, String>,
        pub limits: BTreeMap<String, String>,
    }

    pub struct EnvVar {
        pub name: String,
        pub value: Option<String>,
        pub value_from: ValueFrom,
    }

    /// At most one is there.
    pub struct ValueFrom {
        pub secret_key_ref: Option<KeyRef>,
        pub config_map_key_ref: Option<KeyRef>,
        pub field_ref: Option<FieldRef>,
        pub resource_field_ref: Option<ResourceFieldRef>,
    }

    pub struct KeyRef {
        pub name: String,
        pub key: String,
        pub optional: bool,
    }

    pub struct FieldRef {
        pub field_path: String,
    }

    pub struct ResourceFieldRef {
        pub container_name: String,
        pub resource: String,
    }

    pub struct EnvFrom {
        pub prefix: String,
        pub secret_ref: Option<ConfigMapRef>,
        pub config_map_ref: Option<ConfigMapRef>,
    }

    /// A whole ConfigMap or Secret, by name.
    pub struct ConfigMapRef {
        pub name: String,
        pub optional: bool,
    }

    /// A reference by name within the namespace.
    pub struct LocalRef {
        pub name: String,
    }

    pub struct VolumeMount {
        pub name: String,
        pub mount_path: String,
        pub sub_path: String,
        pub read_only: bool,
    }

    pub struct ContainerPort {
        pub name: String,
        pub container_port: i64,
        pub host_port: i64,
        pub protocol: String,
    }

    pub struct Lifecycle {
        pub post_start: Option<Probe>,
        pub pre_stop: Option<Probe>,
    }

    /// A probe or a lifecycle hook. Absent numbers are the API's defaults: see the functions.
    pub struct Probe {
        pub http_get: Option<HttpGet>,
        pub tcp_socket: Option<TcpSocket>,
        pub grpc: Option<Grpc>,
        pub exec: Option<Exec>,
        pub initial_delay_seconds: Option<i64>,
        pub period_seconds: Option<i64>,
        pub timeout_seconds: Option<i64>,
        pub failure_threshold: Option<i64>,
        pub success_threshold: Option<i64>,
        pub termination_grace_period_seconds: Option<i64>,
    }

    pub struct HttpGet {
        pub path: String,
        pub port: String,
        pub host: String,
        pub scheme: String,
    }

    pub struct TcpSocket {
        pub port: String,
        pub host: String,
    }

    pub struct Grpc {
        pub port: String,
        pub service: String,
    }

    pub struct Exec {
        pub command: Vec<String>,
    }

    pub struct ContainerStatus {
        pub name: SharedText,
        pub state: State,
        pub last_state: State,
        pub ready: bool,
        pub started: Option<bool>,
        pub restart_count: i64,
        pub image: SharedText,
        #[serde(rename = "imageID")]
        pub image_id: SharedText,
        #[serde(rename = "containerID")]
        pub container_id: String,
        /// What the kubelet has set, since 1.27; after a resize in place it is newer than what the spec has led to.
        pub resources: Shared<Resources>,
    }

    /// At most one is there.
    pub struct State {
        pub waiting: Option<Box<Waiting>>,
        pub running: Option<Running>,
        pub terminated: Option<Box<Terminated>>,
    }

    pub struct Waiting {
        pub reason: String,
        pub message: String,
    }

    pub struct Running {
        pub started_at: Option<Timestamp>,
    }

    pub struct Terminated {
        pub reason: String,
        pub message: String,
        /// Absent is unknown, and no success.
        pub exit_code: Option<i64>,
        pub signal: i64,
        pub started_at: Option<Timestamp>,
        pub finished_at: Option<Timestamp>,
    }
}

macro_rules! present {
    ($($Name:ty),*) => { $(impl crate::workload::lenient::Present for $Name {})* };
}
present!(
    Probe,
    KeyRef,
    FieldRef,
    ResourceFieldRef,
    ConfigMapRef,
    HttpGet,
    TcpSocket,
    Grpc,
    Exec,
    Waiting,
    Running
);
present!(Terminated);

poolable!(Resources);

impl Eq for Resources {}

impl Hash for Resources {
    fn hash<H: Hasher>(&self, to: &mut H) {
        (&self.requests, &self.limits).hash(to);
    }
}

impl Probe {
    /// What is asked, in one phrase: `GET :8080/healthz`, `tcp :5432`, `grpc :50051`, `exec cat /tmp/ok`.
    pub fn handler(&self) -> String {
        if let Some(http) = &self.http_get {
            let secure = if http.scheme.eq_ignore_ascii_case("https") { " (https)" } else { "" };
            return format!("GET {}:{}{}{secure}", http.host, http.port, http.path);
        }
        if let Some(tcp) = &self.tcp_socket {
            return format!("tcp {}:{}", tcp.host, tcp.port);
        }
        if let Some(grpc) = &self.grpc {
            return format!(
                "grpc :{}{}{}",
                grpc.port,
                if grpc.service.is_empty() { "" } else { " " },
                grpc.service
            );
        }
        self.exec.as_ref().map(|exec| format!("exec {}", exec.command.join(" "))).unwrap_or_default()
    }

    /// Seconds from the container's start until this probe has had all its chances.
    pub fn budget(&self) -> i64 {
        let period = self.period().saturating_mul(self.threshold());
        self.initial_delay_seconds.unwrap_or(0).max(0).saturating_add(period)
    }

    /// Seconds between attempts; the API's default is 10.
    pub fn period(&self) -> i64 {
        self.period_seconds.filter(|seconds| *seconds > 0).unwrap_or(10)
    }

    /// Failures in a row that count; the API's default is 3.
    pub fn threshold(&self) -> i64 {
        self.failure_threshold.filter(|times| *times > 0).unwrap_or(3)
    }

    /// Seconds an attempt may take; the API's default is 1.
    pub fn timeout(&self) -> i64 {
        self.timeout_seconds.filter(|seconds| *seconds > 0).unwrap_or(1)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Container, Probe};
    use crate::workload::lenient::object;

    #[test]
    fn probes_say_what_they_ask_and_how_long() {
        let probe = |json: &str| object::<Probe>(json).unwrap();
        assert_eq!(probe(r#"{"httpGet":{"path":"/ok","port":8080}}"#).handler(), "GET :8080/ok");
        assert_eq!(
            probe(r#"{"httpGet":{"path":"/","port":"web","scheme":"HTTPS"}}"#).handler(),
            "GET :web/ (https)"
        );
        assert_eq!(probe(r#"{"tcpSocket":{"port":5432}}"#).handler(), "tcp :5432");
        assert_eq!(probe(r#"{"grpc":{"port":50051,"service":null}}"#).handler(), "grpc :50051");
        assert_eq!(probe(r#"{"exec":{"command":["cat","/ok"]}}"#).handler(), "exec cat /ok");
        assert_eq!(probe("{}").handler(), "");
        assert_eq!(probe("{}").budget(), 30);
        assert_eq!(
            probe(r#"{"initialDelaySeconds":15,"periodSeconds":"5","failureThreshold":4}"#).budget(),
            35
        );
        assert_eq!(probe(r#"{"periodSeconds":9223372036854775807,"failureThreshold":9}"#).budget(), i64::MAX);
    }

    #[test]
    fn environment_keeps_literals_and_names_of_references() {
        let json = r#"{"name":"app","env":[{"name":"A","value":"1"},{"name":"B","value":2},{"name":"C"},
            {"name":"D","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}},
            {"name":"E","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
            "envFrom":[{"prefix":"X_","configMapRef":{"name":"c"}}],"args":[1,true,"x"],"ports":null}"#;
        let container: Container = object(json).unwrap();
        let values: Vec<_> = container.env.iter().map(|one| one.value.as_deref()).collect();
        assert_eq!(values, [Some("1"), Some("2"), None, None, None]);
        let secret = container.env[3].value_from.secret_key_ref.as_ref().unwrap();
        assert_eq!((secret.name.as_str(), secret.key.as_str(), secret.optional), ("s", "k", false));
        assert_eq!(container.env_from[0].config_map_ref.as_ref().map(|map| map.name.as_str()), Some("c"));
        assert_eq!(container.args, ["1", "true", "x"]);
    }
}
