//! A server that is no cluster: its JSON documents, over the same connections, proxies and rules. A redirect is never followed, so that
//! the token goes to nobody else.

use crate::fleet::answer::{ResponseHead, Wants, head, whole};
use crate::fleet::connect::Deadline;
use crate::fleet::endpoint::{Endpoint, EndpointSetup, EndpointShared, parse_server};
use crate::fleet::members::window;
use crate::fleet::path::encoded;
use crate::fleet::plugins::{PluginPolicy, Plugins};
use crate::fleet::proxy::ProxyVariables;
use crate::fleet::silence::Silence;
use http::Request;
use http::header::{ACCEPT, ACCEPT_ENCODING};
use jiff::Timestamp;
use kube::client::Body;
use kube::config::{AuthInfo, Cluster};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The largest document that is read.
const MOST_BYTES: usize = 64 << 20;

/// How a server is reached. It has no `Debug`: the token is secret.
pub struct SiteSetup {
    pub url: String,
    pub token: Option<String>,
    /// The PEM file of who is trusted to vouch for it, instead of the machine's own list.
    pub authority: Option<PathBuf>,
    pub proxies: ProxyVariables,
    pub connect: Duration,
    /// For each document, from the request to its last byte; zero is no limit.
    pub limit: Duration,
    pub now: Timestamp,
}

pub struct Site {
    endpoint: Endpoint,
    limit: Duration,
}

impl Site {
    /// Fails where the URL is none, carries a password, or would send the token in the clear.
    pub fn new(setup: SiteSetup) -> Result<Site, Silence> {
        let (route, _) = parse_server(&setup.url)?;
        let is_loopback = route.host == "localhost"
            || route.host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        if !setup.url.contains("://") || setup.url.contains(['?', '#']) || setup.url.contains('@') {
            return Err(Silence::Protocol(
                "expected https://HOST[:PORT][/PATH], without user or query".to_string(),
            ));
        }
        if setup.token.is_some() && !route.tls && !is_loopback {
            return Err(Silence::credentials(
                "the token would be sent in the clear: the URL must begin with https://",
            ));
        }
        let plugins = Plugins::new(setup.now, false, setup.connect, PluginPolicy::default(), None);
        let shared = EndpointShared::new(plugins, setup.proxies, setup.connect);
        let cluster = Cluster {
            server: Some(setup.url),
            certificate_authority: setup.authority.map(|path| path.display().to_string()),
            ..Cluster::default()
        };
        let user = AuthInfo { token: setup.token.map(Into::into), ..AuthInfo::default() };
        let (context, window) = (route.host, window(1));
        let endpoint = EndpointSetup { context, cluster, user, login: None, unusable: None, window };
        let endpoint = Endpoint::new(endpoint, Arc::new(shared));
        Ok(Site { endpoint, limit: setup.limit })
    }

    /// Reads a JSON document by its path below the URL, which begins without a slash; `None` is 404.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Option<String>, Silence> {
        let terms: Vec<String> =
            query.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
        let deadline: Deadline = (!self.limit.is_zero()).then(|| (Instant::now() + self.limit, self.limit));
        let request = Request::get(format!("/{path}?{}", terms.join("&")))
            .header(ACCEPT, "application/json")
            .header(ACCEPT_ENCODING, "gzip")
            .body(Body::empty())
            .map_err(|_| Silence::Protocol("the URL cannot be used".to_string()))?;
        match head(&self.endpoint, request, Wants::Json, deadline).await? {
            ResponseHead::Good(answer) => whole(answer, MOST_BYTES).await.map(Some),
            ResponseHead::NotFound => Ok(None),
            ResponseHead::Gone(_) => Err(Silence::Gone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Site, SiteSetup};
    use std::time::Duration;

    #[track_caller]
    fn check(url: &str, token: Option<&str>, refused: Option<&str>) {
        let setup = SiteSetup {
            url: url.to_string(),
            token: token.map(str::to_string),
            authority: None,
            proxies: Default::default(),
            connect: Duration::from_secs(1),
            limit: Duration::from_secs(1),
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        let told = Site::new(setup).err().map(|why| why.message());
        let fits = match refused {
            None => told.is_none(),
            Some(word) => told.as_ref().is_some_and(|told| told.contains(word)),
        };
        assert!(fits, "{url}: {told:?}");
    }

    #[test]
    fn a_token_is_not_sent_in_the_clear_and_a_url_holds_no_password() {
        check("https://backstage.example", Some("t"), None);
        check("http://backstage.example", None, None);
        check("http://backstage.example", Some("t"), Some("in the clear"));
        check("http://127.0.0.1:7007", Some("t"), None);
        check("http://localhost:7007", Some("t"), None);
        check("http://127.0.0.1.example", Some("t"), Some("in the clear"));
        check("https://me:secret@backstage.example", None, Some("without user"));
        check("https://backstage.example/?x", None, Some("without user or query"));
        check("backstage.example", None, Some("expected https://"));
        check("ftp://backstage.example", None, Some("cannot be used"));
    }
}
