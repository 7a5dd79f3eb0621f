//! The rows: what is wrong with a cluster, and what is told of it then.

/// How much of the cluster is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    Nothing,
    Part,
    All,
}

/// A fault that a server can show.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// As docs/reliability.md calls it.
    pub fault: &'static str,
    /// What fleet.yaml says of the cluster.
    pub entry: &'static str,
    pub known: Known,
    /// Of the cluster, or of its gap where it is partial; empty where it answered.
    pub reason: &'static str,
    /// Part of the message.
    pub says: &'static str,
    /// The exit code of every command, but for those that `besides` names.
    pub code: i32,
    pub besides: &'static [(&'static str, i32)],
    /// It costs a time limit, which is short then.
    pub waits: bool,
}

impl Row {
    pub fn code_of(&self, command: &str) -> i32 {
        self.besides.iter().find(|(name, _)| *name == command).map_or(self.code, |(_, code)| *code)
    }

    /// As the page has it: `4; clusters 0`.
    pub fn codes(&self) -> String {
        let besides = self.besides.iter().map(|(name, code)| format!("; {name} {code}"));
        format!("{}{}", self.code, besides.collect::<String>())
    }
}

const fn silent(fault: &'static str, entry: &'static str, reason: &'static str, says: &'static str) -> Row {
    Row { fault, entry, known: Known::Nothing, reason, says, code: 4, besides: &[], waits: false }
}

const fn slow(fault: &'static str, entry: &'static str, reason: &'static str, says: &'static str) -> Row {
    Row { waits: true, ..silent(fault, entry, reason, says) }
}

/// Only lists are broken, so that `clusters`, which asks none, is content.
const fn lists(fault: &'static str, entry: &'static str, reason: &'static str, says: &'static str) -> Row {
    Row { besides: &[("clusters", 0)], ..silent(fault, entry, reason, says) }
}

const fn partial(fault: &'static str, entry: &'static str, reason: &'static str, says: &'static str) -> Row {
    Row { known: Known::Part, ..lists(fault, entry, reason, says) }
}

const fn fine(fault: &'static str, entry: &'static str) -> Row {
    Row { known: Known::All, code: 0, ..silent(fault, entry, "", "") }
}

pub const ROWS: &[Row] = &[
    silent("DNS failure", "fault: dns", "unreachable", "no such host"),
    silent("connection refused", "fault: refused", "unreachable", "connection refused"),
    slow("no answer to the connection", "fault: blackhole", "unreachable", "no connection in"),
    slow("no TLS handshake", "fault: tls-hang", "unreachable", "no connection in"),
    slow("no answer to the request", "fault: hang", "timedOut", "timed out after"),
    slow("a byte a second", "fault: drip", "timedOut", "timed out after"),
    silent("closed in mid-answer", "fault: close", "protocol", "connection"),
    silent("expired certificate", "fault: cert-expired", "certificate", "certificate expired"),
    silent("certificate of an unknown authority", "fault: cert-unknown", "certificate", "unknown authority"),
    silent("certificate for another name", "fault: cert-name", "certificate", "not for 127.0.0.1"),
    silent("401", "fault: 401", "unauthorized", "does not accept these credentials"),
    lists("403 for everything", "fault: 403", "forbidden", "forbidden"),
    partial("403 for a kind", "fault: {id: 403, kinds: [pods]}", "forbidden", "forbidden"),
    Row {
        known: Known::All,
        code: 0,
        ..partial("403 for the cluster, not for a namespace", "forbid: [pods], namespaces: [hello]", "", "")
    },
    silent("404 for everything", "fault: 404", "protocol", "no Kubernetes API at this URL"),
    partial("404 for a group", "fault: {id: 404, kinds: [deployments]}", "protocol", "are not served"),
    partial("403 for the owner's kind", "fault: {id: 403, kinds: [deployments]}", "forbidden", "forbidden"),
    fine("410 while paging", "fault: gone"),
    silent("429 with Retry-After", "fault: 429", "server", "too many requests (429)"),
    fine("429 with Retry-After, once", "fault: {id: 429, once: true}"),
    silent("500", "fault: 500", "server", "500: rpc error"),
    partial("500 for a kind", "fault: {id: 500, kinds: [pods]}", "server", "500: rpc error"),
    silent("503", "fault: 503", "server", "503: the server is currently unable"),
    silent("503 with Retry-After", "fault: 503-retry-after", "server", "503: the server is currently unable"),
    fine("503 with Retry-After, once", "fault: {id: 503-retry-after, once: true}"),
    silent("504", "fault: 504", "server", "504: the request did not complete"),
    silent("redirect", "fault: redirect", "protocol", "redirected to login.invalid (302), not followed"),
    silent("200 that is HTML", "fault: html", "protocol", "a login page or a proxy?"),
    silent("garbage", "fault: garbage", "protocol", "not the JSON of a list"),
    silent("truncated JSON", "fault: truncated", "protocol", "the body ended too early"),
    silent("truncated gzip", "fault: gzip-truncated", "protocol", "the compressed body is damaged"),
    silent(
        "another kind than asked",
        "fault: wrong-kind",
        "protocol",
        "a LimitRangeList came where a PodList was asked",
    ),
    partial(
        "body without end",
        "fault: {id: endless, kinds: [replicasets]}",
        "protocol",
        "too large for Kubernetes",
    ),
    partial("item of 20 MB", "fault: {id: huge-item, kinds: [pods]}", "protocol", "too large for Kubernetes"),
    partial(
        "pages that lead in a circle",
        "fault: page-loop",
        "protocol",
        "the same page came again and again",
    ),
    fine("GOAWAY after each request", "fault: goaway"),
    silent("streams that are reset", "fault: reset", "protocol", "stream error received"),
    silent("streams that are refused", "fault: refused-stream", "protocol", "refused stream"),
    fine("streams that are refused, once", "fault: {id: refused-stream, once: true}"),
    fine("clock an hour ahead", "fault: clock-ahead"),
    fine("clock an hour behind", "fault: clock-behind"),
];
