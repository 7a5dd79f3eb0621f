//! Which golden paths there are: those inside the binary, of directories, of git repositories, of the catalog and of a demo fleet.

pub mod git;
pub mod make;
mod world;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::app::App;
use crate::catalog::{NotFound, Parts};
use crate::files;
use crate::golden_paths::git::Address;
use crate::outcome::advised;
use crate::scaffold::digest;
use crate::scaffold::golden_paths::embedded_templates;
use crate::scaffold::lock::Origin;
use crate::scaffold::template::{self, Template};
use crate::tree::{Tree, TreeEntry, joined};
use crate::yaml::Problem;

pub use crate::golden_paths::world::Outside;

/// Where to look, and whether the network may be used.
#[derive(Clone, Debug, Default)]
pub struct TemplatePlaces {
    /// Directories and `git+URL//sub@ref`; if there are any, nothing else is looked at.
    pub from: Vec<String>,
    /// Only what the cache holds of what lies elsewhere.
    pub offline: bool,
}

/// A template with its directory.
#[derive(Clone, Debug)]
pub struct GoldenPath {
    pub template: Template,
    /// All that lies beside `template.yaml`, itself included.
    pub tree: Tree,
    pub origin: Origin,
    /// Where it lies on this machine's disk, if it does.
    pub directory: Option<PathBuf>,
}

/// One `template.yaml`, read or unreadable.
pub struct FoundTemplate {
    /// As messages name the file.
    pub file: String,
    /// The name of its directory: what it is called where it cannot be read.
    pub called: String,
    pub text: String,
    pub tree: Tree,
    pub origin: Origin,
    pub directory: Option<PathBuf>,
}

impl FoundTemplate {
    pub fn read(self) -> Result<GoldenPath, Vec<Problem>> {
        let template = template::read(&self.file, &self.text)?;
        let FoundTemplate { tree, origin, directory, .. } = self;
        Ok(GoldenPath { template, tree, origin, directory })
    }
}

/// How deep below a source templates are looked for.
const DEEPEST: usize = 4;
const FILE: &str = "template.yaml";
const MOST_TEXT: usize = 1 << 20;

/// One kind of place that golden paths come from.
type TemplateSource = fn(&App, &TemplatePlaces) -> Result<Vec<FoundTemplate>>;

/// In order: of two golden paths with the same name the first counts.
const SOURCES: &[TemplateSource] = &[of_demo, of_config, of_catalog, of_binary];

/// Every `template.yaml` of every place, by place.
pub fn candidates(app: &App, places: &TemplatePlaces) -> Result<Vec<FoundTemplate>> {
    if !places.from.is_empty() {
        let all: Result<Vec<Vec<FoundTemplate>>> =
            places.from.iter().map(|source| at(app, source, places)).collect();
        return Ok(all?.into_iter().flatten().collect());
    }
    let mut found = Vec::new();
    for source in SOURCES {
        found.extend(source(app, places)?);
    }
    Ok(found)
}

/// Every golden path, each name once, sorted by name; those that cannot be read are told as warnings.
pub fn all(app: &App, places: &TemplatePlaces) -> Result<Vec<GoldenPath>> {
    let mut paths: Vec<GoldenPath> = Vec::new();
    for candidate in candidates(app, places)? {
        match candidate.read() {
            Ok(path) => {
                match paths.iter().find(|known| known.template.entity_ref() == path.template.entity_ref()) {
                    None => paths.push(path),
                    Some(known) => app.ui.detail(&format!(
                        "{} of {} is hidden by the one of {}",
                        path.template.name, path.origin.source, known.origin.source
                    )),
                }
            }
            Err(problems) => problems.iter().for_each(|problem| app.ui.warn(&problem.to_string())),
        }
    }
    paths.sort_by_key(|path| path.template.name.to_lowercase());
    Ok(paths)
}

/// The golden path of a name, an entity reference, a directory or a `git+URL//sub@ref`.
pub fn find(app: &App, text: &str, places: &TemplatePlaces) -> Result<GoldenPath> {
    candidate(app, text, places)?.read().map_err(|problems| error_of(&problems))
}

