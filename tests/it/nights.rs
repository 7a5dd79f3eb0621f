//! Nights as fleets, each with its answer written first: what `diagnose` says of several services that are broken at once.

use serde_json::Value;

use crate::made::fleet;
use crate::support::Board;

const NOW: &str = "2026-01-15T10:00:00Z";

/// A service of one pod in one cluster: its name, its namespace, the cluster, and the pod's spec and status.
struct Night<'a> {
    services: &'a [(&'a str, &'a str, &'a str, String)],
    /// Objects beside them: cluster and text.
    beside: &'a [(&'a str, &'a str)],
}

impl Night<'_> {
    fn board(&self) -> (tempfile::TempDir, Board) {
        let mut files = vec![
            ("fleet.yaml".to_string(), format!("now: {NOW}\nclusters: [{{name: eu-1}}, {{name: us-1}}]\n")),
            ("catalog.yaml".to_string(), String::new()),
        ];
        let mut known = std::collections::BTreeSet::new();
        for (name, namespace, cluster, pod) in self.services {
            files.push((format!("{cluster}/{name}.yaml"), objects(name, namespace, pod)));
            if !known.insert(name) {
                continue;
            }
            files[1].1.push_str(&format!(
                "apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {name}, annotations: {{backstage.io/kubernetes-id: {name}}}}}
spec: {{type: service, lifecycle: production, owner: team-{name}}}
---
"
            ));
        }
        for cluster in ["eu-1", "us-1"] {
            let beside = self.beside.iter().filter(|(of, _)| *of == cluster).map(|(_, text)| *text);
            let text = beside.collect::<Vec<_>>().join("\n---\n");
            files.push((format!("{cluster}/beside.yaml"), text));
        }
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let (directory, board) = fleet(&files);
        (directory, board.variable("CALLBOARD_NOW", NOW))
    }

    /// Each incident of `diagnose`: its id, what it is, where, and whose.
    #[track_caller]
    fn check(&self, expected: &[(&str, &str, &[&str], &[&str])]) -> Value {
        let (_directory, board) = self.board();
        let report = board.run("diagnose -o json").json();
        let list = |value: &Value| -> Vec<String> {
            value.as_array().expect("a list").iter().map(|one| one.as_str().expect("text").into()).collect()
        };
        let told = report["incidents"].as_array().expect("incidents").iter();
        let told: Vec<(String, String, Vec<String>, Vec<String>)> = told
            .map(|one| {
                let text = |field: &str| one[field].as_str().expect("text").to_string();
                (text("cause"), text("what"), list(&one["clusters"]), list(&one["services"]))
            })
            .collect();
        let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<String>>();
        let expected: Vec<_> = expected
            .iter()
            .map(|(cause, what, clusters, services)| {
                (cause.to_string(), what.to_string(), owned(clusters), owned(services))
            })
            .collect();
        assert_eq!(told, expected, "{:#}", report["items"]);
        report
    }
}

/// Without a pod none could be made; where it is Ready, all is well.
fn objects(name: &str, namespace: &str, pod: &str) -> String {
    let made = usize::from(!pod.is_empty());
    let (count, available) = match pod.contains("status: 'True'") {
        true => {
            ("readyReplicas: 1\n  availableReplicas: 1", "status: 'True', reason: MinimumReplicasAvailable")
        }
        false => ("unavailableReplicas: 1", "status: 'False', reason: MinimumReplicasUnavailable"),
    };
    let workload = format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}, creationTimestamp: '2026-01-10T00:00:00Z', generation: 1, labels: {{backstage.io/kubernetes-id: {name}}}}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}, backstage.io/kubernetes-id: {name}}}}}
    spec: {{containers: [{{name: app, image: 'registry.example.com/{name}:1'}}]}}
