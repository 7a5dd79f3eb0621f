//! What stands before the services: the incidents that explain several of them, what these leave, and where more than a few are told an index.

use crate::commands::diagnose::clock::since_text;
use crate::commands::diagnose::label::{TEXT, command, labelled};
use crate::commands::diagnose::report::{DiagnosedService, DiagnosisReport, IncidentItem};
use crate::report::{Block, Cell, Column, Detail, Grid, Line, Tone};
use crate::text::{count, listed};

/// Services that are told without an index.
const MOST_WITHOUT_INDEX: usize = 3;
/// Services of an incident that a table names; a document names all.
const MOST_SERVICES: usize = 12;

pub fn blocks(report: &DiagnosisReport, detail: Detail) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !report.incidents.is_empty() {
        let incidents = report.incidents.iter().enumerate();
        let lines = incidents.flat_map(|(number, incident)| lines(number + 1, incident, report, detail));
        blocks.push(Block::Lines(lines.chain(unexplained(report)).collect()));
    }
    if report.items.len() > MOST_WITHOUT_INDEX {
        blocks.push(Block::Grid(index(report)));
    }
    blocks
}

/// `INCIDENT 1  node ip-10-11-24-60 is not ready in us-east-1, since 18:40Z (12m): 12 findings of 9 services (high confidence)`.
fn lines(number: usize, incident: &IncidentItem, report: &DiagnosisReport, detail: Detail) -> Vec<Line> {
    let now = report.header.generated_at;
    let since = incident.since.map(|since| format!(", since {}", since_text(since, now))).unwrap_or_default();
    let clusters = incident.clusters.join(", ");
    let findings = count(incident.findings.len(), "finding");
    let services = count(incident.services.len(), "service");
    let most = if detail.wide || detail.document { usize::MAX } else { MOST_SERVICES };
    let mut lines = vec![
        Line::new(vec![
            Cell::toned(format!("{:<TEXT$}", format!("INCIDENT {number}")), Tone::Bad),
            Cell::toned(incident.what.clone(), Tone::Strong),
            Cell::from(format!(
                " in {clusters}{since}: {findings} of {services} ({} confidence)",
                incident.confidence
            )),
        ])
        .hanging(TEXT),
        labelled("  services", Tone::Muted, listed(&incident.services, most)),
    ];
    let evidence = incident.evidence.iter();
    lines.extend(evidence.map(|one| labelled(&format!("  {}", one.source), Tone::Muted, one.text.clone())));
    lines.extend(incident.next.iter().cloned().map(command));
    lines
}

/// What no incident explains has a cause of its own.
fn unexplained(report: &DiagnosisReport) -> Option<Line> {
    let of_its_own = |item: &&DiagnosedService| {
        !item.findings.is_empty() && item.findings.iter().any(|finding| finding.incidents.is_empty())
    };
    let names: Vec<&str> = report.items.iter().filter(of_its_own).map(|item| item.service.as_str()).collect();
    (!names.is_empty()).then(|| {
        labelled("BESIDE", Tone::Muted, format!("causes of its own: {}", listed(&names, MOST_SERVICES)))
    })
}

/// A row for each service, in the order in which they are told below.
fn index(report: &DiagnosisReport) -> Grid {
    let row = |item: &DiagnosedService| {
        let first = item.findings.first();
        let mut incidents: Vec<usize> = item.findings.iter().flat_map(|one| one.incidents.clone()).collect();
        incidents.sort_unstable();
        incidents.dedup();
        let incidents: Vec<String> = incidents.iter().map(ToString::to_string).collect();
        let why = match (first, &item.state.message) {
            (Some(finding), _) => format!("{}: {}", finding.cause, finding.summary),
            (None, Some(message)) => message.clone(),
            (None, None) => "-".to_string(),
        };
        vec![
            Cell::toned(item.service.clone(), Tone::Strong),
            Cell::toned(item.state.word(), item.state.tone()),
            Cell::from(if incidents.is_empty() { "-".to_string() } else { incidents.join(",") }),
            Cell::from(why),
        ]
    };
    let header =
        ["SERVICE".into(), Column::whole("HEALTH"), Column::whole("INCIDENT"), Column::sentence("WHY")];
    let mut grid = Grid::of(header, report.items.iter().map(row).collect());
    if report.incidents.is_empty() {
        grid.header.remove(2);
        grid.rows.iter_mut().for_each(|row| drop(row.remove(2)));
    }
    grid
}
