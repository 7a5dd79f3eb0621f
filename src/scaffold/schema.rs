//! JSON Schema as templates use it (draft 7), in our own words: every violation names its property.
//!
//! The crate jsonschema would bring fifty others and messages of its own; what forms and action inputs use is this.

use serde_json::{Map, Value as Json};

use crate::scaffold::expression::Pattern;
use crate::yaml::step;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// A JSON pointer into the instance; empty is the instance itself.
    pub pointer: String,
    /// Follows the name of the property: `must be a number, not text`.
    pub message: String,
}

/// How deep schemas may refer to each other.
const MAX_DEPTH: usize = 40;

/// Everything about an instance that its schema does not allow, in the order of the instance.
pub fn violations(schema: &Json, instance: &Json) -> Vec<Violation> {
    let mut check = Check { root: schema, found: Vec::new() };
    check.against(schema, instance, "", 0);
    check.found
}

pub fn fits(schema: &Json, instance: &Json) -> bool {
    violations(schema, instance).is_empty()
}

struct Check<'a> {
    root: &'a Json,
    found: Vec<Violation>,
}

impl<'a> Check<'a> {
    fn report(&mut self, pointer: &str, message: impl Into<String>) {
        self.found.push(Violation { pointer: pointer.into(), message: message.into() });
    }

