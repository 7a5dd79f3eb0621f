//! `diagnose`: the first screen, what lowers confidence, budgets, a team's own causes, documents, exit codes.

use std::path::Path;

use serde_json::{Value, json};
use snapbox::str;

use crate::support::{Board, check, of, tells};

/// A team's own cause for what the demo's invoice-export suffers from.
pub const OWN_CAUSE: &str = r#"causes:
- id: bank-certificate
  owner: team-payments
  match: {log: 'Put "https://(?P<what>[^/"]+).*certificate has expired', status: 'exit code 1'}
  summary: 'the certificate of[ {what}] has expired: {container} cannot deliver'
  advice: ['! openssl s_client -connect {what}:443', get configmaps]
  runbook: https://runbooks.example.com/bank-certificate
"#;

const POD: &str = "web-7d9f8b6c5d-abcde";

/// A pod that exits 1 again and again, whose log says why.
fn crashing(namespace: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": POD, "namespace": namespace, "uid": format!("{namespace}-1"), "labels": {"app": "web"}},
        "spec": {"nodeName": "node-1", "restartPolicy": "Always",
            "containers": [{"name": "app", "image": "registry.example.com/web:1",
                "env": [{"name": "DB_PASSWORD", "value": "hunter2"}]}]},
        "status": {"phase": "Running", "containerStatuses": [{
            "name": "app", "image": "registry.example.com/web:1", "imageID": "", "ready": false, "restartCount": 7,
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
            "lastState": {"terminated": {"reason": "Error", "exitCode": 1,
                "startedAt": "2026-01-15T09:57:00Z", "finishedAt": "2026-01-15T09:57:03Z"}}}]}
    })
}

/// A fleet of one cluster, `one`, that holds these, and the log of the crashing pod's last run.
fn fleet(settings: &str, objects: &[Value], log: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |path: &str, text: &str| {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("created");
        std::fs::write(path, text).expect("written");
    };
    write("fleet.yaml", &format!("now: 2026-01-15T10:00:00Z\nclusters:\n- name: one\n{settings}"));
    write("one/objects.json", &json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string());
    if !log.is_empty() {
        write(&format!("one/logs/shop/{POD}/app.previous.log"), log);
    }
    directory
}

fn findings(report: &Value) -> Vec<Value> {
    report["items"][0]["findings"].as_array().cloned().expect("a list")
}

#[track_caller]
fn only(report: &Value) -> Value {
    let [finding] = findings(report).try_into().unwrap_or_else(|_| panic!("one finding: {report:#}"));
    finding
}

const REFUSED: &str = "2026-01-15T09:57:02Z dial tcp 10.0.0.7:5432: connect: connection refused\n";

#[test]
fn the_first_screen_tells_it_all() {
    check(
        &Board::demo().run("diagnose payments"),
        str![[r#"
payments  owner team-payments  Degraded
CLUSTER     HEALTH    PODS  SINCE         WHY
us-west-2   Degraded  4/6   09:26Z (34m)  app OOMKilled, limit 256Mi, 12 restarts in 2 pods, in back-off
ap-south-1  Unknown   -     -             connection refused
us-east-1   Healthy   6/6   -             -
eu-west-1   Healthy   6/6   -             -
CAUSE 1     oom-killed in app: app used more memory than its limit of 256Mi and was killed (high confidence)
  where     2 of 6 pods bad in us-west-2, since 09:26Z (34m)
  changed   nothing was seen to change in the hour before
  status    app: OOMKilled, exit code 137, ran 3m8s, restarts 6
  object    limits.memory 256Mi
  next      kubectl --context us-west-2 -n payments logs payments-5p6kcmpn26-6bwtr -c app --previous --tail=50
  next      kubectl --context us-west-2 -n payments top pods --containers --sort-by=memory
DIFFERS     app limits.memory: 256Mi 2/6 bad (us-west-2) | 512Mi 0/12 bad (us-east-1, eu-west-1)
DIFFERS     app requests.memory: 256Mi 2/6 bad (us-west-2) | 512Mi 0/12 bad (us-east-1, eu-west-1)
LINK        Runbook: https://runbooks.marrowby.example/payments
LINK        Dashboard: https://grafana.marrowby.example/d/payments
LINK        On-call: https://oncall.marrowby.example/schedules/team-payments
------- stderr -------
1 service diagnosed. 3 of 4 clusters answered in [TIME].
silent: ap-south-1 (connection refused)
[exit status: 3]

"#]],
    );
    let output = Board::demo().run("why checkout");
    assert_eq!(output.code, 3, "{output}");
    for word in [
        "(down)",
        "0/6",
        "09:44Z (15m)",
        "missing-env",
        "6 of 6 pods bad in us-east-1",
        "TAX_RATES_URL",
        "ap-south-1 (connection refused)",
        "owner team-checkout",
        "without TAX_RATES_URL",
        "On-call: https://",
    ] {
        assert!(output.to_string().contains(word), "{word}:\n{output}");
    }
    assert!(!output.stdout.contains("CAUSE 1     crash"), "{output}");
}

#[test]
fn without_services_everything_unhealthy_is_diagnosed() {
    let report = Board::fleet("kinds").run("diagnose -o json").json();
    let said: Vec<String> = report["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| {
            let causes = item["findings"].as_array().expect("a list").iter();
            let causes: Vec<&str> = causes.filter_map(|finding| finding["cause"].as_str()).collect();
            format!("{} {}", item["service"].as_str().unwrap_or("-"), causes.join("+"))
        })
        .collect();
    assert_eq!(
        said,
        [
            "deploy-bad app-error",
            "pod-bad app-error",
            "pod-evicted evicted-memory",
            "ds-bad app-error",
            "sts-bad unschedulable-pvc-unbound",
            "rollout-aborted progress-deadline-exceeded",
            "cron-bad app-error",
            "job-failed app-error",
            "job-running ",
        ]
    );
}

#[test]
fn what_is_well_stands_there_when_it_was_asked_for() {
    let board = Board::fleet("tiny");
    let output = board.run("diagnose hello");
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stdout.contains("nothing is wrong"), "{output}");
    let report = board.run("diagnose hello -o json").json();
    assert_eq!(report["items"][0]["findings"], json!([]));
    assert_eq!(report["complete"], true);
    let all = board.run("diagnose -o json").json();
    assert_eq!(all["items"], json!([]), "nobody asked for it");
    assert_eq!(board.run("diagnose nobody").code, 1);
}

