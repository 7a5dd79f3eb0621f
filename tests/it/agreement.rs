//! Verdicts and diagnoses agree, through the binary: over our fleets, and over what real kubelets said.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::Board;

/// What may be said of a service that is well.
const APART: &[&str] = &["hpa-at-max", "hpa-metrics-missing", "pdb-blocks-drain"];

/// Every service of a fleet: nothing is found where all is well, and something is said of whatever is broken.
fn disagreements(board: &Board, name: &str) -> Vec<String> {
    let services = board.run("services -o name").stdout;
    let names: Vec<&str> = services.lines().collect();
    assert!(!names.is_empty(), "{name} has no services");
    let words = ["diagnose"].iter().chain(&names).chain(["-o", "json"].iter());
    let report = board.run_words(words).json();
    let items = report["items"].as_array().cloned().unwrap_or_default();
    let causes = |item: &Value| -> Vec<String> {
        let findings = item["findings"].as_array().cloned().unwrap_or_default();
        findings.iter().filter_map(|finding| finding["cause"].as_str().map(str::to_string)).collect()
    };
    let looked = |item: &Value| item["lookedAt"].as_array().is_some_and(|all| !all.is_empty());
    let wrong = items.iter().filter_map(|item| {
        let causes = causes(item);
        let is_told = causes.iter().any(|cause| !APART.contains(&cause.as_str()));
        let fault = match item["health"].as_str() {
            Some("Suspended") if causes.iter().all(|cause| cause == "scheduling-gated") => return None,
            Some("Healthy" | "Suspended") if is_told => "a cause of what is well",
            Some("Degraded") if causes.is_empty() && !looked(item) => "nothing said of what is broken",
            _ => return None,
        };
        Some(format!("{name} {}: {fault}: {causes:?}", item["service"]))
    });
    wrong.collect()
}

#[test]
fn nothing_is_found_where_all_is_well() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets");
    let fleets = ["forbidden", "kinds", "logs", "paged", "shop", "silent"];
    let mut wrong: Vec<String> =
        fleets.iter().flat_map(|name| disagreements(&Board::at(&root.join(name)), name)).collect();
    wrong.extend(disagreements(&Board::demo(), "the demo"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Moments at which the API server held no trace of the truth yet: an image still being pulled, a node whose kubelet has
/// stopped a few seconds ago and whose lease has not run out, a first run that has not ended.
const NOTHING_TO_SEE: &[(&str, &str)] = &[
    ("094-dns-py", "b-70s"),
    ("150-node-dead", "b-70s"),
    ("152-node-dead-ds", "b-70s"),
    ("172-cron-long-fail", "b-70s"),
    ("182-restart-long", "b-70s"),
];

/// What real kubelets, schedulers and runtimes said of workloads that were broken on purpose.
#[test]
#[ignore = "needs the shared kubelet captures beside the repository, or CALLBOARD_KUBELET"]
fn the_corpus_of_real_kubelets() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/kubelet");
    let root = std::env::var_os("CALLBOARD_KUBELET").map_or_else(beside, PathBuf::from);
    let mut wrong = Vec::new();
    let mut played = 0;
    let mut directories: Vec<PathBuf> = std::fs::read_dir(&root)
        .expect("the captures")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    directories.sort();
    for directory in directories.iter().filter(|directory| directory.join("case.json").is_file()) {
        let text = std::fs::read_to_string(directory.join("case.json")).expect("readable");
        let case: Value = serde_json::from_str(&text).expect("JSON");
        let name = directory.file_name().expect("a name").to_string_lossy().into_owned();
        let list = |field: &str| -> BTreeSet<String> {
            let all = case[field].as_array().into_iter().flatten();
            all.filter_map(|word| word.as_str().map(str::to_string)).collect()
        };
        for moment in list("moments") {
            played += 1;
            let fleet = directory.join(&moment);
            let config = std::fs::read_to_string(fleet.join("fleet.yaml")).expect("readable");
            let config: Value =
                serde_json::from_str(config.lines().next().unwrap_or_default()).expect("JSON");
            let now = config["now"].as_str().expect("an instant");
            let board = Board::at(&fleet).variable("CALLBOARD_NOW", now);
            let service = case["service"].as_str().expect("a service");
            let item = &board.run_words(["diagnose", service, "-o", "json"]).json()["items"][0];
            let cause = item["findings"][0]["cause"].as_str().unwrap_or("none");
            let health = item["health"].as_str().unwrap_or_default();
            let healths = list("health");
            let right = list("causes").contains(cause) && (healths.is_empty() || healths.contains(health));
            if !right && !NOTHING_TO_SEE.contains(&(name.as_str(), moment.as_str())) {
                wrong.push(format!("{name} {moment}: {health} {cause}, {:?} expected", list("causes")));
            }
        }
    }
    assert!(played >= 180, "{played} captures");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
