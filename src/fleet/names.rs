//! The names by which others know a cluster.

use crate::fleet::cluster::Cluster;
use crate::fleet::server_url::normal;

/// How well a name fits a cluster, the best first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum NameFit {
    /// It is its own: its context's, an alias, or that of a context that is the same to the letter.
    Own,
    /// It is that of its entry in the kubeconfig, which several contexts may have.
    Entry,
    /// The URL of its server is the one that is meant.
    Server,
}

impl Cluster {
    /// Whether and how well a name, or a server's URL beside it, means this cluster.
    pub fn fit(&self, name: &str, server: Option<&str>) -> Option<NameFit> {
        let own = [&self.name, &self.context];
        if own.into_iter().chain(&self.aliases).chain(&self.others).any(|known| known == name) {
            Some(NameFit::Own)
        } else if self.kubeconfig_cluster == name {
            Some(NameFit::Entry)
        } else {
            server.is_some_and(|server| normal(server) == normal(&self.server)).then_some(NameFit::Server)
        }
    }

    /// Whether a name means this cluster, in any way.
    pub fn is_called(&self, name: &str, server: Option<&str>) -> bool {
        self.fit(name, server).is_some()
    }
}
