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
catalog: the demo fleet's
configuration: the demo fleet
kubeconfig: demo
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
