//! What the catalog offers as answers: entities of a kind, what I own, tags in use.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::catalog::{Catalog, DEFAULT_NAMESPACE, Entity, EntityRef, is_name};
use crate::scaffold::questions::Picker;

/// References and labels of the entities that a picker offers; `mine` are the owners that I am, where that is known.
pub fn entities(
    catalog: &Catalog,
    picker: &Picker,
    mine: Option<&BTreeSet<EntityRef>>,
) -> Vec<(String, String)> {
    let wanted = |kind: &str| {
        picker.kinds.is_empty() || picker.kinds.iter().any(|known| known.eq_ignore_ascii_case(kind))
    };
    let fits = |entity: &Entity| {
        wanted(&entity.kind)
            && picker.filter.as_ref().is_none_or(|filter| admits(filter, &entity.document().value))
    };
    let is_mine = |entity: &Entity| {
        !picker.owned
            || mine.is_none_or(|mine| mine.contains(&entity.reference) || catalog.is_owned_by(entity, mine))
    };
    let found: Vec<&Entity> =
        catalog.entities.values().filter(|entity| fits(entity) && is_mine(entity)).collect();
    let kinds: BTreeSet<&str> = found.iter().map(|entity| entity.reference.kind.as_str()).collect();
    found.iter().map(|entity| (entity.reference.to_string(), label(entity, kinds.len() > 1))).collect()
}

/// `team-a  Team A (Group)`
fn label(entity: &Entity, with_kind: bool) -> String {
    let title = entity.shown_name().filter(|title| *title != entity.name);
    let title = title.map(|title| format!("  {title}")).unwrap_or_default();
    let kind = if with_kind { format!("  ({})", entity.kind) } else { String::new() };
    format!("{}{title}{kind}", entity.display())
}

/// Whether an entity fits a `catalogFilter`: any of a list, all keys of an object, any value of a key.
fn admits(filter: &Json, entity: &Json) -> bool {
    match filter {
        Json::Array(any) => any.iter().any(|filter| admits(filter, entity)),
        Json::Object(all) => all.iter().all(|(key, wanted)| {
            let values = values(key, entity);
            let is = |wanted: &Json| match wanted.as_str() {
                Some(wanted) => values.iter().any(|found| wanted.eq_ignore_ascii_case(found)),
                None => !values.is_empty() && wanted["exists"] == true,
            };
            wanted.as_array().map_or_else(|| is(wanted), |any| any.iter().any(is))
        }),
        _ => true,
    }
}

/// The texts at a dotted key; the key may have dots of its own, as `metadata.annotations.backstage.io/x`, and lead to a list.
fn values(key: &str, entity: &Json) -> Vec<String> {
    match entity {
        Json::Object(map) => {
            let below = map.iter().filter_map(|(name, value)| {
                let rest = key.strip_prefix(name.as_str())?;
                if rest.is_empty() { Some(("", value)) } else { Some((rest.strip_prefix('.')?, value)) }
            });
            below.flat_map(|(rest, value)| values(rest, value)).collect()
        }
        Json::Array(items) => items.iter().flat_map(|item| values(key, item)).collect(),
        Json::String(text) if key.is_empty() => vec![text.clone()],
        Json::Bool(_) | Json::Number(_) if key.is_empty() => vec![entity.to_string()],
        _ => Vec::new(),
    }
}

