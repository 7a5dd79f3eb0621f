//! A fetched catalog as one file, and what differs from the one before.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::catalog::{DEFAULT_NAMESPACE, EntityRef, is_known_kind};
use crate::text::safe;
use crate::yaml::{self, YamlLimits};

/// The first words of a file that `catalog pull` wrote, and that it may write again.
pub const MARK: &str = "# Written by `callboard catalog pull`";

/// The entities of a file, as they are written: by reference.
pub type PulledEntities = BTreeMap<EntityRef, Value>;

/// What of a catalog is no use on a disk.
#[derive(Debug, Default, Eq, PartialEq)]
pub struct LeftOut {
    /// What they lead to is in the catalog itself.
    pub locations: usize,
    /// Entities of kinds that callboard does not know, by kind.
    pub unknown: BTreeMap<String, usize>,
    /// Entities larger than a document may be that callboard reads.
    pub too_large: Vec<EntityRef>,
}

/// What there is to be written: without what the server adds for itself.
pub fn kept(fetched: BTreeMap<EntityRef, Value>) -> (PulledEntities, LeftOut) {
    let mut left_out = LeftOut::default();
    let mut entities = PulledEntities::new();
    for (reference, value) in fetched {
        let kind = value["kind"].as_str().unwrap_or_default().to_string();
        if kind == "Location" {
            left_out.locations += 1;
        } else if !is_known_kind(&kind) {
            *left_out.unknown.entry(kind).or_default() += 1;
        } else {
            let value = without_additions(value);
            match yaml::emit(&value).len() > YamlLimits::default().document_bytes {
                true => left_out.too_large.push(reference),
                false => drop(entities.insert(reference, value)),
            }
        }
    }
    (entities, left_out)
}

/// Relations and status are the server's, and no field of a file; uid and etag change with every reading of a repository.
fn without_additions(value: Value) -> Value {
    let Value::Object(entity) = value else { return value };
    let entity: Map<String, Value> = entity
        .into_iter()
        .filter(|(key, _)| matches!(key.as_str(), "apiVersion" | "kind" | "metadata" | "spec"))
        .map(|(key, value)| match (key.as_str(), value) {
            ("metadata", Value::Object(metadata)) => {
                let own = |key: &String, value: &Value| {
                    !matches!(key.as_str(), "uid" | "etag" | "generation")
                        && !value.is_null()
                        && (key != "namespace" || value != DEFAULT_NAMESPACE)
                };
                (key, Value::Object(metadata.into_iter().filter(|(key, value)| own(key, value)).collect()))
            }
            (_, value) => (key, value),
        })
        .collect();
    let order = ["apiVersion", "kind", "metadata", "spec"];
    let mut entity: BTreeMap<String, Value> = entity.into_iter().collect();
    Value::Object(order.iter().filter_map(|key| Some((key.to_string(), entity.remove(*key)?))).collect())
}

/// The file: sentences, then a document for each entity.
pub fn text(entities: &PulledEntities, heading: &[String]) -> String {
    let mut out: String = heading.iter().map(|line| format!("# {}\n", safe(line))).collect();
    for value in entities.values() {
        out.push_str("---\n");
        out.push_str(&yaml::emit(value));
    }
    out
}

/// The entities of a file that was written before; what cannot be read of it counts as gone.
pub fn entities_of(name: &str, text: &str) -> PulledEntities {
    let documents = yaml::documents(name, text).into_iter().flatten();
    let entity = |document: yaml::Document| {
        let part =
            |pointer: &str| document.value.pointer(pointer).and_then(Value::as_str).map(str::to_string);
        let namespace = part("/metadata/namespace").unwrap_or_else(|| DEFAULT_NAMESPACE.to_string());
        Some((EntityRef::new(&part("/kind")?, &namespace, &part("/metadata/name")?), document.value))
    };
    documents.filter_map(entity).collect()
}

/// What became different.
#[derive(Debug, Default, Eq, PartialEq)]
pub struct CatalogChange {
    pub new: Vec<EntityRef>,
    pub changed: Vec<EntityRef>,
    pub gone: Vec<EntityRef>,
}

