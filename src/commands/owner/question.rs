//! What is asked about: an object, an image, a namespace, a node, a host or an address, as it is typed or as an alert names it.

use std::net::IpAddr;

use crate::fleet::Resource;
use crate::text::{closest, listed};

/// One thing whose owner is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerQuestion {
    /// As it is told again.
    pub text: String,
    pub subject: OwnedSubject,
    /// Only in this namespace.
    pub namespace: Option<String>,
    /// Only in the cluster of this name, as an alert says it.
    pub cluster: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum OwnedSubject {
    Object(&'static ObjectKind, String),
    Image(String),
    Namespace(String),
    Node(String),
    Host(String),
    Address(IpAddr),
}

/// A kind of object that may be asked about.
#[derive(Debug, PartialEq)]
pub struct ObjectKind {
    /// What people type, the full word first.
    pub words: &'static [&'static str],
    kind: &'static str,
    group: &'static str,
    version: &'static str,
    plural: &'static str,
}

impl ObjectKind {
    pub fn resource(&self) -> Resource<'static> {
        let ObjectKind { kind, group, version, plural, .. } = *self;
        Resource { kind, group, version, plural }
    }

    const fn of(
        kind: &'static str,
        group: &'static str,
        version: &'static str,
        plural: &'static str,
        words: &'static [&'static str],
    ) -> ObjectKind {
        ObjectKind { words, kind, group, version, plural }
    }
}

/// Objects that stand in a namespace. A Secret is none of them: none is read.
pub static OBJECTS: &[ObjectKind] = &[
    ObjectKind::of("Pod", "", "v1", "pods", &["pod", "po"]),
    ObjectKind::of("Deployment", "apps", "v1", "deployments", &["deployment", "deploy"]),
    ObjectKind::of("ReplicaSet", "apps", "v1", "replicasets", &["replicaset", "rs"]),
    ObjectKind::of("StatefulSet", "apps", "v1", "statefulsets", &["statefulset", "sts"]),
    ObjectKind::of("DaemonSet", "apps", "v1", "daemonsets", &["daemonset", "ds"]),
    ObjectKind::of("Job", "batch", "v1", "jobs", &["job"]),
    ObjectKind::of("CronJob", "batch", "v1", "cronjobs", &["cronjob", "cj"]),
    ObjectKind::of("Rollout", "argoproj.io", "v1alpha1", "rollouts", &["rollout", "ro"]),
    ObjectKind::of("Service", "", "v1", "services", &["service", "svc"]),
    ObjectKind::of("Ingress", "networking.k8s.io", "v1", "ingresses", &["ingress", "ing"]),
    ObjectKind::of("HTTPRoute", "gateway.networking.k8s.io", "v1", "httproutes", &["httproute"]),
    ObjectKind::of("ConfigMap", "", "v1", "configmaps", &["configmap", "cm"]),
    ObjectKind::of(
        "PersistentVolumeClaim",
        "",
        "v1",
        "persistentvolumeclaims",
        &["persistentvolumeclaim", "pvc"],
    ),
    ObjectKind::of(
        "HorizontalPodAutoscaler",
        "autoscaling",
        "v2",
        "horizontalpodautoscalers",
        &["horizontalpodautoscaler", "hpa"],
    ),
    ObjectKind::of(
        "PodDisruptionBudget",
        "policy",
        "v1",
        "poddisruptionbudgets",
        &["poddisruptionbudget", "pdb"],
    ),
    ObjectKind::of("ServiceAccount", "", "v1", "serviceaccounts", &["serviceaccount", "sa"]),
];

/// The kind of an object by its name in Kubernetes and its group.
pub fn object_kind(kind: &str, group: &str) -> Option<&'static ObjectKind> {
    OBJECTS.iter().find(|one| one.kind == kind && one.group == group)
}

fn object_kind_of_word(word: &str) -> Option<&'static ObjectKind> {
    let word = word.to_lowercase();
    OBJECTS.iter().find(|one| one.plural == word || one.words.contains(&word.as_str()))
}

/// The words that ask about no object in a namespace.
const OTHERS: [&str; 5] = ["image", "namespace", "node", "host", "ip"];

