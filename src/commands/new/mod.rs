//! `new`: a project from a golden path, rendered in memory, shown or written whole, registered in the catalog. Runs nothing of the template's.

mod answers;
mod asking;
mod differences;
mod effects;
mod gone;
mod notices;
mod options;
mod pickers;
mod plan;
mod prompts;
mod proposal;
mod register;
mod remembered;
mod report;
mod repository;
mod review;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::args::me;
use crate::commands::new::plan::{PathAction, WritePlan};
use crate::commands::new::prompts::{FormMemory, Typed};
use crate::commands::new::report::ProjectReport;
use crate::commands::new::review::Reviewed;
use crate::golden_paths::kept::keep_written;
use crate::golden_paths::make::{Project, make, request};
use crate::golden_paths::{self, GoldenPath, Outside, error_of};
use crate::outcome::{Outcome, further_advised, misused};
use crate::report::Line;
use crate::scaffold::foreseen::{KnownSource, refused_before};
use crate::scaffold::lock;
use crate::scaffold::request::{Request, StepState};
use crate::scaffold::template::Template;
use crate::text::{closest, shell_path};
use crate::tree::Tree;
use crate::ui::Ask;

pub use crate::commands::new::answers::{again as answers_again, read_file as read_answers};
pub use crate::commands::new::options::NewArgs;
pub use crate::commands::new::register::register;

pub fn run(args: &NewArgs, app: &App) -> Result<Outcome> {
    let Some(BegunRun { args, path, kept }) = begun(args, app)? else { return Ok(interrupted(None, app)) };
    let args = &args;
    if answers::can_ask(args, app) {
        app.watch_signals();
    }
    // What can be known before the first question is not worth any question.
    let wanted = asked_for(args, &path.template, Map::new(), app)?;
    refused_anyway(args, &path, &wanted)?;
    let mut memory = FormMemory::default();
    loop {
        let collected = answers::collect(args, &path.template, &kept, &mut memory, app);
        let Ok(Some(Typed { answers, asked })) = collected else {
            let typed = memory.answers(&kept);
            let file = if memory.is_empty() { None } else { remembered::keep(args, &path, &typed, app) };
            return match (collected, file) {
                (Err(error), Some(file)) => Err(again_after(error, &file)),
                (Err(error), None) => Err(error),
                (Ok(_), file) => Ok(interrupted(file, app)),
            };
        };
        let typed = if asked { remembered::keep(args, &path, &answers, app) } else { None };
        match made(args, &path, answers, asked, app) {
            Ok(Some(Decided::Done)) => return Ok(Outcome::Fine),
            Ok(Some(Decided::Back)) => _ = memory.take_back(),
            Ok(Some(Decided::Change(name, answer))) => memory.reopen(&name, answer.as_ref()),
            Ok(None) => return Ok(interrupted(typed, app)),
            Err(error) => {
                return Err(match typed {
                    Some(file) => again_after(error, &file),
                    None => error,
                });
            }
        }
    }
}

/// What a run begins with.
struct BegunRun {
    args: NewArgs,
    path: GoldenPath,
    /// Answers of another run or project.
    kept: Map<String, Json>,
}

/// The template that is meant, with the arguments as they count, and answers of another run or project.
fn begun(args: &NewArgs, app: &App) -> Result<Option<BegunRun>> {
    let mut args = args.clone();
    let mut kept = Map::new();
    // One word beside them is the directory, where no golden path is called so.
    if let (true, None, Some(word)) = (args.again || args.like.is_some(), &args.dir, &args.template)
        && golden_paths::find(app, word, &args.places.places()).is_err()
    {
        args.dir = args.template.take().map(PathBuf::from);
    }
    if let Some(directory) = &args.like {
        let (template, answers) = remembered::of_project(directory, args.template.as_deref())?;
        kept = answers;
        args.template.get_or_insert(template);
    }
    if args.again && args.template.is_none() {
        let last = remembered::last(app)?.ok_or_else(|| {
            misused("no run is kept that could be taken up again", "`callboard new TEMPLATE DIR` begins one")
        })?;
        args.template = Some(last.template);
        if args.places.from.is_empty() {
            args.places.from = last.from;
        }
        args.dir = args.dir.or(last.directory);
    }
    if args.template.is_none() {
        args.template = chosen_template(&args, app)?;
    }
    let Some(template) = &args.template else { return Ok(None) };
    let path = golden_paths::find(app, template, &args.places.places())?;
    if args.again {
        kept.extend(remembered::recalled(&path, app)?);
    }
    Ok(Some(BegunRun { args, path, kept }))
}

/// The golden path that a person chooses; elsewhere which there are.
fn chosen_template(args: &NewArgs, app: &App) -> Result<Option<String>> {
    let paths = golden_paths::all(app, &args.places.places())?;
    let names: Vec<&str> = paths.iter().map(|path| path.template.name.as_str()).collect();
    if !answers::can_ask(args, app) || paths.is_empty() {
        let error = format!("no golden path is named; there are {}", names.join(", "));
        return Err(misused(error, "callboard new http-service orders"));
    }
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let label = |path: &GoldenPath| {
        let what = path.template.description.as_ref().or(path.template.title.as_ref());
        format!("{:width$}  {}", path.template.name, what.map_or("", String::as_str))
    };
    let labels: Vec<String> = paths.iter().map(label).collect();
    let index = app.ui.ask_one(Ask { title: "Golden path", ..Ask::default() }, &labels, 0)?;
    Ok(index.map(|index| names[index].to_string()))
}

/// What became of a project in memory.
enum Decided {
    Done,
    /// The last question of the form is to be asked again.
    Back,
    /// A parameter, and the answer that it has.
    Change(String, Option<Json>),
}

