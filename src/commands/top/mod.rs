//! `top`: what a service's pods use, against what they asked for and may have.

mod notes;
mod report;
mod unmeasured;
mod usage;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use clap::Args;
use futures::future::join_all;
use jiff::Timestamp;

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs, chosen_services};
use crate::commands::top::report::{
    ContainerRow, PodUsageRow, UsageLayout, UsageReport, UsageRow, worst_first,
};
use crate::commands::top::unmeasured::{Unmeasured, why};
use crate::commands::top::usage::usage;
use crate::fleet::{Asked, Gap, ListEnd, ListRequest, Resource, Silence};
use crate::outcome::Outcome;
use crate::selector::Selector;
use crate::survey::{ServiceQuery, Snapshot, Survey, SurveyHeader};
use crate::workload::{Object, Pod, PodMetrics, observe_pod_metrics};

/// CPU and memory of a service's pods against requests and limits
///
/// The pod closest to its memory limit stands first. A pod's request or limit is the sum over its containers, and only
/// where each of them has one: else it says so. Where there is no figure, a note says why.
/// Exit code 4: a cluster did not answer, or would not tell its metrics.
#[derive(Args, Debug)]
#[command(mut_arg("services", |arg| arg.help("Names or entity refs")))]
#[command(before_help = "callboard top checkout
callboard top --owner team-checkout --containers")]
pub struct TopArgs {
    #[command(flatten)]
    which: WhichArgs,

    #[command(flatten)]
    output: OutputArgs,

    /// A row for each container
    #[arg(long, help_heading = "Output")]
    containers: bool,
}

pub fn run(args: &TopArgs, app: &App) -> Result<Outcome> {
    let services = chosen_services(&args.which, app)?;
    let selectors: Vec<Selector> = services.iter().map(|service| service.selector.clone()).collect();
    let further = move |asked: Asked, snapshot: Snapshot| {
        let selectors = selectors.clone();
        async move {
            let (measured, gaps) = measure(&asked, &snapshot, &selectors).await;
            (snapshot, measured, gaps)
        }
    };
    let (mut survey, measured) = Survey::run_with_details(services, true, app, further)?;
    survey.miss(args.which.is_named(), app)?;
    let mut items = Vec::new();
    for ((name, answer), measured) in survey.clusters.iter().zip(&survey.collected.answers).zip(&measured) {
        let Some(answer) = answer else { continue };
        items.extend(rows(&survey.placed.wanted, name, &answer.value, measured, survey.now));
    }
    items
        .sort_by_cached_key(|item| (worst_first(&item.usage.exact), item.cluster.clone(), item.name.clone()));
    let report = UsageReport {
        header: SurveyHeader::of(&survey, survey.is_whole(), notes(&survey, &items)),
        items,
        layout: UsageLayout { containers: args.containers, many: survey.placed.wanted.len() > 1 },
    };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(report.header.outcome(false))
}

/// What a cluster's metrics server says of pods, by namespace and name.
#[derive(Debug, Default)]
struct Measured {
    pods: BTreeMap<(String, String), PodMetrics>,
    /// The namespaces of which it told nothing at all.
    untold: BTreeMap<String, Unmeasured>,
}

/// How pods' metrics are called where a gap is told.
const METRICS: &str = "pods.metrics.k8s.io";

