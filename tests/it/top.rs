//! `top`: what pods use, against what they asked for.

use snapbox::data::Inline;
use snapbox::{Assert, IntoData, str};

use crate::made::{CATALOG, fleet};
use crate::support::{Board, Output, of};
use crate::terminal;

#[track_caller]
fn check(output: &Output, expected: Inline) {
    Assert::new().action_env("SNAPSHOTS").eq(output.to_string().raw(), expected.raw());
}

#[test]
fn what_is_closest_to_its_limit_stands_first() {
    let board = Board::demo().variable("NO_COLOR", "1");
    check(
        &terminal::run(&board, 110, "top payments"),
        str![[r#"
CLUSTER    POD                        CPU   CPU/REQUEST  CPU/LIMIT  MEMORY  MEM/REQUEST  MEM/LIMIT
us-west-2  payments-5p6kcmpn26-ps55x  162m  80%          no limit   244Mi   95%          95%
us-west-2  payments-5p6kcmpn26-dg5kr  151m  75%          no limit   239Mi   93%          93%
us-west-2  payments-5p6kcmpn26-kgm9w  150m  74%          no limit   238Mi   93%          93%
us-west-2  payments-5p6kcmpn26-lc5hk  141m  70%          no limit   233Mi   91%          91%
eu-west-1  payments-5p6kcmpn26-4vhc8  153m  76%          no limit   382Mi   74%          74%
eu-west-1  payments-5p6kcmpn26-4sw4m  150m  74%          no limit   379Mi   74%          74%
eu-west-1  payments-5p6kcmpn26-59gfm  150m  74%          no limit   379Mi   74%          74%
us-east-1  payments-5p6kcmpn26-bwb4p  149m  74%          no limit   378Mi   73%          73%
eu-west-1  payments-5p6kcmpn26-lbq6z  147m  73%          no limit   377Mi   73%          73%
eu-west-1  payments-5p6kcmpn26-9k4jt  143m  71%          no limit   373Mi   72%          72%
us-east-1  payments-5p6kcmpn26-ms2v4  142m  70%          no limit   372Mi   72%          72%
us-east-1  payments-5p6kcmpn26-kjz47  139m  69%          no limit   369Mi   72%          72%
us-east-1  payments-5p6kcmpn26-t6vf7  136m  67%          no limit   367Mi   71%          71%
us-east-1  payments-5p6kcmpn26-x8bvw  136m  67%          no limit   367Mi   71%          71%
eu-west-1  payments-5p6kcmpn26-k4r6q  133m  66%          no limit   364Mi   71%          71%
us-east-1  payments-5p6kcmpn26-nz2vw  128m  63%          no limit   359Mi   70%          70%
us-west-2  payments-5p6kcmpn26-6bwtr  -     of 200m      no limit   -       of 256Mi     of 256Mi
us-west-2  payments-5p6kcmpn26-ldq55  -     of 200m      no limit   -       of 256Mi     of 256Mi
------- stderr -------
18 pods, 16 measured: 2305m CPU, 5426Mi memory. 3 of 4 clusters answered in [TIME].
silent: ap-south-1 (connection refused)
note: not measured, as a container does not run: payments-5p6kcmpn26-6bwtr (us-west-2), payments-5p6kcmpn26-ldq55 (us-west-2)
[exit status: 4]

"#]],
    );
}

const PODS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop, labels: {backstage.io/kubernetes-id: web}}
spec:
  initContainers:
  - {name: setup, image: s:1, resources: {requests: {cpu: '4', memory: 4Gi}}}
  - {name: mesh, image: m:1, restartPolicy: Always, resources: {requests: {cpu: 50m, memory: 128Mi}, limits: {memory: 256Mi}}}
  containers:
  - {name: app, image: web:1, resources: {requests: {cpu: 200m, memory: 512Mi}, limits: {memory: 1Gi}}}
status: {phase: Running}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {backstage.io/kubernetes-id: web}}
spec:
  containers:
  - {name: app, image: web:1, resources: {requests: {cpu: 200m}}}
  - {name: helper, image: h:1}
status: {phase: Running}
---
apiVersion: v1
kind: Pod
metadata: {name: web-done, namespace: shop, labels: {backstage.io/kubernetes-id: web}}
spec: {containers: [{name: app, image: web:1}]}
status: {phase: Succeeded}
";

const METRICS: &str = "
apiVersion: metrics.k8s.io/v1beta1
kind: PodMetrics
metadata: {name: web-0, namespace: shop, labels: {backstage.io/kubernetes-id: web}}
timestamp: '2026-01-15T09:59:30Z'
window: 15s
containers:
- {name: app, usage: {cpu: 100000001n, memory: 786432Ki}}
- {name: mesh, usage: {cpu: 25m, memory: 134217728}}
---
apiVersion: metrics.k8s.io/v1beta1
kind: PodMetrics
metadata: {name: web-1, namespace: shop, labels: {backstage.io/kubernetes-id: web}}
timestamp: '2026-01-15T09:59:30Z'
window: 15s
containers:
- {name: app, usage: {cpu: 1, memory: 1e8}}
- {name: helper, usage: {cpu: 0, memory: 0}}
";

