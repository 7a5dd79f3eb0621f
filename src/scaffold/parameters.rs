//! The form of a template: which questions apply, what they default to, and whether the answers fit.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::scaffold::pages::shown;
use crate::scaffold::schema::{constants_fit, fits, violations};
use crate::scaffold::template::Template;
use crate::text::closest;

/// A property that a page asks for, given the answers so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    pub name: String,
    /// Its JSON Schema with the `ui:*` hints.
    pub schema: Json,
    pub required: bool,
    /// The index of its page.
    pub page: usize,
}

/// Why an answer does not do; `name` is dotted where it lies deeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub name: String,
    /// Follows the name: `is required`.
    pub message: String,
}

/// How deep schemas may lie in each other.
const DEEPEST: usize = 20;

/// The properties that apply to the answers, page by page, in `ui:order`.
pub fn asked(template: &Template, answers: &Map<String, Json>) -> Vec<Property> {
    let mut all: Vec<Property> = Vec::new();
    let shown = shown(template, answers);
    let pages = template.pages.iter().map(|page| &page.schema).enumerate();
    for (page, schema) in pages.filter(|(page, _)| shown[*page]) {
        for property in asked_by(schema, answers, page) {
            match all.iter_mut().find(|known| known.name == property.name) {
                Some(known) => known.required |= property.required,
                None => all.push(property),
            }
        }
    }
    all
}

/// The properties of one object that apply to what is answered of it, in `ui:order`.
pub fn asked_by(schema: &Map<String, Json>, answers: &Map<String, Json>, page: usize) -> Vec<Property> {
    let mut form = PageForm { root: schema, properties: Vec::new(), required: BTreeSet::new() };
    form.collect(schema, answers, 0);
    form.order();
    let required = form.required;
    let property = |(name, schema): (String, Json)| {
        let required = required.contains(&name);
        Property { name, schema, required, page }
    };
    form.properties.into_iter().map(property).collect()
}

/// The questions of an object within a page, by the answers to it so far.
pub fn properties(
    root: &Map<String, Json>,
    schema: &Map<String, Json>,
    answers: &Map<String, Json>,
) -> Vec<(String, Json)> {
    let mut form = PageForm { root, properties: Vec::new(), required: BTreeSet::new() };
    form.collect(schema, answers, 0);
    // Where nothing is said of its constants yet, the form has the first choice chosen.
    let instance = Json::Object(answers.clone());
    for word in ["oneOf", "anyOf"] {
        let options = schema.get(word).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        if let Some(first) = options.first()
            && !options.iter().any(|option| constants_fit(option, &instance))
        {
            form.collect_any(first, answers, 0);
        }
    }
    form.properties
}

/// A schema without its `$ref` to another place of the page; what it says beside the reference wins.
pub fn resolved<'a>(root: &Map<String, Json>, schema: &'a Json) -> Cow<'a, Json> {
    let target = schema.get("$ref").and_then(Json::as_str).and_then(|target| target.strip_prefix("#/"));
    let referred = target.and_then(|path| {
        let mut words = path.split('/');
        let first = root.get(words.next()?)?;
        words.try_fold(first, |value, word| value.get(word))
    });
    let (Some(Json::Object(referred)), Json::Object(own)) = (referred, schema) else {
        return Cow::Borrowed(schema);
    };
    let mut whole = referred.clone();
    whole.extend(
        own.iter().filter(|(key, _)| *key != "$ref").map(|(key, value)| (key.clone(), value.clone())),
    );
    Cow::Owned(Json::Object(whole))
}

/// The value at a path of names and, in lists, of numbers.
pub fn at<'a>(answers: &'a Map<String, Json>, path: &[String]) -> Option<&'a Json> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(answers.get(first)?, |value, step| match value {
        Json::Array(items) => items.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    })
}

