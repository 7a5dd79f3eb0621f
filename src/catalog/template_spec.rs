//! What a Template must look like below its spec, as Backstage's schema of v1beta3 has it. What its steps mean is checked by
//! `template lint`.

use serde_json::Value;

use crate::catalog::rules::SPEC;
use crate::yaml::{Document, LintFinding, value_at};

#[derive(Clone, Copy)]
enum Form {
    Map,
    List,
    /// A map, or a list of maps.
    Maps,
    Text,
    FullText,
    Condition,
}

/// Each field by its way from the spec; `*` is every item of a list.
const FIELDS: &[(&str, Form)] = &[
    ("parameters", Form::Maps),
    ("secrets", Form::Map),
    ("secrets/schema", Form::Map),
    ("presentation", Form::Map),
    ("presentation/buttonLabels", Form::Map),
    ("formDecorators", Form::List),
    ("formDecorators/*", Form::Map),
    ("steps/*", Form::Map),
    ("steps/*/action", Form::Text),
    ("steps/*/id", Form::Text),
    ("steps/*/name", Form::Text),
    ("steps/*/input", Form::Map),
    ("steps/*/if", Form::Condition),
    ("output", Form::Map),
    ("output/links", Form::List),
    ("output/links/*", Form::Map),
    ("output/links/*/url", Form::FullText),
    ("output/links/*/entityRef", Form::FullText),
    ("output/links/*/title", Form::FullText),
    ("output/links/*/icon", Form::FullText),
    ("output/links/*/if", Form::Condition),
    ("output/text", Form::List),
    ("output/text/*", Form::Map),
    ("output/text/*/title", Form::FullText),
    ("output/text/*/icon", Form::FullText),
    ("output/text/*/content", Form::Text),
    ("output/text/*/if", Form::Condition),
];

/// What is wrong below the spec of a Template.
pub fn check(document: &Document, problems: &mut Vec<LintFinding>) {
    let mut tell = |pointer: &str, message: String| {
        problems.push(LintFinding::new(&SPEC, document.problem(pointer, message)));
    };
    for (way, form) in FIELDS {
        for pointer in pointers(&document.value, way) {
            let Some(value) = value_at(&document.value, &pointer) else { continue };
            if let Some(expected) = unless(*form, value) {
                tell(&pointer, format!("{} must be {expected}", shown(&pointer)));
            }
        }
    }
    for pointer in pointers(&document.value, "steps/*") {
        let step = value_at(&document.value, &pointer);
        if step.is_some_and(|step| step.is_object() && step.get("action").is_none()) {
            tell(&pointer, format!("{}.action is missing: a step has an action", shown(&pointer)));
        }
    }
    let outputs = value_at(&document.value, "/spec/output").and_then(Value::as_object).into_iter().flatten();
    for (key, value) in outputs {
        if key != "links" && key != "text" && !value.is_string() {
            let pointer = format!("/spec/output/{}", crate::yaml::step(key));
            tell(&pointer, format!("spec.output.{key} must be a text"));
        }
    }
}

/// The pointers that a way means in a value.
fn pointers(value: &Value, way: &str) -> Vec<String> {
    let mut found = vec!["/spec".to_string()];
    for step in way.split('/') {
        found = found
            .into_iter()
            .flat_map(|pointer| match (step, value_at(value, &pointer)) {
                ("*", Some(Value::Array(items))) => {
                    (0..items.len()).map(|index| format!("{pointer}/{index}")).collect()
                }
                ("*", _) => Vec::new(),
                (step, _) => vec![format!("{pointer}/{step}")],
            })
            .collect();
    }
    found
}

/// What was expected, where a value is something else.
fn unless(form: Form, value: &Value) -> Option<&'static str> {
    let (fits, expected) = match form {
        Form::Map => (value.is_object(), "a map"),
        Form::List => (value.is_array(), "a list"),
        Form::Maps => {
            let is_list = value.as_array().is_some_and(|items| items.iter().all(Value::is_object));
            (value.is_object() || is_list, "a JSON Schema or a list of them")
        }
        Form::Text => (value.is_string(), "a text"),
        Form::FullText => (value.as_str().is_some_and(|text| !text.is_empty()), "a text that is not empty"),
        Form::Condition => (value.is_string() || value.is_boolean(), "a text or a boolean"),
    };
    (!fits).then_some(expected)
}

/// `/spec/steps/0/action` as people write it.
fn shown(pointer: &str) -> String {
    let mut text = String::new();
    for step in pointer.split('/').skip(1) {
        match step.parse::<usize>() {
            Ok(index) => text.push_str(&format!("[{index}]")),
            Err(_) if text.is_empty() => text.push_str(step),
            Err(_) => text.push_str(&format!(".{step}")),
        }
    }
    text
}
