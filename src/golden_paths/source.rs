//! What a template lies in, a repository or a directory: its steps may fetch any part of it, and nothing beyond.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Result, ensure};

use crate::files;
use crate::git::git;
use crate::tree::{Tree, TreeEntry, jailed};

const MOST_FILE: usize = 64 << 20;

/// Where the files around a template are.
#[derive(Clone, Debug)]
pub enum SourceRoot {
    /// In memory: a fetched repository, the binary, a demo fleet.
    Tree(Rc<Tree>),
    /// On the disk; read when a step asks.
    Directory(PathBuf),
}

/// The source of a template, and where in it the template's directory lies.
#[derive(Clone, Debug)]
pub struct TemplateSource {
    pub root: SourceRoot,
    /// From the root on; empty where the template's directory is all of it.
    pub base: String,
    /// The URL that git fetched it from.
    pub remote: Option<String>,
}

impl TemplateSource {
    /// The repository that it is a clone of, if it is one and says so.
    pub fn remote(&self) -> Option<String> {
        match (&self.remote, &self.root) {
            (Some(remote), _) => Some(remote.clone()),
            (None, SourceRoot::Directory(root)) if files::exists(&root.join(".git")) => {
                let url = git(root, &["config", "--get", "remote.origin.url"]).ok()?;
                Some(url.trim().to_string())
            }
            _ => None,
        }
    }

    /// The directory, or a file alone under its own name, at a path from the root on; none where nothing is.
    pub fn at(&self, path: &str) -> Result<Option<Tree>> {
        match &self.root {
            SourceRoot::Tree(tree) => Ok(match tree.get(path) {
                Some(entry @ TreeEntry::File { .. }) => Some(alone(path, entry.clone())?),
                _ => tree.subtree(path),
            }),
            SourceRoot::Directory(root) => on_disk(root, path),
        }
    }
}

fn alone(path: &str, entry: TreeEntry) -> Result<Tree> {
    let mut tree = Tree::default();
    tree.insert(path.rsplit('/').next().unwrap_or_default(), entry)?;
    Ok(tree)
}

fn on_disk(root: &Path, path: &str) -> Result<Option<Tree>> {
    let path = jailed("", path)?;
    let secret = |part: &str| part.eq_ignore_ascii_case(".git");
    ensure!(!path.split('/').any(secret), "'{path}' lies inside a git directory");
    let whole = root.join(&path);
    if !files::exists(&whole) {
        return Ok(None);
    }
    // A link on the way may lead anywhere.
    ensure!(
        files::identity(&whole).starts_with(files::identity(root)),
        "'{path}' leads out of {} by a symbolic link",
        root.display()
    );
    if files::is_dir(&whole) {
        return files::read_tree(&whole).map(Some);
    }
    let bytes = files::read_bytes(&whole, MOST_FILE)?;
    alone(&path, TreeEntry::File { bytes, executable: false }).map(Some)
}

/// The source of a directory on the disk: the git work tree that holds it; without one the directory `within`, if it lies there; else
/// it alone.
pub fn of_directory(directory: &Path, within: Option<&Path>) -> TemplateSource {
    let whole = files::identity(directory);
    let work_tree = whole.ancestors().find(|above| files::exists(&above.join(".git")));
    let within = within.map(files::identity).filter(|within| whole.starts_with(within));
    let root = work_tree.map(Path::to_path_buf).or(within).unwrap_or_else(|| whole.clone());
    let below = whole.strip_prefix(&root).unwrap_or(Path::new(""));
    let parts: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    TemplateSource { root: SourceRoot::Directory(root), base: parts.join("/"), remote: None }
}