/// Puts a value at such a path; objects on the way are made, and a list grows by one.
pub fn put(answers: &mut Map<String, Json>, path: &[String], value: Json) {
    match path {
        [] => {}
        [last] => _ = answers.insert(last.clone(), value),
        [first, rest @ ..] => put_within(answers.entry(first.clone()).or_insert(Json::Null), rest, value),
    }
}

/// Takes the value at such a path away.
pub fn take(answers: &mut Map<String, Json>, path: &[String]) -> Option<Json> {
    let [first, rest @ ..] = path else { return None };
    let Some((last, middle)) = rest.split_last() else { return answers.shift_remove(first) };
    let holder = middle.iter().try_fold(answers.get_mut(first)?, |value, step| match value {
        Json::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        value => value.get_mut(step),
    })?;
    holder.as_object_mut()?.shift_remove(last)
}

fn put_within(target: &mut Json, path: &[String], value: Json) {
    let [first, rest @ ..] = path else {
        *target = value;
        return;
    };
    if let (Json::Array(items), Ok(index)) = (&mut *target, first.parse::<usize>()) {
        if index >= items.len() {
            items.push(Json::Null);
        }
        if let Some(item) = items.get_mut(index) {
            put_within(item, rest, value);
        }
        return;
    }
    if !target.is_object() {
        *target = Json::Object(Map::new());
    }
    if let Json::Object(map) = target {
        put_within(map.entry(first.clone()).or_insert(Json::Null), rest, value);
    }
}

/// Required questions that have no answer; those inside an object that is there or required have dotted names.
pub fn missing(template: &Template, answers: &Map<String, Json>) -> Vec<Property> {
    let mut found = Vec::new();
    for property in asked(template, answers) {
        let value = answers.get(&property.name);
        miss(property, "", value, &mut found);
    }
    found
}

fn miss(property: Property, above: &str, value: Option<&Json>, found: &mut Vec<Property>) {
    let name = format!("{above}{}", property.name);
    let empty = Map::new();
    let schema = property.schema.as_object().filter(|schema| schema.contains_key("properties"));
    let before = found.len();
    if let (Some(schema), None | Some(Json::Object(_))) = (schema, value)
        && (property.required || value.is_some())
    {
        let inner = value.and_then(Json::as_object).unwrap_or(&empty);
        for below in asked_by(schema, inner, property.page) {
            let value = inner.get(&below.name);
            miss(below, &format!("{name}."), value, found);
        }
    }
    if value.is_none() && property.required && found.len() == before {
        found.push(Property { name, ..property });
    }
}

/// Everything that is wrong with the answers, each once, in the order of the pages; names that no page knows first.
pub fn complaints(template: &Template, answers: &Map<String, Json>) -> Vec<Complaint> {
    let declared = declared(template);
    let mut found = Vec::new();
    for name in answers.keys().filter(|name| !declared.contains(*name)) {
        let tops = declared.iter().map(String::as_str).filter(|name| !name.contains('.'));
        let meant =
            closest(name, tops).first().map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
        found.push(Complaint {
            name: name.clone(),
            message: format!("is no parameter of {}{meant}", template.name),
        });
    }
    let shown = shown(template, answers);
    for (page, _) in template.pages.iter().zip(shown).filter(|(_, shown)| *shown) {
        for violation in violations(&Json::Object(page.schema.clone()), &Json::Object(answers.clone())) {
            let name = violation
                .pointer
                .trim_start_matches('/')
                .replace('/', ".")
                .replace("~1", "/")
                .replace("~0", "~");
            // What is wrong with a page as a whole is told with what the page is called.
            let message = match (name.is_empty(), &page.title) {
                (true, Some(title)) => format!("the page '{title}' {}", violation.message),
                (true, None) => format!("the form {}", violation.message),
                (false, _) => violation.message,
            };
            let complaint = Complaint { name, message };
            if !found.contains(&complaint) {
                found.push(complaint);
            }
        }
    }
    found
}