/// As `find`, but not yet read.
fn candidate(app: &App, text: &str, places: &TemplatePlaces) -> Result<FoundTemplate> {
    let mut found = named(app, text, places)?;
    if found.len() > 1 {
        let names: Vec<&str> = found.iter().map(|candidate| candidate.called.as_str()).collect();
        let error = anyhow::anyhow!("{text} holds {} golden paths: {}", found.len(), names.join(", "));
        return Err(advised(error, format!("name one, and --from {text}")));
    }
    found.pop().with_context(|| format!("there is no template.yaml in {text}"))
}

/// What a text names, unread: the golden path of that name, or all that lie at a directory or `git+URL//sub@ref`; at least one.
pub fn named(app: &App, text: &str, places: &TemplatePlaces) -> Result<Vec<FoundTemplate>> {
    let lying = |text: &str| {
        let found = at(app, text, places)?;
        anyhow::ensure!(!found.is_empty(), "there is no template.yaml in {text}");
        Ok(found)
    };
    if places.from.is_empty() && is_place(text) {
        return lying(text);
    }
    let parts = Parts::of(text).map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut names = Vec::new();
    for candidate in candidates(app, places)? {
        let (name, namespace) = match template::read(&candidate.file, &candidate.text) {
            Ok(template) => (template.name, template.namespace),
            Err(_) => (candidate.called.clone(), "default".to_string()),
        };
        let fits =
            |wanted: Option<&str>, is: &str| wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(is));
        if parts.name.eq_ignore_ascii_case(&name)
            && fits(parts.namespace, &namespace)
            && fits(parts.kind, "template")
        {
            return Ok(vec![candidate]);
        }
        names.push(name);
    }
    // A directory beside one is named without the `./`.
    if places.from.is_empty() && files::is_dir(Path::new(text)) {
        return lying(text);
    }
    let missing = NotFound::new("golden path", text, names.iter().map(String::as_str));
    let hint = missing.hint().unwrap_or_else(|| "`callboard template list` shows which there are".into());
    Err(advised(anyhow::anyhow!("there is no golden path '{text}'"), hint))
}

/// Problems of a file as one error; their hints become its hints.
pub fn error_of(problems: &[Problem]) -> anyhow::Error {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    let hints: Vec<&str> = problems.iter().filter_map(|problem| problem.hint.as_deref()).collect();
    let error = anyhow::anyhow!("{}", lines.join("\n"));
    if hints.is_empty() { error } else { advised(error, hints.join("\n")) }
}

/// Whether a text names a place instead of a golden path.
fn is_place(text: &str) -> bool {
    text.starts_with("git+")
        || text.starts_with(['.', '~', '/'])
        || text.contains(std::path::MAIN_SEPARATOR) && files::is_dir(Path::new(text))
}

fn of_demo(app: &App, _: &TemplatePlaces) -> Result<Vec<FoundTemplate>> {
    let Some(demo) = app.demo()? else { return Ok(Vec::new()) };
    let mut tree = Tree::default();
    for (path, bytes) in &demo.golden_paths {
        let executable = bytes.starts_with(b"#!");
        tree.insert(path, TreeEntry::File { bytes: bytes.clone(), executable })?;
    }
    Ok(in_tree(&tree, "demo", |below| Origin { source: format!("demo:{below}"), ..Origin::default() }))
}

fn of_config(app: &App, places: &TemplatePlaces) -> Result<Vec<FoundTemplate>> {
    let mut found = Vec::new();
    for source in &app.config()?.templates {
        match at(app, source, places) {
            Ok(candidates) => found.extend(candidates),
            // One source that is down must not hide the others.
            Err(error) => app.ui.warn(&format!("golden paths of {source}: {error:#}")),
        }
    }
    Ok(found)
}

