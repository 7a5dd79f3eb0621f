//! `fs:*`: what a step does to files that are already in the workspace.

use serde_json::{Map, Value as Json, json};

use crate::scaffold::actions::workspace::{ActionResult, ActionTrouble, Workspace, flag, text};
use crate::scaffold::glob::Globs;
use crate::tree::{TreeEntry, jailed, joined};

fn items<'a>(input: &'a Map<String, Json>, key: &str) -> impl Iterator<Item = &'a Json> + use<'a> {
    input.get(key).and_then(Json::as_array).into_iter().flatten()
}

/// Deletes the files that globs name; directories stay, though empty.
pub fn delete(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    for glob in items(input, "files").filter_map(Json::as_str) {
        let glob = jailed("", glob)?;
        let globs = Globs::new([glob.as_str()], &workspace.tree).map_err(ActionTrouble::new)?;
        let files: Vec<String> = workspace
            .tree
            .iter()
            .filter(|(path, entry)| **entry != TreeEntry::Directory && globs.matches(path))
            .map(|(path, _)| path.to_string())
            .collect();
        for path in files {
            workspace.tree.remove(&path);
        }
    }
    Ok(Map::new())
}

pub fn rename(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    for file in items(input, "files").filter_map(Json::as_object) {
        let (from, to) = (text(file, "from").unwrap_or_default(), text(file, "to").unwrap_or_default());
        if from.is_empty() || to.is_empty() {
            return Err(ActionTrouble::new("each file needs a 'from' and a 'to'"));
        }
        let (from, to) = (jailed("", from)?, jailed("", to)?);
        if !workspace.tree.exists(&from) || from.is_empty() {
            return Err(ActionTrouble::new(format!("there is no '{from}' in the workspace to rename")));
        }
        if to == from {
            continue;
        }
        if to.is_empty() || to.starts_with(&format!("{from}/")) {
            return Err(ActionTrouble::new(format!("'{from}' cannot be moved into itself")));
        }
        if workspace.tree.exists(&to) {
            if !flag(file, "overwrite") {
                return Err(ActionTrouble::new(format!("'{to}' is there already"))
                    .hint("set overwrite: true to replace it"));
            }
            workspace.tree.remove(&to);
        }
        workspace.tree.rename(&from, &to)?;
    }
    Ok(Map::new())
}

/// Where the workspace seems to be, for `fullPath`: it has no place on disk.
const ROOT: &str = "/workspace";

pub fn readdir(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for path in items(input, "paths").filter_map(Json::as_str) {
        let path = jailed("", path)?;
        if !workspace.tree.is_directory(&path) {
            return Err(ActionTrouble::new(format!("there is no directory '{path}' in the workspace")));
        }
        let mut found = children(workspace, &path, flag(input, "recursive"));
        // A directory before what is in it, each directory by name.
        found.sort_by_key(|(path, _)| (path.matches('/').count(), path.clone()));
        for (path, is_folder) in found {
            let name = path.rsplit('/').next().unwrap_or_default();
            let described = json!({"name": name, "path": path, "fullPath": format!("{ROOT}/{path}")});
            if is_folder { folders.push(described) } else { files.push(described) }
        }
    }
    Ok(Map::from_iter([
        ("files".to_string(), Json::Array(files)),
        ("folders".to_string(), Json::Array(folders)),
    ]))
}

/// What stands in a directory, and whether each is one.
fn children(workspace: &Workspace<'_>, directory: &str, recursive: bool) -> Vec<(String, bool)> {
    let Some(tree) = workspace.tree.subtree(directory) else { return Vec::new() };
    let near = |path: &str| recursive || !path.contains('/');
    let folders =
        tree.directories().into_iter().filter(|path| near(path)).map(|path| (joined(directory, &path), true));
    let files = tree.iter().filter(|(path, entry)| near(path) && **entry != TreeEntry::Directory);
    folders.chain(files.map(|(path, _)| (joined(directory, path), false))).collect()
}