#[test]
fn what_is_missing_silent_or_at_work_is_told_as_such() {
    let output = Board::demo().run("diagnose returns edge-gateway search-indexer");
    for words in [
        "it is not there; this was asked:",
        "eu-central-1 answered: nothing carries backstage.io/kubernetes-id=returns in namespace shop",
        "ap-south-1 is silent: connection refused",
        "none yet: runs in eu-west-1 since 09:34Z (26m)",
    ] {
        assert!(output.stdout.contains(words), "{words}:\n{output}");
    }
    let silent = Board::fleet("silent").run("diagnose cart --cluster-timeout 1s");
    assert_eq!(silent.code, 4, "{silent}");
    let partial = Board::fleet("forbidden").run("diagnose orders");
    assert!(partial.stdout.contains("no-pods answered in part: forbidden to list pods"), "{partial}");
    assert_eq!(partial.code, 4, "{partial}");
}

#[test]
fn refusals_lower_confidence_and_are_said_once() {
    let objects = [crashing("shop")];
    let open = fleet("", &objects, REFUSED);
    let finding = only(&Board::at(open.path()).run("diagnose -l app=web -o json").json());
    assert_eq!((&finding["cause"], &finding["confidence"]), (&json!("dependency-refused"), &json!("medium")));
    let closed = fleet("  forbid: [events, nodes, pods/log]\n", &objects, REFUSED);
    let output = Board::at(closed.path()).run("diagnose -l app=web -o json");
    let report = output.json();
    let notes = report["notes"].as_array().expect("a list");
    assert_eq!(notes.len(), 1, "{notes:?}");
    for what in ["one did not show", "events (forbidden)", "logs (forbidden)", "nodes (forbidden)"] {
        assert!(notes[0].as_str().is_some_and(|note| note.contains(what)), "{what}: {notes:?}");
    }
    for finding in findings(&report) {
        assert_ne!(finding["cause"], "dependency-refused", "its log was not read");
        assert_ne!(finding["confidence"], "high", "{finding}");
    }
    assert_eq!(output.code, 3, "{output}");
}

#[test]
fn budgets_bound_what_is_read() {
    let log = format!("{REFUSED}giving up\n");
    let directory = fleet("", &[crashing("shop")], &log);
    let board = Board::at(directory.path());
    let cause = |flags: &str| {
        only(&board.run(&format!("diagnose -l app=web -o json {flags}")).json())["cause"]
            .as_str()
            .map(str::to_string)
    };
    assert_eq!(cause("").as_deref(), Some("dependency-refused"));
    assert_eq!(cause("--log-lines 1").as_deref(), Some("app-error"), "the last line alone says nothing");
    assert_eq!(cause("--max-logs 0").as_deref(), Some("app-error"), "no log is read");
}

