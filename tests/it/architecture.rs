//! The house holds: layers, doors, no cycles, no module for odds and ends.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A module uses rows below its own; never its neighbours, never above.
const ROWS: &[&[&str]] = &[
    &["main"],
    &["cli"],
    &["commands"],
    &["args"],
    &["survey", "golden_paths"],
    &["app"],
    &["fleet", "demo"],
    &["config"],
    &["ui", "env", "files", "process"],
    &["render"],
    &["report"],
    &["diagnose", "scaffold"],
    &["compare"],
    &["health"],
    &["podstatus", "loglines"],
    &["catalog", "workload"],
    &["yaml", "tree", "selector", "text", "pattern", "outcome", "expression", "shared"],
    &["mutation"],
];

/// The modules that touch the world, and the one place where YAML is read.
const DOORS: &[&str] = &["demo", "env", "files", "fleet", "process", "ui", "yaml"];

const BAGS: &[&str] = &["common", "helper", "helpers", "misc", "util", "utils"];

struct Source {
    /// The top-level module it belongs to.
    module: String,
    path: PathBuf,
    text: String,
    /// Declared under `#[cfg(test)]`.
    is_test: bool,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
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

fn row(module: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&module))
}

/// The top-level modules that a text names as `crate::module`.
fn used(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (start, _) in text.match_indices("crate::") {
        let rest = &text[start + "crate::".len()..];
        let names: Vec<String> = match rest.strip_prefix('{') {
            Some(group) => top_level_names(group),
            None => vec![rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()],
        };
        found.extend(names.into_iter().filter(|name| !name.is_empty()));
    }
    found
}

fn top_level_names(group: &str) -> Vec<String> {
    let (mut names, mut name, mut depth, mut taken) = (Vec::new(), String::new(), 0, false);
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(std::mem::take(&mut name));
                taken = false;
            }
            ':' => taken = true,
            c if depth == 0 && !taken && (c.is_alphanumeric() || c == '_') => name.push(c),
            _ => {}
        }
    }
    names.push(name);
    names
}

#[test]
fn every_module_has_a_row() {
    for source in sources() {
        assert!(row(&source.module).is_some(), "{} is in no row of the house", source.path.display());
    }
}

