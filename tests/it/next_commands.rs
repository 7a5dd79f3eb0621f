//! Every command that a diagnosis gives to type next, against the servers that it is about: what it names is there.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::kube::http::Caller;
use crate::simulation::Demo;
use crate::support::{Board, of};

/// A line to type, taken apart as a shell and kubectl do.
#[derive(Debug, Default)]
struct Typed {
    kubeconfig: String,
    context: String,
    namespace: String,
    verb: String,
    /// What is no flag, after the verb.
    words: Vec<String>,
    flags: BTreeMap<String, String>,
}

/// Flags whose value is the next word.
const WITH_VALUE: &[&str] = &["--kubeconfig", "--context", "-n", "-c", "-o", "-l", "-L", "--field-selector"];

impl Typed {
    fn read(line: &str) -> Typed {
        let mut typed = Typed::default();
        let words = shell_words(line);
        let mut words = words.iter().skip(1).take_while(|word| *word != "|" && *word != "--").cloned();
        while let Some(word) = words.next() {
            let (flag, value) = match word.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag.to_string(), value.to_string()),
                _ if WITH_VALUE.contains(&word.as_str()) => (word, words.next().expect("a value")),
                _ => (word, String::new()),
            };
            match flag.as_str() {
                "--kubeconfig" => typed.kubeconfig = value,
                "--context" => typed.context = value,
                "-n" => typed.namespace = value,
                flag if flag.starts_with('-') => {
                    typed.flags.insert(flag.to_string(), value);
                }
                word if typed.verb.is_empty() => typed.verb = word.to_string(),
                word => typed.words.push(word.to_string()),
            }
        }
        typed
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.contains_key(flag)
    }
}

/// The words of a line: spaces part them, single quotes hold them together.
fn shell_words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    for character in line.chars() {
        match character {
            '\'' => (quoted, begun) = (!quoted, true),
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => {
                word.push(character);
                begun = true;
            }
        }
    }
    assert!(!quoted, "an open quote: {line}");
    if begun {
        words.push(word);
    }
    words
}

/// A kind as a server serves it.
#[derive(Clone, Debug)]
struct Served {
    base: String,
    plural: String,
    namespaced: bool,
}

/// One cluster of a running simulation: its caller, and what its discovery names.
struct Server {
    caller: Caller,
    names: RefCell<BTreeMap<String, Served>>,
}

impl Server {
    fn of(demo: &Demo, context: &str) -> Server {
        Server { caller: demo.caller(context, Some(&demo.token)), names: RefCell::default() }
    }

    fn discovered(&self) -> BTreeMap<String, Served> {
        if self.names.borrow().is_empty() {
            let groups = self.caller.get("/apis").json();
            let groups = groups["groups"].as_array().expect("groups").clone();
            let versions = groups.iter().filter_map(|one| one["preferredVersion"]["groupVersion"].as_str());
            let bases =
                std::iter::once("/api/v1".to_string()).chain(versions.map(|one| format!("/apis/{one}")));
            for base in bases {
                self.learn(&base, &self.caller.get(&base).json());
            }
        }
        self.names.borrow().clone()
    }

    /// The core group comes first and keeps its names, as kubectl has it.
    fn learn(&self, base: &str, list: &Value) {
        for one in list["resources"].as_array().into_iter().flatten() {
            let plural = one["name"].as_str().expect("a name").to_string();
            let named = [&one["name"], &one["singularName"], &one["kind"]].map(|name| name.as_str());
            let short = one["shortNames"].as_array().into_iter().flatten().map(|name| name.as_str());
            let served = Served {
                base: base.to_string(),
                plural: plural.clone(),
                namespaced: one["namespaced"] == true,
            };
            for name in named.into_iter().chain(short).flatten().filter(|_| !plural.contains('/')) {
                self.names.borrow_mut().entry(name.to_lowercase()).or_insert(served.clone());
            }
        }
    }

    fn served(&self, word: &str) -> Result<Served, String> {
        let all = self.discovered();
        all.get(&word.to_lowercase()).cloned().ok_or(format!("the server has no resource {word}"))
    }

