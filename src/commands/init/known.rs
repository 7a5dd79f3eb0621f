//! What is known before anything is asked: the clusters of the kubeconfig with what their names, servers and logins tell.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::app::App;
use crate::commands::init::origin::{ContextOrigin, origin};
use crate::config::Config;
use crate::fleet::Cluster;

/// The kubeconfig, read and not contacted.
pub struct KnownContexts {
    /// What the company's configuration says already.
    pub company: Config,
    /// One for each cluster, in fleet order.
    pub clusters: Vec<KnownCluster>,
    /// How many contexts there are; several may be one cluster.
    pub contexts: usize,
    /// Every context's name, and every alias that the company gives.
    pub names: BTreeSet<String>,
    /// The files they come from.
    pub files: Vec<String>,
}

pub struct KnownCluster {
    pub cluster: Cluster,
    pub origin: ContextOrigin,
    pub login: String,
    /// The company's configuration has an entry for it.
    pub is_described: bool,
}

impl KnownContexts {
    pub fn read(app: &App) -> Result<KnownContexts> {
        let company = if app.options.demo.is_some() { Config::default() } else { Config::company(&app.env)? };
        let merged = app.contexts()?;
        let fleet = app.fleet_by(&company, &[], &[])?;
        fleet.problems().iter().for_each(|problem| app.ui.warn(&problem.to_string()));
        let logins: BTreeMap<&str, String> =
            merged.contexts.iter().map(|context| (context.name.as_str(), context.login())).collect();
        let described: BTreeSet<&str> = company.clusters.iter().map(|one| one.name.as_str()).collect();
        let clusters = fleet.clusters().map(|cluster| KnownCluster {
            origin: origin(&cluster.context, &cluster.server),
            login: logins.get(cluster.context.as_str()).cloned().unwrap_or_default(),
            is_described: described.contains(cluster.context.as_str()),
            cluster: cluster.clone(),
        });
        let mut files: Vec<String> =
            merged.contexts.iter().map(|context| context.file.display().to_string()).collect();
        files.dedup();
        let given = company.clusters.iter().filter_map(|one| one.alias.clone());
        Ok(KnownContexts {
            clusters: clusters.collect(),
            contexts: merged.contexts.len(),
            names: merged.contexts.iter().map(|context| context.name.clone()).chain(given).collect(),
            files,
            company,
        })
    }

    /// The name of each with what was read off it.
    pub fn origins(&self) -> Vec<(&str, &ContextOrigin)> {
        self.clusters.iter().map(|known| (known.cluster.context.as_str(), &known.origin)).collect()
    }
}
