//! Files of lines that are added to: a line is there as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::files::plainly;
use crate::files::reading::regular;

/// Hands out the lines of a file, of at most `most` bytes of it, without holding more than one. The last one counts only if it was
/// written to its end; what is no text is left out. No file has no lines.
pub fn each_line(path: &Path, most: u64, receive: &mut dyn FnMut(&str)) -> Result<()> {
    let Some(file) = regular(path)? else { return Ok(()) };
    let mut lines = BufReader::with_capacity(32 << 10, file.take(most));
    let mut line = Vec::new();
    loop {
        line.clear();
        lines.read_until(b'\n', &mut line).map_err(|error| plainly(path, &error))?;
        let Some(whole) = line.strip_suffix(b"\n") else { return Ok(()) };
        if let Ok(text) = std::str::from_utf8(whole) {
            receive(text);
        }
    }
}

/// Adds lines behind what is there, and makes the file where there is none; `mode` is its permission on Unix. Returns how long it is
/// then. Nobody waits for it to reach the disk.
pub fn append_lines(path: &Path, lines: &str, mode: u32) -> Result<u64> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        bail!("{} is no regular file", path.display());
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(mode);
    }
    #[cfg(not(unix))]
    let _ = mode;
    let added = options.open(path).and_then(|mut file| {
        let before = file.seek(SeekFrom::End(0))?;
        // A run that was ended in the middle of its line must not take the next one with it.
        let text = if is_cut(&mut file, before)? { format!("\n{lines}") } else { lines.to_string() };
        file.write_all(text.as_bytes())?;
        Ok(before + text.len() as u64)
    });
    added.with_context(|| format!("{} cannot be written", path.display()))
}

fn is_cut(file: &mut File, length: u64) -> std::io::Result<bool> {
    if length == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(length - 1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// Removes the files of a directory that were written longest ago, until fewer than `most` are left.
pub fn make_room(directory: &Path, most: usize) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    let written = |entry: fs::DirEntry| {
        let metadata = entry.metadata().ok().filter(|metadata| metadata.is_file())?;
        Some((metadata.modified().ok(), entry.path()))
    };
    let mut files: Vec<_> = entries.flatten().filter_map(written).collect();
    files.sort();
    let many = files.len().saturating_sub(most.saturating_sub(1));
    for (_, path) in files.into_iter().take(many) {
        let _ = fs::remove_file(path);
    }
}

/// Removes a file that earlier versions have written and nobody reads any more.
pub fn remove_outdated(path: &Path) {
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::{append_lines, each_line, make_room, remove_outdated};
    use std::path::Path;

    fn lines(path: &Path, most: u64) -> Vec<String> {
        let mut all = Vec::new();
        each_line(path, most, &mut |line| all.push(line.to_string())).expect("read");
        all
    }

    #[test]
    fn lines_are_added_and_a_torn_one_spoils_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a");
        assert!(lines(&file, 1000).is_empty());
        assert_eq!(append_lines(&file, "one\n", 0o600).expect("added"), 4);
        std::fs::write(&file, "one\ntw").expect("written");
        assert_eq!(lines(&file, 1000), ["one"]);
        assert_eq!(append_lines(&file, "three\nfour\n", 0o600).expect("added"), 18);
        assert_eq!(lines(&file, 1000), ["one", "tw", "three", "four"]);
        assert_eq!(lines(&file, 8), ["one", "tw"]);
        std::fs::write(&file, b"\xff\nfive\n").expect("written");
        assert_eq!(lines(&file, 1000), ["five"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_made_is_nobody_elses() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a");
        append_lines(&file, "one\n", 0o600).expect("added");
        assert_eq!(std::fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
        assert!(append_lines(folder.path(), "x\n", 0o600).is_err());
        assert!(append_lines(Path::new("/dev/null"), "x\n", 0o600).is_err());
    }

    #[test]
    fn the_oldest_files_make_room() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["a", "b", "c"] {
            std::fs::write(folder.path().join(name), name).expect("written");
            let time = std::time::SystemTime::UNIX_EPOCH
                + std::time::Duration::from_secs(u64::from(name.as_bytes()[0]));
            let file = std::fs::File::options().write(true).open(folder.path().join(name)).expect("opened");
            file.set_modified(time).expect("set");
        }
        make_room(folder.path(), 4);
        assert!(folder.path().join("a").exists());
        make_room(folder.path(), 3);
        assert!(!folder.path().join("a").exists() && folder.path().join("b").exists());
        remove_outdated(&folder.path().join("b"));
        remove_outdated(folder.path());
        assert!(!folder.path().join("b").exists() && folder.path().join("c").exists());
    }
}
