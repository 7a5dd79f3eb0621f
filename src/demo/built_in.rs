//! The kinds that every API server of 1.36 serves, as its own discovery lists them.

/// One row of discovery: a kind built into the API server. Lists are separated by blanks.
pub struct BuiltIn {
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub scope: Scope,
    pub short_names: &'static str,
    pub categories: &'static str,
    pub subresources: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Namespaced,
    Cluster,
}

/// In the order of the server's discovery: groups by priority, kinds by name, the preferred version first.
#[rustfmt::skip]
pub const BUILT_IN: &[BuiltIn] = &[
    row("", "v1", "Binding", "bindings", Scope::Namespaced, "", "", ""),
    row("", "v1", "ComponentStatus", "componentstatuses", Scope::Cluster, "cs", "", ""),
    row("", "v1", "ConfigMap", "configmaps", Scope::Namespaced, "cm", "", ""),
    row("", "v1", "Endpoints", "endpoints", Scope::Namespaced, "ep", "", ""),
    row("", "v1", "Event", "events", Scope::Namespaced, "ev", "", ""),
    row("", "v1", "LimitRange", "limitranges", Scope::Namespaced, "limits", "", ""),
    row("", "v1", "Namespace", "namespaces", Scope::Cluster, "ns", "", "finalize status"),
    row("", "v1", "Node", "nodes", Scope::Cluster, "no", "", "proxy status"),
    row("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Scope::Namespaced, "pvc", "", "status"),
    row("", "v1", "PersistentVolume", "persistentvolumes", Scope::Cluster, "pv", "", "status"),
    row("", "v1", "Pod", "pods", Scope::Namespaced, "po", "all", "attach binding ephemeralcontainers eviction exec log portforward proxy resize status"),
    row("", "v1", "PodTemplate", "podtemplates", Scope::Namespaced, "", "", ""),
    row("", "v1", "ReplicationController", "replicationcontrollers", Scope::Namespaced, "rc", "all", "scale status"),
    row("", "v1", "ResourceQuota", "resourcequotas", Scope::Namespaced, "quota", "", "status"),
    row("", "v1", "Secret", "secrets", Scope::Namespaced, "", "", ""),
    row("", "v1", "ServiceAccount", "serviceaccounts", Scope::Namespaced, "sa", "", "token"),
    row("", "v1", "Service", "services", Scope::Namespaced, "svc", "all", "proxy status"),
    row("apiregistration.k8s.io", "v1", "APIService", "apiservices", Scope::Cluster, "", "api-extensions", "status"),
    row("apps", "v1", "ControllerRevision", "controllerrevisions", Scope::Namespaced, "", "", ""),
    row("apps", "v1", "DaemonSet", "daemonsets", Scope::Namespaced, "ds", "all", "status"),
    row("apps", "v1", "Deployment", "deployments", Scope::Namespaced, "deploy", "all", "scale status"),
    row("apps", "v1", "ReplicaSet", "replicasets", Scope::Namespaced, "rs", "all", "scale status"),
    row("apps", "v1", "StatefulSet", "statefulsets", Scope::Namespaced, "sts", "all", "scale status"),
    row("events.k8s.io", "v1", "Event", "events", Scope::Namespaced, "ev", "", ""),
    row("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", Scope::Cluster, "", "", ""),
    row("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", Scope::Cluster, "", "", ""),
    row("authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", Scope::Namespaced, "", "", ""),
    row("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", Scope::Cluster, "", "", ""),
    row("authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", Scope::Cluster, "", "", ""),
    row("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", Scope::Cluster, "", "", ""),
    row("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", Scope::Namespaced, "hpa", "all", "status"),
    row("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", Scope::Namespaced, "hpa", "all", "status"),
    row("batch", "v1", "CronJob", "cronjobs", Scope::Namespaced, "cj", "all", "status"),
    row("batch", "v1", "Job", "jobs", Scope::Namespaced, "", "all", "status"),
    row("certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", Scope::Cluster, "csr", "", "approval status"),
    row("networking.k8s.io", "v1", "IngressClass", "ingressclasses", Scope::Cluster, "", "", ""),
    row("networking.k8s.io", "v1", "Ingress", "ingresses", Scope::Namespaced, "ing", "", "status"),
    row("networking.k8s.io", "v1", "IPAddress", "ipaddresses", Scope::Cluster, "ip", "", ""),
    row("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", Scope::Namespaced, "netpol", "", ""),
    row("networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", Scope::Cluster, "", "", "status"),
    row("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", Scope::Namespaced, "pdb", "", "status"),
    row("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", Scope::Cluster, "", "", ""),
    row("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", Scope::Cluster, "", "", ""),
    row("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", Scope::Namespaced, "", "", ""),
    row("rbac.authorization.k8s.io", "v1", "Role", "roles", Scope::Namespaced, "", "", ""),
    row("storage.k8s.io", "v1", "CSIDriver", "csidrivers", Scope::Cluster, "", "", ""),
    row("storage.k8s.io", "v1", "CSINode", "csinodes", Scope::Cluster, "", "", ""),
    row("storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", Scope::Namespaced, "", "", ""),
    row("storage.k8s.io", "v1", "StorageClass", "storageclasses", Scope::Cluster, "sc", "", ""),
    row("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", Scope::Cluster, "", "", "status"),
    row("storage.k8s.io", "v1", "VolumeAttributesClass", "volumeattributesclasses", Scope::Cluster, "vac", "", ""),
    row("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicy", "mutatingadmissionpolicies", Scope::Cluster, "", "api-extensions", ""),
    row("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", Scope::Cluster, "", "api-extensions", ""),
    row("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", Scope::Cluster, "", "api-extensions", ""),
    row("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", Scope::Cluster, "", "api-extensions", "status"),
    row("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", Scope::Cluster, "", "api-extensions", ""),
    row("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Scope::Cluster, "", "api-extensions", ""),
    row("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Scope::Cluster, "crd crds", "api-extensions", "status"),
    row("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", Scope::Cluster, "pc", "", ""),
    row("coordination.k8s.io", "v1", "Lease", "leases", Scope::Namespaced, "", "", ""),
    row("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", Scope::Cluster, "", "", ""),
    row("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", Scope::Namespaced, "", "", ""),
    row("resource.k8s.io", "v1", "DeviceClass", "deviceclasses", Scope::Cluster, "", "", ""),
    row("resource.k8s.io", "v1", "ResourceClaim", "resourceclaims", Scope::Namespaced, "", "", "status"),
    row("resource.k8s.io", "v1", "ResourceClaimTemplate", "resourceclaimtemplates", Scope::Namespaced, "", "", ""),
    row("resource.k8s.io", "v1", "ResourceSlice", "resourceslices", Scope::Cluster, "", "", ""),
    row("flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", Scope::Cluster, "", "", "status"),
    row("flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations", Scope::Cluster, "", "", "status"),
];

#[expect(clippy::too_many_arguments, reason = "one row of a table, read in columns")]
const fn row(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
    scope: Scope,
    short_names: &'static str,
    categories: &'static str,
    subresources: &'static str,
) -> BuiltIn {
    BuiltIn { group, version, kind, plural, scope, short_names, categories, subresources }
}

#[cfg(test)]
mod tests {
    use super::BUILT_IN;
    use std::collections::BTreeSet;

    #[test]
    fn kinds_and_plurals_are_unique_within_their_group_and_version() {
        let kinds: BTreeSet<_> = BUILT_IN.iter().map(|row| (row.group, row.version, row.kind)).collect();
        let plurals: BTreeSet<_> = BUILT_IN.iter().map(|row| (row.group, row.version, row.plural)).collect();
        assert_eq!((kinds.len(), plurals.len()), (BUILT_IN.len(), BUILT_IN.len()));
    }
}
