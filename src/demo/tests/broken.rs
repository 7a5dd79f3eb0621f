//! What broken servers do.

use std::io::Read;
use std::time::{Duration, Instant};

use http::Request;
use http_body_util::BodyExt;

use crate::demo::tests::client::{Board, ClientAnswer, authorized, board};

async fn faulty(id: &str) -> Board {
    board(&format!("  fault: {id}\n")).await
}

/// The error of a request that gets no head of an answer, with its causes.
async fn failure(board: &Board) -> String {
    let request = authorized(Request::get("/api/v1/pods"));
    let sent = tokio::time::timeout(Duration::from_millis(300), board.send(request, "")).await;
    match sent {
        Err(_) => "silence".into(),
        Ok(Ok(_)) => "an answer".into(),
        Ok(Err(error)) => format!("{error:#}"),
    }
}

/// A head that came, and how its body ended.
async fn body(board: &Board) -> (ClientAnswer, Result<(), String>) {
    let request = authorized(Request::get("/api/v1/pods")).header("accept-encoding", "gzip");
    let response = board.send(request, "").await.expect("the head comes");
    let (parts, mut body) = response.into_parts();
    let (mut bytes, mut end) = (Vec::new(), Ok(()));
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Err(error) => {
                end = Err(error.to_string());
                break;
            }
        }
    }
    (ClientAnswer { status: parts.status.as_u16(), headers: parts.headers, body: bytes.into() }, end)
}

#[tokio::test]
async fn connections_break_as_they_are_told_to() {
    for (id, expect) in [
        ("refused", "refused"),
        ("blackhole", "silence"),
        ("tls-hang", "silence"),
        ("hang", "silence"),
        ("cert-expired", "Expired"),
        ("cert-unknown", "UnknownIssuer"),
        ("cert-name", "NotValidForName"),
    ] {
        let board = faulty(id).await;
        let error = failure(&board).await;
        let found = error.to_lowercase();
        let alike = match expect {
            "Expired" => found.contains("expired"),
            "UnknownIssuer" => found.contains("unknownissuer"),
            "NotValidForName" => found.contains("not valid for name"),
            _ => found.contains(expect),
        };
        assert!(alike, "{id}: {error}");
    }
    assert!(faulty("dns").await.address().contains("eu.invalid"));
}

/// Of a blackhole not even the TCP connection comes about; of tls-hang it does.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the connection itself is what is tested")]
async fn a_blackhole_takes_no_connection() {
    let connects = |address: String| async move {
        let connecting = tokio::net::TcpStream::connect(address);
        tokio::time::timeout(Duration::from_millis(300), connecting).await.is_ok_and(|stream| stream.is_ok())
    };
    assert!(!connects(faulty("blackhole").await.address()).await);
    let hanging = faulty("tls-hang").await;
    assert!(connects(hanging.address()).await);
}

#[tokio::test]
async fn answers_are_wrong_as_they_are_told_to() {
    for (id, status) in [
        ("401", 401),
        ("403", 403),
        ("404", 404),
        ("429", 429),
        ("500", 500),
        ("503", 503),
        ("503-retry-after", 503),
        ("504", 504),
        ("redirect", 302),
        ("html", 200),
        ("garbage", 200),
    ] {
        let board = faulty(id).await;
        let answer = board.get("/api/v1/pods").await;
        assert_eq!(answer.status, status, "{id}");
        let json: Result<serde_json::Value, _> = serde_json::from_slice(&answer.body);
        match id {
            "429" => assert_eq!(
                (answer.text().as_str(), answer.headers["retry-after"].as_bytes()),
                ("Too many requests, please try again later.\n", &b"1"[..])
            ),
            "503-retry-after" => assert_eq!(answer.headers["retry-after"].as_bytes(), b"1"),
            "redirect" => assert!(answer.headers.contains_key("location")),
            "html" | "garbage" | "404" => assert!(json.is_err(), "{id}"),
            _ => assert_eq!(json.expect("a Status")["kind"], "Status", "{id}"),
        }
    }
    assert_eq!(faulty("wrong-kind").await.get("/api/v1/pods").await.json()["kind"], "LimitRangeList");
}

#[tokio::test]
async fn bodies_end_as_they_are_told_to() {
    let whole = board("").await.get("/api/v1/pods").await.body;
    let (truncated, end) = body(&faulty("truncated").await).await;
    assert_eq!((truncated.body.len(), end), (whole.len() / 2, Ok(())));
    let (closed, end) = body(&faulty("close").await).await;
    assert!(end.is_err() && closed.body.len() <= whole.len() / 2, "the connection ends in mid-body");
    let closing = faulty("close").await;
    let response = closing.send_http1(authorized(Request::get("/api/v1/pods"))).await;
    let collected = response.expect("the head comes").into_body().collect().await;
    assert!(collected.is_err(), "over HTTP/1.1 too");
    let (zipped, end) = body(&faulty("gzip-truncated").await).await;
    assert_eq!((zipped.headers["content-encoding"].as_bytes(), end), (&b"gzip"[..], Ok(())));
    let mut text = Vec::new();
    assert!(flate2::read::GzDecoder::new(&zipped.body[..]).read_to_end(&mut text).is_err(), "the zip is cut");
}

