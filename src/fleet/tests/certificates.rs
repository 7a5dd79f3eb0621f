//! Certificates that Go's x509 takes and refuses: those that are trusted themselves, and old ones.

use base64::Engine;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, SigningKey,
};
use rustls::DigitallySignedStruct;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime, pem::PemObject};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use std::sync::{Arc, Mutex};

use crate::fleet::tests::server::{TestAuthority, TestServer, Tls, serve};
use crate::fleet::tests::{base64, fleet, one, short, usual};
use crate::fleet::tls::x509;
use crate::fleet::{Fleet, Silence};

/// A certificate and its key, PEM.
type CertificatePair = (String, String);

fn made(names: &[&str], with: impl FnOnce(&mut CertificateParams)) -> CertificatePair {
    let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
    let mut params = CertificateParams::new(names).expect("parameters");
    params.distinguished_name.push(DnType::CommonName, "api");
    with(&mut params);
    let key = KeyPair::generate().expect("a key");
    (params.self_signed(&key).expect("a certificate").pem(), key.serialize_pem())
}

fn of_authority(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

fn expired(params: &mut CertificateParams) {
    params.not_before = rcgen::date_time_ymd(2019, 1, 1);
    params.not_after = rcgen::date_time_ymd(2020, 1, 1);
}

fn base64_of(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Why the one cluster of a fleet is silent, if it is.
async fn refusal(fleet: &Fleet) -> Option<Silence> {
    one(fleet).await.1.map(|gap| gap.why)
}

async fn serving(certificate: CertificatePair) -> TestServer {
    serve(Some(Tls::new(certificate)), |request| async move { usual(&request) }).await
}

/// Shows a certificate to one who trusts `roots`, and compares the words of the refusal; nothing is none.
#[track_caller]
fn check(certificate: CertificatePair, roots: &str, expect: Option<&str>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let told = runtime.block_on(async {
        let server = serving(certificate).await;
        let cluster = format!(
            "{{server: 'https://127.0.0.1:{}', certificate-authority-data: {}}}",
            server.port,
            base64(roots)
        );
        refusal(&fleet(&[(cluster, "{token: abc}".to_string())], short())).await
    });
    let told = told.map(|why| match why {
        Silence::Certificate(text) => text,
        other => panic!("{other:?}"),
    });
    let told = told.as_deref().map(|text| {
        // When it expired depends on today.
        text.split_once(" ago, ").map_or(text.to_string(), |(_, rest)| format!("expired {rest}"))
    });
    assert_eq!(told.as_deref(), expect);
}

/// What `openssl req -x509` makes: signed with its own key, CA:TRUE.
#[test]
fn a_certificate_that_is_trusted_itself_is_taken() {
    for with in [of_authority as fn(&mut CertificateParams), |_| {}] {
        let pair = made(&["127.0.0.1"], with);
        check(pair.clone(), &pair.0, None);
        // Beside others it is still the one.
        check(pair.clone(), &format!("{}{}", TestAuthority::new().pem(), pair.0), None);
    }
    // A leaf that is pinned, whoever has signed it.
    let leaf = TestAuthority::new().leaf(&["127.0.0.1"], false);
    check(leaf.clone(), &leaf.0, None);
}

#[test]
fn its_name_time_and_purpose_are_checked_all_the_same() {
    let elsewhere = made(&["api.corp"], of_authority);
    check(
        elsewhere.clone(),
        &elsewhere.0,
        Some("the server's certificate is for api.corp, not for 127.0.0.1"),
    );
    let nowhere = made(&[], of_authority);
    let unnamed = "the server's certificate names no host at all (a common name alone does not count), so not 127.0.0.1";
    check(nowhere.clone(), &nowhere.0, Some(unnamed));
    for with in [
        |params: &mut CertificateParams| {
            of_authority(params);
            expired(params);
        },
        expired as fn(&mut CertificateParams),
    ] {
        let late = made(&["127.0.0.1"], with);
        check(late.clone(), &late.0, Some("expired on 2020-01-01"));
    }
    let pinned = TestAuthority::new().leaf(&["127.0.0.1"], true);
    check(pinned.clone(), &pinned.0, Some("expired on 2020-01-01"));
    let early = made(&["127.0.0.1"], |params| {
        of_authority(params);
        params.not_before = rcgen::date_time_ymd(2090, 1, 1);
        params.not_after = rcgen::date_time_ymd(2091, 1, 1);
    });
    let told = "the server's certificate is valid only from 2090-01-01 on: one of the two clocks is wrong";
    check(early.clone(), &early.0, Some(told));
    let for_clients = made(&["127.0.0.1"], |params| {
        of_authority(params);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    let told = "the server's certificate is not meant for servers (its extended key usage)";
    check(for_clients.clone(), &for_clients.0, Some(told));
}

/// The same name and names with another key is another certificate.
#[test]
fn one_that_only_looks_like_the_trusted_one_is_refused() {
    let told = "the server's certificate is self-signed, and not the one that is trusted";
    let trusted = made(&["127.0.0.1"], of_authority);
    check(made(&["127.0.0.1"], of_authority), &trusted.0, Some(told));
    check(made(&["127.0.0.1"], |_| {}), &trusted.0, Some(told));
    let unknown = "the server's certificate is signed by an unknown authority";
    check(TestAuthority::new().leaf(&["127.0.0.1"], false), &trusted.0, Some(unknown));
}

/// `openssl req -x509 -CA` marks what it signs as an authority's; Go does not mind.
#[test]
fn an_authoritys_certificate_that_a_trusted_one_signed_is_taken() {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_string()]).expect("parameters");
    params.distinguished_name.push(DnType::CommonName, "api");
    of_authority(&mut params);
    let key = KeyPair::generate().expect("a key");
    let authority = TestAuthority::new();
    let certificate = params.signed_by(&key, authority.issuer()).expect("a certificate");
    let pair = (certificate.pem(), key.serialize_pem());
    check(pair.clone(), &authority.pem(), None);
    let told = "the server's certificate is that of an authority (CA:TRUE), and no trusted authority has signed it itself";
    let unknown = "the server's certificate is signed by an unknown authority";
    let refused = [told, unknown];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let said = runtime.block_on(async {
        let server = serving(pair).await;
        let roots = base64(&TestAuthority::new().pem());
        let cluster =
            format!("{{server: 'https://127.0.0.1:{}', certificate-authority-data: {roots}}}", server.port);
        refusal(&fleet(&[(cluster, "{token: abc}".to_string())], short())).await
    });
    let said = said.expect("another authority of the same name").message();
    assert!(refused.contains(&said.as_str()), "{said}");
}

/// An element of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut whole = vec![tag];
    match u8::try_from(content.len()) {
        Ok(length @ 0..=0x7f) => whole.push(length),
        Ok(length) => whole.extend([0x81, length]),
        Err(_) => {
            whole.push(0x82);
            whole.extend(u16::try_from(content.len()).expect("short").to_be_bytes());
        }
    }
    whole.extend(content);
    whole
}

/// The same certificate in version 1: no version, no extensions, signed anew. This is what MicroK8s gives its users.
fn of_version_1(pair: &CertificatePair) -> CertificatePair {
    let der = CertificateDer::from_pem_slice(pair.0.as_bytes()).expect("PEM");
    let read = x509::parse(&der).expect("a certificate");
    let time = |text: &str| element(0x17, text.as_bytes());
    let fields = [
        element(0x02, &[7]),
        element(0x30, read.signature_algorithm),
        element(0x30, read.issuer),
        element(0x30, &[time("200101000000Z"), time("490101000000Z")].concat()),
        element(0x30, read.subject),
        read.key_info.to_vec(),
    ];
    let signed = element(0x30, &fields.concat());
    let signature = KeyPair::from_pem(&pair.1).expect("a key").sign(&signed).expect("signed");
    let parts = [
        signed,
        element(0x30, read.signature_algorithm),
        element(0x03, &[&[0], signature.as_slice()].concat()),
    ];
    let der = element(0x30, &parts.concat());
    let lines: Vec<String> = base64_of(&der)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
    (pem, pair.1.clone())
}

/// Takes any client certificate, and notes it: what a server thinks of it is the server's affair.
#[derive(Debug)]
struct Noting(Arc<Mutex<Vec<Vec<u8>>>>);

impl ClientCertVerifier for Noting {
    fn root_hint_subjects(&self) -> &[rustls::DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.0.lock().expect("whole").push(shown.to_vec());
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

#[tokio::test]
async fn a_client_certificate_of_version_1_is_shown() {
    let authority = TestAuthority::new();
    let seen = Arc::default();
    let tls = Tls {
        verifier: Some(Arc::new(Noting(Arc::clone(&seen)))),
        ..Tls::new(authority.leaf(&["127.0.0.1"], false))
    };
    let server = serve(Some(tls), |request| async move { usual(&request) }).await;
    let cluster = format!(
        "{{server: 'https://127.0.0.1:{}', certificate-authority-data: {}}}",
        server.port,
        base64(&authority.pem())
    );
    let user = |(certificate, key): &CertificatePair| {
        format!("{{client-certificate-data: {}, client-key-data: {}}}", base64(certificate), base64(key))
    };
    let old = of_version_1(&made(&[], |_| {}));
    assert_eq!(refusal(&fleet(&[(cluster.clone(), user(&old))], short())).await, None);
    let der = CertificateDer::from_pem_slice(old.0.as_bytes()).expect("PEM");
    assert!(seen.lock().expect("whole").iter().all(|shown| *shown == der.to_vec()));
    assert!(!seen.lock().expect("whole").is_empty());

    let other = (old.0.clone(), made(&[], |_| {}).1);
    let told = refusal(&fleet(&[(cluster.clone(), user(&other))], short())).await;
    assert_eq!(told, Some(Silence::credentials("the client certificate does not fit its key")));
    let none = ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_string(), old.1);
    let told = refusal(&fleet(&[(cluster, user(&none))], short())).await;
    assert_eq!(told, Some(Silence::credentials("the client certificate is no X.509 certificate")));
}

/// A server of version 1 has no names: Go refuses it by that, and takes it where nothing is to be checked.
#[test]
fn a_server_of_version_1_has_no_name_but_can_be_taken_unseen() {
    let old = of_version_1(&made(&[], |_| {}));
    let unnamed = "the server's certificate names no host at all (a common name alone does not count), so not 127.0.0.1";
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let server = serving(old.clone()).await;
        let of = |more: &str| {
            let cluster = format!("{{server: 'https://127.0.0.1:{}', {more}}}", server.port);
            fleet(&[(cluster, "{token: abc}".to_string())], short())
        };
        assert_eq!(refusal(&of("insecure-skip-tls-verify: true")).await, None);
        let pinned = of(&format!("certificate-authority-data: {}", base64(&old.0)));
        assert_eq!(refusal(&pinned).await, Some(Silence::Certificate(unnamed.to_string())));
    });
}