#[test]
fn modules_use_rows_below_their_own() {
    let mut wrong = Vec::new();
    for source in sources() {
        for name in used(&source.text) {
            let (Some(mine), Some(its)) = (row(&source.module), row(&name)) else { continue };
            if name != source.module && its <= mine {
                wrong.push(format!("{} uses crate::{name}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "against the direction of the house:\n{}", wrong.join("\n"));
}

/// Every `crate::a::b::c` that a text names, groups in braces taken apart.
fn paths(text: &str) -> Vec<Vec<String>> {
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

/// The children of one directory use each other in one direction only, at every depth; a directory's `mod.rs` is what
/// its children may share.
#[test]
fn submodules_form_no_cycle() {
    let modules = modules();
    let mut uses: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = BTreeMap::new();
    for (mine, text) in &modules {
        let production = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
        for path in paths(production) {
            let Some(its) =
                (1..=path.len()).rev().map(|end| &path[..end]).find(|path| modules.contains_key(*path))
            else {
                continue;
            };
            let shared = mine.iter().zip(its).take_while(|(mine, its)| mine == its).count();
            if shared > 0 && shared < mine.len() && shared < its.len() {
                uses.entry(mine[..=shared].to_vec()).or_default().insert(its[..=shared].to_vec());
            }
        }
    }
    let mut cycles = Vec::new();
    for start in uses.keys() {
        let (mut seen, mut stack) = (BTreeSet::new(), vec![start.clone()]);
        while let Some(name) = stack.pop() {
            for next in uses.get(&name).into_iter().flatten() {
                if next == start {
                    cycles.push(format!("{} is in a cycle through {}", start.join("::"), name.join("::")));
                }
                if seen.insert(next.clone()) {
                    stack.push(next.clone());
                }
            }
        }
    }
    assert!(uses.keys().any(|module| module.len() > 3), "the deep modules are looked at too");
    assert!(cycles.is_empty(), "{}", cycles.join("\n"));
}

/// The words of the code in the glossary are types and modules that exist.
#[test]
fn words_of_the_code_exist() {
    let page = fs::read_to_string(root().join("docs/glossary.md")).expect("readable");
    let (_, words) = page.split_once("## Words of the code").expect("the second part");
    let words: Vec<&str> = words
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(word, _)| word))
        .collect();
    assert!(words.len() > 20, "{words:?}");
    let sources = sources();
    for word in words {
        let declares = |keyword: &str| {
            let declared = format!("{keyword} {word}");
            let is_whole = |text: &str| !text.starts_with(|next: char| next.is_alphanumeric() || next == '_');
            sources.iter().any(|source| {
                source
                    .text
                    .match_indices(&declared)
                    .any(|(at, _)| is_whole(&source.text[at + declared.len()..]))
            })
        };
        assert!(["struct", "enum", "trait", "mod"].iter().any(|keyword| declares(keyword)), "{word} is gone");
    }
}

/// A newcomer who reads a type's name knows which one is meant. Types that an `impl` gives its trait (`type Err`) are
/// the trait's.
#[test]
fn a_type_name_is_declared_once() {
    let declared =
        regex::Regex::new(r"(?m)^ *(?:pub(?:\([a-z: ]+\))? )?(?:struct|enum|trait|union) ([A-Z]\w*)")
            .expect("valid");
    let aliases = regex::Regex::new(r"(?m)^(?:pub(?:\([a-z: ]+\))? )?type ([A-Z]\w*)").expect("valid");
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources().iter().filter(|source| !source.path.iter().any(|part| part == "golden-paths")) {
        for found in declared.captures_iter(&source.text).chain(aliases.captures_iter(&source.text)) {
            places.entry(found[1].to_string()).or_default().push(source.path.display().to_string());
        }
    }
    assert!(places.len() > 700, "{} types", places.len());
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "declared more than once: {places:#?}");
}

/// The text of every module that is no test, by its path below the crate.
fn modules() -> BTreeMap<Vec<String>, String> {
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

#[test]
fn a_path_in_braces_is_every_path_in_it() {
    let found = paths("use crate::a::{self, b::{C, d}, e};\nuse crate::f::g as h;");
    let joined: Vec<String> = found.iter().map(|path| path.join("::")).collect();
    assert_eq!(joined, ["a::self", "a::b::C", "a::b::d", "a::e", "f::g"]);
}

#[test]
fn nothing_hides_where_it_comes_from() {
    for source in sources() {
        let path = source.path.display();
        assert!(!source.text.contains("super::*"), "{path} uses super::*");
        let stem = source.path.file_stem().expect("a file").to_string_lossy().to_string();
        assert!(!BAGS.contains(&stem.as_str()), "{path} is a bag of odds and ends");
        assert!(source.text.starts_with("//! "), "{path} does not say what it is for");
    }
}

#[test]
fn only_doors_touch_the_world() {
    for source in sources() {
        let opens = source.text.contains("expect(clippy::disallowed_methods")
            || source.text.contains("allow(clippy::disallowed_methods")
            || source.text.contains("expect(clippy::disallowed_types");
        let is_test = source.path.ends_with("tests.rs") || source.path.ends_with("corpus.rs")
            // Of tests alone as well: a variable says how many mutations there are.
            || source.path.ends_with("mutation.rs");
        assert!(
            !opens || is_test || DOORS.contains(&source.module.as_str()),
            "{} opens a door",
            source.path.display()
        );
    }
}

/// The lines of a file that are in no item under `#[cfg(test)]`, wherever that stands.
fn outside_of_tests(text: &str) -> impl Iterator<Item = &str> {
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

#[test]
fn files_stay_small_enough_to_live_in() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|source| !source.is_test)
        .filter_map(|source| {
            let lines = outside_of_tests(&source.text).count();
            (lines > 400).then(|| format!("{}: {lines} lines outside of its tests", source.path.display()))
        })
        .collect();
    assert!(long.is_empty(), "split along the subject:\n{}", long.join("\n"));
}

#[test]
fn every_test_file_is_declared() {
    let main = fs::read_to_string(root().join("tests/it/main.rs")).expect("readable");
    for entry in fs::read_dir(root().join("tests/it")).expect("readable") {
        let path = entry.expect("readable").path();
        let stem = path.file_stem().expect("a file").to_string_lossy().to_string();
        if path.extension().is_some_and(|extension| extension == "rs") && stem != "main" {
            assert!(main.contains(&format!("mod {stem};")), "tests/it/{stem}.rs is forgotten in main.rs");
        }
    }
}

/// The paths that clippy.toml bans.
fn bans() -> Vec<String> {
    let text = fs::read_to_string(root().join("clippy.toml")).expect("readable");
    let path = |line: &str| Some(line.split("path = \"").nth(1)?.split('"').next()?.to_string());
    text.lines().filter_map(path).collect()
}

#[test]
#[ignore = "runs clippy on a crate of its own"]
fn every_ban_bites() {
    let directory = tempfile::tempdir().expect("a directory");
    let crate_root = directory.path();
    let lock = root().join("Cargo.lock");
    let version = |name: &str| {
        let text = fs::read_to_string(&lock).expect("readable");
        let entry = format!("name = \"{name}\"\nversion = \"");
        let all: Vec<String> =
            text.split(&entry).skip(1).filter_map(|rest| Some(rest.split('"').next()?.to_string())).collect();
        all.into_iter().next().unwrap_or_else(|| panic!("{name} is locked"))
    };
    let manifest = format!(
        "[package]\nname = \"bans\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\njiff = \"={}\"\n\
         tokio = {{ version = \"={}\", features = [\"net\", \"fs\", \"process\"] }}\n\
         yaml_serde = \"={}\"\n[workspace]\n",
        version("jiff"),
        version("tokio"),
        version("yaml_serde"),
    );
    fs::create_dir(crate_root.join("src")).expect("created");
    fs::write(crate_root.join("Cargo.toml"), manifest).expect("written");
    let generic = |path: &str| match path {
        "yaml_serde::from_str" => "yaml_serde::from_str::<String>".to_string(),
        "yaml_serde::from_slice" => "yaml_serde::from_slice::<String>".to_string(),
        "yaml_serde::from_reader" => "yaml_serde::from_reader::<&[u8], String>".to_string(),
        "yaml_serde::to_string" => "yaml_serde::to_string::<String>".to_string(),
        "tokio::fs::write" => "tokio::fs::write(\"a\", \"b\")".to_string(),
        path if path.starts_with("tokio::fs::") => format!("{path}(\"a\")"),
        path if path.starts_with("std::fs::OpenOptions") => "std::fs::OpenOptions::open::<&str>".to_string(),
        path if needs_a_path(path) => format!("{path}::<{}>", vec!["&str"; arguments(path)].join(", ")),
        path if path.ends_with("::connect") || path.ends_with("::bind") || path.ends_with("lookup_host") => {
            format!("{path}::<&str>")
        }
        path if path.ends_with("Command::new")
            || path.ends_with("env::var")
            || path.ends_with("env::var_os") =>
        {
            format!("{path}::<&str>")
        }
        path => path.to_string(),
    };
    let uses: String = bans().iter().map(|path| format!("    let _ = {};\n", generic(path))).collect();
    fs::write(crate_root.join("src/main.rs"), format!("fn main() {{\n{uses}}}\n")).expect("written");
    let output = Command::new(env!("CARGO"))
        .args(["clippy", "--quiet", "--", "-W", "clippy::disallowed_methods"])
        .current_dir(crate_root)
        .env("CLIPPY_CONF_DIR", root())
        .env("CARGO_TARGET_DIR", crate_root.join("target"))
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stderr);
    for path in bans() {
        assert!(
            text.contains(&format!("use of a disallowed method `{path}`")),
            "{path} does not bite:\n{text}"
        );
    }
}

/// Functions that take `impl AsRef<Path>`, and how many.
fn needs_a_path(path: &str) -> bool {
    path.starts_with("std::fs::") && !path.contains("OpenOptions")
}

fn arguments(path: &str) -> usize {
    match path.rsplit("::").next() {
        Some("rename" | "copy" | "write") => 2,
        _ => 1,
    }
}

/// The engine of `${{ }}` uses std and crates alone, so that it could be a crate tomorrow, and shows four functions.
#[test]
fn the_expression_engine_is_a_thing_of_its_own() {
    for source in sources().iter().filter(|source| source.module == "expression" && !source.is_test) {
        let production = source.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let others: Vec<String> = used(production).into_iter().filter(|name| name != "expression").collect();
        assert!(others.is_empty(), "{} uses {others:?}", source.path.display());
    }
    let face = fs::read_to_string(root().join("src/expression/mod.rs")).expect("readable");
    assert!(!face.lines().any(|line| line.starts_with("pub mod ")), "its files are its own");
    let shown = regex::Regex::new(r"(?m)^pub (?:fn |use .*\b)(render|render_value|references|filters)\b")
        .expect("valid");
    let functions: BTreeSet<String> = shown.captures_iter(&face).map(|found| found[1].to_string()).collect();
    assert_eq!(
        functions.into_iter().collect::<Vec<_>>(),
        ["filters", "references", "render", "render_value"]
    );
    let declared = face.lines().filter(|line| line.starts_with("pub fn ")).count();
    assert_eq!(declared, 2, "render and render_value alone are declared in mod.rs");
}

/// Where a path of the Kubernetes API is built, so that every name in it is checked and encoded in one place. Only the simulated
/// server, and what plays a server in a test, knows paths besides.
#[test]
fn one_place_builds_paths_of_the_api() {
    let is_path = |line: &str| {
        let literal = ["\"/api/", "\"/apis/", "/namespaces/{", "\"/api\"", "\"/apis\""];
        !line.trim_start().starts_with("//") && literal.iter().any(|literal| line.contains(literal))
    };
    let mut found = BTreeSet::new();
    let plays = |path: &Path| path.iter().any(|part| part == "tests" || part == "tests.rs");
    for source in sources()
        .iter()
        .filter(|source| source.module != "demo" && !plays(source.path.strip_prefix(root()).expect("below")))
    {
        // What follows is tests.
        let text = source.text.split("#[cfg(test)]\n").next().unwrap_or_default();
        if !source.is_test && text.lines().any(is_path) {
            found.insert(source.path.strip_prefix(root().join("src")).expect("below src").to_path_buf());
        }
    }
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [Path::new("fleet/path.rs")]);
}

/// git is started in one place, which takes the caller's repository out of its environment.
#[test]
fn one_place_starts_git() {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test) {
        let text = source.text.split("#[cfg(test)]\n").next().unwrap_or_default();
        let starts = |line: &str| {
            line.contains("\"git\"") && (line.contains("program") || line.contains("Command::new"))
        };
        if text.lines().any(starts) {
            found.push(source.path.strip_prefix(root().join("src")).expect("below src").to_path_buf());
        }
    }
    assert_eq!(found, [Path::new("golden_paths/git/run.rs")]);
}