/// Makes the project and, where that is agreed to, writes it. Nothing where the person leaves.
fn made(
    args: &NewArgs,
    path: &GoldenPath,
    answers: Map<String, Json>,
    asked: bool,
    app: &App,
) -> Result<Option<Decided>> {
    let directory = target(args, &path.template, &answers)?;
    notices::tell(&path.template, &answers, &directory, app)?;
    let request = asked_for(args, &path.template, answers.clone(), app)?;
    let world =
        Outside { app, source: &path.source, catalog: app.catalog_if_readable()?, hosts: &args.allow_fetch };
    let mut project = make(path, &request, &world)?;
    tell_steps(&project, app);
    let layered = plan::keep_layers(&directory, &mut project)?;
    let mut plan = WritePlan::of(&directory, &project)?;
    WritePlan::refuse_collisions(&directory, &project.tree)?;
    if layered && plan.before.contains_key(lock::PATH) {
        plan.decide(lock::PATH, PathAction::Replaced);
    }
    if args.dry_run {
        let report = ProjectReport::dry(&directory, path, &project, &plan);
        app.ui.print(&report, args.output, true)?;
        return Ok(Some(Decided::Done));
    }
    if !plan.differing().is_empty() {
        if !answers::can_ask(args, app) {
            return Err(plan.refuse(&directory));
        }
        if !differences::ask(&mut plan, &project.tree, app)? {
            return Ok(None);
        }
    } else if asked {
        match review::ask(&path.template, &answers, &directory, (&project, &plan), app)? {
            Reviewed::Write => {}
            Reviewed::Leave => return Ok(None),
            Reviewed::Back => return Ok(Some(Decided::Back)),
            Reviewed::Change(name) => {
                let answer = answers.get(&name).cloned();
                return Ok(Some(Decided::Change(name, answer)));
            }
        }
    }
    write(&directory, &project, &plan, app)?;
    keep_written(app, &project.layer, &[&project.tree]);
    let mut done = effects::carry_out(&directory, &project, args.into.as_deref(), app);
    if !args.no_register {
        done.registered = register::register(&directory, &project, answers::can_ask(args, app), app);
    }
    app.ui.print(&ProjectReport::written(&directory, path, &project, &plan, done), args.output, true)?;
    Ok(Some(Decided::Done))
}

/// An error after questions: the answers are not lost.
fn again_after(error: anyhow::Error, file: &Path) -> anyhow::Error {
    let kept = format!("`callboard new --again` goes on with your answers (or --answers {})", shown(file));
    further_advised(error, kept)
}

fn shown(file: &Path) -> String {
    shell_path(&file.display().to_string())
}

fn interrupted(kept: Option<PathBuf>, app: &App) -> Outcome {
    app.ui.tell(&Line::from("Left; nothing was written."));
    if let Some(file) = kept {
        app.ui.hint(&format!(
            "`callboard new --again` goes on with your answers (or --answers {})",
            shown(&file)
        ));
    }
    Outcome::Interrupted
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
            format!("callboard new {} DIR", args.template.as_deref().unwrap_or(&template.name)),
        )),
    }
}

/// Refuses what no answer can change: steps whose files are not there or lead out, that are misspelt, or that a server would do.
fn refused_anyway(args: &NewArgs, path: &GoldenPath, wanted: &Request) -> Result<()> {
    // What is there and cannot be read is told by the step that would fetch it.
    let beside = |place: &str| path.source.at(place).unwrap_or_else(|_| Some(Tree::default()));
    let allowed = |url: &str| golden_paths::may_fetch(url, &args.allow_fetch, &path.source);
    let source =
        KnownSource { tree: &path.tree, base: &path.source.base, beside: &beside, allowed: &allowed };
    let problems = refused_before(&path.template, &source, wanted);
    if problems.is_empty() { Ok(()) } else { Err(error_of(&problems)) }
}

fn asked_for(args: &NewArgs, template: &Template, answers: Map<String, Json>, app: &App) -> Result<Request> {
    let mut wanted = request(template, answers);
    for id in &args.skip {
        known_step(template, id)?;
        wanted.skip.insert(id.clone());
    }
    wanted.stubs = stubs(args, template)?;
    wanted.strict = args.strict;
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
pub fn user(template: &Template, app: &App) -> Result<Option<Json>> {
    let Some(me) = template.text.contains("user.").then(|| me(app)).transpose()?.flatten() else {
        return Ok(None);
    };
    let entity =
        app.catalog_if_readable()?.and_then(|catalog| catalog.get(&me)).map(|entity| entity.document().value);
    Ok(Some(json!({"ref": me.to_string(), "entity": entity})))
}

fn tell_steps(project: &Project, app: &App) {
    let left_out: Vec<String> = project
        .steps
        .iter()
        .filter(|step| step.state == StepState::LeftOut)
        .map(|step| match &step.reads {
            Some(read) => format!("'{}' ({}, which reads {read})", step.id, step.action),
            None => format!("'{}' ({})", step.id, step.action),
        })
        .collect();
    if !left_out.is_empty() {
        let what = if left_out.len() == 1 { "a step needs" } else { "steps need" };
        app.ui.warn(&format!("left out, since {what} a Backstage server: {}", left_out.join(", ")));
    }
    for warning in &project.warnings {
        app.ui.warn(&warning.to_string());
    }
    for step in &project.steps {
        if step.state == StepState::SkippedByRequest {
            app.ui.warn(&format!("step '{}' ({}) was left out", step.id, step.action));
        }
        step.log.iter().for_each(|line| app.ui.detail(&format!("{}: {line}", step.id)));
    }
}
