//! One connection to a server, shared by all its requests: HTTP/2 where both sides can, else a few of HTTP/1.1.

use crate::fleet::dial::{Route, dial, find_tls, root};
use crate::fleet::silence::Silence;
use crate::fleet::tls::{alert, tls_error};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri, Version};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use kube::client::Body;
use rustls::ClientConfig;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

/// HTTP/1.1 answers one request at a time; more connections than this help no cluster and exhaust descriptors.
const HTTP1_CONNECTIONS: usize = 4;
/// Twelve kinds asked of a dead server fail together; a later round may try again.
const REMEMBER_FAILURE: Duration = Duration::from_secs(5);

/// How often a quiet HTTP/2 connection is pinged, and how long the answer may take.
const PING: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(15));

/// How a connection is made.
#[derive(Clone)]
pub struct Way {
    pub route: Route,
    pub tls: Option<Arc<ClientConfig>>,
    /// From the name look-up to the end of the TLS handshake.
    pub limit: Duration,
    /// Bytes of one HTTP/2 stream in flight. The protocol's 64 KiB makes a large list crawl over a long distance.
    pub window: u32,
}

/// A server's connection, made with the first request; those that come meanwhile wait for the same attempt. Further
/// ones are made only where a server takes fewer streams on one than are to flow for ever.
pub struct Connection {
    way: Way,
    attempts: Mutex<Vec<Attempt>>,
}

/// Marks a request whose answer flows for ever: it takes a stream from those that end.
#[derive(Clone, Copy)]
pub struct Endless;

/// Streams of a connection that are left to answers that end.
const KEPT_FREE: usize = 16;

struct Attempt {
    link: Shared<BoxFuture<'static, Result<Link, Silence>>>,
    since: Instant,
}

#[derive(Clone)]
enum Link {
    Http2(Sharing),
    Http1(Arc<Pool>),
}

/// An HTTP/2 connection and how many answers flow on it for ever.
#[derive(Clone)]
struct Sharing {
    sender: http2::SendRequest<Body>,
    endless: Arc<AtomicUsize>,
    /// Streams that the server takes, as far as it has said.
    most: Arc<AtomicUsize>,
}

/// What a server is taken to accept before it has said so; what Go's servers and nearly all others exceed.
const MOST_STREAMS: usize = 100;

impl Sharing {
    fn room(&self) -> usize {
        let most = self.most.load(Ordering::Relaxed);
        most.saturating_sub(KEPT_FREE).max(most.div_ceil(2)).max(1)
    }

    fn is_full(&self) -> bool {
        self.endless.load(Ordering::Relaxed) >= self.room()
    }

    /// Takes a place for one more answer that flows for ever.
    fn place(&self) -> Option<Place> {
        let more = |endless: usize| (endless < self.room()).then_some(endless + 1);
        self.endless.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Place(self.endless.clone()))
    }
}

/// The place of an answer that flows for ever.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The HTTP/1.1 connections of one server.
struct Pool {
    way: Way,
    idle: Mutex<Vec<http1::SendRequest<Body>>>,
    slots: Arc<Semaphore>,
}

/// When an answer must be complete, and the limit that this comes from, for the message.
pub type Deadline = Option<(Instant, Duration)>;

impl Connection {
    pub fn new(way: Way) -> Connection {
        Connection { way, attempts: Mutex::default() }
    }

    /// Connects, unless that is done.
    pub async fn open(&self) -> Result<(), Silence> {
        self.attempt(false).await.map(|_| ())
    }

    /// Sends a request whose URI is a path with its query; the answer's head and body keep the deadline.
    pub async fn send(&self, request: Request<Body>, deadline: Deadline) -> Result<Response<Reply>, Silence> {
        let sent = async {
            let is_endless = request.extensions().get::<Endless>().is_some();
            loop {
                match self.attempt(is_endless).await? {
                    Link::Http1(pool) => return pool.send(request).await,
                    Link::Http2(link) if !is_endless => {
                        return self.send_http2(link.sender, request, None).await;
                    }
                    Link::Http2(link) => {
                        // Others that waited for the same connection may have filled it.
                        if let Some(place) = link.place() {
                            return self.send_http2(link.sender, request, Some(place)).await;
                        }
                    }
                }
            }
        };
        let Some((end, limit)) = deadline else { return sent.await };
        let answer = tokio::time::timeout_at(end, sent).await.map_err(|_| Silence::TimedOut(limit))??;
        let clock = Box::pin(tokio::time::sleep_until(end));
        Ok(answer.map(|body| Reply { deadline: Some((clock, limit)), ..body }))
    }

    /// The connection that there is, or is being made; with `roomy` one that is not full of endless answers.
    fn attempt(&self, roomy: bool) -> Shared<BoxFuture<'static, Result<Link, Silence>>> {
        let mut attempts = lock(&self.attempts);
        attempts.retain(Attempt::is_usable);
        let found = attempts.iter().find(|attempt| !roomy || !attempt.is_full());
        if let Some(found) = found {
            return found.link.clone();
        }
        let link = link(self.way.clone()).boxed().shared();
        attempts.push(Attempt { link: link.clone(), since: Instant::now() });
        link
    }

    async fn send_http2(
        &self,
        mut sender: http2::SendRequest<Body>,
        mut request: Request<Body>,
        place: Option<Place>,
    ) -> Result<Response<Reply>, Silence> {
        *request.uri_mut() = absolute(&self.way.route, request.uri())?;
        *request.version_mut() = Version::HTTP_2;
        sender.ready().await.map_err(|error| sending(&error))?;
        let answer = sender.send_request(request).await.map_err(|error| sending(&error))?;
        Ok(answer.map(|body| Reply { body, lease: None, deadline: None, _place: place }))
    }
}

