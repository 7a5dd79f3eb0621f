//! A small HTTP client over TLS, and a fleet to ask.
#![expect(clippy::disallowed_methods, reason = "the tests ask over loopback")]

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::demo::api::access::TOKEN;
use crate::demo::directory::source::from_files;
use crate::demo::{FleetSource, RunningFleet, ServerClock};

/// `now:` of the fleet below.
pub const NOW: &str = "2026-01-15T10:00:00Z";

/// Two pods and a deployment, of which one pod crashes, in namespace shop.
pub const OBJECTS: &str = r#"
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Namespace
  metadata: {name: shop}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, namespace: shop, labels: {app: web}, creationTimestamp: "2026-01-15T09:00:00Z"}
  spec: {replicas: 2, selector: {matchLabels: {app: web}}}
  status: {readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1}
- apiVersion: v1
  kind: Pod
  metadata: {name: web-a, namespace: shop, labels: {app: web}, creationTimestamp: "2026-01-15T09:00:00Z"}
  spec: {nodeName: n-1, containers: [{name: app}]}
  status: {phase: Running, containerStatuses: [{name: app, ready: true, state: {running: {}}}]}
- apiVersion: v1
  kind: Pod
  metadata: {name: web-b, namespace: shop, labels: {app: web}, creationTimestamp: "2026-01-15T09:00:00Z"}
  spec: {nodeName: n-1, containers: [{name: app}, {name: proxy}]}
  status:
    phase: Running
    containerStatuses:
    - name: app
      restartCount: 7
      state: {waiting: {reason: CrashLoopBackOff}}
      lastState: {terminated: {exitCode: 1, finishedAt: "2026-01-15T09:59:00Z"}}
    - {name: proxy, state: {waiting: {reason: ImagePullBackOff}}}
- apiVersion: v1
  kind: Pod
  metadata: {name: other, labels: {app: other}}
  spec: {containers: [{name: app}]}
  status: {phase: Pending}
- apiVersion: argoproj.io/v1alpha1
  kind: Rollout
  metadata: {name: cart, namespace: shop}
"#;

pub struct Board {
    pub running: RunningFleet,
    servers: Vec<(String, String)>,
    roots: RootCertStore,
}

pub struct ClientAnswer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

impl ClientAnswer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// `metadata.name` of each item.
    #[track_caller]
    pub fn names(&self) -> Vec<String> {
        let list = self.json();
        let items = list["items"].as_array().expect("it is a list").iter();
        items.map(|item| item["metadata"]["name"].as_str().unwrap_or("?").to_string()).collect()
    }
}

/// A fleet of one cluster, `eu`, that holds the objects above; `entry` is added to what fleet.yaml says of it.
pub async fn board(entry: &str) -> Board {
    let fleet = format!("now: {NOW}\nclusters:\n- name: eu\n{entry}");
    let log = "2026-01-15T09:59:58Z one\n2026-01-15T09:59:59Z two\n";
    let files = [
        ("fleet.yaml", fleet.as_str()),
        ("eu/all.yaml", OBJECTS),
        ("eu/logs/shop/web-a/app.log", log),
        ("eu/logs/shop/web-b/app.previous.log", "panic\n"),
    ];
    let now = NOW.parse().expect("an instant");
    board_of(from_files(&files).expect("a good fleet"), ServerClock::Pinned { now }).await
}

/// A fleet that is up.
pub async fn board_of(source: FleetSource, clock: ServerClock) -> Board {
    let running = source.serve(clock).await.expect("it serves");
    let documents = crate::yaml::documents("kubeconfig", &running.kubeconfig);
    let config = documents[0].as_ref().expect("it is YAML").value.clone();
    let text = |value: &Value| value.as_str().expect("a text").to_string();
    let clusters = config["clusters"].as_array().expect("a list");
    let servers =
        clusters.iter().map(|entry| (text(&entry["name"]), text(&entry["cluster"]["server"]))).collect();
    let pem = STANDARD.decode(text(&clusters[0]["cluster"]["certificate-authority-data"])).expect("base64");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem).expect("PEM")).expect("a certificate");
    Board { running, servers, roots }
}

impl Board {
    pub fn address(&self) -> String {
        self.servers[0].1.trim_start_matches("https://").to_string()
    }

    /// Asks with the right token.
    pub async fn get(&self, path: &str) -> ClientAnswer {
        self.ask(authorized(Request::get(path)), "").await
    }

    /// Asks for a form.
    pub async fn get_as(&self, path: &str, accept: &str) -> ClientAnswer {
        self.ask(authorized(Request::get(path)).header("accept", accept), "").await
    }

    pub async fn ask(&self, request: http::request::Builder, body: &'static str) -> ClientAnswer {
        let (parts, body) = self.send(request, body).await.expect("it answers").into_parts();
        let body = body.collect().await.expect("the body is whole").to_bytes();
        ClientAnswer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// The head of the answer, the body still to come; over HTTP/2.
    pub async fn send(
        &self,
        request: http::request::Builder,
        body: &'static str,
    ) -> anyhow::Result<Response<Incoming>> {
        let stream = self.connect(b"h2").await?;
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = request.body(Full::new(Bytes::from_static(body.as_bytes())))?;
        let uri = format!("https://{}{}", self.address(), request.uri());
        *request.uri_mut() = uri.parse()?;
        Ok(sender.send_request(request).await?)
    }

    /// As `send`, over HTTP/1.1 and without a body.
    pub async fn send_http1(&self, request: http::request::Builder) -> anyhow::Result<Response<Incoming>> {
        let stream = self.connect(b"http/1.1").await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let request = request.header("host", self.address()).body(Full::new(Bytes::new()))?;
        Ok(sender.send_request(request).await?)
    }

    /// A connection that speaks this protocol and no other.
    async fn connect(
        &self,
        protocol: &'static [u8],
    ) -> anyhow::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(self.address()).await?;
        let name = ServerName::try_from("127.0.0.1")?;
        let stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol));
        Ok(stream)
    }
}

pub fn authorized(request: http::request::Builder) -> http::request::Builder {
    request.header("authorization", format!("Bearer {TOKEN}"))
}
