//! Where clusters come from beside kubectl's own kubeconfig, each source tried on a fleet that is up.

use serde_json::Value;

use crate::kube::{ControlPlane, User};
use crate::support::{Board, NOW, Output, tells};

/// Runs a script beside the fleet `tiny`: `$KUBECONFIG` leads to it, under the context `solo`. `$0` is callboard, and `mine.yaml` its configuration.
fn beside(board: Board, script: &str) -> Output {
    let script = format!(
        "set -e; unset CALLBOARD_DEMO_REQUESTS; export CALLBOARD_CONFIG=$HOME/mine.yaml CALLBOARD_CACHE_DIR=$HOME/cache\n\
         plain() {{ cat \"$KUBECONFIG\" | sed \"s/name: \\\"solo\\\"/name: $1/; s/cluster: \\\"solo\\\"/cluster: $1/\"; }}\n{script}"
    );
    board.run_words(["demo", "--", "sh", "-c", &script, env!("CARGO_BIN_EXE_callboard")])
}

fn tiny(config: &str) -> Board {
    Board::fleet("tiny").file("mine.yaml", config)
}

/// What `clusters -o json` tells of each: name, state, source, origin without the home.
fn told(output: &Output) -> Vec<String> {
    let document: Value = output.json();
    let text = |item: &Value, field: &str| item[field].as_str().unwrap_or_default().to_string();
    let items = document["items"].as_array().expect("items").iter();
    items
        .map(|item| {
            let also: Vec<&str> =
                item["alsoFrom"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
            let fields = ["name", "state", "source", "origin"].map(|field| text(item, field));
            format!("{} {}", fields.join(" "), also.join(",")).trim_end().to_string()
        })
        .collect()
}

#[test]
fn kubeconfigs_in_a_directory_are_clusters_beside_those_of_kubectl() {
    let board = tiny("sources:\n- {type: kubeconfig, paths: [clusters, 'more/*.conf']}\n");
    let script = "mkdir clusters more; plain admin > clusters/eu; plain admin > more/us.conf; echo hello > clusters/README
        export KUBECONFIG=$HOME/none; \"$0\" clusters -o json --context '*'";
    let output = beside(board, script);
    // Both lead to one server as one user: they are one cluster.
    assert_eq!(told(&output), ["admin answered kubeconfig [HOME]/clusters/eu"], "{output}");
    assert_eq!(output.json()["items"][0]["others"], serde_json::json!(["us"]), "{output}");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output}");
}

#[test]
fn kubectl_is_led_to_the_file_of_a_cluster() {
    let board = tiny("sources: [{type: kubeconfig, paths: [clusters]}]\n");
    let script =
        "mkdir clusters; plain admin > clusters/eu; \"$0\" --kubeconfig none context --context admin || true
        export KUBECONFIG=$HOME/none; \"$0\" context --context admin; \"$0\" context hello -o json";
    let output = beside(board, script);
    let (line, document) = output.stdout.split_once('\n').expect("lines");
    assert_eq!(line, "--kubeconfig [HOME]/clusters/eu --context admin -n default", "{output}");
    let document: Value = serde_json::from_str(document).expect("JSON");
    assert_eq!(
        document["items"][0]["flags"], "--kubeconfig [HOME]/clusters/eu --context admin -n hello",
        "{output}"
    );
}

#[test]
fn a_command_prints_clusters() {
    let config = "sources:\n- {type: command, command: [./list, one, 'a b']}\n";
    let board = tiny(config).file("list", "#!/bin/sh\necho \"$# $2\" >&2; cat \"$HOME/printed\"\n");
    let script = "chmod +x list; plain admin > printed; export KUBECONFIG=$HOME/none
        \"$0\" clusters -o json; \"$0\" clusters --color never; \"$0\" context || true; \"$0\" kubectl hello -- get pods";
    let output = beside(board, script);
    let (document, table) = output.stdout.split_once("\n}\n").expect("a document and a table");
    let document = Output { stdout: format!("{document}\n}}\n"), stderr: String::new(), code: 0 };
    assert_eq!(told(&document), ["admin answered command command:list"], "{output}");
    assert!(table.contains("SOURCE") && table.contains("command:list"), "{output}");
    assert!(output.stderr.contains("warning: command:list: 2 a b"), "{output}");
    assert!(
        output.stderr.contains("no flags lead kubectl to admin, which command:list tells of"),
        "{output}"
    );
    assert_eq!(output.code, 1, "{output}");
}

