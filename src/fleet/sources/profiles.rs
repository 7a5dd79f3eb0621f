//! ClusterProfiles (SIG-Multicluster): a profile says how its cluster is reached; who I am there comes from a program that the
//! configuration names, never from the profile.

use crate::config::SourceConfig;
use crate::fleet::access::Access;
use crate::fleet::found::{Found, FoundContext};
use crate::fleet::path::Resource;
use crate::fleet::silence::{Silence, brief};
use crate::fleet::sources::hub::{Hub, InventoryMetadata, labelled};
use kube::config::{AuthInfo, Cluster};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PROFILES: Resource<'static> = Resource {
    kind: "ClusterProfile",
    group: "multicluster.x-k8s.io",
    version: "v1alpha1",
    plural: "clusterprofiles",
};

/// What a profile may add to a program's arguments and variables, where the configuration lets it.
const ARGUMENTS: &str = "clusterprofiles.multicluster.x-k8s.io/exec/additional-args";
const VARIABLES: &str = "clusterprofiles.multicluster.x-k8s.io/exec/additional-envs";

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Profile {
    pub metadata: InventoryMetadata,
    spec: ProfileSpec,
    status: ProfileStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProfileSpec {
    display_name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProfileStatus {
    access_providers: Vec<AccessProvider>,
    /// What these were called before.
    credential_providers: Vec<AccessProvider>,
    properties: Vec<ProfileProperty>,
}

#[derive(Clone, Deserialize)]
struct AccessProvider {
    name: String,
    #[serde(default)]
    cluster: Cluster,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProfileProperty {
    name: String,
    value: String,
}

pub async fn list(
    source: &'static str,
    entry: &SourceConfig,
    known: &Found,
    access: &Access,
) -> Result<Found, Silence> {
    let hub = Hub::of(source, entry, known, access)?;
    let profiles: Vec<Profile> = hub.inventory(PROFILES, entry.selector.as_deref()).await?;
    let contexts = profiles.into_iter().map(|profile| {
        let apart =
            format!("{}/{}/{}", hub.found.context.name, profile.metadata.namespace, profile.metadata.name);
        let mut found = profile.found(entry, |name, cluster, user| hub.cluster(name, cluster, user));
        found.apart.push(apart);
        found
    });
    Ok(Found { contexts: contexts.collect(), ..Found::default() })
}

impl Profile {
    /// The cluster, made with its server and the credential that the configuration has for it.
    pub fn found(
        self,
        entry: &SourceConfig,
        make: impl FnOnce(&str, Cluster, AuthInfo) -> FoundContext,
    ) -> FoundContext {
        let name = self.metadata.name.clone();
        let (cluster, user, unusable) = self.reached(entry);
        let properties = self.status.properties.into_iter().map(|one| (one.name, one.value));
        let mut labels = labelled(self.metadata.labels, []);
        for (key, value) in properties {
            labels.entry(key).or_insert(value);
        }
        let mut found = make(&name, cluster, user);
        found.labels = labels;
        found
            .aliases
            .extend(Some(self.spec.display_name).filter(|other| !other.is_empty() && *other != name));
        found.unusable = unusable;
        found
    }

    /// By the first program of the configuration that the profile offers an access for.
    fn reached(&self, entry: &SourceConfig) -> (Cluster, AuthInfo, Option<Silence>) {
        let mut offered: BTreeMap<&str, &AccessProvider> = BTreeMap::new();
        let ProfileStatus { access_providers, credential_providers, .. } = &self.status;
        for one in credential_providers.iter().chain(access_providers) {
            offered.insert(&one.name, one);
        }
        let known = entry
            .providers
            .iter()
            .find_map(|provider| Some((provider, offered.get(provider.name.as_str())?)));
        let of_profile = |one: &AccessProvider| Cluster {
            // It would be a file of this machine, named by somebody else.
            certificate_authority: None,
            ..one.cluster.clone()
        };
        let Some((provider, access)) = known else {
            let names: Vec<&str> = offered.keys().copied().collect();
            let text = match names.is_empty() {
                true => "its profile offers no access yet".to_string(),
                false => {
                    format!("`providers:` of the configuration has none of {}", brief(&names.join(", ")))
                }
            };
            let cluster = access_providers.first().or(credential_providers.first()).map(of_profile);
            return (cluster.unwrap_or_default(), AuthInfo::default(), Some(Silence::credentials(text)));
        };
        let cluster = of_profile(access);
        let extension = |name: &str| {
            let mut extensions = cluster.extensions.iter().flatten();
            extensions.find(|one| one.name == name).map_or(Value::Null, |one| one.extension.clone())
        };
        let exec = &provider.exec;
        let mut arguments: Vec<String> = exec.args.clone();
        if provider.arguments.as_deref() == Some("Append") {
            let more = extension(ARGUMENTS);
            let more = more.as_array().into_iter().flatten().filter_map(Value::as_str);
            arguments.extend(more.map(str::to_string));
        }
        let mut variables: BTreeMap<String, String> =
            exec.env.iter().map(|one| (one.name.clone(), one.value.clone())).collect();
        let more = extension(VARIABLES);
        for (key, value) in more.as_object().into_iter().flatten() {
            let value = value.as_str().unwrap_or_default().to_string();
            let is_there = variables.contains_key(key);
            let may = match provider.variables.as_deref() {
                Some("Replace") => true,
                Some("AppendIfNotExists") => !is_there,
                _ => false,
            };
            if may {
                variables.insert(key.clone(), value);
            }
        }
        let variables: Vec<Value> =
            variables.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let version = exec.api_version.as_deref().unwrap_or("client.authentication.k8s.io/v1");
        let user = json!({"exec": {
            "apiVersion": version,
            "command": exec.command,
            "args": arguments,
            "env": variables,
            "installHint": exec.install_hint,
            "interactiveMode": "Never",
            "provideClusterInfo": exec.provide_cluster_info,
        }});
        match serde_json::from_value(user) {
            Ok(user) => (cluster, user, None),
            Err(_) => {
                let why =
                    Silence::credentials(format!("the provider {} cannot be used", brief(&provider.name)));
                (cluster, AuthInfo::default(), Some(why))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Profile;
    use crate::config::Config;
    use std::path::Path;

    const PROFILE: &str = r#"{"metadata":{"name":"eu-1","namespace":"fleet","labels":{"tier":"gold"}},
        "spec":{"displayName":"Europe"},
        "status":{"properties":[{"name":"region","value":"eu"},{"name":"tier","value":"x"}],
          "credentialProviders":[{"name":"old","cluster":{"server":"https://old"}},{"name":"gke","cluster":{"server":"https://wrong"}}],
          "accessProviders":[{"name":"gke","cluster":{"server":"https://eu-1","certificate-authority":"/etc/passwd","extensions":[
            {"name":"clusterprofiles.multicluster.x-k8s.io/exec/additional-args","extension":["--cluster","eu-1"]},
            {"name":"clusterprofiles.multicluster.x-k8s.io/exec/additional-envs","extension":{"A":"theirs","B":"theirs"}}]}}]}}"#;

    /// Server, arguments, variables, and what is wrong.
    #[track_caller]
    fn check(providers: &str, server: &str, arguments: &str, variables: &str, wrong: &str) {
        let text = format!("sources: [{{type: cluster-profiles, hub: h, providers: [{providers}]}}]");
        let config = Config::of_text("config", &text, Path::new("/c")).expect("a config");
        assert!(config.unknown.is_empty(), "{:?}", config.unknown);
        let profile: Profile = serde_json::from_str(PROFILE).expect("a profile");
        let (cluster, user, unusable) = profile.reached(&config.sources[0]);
        assert_eq!(cluster.server.as_deref(), Some(server));
        assert_eq!(cluster.certificate_authority, None);
        let exec = user.exec.unwrap_or_default();
        assert_eq!(exec.args.unwrap_or_default().join(" "), arguments);
        let variable =
            |pair: &std::collections::HashMap<String, String>| format!("{}={}", pair["name"], pair["value"]);
        let told: Vec<String> = exec.env.iter().flatten().map(variable).collect();
        assert_eq!(told.join(" "), variables);
        assert_eq!(unusable.map(|why| why.message()).unwrap_or_default(), wrong);
    }

    #[test]
    fn a_profile_adds_to_a_program_only_what_the_configuration_lets_it() {
        let exec = "exec: {command: plugin, args: [token], env: [{name: A, value: mine}]}";
        check(&format!("{{name: gke, {exec}}}"), "https://eu-1", "token", "A=mine", "");
        let more = format!(
            "{{name: none, {exec}}}, {{name: gke, {exec}, arguments: Append, variables: AppendIfNotExists}}"
        );
        check(&more, "https://eu-1", "token --cluster eu-1", "A=mine B=theirs", "");
        let more = format!("{{name: old, {exec}, variables: Replace}}");
        check(&more, "https://old", "token", "A=mine", "");
        let more = format!("{{name: gke, {exec}, variables: Replace}}");
        check(&more, "https://eu-1", "token", "A=theirs B=theirs", "");
        let wrong = "`providers:` of the configuration has none of gke, old";
        check(&format!("{{name: eks, {exec}}}"), "https://eu-1", "", "", wrong);
    }
}
