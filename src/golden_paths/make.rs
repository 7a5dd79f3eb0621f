//! A project in memory: the rendered tree with its provenance, and what is to be done once it is written.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Map, Value as Json};

use crate::golden_paths::{GoldenPath, told};
use crate::scaffold::actions::{ACTIONS, Effect, World};
use crate::scaffold::annotate::annotate;
use crate::scaffold::lock::{self, Lock};
use crate::scaffold::parameters::{Property, asked};
use crate::scaffold::questions::{Widget, question};
use crate::scaffold::run::{Outcome, Request, StepOutcome, run};
use crate::scaffold::template::Template;
use crate::tree::Entry;
use crate::tree::Tree;

const CATALOG_FILE: &str = "catalog-info.yaml";

pub struct Project {
    pub tree: Tree,
    pub effects: Vec<Effect>,
    pub output: Json,
    pub steps: Vec<StepOutcome>,
    /// Paths of catalog files in the tree.
    pub catalog_files: Vec<String>,
}

/// Renders a golden path; any error says every place, and nothing was written.
pub fn make(path: &GoldenPath, request: &Request, world: &dyn World) -> Result<Project> {
    let template = &path.template;
    let outcome = run(template, &path.tree, request, world, ACTIONS).map_err(|problems| told(&problems))?;
    if let Some(failure) = outcome.failure {
        return Err(told(&[failure]));
    }
    let mut outcome = Outcome { failure: None, ..outcome };
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
    }
    // What a project of several layers already has is for `update` and `adopt` to keep.
    let layer = lock::layer(template, &path.origin, &recorded(template, request), &outcome)
        .map_err(|message| anyhow::anyhow!("{}: {message}", template.document.name))?;
    outcome.tree.insert(lock::PATH, Entry::text(Lock::new(layer).to_text()))?;
    let Outcome { tree, effects, output, steps, .. } = outcome;
    Ok(Project { tree, effects, output, steps, catalog_files: catalog_files.into_iter().collect() })
}

/// The request as the lock may hold it: no secret, not even one that a step takes for a plain parameter.
fn recorded(template: &Template, request: &Request) -> Request {
    let mut recorded = request.clone();
    for property in secrets(template, &request.parameters) {
        recorded.parameters.remove(&property.name);
    }
    // In whatever order they were given, the same answers make the same lock.
    recorded.parameters.sort_keys();
    recorded
}

/// The questions whose answers nobody may see.
pub fn secrets(template: &Template, answers: &Map<String, Json>) -> Vec<Property> {
    asked(template, answers)
        .into_iter()
        .filter(|property| question(property).widget == Widget::Secret)
        .collect()
}

/// A request for some answers. Secrets are moved to where Backstage has them: a `Secret` field leaves as many stars.
pub fn request(template: &Template, answers: Map<String, Json>) -> Request {
    let mut request = Request { parameters: answers, ..Request::default() };
    for property in secrets(template, &request.parameters) {
        let Some(value) = request.parameters.get_mut(&property.name) else { continue };
        let secret = value.clone();
        if property.schema["ui:field"] == "Secret" {
            *value = Json::String("*".repeat(secret.as_str().map_or(0, |text| text.chars().count())));
        }
        request.secrets.insert(property.name, secret);
    }
    request
}
