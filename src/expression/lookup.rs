//! What a value holds itself: entries, items, characters, a length.

use crate::expression::units::length_of;
use crate::expression::value::{Value, index_of};

/// What a value holds itself under a key: an entry, an item, a length.
pub fn own(value: &Value, key: &str) -> Option<Value> {
    match value {
        Value::Record(record) => record.get(key).cloned(),
        Value::List(items) if key == "length" => Some(Value::Number(items.borrow().len() as f64)),
        Value::List(items) => items.borrow().get(index_of(key)? as usize).cloned(),
        Value::Text(text) | Value::Safe(text) if key == "length" => {
            Some(Value::Number(length_of(text) as f64))
        }
        Value::Text(text) | Value::Safe(text) => {
            let index = index_of(key)? as usize;
            if text.is_ascii() {
                return text.get(index..=index).map(Value::text);
            }
            characters(text).into_iter().nth(index)
        }
        _ => None,
    }
}

/// The items of a list, or the characters of a text.
pub fn items(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::List(items) => Some(items.borrow().clone()),
        Value::Text(text) | Value::Safe(text) => Some(characters(text)),
        _ => None,
    }
}

/// One text for each unit.
pub fn characters(text: &str) -> Vec<Value> {
    text.encode_utf16().map(|unit| Value::text(String::from_utf16_lossy(&[unit]))).collect()
}
