//! The door to the disk: documents in, trees in and out, files replaced whole or not at all.
#![expect(clippy::disallowed_methods, reason = "the door to the disk")]

mod fresh;
mod listing;
mod merging;
mod own;
mod trees;
mod writing;

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub use crate::files::listing::{expand, list};
pub use crate::files::merging::{Standing, merge_tree, standing};
pub use crate::files::own::remove_unfinished;
pub use crate::files::trees::{obstacles, read_tree, replace_tree, temporary_directory, write_tree};
pub use crate::files::writing::{create, create_dir, exclusively, make, replace};

/// Reads a text file of at most `max` bytes; a longer one, a directory or what is no UTF-8 is an error that
/// names the file.
pub fn read_text(path: &Path, max: usize) -> Result<String> {
    let bytes = read_bytes(path, max)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            bail!("{}:{line}: the file is not UTF-8 text", path.display())
        }
    }
}

/// As `read_text`, but nothing where there is no such file.
pub fn read_text_if_exists(path: &Path, max: usize) -> Result<Option<String>> {
    if exists(path) { read_text(path, max).map(Some) } else { Ok(None) }
}

/// Reads a file of at most `max` bytes. Never more than that is held, even of a file that grows or a pipe.
pub fn read_bytes(path: &Path, max: usize) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(|error| plainly(path, &error))?;
    let metadata = file.metadata().with_context(|| format!("{} cannot be read", path.display()))?;
    if metadata.is_dir() {
        bail!("{} is a directory", path.display());
    }
    let mut bytes = Vec::new();
    let bound = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    file.take(bound).read_to_end(&mut bytes).map_err(|error| plainly(path, &error))?;
    if bytes.len() > max {
        bail!("{} has more than the {max} bytes that are read", path.display());
    }
    Ok(bytes)
}

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
    fs::OpenOptions::new().append(true).open(path).is_ok()
}

/// Whether something is there: a file, a directory, or a link to one.
pub fn exists(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

pub fn is_dir(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// The one name of a file, links followed: two paths with the same one are the same file. A path that does
/// not exist is its own name.
pub fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{exists, read_bytes, read_text, read_text_if_exists};

    #[test]
    fn reading_is_bounded_and_errors_name_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.yaml");
        fs::write(&file, "é\nb").expect("written");
        assert_eq!(read_text(&file, 4).expect("read"), "é\nb");
        let told = |result: anyhow::Result<String>| {
            result.expect_err("refused").to_string().replace(&folder.path().display().to_string(), "")
        };
        assert_eq!(told(read_text(&file, 3)), "/a.yaml has more than the 3 bytes that are read");
        fs::write(&file, b"a\n\xff\n").expect("written");
        assert_eq!(told(read_text(&file, 99)), "/a.yaml:2: the file is not UTF-8 text");
        assert_eq!(told(read_text(&folder.path().join("none"), 9)), "/none does not exist");
        assert_eq!(told(read_text(folder.path(), 9)), " is a directory");
        assert_eq!(read_text_if_exists(&folder.path().join("none"), 9).expect("no error"), None);
        assert!(exists(&file) && !exists(&folder.path().join("none")));
        if exists(Path::new("/dev/zero")) {
            assert!(read_bytes(Path::new("/dev/zero"), 1000).is_err(), "an endless file is bounded");
        }
    }
}