impl Attempt {
    fn is_usable(&self) -> bool {
        match self.link.peek() {
            None | Some(Ok(Link::Http1(_))) => true,
            Some(Ok(Link::Http2(link))) => !link.sender.is_closed(),
            Some(Err(_)) => self.since.elapsed() < REMEMBER_FAILURE,
        }
    }

    fn is_full(&self) -> bool {
        matches!(self.link.peek(), Some(Ok(Link::Http2(link))) if link.is_full())
    }
}

async fn link(way: Way) -> Result<Link, Silence> {
    let dialled = dial(&way.route, way.tls.clone(), way.limit).await?;
    let pipe = TokioIo::new(dialled.pipe);
    if dialled.http2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .initial_stream_window_size(way.window)
            .initial_connection_window_size(way.window.saturating_mul(2));
        builder.max_frame_size(64 << 10);
        // A watch hears nothing for minutes; only a ping tells that from a network that is gone (client-go's 30s).
        builder.timer(TokioTimer::new()).keep_alive_interval(PING.0).keep_alive_timeout(PING.1);
        let (sender, driver) = builder.handshake(pipe).await.map_err(|error| sending(&error))?;
        let most = Arc::new(AtomicUsize::new(MOST_STREAMS));
        let (told, mut driver) = (most.clone(), Box::pin(driver));
        tokio::spawn(std::future::poll_fn(move |context| {
            let polled = driver.as_mut().poll(context);
            told.store(driver.current_max_send_streams(), Ordering::Relaxed);
            polled
        }));
        return Ok(Link::Http2(Sharing { sender, endless: Arc::default(), most }));
    }
    let sender = http1_handshake(pipe).await?;
    let slots = Arc::new(Semaphore::new(HTTP1_CONNECTIONS));
    Ok(Link::Http1(Arc::new(Pool { way, idle: Mutex::new(vec![sender]), slots })))
}

async fn http1_handshake(
    pipe: TokioIo<Box<dyn crate::fleet::dial::Pipe>>,
) -> Result<http1::SendRequest<Body>, Silence> {
    let mut builder = http1::Builder::new();
    // hyper would let the buffer of every busy connection grow to 400 KiB.
    builder.max_buf_size(64 << 10);
    let (sender, driver) = builder.handshake(pipe).await.map_err(|error| sending(&error))?;
    tokio::spawn(driver);
    Ok(sender)
}

impl Pool {
    async fn send(self: &Arc<Pool>, mut request: Request<Body>) -> Result<Response<Reply>, Silence> {
        let closed = |_| Silence::Protocol("the connection was closed".to_string());
        let slot = self.slots.clone().acquire_owned().await.map_err(closed)?;
        let mut sender = self.sender().await?;
        let host = HeaderValue::from_str(&authority(&self.way.route));
        request.headers_mut().insert(HOST, host.map_err(|_| Silence::Protocol("no host name".to_string()))?);
        let answer = sender.send_request(request).await.map_err(|error| sending(&error))?;
        let lease = Lease { sender, pool: self.clone(), slot: Some(slot) };
        Ok(answer.map(|body| Reply { body, lease: Some(Box::new(lease)), deadline: None, _place: None }))
    }

    /// A connection that is still open, else a new one.
    async fn sender(&self) -> Result<http1::SendRequest<Body>, Silence> {
        loop {
            let idle = lock(&self.idle).pop();
            let Some(mut sender) = idle else { break };
            if sender.ready().await.is_ok() {
                return Ok(sender);
            }
        }
        let dialled = dial(&self.way.route, self.way.tls.clone(), self.way.limit).await?;
        http1_handshake(TokioIo::new(dialled.pipe)).await
    }
}

/// An HTTP/1.1 connection on loan to the body that arrives on it.
struct Lease {
    sender: http1::SendRequest<Body>,
    pool: Arc<Pool>,
    slot: Option<OwnedSemaphorePermit>,
}

/// The body of an answer. Its errors are silences; past its deadline it is one, whatever has arrived.
pub struct Reply {
    body: Incoming,
    lease: Option<Box<Lease>>,
    _place: Option<Place>,
    deadline: Option<(Pin<Box<Sleep>>, Duration)>,
}

impl Reply {
    /// A body that flows for ever is not bounded in time; only its head was. Nor does it count among the
    /// connections that the other requests wait for.
    pub fn without_deadline(mut self) -> Reply {
        if let Some(lease) = &mut self.lease {
            lease.slot = None;
        }
        Reply { deadline: None, ..self }
    }
}

impl hyper::body::Body for Reply {
    type Data = Bytes;
    type Error = Silence;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Silence>>> {
        if let Some((clock, limit)) = &mut self.deadline
            && clock.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Some(Err(Silence::TimedOut(*limit))));
        }
        let polled = Pin::new(&mut self.body).poll_frame(context);
        // Only a body read to its end leaves a connection that the next request can use.
        if matches!(polled, Poll::Ready(None))
            && let Some(lease) = self.lease.take()
        {
            lock(&lease.pool.idle).push(lease.sender);
        }
        polled.map(|frame| frame.map(|frame| frame.map_err(|error| sending(&error))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
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

fn absolute(route: &Route, path: &Uri) -> Result<Uri, Silence> {
    let path = path.path_and_query().cloned().unwrap_or_else(|| http::uri::PathAndQuery::from_static("/"));
    let scheme = if route.tls { "https" } else { "http" };
    let uri = Uri::builder().scheme(scheme).authority(authority(route)).path_and_query(path).build();
    uri.map_err(|_| Silence::Protocol("the server's URL cannot be used".to_string()))
}

fn authority(route: &Route) -> String {
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
