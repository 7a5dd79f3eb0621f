//! Servers that lie, stumble or crawl: such a cluster is partial or silent with its reason, and no row is wrong.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{Board, HELLO, of};

/// A fleet of `bad`, with a fault, and `good`; both run the same Deployment.
fn faulty(fault: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets/tiny/solo/hello/hello.yaml");
    for name in ["bad", "good"] {
        fs::create_dir(directory.path().join(name)).expect("created");
        fs::copy(&tiny, directory.path().join(name).join("hello.yaml")).expect("copied");
    }
    let settings =
        format!("now: 2026-01-15T10:00:00Z\nclusters:\n- {{name: bad, fault: {fault}}}\n- name: good\n");
    fs::write(directory.path().join("fleet.yaml"), settings).expect("written");
    let placed = HELLO
        .replace("name: hello", "name: hello, annotations: {backstage.io/kubernetes-cluster: 'bad,good'}");
    fs::write(directory.path().join("catalog.yaml"), placed).expect("written");
    directory
}

/// The bad cluster is silent with the reason, its row Unknown with the same, and the good one is as it is.
#[track_caller]
fn silences(fault: &str, reason: &str) {
    let directory = faulty(fault);
    let words = "status -o json --connect-timeout 1s --cluster-timeout 3s";
    let started = Instant::now();
    let output = Board::at(directory.path()).run(words);
    assert!(started.elapsed() < Duration::from_secs(20), "{fault} took {:?}", started.elapsed());
    assert_eq!(output.code, 4, "{fault}\n{output}");
    let report = output.json();
    let bad = of(&report["clusters"], "name", "bad");
    assert_eq!((&bad["state"], &bad["reason"]), (&"silent".into(), &reason.into()), "{fault}: {bad}");
    assert!(bad["message"].as_str().is_some_and(|text| text.len() > 5 && text.len() < 400), "{fault}: {bad}");
    let cells = &report["items"][0]["clusters"];
    assert_eq!(of(cells, "cluster", "bad")["health"], "Unknown", "{fault}");
    assert_eq!(of(cells, "cluster", "bad")["reason"], reason, "{fault}");
    assert_eq!(of(cells, "cluster", "good")["health"], "Healthy", "{fault}");
    assert_eq!(of(&report["clusters"], "name", "good")["state"], "answered", "{fault}");
}

#[test]
fn a_server_that_cannot_be_reached() {
    silences("dns", "unreachable");
    silences("refused", "unreachable");
    silences("blackhole", "unreachable");
}

/// That nothing carries a label is known of clusters that answered, and of no other.
#[test]
fn no_logs_of_a_silent_cluster_are_no_absence() {
    let directory = faulty("refused");
    let output = Board::at(directory.path()).run("logs hello --context bad");
    assert_eq!(output.code, 4, "{output}");
    assert!(output.stderr.contains("no logs: no cluster answered"), "{output}");
    assert!(!output.stderr.contains("no pod carries"), "{output}");
}

#[test]
fn a_server_that_says_nothing_or_crawls() {
    silences("hang", "timedOut");
    silences("tls-hang", "unreachable");
}

#[test]
fn a_server_whose_certificate_is_not_to_be_trusted() {
    silences("cert-expired", "certificate");
    silences("cert-unknown", "certificate");
    silences("cert-name", "certificate");
}

#[test]
fn a_server_that_refuses_or_fails() {
    silences("'401'", "unauthorized");
    silences("'500'", "server");
    silences("'503'", "server");
    silences("'429'", "server");
}

#[test]
fn a_server_that_sends_something_else() {
    silences("redirect", "protocol");
    silences("html", "protocol");
    silences("garbage", "protocol");
    silences("close", "protocol");
}

/// What arrived is kept, what did not is a gap, and a row that it leaves open is Unknown: never wrong.
#[track_caller]
fn never_wrong(fault: &str) {
    let directory = faulty(fault);
    let words = "status -o json --connect-timeout 1s --cluster-timeout 3s";
    let output = Board::at(directory.path()).run(words);
    assert_eq!(output.code, 4, "{fault}\n{output}");
    let report = output.json();
    let bad = of(&report["clusters"], "name", "bad");
    assert_ne!(bad["state"], "answered", "{fault}: {bad}");
    let cells = &report["items"][0]["clusters"];
    assert_eq!(of(cells, "cluster", "bad")["health"], "Unknown", "{fault}: {cells}");
    assert_eq!(of(cells, "cluster", "good")["health"], "Healthy", "{fault}");
}

#[test]
fn an_answer_that_is_cut_short_is_never_a_wrong_row() {
    for fault in ["truncated", "gzip-truncated", "wrong-kind", "drip"] {
        never_wrong(fault);
        never_wrong(&format!("{{id: {fault}, kinds: [pods]}}"));
    }
}

/// 410 while paging: the list begins anew, and where that never ends well, it is a gap.
#[test]
fn a_list_that_expires_while_it_is_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let paged = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets/paged");
    for path in ["catalog.yaml", "big"] {
        std::os::unix::fs::symlink(paged.join(path), directory.path().join(path)).expect("linked");
    }
    fs::write(directory.path().join("fleet.yaml"), "clusters: [{name: big, fault: gone}]\n")
        .expect("written");
    let output = Board::at(directory.path()).run("status -o json");
    let report = output.json();
    let pods = report["items"][0]["clusters"][0]["workloads"][0]["pods"].as_array().map_or(0, Vec::len);
    let whole = pods == 1200 && report["clusters"][0]["state"] == "answered";
    let told = report["clusters"][0]["state"] != "answered" && output.code != 0;
    assert!(whole || told, "neither whole nor told: {pods} pods, {}", report["clusters"][0]);
}

/// Names and messages of a cluster hold what a cluster likes; none of it reaches a terminal raw.
#[test]
fn control_characters_of_a_cluster_stay_harmless() {
    let directory = tempfile::tempdir().expect("a directory");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: evil, namespace: shop, labels: {backstage.io/kubernetes-id: hello}}\n\
               spec: {containers: [{name: app, image: evil}]}\n\
               status: {phase: Failed, reason: \"Evil\\e[2J\", message: \"\\e]0;owned\\a\\u202e\\r\\nfake row\"}\n";
    fs::create_dir(directory.path().join("one")).expect("created");
    fs::write(directory.path().join("one/pod.yaml"), pod).expect("written");
    fs::write(directory.path().join("catalog.yaml"), HELLO).expect("written");
    let board = Board::at(directory.path());
    for format in ["table", "wide", "markdown", "html", "name"] {
        let output = board.run(&format!("status -o {format}"));
        let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(
            !output.stdout.contains(raw) && !output.stderr.contains(raw),
            "{format}: {:?}",
            output.stdout
        );
        assert_eq!(output.code, 3, "{output}");
    }
    assert_eq!(board.run("status").stdout.lines().count(), 2, "one row is one line");
    let report = board.run("status -o json").json();
    assert_eq!(report["items"][0]["health"], "Degraded");
}
