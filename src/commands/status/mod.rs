//! `status`: the health of services in every cluster, worst first.

mod build;
mod groups;
mod report;
mod table;

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs, services};
use crate::commands::status::build::{Material, build};
use crate::commands::status::report::StatusReport;
use crate::health::Health;
use crate::outcome::Outcome;
use crate::report::{Cell, Detail, Line, Page, Report};
use crate::survey::{Judge, Memory, answered, collect, place, silences, tone};
use crate::text::count;
use crate::ui::Verbosity;

/// Health of services in every cluster, worst first
///
/// One row for each service and cluster. PODS is available over desired; Degraded (down) serves nothing at all.
/// Exit code 3: something is Degraded or Missing. 4: a cluster did not answer, and nothing worse was found.
#[derive(Args, Debug)]
pub struct StatusArgs {
    #[command(flatten)]
    which: WhichArgs,

    #[command(flatten)]
    output: OutputArgs,

    /// Leave out services that are Healthy or Suspended (changes no exit code)
    #[arg(long, help_heading = "Output")]
    unhealthy: bool,

    /// Fold by owner, system, cluster, or a label of the clusters
    #[arg(long, value_name = "WHAT", help_heading = "Output")]
    by: Option<String>,
}

pub fn run(args: &StatusArgs, app: &App) -> Result<Outcome> {
    let asked = services(&args.which, app)?;
    let mut fleet = app.fleet()?;
    let known = app.known_clusters()?;
    let named = !args.which.services.is_empty() || args.which.selector.is_some();
    let placed = place(&asked, &mut fleet, &known, named);
    let thresholds = app.thresholds()?;
    let memory = Memory::of_text(&app.recall());
    let collected = app.block_on(collect(&placed.wanted, &fleet, app.config()?, &app.ui))?;
    let names: Vec<String> = fleet.clusters().map(|cluster| cluster.name.clone()).collect();
    let labels: BTreeMap<String, BTreeMap<String, String>> =
        fleet.clusters().map(|cluster| (cluster.name.clone(), cluster.labels.clone())).collect();
    let judge = Judge { now: app.now(), thresholds: &thresholds, memory: &memory, clusters: &names };
    let material = Material {
        services: &asked,
        placed: &placed,
        said: collected.said(),
        clusters: collected.rows(&fleet),
        labels: &labels,
        by: args.by.as_deref(),
        unhealthy: args.unhealthy,
        verbose: app.ui.verbosity == Verbosity::Verbose,
    };
    let (report, learned) = build(material, &judge);
    if learned != memory {
        app.remember(&learned.to_text());
    }
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(if collected.interrupted { Outcome::Interrupted } else { report.outcome() })
}

impl StatusReport {
    fn outcome(&self) -> Outcome {
        let bad = self.layout.totals.keys().any(|(health, _)| *health >= Health::Missing);
        match (bad, self.complete) {
            (true, _) => Outcome::Findings,
            (false, false) => Outcome::Incomplete,
            (false, true) => Outcome::Fine,
        }
    }

    /// `14 services: 2 degraded (1 down), 1 progressing, 11 healthy.`
    fn summary(&self) -> Line {
        let total: usize = self.layout.totals.values().sum();
        let mut parts = vec![Cell::from(format!("{}: ", count(total, "service")))];
        let healths = [
            Health::Degraded,
            Health::Missing,
            Health::Unknown,
            Health::Progressing,
            Health::Suspended,
            Health::Healthy,
        ];
        for health in healths {
            let of = |down| self.layout.totals.get(&(health, down)).copied().unwrap_or(0);
            let (up, down) = (of(false), of(true));
            if up + down == 0 {
                continue;
            }
            if parts.len() > 1 {
                parts.push(Cell::from(", "));
            }
            let down = if down > 0 { format!(" ({down} down)") } else { String::new() };
            let word = health.word().to_lowercase();
            parts.push(Cell::toned(format!("{} {word}{down}", up + of(true)), tone(health)));
        }
        if total == 0 {
            parts = vec![Cell::from("No services found")];
        }
        parts.push(Cell::from(format!(". {}", answered(&self.clusters))));
        Line::new(parts)
    }
}

impl Report for StatusReport {
    fn page(&self, detail: Detail) -> Page {
        table::grid(self, detail).into()
    }

    fn names(&self) -> Vec<String> {
        match &self.groups {
            Some(groups) => groups.iter().map(|group| group.name.clone()).collect(),
            None => self.items.iter().map(|item| item.service.clone()).collect(),
        }
    }

    fn footer(&self) -> Vec<Line> {
        let mut lines = vec![self.summary()];
        lines.extend(silences(&self.clusters));
        lines.extend(self.notes.iter().map(|note| Line::new(vec![Cell::muted(format!("note: {note}"))])));
        lines
    }

    fn title(&self) -> String {
        "Service status".to_string()
    }
}
