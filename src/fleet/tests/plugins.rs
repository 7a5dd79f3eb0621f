//! Credential plugins: run once, renewed once, named once.

use crate::fleet::tests::server::{TestAuthority, TestServer, Tls, answer, serve};
use crate::fleet::tests::{at, base64, fleet, one, pods, short, silence, usual};
use crate::fleet::{Fleet, FleetLimits, Silence};
use std::path::Path;
use std::time::{Duration, Instant};

/// A shell script that notes each run in `runs` beside it.
fn script(directory: &Path, body: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = directory.join("plugin");
    let runs = directory.join("runs");
    std::fs::write(&path, format!("#!/bin/sh\necho run >> {}\n{body}\n", runs.display())).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    path.display().to_string()
}

fn runs(directory: &Path) -> usize {
    std::fs::read_to_string(directory.join("runs")).unwrap_or_default().lines().count()
}

fn user(command: &str, more: &str) -> String {
    format!("{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{command}'{more}}}}}")
}

const PRINT: &str = r#"printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t%s"}}' "$(wc -l < "$(dirname "$0")/runs" | tr -d ' ')""#;

/// A server that takes only this bearer token.
async fn taking(token: &'static str) -> TestServer {
    serve(None, move |request| async move {
        let sent = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        match sent == Some(&format!("Bearer {token}")) {
            true => usual(&request),
            false => answer(401, &[], "{}"),
        }
    })
    .await
}

async fn plugin_fleet(body: &str, more: &str, limits: FleetLimits) -> (Fleet, TestServer, tempfile::TempDir) {
    let directory = tempfile::tempdir().expect("a directory");
    let server = taking("t1").await;
    let command = script(directory.path(), body);
    (fleet(&[(at(&server), user(&command, more))], limits), server, directory)
}

#[tokio::test]
async fn five_clusters_share_one_run() {
    let directory = tempfile::tempdir().expect("a directory");
    let command = script(directory.path(), &format!("sleep 0.1\n{PRINT}"));
    let mut pairs = Vec::new();
    for _ in 0..5 {
        pairs.push((at(&taking("t1").await), user(&command, "")));
    }
    let answers = pods(&fleet(&pairs, short())).await;
    assert!(answers.iter().all(|answer| answer.value == ["a", "b"]), "{answers:?}");
    assert_eq!(runs(directory.path()), 1);
}

#[tokio::test]
async fn a_401_renews_the_credential_once_for_all() {
    let directory = tempfile::tempdir().expect("a directory");
    let command = script(directory.path(), PRINT);
    let (one, two) = (taking("t2").await, taking("t2").await);
    let pairs = [(at(&one), user(&command, "")), (at(&two), user(&command, ""))];
    let answers = pods(&fleet(&pairs, short())).await;
    assert!(answers.iter().all(|answer| answer.value == ["a", "b"]), "{answers:?}");
    assert_eq!(runs(directory.path()), 2);

    let directory = tempfile::tempdir().expect("a directory");
    let command = script(directory.path(), PRINT);
    let refusing = taking("never").await;
    let told = silence(&fleet(&[(at(&refusing), user(&command, ""))], short())).await;
    assert_eq!(told, Silence::Unauthorized);
    assert!(runs(directory.path()) <= 3, "{} runs", runs(directory.path()));
}

#[tokio::test]
async fn cluster_info_makes_plugins_distinct_and_is_handed_over() {
    let directory = tempfile::tempdir().expect("a directory");
    let body = format!("printf '%s\\n' \"$KUBERNETES_EXEC_INFO\" >> \"$(dirname \"$0\")/info\"\n{PRINT}");
    let command = script(directory.path(), &body);
    let exec = user(&command, ", provideClusterInfo: true, env: [{name: X, value: y}]");
    let (one, two) = (taking("t1").await, taking("t1").await);
    let extended = at(&one)
        .replace('}', ", extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a}}]}");
    let pairs = [(extended, exec.clone()), (at(&two), exec)];
    pods(&fleet(&pairs, short())).await;
    let info = std::fs::read_to_string(directory.path().join("info")).expect("written");
    let told: Vec<serde_json::Value> =
        info.lines().map(|line| serde_json::from_str(line).expect("an ExecCredential")).collect();
    let first =
        told.iter().find(|info| info["spec"]["cluster"]["config"]["audience"] == "a").expect("the first's");
    assert_eq!(first["spec"]["cluster"]["server"], format!("http://127.0.0.1:{}", one.port));
    assert_eq!(first["spec"]["interactive"], false);
    assert!(told.len() >= 2);
}

