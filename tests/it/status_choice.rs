//! `status`, of what is asked for: without a catalog, by names and selectors that are none, and what earlier runs remember.

use std::fs;

use serde_json::Value;
use snapbox::str;

use crate::choosing::fleet_of;
use crate::support::{Board, HELLO, check, says};

#[test]
fn labels_without_a_catalog() {
    says(
        "labels",
        "status -l app.kubernetes.io/name=ledger",
        str![[r#"
SERVICE                        CLUSTER  HEALTH   PODS  SINCE  WHY
app.kubernetes.io/name=ledger  -        Missing  -     -      nothing carries app.kubernetes.io/name=ledger
------- stderr -------
1 service: 1 missing. 2 of 2 clusters answered in [TIME].
[exit status: 3]

"#]],
    );
    says(
        "labels",
        "status --selector app=legacy",
        str![[r#"
SERVICE     CLUSTER  HEALTH   PODS  SINCE  WHY
app=legacy  one      Healthy  2/2   -      -
------- stderr -------
1 service: 1 healthy. 2 of 2 clusters answered in [TIME].
[exit status: 0]

"#]],
    );
    says(
        "labels",
        "status -l !app -n tools -o wide",
        str![[r#"
SERVICE  CLUSTER  HEALTH    PODS  RESTARTS  SINCE  WORKLOADS               REVISIONS  IMAGES                                       WHY
!app     one      Degraded  1/2   6         11m    tools/Deployment/board  1          registry.marrowby.example/shop/board:v1.0.0  app exits 1, 6 restarts in 1 pod, in back-off (CrashLoopBackOff)
------- stderr -------
1 service: 1 degraded. 2 of 2 clusters answered in [TIME].
[exit status: 3]

"#]],
    );
    says(
        "labels",
        "status -l k8s-app=nothing-has-this",
        str![[r#"
SERVICE                   CLUSTER  HEALTH   PODS  SINCE  WHY
k8s-app=nothing-has-this  -        Missing  -     -      nothing carries k8s-app=nothing-has-this
------- stderr -------
1 service: 1 missing. 2 of 2 clusters answered in [TIME].
[exit status: 3]

"#]],
    );
}

#[test]
fn a_misspelt_service() {
    says(
        "shop",
        "status chekout",
        str![[r#"
------- stderr -------
error: the catalog has no service "chekout"
hint: did you mean checkout?
[exit status: 1]

"#]],
    );
}

#[test]
fn an_unknown_owner() {
    says(
        "shop",
        "status --owner team-chekout",
        str![[r#"
------- stderr -------
error: the catalog has no owner "team-chekout"
hint: did you mean team-checkout or team-payments or team-discovery?
[exit status: 1]

"#]],
    );
}

#[test]
fn a_selector_that_is_none() {
    let output = Board::fleet("labels").run_words(["status", "-l", "app in (a"]);
    check(
        &output,
        str![[r#"
------- stderr -------
error: -l "app in (a": unable to parse requirement: found '', expected: ',' or ')'
hint: as in -l app=cart,tier!=test
[exit status: 2]

"#]],
    );
}

#[test]
fn no_catalog() {
    says(
        "labels",
        "status",
        str![[r#"
SERVICE    CLUSTER  HEALTH    PODS  SINCE  WHY
board      one      Degraded  1/2   11m    app exits 1, 6 restarts in 1 pod, in back-off (CrashLoopBackOff)
toolbox    one      Degraded  1/2   59m    toolbox-once: app exits 3 (Error)
ledger     one      Healthy   1/1   -      -
ledger     two      Healthy   1/1   -      -
legacy     one      Healthy   2/2   -      -
mailer-eu  one      Healthy   1/1   -      -
resizer    one      Healthy   1/1   -      -
backfill   two      Healthy   -     -      -
------- stderr -------
warning: no catalog: services are guessed from labels of what runs (backstage.io/kubernetes-id, app.kubernetes.io/instance, app.kubernetes.io/name, app, k8s-app, the first that is there)
hint: `callboard catalog import` makes a catalog of them, with owners; -l SELECTOR asks for exactly what you mean
7 services: 2 degraded, 5 healthy. 2 of 2 clusters answered in [TIME].
note: left out, 1 workload without a label that names a service: Pod old/nameless
note: left out, 1 service of system namespaces (name one to see it): kube-dns
[exit status: 3]

"#]],
    );
    check(
        &Board::empty().run("status"),
        str![[r#"
------- stderr -------
error: no clusters: no kubeconfig was found, or it holds no contexts
hint: looked in [HOME]/.kube/config; name a file with --kubeconfig, or try `callboard --demo status`
[exit status: 1]

"#]],
    );
}

/// The last answer of a cluster that has fallen silent since is shown with its age.
#[test]
fn what_a_silent_cluster_said_last_is_remembered() {
    let directory = fleet_of("clusters: [{name: near}, {name: far}]\n", &["near", "far"], HELLO);
    let cache = tempfile::tempdir().expect("a directory");
    let board = |now: &str| {
        let board =
            Board::at(directory.path()).variable("CALLBOARD_CACHE_DIR", cache.path().display().to_string());
        board.variable("CALLBOARD_NOW", now)
    };
    assert_eq!(board("2026-01-15T10:00:00Z").run("status").code, 0);
    fs::write(directory.path().join("fleet.yaml"), "clusters: [{name: near}, {name: far, fault: refused}]\n")
        .expect("written");
    let later = board("2026-01-15T10:09:00Z");
    check(
        &later.run("status"),
        str![[r#"
SERVICE  CLUSTER  HEALTH   PODS  SINCE  WHY
hello    far      Unknown  -     -      connection refused; 9m ago Healthy 2/2
hello    near     Healthy  2/2   -      -
------- stderr -------
1 service: 1 unknown. 1 of 2 clusters answered in [TIME].
silent: far (connection refused)
[exit status: 4]

"#]],
    );
    let report = later.run("status -o json").json();
    let far = &report["items"][0]["clusters"][0];
    assert_eq!((&far["cluster"], &far["health"]), (&Value::from("far"), &Value::from("Unknown")));
    let last =
        serde_json::json!({"health": "Healthy", "serving": "full", "answeredAt": "2026-01-15T10:00:00Z"});
    assert_eq!(far["last"], last);
}

/// A run adds to what others have learned, of one cluster too; what earlier versions wrote is gone; a service that has left is
/// forgotten, and others are not.
#[test]
fn what_is_remembered_of_a_cluster_is_added_to() {
    let hello = |name: &str| HELLO.replace("hello", name);
    let both = format!("{}---\n{}", hello("hello"), hello("world"));
    let directory = fleet_of("clusters: [{name: near}]\n", &["near"], &both);
    let cache = tempfile::tempdir().expect("a directory");
    let old = cache.path().join("answers.json");
    fs::write(&old, "{}").expect("written");
    let board = || {
        let board =
            Board::at(directory.path()).variable("CALLBOARD_CACHE_DIR", cache.path().display().to_string());
        board.variable("CALLBOARD_NOW", "2026-01-15T10:00:00Z")
    };
    let text = || {
        let file = fs::read_dir(cache.path().join("answers")).expect("remembered").flatten().next();
        fs::read_to_string(file.expect("a file").path()).expect("read")
    };
    assert_eq!(board().run("status hello").code, 0);
    assert!(!old.exists());
    let first = text();
    assert_eq!(first.lines().count(), 2, "{first}");
    assert_eq!(board().run("status").code, 0);
    assert!(text().starts_with(&first) && text().lines().count() > 2, "{}", text());
}

/// Runs that end at the same time remember all that each of them has learned.
#[test]
fn runs_at_once_lose_nothing_of_what_is_remembered() {
    let (fleets, cache) = (tempfile::tempdir().expect("made"), tempfile::tempdir().expect("made"));
    let tiny = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets/tiny");
    let boards: Vec<Board> = (0..8)
        .map(|number| {
            let fleet = fleets.path().join(format!("fleet-{number}"));
            let copy = |from: &str, to: &str| {
                std::fs::create_dir_all(&fleet).expect("made");
                let done = std::process::Command::new("cp")
                    .arg("-r")
                    .arg(tiny.join(from))
                    .arg(fleet.join(to))
                    .status();
                assert!(done.expect("cp runs").success());
            };
            copy("catalog.yaml", "catalog.yaml");
            copy("solo", &format!("cluster-{number}"));
            Board::at(&fleet).variable("CALLBOARD_CACHE_DIR", cache.path().display().to_string())
        })
        .collect();
    for _ in 0..3 {
        let _ = std::fs::remove_dir_all(cache.path().join("answers"));
        let children: Vec<_> = boards
            .iter()
            .map(|board| {
                let mut command = board.command(["status", "-o", "name"]);
                command
                    .stdout(std::process::Stdio::null())
                    .stderr(std::process::Stdio::null())
                    .spawn()
                    .expect("it starts")
            })
            .collect();
        for mut child in children {
            assert_eq!(child.wait().expect("it ends").code(), Some(0));
        }
        let files = std::fs::read_dir(cache.path().join("answers")).expect("remembered").flatten();
        let texts: Vec<String> =
            files.map(|file| std::fs::read_to_string(file.path()).expect("read")).collect();
        assert_eq!(texts.len(), 8);
        assert!(texts.iter().all(|text| text.lines().count() > 1), "{texts:?}");
    }
}
