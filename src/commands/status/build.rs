//! From answers to the report: pure, so that a stored answer gives the same report again.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Service;
use crate::commands::status::fold::FoldBy;
use crate::commands::status::groups::groups;
use crate::commands::status::report::{
    CellRow, ImageRow, Last, PodStatusRow, ServiceRow, StatusLayout, StatusReport, WorkloadRow,
};
use crate::health::{Assessed, Health, Serving, Summary, order};
use crate::report::API_VERSION;
use crate::shared::SharedText;
use crate::survey::{
    ClusterAnswer, ClusterHealth, HealthState, Learned, Remembered, ServiceHealth, ServiceQuery, Survey,
};
use crate::text::count;
use crate::workload::{Pod, columns};

/// How the report is wanted.
pub struct ReportOptions<'a> {
    pub by: Option<&'a FoldBy>,
    pub unhealthy: bool,
    /// Names each component that runs nowhere instead of counting them.
    pub verbose: bool,
}

/// The report, and what is to be remembered of this run.
pub fn build(survey: &Survey, wish: &ReportOptions) -> (StatusReport, Learned) {
    let (mut outlooks, idle) = survey.health_of_services();
    let mut notes = survey.placed.notes();
    if !idle.is_empty() {
        let names: Vec<&str> = idle.iter().map(|service| service.name.as_str()).collect();
        notes.push(match wish.verbose {
            true => format!("not running on Kubernetes: {}", names.join(", ")),
            false => format!(
                "{} in the catalog without anything running (-v names them)",
                count(names.len(), "component")
            ),
        });
    }
    outlooks.sort_by_key(|(service, outlook)| {
        (order(outlook.summary.health, outlook.summary.serving), service.name.clone())
    });
    let shown = |outlook: &ServiceHealth| !wish.unhealthy || outlook.summary.health > Health::Suspended;
    let items: Vec<ServiceRow> = outlooks
        .iter()
        .filter(|(_, outlook)| shown(outlook))
        .map(|(service, outlook)| service_row(service, outlook, survey))
        .collect();
    let report = StatusReport {
        api_version: API_VERSION,
        kind: "ServiceStatusList",
        generated_at: survey.now,
        complete: survey.is_complete(&outlooks),
        notes,
        clusters: survey.rows(),
        groups: wish.by.map(|by| groups(&items, by, &survey.labels())),
        items,
        layout: StatusLayout {
            by: wish.by.cloned(),
            totals: totals(outlooks.iter().map(|(_, outlook)| outlook)),
        },
    };
    (report, remembered(survey, &outlooks))
}

/// A service counts as down where it is in one cluster at least.
fn totals<'a, 'b: 'a>(
    outlooks: impl Iterator<Item = &'a ServiceHealth<'b>>,
) -> BTreeMap<(Health, bool), usize> {
    let mut totals = BTreeMap::new();
    for outlook in outlooks {
        let cells = outlook.cells.iter().map(|cell| &cell.summary);
        let is_down = |one: &Summary| one.health == Health::Degraded && one.serving == Some(Serving::None);
        let down = cells.chain([&outlook.summary]).any(is_down);
        *totals.entry((outlook.summary.health, down)).or_default() += 1;
    }
    totals
}

/// Clusters that answered are remembered with what they said; the rest keeps what was known.
fn remembered(survey: &Survey, outlooks: &[(&Service, ServiceHealth)]) -> Learned {
    let mut learned = Learned::new(survey.now);
    let asked: BTreeMap<&str, (&ServiceQuery, String)> =
        survey.placed.wanted.iter().map(|wanted| (wanted.name.as_str(), (wanted, wanted.key()))).collect();
    for (index, said) in survey.collected.answers().iter().enumerate() {
        let ClusterAnswer::Answered(snapshot) = said else { continue };
        if !snapshot.unread.is_empty() {
            continue;
        }
        for (service, outlook) in outlooks {
            let Some((_, key)) = asked.get(service.name.as_str()).filter(|(one, _)| one.is_told_by(index))
            else {
                continue;
            };
            let cell = outlook.cells.iter().find(|cell| cell.cluster == index && !cell.workloads.is_empty());
            let now = cell.map(|cell| Remembered::new(&cell.summary, kinds(cell), survey.now));
            learned.learn(&survey.keys[index], key, now);
        }
    }
    learned
}