/// Sidecars count, init containers do not, and half a sum is none.
#[test]
fn several_containers_are_summed_or_said_to_have_no_request() {
    let (_directory, board) =
        fleet(&[("catalog.yaml", CATALOG), ("eu/pods.yaml", PODS), ("eu/metrics.yaml", METRICS)]);
    check(
        &board.run("top web -o wide"),
        str![[r#"
POD    CPU    CPU/REQUEST  CPU/LIMIT  MEMORY  MEM/REQUEST    MEM/LIMIT      MEASURED
web-0  126m   50% of 250m  no limit   896Mi   140% of 640Mi  70% of 1280Mi  30s ago
web-1  1000m  no request   no limit   95Mi    no request     no limit       30s ago
------- stderr -------
2 pods, 2 measured: 1126m CPU, 991Mi memory. 1 cluster answered in [TIME].
[exit status: 0]

"#]],
    );
    check(
        &board.run("top web --containers"),
        str![[r#"
POD    CONTAINER  CPU    CPU/REQUEST  CPU/LIMIT  MEMORY  MEM/REQUEST  MEM/LIMIT
web-0  mesh       25m    50%          no limit   128Mi   100%         50%
web-0  app        101m   50%          no limit   768Mi   150%         75%
web-1  app        1000m  500%         no limit   95Mi    no request   no limit
web-1  helper     0m     no request   no limit   0Mi     no request   no limit
------- stderr -------
2 pods, 2 measured: 1126m CPU, 991Mi memory. 1 cluster answered in [TIME].
[exit status: 0]

"#]],
    );
    let json = board.run("top web -o json").json();
    assert_eq!(json["kind"], "ServiceUsageList");
    let pod = &json["items"][0];
    assert_eq!(pod["name"], "web-0");
    assert_eq!(pod["cpu"]["millicores"], 126, "rounded up");
    assert_eq!(pod["cpu"]["requestMillicores"], 250);
    assert_eq!(pod["cpu"].get("limitMillicores"), None);
    assert_eq!(pod["memory"]["requestBytes"], 671_088_640);
    assert_eq!(pod["containers"].as_array().map(Vec::len), Some(2));
    assert_eq!(json["items"][1]["cpu"].get("requestMillicores"), None);
}

#[test]
fn no_metrics_server_is_a_note_and_a_refusal_a_gap() {
    let (_directory, board) = fleet(&[
        ("catalog.yaml", CATALOG),
        ("fleet.yaml", "clusters: [{name: eu}, {name: us}, {name: ap, forbid: [pods.metrics.k8s.io]}]"),
        ("eu/pods.yaml", PODS),
        ("us/pods.yaml", PODS),
        ("us/metrics.yaml", METRICS),
        ("ap/pods.yaml", PODS),
        ("ap/metrics.yaml", METRICS),
    ]);
    check(
        &board.run("top web"),
        str![[r#"
CLUSTER  POD    CPU    CPU/REQUEST  CPU/LIMIT  MEMORY  MEM/REQUEST  MEM/LIMIT
us       web-0  126m   50%          no limit   896Mi   140%         70%
us       web-1  1000m  no request   no limit   95Mi    no request   no limit
ap       web-0  -      of 250m      no limit   -       of 640Mi     of 1280Mi
ap       web-1  -      no request   no limit   -       no request   no limit
eu       web-0  -      of 250m      no limit   -       of 640Mi     of 1280Mi
eu       web-1  -      no request   no limit   -       no request   no limit
------- stderr -------
6 pods, 2 measured: 1126m CPU, 991Mi memory. 3 of 3 clusters answered in [TIME].
partial: ap (forbidden: pods.metrics.k8s.io)
note: no metrics server: eu
[exit status: 4]

"#]],
    );
    let output = board.run("top web --context eu,us");
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stderr.contains("note: no metrics server: eu"), "{output}");
}

/// Each reason once, with the pods that it is about.
#[test]
fn what_has_no_figure_says_why() {
    let pod = |name: &str, state: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{backstage.io/kubernetes-id: web}}}}\n\
             spec: {{containers: [{{name: app, image: 'web:1'}}]}}\n\
             status: {{phase: Running, containerStatuses: [{{name: app, state: {state}}}]}}\n---\n"
        )
    };
    let up = |at: &str| format!("{{running: {{startedAt: '{at}'}}}}");
    let back_off = "{waiting: {reason: CrashLoopBackOff}}";
    let pods = [
        pod("loops-1", back_off),
        pod("loops-2", back_off),
        pod("loops-3", back_off),
        pod("loops-4", back_off),
        pod("new", &up("2026-01-15T09:59:30Z")),
        pod("old", &up("2026-01-15T08:00:00Z")),
    ];
    let (_directory, board) = fleet(&[
        ("catalog.yaml", CATALOG),
        ("eu/pods.yaml", &(pods.concat() + PODS)),
        ("eu/metrics.yaml", METRICS),
    ]);
    let output = board.run("top web");
    assert_eq!(output.code, 0, "{output}");
    for note in [
        "note: not measured, as a container does not run: loops-1 (eu), loops-2 (eu), loops-3 (eu) and 1 more\n",
        "note: not measured yet, as it started less than 2m ago: new (eu)\n",
        "note: not measured, though it runs and its cluster serves metrics: old (eu)\n",
    ] {
        assert_eq!(output.stderr.matches(note).count(), 1, "{note}\n{output}");
    }
    let json = board.run("top web -o json").json();
    let why = |name: &str| of(&json["items"], "name", name).get("unmeasured").cloned();
    assert_eq!(why("loops-4"), Some("notRunning".into()));
    assert_eq!((why("new"), why("old"), why("web-0")), (Some("young".into()), Some("absent".into()), None));
}

#[test]
fn a_silent_cluster_makes_it_incomplete() {
    let output = Board::demo().run("top checkout --no-headers");
    assert_eq!(output.code, 4, "{output}");
    assert!(output.stderr.contains("silent: ap-south-1"), "{output}");
    assert!(output.stdout.contains("of 512Mi"), "pods that were not measured stand there too\n{output}");
    check(
        &Board::demo().run("top"),
        str![[r#"
------- stderr -------
error: which service? Name one, or choose by --owner, --system or -l
hint: `callboard services` lists them
[exit status: 2]

"#]],
    );
}
