//! `compare`: what differs between the clusters that a service runs in.

mod beside;
mod differ;
mod group;
mod maps;
mod report;
mod samples;

pub use report::value_fields;

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs, chosen_services};
use crate::commands::compare::differ::{Own, outliers};
use crate::commands::compare::group::ComparedGroup;
use crate::commands::compare::maps::{Maps, config_maps};
use crate::commands::compare::report::{CompareReport, DifferenceName, DifferenceRow, ItemRow};
use crate::commands::compare::samples::{ComparedWorkloads, Here, pairs};
use crate::compare::{Attribute, AttributeName, Attributes, Sample};
use crate::fleet::{Asked, Cluster};
use crate::health::{Health, order};
use crate::outcome::{Outcome, misused};
use crate::survey::{
    ClusterHealth, ClusterRow, DetailKind, DetailRequest, Details, ServiceHealth, ServiceQuery, Snapshot,
    Survey, SurveyHeader, cut_short, details,
};
use crate::text::closest;

/// What differs between the clusters that a service runs in
///
/// Images by tag and running digest, environment, resources, the rest of the workload, the ConfigMaps that pods refer
/// to, revision and chart, autoscalers and budgets, volumes, server and node versions. Values that look like secrets are
/// masked, and numbered where they differ; Secrets are never read. What each cluster has by itself (replicas, revision numbers, rollout
/// times, values that name the cluster) is told last and is no finding.
/// Exit code 3: something differs. 4: nothing does, but a cluster did not answer.
#[derive(Args, Debug)]
#[command(mut_arg("services", |arg| arg.help("Names or entity refs")))]
#[command(before_help = "callboard compare checkout
callboard compare checkout --baseline eu-1 --only images,env")]
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
    only: Vec<ComparedGroup>,
}

impl CompareArgs {
    /// Whether a group is to be told. What is said beside the template is asked for only where it is wanted.
    fn wants(&self, group: ComparedGroup) -> bool {
        self.only.is_empty() || self.only.contains(&group)
    }
}

pub fn run(args: &CompareArgs, app: &App) -> Result<Outcome> {
    let services = chosen_services(&args.which, app)?;
    let known = app.known_clusters()?;
    let baseline = args.baseline.as_deref().map(|name| named(name, &known)).transpose()?;
    let config = args.wants(ComparedGroup::Config);
    let further = move |asked: Asked, snapshot: Snapshot| async move {
        let (maps, gaps) = match config {
            true => config_maps(&asked, &snapshot).await,
            false => Default::default(),
        };
        (snapshot, maps, gaps)
    };
    let (mut survey, maps) = Survey::run_with_details(services, true, app, further)?;
    survey.miss(args.which.is_named(), app)?;
    let (judge, said) = (survey.assessor(), survey.collected.answers());
    let outlooks: Vec<Option<ServiceHealth>> = survey
        .placed
        .wanted
        .iter()
        .enumerate()
        .map(|(index, wanted)| judge.service_health(wanted, index, &said))
        .collect();
    let details = match survey.collected.interrupted {
        true => BTreeMap::new(),
        false => app.block_on(details(&survey.fleet, inquiries(args, &survey, &outlooks)))?,
    };
    let report = compared(args, &survey, &outlooks, &Learnt { maps: &maps, details: &details }, baseline);
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(report.header.outcome(report.items.iter().any(ItemRow::differs)))
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

/// What is asked where a service was found in two clusters at least.
fn inquiries(
    args: &CompareArgs,
    survey: &Survey,
    outlooks: &[Option<ServiceHealth>],
) -> BTreeMap<String, DetailRequest> {
    let mut wanted: BTreeMap<String, DetailRequest> = BTreeMap::new();
    for outlook in outlooks.iter().flatten() {
        let cells: Vec<&ClusterHealth> =
            outlook.cells.iter().filter(|cell| !cell.workloads.is_empty()).collect();
        for cell in cells.iter().filter(|_| cells.len() > 1) {
            let inquiry = beside::inquiry(cell, |only| args.wants(only));
            wanted.entry(survey.clusters[cell.cluster].clone()).or_default().join(inquiry);
        }
    }
    wanted
}

/// What the clusters said beside the workloads: ConfigMaps in fleet order, the rest by name.
struct Learnt<'a> {
    maps: &'a [Maps],
    details: &'a BTreeMap<String, Details>,
}

