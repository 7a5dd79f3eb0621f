//! One connection to a server, shared by all its requests: HTTP/2 where both sides can, else a few of HTTP/1.1.

use crate::fleet::dial::dial;
use crate::fleet::pool::{Lease, Pool, handshake};
use crate::fleet::repeat::{Failed, PAUSES, Repeat, again};
use crate::fleet::silence::Silence;
use crate::fleet::wire::{ConnectionWay, absolute, lock, sending};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use http::{Request, Response, Version};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use kube::client::Body;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Twelve kinds asked of a dead server fail together; a later round may try again.
const REMEMBER_FAILURE: Duration = Duration::from_secs(5);

/// How often a quiet HTTP/2 connection is pinged, and how long the answer may take.
const PING: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(15));

/// A server's connection, made with the first request; those that come meanwhile wait for the same attempt. Further
/// ones are made only where a server takes fewer streams on one than are to flow for ever.
pub struct Connection {
    way: ConnectionWay,
    attempts: Mutex<Vec<Attempt>>,
    number: AtomicU64,
}

/// Marks a request whose answer does not end within its deadline.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Flow {
    /// It flows for ever: it takes a stream from those that end.
    Endless,
    /// It flows as its reader takes it, who may stop for long: on a connection apart, where all that are stopped, each with so
    /// many bytes on its way, leave room for those that are read.
    Held(u32),
}

/// Streams of a connection that are left to answers that end.
const KEPT_FREE: usize = 16;
/// Held answers on one connection: its window is that of all of them together.
const MOST_HELD: usize = 64;

struct Attempt {
    number: u64,
    /// The window of the held answers that it is for.
    held: Option<u32>,
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
    /// Only held answers flow on it.
    is_for_held: bool,
}

/// What a server is taken to accept before it has said so; what Go's servers and nearly all others exceed.
const MOST_STREAMS: usize = 100;

impl Sharing {
    fn room(&self) -> usize {
        let most = self.most.load(Ordering::Relaxed);
        if self.is_for_held {
            return most.clamp(1, MOST_HELD);
        }
        most.saturating_sub(KEPT_FREE).max(most.div_ceil(2)).max(1)
    }

    fn is_full(&self) -> bool {
        self.endless.load(Ordering::Relaxed) >= self.room()
    }

    /// Takes a place for one more answer that flows for ever.
    fn place(&self) -> Option<StreamPermit> {
        let more = |endless: usize| (endless < self.room()).then_some(endless + 1);
        self.endless.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(StreamPermit(self.endless.clone()))
    }
}

/// The place of an answer that flows for ever.
struct StreamPermit(Arc<AtomicUsize>);

impl Drop for StreamPermit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// When an answer must be complete, and the limit that this comes from, for the message.
pub type Deadline = Option<(Instant, Duration)>;

impl Connection {
    pub fn new(way: ConnectionWay) -> Connection {
        Connection { way, attempts: Mutex::default(), number: AtomicU64::default() }
    }

    /// Keeps nothing open for requests to come; those that are under way go on.
    pub fn hang_up(&self) {
        lock(&self.attempts).clear();
    }

    /// Connects, unless that is done.
    pub async fn open(&self) -> Result<(), Silence> {
        self.attempt(None).1.await.map(|_| ())
    }

    /// Sends a request whose URI is a path with its query; the answer's head and body keep the deadline. What the server has
    /// provably not worked on, or a connection that closed before the answer, is asked again, as Go's client does.
    pub async fn send(
        &self,
        request: Request<Body>,
        deadline: Deadline,
    ) -> Result<Response<ResponseBody>, Silence> {
        let (parts, body) = request.into_parts();
        let sent = async move {
            let (mut pauses, mut was_closed) = (PAUSES.iter(), false);
            loop {
                let body = body.try_clone().unwrap_or_else(Body::empty);
                let failed = match self.once(Request::from_parts(parts.clone(), body), was_closed).await {
                    Ok(answer) => return Ok(answer),
                    Err(failed) => failed,
                };
                if let Some(spent) = failed.spent {
                    lock(&self.attempts).retain(|attempt| attempt.number != spent);
                }
                let pause = match failed.again {
                    Repeat::Never => return Err(failed.why),
                    Repeat::Closed if std::mem::replace(&mut was_closed, true) => return Err(failed.why),
                    Repeat::Closed => Duration::ZERO,
                    Repeat::Unprocessed => *pauses.next().ok_or(failed.why)?,
                };
                tokio::time::sleep(pause).await;
            }
        };
        let Some((end, limit)) = deadline else { return sent.await };
        let answer = tokio::time::timeout_at(end, sent).await.map_err(|_| Silence::TimedOut(limit))??;
        let clock = Box::pin(tokio::time::sleep_until(end));
        Ok(answer.map(|body| ResponseBody { deadline: Some((clock, limit)), ..body }))
    }

