//! What a command may use, built on first use; the only user of the demo.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};

use crate::catalog::{self, Builder, Catalog, ClusterResource, Disk};
use crate::config::{ClusterConfig, Config};
use crate::demo::{self, Clock, FleetSource};
use crate::diagnose::team::{self, Cause};
use crate::env::Env;
use crate::files;
use crate::fleet::{Cluster, Fleet, Limits, ProxyVariables, Scope, Settings, Setup, kubeconfig};
use crate::health::Thresholds;
use crate::outcome::{advised, misused};
use crate::selector::Selector;
use crate::text::count;
use crate::ui::Ui;

/// What the flags that every command takes say.
#[derive(Clone, Debug)]
pub struct Options {
    pub catalog: Vec<PathBuf>,
    pub kubeconfig: Option<PathBuf>,
    pub contexts: Vec<String>,
    pub cluster_selector: Option<String>,
    pub concurrency: usize,
    pub connect_timeout: Duration,
    pub cluster_timeout: Duration,
    pub config: Option<PathBuf>,
    /// A fleet directory; an empty path is the embedded fleet.
    pub demo: Option<PathBuf>,
}

/// What lies in the user's directories, or in a demo fleet instead.
pub struct App {
    pub env: Env,
    pub ui: Ui,
    pub options: Options,
    runtime: OnceCell<tokio::runtime::Runtime>,
    demo: OnceCell<Option<Demo>>,
    config: OnceCell<Config>,
    catalog: OnceCell<Option<Catalog>>,
}

/// A demo fleet that is up, and what it holds beside its clusters.
pub struct Demo {
    running: demo::Running,
    pub catalog: Vec<(String, String)>,
    config: Config,
}

impl Demo {
    pub fn kubeconfig(&self) -> &str {
        &self.running.kubeconfig
    }
}

impl App {
    pub fn new(env: Env, ui: Ui, options: Options) -> App {
        App {
            env,
            ui,
            options,
            runtime: OnceCell::new(),
            demo: OnceCell::new(),
            config: OnceCell::new(),
            catalog: OnceCell::new(),
        }
    }

    /// Ends the run without waiting for what still hangs in a look-up of a name.
    pub fn close(self) {
        drop(self.demo);
        if let Some(runtime) = self.runtime.into_inner() {
            runtime.shutdown_background();
        }
    }

    pub fn block_on<F: Future>(&self, future: F) -> Result<F::Output> {
        Ok(self.runtime()?.block_on(future))
    }

