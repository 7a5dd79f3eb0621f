//! Templates as the public writes them, each in its least form: they run as they lie, and lint has no error for what runs.

use std::fs;
use std::path::Path;

use crate::new::{names, read};
use crate::support::{Board, Output, files_below};

/// A home with one of the small templates in it.
fn case(name: &str) -> Board {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden-paths/small");
    let mut found = Vec::new();
    files_below(&root.join(name), &mut found);
    assert!(!found.is_empty(), "{name}");
    let mut board =
        Board::empty().variable("GIT_AUTHOR_NAME", "n").variable("GIT_AUTHOR_EMAIL", "n@example.org");
    board = board.variable("GIT_COMMITTER_NAME", "n").variable("GIT_COMMITTER_EMAIL", "n@example.org");
    for file in found {
        let path = file.strip_prefix(&root).expect("below").to_str().expect("text").to_string();
        board = board.file(&path, &fs::read_to_string(&file).expect("text"));
    }
    board
}

/// Of what goes well the answer is looked at, of what does not the words on stderr.
#[track_caller]
fn says(output: &Output, code: i32, words: &[&str]) {
    assert_eq!(output.code, code, "{output}");
    for word in words {
        assert!(
            output.stdout.contains(word) || output.stderr.contains(word),
            "{word:?} is not told:\n{output}"
        );
    }
}

fn git(board: &Board, directory: &str, words: &[&str]) -> String {
    let mut command = std::process::Command::new("git");
    let at = board.home().join(directory);
    let output = command.current_dir(at).env("HOME", board.home()).args(words).output().expect("git runs");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn what_reads_a_step_that_was_left_out_is_left_out_too() {
    let board = case("a");
    let refused = board.run("new ./a out --set owner=o");
    says(
        &refused,
        1,
        &["step 2 \"fetch\" makes files by what step \"create-app\"", "--stub create-app.uuid=VALUE"],
    );
    assert!(!refused.stderr.contains("register"), "{refused}");
    let made = board.run("new ./a out --set owner=o --stub create-app.uuid=U");
    says(
        &made,
        0,
        &[
            "left out",
            "'pub' (roadie:publish)",
            "'register' (catalog:register, which reads steps.pub.output.repoContentsUrl)",
        ],
    );
    assert_eq!(made.stderr.matches("left out, since").count(), 1, "{made}");
    assert_eq!(read(&board, "out/x.txt"), "u=U\n");
    let strict = board.run("new ./a strict --set owner=o --stub create-app.uuid=U --strict");
    says(&strict, 1, &["step 3 \"pub\" uses action roadie:publish"]);
}

#[test]
fn a_skeleton_may_lie_anywhere_in_the_source() {
    let board = case("r1");
    for (index, words) in [
        "./r1/templates/parent",
        "./r1/templates/parent/template.yaml",
        "parent --from r1",
        "parent --from ./r1 --offline",
    ]
    .into_iter()
    .enumerate()
    {
        let made = board.run(&format!("new {words} --set name=n out{index}"));
        says(&made, 0, &["2 files from parent"]);
        assert_eq!(read(&board, &format!("out{index}/ci.txt")), "n=n\n");
    }
    says(&board.run("template lint r1"), 0, &["1 golden path: 0 errors, 0 warnings."]);
    // In a repository, which is a source by itself, from anywhere.
    git(&board, "r1", &["init", "--quiet", "."]);
    git(&board, "r1", &["add", "--all"]);
    git(
        &board,
        "r1",
        &["-c", "user.name=n", "-c", "user.email=n@example.org", "commit", "--quiet", "-m", "x"],
    );
    let whole = board.home().join("r1");
    let whole = whole.to_str().expect("text");
    for (index, words) in [
        format!("{whole}/templates/parent"),
        format!("git+file://{whole}//templates/parent"),
        format!("parent --from git+file://{whole}"),
        format!("git+file://{whole}//templates/parent --offline"),
    ]
    .into_iter()
    .enumerate()
    {
        let made = board.run(&format!("new {words} --set name=n of-git{index}"));
        says(&made, 0, &["2 files from parent"]);
        assert_eq!(read(&board, &format!("of-git{index}/ci.txt")), "n=n\n");
    }
}

#[test]
fn nothing_beyond_the_source_is_read() {
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden-paths/small/r1/templates/parent/template.yaml"),
    );
    let text = text.expect("the template");
    for url in ["../../../private", "../../../../etc", "../../skeletons/../../private", "../../.git/hooks"] {
        let board = Board::empty()
            .file("private/key", "hush")
            .file("r/.git/hooks/x", "y")
            .file("r/templates/parent/template.yaml", &text.replace("../../skeletons/ci", url));
        for words in ["new parent --from r", "new ./r/templates/parent"] {
            let output = board.run(&format!("{words} out --set name=n"));
            assert_eq!(output.code, 1, "{url} {output}");
            assert!(!board.home().join("out").exists(), "{url}");
        }
        says(&board.run("template lint r"), 3, &["path-escapes"]);
    }
    // Without a repository around it, the home is no source.
    let board = Board::empty()
        .file(".ssh/key", "hush")
        .file("downloads/t/template.yaml", &text.replace("../../skeletons/ci", "../../.ssh"));
    let refused = board.run("new ./downloads/t out --set name=n");
    says(&refused, 1, &["leaves the source", "callboard new parent --from ."]);
}