/// The file that a path leads to, and what is left of the path: `survey::gather::gather` is `gather` in src/survey/gather.rs.
fn file_of(path: &str) -> Option<(Vec<PathBuf>, Vec<String>)> {
    let modules = sources().into_iter().filter(|source| !source.is_test).map(|source| source.path);
    let modules: BTreeMap<Vec<String>, PathBuf> = modules
        .map(|file| {
            let relative = file.strip_prefix(root().join("src")).expect("below src").with_extension("");
            let names = relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
            (names.filter(|name| name != "mod").collect(), file)
        })
        .collect();
    let names: Vec<String> = path.split("::").map(str::to_string).collect();
    let length = (1..names.len()).rev().find(|length| modules.contains_key(&names[..*length]))?;
    let below = modules.iter().filter(|(module, _)| module.starts_with(&names[..length]));
    let mut files: Vec<(&Vec<String>, PathBuf)> =
        below.map(|(module, file)| (module, file.clone())).collect();
    files.sort_by_key(|(module, _)| module.len());
    Some((files.into_iter().map(|(_, file)| file).collect(), names[length..].to_vec()))
}

/// Whether a file declares an item, or a function of a type that it has an `impl` of.
fn declares(file: &Path, names: &[String]) -> bool {
    let text = fs::read_to_string(file).expect("readable");
    let item = |name: &str| {
        let pattern = format!(r"\b(fn|struct|enum|trait|const|static|type|mod|macro_rules!) {name}\b");
        regex::Regex::new(&pattern).expect("valid").is_match(&text)
    };
    match names {
        [name] => item(name),
        [owner, name] => {
            let pattern = format!(
                r"(?m)^(impl(<[^>]*>)?( \w+(<[^>]*>)? for)?|enum|pub enum|trait|pub trait) {owner}\b"
            );
            let has_owner = regex::Regex::new(&pattern).expect("valid").is_match(&text);
            has_owner && (item(name) || text.contains(&format!("    {name},")))
        }
        _ => false,
    }
}

