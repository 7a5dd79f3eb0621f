//! `status` as people and scripts see it, fleet by fleet.

use std::fs;
use std::path::Path;

use serde_json::Value;
use snapbox::data::Inline;
use snapbox::{Assert, IntoData, str};

use crate::support::{Board, Output};
use crate::terminal;

/// Compares all that a run said; `SNAPSHOTS=overwrite cargo test` writes the snapshots anew.
#[track_caller]
fn check(output: &Output, expected: Inline) {
    Assert::new().action_env("SNAPSHOTS").eq(output.to_string().raw(), expected.raw());
}

#[track_caller]
fn says(fleet: &str, words: &str, expected: Inline) {
    check(&Board::fleet(fleet).run(words), expected);
}

#[track_caller]
fn on_terminal(fleet: &str, width: u16, words: &str, expected: Inline) {
    let board = Board::fleet(fleet).variable("NO_COLOR", "1");
    check(&terminal::run(&board, width, words), expected);
}

/// The names that a choice of services leaves, in the order of the answer.
#[track_caller]
fn names(fleet: &str, words: &str, expected: &[&str]) {
    let output = Board::fleet(fleet).run(&format!("status -o name {words}"));
    assert_eq!(output.stdout.lines().collect::<Vec<_>>(), expected, "status {words}\n{output}");
}