    /// The object, `None` where the right to it is refused.
    fn object(&self, kind: &str, name: &str, namespace: &str) -> Result<Option<Value>, String> {
        let served = self.served(kind)?;
        self.answer(&format!("{}/{name}", path(&served, namespace)))
    }

    fn answer(&self, path: &str) -> Result<Option<Value>, String> {
        let reply = self.caller.get(path);
        match reply.status {
            200 => Ok(Some(reply.json())),
            403 => Ok(None),
            status => Err(format!("GET {path}: {status} {}", reply.text())),
        }
    }
}

fn path(served: &Served, namespace: &str) -> String {
    match served.namespaced && !namespace.is_empty() {
        true => format!("{}/namespaces/{namespace}/{}", served.base, served.plural),
        false => format!("{}/{}", served.base, served.plural),
    }
}

/// What is wrong with a command of a finding; what it names must be there, or not be shown to this user.
fn check(typed: &Typed, finding: &Value, server: &Server) -> Result<(), String> {
    let words: Vec<&str> = typed.words.iter().map(String::as_str).collect();
    if !typed.namespace.is_empty() {
        server.object("namespace", &typed.namespace, "")?;
    }
    match (typed.verb.as_str(), words.as_slice()) {
        ("version", []) | ("auth", ["can-i"]) => Ok(()),
        ("get" | "describe", kinds) => named(typed, kinds, finding, server),
        ("delete", ["pod", name]) => pod(server, name, typed).map(drop),
        ("rollout", ["status", name]) => {
            let kind = name.split('/').next().unwrap_or_default();
            let can = ["deployment", "daemonset", "statefulset"].contains(&kind);
            if can { named(typed, &[name], finding, server) } else { Err(format!("no rollout of a {kind}")) }
        }
        ("logs", [name]) if name.contains('/') => {
            let kind = name.split('/').next().unwrap_or_default();
            let can = ["deployment", "daemonset", "statefulset", "replicaset", "job"].contains(&kind);
            if can { named(typed, &[name], finding, server) } else { Err(format!("no logs of a {kind}")) }
        }
        ("logs", [name]) => {
            let Some(pod) = pod(server, name, typed)? else { return Ok(()) };
            let Some(container) = typed.flags.get("-c") else { return Ok(()) };
            let (_, status) = container_of(&pod, container)?;
            let (last, over) = (&status["lastState"]["terminated"], &status["state"]["terminated"]);
            match typed.has("--previous") && (!last.is_object() || over.is_object()) {
                true => Err(format!("{container} has no previous run that explains it: {status}")),
                false => Ok(()),
            }
        }
        ("debug", [name]) => {
            let Some(pod) = pod(server, name, typed)? else { return Ok(()) };
            if let Some(container) = typed.flags.get("--container") {
                container_of(&pod, container)?;
            }
            let over = ["Failed", "Succeeded"].iter().any(|phase| pod["status"]["phase"] == *phase);
            if over && !typed.has("--copy-to") {
                return Err("the pod is over: nothing can join it".to_string());
            }
            let Some(target) = typed.flags.get("--target") else { return Ok(()) };
            match container_of(&pod, target)?.1["state"]["running"].is_object() {
                true => Ok(()),
                false => Err(format!("{target} does not run")),
            }
        }
        ("top", ["pod", name]) => {
            let Some(pod) = pod(server, name, typed)? else { return Ok(()) };
            let container = finding["container"].as_str().ok_or("no container to measure")?;
            let (_, status) = container_of(&pod, container)?;
            let is_steady =
                status["state"]["running"].is_object() && status["restartCount"].as_i64() < Some(3);
            if is_steady { Ok(()) } else { Err(format!("{container} loops or does not run: {status}")) }
        }
        ("top", ["node", name]) => server.object("node", name, "").map(drop),
        ("top", ["pods" | "nodes"]) => Ok(()),
        _ => Err("a command that this test does not know".to_string()),
    }
}

