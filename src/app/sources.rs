//! What the paths of a catalog mean: files on this disk, and those of repositories elsewhere, which are fetched.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, anyhow, bail, ensure};

use crate::app::App;
use crate::catalog::PathMeaning;
use crate::env::Clock;
use crate::files;
use crate::git::{self, Address, Checkout, Fetching, GitPrompts, Repository};

/// A file that a placeholder names: an API's definition, steps that templates share.
const MOST_INCLUDED: usize = 16 << 20;

impl App {
    /// How git fetches for this run.
    pub fn fetching(&self) -> Fetching<'_> {
        // A run that is ended in the middle takes git and what it made with it.
        self.watch_signals();
        Fetching {
            cache: self.cache(),
            temporary: self.env.temporary().to_path_buf(),
            asking: GitPrompts {
                terminal: self.env.terminal.stdin && self.env.terminal.stderr,
                ssh_command: self.env.variable("GIT_SSH_COMMAND"),
                ssh: self.env.variable("GIT_SSH"),
            },
            is_offline: self.options.offline,
            now: Clock::default().now(),
            detail: Box::new(|text| self.ui.detail(text)),
        }
    }
}

/// Whether a path of the catalog is the address of a repository, `git+URL//sub@ref`.
pub fn is_address(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.starts_with("git+"))
}

/// A path of the catalog as it may be shown: an address without its password.
pub fn name_of_place(path: &Path) -> String {
    let text = path.display().to_string();
    if is_address(path) { crate::scaffold::lock::without_credentials(&text) } else { text }
}

/// The files of a repository elsewhere.
struct FetchedSource {
    address: Address,
    checkout: Checkout,
    /// The one name of the directory that holds them.
    identity: PathBuf,
}

impl FetchedSource {
    /// A file of it as the address of that file.
    fn name(&self, path: &Path) -> Option<String> {
        let below = path.strip_prefix(&self.checkout.root).ok()?;
        let below: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        Some(self.address.with_path(&crate::tree::joined(&self.checkout.part, &below.join("/"))))
    }

    /// What a path below its root means. None of it may lie elsewhere, whoever wrote it into the repository.
    fn expand(&self, path: &Path) -> Result<PathMeaning> {
        let path = lexical(path);
        let leaves = || anyhow!("{} leaves the repository", self.address.with_path(""));
        ensure!(path.starts_with(&self.checkout.root), leaves());
        let meaning = on_disk(&path)?;
        let is_inside = |file: &PathBuf| files::identity(file).starts_with(&self.identity);
        ensure!(meaning.files.iter().all(is_inside), leaves());
        Ok(meaning)
    }
}

/// Where the files of a catalog are, and the repositories that they lie in, each looked for once.
pub struct CatalogSources {
    fetched: HashMap<PathBuf, Result<FetchedSource>>,
    repositories: Mutex<HashMap<PathBuf, Option<Repository>>>,
}

impl CatalogSources {
    /// Fetches what of some paths lies elsewhere.
    pub fn of(app: &App, paths: &[PathBuf]) -> CatalogSources {
        let fetched = paths.iter().filter(|path| is_address(path));
        let fetched = fetched.map(|path| (path.clone(), fetch(app, path))).collect();
        CatalogSources { fetched, repositories: Mutex::default() }
    }

    fn there(&self) -> impl Iterator<Item = &FetchedSource> {
        self.fetched.values().filter_map(|fetched| fetched.as_ref().ok())
    }

    fn source_of(&self, file: &Path) -> Option<&FetchedSource> {
        self.there().find(|source| file.starts_with(&source.checkout.root))
    }

    /// Copies that may be out of date, with their age.
    pub fn outdated(&self) -> impl Iterator<Item = &str> {
        self.there().filter_map(|source| source.checkout.outdated.as_deref())
    }

    /// What a path that was given means.
    pub fn expand(&self, path: &Path) -> Result<PathMeaning> {
        match self.fetched.get(path) {
            None => on_disk(path),
            Some(Err(error)) => bail!("{error:#}"),
            Some(Ok(source)) => {
                let sub = Path::new(&source.address.sub);
                let below = sub.strip_prefix(&source.checkout.part).unwrap_or(sub);
                source.expand(&source.checkout.root.join(below))
            }
        }
    }

    /// What a Location in a file means.
    pub fn follow(&self, file: &Path, path: &Path) -> Result<PathMeaning> {
        match self.source_of(file) {
            Some(source) => source.expand(path),
            None => on_disk(path),
        }
    }

    /// What a path is called where it is told of.
    pub fn name(&self, path: &Path) -> String {
        self.source_of(path).and_then(|source| source.name(path)).unwrap_or_else(|| name_of_place(path))
    }

    /// The repository that a file lies in.
    pub fn repository(&self, file: &Path) -> Option<Repository> {
        if let Some(source) = self.source_of(file) {
            return Some(Repository::fetched(&source.checkout.root, &source.address.url));
        }
        let directory = file.parent().unwrap_or(Path::new("")).to_path_buf();
        let mut known = self.repositories.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(directory).or_insert_with(|| Repository::of(file)).clone()
    }

    /// The text of a file beside another one, inside the repository, or inside its directory where there is none; nothing for a URL
    /// that is no file of the repository.
    pub fn include(&self, file: &Path, target: &str) -> Result<Option<String>> {
        let repository = self.repository(file);
        let directory = file.parent().unwrap_or(Path::new(""));
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let path = match target.contains("://") {
            true => match repository.as_ref().and_then(|repository| repository.file_of(target)) {
                Some(path) => path,
                None => return Ok(None),
            },
            false => directory.join(target),
        };
        let path: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
        let root = repository.map_or(directory.to_path_buf(), |repository| repository.root);
        ensure!(files::exists(&path), "{} does not exist", self.name(&path));
        ensure!(
            files::identity(&path).starts_with(files::identity(&root)),
            "{target} leaves {}",
            self.name(&root)
        );
        files::read_text(&path, MOST_INCLUDED).map(Some)
    }
}

fn fetch(app: &App, path: &Path) -> Result<FetchedSource> {
    let address = Address::parse(&path.to_string_lossy())?;
    let mut fetching = app.fetching();
    if app.options.no_cache {
        fetching.cache = None;
    }
    let checkout = git::checkout(&address, &fetching)?;
    app.ui.detail(&format!("{} is at commit {}", address.shown(), checkout.commit));
    let identity = files::identity(&checkout.root);
    Ok(FetchedSource { address, checkout, identity })
}

fn on_disk(path: &Path) -> Result<PathMeaning> {
    let listing = files::expand(path)?;
    Ok(PathMeaning { files: listing.files, is_file: listing.is_file, unread: listing.unread })
}

/// A path with its `..` steps taken by their words alone.
fn lexical(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for step in path.components() {
        match step {
            Component::CurDir => {}
            Component::ParentDir => drop(found.pop()),
            other => found.push(other),
        }
    }
    found
}