status:
  observedGeneration: 1
  replicas: {made}
  updatedReplicas: {made}
  {count}
  conditions:
  - {{type: Available, {available}, lastTransitionTime: '2026-01-15T09:31:00Z'}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {{name: {name}-1, namespace: {namespace}, creationTimestamp: '2026-01-15T09:19:50Z', annotations: {{deployment.kubernetes.io/revision: '2'}}, labels: {{app: {name}, backstage.io/kubernetes-id: {name}}}, ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: {name}, controller: true}}]}}
spec: {{replicas: 1, selector: {{matchLabels: {{app: {name}}}}}, template: {{spec: {{containers: [{{name: app, image: 'registry.example.com/{name}:1'}}]}}}}}}
status: {{replicas: {made}}}
"
    );
    if pod.is_empty() {
        return workload;
    }
    format!(
        "{workload}---
apiVersion: v1
kind: Pod
metadata: {{name: {name}-1-a, namespace: {namespace}, creationTimestamp: '2026-01-15T09:20:00Z', labels: {{app: {name}, backstage.io/kubernetes-id: {name}}}, ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: {name}-1, controller: true}}]}}
{}
",
        pod.replace("IMAGE", &format!("registry.example.com/{name}:1"))
    )
}

/// A pod on a node that has fallen silent.
fn lost(node: &str) -> String {
    format!(
        "spec: {{nodeName: {node}, containers: [{{name: app, image: IMAGE}}]}}
status:
  phase: Running
  conditions: [{{type: Ready, status: 'False', lastTransitionTime: '2026-01-15T09:31:00Z'}}]
  containerStatuses: [{{name: app, image: IMAGE, ready: true, started: true, restartCount: 0, state: {{running: {{startedAt: '2026-01-15T09:20:10Z'}}}}}}]"
    )
}

/// A node that has fallen silent, in a zone.
fn silent_node(name: &str, zone: &str) -> String {
    format!(
        "apiVersion: v1
kind: Node
metadata: {{name: {name}, labels: {{topology.kubernetes.io/zone: {zone}}}}}
status: {{conditions: [{{type: Ready, status: Unknown, reason: NodeStatusUnknown, message: Kubelet stopped posting node status., lastTransitionTime: '2026-01-15T09:30:20Z'}}]}}"
    )
}

/// A pod whose image the registry does not give out.
fn refused_by_the_registry() -> String {
    "spec: {nodeName: n-1, containers: [{name: app, image: IMAGE}]}
status:
  phase: Pending
  conditions: [{type: Ready, status: 'False', reason: ContainersNotReady, lastTransitionTime: '2026-01-15T09:20:00Z'}]
  containerStatuses: [{name: app, image: IMAGE, ready: false, restartCount: 0, state: {waiting: {reason: ImagePullBackOff, message: 'Back-off pulling image \"IMAGE\": ErrImagePull: failed to pull and unpack image \"IMAGE\": failed to resolve reference \"IMAGE\": unexpected status from HEAD request to https://registry.example.com/v2/x/manifests/1: 401 Unauthorized'}}}]"
        .to_string()
}

/// A pod that ends with exit code 1 again and again; what it says last is in its log.
fn crashing(at: &str) -> String {
    format!(
        "spec: {{nodeName: n-1, containers: [{{name: app, image: IMAGE}}]}}
status:
  phase: Running
  conditions: [{{type: Ready, status: 'False', reason: ContainersNotReady, lastTransitionTime: '{at}'}}]
  containerStatuses: [{{name: app, image: IMAGE, ready: false, restartCount: 9, state: {{waiting: {{reason: CrashLoopBackOff, message: back-off}}}}, lastState: {{terminated: {{exitCode: 1, reason: Error, startedAt: '2026-01-15T09:58:00Z', finishedAt: '2026-01-15T09:58:02Z'}}}}}}]"
    )
}

