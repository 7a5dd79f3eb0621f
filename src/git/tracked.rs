//! A project in a git repository: what of it is committed, what is not, and what the repository still holds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use crate::files;
use crate::git::run::{GitCall, called, git};
use crate::outcome::advised;
use crate::tree::joined;

/// Files in git's directory that say that something is half done there.
const HALF_DONE: &[(&str, &str)] = &[
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase"),
];

/// The part of a repository that a project is.
#[derive(Debug)]
pub struct WorkTree {
    /// The project's directory.
    pub(in crate::git) directory: PathBuf,
    /// Where it lies below the root of the repository; empty where it is the root.
    prefix: String,
}

impl WorkTree {
    /// The work tree that a project lies in and is part of; none where there is none, or it ignores the project.
    pub fn of(directory: &Path) -> Result<Option<WorkTree>> {
        let found =
            called(&GitCall::new(directory, &["rev-parse", "--is-inside-work-tree", "--show-prefix"]));
        let said = match found {
            Ok(found) if found.code == 0 => String::from_utf8_lossy(&found.stdout).into_owned(),
            Ok(found) if has_repository(directory) => {
                let why = String::from_utf8_lossy(&found.stderr).into_owned();
                bail!("git does not read the repository of {}: {}", directory.display(), why.trim());
            }
            Err(error) if has_repository(directory) => return Err(error),
            _ => return Ok(None),
        };
        let mut lines = said.lines();
        if lines.next() != Some("true") {
            return Ok(None);
        }
        let prefix = lines.next().unwrap_or_default().trim_end_matches('/').to_string();
        let work_tree = WorkTree { directory: directory.to_path_buf(), prefix };
        let ignored = !work_tree.prefix.is_empty()
            && called(&GitCall::new(directory, &["check-ignore", "-q", "."]))
                .is_ok_and(|done| done.code == 0);
        Ok((!ignored).then_some(work_tree))
    }

    /// Whether git here can merge trees: since 2.38.
    pub fn can_merge(&self) -> Result<bool> {
        let said = git(&self.directory, &["version"])?;
        let numbers: Vec<u32> = said
            .split_whitespace()
            .nth(2)
            .unwrap_or_default()
            .split('.')
            .filter_map(|part| part.parse().ok())
            .collect();
        Ok(numbers.as_slice() >= [2, 38].as_slice())
    }

    pub(in crate::git) fn whole(&self, path: &str) -> String {
        joined(&self.prefix, path)
    }

    /// A path of the repository as one of the project; none where it lies elsewhere.
    pub(in crate::git) fn own(&self, whole: &str) -> Option<String> {
        match self.prefix.is_empty() {
            true => Some(whole.to_string()),
            false => whole.strip_prefix(&self.prefix)?.strip_prefix('/').map(String::from),
        }
    }

    /// Refuses a project of which the last commit does not hold this file as it is: nothing that is done could be taken back.
    pub fn needs_committed(&self, path: &str) -> Result<()> {
        let whole = format!("HEAD:{}", self.whole(path));
        let committed =
            called(&GitCall::new(&self.directory, &["rev-parse", "--quiet", "--verify", &whole]))?.code == 0;
        if committed && self.dirty([path].into_iter())?.is_empty() {
            return Ok(());
        }
        let what = if committed { "has changes that are not committed" } else { "is not committed" };
        let error = anyhow::anyhow!("{} {what}", self.directory.join(path).display());
        Err(advised(
            error,
            "commit it first: an update is laid over what is committed, so that it can be looked at and taken back",
        ))
    }

    /// Those of some paths that differ from the last commit, or stand there without being in it, ignored ones included.
    pub fn dirty<'a>(&self, paths: impl Iterator<Item = &'a str>) -> Result<BTreeSet<String>> {
        let paths: BTreeSet<&str> = paths.collect();
        if paths.is_empty() {
            return Ok(BTreeSet::new());
        }
        let words = [
            "status",
            "--porcelain=v1",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignored=matching",
            "--",
            ".",
        ];
        let said = self.printed(&words, None)?;
        let text = String::from_utf8_lossy(&said);
        let mut found = BTreeSet::new();
        for entry in text.split('\0').filter(|entry| entry.len() > 3) {
            let Some(path) = self.own(&entry[3..]) else { continue };
            match path.strip_suffix('/') {
                // A directory of which nothing is in the repository.
                Some(directory) => {
                    let inside = paths.iter().filter(|wanted| {
                        wanted.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
                    });
                    found.extend(
                        inside
                            .filter(|path| files::lies(&self.directory.join(path)))
                            .map(|path| path.to_string()),
                    );
                }
                None if paths.contains(path.as_str()) => _ = found.insert(path),
                None => {}
            }
        }
        Ok(found)
    }

    /// Refuses what only a tidy repository can take: nothing half done.
    pub fn needs_no_half_done(&self) -> Result<()> {
        for (name, what) in HALF_DONE {
            let path = git(&self.directory, &["rev-parse", "--git-path", name])?;
            if files::lies(&self.directory.join(path.trim_end_matches('\n'))) {
                let error =
                    anyhow::anyhow!("{what} is under way in the repository of {}", self.directory.display());
                return Err(advised(error, "`git status` says how it is finished or given up"));
            }
        }
        Ok(())
    }

    /// Refuses where something is staged: a cherry-pick needs the index for itself.
    pub fn needs_nothing_staged(&self) -> Result<()> {
        let done = called(&GitCall::new(&self.directory, &["diff", "--cached", "--quiet", "HEAD"]))?;
        if done.code == 0 {
            return Ok(());
        }
        let error = anyhow::anyhow!("changes are staged in the repository of {}", self.directory.display());
        Err(advised(error, "commit them first: an update that meets conflicts needs the index for itself"))
    }

    /// The content of git's objects that the repository has, by id.
    pub fn blobs(&self, oids: &BTreeSet<&str>) -> Result<BTreeMap<String, Vec<u8>>> {
        let plain = |oid: &&&str| oid.len() >= 40 && oid.chars().all(|c| c.is_ascii_hexdigit());
        let asked: String = oids.iter().filter(plain).map(|oid| format!("{oid}\n")).collect();
        let mut found = BTreeMap::new();
        if asked.is_empty() {
            return Ok(found);
        }
        let said = self.printed(&["cat-file", "--batch"], Some(asked.into_bytes()))?;
        let mut rest = said.as_slice();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let head = String::from_utf8_lossy(&rest[..end]).into_owned();
            rest = &rest[end + 1..];
            let words: Vec<&str> = head.split(' ').collect();
            let [oid, kind, size] = words.as_slice() else { continue };
            let Ok(size) = size.parse::<usize>() else { continue };
            ensure!(rest.len() > size, "git cat-file ended too early");
            if *kind == "blob" {
                found.insert(oid.to_string(), rest[..size].to_vec());
            }
            rest = &rest[size + 1..];
        }
        Ok(found)
    }

    pub(in crate::git) fn printed(&self, words: &[&str], input: Option<Vec<u8>>) -> Result<Vec<u8>> {
        let done = called(&GitCall { input, ..GitCall::new(&self.directory, words) })?;
        if done.code != 0 {
            bail!("git {}: {}", words[0], String::from_utf8_lossy(&done.stderr).trim());
        }
        Ok(done.stdout)
    }
}

/// Whether a directory lies in a repository, whatever git says of it.
fn has_repository(directory: &Path) -> bool {
    files::absolute(directory).ancestors().any(|above| files::lies(&above.join(".git")))
}
