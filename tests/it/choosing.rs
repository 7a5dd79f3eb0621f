//! Which services and which clusters a run is about: every flag that chooses, and how long is waited for whom.

use std::fs;
use std::path::Path;

use snapbox::str;

use crate::support::{Board, HELLO, check, says};

const BYE: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\n\
                   metadata: {name: bye, annotations: {backstage.io/kubernetes-id: bye}}\n\
                   spec: {type: service, lifecycle: production, owner: ida}\n";

/// The names that a choice of services leaves, in the order of the answer.
#[track_caller]
fn names(fleet: &str, words: &str, expected: &[&str]) {
    let output = Board::fleet(fleet).run(&format!("status -o name {words}"));
    assert_eq!(output.stdout.lines().collect::<Vec<_>>(), expected, "status {words}\n{output}");
}

#[test]
fn services_are_chosen_by_name_and_by_what_the_catalog_says() {
    names("shop", "", &["checkout", "payments", "returns", "search", "cart"]);
    names("shop", "cart checkout", &["checkout", "cart"]);
    names("shop", "component:default/cart", &["cart"]);
    names("shop", "--owner team-checkout", &["checkout", "cart"]);
    names("shop", "--owner engineering", &["checkout", "payments", "returns", "search", "cart"]);
    names("shop", "--owner team-checkout --owner team-payments", &["checkout", "payments", "cart"]);
    names("shop", "--owner team-checkout --system storefront", &["checkout", "cart"]);
    names("shop", "--owner team-checkout --system money", &[]);
    names("shop", "--system storefront", &["checkout", "search", "cart"]);
    names("shop", "--domain commerce", &["checkout", "payments", "returns", "search", "cart"]);
    names(
        "shop",
        "--type service --lifecycle production",
        &["checkout", "payments", "returns", "search", "cart"],
    );
    names("shop", "--type library", &[]);
    names("shop", "--lifecycle experimental", &[]);
    names("shop", "--unhealthy", &["checkout", "payments", "returns", "search"]);
    names("shop", "--unhealthy --owner team-checkout", &["checkout"]);
}

#[test]
fn services_are_chosen_by_tag() {
    let tagged =
        |name: &str, tags: &str| HELLO.replace("name: hello", &format!("name: {name}, tags: [{tags}]"));
    let catalog = [tagged("hello", "go, public"), tagged("bye", "java")].join("---\n");
    let board = Board::fleet("tiny").file("tagged.yaml", &catalog);
    let found = |words: &str| board.run(&format!("services -o name --catalog tagged.yaml {words}")).stdout;
    assert_eq!(found("--tag go"), "hello\n");
    assert_eq!(found("--tag java"), "bye\n");
    assert_eq!(found("--tag java --tag public"), "bye\nhello\n");
    assert_eq!(board.run("status -o name --catalog tagged.yaml --tag public").stdout, "hello\n");
    assert_eq!(board.run("status --catalog tagged.yaml --tag rust").code, 1);
}

/// A file, a directory, a pattern, a list in a variable, the configuration's own.
#[test]
fn the_catalog_is_where_it_is_said_to_be() {
    let board = || {
        Board::fleet("tiny").file("services/hello/catalog-info.yaml", HELLO).file("services/bye.yaml", BYE)
    };
    let found = |board: &Board, flags: &str| board.run(&format!("status -o name {flags}")).stdout;
    assert_eq!(found(&board(), "--catalog services"), "bye\nhello\n");
    assert_eq!(found(&board(), "--catalog services/**/catalog-info.yaml"), "hello\n");
    assert_eq!(found(&board(), "--catalog services/bye.yaml --catalog services/hello"), "bye\nhello\n");
    let listed = board().variable("CALLBOARD_CATALOG", "services/bye.yaml:services/hello");
    assert_eq!(found(&listed, ""), "bye\nhello\n");
    assert_eq!(found(&listed, "--catalog services/bye.yaml"), "bye\n");
    let nowhere = board().run("status --catalog elsewhere");
    assert_eq!(nowhere.code, 1, "{nowhere}");
    assert!(nowhere.stderr.contains("elsewhere"), "{nowhere}");
}

