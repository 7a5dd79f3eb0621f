//! A file that lines are added to.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

/// A file that lines are added to, by several runs at once too: each stays whole.
pub struct Journal(File);

impl Journal {
    /// What the file holds already stays.
    pub fn open(path: &Path) -> Result<Journal> {
        let file = OpenOptions::new().append(true).create(true).open(path);
        Ok(Journal(file.with_context(|| format!("{} cannot be written", path.display()))?))
    }

    /// Adds a line. Nobody waits for it to reach the disk, and where that is full it is lost.
    pub fn add(&self, line: &str) {
        let _ = (&self.0).write_all(format!("{line}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::Journal;

    #[test]
    fn lines_are_added_to_what_is_there() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.log");
        for line in ["one", "two"] {
            Journal::open(&path).expect("opened").add(line);
        }
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "one\ntwo\n");
        let refused = Journal::open(&directory.path().join("no/a.log")).err().expect("no directory");
        assert!(refused.to_string().contains("no/a.log cannot be written"), "{refused}");
    }
}
