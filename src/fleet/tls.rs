//! Whom we trust and who we are: one rustls configuration for all clusters that agree on both.

use crate::fleet::silence::Silence;
use base64::Engine;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
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
pub struct Identity {
    pub certificate: Vec<u8>,
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(..)")
    }
}

type Key = (Trust, Option<Identity>);

/// The configurations made so far: building one costs, and 1000 clusters often need three.
#[derive(Default)]
pub struct TlsCache(Mutex<BTreeMap<Key, Result<Arc<ClientConfig>, Silence>>>);

impl TlsCache {
    /// The configuration for this trust and identity, made once.
    pub fn get(&self, trust: &Trust, identity: Option<&Identity>) -> Result<Arc<ClientConfig>, Silence> {
        let key = (trust.clone(), identity.cloned());
        let mut cache = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        cache.entry(key).or_insert_with(|| build(trust, identity).map(Arc::new)).clone()
    }
}

/// The trust that a kubeconfig cluster declares; data wins over the file, as in client-go.
pub fn trust(cluster: &kube::config::Cluster) -> Result<Trust, Silence> {
    if cluster.insecure_skip_tls_verify == Some(true) {
        return Ok(Trust::Anyone);
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

fn build(trust: &Trust, identity: Option<&Identity>) -> Result<ClientConfig, Silence> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Silence::Certificate(error.to_string()))?;
    let builder = match trust {
        Trust::Native => builder.with_root_certificates(native_roots()),
        Trust::Roots(pem) => builder.with_root_certificates(roots(pem)?),
        Trust::Anyone => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(TrustAnyone::new(&provider)))
        }
    };
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let (chain, key) = parse_identity(identity)?;
            builder.with_client_auth_cert(chain, key).map_err(|_| unusable("does not fit its key"))?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn roots(pem: &[u8]) -> Result<RootCertStore, Silence> {
    let mut store = RootCertStore::empty();
    let certificates: Vec<CertificateDer<'_>> =
        CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect();
    store.add_parsable_certificates(certificates);
    match store.is_empty() {
        true => Err(Silence::Certificate(
            "the kubeconfig's certificate authority holds no certificate".to_string(),
        )),
        false => Ok(store),
    }
}

/// The machine's roots take milliseconds to read, so they are read once and only when a cluster needs them.
fn native_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let load = || {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(store)
    };
    ROOTS.get_or_init(load).clone()
}

fn parse_identity(
    identity: &Identity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Silence> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&identity.certificate)
        .collect::<Result<_, _>>()
        .map_err(|_| unusable("is not PEM"))?;
    if chain.is_empty() {
        return Err(unusable("holds no certificate"));
    }
    let key = PrivateKeyDer::from_pem_slice(&identity.key).map_err(|_| unusable("has no PEM key"))?;
    Ok((chain, key))
}

fn unusable(what: &str) -> Silence {
    Silence::credentials(format!("the client certificate {what}"))
}

/// `insecure-skip-tls-verify`: any certificate will do, but the handshake must still be signed with it.
#[derive(Debug)]
struct TrustAnyone(WebPkiSupportedAlgorithms);

impl TrustAnyone {
    fn new(provider: &CryptoProvider) -> TrustAnyone {
        TrustAnyone(provider.signature_verification_algorithms)
    }
}

impl ServerCertVerifier for TrustAnyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
