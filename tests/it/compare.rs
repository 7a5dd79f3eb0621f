//! `compare`: what differs between clusters.

use snapbox::data::Inline;
use snapbox::{Assert, IntoData, str};

use crate::made::{CATALOG, deployment, fleet};
use crate::support::{Board, Output};
use crate::terminal;

#[track_caller]
pub fn check(output: &Output, expected: Inline) {
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
payments: 2 differences between 3 clusters; baseline us-east-1; odd one out: us-west-2
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
checkout: us-east-1 is the odd one out of 3 clusters: 3 of 5 differences; eu-west-1 2
GROUP     WHAT                                     CLUSTERS      VALUE
images    app image                                eu-west-1 +1  …/checkout:v3.7.2
                                                   us-east-1     …/checkout:v3.8.0
config    ConfigMap checkout-config TAX_RATES_URL  eu-west-1 +1  http://tax.shop.svc/v2/rates
                                                   us-east-1     not set
revision  version label                            eu-west-1 +1  3.7.2
                                                   us-east-1     3.8.0
config    ConfigMap checkout-config CURRENCY       eu-west-1     EUR
                                                   us-east-1 +1  USD
versions  server version                           eu-west-1     v1.35.5
                                                   us-east-1 +1  v1.36.3
scale     available                                eu-west-1 +1  6
                                                   us-east-1     0
revision  revision                                 eu-west-1 +1  41
                                                   us-east-1     42
revision  rollout start                            eu-west-1 +1  2026-01-11T08:00:00Z
                                                   us-east-1     2026-01-15T09:43:48Z
config    ConfigMap checkout-config REGION         eu-west-1     eu-west-1
                                                   us-east-1     us-east-1
                                                   us-west-2     us-west-2
------- stderr -------
checkout: 5 differences between 3 clusters; baseline eu-west-1; odd one out: us-east-1
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
fn digests_config_and_env_differ_and_secrets_stay_hidden() {
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
env       app env DB_PASSWORD         eu        ***(1)
env       app env DB_PASSWORD         us        ***(2)
env       app env MODE                eu        fast
env       app env MODE                us        slow
config    ConfigMap web API_KEY       eu        ***(1)
config    ConfigMap web API_KEY       us        ***(2)
config    ConfigMap web REGION        eu        not set
config    ConfigMap web REGION        us        us
config    ConfigMap web app.yaml      eu        level: info
config    ConfigMap web app.yaml      us        level: debug
revision  revision                    eu        7
revision  revision                    us        9
------- stderr -------
web: 6 differences between 2 clusters; baseline eu
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

/// A file with a secret in one line: the other lines are compared and shown, the secret is compared and never shown.
#[test]
fn a_secret_in_a_file_hides_no_difference_and_is_not_seen() {
    let told = |eu: &str, us: &str| {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\n', "\\n"));
        let (eu, us) = (objects(&[("'FILE'", &quoted(eu))]), objects(&[("'FILE'", &quoted(us))]));
        let (_directory, board) =
            fleet(&[("catalog.yaml", CATALOG), ("eu/all.yaml", eu.as_str()), ("us/all.yaml", us.as_str())]);
        let output = board.run("compare web --only config --no-headers");
        let json = board.run("compare web --only config -o json");
        for secret in ["hunter2", "hunter3", "Zm9v"] {
            assert!(
                !output.to_string().contains(secret) && !json.to_string().contains(secret),
                "{output}{json}"
            );
        }
        (
            output.code,
            output
                .stdout
                .lines()
                .map(|line| line.split_whitespace().skip(5).collect::<Vec<_>>().join(" "))
                .collect::<Vec<_>>(),
        )
    };
    let same = "spring.datasource.password=hunter2\nhttp.timeout=";
    assert_eq!(
        told(&format!("{same}5"), &format!("{same}50")),
        (3, vec!["http.timeout=5".into(), "http.timeout=50".into()])
    );
    let pem = "-----BEGIN PRIVATE KEY-----\nZm9v\n-----END PRIVATE KEY-----\nlevel: ";
    assert_eq!(told(&format!("{pem}a"), &format!("{pem}b")), (3, vec!["level: a".into(), "level: b".into()]));
    let url = "url: https://u:hunter2@h/x\npassword: hunter2eu\napi_key: hunter2eu\nn: ";
    assert_eq!(told(&format!("{url}1"), &format!("{url}2")), (3, vec!["n: 1".into(), "n: 2".into()]));
    let secret = |value: &str| told("password: hunter2\na: 1", &format!("password: {value}\na: 1"));
    assert_eq!(secret("hunter2").0, 0);
    assert_eq!(secret("hunter3"), (3, vec!["password: ***(1)".into(), "password: ***(2)".into()]));
}

#[test]
fn nothing_differs_but_what_each_cluster_has_by_itself() {
    let (eu, us) = (objects(&[]), objects(&[("PASSWORD_VALUE", "other"), ("REVISION", "9")]));
    let (_directory, board) =
        fleet(&[("catalog.yaml", CATALOG), ("eu/all.yaml", eu.as_str()), ("us/all.yaml", us.as_str())]);
    check(
        &board.run("compare web"),
        str![[r#"
GROUP     WHAT                   CLUSTERS  VALUE
env       app env DB_PASSWORD    eu        ***(1)
env       app env DB_PASSWORD    us        ***(2)
config    ConfigMap web API_KEY  eu        ***(1)
config    ConfigMap web API_KEY  us        ***(2)
revision  revision               eu        7
revision  revision               us        9
------- stderr -------
web: 2 differences between 2 clusters; baseline eu
2 of 2 clusters answered in [TIME].
[exit status: 3]

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
web: seen only in eu, nothing to compare
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

#[test]
fn another_kind_and_another_namespace_are_still_the_service() {
    let (eu, us) =
        (deployment("Deployment", "shop", 1, "", ""), deployment("StatefulSet", "store", 1, "", ""));
    let (_directory, board) =
        fleet(&[("catalog.yaml", CATALOG), ("eu/all.yaml", eu.as_str()), ("us/all.yaml", us.as_str())]);
    check(
        &board.run("compare web"),
        str![[r#"
GROUP     WHAT       CLUSTERS  VALUE
template  kind       eu        Deployment
template  kind       us        StatefulSet
template  namespace  eu        shop
template  namespace  us        store
------- stderr -------
web: 1 difference between 2 clusters; baseline eu
2 of 2 clusters answered in [TIME].
[exit status: 3]

"#]],
    );
}

#[test]
fn what_values_hold_does_no_harm() {
    let long = "x".repeat(3000);
    let env = |value: &str| {
        format!("env: [{{name: MODE, value: \"{value}\"}}, {{name: LONG, value: \"{long}{value}\"}}]")
    };
    let (eu, us) = (
        deployment("Deployment", "shop", 1, &env("a\\e[31mred\\nline\\u0007"), ""),
        deployment("Deployment", "shop", 1, &env("b\\u202Eé\\0"), ""),
    );
    let (_directory, board) =
        fleet(&[("catalog.yaml", CATALOG), ("eu/all.yaml", eu.as_str()), ("us/all.yaml", us.as_str())]);
    for words in ["compare web", "compare web -o markdown", "compare web -o html"] {
        let output = board.run(words);
        assert_eq!(output.code, 3, "{output}");
        let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!output.stdout.contains(raw) && output.stdout.contains("MODE"), "{output}");
    }
    board.run("compare web -o json").json();
}

#[test]
fn fifty_clusters_and_one_that_is_odd() {
    let usual = deployment("Deployment", "shop", 1, "env: [{name: MODE, value: a}]", "");
    let odd = deployment("Deployment", "shop", 1, "env: [{name: MODE, value: b}]", "");
    let names: Vec<String> = (0..50).map(|number| format!("c{number:02}/all.yaml")).collect();
    let files = names.iter().map(|name| (name.as_str(), if name.starts_with("c00") { &odd } else { &usual }));
    let mut files: Vec<(&str, &str)> = files.map(|(name, text)| (name, text.as_str())).collect();
    files.push(("catalog.yaml", CATALOG));
    let (_directory, board) = fleet(&files);
    check(
        &terminal::run(&board.variable("NO_COLOR", "1"), 110, "compare web --only env"),
        str![[r#"
web: c00 is the odd one out of 50 clusters: 1 of 1 difference
GROUP  WHAT          CLUSTERS  VALUE
env    app env MODE  c01 +48   a
                     c00       b
------- stderr -------
web: 1 difference between 50 clusters; baseline c01; odd one out: c00
50 of 50 clusters answered in [TIME].
[exit status: 3]

"#]],
    );
}

#[test]
fn a_cluster_that_has_nothing_of_it_is_told_whatever_is_asked() {
    let eu = deployment("Deployment", "shop", 1, "", "");
    let placed = CATALOG.replace(
        "backstage.io/kubernetes-id: web}",
        "backstage.io/kubernetes-id: web, backstage.io/kubernetes-cluster: 'eu,us'}",
    );
    let (_directory, board) = fleet(&[
        ("catalog.yaml", placed.as_str()),
        ("fleet.yaml", "clusters: [{name: eu}, {name: us}]"),
        ("eu/all.yaml", eu.as_str()),
    ]);
    check(
        &board.run("compare web --only images"),
        str![[r#"
GROUP     WHAT      CLUSTERS  VALUE
template  workload  eu        there
template  workload  us        not there
------- stderr -------
web: 1 difference between 2 clusters; baseline eu
2 of 2 clusters answered in [TIME].
[exit status: 3]

"#]],
    );
}