/// `get` and `describe`: kinds alone, a kind and a name, or `kind/name`.
fn named(typed: &Typed, words: &[&str], finding: &Value, server: &Server) -> Result<(), String> {
    let (kinds, name) = match words {
        [one] if one.contains('/') => {
            one.split_once('/').map(|(kind, name)| (kind, Some(name))).expect("both")
        }
        [kinds] => (*kinds, None),
        [kind, name] => (*kind, Some(*name)),
        _ => return Err(format!("{words:?} names nothing")),
    };
    for kind in kinds.split(',') {
        let served = server.served(kind)?;
        if served.namespaced && typed.namespace.is_empty() && !typed.has("-A") {
            return Err(format!("{kind} without a namespace"));
        }
        // Not even a test asks for Secrets.
        let cause = finding["cause"].as_str().unwrap_or_default();
        match name {
            _ if served.plural == "secrets" => {}
            Some(name) => match server.object(kind, name, &typed.namespace) {
                Err(why) if !(cause.contains("missing") && served.plural == "configmaps") => return Err(why),
                _ => {}
            },
            None => drop(server.answer(&format!("{}?limit=1", path(&served, &typed.namespace)))?),
        }
        if let (Some(name), "pods", Some(output)) = (name, served.plural.as_str(), typed.flags.get("-o")) {
            let Some(pod) = pod(server, name, typed)? else { continue };
            reads_the_container(&pod, output, finding)?;
        }
    }
    Ok(())
}

/// Of an init container nothing stands among the main ones.
fn reads_the_container(pod: &Value, output: &str, finding: &Value) -> Result<(), String> {
    let Some(container) = finding["container"].as_str() else { return Ok(()) };
    let other = match container_of(pod, container)?.0 {
        "initContainers" => "{.spec.containers[",
        _ => "{.spec.initContainers[",
    };
    if output.contains(other) { Err(format!("{output} does not show {container}")) } else { Ok(()) }
}

fn pod(server: &Server, name: &str, typed: &Typed) -> Result<Option<Value>, String> {
    if typed.namespace.is_empty() {
        return Err("a pod without a namespace".to_string());
    }
    server.object("pod", name, &typed.namespace)
}

/// The field that holds the container, and its status.
fn container_of(pod: &Value, name: &str) -> Result<(&'static str, Value), String> {
    for (field, statuses) in
        [("containers", "containerStatuses"), ("initContainers", "initContainerStatuses")]
    {
        let is = |one: &&Value| one["name"] == name;
        if pod["spec"][field].as_array().into_iter().flatten().any(|one| is(&one)) {
            let status = pod["status"][statuses].as_array().into_iter().flatten().find(is);
            return Ok((field, status.cloned().unwrap_or_default()));
        }
    }
    Err(format!("{} has no container {name}", pod["metadata"]["name"]))
}

/// The commands of a report with the finding that gives each; those of a service without findings have `null`.
fn commands(report: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for item in report["items"].as_array().expect("items") {
        let findings = item["findings"].as_array().expect("findings").iter();
        for (of, finding) in
            std::iter::once((item, Value::Null)).chain(findings.map(|one| (one, one.clone())))
        {
            let lines = of["next"].as_array().expect("commands").iter();
            all.extend(lines.map(|line| (line.as_str().expect("text").to_string(), finding.clone())));
        }
    }
    all
}

/// Checks all commands of `diagnose` over a fleet, the run being given the kubeconfig; returns how many verbs it met.
#[track_caller]
fn all_hold(fleet: Board, board: &Board, words: &str) -> BTreeSet<String> {
    let demo = Demo::start(fleet);
    let config = demo.kubeconfig.display().to_string();
    let words = ["--kubeconfig", &config].into_iter().chain(words.split_whitespace());
    let report = board.run_words(words).json();
    let mut servers: BTreeMap<String, Server> = BTreeMap::new();
    let mut verbs = BTreeSet::new();
    let mut wrong = Vec::new();
    for (line, finding) in commands(&report) {
        if !line.starts_with("kubectl ") {
            continue;
        }
        let typed = Typed::read(&line);
        verbs.insert(typed.verb.clone());
        assert_eq!(typed.kubeconfig, config, "{line}");
        assert!(demo.has_context(&typed.context), "{line}");
        let server =
            servers.entry(typed.context.clone()).or_insert_with(|| Server::of(&demo, &typed.context));
        if let Err(why) = check(&typed, &finding, server) {
            wrong.push(format!("{}: {line}\n  {why}", finding["cause"]));
        }
    }
    assert!(wrong.is_empty(), "{} commands are wrong:\n{}", wrong.len(), wrong.join("\n"));
    verbs
}

