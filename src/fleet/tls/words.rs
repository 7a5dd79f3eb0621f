//! What a failure of TLS means for a person: the true cause, in words, never an error's name.

use jiff::Timestamp;
use rustls::CertificateError;
use rustls::pki_types::{ServerName, UnixTime};

use crate::fleet::silence::{Silence, brief};
use crate::fleet::tls::verify::Objection;

/// How many names of a certificate are told.
const MOST_NAMES: usize = 4;

/// What a TLS failure means for a person.
pub fn tls_error(error: &rustls::Error) -> Silence {
    use rustls::Error as Tls;
    let text = match error {
        Tls::InvalidCertificate(why) => format!("the server's certificate {}", certificate(why)),
        Tls::NoCertificatesPresented => "the server shows no certificate".to_string(),
        Tls::UnsupportedNameType => "a server cannot have such a name".to_string(),
        Tls::AlertReceived(received) => return alert(&format!("{received:?}")),
        Tls::InvalidMessage(_) => return Silence::Protocol("the server does not speak TLS".to_string()),
        Tls::PeerIncompatible(why) => incompatible(why),
        Tls::PeerMisbehaved(_)
        | Tls::InappropriateMessage { .. }
        | Tls::InappropriateHandshakeMessage { .. } => {
            return Silence::Protocol("the server breaks the rules of TLS".to_string());
        }
        Tls::DecryptError => "what the server sent cannot be decrypted".to_string(),
        Tls::NoApplicationProtocol => "the server speaks neither HTTP/2 nor HTTP/1.1".to_string(),
        other => brief(&other.to_string()),
    };
    Silence::Certificate(text)
}

/// The rest of a sentence about the server's certificate.
fn certificate(why: &CertificateError) -> String {
    use CertificateError as Why;
    match why {
        Why::ExpiredContext { time, not_after } => {
            let late = time.as_secs().saturating_sub(not_after.as_secs());
            let ago = crate::text::age(i64::try_from(late).unwrap_or(i64::MAX));
            format!("expired {ago} ago, on {}", day(*not_after))
        }
        Why::Expired => "has expired".to_string(),
        Why::NotValidYetContext { not_before, .. } => {
            format!("is valid only from {} on: one of the two clocks is wrong", day(*not_before))
        }
        Why::NotValidYet => "is not valid yet: one of the two clocks is wrong".to_string(),
        // A bad signature is an authority of the same name with another key: a cluster that was made anew.
        Why::UnknownIssuer | Why::BadSignature => "is signed by an unknown authority".to_string(),
        Why::NotValidForNameContext { expected, presented } => misnamed(expected, presented),
        Why::NotValidForName => "is for another name".to_string(),
        Why::InvalidPurpose | Why::InvalidPurposeContext { .. } => {
            "is not meant for servers (its extended key usage)".to_string()
        }
        Why::Revoked => "has been revoked".to_string(),
        Why::BadEncoding => "cannot be read: it is no X.509 certificate".to_string(),
        Why::UnhandledCriticalExtension => "has a critical extension that is not known here".to_string(),
        Why::UnsupportedSignatureAlgorithmContext { .. }
        | Why::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "is signed in a way that is not accepted here (SHA-1, a short RSA key, or a rare curve)"
                .to_string()
        }
        Why::Other(other) => objection(other.0.as_ref()),
        // Revocation lists and OCSP are never asked for.
        _ => "was not accepted".to_string(),
    }
}

