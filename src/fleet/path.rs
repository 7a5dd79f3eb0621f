//! The one place that builds paths of the Kubernetes API. A name from a cluster or a file is checked as client-go checks it, and encoded.

use crate::fleet::silence::{Silence, brief};
use crate::workload::Kind;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What to list: a kind in one version of its group, by its plural.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    /// `Pod`; the list must call itself `PodList`.
    pub kind: &'a str,
    /// Empty for the core group.
    pub group: &'a str,
    pub version: &'a str,
    pub plural: &'a str,
}

impl<T> Kind<T> {
    /// What to ask a server for, to be told of objects of this kind.
    pub fn resource(&self) -> Resource<'static> {
        let Kind { name: kind, group, version, plural, .. } = *self;
        Resource { kind, group, version, plural }
    }
}

/// Where the server tells its version.
pub const VERSION: &str = "/version";

impl Resource<'_> {
    /// `/api/v1`, `/apis/apps/v1`: what discovery tells of the group in this version.
    pub fn root(&self) -> Result<String, Silence> {
        let version = segment(self.version)?;
        Ok(match self.group {
            "" => format!("/api/{version}"),
            group => format!("/apis/{}/{version}", segment(group)?),
        })
    }

    /// `/api/v1/pods`, `/apis/apps/v1/namespaces/shop/deployments`.
    pub fn path(&self, namespace: Option<&str>) -> Result<String, Silence> {
        let (root, plural) = (self.root()?, segment(self.plural)?);
        Ok(match namespace {
            Some(namespace) => format!("{root}/namespaces/{}/{plural}", segment(namespace)?),
            None => format!("{root}/{plural}"),
        })
    }

    /// `/api/v1/namespaces/shop/pods/web-1`, `/api/v1/nodes/n1`.
    pub fn named(&self, namespace: Option<&str>, name: &str) -> Result<String, Silence> {
        Ok(format!("{}/{}", self.path(namespace)?, segment(name)?))
    }

    /// `/api/v1/namespaces/shop/pods/web-1/log`.
    pub fn part(&self, namespace: Option<&str>, name: &str, part: &str) -> Result<String, Silence> {
        Ok(format!("{}/{}", self.named(namespace, name)?, segment(part)?))
    }

    /// `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        match self.group {
            "" => self.version.to_string(),
            group => format!("{group}/{}", self.version),
        }
    }
}

/// Whether an object may be called so: client-go's `IsValidPathSegmentName`, and never empty. Behind a gateway that resolves dots
/// another name would mean another object, such as a Secret.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '%'])
}

fn segment(name: &str) -> Result<String, Silence> {
    match is_name(name) {
        true => Ok(encoded(name)),
        false => Err(Silence::Protocol(brief(&format!("\"{name}\" is no name that Kubernetes knows")))),
    }
}

/// A term of a field selector, in which a value cannot add terms of its own (Kubernetes' `fields.EscapeValue`).
pub fn field(key: &str, value: &str) -> String {
    let mut term = format!("{key}=");
    for c in value.chars() {
        if matches!(c, '\\' | ',' | '=') {
            term.push('\\');
        }
        term.push(c);
    }
    term
}

/// All but what RFC 3986 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes a query value or path segment.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Resource, field, is_name};

    const MAPS: Resource<'_> = Resource { kind: "ConfigMap", group: "", version: "v1", plural: "configmaps" };
    const ROLLOUTS: Resource<'_> =
        Resource { kind: "Rollout", group: "argoproj.io", version: "v1alpha1", plural: "rollouts" };

    #[test]
    fn paths_are_the_apis() {
        let good = |path: Result<String, _>| path.expect("a path");
        assert_eq!(good(MAPS.path(None)), "/api/v1/configmaps");
        assert_eq!(good(ROLLOUTS.root()), "/apis/argoproj.io/v1alpha1");
        assert_eq!(good(ROLLOUTS.path(Some("shop"))), "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts");
        assert_eq!(
            good(MAPS.named(Some("shop"), "kube-root-ca.crt")),
            "/api/v1/namespaces/shop/configmaps/kube-root-ca.crt"
        );
        assert_eq!(good(MAPS.part(Some("a"), "b", "log")), "/api/v1/namespaces/a/configmaps/b/log");
        // RBAC's names hold colons; a name that no object can have still stays one segment.
        assert_eq!(good(MAPS.named(Some("a"), "system:x")), "/api/v1/namespaces/a/configmaps/system%3Ax");
        assert_eq!(
            good(MAPS.named(Some("a"), "x?watch=1#y")),
            "/api/v1/namespaces/a/configmaps/x%3Fwatch%3D1%23y"
        );
        assert_eq!(
            good(MAPS.named(Some("a"), "b\\..\\c é")),
            "/api/v1/namespaces/a/configmaps/b%5C..%5Cc%20%C3%A9"
        );
    }

    #[test]
    fn no_name_leads_elsewhere() {
        for name in ["../secrets/x", "..", ".", "", "a/b", "%2e%2e", "..%2fsecrets%2fx", "/", "a/../b"] {
            assert!(!is_name(name), "{name}");
            for path in [
                MAPS.named(Some("shop"), name),
                MAPS.named(Some(name), "x"),
                MAPS.path(Some(name)),
                MAPS.part(Some("shop"), "x", name),
                Resource { plural: name, ..MAPS }.path(None),
                Resource { version: name, ..MAPS }.root(),
            ] {
                assert!(path.is_err(), "{name}: {path:?}");
            }
        }
        assert!(Resource { group: "../api", ..ROLLOUTS }.root().is_err());
    }

    #[test]
    fn a_value_adds_no_term_to_a_field_selector() {
        assert_eq!(field("involvedObject.name", "web-1"), "involvedObject.name=web-1");
        assert_eq!(field("a", "x,metadata.namespace!=y\\"), "a=x\\,metadata.namespace!\\=y\\\\");
    }
}
