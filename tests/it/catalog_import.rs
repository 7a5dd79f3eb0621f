//! `catalog import`: entities for what runs, which select exactly what was found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Board, Output, files_below, tells};

/// Fleets that stand on the disk, without what their authors wrote into a catalog.
fn without_catalog(fleet: &Path) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let mut files = Vec::new();
    files_below(fleet, &mut files);
    for file in files {
        let path = file.strip_prefix(fleet).expect("below it");
        let is_catalog = path.starts_with("catalog") || path.starts_with("catalog.yaml");
        if is_catalog || path.starts_with("golden-paths") {
            continue;
        }
        let to = directory.path().join(path);
        fs::create_dir_all(to.parent().expect("a directory")).expect("created");
        fs::copy(&file, to).expect("copied");
    }
    directory
}

/// By the workloads that it has in all clusters: each service of a `status -o json`.
fn families(output: &Output) -> BTreeMap<BTreeSet<String>, String> {
    let report: Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"));
    let text = |value: &Value| value.as_str().expect("text").to_string();
    let mut found = BTreeMap::new();
    for item in report["items"].as_array().expect("items") {
        let mut workloads = BTreeSet::new();
        for cluster in item["clusters"].as_array().expect("clusters") {
            for workload in cluster["workloads"].as_array().expect("workloads") {
                let parts =
                    [&cluster["cluster"], &workload["kind"], &workload["namespace"], &workload["name"]];
                workloads.insert(parts.map(text).join(" "));
            }
        }
        if !workloads.is_empty() {
            found.insert(workloads, text(&item["service"]));
        }
    }
    found
}

/// What is imported is valid, and `status` finds with it what it found without.
#[track_caller]
fn goes_round(fleet: &Path, least: usize) -> Board {
    let board = Board::at(fleet);
    let before = board.run("status -o json");
    let output = board.run("catalog import --write catalog.yaml");
    assert!([0, 4].contains(&output.code), "{output}");
    let valid = board.run("catalog validate catalog.yaml");
    assert_eq!((valid.code, valid.stdout.as_str()), (0, ""), "{valid}");
    let after = board.run("status -o json --catalog catalog.yaml");
    assert!(!after.stderr.contains("warning") && !after.stderr.contains("guess"), "{after}");
    let (before, after) = (families(&before), families(&after));
    let lost: Vec<&String> =
        before.iter().filter(|(family, _)| !after.contains_key(*family)).map(|(_, name)| name).collect();
    let told = |name: &&String| !output.stderr.contains(name.as_str());
    assert!(lost.iter().filter(|name| told(name)).count() == 0, "{lost:?} is lost without a word: {output}");
    let new: Vec<&String> =
        after.iter().filter(|(family, _)| !before.contains_key(*family)).map(|(_, name)| name).collect();
    assert!(new.is_empty(), "{new:?} selects what was not found");
    assert!(after.len() >= least, "{after:?}");
    // A second time there is nothing new.
    let again = board.run("catalog import --catalog catalog.yaml");
    assert_eq!(again.stdout, "", "{again}");
    assert!(again.stderr.contains("Nothing new: the catalog has all "), "{again}");
    assert_eq!(again.code, output.code, "{again}");
    board
}

#[test]
fn the_demo_goes_round() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo/data");
    let fleet = without_catalog(&demo);
    let board = goes_round(fleet.path(), 10);
    let text = fs::read_to_string(board.home().join("catalog.yaml")).expect("written");
    assert!(
        text.starts_with(
            "# Written by `callboard catalog import` on 2026-01-15, from what ran in 6 clusters."
        ),
        "{text}"
    );
    assert!(!text.contains("kubernetes-cluster"), "a silent cluster may hide anything:\n{text}");
}

