//! From contexts to the clusters of a fleet.

use crate::fleet::cluster::{Cluster, FleetLimits};
use crate::fleet::endpoint::{Endpoint, EndpointSetup, parse_server};
use crate::fleet::found::{Found, FoundContext, KubectlReach, SilentSource};
use crate::fleet::hub_cache::HubCache;
use crate::fleet::kubeconfig::Context;
use crate::fleet::scope::{
    Choice, ClusterIdentity, ContextCandidate, FleetScope, ServerAddress, ServerIdentity,
};
use crate::fleet::settings::Settings;
use crate::fleet::silence::Silence;
use crate::fleet::tls::read;
use crate::fleet::wire::lock;
use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::config::AuthInfo;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// A cluster and the server that answers for it.
pub struct FleetMember {
    pub cluster: Cluster,
    pub endpoint: Endpoint,
    /// What it said of its version, once it did.
    pub version: OnceLock<String>,
    /// The UID of its namespace kube-system, once it was asked for.
    pub uid: OnceLock<String>,
    /// Whether a connection came about; nothing as long as none was tried, or none could be for another reason.
    pub reached: OnceLock<bool>,
    /// That it was silent, where finding out took a while: who asks again in this run is told the same at once.
    pub slept: OnceLock<Slept>,
    /// How long it has been asked in this run: what goes on asking has the rest of the limit.
    pub spent: Mutex<Duration>,
    /// False where there are too many for each to keep its connection.
    pub stays_open: bool,
    /// What its hub keeps of it, and the name that it has there.
    pub cache: Option<(Arc<HubCache>, String)>,
}

/// A silence that took its time.
pub struct Slept {
    pub why: Silence,
    pub elapsed: Duration,
}

impl FleetMember {
    /// Makes the credential and connects.
    pub async fn open(&self) -> Result<(), Silence> {
        let opened = self.endpoint.open().await;
        match &opened {
            // Nobody has tried to connect.
            Err(Silence::Credentials { .. }) => {}
            // The shorter time proves nothing new.
            Err(Silence::NoConnection { is_short: true, .. }) => {}
            Err(Silence::NoConnection { is_short: false, .. }) => drop(self.reached.set(false)),
            Ok(()) | Err(_) => drop(self.reached.set(true)),
        }
        opened
    }

    /// Takes note of a silence that took its time.
    pub fn remember_silence(&self, why: &Silence, elapsed: Duration) {
        if matches!(why, Silence::NoConnection { .. } | Silence::TimedOut(_)) {
            drop(self.slept.set(Slept { why: why.clone(), elapsed }));
        }
    }

    /// What is left of the cluster's time limit; at least a tenth, as one kind that hangs must not take all others with it.
    pub fn rest(&self, limit: Duration) -> Duration {
        limit.saturating_sub(*lock(&self.spent)).max(limit / 10)
    }
}

/// Zero is no limit, as for kubectl's `--request-timeout`; a wait of a year needs no case of its own.
pub fn bounded(limits: FleetLimits) -> FleetLimits {
    let or_long = |limit: Duration| if limit.is_zero() { Duration::from_secs(365 * 86_400) } else { limit };
    FleetLimits {
        connect: or_long(limits.connect),
        cluster: limits.cluster.filter(|limit| !limit.is_zero()),
        credentials: or_long(limits.credentials),
        ..limits
    }
}

/// The HTTP/2 window of one stream: large lists over long distances want 4 MiB, many clusters want memory.
pub fn window(clusters: usize) -> u32 {
    u32::try_from((32 << 20) / clusters.max(1)).unwrap_or(u32::MAX).clamp(256 << 10, 4 << 20)
}

/// There is no context to ask, and why.
#[derive(Debug)]
pub struct NoClusters(String);

impl std::fmt::Display for NoClusters {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "no clusters: {}", self.0)
    }
}

impl std::error::Error for NoClusters {}