/// A pod that needs a Secret which is not there.
fn without_secret(name: &str) -> String {
    format!(
        "spec: {{nodeName: n-1, containers: [{{name: app, image: IMAGE, envFrom: [{{secretRef: {{name: {name}}}}}]}}]}}
status:
  phase: Pending
  conditions: [{{type: Ready, status: 'False', reason: ContainersNotReady, lastTransitionTime: '2026-01-15T09:20:00Z'}}]
  containerStatuses: [{{name: app, image: IMAGE, ready: false, restartCount: 0, state: {{waiting: {{reason: CreateContainerConfigError, message: 'secret \"{name}\" not found'}}}}}}]"
    )
}

#[test]
fn a_dead_node_under_nine_services_is_one_incident() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let mut services: Vec<(&str, &str, &str, String)> =
        names.iter().map(|name| (*name, "shop", "us-1", lost("n-9"))).collect();
    services.push(("loop", "shop", "eu-1", crashing("2026-01-15T08:00:00Z")));
    let node = silent_node("n-9", "us-1a");
    let night = Night { services: &services, beside: &[("us-1", &node)] };
    let report = night.check(&[("node", "node n-9 is not ready", &["us-1"], &names)]);
    let incident = &report["incidents"][0];
    assert_eq!(incident["confidence"], "high");
    assert_eq!(incident["since"], "2026-01-15T09:30:20Z");
    assert_eq!(incident["findings"].as_array().map(Vec::len), Some(9));
    let items = report["items"].as_array().expect("items").iter();
    for item in items {
        let expected = if item["service"] == "loop" { "[]" } else { "[1]" };
        assert_eq!(item["findings"][0]["incidents"].to_string(), expected, "{}", item["service"]);
    }
    let (_directory, board) = night.board();
    let page = board.run("diagnose");
    assert_eq!(page.code, 3, "{page}");
    for line in [
        "INCIDENT 1  node n-9 is not ready in us-1, since 09:30Z (29m): 9 findings of 9 services (high confidence)",
        "  node      Ready=Unknown NodeStatusUnknown: Kubelet stopped posting node status.",
        "  next      kubectl --context us-1 describe node n-9",
        "BESIDE      causes of its own: loop",
        "  incident  1, above",
    ] {
        assert!(page.stdout.lines().any(|told| told == line), "{line:?} is not told:\n{page}");
    }
    // `status` says it in a line below the table, of what it has asked anyway.
    let status = board.run("status");
    let line = "incident: node n-9 is not ready in us-1: 9 services (a, b, c, d, e, f +3); `callboard why` tells more";
    assert!(status.stderr.lines().any(|told| told == line), "{status}");
    let incidents = board.run("status -o json").json()["incidents"].clone();
    let told = serde_json::json!([{"cause": "node", "what": "node n-9 is not ready", "clusters": ["us-1"], "services": names}]);
    assert_eq!(incidents, told);
    // Told once, not nine times.
    assert_eq!(page.stdout.matches("describe node").count(), 1, "{page}");
    let index = page.stdout.lines().position(|line| line.starts_with("SERVICE")).expect("an index");
    let first = page.stdout.lines().position(|line| line.starts_with("a  owner")).expect("a page");
    assert!(index < first, "{}", page.stdout);
}

#[test]
fn two_nodes_of_one_zone_are_the_zone() {
    let services = [("a", "shop", "us-1", lost("n-1")), ("b", "pay", "us-1", lost("n-2"))];
    let nodes = [silent_node("n-1", "us-1a"), silent_node("n-2", "us-1a")];
    let beside = [("us-1", nodes[0].as_str()), ("us-1", nodes[1].as_str())];
    Night { services: &services, beside: &beside }.check(&[(
        "zone",
        "zone us-1a: 2 nodes not ready",
        &["us-1"],
        &["a", "b"],
    )]);
}

#[test]
fn an_expired_registry_password_is_one_incident_in_both_clusters() {
    let services =
        [("a", "shop", "us-1", refused_by_the_registry()), ("b", "pay", "eu-1", refused_by_the_registry())];
    Night { services: &services, beside: &[] }.check(&[(
        "registry",
        "registry registry.example.com does not let pull",
        &["eu-1", "us-1"],
        &["a", "b"],
    )]);
}