#[test]
fn the_fleets_of_the_tests_go_round() {
    for (name, least) in [("shop", 3), ("kinds", 5), ("labels", 3)] {
        let fleet = without_catalog(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets").join(name));
        goes_round(fleet.path(), least);
    }
}

/// A Deployment with one pod, by namespace, name, labels and annotations.
fn deployment(namespace: &str, name: &str, labels: &str, annotations: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}, uid: {namespace}-{name}, generation: 1, labels: {{{labels}}}, annotations: {{{annotations}}}}}\n\
         spec: {{replicas: 1, selector: {{matchLabels: {{only: {name}}}}}, template: {{metadata: {{labels: {{only: {name}, {labels}}}}}}}}}\n\
         status: {{observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1}}\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}-1\n  namespace: {namespace}\n  labels: {{only: {name}, {labels}}}\n  \
         ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: {name}, uid: {namespace}-{name}, controller: true}}]\n\
         spec: {{containers: [{{name: app, image: x}}]}}\n\
         status: {{phase: Running, conditions: [{{type: Ready, status: 'True'}}], containerStatuses: [{{name: app, ready: true, image: x, state: {{running: {{}}}}}}]}}\n"
    )
}

fn fleet(settings: &str, clusters: &[(&str, &[String])]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("fleet.yaml"), settings).expect("written");
    for (cluster, objects) in clusters {
        fs::create_dir(directory.path().join(cluster)).expect("created");
        fs::write(directory.path().join(cluster).join("all.yaml"), objects.join("---\n")).expect("written");
    }
    directory
}

fn namespace(name: &str, labels: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n")
}

fn shop() -> tempfile::TempDir {
    let cart =
        || deployment("shop", "cart", "app: cart, team: checkout, app.kubernetes.io/part-of: store", "");
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: search, namespace: argocd}\nspec: {project: findability}\n".to_string();
    fleet(
        "",
        &[
            (
                "eu",
                &[
                    namespace("shop", "kubernetes.io/metadata.name: shop"),
                    namespace("blog", "team: writers"),
                    cart(),
                    deployment(
                        "shop",
                        "pay",
                        "app: pay, app.kubernetes.io/part-of: store, app.kubernetes.io/managed-by: Helm",
                        "corp.example/owner: 'jane@example.com'",
                    ),
                    deployment("blog", "web", "app: web", ""),
                    deployment("shop", "web", "app: web", ""),
                ],
            ),
            (
                "us",
                &[
                    cart(),
                    deployment("find", "search", "app.kubernetes.io/instance: search", ""),
                    deployment("kube-system", "dns", "k8s-app: kube-dns", ""),
                    deployment("shop", "bare", "tier: x", ""),
                    application,
                ],
            ),
        ],
    )
}