/// Reads an answer typed as text by the type of its property; a list is comma-separated or JSON.
pub fn from_text(schema: &Json, text: &str) -> Result<Json, String> {
    let types: Vec<&str> = match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    let options = schema.get("enum").and_then(Json::as_array);
    if let Some(option) = options.into_iter().flatten().find(|option| {
        let spelt = option.as_str().map_or_else(|| option.to_string(), String::from);
        spelt == text
    }) {
        return Ok(option.clone());
    }
    for wanted in &types {
        match *wanted {
            "string" => return Ok(Json::from(text)),
            "boolean" if matches!(text, "true" | "yes" | "y") => return Ok(Json::Bool(true)),
            "boolean" if matches!(text, "false" | "no" | "n") => return Ok(Json::Bool(false)),
            "integer" | "number" => {
                if let Ok(number @ Json::Number(_)) = serde_json::from_str(text) {
                    return Ok(number);
                }
            }
            "array" if !text.trim_start().starts_with('[') => {
                let empty = Json::Object(Map::new());
                let item = schema.get("items").unwrap_or(&empty);
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                return parts
                    .map(|part| from_text(item, part))
                    .collect::<Result<Vec<Json>, String>>()
                    .map(Json::Array);
            }
            "array" | "object" => {
                return serde_json::from_str(text).map_err(|_| format!("'{text}' is no JSON"));
            }
            _ => {}
        }
    }
    match types.first() {
        None => Ok(crate::yaml::scalar(text)),
        Some(wanted) => Err(format!("'{text}' is no {wanted}")),
    }
}

/// Every name that any page declares under any condition, dotted for what lies in objects.
pub fn declared(template: &Template) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for page in &template.pages {
        declare(&Json::Object(page.schema.clone()), "", &mut names, 0);
    }
    names
}

/// Declared paths that the answers give no value: `parameters.docs`.
pub fn unanswered(template: &Template, answers: &Map<String, Json>) -> BTreeSet<String> {
    let answers = Json::Object(answers.clone());
    let answered = |name: &String| name.split('.').try_fold(&answers, |value, key| value.get(key)).is_some();
    declared(template)
        .into_iter()
        .filter(|name| !answered(name))
        .map(|name| format!("parameters.{name}"))
        .collect()
}

fn declare(schema: &Json, prefix: &str, names: &mut BTreeSet<String>, depth: usize) {
    let Json::Object(schema) = schema else { return };
    if depth > DEEPEST {
        return;
    }
    for (name, property) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        declare(property, &path, names, depth + 1);
        names.insert(path);
    }
    for word in ["allOf", "oneOf", "anyOf"] {
        for option in schema.get(word).and_then(Json::as_array).into_iter().flatten() {
            declare(option, prefix, names, depth + 1);
        }
    }
    for word in ["then", "else"] {
        if let Some(branch) = schema.get(word) {
            declare(branch, prefix, names, depth + 1);
        }
    }
    for word in ["dependencies", "dependentSchemas"] {
        for (_, dependency) in schema.get(word).and_then(Json::as_object).into_iter().flatten() {
            declare(dependency, prefix, names, depth + 1);
        }
    }
}

/// The questions of one page.
struct PageForm<'a> {
    root: &'a Map<String, Json>,
    properties: Vec<(String, Json)>,
    required: BTreeSet<String>,
}

