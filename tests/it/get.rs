//! `get`: kubectl's tables over many clusters, and on one cluster kubectl's to the letter.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use snapbox::str;

use crate::fleets;
use crate::kube::http::Caller;
use crate::kube::{ControlPlane, User, assets};
use crate::support::{Board, check, tells};

#[test]
fn one_table_over_the_clusters() {
    check(
        &Board::demo().run("get deploy -n payments --service payments"),
        str![[r#"
CLUSTER     NAME       READY   UP-TO-DATE   AVAILABLE   AGE
us-east-1   payments   6/6     6            6           190d
us-west-2   payments   4/6     6            4           190d
eu-west-1   payments   6/6     6            6           190d
------- stderr -------
silent: ap-south-1 (connection refused)
[exit status: 4]

"#]],
    );
}

#[test]
fn several_kinds_names_and_namespaces() {
    let board = Board::demo();
    let both = board.run("get deploy,pods --service checkout --context us-east-1,eu-west-1 --no-headers");
    assert_eq!(both.code, 0, "{both}");
    assert!(both.stdout.starts_with("us-east-1   deployment.apps/checkout "), "{both}");
    assert!(both.stdout.contains("eu-west-1   pod/checkout-"), "{both}");
    let all = board.run("get pods -A --context us-east-1,eu-west-1");
    assert!(all.stdout.starts_with("CLUSTER     NAMESPACE     NAME "), "{all}");
    let named = board.run("get deploy/checkout svc/nothing -n shop --context us-east-1,eu-west-1");
    tells(&named, 1, &["services \"nothing\" not found in us-east-1, eu-west-1"]);
    assert_eq!(named.stdout.lines().count(), 3, "{named}");
    let names =
        board.run("get deploy -n shop -o name --context eu-west-1 --field-selector metadata.name=checkout");
    assert_eq!((names.code, names.stdout.as_str()), (0, "deployment.apps/checkout\n"), "{names}");
    let own = board.run("get pods --context eu-west-1");
    assert_eq!(
        (own.code, own.stdout.as_str(), own.stderr.as_str()),
        (0, "", "No resources found in default namespace.\n")
    );
    let several = board.run("get pods --context eu-west-1,us-east-1 --ignore-not-found");
    assert_eq!((several.code, several.stderr.as_str()), (0, ""), "{several}");
}

/// Of a silent cluster nothing is known: it is not among those in which nothing was found.
#[test]
fn a_silent_cluster_is_not_said_to_have_nothing() {
    let board = Board::demo();
    let none = board.run("get pods -n nope --context eu-west-1,ap-south-1");
    assert_eq!((none.code, none.stdout.as_str()), (4, ""), "{none}");
    assert!(none.stderr.starts_with("No resources found in eu-west-1 in nope namespace.\n"), "{none}");
    let named = board.run("get pod/nope -n shop --context eu-west-1,ap-south-1");
    assert!(named.stderr.contains("pods \"nope\" not found in eu-west-1\n"), "{named}");
    let alone = board.run("get pods --context ap-south-1");
    assert_eq!(
        (alone.code, alone.stderr.as_str()),
        (4, "silent: ap-south-1 (connection refused)\n"),
        "{alone}"
    );
}

#[test]
fn what_nobody_serves_is_told_with_what_is_near() {
    let board = Board::demo();
    let typo = board.run("get deploymnets --context us-east-1");
    tells(&typo, 1, &["the server doesn't have a resource type \"deploymnets\"", "did you mean deployments"]);
    tells(&board.run("get deploymnets"), 4, &["ap-south-1 (connection refused)"]);
    tells(&board.run("get pods x -A"), 2, &["a resource cannot be retrieved by name across all namespaces"]);
    tells(&board.run("get pods x -l a=b"), 2, &["name cannot be provided when a selector is specified"]);
    tells(&board.run("get pods/x y"), 2, &["resource/name form"]);
    tells(&board.run("get pods -o nonsense"), 2, &["expected one of table, wide, json"]);
    tells(
        &board.run("get pods --sort-by .nonsense -n shop --context us-east-1"),
        1,
        &["couldn't find any field with path \"{.nonsense}\""],
    );
    assert_eq!(board.run("get").code, 2);
}

/// Built-in kinds need no discovery; others one, of two calls.
#[test]
fn discovery_is_asked_only_where_it_must_be() {
    let board = Board::demo();
    board.run("get deploy,po,svc -n shop --context us-east-1").stdout.clear();
    let asked = |board: &Board| -> Vec<String> {
        let lines = board
            .asked()
            .into_iter()
            .filter(|line| line.contains(" /api ") || line.contains(" /apis") || line.contains(" /api?"));
        lines.filter(|line| line.ends_with(" callboard") && !line.contains("limit=")).collect()
    };
    assert_eq!(asked(&board), Vec::<String>::new());
    let board = Board::fleet("kinds");
    let rollouts = board.run("get rollouts -A --context alpha");
    assert_eq!(rollouts.code, 0, "{rollouts}");
    assert!(rollouts.stdout.starts_with("NAMESPACE   NAME "), "{rollouts}");
    assert_eq!(asked(&board).len(), 2, "{:#?}", asked(&board));
}

#[test]
fn a_list_is_kubectls_and_says_where_each_item_is_from() {
    let board = Board::demo();
    let output = board.run("get deploy -n shop --service checkout -o json --context us-east-1,eu-west-1");
    let list: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!((&list["apiVersion"], &list["kind"]), (&json!("v1"), &json!("List")), "{output}");
    let from: Vec<&str> = list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|item| item["metadata"]["annotations"]["callboard.dev/cluster"].as_str())
        .collect();
    assert_eq!(from, ["us-east-1", "eu-west-1"]);
    assert!(list["items"][0]["kind"] == "Deployment" && list["items"][0]["apiVersion"] == "apps/v1");
    let yaml = board.run("get deploy -n shop --service checkout -o yaml --context us-east-1,eu-west-1");
    assert!(yaml.stdout.starts_with("apiVersion: v1\nitems:\n"), "{yaml}");
    let path = "jsonpath={range .items[*]}{.metadata.annotations.callboard\\.dev/cluster} {.metadata.name}{\"\\n\"}{end}";
    let words = [
        "get",
        "deploy",
        "-n",
        "shop",
        "--owner",
        "team-checkout",
        "--show-managed-fields",
        "--context",
        "eu-west-1",
        "-o",
        path,
    ];
    let told = board.run_words(words);
    assert!(
        told.stdout.lines().all(|line| line.starts_with("eu-west-1 ")) && told.stdout.contains("checkout\n"),
        "{told}"
    );
    let single = board.run("get deploy/checkout -n shop --context eu-west-1 -o jsonpath={.spec.replicas}");
    assert_eq!((single.code, single.stdout.as_str()), (0, "6"), "{single}");
    let columns = board.run("get deploy -n shop --service checkout --context us-east-1,eu-west-1 -o custom-columns=NAME:.metadata.name,N:.spec.replicas");
    check(
        &columns,
        str![[r#"
CLUSTER     NAME       N
us-east-1   checkout   6
eu-west-1   checkout   6
[exit status: 0]

"#]],
    );
}

#[test]
fn silent_and_forbidding_clusters_are_told_and_cost_the_code() {
    let silent = Board::fleet("silent").run("get pods -A --cluster-timeout 1s");
    assert_eq!(silent.code, 4, "{silent}");
    assert!(silent.stderr.contains("silent: "), "{silent}");
    let forbidden = Board::demo().run("get pods -n payments --context eu-central-1");
    assert_eq!((forbidden.code, forbidden.stdout.as_str()), (4, ""), "{forbidden}");
    assert!(forbidden.stderr.contains("forbidden"), "{forbidden}");
    assert!(!forbidden.stderr.contains("not found"), "{forbidden}");
}

fn fleet_with_secrets() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(directory.path().join("eu")).expect("made");
    fs::write(directory.path().join("fleet.yaml"), "now: 2026-01-15T10:00:00Z\n").expect("written");
    let objects = "apiVersion: v1\nkind: Secret\nmetadata: {name: token, namespace: default, annotations: {note: c2VlbQ}}\ntype: Opaque\ndata: {key: bm90LXNob3du}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: default}\n";
    fs::write(directory.path().join("eu/all.yaml"), objects).expect("written");
    directory
}

#[test]
fn a_secret_is_read_where_its_kind_is_named_and_its_values_are_in_no_table() {
    let directory = fleet_with_secrets();
    let board = Board::at(directory.path()).may_read_secrets();
    for words in [
        "get secrets",
        "get secrets -o wide",
        "get secret/token",
        "get secrets --sort-by .metadata.name",
        "get secrets --show-labels",
        "get secrets -o name",
    ] {
        let table = board.run(words);
        assert_eq!(table.code, 0, "{table}");
        assert!(table.stdout.contains("token") && !table.stdout.contains("bm90LXNob3du"), "{table}");
    }
    let objects = board.asked().into_iter().filter(|line| line.contains("includeObject=Object")).count();
    assert_eq!(objects, 0, "values are not even read for a table");
    let json = board.run("get secret token -o json");
    assert!(json.stdout.contains("bm90LXNob3du"), "{json}");
    tells(
        &board.run("get secrets -o custom-columns=V:.data.key"),
        2,
        &["a Secret's values are shown in no table"],
    );
    // Whoever names another kind, or all, reads none.
    let plain = Board::at(directory.path());
    assert_eq!(plain.run("get all -o json").code, 0);
    assert_eq!(plain.run("get pods").code, 0);
}

#[test]
fn rows_come_as_things_change() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |path: &str, text: &str| {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("below")).expect("made");
        fs::write(path, text).expect("written");
    };
    let pod = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: default}}\nspec: {{containers: [{{name: app, image: web}}]}}\nstatus: {{phase: Running}}\n"
        )
    };
    write(
        "fleet.yaml",
        "now: 2026-01-15T10:00:00Z\nclusters:\n- {name: eu}\n- {name: us}\ntimeline:\n- {after: 2s, cluster: us, apply: later/b.yaml}\n- {after: 3s, cluster: eu, delete: pods/default/a}\n",
    );
    write("eu/a.yaml", &pod("a"));
    write("us/c.yaml", &pod("c"));
    write("later/b.yaml", &pod("a-much-longer-name"));
    let board = Board::at(directory.path());
    for format in ["table", "name", "events"] {
        let words = match format {
            "events" => ["get", "pods", "-w", "--output-watch-events"].to_vec(),
            format => ["get", "pods", "-w", "-o", format].to_vec(),
        };
        let mut command = board.command(words);
        command.env_remove("CALLBOARD_NOW");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut stdout = child.stdout.take().expect("piped");
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            let mut chunk = [0; 4096];
            let since = Instant::now();
            while since.elapsed() < Duration::from_secs(60)
                && text.lines().filter(|line| !line.contains("CLUSTER")).count() < 4
            {
                match stdout.read(&mut chunk) {
                    Ok(count @ 1..) => text.push_str(&String::from_utf8_lossy(&chunk[..count])),
                    _ => break,
                }
            }
            text
        });
        let text = reader.join().expect("read");
        drop(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status());
        assert_eq!(child.wait().expect("it ends").code(), Some(130));
        let rows: Vec<&str> = text.lines().filter(|line| !line.contains("CLUSTER")).collect();
        assert_eq!(rows.len(), 4, "{text}");
        assert!(rows[0].contains('a') && rows[1].contains('c'), "{text}");
        assert!(rows[2].contains("a-much-longer-name"), "{text}");
        if format == "events" {
            let first = |line: &str| line.split_whitespace().next().map(String::from).unwrap_or_default();
            assert_eq!(first(text.lines().next().unwrap_or_default()), "EVENT", "{text}");
            let events: Vec<String> = rows.iter().map(|row| first(row)).collect();
            assert_eq!(events, ["ADDED", "ADDED", "ADDED", "DELETED"], "{text}");
        }
        if format == "table" {
            assert!(rows[2].starts_with("us ") && rows[3].starts_with("eu "), "{text}");
        }
    }
    tells(&board.run("get pods,svc -w"), 2, &["single resource type"]);
    tells(&board.run("get pods -w --sort-by .metadata.name"), 2, &["do not go together"]);
}

