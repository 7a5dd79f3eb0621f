//! Clusters whose credential is a Secret of the hub: Cluster API and Argo CD. Nothing else of callboard asks for a Secret, and these only
//! where the configuration names such a source, and no context reaches the cluster.

use crate::config::SourceConfig;
use crate::fleet::access::Access;
use crate::fleet::found::{Found, FoundContext};
use crate::fleet::kubeconfig::{KubeconfigText, merge};
use crate::fleet::path::Resource;
use crate::fleet::silence::{Silence, brief};
use crate::fleet::sources::hub::{Hub, InventoryMetadata, labelled};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::config::{AuthInfo, Cluster};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const SECRETS: Resource<'static> =
    Resource { kind: "Secret", group: "", version: "v1", plural: "secrets" };

/// The versions of Cluster API, the newest first.
const VERSIONS: [&str; 2] = ["v1beta2", "v1beta1"];

const ARGO_SELECTOR: &str = "argocd.argoproj.io/secret-type=cluster";
/// What Argo CD calls the cluster that it runs in.
const IN_CLUSTER: &str = "https://kubernetes.default.svc";

#[derive(Default, Deserialize)]
#[serde(default)]
struct ClusterSecret {
    metadata: InventoryMetadata,
    data: BTreeMap<String, String>,
}

