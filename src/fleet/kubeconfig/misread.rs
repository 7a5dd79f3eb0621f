//! Why a text is no kubeconfig, in plain words and with its place; never with a value, which may be a secret.

use crate::yaml::{Document, YamlLimits, documents_within};
use serde_json::Value;

/// Line and column.
pub type TextPlace = Option<(u64, u64)>;

/// The first thing that is wrong with a text which could not be decoded; `at` is where the decoder gave up.
pub fn why(text: &str, at: TextPlace) -> (TextPlace, String) {
    let limits = YamlLimits { nodes: 1_000_000, ..YamlLimits::for_objects() };
    let found = documents_within("", text, &limits).into_iter().find_map(|document| match document {
        Err(problem) => Some((place(&problem.place), unquoted(&problem.message))),
        Ok(document) => misshapen(&document),
    });
    found.unwrap_or_else(|| (at, "the YAML cannot be read from here on".to_string()))
}

fn place(place: &crate::yaml::Place) -> TextPlace {
    Some((u64::try_from(place.line).ok()?, u64::try_from(place.column).ok()?))
}

/// What stands in the place of a map or a list.
fn misshapen(document: &Document) -> Option<(TextPlace, String)> {
    let Value::Object(map) = &document.value else {
        let text =
            format!("{} where a map of clusters, users and contexts is expected", kind(&document.value));
        return (!document.value.is_null()).then(|| (place(&document.place("")), text));
    };
    let lists = ["clusters", "users", "contexts"].into_iter();
    lists.filter_map(|name| Some((name, map.get(name)?))).find_map(|(name, value)| {
        let is_fine = value.is_array() || value.is_null();
        let text = format!("{name}: {} where a list is expected", kind(value));
        (!is_fine).then(|| (place(&document.place(&format!("/{name}"))), text))
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "a map stands",
        Value::Array(_) => "a list stands",
        Value::String(_) => "a text stands",
        Value::Number(_) => "a number stands",
        Value::Bool(_) | Value::Null => "a single word stands",
    }
}

/// A message without anything it quotes.
fn unquoted(message: &str) -> String {
    let (mut kept, mut quote) = (String::new(), None);
    for c in message.lines().next().unwrap_or_default().chars() {
        match quote {
            Some(end) if c == end => (quote, kept) = (None, kept + "..."),
            Some(_) => {}
            None if matches!(c, '"' | '`' | '\'') => quote = Some(c),
            None => kept.push(c),
        }
    }
    crate::fleet::silence::brief(&kept)
}
