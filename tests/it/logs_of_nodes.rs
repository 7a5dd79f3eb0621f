//! What nodes give as logs: lines in any order, runs that are over, more logs than a connection carries.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use snapbox::str;

use crate::support::{Board, check, tells};

/// Writes a fleet of pods of one service, each with the text of its log and the JSON of its container's state.
fn written(pods: &[(&str, &str, &str)]) -> tempfile::TempDir {
    let fleet = tempfile::tempdir().expect("a directory");
    let write = |path: &str, text: &str| {
        let path = fleet.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("created");
        std::fs::write(path, text).expect("written");
    };
    write("fleet.yaml", "now: 2026-01-15T10:00:00Z\nclusters:\n- {name: one}\n");
    let mut items = String::new();
    for (name, log, state) in pods {
        items += &format!(
            "- {{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: shop, labels: {{app: web}}}}, \
             spec: {{nodeName: n, containers: [{{name: app}}]}}, status: {{phase: Running, containerStatuses: [{state}]}}}}\n"
        );
        write(&format!("one/logs/shop/{name}/app.log"), log);
    }
    write("one/pods.yaml", &format!("apiVersion: v1\nkind: List\nitems:\n{items}"));
    fleet
}

const RUNS: &str = "{name: app, ready: true, state: {running: {}}}";

/// What a node may write: stderr a little ahead of stdout, a clock set back by a day, the same line and instant many times.
fn disordered(lines: usize, seed: usize) -> String {
    let start: jiff::Timestamp = "2026-01-14T20:00:00Z".parse().expect("a time");
    let mut text = String::new();
    for number in 0..lines {
        let millis = i64::try_from(number * 7).expect("small");
        let back = if number > lines / 2 { 86_400_000 } else { 0 };
        let jitter = i64::try_from((number * 7919 + seed) % 13).expect("small") * -250;
        let at = start + jiff::SignedDuration::from_millis(millis - back + jitter);
        let number = if number % 100 < 3 { 0 } else { number };
        text += &format!("{at:.6} line {number} of {seed} {}\n", "x".repeat(100));
    }
    text
}

fn texts(log: &str) -> Vec<&str> {
    log.lines().filter_map(|line| line.split_once(' ')).map(|(_, text)| text).collect()
}

/// `kubectl logs` prints one answer of the node, line by line, whatever the times in it are.
#[test]
fn a_log_is_printed_as_its_node_wrote_it() {
    let log = disordered(60_000, 1);
    let fleet = written(&[("a", &log, RUNS)]);
    let output = Board::at(fleet.path()).run("logs -l app=web --tail -1 -o raw");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    assert!(output.stdout.lines().eq(texts(&log)), "lines were lost, repeated or moved");
    let stamped = Board::at(fleet.path()).run("logs -l app=web --tail -1 -o raw --timestamps");
    assert!(texts(&stamped.stdout).iter().eq(texts(&log).iter()), "lines were lost, repeated or moved");
    let nine_digits = |line: &str| line.split_once(' ').is_some_and(|(stamp, _)| stamp.len() == 30);
    assert!(stamped.stdout.lines().all(nine_digits), "kubectl prints nine digits");
    let tail = Board::at(fleet.path()).run("logs -l app=web --tail 50000 -o raw");
    assert!(tail.stdout.lines().eq(texts(&log)[10_000..].iter().copied()));
}

#[test]
fn logs_that_are_merged_keep_their_own_order() {
    let logs: Vec<String> = (0..9).map(|seed| disordered(9_000, seed)).collect();
    let names: Vec<String> = (0..9).map(|seed| format!("pod-{seed}")).collect();
    let pods: Vec<(&str, &str, &str)> =
        names.iter().zip(&logs).map(|(name, log)| (name.as_str(), log.as_str(), RUNS)).collect();
    let fleet = written(&pods);
    let output = Board::at(fleet.path()).run("logs -l app=web --tail -1");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    for (name, log) in names.iter().zip(&logs) {
        let mine = output.stdout.lines().filter_map(|line| line.strip_prefix(&format!("{name} ")));
        assert!(mine.eq(texts(log)), "{name}: lines were lost, repeated or moved");
    }
}

/// A log that comes last in the merge waits on its connection, and holds up nobody.
#[test]
fn a_log_that_waits_for_its_turn_holds_up_no_other() {
    let lines = |day: u32| -> String {
        (0..20_000)
            .map(|number| {
                format!(
                    "2026-01-{day:02}T{:02}:{:02}:{:02}Z day {day} line {number} {}\n",
                    number / 3600,
                    number / 60 % 60,
                    number % 60,
                    "y".repeat(150)
                )
            })
            .collect()
    };
    let logs: Vec<String> = (1..13).rev().map(lines).collect();
    let names: Vec<String> = (0..logs.len()).map(|number| format!("pod-{number}")).collect();
    let pods: Vec<(&str, &str, &str)> =
        names.iter().zip(&logs).map(|(name, log)| (name.as_str(), log.as_str(), RUNS)).collect();
    let fleet = written(&pods);
    let output = Board::at(fleet.path()).run("logs -l app=web --tail -1 -o raw --cluster-timeout 5s");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    let all: Vec<&str> = logs.iter().rev().flat_map(|log| texts(log)).collect();
    assert!(output.stdout.lines().eq(all));
}

