//! What is asked again: requests that the server has not worked on, and connections that closed before the answer.

use crate::fleet::tests::server::{TestAuthority, TestServer, Tls, answer, raw};
use crate::fleet::tests::{at, base64, fleet, list_of, one, plain, pods, short, silence, usual};
use crate::fleet::{Fleet, Silence};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// What a server of HTTP/2 does with a stream.
#[derive(Clone, Copy)]
enum StreamFault {
    Answer,
    /// It says good-bye, and that it has not begun with this stream.
    GoAway,
    /// The same, but as an error of ours.
    Blame,
    Refuse,
    /// The connection ends without a word.
    Close,
}

const HEADERS: u8 = 1;
const GOAWAY: u8 = 7;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("small").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// `:status: 200` and `content-type: application/json`, then the pods a and b.
fn good(stream: u32) -> Vec<u8> {
    let literal = |text: &str| [&[u8::try_from(text.len()).expect("short")], text.as_bytes()].concat();
    let head = [vec![0x88, 0], literal("content-type"), literal("application/json")].concat();
    let body = list_of("Pod", &["a", "b"], "");
    [frame(HEADERS, 4, stream, &head), frame(0, 1, stream, body.as_bytes())].concat()
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    deed: impl Fn() -> StreamFault,
) -> Option<()> {
    stream.read_exact(&mut [0; 24]).await.ok()?;
    stream.write_all(&frame(4, 0, 0, &[])).await.ok()?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        stream.read_exact(&mut vec![0; length]).await.ok()?;
        match (head[3], head[4] & 1) {
            (4, 0) => stream.write_all(&frame(4, 1, 0, &[])).await.ok()?,
            (HEADERS, _) => {
                let said = match deed() {
                    StreamFault::Answer => good(id),
                    StreamFault::GoAway => frame(GOAWAY, 0, 0, &[0; 8]),
                    StreamFault::Blame => frame(GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 11]),
                    StreamFault::Refuse => frame(3, 0, id, &[0, 0, 0, 7]),
                    StreamFault::Close => return None,
                };
                stream.write_all(&said).await.ok()?;
            }
            _ => {}
        }
    }
}

/// A server that does one deed after the other, over all connections, and answers then; how many streams it has seen.
async fn doing(deeds: Vec<StreamFault>) -> (Fleet, TestServer, Arc<AtomicUsize>) {
    let authority = TestAuthority::new();
    let tls = Tls { protocols: vec![b"h2"], ..Tls::new(authority.leaf(&["127.0.0.1"], false)) };
    let acceptor = tokio_rustls::TlsAcceptor::from(tls.config());
    let seen = Arc::new(AtomicUsize::new(0));
    let (deeds, counted) = (Arc::new(deeds), seen.clone());
    let server = raw(move |stream| {
        let (acceptor, deeds, counted) = (acceptor.clone(), deeds.clone(), counted.clone());
        async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let next = || {
                let number = counted.fetch_add(1, Ordering::SeqCst);
                deeds.get(number).copied().unwrap_or(StreamFault::Answer)
            };
            speak(stream, next).await;
        }
    })
    .await;
    let cluster = format!(
        "{{server: 'https://127.0.0.1:{}', certificate-authority-data: {}}}",
        server.port,
        base64(&authority.pem())
    );
    (fleet(&[(cluster, "{token: abc}".to_string())], short()), server, seen)
}

/// The version is asked beside the pods: two streams without any trouble.
#[tokio::test]
async fn what_a_server_has_not_worked_on_is_asked_again() {
    for deeds in [
        vec![StreamFault::GoAway],
        vec![StreamFault::GoAway, StreamFault::GoAway],
        vec![StreamFault::Refuse],
        vec![StreamFault::Refuse, StreamFault::Refuse, StreamFault::Refuse],
        vec![StreamFault::Answer, StreamFault::GoAway],
        vec![StreamFault::Close],
    ] {
        let (fleet, _server, _) = doing(deeds).await;
        assert_eq!(one(&fleet).await, (vec!["a".to_string(), "b".to_string()], None));
    }
}

#[tokio::test]
async fn a_server_that_never_works_is_asked_a_few_times() {
    for (deed, most) in
        [(StreamFault::GoAway, 8), (StreamFault::Refuse, 8), (StreamFault::Close, 4), (StreamFault::Blame, 2)]
    {
        let (fleet, _server, seen) = doing(vec![deed; 100]).await;
        let told = silence(&fleet).await;
        assert!(matches!(told, Silence::Protocol(_)), "{told:?}");
        let asked = seen.load(Ordering::SeqCst);
        assert!(asked <= most, "{asked} streams");
    }
}

/// A balancer that closes a connection at the moment when it is used again.
#[tokio::test]
async fn a_kept_connection_that_closed_is_no_silence() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let server = raw(move |mut stream| {
        let counted = counted.clone();
        async move {
            counted.fetch_add(1, Ordering::SeqCst);
            let body = list_of("Pod", &["a", "b"], "");
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            let mut head = [0; 4096];
            let first = stream.read(&mut head).await;
            assert!(first.is_ok_and(|read| read > 0));
            stream.write_all(answer.as_bytes()).await.ok();
            // The next request is read, and nothing is said.
            let _second = stream.read(&mut head).await;
        }
    })
    .await;
    let fleet = fleet(&[(at(&server), "{token: abc}".to_string())], short());
    for _ in 0..6 {
        assert_eq!(one(&fleet).await, (vec!["a".to_string(), "b".to_string()], None));
    }
    assert!(connections.load(Ordering::SeqCst) >= 6);
    // Many at once, each on a connection that another one has just given back.
    let question = |asked: crate::fleet::Asked| async move {
        let request = crate::fleet::ListRequest {
            resource: crate::fleet::tests::PODS,
            namespace: None,
            selector: Some("app"),
            field_selector: None,
        };
        let mut failed = 0;
        for _ in 0..20 {
            let lists = (0..8).map(|_| async { asked.list(&request, &mut |_| Ok(())).await.is_err() });
            failed += futures::future::join_all(lists).await.into_iter().filter(|failed| *failed).count();
        }
        (failed, Vec::new())
    };
    let answers: Vec<_> = futures::StreamExt::collect(fleet.ask(question)).await;
    assert_eq!(answers[0].value, 0, "lists failed");
}

#[tokio::test]
async fn a_server_that_says_when_to_come_back_is_asked_then() {
    for (status, header, expect) in [
        (503, Some("1"), None),
        (429, Some("1"), None),
        (429, None, None),
        (503, None, Some("server")),
        (500, Some("60"), Some("server")),
    ] {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let (fleet, _server) = plain(move |request| {
            let is_first =
                request.uri().path().ends_with("/pods") && counted.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                match (is_first, header) {
                    (true, Some(seconds)) => answer(status, &[("retry-after", seconds)], "busy"),
                    (true, None) => answer(status, &[], "busy"),
                    (false, _) => usual(&request),
                }
            }
        })
        .await;
        let answers = pods(&fleet).await;
        let why = answers[0].gaps.first().map(|gap| gap.why.reason());
        assert_eq!(why, expect, "{status} {header:?}");
        assert_eq!(asked.load(Ordering::SeqCst), if expect.is_none() { 2 } else { 1 }, "{status} {header:?}");
    }
}
