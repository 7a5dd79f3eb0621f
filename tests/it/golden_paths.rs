//! What golden paths make, on a real API server: it accepts every manifest, and `status` finds the service with no more configuration.

use std::path::Path;
use std::process::Command;

use crate::kube::{ControlPlane, User, assets};
use crate::support::{Board, tells};

/// A path, the directory that names the project, further answers, and the services that come of it.
const MADE: &[(&str, &str, &[&str], &[&str])] = &[
    ("http-service", "orders", &[], &["orders"]),
    ("worker", "sweep", &[], &["sweep"]),
    ("worker", "mailer", &["--set", "kind=queue"], &["mailer"]),
    ("web-site", "pages", &[], &["pages"]),
    ("full-stack", "shop", &["--set", "environments=staging"], &["shop", "shop-site"]),
];

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
