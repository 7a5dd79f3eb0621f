//! `diagnose`: why services are broken, where, since when, and what differs from where they are well.

mod began;
mod broken;
mod clock;
mod differences;
mod finding_item;
mod incidents;
mod judge;
mod label;
mod overview;
mod page;
mod past;
mod reach;
mod report;
mod rollout;
mod scaling;
mod selecting;
mod unseen;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs, services};
use crate::catalog::Service;
use crate::commands::diagnose::broken::{
    BrokenWorkload, LogBudget, PodBudget, ask_for_scaling, broken_workloads, inquiries,
};
use crate::commands::diagnose::finding_item::finding;
use crate::commands::diagnose::incidents::{incident_items, mark_explained, shared_incidents};
use crate::commands::diagnose::judge::{Judgement, JudgementBasis};
use crate::commands::diagnose::past::{OwnPast, Pasts, ReadPasts, read_pasts};
use crate::commands::diagnose::reach::Reach;
use crate::commands::diagnose::report::*;
use crate::compare::{distinct_of, masked_quote};
use crate::diagnose::team::Cause;
use crate::diagnose::{Confidence, Grouped, RuleFamily as Rules, rule};
use crate::health::{Health, Summary, order};
use crate::outcome::Outcome;
use crate::report::{Detail, Line, Page, Report};
use crate::survey::{
    DetailRequest, Details, HealthState, ServiceHealth, Survey, SurveyHeader, cut_short, details,
};
use crate::text::count;

/// Why services are broken: ranked causes with evidence
///
/// Without services everything that is not healthy is diagnosed. Events, previous logs, nodes and ConfigMaps are
/// read only where something is wrong; Secrets never. Exit codes are those of status.
#[derive(Args, Debug)]
#[command(before_help = "callboard why checkout
callboard why --owner team-checkout --max-logs 5
callboard why checkout --context eu-1 -o json")]
pub struct DiagnoseArgs {
    #[command(flatten)]
    which: WhichArgs,

    #[command(flatten)]
    output: OutputArgs,

    /// Pods of one workload that look alike, whose events and nodes are read
    #[arg(long, value_name = "N", default_value_t = 5, help_heading = "Budget")]
    max_pods: usize,

    /// Of those, pods whose previous logs are read
    #[arg(long, value_name = "N", default_value_t = 2, help_heading = "Budget")]
    max_logs: usize,

    /// The last lines of each log
    #[arg(long, value_name = "N", default_value_t = 500, help_heading = "Budget")]
    log_lines: u32,

    /// A file of your team's own causes (repeatable), beside those the config names
    #[arg(long, value_name = "FILE")]
    causes: Vec<PathBuf>,
}

pub fn run(args: &DiagnoseArgs, app: &App) -> Result<Outcome> {
    let causes = app.causes(&args.causes)?;
    let budget = LogBudget { pods: args.max_pods.max(1), logs: args.max_logs, lines: args.log_lines };
    let (report, bad) = diagnosed(&args.which, &causes, budget, app)?;
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(report.header.outcome(bad))
}

