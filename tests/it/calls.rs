//! How much clusters are asked: every list once, more only where something is wrong, and that within a budget.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::fleet::{self, Size, at_once, cluster};
use crate::front::{self, is_second_phase};
use crate::support::{Board, Output, of};

/// A fleet with servers before it that take note of what they are asked.
struct Counted {
    directory: tempfile::TempDir,
    demo: Child,
    runtime: tokio::runtime::Runtime,
}

impl Counted {
    fn start(size: &Size) -> Counted {
        Counted::of(|directory| fleet::write(directory, size))
    }

    fn of(write: impl FnOnce(&Path)) -> Counted {
        let directory = tempfile::tempdir().expect("a directory");
        write(directory.path());
        let kubeconfig = directory.path().join("kubeconfig");
        let board = Board::at(directory.path());
        let mut command = board.command(["demo".as_ref(), "--write".as_ref(), kubeconfig.as_os_str()]);
        let mut demo = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(demo.stdout.as_mut().expect("piped")).read_line(&mut line).expect("it is up");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        Counted { directory, demo, runtime }
    }

    /// What each cluster was asked by a run.
    fn asked(&self, words: &str, code: i32) -> BTreeMap<String, Vec<String>> {
        self.told(words, code).0
    }

    /// The same, and what the run said.
    fn told(&self, words: &str, code: i32) -> (BTreeMap<String, Vec<String>>, Output) {
        let read = |path: &Path| std::fs::read_to_string(path).expect("readable");
        let behind = read(&self.directory.path().join("kubeconfig"));
        let front = self.runtime.block_on(front::start(&behind, None));
        let catalog = read(&self.directory.path().join("catalog.yaml"));
        let board = Board::empty().file("kubeconfig", &front.kubeconfig).file("catalog.yaml", &catalog);
        let output = board.run(&format!("{words} --kubeconfig kubeconfig --cluster-timeout 60s"));
        assert_eq!(output.code, code, "{output}");
        let asked = front.asked.lock().expect("whole").clone();
        (asked, output)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        drop(self.demo.kill());
        drop(self.demo.wait());
    }
}

/// Those that run pods, and Argo's Rollouts.
const KINDS: usize = 8;

#[track_caller]
fn each_once(paths: &[String]) {
    let different: BTreeSet<&String> = paths.iter().collect();
    assert_eq!(different.len(), paths.len(), "asked twice: {paths:#?}");
}

/// Those of them whose path, without its query, ends so.
fn count(paths: &[String], end: &str) -> usize {
    paths.iter().filter(|path| path.split('?').next().is_some_and(|place| place.ends_with(end))).count()
}

#[test]
fn status_asks_each_kind_once_however_many_services() {
    let counted =
        Counted::start(&Size { clusters: 3, services: 30, width: 3, pods: 2, bad: 1, latency: at_once });
    let asked = counted.asked("status", 3);
    assert_eq!(asked.len(), 3);
    for paths in asked.values() {
        each_once(paths);
        assert_eq!(paths.len(), KINDS + 1, "the kinds and the version: {paths:#?}");
        assert!(!paths.iter().any(|path| is_second_phase(path)), "{paths:#?}");
    }
}

/// The budget: the kinds once, the events of at most five pods alike, the logs of at most two of them.
#[test]
fn diagnose_asks_more_only_within_its_budget() {
    let counted =
        Counted::start(&Size { clusters: 4, services: 3, width: 4, pods: 9, bad: 1, latency: at_once });
    let asked = counted.asked("diagnose service-0000", 3);
    assert_eq!(asked.len(), 4);
    for (name, paths) in &asked {
        each_once(paths);
        // The ReplicaSets of the broken Deployment are read once more, with their templates: what its rollouts changed.
        let is_past = |path: &&String| path.contains("/namespaces/") && path.contains("/replicasets?");
        let past = paths.iter().filter(is_past).count();
        assert_eq!(past, usize::from(*name == cluster(0)), "{paths:#?}");
        let first = paths.iter().filter(|path| !is_second_phase(path) && !is_past(path)).count();
        assert_eq!(first, KINDS + 1, "{paths:#?}");
        assert_eq!(count(paths, "/secrets"), 0, "{paths:#?}");
        let (events, logs, nodes) =
            (count(paths, "/events"), count(paths, "/log"), count(paths, "/nodes/node-1"));
        if *name == cluster(0) {
            // Five pods, their Deployment and ReplicaSet, their autoscalers, their node.
            assert!((1..=9).contains(&events), "{paths:#?}");
            assert!((1..=2).contains(&logs), "{paths:#?}");
            // And the past of the Deployment: itself, with who edited it, and its revisions.
            assert_eq!(count(paths, "/deployments/service-0000"), 1, "{paths:#?}");
            assert!(paths.len() <= KINDS + 1 + 9 + 2 + 1 + 3 + 2, "{paths:#?}");
        } else {
            // Where it is well, what tells it from where it is not: its nodes; and its autoscalers, with what is told
            // of them, budgets and core Services, so that the answer is the same whatever else is asked about.
            assert_eq!((events, logs), (1, 0), "{paths:#?}");
            assert!(nodes <= 1 && paths.len() <= KINDS + 1 + 5, "{paths:#?}");
        }
    }
}

