//! The first day at a company, on real API servers: forty contexts, most of them no use today, no catalog, an empty home.

use std::fs;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fleets;
use crate::kube::{ControlPlane, User};
use crate::support::{Board, Output, tells};
use crate::terminal;

/// Clusters of the fleet `shop` that stand behind real servers.
const SERVERS: [&str; 2] = ["us-east-1", "eu-west-1"];

/// Another address of a server: forty clusters need forty, and each real server takes a quarter of a GiB.
fn forwarded(server: &str) -> String {
    let target = server.trim_start_matches("https://").to_string();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for here in listener.incoming().flatten() {
            let Ok(there) = TcpStream::connect(&target) else { continue };
            let pair = |one: &TcpStream, other: &TcpStream| {
                (one.try_clone().expect("cloned"), other.try_clone().expect("cloned"))
            };
            for (mut from, mut to) in [pair(&here, &there), pair(&there, &here)] {
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Both);
                });
            }
        }
    });
    format!("https://127.0.0.1:{port}")
}

/// An address that takes connections and never says a word.
fn blackhole() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    (listener, format!("https://127.0.0.1:{port}"))
}

/// An address where nobody listens.
fn closed() -> String {
    let [port] = crate::kube::guarded::free_ports();
    format!("https://127.0.0.1:{port}")
}

/// The forty contexts: name, server, user.
fn contexts(plane: &ControlPlane, holes: &mut Vec<TcpListener>) -> Vec<(String, String, &'static str)> {
    let real = |number: usize| forwarded(&plane.url(SERVERS[number % SERVERS.len()]));
    let mut all = Vec::new();
    for number in 0..7 {
        all.push((
            format!("arn:aws:eks:eu-west-1:111122223333:cluster/prod-{number:02}"),
            real(number),
            "sso",
        ));
        all.push((format!("gke_acme-prod_europe-west1_main-{number}"), real(number), "sso"));
    }
    for number in 0..8 {
        all.push((format!("old-{number}"), closed(), "viewer"));
    }
    for number in 0..10 {
        let (listener, url) = blackhole();
        holes.push(listener);
        all.push((format!("vpn-{number}"), url, "viewer"));
    }
    all.push(("bastion".to_string(), real(0), "failing"));
    all.push(("locked".to_string(), real(1), "nobody"));
    for number in 0..6 {
        all.push((format!("team-{number}"), real(number), "viewer"));
    }
    all
}

fn kubeconfig(plane: &ControlPlane, contexts: &[(String, String, &str)], home: &Path) -> Value {
    let authority: Value =
        serde_json::from_str(&fs::read_to_string(plane.kubeconfig(|_| User::Viewer)).expect("read"))
            .expect("JSON");
    let authority = authority["clusters"][0]["cluster"]["certificate-authority"].clone();
    let token = User::Viewer.token();
    let answer = json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": token}});
    let exec = |script: String| json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": "sh", "args": ["-c", script]}});
    let runs = home.join("runs").display().to_string();
    let sso = exec(format!("echo run >> '{runs}'; sleep 0.3; printf %s '{answer}'"));
    let failing = exec(
        "echo 'Error: SSO session corp has expired. Run: aws sso login --profile corp' >&2; exit 255"
            .to_string(),
    );
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "team-0",
        "users": [
            {"name": "sso", "user": sso}, {"name": "failing", "user": failing},
            {"name": "viewer", "user": {"token": token}},
            {"name": "nobody", "user": {"token": User::Nobody.token()}},
        ],
        "clusters": contexts.iter().map(|(name, server, _)| json!({
            "name": name, "cluster": {"server": server, "certificate-authority": authority},
        })).collect::<Vec<_>>(),
        "contexts": contexts.iter().map(|(name, _, user)| json!({
            "name": name, "context": {"cluster": name, "user": user},
        })).collect::<Vec<_>>(),
    })
}

/// Plays commands on a terminal of 110 columns, and writes down what was typed and seen.
struct Transcript {
    text: String,
}

