//! The first screen: down or only stuck, since when, why, what differs, and what to type next.

use jiff::Timestamp;

use crate::commands::diagnose::began::began_with;
use crate::commands::diagnose::clock::since_text;
use crate::commands::diagnose::differences;
use crate::commands::diagnose::label::{TEXT, command, labelled};
use crate::commands::diagnose::overview;
use crate::commands::diagnose::report::{CellItem, DiagnosedService, DiagnosisReport, FindingItem};
use crate::health::Health;
use crate::report::{Block, Cell, Column, Detail, Grid, Line, Page, Tone};
use crate::survey::tone;

/// Pieces of evidence shown for a finding.
const MOST_EVIDENCE: usize = 4;
/// Commands shown for a finding.
const MOST_COMMANDS: usize = 3;
/// Moments of the timeline in a document.
const MOST_MOMENTS: usize = 20;

pub fn page(report: &DiagnosisReport, detail: Detail) -> Page {
    let services = report.items.iter().flat_map(|item| service(report, item, detail));
    Page { blocks: overview::blocks(report, detail).into_iter().chain(services).collect() }
}

fn service(report: &DiagnosisReport, item: &DiagnosedService, detail: Detail) -> Vec<Block> {
    let now = report.header.generated_at;
    let mut blocks = vec![Block::Heading(heading(item)), Block::Grid(cells(item, now))];
    if detail.document {
        blocks.extend(document(item, now, detail));
        return blocks;
    }
    let mut lines = Vec::new();
    for (number, finding) in item.findings.iter().enumerate() {
        lines.extend(finding_lines(number + 1, finding, now, detail));
        lines.extend(commands(finding, detail).map(command));
    }
    if item.findings.is_empty() {
        lines.extend(nothing_fits(item, now));
        lines.extend(item.next.iter().cloned().map(command));
    }
    lines.extend(notes(item));
    lines.extend(differences::lines(item));
    lines.extend(links(item));
    blocks.push(Block::Lines(lines));
    if detail.wide && !item.timeline.is_empty() {
        blocks.push(Block::Grid(timeline(item)));
    }
    blocks
}

/// The incident document: what, where and since when, evidence, commands to paste, differences, timeline.
fn document(item: &DiagnosedService, now: Timestamp, detail: Detail) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (number, finding) in item.findings.iter().enumerate() {
        let lines = finding_lines(number + 1, finding, now, detail);
        blocks.push(Block::Lines(lines.into_iter().map(unpadded).collect()));
        let commands: Vec<String> = commands(finding, detail).collect();
        if !commands.is_empty() {
            blocks.push(Block::Verbatim(commands));
        }
    }
    if item.findings.is_empty() {
        blocks.push(Block::Lines(nothing_fits(item, now).into_iter().map(unpadded).collect()));
        if !item.next.is_empty() {
            blocks.push(Block::Verbatim(item.next.clone()));
        }
    }
    if !item.differences.is_empty() {
        blocks.push(Block::Grid(differences::grid(item)));
    }
    if !item.timeline.is_empty() {
        blocks.push(Block::Grid(timeline(item)));
    }
    if !item.links.is_empty() {
        blocks.push(Block::Lines(links(item).map(unpadded).collect()));
    }
    blocks
}

/// In a document no column is lined up.
fn unpadded(mut line: Line) -> Line {
    if let Some(label) = line.parts.first_mut() {
        label.text = format!("{}: ", label.text.trim().to_lowercase());
    }
    line
}

/// What is worth knowing beside the causes, also of what is well.
fn notes(item: &DiagnosedService) -> impl Iterator<Item = Line> {
    let several = item.clusters.len() > 1;
    item.clusters.iter().flat_map(move |cell| {
        let place = if several { format!(" in {}", cell.cluster) } else { String::new() };
        cell.notes.iter().map(move |note| labelled("NOTE", Tone::Muted, format!("{note}{place}")))
    })
}

fn links(item: &DiagnosedService) -> impl Iterator<Item = Line> {
    item.links.iter().map(|link| {
        let title = link.title.as_deref().unwrap_or("link");
        labelled("LINK", Tone::Muted, format!("{title}: {}", link.url))
    })
}

fn commands(finding: &FindingItem, detail: Detail) -> impl Iterator<Item = String> {
    let most = match (detail.wide || detail.document, finding.incidents.is_empty()) {
        (true, _) => usize::MAX,
        (false, true) => MOST_COMMANDS,
        // The incident has told them.
        (false, false) => 0,
    };
    finding.next.iter().take(most).cloned()
}

