//! Real API servers on loopback: one etcd, a kube-apiserver for each cluster, users of several rights, one kubeconfig.

mod certificates;
pub mod guarded;
pub mod http;
pub mod kubelet;
mod load;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fleets::{Cluster, Limits};
use certificates::Certificates;
use guarded::{Guarded, free_ports};
use http::Caller;
use kubelet::Kubelet;

/// A server is ready after five seconds where it has a core to itself.
const READY: Duration = Duration::from_secs(120);

const PAUSE: Duration = Duration::from_millis(50);

/// Control planes are large: the tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Who asks; each is a user of that name with a token of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum User {
    /// May do everything.
    Admin,
    /// May get, list and watch everything.
    Viewer,
    /// May do so only where `limit` said.
    Narrow,
    /// May do nothing but ask who it is.
    Nobody,
    /// Has a token that no server knows.
    Stranger,
}

impl User {
    pub fn name(self) -> &'static str {
        match self {
            User::Admin => "admin",
            User::Viewer => "viewer",
            User::Narrow => "narrow",
            User::Nobody => "nobody",
            User::Stranger => "stranger",
        }
    }

    pub fn token(self) -> String {
        format!("token-of-{}", self.name())
    }
}

/// Stops its servers when it is dropped; after a panic their logs stay.
pub struct ControlPlane {
    servers: Vec<Server>,
    etcd: Guarded,
    etcd_url: String,
    certificates: Certificates,
    directory: Option<tempfile::TempDir>,
    _turn: MutexGuard<'static, ()>,
}

struct Server {
    name: String,
    port: u16,
    process: Option<Guarded>,
}

/// The directory of kube-apiserver, etcd and kubectl. A test that cannot run must not look as if it had passed.
pub fn assets() -> PathBuf {
    let directory = std::env::var_os("KUBEBUILDER_ASSETS");
    let hint = "KUBEBUILDER_ASSETS=$(tests/kube/build) cargo test -- --include-ignored";
    PathBuf::from(directory.unwrap_or_else(|| panic!("KUBEBUILDER_ASSETS is not set; {hint}")))
}

impl ControlPlane {
    /// Starts a server for each name and waits until all are ready.
    pub fn start<S: AsRef<str>>(names: &[S]) -> ControlPlane {
        let current: Vec<(&str, Option<&str>)> = names.iter().map(|name| (name.as_ref(), None)).collect();
        ControlPlane::start_as(&current)
    }

    /// The same; where a minor version is named, such as `1.33`, the server has the APIs, the features and the columns of that one.
    pub fn start_as(servers: &[(&str, Option<&str>)]) -> ControlPlane {
        let assets = assets();
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let directory = tempfile::Builder::new().prefix("callboard-kube-").tempdir().expect("a directory");
        let certificates = certificates::create(directory.path());
        std::fs::write(directory.path().join("tokens.csv"), tokens()).expect("written");
        std::fs::write(directory.path().join("audit.json"), audit_policy().to_string()).expect("written");

        let [client, peer] = free_ports();
        let etcd_url = format!("http://127.0.0.1:{client}");
        let etcd_flags = etcd_flags(directory.path(), &etcd_url, &format!("http://127.0.0.1:{peer}"));
        let mut command = Command::new(assets.join("etcd"));
        command.args(etcd_flags);
        let etcd = Guarded::start(command, directory.path().join("etcd.log"));
        let mut plane = ControlPlane {
            servers: Vec::new(),
            etcd,
            etcd_url,
            certificates,
            directory: Some(directory),
            _turn: turn,
        };
        plane.wait_for_etcd();
        for (name, minor) in servers {
            let server = plane.start_server(&assets, name, *minor);
            plane.servers.push(server);
        }
        for (name, _) in servers {
            plane.wait_for_server(name);
            plane.create_viewer(name);
        }
        plane
    }

    fn directory(&self) -> &Path {
        self.directory.as_ref().expect("kept until the end").path()
    }

    fn start_server(&self, assets: &Path, name: &str, minor: Option<&str>) -> Server {
        let [port] = free_ports();
        let log = self.directory().join(format!("{name}.log"));
        let flags = server_flags(self.directory(), &self.certificates, &self.etcd_url, name, port);
        let mut command = Command::new(assets.join("kube-apiserver"));
        command.args(flags).args(minor.map(|minor| format!("--emulated-version=kube={minor}")));
        let process = Guarded::start(command, log);
        Server { name: name.to_string(), port, process: Some(process) }
    }

    fn wait_for_etcd(&mut self) {
        let caller = Caller::new(&self.etcd_url, "", None);
        wait_for(&mut self.etcd, &caller, "/health");
    }

    fn wait_for_server(&mut self, name: &str) {
        let caller = self.caller(name, User::Admin);
        let server =
            self.servers.iter_mut().find(|server| server.name == name).expect("a server of this name");
        wait_for(server.process.as_mut().expect("it was started"), &caller, "/readyz");
    }

