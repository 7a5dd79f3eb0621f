//! What healthy servers answer.

use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::demo::tests::client::{Board, authorized, board};

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

#[tokio::test]
async fn lists_are_selected_and_ordered() {
    let board = board("").await;
    assert_eq!(board.get("/api/v1/pods").await.names(), ["other", "web-a", "web-b"]);
    assert_eq!(board.get("/api/v1/namespaces/shop/pods").await.names(), ["web-a", "web-b"]);
    assert_eq!(board.get("/api/v1/pods?labelSelector=app%20in%20(other,x)").await.names(), ["other"]);
    assert_eq!(board.get("/api/v1/pods?fieldSelector=status.phase!%3DRunning").await.names(), ["other"]);
    assert_eq!(board.get("/api/v1/namespaces/nowhere/pods").await.names(), Vec::<String>::new());
    let list = board.get("/api/v1/pods").await;
    assert_eq!((list.json()["kind"].as_str(), list.json()["items"][0].get("kind")), (Some("PodList"), None));
    let rollouts = board.get("/apis/argoproj.io/v1alpha1/rollouts").await.json();
    assert_eq!(rollouts["items"][0]["kind"], "Rollout");
    assert!(list.headers.contains_key("audit-id") && !list.headers.contains_key("content-encoding"));
}

#[tokio::test]
async fn pages_follow_each_other() {
    let board = board("").await;
    let first = board.get("/api/v1/pods?limit=2").await.json();
    assert_eq!(first["metadata"]["remainingItemCount"], 1);
    let token = first["metadata"]["continue"].as_str().expect("there is more");
    let second = board.get(&format!("/api/v1/pods?limit=2&continue={token}")).await;
    assert_eq!(second.names(), ["web-b"]);
    assert_eq!(second.json()["metadata"].get("continue"), None);
    let selected = board.get("/api/v1/pods?limit=1&labelSelector=app").await.json();
    assert_eq!(selected["metadata"].get("remainingItemCount"), None);
    assert!(selected["metadata"]["continue"].is_string());
    assert_eq!(board.get("/api/v1/pods?limit=1&resourceVersion=0").await.names().len(), 3);
}

#[track_caller]
fn message(answer: &Value) -> &str {
    answer["message"].as_str().expect("a Status has a message")
}

#[tokio::test]
async fn refusals_are_the_captured_ones() {
    let board = board("").await;
    for (path, status, expect) in [
        (
            "/api/v1/pods?labelSelector=a%3D%3D%3D",
            400,
            "unable to parse requirement: found '=', expected: identifier",
        ),
        ("/api/v1/pods?fieldSelector=spec.foo%3Dx", 400, "field label not supported: spec.foo"),
        ("/api/v1/pods?limit=abc", 400, "strconv.ParseInt: parsing \"abc\": invalid syntax"),
        ("/apis/apps/v1/foos", 404, "the server could not find the requested resource"),
        ("/apis/apps/v9", 404, "the server could not find the requested resource"),
        ("/api/v1/namespaces/shop/pods/nope", 404, "pods \"nope\" not found"),
        (
            "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/x",
            404,
            "rollouts.argoproj.io \"x\" not found",
        ),
        (
            "/api/v1/pods?resourceVersion=999999",
            504,
            "Timeout: Too large resource version: 999999, current: 1006",
        ),
        (
            "/api/v1/pods?continue=eyJydiI6Miwic3RhcnQiOiIvYSJ9",
            410,
            "The provided continue parameter is too old",
        ),
    ] {
        let answer = board.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(message(&answer.json()).starts_with(expect), "{path}: {}", answer.text());
    }
    let unknown = board.get("/apis/nope.example.com/v1/things").await;
    assert_eq!((unknown.status, unknown.text().as_str()), (404, "404 page not found\n"));
    assert_eq!(board.get_as("/api/v1/pods", "application/foo").await.status, 406);
    let written = board.ask(authorized(Request::delete("/api/v1/namespaces/shop/pods/web-a")), "").await;
    assert_eq!((written.status, written.json()["reason"].as_str()), (405, Some("MethodNotAllowed")));
}

