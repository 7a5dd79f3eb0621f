//! Which proxy leads to a server: the kubeconfig's `proxy-url`, else the environment's, by Go's rules.

use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use std::net::IpAddr;

/// The proxy variables, upper case before lower case, empty where unset.
#[derive(Clone, Debug, Default)]
pub struct ProxyVariables {
    pub https: String,
    pub http: String,
    pub no: String,
}

/// A proxy to go through.
#[derive(Clone, Eq, Ord, PartialEq, PartialOrd)]
pub struct Proxy {
    pub kind: ProxyKind,
    pub host: String,
    pub port: u16,
    pub user: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ProxyKind {
    /// HTTP CONNECT, in the clear up to the proxy.
    Http,
    /// HTTP CONNECT through TLS to the proxy.
    Https,
    /// SOCKS 5; the proxy resolves names, as Go's client has it for `socks5` and `socks5h` alike.
    Socks,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}:{}", self.kind, self.host, self.port)
    }
}

impl Proxy {
    /// The `Proxy-Authorization` that the URL's user and password make.
    pub fn authorization(&self) -> Option<HeaderValue> {
        use base64::Engine;
        let (user, password) = self.user.as_ref()?;
        let text = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        HeaderValue::from_str(&format!("Basic {text}")).ok()
    }
}

/// Reads a proxy URL. `host:port` alone means HTTP, as in Go. The error never quotes the URL: it may hold a password.
pub fn parse(url: &str) -> Result<Proxy, String> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (kind, port) = match scheme.to_ascii_lowercase().as_str() {
        "http" => (ProxyKind::Http, 80),
        "https" => (ProxyKind::Https, 443),
        "socks5" | "socks5h" => (ProxyKind::Socks, 1080),
        _ => return Err("the proxy URL is neither http, https nor socks5".to_string()),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, address) = match authority.rsplit_once('@') {
        Some((user, address)) => (Some(user), address),
        None => (None, authority),
    };
    let uri: Uri = address.parse().map_err(|_| "the proxy URL cannot be read".to_string())?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or("the proxy URL names no host")?;
    let user = user.map(|user| {
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        (unescape(name), unescape(password))
    });
    let host = host.trim_matches(['[', ']']).to_string();
    Ok(Proxy { kind, host, port: uri.port_u16().unwrap_or(port), user })
}

/// The environment's proxy for a server (Go's `ProxyFromEnvironment`): by scheme, never for loopback, and not where
/// `NO_PROXY` names the host, a domain above it, its network, or `*`.
pub fn from_environment(
    variables: &ProxyVariables,
    tls: bool,
    host: &str,
    port: u16,
) -> Result<Option<Proxy>, String> {
    let url = if tls { &variables.https } else { &variables.http };
    if url.is_empty() || is_exempt(&variables.no, host, port) {
        return Ok(None);
    }
    parse(url).map(Some)
}

fn is_exempt(no_proxy: &str, host: &str, port: u16) -> bool {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return true;
    }
    let rules = no_proxy.split(',').map(|rule| rule.trim().to_ascii_lowercase());
    rules.filter(|rule| !rule.is_empty()).any(|rule| rule == "*" || rule_matches(&rule, &host, address, port))
}

fn rule_matches(rule: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if let Some((network, bits)) = rule.split_once('/') {
        return matches!((network.parse(), bits.parse(), address), (Ok(network), Ok(bits), Some(address)) if in_network(address, network, bits));
    }
    let (name, wanted) = split_port(rule);
    if wanted.is_some_and(|wanted| wanted != port) {
        return false;
    }
    if let Ok(one) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
        return address == Some(one);
    }
    // `.corp` and `*.corp` mean what lies below corp, `corp` also corp itself.
    match name.strip_prefix("*.").or_else(|| name.strip_prefix('.')) {
        Some(domain) => is_below(host, domain),
        None => host == name || is_below(host, name),
    }
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

fn split_port(rule: &str) -> (&str, Option<u16>) {
    match rule.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (rule, None),
        },
        _ => (rule, None),
    }
}

fn in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => (u128::from(u32::from(a)), u128::from(u32::from(n)), 32),
        (IpAddr::V6(a), IpAddr::V6(n)) => (u128::from(a), u128::from(n), 128),
        _ => return false,
    };
    bits <= width && (address ^ network).checked_shr(width - bits).unwrap_or(0) == 0
}

/// What is no escape stays.
fn unescape(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::{ProxyKind, ProxyVariables, from_environment, parse};

    #[track_caller]
    fn check(no: &str, host: &str, port: u16, proxied: bool) {
        let variables =
            ProxyVariables { https: "http://proxy:3128".into(), http: String::new(), no: no.into() };
        let found = from_environment(&variables, true, host, port).expect("a good proxy");
        assert_eq!(found.is_some(), proxied, "NO_PROXY={no} {host}:{port}");
    }

    #[test]
    fn no_proxy_is_gos() {
        check("", "a.corp", 443, true);
        check("corp", "a.corp", 443, false);
        check("corp", "corp", 443, false);
        check("corp", "xcorp", 443, true);
        check(".corp", "corp", 443, true);
        check(".corp", "A.Corp.", 443, false);
        check("*.corp", "a.corp", 443, false);
        check("x,,a.corp:6443", "a.corp", 6443, false);
        check("a.corp:6443", "a.corp", 443, true);
        check("10.0.0.0/8", "10.1.2.3", 443, false);
        check("10.0.0.0/8", "11.1.2.3", 443, true);
        check("0.0.0.0/0", "11.1.2.3", 443, false);
        check("10.0.0.0/99,::/0", "10.1.2.3", 443, true);
        check("fd00::/8", "fd00::1", 443, false);
        check("[fd00::1]:443", "[fd00::1]", 443, false);
        check("10.1.2.3", "10.1.2.3", 443, false);
        check("*", "a.corp", 443, false);
        check("", "localhost", 443, false);
        check("", "127.0.0.9", 443, false);
    }

    #[test]
    fn the_scheme_chooses_the_variable() {
        let variables =
            ProxyVariables { https: "socks5h://p".into(), http: String::new(), no: String::new() };
        assert!(from_environment(&variables, false, "a.corp", 80).expect("none").is_none());
        let proxy = from_environment(&variables, true, "a.corp", 80).expect("good").expect("one");
        assert_eq!((proxy.kind, proxy.port), (ProxyKind::Socks, 1080));
    }

    #[test]
    fn urls_are_read_and_never_quoted() {
        let proxy = parse("https://me:p%40ss%@proxy.corp:8443/").expect("good");
        assert_eq!(proxy.user, Some(("me".into(), "p@ss%".into())));
        assert_eq!(format!("{proxy:?}"), "Https proxy.corp:8443");
        assert_eq!(parse("proxy:3128").expect("good").port, 3128);
        assert_eq!(parse("http://[::1]:3128").expect("good").host, "::1");
        for bad in ["ftp://x", "http://", "http://me:secret@", "http://me:secret@ho st"] {
            assert!(!parse(bad).expect_err(bad).contains("secret"));
        }
    }
}
