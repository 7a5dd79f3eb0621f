//! The catalog and what lies beside it, from the places that docs/catalog.md names.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::app::App;
use crate::app::sources::{CatalogSources, name_of_place};
use crate::catalog::{
    self, Builder, Catalog, CustomKind, Disk, EntityRef, FileIdentity, LoadRequest, PathMeaning,
};
use crate::diagnose::team::{self, Cause};
use crate::files;
use crate::git::Repository;
use crate::outcome::advised;
use crate::report::{Cell, Line};
use crate::text::closest;
use crate::ui::Verbosity;
use crate::yaml::LintFinding;

/// A catalog file longer than this is a mistake.
const MOST_CATALOG: usize = 256 << 20;
/// A file of causes is written by hand.
const MOST_CAUSES: usize = 16 << 20;
/// Problems told one by one where nothing else can be told.
const MOST_PROBLEMS: usize = 5;

impl App {
    /// The catalog, from the first of the places in docs/catalog.md where one is; `None` where none is. What is wrong with it is told
    /// in a line or two.
    pub fn catalog(&self) -> Result<Option<&Catalog>> {
        self.catalog_telling(&|catalog| self.tell_all(catalog))
    }

    /// As `catalog`, for a run that names services: of what is wrong only what touches these is to be told (`tell_problems_of`).
    pub fn catalog_of_named(&self) -> Result<Option<&Catalog>> {
        self.catalog_telling(&|catalog| match self.ui.verbosity == Verbosity::Verbose {
            true => self.tell_all(catalog),
            false => self.tell_emptiness(catalog),
        })
    }