/// The diagnosis of a service in one line: the cause that comes first in a cluster.
pub fn main_cause(service: &str, cluster: &str, app: &App) -> Option<String> {
    let which = WhichArgs { services: vec![service.to_string()], ..WhichArgs::default() };
    let budget = LogBudget { pods: 1, logs: 4, lines: 200 };
    let (report, _) = diagnosed(&which, &app.causes(&[]).ok()?, budget, app).ok()?;
    let findings = report.items.into_iter().flat_map(|item| item.findings);
    let mut here = findings.filter(|finding| finding.r#where.iter().any(|place| place.cluster == cluster));
    here.next().map(|finding| finding.summary)
}

/// The report, and whether something is Degraded or Missing.
fn diagnosed(
    which: &WhichArgs,
    causes: &[Cause],
    budget: LogBudget,
    app: &App,
) -> Result<(DiagnosisReport, bool)> {
    let survey = Survey::run(services(which, app)?, which.is_named(), app)?;
    let (mut outlooks, _) = survey.health_of_services();
    let complete = survey.is_complete(&outlooks);
    let worst = outlooks.iter().map(|(_, outlook)| outlook.summary.health).max();
    let total = outlooks.len();
    if !which.is_named() {
        outlooks.retain(|(_, outlook)| outlook.summary.health > Health::Suspended);
    }
    outlooks.sort_by_key(|(service, outlook)| {
        (order(outlook.summary.health, outlook.summary.serving), service.name.clone())
    });
    let mut pods = PodBudget::OF_A_RUN;
    let sick: Vec<_> = outlooks
        .iter()
        .map(|(_, outlook)| broken_workloads(outlook, survey.now, survey.thresholds, &mut pods))
        .collect();
    let mut wanted: BTreeMap<String, DetailRequest> = BTreeMap::new();
    let labels = which.selector.as_ref().and_then(|_| survey.placed.wanted.first()).map(|one| &one.target);
    for ((_, outlook), broken_workloads) in outlooks.iter().zip(&sick) {
        for (cluster, inquiry) in
            inquiries(outlook, broken_workloads, causes, budget, survey.now, survey.thresholds)
        {
            wanted.entry(survey.clusters[cluster].clone()).or_default().join(inquiry);
        }
        if which.is_named() {
            for (cluster, inquiry) in ask_for_scaling(outlook, labels, survey.clusters.len()) {
                wanted.entry(survey.clusters[cluster].clone()).or_default().join(inquiry);
            }
        }
    }
    forget_the_silent(&mut wanted, &survey);
    let (details, read) = match survey.collected.interrupted {
        true => (BTreeMap::new(), ReadPasts::new()),
        false => {
            let further = async {
                futures::join!(details(&survey.fleet, wanted), read_pasts(&survey, &outlooks, &sick))
            };
            app.block_on(further)?
        }
    };
    let pasts = Pasts::of(&read, &details, &survey.clusters);
    let nodes = survey.clusters.iter().map(|name| details.get(name).into_iter());
    let nodes = nodes.map(|details| details.flat_map(|details| details.nodes.values()).collect()).collect();
    let facts = JudgementBasis {
        details: &details,
        clusters: &survey.clusters,
        nodes,
        causes,
        labels,
        budget,
        now: survey.now,
        thresholds: survey.thresholds,
    };
    let reach = Reach::of(app, &survey);
    let judge = |((_, outlook), broken): (&(_, ServiceHealth), &Vec<_>)| facts.judge(outlook, broken);
    let judgements: Vec<Judgement> = outlooks.iter().zip(&sick).map(judge).collect();
    let shared = shared_incidents(&judgements, &details, &survey);
    let incidents = incident_items(&shared, &judgements, &outlooks, &reach);
    let items =
        outlooks.iter().zip(judgements).enumerate().map(|(place, ((service, outlook), judgement))| {
            let past = OwnPast { pasts: &pasts, service: place, clusters: &survey.clusters };
            item(service, outlook, judgement, &survey, &details, &reach, past)
        });
    let mut items: Vec<DiagnosedService> = items.collect();
    mark_explained(&mut items, &shared);
    let notes = refusals(&details).into_iter().chain(left_out(&details)).chain(unlooked(&sick, &survey));
    let notes = notes.chain(pasts.notes());
    let report = DiagnosisReport {
        header: SurveyHeader::of(&survey, complete, notes).cut_short(cut_short()),
        incidents,
        items,
        layout: DiagnosisLayout { well: total - outlooks.len() },
    };
    let bad = matches!(worst, Some(Health::Missing | Health::Degraded));
    Ok((report, bad))
}

/// Who did not answer at first is not asked again.
fn forget_the_silent(wanted: &mut BTreeMap<String, DetailRequest>, survey: &Survey) {
    for row in survey.rows().iter().filter(|row| row.is_silent()) {
        wanted.remove(&row.name);
    }
}

/// What lowers confidence, once for each cluster.
fn refusals(details: &BTreeMap<String, Details>) -> Vec<String> {
    let told = details.iter().filter(|(_, details)| !details.refused.is_empty()).map(|(cluster, details)| {
        let what: Vec<String> =
            details.refused.iter().map(|(what, why)| format!("{what} ({})", why.reason())).collect();
        format!("{cluster} did not show {}: what is said of it is less sure", what.join(", "))
    });
    told.collect()
}

/// What the budget did not reach, once for each cluster.
fn left_out(details: &BTreeMap<String, Details>) -> Vec<String> {
    let told = details.iter().filter(|(_, details)| !details.left_out.is_empty()).map(|(cluster, details)| {
        let what = details.left_out.join("; ");
        format!("{cluster}: not looked at, to spare the cluster: {what}; --max-logs and fewer services look closer")
    });
    told.collect()
}

/// Bad pods that nobody looked at, once for each workload.
fn unlooked(sick: &[Vec<BrokenWorkload>], survey: &Survey) -> Vec<String> {
    let told = sick.iter().flatten().filter(|broken| broken.unlooked > 0).map(|broken| {
        let (cluster, family) = (&survey.clusters[broken.cluster], broken.family);
        let (more, workload) =
            (count(broken.unlooked, "more bad pod"), format!("{}/{}", family.kind, family.name));
        format!("{cluster}: {more} of {workload} not looked at: the causes are those of the others")
    });
    told.collect()
}

fn item(
    service: &Service,
    outlook: &ServiceHealth,
    judgement: Judgement,
    survey: &Survey,
    details: &BTreeMap<String, Details>,
    reach: &Reach,
    past: OwnPast<'_>,
) -> DiagnosedService {
    let link =
        |link: &crate::catalog::EntityLink| LinkItem { title: link.title.clone(), url: link.url.clone() };
    let worsened = |cell: &crate::survey::ClusterHealth| {
        worsened(&cell.summary, &survey.clusters[cell.cluster], &judgement.findings)
    };
    let rows: Vec<Summary> = outlook.cells.iter().map(worsened).collect();
    // Without rows the service's own summary says why.
    let whole = match rows.is_empty() {
        true => outlook.summary.clone(),
        false => {
            let worst = rows.iter().map(|row| row.health).max().unwrap_or(outlook.summary.health);
            Summary { health: worst.max(outlook.summary.health), ..outlook.summary.clone() }
        }
    };
    let wanted = survey.placed.wanted.iter().find(|wanted| wanted.name == service.name);
    let unselected = |cell: &crate::survey::ClusterHealth| {
        let details = details.get(&survey.clusters[cell.cluster]);
        details
            .zip(wanted)
            .map(|(details, wanted)| selecting::notes(cell, details, &wanted.target))
            .unwrap_or_default()
    };
    let cell = |(cell, summary): (&crate::survey::ClusterHealth, &Summary)| CellItem {
        cluster: survey.clusters[cell.cluster].clone(),
        state: HealthState::of(summary),
        notes: cell.summary.notes.iter().cloned().chain(unselected(cell)).collect(),
        pods: match (cell.summary.available, cell.summary.desired) {
            (Some(available), Some(desired)) => format!("{available}/{desired}"),
            _ => "-".to_string(),
        },
    };
    let nowhere = outlook.nowhere.iter().map(|unknown| CellItem {
        cluster: unknown.name.clone(),
        state: HealthState::of(&unknown.summary()),
        notes: Vec::new(),
        pods: "-".to_string(),
    });
    let difference = |mut difference: crate::compare::Difference| {
        let told = distinct_of(&difference.values.iter().map(|value| &value.value).collect::<Vec<_>>());
        difference.values.iter_mut().zip(told).for_each(|(value, told)| value.value = told);
        DifferenceItem {
            what: difference.attribute.name().clone(),
            weight: difference.weight,
            values: difference.values.into_iter().map(value).collect(),
        }
    };
    let (mut looked_at, mut next) = (judgement.looked_at, Vec::new());
    if judgement.findings.is_empty() {
        looked_at.extend(unseen::unseen(outlook, survey));
        next = wanted.map(|wanted| unseen::next(outlook, wanted, survey, reach)).unwrap_or_default();
    }
    let findings: Vec<_> = judgement
        .findings
        .into_iter()
        .map(|found| finding(found, &judgement.rollouts, outlook, survey, reach, past))
        .collect();
    let mut differences: Vec<_> = judgement.differences.into_iter().map(difference).collect();
    differences::named_first(&mut differences, &findings);
    DiagnosedService {
        service: service.name.clone(),
        owner: service.owner.as_ref().map(|owner| owner.display.clone()),
        state: HealthState::of(&whole),
        links: service.links.iter().map(link).collect(),
        clusters: outlook.cells.iter().zip(&rows).map(cell).chain(nowhere).collect(),
        looked_at: looked_at.into_iter().map(EvidenceItem::from).collect(),
        next,
        timeline: judgement
            .timeline
            .into_iter()
            .map(|moment| MomentItem {
                time: moment.time,
                cluster: moment.cluster,
                text: masked_quote(&moment.text),
            })
            .collect(),
        findings,
        differences,
    }
}

fn value(value: crate::compare::ComparedValue) -> ValueItem {
    ValueItem { value: value.value, clusters: value.clusters, bad_pods: value.bad_pods, pods: value.pods }
}

/// A row whose status alone says that it is on its way, where events say for certain that a container was killed at its
/// start: that is no progress. What it waits for stands in its line.
fn worsened(summary: &Summary, cluster: &str, findings: &[Grouped]) -> Summary {
    let here = |found: &&Grouped| found.places.iter().any(|place| place.place.cluster == cluster);
    let Some(first) = findings.iter().find(here).filter(|_| summary.health == Health::Progressing) else {
        return summary.clone();
    };
    let finding = &first.finding;
    let certain = finding.confidence == Confidence::High
        && rule(&finding.cause).is_some_and(|rule| rule.family == Rules::Exit);
    let health = if certain { Health::Degraded } else { summary.health };
    let message = match summary.message.as_str() {
        "" => finding.summary.clone(),
        message => format!("{message}; {}", finding.summary),
    };
    Summary { health, message: masked_quote(&message), ..summary.clone() }
}

impl Report for DiagnosisReport {
    const KIND: &'static str = "DiagnosisList";

    fn page(&self, detail: Detail) -> Page {
        page::page(self, detail)
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| item.service.clone()).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let diagnosed = count(self.items.len(), "service");
        let well =
            if self.layout.well > 0 { format!(", {} more well", self.layout.well) } else { String::new() };
        self.header.footer([Line::from(format!("{diagnosed} diagnosed{well}. {}", self.header.answered()))])
    }

    fn title(&self) -> String {
        "Diagnosis".to_string()
    }
}
