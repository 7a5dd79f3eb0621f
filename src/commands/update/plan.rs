//! What an update of a project starts from: for each of its layers the files as they were written, as they are and as they will be.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use crate::app::App;
use crate::commands::new::{answers_again, user};
use crate::commands::update::options::UpdateArgs;
use crate::golden_paths::TemplatePlaces;
use crate::golden_paths::kept::keep_written;
use crate::golden_paths::project::LockedProject;
use crate::golden_paths::recorded::{RenderAccess, WantedVersion, of_layer, reproduced, rerendered, written};
use crate::outcome::misused;
use crate::scaffold::glob::Globs;
use crate::scaffold::lock::{self, Layer, Lock};
use crate::scaffold::update::{Sides, UpdateInput, sides};
use crate::tree::{Tree, TreeEntry};

/// A layer with all that an update of it needs.
pub struct LayerPlan {
    pub layer: Layer,
    /// As the other version has it.
    pub next: Layer,
    next_tree: Tree,
    /// By the golden path's own paths.
    written: Tree,
    /// By the project's paths.
    pub ours: Tree,
}

pub struct Planned {
    pub layers: Vec<LayerPlan>,
    /// The lock as it is, and its text to the byte.
    lock: Lock,
    text: String,
    only: Option<Vec<String>>,
    restore: Vec<String>,
}

/// Both sides of the whole project.
pub struct Combined {
    pub base: Tree,
    pub next: Tree,
    pub lock: Lock,
    pub pending: Vec<String>,
    pub stay_deleted: Vec<String>,
    pub unknown: Vec<String>,
    pub behind: bool,
}

/// Renders what is needed; nothing where the person left a question open.
pub fn planned(project: &LockedProject, args: &UpdateArgs, app: &App) -> Result<Option<Planned>> {
    let mut layers = Vec::new();
    for layer in &project.lock.layers {
        match plan(project, layer, args, app)? {
            Some(plan) => layers.push(plan),
            None => return Ok(None),
        }
    }
    let planned = Planned {
        layers,
        lock: project.lock.clone(),
        text: project.text.clone(),
        only: (!args.only.is_empty()).then(|| args.only.clone()),
        restore: args.restore.clone(),
    };
    for path in &args.restore {
        let known: Vec<String> = planned.places();
        if !known.contains(path) {
            return Err(unknown_path(path, &known));
        }
    }
    Ok(Some(planned))
}

fn plan(project: &LockedProject, layer: &Layer, args: &UpdateArgs, app: &App) -> Result<Option<LayerPlan>> {
    let rendered = recorded(layer, app);
    let stays = (!args.restore.is_empty() || !args.set.is_empty()) && args.to.is_none();
    let wanted = match (&args.to, stays) {
        (Some(version), _) => WantedVersion::of(version),
        (None, true) => WantedVersion::Recorded,
        (None, false) => WantedVersion::Newest,
    };
    if stays && args.set.is_empty() {
        // What was written is written again; the golden path itself need not be there.
        let now = project.standing(layer, [])?;
        let (known, _) = reproduced(layer, &rendered.unwrap_or_default());
        let written = written(app, project, layer, &now, known)?;
        let plan = LayerPlan {
            layer: layer.clone(),
            next: layer.clone(),
            next_tree: written.clone(),
            written,
            ours: now,
        };
        return Ok(Some(plan));
    }
    let path = of_layer(app, layer, &wanted, &args.places.places())?;
    let asked = answers_again(&path.template, &layer.answers, &args.set, args.can_ask(app), app)?;
    let Some(answers) = asked else { return Ok(None) };
    let access = access(&path.template, args, app)?;
    let made = rerendered(app, &path, layer, answers, &access)?;
    made.warnings.iter().for_each(|warning| app.ui.warn(&warning.to_string()));
    let now = project.standing(layer, made.layer.files.keys().map(String::as_str))?;
    let known = match rendered {
        Some(rendered) => {
            let (known, otherwise) = reproduced(layer, &rendered);
            if !otherwise.is_empty() {
                app.ui.detail(&format!(
                    "the recorded answers do not make the recorded {}",
                    otherwise.join(", ")
                ));
            }
            known
        }
        None => Tree::default(),
    };
    let written = written(app, project, layer, &now, known)?;
    let next_tree = made.tree;
    Ok(Some(LayerPlan { layer: layer.clone(), next: made.layer, next_tree, written, ours: now }))
}

/// The recorded version rendered again, where it is at hand.
fn recorded(layer: &Layer, app: &App) -> Option<Tree> {
    let again = of_layer(app, layer, &WantedVersion::AtHand, &TemplatePlaces::default()).and_then(|path| {
        let access = RenderAccess { user: user(&path.template, app)?, hosts: &[] };
        rerendered(app, &path, layer, layer.answers.clone(), &access)
    });
    match again {
        Ok(made) => Some(made.tree),
        Err(error) => {
            app.ui.detail(&format!("the recorded version is not at hand: {error:#}"));
            None
        }
    }
}