#[test]
fn a_source_reaches_through_no_link() {
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden-paths/small/r1/templates/parent/template.yaml"),
    );
    let board = Board::empty().file("private/key", "hush").file("r/.git/config", "");
    let board = board.file(
        "r/templates/parent/template.yaml",
        &text.expect("the template").replace("../../skeletons/ci", "../../out"),
    );
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(board.home().join("private"), board.home().join("r/out")).expect("linked");
        says(&board.run("new ./r/templates/parent o --set name=n"), 1, &["leads out of"]);
    }
}

#[test]
fn two_steps_of_one_id_run_under_different_conditions() {
    let board = case("r2");
    says(&board.run("new ./r2 one"), 0, &["Repo: https://github.com/a/b.git", "gh repo create a/b"]);
    says(
        &board.run("new ./r2 two --set host=gitlab"),
        0,
        &["Repo: https://gitlab.com/a/b.git", "glab repo create a/b"],
    );
    says(&board.run("template lint r2"), 0, &["0 errors, 0 warnings"]);
}

#[test]
fn a_repository_is_read_as_a_url() {
    let board = case("r4");
    let made = board.run("new ./r4 out --set repoUrl=github.com?owner=acme&repo=orders");
    says(&made, 0, &["git clone https://github.com/acme/orders.git", "git switch -c b"]);
}

#[test]
fn lint_and_new_agree_about_guarded_values() {
    let board = case("r9");
    says(&board.run("template lint r9"), 0, &["1 golden path: 0 errors, 0 warnings."]);
    assert_eq!(board.run("new ./r9 out").code, 0);
    assert_eq!(read(&board, "out/x"), "\nx\n\ny\n");
}

#[test]
fn several_templates_of_a_file_and_files_of_any_name_are_found() {
    let board = case("r10");
    let listed = board.run("template list --from r10 -o json").json();
    let named: Vec<&str> =
        listed["items"].as_array().expect("items").iter().filter_map(|item| item["name"].as_str()).collect();
    assert_eq!(named, ["one", "two"]);
    says(&board.run("new two out --from r10"), 0, &["from two"]);
    says(&board.run("template lint r10"), 0, &["2 golden paths: 0 errors"]);
    let board = case("r11");
    says(&board.run("template lint ./r11/my-template.yaml"), 0, &["1 golden path: 0 errors"]);
    says(&board.run("new ./r11/my-template.yaml one"), 0, &["from one"]);
    says(
        &board.run("new ./r11 two"),
        0,
        &["from one", "r11/template.yml and ./r11/my-template.yaml hold a golden path of one name"],
    );
    fs::remove_file(board.home().join("r11/template.yml")).expect("removed");
    says(&board.run("new ./r11 three"), 0, &["2 files from one"]);
    says(&board.run("new one four --from r11"), 0, &["2 files from one"]);
}

#[test]
fn locations_lead_to_templates() {
    let template = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden-paths/small/r11/template.yml"),
    );
    let template = template.expect("the template");
    let location = |kind: &str, target: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: all}}\nspec: {{type: {kind}, targets: [{target}]}}\n"
        )
    };
    for kind in ["file", "url"] {
        let board = Board::empty()
            .file("r/template.yaml", &location(kind, "./more.yaml"))
            .file("r/more.yaml", &location(kind, "./deep/er/web.yml"))
            .file("r/deep/er/web.yml", &template)
            .file("r/deep/er/skel/x", "hi");
        says(&board.run("template list --from r"), 0, &["one", "1 golden path."]);
        says(&board.run("template list --from r/template.yaml"), 0, &["1 golden path."]);
        says(&board.run("new ./r/template.yaml out"), 0, &["2 files from one"]);
        says(&board.run("template lint ./r/template.yaml"), 0, &["1 golden path: 0 errors"]);
    }
}

