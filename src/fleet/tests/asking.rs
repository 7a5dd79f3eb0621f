//! Asking many clusters at once: every one answers once, none holds up the others.

use crate::fleet::tests::server::{answer, closed_port, json, raw};
use crate::fleet::tests::{
    PODS, ROLLOUTS, at, base64, fleet, kubeconfig, list_of, one, plain, pods, secured, setup, short, silence,
    usual,
};
use crate::fleet::{Fleet, FleetScope, Gap, ListRequest, Silence};
use futures::{FutureExt, StreamExt};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sound_cluster_answers_with_its_version_over_one_connection() {
    let (server, cluster) = secured(vec![b"h2", b"http/1.1"]).await;
    let fleet = fleet(&[(cluster, "{token: abc}".to_string())], short());
    let question = |asked: crate::fleet::Asked| async move {
        let request = ListRequest {
            resource: PODS,
            namespace: None,
            selector: Some("app in (a,b)"),
            field_selector: None,
        };
        let lists = (0..12).map(|_| {
            let (asked, request) = (asked.clone(), &request);
            async move { asked.list(request, &mut |_| Ok(())).await }
        });
        let ends = futures::future::join_all(lists).await;
        (ends.iter().filter(|end| end.is_ok()).count(), Vec::new())
    };
    let answers: Vec<_> = fleet.ask(question).collect().await;
    assert_eq!((answers[0].value, answers[0].version.as_deref()), (12, Some("v1.36.3")));
    assert_eq!(server.seen.connections(), 1);
    let line = "GET /api/v1/pods?resourceVersion=0&labelSelector=app%20in%20%28a%2Cb%29 Bearer abc";
    assert_eq!(server.seen.requests(line), 12);
}

