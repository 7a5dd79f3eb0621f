//! What changes while one watches: fleets with a timeline, through the real binary. Nothing here measures time: what
//! is awaited comes, or the test has waited for long.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::support::{Board, tells};

const PATIENCE: Duration = Duration::from_secs(60);

const CATALOG: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: web}\n\
                       spec: {type: service, lifecycle: production, owner: ida}\n";

/// A fleet made of files, and a run that goes on.
struct Watch {
    child: Child,
    lines: Receiver<String>,
    #[expect(dead_code, reason = "kept as long as the run goes on")]
    kept: (tempfile::TempDir, Board),
}

fn fleet(files: &[(&str, &str)]) -> tempfile::TempDir {
    let fleet = tempfile::tempdir().expect("a directory");
    for (path, text) in [("catalog.yaml", CATALOG)].iter().chain(files) {
        let path = fleet.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("created");
        std::fs::write(path, text).expect("written");
    }
    fleet
}

impl Watch {
    fn start(files: &[(&str, &str)], words: &str) -> Watch {
        let fleet = fleet(files);
        let board = Board::at(fleet.path());
        let mut command = board.command(words.split(' '));
        // Time goes on, so that lines come in theirs.
        command.env_remove("CALLBOARD_NOW");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
        Watch { child, lines, kept: (fleet, board) }
    }

    /// The next lines that hold the word, in the order of their coming.
    #[track_caller]
    fn next(&self, word: &str, count: usize) -> Vec<String> {
        let until = Instant::now() + PATIENCE;
        let mut all = Vec::new();
        let mut found = Vec::new();
        while found.len() < count {
            let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) else {
                panic!("{found:?} of {count} with {word:?} came, in all {all:#?}");
            };
            if line.contains(word) {
                found.push(line.clone());
            }
            all.push(line);
        }
        found
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn pod(name: &str, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop{more}}}\n\
         spec: {{nodeName: n, containers: [{{name: app, image: web}}]}}\n\
         status: {{phase: Running, containerStatuses: [{{name: app, ready: true, restartCount: 0, state: {{running: {{}}}}}}]}}\n"
    )
}

fn labelled(name: &str) -> String {
    pod(name, ", labels: {backstage.io/kubernetes-id: web}")
}

fn event(name: &str, kind: &str, about: &str, namespace: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Event\nmetadata: {{name: {name}, namespace: {namespace}}}\ntype: Warning\nreason: Told\nmessage: {name} is told\n\
         count: 1\nlastTimestamp: '2026-01-15T09:59:00Z'\ninvolvedObject: {{kind: {kind}, name: {about}, namespace: {namespace}}}\n"
    )
}

#[test]
fn events_are_told_as_they_happen_also_of_what_is_made_later() {
    let web = labelled("web-a");
    let deployment = "apiVersion: apps/v1\nkind: Deployment\n\
        metadata: {name: late, namespace: elsewhere, labels: {backstage.io/kubernetes-id: web}}\nspec: {replicas: 1, selector: {matchLabels: {app: late}}, template: {metadata: {labels: {app: late}}}}\n";
    let first = event("first", "Pod", "web-a", "shop");
    // Before and behind the object that they are about, in a namespace where nothing of the service was.
    let second = event("second", "Deployment", "late", "elsewhere");
    let third = event("third", "Pod", "late-6d5f7c9b8d-x2k4z", "elsewhere");
    let watch = Watch::start(
        &[
            (
                "fleet.yaml",
                "now: 2026-01-15T10:00:00Z\ntimeline:\n- {after: 2s, cluster: eu, apply: later/first.yaml}\n\
              - {after: 3s, cluster: eu, apply: later/second.yaml}\n- {after: 4s, cluster: eu, apply: later/late.yaml}\n\
              - {after: 5s, cluster: eu, apply: later/third.yaml}\n",
            ),
            ("eu/web.yaml", &web),
            ("later/first.yaml", &first),
            ("later/second.yaml", &second),
            ("later/late.yaml", deployment),
            ("later/third.yaml", &third),
        ],
        "events web -w",
    );
    for name in ["first", "second", "third"] {
        assert!(watch.next("Told", 1)[0].contains(&format!("{name} is told")));
    }
}

#[test]
fn a_cluster_that_was_silent_is_taken_up_by_events() {
    let (web, told) = (labelled("web-a"), event("first", "Pod", "web-a", "shop"));
    let watch = Watch::start(
        &[
            (
                "fleet.yaml",
                "now: 2026-01-15T10:00:00Z\nclusters: [{name: eu}, {name: us, fault: refused}]\n\
              timeline: [{after: 5s, cluster: us, mend: true}, {after: 7s, cluster: us, apply: later/second.yaml}]\n",
            ),
            ("eu/web.yaml", &web),
            ("us/web.yaml", &format!("{web}---\n{told}")),
            ("later/second.yaml", &event("second", "Pod", "web-a", "shop")),
        ],
        "events web -w",
    );
    let lines = watch.next("Told", 2);
    assert!(lines[0].contains("us ") && lines[0].contains("first is told"), "{lines:?}");
    assert!(lines[1].contains("second is told"), "{lines:?}");
}

