//! Whether a document is meant for the catalog at all: a repository holds many that are not.

use serde_json::Value;

use crate::catalog::kinds::{KINDS, is_known_kind};
use crate::text::closest;
use crate::yaml::value_at;

/// A document that is no entity and was not meant to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stranger {
    /// Of somebody else's, such as a Deployment.
    Foreign,
    /// Of a template, which a name has yet to be put into.
    Skeleton,
    /// No YAML, and nothing in it speaks of Backstage.
    Broken,
}

impl Stranger {
    /// Why the document is left alone.
    pub fn words(self) -> &'static str {
        match self {
            Stranger::Foreign => "no entity of Backstage's",
            Stranger::Skeleton => "a skeleton of a template",
            Stranger::Broken => "no YAML",
        }
    }
}

/// The domains of Backstage's own versions.
const DOMAINS: [&str; 2] = ["backstage.io", "scaffolder.backstage.io"];

/// Whether a document that can be read is a stranger; `accepted` says so of kinds that a company adds.
pub fn stranger(value: &Value, accepted: &dyn Fn(&str, &str) -> bool) -> Option<Stranger> {
    let text = |pointer: &str| value_at(value, pointer).and_then(Value::as_str).unwrap_or_default();
    let (version, kind) = (text("/apiVersion"), text("/kind"));
    let is_ours = accepted(version, kind)
        || match value.get("apiVersion") {
            // A document without a version, or with one that is no text, is an entity that lacks one if all else says so.
            Some(Value::String(version)) => is_backstages(version) || is_near(version, kind),
            _ => is_known_kind(kind) && value.get("metadata").is_some_and(Value::is_object),
        };
    match (is_ours, is_skeleton(value)) {
        (false, _) => Some(Stranger::Foreign),
        (true, true) => Some(Stranger::Skeleton),
        (true, false) => None,
    }
}

/// The same of a text that cannot be read.
pub fn broken_stranger(text: &str) -> Option<Stranger> {
    let line = |prefix: &str| text.lines().find_map(|line| line.trim_start().strip_prefix(prefix));
    let speaks_of_backstage = line("apiVersion:").is_some_and(|version| version.contains("backstage.io"));
    if !speaks_of_backstage {
        return Some(Stranger::Broken);
    }
    let is_template = line("kind:").is_some_and(|kind| kind.trim().trim_matches(['"', '\'']) == "Template");
    let has_blocks = text.contains("{%") || line("name:").is_some_and(is_expression);
    (has_blocks || (!is_template && is_expression(text))).then_some(Stranger::Skeleton)
}

/// Whether a version is one that Backstage itself could have written.
pub fn is_backstages(version: &str) -> bool {
    let domain = version.split_once('/').map_or(version, |(domain, _)| domain);
    domain == "backstage.io" || domain.ends_with(".backstage.io")
}

/// A slip of the pen: `backstage/v1alpha1`, `backstge.io/v1alpha1`, or the version without its domain.
fn is_near(version: &str, kind: &str) -> bool {
    let (domain, number) = version.split_once('/').unwrap_or((version, ""));
    let far = |known: &&str| strsim::damerau_levenshtein(&domain.to_lowercase(), known) <= 3;
    let is_nearly_known =
        is_known_kind(kind) || !closest(kind, KINDS.iter().map(|kind| kind.name)).is_empty();
    let has_misspelt_domain = domain.len() >= 6 && DOMAINS.iter().any(far);
    let is_bare = number.is_empty() && ["v1alpha1", "v1beta1", "v1beta3"].contains(&domain);
    is_nearly_known && (has_misspelt_domain || domain.eq_ignore_ascii_case("backstage") || is_bare)
}

/// Whether what makes an entity is still to be filled in. A Template holds expressions in its steps and is none.
fn is_skeleton(value: &Value) -> bool {
    let head = ["/kind", "/metadata/name", "/metadata/namespace"];
    let body = ["/spec/owner", "/spec/system", "/spec/type", "/spec/lifecycle"];
    let body =
        if value.get("kind").and_then(Value::as_str) == Some("Template") { &[][..] } else { &body[..] };
    head.iter().chain(body).any(|pointer| match value_at(value, pointer) {
        Some(Value::String(text)) => is_expression(text),
        // `name: {{ name }}` without quotes is a map whose key is a map.
        Some(Value::Object(map)) => map.keys().any(|key| key.starts_with("{ ") || key.starts_with('$')),
        _ => false,
    })
}

fn is_expression(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Stranger, broken_stranger, stranger};

    #[track_caller]
    fn check(version: &str, kind: &str, expect: Option<Stranger>) {
        let value = json!({"apiVersion": version, "kind": kind, "metadata": {"name": "a"}});
        assert_eq!(stranger(&value, &|_, _| false), expect, "{version} {kind}");
    }

    #[test]
    fn what_is_not_backstages_is_a_stranger_and_near_misses_are_not() {
        for (version, kind) in [
            ("backstage.io/v1alpha1", "Component"),
            ("backstage.io/v1beta", "Componnet"),
            ("scaffolder.backstage.io/v1beta2", "Template"),
            ("backstage/v1alpha1", "Component"),
            ("backstge.io/v1alpha1", "Component"),
            ("Backstage.io/v1alpha1", "System"),
            ("v1alpha1", "Component"),
        ] {
            check(version, kind, None);
        }
        for (version, kind) in [
            ("dapr.io/v1alpha1", "Component"),
            ("user.openshift.io/v1", "Group"),
            ("kustomize.config.k8s.io/v1alpha1", "Component"),
            ("core.oam.dev/v1beta1", "Component"),
            ("apps/v1", "Deployment"),
            ("v1", "List"),
            ("rhdh.redhat.com/v1alpha3", "Backstage"),
            ("backstage.company.example/v1", "Product"),
        ] {
            check(version, kind, Some(Stranger::Foreign));
        }
        let company =
            |version: &str, kind: &str| version.starts_with("backstage.company") && kind == "Product";
        let product =
            json!({"apiVersion": "backstage.company.example/v1", "kind": "Product", "metadata": {}});
        assert_eq!(stranger(&product, &company), None);
        assert_eq!(stranger(&json!([1]), &|_, _| false), Some(Stranger::Foreign));
        assert_eq!(stranger(&json!({"kind": "Component", "metadata": {}}), &|_, _| false), None);
    }

    #[test]
    fn skeletons_and_foreign_text_are_left_alone() {
        let skeleton = json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "${{ values.name }}"}});
        assert_eq!(stranger(&skeleton, &|_, _| false), Some(Stranger::Skeleton));
        let head = "apiVersion: backstage.io/v1alpha1\nkind: Component\n";
        assert_eq!(broken_stranger("{{- if .Values.x }}\na: b: c\n"), Some(Stranger::Broken));
        assert_eq!(
            broken_stranger(&format!("{head}metadata:\n  name: {{{{ x }}}}y\n")),
            Some(Stranger::Skeleton)
        );
        assert_eq!(broken_stranger(&format!("{head}metadata: [\n")), None);
        let template = "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata:\n  name: t\nspec:\n  x: @\n  y: ${{ z }}\n";
        assert_eq!(broken_stranger(template), None);
    }
}