#[test]
fn a_secret_that_two_services_lack_is_one_incident_and_one_of_the_same_name_elsewhere_is_not() {
    let both = [("a", "shop", "us-1", without_secret("db")), ("b", "shop", "us-1", without_secret("db"))];
    Night { services: &both, beside: &[] }.check(&[(
        "secret",
        "Secret db in namespace shop is missing",
        &["us-1"],
        &["a", "b"],
    )]);
    let apart = [("a", "shop", "us-1", without_secret("db")), ("b", "pay", "us-1", without_secret("db"))];
    Night { services: &apart, beside: &[] }.check(&[]);
}

/// The line of `status` that tells of an incident, without what it is that tells more.
fn incident_lines(night: &Night) -> Vec<String> {
    let (_directory, board) = night.board();
    let status = board.run("status");
    let lines = status.stderr.lines().filter_map(|line| line.strip_prefix("incident: "));
    lines.map(|line| line.replace("; `callboard why` tells more", "")).collect()
}

#[test]
fn status_tells_of_what_the_pods_alone_prove() {
    let secrets = [("a", "shop", "us-1", without_secret("db")), ("b", "shop", "us-1", without_secret("db"))];
    assert_eq!(
        incident_lines(&Night { services: &secrets, beside: &[] }),
        ["Secret db in namespace shop is missing in us-1: 2 services (a, b)"]
    );
    let refused =
        [("a", "shop", "us-1", refused_by_the_registry()), ("b", "pay", "eu-1", refused_by_the_registry())];
    assert_eq!(
        incident_lines(&Night { services: &refused, beside: &[] }),
        ["registry registry.example.com does not let pull in eu-1, us-1: 2 services (a, b)"]
    );
    // Nobody read of which zone the nodes are.
    let lost = [
        ("a", "shop", "us-1", lost("n-1")),
        ("b", "shop", "us-1", lost("n-2")),
        ("c", "shop", "us-1", lost("n-3")),
    ];
    assert_eq!(
        incident_lines(&Night { services: &lost, beside: &[] }),
        ["3 nodes not ready in us-1: 3 services (a, b, c)"]
    );
    // One service alone, two on two nodes, and loops are none.
    let alone = Night { services: &lost[..1], beside: &[] };
    assert_eq!(incident_lines(&alone), Vec::<String>::new());
    let two = Night { services: &lost[..2], beside: &[] };
    assert_eq!(incident_lines(&two), Vec::<String>::new());
    let loops = [
        ("a", "shop", "us-1", crashing("2026-01-15T09:30:00Z")),
        ("b", "shop", "us-1", crashing("2026-01-15T09:30:00Z")),
        ("c", "shop", "us-1", crashing("2026-01-15T09:30:00Z")),
    ];
    assert_eq!(incident_lines(&Night { services: &loops, beside: &[] }), Vec::<String>::new());
}

#[test]
fn two_unrelated_loops_at_once_are_no_incident() {
    let services = [
        ("a", "shop", "us-1", crashing("2026-01-15T09:30:00Z")),
        ("b", "shop", "us-1", crashing("2026-01-15T09:30:00Z")),
    ];
    let report = Night { services: &services, beside: &[] }.check(&[]);
    assert_eq!(report["items"].as_array().map(Vec::len), Some(2));
}

#[test]
fn one_service_alone_is_no_incident() {
    let services = [("a", "shop", "us-1", lost("n-9"))];
    let node = silent_node("n-9", "us-1a");
    Night { services: &services, beside: &[("us-1", &node)] }.check(&[]);
}