    fn catalog_telling(&self, tell: &dyn Fn(&Catalog)) -> Result<Option<&Catalog>> {
        if let Some(catalog) = self.catalog.get() {
            return Ok(catalog.as_ref());
        }
        let catalog = self.read_catalog(&[])?;
        let paths: Vec<String> = self.catalog_paths()?.iter().map(|path| name_of_place(path)).collect();
        self.ui.detail(&match (paths.is_empty(), &catalog) {
            (false, _) => format!("catalog: {}", paths.join(", ")),
            (true, Some(_)) => "catalog: the demo fleet's".to_string(),
            (true, None) => "catalog: none".to_string(),
        });
        if let Some(catalog) = &catalog {
            if catalog.entities.is_empty() && !catalog.problems.is_empty() {
                catalog.problems.iter().take(MOST_PROBLEMS).for_each(|finding| self.tell_finding(finding));
                let error = anyhow::anyhow!("nothing of the catalog could be read");
                return Err(match catalog.problems.len() > MOST_PROBLEMS {
                    true => advised(error, "`callboard catalog validate` tells all that is wrong"),
                    false => error,
                });
            }
            tell(catalog);
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

    /// What is wrong with entities, or with their owners.
    pub fn tell_problems_of(&self, catalog: &Catalog, entities: &[&EntityRef]) {
        if self.ui.verbosity != Verbosity::Verbose {
            catalog.problems_of(entities).for_each(|finding| self.tell_finding(finding));
        }
    }

    /// The catalog of some paths, or without any the one that all commands use, with nothing of what is wrong in it told.
    pub fn read_catalog(&self, paths: &[PathBuf]) -> Result<Option<Catalog>> {
        let is_flag = !paths.is_empty() || !self.options.catalog.is_empty();
        let named = if paths.is_empty() { self.named_catalog() } else { paths.to_vec() };
        if named.is_empty()
            && let Some(demo) = self.demo()?
        {
            let mut builder = Builder::default();
            for (name, text) in &demo.catalog {
                builder.add_text(name, text);
            }
            return Ok((!demo.catalog.is_empty()).then(|| builder.build()));
        }
        let paths = if named.is_empty() { self.usual_catalog()? } else { named.clone() };
        if paths.is_empty() {
            return Ok(None);
        }
        let kinds = self.custom_kinds()?;
        if !is_flag && self.env.has_empty_places("CALLBOARD_CATALOG") {
            self.ui.warn("an entry of $CALLBOARD_CATALOG is empty, and means nothing");
        }
        let sources = CatalogSources::of(self, &paths);
        sources.outdated().for_each(|told| self.ui.warn(told));
        let disk = Disk {
            expand: &|path| sources.expand(path),
            follow: &|file, path| sources.follow(file, path),
            name: &|path| sources.name(path),
            read: &|path| match named.iter().any(|given| given == path) {
                true => files::read_bytes_or_pipe(path, MOST_CATALOG),
                false => files::read_bytes(path, MOST_CATALOG),
            },
            identity: &|path| match files::numbers(path) {
                Some((system, number)) => FileIdentity::Numbers(system, number),
                None => FileIdentity::Path(files::identity(path)),
            },
            include: &|file, target| sources.include(file, target),
            local: &|file, url| sources.repository(file)?.file_of(url),
        };
        let request = LoadRequest { paths: &paths, kinds: &kinds, is_forgiving: !is_flag };
        match catalog::load(&request, &disk) {
            Ok(catalog) => Ok(Some(catalog)),
            Err(error) => Err(match paths.iter().find_map(|path| near_name(path)) {
                Some(near) => advised(error, format!("did you mean {near}?")),
                None => error,
            }),
        }
    }

    /// Files of the same repository, at or below the directories of the catalog's own files, that it does not read. A catalog that is a
    /// directory reads all there is.
    pub fn unread_beside(&self, catalog: &Catalog) -> Result<Vec<PathBuf>> {
        let read: std::collections::BTreeSet<_> =
            catalog.files.iter().map(|file| files::identity(Path::new(&*file.name))).collect();
        let mut found = std::collections::BTreeSet::new();
        for path in self.catalog_paths()? {
            let directory = path.parent().unwrap_or(Path::new(""));
            let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
            if files::is_dir(&path) || !files::exists(&path) || Repository::of(&path).is_none() {
                continue;
            }
            // A repository too large to be looked through has its own ways to tell.
            let listing = files::expand(directory).unwrap_or_default();
            found.extend(listing.files.into_iter().filter(|file| !read.contains(&files::identity(file))));
        }
        Ok(found
            .into_iter()
            .map(|file| file.strip_prefix(".").map(Path::to_path_buf).unwrap_or(file))
            .collect())
    }

    /// What such files hold: each as one of a directory's, in which strangers are left alone.
    pub fn read_beside(&self, beside: &[PathBuf]) -> Result<Option<Catalog>> {
        let kinds = self.custom_kinds()?;
        let disk = Disk {
            expand: &|path| {
                Ok(PathMeaning { files: vec![path.to_path_buf()], is_file: false, unread: Vec::new() })
            },
            follow: &|_, _| Ok(PathMeaning::default()),
            name: &|path| path.display().to_string(),
            read: &|path| files::read_bytes(path, MOST_CATALOG),
            identity: &|path| FileIdentity::Path(path.to_path_buf()),
            include: &|_, _| Ok(None),
            local: &|_, _| None,
        };
        catalog::load(&LoadRequest { paths: beside, kinds: &kinds, is_forgiving: true }, &disk).map(Some)
    }

    /// The kinds that the configuration adds to Backstage's own.
    pub fn custom_kinds(&self) -> Result<Vec<CustomKind>> {
        let kinds = self.config()?.kinds.iter();
        Ok(kinds
            .map(|own| CustomKind { kind: own.kind.clone(), api_version: own.api_version.clone() })
            .collect())
    }

    fn named_catalog(&self) -> Vec<PathBuf> {
        match self.options.catalog.is_empty() {
            true => self.env.places("CALLBOARD_CATALOG"),
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

    fn tell_finding(&self, finding: &LintFinding) {
        self.ui.warn(&finding.to_string());
        if let Some(hint) = &finding.problem.hint {
            self.ui.hint(hint);
        }
    }

    /// Tells what of a catalog could not be read, where it was not told with all that is wrong.
    pub fn tell_lost(&self, catalog: &Catalog) {
        if self.ui.verbosity != Verbosity::Verbose {
            let lost =
                catalog.problems.iter().filter(|finding| catalog.lost.contains(&finding.problem.place));
            lost.take(MOST_PROBLEMS).for_each(|finding| self.tell_finding(finding));
        }
    }

    fn tell_emptiness(&self, catalog: &Catalog) {
        if let Some(text) = catalog.emptiness() {
            self.ui.warn(&text);
            catalog.urls_in_a_line().iter().for_each(|line| self.note(line));
        }
    }

    fn note(&self, text: &str) {
        self.ui.tell(&Line::new(vec![Cell::muted(format!("note: {text}"))]));
    }

    fn tell_all(&self, catalog: &Catalog) {
        if self.ui.verbosity == Verbosity::Verbose {
            catalog.problems.iter().for_each(|finding| self.tell_finding(finding));
            catalog.notes.iter().for_each(|note| self.ui.detail(&note.to_string()));
            catalog.left.iter().for_each(|(place, why)| self.ui.detail(&format!("{place}: {}", why.words())));
            return self.tell_emptiness(catalog);
        }
        // Few problems are told as they are: there is nothing to sum up.
        match catalog.problems.as_slice() {
            few @ ([] | [_] | [_, _]) => few.iter().for_each(|finding| self.tell_finding(finding)),
            _ => catalog.problems_in_a_line().iter().for_each(|line| {
                self.ui.warn(line);
                self.ui.hint("`callboard catalog validate` tells each with its place");
            }),
        }
        self.tell_emptiness(catalog);
        if catalog.emptiness().is_none() {
            catalog.urls_in_a_line().iter().for_each(|line| self.note(line));
        }
        catalog.left_alone_in_a_line().iter().for_each(|line| self.note(&format!("{line}; -v lists them")));
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
                true => files::read_text_or_pipe(&path, MOST_CAUSES),
                false => files::read_text(&path, MOST_CAUSES),
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

/// The name in a directory that was meant by one that does not exist.
fn near_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    if files::exists(path) || name.contains(['*', '?', '{']) {
        return None;
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names = files::names_in(directory);
    let near = closest(name, names.iter().map(String::as_str)).first().map(|near| near.to_string())?;
    Some(path.with_file_name(near).display().to_string())
}