/// A kubeconfig in which nothing works is an error, `NoClusters`; one beside sources that did not tell, or were not asked, is not.
pub fn refuse_broken(found: &Found) -> Result<()> {
    let Found { contexts, problems, silent, unasked, .. } = found;
    match (contexts.is_empty() && silent.is_empty() && unasked.is_empty(), problems.is_empty()) {
        (false, _) => Ok(()),
        (true, true) => {
            Err(NoClusters("no kubeconfig was found, or it holds no contexts".to_string()).into())
        }
        (true, false) => {
            let told: Vec<String> = problems.iter().map(|problem| problem.to_string()).collect();
            Err(NoClusters(told.join("; ")).into())
        }
    }
}

pub fn candidates(found: &Found, scope: &FleetScope) -> Vec<ContextCandidate> {
    let contexts = found.contexts.iter().map(|found| &found.context);
    let identities = identities(contexts);
    let of = |(one, identity): (&FoundContext, ClusterIdentity)| {
        let name = &one.context.name;
        let settings = scope.settings.get(name);
        let names = settings.iter().flat_map(|settings| settings.alias.iter().chain(&settings.aliases));
        ContextCandidate {
            name: name.clone(),
            names: names.chain(&one.aliases).cloned().collect(),
            identity,
            is_current: found.current.as_ref() == Some(name),
            runs_nothing: one.runs_nothing,
        }
    };
    found.contexts.iter().zip(identities).map(of).collect()
}

/// What tells contexts apart. Users are looked at only where a server is reached by several contexts.
fn identities<'a>(contexts: impl Iterator<Item = &'a Context> + Clone) -> Vec<ClusterIdentity> {
    let servers: Vec<ServerIdentity> =
        contexts.clone().map(|context| server_identity(&context.cluster)).collect();
    let mut counts: BTreeMap<&ServerIdentity, usize> = BTreeMap::new();
    servers.iter().for_each(|server| *counts.entry(server).or_default() += 1);
    let mut users: BTreeMap<&ServerIdentity, BTreeMap<String, usize>> = BTreeMap::new();
    let numbers: Vec<usize> = contexts
        .zip(&servers)
        .map(|(context, server)| {
            if counts.get(server).is_none_or(|count| *count < 2) {
                return 0;
            }
            let known = users.entry(server).or_default();
            let next = known.len();
            *known.entry(user_content(&context.user)).or_insert(next)
        })
        .collect();
    let pairs = servers.into_iter().zip(numbers);
    pairs.map(|(server, user)| ClusterIdentity { server, user }).collect()
}

/// A server as it is reached and trusted.
fn server_identity(cluster: &kube::config::Cluster) -> ServerIdentity {
    let server = cluster.server.as_deref().unwrap_or_default();
    let address = match parse_server(server) {
        Ok((route, path)) => ServerAddress::Url { host: route.host, port: route.port, tls: route.tls, path },
        Err(_) => ServerAddress::Unusable(server.to_string()),
    };
    ServerIdentity {
        address,
        proxy: cluster.proxy_url.clone(),
        tls_server_name: cluster.tls_server_name.clone(),
        authority: authority(cluster),
        is_insecure: cluster.insecure_skip_tls_verify == Some(true),
    }
}

/// A user by content: the same token or certificate is the same user, in a file or in the kubeconfig. It is compared and then
/// dropped: it is all secrets.
fn user_content(user: &AuthInfo) -> String {
    let mut content = serde_json::to_value(user).unwrap_or_default();
    let Some(fields) = content.as_object_mut() else { return String::new() };
    for field in ["client-certificate", "client-key"] {
        let data = format!("{field}-data");
        let path = fields.get(field).and_then(|path| path.as_str()).map(str::to_string);
        match path.and_then(|path| read(&path, field).ok()) {
            _ if fields.contains_key(&data) => drop(fields.remove(field)),
            Some(bytes) => {
                fields.remove(field);
                fields.insert(data, STANDARD.encode(bytes).into());
            }
            None => {}
        }
    }
    let path = fields.get("tokenFile").and_then(|path| path.as_str()).map(str::to_string);
    if let Some(bytes) = path.and_then(|path| read(&path, "tokenFile").ok()) {
        fields.remove("tokenFile");
        fields.insert("token".to_string(), String::from_utf8_lossy(&bytes).trim().into());
    }
    if let Some(exec) = fields.get_mut("exec").and_then(|exec| exec.as_object_mut()) {
        exec.remove("installHint");
        exec.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
    }
    content.sort_all_objects();
    content.to_string()
}

