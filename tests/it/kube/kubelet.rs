//! A kubelet's door for logs: what the API server asks a node, answered from the files of a fleet by the kubelet's rules.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::fleets::Cluster;
use crate::kube::certificates::Certificates;

/// How often a followed file is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// A followed log ends when nobody asks for more, at the latest with the test.
const LONGEST: Duration = Duration::from_secs(60);

/// One server for all nodes of a cluster; it listens until the process ends.
pub struct Kubelet {
    pub port: u16,
    logs: PathBuf,
}

struct Node {
    pods: Vec<Value>,
    logs: PathBuf,
}

type Connection = StreamOwned<ServerConnection, TcpStream>;

impl Kubelet {
    pub fn start(cluster: &Cluster, logs: &Path, certificates: &Certificates) -> Kubelet {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let tls = Arc::new(tls(certificates));
        let pods = cluster.objects.iter().filter(|object| object["kind"] == "Pod").cloned().collect();
        let node = Arc::new(Node { pods, logs: logs.to_path_buf() });
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, node) = (tls.clone(), node.clone());
                std::thread::spawn(move || {
                    let connection = ServerConnection::new(tls).expect("a connection");
                    node.converse(StreamOwned::new(connection, stream));
                });
            }
        });
        Kubelet { port, logs: logs.to_path_buf() }
    }

    /// Leads the API server here for every node of a cluster, and for those that only its pods name.
    pub fn serves(&self, cluster: &Cluster) -> Cluster {
        let mut cluster = cluster.clone();
        let is_node = |object: &Value| object["kind"] == "Node";
        let named =
            cluster.objects.iter().filter_map(|pod| pod["spec"]["nodeName"].as_str().map(str::to_string));
        let known = |name: &String| {
            cluster.objects.iter().any(|node| is_node(node) && node["metadata"]["name"] == name.as_str())
        };
        let unknown: std::collections::BTreeSet<String> = named.filter(|name| !known(name)).collect();
        let bare =
            |name| json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": {}});
        cluster.objects.extend(unknown.into_iter().map(bare));
        for node in cluster.objects.iter_mut().filter(|object| is_node(object)) {
            node["status"]["addresses"] = json!([{"type": "InternalIP", "address": "127.0.0.1"}]);
            node["status"]["daemonEndpoints"] = json!({"kubeletEndpoint": {"Port": self.port}});
        }
        cluster
    }

    /// A container says one more line; the time may be before it.
    pub fn append(&self, container: &str, line: &str) {
        let path = self.logs.join(format!("{container}.log"));
        let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("it has a log");
        file.write_all(format!("{line}\n").as_bytes()).expect("written");
    }
}

fn tls(certificates: &Certificates) -> ServerConfig {
    let chain = CertificateDer::pem_file_iter(&certificates.server).expect("readable");
    let chain = chain.map(|certificate| certificate.expect("a certificate")).collect();
    let key = PrivateKeyDer::from_pem_file(&certificates.server_key).expect("a key");
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate and its key")
}

/// What a request asks of a log.
#[derive(Default)]
struct Wanted {
    follow: bool,
    previous: bool,
    timestamps: bool,
    tail: Option<usize>,
    limit: Option<usize>,
    since: Option<Timestamp>,
}

impl Wanted {
    fn read(query: &str) -> Wanted {
        let mut wanted = Wanted::default();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = value.replace("%3A", ":");
            match name {
                "follow" => wanted.follow = value == "true",
                "previous" => wanted.previous = value == "true",
                "timestamps" => wanted.timestamps = value == "true",
                "tailLines" => wanted.tail = value.parse().ok(),
                "limitBytes" => wanted.limit = value.parse().ok(),
                "sinceTime" => wanted.since = value.parse().ok(),
                "sinceSeconds" => {
                    let span = SignedDuration::from_secs(value.parse().expect("seconds"));
                    wanted.since = Timestamp::now().checked_sub(span).ok();
                }
                _ => {}
            }
        }
        wanted
    }
}

