//! Small servers on loopback that answer, lie, drip or hang.

use bytes::Bytes;
use futures::StreamExt;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

pub type Answered = Response<UnsyncBoxBody<Bytes, std::io::Error>>;
type Handler = Arc<dyn Fn(Request<Incoming>) -> BoxFuture<'static, Answered> + Send + Sync>;

/// A certificate authority of its own.
pub struct TestAuthority(CertifiedIssuer<'static, KeyPair>);

impl TestAuthority {
    pub fn new() -> TestAuthority {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "test authority");
        TestAuthority(
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate"),
        )
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    pub fn issuer(&self) -> &CertifiedIssuer<'static, KeyPair> {
        &self.0
    }

    /// A certificate and its key, PEM, for these names; `expired` ended in 2020.
    pub fn leaf(&self, names: &[&str], expired: bool) -> (String, String) {
        let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        let mut params = CertificateParams::new(names).expect("parameters");
        if expired {
            params.not_before = rcgen::date_time_ymd(2019, 1, 1);
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }
}

/// What a server has seen.
#[derive(Default)]
pub struct SeenRequests {
    pub connections: AtomicUsize,
    /// `METHOD path?query authorization`, in order.
    pub requests: Mutex<Vec<String>>,
}

impl SeenRequests {
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self, part: &str) -> usize {
        self.requests.lock().expect("not poisoned").iter().filter(|request| request.contains(part)).count()
    }
}

/// A running server; it ends with the test's runtime.
pub struct TestServer {
    pub port: u16,
    pub seen: Arc<SeenRequests>,
}

/// How a server speaks TLS.
pub struct Tls {
    pub certificate: (String, String),
    pub protocols: Vec<&'static [u8]>,
    /// PEM of whom a client certificate must come from, if one is wanted.
    pub clients: Option<String>,
    /// What checks client certificates instead.
    pub verifier: Option<Arc<dyn rustls::server::danger::ClientCertVerifier>>,
}

impl Tls {
    pub fn new(certificate: (String, String)) -> Tls {
        Tls { certificate, protocols: vec![b"h2", b"http/1.1"], clients: None, verifier: None }
    }

    fn verifier(&self) -> Arc<dyn rustls::server::danger::ClientCertVerifier> {
        if let Some(verifier) = &self.verifier {
            return verifier.clone();
        }
        let Some(pem) = &self.clients else { return rustls::server::WebPkiClientVerifier::no_client_auth() };
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(rustls::pki_types::CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM"))
            .expect("a root");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.build().expect("a verifier")
    }

    pub fn config(&self) -> Arc<rustls::ServerConfig> {
        let chain: Vec<_> = rustls::pki_types::CertificateDer::pem_slice_iter(self.certificate.0.as_bytes())
            .collect::<Result<_, _>>()
            .expect("PEM");
        let key = PrivateKeyDer::from_pem_slice(self.certificate.1.as_bytes()).expect("PEM");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_client_cert_verifier(self.verifier())
            // As it is: rustls would read the certificate, and does not know version 1.
            .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(
                rustls::sign::CertifiedKey::new(
                    chain,
                    rustls::crypto::ring::sign::any_supported_type(&key).expect("a key"),
                ),
            )));
        config.alpn_protocols = self.protocols.iter().map(|one| one.to_vec()).collect();
        Arc::new(config)
    }
}

pub async fn serve<F, Fut>(tls: Option<Tls>, handler: F) -> TestServer
where
    F: Fn(Request<Incoming>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Answered> + Send + 'static,
{
    let handler: Handler = Arc::new(move |request| Box::pin(handler(request)));
    let acceptor = tls.map(|tls| tokio_rustls::TlsAcceptor::from(tls.config()));
    let seen = Arc::new(SeenRequests::default());
    let noted = seen.clone();
    raw(move |stream| {
        let (handler, acceptor, seen) = (handler.clone(), acceptor.clone(), noted.clone());
        async move {
            seen.connections.fetch_add(1, Ordering::SeqCst);
            match acceptor {
                None => talk(TokioIo::new(stream), handler, seen).await,
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        talk(TokioIo::new(stream), handler, seen).await
                    }
                }
            }
        }
    })
    .await
    .with(seen)
}

impl TestServer {
    fn with(self, seen: Arc<SeenRequests>) -> TestServer {
        TestServer { seen, ..self }
    }
}

async fn talk<I>(io: I, handler: Handler, seen: Arc<SeenRequests>)
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let who = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("-");
        let line = format!("{} {} {who}", request.method(), request.uri().path_and_query().expect("a path"));
        seen.requests.lock().expect("not poisoned").push(line);
        let answer = handler(request);
        async move { Ok::<_, std::convert::Infallible>(answer.await) }
    });
    let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    builder.serve_connection(io, service).await.ok();
}

/// A server that does with each TCP connection what it likes.
pub async fn raw<F, Fut>(handle: F) -> TestServer
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(handle(stream));
        }
    });
    TestServer { port, seen: Arc::default() }
}

/// A port on which nothing listens.
pub async fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port()
}

pub fn json(body: impl Into<Bytes>) -> Answered {
    answer(200, &[("content-type", "application/json")], body)
}

pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answered {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Full::new(body.into()).map_err(|never| match never {}).boxed_unsync()).expect("an answer")
}

/// A body of which these chunks arrive, and then nothing more, or an abrupt end.
pub fn broken_off(chunks: Vec<Bytes>, hangs: bool) -> Answered {
    let arrived = futures::stream::iter(chunks.into_iter().map(|chunk| Ok(Frame::data(chunk))));
    let end = futures::stream::once(async move {
        if hangs {
            tokio::time::sleep(Duration::from_secs(600)).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(std::io::Error::other("cut"))
    });
    let body = StreamBody::new(arrived.chain(end)).boxed_unsync();
    Response::builder().header("content-type", "application/json").body(body).expect("an answer")
}

/// A proxy by CONNECT, which notes what it is asked.
pub async fn connect_proxy(target: u16) -> (TestServer, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = asked.clone();
    let server = raw(move |mut stream| {
        let noted = noted.clone();
        async move {
            use tokio::io::AsyncReadExt;
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { return };
                head.push(byte);
            }
            noted.lock().expect("not poisoned").push(String::from_utf8_lossy(&head).into_owned());
            let mut server = TcpStream::connect(("127.0.0.1", target)).await.expect("the target");
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok();
            tokio::io::copy_bidirectional(&mut stream, &mut server).await.ok();
        }
    });
    (server.await, asked)
}

/// A SOCKS 5 proxy without authentication, which notes the name it is asked for.
pub async fn socks_proxy(target: u16) -> (TestServer, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = asked.clone();
    let server = raw(move |mut stream| {
        let noted = noted.clone();
        async move {
            use tokio::io::AsyncReadExt;
            let mut greeting = [0; 3];
            stream.read_exact(&mut greeting).await.ok();
            stream.write_all(&[5, 0]).await.ok();
            let mut request = [0; 5];
            stream.read_exact(&mut request).await.ok();
            assert_eq!(request[3], 3, "a name, not an address");
            let mut rest = vec![0; usize::from(request[4]) + 2];
            stream.read_exact(&mut rest).await.ok();
            let name = String::from_utf8_lossy(&rest[..rest.len() - 2]).into_owned();
            noted.lock().expect("not poisoned").push(name);
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok();
            let mut server = TcpStream::connect(("127.0.0.1", target)).await.expect("the target");
            tokio::io::copy_bidirectional(&mut stream, &mut server).await.ok();
        }
    });
    (server.await, asked)
}
