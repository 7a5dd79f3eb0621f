//! `roadiehq:utils:*`, the actions that most installations add: single files written, changed and read, and values as text.

use flate2::Crc;
use serde_json::{Map, Value as Json, json};

use crate::expression::Pattern;
use crate::scaffold::actions::workspace::{ActionResult, ActionTrouble, Workspace, flag, text};
use crate::scaffold::entity_text;
use crate::scaffold::glob::Globs;
use crate::scaffold::yaml_layout::YamlLayout;
use crate::tree::{TreeEntry, jailed, joined};
use crate::yaml;

/// Where the workspace seems to be: it has no place on disk.
const ROOT: &str = "/workspace";

fn path(input: &Map<String, Json>, key: &str) -> Result<String, ActionTrouble> {
    Ok(jailed("", text(input, key).unwrap_or_default())?)
}

fn written(path: &str) -> Map<String, Json> {
    Map::from_iter([("path".to_string(), Json::String(format!("{ROOT}/{path}")))])
}

/// The text of a file in the workspace.
pub fn content(workspace: &Workspace<'_>, path: &str) -> Result<String, ActionTrouble> {
    match workspace.tree.bytes(path) {
        Some(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        None => Err(ActionTrouble::new(format!("there is no file '{path}' in the workspace"))),
    }
}

/// Puts a text where a file may stand, whose mode it keeps.
pub fn put_text(workspace: &mut Workspace<'_>, path: &str, text: String) -> Result<(), ActionTrouble> {
    let executable = matches!(workspace.tree.get(path), Some(TreeEntry::File { executable: true, .. }));
    workspace.put(path, TreeEntry::File { bytes: text.into_bytes(), executable })
}

pub fn write(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let path = path(input, "path")?;
    let given = text(input, "content").unwrap_or_default();
    let formatted = match serde_json::from_str::<Json>(given) {
        Ok(value) if flag(input, "preserveFormatting") => as_json(&value, "  ")?,
        _ => given.to_string(),
    };
    put_text(workspace, &path, formatted)?;
    Ok(written(&path))
}

pub fn append(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let path = path(input, "path")?;
    let before = if workspace.tree.exists(&path) { content(workspace, &path)? } else { String::new() };
    put_text(workspace, &path, before + text(input, "content").unwrap_or_default())?;
    Ok(written(&path))
}

/// Replaces in every file that a glob names; without `includeDotFiles` none whose path has a part that begins with a dot.
pub fn replace(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    for each in input.get("files").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object)
    {
        let given = |key: &str| text(each, key).filter(|text| !text.is_empty());
        let (Some(file), Some(find), Some(with)) = (given("file"), given("find"), given("replaceWith"))
        else {
            return Err(ActionTrouble::new("each file needs a 'file', a 'find' and a 'replaceWith'"));
        };
        let glob = jailed("", file)?;
        let globs = Globs::new([glob.as_str()], &workspace.tree).map_err(ActionTrouble::new)?;
        let pattern = if flag(each, "matchRegex") { find.to_string() } else { regex::escape(find) };
        let pattern = Pattern::new(&pattern, "g").map_err(ActionTrouble::new)?;
        let dotted = |path: &str| path.split('/').any(|part| part.starts_with('.'));
        let meant = |path: &str| {
            path == glob
                || globs.matches(path) && (flag(each, "includeDotFiles") || dotted(&glob) || !dotted(path))
        };
        let paths: Vec<String> = workspace
            .tree
            .iter()
            .filter(|(path, entry)| matches!(entry, TreeEntry::File { .. }) && meant(path))
            .map(|(path, _)| path.to_string())
            .collect();
        for path in paths {
            let before = content(workspace, &path)?;
            let after = pattern.replace(&before, with).map_err(ActionTrouble::new)?;
            put_text(workspace, &path, after)?;
        }
    }
    Ok(Map::new())
}

