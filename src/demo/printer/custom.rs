//! The columns of custom kinds: `additionalPrinterColumns` and the JSONPaths in them, else the age.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::demo::printer::columns::age;
use crate::demo::state::resource::ServedResource;

/// Built-in kinds without a printer of their own show when they were made, not how long ago.
const WITHOUT_PRINTER: &[&str] =
    &["clusterroles", "csistoragecapacities", "customresourcedefinitions", "limitranges", "roles"];

fn shows_instant(resource: &ServedResource) -> bool {
    !resource.custom && WITHOUT_PRINTER.contains(&resource.plural.as_str())
}

/// The column definitions after the name.
pub fn definitions(resource: &ServedResource) -> Vec<Value> {
    if resource.columns.is_empty() {
        let (name, form) = match (shows_instant(resource), resource.custom) {
            (true, _) => ("Created At", "date"),
            (false, true) => ("Age", "date"),
            (false, false) => ("Age", "string"),
        };
        return vec![json!({"name": name, "type": form, "format": "", "description": "", "priority": 0})];
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let definition = |column: &Value| {
        json!({"name": text(&column["name"]), "type": text(&column["type"]), "format": text(&column["format"]),
            "description": text(&column["description"]), "priority": column["priority"].as_i64().unwrap_or(0)})
    };
    resource.columns.iter().map(definition).collect()
}

/// The cells after the name.
pub fn cells(resource: &ServedResource, object: &Value, now: Timestamp) -> Vec<Value> {
    if resource.columns.is_empty() {
        let created = &object["metadata"]["creationTimestamp"];
        return vec![if shows_instant(resource) { created.clone() } else { age(created, now).into() }];
    }
    resource.columns.iter().map(|column| cell(column, object, now)).collect()
}

fn cell(column: &Value, object: &Value, now: Timestamp) -> Value {
    let path = column["jsonPath"].as_str().unwrap_or_default();
    let Some(found) = select(object, path).into_iter().next() else { return Value::Null };
    match column["type"].as_str().unwrap_or_default() {
        "date" => age(found, now).into(),
        "integer" => found.as_i64().map_or(Value::Null, Value::from),
        "string" if found.is_string() => found.clone(),
        "string" => found.to_string().into(),
        _ => found.clone(),
    }
}

/// What a JSONPath of the kind that definitions use leads to: names, indices, `[*]`, `[?(@.a=="b")]`.
fn select<'a>(object: &'a Value, path: &str) -> Vec<&'a Value> {
    let Some(steps) = steps(path) else { return Vec::new() };
    let mut found = vec![object];
    for step in steps {
        found = found.into_iter().flat_map(|value| follow(value, &step)).collect();
    }
    found.retain(|value| !value.is_null());
    found
}

#[derive(Debug, PartialEq)]
enum PathStep {
    Name(String),
    Index(i64),
    Every,
    Where(Vec<String>, String),
}

/// The steps of a path; None if a bracket stays open or a filter is of another kind.
fn steps(path: &str) -> Option<Vec<PathStep>> {
    let mut steps = Vec::new();
    let mut rest = path.trim().trim_start_matches('{').trim_end_matches('}');
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let end = closing(after)?;
            steps.push(bracket(&after[..end])?);
            rest = &after[end + 1..];
            continue;
        }
        rest = rest.trim_start_matches('.');
        let mut name = String::new();
        let mut characters = rest.char_indices();
        let mut end = rest.len();
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => name.extend(characters.next().map(|(_, escaped)| escaped)),
                '.' | '[' => {
                    end = at;
                    break;
                }
                _ => name.push(character),
            }
        }
        rest = &rest[end..];
        if !name.is_empty() {
            steps.push(if name == "*" { PathStep::Every } else { PathStep::Name(name) });
        }
    }
    Some(steps)
}

/// The bracket that closes, not one inside quotes.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, ']') => return Some(at),
            _ => {}
        }
    }
    None
}

fn bracket(inside: &str) -> Option<PathStep> {
    let unquoted = |text: &str| text.trim().trim_matches(['\'', '"']).to_string();
    if let Some(filter) = inside.strip_prefix("?(").and_then(|filter| filter.strip_suffix(')')) {
        let (left, right) = filter.split_once("==")?;
        let path = left.trim().strip_prefix("@.")?.split('.').map(str::to_string).collect();
        return Some(PathStep::Where(path, unquoted(right)));
    }
    match inside.trim() {
        "*" => Some(PathStep::Every),
        number if number.parse::<i64>().is_ok() => number.parse().ok().map(PathStep::Index),
        name => Some(PathStep::Name(unquoted(name))),
    }
}

fn follow<'a>(value: &'a Value, step: &PathStep) -> Vec<&'a Value> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    match step {
        PathStep::Name(name) => value.get(name).into_iter().collect(),
        PathStep::Index(index) if *index < 0 => {
            items.iter().nth_back(usize::try_from(-index - 1).unwrap_or(0)).into_iter().collect()
        }
        PathStep::Index(index) => {
            items.get(usize::try_from(*index).unwrap_or(usize::MAX)).into_iter().collect()
        }
        PathStep::Every => {
            items.iter().chain(value.as_object().into_iter().flat_map(|fields| fields.values())).collect()
        }
        PathStep::Where(path, expect) => {
            let holds = |item: &&Value| {
                let found = path.iter().try_fold(*item, |value, name| value.get(name));
                found.is_some_and(|found| {
                    found.as_str().map_or_else(|| found.to_string(), str::to_string) == *expect
                })
            };
            items.iter().filter(holds).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::select;
    use serde_json::json;

    #[track_caller]
    fn check(path: &str, expect: &str) {
        let object = json!({"metadata": {"annotations": {"a.b/c": "dotted"}}, "spec": {"list": [{"n": 1}, {"n": 2}]},
            "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Healthy", "status": "False"}]}});
        let found: Vec<String> = select(&object, path).into_iter().map(ToString::to_string).collect();
        assert_eq!(found.join(" "), expect, "{path}");
    }

    #[test]
    fn paths_of_definitions_are_followed() {
        check(".spec.list[1].n", "2");
        check(".spec.list[-1].n", "2");
        check(".spec.list[*].n", "1 2");
        check(".status.conditions[?(@.type==\"Healthy\")].status", "\"False\"");
        check(".status.conditions[?(@.type=='Ready')].status", "\"True\"");
        check(".metadata.annotations.a\\.b/c", "\"dotted\"");
        check(".metadata.annotations['a.b/c']", "\"dotted\"");
        check(".spec.nothing.there", "");
        check("[[[", "");
        check(".spec.list[99999999999999999999]", "");
    }
}
