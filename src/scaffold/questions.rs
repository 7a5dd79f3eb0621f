//! How to ask for a property: what its schema and its `ui:*` hints make of it on a terminal.

use serde_json::Value as Json;

use crate::scaffold::parameters::Property;

#[derive(Clone, Debug, PartialEq)]
pub enum Widget {
    Text {
        lines: bool,
    },
    /// Typed unseen, kept out of answers and lock.
    Secret,
    Number,
    Boolean,
    /// One of these values, each under its label.
    Select(Vec<(Json, String)>),
    /// Any of these values.
    Several(Vec<(Json, String)>),
    /// Entities of the catalog; the answer is a reference, or a list of them.
    Entity(Picker),
    /// A name that an entity may have.
    EntityName,
    /// `host?owner=o&repo=r`.
    Repository {
        hosts: Vec<String>,
        owners: Vec<String>,
    },
    /// Tags of entities of some kinds, or of every kind.
    Tags {
        kinds: Vec<String>,
    },
    /// Never asked; its default counts.
    Hidden,
    /// Nothing to answer: its description is to be read.
    Remark,
    /// An object whose properties are questions of their own.
    Group,
    /// A list of such objects.
    Rows,
    /// Any other list or object: texts between commas, or JSON.
    Json,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picker {
    /// Kinds to choose from; empty is every kind.
    pub kinds: Vec<String>,
    /// What `catalogFilter` demands, as the template has it.
    pub filter: Option<Json>,
    pub default_kind: Option<String>,
    pub default_namespace: Option<String>,
    /// Whether a text that names no entity is taken.
    pub arbitrary: bool,
    /// Only what I or my groups own.
    pub owned: bool,
    pub several: bool,
}

/// What to print and how to read the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptQuestion {
    pub name: String,
    pub title: String,
    pub help: Option<String>,
    /// `ui:placeholder`, or the first of `examples`.
    pub example: Option<String>,
    pub widget: Widget,
    pub default: Option<Json>,
    pub required: bool,
}

pub fn question(property: &Property) -> PromptQuestion {
    let schema = &property.schema;
    // RJSF reads a hint from `ui:x` and from `ui:options.x` alike.
    let hint =
        |key: &str| schema[format!("ui:{key}")].as_str().or_else(|| schema["ui:options"][key].as_str());
    let text = |key: &str| schema[key].as_str().or_else(|| hint(key)).map(String::from);
    let example = hint("placeholder").or_else(|| schema["examples"][0].as_str());
    let help: Vec<String> = [text("description"), text("help")].into_iter().flatten().collect();
    PromptQuestion {
        name: property.name.clone(),
        title: text("title").unwrap_or_else(|| property.name.clone()),
        help: (!help.is_empty()).then(|| help.join(" ")),
        example: example.map(String::from),
        widget: widget(&property.schema),
        default: property.schema.get("default").cloned(),
        required: property.required,
    }
}

/// What a schema asks for.
pub fn widget(schema: &Json) -> Widget {
    let hint = |key: &str| &schema["ui:options"][key];
    let look = schema["ui:widget"].as_str().or_else(|| hint("widget").as_str()).unwrap_or_default();
    let fixed =
        ["disabled", "readonly"].iter().any(|key| schema[format!("ui:{key}")] == true || *hint(key) == true);
    if fixed || schema.get("const").is_some() {
        return Widget::Hidden;
    }
    match (look, schema["ui:field"].as_str().unwrap_or_default()) {
        ("hidden", _) => return Widget::Hidden,
        ("password", _) | (_, "Secret") => return Widget::Secret,
        (_, "RepoUrlPicker") => {
            return Widget::Repository {
                hosts: option(schema, "allowedHosts"),
                owners: option(schema, "allowedOwners"),
            };
        }
        (_, "EntityNamePicker") => return Widget::EntityName,
        (_, "EntityTagsPicker") => return Widget::Tags { kinds: option(schema, "kinds") },
        (_, field) => {
            if let Some(picker) = picker(schema, field) {
                return Widget::Entity(picker);
            }
        }
    }
    // What the form shows in grey cannot be chosen.
    let disabled = schema["ui:enumDisabled"].as_array().or_else(|| hint("enumDisabled").as_array());
    let is_open = |value: &Json| disabled.is_none_or(|disabled| !disabled.contains(value));
    let options = |schema: &Json| -> Option<Vec<(Json, String)>> {
        Some(labelled(schema)?.into_iter().filter(|(value, _)| is_open(value)).collect())
    };
    if let Some(options) = options(schema) {
        return Widget::Select(options);
    }
    match schema["type"].as_str() {
        Some("null") => Widget::Remark,
        Some("boolean") => Widget::Boolean,
        Some("integer" | "number") => Widget::Number,
        Some("array") if is_form(&schema["items"]) => Widget::Rows,
        Some("array") => options(&schema["items"]).map_or(Widget::Json, Widget::Several),
        None | Some("object") if is_form(schema) => Widget::Group,
        Some("object") => Widget::Json,
        _ => Widget::Text { lines: look == "textarea" },
    }
}

fn is_form(schema: &Json) -> bool {
    schema["properties"].as_object().is_some_and(|properties| !properties.is_empty())
}

/// A list of texts in `ui:options`.
fn option(schema: &Json, key: &str) -> Vec<String> {
    let list = schema["ui:options"][key].as_array();
    list.into_iter().flatten().filter_map(|item| Some(item.as_str()?.to_string())).collect()
}

