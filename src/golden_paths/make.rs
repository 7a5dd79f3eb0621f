//! A project in memory: the rendered tree with its provenance, and what is to be done once it is written.

use std::cell::RefCell;
use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Map, Value as Json};

use crate::golden_paths::reads::WatchedWorld;
use crate::golden_paths::{GoldenPath, error_of};
use crate::scaffold::actions::{ACTIONS, Effect, Publish, World};
use crate::scaffold::annotate::annotate;
use crate::scaffold::digest;
use crate::scaffold::lock::{self, Layer, Lock, Origin};
use crate::scaffold::parameters::{Property, asked, asked_by, at, put, take};
use crate::scaffold::questions::{Widget, question};
use crate::scaffold::request::{Request, RunOutcome, StepOutcome};
use crate::scaffold::run::run;
use crate::scaffold::template::Template;
use crate::tree::Tree;
use crate::tree::TreeEntry;
use crate::yaml::Problem;

const CATALOG_FILE: &str = "catalog-info.yaml";

pub struct Project {
    pub tree: Tree,
    /// What the lock in the tree says of it.
    pub layer: Layer,
    pub effects: Vec<Effect>,
    pub output: Json,
    pub steps: Vec<StepOutcome>,
    /// What is wrong with the template and stopped nothing.
    pub warnings: Vec<Problem>,
    /// Paths of catalog files in the tree.
    pub catalog_files: Vec<String>,
}

/// Renders a golden path; any error says every place, and nothing was written.
pub fn make(path: &GoldenPath, request: &Request, world: &dyn World) -> Result<Project> {
    let template = &path.template;
    let watched = WatchedWorld { world, read: RefCell::new(path.placeholders.clone()) };
    let outcome = run(template, (&path.tree, &path.source.base), request, &watched, ACTIONS)
        .map_err(|problems| error_of(&problems))?;
    let digest = digest::of_all(&path.origin.digest, &watched.read.take());
    let origin = Origin { digest, ..path.origin.clone() };
    if let Some(failure) = outcome.failure {
        return Err(error_of(&[failure]));
    }
    let mut outcome = RunOutcome { failure: None, ..outcome };
    let mut catalog_files = BTreeSet::new();
    for effect in &outcome.effects {
        if let Effect::Register { path: Some(path), .. } = effect {
            catalog_files.insert(path.clone());
        }
    }
    if catalog_files.is_empty() && outcome.tree.bytes(CATALOG_FILE).is_some() {
        catalog_files.insert(CATALOG_FILE.into());
    }
    for file in &catalog_files {
        annotate(&mut outcome.tree, file, template);
        for publish in published(&mut outcome.effects) {
            let part = match publish.directory.is_empty() {
                true => Some(file.as_str()),
                false => file.strip_prefix(&format!("{}/", publish.directory)),
            };
            part.into_iter().for_each(|file| annotate(&mut publish.tree, file, template));
        }
    }
    // What a project of several layers already has is for `update` and `adopt` to keep.
    let layer = lock::layer(template, &origin, &recorded(template, request), &outcome)
        .map_err(|message| anyhow::anyhow!("{}: {message}", template.document.name))?;
    let lock = TreeEntry::text(Lock::new(layer.clone()).to_text());
    for publish in published(&mut outcome.effects).filter(|publish| publish.directory.is_empty()) {
        publish.tree.insert(lock::PATH, lock.clone())?;
    }
    outcome.tree.insert(lock::PATH, lock)?;
    let RunOutcome { tree, effects, output, steps, warnings, .. } = outcome;
    let catalog_files = catalog_files.into_iter().collect();
    Ok(Project { tree, layer, effects, output, steps, warnings, catalog_files })
}

/// What steps publish of the project, each as it was then.
fn published(effects: &mut [Effect]) -> impl Iterator<Item = &mut Publish> {
    effects.iter_mut().filter_map(|effect| match effect {
        Effect::Publish(publish) => Some(publish),
        _ => None,
    })
}

/// The request as the lock may hold it: no secret, not even one that a step takes for a plain parameter.
fn recorded(template: &Template, request: &Request) -> Request {
    let mut recorded = request.clone();
    for secret in secrets(template, &request.parameters) {
        take(&mut recorded.parameters, &secret.path);
    }
    // In whatever order they were given, the same answers make the same lock.
    recorded.parameters.sort_keys();
    recorded
}

/// A question whose answer nobody may see.
pub struct Secret {
    /// Names, and numbers in lists.
    pub path: Vec<String>,
    /// Whether it is a field `Secret`, of which Backstage hands stars to the steps.
    starred: bool,
}

/// The questions that are secret and apply to the answers, those inside objects and lists included.
pub fn secrets(template: &Template, answers: &Map<String, Json>) -> Vec<Secret> {
    let mut found = Vec::new();
    for property in asked(template, answers) {
        collect(&property, &[], answers.get(&property.name), &mut found);
    }
    found
}

fn collect(property: &Property, above: &[String], value: Option<&Json>, found: &mut Vec<Secret>) {
    let path = [above, std::slice::from_ref(&property.name)].concat();
    match question(property).widget {
        Widget::Secret => {
            let starred = property.schema["ui:field"] == "Secret";
            found.push(Secret { path, starred });
        }
        Widget::Group => within(&property.schema, &path, value, found),
        Widget::Rows => {
            for (index, item) in value.and_then(Json::as_array).into_iter().flatten().enumerate() {
                let path = [path.as_slice(), &[index.to_string()]].concat();
                within(&property.schema["items"], &path, Some(item), found);
            }
        }
        _ => {}
    }
}

fn within(schema: &Json, path: &[String], value: Option<&Json>, found: &mut Vec<Secret>) {
    let empty = Map::new();
    let answers = value.and_then(Json::as_object).unwrap_or(&empty);
    for property in asked_by(schema.as_object().unwrap_or(&empty), answers, 0) {
        collect(&property, path, answers.get(&property.name), found);
    }
}

/// A request for some answers. Secrets are moved to where Backstage has them: a `Secret` field leaves as many stars.
pub fn request(template: &Template, answers: Map<String, Json>) -> Request {
    let mut request = Request { parameters: answers, ..Request::default() };
    for secret in secrets(template, &request.parameters) {
        let Some(value) = at(&request.parameters, &secret.path).cloned() else { continue };
        if secret.starred {
            let stars = "*".repeat(value.as_str().map_or(0, |text| text.chars().count()));
            put(&mut request.parameters, &secret.path, Json::String(stars));
        }
        request.secrets.insert(secret.path.join("."), value);
    }
    request
}
