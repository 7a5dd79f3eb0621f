//! The fleet of this run, from kubeconfigs, the configuration and the catalog.

use std::path::PathBuf;

use anyhow::Result;

use crate::app::App;
use crate::catalog::{Catalog, ClusterResource};
use crate::config::{ClusterConfig, Config};
use crate::files;
use crate::fleet::kubeconfig::Merged;
use crate::fleet::{
    Access, AccessSetup, Cluster, CredentialStoreSetup, Fleet, FleetLimits, FleetScope, NoClusters,
    PluginPolicy, ProxyVariables, Settings, Setup, Silence, Site, SiteSetup, kubeconfig,
};
use crate::outcome::{advised, misused};
use crate::selector::Selector;
use crate::text::time_limit;

/// kuberc is written by hand.
const MOST_KUBERC: usize = 1 << 20;

impl App {
    /// The clusters of this run, by `--context` and `--cluster-selector`. All that ask them in one run share connections and
    /// credentials, so that no plugin runs twice.
    pub fn fleet(&self) -> Result<Fleet> {
        if let Some(fleet) = self.fleet.get() {
            return Ok(fleet.clone());
        }
        let fleet = self.chosen_fleet()?;
        Ok(self.fleet.get_or_init(|| fleet).clone())
    }

    fn chosen_fleet(&self) -> Result<Fleet> {
        let config = self.config()?;
        let lasting = if self.options.contexts.is_empty() { config.contexts.as_slice() } else { &[] };
        self.ask_sources()?;
        let mut fleet = self.fleet_by(config, &self.options.contexts, lasting)?;
        let unreached = self.lately_unreached();
        fleet.doubt(|cluster| unreached.contains(&cluster.key()));
        for problem in fleet.problems() {
            let text = problem.to_string();
            // One more context that nobody uses is no news every time.
            if fleet.is_asked_for(problem) || problem.context.is_none() || self.is_news(&text) {
                self.ui.warn(&text);
            }
        }
        let resources = self.catalog()?.map(Catalog::clusters).unwrap_or_default();
        fleet.add_labels(|cluster| {
            let means = |resource: &&ClusterResource| {
                let names = resource.aliases.iter().chain([&resource.name]);
                names.into_iter().any(|name| cluster.is_called(name, resource.server.as_deref()))
            };
            resources.iter().find(means).map(|resource| resource.labels.clone()).unwrap_or_default()
        });
        if let Some(text) = &self.options.cluster_selector {
            let selector = Selector::parse(text).map_err(|error| {
                misused(format!("--cluster-selector {text:?}: {error}"), "as in region=eu,env!=test")
            })?;
            // What labels the clusters of a silent source have is not known.
            fleet.retain(|cluster| cluster.is_source || selector.matches(&cluster.labels));
            if fleet.clusters().next().is_none() {
                return Err(advised(
                    anyhow::anyhow!("no cluster has labels that match {selector}"),
                    "`callboard clusters` lists them with their labels",
                ));
            }
        }
        Ok(fleet)
    }

    /// Every cluster that this run could ask, without `--context` and the configuration's choice. Of sources that are asked only what
    /// they have told in this run.
    pub fn known_clusters(&self) -> Result<Vec<Cluster>> {
        Ok(self.fleet_by(self.config()?, &[], &[])?.clusters().cloned().collect())
    }

    /// The contexts of the kubeconfigs, as they are written there; no cluster is asked for that.
    pub fn contexts(&self) -> Result<Merged> {
        Ok(kubeconfig::merge(self.kubeconfigs()?))
    }

    /// The clusters of some configuration, by the contexts that are chosen now, else by its lasting choice. None of them is asked.
    pub fn fleet_by(&self, config: &Config, contexts: &[String], lasting: &[String]) -> Result<Fleet> {
        let scope = FleetScope {
            contexts: contexts.to_vec(),
            lasting: lasting.to_vec(),
            groups: config.groups.clone(),
            settings: config
                .clusters
                .iter()
                .map(|cluster| (cluster.name.clone(), settings(cluster)))
                .collect(),
        };
        let setup = Setup { found: self.found(config)?, scope, access: self.access(config)?.clone() };
        Fleet::new(setup).map_err(|error| {
            if error.is::<NoClusters>() { advised(error, self.kubeconfig_places().advice()) } else { error }
        })
    }

    /// How servers are reached, in all that this run asks: by the configuration that is asked by first, since `init` has none of its own
    /// yet.
    pub(in crate::app) fn access(&self, config: &Config) -> Result<&Access> {
        if let Some(access) = self.access.get() {
            return Ok(access);
        }
        let setup = AccessSetup {
            limits: self.limits(config)?,
            proxies: self.proxies(),
            terminal: self.env.terminal.stdin && self.env.terminal.stderr,
            plugin_policy: self.plugin_policy(),
            credential_store: self.credential_store(config),
            now: crate::env::Clock::default().now(),
        };
        Ok(self.access.get_or_init(|| Access::new(setup)))
    }

