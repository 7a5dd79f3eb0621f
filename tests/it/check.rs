//! `check`: the rules of docs/readiness.md over manifests and over clusters.

use std::fs;
use std::path::Path;

use serde_json::Value;
use snapbox::str;

use crate::support::{Board, Output, check};

/// A Deployment that keeps every rule but those about what stands around it.
const GOOD: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {backstage.io/kubernetes-id: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, backstage.io/kubernetes-id: web}}
    spec:
      serviceAccountName: web
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway}]
      containers:
      - name: app
        image: registry.example.com/web:1.2.3
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /readyz, port: http}}
        livenessProbe: {httpGet: {path: /livez, port: http}}
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
";

const AROUND: &str = "---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
";

const ENTRY: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: web
  description: the shop window
  annotations:
    backstage.io/source-location: url:https://git.example.com/shop/web
    backstage.io/kubernetes-cluster: eu,us,ap
    backstage.io/kubernetes-namespace: shop
  links:
  - {title: On call, type: on-call, url: https://oncall.example.com}
  - {title: Runbook, type: runbook, url: https://runbook.example.com}
spec: {type: service, lifecycle: production, owner: team, system: shop}
";

const ORG: &str = "---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop}
spec: {owner: team}
";

fn write(directory: &Path, path: &str, text: &str) {
    let path = directory.join(path);
    fs::create_dir_all(path.parent().expect("below")).expect("made");
    fs::write(path, text).expect("written");
}

/// Two pods of the Deployment on two nodes, ready, of an image.
fn pods(digest: &str) -> String {
    let pod = |number: usize| {
        format!(
            "---
apiVersion: v1
kind: Pod
metadata: {{name: web-7d9f8c6b5-{number}, namespace: shop, labels: {{app: web, backstage.io/kubernetes-id: web}}, ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: web-7d9f8c6b5, controller: true}}]}}
spec: {{nodeName: node-{number}, containers: [{{name: app, image: 'registry.example.com/web:1.2.3'}}]}}
status:
  phase: Running
  conditions: [{{type: Ready, status: 'True'}}]
  containerStatuses: [{{name: app, ready: true, image: 'registry.example.com/web:1.2.3', imageID: 'registry.example.com/web@sha256:{digest}', state: {{running: {{}}}}}}]
"
        )
    };
    let set = "---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-7d9f8c6b5, namespace: shop, labels: {app: web, backstage.io/kubernetes-id: web}, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, controller: true}]}
spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}
status: {replicas: 2, readyReplicas: 2, availableReplicas: 2}
";
    format!("{set}{}{}", pod(1), pod(2))
}

/// What one cluster holds.
fn cluster(deployment: &str, digest: &str) -> String {
    let status = "status: {replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2}\n";
    let around = AROUND.replace("app: web}}}\n", "app: web}}}\nstatus: {disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2}\n");
    format!("{deployment}{status}{around}{}", pods(digest))
}

const ONE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Three clusters that run the same, changed by a test.
fn fleet(change: &dyn Fn(&Path), faults: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path(), "catalog.yaml", &format!("{ENTRY}{ORG}"));
    write(directory.path(), "fleet.yaml", &format!("now: 2026-01-15T10:00:00Z\nclusters:\n{faults}"));
    for name in ["eu", "us", "ap"] {
        write(directory.path(), &format!("{name}/web.yaml"), &cluster(GOOD, ONE));
    }
    change(directory.path());
    directory
}

const WELL: &str = "- {name: eu}\n- {name: us}\n- {name: ap}\n";

fn failed(output: &Output, state: &str) -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output}"));
    let mut found = Vec::new();
    for rule in document["items"][0]["rules"].as_array().expect("rules") {
        for verdict in rule["verdicts"].as_array().expect("verdicts") {
            if verdict["state"] == state {
                found.push((
                    rule["id"].as_str().expect("an id").to_string(),
                    verdict["cluster"].as_str().unwrap_or("-").to_string(),
                ));
            }
        }
    }
    found
}

