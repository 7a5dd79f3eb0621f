//! How much clusters are asked: every list once, more only where something is wrong, and that within a budget.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::fleet::{self, Size, cluster};
use crate::front::{self, is_second_phase};
use crate::support::Board;

/// A fleet with servers before it that take note of what they are asked.
struct Counted {
    directory: tempfile::TempDir,
    demo: Child,
    runtime: tokio::runtime::Runtime,
}

impl Counted {
    fn start(size: &Size) -> Counted {
        let directory = tempfile::tempdir().expect("a directory");
        fleet::write(directory.path(), size);
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
        let read = |path: &Path| std::fs::read_to_string(path).expect("readable");
        let behind = read(&self.directory.path().join("kubeconfig"));
        let front = self.runtime.block_on(front::start(&behind, None));
        let catalog = read(&self.directory.path().join("catalog.yaml"));
        let board = Board::empty().file("kubeconfig", &front.kubeconfig).file("catalog.yaml", &catalog);
        let output = board.run(&format!("{words} --kubeconfig kubeconfig --cluster-timeout 60s"));
        assert_eq!(output.code, code, "{output}");
        front.asked.lock().expect("whole").clone()
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
    let counted = Counted::start(&Size { clusters: 3, services: 30, width: 3, pods: 2, bad: 1 });
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
    let counted = Counted::start(&Size { clusters: 4, services: 3, width: 4, pods: 9, bad: 1 });
    let asked = counted.asked("diagnose service-0000", 3);
    assert_eq!(asked.len(), 4);
    for (name, paths) in &asked {
        each_once(paths);
        assert_eq!(paths.iter().filter(|path| !is_second_phase(path)).count(), KINDS + 1, "{paths:#?}");
        assert_eq!(count(paths, "/secrets"), 0, "{paths:#?}");
        let (events, logs, nodes) =
            (count(paths, "/events"), count(paths, "/log"), count(paths, "/nodes/node-1"));
        if *name == cluster(0) {
            // Five pods, their Deployment and ReplicaSet, their autoscalers, their node.
            assert!((1..=9).contains(&events), "{paths:#?}");
            assert!((1..=2).contains(&logs), "{paths:#?}");
            assert!(paths.len() <= KINDS + 1 + 9 + 2 + 1 + 3, "{paths:#?}");
        } else {
            // Where it is well, what tells it from where it is not: its nodes; and its autoscalers, with what is told
            // of them, budgets and core Services, so that the answer is the same whatever else is asked about.
            assert_eq!((events, logs), (1, 0), "{paths:#?}");
            assert!(nodes <= 1 && paths.len() <= KINDS + 1 + 5, "{paths:#?}");
        }
    }
}
