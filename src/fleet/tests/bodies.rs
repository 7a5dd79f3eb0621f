//! Bodies that are cut, damaged, dripping, compressed, paged or of another kind.

use crate::fleet::Silence;
use crate::fleet::tests::server::{Answered, answer, broken_off, json};
use crate::fleet::tests::{PODS, ROLLOUTS, list_of, listing, one, plain, silence, usual};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::Request;
use hyper::body::Incoming;
use std::io::Write;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

fn zipped(body: impl Into<Bytes>) -> Answered {
    answer(200, &[("content-type", "application/json"), ("content-encoding", "gzip")], body)
}

#[tokio::test]
async fn what_dripped_in_before_the_deadline_is_kept() {
    let (fleet, _server) = plain(|_| async {
        let text = list_of("Pod", &["a", "b", "c"], "");
        broken_off(vec![Bytes::from(text[..text.len() - 30].to_string())], true)
    })
    .await;
    let (names, gap) = one(&fleet).await;
    assert_eq!(names, ["a", "b"]);
    let gap = gap.expect("a gap");
    assert_eq!((gap.kind.as_deref(), gap.why.reason()), (Some("Pod"), "timedOut"));
}

#[tokio::test]
async fn a_cut_body_is_never_a_short_list() {
    let (fleet, _server) = plain(|_| async {
        let text = list_of("Pod", &["a", "b", "c"], "");
        broken_off(vec![Bytes::from(text[..text.len() - 30].to_string())], false)
    })
    .await;
    let (_, gap) = one(&fleet).await;
    assert_eq!(gap.expect("a gap").why.reason(), "protocol");
    let (fleet, _server) = plain(|_| async {
        let text = list_of("Pod", &["a", "b", "c"], "");
        json(text[..text.len() - 3].to_string())
    })
    .await;
    let (_, gap) = one(&fleet).await;
    assert_eq!(gap.expect("a gap").why, Silence::Protocol("the body ended too early".into()));
}

#[tokio::test]
async fn gzip_is_read_and_its_damage_noticed() {
    let text = || list_of("Pod", &["a", "b"], "");
    let (fleet, _server) = plain(move |_| async move { zipped(gzip(&text())) }).await;
    assert_eq!(one(&fleet).await, (vec!["a".to_string(), "b".to_string()], None));
    let whole = gzip(&text());
    for cut in [4, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        let body = whole[..cut].to_vec();
        let (fleet, _server) = plain(move |_| {
            let body = body.clone();
            async move { zipped(body) }
        })
        .await;
        let gap = one(&fleet).await.1.expect("a gap");
        assert_eq!(gap.why.reason(), "protocol", "cut at {cut}");
    }
    let mut flipped = whole.clone();
    let at = flipped.len() - 6;
    flipped[at] ^= 0xff;
    let (fleet, _server) = plain(move |_| {
        let body = flipped.clone();
        async move { zipped(body) }
    })
    .await;
    let gap = one(&fleet).await.1.expect("a gap");
    assert_eq!(gap.why, Silence::Protocol("the compressed body is damaged".into()));
}

#[tokio::test]
async fn small_documents_are_whole_or_an_error() {
    let text = r#"{"kind":"Thing","metadata":{}}"#;
    let cut = gzip(text);
    let cut = cut[..cut.len() - 4].to_vec();
    let json_of = |body: &str| ("", Bytes::from(body.to_string()));
    for ((encoding, body), expect) in [
        (json_of(text), "Ok"),
        (("gzip", Bytes::from(gzip(text))), "Ok"),
        (("gzip", Bytes::from(cut)), "the compressed body is damaged"),
        (("br", Bytes::new()), "the body is compressed in a way that was not asked"),
        (json_of(&text[..20]), "the body ended too early"),
        (json_of("{]"), "the answer is not JSON"),
        (("", Bytes::from_static(b"\"\xff\"")), "the answer is not JSON"),
    ] {
        let (fleet, _server) = plain(move |_| {
            let body = body.clone();
            async move {
                match encoding {
                    "" => json(body),
                    _ => answer(200, &[("content-encoding", encoding)], body),
                }
            }
        })
        .await;
        let question = |asked: crate::fleet::Asked| async move {
            let told = match asked.get("/api/v1/things/x", None).await {
                Ok(_) => "Ok".to_string(),
                Err(why) => why.message(),
            };
            (told, Vec::new())
        };
        let answers: Vec<_> = futures::StreamExt::collect(fleet.ask(question)).await;
        assert_eq!(answers[0].value, expect);
    }
}

