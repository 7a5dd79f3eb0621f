//! Stands before simulated API servers: counts what they are asked, and answers logs itself, as fast as they are read.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::StreamExt;
use http::{Request, Response, Uri};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::stored_log::StoredLog;

type Answer = Response<UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>>;
pub type Https = Client<HttpsConnector<HttpConnector>, UnsyncBoxBody<Bytes, hyper::Error>>;

/// The paths, with their queries, that each server was asked for, by its cluster.
pub type Asked = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

/// The servers run until the runtime ends.
pub struct Front {
    /// Leads to these servers instead of those behind them.
    pub kubeconfig: String,
    #[allow(dead_code, reason = "only some programs that share this file count")]
    pub asked: Asked,
}

/// One server for each of the kubeconfig's clusters; with a log, that is what every container has written.
pub async fn start(kubeconfig: &str, log: Option<StoredLog>) -> Front {
    let (authority, tls) = certificates();
    let (asked, log) = (Asked::default(), log.map(Arc::new));
    let client = client(kubeconfig);
    let mut text = kubeconfig.to_string();
    for (cluster, behind) in servers(kubeconfig) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("https://{}", listener.local_addr().expect("an address"));
        text = text.replace(&format!("\"{behind}\""), &format!("\"{url}\""));
        let (client, tls, asked, log) = (client.clone(), tls.clone(), asked.clone(), log.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (client, asked, log) = (client.clone(), asked.clone(), log.clone());
                let (cluster, behind) = (cluster.clone(), behind.clone());
                let service = service_fn(move |request| {
                    let path = request_path(&request);
                    asked.lock().expect("whole").entry(cluster.clone()).or_default().push(path.clone());
                    answer(request, path, behind.clone(), client.clone(), log.clone())
                });
                let tls = tls.clone();
                tokio::spawn(async move {
                    let _ = stream.set_nodelay(true);
                    let Ok(stream) = TlsAcceptor::from(tls).accept::<TcpStream>(stream).await else { return };
                    let server = auto::Builder::new(TokioExecutor::new());
                    drop(server.serve_connection(TokioIo::new(stream), service).await);
                });
            }
        });
    }
    let old = fields(kubeconfig, "certificate-authority-data: ").next().expect("an authority").to_string();
    Front { kubeconfig: text.replace(&old, &STANDARD.encode(authority)), asked }
}

fn request_path(request: &Request<Incoming>) -> String {
    request.uri().path_and_query().map_or("/", |path| path.as_str()).to_string()
}

async fn answer(
    request: Request<Incoming>,
    path: String,
    behind: String,
    client: Https,
    log: Option<Arc<StoredLog>>,
) -> Result<Answer, hyper_util::client::legacy::Error> {
    if let (Some(log), Some((place, query))) = (log, path.split_once('?'))
        && place.ends_with("/log")
    {
        let (text, goes_on) = log.answer(query);
        let chunks = text.into_iter().map(|chunk| Ok(Frame::data(chunk)));
        let chunks = futures::stream::iter(chunks);
        let body = match goes_on {
            true => StreamBody::new(chunks.chain(futures::stream::pending())).boxed_unsync(),
            false => StreamBody::new(chunks).boxed_unsync(),
        };
        return Ok(Response::new(body));
    }
    let (mut parts, body) = request.into_parts();
    parts.uri = format!("{behind}{path}").parse::<Uri>().expect("it was one");
    parts.version = http::Version::HTTP_2;
    parts.headers.remove(http::header::HOST);
    let answer = client.request(Request::from_parts(parts, body.boxed_unsync())).await?;
    Ok(answer.map(|body| body.map_err(Into::into).boxed_unsync()))
}

/// The names and URLs of a kubeconfig as `demo` writes it.
pub fn servers(kubeconfig: &str) -> Vec<(String, String)> {
    let clusters = kubeconfig.split("contexts:").next().expect("a text");
    let unquoted = |text: &str| text.trim_matches('"').to_string();
    let names = fields(clusters, "- name: ").map(unquoted);
    names.zip(fields(clusters, "server: ").map(unquoted)).collect()
}

fn fields<'a>(text: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().filter_map(move |line| line.trim_start().strip_prefix(key))
}

/// Whether a path is asked only where something is wrong: all but the lists of workloads and the version.
#[allow(dead_code, reason = "only some programs that share this file count")]
pub fn is_second_phase(path: &str) -> bool {
    const FIRST: &[&str] = &[
        "pods",
        "deployments",
        "replicasets",
        "statefulsets",
        "daemonsets",
        "jobs",
        "cronjobs",
        "rollouts",
        "version",
    ];
    let place = path.split('?').next().unwrap_or(path);
    !FIRST.contains(&place.rsplit('/').next().unwrap_or(place))
}

/// What the kubeconfig's user says who it is with.
#[allow(dead_code, reason = "only some programs that share this file ask by themselves")]
pub fn token(kubeconfig: &str) -> &str {
    fields(kubeconfig, "token: ").next().expect("a token")
}

/// One connection to each server, over HTTP/2.
pub fn client(kubeconfig: &str) -> Https {
    let authority = fields(kubeconfig, "certificate-authority-data: ").next().expect("an authority");
    let pem = STANDARD.decode(authority).expect("base64");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem).expect("a certificate")).expect("an authority");
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut http = HttpConnector::new();
    http.set_nodelay(true);
    http.enforce_http(false);
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http2();
    Client::builder(TokioExecutor::new())
        .http2_only(true)
        .http2_initial_stream_window_size(1 << 20)
        .http2_initial_connection_window_size(16 << 20)
        .build(connector.wrap_connector(http))
}

/// An authority and how a server of its shows itself.
fn certificates() -> (String, Arc<ServerConfig>) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let pem = params.self_signed(&key).expect("signed").pem();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_string()]).expect("a name");
    let leaf = leaf.signed_by(&key, &issuer).expect("signed");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .expect("they fit");
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (pem, Arc::new(tls))
}
