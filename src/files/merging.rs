//! A tree and the directory it is to be written into: what stands there already, and both made one, whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::files::fresh::{is_executable, write_fresh};
use crate::files::writing::temporary_beside;
use crate::tree::{Tree, TreeEntry};

const MOST: usize = 64 << 20;

/// What stands where a path of a tree would be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStanding {
    Free,
    /// The very same.
    Same,
    /// A file with another content, or one that is to become executable.
    Differs {
        before: Vec<u8>,
    },
    /// What is never replaced: a link, a directory, a device; `what` says so.
    InTheWay {
        what: &'static str,
    },
}

/// What stands at each path of a tree, and at the directories on the way where something else does. A directory that does not exist
/// has everything free.
pub fn standing(directory: &Path, tree: &Tree) -> Result<BTreeMap<String, PathStanding>> {
    let mut found = BTreeMap::new();
    let mut in_the_way: BTreeSet<String> = BTreeSet::new();
    for parent in tree.directories() {
        if let Ok(metadata) = fs::symlink_metadata(directory.join(&parent))
            && !metadata.is_dir()
        {
            in_the_way.insert(parent.clone());
            found.insert(parent, PathStanding::InTheWay { what: kind(&metadata) });
        }
    }
    for (path, entry) in tree.iter() {
        // What lies behind a link on the way is not looked at.
        let mut above = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        if !above.any(|directory| in_the_way.contains(directory)) {
            found.insert(path.to_string(), standing_of(&directory.join(path), entry)?);
        }
    }
    Ok(found)
}

fn standing_of(path: &Path, entry: &TreeEntry) -> Result<PathStanding> {
    let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(PathStanding::Free) };
    Ok(match entry {
        TreeEntry::Directory if metadata.is_dir() => PathStanding::Same,
        TreeEntry::Link { target } if metadata.is_symlink() => {
            match fs::read_link(path).is_ok_and(|found| found == Path::new(target)) {
                true => PathStanding::Same,
                false => PathStanding::InTheWay { what: kind(&metadata) },
            }
        }
        TreeEntry::File { bytes, executable } if metadata.is_file() => {
            let before = crate::files::read_bytes(path, MOST)?;
            let same = before == *bytes && (is_executable(&metadata) || !executable);
            if same { PathStanding::Same } else { PathStanding::Differs { before } }
        }
        _ => PathStanding::InTheWay { what: kind(&metadata) },
    })
}

fn kind(metadata: &fs::Metadata) -> &'static str {
    if metadata.is_symlink() {
        "a symbolic link"
    } else if metadata.is_dir() {
        "a directory"
    } else if metadata.is_file() {
        "a file"
    } else {
        "no file"
    }
}

/// Writes a tree into a directory that exists. Files stand in `replaced` with the content they must still have: only these are replaced,
/// and keep their permissions. Everything is written below a temporary directory inside the target and moved then; if a move
/// fails, those before it are taken back.
pub fn merge_tree(directory: &Path, tree: &Tree, replaced: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let told = || format!("{} cannot be written", directory.display());
    for (path, before) in replaced {
        let now = crate::files::read_bytes(&directory.join(path), MOST).with_context(told)?;
        anyhow::ensure!(now == *before, "{path} was changed meanwhile; nothing was written");
    }
    let temporary = temporary_beside(&directory.join("callboard-new"))?;
    let mut moves = Moves::through(&temporary);
    let fresh = temporary.join("new");
    let prepared = fs::create_dir(&temporary)
        .and_then(|()| fs::create_dir(&moves.kept))
        .map_err(anyhow::Error::from)
        .and_then(|()| write_fresh(&fresh, tree));
    let done =
        prepared.and_then(|()| moves.all(&fresh, directory, tree, &|path| replaced.contains_key(path)));
    if done.is_err() {
        moves.take_back();
    }
    let _ = fs::remove_dir_all(&temporary);
    done.with_context(told)
}

/// What was moved so far, so that it can be taken back.
pub(in crate::files) struct Moves {
    /// Where the files that are replaced wait.
    kept: PathBuf,
    done: Vec<Moved>,
}

enum Moved {
    New(PathBuf),
    Aside { from: PathBuf, to: PathBuf },
}

impl Moves {
    /// Nothing yet; what is replaced will wait below a temporary directory.
    pub fn through(temporary: &Path) -> Moves {
        Moves { kept: temporary.join("kept"), done: Vec::new() }
    }

    pub fn all(
        &mut self,
        from: &Path,
        to: &Path,
        tree: &Tree,
        is_replaced: &dyn Fn(&str) -> bool,
    ) -> Result<()> {
        let empty = tree
            .iter()
            .filter(|(_, entry)| **entry == TreeEntry::Directory)
            .map(|(path, _)| path.to_string());
        for directory in tree.directories().into_iter().chain(empty) {
            let path = to.join(&directory);
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => bail!("{directory} is no directory"),
                Err(_) => {
                    fs::create_dir(&path).with_context(|| directory.clone())?;
                    self.done.push(Moved::New(path));
                }
            }
        }
        for (path, _) in tree.iter().filter(|(_, entry)| **entry != TreeEntry::Directory) {
            let (source, target) = (from.join(path), to.join(path));
            if is_replaced(path) {
                keep_permissions(&target, &source).with_context(|| path.to_string())?;
                self.aside(&target).with_context(|| path.to_string())?;
            } else if fs::symlink_metadata(&target).is_ok() {
                bail!("{path} is there already");
            }
            fs::rename(source, &target).with_context(|| path.to_string())?;
            self.done.push(Moved::New(target));
        }
        Ok(())
    }

    /// Puts a file or link where it waits for the end.
    pub fn aside(&mut self, target: &Path) -> std::io::Result<()> {
        let aside = self.kept.join(self.done.len().to_string());
        fs::rename(target, &aside)?;
        self.done.push(Moved::Aside { from: target.to_path_buf(), to: aside });
        Ok(())
    }

    pub fn take_back(&mut self) {
        for moved in self.done.drain(..).rev() {
            let _ = match moved {
                Moved::New(path) => match fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir())
                {
                    true => fs::remove_dir(&path),
                    false => fs::remove_file(&path),
                },
                Moved::Aside { from, to } => fs::rename(to, from),
            };
        }
    }
}

