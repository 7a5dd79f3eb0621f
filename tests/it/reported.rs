//! Cases from public reports, rebuilt as small fleets with the right answer written down first: the whole path from the
//! servers' answers to the cause, the line that explains, and the verdict. `tests/reported` holds one a line.

use std::path::Path;

use serde_json::Value;

use crate::support::{Board, Output};

/// What a case expects; a key that is absent expects nothing.
const KEYS: &[&str] = &[
    "causesNot",
    "first",
    "firstBegins",
    "firstNot",
    "found",
    "health",
    "prints",
    "says",
    "saysOne",
    "summaryNot",
    "summarySays",
    "unlessSummary",
    "where",
];

fn play(file: &str, least: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reported").join(file);
    let text = std::fs::read_to_string(path).expect("readable");
    let cases: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(cases.len() >= least, "{} cases are left of {least}", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn words(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.map(|word| word.as_str().expect("text").to_string()).collect()
}

fn run(case: &Value, more: &[&str]) -> Output {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, text) in case["files"].as_object().expect("files") {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
        std::fs::write(path, text.as_str().expect("text")).expect("written");
    }
    let board = Board::at(directory.path()).variable("CALLBOARD_NOW", "2026-01-15T10:00:00Z");
    let mut arguments = words(&case["args"]);
    arguments.extend(more.iter().map(|word| word.to_string()));
    board.run_words(arguments.iter().map(String::as_str))
}

/// What is wrong with the answer to a case, if anything is.
fn wrong(case: &Value) -> Option<String> {
    let expect = case["expect"].as_object().expect("an expectation");
    assert!(!expect.is_empty() && expect.keys().all(|key| KEYS.contains(&key.as_str())), "{}", case["id"]);
    let expect = &case["expect"];
    let item = &run(case, &["-o", "json"]).json()["items"][0];
    let findings = item["findings"].as_array().cloned().unwrap_or_default();
    let first = findings.first().cloned().unwrap_or_default();
    let causes: Vec<&str> = findings.iter().filter_map(|finding| finding["cause"].as_str()).collect();
    let cause = causes.first().copied().unwrap_or("-");
    let text = unescaped(&first.to_string()).to_lowercase();
    let summary = first["summary"].as_str().unwrap_or_default().to_lowercase();
    let has = |key: &str| !expect[key].is_null();
    let in_summary = |key: &str| words(&expect[key]).iter().any(|word| summary.contains(word.as_str()));
    let mut faults: Vec<String> = Vec::new();
    let mut fault = |is: bool, what: String| {
        if is {
            faults.push(what);
        }
    };
    if let Some(found) = expect["found"].as_bool() {
        fault(found == findings.is_empty(), format!("found {causes:?}"));
    }
    if has("first") {
        let wanted = words(&expect["first"]);
        fault(!wanted.iter().any(|one| one == cause), format!("{wanted:?} expected"));
    }
    if let Some(begins) = expect["firstBegins"].as_str() {
        fault(!cause.starts_with(begins), format!("{begins}* expected"));
    }
    fault(words(&expect["firstNot"]).iter().any(|one| one == cause), "just not that".to_string());
    fault(
        words(&expect["causesNot"]).iter().any(|one| causes.contains(&one.as_str())),
        format!("{causes:?}"),
    );
    if has("health") {
        let wanted = words(&expect["health"]);
        let health = item["health"].as_str().unwrap_or_default();
        fault(!wanted.iter().any(|one| one == health), format!("{health}, {wanted:?} expected"));
    }
    for word in words(&expect["says"]) {
        fault(!text.contains(&word), format!("does not say {word:?}"));
    }
    for choice in expect["saysOne"].as_array().into_iter().flatten() {
        let choice = words(choice);
        fault(!choice.iter().any(|word| text.contains(word)), format!("says none of {choice:?}"));
    }
    fault(
        has("summaryNot") && in_summary("summaryNot") && !in_summary("unlessSummary"),
        "a farewell".to_string(),
    );
    for word in words(&expect["summarySays"]) {
        fault(!summary.contains(&word), format!("the summary does not say {word:?}"));
    }
    if has("where") {
        let clusters: Vec<&str> = first["where"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| one["cluster"].as_str())
            .collect();
        fault(clusters != words(&expect["where"]), format!("in {clusters:?}"));
    }
    if has("prints") {
        let printed = run(case, &[]).stdout.to_lowercase();
        for word in words(&expect["prints"]) {
            fault(!printed.contains(&word), format!("does not print {word:?}"));
        }
    }
    let (id, right) = (case["id"].as_str().unwrap_or_default(), case["right"].as_str().unwrap_or_default());
    (!faults.is_empty()).then(|| {
        format!("{id}: {right}\n    {}; got {} {cause}: {summary}", faults.join("; "), item["health"])
    })
}

/// JSON text as its strings read.
fn unescaped(json: &str) -> String {
    json.replace("\\\"", "\"").replace("\\\\", "\\")
}

#[test]
fn public_reports() {
    play("public.jsonl", 18);
}

#[test]
fn the_line_that_explains() {
    play("logs.jsonl", 70);
}

#[test]
fn healthy_and_misleading_controls() {
    play("controls.jsonl", 30);
}

#[test]
fn events_and_statuses() {
    play("events.jsonl", 60);
}

#[test]
fn verdicts_and_controllers() {
    play("verdicts.jsonl", 38);
}

#[test]
fn what_objects_say_of_pulls_volumes_commands_and_missing_pods() {
    play("objects.jsonl", 25);
}

#[test]
fn what_a_fresh_reviewer_found() {
    play("reviewed.jsonl", 100);
}
