//! Without a catalog: services are guessed from the labels of what runs, and what may be missing is told.

use std::fs;

use serde_json::Value;

use crate::support::{Board, tells};
use crate::terminal;

/// Namespace, name and labels.
type NamedDeployment = (&'static str, &'static str, &'static str);

/// A fleet without a catalog: of each cluster its Deployments, by namespace, name and labels.
fn fleet(settings: &str, clusters: &[(&str, &[NamedDeployment])]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("fleet.yaml"), settings).expect("written");
    for (cluster, deployments) in clusters {
        fs::create_dir(directory.path().join(cluster)).expect("created");
        let texts: Vec<String> =
            deployments.iter().map(|(namespace, name, labels)| deployment(namespace, name, labels)).collect();
        fs::write(directory.path().join(cluster).join("all.yaml"), texts.join("---\n")).expect("written");
    }
    directory
}

/// A Deployment that wants one pod and has it, with that pod.
pub fn deployment(namespace: &str, name: &str, labels: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}, uid: {namespace}-{name}, generation: 1, labels: {{{labels}}}}}\n\
         spec: {{replicas: 1, selector: {{matchLabels: {{only: {name}}}}}, template: {{metadata: {{labels: {{only: {name}, {labels}}}}}}}}}\n\
         status: {{observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1}}\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}-1\n  namespace: {namespace}\n  labels: {{only: {name}, {labels}}}\n  \
         ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: {name}-x, controller: true}}]\n\
         spec: {{containers: [{{name: app, image: x}}]}}\n\
         status: {{phase: Running, conditions: [{{type: Ready, status: 'True'}}], containerStatuses: [{{name: app, ready: true, image: x, state: {{running: {{}}}}}}]}}\n---\n\
         apiVersion: apps/v1\nkind: ReplicaSet\nmetadata:\n  name: {name}-x\n  namespace: {namespace}\n  labels: {{only: {name}, {labels}}}\n  \
         ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: {name}, controller: true}}]\n\
         spec: {{replicas: 1}}\nstatus: {{replicas: 1, readyReplicas: 1, availableReplicas: 1}}\n"
    )
}

/// Each service with its clusters, from JSON; all are guesses.
#[track_caller]
fn rows(board: &Board, words: &str) -> Vec<String> {
    let output = board.run(&format!("status -o json {words}"));
    let report: Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"));
    let name = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let items = report["items"].as_array().expect("items").iter().map(|item| {
        assert_eq!(item["guessed"], true, "{output}");
        let cells = item["clusters"].as_array().expect("clusters");
        let clusters: Vec<String> = cells.iter().map(|cell| name(&cell["cluster"])).collect();
        format!("{} {}", name(&item["service"]), clusters.join(","))
    });
    items.collect()
}

#[test]
fn one_label_in_two_namespaces_is_two_services_and_in_two_clusters_one() {
    let cart = ("shop", "cart", "app: cart");
    let eu: &[_] = &[("shop", "front", "app: web"), ("blog", "front", "app: web"), cart];
    let directory = fleet("clusters: [{name: eu}, {name: us}]\n", &[("eu", eu), ("us", &[cart])]);
    let board = Board::at(directory.path());
    assert_eq!(rows(&board, ""), ["blog/web eu", "cart eu,us", "shop/web eu"]);
    assert_eq!(rows(&board, "web"), ["blog/web eu", "shop/web eu"]);
    assert_eq!(rows(&board, "shop/web shop/cart"), ["cart eu,us", "shop/web eu"]);
    tells(&board.run("status"), 0, &["warning: no catalog: services are guessed from labels"]);
    assert_eq!(board.run("services -o name").stdout, "cart\nblog/web\nshop/web\n");
}

#[test]
fn an_object_belongs_to_the_first_of_its_labels_alone() {
    let helm = "app.kubernetes.io/instance: shop-eu, app.kubernetes.io/name: nginx, app: web";
    let all: &[_] = &[("shop", "a", helm), ("shop", "b", "app: web"), ("shop", "c", "k8s-app: web")];
    let directory = fleet("clusters: [{name: eu}]\n", &[("eu", all)]);
    let board = Board::at(directory.path());
    assert_eq!(rows(&board, ""), ["app=web eu", "k8s-app=web eu", "shop-eu eu"]);
    let output = board.run("status -o json app=web");
    let report: Value = serde_json::from_str(&output.stdout).expect("JSON");
    let workloads =
        report.pointer("/items/0/clusters/0/workloads").and_then(Value::as_array).expect("workloads");
    assert_eq!(workloads.len(), 1, "{output}");
    assert_eq!(workloads[0]["name"], "b");
}