impl ClusterSecret {
    fn text(&self, key: &str) -> Option<String> {
        String::from_utf8(STANDARD.decode(self.data.get(key)?.trim()).ok()?).ok()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ApiCluster {
    metadata: InventoryMetadata,
    spec: ApiClusterSpec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ApiClusterSpec {
    control_plane_endpoint: ControlPlaneEndpoint,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ControlPlaneEndpoint {
    host: String,
    port: u16,
}

/// Cluster API: a cluster that a context reaches is that context's; of the others the Secret with their kubeconfig is read.
pub async fn cluster_api(
    source: &'static str,
    entry: &SourceConfig,
    known: &Found,
    access: &Access,
) -> Result<Found, Silence> {
    let hub = Hub::of(source, entry, known, access)?;
    let mut clusters: Result<Vec<ApiCluster>, Silence> = Ok(Vec::new());
    for version in VERSIONS {
        let resource = Resource { kind: "Cluster", group: "cluster.x-k8s.io", version, plural: "clusters" };
        clusters = hub.inventory(resource, entry.selector.as_deref()).await;
        if !matches!(clusters, Err(Silence::Protocol(_))) {
            break;
        }
    }
    let mut found = Found::default();
    for ApiCluster { metadata, spec } in clusters? {
        let ControlPlaneEndpoint { host, port } = &spec.control_plane_endpoint;
        let server = match (host.contains(':'), *port) {
            (true, 0) => format!("https://[{host}]"),
            (true, port) => format!("https://[{host}]:{port}"),
            (false, 0) => format!("https://{host}"),
            (false, port) => format!("https://{host}:{port}"),
        };
        let own = (!host.is_empty()).then_some(server);
        let mut one = hub.cluster(
            &metadata.name,
            Cluster { server: own.clone(), ..Cluster::default() },
            AuthInfo::default(),
        );
        if !own.as_deref().is_some_and(|server| known.reaches(server)) {
            let secret = format!("{}-kubeconfig", metadata.name);
            match hub.object::<ClusterSecret>(SECRETS, &metadata.namespace, &secret).await {
                Ok(secret) => {
                    take_kubeconfig(&mut one, secret.as_ref().and_then(|secret| secret.text("value")))
                }
                Err(why) => one.unusable = Some(why),
            }
        }
        one.servers = own.into_iter().collect();
        one.apart.push(format!("{}/{}/{}", hub.found.context.name, metadata.namespace, metadata.name));
        one.labels = labelled(metadata.labels, []);
        found.contexts.push(one);
    }
    Ok(found)
}

/// The one context of a kubeconfig that somebody else wrote: it may name no program and no file of this machine.
fn take_kubeconfig(one: &mut FoundContext, text: Option<String>) {
    let unusable = |text: &str| Some(Silence::credentials(text));
    let Some(text) = text else {
        one.unusable = unusable("the hub has no Secret with its kubeconfig");
        return;
    };
    let merged = merge(vec![KubeconfigText { path: "/secret".into(), text: Ok(text) }]);
    let current = merged.contexts.iter().position(|context| Some(&context.name) == merged.current.as_ref());
    let Some(context) = merged.contexts.into_iter().nth(current.unwrap_or(0)) else {
        one.unusable = unusable("the Secret with its kubeconfig cannot be read");
        return;
    };
    let user = &context.user;
    let names_files = user.token_file.is_some()
        || user.client_certificate.is_some()
        || user.client_key.is_some()
        || context.cluster.certificate_authority.is_some();
    if user.exec.is_some() || user.auth_provider.is_some() || names_files {
        one.unusable = unusable("the kubeconfig of its Secret names a program or a file, which is not used");
        return;
    }
    (one.context.cluster, one.context.user, one.context.namespace) =
        (context.cluster, context.user, context.namespace);
}

/// Argo CD: its Secrets are the list, with labels and credentials in one.
pub async fn argo_cd(
    source: &'static str,
    entry: &SourceConfig,
    known: &Found,
    access: &Access,
) -> Result<Found, Silence> {
    let usual = SourceConfig { namespaces: vec!["argocd".to_string()], ..entry.clone() };
    let hub = Hub::of(source, if entry.namespaces.is_empty() { &usual } else { entry }, known, access)?;
    let selector = entry.selector.as_ref().map(|more| format!("{ARGO_SELECTOR},{more}"));
    let secrets: Vec<ClusterSecret> =
        hub.inventory(SECRETS, Some(selector.as_deref().unwrap_or(ARGO_SELECTOR))).await?;
    let mut found = Found::default();
    for secret in secrets {
        let Some(server) = secret.text("server").map(|server| server.trim().to_string()) else { continue };
        let name = secret.text("name").filter(|name| !name.trim().is_empty());
        let name = name.map_or_else(|| secret.metadata.name.clone(), |name| name.trim().to_string());
        let (cluster, user, unusable) = argo_access(&server, &secret.text("config").unwrap_or_default());
        let mut one = hub.cluster(&name, cluster, user);
        one.unusable = unusable;
        if server == IN_CLUSTER {
            one.servers.extend(hub.found.context.cluster.server.clone());
        }
        one.labels = labelled(secret.metadata.labels, []);
        one.labels.remove("argocd.argoproj.io/secret-type");
        found.contexts.push(one);
    }
    Ok(found)
}

/// What the `config` of a cluster's Secret says, as a kubeconfig would.
fn argo_access(server: &str, config: &str) -> (Cluster, AuthInfo, Option<Silence>) {
    let config: Value = serde_json::from_str(config).unwrap_or_default();
    let tls = &config["tlsClientConfig"];
    let set = |value: &Value| {
        Some(value.clone()).filter(|value| value.as_str().is_some_and(|text| !text.is_empty()))
    };
    let cluster = json!({
        "server": server,
        "certificate-authority-data": set(&tls["caData"]),
        "tls-server-name": set(&tls["serverName"]),
        "proxy-url": set(&config["proxyUrl"]),
        "insecure-skip-tls-verify": tls["insecure"].as_bool().filter(|is| *is),
        "disable-compression": config["disableCompression"].as_bool().filter(|is| *is),
    });
    let aws = &config["awsAuthConfig"];
    let exec = aws.is_object().then(|| {
        let option = |flag: &str, key: &str| Some(format!("{flag}={}", aws[key].as_str().filter(|text| !text.is_empty())?));
        let mut arguments = vec!["eks".to_string(), "get-token".to_string()];
        // A value cannot become a flag of its own.
        arguments.extend(option("--cluster-name", "clusterName"));
        arguments.extend(option("--role-arn", "roleARN"));
        arguments.extend(option("--profile", "profile"));
        json!({"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws", "args": arguments, "interactiveMode": "Never"})
    });
    let user = json!({
        "token": set(&config["bearerToken"]),
        "username": set(&config["username"]),
        "password": set(&config["password"]),
        "client-certificate-data": set(&tls["certData"]),
        "client-key-data": set(&tls["keyData"]),
        "exec": exec,
    });
    let without_nulls = |value: Value| match value {
        Value::Object(map) => Value::Object(map.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    };
    let cluster = serde_json::from_value(without_nulls(cluster));
    let user = serde_json::from_value(without_nulls(user));
    match (cluster, user) {
        (Ok(cluster), Ok(user)) => {
            let program = config["execProviderConfig"]["command"].as_str();
            let unusable = program.map(|program| {
                Silence::credentials(format!(
                    "its Secret names the program {}, which is not started",
                    brief(program)
                ))
            });
            (cluster, user, unusable)
        }
        _ => {
            let cluster = Cluster { server: Some(server.to_string()), ..Cluster::default() };
            (
                cluster,
                AuthInfo::default(),
                Some(Silence::credentials("the config of its Secret cannot be read")),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::argo_access;

    #[test]
    fn argos_config_is_read_and_its_programs_are_not_started() {
        let (cluster, user, unusable) = argo_access(
            "https://eu-1",
            r#"{"bearerToken":"abc","tlsClientConfig":{"insecure":false,"caData":"QQ==","serverName":"eu"},"proxyUrl":""}"#,
        );
        assert_eq!(
            (cluster.certificate_authority_data.as_deref(), cluster.tls_server_name.as_deref()),
            (Some("QQ=="), Some("eu"))
        );
        assert!(
            user.token.is_some() && user.exec.is_none() && unusable.is_none() && cluster.proxy_url.is_none()
        );
        let (_, user, unusable) =
            argo_access("https://eu-1", r#"{"awsAuthConfig":{"clusterName":"--profile x","roleARN":"r"}}"#);
        let exec = user.exec.expect("aws");
        assert_eq!(exec.command.as_deref(), Some("aws"));
        assert_eq!(
            exec.args.unwrap_or_default(),
            ["eks", "get-token", "--cluster-name=--profile x", "--role-arn=r"]
        );
        assert!(unusable.is_none());
        let (_, user, unusable) =
            argo_access("https://eu-1", r#"{"execProviderConfig":{"command":"sh","args":["-c","x"]}}"#);
        assert!(user.exec.is_none());
        assert!(
            unusable
                .is_some_and(|why| why.message() == "its Secret names the program sh, which is not started")
        );
        assert!(argo_access("https://eu-1", "garbage").2.is_none());
    }
}