#[tokio::test]
async fn what_was_not_asked_is_not_taken() {
    for (body, expect) in [
        (list_of("Secret", &["s"], ""), "a SecretList came where a PodList was asked"),
        (r#"{"kind":"Status","items":[]}"#.to_string(), "a Status came where a PodList was asked"),
        (
            r#"{"items":[{"metadata":{"name":"x"}}],"kind":"NodeList"}"#.to_string(),
            "a NodeList came where a PodList was asked",
        ),
        ("{]".to_string(), "not the JSON of a list"),
    ] {
        let (fleet, _server) = plain(move |_| {
            let body = body.clone();
            async move { json(body) }
        })
        .await;
        assert_eq!(silence(&fleet).await, Silence::Protocol(expect.into()));
    }
}

#[tokio::test]
async fn custom_resources_say_their_kind_last_and_may_not_be_served() {
    let sorted = r#"{"apiVersion":"argoproj.io/v1alpha1","items":[{"metadata":{"name":"r"}}],"kind":"RolloutList","metadata":{}}"#;
    let (fleet, _server) = plain(move |_| async move { json(sorted) }).await;
    assert_eq!(listing(&fleet, ROLLOUTS, Some("app")).await[0].value, ["r"]);
    let (fleet, _server) = plain(|request| async move { usual(&request) }).await;
    assert_eq!(listing(&fleet, ROLLOUTS, Some("app")).await[0].value, ["not served"]);
}

#[tokio::test]
async fn a_cut_custom_list_is_kept_if_its_version_is_right() {
    for (version, expect) in [("argoproj.io/v1alpha1", vec!["r"]), ("v1", vec![])] {
        let text =
            format!(r#"{{"apiVersion":"{version}","items":[{{"metadata":{{"name":"r"}}}},{{"metadata"#);
        let (fleet, _server) = plain(move |_| {
            let text = text.clone();
            async move { broken_off(vec![Bytes::from(text)], true) }
        })
        .await;
        let answers = listing(&fleet, ROLLOUTS, Some("app")).await;
        assert_eq!(answers[0].value, expect);
        assert_eq!(answers[0].gaps[0].why.reason(), "timedOut");
    }
}

fn token(request: &Request<Incoming>) -> String {
    let query = request.uri().query().unwrap_or_default();
    query.split('&').find_map(|pair| pair.strip_prefix("continue=")).unwrap_or_default().to_string()
}

#[tokio::test]
async fn a_whole_list_comes_in_pages() {
    let (fleet, server) = plain(|request| async move {
        match token(&request).as_str() {
            "" => json(list_of("Pod", &["a", "b"], "t1")),
            "t1" => json(list_of("Pod", &["c"], "t2")),
            _ => json(list_of("Pod", &["d"], "")),
        }
    })
    .await;
    let answers = listing(&fleet, PODS, None).await;
    assert_eq!((answers[0].value.join(""), answers[0].gaps.len()), ("abcd".to_string(), 0));
    assert_eq!(server.seen.requests("/pods?limit=500"), 3);
}

#[tokio::test]
async fn an_expired_page_starts_again_without_duplicates() {
    let (fleet, server) = plain(|request| async move {
        static EXPIRED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
        match token(&request).as_str() {
            "" => json(list_of("Pod", &["a", "b"], "t1")),
            _ if !EXPIRED.swap(true, std::sync::atomic::Ordering::SeqCst) => {
                answer(410, &[], r#"{"reason":"Expired"}"#)
            }
            _ => json(list_of("Pod", &["c"], "")),
        }
    })
    .await;
    let answers = listing(&fleet, PODS, None).await;
    assert_eq!((answers[0].value.join(""), answers[0].gaps.len()), ("abc".to_string(), 0));
    assert_eq!(server.seen.requests("/pods"), 4);
}

#[tokio::test]
async fn an_expired_page_goes_on_with_the_servers_own_token() {
    let (fleet, server) = plain(|request| async move {
        match token(&request).as_str() {
            "" => json(list_of("Pod", &["a"], "old")),
            "old" => answer(410, &[], r#"{"reason":"Expired","metadata":{"continue":"new"}}"#),
            _ => json(list_of("Pod", &["b"], "")),
        }
    })
    .await;
    assert_eq!(listing(&fleet, PODS, None).await[0].value.join(""), "ab");
    assert_eq!(server.seen.requests("/pods"), 3);
}

#[tokio::test]
async fn paging_without_end_is_refused() {
    let (fleet, _server) = plain(|_| async { json(list_of("Pod", &["a"], "same")) }).await;
    let answers = listing(&fleet, PODS, None).await;
    assert_eq!(answers[0].gaps[0].why, Silence::Protocol("the same page came again and again".into()));
    let (fleet, _server) = plain(|_| async { answer(410, &[], "{}") }).await;
    let answers = listing(&fleet, PODS, None).await;
    assert_eq!(answers[0].gaps[0].why.reason(), "protocol");
}
