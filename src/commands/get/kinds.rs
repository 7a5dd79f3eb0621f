//! Which kinds a word means: `po`, `deployments.apps`, `Rollout`, `kind.version.group`, or a category such as `all`.

use crate::fleet::discovery::ServedKind;

/// Kinds that every server has served for years, so that none is asked whether it does: plural, singular, kind, group, version, short
/// names, and whether they stand in namespaces.
type KindRow =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static [&'static str], bool);

const BUILT_IN: &[KindRow] = &[
    ("pods", "pod", "Pod", "", "v1", &["po"], true),
    ("services", "service", "Service", "", "v1", &["svc"], true),
    ("deployments", "deployment", "Deployment", "apps", "v1", &["deploy"], true),
    ("replicasets", "replicaset", "ReplicaSet", "apps", "v1", &["rs"], true),
    ("statefulsets", "statefulset", "StatefulSet", "apps", "v1", &["sts"], true),
    ("daemonsets", "daemonset", "DaemonSet", "apps", "v1", &["ds"], true),
    ("jobs", "job", "Job", "batch", "v1", &[], true),
    ("cronjobs", "cronjob", "CronJob", "batch", "v1", &["cj"], true),
    ("configmaps", "configmap", "ConfigMap", "", "v1", &["cm"], true),
    ("secrets", "secret", "Secret", "", "v1", &[], true),
    ("endpoints", "endpoints", "Endpoints", "", "v1", &["ep"], true),
    ("events", "event", "Event", "", "v1", &["ev"], true),
    ("limitranges", "limitrange", "LimitRange", "", "v1", &["limits"], true),
    ("namespaces", "namespace", "Namespace", "", "v1", &["ns"], false),
    ("nodes", "node", "Node", "", "v1", &["no"], false),
    ("persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", "", "v1", &["pvc"], true),
    ("persistentvolumes", "persistentvolume", "PersistentVolume", "", "v1", &["pv"], false),
    ("podtemplates", "podtemplate", "PodTemplate", "", "v1", &[], true),
    ("replicationcontrollers", "replicationcontroller", "ReplicationController", "", "v1", &["rc"], true),
    ("resourcequotas", "resourcequota", "ResourceQuota", "", "v1", &["quota"], true),
    ("serviceaccounts", "serviceaccount", "ServiceAccount", "", "v1", &["sa"], true),
    ("controllerrevisions", "controllerrevision", "ControllerRevision", "apps", "v1", &[], true),
    (
        "horizontalpodautoscalers",
        "horizontalpodautoscaler",
        "HorizontalPodAutoscaler",
        "autoscaling",
        "v2",
        &["hpa"],
        true,
    ),
    ("leases", "lease", "Lease", "coordination.k8s.io", "v1", &[], true),
    ("endpointslices", "endpointslice", "EndpointSlice", "discovery.k8s.io", "v1", &[], true),
    ("ingresses", "ingress", "Ingress", "networking.k8s.io", "v1", &["ing"], true),
    ("ingressclasses", "ingressclass", "IngressClass", "networking.k8s.io", "v1", &[], false),
    ("networkpolicies", "networkpolicy", "NetworkPolicy", "networking.k8s.io", "v1", &["netpol"], true),
    ("poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget", "policy", "v1", &["pdb"], true),
    ("roles", "role", "Role", "rbac.authorization.k8s.io", "v1", &[], true),
    ("rolebindings", "rolebinding", "RoleBinding", "rbac.authorization.k8s.io", "v1", &[], true),
    ("clusterroles", "clusterrole", "ClusterRole", "rbac.authorization.k8s.io", "v1", &[], false),
    (
        "clusterrolebindings",
        "clusterrolebinding",
        "ClusterRoleBinding",
        "rbac.authorization.k8s.io",
        "v1",
        &[],
        false,
    ),
    ("priorityclasses", "priorityclass", "PriorityClass", "scheduling.k8s.io", "v1", &["pc"], false),
    ("storageclasses", "storageclass", "StorageClass", "storage.k8s.io", "v1", &["sc"], false),
    ("volumeattachments", "volumeattachment", "VolumeAttachment", "storage.k8s.io", "v1", &[], false),
    ("csidrivers", "csidriver", "CSIDriver", "storage.k8s.io", "v1", &[], false),
    ("csinodes", "csinode", "CSINode", "storage.k8s.io", "v1", &[], false),
    (
        "customresourcedefinitions",
        "customresourcedefinition",
        "CustomResourceDefinition",
        "apiextensions.k8s.io",
        "v1",
        &["crd", "crds"],
        false,
    ),
    ("apiservices", "apiservice", "APIService", "apiregistration.k8s.io", "v1", &[], false),
    (
        "mutatingwebhookconfigurations",
        "mutatingwebhookconfiguration",
        "MutatingWebhookConfiguration",
        "admissionregistration.k8s.io",
        "v1",
        &[],
        false,
    ),
    (
        "validatingwebhookconfigurations",
        "validatingwebhookconfiguration",
        "ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io",
        "v1",
        &[],
        false,
    ),
    (
        "certificatesigningrequests",
        "certificatesigningrequest",
        "CertificateSigningRequest",
        "certificates.k8s.io",
        "v1",
        &["csr"],
        false,
    ),
    ("runtimeclasses", "runtimeclass", "RuntimeClass", "node.k8s.io", "v1", &[], false),
];

fn served(row: &KindRow) -> ServedKind {
    let (plural, singular, kind, group, version, short_names, is_namespaced) = *row;
    ServedKind {
        group: group.to_string(),
        version: version.to_string(),
        kind: kind.to_string(),
        plural: plural.to_string(),
        singular: singular.to_string(),
        short_names: short_names.iter().map(|name| name.to_string()).collect(),
        categories: Vec::new(),
        is_namespaced,
    }
}

/// The kind that a word means without asking anybody.
pub fn built_in(word: &str) -> Option<ServedKind> {
    BUILT_IN.iter().map(served).find(|kind| is_called(kind, word))
}

/// The words for the kinds that are built in: for completion.
pub fn built_in_words() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|row| row.0)
}