impl Node {
    fn converse(&self, mut connection: Connection) -> Option<()> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let mut byte = [0];
            std::io::Read::read_exact(&mut connection, &mut byte).ok()?;
            head.push(char::from(byte[0]));
        }
        let target = head.split(' ').nth(1)?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let wanted = Wanted::read(query);
        let parts: Vec<&str> = path.split('/').collect();
        let ["", "containerLogs", namespace, pod, container] = parts[..] else {
            return refuse(&mut connection, 404, "404 page not found");
        };
        let Some(object) = self.pod(namespace, pod) else {
            return refuse(&mut connection, 404, &format!("pod \"{pod}\" does not exist\n"));
        };
        match run(object, pod, container, wanted.previous) {
            Err(problem) => refuse(&mut connection, 400, &problem),
            Ok(is_running) => {
                let suffix = if wanted.previous { ".previous.log" } else { ".log" };
                let file = self.logs.join(format!("{namespace}/{pod}/{container}{suffix}"));
                send(&mut connection, &file, &wanted, is_running)
            }
        }
    }

    fn pod(&self, namespace: &str, name: &str) -> Option<&Value> {
        self.pods
            .iter()
            .find(|pod| pod["metadata"]["name"] == name && pod["metadata"]["namespace"] == namespace)
    }
}

/// True where the run goes on; the kubelet's words where there is none to show.
fn run(pod: &Value, name: &str, container: &str, previous: bool) -> Result<bool, String> {
    let status = pod["status"]["containerStatuses"].as_array().into_iter().flatten();
    let Some(status) = status.into_iter().find(|status| status["name"] == container) else {
        return Err(format!("container \"{container}\" in pod \"{name}\" is not available"));
    };
    let (state, last) = (&status["state"], &status["lastState"]["terminated"]);
    match state["waiting"]["reason"].as_str() {
        _ if previous && last.is_null() => {
            Err(format!("previous terminated container \"{container}\" in pod \"{name}\" not found"))
        }
        Some(reason) if last.is_null() => {
            let why = match reason {
                "ErrImagePull" => "image can't be pulled",
                "ImagePullBackOff" => "trying and failing to pull image",
                other => other,
            };
            Err(format!("container \"{container}\" in pod \"{name}\" is waiting to start: {why}"))
        }
        _ => Ok(!previous && state["running"].is_object()),
    }
}

/// The kubelet's errors are bare text; the API server makes a Status of them.
fn refuse(connection: &mut Connection, code: u16, text: &str) -> Option<()> {
    let head = format!(
        "HTTP/1.1 {code} X\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        text.len()
    );
    finish(connection, &format!("{head}{text}"))
}

fn finish(connection: &mut Connection, text: &str) -> Option<()> {
    connection.write_all(text.as_bytes()).ok()?;
    connection.conn.send_close_notify();
    connection.flush().ok()
}

/// Lines as chunks; of a run that goes on and is followed, also those that are yet to come.
fn send(connection: &mut Connection, file: &Path, wanted: &Wanted, is_running: bool) -> Option<()> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    connection.write_all(head.as_bytes()).ok()?;
    connection.flush().ok()?;
    let lines = lines(file);
    let recent: Vec<&Line> =
        lines.iter().filter(|line| wanted.since.is_none_or(|since| line.time >= since)).collect();
    let skip = wanted.tail.map_or(0, |tail| recent.len().saturating_sub(tail));
    let mut text: String = recent[skip..].iter().map(|line| line.shown(wanted.timestamps)).collect();
    if let Some(limit) = wanted.limit {
        text.truncate((0..=limit).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0));
    }
    chunk(connection, &text)?;
    let mut sent = lines.len();
    let start = std::time::Instant::now();
    while wanted.follow && is_running && start.elapsed() < LONGEST {
        std::thread::sleep(PAUSE);
        let now = self::lines(file);
        for line in &now[sent.min(now.len())..] {
            chunk(connection, &line.shown(wanted.timestamps))?;
        }
        sent = now.len();
    }
    finish(connection, "0\r\n\r\n")
}

fn chunk(connection: &mut Connection, text: &str) -> Option<()> {
    if !text.is_empty() {
        connection.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).ok()?;
    }
    connection.flush().ok()
}

struct Line {
    time: Timestamp,
    text: String,
}

impl Line {
    fn shown(&self, timestamps: bool) -> String {
        let time = self.time.strftime("%Y-%m-%dT%H:%M:%S.%9fZ");
        if timestamps { format!("{time} {}\n", self.text) } else { format!("{}\n", self.text) }
    }
}

/// The whole lines of a file, each of which begins with its time.
fn lines(file: &Path) -> Vec<Line> {
    let Ok(file) = std::fs::File::open(file) else { return Vec::new() };
    let whole = BufReader::new(file).lines().map_while(Result::ok);
    let line = |line: String| {
        let (time, text) = line.split_once(' ').unwrap_or((&line, ""));
        Line { time: time.parse().expect("a time before the line"), text: text.to_string() }
    };
    whole.map(line).collect()
}
