//! Files that are either the old ones or the new ones, whatever happens meanwhile.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Puts a file in the place of what was there, in one step: a reader sees the old or the new one, never half
/// of one, and an interrupted run leaves the old one. `mode` is the permission on Unix (`0o600`), from the
/// first byte on; without it the old file's stays, or the system's default is taken. A link is followed, so
/// that what it points to is replaced.
pub fn replace(path: &Path, bytes: &[u8], mode: Option<u32>) -> Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if target.is_dir() {
        bail!("{} is a directory", path.display());
    }
    let temporary = temporary_beside(&target)?;
    let written = write_new(&temporary, bytes, mode)
        .and_then(|()| keep_mode(&target, &temporary, mode))
        .and_then(|()| fs::rename(&temporary, &target));
    written
        .inspect_err(|_| drop(fs::remove_file(&temporary)))
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// Removes a file; that it is gone already is no error.
pub fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", path.display()))
        }
        _ => Ok(()),
    }
}

/// Does something to a file that is read first and replaced then, while nobody else of us does: two runs at once would each
/// write what the other has not. Where the system has no locks it is done all the same.
pub fn exclusively<T>(path: &Path, act: impl FnOnce() -> T) -> T {
    let target = fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    // The file itself is another one after each replacement, its directory stays.
    let directory = target.ok().and_then(|target| target.parent().map(Path::to_path_buf));
    let lock = directory.and_then(|directory| fs::File::open(directory).ok());
    let is_held = lock.as_ref().is_some_and(|lock| lock.lock().is_ok());
    let done = act();
    if let Some(lock) = lock.filter(|_| is_held) {
        let _ = lock.unlock();
    }
    done
}

/// Makes a directory and those above it; one that exists is fine.
pub fn create_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("the directory {} cannot be made", path.display()))
}

/// A name nobody uses, in the same directory: a rename works only within one file system.
pub(in crate::files) fn temporary_beside(target: &Path) -> Result<PathBuf> {
    let name = target.file_name().with_context(|| format!("{} is no file name", target.display()))?;
    let name = name.to_string_lossy();
    let process = std::process::id();
    let free = (0..1000)
        .map(|number| target.with_file_name(format!(".{name}.{process}-{number}.tmp")))
        .find(|candidate| fs::symlink_metadata(candidate).is_err());
    free.with_context(|| {
        format!("{} cannot be written: too many unfinished copies beside it", target.display())
    })
}

pub(in crate::files) fn write_new(path: &Path, bytes: &[u8], mode: Option<u32>) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if let Some(mode) = mode {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(mode);
    }
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn keep_mode(old: &Path, new: &Path, mode: Option<u32>) -> std::io::Result<()> {
    match (mode, fs::metadata(old)) {
        (None, Ok(metadata)) => fs::set_permissions(new, metadata.permissions()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{create_dir, replace};

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let directory = folder.path().join("a/b");
        create_dir(&directory).expect("made");
        create_dir(&directory).expect("made twice");
        let file = directory.join("c.yaml");
        replace(&file, b"one", None).expect("written");
        replace(&file, b"two", None).expect("replaced");
        assert_eq!(fs::read(&file).expect("read"), b"two");
        let names: Vec<_> =
            fs::read_dir(&directory).expect("listed").flatten().map(|e| e.file_name()).collect();
        assert_eq!(names, ["c.yaml"], "no unfinished copy stays");
        assert!(replace(&directory, b"", None).expect_err("refused").to_string().ends_with("is a directory"));
        assert!(replace(&folder.path().join("none/x"), b"", None).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn modes_and_links_are_kept() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("token");
        let mode = || fs::metadata(folder.path().join("token")).expect("there").permissions().mode() & 0o777;
        replace(&file, b"x", Some(0o600)).expect("written");
        assert_eq!(mode(), 0o600);
        replace(&file, b"y", None).expect("written");
        assert_eq!(mode(), 0o600, "the old file's mode stays");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        replace(&link, b"z", None).expect("written");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read(&file).expect("read"), b"z");
    }
}
