//! The text of the program, for the tests of its shape: files, modules, and the paths that they name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the program.
pub struct Source {
    /// The top-level module it belongs to.
    pub module: String,
    pub path: PathBuf,
    pub text: String,
    /// Declared under `#[cfg(test)]`.
    pub is_test: bool,
}

/// Where the package lies.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files of the program, in the order of their paths.
pub fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    walk(&root().join("src"), &mut files);
    let source = |path: PathBuf| {
        let relative = path.strip_prefix(root().join("src")).expect("below src");
        let first = relative.components().next().expect("not empty").as_os_str().to_string_lossy();
        let module = first.trim_end_matches(".rs").to_string();
        let text = fs::read_to_string(&path).expect("readable");
        Source { module, path, text, is_test: false }
    };
    let mut sources: Vec<Source> = files.into_iter().map(source).collect();
    let tests: BTreeSet<PathBuf> = sources.iter().flat_map(test_modules).collect();
    for source in &mut sources {
        source.is_test = tests
            .iter()
            .any(|test| source.path == test.with_extension("rs") || source.path.starts_with(test));
    }
    sources
}

/// Where the modules lie that a file declares under `#[cfg(test)]`.
fn test_modules(source: &Source) -> Vec<PathBuf> {
    let is_root = source.path.file_name().is_some_and(|name| name == "mod.rs" || name == "main.rs");
    let directory = match is_root {
        true => source.path.parent().expect("in a directory").to_path_buf(),
        false => source.path.with_extension(""),
    };
    let declared = source.text.match_indices("#[cfg(test)]\nmod ").filter_map(|(at, head)| {
        let name: String =
            source.text[at + head.len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let ends = source.text[at + head.len() + name.len()..].starts_with(';');
        ends.then(|| directory.join(name))
    });
    declared.collect()
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(directory).expect("readable").map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            // What these directories hold is data, Rust files included.
            if !["demo/data", "scaffold/golden-paths"].iter().any(|data| path.ends_with(data)) {
                walk(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The text of every module that is no test, by its path below the crate.
pub fn modules() -> BTreeMap<Vec<String>, String> {
    let mut modules = BTreeMap::new();
    for source in sources().into_iter().filter(|source| !source.is_test) {
        let relative = source.path.strip_prefix(root().join("src")).expect("below src").with_extension("");
        let mut path: Vec<String> =
            relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        if path.last().is_some_and(|last| last == "mod") {
            path.pop();
        }
        modules.insert(path, source.text);
    }
    modules
}

/// Every `crate::a::b::c` that a text names, groups in braces taken apart.
pub fn paths(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (start, head) in text.match_indices("crate::") {
        expand(&text[start + head.len()..], &mut Vec::new(), &mut found);
    }
    found
}

/// Reads one path, or a group of them, behind `before`; the length that it took.
fn expand(text: &str, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let depth = before.len();
    let mut index = 0;
    while let Some(c) = text[index..].chars().next() {
        if c == '{' {
            index += 1;
            while !text[index..].starts_with('}') && index < text.len() {
                let taken = expand(&text[index..], before, found);
                index += taken;
                let skipped = text[index..].find(|c: char| c != ',' && !c.is_whitespace());
                index += skipped.unwrap_or(text.len() - index);
                if taken == 0 && skipped == Some(0) {
                    break;
                }
            }
            before.truncate(depth);
            return index + 1;
        }
        let name: String = text[index..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        index += name.len();
        before.push(name);
        match text[index..].strip_prefix("::") {
            Some(_) => index += 2,
            None => break,
        }
    }
    found.push(before.clone());
    before.truncate(depth);
    index
}

#[test]
fn a_path_in_braces_is_every_path_in_it() {
    let found = paths("use crate::a::{self, b::{C, d}, e};\nuse crate::f::g as h;");
    let joined: Vec<String> = found.iter().map(|path| path.join("::")).collect();
    assert_eq!(joined, ["a::self", "a::b::C", "a::b::d", "a::e", "f::g"]);
}

/// The lines of a file that are in no item under `#[cfg(test)]`, wherever that stands.
pub fn outside_of_tests(text: &str) -> impl Iterator<Item = &str> {
    let mut end: Option<String> = None;
    let mut marked = false;
    text.lines().filter(move |line| {
        if let Some(closing) = &end {
            if line.starts_with(closing.as_str()) {
                end = None;
            }
            return false;
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        match line.trim() {
            "#[cfg(test)]" => marked = true,
            attribute if marked && attribute.starts_with("#[") => {}
            item if marked => {
                marked = false;
                end = (!item.ends_with(';') && !item.ends_with('}') && !item.ends_with(','))
                    .then(|| format!("{indent}}}"));
            }
            _ => return true,
        }
        false
    })
}

#[test]
fn lines_behind_a_test_item_count() {
    let text = "a\n#[cfg(test)]\nmod x;\nb\n#[cfg(test)]\nmod tests {\n    fn t() {\n    }\n}\nc\n";
    assert_eq!(outside_of_tests(text).collect::<Vec<_>>(), ["a", "b", "c"]);
}
