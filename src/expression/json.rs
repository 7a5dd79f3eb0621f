//! Values from JSON and to it, and the `dump` filter, which lays it out as JavaScript's `JSON.stringify` does.

use std::rc::Rc;

use serde_json::{Map, Value as Json};

use crate::expression::number;
use crate::expression::pattern::Pattern;
use crate::expression::value::{Fallible, Fuel, MAX_NESTING, Record, Value};

pub fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect()),
        Json::Object(entries) => Value::Record(Rc::new(Record::new(
            entries.iter().map(|(key, value)| (Rc::from(key.as_str()), from_json(value))),
        ))),
    }
}

/// The value as JSON, none where it is undefined; what JSON cannot hold (NaN) is null, as JavaScript writes it.
pub fn to_json(value: &Value, fuel: &Fuel) -> Fallible<Option<Json>> {
    Writing { fuel, pattern: |pattern| Json::String(pattern.to_text()) }.json(value, 0)
}

/// How values become JSON: a regular expression is its text in what a template gives, and nothing in `dump`.
struct Writing<'a> {
    fuel: &'a Fuel,
    pattern: fn(&Pattern) -> Json,
}

impl Writing<'_> {
    fn json(&self, value: &Value, depth: usize) -> Fallible<Option<Json>> {
        if depth > MAX_NESTING {
            return Err("a list holds itself, or is nested too deeply".into());
        }
        self.fuel.spend(1)?;
        Ok(Some(match value {
            Value::Undefined(_) => return Ok(None),
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(*flag),
            Value::Number(number) => json_number(*number),
            Value::Text(text) | Value::Safe(text) => Json::String(text.to_string()),
            Value::Pattern(pattern) => (self.pattern)(pattern),
            Value::Callable(_) => return Err("a function is no value".into()),
            Value::List(items) => {
                let mut list = Vec::new();
                for item in items.borrow().iter() {
                    list.push(self.json(item, depth + 1)?.unwrap_or(Json::Null));
                }
                Json::Array(list)
            }
            Value::Record(record) => {
                let mut map = Map::new();
                for (key, item) in record.iter() {
                    if let Some(item) = self.json(item, depth + 1)? {
                        map.insert(key.to_string(), item);
                    }
                }
                Json::Object(map)
            }
        }))
    }
}

/// Whole numbers stay whole in JSON, so that `8080` does not come back as `8080.0`.
fn json_number(number: f64) -> Json {
    const SAFE: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= SAFE {
        return Json::from(number as i64);
    }
    serde_json::Number::from_f64(number).map_or(Json::Null, Json::Number)
}

/// Up to ten blanks, or up to ten characters of a text, a level; none puts all on one line.
pub fn indentation(spacing: &Value) -> String {
    match spacing {
        Value::Text(text) => text.chars().take(10).collect(),
        Value::Number(count) if *count >= 1.0 => " ".repeat(count.min(10.0) as usize),
        _ => String::new(),
    }
}

/// None for undefined, which has no JSON.
pub fn dump(value: &Value, spacing: &Value, fuel: &Fuel) -> Fallible<Option<String>> {
    let writing = Writing { fuel, pattern: |_| Json::Object(Map::new()) };
    let Some(json) = writing.json(value, 0)? else { return Ok(None) };
    let mut output = String::new();
    write(&json, &indentation(spacing), 0, &mut output);
    fuel.text(output.len())?;
    Ok(Some(output))
}

fn write(json: &Json, indent: &str, depth: usize, output: &mut String) {
    match json {
        Json::Array(items) => {
            let items = items.iter().map(|item| (None, item));
            bracketed(('[', ']'), items, indent, depth, output);
        }
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| (Some(key.as_str()), value));
            bracketed(('{', '}'), entries, indent, depth, output);
        }
        Json::Number(number) => output.push_str(&number::to_text(number.as_f64().unwrap_or(f64::NAN))),
        other => output.push_str(&other.to_string()),
    }
}

fn bracketed<'a>(
    brackets: (char, char),
    entries: impl ExactSizeIterator<Item = (Option<&'a str>, &'a Json)>,
    indent: &str,
    depth: usize,
    output: &mut String,
) {
    let empty = entries.len() == 0;
    let line = |output: &mut String, depth: usize| {
        if !indent.is_empty() && !empty {
            output.push('\n');
            output.push_str(&indent.repeat(depth));
        }
    };
    output.push(brackets.0);
    for (index, (key, value)) in entries.enumerate() {
        if index > 0 {
            output.push(',');
        }
        line(output, depth + 1);
        if let Some(key) = key {
            output.push_str(&Json::from(key).to_string());
            output.push_str(if indent.is_empty() { ":" } else { ": " });
        }
        write(value, indent, depth + 1, output);
    }
    line(output, depth);
    output.push(brackets.1);
}