#[tokio::test]
async fn a_drip_is_a_byte_a_second() {
    let board = faulty("drip").await;
    let started = Instant::now();
    let response =
        board.send(authorized(Request::get("/api/v1/pods")), "").await.expect("the head comes at once");
    assert!(started.elapsed() < Duration::from_millis(500));
    let first =
        response.into_body().frame().await.expect("a byte comes").expect("whole").into_data().expect("data");
    assert!(first.len() == 1 && started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn what_is_gone_is_gone_while_paging() {
    let board = faulty("gone").await;
    let first = board.get("/api/v1/pods?limit=1").await.json();
    let token = first["metadata"]["continue"].as_str().expect("there is more").to_string();
    let second = board.get(&format!("/api/v1/pods?limit=1&continue={token}")).await;
    assert_eq!((second.status, second.json()["reason"].as_str()), (410, Some("Expired")));
    let token = second.json()["metadata"]["continue"].as_str().expect("a way on").to_string();
    assert_eq!(
        board.get(&format!("/api/v1/pods?limit=9&continue={token}")).await.names(),
        ["web-a", "web-b"]
    );
    let watch = board.get("/api/v1/pods?watch=1&resourceVersion=1001").await;
    assert_eq!(watch.json()["object"]["message"], "too old resource version: 1001 (1006)");
}

#[tokio::test]
async fn kinds_narrow_a_fault() {
    let board = board("  fault: {id: 500, kinds: [pods]}\n").await;
    assert_eq!(board.get("/api/v1/pods").await.status, 500);
    assert_eq!(board.get("/apis/apps/v1/deployments").await.status, 200);
    assert_eq!(board.get("/version").await.status, 200);
}

#[tokio::test]
async fn latency_is_before_each_response() {
    let board = board("  latency: 150ms\n").await;
    let started = Instant::now();
    board.get("/version").await;
    assert!(started.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn servers_end_with_what_holds_them() {
    let board = board("").await;
    let address = board.address();
    drop(board.running);
    tokio::time::sleep(Duration::from_millis(50)).await;
    #[expect(clippy::disallowed_methods, reason = "the port itself is what is tested")]
    let connected = tokio::net::TcpStream::connect(address).await;
    assert!(connected.is_err(), "nothing listens any more");
}

#[tokio::test]
async fn a_body_without_end_goes_on_and_a_large_item_is_an_item() {
    let whole = board("").await.get("/api/v1/pods").await.body;
    let endless = faulty("endless").await;
    let response = endless.send(authorized(Request::get("/api/v1/pods")), "").await.expect("the head comes");
    let (mut body, mut came) = (response.into_body(), 0);
    while came < 20 * whole.len() {
        came += body.frame().await.expect("more").expect("whole").into_data().expect("data").len();
    }
    let huge = faulty("huge-item").await;
    let list = huge.get("/api/v1/pods").await.json();
    let annotation = |object: &serde_json::Value| {
        object.pointer("/metadata/annotations/example.com~1huge").and_then(|text| text.as_str()).map(str::len)
    };
    assert_eq!(annotation(&list["items"][0]), Some(20 << 20));
    assert_eq!(list["items"].as_array().map(Vec::len), Some(3));
    let pod = huge.get("/api/v1/namespaces/shop/pods/web-a").await.json();
    assert_eq!((annotation(&pod), pod["metadata"]["name"].as_str()), (Some(20 << 20), Some("web-a")));
}

#[tokio::test]
async fn streams_are_reset_and_connections_go_away() {
    assert!(failure(&faulty("reset").await).await.contains("internal error"));
    assert!(failure(&faulty("refused-stream").await).await.contains("refused stream"));
    let once = board("  fault: {id: refused-stream, once: true}\n").await;
    assert!(failure(&once).await.contains("refused stream"));
    assert_eq!(once.get("/api/v1/pods").await.status, 200, "the second for that path");
    assert_eq!(faulty("goaway").await.get("/api/v1/pods").await.status, 200);
}

#[tokio::test]
async fn pages_lead_in_a_circle_under_new_tokens() {
    let board = faulty("page-loop").await;
    let mut tokens = std::collections::BTreeSet::new();
    let mut path = "/api/v1/pods?limit=2".to_string();
    for _ in 0..4 {
        let page = board.get(&path).await;
        assert_eq!(page.names(), ["other", "web-a"]);
        let token = page.json()["metadata"]["continue"].as_str().expect("there is more").to_string();
        path = format!("/api/v1/pods?limit=2&continue={token}");
        assert!(tokens.insert(token), "another one each time");
    }
}

#[tokio::test]
async fn a_wrong_clock_moves_every_time() {
    for (id, expect) in [("clock-ahead", "2026-01-15T10:00:00Z"), ("clock-behind", "2026-01-15T08:00:00Z")] {
        let pod = faulty(id).await.get("/api/v1/namespaces/shop/pods/web-a").await.json();
        assert_eq!(pod["metadata"]["creationTimestamp"], expect, "{id}");
    }
}
