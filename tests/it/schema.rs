//! Checks JSON against docs/schema: the part of JSON Schema 2020-12 that is used there, and stricter in one thing,
//! for a property that the schema does not describe is an error, so that nothing is published undescribed.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// Every way in which the document differs from its schema, each with its place.
pub fn violations(schema: &Value, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, document, "", &mut found);
    found
}

/// What this checker understands; anything else in a schema is a mistake that must not pass in silence.
const KEYWORDS: &[&str] = &[
    "$schema",
    "$id",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "const",
    "enum",
    "pattern",
    "format",
    "minimum",
    "properties",
    "required",
    "items",
    "additionalProperties",
];

/// The published schema of a document, by its `kind`; every document of callboard's has one.
pub fn published(kind: &str) -> Value {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    let mut schemas = fs::read_dir(directory).expect("readable").map(|entry| {
        let text = fs::read_to_string(entry.expect("readable").path()).expect("readable");
        serde_json::from_str::<Value>(&text).expect("JSON")
    });
    schemas.find(|schema| schema["title"] == kind).unwrap_or_else(|| panic!("no schema describes {kind}"))
}

/// A document that callboard printed must be as its schema says.
#[track_caller]
pub fn conforms(document: &Value) {
    if document["apiVersion"] != "callboard.dev/v1alpha1" {
        return;
    }
    // How long an answer took is the one number that tests blot out.
    let text = document.to_string().replace(r#""[MS]""#, "1");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let kind = document["kind"].as_str().expect("a kind");
    let wrong = violations(&published(kind), &document);
    assert!(wrong.is_empty(), "{kind}:\n{}", wrong.join("\n"));
}

fn check(root: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    for keyword in schema.as_object().expect("a schema is an object").keys() {
        assert!(KEYWORDS.contains(&keyword.as_str()), "the schema says {keyword}, which is not checked here");
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).expect("the reference leads somewhere");
        return check(root, target, value, place, found);
    }
    let mut wrong = |what: String| found.push(format!("{place}: {what}, but it is {value}"));
    match schema["type"].as_str() {
        Some("object") if !value.is_object() => wrong("expected an object".to_string()),
        Some("array") if !value.is_array() => wrong("expected a list".to_string()),
        Some("string") if !value.is_string() => wrong("expected a text".to_string()),
        Some("boolean") if !value.is_boolean() => wrong("expected true or false".to_string()),
        Some("integer") if !value.is_i64() => wrong("expected a whole number".to_string()),
        _ => {}
    }
    if let Some(only) = schema.get("const").filter(|only| *only != value) {
        wrong(format!("expected {only}"));
    }
    if let Some(choice) = schema["enum"].as_array().filter(|choice| !choice.contains(value)) {
        wrong(format!("expected one of {choice:?}"));
    }
    if let (Some(least), Some(number)) = (schema["minimum"].as_i64(), value.as_i64())
        && number < least
    {
        wrong(format!("expected {least} at least"));
    }
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str())
        && !regex::Regex::new(pattern).expect("a pattern").is_match(text)
    {
        wrong(format!("expected {pattern}"));
    }
    if let (Some("date-time"), Some(text)) = (schema["format"].as_str(), value.as_str())
        && !regex::Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$").expect("a pattern").is_match(text)
    {
        wrong("expected an instant of RFC 3339 in UTC".to_string());
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().expect("a name");
        if value.get(name).is_none() {
            found.push(format!("{place}/{name}: it must always be there"));
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name).or(schema.get("additionalProperties")) {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => {
                found.push(format!("{place}/{name}: the schema does not describe it"))
            }
            Some(schema) => check(root, schema, member, &format!("{place}/{name}"), found),
            None => found.push(format!("{place}/{name}: the schema does not describe it")),
        }
    }
    if let Some(of_items) = schema.get("items") {
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            check(root, of_items, item, &format!("{place}/{index}"), found);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::violations;

    #[track_caller]
    fn check(document: Value, expect: &[&str]) {
        let schema = json!({
            "type": "object", "required": ["name"],
            "properties": {
                "name": {"type": "string", "pattern": "^[a-z]+$"}, "at": {"type": "string", "format": "date-time"},
                "sizes": {"type": "array", "items": {"$ref": "#/$defs/size"}},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "any": {"additionalProperties": true},
            },
            "$defs": {"size": {"type": "integer", "minimum": 1}},
        });
        assert_eq!(violations(&schema, &document), expect);
    }

    #[test]
    fn what_differs_is_found() {
        check(json!({"name": "a", "at": "2026-01-15T10:00:00Z", "sizes": [1, 2]}), &[]);
        check(json!({"name": "a", "labels": {"x": "y"}, "any": {"x": {"y": 1}}}), &[]);
        check(json!({"name": "a", "labels": {"x": 1}}), &["/labels/x: expected a text, but it is 1"]);
        check(json!({}), &["/name: it must always be there"]);
        check(json!({"name": "A"}), &["/name: expected ^[a-z]+$, but it is \"A\""]);
        check(json!({"name": null}), &["/name: expected a text, but it is null"]);
        check(json!({"name": "a", "b": 1}), &["/b: the schema does not describe it"]);
        check(json!({"name": "a", "sizes": [0]}), &["/sizes/0: expected 1 at least, but it is 0"]);
        check(
            json!({"name": "a", "at": "noon"}),
            &["/at: expected an instant of RFC 3339 in UTC, but it is \"noon\""],
        );
        check(json!([]), &[": expected an object, but it is []", "/name: it must always be there"]);
    }
}
