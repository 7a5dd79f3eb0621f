//! Which contexts are one cluster: a proxy may choose the cluster by the credential, and nobody may be answered for another.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Board, HELLO, of, tells};

/// A cluster behind the proxy, as one user sees it.
#[derive(Clone)]
struct Behind {
    /// The UID of kube-system; nothing where it may not be read.
    uid: Option<&'static str>,
    /// The UID of the one pod of `hello`; nothing where there is none.
    pod: Option<&'static str>,
    crashes: bool,
    /// Pods may not be listed but in namespace shop.
    forbids: bool,
}

const WELL: Behind = Behind { uid: Some("c-1"), pod: Some("p-1"), crashes: false, forbids: false };

/// One URL, and behind it the clusters by the token of who asks.
fn proxy(behind: &[(&str, Behind)]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let behind: Arc<BTreeMap<String, Behind>> =
        Arc::new(behind.iter().map(|(token, one)| (token.to_string(), one.clone())).collect());
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let behind = behind.clone();
            std::thread::spawn(move || converse(&connection, &behind));
        }
    });
    url
}

fn converse(mut to: &TcpStream, behind: &BTreeMap<String, Behind>) {
    let lines = BufReader::new(to.try_clone().expect("cloned")).lines().map_while(Result::ok);
    let (mut path, mut token) = (String::new(), String::new());
    for line in lines {
        if let Some(target) = line.strip_prefix("GET ").or(line.strip_prefix("POST ")) {
            path = target.split(' ').next().unwrap_or_default().to_string();
        } else if let Some(value) = line.to_lowercase().strip_prefix("authorization: bearer ") {
            token = value.to_string();
        } else if line.is_empty() {
            let (status, body) = match behind.get(&token) {
                Some(one) => answer(one, &path),
                None => (401, json!({"kind": "Status", "code": 401})),
            };
            let (body, content) = match body {
                Value::String(text) => (text, "text/plain"),
                body => (body.to_string(), "application/json"),
            };
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: {content}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            if to.write_all((head + &body).as_bytes()).is_err() {
                return;
            }
            token.clear();
        }
    }
}

fn answer(one: &Behind, target: &str) -> (u16, Value) {
    let path = target.split('?').next().unwrap_or(target);
    let refused = || (403, json!({"kind": "Status", "code": 403, "message": "no", "reason": "Forbidden"}));
    let name = path.rsplit('/').next().unwrap_or_default();
    let kind = match name {
        "version" => return (200, json!({"gitVersion": "v1.36.0"})),
        "log" => return (200, json!("2026-01-15T09:00:00Z a line\n")),
        "kube-system" => {
            let told = one.uid.map(|uid| {
                json!({"kind": "PartialObjectMetadata", "metadata": {"name": "kube-system", "uid": uid}})
            });
            return told.map_or_else(refused, |told| (200, told));
        }
        "pods" => "Pod",
        "events" => "Event",
        "deployments" => "Deployment",
        "replicasets" => "ReplicaSet",
        "statefulsets" => "StatefulSet",
        "daemonsets" => "DaemonSet",
        "jobs" => "Job",
        "cronjobs" => "CronJob",
        _ => return (404, json!({"kind": "Status", "code": 404})),
    };
    if kind == "Pod" && one.forbids && !path.contains("/namespaces/shop/") {
        return refused();
    }
    let items: Vec<Value> = match kind {
        "Pod" => one.pod.map(|uid| pod(uid, one.crashes)).into_iter().collect(),
        "Event" => one.pod.map(event).into_iter().collect(),
        _ => Vec::new(),
    };
    (200, json!({"kind": format!("{kind}List"), "metadata": {"resourceVersion": "1"}, "items": items}))
}

fn pod(uid: &str, crashes: bool) -> Value {
    let (state, last, ready) = match crashes {
        true => (
            json!({"waiting": {"reason": "CrashLoopBackOff"}}),
            json!({"terminated": {"exitCode": 1, "finishedAt": "2026-01-15T09:59:00Z"}}),
            "False",
        ),
        false => (json!({"running": {"startedAt": "2026-01-15T08:00:00Z"}}), json!({}), "True"),
    };
    json!({
        "metadata": {"name": "hello", "namespace": "shop", "uid": uid, "creationTimestamp": "2026-01-15T08:00:00Z",
            "labels": {"backstage.io/kubernetes-id": "hello"}},
        "spec": {"nodeName": "n", "containers": [{"name": "app", "image": "web:1"}]},
        "status": {"phase": "Running",
            "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": "2026-01-15T08:00:00Z"}],
            "containerStatuses": [{"name": "app", "image": "web:1", "ready": !crashes, "restartCount": 0, "state": state,
                "lastState": last}]},
    })
}

fn event(uid: &str) -> Value {
    json!({
        "metadata": {"name": format!("e-{uid}"), "namespace": "shop", "uid": format!("e-{uid}")}, "type": "Normal",
        "reason": "Started", "message": "Started container", "count": 1, "lastTimestamp": "2026-01-15T09:00:00Z",
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "hello", "uid": uid},
    })
}

