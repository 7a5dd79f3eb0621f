//! Which golden paths there are: those inside the binary, of directories, of git repositories, of the catalog and of a demo fleet.

mod found;
pub mod kept;
pub mod make;
mod placeholders;
pub mod project;
mod reads;
pub mod recorded;
mod source;
mod world;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result};
use serde_json::Value as Json;

use crate::app::App;
use crate::catalog::{NotFound, Parts};
use crate::files;
use crate::git::{self, Address, Fetching};
use crate::golden_paths::found::{SearchedTree, templates};
use crate::golden_paths::source::{SourceRoot, TemplateSource};
use crate::outcome::advised;
use crate::scaffold::golden_paths::embedded_templates;
use crate::scaffold::lock::Origin;
use crate::tree::{Tree, TreeEntry, joined};
use crate::yaml::{self, Problem};

pub use crate::golden_paths::found::{FoundTemplate, GoldenPath};
pub use crate::golden_paths::world::Outside;

/// Where to look.
#[derive(Clone, Debug, Default)]
pub struct TemplatePlaces {
    /// Directories and `git+URL//sub@ref`; if there are any, nothing else is looked at.
    pub from: Vec<String>,
}

const MOST_TEXT: usize = 1 << 20;
/// More files of Locations than any repository has.
const MOST_LOCATIONS: usize = 2_000;

/// One kind of place that golden paths come from.
type PlaceOfTemplates = fn(&App) -> Result<Vec<FoundTemplate>>;

/// In order: of two golden paths with the same name the first counts.
const SOURCES: &[PlaceOfTemplates] = &[of_demo, of_config, of_catalog, of_binary];

