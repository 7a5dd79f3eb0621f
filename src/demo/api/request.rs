//! What a request asks for: the path, the options and the accepted forms, taken apart.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::collections::BTreeMap;

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, header};

use crate::demo::api::refusal;
use crate::demo::api::reply::Reply;
use crate::demo::faults::FaultId;

/// A request without its body.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub path: String,
    pub target: RequestTarget,
    pub query: BTreeMap<String, String>,
    pub credential: RequestCredential,
    /// Whom the caller wants to be: `Impersonate-User`, `Impersonate-Uid` and each `Impersonate-Group`.
    pub guise: Option<Guise>,
    /// The media types of `Accept`, in order, blanks removed; empty if the header is absent.
    pub accept: Vec<String>,
    pub gzip: bool,
    pub content_type: String,
    pub if_none_match: Option<String>,
    /// What is wrong with the cluster for this call; nothing until it is looked at.
    pub fault: Option<FaultId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestCredential {
    None,
    Token(String),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guise {
    /// Empty where only the other headers came, which is an error.
    pub user: String,
    pub uid: Option<String>,
    pub groups: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestTarget {
    /// `/version`, `/healthz` and other paths that are no resources.
    Path,
    /// `/api` or `/apis`.
    Groups {
        core: bool,
    },
    /// `/apis/<group>`.
    Group(String),
    /// `/api/v1`, `/apis/<group>/<version>`.
    Version {
        group: String,
        version: String,
    },
    Resource(ResourcePath),
}

/// A resource path: a collection, an object or a subresource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourcePath {
    pub group: String,
    pub version: String,
    pub plural: String,
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub subresource: Option<String>,
}

pub fn parse(parts: &Parts) -> Call {
    let text = |name: header::HeaderName| {
        parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    let path = decode(parts.uri.path(), false);
    Call {
        method: parts.method.clone(),
        target: target(&path),
        path,
        query: query(parts.uri.query().unwrap_or_default()),
        credential: match text(header::AUTHORIZATION).split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                RequestCredential::Token(token.trim().to_string())
            }
            _ => RequestCredential::None,
        },
        guise: guise(&parts.headers),
        accept: text(header::ACCEPT)
            .split(',')
            .map(|form| form.replace(' ', ""))
            .filter(|form| !form.is_empty())
            .collect(),
        gzip: text(header::ACCEPT_ENCODING).split(',').any(|coding| coding.trim().starts_with("gzip")),
        content_type: text(header::CONTENT_TYPE).to_string(),
        if_none_match: parts
            .headers
            .get(header::IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok())
            .map(str::to_string),
        fault: None,
    }
}

impl Call {
    pub fn meets(&self, fault: FaultId) -> bool {
        self.fault == Some(fault)
    }

    pub fn option(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A whole number; what is none is refused in the server's words.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Reply> {
        let Some(text) = self.option(name) else { return Ok(None) };
        let wrong =
            |_| refusal::bad_request(&format!("strconv.ParseInt: parsing \"{text}\": invalid syntax"));
        text.parse().map(Some).map_err(wrong)
    }

    /// `true` and `1`, as the API server reads booleans.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.option(name), Some("true" | "1"))
    }

    /// The word that authorization knows for what is asked.
    pub fn verb(&self) -> &'static str {
        let named = matches!(&self.target, RequestTarget::Resource(place) if place.name.is_some());
        match self.method {
            Method::GET | Method::HEAD if named => "get",
            Method::GET | Method::HEAD if self.flag("watch") => "watch",
            Method::GET | Method::HEAD => "list",
            Method::POST => "create",
            Method::PUT => "update",
            Method::PATCH => "patch",
            Method::DELETE if named => "delete",
            _ => "deletecollection",
        }
    }

    pub fn plural(&self) -> Option<&str> {
        match &self.target {
            RequestTarget::Resource(place) => Some(&place.plural),
            _ => None,
        }
    }
}

