//! `adopt`: takes a project up that no golden path made, without changing it: a lock that says what the path would have written, and a catalog
//! entry where there is none. `drift` then shows the distance, and `update --only` closes it a file at a time.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::args::{OutputArgs, PlacesArgs};
use crate::commands::new::{answers_again, read_answers, register, user};
use crate::files::{self, TreeChanges};
use crate::golden_paths::kept::keep_written;
use crate::golden_paths::make::{Project, make, request};
use crate::golden_paths::project::LockedProject;
use crate::golden_paths::{self, Outside};
use crate::outcome::{Outcome, advised};
use crate::report::{Block, Detail, Line, Page, Report};
use crate::scaffold::lock::{self, Lock, Policy};
use crate::scaffold::parameters::declared;
use crate::text::{count, listed, shell_path, shell_word};
use crate::tree::{Tree, TreeEntry};

/// Take up a project that is there already, without changing it
///
/// Writes .callboard/lock.yaml, and the golden path's catalog entry where the project has none; no other file is touched. What the golden path
/// would have written and the project has otherwise, or lacks, counts as not taken: `drift` lists it, and `update --only PATH` takes it, one at
/// a time.
#[derive(Args, Debug)]
#[command(before_help = "callboard adopt hook-up orders --set owner=team-orders
callboard adopt http-service --dry-run
callboard drift
callboard update --only deploy/base/pdb.yaml")]
pub struct AdoptArgs {
    /// A golden path of `callboard template list`, a directory, a file, or git+URL//sub@ref
    pub template: String,

    /// The project; default: the current directory. Its name is the default of the parameter `name`
    pub dir: Option<PathBuf>,

    /// Answer a parameter, as in owner=team-orders (repeatable); also $CALLBOARD_ANSWER_<NAME>
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// A YAML file of answers; - is stdin
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,

    /// Show how far away the project is, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Do not add the project to the catalog
    #[arg(long)]
    no_register: bool,

    /// Let the template fetch from this host (repeatable)
    #[arg(long, value_name = "HOST")]
    allow_fetch: Vec<String>,

    #[command(flatten)]
    places: PlacesArgs,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &AdoptArgs, app: &App) -> Result<Outcome> {
    let directory = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    ensure!(files::is_dir(&directory), "there is no directory {}", directory.display());
    let path = golden_paths::find(app, &args.template, &args.places.places())?;
    let mut given = match &args.answers {
        Some(file) => read_answers(file)?,
        None => Map::new(),
    };
    add_name(&mut given, &declared(&path.template), &directory, &args.set);
    let terminal = app.env.terminal;
    let can_ask = terminal.stdin && terminal.stderr && args.answers.as_deref() != Some(Path::new("-"));
    let asked = answers_again(&path.template, &given, &args.set, can_ask, app)?;
    let Some(answers) = asked else {
        app.ui.tell(&Line::from("Left; nothing was written."));
        return Ok(Outcome::Interrupted);
    };
    let mut wanted = request(&path.template, answers);
    wanted.user = user(&path.template, app)?;
    let catalog = app.catalog_if_readable()?;
    let world = Outside { app, source: &path.source, catalog, hosts: &args.allow_fetch };
    let project = make(&path, &wanted, &world)?;
    project.warnings.iter().for_each(|warning| app.ui.warn(&warning.to_string()));
    let adopted = adopted(&directory, &project)?;
    let registered = match args.dry_run {
        true => None,
        false => {
            let busy = app.busy();
            let done = files::change_tree(&directory, &adopted.changes);
            drop(busy);
            done?;
            keep_written(app, &project.layer, &[&project.tree]);
            let registered =
                (!args.no_register).then(|| register(&directory, &project, can_ask, app)).flatten();
            registered.map(|file| file.display().to_string())
        }
    };
    let report = AdoptionReport {
        dry_run: args.dry_run,
        project: directory.display().to_string(),
        template: project.layer.template.clone(),
        version: project.layer.version.clone(),
        source: project.layer.source.clone(),
        written: adopted.changes.written.iter().map(|(path, _)| path.to_string()).collect(),
        same: adopted.same,
        pending: adopted.pending,
        registered_in: registered,
    };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(Outcome::Fine)
}

