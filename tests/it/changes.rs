//! `changes`: what became different, where, when and through whom.

use std::path::Path;

use serde_json::Value;

use crate::made::fleet;
use crate::schema::violations;
use crate::support::{Board, tells};

const NOW: &str = "2026-01-15T10:00:00Z";

const CATALOG: &str = "
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: web, annotations: {backstage.io/kubernetes-id: web}}
spec: {type: service, lifecycle: production, owner: team-web}
";

/// A Deployment at its second revision, edited, scaled by a person and by an autoscaler, with a ConfigMap that was edited too.
fn web(hour: &str, replicas: usize) -> String {
    let replica_set = |number: usize, created: &str, image: &str, memory: &str| {
        format!(
            "apiVersion: apps/v1
kind: ReplicaSet
metadata: {{name: web-{number}, namespace: shop, creationTimestamp: '{created}', labels: {{app: web, backstage.io/kubernetes-id: web}}, annotations: {{deployment.kubernetes.io/revision: '{number}'}}, ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: web, controller: true}}]}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web, backstage.io/kubernetes-id: web, pod-template-hash: '{number}'}}}}
    spec: {{containers: [{{name: app, image: 'registry.example.com/shop/web:{image}', resources: {{limits: {{memory: {memory}}}}}, env: [{{name: DB_PASSWORD, value: pw-{image}}}], envFrom: [{{configMapRef: {{name: web-config}}}}]}}]}}
---
"
        )
    };
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  creationTimestamp: '2025-10-01T00:00:00Z'
  labels: {{backstage.io/kubernetes-id: web}}
  managedFields:
  - {{manager: helm, operation: Update, time: '2025-10-01T00:00:00Z', fieldsV1: {{'f:spec': {{'f:minReadySeconds': {{}}}}}}}}
  - {{manager: deployer, operation: Update, time: '2026-01-15T{hour}:29:58Z', fieldsV1: {{'f:spec': {{'f:template': {{'f:spec': {{'f:containers': {{'k:{{\"name\":\"app\"}}': {{'f:image': {{}}}}}}}}}}}}}}}}
  - {{manager: kubectl, operation: Update, subresource: scale, time: '2026-01-15T{hour}:10:00Z', fieldsV1: {{'f:spec': {{'f:replicas': {{}}}}}}}}
  - {{manager: kube-controller-manager, operation: Update, subresource: scale, time: '2026-01-15T{hour}:50:00Z', fieldsV1: {{'f:spec': {{'f:replicas': {{}}}}}}}}
  - {{manager: kubectl-edit, operation: Update, time: '2026-01-15T{hour}:40:00Z', fieldsV1: {{'f:spec': {{'f:progressDeadlineSeconds': {{}}}}}}}}
  - {{manager: kube-controller-manager, operation: Update, subresource: status, time: '2026-01-15T{hour}:55:00Z', fieldsV1: {{'f:status': {{'f:replicas': {{}}}}}}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web, backstage.io/kubernetes-id: web}}}}
    spec: {{containers: [{{name: app, image: 'registry.example.com/shop/web:2'}}]}}
---
{}{}apiVersion: v1
kind: Pod
metadata: {{name: web-2-a, namespace: shop, creationTimestamp: '2026-01-15T{hour}:30:05Z', labels: {{app: web, backstage.io/kubernetes-id: web}}, ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: web-2, controller: true}}]}}
spec: {{nodeName: n-1, containers: [{{name: app, image: 'registry.example.com/shop/web:2', envFrom: [{{configMapRef: {{name: web-config}}}}]}}]}}
status: {{phase: Running, containerStatuses: [{{name: app, ready: true, state: {{running: {{}}}}}}]}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web-config
  namespace: shop
  creationTimestamp: '2025-10-01T00:00:00Z'
  managedFields:
  - {{manager: kubectl-edit, operation: Update, time: '2026-01-15T{hour}:45:00Z', fieldsV1: {{'f:data': {{'.': {{}}, 'f:LOG_LEVEL': {{}}}}}}}}
data: {{LOG_LEVEL: the-value-itself}}
",
        replica_set(1, "2025-10-01T00:00:00Z", "1", "512Mi"),
        replica_set(2, &format!("2026-01-15T{hour}:30:00Z"), "2", "256Mi"),
    )
}

