//! The golden path of a lock: as it was when the project was made, as it is now, or at a version that is named; and its rendering again.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::git::{Address, WorkTree};
use crate::golden_paths::kept::kept_written;
use crate::golden_paths::make::{Project, make, request};
use crate::golden_paths::project::LockedProject;
use crate::golden_paths::{self, FoundTemplate, GoldenPath, Outside, TemplatePlaces, error_of};
use crate::outcome::advised;
use crate::scaffold::lock::Layer;
use crate::tree::{Tree, TreeEntry};

/// Which version of a golden path is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WantedVersion {
    Recorded,
    /// The recorded one, if it is at hand: nothing is fetched.
    AtHand,
    Newest,
    Named(String),
}

impl WantedVersion {
    /// `newest`, or a version.
    pub fn of(text: &str) -> WantedVersion {
        match text {
            "newest" | "latest" => WantedVersion::Newest,
            version => WantedVersion::Named(version.to_string()),
        }
    }
}

/// The golden path that a layer was made from, at a version of it.
pub fn of_layer(
    app: &App,
    layer: &Layer,
    wanted: &WantedVersion,
    places: &TemplatePlaces,
) -> Result<GoldenPath> {
    let found = candidates(app, layer, wanted, places)
        .with_context(|| format!("the golden path {} of {}", layer.template, layer.source))?;
    let named = |candidate: &&FoundTemplate| {
        candidate.template().is_ok_and(|template| template.entity_ref() == layer.template)
    };
    let candidate = found.iter().find(named).or(found.first().filter(|_| found.len() == 1));
    let candidate =
        candidate.cloned().with_context(|| format!("there is no {} in {}", layer.template, layer.source))?;
    let path = candidate.read().map_err(|problems| error_of(&problems))?;
    let version = path.template.version.as_deref();
    let is = match wanted {
        WantedVersion::Newest => true,
        WantedVersion::Recorded | WantedVersion::AtHand => version == layer.version.as_deref(),
        WantedVersion::Named(wanted) => {
            version == Some(wanted.as_str()) || path.origin.commit.as_ref() == Some(wanted)
        }
    };
    if !is {
        let wanted = match wanted {
            WantedVersion::Named(wanted) => wanted.as_str(),
            _ => layer.version.as_deref().unwrap_or("the version that was recorded"),
        };
        let holds = version.unwrap_or("no version");
        let error = anyhow::anyhow!(
            "{} holds {holds} of {}, and not {wanted}",
            path.origin.source,
            path.template.name
        );
        return Err(advised(
            error,
            "--from SOURCE names another place, such as git+https://git.example/paths.git//x@TAG",
        ));
    }
    Ok(path)
}

fn candidates(
    app: &App,
    layer: &Layer,
    wanted: &WantedVersion,
    places: &TemplatePlaces,
) -> Result<Vec<FoundTemplate>> {
    if !places.from.is_empty() {
        return golden_paths::named(app, &layer.template, places);
    }
    // What was recorded is looked for where it was fetched to, and nowhere else.
    let offline = *wanted == WantedVersion::AtHand;
    let fetched = |reference: Option<&str>| -> Result<Vec<FoundTemplate>> {
        let address = Address::parse(&layer.source)?;
        golden_paths::at_address(app, &Address { reference: reference.map(String::from), ..address }, offline)
    };
    if !layer.source.starts_with("git+") {
        return golden_paths::at_source(app, &layer.source);
    }
    match wanted {
        WantedVersion::Recorded | WantedVersion::AtHand => {
            fetched(Some(layer.commit.as_deref().context("the lock names no commit")?))
        }
        WantedVersion::Newest => fetched(None),
        WantedVersion::Named(version) => {
            // As guilds call their tags: for one golden path or for many in one repository.
            let name = &layer.id;
            let tags = [
                version.clone(),
                format!("v{version}"),
                format!("{name}-{version}"),
                format!("{name}-v{version}"),
                format!("{name}/v{version}"),
            ];
            let mut first = None;
            for tag in &tags {
                match fetched(Some(tag)) {
                    Ok(found) => return Ok(found),
                    Err(error) => _ = first.get_or_insert(error),
                }
            }
            // Without tags the newest may be the one that is meant.
            match (fetched(None), first) {
                (Ok(found), _) => Ok(found),
                (Err(_), Some(error)) => Err(error),
                (Err(error), None) => Err(error),
            }
        }
    }
}

