//! `roadiehq:utils:jsonata*`: data, or a file of the workspace, through an expression of JSONata.

use serde_json::{Map, Value as Json};

use crate::scaffold::actions::utilities::{all_documents, as_json_text, content, yaml_layout};
use crate::scaffold::actions::workspace::{ActionResult, ActionTrouble, Workspace, flag, text};
use crate::scaffold::entity_text;
use crate::scaffold::jsonata;
use crate::tree::jailed;

fn evaluated(
    workspace: &Workspace<'_>,
    input: &Map<String, Json>,
    data: &Json,
) -> Result<Option<Json>, ActionTrouble> {
    jsonata::evaluate(text(input, "expression").unwrap_or_default(), data, &workspace.fuel)
        .map_err(|why| ActionTrouble::new(format!("the expression of JSONata: {why}")))
}

fn result(value: Option<Json>) -> ActionResult {
    Ok(value.into_iter().map(|value| ("result".to_string(), value)).collect())
}

pub fn of_data(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let data = input.get("data").cloned().unwrap_or_default();
    result(evaluated(workspace, input, &data)?)
}

pub fn of_json_file(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let path = jailed("", text(input, "path").unwrap_or_default())?;
    let data: Json = serde_json::from_str(&content(workspace, &path)?)
        .map_err(|error| ActionTrouble::new(format!("'{path}' is no JSON: {error}")))?;
    let found = evaluated(workspace, input, &data)?;
    if text(input, "as") == Some("object") {
        return result(found);
    }
    result(found.map(|found| as_json_text(found, input)).transpose()?.map(Json::String))
}

pub fn of_yaml_file(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let path = jailed("", text(input, "path").unwrap_or_default())?;
    let documents = all_documents(&path, &content(workspace, &path)?)?;
    let data = match flag(input, "loadAll") {
        true => Json::Array(documents),
        false => documents.into_iter().next().unwrap_or_default(),
    };
    let found = evaluated(workspace, input, &data)?;
    if text(input, "as") == Some("object") {
        return result(found);
    }
    let layout = yaml_layout(input)?;
    result(found.map(|found| Json::String(entity_text::write_as(&found, &layout))))
}