/// Pods that look alike before anything is read: those within the budget are judged by their own logs.
#[test]
fn pods_beyond_the_budget_count_as_the_first() {
    let pod = |name: &str| {
        let mut pod = crashing("shop");
        pod["metadata"]["name"] = name.into();
        pod["metadata"]["uid"] = name.into();
        pod["metadata"]["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "name": "web-7d9f8b6c5d", "uid": "rs-1", "controller": true}]);
        pod
    };
    let directory = fleet("", &[pod(POD), pod("web-7d9f8b6c5d-zzzzz")], REFUSED);
    let other = directory.path().join("one/logs/shop/web-7d9f8b6c5d-zzzzz");
    std::fs::create_dir_all(&other).expect("created");
    std::fs::write(other.join("app.previous.log"), "write /data/x: no space left on device\n")
        .expect("written");
    let board = Board::at(directory.path());
    let causes = |flags: &str| -> Vec<(String, Value)> {
        let report = board.run(&format!("diagnose -l app=web -o json {flags}")).json();
        let told = findings(&report).into_iter();
        told.map(|one| (one["cause"].as_str().unwrap_or("-").to_string(), one["where"][0]["badPods"].clone()))
            .collect()
    };
    let of = |cause: &str, pods: i64| (cause.to_string(), json!(pods));
    assert_eq!(causes(""), [of("dependency-refused", 1), of("disk-full", 1)]);
    assert_eq!(causes("--max-pods 1"), [of("dependency-refused", 2)]);
    assert_eq!(causes("--max-logs 1"), [of("dependency-refused", 2)]);
}

#[test]
fn passwords_are_never_printed() {
    let log = "cannot reach postgres://app:s3cretw0rd@db:5432/x password=tops3cret: connection refused\n";
    let mut fine = crashing("shop");
    fine["metadata"]["name"] = "web-fine".into();
    fine["metadata"]["uid"] = "3".into();
    fine["spec"]["containers"][0]["env"][0]["value"] = "other-hunter".into();
    fine["status"] = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": "app", "ready": true, "restartCount": 0, "image": "", "imageID": "",
            "state": {"running": {"startedAt": "2026-01-15T08:00:00Z"}}}]});
    let directory = fleet("", &[crashing("shop"), fine], log);
    for format in ["table", "wide", "json", "yaml", "markdown", "html"] {
        let output = Board::at(directory.path()).run(&format!("diagnose -l app=web -o {format}"));
        assert!(output.stdout.contains("dependency-refused"), "{output}");
        for secret in ["s3cretw0rd", "tops3cret", "hunter2", "other-hunter"] {
            assert!(!output.to_string().contains(secret), "{format} tells {secret}:\n{output}");
        }
    }
}

#[test]
fn events_of_others_prove_nothing() {
    let event = |namespace: &str| {
        json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e1", "namespace": namespace},
        "involvedObject": {"kind": "Pod", "name": POD, "namespace": namespace}, "type": "Warning", "reason": "Evicting",
        "message": "disk of the moon is full", "count": 1, "firstTimestamp": "2026-01-15T09:50:00Z",
        "lastTimestamp": "2026-01-15T09:50:00Z"})
    };
    let own = "causes:\n- id: moon\n  owner: luna\n  match: {event: 'moon is full'}\n  summary: the moon\n";
    let mut elsewhere = crashing("other");
    elsewhere["metadata"]["labels"] = json!({"app": "web", "tier": "x"});
    let directory = fleet("", &[crashing("shop"), elsewhere, event("other")], REFUSED);
    let board = Board::at(directory.path()).file("own.yaml", own);
    let report = board.run("diagnose -l app=web -o json --causes own.yaml").json();
    let moon = findings(&report).into_iter().find(|finding| finding["cause"] == "moon").expect("it is found");
    assert_eq!(moon["where"].as_array().map(Vec::len), Some(1), "{moon:#}");
    assert_eq!(moon["where"][0]["namespace"], "other");
}

fn autoscaler(labels: Value) -> Value {
    json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop", "labels": labels},
        "spec": {"maxReplicas": 4, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
        "status": {"currentReplicas": 4, "desiredReplicas": 4, "conditions": [
            {"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas", "message": "more than the maximum"}]}})
}

fn budget(labels: Value) -> Value {
    json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": {"name": "web", "namespace": "shop", "labels": labels},
        "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}},
        "status": {"disruptionsAllowed": 0, "currentHealthy": 2, "desiredHealthy": 2, "expectedPods": 2}})
}

#[test]
fn autoscalers_and_budgets_are_reached_by_label_and_by_target() {
    let labelled = json!({"app": "web"});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}, "generation": 1},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": "x"}]}}},
        "status": {"observedGeneration": 1}});
    for (objects, cause, workload) in [
        (vec![autoscaler(labelled.clone())], "hpa-at-max", "HorizontalPodAutoscaler/web"),
        (vec![deployment, autoscaler(json!({}))], "hpa-at-max", "Deployment/web"),
        (vec![budget(labelled)], "pdb-blocks-drain", "PodDisruptionBudget/web"),
    ] {
        let directory = fleet("", &objects, "");
        let finding = only(&Board::at(directory.path()).run("diagnose -l app=web -o json").json());
        assert_eq!((&finding["cause"], &finding["where"][0]["workload"]), (&json!(cause), &json!(workload)));
        assert!(finding.get("container").is_none(), "{finding}");
    }
    let beside = fleet("", &[crashing("shop"), budget(json!({}))], REFUSED);
    let finding = only(&Board::at(beside.path()).run("diagnose -l app=web -o json").json());
    assert_eq!(finding["cause"], "dependency-refused", "a budget does not break pods");
}

