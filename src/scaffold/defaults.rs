//! What a form answers by itself: the defaults that a web form fills in before anybody types.
//!
//! As the form library of Backstage (rjsf) does it: constants, defaults, those of what is referred to, the items that a list needs at least,
//! and no items for a list that is optional. Backstage's server fills in nothing, so that templates rely on the form.

use serde_json::{Map, Value as Json};

use crate::scaffold::pages::of_shown_pages;
use crate::scaffold::parameters::{asked, properties, resolved};
use crate::scaffold::template::Template;

/// How many rounds of defaults that bring up further questions are gone through.
const ROUNDS: usize = 20;
/// How deep defaults are looked for; a schema may refer to itself.
const DEEPEST: usize = 20;
/// More items than any form needs at least.
const MOST: usize = 1000;

/// The answers with the defaults of all questions that apply.
pub fn filled(template: &Template, given: &Map<String, Json>) -> Map<String, Json> {
    let mut answers = given.clone();
    // Page by page, as somebody goes through the form: what a page answers may show a later one.
    for (number, page) in template.pages.iter().enumerate() {
        for _ in 0..ROUNDS {
            let before = answers.len();
            for property in asked(template, &answers).into_iter().filter(|property| property.page == number) {
                let current = answers.get(&property.name).cloned();
                let empty = || empty(&property.schema, property.required);
                if let Some(value) = with_defaults(&page.schema, &property.schema, current, 0).or_else(empty)
                {
                    answers.insert(property.name, value);
                }
            }
            if answers.len() == before {
                break;
            }
        }
    }
    // A remark answers itself with null, once the form is shown.
    for property in asked(template, &answers).into_iter().filter(|property| property.schema["type"] == "null")
    {
        answers.entry(property.name).or_insert(Json::Null);
    }
    of_shown_pages(template, &answers)
}

/// What the form hands over for a question that nobody touched: an empty list where that is enough, and an empty object where one is
/// required.
fn empty(schema: &Json, required: bool) -> Option<Json> {
    let fits = !required || schema["minItems"].as_u64().unwrap_or(0) == 0;
    match schema["type"].as_str() {
        Some("array") => fits.then(|| Json::Array(Vec::new())),
        Some("object") => required.then(|| Json::Object(Map::new())),
        _ => None,
    }
}

fn with_defaults(
    root: &Map<String, Json>,
    schema: &Json,
    current: Option<Json>,
    depth: usize,
) -> Option<Json> {
    if depth > DEEPEST {
        return current;
    }
    let schema = &*resolved(root, schema);
    let given = current.is_some();
    // An object is no default of what is none; the form drops it.
    let misplaced =
        |value: &&Json| value.is_object() && schema["type"].is_string() && schema["type"] != "object";
    let default = || schema.get("default").filter(|value| !misplaced(value));
    let value = current.or_else(|| schema.get("const").cloned());
    let value = value.or_else(|| chosen(schema, default()).or_else(default).cloned());
    if let Some(items) = schema.get("items").filter(|items| items.is_object()) {
        let list = match value {
            None => Vec::new(),
            Some(Json::Array(list)) => list,
            other => return other,
        };
        let list = with_items(root, schema, items, list, given, depth);
        return (given || !list.is_empty() || default().is_some()).then_some(Json::Array(list));
    }
    let Some(object) = schema.as_object().filter(|schema| is_form(schema)) else { return value };
    let mut map = match value {
        None => Map::new(),
        Some(Json::Object(map)) => map,
        other => return other,
    };
    let there = !map.is_empty();
    // A choice within the object may bring up more of it.
    for _ in 0..ROUNDS {
        let before = map.len();
        for (name, property) in properties(root, object, &map) {
            if let Some(inner) = with_defaults(root, &property, map.get(&name).cloned(), depth + 1) {
                map.insert(name, inner);
            }
        }
        if map.len() == before {
            break;
        }
    }
    if map.is_empty() && !there { None } else { Some(Json::Object(map)) }
}

/// What the first choice of a single value says, or the choice that the default is: the form has one of them chosen.
fn chosen<'a>(schema: &'a Json, default: Option<&Json>) -> Option<&'a Json> {
    if schema.get("properties").is_some() || schema.get("items").is_some() || schema["type"] == "object" {
        return None;
    }
    let choices = ["oneOf", "anyOf"].into_iter().find_map(|word| schema.get(word)?.as_array())?;
    let meant =
        default.and_then(|default| choices.iter().find(|choice| choice.get("const") == Some(default)));
    meant.or(choices.first())?.get("const")
}

/// Whether a schema is that of an object with questions, at least under a condition.
fn is_form(schema: &Map<String, Json>) -> bool {
    let conditional = ["oneOf", "anyOf", "allOf", "if", "dependencies", "dependentSchemas"];
    schema.contains_key("properties")
        || schema.get("type").is_some_and(|kind| kind == "object")
            && conditional.iter().any(|word| schema.contains_key(*word))
}

