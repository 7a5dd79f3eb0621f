//! How a context logs in, in a few words and without a secret: for people who choose among contexts.

use kube::config::ExecConfig;

use crate::fleet::kubeconfig::Context;

impl Context {
    /// The plugin with its profile, or the kind of credential.
    pub fn login(&self) -> String {
        let user = &self.user;
        let certificate = user.client_certificate.is_some() || user.client_certificate_data.is_some();
        if let Some(exec) = &user.exec {
            plugin(exec)
        } else if let Some(provider) = &user.auth_provider {
            provider.name.clone()
        } else if user.token.is_some() || user.token_file.is_some() {
            "token".to_string()
        } else if certificate {
            "certificate".to_string()
        } else if user.username.is_some() {
            "password".to_string()
        } else {
            "no credential".to_string()
        }
    }
}

/// Of the arguments only the profile is told: others may hold a secret.
fn plugin(exec: &ExecConfig) -> String {
    let command = exec.command.as_deref().unwrap_or("a plugin without a command");
    let command = command.rsplit(['/', '\\']).next().unwrap_or(command);
    let arguments = exec.args.as_deref().unwrap_or_default();
    let after = arguments.iter().position(|word| word == "--profile").and_then(|at| arguments.get(at + 1));
    let joined = arguments.iter().find_map(|word| word.strip_prefix("--profile="));
    let variables = exec.env.iter().flatten();
    let mut named =
        variables.filter(|variable| variable.get("name").is_some_and(|name| name == "AWS_PROFILE"));
    let variable = named.find_map(|variable| variable.get("value"));
    match after.map(String::as_str).or(joined).or(variable.map(String::as_str)) {
        Some(profile) => format!("{command} (profile {profile})"),
        None => command.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use crate::fleet::kubeconfig::{KubeconfigText, merge};

    #[track_caller]
    fn check(user: &str, expect: &str) {
        let text = format!(
            "{{contexts: [{{name: a, context: {{cluster: c, user: u}}}}], clusters: [{{name: c, cluster: {{server: 'https://x'}}}}], users: [{{name: u, user: {user}}}]}}"
        );
        let merged = merge(vec![KubeconfigText { path: "config".into(), text: Ok(text) }]);
        assert_eq!(merged.contexts[0].login(), expect, "{user}");
    }

    #[test]
    fn a_login_is_told_without_its_secret() {
        let exec = |more: &str| {
            format!("{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: /opt/bin/aws{more}}}}}")
        };
        check(&exec(""), "aws");
        check(&exec(", args: [eks, get-token, --profile, corp]"), "aws (profile corp)");
        check(&exec(", args: [--profile=corp]"), "aws (profile corp)");
        check(
            &exec(", env: [{name: AWS_PROFILE, value: dev}, {name: X, value: hunter2}]"),
            "aws (profile dev)",
        );
        check(&exec(", args: [--oidc-client-secret, hunter2]"), "aws");
        check("{token: hunter2}", "token");
        check("{username: a, password: hunter2}", "password");
        check("{client-certificate-data: QQ==, client-key-data: QQ==}", "certificate");
        check("{}", "no credential");
    }
}