impl CatalogChange {
    pub fn between(before: &PulledEntities, after: &PulledEntities) -> CatalogChange {
        let refs: BTreeSet<&EntityRef> = before.keys().chain(after.keys()).collect();
        let mut change = CatalogChange::default();
        for reference in refs {
            match (before.get(reference), after.get(reference)) {
                (None, Some(_)) => change.new.push(reference.clone()),
                (Some(_), None) => change.gone.push(reference.clone()),
                (Some(one), Some(other)) if one != other => change.changed.push(reference.clone()),
                _ => {}
            }
        }
        change
    }

    pub fn is_none(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.gone.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{CatalogChange, entities_of, kept, text};
    use crate::catalog::{Catalog, EntityRef};

    fn fetched(values: &[Value]) -> BTreeMap<EntityRef, Value> {
        let reference = |value: &Value| {
            let text = |pointer: &str| {
                value.pointer(pointer).and_then(Value::as_str).unwrap_or("default").to_string()
            };
            EntityRef::new(&text("/kind"), &text("/metadata/namespace"), &text("/metadata/name"))
        };
        values.iter().map(|value| (reference(value), value.clone())).collect()
    }

    fn component(name: &str, description: &str) -> Value {
        json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
            "metadata": {
                "namespace": "default", "name": name, "uid": "1", "etag": "2", "description": description,
                "annotations": {"backstage.io/managed-by-location": "url:https://x/", "callboard.dev/x": "a: b #c"},
            },
            "relations": [{"type": "ownedBy", "targetRef": "group:default/a"}],
            "status": {"items": []},
            "spec": {"type": "service", "lifecycle": "production", "owner": "a"},
        })
    }

    #[test]
    fn a_file_is_read_back_as_what_was_written() {
        let hostile = "x\u{1b}[31m\n---\nkind: Group\n'\"{{ }}";
        let group = json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Group", "metadata": {"name": "a"}, "spec": {"type": "team", "children": []}});
        let location = json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Location", "metadata": {"name": "l"}, "spec": {"target": "./x.yaml"}});
        let own = json!({"apiVersion": "corp/v1", "kind": "Robot", "metadata": {"name": "r"}});
        let (entities, left_out) = kept(fetched(&[component("web", hostile), group, location, own]));
        let large = json!({"apiVersion": "backstage.io/v1alpha1", "kind": "API", "metadata": {"name": "big"}, "spec": {"definition": "x".repeat(1 << 20)}});
        assert_eq!((left_out.locations, left_out.unknown["Robot"]), (1, 1));
        assert_eq!(kept(fetched(&[large])).1.too_large.len(), 1);
        let text = text(&entities, &["one\ntwo".to_string()]);
        assert!(text.starts_with("# one two\n---\n") && !text.contains('\u{1b}'), "{text}");
        assert_eq!(entities_of("a.yaml", &text), entities, "{text}");
        let catalog = Catalog::of_text("a.yaml", &text);
        assert_eq!(catalog.problems, [], "{text}");
        assert_eq!(catalog.entities.len(), 2);
    }

    #[test]
    fn what_the_server_adds_is_no_change() {
        let of = |values: &[Value]| kept(fetched(values)).0;
        let before = of(&[component("a", ""), component("b", ""), component("c", "")]);
        let mut touched = component("a", "");
        touched["metadata"]["etag"] = json!("3");
        touched["relations"] = json!([]);
        let after = of(&[touched, component("b", "new words"), component("d", "")]);
        let change = CatalogChange::between(&before, &after);
        let names =
            |refs: &[EntityRef]| refs.iter().map(|one| one.name.clone()).collect::<Vec<_>>().join(",");
        assert_eq!(
            (names(&change.new), names(&change.changed), names(&change.gone)),
            ("d".into(), "b".into(), "c".into())
        );
        assert!(CatalogChange::between(&after, &after).is_none());
    }
}
