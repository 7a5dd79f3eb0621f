//! A kind that a cluster serves, under its plural: built in, defined by a CustomResourceDefinition, or guessed.

use serde_json::Value;

use crate::demo::state::built_in::{BUILT_IN, BuiltIn, ResourceScope};

#[derive(Clone, Debug)]
pub struct ServedResource {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub plural: String,
    pub singular: String,
    pub namespaced: bool,
    /// False for the kinds compiled into the API server; items of a list carry `kind` only if true.
    pub custom: bool,
    pub short_names: Vec<String>,
    pub categories: Vec<String>,
    pub subresources: Vec<String>,
    /// `additionalPrinterColumns` of the definition: `{name, type, format, priority, jsonPath}` each.
    pub columns: Vec<Value>,
}

impl ServedResource {
    /// `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    pub fn verbs(&self) -> &'static [&'static str] {
        const ALL: &[&str] =
            &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
        match self.kind.as_str() {
            // The order of the server of custom kinds is its own.
            _ if self.custom => {
                &["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
            }
            "Binding" => &["create"],
            "ComponentStatus" => &["get", "list"],
            "Namespace" => &["create", "delete", "get", "list", "patch", "update", "watch"],
            kind if kind.ends_with("Review") => &["create"],
            _ => ALL,
        }
    }
}

/// `pods` in the core group, `rollouts.argoproj.io` elsewhere.
pub fn full_name(group: &str, plural: &str) -> String {
    match group {
        "" => plural.to_string(),
        group => format!("{plural}.{group}"),
    }
}

/// The built-in kinds as a cluster starts with.
pub fn built_in() -> Vec<ServedResource> {
    BUILT_IN.iter().map(from_row).collect()
}

fn from_row(row: &BuiltIn) -> ServedResource {
    let words = |text: &str| text.split_whitespace().map(str::to_string).collect();
    ServedResource {
        group: row.group.into(),
        version: row.version.into(),
        kind: row.kind.into(),
        plural: row.plural.into(),
        singular: row.kind.to_lowercase(),
        namespaced: row.scope == ResourceScope::Namespaced,
        custom: false,
        short_names: words(row.short_names),
        categories: words(row.categories),
        subresources: words(row.subresources),
        columns: Vec::new(),
    }
}

/// Every served version of a CustomResourceDefinition; none if the document says too little.
pub fn from_definition(definition: &Value) -> Vec<ServedResource> {
    let spec = &definition["spec"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let words = |value: &Value| value.as_array().into_iter().flatten().map(&text).collect::<Vec<_>>();
    let (group, kind, plural) =
        (text(&spec["group"]), text(&spec["names"]["kind"]), text(&spec["names"]["plural"]));
    if group.is_empty() || kind.is_empty() || plural.is_empty() {
        return Vec::new();
    }
    let versions = spec["versions"].as_array().map(Vec::as_slice).unwrap_or_default();
    versions
        .iter()
        .filter(|version| version["served"].as_bool().unwrap_or(true))
        .map(|version| ServedResource {
            group: group.clone(),
            version: text(&version["name"]),
            kind: kind.clone(),
            plural: plural.clone(),
            singular: spec["names"]["singular"].as_str().map_or_else(|| kind.to_lowercase(), str::to_string),
            namespaced: spec["scope"].as_str() != Some("Cluster"),
            custom: true,
            short_names: words(&spec["names"]["shortNames"]),
            categories: words(&spec["names"]["categories"]),
            subresources: version["subresources"]
                .as_object()
                .map(|all| all.keys().cloned().collect())
                .unwrap_or_default(),
            columns: version["additionalPrinterColumns"].as_array().cloned().unwrap_or_default(),
        })
        .collect()
}

/// Kinds without a namespace that fleets may hold with nothing that defines them.
const CLUSTER_WIDE: &[(&str, &str)] = &[
    ("metrics.k8s.io", "NodeMetrics"),
    ("cluster.karmada.io", "Cluster"),
    ("search.karmada.io", "ResourceRegistry"),
    ("cluster.open-cluster-management.io", "ManagedCluster"),
];

/// A kind that nothing defines, as kubectl guesses it: namespaced, the plural by English's commonest rules.
pub fn guessed(api_version: &str, kind: &str) -> ServedResource {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    ServedResource {
        group: group.into(),
        version: version.into(),
        kind: kind.into(),
        plural: plural(group, kind),
        singular: kind.to_lowercase(),
        namespaced: !CLUSTER_WIDE.contains(&(group, kind)),
        custom: !BUILT_IN.iter().any(|row| row.group == group),
        short_names: Vec::new(),
        categories: Vec::new(),
        subresources: Vec::new(),
        columns: Vec::new(),
    }
}

fn plural(group: &str, kind: &str) -> String {
    // The metrics server names its kinds after what they measure.
    match (group, kind) {
        ("metrics.k8s.io", "PodMetrics") => return "pods".into(),
        ("metrics.k8s.io", "NodeMetrics") => return "nodes".into(),
        _ => {}
    }
    let singular = kind.to_lowercase();
    if singular.ends_with("endpoints") {
        singular
    } else if singular.ends_with('s') {
        format!("{singular}es")
    } else if let Some(stem) = singular.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{singular}s")
    }
}

#[cfg(test)]
mod tests {
    use super::{built_in, from_definition, guessed};
    use serde_json::json;

    #[test]
    fn plurals_are_kubectls_guess() {
        for (api_version, kind, expect) in [
            ("argoproj.io/v1alpha1", "Rollout", "rollouts"),
            ("networking.istio.io/v1", "ServiceEntry", "serviceentries"),
            ("gateway.networking.k8s.io/v1", "GatewayClass", "gatewayclasses"),
            ("metrics.k8s.io/v1beta1", "PodMetrics", "pods"),
        ] {
            assert_eq!(guessed(api_version, kind).plural, expect);
        }
    }

    #[test]
    fn a_definition_gives_every_served_version() {
        let definition = json!({"spec": {"group": "example.com", "scope": "Cluster",
            "names": {"kind": "Mouse", "plural": "mice", "shortNames": ["mo"]},
            "versions": [{"name": "v1", "served": true, "subresources": {"status": {}}}, {"name": "v1alpha1", "served": false}]}});
        let resources = from_definition(&definition);
        assert_eq!(resources.len(), 1);
        assert_eq!(
            (resources[0].plural.as_str(), resources[0].namespaced, resources[0].subresources.len()),
            ("mice", false, 1)
        );
        assert!(from_definition(&json!({"spec": 7})).is_empty());
    }

    #[test]
    fn names_of_the_core_group_have_no_dot() {
        let names: Vec<String> =
            built_in().iter().map(|resource| super::full_name(&resource.group, &resource.plural)).collect();
        assert!(names.contains(&"pods".to_string()) && names.contains(&"deployments.apps".to_string()));
    }
}
