//! What a command may use, built on first use; the only user of the demo.

mod catalog;
mod children;
mod cluster_sources;
mod clusters;
mod lately;
mod memory;
mod sources;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};

use crate::catalog::Catalog;
use crate::config::{ClusterConfig, Config, ConfigLayer, SourceConfig};
use crate::demo::{self, FleetSource, ServerClock};
use crate::env::Env;
use crate::files;
use crate::fleet::{Access, Fleet, Found, Gap, kubeconfig};
use crate::podstatus::Thresholds;
use crate::process;
use crate::ui::{self, Busy, Ui};

pub use crate::app::children::Exported;
pub use crate::app::sources::name_of_place;

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
    /// Nothing of earlier runs is read, and nothing is kept for later ones.
    pub no_cache: bool,
    /// Of what lies elsewhere only what was fetched before.
    pub offline: bool,
    /// A fleet directory; an empty path is the embedded fleet.
    pub demo: Option<PathBuf>,
    /// The flags that were typed, as in `--concurrency`.
    pub given: Vec<String>,
}

/// What lies in the user's directories, or in a demo fleet instead.
pub struct App {
    pub env: Env,
    pub ui: Ui,
    pub options: Options,
    runtime: OnceCell<tokio::runtime::Runtime>,
    demo: OnceCell<Option<Demo>>,
    config_layers: OnceCell<Vec<ConfigLayer>>,
    config: OnceCell<Config>,
    catalog: OnceCell<Option<Catalog>>,
    kubeconfigs: OnceCell<Vec<kubeconfig::KubeconfigText>>,
    /// What these say.
    found_in_kubeconfigs: OnceCell<Found>,
    /// The same with what all sources tell, once they were asked.
    found: OnceCell<Found>,
    access: OnceCell<Access>,
    fleet: OnceCell<Fleet>,
    guess_gaps: OnceCell<GuessGaps>,
}

/// What is missing where services were guessed from what runs.
#[derive(Debug, Default)]
pub struct GuessGaps {
    pub notes: Vec<String>,
    /// A cluster that counts did not tell all it has.
    pub is_incomplete: bool,
    /// What each of these would not or could not say, by its name.
    pub untold: BTreeMap<String, Vec<Gap>>,
}

