//! JSON Schema as templates use it (draft 7), in our own words: every violation names its property.
//!
//! The crate jsonschema would bring fifty others and messages of its own; what forms and action inputs use is this.

mod choices;
mod collections;
mod formats;
mod scalars;
mod types;

use serde_json::Value as Json;

pub use crate::scaffold::schema::choices::constants_fit;

/// Something that a schema does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub kind: ViolationKind,
    /// A JSON pointer into the instance; empty is the instance itself.
    pub pointer: String,
    /// Follows the name of the property: `must be a number, not text`.
    pub message: String,
}

/// What a violation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViolationKind {
    /// There is no property of that name, whatever its value.
    UnknownName,
    Value,
}

/// How deep schemas may refer to each other.
const MAX_DEPTH: usize = 40;

/// Everything about an instance that its schema does not allow, in the order of the instance.
pub fn violations(schema: &Json, instance: &Json) -> Vec<Violation> {
    let mut check = SchemaCheck { root: schema, found: Vec::new() };
    check.against(schema, instance, "", 0);
    check.found
}

pub fn fits(schema: &Json, instance: &Json) -> bool {
    violations(schema, instance).is_empty()
}

struct SchemaCheck<'a> {
    root: &'a Json,
    found: Vec<Violation>,
}

impl<'a> SchemaCheck<'a> {
    fn report(&mut self, pointer: &str, message: impl Into<String>) {
        let kind = ViolationKind::Value;
        self.found.push(Violation { kind, pointer: pointer.into(), message: message.into() });
    }

    fn fits(&self, schema: &Json, instance: &Json, depth: usize) -> bool {
        let mut check = SchemaCheck { root: self.root, found: Vec::new() };
        check.against(schema, instance, "", depth + 1);
        check.found.is_empty()
    }

    fn against(&mut self, schema: &Json, instance: &Json, at: &str, depth: usize) {
        if depth > MAX_DEPTH {
            return self.report(at, "cannot be checked: its schema refers to itself");
        }
        let schema = match schema {
            Json::Bool(true) | Json::Null => return,
            Json::Bool(false) => return self.report(at, "is not allowed here"),
            Json::Object(schema) => schema,
            _ => return,
        };
        if let Some(target) = schema.get("$ref").and_then(Json::as_str) {
            return match target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)) {
                Some(target) => self.against(target, instance, at, depth + 1),
                None => self.report(
                    at,
                    format!("cannot be checked: its schema refers to '{target}', which is not there"),
                ),
            };
        }
        self.types(schema, instance, at);
        match instance {
            Json::Object(map) => self.object(schema, map, at, depth),
            Json::Array(items) => self.array(schema, items, at, depth),
            Json::String(text) => self.text(schema, text, at),
            Json::Number(number) => self.number(schema, number.as_f64().unwrap_or(f64::NAN), at),
            _ => {}
        }
        self.combined(schema, instance, at, depth);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::violations;

    #[track_caller]
    fn check(schema: Json, instance: Json, expect: &[&str]) {
        let found: Vec<String> = violations(&schema, &instance)
            .iter()
            .map(|each| format!("{} {}", each.pointer, each.message))
            .collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn violations_name_their_property() {
        let schema = json!({
            "required": ["name", "owner"],
            "properties": {
                "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 3},
                "port": {"type": "integer", "minimum": 1, "maximum": 65535},
                "kind": {"enum": ["a", "b"]},
                "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": true},
            },
            "additionalProperties": false,
        });
        check(schema.clone(), json!({"name": "abc", "owner": "x"}), &["/owner is not known here"]);
        check(
            schema,
            json!({"name": "Abcd", "port": 0.5, "kind": "c", "tags": ["x", 1, "x"], "nmae": 1}),
            &[
                "/owner is required",
                "/name must have at most 3 characters, not 4",
                "/name must match ^[a-z]+$, which \"Abcd\" does not",
                "/port must be a whole number, not a number",
                "/port must be 1 or more, not 0.5",
                "/kind must be one of \"a\", \"b\", not \"c\"",
                "/tags/1 must be text, not a number",
                "/tags/2 repeats \"x\"",
                "/nmae is not known here; did you mean 'name'?",
            ],
        );
    }

    #[test]
    fn conditions_choose_what_is_required() {
        let schema = json!({
            "properties": {"db": {"type": "boolean"}},
            "if": {"properties": {"db": {"const": true}}, "required": ["db"]},
            "then": {"required": ["engine"]},
            "dependencies": {"engine": {"oneOf": [
                {"properties": {"engine": {"const": "pg"}, "version": {"type": "number"}}, "required": ["version"]},
                {"properties": {"engine": {"const": "none"}}},
            ]}},
        });
        check(schema.clone(), json!({}), &[]);
        check(schema.clone(), json!({"db": true}), &["/engine is required"]);
        check(schema.clone(), json!({"db": true, "engine": "pg"}), &["/version is required"]);
        check(schema.clone(), json!({"engine": "none"}), &[]);
        check(schema, json!({"engine": "x"}), &[" fits none of the choices"]);
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        check(json!({"$ref": "#"}), json!(1), &[" cannot be checked: its schema refers to itself"]);
        check(
            json!({"$ref": "#/definitions/x"}),
            json!(1),
            &[" cannot be checked: its schema refers to '#/definitions/x', which is not there"],
        );
    }
}
