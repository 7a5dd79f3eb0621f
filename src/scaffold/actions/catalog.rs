//! `catalog:*`: entities written, registered and looked up.

use serde_json::{Map, Value as Json};

use crate::scaffold::actions::effect::Effect;
use crate::scaffold::actions::utilities::{content, put_text};
use crate::scaffold::actions::workspace::{ActionResult, ActionTrouble, Workspace, flag, text};
use crate::scaffold::entity_text;
use crate::tree::{TreeEntry, jailed};
use crate::yaml;

pub const SOURCE: &str = "backstage.io/source-template";
pub const VERSION: &str = "backstage.io/template-version";

/// Writes an entity with the annotations that say which template, and which version of it, it came from.
pub fn write(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let path = jailed("", text(input, "filePath").unwrap_or("catalog-info.yaml"))?;
    let mut entity = input.get("entity").and_then(Json::as_object).cloned().unwrap_or_default();
    let Some(mut metadata) = entity.get("metadata").and_then(Json::as_object).cloned() else {
        return Err(ActionTrouble::new("catalog:write needs an entity with metadata"));
    };
    let mut annotations = metadata.get("annotations").and_then(Json::as_object).cloned().unwrap_or_default();
    annotations.insert(SOURCE.into(), Json::String(workspace.template.entity_ref()));
    if let Some(version) = &workspace.template.version {
        annotations.insert(VERSION.into(), Json::String(version.clone()));
    }
    metadata.insert("annotations".into(), Json::Object(annotations));
    entity.insert("metadata".into(), Json::Object(metadata));
    workspace.put(&path, TreeEntry::text(entity_text::write(&Json::Object(entity))))?;
    Ok(Map::new())
}

/// Adds labels, annotations and properties of the spec to an entity, and writes it anew.
pub fn annotate(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    annotated(workspace, input, Map::new(), Map::new())
}

/// Says in an entity's `spec.scaffoldedFrom` which template it came from.
pub fn scaffolded_from(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let origin = Json::String(workspace.template.entity_ref());
    annotated(workspace, input, Map::new(), Map::from_iter([("scaffoldedFrom".to_string(), origin)]))
}

/// Says in an entity's annotations which version of the template it came from, by that annotation of the template.
pub fn template_version(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let known = &workspace.template.document.value["metadata"]["annotations"][VERSION];
    let version = known.as_str().map(|version| (VERSION.to_string(), Json::String(version.into())));
    annotated(workspace, input, version.into_iter().collect(), Map::new())
}

fn annotated(
    workspace: &mut Workspace<'_>,
    input: &Map<String, Json>,
    annotations: Map<String, Json>,
    spec: Map<String, Json>,
) -> ActionResult {
    const FILE: &str = "./catalog-info.yaml";
    let given = |key: &str| input.get(key).and_then(Json::as_object).cloned().unwrap_or_default();
    let mut entity = match input.get("objectYaml") {
        Some(Json::Object(entity)) => entity.clone(),
        _ => {
            let path = jailed("", text(input, "entityFilePath").unwrap_or(FILE))?;
            let read = yaml::documents(&path, &content(workspace, &path)?).into_iter().next();
            let document = read.transpose().map_err(|problem| ActionTrouble::new(problem.to_string()))?;
            document.and_then(|document| document.value.as_object().cloned()).unwrap_or_default()
        }
    };
    let map = |value: Option<&Json>| value.and_then(Json::as_object).cloned().unwrap_or_default();
    let mut metadata = map(entity.get("metadata"));
    let all = |before: Option<&Json>, more: [Map<String, Json>; 2]| {
        let mut all = map(before);
        more.into_iter().for_each(|more| all.extend(more));
        Json::Object(all)
    };
    let with = all(metadata.get("annotations"), [annotations, given("annotations")]);
    metadata.insert("annotations".into(), with);
    let with = all(metadata.get("labels"), [given("labels"), Map::new()]);
    metadata.insert("labels".into(), with);
    entity.insert("metadata".into(), Json::Object(metadata));
    let with = all(entity.get("spec"), [spec, given("spec")]);
    entity.insert("spec".into(), with);
    let written = entity_text::write(&Json::Object(entity));
    let path = jailed("", text(input, "writeToFile").unwrap_or(FILE))?;
    put_text(workspace, &path, written.clone())?;
    Ok(Map::from_iter([("annotatedObject".to_string(), Json::String(written))]))
}

