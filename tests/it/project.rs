//! Where a project of `new` goes, what it says as JSON, and where its pull requests end.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::schema::violations;
use crate::support::{Board, Output, of, tells};

const TEMPLATE: &str = "apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: small, annotations: {callboard.dev/version: 1.0.0}}
spec:
  type: service
  owner: guild
  parameters: {required: [name], properties: {name: {type: string, pattern: '^[a-z-]+$'}}}
  steps:
  - {id: make, action: 'fetch:template', input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}}
";

const PULL: &str = "  - id: propose
    action: publish:github:pull-request
    input: {repoUrl: 'github.com?owner=acme&repo=mono', branchName: add-it, targetBranchName: main, title: Add it, description: d, targetPath: services/it}
";

const ENTITY: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: '${{ values.name }}'}
spec: {type: service, lifecycle: production, owner: a}
";

fn board(steps: &str) -> Board {
    Board::empty()
        .file("small/template.yaml", &format!("{TEMPLATE}{steps}"))
        .file("small/skeleton/a.txt", "a of ${{ values.name }}\n")
        .file("small/skeleton/d/catalog-info.yaml", "not ours\n")
        .file("small/skeleton/catalog-info.yaml", ENTITY)
}

fn read(board: &Board, path: &str) -> String {
    fs::read_to_string(board.home().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/project.json");
    serde_json::from_str(&fs::read_to_string(path).expect("readable")).expect("JSON")
}

#[track_caller]
fn project(output: &Output) -> Value {
    assert_eq!(output.code, 0, "{output}");
    let document = output.json();
    assert_eq!(violations(&schema(), &document), Vec::<String>::new(), "{document:#}");
    document
}

#[test]
fn json_says_what_was_written() {
    let board = board("");
    let dry = project(&board.run("new ./small shop --dry-run -o json"));
    assert_eq!((&dry["dryRun"], &dry["kind"]), (&json!(true), &json!("Project")));
    assert_eq!(of(&dry["files"], "path", "a.txt")["content"], "a of shop\n");
    assert!(!board.home().join("shop").exists() && dry.get("registeredIn").is_none());
    let made = project(&board.run("new ./small shop -o json"));
    assert!(
        made["registeredIn"].as_str().expect("a file").ends_with(".config/callboard/catalog.yaml"),
        "{made:#}"
    );
    assert_eq!(made["nextSteps"], json!(["cd shop", "callboard status shop"]));
    assert_eq!(
        (&made["template"]["ref"], &made["template"]["version"]),
        (&json!("template:default/small"), &json!("1.0.0"))
    );
    assert!(of(&made["files"], "path", "a.txt").get("content").is_none());
    let again = project(&board.run("new ./small shop -o json --no-register"));
    assert!(
        again["files"].as_array().expect("a list").iter().all(|file| file["action"] == "unchanged"),
        "{again:#}"
    );
    assert_eq!(board.run("new ./small shop -o name").stdout, "shop\n");
}

#[test]
fn what_differs_is_listed_and_shown_off_a_terminal() {
    let board = board("").file("shop/a.txt", "mine\n").file("shop/other", "");
    let refused = board.run("new ./small shop");
    tells(
        &refused,
        1,
        &["shop is not empty", "1 file", "a.txt (3 would be new, 0 are the same)", "nothing was written"],
    );
    let dry = board.run("new ./small shop --dry-run");
    assert_eq!(dry.code, 0, "{dry}");
    for word in [
        "a.txt (differs from what is there)",
        "--- a.txt (yours)",
        "-mine",
        "+a of shop",
        "==> catalog-info.yaml",
    ] {
        assert!(dry.stdout.contains(word), "{word}\n{dry}");
    }
    assert!(dry.stderr.contains("1 file would be asked about"), "{dry}");
    let found = project(&board.run("new ./small shop --dry-run -o json"));
    assert_eq!(of(&found["files"], "path", "a.txt")["action"], "differs");
    let board = board.file("shop/d", "a file where a directory is to be\n");
    tells(&board.run("new ./small shop --dry-run"), 1, &["d (a file)", "nothing takes the place of"]);
    assert_eq!(read(&board, "shop/a.txt"), "mine\n");
}

/// The lock of another template's project is added to.
#[test]
fn a_second_template_adds_its_layer_to_the_lock() {
    let board = board("").file("other/template.yaml", &TEMPLATE.replace("name: small", "name: other"));
    let board = board.file("other/skeleton/b.txt", "b\n");
    assert_eq!(board.run("new ./small shop --no-register").code, 0);
    let second = board.run("new ./other shop --no-register");
    assert_eq!(second.code, 0, "{second}");
    let lock = read(&board, "shop/.callboard/lock.yaml");
    assert!(lock.contains("- id: small") && lock.contains("- id: other"), "{lock}");
}

#[test]
fn directories_are_named_as_people_name_them() {
    for (words, made, name) in [
        ("shop", "shop", "shop"),
        ("./shop/", "shop", "shop"),
        ("x/../shop", "shop", "shop"),
        ("deep/er/shop", "deep/er/shop", "shop"),
        (". --set name=here", ".", "here"),
        ("empty", "empty", "empty"),
    ] {
        let board = board("").file("x/y", "");
        fs::create_dir(board.home().join("empty")).expect("made");
        let output = board.run(&format!("new ./small {words} --no-register"));
        assert_eq!(output.code, 0, "{words}: {output}");
        assert_eq!(read(&board, &format!("{made}/a.txt")), format!("a of {name}\n"), "{words}");
    }
    let board = board("");
    let inside = board.home().join("work/shop");
    fs::create_dir_all(&inside).expect("made");
    for (directory, words) in [
        ("work/shop", "new ../../small . --no-register"),
        ("work/shop/sub", "new ../../../small .. --no-register"),
    ] {
        let directory = board.home().join(directory);
        fs::create_dir_all(&directory).expect("made");
        let mut command = board.command(words.split_whitespace());
        let output = board.told(&command.current_dir(&directory).output().expect("it runs"));
        assert_eq!(output.code, 0, "{words}: {output}");
        assert_eq!(fs::read_to_string(inside.join("a.txt")).expect("read"), "a of shop\n", "{words}");
    }
    let wrong = board.run("new ./small Shop_1");
    tells(&wrong, 2, &["name must match", "Shop_1", "--set name=NAME"]);
    assert_eq!(board.run("new ./small Shop_1 --set name=shop --no-register").code, 0);
    tells(&board.run("new ./small small/template.yaml"), 2, &["name must match"]);
    tells(&board.run("new ./small small/template.yaml --set name=x"), 1, &["small/template.yaml is a file"]);
    tells(&board.run("new ./small small/template.yaml/x"), 1, &["small/template.yaml/x cannot be written"]);
    tells(&board.run("new ./small"), 2, &["name"]);
    tells(
        &board.run("new ./small --set nmae=x"),
        2,
        &["is missing", "nmae is no parameter", "did you mean 'name'"],
    );
    tells(&board.run("new ./small .git/x"), 2, &["inside a git directory"]);
    assert!(!board.home().join(".git").exists());
}

/// Wherever the project cannot be noted, it is there all the same, and that is said.
#[test]
fn catalogs_of_every_sort_are_added_to_or_left_alone() {
    let group = "# ours\nkind: Group\napiVersion: backstage.io/v1alpha1\nmetadata: {name: a}\nspec: {type: team, children: []}\n# the end";
    let board = board("").file("catalog/teams.yaml", group);
    let output = board.run("--catalog catalog new ./small shop");
    assert!(output.stdout.contains("registered in catalog/callboard-projects.yaml"), "{output}");
    assert_eq!(read(&board, "catalog/teams.yaml"), group);
    assert_eq!(board.run("--catalog catalog services -o name").stdout, "shop\n");
    let output = board.run("--catalog catalog/*.yaml new ./small two");
    assert!(output.stdout.contains("registered in catalog/callboard-projects.yaml"), "{output}");
    assert_eq!(board.run("--catalog catalog/*.yaml services -o name").stdout, "shop\ntwo\n");
    let board = board.file("own.yaml", group);
    assert_eq!(board.run("--catalog own.yaml new ./small three").code, 0);
    let text = read(&board, "own.yaml");
    assert!(text.starts_with(&format!("{group}\n---\n")), "{text}");
    assert_eq!(board.run("--catalog own.yaml services -o name").stdout, "three\n");
    assert_eq!(board.run("--catalog own.yaml new ./small three").code, 0);
    assert_eq!(read(&board, "own.yaml"), text, "what is known is not added twice");
}

fn git(directory: &Path, words: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]).args(words).current_dir(directory);
    let output = command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").output();
    let output = output.expect("git runs");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

