//! The `dump` filter: JSON as JavaScript's `JSON.stringify` lays it out.

use serde_json::Value as Json;

use crate::scaffold::expression::number;
use crate::scaffold::expression::value::{Fallible, Fuel, Value, to_json};

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
    let Some(json) = to_json(value, fuel)? else { return Ok(None) };
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