/// Bare pods that crash, each on a node of its own, as a scheduler of jobs leaves them behind.
fn bare_pods(directory: &Path, pods: usize) {
    let pod = |number: usize| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"task-{number}","namespace":"shop","uid":"{number}",
            "labels":{{"backstage.io/kubernetes-id":"tasks"}},"creationTimestamp":"2026-01-14T08:00:00Z"}},
            "spec":{{"nodeName":"node-{number}","containers":[{{"name":"app","image":"registry.example/task:1"}}]}},
            "status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"False","lastTransitionTime":"2026-01-15T09:40:00Z"}}],
            "containerStatuses":[{{"name":"app","image":"registry.example/task:1","restartCount":9,
            "state":{{"waiting":{{"reason":"CrashLoopBackOff"}}}},
            "lastState":{{"terminated":{{"reason":"Error","exitCode":{},"startedAt":"2026-01-15T09:57:00Z","finishedAt":"2026-01-15T09:57:03Z"}}}}}}]}}}}"#,
            if number == pods - 1 { 137 } else { 2 }
        )
    };
    let items: Vec<String> = (0..pods).map(pod).collect();
    let file = |path: &str, text: String| std::fs::write(directory.join(path), text).expect("written");
    std::fs::create_dir(directory.join("eu")).expect("made");
    file("eu/objects.json", format!(r#"{{"apiVersion":"v1","kind":"List","items":[{}]}}"#, items.join(",")));
    file("fleet.yaml", "now: 2026-01-15T10:00:00Z\nclusters:\n- name: eu\n".to_string());
    let component = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: tasks}\n\
                     spec: {type: service, lifecycle: production, owner: team-1}\n";
    file("catalog.yaml", component.to_string());
}

/// A budget is a cluster's: each of these pods is a workload of its own.
#[test]
fn a_thousand_broken_workloads_cost_a_cluster_no_more_than_some_dozens() {
    let counted = Counted::of(|directory| bare_pods(directory, 1000));
    let (asked, output) = counted.told("diagnose tasks -o json", 3);
    let paths = &asked["eu"];
    each_once(paths);
    // A log of an earlier run that is gone is asked for once more, as it is now.
    let logs: BTreeSet<&str> =
        paths.iter().filter_map(|path| path.split_once("/log?").map(|(log, _)| log)).collect();
    let (events, logs) = (count(paths, "/events"), logs.len());
    assert!((1..=4).contains(&events), "{events}: {paths:#?}");
    assert!((2..=48).contains(&logs), "{logs}: {paths:#?}");
    assert!(paths.len() <= 2 * 48 + 40, "{}: {paths:#?}", paths.len());
    assert!(
        paths.iter().any(|path| path.contains("/task-999/log")),
        "what failed otherwise is read: {paths:#?}"
    );
    let report = output.json();
    let notes = report["notes"].to_string();
    assert!(notes.contains("logs of 952 containers of 1000"), "what was not looked at is told: {notes}");
    let tasks = of(&report["items"], "service", "tasks");
    let places = tasks["findings"].as_array().expect("a list").iter().flat_map(|one| one["where"].as_array());
    let pods: BTreeSet<String> = places
        .flatten()
        .flat_map(|place| place["names"].as_array())
        .flatten()
        .map(ToString::to_string)
        .collect();
    assert_eq!(pods.len(), 1000, "every pod is diagnosed");
}