    /// `fresh`: not on a connection that others have used.
    async fn once(&self, request: Request<Body>, fresh: bool) -> Result<Response<ResponseBody>, Failed> {
        let flow = request.extensions().get::<Flow>().copied();
        loop {
            let (number, link) = self.attempt(flow);
            let link = link.await.map_err(|why| Failed { why, again: Repeat::Never, spent: None })?;
            let place = match &link {
                Link::Http1(pool) => {
                    let (answer, lease) = pool.send(request, fresh).await?;
                    let lease = Some(Box::new(lease));
                    return Ok(answer.map(|body| ResponseBody { body, lease, deadline: None, _place: None }));
                }
                Link::Http2(_) if flow.is_none() => None,
                // Others that waited for the same connection may have filled it.
                Link::Http2(link) => match link.place() {
                    Some(place) => Some(place),
                    None => continue,
                },
            };
            let Link::Http2(link) = link else { continue };
            return self.send_http2(link.sender, number, request, place).await;
        }
    }

    /// The connection that there is, or is being made; for an answer that flows one with room.
    fn attempt(&self, flow: Option<Flow>) -> (u64, Shared<BoxFuture<'static, Result<Link, Silence>>>) {
        let held = match flow {
            Some(Flow::Held(window)) => Some(window),
            Some(Flow::Endless) | None => None,
        };
        let mut attempts = lock(&self.attempts);
        attempts.retain(Attempt::is_usable);
        let fits = |attempt: &&Attempt| attempt.held == held && (flow.is_none() || !attempt.is_full());
        if let Some(found) = attempts.iter().find(fits) {
            return (found.number, found.link.clone());
        }
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let link = link(self.way.clone(), held).boxed().shared();
        attempts.push(Attempt { number, held, link: link.clone(), since: Instant::now() });
        (number, link)
    }

    async fn send_http2(
        &self,
        mut sender: http2::SendRequest<Body>,
        number: u64,
        mut request: Request<Body>,
        place: Option<StreamPermit>,
    ) -> Result<Response<ResponseBody>, Failed> {
        let failed = |error: hyper::Error| {
            let again = again(&error);
            // A refused stream says nothing against its connection.
            let spent = (again.is_of_connection(&error)).then_some(number);
            Failed { why: sending(&error), again, spent }
        };
        *request.uri_mut() = absolute(&self.way.route, request.uri()).map_err(Failed::for_good)?;
        *request.version_mut() = Version::HTTP_2;
        sender.ready().await.map_err(failed)?;
        let answer = sender.send_request(request).await.map_err(failed)?;
        Ok(answer.map(|body| ResponseBody { body, lease: None, deadline: None, _place: place }))
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

async fn link(way: ConnectionWay, held: Option<u32>) -> Result<Link, Silence> {
    let dialled = dial(&way.route, way.tls.clone(), way.limit).await?;
    let pipe = TokioIo::new(dialled.pipe);
    if dialled.http2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        let (window, together) = match held {
            // HTTP/2 knows no larger window than 2 GiB.
            Some(window) => (window, window.saturating_mul(MOST_HELD as u32).min((1 << 31) - 1)),
            None => (way.window, way.window.saturating_mul(2)),
        };
        builder.initial_stream_window_size(window).initial_connection_window_size(together);
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
        let is_for_held = held.is_some();
        return Ok(Link::Http2(Sharing { sender, endless: Arc::default(), most, is_for_held }));
    }
    let sender = handshake(pipe).await?;
    Ok(Link::Http1(Arc::new(Pool::new(way, sender))))
}

/// The body of an answer. Its errors are silences; past its deadline it is one, whatever has arrived.
pub struct ResponseBody {
    body: Incoming,
    lease: Option<Box<Lease>>,
    _place: Option<StreamPermit>,
    deadline: Option<(Pin<Box<Sleep>>, Duration)>,
}

impl ResponseBody {
    /// A body that flows for ever is not bounded in time; only its head was. Nor does it count among the
    /// connections that the other requests wait for.
    pub fn without_deadline(mut self) -> ResponseBody {
        if let Some(lease) = &mut self.lease {
            lease.leave_slot();
        }
        ResponseBody { deadline: None, ..self }
    }
}

impl hyper::body::Body for ResponseBody {
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
            lease.give_back();
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
