//! A fleet that is half asleep: what is drawn while one waits, what is remembered of who could not be reached, and the line that
//! leaves it out for good.

use std::fs;
use std::time::{Duration, Instant};

use crate::guesses::deployment;
use crate::support::{Board, of, tells};
use crate::terminal::{Typist, screen_of};

/// A fleet of these clusters, each with what fleet.yaml says of it, and with a service `web` in those that answer.
fn fleet(clusters: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    settings(directory.path(), clusters);
    for (name, _) in clusters {
        let below = directory.path().join(name);
        fs::create_dir(&below).expect("created");
        fs::write(below.join("all.yaml"), deployment("shop", "web", "app: web")).expect("written");
    }
    fs::write(directory.path().join("catalog.yaml"), CATALOG).expect("written");
    directory
}

fn settings(directory: &std::path::Path, clusters: &[(&str, &str)]) {
    let entry = |(name, more): &(&str, &str)| format!("- {{name: {name}{more}}}\n");
    let entries: String = clusters.iter().map(entry).collect();
    fs::write(directory.join("fleet.yaml"), format!("clusters:\n{entries}")).expect("written");
}

const CATALOG: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\n\
    metadata: {name: web, annotations: {backstage.io/kubernetes-label-selector: app=web}}\n\
    spec: {type: service, lifecycle: production, owner: ida}\n";

/// Twenty that answer, and twenty that never do.
fn half_asleep() -> tempfile::TempDir {
    let names = (0..40).map(|number| match number % 2 {
        0 => (format!("c{number:02}"), ""),
        _ => (format!("old-{number:02}"), ", fault: blackhole"),
    });
    let names: Vec<(String, &str)> = names.collect();
    fleet(&names.iter().map(|(name, fault)| (name.as_str(), *fault)).collect::<Vec<_>>())
}

#[test]
fn rows_stand_on_the_screen_before_the_sleepers_are_given_up() {
    let directory = half_asleep();
    let mut typist = Typist::start(&Board::at(directory.path()), "status --connect-timeout 6s");
    let begun = Instant::now();
    // The table: all that has answered, while the others are waited for.
    typist.sees("20 clusters").sees("Healthy").sees("20/20").sees("20 of 40 clusters done");
    let drawn = begun.elapsed();
    assert!(drawn < Duration::from_secs(6), "drawn after {drawn:?}");
    typist.sees("silent:");
    let whole = begun.elapsed();
    assert_eq!(typist.ends(), 4, "{}", typist.screen());
    assert!(whole < Duration::from_secs(11), "whole after {whole:?}");
    let shown = screen_of(&typist.screen());
    let lines: Vec<&str> = shown.lines().collect();
    // The hint is longer than a line.
    let [header, row, summary, silent, _, hint] = lines.as_slice() else { panic!("{shown}") };
    assert!(header.starts_with("SERVICE") && row.starts_with("web"), "{shown}");
    assert!(row.contains("20 clusters  Healthy  20/20"), "{shown}");
    assert!(summary.starts_with("1 service: 1 healthy. 20 of 40 clusters answered in "), "{shown}");
    let names = "old-01, old-03, old-05, old-07, old-09, old-11, old-13, old-15 +12";
    assert_eq!(*silent, format!("silent: {names} (no connection in 6s)"), "{shown}");
    assert!(hint.ends_with("contexts: ['!old-*']"), "{shown}");
}

#[test]
fn without_a_catalog_the_services_that_are_found_stand_on_the_screen_meanwhile() {
    let directory = half_asleep();
    fs::remove_file(directory.path().join("catalog.yaml")).expect("removed");
    let mut typist = Typist::start(&Board::at(directory.path()), "status --connect-timeout 6s");
    let begun = Instant::now();
    typist.sees("SERVICE").sees("web").sees("20 of 40 clusters done");
    let drawn = begun.elapsed();
    assert!(drawn < Duration::from_secs(6), "drawn after {drawn:?}");
    assert_eq!(typist.ends(), 4, "{}", typist.screen());
    let shown = screen_of(&typist.screen());
    assert!(shown.starts_with("warning: no catalog"), "nothing else is left:\n{shown}");
    assert_eq!(shown.matches("SERVICE").count(), 1, "{shown}");
}

