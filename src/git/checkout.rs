//! A repository elsewhere as files on the disk, for what is read at every run: a copy that is young enough is not fetched again, and one
//! that is old is better than none.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp};

use crate::files::{self, Temporary};
use crate::git::address::Address;
use crate::git::fetch::{CloneOptions, Fetching, LONGEST, clone};
use crate::git::store::FetchStore;
use crate::text::age_of;

/// A copy of a branch or tag that is younger is not fetched again.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// A server that did not answer is not asked again so soon.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// Longest that a server may take where there is a copy.
const LONGEST_WITH_COPY: Duration = Duration::from_secs(20);

/// The files of a repository.
pub struct Checkout {
    /// The directory that holds them.
    pub root: PathBuf,
    /// Where that directory lies in the repository: empty where it is the whole.
    pub part: String,
    pub commit: String,
    /// Why a copy is used that may be out of date, with its age.
    pub outdated: Option<String>,
    /// Gone with this, where there is no cache.
    _temporary: Option<Temporary>,
}

/// The files of an address, which may be a directory, a file, or a pattern of them.
pub fn checkout(address: &Address, fetching: &Fetching<'_>) -> Result<Checkout> {
    let store = fetching.store();
    let copy = store.as_ref().and_then(|store| kept(store, address));
    let Some(copy) = copy else {
        return match fetching.is_offline {
            true => {
                bail!("it was never fetched, and --offline forbids it now: run it once without that flag")
            }
            false => anew(address, fetching, LONGEST),
        };
    };
    // A commit is what it was.
    if address.is_commit().is_some() {
        return Ok(copy.checkout);
    }
    let age = copy.at.map(|at| fetching.now.duration_since(at)).filter(|age| !age.is_negative());
    if age.is_some_and(|age| age < FRESH) {
        return Ok(copy.checkout);
    }
    let told = |why: &str| {
        let age = match copy.at {
            Some(at) => format!("its copy, fetched {} ago,", age_of(at, fetching.now)),
            None => "its copy, of unknown age,".to_string(),
        };
        format!("{}: {age} is used ({why})", address.shown())
    };
    if fetching.is_offline {
        return Ok(Checkout { outdated: Some(told("--offline")), ..copy.checkout });
    }
    let failed = store.as_ref().and_then(|store| store.last_failure(address));
    if let Some(at) =
        failed.filter(|at| (SignedDuration::ZERO..PATIENCE).contains(&fetching.now.duration_since(*at)))
    {
        let why = format!(
            "it could not be fetched {} ago, and is tried again after {} minutes",
            age_of(at, fetching.now),
            PATIENCE.as_mins()
        );
        return Ok(Checkout { outdated: Some(told(&why)), ..copy.checkout });
    }
    match anew(address, fetching, LONGEST_WITH_COPY) {
        Ok(checkout) => Ok(checkout),
        Err(error) => {
            if let Some(Err(error)) = store.map(|store| store.note_failure(address, fetching.now)) {
                (fetching.detail)(&format!("{error:#}"));
            }
            Ok(Checkout { outdated: Some(told(&format!("{error:#}"))), ..copy.checkout })
        }
    }
}

/// What is kept of an address.
struct KeptCopy {
    checkout: Checkout,
    at: Option<Timestamp>,
}

fn kept(store: &FetchStore, address: &Address) -> Option<KeptCopy> {
    let known = store.recall(address);
    let at = known.as_ref().and_then(|known| known.at);
    let commit = address.is_commit().map(String::from).or(known.map(|known| known.commit))?;
    // The whole, else the directory that was wanted, or the one that its file lies in.
    let mut parts = vec![String::new()];
    if store.is_partial(&commit) {
        let mut part = literal(&address.sub);
        while !part.is_empty() {
            parts.push(part.to_string());
            part = above(part);
        }
    }
    parts.into_iter().find_map(|part| {
        let root = store.of_commit(&commit, &part)?;
        let commit = commit.clone();
        Some(KeptCopy { checkout: Checkout { root, part, commit, outdated: None, _temporary: None }, at })
    })
}

fn anew(address: &Address, fetching: &Fetching<'_>, limit: Duration) -> Result<Checkout> {
    let wanted = Address { sub: literal(&address.sub).to_string(), ..address.clone() };
    let cloned = clone(&wanted, fetching, CloneOptions { limit, climbs: true })?;
    let (commit, part) = (cloned.commit, cloned.part.unwrap_or_default());
    let kept = fetching.store().and_then(|store| store.of_commit(&commit, &part));
    if let Some(root) = kept {
        return Ok(Checkout { root, part, commit, outdated: None, _temporary: None });
    }
    let temporary = files::temporary_directory(&fetching.temporary)?;
    let root = temporary.path().join("files");
    files::write_tree(&root, &cloned.tree).context("what was fetched cannot be written")?;
    Ok(Checkout { root, part, commit, outdated: None, _temporary: Some(temporary) })
}

/// The parts of a path before the first with a wildcard.
fn literal(path: &str) -> &str {
    match path.find(['*', '?', '{']) {
        Some(first) => path[..first].rsplit_once('/').map_or("", |(before, _)| before),
        None => path,
    }
}

fn above(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(above, _)| above)
}
