//! An update as git's own merge: two commits that no branch holds, brought together without touching the work tree; then laid into it, clean,
//! or as a cherry-pick that stops at its conflicts.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};

use crate::git::run::{GitCall, called, git};
use crate::git::tracked::WorkTree;
use crate::tree::{Tree, TreeEntry};

/// What a merge is done with, whatever the repository's settings: no file moves because others in its directory did, and a conflict
/// shows the line that both began from.
const MERGING: &[&str] =
    &["-c", "merge.directoryRenames=false", "-c", "merge.conflictStyle=zdiff3", "-c", "rerere.enabled=false"];
/// Commits of ours that stay in no branch have no person behind them.
const NOBODY: &[&str] =
    &["-c", "user.name=callboard", "-c", "user.email=callboard@localhost", "-c", "commit.gpgSign=false"];
/// What a merge came to.
#[derive(Debug)]
pub struct GitMerge {
    /// The commit that a cherry-pick takes.
    pub next: String,
    /// The tree of the repository, conflict markers included.
    tree: String,
    pub conflicts: Vec<GitConflict>,
    pub changes: Vec<GitChange>,
}

/// A path that git could not bring together; below the project's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitConflict {
    pub path: String,
    pub kind: GitConflictKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitConflictKind {
    Both,
    BothAdded,
    /// The project deleted what the golden path changed.
    DeletedHere,
    /// The golden path deleted what the project changed.
    DeletedThere,
}

/// What becomes of a path of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitChange {
    /// git's letter: A, D, M, R, T.
    pub letter: char,
    pub path: String,
    /// Of one that was moved: where it was.
    pub from: Option<String>,
}

/// Who a commit of an update is by, and what it says.
pub struct CommitWords {
    pub message: String,
    /// Seconds since 1970.
    pub time: i64,
}

impl WorkTree {
    /// Merges the way from `base` to `next` into the last commit, and touches nothing.
    pub fn merged(&self, base: &Tree, next: &Tree, words: &CommitWords) -> Result<GitMerge> {
        let names = ["base", "next"].map(|name| format!("refs/callboard/{}-{name}", std::process::id()));
        let imported = self.import(base, next, words, &names);
        let commits = imported.and_then(|()| {
            names
                .iter()
                .map(|name| Ok(git(&self.directory, &["rev-parse", name])?.trim().to_string()))
                .collect::<Result<Vec<String>>>()
        });
        // No name of ours stays, whatever comes.
        for name in &names {
            let _ = git(&self.directory, &["update-ref", "-d", name]);
        }
        let commits = commits?;
        let [base, next] = commits.as_slice() else { bail!("git made no commits") };
        // The last commit, as if it had come from the base: git merges from there.
        let commit = [NOBODY, &["commit-tree", "HEAD^{tree}", "-p", base, "-m", "ours"]].concat();
        let ours = git(&self.directory, &commit)?.trim().to_string();
        let merge = [MERGING, &["merge-tree", "--write-tree", "-z", "--no-messages", &ours, next]].concat();
        let done = called(&GitCall::new(&self.directory, &merge))?;
        ensure!(
            matches!(done.code, 0 | 1),
            "git merge-tree: {}",
            String::from_utf8_lossy(&done.stderr).trim()
        );
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        let mut parts = text.split('\0').filter(|part| !part.is_empty());
        let tree = parts.next().context("git merge-tree names no tree")?.trim().to_string();
        let conflicts = self.conflicts(parts);
        ensure!(done.code == 0 || !conflicts.is_empty(), "git merge-tree names no conflict");
        let changes = self.changes(&tree)?;
        Ok(GitMerge { next: next.clone(), tree, conflicts, changes })
    }

    /// Both sides as commits, one after the other.
    fn import(&self, base: &Tree, next: &Tree, words: &CommitWords, names: &[String; 2]) -> Result<()> {
        let mut stream = b"feature done\n".to_vec();
        let author = git(&self.directory, &["var", "GIT_AUTHOR_IDENT"]).ok();
        // `Name <e-mail> time zone`, without the time.
        let author = author.and_then(|text| Some(text.trim().rsplit_once('>')?.0.to_string() + ">"));
        let author = author
            .filter(|author| author.contains('<'))
            .unwrap_or_else(|| "callboard <callboard@localhost>".into());
        self.commit(
            &mut stream,
            (&names[0], None),
            "callboard <callboard@localhost> 0 +0000",
            "what the golden path wrote",
            base,
        );
        self.commit(
            &mut stream,
            (&names[1], Some(&names[0])),
            &format!("{author} {} +0000", words.time),
            &words.message,
            next,
        );
        stream.extend_from_slice(b"done\n");
        self.printed(&["fast-import", "--quiet", "--done", "--date-format=raw", "--force"], Some(stream))
            .map(drop)
    }

