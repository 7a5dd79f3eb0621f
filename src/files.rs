//! The door to the disk: documents in, trees in and out, files replaced whole or not at all.
#![expect(clippy::disallowed_methods, reason = "the door to the disk")]

mod changing;
mod entries;
mod fresh;
mod journal;
mod listing;
mod locking;
mod merging;
mod own;
mod reading;
mod records;
mod trees;
mod writing;

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub use crate::files::changing::{TreeChanges, change_tree};
pub use crate::files::entries::{OutwardLink, read_entries, read_entries_as_they_are};
pub use crate::files::journal::Journal;
pub use crate::files::listing::{expand, list, list_dotted};
pub use crate::files::locking::lock_as_kubectl;
pub use crate::files::merging::{PathStanding, merge_tree, standing};
pub use crate::files::own::{OwnFile, remove_unfinished};
pub use crate::files::reading::{
    read_bytes, read_bytes_or_pipe, read_text, read_text_if_exists, read_text_if_younger, read_text_or_pipe,
};
pub use crate::files::records::{append_lines, each_line, make_room, remove_outdated};
pub use crate::files::trees::{
    Temporary, obstacles, read_tree, replace_tree, temporary_directory, write_tree,
};
pub use crate::files::writing::{create, create_dir, exclusively, make, replace};

/// Reads what is piped into the process, at most `max` bytes of UTF-8.
pub fn read_stdin(max: usize) -> Result<String> {
    let bound = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    let mut text = String::new();
    std::io::stdin().lock().take(bound).read_to_string(&mut text).context("stdin cannot be read as text")?;
    anyhow::ensure!(text.len() <= max, "stdin holds more than the {max} bytes that are read");
    Ok(text)
}

/// A path from the root on, as the process sees it; nothing of it need exist.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Whether a file could be written to, without doing it.
pub fn is_writable(path: &Path) -> bool {
    // To write into a pipe one waits for who reads it.
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
        && fs::OpenOptions::new().append(true).open(path).is_ok()
}

/// Whether something is there: a file, a directory, or a link to one.
pub fn exists(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

/// Whether a directory, there or to be made, lies on a file system to which `A` and `a` are one name.
pub fn ignores_case(directory: &Path) -> bool {
    let whole = absolute(directory);
    let there = whole.ancestors().filter(|above| exists(above));
    let named = there.filter_map(|above| Some((above, above.file_name()?.to_str()?)));
    let swapped = named.map(|(above, name)| {
        let other = if name == name.to_uppercase() { name.to_lowercase() } else { name.to_uppercase() };
        (above, name.to_string(), other)
    });
    // A name without letters tells nothing.
    let Some((above, _, other)) = swapped.into_iter().find(|(_, name, other)| name != other) else {
        return false;
    };
    let twin = above.with_file_name(other);
    exists(&twin) && identity(&twin) == identity(above)
}

/// Whether something lies there, be it a link that leads nowhere.
pub fn lies(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

pub fn is_dir(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// The one name of a file, links followed: two paths with the same one are the same file. A path that does
/// not exist is its own name.
pub fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The names in a directory; none where it cannot be read.
pub fn names_in(directory: &Path) -> Vec<String> {
    listing::plainly_listed(directory).unwrap_or_default()
}

/// What tells a file from every other one, links followed, where the system numbers them: its file system and its own number.
#[cfg(unix)]
pub fn numbers(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub fn numbers(_: &Path) -> Option<(u64, u64)> {
    None
}

/// An error of the system in a sentence with the file's name.
fn plainly(path: &Path, error: &std::io::Error) -> anyhow::Error {
    let path = path.display();
    match error.kind() {
        ErrorKind::NotFound => anyhow::anyhow!("{path} does not exist"),
        ErrorKind::PermissionDenied => anyhow::anyhow!("{path} may not be accessed (permission denied)"),
        ErrorKind::IsADirectory => anyhow::anyhow!("{path} is a directory"),
        _ => anyhow::anyhow!("{path}: {error}"),
    }
}
