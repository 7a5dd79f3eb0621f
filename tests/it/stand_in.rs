//! One API server that a test plays by hand: pods that come and go, logs that grow, connections that break.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};

/// The server; everything is served as it is at the moment.
#[derive(Clone)]
pub struct StandIn {
    world: Arc<Mutex<World>>,
    pub url: String,
}

#[derive(Default)]
struct World {
    pods: BTreeMap<String, Value>,
    /// What a watch tells; the resource version is how many there have been.
    events: Vec<Value>,
    logs: BTreeMap<String, Log>,
    previous: BTreeMap<String, Log>,
    /// Connections opened before are broken.
    broken: usize,
    /// Logs that do not come to their end.
    held: BTreeSet<String>,
    /// Whose logs were asked for.
    asked: BTreeSet<String>,
    /// How many events some watch has told.
    told: usize,
}

#[derive(Clone, Default)]
struct Log {
    lines: Vec<String>,
    run: i64,
    has_ended: bool,
}

impl StandIn {
    pub fn start() -> StandIn {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = StandIn { world: Arc::default(), url };
        let serving = server.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let serving = serving.clone();
                std::thread::spawn(move || serving.converse(connection));
            }
        });
        server
    }

    /// A kubeconfig of this one server.
    pub fn kubeconfig(&self) -> String {
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: one\n\
             clusters: [{{name: one, cluster: {{server: '{}'}}}}]\nusers: [{{name: me, user: {{}}}}]\n\
             contexts: [{{name: one, context: {{cluster: one, user: me}}}}]\n",
            self.url
        )
    }

    /// A pod of one container, running; the same one again is another run of it.
    pub fn runs(&self, pod: &str) {
        let mut world = self.world();
        let last = world.logs.remove(pod);
        let run = last.as_ref().map_or(0, |last| last.run + 1);
        let state = json!({"running": {"startedAt": "2026-01-15T08:00:00Z"}});
        let before = last.as_ref().map_or(json!({}), |_| json!({"terminated": {"exitCode": 1}}));
        world.logs.insert(pod.to_string(), Log { run, ..Log::default() });
        if let Some(last) = last {
            world.previous.insert(pod.to_string(), last);
        }
        world.put(pod, state, before, run);
    }

    /// The container's run ends; its log is whole.
    pub fn ends(&self, pod: &str) {
        let mut world = self.world();
        let log = world.logs.get_mut(pod).expect("it runs");
        log.has_ended = true;
        let run = log.run;
        world.put(pod, json!({"terminated": {"exitCode": 1}}), json!({}), run);
    }

    /// A line with its time, in milliseconds.
    pub fn writes(&self, pod: &str, millis: u32, line: &str) {
        let time = format!("2026-01-15T09:00:{:02}.{:03}Z", millis / 1000, millis % 1000);
        self.world().logs.get_mut(pod).expect("it runs").lines.push(format!("{time} {line}"));
    }

    /// The pod's log does not come to its end, though nobody follows it.
    pub fn holds(&self, pod: &str) {
        self.world().held.insert(pod.to_string());
    }

    /// Waits until the logs of so many pods were asked for.
    pub fn awaits_readers(&self, count: usize) {
        while self.world().asked.len() < count {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The pod's container runs for the so manieth time, and its log is the same.
    pub fn restarts(&self, pod: &str, run: i64) {
        let state = json!({"running": {"startedAt": "2026-01-15T08:00:00Z"}});
        self.world().put(pod, state, json!({}), run);
    }

    /// Waits until all that has happened was told to some watch.
    pub fn awaits_watchers(&self) {
        while {
            let world = self.world();
            world.told < world.events.len()
        } {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Every connection that is open breaks in the middle.
    pub fn breaks(&self) {
        self.world().broken += 1;
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("nobody panicked")
    }

    fn converse(&self, connection: TcpStream) {
        let mut reader = BufReader::new(connection.try_clone().expect("cloned"));
        let mut head = String::new();
        while reader.read_line(&mut head).is_ok_and(|count| count > 0) {
            if head.ends_with("\r\n\r\n") {
                let path = head.split(' ').nth(1).expect("a path").to_string();
                if self.answer(&path, &connection).is_none() {
                    return;
                }
                head.clear();
            }
        }
    }

    /// Nothing where the connection is to end.
    fn answer(&self, target: &str, to: &TcpStream) -> Option<()> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let option = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.replace("%3A", ":"))
        };
        if let Some(pod) = path.strip_suffix("/log").and_then(|path| path.rsplit('/').next()) {
            let since = option("sinceTime").unwrap_or_default();
            return self.log(pod, &since, option("previous").is_some(), option("follow").is_some(), to);
        }
        if option("watch").is_some() {
            let tells = path.ends_with("/pods");
            return self.watch(option("resourceVersion")?.parse().ok()?, tells, to);
        }
        let kind = match path.rsplit('/').next()? {
            "version" => return reply(to, 200, &json!({"gitVersion": "v1.36.0"}).to_string()),
            "pods" => "Pod",
            "deployments" => "Deployment",
            "replicasets" => "ReplicaSet",
            "statefulsets" => "StatefulSet",
            "daemonsets" => "DaemonSet",
            "jobs" => "Job",
            "cronjobs" => "CronJob",
            name if self.world().pods.contains_key(name) => {
                let pod = self.world().pods[name].to_string();
                return reply(to, 200, &pod);
            }
            _ => return reply(to, 404, &json!({"kind": "Status", "code": 404}).to_string()),
        };
        let world = self.world();
        let items: Vec<&Value> = if kind == "Pod" { world.pods.values().collect() } else { Vec::new() };
        let version = world.events.len().to_string();
        let list =
            json!({"kind": format!("{kind}List"), "metadata": {"resourceVersion": version}, "items": items});
        reply(to, 200, &list.to_string())
    }

    /// `tells`: of other kinds nothing ever happens.
    fn watch(&self, mut next: usize, tells: bool, mut to: &TcpStream) -> Option<()> {
        let broken = self.world().broken;
        begin(to, "application/json")?;
        loop {
            let (events, is_broken) = {
                let world = self.world();
                (world.events[next..].to_vec(), world.broken != broken)
            };
            if is_broken {
                return None;
            }
            next += events.len();
            for event in events.iter().filter(|_| tells) {
                chunk(&mut to, &format!("{event}\n"))?;
            }
            if tells {
                let mut world = self.world();
                world.told = world.told.max(next);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn log(&self, pod: &str, since: &str, previous: bool, follow: bool, mut to: &TcpStream) -> Option<()> {
        let (broken, log, is_held) = {
            let mut world = self.world();
            world.asked.insert(pod.to_string());
            let logs = if previous { &world.previous } else { &world.logs };
            (world.broken, logs.get(pod).cloned(), world.held.contains(pod))
        };
        let Some(log) = log else { return reply(to, 404, "{}") };
        begin(to, "text/plain")?;
        let mut sent = 0;
        loop {
            let (now, is_broken) = {
                let world = self.world();
                let current = world.logs.get(pod).filter(|now| now.run == log.run);
                let ended = world.previous.get(pod).filter(|last| last.run == log.run);
                (current.or(ended).cloned().unwrap_or_default(), world.broken != broken)
            };
            if is_broken {
                return None;
            }
            for line in &now.lines[sent.min(now.lines.len())..] {
                // The kubelet compares instants; these are all of one form.
                if line.as_str() >= since.trim_end_matches('Z') {
                    chunk(&mut to, &format!("{line}\n"))?;
                }
            }
            sent = now.lines.len();
            if (now.has_ended || !follow) && !is_held {
                to.write_all(b"0\r\n\r\n").ok()?;
                return Some(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl World {
    fn put(&mut self, pod: &str, state: Value, before: Value, run: i64) {
        let kind = if self.pods.contains_key(pod) { "MODIFIED" } else { "ADDED" };
        let version = (self.events.len() + 1).to_string();
        let object = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": pod, "namespace": "shop", "uid": pod, "resourceVersion": version,
                "labels": {"app": "web"}, "creationTimestamp": "2026-01-15T08:00:00Z"},
            "spec": {"nodeName": "n", "containers": [{"name": "app", "image": "web:1"}]},
            "status": {"phase": "Running", "containerStatuses": [{"name": "app", "image": "web:1", "ready": true,
                "restartCount": run, "containerID": format!("containerd://{pod}-{run}"),
                "state": state, "lastState": before}]}
        });
        self.pods.insert(pod.to_string(), object.clone());
        self.events.push(json!({"type": kind, "object": object}));
    }
}

fn reply(mut to: &TcpStream, status: u16, body: &str) -> Option<()> {
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    to.write_all(format!("{head}{body}").as_bytes()).ok()
}

fn begin(mut to: &TcpStream, content: &str) -> Option<()> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {content}\r\nTransfer-Encoding: chunked\r\n\r\n");
    to.write_all(head.as_bytes()).ok()
}

fn chunk(to: &mut &TcpStream, text: &str) -> Option<()> {
    to.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).ok()
}
