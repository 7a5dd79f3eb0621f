//! Files of a directory changed, added and taken away, all together or not at all.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::files::entries::entry;
use crate::files::fresh::write_fresh;
use crate::files::merging::Moves;
use crate::files::writing::temporary_beside;
use crate::tree::Tree;

/// What is to become of a directory.
#[derive(Debug, Default)]
pub struct TreeChanges {
    pub written: Tree,
    pub removed: BTreeSet<String>,
    /// What must still stand at the paths of both; where it has nothing, nothing may.
    pub before: Tree,
}

/// Carries the changes out. If anything is otherwise than it was, or a move fails, all stays as it was.
pub fn change_tree(directory: &Path, changes: &TreeChanges) -> Result<()> {
    let told = || format!("{} cannot be written", directory.display());
    for path in changes.written.iter().map(|(path, _)| path).chain(changes.removed.iter().map(String::as_str))
    {
        let same = entry(directory, path)?.as_ref() == changes.before.get(path);
        ensure!(same, "{path} was changed meanwhile; nothing was written");
    }
    let temporary = temporary_beside(&directory.join("callboard-new"))?;
    let mut moves = Moves::through(&temporary);
    let fresh = temporary.join("new");
    let prepared = fs::create_dir(&temporary)
        .and_then(|()| fs::create_dir(temporary.join("kept")))
        .map_err(anyhow::Error::from)
        .and_then(|()| write_fresh(&fresh, &changes.written));
    let done = prepared.and_then(|()| {
        for path in &changes.removed {
            safe_way(directory, path)?;
            moves.aside(&directory.join(path)).with_context(|| path.clone())?;
        }
        moves.all(&fresh, directory, &changes.written, &|path| changes.before.get(path).is_some())
    });
    if done.is_err() {
        moves.take_back();
    }
    let _ = fs::remove_dir_all(&temporary);
    done.with_context(told)?;
    // What held nothing else goes too, as with git.
    for path in &changes.removed {
        let mut above = path.as_str();
        while let Some((parent, _)) = above.rsplit_once('/') {
            if fs::remove_dir(directory.join(parent)).is_err() {
                break;
            }
            above = parent;
        }
    }
    Ok(())
}

/// Refuses a path that runs through a link.
fn safe_way(directory: &Path, path: &str) -> Result<()> {
    for (slash, _) in path.match_indices('/') {
        if !fs::symlink_metadata(directory.join(&path[..slash])).is_ok_and(|metadata| metadata.is_dir()) {
            bail!("{} is no directory", &path[..slash]);
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::{TreeChanges, change_tree};
    use crate::files::read_tree;
    use crate::tree::{Tree, TreeEntry};

    fn tree(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        files.iter().for_each(|(path, text)| tree.insert(path, TreeEntry::text(*text)).expect("fits"));
        tree
    }

    #[test]
    fn all_is_done_or_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        crate::files::write_tree(&root.join("p"), &tree(&[("a", "1"), ("d/e/f", "2"), ("mine", "m")]))
            .expect("written");
        let project = root.join("p");
        let removed = BTreeSet::from(["d/e/f".to_string()]);
        let changes = |before: Tree, written: Tree| TreeChanges { written, removed: removed.clone(), before };
        // Somebody changed it meanwhile, and something stands where nothing should.
        let other = changes(tree(&[("a", "0"), ("d/e/f", "2")]), tree(&[("a", "new")]));
        assert!(change_tree(&project, &other).is_err());
        let there = changes(tree(&[("d/e/f", "2")]), tree(&[("mine", "new")]));
        assert!(change_tree(&project, &there).is_err());
        // A directory stands in the way of the last one.
        fs::create_dir(project.join("z")).expect("made");
        let late = changes(tree(&[("a", "1"), ("d/e/f", "2")]), tree(&[("a", "new"), ("z", "new")]));
        assert!(change_tree(&project, &late).is_err());
        fs::remove_dir(project.join("z")).expect("gone");
        assert_eq!(read_tree(&project).expect("read"), tree(&[("a", "1"), ("d/e/f", "2"), ("mine", "m")]));
        let good = changes(tree(&[("a", "1"), ("d/e/f", "2")]), tree(&[("a", "new"), ("n/b", "3")]));
        change_tree(&project, &good).expect("changed");
        assert_eq!(read_tree(&project).expect("read"), tree(&[("a", "new"), ("n/b", "3"), ("mine", "m")]));
        assert!(!project.join("d").exists() && fs::read_dir(&project).expect("listed").count() == 3);
    }
}
