//! Where this run's clusters come from: the kubeconfigs, and what the configuration names beside.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::app::App;
use crate::catalog::Catalog;
use crate::config::{Config, SourceConfig};
use crate::files;
use crate::fleet::{Found, sources};
use crate::outcome::advised;

/// Names of clusters, and of nothing else.
const MOST_BYTES: usize = 4 << 20;

impl App {
    /// The contexts that there are: of sources that must be asked those that they have told in this run.
    pub(in crate::app) fn found(&self, config: &Config) -> Result<Found> {
        if let Some(found) = self.found.get() {
            return Ok(found.clone());
        }
        if self.found_in_kubeconfigs.get().is_none() {
            let found = sources::of_kubeconfigs(self.kubeconfigs()?);
            let _ = self.found_in_kubeconfigs.set(found);
        }
        let found = self.found_in_kubeconfigs.get().cloned().unwrap_or_default();
        let entries = self.usable(&config.sources)?;
        let is_asked_of_catalog = entries.iter().any(sources::is_of_catalog);
        let catalog = if is_asked_of_catalog { self.catalog()? } else { None };
        Ok(sources::read(&entries, found, &catalog.map(Catalog::clusters).unwrap_or_default()))
    }

    /// Has the sources tell their clusters that must be asked, once in a run. Nobody is asked where `--context` names clusters that are
    /// known without.
    pub(in crate::app) fn ask_sources(&self) -> Result<()> {
        let config = self.config()?;
        let known = self.found(config)?;
        if known.unasked.is_empty() || self.found.get().is_some() || self.is_literal(&known, config) {
            return Ok(());
        }
        let entries = self.usable(&config.sources)?;
        let asking = sources::ask(&entries, known, self.access(config)?);
        let told = self.block_on(async {
            tokio::select! {
                found = asking => Some(found),
                () = crate::ui::interrupted() => None,
            }
        })?;
        if let Some(found) = told {
            found.notes.iter().for_each(|note| self.ui.warn(note));
            self.remember_told(&found);
            let _ = self.found.set(found);
        }
        Ok(())
    }

    /// Keeps the names of what was told by who was asked, for completion, which asks nobody. A source that did not tell keeps what it told
    /// before.
    fn remember_told(&self, found: &Found) {
        let Some(file) = self.told_file() else { return };
        let silent: BTreeSet<&String> = found.silent.iter().map(|source| &source.origin).collect();
        let mut now: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for one in found.contexts.iter().filter(|one| sources::is_asked(one.source)) {
            now.entry(one.origin.clone()).or_default().insert(one.context.name.clone());
        }
        let before = read_told(&file);
        let kept = before.clone().into_iter().filter(|(origin, _)| silent.contains(origin));
        let told: BTreeMap<String, BTreeSet<String>> = kept.chain(now).collect();
        if told == before {
            return;
        }
        let written = serde_json::to_string(&told).map_err(anyhow::Error::from).and_then(|text| {
            file.parent().map_or(Ok(()), files::create_dir)?;
            files::replace(&file, text.as_bytes(), Some(0o600))
        });
        // Without a memory completion knows less, and nothing else is lost.
        if let Err(error) = written {
            self.ui.detail(&format!("the names of clusters could not be remembered: {error:#}"));
        }
    }

    /// The names of clusters that sources told when they were last asked.
    pub fn told_names(&self) -> BTreeSet<String> {
        self.told_file().map(|file| read_told(&file)).unwrap_or_default().into_values().flatten().collect()
    }

    fn told_file(&self) -> Option<PathBuf> {
        self.memory_directory().map(|directory| directory.join("sources.json"))
    }

    /// Whether there are sources that must be asked for their clusters, and that this run has not asked.
    pub fn has_unasked_sources(&self) -> Result<bool> {
        Ok(!self.found(self.config()?)?.unasked.is_empty())
    }

    /// Whether every word of `--context` is the name of a cluster that is known.
    fn is_literal(&self, known: &Found, config: &Config) -> bool {
        let is_known = |word: &str| {
            let of_config = |cluster: &crate::config::ClusterConfig| {
                let names = cluster.alias.iter().chain(&cluster.aliases);
                names.into_iter().any(|name| name == word)
                    && known.contexts.iter().any(|found| found.context.name == cluster.name)
            };
            known.contexts.iter().any(|found| found.context.name == word)
                || config.clusters.iter().any(of_config)
        };
        let words = &self.options.contexts;
        let is_list = |words: &String| words.split(',').all(|word| is_known(word.trim()));
        !words.is_empty() && words.iter().all(|word| is_known(word.trim()) || is_list(word))
    }

    /// The entries that can be used. One that cannot is an error; in the company's file it may be a newer callboard's.
    fn usable(&self, entries: &[SourceConfig]) -> Result<Vec<SourceConfig>> {
        let mut usable = Vec::new();
        for entry in entries {
            let Err(why) = sources::check(entry) else {
                usable.push(entry.clone());
                continue;
            };
            let says = |config: &Config| config.sources.iter().any(|one| one.called() == entry.called());
            let layer = self.config_layers()?.iter().rev().find(|layer| says(&layer.config));
            let file = layer.map_or("the configuration", |layer| layer.name.as_str());
            if layer.is_some_and(|layer| layer.is_company()) {
                self.ui.warn(&format!("{file}: sources: {why}; it is ignored"));
                continue;
            }
            let hint = "docs/clusters.md tells the sources and their keys";
            return Err(advised(anyhow::anyhow!("{file}: sources: {why}"), hint));
        }
        Ok(usable)
    }
}

/// By the source's name; what cannot be read is nothing.
fn read_told(file: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let text = files::read_text_if_exists(file, MOST_BYTES).ok().flatten();
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}
