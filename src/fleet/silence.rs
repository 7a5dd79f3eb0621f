//! Why a cluster, or one kind in it, said nothing: the eight reasons of docs/clusters.md, each told in one short line.

use std::fmt;
use std::time::Duration;

/// The reason for a silence. The texts are short, made for people, safe to print, and hold no secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Silence {
    /// DNS, refused, no route, or a proxy in between.
    Unreachable(String),
    /// No connection by the connect deadline, which is the duration; `is_short`: shortened, as there was none lately either.
    NoConnection { limit: Duration, is_short: bool },
    /// Connected, but not done by the deadline, which is the duration.
    TimedOut(Duration),
    /// The server did not accept who we are (401).
    Unauthorized,
    /// The server knows who we are and says no (403), in the server's words.
    Forbidden(String),
    /// TLS: the server's certificate, our trust in it, or our own certificate.
    Certificate(String),
    /// No usable credential could be made; `hint` is a command that may mend it.
    Credentials { text: String, hint: Option<String> },
    /// 5xx, or 429 after its retries.
    Server(String),
    /// What was asked is no longer kept (410): a list or a watch begins anew.
    Gone,
    /// The server does not do what was asked (400), in its words, which may be none.
    BadRequest(String),
    /// Everything else: redirects, login pages, garbage, bodies that end too early.
    Protocol(String),
}

impl Silence {
    /// A credential problem without advice.
    pub fn credentials(text: impl Into<String>) -> Silence {
        Silence::Credentials { text: text.into(), hint: None }
    }

    /// The word for scripts, as in `clusters[].reason` of the JSON.
    pub fn reason(&self) -> &'static str {
        match self {
            Silence::Unreachable(_) | Silence::NoConnection { .. } => "unreachable",
            Silence::TimedOut(_) => "timedOut",
            Silence::Unauthorized => "unauthorized",
            Silence::Forbidden(_) => "forbidden",
            Silence::Certificate(_) => "certificate",
            Silence::Credentials { .. } => "credentials",
            Silence::Server(_) => "server",
            Silence::Gone | Silence::BadRequest(_) | Silence::Protocol(_) => "protocol",
        }
    }

    /// One short line for people, without the reason's word.
    pub fn message(&self) -> String {
        match self {
            Silence::NoConnection { limit, is_short: false } => {
                format!("no connection in {}", seconds(*limit))
            }
            Silence::NoConnection { limit, is_short: true } => {
                format!("no connection in {}, nor minutes ago", seconds(*limit))
            }
            Silence::TimedOut(limit) => format!("timed out after {}", seconds(*limit)),
            Silence::Unauthorized => "the server does not accept these credentials".to_string(),
            Silence::Credentials { text, .. } => text.clone(),
            Silence::Gone => "410: gone".to_string(),
            Silence::BadRequest(text) if text.is_empty() => "400 Bad Request".to_string(),
            Silence::BadRequest(text) => format!("400: {text}"),
            Silence::Unreachable(text)
            | Silence::Forbidden(text)
            | Silence::Certificate(text)
            | Silence::Server(text)
            | Silence::Protocol(text) => text.clone(),
        }
    }

    /// A command to try next, if one is known, such as `aws sso login`.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Silence::Credentials { hint, .. } => hint.as_deref(),
            _ => None,
        }
    }

    /// Whether the reason holds for the cluster as a whole, whatever kind was asked.
    pub fn is_of_cluster(&self) -> bool {
        matches!(
            self,
            Silence::Unreachable(_)
                | Silence::NoConnection { .. }
                | Silence::Unauthorized
                | Silence::Certificate(_)
                | Silence::Credentials { .. }
        )
    }
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason(), self.message())
    }
}

impl std::error::Error for Silence {}

/// A duration as a flag would say it: `3s`, `1.5s`, `250ms`.
pub fn seconds(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis < 1000 {
        format!("{millis}ms")
    } else if millis.is_multiple_of(1000) {
        format!("{}s", millis / 1000)
    } else {
        format!("{:.1}s", duration.as_secs_f64())
    }
}

/// One line of foreign text: safe to print, without passwords and tokens, at most 300 characters.
pub fn brief(text: &str) -> String {
    let line = crate::text::safe(&crate::compare::masked_quote(text.trim()));
    match line.char_indices().nth(300) {
        Some((cut, _)) => format!("{}...", &line[..cut]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::{Silence, brief, seconds};
    use std::time::Duration;

    #[test]
    fn a_silence_is_one_safe_line() {
        assert_eq!(Silence::TimedOut(Duration::from_secs(10)).message(), "timed out after 10s");
        let none = |is_short| Silence::NoConnection { limit: Duration::from_secs(1), is_short };
        assert_eq!(none(false).to_string(), "unreachable: no connection in 1s");
        assert_eq!(none(true).to_string(), "unreachable: no connection in 1s, nor minutes ago");
        assert_eq!(Silence::Gone.to_string(), "protocol: 410: gone");
        assert_eq!(Silence::BadRequest(String::new()).to_string(), "protocol: 400 Bad Request");
        assert_eq!(Silence::BadRequest("no".to_string()).to_string(), "protocol: 400: no");
        assert_eq!(seconds(Duration::from_millis(1500)), "1.5s");
        assert_eq!(seconds(Duration::from_millis(80)), "80ms");
        assert_eq!(brief(" a\x1b[31m\nb "), "a\u{fffd}[31m b");
        assert_eq!(brief(&"é".repeat(400)).chars().count(), 303);
        assert_eq!(
            brief("refused access_token=AKIAX id_token=y: https://u:pw@idp"),
            "refused access_token=*** id_token=*** https://***@idp"
        );
    }

    #[test]
    fn only_reasons_that_no_kind_could_escape_are_the_clusters() {
        assert!(Silence::Unauthorized.is_of_cluster());
        assert!(!Silence::Forbidden(String::new()).is_of_cluster());
        assert!(!Silence::TimedOut(Duration::ZERO).is_of_cluster());
    }
}
