//! Whether a server's certificate will do: as Go's x509 decides, so that what kubectl takes is taken.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};

use crate::fleet::tls::x509::{self, Certificate};

/// Whom a server's certificate may come from.
#[derive(Clone, Debug)]
pub struct Anchors {
    pub store: Arc<RootCertStore>,
    /// The same as they were given: a server may show one of them as its own.
    pub certificates: Arc<Vec<CertificateDer<'static>>>,
}

/// rustls' own verifier, and what Go takes beyond it.
#[derive(Debug)]
pub struct Verifier {
    inner: Arc<WebPkiServerVerifier>,
    anchors: Anchors,
    algorithms: WebPkiSupportedAlgorithms,
}

/// Something about a certificate that rustls has no error for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Objection {
    /// Signed with its own key, and nobody said to trust it.
    SelfSigned,
}

impl std::fmt::Display for Objection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Objection::SelfSigned => f.write_str("self-signed, and not the one that is trusted"),
        }
    }
}

impl std::error::Error for Objection {}

impl Verifier {
    /// `None` where nobody is trusted at all.
    pub fn new(anchors: Anchors, provider: &Arc<CryptoProvider>) -> Option<Verifier> {
        let builder = WebPkiServerVerifier::builder_with_provider(anchors.store.clone(), provider.clone());
        let algorithms = provider.signature_verification_algorithms;
        Some(Verifier { inner: builder.build().ok()?, anchors, algorithms })
    }

    /// What Go says to a certificate that rustls refuses: one that is itself trusted, and one of an authority that is
    /// shown by a server, are taken, if their time, name and purpose are right. Nothing where Go refuses it, too.
    fn beyond(
        &self,
        shown: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Option<Result<(), Error>> {
        let certificate = x509::parse(shown)?;
        let is_trusted = self.anchors.certificates.iter().any(|anchor| anchor == shown);
        let is_authoritys = certificate.is_authority && self.is_signed(&certificate);
        if !is_trusted && !is_authoritys {
            let is_own = certificate.issuer == certificate.subject;
            return is_own.then(|| Err(objection(Objection::SelfSigned)));
        }
        Some(in_time(&certificate, now).and_then(|()| named(shown, name)).and_then(|()| {
            match certificate.is_for_servers() {
                true => Ok(()),
                false => Err(CertificateError::InvalidPurpose.into()),
            }
        }))
    }

    /// Whether one of those that are trusted has signed a certificate itself. An anchor that is limited to some names is
    /// left to rustls.
    fn is_signed(&self, certificate: &Certificate<'_>) -> bool {
        let issuers = self.anchors.certificates.iter().filter_map(|anchor| x509::parse(anchor));
        let limited = |issuer: &Certificate<'_>| {
            let mut known = self.anchors.store.roots.iter();
            known.any(|root| root.subject.as_ref() == issuer.subject && root.name_constraints.is_some())
        };
        issuers
            .filter(|issuer| issuer.subject == certificate.issuer && !limited(issuer))
            .any(|issuer| self.has_signed(&issuer, certificate))
    }

    fn has_signed(&self, issuer: &Certificate<'_>, certificate: &Certificate<'_>) -> bool {
        let fits = self.algorithms.all.iter().filter(|algorithm| {
            algorithm.public_key_alg_id().as_ref() == issuer.key_algorithm
                && algorithm.signature_alg_id().as_ref() == certificate.signature_algorithm
        });
        fits.into_iter().any(|algorithm| {
            algorithm.verify_signature(issuer.key, certificate.signed, certificate.signature).is_ok()
        })
    }
}

fn objection(objection: Objection) -> Error {
    CertificateError::Other(OtherError(Arc::new(objection))).into()
}

fn in_time(certificate: &Certificate<'_>, now: UnixTime) -> Result<(), Error> {
    let instant =
        |seconds: i64| UnixTime::since_unix_epoch(Duration::from_secs(seconds.max(0).unsigned_abs()));
    let (not_before, not_after) = (instant(certificate.not_before), instant(certificate.not_after));
    if now > not_after {
        return Err(CertificateError::ExpiredContext { time: now, not_after }.into());
    }
    if now < not_before {
        return Err(CertificateError::NotValidYetContext { time: now, not_before }.into());
    }
    Ok(())
}

/// A certificate of before version 3 has no names that count.
fn named(shown: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<(), Error> {
    match ParsedCertificate::try_from(shown) {
        Ok(parsed) => verify_server_name(&parsed, name),
        Err(Error::InvalidCertificate(CertificateError::Other(error)))
            if matches!(error.0.downcast_ref(), Some(webpki::Error::UnsupportedCertVersion)) =>
        {
            let expected = name.to_owned();
            Err(CertificateError::NotValidForNameContext { expected, presented: Vec::new() }.into())
        }
        Err(error) => Err(error),
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.inner.verify_server_cert(shown, between, name, ocsp, now).or_else(|refused| {
            match self.beyond(shown, name, now) {
                Some(Ok(())) => Ok(ServerCertVerified::assertion()),
                Some(Err(better)) => Err(better),
                None => Err(refused),
            }
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// `insecure-skip-tls-verify`: any certificate will do, of any version, but the handshake must still be signed with it.
#[derive(Debug)]
pub struct TrustAnyone(WebPkiSupportedAlgorithms);

impl TrustAnyone {
    pub fn new(provider: &CryptoProvider) -> TrustAnyone {
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
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let checked = verify_tls12_signature(message, certificate, signed, &self.0);
        let (Err(_), Some(unread)) = (&checked, unread(certificate)) else { return checked };
        let of_scheme = self.0.mapping.iter().filter(|(scheme, _)| *scheme == signed.scheme);
        let is_valid = of_scheme.flat_map(|(_, algorithms)| algorithms.iter()).any(|algorithm| {
            algorithm.public_key_alg_id().as_ref() == unread.key_algorithm
                && algorithm.verify_signature(unread.key, message, signed.signature()).is_ok()
        });
        if is_valid { Ok(HandshakeSignatureValid::assertion()) } else { checked }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let checked = verify_tls13_signature(message, certificate, signed, &self.0);
        let (Err(_), Some(unread)) = (&checked, unread(certificate)) else { return checked };
        let key = SubjectPublicKeyInfoDer::from(unread.key_info);
        verify_tls13_signature_with_raw_key(message, &key, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// A certificate that rustls does not read, such as one of version 1.
fn unread<'a>(certificate: &'a CertificateDer<'_>) -> Option<Certificate<'a>> {
    match ParsedCertificate::try_from(certificate) {
        Ok(_) => None,
        Err(_) => x509::parse(certificate),
    }
}
