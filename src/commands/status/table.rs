//! The status as a table: services by badness, the cells of a service that say the same in one row.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::commands::status::fold::FoldBy;
use crate::commands::status::report::{CellRow, GroupRow, ServiceRow, StatusReport};
use crate::report::{Cell, Column, Detail, Grid};
use crate::survey::HealthState;
use crate::text::{ShortNames, age_of};

/// The column of that name.
const CLUSTER: usize = 2;

pub fn grid(report: &StatusReport, detail: Detail) -> Grid {
    match &report.groups {
        Some(groups) => groups_grid(report, groups),
        None => services_grid(report, detail),
    }
}

fn services_grid(report: &StatusReport, detail: Detail) -> Grid {
    let header = match detail.wide {
        false => vec![
            "SERVICE".into(),
            Column::spare("OWNER"),
            "CLUSTER".into(),
            Column::whole("HEALTH"),
            Column::whole("PODS"),
            Column::whole("SINCE"),
            Column::sentence("WHY"),
        ],
        true => vec![
            Column::from("SERVICE"),
            "OWNER".into(),
            "CLUSTER".into(),
            "HEALTH".into(),
            "PODS".into(),
            "RESTARTS".into(),
            "SINCE".into(),
            "WORKLOADS".into(),
            "REVISIONS".into(),
            "IMAGES".into(),
            "WHY".into(),
        ],
    };
    let names = report.header.clusters.iter().map(|cluster| cluster.name.as_str());
    let in_rows = report.items.iter().flat_map(|item| &item.clusters).map(|cell| cell.cluster.as_str());
    let names: BTreeSet<&str> = names.chain(in_rows).collect();
    let short = ShortNames::of(names);
    let mut grid = Grid::of(header, Vec::new());
    for service in &report.items {
        let rows = folded(service, detail);
        if rows.is_empty() {
            grid.rows.push(nowhere(service, detail));
        }
        for (index, row) in rows.iter().enumerate() {
            let mut cells = cells(report, service, row, index == 0, detail);
            let cluster = std::mem::take(&mut cells[CLUSTER]);
            let shortened = short.shortened(&cluster.text);
            cells[CLUSTER] = cluster.or_short(shortened);
            grid.rows.push(cells);
        }
    }
    grid.without(&idle_columns(report))
}

/// A service that no cluster showed.
fn nowhere(service: &ServiceRow, detail: Detail) -> Vec<Cell> {
    let mut cells = vec![
        Cell::from(service.service.clone()),
        Cell::from(service.owner.clone().unwrap_or_else(|| "-".to_string())),
        Cell::from("-"),
        Cell::toned(service.state.word(), service.state.tone()),
    ];
    cells.extend(vec![Cell::from("-"); if detail.wide { 6 } else { 2 }]);
    cells.push(Cell::from(service.state.message.clone().unwrap_or_default()));
    cells
}

/// OWNER says nothing where all rows have the same one, CLUSTER where only one was asked.
fn idle_columns(report: &StatusReport) -> Vec<&'static str> {
    let mut idle = Vec::new();
    let mut owners = report.items.iter().map(|item| &item.owner);
    let first = owners.next();
    if first.is_some_and(|first| owners.all(|owner| owner == first)) {
        idle.push("OWNER");
    }
    // A cluster that exists nowhere was not asked, and has a row.
    if let [only] = report.header.clusters.as_slice()
        && report.items.iter().flat_map(|item| &item.clusters).all(|cell| cell.cluster == only.name)
    {
        idle.push("CLUSTER");
    }
    idle
}

/// Cells of a service that are shown as one row.
struct Row<'a> {
    cells: Vec<&'a CellRow>,
}

fn folded<'a>(service: &'a ServiceRow, detail: Detail) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    for cell in &service.clusters {
        let same = |row: &&mut Row<'a>| detail.fold && says_the_same(row.cells[0], cell, detail);
        match rows.iter_mut().find(same) {
            Some(row) => row.cells.push(cell),
            None => rows.push(Row { cells: vec![cell] }),
        }
    }
    rows
}

fn says_the_same(one: &CellRow, other: &CellRow, detail: Detail) -> bool {
    let wide = !detail.wide
        || (workloads(one), revisions(one), images(one))
            == (workloads(other), revisions(other), images(other));
    one.state.word() == other.state.word() && why(one) == why(other) && wide
}

