//! `status -w`: changes as lines in a pipe, the table in its place on a terminal, clusters that fall silent and come back.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::schema::{published, violations};
use crate::stand_in::StandIn;
use crate::support::{Board, tells};
use crate::terminal::Typist;

const PATIENCE: Duration = Duration::from_secs(60);

const CATALOG: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: web}\n\
                       spec: {type: service, lifecycle: production, owner: ida}\n";

/// A run of `status -w`, and what it has printed.
struct Watching {
    child: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
    #[expect(dead_code, reason = "kept as long as the run goes on")]
    kept: (Option<tempfile::TempDir>, Board),
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

fn read(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        BufReader::new(from).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
    });
    lines
}

impl Watching {
    fn start(fleet: tempfile::TempDir, words: &str) -> Watching {
        let board = Board::at(fleet.path());
        Watching::of(board, Some(fleet), words)
    }

    fn of(board: Board, fleet: Option<tempfile::TempDir>, words: &str) -> Watching {
        let mut command = board.command(words.split(' '));
        // Time goes on, so that the timeline does.
        command.env_remove("CALLBOARD_NOW");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let lines = read(child.stdout.take().expect("piped"));
        let errors = read(child.stderr.take().expect("piped"));
        Watching { child, lines, errors, kept: (fleet, board) }
    }

    /// The next line that holds all words.
    #[track_caller]
    fn says(&self, words: &[&str]) -> String {
        next(&self.lines, words)
    }

    #[track_caller]
    fn warns(&self, words: &[&str]) -> String {
        next(&self.errors, words)
    }

    /// Ctrl-C: the exit code, and how long it took.
    fn stop(&mut self) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        assert!(Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().is_ok());
        (self.child.wait().expect("it ends").code(), begun.elapsed())
    }
}

#[track_caller]
fn next(lines: &Receiver<String>, words: &[&str]) -> String {
    let until = Instant::now() + PATIENCE;
    let mut all = Vec::new();
    loop {
        let Ok(line) = lines.recv_timeout(until.saturating_duration_since(Instant::now())) else {
            panic!("no line with {words:?} came; in all {all:#?}");
        };
        if words.iter().all(|word| line.contains(word)) {
            return line;
        }
        all.push(line);
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A Deployment of two pods, `updated` of them of its newest template.
fn web(updated: usize) -> String {
    let labels = "{backstage.io/kubernetes-id: web, app: web}";
    let old = 2 - updated;
    let set = |name: &str, revision: usize, replicas: usize| {
        format!(
            "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{name: {name}, namespace: shop, labels: {labels}, annotations: {{deployment.kubernetes.io/revision: '{revision}'}}, \
             ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: web, controller: true}}]}}\n\
             spec: {{replicas: {replicas}, selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {labels}}}, spec: {{containers: [{{name: app, image: 'web:{revision}'}}]}}}}}}\n\
             status: {{replicas: {replicas}, readyReplicas: {replicas}, availableReplicas: {replicas}}}\n"
        )
    };
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop, generation: 2, labels: {labels}}}\n\
         spec: {{replicas: 2, selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {labels}}}, spec: {{containers: [{{name: app, image: 'web:2'}}]}}}}}}\n\
         status: {{observedGeneration: 2, replicas: 2, updatedReplicas: {updated}, readyReplicas: 2, availableReplicas: 2, \
         conditions: [{{type: Available, status: 'True'}}, {{type: Progressing, status: 'True', reason: {}}}]}}\n{}{}",
        if old == 0 { "NewReplicaSetAvailable" } else { "ReplicaSetUpdated" },
        set("web-1", 1, old),
        set("web-2", 2, updated),
    )
}

#[test]
fn a_rollout_that_ends_is_a_line() {
    let fleet = fleet(&[
        ("fleet.yaml", "timeline: [{after: 6s, cluster: eu, apply: later/web.yaml}]\n"),
        ("eu/web.yaml", &web(1)),
        ("us/web.yaml", &web(2)),
        ("later/web.yaml", &web(2)),
    ]);
    let mut watching = Watching::start(fleet, "status -w");
    let header = watching.says(&["TIME"]);
    assert_eq!(
        header.split_whitespace().collect::<Vec<_>>(),
        ["TIME", "SERVICE", "CLUSTER", "WAS", "HEALTH", "PODS", "WHY"]
    );
    let cells = |line: &str| line.split_whitespace().skip(1).map(str::to_string).collect::<Vec<_>>();
    assert_eq!(cells(&watching.says(&["eu"]))[..5], ["web", "eu", "-", "Progressing", "2/2"]);
    assert_eq!(cells(&watching.says(&["us"]))[..5], ["web", "us", "-", "Healthy", "2/2"]);
    // The next line is the next change: what stays is not told again.
    let change = watching.says(&["web"]);
    assert_eq!(cells(&change)[..5], ["web", "eu", "Progressing", "Healthy", "2/2"], "{change}");
    let (code, took) = watching.stop();
    assert_eq!(code, Some(130));
    assert!(took < Duration::from_secs(3), "Ctrl-C took {took:?}");
}

