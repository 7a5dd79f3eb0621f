//! `owner`: from what is alive to whose it is, by what that is known, and what is only a guess.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use snapbox::str;

use crate::support::{Board, Output, check, of, tells};

/// Of a silent cluster nothing is known: it is not among those in which nothing was found.
#[test]
fn a_silent_cluster_is_not_said_to_have_nothing() {
    let board = Board::demo();
    let none = board.run("owner pod/nope -n shop --context eu-west-1,ap-south-1");
    tells(&none, 4, &["nothing is pod/nope in namespace shop in eu-west-1\n", "silent: ap-south-1"]);
    let alone = board.run("owner pod/nope -n shop --context ap-south-1");
    tells(&alone, 4, &["no cluster answered, so nothing is known of pod/nope in namespace shop"]);
}

#[test]
fn a_workload_leads_to_its_team() {
    check(
        &Board::demo().run("owner deploy/checkout -n shop --context us-east-1"),
        str![[r#"
OWNER          SERVICE   CLUSTER    OBJECT                    KNOWN BY
team-checkout  checkout  us-east-1  deployment/shop/checkout  Deployment checkout has the label backstage.io/kubernetes-id=checkout

team-checkout (Checkout)
  e-mail   team-checkout@marrowby.example
  people   Ada Okafor <ada.okafor@marrowby.example>, Jonas Lind <jonas.lind@marrowby.example>
  on call  On-call: https://oncall.marrowby.example/schedules/team-checkout
  link     Chat: https://chat.marrowby.example/channels/team-checkout
  link     Runbook: https://runbooks.marrowby.example/checkout
  link     Dashboard: https://grafana.marrowby.example/d/checkout
------- stderr -------
1 owner. 1 cluster answered in [TIME].
[exit status: 0]

"#]],
    );
    let names = Board::demo().run("owner deploy/checkout -o name --context us-east-1,eu-west-1");
    assert_eq!((names.code, names.stdout.as_str()), (0, "team-checkout\n"), "{names}");
}

/// Clusters that are silent or forbid may hold it, too.
#[test]
fn an_image_is_found_wherever_it_runs() {
    let document = Board::demo().run("owner image checkout -o json").json();
    let clusters: Vec<&str> = document["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|item| item["cluster"].as_str())
        .collect();
    assert_eq!(clusters, ["us-east-1", "us-west-2", "eu-west-1"]);
    assert_eq!(document["complete"], false);
    let first = &document["items"][0];
    assert_eq!(
        (first["objects"].as_array().map(Vec::len), &first["guessed"]),
        (Some(6), &Value::Bool(false))
    );
    assert_eq!(Board::demo().run("owner image checkout").code, 4);
    let none = Board::demo().run("owner image checkoutx --context us-east-1");
    tells(&none, 1, &["nothing is image checkoutx in us-east-1"]);
    tells(&Board::demo().run("owner image checkoutx"), 4, &["ap-south-1 (connection refused)"]);
}

/// A fleet in which everything is known in another way.
fn fleet() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |path: &str, text: &str| {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("below")).expect("made");
        fs::write(path, text).expect("written");
    };
    write("fleet.yaml", "now: 2026-01-15T10:00:00Z\nclusters:\n- {name: eu}\n- {name: us}\n");
    write("us/empty.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
    write(
        "catalog.yaml",
        "apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: cart, annotations: {backstage.io/kubernetes-namespace: shop, backstage.io/kubernetes-label-selector: app=cart}}
spec: {type: service, lifecycle: production, owner: team-a}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: mail, annotations: {backstage.io/kubernetes-namespace: post, backstage.io/kubernetes-cluster: us}}
spec: {type: service, lifecycle: production, owner: team-b}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-a, annotations: {pagerduty.com/service-id: PABC, pagerduty.com/integration-key: never-shown}}
spec: {type: team, children: [], profile: {displayName: Team A, email: a@x.example}, members: [ada]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ada}
spec: {memberOf: [team-a], profile: {displayName: Ada, email: ada@x.example}}
",
    );
    let pod = |namespace: &str, name: &str, more: &str, rest: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{namespace: {namespace}, name: {name}, {more}}}\nspec: {{nodeName: n1, containers: [{{name: app, image: 'r.example/{name}:1'}}]}}\nstatus: {{phase: Running, {rest}}}\n---\n"
        )
    };
    let owned =
        "ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: cart-1, uid: r, controller: true}]";
    let pods = [
        pod("shop", "cart-1-x", owned, "podIP: 10.9.0.1"),
        pod("post", "mail-1", "labels: {backstage.io/kubernetes-id: mail}", ""),
        pod("misc", "lone", "labels: {app: nothing}", ""),
        pod("misc", "hinted", "labels: {team: Blue}", ""),
        pod("team", "quiet", "labels: {a: b}", ""),
        pod("misc", "named", "labels: {app.kubernetes.io/name: mail}", ""),
    ];
    let objects = "apiVersion: apps/v1
