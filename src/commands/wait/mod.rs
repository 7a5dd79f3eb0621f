//! `wait`: returns when a service is as it should be in every cluster, or says what is missing where.

mod goal;
mod report;
mod standing;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use futures::StreamExt;
use jiff::SignedDuration;

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs, chosen_services, span};
use crate::commands::diagnose::main_cause;
use crate::commands::wait::goal::{Goal, GoalProgress};
use crate::commands::wait::report::{WaitEnd, WaitReport};
use crate::commands::wait::standing::{Standing, Standings};
use crate::outcome::Outcome;
use crate::render::Format;
use crate::report::Line;
use crate::survey::{LiveNews, Survey, live_plans, silences};
use crate::ui::LiveLines;

/// What time alone changes, such as a threshold that is passed, is looked at this often.
const LOOK: Duration = Duration::from_secs(1);
/// What a cluster holds is told again after this long though it told no change.
const AGAIN: Duration = Duration::from_secs(30);

/// Return when a service is as it should be, in every cluster
///
/// Watches, and does not poll. healthy: every workload is Healthy, or off on purpose beside one that is not. rolled-out: nothing but the newest
/// template runs. image=REF: all pods of the workloads that run an image of this name run REF, and are healthy. deleted: no
/// workload and no pod is left. A rollout that fails ends the wait, with its cause. Exit code 3: timed out, or failed; 4: a
/// cluster did not say.
#[derive(Args, Debug)]
#[command(mut_arg("services", |arg| arg.help("Names or entity refs")))]
#[command(before_help = "callboard wait checkout --for rolled-out --timeout 10m
callboard wait checkout --for image=ghcr.io/shop/checkout:1.4.2 --context 'eu-*'")]
pub struct WaitArgs {
    #[command(flatten)]
    which: WhichArgs,

    /// healthy, rolled-out, image=REF or deleted
    #[arg(long = "for", value_name = "GOAL", help_heading = "What to wait for")]
    goal: Goal,

    /// Give up after this long; 0 looks once
    #[arg(long, value_name = "DURATION", value_parser = span, default_value = "5m", help_heading = "What to wait for")]
    timeout: SignedDuration,

    /// One cluster is enough
    #[arg(long, help_heading = "What to wait for")]
    any: bool,

    /// Go on although a rollout has failed
    #[arg(long, help_heading = "What to wait for")]
    keep_waiting: bool,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &WaitArgs, app: &App) -> Result<Outcome> {
    let begun = Instant::now();
    let services = chosen_services(&args.which, app)?;
    let survey = Survey::run(services, true, app)?;
    let mut standings = Standings::new(&survey, &args.goal);
    let telling = ChangePrinter::new(args, app, &survey);
    telling.tell(&standings.look(app.now()), &standings)?;
    let limit = Duration::try_from(args.timeout).unwrap_or(Duration::MAX);
    let end = match ended(args, &standings) {
        _ if survey.collected.interrupted => WaitEnd::Interrupted,
        Some(end) => end,
        None if limit.is_zero() => WaitEnd::TimedOut,
        None => app.block_on(watch(args, app, &survey, &mut standings, &telling, (begun, limit)))??,
    };
    drop(telling);
    let items = standings.items();
    let cause = match end {
        WaitEnd::Failed => {
            failed(&items).and_then(|item| main_cause(&item.service, item.cluster.as_deref()?, app))
        }
        _ => None,
    };
    let report = WaitReport {
        goal: args.goal.to_string(),
        met: end == WaitEnd::Met,
        timed_out: end == WaitEnd::TimedOut,
        complete: standings.is_complete(),
        elapsed_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        notes: survey.placed.notes(),
        clusters: standings.rows(),
        cause,
        items,
        any: args.any,
    };
    let is_told = args.output.output == Format::Table && !app.ui.is_terminal();
    match is_told {
        // Each change stands there already.
        true => report.footer_lines().iter().for_each(|line| app.ui.tell(line)),
        false => app.ui.print(&report, args.output.output, !args.output.no_headers)?,
    }
    Ok(report.outcome(end))
}

fn failed(items: &[Standing]) -> Option<&Standing> {
    items.iter().find(|item| matches!(item.progress, GoalProgress::Failed(_)))
}

/// Whether it is over.
fn ended(args: &WaitArgs, standings: &Standings<'_>) -> Option<WaitEnd> {
    if standings.is_met(args.any) {
        return Some(WaitEnd::Met);
    }
    (!args.keep_waiting && standings.has_failed(args.any)).then_some(WaitEnd::Failed)
}

async fn watch(
    args: &WaitArgs,
    app: &App,
    survey: &Survey,
    standings: &mut Standings<'_>,
    telling: &ChangePrinter<'_>,
    (begun, limit): (Instant, Duration),
) -> Result<WaitEnd> {
    let plans = Mutex::new(live_plans(survey, app.config()?, AGAIN));
    let news = survey.fleet.follow(|asked, sender| {
        let plan = plans.lock().ok().and_then(|mut plans| plans.remove(&asked.cluster().name));
        async move {
            if let Some(plan) = plan {
                plan.follow(&asked, &sender).await;
            }
        }
    });
    let mut news = std::pin::pin!(news);
    let mut interrupt = std::pin::pin!(crate::ui::interrupted());
    let mut looks = tokio::time::interval(LOOK);
    let rest = limit.saturating_sub(begun.elapsed()).min(Duration::from_secs(10 * 365 * 86_400));
    let mut late = std::pin::pin!(tokio::time::sleep(rest));
    loop {
        tokio::select! {
            next = news.next() => match next {
                Some((cluster, LiveNews::Snapshot(snapshot))) => standings.answered(&cluster, *snapshot),
                Some((cluster, LiveNews::Silent(why))) => standings.silent(&cluster, why),
                None => return Ok(WaitEnd::TimedOut),
            },
            _ = looks.tick() => {}
            () = &mut late => return Ok(WaitEnd::TimedOut),
            () = &mut interrupt => return Ok(WaitEnd::Interrupted),
        }
        telling.tell(&standings.look(app.now()), standings)?;
        if let Some(end) = ended(args, standings) {
            return Ok(end);
        }
    }
}

/// How changes are told: drawn anew on a terminal, a line each in a pipe.
struct ChangePrinter<'a> {
    app: &'a App,
    live: Option<LiveLines>,
    is_plain: bool,
    width: usize,
}

impl ChangePrinter<'_> {
    fn new<'a>(args: &WaitArgs, app: &'a App, survey: &Survey) -> ChangePrinter<'a> {
        let live = app.ui.is_terminal().then(|| app.ui.live());
        let is_plain = !app.ui.is_terminal() && args.output.output == Format::Table;
        let width = survey.clusters.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        if app.ui.is_terminal() {
            silences(&survey.rows()).iter().for_each(|line| app.ui.tell(line));
        }
        ChangePrinter { app, live, is_plain, width }
    }

    fn tell(&self, changed: &[Standing], standings: &Standings<'_>) -> Result<()> {
        if let Some(live) = &self.live {
            let items = standings.items();
            let missing = items.iter().filter(|item| item.progress != GoalProgress::There);
            let mut lines: Vec<Line> =
                missing.map(|item| item.line(self.width, standings.has_several())).collect();
            let there = items.len() - lines.len();
            lines.push(Line::from(format!("waiting: {there} of {} there; Ctrl-C leaves", items.len())));
            live.show(&lines);
        }
        if self.is_plain {
            for item in changed {
                self.app.ui.write_line(&item.line(self.width, standings.has_several()))?;
            }
        }
        Ok(())
    }
}
