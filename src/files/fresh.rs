//! A tree written where nothing is yet.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::files::writing::{write_new, write_unsynced};
use crate::tree::{Tree, TreeEntry};

/// Writes a tree into a directory that is made for it; what a failure leaves is the caller's to remove.
pub(in crate::files) fn write_fresh(root: &Path, tree: &Tree) -> Result<()> {
    fs::create_dir(root)?;
    for directory in tree.directories() {
        fs::create_dir_all(root.join(directory))?;
    }
    // Links last, so that nothing is ever written through one.
    let is_link = |entry: &TreeEntry| matches!(entry, TreeEntry::Link { .. });
    let at_once = tree.len() > FEW && CAN_SYNC_ALL;
    let write = if at_once { write_unsynced } else { write_new };
    for (path, entry) in tree.iter().filter(|(_, entry)| !is_link(entry)) {
        if let TreeEntry::File { bytes, executable } = entry {
            write(&root.join(path), bytes, executable.then_some(0o777)).with_context(|| path.to_string())?;
        }
    }
    for (path, entry) in tree.iter() {
        if let TreeEntry::Link { target } = entry {
            link(target, &root.join(path)).with_context(|| path.to_string())?;
        }
    }
    if at_once {
        sync_all(root).with_context(|| root.display().to_string())?;
    }
    Ok(())
}

/// Files that are synced one by one; of more the whole file system is synced once.
const FEW: usize = 32;

const CAN_SYNC_ALL: bool = cfg!(target_os = "linux");

#[cfg(target_os = "linux")]
fn sync_all(root: &Path) -> std::io::Result<()> {
    Ok(rustix::fs::syncfs(fs::File::open(root)?)?)
}

#[cfg(not(target_os = "linux"))]
fn sync_all(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(_: &str, path: &Path) -> std::io::Result<()> {
    Err(std::io::Error::other(format!("{}: symbolic links need Unix", path.display())))
}

#[cfg(unix)]
pub(in crate::files) fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
pub(in crate::files) fn is_executable(_: &fs::Metadata) -> bool {
    false
}
