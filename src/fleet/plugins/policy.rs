//! Which credential plugins may run at all: kubectl's kuberc says so, and callboard obeys it.

use serde_json::Value;

use crate::files;
use crate::fleet::silence::{Silence, brief};
use crate::process;
use crate::yaml;

/// `credentialPluginPolicy` and `credentialPluginAllowlist` of kubectl.config.k8s.io Preference.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum PluginPolicy {
    #[default]
    AllowAll,
    DenyAll,
    /// Programs by their name, as PATH finds them, or by their path.
    Allowlist(Vec<String>),
    /// Nobody knows what it says, so nothing runs.
    Unreadable(String),
}

impl PluginPolicy {
    /// The policy of a kuberc file. A file without one allows all, as in kubectl.
    pub fn of_text(file: &str, text: &str) -> PluginPolicy {
        let documents = yaml::documents(file, text);
        let value = match documents.into_iter().next() {
            None => return PluginPolicy::AllowAll,
            Some(Err(problem)) => return PluginPolicy::Unreadable(problem.to_string()),
            Some(Ok(document)) => document.value,
        };
        let listed = value.get("credentialPluginAllowlist").and_then(Value::as_array);
        match value.get("credentialPluginPolicy").map(|policy| policy.as_str().unwrap_or("?")) {
            None | Some("" | "AllowAll") if listed.is_none() => PluginPolicy::AllowAll,
            Some("DenyAll") if listed.is_none() => PluginPolicy::DenyAll,
            Some("Allowlist") => {
                // Kubernetes 1.35 calls it `name`, later ones `command`.
                let entry = |entry: &Value| {
                    let named = entry.get("command").or(entry.get("name"))?;
                    named.as_str().map(str::to_string)
                };
                PluginPolicy::Allowlist(listed.into_iter().flatten().filter_map(entry).collect())
            }
            Some("" | "AllowAll" | "DenyAll") | None => PluginPolicy::Unreadable(format!(
                "{file}: credentialPluginAllowlist goes with the policy Allowlist alone"
            )),
            Some(other) => {
                PluginPolicy::Unreadable(format!("{file}: credentialPluginPolicy {other:?} is not known"))
            }
        }
    }

    /// Refuses a plugin that may not run.
    pub fn check(&self, command: &str) -> Result<(), Silence> {
        let why = match self {
            PluginPolicy::AllowAll => return Ok(()),
            PluginPolicy::Allowlist(allowed) if allowed.iter().any(|entry| is_same(entry, command)) => {
                return Ok(());
            }
            PluginPolicy::Allowlist(_) => "it is not in the credentialPluginAllowlist of kuberc".to_string(),
            PluginPolicy::DenyAll => "the credentialPluginPolicy of kuberc is DenyAll".to_string(),
            PluginPolicy::Unreadable(why) => {
                format!("kuberc says which plugins may run, and cannot be read: {why}")
            }
        };
        Err(Silence::credentials(format!("credential plugin {} is not run: {why}", brief(command))))
    }
}

/// Whether both are one program, wherever PATH has it.
fn is_same(entry: &str, command: &str) -> bool {
    let path = |program: &str| process::find(program).ok().map(|path| files::absolute(&path));
    entry == command || path(entry).is_some_and(|found| path(command) == Some(found))
}

#[cfg(test)]
mod tests {
    use super::PluginPolicy;

    #[track_caller]
    fn check(text: &str, command: &str, allowed: bool) {
        let policy = PluginPolicy::of_text("kuberc", text);
        assert_eq!(policy.check(command).is_ok(), allowed, "{policy:?} {command}");
    }

    #[test]
    fn what_kuberc_forbids_is_not_run() {
        check("", "aws", true);
        check("apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n", "aws", true);
        check("credentialPluginPolicy: AllowAll\n", "aws", true);
        check("credentialPluginPolicy: ''\n", "aws", true);
        check("credentialPluginPolicy: DenyAll\n", "aws", false);
        let list = "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: sh}, {command: /opt/aws}]\n";
        check(list, "sh", true);
        check(list, "/opt/aws", true);
        check(list, "aws", false);
        check(list, "/opt/other", false);
        check("credentialPluginPolicy: Allowlist\n", "sh", false);
    }

    #[test]
    fn a_program_is_the_same_by_its_name_and_by_its_path() {
        let path = crate::process::find("sh").expect("there is a shell").display().to_string();
        check(
            &format!("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{{name: {path}}}]\n"),
            "sh",
            true,
        );
        check("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: sh}]\n", &path, true);
        check(
            "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: sh}]\n",
            "/nowhere/sh",
            false,
        );
    }

    #[test]
    fn what_cannot_be_understood_allows_nothing() {
        check("a: [", "sh", false);
        check("credentialPluginPolicy: Sometimes\n", "sh", false);
        check("credentialPluginPolicy: 3\n", "sh", false);
        check("credentialPluginPolicy: DenyAll\ncredentialPluginAllowlist: [{name: sh}]\n", "sh", false);
        check("credentialPluginAllowlist: [{name: sh}]\n", "sh", false);
    }
}