#[tokio::test]
async fn tokens_are_looked_at_first() {
    let board = board("").await;
    let wrong = board.ask(Request::get("/version").header("authorization", "Bearer nope"), "").await;
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "Unauthorized", "reason": "Unauthorized", "code": 401});
    assert_eq!((wrong.status, wrong.json()), (401, status));
    let anonymous = board.ask(Request::get("/api/v1/pods"), "").await;
    let expect = "pods is forbidden: User \"system:anonymous\" cannot list resource \"pods\" in API group \"\" at the cluster scope";
    assert_eq!((anonymous.status, message(&anonymous.json())), (403, expect));
    assert_eq!(board.ask(Request::get("/version"), "").await.status, 200);
    assert_eq!(board.ask(Request::get("/api"), "").await.status, 403);
}

#[tokio::test]
async fn who_asks_may_be_somebody_else() {
    let board = board("  forbid: [pods]\n").await;
    let review = || authorized(Request::post("/apis/authentication.k8s.io/v1/selfsubjectreviews"));
    let info = async |request| {
        let answer = board.ask(request, "{}").await;
        (answer.status, answer.json()["status"]["userInfo"].clone())
    };
    let own = json!({"username": "demo", "uid": "uid-demo", "groups": ["viewers", "system:authenticated"]});
    assert_eq!(info(review()).await, (201, own));
    let jane = review().header("impersonate-user", "jane");
    let jane = jane.header("impersonate-group", "dev").header("impersonate-group", "ops");
    let expect = json!({"username": "jane", "groups": ["dev", "ops", "system:authenticated"]});
    assert_eq!(info(jane).await, (201, expect));
    let refused =
        board.ask(authorized(Request::get("/api/v1/pods")).header("impersonate-user", "jane"), "").await;
    assert_eq!(refused.status, 403);
    assert!(message(&refused.json()).contains("User \"jane\" cannot list"), "{}", refused.text());
    let nobody = board.ask(review().header("impersonate-group", "dev"), "{}").await;
    assert_eq!(nobody.status, 500);
    let stranger =
        Request::get("/version").header("authorization", "Bearer no").header("impersonate-user", "jane");
    assert_eq!(board.ask(stranger, "").await.status, 401);
}

#[tokio::test]
async fn the_forbidden_may_be_listed_where_fleet_yaml_says() {
    let board = board("  forbid: [pods, rollouts.argoproj.io]\n  namespaces: [shop]\n").await;
    let everywhere = board.get("/api/v1/pods").await;
    let expect = "pods is forbidden: User \"demo\" cannot list resource \"pods\" in API group \"\" at the cluster scope";
    assert_eq!((everywhere.status, message(&everywhere.json())), (403, expect));
    assert_eq!(everywhere.json()["details"], json!({"kind": "pods"}));
    assert_eq!(board.get("/api/v1/namespaces/shop/pods").await.names(), ["web-a", "web-b"]);
    let named = board.get("/api/v1/namespaces/default/pods/other/log").await;
    let expect = "pods \"other\" is forbidden: User \"demo\" cannot get resource \"pods/log\" in API group \"\" in the namespace \"default\"";
    assert_eq!((named.status, message(&named.json())), (403, expect));
    assert_eq!(board.get("/apis/apps/v1/deployments").await.names(), ["web"]);
    assert_eq!(board.get("/apis/argoproj.io/v1alpha1/rollouts").await.status, 403);
    assert_eq!(board.get("/apis/argoproj.io/v1alpha1").await.status, 200, "discovery tells all");
}

