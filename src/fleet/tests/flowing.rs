//! Questions that go on: watches over all breaks, logs line by line.

use crate::fleet::logs::LogRequest;
use crate::fleet::tests::server::{Answered, answer, broken_off, json};
use crate::fleet::tests::{PODS, list_of, plain, usual};
use crate::fleet::watch::WatchChange;
use crate::fleet::{Fleet, ListRequest, Sender};
use bytes::Bytes;
use futures::StreamExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn event(kind: &str, name: &str, version: &str) -> String {
    format!(
        r#"{{"type":"{kind}","object":{{"metadata":{{"name":"{name}","resourceVersion":"{version}"}}}}}}"#
    ) + "\n"
}

/// A watch's body: these events, then its end.
fn events(lines: &[String]) -> Answered {
    json(lines.concat())
}

fn name(text: &str) -> String {
    let object: serde_json::Value = serde_json::from_str(text).expect("JSON");
    object["metadata"]["name"].as_str().unwrap_or("?").to_string()
}

async fn watch(asked: crate::fleet::Asked, sender: Sender<String>) {
    let request =
        ListRequest { resource: PODS, namespace: None, selector: Some("app"), field_selector: None };
    let mut tell = |change: WatchChange<'_>| {
        let told = match change {
            WatchChange::Reset => "reset".to_string(),
            WatchChange::Put(item) => format!("+{}", name(item)),
            WatchChange::Gone(item) => format!("-{}", name(item)),
            WatchChange::Current => "current".to_string(),
            WatchChange::Listening => return Ok(()),
            WatchChange::Silent(why) => why.reason().to_string(),
        };
        anyhow::ensure!(sender.push(told), "nobody reads");
        Ok(())
    };
    asked.watch(&request, &mut tell).await.ok();
}

/// The first `count` things that a watch tells.
async fn told(fleet: &Fleet, count: usize) -> String {
    let stream = fleet.follow(watch).map(|(_, change)| change).take(count).collect::<Vec<_>>();
    tokio::time::timeout(Duration::from_secs(30), stream).await.expect("in time").join(" ")
}

#[tokio::test]
async fn a_watch_goes_on_where_it_ended() {
    let (fleet, server) = plain(|request| async move {
        let query = request.uri().query().unwrap_or_default();
        match (query.contains("watch=1"), query) {
            (true, query) if query.contains("resourceVersion=42") => {
                events(&[event("ADDED", "c", "43"), event("BOOKMARK", "", "50")])
            }
            (true, query) if query.contains("resourceVersion=50") => {
                let lines = event("MODIFIED", "a", "51") + &event("DELETED", "b", "52");
                broken_off(vec![Bytes::from(lines)], true)
            }
            _ => usual(&request),
        }
    })
    .await;
    assert_eq!(told(&fleet, 7).await, "reset +a +b current +c +a -b");
    assert_eq!(server.seen.requests("/pods?resourceVersion=0"), 1);
}