#[test]
fn what_is_left_out_is_named() {
    let all: &[_] = &[
        ("shop", "cart", "app: cart"),
        ("shop", "bare", "tier: x"),
        ("kube-system", "dns", "k8s-app: kube-dns"),
        ("billing-system", "bill", "app: bill"),
    ];
    let directory = fleet("clusters: [{name: eu}]\n", &[("eu", all)]);
    let board = Board::at(directory.path());
    assert_eq!(rows(&board, ""), ["bill eu", "cart eu"]);
    let notes = [
        "note: left out, 1 workload without a label that names a service: Deployment shop/bare",
        "note: left out, 1 service of system namespaces (name one to see it): kube-dns",
    ];
    tells(&board.run("status"), 0, &notes);
    tells(&board.run("services"), 0, &notes);
    assert!(board.run("status -o json").stdout.contains("Deployment shop/bare"));
    assert_eq!(rows(&board, "kube-dns"), ["kube-dns eu"]);
}

#[test]
fn where_a_cluster_is_silent_services_may_be_missing() {
    let cart: &[_] = &[("shop", "cart", "app: cart")];
    let directory =
        fleet("clusters: [{name: eu}, {name: us, fault: refused}]\n", &[("eu", cart), ("us", cart)]);
    let board = Board::at(directory.path());
    let missing = "note: services may be missing that run only where not everything was told: us";
    tells(&board.run("status"), 4, &[missing, "silent: us (connection refused)"]);
    tells(&board.run("services"), 4, &[missing, "silent: us (connection refused)"]);
    let unseen = ["but it may run where not everything was told: us", "did you mean cart?"];
    for command in ["status carts", "why carts", "logs carts", "events carts", "top carts", "compare carts"] {
        tells(&board.run(command), 4, &unseen);
    }
    tells(&board.run("status carts --exit-zero"), 0, &unseen);
    let all = fleet("clusters: [{name: eu}]\n", &[("eu", cart)]);
    tells(&Board::at(all.path()).run("status carts"), 1, &["carts", "did you mean cart?"]);
}

#[test]
fn a_kind_that_is_forbidden_may_hide_services() {
    let two: &[_] = &[("shop", "cart", "app: cart"), ("pay", "pay", "app: pay")];
    let settings = "clusters: [{name: eu, forbid: [deployments, replicasets, pods], namespaces: [shop]}]\n";
    let directory = fleet(settings, &[("eu", two)]);
    let board = Board::at(directory.path()).file("config.yaml", "namespaces: [shop]\n");
    assert_eq!(rows(&board, "--config config.yaml"), ["cart eu"]);
    let told = ["services may be missing that run only where not everything was told: eu"];
    tells(&board.run("status --config config.yaml"), 4, &told);
    let partial = ["partial: eu (forbidden outside namespace shop: "];
    tells(&board.run("status --config config.yaml"), 4, &partial);
    tells(&board.run("services --config config.yaml"), 4, &partial);
}

/// Nothing was found because nothing may be seen: that is no empty answer.
#[test]
fn where_nothing_may_be_listed_that_is_the_reason() {
    let cart: &[_] = &[("shop", "cart", "app: cart")];
    let directory = fleet("clusters: [{name: eu, forbid: ['*']}]\n", &[("eu", cart)]);
    let board = Board::at(directory.path());
    let silent = "silent: eu (forbidden: nothing may be listed)";
    tells(&board.run("status"), 4, &[silent, "0 of 1 clusters answered"]);
    tells(&board.run("services"), 4, &[silent]);
    let row = board.run("status -o json").json()["clusters"][0].clone();
    assert_eq!((row["state"].as_str(), row["reason"].as_str()), (Some("silent"), Some("forbidden")), "{row}");
}

#[test]
fn what_only_a_catalog_knows_cannot_be_guessed() {
    let directory = fleet("clusters: [{name: eu}]\n", &[("eu", &[("shop", "cart", "app: cart")])]);
    let board = Board::at(directory.path());
    for flag in ["--owner", "--system", "--domain", "--type", "--lifecycle", "--tag"] {
        tells(&board.run(&format!("status {flag} x")), 1, &[&format!("{flag} needs a catalog")]);
    }
}

#[test]
fn the_bare_name_shows_what_to_do_on_a_terminal_and_a_usage_error_elsewhere() {
    let board = Board::empty();
    let screen = terminal::run(&board, 80, "");
    assert_eq!((screen.code, screen.stderr.as_str()), (0, ""), "{screen}");
    let commands = screen.stdout.lines().filter(|line| line.starts_with("  callboard ")).count();
    assert_eq!(commands, 5, "{screen}");
    assert!(
        screen.stdout.lines().count() <= 12 && screen.stdout.lines().all(|line| line.len() <= 80),
        "{screen}"
    );
    let piped = board.run("");
    assert_eq!((piped.code, piped.stdout.as_str()), (2, ""), "{piped}");
}
