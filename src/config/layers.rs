//! The files that the configuration is made of, one over the other, and which of them a value is from.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::config::{Config, MOST_BYTES, SYSTEM};
use crate::env::Env;
use crate::files;
use crate::outcome::advised;

/// What one file says.
#[derive(Clone, Debug)]
pub struct ConfigLayer {
    /// As people are told of it.
    pub name: String,
    pub config: Config,
}

/// A value of the configuration, by its key: `groups.prod`, `clusters.eu-1.labels.region`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ConfigValue {
    pub key: String,
    /// A list with commas between.
    pub value: String,
}

impl ConfigLayer {
    /// The files that are there, the company's first. One named by a flag or a variable must be there. A key that is not known
    /// is an error in the user's own file; in the company's it may be a newer callboard's, and must not stop those who have an
    /// older one.
    pub fn read(env: &Env, named: Option<&Path>) -> Result<Vec<ConfigLayer>> {
        let company = ConfigLayer::of_file(Path::new(SYSTEM), env, files::read_text)?;
        let user = match Config::named_file(env, named) {
            Some(path) => {
                let found = ConfigLayer::of_file(&path, env, files::read_text_or_pipe)?;
                Some(found.with_context(|| format!("there is no configuration file {}", path.display()))?)
            }
            None => match Config::user_file(env, None) {
                Some(path) => ConfigLayer::of_file(&path, env, files::read_text)?,
                None => None,
            },
        };
        if let Some(layer) = &user {
            layer.refuse_unknown()?;
        }
        Ok(company.into_iter().chain(user).collect())
    }

    /// Whether it is the company's file.
    pub fn is_company(&self) -> bool {
        self.name == SYSTEM
    }

    pub(in crate::config) fn of_file(
        path: &Path,
        env: &Env,
        read: fn(&Path, usize) -> Result<String>,
    ) -> Result<Option<ConfigLayer>> {
        if !files::exists(path) {
            return Ok(None);
        }
        let text = read(path, MOST_BYTES)?;
        let directory = path.parent().unwrap_or(Path::new("."));
        let name = path.display().to_string();
        let mut config = Config::of_text(&name, &text, directory)?;
        let expand = |path: &mut PathBuf| *path = env.expand(path);
        let paths = config.sources.iter_mut().flat_map(|source| &mut source.paths);
        config.catalog.iter_mut().chain(&mut config.causes).chain(paths).for_each(expand);
        Ok(Some(ConfigLayer { name, config }))
    }

    fn refuse_unknown(&self) -> Result<()> {
        let unknown = &self.config.unknown;
        if unknown.is_empty() {
            return Ok(());
        }
        let told: Vec<String> = unknown.iter().map(ToString::to_string).collect();
        let near = unknown.iter().find_map(|problem| problem.hint.clone());
        let hint = near
            .unwrap_or_else(|| "docs/clusters.md and `callboard schema Config` tell the keys".to_string());
        Err(advised(anyhow::anyhow!("{}", told.join("\n")), hint))
    }
}

impl Config {
    /// All of them, the later one winning.
    pub fn of_layers(layers: &[ConfigLayer]) -> Config {
        let mut config = Config::default();
        for layer in layers {
            config.overlay(layer.config.clone());
        }
        config
    }

    /// Every value that is set. Of lists that are gathered from all files each item is a value.
    pub fn values(&self) -> Vec<ConfigValue> {
        let mut found = Vec::new();
        // A configuration is plain data: it cannot fail to be written as JSON.
        let Ok(Value::Object(whole)) = serde_json::to_value(self) else { return found };
        for (key, value) in &whole {
            match (key.as_str(), value) {
                ("templates" | "causes" | "kinds", Value::Array(items)) => {
                    items.iter().for_each(|item| gather(key, item, &mut found));
                }
                ("clusters", Value::Array(items)) => {
                    for cluster in items {
                        let name = cluster["name"].as_str().unwrap_or_default();
                        gather(&format!("clusters.{name}"), cluster, &mut found);
                    }
                }
                ("sources", Value::Array(items)) => {
                    for (source, item) in self.sources.iter().zip(items) {
                        gather(&format!("sources.{}", source.called()), item, &mut found);
                    }
                }
                _ => gather(key, value, &mut found),
            }
        }
        found
    }
}

/// The values below a key; what is empty, null or false is not set.
fn gather(key: &str, value: &Value, found: &mut Vec<ConfigValue>) {
    let text = match value {
        Value::Null | Value::Bool(false) => return,
        Value::Object(map) => {
            let inside = map.iter().filter(|(name, _)| !(key.starts_with("clusters.") && *name == "name"));
            inside.for_each(|(name, value)| gather(&format!("{key}.{name}"), value, found));
            return;
        }
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => shown(other),
    };
    if !text.is_empty() {
        found.push(ConfigValue { key: key.to_string(), value: text });
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

/// The last file that says so; nothing where none does.
pub fn origin<'a>(value: &ConfigValue, layers: &'a [ConfigLayer]) -> Option<&'a str> {
    let says = |layer: &&ConfigLayer| layer.config.values().contains(value);
    layers.iter().rev().find(says).map(|layer| layer.name.as_str())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{ConfigLayer, origin};
    use crate::config::Config;

    fn layer(name: &str, text: &str) -> ConfigLayer {
        let config = Config::of_text(name, text, Path::new("/etc/callboard")).expect("a config");
        ConfigLayer { name: name.to_string(), config }
    }

    /// Whatever the merge makes of the files, each value of the result is some file's.
    #[test]
    fn every_value_is_from_the_file_that_won() {
        let layers = [
            layer(
                "company",
                "catalog: [a, b]\ncontexts: ['*']\ngroups: {prod: [x], test: [t]}\ntemplates: [one]\nthresholds: {creating: 60, readiness: 5}\nclusters:\n- {name: eu-1, labels: {region: eu}, optional: true}\n- {name: us-1, alias: us}\n",
            ),
            layer(
                "user",
                "catalog: [c]\nme: ida\ngroups: {prod: [y, z]}\ntemplates: [two]\nthresholds: {creating: 90}\nclusters:\n- {name: eu-1, labels: {region: eu}}\ncredentials: {timeout: 5s}\n",
            ),
        ];
        let merged = Config::of_layers(&layers);
        let told: Vec<String> = merged
            .values()
            .iter()
            .map(|value| format!("{}={} {}", value.key, value.value, origin(value, &layers).unwrap_or("?")))
            .collect();
        assert_eq!(
            told,
            [
                "catalog=/etc/callboard/c user",
                "me=ida user",
                "contexts=* company",
                "clusters.us-1.alias=us company",
                "clusters.eu-1.labels.region=eu user",
                "groups.prod=y, z user",
                "groups.test=t company",
                "credentials.timeout=5s user",
                "templates=/etc/callboard/one company",
                "templates=/etc/callboard/two user",
                "thresholds.creating=90 user",
                "thresholds.readiness=5 company",
            ]
        );
    }
}
