//! A cluster as a run knows it, and how long and how widely clusters are asked.

use crate::fleet::found::KubectlReach;
use std::collections::BTreeMap;
use std::time::Duration;

/// The name under which a cluster is shown: its context, or its alias.
pub type ClusterName = String;

/// A cluster, as this run knows it.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub name: ClusterName,
    pub context: String,
    /// The id of a row of `sources::SOURCES`.
    pub source: &'static str,
    /// The file, or what the source is called.
    pub origin: String,
    /// The sources that told of it, too.
    pub also_from: Vec<String>,
    pub server: String,
    /// The name of the cluster entry in the kubeconfig.
    pub kubeconfig_cluster: String,
    /// The context's own namespace.
    pub namespace: Option<String>,
    pub labels: BTreeMap<String, String>,
    pub aliases: Vec<String>,
    pub optional: bool,
    /// Other contexts that reach the same server as the same user.
    pub others: Vec<String>,
    /// The namespaces of these.
    pub other_namespaces: Vec<String>,
    /// The number of its server, where other clusters of this run may be the same one: that server's too, as other users, or told of by
    /// another source.
    pub shared_server: Option<usize>,
    /// It was named by its literal name.
    pub is_named: bool,
    /// The file that declares the context.
    pub file: std::path::PathBuf,
    /// Whether the kubeconfig's `current-context` is this one.
    pub is_current: bool,
    /// How kubectl reaches its context and the others, by their names.
    pub kubectl: BTreeMap<String, KubectlReach>,
    /// It is none: it stands for the clusters of a source that did not tell them.
    pub is_source: bool,
}

impl Cluster {
    /// What tells a cluster from another one of its name, from one run to the next: the file that declares it, and its server. A
    /// server on loopback comes back under another port.
    pub fn key(&self) -> String {
        let is_loopback = ["//127.", "//localhost", "//[::1]"].iter().any(|host| self.server.contains(host));
        let server = if is_loopback { "loopback" } else { &self.server };
        format!("{} {} {server}", self.name, self.file.display())
    }
}

impl Cluster {
    /// The flags that lead kubectl to it, under one of its contexts; nothing where none do.
    pub fn kubectl_flags(&self, context: &str) -> Option<Vec<(&'static str, String)>> {
        self.kubectl.get(context).unwrap_or(&KubectlReach::Context).flags(context)
    }
}

#[cfg(test)]
impl Cluster {
    /// A cluster of that name; `server` is the number of a server that others share.
    pub fn sample(name: &str, server: Option<usize>) -> Cluster {
        Cluster {
            name: name.to_string(),
            context: name.to_string(),
            source: "kubeconfig",
            origin: "config".to_string(),
            also_from: Vec::new(),
            server: "https://proxy".to_string(),
            kubeconfig_cluster: "proxy".to_string(),
            namespace: None,
            labels: BTreeMap::new(),
            aliases: Vec::new(),
            optional: false,
            others: Vec::new(),
            other_namespaces: Vec::new(),
            shared_server: server,
            is_named: false,
            file: "config".into(),
            is_current: false,
            kubectl: BTreeMap::new(),
            is_source: false,
        }
    }
}

/// The bounds of a run.
#[derive(Clone, Copy, Debug)]
pub struct FleetLimits {
    /// Clusters asked at the same time.
    pub concurrency: usize,
    /// From the name look-up to the end of the TLS handshake.
    pub connect: Duration,
    /// From there to the last byte; `None` is no limit.
    pub cluster: Option<Duration>,
    /// A credential plugin's own clock.
    pub credentials: Duration,
}

impl Default for FleetLimits {
    fn default() -> FleetLimits {
        let (connect, cluster) = (Duration::from_secs(3), Some(Duration::from_secs(10)));
        FleetLimits { concurrency: 100, connect, cluster, credentials: Duration::from_secs(30) }
    }
}