fn picker(schema: &Json, field: &str) -> Option<Picker> {
    let options = &schema["ui:options"];
    let text = |key: &str| options[key].as_str().map(String::from);
    let mut kinds = option(schema, "allowedKinds");
    let filter = options.get("catalogFilter").cloned();
    if let (true, Some(filter)) = (kinds.is_empty(), &filter) {
        kinds = kinds_of(filter);
    }
    let groups_and_users = || vec!["Group".to_string(), "User".to_string()];
    match field {
        "EntityPicker" | "MultiEntityPicker" | "OwnedEntityPicker" => {}
        "OwnerPicker" if kinds.is_empty() => kinds = groups_and_users(),
        "OwnerPicker" => {}
        "MyGroupsPicker" => kinds = vec!["Group".into()],
        _ => return None,
    }
    Some(Picker {
        kinds,
        filter,
        default_kind: text("defaultKind").or_else(|| (field == "OwnerPicker").then(|| "Group".to_string())),
        default_namespace: text("defaultNamespace"),
        arbitrary: field != "MyGroupsPicker" && options["allowArbitraryValues"] != false,
        owned: matches!(field, "OwnedEntityPicker" | "MyGroupsPicker"),
        several: field == "MultiEntityPicker",
    })
}

/// The kinds that a catalog filter names: `{kind: Component}`, `[{kind: [Group, User]}]`.
fn kinds_of(filter: &Json) -> Vec<String> {
    match filter {
        Json::Array(filters) => filters.iter().flat_map(kinds_of).collect(),
        filter => match &filter["kind"] {
            Json::String(kind) => vec![kind.clone()],
            Json::Array(kinds) => kinds.iter().filter_map(|kind| Some(kind.as_str()?.to_string())).collect(),
            _ => Vec::new(),
        },
    }
}

/// The values of an `enum`, or of a `oneOf` of constants, with their labels.
fn labelled(schema: &Json) -> Option<Vec<(Json, String)>> {
    let spelt = |value: &Json| value.as_str().map_or_else(|| value.to_string(), String::from);
    if let Some(values) = schema["enum"].as_array() {
        let names = schema["enumNames"].as_array().or_else(|| schema["ui:enumNames"].as_array());
        let label = |index: usize, value: &Json| {
            names.and_then(|names| names.get(index)?.as_str()).map_or_else(|| spelt(value), String::from)
        };
        return Some(
            values.iter().enumerate().map(|(index, value)| (value.clone(), label(index, value))).collect(),
        );
    }
    let options = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array())?;
    let constants: Vec<(Json, String)> = options
        .iter()
        .filter_map(|option| {
            let value = option.get("const")?;
            Some((value.clone(), option["title"].as_str().map_or_else(|| spelt(value), String::from)))
        })
        .collect();
    (constants.len() == options.len() && !constants.is_empty()).then_some(constants)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{Picker, Widget, widget};

    #[track_caller]
    fn check(schema: Json, expect: Widget) {
        assert_eq!(widget(&schema), expect, "{schema}");
    }

    #[test]
    fn schemas_become_questions() {
        let label = |value: &str, label: &str| (json!(value), label.to_string());
        check(json!({"type": "string"}), Widget::Text { lines: false });
        check(json!({"type": "string", "ui:widget": "textarea"}), Widget::Text { lines: true });
        check(json!({"type": "string", "ui:field": "Secret"}), Widget::Secret);
        check(json!({"type": "string", "ui:widget": "hidden"}), Widget::Hidden);
        check(json!({"type": "boolean"}), Widget::Boolean);
        check(json!({"type": "integer"}), Widget::Number);
        check(
            json!({"enum": ["a", "b"], "enumNames": ["A"]}),
            Widget::Select(vec![label("a", "A"), label("b", "b")]),
        );
        check(json!({"oneOf": [{"const": "a", "title": "A"}]}), Widget::Select(vec![label("a", "A")]));
        check(json!({"type": "array", "items": {"enum": ["a"]}}), Widget::Several(vec![label("a", "a")]));
        check(json!({"type": "array"}), Widget::Json);
        check(json!({"type": "null", "description": "Read this."}), Widget::Remark);
        check(json!({"enum": ["a", "b"], "ui:enumDisabled": ["a"]}), Widget::Select(vec![label("b", "b")]));
        let form = json!({"type": "object", "properties": {"a": {}}});
        check(form.clone(), Widget::Group);
        check(json!({"type": "array", "items": form}), Widget::Rows);
        check(json!({"type": "object"}), Widget::Json);
        check(json!({"type": "string", "ui:readonly": true}), Widget::Hidden);
        check(json!({"type": "string", "const": "x"}), Widget::Hidden);
        check(json!({"type": "string", "ui:options": {"widget": "password"}}), Widget::Secret);
        check(
            json!({"type": "array", "ui:field": "EntityTagsPicker", "ui:options": {"kinds": ["API"]}}),
            Widget::Tags { kinds: vec!["API".into()] },
        );
        check(json!({"ui:field": "SomethingOfTheirs"}), Widget::Text { lines: false });
        check(
            json!({"ui:field": "RepoUrlPicker", "ui:options": {"allowedHosts": ["github.com"]}}),
            Widget::Repository { hosts: vec!["github.com".into()], owners: Vec::new() },
        );
    }

    #[test]
    fn pickers_know_their_kinds() {
        let owners = Picker {
            kinds: vec!["Group".into(), "User".into()],
            arbitrary: true,
            default_kind: Some("Group".into()),
            ..Picker::default()
        };
        check(json!({"ui:field": "OwnerPicker"}), Widget::Entity(owners));
        let filter = json!([{"kind": ["API"]}, {"kind": "System"}]);
        let filtered = Picker {
            kinds: vec!["API".into(), "System".into()],
            filter: Some(filter.clone()),
            ..Picker::default()
        };
        let options = json!({"catalogFilter": filter, "allowArbitraryValues": false});
        check(json!({"ui:field": "EntityPicker", "ui:options": options}), Widget::Entity(filtered));
    }
}
