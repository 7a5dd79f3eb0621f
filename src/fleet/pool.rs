//! The HTTP/1.1 connections of a server that cannot do better: a few, used one after the other.

use crate::fleet::dial::{Pipe, dial};
use crate::fleet::repeat::{Failed, again};
use crate::fleet::silence::Silence;
use crate::fleet::wire::{ConnectionWay, authority, lock, sending};
use http::header::HOST;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use std::sync::{Arc, Mutex};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// HTTP/1.1 answers one request at a time; more connections than this help no cluster and exhaust descriptors.
const HTTP1_CONNECTIONS: usize = 4;
/// The HTTP/1.1 connections of one server.
pub struct Pool {
    way: ConnectionWay,
    idle: Mutex<Vec<http1::SendRequest<Body>>>,
    slots: Arc<Semaphore>,
}

pub async fn handshake(pipe: TokioIo<Box<dyn Pipe>>) -> Result<http1::SendRequest<Body>, Silence> {
    let mut builder = http1::Builder::new();
    // hyper would let the buffer of every busy connection grow to 400 KiB.
    builder.max_buf_size(64 << 10);
    let (sender, driver) = builder.handshake(pipe).await.map_err(|error| sending(&error))?;
    tokio::spawn(driver);
    Ok(sender)
}

impl Pool {
    pub fn new(way: ConnectionWay, sender: http1::SendRequest<Body>) -> Pool {
        let slots = Arc::new(Semaphore::new(HTTP1_CONNECTIONS));
        Pool { way, idle: Mutex::new(vec![sender]), slots }
    }

    /// `fresh`: on a new connection, where one that was kept has just failed.
    pub async fn send(
        self: &Arc<Pool>,
        mut request: Request<Body>,
        fresh: bool,
    ) -> Result<(Response<Incoming>, Lease), Failed> {
        let closed = |_| Failed::for_good(Silence::Protocol("the connection was closed".to_string()));
        let slot = self.slots.clone().acquire_owned().await.map_err(closed)?;
        let sender = if fresh { self.dialled().await } else { self.sender().await };
        let mut sender = sender.map_err(Failed::for_good)?;
        let host = HeaderValue::from_str(&authority(&self.way.route));
        let host = host.map_err(|_| Failed::for_good(Silence::Protocol("no host name".to_string())))?;
        request.headers_mut().insert(HOST, host);
        let answer = sender.send_request(request).await.map_err(|error| {
            // Where one connection was closed while it waited, its neighbours were.
            lock(&self.idle).clear();
            Failed { why: sending(&error), again: again(&error), spent: None }
        })?;
        let lease = Lease { sender, pool: self.clone(), slot: Some(slot) };
        Ok((answer, lease))
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
        self.dialled().await
    }

    async fn dialled(&self) -> Result<http1::SendRequest<Body>, Silence> {
        let dialled = dial(&self.way.route, self.way.tls.clone(), self.way.limit).await?;
        handshake(TokioIo::new(dialled.pipe)).await
    }
}

/// An HTTP/1.1 connection on loan to the body that arrives on it.
pub struct Lease {
    sender: http1::SendRequest<Body>,
    pool: Arc<Pool>,
    slot: Option<OwnedSemaphorePermit>,
}

impl Lease {
    /// The body was read to its end: the next request can use the connection.
    pub fn give_back(self) {
        lock(&self.pool.idle).push(self.sender);
    }

    /// It no longer counts among the connections that others wait for.
    pub fn leave_slot(&mut self) {
        self.slot = None;
    }
}
