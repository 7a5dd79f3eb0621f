//! `roadiehq:utils:merge` and `roadiehq:utils:json:merge`: data merged into a JSON or YAML file of the workspace.

use serde_json::{Map, Value as Json};

use crate::scaffold::actions::utilities::{all_documents, as_json, content, put_text, yaml_layout};
use crate::scaffold::actions::workspace::{ActionResult, ActionTrouble, Workspace, flag, text};
use crate::scaffold::entity_text;
use crate::tree::jailed;
use crate::yaml::{self, Problem};

/// Merges into a file that is there; of several YAML documents into the one that `useDocumentIncludingField` names.
pub fn any(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let path = jailed("", text(input, "path").unwrap_or_default())?;
    let before = content(workspace, &path)?;
    let arrays = flag(input, "mergeArrays");
    let merged = match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("json") => {
            let old = all_documents(&path, &before)?.into_iter().next().unwrap_or_default();
            as_json(&merged(old, &new_content(input, json)?, arrays), "  ")?
        }
        Some("yaml" | "yml") => {
            let new = new_content(input, |text| {
                Ok(all_documents("content", text)?.into_iter().next().unwrap_or_default())
            })?;
            let all = merged_documents(&path, &before, &new, input)?;
            let layout = yaml_layout(input)?;
            let write = |document: &Json| entity_text::write_as(document, &layout);
            let afresh = || all.iter().map(write).collect::<Vec<_>>().join("---\n");
            match flag(input, "preserveYamlComments") {
                false => afresh(),
                true => yaml::patched(&path, &before, &all, &write).unwrap_or_else(|problem| {
                    let message = format!("its comments are not kept: {}", problem.message);
                    workspace.warnings.push(Problem::new(problem.place, message));
                    afresh()
                }),
            }
        }
        _ => return Ok(Map::new()),
    };
    put_text(workspace, &path, merged)?;
    Ok(Map::from_iter([("path".to_string(), Json::String(format!("/workspace/{path}")))]))
}

/// Merges into a JSON file, which is made where there is none.
pub fn into_json(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let path = jailed("", text(input, "path").unwrap_or_default())?;
    let before = if workspace.tree.exists(&path) { content(workspace, &path)? } else { "{}".to_string() };
    let indent = match flag(input, "matchFileIndent") {
        true => indent(&before),
        false => 2,
    };
    let merged = merged(json(&before)?, &new_content(input, json)?, flag(input, "mergeArrays"));
    put_text(workspace, &path, as_json(&merged, &" ".repeat(indent))?)?;
    Ok(Map::from_iter([("path".to_string(), Json::String(format!("/workspace/{path}")))]))
}

fn json(text: &str) -> Result<Json, ActionTrouble> {
    serde_json::from_str(text).map_err(|error| ActionTrouble::new(format!("this is no JSON: {error}")))
}

fn new_content(
    input: &Map<String, Json>,
    read: impl Fn(&str) -> Result<Json, ActionTrouble>,
) -> Result<Json, ActionTrouble> {
    match input.get("content") {
        Some(Json::String(text)) => read(text),
        other => Ok(other.cloned().unwrap_or_default()),
    }
}

/// The documents of a file, with the new data in the one that is meant.
fn merged_documents(
    path: &str,
    before: &str,
    new: &Json,
    input: &Map<String, Json>,
) -> Result<Vec<Json>, ActionTrouble> {
    let arrays = flag(input, "mergeArrays");
    let mut all = all_documents(path, before)?;
    match all.as_mut_slice() {
        [] => return Err(ActionTrouble::new(format!("'{path}' holds no document"))),
        [one] => *one = merged(one.take(), new, arrays),
        several => {
            let field = input.get("useDocumentIncludingField").and_then(Json::as_object);
            let (Some(key), Some(value)) =
                (field.and_then(|field| text(field, "key")), field.and_then(|field| text(field, "value")))
            else {
                let message = format!(
                    "'{path}' holds several documents; useDocumentIncludingField says which is meant"
                );
                return Err(ActionTrouble::new(message));
            };
            for document in several {
                let found = match &document[key] {
                    Json::String(text) => text.clone(),
                    Json::Number(number) => number.to_string(),
                    _ => {
                        return Err(ActionTrouble::new(format!(
                            "'{key}' of each document must be a text or a number"
                        )));
                    }
                };
                if found == value {
                    *document = merged(document.take(), new, arrays);
                }
            }
        }
    }
    Ok(all)
}

/// As lodash's `mergeWith`: objects go together, and a list takes the place of a list or is added to it, what it has already aside.
fn merged(old: Json, new: &Json, arrays: bool) -> Json {
    match (old, new) {
        (Json::Object(mut old), Json::Object(new)) => {
            for (key, value) in new {
                let before = old.get_mut(key).map(Json::take).unwrap_or_default();
                old.insert(key.clone(), merged(before, value, arrays));
            }
            Json::Object(old)
        }
        (Json::Array(mut old), Json::Array(new)) if arrays => {
            let scalar = |value: &Json| !value.is_object() && !value.is_array();
            for value in new {
                if !(scalar(value) && old.contains(value)) {
                    old.push(value.clone());
                }
            }
            Json::Array(old)
        }
        (_, new) => new.clone(),
    }
}

/// The indent of the first line that has one.
fn indent(text: &str) -> usize {
    let widths = text.lines().map(|line| line.len() - line.trim_start_matches(' ').len());
    widths.into_iter().find(|width| *width > 0).unwrap_or(2)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merged;

    #[test]
    fn data_is_merged_as_lodash_does() {
        let old = json!({"a": {"x": 1, "y": [1, 2]}, "b": "t"});
        let new = json!({"a": {"y": [2, 3], "z": null}, "c": {}});
        assert_eq!(
            merged(old.clone(), &new, false),
            json!({"a": {"x": 1, "y": [2, 3], "z": null}, "b": "t", "c": {}})
        );
        assert_eq!(merged(old, &new, true)["a"]["y"], json!([1, 2, 3]));
    }
}