#[test]
fn changes_as_json_obey_their_schema() {
    let fleet = fleet(&[
        (
            "fleet.yaml",
            "timeline:\n- {after: 5s, cluster: eu, apply: later/web.yaml}\n- {after: 9s, cluster: eu, delete: deployments.apps/shop/web}\n",
        ),
        ("eu/web.yaml", &web(1)),
        ("later/web.yaml", &web(2)),
    ]);
    let watching = Watching::start(fleet, "status web -w -o json");
    let schema = published("ServiceStatusTransition");
    let next = || {
        let change: Value = serde_json::from_str(&watching.says(&[""])).expect("an object a line");
        let wrong = violations(&schema, &change);
        assert!(wrong.is_empty(), "{wrong:#?}\n{change:#}");
        change
    };
    let first = next();
    assert_eq!((&first["health"], &first["was"]), (&"Progressing".into(), &Value::Null), "{first:#}");
    let second = next();
    assert_eq!((&second["health"], &second["was"]["health"]), (&"Healthy".into(), &"Progressing".into()));
    // No cluster shows it any more.
    let third = next();
    assert_eq!((&third["service"], &third["health"]), (&"web".into(), &"Missing".into()), "{third:#}");
    let fourth = next();
    assert_eq!((&fourth["cluster"], &fourth["gone"]), (&"eu".into(), &true.into()), "{fourth:#}");
}

#[test]
fn a_cluster_that_falls_silent_is_told_and_taken_up_again() {
    for fault in ["close", "refused", "503"] {
        let fleet = fleet(&[
            (
                "fleet.yaml",
                &format!(
                    "timeline:\n- {{after: 5s, cluster: eu, break: {fault}}}\n- {{after: 18s, cluster: eu, mend: true}}\n"
                ),
            ),
            ("eu/web.yaml", &web(2)),
            ("us/web.yaml", &web(2)),
        ]);
        let watching = Watching::start(fleet, "status web -w");
        watching.says(&["us", "Healthy"]);
        let silent = watching.says(&["eu", "Unknown"]);
        assert!(silent.contains("Healthy          Unknown"), "{fault}: {silent}");
        watching.warns(&["eu: ", "trying again"]);
        watching.says(&["eu", "Unknown          Healthy"]);
        watching.warns(&["eu: heard again"]);
    }
}

#[test]
fn a_cluster_that_was_silent_at_first_is_taken_up() {
    let fleet = fleet(&[
        (
            "fleet.yaml",
            "clusters: [{name: eu}, {name: us, fault: refused}]\ntimeline: [{after: 5s, cluster: us, mend: true}]\n",
        ),
        ("eu/web.yaml", &web(2)),
        ("us/web.yaml", &web(1)),
    ]);
    let watching = Watching::start(fleet, "status web -w");
    watching.warns(&["silent: us (connection refused)"]);
    let there = watching.says(&["us", "Progressing"]);
    assert!(there.contains("-                Progressing"), "{there}");
}

#[test]
fn it_watches_and_does_not_poll() {
    let fleet = fleet(&[
        (
            "fleet.yaml",
            "timeline:\n- {after: 4s, cluster: eu, apply: later/one.yaml}\n- {after: 12s, cluster: eu, apply: later/two.yaml}\n",
        ),
        ("eu/web.yaml", &web(1)),
        ("later/one.yaml", &web(2)),
        ("later/two.yaml", &web(1)),
    ]);
    let requests = fleet.path().join("requests");
    let board = Board::at(fleet.path())
        .variable("CALLBOARD_DEMO_REQUESTS", requests.to_str().expect("a path").to_string());
    let mut watching = Watching::of(board, Some(fleet), "status web -w");
    watching.says(&["Progressing      Healthy"]);
    watching.says(&["Healthy          Progressing"]);
    let asked = std::fs::read_to_string(&requests).expect("readable");
    watching.stop();
    let of = |watched: bool| {
        let lines = asked.lines().filter(|line| line.contains("/deployments?"));
        lines.filter(|line| line.contains("watch=1") == watched).count()
    };
    // The first answer, and the list that the watch begins with.
    assert_eq!((of(false), of(true)), (2, 1), "{asked}");
}

