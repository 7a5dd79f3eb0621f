//! `events`: one timeline over all clusters.

use std::process::Stdio;
use std::time::Duration;

use snapbox::data::Inline;
use snapbox::{Assert, IntoData, str};

use crate::made::{CATALOG, fleet};
use crate::support::{Board, Output};
use crate::terminal;

#[track_caller]
fn check(output: &Output, expected: Inline) {
    Assert::new().action_env("SNAPSHOTS").eq(output.to_string().raw(), expected.raw());
}

#[test]
fn the_timeline_of_a_crash_loop() {
    check(
        &Board::fleet("shop").run("events checkout --since 30s"),
        str![[r#"
AGE  CLUSTER    TYPE     REASON   OBJECT                         COUNT  MESSAGE
13s  us-east-1  Warning  BackOff  pod/checkout-4gv7hvtwj2-dd9hk  58     Back-off restarting failed container app in pod checkout-4gv7hvtwj2-dd9hk_shop(e06c3ae6-0855-5487-8f41-7483ae4bd547)
9s   us-east-1  Warning  BackOff  pod/checkout-4gv7hvtwj2-mxc76  58     Back-off restarting failed container app in pod checkout-4gv7hvtwj2-mxc76_shop(7cdcaf00-72f4-5515-ab50-faf73470791a)
------- stderr -------
2 events, 2 warnings. 4 of 4 clusters answered in [TIME].
[exit status: 0]

"#]],
    );
    check(
        &terminal::run(&Board::fleet("shop").variable("NO_COLOR", "1"), 110, "events checkout --warnings"),
        str![[r#"
AGE  CLUSTER    OBJECT                         WHAT HAPPENED
13s  us-east-1  pod/checkout-4gv7hvtwj2-dd9hk  Warning BackOff x58: Back-off restarting failed container app
9s   us-east-1  pod/checkout-4gv7hvtwj2-mxc76  Warning BackOff x58: Back-off restarting failed container app
------- stderr -------
2 events, 2 warnings. 4 of 4 clusters answered in [TIME].
[exit status: 0]

"#]],
    );
}

#[test]
fn services_are_named_where_there_are_several() {
    check(
        &Board::fleet("shop").run("events checkout payments --since 20s"),
        str![[r#"
AGE  SERVICE   CLUSTER    TYPE     REASON   OBJECT                         COUNT  MESSAGE
13s  checkout  us-east-1  Warning  BackOff  pod/checkout-4gv7hvtwj2-dd9hk  58     Back-off restarting failed container app in pod checkout-4gv7hvtwj2-dd9hk_shop(e06c3ae6-0855-5487-8f41-7483ae4bd547)
12s  payments  us-west-2  Warning  BackOff  pod/payments-5p6kcmpn26-6bwtr  20     Back-off restarting failed container app in pod payments-5p6kcmpn26-6bwtr_payments(76e7c5de-e981-5361-bd11-3fde39eaf365)
9s   checkout  us-east-1  Warning  BackOff  pod/checkout-4gv7hvtwj2-mxc76  58     Back-off restarting failed container app in pod checkout-4gv7hvtwj2-mxc76_shop(7cdcaf00-72f4-5515-ab50-faf73470791a)
------- stderr -------
3 events, 3 warnings. 4 of 4 clusters answered in [TIME].
[exit status: 0]

"#]],
    );
    let output = Board::fleet("shop").run("events checkout --warnings -o wide --no-headers");
    assert!(output.stdout.starts_with("2026-01-15T09:"), "{output}");
    let names = Board::fleet("shop").run("events checkout --warnings -o name");
    assert!(names.stdout.lines().all(|line| line.starts_with("pod/checkout-")), "{names}");
}

#[test]
fn json_has_every_field() {
    let json = Board::fleet("shop").run("events checkout --warnings -o json").json();
    assert_eq!(json["kind"], "ServiceEventList");
    assert_eq!(json["complete"], true);
    let event = &json["items"][0];
    assert_eq!(event["type"], "Warning");
    assert_eq!(event["reason"], "BackOff");
    assert_eq!(event["object"]["kind"], "Pod");
    assert_eq!(event["object"]["container"], "app");
    assert_eq!(event["cluster"], "us-east-1");
    assert_eq!(event["services"][0], "checkout");
    assert!(event["count"].as_i64() > Some(1), "{event}");
    assert!(event["time"].is_string() && event["firstSeen"].is_string(), "{event}");
    assert_eq!(json["items"].as_array().map(Vec::len), Some(2));
}

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {backstage.io/kubernetes-id: web}}
spec: {replicas: 0, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web, backstage.io/kubernetes-id: web}}, spec: {containers: [{name: app, image: web:1}]}}}
";

const EVENTS: &str = "
apiVersion: events.k8s.io/v1
kind: Event
metadata: {name: web-6d5f7c9b8d-x2k4z.1, namespace: shop, creationTimestamp: '2026-01-15T09:00:00Z'}
regarding: {kind: Pod, name: web-6d5f7c9b8d-x2k4z, namespace: shop, fieldPath: 'spec.containers{app}'}
type: Warning
reason: BackOff
note: in back-off
eventTime: '2026-01-15T09:00:00.000000Z'
series: {count: 9, lastObservedTime: '2026-01-15T09:50:00.000000Z'}
reportingController: kubelet
---
apiVersion: v1
kind: Event
metadata: {name: web-hpa.1, namespace: shop}
involvedObject: {kind: HorizontalPodAutoscaler, name: web-hpa, namespace: shop}
type: Warning
reason: FailedGetResourceMetric
message: no metrics
firstTimestamp: '2026-01-15T09:40:00Z'
lastTimestamp: '2026-01-15T09:40:00Z'
---
apiVersion: v1
kind: Event
metadata: {name: other-hpa.1, namespace: shop}
involvedObject: {kind: HorizontalPodAutoscaler, name: other-hpa, namespace: shop}
type: Warning
reason: FailedGetResourceMetric
message: not ours
lastTimestamp: '2026-01-15T09:41:00Z'
---
apiVersion: v1
kind: Event
metadata: {name: web-api.1, namespace: shop}
involvedObject: {kind: Deployment, name: web-api, namespace: shop}
type: Normal
reason: ScalingReplicaSet
message: \"not ours \\x1b[31m\"
lastTimestamp: '2026-01-15T09:42:00Z'
---
apiVersion: v1
kind: Event
metadata: {name: web.1, namespace: shop}
involvedObject: {kind: Deployment, name: web, namespace: shop}
type: Normal
reason: ScalingReplicaSet
message: \"Scaled \\x1b[31mdown\"
count: 2
firstTimestamp: '2026-01-15T09:42:00Z'
lastTimestamp: '2026-01-15T09:43:00Z'
";

const AUTOSCALERS: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web-hpa, namespace: shop}
spec: {maxReplicas: 4, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: other-hpa, namespace: shop}
spec: {maxReplicas: 4, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: other}}
";