/// Tags in use, each with how many entities have it, the commonest first.
pub fn tags(catalog: &Catalog, kinds: &[String]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let wanted = |kind: &str| kinds.is_empty() || kinds.iter().any(|known| known.eq_ignore_ascii_case(kind));
    for entity in catalog.entities.values().filter(|entity| wanted(&entity.kind)) {
        entity.tags.iter().for_each(|tag| *counts.entry(tag).or_default() += 1);
    }
    let mut counts: Vec<(String, usize)> =
        counts.into_iter().map(|(tag, count)| (tag.to_string(), count)).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

/// The Component that has a name already: a second one would hide it.
pub fn taken(catalog: &Catalog, name: &str) -> Option<String> {
    let reference = EntityRef::new("component", DEFAULT_NAMESPACE, name);
    catalog.get(&reference).map(|entity| entity.reference.to_string())
}

/// What was typed in the place of a choice, as the reference that it means.
pub fn reference(picker: &Picker, typed: &str) -> Result<String, String> {
    let only = (picker.kinds.len() == 1).then(|| picker.kinds[0].as_str());
    let kind = picker.default_kind.as_deref().or(only);
    let namespace = picker.default_namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE);
    // Without a kind to add, Backstage takes any text as it is.
    if kind.is_none() && !typed.contains(':') {
        return Ok(typed.to_string());
    }
    let reference = EntityRef::parse(typed, kind, namespace).map_err(|error| error.to_string())?;
    match is_name(&reference.name) {
        true => Ok(reference.to_string()),
        false => Err(format!("'{}' is no name of an entity", reference.name)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value as Json, json};

    use super::{entities, reference, tags, taken};
    use crate::catalog::{Catalog, EntityRef};
    use crate::scaffold::questions::Picker;

    const CATALOG: &str = "kind: Group
apiVersion: backstage.io/v1alpha1
metadata: {name: team-a, title: Team A}
spec: {type: team, children: []}
---
kind: Group
apiVersion: backstage.io/v1alpha1
metadata: {name: org}
spec: {type: department, children: []}
---
kind: System
apiVersion: backstage.io/v1alpha1
metadata: {name: shop, tags: [web, go], annotations: {acme.io/tier: '1'}}
spec: {owner: team-a}
---
kind: System
apiVersion: backstage.io/v1alpha1
metadata: {name: data, tags: [go]}
spec: {owner: org}
";

    #[track_caller]
    fn check(kinds: &[&str], filter: Option<Json>, owned: bool, expect: &[&str]) {
        let catalog = Catalog::of_text("c.yaml", CATALOG);
        let mine = BTreeSet::from([EntityRef::new("group", "default", "team-a")]);
        let kinds = kinds.iter().map(|kind| kind.to_string()).collect();
        let picker = Picker { kinds, filter, owned, ..Picker::default() };
        let found = entities(&catalog, &picker, Some(&mine));
        assert_eq!(found.iter().map(|(reference, _)| reference.as_str()).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn a_picker_offers_what_fits() {
        check(&["group"], None, false, &["group:default/org", "group:default/team-a"]);
        check(&["System"], None, true, &["system:default/shop"]);
        check(&["Group"], None, true, &["group:default/team-a"]);
        let filters = [
            (json!({"spec.type": "team"}), "group:default/team-a"),
            (json!([{"kind": "Group", "spec.type": ["department", "x"]}]), "group:default/org"),
            (json!({"metadata.annotations.acme.io/tier": {"exists": true}}), "system:default/shop"),
            (json!({"metadata.tags": "WEB"}), "system:default/shop"),
        ];
        for (filter, expect) in filters {
            check(&[], Some(filter), false, &[expect]);
        }
        let catalog = Catalog::of_text("c.yaml", CATALOG);
        assert_eq!(tags(&catalog, &[]), [("go".to_string(), 2), ("web".to_string(), 1)]);
        assert_eq!(taken(&Catalog::of_text("c.yaml", "kind: Component\napiVersion: backstage.io/v1alpha1\nmetadata: {name: orders}\nspec: {type: service, owner: a, lifecycle: production}\n"), "orders").as_deref(), Some("component:default/orders"));
        assert_eq!(taken(&catalog, "team-a"), None);
        let labels = entities(&catalog, &Picker::default(), None);
        assert_eq!(labels[1].1, "team-a  Team A  (Group)");
    }

    #[test]
    fn what_is_typed_becomes_a_reference() {
        let picker =
            |kind: Option<&str>| Picker { default_kind: kind.map(String::from), ..Picker::default() };
        assert_eq!(reference(&picker(Some("Group")), "team-a").as_deref(), Ok("group:default/team-a"));
        assert_eq!(reference(&picker(Some("Group")), "user:ida").as_deref(), Ok("user:default/ida"));
        assert_eq!(reference(&picker(None), "team-a").as_deref(), Ok("team-a"));
        for wrong in ["group:", "team orders", "a/b/c"] {
            assert!(reference(&picker(Some("Group")), wrong).is_err(), "{wrong}");
        }
    }
}