    fn runtime(&self) -> Result<&tokio::runtime::Runtime> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime);
        }
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(cores.clamp(2, 4))
            .max_blocking_threads(128)
            .enable_all()
            .build()
            .context("the runtime could not be started")?;
        Ok(self.runtime.get_or_init(|| runtime))
    }

    /// The present; under a pinned clock the pinned one.
    pub fn now(&self) -> Timestamp {
        self.env.clock.now()
    }

    /// The demo fleet of `--demo`, up; nothing without the flag.
    pub fn demo(&self) -> Result<Option<&Demo>> {
        if let Some(demo) = self.demo.get() {
            return Ok(demo.as_ref());
        }
        let demo = match &self.options.demo {
            Some(directory) => Some(self.start_demo(directory)?),
            None => None,
        };
        Ok(self.demo.get_or_init(|| demo).as_ref())
    }

    /// Starts the servers of a fleet directory, or of the embedded fleet where the path is empty.
    pub fn start_demo(&self, directory: &Path) -> Result<Demo> {
        let source = match directory.as_os_str().is_empty() {
            true => demo::embedded()?,
            false => demo::load(directory)?,
        };
        let config = demo_config(&source)?;
        let catalog = source.catalog_documents();
        let clock = match self.env.clock.pinned {
            Some(now) => Clock::Pinned { now },
            None => Clock::Live { now: self.env.clock.now() },
        };
        let running = self.block_on(source.serve(clock))??;
        Ok(Demo { running, catalog, config })
    }

    /// The configuration; a demo's own takes the place of the user's.
    pub fn config(&self) -> Result<&Config> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let named = self.options.config.as_deref();
        let config = match self.demo()? {
            Some(demo) if named.is_none() && self.env.variable("CALLBOARD_CONFIG").is_none() => {
                demo.config.clone()
            }
            _ => Config::read(&self.env, named)?,
        };
        Ok(self.config.get_or_init(|| config))
    }

    /// The catalog, from the first of the places that product.md names where one is; nothing where none is.
    pub fn catalog(&self) -> Result<Option<&Catalog>> {
        if let Some(catalog) = self.catalog.get() {
            return Ok(catalog.as_ref());
        }
        let catalog = self.load_catalog()?;
        if let Some(catalog) = &catalog {
            self.tell_problems(catalog);
        }
        Ok(self.catalog.get_or_init(|| catalog).as_ref())
    }

    fn load_catalog(&self) -> Result<Option<Catalog>> {
        let named = match self.options.catalog.is_empty() {
            true => self.env.paths("CALLBOARD_CATALOG"),
            false => self.options.catalog.clone(),
        };
        if named.is_empty()
            && let Some(demo) = self.demo()?
        {
            let mut builder = Builder::default();
            for (name, text) in &demo.catalog {
                builder.add_file(name, Path::new(name), text);
            }
            return Ok((!demo.catalog.is_empty()).then(|| builder.build()));
        }
        let paths = if named.is_empty() { self.usual_catalog()? } else { named };
        if paths.is_empty() {
            return Ok(None);
        }
        let disk = Disk {
            expand: &|path| files::expand(path),
            read: &|path| files::read_text(path, MOST_CATALOG),
            identity: &files::identity,
        };
        catalog::load(&paths, &disk).map(Some)
    }

    /// Where a catalog is looked for when nothing names one.
    fn usual_catalog(&self) -> Result<Vec<PathBuf>> {
        let configured = &self.config()?.catalog;
        if !configured.is_empty() {
            return Ok(configured.clone());
        }
        let beside = ["catalog.yaml", "catalog-info.yaml"].map(PathBuf::from);
        let own = self
            .env
            .config_directory
            .iter()
            .flat_map(|directory| [directory.join("catalog.yaml"), directory.join("catalog")]);
        Ok(beside.into_iter().chain(own).find(|path| files::exists(path)).into_iter().collect())
    }

    fn tell_problems(&self, catalog: &Catalog) {
        let verbose = self.ui.verbosity == crate::ui::Verbosity::Verbose;
        let shown = if verbose { usize::MAX } else { MOST_PROBLEMS };
        for problem in catalog.problems.iter().take(shown) {
            self.ui.warn(&problem.to_string());
            if let Some(hint) = &problem.hint {
                self.ui.hint(hint);
            }
        }
        if let Some(more) = catalog.problems.len().checked_sub(shown).filter(|more| *more > 0) {
            self.ui.warn(&format!("{} more in the catalog; -v shows all", count(more, "problem")));
        }
    }

    /// A team's own causes: of the files named, of those the configuration names, and of a `causes.yaml` beside a
    /// catalog that was named or found.
    pub fn causes(&self, named: &[PathBuf]) -> Result<Vec<Cause>> {
        let mut paths = named.to_vec();
        paths.extend(self.config()?.causes.iter().cloned());
        // The embedded fleet has no file beside its catalog.
        let is_embedded =
            self.options.demo.as_ref().is_some_and(|directory| directory.as_os_str().is_empty());
        if !is_embedded || !self.options.catalog.is_empty() {
            let catalogs = match (&self.options.demo, self.options.catalog.is_empty()) {
                (Some(directory), true) => vec![directory.clone()],
                (None, true) => self.usual_catalog()?,
                (_, false) => self.options.catalog.clone(),
            };
            let beside = catalogs.iter().map(|path| match files::is_dir(path) {
                true => path.join("causes.yaml"),
                false => path.with_file_name("causes.yaml"),
            });
            paths.extend(beside.filter(|path| files::exists(path)));
        }
        let mut causes: Vec<Cause> = Vec::new();
        for path in paths {
            let text = files::read_text(&path, MOST_CATALOG)?;
            for document in crate::yaml::documents(&path.display().to_string(), &text) {
                let read = team::read(&document?).map_err(|problems| {
                    let told: Vec<String> = problems.iter().map(|problem| problem.to_string()).collect();
                    anyhow::anyhow!("{}", told.join("\n"))
                })?;
                causes.extend(read);
            }
        }
        Ok(causes)
    }

    pub fn thresholds(&self) -> Result<Thresholds> {
        let set = &self.config()?.thresholds;
        let mut thresholds = Thresholds::default();
        let overrides = [
            (&mut thresholds.unschedulable, set.unschedulable),
            (&mut thresholds.creating, set.creating),
            (&mut thresholds.readiness, set.readiness),
            (&mut thresholds.recent_restart, set.recent_restart),
            (&mut thresholds.stuck_terminating, set.stuck_terminating),
        ];
        for (threshold, seconds) in overrides {
            if let Some(seconds) = seconds {
                *threshold = SignedDuration::from_secs(i64::from(seconds));
            }
        }
        Ok(thresholds)
    }

    /// The clusters of this run, by `--context` and `--cluster-selector`.
    pub fn fleet(&self) -> Result<Fleet> {
        let mut fleet = self.fleet_of(&self.options.contexts)?;
        for problem in fleet.problems() {
            self.ui.warn(&problem.to_string());
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
            fleet.retain(|cluster| selector.matches(&cluster.labels));
            if fleet.clusters().next().is_none() {
                return Err(advised(
                    anyhow::anyhow!("no cluster has labels that match {selector}"),
                    "`callboard clusters` lists them with their labels",
                ));
            }
        }
        Ok(fleet)
    }

    /// Every cluster that this run could ask, without `--context`.
    pub fn known_clusters(&self) -> Result<Vec<Cluster>> {
        Ok(self.fleet_of(&[])?.clusters().cloned().collect())
    }

    fn fleet_of(&self, contexts: &[String]) -> Result<Fleet> {
        let config = self.config()?;
        let scope = Scope {
            contexts: contexts.to_vec(),
            groups: config.groups.clone(),
            settings: config
                .clusters
                .iter()
                .map(|cluster| (cluster.name.clone(), settings(cluster)))
                .collect(),
        };
        let setup = Setup {
            documents: self.kubeconfigs()?,
            scope,
            limits: self.limits(config)?,
            proxies: self.proxies()?,
            terminal: self.env.terminal.stdin && self.env.terminal.stderr,
            now: crate::env::Clock::default().now(),
        };
        Fleet::new(setup).map_err(|error| match error.to_string().starts_with("no clusters") {
            true => advised(error, self.kubeconfig_places().advice()),
            false => error,
        })
    }

    fn kubeconfigs(&self) -> Result<Vec<kubeconfig::Document>> {
        if let (None, Some(demo)) = (&self.options.kubeconfig, self.demo()?) {
            let text = Ok(demo.running.kubeconfig.clone());
            return Ok(vec![kubeconfig::Document { path: PathBuf::from("demo"), text }]);
        }
        kubeconfig::read(&self.kubeconfig_places())
    }

    fn kubeconfig_places(&self) -> kubeconfig::Places {
        kubeconfig::Places {
            flag: self.options.kubeconfig.clone(),
            variable: self.env.paths("KUBECONFIG"),
            default: self.env.home.as_ref().map(|home| home.join(".kube/config")),
        }
    }

    fn limits(&self, config: &Config) -> Result<Limits> {
        let defaults = Limits::default();
        let credentials = match &config.credentials.timeout {
            Some(text) => {
                let span: SignedDuration = text
                    .parse()
                    .with_context(|| format!("credentials.timeout is {text:?}; expected a time like 30s"))?;
                span.unsigned_abs()
            }
            None => defaults.credentials,
        };
        Ok(Limits {
            concurrency: self.options.concurrency,
            connect: self.options.connect_timeout,
            cluster: Some(self.options.cluster_timeout),
            credentials,
        })
    }

    /// Loopback is never behind the user's proxy, and a demo is loopback.
    fn proxies(&self) -> Result<ProxyVariables> {
        let variable = |upper: &str| {
            let found = self
                .env
                .variable(upper)
                .or_else(|| self.env.variables().get(&upper.to_lowercase()).map(String::as_str));
            found.unwrap_or_default().to_string()
        };
        Ok(ProxyVariables {
            https: variable("HTTPS_PROXY"),
            http: variable("HTTP_PROXY"),
            no: variable("NO_PROXY"),
        })
    }

    /// Where answers are remembered: nowhere under a demo, unless a variable says where.
    fn cache_directory(&self) -> Option<PathBuf> {
        let named = self.env.variable("CALLBOARD_CACHE_DIR").map(PathBuf::from);
        named.or_else(|| self.options.demo.is_none().then(|| self.env.cache_directory.clone()).flatten())
    }

    /// What the clusters said the last time, as text; an unreadable memory is none.
    pub fn recall(&self) -> String {
        let Some(directory) = self.cache_directory() else { return String::new() };
        files::read_text_if_exists(&directory.join(ANSWERS), MOST_REMEMBERED)
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    /// Remembering is a comfort: where it fails, only `-v` tells.
    pub fn remember(&self, text: &str) {
        let Some(directory) = self.cache_directory() else { return };
        let written = files::create_dir(&directory)
            .and_then(|()| files::replace(&directory.join(ANSWERS), text.as_bytes(), Some(0o600)));
        if let Err(error) = written {
            self.ui.detail(&format!("the answers could not be remembered: {error:#}"));
        }
    }
}

/// A catalog file longer than this is a mistake.
const MOST_CATALOG: usize = 16 << 20;
/// Problems told before the rest is counted.
const MOST_PROBLEMS: usize = 5;
const ANSWERS: &str = "answers.json";
const MOST_REMEMBERED: usize = 64 << 20;

fn settings(cluster: &ClusterConfig) -> Settings {
    Settings {
        alias: None,
        aliases: cluster.aliases.clone(),
        labels: cluster.labels.clone(),
        optional: cluster.optional,
    }
}

/// The fleet's own configuration, with the labels that its fleet.yaml gives to clusters.
fn demo_config(source: &FleetSource) -> Result<Config> {
    let mut config = Config::default();
    for (name, labels) in source.clusters() {
        config.clusters.push(ClusterConfig { name, labels, ..ClusterConfig::default() });
    }
    if let Some((name, text)) = source.config() {
        config.overlay(Config::of_text(&name, &text, Path::new("."))?);
    }
    Ok(config)
}