    /// The built-in role `view` is empty until a controller manager aggregates it.
    fn create_viewer(&self, name: &str) {
        let caller = self.caller(name, User::Admin);
        let rules = json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}]);
        create(&caller, &format!("{RBAC}/clusterroles"), &role("ClusterRole", "callboard-viewer", rules));
        let binding = binding("ClusterRoleBinding", "callboard-viewer", User::Viewer);
        create(&caller, &format!("{RBAC}/clusterrolebindings"), &binding);
    }

    /// Lets the narrow user list what a fleet does not forbid, and the rest in the namespaces it names.
    /// RBAC only ever allows, so what is allowed is everything that discovery lists, less the forbidden.
    pub fn limit(&self, name: &str, limits: &Limits) {
        let caller = self.caller(name, User::Admin);
        let rule = |(group, plural)| json!({"apiGroups": [group], "resources": [plural], "verbs": ["get", "list", "watch"]});
        let allowed = resources(&caller).into_iter().filter(|(group, plural)| !limits.forbids(group, plural));
        let rules = allowed.map(rule).collect();
        create(&caller, &format!("{RBAC}/clusterroles"), &role("ClusterRole", "callboard-narrow", rules));
        let everywhere = binding("ClusterRoleBinding", "callboard-narrow", User::Narrow);
        create(&caller, &format!("{RBAC}/clusterrolebindings"), &everywhere);
        for namespace in &limits.namespaces {
            let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
            create(&caller, "/api/v1/namespaces", &object);
            let there = binding("RoleBinding", "callboard-viewer", User::Narrow);
            create(&caller, &format!("{RBAC}/namespaces/{namespace}/rolebindings"), &there);
        }
    }

    /// A kubelet for a cluster of a fleet: what its containers logged is below `logs`, `NAMESPACE/POD/CONTAINER.log`.
    pub fn kubelet(&self, cluster: &Cluster, logs: &Path) -> Kubelet {
        Kubelet::start(cluster, logs, &self.certificates)
    }

    /// All that a user asked a server, as its audit log has it: verb and path.
    pub fn asked(&self, name: &str, user: User) -> Vec<(String, String)> {
        let text = std::fs::read_to_string(self.directory().join(format!("{name}.audit"))).expect("a log");
        let events = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("an event"));
        let word = |event: &Value, field: &str| event[field].as_str().unwrap_or_default().to_string();
        events
            .filter(|event| event["user"]["username"] == user.name())
            .map(|event| (word(&event, "verb"), word(&event, "requestURI")))
            .collect()
    }

    /// Puts a cluster's objects behind its server, exactly as they are written.
    pub fn load(&self, name: &str, cluster: &Cluster) {
        let etcd = Caller::new(&self.etcd_url, "", None);
        load::load(&self.caller(name, User::Admin), &etcd, name, cluster);
    }

    /// What a server says of each of these objects, asked one by one.
    pub fn objects(&self, name: &str, cluster: &Cluster) -> Vec<Value> {
        load::objects(&self.caller(name, User::Admin), cluster)
    }

    /// Its port stays in the kubeconfig, and nobody listens there any more.
    pub fn stop(&mut self, name: &str) {
        let server = self.servers.iter_mut().find(|server| server.name == name);
        server.expect("a server of this name").process = None;
    }

    pub fn caller(&self, name: &str, user: User) -> Caller {
        Caller::new(&self.url(name), &self.certificates.authority_pem, Some(&user.token()))
    }

    pub fn anonymous(&self, name: &str) -> Caller {
        Caller::new(&self.url(name), &self.certificates.authority_pem, None)
    }

    fn server(&self, name: &str) -> &Server {
        self.servers.iter().find(|server| server.name == name).expect("a server of this name")
    }

    /// Where a server listens.
    pub fn url(&self, name: &str) -> String {
        format!("https://127.0.0.1:{}", self.server(name).port)
    }

    /// Writes a kubeconfig with a context for each cluster, in the order of the start; `user` says who asks there.
    pub fn kubeconfig(&self, user: impl Fn(&str) -> User) -> PathBuf {
        let all = [User::Admin, User::Viewer, User::Narrow, User::Nobody, User::Stranger];
        let users = all.map(|user| json!({"name": user.name(), "user": {"token": user.token()}}));
        let authority = self.certificates.authority.display().to_string();
        let clusters = self.servers.iter().map(|server| {
            let cluster = json!({"server": self.url(&server.name), "certificate-authority": authority});
            json!({"name": server.name, "cluster": cluster})
        });
        let contexts = self.servers.iter().map(|server| {
            let context = json!({"cluster": server.name, "user": user(&server.name).name()});
            json!({"name": server.name, "context": context})
        });
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "users": users,
            "clusters": clusters.collect::<Vec<_>>(), "contexts": contexts.collect::<Vec<_>>(),
        });
        let path = self.directory().join("kubeconfig");
        std::fs::write(&path, config.to_string()).expect("written");
        path
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        self.servers.clear();
        if std::thread::panicking() {
            let kept = self.directory.take().map(tempfile::TempDir::keep);
            let _ = writeln!(
                std::io::stderr(),
                "the servers' logs stay in {}",
                kept.unwrap_or_default().display()
            );
        }
    }
}

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