#[test]
fn a_catalog_file_that_is_a_skeleton_stops_nothing() {
    let board = case("r12");
    fs::copy(board.home().join("r12/catalog-info.yaml"), board.home().join("catalog-info.yaml"))
        .expect("copied");
    for words in ["new ./r12 out", "template lint ./r12", "template list"] {
        let output = board.run(words);
        says(&output, 0, &["catalog-info.yaml is no catalog, and is passed over"]);
        assert_eq!(output.stderr.matches("passed over").count(), 1, "{output}");
    }
    assert!(board.home().join("out/x").exists());
}

#[test]
fn a_page_is_asked_only_when_its_condition_holds() {
    let board = case("r17");
    assert_eq!(board.run("new ./r17 one --set cloud=GCP").code, 0);
    says(&board.run("new ./r17 two --set cloud=AWS"), 2, &["1 answer of when is missing", "region"]);
    assert_eq!(board.run("new ./r17 three --set cloud=AWS --set region=eu").code, 0);
    let dropped = board.run("new ./r17 four --set cloud=GCP --set region=eu");
    says(&dropped, 0, &["region", "is not asked for"]);
    let made = ["one", "three", "four"].map(|name| read(&board, &format!("{name}/x")));
    assert_eq!(made, ["r=\n", "r=eu\n", "r=\n"]);
    says(&board.run("template lint r17"), 0, &["0 errors, 0 warnings"]);
}

#[test]
fn what_the_form_fills_is_not_missing() {
    let board = case("r20");
    assert_eq!(board.run("new ./r20 out").code, 0);
    assert_eq!(read(&board, "out/x"), "e=[]\n");
    let board = case("r15");
    assert_eq!(board.run("new ./r15 out").code, 0);
    assert_eq!(read(&board, "out/x"), "l=\n");
}

#[test]
fn each_repository_holds_what_was_there_and_is_pushed_from_its_directory() {
    let board = case("r21");
    let made = board.run("new ./r21 two");
    says(&made, 0, &["git repository on master", "git repository in gitops on master"]);
    let next = made.stdout.split("next:\n").nth(1).expect("commands");
    let expected = "  cd two\n  gh repo create acme/app --private\n  git push -u origin master\n  cd gitops\n  gh repo create acme/app-gitops --private\n  git push -u origin master\n";
    assert_eq!(next, expected, "{made}");
    assert_eq!(git(&board, "two", &["ls-files"]), ".callboard/lock.yaml\napp.txt\n");
    assert_eq!(git(&board, "two", &["remote", "get-url", "origin"]), "https://github.com/acme/app.git\n");
    assert_eq!(
        git(&board, "two", &["status", "--porcelain"]),
        "",
        "the other repository is no part of this one"
    );
    assert_eq!(git(&board, "two/gitops", &["ls-files"]), "ops.txt\n");
    assert_eq!(
        git(&board, "two/gitops", &["remote", "get-url", "origin"]),
        "https://github.com/acme/app-gitops.git\n"
    );
    assert_eq!(names(&board, "two"), [".callboard", ".git", "app.txt", "gitops"]);
}