#[test]
fn every_command_of_the_demo_names_what_is_there() {
    let verbs = all_hold(Board::demo(), &Board::demo(), "diagnose -o json");
    for verb in ["get", "describe", "logs"] {
        assert!(verbs.contains(verb), "{verbs:?}");
    }
}

#[test]
fn every_command_of_the_kinds_names_what_is_there() {
    assert!(all_hold(Board::fleet("kinds"), &Board::fleet("kinds"), "diagnose -o json").contains("logs"));
}

/// A pod of service `app`, whose label is its own.
fn pod_of(app: &str, place: (&str, &str), spec: Value, status: Value) -> Value {
    let (namespace, suffix) = place;
    let mut spec = spec;
    spec["nodeName"] = "node-1".into();
    json!({"apiVersion": "v1", "kind": "Pod", "spec": spec, "status": status,
        "metadata": {"name": format!("{app}-{suffix}"), "namespace": namespace, "uid": format!("{app}-{suffix}"),
            "labels": {"app": app}, "creationTimestamp": if suffix == "east" { "2026-01-15T08:30:00Z" } else { "2026-01-15T09:00:00Z" }}})
}

fn container(name: &str) -> Value {
    json!({"name": name, "image": "registry.example.com/web:1"})
}

fn waiting(name: &str, reason: &str, message: &str, last: Value) -> Value {
    json!({"name": name, "image": "", "imageID": "", "ready": false, "restartCount": 7,
        "state": {"waiting": {"reason": reason, "message": message}}, "lastState": last})
}

fn ended(code: i64, reason: &str, finished: &str, message: &str) -> Value {
    json!({"terminated": {"exitCode": code, "reason": reason, "message": message,
        "startedAt": "2026-01-15T09:20:00Z", "finishedAt": finished}})
}

/// What is broken in a cluster, in a namespace of its own; pods are named after the cluster.
fn broken(cluster: &str, namespace: &str, finished: &str) -> Vec<Value> {
    let place = (namespace, cluster);
    let one = json!({"containers": [container("app")]});
    let status = |phase: &str, status: Value| json!({"phase": phase, "containerStatuses": [status]});
    let back_off = |last: Value| waiting("app", "CrashLoopBackOff", "back-off", last);
    let no_start = "exec: \"nope\": executable file not found in $PATH: unknown";
    let setup =
        waiting("setup", "CrashLoopBackOff", "back-off", ended(127, "StartError", finished, no_start));
    let refused = "failed to pull and unpack image: unexpected status: 401 Unauthorized";
    let mut keyed = one.clone();
    keyed["containers"][0]["env"] = json!([{"name": "MODE",
        "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode"}}}]);
    let no_key = "couldn't find key mode in ConfigMap shop/settings";
    let up = json!({"name": "app", "image": "", "imageID": "", "ready": true, "restartCount": 4,
        "state": {"running": {"startedAt": "2026-01-15T09:59:00Z"}},
        "lastState": ended(137, "OOMKilled", "2026-01-15T09:58:00Z", "")});
    let mut objects = vec![
        pod_of("crash", place, one.clone(), status("Running", back_off(ended(1, "Error", finished, "")))),
        pod_of("oom", place, one.clone(), status("Running", back_off(ended(137, "OOMKilled", finished, "")))),
        pod_of("oom-up", place, one.clone(), status("Running", up)),
        pod_of(
            "init",
            place,
            json!({"initContainers": [container("setup")], "containers": [container("app")]}),
            json!({"phase": "Pending", "initContainerStatuses": [setup],
                "containerStatuses": [waiting("app", "PodInitializing", "", json!({}))]}),
        ),
        pod_of(
            "image",
            place,
            one.clone(),
            status("Pending", waiting("app", "ImagePullBackOff", refused, json!({}))),
        ),
        pod_of(
            "key",
            place,
            keyed,
            status("Pending", waiting("app", "CreateContainerConfigError", no_key, json!({}))),
        ),
        pod_of(
            "evicted",
            place,
            one.clone(),
            json!({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}),
        ),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"},
            "status": {"conditions": [{"type": "Ready", "status": "True"}]}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": namespace}}),
    ];
    objects.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}));
    let usage = json!({"cpu": "10m", "memory": "64Mi"});
    let measured = |kind: &str, meta: Value| {
        json!({"apiVersion": "metrics.k8s.io/v1beta1", "kind": kind, "metadata": meta, "usage": usage, "window": "15s",
            "timestamp": "2026-01-15T09:59:30Z", "containers": [{"name": "app", "usage": usage}]})
    };
    objects.push(measured("NodeMetrics", json!({"name": "node-1"})));
    objects
        .push(measured("PodMetrics", json!({"name": format!("oom-up-{cluster}"), "namespace": namespace})));
    objects
}

