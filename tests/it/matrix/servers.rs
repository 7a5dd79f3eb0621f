//! Faults that a server shows, x every command that asks.

use serde_json::Value;

use crate::matrix::table::{Known, ROWS, Row};
use crate::matrix::{ASKING, REQUESTS, all_hold, ensure, finished, fleet, leaves_nothing_half};
use crate::support::Board;

fn entry<'a>(list: &'a Value, field: &str, name: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|item| item[field] == name)
}

/// One run. Of the good cluster everything is there, of the bad one what is known, with its reason, and the code fits.
fn check(row: &Row, command: &str, words: &str) -> Result<(), String> {
    let directory = fleet(row.entry);
    let board = Board::at(directory.path()).variable("CALLBOARD_CACHE_DIR", "cache");
    let limits = match row.waits {
        true => "--connect-timeout 2s --cluster-timeout 3s",
        false => "--connect-timeout 20s --cluster-timeout 20s",
    };
    let output = finished(board.command(format!("{words} {limits}").split(' ')))?;
    let asked = board.asked();
    let output = board.told(&output);
    ensure(output.code == row.code_of(command), || {
        format!("exit {}, not {}", output.code, row.code_of(command))
    })?;
    for cluster in ["bad", "good"] {
        let count = asked.iter().filter(|line| line.starts_with(&format!("{cluster} "))).count();
        ensure(count <= REQUESTS, || format!("{cluster} got {count} requests"))?;
    }
    leaves_nothing_half(&board)?;
    match command {
        "logs" => lines(row, &output.stdout, &output.stderr),
        _ => report(row, command, &output.stdout),
    }
    .map_err(|failure| format!("{failure}\n{output}"))
}

fn lines(row: &Row, stdout: &str, stderr: &str) -> Result<(), String> {
    let of = |cluster: &str| -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        for line in stdout.lines() {
            let line: Value = serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
            if line["cluster"] == cluster {
                found.push(line["line"].as_str().unwrap_or_default().to_string());
            }
        }
        Ok(found)
    };
    ensure(of("good")? == ["one", "two"], || "lines of the good cluster are lost".into())?;
    let bad = of("bad")?;
    match row.known {
        Known::Nothing => ensure(bad.is_empty(), || format!("the silent cluster says {bad:?}"))?,
        Known::All => ensure(bad == ["one", "two"], || format!("it says {bad:?}"))?,
        Known::Part => ensure(bad.is_empty() || bad == ["one", "two"], || format!("it says {bad:?}"))?,
    }
    let told = row.known == Known::All || (stderr.contains("bad") && stderr.contains(row.says));
    ensure(told, || format!("stderr does not say {:?}", row.says))
}

fn report(row: &Row, command: &str, stdout: &str) -> Result<(), String> {
    let report: Value = serde_json::from_str(stdout).map_err(|error| error.to_string())?;
    let clusters = if command == "clusters" { &report["items"] } else { &report["clusters"] };
    let state = |name: &str| entry(clusters, "name", name).ok_or(format!("no {name} in the report"));
    let good = state("good")?;
    ensure(good["state"] == "answered", || format!("the good cluster: {good}"))?;
    let bad = state("bad")?;
    let known = match (command, row.code_of(command)) {
        // Who asks no lists is not told that they are broken.
        ("clusters", 0) => Known::All,
        _ => row.known,
    };
    let (word, reason, message) = match known {
        Known::Nothing => ("silent", &bad["reason"], &bad["message"]),
        Known::Part => ("partial", &bad["gaps"][0]["reason"], &bad["gaps"][0]["message"]),
        Known::All => ("answered", &bad["reason"], &bad["message"]),
    };
    ensure(bad["state"] == word, || format!("the bad cluster is not {word}: {bad}"))?;
    if known != Known::All {
        ensure(reason == row.reason, || format!("the reason is not {}: {bad}", row.reason))?;
        // A review is no list, and is told in other words.
        let says = command == "clusters" || message.as_str().is_some_and(|text| text.contains(row.says));
        ensure(says, || format!("the message does not say {:?}: {bad}", row.says))?;
    }
    ensure(command == "clusters" || report["complete"] == (row.code_of(command) != 4), || {
        "`complete` does not fit".into()
    })?;
    match command {
        "status" | "show" | "diagnose" => cells(row, &report, row.code_of(command)),
        "events" => {
            let of = |name: &str| {
                report["items"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|item| item["cluster"] == name)
                    .count()
            };
            ensure(of("good") == 1, || "the good cluster's event is lost".into())?;
            ensure(known != Known::All || of("bad") == 1, || "the bad cluster's event is lost".into())
        }
        "changes" => {
            let of = |name: &str| {
                let items = report["items"].as_array().into_iter().flatten();
                items
                    .filter(|item| item["clusters"].as_array().is_some_and(|all| all.contains(&name.into())))
                    .count()
            };
            ensure(of("good") > 0, || "the good cluster's changes are lost".into())?;
            ensure(known != Known::All || of("bad") == of("good"), || {
                "the bad cluster's changes are lost".into()
            })
        }
        "compare" => ensure(
            report["items"][0]["differences"]
                .as_array()
                .is_some_and(|all| all.iter().all(|one| one["expected"] == true)),
            || "both run the same, and a difference is told".into(),
        ),
        _ => Ok(()),
    }
}

fn cells(row: &Row, report: &Value, code: i32) -> Result<(), String> {
    let cells = &report["items"][0]["clusters"];
    let cell = |name: &str| entry(cells, "cluster", name).ok_or(format!("no row of {name}"));
    ensure(cell("good")?["health"] == "Healthy", || format!("the good cluster's row is wrong: {cells}"))?;
    let bad = cell("bad")?;
    match code {
        0 => ensure(bad["health"] == "Healthy", || format!("the bad cluster's row is wrong: {bad}")),
        _ => ensure(bad["health"] == "Unknown" && bad["reason"] == row.reason, || {
            format!("the bad cluster's row is not Unknown for {}: {bad}", row.reason)
        }),
    }
}

/// The table, all of it.
#[test]
fn every_fault_of_a_server_costs_only_itself() {
    let only = std::env::var("MATRIX").unwrap_or_default();
    let rows = ROWS.iter().filter(|row| only.is_empty() || row.fault.contains(&only));
    let cases: Vec<(&Row, &str, &str)> =
        rows.flat_map(|row| ASKING.iter().map(move |(command, words)| (row, *command, *words))).collect();
    all_hold(&cases, |(row, command, words)| {
        check(row, command, words).map_err(|failure| format!("--- {} x {command}: {failure}", row.fault))
    });
}