impl Transcript {
    fn plays(&mut self, board: &Board, words: &str) -> (Output, Duration) {
        let begun = Instant::now();
        let output = terminal::run(board, 110, words);
        let took = begun.elapsed();
        self.text += &format!(
            "$ callboard {words}\n{}{}[exit status {} after {:.1}s]\n\n",
            output.stdout,
            output.stderr,
            output.code,
            took.as_secs_f64()
        );
        (output, took)
    }
}

impl Drop for Transcript {
    fn drop(&mut self) {
        if let Some(path) = std::env::var_os("CALLBOARD_TRANSCRIPT") {
            fs::write(path, &self.text).expect("written");
        }
    }
}

#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver and etcd"]
fn forty_contexts_no_catalog_and_an_empty_home() {
    let shop = fleets::named("shop");
    let plane = ControlPlane::start(&SERVERS);
    for cluster in shop.clusters.iter().filter(|cluster| SERVERS.contains(&cluster.name.as_str())) {
        plane.load(&cluster.name, cluster);
    }
    let mut holes = Vec::new();
    let contexts = contexts(&plane, &mut holes);
    assert_eq!(contexts.len(), 40);
    let board =
        Board::empty().variable("PATH", std::env::var("PATH").unwrap_or_default()).variable("NO_COLOR", "1");
    let text = kubeconfig(&plane, &contexts, board.home()).to_string();
    let board = board.file(".kube/config", &text).file(".gitconfig", "[user]\nemail = ida@example.com\n");
    let runs = || fs::read_to_string(board.home().join("runs")).unwrap_or_default().lines().count();
    let mut transcript = Transcript { text: String::new() };

    // The first useful table, within a minute, from twenty clusters of forty.
    let (status, took) = transcript.plays(&board, "status");
    assert!(took < Duration::from_secs(60), "it took {took:?}");
    assert_eq!(status.code, 3, "{status}");
    assert!(status.stdout.contains("checkout") && status.stdout.contains("Degraded"), "{status}");
    tells(
        &status,
        3,
        &[
            "warning: no catalog: services are guessed",
            "20 of 40 clusters answered",
            "vpn-7 +2 (no connection in 3s)",
            "old-7 (connection refused)",
            "bastion (credentials: sh exited with 255: SSO session corp has expired",
            "locked (forbidden: nothing may be listed)",
            "contexts: ['!vpn-*', '!old-*']",
        ],
    );
    assert_eq!(runs(), 1, "one identity, one run");
    assert_eq!(status.stderr.lines().filter(|line| line.starts_with("silent:")).count(), 1, "{status}");

    // The next one waits less for those that sleep.
    let (again, shorter) = transcript.plays(&board, "status --unhealthy");
    tells(&again, 3, &["(no connection in 1s, nor minutes ago)"]);
    assert!(shorter < took, "{shorter:?} and {took:?}");

    let choice = "init --yes --context arn:* --context gke_* --context team-*";
    let (init, _) = transcript.plays(&board, choice);
    assert_eq!(init.code, 0, "{init}");
    let config = fs::read_to_string(board.home().join(".config/callboard/config.yaml")).expect("written");
    assert!(config.contains("alias: prod-00") && config.contains("alias: main-0"), "{config}");
    transcript.text += &format!("$ cat ~/.config/callboard/config.yaml\n{config}\n");
    let (clusters, _) = transcript.plays(&board, "clusters");
    assert_eq!(clusters.code, 0, "{clusters}");
    assert!(clusters.stdout.contains("prod-06") && !clusters.stdout.contains("vpn"), "{clusters}");

    let (import, _) = transcript.plays(&board, "catalog import --write catalog.yaml");
    assert_eq!(import.code, 0, "{import}");
    let (owned, took) = transcript.plays(&board, "status --owner unknown-owner --catalog catalog.yaml");
    assert!([0, 3].contains(&owned.code), "{owned}");
    assert!(owned.stdout.contains("checkout"), "{owned}");
    assert!(!owned.stderr.contains("silent:"), "{owned}");
    assert!(took < Duration::from_secs(20), "it took {took:?}");
}
