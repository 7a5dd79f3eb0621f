//! `check`: the rules of docs/readiness.md over manifests and over clusters.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use snapbox::str;

use crate::fleets;
use crate::kube::{ControlPlane, User};
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
RULE  LEVEL   STATE  CLUSTER  OBJECT               PATH                                                    SEEN                 WHAT
CB07  bronze  fail   us       Deployment shop/web  spec.template.spec.containers[name=app].readinessProbe  none                 traffic comes before it is ready; write: readinessProbe: {httpGet: {path: /readyz, port: http}}
CB21  silver  fail   us       Deployment shop/web  app: status.containerStatuses[].imageID                 sha256:bbbbbbbbbbbb  the others run sha256:aaaaaaaaaaaa; write: callboard compare web
CB23  gold    fail   us       Deployment shop/web  spec.template.spec.containers[name=app].readinessProbe  none                 the others have {"httpGet":{"path":"/readyz","port":"http","scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3}; write: callboard compare web
------- stderr -------
web: no level: 19 pass, 3 fail, 3 n/a.
3 of 3 clusters answered in [TIME].
[exit status: 3]

"#]],
    );
    let json = board.run("check web -o json");
    assert_eq!(json.code, 3, "{json}");
    let us = |id: &str| (id.to_string(), "us".to_string());
    // A probe that is lacking is one path, whatever the others have in it.
    assert_eq!(failed(&json, "fail"), [us("CB07"), us("CB21"), us("CB23")]);
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

#[test]
fn a_silent_cluster_is_one_row_however_many_rules_ask() {
    let fleet = fleet(&|_| {}, "- {name: eu}\n- {name: us, fault: refused}\n- {name: ap}\n");
    let output = Board::at(fleet.path()).run("check web");
    let rows: Vec<&str> = output.stdout.lines().skip(1).filter(|line| line.contains(" us ")).collect();
    // That the catalog wants it there is the one rule that says more of this cluster.
    let (own, whole): (Vec<&str>, Vec<&str>) = rows.iter().copied().partition(|line| line.starts_with("CB"));
    assert_eq!((own.len(), whole.len()), (1, 1), "{output}");
    assert!(own[0].starts_with("CB22"), "{output}");
    assert!(whole[0].contains("not known of CB04, CB07, CB08") && whole[0].contains(" rules "), "{output}");
    // No cell is empty.
    assert!(whole[0].split("  ").filter(|cell| cell.trim() == "-").count() >= 4, "{output}");
    assert_eq!(output.code, 4, "{output}");
}

/// What Helm or anything else has rendered, on stdin.
#[test]
fn manifests_are_read_from_stdin() {
    let board = Board::empty();
    let piped = |text: &str, words: &str| {
        let mut command = board.command(words.split(' '));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("taken");
        board.told(&child.wait_with_output().expect("it ends"))
    };
    let good = piped(&format!("{GOOD}{AROUND}"), "check -");
    assert_eq!(good.code, 0, "{good}");
    assert!(good.stderr.contains("-: gold"), "{good}");
    let list = format!(
        "apiVersion: v1\nkind: List\nitems:\n{}",
        GOOD.lines()
            .enumerate()
            .map(|(index, line)| { format!("{}{line}\n", if index == 0 { "- " } else { "  " }) })
            .collect::<String>()
            .replace("web:1.2.3", "web:latest")
    );
    let bad = piped(&list, "check - -o json");
    assert_eq!(bad.code, 3, "{bad}");
    let fails: Vec<String> = failed(&bad, "fail").into_iter().map(|(id, _)| id).collect();
    assert_eq!(fails, ["CB11", "CB13"], "{bad}");
    let empty = piped("", "check -");
    assert!(empty.code == 1 && empty.stderr.contains("holds no workload"), "{empty}");
    let broken = piped("kind: [", "check -");
    assert!(broken.code == 1 && broken.stderr.contains("stdin:"), "{broken}");
}

/// Of a kustomize project what is deployed is looked at, and not its parts.
#[test]
fn kustomize_directories_are_built_by_kubectl() {
    let kubectl = "#!/bin/sh\n[ \"$1\" = kustomize ] || exit 9\ncat \"$2/built.yaml\" || { echo no such base >&2; exit 1; }\n";
    let small = GOOD.replace("replicas: 2\n", "replicas: 1\n");
    let board = Board::empty()
        .file("bin/kubectl", kubectl)
        .file("app/catalog-info.yaml", ENTRY)
        .file("catalog.yaml", ORG)
        .file("app/deploy/base/kustomization.yaml", "resources: [web.yaml]\n")
        .file(
            "app/deploy/base/web.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: never-read}\n",
        )
        .file("app/deploy/overlays/staging/kustomization.yaml", "resources: [../../base]\n")
        .file("app/deploy/overlays/staging/built.yaml", &format!("{small}{AROUND}"))
        .file("app/deploy/overlays/prod/kustomization.yml", "resources: [../../base]\n")
        .file("app/deploy/overlays/prod/built.yaml", &format!("{GOOD}{AROUND}"));
    let program = board.home().join("bin/kubectl");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it may be run");
    let path = format!("{}:/usr/bin:/bin", board.home().join("bin").display());
    let board = board.variable("PATH", path);
    let output = board.run("check ./app -o json");
    assert_eq!(output.code, 3, "{output}");
    let fails: Vec<String> = failed(&output, "fail").into_iter().map(|(id, _)| id).collect();
    assert_eq!(fails, ["CB12"], "{output}");
    let whole = board.run("check ./app/deploy/overlays/prod");
    assert!(whole.code == 0 && whole.stderr.contains("web: gold"), "{whole}");
    fs::remove_file(board.home().join("app/deploy/overlays/prod/built.yaml")).expect("removed");
    let failed = board.run("check ./app");
    assert!(failed.code == 1 && failed.stderr.contains("no such base"), "{failed}");
    let nowhere = board.home().join("none").display().to_string();
    let without = board.variable("PATH", nowhere).run("check ./app");
    assert!(without.code == 1 && without.stderr.contains("kubectl is not installed"), "{without}");
    assert!(without.stderr.contains("kustomize build . | callboard check -"), "{without}");
}

#[test]
fn a_ci_server_reads_the_rules_as_tests() {
    let bad = GOOD.replace("web:1.2.3", "web:<latest>");
    let board = Board::empty().file("catalog.yaml", ORG).file("app/catalog-info.yaml", ENTRY).file(
        "app/web.yaml",
        &format!("{}{AROUND}", bad.replace("<latest>", "latest").replace("replicas: 2\n", "replicas: 1\n")),
    );
    let output = board.run("check ./app -o junit");
    assert_eq!(output.code, 3, "{output}");
    let suite = "<testsuite name=\"web\" tests=\"25\" failures=\"2\" errors=\"0\" skipped=\"6\">";
    assert!(output.stdout.contains(suite), "{output}");
    assert!(
        output.stdout.contains("<testcase classname=\"web\" name=\"CB01 A group owns it\"/>"),
        "{output}"
    );
    assert!(
        output.stdout.contains("<failure message=\"Deployment shop/web: spec.replicas: 1: one pod"),
        "{output}"
    );
    assert_eq!(output.stdout.matches("<testcase ").count(), 25, "{output}");
    // What is above the level that is asked for fails nothing.
    let bronze = board.run("check ./app -o junit --level bronze");
    assert!(bronze.stdout.contains("failures=\"1\" errors=\"0\" skipped=\"7\""), "{bronze}");
}

/// Three real clusters, of which one differs.
#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver and etcd"]
fn of_three_real_clusters_the_one_that_differs_is_named() {
    let other = GOOD.replace("livenessProbe: {httpGet: {path: /livez, port: http}}\n        ", "");
    let digest = ONE.replace('a', "b");
    let directory = fleet(&|path| write(path, "us/web.yaml", &cluster(&other, &digest)), WELL);
    let read = fleets::read(directory.path());
    let plane = ControlPlane::start(&["eu", "us", "ap"]);
    for cluster in &read.clusters {
        plane.load(&cluster.name, cluster);
    }
    let kubeconfig = plane.kubeconfig(|_| User::Viewer);
    let board = Board::empty()
        .variable("KUBECONFIG", kubeconfig.display().to_string())
        .file("catalog.yaml", &format!("{ENTRY}{ORG}"));
    let output = board.run("check web -o json");
    assert_eq!(output.code, 3, "{output}");
    let us = |id: &str| (id.to_string(), "us".to_string());
    assert_eq!(failed(&output, "fail"), [us("CB08"), us("CB21"), us("CB23")], "{output}");
    assert_eq!(failed(&output, "unknown"), [], "{output}");
    // Who may read nothing there is told nothing, and passes nothing.
    let kubeconfig = plane.kubeconfig(|name| if name == "ap" { User::Nobody } else { User::Viewer });
    let board = Board::empty()
        .variable("KUBECONFIG", kubeconfig.display().to_string())
        .file("catalog.yaml", &format!("{ENTRY}{ORG}"));
    let output = board.run("check web -o json");
    let unknown = failed(&output, "unknown");
    for id in ["CB04", "CB07", "CB12", "CB22"] {
        assert!(unknown.contains(&(id.to_string(), "ap".to_string())), "{id}\n{output}");
    }
}
