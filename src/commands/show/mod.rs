//! `show`: one page about one service, with the health of what it depends on and of who depends on it.

mod neighbours;
mod page;
mod report;
mod routes;
mod surroundings;

use anyhow::Result;
use clap::Args;
use jiff::SignedDuration;

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs, chosen_services};
use crate::catalog::Service;
use crate::commands::changes::{ChangeRow, ClusterChanges, TimeWindow, folded};
use crate::commands::owner::owner_of;
use crate::commands::show::neighbours::{Neighbour, Neighbours, neighbour_row};
use crate::commands::show::report::{PlaceInputs, ServicePage, ShownService, place_row};
use crate::commands::show::surroundings::{Surroundings, surroundings};
use crate::commands::status::workload_row;
use crate::fleet::Asked;
use crate::health::Health;
use crate::outcome::{Outcome, misused};
use crate::report::{Detail, Line, Page, Report};
use crate::survey::{JudgedWorkload, ServiceHealth, Snapshot, Survey, SurveyHeader, cut_short};

/// How far back the last change of a cluster is looked for.
const MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);

/// One page about one service
///
/// What it is, its owner with people, on-call and links; what it depends on, the broken first, and who depends on it; and for each
/// cluster its workloads, images, hosts and ports, scaling, disruption budgets, volumes and last change.
/// Exit code 3: the service itself is Degraded or Missing. 4: a cluster was silent, or would not tell.
#[derive(Args, Debug)]
#[command(mut_arg("services", |arg| arg.help("Name or entity ref")))]
#[command(before_help = "callboard show checkout
callboard show checkout -o html > checkout.html")]
pub struct ShowServiceArgs {
    #[command(flatten)]
    which: WhichArgs,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &ShowServiceArgs, app: &App) -> Result<Outcome> {
    let service = one_service(args, app)?;
    let catalog = app.catalog()?;
    let neighbours = Neighbours::of(&service, catalog);
    let around: Vec<Service> = neighbours.services();
    let (survey, found) = Survey::run_around(service, around, app, |own| {
        move |asked: Asked, snapshot: Snapshot| async move {
            match own {
                Some(own) => surroundings(asked, snapshot, own).await,
                None => (snapshot, Surroundings::default(), Vec::new()),
            }
        }
    })?;
    let page = page(&survey, &found, &neighbours, app)?;
    app.ui.print(&page, args.output.output, !args.output.no_headers)?;
    let is_bad = page.items.iter().any(|item| {
        item.state.as_ref().is_some_and(|state| state.health >= Health::Missing)
            || item.clusters.iter().any(|place| place.state.health >= Health::Missing)
    });
    Ok(page.header.outcome(is_bad))
}

fn one_service(args: &ShowServiceArgs, app: &App) -> Result<Service> {
    let mut services = chosen_services(&args.which, app)?;
    match services.len() {
        1 => Ok(services.remove(0)),
        0 => Err(misused("no service is meant", "`callboard services` lists them")),
        several => {
            let hint = "name one of them; `callboard status` tells of several".to_string();
            Err(misused(format!("a page is about one service, and {several} are meant"), hint))
        }
    }
}

fn page(survey: &Survey, found: &[Surroundings], neighbours: &Neighbours, app: &App) -> Result<ServicePage> {
    let (running, _) = survey.health_of_services();
    let outlook = |name: &str| -> Option<&ServiceHealth<'_>> {
        running.iter().find(|(service, _)| service.name == name).map(|(_, outlook)| outlook)
    };
    let service = &survey.services[0];
    let own = outlook(&service.name);
    let changes = last_changes(survey, found);
    let rows = |list: &[Neighbour]| {
        let mut rows: Vec<_> = list
            .iter()
            .map(|one| neighbour_row(one, one.name().and_then(outlook), &survey.clusters))
            .collect();
        rows.sort_by_key(|row| row.rank());
        rows
    };
    let row = |judged: &JudgedWorkload<'_>| workload_row(judged, survey.now, survey.thresholds);
    let place = |cell: &crate::survey::ClusterHealth<'_>| {
        place_row(PlaceInputs {
            name: survey.clusters[cell.cluster].clone(),
            summary: &cell.summary,
            last: cell.last.as_ref(),
            workloads: cell.workloads.iter().map(row).collect(),
            around: &found[cell.cluster],
            last_change: changes[cell.cluster].clone(),
            now: survey.now,
            thresholds: &survey.thresholds,
        })
    };
    let item = ShownService {
        state: own.map(|own| crate::survey::HealthState::of(&own.summary)),
        owner: owner_of(service, app.catalog()?),
        depends_on: rows(&neighbours.depends_on),
        dependents: rows(&neighbours.dependents),
        clusters: own.map(|own| own.cells.iter().map(place).collect()).unwrap_or_default(),
        ..ShownService::of(service)
    };
    let is_whole = is_complete(survey, own) && found.iter().all(|one| one.is_whole);
    let notes = service.notes.iter().cloned();
    let header = SurveyHeader::of(survey, is_whole, notes).cut_short(cut_short());
    Ok(ServicePage { header, items: vec![item] })
}

/// Whether every cluster that is to tell of the service did; what it depends on may be silent.
fn is_complete(survey: &Survey, own: Option<&ServiceHealth<'_>>) -> bool {
    let Some(number) = survey.placed.services.iter().position(|index| *index == 0) else { return false };
    let wanted = &survey.placed.wanted[number];
    let rows = survey.rows();
    let is_silent = rows
        .iter()
        .enumerate()
        .any(|(index, row)| wanted.is_told_by(index) && row.is_silent() && !row.optional);
    let counts = |index: &usize| rows.get(*index).is_none_or(|row| !row.optional);
    let is_unknown = own.is_some_and(|own| own.unknown_in.iter().any(counts));
    !is_silent && !is_unknown && survey.placed.unmatched.is_empty()
}

/// By cluster the newest change that somebody made.
fn last_changes(survey: &Survey, found: &[Surroundings]) -> Vec<Option<ChangeRow>> {
    let window = TimeWindow::of(MONTH, None, survey.now);
    let name = [survey.services[0].name.as_str()];
    let of_cluster = |(index, one): (usize, &Surroundings)| {
        let changes: &ClusterChanges = &one.changes;
        let cluster = std::slice::from_ref(&survey.clusters[index]);
        folded(std::slice::from_ref(changes), &name, cluster, &window, false).0.into_iter().next()
    };
    found.iter().enumerate().map(of_cluster).collect()
}

impl Report for ServicePage {
    const KIND: &'static str = "ServicePageList";

    fn page(&self, detail: Detail) -> Page {
        page::page(self, detail)
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| item.service.clone()).collect()
    }

    fn footer(&self) -> Vec<Line> {
        self.header.footer([Line::from(self.header.answered())])
    }

    fn title(&self) -> String {
        self.items
            .first()
            .map(|item| item.title.clone().unwrap_or_else(|| item.service.clone()))
            .unwrap_or_default()
    }
}
