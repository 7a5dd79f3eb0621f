//! The simulated API servers beside real ones: raw requests, and the real kubectl on both.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use base64::Engine;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::fleets;
use crate::kube::guarded::Guarded;
use crate::kube::http::{Caller, Reply};
use crate::kube::{ControlPlane, User, assets, until};
use crate::support::Board;

const TABLE: (&str, &str) = ("accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
const NAMES: (&str, &str) =
    ("accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json");
const WATCH: &str = "watch=true&timeoutSeconds=1";

/// Paths below a server, what is asked with them, and nothing that depends on a revision.
fn requests() -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let pods = "/api/v1/namespaces/zoo/pods";
    let plain = [
        "/version",
        "/api",
        "/apis",
        "/readyz",
        "/livez",
        "/api/v1/pods?limit=0",
        "/api/v1/namespaces/zoo/pods",
        "/api/v1/namespaces/zoo/pods/pod-ok",
        "/api/v1/namespaces/zoo/pods/nothing",
        "/api/v1/namespaces/nowhere/pods",
        "/api/v1/namespaces/nowhere",
        "/api/v1/nothing",
        "/api/v2/pods",
        "/apis/nothing.example",
        "/apis/nothing.example/v1/things",
        "/apis/apps/v9/deployments",
        "/nothing",
        "/apis/apps/v1/namespaces/zoo/deployments",
        "/apis/apps/v1/namespaces/zoo/replicasets",
        "/apis/batch/v1/namespaces/zoo/jobs",
        "/apis/argoproj.io/v1alpha1/namespaces/zoo/rollouts",
        "/apis/argoproj.io/v1alpha1/namespaces/zoo/rollouts/nothing",
        "/apis/argoproj.io/v1alpha1",
        "/apis/apps/v1",
        "/api/v1",
    ];
    let selected = [
        "labelSelector=app.kubernetes.io/name",
        "labelSelector=app%20in%20(a,b),!b",
        "labelSelector=a%3D%3D%3Db",
        "labelSelector=a%20in",
        "labelSelector=-a%3Db",
        "fieldSelector=status.phase%3DRunning",
        "fieldSelector=spec.nodeName!%3Dn,metadata.name%3Dpod-ok",
        "fieldSelector=spec.color%3Dred",
        "fieldSelector=nonsense",
        "limit=x",
        "limit=2",
        "resourceVersion=x",
        "resourceVersion=0",
        "resourceVersion=0&limit=2",
        "continue=x",
        "resourceVersionMatch=Exact",
        "resourceVersion=0&resourceVersionMatch=Exact",
        "timeoutSeconds=x",
    ];
    let tables = [
        "/api/v1/namespaces/zoo/pods",
        "/api/v1/namespaces/zoo/pods/pod-ok",
        "/api/v1/nodes",
        "/api/v1/namespaces/zoo/services",
        "/apis/apps/v1/namespaces/zoo/deployments",
        "/apis/apps/v1/namespaces/zoo/replicasets",
        "/apis/apps/v1/namespaces/zoo/statefulsets",
        "/apis/apps/v1/namespaces/zoo/daemonsets",
        "/apis/batch/v1/namespaces/zoo/jobs",
        "/apis/batch/v1/namespaces/zoo/cronjobs",
        "/apis/argoproj.io/v1alpha1/namespaces/zoo/rollouts",
        "/api/v1/namespaces/nowhere/pods",
        "/api/v1/namespaces/zoo/events",
    ];
    let watches = [
        "allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
        "resourceVersion=0",
        "",
        "sendInitialEvents=true",
        "labelSelector=a%20in",
        "resourceVersion=x",
    ];
    let mut all: Vec<_> = plain.iter().map(|path| (path.to_string(), Vec::new())).collect();
    all.extend(selected.iter().map(|query| (format!("{pods}?{query}"), Vec::new())));
    all.extend(tables.iter().map(|path| (path.to_string(), vec![TABLE])));
    all.extend([
        (format!("{pods}?limit=2"), vec![TABLE]),
        (format!("{pods}?includeObject=None"), vec![TABLE]),
    ]);
    all.extend([(pods.to_string(), vec![NAMES]), (pods.to_string(), vec![("accept", "text/csv")])]);
    all.extend(watches.iter().map(|query| (format!("{pods}?{WATCH}&{query}"), Vec::new())));
    all.push((format!("{pods}?{WATCH}&resourceVersion=0"), vec![TABLE]));
    all
}