#[test]
fn a_teams_own_cause_stands_before_ours() {
    let asked = |board: &Board, flags: &str| {
        let report = board.run(&format!("diagnose invoice-export -o json {flags}")).json();
        only(&report)
    };
    let named = Board::demo().file("own.yaml", OWN_CAUSE);
    let ours = asked(&named, "");
    assert_eq!(ours["cause"], "dependency-tls");
    assert!(
        ours["summary"]
            .as_str()
            .is_some_and(|text| text.contains("TLS to sftp-gateway.northbank.example fails"))
    );
    let theirs = asked(&named, "--causes own.yaml");
    assert_eq!(theirs["cause"], "bank-certificate");
    assert_eq!(theirs["owner"], "team-payments");
    assert_eq!(theirs["runbook"], "https://runbooks.example.com/bank-certificate");
    assert!(
        theirs["summary"].as_str().is_some_and(|text| text.contains("of sftp-gateway.northbank.example has"))
    );
    assert_eq!(theirs["next"][0], "openssl s_client -connect sftp-gateway.northbank.example:443");
    let configured = Board::demo().file("own.yaml", OWN_CAUSE).file("c.yaml", "causes: [own.yaml]\n");
    assert_eq!(asked(&configured, "--config c.yaml")["cause"], "bank-certificate");
}

#[test]
fn causes_beside_the_catalog_count() {
    let directory = fleet("", &[crashing("shop")], REFUSED);
    let own = "causes:\n- id: db-down\n  owner: dba\n  match: {log: 'connection refused'}\n  summary: the database is down\n";
    let catalog = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: web, annotations: \
        {backstage.io/kubernetes-label-selector: app=web}}\nspec: {type: service, lifecycle: production, owner: ida}\n";
    std::fs::write(directory.path().join("catalog.yaml"), catalog).expect("written");
    std::fs::write(directory.path().join("causes.yaml"), own).expect("written");
    let finding = only(&Board::at(directory.path()).run("diagnose web -o json").json());
    assert_eq!((&finding["cause"], &finding["owner"]), (&json!("db-down"), &json!("dba")));
}

#[test]
fn a_bad_file_of_causes_is_an_error_with_its_place() {
    for (text, words) in [
        ("causes:\n- id: oom-killed\n  owner: x\n  match: {log: y}\n  summary: z\n", "oom-killed"),
        ("causes:\n- id: a\n  owner: x\n  match: {log: '('}\n  summary: z\n", "regular expression"),
        ("causes:\n- id: a\n  owner: x\n  match: {}\n  summary: z\n", "status, event or log"),
        ("causes:\n- id: a\n  owner: x\n  match: {log: y}\n  summary: '{nonsense}'\n", "fact"),
        ("causes:\n- id: a\n  colour: blue\n", "colour"),
    ] {
        let output = Board::fleet("tiny").file("own.yaml", text).run("diagnose hello --causes own.yaml");
        tells(&output, 1, &["own.yaml", words]);
    }
    let output = Board::fleet("tiny").run("diagnose hello --causes nowhere.yaml");
    tells(&output, 1, &["nowhere.yaml"]);
}

#[test]
fn incident_documents_hold_everything() {
    for (format, table) in
        [("markdown", "| TIME | CLUSTER | WHAT HAPPENED |"), ("html", "<th>WHAT HAPPENED</th>")]
    {
        let output = Board::demo().run(&format!("diagnose shipping-rates -o {format}"));
        for word in [
            "liveness-killed",
            "2 of 3 pods bad in eu-central-1",
            "since 09:",
            "Liveness probe failed",
            "WHAT DIFFERS",
            "limits.cpu",
            "kubectl --context eu-central-1 -n shop describe pod",
            "team-fulfilment",
            "Dashboard",
            table,
            "first sign of liveness-killed",
        ] {
            assert!(output.stdout.contains(word), "{format} lacks {word}:\n{output}");
        }
    }
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/diagnosis.json").exists());
    let report = Board::demo().run("diagnose shipping-rates -o json").json();
    let item = of(&report["items"], "service", "shipping-rates");
    assert!(item["timeline"].as_array().is_some_and(|moments| moments.len() >= 2), "{item:#}");
}