fn objection(error: &(dyn std::error::Error + 'static)) -> String {
    use webpki::Error as Why;
    if let Some(objection) = error.downcast_ref::<Objection>() {
        return format!("is {objection}");
    }
    let told = match error.downcast_ref::<webpki::Error>() {
        Some(Why::CaUsedAsEndEntity) => {
            "is that of an authority (CA:TRUE), and no trusted authority has signed it itself"
        }
        Some(Why::EndEntityUsedAsCa) => "is signed by a certificate that is no authority's (CA:FALSE)",
        Some(Why::UnsupportedCertVersion) => "is of an old version of X.509, or signed by one that is",
        Some(Why::NameConstraintViolation | Why::MalformedNameConstraint) => {
            "has a name that its authority may not sign (name constraints)"
        }
        Some(Why::PathLenConstraintViolated | Why::MaximumPathDepthExceeded) => {
            "has more authorities above it than one of them allows (path length)"
        }
        Some(Why::MaximumPathBuildCallsExceeded | Why::MaximumSignatureChecksExceeded) => {
            "has too many authorities above it to be checked"
        }
        Some(Why::SignatureAlgorithmMismatch) => "contradicts itself about how it is signed",
        Some(Why::MalformedExtensions | Why::ExtensionValueInvalid | Why::EmptyEkuExtension) => {
            "has an extension that cannot be read"
        }
        Some(Why::InvalidSerialNumber) => "has a serial number that is none",
        Some(Why::MalformedDnsIdentifier | Why::UnsupportedNameType) => "has a name that is none",
        _ => "cannot be read: it is not as X.509 wants it",
    };
    told.to_string()
}

/// Which names there are, and which was wanted.
fn misnamed(expected: &ServerName<'_>, presented: &[String]) -> String {
    let names: Vec<&str> = presented.iter().filter_map(|name| bare(name)).collect();
    let shown = names.iter().take(MOST_NAMES).copied().collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(MOST_NAMES);
    let more = if more > 0 { format!(" and {more} more names") } else { String::new() };
    let wanted = brief(&expected.to_str());
    match names.is_empty() {
        true => format!("names no host at all (a common name alone does not count), so not {wanted}"),
        false => brief(&format!("is for {shown}{more}, not for {wanted}")),
    }
}

/// A name without the word for its kind that rustls puts around it; other kinds than hosts are left out.
fn bare(name: &str) -> Option<&str> {
    let host = name.strip_prefix("DnsName(\"").and_then(|rest| rest.strip_suffix("\")"));
    host.or_else(|| name.strip_prefix("IpAddress(").and_then(|rest| rest.strip_suffix(')')))
}

fn day(time: UnixTime) -> String {
    let instant = i64::try_from(time.as_secs()).ok().and_then(|second| Timestamp::from_second(second).ok());
    instant.map_or_else(|| "a day beyond all calendars".to_string(), |at| at.strftime("%Y-%m-%d").to_string())
}

fn incompatible(why: &rustls::PeerIncompatible) -> String {
    use rustls::PeerIncompatible as Why;
    let told = match why {
        Why::ServerDoesNotSupportTls12Or13
        | Why::ServerTlsVersionIsDisabledByOurConfig
        | Why::Tls12NotOfferedOrEnabled => "the server speaks only TLS 1.1 or older",
        Why::NoCipherSuitesInCommon | Why::NoCertificateRequestSignatureSchemesInCommon => {
            "the server knows none of the ciphers and signatures that are safe"
        }
        Why::NoEcPointFormatsInCommon | Why::NoKxGroupsInCommon => {
            "the server knows none of the key exchanges that are safe"
        }
        _ => "the server's TLS and ours do not fit each other",
    };
    told.to_string()
}

/// What an alert of the server means, by its name: HTTP/2 hands on no more of the error than its text.
pub fn alert(name: &str) -> Silence {
    let told = match name {
        "CertificateExpired" => "the server refused our certificate: it has expired, the server says",
        "CertificateRevoked" => "the server refused our certificate: it has been revoked",
        "UnknownCA" => "the server refused our certificate: it does not know the authority that signed it",
        "UnsupportedCertificate" => "the server refused our certificate: it does not take this kind",
        "BadCertificate" => "the server refused our certificate: it cannot read it",
        "CertificateUnknown" => "the server refused our certificate without a reason",
        "AccessDenied" => "the server refused our certificate: it is valid, but has no access",
        "DecryptError" => "the server refused our certificate: its signature is not right",
        "CertificateRequired" => "the server wants a client certificate, and there is none",
        "ProtocolVersion" => "the server speaks only TLS 1.1 or older",
        "HandshakeFailure" | "InsufficientSecurity" => {
            "the server knows none of the ciphers and signatures that are safe"
        }
        "UnrecognisedName" | "UnrecognizedName" => "the server does not know the name that it was called by",
        _ => "the server broke off the TLS handshake",
    };
    Silence::Certificate(told.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use rustls::pki_types::{ServerName, UnixTime};
    use rustls::{AlertDescription, CertificateError, Error, OtherError};

    use super::{alert, tls_error};

    #[track_caller]
    fn check(why: CertificateError, expect: &str) {
        assert_eq!(tls_error(&Error::InvalidCertificate(why)).message(), expect);
    }

    fn at(seconds: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(seconds))
    }

    #[test]
    fn a_certificate_is_refused_in_words() {
        check(
            CertificateError::ExpiredContext { time: at(978_393_600), not_after: at(978_307_200) },
            "the server's certificate expired 24h ago, on 2001-01-01",
        );
        check(
            CertificateError::NotValidYetContext { time: at(0), not_before: at(978_307_200) },
            "the server's certificate is valid only from 2001-01-01 on: one of the two clocks is wrong",
        );
        let named = |presented: &[&str]| CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("api.corp").expect("a name"),
            presented: presented.iter().map(|name| name.to_string()).collect(),
        };
        check(
            named(&["DnsName(\"kubernetes\")", "UniformResourceIdentifier(\"x\")", "IpAddress(10.0.0.1)"]),
            "the server's certificate is for kubernetes, 10.0.0.1, not for api.corp",
        );
        check(
            named(&[
                "DnsName(\"a\")",
                "DnsName(\"b\")",
                "DnsName(\"c\")",
                "DnsName(\"d\")",
                "DnsName(\"e\")",
            ]),
            "the server's certificate is for a, b, c, d and 1 more names, not for api.corp",
        );
        check(
            named(&[]),
            "the server's certificate names no host at all (a common name alone does not count), so not api.corp",
        );
    }

    /// No error's name may reach a person: neither of those that are known today nor of later ones.
    #[test]
    fn no_error_is_told_by_its_name() {
        let others = [
            webpki::Error::CaUsedAsEndEntity,
            webpki::Error::EndEntityUsedAsCa,
            webpki::Error::UnsupportedCertVersion,
            webpki::Error::PathLenConstraintViolated,
            webpki::Error::NameConstraintViolation,
            webpki::Error::MalformedExtensions,
            webpki::Error::MaximumSignatureChecksExceeded,
            webpki::Error::BadDerTime,
        ];
        let camel = regex::Regex::new(r"[a-z][A-Z]|[({]\w*[)}]|_").expect("a pattern");
        let plain = |text: String| assert!(!camel.is_match(&text) || text.contains("CA:"), "{text}");
        for error in others {
            let other = CertificateError::Other(OtherError(Arc::new(error)));
            plain(tls_error(&Error::InvalidCertificate(other)).message());
        }
        for why in [
            CertificateError::BadEncoding,
            CertificateError::UnhandledCriticalExtension,
            CertificateError::InvalidPurpose,
            CertificateError::UnknownRevocationStatus,
            CertificateError::ApplicationVerificationFailure,
        ] {
            plain(tls_error(&Error::InvalidCertificate(why)).message());
        }
        for received in 0..=255 {
            plain(alert(&format!("{:?}", AlertDescription::from(received))).message());
        }
    }
}