/// Who asks: as the kubeconfig says, with a token nobody knows, with none.
const CREDENTIALS: &[&str] = &["its own", "unknown", "none"];

#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver and etcd"]
fn raw_answers_are_those_of_a_real_server() {
    let fleet = fleets::named("kinds");
    let cluster = &fleet.clusters[0];
    let plane = ControlPlane::start(&[&cluster.name]);
    plane.load(&cluster.name, cluster);
    let demo = Demo::start(Board::at(&fleet.directory));
    let mut wrong = Vec::new();
    let mut count = 0;
    for credential in CREDENTIALS {
        let (real, simulated) = match *credential {
            "its own" => {
                (plane.caller(&cluster.name, User::Viewer), demo.caller(&cluster.name, Some(&demo.token)))
            }
            "none" => (plane.anonymous(&cluster.name), demo.caller(&cluster.name, None)),
            _ => (plane.caller(&cluster.name, User::Stranger), demo.caller(&cluster.name, Some("unknown"))),
        };
        // Without a right every question is answered alike: a few will do.
        let some = if *credential == "its own" { usize::MAX } else { 12 };
        for (path, headers) in requests().into_iter().take(some) {
            let answer = |caller: &Caller| match caller.send("GET", &path, &headers, None) {
                Ok(reply) => essence(&reply),
                Err(error) => json!({"error": error}),
            };
            let (real, simulated) = (answer(&real), answer(&simulated));
            count += 1;
            if real != simulated {
                let kind = headers.first().map(|(_, value)| format!(" ({value})")).unwrap_or_default();
                wrong.push(format!(
                    "GET {path}{kind}, token: {credential}\n{}",
                    contrast("", &simulated, &real).join("\n")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} answers differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Pages by `continue` give each object once, in the same order, with the same counts of what remains.
#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver and etcd"]
fn pages_are_those_of_a_real_server() {
    let fleet = fleets::named("paged");
    let cluster = &fleet.clusters[0];
    let plane = ControlPlane::start(&[&cluster.name]);
    plane.load(&cluster.name, cluster);
    let demo = Demo::start(Board::at(&fleet.directory));
    let (real, simulated) =
        (plane.caller(&cluster.name, User::Viewer), demo.caller(&cluster.name, Some(&demo.token)));
    assert_eq!(pages(&simulated), pages(&real));

    let gzip = |caller: &Caller, query: &str| {
        let reply = caller
            .send("GET", &format!("/api/v1/pods?{query}"), &[("accept-encoding", "gzip")], None)
            .expect("answered");
        reply.headers.get("content-encoding").cloned()
    };
    for query in ["limit=1", "limit=500"] {
        assert_eq!(gzip(&simulated, query), gzip(&real, query), "{query}");
    }
}

/// Names and remaining counts, page by page.
fn pages(caller: &Caller) -> Vec<(Vec<String>, Option<i64>)> {
    let (mut pages, mut token) = (Vec::new(), String::new());
    loop {
        let list = caller.get(&format!("/api/v1/pods?limit=500&continue={token}")).json();
        let items = list["items"].as_array().expect("items");
        let names = items
            .iter()
            .map(|item| item["metadata"]["name"].as_str().unwrap_or_default().to_string())
            .collect();
        pages.push((names, list["metadata"]["remainingItemCount"].as_i64()));
        token = list["metadata"]["continue"].as_str().unwrap_or_default().to_string();
        if token.is_empty() {
            return pages;
        }
    }
}

/// The real kubectl against both, the same words, the same text.
const KUBECTL: &[&str] = &[
    "get pods -n zoo",
    "get pods -n zoo -o wide",
    "get pods -n zoo -o name",
    "get pods -n zoo --show-labels",
    "get pods -n zoo --chunk-size=2",
    "get pods -n zoo --field-selector status.phase=Running",
    "get pods -n zoo -l app.kubernetes.io/name",
    "get pod pod-ok -n zoo -o jsonpath={.status.phase}",
    "get pod nothing -n zoo",
    "get pods -n nowhere",
    "get nothing -n zoo",
    "get deployments,replicasets,statefulsets,daemonsets -n zoo",
    "get deploy,rs,sts,ds -n zoo -o wide",
    "get jobs,cronjobs -n zoo",
    "get jobs,cronjobs -n zoo -o wide",
    "get rollouts -n zoo",
    "get ro -n zoo -o wide",
    "get nodes",
    "get nodes -o wide",
    "get namespace zoo",
    "get events -n zoo",
    "get hpa,pdb,ingress,services,endpointslices -n zoo",
    "describe pod pod-bad -n zoo",
    "describe deployment deploy-bad -n zoo",
    "describe statefulset sts-bad -n zoo",
    "describe job job-failed -n zoo",
    "describe node",
    "rollout status deployment deploy-ok -n zoo --timeout=5s",
    "wait deployment deploy-ok -n zoo --for=condition=Available --timeout=5s",
    "auth whoami -o name",
];

#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver and etcd"]
fn kubectl_sees_what_it_sees_on_a_real_server() {
    let fleet = fleets::named("kinds");
    let cluster = &fleet.clusters[0];
    let plane = ControlPlane::start(&[&cluster.name]);
    plane.load(&cluster.name, cluster);
    let demo = Demo::start(Board::at(&fleet.directory));
    let real_config = plane.kubeconfig(|_| User::Viewer);
    let mut wrong = Vec::new();
    for words in KUBECTL {
        let simulated = kubectl(&demo.kubeconfig, &cluster.name, words);
        let real = kubectl(&real_config, &cluster.name, words);
        if simulated != real {
            let only = |mine: &str, its: &str| {
                mine.lines()
                    .filter(|line| !its.lines().any(|other| other == *line))
                    .map(|line| format!("    {line}\n"))
                    .collect::<String>()
            };
            let (ours, theirs) = (only(&simulated, &real), only(&real, &simulated));
            wrong.push(format!("kubectl {words}\n  only simulated:\n{ours}  only real:\n{theirs}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), KUBECTL.len(), wrong.join("\n"));
}

/// What kubectl needs more than objects for.
#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kubectl"]
fn kubectl_explains_and_measures_on_the_demo() {
    let demo = Demo::start(Board::demo());
    let explained =
        kubectl(&demo.kubeconfig, "us-east-1", "explain deployments.spec.template.spec.containers.image");
    assert!(explained.contains("VERSION: v1") && explained.contains("FIELD: image <string>"), "{explained}");
    assert!(explained.contains("Container image name"), "{explained}");
    let pods = kubectl(&demo.kubeconfig, "us-east-1", "explain pods --recursive");
    assert!(pods.contains("restartPolicy"), "{pods}");
    let nodes = kubectl(&demo.kubeconfig, "us-east-1", "top nodes");
    assert!(nodes.contains("ip-10-11-20-32") && nodes.contains("31%"), "{nodes}");
    // What kubectl does not know is made an age by who compares.
    assert!(nodes.contains("ip-10-11-24-60 AGE AGE"), "a node that has gone says nothing:\n{nodes}");
}

/// What needs kubelets, or goes on for ever, on the simulation alone.
#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kubectl"]
fn kubectl_reads_logs_and_watches_the_simulation() {
    let fleet = fleets::named("kinds");
    let demo = Demo::start(Board::at(&fleet.directory));
    let log = fleet.directory.join("alpha/logs/zoo/pod-bad/app.previous.log");
    let written = std::fs::read_to_string(log).expect("the log that the fleet holds");
    let seen = kubectl(&demo.kubeconfig, "alpha", "logs pod-bad -n zoo --previous --tail=1");
    let last = written.lines().last().expect("a line");
    assert!(seen.contains(last.rsplit(' ').next().expect("a word")), "{seen}");
    let missing = kubectl(&demo.kubeconfig, "alpha", "logs nothing -n zoo");
    assert!(missing.contains("NotFound") && missing.contains("\"nothing\" not found"), "{missing}");

    let mut watching = command(&demo.kubeconfig, "alpha", "get pods -n zoo -w");
    let mut watching = watching.stdout(Stdio::piped()).spawn().expect("kubectl runs");
    let lines = lines_of(watching.stdout.take().expect("piped"));
    let header = lines.recv_timeout(Duration::from_secs(20));
    let still_there = watching.try_wait().expect("a child").is_none();
    watching.kill().expect("ended");
    let _ = watching.wait();
    assert!(header.is_ok_and(|line| line.starts_with("NAME")) && still_there, "kubectl get -w does not stay");
}

/// `callboard --demo=DIR demo`, which stays up until this is dropped.
pub struct Demo {
    _server: Guarded,
    _board: Board,
    pub kubeconfig: PathBuf,
    config: Value,
    pub token: String,
}

impl Demo {
    pub fn start(board: Board) -> Demo {
        let mut command = board.command(["demo"]);
        // The kubeconfig is written where temporary files go; there it goes with the test.
        command.env("TMPDIR", board.home());
        let mut server = Guarded::start(command, board.home().join("demo.log"));
        let named = |server: &Guarded| {
            let text = server.said();
            let line = text.lines().find_map(|line| line.trim().strip_prefix("export KUBECONFIG="));
            line.filter(|_| text.ends_with('\n')).map(|path| PathBuf::from(path.trim_matches(['\'', '"'])))
        };
        let up = until(Duration::from_secs(30), || named(&server).is_some());
        assert!(up, "callboard demo does not say where its kubeconfig is:\n{}", server.last_words());
        assert!(!server.has_ended(), "callboard demo does not stay up:\n{}", server.last_words());
        let kubeconfig = named(&server).expect("just seen");
        let text = std::fs::read_to_string(&kubeconfig).expect("the kubeconfig that it named");
        let config = Value::deserialize(serde_yaml::Deserializer::from_str(&text)).expect("YAML");
        let token = config["users"][0]["user"]["token"].as_str().expect("a token").to_string();
        Demo { _server: server, _board: board, kubeconfig, config, token }
    }

    pub fn has_context(&self, name: &str) -> bool {
        self.config["contexts"].as_array().expect("contexts").iter().any(|context| context["name"] == name)
    }

    pub fn caller(&self, name: &str, token: Option<&str>) -> Caller {
        let clusters = self.config["clusters"].as_array().expect("clusters");
        let cluster =
            &clusters.iter().find(|cluster| cluster["name"] == name).expect("it is served")["cluster"];
        let authority = cluster["certificate-authority-data"].as_str().expect("an authority");
        let authority = base64::engine::general_purpose::STANDARD.decode(authority).expect("base64");
        Caller::new(cluster["server"].as_str().expect("a URL"), &String::from_utf8_lossy(&authority), token)
    }
}

/// The lines of a pipe as they come; the sender ends with the pipe.
fn lines_of(pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

fn command(kubeconfig: &Path, context: &str, words: &str) -> Command {
    let mut command = Command::new(assets().join("kubectl"));
    command.env_clear().env("HOME", kubeconfig.parent().expect("a directory")).stdin(Stdio::null());
    command.arg("--kubeconfig").arg(kubeconfig).args(["--context", context]).args(words.split_whitespace());
    command
}

/// What kubectl prints, without what depends on the hour and the server: ages, ports, runs of spaces, who asked.
fn kubectl(kubeconfig: &Path, context: &str, words: &str) -> String {
    let output = command(kubeconfig, context, words).output().expect("kubectl runs");
    let text = format!(
        "{}{}exit {:?}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        output.status.code()
    );
    let patterns = [
        (r"\b(\d+(y|d|h|m|s))+\b", "AGE"),
        (r"<(unknown|invalid)>", "AGE"),
        (r"127\.0\.0\.1:\d+", "HOST"),
        (r#"User "[a-z]+""#, "User"),
        (r"[ \t]+", " "),
        (r" +\n", "\n"),
    ];
    let steady = |text: String, (pattern, by): &(&str, &str)| {
        regex::Regex::new(pattern).expect("a pattern").replace_all(&text, *by).into_owned()
    };
    patterns.iter().fold(text, steady)
}

/// What of an answer does not depend on revisions, the hour, defaults that a real server fills in, or who asked.
fn essence(reply: &Reply) -> Value {
    let kind = reply.headers.get("content-type").cloned().unwrap_or_default();
    let text = regex::Regex::new(r#"User \\"[a-z]+\\""#)
        .expect("a pattern")
        .replace_all(&reply.text(), "User")
        .into_owned();
    let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let body = match serde_json::from_str::<Value>(&text) {
        Ok(body) if body.get("object").is_none() => essence_of_body(&body),
        _ if lines.iter().any(|line| line.get("object").is_some()) => {
            lines.iter().map(essence_of_event).collect()
        }
        _ => text.into(),
    };
    json!({"status": reply.status, "content-type": kind, "body": body})
}

fn essence_of_body(body: &Value) -> Value {
    let mut kept = Map::new();
    for field in ["kind", "apiVersion"] {
        kept.extend(body.get(field).map(|value| (field.to_string(), value.clone())));
    }
    if body["kind"] == "Status" {
        // How a parser words its complaint is its own affair; who may not do what, and what is not there, is not.
        let mut status = body.clone();
        let fields = status.as_object_mut().expect("an object");
        if ![401, 403, 404].contains(&body["code"].as_i64().unwrap_or_default()) {
            fields.remove("message");
        }
        return status;
    }
    if let Some(metadata) = body["metadata"].as_object() {
        // What matters of a revision or a token is that it is there.
        let names: Vec<&String> =
            metadata.keys().filter(|name| body.get("items").is_some() || *name == "name").collect();
        kept.insert("metadata".into(), json!({"has": names, "remains": metadata.get("remainingItemCount")}));
    }
    if let Some(items) = body["items"].as_array() {
        kept.insert("items".into(), items.iter().map(essence_of_item).collect());
    }
    if let Some(columns) = body["columnDefinitions"].as_array() {
        let times = |index: usize| {
            columns.get(index).is_some_and(|column| is_time(column["name"].as_str().unwrap_or_default()))
        };
        let column =
            |column: &Value| json!([column["name"], column["type"], column["format"], column["priority"]]);
        kept.insert("columns".into(), columns.iter().map(column).collect());
        let row = |row: &Value| {
            let cells = row["cells"].as_array().into_iter().flatten().enumerate();
            let cells: Vec<&Value> =
                cells.filter(|(index, _)| !times(*index)).map(|(_, cell)| cell).collect();
            json!({"cells": cells, "object": essence_of_item(&row["object"])})
        };
        kept.insert("rows".into(), body["rows"].as_array().into_iter().flatten().map(row).collect());
    }
    if let Some(resources) = body["resources"].as_array() {
        kept.insert("groupVersion".into(), body["groupVersion"].clone());
        let custom = body["groupVersion"] == "argoproj.io/v1alpha1";
        let all = resources.iter().filter(|one| {
            custom || ["pods", "pods/log", "deployments", "nodes"].iter().any(|name| one["name"] == *name)
        });
        let resource = |one: &Value| {
            let mut verbs: Vec<String> = Vec::deserialize(&one["verbs"]).expect("verbs");
            verbs.sort();
            let fields = ["name", "singularName", "namespaced", "kind", "shortNames", "categories"];
            json!([fields.map(|field| &one[field]), verbs])
        };
        kept.insert("resources".into(), all.map(resource).collect());
    }
    kept.into()
}

/// Columns whose cells are counted from now, and the one that carries such a count behind its number.
fn is_time(column: &str) -> bool {
    ["Age", "Last Schedule", "Duration", "Restarts", "Last Seen", "First Seen"].contains(&column)
}

fn essence_of_item(item: &Value) -> Value {
    json!([
        item["kind"],
        item["apiVersion"],
        item["metadata"]["namespace"],
        item["metadata"]["name"],
        item["metadata"]["uid"]
    ])
}

fn essence_of_event(event: &Value) -> Value {
    let object = &event["object"];
    let body = match object["kind"].as_str() {
        Some("Table" | "Status") => essence_of_body(object),
        _ => json!([
            essence_of_item(object),
            object["metadata"]["annotations"].get("k8s.io/initial-events-end")
        ]),
    };
    json!([event["type"], body])
}

/// Where two values differ, as paths.
fn contrast(path: &str, simulated: &Value, real: &Value) -> Vec<String> {
    match (simulated, real) {
        _ if simulated == real => Vec::new(),
        (Value::Object(ours), Value::Object(theirs)) => {
            let mut names: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
            names.sort();
            names.dedup();
            let field = |name: &&String| {
                contrast(
                    &format!("{path}.{name}"),
                    ours.get(*name).unwrap_or(&Value::Null),
                    theirs.get(*name).unwrap_or(&Value::Null),
                )
            };
            names.iter().flat_map(field).collect()
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            let pairs = ours.iter().zip(theirs).enumerate();
            pairs
                .flat_map(|(index, (ours, theirs))| contrast(&format!("{path}[{index}]"), ours, theirs))
                .collect()
        }
        _ => vec![format!("  {path}: simulated {simulated}, real {real}")],
    }
}