/// Clusters `west` and `east`, in this order, each with its own namespace; in east all began earlier.
fn two_clusters() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |path: &str, text: &str| {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("created");
        std::fs::write(path, text).expect("written");
    };
    write("fleet.yaml", "now: 2026-01-15T10:00:00Z\nclusters: [{name: west}, {name: east}]\n");
    let component = |app: &&str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {app}, annotations: \
             {{backstage.io/kubernetes-label-selector: app={app}}}}}\n\
             spec: {{type: service, lifecycle: production, owner: ida}}\n"
        )
    };
    let catalog: Vec<String> = APPS.iter().map(component).collect();
    write("catalog.yaml", &catalog.join("---\n"));
    for (cluster, namespace, finished) in
        [("west", "shop", "2026-01-15T09:50:00Z"), ("east", "store", "2026-01-15T09:30:00Z")]
    {
        let items = broken(cluster, namespace, finished);
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        write(&format!("{cluster}/objects.json"), &list.to_string());
        write(&format!("{cluster}/logs/{namespace}/crash-{cluster}/app.previous.log"), "FATAL no license\n");
    }
    directory
}

const APPS: &[&str] = &["crash", "oom", "oom-up", "init", "image", "key", "evicted"];

#[test]
fn every_command_of_two_clusters_names_what_is_there() {
    let directory = two_clusters();
    let fleet = || Board::at(directory.path());
    let verbs = all_hold(fleet(), &fleet(), "diagnose -o json");
    for verb in ["get", "describe", "logs"] {
        assert!(verbs.contains(verb), "{verbs:?}");
    }
}

/// A finding of two clusters speaks of the pod of one of them, and of when the other one began.
#[test]
fn pod_context_and_namespace_are_of_one_place_and_the_first_sign_of_its_own() {
    let directory = two_clusters();
    let report = Board::at(directory.path()).run("diagnose -o json").json();
    for app in APPS {
        let item = of(&report["items"], "service", app);
        let findings = item["findings"].as_array().expect("findings");
        let [finding] = findings.as_slice() else { panic!("{app}: one finding: {item:#}") };
        assert_eq!(finding["where"].as_array().map(Vec::len), Some(2), "{app}: both clusters: {finding:#}");
        for line in finding["next"].as_array().expect("commands") {
            let line = line.as_str().expect("text");
            if !line.starts_with("kubectl ") {
                continue;
            }
            let typed = Typed::read(line);
            let place = (typed.context.as_str(), typed.namespace.as_str());
            assert!(
                [("west", "shop"), ("east", "store"), ("west", ""), ("east", "")].contains(&place),
                "{line}"
            );
            let other = if place.0 == "west" { "-east" } else { "-west" };
            assert!(!line.contains(other), "{line}");
        }
    }
    let crash = of(&report["items"], "service", "crash");
    let moments = crash["timeline"].as_array().expect("moments").iter();
    let first = moments.filter(|one| one["text"].as_str().is_some_and(|text| text.starts_with("first sign")));
    let first: Vec<(&Value, &Value)> = first.map(|one| (&one["cluster"], &one["time"])).collect();
    assert_eq!(first, [(&json!("east"), &json!("2026-01-15T08:30:00Z"))]);
}

