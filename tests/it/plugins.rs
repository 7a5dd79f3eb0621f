//! Programs on PATH that are called as commands, and what they are given.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::support::{Board, Output, tells};

/// Writes a program; `mode` says whether it may be run.
fn program(board: &Board, path: &str, script: &str, mode: u32) {
    let path = board.home().join(path);
    fs::create_dir_all(path.parent().expect("below home")).expect("made");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
}

/// A board whose PATH begins with two directories of its home.
fn with_path(board: Board) -> Board {
    let home = board.home().display().to_string();
    board.variable("PATH", format!("{home}/one:{home}/two:.:/usr/bin:/bin"))
}

#[test]
fn a_plugin_gets_its_words_and_its_exit_code_is_passed_on() {
    let board = with_path(Board::empty());
    program(&board, "one/callboard-hello", r#"echo "$#:$*"; cat; exit 7"#, 0o755);
    let output = board.run("hello a --help -o json -- --context x");
    assert_eq!((output.code, output.stdout.as_str()), (7, "7:a --help -o json -- --context x\n"), "{output}");
    assert_eq!(board.run_words(["hello", "two words"]).stdout, "1:two words\n");
    assert_eq!(board.run("--exit-zero hello").code, 7, "its code is its own");
    program(&board, "one/callboard-ends", "kill -9 $$", 0o755);
    assert_eq!(board.run("ends").code, 137);
}

#[test]
fn only_what_stands_in_path_and_can_be_run_is_a_plugin() {
    let board = with_path(Board::empty());
    program(&board, "callboard-here", "echo ran", 0o755);
    program(&board, "one/callboard-text", "echo ran", 0o644);
    program(&board, "one/callboard-status", "echo ran", 0o755);
    for words in ["here", "text"] {
        let output = board.run(words);
        tells(&output, 2, &[&format!("unrecognized subcommand '{words}'")]);
        assert_eq!(output.stdout, "", "{output}");
    }
    assert!(!board.run("status").stdout.contains("ran"), "a command is never a plugin");
    program(&board, "one/callboard-hello", "echo ran", 0o755);
    tells(&board.run("helo"), 2, &["did you mean `callboard hello`?"]);
    tells(&board.run("template hello"), 2, &["unrecognized subcommand 'hello'"]);
}

#[test]
fn plugins_are_listed_with_those_that_are_never_run() {
    let board = with_path(Board::empty());
    program(&board, "one/callboard-hello", "", 0o755);
    program(&board, "two/callboard-hello", "", 0o755);
    program(&board, "two/callboard-status", "", 0o755);
    program(&board, "two/callboard-text", "", 0o644);
    let list = board.run("plugin list -o json").json();
    let told: Vec<(&str, Option<&str>)> = list["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| (item["path"].as_str().expect("a path"), item["neverRunBecause"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("[HOME]/one/callboard-hello", None),
            ("[HOME]/two/callboard-hello", Some("PATH has [HOME]/one/callboard-hello first")),
            ("[HOME]/two/callboard-status", Some("status is a command of callboard")),
            ("[HOME]/two/callboard-text", Some("it is not executable")),
        ]
    );
    assert_eq!(board.run("plugin list -o name").stdout, "hello\n");
    let none = Board::empty().variable("PATH", "/nowhere").run("plugin list");
    assert!(none.code == 0 && none.stderr.contains("`callboard foo`"), "{none}");
}

/// What a plugin printed: the file that it was given, by its schema.
#[track_caller]
fn resolved(output: &Output) -> Value {
    assert_eq!(output.code, 0, "{output}");
    output.json()
}

