//! What golden paths make: at gold by the rules of `check`, accepted by a real API server, and found by `status` with no more configuration.

use std::path::Path;
use std::process::Command;

use crate::kube::{ControlPlane, User, assets};
use crate::support::{Board, tells};

/// What an organisation knows, and the answers that name it.
const ORGANISATION: &str = "apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-orders}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: trade}
spec: {owner: team-orders}
";
const KNOWN: &[&str] = &["repoUrl=github.com?owner=acme&repo=it", "onCall=https://oncall.example.com/orders"];

/// A path, the directory that names the project, further answers, and the services that come of it.
const MADE: &[(&str, &str, &[&str], &[&str])] = &[
    ("http-service", "orders", &[], &["orders"]),
    ("worker", "sweep", &[], &["sweep"]),
    ("worker", "mailer", &["--set", "kind=queue"], &["mailer"]),
    ("web-site", "pages", &[], &["pages"]),
    ("full-stack", "shop", &["--set", "environments=staging"], &["shop", "shop-site"]),
];

/// By a service's name the level that it has reached, and the rules that fail.
fn readiness(board: &Board, directory: &str) -> Vec<(String, String, Vec<String>)> {
    let checked = board.run(&format!("check ./{directory} -o json")).json();
    let of_service = |item: &serde_json::Value| {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("none").to_string();
        let rules = item["rules"].as_array().expect("rules");
        let failed = rules.iter().filter(|rule| rule["state"] != "pass" && rule["state"] != "n/a");
        (text(&item["service"]), text(&item["level"]), failed.map(|rule| text(&rule["id"])).collect())
    };
    checked["items"].as_array().expect("items").iter().map(of_service).collect()
}

#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kubectl"]
fn what_is_made_is_at_gold() {
    let path = format!("{}:{}", assets().display(), std::env::var("PATH").expect("a path"));
    for (template, directory, answers, services) in MADE {
        let board = Board::empty()
            .variable("PATH", &path)
            .variable("GIT_CONFIG_NOSYSTEM", "1")
            .file(".gitconfig", "[user]\nname = t\nemail = t@example.org\n")
            .file("catalog.yaml", ORGANISATION);
        let own_system = *template == "full-stack";
        let words = ["new", template, directory, "--set", "owner=group:default/team-orders"];
        let made = board.run_words(words.iter().chain(*answers));
        assert_eq!(made.code, 0, "{made}");
        // What only the organisation can know is missing, and nothing else.
        for (service, level, failed) in readiness(&board, directory) {
            assert!(services.contains(&service.as_str()), "{service}");
            assert_eq!(
                (level.as_str(), failed),
                ("none", vec!["CB05".to_string(), "CB06".to_string()]),
                "{service}"
            );
        }
        let known = KNOWN.iter().copied().chain((!own_system).then_some("system=trade"));
        let known: Vec<&str> = known.flat_map(|answer| ["--set", answer]).collect();
        let whole = format!("{directory}-known");
        let words = ["new", template, &whole, "--set", "owner=group:default/team-orders", "--set"];
        let name = format!("name={directory}");
        let made = board
            .run_words(words.into_iter().chain([name.as_str()]).chain(known).chain(answers.iter().copied()));
        assert_eq!(made.code, 0, "{made}");
        let checked = readiness(&board, &whole);
        assert_eq!(checked.len(), services.len());
        for (service, level, failed) in checked {
            assert_eq!((level.as_str(), failed), ("gold", Vec::<String>::new()), "{service}");
        }
    }
}

fn kubectl(kubeconfig: &Path, words: &[&str]) {
    let mut command = Command::new(assets().join("kubectl"));
    command.env("KUBECONFIG", kubeconfig).args(["--context", "eu-1"]).args(words);
    let output = command.output().expect("kubectl runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && error.is_empty(), "kubectl {words:?}: {error}");
}

#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver, etcd and kubectl"]
fn a_real_server_accepts_what_is_made_and_status_finds_it() {
    let plane = ControlPlane::start(&["eu-1"]);
    let kubeconfig = plane.kubeconfig(|_| User::Admin);
    let board = Board::empty().variable("KUBECONFIG", kubeconfig.display().to_string());
    for (path, directory, answers, services) in MADE {
        let words = ["new", path, directory, "--set", "owner=group:default/team-orders"];
        let made = board.run_words(words.iter().chain(*answers));
        assert!(made.code == 0 && made.stdout.contains("apply -k deploy/overlays/staging"), "{made}");
        for service in *services {
            let missing = board.run(&format!("status {service}"));
            assert!(missing.code == 3 && missing.stdout.contains("Missing"), "{missing}");
        }
        let overlay = board.home().join(directory).join("deploy/overlays/staging");
        let overlay = overlay.to_str().expect("text");
        kubectl(&kubeconfig, &["create", "namespace", &format!("{directory}-staging")]);
        kubectl(&kubeconfig, &["apply", "-k", overlay, "--dry-run=server", "--validate=strict"]);
        kubectl(&kubeconfig, &["apply", "-k", overlay]);
        for service in *services {
            let found = board.run(&format!("status {service}"));
            // Nothing runs the pods here, so that a Deployment is on its way for good.
            assert!(found.stdout.contains(service) && !found.stdout.contains("Missing"), "{found}");
            tells(&found, 0, &["1 cluster answered"]);
        }
    }
}
