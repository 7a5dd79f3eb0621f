//! `logs` as people and scripts see it: one order over all clusters, what is chosen, what is said of the rest.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;
use snapbox::str;

use crate::support::{Board, check, says, tells};
use crate::terminal;

#[test]
fn lines_of_all_clusters_are_in_one_order() {
    says(
        "logs",
        "logs web",
        str![[r#"
eu-1/web-a/app starting
eu-1/web-a/app GET /cart 200
eu-1/web-b starting
eu-1/web-b FATAL no configuration
us-1/web-a starting
eu-1/web-a/app ERROR upstream timed out
eu-1/web-a/proxy ERROR 504 /cart
eu-1/web-a/proxy   at one
us-1/web-a GET /cart 200
eu-1/web-a/app title �]0;owned� bell
eu-1/web-a/proxy GET /healthz 200
------- stderr -------
silent: dark-1 (connection refused)
[exit status: 4]

"#]],
    );
}

#[test]
fn times_may_stand_before_the_lines() {
    says(
        "logs",
        "logs web --timestamps --context us-1",
        str![[r#"
web-a 2026-01-15T09:58:40.000000000Z starting
web-a 2026-01-15T09:59:30.500000000Z GET /cart 200
[exit status: 0]

"#]],
    );
}

#[test]
fn lines_are_chosen_by_time() {
    says(
        "logs",
        "logs web --since 30s",
        str![[r#"
us-1/web-a GET /cart 200
eu-1/web-a/app title �]0;owned� bell
eu-1/web-a/proxy GET /healthz 200
------- stderr -------
silent: dark-1 (connection refused)
[exit status: 4]

"#]],
    );
    says(
        "logs",
        "logs web --since-time 2026-01-15T09:59:30.2Z -o raw --exclude title",
        str![[r#"
GET /cart 200
GET /healthz 200
------- stderr -------
silent: dark-1 (connection refused)
[exit status: 4]

"#]],
    );
    says(
        "logs",
        "logs web --tail 1",
        str![[r#"
eu-1/web-b FATAL no configuration
us-1/web-a GET /cart 200
eu-1/web-a/app title �]0;owned� bell
eu-1/web-a/proxy GET /healthz 200
------- stderr -------
silent: dark-1 (connection refused)
[exit status: 4]

"#]],
    );
}

#[test]
fn lines_are_chosen_by_what_they_say() {
    says(
        "logs",
        "logs web --grep ^ERROR --grep FATAL --exclude 504",
        str![[r#"
eu-1/web-b FATAL no configuration
eu-1/web-a/app ERROR upstream timed out
------- stderr -------
silent: dark-1 (connection refused)
[exit status: 4]

"#]],
    );
    says(
        "logs",
        "logs web --grep nowhere",
        str![[r#"
------- stderr -------
warning: no lines that match in 4 logs of 3 pods
silent: dark-1 (connection refused)
[exit status: 4]

"#]],
    );
}

#[test]
fn containers_are_chosen_by_name_and_health() {
    says(
        "logs",
        "logs web -c p* --context eu-1",
        str![[r#"
web-a/proxy ERROR 504 /cart
web-a/proxy   at one
web-a/proxy GET /healthz 200
[exit status: 0]

"#]],
    );
    says(
        "logs",
        "logs web --container sidecar",
        str![[r#"
------- stderr -------
warning: no logs: no container of 4 pods has such a name; there are app, proxy
silent: dark-1 (connection refused)
[exit status: 4]

"#]],
    );
    says(
        "logs",
        "logs --unhealthy",
        str![[r#"
eu-1/web-b starting
eu-1/web-b FATAL no configuration
------- stderr -------
silent: dark-1 (connection refused)
[exit status: 4]

"#]],
    );
    says(
        "logs",
        "logs web --unhealthy --context us-1",
        str![[r#"
------- stderr -------
warning: no logs: 1 pod, none of them unhealthy
[exit status: 0]

"#]],
    );
    says(
        "logs",
        "logs -l backstage.io/kubernetes-id=web -n shop --context us-1 --tail 1",
        str![[r#"
web-a GET /cart 200
[exit status: 0]

"#]],
    );
}

#[test]
fn a_previous_run_or_the_current_one() {
    says(
        "logs",
        "logs web -p",
        str![[r#"
us-1/web-a starting
eu-1/web-b starting
us-1/web-a FATAL out of patience
eu-1/web-b FATAL no configuration
------- stderr -------
warning: 2 containers that never failed left out; without --previous they are read too
silent: dark-1 (connection refused)
[exit status: 4]

"#]],
    );
}

#[test]
fn where_nothing_has_an_earlier_run_the_current_ones_are_read() {
    says(
        "logs",
        "logs web -p -c proxy --tail 1",
        str![[r#"
eu-1/web-a/proxy GET /healthz 200
------- stderr -------
warning: no previous run, so this is the current log: eu-1/web-a/proxy
silent: dark-1 (connection refused)
[exit status: 4]

"#]],
    );
}

#[test]
fn json_is_an_object_a_line() {
    says(
        "logs",
        "logs web -o json --tail 1",
        str![[r#"
{"time":"2026-01-15T09:58:30Z","cluster":"eu-1","namespace":"shop","pod":"web-b","container":"app","line":"FATAL no configuration"}
{"time":"2026-01-15T09:59:30.5Z","cluster":"us-1","namespace":"shop","pod":"web-a","container":"app","line":"GET /cart 200"}
{"time":"2026-01-15T09:59:40Z","cluster":"eu-1","namespace":"shop","pod":"web-a","container":"app","line":"title \u001b]0;owned\u0007 bell"}
{"time":"2026-01-15T09:59:50Z","cluster":"eu-1","namespace":"shop","pod":"web-a","container":"proxy","line":"GET /healthz 200"}
------- stderr -------
silent: dark-1 (connection refused)
[exit status: 4]

"#]],
    );
    let lines = Board::fleet("logs").run("logs web -o json").stdout;
    let objects: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    assert_eq!(objects.len(), 11);
    // What a person must not see raw, a program gets whole.
    let owned =
        objects.iter().filter_map(|object| object["line"].as_str()).find(|line| line.contains("owned"));
    assert_eq!(owned, Some("title \u{1b}]0;owned\u{7} bell"));
}

#[test]
fn nothing_steers_a_terminal() {
    let board = Board::fleet("logs").variable("NO_COLOR", "1");
    let raw = board.run("logs web --context eu-1 -o raw --grep owned");
    assert_eq!(raw.stdout, "title \u{1b}]0;owned\u{7} bell\n", "{raw}");
    for words in
        ["logs web --context eu-1 -o raw", "logs web --context eu-1", "logs web -o json --context eu-1"]
    {
        let seen = terminal::run(&board, 80, words);
        assert!(seen.stdout.contains("owned"), "{seen}");
        assert!(!seen.stdout.contains(['\u{1b}', '\u{7}']), "{seen}");
    }
}

#[test]
fn clusters_have_colours_on_a_terminal() {
    let seen = terminal::run(&Board::fleet("logs").variable("TERM", "xterm"), 80, "logs web --tail 1");
    assert!(seen.stdout.contains("\u{1b}[36meu-1/web-a/proxy\u{1b}[0m GET"), "{seen}");
    assert!(seen.stdout.contains("\u{1b}[32mus-1/web-a\u{1b}[0m GET"), "{seen}");
}

#[test]
fn too_many_streams_are_refused_and_none_is_dropped() {
    says(
        "logs",
        "logs web --max-streams 3",
        str![[r#"
------- stderr -------
error: 4 containers in 3 pods and 2 clusters have logs, more than --max-streams 3
hint: choose fewer with --context, -c, --unhealthy or a service's name, or raise --max-streams
[exit status: 2]

"#]],
    );
    assert_eq!(Board::fleet("logs").run("logs web --max-streams 4 --exit-zero").code, 0);
}

#[test]
fn what_has_no_logs_is_told() {
    says(
        "logs",
        "logs quiet",
        str![[r#"
------- stderr -------
warning: no logs: no pod carries backstage.io/kubernetes-id=quiet in namespace shop, in eu-1, us-1
silent: dark-1 (connection refused)
[exit status: 4]

"#]],
    );
    check(
        &Board::fleet("logs").run("logs web -v -c app --tail 0 --context eu-1"),
        str![[r#"
------- stderr -------
no log of eu-1/web-c/app: ImagePullBackOff
warning: no lines in 2 logs of 2 pods
[exit status: 0]

"#]],
    );
}

#[test]
fn a_call_that_makes_no_sense_is_refused() {
    let board = Board::fleet("logs");
    tells(&board.run("logs"), 2, &["which service?", "--unhealthy"]);
    tells(&board.run("logs web --grep ("), 2, &["--grep", "unclosed group"]);
    tells(&board.run("logs web --since 10"), 2, &["--since", "10m"]);
    tells(&board.run("logs web --tail -2"), 2, &["--tail"]);
    tells(&board.run("logs web -f --previous"), 2, &["cannot be used with"]);
    tells(&board.run("logs webb"), 1, &["no service \"webb\"", "did you mean web?"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let board = Board::demo();
    let mut command = board.command("logs checkout cart search --tail -1".split(' '));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut first = String::new();
    let mut stdout = BufReader::with_capacity(64, child.stdout.take().expect("piped"));
    stdout.read_line(&mut first).expect("a line");
    drop(stdout);
    let output = board.told(&child.wait_with_output().expect("it ends"));
    assert!(first.contains("/"), "{first}");
    assert!(output.code == 0 || output.code == 4, "{output}");
    assert!(!output.stderr.contains("error"), "{output}");
}

#[test]
fn the_demo_has_logs() {
    let output = Board::demo().run("logs checkout --previous --tail 1 --context us-east-1");
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(output.stdout.lines().filter(|line| line.contains("TAX_RATES_URL")).count(), 6, "{output}");
}

#[test]
fn long_logs_come_whole_and_in_order() {
    let fleet = tempfile::tempdir().expect("a directory");
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets/logs");
    let pods = std::fs::read_to_string(source.join("us-1/shop/pods.yaml")).expect("read");
    let write = |path: &str, text: &str| {
        let path = fleet.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("created");
        std::fs::write(path, text).expect("written");
    };
    write("fleet.yaml", "now: 2026-01-15T10:00:00Z\n");
    write("one/pods.yaml", &format!("{pods}---\n{}", pods.replace("web-a", "web-b")));
    // Two pods write in turn, the first of them for a while much in one second.
    let mut logs = [String::new(), String::new()];
    for number in 0..60_000 {
        let (second, pod) = (if number < 50_000 { number / 25_000 } else { number / 500 }, number % 2);
        let time = format!("2026-01-15T09:{:02}:{:02}.{:06}Z", second / 60, second % 60, number);
        logs[pod] += &format!("{time} line {number} {}\n", "x".repeat(150));
    }
    write("one/logs/shop/web-a/app.log", &logs[0]);
    write("one/logs/shop/web-b/app.log", &logs[1]);
    let output = Board::at(fleet.path()).run("logs -l backstage.io/kubernetes-id=web --tail -1 -o raw");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    let numbers = output.stdout.lines().filter_map(|line| line.split(' ').nth(1)?.parse().ok());
    assert_eq!(numbers.collect::<Vec<usize>>(), (0..60_000).collect::<Vec<usize>>());
}

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
