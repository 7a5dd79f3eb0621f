//! Backstage's filter of entities: `kind=component,spec.type=service`, a key alone asking whether it is there; or a predicate, in a map.

use serde_json::{Value, json};

use crate::catalog::entity::Entity;
use crate::catalog::predicate::Predicate;
use crate::catalog::relations::Relations;
use crate::yaml::documents;

/// A longer text is not looked for: Backstage's search does not hold it.
const MOST_VALUE: usize = 200;

/// Several filters are alternatives.
#[derive(Clone, Debug, PartialEq)]
pub enum EntityFilter {
    /// Conditions that must all hold.
    Conditions(Vec<(String, Option<String>)>),
    Predicate(Predicate),
}

impl EntityFilter {
    /// Reads `key=value,key`, or a predicate in braces; an empty key is an error.
    pub fn parse(text: &str) -> Result<EntityFilter, String> {
        if text.trim_start().starts_with('{') {
            let read = documents("the filter", text);
            return match read.as_slice() {
                [Ok(document)] => Predicate::parse(&document.value).map(EntityFilter::Predicate),
                [Err(problem)] => Err(format!("the predicate cannot be read: {}", problem.message)),
                _ => Err("one predicate is expected".to_string()),
            };
        }
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
            false => Ok(EntityFilter::Conditions(conditions)),
        }
    }

    /// Keys are paths with dots, `relations.ownedby=group:default/a` among them; nothing regards case. Of
    /// a list any item will do, and `path.item` asks for one.
    pub fn matches(&self, entity: &Entity, relations: &Relations) -> bool {
        let document = entity.document();
        match self {
            EntityFilter::Conditions(conditions) => {
                conditions.iter().all(|(key, wanted)| match key.strip_prefix("relations.") {
                    Some(name) => relations.all(&entity.reference).into_iter().any(|(relation, target)| {
                        relation.eq_ignore_ascii_case(name)
                            && wanted.as_ref().is_none_or(|wanted| *wanted == target.to_string())
                    }),
                    None => holds(&document.value, key, wanted.as_deref()),
                })
            }
            EntityFilter::Predicate(predicate) => {
                let mut value = document.value;
                if let Some(map) = value.as_object_mut() {
                    map.insert("relations".to_string(), relations_of(entity, relations));
                }
                predicate.holds(&value, &values_at)
            }
        }
    }
}

/// As Backstage shows them: `[{type, targetRef}]`.
fn relations_of(entity: &Entity, relations: &Relations) -> Value {
    let all = relations.all(&entity.reference).into_iter();
    all.map(|(relation, target)| json!({"type": relation, "targetRef": target.to_string()})).collect()
}

/// What stands at a path with dots; keys may hold dots themselves, and none regards case. `relations.dependsOn` are the targets of that relation.
fn values_at<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    let Value::Object(map) = value else { return Vec::new() };
    if let (Some(name), Some(Value::Array(relations))) =
        (path.strip_prefix("relations."), map.get("relations"))
    {
        let named = |one: &&Value| one["type"].as_str().is_some_and(|text| text.eq_ignore_ascii_case(name));
        return relations.iter().filter(named).map(|one| &one["targetRef"]).collect();
    }
    let mut found = Vec::new();
    for (key, value) in map {
        let (Some(head), Some(rest)) = (path.get(..key.len()), path.get(key.len()..)) else { continue };
        if !head.eq_ignore_ascii_case(key) {
            continue;
        }
        match rest.strip_prefix('.') {
            Some(rest) => found.extend(values_at(value, rest)),
            None if rest.is_empty() => found.push(value),
            None => {}
        }
    }
    found
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
        (Value::String(text), Some(wanted)) => text.len() <= MOST_VALUE && text.to_lowercase() == wanted,
        (value, Some(wanted)) => value.to_string().to_lowercase() == wanted,
    }
}
