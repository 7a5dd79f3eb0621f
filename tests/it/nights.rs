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
        for (name, namespace, cluster, pod) in self.services {
            files[1].1.push_str(&format!(
                "apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {name}, annotations: {{backstage.io/kubernetes-id: {name}}}}}
spec: {{type: service, lifecycle: production, owner: team-{name}}}
---
"
            ));
            files.push((format!("{cluster}/{name}.yaml"), objects(name, namespace, pod)));
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

/// Without a pod none could be made.
fn objects(name: &str, namespace: &str, pod: &str) -> String {
    let made = usize::from(!pod.is_empty());
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
  unavailableReplicas: 1
  conditions:
  - {{type: Available, status: 'False', reason: MinimumReplicasUnavailable, lastTransitionTime: '2026-01-15T09:31:00Z'}}
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
