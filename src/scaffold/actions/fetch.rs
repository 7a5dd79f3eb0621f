//! `fetch:*` and `workspace:template*`: files come from beside the template, from the workspace or from a URL.

use serde_json::{Map, Value as Json};

use crate::scaffold::actions::render::{self, RenderJob};
use crate::scaffold::actions::workspace::{ActionResult, ActionTrouble, Workspace, flag, text};
use crate::scaffold::binary::as_text;
use crate::text::shell_word;
use crate::tree::{Tree, TreeEntry, jailed, joined, tidied, within};

fn target(input: &Map<String, Json>) -> Result<String, ActionTrouble> {
    Ok(jailed("", text(input, "targetPath").unwrap_or("./"))?)
}

fn is_absolute(url: &str) -> bool {
    url.starts_with("git+") || url.split_once("://").is_some_and(|(scheme, _)| !scheme.contains('/'))
}

/// Where a URL of a step leads: counted from the template's directory, or with a `/` before it from the root of the source. The source
/// (a repository, the directory that is looked through) is as far as it may go.
fn place(workspace: &Workspace<'_>, url: &str) -> Result<SourcePlace, ActionTrouble> {
    let path = match url.strip_prefix('/') {
        Some(rest) => within("", rest),
        None => within(workspace.base, url),
    };
    let path = path.map_err(|problem| {
        let why = match problem.why {
            "leaves its directory" => "leaves the source that the template lies in",
            why => why,
        };
        let trouble = ActionTrouble::new(format!("the path '{}' {why}", url.escape_debug()));
        let ups =
            url.split('/').take_while(|word| matches!(*word, "." | ".." | "")).collect::<Vec<_>>().join("/");
        if !ups.starts_with("..") || workspace.template.document.name.contains("://") {
            return trouble;
        }
        let file = &workspace.template.document.name;
        let directory = file.rsplit_once('/').map_or(".", |(directory, _)| directory);
        let root = shell_word(&tidied(&format!("{directory}/{ups}")));
        let name = shell_word(&workspace.template.name);
        trouble.hint(format!("`callboard new {name} --from {root}` lets it go as far as {root}"))
    })?;
    let own = match path.strip_prefix(workspace.base) {
        Some(rest) if workspace.base.is_empty() || rest.is_empty() => Some(rest.to_string()),
        Some(rest) => rest.strip_prefix('/').map(String::from),
        None => None,
    };
    let up = workspace.base.split('/').filter(|word| !word.is_empty()).map(|_| "..");
    let shown = match &own {
        Some(own) => own.clone(),
        None => up.chain([path.as_str()]).collect::<Vec<_>>().join("/"),
    };
    Ok(SourcePlace { path, own, shown })
}

struct SourcePlace {
    /// From the root of the source on.
    path: String,
    /// From the template's directory on, if it lies inside.
    own: Option<String>,
    /// As messages have it: from the template's directory on.
    shown: String,
}

/// A directory by its URL, and where it stands beside the template, for messages.
fn directory(workspace: &Workspace<'_>, input: &Map<String, Json>) -> Result<(Tree, String), ActionTrouble> {
    let url = text(input, "url").unwrap_or_default();
    if is_absolute(url) {
        return Ok((workspace.world.fetch(url).map_err(ActionTrouble::new)?, url.into()));
    }
    let place = place(workspace, url)?;
    let found = match &place.own {
        Some(own) => workspace.source.subtree(own),
        None => workspace.world.beside(&place.path).map_err(ActionTrouble::new)?,
    };
    match found {
        Some(tree) => Ok((tree, place.shown)),
        None => Err(ActionTrouble::new(format!("there is no directory '{url}' beside the template"))),
    }
}

/// A file by its URL, and its path for messages.
fn file(workspace: &Workspace<'_>, input: &Map<String, Json>) -> Result<(TreeEntry, String), ActionTrouble> {
    let url = text(input, "url").unwrap_or_default();
    let alone = |found: Tree| {
        let entry = found.iter().find(|(_, entry)| matches!(entry, TreeEntry::File { .. }));
        entry.filter(|_| found.len() == 1).map(|(_, entry)| entry.clone())
    };
    if is_absolute(url) {
        let fetched = workspace.world.fetch(url).map_err(ActionTrouble::new)?;
        return match alone(fetched) {
            Some(entry) => Ok((entry, url.into())),
            None => Err(ActionTrouble::new(format!("'{url}' is not one file"))),
        };
    }
    let missing = || ActionTrouble::new(format!("there is no file '{url}' beside the template"));
    let place = place(workspace, url)?;
    let Some(path) = place.own else {
        let name = place.path.rsplit('/').next().unwrap_or_default();
        let found = workspace.world.beside(&place.path).map_err(ActionTrouble::new)?;
        let found = found.filter(|tree| matches!(tree.get(name), Some(TreeEntry::File { .. })));
        return found.and_then(alone).map(|entry| (entry, place.shown)).ok_or_else(missing);
    };
    let entry = match workspace.source.get(&path) {
        Some(TreeEntry::Link { target }) => {
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            workspace.source.get(&jailed("", &joined(directory, target))?)
        }
        other => other,
    };
    match entry.ok_or_else(missing)? {
        entry @ TreeEntry::File { .. } => Ok((entry.clone(), path)),
        _ => Err(missing()),
    }
}

