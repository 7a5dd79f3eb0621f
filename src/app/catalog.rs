//! The catalog and what lies beside it, from the places that docs/catalog.md names.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::app::App;
use crate::catalog::{self, Builder, Catalog, Disk};
use crate::diagnose::team::{self, Cause};
use crate::files;
use crate::text::count;

/// A catalog file longer than this is a mistake.
const MOST_CATALOG: usize = 16 << 20;
/// Problems told before the rest is counted.
const MOST_PROBLEMS: usize = 5;

impl App {
    /// The catalog, from the first of the places in docs/catalog.md where one is; `None` where none is.
    pub fn catalog(&self) -> Result<Option<&Catalog>> {
        if let Some(catalog) = self.catalog.get() {
            return Ok(catalog.as_ref());
        }
        let catalog = self.read_catalog(&[])?;
        let paths: Vec<String> =
            self.catalog_paths()?.iter().map(|path| path.display().to_string()).collect();
        self.ui.detail(&match (paths.is_empty(), &catalog) {
            (false, _) => format!("catalog: {}", paths.join(", ")),
            (true, Some(_)) => "catalog: the demo fleet's".to_string(),
            (true, None) => "catalog: none".to_string(),
        });
        if let Some(catalog) = &catalog {
            self.tell_problems(catalog);
            anyhow::ensure!(
                !catalog.entities.is_empty() || catalog.problems.is_empty(),
                "nothing of the catalog could be read"
            );
        }
        Ok(self.catalog.get_or_init(|| catalog).as_ref())
    }

    /// The catalog, for a command that can do without one: a file that was merely found where the command runs, and cannot be read,
    /// such as the `catalog-info.yaml` of a skeleton, is told of once and passed over.
    pub fn catalog_if_readable(&self) -> Result<Option<&Catalog>> {
        if let Some(catalog) = self.catalog.get() {
            return Ok(catalog.as_ref());
        }
        if self.named_catalog().is_empty() && self.config()?.catalog.is_empty() && self.options.demo.is_none()
        {
            let found = self.read_catalog(&[])?;
            let broken = found.filter(|catalog| catalog.entities.is_empty() && !catalog.problems.is_empty());
            if let (Some(catalog), Some(path)) = (broken, self.usual_catalog()?.first()) {
                let why = catalog.problems.first().map(ToString::to_string).unwrap_or_default();
                self.ui.warn(&format!("{} is no catalog, and is passed over: {why}", path.display()));
                return Ok(self.catalog.get_or_init(|| None).as_ref());
            }
        }
        self.catalog()
    }

    /// The catalog of some paths, or without any the one that all commands use, with nothing of what is wrong in it told.
    pub fn read_catalog(&self, paths: &[PathBuf]) -> Result<Option<Catalog>> {
        let named = if paths.is_empty() { self.named_catalog() } else { paths.to_vec() };
        if named.is_empty()
            && let Some(demo) = self.demo()?
        {
            let mut builder = Builder::default();
            for (name, text) in &demo.catalog {
                builder.add_file(name, Path::new(name), text);
            }
            return Ok((!demo.catalog.is_empty()).then(|| builder.build()));
        }
        let paths = if named.is_empty() { self.usual_catalog()? } else { named.clone() };
        if paths.is_empty() {
            return Ok(None);
        }
        let disk = Disk {
            expand: &|path| files::expand(path),
            read: &|path| match named.iter().any(|given| given == path) {
                true => files::read_text_or_pipe(path, MOST_CATALOG),
                false => files::read_text(path, MOST_CATALOG),
            },
            identity: &files::identity,
        };
        catalog::load(&paths, &disk).map(Some)
    }

    fn named_catalog(&self) -> Vec<PathBuf> {
        match self.options.catalog.is_empty() {
            true => self.env.paths("CALLBOARD_CATALOG"),
            false => self.options.catalog.clone(),
        }
    }

    /// The paths that the catalog is read from; none where there is none, or where it is a demo's.
    pub fn catalog_paths(&self) -> Result<Vec<PathBuf>> {
        let named = self.named_catalog();
        match named.is_empty() {
            true if self.options.demo.is_some() => Ok(Vec::new()),
            true => self.usual_catalog(),
            false => Ok(named),
        }
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
            let text = match named.contains(&path) {
                true => files::read_text_or_pipe(&path, MOST_CATALOG),
                false => files::read_text(&path, MOST_CATALOG),
            }?;
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
}
