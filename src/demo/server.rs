//! One simulated API server: serves connections, and turns requests into answers.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use crate::demo::access;
use crate::demo::cluster::Cluster;
use crate::demo::faults::{self, Effect, FaultId};
use crate::demo::live::{Following, Live};
use crate::demo::reply::{Body, Reply};
use crate::demo::request::{self, Call, Place, Target};
use crate::demo::{discovery, listing, logs, paths, refusal, reviews, watch};

/// Serves one connection until either side ends it, or a fault does. Its errors are the client's to notice.
pub async fn connection(stream: TcpStream, tls: Arc<ServerConfig>, live: Arc<Live>) {
    let _ = stream.set_nodelay(true);
    let mut following = live.follow();
    let mut fault = following.borrow_and_update().fault.clone();
    let cut = Arc::new(Notify::new());
    let serving = async {
        let Ok(stream) = TlsAcceptor::from(tls).accept(stream).await else { return };
        let service = service_fn(|request: Request<Incoming>| {
            let (live, cut) = (Arc::clone(&live), Arc::clone(&cut));
            async move { Ok::<_, Infallible>(respond(&live, request, &cut).await) }
        });
        let server = auto::Builder::new(TokioExecutor::new());
        // How it ended is no news.
        let _ = server.serve_connection(TokioIo::new(stream), service).await;
    };
    let mut serving = std::pin::pin!(serving);
    let mut is_stalled = false;
    loop {
        tokio::select! {
            () = &mut serving, if !is_stalled => return,
            () = cut.notified() => return,
            Ok(()) = following.changed() => {
                let now = following.borrow_and_update().fault.clone();
                // A fault of some kinds is the matter of what is open for them.
                let whole = now.as_ref().filter(|fault| fault.kinds.is_empty()).map(|fault| fault.id);
                if now != fault && whole.is_some_and(|id| id.effect() == Effect::End) {
                    return;
                }
                is_stalled = whole == Some(FaultId::Blackhole);
                fault = now;
            }
        }
    }
}

async fn respond(live: &Arc<Live>, request: Request<Incoming>, cut: &Arc<Notify>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let call = request::parse(&parts);
    let latency = live.now().latency;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let (cluster, following) = not_hanging(live, &call).await;
    let fault = cluster.fault_of(call.plural());
    let mut reply = match fault {
        Some(FaultId::Forbidden) => access::forbid_all(&call),
        fault => match fault.and_then(faults::instead) {
            Some(reply) => reply,
            None => answer(&cluster, &call, body, following).await.unwrap_or_else(|refusal| refusal),
        },
    };
    if let Some(fault) = fault {
        reply = faults::spoil(fault, reply, cut);
    }
    mark(&mut reply.headers, &cluster);
    reply.compressed(call.gzip).into_response()
}

/// The present, and what follows on it, once nothing hangs.
async fn not_hanging(live: &Live, call: &Call) -> (Arc<Cluster>, Following) {
    let mut following = live.follow();
    loop {
        let cluster = following.borrow_and_update().clone();
        if !cluster.faults_on(call, FaultId::Hang) {
            return (cluster, following);
        }
        if following.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The headers that every answer of an API server carries.
fn mark(headers: &mut HeaderMap, cluster: &Cluster) {
    let count = cluster.requests.fetch_add(1, Ordering::Relaxed);
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
    cluster: &Arc<Cluster>,
    call: &Call,
    body: Incoming,
    following: Following,
) -> Result<Reply, Reply> {
    if let Some(refusal) = access::check(call, &cluster.rules) {
        return Err(refusal);
    }
    let place = match &call.target {
        Target::Resource(place) => place,
        Target::Path => return paths::answer(cluster, call),
        _ => return discovery::answer(cluster, call),
    };
    if call.method == Method::POST && reviews::is_review(place) {
        return reviews::answer(cluster, call, place, body).await;
    }
    resource(cluster, call, place, following)
}

fn resource(
    cluster: &Arc<Cluster>,
    call: &Call,
    place: &Place,
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
