//! Ctrl-C, SIGTERM, SIGHUP: what has arrived is printed, and nothing is left behind.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::stand_in::StandIn;
use crate::support::{Board, HELLO, of, tells};

fn send(signal: &str, child: &mut Child) {
    let kill = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success(), "it has ended before: {:?}", child.try_wait());
}

/// Waits until a run can do nothing but wait: none of its threads works, for a second on end. A machine that is busy with
/// other things takes its time to come there.
fn awaits(child: &Child) {
    if !cfg!(target_os = "linux") {
        return std::thread::sleep(Duration::from_millis(2000));
    }
    let threads = format!("/proc/{}/task", child.id());
    let is_asleep = |thread: std::fs::DirEntry| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, fields)| fields.starts_with('S'))
    };
    let waits = || {
        let threads: Vec<_> = std::fs::read_dir(&threads).expect("it runs").flatten().collect();
        threads.len() > 1 && threads.into_iter().all(is_asleep)
    };
    let (since, mut quiet) = (Instant::now(), 0);
    while quiet < 20 && since.elapsed() < Duration::from_secs(60) {
        quiet = if waits() { quiet + 1 } else { 0 };
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Starts a run that one hanging cluster would keep for long, and sends it a signal.
fn signalled(words: &str, signal: &str) -> (std::process::Output, Duration) {
    let board = Board::fleet("silent");
    let mut command = board.command(words.split_whitespace());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    awaits(&child);
    let pressed = Instant::now();
    send(signal, &mut child);
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

fn interrupted(words: &str) -> (std::process::Output, Duration) {
    signalled(words, "INT")
}

/// `timeout 2 callboard status` sends SIGTERM; a terminal that is closed sends SIGHUP.
#[test]
fn every_signal_that_ends_a_run_prints_what_has_arrived() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let (output, took) = signalled("status -o json --cluster-timeout 60s", signal);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(took < Duration::from_secs(5), "it took {took:?}");
        let report: Value = serde_json::from_slice(&output.stdout).expect("whole JSON");
        assert_eq!(report["complete"], false);
        let cells = &report["items"][0]["clusters"];
        assert_eq!(of(cells, "cluster", "well-1")["health"], "Healthy");
        assert_eq!(of(cells, "cluster", "hang-1")["reason"], "interrupted");
        assert_eq!(of(&report["clusters"], "name", "refused-1")["reason"], "unreachable");
    }
}

/// What asks clusters a second time: events and logs of what is broken, ConfigMaps of what is compared.
#[test]
fn a_signal_ends_the_second_questions_too() {
    // Events are asked for only after the pods were seen.
    let fleet = hanging("events");
    let board = Board::at(fleet.path());
    let mut command = board.command("diagnose hello -o json --cluster-timeout 60s".split(' '));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    awaits(&child);
    let pressed = Instant::now();
    send("TERM", &mut child);
    let output = child.wait_with_output().expect("it ends");
    assert!(pressed.elapsed() < Duration::from_secs(5), "it took {:?}", pressed.elapsed());
    let output = board.told(&output);
    tells(&output, 143, &[]);
    let report: Value = serde_json::from_str(&output.stdout).expect("whole JSON");
    assert_eq!(report["complete"], false, "{output}");
    assert!(report["notes"][0].as_str().is_some_and(|note| note.starts_with("asked to end")), "{output}");
    assert_eq!(report["items"][0]["health"], "Degraded", "{output}");
}

/// Whoever reads the answer has stopped reading: the first signal may have to wait for that, the second does not.
#[test]
fn a_second_signal_ends_the_run_at_once() {
    let server = StandIn::start();
    server.runs("a");
    for line in 0..20_000 {
        server.writes("a", 1000, &format!("{line} {}", "x".repeat(100)));
    }
    let board = Board::empty().file("kubeconfig", &server.kubeconfig());
    let words = "logs -l app=web -n shop --kubeconfig kubeconfig -o raw --tail -1";
    let mut child = board.command(words.split(' ')).stdout(Stdio::piped()).spawn().expect("it starts");
    awaits(&child);
    assert!(child.try_wait().expect("asked").is_none(), "it waits for its reader");
    send("TERM", &mut child);
    std::thread::sleep(Duration::from_millis(100));
    let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    let since = Instant::now();
    let code = loop {
        if let Some(status) = child.try_wait().expect("asked") {
            break status.code();
        }
        assert!(since.elapsed() < Duration::from_secs(5), "it still waits for its reader");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(code, Some(143));
}

/// A credential plugin and what it started end with the run.
#[test]
fn children_end_with_the_run() {
    let board = Board::empty().file("catalog.yaml", HELLO);
    let late = board.home().join("late");
    let script = format!("(sleep 4; echo late > '{}') & sleep 20", late.display());
    let kubeconfig = format!(
        "clusters: [{{name: c, cluster: {{server: 'http://127.0.0.1:1'}}}}]\ncontexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n\
         users:\n- name: u\n  user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, args: [-c, {script:?}]}}}}\n"
    );
    let board =
        board.file("kubeconfig", &kubeconfig).variable("PATH", std::env::var("PATH").expect("a path"));
    let words = ["status", "--kubeconfig", "kubeconfig"];
    let mut child =
        board.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    awaits(&child);
    send("HUP", &mut child);
    assert_eq!(child.wait().expect("it ends").code(), Some(129));
    std::thread::sleep(Duration::from_secs(4));
    assert!(!late.exists(), "the plugin's child lives on");
}

/// Who starts a run with `nohup` wants it to outlive the terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_was_ignored_from_the_start_stays_so() {
    let board = Board::fleet("tiny");
    let binary = env!("CARGO_BIN_EXE_callboard");
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" --demo demo --write demo.yaml", binary]);
    command.current_dir(board.home()).env("HOME", board.home());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
    send("HUP", &mut child);
    std::thread::sleep(Duration::from_millis(700));
    assert!(child.try_wait().expect("asked").is_none(), "it ended");
    send("TERM", &mut child);
    assert_eq!(child.wait().expect("it ends").code(), Some(143));
}

