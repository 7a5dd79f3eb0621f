//! What kind of value it is, which values are allowed, and how a value is put in words.

use serde_json::{Map, Value as Json};

use crate::scaffold::schema::SchemaCheck;

impl SchemaCheck<'_> {
    pub fn types(&mut self, schema: &Map<String, Json>, instance: &Json, at: &str) {
        let wanted: Vec<&str> = match schema.get("type") {
            Some(Json::String(one)) => vec![one],
            Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        if !wanted.is_empty() && !wanted.iter().any(|wanted| is_type(wanted, instance)) {
            let words: Vec<&str> = wanted.iter().map(|wanted| type_words(wanted)).collect();
            self.report(at, format!("must be {}, not {}", words.join(" or "), kind(instance)));
        }
        if let Some(Json::Array(options)) = schema.get("enum")
            && !options.iter().any(|option| same(option, instance))
        {
            self.report(at, format!("must be one of {}, not {}", listed(options), shown(instance)));
        }
        if let Some(only) = schema.get("const")
            && !same(only, instance)
        {
            self.report(at, format!("must be {}, not {}", shown(only), shown(instance)));
        }
    }
}

fn is_type(wanted: &str, instance: &Json) -> bool {
    match wanted {
        "string" => instance.is_string(),
        "number" => instance.is_number(),
        "integer" => instance.as_f64().is_some_and(|number| number.fract() == 0.0),
        "boolean" => instance.is_boolean(),
        "array" => instance.is_array(),
        "object" => instance.is_object(),
        "null" => instance.is_null(),
        _ => true,
    }
}

fn type_words(wanted: &str) -> &str {
    match wanted {
        "string" => "text",
        "number" => "a number",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

fn kind(instance: &Json) -> &'static str {
    match instance {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// Equality of JSON, in which 1 and 1.0 are one number.
pub fn same(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.as_f64() == right.as_f64(),
        (left, right) => left == right,
    }
}

pub fn shown(value: &Json) -> String {
    let text = value.to_string();
    if text.chars().count() > 60 { format!("{}...", text.chars().take(57).collect::<String>()) } else { text }
}

fn listed(options: &[Json]) -> String {
    options.iter().map(shown).collect::<Vec<_>>().join(", ")
}
