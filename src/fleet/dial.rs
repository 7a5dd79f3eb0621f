//! One way to a server: name, TCP, proxy, TLS, each step with its own short reason for failing.
//!
//! hyper-util's connector tries the addresses of one family one after the other, and its errors are told apart by their words alone; here each
//! step has a reason of its own, by which a silent cluster is explained.
#![expect(clippy::disallowed_methods, reason = "the door to the clusters")]

use crate::fleet::proxy::{Proxy, ProxyKind};
use crate::fleet::silence::{Silence, brief};
use crate::fleet::tls::{TlsCache, Trust, tls_error};
use futures::stream::{FuturesUnordered, StreamExt};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::error::Error;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tower::Service;

/// The next address is tried beside the first when that has not answered for this long (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);

/// Where a server is and how it is reached.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Route {
    pub host: String,
    pub port: u16,
    pub tls: bool,
    /// The name to expect in the certificate (`tls-server-name`), where it is not the host.
    pub server_name: Option<String>,
    pub proxy: Option<Proxy>,
}

/// How long a connection may take, from the name look-up to the end of the TLS handshake.
#[derive(Clone, Copy, Debug)]
pub struct ConnectLimit {
    pub time: Duration,
    /// Shortened, because no connection came about lately.
    pub is_short: bool,
}

/// A connected byte stream.
pub trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

/// A connection ready for HTTP, and whether both sides agreed on HTTP/2.
pub struct Dialled {
    pub pipe: Box<dyn Pipe>,
    pub http2: bool,
}

/// Connects within the limit.
pub async fn dial(
    route: &Route,
    tls: Option<Arc<ClientConfig>>,
    limit: ConnectLimit,
) -> Result<Dialled, Silence> {
    match tokio::time::timeout(limit.time, connect(route, tls)).await {
        Ok(dialled) => dialled,
        Err(_) => Err(Silence::NoConnection { limit: limit.time, is_short: limit.is_short }),
    }
}

async fn connect(route: &Route, tls: Option<Arc<ClientConfig>>) -> Result<Dialled, Silence> {
    let pipe = match &route.proxy {
        None => Box::new(tcp(&route.host, route.port).await?) as Box<dyn Pipe>,
        Some(proxy) => through(proxy, &route.host, route.port).await?,
    };
    match tls {
        None => Ok(Dialled { pipe, http2: false }),
        Some(config) => handshake(pipe, route.server_name.as_deref().unwrap_or(&route.host), config).await,
    }
}

async fn tcp(host: &str, port: u16) -> Result<TcpStream, Silence> {
    let found = tokio::net::lookup_host((host, port)).await;
    let addresses: Vec<SocketAddr> =
        found.map_err(|error| Silence::Unreachable(resolving(host, &error)))?.collect();
    let mut failed = Silence::Unreachable(format!("{host} has no address"));
    let mut waiting = FuturesUnordered::new();
    for (index, address) in interleaved(addresses).into_iter().enumerate() {
        waiting.push(async move {
            tokio::time::sleep(STAGGER * u32::try_from(index).unwrap_or(u32::MAX)).await;
            TcpStream::connect(address).await
        });
    }
    while let Some(tried) = waiting.next().await {
        match tried {
            Ok(stream) => {
                // The end of the handshake and the first request are two writes; Nagle would hold back the second.
                stream.set_nodelay(true).ok();
                return Ok(stream);
            }
            Err(error) => failed = Silence::Unreachable(connecting(&error)),
        }
    }
    Err(failed)
}

/// Alternates between the address families, in the resolver's order.
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first = addresses.first().map(SocketAddr::is_ipv6);
    let (one, other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| Some(address.is_ipv6()) == first);
    let (mut one, mut other) = (one.into_iter(), other.into_iter());
    let mut mixed = Vec::new();
    loop {
        let pair = [one.next(), other.next()];
        if pair == [None, None] {
            return mixed;
        }
        mixed.extend(pair.into_iter().flatten());
    }
}

/// The resolver's own words differ by platform; a failure that passes is not a name that does not exist.
fn resolving(host: &str, error: &std::io::Error) -> String {
    match error.to_string().to_lowercase().contains("temporary failure") {
        true => format!("the name {} cannot be resolved at the moment", brief(host)),
        false => format!("no such host {}", brief(host)),
    }
}

