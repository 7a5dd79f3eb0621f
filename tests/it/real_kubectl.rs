//! The real kubectl against real API servers: what `kubectl SERVICE -- ARGS` runs, and what `wait` sees of its edits.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::kube::http::Caller;
use crate::kube::{ControlPlane, User, assets, until};

const CLUSTERS: [&str; 2] = ["eu", "us"];
const PLACE: &str = "/apis/apps/v1/namespaces/shop/deployments";

const CATALOG: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: web
  annotations: {backstage.io/kubernetes-id: web, backstage.io/kubernetes-namespace: shop, backstage.io/kubernetes-cluster: 'eu,us'}
spec: {type: service, lifecycle: production, owner: guild}
";

/// Two API servers without controllers, which this test stands in for, and a home with kubectl on its PATH.
struct Shops {
    plane: ControlPlane,
    home: tempfile::TempDir,
    config: PathBuf,
}

impl Shops {
    fn open() -> Shops {
        let plane = ControlPlane::start(&CLUSTERS);
        let config = plane.kubeconfig(|_| User::Admin);
        let home = tempfile::tempdir().expect("a home");
        std::fs::write(home.path().join("catalog.yaml"), CATALOG).expect("written");
        for cluster in CLUSTERS {
            let caller = plane.caller(cluster, User::Admin);
            let shop = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}});
            made(&caller, "/api/v1/namespaces", &shop);
            let labels = json!({"app": "web", "backstage.io/kubernetes-id": "web"});
            let spec = json!({
                "replicas": 1, "selector": {"matchLabels": {"app": "web"}},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}},
            });
            let web = json!({
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": labels}, "spec": spec,
            });
            made(&caller, PLACE, &web);
        }
        let shops = Shops { plane, home, config };
        CLUSTERS.iter().for_each(|cluster| shops.rolled_out(cluster));
        shops
    }

    fn command(&self, program: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:/usr/bin:/bin", assets().display());
        command.env_clear().env("HOME", self.home.path()).env("PATH", path).env("KUBECONFIG", &self.config);
        command.current_dir(self.home.path()).args(words).stdin(Stdio::null());
        command
    }

    fn callboard(&self, words: &str) -> Output {
        let words: Vec<&str> = words.split(' ').collect();
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_callboard")), &words);
        command.output().expect("it runs")
    }

    fn waits(&self, words: &str) -> Child {
        let words: Vec<&str> = words.split(' ').collect();
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_callboard")), &words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs")
    }

    fn kubectl(&self, cluster: &str, words: &str) {
        let words: Vec<&str> =
            ["--context", cluster, "-n", "shop"].into_iter().chain(words.split(' ')).collect();
        let output = self.command(&assets().join("kubectl"), &words).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// What the controllers would write: all of the newest generation is there.
    fn rolled_out(&self, cluster: &str) {
        let caller = self.plane.caller(cluster, User::Admin);
        let mut web = caller.get(&format!("{PLACE}/web")).json();
        let condition = |kind: &str, reason: &str| json!({"type": kind, "status": "True", "reason": reason, "message": ""});
        web["status"] = json!({
            "observedGeneration": web["metadata"]["generation"], "replicas": 1, "updatedReplicas": 1,
            "readyReplicas": 1, "availableReplicas": 1,
            "conditions": [
                condition("Available", "MinimumReplicasAvailable"),
                condition("Progressing", "NewReplicaSetAvailable"),
            ],
        });
        let reply = caller.send("PUT", &format!("{PLACE}/web/status"), &[], Some(&web));
        assert_eq!(reply.expect("an answer").status, 200);
    }
}

fn made(caller: &Caller, path: &str, object: &Value) {
    let reply = caller.post(path, object);
    assert!([201, 409].contains(&reply.status), "POST {path}: {} {}", reply.status, reply.text());
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver, etcd and kubectl"]
fn the_real_kubectl_runs_where_the_service_lives_and_wait_sees_its_edits() {
    let shops = Shops::open();
    let both = shops.callboard("kubectl web -- get deployments -o name");
    assert_eq!(
        (text(&both.stdout).as_str(), both.status.code()),
        ("eu  deployment.apps/web\nus  deployment.apps/web\n", Some(0)),
        "{}",
        text(&both.stderr)
    );
    let refused = shops.callboard("kubectl web -- delete deployment web");
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stdout));
    let missing = shops.callboard("kubectl web --context eu -- get deployment nothing");
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        text(&missing.stderr).contains("deployments.apps \"nothing\" not found"),
        "{}",
        text(&missing.stderr)
    );

    // One place may be changed; the other is changed by kubectl itself.
    let changed = shops.callboard("kubectl web --context eu -- scale deployment web --replicas=1");
    assert_eq!(changed.status.code(), Some(0), "{}", text(&changed.stderr));
    let waiting = shops.waits("wait web --for rolled-out --timeout 120s");
    shops.kubectl("us", "label deployment web note=edited");
    let done = waiting.wait_with_output().expect("it ends");
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stdout));

    shops.kubectl("us", "set image deployment/web web=web:2");
    let mut waiting = shops.waits("wait web --for rolled-out --timeout 120s");
    let early = until(Duration::from_secs(3), || false);
    assert!(
        !early && waiting.try_wait().expect("asked").is_none(),
        "a generation nobody has seen is no rollout"
    );
    shops.rolled_out("us");
    let done = waiting.wait_with_output().expect("it ends");
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert!(text(&done.stdout).ends_with("us  there\n"), "{}", text(&done.stdout));

    let waiting = shops.waits("wait web --for deleted --timeout 120s");
    CLUSTERS.iter().for_each(|cluster| shops.kubectl(cluster, "delete deployment web --wait=false"));
    let done = waiting.wait_with_output().expect("it ends");
    assert_eq!(done.status.code(), Some(0), "{}{}", text(&done.stdout), text(&done.stderr));
}
