//! Templates in the manner of the public ones (tests/public-templates), as they lie and without a flag: what `new` writes and what it
//! commits is what Backstage's own runner made of them (tests/oracle/public.mjs), all are found, and lint has no error for any.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use crate::support::Board;

type FileIds = BTreeMap<String, String>;

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/public-templates")
}

fn json(name: &str) -> Json {
    serde_json::from_str(&fs::read_to_string(root().join(name)).expect("read")).expect("JSON")
}

fn git(directory: &Path, words: &[&str]) -> String {
    let output = Command::new("git").current_dir(directory).args(words).output().expect("git runs");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("listed") {
        let entry = entry.expect("read");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("known").is_dir() {
            true => copy(&entry.path(), &target),
            false => _ = fs::copy(entry.path(), target).expect("copied"),
        }
    }
}

/// A home with the templates in a clone of their repository.
fn board() -> Board {
    let mut board = Board::empty();
    for (name, value) in [("NAME", "n"), ("EMAIL", "n@example.org")] {
        board = board
            .variable(&format!("GIT_AUTHOR_{name}"), value)
            .variable(&format!("GIT_COMMITTER_{name}"), value);
    }
    let paths = board.home().join("paths");
    copy(&root().join("repo"), &paths);
    git(&paths, &["init", "--quiet", "."]);
    git(&paths, &["remote", "add", "origin", "https://github.com/acme/paths.git"]);
    board
}

/// What was written, as the oracle writes it down: mode and git's id of every file, and directories that are empty.
fn written(directory: &Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    let mut names: Vec<_> = fs::read_dir(directory.join(below))
        .expect("listed")
        .map(|entry| entry.expect("read").file_name().into_string().expect("text"))
        .filter(|name| name != ".git" && !(below.is_empty() && name == ".callboard"))
        .collect();
    names.sort();
    if names.is_empty() && !below.is_empty() {
        found.insert(format!("{below}/"), Vec::new());
    }
    for name in names {
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        match directory.join(&path).is_dir() {
            true => written(directory, &path, found),
            false => _ = found.insert(path.clone(), fs::read(directory.join(&path)).expect("read")),
        }
    }
}