#[test]
fn a_quota_that_is_used_up_holds_back_all_that_come_under_it() {
    let refused = |name: &str| {
        format!(
            "apiVersion: v1
kind: Event
metadata: {{name: {name}-1.e, namespace: shop}}
involvedObject: {{apiVersion: apps/v1, kind: ReplicaSet, name: {name}-1, namespace: shop}}
type: Warning
reason: FailedCreate
message: 'Error creating: pods \"{name}-1-x\" is forbidden: exceeded quota: compute, requested: requests.cpu=1, used: requests.cpu=8, limited: requests.cpu=8'
count: 12
firstTimestamp: '2026-01-15T09:31:00Z'
lastTimestamp: '2026-01-15T09:59:00Z'"
        )
    };
    let services = [("a", "shop", "us-1", String::new()), ("b", "shop", "us-1", String::new())];
    let events = [refused("a"), refused("b")];
    let beside = [("us-1", events[0].as_str()), ("us-1", events[1].as_str())];
    Night { services: &services, beside: &beside }.check(&[(
        "quota",
        "quota compute in namespace shop is used up",
        &["us-1"],
        &["a", "b"],
    )]);
}

/// The revision before the one that `objects` has.
fn earlier_revision(name: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: ReplicaSet
metadata: {{name: {name}-0, namespace: shop, creationTimestamp: '2026-01-10T00:00:00Z', annotations: {{deployment.kubernetes.io/revision: '1'}}, labels: {{app: {name}, backstage.io/kubernetes-id: {name}}}, ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: {name}, controller: true}}]}}
spec: {{replicas: 0, selector: {{matchLabels: {{app: {name}}}}}, template: {{spec: {{containers: [{{name: app, image: 'registry.example.com/{name}:0'}}]}}}}}}
status: {{replicas: 0}}"
    )
}

#[test]
fn a_bad_rollout_is_named_with_what_it_changed_and_how_to_take_it_back() {
    let earlier = earlier_revision("a");
    let services = [("a", "shop", "us-1", crashing("2026-01-15T09:21:00Z"))];
    let night = Night { services: &services, beside: &[("us-1", &earlier)] };
    let report = night.check(&[]);
    let finding = &report["items"][0]["findings"][0];
    assert_eq!(finding["rollout"]["revision"], "2", "{finding:#}");
    let image = &finding["rollout"]["images"][0];
    assert_eq!(
        (&image["before"], &image["after"]),
        (&"registry.example.com/a:0".into(), &"registry.example.com/a:1".into())
    );
    assert_eq!(finding["next"][1], "kubectl --context us-1 -n shop rollout undo deployment/a");
    let (_directory, board) = night.board();
    let page = board.run("why a");
    assert!(page.stdout.contains("  rollout   began 70s after rollout 2 (app image 0 -> 1)"), "{page}");
}

#[test]
fn a_rollout_is_not_blamed_for_what_began_before_it_nor_for_a_dead_node() {
    let earlier = earlier_revision("a");
    let before = [("a", "shop", "us-1", crashing("2026-01-15T09:00:00Z"))];
    let report = Night { services: &before, beside: &[("us-1", &earlier)] }.check(&[]);
    assert!(report["items"][0]["findings"][0]["rollout"].is_null(), "{report:#}");
    let node = silent_node("n-9", "us-1a");
    let services = [("a", "shop", "us-1", lost("n-9"))];
    let beside = [("us-1", earlier.as_str()), ("us-1", node.as_str())];
    let report = Night { services: &services, beside: &beside }.check(&[]);
    assert!(report["items"][0]["findings"][0]["rollout"].is_null(), "{report:#}");
}

/// A ConfigMap that somebody edited, of which only the metadata is to be read.
fn edited_map(name: &str, at: &str) -> String {
    format!(
        "apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
  namespace: shop
  creationTimestamp: '2025-11-01T00:00:00Z'
  managedFields:
  - {{manager: kubectl-edit, operation: Update, apiVersion: v1, time: '{at}', fieldsType: FieldsV1, fieldsV1: {{'f:data': {{'f:RATES_URL': {{}}}}}}}}
data: {{RATES_URL: 'http://rates.example'}}"
    )
}