/// Every path in docs/architecture.md leads to what it names. The first that a row of a walk names stands in the very file of its
/// module, and no walk visits a file twice.
#[test]
fn the_walks_can_be_followed() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).expect("readable");
    let prose: String = page.split("```").step_by(2).collect();
    let path = regex::Regex::new(r"`(\w+(?:::\w+)+)`").expect("valid");
    let mut seen = 0;
    for found in path.captures_iter(&prose) {
        let Some((files, rest)) = file_of(&found[1]) else { panic!("{} leads nowhere", &found[1]) };
        assert!(files.iter().any(|file| declares(file, &rest)), "{} is not there", &found[1]);
        seen += 1;
    }
    assert!(seen > 40, "{seen} paths");
    let walks: Vec<&str> = page.split("\n### `callboard ").skip(1).collect();
    assert_eq!(walks.len(), 3, "the walks are looked at");
    for walk in walks {
        let walk = walk.split("\n## ").next().unwrap_or_default();
        let steps: Vec<&str> =
            walk.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        assert!(steps.len() > 10, "{steps:?}");
        let mut visited = BTreeSet::new();
        for step in steps {
            let (files, rest) = file_of(step).unwrap_or_else(|| panic!("{step} leads nowhere"));
            assert!(declares(&files[0], &rest), "{step} is not in {}", files[0].display());
            assert!(visited.insert(files[0].clone()), "{} is visited twice", files[0].display());
        }
    }
}
