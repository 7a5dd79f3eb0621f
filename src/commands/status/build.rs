//! From answers to the report: pure, so that a stored answer gives the same report again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::catalog::Service;
use crate::commands::status::fold::FoldBy;
use crate::commands::status::groups::groups;
use crate::commands::status::incidents::{outside_findings, proven_incidents};
use crate::commands::status::report::{
    CellRow, ImageRow, Last, PodStatusRow, ServiceRow, StatusLayout, StatusReport, WorkloadRow,
};
use crate::health::{Assessed, Health, Serving, Summary, order};
use crate::podstatus::Thresholds;
use crate::shared::SharedText;
use crate::survey::{
    ClusterAnswer, ClusterVerdict, HealthState, JudgedWorkload, KeptCells, KeptVerdicts, Learned, Remembered,
    ServiceQuery, ServiceVerdict, Survey, SurveyHeader,
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
pub fn build(
    survey: &Survey,
    verdicts: KeptVerdicts<WorkloadRow>,
    wish: &ReportOptions,
) -> (StatusReport, Learned) {
    let idle_note = (!verdicts.idle.is_empty()).then(|| {
        let idle: Vec<&str> =
            verdicts.idle.iter().map(|service| survey.services[*service].name.as_str()).collect();
        match wish.verbose {
            true => format!("not running on Kubernetes: {}", idle.join(", ")),
            false => format!(
                "{} in the catalog without anything running (-v names them)",
                count(idle.len(), "component")
            ),
        }
    });
    let mut services: Vec<(&Service, ServiceRows)> =
        verdicts.running.into_iter().map(|(service, verdict)| (&survey.services[service], verdict)).collect();
    services.sort_by_key(|(service, verdict)| {
        (order(verdict.summary.health, verdict.summary.serving), service.name.clone())
    });
    let learned = remembered(survey, &services);
    let complete = survey.is_complete(&services);
    let totals = totals(services.iter().map(|(_, verdict)| verdict));
    let of_services =
        services.iter().map(|(service, verdict)| (service.name.as_str(), verdict.cells.as_slice()));
    let incidents = proven_incidents(of_services, &survey.clusters);
    let shown = |verdict: &ServiceRows| !wish.unhealthy || verdict.summary.health > Health::Suspended;
    let items: Vec<ServiceRow> = services
        .into_iter()
        .filter(|(_, verdict)| shown(verdict))
        .map(|(service, verdict)| service_row(service, verdict, survey))
        .collect();
    let report = StatusReport {
        header: SurveyHeader::of(survey, complete, idle_note),
        incidents,
        groups: wish.by.map(|by| groups(&items, by, &survey.labels())),
        items,
        layout: StatusLayout { by: wish.by.cloned(), totals },
    };
    (report, learned)
}

/// A service over all clusters, its workloads as they are shown.
type ServiceRows = ServiceVerdict<WorkloadRow>;

/// A service counts as down where it is in one cluster at least.
fn totals<'a>(services: impl Iterator<Item = &'a ServiceRows>) -> BTreeMap<(Health, bool), usize> {
    let mut totals = BTreeMap::new();
    for service in services {
        let cells = service.cells.iter().map(|cell| &cell.summary);
        let is_down = |one: &Summary| one.health == Health::Degraded && one.serving == Some(Serving::None);
        let down = cells.chain([&service.summary]).any(is_down);
        *totals.entry((service.summary.health, down)).or_default() += 1;
    }
    totals
}

