//! An authority of the test's own, what it signs for the servers, and the key of their service accounts.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// The files of one authority; the servers of a test share them all.
pub struct Certificates {
    pub authority: PathBuf,
    /// The authority's certificate, as kubeconfig holds it.
    pub authority_pem: String,
    pub server: PathBuf,
    pub server_key: PathBuf,
    pub service_accounts: PathBuf,
    pub service_accounts_key: PathBuf,
}

pub fn create(directory: &Path) -> Certificates {
    let authority_key = KeyPair::generate().expect("a key");
    let mut authority = named("callboard test authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_pem = authority.self_signed(&authority_key).expect("signed").pem();
    let issuer = Issuer::new(authority, authority_key);

    let server_key = KeyPair::generate().expect("a key");
    let mut server = named("kube-apiserver");
    server.subject_alt_names = ["127.0.0.1", "localhost", "10.0.0.1"]
        .into_iter()
        .map(|name| match name.parse() {
            Ok(address) => rcgen::SanType::IpAddress(address),
            Err(_) => rcgen::SanType::DnsName(name.try_into().expect("a name")),
        })
        .collect();
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server_pem = server.signed_by(&server_key, &issuer).expect("signed").pem();

    let service_accounts_key = KeyPair::generate().expect("a key");
    let write = |name: &str, text: &str| {
        let path = directory.join(name);
        fs::write(&path, text).expect("written");
        path
    };
    Certificates {
        authority: write("ca.crt", &authority_pem),
        authority_pem,
        server: write("server.crt", &server_pem),
        server_key: write("server.key", &server_key.serialize_pem()),
        service_accounts: write("sa.pub", &service_accounts_key.public_key_pem()),
        service_accounts_key: write("sa.key", &service_accounts_key.serialize_pem()),
    }
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
