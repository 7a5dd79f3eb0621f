//! The catalog's cluster Resources that no context reaches: their server and authority, and a credential as their annotations say, by a
//! fixed list of programs, or that of a context which the configuration names.

use crate::catalog::ClusterResource;
use crate::config::SourceConfig;
use crate::fleet::found::{Found, FoundContext, KubectlReach};
use crate::fleet::kubeconfig::Context;
use crate::fleet::silence::{Silence, brief};
use crate::fleet::sources::hub::user_of;
use kube::config::{AuthInfo, Cluster};
use serde_json::json;

/// The application that Azure's API servers ask tokens of, in every tenant.
const AZURE_SERVER: &str = "6dae42f8-4368-4678-94ff-3960e28e3630";

pub fn read(
    source: &'static str,
    entry: &SourceConfig,
    clusters: &[ClusterResource],
    known: &Found,
) -> Found {
    let of = |resource: &ClusterResource| {
        let server = resource.server.clone()?;
        let cluster = Cluster {
            server: Some(server),
            certificate_authority_data: resource.authority.clone(),
            // That it says not to verify the server is no reason to: my credential goes there.
            ..Cluster::default()
        };
        let (user, unusable) = match &entry.user {
            Some(_) => user_of(entry, known),
            None => credential(resource),
        };
        let name = resource.name.clone();
        let context = Context {
            cluster_name: name.clone(),
            name: name.clone(),
            cluster,
            user,
            namespace: None,
            file: resource.entity.to_string().into(),
        };
        Some(FoundContext {
            aliases: resource.aliases.clone(),
            apart: vec![format!("{source}/{name}")],
            joins: true,
            labels: resource.labels.clone(),
            unusable,
            kubectl: KubectlReach::Never,
            ..FoundContext::of(source, entry.called(), context)
        })
    };
    Found { contexts: clusters.iter().filter_map(of).collect(), ..Found::default() }
}

/// What Backstage would do on its server, done with my own login.
fn credential(resource: &ClusterResource) -> (AuthInfo, Option<Silence>) {
    let provider = resource.auth.get("auth-provider").map(String::as_str).unwrap_or_default();
    let plugin = |command: &str, arguments: Vec<String>| {
        let exec = json!({"exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": command,
            "args": arguments,
            "interactiveMode": "IfAvailable",
            "provideClusterInfo": command == "gke-gcloud-auth-plugin",
        }});
        let user = serde_json::from_value(exec).ok();
        let unusable = user.is_none().then(|| Silence::credentials(format!("{command} cannot be used")));
        (user.unwrap_or_default(), unusable)
    };
    let text = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<String>>();
    match provider {
        "aws" => {
            let name = resource.auth.get("x-k8s-aws-id").unwrap_or(&resource.name);
            let mut arguments = text(&["eks", "get-token"]);
            // A value cannot become a flag of its own.
            arguments.push(format!("--cluster-name={name}"));
            arguments.extend(resource.auth.get("aws-assume-role").map(|role| format!("--role-arn={role}")));
            plugin("aws", arguments)
        }
        "google" | "googleServiceAccount" => plugin("gke-gcloud-auth-plugin", Vec::new()),
        "azure" | "aks" => {
            plugin("kubelogin", text(&["get-token", "--login", "azurecli", "--server-id", AZURE_SERVER]))
        }
        "localKubectlProxy" => (AuthInfo::default(), None),
        other => {
            let text = format!(
                "the catalog says auth-provider \"{}\", for which `user:` of its source must name a context",
                brief(other)
            );
            (AuthInfo::default(), Some(Silence::credentials(text)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::credential;
    use crate::catalog::ClusterResource;
    use std::collections::BTreeMap;

    #[track_caller]
    fn check(annotations: &[(&str, &str)], command: &str, wrong: &str) {
        let auth: BTreeMap<String, String> =
            annotations.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        let resource = ClusterResource { name: "eu-1".to_string(), auth, ..ClusterResource::sample() };
        let (user, unusable) = credential(&resource);
        let told = user.exec.map(|exec| {
            let words = exec.command.into_iter().chain(exec.args.unwrap_or_default());
            words.collect::<Vec<_>>().join(" ")
        });
        assert_eq!(told.unwrap_or_default(), command);
        assert_eq!(unusable.map(|why| why.message()).unwrap_or_default(), wrong);
    }

    #[test]
    fn a_credential_is_made_as_the_annotations_say() {
        check(&[("auth-provider", "aws")], "aws eks get-token --cluster-name=eu-1", "");
        let role = [("auth-provider", "aws"), ("x-k8s-aws-id", "prod"), ("aws-assume-role", "arn:x")];
        check(&role, "aws eks get-token --cluster-name=prod --role-arn=arn:x", "");
        check(&[("auth-provider", "google")], "gke-gcloud-auth-plugin", "");
        check(&[("auth-provider", "localKubectlProxy")], "", "");
        let wrong =
            "the catalog says auth-provider \"oidc\", for which `user:` of its source must name a context";
        check(&[("auth-provider", "oidc")], "", wrong);
    }
}
