//! One simulated API server: serves connections, and turns requests into answers.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::demo::api::access;
use crate::demo::api::members::{self, Members};
use crate::demo::api::reply::{Reply, ReplyBody};
use crate::demo::api::request::{self, Call, RequestTarget, ResourcePath};
use crate::demo::api::spoil::{self, AnswerConnection};
use crate::demo::api::{cache, discovery, listing, logs, paths, refusal, reviews, watch};
use crate::demo::faults::{FaultEffect, FaultId};
use crate::demo::timeline::content::ClusterContent;
use crate::demo::timeline::live::{Following, Live};

/// Serves one connection until either side ends it, or a fault does. Its errors are the client's to notice.
pub async fn connection(stream: TcpStream, tls: Arc<ServerConfig>, live: Arc<Live>, members: Arc<Members>) {
    let _ = stream.set_nodelay(true);
    let mut following = live.follow();
    let mut fault = following.borrow_and_update().fault.clone();
    let wire = Arc::new(AnswerConnection::default());
    let serving = async {
        let Ok(stream) = TlsAcceptor::from(tls).accept(stream).await else { return };
        let service = service_fn(|request: Request<Incoming>| {
            let (live, wire, members) = (Arc::clone(&live), Arc::clone(&wire), Arc::clone(&members));
            async move { respond_as_hub(&live, &members, request, &wire).await }
        });
        let server = auto::Builder::new(TokioExecutor::new());
        let mut connection = std::pin::pin!(server.serve_connection(TokioIo::new(stream), service));
        loop {
            // How it ended is no news.
            tokio::select! {
                _ = &mut connection => return,
                () = wire.goaway.notified() => connection.as_mut().graceful_shutdown(),
            }
        }
    };
    let mut serving = std::pin::pin!(serving);
    let mut is_stalled = false;
    loop {
        tokio::select! {
            () = &mut serving, if !is_stalled => return,
            () = wire.cut.notified() => return,
            Ok(()) = following.changed() => {
                let now = following.borrow_and_update().fault.clone();
                // A fault of some kinds is the matter of what is open for them.
                let whole = now.as_ref().filter(|fault| fault.kinds.is_empty()).map(|fault| fault.id);
                if now != fault && whole.is_some_and(|id| id.effect() == FaultEffect::End) {
                    return;
                }
                is_stalled = whole == Some(FaultId::Blackhole);
                fault = now;
            }
        }
    }
}

/// The answer of a member where the request is for one, else the server's own.
async fn respond_as_hub(
    live: &Arc<Live>,
    members: &Members,
    mut request: Request<Incoming>,
    wire: &AnswerConnection,
) -> Result<Response<ReplyBody>, h2::Error> {
    match members::through(members, request.uri()) {
        Ok(None) if request.uri().path().contains("/search/cache/") => {
            let (parts, body) = request.into_parts();
            let now = live.now();
            match cache::answer(&now, members, &parts) {
                Some(reply) => {
                    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
                    let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
                    now.requests.note(&parts.method, target, agent.unwrap_or_default());
                    Ok(reply.into_response())
                }
                None => respond(live, Request::from_parts(parts, body), wire).await,
            }
        }
        Ok(None) => respond(live, request, wire).await,
        Ok(Some((member, uri))) => {
            *request.uri_mut() = uri;
            respond(&member, request, wire).await
        }
        Err(refusal) => Ok(refusal.into_response()),
    }
}