    fn fits(&self, schema: &Json, instance: &Json, depth: usize) -> bool {
        let mut check = Check { root: self.root, found: Vec::new() };
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

    fn types(&mut self, schema: &Map<String, Json>, instance: &Json, at: &str) {
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

    fn object(&mut self, schema: &Map<String, Json>, map: &Map<String, Json>, at: &str, depth: usize) {
        let inner = |key: &str| format!("{at}/{}", step(key));
        for key in
            schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
        {
            if !map.contains_key(key) {
                self.report(&inner(key), "is required");
            }
        }
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Json::as_object).unwrap_or(&empty);
        let patterns = schema.get("patternProperties").and_then(Json::as_object).unwrap_or(&empty);
        for (key, value) in map {
            let mut known = false;
            if let Some(property) = properties.get(key) {
                known = true;
                self.against(property, value, &inner(key), depth + 1);
            }
            for (pattern, property) in patterns {
                if Pattern::new(pattern, "").is_ok_and(|pattern| pattern.occurs(key).unwrap_or(false)) {
                    known = true;
                    self.against(property, value, &inner(key), depth + 1);
                }
            }
            match schema.get("additionalProperties") {
                Some(Json::Bool(false)) if !known => {
                    let names = crate::text::closest(key, properties.keys().map(String::as_str));
                    let meant =
                        names.first().map(|name| format!("; did you mean '{name}'?")).unwrap_or_default();
                    self.report(&inner(key), format!("is not known here{meant}"));
                }
                Some(others) if !known => self.against(others, value, &inner(key), depth + 1),
                _ => {}
            }
            if let Some(names) = schema.get("propertyNames") {
                self.against(names, &Json::String(key.clone()), &inner(key), depth + 1);
            }
        }
        self.size(schema, ("minProperties", "maxProperties"), map.len(), "properties", at);
        self.dependencies(schema, map, at, depth);
    }

    /// `dependencies` of draft 7 and what it was split into later.
    fn dependencies(&mut self, schema: &Map<String, Json>, map: &Map<String, Json>, at: &str, depth: usize) {
        for word in ["dependencies", "dependentRequired", "dependentSchemas"] {
            let Some(dependencies) = schema.get(word).and_then(Json::as_object) else { continue };
            for (key, dependency) in dependencies.iter().filter(|(key, _)| map.contains_key(*key)) {
                match dependency {
                    Json::Array(required) => {
                        for needed in required
                            .iter()
                            .filter_map(Json::as_str)
                            .filter(|needed| !map.contains_key(*needed))
                        {
                            self.report(
                                &format!("{at}/{}", step(needed)),
                                format!("is required with '{key}'"),
                            );
                        }
                    }
                    dependent => self.against(dependent, &Json::Object(map.clone()), at, depth + 1),
                }
            }
        }
    }

    fn array(&mut self, schema: &Map<String, Json>, items: &[Json], at: &str, depth: usize) {
        match schema.get("items") {
            Some(Json::Array(positions)) => {
                for (index, (item, schema)) in items.iter().zip(positions).enumerate() {
                    self.against(schema, item, &format!("{at}/{index}"), depth + 1);
                }
                for (index, item) in items.iter().enumerate().skip(positions.len()) {
                    if let Some(schema) = schema.get("additionalItems") {
                        self.against(schema, item, &format!("{at}/{index}"), depth + 1);
                    }
                }
            }
            Some(schema) => {
                for (index, item) in items.iter().enumerate() {
                    self.against(schema, item, &format!("{at}/{index}"), depth + 1);
                }
            }
            None => {}
        }
        self.size(schema, ("minItems", "maxItems"), items.len(), "items", at);
        if schema.get("uniqueItems") == Some(&Json::Bool(true)) {
            let repeated = items
                .iter()
                .enumerate()
                .find(|(index, item)| items[..*index].iter().any(|before| same(before, item)));
            if let Some((index, item)) = repeated {
                self.report(&format!("{at}/{index}"), format!("repeats {}", shown(item)));
            }
        }
        if let Some(wanted) = schema.get("contains")
            && !items.iter().any(|item| self.fits(wanted, item, depth))
        {
            self.report(at, "lacks an item that it must contain");
        }
    }

    fn size(&mut self, schema: &Map<String, Json>, words: (&str, &str), size: usize, noun: &str, at: &str) {
        let bound = |word: &str| {
            schema.get(word).and_then(Json::as_u64).and_then(|bound| usize::try_from(bound).ok())
        };
        if let Some(least) = bound(words.0).filter(|least| size < *least) {
            self.report(at, format!("must have at least {least} {noun}, not {size}"));
        }
        if let Some(most) = bound(words.1).filter(|most| size > *most) {
            self.report(at, format!("must have at most {most} {noun}, not {size}"));
        }
    }

    fn text(&mut self, schema: &Map<String, Json>, text: &str, at: &str) {
        self.size(schema, ("minLength", "maxLength"), text.chars().count(), "characters", at);
        if let Some(pattern) = schema.get("pattern").and_then(Json::as_str) {
            match Pattern::new(pattern, "").and_then(|compiled| compiled.occurs(text)) {
                Ok(true) => {}
                Ok(false) => self
                    .report(at, format!("must match {pattern}, which {} does not", shown(&Json::from(text)))),
                Err(problem) => self.report(at, format!("cannot be checked: {problem}")),
            }
        }
        if let Some(format) = schema.get("format").and_then(Json::as_str)
            && let Some(noun) = misses_format(format, text)
        {
            self.report(at, format!("must be {noun}, not {}", shown(&Json::from(text))));
        }
    }

    fn number(&mut self, schema: &Map<String, Json>, number: f64, at: &str) {
        let bound = |word: &str| schema.get(word).and_then(Json::as_f64);
        if let Some(least) = bound("minimum").filter(|least| number < *least) {
            self.report(at, format!("must be {least} or more, not {number}"));
        }
        if let Some(most) = bound("maximum").filter(|most| number > *most) {
            self.report(at, format!("must be {most} or less, not {number}"));
        }
        if let Some(below) = bound("exclusiveMinimum").filter(|below| number <= *below) {
            self.report(at, format!("must be more than {below}, not {number}"));
        }
        if let Some(above) = bound("exclusiveMaximum").filter(|above| number >= *above) {
            self.report(at, format!("must be less than {above}, not {number}"));
        }
        if let Some(unit) =
            bound("multipleOf").filter(|unit| *unit > 0.0 && (number / unit).fract().abs() > 1e-9)
        {
            self.report(at, format!("must be a multiple of {unit}, not {number}"));
        }
    }

    fn combined(&mut self, schema: &Map<String, Json>, instance: &Json, at: &str, depth: usize) {
        let list = |word: &str| schema.get(word).and_then(Json::as_array);
        for part in list("allOf").into_iter().flatten() {
            self.against(part, instance, at, depth + 1);
        }
        if let Some(options) = list("anyOf")
            && !options.iter().any(|option| self.fits(option, instance, depth))
        {
            self.nearest(options, instance, at, depth);
        }
        if let Some(options) = list("oneOf") {
            match options.iter().filter(|option| self.fits(option, instance, depth)).count() {
                0 => self.nearest(options, instance, at, depth),
                1 => {}
                _ => self.report(at, "fits several of the choices where it must fit one"),
            }
        }
        if let Some(other) = schema.get("not")
            && self.fits(other, instance, depth)
        {
            self.report(at, format!("must not be {}", shown(instance)));
        }
        if let Some(condition) = schema.get("if") {
            let branch = if self.fits(condition, instance, depth) { "then" } else { "else" };
            if let Some(branch) = schema.get(branch) {
                self.against(branch, instance, at, depth + 1);
            }
        }
    }

    /// What is wrong with the choice that fits best: the one whose constants do, else that with the fewest violations.
    fn nearest(&mut self, options: &[Json], instance: &Json, at: &str, depth: usize) {
        let violations = |option: &Json| {
            let mut check = Check { root: self.root, found: Vec::new() };
            check.against(option, instance, at, depth + 1);
            check.found
        };
        let chosen = options
            .iter()
            .filter(|option| constants_fit(option, instance))
            .map(violations)
            .min_by_key(Vec::len);
        match chosen {
            Some(found) if !found.is_empty() && found.len() <= 3 => self.found.extend(found),
            _ => self.report(at, "fits none of the choices"),
        }
    }
}

/// Whether the properties that a choice fixes have those values: how forms pick the choice that applies.
pub fn constants_fit(option: &Json, instance: &Json) -> bool {
    let Some(properties) = option.get("properties").and_then(Json::as_object) else { return true };
    properties.iter().all(|(key, property)| {
        let fixed = property.get("const").cloned().map(|only| vec![only]);
        // An enum with a type or title is a question of the choice, not what tells it from the others.
        let bare = property.as_object().is_some_and(|property| property.len() == 1);
        let options =
            fixed.or_else(|| property.get("enum").filter(|_| bare).and_then(Json::as_array).cloned());
        options.is_none_or(|options| {
            instance.get(key).is_some_and(|value| options.iter().any(|option| same(option, value)))
        })
    })
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
fn same(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.as_f64() == right.as_f64(),
        (left, right) => left == right,
    }
}

fn shown(value: &Json) -> String {
    let text = value.to_string();
    if text.chars().count() > 60 { format!("{}...", text.chars().take(57).collect::<String>()) } else { text }
}

fn listed(options: &[Json]) -> String {
    options.iter().map(shown).collect::<Vec<_>>().join(", ")
}

/// What a text fails to be, for the formats that forms use; an unknown format holds for every text.
fn misses_format(format: &str, text: &str) -> Option<&'static str> {
    let (noun, fits) = match format {
        "email" => (
            "an e-mail address",
            text.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.') && !b.contains('@')),
        ),
        "uri" | "url" => (
            "a URL",
            text.split_once(':')
                .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty() && !text.contains(' ')),
        ),
        "date" => ("a date such as 2026-01-31", is_date(text)),
        "date-time" => (
            "a time such as 2026-01-31T12:00:00Z",
            text.split_once(['T', 't']).is_some_and(|(date, time)| is_date(date) && time.len() >= 9),
        ),
        "hostname" => ("a host name", !text.is_empty() && text.len() <= 253 && text.split('.').all(is_label)),
        "ipv4" => ("an IPv4 address", text.parse::<std::net::Ipv4Addr>().is_ok()),
        "ipv6" => ("an IPv6 address", text.parse::<std::net::Ipv6Addr>().is_ok()),
        _ => return None,
    };
    (!fits).then_some(noun)
}

fn is_date(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10
}

fn is_label(label: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !label.is_empty()
        && label.len() <= 63
        && label.chars().all(fits)
        && !label.starts_with('-')
        && !label.ends_with('-')
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