fn heading(item: &DiagnosedService) -> String {
    let owner = item.owner.as_ref().map(|owner| format!("  owner {owner}")).unwrap_or_default();
    format!("{}{owner}  {}", item.service, item.state.word())
}

fn cells(item: &DiagnosedService, now: Timestamp) -> Grid {
    let row = |cell: &CellItem| {
        vec![
            Cell::from(cell.cluster.clone()),
            Cell::toned(cell.state.word(), cell.state.tone()),
            Cell::from(cell.pods.clone()),
            Cell::from(
                cell.state.since.map(|since| since_text(since, now)).unwrap_or_else(|| "-".to_string()),
            ),
            Cell::from(cell.state.message.clone().unwrap_or_else(|| "-".to_string())),
        ]
    };
    let header = [
        "CLUSTER".into(),
        Column::whole("HEALTH"),
        Column::whole("PODS"),
        Column::whole("SINCE"),
        Column::sentence("WHY"),
    ];
    Grid::of(header, item.clusters.iter().map(row).collect())
}

fn finding_lines(number: usize, finding: &FindingItem, now: Timestamp, detail: Detail) -> Vec<Line> {
    let since = finding.since.map(|since| format!(", since {}", since_text(since, now))).unwrap_or_default();
    let container = finding.container.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
    let owner = finding.owner.as_ref().map(|owner| format!(", a cause of {owner}")).unwrap_or_default();
    let mut lines = vec![
        Line::new(vec![
            Cell::toned(format!("{:<TEXT$}", format!("CAUSE {number}")), Tone::Bad),
            Cell::toned(finding.cause.clone(), Tone::Strong),
            Cell::from(format!(
                "{container}: {} ({} confidence{owner})",
                finding.summary, finding.confidence
            )),
        ])
        .hanging(TEXT),
        labelled("  where", Tone::Muted, format!("{}{since}", finding.spread)),
    ];
    lines.extend(began_with(finding));
    let all = detail.wide || detail.document;
    if !finding.incidents.is_empty() {
        let numbers: Vec<String> = finding.incidents.iter().map(ToString::to_string).collect();
        lines.push(labelled("  incident", Tone::Muted, format!("{}, above", numbers.join(", "))));
        // Its evidence stands there.
        if !all {
            return lines;
        }
    }
    let most = if all { usize::MAX } else { MOST_EVIDENCE };
    for evidence in finding.evidence.iter().take(most) {
        lines.push(labelled(&format!("  {}", evidence.source), Tone::Muted, evidence.text.clone()));
    }
    if !finding.alternatives.is_empty() {
        lines.push(labelled("  or", Tone::Muted, finding.alternatives.join(", ")));
    }
    if let Some(runbook) = &finding.runbook {
        lines.push(labelled("  runbook", Tone::Muted, runbook.clone()));
    }
    lines
}

/// What was looked at, where no rule explains the trouble: better no cause than a wrong one.
fn nothing_fits(item: &DiagnosedService, now: Timestamp) -> Vec<Line> {
    let health = item.state.health;
    let cause = match health {
        Health::Healthy | Health::Suspended => "nothing is wrong".to_string(),
        Health::Progressing => {
            return item.clusters.iter().filter_map(|cell| at_work(cell, now)).collect();
        }
        Health::Missing => "it is not there; this was asked:".to_string(),
        Health::Unknown => "not known; this is missing:".to_string(),
        Health::Degraded if item.looked_at.is_empty() => "none found".to_string(),
        Health::Degraded => "none of the known ones fits; this was looked at:".to_string(),
    };
    let mut lines = vec![labelled("CAUSE", tone(health), cause)];
    lines.extend(
        item.looked_at.iter().map(|e| labelled(&format!("  {}", e.source), Tone::Muted, e.text.clone())),
    );
    lines
}

/// What still runs is no trouble yet: what it does, and since when.
fn at_work(cell: &CellItem, now: Timestamp) -> Option<Line> {
    let state = &cell.state;
    if state.health != Health::Progressing {
        return None;
    }
    let since = state.since.map(|since| format!(" since {}", since_text(since, now))).unwrap_or_default();
    let what = state.message.as_deref().unwrap_or("in progress");
    Some(labelled("CAUSE", Tone::Moving, format!("none yet: {what} in {}{since}", cell.cluster)))
}

fn timeline(item: &DiagnosedService) -> Grid {
    let rows = item.timeline.iter().take(MOST_MOMENTS).map(|moment| {
        vec![
            Cell::from(moment.time.to_string()),
            Cell::from(moment.cluster.clone()),
            Cell::from(moment.text.clone()),
        ]
    });
    Grid::of(["TIME", "CLUSTER", "WHAT HAPPENED"], rows.collect())
}