/// The documents of a YAML file.
pub fn all_documents(path: &str, text: &str) -> Result<Vec<Json>, ActionTrouble> {
    let read = |document: Result<yaml::Document, yaml::Problem>| {
        document.map(|document| document.value).map_err(|problem| ActionTrouble::new(problem.to_string()))
    };
    yaml::documents(path, text).into_iter().map(read).collect()
}

pub fn parse(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let path = path(input, "path")?;
    let text_of = content(workspace, &path)?;
    let parsed = match text(input, "parser") {
        Some("json") => serde_json::from_str(&text_of)
            .map_err(|error| ActionTrouble::new(format!("'{path}' is no JSON: {error}")))?,
        Some("yaml") => all_documents(&path, &text_of)?.into_iter().next().unwrap_or_default(),
        Some("multiyaml") => Json::Array(all_documents(&path, &text_of)?),
        _ => Json::String(text_of.clone()),
    };
    Ok(Map::from_iter([("content".to_string(), parsed)]))
}

/// `JSON.stringify` with an indent.
pub fn as_json(value: &Json, indent: &str) -> Result<String, ActionTrouble> {
    let mut bytes = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, format);
    let done = serde::Serialize::serialize(value, &mut serializer);
    done.map_err(|error| ActionTrouble::new(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// `JSON.stringify` with the `replacer` and the `space` of an input.
pub fn as_json_text(data: Json, input: &Map<String, Json>) -> Result<String, ActionTrouble> {
    let data = match input.get("replacer").and_then(Json::as_array) {
        Some(names) => only(data, &names.iter().filter_map(Json::as_str).collect::<Vec<_>>()),
        None => data,
    };
    match text(input, "space").filter(|space| !space.is_empty()) {
        Some(space) => as_json(&data, &space.chars().take(10).collect::<String>()),
        None => Ok(data.to_string()),
    }
}

pub fn serialize_json(_: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let data = input.get("data").cloned().unwrap_or_default();
    Ok(Map::from_iter([("serialized".to_string(), Json::String(as_json_text(data, input)?))]))
}

/// A value with these properties of its objects only, in the order of the names.
fn only(value: Json, names: &[&str]) -> Json {
    match value {
        Json::Object(mut map) => {
            let kept =
                names.iter().filter_map(|name| Some((name.to_string(), only(map.remove(*name)?, names))));
            Json::Object(kept.collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(|item| only(item, names)).collect()),
        other => other,
    }
}

/// The layout that `options` of an input asks for; what is not done here and would change something is refused.
pub fn yaml_layout(input: &Map<String, Json>) -> Result<YamlLayout, ActionTrouble> {
    let mut layout = YamlLayout::default();
    for (name, value) in input.get("options").and_then(Json::as_object).into_iter().flatten() {
        let word = || value.as_str().map_or_else(|| value.to_string(), String::from);
        let size = || value.as_u64().map_or(0, |size| size.min(1_000) as usize);
        match (name.as_str(), value) {
            ("indent", Json::Number(_)) if size() > 0 => layout.step = size().min(32),
            ("indentSeq", Json::Bool(flag)) => layout.list_indent = *flag,
            ("lineWidth", Json::Number(_)) => layout.width = Some(size()).filter(|width| *width > 0),
            ("minContentWidth", Json::Number(_)) => layout.least = size(),
            ("singleQuote", value) => layout.single_quotes = value.as_bool(),
            ("defaultStringType", value) if value == "QUOTE_DOUBLE" => layout.quote = Some('"'),
            ("defaultStringType", value) if value == "QUOTE_SINGLE" => layout.quote = Some('\''),
            ("defaultStringType", value) if value == "PLAIN" => layout.quote = None,
            ("nullStr", _) => layout.words[0] = word(),
            ("trueStr", _) => layout.words[1] = word(),
            ("falseStr", _) => layout.words[2] = word(),
            // These say what is done anyway, or are about what JSON data does not have.
            ("blockQuote", Json::Bool(true)) | ("simpleKeys" | "flowCollectionPadding", _) => {}
            ("directives", Json::Bool(false) | Json::Null) | ("doubleQuotedAsJSON", Json::Bool(false)) => {}
            ("doubleQuotedMinMultiLineLength", _) | ("defaultKeyType", Json::Null) => {}
            ("collectionStyle", value) if value == "any" || value == "block" => {}
            _ => return Err(ActionTrouble::new(format!("options.{name}: {value} is not done here"))),
        }
    }
    Ok(layout)
}

pub fn serialize_yaml(_: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let data = input.get("data").cloned().unwrap_or_default();
    let serialized = entity_text::write_as(&data, &yaml_layout(input)?);
    Ok(Map::from_iter([("serialized".to_string(), Json::String(serialized))]))
}

/// Nothing here takes time, so nothing sleeps.
pub fn sleep(_: &mut Workspace<'_>, _: &Map<String, Json>) -> ActionResult {
    Ok(Map::new())
}

/// A file or directory of the workspace as a ZIP archive, its entries stored as they are and without a date: the same files always
/// give the same bytes.
pub fn zip(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let (from, to) = (path(input, "path")?, path(input, "outputPath")?);
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    if let Some(bytes) = workspace.tree.bytes(&from) {
        files.push((from.rsplit('/').next().unwrap_or_default().to_string(), bytes.to_vec()));
    } else if let Some(tree) = workspace.tree.subtree(&from) {
        let plain = tree.iter().filter_map(|(path, _)| Some((path.to_string(), tree.bytes(path)?.to_vec())));
        files.extend(plain);
    } else {
        return Err(ActionTrouble::new(format!("there is no '{from}' in the workspace")));
    }
    workspace.put(&to, TreeEntry::File { bytes: archive(&files)?, executable: false })?;
    Ok(Map::from_iter([("outputPath".to_string(), json!(joined(ROOT, &to)))]))
}

fn archive(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, ActionTrouble> {
    let large = |_| ActionTrouble::new("this is too much for a ZIP archive");
    let number = |length: usize| u32::try_from(length).map_err(large);
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut crc = Crc::new();
        crc.update(content);
        let (size, at) = (number(content.len())?, number(bytes.len())?);
        let length = u16::try_from(name.len()).map_err(large)?;
        // Version 2.0, names in UTF-8, stored, the first day that the format knows.
        let mut head: Vec<u8> = vec![20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
        head.extend(crc.sum().to_le_bytes());
        head.extend(size.to_le_bytes());
        head.extend(size.to_le_bytes());
        head.extend(length.to_le_bytes());
        head.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&head);
        bytes.extend(name.as_bytes());
        bytes.extend(content);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len()).map_err(large)?.to_le_bytes();
    let (size, at) = (number(directory.len())?, number(bytes.len())?);
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\x00\x00\x00\x00");
    bytes.extend(count);
    bytes.extend(count);
    bytes.extend(size.to_le_bytes());
    bytes.extend(at.to_le_bytes());
    bytes.extend([0, 0]);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json};

    use super::yaml_layout;
    use crate::scaffold::entity_text::write_as;

    const EXPECTED: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden-paths/expectations/utilities.json"));

    #[test]
    fn values_are_laid_out_as_options_say() {
        let expected: Json = serde_json::from_str(EXPECTED).expect("JSON");
        let cases = expected["values"].as_array().expect("cases");
        assert!(cases.len() > 15, "{} cases", cases.len());
        let mut wrong = Vec::new();
        for case in cases {
            let options = case.get("options").cloned().into_iter().map(|options| ("options".into(), options));
            let layout = yaml_layout(&options.collect::<Map<_, _>>()).expect("options");
            let (text, expected) =
                (write_as(&case["value"], &layout), case["text"].as_str().expect("a text"));
            if text != expected {
                wrong.push(format!("{case}\n{text}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