#[tokio::test]
async fn what_a_plugin_prints_beside_its_credential_is_told_once_with_the_context() {
    let directory = tempfile::tempdir().expect("a directory");
    let body = format!("echo 'update me' >&2; {PRINT}");
    let command = script(directory.path(), &body);
    let (one, two) = (taking("t2").await, taking("t2").await);
    let fleet = fleet(&[(at(&one), user(&command, "")), (at(&two), user(&command, ""))], short());
    assert!(fleet.plugin_notes().is_empty());
    let answers = pods(&fleet).await;
    assert!(answers.iter().all(|answer| answer.gaps.is_empty()), "{answers:?}");
    assert_eq!(runs(directory.path()), 2, "the 401 has it run again");
    let notes = fleet.plugin_notes();
    assert!(
        matches!(notes.as_slice(), [note] if note == "context c1: plugin plugin: update me"
            || note == "context c2: plugin plugin: update me"),
        "{notes:?}"
    );
}

#[tokio::test]
async fn failures_name_the_plugin_and_what_it_said() {
    let body = "echo starting >&2; echo 'Error: session expired, run `aws sso login --profile x` and try again' >&2; echo s3cret; exit 3";
    let (fleet, _server, _directory) = plugin_fleet(body, "", short()).await;
    let told = silence(&fleet).await;
    assert_eq!(
        told.message(),
        "plugin exited with 3: session expired, run `aws sso login --profile x` and try again"
    );
    assert_eq!((told.reason(), told.hint()), ("credentials", Some("aws sso login --profile x")));

    let missing = "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: no-such-plugin, installHint: brew install it}}";
    let server = taking("t1").await;
    let told = silence(&crate::fleet::tests::fleet(&[(at(&server), missing.to_string())], short())).await;
    assert_eq!(
        (told.message().as_str(), told.hint()),
        ("credential plugin no-such-plugin is not installed", Some("brew install it"))
    );

    for (body, more, expect) in [
        ("echo s3cret", "", "plugin printed no ExecCredential"),
        (
            r#"echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"s3cret"}}'"#,
            "",
            "plugin answered in v1beta1, and its entry in the kubeconfig says v1",
        ),
        (
            r#"echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}'"#,
            "",
            "plugin printed neither a token nor a certificate",
        ),
        (
            PRINT,
            ", interactiveMode: Always",
            "plugin asks questions and needs a terminal: run `callboard clusters` on one first",
        ),
    ] {
        let (fleet, _server, _directory) = plugin_fleet(body, more, short()).await;
        assert_eq!(silence(&fleet).await, Silence::credentials(expect));
    }
}

#[tokio::test]
async fn a_plugin_may_give_a_certificate() {
    let authority = TestAuthority::new();
    let tls = Tls { clients: Some(authority.pem()), ..Tls::new(authority.leaf(&["127.0.0.1"], false)) };
    let server = serve(Some(tls), |request| async move { usual(&request) }).await;
    let (certificate, key) = authority.leaf(&["me"], false);
    let directory = tempfile::tempdir().expect("a directory");
    let status =
        serde_json::json!({ "clientCertificateData": certificate, "clientKeyData": key, "token": "both" });
    let answer = serde_json::json!({ "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status });
    std::fs::write(directory.path().join("answer"), answer.to_string()).expect("a file");
    let command = script(directory.path(), "cat \"$(dirname \"$0\")/answer\"");
    let roots = base64(&authority.pem());
    let cluster =
        format!("{{server: 'https://127.0.0.1:{}', certificate-authority-data: {roots}}}", server.port);
    assert_eq!(one(&fleet(&[(cluster, user(&command, ""))], short())).await.1, None);
    assert_eq!(server.seen.requests("/api/v1/pods?resourceVersion=0&labelSelector=app Bearer both"), 1);
}

#[tokio::test]
async fn a_hanging_plugin_costs_its_own_clock() {
    let (fleet, _server, _directory) =
        plugin_fleet("echo waiting for a browser >&2; sleep 30", "", short()).await;
    let begun = Instant::now();
    let told = silence(&fleet).await;
    assert_eq!(told, Silence::credentials("plugin gave no credential in 2s: waiting for a browser"));
    assert!(begun.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn an_expired_credential_is_renewed_on_the_next_question() {
    let stamped = PRINT
        .replace(r#""token":"t%s""#, r#""token":"t1","expirationTimestamp":"2026-01-15T10:00:04Z""#)
        .replace("\"$(wc -l < \"$(dirname \"$0\")/runs\" | tr -d ' ')\"", "");
    let (fleet, _server, directory) = plugin_fleet(&stamped, "", short()).await;
    assert_eq!(one(&fleet).await.1, None);
    assert_eq!(one(&fleet).await.1, None);
    assert_eq!(runs(directory.path()), 1);
    tokio::time::sleep(Duration::from_millis(4100)).await;
    assert_eq!(one(&fleet).await.1, None);
    assert_eq!(runs(directory.path()), 2);
}