fn with_clone() -> Board {
    let board = board(PULL).variable("PATH", std::env::var("PATH").expect("a path"));
    let board = board
        .variable("GIT_CONFIG_NOSYSTEM", "1")
        .file(".gitconfig", "[user]\nname = t\nemail = t@example.org\n");
    let board = board.file("mono/services/it/a.txt", "before\n").file("mono/services/it/kept", "kept\n");
    let mono = board.home().join("mono");
    git(&mono, &["init", "--quiet", "--initial-branch=main", "."]);
    git(&mono, &["add", "--all"]);
    git(&mono, &["commit", "--quiet", "--message", "one"]);
    board
}

#[test]
fn a_pull_request_becomes_a_branch_in_a_clone() {
    let board = with_clone().file("mono/staged", "s").file("mono/services/it/kept", "being edited\n");
    let mono = board.home().join("mono");
    git(&mono, &["add", "staged"]);
    let before = git(&mono, &["status", "--porcelain"]);
    let made = project(&board.run("new ./small shop --no-register --into mono -o json"));
    assert_eq!(made["repositories"], json!(["branch add-it in mono, from main"]), "{made:#}");
    let steps: Vec<&str> =
        made["nextSteps"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert!(steps.contains(&"git push -u origin add-it"), "{steps:?}");
    assert!(steps.contains(&"gh pr create --head add-it --base main --title 'Add it' --fill"), "{steps:?}");
    assert_eq!(git(&mono, &["status", "--porcelain"]), before, "nothing of the clone's own is touched");
    assert_eq!(git(&mono, &["show", "add-it:services/it/a.txt"]), "a of shop");
    assert_eq!(git(&mono, &["show", "add-it:services/it/kept"]), "kept");
    assert_eq!(git(&mono, &["log", "--format=%s", "add-it"]), "Add it\none");
    let again = board.run("new ./small shop --no-register --into mono");
    tells(&again, 0, &["the branch add-it was not made", "already exists"]);
    tells(&board.run("new ./small two --no-register --into small"), 0, &["the branch add-it was not made"]);
}

#[test]
fn a_pull_request_without_a_clone_becomes_a_patch() {
    let board = with_clone();
    let made = board.run("new ./small shop --no-register");
    assert_eq!(made.code, 0, "{made}");
    assert!(made.stdout.contains("git apply --index [HOME]/shop.patch"), "{made}");
    let mono = board.home().join("mono");
    git(&mono, &["rm", "--quiet", "services/it/a.txt"]);
    git(&mono, &["apply", "--index", "../shop.patch"]);
    assert_eq!(fs::read_to_string(mono.join("services/it/a.txt")).expect("read"), "a of shop\n");
    assert!(mono.join("services/it/.callboard/lock.yaml").exists());
    tells(&board.run("new ./small shop --no-register"), 0, &["shop.patch is there already"]);
}

#[test]
fn into_is_for_pull_requests_only() {
    tells(&board("").run("new ./small shop --no-register --into small"), 0, &["--into has no effect"]);
}

const NESTED: &str = "apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: nested}
spec:
  type: service
  owner: guild
  parameters:
    required: [name, registry]
    properties:
      name: {type: string}
      registry:
        type: object
        required: [host, password]
        properties: {host: {type: string}, port: {type: integer, default: 5000}, password: {type: string, ui:widget: password}, user: {type: string, ui:field: Secret}}
  steps: [{id: log, action: 'debug:log', input: {message: '${{ parameters.registry | dump }}'}}]
";

#[test]
fn what_is_missing_inside_an_object_is_listed_and_its_secrets_are_stored_nowhere() {
    let board = Board::empty().file("nested/template.yaml", NESTED);
    let words = "new ./nested shop --no-register";
    let output = board.run(&format!("{words} --set registry.user=hunter2"));
    tells(&output, 2, &["2 answers of nested are missing", "registry.host\n", "registry.password\n"]);
    assert!(output.stdout.contains("registry:\n  port: 5000\n  host:\n"), "{output}");
    assert!(
        output.stdout.contains("# registry.password: a secret; $CALLBOARD_ANSWER_REGISTRY_PASSWORD"),
        "{output}"
    );
    assert!(!output.to_string().contains("hunter2"), "{output}");
    let board = board.file("answers.yaml", &output.stdout.replace("host:", "host: x.io"));
    tells(&board.run(&format!("{words} --answers answers.yaml")), 2, &["registry.password"]);
    let board = board.variable("CALLBOARD_ANSWER_REGISTRY_PASSWORD", "hunter3");
    let output = board.run(&format!("{words} --answers answers.yaml --set registry.user=hunter2 -v"));
    assert_eq!(output.code, 0, "{output}");
    let lock = read(&board, "shop/.callboard/lock.yaml");
    assert!(lock.contains("host: x.io") && lock.contains("- registry.password\n  - registry.user"), "{lock}");
    assert!(!lock.contains("hunter") && !output.to_string().contains("hunter"), "{output}\n{lock}");
}

/// Projects that are made at the same time are all in the catalog then.
#[test]
fn projects_made_at_once_are_all_registered() {
    let board = board("").file("own.yaml", "");
    let names: Vec<String> = ["a", "b", "c", "d", "e", "f", "g", "h"].map(String::from).to_vec();
    let start = |name: &String| {
        let words = ["--catalog", "own.yaml", "new", "./small", name.as_str()];
        let mut command = board.command(words);
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("it starts")
    };
    let children: Vec<_> = names.iter().map(start).collect();
    for mut child in children {
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
    }
    assert_eq!(board.run("--catalog own.yaml services -o name").stdout, names.join("\n") + "\n");
}

/// Each link stays inside by its words; one after the other they lead out.
#[test]
fn links_that_lead_out_one_after_the_other_are_refused() {
    let board = board("");
    let skeleton = board.home().join("small/skeleton");
    fs::create_dir_all(skeleton.join("deep/a/b")).expect("made");
    std::os::unix::fs::symlink("../../..", skeleton.join("deep/a/b/up")).expect("linked");
    std::os::unix::fs::symlink("deep/a/b/up/../../private.txt", skeleton.join("notes.txt")).expect("linked");
    let board = board.file("private.txt", "mine");
    let made = board.run("new ./small shop --no-register");
    tells(&made, 1, &["notes.txt", "leads out of the tree"]);
    assert!(!board.home().join("shop").exists());
    assert_ne!(board.run("template lint ./small").code, 0, "lint says it too");
}
