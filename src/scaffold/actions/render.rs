//! Renders a tree of template files into the workspace: what `fetch:template` and its kin have in common.

use serde_json::{Map, Value as Json};

use crate::expression::{self, CommentLines, Dialect, RenderFailure};
use crate::scaffold::actions::workspace::{ActionTrouble, Workspace, flag};
use crate::scaffold::binary::as_text;
use crate::scaffold::comments::comment_lines;
use crate::scaffold::glob::Globs;
use crate::scaffold::template::Template;
use crate::tree::{Tree, TreeEntry, jailed, joined};
use crate::yaml::Problem;

/// Files to render, where they stand in the template's directory, and where the result goes.
pub struct RenderJob<'a> {
    pub files: &'a Tree,
    pub prefix: String,
    pub target: String,
    pub input: &'a Map<String, Json>,
    pub cookiecutter: bool,
    /// Globs of files whose content stays as it is.
    pub verbatim: Vec<&'a str>,
    pub extension: Option<String>,
}

/// The values under the name that templates know them by.
pub fn context(input: &Map<String, Json>, cookiecutter: bool) -> Map<String, Json> {
    let values = input.get("values").cloned().unwrap_or_else(|| Json::Object(Map::new()));
    let name = if cookiecutter { "cookiecutter" } else { "values" };
    Map::from_iter([(name.to_string(), values)])
}

/// How the files of a step are read.
pub fn dialect<'a>(
    workspace: &'a Workspace<'_>,
    input: &Map<String, Json>,
    cookiecutter: bool,
) -> Dialect<'a> {
    Dialect {
        cookiecutter,
        trim_blocks: flag(input, "trimBlocks"),
        lstrip_blocks: flag(input, "lstripBlocks"),
        lenient: workspace.lenient,
        absent: Some(&workspace.absent),
        fuel: Some(&workspace.fuel),
        comments: None,
        status: None,
    }
}

/// `templateFileExtension`, with its dot.
pub fn extension(input: &Map<String, Json>) -> Option<String> {
    match input.get("templateFileExtension") {
        Some(Json::Bool(true)) => Some(".njk".into()),
        Some(Json::String(text)) if text.starts_with('.') => Some(text.clone()),
        Some(Json::String(text)) if !text.is_empty() => Some(format!(".{text}")),
        _ => None,
    }
}

/// Renders every file and directory, names included. A name that becomes empty, begins with `/` or holds `//` is left
/// out; what exists already stays, unless `replace`.
pub fn tree(workspace: &mut Workspace<'_>, job: &RenderJob<'_>) -> Result<(), ActionTrouble> {
    if job.extension.is_some() && (!job.verbatim.is_empty() || job.cookiecutter) {
        return Err(ActionTrouble::new(
            "templateFileExtension does not go together with copyWithoutTemplating or cookiecutterCompat",
        ));
    }
    let verbatim = Globs::new(job.verbatim.iter().copied(), job.files).map_err(ActionTrouble::new)?;
    let values = context(job.input, job.cookiecutter);
    let replace = flag(job.input, "replace");
    let directories = job.files.directories().into_iter().map(|path| (format!("{path}/"), None));
    let entries = job.files.iter().filter(|(_, entry)| **entry != TreeEntry::Directory);
    let entries = entries.map(|(path, entry)| (path.to_string(), Some(entry)));
    let mut all: Vec<(String, Option<&TreeEntry>)> = directories.chain(entries).collect();
    all.sort_by(|left, right| left.0.cmp(&right.0));
    for (path, entry) in all {
        let dialect = dialect(workspace, job.input, job.cookiecutter);
        let suffix = job.extension.as_ref().filter(|extension| has_extension(&path, extension));
        let template = suffix.map_or(path.as_str(), |suffix| &path[..path.len() - suffix.len()]);
        let name = expression::render(template, &values, dialect)
            .map_err(|failure| in_name(workspace, job, &path, failure))?;
        if name.is_empty() || name.starts_with('/') || name.contains("//") {
            continue;
        }
        let target = joined(&job.target, &jailed("", &name)?);
        if workspace.tree.exists(&target) && !replace || target.is_empty() {
            continue;
        }
        let rendered = if job.extension.is_some() { suffix.is_some() } else { !verbatim.matches(&path) };
        let (entry, warnings) = match entry {
            None => (TreeEntry::Directory, Vec::new()),
            Some(entry) if rendered => content(workspace, job, &path, entry, (&values, dialect))?,
            Some(entry) => (entry.clone(), Vec::new()),
        };
        workspace.warnings.extend(warnings);
        let entry = overwriting(&workspace.tree, &target, entry);
        workspace.put(&target, entry)?;
    }
    Ok(())
}

/// A rendered file that overwrites another takes over its mode; nothing else is changed by what was there.
pub fn overwriting(tree: &Tree, target: &str, entry: TreeEntry) -> TreeEntry {
    match (tree.get(target), entry) {
        (Some(TreeEntry::File { executable, .. }), TreeEntry::File { bytes, .. })
            if as_text(&bytes).is_some() =>
        {
            TreeEntry::File { bytes, executable: *executable }
        }
        (_, entry) => entry,
    }
}

/// Node's idea of an extension: a name that only begins with a dot has none.
fn has_extension(path: &str, extension: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rfind('.').is_some_and(|dot| dot > 0 && name[dot..] == *extension)
}

fn in_name(
    workspace: &Workspace<'_>,
    job: &RenderJob<'_>,
    path: &str,
    failure: RenderFailure,
) -> ActionTrouble {
    let failure =
        RenderFailure { message: format!("in the name of this file: {}", failure.message), ..failure };
    ActionTrouble::in_file(workspace.template, &joined(&job.prefix, path), failure)
}

fn content(
    workspace: &Workspace<'_>,
    job: &RenderJob<'_>,
    path: &str,
    entry: &TreeEntry,
    (values, dialect): (&Map<String, Json>, Dialect<'_>),
) -> Result<(TreeEntry, Vec<Problem>), ActionTrouble> {
    let as_it_is = || (entry.clone(), Vec::new());
    let TreeEntry::File { bytes, executable } = entry else { return Ok(as_it_is()) };
    let Some(text) = as_text(bytes) else { return Ok(as_it_is()) };
    let path = joined(&job.prefix, path);
    let (rendered, warnings) = rendered(workspace.template, &path, &text, (values, dialect))?;
    Ok((TreeEntry::File { bytes: rendered.into_bytes(), executable: *executable }, warnings))
}

/// The text of a file rendered, and what nothing defines in its comments.
pub fn rendered(
    template: &Template,
    path: &str,
    text: &str,
    (values, dialect): (&Map<String, Json>, Dialect<'_>),
) -> Result<(String, Vec<Problem>), ActionTrouble> {
    let comments = CommentLines { lines: comment_lines(path, text), ..CommentLines::default() };
    let rendered = expression::render(text, values, Dialect { comments: Some(&comments), ..dialect })
        .map_err(|failure| ActionTrouble::in_file(template, path, failure))?;
    let warning = |failure: RenderFailure| match ActionTrouble::in_file(template, path, failure) {
        ActionTrouble::InFile(problem) => Some(problem),
        ActionTrouble::Plain { .. } => None,
    };
    Ok((rendered, comments.unset.into_inner().into_iter().filter_map(warning).collect()))
}