#[tokio::test]
async fn tables_have_kubectls_cells() {
    let board = board("").await;
    let table = board.get_as("/api/v1/namespaces/shop/pods?includeObject=None", TABLE).await.json();
    let cells: Vec<&Value> =
        table["rows"].as_array().expect("rows").iter().map(|row| &row["cells"]).collect();
    assert_eq!(
        cells[1],
        &json!([
            "web-b",
            "0/2",
            "CrashLoopBackOff",
            "7 (60s ago)",
            "60m",
            "<none>",
            "n-1",
            "<none>",
            "<none>"
        ])
    );
    assert_eq!(table["rows"][0]["object"], Value::Null);
    let deployments = board.get_as("/apis/apps/v1/deployments", TABLE).await.json();
    assert_eq!(deployments["rows"][0]["cells"], json!(["web", "1/2", 2, 1, "60m", "", "", "app=web"]));
    assert_eq!(deployments["rows"][0]["object"]["kind"], "PartialObjectMetadata");
    let custom = board.get_as("/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/cart", TABLE).await.json();
    assert_eq!(custom["rows"][0]["cells"], json!(["cart", "<unknown>"]));
    let metadata = board
        .get_as("/api/v1/pods", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")
        .await
        .json();
    assert_eq!(
        (metadata["items"][0]["kind"].as_str(), metadata["items"][0].get("spec")),
        (Some("PartialObjectMetadata"), None)
    );
}

#[tokio::test]
async fn discovery_tells_every_kind() {
    let board = board("").await;
    let aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    let all = board.get_as("/apis", aggregated).await;
    assert_eq!(
        all.headers["content-type"],
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    );
    let groups = all.json();
    let custom = groups["items"].as_array().expect("groups").last().expect("some").clone();
    assert_eq!(
        custom["versions"][0]["resources"][0]["responseKind"],
        json!({"group": "argoproj.io", "version": "v1alpha1", "kind": "Rollout"})
    );
    let etag = all.headers["etag"].to_str().expect("text").to_string();
    let again = Request::get("/apis").header("accept", aggregated).header("if-none-match", etag);
    assert_eq!(board.ask(authorized(again), "").await.status, 304);
    assert_eq!(board.get("/apis").await.json()["kind"], "APIGroupList");
    let core = board.get("/api/v1").await.json();
    assert!(core["resources"].as_array().expect("resources").iter().any(|entry| entry["name"] == "pods/log"));
    assert_eq!(core.get("apiVersion"), None);
}

#[tokio::test]
async fn an_old_server_knows_no_aggregated_discovery() {
    let board = board("  version: v1.20.2\n").await;
    let aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    assert_eq!(board.get_as("/apis", aggregated).await.status, 406);
    assert_eq!(
        board.get_as("/apis", &format!("{aggregated},application/json")).await.json()["kind"],
        "APIGroupList"
    );
    assert_eq!(board.get("/version").await.json()["gitVersion"], "v1.20.2");
}

#[tokio::test]
async fn logs_follow_the_kubelets_rules() {
    let board = board("").await;
    let log = async |query: &str| board.get(&format!("/api/v1/namespaces/shop/pods/{query}")).await;
    assert_eq!(log("web-a/log").await.text(), "one\ntwo\n");
    assert_eq!(
        log("web-a/log?tailLines=1&timestamps=true").await.text(),
        "2026-01-15T09:59:59.000000000Z two\n"
    );
    assert_eq!(log("web-a/log?sinceSeconds=1").await.text(), "two\n");
    assert_eq!(log("web-b/log?container=app&previous=true").await.text(), "panic\n");
    assert_eq!(
        log("web-b/log?container=app").await.text(),
        "panic\n",
        "in back-off the last run is the current one"
    );
    for (query, status, expect) in [
        ("web-a/log?previous=true", 400, "previous terminated container \"app\" in pod \"web-a\" not found"),
        ("web-a/log?container=nope", 400, "container nope is not valid for pod web-a"),
        ("web-b/log", 400, "a container name must be specified for pod web-b, choose one of: [app proxy]"),
        (
            "web-b/log?container=proxy",
            400,
            "container \"proxy\" in pod \"web-b\" is waiting to start: trying and failing to pull image",
        ),
        ("nope/log", 404, "pods \"nope\" not found"),
        (
            "web-a/log?tailLines=-5",
            422,
            "PodLogOptions \"web-a\" is invalid: tailLines: Invalid value: -5: must be greater than or equal to 0",
        ),
    ] {
        let answer = log(query).await;
        assert_eq!((answer.status, message(&answer.json())), (status, expect), "{query}");
    }
    let unscheduled = board.get("/api/v1/namespaces/default/pods/other/log").await;
    assert_eq!((unscheduled.status, unscheduled.body.len()), (204, 0));
}

async fn watched(board: &Board, query: &str) -> Vec<Value> {
    let answer = board.get(&format!("/api/v1/namespaces/shop/pods?watch=1&timeoutSeconds=1{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text().lines().map(|line| serde_json::from_str(line).expect("a line is an event")).collect()
}

#[tokio::test]
async fn watches_tell_what_is_there_and_end_cleanly() {
    let board = board("").await;
    let kinds = |events: Vec<Value>| {
        events.iter().map(|event| event["type"].as_str().unwrap_or("?").to_string()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(watched(&board, "").await), ["ADDED", "ADDED"]);
    assert_eq!(kinds(watched(&board, "&resourceVersion=1006").await), Vec::<String>::new());
    let initial = "&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan";
    let events = watched(&board, initial).await;
    assert_eq!(events[2]["object"]["metadata"]["annotations"], json!({"k8s.io/initial-events-end": "true"}));
    let refused = board.get("/api/v1/pods?watch=1&sendInitialEvents=true").await;
    assert_eq!((refused.status, refused.json()["reason"].as_str()), (422, Some("Invalid")));
}

#[tokio::test]
async fn a_followed_log_stays_open() {
    let board = board("").await;
    let request = authorized(Request::get("/api/v1/namespaces/shop/pods/web-a/log?follow=true"));
    let mut body = board.send(request, "").await.expect("it answers").into_body();
    let first = body.frame().await.expect("the lines come").expect("whole").into_data().expect("data");
    assert_eq!(first, "one\ntwo\n");
    let more = tokio::time::timeout(std::time::Duration::from_millis(100), body.frame()).await;
    assert!(more.is_err(), "the container runs, so the log goes on");
}

#[tokio::test]
async fn http_1_is_spoken_as_well() {
    let board = board("").await;
    let response = board.send_http1(authorized(Request::get("/api/v1/pods"))).await.expect("it answers");
    assert_eq!(response.version(), http::Version::HTTP_11);
    let body = response.into_body().collect().await.expect("the body is whole").to_bytes();
    assert_eq!(body, board.get("/api/v1/pods").await.body);
}

#[tokio::test]
async fn objects_are_read_with_the_servers_defaults() {
    let board = board("").await;
    let pod = board.get("/api/v1/namespaces/shop/pods/web-a").await.json();
    assert_eq!(pod["spec"]["restartPolicy"], "Always");
    let rollouts = board.get("/apis/argoproj.io/v1alpha1/rollouts").await.text();
    let shape = r#"{"apiVersion":"argoproj.io/v1alpha1","items":[{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","#;
    assert!(rollouts.starts_with(shape), "custom objects are written in alphabetical order: {rollouts}");
}

#[tokio::test]
async fn everybody_may_ask_about_themselves() {
    let board = board("  forbid: [pods]\n").await;
    let post =
        |path: &'static str| authorized(Request::post(path)).header("content-type", "application/json");
    let me = board.ask(post("/apis/authentication.k8s.io/v1/selfsubjectreviews"), "{}").await;
    assert_eq!((me.status, me.json()["status"]["userInfo"]["username"].as_str()), (201, Some("demo")));
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    for (body, allowed) in [
        (r#"{"spec":{"resourceAttributes":{"verb":"list","resource":"nodes"}}}"#, true),
        (r#"{"spec":{"resourceAttributes":{"verb":"list","resource":"pods"}}}"#, false),
        (r#"{"spec":{"resourceAttributes":{"verb":"delete","resource":"nodes"}}}"#, false),
    ] {
        let review = board.ask(post(path), body).await;
        assert_eq!((review.status, &review.json()["status"]["allowed"]), (201, &json!(allowed)), "{body}");
    }
    assert_eq!(board.ask(post(path), "{").await.status, 400);
}