/// A source that does not tell is a silent cluster: said, exit 4, and never "no clusters".
#[test]
fn a_source_that_does_not_tell_is_silent() {
    let board = tiny("sources:\n- {type: command, command: [./list]}\n")
        .file("list", "#!/bin/sh\necho 'error: session s3cret expired' >&2; exit 7\n");
    let alone = "chmod +x list; export KUBECONFIG=$HOME/none; \"$0\" clusters -o json";
    let output = beside(
        tiny("sources:\n- {type: command, command: [./list]}\n")
            .file("list", "#!/bin/sh\necho 'session expired' >&2; exit 7\n"),
        alone,
    );
    assert_eq!(told(&output), ["command:list silent command command:list"], "{output}");
    let item = output.json()["items"][0].clone();
    assert_eq!(
        (item["reason"].as_str(), item["message"].as_str()),
        (Some("credentials"), Some("list ended with exit code 7: session expired")),
        "{output}"
    );
    assert_eq!(output.code, 4, "{output}");
    let beside_others = beside(board, "chmod +x list; \"$0\" status; \"$0\" status --context solo");
    tells(&beside_others, 4, &["silent: command:list (credentials: list ended with exit code 7"]);
}

#[test]
fn who_is_named_is_asked_without_the_sources() {
    let board = tiny("sources:\n- {type: command, command: [./list]}\n")
        .file("list", "#!/bin/sh\ntouch \"$HOME/started\"; exit 7\n");
    let output = beside(
        board,
        "chmod +x list; \"$0\" status --context solo; test ! -e started; \"$0\" clusters -o json --context 'so*,nope' || test -e started",
    );
    assert_eq!(output.code, 0, "{output}");
    assert!(
        output.stderr.contains("--context: no context \"nope\"") || output.stderr.contains("no context"),
        "{output}"
    );
}

#[test]
fn an_entry_that_cannot_be_used_is_an_error() {
    for (entry, word) in [
        ("{type: kubeconfg, paths: [x]}", "the type \"kubeconfg\" is not known; did you mean kubeconfig?"),
        ("{type: karmada}", "a source of type karmada needs `hub:`"),
        ("{type: command, command: [x], hub: y}", "a source of type command does not know `hub:`"),
        ("{type: command, comand: [x]}", "the key \"comand\" is not known here"),
    ] {
        let board = Board::empty().file(".config/callboard/config.yaml", &format!("sources:\n- {entry}\n"));
        let told = board.run("clusters");
        tells(&told, 1, &[word]);
    }
}

/// Completion answers from what lies on this machine: nothing is started, and nobody asked.
#[test]
fn completion_starts_no_source() {
    let board = tiny("sources:\n- {type: command, command: [./list]}\n")
        .file("list", "#!/bin/sh\ntouch \"$HOME/started\"; exit 7\n");
    let script = "chmod +x list; export CALLBOARD_COMPLETE=fish; \"$0\" -- callboard clusters --context so; test ! -e started";
    let output = beside(board, script);
    assert!(output.stdout.starts_with("solo\t"), "{output}");
    assert_eq!(output.code, 0, "{output}");
}

/// A fleet directory may be somebody else's: it names no programs and no files.
#[test]
fn a_fleet_directory_starts_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(
        directory.path().join("config.yaml"),
        "sources: [{type: command, command: [touch, started]}]\n",
    )
    .expect("written");
    let board = Board::at(directory.path());
    tells(&board.run("clusters"), 1, &["sources: command:touch is not for a fleet directory"]);
    assert!(!board.home().join("started").exists());
}

/// Two members of a Karmada hub that run `web`, and what fleet.yaml says of them and of the hub.
fn members(more: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("below")).expect("created");
        std::fs::write(path, text).expect("written");
    };
    write("fleet.yaml", &format!("now: {NOW}\nhub: karmada\nclusters:\n{more}"));
    for name in ["eu-1", "us-1"] {
        write(&format!("{name}/web.yaml"), &crate::guesses::deployment("shop", "web", "app: web"));
        let namespace =
            format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: kube-system, uid: uid-of-{name}}}\n");
        write(&format!("{name}/system.yaml"), &namespace);
    }
    write("catalog.yaml", &web(""));
    directory
}

