//! The names by which others know a cluster.

use crate::fleet::cluster::Cluster;

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

/// A server URL without what makes no difference: case of the host, a slash at the end, the usual port.
fn normal(server: &str) -> String {
    let server = server.trim_end_matches('/');
    let (scheme, rest) = server.split_once("://").unwrap_or(("https", server));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_lowercase();
    let usual = if scheme.eq_ignore_ascii_case("http") { ":80" } else { ":443" };
    format!("{}://{}/{path}", scheme.to_lowercase(), host.strip_suffix(usual).unwrap_or(&host))
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[track_caller]
    fn check(one: &str, other: &str, same: bool) {
        assert_eq!(normal(one) == normal(other), same, "{one} {other}");
    }

    #[test]
    fn a_server_is_the_same_however_its_url_is_written() {
        check("https://API.example.com", "https://api.example.com:443/", true);
        check("https://r.example.com/k8s/c-1/", "https://r.example.com/k8s/c-1", true);
        check("https://r.example.com/k8s/c-1", "https://r.example.com/k8s/c-2", false);
        check("https://a:6443", "https://a", false);
        check("http://a", "https://a", false);
    }
}
