//! The walks of docs/architecture.md can be followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::source_text::{root, sources};

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
