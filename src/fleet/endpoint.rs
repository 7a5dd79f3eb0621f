//! A server that questions go to: its route, our credential for it, and its one connection.

use crate::fleet::connect::{Connection, Deadline, ResponseBody};
use crate::fleet::credentials::{Credential, obtain};
use crate::fleet::dial::{ConnectLimit, Route};
use crate::fleet::plugins::{Plugin, Plugins};
use crate::fleet::proxy::{self, ProxyVariables};
use crate::fleet::silence::Silence;
use crate::fleet::tls::{ClientIdentity, TlsCache, Trust, trust};
use crate::fleet::wire::{ConnectionWay, lock};
use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use kube::client::Body;
use kube::config::{AuthInfo, Cluster};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What all endpoints of a fleet share.
pub struct EndpointShared {
    pub plugins: Plugins,
    pub tls: TlsCache,
    pub proxies: ProxyVariables,
    /// The connect deadline.
    pub connect: Duration,
    connections: Mutex<BTreeMap<ServerKey, Arc<Connection>>>,
}

/// Contexts behind one host and with one identity (Rancher, Teleport) share the connection.
type ServerKey = (Route, Option<(Trust, Option<ClientIdentity>)>);

impl EndpointShared {
    pub fn new(plugins: Plugins, proxies: ProxyVariables, connect: Duration) -> EndpointShared {
        EndpointShared { plugins, tls: TlsCache::default(), proxies, connect, connections: Mutex::default() }
    }
}

/// One server, and who is to ask it.
pub struct EndpointSetup {
    /// The name that its troubles are told under.
    pub context: String,
    pub cluster: Cluster,
    pub user: AuthInfo,
    /// The cluster that the credential is made for, where another one leads to this one.
    pub login: Option<Box<Cluster>>,
    /// Why it cannot be asked.
    pub unusable: Option<Silence>,
    /// The HTTP/2 window of one stream.
    pub window: u32,
}

/// One server, as one kubeconfig user sees it.
pub struct Endpoint {
    setup: EndpointSetup,
    shared: Arc<EndpointShared>,
    open: tokio::sync::Mutex<Option<Arc<Opened>>>,
    /// No connection came about lately: the next one may take this part of the limit.
    is_doubtful: bool,
}

/// The part of the connect deadline that a server gets which could not be reached lately. One that is back answers well within it.
const DOUBTFUL_PART: u32 = 3;

/// An endpoint that has a credential and a way.
struct Opened {
    credential: Credential,
    connection: Arc<Connection>,
    base: String,
}

impl Endpoint {
    pub fn new(setup: EndpointSetup, shared: Arc<EndpointShared>) -> Endpoint {
        Endpoint { setup, shared, open: tokio::sync::Mutex::default(), is_doubtful: false }
    }

    /// Takes note that no connection came about lately.
    pub fn doubt(&mut self) {
        self.is_doubtful = true;
    }

    /// Makes the credential, if it is a plugin's, without connecting. A failure is told to whoever asks next.
    pub async fn prepare(&self) {
        if self.setup.user.exec.is_some() {
            self.opened(None).await.ok();
        }
    }

    /// Whether answers may be compressed.
    pub fn compresses(&self) -> bool {
        self.setup.cluster.disable_compression != Some(true)
    }

    /// Makes the credential, on the plugins' clock, then connects, on the connect deadline.
    pub async fn open(&self) -> Result<(), Silence> {
        self.opened(None).await?.connection.open().await
    }

    /// Sends a request whose URI is a path with its query. A 401 renews the credential once, where that can help.
    pub async fn send(
        &self,
        request: Request<Body>,
        deadline: Deadline,
    ) -> Result<Response<ResponseBody>, Silence> {
        let opened = self.opened(None).await?;
        let (parts, body) = request.into_parts();
        let again = body.try_clone();
        let first = Request::from_parts(parts.clone(), body);
        let answer = opened.send(first, deadline).await?;
        let (Some(body), Some(rejected)) = (again, opened.credential.generation) else { return Ok(answer) };
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        drop(answer);
        let renewing = self.opened(Some(rejected));
        let renewed = match deadline {
            None => renewing.await?,
            Some((end, limit)) => {
                tokio::time::timeout_at(end, renewing).await.map_err(|_| Silence::TimedOut(limit))??
            }
        };
        renewed.send(Request::from_parts(parts, body), deadline).await
    }

    /// Closes the connection once nothing flows on it; the next request makes another. The credential stays.
    pub async fn hang_up(&self) {
        if let Some(opened) = &*self.open.lock().await {
            opened.connection.hang_up();
        }
    }

    /// The token or password that our requests carry, for a text that may repeat it. Too short a one would mask words.
    pub async fn token(&self) -> Option<String> {
        let open = self.open.lock().await;
        let headers = &open.as_ref()?.credential.headers;
        let (_, value) = headers.iter().find(|(name, _)| *name == http::header::AUTHORIZATION)?;
        let (_, token) = value.to_str().ok()?.split_once(' ')?;
        (token.len() > 5).then(|| token.to_string())
    }

