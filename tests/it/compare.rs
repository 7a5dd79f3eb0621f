//! `compare`: what differs between clusters.

use snapbox::data::Inline;
use snapbox::{Assert, IntoData, str};

use crate::made::{CATALOG, fleet};
use crate::support::{Board, Output};
use crate::terminal;

#[track_caller]
fn check(output: &Output, expected: Inline) {
    Assert::new().action_env("SNAPSHOTS").eq(output.to_string().raw(), expected.raw());
}

#[test]
fn resources_of_one_region() {
    check(
        &Board::fleet("shop").run("compare payments"),
        str![[r#"
GROUP      WHAT                 CLUSTERS             VALUE
resources  app limits.memory    us-east-1,eu-west-1  512Mi
resources  app limits.memory    us-west-2            256Mi
resources  app requests.memory  us-east-1,eu-west-1  512Mi
resources  app requests.memory  us-west-2            256Mi
scale      available            us-east-1,eu-west-1  3
scale      available            us-west-2            2
revision   revision             us-east-1,eu-west-1  88
revision   revision             us-west-2            87
------- stderr -------
payments: 2 differences between 3 clusters; baseline us-east-1
3 of 3 clusters answered in [TIME].
[exit status: 3]

"#]],
    );
    check(
        &Board::fleet("shop").run("compare payments --only images,env"),
        str![[r#"
payments: nothing differs between us-east-1, us-west-2, eu-west-1
------- stderr -------
3 of 3 clusters answered in [TIME].
[exit status: 0]

"#]],
    );
}

#[test]
fn a_rollout_that_reached_one_region_on_a_terminal() {
    let board = Board::demo().variable("NO_COLOR", "1");
    check(
        &terminal::run(&board, 110, "compare checkout --baseline eu-west-1"),
        str![[r#"
GROUP     WHAT                                     CLUSTERS      VALUE
images    app image                                eu-west-1 +1  registry.marrowby.example/shop/checkout:v3.7…
                                                   us-east-1     registry.marrowby.example/shop/checkout:v3.8…
config    ConfigMap checkout-config CURRENCY       eu-west-1     EUR
                                                   us-east-1 +1  USD
config    ConfigMap checkout-config REGION         eu-west-1     eu-west-1
                                                   us-east-1     us-east-1
                                                   us-west-2     us-west-2
config    ConfigMap checkout-config TAX_RATES_URL  eu-west-1 +1  http://tax.shop.svc/v2/rates
                                                   us-east-1     not set
revision  version label                            eu-west-1 +1  3.7.2
                                                   us-east-1     3.8.0
versions  server version                           eu-west-1     v1.35.5
                                                   us-east-1 +1  v1.36.3
scale     available                                eu-west-1 +1  6
                                                   us-east-1     0
revision  revision                                 eu-west-1 +1  41
                                                   us-east-1     42
revision  rollout start                            eu-west-1 +1  2026-01-11T08:00:00Z
                                                   us-east-1     2026-01-15T09:43:48Z
------- stderr -------
checkout: 6 differences between 3 clusters; baseline eu-west-1
3 of 4 clusters answered in [TIME].
silent: ap-south-1 (connection refused)
[exit status: 3]

"#]],
    );
}

const TEMPLATE: &str = "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {backstage.io/kubernetes-id: web}
  annotations: {deployment.kubernetes.io/revision: 'REVISION'}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, backstage.io/kubernetes-id: web}}
    spec:
      containers:
      - name: app
        image: web:1
        env: [{name: MODE, value: MODE_VALUE}, {name: DB_PASSWORD, value: PASSWORD_VALUE}]
        envFrom: [{configMapRef: {name: web}}, {secretRef: {name: web}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: shop}
data: {app.yaml: 'FILE', API_KEY: 'PASSWORD_VALUE'EXTRA}
---
apiVersion: v1
kind: Secret
metadata: {name: web, namespace: shop}
stringData: {x: PASSWORD_VALUE}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-6d5f7c9b8d
  namespace: shop
  labels: {app: web, backstage.io/kubernetes-id: web, pod-template-hash: 6d5f7c9b8d}
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, controller: true}]
spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: web:1}]}}}
---
apiVersion: v1
kind: Pod
metadata:
  name: web-6d5f7c9b8d-x2k4z
  namespace: shop
  labels: {app: web, backstage.io/kubernetes-id: web, pod-template-hash: 6d5f7c9b8d}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-6d5f7c9b8d, controller: true}]
spec: {containers: [{name: app, image: web:1}]}
status:
  phase: Running
  containerStatuses: [{name: app, image: 'web:1', imageID: 'registry/web@sha256:DIGEST', ready: true, state: {running: {}}}]
";

/// The objects of one cluster, with its own values.
fn objects(values: &[(&str, &str)]) -> String {
    let usual = [
        ("REVISION", "7"),
        ("MODE_VALUE", "fast"),
        ("PASSWORD_VALUE", "hunter2"),
        ("FILE", "level: info"),
        ("EXTRA", ""),
        ("DIGEST", "aaa"),
    ];
    let all = values.iter().chain(&usual);
    all.fold(TEMPLATE.to_string(), |text, (name, value)| text.replace(name, value))
}

