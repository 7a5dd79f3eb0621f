//! What every connection to a server needs: the way there, how it is addressed, and what its errors mean.

use crate::fleet::dial::{ConnectLimit, Route, find_tls, root};
use crate::fleet::silence::Silence;
use crate::fleet::tls::{alert, tls_error};
use http::Uri;
use rustls::ClientConfig;
use std::sync::{Arc, Mutex, MutexGuard};

/// How a connection is made.
#[derive(Clone)]
pub struct ConnectionWay {
    pub route: Route,
    pub tls: Option<Arc<ClientConfig>>,
    pub limit: ConnectLimit,
    /// Bytes of one HTTP/2 stream in flight. The protocol's 64 KiB makes a large list crawl over a long distance.
    pub window: u32,
}

/// What an error of hyper's means, once connected.
pub fn sending(error: &hyper::Error) -> Silence {
    if let Some(error) = find_tls(error) {
        return tls_error(error);
    }
    if error.is_timeout() {
        return Silence::Unreachable("the connection went dead".to_string());
    }
    if error.is_parse() {
        return Silence::Protocol("the server does not speak HTTP here".to_string());
    }
    if error.is_incomplete_message()
        || error.is_closed()
        || error.is_canceled()
        || error.is_body_write_aborted()
    {
        return Silence::Protocol("the connection was closed in the middle".to_string());
    }
    let text = root(error);
    // HTTP/2 hands on the text only of an end without TLS's own good-bye.
    if text.contains("close_notify") {
        return Silence::Protocol("the connection was closed in the middle".to_string());
    }
    match text.strip_prefix("received fatal alert: ") {
        Some(name) => alert(name),
        None => Silence::Protocol(text),
    }
}

pub fn absolute(route: &Route, path: &Uri) -> Result<Uri, Silence> {
    let path = path.path_and_query().cloned().unwrap_or_else(|| http::uri::PathAndQuery::from_static("/"));
    let scheme = if route.tls { "https" } else { "http" };
    let uri = Uri::builder().scheme(scheme).authority(authority(route)).path_and_query(path).build();
    uri.map_err(|_| Silence::Protocol("the server's URL cannot be used".to_string()))
}

pub fn authority(route: &Route) -> String {
    let host = if route.host.contains(':') { format!("[{}]", route.host) } else { route.host.clone() };
    match (route.tls, route.port) {
        (true, 443) | (false, 80) => host,
        (_, port) => format!("{host}:{port}"),
    }
}

/// The state behind these locks is whole between statements, so a panic elsewhere does not spoil it.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
