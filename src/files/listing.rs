//! Which files a catalog path means: a file, a directory, or a pattern with `*`, `?`, `**` and `{a,b}`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Directories are read to this depth and their entries to this number, so that a wrong path (`/`) ends.
const DEEPEST: usize = 32;
const MOST: usize = 100_000;

/// The files that a path means.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Sorted.
    pub files: Vec<PathBuf>,
    /// Whether the path is that of the one file, and no directory or pattern.
    pub is_file: bool,
    /// Directories that could not be looked into, and links to files that lead nowhere, each with why.
    pub unread: Vec<(PathBuf, String)>,
}

/// The files that a path or pattern means: a file is itself; a directory is every YAML file below it (hidden ones, those in
/// hidden directories but `.backstage`, and those of `node_modules` apart); a pattern is what it matches, and a part of it that
/// begins with a dot matches such names. Nothing matching is no error. A literal name wins over a pattern.
pub fn expand(path: &Path) -> Result<Listing> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            return below(path, &|file| is_yaml(file), &|name| name == ".backstage");
        }
        Ok(_) => {
            return Ok(Listing { files: vec![path.to_path_buf()], is_file: true, unread: Vec::new() });
        }
        Err(error) => unless_absent(path, &error)?,
    }
    let text = path.to_string_lossy().into_owned();
    if !text.contains(['*', '?', '{']) {
        return Ok(Listing::default());
    }
    let (mut found, mut unread) = (BTreeSet::new(), BTreeSet::new());
    for pattern in alternatives(&text) {
        let (base, steps) = split_pattern(&pattern);
        let matching = |file: &Path| {
            let below = file.strip_prefix(&base).unwrap_or(file);
            let parts: Vec<String> =
                below.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
            matches_steps(&steps, &parts.iter().map(String::as_str).collect::<Vec<_>>())
        };
        if steps.is_empty() {
            found.extend(fs::metadata(&base).is_ok_and(|metadata| metadata.is_file()).then(|| base.clone()));
        } else {
            let names_dots = |name: &str| {
                steps
                    .iter()
                    .any(|step| step.starts_with('.') && wildmatch::WildMatch::new(step).matches(name))
            };
            let listing = below(&base, &matching, &names_dots)?;
            found.extend(listing.files);
            unread.extend(listing.unread);
        }
    }
    Ok(Listing { files: found.into_iter().collect(), is_file: false, unread: unread.into_iter().collect() })
}

/// Why there is nothing at a path, where that is another reason than that nobody put it there.
fn unless_absent(path: &Path, error: &std::io::Error) -> Result<()> {
    match why_unread(path, error) {
        None => Ok(()),
        Some(_) if path.to_string_lossy().contains(['*', '?', '{']) && !is_known(error) => Ok(()),
        Some(why) => bail!("{} {why}", path.display()),
    }
}

/// What keeps a path from being read; nothing where nobody put anything there.
fn why_unread(path: &Path, error: &std::io::Error) -> Option<String> {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => fs::read_link(path)
            .ok()
            .map(|target| format!("is a link to {}, which does not exist", target.display())),
        ErrorKind::PermissionDenied => Some("may not be accessed (permission denied)".to_string()),
        _ if is_loop(error) => Some("is a link that leads back to itself".to_string()),
        _ => Some(format!("cannot be read: {error}")),
    }
}

/// An error that a pattern does not make by its own characters.
fn is_known(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::PermissionDenied || is_loop(error)
}

