//! What can be wrong with a simulated cluster, as data: broken connections and broken answers.

/// A fault of a cluster; with `kinds` (plurals) it strikes only requests for these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFault {
    pub id: FaultId,
    pub kinds: Vec<String>,
    /// It strikes the first request for each path, and those that follow are answered.
    pub once: bool,
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
    NotFound,
    TooMany,
    Internal,
    Unavailable,
    RetryAfter,
    GatewayTimeout,
    Redirect,
    Html,
    Garbage,
    Truncated,
    GzipTruncated,
    WrongKind,
    Gone,
    Endless,
    HugeItem,
    Goaway,
    Reset,
    RefusedStream,
    PageLoop,
    ClockAhead,
    ClockBehind,
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
    (FaultId::NotFound, "404"),
    (FaultId::TooMany, "429"),
    (FaultId::Internal, "500"),
    (FaultId::Unavailable, "503"),
    (FaultId::RetryAfter, "503-retry-after"),
    (FaultId::GatewayTimeout, "504"),
    (FaultId::Redirect, "redirect"),
    (FaultId::Html, "html"),
    (FaultId::Garbage, "garbage"),
    (FaultId::Truncated, "truncated"),
    (FaultId::GzipTruncated, "gzip-truncated"),
    (FaultId::WrongKind, "wrong-kind"),
    (FaultId::Gone, "gone"),
    (FaultId::Endless, "endless"),
    (FaultId::HugeItem, "huge-item"),
    (FaultId::Goaway, "goaway"),
    (FaultId::Reset, "reset"),
    (FaultId::RefusedStream, "refused-stream"),
    (FaultId::PageLoop, "page-loop"),
    (FaultId::ClockAhead, "clock-ahead"),
    (FaultId::ClockBehind, "clock-behind"),
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

    /// How many seconds the cluster's clock is ahead of ours, where it is wrong.
    pub fn clock_seconds(self) -> Option<i64> {
        match self {
            FaultId::ClockAhead => Some(3600),
            FaultId::ClockBehind => Some(-3600),
            _ => None,
        }
    }
}

/// What a fault that comes does to what is open: connections, watches, logs that are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultEffect {
    /// Requests to come are refused, or answered in another way.
    None,
    /// Nothing comes any more, until it is mended.
    Stall,
    /// It is closed.
    End,
}

impl FaultId {
    pub fn effect(self) -> FaultEffect {
        use FaultId::{
            Blackhole, Drip, Endless, Forbidden, Goaway, Gone, Hang, HugeItem, NotFound, PageLoop,
            RefusedStream, TooMany, Unauthorized,
        };
        match self {
            Unauthorized | Forbidden | NotFound | TooMany | Gone | Drip | Endless | HugeItem | Goaway
            | RefusedStream | PageLoop => FaultEffect::None,
            Hang | Blackhole => FaultEffect::Stall,
            // Something else has come in the server's place.
            _ => FaultEffect::End,
        }
    }
}

impl ServerFault {
    /// Whether the fault strikes a request for this plural (None: no resource, such as discovery).
    pub fn strikes(&self, plural: Option<&str>) -> bool {
        self.kinds.is_empty() || plural.is_some_and(|plural| self.kinds.iter().any(|kind| kind == plural))
    }
}

#[cfg(test)]
mod tests {
    use super::{FaultId, IDS, ServerFault};

    #[test]
    fn ids_are_unique_and_found_again() {
        for (id, text) in IDS {
            assert_eq!(FaultId::from_text(text), Some(*id));
        }
        assert_eq!(FaultId::from_text("flood"), None);
    }

    #[test]
    fn kinds_narrow_a_fault() {
        let fault = ServerFault { id: FaultId::Drip, kinds: vec!["pods".into()], once: false };
        assert!(fault.strikes(Some("pods")) && !fault.strikes(Some("nodes")) && !fault.strikes(None));
        assert!(ServerFault { id: FaultId::Drip, kinds: Vec::new(), once: false }.strikes(None));
    }
}