#[test]
fn who_could_not_be_reached_gets_less_time_and_is_found_again_at_once() {
    let (asleep, awake) = ([("eu", ""), ("us", ", fault: blackhole")], [("eu", ""), ("us", "")]);
    let directory = fleet(&asleep);
    let board = Board::at(directory.path()).variable("CALLBOARD_CACHE_DIR", "cache");
    let full = "silent: us (no connection in 3s)";
    let short = "silent: us (no connection in 1s, nor minutes ago)";
    tells(&board.run("clusters"), 4, &[full]);
    tells(&board.run("clusters"), 4, &[short]);
    tells(&board.run("status web"), 4, &[short]);
    tells(&board.run("clusters --no-cache"), 4, &[full]);
    tells(&board.run("clusters --connect-timeout 2s"), 4, &["silent: us (no connection in 2s)"]);
    settings(directory.path(), &awake);
    tells(&board.run("clusters"), 0, &["2 of 2 clusters answered"]);
    settings(directory.path(), &asleep);
    tells(&board.run("clusters"), 4, &[full]);
    let mut answers = Vec::new();
    crate::support::files_below(&board.home().join("cache/answers"), &mut answers);
    let kept: String = answers.iter().map(|file| fs::read_to_string(file).expect("read")).collect();
    assert!(kept.contains("\"containers\":[\"app\"]"), "{kept}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = fs::metadata(board.home().join("cache/lately.json")).expect("remembered");
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
}

/// A cluster that takes longer to connect than the shorter time must not be taken for asleep again and again.
#[test]
fn the_shorter_time_is_not_given_for_ever() {
    let directory = fleet(&[("eu", ""), ("us", ", fault: blackhole")]);
    let board = Board::at(directory.path()).variable("CALLBOARD_CACHE_DIR", "cache");
    let remembered = || fs::read_to_string(board.home().join("cache/lately.json")).expect("remembered");
    tells(&board.run("clusters"), 4, &["no connection in 3s)"]);
    let first = remembered();
    tells(&board.run("clusters"), 4, &["no connection in 1s, nor minutes ago"]);
    assert_eq!(remembered(), first, "the shorter time proves nothing new");
    let then = regex::Regex::new(r#"\d{4}-\d\d-\d\dT[^"]*"#).expect("a pattern");
    let earlier = jiff_minutes_ago(6);
    fs::write(board.home().join("cache/lately.json"), then.replace(&first, earlier.as_str()).as_ref())
        .expect("written");
    tells(&board.run("clusters"), 4, &["no connection in 3s)"]);
}

fn jiff_minutes_ago(minutes: u64) -> String {
    let output = std::process::Command::new("date")
        .args(["-u", "-d", &format!("{minutes} minutes ago"), "+%Y-%m-%dT%H:%M:%SZ"])
        .output()
        .expect("date runs");
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

#[test]
fn without_a_catalog_the_sleepers_are_waited_for_once() {
    let directory = fleet(&[("eu", ""), ("us", ", fault: blackhole"), ("ap", ", fault: tls-hang")]);
    fs::remove_file(directory.path().join("catalog.yaml")).expect("removed");
    let board = Board::at(directory.path());
    let begun = Instant::now();
    let output = board.run("status --connect-timeout 6s");
    let took = begun.elapsed();
    tells(&output, 4, &["silent: us, ap (no connection in 6s)"]);
    assert!(output.stdout.contains("Healthy"), "{output}");
    assert!(took < Duration::from_secs(11), "it took {took:?}");
}

#[test]
fn optional_takes_patterns() {
    let down = ", fault: refused";
    let directory = fleet(&[("eu", ""), ("old-1", down), ("old-2", down), ("lab", "")]);
    let config =
        "clusters:\n- {name: 'old-*', optional: true, labels: {tier: old}}\n- {name: old-2, alias: two}\n";
    fs::write(directory.path().join("config.yaml"), config).expect("written");
    let board = Board::at(directory.path());
    tells(&board.run("status"), 0, &["silent: old-1 [optional], two [optional] (connection refused)"]);
    tells(&board.run("clusters --cluster-selector tier=old -o name"), 0, &[]);
    assert_eq!(board.run("clusters --cluster-selector tier=old -o name").stdout, "old-1\ntwo\n");
    let alias = board.file("alias.yaml", "clusters: [{name: 'old-*', alias: old}]\n");
    let told = "clusters: the alias \"old\" is not used, old-* may be several clusters";
    tells(&alias.run("status --config alias.yaml"), 4, &[told]);
}

#[test]
fn many_that_cannot_be_reached_come_with_the_line_that_leaves_them_out() {
    let down = ", fault: refused";
    let clusters =
        [("eu", ""), ("old-1", down), ("old-2", down), ("old-eu", down), ("new-old", ""), ("lab", down)];
    let directory = fleet(&clusters);
    let board = Board::at(directory.path());
    let output = board.run("status");
    tells(
        &output,
        4,
        &[
            "hint: 4 clusters cannot be reached; if that is for good, leave them out in [HOME]/.config/callboard/config.yaml: contexts: ['!old-*', '!lab']",
        ],
    );
    let line = output.stderr.split(".yaml: ").nth(1).expect("a line").lines().next().expect("a line");
    let board = board.file("config.yaml", &format!("{line}\n"));
    let output = board.run("clusters --config config.yaml -o name");
    assert_eq!(output.stdout, "eu\nnew-old\n", "{output}");
    assert!(!board.run("clusters --context '*'").stderr.contains("hint:"), "a choice was made");
    settings(directory.path(), &clusters.map(|(name, _)| (name, down)));
    assert!(!board.run("clusters").stderr.contains("contexts:"), "nobody answers: it is the network");
}

#[test]
fn a_broken_context_that_nobody_asked_for_is_told_once_a_day_and_stands_in_clusters() {
    let kubeconfig = "apiVersion: v1\nkind: Config\nclusters:\n- {name: one, cluster: {server: 'https://127.0.0.1:1'}}\n\
        users:\n- {name: me, user: {token: t}}\ncontexts:\n- {name: one, context: {cluster: one, user: me}}\n\
        - {name: ghost, context: {cluster: nope, user: me}}\n";
    let board = Board::empty().file(".kube/config", kubeconfig).file("catalog.yaml", CATALOG);
    let warning = "warning: [HOME]/.kube/config: context \"ghost\" names cluster \"nope\"";
    let first = board.run("status");
    tells(&first, 4, &[warning]);
    for words in ["status", "clusters", "why", "status --context one"] {
        let again = board.run(words);
        assert!(!again.stderr.contains("warning"), "{words}: {again}");
    }
    tells(&board.run("status --context ghost,one"), 4, &[warning]);
    tells(&board.run("status --no-cache"), 4, &[warning]);
    let clusters = board.run("clusters");
    let row = clusters.stdout.lines().find(|line| line.starts_with("ghost"));
    assert!(row.is_some_and(|row| row.contains("broken") && row.contains("nope")), "{clusters}");
    let json = board.run("clusters -o json").json();
    assert_eq!(json["items"][1]["state"], "broken");
    assert_eq!(json["items"][1]["name"], "ghost");
    assert!(!board.run("clusters --context one").stdout.contains("ghost"));
}

/// Only the namespaces that one may read are known there, and other clusters tell which they are.
#[test]
fn a_cluster_that_refuses_lists_is_asked_where_services_were_found_elsewhere() {
    let refusing = ", forbid: ['*'], namespaces: [shop]";
    let directory = fleet(&[("eu", ""), ("us", refusing)]);
    let board = Board::at(directory.path());
    let output = board.run("status");
    // What is seen there is a part: the verdict stays open.
    let report = board.run("status -o json").json();
    let cells = &report["items"][0]["clusters"];
    let there = of(cells, "cluster", "us");
    assert_eq!((&there["health"], &there["reason"]), (&"Unknown".into(), &"forbidden".into()), "{cells}");
    assert_eq!(there["workloads"][0]["name"], "web", "{cells}");
    tells(&output, 4, &["partial: us (forbidden outside namespace shop: "]);
    assert_eq!(output.stderr.matches("forbidden").count(), 1, "it is said once: {output}");
    for words in ["why web", "compare web", "top web", "events web", "logs web"] {
        assert!(board.run(words).stderr.contains("outside namespace shop"), "{words}: {}", board.run(words));
    }
    // Where nobody else tells, nothing is guessed.
    settings(directory.path(), &[("eu", ", fault: refused"), ("us", refusing)]);
    tells(&board.run("status"), 4, &["us (forbidden: nothing may be listed)"]);
}
