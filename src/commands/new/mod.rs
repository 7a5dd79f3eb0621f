//! `new`: a project from a golden path, rendered in memory, shown or written whole, registered in the catalog. Runs nothing of the template's.

mod answers;
mod asking;
mod differences;
mod effects;
mod options;
mod pickers;
mod plan;
mod prompts;
mod proposal;
mod register;
mod report;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::args::me;
use crate::commands::new::plan::{PathAction, WritePlan};
use crate::commands::new::prompts::Typed;
use crate::commands::new::report::ProjectReport;
use crate::golden_paths::make::{Project, make, request};
use crate::golden_paths::{self, Outside};
use crate::outcome::{Outcome, misused};
use crate::report::Line;
use crate::scaffold::lock;
use crate::scaffold::request::{Request, StepState};
use crate::scaffold::template::Template;
use crate::text::{closest, count};
use crate::ui::Ask;

pub use crate::commands::new::answers::read_file as read_answers;
pub use crate::commands::new::options::NewArgs;

pub fn run(args: &NewArgs, app: &App) -> Result<Outcome> {
    let path = golden_paths::find(app, &args.template, &args.places.places())?;
    if answers::can_ask(args, app) {
        app.watch_signals();
    }
    let Some(Typed { answers, asked }) = answers::collect(args, &path.template, app)? else {
        return Ok(interrupted(app));
    };
    let directory = target(args, &path.template, &answers)?;
    let request = asked_for(args, &path.template, answers, app)?;
    let world =
        Outside { app, catalog: app.catalog()?, hosts: &args.allow_fetch, offline: args.places.offline };
    let mut project = make(&path, &request, &world)?;
    tell_steps(&project, app);
    let layered = plan::keep_layers(&directory, &mut project)?;
    let mut plan = WritePlan::of(&directory, &project)?;
    if layered && plan.before.contains_key(lock::PATH) {
        plan.decide(lock::PATH, PathAction::Replaced);
    }
    if args.dry_run {
        let report = ProjectReport::dry(&directory, &path, &project, &plan);
        app.ui.print(&report, args.output, true)?;
        return Ok(Outcome::Fine);
    }
    if !agreed(args, &directory, &project, &mut plan, asked, app)? {
        return Ok(interrupted(app));
    }
    write(&directory, &project, &plan, app)?;
    let mut done = effects::carry_out(&directory, &project, args.into.as_deref(), app);
    if !args.no_register {
        done.registered = register::register(&directory, &project, app);
    }
    app.ui.print(&ProjectReport::written(&directory, &path, &project, &plan, done), args.output, true)?;
    Ok(Outcome::Fine)
}

fn interrupted(app: &App) -> Outcome {
    app.ui.tell(&Line::from("Left; nothing was written."));
    Outcome::Interrupted
}

/// Whether all that is to be written may be: a person decides about every file that differs, and after a form about the whole.
fn agreed(
    args: &NewArgs,
    directory: &Path,
    project: &Project,
    plan: &mut WritePlan,
    asked: bool,
    app: &App,
) -> Result<bool> {
    if !plan.differing().is_empty() {
        if !answers::can_ask(args, app) {
            return Err(plan.refuse(directory));
        }
        return differences::ask(plan, &project.tree, app);
    }
    if !asked {
        return Ok(true);
    }
    app.ui.tell(&Line::from(""));
    report::overview(plan, project).iter().for_each(|line| app.ui.tell(line));
    let files = count(plan.number(PathAction::Added) + plan.number(PathAction::Replaced), "file");
    let title = format!("Write {files} to {}?", directory.display());
    Ok(app.ui.ask_yes(Ask { title: &title, ..Ask::default() }, true)? == Some(true))
}

/// Ctrl-C and its like wait until all of it is there.
fn write(directory: &Path, project: &Project, plan: &WritePlan, app: &App) -> Result<()> {
    let busy = app.busy();
    let written = plan.carry_out(directory, &project.tree);
    drop(busy);
    written
}

/// Where the project goes: the argument, else a directory called as the project.
fn target(args: &NewArgs, template: &Template, answers: &Map<String, Json>) -> Result<PathBuf> {
    if let Some(directory) = &args.dir {
        let inside_git = |part: std::path::Component<'_>| part.as_os_str().eq_ignore_ascii_case(".git");
        if directory.components().any(inside_git) {
            return Err(misused(
                format!("{} lies inside a git directory", directory.display()),
                "name another directory",
            ));
        }
        return Ok(directory.clone());
    }
    let name = answers.get("name").and_then(Json::as_str).unwrap_or(&template.name);
    match crate::tree::portable(name).is_ok() && !name.contains('/') && !name.starts_with('.') {
        true => Ok(PathBuf::from(name)),
        false => Err(misused(
            format!("'{name}' cannot be the name of a directory"),
            format!("callboard new {} DIR", args.template),
        )),
    }
}

fn asked_for(args: &NewArgs, template: &Template, answers: Map<String, Json>, app: &App) -> Result<Request> {
    let mut wanted = request(template, answers);
    for id in &args.skip {
        known_step(template, id)?;
        wanted.skip.insert(id.clone());
    }
    wanted.stubs = stubs(args, template)?;
    wanted.skip_unsupported = args.skip_unsupported;
    wanted.lenient = args.lenient;
    wanted.user = user(template, app)?;
    Ok(wanted)
}

fn known_step(template: &Template, id: &str) -> Result<()> {
    if template.step(id).is_some() {
        return Ok(());
    }
    let ids: Vec<&str> = template.steps.iter().map(|step| step.id.as_str()).collect();
    let near = closest(id, ids.iter().copied()).first().map(|near| format!("did you mean {near}?"));
    let hint = near.unwrap_or_else(|| format!("its steps are {}", ids.join(", ")));
    Err(misused(format!("{} has no step '{id}'", template.name), hint))
}

fn stubs(args: &NewArgs, template: &Template) -> Result<BTreeMap<String, Map<String, Json>>> {
    let mut stubs: BTreeMap<String, Map<String, Json>> = BTreeMap::new();
    for text in &args.stub {
        let parts = text.split_once('=').and_then(|(key, value)| Some((key.rsplit_once('.')?, value)));
        let Some(((step, output), value)) = parts else {
            return Err(misused(
                format!("--stub {text}"),
                "as in --stub publish.remoteUrl=https://git.example/orders",
            ));
        };
        known_step(template, step)?;
        stubs.entry(step.into()).or_default().insert(output.into(), crate::yaml::scalar(value));
    }
    Ok(stubs)
}

/// Whoever runs this, for a template that asks.
fn user(template: &Template, app: &App) -> Result<Option<Json>> {
    let Some(me) = template.text.contains("user.").then(|| me(app)).transpose()?.flatten() else {
        return Ok(None);
    };
    let entity = app.catalog()?.and_then(|catalog| catalog.get(&me)).map(|entity| entity.document().value);
    Ok(Some(json!({"ref": me.to_string(), "entity": entity})))
}

fn tell_steps(project: &Project, app: &App) {
    for step in &project.steps {
        if step.state == StepState::SkippedByRequest {
            app.ui.warn(&format!("step '{}' ({}) was left out", step.id, step.action));
        }
        step.log.iter().for_each(|line| app.ui.detail(&format!("{}: {line}", step.id)));
    }
}
