//! Files that are either the old ones or the new ones, whatever happens meanwhile.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::files::own::{OwnFile, Unfinished};

/// Puts a file in the place of what was there, in one step: a reader sees the old or the new one, never half
/// of one, and an interrupted run leaves the old one. `mode` is the permission on Unix (`0o600`), from the
/// first byte on; without it the old file's stays, or the system's default is taken. A link is followed, so
/// that what it points to is replaced.
pub fn replace(path: &Path, bytes: &[u8], mode: Option<u32>) -> Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    match fs::metadata(&target) {
        Ok(metadata) if metadata.is_dir() => bail!("{} is a directory", path.display()),
        // A device or a pipe would be gone, and a file in its place.
        Ok(metadata) if !metadata.is_file() => bail!("{} is no regular file", path.display()),
        _ => {}
    }
    let temporary = temporary_beside(&target)?;
    let unfinished = Unfinished::new(&temporary);
    let written = write_new(&temporary, bytes, mode)
        .and_then(|()| keep_mode(&target, &temporary, mode))
        .and_then(|()| fs::rename(&temporary, &target));
    written.with_context(|| format!("{} cannot be written", path.display()))?;
    unfinished.finished();
    Ok(())
}

/// Makes a file that is gone once what this returns is dropped; see `create`.
pub fn make(path: &Path, bytes: &[u8], mode: Option<u32>) -> Result<OwnFile> {
    create(path, bytes, mode)?;
    OwnFile::new(path, bytes)
}

/// Makes a file where nothing stands yet, not even a link that leads nowhere. `mode` is the permission on Unix.
pub fn create(path: &Path, bytes: &[u8], mode: Option<u32>) -> Result<()> {
    let taken = || anyhow::anyhow!("{} exists already", path.display());
    if fs::symlink_metadata(path).is_ok() {
        return Err(taken());
    }
    match write_new(path, bytes, mode) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(taken()),
        written => written.with_context(|| format!("{} cannot be written", path.display())),
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
    write_open(path, bytes, mode, true)
}

/// The same, to be synced with others of its kind: a disk takes far longer for each of many files than for all at once.
pub(in crate::files) fn write_unsynced(path: &Path, bytes: &[u8], mode: Option<u32>) -> std::io::Result<()> {
    write_open(path, bytes, mode, false)
}

fn write_open(path: &Path, bytes: &[u8], mode: Option<u32>, sync: bool) -> std::io::Result<()> {
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
    // A disk that is full in the middle: what there is of the file is ours, and no use to anybody.
    let written = file.write_all(bytes).and_then(|()| if sync { file.sync_all() } else { Ok(()) });
    written.inspect_err(|_| drop(fs::remove_file(path)))
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

    use super::{create_dir, exclusively, make, replace};

    #[test]
    fn what_stands_there_is_never_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config");
        fs::write(&file, "precious").expect("written");
        let told = make(&file, b"ours", Some(0o600)).expect_err("refused").to_string();
        assert_eq!(told, format!("{} exists already", file.display()));
        assert_eq!(fs::read_to_string(&file).expect("read"), "precious");
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(folder.path().join("nowhere"), &link).expect("linked");
            assert!(make(&link, b"ours", None).is_err(), "a link that leads nowhere is something, too");
            assert!(!folder.path().join("nowhere").exists());
        }
        assert!(make(&folder.path().join("none/x"), b"", None).is_err());
    }

    #[test]
    fn only_what_was_made_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config");
        let made = || make(&file, b"ours", Some(0o600)).expect("made");
        assert!(made().remove().expect("removed") && !file.exists());
        drop(made());
        assert!(!file.exists(), "dropping it removes it");
        let gone = made();
        fs::remove_file(&file).expect("removed");
        assert!(gone.remove().expect("no error"), "that it is gone already is fine");
        let written_to = made();
        fs::write(&file, "ours and more").expect("written");
        assert!(!written_to.remove().expect("no error"));
        assert_eq!(fs::read_to_string(&file).expect("still there"), "ours and more");
        fs::remove_file(&file).expect("removed");
        let replaced = made();
        fs::write(folder.path().join("other"), "ours").expect("written");
        fs::rename(folder.path().join("other"), &file).expect("renamed");
        assert!(!replaced.remove().expect("no error"), "the same content, but somebody else's file");
        assert!(file.exists());
    }

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

    #[test]
    fn who_reads_and_replaces_is_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("list");
        let add = |line: usize| {
            exclusively(&file, || {
                let before = fs::read_to_string(&file).unwrap_or_default();
                std::thread::sleep(std::time::Duration::from_millis(5));
                replace(&file, format!("{before}{line}\n").as_bytes(), None).expect("replaced");
            });
        };
        std::thread::scope(|scope| (0..8).for_each(|line| drop(scope.spawn(move || add(line)))));
        assert_eq!(fs::read_to_string(&file).expect("read").lines().count(), 8);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_or_a_device_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).expect("made");
        assert!(replace(&pipe, b"x", None).expect_err("refused").to_string().ends_with("is no regular file"));
        assert!(!fs::metadata(&pipe).expect("there").is_file());
        assert!(replace(std::path::Path::new("/dev/null"), b"x", None).is_err());
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