fn connecting(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused".to_string(),
        ErrorKind::HostUnreachable => "no route to host".to_string(),
        ErrorKind::NetworkUnreachable => "network unreachable".to_string(),
        ErrorKind::TimedOut => "no connection".to_string(),
        ErrorKind::ConnectionReset => "connection reset".to_string(),
        _ => brief(&error.to_string()),
    }
}

/// A stream to `host:port` through the proxy. Whatever goes wrong here is the proxy's, so it is told as such.
async fn through(proxy: &Proxy, host: &str, port: u16) -> Result<Box<dyn Pipe>, Silence> {
    let told = |text: &str| Silence::Unreachable(format!("proxy {}:{}: {text}", proxy.host, proxy.port));
    let mut pipe =
        Box::new(tcp(&proxy.host, proxy.port).await.map_err(|why| told(&why.message()))?) as Box<dyn Pipe>;
    if proxy.kind == ProxyKind::Https {
        let trusted = TlsCache::default().get(&Trust::Native, None)?;
        let mut trusted = ClientConfig::clone(&trusted);
        trusted.alpn_protocols.clear();
        let ready =
            handshake(pipe, &proxy.host, Arc::new(trusted)).await.map_err(|why| told(&why.message()))?;
        pipe = ready.pipe;
    }
    let bracketed = if host.contains(':') { format!("[{host}]") } else { host.to_string() };
    let target: http::Uri =
        format!("https://{bracketed}:{port}").parse().map_err(|_| told("cannot name the server"))?;
    let mut ready = Some(TokioIo::new(pipe));
    let connector = tower::service_fn(move |_: http::Uri| {
        let taken = ready.take().ok_or_else(|| std::io::Error::other("one connection only"));
        std::future::ready(taken)
    });
    let proxy_uri = http::Uri::from_static("http://proxy");
    let tunnelled = match (proxy.kind, &proxy.user) {
        (ProxyKind::Socks, None) => {
            SocksV5::new(proxy_uri, connector).call(target).await.map_err(|e| root(&e))
        }
        (ProxyKind::Socks, Some((user, password))) => {
            let mut socks = SocksV5::new(proxy_uri, connector).with_auth(user.clone(), password.clone());
            socks.call(target).await.map_err(|e| root(&e))
        }
        _ => {
            let mut tunnel = Tunnel::new(proxy_uri, connector);
            if let Some(authorization) = proxy.authorization() {
                tunnel = tunnel.with_auth(authorization);
            }
            tunnel.call(target).await.map_err(|e| root(&e))
        }
    };
    Ok(Box::new(tunnelled.map_err(|text| told(&text))?.into_inner()))
}

async fn handshake(pipe: Box<dyn Pipe>, name: &str, config: Arc<ClientConfig>) -> Result<Dialled, Silence> {
    let name = ServerName::try_from(name.to_string())
        .map_err(|_| Silence::Certificate(format!("\"{name}\" cannot be a server name")))?;
    let stream =
        tokio_rustls::TlsConnector::from(config).connect(name, pipe).await.map_err(|e| shaking(&e))?;
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    Ok(Dialled { pipe: Box::new(stream), http2 })
}

fn shaking(error: &std::io::Error) -> Silence {
    match find_tls(error) {
        Some(error) => tls_error(error),
        None if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
            Silence::Unreachable("the connection was closed during the TLS handshake".to_string())
        }
        None => Silence::Unreachable(connecting(error)),
    }
}

/// rustls' error inside an io error. `source()` skips what an io error wraps, so `get_ref()` is walked too.
pub fn find_tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(found) = error.downcast_ref::<rustls::Error>() {
        return Some(found);
    }
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let inner = inner.map(|inner| inner as &(dyn Error + 'static));
    inner.or_else(|| error.source()).and_then(find_tls)
}

/// The innermost error's text: what wraps it says no more than "client error (Connect)".
pub fn root(error: &(dyn Error + 'static)) -> String {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let inner = inner.map(|inner| inner as &(dyn Error + 'static));
    match inner.or_else(|| error.source()) {
        Some(inner) => root(inner),
        None => brief(&error.to_string()),
    }
}