/// Every template of every place, by place.
pub fn candidates(app: &App, places: &TemplatePlaces) -> Result<Vec<FoundTemplate>> {
    if !places.from.is_empty() {
        let all: Result<Vec<Vec<FoundTemplate>>> =
            places.from.iter().map(|source| at(app, source, true)).collect();
        return Ok(all?.into_iter().flatten().collect());
    }
    let mut found = Vec::new();
    for source in SOURCES {
        found.extend(source(app)?);
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

/// The golden path of a name, an entity reference, a directory, a file or a `git+URL//sub@ref`.
pub fn find(app: &App, text: &str, places: &TemplatePlaces) -> Result<GoldenPath> {
    candidate(app, text, places)?.read().map_err(|problems| error_of(&problems))
}

/// As `find`, but not yet read.
fn candidate(app: &App, text: &str, places: &TemplatePlaces) -> Result<FoundTemplate> {
    let mut found = named(app, text, places)?;
    let names: BTreeSet<String> = found.iter().map(|candidate| candidate.called.clone()).collect();
    if names.len() > 1 {
        let names: Vec<String> = names.into_iter().collect();
        let error = anyhow::anyhow!("{text} holds {} golden paths: {}", names.len(), names.join(", "));
        return Err(advised(error, format!("`callboard new {} --from {text}` takes one of them", names[0])));
    }
    // Of one name, the file that is called as templates usually are.
    found.sort_by_key(|candidate| {
        !candidate.file.rsplit('/').next().is_some_and(|name| name.starts_with("template."))
    });
    if let [taken, other, ..] = found.as_slice() {
        app.ui.warn(&format!(
            "{} and {} hold a golden path of one name; the first is taken",
            taken.file, other.file
        ));
    }
    found.into_iter().next().with_context(|| format!("there is no template in {text}"))
}

/// What a text names, unread: the golden path of that name, or all that lie at a directory or `git+URL//sub@ref`; at least one.
pub fn named(app: &App, text: &str, places: &TemplatePlaces) -> Result<Vec<FoundTemplate>> {
    let lying = |text: &str| {
        let found = at(app, text, false)?;
        anyhow::ensure!(!found.is_empty(), "there is no template in {text}");
        Ok(found)
    };
    if places.from.is_empty() && is_place(text) {
        return lying(text);
    }
    let parts = Parts::of(text).map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut names = Vec::new();
    for candidate in candidates(app, places)? {
        let (name, namespace) = match candidate.template() {
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

/// Whether a step of a template may fetch what lies behind an absolute URL.
pub fn may_fetch(url: &str, hosts: &[String], source: &TemplateSource) -> bool {
    world::may_fetch(url, hosts, source)
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
        || (text.contains(std::path::MAIN_SEPARATOR) || found::is_yaml(text))
            && files::exists(Path::new(text))
}

fn of_demo(app: &App) -> Result<Vec<FoundTemplate>> {
    let Some(demo) = app.demo()? else { return Ok(Vec::new()) };
    let mut tree = Tree::default();
    for (path, bytes) in &demo.golden_paths {
        let executable = bytes.starts_with(b"#!");
        tree.insert(path, TreeEntry::File { bytes: bytes.clone(), executable })?;
    }
    Ok(in_memory(tree, "demo", |below| Origin { source: format!("demo:{below}"), ..Origin::default() }))
}

fn in_memory(tree: Tree, shown: &str, origin: impl Fn(&str) -> Origin) -> Vec<FoundTemplate> {
    let tree = Rc::new(tree);
    let root = SourceRoot::Tree(Rc::clone(&tree));
    templates(&SearchedTree { tree: &tree, root, remote: None, at: "", shown, only: None }, &origin)
}

fn of_config(app: &App) -> Result<Vec<FoundTemplate>> {
    let mut found = Vec::new();
    for source in &app.config()?.templates {
        match at(app, source, true) {
            Ok(candidates) => found.extend(candidates),
            // One source that is down must not hide the others.
            Err(error) => app.ui.warn(&format!("golden paths of {source}: {error:#}")),
        }
    }
    Ok(found)
}

/// The Template entities of the catalog that lie on the disk, or in a repository that it is fetched from.
fn of_catalog(app: &App) -> Result<Vec<FoundTemplate>> {
    let Some(catalog) = app.catalog_if_readable()? else { return Ok(Vec::new()) };
    let roots = app.catalog_paths()?;
    let mut found: Vec<FoundTemplate> = Vec::new();
    for entity in catalog.of_kind("template") {
        let file = Path::new(entity.file());
        if entity.file().starts_with("git+") {
            if !found.iter().any(|known| known.file == entity.file()) {
                found.extend(in_checkout(app, entity.file())?);
            }
            continue;
        }
        if !files::exists(file) || found.iter().any(|known| Path::new(&known.file) == file) {
            continue;
        }
        // Files of the catalog lie below one of its own, which says how far a step may go.
        let above = roots.iter().map(|root| match files::is_dir(root) {
            true => root.clone(),
            false => parent(root),
        });
        let root = above.into_iter().find(|root| files::identity(file).starts_with(files::identity(root)));
        found.extend(in_file(file, root.as_deref())?);
    }
    Ok(found)
}

fn parent(file: &Path) -> PathBuf {
    match file.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// The templates of one file on the disk.
fn in_file(file: &Path, within: Option<&Path>) -> Result<Vec<FoundTemplate>> {
    let directory = parent(file);
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else { return Ok(Vec::new()) };
    in_directory(&directory, &directory.display().to_string(), Some(name), within)
}

/// The templates of a file of a repository that the catalog was fetched from: as the catalog has it, it is not fetched anew.
fn in_checkout(app: &App, file: &str) -> Result<Vec<FoundTemplate>> {
    let address = Address::parse(file)?;
    let checkout = git::checkout(&address, &app.fetching())?;
    let tree = Rc::new(files::read_tree(&checkout.root)?);
    let below = address.sub.strip_prefix(&checkout.part).unwrap_or(&address.sub).trim_start_matches('/');
    let (base, name) = below.rsplit_once('/').unwrap_or(("", below));
    let directory = Address { sub: joined(&checkout.part, base), ..address.clone() };
    let Some(lying) = tree.subtree(base) else { return Ok(Vec::new()) };
    let searched = SearchedTree {
        tree: &lying,
        root: SourceRoot::Tree(Rc::clone(&tree)),
        remote: Some(address.url.clone()),
        at: base,
        shown: &directory.with_path(&directory.sub),
        only: Some(name),
    };
    let mut found = templates(&searched, &|below| Origin {
        source: directory.below(below),
        commit: Some(checkout.commit.clone()),
        digest: String::new(),
    });
    found.iter_mut().for_each(|template| template.file = file.to_string());
    Ok(found)
}

/// The templates of a directory on the disk, or of one file in it.
fn in_directory(
    directory: &Path,
    shown: &str,
    only: Option<&str>,
    within: Option<&Path>,
) -> Result<Vec<FoundTemplate>> {
    let tree = files::read_tree(directory)?;
    let source = source::of_directory(directory, within);
    let absolute = files::absolute(directory);
    let shown = if shown.ends_with('/') { shown.trim_end_matches('/') } else { shown };
    let searched =
        SearchedTree { tree: &tree, root: source.root, remote: None, at: &source.base, shown, only };
    let mut found = templates(&searched, &|below| Origin {
        source: if below.is_empty() { absolute.clone() } else { absolute.join(below) }.display().to_string(),
        ..Origin::default()
    });
    for candidate in &mut found {
        candidate.directory = Some(PathBuf::from(&candidate.origin.source));
    }
    Ok(found)
}

fn of_binary(_: &App) -> Result<Vec<FoundTemplate>> {
    let one = |(name, tree): (String, Tree)| {
        let origin = |_: &str| Origin { source: format!("embedded:{name}"), ..Origin::default() };
        in_memory(tree, &format!("embedded/{name}"), origin)
    };
    Ok(embedded_templates().into_iter().flat_map(one).collect())
}

/// What lies at a directory, a file or a git address. A directory that was named as a source is as far as its templates may go.
fn at(app: &App, source: &str, is_source: bool) -> Result<Vec<FoundTemplate>> {
    if source.starts_with("git+") {
        return at_address(app, &Address::parse(source)?, false);
    }
    let path = app.env.expand(Path::new(source));
    let path = if path.as_os_str().is_empty() { PathBuf::from(".") } else { path };
    let within = app.env.directory.as_path();
    let home = app.env.home.as_deref();
    // Where one stands is the source of what lies below. From the home directory on that would be all of one's files: there the
    // directory of it that holds the template is.
    let wide = home.is_some_and(|home| files::identity(home).starts_with(files::identity(within)));
    let here = files::identity(within);
    let first = files::identity(&path)
        .strip_prefix(&here)
        .ok()
        .and_then(|below| below.iter().next())
        .map(|name| here.join(name));
    let within = if wide { first.as_deref().filter(|first| files::is_dir(first)) } else { Some(within) };
    if files::is_dir(&path) {
        let root = if is_source { Some(path.as_path()) } else { within };
        return in_directory(&path, &path.display().to_string(), None, root);
    }
    anyhow::ensure!(files::exists(&path), "there is no file or directory {}", path.display());
    let found = in_file(&path, within)?;
    if !found.is_empty() {
        return Ok(found);
    }
    let mut found = Vec::new();
    for target in located(&path)? {
        found.extend(in_file(&target, Some(&parent(&path)))?);
    }
    Ok(found)
}

/// What lies at a git address; with `offline` only what was fetched before.
pub(in crate::golden_paths) fn at_address(
    app: &App,
    address: &Address,
    offline: bool,
) -> Result<Vec<FoundTemplate>> {
    let fetching = app.fetching();
    let fetching = Fetching { is_offline: offline || fetching.is_offline, ..fetching };
    let fetched = git::fetch(address, &fetching)?;
    let shown = address.shown();
    let tree = fetched.tree.subtree(&fetched.base).context("the directory is there")?;
    let root = SourceRoot::Tree(Rc::new(fetched.tree));
    let remote = Some(address.url.clone());
    let searched = SearchedTree { tree: &tree, root, remote, at: &fetched.base, shown: &shown, only: None };
    Ok(templates(&searched, &|below| Origin {
        source: address.below(below),
        commit: Some(fetched.commit.clone()),
        digest: String::new(),
    }))
}

/// What lies at the source of a lock: inside the binary, in a demo fleet, at a directory.
pub(in crate::golden_paths) fn at_source(app: &App, source: &str) -> Result<Vec<FoundTemplate>> {
    let held =
        |found: Vec<FoundTemplate>| found.into_iter().filter(|found| found.origin.source == source).collect();
    match source.split_once(':').map(|(scheme, _)| scheme) {
        Some("embedded") => of_binary(app).map(held),
        Some("demo") => of_demo(app).map(held),
        _ => {
            anyhow::ensure!(files::is_dir(Path::new(source)), "there is no directory {source} any more");
            at(app, source, false)
        }
    }
}

/// The files that the Locations of a file lead to, whatever their type, and those that these lead to.
fn located(file: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut open, mut seen) = (Vec::new(), vec![file.to_path_buf()], BTreeSet::new());
    while let Some(file) = open.pop() {
        if !seen.insert(files::identity(&file)) || seen.len() > MOST_LOCATIONS {
            continue;
        }
        let text = files::read_text(&file, MOST_TEXT)?;
        for document in yaml::documents(&file.display().to_string(), &text).into_iter().flatten() {
            if document.value["kind"] == "Template" {
                found.push(file.clone());
            }
            if document.value["kind"] != "Location" {
                continue;
            }
            let spec = &document.value["spec"];
            let many = spec["targets"].as_array().into_iter().flatten().chain([&spec["target"]]);
            for target in many.filter_map(Json::as_str).filter(|target| !target.contains("://")) {
                let paths = files::expand(&parent(&file).join(target)).unwrap_or_default().files;
                open.extend(paths.into_iter().filter(|path| !files::is_dir(path) && files::exists(path)));
            }
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}
