//! Backstage's filter of entities: `kind=component,spec.type=service`, a key alone asking whether it is there.

use serde_json::Value;

use crate::catalog::entity::Entity;
use crate::catalog::relations::Relations;

/// Conditions that must all hold; several filters are alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityFilter {
    conditions: Vec<(String, Option<String>)>,
}

impl EntityFilter {
    /// Reads `key=value,key`; an empty key is an error.
    pub fn parse(text: &str) -> Result<EntityFilter, String> {
        let mut conditions = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, value) = match part.split_once('=') {
                Some((key, value)) => (key.trim(), Some(value.trim().to_lowercase())),
                None => (part, None),
            };
            if key.is_empty() {
                return Err(format!(
                    "the filter {part:?} has no key: expected key=value, such as spec.type=service"
                ));
            }
            conditions.push((key.to_lowercase(), value));
        }
        match conditions.is_empty() {
            true => {
                Err("a filter must not be empty: expected key=value, such as spec.type=service".to_string())
            }
            false => Ok(EntityFilter { conditions }),
        }
    }

    /// Keys are paths with dots, `relations.ownedby=group:default/a` among them; nothing regards case. Of
    /// a list any item will do, and `path.item` asks for one.
    pub fn matches(&self, entity: &Entity, relations: &Relations) -> bool {
        let document = entity.document();
        self.conditions.iter().all(|(key, wanted)| match key.strip_prefix("relations.") {
            Some(name) => relations.all(&entity.reference).into_iter().any(|(relation, target)| {
                relation.eq_ignore_ascii_case(name)
                    && wanted.as_ref().is_none_or(|wanted| *wanted == target.to_string())
            }),
            None => holds(&document.value, key, wanted.as_deref()),
        })
    }
}

/// Whether the value at a path is there and as wanted. Keys may hold dots themselves, as annotations do, so
/// that every key that begins the path is tried.
fn holds(value: &Value, path: &str, wanted: Option<&str>) -> bool {
    if path.is_empty() {
        return is_wanted(value, wanted);
    }
    match value {
        Value::Object(map) => map.iter().any(|(key, value)| {
            let rest = path.strip_prefix(key.to_lowercase().as_str());
            let rest =
                rest.and_then(|rest| if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') });
            rest.is_some_and(|rest| holds(value, rest, wanted))
        }),
        Value::Array(items) => {
            let is_item = wanted.is_none_or(|wanted| wanted == "true");
            items.iter().any(|item| holds(item, path, wanted) || (is_item && is_wanted(item, Some(path))))
        }
        _ => false,
    }
}

fn is_wanted(value: &Value, wanted: Option<&str>) -> bool {
    match (value, wanted) {
        (_, None) => true,
        (Value::Array(items), wanted) => items.iter().any(|item| is_wanted(item, wanted)),
        (Value::String(text), Some(wanted)) => text.to_lowercase() == wanted,
        (value, Some(wanted)) => value.to_string().to_lowercase() == wanted,
    }
}
