//! `| pattern | update, delete |`: a copy of a value with the objects that the pattern finds changed.

use std::rc::Rc;

use crate::expression::Fuel;
use crate::scaffold::jsonata::operators::is_same;
use crate::scaffold::jsonata::syntax::{JsonataExpr, JsonataTransform};
use crate::scaffold::jsonata::value::{JsonataList, JsonataRecord, JsonataResult, JsonataValue, set};

/// An object that was found, what its keys become, and the keys that go.
struct TransformedObject {
    of: JsonataValue,
    update: Option<Rc<JsonataRecord>>,
    delete: Vec<JsonataValue>,
}

pub fn transformed(
    subject: &JsonataValue,
    parts: &JsonataTransform,
    evaluate: &dyn Fn(&JsonataExpr, &JsonataValue) -> JsonataResult,
    fuel: &Fuel,
) -> JsonataResult {
    if subject.is_undefined() {
        return Ok(JsonataValue::Undefined);
    }
    let mut changes = Vec::new();
    for of in evaluate(&parts.pattern, subject)?.items() {
        let update = match evaluate(&parts.update, &of)? {
            JsonataValue::Undefined => None,
            JsonataValue::Record(update) => Some(update),
            other => return Err(format!("a transform updates by an object, not by {}", other.type_name())),
        };
        let delete = match &parts.delete {
            Some(delete) => evaluate(delete, &of)?.items(),
            None => Vec::new(),
        };
        if delete.iter().any(|key| !matches!(key, JsonataValue::Text(_))) {
            return Err("a transform deletes keys, which are texts".into());
        }
        changes.push(TransformedObject { of, update, delete });
    }
    changed(subject, &changes, fuel)
}

fn changed(value: &JsonataValue, changes: &[TransformedObject], fuel: &Fuel) -> JsonataResult {
    fuel.spend(1 + changes.len() as u64 / 8)?;
    match value {
        JsonataValue::List(list) => {
            let items = list.items.iter().map(|item| changed(item, changes, fuel));
            let items = items.collect::<JsonataResult<_>>()?;
            Ok(JsonataValue::List(Rc::new(JsonataList { items, ..(**list).clone() })))
        }
        JsonataValue::Record(entries) => {
            let mut made = Vec::with_capacity(entries.len());
            for (key, inner) in entries.iter() {
                made.push((key.clone(), changed(inner, changes, fuel)?));
            }
            for change in changes.iter().filter(|change| is_same(&change.of, value)) {
                for (key, update) in change.update.iter().flat_map(|update| update.iter()) {
                    set(&mut made, key, update.clone());
                }
                made.retain(|(known, _)| {
                    !change.delete.iter().any(|key| matches!(key, JsonataValue::Text(key) if key == known))
                });
            }
            Ok(JsonataValue::Record(Rc::new(made)))
        }
        other => Ok(other.clone()),
    }
}
