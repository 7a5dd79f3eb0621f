//! `context`: which context and namespace a service runs in, as kubectl's flags; `--use` makes it kubectl's current one.

mod switch;
mod targets;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs};
use crate::commands::context::switch::switch;
pub use crate::commands::context::targets::{ContextItem, FoundTargets, targets};
use crate::outcome::{Outcome, RunFacts, advised, misused, unanswered};
use crate::render::Format;
use crate::report::{Block, Cell, Detail, Grid, Line, Page, Report};
use crate::survey::{ClusterRow, answered, silences};
use crate::text::{count, listed};
use crate::ui::Ask;

/// Targets that an error names before the rest is counted.
const MOST_NAMED: usize = 12;

/// Context and namespace of a service, as flags for kubectl
///
/// Prints `--context C -n NS`, a line for each place that it runs in; on a terminal with several of them one is chosen by typing.
/// Without a service the contexts of the fleet with their own namespaces, and no cluster is asked.
/// Exit code 4: a cluster did not answer, so that there may be more.
#[derive(Args, Debug)]
#[command(mut_arg("services", |arg| arg.help("Name or entity ref; default: the contexts of the fleet")))]
#[command(before_help = "callboard context checkout
kubectl $(callboard context checkout --context eu-west-1) get pods
callboard context checkout --use")]
pub struct ContextArgs {
    #[command(flatten)]
    which: WhichArgs,

    #[command(flatten)]
    output: OutputArgs,

    /// Make it kubectl's current context, and its namespace that context's: nothing else in the kubeconfig changes
    #[arg(long = "use", help_heading = "What to do")]
    use_it: bool,
}

pub fn run(args: &ContextArgs, app: &App) -> Result<Outcome> {
    if args.use_it && app.options.demo.is_some() && app.options.kubeconfig.is_none() {
        return Err(misused(
            "--use has nothing to write to: the demo's kubeconfig is no file",
            "`callboard demo --write FILE` writes one; then --kubeconfig FILE",
        ));
    }
    let FoundTargets { items, clusters, mut notes, barred, complete, interrupted } =
        targets(&args.which, app)?;
    notes.extend(barred);
    let mut report =
        ContextReport { complete, notes, clusters, items, is_plain: args.which.services.len() <= 1 };
    if report.items.is_empty() && !interrupted {
        report.notes.iter().for_each(|note| app.ui.warn(note));
        return Err(nowhere(&args.which, &report.clusters, report.complete));
    }
    let format = args.output.output;
    let terminal = app.env.terminal;
    let may_ask = terminal.stdin && terminal.stderr && (args.use_it || terminal.stdout);
    if report.items.len() > 1 && may_ask && format == Format::Table && !interrupted {
        let Some(chosen) = choose(&report, app)? else { return Ok(Outcome::Interrupted) };
        report.items = vec![report.items.swap_remove(chosen)];
    }
    if args.use_it && !interrupted {
        let [item] = report.items.as_slice() else { return Err(ambiguous(&report.items)) };
        for change in switch(item, app)? {
            app.ui.hint(&change);
        }
    }
    app.ui.print(&report, format, !args.output.no_headers)?;
    Ok(Outcome::of(RunFacts { interrupted, bad: false, complete: report.complete }))
}

fn choose(report: &ContextReport, app: &App) -> Result<Option<usize>> {
    let several = !report.is_plain;
    let line = |item: &ContextItem| {
        let service = item.service.as_deref().filter(|_| several).map(|name| format!("{name}  "));
        format!("{}{}  {}", service.unwrap_or_default(), item.place(), item.namespace)
    };
    let lines: Vec<String> = report.items.iter().map(line).collect();
    let current = report.items.iter().position(|item| item.current).unwrap_or(0);
    silences(&report.clusters).iter().for_each(|line| app.ui.tell(line));
    app.ui.ask_one(Ask { title: "Which one?", ..Ask::default() }, &lines, current)
}

fn ambiguous(items: &[ContextItem]) -> anyhow::Error {
    let flags: Vec<&str> = items.iter().map(|item| item.flags.as_str()).collect();
    misused(
        format!("{} could be meant: {}", count(items.len(), "target"), listed(&flags, MOST_NAMED)),
        "choose a cluster by --context NAME; on a terminal one is asked for",
    )
}

/// Why nothing was found of what was asked for.
pub fn nowhere(which: &WhichArgs, clusters: &[ClusterRow], complete: bool) -> anyhow::Error {
    let what = match (which.services.as_slice(), &which.selector) {
        ([], Some(selector)) => selector.clone(),
        ([], None) => "what was chosen".to_string(),
        (names, _) => names.join(", "),
    };
    if complete {
        let message = format!("nothing of {what} runs in {}", places(clusters));
        return advised(anyhow::anyhow!(message), "`callboard status` shows what runs where");
    }
    let told: Vec<String> = silences(clusters).iter().map(Line::plain).collect();
    let hint =
        if told.is_empty() { "not every cluster told all it has".to_string() } else { told.join("; ") };
    unanswered(format!("nothing of {what} was seen in {}", places(clusters)), hint)
}

fn places(clusters: &[ClusterRow]) -> String {
    let names: Vec<&str> = clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    listed(&names, MOST_NAMED)
}

/// `kind: ContextList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ContextReport {
    complete: bool,
    notes: Vec<String>,
    /// Those that were asked; none without a service.
    clusters: Vec<ClusterRow>,
    items: Vec<ContextItem>,
    /// At most one service: the flags alone say it.
    #[serde(skip)]
    is_plain: bool,
}

impl Report for ContextReport {
    const KIND: &'static str = "ContextList";

    fn page(&self, detail: Detail) -> Page {
        if self.is_plain && !detail.wide && !detail.document {
            let lines = self.items.iter().map(|item| Line::from(item.flags.clone())).collect();
            return Page { blocks: vec![Block::Lines(lines)] };
        }
        let row = |item: &ContextItem| {
            vec![
                Cell::from(item.service.clone().unwrap_or_else(|| "-".to_string())),
                Cell::from(item.place()),
                Cell::from(item.namespace.clone()),
                Cell::from(if item.current { "yes" } else { "no" }),
                Cell::from(if item.seen { "seen" } else { "catalog" }),
                Cell::from(item.flags.clone()),
            ]
        };
        let grid = Grid::of(
            ["SERVICE", "CLUSTER", "NAMESPACE", "CURRENT", "KNOWN BY", "FLAGS"],
            self.items.iter().map(row).collect(),
        );
        match self.items.iter().all(|item| item.service.is_none()) {
            true => grid.without(&["SERVICE", "KNOWN BY"]).into(),
            false => grid.into(),
        }
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| item.context.clone()).collect()
    }

    fn footer(&self) -> Vec<Line> {
        if self.clusters.is_empty() {
            return Vec::new();
        }
        // A line that is pasted into another command needs no sum; what is missing must be told.
        let sum = (!self.is_plain).then(|| Line::from(answered(&self.clusters)));
        let unseen = self.items.iter().filter(|item| !item.seen).map(|item| {
            Line::new(vec![Cell::muted(format!(
                "note: only the catalog says that it runs in {}, namespace {}",
                item.cluster, item.namespace
            ))])
        });
        let notes = self.notes.iter().map(|note| Line::new(vec![Cell::muted(format!("note: {note}"))]));
        sum.into_iter().chain(silences(&self.clusters)).chain(unseen).chain(notes).collect()
    }

    fn title(&self) -> String {
        "Contexts".to_string()
    }
}