/// Whom the certificate is trusted by, in base64: the same bytes are the same authority, in a file or in the
/// kubeconfig. A file that cannot be read is known by its path.
fn authority(cluster: &kube::config::Cluster) -> Option<String> {
    let of_file = |path: &String| match read(path, "certificate-authority") {
        Ok(bytes) => STANDARD.encode(bytes),
        Err(_) => path.clone(),
    };
    let data = cluster.certificate_authority_data.clone();
    data.or_else(|| cluster.certificate_authority.as_ref().map(of_file))
}

/// The cluster of a choice among contexts, as the configuration and its source describe it; `others` are the contexts that it stands
/// for, too. `shared` is the number of the server, where others are chosen that may be the same cluster.
pub fn cluster(
    found: &FoundContext,
    settings: Settings,
    others: &[&FoundContext],
    choice: &Choice,
    is_current: bool,
    shared: Option<usize>,
) -> Cluster {
    let FoundContext { context, .. } = found;
    let contexts = others.iter().copied().chain([found]);
    let kubectl = contexts.map(|one| (one.context.name.clone(), one.kubectl.clone())).collect();
    let others = || others.iter().map(|other| &other.context);
    let mut labels = settings.labels;
    for (key, value) in &found.labels {
        labels.entry(key.clone()).or_insert_with(|| value.clone());
    }
    Cluster {
        name: settings.alias.unwrap_or_else(|| context.name.clone()),
        context: context.name.clone(),
        source: found.source,
        origin: found.origin.clone(),
        also_from: found.also_from.clone(),
        server: shown(context.cluster.server.as_deref().unwrap_or_default()),
        kubeconfig_cluster: context.cluster_name.clone(),
        namespace: context.namespace.clone(),
        labels,
        aliases: settings.aliases.into_iter().chain(found.aliases.iter().cloned()).collect(),
        optional: settings.optional || found.optional,
        others: others().map(|other| other.name.clone()).collect(),
        other_namespaces: others().filter_map(|other| other.namespace.clone()).collect(),
        shared_server: shared,
        is_named: choice.is_named,
        file: context.file.clone(),
        is_current,
        kubectl,
        is_source: false,
    }
}

/// What stands for the clusters of a source that did not tell them.
pub fn silent_source(silent: &SilentSource) -> (Cluster, EndpointSetup) {
    let cluster = Cluster {
        name: silent.origin.clone(),
        context: silent.origin.clone(),
        source: silent.source,
        origin: silent.origin.clone(),
        also_from: Vec::new(),
        server: String::new(),
        kubeconfig_cluster: String::new(),
        namespace: None,
        labels: BTreeMap::new(),
        aliases: Vec::new(),
        optional: silent.optional,
        others: Vec::new(),
        other_namespaces: Vec::new(),
        shared_server: None,
        is_named: false,
        file: silent.origin.clone().into(),
        is_current: false,
        kubectl: [(silent.origin.clone(), KubectlReach::Never)].into(),
        is_source: true,
    };
    let endpoint = EndpointSetup {
        context: silent.origin.clone(),
        cluster: kube::config::Cluster::default(),
        user: AuthInfo::default(),
        login: None,
        unusable: Some(silent.why.clone()),
        window: window(1),
    };
    (cluster, endpoint)
}

impl FleetMember {
    pub fn new(cluster: Cluster, endpoint: Endpoint, stays_open: bool) -> FleetMember {
        FleetMember {
            cluster,
            endpoint,
            version: OnceLock::new(),
            uid: OnceLock::new(),
            reached: OnceLock::new(),
            slept: OnceLock::new(),
            spent: Mutex::default(),
            stays_open,
            cache: None,
        }
    }
}

