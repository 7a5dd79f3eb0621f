//! Trees of files in memory, and the rules a path must keep to stay inside one.

mod paths;
mod portable;

use std::collections::BTreeMap;
use std::fmt;

use crate::tree::paths::PathResult;

pub use paths::{PathProblem, jailed, joined, tidied, within};
pub use portable::portable;

/// What stands at a path of a tree.
#[derive(Clone, PartialEq, Eq)]
pub enum TreeEntry {
    File {
        bytes: Vec<u8>,
        executable: bool,
    },
    /// A symbolic link, as it was found; it is never followed.
    Link {
        target: String,
    },
    /// Kept for directories that hold nothing; those of files need no entry.
    Directory,
}

impl TreeEntry {
    pub fn text(text: impl Into<String>) -> Self {
        TreeEntry::File { bytes: text.into().into_bytes(), executable: false }
    }
}

impl fmt::Debug for TreeEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TreeEntry::File { bytes, executable } => {
                let sign = if *executable { "x " } else { "" };
                write!(f, "{sign}{:?}", String::from_utf8_lossy(bytes))
            }
            TreeEntry::Link { target } => write!(f, "-> {target}"),
            TreeEntry::Directory => write!(f, "directory"),
        }
    }
}

/// Files, links and directories by their path: relative, `/` between the parts, no `.` or `..`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    entries: BTreeMap<String, TreeEntry>,
}