/// Without a demo: the working directory, else the configuration's list, which lies beside the configuration.
#[test]
fn a_catalog_is_found_without_being_named() {
    let kubeconfig = "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n\
                      users: [{name: u, user: {token: t}}]\ncontexts: [{name: here, context: {cluster: c, user: u}}]\n";
    let board = || Board::empty().file(".kube/config", kubeconfig);
    let found = |board: &Board| board.run("status -o name").stdout;
    assert_eq!(found(&board().file("catalog.yaml", BYE)), "bye\n");
    assert_eq!(found(&board().file("catalog-info.yaml", BYE)), "bye\n");
    assert_eq!(found(&board().file(".config/callboard/catalog.yaml", BYE)), "bye\n");
    let config = board().file(".config/callboard/config.yaml", "catalog: [entities/*.yaml]\n");
    assert_eq!(
        found(&config.file(".config/callboard/entities/bye.yaml", BYE).file("catalog.yaml", HELLO)),
        "bye\n"
    );
    let named = board().file("elsewhere/kubeconfig", kubeconfig).file("catalog.yaml", BYE);
    let output = named.run("status --kubeconfig elsewhere/kubeconfig");
    assert_eq!(output.code, 4, "{output}");
}

/// The clusters that a choice leaves, in fleet order.
#[track_caller]
fn clusters(fleet: &Board, words: &[&str], expected: &[&str]) {
    let flags = ["status", "cart", "-o", "json", "--exit-zero", "--cluster-timeout", "1s"];
    let output = fleet.run_words(flags.iter().chain(words));
    let report = output.json();
    let asked = report["clusters"].as_array().expect("a list").iter();
    let names: Vec<&str> = asked.filter_map(|cluster| cluster["name"].as_str()).collect();
    assert_eq!(names, expected, "{words:?}");
}

#[test]
fn clusters_are_chosen_by_context_and_by_label() {
    let shop = Board::fleet("shop");
    clusters(&shop, &[], &["us-east-1", "us-west-2", "eu-west-1", "ap-south-1"]);
    clusters(&shop, &["--context", "us-*"], &["us-east-1", "us-west-2"]);
    clusters(&shop, &["--context", "us-*,!us-west-2"], &["us-east-1"]);
    clusters(&shop, &["--context", "!us-*"], &["eu-west-1", "ap-south-1"]);
    clusters(&shop, &["--context", "eu-west-1", "--context", "us-east-1"], &["us-east-1", "eu-west-1"]);
    clusters(&shop, &["--cluster-selector", "region=eu-west-1"], &["eu-west-1"]);
    clusters(
        &shop,
        &["--cluster-selector", "region notin (eu-west-1, us-east-1)"],
        &["us-west-2", "ap-south-1"],
    );
    clusters(&shop, &["--context", "us-*", "--cluster-selector", "region!=us-east-1"], &["us-west-2"]);
    let grouped = Board::fleet("shop").file("config.yaml", "groups: {west: ['*-west-*']}\n");
    clusters(&grouped, &["--config", "config.yaml", "--context", "@west"], &["us-west-2", "eu-west-1"]);
}