/// Kinds of which a real server holds something in the test below, and flags; each is asked of kubectl and of callboard.
const KINDS: &[&str] = &[
    "pods",
    "services",
    "deployments",
    "replicasets",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "configmaps",
    "secrets",
    "endpoints",
    "events",
    "limitranges",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "podtemplates",
    "replicationcontrollers",
    "resourcequotas",
    "serviceaccounts",
    "horizontalpodautoscalers",
    "leases",
    "endpointslices",
    "ingresses",
    "ingressclasses",
    "networkpolicies",
    "poddisruptionbudgets",
    "roles",
    "rolebindings",
    "clusterroles",
    "clusterrolebindings",
    "priorityclasses",
    "storageclasses",
    "csidrivers",
    "customresourcedefinitions",
    "apiservices",
    "runtimeclasses",
    "validatingwebhookconfigurations",
    "flowschemas",
    "rollouts",
    "controllerrevisions",
];

const FLAGS: &[&str] = &[
    "-n zoo",
    "-n zoo -o wide",
    "-A",
    "-A -o wide --show-labels",
    "-n zoo -L app.kubernetes.io/name,app --no-headers",
    "-n nowhere",
    "-n zoo --show-kind",
    "-A -o name",
];

/// Flags for one kind, with values that it has.
const SINGLE: &[&str] = &[
    "po -n zoo -l app.kubernetes.io/name",
    "po -n zoo --field-selector status.phase=Running",
    "pods,svc,deploy -n zoo",
    "pods,svc -A --no-headers",
    "all -n zoo",
    "deploy.apps -n zoo",
    "Deployment.v1.apps -n zoo",
    "pod pod-ok -n zoo",
    "pod/pod-ok svc/kubernetes -n zoo",
    "pods pod-ok nothing -n zoo",
    "ns,nodes",
    "pods --all-namespaces --label-columns app",
    "cm -n zoo -o custom-columns=N:.metadata.name,K:.data,X:.nothing",
    "po -n zoo -o custom-columns=N:.metadata.name,I:.spec.containers[*].image --no-headers",
    "po -n zoo -o jsonpath={.items[*].metadata.name}",
    "po -n zoo -o jsonpath={range .items[*]}{.metadata.name}{'\\t'}{.spec.containers[0].image}{'\\n'}{end}",
    "po pod-ok -n zoo -o jsonpath={.metadata.labels}",
    "cm -n zoo --sort-by .metadata.name",
    "cm -n zoo --sort-by .metadata.creationTimestamp -o wide",
    "nodes -L kubernetes.io/hostname",
];

