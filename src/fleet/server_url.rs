//! Server URLs in one form, so that they can be compared.

/// A server URL without what makes no difference: case of the host, a slash at the end, the usual port.
pub fn normal(server: &str) -> String {
    let server = server.trim_end_matches('/');
    let (scheme, rest) = server.split_once("://").unwrap_or(("https", server));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_lowercase();
    let usual = if scheme.eq_ignore_ascii_case("http") { ":80" } else { ":443" };
    format!("{}://{}/{path}", scheme.to_lowercase(), host.strip_suffix(usual).unwrap_or(&host))
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[track_caller]
    fn check(one: &str, other: &str, same: bool) {
        assert_eq!(normal(one) == normal(other), same, "{one} {other}");
    }

    #[test]
    fn a_server_is_the_same_however_its_url_is_written() {
        check("https://API.example.com", "https://api.example.com:443/", true);
        check("https://r.example.com/k8s/c-1/", "https://r.example.com/k8s/c-1", true);
        check("https://r.example.com/k8s/c-1", "https://r.example.com/k8s/c-2", false);
        check("https://a:6443", "https://a", false);
        check("http://a", "https://a", false);
    }
}
