//! `owner`: from a live object, image, node, host or address to its service, its owner and how that one is reached.

mod alert;
mod attribution;
mod find;
mod image;
mod question;
mod reading;
mod report;
mod routes;

use std::sync::Arc;

pub use crate::commands::owner::report::{OwnerItem, owner_of};

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs, services};
use crate::commands::owner::find::{OwnerBasis, find};
pub use crate::commands::owner::image::runs as image_runs;
use crate::commands::owner::question::OwnerQuestion;
use crate::commands::owner::report::{ClusterFindings, OwnershipReport, items, owners};
use crate::fleet::Asked;
use crate::outcome::{Outcome, RunFacts, advised, misused, unanswered};
use crate::report::Line;
use crate::survey::{ClusterRow, arrived, fallback_namespaces, silences};
use crate::text::listed;

/// A longer payload is no alert.
const MOST_ALERT: usize = 4 << 20;
/// Alerts that are looked up in one run.
const MOST_QUESTIONS: usize = 50;

/// Whose a live object, image, host or address is, and why
///
/// WHAT is pod/NAME or another kind with -n NS (without -n every namespace), image REF, namespace/NAME, node/NAME (whose pods are on it),
/// host NAME or ip ADDRESS; - reads an Alertmanager's alerts or an alert's labels from stdin. KNOWN BY says which label,
/// annotation or ownerReference tells; where none does, the nearest guess, marked. Exit code 3: found, but nobody known as owner.
#[derive(Args, Debug)]
#[command(before_help = "callboard owner pod/checkout-7d9f -n shop --context us-east-1
callboard owner image ghcr.io/shop/cart:1.4.2
curl -s http://alertmanager/api/v2/alerts | callboard owner -")]
pub struct OwnerArgs {
    /// pod/NAME, image REF, namespace/NAME, node/NAME, host NAME, ip ADDRESS, or - for alerts on stdin
    #[arg(value_name = "WHAT", required = true, num_args = 1..=2)]
    what: Vec<String>,

    /// Only this namespace
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Option<String>,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &OwnerArgs, app: &App) -> Result<Outcome> {
    let (questions, mut notes) = questions(args)?;
    let services = services(&WhichArgs::default(), app)?;
    let fleet = app.fleet()?;
    let config = app.config()?;
    for name in questions.iter().filter_map(|question| question.cluster.as_ref()) {
        if !fleet.clusters().any(|cluster| cluster.is_called(name, None)) {
            let note = format!(
                "no cluster that was asked is called {name}, as an alert has it; nothing was looked up there"
            );
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    let is_lost = !notes.is_empty();
    let namespaces = fleet
        .clusters()
        .map(|cluster| (cluster.name.clone(), fallback_namespaces(cluster, config)))
        .collect();
    let basis = Arc::new(OwnerBasis { questions, services, namespaces });
    let question = {
        let basis = basis.clone();
        move |asked: Asked| find(asked, basis.clone())
    };
    let (answers, interrupted) = app.block_on(arrived(fleet.ask(question), &fleet, &app.ui, None))?;
    let mut clusters = Vec::new();
    let mut findings = Vec::new();
    for (cluster, answer) in fleet.clusters().zip(answers) {
        let Some(answer) = answer else {
            clusters.push(ClusterRow::unanswered(cluster));
            continue;
        };
        clusters.push(ClusterRow::of(cluster, &answer));
        findings.push(ClusterFindings { cluster: answer.cluster, found: answer.value });
    }
    fleet.plugin_notes().iter().for_each(|note| app.ui.warn(note));
    let items = items(findings, &basis.questions, &basis.services);
    let whole = clusters.iter().all(|row| row.optional || (!row.is_silent() && row.gaps.is_empty()));
    let complete = whole && !is_lost && !app.guess_gaps().is_some_and(|gaps| gaps.is_incomplete);
    notes.extend(app.guess_gaps().into_iter().flat_map(|gaps| gaps.notes.iter().cloned()));
    if items.is_empty() && !interrupted {
        return Err(not_found(&basis.questions, &clusters, complete, &notes));
    }
    let report = OwnershipReport {
        complete,
        notes,
        clusters,
        owners: owners(&items, &basis.services, app.catalog()?),
        items,
    };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    let bad = report.items.iter().any(|item| item.owner.is_none());
    Ok(Outcome::of(RunFacts { interrupted, bad, complete }))
}

/// What is asked, and what was left out of it.
fn questions(args: &OwnerArgs) -> Result<(Vec<OwnerQuestion>, Vec<String>)> {
    if args.what != ["-"] {
        let question = OwnerQuestion::of_words(&args.what, args.namespace.as_deref());
        return question.map(|one| (vec![one], Vec::new())).map_err(|(said, hint)| misused(said, hint));
    }
    let text = crate::files::read_stdin(MOST_ALERT)?;
    let mut questions = alert::questions(&text).map_err(|said| {
        advised(
            anyhow::anyhow!(said),
            "as in echo '{\"namespace\": \"shop\", \"pod\": \"cart-1\"}' | callboard owner -",
        )
    })?;
    let left_out = questions.len().saturating_sub(MOST_QUESTIONS);
    questions.truncate(MOST_QUESTIONS);
    let note = (left_out > 0).then(|| format!("{left_out} more alerts were not looked up"));
    Ok((questions, note.into_iter().collect()))
}

fn not_found(
    questions: &[OwnerQuestion],
    clusters: &[ClusterRow],
    complete: bool,
    notes: &[String],
) -> anyhow::Error {
    let asked: Vec<String> = questions
        .iter()
        .map(|one| match &one.namespace {
            Some(namespace) => format!("{} in namespace {namespace}", one.text),
            None => one.text.clone(),
        })
        .collect();
    // Of a silent one nothing is known.
    let names: Vec<&str> =
        clusters.iter().filter(|row| !row.is_silent()).map(|row| row.name.as_str()).collect();
    let asked = listed(&asked, 3);
    let message = match names.is_empty() {
        true => format!("no cluster answered, so nothing is known of {asked}"),
        false => format!("nothing is {asked} in {}", listed(&names, 8)),
    };
    let told: Vec<String> = silences(clusters).iter().map(Line::plain).chain(notes.iter().cloned()).collect();
    match complete {
        true => advised(
            anyhow::anyhow!(message),
            "without -n every namespace is looked at, without --context every cluster",
        ),
        false => unanswered(message, told.join("; ")),
    }
}
