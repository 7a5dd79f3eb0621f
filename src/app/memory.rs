//! What the clusters said the last time, kept from one run to the next: a file for each cluster, which a run adds lines to.

use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::files;

/// The directory of the files.
const ANSWERS: &str = "answers";
/// What earlier versions wrote: one file for all clusters.
const OUTDATED: &str = "answers.json";
/// Clusters that are remembered; those that were asked longest ago are forgotten first.
const MOST_CLUSTERS: usize = 4000;
/// Bytes of a file that are read.
const MOST_READ: u64 = 32 << 20;
/// Where all clusters are looked at, files, and bytes of each: somebody waits at a prompt.
const MOST_FILES: usize = 100;
const MOST_OF_EACH: u64 = 256 << 10;
/// A file is written anew when it is twice as long as what is worth remembering of it, and this much more.
const ROOM: u64 = 64 << 10;

/// The first line of a file.
#[derive(Deserialize, Serialize)]
struct MemoryHead {
    cluster: String,
    /// How many bytes were worth remembering when the file was written as a whole.
    live: u64,
}

impl App {
    /// Where what was fetched from elsewhere is kept; none under a demo, unless a variable says where.
    pub fn cache(&self) -> Option<PathBuf> {
        self.cache_directory()
    }

    /// Where answers are remembered: nowhere under a demo, unless a variable says where.
    fn cache_directory(&self) -> Option<PathBuf> {
        let named = self.env.variable("CALLBOARD_CACHE_DIR").map(PathBuf::from);
        named.or_else(|| self.options.demo.is_none().then(|| self.env.cache_directory.clone()).flatten())
    }

    /// Where it is remembered what earlier runs have learnt of clusters; nowhere with `--no-cache`.
    pub fn memory_directory(&self) -> Option<PathBuf> {
        self.cache_directory().filter(|_| !self.options.no_cache)
    }

    /// Hands out the lines that are remembered of a cluster, the latest last; an unreadable memory is none.
    pub fn recall(&self, cluster: &str, receive: &mut dyn FnMut(&str)) {
        let Some(directory) = self.memory_directory() else { return };
        let _ = read(&file_of(&directory, cluster), cluster, receive);
    }

    /// Hands out the lines that are remembered of all clusters, of not too many.
    pub fn recall_all(&self, receive: &mut dyn FnMut(&str)) {
        let Some(directory) = self.memory_directory() else { return };
        let is_memory = |path: &Path| path.extension().is_some_and(|end| end == "jsonl");
        for file in
            files::list(&directory.join(ANSWERS), &is_memory).unwrap_or_default().iter().take(MOST_FILES)
        {
            let _ = files::each_line(file, MOST_OF_EACH, receive);
        }
    }

    /// Adds lines to what is remembered of a cluster; `renew` says what of all its lines is worth remembering, now and then. Runs
    /// that end at the same time lose nothing. Remembering is a comfort: where it fails, only `-v` tells.
    pub fn remember(&self, cluster: &str, lines: &str, renew: impl FnOnce(&str) -> String) {
        let Some(directory) = self.memory_directory() else { return };
        files::remove_outdated(&directory.join(OUTDATED));
        let file = file_of(&directory, cluster);
        let added = || add(&file, cluster, lines, renew);
        let written =
            files::create_dir(&directory.join(ANSWERS)).and_then(|()| files::exclusively(&file, added));
        if let Err(error) = written {
            self.ui.detail(&format!("the answers could not be remembered: {error:#}"));
        }
    }
}

/// Names of clusters hold whatever their users like, and no file name may.
fn file_of(directory: &Path, cluster: &str) -> PathBuf {
    let sum = digest(&SHA256, cluster.as_bytes());
    let name: String = sum.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    directory.join(ANSWERS).join(format!("{name}.jsonl"))
}

/// Hands out the lines behind the head, if the file is about this cluster; returns the head.
fn read(file: &Path, cluster: &str, receive: &mut dyn FnMut(&str)) -> anyhow::Result<Option<MemoryHead>> {
    let (mut head, mut is_first) = (None, true);
    files::each_line(file, MOST_READ, &mut |line| {
        if std::mem::take(&mut is_first) {
            head = serde_json::from_str(line).ok().filter(|head: &MemoryHead| head.cluster == cluster);
        } else if head.is_some() {
            receive(line);
        }
    })?;
    Ok(head)
}