impl OwnerQuestion {
    /// `pod/x`, `pod x`, `image REF`, `namespace/x`, `node/x`, `host NAME`, `ip ADDR`; the error is what to say and a hint.
    pub fn of_words(words: &[String], namespace: Option<&str>) -> Result<OwnerQuestion, (String, String)> {
        let (kind, name) = match words {
            [one] => one.split_once('/').ok_or_else(|| {
                let (said, hint) = unnamed(one);
                (said, hint)
            })?,
            [kind, name] => (kind.as_str(), name.as_str()),
            _ => return Err(("ask about one thing at a time".to_string(), FORMS.to_string())),
        };
        if name.is_empty() || kind.is_empty() {
            return Err((format!("{:?} names nothing", words.join(" ")), FORMS.to_string()));
        }
        let subject = match kind.to_lowercase().as_str() {
            "image" => OwnedSubject::Image(name.to_string()),
            "namespace" | "namespaces" | "ns" => OwnedSubject::Namespace(name.to_string()),
            "node" | "nodes" | "no" => OwnedSubject::Node(name.to_string()),
            "host" => OwnedSubject::Host(host_of(name)),
            "ip" => OwnedSubject::Address(name.parse().map_err(|_| {
                (
                    format!("{name:?} is no IP address"),
                    "as in ip 10.1.2.3; `host NAME` for a name".to_string(),
                )
            })?),
            "secret" | "secrets" => {
                let hint = "ask about the pod or workload that uses it".to_string();
                return Err(("Secrets are not read, not even for their labels".to_string(), hint));
            }
            word => {
                let kind = object_kind_of_word(word).ok_or_else(|| unknown(word))?;
                OwnedSubject::Object(kind, name.to_string())
            }
        };
        let namespace = namespace.map(str::to_string);
        Ok(OwnerQuestion { text: words.join(" "), subject, namespace, cluster: None })
    }
}

const FORMS: &str = "as in pod/NAME -n NS, deploy/NAME, image REF, namespace/NAME, node/NAME, host NAME, ip ADDRESS, or - for an alert on stdin";

fn unnamed(word: &str) -> (String, String) {
    if OTHERS.contains(&word) || object_kind_of_word(word).is_some() {
        return (format!("which {word}?"), FORMS.to_string());
    }
    if word.parse::<IpAddr>().is_ok() {
        return (format!("{word} is an address"), format!("type `ip {word}`"));
    }
    (format!("what is {word:?}?"), FORMS.to_string())
}

fn unknown(word: &str) -> (String, String) {
    let words = OBJECTS.iter().flat_map(|kind| kind.words.iter().copied()).chain(OTHERS);
    let near = closest(word, words);
    let hint =
        if near.is_empty() { FORMS.to_string() } else { format!("did you mean {}?", listed(&near, 3)) };
    (format!("{word:?} is no kind that can be asked about"), hint)
}

/// The host of a URL, without port and path, in lower case.
fn host_of(text: &str) -> String {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(host, _)| host);
    host.trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{OwnedSubject, OwnerQuestion};

    fn subject(words: &[&str]) -> Result<OwnedSubject, String> {
        let words: Vec<String> = words.iter().map(|word| word.to_string()).collect();
        OwnerQuestion::of_words(&words, None).map(|question| question.subject).map_err(|(said, _)| said)
    }

    #[test]
    fn every_form_is_understood() {
        for words in [&["pod/a"][..], &["po/a"], &["pods", "a"], &["Pod/a"]] {
            let Ok(OwnedSubject::Object(kind, name)) = subject(words) else { panic!("{words:?}") };
            assert_eq!((kind.kind, name.as_str()), ("Pod", "a"));
        }
        assert_eq!(subject(&["image", "r/a:1"]), Ok(OwnedSubject::Image("r/a:1".to_string())));
        assert_eq!(subject(&["ns/a"]), Ok(OwnedSubject::Namespace("a".to_string())));
        assert_eq!(subject(&["node", "a"]), Ok(OwnedSubject::Node("a".to_string())));
        assert_eq!(
            subject(&["host", "https://Shop.example:443/x"]),
            Ok(OwnedSubject::Host("shop.example".to_string()))
        );
        assert!(matches!(subject(&["ip", "fd00::1"]), Ok(OwnedSubject::Address(_))));
    }

    #[test]
    fn what_is_not_understood_is_told() {
        assert_eq!(subject(&["pod"]), Err("which pod?".to_string()));
        assert_eq!(subject(&["10.0.0.1"]), Err("10.0.0.1 is an address".to_string()));
        assert_eq!(subject(&["ip", "x"]), Err("\"x\" is no IP address".to_string()));
        assert_eq!(subject(&["pood/x"]), Err("\"pood\" is no kind that can be asked about".to_string()));
        assert!(subject(&["secret/x"]).is_err_and(|said| said.contains("not read")));
        assert!(subject(&["pod/"]).is_err() && subject(&["a", "b", "c"]).is_err());
    }
}