/// A kubeconfig whose contexts reach one URL as different users.
fn kubeconfig(url: &str, users: &[(&str, &str)]) -> String {
    let mut text = format!("clusters: [{{name: kas, cluster: {{server: '{url}'}}}}]\nusers:\n");
    users.iter().for_each(|(name, user)| text += &format!("- {{name: {name}, user: {user}}}\n"));
    text += "contexts:\n";
    let context = |name: &str| format!("- {{name: {name}, context: {{cluster: kas, user: {name}}}}}\n");
    users.iter().for_each(|(name, _)| text += &context(name));
    text
}

fn board(kubeconfig: &str, catalog: &str) -> Board {
    Board::empty()
        .file("kubeconfig", kubeconfig)
        .file("catalog.yaml", catalog)
        .variable("KUBECONFIG", "kubeconfig")
}

fn placed(cluster: &str) -> String {
    HELLO.replace(
        "metadata: {name: hello}",
        &format!("metadata: {{name: hello, annotations: {{backstage.io/kubernetes-cluster: {cluster}}}}}"),
    )
}

const TWO: [(&str, &str); 2] = [("agent-1", "{token: one}"), ("agent-2", "{token: two}")];

/// The rows of the one service: cluster and health.
fn rows(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let cells = report["items"][0]["clusters"].as_array().cloned().unwrap_or_default();
    cells.iter().map(|cell| (text(&cell["cluster"]), text(&cell["health"]))).collect()
}

#[track_caller]
fn check(board: &Board, words: &str, expect: &[(&str, &str)]) -> Value {
    let output = board.run(&format!("{words} -o json"));
    let report = output.json();
    let rows = rows(&report);
    let rows: Vec<(&str, &str)> = rows.iter().map(|(one, two)| (one.as_str(), two.as_str())).collect();
    assert_eq!(rows, expect, "{output}");
    report
}

/// GitLab's agent server, Teleport: one URL, and the token says which cluster.
#[test]
fn a_placement_is_answered_with_the_credential_of_its_own_context() {
    let broken = Behind { uid: Some("c-2"), pod: Some("p-2"), crashes: true, forbids: false };
    let url = proxy(&[("one", WELL), ("two", broken)]);
    let kubeconfig = kubeconfig(&url, &TWO);
    check(&board(&kubeconfig, &placed("agent-1")), "status hello", &[("agent-1", "Healthy")]);
    check(&board(&kubeconfig, &placed("agent-2")), "status hello", &[("agent-2", "Degraded")]);
    assert_eq!(board(&kubeconfig, &placed("agent-2")).run("status").code, 3);
    let both = [("agent-2", "Degraded"), ("agent-1", "Healthy")];
    check(&board(&kubeconfig, HELLO), "status", &both);
    check(&board(&kubeconfig, &placed("kas")), "status", &both);
    let clusters = board(&kubeconfig, HELLO).run("clusters -o name");
    assert_eq!(clusters.stdout, "agent-1\nagent-2\n");
    // The other one is elsewhere, not here.
    let elsewhere = board(&kubeconfig, &placed("agent-2")).run("status --context agent-1");
    assert_eq!(elsewhere.code, 0, "{elsewhere}");
    assert!(elsewhere.stderr.contains("placed in clusters that were not asked: hello"), "{elsewhere}");
}

