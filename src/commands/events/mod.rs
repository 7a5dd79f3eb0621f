//! `events`: what happened to a service's objects in every cluster, in one timeline.

mod belonging;
mod follow;
mod listing;
mod options;
mod report;
mod watching;

use anyhow::Result;

use crate::app::App;
use crate::args::chosen_services;
use crate::commands::events::follow::follow;
use crate::commands::events::listing::{ClusterEvents, events};
use crate::commands::events::options::called;
use crate::commands::events::report::{EventRow, EventsReport, sorted};
use crate::fleet::{Asked, Gap};
use crate::outcome::Outcome;
use crate::survey::{ServiceQuery, Snapshot, Survey, SurveyHeader};

pub use crate::commands::events::options::EventsArgs;

pub fn run(args: &EventsArgs, app: &App) -> Result<Outcome> {
    let services = chosen_services(&args.which, app)?;
    let (mut survey, found) = Survey::run_with_details(services, true, app, further)?;
    survey.miss(args.which.is_named(), app)?;
    let (wanted, names, now) = (&survey.placed.wanted, &survey.clusters, survey.now);
    let items = rows(wanted, names, &found).into_iter().filter(|item| args.wants(item, now));
    let report = EventsReport {
        header: SurveyHeader::of(&survey, survey.is_whole(), nothing_runs(wanted, &found)),
        items: sorted(items.collect(), names),
        many: wanted.len() > 1,
    };
    if args.watch && !survey.collected.interrupted {
        return follow(args, app, &survey, report, found);
    }
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(report.header.outcome(false))
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