#[test]
fn digests_config_and_env_differ_and_secrets_never_do() {
    let eu = objects(&[]);
    let us = objects(&[
        ("MODE_VALUE", "slow"),
        ("PASSWORD_VALUE", "correct-horse"),
        ("DIGEST", "bbb"),
        ("REVISION", "9"),
        ("FILE", "level: debug"),
        ("EXTRA", ", REGION: us"),
    ]);
    let (_directory, board) =
        fleet(&[("catalog.yaml", CATALOG), ("eu/all.yaml", eu.as_str()), ("us/all.yaml", us.as_str())]);
    let output = board.run("compare web");
    check(
        &output,
        str![[r#"
GROUP     WHAT                        CLUSTERS  VALUE
images    app image digest, same tag  eu        sha256:aaa
images    app image digest, same tag  us        sha256:bbb
env       app env MODE                eu        fast
env       app env MODE                us        slow
config    ConfigMap web REGION        eu        not set
config    ConfigMap web REGION        us        us
config    ConfigMap web app.yaml      eu        level: info
config    ConfigMap web app.yaml      us        level: debug
revision  revision                    eu        7
revision  revision                    us        9
------- stderr -------
web: 4 differences between 2 clusters; baseline eu
2 of 2 clusters answered in [TIME].
[exit status: 3]

"#]],
    );
    for format in ["json", "yaml", "wide", "markdown", "html"] {
        let output = board.run(&format!("compare web -o {format}"));
        assert!(!output.stdout.contains("hunter2") && !output.stdout.contains("correct-horse"), "{output}");
    }
    let json = board.run("compare web --only images -o json").json();
    assert_eq!(json["kind"], "ServiceDifferenceList");
    assert_eq!(json["items"][0]["baseline"], "eu");
    let differences = json["items"][0]["differences"].as_array().expect("a list");
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0]["what"], "app image digest, same tag");
    assert_eq!(differences[0]["values"][1]["clusters"][0], "us");
}

#[test]
fn nothing_differs_but_what_each_cluster_has_by_itself() {
    let (eu, us) = (objects(&[]), objects(&[("PASSWORD_VALUE", "other"), ("REVISION", "9")]));
    let (_directory, board) =
        fleet(&[("catalog.yaml", CATALOG), ("eu/all.yaml", eu.as_str()), ("us/all.yaml", us.as_str())]);
    check(
        &board.run("compare web"),
        str![[r#"
GROUP     WHAT      CLUSTERS  VALUE
revision  revision  eu        7
revision  revision  us        9
------- stderr -------
web: nothing differs between 2 clusters but what each has by itself; baseline eu
2 of 2 clusters answered in [TIME].
[exit status: 0]

"#]],
    );
    check(
        &board.run("compare web --only template"),
        str![[r#"
web: nothing differs between eu, us
------- stderr -------
2 of 2 clusters answered in [TIME].
[exit status: 0]

"#]],
    );
}

#[test]
fn a_cluster_that_did_not_answer_leaves_it_open() {
    let all = objects(&[]);
    let (_directory, board) = fleet(&[
        ("catalog.yaml", CATALOG),
        ("fleet.yaml", "clusters: [{name: eu}, {name: us}, {name: ap, fault: refused}]"),
        ("eu/all.yaml", all.as_str()),
        ("us/all.yaml", all.as_str()),
    ]);
    check(
        &board.run("compare web"),
        str![[r#"
web: nothing differs between eu, us
------- stderr -------
2 of 3 clusters answered in [TIME].
silent: ap (connection refused)
[exit status: 4]

"#]],
    );
    check(
        &board.run("compare web --context eu"),
        str![[r#"
web: only in eu, nothing to compare
------- stderr -------
1 cluster answered in [TIME].
[exit status: 0]

"#]],
    );
}

#[test]
fn config_maps_that_may_not_be_read_are_a_gap() {
    let all = objects(&[]);
    let (_directory, board) = fleet(&[
        ("catalog.yaml", CATALOG),
        ("fleet.yaml", "clusters: [{name: eu}, {name: us, forbid: [configmaps, secrets]}]"),
        ("eu/all.yaml", all.as_str()),
        ("us/all.yaml", all.as_str()),
    ]);
    let output = board.run("compare web");
    assert!(output.stderr.contains("partial: us (forbidden: configmaps)"), "{output}");
    assert_eq!(output.code, 4, "{output}");
    assert_eq!(board.run("compare web --only images").code, 0);
}

#[test]
fn a_baseline_must_be_asked() {
    check(
        &Board::fleet("shop").run("compare payments --baseline us-est-1"),
        str![[r#"
------- stderr -------
error: --baseline: there is no cluster "us-est-1"
hint: did you mean us-east-1?
[exit status: 2]

"#]],
    );
}