fn web(annotation: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\n\
         metadata: {{name: web, annotations: {{backstage.io/kubernetes-label-selector: app=web{annotation}}}}}\n\
         spec: {{type: service, lifecycle: production, owner: ida}}\n"
    )
}

const BOTH: &str = "- {name: eu-1, labels: {region: eu}}\n- {name: us-1}\n";

#[test]
fn a_karmada_hub_leads_to_its_members() {
    let directory = members(BOTH);
    let board = Board::at(directory.path());
    let output = board.run("clusters -o json");
    let of_hub = |name: &str| format!("{name} answered karmada karmada:hub");
    assert_eq!(told(&output), [of_hub("eu-1"), of_hub("us-1")], "{output}");
    assert_eq!(output.json()["items"][0]["labels"]["region"], "eu", "{output}");
    assert_eq!(output.json()["items"][0]["labels"]["provider"], "lab", "{output}");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output}");
    let listings = board.asked().iter().filter(|line| line.contains("v1alpha1/clusters?")).count();
    assert_eq!(listings, 1, "{:#?}", board.asked());

    let status = board.run("status web -o json");
    let clusters = status.json()["items"][0]["clusters"].clone();
    let told: Vec<String> = clusters
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| format!("{} {}", one["cluster"], one["health"]).replace('"', ""))
        .collect();
    assert_eq!(told, ["eu-1 Healthy", "us-1 Healthy"], "{status}");

    // Completion asks nobody, and remembers their names.
    let cache = tempfile::tempdir().expect("a directory");
    let remembering =
        Board::at(directory.path()).variable("CALLBOARD_CACHE_DIR", cache.path().display().to_string());
    assert_eq!(remembering.run("clusters -o name").stdout, "eu-1\nus-1\n");
    let before = remembering.asked().len();
    let remembering = remembering.variable("CALLBOARD_COMPLETE", "fish");
    let completed =
        remembering.command(["--", "callboard", &demo_flag(directory.path()), "status", "--context", "u"]);
    let mut command = std::process::Command::new(completed.get_program());
    let variables = completed.get_envs().filter_map(|(name, value)| Some((name, value?)));
    command.env_clear().envs(variables).args([
        "--",
        "callboard",
        &demo_flag(directory.path()),
        "status",
        "--context",
        "u",
    ]);
    let output = command.output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "us-1\n");
    assert_eq!(remembering.asked().len(), before, "somebody was asked");

    // The hub holds templates: it is asked only where it is named.
    let named = board.run("clusters -o name --context hub");
    assert_eq!((named.stdout.as_str(), named.code), ("hub\n", 0), "{named}");
    let chosen = board.run("clusters -o name --context eu-*");
    assert_eq!(chosen.stdout, "eu-1\n", "{chosen}");
    let flags = board.run("context web --context us-1");
    let server = "https://127.0.0.1:[PORT]/apis/cluster.karmada.io/v1alpha1/clusters/us-1/proxy";
    assert_eq!(flags.stdout, format!("--context hub --server {server} -n shop\n"), "{flags}");
}

fn demo_flag(directory: &std::path::Path) -> String {
    format!("--demo={}", directory.display())
}

#[test]
fn a_member_that_its_hub_does_not_reach_is_silent() {
    let directory = members("- {name: eu-1, fault: refused}\n- {name: us-1}\n");
    let output = Board::at(directory.path()).run("status web");
    tells(
        &output,
        4,
        &["silent: eu-1 (server: 500: dial tcp 127.0.0.1:[PORT]: connect: connection refused)"],
    );
    assert!(output.stdout.contains("us-1") && output.stdout.contains("Healthy"), "{output}");
}