/// For each choice the number of its server, where others are chosen that reach it as other users. Clusters of an inventory that no
/// context is known to reach may all the same be reached by one, under another URL: then those that have no number yet get one.
pub fn shared_servers(
    chosen: &[Choice],
    candidates: &[ContextCandidate],
    found: &Found,
) -> Vec<Option<usize>> {
    let mut users: BTreeMap<&ServerIdentity, BTreeSet<usize>> = BTreeMap::new();
    for choice in chosen {
        let ClusterIdentity { server, user } = &candidates[choice.index].identity;
        users.entry(server).or_default().insert(*user);
    }
    let servers: Vec<&ServerIdentity> =
        users.iter().filter(|(_, users)| users.len() > 1).map(|(one, _)| *one).collect();
    let number = |choice: &Choice| {
        servers.iter().position(|server| **server == candidates[choice.index].identity.server)
    };
    let mut numbers: Vec<Option<usize>> = chosen.iter().map(number).collect();
    let told_by = |choice: &Choice| {
        let one = &found.contexts[choice.index];
        one.joins.then_some(one.origin.as_str())
    };
    let tellers: BTreeSet<Option<&str>> = chosen.iter().map(told_by).collect();
    if tellers.len() > 1 {
        numbers.iter_mut().for_each(|number| *number = number.or(Some(servers.len())));
    }
    numbers
}

/// A server's URL without user, password and tokens, which some carry in it.
fn shown(server: &str) -> String {
    let Some((scheme, rest)) = server.split_once("://") else { return server.to_string() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    crate::compare::masked_quote(&format!("{scheme}://{host}{path}"))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own world")]
mod tests {
    use super::{server_identity, user_content};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    #[track_caller]
    fn check(one: &str, other: &str, same: bool) {
        let content = |yaml: &str| user_content(&serde_saphyr::from_str(yaml).expect("a user"));
        assert_eq!(content(one) == content(other), same, "{one} {other}");
    }

    #[test]
    fn users_are_compared_by_content() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).expect("written");
            path.display().to_string()
        };
        let (token, pem) = (file("token", " abc\n"), file("pem", "PEM"));
        check("{token: abc}", &format!("{{tokenFile: {token}}}"), true);
        // A token beside a file that can be read does not count.
        check("{token: abc}", &format!("{{token: old, tokenFile: {token}}}"), true);
        check("{token: abc}", "{token: abd}", false);
        check("{token: abc}", "{}", false);
        let data = STANDARD.encode("PEM");
        let inline = format!("{{client-certificate-data: {data}, client-key-data: {data}}}");
        check(&inline, &format!("{{client-certificate: {pem}, client-key: {pem}}}"), true);
        check(&inline, &format!("{{client-certificate-data: {data}, client-key: /nowhere}}"), false);
        check("{username: me, password: a}", "{username: me, password: b}", false);
        check("{token: abc, as: jane}", "{token: abc}", false);
        let exec = |more: &str| format!("{{exec: {{apiVersion: v1, command: aws{more}}}}}");
        check(&exec(""), &exec(", args: []"), true);
        check(&exec(""), &exec(", installHint: get it"), true);
        check(&exec(", args: [--role, a]"), &exec(", args: [--role, b]"), false);
        let with = |value: &str| exec(&format!(", env: [{{name: AWS_PROFILE, value: {value}}}]"));
        check(&with("dev"), &with("prod"), false);
        check(&with("dev"), &exec(", env: [{value: dev, name: AWS_PROFILE}]"), true);
    }

    #[test]
    fn servers_are_compared_as_they_are_reached_and_trusted() {
        let content = |yaml: &str| server_identity(&serde_saphyr::from_str(yaml).expect("a cluster"));
        let plain = content("{server: 'https://API.corp:443/'}");
        assert_eq!(plain, content("{server: 'https://api.corp'}"));
        for other in [
            "{server: 'https://api.corp/k8s/c-1'}",
            "{server: 'https://api.corp', proxy-url: 'http://p'}",
            "{server: 'https://api.corp', tls-server-name: x}",
            "{server: 'https://api.corp', certificate-authority-data: QQ==}",
            "{server: 'https://api.corp', insecure-skip-tls-verify: true}",
        ] {
            assert_ne!(plain, content(other), "{other}");
        }
    }
}