/// Of a container that has ended the kubelet keeps that run's log alone; in the place of the one before it says so, with 200.
#[test]
fn the_last_run_of_a_container_that_has_ended_is_its_current_log() {
    let ended = "{terminated: {exitCode: 1, reason: Error, finishedAt: '2026-01-15T09:59:30Z'}}";
    let over = format!("{{name: app, restartCount: 2, state: {ended}, lastState: {ended}}}");
    let fleet = written(&[("a", "2026-01-15T09:59:29Z FATAL it died of this\n", &over)]);
    let output = Board::at(fleet.path()).run("logs -l app=web --previous");
    check(
        &output,
        str![[r#"
a FATAL it died of this
------- stderr -------
warning: ended, so the last run is the current log: one/a/app
[exit status: 0]

"#]],
    );
}

#[test]
fn the_kubelets_words_are_told_apart_from_the_programs() {
    let gone = "unable to retrieve container logs for containerd://1f";
    let fleet = written(&[("a", gone, RUNS), ("b", "2026-01-15T09:59:29Z hello\n", RUNS)]);
    check(
        &Board::at(fleet.path()).run("logs -l app=web"),
        str![[r#"
b hello
------- stderr -------
warning: one/a/app: the kubelet says: unable to retrieve container logs for containerd://1f
[exit status: 4]

"#]],
    );
}

/// A fleet of one cluster with so many pods, each with one line.
fn crowd(pods: usize, more: &str) -> tempfile::TempDir {
    let fleet = tempfile::tempdir().expect("a directory");
    let write = |path: &str, text: &str| {
        let path = fleet.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("created");
        std::fs::write(path, text).expect("written");
    };
    write("fleet.yaml", &format!("now: 2026-01-15T10:00:00Z\nclusters:\n- {{name: one{more}}}\n"));
    let pod = |number: usize| {
        format!(
            "- {{apiVersion: v1, kind: Pod, metadata: {{name: web-{number}, namespace: shop, labels: {{app: web}}}}, \
             spec: {{nodeName: n, containers: [{{name: app}}]}}, \
             status: {{phase: Running, containerStatuses: [{{name: app, ready: true, state: {{running: {{}}}}}}]}}}}\n"
        )
    };
    let items: String = (0..pods).map(pod).collect();
    write("one/pods.yaml", &format!("apiVersion: v1\nkind: List\nitems:\n{items}"));
    for number in 0..pods {
        write(
            &format!("one/logs/shop/web-{number}/app.log"),
            &format!("2026-01-15T09:59:00Z hello {number}\n"),
        );
    }
    fleet
}

#[test]
fn logs_that_may_not_be_read_are_told_once() {
    let fleet = crowd(3, ", forbid: [pods/log]");
    let output = Board::at(fleet.path()).run("logs -l app=web");
    tells(&output, 4, &["one: 3 logs not read to the end: logs may not be read: pods \"web-"]);
    assert_eq!(output.stderr.matches("forbidden").count(), 1, "{output}");
}

/// More than a server lets flow on one connection.
#[test]
fn more_logs_are_followed_than_a_connection_carries() {
    let fleet = crowd(260, "");
    let board = Board::at(fleet.path());
    let mut command = board.command("logs -l app=web -f -o raw --max-streams 300".split(' '));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let stdout = BufReader::new(child.stdout.take().expect("piped"));
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || stdout.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let next = || lines.recv_timeout(until.saturating_duration_since(std::time::Instant::now())).ok();
    let came: std::collections::BTreeSet<String> = std::iter::from_fn(next).take(260).collect();
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert_eq!(came.len(), 260);
}

#[test]
fn times_are_kubectls_and_days() {
    let board = Board::fleet("logs");
    let lines = |command: &str| {
        let output = board.run(command);
        assert_eq!(output.code, 4, "{output}");
        output.stdout.lines().count()
    };
    assert_eq!(lines("logs web --since 0"), lines("logs web --since 2d"), "0 is no limit");
    assert_eq!(lines("logs web --since 1s"), 0);
    tells(&board.run("logs web --since-time 2026"), 2, &["expected an instant such as 2026-01-15T10:00:00Z"]);
    let events = |since: &str| Board::fleet("shop").run(&format!("events checkout --since {since} -o name"));
    assert_eq!(events("0").stdout, events("2d").stdout);
    assert!(events("30s").stdout.len() < events("2d").stdout.len());
}
