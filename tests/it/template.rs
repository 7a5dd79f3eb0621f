//! `template`: which golden paths there are, and what their guilds do with them.

use std::fs;
use std::path::Path;

use snapbox::str;

use crate::support::{Board, Output, check, tells};

fn paths() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden-paths/paths").display().to_string()
}

fn template(board: &Board, words: &str) -> Output {
    let from = paths();
    let output =
        board.run_words(["template"].into_iter().chain(words.split_whitespace()).chain(["--from", &from]));
    let plain = |text: String| text.replace(&from, "[PATHS]");
    Output { stdout: plain(output.stdout), stderr: plain(output.stderr), code: output.code }
}

#[test]
fn list_and_show() {
    let board = Board::empty();
    check(
        &template(&board, "list"),
        str![[r#"
NAME     TYPE     VERSION  OWNER    DESCRIPTION
service  service  1.4.0    backend  A small service for the tests of `new`.
------- stderr -------
1 golden path.
[exit status: 0]

"#]],
    );
    tells(
        &template(&board, "list --guild web"),
        0,
        &["golden paths here are owned by backend", "0 golden paths."],
    );
    assert_eq!(template(&board, "list --owner group:default/backend -o name").stdout, "service\n");
    let item = &template(&board, "list -o json").json()["items"][0];
    assert!(item["digest"].as_str().expect("a digest").starts_with("sha256:"), "{item}");
    check(
        &template(&board, "show service"),
        str![[r#"
A service
A small service for the tests of `new`.
template: template:default/service
owner: backend
type: service
version: 1.4.0
source: [PATHS]/service

PARAMETER  TYPE     DEFAULT     ABOUT
name       string   (required)  Name
owner      string   (required)  The team that is paged
language   go|node  go          Language
port       integer  8080        Port
metrics    boolean  true        Metrics
clusters   array    []          Clusters
registry   object   -           registry
token      string   -           Token
repoUrl    string   -           Repository

STEP     ACTION          RUNS HERE               NAME
fetch    fetch:template  yes                     fetch:template
publish  publish:github  if its condition holds  publish:github
[exit status: 0]

"#]],
    );
    let shown = template(&board, "show template:default/service -o json").json();
    assert_eq!(shown["parameters"][6]["name"], "registry");
    assert_eq!(shown["steps"][0]["local"], true);
}

/// What is inside the binary is listed, sound, and renders with every choice.
#[test]
fn the_embedded_golden_paths_are_good() {
    let board = Board::empty();
    let listed = board.run("template list -o name");
    assert!(listed.stdout.contains("http-service\n"), "{listed}");
    let linted = board.run("template lint --offline");
    assert_eq!((linted.code, linted.stdout.as_str()), (0, ""), "{linted}");
    let tested = board.run("template test");
    assert_eq!(tested.code, 0, "{tested}");
}

/// Of two golden paths with the same name the first counts: the configured one, then the catalog's, then the embedded one.
#[test]
fn golden_paths_come_from_the_config_file_the_catalog_and_the_binary() {
    let own = fs::read_to_string(format!("{}/service/template.yaml", paths())).expect("readable");
    let named = |name: &str, description: &str| {
        own.replace("name: service", &format!("name: {name}"))
            .replace("A small service for the tests of `new`.", description)
    };
    let board = Board::empty()
        .file(".config/callboard/config.yaml", "templates: [paths]\n")
        .file(".config/callboard/paths/one/template.yaml", &named("http-service", "ours"))
        .file("catalog/tpl/template.yaml", &named("from-catalog", "theirs"))
        .file("catalog.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: t}\nspec: {targets: [./catalog/tpl/template.yaml]}\n");
    let listed = board.run("template list");
    let line = |name: &str| {
        listed.stdout.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_string()
    };
    assert!(line("http-service").ends_with("ours"), "{listed}");
    assert!(line("from-catalog").ends_with("theirs"), "{listed}");
    assert!(line("worker").contains("guild-data"), "{listed}");
}

#[test]
fn lint_names_every_place() {
    let board = Board::empty();
    let linted = template(&board, "lint service");
    assert_eq!(
        (linted.code, linted.stderr.as_str()),
        (0, "1 golden path: 0 errors, 1 warning.\n"),
        "{linted}"
    );
    let row: Vec<&str> =
        linted.stdout.lines().nth(1).expect("a finding").split_whitespace().take(3).collect();
    assert_eq!(row, ["[PATHS]/service/template.yaml:40:14", "warning", "unused-parameter"], "{linted}");
    let old = fs::read_to_string(format!("{}/service/template.yaml", paths())).expect("readable");
    let board = board.file("old/template.yaml", &old.replace("[go, node]", "[go, node, rust]")).file(
        "broken/template.yaml",
        "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: b}\nspec: {type: x}\n",
    );
    let narrowed = template(&board, "lint service --against ./old/template.yaml -o json");
    assert_eq!(narrowed.code, 1, "--from replaces every other place: {narrowed}");
    let narrowed = board.run(&format!("template lint {}/service --against ./old -o json", paths()));
    assert_eq!(narrowed.code, 3, "{narrowed}");
    let found = narrowed.json();
    assert_eq!(found["kind"], "TemplateFindingList");
    for item in found["items"].as_array().expect("a list") {
        assert!(item["file"].as_str().is_some_and(|file| file.ends_with("template.yaml")), "{item}");
        assert!(item["line"].as_u64() > Some(0) && item["column"].as_u64() > Some(0), "{item}");
    }
    assert!(
        found["items"].as_array().expect("a list").iter().any(|item| item["rule"] == "narrowed"),
        "{narrowed}"
    );
    let broken = board.run("template lint ./broken -o sarif");
    assert_eq!(broken.code, 3, "{broken}");
    let document = broken.json();
    assert_eq!((&document["version"], document["runs"].as_array().map(Vec::len)), (&"2.1.0".into(), Some(1)));
    let result = &document["runs"][0]["results"][0];
    let rule = result["ruleIndex"].as_u64().expect("a number") as usize;
    let driver = &document["runs"][0]["tool"]["driver"];
    assert_eq!((&driver["name"], &driver["rules"][rule]["id"]), (&"callboard".into(), &result["ruleId"]));
    assert_eq!(driver["rules"][rule]["defaultConfiguration"]["level"], result["level"]);
    assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{result}");
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert!(region["startLine"].as_u64() > Some(0) && region["startColumn"].as_u64() > Some(0), "{region}");
    let sound = template(&board, "lint service -o sarif").json();
    assert_eq!(sound["runs"][0]["results"][0]["level"], "warning");
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "broken/template.yaml");
    assert_eq!(board.run("template lint ./broken -o nonsense").code, 2);
    assert_eq!(board.run("template lint ./broken --exit-zero").code, 0);
    tells(&board.run("template lint ./none"), 1, &["there is no file or directory ./none"]);
}

#[test]
fn golden_trees_are_written_and_compared() {
    let board = Board::empty();
    let output = template(&board, "eject service mine --owner web");
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (0, "mine: 6 files of service, owned by group:default/web, with 3 golden trees\n"),
        "{output}"
    );
    let ejected = fs::read_to_string(board.home().join("mine/template.yaml")).expect("readable");
    let original = fs::read_to_string(format!("{}/service/template.yaml", paths())).expect("readable");
    assert_eq!(ejected, original.replace("owner: group:default/backend", "owner: group:default/web"));
    tells(
        &template(&board, "eject service mine --owner web"),
        1,
        &["mine is not empty", "nothing was written"],
    );

    assert_eq!(board.run("template test ./mine").code, 0, "what it gave when it was ejected");
    assert_eq!(board.run("template test ./mine --update-golden").code, 0);
    assert_eq!(board.run("template test ./mine").code, 0);
    assert!(board.home().join("mine/tests/golden/language-node/main.node").exists());
    assert!(!board.home().join("mine/tests/golden/defaults/.callboard").exists());
    let board = board.file("mine/skeleton/deploy/app.yaml", "language: ${{ values.language }}\nnew: [\n");
    let failed = board.run("template test ./mine");
    assert_eq!(failed.code, 3, "{failed}");
    for word in ["deploy/app.yaml:2: was \"metrics: true\", is \"new: [\"", "deploy/app.yaml:"] {
        assert!(failed.stdout.contains(word), "{word}\n{failed}");
    }
    assert_eq!(
        board.run("template test ./mine --update-golden").code,
        3,
        "nothing unreadable becomes golden"
    );
}

#[test]
fn cases_say_what_is_expected() {
    let board = Board::empty();
    assert_eq!(template(&board, "eject service mine --owner web").code, 0);
    // Without golden trees only what the cases say is looked at.
    fs::remove_dir_all(board.home().join("mine/tests/golden")).expect("removed");
    let board = board
        .file("mine/tests/answers.yaml", "owner: group:default/known\n")
        .file("mine/tests/node.yaml", "answers: {name: orders, owner: a, language: node}\nfiles: [main.node]\nabsent: main.go\ncontains: {deploy/app.yaml: 'language: node'}\n");
    let tested = board.run("template test ./mine -o json");
    assert_eq!(tested.code, 0, "{tested}");
    let items = tested.json();
    assert_eq!(items["items"][0]["answers"]["owner"], "group:default/known");
    assert_eq!(items["items"][3]["case"], "node");
    let board = board.file(
        "mine/tests/wrong.yaml",
        "answers: {name: orders}\nfiles: nothing\nabsent: [main.go]\ncontains: {run.sh: [there, orders]}\n",
    );
    let tested = board.run("template test ./mine");
    assert_eq!(tested.code, 3, "{tested}");
    assert!(tested.stdout.contains("owner is required"), "{tested}");
    let board = board.file("base.yaml", "owner: group:default/other\n");
    let tested = board.run("template test ./mine --answers base.yaml -o json").json();
    assert_eq!(tested["items"][0]["answers"]["owner"], "group:default/other");
}

#[test]
fn a_directory_is_named_as_it_is() {
    let one = fs::read_to_string(format!("{}/service/template.yaml", paths())).expect("readable");
    let other = one.replace("name: service", "name: other");
    let board = Board::empty().file("ours/one/template.yaml", &one).file("ours/other/template.yaml", &other);
    let linted = board.run("template lint ours");
    tells(&linted, 3, &["2 golden paths: "]);
    for file in ["ours/one/template.yaml:", "ours/other/template.yaml:"] {
        assert!(linted.stdout.contains(file), "{linted}");
    }
    assert_eq!(board.run("template show ours/one -o name").stdout, "service\n");
    tells(&board.run("new ours shop"), 1, &["ours holds 2 golden paths: other, service"]);
}

#[test]
fn usage_counts_adopters_and_how_far_behind_they_are() {
    let component = |name: &str, version: &str| {
        format!(
            "---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n  annotations:\n    \
             backstage.io/source-template: template:default/service\n{version}spec: {{type: service, lifecycle: production, owner: team-a}}\n"
        )
    };
    let catalog = component("cart", "    backstage.io/template-version: 1.4.0\n")
        + &component("old", "    backstage.io/template-version: 1.2.3\n")
        + &component("older", "    backstage.io/template-version: 0.9.0\n")
        + &component("unversioned", "");
    let board = Board::empty();
    tells(&template(&board, "usage"), 1, &["no catalog"]);
    let board = board.file("catalog.yaml", &catalog);
    check(
        &template(&board, "usage service"),
        str![[r#"
TEMPLATE  ENTITY       OWNER   VERSION  NEWEST  BEHIND
service   cart         team-a  1.4.0    1.4.0   current
service   old          team-a  1.2.3    1.4.0   2 minor
service   older        team-a  0.9.0    1.4.0   1 major
service   unversioned  team-a  -        1.4.0   unknown
------- stderr -------
4 entities, 1 current.
[exit status: 0]

"#]],
    );
    assert_eq!(template(&board, "usage -o json").json()["items"][1]["behind"], "2 minor");
    let board = board.file("catalog.yaml", &component("left", "").replace("default/service", "default/gone"));
    tells(&template(&board, "usage gone"), 0, &["no golden path template:default/gone here", "1 entity"]);
    tells(
        &template(&board, "usage servce"),
        1,
        &["there is no golden path 'servce'", "did you mean service?"],
    );
}
