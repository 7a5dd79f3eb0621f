//! The head of an answer: which of them are good, which are silences, and when to ask again.

use crate::fleet::connect::{Deadline, ResponseBody};
use crate::fleet::endpoint::Endpoint;
use crate::fleet::inflate::Inflate;
use crate::fleet::silence::{Silence, brief};
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt;
use kube::client::Body;
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;

/// Times that a server's wish to be asked later is granted.
const RETRIES: usize = 2;
/// An error's body beyond this says nothing more.
const MAX_STATUS: usize = 64 << 10;

/// An answer that is no silence.
pub enum ResponseHead {
    /// 2xx with a body of the wanted type to come.
    Good(Response<ResponseBody>),
    NotFound,
    /// 410, with the token to go on from where the server offers one.
    Gone(Option<String>),
}

/// What a good answer's body must be.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Wants {
    Json,
    /// A log.
    Text,
}

impl Wants {
    fn content(self) -> &'static str {
        match self {
            Wants::Json => "application/json",
            Wants::Text => "text/plain",
        }
    }
}

/// The body of an API server's error (`kind: Status`).
#[derive(Default, Deserialize)]
#[serde(default)]
struct ApiStatus {
    message: String,
    metadata: crate::fleet::items::ListMetadata,
}

/// Sends a request and judges the head of its answer. A 429, and a 5xx that says when to come back, are waited out twice, as long as
/// the deadline allows.
pub async fn head(
    endpoint: &Endpoint,
    request: Request<Body>,
    wants: Wants,
    deadline: Deadline,
) -> Result<ResponseHead, Silence> {
    let (parts, body) = request.into_parts();
    for left in (0..=RETRIES).rev() {
        let body = body.try_clone().unwrap_or_else(Body::empty);
        let answer = endpoint.send(Request::from_parts(parts.clone(), body), deadline).await?;
        let is_busy = answer.status() == StatusCode::TOO_MANY_REQUESTS;
        let may_return = answer.status().is_server_error() && answer.headers().contains_key(RETRY_AFTER);
        if !is_busy && !may_return {
            return judge(endpoint, answer, wants).await;
        }
        let pause = retry_after(answer.headers());
        let is_late = deadline.is_some_and(|(end, _)| Instant::now() + pause >= end);
        if (left == 0 || is_late) && !is_busy {
            return judge(endpoint, answer, wants).await;
        }
        if left == 0 || is_late {
            let text = format!("too many requests (429); the server asks to wait {}s", pause.as_secs());
            return Err(Silence::Server(text));
        }
        drop(answer);
        tokio::time::sleep(pause).await;
    }
    Err(Silence::Server("too many requests (429)".to_string()))
}

fn retry_after(headers: &HeaderMap) -> Duration {
    let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Duration::from_secs(seconds.unwrap_or(1).min(86_400))
}

async fn judge(
    endpoint: &Endpoint,
    answer: Response<ResponseBody>,
    wants: Wants,
) -> Result<ResponseHead, Silence> {
    let status = answer.status();
    let content = content_type(answer.headers());
    let own = match status.is_success() && content == wants.content() {
        true => None,
        false => endpoint.token().await,
    };
    // A server may repeat what we sent it.
    let without_own = |text: String| match &own {
        Some(own) => text.replace(own, "***").replace(&own.to_lowercase(), "***"),
        None => text,
    };
    let content = without_own(content);
    if status.is_success() {
        let wanted = wants.content();
        return match content == wanted || content.is_empty() {
            true => Ok(ResponseHead::Good(answer)),
            false => {
                let text = format!("{} came, not {wanted}: a login page or a proxy?", brief(&content));
                Err(Silence::Protocol(text))
            }
        };
    }
    if status.is_redirection() {
        let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok()?.parse::<Uri>().ok());
        let host = to.as_ref().and_then(Uri::host).map(|host| without_own(host.to_string()));
        let to = host.map(|host| format!(" to {}", brief(&host))).unwrap_or_default();
        return Err(Silence::Protocol(format!("redirected{to} ({}), not followed", status.as_u16())));
    }
    let mut said = status_of(answer, &content).await?;
    said.message = without_own(said.message);
    match status {
        StatusCode::NOT_FOUND if content == "text/html" => {
            Err(Silence::Protocol("404 text/html: no Kubernetes API".to_string()))
        }
        StatusCode::NOT_FOUND => Ok(ResponseHead::NotFound),
        StatusCode::GONE => Ok(ResponseHead::Gone(said.metadata.next.filter(|token| !token.is_empty()))),
        _ => Err(refusal(status, &said.message)),
    }
}

/// The silence that an error status is, with the server's message if it gave one.
pub fn refusal(status: StatusCode, message: &str) -> Silence {
    let message = brief(message);
    let numbered = match message.is_empty() {
        true => status.to_string(),
        false => format!("{}: {message}", status.as_u16()),
    };
    match status {
        StatusCode::UNAUTHORIZED => Silence::Unauthorized,
        StatusCode::FORBIDDEN if message.is_empty() => Silence::Forbidden(numbered),
        StatusCode::FORBIDDEN => Silence::Forbidden(message),
        StatusCode::TOO_MANY_REQUESTS => Silence::Server(numbered),
        _ if status.is_server_error() => Silence::Server(numbered),
        StatusCode::BAD_REQUEST => Silence::BadRequest(message),
        _ => Silence::Protocol(numbered),
    }
}

/// kube's error, for what is asked through `Asked::client`: our own silence inside it, or the server's status.
impl From<kube::Error> for Silence {
    fn from(error: kube::Error) -> Silence {
        if let kube::Error::Api(status) = &error {
            let code = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return refusal(code, &status.message);
        }
        let mut inner: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(error) = inner {
            if let Some(silence) = error.downcast_ref::<Silence>() {
                return silence.clone();
            }
            inner = error.source();
        }
        // A decoding error's text may quote the object, so it is not told.
        Silence::Protocol("the answer is not what Kubernetes would say".to_string())
    }
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// What the error's body says. An error whose body breaks off is still that error; only the deadline counts.
async fn status_of(answer: Response<ResponseBody>, content: &str) -> Result<ApiStatus, Silence> {
    let mut body = answer.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| &data[..])),
            Err(why @ Silence::TimedOut(_)) => return Err(why),
            Err(_) => break,
        }
        if bytes.len() > MAX_STATUS {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    let parsed: Option<ApiStatus> = serde_json::from_slice(&bytes).ok();
    let plain = || ApiStatus { message: text.into_owned(), ..ApiStatus::default() };
    let status =
        parsed.unwrap_or_else(|| if content == "text/plain" { plain() } else { ApiStatus::default() });
    Ok(status)
}

/// Reads a JSON document whole. One that is cut, damaged, no JSON or beyond `most` bytes is an error.
pub async fn whole(answer: Response<ResponseBody>, most: usize) -> Result<String, Silence> {
    let mut inflate = Inflate::new(answer.headers())?;
    let mut body = answer.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        inflate.feed(frame?.data_ref().map_or(&[], |data| &data[..]), |plain| {
            bytes.extend_from_slice(plain);
            match bytes.len() > most {
                true => Err(Silence::Protocol("the answer is too large".to_string())),
                false => Ok(()),
            }
        })?;
    }
    bytes.extend(inflate.finish()?);
    let text =
        String::from_utf8(bytes).map_err(|_| Silence::Protocol("the answer is not JSON".to_string()))?;
    match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(text),
        Err(error) if error.is_eof() => Err(Silence::Protocol("the body ended too early".to_string())),
        Err(_) => Err(Silence::Protocol("the answer is not JSON".to_string())),
    }
}
