//! The other side that a line names: a host, a port, a URL.

use crate::pattern::{LazyRegex, regex};

/// The host and port that a line names, or the host of a URL. The line's own time is neither.
pub fn peer(line: &str) -> String {
    let times = regex!(
        r"\b\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[ ]?[+-]\d\d:?\d\d)?|(^|[\s\[(])\d?\d:\d\d(:\d\d)?([.,]\d+)?\b"
    );
    let line = times.replace_all(line, " ");
    // Of a connection (`read tcp 10.244.1.5:43210->10.96.0.20:6379`) this end comes first.
    let line = regex!(r"[\w.\[\]:-]+:\d+ ?-> ?").replace_all(&line, " ");
    let line = line.as_ref();
    let by_name = regex!(
        r"(lookup |getaddrinfo (ENOTFOUND|EAI_AGAIN) |UnknownHostException: |host name |(could(n't| not) )?resolve host(name)?:? |translate host name |could not resolve |host lookup: )[\x22'`]?(?<host>[\w.-]+)"
    );
    let by_port = regex!(
        r"(?<host>([\w-]+(\.[\w-]+)+|localhost|[a-z][\w-]*|\[[0-9a-f:]+\])(:|, port |/[\d.]+:)\d{2,5})\b"
    );
    let by_url = regex!(r"\b[a-z][a-z0-9+.-]*://([^/\s@\x22']*@)?(?<host>[\w.-]+(:\d+)?)");
    // A source position (main.go:12) looks like a host and its port.
    let is_place = |host: &str| {
        regex!(r"\.(go|rs|py|js|ts|mjs|cjs|java|kt|rb|php|c|cc|cpp|h|cs|scala|ex|lua|sh)\b.*:\d+$")
            .is_match(host)
    };
    let hosts = |pattern: &LazyRegex| -> Option<String> {
        let found = pattern.captures_iter(line).map(|words| words["host"].to_string());
        let mut found = found.filter(|host| !is_place(host));
        found.next()
    };
    hosts(by_name).or_else(|| hosts(by_port)).or_else(|| hosts(by_url)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::peer;

    #[test]
    fn peers_are_named() {
        for (line, expect) in [
            ("dial tcp 10.0.12.4:5432: i/o timeout", "10.0.12.4:5432"),
            ("lookup db.shop.svc.cluster.local on 10.96.0.10:53: no such host", "db.shop.svc.cluster.local"),
            ("Error: connect ECONNREFUSED 127.0.0.1:6379", "127.0.0.1:6379"),
            ("getaddrinfo ENOTFOUND redis", "redis"),
            ("could not translate host name \"db\" to address", "db"),
            ("curl: (6) Could not resolve host: auth.shop.example", "auth.shop.example"),
            ("boom", ""),
            ("read tcp 10.244.1.5:43210->10.96.0.20:6379: read: connection reset by peer", "10.96.0.20:6379"),
            ("SocketException: Failed host lookup: 'db.shop.svc' (OS Error)", "db.shop.svc"),
            (
                r#"2026-01-15T09:15:49Z ERROR Put "https://gate.example/in": tls: failed to verify certificate: x509: expired: current time 2026-01-15T09:15:49Z is after 2026-01-15T09:00:00Z"#,
                "gate.example",
            ),
            ("[2026-01-15 09:15:49,123] main.go:12: dial tcp db:5432: connection refused", "db:5432"),
            ("09:15:49 server.js:31 connect ECONNREFUSED [fd00::1]:6379", "[fd00::1]:6379"),
            ("09:15 postgres://app:hunter2@db.internal/orders timed out", "db.internal"),
            ("2026/01/15 09:15:49 context deadline exceeded", ""),
        ] {
            assert_eq!(peer(line), expect, "{line}");
        }
    }
}