#[cfg(unix)]
fn is_loop(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_loop(_: &std::io::Error) -> bool {
    false
}

/// Every file below a directory that is wanted, sorted; links are followed, but no directory is read twice.
/// An unreadable directory is left out; one that does not exist holds nothing.
pub fn list(directory: &Path, wanted: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    below(directory, wanted, &|_| false).map(|listing| listing.files)
}

/// As `list`, with hidden directories of some names.
pub fn list_dotted(
    directory: &Path,
    wanted: &dyn Fn(&Path) -> bool,
    dotted: &dyn Fn(&str) -> bool,
) -> Result<Vec<PathBuf>> {
    below(directory, wanted, dotted).map(|listing| listing.files)
}

fn below(directory: &Path, wanted: &dyn Fn(&Path) -> bool, dotted: &dyn Fn(&str) -> bool) -> Result<Listing> {
    let mut walk = DirectoryWalk {
        wanted,
        dotted,
        seen: BTreeSet::new(),
        entries: 0,
        found: Vec::new(),
        unread: Vec::new(),
    };
    walk.enter(directory, 0)?;
    walk.found.sort();
    Ok(Listing { files: walk.found, is_file: false, unread: walk.unread })
}

/// The names in one directory, sorted, hidden ones included; one that is no UTF-8 is an error.
pub(in crate::files) fn plainly_listed(directory: &Path) -> Result<Vec<String>> {
    let told = || format!("{} cannot be read", directory.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).with_context(told)? {
        let name = entry.with_context(told)?.file_name();
        match name.into_string() {
            Ok(name) => names.push(name),
            Err(name) => bail!("{}: the name {name:?} is no UTF-8", directory.display()),
        }
    }
    names.sort();
    Ok(names)
}

struct DirectoryWalk<'a> {
    wanted: &'a dyn Fn(&Path) -> bool,
    /// Hidden names that are looked at all the same.
    dotted: &'a dyn Fn(&str) -> bool,
    /// Directories by their real names, so that links cannot lead in circles.
    seen: BTreeSet<PathBuf>,
    entries: usize,
    found: Vec<PathBuf>,
    unread: Vec<(PathBuf, String)>,
}

impl DirectoryWalk<'_> {
    fn enter(&mut self, directory: &Path, depth: usize) -> Result<()> {
        let shown = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let real = fs::canonicalize(shown).unwrap_or_else(|_| directory.to_path_buf());
        if !self.seen.insert(real) {
            return Ok(());
        }
        if depth >= DEEPEST {
            let why = format!("lies deeper than {DEEPEST} directories, and is not looked into");
            self.unread.push((shown.to_path_buf(), why));
            return Ok(());
        }
        // What cannot be opened is most often somebody else's; the files that can be read still count.
        let entries = match fs::read_dir(shown) {
            Ok(entries) => entries,
            Err(error) => {
                let is_absent = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
                if let Some(why) = why_unread(shown, &error).filter(|_| !is_absent) {
                    self.unread.push((shown.to_path_buf(), why));
                }
                return Ok(());
            }
        };
        let mut names: Vec<(OsString, Option<FileType>)> =
            entries.flatten().map(|entry| (entry.file_name(), entry.file_type().ok())).collect();
        names.retain(|(name, _)| {
            let name = name.to_string_lossy();
            // Packages of others hold catalogs of others.
            (!name.starts_with('.') || (self.dotted)(&name)) && name != "node_modules"
        });
        names.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.entries += names.len();
        if self.entries > MOST {
            bail!("there are more than {MOST} files up to {}: name a smaller directory", shown.display());
        }
        let mut unread = Vec::new();
        for (name, kind) in names {
            let path = directory.join(&name);
            let linked = || match fs::metadata(&path) {
                Ok(metadata) => Some(metadata.file_type()),
                Err(error) => {
                    // Of what stands beside the files that are wanted nobody speaks.
                    let why = why_unread(&path, &error).filter(|_| (self.wanted)(&path));
                    unread.extend(why.map(|why| (path.clone(), why)));
                    None
                }
            };
            match kind.filter(|kind| !kind.is_symlink()).or_else(linked) {
                Some(kind) if kind.is_dir() => self.enter(&path, depth + 1)?,
                // A pipe or a socket is no file of anybody's catalog or fleet.
                Some(kind) if kind.is_file() && (self.wanted)(&path) => self.found.push(path),
                _ => {}
            }
        }
        self.unread.append(&mut unread);
        Ok(())
    }
}

