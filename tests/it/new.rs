//! `new`: projects from golden paths, whole or not at all.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use snapbox::str;

use crate::support::{Board, Output, check, tells};

/// The golden paths of the tests.
pub fn paths() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden-paths/paths")
}

pub fn new(board: &Board, words: &str) -> Output {
    let from = paths().display().to_string();
    board.run_words(["new"].into_iter().chain(words.split_whitespace()).chain(["--from", &from]))
}

pub fn read(board: &Board, path: &str) -> String {
    fs::read_to_string(board.home().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A template of which only the steps are to come.
pub const TROUBLE: &str = "apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: trouble}
spec:
  type: service
  owner: guild
  parameters: {properties: {name: {type: string}}}
  steps:
";

/// Names in a directory of the home, sorted.
pub fn names(board: &Board, directory: &str) -> Vec<String> {
    let entries = fs::read_dir(board.home().join(directory)).expect("listed");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("read").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_project_is_written_locked_annotated_and_registered() {
    let board = Board::empty();
    check(
        &new(
            &board,
            "service orders --set owner=team-a --set port=9000 --set clusters=[a,b] --set registry.host=x.io",
        ),
        str![[r#"
orders: 6 files from service 1.4.0
registered in [HOME]/.config/callboard/catalog.yaml
next:
  cd orders
  run it with `./run.sh`
  callboard status orders
------- stderr -------
hint: [HOME]/.config/callboard/catalog.yaml is a new catalog: from now on every command reads it where no other one is found; --no-register founds none
[exit status: 0]

"#]],
    );
    assert_eq!(
        read(&board, "orders/catalog-info.yaml"),
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  annotations:\n    \
         backstage.io/source-template: template:default/service\n    backstage.io/template-version: \"1.4.0\"\n  \
         name: orders\nspec:\n  type: service\n  lifecycle: production\n  owner: group:default/team-a\n"
    );
    assert_eq!(
        read(&board, "orders/deploy/app.yaml"),
        "language: go\nmetrics: true\nimage: x.io/orders\nclusters: [\"a\",\"b\"]\n"
    );
    assert!(read(&board, "orders/.github/workflows/ci.yaml").contains("${{ github.sha }}"));
    let lock = read(&board, "orders/.callboard/lock.yaml");
    for word in [
        "template: template:default/service",
        "port: 9000",
        "policy: owned",
        "policy: once",
        "mode: \"755\"",
        "digest: sha256:",
    ] {
        assert!(lock.contains(word), "{word} is not in\n{lock}");
    }
    assert_eq!(
        names(&board, "orders"),
        [".callboard", ".github", "catalog-info.yaml", "deploy", "main.go", "run.sh"]
    );
    let listed = board.run("services -o name");
    assert_eq!(listed.stdout, "orders\n", "{listed}");
    #[cfg(unix)]
    {
        let ran = Command::new(board.home().join("orders/run.sh")).output().expect("it is executable");
        assert_eq!(String::from_utf8_lossy(&ran.stdout), "orders on 9000\n");
    }
}

/// The same answers make the same project, byte for byte.
#[test]
fn a_project_can_be_made_again() {
    let (one, other) = (Board::empty(), Board::empty());
    assert_eq!(new(&one, "service orders --set owner=a --set metrics=false").code, 0);
    assert_eq!(new(&other, "service orders --set metrics=false --set owner=a").code, 0);
    for file in [".callboard/lock.yaml", "catalog-info.yaml", "deploy/app.yaml"] {
        assert_eq!(read(&one, &format!("orders/{file}")), read(&other, &format!("orders/{file}")));
    }
}

#[test]
fn off_a_terminal_what_is_missing_is_listed_with_a_file_to_fill_in() {
    let board = Board::empty();
    let output = new(&board, "service orders --set language=node");
    check(
        &output,
        str![[r#"
# callboard new service orders --answers FILE
# Name
name: orders
# Owner (a Group or User)
owner:
# Language (one of go, node) - optional
language: node
# Port - optional
port: 8080
# Metrics (true or false) - optional
metrics: true
# Clusters - optional
clusters: []
# registry - optional
registry:
  host: registry.example
# token: a secret; $CALLBOARD_ANSWER_TOKEN keeps it out of files
# Repository (as in github.com?owner=acme&repo=orders) - optional
# repoUrl:
------- stderr -------
error: 1 answer of service is missing:
  owner: Owner - The team that is paged (a Group or User)
hint: --set owner=VALUE; or save what stdout holds, fill it in and pass it with --answers FILE
[exit status: 2]

"#]],
    );
    assert!(!board.home().join("orders").exists());
    let open = new(&board, "service orders -o json");
    let answers: serde_json::Value = serde_json::from_str(&open.stdout).expect("JSON");
    assert_eq!((open.code, &answers["owner"], &answers["port"]), (2, &serde_json::Value::Null, &8080.into()));
    let filled = output.stdout.replace("owner:\n", "owner: team-a\n");
    let board = board.file("answers.yaml", &filled);
    assert_eq!(new(&board, "service orders --answers answers.yaml").code, 0);
    assert!(read(&board, "orders/main.node").contains("language node"));

    let from = paths().display().to_string();
    let mut command = board.command(["new", "service", "piped", "--answers", "-", "--from", &from]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(b"owner: team-b\nport: 1\n").expect("written");
    let output = board.told(&child.wait_with_output().expect("it ends"));
    assert_eq!(output.code, 0, "{output}");
    assert!(read(&board, "piped/catalog-info.yaml").contains("owner: team-b"));
}

#[test]
fn answers_that_do_not_fit_are_refused_together() {
    let board = Board::empty();
    let output =
        new(&board, "service Orders --set owner=a --set port=99999 --set langage=go --set metrics=perhaps");
    tells(
        &output,
        2,
        &[
            "port must be 65535 or less",
            "langage is no parameter",
            "did you mean 'language'?",
            "name",
            "metrics",
        ],
    );
    assert!(!board.home().join("Orders").exists());
    tells(&new(&board, "service x --set owner"), 2, &["--set owner", "as in"]);
    tells(
        &new(&board, "service x --set owner=a --skip fetsh"),
        2,
        &["no step 'fetsh'", "did you mean fetch?"],
    );
    tells(&new(&board, "nonsense x"), 1, &["there is no golden path 'nonsense'"]);
    tells(&new(&board, "servic x"), 1, &["service"]);
}

/// Flags win over variables, variables over the file.
#[test]
fn answers_come_from_a_file_variables_and_flags() {
    let board = Board::empty()
        .file("a.yaml", "owner: file\nlanguage: node\nport: 1\n")
        .variable("CALLBOARD_ANSWER_OWNER", "variable")
        .variable("CALLBOARD_ANSWER_PORT", "2");
    assert_eq!(new(&board, "service x --answers a.yaml --set port=3").code, 0);
    let lock = read(&board, "x/.callboard/lock.yaml");
    for word in ["owner: group:default/variable", "language: node", "port: 3"] {
        assert!(lock.contains(word), "{word} is not in\n{lock}");
    }
}

/// Backstage's server refuses a run without the secrets that `spec.secrets` requires; a step sees them as `secrets`, nothing else does.
#[test]
fn secrets_that_a_template_declares_are_asked_for() {
    let template = "apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: sealed, description: d}
spec:
  type: x
  owner: g
  secrets:
    schema: {type: object, required: [TOKEN], additionalProperties: false, properties: {TOKEN: {type: string, minLength: 3}}}
  parameters: {properties: {name: {type: string}}}
  steps: [{action: 'fetch:template', input: {url: ./skeleton, values: {name: '${{ parameters.name }}', length: '${{ secrets.TOKEN.length }}'}}}]
";
    let board = Board::empty()
        .file("sealed/template.yaml", template)
        .file("sealed/skeleton/a", "${{ values.name }} ${{ values.length }}");
    tells(&board.run("new sealed one"), 2, &["1 answer of sealed is missing", "TOKEN"]);
    tells(&board.run("new sealed one --set TOKEN=ab"), 2, &["TOKEN must have at least 3 characters"]);
    assert_eq!(board.run("new sealed one --set TOKEN=hunter2").code, 0);
    assert_eq!(read(&board, "one/a"), "one 7");
    let lock = read(&board, "one/.callboard/lock.yaml");
    assert!(lock.contains("- TOKEN") && !lock.contains("hunter2"), "{lock}");
    tells(&board.run("template lint sealed"), 0, &["0 errors, 0 warnings"]);
}

#[test]
fn a_secret_is_stored_and_shown_nowhere() {
    let board = Board::empty().variable("CALLBOARD_ANSWER_TOKEN", "hunter2-secret");
    for words in ["service x --set owner=a -v", "service y --set owner=a -v --dry-run", "service z -v"] {
        let output = new(&board, words);
        assert!(!output.to_string().contains("hunter2"), "{output}");
    }
    let lock = read(&board, "x/.callboard/lock.yaml");
    assert!(
        lock.contains("secrets:\n  - token") && !lock.contains("hunter2") && !lock.contains("***"),
        "{lock}"
    );
}

#[test]
fn a_dry_run_shows_everything_and_writes_nothing() {
    let board = Board::empty();
    let output = new(&board, "service orders --set owner=team-a --dry-run");
    assert_eq!(output.code, 0, "{output}");
    for word in [
        "orders: 6 files of service, not written",
        "  run.sh (executable)",
        "==> deploy/app.yaml\nlanguage: go\n",
    ] {
        assert!(output.stdout.contains(word), "{word}\n{output}");
    }
    assert_eq!(fs::read_dir(board.home()).expect("listed").count(), 0);
}

#[test]
fn what_is_there_is_never_overwritten() {
    let board = Board::empty().file("orders/notes.md", "mine").file("orders/deploy/app.yaml", "mine");
    let output = new(&board, "service orders --set owner=a");
    tells(&output, 1, &["orders is not empty", "deploy/app.yaml", "nothing was written"]);
    assert_eq!(names(&board, "orders"), ["deploy", "notes.md"]);
    fs::remove_file(board.home().join("orders/deploy/app.yaml")).expect("removed");
    assert_eq!(new(&board, "service orders --set owner=a --no-register").code, 0);
    assert_eq!(read(&board, "orders/notes.md"), "mine");
    assert!(!board.home().join(".config").exists(), "--no-register");
    let board = board.file("file", "");
    tells(&new(&board, "service file --set owner=a"), 1, &["file is a file"]);
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_target() {
    let board = Board::empty().file("outside/keep", "").file("orders/keep", "");
    std::os::unix::fs::symlink("../outside", board.home().join("orders/deploy")).expect("linked");
    tells(&new(&board, "service orders --set owner=a"), 1, &["deploy"]);
    assert_eq!(names(&board, "outside"), ["keep"]);
    assert_eq!(names(&board, "orders"), ["deploy", "keep"]);
}

#[test]
fn the_catalog_in_use_gets_the_project() {
    let board = Board::empty().file("catalog.yaml", "# ours\nkind: Group\napiVersion: backstage.io/v1alpha1\nmetadata: {name: a}\nspec: {type: team, children: []}");
    let output = new(&board, "service apps/orders --set owner=a");
    assert!(output.stdout.contains("registered in catalog.yaml"), "{output}");
    let catalog = read(&board, "catalog.yaml");
    assert!(
        catalog.starts_with("# ours\n") && catalog.contains("./apps/orders/catalog-info.yaml"),
        "{catalog}"
    );
    assert_eq!(new(&board, "service other/orders --set owner=a --set name=orders-two").code, 0);
    let listed = board.run("services -o name");
    assert_eq!((listed.code, listed.stdout.as_str()), (0, "orders\norders-two\n"), "{listed}");
}

#[test]
fn a_step_fetches_only_from_hosts_that_are_allowed() {
    let board = Board::empty().file(
        "t/template.yaml",
        &format!("{TROUBLE}  - {{id: a, action: fetch:plain, input: {{url: 'https://git.invalid/x'}}}}\n"),
    );
    tells(&board.run("new ./t out"), 1, &["--allow-fetch HOST"]);
    tells(&board.run("new ./t out --allow-fetch git.invalid --offline"), 1, &["never fetched"]);
}

#[test]
fn a_demo_fleet_brings_its_own_golden_paths_and_keeps_its_catalog() {
    let board = Board::empty();
    let fleet = board.home().join("fleet");
    let copied = Command::new("cp")
        .args(["-r", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fleets/tiny")])
        .arg(&fleet)
        .status();
    assert!(copied.expect("cp runs").success());
    let copied = Command::new("cp").arg("-r").arg(paths()).arg(fleet.join("golden-paths")).status();
    assert!(copied.expect("cp runs").success());
    let demo = format!("--demo={}", fleet.display());
    let output = board.run_words([&demo, "new", "service", "orders", "--set", "owner=a"]);
    assert_eq!(output.code, 0, "{output}");
    assert!(!output.stdout.contains("registered") && !board.home().join(".config").exists(), "{output}");
    assert!(read(&board, "orders/.callboard/lock.yaml").contains("source: demo:service"));
}

/// `$CALLBOARD_ME` is who asks, for templates that want to know.
#[test]
fn a_template_may_know_who_asks() {
    let steps = "  - {id: log, action: debug:log, input: {message: 'by ${{ user.ref }}'}}\n";
    let board =
        Board::empty().variable("CALLBOARD_ME", "ida").file("t/template.yaml", &format!("{TROUBLE}{steps}"));
    tells(&board.run("new ./t out -v"), 0, &["log: by user:default/ida"]);
}