fn guise(headers: &HeaderMap) -> Option<Guise> {
    if !headers.keys().any(|name| name.as_str().starts_with("impersonate-")) {
        return None;
    }
    let text = |value: &HeaderValue| value.to_str().ok().filter(|text| !text.is_empty()).map(str::to_string);
    let one = |name: &str| headers.get(name).and_then(text);
    Some(Guise {
        user: one("impersonate-user").unwrap_or_default(),
        uid: one("impersonate-uid"),
        groups: headers.get_all("impersonate-group").iter().filter_map(text).collect(),
    })
}

fn target(path: &str) -> RequestTarget {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["api"] => RequestTarget::Groups { core: true },
        ["apis"] => RequestTarget::Groups { core: false },
        ["apis", group] => RequestTarget::Group((*group).to_string()),
        ["api", version] => RequestTarget::Version { group: String::new(), version: (*version).to_string() },
        ["apis", group, version] => {
            RequestTarget::Version { group: (*group).to_string(), version: (*version).to_string() }
        }
        ["api", version, rest @ ..] => resource("", version, rest),
        ["apis", group, version, rest @ ..] => resource(group, version, rest),
        _ => RequestTarget::Path,
    }
}

fn resource(group: &str, version: &str, rest: &[&str]) -> RequestTarget {
    let own = |text: &&str| Some((*text).to_string());
    let mut place = ResourcePath { group: group.into(), version: version.into(), ..ResourcePath::default() };
    match rest {
        // A namespace is an object too, and its own namespace to authorization.
        ["namespaces", name] | ["namespaces", name, "status" | "finalize"] => {
            place.plural = "namespaces".into();
            place.namespace = own(name);
            place.name = own(name);
            place.subresource = rest.get(2).and_then(own);
        }
        ["namespaces", namespace, plural, names @ ..] if names.len() <= 2 => {
            place.plural = (*plural).into();
            place.namespace = own(namespace);
            place.name = names.first().and_then(own);
            place.subresource = names.get(1).and_then(own);
        }
        [plural, names @ ..] if names.len() <= 2 => {
            place.plural = (*plural).into();
            place.name = names.first().and_then(own);
            place.subresource = names.get(1).and_then(own);
        }
        // Deeper than any resource: nothing is served under such a name.
        _ => place.plural = rest.join("/"),
    }
    RequestTarget::Resource(place)
}

fn query(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key, true), decode(value, true))
        })
        .collect()
}

/// Percent-decoding; what is no valid escape stays as it is.
fn decode(text: &str, plus_is_blank: bool) -> String {
    let text = if plus_is_blank { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::{RequestTarget, ResourcePath, decode, query, target};

    #[track_caller]
    fn place(path: &str) -> ResourcePath {
        match target(path) {
            RequestTarget::Resource(place) => place,
            other => panic!("{path} is {other:?}"),
        }
    }

    #[test]
    fn paths_are_taken_apart() {
        let log = place("/api/v1/namespaces/shop/pods/web-1/log");
        assert_eq!(
            (log.plural.as_str(), log.namespace.as_deref(), log.subresource.as_deref()),
            ("pods", Some("shop"), Some("log"))
        );
        assert_eq!(place("/api/v1/nodes/n-1").name.as_deref(), Some("n-1"));
        assert_eq!(place("/apis/apps/v1/deployments").group, "apps");
        let namespace = place("/api/v1/namespaces/shop");
        assert_eq!((namespace.plural.as_str(), namespace.name.as_deref()), ("namespaces", Some("shop")));
        assert_eq!(place("/api/v1/namespaces").name, None);
        assert_eq!(
            target("/apis/apps/v1"),
            RequestTarget::Version { group: "apps".into(), version: "v1".into() }
        );
        assert_eq!(target("/api"), RequestTarget::Groups { core: true });
        assert_eq!(target("/version"), RequestTarget::Path);
        assert_eq!(place("/api/v1/a/b/c/d").plural, "a/b/c/d");
    }

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(decode("a%3D%e2%9c%93+b", true), "a=✓ b");
        assert_eq!(decode("100%+%zz", false), "100%+%zz");
        assert_eq!(query("labelSelector=a%20in%20(b,c)&watch=1&x")["labelSelector"], "a in (b,c)");
    }
}