#[test]
fn owners_systems_and_places_are_what_the_clusters_say() {
    let fleet = shop();
    let board = Board::at(fleet.path());
    let output = board.run("catalog import --write catalog.yaml");
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(output.stdout, "catalog.yaml: 5 Components, 4 Groups, 1 User, 1 System\n");
    for line in [
        "5 new services. Owners: 4 guessed, 1 unknown. 2 of 2 clusters answered in [TIME].",
        "note: left out, workloads without a label that names a service: Deployment shop/bare",
        "note: left out, services of system namespaces (name one to have it): kube-dns",
        "hint: look through the guesses",
    ] {
        assert!(output.stderr.contains(line), "{line:?} is not told: {output}");
    }
    let services = board.run("services -o json --catalog catalog.yaml").json();
    let rows: Vec<String> = services["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| format!("{} {} {}", item["service"], item["owner"], item["system"]).replace('"', ""))
        .collect();
    assert_eq!(
        rows,
        [
            "blog-web writers null",
            "cart checkout store",
            "pay user:jane store",
            "search findability null",
            "shop-web unknown-owner null"
        ]
    );
    let owned =
        |owner: &str| board.run(&format!("status --owner {owner} -o name --catalog catalog.yaml")).stdout;
    assert_eq!(owned("checkout"), "cart\n");
    assert_eq!(owned("user:jane"), "pay\n");
    assert_eq!(owned("unknown-owner"), "shop-web\n");
    let table = board.run("status cart search --catalog catalog.yaml");
    assert_eq!(table.code, 0, "{table}");
    let text = fs::read_to_string(board.home().join("catalog.yaml")).expect("written");
    assert!(text.contains("    backstage.io/kubernetes-cluster: eu,us  # where it ran"), "{text}");
    assert!(text.contains("    backstage.io/kubernetes-cluster: us  # where it ran"), "{text}");
    assert!(text.contains("  title: blog/web\n"), "{text}");
}

#[test]
fn a_second_time_only_what_is_new_is_shown() {
    let fleet = shop();
    let board = Board::at(fleet.path());
    assert_eq!(board.run("catalog import cart search --write catalog.yaml").code, 0);
    let output = board.run("catalog import --catalog catalog.yaml");
    assert!(output.stderr.contains("3 new services; the catalog has 2 already."), "{output}");
    assert!(!output.stdout.contains("name: cart\n") && output.stdout.contains("name: pay\n"), "{output}");
    assert!(!output.stdout.contains("kind: System"), "the catalog has it: {output}");
    // What is printed can be added to the file that is there.
    let both =
        fs::read_to_string(board.home().join("catalog.yaml")).expect("there") + "---\n" + &output.stdout;
    fs::write(board.home().join("both.yaml"), both).expect("written");
    let all = board.run("services -o name --catalog both.yaml");
    assert_eq!((all.stdout.lines().count(), all.stderr.contains("warning")), (5, false), "{all}");
    let none = board.run("catalog import --catalog both.yaml --write more.yaml");
    assert!(none.code == 0 && none.stdout.is_empty() && !board.home().join("more.yaml").exists(), "{none}");
    assert!(none.stderr.contains("Nothing new: the catalog has all 5 that were found."), "{none}");
    // A service moves on to another cluster.
    fs::write(fleet.path().join("us/more.yaml"), deployment("shop", "pay", "app: pay", "")).expect("written");
    let moved = board.run("catalog import --catalog both.yaml");
    assert!(moved.stderr.contains("note: run where the catalog does not place them: pay in us"), "{moved}");
}

#[test]
fn what_the_catalog_knows_in_part_is_not_written_twice() {
    let fleet = shop();
    let board = Board::at(fleet.path()).file(
        "catalog.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: web\n  annotations:\n    backstage.io/kubernetes-label-selector: only=web\n    \
         backstage.io/kubernetes-namespace: blog\nspec: {type: service, lifecycle: production, owner: writers}\n---\n\
         apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: writers}\nspec: {type: team, children: []}\n",
    );
    let output = board.run("catalog import --catalog catalog.yaml");
    assert!(output.stderr.contains("4 new services; the catalog has 1 already."), "{output}");
    assert!(output.stdout.contains("  name: shop-web\n") && !output.stdout.contains("blog"), "{output}");
    let ids = "backstage.io/kubernetes-id: pay";
    let fleet =
        self::fleet("", &[("eu", &[deployment("a", "pay", ids, ""), deployment("b", "pay", ids, "")])]);
    let board = Board::at(fleet.path()).file(
        "catalog.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: pay\n  annotations: {backstage.io/kubernetes-namespace: a}\n\
         spec: {type: service, lifecycle: production, owner: x}\n---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: x}\nspec: {type: team, children: []}\n",
    );
    let output = board.run("catalog import --catalog catalog.yaml");
    assert_eq!(output.stdout, "", "{output}");
    assert!(
        output
            .stderr
            .contains("the catalog has a part of these, and nothing was written for the rest: pay in eu"),
        "{output}"
    );
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let fleet = shop();
    let board = Board::at(fleet.path()).file("mine.yaml", "precious\n").file("there/cart.yaml", "precious\n");
    tells(
        &board.run("catalog import --write mine.yaml"),
        1,
        &["mine.yaml exists already", "overwrites nothing"],
    );
    tells(
        &board.run("catalog import --write there"),
        1,
        &["1 file in the way", "there/cart.yaml", "nothing was written"],
    );
    let mut files = Vec::new();
    files_below(&board.home().join("there"), &mut files);
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(fs::read_to_string(board.home().join("there/cart.yaml")).expect("there"), "precious\n");
    let output = board.run("catalog import -n find --write there");
    assert_eq!(
        output.stdout,
        "there/groups/findability.yaml: Group findability\nthere/search.yaml: Component search, owner findability (a guess)\n",
        "{output}"
    );
    let output = board.run("catalog import --write new/");
    assert_eq!((output.code, output.stdout.lines().count()), (0, 11), "{output}");
    let all = board.run("services -o name --catalog new");
    assert_eq!((all.stdout.lines().count(), all.stderr.contains("warning")), (5, false), "{all}");
}

#[test]
fn a_cluster_that_does_not_tell_all_makes_it_incomplete() {
    let cart = || deployment("shop", "cart", "app: cart", "");
    let of = |settings: &str| fleet(settings, &[("eu", &[cart()]), ("us", &[cart()])]);
    let silent = of("clusters: [{name: eu}, {name: us, fault: refused}]\n");
    let board = Board::at(silent.path());
    let output = board.run("catalog import --write catalog.yaml");
    assert_eq!(output.code, 4, "{output}");
    for line in [
        "1 new service.",
        "silent: us",
        "services may be missing that run only where not everything was told: us",
    ] {
        assert!(output.stderr.contains(line), "{line:?} is not told: {output}");
    }
    let text = fs::read_to_string(board.home().join("catalog.yaml")).expect("written all the same");
    assert!(
        text.contains("# seen in eu; it may run elsewhere, too\n") && !text.contains("kubernetes-cluster"),
        "{text}"
    );
    assert_eq!(board.run("catalog import --exit-zero").code, 0);
    let partial = of("clusters: [{name: us, forbid: [deployments.apps]}]\n");
    let output = Board::at(partial.path()).run("catalog import");
    assert_eq!(output.code, 4, "{output}");
    assert!(
        output.stderr.contains("partial: us") && !output.stdout.contains("kubernetes-cluster"),
        "{output}"
    );
    let narrowed = of("");
    let output = Board::at(narrowed.path()).run("catalog import --context eu");
    assert_eq!(output.code, 0, "{output}");
    assert!(!output.stdout.contains("kubernetes-cluster"), "it may run in what was not asked: {output}");
    let hidden = of("clusters: [{name: us, forbid: [namespaces]}]\n");
    let output = Board::at(hidden.path()).run("catalog import");
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stderr.contains("labels of namespaces may not be read in: us"), "{output}");
}