    async fn opened(&self, rejected: Option<u64>) -> Result<Arc<Opened>, Silence> {
        let mut open = self.open.lock().await;
        if let Some(opened) = &*open
            && (rejected.is_none() || opened.credential.generation != rejected)
            && !self.shared.plugins.is_past(opened.credential.expires)
        {
            return Ok(opened.clone());
        }
        let opened = Arc::new(self.make(rejected).await?);
        *open = Some(opened.clone());
        Ok(opened)
    }

    async fn make(&self, rejected: Option<u64>) -> Result<Opened, Silence> {
        let EndpointSetup { context, cluster, user, login, unusable, .. } = &self.setup;
        if let Some(why) = unusable {
            return Err(why.clone());
        }
        let (mut route, base) = parse_server(cluster.server.as_deref().unwrap_or_default())?;
        route.server_name = cluster.tls_server_name.clone();
        route.proxy = self.proxy(&route)?;
        let trust = if route.tls { trust(cluster)? } else { Trust::Native };
        let plugin = match &user.exec {
            None => None,
            Some(exec) => Some(Plugin::new(exec, login.as_deref().unwrap_or(cluster), roots_of(&trust))?),
        };
        let credential = obtain(context, user, plugin.as_ref(), &self.shared.plugins, rejected).await?;
        let connection = self.connection(route, trust, credential.identity.clone())?;
        Ok(Opened { credential, connection, base })
    }

    /// The kubeconfig's proxy is never subject to `NO_PROXY`; the environment's is.
    fn proxy(&self, route: &Route) -> Result<Option<proxy::Proxy>, Silence> {
        let found = match &self.setup.cluster.proxy_url {
            Some(url) => proxy::parse(url).map(Some),
            None => proxy::from_environment(&self.shared.proxies, route.tls, &route.host, route.port),
        };
        found.map_err(Silence::Unreachable)
    }

    fn connection(
        &self,
        route: Route,
        trust: Trust,
        identity: Option<ClientIdentity>,
    ) -> Result<Arc<Connection>, Silence> {
        let secured = route.tls.then(|| (trust.clone(), identity.clone()));
        let tls = match &secured {
            None => None,
            Some((trust, identity)) => Some(self.shared.tls.get(trust, identity.as_ref())?),
        };
        let mut connections = lock(&self.shared.connections);
        let part = if self.is_doubtful { DOUBTFUL_PART } else { 1 };
        let limit = ConnectLimit { time: self.shared.connect / part, is_short: self.is_doubtful };
        let way = ConnectionWay { route: route.clone(), tls, limit, window: self.setup.window };
        Ok(connections.entry((route, secured)).or_insert_with(|| Arc::new(Connection::new(way))).clone())
    }
}

impl Opened {
    async fn send(
        &self,
        mut request: Request<Body>,
        deadline: Deadline,
    ) -> Result<Response<ResponseBody>, Silence> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let uri: Result<Uri, _> = format!("{}{path}", self.base).parse();
        *request.uri_mut() =
            uri.map_err(|_| Silence::Protocol("the request's path cannot be sent".to_string()))?;
        let headers = request.headers_mut();
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        headers
            .insert(USER_AGENT, HeaderValue::from_static(concat!("callboard/", env!("CARGO_PKG_VERSION"))));
        for (name, value) in &self.credential.headers {
            headers.append(name, value.clone());
        }
        self.connection.send(request, deadline).await
    }
}

fn roots_of(trust: &Trust) -> &[u8] {
    match trust {
        Trust::Roots(pem) => pem,
        Trust::Native | Trust::Anyone => &[],
    }
}

/// Takes a server URL apart into its route and the path under which the API stands. A server without a scheme is
/// taken as client-go takes it: plain HTTP.
pub fn parse_server(server: &str) -> Result<(Route, String), Silence> {
    let unusable = || Silence::Protocol("the server's URL cannot be used".to_string());
    let (scheme, rest) = server.split_once("://").unwrap_or(("http", server));
    let tls = match scheme.to_ascii_lowercase().as_str() {
        "https" => true,
        "http" => false,
        _ => return Err(unusable()),
    };
    let uri: Uri = format!("http://{rest}").parse().map_err(|_| unusable())?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(unusable)?;
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
    let base = uri.path().trim_end_matches('/').to_string();
    Ok((Route { host, port, tls, server_name: None, proxy: None }, base))
}

#[cfg(test)]
mod tests {
    use super::parse_server;

    #[track_caller]
    fn check(server: &str, expect: Option<(&str, u16, bool, &str)>) {
        let got = parse_server(server).ok();
        let got =
            got.as_ref().map(|(route, base)| (route.host.as_str(), route.port, route.tls, base.as_str()));
        assert_eq!(got, expect, "{server}");
    }

    #[test]
    fn server_urls() {
        check("https://API.corp", Some(("api.corp", 443, true, "")));
        check("https://api.corp:6443/", Some(("api.corp", 6443, true, "")));
        check("https://rancher/k8s/clusters/c-1/", Some(("rancher", 443, true, "/k8s/clusters/c-1")));
        check("http://[::1]:8080", Some(("::1", 8080, false, "")));
        check("10.0.0.1:8080", Some(("10.0.0.1", 8080, false, "")));
        for bad in ["", "https://", "ftp://x", "https://a b", "https:///path"] {
            check(bad, None);
        }
    }
}
