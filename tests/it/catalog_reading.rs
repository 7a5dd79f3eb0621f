//! The catalog as it really lies in repositories: which files and documents count, and what is said of the others.

use std::fs;
use std::process::Command;

use crate::support::{Board, HELLO, Output, tells};

const GROUP: &str = "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-a}\nspec: {type: team, children: []}\n";

fn component(name: &str) -> String {
    of_kind("Component", name, "", "type: service, lifecycle: production, owner: team-a")
}

fn of_kind(kind: &str, name: &str, annotations: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}, annotations: {{{annotations}}}}}\nspec: {{{spec}}}\n"
    )
}

fn location(spec: &str) -> String {
    format!(
        "---\napiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: root}}\nspec: {{{spec}}}\n"
    )
}

/// The names of the services, and what was said beside.
#[track_caller]
fn services(board: &Board, flags: &str, expect: &[&str]) -> Output {
    let output = board.run(&format!("services -o name {flags}"));
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(output.stdout.lines().collect::<Vec<_>>(), expect, "{output}");
    output
}

#[track_caller]
fn only(board: &Board, flags: &str, expect: &[&str]) {
    drop(services(board, flags, expect));
}

#[test]
fn a_repository_of_a_thousand_yaml_files_tells_its_twelve() {
    let mut board = Board::empty();
    for number in 0..988 {
        let text = match number % 4 {
            0 => format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{number}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: d{number}}}\n"
            ),
            1 => format!("name: ci-{number}\non: [push]\njobs: {{build: {{steps: []}}}}\n"),
            2 => "{{- if .Values.enabled }}\na: {{ .Values.b }}\n{{- end }}\n".to_string(),
            _ => format!(
                "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {{name: state-{number}}}\nspec: {{type: state.redis}}\n"
            ),
        };
        board = board.file(&format!("apps/d{}/f{number}.yaml", number % 40), &text);
    }
    for number in 0..12 {
        let directory = ["svc", ".backstage"][number % 2];
        board = board.file(
            &format!("apps/s{number}/{directory}/catalog-info.yaml"),
            &component(&format!("s{number:02}")),
        );
    }
    let names: Vec<String> = (0..12).map(|number| format!("s{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let output = services(&board, "--catalog .", &names);
    let said: Vec<&str> = output.stderr.lines().filter(|line| !line.ends_with("services.")).collect();
    assert!(said.len() <= 3, "{output}");
    assert!(
        output.stderr.contains("1235 documents in 988 files left alone: 988 no entities of Backstage's, 247 no YAML; -v lists them"),
        "{output}"
    );
    let listed = board.run("services -o name --catalog . -v");
    assert!(
        listed.stderr.contains("apps/d3/f3.yaml:1:1: no entity of Backstage's"),
        "{}",
        &listed.stderr[..2000]
    );
}

#[test]
fn a_target_is_a_file_whatever_the_type_of_its_location() {
    let board = Board::empty()
        .file("catalog.yaml", &location("type: url, targets: [./a/catalog-info.yaml, b.yaml, 'https://github.com/acme/shop/blob/main/c.yaml', 'https://github.com/acme/other/blob/main/d.yaml']"))
        .file("a/catalog-info.yaml", &component("a"))
        .file("b.yaml", &component("b"))
        .file("c.yaml", &component("c"))
        .file(".git/config", "[remote \"origin\"]\n\turl = git@github.com:acme/shop.git\n");
    let output = services(&board, "", &["a", "b", "c"]);
    let told = "note: 1 target of a Location is no file and was not followed: https://github.com/acme/other/blob/main/d.yaml";
    assert!(output.stderr.contains(told), "{output}");
    let discovery = Board::empty()
        .file("catalog.yaml", &location("type: github-discovery, target: 'https://github.com/acme'"));
    let output = services(&discovery, "", &[]);
    assert!(output.stderr.contains("holds no entity but 1 Location"), "{output}");
    assert!(output.stderr.contains("1 target of a Location is no file"), "{output}");
}

#[test]
fn what_is_not_backstages_is_no_service_and_no_owner() {
    let foreign = "---\napiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: statestore}\nspec: {type: state.redis}\n\
                   ---\napiVersion: user.openshift.io/v1\nkind: Group\nmetadata: {name: team-a}\n";
    let board = Board::empty().file("c/catalog.yaml", &format!("{foreign}{}", component("web")));
    let output = services(&board, "--catalog c", &["web"]);
    assert!(output.stderr.contains("the owner team-a is not in the catalog"), "{output}");
    let named = services(&board, "--catalog c/catalog.yaml", &["web"]);
    assert!(named.stderr.contains("dapr.io/v1alpha1 is no part of the catalog"), "{named}");
    // A slip of the pen is told all the same.
    let near = component("web").replace("backstage.io/v1alpha1", "backstge.io/v1alpha1");
    let board = Board::empty().file("c/a.yaml", &near);
    let output = board.run("catalog validate c");
    tells(&output, 3, &[]);
    assert!(
        output.stdout.contains("apiVersion \"backstge.io/v1alpha1\" is not one of kind Component"),
        "{output}"
    );
}

#[test]
fn patterns_and_directories_reach_what_backstage_reaches() {
    let board = Board::empty()
        .file("x/.backstage/a.yaml", &component("a"))
        .file("x/.other/b.yaml", &component("b"))
        .file("node_modules/y/catalog-info.yaml", &component("c"))
        .file("root.yaml", &location("target: './**/.backstage/*.yaml'"));
    only(&board, "--catalog x", &["a"]);
    only(&board, "--catalog root.yaml", &["a"]);
    only(&board, "--catalog x/.other/*.yaml", &["b"]);
    only(&board, "--catalog **/*.yaml", &["a"]);
}

#[test]
fn the_last_declaration_of_a_file_counts_and_the_first_of_several_files() {
    let two = |one: &str, other: &str| {
        component("web").replace("type: service", &format!("type: {one}"))
            + &component("web").replace("type: service", &format!("type: {other}"))
    };
    let board = Board::empty().file("catalog.yaml", &two("service", "website"));
    let output = board.run("services -o json");
    assert_eq!(output.json()["items"][0]["type"], "website", "{output}");
    assert!(
        output.stderr.contains("component:default/web is declared twice, and spec.type differs"),
        "{output}"
    );
    let same = Board::empty().file("catalog.yaml", &(two("service", "service") + GROUP));
    let output = same.run("services");
    assert!(!output.stderr.contains("twice"), "{output}");
    let checked = same.run("catalog validate");
    assert!(
        checked
            .stdout
            .contains("warning[repeated]: component:default/web is declared twice, in the same words"),
        "{checked}"
    );
    let files =
        Board::empty().file("c/1.yaml", &component("web")).file("c/2.yaml", &two("website", "website"));
    assert_eq!(files.run("services -o json --catalog c").json()["items"][0]["type"], "service");
}

#[test]
fn placeholders_are_read_inside_the_repository() {
    let template = "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: t}\nspec:\n  type: service\n  steps:\n    $yaml: ../shared/steps.yaml\n";
    let board = Board::empty()
        .file(".git/config", "")
        .file("shared/steps.yaml", "- {id: a, action: 'debug:log'}\n")
        .file("t/template.yaml", template);
    let output = board.run("catalog show template:t --catalog t/template.yaml -o json");
    assert_eq!(output.json()["document"]["spec"]["steps"][0]["action"], "debug:log", "{output}");
    let outside = Board::empty()
        .file("t/.git/config", "")
        .file("shared/steps.yaml", "[]")
        .file("t/template.yaml", template);
    let output = outside.run("catalog validate t/template.yaml");
    assert!(output.stdout.contains("error[placeholder]: $yaml: ../shared/steps.yaml leaves "), "{output}");
    let api = of_kind(
        "API",
        "a",
        "",
        "type: openapi, lifecycle: p, owner: team-a, definition: {$text: ./none.yaml}",
    );
    let output = Board::empty().file("catalog.yaml", &api).run("catalog validate");
    assert!(output.stdout.contains("error[placeholder]: $text: none.yaml does not exist"), "{output}");
}

#[test]
fn bytes_that_are_no_utf_8_cost_one_document() {
    let board = Board::empty().file("catalog.yaml", &component("a"));
    let mut bytes = component("a").into_bytes();
    bytes.extend(component("b").replace("production", "Schr\u{f6}der").chars().map(|c| c as u32 as u8));
    fs::write(board.home().join("catalog.yaml"), bytes).expect("written");
    let output = services(&board, "", &["a", "b"]);
    assert!(output.stderr.contains("catalog.yaml:10:38: "), "{output}");
    assert!(output.stderr.contains("the bytes here are no UTF-8"), "{output}");
    let wide: Vec<u8> =
        std::iter::once(0xfeff).chain(component("a").encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(board.home().join("catalog.yaml"), wide).expect("written");
    tells(&board.run("services"), 1, &["catalog.yaml: the file is UTF-16", "iconv -f utf-16"]);
    let wider: Vec<u8> = std::iter::once(0xfeff)
        .chain(component("a").chars().map(u32::from))
        .flat_map(u32::to_le_bytes)
        .collect();
    fs::write(board.home().join("catalog.yaml"), wider).expect("written");
    tells(&board.run("services"), 1, &["catalog.yaml: the file is UTF-32", "iconv -f utf-32"]);
}

#[test]
fn a_reference_that_backstage_rejects_is_a_problem() {
    let text = of_kind(
        "Component",
        "a",
        "",
        "type: s, lifecycle: l, owner: ':x', system: 'https://x', dependsOn: [orders-db]",
    );
    let output = Board::empty().file("catalog.yaml", &text).run("catalog validate");
    assert_eq!(output.stdout.matches("error[reference]").count(), 3, "{output}");
    assert!(
        output.stdout.contains("  = name the kind: component:orders-db or resource:orders-db"),
        "{output}"
    );
}

#[test]
fn kinds_of_the_configuration_are_entities() {
    let text = "apiVersion: acme.example/v1\nkind: Product\nmetadata: {name: shop}\nspec: {owner: team-a}\n";
    let board = Board::empty().file("c/p.yaml", text).file("c/g.yaml", GROUP);
    assert!(!board.run("catalog show product:shop --catalog c").stdout.contains("shop"));
    let board = board.file("own.yaml", "kinds: [{kind: Product, apiVersion: acme.example/v1}]\n");
    let output = board.run("catalog show product:shop --catalog c --config own.yaml");
    assert!(output.stdout.contains("ownedBy") && output.stdout.contains("group:default/team-a"), "{output}");
    assert_eq!(board.run("catalog validate c --config own.yaml").code, 0);
}

#[test]
fn several_owners_and_other_kinds_that_run() {
    let text =
        of_kind("Component", "a", "", "type: s, lifecycle: l, owner: team-b, owners: [team-b, team-a]")
            + &of_kind(
                "Resource",
                "carts-db",
                "backstage.io/kubernetes-id: carts-db",
                "type: database, owner: team-a",
            )
            + &of_kind("Resource", "files", "", "type: s3, owner: team-a")
            + GROUP;
    let board = Board::empty().file("catalog.yaml", &text);
    only(&board, "--owner team-a", &["a", "resource:carts-db"]);
    only(&board, "resource:default/carts-db", &["resource:carts-db"]);
    tells(
        &board.run("services files"),
        1,
        &["no service \"files\"", "files is of kind Resource, and no annotation backstage.io/kubernetes-*"],
    );
}

#[test]
fn only_clusters_stand_under_clusters() {
    let config = "apiVersion: v1\nkind: Config\nclusters: [{name: eu, cluster: {server: 'https://127.0.0.1:1'}}]\n\
                  users: [{name: a, user: {token: t}}]\ncontexts: [{name: eu, context: {cluster: eu, user: a}}]\n";
    let text = of_kind(
        "Component",
        "a",
        "",
        "type: s, lifecycle: l, owner: team-a, dependsOn: ['resource:java-21', 'resource:eu', 'resource:declared']",
    ) + &of_kind("Resource", "declared", "", "type: kubernetes-cluster, owner: team-a")
        + GROUP;
    let board = Board::empty().file("catalog.yaml", &text).file("kube.yaml", config);
    let clusters =
        |flags: &str| board.run(&format!("services -o json {flags}")).json()["items"][0]["clusters"].clone();
    assert_eq!(clusters("--kubeconfig kube.yaml"), serde_json::json!(["declared", "eu"]));
    assert_eq!(clusters(""), serde_json::json!(["declared"]));
}

#[test]
fn a_service_that_is_placed_nowhere_that_exists_is_unknown() {
    let placed = HELLO
        .replace("{name: hello}", "{name: hello, annotations: {backstage.io/kubernetes-cluster: 'tny'}}");
    let board = Board::fleet("tiny").file("mine.yaml", &placed);
    let output = board.run("status hello --catalog mine.yaml -o json");
    assert_eq!(output.code, 4, "{output}");
    let report = output.json();
    assert_eq!(report["items"][0]["health"], "Unknown", "{output}");
    assert_eq!(report["items"][0]["reason"], "no-such-cluster", "{output}");
    assert_eq!(report["complete"], false, "{output}");
    let note = report["notes"][0].as_str().expect("a note");
    assert!(note.contains("tny, which is no cluster") && note.contains("aliases: [tny]"), "{note}");
    assert!(board.asked().is_empty(), "{:?}", board.asked());
}

/// Beside a cluster that there is, the one that exists nowhere has a row of its own.
#[test]
fn a_cluster_that_exists_nowhere_has_a_row_beside_the_others() {
    let placed = HELLO.replace(
        "{name: hello}",
        "{name: hello, annotations: {backstage.io/kubernetes-cluster: 'solo,sollo'}}",
    );
    let board = Board::fleet("tiny").file("mine.yaml", &placed);
    let output = board.run("status hello --catalog mine.yaml -o json");
    assert_eq!(output.code, 4, "{output}");
    let report = output.json();
    let item = &report["items"][0];
    assert_eq!(
        (item["health"].as_str(), item["reason"].as_str()),
        (Some("Unknown"), Some("no-such-cluster"))
    );
    let rows = item["clusters"].as_array().expect("rows");
    let told: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row["cluster"].as_str().unwrap_or_default(), row["health"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(told, [("sollo", "Unknown"), ("solo", "Healthy")], "{output}");
    assert!(rows[0]["message"].as_str().is_some_and(|text| text.contains("did you mean solo?")), "{output}");
    let table = board.run("status hello --catalog mine.yaml");
    assert!(table.stdout.lines().any(|line| line.contains("sollo") && line.contains("Unknown")), "{table}");
    assert!(table.stderr.contains("clusters: [{name: solo, aliases: [sollo]}]"), "{table}");
    let why = board.run("why hello --catalog mine.yaml -o json");
    assert_eq!(why.code, 4, "{why}");
    assert_eq!(why.json()["items"][0]["clusters"].as_array().map(Vec::len), Some(2), "{why}");
}

#[test]
fn an_empty_catalog_says_what_it_read() {
    for text in ["", "# nothing\n", "---\n---\n"] {
        let output = services(&Board::empty().file("catalog.yaml", text), "", &[]);
        assert!(
            output.stderr.contains("the catalog holds no entity: catalog.yaml was read"),
            "{text:?} {output}"
        );
    }
    tells(
        &Board::empty().file("d/x.txt", "").run("services --catalog d"),
        1,
        &["no catalog at d: there is no YAML file"],
    );
    let near = Board::empty().file("catalog-info.yaml", &component("a"));
    tells(
        &near.run("services --catalog catalog-inf.yaml"),
        1,
        &["catalog-inf.yaml", "did you mean catalog-info.yaml?"],
    );
}

#[cfg(unix)]
#[test]
fn each_path_that_leads_nowhere_has_its_own_words() {
    let board = Board::empty().file("good.yaml", &component("a"));
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, board.home().join(name)).expect("linked");
    };
    link("loop.yaml", "loop.yaml");
    link("gone.yaml", "dangling.yaml");
    tells(&board.run("services --catalog loop.yaml"), 1, &["loop.yaml is a link that leads back to itself"]);
    tells(
        &board.run("services --catalog dangling.yaml"),
        1,
        &["dangling.yaml is a link to gone.yaml, which does not exist"],
    );
    let list = board.run("services -o name --catalog good.yaml --catalog none.yaml");
    tells(&list, 1, &["no catalog at none.yaml"]);
    // What a variable lists may be one machine's and not another's.
    let board = board.variable("CALLBOARD_CATALOG", "good.yaml:none.yaml:loop.yaml");
    let output = services(&board, "", &["a"]);
    assert!(
        output.stderr.contains("none.yaml: no catalog here")
            && output.stderr.contains("loop.yaml: no catalog here"),
        "{output}"
    );
}

/// For root, too, whom no permission keeps out.
#[cfg(unix)]
#[test]
fn what_of_a_directory_cannot_be_read_is_told() {
    let deep = (0..40).map(|number| format!("d{number}/")).collect::<String>();
    let board = Board::empty()
        .file("all/good.yaml", &component("a"))
        .file(&format!("all/{deep}deep.yaml"), &component("deep"));
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, board.home().join(name)).expect("linked");
    };
    link("loop.yaml", "all/loop.yaml");
    link("gone.yaml", "all/dangling.yaml");
    link("gone.txt", "all/other.txt");
    let made = Command::new("mkfifo").arg(board.home().join("all/pipe.yaml")).status().expect("mkfifo");
    assert!(made.success());
    let output = services(&board, "--catalog all -v", &["a"]);
    for told in [
        "all/loop.yaml: is a link that leads back to itself",
        "all/dangling.yaml: is a link to gone.yaml, which does not exist",
        "lies deeper than 32 directories, and is not looked into",
    ] {
        assert!(output.stderr.contains(told), "{told}\n{output}");
    }
    assert!(!output.stderr.contains("other.txt") && !output.stderr.contains("pipe.yaml"), "{output}");
    // A file where a directory is expected, and a name that is too long.
    tells(&board.run("services --catalog all/good.yaml/x"), 1, &["no catalog at all/good.yaml/x"]);
    let long = "x".repeat(300);
    tells(&board.run(&format!("services --catalog {long}")), 1, &["cannot be read: File name too long"]);
    let board = board.variable("CALLBOARD_CATALOG", "all/good.yaml::");
    let output = services(&board, "", &["a"]);
    assert!(output.stderr.contains("an entry of $CALLBOARD_CATALOG is empty, and means nothing"), "{output}");
}

