//! What rustls does not tell of a certificate, and versions that it does not read: fields of X.509, out of their DER.

use std::str::FromStr;

use jiff::civil::DateTime;

/// A certificate's fields; each is the content of its DER element, where nothing else is said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate<'a> {
    /// What is signed, as it stands, tag and length included.
    pub signed: &'a [u8],
    pub signature_algorithm: &'a [u8],
    pub signature: &'a [u8],
    pub issuer: &'a [u8],
    pub subject: &'a [u8],
    /// Seconds since 1970.
    pub not_before: i64,
    pub not_after: i64,
    /// The whole SubjectPublicKeyInfo, tag and length included.
    pub key_info: &'a [u8],
    pub key_algorithm: &'a [u8],
    pub key: &'a [u8],
    pub is_authority: bool,
    /// Object identifiers of what it may be used for; nothing is everything.
    pub purposes: Option<Vec<&'a [u8]>>,
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
pub const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
pub const ANY_PURPOSE: &[u8] = &[0x55, 0x1d, 0x25, 0];

/// Takes a certificate of any version apart; nothing where it is none.
pub fn parse(der: &[u8]) -> Option<Certificate<'_>> {
    let mut whole = Elements(der);
    let mut outer = Elements(whole.next(SEQUENCE)?.content);
    let to_sign = outer.next(SEQUENCE)?;
    let signature_algorithm = outer.next(SEQUENCE)?.content;
    let signature = bits(outer.next(BIT_STRING)?.content)?;
    let mut fields = Elements(to_sign.content);
    fields.next(VERSION);
    fields.next(INTEGER)?;
    fields.next(SEQUENCE)?;
    let issuer = fields.next(SEQUENCE)?.content;
    let mut validity = Elements(fields.next(SEQUENCE)?.content);
    let (not_before, not_after) = (time(validity.any()?)?, time(validity.any()?)?);
    let subject = fields.next(SEQUENCE)?.content;
    let key_info = fields.next(SEQUENCE)?;
    let mut parts = Elements(key_info.content);
    let key_algorithm = parts.next(SEQUENCE)?.content;
    let key = bits(parts.next(BIT_STRING)?.content)?;
    let mut certificate = Certificate {
        signed: to_sign.whole,
        signature_algorithm,
        signature,
        issuer,
        subject,
        not_before,
        not_after,
        key_info: key_info.whole,
        key_algorithm,
        key,
        is_authority: false,
        purposes: None,
    };
    while let Some(field) = fields.any() {
        if field.tag == EXTENSIONS {
            let mut extensions = Elements(Elements(field.content).next(SEQUENCE)?.content);
            while let Some(extension) = extensions.next(SEQUENCE) {
                certificate.learn(extension.content)?;
            }
        }
    }
    Some(certificate)
}

impl<'a> Certificate<'a> {
    fn learn(&mut self, extension: &'a [u8]) -> Option<()> {
        let mut parts = Elements(extension);
        let id = parts.next(OBJECT)?.content;
        // Whether it is critical may stand between.
        let value = std::iter::from_fn(|| parts.any()).find(|part| part.tag == OCTETS)?.content;
        if id == BASIC_CONSTRAINTS {
            let first = Elements(Elements(value).next(SEQUENCE)?.content).any();
            self.is_authority = first.is_some_and(|first| first.tag == 1 && first.content != [0]);
        } else if id == EXTENDED_KEY_USAGE {
            let mut listed = Elements(Elements(value).next(SEQUENCE)?.content);
            self.purposes =
                Some(std::iter::from_fn(|| listed.next(OBJECT)).map(|purpose| purpose.content).collect());
        }
        Some(())
    }

    /// Whether a server may show it.
    pub fn is_for_servers(&self) -> bool {
        let purposes = self.purposes.as_ref();
        purposes.is_none_or(|all| all.iter().any(|one| *one == SERVER_AUTH || *one == ANY_PURPOSE))
    }
}

/// An element of DER.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

/// Elements that follow each other.
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// The next one, if it has this tag; else it stays.
    fn next(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.first() != Some(&tag) {
            return None;
        }
        self.any()
    }

    fn any(&mut self) -> Option<Element<'a>> {
        let (tag, length) = (*self.0.first()?, *self.0.get(1)?);
        let (head, length) = match length {
            0..=0x7f => (2, usize::from(length)),
            0x81..=0x84 => {
                let bytes = self.0.get(2..2 + usize::from(length & 0x7f))?;
                let length = bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
                (2 + bytes.len(), length)
            }
            _ => return None,
        };
        let end = head.checked_add(length)?;
        let whole = self.0.get(..end)?;
        self.0 = &self.0[end..];
        Some(Element { tag, content: &whole[head..], whole })
    }
}

/// A bit string of whole bytes.
fn bits(content: &[u8]) -> Option<&[u8]> {
    content.split_first().filter(|(unused, _)| **unused == 0).map(|(_, bytes)| bytes)
}

fn time(element: Element) -> Option<i64> {
    let text = std::str::from_utf8(element.content).ok()?.strip_suffix('Z')?;
    let full = match element.tag {
        // Two digits of the year: up to 49 they are of this century (RFC 5280).
        UTC_TIME if text.len() == 12 => format!("{}{text}", if text < "50" { "20" } else { "19" }),
        TIME if text.len() == 14 => text.to_string(),
        _ => return None,
    };
    if !full.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range| full.get(range).unwrap_or_default();
    let written = format!(
        "{}-{}-{}T{}:{}:{}",
        part(0..4),
        part(4..6),
        part(6..8),
        part(8..10),
        part(10..12),
        part(12..14)
    );
    let time = DateTime::from_str(&written).ok()?;
    let since = time.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    Some(since.as_secs())
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd};

    use super::{SERVER_AUTH, parse};

    #[test]
    fn the_fields_of_a_certificate() {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec!["api.corp".to_string()]).expect("parameters");
        params.not_before = date_time_ymd(1999, 12, 31);
        params.not_after = date_time_ymd(2061, 3, 1);
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let made = params.self_signed(&key).expect("a certificate");
        let read = parse(made.der()).expect("it is one");
        assert_eq!((read.not_before, read.not_after), (946_598_400, 2_876_860_800));
        assert_eq!(read.issuer, read.subject);
        assert!(read.is_authority && read.is_for_servers());
        assert_eq!(read.purposes.map(|purposes| purposes[1]), Some(SERVER_AUTH));
        assert_eq!(read.key, key.public_key_raw());

        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.is_ca = IsCa::NoCa;
        let made = params.self_signed(&key).expect("a certificate");
        let read = parse(made.der()).expect("it is one");
        assert!(!read.is_authority && !read.is_for_servers());
    }

    #[test]
    fn what_is_cut_or_garbled_is_none_and_no_panic() {
        let key = KeyPair::generate().expect("a key");
        let made = CertificateParams::new(Vec::new()).expect("parameters").self_signed(&key);
        let der = made.expect("a certificate").der().to_vec();
        for end in 0..der.len() {
            assert_eq!(parse(&der[..end]), None, "cut at {end}");
        }
        for at in 0..der.len() {
            for value in [0, 0x30, 0x7f, 0x80, 0x84, 0xff] {
                let mut other = der.clone();
                other[at] = value;
                let _ = parse(&other);
            }
        }
        assert_eq!(parse(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