fn is_yaml(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// `a/{b,c}/d` is `a/b/d` and `a/c/d`; at most 256 patterns come of one.
fn alternatives(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = vec![pattern.to_string()];
    while let Some(text) = open.pop() {
        let braces = text.find('}').and_then(|end| text[..end].rfind('{').map(|start| (start, end)));
        match braces {
            Some((start, end)) if open.len() + done.len() < 256 => {
                let choices: Vec<&str> = text[start + 1..end].split(',').collect();
                open.extend(
                    choices.iter().map(|choice| format!("{}{choice}{}", &text[..start], &text[end + 1..])),
                );
            }
            _ => done.push(text),
        }
    }
    done
}

/// The directory before the first part with a wildcard, and the parts from there on.
fn split_pattern(pattern: &str) -> (PathBuf, Vec<String>) {
    let parts: Vec<&str> = pattern.split('/').collect();
    let first = parts.iter().position(|part| part.contains(['*', '?'])).unwrap_or(parts.len());
    let base = parts[..first].join("/");
    let base = if base.is_empty() && pattern.starts_with('/') { "/".to_string() } else { base };
    let steps = parts[first..].iter().filter(|part| !part.is_empty() && **part != ".");
    (PathBuf::from(base), steps.map(|part| (*part).to_string()).collect())
}

/// Whether path parts match pattern parts; `**` stands for any number of directories.
/// One row of the usual table at a time, so that many `**` cost no more than their product.
fn matches_steps(steps: &[String], parts: &[&str]) -> bool {
    let mut reached = vec![false; parts.len() + 1];
    reached[0] = true;
    for step in steps {
        let mut next = vec![false; parts.len() + 1];
        if step == "**" {
            let mut any = false;
            for (index, slot) in next.iter_mut().enumerate() {
                // A hidden directory is one of those only where the pattern names it.
                any &= index == 0 || !parts[index - 1].starts_with('.');
                any |= reached[index];
                *slot = any;
            }
        } else {
            let pattern = wildmatch::WildMatch::new(step);
            for index in 0..parts.len() {
                let is_hidden = parts[index].starts_with('.') && !step.starts_with('.');
                next[index + 1] = reached[index] && !is_hidden && pattern.matches(parts[index]);
            }
        }
        reached = next;
    }
    reached[parts.len()]
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::expand;

    #[test]
    fn paths_directories_and_patterns() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        for file in [
            "a.yaml",
            "b.yml",
            "c.txt",
            ".hidden.yaml",
            "sub/d.yaml",
            "sub/deep/e.yaml",
            ".git/f.yaml",
            ".backstage/g.yaml",
            "sub/.backstage/h.yaml",
            "node_modules/i.yaml",
            "x[1].yaml",
        ] {
            let path = root.join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, "").expect("written");
        }
        let check = |pattern: &str, expect: &[&str]| {
            let found = expand(&root.join(pattern)).expect("listed").files;
            let names: Vec<String> = found
                .iter()
                .map(|path| path.strip_prefix(root).expect("below").display().to_string())
                .collect();
            assert_eq!(names, expect, "{pattern}");
        };
        check("a.yaml", &["a.yaml"]);
        check("none.yaml", &[]);
        check(
            "",
            &[
                ".backstage/g.yaml",
                "a.yaml",
                "b.yml",
                "sub/.backstage/h.yaml",
                "sub/d.yaml",
                "sub/deep/e.yaml",
                "x[1].yaml",
            ],
        );
        check("**/.backstage/*.yaml", &[".backstage/g.yaml", "sub/.backstage/h.yaml"]);
        check("sub/.back*/*.yaml", &["sub/.backstage/h.yaml"]);
        check(".*.yaml", &[".hidden.yaml"]);
        check("*.yaml", &["a.yaml", "x[1].yaml"]);
        check("?.y*ml", &["a.yaml", "b.yml"]);
        check("**/*.yaml", &["a.yaml", "sub/d.yaml", "sub/deep/e.yaml", "x[1].yaml"]);
        check("sub/**", &["sub/d.yaml", "sub/deep/e.yaml"]);
        check("**/deep/*", &["sub/deep/e.yaml"]);
        check("{a,sub/d}.yaml", &["a.yaml", "sub/d.yaml"]);
        check("*/*.yaml", &["sub/d.yaml"]);
        check("none/*.yaml", &[]);
        check("x[1].yaml", &["x[1].yaml"]);
        check(&"**/".repeat(40), &["a.yaml", "b.yml", "c.txt", "sub/d.yaml", "sub/deep/e.yaml", "x[1].yaml"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_end() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.yaml"), "").expect("written");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).expect("linked");
        std::os::unix::fs::symlink("nowhere", folder.path().join("dangling.yaml")).expect("linked");
        let found = expand(folder.path()).expect("listed");
        assert_eq!(found.files, [folder.path().join("a.yaml")]);
        let why = "is a link to nowhere, which does not exist".to_string();
        assert_eq!(found.unread, [(folder.path().join("dangling.yaml"), why)]);
        let told = |name: &str| expand(&folder.path().join(name)).expect_err("refused").to_string();
        std::os::unix::fs::symlink("self", folder.path().join("self")).expect("linked");
        assert!(told("dangling.yaml").ends_with("is a link to nowhere, which does not exist"));
        assert!(told("self").ends_with("is a link that leads back to itself"), "{}", told("self"));
    }
}
