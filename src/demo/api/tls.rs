//! Certificates for loopback: one authority for the fleet, and leaves that are right or wrong on purpose.

use std::sync::Arc;

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::demo::faults::FaultId;

/// The fleet's authority and its one good leaf, which all healthy clusters share.
pub struct FleetAuthority {
    issuer: Issuer<'static, KeyPair>,
    /// What a kubeconfig carries as certificate-authority-data.
    pub pem: String,
    good: Arc<ServerConfig>,
}

/// Makes an authority; validity does not depend on the clock.
pub fn authority() -> anyhow::Result<FleetAuthority> {
    let (issuer, pem) = issuer("callboard demo")?;
    let good = leaf(&issuer, FaultId::Hang)?;
    Ok(FleetAuthority { issuer, pem, good })
}

impl FleetAuthority {
    /// What a server with this fault (None: no fault) shows: a certificate that is expired, not ours or for another name.
    pub fn server_config(&self, fault: Option<FaultId>) -> anyhow::Result<Arc<ServerConfig>> {
        match fault {
            Some(id @ (FaultId::CertExpired | FaultId::CertName)) => leaf(&self.issuer, id),
            Some(id @ FaultId::CertUnknown) => leaf(&issuer("somebody else")?.0, id),
            _ => Ok(Arc::clone(&self.good)),
        }
    }
}

fn issuer(name: &str) -> anyhow::Result<(Issuer<'static, KeyPair>, String)> {
    let key = KeyPair::generate().context("cannot make a key for the demo's certificates")?;
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let pem = params.self_signed(&key)?.pem();
    Ok((Issuer::new(params, key), pem))
}

fn leaf(issuer: &Issuer<'static, KeyPair>, fault: FaultId) -> anyhow::Result<Arc<ServerConfig>> {
    let names: &[&str] = match fault {
        FaultId::CertName => &["another.example.com"],
        _ => &["127.0.0.1", "localhost"],
    };
    let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    params.distinguished_name.push(DnType::CommonName, "kube-apiserver");
    if fault == FaultId::CertExpired {
        (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(2001, 1, 1));
    }
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