/// The new file may be read and written by whom the old one might, and run if the template says so.
fn keep_permissions(old: &Path, new: &Path) -> std::io::Result<()> {
    // A link has none, and what it leads to is not looked at.
    let is_file = |path: &Path| fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    if !is_file(old) || !is_file(new) {
        return Ok(());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(old)?.permissions().mode() & 0o666;
        let run = if is_executable(&fs::metadata(new)?) { (mode & 0o444) >> 2 } else { 0 };
        fs::set_permissions(new, fs::Permissions::from_mode(mode | run))?;
    }
    #[cfg(not(unix))]
    let _ = (old, new);
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    use super::{PathStanding, merge_tree, standing};
    use crate::files::read_tree;
    use crate::tree::{Tree, TreeEntry};

    fn tree(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (path, text) in files {
            let entry = match text.strip_prefix("x:") {
                Some(text) => TreeEntry::File { bytes: text.into(), executable: true },
                None => TreeEntry::text(*text),
            };
            tree.insert(path, entry).expect("fits");
        }
        tree
    }

    fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text).expect("written");
        }
        folder
    }

    fn replaced(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        files.iter().map(|(path, text)| (path.to_string(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn what_stands_there_is_told_apart() {
        let folder =
            directory(&[("same", "s"), ("other", "o"), ("run", "r"), ("dir/inside", "i"), ("out/x", "y")]);
        symlink("out", folder.path().join("link")).expect("linked");
        symlink("same", folder.path().join("filelink")).expect("linked");
        let tree = tree(&[
            ("same", "s"),
            ("other", "n"),
            ("run", "x:r"),
            ("dir", "d"),
            ("link/x", "y"),
            ("filelink", "s"),
            ("new/a", ""),
        ]);
        let found = standing(folder.path(), &tree).expect("read");
        let differs = |text: &str| PathStanding::Differs { before: text.into() };
        let link = PathStanding::InTheWay { what: "a symbolic link" };
        let expect = [
            ("dir", PathStanding::InTheWay { what: "a directory" }),
            ("filelink", link.clone()),
            ("link", link),
            ("new/a", PathStanding::Free),
            ("other", differs("o")),
            ("run", differs("r")),
            ("same", PathStanding::Same),
        ];
        assert_eq!(found, expect.map(|(path, standing)| (path.to_string(), standing)).into());
        let none = standing(&folder.path().join("none"), &tree).expect("read");
        assert!(none.values().all(|standing| *standing == PathStanding::Free));
    }

    #[test]
    fn new_files_are_added_and_those_named_replaced() {
        let folder = directory(&[("a", "old"), ("mine", "m"), ("d/run", "r")]);
        fs::set_permissions(folder.path().join("a"), fs::Permissions::from_mode(0o600)).expect("set");
        let tree = tree(&[("a", "new"), ("d/b", "b"), ("d/run", "x:run"), ("e/f", "f")]);
        merge_tree(folder.path(), &tree, &replaced(&[("a", "old"), ("d/run", "r")])).expect("written");
        let found = read_tree(folder.path()).expect("read");
        let all: Vec<(&str, Option<&[u8]>)> =
            found.iter().map(|(path, _)| (path, found.bytes(path))).collect();
        let text = |text: &'static str| Some(text.as_bytes());
        assert_eq!(
            all,
            [
                ("a", text("new")),
                ("d/b", text("b")),
                ("d/run", text("run")),
                ("e/f", text("f")),
                ("mine", text("m"))
            ]
        );
        let mode =
            |path: &str| fs::metadata(folder.path().join(path)).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode("a"), mode("d/run") & 0o111), (0o600, 0o111 & !0o222));
    }

    #[track_caller]
    fn refused(folder: &Path, tree: &Tree, replaced: &BTreeMap<String, Vec<u8>>, told: &str) {
        let before = read_tree(folder).expect("read");
        let error = merge_tree(folder, tree, replaced).expect_err("refused");
        assert!(format!("{error:#}").contains(told), "{error:#}");
        assert_eq!(read_tree(folder).expect("read"), before, "all is as it was");
    }

    #[test]
    fn a_failure_takes_everything_back() {
        let folder = directory(&[("a", "old"), ("z", "theirs")]);
        let tree = tree(&[("a", "new"), ("b/c", "c"), ("z", "z")]);
        refused(folder.path(), &tree, &replaced(&[("a", "old")]), "z is there already");
        refused(
            folder.path(),
            &tree,
            &replaced(&[("a", "older"), ("z", "theirs")]),
            "a was changed meanwhile",
        );
        fs::write(folder.path().join("b"), "").expect("written");
        refused(folder.path(), &tree, &replaced(&[("a", "old"), ("z", "theirs")]), "b is no directory");
    }
}