/// Objects that no fleet has, made through the API.
fn objects() -> Vec<(&'static str, Value)> {
    let meta = |name: &str| json!({"name": name, "namespace": "zoo", "labels": {"app": name, "app.kubernetes.io/name": "x"}});
    let wide = |name: &str| json!({"name": name, "labels": {"b": "2", "a": "1"}});
    let template = json!({"metadata": {"labels": {"app": "t"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}});
    vec![
        (
            "/api/v1/namespaces/zoo/configmaps",
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("cm-b"), "data": {"a": "1", "b": "2"}}),
        ),
        (
            "/api/v1/namespaces/zoo/configmaps",
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("cm-a")}),
        ),
        (
            "/api/v1/namespaces/zoo/secrets",
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": meta("some"), "stringData": {"key": "value"}}),
        ),
        (
            "/api/v1/namespaces/zoo/services",
            json!({"apiVersion": "v1", "kind": "Service", "metadata": meta("svc"), "spec": {"selector": {"app": "x"}, "ports": [{"name": "h", "port": 80}, {"name": "m", "port": 9090, "protocol": "UDP"}]}}),
        ),
        (
            "/api/v1/namespaces/zoo/endpoints",
            json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": meta("svc"), "subsets": [{"addresses": [{"ip": "10.1.1.1"}], "ports": [{"port": 80}]}]}),
        ),
        (
            "/api/v1/namespaces/zoo/limitranges",
            json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": meta("limits"), "spec": {"limits": [{"type": "Container"}]}}),
        ),
        (
            "/api/v1/namespaces/zoo/persistentvolumeclaims",
            json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta("claim"), "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast", "resources": {"requests": {"storage": "1Gi"}}}}),
        ),
        (
            "/api/v1/persistentvolumes",
            json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": wide("volume"), "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}}}),
        ),
        (
            "/api/v1/namespaces/zoo/podtemplates",
            json!({"apiVersion": "v1", "kind": "PodTemplate", "metadata": meta("template"), "template": template}),
        ),
        (
            "/api/v1/namespaces/zoo/replicationcontrollers",
            json!({"apiVersion": "v1", "kind": "ReplicationController", "metadata": meta("rc"), "spec": {"replicas": 1, "selector": {"app": "t"}, "template": template}}),
        ),
        (
            "/api/v1/namespaces/zoo/resourcequotas",
            json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": meta("quota"), "spec": {"hard": {"pods": "10"}}}),
        ),
        (
            "/api/v1/namespaces/zoo/serviceaccounts",
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta("sa")}),
        ),
        (
            "/apis/coordination.k8s.io/v1/namespaces/zoo/leases",
            json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": meta("lease"), "spec": {"holderIdentity": "me"}}),
        ),
        (
            "/apis/discovery.k8s.io/v1/namespaces/zoo/endpointslices",
            json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": meta("slice"), "addressType": "IPv4", "endpoints": [{"addresses": ["10.1.1.1"]}], "ports": [{"port": 80}]}),
        ),
        (
            "/apis/networking.k8s.io/v1/namespaces/zoo/ingresses",
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta("ing"), "spec": {"ingressClassName": "nginx", "rules": [{"host": "a.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "svc", "port": {"number": 80}}}}]}}]}}),
        ),
        (
            "/apis/networking.k8s.io/v1/ingressclasses",
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": wide("nginx"), "spec": {"controller": "x.example/y"}}),
        ),
        (
            "/apis/networking.k8s.io/v1/namespaces/zoo/networkpolicies",
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta("netpol"), "spec": {"podSelector": {"matchLabels": {"a": "b"}}}}),
        ),
        (
            "/apis/policy/v1/namespaces/zoo/poddisruptionbudgets",
            json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta("pdb"), "spec": {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}}}),
        ),
        (
            "/apis/autoscaling/v2/namespaces/zoo/horizontalpodautoscalers",
            json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta("hpa"), "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"}}}),
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/namespaces/zoo/roles",
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta("role"), "rules": []}),
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/namespaces/zoo/rolebindings",
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta("binding"), "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "role"}, "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "u"}]}),
        ),
        (
            "/apis/scheduling.k8s.io/v1/priorityclasses",
            json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": wide("high"), "value": 1000}),
        ),
        (
            "/apis/storage.k8s.io/v1/storageclasses",
            json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": wide("fast"), "provisioner": "x.example/y"}),
        ),
        (
            "/apis/storage.k8s.io/v1/csidrivers",
            json!({"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": wide("driver.example")}),
        ),
        (
            "/apis/node.k8s.io/v1/runtimeclasses",
            json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": wide("gvisor"), "handler": "runsc"}),
        ),
        (
            "/apis/apps/v1/namespaces/zoo/controllerrevisions",
            json!({"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": meta("revision"), "revision": 3, "data": {}}),
        ),
    ]
}

