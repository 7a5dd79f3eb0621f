//! The configuration files: the company's, then the user's, the later one winning key by key.

mod draft;
mod layers;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

use crate::env::Env;
use crate::yaml::Problem;
use crate::{files, yaml};

pub use crate::config::draft::{ClusterDraft, ConfigDraft, LabelDraft};
pub use crate::config::layers::{ConfigLayer, ConfigValue, origin};
pub use crate::config::sources::SourceConfig;

/// The company's file, read before the user's.
const SYSTEM: &str = "/etc/callboard/config.yaml";

/// A configuration file is written by hand; more than this is a mistake.
const MOST_BYTES: usize = 1 << 20;

/// What the files say, merged. Every key is optional; `ConfigLayer` says what becomes of one that is not known.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Config {
    /// Files, directories, globs or git+URL//PATH@REF; relative ones lie beside the config file.
    pub catalog: Vec<PathBuf>,
    /// Who runs this: an entity ref, or the e-mail of a User of the catalog.
    pub me: Option<String>,
    /// The contexts that are the fleet where `--context` does not choose: words of the same form.
    pub contexts: Vec<String>,
    /// What is to be known of single clusters, by the name of their context.
    pub clusters: Vec<ClusterConfig>,
    /// Where clusters come from beside the kubeconfig.
    pub sources: Vec<SourceConfig>,
    /// Names for sets of contexts, used as `--context @NAME`.
    pub groups: BTreeMap<String, Vec<String>>,
    /// Asked one by one where a cluster forbids cluster-wide lists, beside those that services name.
    pub namespaces: Vec<String>,
    pub credentials: CredentialsConfig,
    /// Files of a team's own causes for `diagnose`.
    pub causes: Vec<PathBuf>,
    /// Kinds of entities that a company adds to Backstage's own.
    pub kinds: Vec<KindConfig>,
    /// Where golden paths are: directories, and `git+URL//sub@ref`.
    pub templates: Vec<String>,
    /// Seconds of grace before a state counts as Degraded.
    pub thresholds: ThresholdsConfig,
    /// Keys that are not known, with their places.
    #[serde(skip)]
    pub unknown: Vec<Problem>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct KindConfig {
    /// As documents spell it.
    pub kind: String,
    /// As documents have it; any of Backstage's own where there is none.
    pub api_version: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ClusterConfig {
    /// The context, or a pattern of contexts (`old-*`), which cannot be given an alias.
    pub name: String,
    /// The name that it is shown under instead.
    pub alias: Option<String>,
    /// Other names the catalog may use for it.
    pub aliases: Vec<String>,
    /// What `--cluster-selector` and `--by` see.
    pub labels: BTreeMap<String, String>,
    /// Its silence never makes a run incomplete.
    pub optional: bool,
    pub namespaces: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CredentialsConfig {
    /// How long a credential plugin may take, as in `30s`.
    pub timeout: Option<String>,
    /// Whether their answers are kept on disk until they expire.
    pub cache: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ThresholdsConfig {
    pub unschedulable: Option<u32>,
    pub creating: Option<u32>,
    pub initializing: Option<u32>,
    pub readiness: Option<u32>,
    pub recent_restart: Option<u32>,
    pub stuck_terminating: Option<u32>,
}

impl Config {
    /// What the company's file says.
    pub fn company(env: &Env) -> Result<Config> {
        let layer = ConfigLayer::of_file(Path::new(SYSTEM), env, files::read_text)?;
        Ok(layer.map(|layer| layer.config).unwrap_or_default())
    }

    /// The user's file, whether it is there or not: the one that is named, else that of the config directory.
    pub fn user_file(env: &Env, named: Option<&Path>) -> Option<PathBuf> {
        let own = || env.config_directory.as_ref().map(|directory| directory.join("config.yaml"));
        Config::named_file(env, named).or_else(own)
    }

    fn named_file(env: &Env, named: Option<&Path>) -> Option<PathBuf> {
        let variable = env.variable("CALLBOARD_CONFIG").map(Path::new);
        named.or(variable).map(|path| env.expand(path))
    }

    /// A configuration from text; `directory` is where relative paths in it start.
    pub fn of_text(name: &str, text: &str, directory: &Path) -> Result<Config> {
        let mut documents = yaml::documents(name, text);
        if documents.len() > 1 {
            bail!("{name}: a configuration is one document, not {}", documents.len());
        }
        let Some(document) = documents.pop() else { return Ok(Config::default()) };
        let (mut config, unknown): (Config, _) = yaml::from_value_known(&document?)?;
        config.unknown = unknown;
        for path in config.catalog.iter_mut().chain(&mut config.causes) {
            if path.is_relative() && !path.starts_with("~") && !path.to_string_lossy().starts_with("git+") {
                *path = directory.join(&*path);
            }
        }
        config.sources.iter_mut().for_each(|source| source.settle(directory));
        for source in config.templates.iter_mut().filter(|source| !source.contains("://")) {
            if !source.starts_with(['/', '~']) {
                *source = directory.join(&*source).display().to_string();
            }
        }
        Ok(config)
    }

    /// The namespaces to ask one by one where a cluster forbids cluster-wide lists.
    pub fn namespaces_of(&self, context: &str) -> BTreeSet<String> {
        let is_meant = |cluster: &&ClusterConfig| {
            cluster.name == context || WildMatch::new(&cluster.name).matches(context)
        };
        let of_cluster = self.clusters.iter().filter(is_meant);
        self.namespaces.iter().chain(of_cluster.flat_map(|cluster| &cluster.namespaces)).cloned().collect()
    }

    /// Lays another over this one: lists and maps are united by key, single values replaced.
    pub fn overlay(&mut self, over: Config) {
        if !over.catalog.is_empty() {
            self.catalog = over.catalog;
        }
        self.me = over.me.or(self.me.take());
        if !over.contexts.is_empty() {
            self.contexts = over.contexts;
        }
        self.causes.extend(over.causes);
        self.unknown.extend(over.unknown);
        self.templates.extend(over.templates);
        self.kinds.extend(over.kinds);
        for cluster in over.clusters {
            self.clusters.retain(|known| known.name != cluster.name);
            self.clusters.push(cluster);
        }
        for source in over.sources {
            self.sources.retain(|known| known.called() != source.called());
            self.sources.push(source);
        }
        self.groups.extend(over.groups);
        if !over.namespaces.is_empty() {
            self.namespaces = over.namespaces;
        }
        self.credentials.timeout = over.credentials.timeout.or(self.credentials.timeout.take());
        self.credentials.cache = over.credentials.cache.or(self.credentials.cache);
        // Taken apart, so that a new key cannot be forgotten.
        let ThresholdsConfig {
            unschedulable,
            creating,
            initializing,
            readiness,
            recent_restart,
            stuck_terminating,
        } = over.thresholds;
        let mine = &mut self.thresholds;
        mine.unschedulable = unschedulable.or(mine.unschedulable);
        mine.creating = creating.or(mine.creating);
        mine.initializing = initializing.or(mine.initializing);
        mine.readiness = readiness.or(mine.readiness);
        mine.recent_restart = recent_restart.or(mine.recent_restart);
        mine.stuck_terminating = stuck_terminating.or(mine.stuck_terminating);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Config, ThresholdsConfig};

    fn read(text: &str) -> Config {
        Config::of_text("config.yaml", text, Path::new("/etc/callboard")).expect("a config")
    }

    #[test]
    fn the_later_file_wins_key_by_key() {
        let mut config = read(
            "catalog: [catalog]\ngroups: {prod: [a], test: [t]}\nclusters: [{name: a, optional: true}]\nthresholds: {creating: 60}\n",
        );
        assert_eq!(config.catalog, [Path::new("/etc/callboard/catalog")]);
        config.overlay(read("me: ida\ncontexts: ['*-1']\n"));
        config.overlay(read("groups: {prod: [b]}\nclusters: [{name: a, aliases: [x]}]\n"));
        assert_eq!(
            (config.me.as_deref(), config.contexts.as_slice()),
            (Some("ida"), &["*-1".to_string()][..])
        );
        assert_eq!(config.groups["prod"], ["b"]);
        assert_eq!(config.groups["test"], ["t"]);
        assert_eq!(config.thresholds.creating, Some(60));
        assert_eq!(config.clusters.len(), 1);
        assert_eq!((config.clusters[0].optional, config.clusters[0].aliases.len()), (false, 1));
    }

    #[test]
    fn a_later_file_sets_every_threshold() {
        let all = "thresholds: {unschedulable: 1, creating: 2, initializing: 3, readiness: 4, recentRestart: 5, stuckTerminating: 6}\n";
        let mut config = Config::default();
        config.overlay(read(all));
        let ThresholdsConfig {
            unschedulable,
            creating,
            initializing,
            readiness,
            recent_restart,
            stuck_terminating,
        } = config.thresholds;
        let set = [unschedulable, creating, initializing, readiness, recent_restart, stuck_terminating];
        assert_eq!(set, [1, 2, 3, 4, 5, 6].map(Some));
    }

    #[test]
    fn a_key_that_is_not_known_is_told_with_its_place_and_costs_only_itself() {
        let text = "groups: {prod: [a]}\nclusers: [1]\nclusters:\n- {name: a, optinal: true, labels: {optinal: x}}\n- {name: b, quorum: 3, optional: true}\n";
        let config = read(text);
        let told: Vec<String> = config
            .unknown
            .iter()
            .map(|problem| format!("{problem}; {}", problem.hint.clone().unwrap_or_default()))
            .collect();
        assert_eq!(
            told,
            [
                "config.yaml:2:1: the key \"clusers\" is not known here; did you mean clusters?",
                "config.yaml:4:13: the key \"optinal\" is not known here; did you mean optional?",
                "config.yaml:5:13: the key \"quorum\" is not known here; ",
            ]
        );
        assert_eq!(config.groups["prod"], ["a"]);
        assert_eq!((config.clusters[0].optional, config.clusters[1].optional), (false, true));
        assert_eq!(config.clusters[0].labels["optinal"], "x");
    }

    /// docs/schema/config.json has the keys that are read, and no others.
    #[test]
    fn the_schema_has_every_key() {
        use serde_json::Value;
        let schema: Value = serde_json::from_str(include_str!("../docs/schema/config.json")).expect("JSON");
        let keys = |value: &Value| -> Vec<String> {
            let mut keys: Vec<String> = value.as_object().expect("a map").keys().cloned().collect();
            keys.sort();
            keys
        };
        let config = serde_json::to_value(Config::default()).expect("JSON");
        let cluster = serde_json::to_value(super::ClusterConfig::default()).expect("JSON");
        let source = serde_json::to_value(super::SourceConfig::default()).expect("JSON");
        let provider = serde_json::to_value(super::sources::ProviderConfig::default()).expect("JSON");
        let described = &schema["properties"];
        assert_eq!(keys(described), keys(&config));
        assert_eq!(keys(&schema["$defs"]["source"]["properties"]), keys(&source));
        assert_eq!(keys(&schema["$defs"]["provider"]["properties"]), keys(&provider));
        let exec = &schema["$defs"]["provider"]["properties"]["exec"]["properties"];
        assert_eq!(keys(exec), keys(&provider["exec"]));
        assert_eq!(keys(&schema["$defs"]["cluster"]["properties"]), keys(&cluster));
        for map in ["credentials", "thresholds"] {
            assert_eq!(keys(&described[map]["properties"]), keys(&config[map]), "{map}");
        }
    }

    #[test]
    fn what_is_wrong_otherwise_is_an_error() {
        let wrong =
            |text| Config::of_text("config.yaml", text, Path::new(".")).expect_err("wrong").to_string();
        assert!(wrong("new: 1\ngroups: []\n").starts_with("config.yaml:2:9: groups: invalid type"));
        assert!(Config::of_text("c", "a: 1\n---\nb: 2\n", Path::new(".")).is_err());
        assert!(Config::of_text("c", "", Path::new(".")).is_ok());
    }
}