#[test]
fn ctrl_c_ends_it_at_once_whatever_a_cluster_does() {
    let fleet = fleet(&[
        (
            "fleet.yaml",
            "clusters: [{name: eu}, {name: us}]\ntimeline: [{after: 3s, cluster: us, break: hang}]\n",
        ),
        ("eu/web.yaml", &web(2)),
        ("us/web.yaml", &web(2)),
    ]);
    let mut watching = Watching::start(fleet, "status web -w");
    watching.says(&["us", "Healthy"]);
    std::thread::sleep(Duration::from_secs(4));
    let (code, took) = watching.stop();
    assert_eq!(code, Some(130));
    assert!(took < Duration::from_secs(3), "Ctrl-C took {took:?}");
}

#[test]
fn a_terminal_shows_one_table_that_changes_in_its_place() {
    let fleet = fleet(&[
        ("fleet.yaml", "timeline: [{after: 25s, cluster: eu, apply: later/web.yaml}]\n"),
        ("eu/web.yaml", &web(1)),
        ("us/web.yaml", &web(2)),
        ("later/web.yaml", &web(2)),
    ]);
    let board = Board::at(fleet.path()).variable("CALLBOARD_NOW", "");
    let mut typist = Typist::start(&board, "status -w");
    // The second screen, without a cursor; every drawing begins on top of the last one.
    typist.sees("\u{1b}[?1049h\u{1b}[?25l").sees("\u{1b}[HSERVICE").sees("Progressing").sees("Ctrl-C leaves");
    typist.resizes(60);
    // WHY takes a line of its own where room is short.
    typist.sees("\u{1b}[HSERVICE").sees("2/2\u{1b}[K\r\n").sees("Ctrl-C leaves");
    typist.resizes(120);
    typist.sees("2 clusters").sees("Healthy").sees("1 service: 1 healthy");
    typist.signal("INT");
    assert_eq!(typist.ends(), 130);
    let screen = typist.screen();
    let left = screen.rfind("\u{1b}[?1049l").expect("the first screen comes back");
    // What it showed last stays.
    assert!(screen[left..].contains("1 service: 1 healthy"), "{screen}");
    assert_eq!(screen.matches("\u{1b}[?1049h").count(), 1, "{screen}");
}

#[test]
fn what_does_not_go_with_it_is_refused() {
    for format in ["yaml", "name", "markdown", "html"] {
        let output = Board::demo().run(&format!("status -w -o {format}"));
        tells(&output, 2, &["-w goes with -o table, wide or json"]);
    }
}

#[test]
fn the_demo_shows_a_rollout_end_and_a_loop_begin() {
    let mut watching = Watching::of(Board::empty(), None, "--demo status -w");
    let words = ["tax", "us-east-1", "Degraded", "1/2", "CrashLoopBackOff"];
    let (mut has_looped, mut has_ended) = (false, false);
    while !(has_looped && has_ended) {
        let line = watching.says(&["us-east-1"]);
        has_looped |= words.iter().all(|word| line.contains(word));
        has_ended |= line.contains("search") && line.contains("Progressing      Healthy          6/6");
    }
    assert_eq!(watching.stop().0, Some(130));
}

/// Resident memory in KiB.
fn resident(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("told");
    line.trim().trim_end_matches("kB").trim().parse().expect("a number")
}

#[test]
fn a_hundred_thousand_changes_take_no_more_memory_than_a_thousand() {
    let server = StandIn::start();
    for pod in 0..50 {
        server.runs(&format!("web-{pod}"));
    }
    let board = Board::empty().file("kubeconfig", &server.kubeconfig());
    let mut watching = Watching::of(board, None, "status -l app=web -n shop --kubeconfig kubeconfig -w");
    watching.says(&["app=web", "Healthy"]);
    // Each change is another run of a container; the last of them is seen in the end.
    let mut sent = 0;
    let mut changes = |count: i64| {
        while sent < count {
            server.restarts(&format!("web-{}", sent % 50), sent);
            sent += 1;
        }
        server.awaits_watchers();
        std::thread::sleep(Duration::from_secs(3));
        resident(watching.child.id())
    };
    let (few, many) = (changes(1_000), changes(100_000));
    assert!(many * 10 <= few * 11, "{few} KiB after 1,000 changes, {many} KiB after 100,000");
    assert_eq!(watching.stop().0, Some(130));
}
