//! What faults make of answers: another one in its place, or the true one spoiled on its way.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};
use h2::Reason;
use http::{HeaderValue, StatusCode, header};
use tokio::sync::Notify;

use crate::demo::api::refusal;
use crate::demo::api::reply::{Chunks, Payload, Reply};
use crate::demo::faults::FaultId;

/// What a fault may do to the connection that an answer goes over.
#[derive(Default)]
pub struct AnswerConnection {
    /// It ends at once.
    pub cut: Arc<Notify>,
    /// It takes no further requests (GOAWAY, or `connection: close`), and ends when those it has are answered.
    pub goaway: Notify,
}

/// How a stream ends that is reset instead of answered.
pub fn reset(id: FaultId) -> Option<Reason> {
    match id {
        FaultId::Reset => Some(Reason::INTERNAL_ERROR),
        FaultId::RefusedStream => Some(Reason::REFUSED_STREAM),
        _ => None,
    }
}

/// The answer that stands in for the true one, which is then never made; None if the fault spoils true answers.
pub fn instead(id: FaultId) -> Option<Reply> {
    let with = |mut reply: Reply, name: header::HeaderName, value: &'static str| {
        reply.headers.insert(name, HeaderValue::from_static(value));
        reply
    };
    let reply = match id {
        FaultId::Unauthorized => refusal::unauthorized(),
        FaultId::TooMany => {
            let reply =
                Reply::text(StatusCode::TOO_MANY_REQUESTS, "Too many requests, please try again later.\n");
            with(reply, header::RETRY_AFTER, "1")
        }
        FaultId::Internal => {
            refusal::without_reason(500, "rpc error: code = Unavailable desc = transport is closing")
        }
        FaultId::Unavailable => refusal::status(
            503,
            "ServiceUnavailable",
            "the server is currently unable to handle the request",
            None,
        ),
        FaultId::NotFound => refusal::no_such_path(),
        FaultId::RetryAfter => {
            let message = "the server is currently unable to handle the request";
            with(refusal::status(503, "ServiceUnavailable", message, None), header::RETRY_AFTER, "1")
        }
        FaultId::GatewayTimeout => {
            let message = "the request did not complete within the allotted timeout";
            refusal::status(504, "Timeout", message, None)
        }
        FaultId::Redirect => {
            with(Reply::text(StatusCode::FOUND, ""), header::LOCATION, "https://login.invalid/")
        }
        FaultId::Html => {
            let page =
                Reply::text(StatusCode::OK, "<!DOCTYPE html>\n<html><body>Please sign in.</body></html>\n");
            with(page, header::CONTENT_TYPE, "text/html; charset=utf-8")
        }
        FaultId::Garbage => {
            let noise: Vec<u8> = (0..4096u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
            Reply::json_bytes(StatusCode::OK, noise.into())
        }
        FaultId::WrongKind => {
            let body = "{\"kind\":\"LimitRangeList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1000\"},\"items\":[]}\n";
            Reply::json_bytes(StatusCode::OK, body.into())
        }
        _ => return None,
    };
    Some(reply)
}

/// Spoils a true answer; `wire` is the connection it goes over.
pub fn spoil(id: FaultId, mut reply: Reply, wire: &AnswerConnection) -> Reply {
    if id == FaultId::Goaway {
        wire.goaway.notify_one();
    }
    let body = match reply.payload {
        Payload::Whole(ref body) => body.clone(),
        // A log that is read, unlike one that is followed or a watch, comes to its end, or would.
        Payload::Stream(stream) => {
            reply.payload = Payload::Stream(match id {
                FaultId::Endless => endless(stream),
                _ => stream,
            });
            return reply;
        }
    };
    let half = body.slice(..body.len() / 2);
    reply.payload = match id {
        FaultId::Drip => drip(body),
        FaultId::Close => close(half, Arc::clone(&wire.cut)),
        FaultId::Endless => Payload::Stream(endless(Box::pin(stream::iter([Ok(body)])))),
        FaultId::HugeItem => huge(&body).unwrap_or(Payload::Whole(body)),
        FaultId::Truncated => Payload::Stream(Box::pin(stream::iter([Ok(half)]))),
        FaultId::GzipTruncated => {
            let zipped = crate::demo::api::reply::gzip(&body);
            reply.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Payload::Stream(Box::pin(stream::iter([Ok(zipped.slice(..zipped.len() / 2))])))
        }
        _ => return reply,
    };
    reply
}

/// A byte a second.
fn drip(body: Bytes) -> Payload {
    Payload::Stream(Box::pin(stream::unfold(0, move |next| {
        let byte = (next < body.len()).then(|| body.slice(next..=next));
        async move {
            let byte = byte?;
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, Infallible>(byte), next + 1))
        }
    })))
}

/// The first half, time for it to be sent, then the end of the connection.
fn close(half: Bytes, cut: Arc<Notify>) -> Payload {
    Payload::Stream(Box::pin(stream::unfold(Some(half), move |half| {
        let cut = Arc::clone(&cut);
        async move {
            match half {
                Some(half) => Some((Ok(half), None)),
                None => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    cut.notify_one();
                    std::future::pending().await
                }
            }
        }
    })))
}

/// All of it, and then all of it again, for ever.
fn endless(body: Chunks) -> Chunks {
    let state = (body, Vec::new(), 0);
    Box::pin(stream::unfold(state, |(mut body, mut seen, next): (Chunks, Vec<Bytes>, usize)| async move {
        if let Some(Ok(chunk)) = body.next().await {
            seen.push(chunk.clone());
            return Some((Ok(chunk), (body, seen, next)));
        }
        tokio::task::yield_now().await;
        let again = seen.get(next).cloned().filter(|chunk| !chunk.is_empty());
        let again = again.unwrap_or_else(|| Bytes::from_static(b"\n"));
        let next = (next + 1) % seen.len().max(1);
        Some((Ok(again), (body, seen, next)))
    }))
}

/// The same with an annotation of 20 MB on the object, or on the first of a list; nothing where there is none. It is put in as
/// text: to read and write all of it would keep the others waiting that are served here.
fn huge(body: &Bytes) -> Option<Payload> {
    const METADATA: &str = "\"metadata\":{";
    let text = std::str::from_utf8(body).ok()?;
    let from = match text.find("\"items\":[") {
        Some(items) => items,
        None if text.contains("\"kind\":") => 0,
        None => return None,
    };
    let at = from + text[from..].find(METADATA)? + METADATA.len();
    let is_empty = text[at..].starts_with('}');
    let megabyte = Bytes::from(vec![b'x'; 1 << 20]);
    let opening = body.slice(..at).into_iter().chain(*b"\"annotations\":{\"example.com/huge\":\"");
    let closing = Bytes::from_static(if is_empty { b"\"}" } else { b"\"}," });
    let mut chunks = vec![Ok(opening.collect::<Bytes>())];
    chunks.extend((0..20).map(|_| Ok(megabyte.clone())));
    chunks.extend([Ok(closing), Ok(body.slice(at..))]);
    Some(Payload::Stream(Box::pin(stream::iter(chunks))))
}
