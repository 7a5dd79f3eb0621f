//! `wait`: fleets that change while one waits, in a pipe and on a terminal.

use std::fs;

use crate::support::{Board, of, tells};
use crate::terminal::Typist;

const CATALOG: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\n\
    metadata: {name: web, annotations: {backstage.io/kubernetes-cluster: 'eu,us', backstage.io/kubernetes-namespace: shop}}\n\
    spec: {type: service, lifecycle: production, owner: ida}\n";

/// A Deployment of one pod, with its ReplicaSet.
fn web(image: &str, generation: u32, updated: u32, is_ready: bool, waiting: Option<&str>) -> String {
    let available = u32::from(is_ready);
    let hash = format!("h{generation}");
    let state = match waiting {
        Some(reason) => format!(
            "waiting: {{reason: {reason}, message: back-off}}}}, lastState: {{terminated: {{exitCode: 1, reason: Error, startedAt: '2026-01-15T09:58:00Z', finishedAt: '2026-01-15T09:58:01Z'}}"
        ),
        None => "running: {startedAt: '2026-01-15T09:00:00Z'}".to_string(),
    };
    let restarts = if waiting.is_some() { 9 } else { 0 };
    let status = if is_ready { "True" } else { "False" };
    let reason = if is_ready { "NewReplicaSetAvailable" } else { "ReplicaSetUpdated" };
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop, uid: d, generation: {generation}, labels: {{backstage.io/kubernetes-id: web}}}}\n\
spec: {{replicas: 1, selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {{app: web, backstage.io/kubernetes-id: web}}}}, spec: {{containers: [{{name: app, image: '{image}'}}]}}}}}}\n\
status: {{observedGeneration: {generation}, replicas: 1, updatedReplicas: {updated}, readyReplicas: {available}, availableReplicas: {available}, conditions: [{{type: Available, status: '{status}', lastTransitionTime: '2026-01-15T09:59:50Z'}}, {{type: Progressing, status: 'True', reason: {reason}, lastUpdateTime: '2026-01-15T09:59:50Z', lastTransitionTime: '2026-01-15T09:59:50Z'}}]}}\n---\n\
apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{name: web-{hash}, namespace: shop, uid: r{generation}, labels: {{app: web, backstage.io/kubernetes-id: web, pod-template-hash: {hash}}}, annotations: {{deployment.kubernetes.io/revision: '{generation}'}}, ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: web, uid: d, controller: true}}]}}\n\
spec: {{replicas: 1, selector: {{matchLabels: {{app: web, pod-template-hash: {hash}}}}}, template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{{name: app, image: '{image}'}}]}}}}}}\nstatus: {{replicas: 1, readyReplicas: {available}, availableReplicas: {available}}}\n---\n\
apiVersion: v1\nkind: Pod\nmetadata: {{name: web-{hash}-abcde, namespace: shop, creationTimestamp: '2026-01-15T09:59:{generation}0Z', labels: {{app: web, backstage.io/kubernetes-id: web, pod-template-hash: {hash}}}, ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: web-{hash}, uid: r{generation}, controller: true}}]}}\n\
spec: {{nodeName: n, containers: [{{name: app, image: '{image}'}}]}}\n\
status: {{phase: Running, conditions: [{{type: Ready, status: '{status}', lastTransitionTime: '2026-01-15T09:59:50Z'}}], containerStatuses: [{{name: app, image: '{image}', ready: {is_ready}, restartCount: {restarts}, state: {{{state}}}}}]}}\n"
    )
}

fn fleet(files: &[(&str, String)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for (path, text) in [("catalog.yaml", CATALOG.to_string())].iter().chain(files) {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("below")).expect("made");
        fs::write(path, text).expect("written");
    }
    directory
}

fn clusters(timeline: &str) -> (&'static str, String) {
    (
        "fleet.yaml",
        format!("now: 2026-01-15T10:00:00Z\nclusters:\n- {{name: eu}}\n- {{name: us}}\n{timeline}"),
    )
}

/// Time goes on in these runs.
fn run(directory: &tempfile::TempDir, words: &str) -> crate::support::Output {
    let board = Board::at(directory.path());
    let mut command = board.command(words.split(' '));
    command.env_remove("CALLBOARD_NOW");
    board.told(&command.output().expect("it runs"))
}

#[test]
fn what_is_there_is_told_at_once() {
    let good = web("web:1", 1, 1, true, None);
    let directory = fleet(&[clusters(""), ("eu/web.yaml", good.clone()), ("us/web.yaml", good)]);
    for goal in ["healthy", "rolled-out", "image=web:1", "image=web"] {
        let output = run(&directory, &format!("wait web --for {goal}"));
        assert_eq!((output.code, output.stdout.as_str()), (0, "eu  there\nus  there\n"), "{output}");
        assert!(output.stderr.contains(&format!("web: {goal} in 2 of 2 clusters after ")), "{output}");
    }
    let other = run(&directory, "wait web --for image=web:2 --timeout 0 -o json");
    let document = other.json();
    assert_eq!(
        (other.code, &document["met"], &document["timedOut"]),
        (3, &false.into(), &true.into()),
        "{other}"
    );
    assert_eq!(of(&document["items"], "cluster", "eu")["message"], "Deployment/web: 0 of 1 pods run web:2");
    let none = run(&directory, "wait web --for image=api:2 --timeout 0");
    assert!(none.stdout.contains("eu  waiting  no container runs api"), "{none}");
    let left = run(&directory, "wait web --for deleted --timeout 1s");
    tells(&left, 3, &["web: not deleted in all of them", "0 of 2 clusters there"]);
    assert!(left.stdout.contains("eu  waiting  1 workload left: Deployment/web"), "{left}");
}

