//! The spec of an entity against the row of its kind, every breach told at its place.

use serde_json::Value;

use crate::catalog::kinds::{EntityKind, Shape, SpecField, is_field};
use crate::catalog::rules::SPEC;
use crate::catalog::template_spec;
use crate::text::closest;
use crate::yaml::{Document, LintFinding, PLACEHOLDERS, value_at};

/// What is wrong with the spec of a document of a known kind.
pub fn check(document: &Document, kind: &EntityKind, problems: &mut Vec<LintFinding>) {
    let empty = serde_json::Map::new();
    let spec = match document.value.get("spec") {
        Some(Value::Object(spec)) => spec,
        None => &empty,
        Some(_) => return,
    };
    for field in kind.fields {
        match spec.get(field.name) {
            Some(value) => check_shape(document, field, value, problems),
            None if field.required && !is_excused(kind, field, spec) => {
                let message = format!("spec.{} is missing: a {} must have it", field.name, kind.name);
                let problem = document.problem("/spec", message);
                let others = spec.keys().map(String::as_str).filter(|key| !is_field(kind, key));
                let problem = match closest(field.name, others).first() {
                    _ if spec.contains_key("<<") => {
                        problem.hint("<< merges nothing, here as in Backstage: write its fields out")
                    }
                    Some(near) => problem.hint(format!("{near:?} looks like it")),
                    None if field.shape == Shape::Texts => problem.hint(format!("{}: []", field.name)),
                    None => problem,
                };
                problems.push(LintFinding::new(&SPEC, problem));
            }
            None => {}
        }
    }
    for field in ["email", "displayName", "picture"] {
        let pointer = format!("/spec/profile/{field}");
        let value = value_at(&document.value, &pointer).filter(|_| is_field(kind, "profile"));
        if value.is_some_and(|value| value.as_str().is_none_or(str::is_empty)) {
            let message = format!("spec.profile.{field} must be a text that is not empty");
            problems.push(LintFinding::new(&SPEC, document.problem(&pointer, message)));
        }
    }
    if kind.name == "Template" {
        template_spec::check(document, problems);
    }
    if let (true, Some(presence)) = (kind.name == "Location", spec.get("presence").and_then(Value::as_str))
        && presence != "required"
        && presence != "optional"
    {
        let message = format!("spec.presence {presence:?} is neither required nor optional");
        problems.push(LintFinding::new(&SPEC, document.problem("/spec/presence", message)));
    }
}

/// An MCP server has remotes in the place of a definition.
fn is_excused(kind: &EntityKind, field: &SpecField, spec: &serde_json::Map<String, Value>) -> bool {
    let is_mcp = spec.get("type").and_then(Value::as_str) == Some("mcp-server");
    let is_remote =
        |remote: &Value| ["type", "url"].iter().all(|key| remote.get(*key).is_some_and(Value::is_string));
    let remotes = spec.get("remotes").and_then(Value::as_array);
    let has_remotes = remotes.is_some_and(|all| !all.is_empty() && all.iter().all(is_remote));
    kind.name == "API" && field.name == "definition" && is_mcp && has_remotes
}

