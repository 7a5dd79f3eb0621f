//! A directory of a repository elsewhere, as a tree in memory.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;

use crate::files;
use crate::git::address::Address;
use crate::git::run::{self, GitPrompts, git};
use crate::git::store::FetchStore;
use crate::outcome::advised;
use crate::scaffold::lock::without_credentials;
use crate::tree::Tree;

/// Longest that a server may take.
pub(in crate::git) const LONGEST: Duration = Duration::from_secs(120);

/// What a fetch is made with.
pub struct Fetching<'a> {
    /// The cache directory; nothing is kept where there is none.
    pub cache: Option<PathBuf>,
    /// Where it is worked on what is fetched.
    pub temporary: PathBuf,
    pub asking: GitPrompts<'a>,
    /// Only what was fetched before.
    pub is_offline: bool,
    pub now: Timestamp,
    /// Is told what went wrong without being in the way.
    pub detail: Box<dyn Fn(&str) + 'a>,
}

impl Fetching<'_> {
    pub(in crate::git) fn store(&self) -> Option<FetchStore> {
        self.cache.as_deref().map(FetchStore::in_cache)
    }
}

pub struct Fetched {
    /// The whole repository; the directory alone where the whole cannot be held.
    pub tree: Tree,
    /// Where the directory of the address lies in it.
    pub base: String,
    pub commit: String,
}

/// The directory of an address. A commit that was fetched before, and everything while offline, comes from the cache.
pub fn fetch(address: &Address, fetching: &Fetching<'_>) -> Result<Fetched> {
    let store = fetching.store();
    let known = store.as_ref().and_then(|store| {
        let recalled = || fetching.is_offline.then(|| store.recall(address)).flatten();
        let commit =
            address.is_commit().map(String::from).or_else(|| recalled().map(|known| known.commit))?;
        let of = |part: &str, base: &str| {
            let directory = store.of_commit(&commit, part)?;
            let read = files::read_tree(&directory);
            Some(read.map(|tree| Fetched { tree, base: base.to_string(), commit: commit.clone() }))
        };
        of("", &address.sub)
            .or_else(|| of(&address.sub, "").filter(|_| fetching.is_offline || store.is_partial(&commit)))
    });
    match known {
        Some(known) => known,
        None if fetching.is_offline => Err(never_fetched(address)),
        None => {
            let cloned = clone(address, fetching, CloneOptions { limit: LONGEST, climbs: false })?;
            let base = if cloned.part.is_some() { String::new() } else { address.sub.clone() };
            Ok(Fetched { tree: cloned.tree, base, commit: cloned.commit })
        }
    }
}

fn never_fetched(address: &Address) -> anyhow::Error {
    advised(
        anyhow::anyhow!("{} was never fetched, and --offline forbids it now", address.shown()),
        "run it once without --offline",
    )
}

/// A repository as the server has it now.
pub(in crate::git) struct Cloned {
    pub tree: Tree,
    /// The directory that the tree is, where the whole cannot be held.
    pub part: Option<String>,
    pub commit: String,
}

/// What is fetched besides what an address says.
#[derive(Clone, Copy)]
pub(in crate::git) struct CloneOptions {
    pub limit: Duration,
    /// Whether the address may name a file, or nothing that is there: the directory above counts then.
    pub climbs: bool,
}

/// The repository of an address as the server has it now, which is kept.
pub(in crate::git) fn clone(
    address: &Address,
    fetching: &Fetching<'_>,
    options: CloneOptions,
) -> Result<Cloned> {
    let shown = without_credentials(&address.url);
    let directory = files::temporary_directory(&fetching.temporary)?;
    let cloned = clone_into(directory.path(), address, fetching, options);
    drop(directory);
    let cloned = cloned.with_context(|| format!("{shown} cannot be fetched"))?;
    if let Some(store) = fetching.store() {
        let part = cloned.part.as_deref();
        if let Err(error) = store.keep(address, &cloned.commit, part, &cloned.tree, fetching.now) {
            (fetching.detail)(&format!("{shown} could not be cached: {error:#}"));
        }
    }
    Ok(cloned)
}

fn clone_into(
    directory: &Path,
    address: &Address,
    fetching: &Fetching<'_>,
    options: CloneOptions,
) -> Result<Cloned> {
    git(directory, &["init", "--quiet", "."])?;
    let reference = address.reference.as_deref().unwrap_or("HEAD");
    run::fetch(directory, &address.url, reference, &fetching.asking, options.limit)?;
    git(directory, &["checkout", "--quiet", "--detach", "FETCH_HEAD"])?;
    let commit = git(directory, &["rev-parse", "HEAD"])?.trim().to_string();
    let mut part = address.sub.as_str();
    while options.climbs && !part.is_empty() && !files::is_dir(&directory.join(part)) {
        part = part.rsplit_once('/').map_or("", |(above, _)| above);
    }
    let below = directory.join(part);
    // The repository may hold a link where a directory is expected.
    if !files::is_dir(&below) || !files::identity(&below).starts_with(files::identity(directory)) {
        bail!("there is no directory {part} in the repository");
    }
    match files::read_tree(directory) {
        Ok(tree) => Ok(Cloned { tree, part: None, commit }),
        Err(error) if part.is_empty() => Err(error),
        // Something elsewhere in the repository is too much, or leads out of it.
        Err(_) => Ok(Cloned { tree: files::read_tree(&below)?, part: Some(part.to_string()), commit }),
    }
}