fn compared(
    args: &CompareArgs,
    survey: &Survey,
    outlooks: &[Option<ServiceHealth>],
    learnt: &Learnt,
    baseline: Option<&str>,
) -> CompareReport {
    let clusters = survey.rows();
    let mut notes = Vec::new();
    let (own, none) = (own_names(survey), Details::default());
    let mut items = Vec::new();
    for (wanted, outlook) in survey.placed.wanted.iter().zip(outlooks) {
        let cells = outlook.as_ref().map_or(&[][..], |outlook| &outlook.cells);
        let names = &survey.clusters;
        let material =
            Material { args, wanted, cells, names, learnt, clusters: &clusters, own: &own, none: &none };
        items.push(material.item(baseline, &mut notes));
    }
    let (refused, whole) = refusals(&clusters, learnt.details);
    notes.extend(refused);
    let left_out = learnt.details.iter().filter(|(_, details)| !details.left_out.is_empty());
    notes.extend(left_out.map(|(cluster, details)| {
        format!("{cluster}: not compared, to spare the cluster: {}", details.left_out.join("; "))
    }));
    CompareReport {
        header: SurveyHeader::of(survey, survey.is_whole() && whole, notes).cut_short(cut_short()),
        items,
    }
}

/// What could not be read, once for each cluster; and whether all was read that every reader of a namespace may read: nodes
/// are often closed to those who own services.
fn refusals(clusters: &[ClusterRow], details: &BTreeMap<String, Details>) -> (Vec<String>, bool) {
    let mut whole = true;
    let told = clusters.iter().filter_map(|row| {
        let refused = &details.get(&row.name)?.refused;
        let of_namespaces = refused.keys().any(|what| is_of_namespaces(*what));
        whole &= row.optional || !of_namespaces;
        let what: Vec<String> = refused
            .iter()
            .filter(|(what, _)| **what != DetailKind::Events)
            .map(|(what, why)| format!("{what} ({})", why.reason()))
            .collect();
        (!what.is_empty())
            .then(|| format!("{} did not show {}: not compared there", row.name, what.join(", ")))
    });
    (told.collect(), whole)
}

/// Whether who may read a namespace may read this as a rule.
fn is_of_namespaces(what: DetailKind) -> bool {
    matches!(what, DetailKind::Autoscalers | DetailKind::Budgets | DetailKind::Claims)
}

/// What each cluster is called, longest first: values that differ in that alone are its own by nature.
fn own_names(survey: &Survey) -> Own {
    let of = |cluster: &Cluster| {
        let labels = cluster.labels.values().cloned();
        let mut names: Vec<String> =
            [cluster.name.clone(), cluster.context.clone()].into_iter().chain(labels).collect();
        names.retain(|name| name.len() > 1 && name.contains(char::is_alphabetic));
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.dedup();
        (cluster.name.clone(), names)
    };
    survey.fleet.clusters().map(of).collect()
}

/// What one service's comparison is made from.
struct Material<'a> {
    args: &'a CompareArgs,
    wanted: &'a ServiceQuery,
    cells: &'a [ClusterHealth<'a>],
    names: &'a [String],
    learnt: &'a Learnt<'a>,
    clusters: &'a [ClusterRow],
    own: &'a Own,
    none: &'a Details,
}