fn add(file: &Path, cluster: &str, lines: &str, renew: impl FnOnce(&str) -> String) -> anyhow::Result<()> {
    if !files::exists(file) {
        if let Some(directory) = file.parent() {
            files::make_room(directory, MOST_CLUSTERS);
        }
        return files::append_lines(file, &headed(cluster, lines), 0o600).map(drop);
    }
    let Some(head) = head(file, cluster)? else {
        return files::replace(file, headed(cluster, lines).as_bytes(), Some(0o600));
    };
    if files::append_lines(file, lines, 0o600)? <= head.live.saturating_mul(2).saturating_add(ROOM) {
        return Ok(());
    }
    let mut all = String::new();
    read(file, cluster, &mut |line| {
        all.push_str(line);
        all.push('\n');
    })?;
    files::replace(file, headed(cluster, &renew(&all)).as_bytes(), Some(0o600))
}

/// The head alone.
fn head(file: &Path, cluster: &str) -> anyhow::Result<Option<MemoryHead>> {
    let mut first = None;
    files::each_line(file, 8 << 10, &mut |line| {
        first.get_or_insert_with(|| line.to_string());
    })?;
    let head = first.and_then(|line| serde_json::from_str(&line).ok());
    Ok(head.filter(|head: &MemoryHead| head.cluster == cluster))
}

fn headed(cluster: &str, lines: &str) -> String {
    let head = MemoryHead { cluster: cluster.to_string(), live: lines.len() as u64 };
    format!("{}\n{lines}", serde_json::to_string(&head).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{ROOM, add, file_of, read};
    use crate::files;
    use std::path::Path;

    fn lines(file: &Path, cluster: &str) -> Vec<String> {
        let mut all = Vec::new();
        read(file, cluster, &mut |line| all.push(line.to_string())).expect("read");
        all
    }

    #[test]
    fn a_file_of_a_cluster_grows_and_is_written_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = file_of(folder.path(), "eu-1 https://eu-1");
        files::create_dir(file.parent().expect("a directory")).expect("made");
        let never = |_: &str| -> String { panic!("there is room") };
        add(&file, "eu-1 https://eu-1", "a\tone\n", never).expect("made");
        add(&file, "eu-1 https://eu-1", "a\ttwo\n", never).expect("added");
        assert_eq!(lines(&file, "eu-1 https://eu-1"), ["a\tone", "a\ttwo"]);
        let long = format!("b\t{}\n", "x".repeat(ROOM as usize));
        let last = |all: &str| all.lines().last().map(|line| format!("{line}\n")).unwrap_or_default();
        add(&file, "eu-1 https://eu-1", &long, last).expect("renewed");
        assert_eq!(lines(&file, "eu-1 https://eu-1").len(), 1);
        add(&file, "eu-1 https://eu-1", "c\tthree\n", never).expect("added, as twice as much has room now");
        assert_eq!(lines(&file, "eu-1 https://eu-1").len(), 2);
    }

    #[test]
    fn what_is_damaged_or_of_another_cluster_is_begun_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("x");
        for odd in ["", "{", "\u{0}\n", "{\"cluster\":\"other\",\"live\":3}\na\tone\n", "[]\nx\n"] {
            files::replace(&file, odd.as_bytes(), None).expect("written");
            assert!(lines(&file, "eu-1").is_empty(), "{odd:?}");
            add(&file, "eu-1", "a\ttwo\n", |_| String::new()).expect("written");
            assert_eq!(lines(&file, "eu-1"), ["a\ttwo"], "{odd:?}");
        }
    }

    #[test]
    fn a_name_of_a_cluster_is_no_path() {
        let file = file_of(Path::new("/cache"), "../../etc/passwd");
        assert_eq!(file.parent(), Some(Path::new("/cache/answers")));
        assert_ne!(file, file_of(Path::new("/cache"), "etc/passwd"));
    }
}