#[tokio::test]
async fn dead_clusters_do_not_delay_the_others() {
    let sound = plain(|request| async move { usual(&request) }).await.1;
    let hanging = plain(|_| futures::future::pending()).await.1;
    let deaf = raw(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let deaf = format!("{{server: 'https://127.0.0.1:{}', insecure-skip-tls-verify: true}}", deaf.port);
    let refused = format!("{{server: 'http://127.0.0.1:{}'}}", closed_port().await);
    let nowhere = "{server: 'https://no-such-host.invalid'}".to_string();
    let none = "{}".to_string();
    let pairs = [at(&sound), at(&hanging), deaf, refused, nowhere].map(|cluster| (cluster, none.clone()));
    let fleet = fleet(&pairs, short());
    let begun = Instant::now();
    let question = |asked: crate::fleet::Asked| async move {
        let request = ListRequest { resource: PODS, namespace: None, selector: None, field_selector: None };
        match asked.list(&request, &mut |_| Ok(())).await {
            Ok(_) => (asked.cluster().name.clone(), Vec::new()),
            Err(why) => (String::new(), vec![Gap::kind("Pod", why)]),
        }
    };
    let mut stream = Box::pin(fleet.ask(question));
    let mut told = Vec::new();
    while let Some(answer) = stream.next().await {
        told.push(format!(
            "{} {}",
            answer.cluster,
            answer.silence().map_or("-".to_string(), |why| why.to_string())
        ));
    }
    let place = |cluster: &str| told.iter().position(|line| line.starts_with(cluster));
    assert!(place("c1") < place("c2") && place("c1") < place("c3"), "the sound one is held up: {told:?}");
    told.sort();
    assert_eq!(
        told,
        [
            "c1 -",
            "c2 timedOut: timed out after 3s",
            "c3 unreachable: no connection in 2s",
            "c4 unreachable: connection refused",
            "c5 unreachable: no such host no-such-host.invalid",
        ]
    );
    assert!(begun.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn the_servers_refusals_are_told_apart() {
    for (status, headers, body, expect) in [
        (401, "application/json", r#"{"message":"Unauthorized"}"#, Silence::Unauthorized),
        (
            403,
            "application/json",
            r#"{"message":"pods is forbidden"}"#,
            Silence::Forbidden("pods is forbidden".into()),
        ),
        (
            500,
            "application/json",
            r#"{"message":"etcd is away"}"#,
            Silence::Server("500: etcd is away".into()),
        ),
        (503, "text/plain", "no endpoints", Silence::Server("503: no endpoints".into())),
        (502, "text/html", "<h1>", Silence::Server("502 Bad Gateway".into())),
        (
            400,
            "application/json",
            r#"{"message":"bad selector"}"#,
            Silence::BadRequest("bad selector".into()),
        ),
        (404, "text/html", "<h1>", Silence::Protocol("404 text/html: no Kubernetes API".into())),
        (
            200,
            "text/html",
            "<h1>",
            Silence::Protocol("text/html came, not application/json: a login page or a proxy?".into()),
        ),
    ] {
        let (fleet, _server) =
            plain(move |_| async move { answer(status, &[("content-type", headers)], body) }).await;
        assert_eq!(silence(&fleet).await, expect);
    }
    let redirect = [("location", "https://login.corp/?token=secret")];
    let (fleet, _server) = plain(move |_| async move { answer(302, &redirect, "") }).await;
    let expect = "redirected to login.corp (302), not followed";
    assert_eq!(silence(&fleet).await, Silence::Protocol(expect.into()));
}

#[tokio::test]
async fn a_429_is_waited_out_twice_and_no_longer_than_the_deadline() {
    let (fleet, server) = plain(|request| async move {
        static ASKED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        if request.uri().path() == "/version" {
            return usual(&request);
        }
        match ASKED.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 | 1 => answer(429, &[("retry-after", "0")], "later"),
            _ => usual(&request),
        }
    })
    .await;
    assert_eq!(one(&fleet).await, (vec!["a".to_string(), "b".to_string()], None));
    assert_eq!(server.seen.requests("/pods"), 3);
    let (fleet, server) = plain(|_| async move { answer(429, &[("retry-after", "0")], "never") }).await;
    assert_eq!(silence(&fleet).await.reason(), "server");
    assert_eq!(server.seen.requests("/pods"), 3);
    let (fleet, server) = plain(|_| async move { answer(429, &[("retry-after", "60")], "much later") }).await;
    let expect = "too many requests (429); the server asks to wait 60s";
    assert_eq!(silence(&fleet).await, Silence::Server(expect.into()));
    assert_eq!(server.seen.requests("/pods"), 1);
}

#[tokio::test]
async fn a_cluster_with_one_gap_is_not_silent() {
    let (fleet, _server) = plain(|request| async move {
        match request.uri().path().ends_with("/pods") {
            true => answer(403, &[], r#"{"message":"no"}"#),
            false => json(list_of("Job", &["j"], "")),
        }
    })
    .await;
    let question = |asked: crate::fleet::Asked| async move {
        let jobs = crate::fleet::Resource { kind: "Job", group: "batch", version: "v1", plural: "jobs" };
        let mut gaps = Vec::new();
        for resource in [PODS, jobs] {
            let request =
                ListRequest { resource, namespace: Some("shop"), selector: None, field_selector: None };
            let end = asked.list(&request, &mut |_| Ok(())).await;
            gaps.extend(end.err().map(|why| Gap::kind(resource.kind, why)));
        }
        ((), gaps)
    };
    let answers: Vec<_> = fleet.ask(question).collect().await;
    assert_eq!(answers[0].gaps, [Gap::kind("Pod", Silence::Forbidden("no".into()))]);
    assert_eq!(answers[0].silence(), None);
}

#[tokio::test]
async fn a_question_that_ignores_the_clock_or_panics_is_given_up() {
    let (fleet, _server) = plain(|request| async move { usual(&request) }).await;
    let answers: Vec<_> = fleet.ask(|_| futures::future::pending::<((), Vec<Gap>)>()).collect().await;
    assert_eq!(answers[0].silence().map(Silence::reason), Some("timedOut"));
    // Who has timed out once is not asked again in a run.
    let answers: Vec<_> = fleet.ask(|_| async { ((), Vec::<Gap>::new()) }).collect().await;
    assert_eq!(answers[0].silence().map(Silence::reason), Some("timedOut"));
    let (fleet, _server) = plain(|request| async move { usual(&request) }).await;
    let panicking = |asked: crate::fleet::Asked| async move {
        assert!(asked.cluster().name.is_empty(), "a broken question");
        ((), Vec::new())
    };
    let answers: Vec<_> = fleet.ask(panicking).collect().await;
    assert_eq!(answers[0].silence().map(Silence::reason), Some("protocol"));
}

#[tokio::test]
async fn kubes_client_speaks_over_the_same_connection() {
    let (server, cluster) = secured(vec![b"h2"]).await;
    let fleet = fleet(&[(cluster, "{token: abc}".to_string())], short());
    let question = |asked: crate::fleet::Asked| async move {
        let pods: kube::Api<k8s_openapi::api::core::v1::Pod> = kube::Api::all(asked.client());
        let found = pods.list(&kube::api::ListParams::default()).await.map(|list| list.items.len());
        (found.unwrap_or_default(), Vec::new())
    };
    let answers: Vec<_> = fleet.ask(question).collect().await;
    assert_eq!((answers[0].value, server.seen.connections()), (2, 1));
}

#[tokio::test]
async fn kubes_errors_are_silences_again() {
    async fn listed(fleet: &Fleet) -> Vec<Silence> {
        let question = |asked: crate::fleet::Asked| async move {
            let pods: kube::Api<k8s_openapi::api::core::v1::Pod> = kube::Api::all(asked.client());
            let found = pods.list(&kube::api::ListParams::default()).await;
            (found.err().map(Silence::from).into_iter().collect::<Vec<_>>(), Vec::new())
        };
        let answers: Vec<_> = fleet.ask(question).collect().await;
        answers.into_iter().flat_map(|answer| answer.value).collect()
    }
    let status = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no","reason":"Forbidden","code":403}"#;
    let (fleet, _server) =
        plain(move |_| async move { answer(403, &[("content-type", "application/json")], status) }).await;
    assert_eq!(listed(&fleet).await, [Silence::Forbidden("no".into())]);
    let (fleet, _server) = plain(|_| futures::future::pending()).await;
    assert_eq!(listed(&fleet).await, [Silence::TimedOut(Duration::from_secs(3))]);
    let (fleet, _server) = plain(|_| async { json(r#"{"items":"hunter2"}"#) }).await;
    assert_eq!(listed(&fleet).await[0].reason(), "protocol");
}

const REVIEWS: crate::fleet::Resource<'static> = crate::fleet::Resource {
    kind: "SelfSubjectReview",
    group: "authentication.k8s.io",
    version: "v1",
    plural: "selfsubjectreviews",
};

/// A gateway that resolves names in its own way, and hands out a Secret where a ConfigMap was asked.
#[tokio::test]
async fn an_object_is_what_was_asked_or_none() {
    let (fleet, server) = plain(|request| async move {
        let object = |kind: &str, name: &str| {
            json(format!(
                r#"{{"apiVersion":"v1","kind":"{kind}","metadata":{{"name":"{name}"}},"data":{{"a":"b"}}}}"#
            ))
        };
        match request.uri().path() {
            "/api/v1/namespaces/shop/configmaps/good" => object("ConfigMap", "good"),
            "/api/v1/namespaces/shop/configmaps/none" => answer(404, &[], "{}"),
            "/api/v1/namespaces/shop/configmaps/other" => object("ConfigMap", "another"),
            "/version" => usual(&request),
            _ => object("Secret", "db"),
        }
    })
    .await;
    let question = |asked: crate::fleet::Asked| async move {
        let maps =
            crate::fleet::Resource { kind: "ConfigMap", group: "", version: "v1", plural: "configmaps" };
        let mut told = Vec::new();
        for name in ["good", "none", "other", "secret", "../secrets/db", "..", "a%2f..%2fsecrets", ""] {
            told.push(match asked.object(&maps, Some("shop"), name).await {
                Ok(Some(_)) => "an object".to_string(),
                Ok(None) => "none".to_string(),
                Err(why) => why.message(),
            });
        }
        (told, Vec::new())
    };
    let answers: Vec<_> = fleet.ask(question).collect().await;
    let foreign = |what: &str| format!("v1 {what} came where a ConfigMap was asked");
    let expect = [
        "an object",
        "none",
        &foreign("ConfigMap another"),
        &foreign("Secret db"),
        "none",
        "none",
        "none",
        "none",
    ];
    assert_eq!(answers[0].value, expect);
    assert_eq!(server.seen.requests("GET /api"), 4, "what is no name is not asked for");
}

#[tokio::test]
async fn small_reads_and_reviews() {
    let (fleet, server) = plain(|request| async move {
        match (request.method().as_str(), request.uri().path()) {
            ("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews") => {
                answer(201, &[], r#"{"status":{}}"#)
            }
            _ => usual(&request),
        }
    })
    .await;
    let question = |asked: crate::fleet::Asked| async move {
        let known = asked.review(&REVIEWS, &serde_json::json!({})).await;
        let unknown = asked.get("/apis/nope", None).await;
        (format!("{known:?} {unknown:?}"), Vec::new())
    };
    let answers: Vec<_> = fleet.ask(question).collect().await;
    assert_eq!(answers[0].value, r#"Ok(Some("{\"status\":{}}")) Ok(None)"#);
    assert_eq!(server.seen.requests("POST"), 1);
}

#[tokio::test]
async fn a_cluster_that_only_ever_sends_another_kind_is_silent_once() {
    let (fleet, _server) = plain(|_| async move { json(list_of("LimitRange", &[], "")) }).await;
    let question = |asked: crate::fleet::Asked| async move {
        let mut gaps = Vec::new();
        for resource in [PODS, ROLLOUTS] {
            let request = ListRequest { resource, namespace: None, selector: None, field_selector: None };
            gaps.extend(
                asked.list(&request, &mut |_| Ok(())).await.err().map(|why| Gap::kind(resource.kind, why)),
            );
        }
        let review = serde_json::json!({"kind": "SelfSubjectReview"});
        gaps.extend(asked.review(&REVIEWS, &review).await.err().map(Gap::cluster));
        (gaps.len(), gaps)
    };
    let answers: Vec<_> = fleet.ask(question).collect().await;
    let why = Silence::Protocol("a LimitRangeList came where a SelfSubjectReview was asked".into());
    assert_eq!((answers[0].value, answers[0].gaps.clone()), (3, vec![Gap::cluster(why)]));
}

#[tokio::test]
async fn an_authority_is_the_same_in_a_file_and_in_the_kubeconfig() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ca.crt");
    std::fs::write(&path, "the bytes\n").expect("a file");
    let cluster = |authority: String| (format!("{{server: 'https://x', {authority}}}"), "{}".to_string());
    let in_file = cluster(format!("certificate-authority: '{}'", path.display()));
    let inside = |text| cluster(format!("certificate-authority-data: {}", base64(text)));
    let gone = |name: &str| cluster(format!("certificate-authority: '/no/such/{name}'"));
    let pairs = [in_file, inside("the bytes\n"), inside("others\n"), gone("one"), gone("two"), gone("one")];
    let fleet = fleet(&pairs, short());
    let told: Vec<_> =
        fleet.clusters().map(|cluster| format!("{} {}", cluster.name, cluster.others.join(","))).collect();
    assert_eq!(told, ["c1 c2", "c3 ", "c4 c6", "c5 "]);
}

#[tokio::test]
async fn a_fleet_names_what_is_broken_and_works_with_the_rest() {
    let lost = || {
        let mut document = kubeconfig(&[("{server: 'http://x'}".into(), "{}".into())]);
        document.text = document.text.map(|text| text + "- {name: lost, context: {cluster: gone}}\n");
        document
    };
    let mut good = setup(lost(), short());
    good.scope = FleetScope { contexts: vec!["lost".to_string()], ..FleetScope::default() };
    let told = Fleet::new(good).err().expect("an error").to_string();
    assert_eq!(told, "/tmp/kubeconfig: context \"lost\" names cluster \"gone\", which is not there");
    let mut both = setup(lost(), short());
    both.scope = FleetScope { contexts: vec!["lost".to_string(), "c1".to_string()], ..FleetScope::default() };
    let both = Fleet::new(both).expect("one works");
    assert_eq!((both.clusters().count(), both.problems().len()), (1, 1));
    let mut empty = setup(kubeconfig(&[]), short());
    empty.found.contexts.clear();
    assert!(Fleet::new(empty).err().expect("an error").to_string().starts_with("no clusters"));
    let dropped = fleet(&[("{server: 'http://x'}".into(), "{}".into())], short());
    assert!(pods(&dropped).now_or_never().is_none(), "nothing is asked before the stream is polled on");
}

/// A server that repeats our token in everything that it may say.
#[tokio::test]
async fn our_own_token_is_never_told() {
    for (status, kind) in
        [(403, "application/json"), (500, "text/plain"), (200, "text/tok-own-token-1"), (302, "text/html")]
    {
        let server = crate::fleet::tests::server::serve(None, move |_| async move {
            let body = r#"{"kind":"Status","message":"no: tok-own-token-1 and TOK-own-token-1"}"#;
            let headers = [("content-type", kind), ("location", "https://tok-own-token-1.example/")];
            answer(status, &headers, body)
        })
        .await;
        let fleet = fleet(&[(at(&server), "{token: tok-own-token-1}".to_string())], short());
        let told = format!("{:?}", silence(&fleet).await);
        assert!(!told.contains("own-token-1") || told.contains("TOK-"), "{told}");
        assert!(!told.contains("tok-own"), "{told}");
    }
}
