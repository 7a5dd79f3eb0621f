//! docs/security.md against the code: every place that writes a file or starts a program is one that the page tells of.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files of src whose production code matches, but for the doors themselves.
fn places(pattern: &str, door: &str) -> BTreeSet<String> {
    let pattern = regex::Regex::new(pattern).expect("a pattern");
    let mut files = Vec::new();
    crate::support::files_below(&root().join("src"), &mut files);
    let relative = |path: &Path| path.strip_prefix(root().join("src")).expect("below").display().to_string();
    files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| (relative(&path), fs::read_to_string(&path).expect("read")))
        .filter(|(name, _)| {
            !name.starts_with(door) && !name.contains("tests") && !name.starts_with("scaffold/golden-paths/")
        })
        .filter(|(_, text)| {
            pattern.is_match(text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default())
        })
        .map(|(name, _)| name)
        .collect()
}

#[track_caller]
fn told(found: BTreeSet<String>, known: &[(&str, &str)]) {
    let page = fs::read_to_string(root().join("docs/security.md")).expect("read");
    let names: BTreeSet<String> = known.iter().map(|(name, _)| (*name).to_string()).collect();
    assert_eq!(found, names, "what is new here belongs into docs/security.md, and into this list");
    for (name, words) in known {
        assert!(page.contains(words), "docs/security.md says nothing of {words:?}, for {name}");
    }
}

#[test]
fn every_file_that_is_written_is_listed() {
    let writes = r"files::(append_lines|replace|create|make|write_tree|merge_tree|change_tree|replace_tree|temporary_directory|create_dir)\b|Journal::open";
    told(
        places(writes, "files"),
        &[
            ("app/children.rs", "what a plugin of callboard or a command behind `demo --` is given"),
            ("app/lately.rs", "`lately.json` in the cache directory"),
            ("app/cluster_sources.rs", "`sources.json` in the cache directory"),
            ("app/memory.rs", "`answers/` in the cache directory"),
            ("commands/adopt.rs", "what `update` and `adopt` bring to a project"),
            ("commands/catalog/pull/mod.rs", "entities that were imported or pulled"),
            ("commands/catalog/written.rs", "entities that were imported or pulled"),
            ("commands/check/rendered.rs", "what a golden path that promises a level makes"),
            ("commands/context/switch.rs", "the kubeconfig's `current-context`"),
            ("commands/demo.rs", "the file that `demo --write` names"),
            ("commands/init/mod.rs", "a first configuration"),
            ("commands/new/gone.rs", "the catalog's Location file"),
            ("commands/new/plan.rs", "the directory that `new` and `template eject` are given"),
            ("commands/new/proposal.rs", "a pull request's files"),
            ("commands/new/register.rs", "the catalog's Location file"),
            ("commands/new/remembered.rs", "`forms/` in the cache directory"),
            ("commands/new/repository.rs", "the directory that `new` and `template eject` are given"),
            ("commands/template/eject.rs", "the directory that `new` and `template eject` are given"),
            ("commands/template/test/mod.rs", "with `template test --update`"),
            ("commands/update/in_place.rs", "what `update` and `adopt` bring to a project"),
            ("demo/directory/source.rs", "`CALLBOARD_DEMO_REQUESTS`"),
            ("fleet/plugins/store.rs", "`credentials/` in the cache directory"),
            ("git/checkout.rs", "what is fetched or proposed, while it is worked on"),
            ("git/fetch.rs", "what is fetched or proposed, while it is worked on"),
            ("git/store.rs", "`git/` in the cache directory"),
            ("golden_paths/kept.rs", "what golden paths wrote into projects"),
        ],
    );
}

#[test]
fn every_program_that_is_started_is_listed() {
    told(
        places(r"crate::process::(Task|\{[^}]*Task)", "process"),
        &[
            ("app/children.rs", "| an executable `callboard-foo` on PATH |"),
            ("commands/catalog/pull/token.rs", "what `catalog pull --token-command` names"),
            ("commands/check/manifests.rs", "`kubectl kustomize` for `check`"),
            ("commands/kubectl/run.rs", "| `kubectl` |"),
            ("fleet/plugins.rs", "the credential plugin that the kubeconfig names"),
            ("fleet/plugins/plugin.rs", "the credential plugin that the kubeconfig names"),
            ("fleet/sources/command.rs", "the `command` of a source of clusters"),
            ("git/run.rs", "| `git` |"),
        ],
    );
}

/// The only words that requests begin with, and the only kind that is posted.
#[test]
fn requests_read() {
    let methods = places(r"Request::(post|put|patch|delete)\b|Method::(POST|PUT|PATCH|DELETE)", "demo");
    assert_eq!(methods.into_iter().collect::<Vec<_>>(), ["fleet/asked.rs"]);
    let asked = fs::read_to_string(root().join("src/fleet/asked.rs")).expect("read");
    assert_eq!(asked.matches("Request::post").count(), 1, "the review of ourselves");
    let reviews = places(r"\.review\(", "demo");
    assert_eq!(reviews.into_iter().collect::<Vec<_>>(), ["commands/clusters.rs"]);
}

/// Of all that callboard asks on its own only the sources that are made of Secrets can ask for one.
#[test]
fn one_place_asks_for_secrets() {
    let secrets = places(r#"plural: "secrets""#, "demo");
    told(secrets, &[("fleet/sources/secrets.rs", "`type: cluster-api` reads the Secret")]);
}
