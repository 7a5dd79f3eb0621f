//! Paths below a directory: what keeps one inside, and why one is refused.

use std::fmt;

/// Why a path is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathProblem {
    pub path: String,
    pub why: &'static str,
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the path '{}' {}", self.path.escape_debug(), self.why)
    }
}

impl std::error::Error for PathProblem {}

/// What is made of a path, unless that is refused.
pub type PathResult<T> = Result<T, PathProblem>;

/// A path below a directory of the tree, resolved word by word; the empty path is the root. It must not be
/// absolute or leave the tree, and no NUL may be in it.
pub fn jailed(base: &str, path: &str) -> PathResult<String> {
    resolved(base, path, base.split('/').filter(|part| !part.is_empty()).count())
}

/// A path counted from a directory of the tree, as `jailed` resolves it; it may leave the directory, but not the tree.
pub fn within(base: &str, path: &str) -> PathResult<String> {
    resolved(base, path, 0)
}

/// `floor` is how many words of the base no `..` may take away.
fn resolved(base: &str, path: &str, floor: usize) -> PathResult<String> {
    let refused = |why| Err(PathProblem { path: path.into(), why });
    if path.contains('\0') {
        return refused("holds a NUL character");
    }
    let drive = path.as_bytes().get(1) == Some(&b':') && path.starts_with(|c: char| c.is_ascii_alphabetic());
    if path.starts_with(['/', '\\']) || drive {
        return refused("is absolute");
    }
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.len() > floor => {
                parts.pop();
            }
            ".." => return refused("leaves its directory"),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// A path as a message names it: a `..` takes away the directory before it, if that has a name.
pub fn tidied(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match (part, parts.last()) {
            ("..", Some(last)) if !matches!(*last, "" | "." | ".." | "~") => _ = parts.pop(),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// Two relative paths, one after the other.
pub fn joined(directory: &str, path: &str) -> String {
    match (directory, path) {
        ("", path) => path.into(),
        (directory, "") => directory.into(),
        (directory, path) => format!("{directory}/{path}"),
    }
}
