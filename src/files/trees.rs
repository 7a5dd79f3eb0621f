//! Whole trees of files: read into memory, and written so that a failure leaves nothing behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::files::fresh::{is_executable, write_fresh};
use crate::files::listing::plainly_listed;
use crate::files::merging::merge_tree;
use crate::files::own::Unfinished;
use crate::files::writing::temporary_beside;
use crate::tree::{Tree, TreeEntry, joined};

/// Bounds of what is read: a wrong path (`/`) ends soon.
const DEEPEST: usize = 64;
const MOST_ENTRIES: usize = 50_000;
const MOST_BYTES: usize = 256 << 20;

/// Reads a directory with all it holds, but for `.git`. Links are kept as links; one that points out of the directory is an error
/// that names it, as is what is neither file, link nor directory.
pub fn read_tree(directory: &Path) -> Result<Tree> {
    let mut tree = Tree::default();
    let mut bytes = 0;
    read_below(directory, "", 0, &mut tree, &mut bytes)?;
    Ok(tree)
}

fn read_below(root: &Path, below: &str, depth: usize, tree: &mut Tree, bytes: &mut usize) -> Result<()> {
    let directory = root.join(below);
    if depth > DEEPEST {
        bail!("{} is deeper than {DEEPEST} directories", directory.display());
    }
    let names = plainly_listed(&directory)?;
    let is_git = |name: &str| name == ".git";
    if names.is_empty() && !below.is_empty() {
        tree.insert(below, TreeEntry::Directory)?;
    }
    for name in names.iter().filter(|name| !is_git(name)) {
        let path = joined(below, name);
        let full = root.join(&path);
        let metadata = fs::symlink_metadata(&full).with_context(|| format!("{}", full.display()))?;
        if metadata.is_dir() {
            read_below(root, &path, depth + 1, tree, bytes)?;
            continue;
        }
        let entry = if metadata.is_symlink() {
            let target = fs::read_link(&full).with_context(|| format!("{}", full.display()))?;
            TreeEntry::Link { target: target.to_string_lossy().into_owned() }
        } else if metadata.is_file() {
            let content = crate::files::read_bytes(&full, MOST_BYTES - *bytes)?;
            *bytes += content.len();
            TreeEntry::File { bytes: content, executable: is_executable(&metadata) }
        } else {
            bail!("{} is neither a file nor a directory", full.display());
        };
        tree.insert(&path, entry).with_context(|| format!("in {}", root.display()))?;
        if tree.len() > MOST_ENTRIES {
            bail!("{} holds more than {MOST_ENTRIES} files", root.display());
        }
    }
    Ok(())
}

/// A directory of our own that is gone when this is dropped, or when the process is ended before.
pub struct Temporary {
    path: PathBuf,
    _unfinished: Unfinished,
}

impl Temporary {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes one below the system's directory for temporary files, for nobody else to read or prepare.
pub fn temporary_directory(below: &Path) -> Result<Temporary> {
    let process = std::process::id();
    for number in 0..1000 {
        let path = below.join(format!("callboard-{process}-{number}"));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // Only what did not exist is taken: a name that somebody prepared is passed over.
        match builder.create(&path) {
            Ok(()) => return Ok(Temporary { _unfinished: Unfinished::new(&path), path }),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("no directory can be made in {}", below.display()));
            }
        }
    }
    bail!("no directory can be made in {}", below.display())
}

