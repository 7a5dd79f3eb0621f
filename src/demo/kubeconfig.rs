//! The kubeconfig of a simulated fleet: one context for each cluster, under its name.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::demo::api::access::{TOKEN, USER};

/// The text of a kubeconfig; `servers` are names and URLs in fleet order, the first is current. Every text is
/// quoted as JSON, which YAML understands, so that a cluster may be called `no` or `1e3`.
pub fn text(servers: &[(String, String)], authority_pem: &str) -> String {
    let authority = STANDARD.encode(authority_pem);
    let quoted = |text: &str| Value::from(text).to_string();
    let current = servers.first().map(|(name, _)| name.as_str()).unwrap_or_default();
    let mut lines = vec![
        "apiVersion: v1".to_string(),
        "kind: Config".into(),
        format!("current-context: {}", quoted(current)),
    ];
    lines.push("clusters:".into());
    for (name, url) in servers {
        lines.push(format!("- name: {}", quoted(name)));
        lines.push(format!(
            "  cluster:\n    server: {}\n    certificate-authority-data: {authority}",
            quoted(url)
        ));
    }
    lines.push("contexts:".into());
    for (name, _) in servers {
        lines.push(format!("- name: {}", quoted(name)));
        lines.push(format!("  context:\n    cluster: {}\n    user: {USER}", quoted(name)));
    }
    lines.push(format!("users:\n- name: {USER}\n  user:\n    token: {TOKEN}\n"));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn every_server_is_a_context() {
        let text = text(
            &[("eu-1".into(), "https://127.0.0.1:1".into()), ("no".into(), "https://127.0.0.1:2".into())],
            "PEM",
        );
        let documents = crate::yaml::documents("kubeconfig", &text);
        let [Ok(document)] = documents.as_slice() else { panic!("one document: {documents:?}") };
        let parsed = &document.value;
        assert_eq!(parsed["current-context"], "eu-1");
        assert_eq!(parsed["contexts"][1]["name"], "no");
        assert_eq!(parsed["clusters"][1]["cluster"]["server"], "https://127.0.0.1:2");
    }
}
