//! A git repository made of a part of the project: its first commit holds what lay there when the step ran that publishes it.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::app::App;
use crate::files;
use crate::git::git;
use crate::golden_paths::make::Project;
use crate::scaffold::actions::{Effect, Publish};
use crate::tree::Tree;

const MOST: usize = 1 << 20;

/// `in gitops on main, origin https://...`; nothing is committed yet.
pub fn made(directory: &Path, publish: &Publish, project: &Project, app: &App) -> Result<String> {
    let place = directory.join(&publish.directory);
    ensure!(!files::exists(&place.join(".git")), "{} is one already", place.display());
    let branch = format!("--initial-branch={}", publish.branch);
    git(&place, &["init", "--quiet", &branch])?;
    git(&place, &["remote", "add", "origin", "--", &publish.remote])
        .or_else(|_| git(&place, &["remote", "add", "origin", &publish.remote]))?;
    let apart = repositories_inside(publish, project);
    exclude(&place, &apart)?;
    let mut now = project.tree.subtree(&publish.directory).unwrap_or_default();
    apart.iter().for_each(|inside| _ = now.remove(inside));
    match same_files(&now, &publish.tree) {
        true => git(&place, &["add", "--all"]).map(drop)?,
        false => stage(&place, &publish.tree, app)?,
    }
    let within =
        if publish.directory.is_empty() { String::new() } else { format!("in {} ", publish.directory) };
    Ok(format!("{within}on {}, origin {}", publish.branch, publish.remote))
}

/// As whoever git says the person is; without a name nothing is committed.
pub fn commit(place: &Path, publish: &Publish) -> Result<String> {
    git(place, &["commit", "--quiet", "--message", &publish.message])
}

/// Directories inside that become repositories of their own, and of which this one holds nothing.
fn repositories_inside(publish: &Publish, project: &Project) -> Vec<String> {
    let others = project.effects.iter().filter_map(|effect| match effect {
        Effect::Publish(other) if other.pull.is_none() && other != publish => Some(other.directory.as_str()),
        _ => None,
    });
    let inside = others.filter_map(|other| match publish.directory.is_empty() {
        true => Some(other),
        false => other.strip_prefix(&publish.directory)?.strip_prefix('/'),
    });
    inside.filter(|inside| !inside.is_empty() && !publish.tree.exists(inside)).map(String::from).collect()
}

/// Keeps directories out of what `git add` takes.
fn exclude(place: &Path, apart: &[String]) -> Result<()> {
    if apart.is_empty() {
        return Ok(());
    }
    let file = place.join(".git/info/exclude");
    files::create_dir(&place.join(".git/info"))?;
    let before = files::read_text_if_exists(&file, MOST)?.unwrap_or_default();
    let lines: String = apart.iter().map(|inside| format!("/{inside}/\n")).collect();
    files::replace(&file, format!("{before}{lines}").as_bytes(), None)
}

/// Whether two trees hold the same files; git knows no empty directories.
fn same_files(left: &Tree, right: &Tree) -> bool {
    let files = |tree: &Tree| -> Vec<_> {
        let entries = tree.iter().filter(|(_, entry)| **entry != crate::tree::TreeEntry::Directory);
        entries.map(|(path, entry)| (path.to_string(), entry.clone())).collect()
    };
    files(left) == files(right)
}

/// Stages files that are not, or no longer, what lies in the directory.
fn stage(place: &Path, tree: &Tree, app: &App) -> Result<()> {
    let temporary = files::temporary_directory(app.env.temporary())?;
    let work = temporary.path().join("work");
    files::write_tree(&work, tree)?;
    let git_directory = format!("--git-dir={}", files::absolute(&place.join(".git")).display());
    let work_tree = format!("--work-tree={}", work.display());
    git(&work, &[&git_directory, &work_tree, "add", "--all"]).map(drop)
}