/// Both programs, one after the other, in the same environment.
struct Both {
    kubectl: PathBuf,
    config: PathBuf,
    home: tempfile::TempDir,
}

impl Both {
    fn run(&self, program: &Path, words: &[&str]) -> (String, String, Option<i32>) {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.home.path()).env("KUBECONFIG", &self.config);
        let output = command.current_dir(self.home.path()).args(words).output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr), output.status.code())
    }

    /// Both at the same time, for ages tick; what differs all the same is asked again.
    fn differ(&self, words: &[&str]) -> Option<String> {
        let mut told = String::new();
        for _ in 0..25 {
            let ((theirs, said, code), (ours, words_of_ours, our_code)) = std::thread::scope(|scope| {
                let theirs = scope.spawn(|| self.run(&self.kubectl, words));
                let ours = self.run(Path::new(env!("CARGO_BIN_EXE_callboard")), words);
                (theirs.join().expect("it runs"), ours)
            });
            let is_same_end = (code == Some(0)) == (our_code == Some(0));
            // A warning is a word of every command of callboard's, in its own way.
            let said = said.replace("Warning: ", "warning: ");
            let is_empty = !theirs.is_empty() || said == words_of_ours || code != Some(0);
            if theirs == ours && is_same_end && is_empty {
                return None;
            }
            told = format!(
                "{words:?}\nkubectl ({code:?}):\n{theirs}{said}callboard ({our_code:?}):\n{ours}{words_of_ours}"
            );
        }
        Some(told)
    }

    /// All of the grid and of the single words, asked of one cluster.
    fn agree(&self, context: &str) {
        let mut differing = Vec::new();
        let mut same = 0;
        let grid = KINDS.iter().flat_map(|kind| FLAGS.iter().map(move |flags| format!("{kind} {flags}")));
        let single = SINGLE.iter().map(|words| words.to_string());
        for line in grid.chain(single) {
            // A template is one word, whatever stands in it.
            let (line, template) = line
                .split_once(" -o jsonpath=")
                .map_or((line.as_str(), None), |(line, rest)| (line, Some(format!("jsonpath={rest}"))));
            let mut words = vec!["get"];
            words.extend(line.split(' '));
            words.extend(template.as_deref().map(|template| ["-o", template]).into_iter().flatten());
            words.extend(["--context", context]);
            match self.differ(&words) {
                None => same += 1,
                Some(told) => differing.push(told),
            }
        }
        assert!(same > 300, "{same}");
        assert!(
            differing.is_empty(),
            "{} differ, {same} are the same:\n{}",
            differing.len(),
            differing.join("\n---\n")
        );
    }
}

