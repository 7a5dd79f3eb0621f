//! `update`: what a golden path became since a project was made from it, brought together with what the project became. Nothing is touched
//! before all of it is known; in a git repository it is git's own merge.

mod by_git;
mod in_place;
mod options;
mod plan;
mod report;

use std::path::Path;

use anyhow::Result;

use crate::app::App;
use crate::commands::update::by_git::GitUpdate;
use crate::commands::update::in_place::PlainUpdate;
pub use crate::commands::update::options::UpdateArgs;
use crate::commands::update::plan::planned;
use crate::commands::update::report::{UpdateItem, UpdateReport};
use crate::git::WorkTree;
use crate::golden_paths::project::LockedProject;
use crate::outcome::Outcome;
use crate::report::Line;
use crate::ui::Ask;

pub fn run(args: &UpdateArgs, app: &App) -> Result<Outcome> {
    let projects = LockedProject::chosen(args.dir.as_deref(), args.all, args.under.as_deref())?;
    let mut items = Vec::new();
    for directory in &projects {
        match of_project(directory, args, app) {
            Ok(Some(item)) => items.push(item),
            Ok(None) => {
                app.ui.tell(&Line::from("Left; nothing was written."));
                return Ok(Outcome::Interrupted);
            }
            // One project that cannot be updated must not keep the others back.
            Err(error) if args.all => items.push(UpdateItem::failed(directory, &error)),
            Err(error) => return Err(error),
        }
    }
    let (conflicts, failed) =
        (items.iter().any(UpdateItem::has_conflicts), items.iter().any(UpdateItem::is_failed));
    let report = UpdateReport { items, many: args.all, dry_run: args.dry_run };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(match conflicts {
        true => Outcome::Findings,
        false if failed => Outcome::Incomplete,
        false => Outcome::Fine,
    })
}

/// One project, previewed and where that is agreed to updated; nothing where the person leaves.
fn of_project(directory: &Path, args: &UpdateArgs, app: &App) -> Result<Option<UpdateItem>> {
    let project = LockedProject::open(directory)?;
    let Some(planned) = planned(&project, args, app)? else { return Ok(None) };
    let work_tree = WorkTree::of(directory)?;
    let work_tree = match work_tree {
        Some(work_tree) if work_tree.can_merge()? => Some(work_tree),
        Some(_) => {
            app.ui.warn("git here is older than 2.38: the update is done file by file");
            None
        }
        None => None,
    };
    match work_tree {
        Some(work_tree) => {
            // It puts commits beside the project's own while it looks at them, and takes them away.
            let busy = app.busy();
            let update = GitUpdate::of(&work_tree, &project, &planned, app.now());
            drop(busy);
            let update = update?;
            let item = update.item(&planned)?;
            if args.dry_run || item.is_nothing() || args.all && item.has_conflicts() {
                return Ok(Some(item));
            }
            update.ready()?;
            if !agreed(&item, args, app)? {
                return Ok(None);
            }
            let busy = app.busy();
            let done = update.carry_out();
            drop(busy);
            let done = done?;
            planned.keep(app, update.lock());
            Ok(Some(item.applied(done)))
        }
        None => {
            let update = PlainUpdate::of(&project, &planned)?;
            let item = update.item(&planned);
            if args.dry_run || item.is_nothing() {
                return Ok(Some(item));
            }
            if !agreed(&item, args, app)? {
                return Ok(None);
            }
            let busy = app.busy();
            let done = update.carry_out();
            drop(busy);
            done?;
            planned.keep(app, update.lock());
            Ok(Some(item.applied(report::Applied::Written)))
        }
    }
}

/// Whether what was shown is to be written; asked only where a person sits.
fn agreed(item: &UpdateItem, args: &UpdateArgs, app: &App) -> Result<bool> {
    if !args.can_ask(app) {
        return Ok(true);
    }
    app.watch_signals();
    item.lines().iter().for_each(|line| app.ui.tell(line));
    loop {
        let keys = [('y', "update"), ('d', "show the lines"), ('q', "leave")];
        match app.ui.ask_key(Ask { title: "Update", ..Ask::default() }, &keys, false)? {
            Some('y') => return Ok(true),
            Some('d') => item.patch_lines().for_each(|line| app.ui.tell(&Line::from(line))),
            _ => return Ok(false),
        }
    }
}