/// The Template entities of the catalog that lie on the disk, each in a file of its own.
fn of_catalog(app: &App, _: &TemplatePlaces) -> Result<Vec<FoundTemplate>> {
    let Some(catalog) = app.catalog()? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entity in catalog.of_kind("template") {
        let file = Path::new(entity.file());
        let Some(directory) = file.parent().filter(|_| files::exists(file)) else { continue };
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let text = files::read_text(file, MOST_TEXT)?;
        let mut tree = files::read_tree(directory)?;
        if file.file_name().is_some_and(|name| name != FILE) {
            tree.insert(FILE, TreeEntry::text(text.clone()))?;
        }
        let origin = Origin {
            source: files::absolute(directory).display().to_string(),
            digest: digest::of_tree(&tree),
            commit: None,
        };
        found.push(FoundTemplate {
            file: entity.file().to_string(),
            called: entity.name.clone(),
            text,
            tree,
            origin,
            directory: Some(directory.to_path_buf()),
        });
    }
    Ok(found)
}

fn of_binary(_: &App, _: &TemplatePlaces) -> Result<Vec<FoundTemplate>> {
    let one = |(name, tree): (String, Tree)| {
        let origin = |_: &str| Origin { source: format!("embedded:{name}"), ..Origin::default() };
        in_tree(&tree, &format!("embedded/{name}"), origin)
    };
    Ok(embedded_templates().into_iter().flat_map(one).collect())
}

/// What lies at a directory or git address.
fn at(app: &App, source: &str, places: &TemplatePlaces) -> Result<Vec<FoundTemplate>> {
    if source.starts_with("git+") {
        let address = Address::parse(source)?;
        let fetched = git::fetch(app, &address, places.offline)?;
        let shown = crate::scaffold::lock::without_credentials(source);
        return Ok(in_tree(&fetched.tree, &shown, |below| Origin {
            source: address.below(below),
            commit: Some(fetched.commit.clone()),
            digest: String::new(),
        }));
    }
    let directory = app.env.expand(Path::new(source));
    // A path to the file itself means its directory.
    let directory = match directory.file_name() {
        Some(name) if name == FILE => directory.parent().unwrap_or(Path::new("")).to_path_buf(),
        _ => directory,
    };
    let directory = if directory.as_os_str().is_empty() { PathBuf::from(".") } else { directory };
    anyhow::ensure!(files::is_dir(&directory), "there is no directory {}", directory.display());
    let tree = files::read_tree(&directory)?;
    let absolute = files::absolute(&directory);
    let shown = directory.display().to_string();
    let mut found = in_tree(&tree, shown.trim_end_matches('/'), |below| Origin {
        source: if below.is_empty() { absolute.clone() } else { absolute.join(below) }.display().to_string(),
        ..Origin::default()
    });
    for candidate in &mut found {
        candidate.directory = Some(PathBuf::from(&candidate.origin.source));
    }
    Ok(found)
}

/// The templates of a tree: the one at its root, or else those of the directories below it.
fn in_tree(tree: &Tree, shown: &str, origin: impl Fn(&str) -> Origin) -> Vec<FoundTemplate> {
    let mut directories: Vec<&str> = tree
        .iter()
        .filter_map(
            |(path, _)| if path == FILE { Some("") } else { path.strip_suffix(FILE)?.strip_suffix('/') },
        )
        .filter(|directory| directory.split('/').count() <= DEEPEST)
        .collect();
    // A template inside another's directory is part of that one's skeleton.
    let all = directories.clone();
    directories.retain(|directory| {
        let inside = |other: &&str| {
            *directory != *other && (other.is_empty() || directory.starts_with(&format!("{other}/")))
        };
        !all.iter().any(inside)
    });
    let mut found = Vec::new();
    for below in directories {
        let Some(tree) = tree.subtree(below) else { continue };
        let file = joined(&joined(shown, below), FILE);
        let text = tree.bytes(FILE).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let mut origin = origin(below);
        origin.digest = digest::of_tree(&tree);
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_string();
        let called = if below.is_empty() { last(shown) } else { last(below) };
        found.push(FoundTemplate {
            file,
            called,
            text: text.unwrap_or_default(),
            tree,
            origin,
            directory: None,
        });
    }
    found
}
