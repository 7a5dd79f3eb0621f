//! `status` as people and scripts see it, fleet by fleet.

use snapbox::data::Inline;
use snapbox::str;

use crate::support::{Board, check, says};
use crate::terminal;

#[track_caller]
fn on_terminal(fleet: &str, width: u16, words: &str, expected: Inline) {
    let board = Board::fleet(fleet).variable("NO_COLOR", "1");
    check(&terminal::run(&board, width, words), expected);
}

#[test]
fn one_cluster_one_service() {
    says(
        "tiny",
        "status",
        str![[r#"
SERVICE  HEALTH   PODS  SINCE  WHY
hello    Healthy  2/2   -      -
------- stderr -------
1 service: 1 healthy. 1 cluster answered in [TIME].
[exit status: 0]

"#]],
    );
    says(
        "tiny",
        "status -o wide",
        str![[r#"
SERVICE  HEALTH   PODS  RESTARTS  SINCE  WORKLOADS               REVISIONS  IMAGES                                       WHY
hello    Healthy  2/2   0         -      hello/Deployment/hello  3          registry.marrowby.example/shop/hello:v1.0.0  -
------- stderr -------
1 service: 1 healthy. 1 cluster answered in [TIME].
[exit status: 0]

"#]],
    );
    says(
        "tiny",
        "status -o name",
        str![[r#"
hello
------- stderr -------
1 service: 1 healthy. 1 cluster answered in [TIME].
[exit status: 0]

"#]],
    );
}

#[test]
fn a_shop_in_a_pipe() {
    says(
        "shop",
        "status",
        str![[r#"
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
search    team-discovery   eu-west-1   Progressing      2/3   24s    rollout: 1 of 3 updated, app runs, not ready
search    team-discovery   us-east-1   Healthy          3/3   -      -
cart      team-checkout    us-east-1   Healthy          2/2   -      -
cart      team-checkout    us-west-2   Healthy          2/2   -      -
cart      team-checkout    eu-west-1   Healthy          2/2   -      -
cart      team-checkout    ap-south-1  Healthy          2/2   -      -
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]],
    );
}

#[test]
fn a_shop_on_a_terminal() {
    on_terminal(
        "shop",
        110,
        "status",
        str![[r#"
SERVICE   OWNER            CLUSTER       HEALTH           PODS  SINCE  WHY
checkout  team-checkout    us-east-1     Degraded (down)  0/2   15m    app exits 1, 12 restarts, in back-off…
                           us-west-2 +2  Healthy          6/6
payments  team-payments    us-west-2     Degraded         2/3   34m    app OOMKilled, limit 256Mi, 6 restarts…
                           us-east-1 +1  Healthy          6/6
returns   team-fulfilment  ap-south-1    Missing          -            nothing carries backstage.io/kubernete…
                           us-east-1 +1  Healthy          2/2
search    team-discovery   eu-west-1     Progressing      2/3   24s    rollout: 1 of 3 updated, app runs, not…
                           us-east-1     Healthy          3/3
cart      team-checkout    4 clusters    Healthy          8/8
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]],
    );
}

#[test]
fn on_a_narrow_terminal_owners_go_and_reasons_stand_under_their_rows() {
    on_terminal(
        "shop",
        80,
        "status",
        str![[r#"
SERVICE   CLUSTER       HEALTH           PODS  SINCE
checkout  us-east-1     Degraded (down)  0/2   15m
  app exits 1, 12 restarts, in back-off (CrashLoopBackOff)
          us-west-2 +2  Healthy          6/6
payments  us-west-2     Degraded         2/3   34m
  app OOMKilled, limit 256Mi, 6 restarts in 1 pod, in back-off
          us-east-1 +1  Healthy          6/6
returns   ap-south-1    Missing          -
  nothing carries backstage.io/kubernetes-id=returns in namespace shop
          us-east-1 +1  Healthy          2/2
search    eu-west-1     Progressing      2/3   24s
  rollout: 1 of 3 updated, app runs, not ready
          us-east-1     Healthy          3/3
cart      4 clusters    Healthy          8/8
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]],
    );
}

#[test]
fn wide_adds_workloads_revisions_restarts_and_images() {
    says(
        "shop",
        "status checkout payments -o wide",
        str![[r#"
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

"#]],
    );
}

#[test]
fn only_what_is_not_well() {
    says(
        "shop",
        "status --unhealthy",
        str![[r#"
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
search    team-discovery   eu-west-1   Progressing      2/3   24s    rollout: 1 of 3 updated, app runs, not ready
search    team-discovery   us-east-1   Healthy          3/3   -      -
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]],
    );
}

#[test]
fn nothing_is_unwell() {
    says(
        "tiny",
        "status --unhealthy",
        str![[r#"
------- stderr -------
1 service: 1 healthy. 1 cluster answered in [TIME].
[exit status: 0]

"#]],
    );
}

#[test]
fn folded() {
    says(
        "shop",
        "status --by owner",
        str![[r#"
OWNER            HEALTH       SERVICES               CLUSTERS  SINCE  WHY
team-checkout    Degraded     1 degraded, 1 healthy  4         15m    checkout: app exits 1, 12 restarts, in back-off (CrashLoopBackOff)
team-payments    Degraded     1 degraded             3         34m    payments: app OOMKilled, limit 256Mi, 6 restarts in 1 pod, in back-off
team-fulfilment  Missing      1 missing              3         -      returns: nothing carries backstage.io/kubernetes-id=returns in namespace shop
team-discovery   Progressing  1 progressing          2         24s    search: rollout: 1 of 3 updated, app runs, not ready
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]],
    );
    says(
        "shop",
        "status --by system",
        str![[r#"
SYSTEM      HEALTH    SERVICES                              CLUSTERS  SINCE  WHY
money       Degraded  1 degraded                            3         34m    payments: app OOMKilled, limit 256Mi, 6 restarts in 1 pod, in back-off
storefront  Degraded  1 degraded, 1 progressing, 1 healthy  4         15m    checkout: app exits 1, 12 restarts, in back-off (CrashLoopBackOff)
warehouse   Missing   1 missing                             3         -      returns: nothing carries backstage.io/kubernetes-id=returns in namespace shop
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]],
    );
    says(
        "shop",
        "status --by cluster",
        str![[r#"
CLUSTER     HEALTH       SERVICES                  CLUSTERS  SINCE  WHY
us-east-1   Degraded     1 degraded, 4 healthy     1         15m    checkout: app exits 1, 12 restarts, in back-off (CrashLoopBackOff)
us-west-2   Degraded     1 degraded, 3 healthy     1         34m    payments: app OOMKilled, limit 256Mi, 6 restarts in 1 pod, in back-off
ap-south-1  Missing      1 missing, 2 healthy      1         -      returns: nothing carries backstage.io/kubernetes-id=returns in namespace shop
eu-west-1   Progressing  1 progressing, 3 healthy  1         24s    search: rollout: 1 of 3 updated, app runs, not ready
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]],
    );
    says(
        "shop",
        "status --by region",
        str![[r#"
GROUP       HEALTH       SERVICES                  CLUSTERS  SINCE  WHY
us-east-1   Degraded     1 degraded, 4 healthy     1         15m    checkout: app exits 1, 12 restarts, in back-off (CrashLoopBackOff)
us-west-2   Degraded     1 degraded, 3 healthy     1         34m    payments: app OOMKilled, limit 256Mi, 6 restarts in 1 pod, in back-off
ap-south-1  Missing      1 missing, 2 healthy      1         -      returns: nothing carries backstage.io/kubernetes-id=returns in namespace shop
eu-west-1   Progressing  1 progressing, 3 healthy  1         24s    search: rollout: 1 of 3 updated, app runs, not ready
------- stderr -------
5 services: 2 degraded (1 down), 1 missing, 1 progressing, 1 healthy. 4 of 4 clusters answered in [TIME].
note: 1 component in the catalog without anything running (-v names them)
[exit status: 3]

"#]],
    );
}

#[test]
fn markdown_to_paste_into_an_incident() {
    says(
        "shop",
        "status checkout -o markdown",
        str![[r#"
# Service status

| SERVICE | CLUSTER | HEALTH | PODS | SINCE | WHY |
| --- | --- | --- | --- | --- | --- |
| checkout | us-east-1 | Degraded (down) | 0/2 | 15m | app exits 1, 12 restarts, in back-off (CrashLoopBackOff) |
| checkout | us-west-2 | Healthy | 2/2 | - | - |
| checkout | eu-west-1 | Healthy | 2/2 | - | - |
| checkout | ap-south-1 | Healthy | 2/2 | - | - |

1 service: 1 degraded (1 down). 4 of 4 clusters answered in [TIME].  
[exit status: 3]

"#]],
    );
}

#[test]
fn every_kind_of_workload() {
    says(
        "kinds",
        "status",
        str![[r#"
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

"#]],
    );
}

#[test]
fn two_clusters_that_forbid_something() {
    says(
        "forbidden",
        "status",
        str![[r#"
SERVICE  CLUSTER      HEALTH   PODS  SINCE  WHY
orders   no-pods      Unknown  -     -      forbidden to list pods
orders   open         Healthy  1/1   -      -
orders   no-rollouts  Healthy  1/1   -      -
pricing  no-rollouts  Unknown  -     -      forbidden to list rollouts
pricing  open         Healthy  1/1   -      -
cart     open         Healthy  1/1   -      -
cart     no-pods      Healthy  1/1   -      -
cart     no-rollouts  Healthy  1/1   -      -
------- stderr -------
3 services: 2 unknown, 1 healthy. 3 of 4 clusters answered in [TIME].
silent: nothing (forbidden: nothing may be listed)
partial: no-pods (forbidden outside namespace shop: pods); no-rollouts (forbidden: rollouts)
[exit status: 4]

"#]],
    );
}

#[test]
fn each_silence_is_named_once() {
    says(
        "silent",
        "status --cluster-timeout 1s",
        str![[r#"
SERVICE  CLUSTER         HEALTH   PODS  SINCE  WHY
cart     refused-1       Unknown  -     -      connection refused
cart     hang-1          Unknown  -     -      timed out after 1s
cart     unauthorized-1  Unknown  -     -      the server does not accept these credentials
cart     expired-1       Unknown  -     -      the server's certificate expired [AGE] ago, on 2001-01-01
cart     forbidden-1     Unknown  -     -      forbidden: nothing may be listed
cart     well-1          Healthy  1/1   -      -
------- stderr -------
1 service: 1 unknown. 1 of 6 clusters answered in [TIME].
silent: refused-1 (connection refused); hang-1 (timed out after 1s); unauthorized-1 (the server does not accept these credentials); expired-1 (certificate: the server's certificate expired [AGE] ago, on 2001-01-01); forbidden-1 (forbidden: nothing may be listed)
[exit status: 4]

"#]],
    );
}

#[test]
fn a_list_of_three_pages() {
    says(
        "paged",
        "status",
        str![[r#"
SERVICE  HEALTH    PODS       SINCE  WHY
worker   Degraded  1199/1200  80s    app exits 1, 6 restarts in 1 pod, in back-off (CrashLoopBackOff)
------- stderr -------
1 service: 1 degraded. 1 cluster answered in [TIME].
[exit status: 3]

"#]],
    );
}