fn role(kind: &str, name: &str, rules: Value) -> Value {
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "rules": rules})
}

fn binding(kind: &str, role: &str, user: User) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": role},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user.name()}],
    })
}

/// Creates an object; one that is already there is fine.
#[track_caller]
fn create(caller: &Caller, path: &str, object: &Value) {
    let reply = caller.post(path, object);
    assert!([201, 409].contains(&reply.status), "POST {path}: {} {}", reply.status, reply.text());
}

/// Waits until a server says 200 to a question.
fn wait_for(server: &mut Guarded, caller: &Caller, path: &str) {
    let start = Instant::now();
    while !caller.send("GET", path, &[], None).is_ok_and(|reply| reply.status == 200) {
        let hopeless = server.has_ended() || start.elapsed() > READY;
        assert!(!hopeless, "a server does not get ready:\n{}", server.last_words());
        std::thread::sleep(PAUSE);
    }
}

/// Asks again and again, with pauses, until the answer is yes or the time is over.
pub fn until(limit: Duration, answer: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < limit {
        if answer() {
            return true;
        }
        std::thread::sleep(PAUSE);
    }
    false
}

/// Group and plural of everything that a server lists.
fn resources(caller: &Caller) -> Vec<(String, String)> {
    let groups = caller.get("/apis").json()["groups"].as_array().cloned().unwrap_or_default();
    let versions = groups.iter().flat_map(|group| group["versions"].as_array().cloned().unwrap_or_default());
    let paths = versions.filter_map(|version| Some(format!("/apis/{}", version["groupVersion"].as_str()?)));
    let mut found = std::collections::BTreeSet::new();
    for path in std::iter::once("/api/v1".to_string()).chain(paths) {
        let list = caller.get(&path).json();
        let group =
            list["groupVersion"].as_str().and_then(|text| Some(text.split_once('/')?.0)).unwrap_or_default();
        let names = list["resources"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str());
        found.extend(names.map(|name| (group.to_string(), name.to_string())));
    }
    found.into_iter().collect()
}

/// Every request, once; not those of the server itself and of who sets it up.
fn audit_policy() -> Value {
    let apart = json!({"level": "None", "users": ["system:apiserver", User::Admin.name()]});
    json!({
        "apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived", "ResponseStarted"],
        "rules": [apart, {"level": "Metadata"}],
    })
}

fn tokens() -> String {
    let line =
        |user: User, groups: &str| format!("{},{},{},\"{groups}\"\n", user.token(), user.name(), user.name());
    [(User::Admin, "system:masters"), (User::Viewer, ""), (User::Narrow, ""), (User::Nobody, "")]
        .map(|(user, groups)| line(user, groups))
        .concat()
}

fn etcd_flags(directory: &Path, client: &str, peer: &str) -> Vec<String> {
    vec![
        "--name=callboard".into(),
        format!("--data-dir={}", directory.join("etcd").display()),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=callboard={peer}"),
        "--unsafe-no-fsync".into(),
    ]
}

fn server_flags(directory: &Path, files: &Certificates, etcd: &str, name: &str, port: u16) -> Vec<String> {
    let file = |flag: &str, path: &Path| format!("--{flag}={}", path.display());
    vec![
        format!("--etcd-servers={etcd}"),
        format!("--etcd-prefix=/{name}"),
        "--bind-address=127.0.0.1".into(),
        format!("--secure-port={port}"),
        "--advertise-address=10.0.0.1".into(),
        "--endpoint-reconciler-type=none".into(),
        "--service-cluster-ip-range=10.0.0.0/16".into(),
        file("tls-cert-file", &files.server),
        file("tls-private-key-file", &files.server_key),
        file("client-ca-file", &files.authority),
        file("token-auth-file", &directory.join("tokens.csv")),
        "--authorization-mode=RBAC".into(),
        file("service-account-key-file", &files.service_accounts),
        file("service-account-signing-key-file", &files.service_accounts_key),
        "--service-account-issuer=https://kubernetes.default.svc".into(),
        "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition".into(),
        "--event-ttl=24h".into(),
        "--kubelet-preferred-address-types=InternalIP".into(),
        "--allow-privileged=true".into(),
        file("audit-policy-file", &directory.join("audit.json")),
        file("audit-log-path", &directory.join(format!("{name}.audit"))),
    ]
}