fn board(more: &str) -> (tempfile::TempDir, Board) {
    let clusters = format!("now: {NOW}\nclusters: [{{name: eu-1}}, {{name: us-1{more}}}]\n");
    let (directory, board) = fleet(&[
        ("fleet.yaml", clusters.as_str()),
        ("catalog.yaml", CATALOG),
        ("eu-1/web.yaml", &web("09", 2)),
        ("us-1/web.yaml", &web("09", 2)),
    ]);
    (directory, board.variable("CALLBOARD_NOW", NOW))
}

#[test]
fn a_deed_is_a_row_with_what_is_different_and_who_did_it() {
    let (_directory, board) = board("");
    let output = board.run("changes web");
    assert_eq!(output.code, 0, "{output}");
    let lines: Vec<&str> = output.stdout.lines().map(str::trim_end).collect();
    let rows: Vec<String> =
        lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        rows,
        [
            "AGE CLUSTER OBJECT WHAT CHANGED BY",
            "15m eu-1,us-1 configmap/web-config edited, of keys LOG_LEVEL, 1 of 1 pod older than it: its environment has the old values until it starts anew kubectl-edit",
            "20m eu-1,us-1 deployment/web edited, of spec.progressDeadlineSeconds kubectl-edit",
            "30m eu-1,us-1 deployment/web rollout 2: app image 1 -> 2; app env DB_PASSWORD ***(1) -> ***(2); app limits.memory 512Mi -> 256Mi; app requests.memory 512Mi -> 256Mi deployer",
            "50m eu-1,us-1 deployment/web scaled: 2 replicas now kubectl",
        ]
    );
    tells(
        &output,
        0,
        &[
            "4 changes in the last 24h. 2 of 2 clusters answered",
            "2 changes by controllers left out (-v tells them)",
        ],
    );
    assert!(!output.stdout.contains("pw-") && !output.stdout.contains("the-value-itself"), "{output}");
    let verbose = board.run("changes web -v");
    assert!(verbose.stdout.contains("kube-controller-manager"), "{verbose}");
}

#[test]
fn only_what_falls_into_the_window_is_told() {
    let (_directory, board) = board("");
    let kinds = |words: &str| -> Vec<String> {
        let report = board.run(words).json();
        let items = report["items"].as_array().expect("items").clone();
        items.iter().map(|item| item["change"].as_str().expect("a kind").to_string()).collect()
    };
    assert_eq!(kinds("changes web --since 25m -o json"), ["config", "edit"]);
    assert_eq!(kinds("changes web --around 2026-01-15T09:20:00Z -o json"), ["rollout", "scaling"]);
    assert_eq!(
        kinds("changes web --since 365d -o json"),
        ["config", "edit", "rollout", "scaling", "created"]
    );
    let nothing = board.run("changes web --since 1m");
    tells(&nothing, 0, &["Nothing seen to change in the last 60s"]);
    tells(&board.run("changes web --around noon"), 2, &["2026-01-15T09:44:00Z"]);
}

#[test]
fn the_document_is_as_its_schema_says() {
    let (_directory, board) = board("");
    let report = board.run("changes -o json").json();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/changes.json");
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("readable")).expect("JSON");
    let mut report = report;
    for cluster in report["clusters"].as_array_mut().expect("clusters") {
        cluster["elapsedMs"] = 1.into();
    }
    assert_eq!(violations(&schema, &report), Vec::<String>::new());
    let rollout = &report["items"][2];
    assert_eq!(rollout["differences"][0]["before"], "registry.example.com/shop/web:1");
    assert_eq!(rollout["manager"], "deployer");
    assert_eq!(rollout["revision"], "2");
}

#[test]
fn what_could_not_be_read_is_a_gap_and_never_nothing_changed() {
    let (_directory, forbidden) = board(", forbid: [configmaps], namespaces: [shop]");
    let output = forbidden.run("changes web");
    let (_other, refused) = board(", fault: refused");
    let silent = refused.run("changes web");
    assert_eq!(silent.code, 4, "{silent}");
    assert!(silent.stdout.contains("rollout 2"), "{silent}");
    // Lists of the cluster are forbidden, the namespace may be read.
    assert_eq!(output.code, 0, "{output}");
    let (_third, closed) = board(", forbid: [replicasets]");
    let closed = closed.run("changes web");
    assert_eq!(closed.code, 4, "{closed}");
    tells(&closed, 4, &["partial: us-1", "replicasets"]);
}

#[test]
fn the_demo_tells_what_was_rolled_out_before_the_loop() {
    let output = Board::demo().run("changes checkout");
    assert!(output.stdout.contains("rollout 42: app image v3.7.2 -> v3.8.0"), "{output}");
}
