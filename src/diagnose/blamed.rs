//! What a finding blames outside of its own pod: the thing that several services may have in common.

use crate::diagnose::fill::Placeholders;

/// A kind of thing that pods of several services depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlamedKind {
    Node,
    Registry,
    /// A host that a program connects to, as its log names it, with the port where one is named.
    Dependency,
    Secret,
    ConfigMap,
    ServiceAccount,
    PriorityClass,
    Quota,
    AdmissionWebhook,
    AdmissionPolicy,
    StorageClass,
    /// An API that autoscalers read metrics from.
    MetricsApi,
}

/// One such thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Blamed {
    pub kind: BlamedKind,
    pub name: String,
}

/// Where the same name means the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlamedScope {
    Fleet,
    Cluster,
    Namespace,
}

/// The causes that blame something outside of the pod, what that is, and the fact of the finding that names it.
pub const BLAMES: &[(&str, BlamedKind, &str)] = &[
    ("evicted-memory", BlamedKind::Node, "node"),
    ("evicted-node-condition", BlamedKind::Node, "node"),
    ("node-not-ready", BlamedKind::Node, "node"),
    ("node-shutdown", BlamedKind::Node, "node"),
    ("node-taint-evicted", BlamedKind::Node, "node"),
    ("node-drained", BlamedKind::Node, "node"),
    ("kubelet-rejected", BlamedKind::Node, "node"),
    ("image-disk-full", BlamedKind::Node, "node"),
    ("sandbox-network", BlamedKind::Node, "node"),
    ("sandbox-error", BlamedKind::Node, "node"),
    ("container-status-unknown", BlamedKind::Node, "node"),
    ("oom-killed-by-node", BlamedKind::Node, "node"),
    ("image-pull-unauthorized", BlamedKind::Registry, "registry"),
    ("image-pull-rate-limited", BlamedKind::Registry, "registry"),
    ("image-registry-tls", BlamedKind::Registry, "registry"),
    ("image-registry-unreachable", BlamedKind::Registry, "registry"),
    ("image-registry-error", BlamedKind::Registry, "registry"),
    ("dependency-dns", BlamedKind::Dependency, "peer"),
    ("dependency-tls", BlamedKind::Dependency, "peer"),
    ("dependency-auth", BlamedKind::Dependency, "peer"),
    ("dependency-refused", BlamedKind::Dependency, "peer"),
    ("dependency-timeout", BlamedKind::Dependency, "peer"),
    ("volume-missing-secret", BlamedKind::Secret, "what"),
    ("missing-secret", BlamedKind::Secret, "what"),
    ("missing-secret-key", BlamedKind::Secret, "what"),
    ("volume-missing-configmap", BlamedKind::ConfigMap, "what"),
    ("missing-configmap", BlamedKind::ConfigMap, "what"),
    ("missing-configmap-key", BlamedKind::ConfigMap, "what"),
    ("serviceaccount-missing", BlamedKind::ServiceAccount, "what"),
    ("priorityclass-missing", BlamedKind::PriorityClass, "what"),
    ("quota-exceeded", BlamedKind::Quota, "what"),
    ("quota-requires-resources", BlamedKind::Quota, "what"),
    ("admission-webhook-unavailable", BlamedKind::AdmissionWebhook, "what"),
    ("admission-denied", BlamedKind::AdmissionPolicy, "what"),
    ("unschedulable-pvc-unbound", BlamedKind::StorageClass, "class"),
    ("hpa-metrics-missing", BlamedKind::MetricsApi, "metrics"),
];

impl Blamed {
    /// What a finding of that cause blames, where its facts name it.
    pub fn by(cause: &str, facts: &Placeholders) -> Option<Blamed> {
        let (_, kind, fact) = BLAMES.iter().find(|(known, ..)| *known == cause)?;
        let name = facts.get(fact)?.to_string();
        Some(Blamed { kind: *kind, name })
    }

