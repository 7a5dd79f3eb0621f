//! Whether what a command names is there, asked of the servers that it is about.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::kube::http::Caller;
use crate::simulation::Demo;
use crate::typed_command::Typed;

/// A kind as a server serves it.
#[derive(Clone, Debug)]
pub struct Served {
    base: String,
    plural: String,
    namespaced: bool,
}

/// One cluster of a running simulation: its caller, and what its discovery names.
pub struct Server {
    caller: Caller,
    names: RefCell<BTreeMap<String, Served>>,
}

impl Server {
    pub fn of(demo: &Demo, context: &str) -> Server {
        Server { caller: demo.caller(context, Some(&demo.token)), names: RefCell::default() }
    }

    pub fn discovered(&self) -> BTreeMap<String, Served> {
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
    pub fn learn(&self, base: &str, list: &Value) {
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

    pub fn served(&self, word: &str) -> Result<Served, String> {
        let all = self.discovered();
        all.get(&word.to_lowercase()).cloned().ok_or(format!("the server has no resource {word}"))
    }

    /// The object, `None` where the right to it is refused.
    pub fn object(&self, kind: &str, name: &str, namespace: &str) -> Result<Option<Value>, String> {
        let served = self.served(kind)?;
        self.answer(&format!("{}/{name}", path(&served, namespace)))
    }

    pub fn answer(&self, path: &str) -> Result<Option<Value>, String> {
        let reply = self.caller.get(path);
        match reply.status {
            200 => Ok(Some(reply.json())),
            403 => Ok(None),
            status => Err(format!("GET {path}: {status} {}", reply.text())),
        }
    }
}

pub fn path(served: &Served, namespace: &str) -> String {
    match served.namespaced && !namespace.is_empty() {
        true => format!("{}/namespaces/{namespace}/{}", served.base, served.plural),
        false => format!("{}/{}", served.base, served.plural),
    }
}

/// What is wrong with a command of a finding; what it names must be there, or not be shown to this user.
pub fn check(typed: &Typed, finding: &Value, server: &Server) -> Result<(), String> {
    let words: Vec<&str> = typed.words.iter().map(String::as_str).collect();
    if !typed.namespace.is_empty() {
        server.object("namespace", &typed.namespace, "")?;
    }
    match (typed.verb.as_str(), words.as_slice()) {
        ("version", []) | ("auth", ["can-i"]) => Ok(()),
        ("get" | "describe", kinds) => named(typed, kinds, finding, server),
        ("delete", ["pod", name]) => pod(server, name, typed).map(drop),
        ("rollout", ["status" | "undo", name]) => {
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

pub fn pod(server: &Server, name: &str, typed: &Typed) -> Result<Option<Value>, String> {
    if typed.namespace.is_empty() {
        return Err("a pod without a namespace".to_string());
    }
    server.object("pod", name, &typed.namespace)
}

/// The field that holds the container, and its status.
pub fn container_of(pod: &Value, name: &str) -> Result<(&'static str, Value), String> {
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