#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver, etcd and kubectl"]
fn on_one_cluster_it_is_kubectl_to_the_letter() {
    let fleet = fleets::named("kinds");
    let cluster = &fleet.clusters[0];
    // Two minor versions: the newest, and the oldest that its servers can still be.
    let older = "older";
    let plane = ControlPlane::start_as(&[(&cluster.name, None), (older, Some("1.33"))]);
    for name in [cluster.name.as_str(), older] {
        plane.load(name, cluster);
        let caller = plane.caller(name, User::Admin);
        for (path, object) in objects() {
            make(&caller, path, &object);
        }
    }
    let version = plane.caller(older, User::Admin).get("/version").json();
    assert_eq!(version["emulationMinor"], "33", "{version}");
    let both = Both {
        kubectl: assets().join("kubectl"),
        config: plane.kubeconfig(|_| User::Admin),
        home: tempfile::tempdir().expect("a home"),
    };
    for context in [cluster.name.as_str(), older] {
        both.agree(context);
    }
    let words = ["get", "componentstatuses", "--context", &cluster.name];
    let (_, said, code) = both.run(Path::new(env!("CARGO_BIN_EXE_callboard")), &words);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("warning: v1 ComponentStatus is deprecated in v1.19+"), "{said}");
}

fn make(caller: &Caller, path: &str, object: &Value) {
    let reply = caller.post(path, object);
    assert!([201, 409].contains(&reply.status), "POST {path}: {} {}", reply.status, reply.text());
}