#[test]
fn a_new_pod_is_followed_and_a_break_loses_and_repeats_nothing() {
    let lines: String =
        (0..14).map(|second| format!("2026-01-15T10:00:{second:02}Z line {second}\n")).collect();
    for fault in ["close", "refused", "hang"] {
        let steps = format!(
            "now: 2026-01-15T10:00:00Z\ntimeline:\n- {{after: 3s, cluster: eu, apply: later/b.yaml}}\n\
             - {{after: 5s, cluster: eu, break: {fault}}}\n- {{after: 7s, cluster: eu, mend: true}}\n"
        );
        let watch = Watch::start(
            &[
                ("fleet.yaml", &steps),
                ("eu/a.yaml", &labelled("a")),
                ("later/b.yaml", &labelled("b")),
                ("eu/logs/shop/a/app.log", &lines),
                ("eu/logs/shop/b/app.log", &lines),
            ],
            "logs web -f --tail -1",
        );
        let came = watch.next("line", 28);
        for name in ["a", "b"] {
            let of: Vec<&str> =
                came.iter().filter_map(|line| line.strip_prefix(&format!("{name} line "))).collect();
            let expect: Vec<String> = (0..14).map(|second| second.to_string()).collect();
            assert_eq!(of, expect, "{fault} {name}");
        }
    }
}

#[test]
fn jobs_that_a_cron_job_makes_later_are_followed_by_their_owner() {
    let cron_job = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: night, namespace: shop, labels: {backstage.io/kubernetes-id: web}}\n\
        spec: {schedule: '* * * * *', jobTemplate: {spec: {template: {spec: {containers: [{name: app}]}}}}}\n";
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: night-1, namespace: shop, ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: night, controller: true}]}\n\
        spec: {template: {spec: {containers: [{name: app}]}}}\n";
    let owned = |name: &str, job: &str| {
        pod(
            name,
            &format!(
                ", ownerReferences: [{{apiVersion: batch/v1, kind: Job, name: {job}, controller: true}}]"
            ),
        )
    };
    let watch = Watch::start(
        &[
            (
                "fleet.yaml",
                "now: 2026-01-15T10:00:00Z\ntimeline:\n- {after: 3s, cluster: eu, apply: later/job.yaml}\n\
              - {after: 4s, cluster: eu, apply: later/other.yaml}\n- {after: 4s, cluster: eu, apply: later/pod.yaml}\n",
            ),
            ("eu/cron-job.yaml", cron_job),
            ("later/job.yaml", job),
            ("later/pod.yaml", &owned("night-1-x2k4z", "night-1")),
            ("later/other.yaml", &owned("other-1-x2k4z", "other-1")),
            (
                "eu/logs/shop/night-1-x2k4z/app.log",
                "2026-01-15T10:00:04Z good night\n2026-01-15T10:00:06Z good morning\n",
            ),
            ("eu/logs/shop/other-1-x2k4z/app.log", "2026-01-15T10:00:04Z a stranger\n"),
        ],
        "logs web -f",
    );
    assert_eq!(watch.next("", 2), ["night-1-x2k4z good night", "night-1-x2k4z good morning"]);
}

#[test]
fn a_bad_timeline_is_refused_with_its_place() {
    let web = labelled("web-a");
    for (step, expect) in [
        ("{after: 5s, cluster: us, mend: true}", "fleet.yaml:1:12: timeline: no cluster us"),
        ("{after: -5s, cluster: eu, mend: true}", "fleet.yaml:1:13: timeline: after: expected a duration"),
        ("{after: 5s, cluster: eu, apply: later/x.yaml}", "there is no file later/x.yaml in the fleet"),
        (
            "{after: 5s, cluster: eu, delete: pods/shop/x}",
            "fleet.yaml:1:12: timeline: delete: there is no pods/shop/x then",
        ),
        ("{after: 5s, cluster: eu, break: flood}", "unknown fault `flood`; expected one of dns, refused"),
        ("{after: 5s, cluster: eu, mends: true}", "unknown key `mends`"),
    ] {
        let fleet = fleet(&[("fleet.yaml", &format!("timeline: [{step}]\n")), ("eu/web.yaml", &web)]);
        tells(&Board::at(fleet.path()).run("status"), 1, &[expect]);
    }
}