/// The answer; the error is one that the stream is reset with.
async fn respond(
    live: &Arc<Live>,
    request: Request<Incoming>,
    wire: &AnswerConnection,
) -> Result<Response<ReplyBody>, h2::Error> {
    let (parts, body) = request.into_parts();
    let mut call = request::parse(&parts);
    let now = live.now();
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    now.requests.note(&call.method, target, agent.unwrap_or_default());
    if !now.latency.is_zero() {
        tokio::time::sleep(now.latency).await;
    }
    let (cluster, following) = not_hanging(live, &mut call).await;
    if let Some(reason) = call.fault.and_then(spoil::reset) {
        return Err(reason.into());
    }
    let mut reply = match call.fault {
        Some(FaultId::Forbidden) => access::forbid_all(&call),
        fault => match fault.and_then(spoil::instead) {
            Some(reply) => reply,
            None => answer(&cluster, &call, body, following).await.unwrap_or_else(|refusal| refusal),
        },
    };
    if let Some(fault) = call.fault {
        reply = spoil::spoil(fault, reply, wire);
    }
    mark(&mut reply.headers, &cluster);
    Ok(reply.compressed(call.gzip).into_response())
}

/// The present, and what follows on it, once nothing hangs; the call knows then what it meets.
async fn not_hanging(live: &Live, call: &mut Call) -> (Arc<ClusterContent>, Following) {
    let mut following = live.follow();
    loop {
        let cluster = following.borrow_and_update().clone();
        call.fault = cluster.strikes(call.plural(), &call.path);
        if !call.meets(FaultId::Hang) {
            return (cluster, following);
        }
        if following.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The headers that every answer of an API server carries.
fn mark(headers: &mut HeaderMap, cluster: &ClusterContent) {
    let count = cluster.requests.next();
    if let Ok(id) = HeaderValue::from_str(&format!("00000000-0000-4000-8000-{count:012x}")) {
        headers.insert("audit-id", id);
    }
    for name in ["x-kubernetes-pf-flowschema-uid", "x-kubernetes-pf-prioritylevel-uid"] {
        headers.insert(name, HeaderValue::from_static("00000000-0000-4000-8000-000000000001"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache, private"));
}

/// The true answer: who asks, whether they may, and then what is there, in this order. `Err` is a refusal.
async fn answer(
    cluster: &Arc<ClusterContent>,
    call: &Call,
    body: Incoming,
    following: Following,
) -> Result<Reply, Reply> {
    if let Some(refusal) = access::check(call, &cluster.rules) {
        return Err(refusal);
    }
    let place = match &call.target {
        RequestTarget::Resource(place) => place,
        RequestTarget::Path => return paths::answer(cluster, call),
        _ => return discovery::answer(cluster, call),
    };
    if call.method == Method::POST && reviews::is_review(place) {
        return reviews::answer(cluster, call, place, body).await;
    }
    resource(cluster, call, place, following)
}

fn resource(
    cluster: &Arc<ClusterContent>,
    call: &Call,
    place: &ResourcePath,
    following: Following,
) -> Result<Reply, Reply> {
    let Some(resource) = cluster.store.resource(&place.group, &place.version, &place.plural) else {
        let group = cluster.store.resources.iter().any(|resource| resource.group == place.group);
        return Err(if group { refusal::no_such_resource() } else { refusal::no_such_path() });
    };
    if !matches!(call.method, Method::GET | Method::HEAD) || !resource.verbs().contains(&"list") {
        return Err(refusal::method_not_allowed());
    }
    // A collection of a cluster-wide kind has no namespace in its path, an object of a namespaced kind has one.
    let misplaced = place.plural != "namespaces" && place.namespace.is_some() != resource.namespaced;
    if misplaced && (place.name.is_some() || !resource.namespaced) {
        return Err(refusal::no_such_resource());
    }
    match (place.name.as_deref(), place.subresource.as_deref()) {
        (None, _) if call.verb() == "watch" => watch::answer(cluster, call, place, resource, following),
        (None, _) => listing::list(cluster, call, place, resource),
        (Some(name), None | Some("status")) => listing::get(cluster, call, place, resource, name),
        (Some(name), Some("log")) if resource.kind == "Pod" => {
            logs::answer(cluster, call, place, name, following)
        }
        (Some(_), Some(sub)) if resource.subresources.iter().any(|known| known == sub) => {
            Err(refusal::method_not_allowed())
        }
        _ => Err(refusal::no_such_resource()),
    }
}
