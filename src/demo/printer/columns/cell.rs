//! What the cells of many kinds have in common: ages, lists, labels, containers.

use jiff::Timestamp;
use serde_json::Value;

use crate::selector::Selector;
use crate::text;

pub fn name(object: &Value) -> Value {
    object["metadata"]["name"].as_str().unwrap_or_default().into()
}

/// How long ago the object was made.
pub fn created(object: &Value, now: Timestamp) -> Value {
    age(&object["metadata"]["creationTimestamp"], now).into()
}

/// How long ago an instant was; `<unknown>` if it is none.
pub fn age(instant: &Value, now: Timestamp) -> String {
    self::instant(instant).map_or_else(|| "<unknown>".into(), |then| text::age_of(then, now))
}

pub fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

pub fn integer(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// A text, or what stands for its absence.
pub fn text_or(value: &Value, absent: &str) -> String {
    value.as_str().filter(|text| !text.is_empty()).unwrap_or(absent).to_string()
}

/// A number or a percentage as it is written.
pub fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The items of a list, none if it is no list.
pub fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// How many fields an object has.
pub fn count(value: &Value) -> usize {
    value.as_object().map_or(0, serde_json::Map::len)
}

/// `a=1,b=2` by key, `<none>` if there are none.
pub fn labels(value: &Value) -> String {
    let mut pairs: Vec<String> = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    pairs.sort();
    if pairs.is_empty() { "<none>".into() } else { pairs.join(",") }
}

/// A selector of matchLabels and matchExpressions as text.
pub fn selector(value: &Value) -> String {
    let text = Selector::from_label_selector(value).map(|selector| selector.to_string()).unwrap_or_default();
    if text.is_empty() { "<none>".into() } else { text }
}

/// Names and images of a pod template's containers, each joined by commas.
pub fn containers(template: &Value) -> [Value; 2] {
    let containers = items(&template["spec"]["containers"]);
    let joined = |field: &str| {
        let texts: Vec<&str> = containers.iter().filter_map(|container| container[field].as_str()).collect();
        Value::from(texts.join(","))
    };
    [joined("name"), joined("image")]
}

/// At most `max` texts, and how many more there are.
pub fn some_of(texts: &[String], max: usize, separator: &str) -> String {
    let shown = texts[..texts.len().min(max)].join(separator);
    match texts.len().saturating_sub(max) {
        0 => shown,
        more => format!("{shown} + {more} more..."),
    }
}
