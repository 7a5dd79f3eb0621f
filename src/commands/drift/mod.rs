//! `drift`: where a project went away from the golden path that it was made from, and what the path became since. Asks no server unless
//! another version lies on one.

mod report;
mod rows;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::args::{OutputArgs, PlacesArgs};
use crate::commands::drift::report::{DriftItem, DriftReport};
use crate::commands::new::user;
use crate::golden_paths::project::LockedProject;
use crate::golden_paths::recorded::{RenderAccess, WantedVersion, of_layer, reproduced, rerendered, written};
use crate::golden_paths::{GoldenPath, TemplatePlaces};
use crate::outcome::Outcome;
use crate::scaffold::defaults::filled;
use crate::scaffold::drift::drifted;
use crate::scaffold::lock::Layer;
use crate::scaffold::parameters::missing;
use crate::tree::Tree;

/// Where projects differ from the golden path they were made from
///
/// Compares each file with what the lock (.callboard/lock.yaml) says was written: edited or deleted, unless the golden path gives it to the
/// project (policy once). The recorded version is rendered again where it is at hand, so that lines can be counted and shown; nothing is
/// fetched. With --to also what another version of the golden path would change. Exit code 3 where something drifted or is behind.
#[derive(Args, Debug)]
#[command(before_help = "callboard drift
callboard drift orders --diff
callboard drift orders --to newest
callboard drift --all --under ~/src --to newest")]
pub struct DriftArgs {
    /// The project; default: the current directory
    pub dir: Option<PathBuf>,

    /// Also against another version of the golden path: newest, or one such as 1.5.0
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,

    /// Every project below --under, in one table
    #[arg(long, conflicts_with = "dir")]
    all: bool,

    /// Where --all looks; default: the current directory
    #[arg(long, value_name = "DIR", requires = "all")]
    under: Option<PathBuf>,

    /// Show the lines that differ
    #[arg(long)]
    diff: bool,

    /// Let the template fetch from this host (repeatable)
    #[arg(long, value_name = "HOST")]
    allow_fetch: Vec<String>,

    #[command(flatten)]
    places: PlacesArgs,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &DriftArgs, app: &App) -> Result<Outcome> {
    let projects = LockedProject::chosen(args.dir.as_deref(), args.all, args.under.as_deref())?;
    let mut items = Vec::new();
    for directory in &projects {
        match of_project(directory, args, app) {
            Ok(found) => items.extend(found),
            // One project that cannot be read must not hide the others.
            Err(error) if args.all => items.push(DriftItem::unread(directory, &error)),
            Err(error) => return Err(error),
        }
    }
    let unread = items.iter().any(DriftItem::is_unread);
    let report = DriftReport { items, many: args.all, diff: args.diff };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(match report.is_drifted() {
        true => Outcome::Findings,
        false if unread => Outcome::Incomplete,
        false => Outcome::Fine,
    })
}

/// An item for each layer of a project.
fn of_project(directory: &Path, args: &DriftArgs, app: &App) -> Result<Vec<DriftItem>> {
    let project = LockedProject::open(directory)?;
    project.lock.layers.iter().map(|layer| of_layer_of(&project, layer, args, app)).collect()
}

fn of_layer_of(project: &LockedProject, layer: &Layer, args: &DriftArgs, app: &App) -> Result<DriftItem> {
    let (rendered, mut notes) = rendered(layer, app);
    let next = match &args.to {
        Some(version) => Some(next(layer, &WantedVersion::of(version), args, app)?),
        None => None,
    };
    let more = next.iter().flat_map(|(next, _)| next.files.keys()).map(String::as_str);
    let (now, outward) = project.standing_as_it_is(layer, more)?;
    notes.extend(outward.iter().map(|link| {
        format!(
            "{} is a link that leads out of the project, to {}: what is there was not read",
            link.path, link.target
        )
    }));
    let written = written(app, project, layer, &now, rendered)?;
    let files = drifted(layer, &now, next.as_ref().map(|(next, _)| next));
    let trees = rows::Trees { written: &written, now: &now, next: next.as_ref().map(|(_, tree)| tree) };
    let rows = files.iter().map(|file| rows::row(layer, file, &trees)).collect();
    if project.lock.layers.iter().filter(|other| other.id == layer.id).count() > 1 {
        notes.push(format!("layer at {}", layer.path));
    }
    Ok(DriftItem::of(&project.directory, layer, next.map(|(next, _)| next), rows, notes))
}

/// What the recorded version wrote, as far as it can be rendered here without a server, and why not where it cannot.
fn rendered(layer: &Layer, app: &App) -> (Tree, Vec<String>) {
    let again = of_layer(app, layer, &WantedVersion::AtHand, &TemplatePlaces::default()).and_then(|path| {
        let user = user(&path.template, app)?;
        let access = RenderAccess { user, hosts: &[] };
        rerendered(app, &path, layer, layer.answers.clone(), &access)
    });
    match again {
        Ok(again) => {
            let (tree, otherwise) = reproduced(layer, &again.tree);
            let otherwise: Vec<String> = otherwise
                .into_iter()
                .filter(|path| layer.files.get(path).is_some_and(|file| !file.is_apart()))
                .collect();
            let note = (!otherwise.is_empty()).then(|| {
                format!(
                    "the recorded version with the recorded answers does not make the recorded files: {}",
                    crate::text::listed(&otherwise, 5)
                )
            });
            (tree, note.into_iter().collect())
        }
        Err(error) => {
            app.ui.detail(&format!("{error:#}"));
            (
                Tree::default(),
                vec!["the recorded version is not at hand: compared by the ids in the lock alone".into()],
            )
        }
    }
}

/// What another version of the golden path makes of the recorded answers.
fn next(layer: &Layer, wanted: &WantedVersion, args: &DriftArgs, app: &App) -> Result<(Layer, Tree)> {
    let path: GoldenPath = of_layer(app, layer, wanted, &args.places.places())?;
    let answers = filled(&path.template, &layer.answers);
    let open: Vec<String> =
        missing(&path.template, &answers).into_iter().map(|property| property.name).collect();
    anyhow::ensure!(
        open.is_empty(),
        "{} {} asks what {} was never asked: {}; `callboard update --set {}=VALUE --dry-run` shows what it changes",
        path.template.name,
        path.template.version.as_deref().unwrap_or_default(),
        layer.id,
        open.join(", "),
        open[0]
    );
    let user = user(&path.template, app)?;
    let access = RenderAccess { user, hosts: &args.allow_fetch };
    let made = rerendered(app, &path, layer, answers, &access)?;
    Ok((made.layer, made.tree))
}
