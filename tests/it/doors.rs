//! Only doors touch the world, and what may harm has one place.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::source_text::{root, sources};

/// The modules that touch the world, and the one place where YAML is read.
const DOORS: &[&str] = &["demo", "env", "files", "fleet", "process", "ui", "yaml"];

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
    assert_eq!(found, [Path::new("git/run.rs")]);
}
