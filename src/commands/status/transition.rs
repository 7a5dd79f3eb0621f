//! `status -w` in a pipe: what is there at the beginning, then a line for each row that becomes another one.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::commands::status::report::StatusReport;
use crate::health::Health;
use crate::render::Format;
use crate::report::{Cell, EnvelopedReport, Line, Tone};
use crate::survey::{HealthState, health_word};
use crate::text::safe_json;

/// A row that has become another one; described by docs/schema/status-transition.json.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Transition<'a> {
    time: Timestamp,
    /// With `--by`, what services are folded by.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    /// Nothing where no cluster shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
    /// Nothing where it was not there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<FormerState>,
    gone: bool,
    #[serde(flatten)]
    state: Option<&'a HealthState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desired: Option<i64>,
}

#[derive(Debug, Serialize)]
struct FormerState {
    #[serde(serialize_with = "health_word")]
    health: Health,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A row by what tells it from all others: its name, and its cluster where it has one.
type RowKey = (String, Option<String>);

#[derive(Clone, Debug)]
struct StatusRow {
    owner: Option<String>,
    state: HealthState,
    pods: (Option<i64>, Option<i64>),
}

impl StatusRow {
    /// Whether the other one tells the same, ages apart.
    fn says_the_same(&self, other: &StatusRow) -> bool {
        let said = |row: &StatusRow| {
            (row.state.word(), row.state.reason.clone(), row.state.message.clone(), row.pods)
        };
        said(self) == said(other)
    }

    fn is_well(&self) -> bool {
        self.state.health <= Health::Suspended
    }

    fn pods(&self) -> String {
        match self.pods {
            (Some(available), Some(desired)) => format!("{available}/{desired}"),
            _ => "-".to_string(),
        }
    }

    fn why(&self) -> &str {
        self.state.message.as_deref().or(self.state.reason.as_deref()).unwrap_or("-")
    }
}

/// Prints rows one by one: the columns are as wide as what is known at the beginning asks for.
pub struct TransitionPrinter<'a> {
    app: &'a App,
    format: Format,
    unhealthy: bool,
    known: BTreeMap<RowKey, StatusRow>,
    widths: [usize; 6],
}

const HEADER: [&str; 6] = ["TIME", "SERVICE", "CLUSTER", "WAS", "HEALTH", "PODS"];
const LEAST: [usize; 6] = [20, 7, 7, 15, 15, 4];

impl TransitionPrinter<'_> {
    pub fn new(format: Format, unhealthy: bool, app: &App) -> TransitionPrinter<'_> {
        TransitionPrinter { app, format, unhealthy, known: BTreeMap::new(), widths: LEAST }
    }

    /// Sets the columns' widths, and prints their names.
    pub fn header(&mut self, report: &StatusReport) -> Result<()> {
        let clusters = report.header.clusters.iter().map(|cluster| cluster.name.chars().count());
        self.widths[2] = clusters.max().unwrap_or_default().max(LEAST[2]);
        for ((name, _), row) in rows(report) {
            self.widths[1] = self.widths[1].max(name.chars().count());
            self.widths[5] = self.widths[5].max(row.pods().len());
        }
        match self.format {
            Format::Json => Ok(()),
            _ => self.line(HEADER.map(str::to_string), "WHY", Tone::Plain),
        }
    }

    /// Prints what has changed since the last time.
    pub fn tell(&mut self, report: &StatusReport) -> Result<()> {
        let now = rows(report);
        let order: Vec<RowKey> = now.iter().map(|(key, _)| key.clone()).collect();
        let now: BTreeMap<RowKey, StatusRow> = now.into_iter().collect();
        let before = std::mem::replace(&mut self.known, now);
        for key in &order {
            let (was, is) = (before.get(key), &self.known[key]);
            let is_wanted = !self.unhealthy || !is.is_well() || was.is_some_and(|was| !was.is_well());
            if is_wanted && was.is_none_or(|was| !was.says_the_same(is)) {
                self.print(report, key, was, Some(is))?;
            }
        }
        let is_gone = |(key, row): &(&RowKey, &StatusRow)| {
            !self.known.contains_key(*key) && (!self.unhealthy || !row.is_well())
        };
        for (key, was) in before.iter().filter(is_gone) {
            self.print(report, key, Some(was), None)?;
        }
        Ok(())
    }

    fn print(
        &self,
        report: &StatusReport,
        key: &RowKey,
        was: Option<&StatusRow>,
        is: Option<&StatusRow>,
    ) -> Result<()> {
        let time = report.header.generated_at;
        let time = Timestamp::from_second(time.as_second()).unwrap_or(time);
        let (name, cluster) = key;
        if self.format == Format::Json {
            let is_group = report.groups.is_some();
            let row = Transition {
                time,
                group: is_group.then_some(name),
                service: (!is_group).then_some(name),
                owner: is.or(was).and_then(|row| row.owner.as_deref()),
                cluster: cluster.as_deref(),
                was: was
                    .map(|was| FormerState { health: was.state.health, reason: was.state.reason.clone() }),
                gone: is.is_none(),
                state: is.map(|is| &is.state),
                available: is.and_then(|is| is.pods.0),
                desired: is.and_then(|is| is.pods.1),
            };
            let json = serde_json::to_string(&EnvelopedReport::of("ServiceStatusTransition", &row))?;
            return self.app.ui.write(&(safe_json(json) + "\n"));
        }
        let cells = [
            time.to_string(),
            name.clone(),
            cluster.clone().unwrap_or_else(|| "-".to_string()),
            was.map_or_else(|| "-".to_string(), |was| was.state.word()),
            is.map_or_else(|| "gone".to_string(), |is| is.state.word()),
            is.map_or_else(|| "-".to_string(), StatusRow::pods),
        ];
        let tone = is.map_or(Tone::Muted, |is| is.state.tone());
        self.line(cells, is.map_or("-", StatusRow::why), tone)
    }

    fn line(&self, cells: [String; 6], why: &str, tone: Tone) -> Result<()> {
        let mut parts: Vec<Cell> = Vec::new();
        for (index, (cell, width)) in cells.iter().zip(self.widths).enumerate() {
            let padded = format!("{cell:width$}  ");
            parts.push(if index == 4 { Cell::toned(padded, tone) } else { Cell::from(padded) });
        }
        parts.push(Cell::from(why));
        self.app.ui.write_line(&Line::new(parts))
    }
}

/// The rows of a report as they stand in a pipe: one for each service and cluster, or for each group.
fn rows(report: &StatusReport) -> Vec<(RowKey, StatusRow)> {
    if let Some(groups) = &report.groups {
        let row = |group: &crate::commands::status::report::GroupRow| {
            let row = StatusRow { owner: None, state: group.state.clone(), pods: (None, None) };
            ((group.name.clone(), None), row)
        };
        return groups.iter().map(row).collect();
    }
    let mut rows = Vec::new();
    for item in &report.items {
        if item.clusters.is_empty() {
            let row = StatusRow { owner: item.owner.clone(), state: item.state.clone(), pods: (None, None) };
            rows.push(((item.service.clone(), None), row));
        }
        for cell in &item.clusters {
            let row = StatusRow {
                owner: item.owner.clone(),
                state: cell.state.clone(),
                pods: (cell.available, cell.desired),
            };
            rows.push(((item.service.clone(), Some(cell.cluster.clone())), row));
        }
    }
    rows
}
