//! What can be wrong with a simulated cluster, as data: broken connections and broken answers.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, StatusCode, header};
use tokio::sync::Notify;

use crate::demo::refusal;
use crate::demo::reply::{Payload, Reply};

/// A fault of a cluster; with `kinds` (plurals) it strikes only requests for these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub id: FaultId,
    pub kinds: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultId {
    Dns,
    Refused,
    Blackhole,
    TlsHang,
    Hang,
    Drip,
    Close,
    CertExpired,
    CertUnknown,
    CertName,
    Unauthorized,
    Forbidden,
    TooMany,
    Internal,
    Unavailable,
    Redirect,
    Html,
    Garbage,
    Truncated,
    GzipTruncated,
    WrongKind,
    Gone,
}

const IDS: &[(FaultId, &str)] = &[
    (FaultId::Dns, "dns"),
    (FaultId::Refused, "refused"),
    (FaultId::Blackhole, "blackhole"),
    (FaultId::TlsHang, "tls-hang"),
    (FaultId::Hang, "hang"),
    (FaultId::Drip, "drip"),
    (FaultId::Close, "close"),
    (FaultId::CertExpired, "cert-expired"),
    (FaultId::CertUnknown, "cert-unknown"),
    (FaultId::CertName, "cert-name"),
    (FaultId::Unauthorized, "401"),
    (FaultId::Forbidden, "403"),
    (FaultId::TooMany, "429"),
    (FaultId::Internal, "500"),
    (FaultId::Unavailable, "503"),
    (FaultId::Redirect, "redirect"),
    (FaultId::Html, "html"),
    (FaultId::Garbage, "garbage"),
    (FaultId::Truncated, "truncated"),
    (FaultId::GzipTruncated, "gzip-truncated"),
    (FaultId::WrongKind, "wrong-kind"),
    (FaultId::Gone, "gone"),
];

impl FaultId {
    pub fn from_text(text: &str) -> Option<FaultId> {
        IDS.iter().find(|(_, name)| *name == text).map(|(id, _)| *id)
    }

    pub fn all_texts() -> String {
        IDS.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
    }

    /// True where no request ever gets an answer, so that kinds cannot be told apart.
    pub fn breaks_connection(self) -> bool {
        use FaultId::{Blackhole, CertExpired, CertName, CertUnknown, Dns, Refused, TlsHang};
        matches!(self, Dns | Refused | Blackhole | TlsHang | CertExpired | CertUnknown | CertName)
    }
}

/// What a fault that comes does to what is open: connections, watches, logs that are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Requests to come are refused, or answered in another way.
    None,
    /// Nothing comes any more, until it is mended.
    Stall,
    /// It is closed.
    End,
}

impl FaultId {
    pub fn effect(self) -> Effect {
        use FaultId::{Blackhole, Drip, Forbidden, Gone, Hang, TooMany, Unauthorized};
        match self {
            Unauthorized | Forbidden | TooMany | Gone | Drip => Effect::None,
            Hang | Blackhole => Effect::Stall,
            // Something else has come in the server's place.
            _ => Effect::End,
        }
    }
}

impl Fault {
    /// Whether the fault strikes a request for this plural (None: no resource, such as discovery).
    pub fn strikes(&self, plural: Option<&str>) -> bool {
        self.kinds.is_empty() || plural.is_some_and(|plural| self.kinds.iter().any(|kind| kind == plural))
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

/// Spoils a true answer; `cut` ends the connection it goes over.
pub fn spoil(id: FaultId, mut reply: Reply, cut: &Arc<Notify>) -> Reply {
    let Payload::Whole(body) = &reply.payload else { return reply };
    let body = body.clone();
    let half = body.slice(..body.len() / 2);
    reply.payload = match id {
        FaultId::Drip => drip(body),
        FaultId::Close => close(half, Arc::clone(cut)),
        FaultId::Truncated => Payload::Stream(Box::pin(stream::iter([Ok(half)]))),
        FaultId::GzipTruncated => {
            let zipped = crate::demo::reply::gzip(&body);
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

#[cfg(test)]
mod tests {
    use super::{Fault, FaultId, IDS};

    #[test]
    fn ids_are_unique_and_found_again() {
        for (id, text) in IDS {
            assert_eq!(FaultId::from_text(text), Some(*id));
        }
        assert_eq!(FaultId::from_text("flood"), None);
    }

    #[test]
    fn kinds_narrow_a_fault() {
        let fault = Fault { id: FaultId::Drip, kinds: vec!["pods".into()] };
        assert!(fault.strikes(Some("pods")) && !fault.strikes(Some("nodes")) && !fault.strikes(None));
        assert!(Fault { id: FaultId::Drip, kinds: Vec::new() }.strikes(None));
    }
}