/// A demo fleet that is up, and what it holds beside its clusters.
pub struct Demo {
    running: demo::RunningFleet,
    pub catalog: Vec<(String, String)>,
    /// Files below `golden-paths/`.
    pub golden_paths: BTreeMap<String, Vec<u8>>,
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
            config_layers: OnceCell::new(),
            config: OnceCell::new(),
            catalog: OnceCell::new(),
            kubeconfigs: OnceCell::new(),
            found_in_kubeconfigs: OnceCell::new(),
            found: OnceCell::new(),
            access: OnceCell::new(),
            fleet: OnceCell::new(),
            guess_gaps: OnceCell::new(),
        }
    }

    /// Ends the run without waiting for what still hangs in a look-up of a name.
    pub fn close(self) {
        self.remember_reached();
        self.tell_of_plugins();
        drop(self.demo);
        if let Some(runtime) = self.runtime.into_inner() {
            runtime.shutdown_background();
        }
    }

    pub fn block_on<F: Future>(&self, future: F) -> Result<F::Output> {
        Ok(self.runtime()?.block_on(future))
    }

    /// From here on Ctrl-C and its like end the run in good order; all that waits is watched without this.
    pub fn watch_signals(&self) {
        ui::watch_signals(clean_up);
    }

    /// While what this returns lives, Ctrl-C and its like wait.
    pub fn busy(&self) -> Busy {
        self.watch_signals();
        ui::busy()
    }

    fn runtime(&self) -> Result<&tokio::runtime::Runtime> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime);
        }
        self.watch_signals();
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(cores.clamp(2, 4))
            .max_blocking_threads(128)
            .enable_all()
            .build()
            .context("the runtime could not be started")?;
        Ok(self.runtime.get_or_init(|| runtime))
    }

    /// Takes note of what a guess of services left out.
    pub fn guessed(&self, gaps: GuessGaps) {
        let _ = self.guess_gaps.set(gaps);
    }

    /// What that was, where services were guessed.
    pub fn guess_gaps(&self) -> Option<&GuessGaps> {
        self.guess_gaps.get()
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
        let mut source = match directory.as_os_str().is_empty() {
            true => demo::embedded()?,
            false => demo::load(directory)?,
        };
        if let Some(path) = self.env.variable("CALLBOARD_DEMO_REQUESTS") {
            source.write_requests_to(Path::new(path))?;
        }
        let config = demo_config(&source)?;
        let catalog = source.catalog_documents();
        let golden_paths = source.golden_paths();
        let clock = match self.env.clock.pinned {
            Some(now) => ServerClock::Pinned { now },
            None => ServerClock::Live { now: self.env.clock.now() },
        };
        let running = self.block_on(source.serve(clock))??;
        Ok(Demo { running, catalog, golden_paths, config })
    }

    /// The configuration; a demo's own takes the place of the user's.
    pub fn config(&self) -> Result<&Config> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = Config::of_layers(self.config_layers()?);
        let names: Vec<&str> = self.config_layers()?.iter().map(|layer| layer.name.as_str()).collect();
        self.ui.detail(&match names.is_empty() {
            true => "configuration: none".to_string(),
            false => format!("configuration: {}", names.join(", ")),
        });
        for problem in &config.unknown {
            self.ui.warn(&format!("{problem}; it is ignored"));
            problem.hint.iter().for_each(|hint| self.ui.hint(hint));
        }
        Ok(self.config.get_or_init(|| config))
    }

    /// The files that it is made of.
    pub fn config_layers(&self) -> Result<&[ConfigLayer]> {
        if let Some(layers) = self.config_layers.get() {
            return Ok(layers);
        }
        let named = self.options.config.as_deref();
        let layers = match self.demo()? {
            Some(demo) if named.is_none() && self.env.variable("CALLBOARD_CONFIG").is_none() => {
                vec![ConfigLayer { name: "the demo fleet".to_string(), config: demo.config.clone() }]
            }
            _ => ConfigLayer::read(&self.env, named)?,
        };
        Ok(self.config_layers.get_or_init(|| layers))
    }

    pub fn thresholds(&self) -> Result<Thresholds> {
        let set = &self.config()?.thresholds;
        let mut thresholds = Thresholds::default();
        let overrides = [
            (&mut thresholds.unschedulable, set.unschedulable),
            (&mut thresholds.creating, set.creating),
            (&mut thresholds.initializing, set.initializing),
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
}

/// Leaves neither children nor half of anything behind, for a run that is ended in the middle.
pub fn clean_up() {
    process::stop_all();
    files::remove_unfinished();
}

/// The fleet's own configuration, with the labels that its fleet.yaml gives to clusters.
fn demo_config(source: &FleetSource) -> Result<Config> {
    let mut config = Config::default();
    for (name, labels) in source.clusters() {
        config.clusters.push(ClusterConfig { name, labels, ..ClusterConfig::default() });
    }
    if let Some(hub) = source.hub() {
        let (r#type, hub) = ("karmada".to_string(), Some(hub.to_string()));
        config.sources.push(SourceConfig { r#type, hub, ..SourceConfig::default() });
    }
    if let Some((name, text)) = source.config() {
        let said = Config::of_text(&name, &text, Path::new("."))?;
        // A fleet directory may be somebody else's: it starts no program here, and reads no file but its own.
        if let Some(source) = said.sources.iter().find(|source| !source.only_asks_its_hub()) {
            anyhow::bail!(
                "{name}: sources: {} is not for a fleet directory; --config FILE may say so",
                source.called()
            );
        }
        config.overlay(said);
    }
    Ok(config)
}