#[test]
fn what_is_as_it_should_be_is_gold_in_every_cluster() {
    let fleet = fleet(&|_| {}, WELL);
    let output = Board::at(fleet.path()).run("check web");
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stderr.contains("web: gold: "), "{output}");
}

#[test]
fn the_cluster_that_differs_is_named_with_why() {
    let other = GOOD.replace("readinessProbe: {httpGet: {path: /readyz, port: http}}\n        ", "");
    let digest = ONE.replace('a', "b");
    let fleet = fleet(&|path| write(path, "us/web.yaml", &cluster(&other, &digest)), WELL);
    let board = Board::at(fleet.path());
    check(
        &board.run("check web"),
        str![[r#"
RULE  LEVEL   STATE  CLUSTER  OBJECT               PATH                                                                     SEEN                 WHAT
CB07  bronze  fail   us       Deployment shop/web  spec.template.spec.containers[name=app].readinessProbe                   none                 traffic comes before it is ready; write: readinessProbe: {httpGet: {path: /readyz, port: http}}
CB21  silver  fail   us       Deployment shop/web  app: status.containerStatuses[].imageID                                  sha256:bbbbbbbbbbbb  the others run sha256:aaaaaaaaaaaa; write: callboard compare web
CB23  gold    fail   us       Deployment shop/web  spec.template.spec.containers[name=app].readinessProbe.failureThreshold  none                 the others have 3; write: callboard compare web
CB23  gold    fail   us       Deployment shop/web  spec.template.spec.containers[name=app].readinessProbe.httpGet.path      none                 the others have /readyz; write: callboard compare web
CB23  gold    fail   us       Deployment shop/web  spec.template.spec.containers[name=app].readinessProbe.httpGet.port      none                 the others have http; write: callboard compare web
CB23  gold    fail   us       Deployment shop/web  spec.template.spec.containers[name=app].readinessProbe.httpGet.scheme    none                 the others have HTTP; write: callboard compare web
CB23  gold    fail   us       Deployment shop/web  spec.template.spec.containers[name=app].readinessProbe.periodSeconds     none                 the others have 10; write: callboard compare web
CB23  gold    fail   us       Deployment shop/web  spec.template.spec.containers[name=app].readinessProbe.successThreshold  none                 the others have 1; write: callboard compare web
CB23  gold    fail   us       Deployment shop/web  spec.template.spec.containers[name=app].readinessProbe.timeoutSeconds    none                 the others have 1; write: callboard compare web
------- stderr -------
web: no level: 19 pass, 3 fail, 3 n/a.
3 of 3 clusters answered in [TIME].
[exit status: 3]

"#]],
    );
    let json = board.run("check web -o json");
    assert_eq!(json.code, 3, "{json}");
    let us = |id: &str| (id.to_string(), "us".to_string());
    let mut fails = failed(&json, "fail");
    // A whole probe is as many paths as it has fields.
    fails.dedup();
    assert_eq!(fails, [us("CB07"), us("CB21"), us("CB23")]);
    // What is above the level that is asked for fails nothing.
    let fleet = self::fleet(
        &|path| {
            write(path, "us/web.yaml", &cluster(&GOOD.replace("serviceAccountName: web\n      ", ""), ONE))
        },
        WELL,
    );
    let board = Board::at(fleet.path());
    assert_eq!((board.run("check web").code, board.run("check web --level silver").code), (3, 0));
}

#[test]
fn a_silent_cluster_and_a_forbidden_kind_are_never_a_pass() {
    let fleet = fleet(&|_| {}, "- {name: eu}\n- {name: us, fault: refused}\n- {name: ap}\n");
    let output = Board::at(fleet.path()).run("check web -o json");
    assert_eq!(output.code, 4, "{output}");
    let unknown = failed(&output, "unknown");
    for id in ["CB04", "CB07", "CB13", "CB21", "CB22", "CB23"] {
        assert!(unknown.contains(&(id.to_string(), "us".to_string())), "{id}\n{output}");
    }
    assert_eq!(failed(&output, "fail"), []);
    let fleet = self::fleet(
        &|_| {},
        "- {name: eu}\n- {name: us, forbid: [poddisruptionbudgets.policy, horizontalpodautoscalers.autoscaling]}\n- {name: ap}\n",
    );
    let output = Board::at(fleet.path()).run("check web -o json");
    assert_eq!(output.code, 4, "{output}");
    let us = |id: &str| (id.to_string(), "us".to_string());
    assert_eq!(failed(&output, "unknown"), [us("CB12"), us("CB13"), us("CB16")], "{output}");
}

#[test]
fn manifests_are_checked_before_anything_runs() {
    let bad = GOOD.replace("web:1.2.3", "web").replace("replicas: 2\n", "replicas: 1\n");
    let board = Board::empty()
        .file("app/catalog-info.yaml", ENTRY)
        .file("app/deploy/web.yaml", &format!("{bad}{AROUND}"));
    let catalog = Board::file(board, "catalog.yaml", ORG);
    check(
        &catalog.run("check ./app"),
        str![[r#"
RULE  LEVEL   STATE  OBJECT               PATH                                           SEEN                      WHAT
CB11  bronze  fail   Deployment shop/web  spec.template.spec.containers[name=app].image  registry.example.com/web  without a tag it is latest; write: image: registry.example.com/web:VERSION
CB12  silver  fail   Deployment shop/web  spec.replicas                                  1                         one pod that goes takes the service with it; write: replicas: 2
------- stderr -------
web: no level: 17 pass, 2 fail, 6 n/a.
[exit status: 3]

"#]],
    );
    let sarif = catalog.run("check ./app -o sarif");
    let document: Value = serde_json::from_str(&sarif.stdout).expect("JSON");
    let results = document["runs"][0]["results"].as_array().expect("results");
    let rules: Vec<&str> = results.iter().filter_map(|result| result["ruleId"].as_str()).collect();
    assert_eq!(rules, ["CB11", "CB12"], "{sarif}");
    let location = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "app/deploy/web.yaml", "{sarif}");
    // With the fault mended nothing is left.
    let board = catalog.file("app/deploy/web.yaml", &format!("{GOOD}{AROUND}"));
    let output = board.run("check ./app");
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stderr.contains("web: gold"), "{output}");
    // An exemption says why, and until when.
    let exempt = GOOD
        .replace(
            "labels: {backstage.io/kubernetes-id: web}}",
            "annotations: {callboard.dev/exempt: 'CB12=a leader; until=2026-06-01'}}",
        )
        .replace("replicas: 2\n", "replicas: 1\n");
    let board = board.file("app/deploy/web.yaml", &format!("{exempt}{AROUND}"));
    let output = board.run("check ./app");
    assert_eq!(output.code, 0, "{output}");
    assert!(
        output.stdout.contains("exempt") && output.stdout.contains("until 2026-06-01: a leader"),
        "{output}"
    );
    let output = board.run("check ./nothing");
    assert_eq!(output.code, 1, "{output}");
    let output = board.run("check ./app web");
    assert_eq!(output.code, 2, "{output}");
}

#[test]
fn services_are_counted_by_what_they_share() {
    let fleet = fleet(&|_| {}, WELL);
    check(
        &Board::at(fleet.path()).run("check web --by owner"),
        str![[r#"
GROUP  SERVICES  GOLD  SILVER  BRONZE  NONE  FAILED  UNKNOWN
team   1         1     0       0       0     0       0
------- stderr -------
web: gold: 22 pass, 3 n/a.
3 of 3 clusters answered in [TIME].
[exit status: 0]

"#]],
    );
}
