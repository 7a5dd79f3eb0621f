//! Every case of a diagnosis corpus as a fleet of its own, and what the real binary makes of it: the whole path from the
//! server's answers to cause, container and confidence.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::Board;

/// A case written as a fleet directory.
struct Case {
    name: String,
    directory: tempfile::TempDir,
    /// What reaches the object: `-l` of this.
    selector: String,
    now: String,
    expected: Value,
}

impl Case {
    fn read(text: &str) -> Case {
        let case: Value = serde_json::from_str(text).expect("JSON");
        let mut object = case["object"].clone();
        let selector = label(&mut object);
        let related = match &case["related"] {
            Value::Array(events) => json!({ "events": events }),
            related => related.clone(),
        };
        let mut objects = vec![object.clone()];
        objects.extend(list(&related["children"]));
        objects.extend(list(&related["events"]).into_iter().enumerate().map(|(n, e)| event(e, n, &object)));
        if related["node"].is_object() {
            let mut node = related["node"].clone();
            node["apiVersion"] = "v1".into();
            node["kind"] = "Node".into();
            let name = object["spec"]["nodeName"].as_str().unwrap_or("node-1").to_string();
            node["metadata"]["name"] = node["metadata"]["name"].as_str().map_or(name, str::to_string).into();
            objects.push(node);
        }
        let directory = tempfile::tempdir().expect("a directory");
        let cluster = directory.path().join("one");
        std::fs::create_dir_all(&cluster).expect("created");
        let all = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        std::fs::write(cluster.join("objects.json"), all.to_string()).expect("written");
        if let Some(log) = related["previous_log"].as_str() {
            write_log(&cluster, &object, log);
        }
        let now = case["now"].as_str().unwrap_or("2026-01-01T01:00:00Z").to_string();
        std::fs::write(directory.path().join("fleet.yaml"), format!("now: {now}\n")).expect("written");
        let name = case["id"].as_str().expect("a name").to_string();
        Case { name, directory, selector, now, expected: case["expected"].clone() }
    }

    /// What is wrong with the answer, if anything is.
    fn wrong(&self) -> Option<String> {
        let board = Board::at(self.directory.path()).variable("CALLBOARD_NOW", self.now.as_str());
        let output = board.run_words(["diagnose", "-l", &self.selector, "-o", "json"]);
        if ![0, 3].contains(&output.code) {
            return Some(format!("{}: {output}", self.name));
        }
        let report = output.json();
        let findings = list(&report["items"][0]["findings"]);
        let said: Vec<String> = findings.iter().map(words).collect();
        let expected = self.expected["status"].as_str().expect("a cause");
        if expected == "none" {
            return (!findings.is_empty()).then(|| format!("{}: nothing expected, got {said:?}", self.name));
        }
        let [finding] = findings.as_slice() else {
            let looked = &report["items"][0]["lookedAt"];
            return Some(format!("{}: {expected} expected, got {said:?}, looked at {looked}", self.name));
        };
        let confidence = self.expected.get("confidence").filter(|wanted| wanted.is_string());
        let fits = finding["cause"] == expected
            && finding["container"].as_str() == self.expected["container"].as_str()
            && confidence.is_none_or(|wanted| finding["confidence"] == *wanted)
            && self.expected["alternatives"]
                .as_array()
                .is_none_or(|all| *all == list(&finding["alternatives"]))
            && !list(&finding["evidence"]).is_empty()
            && !list(&finding["next"]).is_empty()
            && list(&finding["where"]).len() == 1;
        (!fits).then(|| format!("{}: {}, got {said:?}", self.name, self.expected))
    }
}

fn words(finding: &Value) -> String {
    let text = |field: &str| finding[field].as_str().unwrap_or("-").to_string();
    format!("{} {} {} {}", text("cause"), text("confidence"), text("container"), finding["alternatives"])
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// A label that selects the object: its first one, or one that is added.
fn label(object: &mut Value) -> String {
    let labels = object["metadata"]["labels"].as_object().into_iter().flatten();
    let first = labels.filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).next();
    first.unwrap_or_else(|| {
        object["metadata"]["labels"] = json!({"app": "web"});
        "app=web".to_string()
    })
}

/// The event as a cluster keeps it: with a name of its own, and about the object where it says nothing else.
fn event(mut event: Value, number: usize, object: &Value) -> Value {
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default").to_string();
    for (field, value) in [("apiVersion", "v1"), ("kind", "Event")] {
        if !event[field].is_string() {
            event[field] = value.into();
        }
    }
    let about = if event["regarding"].is_object() { "regarding" } else { "involvedObject" };
    for field in ["kind", "name", "namespace"] {
        let of_object = if field == "kind" { &object["kind"] } else { &object["metadata"][field] };
        if !event[about][field].is_string() && event[about]["kind"] != "Node" {
            event[about][field] = of_object.clone();
        }
    }
    let is_of_node = event[about]["kind"] == "Node";
    event["metadata"]["name"] = format!("event-{number}").into();
    event["metadata"]["namespace"] = if is_of_node { "default".into() } else { namespace.into() };
    event
}

/// The log of every container that ended: which of them is to blame is the binary's to say.
fn write_log(cluster: &Path, pod: &Value, log: &str) {
    let statuses = ["initContainerStatuses", "containerStatuses"];
    let statuses = statuses.iter().flat_map(|field| list(&pod["status"][*field]));
    let ended = |status: &Value| {
        status["state"]["terminated"].is_object() || status["lastState"]["terminated"].is_object()
    };
    let meta = &pod["metadata"];
    let text = |field: &str| meta[field].as_str().unwrap_or("default").to_string();
    let directory = cluster.join("logs").join(text("namespace")).join(text("name"));
    std::fs::create_dir_all(&directory).expect("created");
    for status in statuses.filter(ended) {
        let name = status["name"].as_str().expect("a name");
        // Of one that is over the current log is that of its end.
        let is_over = status["state"]["terminated"].is_object();
        let kind = if is_over { "log" } else { "previous.log" };
        std::fs::write(directory.join(format!("{name}.{kind}")), log).expect("written");
    }
}

/// Of a `.json` file, which is one case, or of a `.jsonl` file, which holds one a line.
fn texts(path: &Path, kind: &str) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("readable");
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") if kind == "json" => vec![text],
        Some("jsonl") if kind == "jsonl" => text.lines().map(str::to_string).collect(),
        _ => Vec::new(),
    }
}

fn run(directory: &Path, kind: &str, least: usize) {
    let entries = std::fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("{}: {error}; CALLBOARD_CORPUS says where", directory.display()));
    let files: BTreeSet<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    let texts: Vec<String> = files.iter().flat_map(|path| texts(path, kind)).collect();
    assert!(texts.len() >= least, "{} cases in {}", texts.len(), directory.display());
    let wrong: Vec<String> = texts.iter().filter_map(|text| Case::read(text).wrong()).collect();
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), texts.len(), wrong.join("\n"));
}

#[test]
fn our_cases_hold_through_the_binary() {
    run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/diagnosis"), "json", 60);
}

/// The rules are asked for each of them in the binary's own tests; this is the way through the servers' answers.
#[test]
#[ignore = "hundreds of runs take minutes"]
fn our_many_cases_hold_through_the_binary() {
    run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/diagnosis"), "jsonl", 320);
}

#[test]
#[ignore = "needs the shared corpus: CALLBOARD_CORPUS, or ../shared/corpus"]
fn the_shared_cases_hold_through_the_binary() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let corpus = std::env::var_os("CALLBOARD_CORPUS").map_or_else(beside, PathBuf::from);
    run(&corpus.join("diagnosis"), "json", 1);
}
