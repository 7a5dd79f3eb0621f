//! `compare`, of specs: what admission, defaults and templates add is no difference, and what is one is named.

use snapbox::str;

use crate::compare::check;
use crate::made::{CATALOG, deployment, fleet};
use crate::terminal;

/// A StatefulSet with its pods as a server behind real admission has them; what is random, counted or local is its own.
fn admitted(cluster: &str, token: &str, replicas: usize, older: bool) -> String {
    let defaults = match older {
        true => "",
        false => "hostUsers: true, ",
    };
    let template = format!(
        "metadata: {{creationTimestamp: null, labels: {{app: web, backstage.io/kubernetes-id: web}}, annotations: {{kubectl.kubernetes.io/restartedAt: '2026-01-1{replicas}T00:00:00Z'}}}}
    spec:
      {{{defaults}dnsPolicy: ClusterFirst, restartPolicy: Always, schedulerName: default-scheduler, securityContext: {{}}, terminationGracePeriodSeconds: 30,
      containers: [{{name: app, image: 'web:1', imagePullPolicy: IfNotPresent, terminationMessagePath: /dev/termination-log, terminationMessagePolicy: File,
        env: [{{name: REGION, value: {cluster}}}, {{name: SELF, valueFrom: {{fieldRef: {{apiVersion: v1, fieldPath: metadata.name}}}}}}],
        volumeMounts: [{{name: data, mountPath: /data}}]}}]}}"
    );
    let mut all = format!(
        "apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
  namespace: shop
  labels: {{backstage.io/kubernetes-id: web}}
  annotations: {{kubectl.kubernetes.io/last-applied-configuration: '{{\"{token}\":1}}'}}
spec:
  replicas: {replicas}
  serviceName: web
  selector: {{matchLabels: {{app: web}}}}
  template:
    {template}
  volumeClaimTemplates:
  - {{metadata: {{name: data}}, spec: {{storageClassName: fast, accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}}}
status: {{observedGeneration: 1, replicas: {replicas}, readyReplicas: {replicas}, availableReplicas: {replicas}, updatedReplicas: {replicas}, currentRevision: web-{token}, updateRevision: web-{token}}}
"
    );
    for ordinal in 0..replicas {
        all.push_str(&format!(
            "---
apiVersion: v1
kind: Pod
metadata:
  name: web-{ordinal}
  namespace: shop
  labels: {{app: web, backstage.io/kubernetes-id: web, controller-revision-hash: web-{token}, statefulset.kubernetes.io/pod-name: web-{ordinal}, apps.kubernetes.io/pod-index: '{ordinal}'}}
  annotations: {{cni.example/address: 10.0.0.{ordinal}}}
  ownerReferences: [{{apiVersion: apps/v1, kind: StatefulSet, name: web, controller: true}}]
spec:
  hostname: web-{ordinal}
  nodeName: node-{token}-{ordinal}
  containers:
  - {{name: app, image: 'web:1', volumeMounts: [{{name: data, mountPath: /data}}, {{name: kube-api-access-{token}, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}}]}}
  - {{name: mesh, image: 'mesh:7'}}
  tolerations: [{{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 300}}]
  volumes: [{{name: data, persistentVolumeClaim: {{claimName: data-web-{ordinal}}}}}, {{name: kube-api-access-{token}, projected: {{sources: []}}}}]
status:
  phase: Running
  conditions: [{{type: Ready, status: 'True'}}]
  containerStatuses:
  - {{name: app, image: 'web:1', imageID: 'registry.{cluster}.example/web@sha256:aaa', ready: true, started: true, state: {{running: {{}}}}}}
  - {{name: mesh, image: 'mesh:7', imageID: 'mesh@sha256:bbb', ready: true, started: true, state: {{running: {{}}}}}}
---
apiVersion: v1
kind: Node
metadata: {{name: node-{token}-{ordinal}, labels: {{topology.kubernetes.io/zone: {cluster}-{ordinal}}}}}
status: {{conditions: [{{type: Ready, status: 'True'}}], nodeInfo: {{architecture: amd64, kubeletVersion: v1.36.3}}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: data-web-{ordinal}, namespace: shop}}
spec: {{storageClassName: fast, accessModes: [ReadWriteOnce], volumeName: pv-{token}, resources: {{requests: {{storage: 1Gi}}}}}}
status: {{phase: Bound}}
"
        ));
    }
    all
}

#[test]
fn the_same_behind_two_admissions_is_the_same() {
    let (eu, us) = (admitted("eu", "x2k4z", 2, false), admitted("us", "9qk7d", 2, true));
    let (_directory, board) =
        fleet(&[("catalog.yaml", CATALOG), ("eu/all.yaml", eu.as_str()), ("us/all.yaml", us.as_str())]);
    check(
        &board.run("compare web --only images,resources,template,config,scale,storage,versions"),
        str![[r#"
web: nothing differs between eu, us
------- stderr -------
2 of 2 clusters answered in [TIME].
[exit status: 0]

"#]],
    );
    check(
        &board.run("compare web"),
        str![[r#"
GROUP  WHAT            CLUSTERS  VALUE
env    app env REGION  eu        eu
env    app env REGION  us        us
------- stderr -------
web: nothing differs between 2 clusters but what each has by itself; baseline eu
2 of 2 clusters answered in [TIME].
[exit status: 0]

"#]],
    );
    // The same pods, one of which is broken, tell nothing that its peers do not have.
    let broken =
        us.replacen("status: 'True'}]\n  containerStatuses", "status: 'False'}]\n  containerStatuses", 1);
    let (_directory, board) = fleet(&[("catalog.yaml", CATALOG), ("us/all.yaml", broken.as_str())]);
    let report = board.run("diagnose web -o json").json();
    let differences = report["items"][0]["differences"].as_array().expect("a list");
    let told: Vec<&str> = differences.iter().filter_map(|one| one["what"].as_str()).collect();
    assert_eq!(told, ["node", "zone"], "{differences:?}");
}

#[test]
fn flags_autoscalers_budgets_and_nodes() {
    let more = |least: u32, budget: &str, arch: &str| {
        format!(
            "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web, namespace: shop}}
spec: {{minReplicas: {least}, maxReplicas: 10, scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: web, namespace: shop}}
spec: {{{budget}, selector: {{matchLabels: {{app: web}}}}}}
---
apiVersion: v1
kind: Node
metadata: {{name: node-1}}
status: {{nodeInfo: {{architecture: {arch}, kubeletVersion: v1.36.3}}}}
"
        )
    };
    let all = |level: &str, least, budget: &str, arch: &str| {
        let args = format!("args: [serve, --port, '80', --level={level}, '-v']");
        deployment("Deployment", "shop", 1, &args, &more(least, budget, arch))
    };
    let (eu, us, ap) = (
        all("info", 2, "minAvailable: 1", "amd64"),
        all("debug", 3, "maxUnavailable: 50%", "arm64"),
        all("info", 2, "minAvailable: 1", "amd64"),
    );
    let files = [
        ("catalog.yaml", CATALOG),
        ("fleet.yaml", "clusters: [{name: us}, {name: eu}, {name: ap, forbid: [nodes]}]"),
        ("eu/all.yaml", eu.as_str()),
        ("us/all.yaml", us.as_str()),
        ("ap/all.yaml", ap.as_str()),
    ];
    let (_directory, board) = fleet(&files);
    check(
        &board.run("compare web"),
        str![[r#"
GROUP     WHAT               CLUSTERS  VALUE
template  app args           eu,ap     --level=info
template  app args           us        --level=debug
scale     autoscaler         eu,ap     2 to 10 replicas
scale     autoscaler         us        3 to 10 replicas
scale     disruption budget  eu,ap     min available 1
scale     disruption budget  us        max unavailable 50%
versions  node architecture  eu        amd64
versions  node architecture  us        arm64
------- stderr -------
web: 4 differences between 3 clusters; baseline eu; odd one out: us
3 of 3 clusters answered in [TIME].
note: ap did not show nodes (forbidden): not compared there
[exit status: 3]

"#]],
    );
    check(
        &terminal::run(&board.variable("NO_COLOR", "1"), 110, "compare web --only template,versions"),
        str![[r#"
web: us is the odd one out of 3 clusters: 1 of 2 differences
GROUP     WHAT               CLUSTERS  VALUE
template  app args           eu +1     --level=info
                             us        --level=debug
versions  node architecture  eu        amd64
                             us        arm64
------- stderr -------
web: 2 differences between 3 clusters; baseline eu; odd one out: us
3 of 3 clusters answered in [TIME].
note: ap did not show nodes (forbidden): not compared there
[exit status: 3]

"#]],
    );
}

/// A value that says so is no value that is absent, and neither is an empty one; blanks that nobody sees count.
#[test]
fn none_empty_and_a_text_that_says_none_are_three_values() {
    let all = |env: &str, keys: &str| {
        let map = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web, namespace: shop}}\ndata: {{{keys}}}\n"
        );
        let container = format!("envFrom: [{{configMapRef: {{name: web}}}}], env: [{env}]");
        deployment("Deployment", "shop", 1, &container, &map)
    };
    let eu = all("{name: A, value: not set}, {name: B, value: x}", "C: '', D: 'on'");
    let us = all("{name: B, value: 'x '}", "D: \"on\\n\"");
    let files = [
        ("catalog.yaml", CATALOG),
        ("fleet.yaml", "clusters: [{name: eu}, {name: us}]"),
        ("eu/all.yaml", eu.as_str()),
        ("us/all.yaml", us.as_str()),
    ];
    let (_directory, board) = fleet(&files);
    check(
        &board.run("compare web --baseline eu"),
        str![[r#"
GROUP   WHAT             CLUSTERS  VALUE
env     app env A        eu        "not set"
env     app env A        us        not set
env     app env B        eu        x
env     app env B        us        "x "
config  ConfigMap web C  eu        ""
config  ConfigMap web C  us        not set
config  ConfigMap web D  eu        on
config  ConfigMap web D  us        "on\n"
------- stderr -------
web: 4 differences between 2 clusters; baseline eu
2 of 2 clusters answered in [TIME].
[exit status: 3]

"#]],
    );
    let told = board.run("compare web --baseline eu -o json").json();
    let values: Vec<(String, bool)> = told["items"][0]["differences"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|difference| difference["values"].as_array().expect("a list"))
        .map(|value| {
            (value["value"].as_str().expect("a text").to_string(), value["absent"].as_bool().expect("told"))
        })
        .collect();
    let expected = [
        ("not set", false),
        ("not set", true),
        ("x", false),
        ("x ", false),
        ("\"\"", false),
        ("not set", true),
        ("on", false),
        ("on\n", false),
    ];
    assert_eq!(values, expected.map(|(value, absent)| (value.to_string(), absent)));
}