kind: ReplicaSet
metadata: {namespace: shop, name: cart-1, uid: r, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: cart, uid: d, controller: true}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: shop, name: cart, uid: d, labels: {app: cart}}
---
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: web}
spec: {clusterIP: 10.8.0.1, selector: {tier: web}}
---
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: cart-web, labels: {app: cart, tier: web}}
spec: {nodeName: n2, containers: [{name: app, image: 'r.example/web:1'}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {namespace: shop, name: front}
spec: {rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---
apiVersion: v1
kind: Node
metadata: {name: n2}
status: {addresses: [{type: InternalIP, address: 10.7.0.2}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: team, labels: {owner: team-a}}
---
";
    write("eu/all.yaml", &(pods.concat() + objects));
    directory
}

#[track_caller]
fn told(output: &Output, code: i32, owner: Option<&str>, guessed: bool, known_by: &[&str]) -> Value {
    assert_eq!(output.code, code, "{output}");
    let document = output.json();
    let item = document["items"][0].clone();
    assert_eq!((item["owner"].as_str(), &item["guessed"]), (owner, &Value::Bool(guessed)), "{output}");
    let said: Vec<&str> =
        item["knownBy"].as_array().expect("a list").iter().filter_map(|one| one["text"].as_str()).collect();
    assert_eq!(said, known_by, "{output}");
    document
}

#[test]
fn it_says_by_which_label_reference_or_guess_it_knows() {
    let directory = fleet();
    let board = Board::at(directory.path());
    let ask = |words: &str| board.run(&format!("owner {words} -o json"));
    let cart = [
        "Pod cart-1-x belongs to ReplicaSet cart-1",
        "ReplicaSet cart-1 belongs to Deployment cart",
        "Deployment cart has the label app=cart",
    ];
    told(&ask("pod/cart-1-x -n shop"), 0, Some("team-a"), false, &cart);
    told(&ask("pod/cart-1-x"), 0, Some("team-a"), false, &cart);
    told(&ask("ip 10.9.0.1"), 0, Some("team-a"), false, &cart);
    let elsewhere = "Pod mail-1 has the label backstage.io/kubernetes-id=mail, but the catalog says that mail runs not in eu";
    told(&ask("pod/mail-1"), 0, Some("team-b"), true, &[elsewhere]);
    let named = "Pod named has the label app.kubernetes.io/name=mail, which is the name of a service";
    told(&ask("pod/named"), 0, Some("team-b"), true, &[named]);
    told(&ask("pod/hinted"), 0, Some("Blue"), true, &["label team of Pod hinted in eu"]);
    told(&ask("pod/quiet"), 0, Some("team-a"), true, &["label owner of Namespace team in eu"]);
    told(&ask("pod/lone"), 3, None, true, &[]);
    let nobody = board.run("owner pod/lone");
    assert!(nobody.stdout.contains("nothing says whose it is"), "{nobody}");
    assert!(board.run("owner pod/hinted").stdout.contains("guess: label team of Pod hinted"));
}

#[test]
fn hosts_nodes_and_addresses_lead_to_pods() {
    let directory = fleet();
    let board = Board::at(directory.path());
    let host = board.run("owner host https://shop.example/cart -o json");
    let behind = [
        "Ingress front has the host shop.example, and leads to core Service web",
        "the pod is behind Service web",
        "Pod cart-web has the label app=cart",
    ];
    let document = told(&host, 0, Some("team-a"), false, &behind);
    let owner = of(&document["owners"], "owner", "team-a");
    assert_eq!(owner["people"][0]["email"], "ada@x.example");
    assert_eq!(owner["onCall"][0]["title"], "PagerDuty service PABC");
    assert!(!host.stdout.contains("never-shown"), "{host}");
    let address =
        ["Service web has 10.8.0.1", "the pod is behind Service web", "Pod cart-web has the label app=cart"];
    told(&board.run("owner ip 10.8.0.1 -o json"), 0, Some("team-a"), false, &address);
    let node = ["node n2 has 10.7.0.2, and the pod is on it", "Pod cart-web has the label app=cart"];
    told(&board.run("owner ip 10.7.0.2 -o json"), 0, Some("team-a"), false, &node);
    told(
        &board.run("owner node/n2 -o json"),
        0,
        Some("team-a"),
        false,
        &["Pod cart-web has the label app=cart"],
    );
    let inside = board.run("owner host web.shop.svc.cluster.local -o json");
    told(
        &inside,
        0,
        Some("team-a"),
        false,
        &["core Service web is web.shop.svc.cluster.local", behind[1], behind[2]],
    );
    let asked = board.asked();
    assert!(asked.iter().any(|line| line.contains("fieldSelector=spec.nodeName")), "{asked:#?}");
}

#[track_caller]
fn with_stdin(board: &Board, words: &str, text: &str) -> Output {
    let mut command = board.command(words.split_whitespace());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("written");
    board.told(&child.wait_with_output().expect("it ends"))
}

#[test]
fn an_alert_on_stdin_is_answered_the_same_way() {
    let directory = fleet();
    let board = Board::at(directory.path());
    let alert = |cluster: &str| {
        format!(
            r#"{{"version": "4", "alerts": [{{"status": "firing", "labels": {{"alertname": "X", "namespace": "shop", "pod": "cart-1-x", "cluster": "{cluster}"}}}}]}}"#
        )
    };
    let found = with_stdin(&board, "owner - -o name", &alert("eu"));
    assert_eq!((found.code, found.stdout.as_str()), (0, "team-a\n"), "{found}");
    tells(&with_stdin(&board, "owner -", &alert("us")), 1, &["nothing is pod/cart-1-x in namespace shop"]);
    tells(&with_stdin(&board, "owner -", &alert("ap")), 4, &["no cluster that was asked is called ap"]);
    tells(&with_stdin(&board, "owner -", "no alert"), 1, &["stdin holds no JSON"]);
}

#[test]
fn what_cannot_be_asked_is_told() {
    let board = Board::fleet("tiny");
    tells(&board.run("owner pod"), 2, &["which pod?"]);
    tells(&board.run("owner secret/token"), 2, &["Secrets are not read"]);
    tells(&board.run("owner poods/x"), 2, &["no kind that can be asked about", "did you mean"]);
    tells(&board.run("owner ip nonsense"), 2, &["is no IP address"]);
    assert_eq!(board.run("owner").code, 2);
}

/// Without lists of the whole cluster the namespaces that are known are looked at, and that is not all.
#[test]
fn a_cluster_that_forbids_is_asked_by_namespace() {
    let output = Board::fleet("forbidden").run("owner image orders -o json");
    let document = output.json();
    assert_eq!((output.code, &document["complete"]), (4, &Value::Bool(false)), "{output}");
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets/forbidden").is_dir());
}