/// What `fs:*` of Roadie's write, and `github:repo:create` with `github:repo:push`, are done here.
#[test]
fn what_is_only_files_needs_no_server() {
    let steps = r#"  - {id: a, action: "roadiehq:utils:fs:write", input: {path: a/b.json, content: '{"x":[1]}', preserveFormatting: true}}
  - {id: b, action: "roadiehq:utils:fs:append", input: {path: a/log, content: "one two\n"}}
  - {id: c, action: "roadiehq:utils:fs:replace", input: {files: [{file: "a/*", find: "t(w)o", matchRegex: true, replaceWith: "$1!"}]}}
  - {id: d, action: "roadiehq:utils:fs:parse", input: {path: a/b.json, parser: json}}
  - {id: e, action: "roadiehq:utils:json:merge", input: {path: a/b.json, mergeArrays: true, content: {x: [2], y: "${{ steps.d.output.content.x }}"}}}
  - {id: f, action: "roadiehq:utils:serialize:yaml", input: {data: {k: [v]}}}
  - {id: g, action: "roadiehq:utils:fs:write", input: {path: c.yaml, content: "${{ steps.f.output.serialized }}"}}
  - {id: h, action: "roadiehq:utils:merge", input: {path: c.yaml, content: {l: true}}}
  - {id: i, action: "roadiehq:utils:fs:write", input: {path: catalog-info.yaml, content: "kind: Component\napiVersion: backstage.io/v1alpha1\nmetadata:\n  name: x\nspec:\n  type: service\n"}}
  - {id: j, action: "catalog:scaffolded-from"}
  - {id: k, action: "roadiehq:utils:zip", input: {path: a, outputPath: a.zip}}
  - {id: l, action: "github:repo:create", input: {repoUrl: "github.com?owner=acme&repo=x", repoVisibility: public}}
  - {id: m, action: "github:repo:push", input: {repoUrl: "github.com?owner=acme&repo=x", defaultBranch: main}}
"#;
    let board = case("r2").file("t/template.yaml", &format!("{}{steps}", crate::new::TROUBLE));
    let made = board.run("new ./t out --no-register");
    says(&made, 0, &["gh repo create acme/x --public\n", "git push -u origin main\n"]);
    assert!(!made.stderr.contains("left out"), "{made}");
    assert_eq!(read(&board, "out/a/b.json"), "{\n  \"x\": [\n    1,\n    2\n  ],\n  \"y\": [\n    1\n  ]\n}");
    assert_eq!(read(&board, "out/a/log"), "one w!\n");
    assert_eq!(read(&board, "out/c.yaml"), "k:\n  - v\nl: true\n");
    assert!(read(&board, "out/catalog-info.yaml").contains("scaffoldedFrom: template:default/trouble"));
    let zip = fs::read(board.home().join("out/a.zip")).expect("an archive");
    assert!(zip.starts_with(b"PK\x03\x04") && zip.windows(6).any(|window| window == b"b.json"));
    assert!(git(&board, "out", &["ls-files"]).contains("a/b.json"));
}

/// Files that are one file elsewhere are two here, and lint says so.
#[test]
fn case_counts_where_the_file_system_says_so() {
    let board = Board::empty()
        .file(
            "t/template.yaml",
            &format!("{}  - {{action: fetch:plain, input: {{url: ./s}}}}\n", crate::new::TROUBLE),
        )
        .file("t/s/Components/a", "1")
        .file("t/s/components/b", "2");
    says(&board.run("template lint ./t"), 0, &["case-collision"]);
    let made = board.run("new ./t out");
    if board.home().join("T").exists() {
        says(&made, 1, &["are one file on this file system"]);
    } else {
        assert_eq!(made.code, 0, "{made}");
        assert_eq!(read(&board, "out/Components/a") + &read(&board, "out/components/b"), "12");
    }
}

#[test]
fn placeholders_are_resolved_inside_the_source() {
    let board = Board::empty()
        .file("r/.git/config", "")
        .file("r/t/template.yaml", "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: parts, description: d}\nspec:\n  type: x\n  owner: g\n  parameters: [{$yaml: ../shared/page.yaml}]\n  steps:\n  - $yaml: ./fetch.yaml\n")
        .file("r/t/fetch.yaml", "{id: f, action: 'fetch:template', input: {url: ./s, values: {a: '${{ parameters.a }}'}}}\n")
        .file("r/t/s/x", "${{ values.a }}")
        .file("r/shared/page.yaml", "properties: {a: {type: string, default: b}}\n");
    assert_eq!(board.run("new ./r/t out").code, 0);
    assert_eq!(read(&board, "out/x"), "b");
    says(&board.run("template lint ./r/t"), 0, &["0 errors, 0 warnings"]);
    let outside = board.file("r/t/template.yaml", "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: parts}\nspec: {type: x, steps: {$yaml: ../../private.yaml}}\n");
    says(
        &outside.run("new ./r/t out2"),
        1,
        &["template.yaml:4:32: $yaml: the path '../../private.yaml' leaves its directory"],
    );
}