    /// The kubeconfigs, read once: one that comes through a pipe cannot be read again.
    pub(in crate::app) fn kubeconfigs(&self) -> Result<Vec<kubeconfig::KubeconfigText>> {
        if let Some(documents) = self.kubeconfigs.get() {
            return Ok(documents.clone());
        }
        let documents = self.read_kubeconfigs()?;
        let paths: Vec<String> =
            documents.iter().map(|document| document.path.display().to_string()).collect();
        self.ui.detail(&match paths.is_empty() {
            true => "kubeconfig: none".to_string(),
            false => format!("kubeconfig: {}", paths.join(", ")),
        });
        Ok(self.kubeconfigs.get_or_init(|| documents).clone())
    }

    fn read_kubeconfigs(&self) -> Result<Vec<kubeconfig::KubeconfigText>> {
        if let (None, Some(demo)) = (&self.options.kubeconfig, self.demo()?) {
            let text = Ok(demo.running.kubeconfig.clone());
            return Ok(vec![kubeconfig::KubeconfigText { path: PathBuf::from("demo"), text }]);
        }
        kubeconfig::read(&self.kubeconfig_places())
    }

    /// Where kubeconfigs are looked for.
    pub fn kubeconfig_places(&self) -> kubeconfig::KubeconfigPlaces {
        kubeconfig::KubeconfigPlaces {
            flag: self.options.kubeconfig.clone(),
            variable: self.env.paths("KUBECONFIG"),
            default: self.env.home.as_ref().map(|home| home.join(".kube/config")),
        }
    }

    /// What kubectl's own preferences allow: `$KUBERC`, else `~/.kube/kuberc`. kubectl's words for "none" count here, too.
    fn plugin_policy(&self) -> PluginPolicy {
        let named = self.env.variable("KUBERC");
        let is_off = self.env.variable("KUBECTL_KUBERC") == Some("false") || named == Some("off");
        let usual = || self.env.home.as_ref().map(|home| home.join(".kube/kuberc"));
        let path = named.map(PathBuf::from).or_else(usual).filter(|path| files::exists(path));
        let Some(path) = path.filter(|_| !is_off && self.options.demo.is_none()) else {
            return PluginPolicy::default();
        };
        match files::read_text(&path, MOST_KUBERC) {
            Ok(text) => PluginPolicy::of_text(&path.display().to_string(), &text),
            Err(error) => PluginPolicy::Unreadable(format!("{error:#}")),
        }
    }

    /// Where tokens of plugins are kept, if the configuration says so.
    fn credential_store(&self, config: &Config) -> Option<CredentialStoreSetup> {
        let is_wanted = config.credentials.cache == Some(true);
        let directory = self.memory_directory().filter(|_| is_wanted)?;
        Some(CredentialStoreSetup { directory, environment: self.env.variables().clone() })
    }

    /// That plugins took longer than the clusters, and what would spare that.
    pub(in crate::app) fn tell_of_plugins(&self) {
        let took = self.fleet.get().and_then(Fleet::plugins_took);
        let file = Config::user_file(&self.env, self.options.config.as_deref());
        if let (Some((plugins, clusters)), Some(file), false) = (took, file, self.options.no_cache) {
            self.ui.hint(&format!(
                "credential plugins took {:.1}s, the clusters {:.1}s; `credentials: {{cache: true}}` in {} keeps tokens until they expire",
                plugins.as_secs_f64(),
                clusters.as_secs_f64(),
                file.display()
            ));
        }
    }

    /// A server that is no cluster, reached as clusters are.
    pub fn site(
        &self,
        url: &str,
        token: Option<String>,
        authority: Option<PathBuf>,
    ) -> Result<Site, Silence> {
        Site::new(SiteSetup {
            url: url.to_string(),
            token,
            authority,
            proxies: self.proxies(),
            connect: self.options.connect_timeout,
            limit: self.options.cluster_timeout,
            now: crate::env::Clock::default().now(),
        })
    }

    fn limits(&self, config: &Config) -> Result<FleetLimits> {
        let defaults = FleetLimits::default();
        let credentials = match &config.credentials.timeout {
            Some(text) => {
                time_limit(text).map_err(|why| anyhow::anyhow!("credentials.timeout is {text:?}: {why}"))?
            }
            None => defaults.credentials,
        };
        Ok(FleetLimits {
            concurrency: self.options.concurrency,
            connect: self.options.connect_timeout,
            cluster: Some(self.options.cluster_timeout),
            credentials,
        })
    }

    /// Loopback is never behind the user's proxy, and a demo is loopback.
    fn proxies(&self) -> ProxyVariables {
        let variable = |upper: &str| {
            let found = self
                .env
                .variable(upper)
                .or_else(|| self.env.variables().get(&upper.to_lowercase()).map(String::as_str));
            found.unwrap_or_default().to_string()
        };
        ProxyVariables {
            https: variable("HTTPS_PROXY"),
            http: variable("HTTP_PROXY"),
            no: variable("NO_PROXY"),
        }
    }
}

fn settings(cluster: &ClusterConfig) -> Settings {
    Settings {
        alias: cluster.alias.clone(),
        aliases: cluster.aliases.clone(),
        labels: cluster.labels.clone(),
        optional: cluster.optional,
    }
}