impl Material<'_> {
    fn item(&self, baseline: Option<&str>, notes: &mut Vec<String>) -> ItemRow {
        // Where a cluster did not say, it can be neither the same nor different.
        let known =
            |cell: &&ClusterHealth| !cell.workloads.is_empty() || cell.summary.health == Health::Missing;
        let mut cells: Vec<&ClusterHealth> = self.cells.iter().filter(known).collect();
        cells.sort_by_key(|cell| cell.cluster);
        let compared: Vec<&str> = cells.iter().map(|cell| self.name(cell)).collect();
        let mut item = ItemRow {
            service: self.wanted.name.clone(),
            baseline: None,
            compared: compared.iter().map(ToString::to_string).collect(),
            outliers: Vec::new(),
            differences: Vec::new(),
        };
        if compared.len() < 2 {
            return item;
        }
        let pairs = self.pairs(&cells);
        let chosen = baseline.filter(|name| compared.contains(name));
        let base = match chosen {
            Some(name) => name,
            None => self.plainest(&cells, &self.differences(&pairs, &compared, compared[0])),
        };
        if let (Some(name), None) = (baseline, chosen) {
            notes.push(format!("{}: nothing of it is known in {name}; compared with {base}", item.service));
        }
        item.differences = self.differences(&pairs, &compared, base);
        item.outliers = outliers(&item.differences);
        item.baseline = Some(base.to_string());
        item
    }

    fn name(&self, cell: &ClusterHealth) -> &str {
        &self.names[cell.cluster]
    }

    /// Of the healthiest the one that stands apart least; of several the first in fleet order.
    fn plainest(&self, cells: &[&ClusterHealth], rows: &[DifferenceRow]) -> &str {
        let odd = outliers(rows);
        let apart = |name: &str| odd.iter().find(|one| one.cluster == name).map_or(0, |one| one.differences);
        let rank = |cell: &&&ClusterHealth| {
            (std::cmp::Reverse(order(cell.summary.health, cell.summary.serving)), apart(self.name(cell)))
        };
        let best = cells.iter().filter(|cell| !cell.workloads.is_empty()).min_by_key(rank);
        best.or(cells.first()).map_or("", |cell| self.name(cell))
    }

    fn pairs(&self, cells: &[&ClusterHealth]) -> Vec<ComparedWorkloads> {
        let details = |cell: &ClusterHealth| self.learnt.details.get(self.name(cell)).unwrap_or(self.none);
        let here: Vec<Here> = cells
            .iter()
            .map(|cell| Here {
                cluster: self.name(cell),
                workloads: &cell.workloads,
                maps: &self.learnt.maps[cell.cluster],
                details: details(cell),
            })
            .collect();
        let mut pairs = pairs(&here);
        let of_cluster = |cell: &&ClusterHealth| {
            let families: Vec<_> = cell.workloads.iter().map(|(family, _)| family).collect();
            let mut attributes: Attributes = beside::nodes(&families, details(cell));
            let version = self.clusters[cell.cluster].version.clone();
            let server = Attribute::from(AttributeName::ServerVersion);
            attributes.extend(version.map(|version| (server, version.into())));
            let bad = cell.summary.health >= Health::Missing;
            Sample { cluster: self.name(cell).to_string(), bad, attributes, is_partial: false, more: 0 }
        };
        let samples = cells.iter().map(of_cluster).collect();
        pairs.push(ComparedWorkloads { name: String::new(), samples, lasting: false });
        pairs
    }

    /// Findings first; of these what tells broken clusters from the others, then the same tag with another digest.
    fn differences(
        &self,
        pairs: &[ComparedWorkloads],
        compared: &[&str],
        baseline: &str,
    ) -> Vec<DifferenceRow> {
        let mut rows = differ::presence(pairs, compared, baseline);
        rows.extend(differ::within(pairs, baseline, self.own));
        // Whatever is asked: what runs nowhere in a cluster is not the same there.
        let has = |name: &&str| pairs.iter().any(|pair| pair.lasting && pair.has(name));
        let lacking = !compared.iter().all(has);
        rows.retain(|row| self.args.wants(row.group) || (lacking && row.what == DifferenceName::Presence));
        differ::told_once(&mut rows);
        let weight = |row: &DifferenceRow| (row.weight * -100.0).round() as i64;
        rows.sort_by_key(|row| {
            (row.expected, weight(row), !matches!(row.what, DifferenceName::SameTagDigest(_)))
        });
        rows
    }
}
