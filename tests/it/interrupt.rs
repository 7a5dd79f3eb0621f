//! Ctrl-C: what has arrived is printed, and nothing is left behind.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::stand_in::StandIn;
use crate::support::{Board, of};

/// Starts a run that one hanging cluster would keep for long, and presses Ctrl-C.
fn interrupted(words: &str, presses: usize) -> (std::process::Output, Duration) {
    let board = Board::fleet("silent");
    let mut command = board.command(words.split_whitespace());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    std::thread::sleep(Duration::from_millis(1500));
    let pressed = Instant::now();
    for _ in 0..presses {
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
        assert!(kill.success(), "it has ended before: {:?}", child.try_wait());
    }
    let mut output = std::process::Output {
        status: child.wait().expect("it ends"),
        stdout: Vec::new(),
        stderr: Vec::new(),
    };
    let took = pressed.elapsed();
    child.stdout.take().expect("piped").read_to_end(&mut output.stdout).expect("read");
    child.stderr.take().expect("piped").read_to_end(&mut output.stderr).expect("read");
    (output, took)
}

#[test]
fn ctrl_c_prints_what_has_arrived() {
    let (output, took) = interrupted("status -o json --cluster-timeout 60s", 1);
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(took < Duration::from_secs(5), "it took {took:?}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("whole JSON");
    assert_eq!(report["complete"], false);
    let cells = &report["items"][0]["clusters"];
    assert_eq!(of(cells, "cluster", "well-1")["health"], "Healthy");
    assert_eq!(of(cells, "cluster", "hang-1")["reason"], "interrupted");
    assert_eq!(of(&report["clusters"], "name", "refused-1")["reason"], "unreachable");
}

#[test]
fn ctrl_c_ends_every_command_that_asks() {
    let (table, _) = interrupted("status --cluster-timeout 60s", 1);
    assert_eq!(table.status.code(), Some(130));
    let text = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(text.contains("well-1") && text.contains("Healthy"), "{text}");
    let (clusters, took) = interrupted("clusters --cluster-timeout 60s", 1);
    assert_eq!(clusters.status.code(), Some(130));
    assert!(took < Duration::from_secs(5), "it took {took:?}");
    assert!(String::from_utf8_lossy(&clusters.stdout).contains("well-1"));
}

/// One log was read, the other does not come to its end: what there is of the first is printed.
#[test]
fn ctrl_c_prints_the_lines_that_have_arrived() {
    let server = StandIn::start();
    for pod in ["a", "b"] {
        server.runs(pod);
    }
    server.writes("a", 1000, "one");
    server.writes("a", 2000, "two");
    server.holds("b");
    let board = Board::empty().file("kubeconfig", &server.kubeconfig());
    let words = "logs -l app=web -n shop --kubeconfig kubeconfig --cluster-timeout 60s -o raw";
    let mut command = board.command(words.split(' '));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    server.awaits_readers(2);
    std::thread::sleep(Duration::from_millis(1000));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().is_ok());
    let output = board.told(&child.wait_with_output().expect("it ends"));
    assert_eq!((output.code, output.stdout.as_str()), (130, "one\ntwo\n"), "{output}");
}