    /// Where another finding that blames this name blames the same thing. A host that is named in full is the same from everywhere; a
    /// short one, and one of a cluster's own domain, is a core Service of the namespace or the cluster.
    pub fn scope(&self) -> BlamedScope {
        match self.kind {
            BlamedKind::Registry => BlamedScope::Fleet,
            BlamedKind::Secret | BlamedKind::ConfigMap | BlamedKind::ServiceAccount | BlamedKind::Quota => {
                BlamedScope::Namespace
            }
            BlamedKind::Dependency => {
                let host = self.name.rsplit_once(':').map_or(self.name.as_str(), |(host, _)| host);
                let is_own =
                    [".svc", ".cluster.local", ".internal", ".local"].iter().any(|end| host.ends_with(end));
                let is_address = host.parse::<std::net::IpAddr>().is_ok();
                match host.matches('.').count() {
                    0 if !host.contains(':') => BlamedScope::Namespace,
                    2.. if !is_own && !is_address => BlamedScope::Fleet,
                    _ => BlamedScope::Cluster,
                }
            }
            _ => BlamedScope::Cluster,
        }
    }
}

impl BlamedKind {
    /// As people call it, before its name.
    pub fn noun(self) -> &'static str {
        match self {
            BlamedKind::Node => "node",
            BlamedKind::Registry => "registry",
            BlamedKind::Dependency => "dependency",
            BlamedKind::Secret => "Secret",
            BlamedKind::ConfigMap => "ConfigMap",
            BlamedKind::ServiceAccount => "service account",
            BlamedKind::PriorityClass => "priority class",
            BlamedKind::Quota => "quota",
            BlamedKind::AdmissionWebhook => "admission webhook",
            BlamedKind::AdmissionPolicy => "admission policy",
            BlamedKind::StorageClass => "storage class",
            BlamedKind::MetricsApi => "metrics API",
        }
    }

    /// The id in JSON and in docs/diagnoses.md; never renamed.
    pub fn id(self) -> &'static str {
        match self {
            BlamedKind::Node => "node",
            BlamedKind::Registry => "registry",
            BlamedKind::Dependency => "dependency",
            BlamedKind::Secret => "secret",
            BlamedKind::ConfigMap => "config-map",
            BlamedKind::ServiceAccount => "service-account",
            BlamedKind::PriorityClass => "priority-class",
            BlamedKind::Quota => "quota",
            BlamedKind::AdmissionWebhook => "admission-webhook",
            BlamedKind::AdmissionPolicy => "admission-policy",
            BlamedKind::StorageClass => "storage-class",
            BlamedKind::MetricsApi => "metrics-api",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BLAMES, Blamed, BlamedKind, BlamedScope};
    use crate::diagnose::fill::Placeholders;
    use crate::diagnose::rules::rule;

    #[test]
    fn every_cause_that_blames_is_a_rule() {
        for (cause, ..) in BLAMES {
            assert!(rule(cause).is_some(), "{cause}");
        }
    }

    #[test]
    fn what_is_not_named_is_not_blamed() {
        let facts = Placeholders::default().with("node", "n-1");
        let node = Blamed { kind: BlamedKind::Node, name: "n-1".into() };
        assert_eq!(Blamed::by("node-not-ready", &facts), Some(node));
        assert_eq!(Blamed::by("dependency-refused", &facts), None);
        assert_eq!(Blamed::by("oom-killed", &facts), None);
    }

    #[track_caller]
    fn check_scope(host: &str, scope: BlamedScope) {
        assert_eq!(Blamed { kind: BlamedKind::Dependency, name: host.into() }.scope(), scope, "{host}");
    }

    #[test]
    fn a_short_host_is_another_one_elsewhere() {
        check_scope("db:5432", BlamedScope::Namespace);
        check_scope("db", BlamedScope::Namespace);
        check_scope("db.shop:5432", BlamedScope::Cluster);
        check_scope("db.shop.svc:5432", BlamedScope::Cluster);
        check_scope("db.shop.svc.cluster.local:5432", BlamedScope::Cluster);
        check_scope("10.1.2.3:5432", BlamedScope::Cluster);
        check_scope("[fd00::1]:5432", BlamedScope::Cluster);
        check_scope("api.payments.example.com:443", BlamedScope::Fleet);
    }
}