/// The items with their own defaults; a list that nobody gave has as many as it needs, where an item can be made of defaults.
fn with_items(
    root: &Map<String, Json>,
    schema: &Json,
    items: &Json,
    list: Vec<Json>,
    given: bool,
    depth: usize,
) -> Vec<Json> {
    let filled = |item: Json| with_defaults(root, items, Some(item.clone()), depth + 1).unwrap_or(item);
    let mut list: Vec<Json> = list.into_iter().map(filled).collect();
    let least = schema["minItems"].as_u64().and_then(|least| usize::try_from(least).ok()).unwrap_or(0);
    // Of choices that must differ no number is the same one over and over.
    let choices = schema["uniqueItems"] == true && items.get("enum").is_some();
    if !given
        && !choices
        && list.len() < least.min(MOST)
        && let Some(item) = with_defaults(root, items, None, depth + 1)
    {
        list.resize(least.min(MOST), item);
    }
    list
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::filled;
    use crate::scaffold::template::read;

    /// A template whose only page is `page`, answered by `given`.
    #[track_caller]
    fn check(page: &str, given: Json, expect: Json) {
        let text = format!(
            "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {{name: t}}\nspec: {{type: x, steps: [], parameters: {page}}}\n"
        );
        let template = read("t.yaml", &text).expect("a template");
        let given = given.as_object().expect("an object");
        assert_eq!(Json::Object(filled(&template, given)), expect, "{page}");
    }

    #[test]
    fn defaults_fill_what_applies() {
        let page = "{properties: {port: {default: 8080}, database: {type: boolean, default: false}, options: {properties: {size: {default: s}, note: {}}}},
          dependencies: {database: {oneOf: [{properties: {database: {const: true}, engine: {default: pg}}}, {properties: {database: {const: false}}}]}}}";
        check(
            page,
            json!({"name": "a"}),
            json!({"name": "a", "port": 8080, "database": false, "options": {"size": "s"}}),
        );
        check(
            page,
            json!({"database": true, "options": {"size": "l"}}),
            json!({"database": true, "options": {"size": "l"}, "port": 8080, "engine": "pg"}),
        );
    }

    /// As rjsf 5.24 fills them (tests/oracle/public.mjs).
    #[test]
    fn a_choice_within_an_object_brings_its_defaults() {
        let page = "{properties: {db: {type: object,
          oneOf: [{properties: {kind: {const: pg}, size: {default: s}}}, {properties: {kind: {const: my}, zone: {default: z}}}]}}}";
        check(page, json!({}), json!({"db": {"kind": "pg", "size": "s"}}));
        check(page, json!({"db": {"kind": "my"}}), json!({"db": {"kind": "my", "zone": "z"}}));
        let page = "{properties: {net: {type: object, properties: {public: {type: boolean, default: true}},
          dependencies: {public: {oneOf: [{properties: {public: {const: true}, host: {default: h}}}, {properties: {public: {const: false}}}]}}}}}";
        check(page, json!({}), json!({"net": {"public": true, "host": "h"}}));
        check(page, json!({"net": {"public": false}}), json!({"net": {"public": false}}));
        let page = "{properties: {c: {type: string, oneOf: [{const: x}, {const: y}]}, d: {type: string, default: y, oneOf: [{const: x}, {const: y}]}}}";
        check(page, json!({}), json!({"c": "x", "d": "y"}));
        let page =
            "{oneOf: [{title: A, properties: {a: {default: 1}}}, {title: B, properties: {b: {default: 2}}}]}";
        check(page, json!({}), json!({"a": 1}));
    }

    #[test]
    fn defaults_fill_the_items_of_a_list() {
        let page =
            "{properties: {list: {type: array, items: {properties: {port: {default: 80}, name: {}}}}}}";
        check(
            page,
            json!({"list": [{}, {"port": 1, "name": "a"}]}),
            json!({"list": [{"port": 80}, {"port": 1, "name": "a"}]}),
        );
        check(page, json!({}), json!({"list": []}));
    }

    #[test]
    fn a_list_has_as_many_items_as_it_needs() {
        let page = "{properties: {list: {type: array, minItems: 2, items: {default: a}}}, required: [list]}";
        check(page, json!({}), json!({"list": ["a", "a"]}));
        check(page, json!({"list": ["b"]}), json!({"list": ["b"]}));
        let page =
            "{properties: {list: {type: array, minItems: 1, items: {type: string}}}, required: [list]}";
        check(page, json!({}), json!({}));
        let page = "{properties: {list: {type: array, minItems: 1, uniqueItems: true, items: {enum: [a], default: a}}}, required: [list]}";
        check(page, json!({}), json!({}));
        check("{properties: {list: {type: array}}, required: [list]}", json!({}), json!({"list": []}));
        check(
            "{properties: {o: {type: object}, p: {type: object}}, required: [o]}",
            json!({}),
            json!({"o": {}}),
        );
        check(
            "{properties: {o: {type: string, default: {}}, note: {type: 'null'}}}",
            json!({}),
            json!({"note": null}),
        );
    }

    #[test]
    fn constants_are_answers() {
        check("{properties: {kind: {const: fixed, default: other}}}", json!({}), json!({"kind": "fixed"}));
        let page = "{properties: {a: {type: boolean, default: true}}, if: {properties: {a: {const: true}}}, then: {properties: {b: {const: 1}}}}";
        check(page, json!({}), json!({"a": true, "b": 1}));
    }

    #[test]
    fn references_bring_their_defaults() {
        let page = "{definitions: {port: {type: integer, default: 80}, pair: {properties: {left: {$ref: '#/definitions/port'}}}},
          properties: {a: {$ref: '#/definitions/port'}, b: {$ref: '#/definitions/port', default: 81}, c: {$ref: '#/definitions/pair'}}}";
        check(page, json!({}), json!({"a": 80, "b": 81, "c": {"left": 80}}));
        let page = "{definitions: {tree: {properties: {below: {$ref: '#/definitions/tree'}, name: {}}}}, properties: {a: {$ref: '#/definitions/tree'}}}";
        check(page, json!({}), json!({}));
    }
}
