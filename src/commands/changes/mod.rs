//! `changes`: what became different, where, when and through whom, in one timeline.

mod fold;
mod listing;
mod owned;
mod report;
mod window;

pub use crate::commands::changes::fold::folded;
pub use crate::commands::changes::listing::{ClusterChanges, PastPlan, PastScope, ReadPast, histories};
pub use crate::commands::changes::report::{ChangeRow, ChangedItem};
pub use crate::commands::changes::window::TimeWindow;

use anyhow::Result;
use clap::Args;
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs, services, span};
use crate::commands::changes::report::ChangesReport;
use crate::commands::changes::window::instant;
use crate::outcome::Outcome;
use crate::survey::{Survey, SurveyHeader};
use crate::text::count;
use crate::ui::Verbosity;

/// What changed, where, when and through whom
///
/// Rollouts with what is different in the template, edits and scaling by field manager, ConfigMaps that the pods name (their keys, no
/// value): over all clusters, newest first. A server keeps little of the past: the last ten revisions, and of each manager its last
/// edit. Secrets are never asked for. Exit code 4: a cluster did not answer, or would not tell.
#[derive(Args, Debug)]
#[command(before_help = "callboard changes checkout
callboard changes --owner team-checkout --since 2h
callboard changes checkout --around 2026-01-15T09:44:00Z -o json")]
pub struct ChangesArgs {
    #[command(flatten)]
    which: WhichArgs,

    #[command(flatten)]
    output: OutputArgs,

    /// Only what changed in the last while, as in 30m, 2h or 7d
    #[arg(long, value_name = "DURATION", value_parser = span, default_value = "24h", conflicts_with = "around", help_heading = "Which changes")]
    since: SignedDuration,

    /// Only what changed in the hour before an instant (RFC 3339) and the 15 minutes after it
    #[arg(long, value_name = "TIME", value_parser = instant, help_heading = "Which changes")]
    around: Option<Timestamp>,
}

pub fn run(args: &ChangesArgs, app: &App) -> Result<Outcome> {
    let services = services(&args.which, app)?;
    let (mut survey, found) = Survey::run_with_details(services, true, app, histories)?;
    survey.miss(args.which.is_named(), app)?;
    let window = TimeWindow::of(args.since, args.around, survey.now);
    let names: Vec<&str> = survey.placed.wanted.iter().map(|wanted| wanted.name.as_str()).collect();
    let (rows, automatic) =
        folded(&found, &names, &survey.clusters, &window, app.ui.verbosity > Verbosity::Normal);
    let left_out: usize = found.iter().map(|one| one.left_out).sum();
    let notes = [
        (automatic > 0)
            .then(|| format!("{} by controllers left out (-v tells them)", count(automatic, "change"))),
        (left_out > 0).then(|| format!("{} not looked at, to spare the clusters", count(left_out, "object"))),
    ];
    let report = ChangesReport {
        header: SurveyHeader::of(&survey, survey.is_whole(), notes.into_iter().flatten()),
        items: rows,
        many: names.len() > 1,
        window: window.words(),
    };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(report.header.outcome(false))
}