#[test]
fn it_returns_when_the_last_cluster_is_there() {
    let (good, going) = (web("web:1", 1, 1, true, None), web("web:1", 1, 0, false, None));
    let directory = fleet(&[
        clusters("timeline:\n- {after: 3s, cluster: us, apply: later/web.yaml}\n"),
        ("eu/web.yaml", good.clone()),
        ("us/web.yaml", going),
        ("later/web.yaml", good),
    ]);
    let output = run(&directory, "wait web --for healthy --timeout 60s");
    assert_eq!(output.code, 0, "{output}");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert!(lines[0] == "eu  there" && lines[1].starts_with("us  waiting  Deployment/web: "), "{output}");
    assert_eq!(lines.last(), Some(&"us  there"), "{output}");
    let any = run(&directory, "wait web --for healthy --any --timeout 0");
    assert_eq!(any.code, 0, "{any}");
    let late = run(&directory, "wait web --for healthy --timeout 1s");
    tells(&late, 3, &["web: not healthy in all of them", "1 of 2 clusters there"]);
}

#[test]
fn a_rollout_that_fails_ends_it_with_its_cause() {
    let (good, broken) =
        (web("web:1", 1, 1, true, None), web("web:2", 2, 1, false, Some("CrashLoopBackOff")));
    let directory = fleet(&[
        clusters("timeline:\n- {after: 2s, cluster: us, apply: later/web.yaml}\n"),
        ("eu/web.yaml", web("web:2", 2, 1, true, None)),
        ("us/web.yaml", good),
        ("later/web.yaml", broken),
    ]);
    let output = run(&directory, "wait web --for image=web:2 --timeout 120s");
    tells(&output, 3, &["web: failed after ", "cause: "]);
    assert!(
        output.stdout.contains("us  failed   ") && output.stdout.contains("CrashLoopBackOff"),
        "{output}"
    );
    let kept = run(&directory, "wait web --for image=web:2 --timeout 5s --keep-waiting -o json");
    let document = kept.json();
    assert_eq!((kept.code, &document["timedOut"]), (3, &true.into()), "{kept}");
    assert_eq!(of(&document["items"], "cluster", "us")["state"], "failed");
}

#[test]
fn what_is_deleted_is_gone_everywhere() {
    let good = web("web:1", 1, 1, true, None);
    let timeline = "timeline:\n- {after: 2s, cluster: us, delete: deployments.apps/shop/web}\n";
    let directory = fleet(&[
        clusters(timeline),
        ("us/web.yaml", good),
        ("eu/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n".to_string()),
    ]);
    let output = run(&directory, "wait web --for deleted --timeout 60s");
    assert_eq!(output.code, 0, "{output}");
    assert!(
        output.stdout.starts_with("eu  there\nus  waiting  ") && output.stdout.ends_with("us  there\n"),
        "{output}"
    );
}

#[test]
fn a_silent_cluster_is_waited_for_and_then_a_4() {
    let good = web("web:1", 1, 1, true, None);
    let entry = "now: 2026-01-15T10:00:00Z\nclusters:\n- {name: eu}\n- {name: us, fault: refused}\n";
    let files = [("fleet.yaml", entry.to_string()), ("eu/web.yaml", good.clone()), ("us/web.yaml", good)];
    let directory = fleet(&files);
    let output = run(&directory, "wait web --for healthy --timeout 2s");
    tells(&output, 4, &["silent: us (connection refused)"]);
    assert!(output.stdout.contains("us  unknown  connection refused"), "{output}");
    assert_eq!(run(&directory, "wait web --for healthy --any --timeout 2s").code, 0);
    let mended = entry.to_string() + "timeline:\n- {after: 3s, cluster: us, mend: true}\n";
    let directory = fleet(&[("fleet.yaml", mended), files[1].clone(), files[2].clone()]);
    let output = run(&directory, "wait web --for healthy --timeout 60s");
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stdout.ends_with("us  there\n"), "{output}");
    let forbidden = Board::fleet("forbidden").run("wait orders --for healthy --timeout 0");
    assert_eq!(forbidden.code, 4, "{forbidden}");
}

#[test]
fn a_terminal_shows_what_is_still_missing() {
    let (good, going) = (web("web:1", 1, 1, true, None), web("web:1", 1, 0, false, None));
    let timeline = "timeline:\n- {after: 4s, cluster: us, apply: later/web.yaml}\n";
    let directory = fleet(&[
        clusters(timeline),
        ("eu/web.yaml", good.clone()),
        ("us/web.yaml", going),
        ("later/web.yaml", good),
    ]);
    let board = Board::at(directory.path()).variable("CALLBOARD_NOW", "");
    let mut typist = Typist::start(&board, "wait web --for healthy");
    typist.sees("us  waiting").sees("waiting: 1 of 2 there").sees("SERVICE").sees("there");
    assert_eq!(typist.ends(), 0);
    let mut typist = Typist::start(&board, "wait web --for image=web:7");
    typist.sees("waiting: 0 of 2 there").signal("INT");
    assert_eq!(typist.ends(), 130);
}

#[test]
fn what_cannot_be_waited_for_is_told() {
    let board = Board::fleet("tiny");
    tells(
        &board.run("wait hello --for nonsense"),
        2,
        &["expected healthy, rolled-out, image=REF or deleted"],
    );
    assert_eq!(board.run("wait hello").code, 2);
    tells(&board.run("wait --for healthy"), 2, &["which service?"]);
    tells(&board.run("wait nobody --for healthy"), 1, &["no service \"nobody\""]);
}