fn access<'a>(
    template: &crate::scaffold::template::Template,
    args: &'a UpdateArgs,
    app: &App,
) -> Result<RenderAccess<'a>> {
    Ok(RenderAccess { user: user(template, app)?, hosts: &args.allow_fetch })
}

impl Planned {
    /// Every path of the project that a golden path has.
    fn places(&self) -> Vec<String> {
        let paths: BTreeSet<String> = self
            .layers
            .iter()
            .flat_map(|plan| {
                plan.layer.files.keys().chain(plan.next.files.keys()).map(|path| plan.layer.place(path))
            })
            .collect();
        paths.into_iter().collect()
    }

    /// What stands now, of all layers.
    pub fn ours(&self) -> Result<Tree> {
        let mut ours = Tree::default();
        for plan in &self.layers {
            for (path, entry) in plan.ours.iter() {
                ours.insert(path, entry.clone())?;
            }
        }
        Ok(ours)
    }

    /// Keeps what the lock now says was written, for the next update.
    pub fn keep(&self, app: &App, lock: &Lock) {
        for (plan, layer) in self.layers.iter().zip(&lock.layers) {
            keep_written(app, layer, &[&plan.next_tree, &plan.written]);
        }
    }

    /// Both sides of the project; `gone` are files that the person deleted and the golden path changed.
    pub fn combined(&self, gone: &BTreeSet<String>) -> Result<Combined> {
        if !self.restore.is_empty() {
            return self.restored();
        }
        let mut combined = Combined::empty(self.lock.clone());
        combined.lock.layers.clear();
        let globs = match &self.only {
            Some(only) => Some(
                Globs::new(only.iter().map(String::as_str), &Tree::default())
                    .map_err(|error| anyhow::anyhow!("--only: {error}"))?,
            ),
            None => None,
        };
        let only = |path: &str| globs.as_ref().is_none_or(|globs| globs.matches(path));
        for plan in &self.layers {
            let input = UpdateInput {
                layer: &plan.layer,
                next: &plan.next,
                next_tree: &plan.next_tree,
                ours: &plan.ours,
                written: &plan.written,
                only: globs.is_some().then_some(&only),
                gone,
            };
            let sides: Sides = sides(&input);
            for (to, from) in [(&mut combined.base, &sides.base), (&mut combined.next, &sides.next)] {
                for (path, entry) in from.iter() {
                    to.insert(path, entry.clone())?;
                }
            }
            combined.lock.layers.push(sides.layer(&plan.layer, &plan.next));
            combined.behind |= sides.behind;
            combined.pending.extend(sides.pending);
            combined.stay_deleted.extend(sides.stay_deleted);
            combined.unknown.extend(sides.unknown);
        }
        combined.with_locks(&self.lock, &self.text)
    }

    /// Files as the golden path has them, in the place of whatever stands there.
    fn restored(&self) -> Result<Combined> {
        let mut combined = Combined::empty(self.lock.clone());
        for place in &self.restore {
            for (plan, layer) in self.layers.iter().zip(&mut combined.lock.layers) {
                let Some((path, will)) =
                    plan.next.files.iter().find(|(path, _)| plan.layer.place(path) == *place)
                else {
                    continue;
                };
                let entry = plan.next_tree.get(path).filter(|entry| will.is(entry)).with_context(|| {
                    format!("what the golden path wrote to {place} is known no longer; --to newest takes what it has there now")
                })?;
                if let Some(ours) = plan.ours.get(place) {
                    combined.base.insert(place, ours.clone())?;
                }
                combined.next.insert(place, entry.clone())?;
                let mut file = will.clone();
                (file.removed, file.pending) = (false, false);
                layer.files.insert(path.clone(), file);
            }
        }
        combined.with_locks(&self.lock, &self.text)
    }
}

impl Combined {
    /// Nothing of either side yet.
    fn empty(lock: Lock) -> Combined {
        Combined {
            base: Tree::default(),
            next: Tree::default(),
            lock,
            pending: Vec::new(),
            stay_deleted: Vec::new(),
            unknown: Vec::new(),
            behind: false,
        }
    }

    /// With the lock as a file of both sides.
    fn with_locks(mut self, before: &Lock, text: &str) -> Result<Combined> {
        let next = if self.lock == *before { text.to_string() } else { self.lock.to_text() };
        self.base.insert(lock::PATH, TreeEntry::text(text))?;
        self.next.insert(lock::PATH, TreeEntry::text(next))?;
        Ok(self)
    }
}

fn unknown_path(path: &str, planned: &[String]) -> anyhow::Error {
    let near = crate::text::closest(path, planned.iter().map(String::as_str));
    let hint = near.first().map_or_else(
        || "`callboard drift` shows what became of its files".to_string(),
        |near| format!("did you mean {near}?"),
    );
    misused(format!("no golden path of this project has {path}"), hint)
}
