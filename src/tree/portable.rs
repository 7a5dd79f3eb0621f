//! What cannot be written on every system: names that Windows refuses, links that lead out, paths that are one and the same.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::tree::paths::{PathProblem, PathResult};
use crate::tree::{Tree, TreeEntry};

/// Names that Windows gives to devices, with or without an extension.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Whether a path, already jailed, may be written on every system: nothing inside a `.git`, no name that
/// Windows refuses or changes.
pub fn portable(path: &str) -> PathResult<()> {
    let refused = |why| Err(PathProblem { path: path.into(), why });
    if path.len() > 1_000 {
        return refused("is too long");
    }
    for part in path.split('/') {
        if part.chars().any(|c| c.is_control() || matches!(c, '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*'))
        {
            return refused("holds a character that file names cannot have everywhere");
        }
        if part.len() > 255 {
            return refused("has a part that is too long");
        }
        if is_git(part) {
            return refused("reaches into a git directory");
        }
        if part.ends_with(['.', ' ']) {
            return refused("ends a name with a point or blank, which Windows drops");
        }
        let stem = part.split('.').next().unwrap_or_default().trim_end().to_lowercase();
        let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
        let numbered = numbered.is_some_and(|number| {
            matches!(number, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        });
        if DEVICES.contains(&stem.as_str()) || numbered {
            return refused("is the name of a device on Windows");
        }
    }
    Ok(())
}

/// `.git` as any file system may read it: in any case, with dots, blanks or invisible characters around, or by its
/// short name.
fn is_git(part: &str) -> bool {
    let ignored = |c: char| matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    let plain: String = part.chars().filter(|c| !ignored(*c)).collect();
    let plain = plain.trim_end_matches(['.', ' ']).to_lowercase();
    plain == ".git" || plain == "git~1"
}

/// As many links as Linux follows on the way to a file.
const MOST_HOPS: usize = 40;

impl Tree {
    /// A symbolic link that leads out of the tree, or into a `.git`, once all links on its way are followed: one that stays inside by
    /// its words may still leave through another one.
    pub fn stray_link(&self) -> Option<PathProblem> {
        let links = self.entries.iter().filter(|(_, entry)| matches!(entry, TreeEntry::Link { .. }));
        let mut strays = links.filter(|(path, _)| !self.stays(path));
        strays.next().map(|(path, _)| PathProblem {
            path: path.clone(),
            why: "is a symbolic link that leads out of the tree through another one, or into a git directory",
        })
    }

    /// Whether a path stays inside, whatever links it runs through.
    fn stays(&self, path: &str) -> bool {
        let mut open: Vec<&str> = path.rsplit('/').collect();
        let mut place: Vec<&str> = Vec::new();
        let mut hops = 0;
        while let Some(part) = open.pop() {
            match part {
                "" | "." => continue,
                ".." => {
                    if place.pop().is_none() {
                        return false;
                    }
                    continue;
                }
                part if is_git(part) => return false,
                part => place.push(part),
            }
            if let Some(TreeEntry::Link { target }) = self.entries.get(&place.join("/")) {
                hops += 1;
                // Links in a circle lead nowhere.
                if hops > MOST_HOPS {
                    return true;
                }
                place.pop();
                open.extend(target.rsplit('/'));
            }
        }
        true
    }

    /// Paths that are one and the same on a file system that ignores case or how an accent is written, each with the one it meets.
    pub fn collisions(&self) -> Vec<(String, String)> {
        let one = |path: &str| path.nfc().collect::<String>().to_lowercase().nfc().collect::<String>();
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let mut found = Vec::new();
        let all = self.directories().into_iter().chain(self.entries.keys().cloned());
        for path in all {
            match seen.get(&one(&path)) {
                Some(first) if *first != path => found.push((first.clone(), path)),
                Some(_) => {}
                None => {
                    seen.insert(one(&path), path);
                }
            }
        }
        found
    }
}