#[tokio::test]
async fn an_expired_watch_lists_again() {
    let (fleet, _server) = plain(|request| async move {
        static LISTS: AtomicUsize = AtomicUsize::new(0);
        match request.uri().query().unwrap_or_default().contains("watch=1") {
            true if LISTS.load(Ordering::SeqCst) == 1 => {
                json(r#"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}"#)
            }
            true => broken_off(Vec::new(), true),
            false => {
                LISTS.fetch_add(1, Ordering::SeqCst);
                json(list_of("Pod", &["a"], ""))
            }
        }
    })
    .await;
    assert_eq!(told(&fleet, 6).await, "reset +a current reset +a current");
}

#[tokio::test]
async fn a_watch_tells_its_silences_and_goes_on() {
    let (fleet, _server) = plain(|request| async move {
        static WATCHES: AtomicUsize = AtomicUsize::new(0);
        match request.uri().query().unwrap_or_default().contains("watch=1") {
            true if WATCHES.fetch_add(1, Ordering::SeqCst) == 0 => answer(503, &[], "away"),
            true => broken_off(vec![Bytes::from(event("ADDED", "c", "43"))], true),
            false => json(list_of("Pod", &["a"], "")),
        }
    })
    .await;
    assert_eq!(told(&fleet, 5).await, "reset +a current server +c");
}

#[tokio::test]
async fn the_stream_ends_with_its_last_question() {
    let (fleet, _server) = plain(|_| async { answer(404, &[], "404 page not found") }).await;
    let question = |asked: crate::fleet::Asked, sender: Sender<bool>| async move {
        let request = ListRequest {
            resource: crate::fleet::tests::ROLLOUTS,
            namespace: None,
            selector: Some("app"),
            field_selector: None,
        };
        sender.send(asked.watch(&request, &mut |_| Ok(())).await.is_ok()).await;
    };
    let all: Vec<_> = fleet.follow(question).collect().await;
    assert_eq!(all, [("c1".to_string(), true)]);
}

#[tokio::test]
async fn logs_come_line_by_line() {
    let (fleet, server) = plain(|_| async {
        let mut long = "2026-01-15T10:00:00Z ".to_string() + &"x".repeat(300 << 10);
        long += "\n2026-01-15T10:00:01Z two\r\nodd \u{fffd}\nlast";
        let (head, tail) = long.split_at(100_000);
        let mut body = broken_off(Vec::new(), false);
        *body.body_mut() = answer(200, &[], [head, tail].concat()).into_body();
        body.headers_mut().insert("content-type", http::HeaderValue::from_static("text/plain"));
        body
    })
    .await;
    let question = |asked: crate::fleet::Asked, sender: Sender<String>| async move {
        let request = LogRequest { namespace: "shop", pod: "p", container: "app", ..LogRequest::default() };
        let mut log = asked.log(&request).await.expect("an answer").expect("a log");
        while let Some(line) = log.next().await.expect("lines") {
            sender.send(format!("{} {} {}", line.at.is_some(), line.is_cut, line.text.len())).await;
        }
    };
    let all: Vec<String> = fleet.follow(question).map(|(_, line)| line).collect().await;
    let cut = (256 << 10) - 21;
    assert_eq!(
        all,
        [format!("true true {cut}"), "true false 3".into(), "false false 7".into(), "false false 4".into()]
    );
    assert_eq!(server.seen.requests("/api/v1/namespaces/shop/pods/p/log?timestamps=true&container=app"), 1);
}

#[tokio::test]
async fn a_log_that_is_not_there_and_one_that_is_refused() {
    for (status, expect) in
        [(404, "none"), (204, "none"), (400, "protocol"), (500, "server"), (403, "forbidden")]
    {
        let (fleet, _server) = plain(move |_| async move { answer(status, &[], "") }).await;
        let question = |asked: crate::fleet::Asked, sender: Sender<String>| async move {
            let request =
                LogRequest { namespace: "shop", pod: "p", container: "app", ..LogRequest::default() };
            let told = match asked.log(&request).await {
                Ok(None) => "none".to_string(),
                Ok(Some(_)) => "log".to_string(),
                Err(why) => why.reason().to_string(),
            };
            sender.send(told).await;
        };
        let all: Vec<String> = fleet.follow(question).map(|(_, told)| told).collect().await;
        assert_eq!(all, [expect], "{status}");
    }
}

#[tokio::test]
async fn followed_logs_leave_room_for_other_requests() {
    let (fleet, _server) = plain(|request| async move {
        match request.uri().path().ends_with("/log") {
            true => {
                let mut body = broken_off(vec![Bytes::from("one\n")], true);
                body.headers_mut().insert("content-type", http::HeaderValue::from_static("text/plain"));
                body
            }
            false => usual(&request),
        }
    })
    .await;
    let question = |asked: crate::fleet::Asked, sender: Sender<bool>| async move {
        let request = LogRequest { namespace: "shop", pod: "p", follow: true, ..LogRequest::default() };
        let mut logs = Vec::new();
        for _ in 0..6 {
            let mut log = asked.log(&request).await.expect("an answer").expect("a log");
            assert_eq!(log.next().await.expect("a line").expect("one").text, "one");
            logs.push(log);
        }
        let request = ListRequest { resource: PODS, namespace: None, selector: None, field_selector: None };
        sender.send(asked.list(&request, &mut |_| Ok(())).await.is_ok()).await;
    };
    let all: Vec<_> = fleet.follow(question).collect().await;
    assert_eq!(all, [("c1".to_string(), true)]);
}

/// Servers that end each watch in their own way, at once: none of them is stormed.
#[tokio::test]
async fn a_watch_that_ends_early_is_taken_up_in_time() {
    let ends: [fn() -> Answered; 5] = [
        || events(&[event("MODIFIED", "a", "43")]),
        || json(r#"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}"#),
        || answer(410, &[("content-type", "application/json")], r#"{"code":410}"#),
        || events(&[event("NONSENSE", "a", "43")]),
        || events(&[]),
    ];
    for end in ends {
        let (fleet, server) = plain(move |request| async move {
            match request.uri().query().unwrap_or_default().contains("watch=1") {
                true => end(),
                false => usual(&request),
            }
        })
        .await;
        let all = fleet.follow(watch).count();
        assert!(tokio::time::timeout(Duration::from_secs(3), all).await.is_err(), "it goes on");
        let asked = server.seen.requests("watch=1");
        assert!((2..=4).contains(&asked), "{asked} watches in three seconds");
    }
}