#[test]
fn a_plugin_reads_what_this_run_resolved() {
    let board = with_path(Board::fleet("shop"));
    program(&board, "one/callboard-tell", r#"cat "$CALLBOARD_RESOLVED""#, 0o755);
    let all = resolved(&board.run("tell"));
    let names = |document: &Value, list: &str, field: &str| -> Vec<String> {
        let items = document[list].as_array().expect("a list").iter();
        items.map(|item| item[field].as_str().expect("text").to_string()).collect()
    };
    let clusters = names(&all, "clusters", "name");
    assert_eq!(clusters.len(), 4, "{clusters:?}");
    assert!(names(&all, "services", "service").contains(&"checkout".to_string()));
    let one = resolved(&board.run(&format!("--context {} tell", clusters[1])));
    assert_eq!(names(&one, "clusters", "name"), clusters[1..2]);
    assert_eq!(one["problems"], Value::Array(Vec::new()));
}

/// A plugin that needs no cluster runs without any.
#[test]
fn what_cannot_be_resolved_stops_no_plugin() {
    let board = with_path(Board::empty().file("catalog.yaml", "a: ["));
    program(&board, "one/callboard-tell", r#"cat "$CALLBOARD_RESOLVED""#, 0o755);
    let output = board.run("tell");
    let document: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(document["problems"].as_array().map(Vec::len), Some(2), "{output}");
}

/// Our own binary, called by a plugin, sees what the flags before the plugin's name say, and nothing is left behind.
#[test]
fn a_child_sees_the_same_fleet_and_nothing_is_left_behind() {
    let board = with_path(Board::fleet("tiny"));
    let ours = Path::new(env!("CARGO_BIN_EXE_callboard")).display().to_string();
    program(&board, "one/callboard-again", &format!("exec {ours} status -o name"), 0o755);
    let temporary = board.home().join("tmp");
    fs::create_dir(&temporary).expect("made");
    let board = board.variable("TMPDIR", temporary.display().to_string());
    let output = board.run("again");
    assert_eq!((output.code, output.stdout.as_str()), (0, "hello\n"), "{output}");
    let output = board.run_words(["demo", "--", &ours, "status", "-o", "name"]);
    assert_eq!((output.code, output.stdout.as_str()), (0, "hello\n"), "{output}");
    let output = board.run_words(["demo", "--", "sh", "-c", "exit 9"]);
    assert_eq!(output.code, 9, "{output}");
    let output = board.run_words(["demo", "--", "no-such-program"]);
    tells(&output, 1, &["no-such-program is not installed"]);
    let left: Vec<_> =
        fs::read_dir(&temporary).expect("readable").flatten().map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// What is no text in a golden path comes to a child as it is.
#[test]
fn files_of_the_demo_are_exported_byte_by_byte() {
    let fleet = tempfile::tempdir().expect("a directory");
    let bytes = [0u8, 159, 146, 150, 255, 10];
    fs::create_dir_all(fleet.path().join("golden-paths/site")).expect("made");
    fs::write(fleet.path().join("golden-paths/site/logo.png"), bytes).expect("written");
    fs::write(fleet.path().join("fleet.yaml"), "clusters: [{name: solo}]\n").expect("written");
    let board = Board::at(fleet.path());
    let script = r#"cp "$(dirname "$CALLBOARD_CONFIG")/golden-paths/site/logo.png" copy"#;
    let output = board.run_words(["demo", "--", "sh", "-c", script]);
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(fs::read(board.home().join("copy")).expect("copied"), bytes);
}

/// SIGTERM ends the plugin with us; what is typed at the terminal is the plugin's own, and so its exit code counts.
#[test]
fn a_signal_ends_the_plugin_with_us() {
    let board = with_path(Board::empty());
    program(
        &board,
        "one/callboard-waits",
        "echo $$ > pid; trap 'exit 5' INT; while :; do sleep 0.1; done",
        0o755,
    );
    for (signal, code) in [("TERM", 143), ("INT", 5)] {
        let child = board.command(["waits"]).spawn().expect("it starts");
        let pid = board.home().join("pid");
        let mut waited = 0;
        while !pid.exists() || fs::read_to_string(&pid).expect("read").trim().is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(50));
            waited += 1;
            assert!(waited < 200, "the plugin does not start");
        }
        let plugin = fs::read_to_string(&pid).expect("read").trim().to_string();
        // A terminal sends Ctrl-C to all of them.
        let ours = child.id().to_string();
        let targets = if signal == "INT" { vec![ours, plugin.clone()] } else { vec![ours] };
        let sent = std::process::Command::new("kill").arg(format!("-{signal}")).args(&targets).status();
        assert!(sent.expect("kill runs").success());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(code), "{signal}");
        let is_gone = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            !Path::new("/proc").join(&plugin).exists()
        });
        assert!(is_gone, "the plugin lives on after {signal}");
        fs::remove_file(&pid).expect("removed");
    }
}
