//! `config view` and `schema`: what this run goes by, and what documents look like.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::schema;
use crate::support::{Board, HELLO, Output, tells};

/// The value of a key and where it is from.
#[track_caller]
fn value(output: &Output, key: &str) -> (String, String) {
    let document = output.json();
    let items = document["items"].as_array().expect("items").clone();
    let item =
        items.iter().find(|item| item["key"] == key).unwrap_or_else(|| panic!("no {key} in {document:#}"));
    let text = |field: &str| item[field].as_str().expect("text").to_string();
    (text("value"), text("from"))
}

#[track_caller]
fn is(output: &Output, key: &str, expect: &str, from: &str) {
    assert_eq!(value(output, key), (expect.to_string(), from.to_string()), "{key}");
}

const FILE: &str = "me: ida
contexts: ['prod-*', '!prod-old']
catalog: [shop]
groups: {west: ['*-west-*']}
clusters: [{name: prod-1, labels: {region: eu}, optional: true}]
thresholds: {creating: 90}
";

#[test]
fn every_value_has_its_origin() {
    let board = Board::empty().file(".config/callboard/config.yaml", FILE);
    let file = "[HOME]/.config/callboard/config.yaml";
    let plain = board.run("config view -o json");
    is(&plain, "me", "ida", file);
    is(&plain, "contexts", "prod-*, !prod-old", file);
    is(&plain, "catalog", "[HOME]/.config/callboard/shop", file);
    is(&plain, "groups.west", "*-west-*", file);
    is(&plain, "clusters.prod-1.labels.region", "eu", file);
    is(&plain, "clusters.prod-1.optional", "true", file);
    is(&plain, "thresholds.creating", "90", file);
    is(&plain, "thresholds.readiness", "60", "default");
    is(&plain, "concurrency", "64", "default");
    is(&plain, "clusterTimeout", "10s", "default");
    is(&plain, "kubeconfig", "[HOME]/.kube/config", "default");
    is(&plain, "cacheDirectory", "[HOME]/.cache/callboard", "default");
}

#[test]
fn variables_count_more_than_files_and_flags_more_than_variables() {
    let board = Board::empty()
        .file(".config/callboard/config.yaml", FILE)
        .variable("CALLBOARD_ME", "eve")
        .variable("CALLBOARD_CATALOG", "one:two")
        .variable("KUBECONFIG", "k1:k2")
        .variable("CALLBOARD_CACHE_DIR", "cache");
    let output = board.run("config view -o json");
    is(&output, "me", "eve", "$CALLBOARD_ME");
    is(&output, "catalog", "one, two", "$CALLBOARD_CATALOG");
    is(&output, "kubeconfig", "k1, k2", "$KUBECONFIG");
    is(&output, "cacheDirectory", "cache", "$CALLBOARD_CACHE_DIR");
    let flags = "--catalog three --kubeconfig k3 --context a --cluster-timeout 10s --concurrency 9 --cluster-selector region=eu";
    let output = board.run(&format!("config view -o json {flags}"));
    is(&output, "catalog", "three", "--catalog");
    is(&output, "kubeconfig", "k3", "--kubeconfig");
    is(&output, "contexts", "a", "--context");
    is(&output, "clusterSelector", "region=eu", "--cluster-selector");
    is(&output, "concurrency", "9", "--concurrency");
    // What is the default all the same was typed.
    is(&output, "clusterTimeout", "10s", "--cluster-timeout");
    let named = Board::empty().file(".config/callboard/config.yaml", FILE).file("other.yaml", "me: kim\n");
    is(&named.run("config view -o json --config other.yaml"), "me", "kim", "other.yaml");
}

#[test]
fn a_demo_has_its_own() {
    let output = Board::demo().run("config view");
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stdout.starts_with("KEY "), "{output}");
    assert!(output.stdout.contains("the demo fleet"), "{output}");
}

#[test]
fn every_schema_is_in_the_binary_and_in_docs() {
    let told = Board::empty().run("schema").stdout;
    let told: BTreeSet<String> = told.lines().map(str::to_string).collect();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    let mut titles = BTreeSet::new();
    for entry in fs::read_dir(directory).expect("readable") {
        let text = fs::read_to_string(entry.expect("readable").path()).expect("readable");
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        let title = schema["title"].as_str().expect("a title").to_string();
        assert_eq!(Board::empty().run(&format!("schema {title}")).stdout, text);
        titles.insert(title);
    }
    assert_eq!(told, titles);
    assert_eq!(Board::empty().run("schema servicestatuslist").code, 0);
    tells(&Board::empty().run("schema ServiceStatus"), 2, &["did you mean ServiceStatusList"]);
    tells(&Board::empty().run("schema xyzzy"), 2, &["`callboard schema` lists the kinds"]);
}

/// The schema of the config file says of a real one that it fits, and of a misspelt one where it does not.
#[test]
fn the_schema_of_the_configuration_describes_one() {
    let published = schema::published("Config");
    let config: Value = serde_yaml::from_str::<Value>(FILE).expect("YAML");
    assert_eq!(schema::violations(&published, &config), Vec::<String>::new());
    let wrong: Value = serde_yaml::from_str::<Value>("clusers: []\n").expect("YAML");
    assert!(!schema::violations(&published, &wrong).is_empty());
}

#[test]
fn what_is_read_is_named_where_more_is_wanted() {
    let board = Board::empty()
        .file("catalog.yaml", HELLO)
        .file("my.yaml", "me: ida\n")
        .file(".kube/config", "apiVersion: v1\nkind: Config\nclusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'}}]\ncontexts: [{name: a, context: {cluster: a, user: a}}]\nusers: [{name: a, user: {token: t}}]\n");
    let lines = ["configuration: my.yaml", "catalog: catalog.yaml", "kubeconfig: [HOME]/.kube/config"];
    let told = board.run("status -v --config my.yaml");
    tells(&told, 4, &lines);
    for line in lines {
        assert_eq!(told.stderr.lines().filter(|one| *one == line).count(), 1, "{told}");
    }
    assert!(!board.run("status --config my.yaml").stderr.contains("kubeconfig:"));
    tells(
        &Board::empty().run("services -v"),
        1,
        &["configuration: none", "catalog: none", "kubeconfig: none"],
    );
}
