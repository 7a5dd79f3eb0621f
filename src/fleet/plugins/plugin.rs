//! One credential plugin: what it is started with, and what it answers.

use crate::fleet::silence::{Silence, brief};
use crate::fleet::tls::ClientIdentity;
use crate::process::{ProcessInput, ProcessTask};
use jiff::Timestamp;
use kube::config::{Cluster, ExecConfig, ExecInteractiveMode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

/// One plugin, as far as its result depends on it: equal plugins are run once.
#[derive(Clone, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Plugin {
    pub command: String,
    pub arguments: Vec<String>,
    pub environment: BTreeMap<String, String>,
    pub api_version: String,
    pub mode: InteractiveMode,
    /// `spec.cluster` of the ExecCredential, as JSON text, where `provideClusterInfo` asks for it.
    pub cluster: Option<String>,
    pub install_hint: Option<String>,
}

/// `interactiveMode`; what is not said is `IfAvailable`.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum InteractiveMode {
    Never,
    #[default]
    IfAvailable,
    Always,
}

/// What a plugin answered.
#[derive(Clone, Default)]
pub struct PluginAnswer {
    pub token: Option<String>,
    pub identity: Option<ClientIdentity>,
    /// When it must be made anew.
    pub expires: Option<Timestamp>,
}

impl Plugin {
    /// The plugin of a kubeconfig user. `roots` is the PEM of the cluster's certificate authority.
    pub fn new(exec: &ExecConfig, cluster: &Cluster, roots: &[u8]) -> Result<Plugin, Silence> {
        let command =
            exec.command.clone().ok_or_else(|| Silence::credentials("the exec plugin has no command"))?;
        let api_version = exec.api_version.clone().unwrap_or_default();
        if !["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
            .contains(&api_version.as_str())
        {
            let text = format!(
                "{}: apiVersion \"{}\" is not one that plugins speak",
                short(&command),
                brief(&api_version)
            );
            let hint = renewal(&command, exec.args.as_deref().unwrap_or_default());
            return Err(Silence::Credentials { text, hint });
        }
        let variable = |pair: &std::collections::HashMap<String, String>| {
            Some((pair.get("name")?.clone(), pair.get("value").cloned().unwrap_or_default()))
        };
        Ok(Plugin {
            command,
            arguments: exec.args.clone().unwrap_or_default(),
            environment: exec.env.iter().flatten().filter_map(variable).collect(),
            api_version,
            mode: match exec.interactive_mode {
                Some(ExecInteractiveMode::Never) => InteractiveMode::Never,
                Some(ExecInteractiveMode::Always) => InteractiveMode::Always,
                Some(ExecInteractiveMode::IfAvailable) | None => InteractiveMode::IfAvailable,
            },
            cluster: exec.provide_cluster_info.then(|| cluster_info(cluster, roots).to_string()),
            install_hint: exec.install_hint.clone().filter(|hint| !hint.trim().is_empty()),
        })
    }

    /// The profile of the cloud's own configuration that it is called for.
    pub fn profile(&self) -> Option<&str> {
        let mut words = self.arguments.iter();
        while let Some(word) = words.next() {
            if word == "--profile" {
                return words.next().map(String::as_str);
            }
            if let Some(profile) = word.strip_prefix("--profile=") {
                return Some(profile);
            }
        }
        self.environment.get("AWS_PROFILE").map(String::as_str)
    }

    /// The process that answers for it.
    pub fn task(&self, interactive: bool, limit: Option<Duration>) -> ProcessTask {
        let mut spec = json!({ "interactive": interactive });
        if let Some(cluster) =
            self.cluster.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok())
        {
            spec["cluster"] = cluster;
        }
        let info = json!({ "kind": "ExecCredential", "apiVersion": self.api_version, "spec": spec });
        let mut environment = self.environment.clone();
        environment.insert("KUBERNETES_EXEC_INFO".to_string(), info.to_string());
        ProcessTask {
            program: self.command.clone(),
            arguments: self.arguments.iter().map(OsString::from).collect(),
            environment,
            input: if interactive { ProcessInput::Terminal } else { ProcessInput::Nothing },
            // By its name a terminal could be asked on from another session, too.
            withheld: if interactive { Vec::new() } else { vec!["GPG_TTY".to_string()] },
            limit,
            most: 1 << 20,
            ..ProcessTask::default()
        }
    }
}

/// `ExecCredential.spec.cluster`, field by field as client-go fills it.
fn cluster_info(cluster: &Cluster, roots: &[u8]) -> Value {
    use base64::Engine;
    let mut info = json!({ "server": cluster.server });
    let extension =
        cluster.extensions.iter().flatten().find(|one| one.name == "client.authentication.k8s.io/exec");
    let roots = (!roots.is_empty()).then(|| base64::engine::general_purpose::STANDARD.encode(roots));
    let fields = [
        ("tls-server-name", json!(cluster.tls_server_name)),
        ("insecure-skip-tls-verify", json!(cluster.insecure_skip_tls_verify.filter(|skip| *skip))),
        ("certificate-authority-data", json!(roots)),
        ("proxy-url", json!(cluster.proxy_url)),
        ("disable-compression", json!(cluster.disable_compression.filter(|off| *off))),
        ("config", extension.map_or(Value::Null, |one| one.extension.clone())),
    ];
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_null()) {
        info[name] = value;
    }
    info
}

/// The command that writes a kubeconfig's entry anew, where its version is no longer spoken.
fn renewal(command: &str, arguments: &[String]) -> Option<String> {
    let behind = |flags: &[&str]| {
        let at = arguments.iter().position(|word| flags.contains(&word.as_str()))?;
        arguments.get(at + 1).map(|value| crate::text::shell_word(value))
    };
    let name = behind(&["--cluster-name", "-i", "--cluster-id"]).unwrap_or_else(|| "CLUSTER".to_string());
    Some(match short(command).as_str() {
        "aws" | "aws-iam-authenticator" => {
            let region = behind(&["--region"]).map(|region| format!(" --region {region}"));
            format!("aws eks update-kubeconfig --name {name}{}", region.unwrap_or_default())
        }
        "gke-gcloud-auth-plugin" | "gcloud" => {
            "gcloud container clusters get-credentials CLUSTER".to_string()
        }
        "kubelogin" => "kubelogin convert-kubeconfig".to_string(),
        "doctl" => "doctl kubernetes cluster kubeconfig save CLUSTER".to_string(),
        "tsh" => "tsh kube login CLUSTER".to_string(),
        _ => return None,
    })
}

pub fn short(command: &str) -> String {
    brief(command.rsplit(['/', '\\']).next().unwrap_or(command))
}
