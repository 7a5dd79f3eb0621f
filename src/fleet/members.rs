//! From contexts to the clusters of a fleet.

use crate::fleet::endpoint::{Endpoint, parse_server};
use crate::fleet::kubeconfig::{Context, Problem};
use crate::fleet::scope::Candidate;
use crate::fleet::tls::read;
use crate::fleet::{Cluster, Limits, Scope, Settings};
use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::OnceLock;
use std::time::Duration;

/// A cluster and the server that answers for it.
pub struct Member {
    pub cluster: Cluster,
    pub endpoint: Endpoint,
    /// What it said of its version, once it did.
    pub version: OnceLock<String>,
}

/// Zero is no limit, as for kubectl's `--request-timeout`; a wait of a year needs no case of its own.
pub fn bounded(limits: Limits) -> Limits {
    let or_long = |limit: Duration| if limit.is_zero() { Duration::from_secs(365 * 86_400) } else { limit };
    Limits {
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

/// A kubeconfig in which nothing works is an error.
pub fn refuse_broken(problems: &[Problem], found: &[(&'static str, Context)]) -> Result<()> {
    match (found.is_empty(), problems.is_empty()) {
        (false, _) => Ok(()),
        (true, true) => bail!("no clusters: no kubeconfig was found, or it holds no contexts"),
        (true, false) => {
            let told: Vec<String> = problems.iter().map(|problem| problem.to_string()).collect();
            bail!("no clusters: {}", told.join("; "))
        }
    }
}

pub fn candidate(context: &Context, scope: &Scope, current: Option<&str>) -> Candidate {
    let server = context.cluster.server.as_deref().unwrap_or_default();
    let server =
        parse_server(server).map(|place| format!("{place:?}")).unwrap_or_else(|_| server.to_string());
    let authority = authority(&context.cluster);
    let identity = (server, &context.cluster.proxy_url, &context.cluster.tls_server_name, authority);
    let settings = scope.settings.get(&context.name);
    let names = settings.iter().flat_map(|settings| settings.alias.iter().chain(&settings.aliases));
    Candidate {
        name: context.name.clone(),
        names: names.cloned().collect(),
        server: format!("{identity:?}"),
        is_current: current == Some(&context.name),
    }
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

pub fn cluster(
    source: &'static str,
    context: &Context,
    settings: Settings,
    others: Vec<String>,
    is_current: bool,
) -> Cluster {
    Cluster {
        name: settings.alias.unwrap_or_else(|| context.name.clone()),
        context: context.name.clone(),
        source,
        server: shown(context.cluster.server.as_deref().unwrap_or_default()),
        kubeconfig_cluster: context.cluster_name.clone(),
        namespace: context.namespace.clone(),
        labels: settings.labels,
        aliases: settings.aliases,
        optional: settings.optional,
        others,
        file: context.file.clone(),
        is_current,
    }
}

/// A server's URL without user, password and tokens, which some carry in it.
fn shown(server: &str) -> String {
    let Some((scheme, rest)) = server.split_once("://") else { return server.to_string() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    crate::compare::masked_quote(&format!("{scheme}://{host}{path}"))
}
