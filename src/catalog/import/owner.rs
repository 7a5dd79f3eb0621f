//! Whose a service may be, by what its workloads, their namespaces and Argo CD say. It is a guess, and tells what it rests on.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::catalog::envelope::is_namespace;
use crate::catalog::import::found::{FoundService, FoundWorkload};
use crate::catalog::import::naming::valid_name;
use crate::catalog::refs::{DEFAULT_NAMESPACE, EntityRef, Parts};
use crate::pattern::LazyRegex;
use crate::text::safe;

/// The name of a label or annotation, behind its prefix, that names an owner; the one that counts first.
const KEYS: &[&str] = &["team", "owner", "owned-by", "team-name", "owner-team", "owning-team", "squad"];

/// Prefixes of keys that Kubernetes and tools write for themselves.
static FOREIGN: LazyRegex = LazyRegex::new(
    r"(^|\.)(kubernetes\.io|k8s\.io|openshift\.io|cattle\.io|helm\.sh|istio\.io|fluxcd\.io|argoproj\.io|coreos\.com|crossplane\.io|x-k8s\.io|amazonaws\.com|azure\.com|cloud\.google\.com)$",
);

/// Values that name a tool or nobody.
static NOBODY: LazyRegex = LazyRegex::new(
    r"^(helm|helmfile|tiller|argo-?cd|argo|flux(cd)?|terraform|tofu|kustomize|pulumi|ansible|jenkins|operator|olm|spinnaker|crossplane|rancher|kubectl|system|root|admin|administrator|default|none|null|nil|nobody|unknown|n/?a|tbd|todo|changeme|true|false|yes|no|owned|shared|-|[0-9.]+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|system:.*)$",
);

static EMAIL: LazyRegex = LazyRegex::new(r"^[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$");

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GuessedOwner {
    /// As it was written; nothing where nobody knows.
    pub value: Option<String>,
    /// What it rests on, or why nothing was guessed.
    pub why: Option<String>,
}

/// What says something about an owner: its value, and where it stands.
struct Said {
    value: String,
    place: String,
}

/// The owner that most workloads name; else the one that most of their namespaces name; else the Argo CD project.
pub fn guess(service: &FoundService) -> GuessedOwner {
    let of_workload = |workload: &FoundWorkload| {
        let sources = [
            ("label", &workload.labels),
            ("annotation", &workload.annotations),
            ("label", &workload.pod_labels),
            ("annotation", &workload.pod_annotations),
        ];
        said(&sources, &format!("{} in {}", workload.called, workload.cluster), &service.value)
    };
    let of_namespace = |workload: &FoundWorkload| {
        let namespace = &workload.namespace;
        let sources = [("label", &namespace.labels), ("annotation", &namespace.annotations)];
        said(&sources, &format!("Namespace {} in {}", namespace.name, workload.cluster), &service.value)
    };
    let of_project = |workload: &FoundWorkload| {
        let project = workload.project.as_ref().filter(|project| !NOBODY.is_match(project))?;
        Some(Said {
            value: project.clone(),
            place: format!("Argo CD project of {} in {}", workload.called, workload.cluster),
        })
    };
    let all = |tier: &dyn Fn(&FoundWorkload) -> Option<Said>| -> Option<GuessedOwner> {
        let said: Vec<Said> = service.workloads.iter().filter_map(tier).collect();
        (!said.is_empty()).then(|| most(&said))
    };
    all(&of_workload).or_else(|| all(&of_namespace)).or_else(|| all(&of_project)).unwrap_or_default()
}

/// The first of the keys that stands in any of the maps, and whose value can be somebody.
fn said(sources: &[(&str, &BTreeMap<String, String>)], of: &str, service: &str) -> Option<Said> {
    let found = KEYS.iter().flat_map(|key| sources.iter().map(move |source| (key, source)));
    let mut found = found.flat_map(|(key, (what, map))| {
        map.iter()
            .filter(move |(full, _)| is_key(full, key))
            .map(move |(full, value)| (*key, *what, full, value))
    });
    found.find_map(|(key, what, full, value)| {
        let value = value.trim();
        // Tools write the name of what they made as `owner`.
        let is_itself = key == "owner" && value.eq_ignore_ascii_case(service);
        let is_somebody = !value.is_empty() && value.len() <= 200 && !NOBODY.is_match(value) && !is_itself;
        let can_be = email(value).is_some() || named(value).is_some();
        (is_somebody && can_be)
            .then(|| Said { value: value.to_string(), place: format!("{what} {} of {of}", safe(full)) })
    })
}