impl PageForm<'_> {
    fn collect(&mut self, schema: &Map<String, Json>, answers: &Map<String, Json>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let instance = Json::Object(answers.clone());
        for (name, property) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
            self.add(name, property);
        }
        self.required.extend(
            schema
                .get("required")
                .and_then(Json::as_array)
                .into_iter()
                .flatten()
                .filter_map(|name| Some(name.as_str()?.to_string())),
        );
        for part in schema.get("allOf").and_then(Json::as_array).into_iter().flatten() {
            self.collect_any(part, answers, depth);
        }
        for word in ["oneOf", "anyOf"] {
            let options = schema.get(word).and_then(Json::as_array).into_iter().flatten();
            // Of several that fit as well the first is the form's own choice.
            if let Some(chosen) = options
                .filter(|option| constants_fit(option, &instance))
                .rev()
                .max_by_key(|option| fits(option, &instance))
            {
                self.collect_any(chosen, answers, depth);
            }
        }
        if let Some(condition) = schema.get("if") {
            let branch = if fits(condition, &instance) { "then" } else { "else" };
            if let Some(branch) = schema.get(branch) {
                self.collect_any(branch, answers, depth);
            }
        }
        for word in ["dependencies", "dependentSchemas", "dependentRequired"] {
            for (name, dependency) in schema.get(word).and_then(Json::as_object).into_iter().flatten() {
                if !answers.contains_key(name) {
                    continue;
                }
                match dependency {
                    Json::Array(names) => {
                        self.required.extend(names.iter().filter_map(|name| Some(name.as_str()?.to_string())))
                    }
                    dependent => self.collect_any(dependent, answers, depth),
                }
            }
        }
    }

    fn collect_any(&mut self, schema: &Json, answers: &Map<String, Json>, depth: usize) {
        if let Json::Object(schema) = schema {
            self.collect(schema, answers, depth + 1);
        }
    }

    /// What several places say about one property adds up; the first to say something wins.
    fn add(&mut self, name: &str, property: &Json) {
        let property = resolved(self.root, property);
        let Some((_, known)) = self.properties.iter_mut().find(|(known, _)| known == name) else {
            return self.properties.push((name.into(), property.into_owned()));
        };
        let (Json::Object(known), Json::Object(property)) = (known, property.as_ref()) else { return };
        for (key, value) in property.iter().filter(|(key, _)| *key != "const") {
            known.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }

    /// `ui:order`: names first to last, `*` for all others.
    fn order(&mut self) {
        let Some(order) = self.root.get("ui:order").and_then(Json::as_array) else { return };
        let names: Vec<&str> = order.iter().filter_map(Json::as_str).collect();
        let others = names.iter().position(|name| *name == "*").unwrap_or(names.len());
        self.properties
            .sort_by_key(|(name, _)| names.iter().position(|known| known == name).unwrap_or(others));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::{asked, at, complaints, declared, from_text, missing, put, take};
    use crate::scaffold::coverage::answer_sets;
    use crate::scaffold::template::{Template, read};

    const FORM: &str = "apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: t}
spec:
  type: x
  steps: []
  parameters:
  - required: [name, owner]
    ui:order: [owner, '*', port]
    properties:
      port: {type: integer, default: 8080}
      name: {type: string, pattern: '^[a-z-]+$'}
      owner: {type: string, ui:field: OwnerPicker}
  - properties:
      database: {type: boolean, default: false}
      options: {type: object, properties: {size: {type: string, enum: [s, l], default: s}, note: {type: string}}}
    dependencies:
      database:
        oneOf:
        - properties: {database: {const: true}, engine: {type: string, enum: [pg, my], default: pg}}
          required: [engine]
        - properties: {database: {const: false}}
    if: {properties: {name: {const: special}}, required: [name]}
    then: {properties: {why: {type: string}}, required: [why]}
";

    fn form() -> Template {
        read("t.yaml", FORM).expect("a template")
    }

    fn answers(json: Json) -> Map<String, Json> {
        json.as_object().cloned().expect("an object")
    }

    fn names(given: Json) -> Vec<String> {
        asked(&form(), &answers(given)).into_iter().map(|property| property.name).collect()
    }

    #[test]
    fn questions_depend_on_answers() {
        assert_eq!(names(json!({})), ["owner", "name", "port", "database", "options"]);
        assert_eq!(
            names(json!({"database": true, "name": "special"})),
            ["owner", "name", "port", "database", "options", "why", "engine"]
        );
        let declared: Vec<String> = declared(&form()).into_iter().collect();
        assert_eq!(
            declared,
            ["database", "engine", "name", "options", "options.note", "options.size", "owner", "port", "why"]
        );
    }

    #[test]
    fn paths_lead_into_objects_and_lists() {
        let path = |text: &str| text.split('.').map(String::from).collect::<Vec<_>>();
        let mut given = answers(json!({"list": []}));
        for (place, value) in
            [("a", 1), ("b.c.d", 2), ("list.0.x", 3), ("list.0.y", 4), ("list.1.x", 5), ("a.z", 6)]
        {
            put(&mut given, &path(place), json!(value));
            assert_eq!(at(&given, &path(place)), Some(&json!(value)), "{place}");
        }
        assert_eq!(Json::Object(given.clone())["list"], json!([{"x": 3, "y": 4}, {"x": 5}]));
        assert_eq!(at(&given, &path("list.7.x")), None);
        assert_eq!(take(&mut given, &path("b.c.d")), Some(json!(2)));
        assert_eq!(take(&mut given, &path("list.1.x")), Some(json!(5)));
        assert_eq!((take(&mut given, &path("none.at.all")), take(&mut given, &path("b.c.d"))), (None, None));
        assert_eq!(
            Json::Object(given),
            json!({"list": [{"x": 3, "y": 4}, {}], "a": {"z": 6}, "b": {"c": {}}})
        );
    }

    #[test]
    fn complaints_name_the_property() {
        let given = answers(
            json!({"nmae": "x", "name": "X", "port": "a", "database": true, "engine": "db2", "options": {"size": "m"}}),
        );
        let told: Vec<String> = complaints(&form(), &given)
            .iter()
            .map(|each| format!("{} {}", each.name, each.message))
            .collect();
        let expect = [
            "nmae is no parameter of t; did you mean 'name'?",
            "owner is required",
            "name must match ^[a-z-]+$, which \"X\" does not",
            "port must be a whole number, not text",
            "options.size must be one of \"s\", \"l\", not \"m\"",
            "engine must be one of \"pg\", \"my\", not \"db2\"",
        ];
        assert_eq!(told, expect);
        let missing: Vec<String> = missing(&form(), &answers(json!({"name": "special"})))
            .into_iter()
            .map(|each| each.name)
            .collect();
        assert_eq!(missing, ["owner", "why"]);
    }

    #[test]
    fn typed_answers_get_the_type_of_their_property() {
        for (schema, text, expect) in [
            (json!({"type": "string"}), "12", json!("12")),
            (json!({"type": "integer"}), "12", json!(12)),
            (json!({"type": "boolean"}), "yes", json!(true)),
            (json!({"type": "array", "items": {"type": "integer"}}), "1, 2", json!([1, 2])),
            (json!({"type": "array"}), "[\"a,b\"]", json!(["a,b"])),
            (json!({"type": "object"}), "{\"a\": 1}", json!({"a": 1})),
            (json!({"enum": [1, "a"]}), "1", json!(1)),
            (json!({}), "true", json!(true)),
        ] {
            assert_eq!(from_text(&schema, text), Ok(expect), "{schema} {text}");
        }
        assert_eq!(from_text(&json!({"type": "integer"}), "x"), Err("'x' is no integer".into()));
        assert!(from_text(&json!({"type": "array"}), "[x").is_err());
    }

    #[test]
    fn every_choice_is_tried() {
        let sets = answer_sets(&form(), &answers(json!({"name": "a", "owner": "o"})));
        for engine in ["pg", "my"] {
            assert!(
                sets.iter().any(|set| set.get("engine") == Some(&json!(engine)) && set["database"] == true),
                "{engine}"
            );
        }
        assert!(sets.iter().any(|set| set["database"] == false && set.get("engine").is_none()));
        assert!(sets.len() < 8, "{}", sets.len());
    }
}
