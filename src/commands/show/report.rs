//! The page about a service as a value: what `-o json` prints, and what the page is made from.

use jiff::Timestamp;
use serde::Serialize;

use crate::catalog::Service;
use crate::commands::changes::ChangeRow;
use crate::commands::owner::OwnerItem;
use crate::commands::show::neighbours::NeighbourRow;
use crate::commands::show::routes::{CoreServiceRow, HostRow};
use crate::commands::show::surroundings::Surroundings;
use crate::commands::status::WorkloadRow;
use crate::health::{Summary, Verdict, autoscaler, budget, claim};
use crate::podstatus::Thresholds;
use crate::survey::{HealthState, Remembered, SurveyHeader};

/// `kind: ServicePageList`, described by docs/schema/show.json.
#[derive(Debug, Serialize)]
pub struct ServicePage {
    #[serde(flatten)]
    pub header: SurveyHeader,
    /// One.
    pub items: Vec<ShownService>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownService {
    pub service: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub guessed: bool,
    /// The file that declares it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<String>,
    pub tags: Vec<String>,
    pub selector: String,
    /// Nothing where it runs nowhere and need not.
    #[serde(flatten)]
    pub state: Option<HealthState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<OwnerItem>,
    /// The broken first.
    pub depends_on: Vec<NeighbourRow>,
    pub dependents: Vec<NeighbourRow>,
    /// Worst first.
    pub clusters: Vec<PlaceRow>,
}

/// A service in a cluster, with what is around it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceRow {
    pub cluster: String,
    #[serde(flatten)]
    pub state: HealthState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired: Option<i64>,
    /// What it said last, where it is silent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<LastState>,
    pub notes: Vec<String>,
    pub workloads: Vec<WorkloadRow>,
    pub core_services: Vec<CoreServiceRow>,
    pub hosts: Vec<HostRow>,
    pub scaling: Vec<ScalingRow>,
    pub budgets: Vec<BudgetRow>,
    pub volumes: Vec<VolumeRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_change: Option<ChangeRow>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LastState {
    #[serde(flatten)]
    pub state: HealthState,
    pub answered_at: Timestamp,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScalingRow {
    pub namespace: String,
    pub name: String,
    /// `Deployment/web`.
    pub target: String,
    pub min: i64,
    pub max: i64,
    pub current: i64,
    pub wanted: i64,
    #[serde(flatten)]
    pub state: HealthState,
    pub notes: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BudgetRow {
    pub namespace: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_available: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<i64>,
    #[serde(flatten)]
    pub state: HealthState,
    pub notes: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VolumeRow {
    pub namespace: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    #[serde(flatten)]
    pub state: HealthState,
}

impl ShownService {
    /// What the catalog says.
    pub fn of(service: &Service) -> ShownService {
        ShownService {
            service: service.name.clone(),
            title: service.title.clone(),
            description: service.description.clone(),
            guessed: service.guess.is_some(),
            declared: service.declared.as_ref().map(|place| format!("{}:{}", place.file, place.line)),
            system: service.system.as_ref().map(|one| one.display.clone()),
            domain: service.domain.as_ref().map(|one| one.display.clone()),
            r#type: service.type_.clone(),
            lifecycle: service.lifecycle.clone(),
            tags: service.tags.clone(),
            selector: service.selector_text.clone(),
            state: None,
            owner: None,
            depends_on: Vec::new(),
            dependents: Vec::new(),
            clusters: Vec::new(),
        }
    }
}

/// What a place is made of.
pub struct PlaceInputs<'a> {
    pub name: String,
    pub summary: &'a Summary,
    pub last: Option<&'a Remembered>,
    pub workloads: Vec<WorkloadRow>,
    pub around: &'a Surroundings,
    pub last_change: Option<ChangeRow>,
    pub now: Timestamp,
    pub thresholds: &'a Thresholds,
}

pub fn place_row(inputs: PlaceInputs<'_>) -> PlaceRow {
    let PlaceInputs { name, summary, last, workloads, around, last_change, now, thresholds } = inputs;
    let state = |verdict: &Verdict| HealthState::new(verdict, None);
    let some = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
    let scaling = around.autoscalers.iter().map(|one| {
        let verdict = autoscaler(one, now, thresholds);
        let target = &one.spec.scale_target_ref;
        ScalingRow {
            namespace: one.meta.namespace.to_string(),
            name: one.meta.name.clone(),
            target: format!("{}/{}", target.kind, target.name),
            min: one.spec.min_replicas.unwrap_or(1),
            max: one.spec.max_replicas,
            current: one.status.current_replicas,
            wanted: one.status.desired_replicas,
            state: state(&verdict),
            notes: verdict.notes,
        }
    });
    let budgets = around.budgets.iter().map(|one| {
        let verdict = budget(one, now, thresholds);
        BudgetRow {
            namespace: one.meta.namespace.to_string(),
            name: one.meta.name.clone(),
            min_available: some(&one.spec.min_available),
            max_unavailable: some(&one.spec.max_unavailable),
            allowed: one.status.disruptions_allowed,
            state: state(&verdict),
            notes: verdict.notes,
        }
    });
    let volumes = around.claims.iter().map(|one| VolumeRow {
        namespace: one.meta.namespace.to_string(),
        name: one.meta.name.clone(),
        phase: some(&one.status.phase),
        size: one.spec.resources.requests.get("storage").cloned(),
        storage_class: some(&one.spec.storage_class_name),
        state: state(&claim(one, &[], now, thresholds)),
    });
    PlaceRow {
        cluster: name,
        state: HealthState::of(summary),
        available: summary.available,
        desired: summary.desired,
        last: last.and_then(|last| Some(LastState { state: last.state()?, answered_at: last.answered_at })),
        notes: summary.notes.clone(),
        workloads,
        core_services: around.core_services.clone(),
        hosts: around.hosts.clone(),
        scaling: scaling.collect(),
        budgets: budgets.collect(),
        volumes: volumes.collect(),
        last_change,
    }
}
