//! Programs that this run hands the terminal to, and what they are given so that they see the same clusters and services.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::app::sources::is_address;
use crate::app::{App, Demo};
use crate::files::{self, Temporary};
use crate::outcome::Outcome;
use crate::process::{self, ProcessTask};
use crate::{ui, yaml};

/// Variables for a child, and the files that they name, which are gone when this is dropped.
pub struct Exported {
    pub variables: BTreeMap<String, String>,
    directory: Temporary,
}

impl Exported {
    /// Writes a file for the child; returns its path.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.directory.path().join(name);
        if let Some(directory) = path.parent() {
            files::create_dir(directory)?;
        }
        files::create(&path, bytes, Some(0o600))?;
        Ok(path)
    }

    fn name(&mut self, variable: &str, path: &Path) {
        self.variables.insert(variable.to_string(), path.display().to_string());
    }
}

impl App {
    /// What the flags and the demo fleet of this run say, as variables.
    pub fn export(&self) -> Result<Exported> {
        let mut exported = match self.demo()? {
            Some(demo) => self.export_demo(demo)?,
            None => self.exported_nothing()?,
        };
        if !self.options.catalog.is_empty() {
            let (addresses, paths): (Vec<_>, Vec<_>) =
                self.options.catalog.iter().partition(|path| is_address(path));
            let mut list = std::env::join_paths(paths)
                .context("a path of --catalog cannot stand in $CALLBOARD_CATALOG")?;
            for address in addresses {
                // Whose colons part nothing: `Env::places`.
                if !list.is_empty() {
                    list.push(if cfg!(windows) { ";" } else { ":" });
                }
                list.push(address);
            }
            exported.name("CALLBOARD_CATALOG", Path::new(&list));
        }
        for (variable, path) in
            [("KUBECONFIG", &self.options.kubeconfig), ("CALLBOARD_CONFIG", &self.options.config)]
        {
            if let Some(path) = path {
                exported.name(variable, path);
            }
        }
        Ok(exported)
    }

    /// A demo fleet as files: kubeconfig, catalog, golden paths, and the configuration with the labels of its clusters.
    pub fn export_demo(&self, demo: &Demo) -> Result<Exported> {
        let mut exported = self.exported_nothing()?;
        let kubeconfig = exported.write("kubeconfig.yaml", demo.kubeconfig().as_bytes())?;
        exported.name("KUBECONFIG", &kubeconfig);
        for (number, (_, text)) in demo.catalog.iter().enumerate() {
            exported.write(&format!("catalog/{number:04}.yaml"), text.as_bytes())?;
        }
        if !demo.catalog.is_empty() {
            let catalog = exported.directory.path().join("catalog");
            exported.name("CALLBOARD_CATALOG", &catalog);
        }
        let mut config = demo.config.clone();
        for (name, bytes) in &demo.golden_paths {
            exported.write(&format!("golden-paths/{name}"), bytes)?;
        }
        if !demo.golden_paths.is_empty() {
            config.templates.push(exported.directory.path().join("golden-paths").display().to_string());
        }
        let written =
            yaml::emit(&serde_json::to_value(&config).context("the configuration cannot be written")?);
        let config = exported.write("config.yaml", written.as_bytes())?;
        exported.name("CALLBOARD_CONFIG", &config);
        // What the demo's clusters said is nothing to remember beside what the user's say.
        let cache = exported.directory.path().join("cache");
        exported.name("CALLBOARD_CACHE_DIR", &cache);
        Ok(exported)
    }

    fn exported_nothing(&self) -> Result<Exported> {
        let directory = files::temporary_directory(self.env.temporary())?;
        Ok(Exported { variables: BTreeMap::new(), directory })
    }

    /// Gives the terminal to a program until that ends; its exit code is ours.
    pub fn hand_over(&self, task: ProcessTask) -> Result<Outcome> {
        self.watch_signals();
        let _given = ui::give_terminal_away();
        let program = task.program.clone();
        let ended = self.block_on(async {
            tokio::select! {
                code = process::hand_over(&task) => Some(code),
                () = ui::interrupted() => None,
            }
        })?;
        match ended {
            None => Ok(Outcome::Interrupted),
            Some(Ok(code)) => Ok(Outcome::Passed(u8::try_from(code).unwrap_or(crate::outcome::ERROR))),
            Some(Err(failure)) => Err(anyhow::anyhow!("{program} {failure}")),
        }
    }
}