fn blob_id(bytes: &[u8]) -> String {
    use std::io::Write;
    let mut child = Command::new("git")
        .args(["hash-object", "--stdin"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("git runs");
    child.stdin.take().expect("a pipe").write_all(bytes).expect("written");
    String::from_utf8(child.wait_with_output().expect("ends").stdout).expect("text").trim().to_string()
}

/// A catalog file without what `new` adds: two annotations, and the line that opens them where there were none.
fn without_origin(text: &str) -> Vec<String> {
    let ours = |line: &&str| {
        let line = line.trim_start();
        !line.starts_with("backstage.io/source-template:")
            && !line.starts_with("backstage.io/template-version:")
    };
    let kept: String = text.split_inclusive('\n').filter(ours).collect();
    let bare = kept.replacen("  annotations:\n", "", 1);
    let one =
        text.split_inclusive('\n').filter(|line| !line.contains("backstage.io/source-template:")).collect();
    vec![text.to_string(), kept, bare, one]
}

/// Whether a file is the expected one, what `new` says of its origin aside.
fn is(path: &str, bytes: &[u8], expected: &str) -> bool {
    let id = expected.rsplit(' ').next().unwrap_or_default();
    if blob_id(bytes) == id {
        return true;
    }
    path.ends_with("catalog-info.yaml")
        && without_origin(&String::from_utf8_lossy(bytes)).iter().any(|text| blob_id(text.as_bytes()) == id)
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

fn ids(value: &Json) -> FileIds {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(path, id)| (path.clone(), id.as_str().expect("an id").to_string())).collect()
}

/// What differs between a tree on the disk and the expected one.
fn differences(directory: &Path, expected: &FileIds) -> Vec<String> {
    let mut found = BTreeMap::new();
    written(directory, "", &mut found);
    let mut wrong = Vec::new();
    for (path, bytes) in &found {
        match expected.get(path) {
            None => wrong.push(format!("+ {path}")),
            Some(_) if path.ends_with('/') => {}
            Some(id) if !is(path, bytes, id) => {
                wrong.push(format!("! {path}\n{}", String::from_utf8_lossy(bytes)));
            }
            Some(id) if cfg!(unix) && id.starts_with("755") != is_executable(&directory.join(path)) => {
                wrong.push(format!("mode of {path}"));
            }
            Some(_) => {}
        }
    }
    wrong.extend(expected.keys().filter(|path| !found.contains_key(*path)).map(|path| format!("- {path}")));
    wrong
}

/// Directories that became repositories, by the last words of their origin.
fn repositories(directory: &Path, found: &mut BTreeMap<String, std::path::PathBuf>) {
    if directory.join(".git").exists() {
        let origin = git(directory, &["remote", "get-url", "origin"]);
        let name = origin.trim().trim_end_matches(".git").rsplit('/').next().unwrap_or_default().to_string();
        found.insert(name, directory.to_path_buf());
    }
    for entry in fs::read_dir(directory).expect("listed").map(|entry| entry.expect("read")) {
        if entry.file_type().expect("known").is_dir() && entry.file_name() != ".git" {
            repositories(&entry.path(), found);
        }
    }
}

/// What the first commit of each published repository lacks or has too much.
fn unpublished(directory: &Path, published: &Json) -> Vec<String> {
    let mut made = BTreeMap::new();
    repositories(directory, &mut made);
    let mut wrong = Vec::new();
    for (url, tree) in published.as_object().into_iter().flatten() {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let name = query.split('&').find_map(|pair| pair.strip_prefix("repo=")).unwrap_or_default();
        let Some(place) = made.get(name) else {
            wrong.push(format!("{url} was not made"));
            continue;
        };
        let listed = git(place, &["ls-tree", "-r", "HEAD"]);
        let committed: FileIds = listed
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(what, path)| (path.to_string(), what.rsplit(' ').next().unwrap_or_default().to_string()))
            .filter(|(path, _)| !path.starts_with(".callboard/"))
            .collect();
        let mut expected = ids(tree);
        expected.retain(|path, _| !path.ends_with('/'));
        let names = |ids: &FileIds| ids.keys().cloned().collect::<BTreeSet<_>>();
        if names(&committed) != names(&expected) {
            wrong.push(format!("{url} holds {:?}, not {:?}", names(&committed), names(&expected)));
            continue;
        }
        for (path, id) in &committed {
            let bytes = Command::new("git")
                .current_dir(place)
                .args(["cat-file", "blob", id])
                .output()
                .expect("git runs");
            if !is(path, &bytes.stdout, &expected[path]) {
                wrong.push(format!("{url}: {path} is another"));
            }
        }
    }
    wrong
}

#[test]
fn public_templates_run_as_they_lie_and_give_what_backstage_gives() {
    let board = board();
    let (runs, expectations) = (json("runs.json"), json("expectations.json"));
    let runs = runs.as_array().expect("runs");
    let mut wrong = Vec::new();
    for run in runs {
        let (name, template) =
            (run["run"].as_str().expect("a name"), run["template"].as_str().expect("a template"));
        let expected = &expectations[name];
        assert!(expected["tree"].is_object(), "{name}: run tests/oracle/public.mjs");
        let answers = board.home().join("answers.json");
        fs::write(&answers, run["answers"].to_string()).expect("written");
        let out = format!("out-{name}");
        let output =
            board.run(&format!("new {template} {out} --from paths --answers answers.json --no-register"));
        if output.code != 0 {
            wrong.push(format!("{name}: {output}"));
            continue;
        }
        let directory = board.home().join(&out);
        let mut found = differences(&directory, &ids(&expected["tree"]));
        found.extend(unpublished(&directory, &expected["published"]));
        if !found.is_empty() {
            wrong.push(format!("{name}:\n  {}", found.join("\n  ")));
        }
    }
    assert!(runs.len() >= 120, "{} runs", runs.len());
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), runs.len(), wrong.join("\n"));
}

#[test]
fn public_templates_are_found_and_lint_has_no_error() {
    let board = board();
    let listed = board.run("template list --from paths -o json").json();
    let listed = listed["items"].as_array().expect("items");
    let found: BTreeSet<&str> = listed.iter().filter_map(|item| item["name"].as_str()).collect();
    let runs = json("runs.json");
    let expected: BTreeSet<&str> =
        runs.as_array().expect("runs").iter().filter_map(|run| run["template"].as_str()).collect();
    assert!(expected.len() >= 80, "{} templates", expected.len());
    assert_eq!(found, expected);
    let linted = board.run("template lint --from paths -o json");
    let items = linted.json();
    let errors: Vec<&Json> =
        items["items"].as_array().expect("items").iter().filter(|item| item["level"] == "error").collect();
    assert!(errors.is_empty() && linted.code == 0, "{errors:#?}");
}