/// Whether a key is the word, under whatever prefix but those of tools.
fn is_key(full: &str, word: &str) -> bool {
    let (prefix, name) = full.rsplit_once('/').unwrap_or(("", full));
    name.replace('_', "-").eq_ignore_ascii_case(word) && !FOREIGN.is_match(prefix)
}

/// The value that most say; where as many say another one, nobody knows.
fn most(said: &[Said]) -> GuessedOwner {
    let mut values: BTreeMap<String, (usize, &Said)> = BTreeMap::new();
    for one in said {
        values.entry(one.value.to_lowercase()).or_insert((0, one)).0 += 1;
    }
    let mut ranked: Vec<(usize, &Said)> = values.into_values().collect();
    ranked.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let told = |(count, one): &(usize, &Said)| match count {
        1 => format!("{} says {}", one.place, safe(&one.value)),
        count => format!("{} and {} more say {}", one.place, count - 1, safe(&one.value)),
    };
    let others: Vec<String> = ranked.iter().skip(1).take(3).map(told).collect();
    let Some(first) = ranked.first() else { return GuessedOwner::default() };
    if ranked.get(1).is_some_and(|second| second.0 == first.0) {
        return GuessedOwner { value: None, why: Some(format!("{}, {}", told(first), others.join(", "))) };
    }
    let more = if first.0 > 1 { format!(" and {} more", first.0 - 1) } else { String::new() };
    let others = if others.is_empty() { String::new() } else { format!("; but {}", others.join(", ")) };
    GuessedOwner { value: Some(first.1.value.clone()), why: Some(format!("{}{more}{others}", first.1.place)) }
}

/// The value where it is an e-mail address.
pub fn email(value: &str) -> Option<&str> {
    EMAIL.is_match(value).then_some(value)
}

/// The kind, `group` or `user`, and the name of an owner that is no e-mail.
pub fn named(value: &str) -> Option<(&'static str, String)> {
    let parts = Parts::of(value).ok();
    let kind = parts.and_then(|parts| parts.kind).map(str::to_lowercase);
    let is_reference = parts.is_some_and(|parts| {
        matches!(kind.as_deref(), None | Some("group" | "user"))
            && parts.namespace.is_none_or(|name| name == DEFAULT_NAMESPACE)
    });
    match (parts, kind.as_deref()) {
        (Some(parts), Some("user")) if is_reference => Some(("user", valid_name(parts.name)?)),
        (Some(parts), _) if is_reference => Some(("group", valid_name(parts.name)?)),
        _ => Some(("group", valid_name(value)?)),
    }
}

/// The Group or User of the catalog that the value means, as `spec.owner` has it: by reference, or by the name that people read.
pub fn known(catalog: &Catalog, value: &str) -> Option<String> {
    let parts = Parts::of(value).ok();
    let is_plain = parts.is_some_and(|parts| parts.namespace.is_none_or(is_namespace));
    let reference = EntityRef::parse(value, Some("group"), DEFAULT_NAMESPACE).ok().filter(|_| is_plain);
    let is_owner = |reference: &EntityRef| {
        matches!(reference.kind.as_str(), "group" | "user") && catalog.get(reference).is_some()
    };
    if let Some(reference) = reference.filter(is_owner) {
        return Some(reference.short("group"));
    }
    let is_called = |name: &str| name.eq_ignore_ascii_case(value);
    let mut titled = catalog.of_kind("group").filter(|group| group.shown_name().is_some_and(is_called));
    match (titled.next(), titled.next()) {
        (Some(group), None) => Some(group.reference.short("group")),
        _ => None,
    }
}

#[cfg(test)]
pub fn patterns() -> [&'static LazyRegex; 3] {
    [&FOREIGN, &NOBODY, &EMAIL]
}