/// Pods that are gone, autoscalers, the newer API's series; neighbours whose names begin alike are left out.
#[test]
fn what_belongs_to_a_service_and_what_does_not() {
    let (_directory, board) = fleet(&[
        ("catalog.yaml", CATALOG),
        ("eu/web.yaml", DEPLOYMENT),
        ("eu/events.yaml", EVENTS),
        ("eu/autoscalers.yaml", AUTOSCALERS),
    ]);
    check(
        &board.run("events web"),
        str![[r#"
AGE  TYPE     REASON                   OBJECT                           COUNT  MESSAGE
20m  Warning  FailedGetResourceMetric  horizontalpodautoscaler/web-hpa  1      no metrics
17m  Normal   ScalingReplicaSet        deployment/web                   2      Scaled �[31mdown
10m  Warning  BackOff                  pod/web-6d5f7c9b8d-x2k4z         9      in back-off
------- stderr -------
3 events, 2 warnings. 1 cluster answered in [TIME].
[exit status: 0]

"#]],
    );
}

#[test]
fn a_cluster_that_forbids_events_is_a_gap() {
    let (_directory, board) = fleet(&[
        ("catalog.yaml", CATALOG),
        ("fleet.yaml", "clusters: [{name: eu, forbid: [events]}, {name: us}]"),
        ("eu/web.yaml", DEPLOYMENT),
        ("us/web.yaml", DEPLOYMENT),
        ("us/events.yaml", EVENTS),
    ]);
    check(
        &board.run("events web --warnings"),
        str![[r#"
AGE  CLUSTER  TYPE     REASON   OBJECT                    COUNT  MESSAGE
10m  us       Warning  BackOff  pod/web-6d5f7c9b8d-x2k4z  9      in back-off
------- stderr -------
1 event, 1 warning. 2 of 2 clusters answered in [TIME].
partial: eu (forbidden: events)
[exit status: 4]

"#]],
    );
    let json = board.run("events web -o json").json();
    assert_eq!(json["complete"], false);
    assert_eq!(json["clusters"][0]["gaps"][0]["kind"], "events");
}

#[test]
fn silent_clusters_are_told_and_make_it_incomplete() {
    let output = Board::demo().run("events checkout --warnings --since 1s");
    assert!(output.stdout.is_empty(), "{output}");
    assert!(output.stderr.contains("No events. 3 of 4 clusters answered"), "{output}");
    assert!(output.stderr.contains("silent: ap-south-1"), "{output}");
    assert_eq!(output.code, 4);
}

#[test]
fn without_a_service_it_says_how_to_name_one() {
    check(
        &Board::fleet("shop").run("events"),
        str![[r#"
------- stderr -------
error: which service? Name one, or choose by --owner, --system or -l
hint: `callboard services` lists them
[exit status: 2]

"#]],
    );
    check(
        &Board::fleet("shop").run("events chekout"),
        str![[r#"
------- stderr -------
error: the catalog has no service "chekout"
hint: did you mean checkout?
[exit status: 1]

"#]],
    );
}

/// What is there is printed once, though the watch begins with a list of its own; then it waits for more.
#[test]
fn watching_goes_on() {
    let (_directory, board) =
        fleet(&[("catalog.yaml", CATALOG), ("eu/web.yaml", DEPLOYMENT), ("eu/events.yaml", EVENTS)]);
    let mut command = board.command("events web --watch -o json".split(' '));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(child.try_wait().expect("asked"), None, "it goes on");
    child.kill().expect("stopped");
    let output = child.wait_with_output().expect("ended");
    let reasons: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("JSON a line")["reason"].to_string()
        })
        .collect();
    assert_eq!(reasons, [r#""ScalingReplicaSet""#, r#""BackOff""#]);
}
