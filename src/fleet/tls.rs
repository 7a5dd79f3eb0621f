//! Whom we trust and who we are: one rustls configuration for all clusters that agree on both.

mod verify;
mod words;
pub mod x509;

pub use crate::fleet::tls::words::{alert, tls_error};

use crate::fleet::silence::Silence;
use crate::fleet::tls::verify::{Anchors, TrustAnyone, Verifier};
use base64::Engine;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, InconsistentKeys, RootCertStore};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

/// No certificate, key or token is larger.
const MAX_PEM: usize = 16 << 20;

/// How the server's certificate is checked.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Trust {
    /// The machine's own roots.
    #[default]
    Native,
    /// These PEM certificates and no others.
    Roots(Vec<u8>),
    /// Not at all: `insecure-skip-tls-verify`.
    Anyone,
}

/// A client certificate with its key, both PEM.
#[derive(Clone, Eq, Ord, PartialEq, PartialOrd)]
pub struct ClientIdentity {
    pub certificate: Vec<u8>,
    pub key: Vec<u8>,
}

impl std::fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(..)")
    }
}

type ConfigKey = (Trust, Option<ClientIdentity>);

/// The configurations made so far: building one costs, and 1000 clusters often need three.
#[derive(Default)]
pub struct TlsCache(Mutex<BTreeMap<ConfigKey, Result<Arc<ClientConfig>, Silence>>>);

impl TlsCache {
    /// The configuration for this trust and identity, made once.
    pub fn get(
        &self,
        trust: &Trust,
        identity: Option<&ClientIdentity>,
    ) -> Result<Arc<ClientConfig>, Silence> {
        let key = (trust.clone(), identity.cloned());
        let mut cache = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        cache.entry(key).or_insert_with(|| build(trust, identity).map(Arc::new)).clone()
    }
}

/// The trust that a kubeconfig cluster declares; data wins over the file, as in client-go.
pub fn trust(cluster: &kube::config::Cluster) -> Result<Trust, Silence> {
    let has_authority =
        cluster.certificate_authority_data.is_some() || cluster.certificate_authority.is_some();
    match (cluster.insecure_skip_tls_verify, has_authority) {
        (Some(true), false) => return Ok(Trust::Anyone),
        (Some(true), true) => {
            let text =
                "insecure-skip-tls-verify stands beside a certificate authority, which kubectl refuses";
            return Err(Silence::Certificate(text.to_string()));
        }
        _ => {}
    }
    let pem = match (&cluster.certificate_authority_data, &cluster.certificate_authority) {
        (Some(data), _) => base64::engine::general_purpose::STANDARD
            .decode(data)
            .map_err(|_| Silence::Certificate("certificate-authority-data is not base64".to_string()))?,
        (None, Some(path)) => read(path, "certificate-authority").map_err(Silence::Certificate)?,
        (None, None) => return Ok(Trust::Native),
    };
    Ok(Trust::Roots(pem))
}

/// Reads a file that a kubeconfig refers to; the error names the file and the field.
pub fn read(path: &str, field: &str) -> Result<Vec<u8>, String> {
    crate::files::read_bytes(Path::new(path), MAX_PEM).map_err(|error| format!("{field}: {error:#}"))
}

fn build(trust: &Trust, identity: Option<&ClientIdentity>) -> Result<ClientConfig, Silence> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Silence::Certificate(error.to_string()))?;
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Native => Arc::new(verifier(
            native_anchors(),
            &provider,
            "this machine trusts no authority, and the kubeconfig names none",
        )?),
        Trust::Roots(pem) => {
            let none = "the kubeconfig's certificate authority holds no certificate";
            Arc::new(verifier(anchors(pem), &provider, none)?)
        }
        Trust::Anyone => Arc::new(TrustAnyone::new(&provider)),
    };
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let certified = certified(identity, &provider)?;
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn verifier(anchors: Anchors, provider: &Arc<CryptoProvider>, none: &str) -> Result<Verifier, Silence> {
    Verifier::new(anchors, provider).ok_or_else(|| Silence::Certificate(none.to_string()))
}

fn anchors(pem: &[u8]) -> Anchors {
    trusted(CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect())
}

fn trusted(certificates: Vec<CertificateDer<'static>>) -> Anchors {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates.iter().cloned());
    Anchors { store: Arc::new(store), certificates: Arc::new(certificates) }
}

/// The machine's roots take milliseconds to read, so they are read once and only when a cluster needs them.
fn native_anchors() -> Anchors {
    static ROOTS: OnceLock<Anchors> = OnceLock::new();
    ROOTS.get_or_init(|| trusted(rustls_native_certs::load_native_certs().certs)).clone()
}

/// A client certificate with its key. rustls reads no certificate of version 1, which a server may take all the same.
fn certified(identity: &ClientIdentity, provider: &Arc<CryptoProvider>) -> Result<CertifiedKey, Silence> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&identity.certificate)
        .collect::<Result<_, _>>()
        .map_err(|_| unusable("is not PEM"))?;
    let first = chain.first().cloned().ok_or_else(|| unusable("holds no certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(&identity.key).map_err(|_| unusable("has no PEM key"))?;
    let key = provider.key_provider.load_private_key(key);
    let key = key.map_err(|_| unusable("has a key of a kind that is not known here"))?;
    let certified = CertifiedKey::new(chain, key);
    let fits = match certified.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => true,
        Err(rustls::Error::InconsistentKeys(_)) => false,
        Err(_) => {
            let read = x509::parse(&first).ok_or_else(|| unusable("is no X.509 certificate"))?;
            certified.key.public_key().is_none_or(|own| own.as_ref() == read.key_info)
        }
    };
    if fits { Ok(certified) } else { Err(unusable("does not fit its key")) }
}

fn unusable(what: &str) -> Silence {
    Silence::credentials(format!("the client certificate {what}"))
}