#[test]
fn a_pattern_that_the_shell_unfolded_is_told() {
    let board = Board::empty().file("a.yaml", &component("a")).file("b.yaml", &component("b"));
    let output = board.run("services --catalog a.yaml b.yaml");
    tells(&output, 1, &["b.yaml is a file: quote the pattern after --catalog, or repeat the flag"]);
}

#[test]
fn problems_are_summed_up_and_who_names_a_service_hears_of_that_one() {
    let mut text = component("web") + GROUP;
    for number in 0..20 {
        text += &component(&format!("s{number}")).replace("lifecycle: production, ", "");
    }
    let board = Board::empty().file("catalog.yaml", &text);
    let all = board.run("services");
    let told = "warning: the catalog has 20 problems in 1 file (catalog.yaml): 20 in spec";
    assert!(all.stderr.contains(told) && all.stderr.matches("warning").count() == 1, "{all}");
    let one = board.run("services web");
    assert!(!one.stderr.contains("warning"), "{one}");
    let wrong = board.run("services s3");
    assert!(
        wrong.stderr.contains("spec.lifecycle is missing") && wrong.stderr.matches("warning").count() == 1,
        "{wrong}"
    );
}

#[test]
fn what_belongs_to_me_and_what_fits_a_filter() {
    let text = component("a")
        + &component("b").replace("team-a", "user:ida").replace("type: service", "type: website")
        + &component("c").replace("team-a", "team-c")
        + GROUP
        + &of_kind("User", "ida", "", "memberOf: [team-a], profile: {email: ida@example.com}");
    let board = Board::empty().file("catalog.yaml", &text).variable("CALLBOARD_ME", "ida@example.com");
    only(&board, "--mine", &["a", "b"]);
    only(&board, "--mine --filter spec.type=website", &["b"]);
    only(&board, "--filter spec.type=website --filter spec.owner=TEAM-C", &["b", "c"]);
    only(&board, "--filter relations.ownedBy=group:default/team-a,kind=component", &["a"]);
    only(&board, r#"--filter {"spec.type":{"$in":["website","library"]},"kind":"component"}"#, &["b"]);
    only(&board, r#"--filter {"$not":{"relations.ownedBy":"group:default/team-c"}}"#, &["a", "b"]);
    tells(&board.run(r#"services --filter {"$like":1}"#), 2, &["$like is no operator"]);
    tells(&board.run("services --filter =x"), 2, &["has no key"]);
    let nobody = Board::empty().file("catalog.yaml", &text).variable("HOME", "/nonexistent");
    tells(&nobody.run("services --mine"), 1, &["nobody knows who you are", "CALLBOARD_ME"]);
    let unknown = Board::empty().file("catalog.yaml", &text).variable("CALLBOARD_ME", "jane@example.com");
    tells(&unknown.run("services --mine"), 1, &["no User of the catalog has the e-mail jane@example.com"]);
    tells(&board.run("status zzzz"), 1, &["hint: there are a, b, c"]);
    let item = board.run("services a -o json").json()["items"][0].clone();
    assert_eq!((item["file"].as_str(), item["line"].as_u64()), (Some("catalog.yaml"), Some(2)), "{item}");
}

#[test]
fn why_an_entity_is_there_or_not() {
    let board = Board::empty()
        .file(".git/config", "")
        .file("catalog.yaml", &(location("targets: [./a.yaml, ./b.yaml]") + GROUP))
        .file("a.yaml", &component("web"))
        .file("b.yaml", &component("down").replace("spec: {", "spec: ["))
        .file("lost/catalog-info.yaml", &component("lost"))
        .file("k8s/app.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\n");
    let web = board.run("catalog why web");
    assert_eq!(web.code, 0, "{web}");
    assert!(web.stdout.contains("component:default/web is in the catalog"), "{web}");
    assert!(
        web.stdout.contains("a.yaml:2  declares it")
            && web.stdout.contains("named by the Location at catalog.yaml:5:18"),
        "{web}"
    );
    let down = board.run("catalog why down");
    assert_eq!(down.code, 3, "{down}");
    assert!(down.stdout.contains("not in the catalog"), "{down}");
    let lost = board.run("catalog why lost");
    assert!(
        lost.stdout.contains("lost/catalog-info.yaml:2  does not count")
            && lost.stdout.contains("no Location leads to this file"),
        "{lost}"
    );
    assert_eq!(board.run("catalog why lost -o json").json()["found"], serde_json::json!([]));
    let checked = board.run("catalog validate");
    assert!(checked.stdout.contains("lost/catalog-info.yaml:2:1: warning[unreached]"), "{checked}");
    assert!(!checked.stdout.contains("app.yaml"), "{checked}");
}

#[test]
fn findings_for_other_programs_and_of_what_was_changed() {
    let git = |board: &Board, words: &str| {
        let words = words.split(' ');
        let done = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"])
            .args(words)
            .current_dir(board.home())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status();
        assert!(done.expect("git").success());
    };
    let bad = component("a").replace("team-a", "team-b");
    let board = Board::empty()
        .file("catalog.yaml", &(location("targets: [./a.yaml, ./new.yaml]") + GROUP))
        .file("a.yaml", &bad);
    git(&board, "init");
    let board = board.file("new.yaml", &component("b"));
    git(&board, "add .");
    git(&board, "commit -m one");
    assert_eq!(board.run("catalog validate --changed").code, 0);
    let board = board.file("new.yaml", &component("b").replace("team-a", "team-x"));
    let output = board.run("catalog validate --changed -o github");
    assert_eq!(output.code, 3, "{output}");
    assert_eq!(output.stdout.lines().count(), 1, "{output}");
    assert!(output.stdout.starts_with("::warning file=new.yaml,line=5,col="), "{output}");
    git(&board, "checkout -b other");
    git(&board, "commit -am two");
    assert_eq!(board.run("catalog validate --changed").code, 0);
    assert_eq!(board.run("catalog validate --changed main").code, 3);
    tells(&board.run("catalog validate --changed nothing"), 1, &["--changed asks git"]);
    let sarif = board.run("catalog validate -o sarif").json();
    let results = sarif["runs"][0]["results"].as_array().expect("results").clone();
    assert_eq!(results.len(), 2, "{results:?}");
    assert_eq!(results[0]["ruleId"], "dangling");
    let index = results[0]["ruleIndex"].as_u64().expect("an index") as usize;
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][index]["id"], "dangling");
}