/// What a rendering may see besides the golden path.
#[derive(Default)]
pub struct RenderAccess<'a> {
    /// Whoever runs this, for a template that asks.
    pub user: Option<Json>,
    /// Hosts that a step may fetch from.
    pub hosts: &'a [String],
}

/// A golden path rendered again as a layer was: with its answers or others, and the same steps left out.
pub fn rerendered(
    app: &App,
    path: &GoldenPath,
    layer: &Layer,
    answers: Map<String, Json>,
    asking: &RenderAccess<'_>,
) -> Result<Project> {
    let mut wanted = request(&path.template, answers);
    wanted.skip = layer.skipped.iter().filter(|id| path.template.step(id).is_some()).cloned().collect();
    wanted.stubs = layer.stubs.clone();
    wanted.stubs.retain(|id, _| path.template.step(id).is_some());
    wanted.lenient = layer.lenient;
    wanted.user = asking.user.clone();
    let catalog = app.catalog_if_readable()?;
    let world = Outside { app, source: &path.source, catalog, hosts: asking.hosts };
    let project = make(path, &wanted, &world)?;
    if let Some(problem) = project.tree.stray_link() {
        bail!("{problem}");
    }
    Ok(project)
}

/// The content of files of a layer, as far as the rendering is what the lock says was written.
pub fn reproduced(layer: &Layer, rendered: &Tree) -> (Tree, Vec<String>) {
    let (mut tree, mut otherwise) = (Tree::default(), Vec::new());
    for (path, written) in &layer.files {
        match rendered.get(path).filter(|entry| written.is(entry)) {
            Some(entry) => _ = tree.insert(path, entry.clone()),
            None => otherwise.push(path.clone()),
        }
    }
    (tree, otherwise)
}

/// The content of what a layer wrote, as far as it is still to be had: the files that nobody changed, the rendering, the cache, and the repository that
/// the project is committed to. By the layer's own paths.
pub fn written(
    app: &App,
    project: &LockedProject,
    layer: &Layer,
    now: &Tree,
    rendered: Tree,
) -> Result<Tree> {
    let mut known = rendered;
    let mut open: BTreeMap<&str, &str> = BTreeMap::new();
    for (path, file) in layer.files.iter().filter(|(_, file)| !file.pending) {
        if known.get(path).is_some_and(|entry| file.is(entry)) {
            continue;
        }
        match now.get(&layer.place(path)).filter(|entry| file.is(entry)) {
            Some(entry) => known.insert(path, entry.clone())?,
            None => _ = open.insert(path, file.oid.as_str()),
        }
    }
    if open.is_empty() {
        return Ok(known);
    }
    for (path, entry) in kept_written(app, layer).iter() {
        if open.contains_key(path) && layer.files.get(path).is_some_and(|file| file.is(entry)) {
            open.remove(path);
            known.insert(path, entry.clone())?;
        }
    }
    let Ok(Some(work_tree)) = WorkTree::of(&project.directory) else { return Ok(known) };
    let blobs = work_tree.blobs(&open.values().copied().collect())?;
    for (path, oid) in open {
        let (Some(bytes), Some(file)) = (blobs.get(oid), layer.files.get(path)) else { continue };
        let entry = match file.mode.as_str() {
            "link" => TreeEntry::Link { target: String::from_utf8_lossy(bytes).into_owned() },
            mode => TreeEntry::File { bytes: bytes.clone(), executable: mode == "755" },
        };
        if file.is(&entry) {
            known.insert(path, entry)?;
        }
    }
    Ok(known)
}
