//! `compare`: what differs between the clusters that a service runs in.

mod differ;
mod group;
mod maps;
mod report;
mod samples;

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs, chosen_services};
use crate::commands::compare::group::Only;
use crate::commands::compare::maps::{Maps, config_maps};
use crate::commands::compare::report::{CompareReport, DifferenceRow, ItemRow};
use crate::commands::compare::samples::{Here, pairs};
use crate::fleet::{Asked, Cluster};
use crate::health::{Health, order};
use crate::outcome::{Outcome, misused};
use crate::survey::{CellState, ClusterRow, Scene, Snapshot, Wanted};
use crate::text::closest;

/// What differs between the clusters that a service runs in
///
/// Images by tag and running digest, environment, resources, the rest of the pod template, the ConfigMaps that pods refer
/// to, revision and chart, server versions. Values that look like secrets are masked and never compared; Secrets are never
/// read. Replicas, revision numbers and rollout times are told, but each cluster has its own: they are no findings.
/// Exit code 3: something differs. 4: nothing does, but a cluster did not answer.
#[derive(Args, Debug)]
pub struct CompareArgs {
    #[command(flatten)]
    which: WhichArgs,

    #[command(flatten)]
    output: OutputArgs,

    /// The cluster to hold the others against; default: the healthiest
    #[arg(long, value_name = "CLUSTER", help_heading = "What is compared")]
    baseline: Option<String>,

    /// Only this (repeatable, comma lists)
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',', help_heading = "What is compared")]
    only: Vec<Only>,
}

impl CompareArgs {
    fn wants(&self, group: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only.word() == group)
    }
}

pub fn run(args: &CompareArgs, app: &App) -> Result<Outcome> {
    let services = chosen_services(&args.which, app)?;
    let known = app.known_clusters()?;
    let baseline = args.baseline.as_deref().map(|name| named(name, &known)).transpose()?;
    let config = args.wants(Only::Config.word());
    let further = move |asked: Asked, snapshot: Snapshot| async move {
        let (maps, gaps) = match config {
            true => config_maps(&asked, &snapshot).await,
            false => Default::default(),
        };
        (snapshot, maps, gaps)
    };
    let (scene, maps) = Scene::look_further(services, true, app, further)?;
    let report = compared(args, &scene, &maps, baseline);
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    let differs = report.items.iter().any(ItemRow::differs);
    Ok(match (scene.collected.interrupted, differs, report.complete) {
        (true, _, _) => Outcome::Interrupted,
        (_, true, _) => Outcome::Findings,
        (_, false, false) => Outcome::Incomplete,
        (_, false, true) => Outcome::Fine,
    })
}

/// The cluster of that name, by any of its names.
fn named<'a>(name: &str, known: &'a [Cluster]) -> Result<&'a str> {
    let found = known.iter().find(|cluster| cluster.is_called(name, None));
    found.map(|cluster| cluster.name.as_str()).ok_or_else(|| {
        let close = closest(name, known.iter().map(|cluster| cluster.name.as_str()));
        let hint = match close.first() {
            Some(close) => format!("did you mean {close}?"),
            None => "`callboard clusters` lists them".to_string(),
        };
        misused(format!("--baseline: there is no cluster {name:?}"), hint)
    })
}

fn compared(args: &CompareArgs, scene: &Scene, maps: &[Maps], baseline: Option<&str>) -> CompareReport {
    let (judge, said, clusters) = (scene.judge(), scene.collected.said(), scene.rows());
    let mut notes = scene.placed.notes();
    let mut items = Vec::new();
    for (index, wanted) in scene.placed.wanted.iter().enumerate() {
        let cells = judge.outlook(wanted, index, &said).map(|outlook| outlook.cells).unwrap_or_default();
        let names = &scene.clusters;
        let material = Material { wanted, cells: &cells, names, maps, clusters: &clusters };
        let mut item = material.item(baseline, &mut notes);
        item.differences.retain(|difference| args.wants(difference.group));
        items.push(item);
    }
    CompareReport {
        api_version: "callboard.dev/v1alpha1",
        kind: "ServiceDifferenceList",
        generated_at: scene.now,
        complete: scene.is_whole(),
        notes,
        clusters,
        items,
    }
}

/// What one service's comparison is made from.
struct Material<'a> {
    wanted: &'a Wanted,
    cells: &'a [CellState<'a>],
    names: &'a [String],
    maps: &'a [Maps],
    clusters: &'a [ClusterRow],
}

impl Material<'_> {
    fn item(&self, baseline: Option<&str>, notes: &mut Vec<String>) -> ItemRow {
        // Where a cluster did not say, it can be neither the same nor different.
        let known = |cell: &&CellState| !cell.workloads.is_empty() || cell.summary.health == Health::Missing;
        let mut cells: Vec<&CellState> = self.cells.iter().filter(known).collect();
        cells.sort_by_key(|cell| cell.cluster);
        let compared: Vec<&str> = cells.iter().map(|cell| self.names[cell.cluster].as_str()).collect();
        let service = self.wanted.name.clone();
        let compared_names = compared.iter().map(ToString::to_string).collect();
        if compared.len() < 2 {
            return ItemRow { service, baseline: None, compared: compared_names, differences: Vec::new() };
        }
        let base = match baseline {
            Some(name) if compared.contains(&name) => name,
            other => {
                let healthiest = self.healthiest(&cells);
                if let Some(name) = other {
                    notes.push(format!(
                        "{service}: nothing of it is known in {name}; compared with {healthiest}"
                    ));
                }
                healthiest
            }
        };
        let differences = self.differences(&cells, &compared, base);
        ItemRow { service, baseline: Some(base.to_string()), compared: compared_names, differences }
    }

    /// The first in fleet order of the healthiest.
    fn healthiest(&self, cells: &[&CellState]) -> &str {
        let badness =
            |cell: &&&CellState| std::cmp::Reverse(order(cell.summary.health, cell.summary.serving));
        let best = cells.iter().filter(|cell| !cell.workloads.is_empty()).min_by_key(badness);
        best.or(cells.first()).map_or("", |cell| self.names[cell.cluster].as_str())
    }

    fn differences(&self, cells: &[&CellState], compared: &[&str], baseline: &str) -> Vec<DifferenceRow> {
        let here: Vec<Here> = cells
            .iter()
            .map(|cell| Here {
                cluster: &self.names[cell.cluster],
                workloads: &cell.workloads,
                maps: &self.maps[cell.cluster],
            })
            .collect();
        let pairs = pairs(&here);
        let mut rows = differ::presence(&pairs, compared, baseline);
        rows.extend(differ::within(&pairs, baseline));
        let versions: Vec<(&str, &str)> = cells
            .iter()
            .filter_map(|cell| {
                let cluster = &self.clusters[cell.cluster];
                Some((cluster.name.as_str(), cluster.version.as_deref()?))
            })
            .collect();
        rows.extend(differ::of_clusters(Only::Versions, "server version", &versions, baseline));
        rows.sort_by_key(|row| row.expected);
        rows
    }
}