fn cells(report: &StatusReport, service: &ServiceRow, row: &Row, first: bool, detail: Detail) -> Vec<Cell> {
    let cell = row.cells[0];
    let filled = |text: String| match (text.is_empty(), detail.fold) {
        (true, false) => Cell::from("-"),
        _ => Cell::from(text),
    };
    let name = if first || !detail.fold { service.service.clone() } else { String::new() };
    let owner = if first || !detail.fold { service.owner.clone().unwrap_or_default() } else { String::new() };
    let mut cells = vec![
        filled(name),
        filled(owner),
        Cell::from(clusters(service, row)),
        Cell::toned(cell.state.word(), cell.state.tone()),
        Cell::from(pods(row)),
    ];
    let since = row.cells.iter().filter_map(|cell| cell.state.since).min();
    let since = filled(since.map(|since| age_of(since, report.header.generated_at)).unwrap_or_default());
    if detail.wide {
        cells.extend([
            filled(restarts(row).map(|restarts| restarts.to_string()).unwrap_or_default()),
            since,
            filled(workloads(cell)),
            filled(revisions(cell)),
            filled(images(cell)),
        ]);
    } else {
        cells.push(since);
    }
    cells.push(filled(with_last(cell, report.header.generated_at)));
    cells
}

fn clusters(service: &ServiceRow, row: &Row) -> String {
    let first = &row.cells[0].cluster;
    match row.cells.len() {
        1 => first.clone(),
        all if all == service.clusters.len() => format!("{all} clusters"),
        some => format!("{first} +{}", some - 1),
    }
}

/// Available over desired, summed over what counts.
fn pods(row: &Row) -> String {
    let counted: Vec<(i64, i64)> =
        row.cells.iter().filter_map(|cell| Some((cell.available?, cell.desired?))).collect();
    match counted.is_empty() {
        true => "-".to_string(),
        false => {
            let (available, desired) =
                counted.iter().fold((0, 0), |(a, d), (has, wants)| (a + has, d + wants));
            format!("{available}/{desired}")
        }
    }
}

/// Nothing where no pod was seen.
fn restarts(row: &Row) -> Option<i64> {
    let pods = row.cells.iter().flat_map(|cell| &cell.workloads).flat_map(|workload| &workload.pods);
    pods.map(|pod| pod.restarts).reduce(|sum, restarts| sum + restarts)
}

fn workloads(cell: &CellRow) -> String {
    let names: Vec<String> =
        cell.workloads.iter().map(|w| format!("{}/{}/{}", w.namespace, w.kind, w.name)).collect();
    names.join(",")
}

fn revisions(cell: &CellRow) -> String {
    let revisions: Vec<&str> = cell.workloads.iter().filter_map(|w| w.revision.as_deref()).collect();
    revisions.join(",")
}

fn images(cell: &CellRow) -> String {
    let mut images: Vec<&str> =
        cell.workloads.iter().flat_map(|w| &w.images).map(|i| i.image.as_str()).collect();
    images.sort_unstable();
    images.dedup();
    images.join(",")
}

fn why(cell: &CellRow) -> String {
    match (&cell.state.message, &cell.state.reason) {
        (Some(message), _) => message.clone(),
        (None, Some(reason)) => reason.clone(),
        // What is well may still have something worth knowing: restarts, leftovers, an update that waits.
        (None, None) => cell.notes.first().cloned().unwrap_or_default(),
    }
}

/// Why, and what the cluster said the last time it answered.
fn with_last(cell: &CellRow, now: Timestamp) -> String {
    let why = why(cell);
    match &cell.last {
        Some(last) => {
            let pods = last.pods.map(|(has, wants)| format!(" {has}/{wants}")).unwrap_or_default();
            format!("{why}; {} ago {}{pods}", age_of(last.answered_at, now), HealthState::word(&last.state))
        }
        None => why,
    }
}

fn groups_grid(report: &StatusReport, groups: &[GroupRow]) -> Grid {
    let name = match report.layout.by {
        Some(FoldBy::Owner) => "OWNER",
        Some(FoldBy::System) => "SYSTEM",
        Some(FoldBy::Cluster) => "CLUSTER",
        Some(FoldBy::Label(_)) | None => "GROUP",
    };
    let header = [
        name.into(),
        Column::whole("HEALTH"),
        "SERVICES".into(),
        Column::whole("CLUSTERS"),
        Column::whole("SINCE"),
        Column::sentence("WHY"),
    ];
    let short = ShortNames::of(groups.iter().map(|group| group.name.as_str()));
    let rows = groups.iter().map(|group| {
        let counts: Vec<String> =
            group.counts.iter().map(|(health, n)| format!("{n} {}", health.word().to_lowercase())).collect();
        let since = group.state.since.map(|since| age_of(since, report.header.generated_at));
        vec![
            Cell::from(group.name.clone()).or_short(short.shortened(&group.name)),
            Cell::toned(group.state.word(), group.state.tone()),
            Cell::from(counts.join(", ")),
            Cell::from(group.clusters.len().to_string()),
            Cell::from(since.unwrap_or_else(|| "-".to_string())),
            Cell::from(group.state.message.clone().unwrap_or_else(|| "-".to_string())),
        ]
    });
    Grid::of(header, rows.collect())
}