/// Adds a catalog file to the catalog later on. Its reference is read from the workspace, where it was just made.
pub fn register(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let inside = text(input, "catalogInfoPath").unwrap_or("/catalog-info.yaml").trim_start_matches('/');
    let url = match (text(input, "catalogInfoUrl"), text(input, "repoContentsUrl")) {
        (Some(url), _) => url.to_string(),
        (None, Some(contents)) => format!("{}/{inside}", contents.trim_end_matches('/')),
        (None, None) => {
            return Err(ActionTrouble::new("catalog:register needs a catalogInfoUrl or a repoContentsUrl"));
        }
    };
    let path = Some(jailed("", inside)?).filter(|path| workspace.tree.bytes(path).is_some());
    let path = path.or_else(|| {
        workspace
            .tree
            .iter()
            .map(|(path, _)| path.to_string())
            .find(|path| url.ends_with(&format!("/{path}")) && is_catalog(path))
    });
    if path.is_none() && !flag(input, "optional") && !url.contains("://") {
        return Err(ActionTrouble::new(format!("there is no catalog file '{inside}' in the workspace")));
    }
    let mut outputs = Map::from_iter([("catalogInfoUrl".to_string(), Json::String(url.clone()))]);
    if let Some(entity_ref) = path.as_ref().and_then(|path| first_entity(workspace, path)) {
        outputs.insert("entityRef".into(), Json::String(entity_ref));
    }
    workspace.effects.push(Effect::Register { path, url });
    Ok(outputs)
}

fn is_catalog(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// The first Component of a catalog file, else its first entity.
fn first_entity(workspace: &Workspace<'_>, path: &str) -> Option<String> {
    let text = std::str::from_utf8(workspace.tree.bytes(path)?).ok()?;
    let entities: Vec<Json> =
        yaml::documents(path, text).into_iter().filter_map(|document| Some(document.ok()?.value)).collect();
    let entity = entities.iter().find(|entity| entity["kind"] == "Component").or_else(|| entities.first())?;
    let namespace = entity["metadata"]["namespace"].as_str().unwrap_or("default");
    let (kind, name) = (entity["kind"].as_str()?, entity["metadata"]["name"].as_str()?);
    Some(format!("{kind}:{namespace}/{name}").to_lowercase())
}

pub fn fetch(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let mut outputs = Map::new();
    let refs = input.get("entityRefs").and_then(Json::as_array);
    let one = text(input, "entityRef").filter(|entity_ref| !entity_ref.is_empty());
    if one.is_none() && refs.is_none() && !flag(input, "optional") {
        return Err(ActionTrouble::new("catalog:fetch needs an entityRef or entityRefs"));
    }
    if let Some(entity_ref) = one {
        outputs.insert("entity".into(), entity(workspace, input, entity_ref)?);
    }
    if let Some(refs) = refs {
        let found: Result<Vec<Json>, ActionTrouble> = refs
            .iter()
            .filter_map(Json::as_str)
            .map(|entity_ref| entity(workspace, input, entity_ref))
            .collect();
        outputs.insert("entities".into(), Json::Array(found?));
    }
    Ok(outputs)
}

/// The entity, or null where it is optional and not there.
fn entity(
    workspace: &Workspace<'_>,
    input: &Map<String, Json>,
    entity_ref: &str,
) -> Result<Json, ActionTrouble> {
    let (kind, rest) = match entity_ref.split_once(':') {
        Some((kind, rest)) => (kind, rest),
        None => match text(input, "defaultKind") {
            Some(kind) => (kind, entity_ref),
            None => {
                return Err(ActionTrouble::new(format!(
                    "the entity reference '{entity_ref}' names no kind, and there is no defaultKind"
                )));
            }
        },
    };
    let default = text(input, "defaultNamespace").unwrap_or("default");
    let (namespace, name) = rest.split_once('/').unwrap_or((default, rest));
    match workspace.world.entity(&format!("{kind}:{namespace}/{name}").to_lowercase()) {
        Some(entity) => Ok(entity),
        None if flag(input, "optional") => Ok(Json::Null),
        None => Err(ActionTrouble::new(format!("there is no entity '{entity_ref}' in the catalog"))
            .hint("`callboard services` lists what there is")),
    }
}
