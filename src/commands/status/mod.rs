//! `status`: the health of services in every cluster, worst first.

mod build;
mod draft;
mod fold;
mod follow;
mod groups;
mod incidents;
mod report;
mod table;
mod transition;

pub use crate::commands::status::build::workload_row;
pub use crate::commands::status::report::{ImageRow, WorkloadRow};

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs, services};
use crate::commands::status::build::{ReportOptions, build};
use crate::commands::status::fold::FoldBy;
use crate::commands::status::follow::{WatchDisplay, follow};
use crate::commands::status::incidents::incident_line;
use crate::commands::status::report::StatusReport;
use crate::health::Health;
use crate::outcome::{Outcome, misused};
use crate::render::Format;
use crate::report::{Cell, Detail, Line, Page, Report};
use crate::survey::{DraftOf, ServiceSoFar, Survey, leaving_out, tone};
use crate::text::{closest, count, listed};
use crate::ui::Verbosity;

/// Health of services in every cluster, worst first
///
/// PODS is available over desired; Degraded (down) serves nothing at all.
/// Exit code 3: something is Degraded or Missing. 4: a cluster was silent.
#[derive(Args, Debug)]
#[command(before_help = "callboard status --owner team-checkout --unhealthy
callboard status checkout --context 'eu-*' -o wide")]
pub struct StatusArgs {
    #[command(flatten)]
    which: WhichArgs,

    #[command(flatten)]
    output: OutputArgs,

    /// Without services that are Healthy or Suspended
    #[arg(long, help_heading = "Output")]
    unhealthy: bool,

    /// Fold by owner, system, cluster or a cluster label
    #[arg(long, value_name = "WHAT", help_heading = "Output")]
    by: Option<FoldBy>,

    /// Keep it current; in a pipe a line for each change
    #[arg(short, long, help_heading = "Output")]
    watch: bool,
}

pub fn run(args: &StatusArgs, app: &App) -> Result<Outcome> {
    if args.watch && !matches!(args.output.output, Format::Table | Format::Wide | Format::Json) {
        let hint = "-o json prints an object for each change".to_string();
        return Err(misused("-w goes with -o table, wide or json".to_string(), hint));
    }
    let services = services(&args.which, app)?;
    let now = app.now();
    let draft = |services: Vec<ServiceSoFar>| app.ui.draft(draft::grid(services, args.unhealthy, now));
    let drawn: Option<&DraftOf<'_>> =
        if args.by.is_none() && args.output.output == Format::Table { Some(&draft) } else { None };
    let (mut survey, kept) = Survey::run_judged(services, args.which.is_named(), app, workload_row, drawn)?;
    if let Some(FoldBy::Label(label)) = &args.by {
        check_label(label, &survey)?;
    }
    let wish = ReportOptions {
        by: args.by.as_ref(),
        unhealthy: args.unhealthy,
        verbose: app.ui.verbosity == Verbosity::Verbose,
    };
    if args.watch && !survey.collected.interrupted {
        let display = WatchDisplay {
            format: args.output.output,
            headers: !args.output.no_headers,
            unhealthy: args.unhealthy,
        };
        return follow(display, app, survey, kept, &wish);
    }
    let verdicts = kept.into_verdicts(&mut survey);
    let (report, learned) = build(&survey, verdicts, &wish);
    learned.remember(app);
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    leaving_out(&report.header.clusters, app)?.iter().for_each(|hint| app.ui.hint(hint));
    Ok(report.header.outcome(report.has_findings()))
}

/// A label that no cluster carries is a typing error, not an answer.
fn check_label(label: &str, survey: &Survey) -> Result<()> {
    let labels = survey.labels();
    let mut known: Vec<&str> = labels.values().flat_map(|labels| labels.keys().map(String::as_str)).collect();
    if known.contains(&label) {
        return Ok(());
    }
    known.extend(FoldBy::WORDS.map(|(word, _)| word));
    let near = closest(label, known);
    let hint = match near.is_empty() {
        true => "owner, system, cluster, or a label that `callboard clusters` shows".to_string(),
        false => format!("did you mean {}?", near.join(" or ")),
    };
    Err(misused(format!("--by {label}: no cluster carries such a label"), hint))
}

impl StatusReport {
    /// Whether a service is Degraded or Missing, shown or not.
    fn has_findings(&self) -> bool {
        self.layout.totals.keys().any(|(health, _)| *health >= Health::Missing)
    }

    /// What stands under the table.
    fn footer_lines(&self) -> Vec<Line> {
        let incidents = self.incidents.iter().map(incident_line);
        self.header.footer(incidents.chain([self.summary()]))
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
            let clusters: Vec<&str> =
                self.header.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
            parts = vec![Cell::from(format!("No services found in {}", listed(&clusters, 6)))];
        }
        parts.push(Cell::from(format!(". {}", self.header.answered())));
        Line::new(parts)
    }
}

impl Report for StatusReport {
    const KIND: &'static str = "ServiceStatusList";

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
        self.footer_lines()
    }

    fn title(&self) -> String {
        "Service status".to_string()
    }
}