fn kinds(cell: &ClusterHealth) -> Vec<String> {
    let mut kinds: BTreeSet<&str> = cell.workloads.iter().map(|(_, assessed)| assessed.kind).collect();
    if cell.workloads.iter().any(|(_, assessed)| !assessed.pods.is_empty()) {
        kinds.insert("Pod");
    }
    kinds.into_iter().map(str::to_string).collect()
}

fn service_row(service: &Service, outlook: &ServiceHealth, survey: &Survey) -> ServiceRow {
    ServiceRow {
        service: service.name.clone(),
        owner: service.owner.as_ref().map(|owner| owner.display.clone()),
        system: service.system.as_ref().map(|system| system.display.clone()),
        guessed: service.guess.is_some(),
        state: HealthState::of(&outlook.summary),
        clusters: outlook.cells.iter().map(|cell| cell_row(cell, survey)).collect(),
    }
}

fn cell_row(cell: &ClusterHealth, survey: &Survey) -> CellRow {
    let last = cell
        .last
        .as_ref()
        .and_then(|last| Some(Last { state: last.state()?, answered_at: last.answered_at, pods: last.pods }));
    CellRow {
        cluster: survey.clusters[cell.cluster].clone(),
        state: HealthState::of(&cell.summary),
        last,
        notes: cell.summary.notes.clone(),
        workloads: cell.workloads.iter().map(|(_, assessed)| workload_row(assessed)).collect(),
        available: cell.summary.available,
        desired: cell.summary.desired,
    }
}

fn workload_row(assessed: &Assessed) -> WorkloadRow {
    WorkloadRow {
        kind: assessed.kind.to_string(),
        namespace: assessed.namespace.to_string(),
        name: assessed.name.to_string(),
        state: HealthState::new(&assessed.verdict, assessed.serving),
        desired: assessed.desired,
        updated: assessed.updated,
        ready: assessed.ready,
        available: assessed.available,
        revision: assessed.revision.clone(),
        notes: assessed.verdict.notes.clone(),
        images: images(assessed),
        pods: assessed.pods.iter().map(|(pod, verdict)| pod_row(pod, verdict)).collect(),
    }
}

/// An entry for each distinct container, image and digest that the pods run.
fn images(assessed: &Assessed) -> Vec<ImageRow> {
    let mut images = BTreeSet::new();
    for (pod, _) in &assessed.pods {
        for container in pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses) {
            let mut named = pod.spec.containers.iter().chain(&pod.spec.init_containers);
            let asked = named.find(|spec| container.name == spec.name).map(|spec| spec.image.as_str());
            let image = asked.filter(|image| !image.is_empty()).unwrap_or(&container.image);
            images.insert((container.name.as_str(), image, digest(&container.image_id)));
        }
    }
    let row = |(container, image, digest): (&str, &str, Option<&str>)| ImageRow {
        container: container.to_string(),
        image: image.to_string(),
        digest: digest.map(str::to_string),
    };
    images.into_iter().map(row).collect()
}

/// `sha256:...` of an imageID such as `docker-pullable://registry/name@sha256:...`.
fn digest(image_id: &str) -> Option<&str> {
    image_id.rfind("sha256:").map(|at| &image_id[at..])
}

fn pod_row(pod: &Pod, verdict: &crate::health::Verdict) -> PodStatusRow {
    let cells = columns(pod);
    let some = |text: SharedText| Some(text).filter(|text| !text.is_empty());
    PodStatusRow {
        name: pod.meta.name.clone(),
        status: SharedText::of(&cells.status),
        ready: SharedText::of(&cells.ready),
        restarts: cells.restarts,
        last_restart: cells.last_restart,
        node: some(pod.node_name.clone()),
        created: pod.meta.created,
        health: verdict.health,
        reason: some(SharedText::of(verdict.reason.as_str())),
    }
}