fn check_shape(document: &Document, field: &SpecField, value: &Value, problems: &mut Vec<LintFinding>) {
    let name = field.name;
    let pointer = format!("/spec/{name}");
    let wrong = match (field.shape, value) {
        (Shape::Text | Shape::Definition, Value::String(text)) if text.is_empty() => "must not be empty",
        (Shape::Text | Shape::Definition, Value::String(_)) => return,
        (Shape::Definition, Value::Object(map))
            if map.len() == 1 && map.keys().all(|key| PLACEHOLDERS.contains(&key.as_str())) =>
        {
            return;
        }
        (Shape::Text | Shape::Definition, Value::Object(_)) if field.edge.is_some() => {
            "must be a reference as a text, such as group:default/name"
        }
        (Shape::Text | Shape::Definition, _) => "must be a text",
        (Shape::Texts | Shape::Loose, Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                if item.as_str().is_none_or(str::is_empty) {
                    let message = format!("spec.{name}[{index}] must be a text that is not empty");
                    let problem = document.problem(&format!("{pointer}/{index}"), message);
                    problems.push(LintFinding::new(&SPEC, problem));
                }
            }
            return;
        }
        (Shape::Texts, Value::String(text)) => {
            let problem = document.problem(&pointer, format!("spec.{name} must be a list"));
            problems.push(LintFinding::new(&SPEC, problem.hint(format!("{name}: [{text}]"))));
            return;
        }
        (Shape::Texts, _) => "must be a list of texts",
        (Shape::Loose, Value::Null | Value::String(_) | Value::Bool(false))
        | (Shape::Object, Value::Object(_))
        | (Shape::List, Value::Array(_)) => return,
        (Shape::Loose, _) => "must be a list of references",
        (Shape::Object, _) => "must be a map",
        (Shape::List, _) => "must be a list",
    };
    let problem = document.problem(&pointer, format!("spec.{name} {wrong}"));
    let problem = match value {
        Value::Number(_) | Value::Bool(_) if field.shape == Shape::Text => problem.hint("put it in quotes"),
        Value::Array(items) if name == "owner" && items.iter().any(Value::is_string) => {
            let first = items.iter().find_map(Value::as_str).unwrap_or_default();
            problem.hint(format!("owner takes one: owner: {first}; further ones stand under owners"))
        }
        Value::Object(map) if field.shape == Shape::Definition && map.contains_key("$yaml") => {
            problem.hint("$text reads a file as it is")
        }
        _ => problem,
    };
    problems.push(LintFinding::new(&SPEC, problem));
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;

    #[track_caller]
    fn check(kind: &str, spec: &str, expect: &[&str]) {
        let text = format!(
            "apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata: {{name: a}}\nspec:\n  {spec}\n"
        );
        let catalog = Catalog::of_text("a", &text);
        let told: Vec<String> = catalog
            .problems
            .iter()
            .map(|finding| {
                let problem = &finding.problem;
                let hint = problem.hint.as_ref().map(|hint| format!(" -> {hint}")).unwrap_or_default();
                format!("{}:{}: {}{hint}", problem.place.line, problem.place.column, problem.message)
            })
            .collect();
        assert_eq!(told, expect, "{kind} {spec}");
        assert_eq!(catalog.entities.len(), 1, "the entity is kept all the same");
    }

    #[test]
    fn every_breach_is_told_and_the_entity_kept() {
        check("Component", "{type: service, lifecycle: x, owner: a, more: 1, dependsOn: []}", &[]);
        check(
            "Component",
            "{type: 5, ownr: a, dependsOn: component:b, providesApis: [a, 1]}",
            &[
                "5:10: spec.type must be a text -> put it in quotes",
                "5:3: spec.lifecycle is missing: a Component must have it",
                "5:3: spec.owner is missing: a Component must have it -> \"ownr\" looks like it",
                "5:64: spec.providesApis[1] must be a text that is not empty",
                "5:33: spec.dependsOn must be a list -> dependsOn: [component:b]",
            ],
        );
        check(
            "System",
            "owner: {kind: group, name: a}",
            &["5:10: spec.owner must be a reference as a text, such as group:default/name"],
        );
        check(
            "Group",
            "type: team",
            &["5:3: spec.children is missing: a Group must have it -> children: []"],
        );
        check("API", "{type: a, lifecycle: b, owner: c, definition: {$text: ./x}}", &[]);
        check("API", "{type: mcp-server, lifecycle: b, owner: c, remotes: [{type: x, url: y}]}", &[]);
        check(
            "Location",
            "{presence: maybe}",
            &["5:14: spec.presence \"maybe\" is neither required nor optional"],
        );
    }
}