/// The kinds that a word means among those that a server serves: all of a category, else the first, which the server prefers. No
/// category brings Secrets along.
pub fn found(word: &str, served: &[ServedKind]) -> Vec<ServedKind> {
    let mut of_category: Vec<ServedKind> = Vec::new();
    let has_category =
        |kind: &&ServedKind| kind.categories.iter().any(|category| category == word) && !is_secret(kind);
    for kind in served.iter().filter(has_category) {
        if !of_category.iter().any(|known| known.group == kind.group && known.plural == kind.plural) {
            of_category.push(kind.clone());
        }
    }
    match of_category.is_empty() {
        false => of_category,
        true => served.iter().find(|kind| is_called(kind, word)).cloned().into_iter().collect(),
    }
}

/// Whether objects of the kind hold what nobody may see by accident.
pub fn is_secret(kind: &ServedKind) -> bool {
    kind.group.is_empty() && kind.plural == "secrets"
}

fn is_called(kind: &ServedKind, word: &str) -> bool {
    let word = word.to_lowercase();
    let (name, rest) = word.split_once('.').map_or((word.as_str(), None), |(name, rest)| (name, Some(rest)));
    let is_named = name == kind.plural
        || name == kind.singular
        || name == kind.kind.to_lowercase()
        || (rest.is_none() && kind.short_names.iter().any(|short| short == name));
    let is_short = kind.short_names.iter().any(|short| short == name);
    match rest {
        None => is_named,
        Some(rest) => {
            let group = &kind.group;
            let full = if group.is_empty() {
                format!("{}.", kind.version)
            } else {
                format!("{}.{group}", kind.version)
            };
            (is_named || is_short)
                && (rest == group
                    || rest == full
                    || (group.is_empty() && rest == kind.version)
                    || (!rest.is_empty() && is_prefix(group, rest)))
        }
    }
}

/// A group is meant by its first parts, too, as kubectl has it: `widgets.example` for `example.com`.
fn is_prefix(group: &str, rest: &str) -> bool {
    group.strip_prefix(rest).is_some_and(|behind| behind.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::{BUILT_IN, built_in, found};
    use crate::fleet::discovery::ServedKind;

    #[test]
    fn words_of_built_in_kinds() {
        let plural = |word: &str| built_in(word).map(|kind| format!("{}.{}", kind.plural, kind.group));
        for word in ["po", "pod", "pods", "Pod", "PODS"] {
            assert_eq!(plural(word).as_deref(), Some("pods."), "{word}");
        }
        for word in ["deploy", "deployments.apps", "deployment.v1.apps", "Deployment", "deploy.apps"] {
            assert_eq!(plural(word).as_deref(), Some("deployments.apps"), "{word}");
        }
        for word in ["all", "deployments.extensions", "widgets", "", "pods.apps", "deployment.v2.apps"] {
            assert_eq!(plural(word), None, "{word}");
        }
    }

    #[test]
    fn no_word_means_two_built_in_kinds() {
        let mut words: Vec<&str> =
            BUILT_IN.iter().flat_map(|row| [&[row.0, row.1], row.5].concat()).collect();
        words.sort_unstable();
        let count = words.len();
        words.dedup();
        // The plural of endpoints is its singular.
        assert_eq!(words.len(), count - 1);
    }

    #[test]
    fn categories_and_custom_kinds_are_found_among_what_is_served() {
        let kind = |plural: &str, group: &str, category: &str| ServedKind {
            plural: plural.to_string(),
            singular: plural.trim_end_matches('s').to_string(),
            group: group.to_string(),
            version: "v1".to_string(),
            categories: vec![category.to_string()],
            ..ServedKind::default()
        };
        let served = [
            kind("pods", "", "all"),
            kind("secrets", "", "all"),
            kind("widgets", "a.example", ""),
            kind("widgets", "b.example", ""),
        ];
        let plurals = |word: &str| found(word, &served).iter().map(ServedKind::full_name).collect::<Vec<_>>();
        assert_eq!(plurals("all"), ["pods"]);
        assert_eq!(plurals("widget"), ["widgets.a.example"]);
        assert_eq!(plurals("widgets.b.example"), ["widgets.b.example"]);
        assert_eq!(plurals("widgets.b"), ["widgets.b.example"]);
        assert_eq!(plurals("widgets.v1.b.example"), ["widgets.b.example"]);
        assert!(plurals("gadgets").is_empty());
    }
}