/// The same pod with an environment made of a ConfigMap.
fn crashing_with_map(at: &str, map: &str) -> String {
    crashing(at).replace(
        "image: IMAGE}]}\nstatus",
        &format!("image: IMAGE, envFrom: [{{configMapRef: {{name: {map}}}}}]}}]}}\nstatus"),
    )
}

#[test]
fn an_edit_of_a_config_map_is_quoted_where_the_trouble_began_after_it() {
    let map = edited_map("prices", "2026-01-15T09:14:00Z");
    let pod = crashing_with_map("2026-01-15T09:21:00Z", "prices");
    let services = [
        ("a", "shop", "us-1", pod),
        // Broken as well, and nothing of it was edited.
        ("b", "shop", "us-1", crashing("2026-01-15T09:40:00Z")),
    ];
    let night = Night { services: &services, beside: &[("us-1", &map)] };
    let (_directory, board) = night.board();
    let report = board.run("diagnose -o json").json();
    let changes = |service: &str| -> Vec<Value> {
        let item = crate::support::of(&report["items"], "service", service);
        item["findings"][0]["changes"].as_array().expect("a list").clone()
    };
    let quoted = changes("a");
    assert_eq!(quoted.len(), 1, "{quoted:#?}");
    assert_eq!((&quoted[0]["change"], &quoted[0]["manager"]), (&"config".into(), &"kubectl-edit".into()));
    assert_eq!(quoted[0]["fields"], serde_json::json!(["RATES_URL"]));
    assert!(!report.to_string().contains("rates.example"), "a value was read: {report:#}");
    assert_eq!(changes("b"), Vec::<Value>::new());
    let page = board.run("why a");
    assert!(
        page.stdout.contains("  changed   7m before: ConfigMap/prices edited, of keys RATES_URL"),
        "{page}"
    );
}

#[test]
fn what_changed_long_before_or_after_is_not_quoted() {
    for at in ["2026-01-15T08:20:00Z", "2026-01-15T09:30:00Z"] {
        let map = edited_map("prices", at);
        let services = [("a", "shop", "us-1", crashing_with_map("2026-01-15T09:21:00Z", "prices"))];
        let night = Night { services: &services, beside: &[("us-1", &map)] };
        let report = night.check(&[]);
        assert_eq!(report["items"][0]["findings"][0]["changes"], serde_json::json!([]), "{at}");
    }
}

/// An autoscaler that somebody has given another bound.
fn edited_autoscaler(of: &str, at: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {of}
  namespace: shop
  creationTimestamp: '2025-11-01T00:00:00Z'
  managedFields:
  - {{manager: kubectl-edit, operation: Update, apiVersion: autoscaling/v2, time: '{at}', fieldsType: FieldsV1, fieldsV1: {{'f:spec': {{'f:maxReplicas': {{}}}}}}}}
spec: {{minReplicas: 1, maxReplicas: 2, scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {of}}}}}
status: {{currentReplicas: 1, desiredReplicas: 1}}"
    )
}

#[test]
fn an_autoscaler_that_was_edited_is_quoted_and_another_services_is_not() {
    let services = [
        ("a", "shop", "us-1", crashing("2026-01-15T09:21:00Z")),
        ("b", "shop", "us-1", crashing("2026-01-15T09:40:00Z")),
    ];
    let autoscaler = edited_autoscaler("a", "2026-01-15T09:11:00Z");
    let night = Night { services: &services, beside: &[("us-1", &autoscaler)] };
    let (_directory, board) = night.board();
    let page = board.run("diagnose");
    let line =
        "  changed   10m before: HorizontalPodAutoscaler/a edited, of spec.maxReplicas, by kubectl-edit";
    assert_eq!(page.stdout.matches(line).count(), 1, "{page}");
    let nothing = "  changed   nothing was seen to change in the hour before";
    assert_eq!(page.stdout.matches(nothing).count(), 1, "that of b:\n{page}");
}