#[test]
fn nothing_measures_what_loops_and_an_init_container_is_read_as_one() {
    let directory = two_clusters();
    let report = Board::at(directory.path()).run("diagnose -o json").json();
    let next = |app: &str| of(&report["items"], "service", app)["findings"][0]["next"].to_string();
    for app in APPS {
        assert!(!next(app).contains("top pod "), "{app}: {}", next(app));
    }
    let init = next("init");
    assert!(
        init.contains("{.spec.initContainers[*].command}") && !init.contains("{.spec.containers["),
        "{init}"
    );
}

/// The file is named as it was given, in one word of a shell; without the flag kubectl finds its files itself.
#[test]
fn the_kubeconfig_that_was_given_is_named() {
    let directory = two_clusters();
    let demo = Demo::start(Board::at(directory.path()));
    let text = std::fs::read_to_string(&demo.kubeconfig).expect("its kubeconfig");
    let board = Board::at(directory.path()).file("of ida/config", &text);
    let words = |service: &'static str| ["--kubeconfig", "of ida/config", "diagnose", service];
    let output = board.run_words(words("crash"));
    assert!(
        output.stdout.contains("kubectl --kubeconfig 'of ida/config' --context west -n shop logs"),
        "{output}"
    );
    assert!(!output.stdout.contains("kubectl --context"), "{output}");
    assert!(!board.run("diagnose crash").stdout.contains("--kubeconfig"));
    // The commands of a service that no finding explains, too.
    let demo = Demo::start(Board::demo());
    let config = demo.kubeconfig.display().to_string();
    let output = Board::demo().run_words(["--kubeconfig", &config, "diagnose", "returns"]);
    assert!(output.stdout.contains(&format!("kubectl --kubeconfig {config} --context")), "{output}");
}

/// As they are, in a shell, by the real kubectl: found, or refused for rights.
#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kubectl"]
fn the_real_kubectl_understands_every_command() {
    let two = two_clusters();
    let mut wrong = Vec::new();
    for fleet in [|_: &std::path::Path| Board::demo(), |path: &std::path::Path| Board::at(path)] {
        let (demo, board) = (Demo::start(fleet(two.path())), fleet(two.path()));
        let config = demo.kubeconfig.display().to_string();
        let report = board.run_words(["--kubeconfig", &config, "diagnose", "-o", "json"]).json();
        for (line, _) in commands(&report).into_iter().filter(|(line, _)| line.starts_with("kubectl ")) {
            // `rollout status` waits for the rollout; what changes a cluster is refused by the simulation.
            let line = match line.contains(" rollout status ") {
                true => format!("{line} --watch=false"),
                false => line.split(" | ").next().unwrap_or_default().replace(" -it", ""),
            };
            if Typed::read(&line).words.iter().any(|word| word.starts_with("secret")) {
                continue;
            }
            let output = std::process::Command::new("/bin/sh")
                .args(["-c", &line])
                .env_clear()
                .env("PATH", crate::kube::assets())
                .env("HOME", board.home())
                .stdin(std::process::Stdio::null())
                .output()
                .expect("a shell");
            let said = String::from_utf8_lossy(&output.stderr);
            let is_refused =
                ["orbidden", "MethodNotAllowed", "was refused"].iter().any(|word| said.contains(word));
            if !output.status.success() && !is_refused {
                wrong.push(format!("{line}\n  {said}"));
            } else if output.stdout.trim_ascii().is_empty() && line.contains("imagePullSecrets") {
                wrong.push(format!("{line}\n  prints nothing"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} commands are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