/// The directory's name is no better than what the template itself proposes.
#[test]
fn a_default_of_the_name_wins_over_the_directory() {
    let template =
        crate::new::TROUBLE.replace("{name: {type: string}}", "{name: {type: string, default: smiles}}");
    let steps = "  - {action: fetch:template, input: {url: ./s, values: {name: '${{ parameters.name }}'}}}\n";
    let board = Board::empty()
        .file("t/template.yaml", &format!("{template}{steps}"))
        .file("t/s/x", "${{ values.name }}");
    assert_eq!(board.run("new ./t out").code, 0);
    assert_eq!(read(&board, "out/x"), "smiles");
}

const CATALOG: &str = "apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-a}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: orders}
spec: {type: service, lifecycle: production, owner: team-a}
";

#[test]
fn a_taken_name_and_an_unknown_owner_are_noticed_however_they_are_given() {
    let board = Board::empty().file("catalog.yaml", CATALOG);
    let made = board.run("new library orders --set owner=team-b --no-register");
    says(
        &made,
        0,
        &[
            "component:default/orders is in the catalog already (catalog.yaml)",
            "group:default/team-b is not in the catalog; did you mean team-a?",
        ],
    );
    let made = board.run("new library carts --set owner=team-a");
    assert!(!made.stderr.contains("warning"), "{made}");
    assert!(!made.stdout.contains("callboard status"), "a library runs nowhere: {made}");
    // Made again into its own directory, it is the same one.
    let again = board.run("new library carts --set owner=team-a");
    assert!(again.code == 0 && !again.stderr.contains("already"), "{again}");
}

#[test]
fn another_project_lends_its_answers() {
    let board = Board::empty();
    assert_eq!(
        board.run("new http-service one --set owner=team-a --set language=node --no-register").code,
        0
    );
    let made = board.run("new two --like one --no-register");
    says(&made, 0, &["from http-service"]);
    let lock = read(&board, "two/.callboard/lock.yaml");
    assert!(
        lock.contains("language: node")
            && lock.contains("name: two")
            && lock.contains("owner: group:default/team-a"),
        "{lock}"
    );
    says(&board.run("new --like nowhere three"), 1, &["was not made by callboard"]);
}

#[test]
fn a_first_catalog_is_not_founded_in_silence_and_forgets_what_is_gone() {
    let board = Board::empty();
    let first = board.run("new library one --set owner=a");
    says(&first, 0, &["is a new catalog: from now on every command reads it"]);
    let second = board.run("new library two --set owner=a");
    assert!(!second.stderr.contains("new catalog"), "{second}");
    fs::remove_dir_all(board.home().join("one")).expect("removed");
    let listed = board.run("services -o name");
    assert!(listed.code == 0 && listed.stdout == "two\n" && !listed.stderr.contains("warning"), "{listed}");
    let third = board.run("new library three --set owner=a");
    says(&third, 0, &["1 project of", "(one): nothing of it is there any more"]);
}

#[test]
fn a_copy_brings_its_golden_trees() {
    let board = Board::empty();
    assert_eq!(board.run("template eject library paths/library --owner guild-web").code, 0);
    assert!(board.home().join("paths/library/tests/golden/defaults").is_dir());
    says(&board.run("template test ./paths/library"), 0, &["0 failed."]);
    let file = "paths/library/skeleton/README.md";
    let text = read(&board, file);
    let board = board.file(file, &format!("{text}More.\n"));
    says(&board.run("template test ./paths/library"), 3, &["README.md"]);
}

#[test]
fn template_test_names_what_it_knows_nothing_of_and_makes_up_what_fits() {
    let template = crate::new::TROUBLE.replace("{properties: {name: {type: string}}}", "{required: [code, owner], properties: {code: {type: string, pattern: '^[A-Z]{3}-[0-9]{2}$'}, owner: {type: string, ui:field: OwnerPicker}}}");
    let steps = "  - {id: o, action: 'catalog:fetch', input: {entityRef: '${{ parameters.owner }}'}}\n  - {action: fetch:template, input: {url: ./s, values: {code: '${{ parameters.code }}', kind: '${{ steps.o.output.entity.kind }}'}}}\n  - {id: argo, action: 'argocd:create-resources'}\n";
    let board = Board::empty()
        .file("t/template.yaml", &format!("{template}{steps}"))
        .file("t/s/x", "${{ values.code }} ${{ values.kind }}")
        .file(
            "t/tests/case.yaml",
            "answers: {code: ABC-01, owner: 'group:default/example'}\ncontains: {x: ABC-01 Group}\n",
        );
    says(
        &board.run("template test ./t"),
        0,
        &["ok", "without argo (argocd:create-resources)", "2 cases, 0 failed."],
    );
}