#[test]
fn one_cluster_one_service() {
    says("tiny", "status", str![[r#"
SERVICE  HEALTH   PODS  SINCE  WHY
hello    Healthy  2/2   -      -
------- stderr -------
1 service: 1 healthy. 1 cluster answered in [TIME].
[exit status: 0]

"#]]);
    says("tiny", "status -o wide", str![[r#"
SERVICE  HEALTH   PODS  RESTARTS  SINCE  WORKLOADS               REVISIONS  IMAGES                                       WHY
hello    Healthy  2/2   0         -      hello/Deployment/hello  3          registry.marrowby.example/shop/hello:v1.0.0  -
------- stderr -------
1 service: 1 healthy. 1 cluster answered in [TIME].
[exit status: 0]

"#]]);
    says("tiny", "status -o name", str![[r#"
hello
------- stderr -------
1 service: 1 healthy. 1 cluster answered in [TIME].
[exit status: 0]

"#]]);
}

#[test]
fn a_shop_in_a_pipe() {
    says("shop", "status", str![[r#"
SERVICE   OWNER            CLUSTER     HEALTH           PODS  SINCE  WHY
checkout  team-checkout    us-east-1   Degraded (down)  0/2   15m    app exits 1, 12 restarts, in back-off (CrashLoopBackOff)
checkout  team-checkout    us-west-2   Healthy          2/2   -      -
checkout  team-checkout    eu-west-1   Healthy          2/2   -      -
checkout  team-checkout    ap-south-1  Healthy          2/2   -      -
payments  team-payments    us-west-2   Degraded         2/3   34m    app OOMKilled, limit 256Mi, 6 restarts in 1 pod, in back-off
payments  team-payments    us-east-1   Healthy          3/3   -      -
payments  team-payments    eu-west-1   Healthy          3/3   -      -
returns   team-fulfilment  ap-south-1  Missing          -     -      nothing carries backstage.io/kubernetes-id=returns in namespace shop
returns   team-fulfilment  us-east-1   Healthy          1/1   -      -
returns   team-fulfilment  us-west-2   Healthy          1/1   -      -
search    team-discovery   eu-west-1   Progressing      2/3   24s    rollout: 1 of 3 updated
search    team-discovery   us-east-1   Healthy          3/3   -      -
cart      team-checkout    us-east-1   Healthy          2/2   -      -
cart      team-checkout    us-west-2   Healthy          2/2   -      -
cart      team-checkout    eu-west-1   Healthy          2/2   -      -
cart      team-checkout    ap-south-1  Healthy          2/2   -      -
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]]);
}

#[test]
fn a_shop_on_a_terminal() {
    on_terminal("shop", 110, "status", str![[r#"
SERVICE   OWNER            CLUSTER       HEALTH           PODS  SINCE  WHY
checkout  team-checkout    us-east-1     Degraded (down)  0/2   15m    app exits 1, 12 restarts, in back-off…
                           us-west-2 +2  Healthy          6/6
payments  team-payments    us-west-2     Degraded         2/3   34m    app OOMKilled, limit 256Mi, 6 restarts…
                           us-east-1 +1  Healthy          6/6
returns   team-fulfilment  ap-south-1    Missing          -            nothing carries backstage.io/kubernete…
                           us-east-1 +1  Healthy          2/2
search    team-discovery   eu-west-1     Progressing      2/3   24s    rollout: 1 of 3 updated
                           us-east-1     Healthy          3/3
cart      team-checkout    4 clusters    Healthy          8/8
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]]);
}

#[test]
fn a_narrow_terminal_cuts_the_last_column_only() {
    on_terminal("shop", 80, "status", str![[r#"
SERVICE   OWNER            CLUSTER       HEALTH           PODS  SINCE  WHY
checkout  team-checkout    us-east-1     Degraded (down)  0/2   15m    app exits 1…
                           us-west-2 +2  Healthy          6/6
payments  team-payments    us-west-2     Degraded         2/3   34m    app OOMKill…
                           us-east-1 +1  Healthy          6/6
returns   team-fulfilment  ap-south-1    Missing          -            nothing car…
                           us-east-1 +1  Healthy          2/2
search    team-discovery   eu-west-1     Progressing      2/3   24s    rollout: 1…
                           us-east-1     Healthy          3/3
cart      team-checkout    4 clusters    Healthy          8/8
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]]);
}

#[test]
fn wide_adds_workloads_revisions_restarts_and_images() {
    says("shop", "status checkout payments -o wide", str![[r#"
SERVICE   OWNER          CLUSTER     HEALTH           PODS  RESTARTS  SINCE  WORKLOADS                     REVISIONS  IMAGES                                           WHY
checkout  team-checkout  us-east-1   Degraded (down)  0/2   12        15m    shop/Deployment/checkout      42         registry.marrowby.example/shop/checkout:v3.8.0   app exits 1, 12 restarts, in back-off (CrashLoopBackOff)
checkout  team-checkout  us-west-2   Healthy          2/2   0         -      shop/Deployment/checkout      41         registry.marrowby.example/shop/checkout:v3.7.2   -
checkout  team-checkout  eu-west-1   Healthy          2/2   0         -      shop/Deployment/checkout      41         registry.marrowby.example/shop/checkout:v3.7.2   -
checkout  team-checkout  ap-south-1  Healthy          2/2   0         -      shop/Deployment/checkout      41         registry.marrowby.example/shop/checkout:v3.7.2   -
payments  team-payments  us-west-2   Degraded         2/3   6         34m    payments/Deployment/payments  87         registry.marrowby.example/shop/payments:v5.12.0  app OOMKilled, limit 256Mi, 6 restarts in 1 pod, in back-off
payments  team-payments  us-east-1   Healthy          3/3   0         -      payments/Deployment/payments  88         registry.marrowby.example/shop/payments:v5.12.0  -
payments  team-payments  eu-west-1   Healthy          3/3   0         -      payments/Deployment/payments  88         registry.marrowby.example/shop/payments:v5.12.0  -
------- stderr -------
2 services: 2 degraded (1 down). 4 of 4 clusters answered in [TIME].
[exit status: 3]

"#]]);
}

#[test]
fn only_what_is_not_well() {
    says("shop", "status --unhealthy", str![[r#"
SERVICE   OWNER            CLUSTER     HEALTH           PODS  SINCE  WHY
checkout  team-checkout    us-east-1   Degraded (down)  0/2   15m    app exits 1, 12 restarts, in back-off (CrashLoopBackOff)
checkout  team-checkout    us-west-2   Healthy          2/2   -      -
checkout  team-checkout    eu-west-1   Healthy          2/2   -      -
checkout  team-checkout    ap-south-1  Healthy          2/2   -      -
payments  team-payments    us-west-2   Degraded         2/3   34m    app OOMKilled, limit 256Mi, 6 restarts in 1 pod, in back-off
payments  team-payments    us-east-1   Healthy          3/3   -      -
payments  team-payments    eu-west-1   Healthy          3/3   -      -
returns   team-fulfilment  ap-south-1  Missing          -     -      nothing carries backstage.io/kubernetes-id=returns in namespace shop
returns   team-fulfilment  us-east-1   Healthy          1/1   -      -
returns   team-fulfilment  us-west-2   Healthy          1/1   -      -
search    team-discovery   eu-west-1   Progressing      2/3   24s    rollout: 1 of 3 updated
search    team-discovery   us-east-1   Healthy          3/3   -      -
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]]);
}

#[test]
fn nothing_is_unwell() {
    says("tiny", "status --unhealthy", str![[r#"
------- stderr -------
1 service: 1 healthy. 1 cluster answered in [TIME].
[exit status: 0]

"#]]);
}

#[test]
fn folded() {
    says("shop", "status --by owner", str![[r#"
OWNER            HEALTH       SERVICES               CLUSTERS  SINCE  WHY
team-checkout    Degraded     1 degraded, 1 healthy  4         15m    checkout: app exits 1, 12 restarts, in back-off (CrashLoopBackOff)
team-payments    Degraded     1 degraded             3         34m    payments: app OOMKilled, limit 256Mi, 6 restarts in 1 pod, in back-off
team-fulfilment  Missing      1 missing              3         -      returns: nothing carries backstage.io/kubernetes-id=returns in namespace shop
team-discovery   Progressing  1 progressing          2         24s    search: rollout: 1 of 3 updated
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]]);
    says("shop", "status --by system", str![[r#"
SYSTEM      HEALTH    SERVICES                              CLUSTERS  SINCE  WHY
money       Degraded  1 degraded                            3         34m    payments: app OOMKilled, limit 256Mi, 6 restarts in 1 pod, in back-off
storefront  Degraded  1 degraded, 1 progressing, 1 healthy  4         15m    checkout: app exits 1, 12 restarts, in back-off (CrashLoopBackOff)
warehouse   Missing   1 missing                             3         -      returns: nothing carries backstage.io/kubernetes-id=returns in namespace shop
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]]);
    says("shop", "status --by cluster", str![[r#"
CLUSTER     HEALTH       SERVICES                  CLUSTERS  SINCE  WHY
us-east-1   Degraded     1 degraded, 4 healthy     1         15m    checkout: app exits 1, 12 restarts, in back-off (CrashLoopBackOff)
us-west-2   Degraded     1 degraded, 3 healthy     1         34m    payments: app OOMKilled, limit 256Mi, 6 restarts in 1 pod, in back-off
ap-south-1  Missing      1 missing, 2 healthy      1         -      returns: nothing carries backstage.io/kubernetes-id=returns in namespace shop
eu-west-1   Progressing  1 progressing, 3 healthy  1         24s    search: rollout: 1 of 3 updated
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]]);
    says("shop", "status --by region", str![[r#"
GROUP       HEALTH       SERVICES                  CLUSTERS  SINCE  WHY
us-east-1   Degraded     1 degraded, 4 healthy     1         15m    checkout: app exits 1, 12 restarts, in back-off (CrashLoopBackOff)
us-west-2   Degraded     1 degraded, 3 healthy     1         34m    payments: app OOMKilled, limit 256Mi, 6 restarts in 1 pod, in back-off
ap-south-1  Missing      1 missing, 2 healthy      1         -      returns: nothing carries backstage.io/kubernetes-id=returns in namespace shop
eu-west-1   Progressing  1 progressing, 3 healthy  1         24s    search: rollout: 1 of 3 updated
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]]);
}

#[test]
fn markdown_to_paste_into_an_incident() {
    says("shop", "status checkout -o markdown", str![[r#"
# Service status

| SERVICE | CLUSTER | HEALTH | PODS | SINCE | WHY |
| --- | --- | --- | --- | --- | --- |
| checkout | us-east-1 | Degraded (down) | 0/2 | 15m | app exits 1, 12 restarts, in back-off (CrashLoopBackOff) |
| checkout | us-west-2 | Healthy | 2/2 | - | - |
| checkout | eu-west-1 | Healthy | 2/2 | - | - |
| checkout | ap-south-1 | Healthy | 2/2 | - | - |

1 service: 1 degraded (1 down). 4 of 4 clusters answered in [TIME].  
[exit status: 3]

"#]]);
}

#[test]
fn every_kind_of_workload() {
    says("kinds", "status", str![[r#"
SERVICE          CLUSTER  HEALTH           PODS  SINCE  WHY
deploy-bad       alpha    Degraded (down)  0/2   22m    app exits 2, 16 restarts, in back-off (CrashLoopBackOff)
pod-bad          alpha    Degraded (down)  0/1   22m    app exits 2, 8 restarts, in back-off (CrashLoopBackOff)
pod-evicted      alpha    Degraded (down)  0/1   60m    evicted, node was low on resource: memory (Evicted)
ds-bad           alpha    Degraded         1/2   22m    app exits 2, 8 restarts in 1 pod, in back-off (CrashLoopBackOff)
sts-bad          alpha    Degraded         1/3   16m    none of 2 nodes fits: pod has unbound immediate PersistentVolumeClaims, 1 pod (Unschedulable)
rollout-aborted  alpha    Degraded         2/2   25m    rollout aborted: Metric "success-rate" assessed Failed due to failed (3) > failureLimit (2) (RolloutAborted)
cron-bad         alpha    Degraded         -     29m    last run failed: app exits 1, 1 attempt failed (BackoffLimitExceeded)
job-failed       alpha    Degraded         -     14m    app exits 1, 3 attempts failed (BackoffLimitExceeded)
job-running      alpha    Progressing      -     8m     runs
deploy-paused    alpha    Suspended        1/1   -      rollout paused
rollout-paused   alpha    Suspended        5/5   -      paused: CanaryPauseStep, step 1 of 5, weight 20%
cron-suspended   alpha    Suspended        -     -      suspended
deploy-zero      alpha    Suspended        -     -      scaled to zero
job-suspended    alpha    Suspended        -     -      suspended
deploy-ok        alpha    Healthy          1/1   -      -
deploy-ok        beta     Healthy          1/1   -      -
ds-ok            alpha    Healthy          2/2   -      -
ds-ok            beta     Healthy          2/2   -      -
pod-ok           alpha    Healthy          1/1   -      -
pod-ok           beta     Healthy          1/1   -      -
rollout-ok       alpha    Healthy          1/1   -      -
sts-ok           alpha    Healthy          1/1   -      -
sts-ok           beta     Healthy          1/1   -      -
cron-ok          alpha    Healthy          -     -      -
cron-ok          beta     Healthy          -     -      -
job-ok           alpha    Healthy          -     -      -
job-ok           beta     Healthy          -     -      -
pod-done         alpha    Healthy          -     -      -
------- stderr -------
22 services: 8 degraded (3 down), 1 progressing, 5 suspended, 8 healthy. 2 of 2 clusters answered in [TIME].
[exit status: 3]

"#]]);
}

#[test]
fn two_clusters_that_forbid_something() {
    says("forbidden", "status", str![[r#"
SERVICE  CLUSTER      HEALTH   PODS  SINCE  WHY
orders   no-pods      Unknown  -     -      forbidden to list pods
orders   open         Healthy  1/1   -      -
orders   no-rollouts  Healthy  1/1   -      -
cart     open         Healthy  1/1   -      -
cart     no-pods      Healthy  1/1   -      -
cart     no-rollouts  Healthy  1/1   -      -
pricing  open         Healthy  1/1   -      -
pricing  no-rollouts  Healthy  1/1   -      -
------- stderr -------
3 services: 1 unknown, 2 healthy. 3 of 4 clusters answered in [TIME].
silent: nothing (forbidden: nothing may be listed)
partial: no-pods (forbidden: pods); no-rollouts (forbidden: rollouts)
[exit status: 4]

"#]]);
}

#[test]
fn each_silence_is_named_once() {
    says("silent", "status --cluster-timeout 1s", str![[r#"
SERVICE  CLUSTER         HEALTH   PODS  SINCE  WHY
cart     refused-1       Unknown  -     -      connection refused
cart     hang-1          Unknown  -     -      timed out after 1s
cart     unauthorized-1  Unknown  -     -      the server does not accept these credentials
cart     expired-1       Unknown  -     -      the server's certificate expired [AGE] ago
cart     forbidden-1     Unknown  -     -      forbidden: nothing may be listed
cart     well-1          Healthy  1/1   -      -
------- stderr -------
1 service: 1 unknown. 1 of 6 clusters answered in [TIME].
silent: refused-1 (connection refused); hang-1 (timed out after 1s); unauthorized-1 (the server does not accept these credentials); expired-1 (certificate: the server's certificate expired [AGE] ago); forbidden-1 (forbidden: nothing may be listed)
[exit status: 4]

"#]]);
}

#[test]
fn a_list_of_three_pages() {
    says("paged", "status", str![[r#"
SERVICE  HEALTH    PODS       SINCE  WHY
worker   Degraded  1199/1200  80s    app exits 1, 6 restarts in 1 pod, in back-off (CrashLoopBackOff)
------- stderr -------
1 service: 1 degraded. 1 cluster answered in [TIME].
[exit status: 3]

"#]]);
}

#[test]
fn labels_without_a_catalog() {
    says("labels", "status -l app.kubernetes.io/name=ledger", str![[r#"
SERVICE                        CLUSTER  HEALTH   PODS  SINCE  WHY
app.kubernetes.io/name=ledger  -        Missing  -     -      nothing carries app.kubernetes.io/name=ledger
------- stderr -------
1 service: 1 missing. 2 of 2 clusters answered in [TIME].
[exit status: 3]

"#]]);
    says("labels", "status --selector app=legacy", str![[r#"
SERVICE     CLUSTER  HEALTH   PODS  SINCE  WHY
app=legacy  one      Healthy  2/2   -      -
------- stderr -------
1 service: 1 healthy. 2 of 2 clusters answered in [TIME].
[exit status: 0]

"#]]);
    says("labels", "status -l !app -n tools -o wide", str![[r#"
SERVICE  CLUSTER  HEALTH    PODS  RESTARTS  SINCE  WORKLOADS               REVISIONS  IMAGES                                       WHY
!app     one      Degraded  1/2   6         11m    tools/Deployment/board  1          registry.marrowby.example/shop/board:v1.0.0  app exits 1, 6 restarts in 1 pod, in back-off (CrashLoopBackOff)
------- stderr -------
1 service: 1 degraded. 2 of 2 clusters answered in [TIME].
[exit status: 3]

"#]]);
    says("labels", "status -l k8s-app=nothing-has-this", str![[r#"
SERVICE                   CLUSTER  HEALTH   PODS  SINCE  WHY
k8s-app=nothing-has-this  -        Missing  -     -      nothing carries k8s-app=nothing-has-this
------- stderr -------
1 service: 1 missing. 2 of 2 clusters answered in [TIME].
[exit status: 3]

"#]]);
}

#[test]
fn a_misspelt_service() {
    says("shop", "status chekout", str![[r#"
------- stderr -------
error: the catalog has no service "chekout"
hint: did you mean checkout?
[exit status: 1]

"#]]);
}

#[test]
fn an_unknown_owner() {
    says("shop", "status --owner team-chekout", str![[r#"
------- stderr -------
error: the catalog has no owner "team-chekout"
hint: did you mean team-checkout or team-payments or team-discovery?
[exit status: 1]

"#]]);
}

#[test]
fn a_selector_that_is_none() {
    let output = Board::fleet("labels").run_words(["status", "-l", "app in (a"]);
    check(&output, str![[r#"
------- stderr -------
error: -l "app in (a": unable to parse requirement: found '', expected: ',' or ')'
hint: as in -l app=cart,tier!=test
[exit status: 2]

"#]]);
}

#[test]
fn no_catalog() {
    says("labels", "status", str![[r#"
------- stderr -------
error: no catalog: neither --catalog, $CALLBOARD_CATALOG, the config file nor ./catalog.yaml names one
hint: -l SELECTOR asks without a catalog; `callboard --demo status` shows how it looks with one
[exit status: 1]

"#]]);
    check(&Board::empty().run("status"), str![[r#"
------- stderr -------
error: no catalog: neither --catalog, $CALLBOARD_CATALOG, the config file nor ./catalog.yaml names one
hint: -l SELECTOR asks without a catalog; `callboard --demo status` shows how it looks with one
[exit status: 1]

"#]]);
}

#[test]
fn services_are_chosen_by_name_and_by_what_the_catalog_says() {
    names("shop", "", &["checkout", "payments", "returns", "search", "cart"]);
    names("shop", "cart checkout", &["checkout", "cart"]);
    names("shop", "component:default/cart", &["cart"]);
    names("shop", "--owner team-checkout", &["checkout", "cart"]);
    names("shop", "--owner engineering", &["checkout", "payments", "returns", "search", "cart"]);
    names("shop", "--owner team-checkout --owner team-payments", &["checkout", "payments", "cart"]);
    names("shop", "--owner team-checkout --system storefront", &["checkout", "cart"]);
    names("shop", "--owner team-checkout --system money", &[]);
    names("shop", "--system storefront", &["checkout", "search", "cart"]);
    names("shop", "--domain commerce", &["checkout", "payments", "returns", "search", "cart"]);
    names("shop", "--type service --lifecycle production", &["checkout", "payments", "returns", "search", "cart"]);
    names("shop", "--type library", &[]);
    names("shop", "--lifecycle experimental", &[]);
    names("shop", "--unhealthy", &["checkout", "payments", "returns", "search"]);
    names("shop", "--unhealthy --owner team-checkout", &["checkout"]);
}

#[test]
fn services_are_chosen_by_tag() {
    let tagged = |name: &str, tags: &str| HELLO.replace("name: hello", &format!("name: {name}, tags: [{tags}]"));
    let catalog = [tagged("hello", "go, public"), tagged("bye", "java")].join("---\n");
    let board = Board::fleet("tiny").file("tagged.yaml", &catalog);
    let found = |words: &str| board.run(&format!("services -o name --catalog tagged.yaml {words}")).stdout;
    assert_eq!(found("--tag go"), "hello\n");
    assert_eq!(found("--tag java"), "bye\n");
    assert_eq!(found("--tag java --tag public"), "bye\nhello\n");
    assert_eq!(board.run("status -o name --catalog tagged.yaml --tag public").stdout, "hello\n");
    assert_eq!(board.run("status --catalog tagged.yaml --tag rust").code, 1);
}

const HELLO: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: hello}\n\
                     spec: {type: service, lifecycle: production, owner: ida}\n";
const BYE: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\n\
                   metadata: {name: bye, annotations: {backstage.io/kubernetes-id: bye}}\n\
                   spec: {type: service, lifecycle: production, owner: ida}\n";

/// A file, a directory, a pattern, a list in a variable, the configuration's own.
#[test]
fn the_catalog_is_where_it_is_said_to_be() {
    let board = || Board::fleet("tiny").file("services/hello/catalog-info.yaml", HELLO).file("services/bye.yaml", BYE);
    let found = |board: &Board, flags: &str| board.run(&format!("status -o name {flags}")).stdout;
    assert_eq!(found(&board(), "--catalog services"), "bye\nhello\n");
    assert_eq!(found(&board(), "--catalog services/**/catalog-info.yaml"), "hello\n");
    assert_eq!(found(&board(), "--catalog services/bye.yaml --catalog services/hello"), "bye\nhello\n");
    let listed = board().variable("CALLBOARD_CATALOG", "services/bye.yaml:services/hello");
    assert_eq!(found(&listed, ""), "bye\nhello\n");
    assert_eq!(found(&listed, "--catalog services/bye.yaml"), "bye\n");
    let nowhere = board().run("status --catalog elsewhere");
    assert_eq!(nowhere.code, 1, "{nowhere}");
    assert!(nowhere.stderr.contains("elsewhere"), "{nowhere}");
}

/// Without a demo: the working directory, else the configuration's list, which lies beside the configuration.
#[test]
fn a_catalog_is_found_without_being_named() {
    let kubeconfig = "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n\
                      users: [{name: u, user: {token: t}}]\ncontexts: [{name: here, context: {cluster: c, user: u}}]\n";
    let board = || Board::empty().file(".kube/config", kubeconfig);
    let found = |board: &Board| board.run("status -o name").stdout;
    assert_eq!(found(&board().file("catalog.yaml", BYE)), "bye\n");
    assert_eq!(found(&board().file("catalog-info.yaml", BYE)), "bye\n");
    assert_eq!(found(&board().file(".config/callboard/catalog.yaml", BYE)), "bye\n");
    let config = board().file(".config/callboard/config.yaml", "catalog: [entities/*.yaml]\n");
    assert_eq!(found(&config.file(".config/callboard/entities/bye.yaml", BYE).file("catalog.yaml", HELLO)), "bye\n");
    let named = board().file("elsewhere/kubeconfig", kubeconfig).file("catalog.yaml", BYE);
    let output = named.run("status --kubeconfig elsewhere/kubeconfig");
    assert_eq!(output.code, 4, "{output}");
}

/// The clusters that a choice leaves, in fleet order.
#[track_caller]
fn clusters(fleet: &Board, words: &[&str], expected: &[&str]) {
    let flags = ["status", "cart", "-o", "json", "--exit-zero", "--cluster-timeout", "1s"];
    let output = fleet.run_words(flags.iter().chain(words));
    let report = output.json();
    let asked = report["clusters"].as_array().expect("a list").iter();
    let names: Vec<&str> = asked.filter_map(|cluster| cluster["name"].as_str()).collect();
    assert_eq!(names, expected, "{words:?}");
}

#[test]
fn clusters_are_chosen_by_context_and_by_label() {
    let shop = Board::fleet("shop");
    clusters(&shop, &[], &["us-east-1", "us-west-2", "eu-west-1", "ap-south-1"]);
    clusters(&shop, &["--context", "us-*"], &["us-east-1", "us-west-2"]);
    clusters(&shop, &["--context", "us-*,!us-west-2"], &["us-east-1"]);
    clusters(&shop, &["--context", "!us-*"], &["eu-west-1", "ap-south-1"]);
    clusters(&shop, &["--context", "eu-west-1", "--context", "us-east-1"], &["us-east-1", "eu-west-1"]);
    clusters(&shop, &["--cluster-selector", "region=eu-west-1"], &["eu-west-1"]);
    clusters(&shop, &["--cluster-selector", "region notin (eu-west-1, us-east-1)"], &["us-west-2", "ap-south-1"]);
    clusters(&shop, &["--context", "us-*", "--cluster-selector", "region!=us-east-1"], &["us-west-2"]);
    let grouped = Board::fleet("shop").file("config.yaml", "groups: {west: ['*-west-*']}\n");
    clusters(&grouped, &["--config", "config.yaml", "--context", "@west"], &["us-west-2", "eu-west-1"]);
}

#[test]
fn a_cluster_that_is_not_there() {
    says("shop", "status --context us-esat-1", str![[r#"
------- stderr -------
error: no context "us-esat-1"; did you mean "us-east-1" or "us-west-2" or "eu-west-1"?
[exit status: 1]

"#]]);
    says("shop", "status --context mars-*", str![[r#"
------- stderr -------
error: no context matches "mars-*"
[exit status: 1]

"#]]);
    says("shop", "status --context @west", str![[r#"
------- stderr -------
error: no cluster group "west" in the config
[exit status: 1]

"#]]);
    says("shop", "status --cluster-selector region=mars", str![[r#"
------- stderr -------
error: no cluster has labels that match region=mars
hint: `callboard clusters` lists them with their labels
[exit status: 1]

"#]]);
    let output = Board::fleet("shop").run_words(["status", "--cluster-selector", "region in (eu"]);
    check(&output, str![[r#"
------- stderr -------
error: --cluster-selector "region in (eu": unable to parse requirement: found '', expected: ',' or ')'
hint: as in region=eu,env!=test
[exit status: 2]

"#]]);
}

/// One question at a time gives the same answer as all at once.
#[test]
fn how_many_are_asked_at_once_changes_no_answer() {
    let shop = Board::fleet("shop");
    assert_eq!(shop.run("status --concurrency 1").stdout, shop.run("status").stdout);
    assert_eq!(shop.run("status --concurrency 0").code, 2);
}

#[test]
fn deadlines_are_told_as_they_were_set() {
    let silent = Board::fleet("silent");
    let reason = |words: &str, name: &str| {
        let report = silent.run(&format!("status -o json --context {name} {words}")).json();
        let cluster = &report["clusters"][0];
        (cluster["reason"].as_str().unwrap_or_default().to_string(), cluster["message"].as_str().unwrap_or_default().to_string())
    };
    let (slow, told) = reason("--cluster-timeout 700ms", "hang-1");
    assert_eq!((slow.as_str(), told.as_str()), ("timedOut", "timed out after 700ms"));
    let (slow, told) = reason("--request-timeout 600ms", "hang-1");
    assert_eq!((slow.as_str(), told.as_str()), ("timedOut", "timed out after 600ms"));
    assert_eq!(silent.run("status --cluster-timeout soon").code, 2);
    assert_eq!(silent.run("status --connect-timeout -1s").code, 2);
}

/// Fleets of a single test, made of a cluster of tests/fleets/tiny under other names.
#[track_caller]
fn fleet_of(settings: &str, names: &[&str], catalog: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("fleet.yaml"), settings).expect("written");
    fs::write(directory.path().join("catalog.yaml"), catalog).expect("written");
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets/tiny/solo/hello/hello.yaml");
    for name in names {
        fs::create_dir(directory.path().join(name)).expect("created");
        fs::copy(&tiny, directory.path().join(name).join("hello.yaml")).expect("copied");
    }
    directory
}

#[test]
fn a_connection_that_never_comes_ends_with_the_connect_timeout() {
    let directory = fleet_of("clusters: [{name: far, fault: blackhole}, {name: near}]\n", &["far", "near"], HELLO);
    let output = Board::at(directory.path()).run("status --connect-timeout 500ms");
    check(&output, str![[r#"
SERVICE  CLUSTER  HEALTH   PODS  SINCE  WHY
hello    near     Healthy  2/2   -      -
------- stderr -------
1 service: 1 healthy. 1 of 2 clusters answered in [TIME].
silent: far (no connection in 500ms)
[exit status: 4]

"#]]);
}

#[test]
fn a_placement_that_matches_no_cluster_is_said_once() {
    let placed = HELLO.replace("{name: hello}", "{name: hello, annotations: {backstage.io/kubernetes-cluster: 'near,mars'}}");
    let directory = fleet_of("clusters: [{name: near}]\n", &["near"], &placed);
    check(&Board::at(directory.path()).run("status"), str![[r#"
SERVICE  HEALTH   PODS  SINCE  WHY
hello    Healthy  2/2   -      -
------- stderr -------
1 service: 1 healthy. 1 cluster answered in [TIME].
note: the catalog places hello in mars, which is no cluster of this kubeconfig
[exit status: 0]

"#]]);
}

#[test]
fn what_is_placed_in_clusters_that_are_not_asked_is_left_out_with_a_note() {
    let output = Board::fleet("shop").run("status payments cart --context ap-south-1");
    check(&output, str![[r#"
SERVICE  HEALTH   PODS  SINCE  WHY
cart     Healthy  2/2   -      -
------- stderr -------
1 service: 1 healthy. 1 cluster answered in [TIME].
note: left out, placed in clusters that were not asked: payments
[exit status: 0]

"#]]);
}

/// The last answer of a cluster that has fallen silent since is shown with its age.
#[test]
fn what_a_silent_cluster_said_last_is_remembered() {
    let directory = fleet_of("clusters: [{name: near}, {name: far}]\n", &["near", "far"], HELLO);
    let cache = tempfile::tempdir().expect("a directory");
    let board = |now: &str| {
        let board = Board::at(directory.path()).variable("CALLBOARD_CACHE_DIR", cache.path().display().to_string());
        board.variable("CALLBOARD_NOW", now)
    };
    assert_eq!(board("2026-01-15T10:00:00Z").run("status").code, 0);
    fs::write(directory.path().join("fleet.yaml"), "clusters: [{name: near}, {name: far, fault: refused}]\n").expect("written");
    let later = board("2026-01-15T10:09:00Z");
    check(&later.run("status"), str![[r#"
SERVICE  CLUSTER  HEALTH   PODS  SINCE  WHY
hello    far      Unknown  -     -      connection refused; 9m ago Healthy
hello    near     Healthy  2/2   -      -
------- stderr -------
1 service: 1 unknown. 1 of 2 clusters answered in [TIME].
silent: far (connection refused)
[exit status: 4]

"#]]);
    let report = later.run("status -o json").json();
    let far = &report["items"][0]["clusters"][0];
    assert_eq!((&far["cluster"], &far["health"]), (&Value::from("far"), &Value::from("Unknown")));
    let last = serde_json::json!({"health": "Healthy", "serving": "full", "answeredAt": "2026-01-15T10:00:00Z"});
    assert_eq!(far["last"], last);
}

fn item<'a>(report: &'a Value, service: &str) -> &'a Value {
    let items = report["items"].as_array().expect("a list");
    items.iter().find(|item| item["service"] == service).expect("it is listed")
}

fn cell<'a>(report: &'a Value, service: &str, cluster: &str) -> &'a Value {
    let cells = item(report, service)["clusters"].as_array().expect("a list");
    cells.iter().find(|cell| cell["cluster"] == cluster).expect("it is listed")
}

#[test]
fn json_of_a_service_that_is_down_in_one_cluster() {
    let report = Board::fleet("shop").run("status -o json").json();
    assert_eq!(report["kind"], "ServiceStatusList");
    assert_eq!(report["generatedAt"], "2026-01-15T10:00:00Z");
    let checkout = item(&report, "checkout");
    assert_eq!(checkout["owner"], "team-checkout");
    assert_eq!(checkout["system"], "storefront");
    assert_eq!(checkout["health"], "Degraded");
    assert_eq!(checkout["serving"], "partial", "it serves elsewhere");
    assert_eq!(checkout["guessed"], false);

    let here = cell(&report, "checkout", "us-east-1");
    assert_eq!((&here["health"], &here["serving"]), (&Value::from("Degraded"), &Value::from("none")));
    assert_eq!(here["reason"], "CrashLoopBackOff");
    assert_eq!(here["since"], checkout["since"]);
    let workload = &here["workloads"][0];
    for (field, value) in [("kind", "Deployment"), ("namespace", "shop"), ("name", "checkout"), ("serving", "none")] {
        assert_eq!(workload[field], value, "{field}");
    }
    assert_eq!((&workload["desired"], &workload["available"]), (&Value::from(2), &Value::from(0)));
    let pods = workload["pods"].as_array().expect("a list");
    assert_eq!(pods.len(), 2);
    for pod in pods {
        assert_eq!((&pod["status"], &pod["ready"]), (&Value::from("CrashLoopBackOff"), &Value::from("0/1")), "{pod}");
        assert_eq!((&pod["health"], &pod["reason"]), (&Value::from("Degraded"), &Value::from("CrashLoopBackOff")));
    }
    let restarts: i64 = pods.iter().filter_map(|pod| pod["restarts"].as_i64()).sum();
    assert_eq!(restarts, 12);
    let image = &workload["images"][0];
    assert_eq!(image["container"], "app");
    assert!(image["image"].as_str().is_some_and(|image| image.contains("/checkout:")), "{image}");
    assert!(image["digest"].as_str().is_some_and(|digest| digest.starts_with("sha256:")), "{image}");

    let well = cell(&report, "checkout", "eu-west-1");
    assert_eq!((&well["health"], &well["serving"]), (&Value::from("Healthy"), &Value::from("full")));
    for absent in ["reason", "message", "since", "last"] {
        assert!(well.get(absent).is_none(), "{absent} has no value and is left out: {well}");
    }
    assert_eq!(well["notes"], Value::Array(Vec::new()));
}

#[test]
fn json_of_what_is_missing() {
    let report = Board::fleet("shop").run("status returns -o json").json();
    let missing = cell(&report, "returns", "ap-south-1");
    assert_eq!((&missing["health"], &missing["serving"]), (&Value::from("Missing"), &Value::from("none")));
    assert!(missing.get("since").is_none(), "nobody knows since when: {missing}");
    assert_eq!(missing["workloads"], Value::Array(Vec::new()));
}

#[test]
fn json_of_gaps_and_silence() {
    let report = Board::fleet("forbidden").run("status -o json").json();
    let state = |index: usize| (&report["clusters"][index]["name"], &report["clusters"][index]["state"]);
    assert_eq!(state(0), (&Value::from("open"), &Value::from("answered")));
    assert_eq!(state(1), (&Value::from("no-pods"), &Value::from("partial")));
    assert_eq!(state(3), (&Value::from("nothing"), &Value::from("silent")));
    let gaps = report["clusters"][1]["gaps"].as_array().expect("a list");
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!((&gaps[0]["kind"], &gaps[0]["reason"]), (&Value::from("pods"), &Value::from("forbidden")));
    assert_eq!(report["clusters"][3]["reason"], "forbidden");
    assert_eq!(report["clusters"][3]["gaps"], Value::Array(Vec::new()));
    let orders = cell(&report, "orders", "no-pods");
    assert_eq!((&orders["health"], &orders["reason"]), (&Value::from("Unknown"), &Value::from("forbidden")));
    assert_eq!(report["complete"], false);
}

#[test]
fn json_of_groups() {
    let report = Board::fleet("shop").run("status --by owner -o json").json();
    let groups = report["groups"].as_array().expect("a list");
    let names: Vec<&str> = groups.iter().filter_map(|group| group["name"].as_str()).collect();
    assert_eq!(names, ["team-checkout", "team-payments", "team-fulfilment", "team-discovery"]);
    assert_eq!(groups[0]["services"], serde_json::json!(["cart", "checkout"]));
    assert_eq!(groups[0]["health"], "Degraded");
    assert_eq!(Board::fleet("shop").run("status --by owner -o name").stdout.lines().count(), 4);
}