/// Asks for the metrics of the pods, namespace by namespace.
async fn measure(asked: &Asked, snapshot: &Snapshot, selectors: &[Selector]) -> (Measured, Vec<Gap>) {
    let pods: Vec<&Pod> =
        snapshot.members.iter().flatten().filter_map(|one| pod(&snapshot.objects[*one])).collect();
    let namespaces: BTreeSet<&str> = pods.iter().map(|pod| pod.meta.namespace.as_str()).collect();
    let selector = selector(&pods, selectors);
    let lists = namespaces.iter().map(|namespace| list(asked, namespace, selector.as_deref()));
    let mut measured = Measured::default();
    let mut gaps: Vec<Gap> = Vec::new();
    for (namespace, (found, end)) in namespaces.iter().zip(join_all(lists).await) {
        let mut untold = |why| measured.untold.insert(namespace.to_string(), why);
        let named =
            found.into_iter().map(|one| ((one.meta.namespace.to_string(), one.meta.name.clone()), one));
        measured.pods.extend(named);
        match end {
            Ok(ListEnd::NotServed) => drop(untold(Unmeasured::NotServed)),
            Ok(ListEnd::Whole { .. }) => {}
            Err(why) => {
                untold(Unmeasured::Refused);
                gaps.push(Gap::kind(METRICS, why));
            }
        }
    }
    gaps.dedup();
    (measured, gaps)
}

async fn list(
    asked: &Asked,
    namespace: &str,
    selector: Option<&str>,
) -> (Vec<PodMetrics>, Result<ListEnd, Silence>) {
    let resource =
        Resource { kind: "PodMetrics", group: "metrics.k8s.io", version: "v1beta1", plural: "pods" };
    let request = ListRequest { resource, namespace: Some(namespace), selector, field_selector: None };
    let mut found = Vec::new();
    let mut receive = |json: &str| {
        found.push(observe_pod_metrics(json)?);
        Ok(())
    };
    let end = asked.list(&request, &mut receive).await;
    (found, end)
}

/// Metrics carry their pods' labels, so one service's selector finds them, if it selects all of its pods. Otherwise the
/// namespace is asked for as a whole.
fn selector(pods: &[&Pod], selectors: &[Selector]) -> Option<String> {
    let [selector] = selectors else { return None };
    let selects_all = pods.iter().all(|pod| selector.matches(&pod.meta.labels));
    (selects_all && !selector.is_everything()).then(|| selector.to_string())
}

fn pod(object: &Object) -> Option<&Pod> {
    match object {
        Object::Pod(pod) => Some(pod),
        Object::Workload(_) => None,
    }
}

/// The pods of one cluster that are not at their end.
fn rows(
    wanted: &[ServiceQuery],
    cluster: &str,
    snapshot: &Snapshot,
    measured: &Measured,
    now: Timestamp,
) -> Vec<PodUsageRow> {
    let mut rows = Vec::new();
    for (service, members) in wanted.iter().zip(&snapshot.members) {
        let pods = members.iter().filter_map(|member| pod(&snapshot.objects[*member]));
        let alive = pods.filter(|pod| !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed"));
        rows.extend(alive.map(|pod| {
            let metrics = measured.pods.get(&(pod.meta.namespace.to_string(), pod.meta.name.clone()));
            let found = usage(pod, metrics);
            let untold = || measured.untold.get(pod.meta.namespace.as_str()).copied();
            let containers = found.containers.into_iter();
            PodUsageRow {
                service: service.name.clone(),
                cluster: cluster.to_string(),
                namespace: pod.meta.namespace.to_string(),
                name: pod.meta.name.clone(),
                measured: metrics.and_then(|metrics| metrics.timestamp.or(metrics.meta.created)),
                unmeasured: metrics.is_none().then(|| untold().unwrap_or_else(|| why(pod, now))),
                usage: UsageRow::new(found.whole),
                containers: containers
                    .map(|(name, usage)| ContainerRow { name, usage: UsageRow::new(usage) })
                    .collect(),
            }
        }));
    }
    rows
}

fn notes(survey: &Survey, items: &[PodUsageRow]) -> Vec<String> {
    let mut notes = notes::notes(items);
    let services = survey.placed.wanted.iter().map(|wanted| wanted.name.as_str());
    let absent: Vec<&str> = services.filter(|name| !items.iter().any(|item| item.service == *name)).collect();
    if !absent.is_empty() {
        notes.push(format!("no pods were seen of {}", absent.join(", ")));
    }
    notes
}
