//! What a command may use, built on first use; the only user of the demo.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};

use crate::args::GlobalArgs;
use crate::config::{ClusterConfig, Config};
use crate::demo::{self, Clock, FleetSource};
use crate::env::Env;
use crate::files;
use crate::fleet::{Fleet, Limits, ProxyVariables, Scope, Settings, Setup, kubeconfig};
use crate::health::Thresholds;
use crate::outcome::{advised, misused};
use crate::selector::Selector;
use crate::ui::Ui;

/// What lies in the user's directories, or in a demo fleet instead.
pub struct App {
    pub env: Env,
    pub ui: Ui,
    pub global: GlobalArgs,
    runtime: OnceCell<tokio::runtime::Runtime>,
    demo: OnceCell<Option<Demo>>,
    config: OnceCell<Config>,
}

/// A demo fleet that is up, and what it holds beside its clusters.
pub struct Demo {
    running: demo::Running,
    pub catalog: Vec<(String, String)>,
    config: Config,
}

impl App {
    pub fn new(env: Env, ui: Ui, global: GlobalArgs) -> App {
        App { env, ui, global, runtime: OnceCell::new(), demo: OnceCell::new(), config: OnceCell::new() }
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
        let demo = match &self.global.demo {
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
            Some(pinned) => Clock::Pinned(pinned),
            None => Clock::Real,
        };
        let running = self.block_on(source.serve(clock))??;
        Ok(Demo { running, catalog, config })
    }

    /// The configuration; a demo's own takes the place of the user's.
    pub fn config(&self) -> Result<&Config> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let named = self.global.config.as_deref();
        let config = match self.demo()? {
            Some(demo) if named.is_none() && self.env.variable("CALLBOARD_CONFIG").is_none() => demo.config.clone(),
            _ => Config::read(&self.env, named)?,
        };
        Ok(self.config.get_or_init(|| config))
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
        let config = self.config()?;
        let scope = Scope {
            contexts: self.global.context.clone(),
            groups: config.groups.clone(),
            settings: config.clusters.iter().map(|cluster| (cluster.name.clone(), settings(cluster))).collect(),
        };
        let setup = Setup {
            documents: self.kubeconfigs()?,
            scope,
            limits: self.limits(config)?,
            proxies: self.proxies()?,
            terminal: self.env.terminal.stdin && self.env.terminal.stderr,
            now: crate::env::Clock::default().now(),
        };
        let mut fleet = Fleet::new(setup).map_err(|error| {
            let hint = "try `callboard --demo status`, or name a file with --kubeconfig";
            match error.to_string().starts_with("no clusters") {
                true => advised(error, hint),
                false => error,
            }
        })?;
        for problem in fleet.problems() {
            self.ui.warn(&problem.to_string());
        }
        if let Some(text) = &self.global.cluster_selector {
            let selector = Selector::parse(text)
                .map_err(|error| misused(format!("--cluster-selector {text:?}: {error}"), "as in region=eu,env!=test"))?;
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

    fn kubeconfigs(&self) -> Result<Vec<kubeconfig::Document>> {
        if let (None, Some(demo)) = (&self.global.kubeconfig, self.demo()?) {
            let text = Ok(demo.running.kubeconfig.clone());
            return Ok(vec![kubeconfig::Document { path: PathBuf::from("demo"), text }]);
        }
        let places = kubeconfig::Places {
            flag: self.global.kubeconfig.clone(),
            variable: self.env.paths("KUBECONFIG"),
            default: self.env.home.as_ref().map(|home| home.join(".kube/config")),
        };
        kubeconfig::read(&places)
    }

    fn limits(&self, config: &Config) -> Result<Limits> {
        let defaults = Limits::default();
        let credentials = match &config.credentials.timeout {
            Some(text) => {
                let span: SignedDuration =
                    text.parse().with_context(|| format!("credentials.timeout is {text:?}; expected a time like 30s"))?;
                span.unsigned_abs()
            }
            None => defaults.credentials,
        };
        Ok(Limits {
            concurrency: self.global.concurrency,
            connect: self.global.connect_timeout,
            cluster: Some(self.global.cluster_timeout),
            credentials,
        })
    }

    /// Loopback is never behind the user's proxy, and a demo is loopback.
    fn proxies(&self) -> Result<ProxyVariables> {
        let variable = |upper: &str| {
            let found = self.env.variable(upper).or_else(|| self.env.variables().get(&upper.to_lowercase()).map(String::as_str));
            found.unwrap_or_default().to_string()
        };
        Ok(ProxyVariables { https: variable("HTTPS_PROXY"), http: variable("HTTP_PROXY"), no: variable("NO_PROXY") })
    }

    /// Where answers are remembered: nowhere under a demo, unless a variable says where.
    fn cache_directory(&self) -> Option<PathBuf> {
        let named = self.env.variable("CALLBOARD_CACHE_DIR").map(PathBuf::from);
        named.or_else(|| self.global.demo.is_none().then(|| self.env.cache_directory.clone()).flatten())
    }

    /// What the clusters said the last time, as text; an unreadable memory is none.
    pub fn recall(&self) -> String {
        let Some(directory) = self.cache_directory() else { return String::new() };
        files::read_text_if_exists(&directory.join(ANSWERS), MOST_REMEMBERED).ok().flatten().unwrap_or_default()
    }

    /// Remembering is a comfort: where it fails, only `-v` tells.
    pub fn remember(&self, text: &str) {
        let Some(directory) = self.cache_directory() else { return };
        if let Err(error) = files::replace(&directory.join(ANSWERS), text.as_bytes(), 0o600) {
            self.ui.detail(&format!("the answers could not be remembered: {error:#}"));
        }
    }
}

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
