//! What a client sees of a timeline: watches and logs that go on, faults that come and go.

use std::time::Duration;

use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

use crate::demo::ServerClock;
use crate::demo::directory::source::from_files;
use crate::demo::tests::client::{Board, NOW, authorized, board_of};

const WEB: &str = "apiVersion: v1\nkind: List\nitems:\n\
    - {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop, labels: {app: web}}, spec: {nodeName: n, containers: [{name: app}]}, \
       status: {phase: Running, containerStatuses: [{name: app, state: {running: {}}}]}}\n\
    - {apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop, labels: {app: web}}}\n";

/// A cluster `eu` with two pods, and what happens to it.
async fn watched(steps: &str, files: &[(&str, &str)], clock: ServerClock) -> Board {
    let fleet = format!("now: {NOW}\nclusters: [{{name: eu}}]\ntimeline:\n{steps}");
    let mut all = vec![("fleet.yaml", fleet.as_str()), ("eu/web.yaml", WEB)];
    all.extend(files);
    board_of(from_files(&all).expect("a good fleet"), clock).await
}

fn pinned() -> ServerClock {
    ServerClock::Pinned { now: NOW.parse().expect("an instant") }
}

async fn open(board: &Board, path: &str) -> Incoming {
    let answer = board.send(authorized(Request::get(path)), "").await.expect("it answers");
    assert_eq!(answer.status(), 200);
    answer.into_body()
}

/// The next lines of a body, a line a frame, as they are; fewer where it ends.
async fn lines(body: &mut Incoming, count: usize) -> Vec<String> {
    let mut text = String::new();
    let reading = async {
        while text.lines().count() < count {
            let Some(Ok(frame)) = body.frame().await else { return };
            text += &String::from_utf8_lossy(frame.data_ref().map_or(&[], |data| &data[..]));
        }
    };
    let patience = tokio::time::timeout(Duration::from_secs(20), reading).await;
    assert!(patience.is_ok(), "only {text:?} came");
    text.lines().map(str::to_string).collect()
}