#[test]
fn a_name_that_nothing_has_is_told() {
    let fleet = shop();
    let board = Board::at(fleet.path());
    tells(&board.run("catalog import crat"), 1, &["did you mean cart?"]);
    let output = board.run("catalog import kube-dns");
    assert!(output.code == 0 && output.stdout.contains("  name: kube-dns\n"), "{output}");
    let output = board.run("catalog import -n nowhere");
    assert!(output.code == 0 && output.stderr.contains("No new service."), "{output}");
    tells(&board.run("catalog improt"), 2, &["import"]);
}

#[test]
fn a_context_that_is_broken_may_be_one_more_cluster() {
    let fleet = fleet("", &[("eu", &[deployment("shop", "cart", "app: cart", "")])]);
    let board = Board::at(fleet.path()).file("broken", "contexts: [");
    let run = |kubeconfig: &str| {
        let script = format!("KUBECONFIG={kubeconfig} {} catalog import", env!("CARGO_BIN_EXE_callboard"));
        board.run_words(["demo", "--", "sh", "-c", &script])
    };
    let whole = run("$KUBECONFIG");
    assert!(whole.code == 0 && whole.stdout.contains("kubernetes-cluster: eu"), "{whole}");
    let broken = run("$KUBECONFIG:broken");
    assert!(
        broken.code == 0 && broken.stdout.contains("# seen in eu; it may run elsewhere, too"),
        "{broken}"
    );
    assert!(!broken.stdout.contains("kubernetes-cluster"), "{broken}");
}
