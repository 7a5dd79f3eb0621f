//! `new`: a project from a golden path, rendered in memory, shown or written whole, registered in the catalog. Runs nothing of the template's.

mod answers;
mod effects;
mod preview;
mod prompts;
mod register;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::args::PlacesArgs;
use crate::catalog::{DEFAULT_NAMESPACE, EntityRef};
use crate::files;
use crate::golden_paths::make::{Project, make, request};
use crate::golden_paths::{self, GoldenPath, Outside};
use crate::outcome::{Outcome, advised, misused};
use crate::scaffold::run::{Request, StepState};
use crate::scaffold::template::Template;
use crate::text::{closest, count, safe};

pub use crate::commands::new::answers::read_file as read_answers;

/// Start a project from a golden path
///
/// On a terminal one question for each parameter that is not answered yet; elsewhere nothing is asked, and what is missing is
/// listed with a file to fill in (exit code 2). The project is rendered in memory and written whole or not at all; then it is added to
/// the catalog, and the next steps are printed. Nothing of the template is ever run.
#[derive(Args, Debug)]
pub struct NewArgs {
    /// A golden path of `callboard template list`, a directory, or git+URL//sub@ref
    template: String,

    /// Where the project goes; its base name is the default of the parameter `name`
    dir: Option<PathBuf>,

    /// Answer a parameter, as in owner=team-orders or database.size=10 (repeatable); also $CALLBOARD_ANSWER_<NAME>
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// A YAML file of answers; - is stdin
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,

    /// Show the files and their content, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Leave out a step (repeatable)
    #[arg(long, value_name = "STEP")]
    skip: Vec<String>,

    /// Go on as if a step had run and had this output (repeatable)
    #[arg(long, value_name = "STEP.OUTPUT=VALUE")]
    stub: Vec<String>,

    /// Leave out every step that only a Backstage server can do
    #[arg(long)]
    skip_unsupported: bool,

    /// Let names that nothing defines be empty, as Backstage does
    #[arg(long)]
    lenient: bool,

    /// Let the template fetch from this host (repeatable)
    #[arg(long, value_name = "HOST")]
    allow_fetch: Vec<String>,

    /// Do not add the project to the catalog
    #[arg(long)]
    no_register: bool,

    #[command(flatten)]
    places: PlacesArgs,
}

pub fn run(args: &NewArgs, app: &App) -> Result<Outcome> {
    let path = golden_paths::find(app, &args.template, &args.places.places())?;
    let Some(answers) = answers::collect(args, &path.template, app)? else {
        return Ok(Outcome::Interrupted);
    };
    let directory = target(args, &path.template, &answers)?;
    let request = asked_for(args, &path.template, answers, app)?;
    let world =
        Outside { app, catalog: app.catalog()?, hosts: &args.allow_fetch, offline: args.places.offline };
    let project = make(&path, &request, &world)?;
    tell_steps(&project, app);
    refuse_overwriting(&directory, &project)?;
    if args.dry_run {
        app.ui.write(&preview::text(&directory, &path, &project))?;
        return Ok(Outcome::Fine);
    }
    files::write_tree(&directory, &project.tree)?;
    let mut done = effects::carry_out(&directory, &project, app);
    if !args.no_register {
        done.registered = register::register(&directory, &project, app);
    }
    app.ui.write(&summary(&directory, &path, &project, &done))?;
    Ok(Outcome::Fine)
}

/// Where the project goes: the argument, else a directory called as the project.
fn target(args: &NewArgs, template: &Template, answers: &Map<String, Json>) -> Result<PathBuf> {
    if let Some(directory) = &args.dir {
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
    wanted.user = user(app)?;
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

/// Whoever runs this, by `$CALLBOARD_ME`.
fn user(app: &App) -> Result<Option<Json>> {
    let Some(me) = app.env.variable("CALLBOARD_ME") else { return Ok(None) };
    let Ok(reference) = EntityRef::parse(me, Some("user"), DEFAULT_NAMESPACE) else { return Ok(None) };
    let entity = app
        .catalog()?
        .and_then(|catalog| catalog.get(&reference))
        .map(|entity| entity.document.value.clone());
    Ok(Some(json!({"ref": reference.to_string(), "entity": entity})))
}

fn tell_steps(project: &Project, app: &App) {
    for step in &project.steps {
        if step.state == StepState::SkippedByRequest {
            app.ui.warn(&format!("step '{}' ({}) was left out", step.id, step.action));
        }
        step.log.iter().for_each(|line| app.ui.detail(&format!("{}: {line}", step.id)));
    }
}

fn refuse_overwriting(directory: &Path, project: &Project) -> Result<()> {
    if files::exists(directory) && !files::is_dir(directory) {
        anyhow::bail!("{} is a file", directory.display());
    }
    let obstacles = files::obstacles(directory, &project.tree);
    if obstacles.is_empty() {
        return Ok(());
    }
    let shown: Vec<&str> = obstacles.iter().take(8).map(String::as_str).collect();
    let more = obstacles.len().checked_sub(8).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    let error = anyhow::anyhow!(
        "{} is not empty, and {} of the golden path would overwrite what is there: {}{more}",
        directory.display(),
        count(obstacles.len(), "file"),
        shown.join(", ")
    );
    Err(advised(error, "nothing was written; name another directory, or move these files away"))
}

/// What was done, and what is left for the person to do.
fn summary(directory: &Path, path: &GoldenPath, project: &Project, done: &effects::Done) -> String {
    let version = path.template.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    let files = project.tree.iter().filter(|(_, entry)| **entry != crate::tree::Entry::Directory).count();
    let mut lines = vec![format!(
        "{}: {} from {}{version}",
        directory.display(),
        count(files, "file"),
        path.template.name
    )];
    lines.extend(done.registered.iter().map(|file| format!("registered in {}", file.display())));
    lines.extend(done.repositories.iter().map(|repository| format!("git repository {repository}")));
    lines.push("next:".to_string());
    lines.extend(next_steps(directory, project, done).iter().map(|step| format!("  {step}")));
    lines.iter().map(|line| safe(line) + "\n").collect()
}

fn next_steps(directory: &Path, project: &Project, done: &effects::Done) -> Vec<String> {
    let mut steps = Vec::new();
    if directory != Path::new(".") {
        steps.push(format!("cd {}", crate::text::shell_word(&directory.display().to_string())));
    }
    steps.extend(done.commands.iter().cloned());
    let text = |value: &Json, key: &str| value[key].as_str().unwrap_or_default().to_string();
    for note in project.output["text"].as_array().into_iter().flatten() {
        let content = text(note, "content");
        steps.extend(content.lines().map(str::to_string));
    }
    for link in project.output["links"].as_array().into_iter().flatten() {
        // A link without a URL leads to an entity of a Backstage that is not here.
        if let Some(url) = link["url"].as_str() {
            steps.push(format!("{}: {url}", text(link, "title")));
        }
    }
    for name in register::services(project) {
        steps.push(format!("callboard status {}", crate::text::shell_word(&name)));
    }
    steps
}