/// What a hub does not tell is not known: a service that is placed in one of its members is Unknown, not lost.
#[test]
fn a_hub_that_does_not_tell_is_silent_and_never_no_clusters() {
    let directory = members(&format!("{BOTH}- {{name: hub, forbid: ['*']}}\n"));
    let output = Board::at(directory.path()).run("clusters");
    tells(&output, 4, &["0 of 1 clusters answered", "silent: karmada:hub (forbidden"]);
    std::fs::write(directory.path().join("catalog.yaml"), web(", backstage.io/kubernetes-cluster: eu-1"))
        .expect("written");
    let board = Board::at(directory.path());
    let status = board.run("status web");
    tells(&status, 4, &["silent: karmada:hub (forbidden"]);
    assert!(status.stdout.contains("Unknown"), "{status}");
    assert!(!status.to_string().contains("no cluster of this kubeconfig"), "{status}");
    let chosen = board.run("status web --context 'eu-1'");
    tells(&chosen, 4, &["silent: karmada:hub (forbidden"]);
}

/// A context of one's own that reaches a member is that member; under another URL the answers prove it.
#[test]
fn a_cluster_of_two_sources_is_one() {
    let directory = members(BOTH);
    let board = Board::at(directory.path())
        .file("mine.yaml", "sources: [{type: karmada, hub: hub}]\n")
        .file("catalog.yaml", &web(""));
    let script = "server=$(\"$0\" get clusters.cluster.karmada.io eu-1 --context hub -o jsonpath='{.spec.apiEndpoint}')
        sed \"s#server: .*#server: \\\"$server\\\"#; s/\\\"hub\\\"/direct/\" \"$KUBECONFIG\" > direct.yaml
        sed 's#//127.0.0.1#//localhost#; s/direct/local/' direct.yaml > local.yaml
        export CALLBOARD_CATALOG=$HOME/catalog.yaml
        KUBECONFIG=$KUBECONFIG:$HOME/direct.yaml \"$0\" clusters -o json > two.json
        KUBECONFIG=$KUBECONFIG:$HOME/local.yaml \"$0\" status web -o json > three.json; cat two.json";
    let output = beside(board, script);
    assert_eq!(
        told(&output),
        ["direct answered kubeconfig [HOME]/direct.yaml karmada:hub", "us-1 answered karmada karmada:hub"],
        "{output}"
    );
    assert_eq!(output.json()["items"][0]["aliases"], serde_json::json!(["eu-1"]), "{output}");
}

#[test]
fn one_cluster_under_two_urls_is_told_once() {
    let directory = members(BOTH);
    let board = Board::at(directory.path())
        .file("mine.yaml", "sources: [{type: karmada, hub: hub}]\n")
        .file("catalog.yaml", &web(""));
    let script = "server=$(\"$0\" get clusters.cluster.karmada.io eu-1 --context hub -o jsonpath='{.spec.apiEndpoint}')
        sed \"s#server: .*#server: \\\"$server\\\"#; s/\\\"hub\\\"/local/; s#//127.0.0.1#//localhost#\" \"$KUBECONFIG\" > local.yaml
        export CALLBOARD_CATALOG=$HOME/catalog.yaml KUBECONFIG=$KUBECONFIG:$HOME/local.yaml
        \"$0\" status web -o json";
    let output = beside(board, script);
    let clusters = output.json()["items"][0]["clusters"].clone();
    let names: Vec<&str> =
        clusters.as_array().expect("a list").iter().filter_map(|one| one["cluster"].as_str()).collect();
    assert_eq!(names, ["local", "us-1"], "{output}");
    let notes = output.json()["notes"].to_string();
    assert!(notes.contains("one cluster, reached in several ways, and told once: local, eu-1"), "{output}");
}