/// `name` is that of the directory, where nothing else answers it.
fn add_name(
    given: &mut Map<String, Json>,
    declared: &std::collections::BTreeSet<String>,
    directory: &Path,
    set: &[String],
) {
    let answered = given.contains_key("name") || set.iter().any(|text| text.starts_with("name="));
    let name = files::identity(directory).file_name().and_then(|name| name.to_str()).map(String::from);
    if let (false, true, Some(name)) = (answered, declared.contains("name"), name) {
        given.insert("name".into(), Json::String(name));
    }
}

/// What adopting a project comes to.
struct Adopted {
    changes: TreeChanges,
    /// Files that are as the golden path has them.
    same: usize,
    /// Those that are not, or are not there.
    pending: Vec<String>,
}

fn adopted(directory: &Path, project: &Project) -> Result<Adopted> {
    let mut layer = project.layer.clone();
    let before = files::read_entries(directory, [lock::PATH])?;
    let mut lock = match before.get(lock::PATH) {
        Some(_) => LockedProject::open(directory)?.lock,
        None => Lock { layers: Vec::new(), ..Lock::new(layer.clone()) },
    };
    if lock.layers.iter().any(|known| known.template == layer.template) {
        let error = anyhow::anyhow!("{} is on {} already", directory.display(), layer.template);
        return Err(advised(
            error,
            "`callboard drift` shows how far away it is, `callboard update` brings it up",
        ));
    }
    let now = files::read_entries(directory, layer.files.keys().map(String::as_str))?;
    let mut changes = TreeChanges { before, ..TreeChanges::default() };
    let (mut same, mut pending) = (0, Vec::new());
    for (path, file) in &mut layer.files {
        let entry = now.get(path);
        if entry.is_some_and(|entry| file.is(entry)) {
            same += 1;
            continue;
        }
        let catalog = project.catalog_files.contains(path);
        if let (true, None, Some(made)) = (catalog, entry, project.tree.get(path))
            && !files::lies(&directory.join(path))
        {
            changes.written.insert(path, made.clone())?;
            continue;
        }
        if file.policy != Policy::Once {
            file.pending = true;
            pending.push(path.clone());
        }
    }
    lock.layers.push(layer);
    changes.written.insert(lock::PATH, TreeEntry::text(lock.to_text()))?;
    no_links(directory, &changes.written)?;
    Ok(Adopted { changes, same, pending })
}

/// What is written goes into the project itself.
fn no_links(directory: &Path, written: &Tree) -> Result<()> {
    for path in written.directories() {
        let full = directory.join(&path);
        ensure!(
            !files::lies(&full) || files::identity(&full).starts_with(files::identity(directory)),
            "{path} leads out of the project"
        );
    }
    Ok(())
}

/// `kind: Adoption`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AdoptionReport {
    dry_run: bool,
    /// The directory as it was named.
    project: String,
    template: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    source: String,
    /// Files that were written, or would be.
    written: Vec<String>,
    same: usize,
    pending: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registered_in: Option<String>,
}

impl Report for AdoptionReport {
    const KIND: &'static str = "Adoption";

    fn page(&self, _: Detail) -> Page {
        let name = self.template.rsplit('/').next().unwrap_or_default();
        let version = self.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let verb = if self.dry_run { "would be written" } else { "written, nothing else was touched" };
        let mut lines = vec![Line::from(format!(
            "{} on {name}{version}: {} {verb}.",
            self.project,
            listed(&self.written, 5)
        ))];
        lines.extend(self.registered_in.iter().map(|file| Line::from(format!("registered in {file}"))));
        lines.push(Line::from(format!(
            "{} as the path has them, {} not taken{}",
            count(self.same, "file"),
            self.pending.len(),
            if self.pending.is_empty() { ".".to_string() } else { format!(": {}", listed(&self.pending, 8)) }
        )));
        let directory =
            if self.project == "." { String::new() } else { format!(" {}", shell_path(&self.project)) };
        if let (Some(first), false) = (self.pending.first(), self.dry_run) {
            lines.push(Line::from("next:"));
            lines.push(Line::from(format!("  callboard drift{directory} --diff")));
            lines.push(Line::from(format!("  callboard update{directory} --only {}", shell_word(first))));
        }
        Page { blocks: vec![Block::Lines(lines)] }
    }

    fn names(&self) -> Vec<String> {
        self.pending.clone()
    }

    fn title(&self) -> String {
        format!("{} on {}", self.project, self.template)
    }
}
