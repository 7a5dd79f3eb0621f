//! What writing a project comes to where files stand already: which are new, the same, different, or not to be touched.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use crate::files::{self, PathStanding};
use crate::golden_paths::make::Project;
use crate::outcome::advised;
use crate::scaffold::lock::{self, Lock};
use crate::text::count;
use crate::tree::{Tree, TreeEntry};

const MOST_LOCK: usize = 4 << 20;

/// What becomes of one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathAction {
    Added,
    /// It differs, and the template's content takes its place.
    Replaced,
    /// It differs, and stays as it is.
    Kept,
    Unchanged,
}

pub struct WritePlan {
    pub actions: BTreeMap<String, PathAction>,
    /// What stands where files differ.
    pub before: BTreeMap<String, Vec<u8>>,
}

impl WritePlan {
    /// Compares a project with its directory. What can never be replaced is an error that names it all.
    pub fn of(directory: &Path, project: &Project) -> Result<WritePlan> {
        if files::exists(directory) && !files::is_dir(directory) {
            anyhow::bail!("{} is a file", directory.display());
        }
        let mut plan = WritePlan { actions: BTreeMap::new(), before: BTreeMap::new() };
        let mut in_the_way = Vec::new();
        for (path, standing) in files::standing(directory, &project.tree)? {
            let action = match standing {
                PathStanding::Free => PathAction::Added,
                PathStanding::Same => PathAction::Unchanged,
                PathStanding::Differs { before } => {
                    plan.before.insert(path.clone(), before);
                    PathAction::Kept
                }
                PathStanding::InTheWay { what } => {
                    in_the_way.push(format!("{path} ({what})"));
                    continue;
                }
            };
            plan.actions.insert(path, action);
        }
        if in_the_way.is_empty() {
            return Ok(plan);
        }
        let error = anyhow::anyhow!(
            "{} is not empty, and nothing takes the place of {}",
            directory.display(),
            listed(&in_the_way)
        );
        Err(advised(error, "nothing was written; name another directory, or move these away"))
    }

    /// Refuses files that the file system there would take for one.
    pub fn refuse_collisions(directory: &Path, tree: &Tree) -> Result<()> {
        let Some((first, second)) = tree.collisions().into_iter().next() else { return Ok(()) };
        if !files::ignores_case(directory) {
            return Ok(());
        }
        let error = anyhow::anyhow!(
            "'{first}' and '{second}' are one file on this file system, where case, or how an accent is written, does not count"
        );
        Err(advised(error, "nothing was written; a directory on another file system takes both"))
    }

    /// Paths whose content differs and about which nobody has decided, in order.
    pub fn differing(&self) -> Vec<String> {
        let open = self.actions.iter().filter(|(_, action)| **action == PathAction::Kept);
        open.map(|(path, _)| path.clone()).collect()
    }

    pub fn number(&self, wanted: PathAction) -> usize {
        self.actions.values().filter(|action| **action == wanted).count()
    }

    pub fn decide(&mut self, path: &str, action: PathAction) {
        self.actions.insert(path.to_string(), action);
    }

    /// Where nobody can be asked.
    pub fn refuse(&self, directory: &Path) -> anyhow::Error {
        let differing = self.differing();
        let (new, same) = (self.number(PathAction::Added), self.number(PathAction::Unchanged));
        let error = anyhow::anyhow!(
            "{} is not empty, and {} of the golden path would change what is there: {} ({new} would be new, {same} are the same)",
            directory.display(),
            count(differing.len(), "file"),
            listed(&differing)
        );
        let hint = "nothing was written; on a terminal each is shown and asked about, --dry-run shows them here; or name another directory";
        advised(error, hint)
    }

    /// Writes what is new or replaced, whole or not at all.
    pub fn carry_out(&self, directory: &Path, tree: &Tree) -> Result<()> {
        if !files::exists(directory) {
            return files::write_tree(directory, tree);
        }
        let mut wanted = Tree::default();
        for (path, entry) in tree.iter() {
            if matches!(self.actions.get(path), Some(PathAction::Added | PathAction::Replaced)) {
                wanted.insert(path, entry.clone())?;
            }
        }
        let replaced =
            self.before.iter().filter(|(path, _)| self.actions.get(*path) == Some(&PathAction::Replaced));
        files::merge_tree(
            directory,
            &wanted,
            &replaced.map(|(path, bytes)| (path.clone(), bytes.clone())).collect(),
        )
    }
}

/// A project that has a lock keeps the layers of other templates; that of the same template is written anew. Such a lock is nobody's
/// text, so nobody is asked about it.
pub fn keep_layers(directory: &Path, project: &mut Project) -> Result<bool> {
    let Some(text) = files::read_text_if_exists(&directory.join(lock::PATH), MOST_LOCK).ok().flatten() else {
        return Ok(false);
    };
    let made = project.tree.bytes(lock::PATH).map(String::from_utf8_lossy).unwrap_or_default();
    let (Ok(mut lock), Ok(made)) = (Lock::read(lock::PATH, &text), Lock::read(lock::PATH, &made)) else {
        return Ok(false);
    };
    for layer in made.layers {
        match lock.layers.iter_mut().find(|known| known.id == layer.id && known.path == layer.path) {
            Some(known) => *known = layer,
            None => lock.layers.push(layer),
        }
    }
    project.tree.insert(lock::PATH, TreeEntry::text(lock.to_text()))?;
    Ok(true)
}

fn listed(paths: &[String]) -> String {
    let shown = paths.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
    match paths.len().checked_sub(12).filter(|more| *more > 0) {
        Some(more) => format!("{shown} and {more} more"),
        None => shown,
    }
}