/// Beside a fleet of one cluster `eu` that is up, a second fleet of one cluster `mgmt`, which holds objects that tell of the first:
/// `@SERVER@` and `@CA@` are its own, `@KUBECONFIG@` its kubeconfig in base64, `@CONFIG@` what Argo CD would hold. `asked` is what the
/// second one was asked.
fn management(config: &str, objects: &str, words: &str) -> Output {
    let board = tiny(config)
        .file("objects.yaml", objects)
        .file("plugin", "#!/bin/sh\necho \"plugin $*\" >&2\nprintf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"%s\"}}' \"$(cat \"$HOME/token\")\"\n");
    let script = format!(
        "field() {{ grep \"$1:\" \"$KUBECONFIG\" | head -n 1 | sed 's/.*: //; s/\"//g'; }}
        chmod +x plugin; server=$(field server); ca=$(field certificate-authority-data); field token > token
        argo=$(printf '{{\"bearerToken\":\"%s\",\"tlsClientConfig\":{{\"caData\":\"%s\"}}}}' \"$(cat token)\" \"$ca\" | base64 -w0)
        mkdir -p second/mgmt; base64 -w0 \"$KUBECONFIG\" > encoded
        sed \"s#@SERVER@#$server#; s#@SERVER64@#$(printf %s $server | base64 -w0)#; s#@CA@#$ca#; s#@KUBECONFIG@#$(cat encoded)#; s#@CONFIG@#$argo#\" objects.yaml > second/mgmt/objects.yaml
        export CALLBOARD_DEMO_REQUESTS=$HOME/asked; unset KUBECONFIG
        \"$0\" --demo=second {words} && code=0 || code=$?
        grep -c /secrets asked >&2 || true; grep -c clusters asked >&2 || true; test ! -e started || exit 99; exit $code"
    );
    beside(board, &script)
}

/// Name, state, source and origin of the cluster that is not `mgmt`, and how often a Secret was asked for.
#[track_caller]
fn managed(output: &Output) -> (Vec<String>, usize) {
    let others = told(output).into_iter().filter(|line| !line.starts_with("mgmt ")).collect();
    let counts: Vec<usize> = output.stderr.lines().filter_map(|line| line.parse().ok()).collect();
    (others, counts[0])
}

#[test]
fn a_cluster_profile_is_reached_by_a_program_of_the_configuration() {
    let objects = "apiVersion: multicluster.x-k8s.io/v1alpha1\nkind: ClusterProfile\n\
        metadata: {name: eu, namespace: fleet, labels: {x-k8s.io/cluster-manager: lab}}\nspec: {displayName: Europe, clusterManager: {name: lab}}\n\
        status:\n  properties: [{name: region, value: eu}]\n  accessProviders:\n  - name: lab\n    cluster: {server: '@SERVER@', certificate-authority-data: '@CA@'}\n";
    let config = "sources:\n- {type: cluster-profiles, hub: mgmt, providers: [{name: lab, exec: {command: ./plugin, args: [for-me]}}]}\n";
    let output = management(config, objects, "clusters -o json");
    assert_eq!(
        managed(&output),
        (vec!["eu answered cluster-profiles cluster-profiles:mgmt".to_string()], 0),
        "{output}"
    );
    assert!(
        output.stderr.contains("context eu: plugin: plugin for-me")
            || output.stderr.contains("plugin for-me"),
        "{output}"
    );
    let item =
        output.json()["items"].as_array().expect("items").iter().find(|one| one["name"] == "eu").cloned();
    let item = item.expect("the cluster");
    assert_eq!(
        (item["labels"]["region"].as_str(), item["aliases"][0].as_str()),
        (Some("eu"), Some("Europe"))
    );
    let without = management("sources: [{type: cluster-profiles, hub: mgmt}]\n", objects, "clusters -o json");
    assert_eq!(managed(&without).0, ["eu silent cluster-profiles cluster-profiles:mgmt"], "{without}");
    assert!(without.stdout.contains("has none of lab") && without.code == 4, "{without}");
}

#[test]
fn a_managed_cluster_is_reached_with_the_credential_of_a_context() {
    let objects = "apiVersion: cluster.open-cluster-management.io/v1\nkind: ManagedCluster\nmetadata: {name: eu}\n\
        spec:\n  hubAcceptsClient: true\n  managedClusterClientConfigs: [{url: '@SERVER@', caBundle: '@CA@'}]\n\
        status: {clusterClaims: [{name: region.open-cluster-management.io, value: eu-west-1}]}\n---\n\
        apiVersion: cluster.open-cluster-management.io/v1\nkind: ManagedCluster\nmetadata: {name: stranger}\nspec: {hubAcceptsClient: false}\n";
    let config = "sources: [{type: open-cluster-management, hub: mgmt, user: mgmt}]\n";
    let output = management(config, objects, "clusters -o json");
    let (clusters, secrets) = managed(&output);
    let source = "open-cluster-management open-cluster-management:mgmt";
    assert_eq!((clusters, secrets), (vec![format!("eu answered {source}")], 0), "{output}");
    assert!(output.stdout.contains("\"region\": \"eu-west-1\""), "{output}");
    let without =
        management("sources: [{type: open-cluster-management, hub: mgmt}]\n", objects, "clusters -o json");
    assert_eq!(managed(&without).0, [format!("eu silent {source}")], "{without}");
    assert!(without.stdout.contains("no context reaches it") && without.code == 4, "{without}");
}

/// The only sources that ask for a Secret, and each only for its own.
#[test]
fn cluster_api_and_argo_cd_read_the_secrets_of_their_clusters() {
    let objects = "apiVersion: cluster.x-k8s.io/v1beta2\nkind: Cluster\nmetadata: {name: eu, namespace: fleet, labels: {tier: gold}}\n\
        spec: {controlPlaneEndpoint: {host: 10.1.1.1, port: 6443}}\n---\n\
        apiVersion: v1\nkind: Secret\nmetadata: {name: eu-kubeconfig, namespace: fleet}\ndata: {value: '@KUBECONFIG@'}\n---\n\
        apiVersion: v1\nkind: Secret\nmetadata: {name: cluster-eu, namespace: argocd, labels: {argocd.argoproj.io/secret-type: cluster, env: prod}}\n\
        data: {name: ZXU=, server: '@SERVER64@', config: '@CONFIG@'}\n";
    let output = management("sources: [{type: cluster-api, hub: mgmt}]\n", objects, "clusters -o json");
    assert_eq!(
        managed(&output),
        (vec!["eu answered cluster-api cluster-api:mgmt".to_string()], 1),
        "{output}"
    );
    assert!(output.stdout.contains("\"tier\": \"gold\""), "{output}");
    let output = management("sources: [{type: argo-cd, hub: mgmt}]\n", objects, "clusters -o json");
    assert_eq!(managed(&output), (vec!["eu answered argo-cd argo-cd:mgmt".to_string()], 1), "{output}");
    assert!(output.stdout.contains("\"env\": \"prod\""), "{output}");
    // Named by no entry, they are not asked for.
    let output = management("me: ida\n", objects, "clusters -o json");
    assert_eq!(managed(&output), (Vec::new(), 0), "{output}");
}

/// A kubeconfig that somebody else wrote starts nothing here.
#[test]
fn a_program_in_a_secret_is_not_started() {
    let kubeconfig = "{contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}], users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/touch, args: [started]}}}]}";
    let encoded = base64(kubeconfig);
    let objects = format!(
        "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {{name: eu, namespace: fleet}}\nspec: {{}}\n---\n\
         apiVersion: v1\nkind: Secret\nmetadata: {{name: eu-kubeconfig, namespace: fleet}}\ndata: {{value: '{encoded}'}}\n"
    );
    let output = management("sources: [{type: cluster-api, hub: mgmt}]\n", &objects, "clusters -o json");
    assert_eq!(managed(&output).0, ["eu silent cluster-api cluster-api:mgmt"], "{output}");
    assert!(output.stdout.contains("names a program or a file, which is not used"), "{output}");
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn a_resource_of_the_catalog_is_a_cluster_where_the_configuration_says_so() {
    let objects = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    let catalog = "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata:\n  name: eu\n  labels: {region: eu}\n  annotations:\n    kubernetes.io/api-server: '@SERVER@'\n    kubernetes.io/api-server-certificate-authority: '@CA@'\n    kubernetes.io/auth-provider: oidc\nspec: {type: kubernetes-cluster, owner: ida}\n";
    let words = |user: &str| {
        let config = format!("sources: [{{type: catalog{user}}}]\n");
        let objects =
            format!("{objects}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata: {{a: b}}\n");
        let board = tiny(&config).file("resource.yaml", catalog).file("objects.yaml", &objects);
        let script = "field() { grep \"$1:\" \"$KUBECONFIG\" | head -n 1 | sed 's/.*: //; s/\"//g'; }
            sed \"s#@SERVER@#$(field server)#; s#@CA@#$(field certificate-authority-data)#\" resource.yaml > catalog.yaml
            mkdir -p second/mgmt; cp objects.yaml second/mgmt/; unset KUBECONFIG
            \"$0\" --demo=second --catalog catalog.yaml clusters -o json";
        beside(board, script)
    };
    let output = words(", user: mgmt");
    assert_eq!(told(&output)[1..], ["eu answered catalog catalog".to_string()], "{output}");
    let without = words("");
    assert_eq!(told(&without)[1..], ["eu silent catalog catalog".to_string()], "{without}");
    assert!(without.stdout.contains("auth-provider \\\"oidc\\\""), "{without}");
    let none = words(", optional: true");
    assert_eq!(none.code, 0, "{none}");
}

/// Hubs that are real API servers: each kind of inventory leads to another real server, as the user who asks.
#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver and etcd"]
fn inventories_of_real_servers_lead_to_real_clusters() {
    let plane = ControlPlane::start(&["mgmt", "eu"]);
    let kubeconfig = plane.kubeconfig(|_| User::Viewer);
    let text = std::fs::read_to_string(&kubeconfig).expect("read");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let pem = document["clusters"][0]["cluster"]["certificate-authority"].as_str().expect("a path");
    let authority = base64(&std::fs::read_to_string(pem).expect("read"));
    let (server, token) = (plane.url("eu"), User::Viewer.token());
    let access = serde_json::json!({"server": server, "certificate-authority-data": authority});
    let of_eu = serde_json::json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": access}], "users": [{"name": "u", "user": {"token": token}}],
    });
    let argo = serde_json::json!({"bearerToken": token, "tlsClientConfig": {"caData": authority}});
    let objects = serde_json::json!([
        {"apiVersion": "multicluster.x-k8s.io/v1alpha1", "kind": "ClusterProfile",
         "metadata": {"name": "eu", "namespace": "default", "labels": {"x-k8s.io/cluster-manager": "lab"}},
         "spec": {"displayName": "Europe", "clusterManager": {"name": "lab"}},
         "status": {"accessProviders": [{"name": "lab", "cluster": access}], "version": {"kubernetes": "v1.36.3"},
                    "conditions": [{"type": "ControlPlaneHealthy", "status": "True"}]}},
        {"apiVersion": "cluster.open-cluster-management.io/v1", "kind": "ManagedCluster", "metadata": {"name": "eu"},
         "spec": {"hubAcceptsClient": true, "managedClusterClientConfigs": [{"url": server, "caBundle": authority}]},
         "status": {"clusterClaims": [{"name": "region.open-cluster-management.io", "value": "eu-west-1"}]}},
        {"apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "Cluster", "metadata": {"name": "eu", "namespace": "default"},
         "spec": {"controlPlaneEndpoint": {"host": "10.1.1.1", "port": 6443}}, "status": {"phase": "Provisioned"}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "eu-kubeconfig", "namespace": "default"},
         "type": "cluster.x-k8s.io/secret", "data": {"value": base64(&of_eu.to_string())}},
        {"apiVersion": "v1", "kind": "Secret",
         "metadata": {"name": "cluster-eu", "namespace": "argocd", "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
         "type": "Opaque",
         "data": {"name": base64("eu"), "server": base64(&server), "config": base64(&argo.to_string())}},
    ]);
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(directory.path().join("mgmt")).expect("created");
    for (index, object) in objects.as_array().expect("a list").iter().enumerate() {
        std::fs::write(directory.path().join(format!("mgmt/{index}.json")), object.to_string())
            .expect("written");
    }
    let fleet = crate::fleets::read(directory.path());
    plane.load("mgmt", &fleet.clusters[0]);
    let plugin = format!(
        "#!/bin/sh\nprintf '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{{\"token\":\"{token}\"}}}}'\n"
    );
    let sources = [
        ("cluster-profiles", ", providers: [{name: lab, exec: {command: ./plugin}}]"),
        ("open-cluster-management", ", user: mgmt"),
        ("cluster-api", ""),
        ("argo-cd", ""),
    ];
    for (kind, more) in sources {
        let config = format!("sources: [{{type: {kind}, hub: mgmt{more}}}]\n");
        let board = Board::empty()
            .file("plugin", &plugin)
            .file("mine.yaml", &config)
            .variable("CALLBOARD_CONFIG", "mine.yaml")
            .variable("PATH", std::env::var("PATH").unwrap_or_default());
        let plugin = board.home().join("plugin");
        std::fs::set_permissions(plugin, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .expect("runnable");
        // The kubeconfig of before, without the context that leads to eu.
        let mut alone = document.clone();
        alone["contexts"].as_array_mut().expect("a list").truncate(1);
        let board = board.file("config", &alone.to_string());
        let output = board.run("--kubeconfig config clusters -o json");
        let source = format!("eu answered {kind} {kind}:mgmt");
        assert_eq!(told(&output), ["mgmt answered kubeconfig config".to_string(), source], "{output}");
        let who = output.json()["items"][1]["user"]["username"].clone();
        assert_eq!(who, "viewer", "{output}");
        // With a context of one's own for it the two are one, and nothing else is needed.
        let board = board.file("config", &document.to_string());
        let output = board.run("--kubeconfig config clusters -o json");
        let items = output.json()["items"].as_array().expect("items").len();
        assert_eq!(items, 2, "{output}");
        assert_eq!(output.code, 0, "{output}");
    }
    let none = Board::empty()
        .file("mine.yaml", "sources: [{type: karmada, hub: mgmt}]\n")
        .variable("CALLBOARD_CONFIG", "mine.yaml")
        .run_words(["--kubeconfig", &kubeconfig.display().to_string(), "clusters"]);
    tells(
        &none,
        4,
        &["silent: karmada:mgmt (protocol: 404: clusters.cluster.karmada.io is not served there)"],
    );
}

/// One question for each kind answers for all members; kinds that the cache does not hold are the members' to tell.
#[test]
fn the_search_cache_of_a_hub_answers_for_its_members() {
    let directory = members(BOTH);
    let own = "sources: [{type: karmada, hub: hub, via: cache}]\n";
    std::fs::write(directory.path().join("config.yaml"), own).expect("written");
    let board = Board::at(directory.path());
    let cached = board.run("status web -o json");
    let asked = board.asked();
    let of_cache: Vec<&String> = asked.iter().filter(|line| line.contains("/search/cache/")).collect();
    let of_members: Vec<&String> =
        asked.iter().filter(|line| line.contains("/proxy/") && line.contains("pods")).collect();
    assert!(of_cache.len() >= 3 && of_members.is_empty(), "{asked:#?}");
    let pods = of_cache.iter().filter(|line| line.contains("/cache/api/v1/pods")).count();
    assert_eq!(pods, 1, "{asked:#?}");
    assert!(!asked.iter().any(|line| line.contains("/proxy/version")), "{asked:#?}");
    std::fs::write(
        directory.path().join("config.yaml"),
        "sources: [{type: karmada, hub: hub, via: proxy}]\n",
    )
    .expect("written");
    let direct = Board::at(directory.path()).run("status web -o json");
    assert_eq!(cached.json()["items"], direct.json()["items"]);
    assert_eq!((cached.code, cached.stderr.as_str()), (0, ""), "{cached}");
    // Who may not ask the cache asks the members.
    std::fs::write(directory.path().join("config.yaml"), own).expect("written");
    let fleet = format!(
        "now: {NOW}\nhub: karmada\nclusters:\n{BOTH}- {{name: hub, forbid: [search.search.karmada.io]}}\n"
    );
    std::fs::write(directory.path().join("fleet.yaml"), fleet).expect("written");
    let refused = Board::at(directory.path()).run("status web -o json");
    assert_eq!(refused.json()["items"], direct.json()["items"], "{refused}");
}

/// What the cache still holds of a member that the hub does not reach is no answer.
#[test]
fn a_member_that_is_not_ready_is_silent_whatever_the_cache_holds() {
    let directory = members("- {name: eu-1, fault: blackhole}\n- {name: us-1}\n");
    std::fs::write(
        directory.path().join("config.yaml"),
        "sources: [{type: karmada, hub: hub, via: cache}]\n",
    )
    .expect("written");
    let output = Board::at(directory.path()).run("status web");
    tells(&output, 4, &["silent: eu-1 (server: its hub does not reach it (ClusterNotReachable))"]);
    assert!(output.stdout.contains("us-1") && output.stdout.contains("Healthy"), "{output}");
}
