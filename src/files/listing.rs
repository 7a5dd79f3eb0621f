//! Which files a catalog path means: a file, a directory, or a pattern with `*`, `?`, `**` and `{a,b}`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// Directories are read to this depth and files to this number, so that a wrong path (`/`) ends.
const DEEPEST: usize = 32;
const MOST: usize = 100_000;

/// The files that a path or pattern means, sorted: a file is itself; a directory is every YAML file below it
/// (hidden ones and those in hidden directories apart); a pattern is what it matches. Nothing matching is
/// an empty list, not an error. A literal name wins over a pattern.
pub fn expand(path: &Path) -> Result<Vec<PathBuf>> {
    if let Ok(metadata) = fs::metadata(path) {
        return match metadata.is_dir() {
            true => list(path, &|file| is_yaml(file)),
            false => Ok(vec![path.to_path_buf()]),
        };
    }
    let text = path.to_string_lossy().into_owned();
    if !text.contains(['*', '?', '{']) {
        return Ok(Vec::new());
    }
    let mut found = BTreeSet::new();
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
            found.extend(list(&base, &matching)?);
        }
    }
    Ok(found.into_iter().collect())
}

/// Every file below a directory that is wanted, sorted; links are followed, but no directory is entered twice
/// on the way down. An unreadable directory is left out; one that does not exist holds nothing.
pub fn list(directory: &Path, wanted: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut above = Vec::new();
    walk(directory, wanted, &mut above, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(
    directory: &Path,
    wanted: &dyn Fn(&Path) -> bool,
    above: &mut Vec<PathBuf>,
    found: &mut Vec<PathBuf>,
) -> Result<()> {
    let real = fs::canonicalize(directory).unwrap_or_else(|_| directory.to_path_buf());
    if above.len() >= DEEPEST || above.contains(&real) {
        return Ok(());
    }
    // What cannot be opened is most often somebody else's; the files that can be read still count.
    let shown = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let Ok(entries) = fs::read_dir(shown) else { return Ok(()) };
    above.push(real);
    for entry in entries.flatten() {
        let name = entry.file_name();
        let path = directory.join(&name);
        let Ok(metadata) = fs::metadata(&path) else { continue };
        if metadata.is_dir() {
            if !name.to_string_lossy().starts_with('.') {
                walk(&path, wanted, above, found)?;
            }
        } else if wanted(&path) && !name.to_string_lossy().starts_with('.') {
            found.push(path);
        }
        if found.len() > MOST {
            bail!("{} holds more than {MOST} files", above[0].display());
        }
    }
    above.pop();
    Ok(())
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
                any |= reached[index];
                *slot = any;
            }
        } else {
            let pattern = wildmatch::WildMatch::new(step);
            for index in 0..parts.len() {
                next[index + 1] = reached[index] && pattern.matches(parts[index]);
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
            "x[1].yaml",
        ] {
            let path = root.join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, "").expect("written");
        }
        let check = |pattern: &str, expect: &[&str]| {
            let found = expand(&root.join(pattern)).expect("listed");
            let names: Vec<String> = found
                .iter()
                .map(|path| path.strip_prefix(root).expect("below").display().to_string())
                .collect();
            assert_eq!(names, expect, "{pattern}");
        };
        check("a.yaml", &["a.yaml"]);
        check("none.yaml", &[]);
        check("", &["a.yaml", "b.yml", "sub/d.yaml", "sub/deep/e.yaml", "x[1].yaml"]);
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
        assert_eq!(found, [folder.path().join("a.yaml")]);
    }
}