/// What keeps a tree from being written into a directory: paths of it where something stands, and links on the way to them.
/// A directory that does not exist or is empty keeps nothing.
pub fn obstacles(directory: &Path, tree: &Tree) -> Vec<String> {
    let stands = |path: &str| fs::symlink_metadata(directory.join(path)).ok();
    let mut found = Vec::new();
    for parent in tree.directories() {
        if stands(&parent).is_some_and(|metadata| !metadata.is_dir()) {
            found.push(parent);
        }
    }
    for (path, entry) in tree.iter() {
        match stands(path) {
            Some(metadata) if *entry == TreeEntry::Directory && metadata.is_dir() => {}
            Some(_) => found.push(path.to_string()),
            None => {}
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Writes a tree into a directory, in which no path of the tree may stand yet; the directory and those above it are made. It is
/// written beside (or, where the directory exists, inside) under another name and renamed then: a failure leaves nothing.
pub fn write_tree(directory: &Path, tree: &Tree) -> Result<()> {
    let told = || format!("{} cannot be written", directory.display());
    if fs::symlink_metadata(directory).is_ok() {
        if let Some(path) = obstacles(directory, tree).first() {
            return Err(anyhow::anyhow!("{path} is there already")).with_context(told);
        }
        return merge_tree(directory, tree, &BTreeMap::new());
    }
    let absolute = std::path::absolute(directory).with_context(told)?;
    let made = make_parents(&absolute).with_context(told)?;
    let temporary = temporary_beside(&absolute)?;
    let unfinished = Unfinished::new(&temporary);
    let written = write_fresh(&temporary, tree).and_then(|()| Ok(fs::rename(&temporary, &absolute)?));
    if written.is_ok() {
        unfinished.finished();
    } else {
        drop(unfinished);
        made.iter().rev().for_each(|parent| drop(fs::remove_dir(parent)));
    }
    written.with_context(told)
}

/// Puts a tree in the place of a directory, which is gone only once the new one is whole. A link in its place is an error.
pub fn replace_tree(directory: &Path, tree: &Tree) -> Result<()> {
    match fs::symlink_metadata(directory) {
        Err(_) => return write_tree(directory, tree),
        Ok(metadata) if !metadata.is_dir() => bail!("{} is no directory", directory.display()),
        Ok(_) => {}
    }
    let told = || format!("{} cannot be replaced", directory.display());
    let absolute = std::path::absolute(directory).with_context(told)?;
    let fresh = temporary_beside(&absolute)?;
    let unfinished = Unfinished::new(&fresh);
    write_fresh(&fresh, tree).with_context(told)?;
    let old = temporary_beside(&absolute)?;
    fs::rename(&absolute, &old).with_context(told)?;
    if let Err(error) = fs::rename(&fresh, &absolute) {
        let _ = fs::rename(&old, &absolute);
        return Err(error).with_context(told);
    }
    unfinished.finished();
    fs::remove_dir_all(&old).with_context(|| format!("{} cannot be removed", old.display()))
}

/// Makes the directories above a path; returns those that were not there, outermost first.
fn make_parents(path: &Path) -> Result<Vec<PathBuf>> {
    let missing: Vec<PathBuf> = path
        .ancestors()
        .skip(1)
        .take_while(|above| fs::symlink_metadata(above).is_err())
        .map(Path::to_path_buf)
        .collect();
    let mut made = Vec::new();
    for parent in missing.into_iter().rev() {
        if let Err(error) = fs::create_dir(&parent) {
            made.iter().rev().for_each(|parent: &PathBuf| drop(fs::remove_dir(parent)));
            return Err(error.into());
        }
        made.push(parent);
    }
    Ok(made)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{obstacles, read_tree, replace_tree, write_tree};
    use crate::tree::{Tree, TreeEntry};

    fn tree() -> Tree {
        let mut tree = Tree::default();
        let run = TreeEntry::File { bytes: b"#!".to_vec(), executable: true };
        for (path, entry) in [
            ("a/b/run.sh", run),
            ("a/readme", TreeEntry::text("hello")),
            ("empty", TreeEntry::Directory),
            ("link", TreeEntry::Link { target: "a/readme".into() }),
        ] {
            tree.insert(path, entry).expect("fits");
        }
        tree
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("x/y");
        write_tree(&target, &tree()).expect("written");
        assert_eq!(read_tree(&target).expect("read"), tree());
        let names: Vec<_> = fs::read_dir(folder.path().join("x")).expect("listed").collect();
        assert_eq!(names.len(), 1, "nothing else is left");
    }

    #[test]
    fn many_files_are_synced_at_once_and_all_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut many = tree();
        for number in 0..200 {
            let run = TreeEntry::File { bytes: vec![b'x'; number], executable: number % 2 == 0 };
            many.insert(&format!("many/{number}"), run).expect("fits");
        }
        let (fresh, merged) = (folder.path().join("fresh"), folder.path().join("merged"));
        write_tree(&fresh, &many).expect("written");
        assert_eq!(read_tree(&fresh).expect("read"), many);
        fs::create_dir(&merged).expect("made");
        write_tree(&merged, &many).expect("written");
        assert_eq!(read_tree(&merged).expect("read"), many);
    }

    #[test]
    fn a_directory_with_other_files_is_added_to_and_one_with_the_same_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("a")).expect("made");
        fs::write(folder.path().join("a/mine"), "mine").expect("written");
        write_tree(folder.path(), &tree()).expect("written");
        assert_eq!(fs::read_to_string(folder.path().join("link")).expect("read"), "hello");
        let before = read_tree(folder.path()).expect("read");
        assert_eq!(obstacles(folder.path(), &tree()), ["a/b/run.sh", "a/readme", "link"]);
        assert!(write_tree(folder.path(), &tree()).is_err());
        assert_eq!(read_tree(folder.path()).expect("read"), before, "nothing changed");
    }

    #[test]
    fn nothing_is_written_through_a_link_on_the_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let (target, outside) = (folder.path().join("target"), folder.path().join("outside"));
        fs::create_dir(&target).expect("made");
        fs::create_dir(&outside).expect("made");
        std::os::unix::fs::symlink(&outside, target.join("a")).expect("linked");
        assert_eq!(obstacles(&target, &tree()), ["a", "a/b/run.sh", "a/readme"][..1]);
        assert!(write_tree(&target, &tree()).is_err());
        assert_eq!(fs::read_dir(&outside).expect("listed").count(), 0);
    }

    #[test]
    fn a_directory_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("golden");
        fs::create_dir(&target).expect("made");
        fs::write(target.join("old"), "old").expect("written");
        replace_tree(&target, &tree()).expect("replaced");
        assert_eq!(read_tree(&target).expect("read"), tree());
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1, "nothing else is left");
        let file = folder.path().join("file");
        fs::write(&file, "mine").expect("written");
        assert!(replace_tree(&file, &tree()).is_err());
        assert_eq!(fs::read_to_string(&file).expect("read"), "mine");
    }

    #[test]
    fn a_failure_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let locked = folder.path().join("locked");
        fs::create_dir(&locked).expect("made");
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o500)).expect("locked");
        if fs::write(locked.join("probe"), "").is_ok() {
            return; // root may write everywhere
        }
        assert!(write_tree(&locked.join("x"), &tree()).is_err());
        assert_eq!(fs::read_dir(&locked).expect("listed").count(), 0);
    }
}