/// Two clusters with the same crashing pod; of one, questions for some kinds are never answered.
fn hanging(kinds: &str) -> tempfile::TempDir {
    let fleet = tempfile::tempdir().expect("a fleet");
    let write = |path: &str, text: &str| {
        let path = fleet.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write("catalog.yaml", HELLO);
    let kinds = if kinds.is_empty() { String::new() } else { format!(", kinds: [{kinds}]") };
    write("fleet.yaml", &format!("clusters:\n- {{name: hang-1, fault: {{id: hang{kinds}}}}}\n"));
    for cluster in ["well-1", "hang-1"] {
        write(
            &format!("{cluster}/pod.yaml"),
            "apiVersion: v1\nkind: Pod\nmetadata: {name: hello, namespace: shop, labels: {backstage.io/kubernetes-id: hello}, creationTimestamp: 2026-01-15T08:00:00Z}\n\
             spec: {nodeName: n, containers: [{name: app, image: web, envFrom: [{configMapRef: {name: settings}}]}]}\n\
             status: {phase: Running, conditions: [{type: Ready, status: 'False', lastTransitionTime: 2026-01-15T08:00:00Z}], containerStatuses: [{name: app, image: web, ready: false, restartCount: 9, \
             state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1, reason: Error, finishedAt: 2026-01-15T09:59:00Z}}}]}\n",
        );
    }
    fleet
}

/// Every command that asks, held up in each of its phases: by its first question, by its first lists, by what it asks where something
/// is wrong or compared, and by what flows for ever.
const HELD_UP: &[(&str, &[&str])] = &[
    ("status", &["", "pods", "deployments"]),
    ("status -w", &["", "pods", "deployments"]),
    ("show hello", &["", "pods", "services", "replicasets"]),
    ("diagnose hello", &["", "pods", "events", "nodes", "configmaps", "horizontalpodautoscalers"]),
    ("diagnose", &["", "events", "nodes"]),
    ("why", &["events"]),
    ("compare hello", &["", "pods", "configmaps", "nodes"]),
    ("events hello", &["", "pods", "events"]),
    ("changes hello", &["", "pods", "replicasets", "configmaps"]),
    ("events hello -w", &["", "events", "nodes"]),
    ("top hello", &["", "pods"]),
    ("logs hello", &["", "pods"]),
    ("logs hello -f", &["", "pods", "nodes"]),
    ("clusters", &[""]),
];

#[test]
fn ctrl_c_ends_every_command_in_every_phase() {
    let held = |words: &'static str, kinds: &'static str| {
        let fleet = hanging(kinds);
        let is_document = !words.starts_with("logs") && !words.ends_with("-w");
        let format = if is_document { " -o json" } else { "" };
        let board = Board::at(fleet.path());
        let mut command = board.command(format!("{words}{format} --cluster-timeout 60s").split(' '));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        awaits(&child);
        let pressed = Instant::now();
        send("INT", &mut child);
        let output = board.told(&child.wait_with_output().expect("it ends"));
        let case = format!("{words}, {kinds:?} hang\n{output}");
        assert!(pressed.elapsed() < Duration::from_secs(5), "it took {:?}: {case}", pressed.elapsed());
        tells(&output, 130, &[]);
        if is_document {
            let report: Value = serde_json::from_str(&output.stdout).expect(&case);
            let is_silent = |cluster: &Value| cluster["reason"] == "interrupted";
            let clusters = if words == "clusters" { &report["items"] } else { &report["clusters"] };
            let known = clusters.as_array().is_some_and(|list| list.iter().any(is_silent));
            assert!(report["complete"] == false && (known || !report["notes"][0].is_null()), "{case}");
        }
    };
    for (words, kinds) in HELD_UP {
        std::thread::scope(|scope| kinds.iter().for_each(|kinds| drop(scope.spawn(|| held(words, kinds)))));
    }
}

#[test]
fn ctrl_c_shows_what_has_arrived() {
    let (table, _) = interrupted("status --cluster-timeout 60s");
    assert_eq!(table.status.code(), Some(130));
    let text = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(text.contains("well-1") && text.contains("Healthy"), "{text}");
    let (clusters, took) = interrupted("clusters --cluster-timeout 60s");
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