/// Clusters that answered are remembered with what they said; the rest keeps what was known.
fn remembered(survey: &Survey, services: &[(&Service, ServiceRows)]) -> Learned {
    let mut learned = Learned::new(survey.now);
    let asked: BTreeMap<&str, (&ServiceQuery, String)> =
        survey.placed.wanted.iter().map(|wanted| (wanted.name.as_str(), (wanted, wanted.key()))).collect();
    for (index, said) in survey.collected.answers().iter().enumerate() {
        let ClusterAnswer::Answered(snapshot) = said else { continue };
        if !snapshot.unread.is_empty() {
            continue;
        }
        for (service, verdict) in services {
            let Some((_, key)) = asked.get(service.name.as_str()).filter(|(one, _)| one.is_told_by(index))
            else {
                continue;
            };
            let cell = verdict.cells.iter().find(|cell| cell.cluster == index && !cell.workloads.is_empty());
            let now =
                cell.map(|cell| Remembered::new(&cell.summary, kinds(cell), containers(cell), survey.now));
            learned.learn(&survey.keys[index], key, now);
        }
    }
    learned
}

/// What a cluster that said everything says of each service, to be told when it is silent: by the number of the service.
pub fn last_answers(
    kept: &KeptCells<WorkloadRow>,
    cluster: usize,
    answered_at: Timestamp,
) -> Vec<(usize, Remembered)> {
    let here = kept.of_cluster(cluster).filter(|(_, cell)| !cell.workloads.is_empty());
    here.map(|(number, cell)| {
        (number, Remembered::new(&cell.summary, kinds(cell), containers(cell), answered_at))
    })
    .collect()
}

fn kinds(cell: &ClusterVerdict<WorkloadRow>) -> Vec<String> {
    let mut kinds: BTreeSet<&str> = cell.workloads.iter().map(|row| row.kind.as_str()).collect();
    if cell.workloads.iter().any(|row| !row.pods.is_empty()) {
        kinds.insert("Pod");
    }
    kinds.into_iter().map(str::to_string).collect()
}

fn containers(cell: &ClusterVerdict<WorkloadRow>) -> Vec<String> {
    let images = cell.workloads.iter().flat_map(|row| &row.images);
    let names: BTreeSet<&str> = images.map(|image| image.container.as_str()).collect();
    names.into_iter().map(str::to_string).collect()
}

fn service_row(service: &Service, verdict: ServiceRows, survey: &Survey) -> ServiceRow {
    ServiceRow {
        service: service.name.clone(),
        owner: service.owner.as_ref().map(|owner| owner.display.clone()),
        system: service.system.as_ref().map(|system| system.display.clone()),
        guessed: service.guess.is_some(),
        state: HealthState::of(&verdict.summary),
        clusters: cell_rows(verdict, survey),
    }
}

/// The rows of a service, worst first; one for each cluster that exists nowhere among them.
fn cell_rows(verdict: ServiceRows, survey: &Survey) -> Vec<CellRow> {
    let nowhere = verdict.nowhere.into_iter().map(|unknown| CellRow {
        state: HealthState::of(&unknown.summary()),
        cluster: unknown.name,
        last: None,
        available: None,
        desired: None,
        notes: Vec::new(),
        workloads: Vec::new(),
    });
    let mut rows: Vec<CellRow> =
        verdict.cells.into_iter().map(|cell| cell_row(cell, survey)).chain(nowhere).collect();
    rows.sort_by_key(|row| order(row.state.health, row.state.serving));
    rows
}

fn cell_row(cell: ClusterVerdict<WorkloadRow>, survey: &Survey) -> CellRow {
    let last = cell
        .last
        .and_then(|last| Some(Last { state: last.state()?, answered_at: last.answered_at, pods: last.pods }));
    CellRow {
        cluster: survey.clusters[cell.cluster].clone(),
        state: HealthState::of(&cell.summary),
        last,
        available: cell.summary.available,
        desired: cell.summary.desired,
        notes: cell.summary.notes,
        workloads: cell.workloads,
    }
}

/// What is shown of a workload, and all that is kept of it.
pub fn workload_row(judged: &JudgedWorkload, now: Timestamp, thresholds: Thresholds) -> WorkloadRow {
    let (_, assessed) = judged;
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
        outside: outside_findings(judged, now, thresholds),
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
