//! The JSON Schema of catalog files, made of the rows that documents are checked by: for editors.

use serde_json::{Map, Value, json};

use crate::catalog::kinds::{CustomKind, EntityKind, KINDS, Shape, SpecField};

const NAME: &str = "^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$";
const NAMESPACE: &str = "^[a-z0-9]+(?:-+[a-z0-9]+)*$";
const TAG: &str = "^[a-z0-9:+#]+(-[a-z0-9:+#]+)*$";

/// The schema of a document of any kind, with those that a company adds.
pub fn schema(custom: &[CustomKind]) -> Value {
    let names: Vec<&str> =
        KINDS.iter().map(|kind| kind.name).chain(custom.iter().map(|own| own.kind.as_str())).collect();
    let of_kind = |kind: &EntityKind| {
        json!({
            "if": {"properties": {"kind": {"const": kind.name}}},
            "then": {
                "properties": {"apiVersion": {"enum": kind.versions}, "spec": spec(kind)},
                "required": ["spec"],
            },
        })
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An entity of the catalog",
        "type": "object",
        "additionalProperties": false,
        "required": ["apiVersion", "kind", "metadata"],
        "properties": {
            "apiVersion": {"type": "string", "minLength": 1},
            "kind": {"enum": names},
            "metadata": metadata(),
            "spec": {"type": "object"},
        },
        "allOf": KINDS.iter().map(of_kind).collect::<Vec<_>>(),
    })
}

fn spec(kind: &EntityKind) -> Value {
    let mut properties = Map::new();
    for field in kind.fields {
        properties.insert(field.name.to_string(), shape(field));
    }
    // An MCP server has remotes in the place of a definition.
    let is_required = |field: &&SpecField| field.required && field.name != "definition";
    let required: Vec<&str> = kind.fields.iter().filter(is_required).map(|field| field.name).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn shape(field: &SpecField) -> Value {
    let text = json!({"type": "string", "minLength": 1});
    let mut shape = match field.shape {
        Shape::Text => text,
        Shape::Texts => json!({"type": "array", "items": text}),
        Shape::Definition => {
            json!({"anyOf": [text, {"type": "object", "minProperties": 1, "maxProperties": 1}]})
        }
        Shape::Object => json!({"type": "object"}),
        Shape::List => json!({"type": "array"}),
        Shape::Loose => json!({}),
    };
    if let (Some(edge), Some(shape)) = (field.edge, shape.as_object_mut()) {
        let usual =
            edge.kind.map_or("with its kind".to_string(), |kind| format!("a {kind} where no kind is named"));
        shape.insert("description".to_string(), json!(format!("[kind:][namespace/]name: {usual}")));
    }
    shape
}

fn metadata() -> Value {
    let text = json!({"type": "string", "minLength": 1});
    json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "pattern": NAME, "maxLength": 63},
            "namespace": {"type": "string", "pattern": NAMESPACE, "maxLength": 63},
            "title": text,
            "description": {"type": "string"},
            "labels": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 63}},
            "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
            "tags": {"type": "array", "items": {"type": "string", "pattern": TAG, "maxLength": 63}},
            "links": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["url"],
                    "properties": {"url": text, "title": text, "icon": text, "type": text},
                },
            },
        },
    })
}
