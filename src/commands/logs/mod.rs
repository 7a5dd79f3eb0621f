//! `logs`: the lines of all pods of a service in all clusters, merged by time.

mod filter;
mod fleetwide;
mod follow;
mod life;
mod line;
mod merge;
mod notes;
mod once;
mod options;
mod printer;
mod read;
mod resume;
mod targets;
mod voice;
mod window;

use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use regex::Regex;

use crate::app::App;
use crate::args::{WhichArgs, services, span};
use crate::commands::logs::filter::LineFilter;
use crate::commands::logs::fleetwide::{ReadableLogs, find};
use crate::commands::logs::line::{LineStyle, LogFormat};
use crate::commands::logs::options::{Ended, LogOptions};
use crate::commands::logs::printer::LogPrinter;
use crate::commands::logs::targets::ContainerGlobs;
use crate::outcome::{Outcome, RunFacts, misused};
use crate::survey::{Survey, silences};

/// Lines of all pods of a service in all clusters, merged by time
///
/// Every line carries cluster/pod/container; the cluster is left out where there is one, the container where the pod
/// has one. Without -f the lines of all containers are in one order by their time. With -f new pods and containers
/// are picked up, and a connection that breaks is taken up again without a line lost or repeated.
///
/// As many lines of each container as --tail says; without it 100 (with -f 10), but all of them where --since,
/// --since-time, --grep or --exclude chooses. Exit code 4: a cluster was silent, or a log could not be read.
#[derive(Args, Debug)]
#[command(before_help = "callboard logs checkout -f
callboard logs checkout --previous --unhealthy
callboard logs checkout --since 10m --grep 'timeout|refused' -o json")]
#[command(mut_arg("services", |arg| arg.help("Names or entity refs")))]
pub struct LogsArgs {
    #[command(flatten)]
    which: WhichArgs,

    /// Go on with what is written from now on, until Ctrl-C
    #[arg(short, long, help_heading = "Which lines")]
    follow: bool,

    /// The container's last run, else the current one (said on stderr); beside it, containers that never failed are left out
    #[arg(short, long, conflicts_with = "follow", help_heading = "Which lines")]
    previous: bool,

    /// Only lines newer than this, such as 90s, 10m, 1h30m or 2d
    #[arg(long, value_name = "DURATION", value_parser = span, conflicts_with = "since_time", help_heading = "Which lines")]
    since: Option<SignedDuration>,

    /// Only lines from this instant on, such as 2026-01-15T10:00:00Z
    #[arg(long, value_name = "RFC3339", value_parser = instant, help_heading = "Which lines")]
    since_time: Option<Timestamp>,

    /// The last N lines of each container, counted before --grep; -1 is all of them
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(-1..=i64::from(u32::MAX)), help_heading = "Which lines")]
    tail: Option<i64>,

    /// Only lines that match (repeatable: any of them)
    #[arg(long, value_name = "REGEX", help_heading = "Which lines")]
    grep: Vec<Regex>,

    /// Leave out lines that match (repeatable)
    #[arg(long, value_name = "REGEX", help_heading = "Which lines")]
    exclude: Vec<Regex>,

    /// Only containers with such a name; !GLOB leaves some out (repeatable)
    #[arg(short, long, value_name = "GLOB", help_heading = "Which containers")]
    container: Vec<String>,

    /// Only pods that are not healthy
    #[arg(long, help_heading = "Which containers")]
    unhealthy: bool,

    /// Refuse to read more containers than this
    #[arg(long, value_name = "N", default_value_t = 100, help_heading = "Which containers")]
    max_streams: usize,

    /// text, json (an object a line: time, cluster, namespace, pod, container, line) or raw (the lines alone)
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_default_value = true,
        help_heading = "Output"
    )]
    output: LogFormat,

    /// The time of each line before it
    #[arg(long, help_heading = "Output")]
    timestamps: bool,
}

pub fn run(args: &LogsArgs, app: &App) -> Result<Outcome> {
    if !args.which.is_any() && !args.unhealthy {
        let hint =
            "name one, or choose by --owner, --system, ... or -l; --unhealthy alone is whatever is not well";
        return Err(misused("which service?", hint));
    }
    let wish = wish(args, app);
    let survey = Survey::run(services(&args.which, app)?, args.which.is_named(), app)?;
    if survey.collected.interrupted {
        return Ok(Outcome::Interrupted);
    }
    let found = find(&survey, &wish);
    if found.streams.len() > wish.max_streams {
        return Err(too_many(&found, wish.max_streams));
    }
    let style = LineStyle {
        format: args.output,
        color: app.ui.is_colored(),
        terminal: app.ui.is_terminal(),
        clusters: survey.clusters.clone(),
        timestamps: args.timestamps,
        with_namespace: found.needs_namespace(),
    };
    let mut printer = LogPrinter::new(&app.ui, style);
    notes::absent(&survey, &found, &wish, &app.ui);
    let silences = silences(&survey.rows());
    if args.follow {
        silences.iter().for_each(|line| app.ui.tell(line));
        let ended = app.block_on(follow::run(&survey, found, &wish, app, &mut printer))??;
        return Ok(outcome(&survey, ended));
    }
    let ended = app.block_on(once::run(&survey, &found, &wish, app, &mut printer))??;
    if printer.lines == 0 && !ended.interrupted {
        notes::no_lines(&found, &wish, &app.ui);
    }
    silences.iter().for_each(|line| app.ui.tell(line));
    Ok(outcome(&survey, ended))
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.trim().parse().map_err(|_| "expected an instant such as 2026-01-15T10:00:00Z".to_string())
}

fn outcome(survey: &Survey, ended: Ended) -> Outcome {
    let complete = ended.complete && survey.is_complete(&survey.health_of_services().0);
    Outcome::of(RunFacts { interrupted: ended.interrupted, bad: false, complete })
}

fn wish(args: &LogsArgs, app: &App) -> LogOptions {
    // kubectl's own default is 0: no limit.
    let since = args.since.filter(|since| !since.is_zero());
    let since = args.since_time.or_else(|| app.now().checked_sub(since?).ok());
    let filter = LineFilter { grep: args.grep.clone(), exclude: args.exclude.clone() };
    let tail = match args.tail {
        Some(lines) => u32::try_from(lines).ok(),
        None if since.is_some() || !filter.is_empty() => None,
        None => Some(if args.follow { 10 } else { 100 }),
    };
    LogOptions {
        previous: args.previous,
        tail,
        since,
        filter: Arc::new(filter),
        containers: ContainerGlobs::new(&args.container),
        unhealthy: args.unhealthy,
        max_streams: args.max_streams,
    }
}

fn too_many(found: &ReadableLogs, most: usize) -> anyhow::Error {
    let message = format!(
        "{} containers in {} pods and {} clusters have logs, more than --max-streams {most}",
        found.streams.len(),
        found.pods(),
        found.clusters(),
    );
    misused(
        message,
        "choose fewer with --context, -c, --unhealthy or a service's name, or raise --max-streams",
    )
}