/// `ADDED a 1001`.
async fn told(body: &mut Incoming, count: usize) -> Vec<String> {
    let event = |line: &String| {
        let event: Value = serde_json::from_str(line).expect("an event");
        let metadata = &event["object"]["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or("-").to_string();
        format!("{} {} {}", text(&event["type"]), text(&metadata["name"]), text(&metadata["resourceVersion"]))
    };
    lines(body, count).await.iter().map(event).collect()
}

const RELABELLED: &str =
    "{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop, labels: {app: other}}}";
const NEW: &str = "{apiVersion: v1, kind: Pod, metadata: {name: c, namespace: shop, labels: {app: web}}}";
const STEPS: &str = "- {after: 300ms, cluster: eu, apply: later/b.yaml}\n- {after: 300ms, cluster: eu, apply: later/c.yaml}\n\
                     - {after: 400ms, cluster: eu, delete: pods/shop/a}\n";

#[tokio::test]
async fn watches_tell_what_changes_by_their_selection() {
    let files = [("later/b.yaml", RELABELLED), ("later/c.yaml", NEW)];
    let board = watched(STEPS, &files, pinned()).await;
    let mut all = open(&board, "/api/v1/pods?watch=1").await;
    let mut web = open(&board, "/api/v1/namespaces/shop/pods?watch=1&labelSelector=app%3Dweb").await;
    let mut one = open(&board, "/api/v1/pods?watch=1&fieldSelector=metadata.name%3Dc").await;
    let mut other = open(&board, "/api/v1/namespaces/other/pods?watch=1&timeoutSeconds=1").await;
    assert_eq!(
        told(&mut all, 5).await,
        ["ADDED a 1001", "ADDED b 1002", "MODIFIED b 1003", "ADDED c 1004", "DELETED a 1005"]
    );
    // What stops matching is deleted for who selects, in its last form that matched.
    let expect = ["ADDED a 1001", "ADDED b 1002", "DELETED b 1003", "ADDED c 1004", "DELETED a 1005"];
    assert_eq!(told(&mut web, 5).await, expect);
    assert_eq!(told(&mut one, 1).await, ["ADDED c 1004"]);
    assert_eq!(told(&mut other, 1).await, [""; 0]);
    // A watch that is taken up again misses nothing, wherever it was left.
    for (version, expect) in [
        (1001, &["ADDED b 1002", "MODIFIED b 1003", "ADDED c 1004", "DELETED a 1005"][..]),
        (1003, &["ADDED c 1004", "DELETED a 1005"]),
    ] {
        let mut again = open(&board, &format!("/api/v1/pods?watch=1&resourceVersion={version}")).await;
        assert_eq!(told(&mut again, expect.len()).await, expect, "{version}");
    }
    assert_eq!(board.get("/api/v1/pods").await.names(), ["b", "c"]);
    assert_eq!(board.get("/api/v1/pods").await.json()["metadata"]["resourceVersion"], "1005");
    let before = "/api/v1/pods?resourceVersion=1002&resourceVersionMatch=Exact";
    assert_eq!(board.get(before).await.names(), ["a", "b"]);
}

#[tokio::test]
async fn pages_go_on_where_they_began() {
    let files = [("later/b.yaml", RELABELLED), ("later/c.yaml", NEW)];
    let board = watched(STEPS, &files, pinned()).await;
    let mut watch = open(&board, "/api/v1/pods?watch=1&resourceVersion=1002").await;
    let first = board.get("/api/v1/pods?limit=1").await.json();
    let token = first["metadata"]["continue"].as_str().expect("there is more").to_string();
    assert_eq!(told(&mut watch, 3).await.len(), 3);
    let rest = board.get(&format!("/api/v1/pods?limit=9&continue={token}")).await;
    assert_eq!(
        (rest.names(), rest.json()["metadata"]["resourceVersion"].clone()),
        (vec!["b".to_string()], "1002".into())
    );
}

#[tokio::test]
async fn bookmarks_carry_the_present() {
    let files = [("later/c.yaml", NEW)];
    let board = watched("- {after: 300ms, cluster: eu, apply: later/c.yaml}\n", &files, pinned()).await;
    let path = "/api/v1/configmaps?watch=1&allowWatchBookmarks=true&timeoutSeconds=3";
    assert_eq!(told(&mut open(&board, path).await, 2).await, ["BOOKMARK - 1003"]);
}

#[tokio::test]
async fn a_fault_that_comes_ends_what_is_open_and_is_mended() {
    for fault in ["close", "refused", "cert-expired", "'503'", "{id: close, kinds: [pods]}"] {
        let steps = format!(
            "- {{after: 300ms, cluster: eu, break: {fault}}}\n- {{after: 900ms, cluster: eu, mend: true}}\n"
        );
        let board = watched(&steps, &[], pinned()).await;
        let mut watch = open(&board, "/api/v1/pods?watch=1").await;
        assert_eq!(lines(&mut watch, 3).await.len(), 2, "{fault}");
        for _ in 0..200 {
            let sent = board.send(authorized(Request::get("/api/v1/pods")), "").await;
            if sent.is_ok_and(|answer| answer.status() == 200) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        tokio::time::sleep(Duration::from_millis(1000)).await;
        assert_eq!(board.get("/api/v1/pods").await.names(), ["a", "b"], "{fault}");
    }
}

#[tokio::test]
async fn what_stalls_goes_on_when_it_is_mended() {
    for fault in ["hang", "blackhole"] {
        let steps = format!(
            "- {{after: 300ms, cluster: eu, break: {fault}}}\n- {{after: 500ms, cluster: eu, apply: later/c.yaml}}\n\
             - {{after: 900ms, cluster: eu, mend: true}}\n"
        );
        let board = watched(&steps, &[("later/c.yaml", NEW)], pinned()).await;
        let mut watch = open(&board, "/api/v1/pods?watch=1").await;
        assert_eq!(told(&mut watch, 3).await[2], "ADDED c 1003", "{fault}");
    }
}

#[tokio::test]
async fn a_log_goes_on_until_its_run_ends() {
    let log = "2026-01-15T09:59:59Z one\n2026-01-15T10:00:01Z two\n2026-01-15T10:00:02Z three\n2026-01-15T10:01:00Z never\n";
    let ended = WEB.replace("running: {}", "terminated: {exitCode: 0, finishedAt: '2026-01-15T10:00:03Z'}");
    let files = [("eu/logs/shop/a/app.log", log), ("later/a.yaml", ended.as_str())];
    let now = jiff::Timestamp::from_second(1_800_000_000).expect("an instant");
    let steps = "- {after: 3s, cluster: eu, apply: later/a.yaml}\n";
    let board = watched(steps, &files, ServerClock::Live { now }).await;
    let path = "/api/v1/namespaces/shop/pods/a/log";
    assert_eq!(board.get(path).await.text(), "one\n");
    assert_eq!(
        lines(&mut open(&board, &format!("{path}?follow=true")).await, 9).await,
        ["one", "two", "three"]
    );
}

#[tokio::test]
async fn a_step_that_cannot_be_done_is_named() {
    let steps = "clusters: [{name: eu}]\ntimeline:\n- {after: 1s, cluster: eu, delete: pods/shop/nope}\n";
    let source = from_files(&[("fleet.yaml", steps), ("eu/web.yaml", WEB)]).expect("a good fleet");
    let told = source.serve(pinned()).await.map(|_| ()).expect_err("it cannot be done").to_string();
    assert_eq!(told, "fleet/fleet.yaml:3:3: timeline: delete: there is no pods/shop/nope then");
}
