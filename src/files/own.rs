//! What this run made and takes away again at its end: that and nothing else, whatever happens meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use anyhow::{Context, Result};

/// What is to be gone at the end of the run, by number; whoever ends the process in the middle finds it here.
static MADE: Mutex<(u64, BTreeMap<u64, CreatedFile>)> = Mutex::new((0, BTreeMap::new()));

#[derive(Clone, Debug)]
enum CreatedFile {
    /// A file under the name that a person or kubectl knows.
    File { path: PathBuf, bytes: Vec<u8>, id: FileId },
    /// A name that nobody else uses: a file, or a directory with all it holds.
    Unfinished(PathBuf),
}

/// Device and inode: the same name may be another file by now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct FileId(u64, u64);

impl FileId {
    #[cfg(unix)]
    fn of(metadata: &fs::Metadata) -> FileId {
        use std::os::unix::fs::MetadataExt;
        FileId(metadata.dev(), metadata.ino())
    }

    #[cfg(not(unix))]
    fn of(_: &fs::Metadata) -> FileId {
        FileId(0, 0)
    }
}

/// A file of this run's own, gone once this is dropped.
#[derive(Debug)]
pub struct OwnFile(u64);

impl OwnFile {
    /// A file that was made just now, with this content.
    pub(in crate::files) fn new(path: &Path, bytes: &[u8]) -> Result<OwnFile> {
        let metadata = fs::symlink_metadata(path).with_context(|| path.display().to_string())?;
        let (path, bytes) = (path.to_path_buf(), bytes.to_vec());
        Ok(OwnFile(enter(CreatedFile::File { path, bytes, id: FileId::of(&metadata) })))
    }

    /// Leaves the file where it is.
    pub fn keep(self) {
        leave(self.0);
        std::mem::forget(self);
    }

    /// Takes the file away; false where something else stands there by now, which stays.
    pub fn remove(self) -> Result<bool> {
        let Some(made) = leave(self.0) else { return Ok(true) };
        std::mem::forget(self);
        take_away(&made)
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        if let Some(made) = leave(self.0) {
            let _ = take_away(&made);
        }
    }
}

/// Something half done under a name of its own: gone with this, unless it was finished.
#[derive(Debug)]
pub(in crate::files) struct Unfinished(u64);

impl Unfinished {
    pub fn new(path: &Path) -> Unfinished {
        Unfinished(enter(CreatedFile::Unfinished(path.to_path_buf())))
    }

    /// It stands under its real name now.
    pub fn finished(self) {
        leave(self.0);
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(made) = leave(self.0) {
            let _ = take_away(&made);
        }
    }
}

/// Takes away all that is left of this run: for whoever ends the process in the middle.
pub fn remove_unfinished() {
    let made = std::mem::take(&mut list().1);
    for made in made.values() {
        let _ = take_away(made);
    }
}

fn take_away(made: &CreatedFile) -> Result<bool> {
    let (path, is_ours) = match made {
        CreatedFile::Unfinished(path) => (path, true),
        CreatedFile::File { path, bytes, id } => (path, is_same(path, bytes, *id)),
    };
    let removed = match fs::symlink_metadata(path) {
        Err(_) => return Ok(true),
        Ok(_) if !is_ours => return Ok(false),
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.with_context(|| format!("{} cannot be removed", path.display()))?;
    Ok(true)
}

/// Whether a file is the one that was made, with nothing in it that somebody else wrote.
fn is_same(path: &Path, bytes: &[u8], id: FileId) -> bool {
    let is_ours = |metadata: fs::Metadata| metadata.is_file() && FileId::of(&metadata) == id;
    fs::symlink_metadata(path).is_ok_and(is_ours)
        && crate::files::read_bytes(path, bytes.len()).is_ok_and(|now| now == bytes)
}

fn enter(made: CreatedFile) -> u64 {
    let mut list = list();
    list.0 += 1;
    let number = list.0;
    list.1.insert(number, made);
    number
}

fn leave(number: u64) -> Option<CreatedFile> {
    list().1.remove(&number)
}

/// The list is whole between statements, so a panic elsewhere does not spoil it.
fn list() -> MutexGuard<'static, (u64, BTreeMap<u64, CreatedFile>)> {
    MADE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Unfinished;

    #[test]
    fn what_is_half_done_goes_and_what_is_finished_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(".half");
        fs::create_dir(&path).expect("made");
        fs::write(path.join("a"), "").expect("written");
        drop(Unfinished::new(&path));
        assert!(!path.exists());
        fs::write(&path, "").expect("written");
        Unfinished::new(&path).finished();
        assert!(path.exists());
    }
}
