//! `events`: what happened to a service's objects in every cluster, in one timeline.

mod belonging;
mod follow;
mod listing;
mod report;
mod watching;

use anyhow::Result;
use clap::Args;
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs, chosen_services, span};
use crate::commands::events::follow::follow;
use crate::commands::events::listing::{ClusterEvents, events};
use crate::commands::events::report::{EventRow, EventsReport, sorted};
use crate::fleet::{Asked, Gap};
use crate::outcome::{Outcome, RunFacts};
use crate::report::API_VERSION;
use crate::survey::{ServiceQuery, Snapshot, Survey};

/// Events of a service's objects everywhere, newest last
///
/// Pods, what runs them, their volume claims and autoscalers; also pods that are gone, as long as the cluster
/// remembers (an hour, usually). COUNT (on a terminal: x58) is how often the same was seen, AGE since the last time.
/// Exit code 4: a cluster did not answer, or would not tell its events.
#[derive(Args, Debug)]
#[command(mut_arg("services", |arg| arg.help("Names or entity refs")))]
#[command(before_help = "callboard events checkout --warnings --since 30m
callboard events checkout -w")]
pub struct EventsArgs {
    #[command(flatten)]
    which: WhichArgs,

    #[command(flatten)]
    output: OutputArgs,

    /// Only Warning events
    #[arg(long, help_heading = "Which events")]
    warnings: bool,

    /// Only what was seen in the last while, as in 10m, 2h or 1d
    #[arg(long, value_name = "DURATION", value_parser = span, help_heading = "Which events")]
    since: Option<SignedDuration>,

    /// Go on: print new events as they happen, until Ctrl-C
    #[arg(short, long, help_heading = "Which events")]
    watch: bool,
}

impl EventsArgs {
    /// Whether an event is wanted at all.
    fn wants(&self, event: &EventRow, now: Timestamp) -> bool {
        let recent = |since: SignedDuration| {
            let age = event.time.map(|time| now.duration_since(time));
            since.is_zero() || age.is_none_or(|age| age <= since)
        };
        (!self.warnings || event.is_warning()) && self.since.is_none_or(recent)
    }
}

pub fn run(args: &EventsArgs, app: &App) -> Result<Outcome> {
    let services = chosen_services(&args.which, app)?;
    let (mut survey, found) = Survey::run_with_details(services, true, app, further)?;
    survey.miss(args.which.is_named(), app)?;
    let (wanted, names, now) = (&survey.placed.wanted, &survey.clusters, survey.now);
    let items = rows(wanted, names, &found).into_iter().filter(|item| args.wants(item, now));
    let report = EventsReport {
        api_version: API_VERSION,
        kind: "ServiceEventList",
        generated_at: now,
        complete: survey.is_whole(),
        notes: survey.placed.notes().into_iter().chain(nothing_runs(wanted, &found)).collect(),
        clusters: survey.rows(),
        items: sorted(items.collect(), names),
        many: wanted.len() > 1,
    };
    if args.watch && !survey.collected.interrupted {
        return follow(args, app, &survey, report, found);
    }
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(Outcome::of(RunFacts {
        interrupted: survey.collected.interrupted,
        bad: false,
        complete: report.complete,
    }))
}

async fn further(asked: Asked, snapshot: Snapshot) -> (Snapshot, ClusterEvents, Vec<Gap>) {
    let (found, gaps) = events(&asked, &snapshot).await;
    (snapshot, found, gaps)
}

fn rows(wanted: &[ServiceQuery], names: &[String], found: &[ClusterEvents]) -> Vec<EventRow> {
    let of_cluster = |(cluster, (name, found)): (usize, (&String, &ClusterEvents))| -> Vec<EventRow> {
        let row = |(services, event): &(Vec<usize>, _)| {
            let told: Vec<usize> =
                services.iter().copied().filter(|service| wanted[*service].is_told_by(cluster)).collect();
            (!told.is_empty()).then(|| EventRow::new(event, name, called(wanted, &told)))
        };
        found.events.iter().filter_map(row).collect()
    };
    names.iter().zip(found).enumerate().flat_map(of_cluster).collect()
}

/// The names of services, by index.
fn called(wanted: &[ServiceQuery], services: &[usize]) -> Vec<String> {
    services.iter().map(|service| wanted[*service].name.clone()).collect()
}

/// An event belongs to what runs; where nothing does, there is no telling whose it was.
fn nothing_runs(wanted: &[ServiceQuery], found: &[ClusterEvents]) -> Option<String> {
    let runs = |service: usize| {
        found
            .iter()
            .any(|found| found.belonging.get(service).is_some_and(|one| one.namespaces().next().is_some()))
    };
    let absent: Vec<&str> = (0..wanted.len())
        .filter(|service| !runs(*service))
        .map(|service| wanted[service].name.as_str())
        .collect();
    (!absent.is_empty()).then(|| format!("nothing was seen running of {}", absent.join(", ")))
}
