//! The house holds: layers, no cycles, no module for odds and ends, files that are small enough to live in.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::source_text::{modules, outside_of_tests, paths, root, sources};

/// A module uses rows below its own; never its neighbours, never above.
const ROWS: &[&[&str]] = &[
    &["main"],
    &["cli"],
    &["commands"],
    &["args"],
    &["survey", "golden_paths"],
    &["app"],
    &["fleet", "demo"],
    &["config", "git"],
    &["ui", "env", "files", "process"],
    &["render"],
    &["report"],
    &["diagnose", "scaffold", "changes", "readiness"],
    &["compare"],
    &["health"],
    &["podstatus", "loglines"],
    &["catalog", "workload"],
    &["yaml", "tree", "selector", "text", "pattern", "outcome", "expression", "shared"],
    &["mutation"],
];

const BAGS: &[&str] = &["common", "helper", "helpers", "misc", "util", "utils"];

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

/// What a module and its children both use stands in a sibling of the children. A parent that uses one of its children, beyond
/// showing what is in it (`pub use`), declares nothing that this child, or what is below it, uses.
#[test]
fn a_parent_and_its_child_do_not_use_each_other() {
    let modules: BTreeMap<Vec<String>, String> = modules()
        .into_iter()
        .map(|(path, text)| (path, outside_of_tests(&text).collect::<Vec<_>>().join("\n")))
        .collect();
    let item = r"(?m)^\s*(?:pub(?:\([a-z: ]+\))? )?(?:async )?(?:const )?(?:fn|struct|enum|trait|const|static|type) (\w+)";
    let (item, shown) =
        (regex::Regex::new(item).expect("valid"), regex::Regex::new(r"(?s)\bpub use [^;]*;").expect("valid"));
    let named: BTreeMap<&Vec<String>, Vec<Vec<String>>> =
        modules.iter().map(|(path, text)| (path, paths(text))).collect();
    let mut pairs = Vec::new();
    for child in modules.keys().filter(|path| path.len() > 1) {
        let parent = &child[..child.len() - 1];
        let Some(text) = modules.get(parent) else { continue };
        let own = shown.replace_all(text, "");
        let call = format!(r"(?:^|[^\w:]){}::\w", child[child.len() - 1]);
        let uses_child = paths(&own).iter().any(|path| path.starts_with(child))
            || regex::Regex::new(&call).expect("valid").is_match(&own);
        if !uses_child {
            continue;
        }
        let declared: BTreeSet<&str> =
            item.captures_iter(text).filter_map(|found| Some(found.get(1)?.as_str())).collect();
        let below = named.iter().filter(|(path, _)| path.starts_with(child)).flat_map(|(_, paths)| paths);
        let of_parent = below.filter(|path| {
            path.starts_with(parent) && !modules.contains_key(&path[..=parent.len().min(path.len() - 1)])
        });
        let used: BTreeSet<&str> = of_parent
            .filter_map(|path| path.get(parent.len()).map(String::as_str))
            .filter(|name| declared.contains(name))
            .collect();
        if !used.is_empty() {
            pairs.push(format!("{} uses {used:?} of its parent, which uses it", child.join("::")));
        }
    }
    assert!(pairs.is_empty(), "move what both use into a sibling:\n{}", pairs.join("\n"));
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
