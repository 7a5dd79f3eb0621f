//! Answers on their way out: JSON, text or a stream, with the headers that an API server adds.

use std::convert::Infallible;
use std::io::Write;
use std::pin::Pin;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use serde_json::Value;

pub type ReplyBody = UnsyncBoxBody<Bytes, Infallible>;

pub struct Reply {
    pub status: StatusCode,
    /// Boxed to keep a `Result` with two replies small.
    pub headers: Box<HeaderMap>,
    pub payload: Payload,
}

pub enum Payload {
    Whole(Bytes),
    Stream(Chunks),
}

pub type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, Infallible>> + Send>>;

/// Bodies above this many bytes are compressed for those who offer to take it (kube-apiserver's threshold).
const WORTH_COMPRESSING: usize = 128 * 1024;

impl Reply {
    /// A JSON document, compact, with the line break that the API server ends it with.
    pub fn json(status: StatusCode, value: &Value) -> Reply {
        Reply::json_bytes(status, format!("{value}\n").into())
    }

    pub fn json_bytes(status: StatusCode, body: Bytes) -> Reply {
        Reply::new(status, "application/json", Payload::Whole(body))
    }

    pub fn text(status: StatusCode, text: &'static str) -> Reply {
        let mut reply = Reply::new(
            status,
            "text/plain; charset=utf-8",
            Payload::Whole(Bytes::from_static(text.as_bytes())),
        );
        reply.headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        reply
    }

    pub fn new(status: StatusCode, content_type: &'static str, payload: Payload) -> Reply {
        let mut headers = Box::<HeaderMap>::default();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
        Reply { status, headers, payload }
    }

    /// No body at all: 204, 304.
    pub fn empty(status: StatusCode) -> Reply {
        let mut reply = Reply::json_bytes(status, Bytes::new());
        reply.headers.remove(header::CONTENT_TYPE);
        reply
    }

    /// Compresses a large whole body if the client offered gzip.
    pub fn compressed(mut self, offered: bool) -> Reply {
        if let Payload::Whole(body) = &self.payload
            && offered
            && body.len() > WORTH_COMPRESSING
            && !self.headers.contains_key(header::CONTENT_ENCODING)
        {
            self.payload = Payload::Stream(Box::pin(futures::stream::iter([Ok(gzip(body))])));
            self.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            self.headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        self
    }

    pub fn into_response(self) -> Response<ReplyBody> {
        let body = match self.payload {
            Payload::Whole(bytes) => Full::new(bytes).boxed_unsync(),
            Payload::Stream(stream) => {
                StreamBody::new(stream.map(|chunk| chunk.map(Frame::data))).boxed_unsync()
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = *self.headers;
        response
    }
}

pub fn gzip(body: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail").into()
}

#[cfg(test)]
mod tests {
    use super::Reply;
    use http::{StatusCode, header};

    #[test]
    fn only_large_answers_are_compressed_and_only_on_offer() {
        let compressed = |size: usize, offered: bool| {
            let reply = Reply::json_bytes(StatusCode::OK, vec![b'x'; size].into()).compressed(offered);
            reply.headers.contains_key(header::CONTENT_ENCODING)
        };
        assert!(compressed(200_000, true));
        assert!(!compressed(200_000, false));
        assert!(!compressed(1_000, true));
    }
}