#[test]
fn a_cluster_that_is_not_there() {
    says(
        "shop",
        "status --context us-esat-1",
        str![[r#"
------- stderr -------
error: no context "us-esat-1"; did you mean "us-east-1" or "us-west-2" or "eu-west-1"?
[exit status: 1]

"#]],
    );
    says(
        "shop",
        "status --context mars-*",
        str![[r#"
------- stderr -------
error: no context matches "mars-*"; there are us-east-1, us-west-2, eu-west-1, ap-south-1
[exit status: 1]

"#]],
    );
    says(
        "shop",
        "status --context @west",
        str![[r#"
------- stderr -------
error: no cluster group "west" in the config
[exit status: 1]

"#]],
    );
    says(
        "shop",
        "status --cluster-selector region=mars",
        str![[r#"
------- stderr -------
error: no cluster has labels that match region=mars
hint: `callboard clusters` lists them with their labels
[exit status: 1]

"#]],
    );
    let output = Board::fleet("shop").run_words(["status", "--cluster-selector", "region in (eu"]);
    check(
        &output,
        str![[r#"
------- stderr -------
error: --cluster-selector "region in (eu": unable to parse requirement: found '', expected: ',' or ')'
hint: as in region=eu,env!=test
[exit status: 2]

"#]],
    );
}

/// One question at a time gives the same answer as all at once.
#[test]
fn how_many_are_asked_at_once_changes_no_answer() {
    let shop = Board::fleet("shop");
    assert_eq!(shop.run("status --concurrency 1").stdout, shop.run("status").stdout);
    assert_eq!(shop.run("status --concurrency 0").code, 2);
}

#[test]
fn deadlines_are_told_as_they_were_set() {
    let silent = Board::fleet("silent");
    let reason = |words: &str, name: &str| {
        let report = silent.run(&format!("status -o json --context {name} {words}")).json();
        let cluster = &report["clusters"][0];
        (
            cluster["reason"].as_str().unwrap_or_default().to_string(),
            cluster["message"].as_str().unwrap_or_default().to_string(),
        )
    };
    let (slow, told) = reason("--cluster-timeout 700ms", "hang-1");
    assert_eq!((slow.as_str(), told.as_str()), ("timedOut", "timed out after 700ms"));
    let (slow, told) = reason("--request-timeout 600ms", "hang-1");
    assert_eq!((slow.as_str(), told.as_str()), ("timedOut", "timed out after 600ms"));
    // As kubectl has it: a bare number is seconds, and of a repeated flag the last one counts, whatever it is called.
    let (_, told) = reason("--request-timeout 1", "hang-1");
    assert_eq!(told, "timed out after 1s");
    let (_, told) = reason("--cluster-timeout 60s --request-timeout 500ms", "hang-1");
    assert_eq!(told, "timed out after 500ms");
    let (_, told) = reason("--request-timeout 60s --request-timeout 0 --cluster-timeout 500ms", "hang-1");
    assert_eq!(told, "timed out after 500ms");
    let before =
        silent.run("--cluster-timeout 60s status -o wide -o name --context hang-1 --cluster-timeout 500ms");
    assert_eq!(before.code, 4, "{before}");
    for repeated in [
        "--connect-timeout 1 --connect-timeout 2s",
        "--concurrency 1 --concurrency 2",
        "--color never --color auto",
        "-q -q",
    ] {
        assert_eq!(Board::fleet("tiny").run(&format!("status {repeated}")).code, 0, "{repeated}");
    }
    assert_eq!(silent.run("status --cluster-timeout soon").code, 2);
    assert_eq!(silent.run("status --connect-timeout -1s").code, 2);
}

/// Fleets of a single test, made of a cluster of tests/fleets/tiny under other names.
#[track_caller]
pub fn fleet_of(settings: &str, names: &[&str], catalog: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("fleet.yaml"), settings).expect("written");
    fs::write(directory.path().join("catalog.yaml"), catalog).expect("written");
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets/tiny/solo/hello/hello.yaml");
    for name in names {
        fs::create_dir(directory.path().join(name)).expect("created");
        fs::copy(&tiny, directory.path().join(name).join("hello.yaml")).expect("copied");
    }
    directory
}

#[test]
fn a_connection_that_never_comes_ends_with_the_connect_timeout() {
    let directory =
        fleet_of("clusters: [{name: far, fault: blackhole}, {name: near}]\n", &["far", "near"], HELLO);
    let output = Board::at(directory.path()).run("status --connect-timeout 500ms");
    check(
        &output,
        str![[r#"
SERVICE  CLUSTER  HEALTH   PODS  SINCE  WHY
hello    near     Healthy  2/2   -      -
------- stderr -------
1 service: 1 healthy. 1 of 2 clusters answered in [TIME].
silent: far (no connection in 500ms)
[exit status: 4]

"#]],
    );
}

#[test]
fn a_placement_that_matches_no_cluster_is_said_once() {
    let placed = HELLO.replace(
        "{name: hello}",
        "{name: hello, annotations: {backstage.io/kubernetes-cluster: 'near,mars'}}",
    );
    let directory = fleet_of("clusters: [{name: near}]\n", &["near"], &placed);
    check(
        &Board::at(directory.path()).run("status"),
        str![[r#"
SERVICE  CLUSTER  HEALTH   PODS  SINCE  WHY
hello    mars     Unknown  -     -      no context of the kubeconfig is this cluster
hello    near     Healthy  2/2   -      -
------- stderr -------
1 service: 1 unknown. 1 cluster answered in [TIME].
note: the catalog places hello in mars, which is no cluster of this kubeconfig; if it is one of another name, the configuration says so: clusters: [{name: CONTEXT, aliases: [mars]}]
[exit status: 4]

"#]],
    );
}

#[test]
fn what_is_placed_in_clusters_that_are_not_asked_is_left_out_with_a_note() {
    let output = Board::fleet("shop").run("status payments cart --context ap-south-1");
    check(
        &output,
        str![[r#"
SERVICE  HEALTH   PODS  SINCE  WHY
cart     Healthy  2/2   -      -
------- stderr -------
1 service: 1 healthy. 1 cluster answered in [TIME].
note: left out, placed in clusters that were not asked: payments
[exit status: 0]

"#]],
    );
}

/// Absence proves something only where everything was asked.
#[test]
fn a_narrowed_fleet_proves_no_absence() {
    let annotated = |name: &str| {
        let id = format!("{{name: {name}, annotations: {{backstage.io/kubernetes-id: {name}}}}}");
        HELLO.replace("{name: hello}", &id)
    };
    let catalog = [annotated("hello"), annotated("gone"), HELLO.replace("hello", "library")].join("---\n");
    let settings = "clusters: [{name: near, labels: {env: prod}}, {name: far, labels: {env: test}}, {name: dead, fault: refused}]\n";
    let directory = fleet_of(settings, &["near"], &catalog);
    fs::create_dir(directory.path().join("far")).expect("created");
    let board = Board::at(directory.path());
    check(
        &board.run("status --context far"),
        str![[r#"
------- stderr -------
No services found in far. 1 cluster answered in [TIME].
note: left out, 3 services not seen in the clusters that were asked: gone, hello, library
[exit status: 0]

"#]],
    );
    let left_out = |words: &str, names: &str| {
        let output = board.run(words);
        assert_eq!(output.code, 0, "{output}");
        assert!(!output.stdout.contains("Missing"), "{output}");
        assert!(
            output.stderr.contains(&format!("not seen in the clusters that were asked: {names}\n")),
            "{output}"
        );
    };
    left_out("status hello --context far", "hello");
    left_out("status --cluster-selector env=test", "gone, hello, library");
    left_out("status -l app.kubernetes.io/name=hello --context far", "app.kubernetes.io/name=hello");
    left_out("why --context far", "gone, hello, library");
    left_out("why hello --context far", "hello");
    left_out("status --context near", "gone, library");
    // One that did not answer may have it.
    let silent = board.run("status hello --context far --context dead");
    assert_eq!(silent.code, 4, "{silent}");
    assert!(silent.stdout.contains("Unknown"), "{silent}");
    // Where all of them are asked, by whatever words, what is nowhere is Missing.
    let whole = fleet_of("clusters: [{name: near}, {name: far}]\n", &["near"], &catalog);
    fs::create_dir(whole.path().join("far")).expect("created");
    for words in ["status gone", "status gone --context *ar", "status gone --context near --context far"] {
        let output = Board::at(whole.path()).run(words);
        assert_eq!(output.code, 3, "{words}: {output}");
        assert!(output.stdout.contains("Missing"), "{output}");
    }
    // A placement is a promise, however few are asked.
    let promised = annotated("gone").replace("kubernetes-id: gone", "kubernetes-cluster: far");
    let placed = fleet_of("clusters: [{name: near}, {name: far}]\n", &["near"], &promised);
    fs::create_dir(placed.path().join("far")).expect("created");
    let output = Board::at(placed.path()).run("status --context far");
    assert!(output.code == 3 && output.stdout.contains("Missing"), "{output}");
}