#[test]
fn contexts_of_one_identity_count_once() {
    let url = proxy(&[("one", WELL)]);
    let users = [("agent-1", "{token: one}"), ("again", "{tokenFile: token}"), ("third", "{token: one}")];
    let kubeconfig = kubeconfig(&url, &users);
    let board = |current: &str| {
        board(&format!("current-context: {current}\n{kubeconfig}"), HELLO).file("token", "one\n")
    };
    check(&board("none"), "status", &[("agent-1", "Healthy")]);
    check(&board("again"), "status", &[("again", "Healthy")]);
    let clusters = board("third").run("clusters -o json").json();
    assert_eq!(clusters["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(clusters["items"][0]["others"], json!(["agent-1", "again"]));
    let told = board("third").run("clusters");
    assert!(told.stderr.contains("third stands for agent-1, again too: the same server and user"), "{told}");
    check(
        &board("none"),
        "status --context agent-1 --context again",
        &[("agent-1", "Healthy"), ("again", "Healthy")],
    );
}

#[test]
fn what_is_proven_one_cluster_is_told_once() {
    let unnamed = Behind { uid: None, ..WELL };
    for (one, other) in [(WELL, WELL), (unnamed.clone(), WELL), (unnamed.clone(), unnamed)] {
        let url = proxy(&[("one", one), ("two", other)]);
        let board = board(&kubeconfig(&url, &TWO), HELLO);
        let report = check(&board, "status", &[("agent-1", "Healthy")]);
        let note = "one cluster, reached in several ways, and told once: agent-1, agent-2";
        assert_eq!(report["notes"], json!([note]));
        assert_eq!(report["complete"], true);
        assert_eq!(report["clusters"].as_array().map(Vec::len), Some(2));
        let events = board.run("events hello -o json").json();
        assert_eq!(events["items"].as_array().map(Vec::len), Some(1), "{events}");
        assert_eq!(events["items"][0]["cluster"], "agent-1");
        let logs = board.run("logs hello -o raw");
        assert_eq!(logs.stdout, "a line\n", "{logs}");
        // Who names both wants both.
        let named = "status --context agent-1 --context agent-2";
        check(&board, named, &[("agent-1", "Healthy"), ("agent-2", "Healthy")]);
        check(&board, "status --context agent-2", &[("agent-2", "Healthy")]);
    }
    let url = proxy(&[("one", WELL), ("two", WELL)]);
    check(&board(&kubeconfig(&url, &TWO), &placed("agent-2")), "status", &[("agent-2", "Healthy")]);
    check(&board(&kubeconfig(&url, &TWO), &placed("kas")), "status", &[("agent-1", "Healthy")]);
}

/// The one who sees all of it tells, whoever comes first.
#[test]
fn who_may_see_more_is_believed() {
    let url = proxy(&[("one", Behind { forbids: true, pod: None, ..WELL }), ("two", WELL)]);
    check(&board(&kubeconfig(&url, &TWO), HELLO), "status", &[("agent-2", "Healthy")]);
    let silent = proxy(&[("two", WELL)]);
    let report = check(&board(&kubeconfig(&silent, &TWO), HELLO), "status", &[("agent-2", "Healthy")]);
    assert_eq!(of(&report["clusters"], "name", "agent-1")["reason"], "unauthorized");
    assert_eq!(report["complete"], false);
}

/// A project has a context of its own in OpenShift: they count once, but none of their namespaces is lost.
#[test]
fn the_namespaces_of_the_others_are_asked_too() {
    let url = proxy(&[("one", Behind { forbids: true, ..WELL })]);
    let kubeconfig = format!(
        "clusters: [{{name: c, cluster: {{server: '{url}'}}}}]\nusers: [{{name: u, user: {{token: one}}}}]\ncontexts:\n\
         - {{name: pay, context: {{cluster: c, user: u, namespace: pay}}}}\n- {{name: shop, context: {{cluster: c, user: u, namespace: shop}}}}\n"
    );
    let output = board(&kubeconfig, HELLO).run("status -o json");
    let report = output.json();
    assert_eq!(report["clusters"][0]["state"], "partial", "{output}");
    let cell = of(&report["items"][0]["clusters"], "cluster", "pay");
    assert_eq!(cell["workloads"][0]["pods"][0]["name"], "hello", "{output}");
}

#[test]
fn what_the_merge_hides_is_said_once() {
    let url = proxy(&[("one", WELL)]);
    let ours = kubeconfig(&url, &TWO[..1]);
    let other = kubeconfig("http://127.0.0.1:1", &[("agent-1", "{token: two}"), ("mine", "{token: three}")]);
    let board = |second: &str| {
        Board::empty()
            .file("a", &ours)
            .file("b", second)
            .file("catalog.yaml", HELLO)
            .variable("KUBECONFIG", "a:b")
    };
    let output = board(&other).run("clusters");
    let told =
        "b: hidden by entries of the same name, but another content, in a: cluster \"kas\", user \"agent-1\"";
    assert_eq!(output.stderr.matches(told).count(), 1, "{output}");
    assert!(!output.stderr.contains("two"), "a secret shows:\n{output}");
    // The same again hides nothing.
    let output = board(&ours).run("clusters");
    assert!(!output.stderr.contains("hidden"), "{output}");
}

#[test]
fn what_kubectl_refuses_is_refused_for_that_context() {
    let url = proxy(&[("one", WELL)]);
    let good = kubeconfig(&url, &TWO[..1]);
    let twice = good.replace("contexts:\n", "contexts:\n- {name: twice, context: {cluster: kas, user: agent-1}}\n- {name: twice, context: {cluster: kas}}\n- {name: lost, context: {cluster: kas, user: bad}}\n");
    let twice = twice
        .replace("users:\n", "users:\n- {name: bad, user: {token: a}}\n- {name: bad, user: {token: a}}\n");
    let output = board(&twice, HELLO).run("status");
    tells(
        &output,
        0,
        &[
            "kubeconfig: context \"twice\" stands there twice, which kubectl refuses",
            "context \"lost\" names user \"bad\", which stands twice in kubeconfig: kubectl refuses that",
        ],
    );
    assert!(output.stdout.contains("Healthy"), "{output}");
    tells(&board(&twice, HELLO).run("status --context twice"), 1, &["stands there twice"]);

    let unsafe_one = "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1', insecure-skip-tls-verify: true, certificate-authority-data: aGVsbG8=}}]\n\
                      contexts: [{name: odd, context: {cluster: c}}]\n";
    let board = Board::empty().file("good", &good).file("odd", unsafe_one).file("catalog.yaml", HELLO);
    let output = board.variable("KUBECONFIG", "good:odd").run("status");
    tells(
        &output,
        4,
        &[
            "odd (certificate: insecure-skip-tls-verify stands beside a certificate authority, which kubectl refuses)",
        ],
    );
    assert!(output.stdout.contains("Healthy"), "{output}");
}