/// A pod that runs and is Ready.
fn well() -> String {
    "spec: {nodeName: n-1, containers: [{name: app, image: IMAGE}]}
status:
  phase: Running
  conditions: [{type: Ready, status: 'True', lastTransitionTime: '2026-01-15T09:20:10Z'}]
  containerStatuses: [{name: app, image: IMAGE, ready: true, started: true, restartCount: 0, state: {running: {startedAt: '2026-01-15T09:20:10Z'}}}]"
        .to_string()
}

/// A service's objects with a limit of memory.
fn limited(pod: &str, limit: &str) -> String {
    let limits = format!("resources: {{limits: {{memory: {limit}}}}}}}");
    let text = objects("a", "shop", pod).replace("a:1'}", &format!("a:1', {limits}"));
    text.replace(
        "image: registry.example.com/a:1}]}\nstatus",
        &format!("image: registry.example.com/a:1, {limits}]}}\nstatus"),
    )
}

#[test]
fn a_bad_rollout_in_one_of_three_clusters_is_named_there_and_its_line_is_told_once() {
    // Before it the limit was another one and the image the same; in the other two all is well with the old limit.
    let before = "a:1', resources: {limits: {memory: 512Mi}}}";
    let earlier = earlier_revision("a").replace("a:0'}", before);
    let fleet_yaml = format!("now: {NOW}\nclusters: [{{name: ap-1}}, {{name: eu-1}}, {{name: us-1}}]\n");
    let catalog = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a, annotations: {backstage.io/kubernetes-id: a}}\nspec: {type: service, lifecycle: production, owner: team-a}\n";
    let us = format!("{}---\n{earlier}\n", limited(&crashing("2026-01-15T09:21:00Z"), "256Mi"));
    let eu = limited(&well(), "512Mi");
    let files: [(&str, &str); 5] = [
        ("fleet.yaml", &fleet_yaml),
        ("catalog.yaml", catalog),
        ("ap-1/a.yaml", &eu),
        ("eu-1/a.yaml", &eu),
        ("us-1/a.yaml", &us),
    ];
    let (_directory, board) = fleet(&files);
    let board = board.variable("CALLBOARD_NOW", NOW);
    let page = board.run("why a");
    assert!(
        page.stdout.contains("  rollout   began 70s after rollout 2 (app limits.memory 512Mi -> 256Mi, app requests.memory 512Mi -> 256Mi)"),
        "{page}"
    );
    let told = |line: &str| line.starts_with("DIFFERS") && line.contains("limits.memory");
    assert!(!page.stdout.lines().any(told), "{page}");
    let report = board.run("diagnose a -o json").json();
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_array().expect("a list").iter();
        list.map(|one| one["what"].as_str().expect("text").to_string()).collect()
    };
    let item = &report["items"][0];
    let places = item["findings"][0]["where"].as_array().expect("a list").iter();
    let places: Vec<&Value> = places.map(|place| &place["cluster"]).collect();
    assert_eq!(places, ["us-1"], "{item:#}");
    assert_eq!(report["incidents"], serde_json::json!([]));
    assert!(names(&item["differences"]).contains(&"app limits.memory".to_string()), "JSON has all: {item:#}");
    // Who sets no request asks for as much as the limit.
    assert_eq!(
        names(&item["findings"][0]["rollout"]["differences"]),
        ["app limits.memory", "app requests.memory"],
        "{item:#}"
    );
}

/// Secrets are never asked for: a rotated one shows in what the process says alone, and nobody else is accused.
#[test]
fn a_rotated_secret_accuses_no_change() {
    let services = [("a", "shop", "us-1", crashing("2026-01-15T09:21:00Z"))];
    let night = Night {
        services: &services,
        beside: &[(
            "us-1",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop, creationTimestamp: '2026-01-15T09:15:00Z'}",
        )],
    };
    let report = night.check(&[]);
    let finding = &report["items"][0]["findings"][0];
    assert_eq!((&finding["changes"], &finding["rollout"]), (&serde_json::json!([]), &Value::Null));
}