impl Tree {
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Entries by path, in the order of their bytes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &TreeEntry)> {
        self.entries.iter().map(|(path, entry)| (path.as_str(), entry))
    }

    pub fn get(&self, path: &str) -> Option<&TreeEntry> {
        self.entries.get(path)
    }

    /// The bytes of a file.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        match self.entries.get(path) {
            Some(TreeEntry::File { bytes, .. }) => Some(bytes),
            _ => None,
        }
    }

    /// Whether a file, link or directory stands here, a directory that only files imply included.
    pub fn exists(&self, path: &str) -> bool {
        self.entries.contains_key(path) || self.is_directory(path)
    }

    pub fn is_directory(&self, path: &str) -> bool {
        path.is_empty()
            || matches!(self.entries.get(path), Some(TreeEntry::Directory))
            || self.below(path).next().is_some()
    }

    /// Everything below a directory, with paths relative to it.
    pub fn below<'a>(&'a self, directory: &str) -> impl Iterator<Item = (&'a str, &'a TreeEntry)> + use<'a> {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let length = prefix.len();
        let inside =
            self.entries.range(prefix.clone()..).take_while(move |(path, _)| path.starts_with(&prefix));
        inside.map(move |(path, entry)| (&path[length..], entry))
    }

    /// A directory as a tree of its own; none where no directory is.
    pub fn subtree(&self, directory: &str) -> Option<Tree> {
        if !self.is_directory(directory) {
            return None;
        }
        let entries = self.below(directory).map(|(path, entry)| (path.to_string(), entry.clone())).collect();
        Some(Tree { entries })
    }

    /// Every directory, implied ones included, the root not.
    pub fn directories(&self) -> Vec<String> {
        let mut found = std::collections::BTreeSet::new();
        for (path, entry) in &self.entries {
            let mut end = path.len();
            if *entry == TreeEntry::Directory {
                found.insert(path.clone());
            }
            while let Some(slash) = path[..end].rfind('/') {
                found.insert(path[..slash].to_string());
                end = slash;
            }
        }
        found.into_iter().collect()
    }

    /// Puts an entry at a jailed path, over what stands there. It must not run through a file or link, take the place of a
    /// directory that holds something, or point out of the tree.
    pub fn insert(&mut self, path: &str, entry: TreeEntry) -> PathResult<()> {
        let refused = |why| Err(PathProblem { path: path.into(), why });
        if path.is_empty() {
            return if entry == TreeEntry::Directory { Ok(()) } else { refused("is the directory itself") };
        }
        let mut end = path.len();
        while let Some(slash) = path[..end].rfind('/') {
            match self.entries.get(&path[..slash]) {
                Some(TreeEntry::Link { .. }) => return refused("runs through a symbolic link"),
                Some(TreeEntry::File { .. }) => return refused("runs through a file"),
                _ => {}
            }
            end = slash;
        }
        let directory = self.is_directory(path);
        match &entry {
            TreeEntry::Directory if directory => return Ok(()),
            TreeEntry::Directory if self.entries.contains_key(path) => return refused("is a file already"),
            TreeEntry::Directory => {}
            _ if directory && self.below(path).next().is_some() => return refused("is a directory already"),
            TreeEntry::Link { target } => self.check_link(path, target)?,
            TreeEntry::File { .. } => {}
        }
        self.drop_placeholder(path);
        self.entries.insert(path.into(), entry);
        Ok(())
    }

    fn check_link(&self, path: &str, target: &str) -> PathResult<()> {
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        // Resolved from the root, so that `..` may go up as far as the tree does.
        jailed("", format!("{directory}/./{target}").trim_start_matches('/'))
            .ok()
            .filter(|_| !target.starts_with(['/', '\\']) && !target.contains('\0'))
            .map(|_| ())
            .ok_or(PathProblem { path: path.into(), why: "is a symbolic link that points out of the tree" })
    }

    /// A directory that gets its first entry needs none of its own any more.
    fn drop_placeholder(&mut self, path: &str) {
        let mut end = path.len();
        while let Some(slash) = path[..end].rfind('/') {
            self.entries.remove(&path[..slash]);
            end = slash;
        }
    }

    /// Takes away a file, link or directory with all it holds; its own directory stays. Returns whether it was there.
    pub fn remove(&mut self, path: &str) -> bool {
        let there = self.exists(path);
        let inside: Vec<String> = self.below(path).map(|(below, _)| joined(path, below)).collect();
        for inner in inside {
            self.entries.remove(&inner);
        }
        self.entries.remove(path);
        self.keep_parent(path);
        there
    }

    /// The parent of something that is gone stays, though empty.
    fn keep_parent(&mut self, path: &str) {
        if let Some((parent, _)) = path.rsplit_once('/')
            && !self.exists(parent)
        {
            self.entries.insert(parent.into(), TreeEntry::Directory);
        }
    }

    /// Moves a file or a directory with all it holds to a path where nothing stands.
    pub fn rename(&mut self, from: &str, to: &str) -> PathResult<()> {
        let moved: Vec<(String, TreeEntry)> = match self.entries.get(from) {
            Some(entry) => vec![(to.into(), entry.clone())],
            None => self.below(from).map(|(path, entry)| (joined(to, path), entry.clone())).collect(),
        };
        self.remove(from);
        moved.into_iter().try_for_each(|(path, entry)| self.insert(&path, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::{Tree, TreeEntry, jailed, portable, tidied, within};

    #[track_caller]
    fn check(base: &str, path: &str, expect: Result<&str, &str>) {
        let found = jailed(base, path);
        assert_eq!(found.as_deref().map_err(|problem| problem.why), expect, "{path}");
    }

    #[test]
    fn no_chain_of_links_leads_out() {
        let strays = |links: &[(&str, &str)]| {
            let mut tree = Tree::default();
            tree.insert("deep/a/b/file", TreeEntry::text("x")).expect("fits");
            for (path, target) in links {
                tree.insert(path, TreeEntry::Link { target: target.to_string() })
                    .expect("inside by its words");
            }
            tree.stray_link().map(|problem| problem.path)
        };
        assert_eq!(strays(&[("a", "deep/a"), ("b", "a/b/file"), ("deep/c", "../a/b")]), None);
        assert_eq!(strays(&[("deep/a/b/up", "../../.."), ("ok", "deep/a/b/up/deep")]), None);
        let out = [("deep/a/b/up", "../../.."), ("notes.txt", "deep/a/b/up/../private.txt")];
        assert_eq!(strays(&out).as_deref(), Some("notes.txt"));
        assert_eq!(strays(&[("a", "b"), ("b", "a")]), None, "a circle leads nowhere");
        assert_eq!(strays(&[("hook", ".git/hooks/pre-commit")]).as_deref(), Some("hook"));
        assert_eq!(strays(&[("hook", "deep/../.GIT/config")]).as_deref(), Some("hook"));
    }

    #[test]
    fn names_that_differ_in_how_an_accent_is_written_are_one() {
        let mut tree = Tree::default();
        for path in ["caf\u{e9}/a", "cafe\u{301}/A", "stra\u{df}e"] {
            tree.insert(path, TreeEntry::text("")).expect("fits");
        }
        assert_eq!(tree.collisions().len(), 2, "{:?}", tree.collisions());
    }

    #[test]
    fn a_path_may_leave_its_directory_and_not_the_tree() {
        assert_eq!(within("a/b", "../../c/./d").as_deref(), Ok("c/d"));
        assert_eq!(within("a/b", "../..").as_deref(), Ok(""));
        for path in ["../../..", "../../../x", "/x", "x/../../../../y"] {
            assert!(within("a/b", path).is_err(), "{path}");
        }
        for (path, shown) in
            [("./a/b/../../c", "./c"), ("../a/../b", "../b"), ("a/../../b", "../b"), ("/a/../b", "/b")]
        {
            assert_eq!(tidied(path), shown);
        }
    }

    #[test]
    fn paths_stay_in_their_directory() {
        check("", "./a//b/../c", Ok("a/c"));
        check("x", "./", Ok("x"));
        check("x", "y/..", Ok("x"));
        for path in ["..", "a/../..", "./../x", "a/b/../../../c"] {
            check("", path, Err("leaves its directory"));
            check("x/y", path, Err("leaves its directory"));
        }
        for path in ["/etc/passwd", "\\x", "c:\\x", "C:x"] {
            check("", path, Err("is absolute"));
        }
        check("", "a\0b", Err("holds a NUL character"));
    }

    #[test]
    fn names_that_do_not_travel_are_refused() {
        for path in [
            "a/.gitignore",
            ".github/x",
            "git",
            "a.git",
            "console",
            "com10",
            "nul-handling.md",
            "ünïcode/x y",
        ] {
            assert_eq!(portable(path), Ok(()), "{path}");
        }
        for path in [
            ".git/hooks/x",
            "a/.GIT",
            ".git.",
            ".git ",
            "git~1/x",
            ".g\u{200c}it/config",
            "nul",
            "a/CON.txt",
            "Lpt1",
            "a:b",
            "a\\b",
            "x.",
            "x ",
            "a*",
            "a\nb",
            "\u{1b}[2J",
        ] {
            assert!(portable(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn nothing_is_written_through_a_link_or_out_of_the_tree() {
        let mut tree = Tree::default();
        tree.insert("real/a", TreeEntry::text("a")).expect("fits");
        tree.insert("link", TreeEntry::Link { target: "real".into() }).expect("fits");
        tree.insert("deep/link", TreeEntry::Link { target: "../real/a".into() }).expect("fits");
        assert!(tree.insert("link/b", TreeEntry::text("b")).is_err());
        assert!(tree.insert("real/a/b", TreeEntry::text("b")).is_err());
        assert!(tree.insert("real", TreeEntry::text("b")).is_err());
        for target in ["/etc", "../x", "a/../../x"] {
            assert!(tree.insert("out", TreeEntry::Link { target: target.into() }).is_err(), "{target}");
        }
    }

    #[test]
    fn directories_live_on_when_their_files_go() {
        let mut tree = Tree::default();
        tree.insert("a/b/c", TreeEntry::text("c")).expect("fits");
        assert!(tree.remove("a/b/c"));
        assert_eq!(tree.get("a/b"), Some(&TreeEntry::Directory));
        tree.insert("a/b/d", TreeEntry::text("d")).expect("fits");
        assert_eq!(tree.len(), 1);
        tree.rename("a", "z").expect("fits");
        assert_eq!(tree.iter().map(|(path, _)| path).collect::<Vec<_>>(), ["z/b/d"]);
        assert!(!tree.exists("a"));
    }

    #[test]
    fn case_collisions_are_found_in_directories_too() {
        let mut tree = Tree::default();
        for path in ["src/a", "Src/b", "readme", "README"] {
            tree.insert(path, TreeEntry::text("")).expect("fits");
        }
        assert_eq!(tree.collisions().len(), 2, "{:?}", tree.collisions());
    }

    /// Words that paths are made of, hostile ones among them; every path made of them is refused or stays inside.
    #[test]
    fn no_path_escapes() {
        const WORDS: [&str; 14] =
            ["..", ".", "", "a", "b", ".git", "~", "\0", "\\", "C:", " ", "...", "..\\", "é"];
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % 14).expect("small")
        };
        for _ in 0..50_000 {
            let words: Vec<&str> = (0..=next() % 6).map(|_| WORDS[next()]).collect();
            let path = words.join("/");
            if let Ok(inside) = jailed("jail", &path) {
                assert!(inside == "jail" || inside.starts_with("jail/"), "{path}");
                assert!(!inside.split('/').any(|part| matches!(part, ".." | "." | "")), "{path}");
            }
        }
    }
}
