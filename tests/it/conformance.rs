//! The fleets behind real API servers: callboard says the same of them as of the simulated ones.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::fleets::{self, Fleet};
use crate::kube::{ControlPlane, User};
use crate::support::{Board, Output};

/// What is asked of every fleet that has a catalog, and of those that have none.
const WITH_CATALOG: &[&str] = &[
    "status -o json",
    "status",
    "status -o wide",
    "status -o name",
    "status --unhealthy --by cluster",
    "status --by system -o yaml",
];
const WITHOUT_CATALOG: &[&str] = &[
    "status -l app.kubernetes.io/name -o json",
    "status -l app",
    "status -l k8s-app -o wide",
    "status -l !app -n tools -o json",
];

#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver and etcd"]
fn fleets_say_the_same_behind_real_servers() {
    let fleets: Vec<Fleet> = fleets::all().into_iter().filter(|fleet| !fleet.is_simulated_only()).collect();
    assert!(fleets.len() >= 3, "where are the fleets?");
    let mut wrong = Vec::new();
    for fleet in fleets {
        let plane = serve(&fleet);
        served_as_written(&fleet, &plane, &mut wrong);
        let kubeconfig = plane.kubeconfig(|name| asker(&fleet, name));
        let questions = if fleet.catalog().is_some() { WITH_CATALOG } else { WITHOUT_CATALOG };
        same_answers(&fleet, &kubeconfig, questions, &mut wrong);
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

/// Three servers of one fleet answer, one is stopped, one forbids: every verdict stands, and the two are named.
#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver and etcd"]
fn a_stopped_and_a_forbidding_server_are_named() {
    let home = tempfile::tempdir().expect("a directory");
    let fleet = shop_with_two_silent(home.path());
    let mut plane = serve(&fleet);
    plane.stop("ap-south-1");
    let kubeconfig = plane.kubeconfig(|name| asker(&fleet, name));

    let output = against_real(&fleet, &kubeconfig, "status -o json");
    let report = output.json();
    let state = |name: &str| {
        let clusters = report["clusters"].as_array().expect("a list");
        let cluster = clusters.iter().find(|cluster| cluster["name"] == name).expect("it was asked");
        (cluster["state"].as_str().unwrap_or_default(), cluster["reason"].as_str().unwrap_or_default())
    };
    for name in ["us-east-1", "us-west-2", "eu-west-1"] {
        assert_eq!(state(name), ("answered", ""), "{name}");
    }
    assert_eq!(state("ap-south-1"), ("silent", "unreachable"));
    assert_eq!(state("locked"), ("silent", "forbidden"));
    assert_eq!(report["complete"], false);

    // Degraded services were found; of one that is well where it answers, too little is known; one that is well
    // in clusters that all answer is fine.
    let code = |words: &str| against_real(&fleet, &kubeconfig, words).code;
    assert_eq!(output.code, 3, "{output}");
    assert_eq!(code("status --exit-zero"), 0);
    assert_eq!(code("status cart"), 4);
    assert_eq!(code("status cart --context us-east-1,eu-west-1"), 0);

    let table = against_real(&fleet, &kubeconfig, "status");
    for name in ["ap-south-1", "locked"] {
        let summary = table.stderr.lines().filter(|line| line.contains("silent")).collect::<String>();
        assert!(summary.contains(name), "{name} is not named:\n{table}");
    }

    let mut wrong = Vec::new();
    same_answers(&fleet, &kubeconfig, WITH_CATALOG, &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The fleet `shop`, where ap-south-1 refuses connections, and with one more cluster, which forbids everything.
fn shop_with_two_silent(home: &Path) -> Fleet {
    let shop = fleets::named("shop");
    let directory = home.join("shop");
    copy(&shop.directory, &directory);
    copy(&shop.directory.join("eu-west-1"), &directory.join("locked"));
    let settings = "now: 2026-01-15T10:00:00Z\nclusters:\n- name: us-east-1\n- name: us-west-2\n- name: eu-west-1\n\
                    - {name: ap-south-1, fault: refused}\n- {name: locked, forbid: [\"*\"]}\n";
    fs::write(directory.join("fleet.yaml"), settings).expect("written");
    fleets::read(&directory)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("created");
    for entry in fs::read_dir(from).expect("readable") {
        let path = entry.expect("readable").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

/// Asks the simulated and the real servers of a fleet the same, and collects where the answers differ.
fn same_answers(fleet: &Fleet, kubeconfig: &Path, questions: &[&str], wrong: &mut Vec<String>) {
    let board = Board::at(&fleet.directory);
    for words in questions {
        let (simulated, real) = (board.run(words), against_real(fleet, kubeconfig, words));
        // Two equal errors prove nothing.
        if [1, 2].contains(&real.code) {
            wrong.push(format!("{}: callboard {words}\n{real}", fleet.name()));
            continue;
        }
        let (simulated, real) = (comparable(&simulated, fleet), comparable(&real, fleet));
        if simulated != real {
            wrong.push(format!("{}: callboard {words}\n{}", fleet.name(), difference(&simulated, &real)));
        }
    }
}

/// Starts a server for each cluster of a fleet and puts its objects behind it.
fn serve(fleet: &Fleet) -> ControlPlane {
    let names: Vec<&str> = fleet.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    let plane = ControlPlane::start(&names);
    for cluster in &fleet.clusters {
        plane.load(&cluster.name, cluster);
        if let Some(limits) = &cluster.limits {
            plane.limit(&cluster.name, limits);
        }
    }
    plane
}

/// Where fleet.yaml forbids something, the narrow user asks; elsewhere one who may read everything.
fn asker(fleet: &Fleet, name: &str) -> User {
    let limited = fleet.clusters.iter().any(|cluster| cluster.name == name && cluster.limits.is_some());
    if limited { User::Narrow } else { User::Viewer }
}

/// A run with what `--demo=DIR` gives: the servers, the catalog, the config.
fn against_real(fleet: &Fleet, kubeconfig: &Path, words: &str) -> Output {
    let config = fleet.config().map(|path| path.display().to_string());
    let board =
        config.into_iter().fold(Board::empty(), |board, path| board.variable("CALLBOARD_CONFIG", path));
    let mut arguments = vec![PathBuf::from("--kubeconfig"), kubeconfig.to_path_buf()];
    if let Some(catalog) = fleet.catalog() {
        arguments.extend([PathBuf::from("--catalog"), catalog]);
    }
    arguments.extend(words.split_whitespace().map(PathBuf::from));
    board.run_words(arguments)
}

/// The text of a run without what must differ: versions, durations, the name of who asked, the fleet's directory.
fn comparable(output: &Output, fleet: &Fleet) -> String {
    let text = output.to_string().replace(&fleet.directory.display().to_string(), "[FLEET]");
    let patterns =
        [(r#"(?m)^ *"?(elapsedMs|version)"?: .*\n"#, ""), (r#"User (\\?)"[a-z]+"#, r#"User ${1}"[USER]"#)];
    patterns.iter().fold(text, |text, (pattern, by)| {
        regex::Regex::new(pattern).expect("a pattern").replace_all(&text, *by).into_owned()
    })
}

/// The lines that differ, as one reads them best.
fn difference(simulated: &str, real: &str) -> String {
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (simulated.lines().collect(), real.lines().collect());
    let pairs = (0..ours.len().max(theirs.len())).map(|index| (ours.get(index), theirs.get(index)));
    let differing = pairs.enumerate().filter(|(_, (ours, theirs))| ours != theirs).take(20);
    let line = |line: Option<&&str>| line.copied().unwrap_or("(nothing)").to_string();
    differing
        .map(|(index, (ours, theirs))| {
            format!("  line {}\n    simulated: {}\n    real:      {}", index + 1, line(ours), line(theirs))
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Every field that a fleet writes is served as it is written. What a server drops or changes is a mistake in the
/// fleet: no real cluster would ever show it.
fn served_as_written(fleet: &Fleet, plane: &ControlPlane, wrong: &mut Vec<String>) {
    for cluster in &fleet.clusters {
        let served = plane.objects(&cluster.name, cluster);
        for (written, served) in cluster.objects.iter().zip(served) {
            // Definitions go through the API, which gives them times of their own.
            if written["kind"] != "CustomResourceDefinition" {
                let (kind, name) = (&written["kind"], &written["metadata"]["name"]);
                missing(&format!("{}/{} {kind} {name}", fleet.name(), cluster.name), written, &served, wrong);
            }
        }
    }
}

/// Collects where `served` lacks or contradicts what is written. A null and an empty list or map count as absent.
fn missing(place: &str, written: &Value, served: &Value, wrong: &mut Vec<String>) {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    match (written, served) {
        (Value::Object(written), Value::Object(served)) => {
            for (name, value) in written {
                missing(&format!("{place}.{name}"), value, served.get(name).unwrap_or(&Value::Null), wrong);
            }
        }
        (Value::Array(written), Value::Array(served)) if written.len() == served.len() => {
            for (index, (written, served)) in written.iter().zip(served).enumerate() {
                missing(&format!("{place}[{index}]"), written, served, wrong);
            }
        }
        _ if written == served || (empty(written) && empty(served)) => {}
        _ => wrong.push(format!("{place}: written {written}, served {served}")),
    }
}