    fn commit(
        &self,
        stream: &mut Vec<u8>,
        (name, from): (&str, Option<&str>),
        who: &str,
        message: &str,
        tree: &Tree,
    ) {
        let head = format!("commit {name}\ncommitter {who}\ndata {}\n{message}\n", message.len());
        stream.extend_from_slice(head.as_bytes());
        if let Some(from) = from {
            stream.extend_from_slice(format!("from {from}\n").as_bytes());
        }
        stream.extend_from_slice(b"deleteall\n");
        for (path, entry) in tree.iter() {
            let (mode, bytes): (&str, &[u8]) = match entry {
                TreeEntry::File { bytes, executable: false } => ("100644", bytes),
                TreeEntry::File { bytes, executable: true } => ("100755", bytes),
                TreeEntry::Link { target } => ("120000", target.as_bytes()),
                TreeEntry::Directory => continue,
            };
            stream.extend_from_slice(
                format!("M {mode} inline {}\ndata {}\n", quoted(&self.whole(path)), bytes.len()).as_bytes(),
            );
            stream.extend_from_slice(bytes);
            stream.push(b'\n');
        }
        stream.push(b'\n');
    }

    /// `<mode> <id> <stage>\t<path>` for each side of each path.
    fn conflicts<'a>(&self, entries: impl Iterator<Item = &'a str>) -> Vec<GitConflict> {
        let mut stages: BTreeMap<String, BTreeSet<char>> = BTreeMap::new();
        for entry in entries {
            let Some((head, path)) = entry.split_once('\t') else { continue };
            let path = self.own(path).unwrap_or_else(|| path.to_string());
            stages.entry(path).or_default().extend(head.chars().last());
        }
        let kind = |stages: BTreeSet<char>| match stages.iter().collect::<String>().as_str() {
            "23" => GitConflictKind::BothAdded,
            "13" => GitConflictKind::DeletedHere,
            "12" => GitConflictKind::DeletedThere,
            _ => GitConflictKind::Both,
        };
        stages.into_iter().map(|(path, stages)| GitConflict { path, kind: kind(stages) }).collect()
    }

    fn changes(&self, tree: &str) -> Result<Vec<GitChange>> {
        let said = self.printed(&["diff-tree", "-r", "-z", "-M", "--name-status", "HEAD", tree], None)?;
        let text = String::from_utf8_lossy(&said).into_owned();
        let mut parts = text.split('\0');
        let mut found = Vec::new();
        while let Some(letter) = parts.next().and_then(|word| word.chars().next()) {
            let moved = letter == 'R';
            let first = parts
                .next()
                .map(|path| self.own(path).unwrap_or_else(|| path.to_string()))
                .unwrap_or_default();
            let (from, path) = match moved {
                true => (
                    Some(first),
                    parts
                        .next()
                        .map(|path| self.own(path).unwrap_or_else(|| path.to_string()))
                        .unwrap_or_default(),
                ),
                false => (None, first),
            };
            found.push(GitChange { letter, path, from });
        }
        Ok(found)
    }

    /// The merge as a patch to what is committed, without a file.
    pub fn patch(&self, merge: &GitMerge, without: &str) -> Result<String> {
        let left = format!(":(top,exclude,literal){}", self.whole(without));
        let words = [
            "diff",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "-M",
            "HEAD",
            &merge.tree,
            "--",
            ":(top)",
            &left,
        ];
        Ok(String::from_utf8_lossy(&self.printed(&words, None)?).into_owned())
    }

    /// Lays a clean merge into the work tree and the index, uncommitted. git refuses where it would meet a change that is not committed.
    pub fn apply(&self, merge: &GitMerge) -> Result<()> {
        self.printed(&["read-tree", "-m", "-u", "HEAD", &merge.tree], None).map(drop)
    }

    /// Takes the golden path's commit as a cherry-pick, which stops at its conflicts: they are git's own, and `--abort` takes all of it
    /// back. Whether it stopped.
    pub fn pick(&self, merge: &GitMerge) -> Result<bool> {
        let words = [MERGING, NOBODY, &["-c", "core.editor=true", "cherry-pick", &merge.next]].concat();
        let done = called(&GitCall::new(&self.directory, &words))?;
        if done.code == 0 {
            return Ok(false);
        }
        let picking = git(&self.directory, &["rev-parse", "--quiet", "--verify", "CHERRY_PICK_HEAD"]).is_ok();
        ensure!(picking, "git cherry-pick: {}", String::from_utf8_lossy(&done.stderr).trim());
        Ok(true)
    }
}

/// A path as fast-import reads it.
fn quoted(path: &str) -> String {
    let mut text = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            b' '..=b'~' => text.push(char::from(byte)),
            other => text.push_str(&format!("\\{other:03o}")),
        }
    }
    text + "\""
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn paths_are_quoted_as_git_reads_them() {
        assert_eq!(quoted("a b/c"), "\"a b/c\"");
        assert_eq!(quoted("\"\\\n"), "\"\\\"\\\\\\012\"");
        assert_eq!(quoted("é"), "\"\\303\\251\"");
    }
}
