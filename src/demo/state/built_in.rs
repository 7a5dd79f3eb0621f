//! The kinds that every API server of 1.36 serves, as its own discovery lists them.

/// One row of discovery: a kind built into the API server. Lists are separated by blanks.
pub struct BuiltIn {
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub scope: ResourceScope,
    pub short_names: &'static str,
    pub categories: &'static str,
    pub subresources: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceScope {
    Namespaced,
    Cluster,
}

/// In the order of the server's discovery: groups by priority, kinds by name, the preferred version first.
#[rustfmt::skip]
pub const BUILT_IN: &[BuiltIn] = &[
    row("", "v1", "Binding", "bindings", ResourceScope::Namespaced, "", "", ""),
    row("", "v1", "ComponentStatus", "componentstatuses", ResourceScope::Cluster, "cs", "", ""),
    row("", "v1", "ConfigMap", "configmaps", ResourceScope::Namespaced, "cm", "", ""),
    row("", "v1", "Endpoints", "endpoints", ResourceScope::Namespaced, "ep", "", ""),
    row("", "v1", "Event", "events", ResourceScope::Namespaced, "ev", "", ""),
    row("", "v1", "LimitRange", "limitranges", ResourceScope::Namespaced, "limits", "", ""),
    row("", "v1", "Namespace", "namespaces", ResourceScope::Cluster, "ns", "", "finalize status"),
    row("", "v1", "Node", "nodes", ResourceScope::Cluster, "no", "", "proxy status"),
    row("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", ResourceScope::Namespaced, "pvc", "", "status"),
    row("", "v1", "PersistentVolume", "persistentvolumes", ResourceScope::Cluster, "pv", "", "status"),
    row("", "v1", "Pod", "pods", ResourceScope::Namespaced, "po", "all", "attach binding ephemeralcontainers eviction exec log portforward proxy resize status"),
    row("", "v1", "PodTemplate", "podtemplates", ResourceScope::Namespaced, "", "", ""),
    row("", "v1", "ReplicationController", "replicationcontrollers", ResourceScope::Namespaced, "rc", "all", "scale status"),
    row("", "v1", "ResourceQuota", "resourcequotas", ResourceScope::Namespaced, "quota", "", "status"),
    row("", "v1", "Secret", "secrets", ResourceScope::Namespaced, "", "", ""),
    row("", "v1", "ServiceAccount", "serviceaccounts", ResourceScope::Namespaced, "sa", "", "token"),
    row("", "v1", "Service", "services", ResourceScope::Namespaced, "svc", "all", "proxy status"),
    row("apiregistration.k8s.io", "v1", "APIService", "apiservices", ResourceScope::Cluster, "", "api-extensions", "status"),
    row("apps", "v1", "ControllerRevision", "controllerrevisions", ResourceScope::Namespaced, "", "", ""),
    row("apps", "v1", "DaemonSet", "daemonsets", ResourceScope::Namespaced, "ds", "all", "status"),
    row("apps", "v1", "Deployment", "deployments", ResourceScope::Namespaced, "deploy", "all", "scale status"),
    row("apps", "v1", "ReplicaSet", "replicasets", ResourceScope::Namespaced, "rs", "all", "scale status"),
    row("apps", "v1", "StatefulSet", "statefulsets", ResourceScope::Namespaced, "sts", "all", "scale status"),
    row("events.k8s.io", "v1", "Event", "events", ResourceScope::Namespaced, "ev", "", ""),
    row("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", ResourceScope::Cluster, "", "", ""),
    row("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", ResourceScope::Cluster, "", "", ""),
    row("authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", ResourceScope::Namespaced, "", "", ""),
    row("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", ResourceScope::Cluster, "", "", ""),
    row("authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", ResourceScope::Cluster, "", "", ""),
    row("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", ResourceScope::Cluster, "", "", ""),
    row("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", ResourceScope::Namespaced, "hpa", "all", "status"),
    row("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", ResourceScope::Namespaced, "hpa", "all", "status"),
    row("batch", "v1", "CronJob", "cronjobs", ResourceScope::Namespaced, "cj", "all", "status"),
    row("batch", "v1", "Job", "jobs", ResourceScope::Namespaced, "", "all", "status"),
    row("certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", ResourceScope::Cluster, "csr", "", "approval status"),
    row("networking.k8s.io", "v1", "IngressClass", "ingressclasses", ResourceScope::Cluster, "", "", ""),
    row("networking.k8s.io", "v1", "Ingress", "ingresses", ResourceScope::Namespaced, "ing", "", "status"),
    row("networking.k8s.io", "v1", "IPAddress", "ipaddresses", ResourceScope::Cluster, "ip", "", ""),
    row("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", ResourceScope::Namespaced, "netpol", "", ""),
    row("networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", ResourceScope::Cluster, "", "", "status"),
    row("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", ResourceScope::Namespaced, "pdb", "", "status"),
    row("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", ResourceScope::Cluster, "", "", ""),
    row("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", ResourceScope::Cluster, "", "", ""),
    row("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", ResourceScope::Namespaced, "", "", ""),
    row("rbac.authorization.k8s.io", "v1", "Role", "roles", ResourceScope::Namespaced, "", "", ""),
    row("storage.k8s.io", "v1", "CSIDriver", "csidrivers", ResourceScope::Cluster, "", "", ""),
    row("storage.k8s.io", "v1", "CSINode", "csinodes", ResourceScope::Cluster, "", "", ""),
    row("storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", ResourceScope::Namespaced, "", "", ""),
    row("storage.k8s.io", "v1", "StorageClass", "storageclasses", ResourceScope::Cluster, "sc", "", ""),
    row("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", ResourceScope::Cluster, "", "", "status"),
    row("storage.k8s.io", "v1", "VolumeAttributesClass", "volumeattributesclasses", ResourceScope::Cluster, "vac", "", ""),
    row("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicy", "mutatingadmissionpolicies", ResourceScope::Cluster, "", "api-extensions", ""),
    row("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", ResourceScope::Cluster, "", "api-extensions", ""),
    row("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", ResourceScope::Cluster, "", "api-extensions", ""),
    row("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", ResourceScope::Cluster, "", "api-extensions", "status"),
    row("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", ResourceScope::Cluster, "", "api-extensions", ""),
    row("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", ResourceScope::Cluster, "", "api-extensions", ""),
    row("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", ResourceScope::Cluster, "crd crds", "api-extensions", "status"),
    row("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", ResourceScope::Cluster, "pc", "", ""),
    row("coordination.k8s.io", "v1", "Lease", "leases", ResourceScope::Namespaced, "", "", ""),
    row("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", ResourceScope::Cluster, "", "", ""),
    row("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", ResourceScope::Namespaced, "", "", ""),
    row("resource.k8s.io", "v1", "DeviceClass", "deviceclasses", ResourceScope::Cluster, "", "", ""),
    row("resource.k8s.io", "v1", "ResourceClaim", "resourceclaims", ResourceScope::Namespaced, "", "", "status"),
    row("resource.k8s.io", "v1", "ResourceClaimTemplate", "resourceclaimtemplates", ResourceScope::Namespaced, "", "", ""),
    row("resource.k8s.io", "v1", "ResourceSlice", "resourceslices", ResourceScope::Cluster, "", "", ""),
    row("flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", ResourceScope::Cluster, "", "", "status"),
    row("flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations", ResourceScope::Cluster, "", "", "status"),
];

#[expect(clippy::too_many_arguments, reason = "one row of a table, read in columns")]
const fn row(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
    scope: ResourceScope,
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