pub fn plain(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let target = target(input)?;
    let (files, _) = directory(workspace, input)?;
    for (path, entry) in files.iter() {
        workspace.put(&joined(&target, path), entry.clone())?;
    }
    Ok(Map::new())
}

pub fn plain_file(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let target = target(input)?;
    let (entry, _) = file(workspace, input)?;
    workspace.put(&target, entry)?;
    Ok(Map::new())
}

fn list<'a>(input: &'a Map<String, Json>, key: &str) -> Vec<&'a str> {
    input.get(key).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect()
}

pub fn template(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let target = target(input)?;
    let (files, prefix) = directory(workspace, input)?;
    if input.contains_key("copyWithoutRender") {
        workspace.log.push(
            "copyWithoutRender does nothing since Backstage 1.27; copyWithoutTemplating does what it did"
                .into(),
        );
    }
    let cookiecutter = flag(input, "cookiecutterCompat");
    let verbatim = list(input, "copyWithoutTemplating");
    let extension = render::extension(input);
    render::tree(
        workspace,
        &RenderJob { files: &files, prefix, target, input, cookiecutter, verbatim, extension },
    )?;
    Ok(Map::new())
}

/// The template proper of a cookiecutter is the one directory with a variable in its name. Its hooks do not run.
pub fn cookiecutter(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let target = target(input)?;
    let (files, prefix) = directory(workspace, input)?;
    let directories = files.directories();
    let inner = directories
        .iter()
        .find(|path| !path.contains('/') && path.contains("{{"))
        .cloned()
        .unwrap_or_default();
    let files = files.subtree(&inner).unwrap_or(files);
    workspace
        .log
        .push("fetch:cookiecutter is rendered by callboard itself; hooks of the template are not run".into());
    let verbatim = list(input, "copyWithoutRender");
    let prefix = joined(&prefix, &inner);
    render::tree(
        workspace,
        &RenderJob { files: &files, prefix, target, input, cookiecutter: true, verbatim, extension: None },
    )?;
    Ok(Map::new())
}

pub fn workspace_template(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    let target = target(input)?;
    let source = jailed("", text(input, "sourcePath").unwrap_or_default())?;
    let inside = source.is_empty() || target == source || target.starts_with(&format!("{source}/"));
    if inside {
        return Err(ActionTrouble::new("targetPath must not be inside sourcePath"));
    }
    let Some(files) = workspace.tree.subtree(&source) else {
        return Err(ActionTrouble::new(format!("there is no directory '{source}' in the workspace")));
    };
    let cookiecutter = flag(input, "cookiecutterCompat");
    let verbatim = list(input, "copyWithoutTemplating");
    let extension = render::extension(input);
    render::tree(
        workspace,
        &RenderJob { files: &files, prefix: source, target, input, cookiecutter, verbatim, extension },
    )?;
    Ok(Map::new())
}

pub fn template_file(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    if keeps(workspace, input)? {
        return Ok(Map::new());
    }
    let (entry, path) = file(workspace, input)?;
    write_rendered(workspace, input, &entry, &path)
}

pub fn workspace_template_file(workspace: &mut Workspace<'_>, input: &Map<String, Json>) -> ActionResult {
    if keeps(workspace, input)? {
        return Ok(Map::new());
    }
    let path = jailed("", text(input, "sourcePath").unwrap_or_default())?;
    match workspace.tree.get(&path).cloned() {
        Some(entry @ TreeEntry::File { .. }) => write_rendered(workspace, input, &entry, &path),
        _ => Err(ActionTrouble::new(format!("there is no file '{path}' in the workspace"))),
    }
}

/// Whether the target is there and stays.
fn keeps(workspace: &Workspace<'_>, input: &Map<String, Json>) -> Result<bool, ActionTrouble> {
    Ok(workspace.tree.exists(&target(input)?) && !flag(input, "replace"))
}

/// Backstage writes a rendered single file afresh, so it is not executable, whatever its source is.
fn write_rendered(
    workspace: &mut Workspace<'_>,
    input: &Map<String, Json>,
    entry: &TreeEntry,
    path: &str,
) -> ActionResult {
    let TreeEntry::File { bytes, .. } = entry else {
        return Err(ActionTrouble::new(format!("'{path}' is no file")));
    };
    let cookiecutter = flag(input, "cookiecutterCompat");
    let entry = match as_text(bytes) {
        None => entry.clone(),
        Some(source) => {
            let dialect = render::dialect(workspace, input, cookiecutter);
            let values = render::context(input, cookiecutter);
            let (rendered, warnings) =
                render::rendered(workspace.template, path, &source, (&values, dialect))?;
            workspace.warnings.extend(warnings);
            TreeEntry::text(rendered)
        }
    };
    let entry = render::overwriting(&workspace.tree, &target(input)?, entry);
    workspace.put(&target(input)?, entry)?;
    Ok(Map::new())
}
