//! The status of services as a value: what `-o json` prints, and what the table is made from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::commands::status::fold::FoldBy;
use crate::diagnose::Finding;
use crate::health::Health;
use crate::shared::SharedText;
use crate::survey::{HealthState, SurveyHeader, health_word};

/// `kind: ServiceStatusList`, described by docs/schema/status.json.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusReport {
    #[serde(flatten)]
    pub header: SurveyHeader,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupRow>>,
    /// What explains why several services are not well, the widest first: as far as the status of their pods proves it.
    pub incidents: Vec<IncidentRow>,
    pub items: Vec<ServiceRow>,
    /// How the table is to be laid out; not part of the answer.
    #[serde(skip)]
    pub layout: StatusLayout,
}

/// What the table needs beside the answer itself.
#[derive(Debug, Default)]
pub struct StatusLayout {
    /// The name of the column that `--by` folds into.
    pub by: Option<FoldBy>,
    /// How many services there are of each health, and whether they are down: also those not shown.
    pub totals: BTreeMap<(Health, bool), usize>,
}

/// One thing that explains why several services are not well.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IncidentRow {
    /// As the incidents of a diagnosis have it.
    pub cause: &'static str,
    pub what: String,
    pub clusters: Vec<String>,
    /// Their names, in the order of the answer.
    pub services: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceRow {
    pub service: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    pub guessed: bool,
    #[serde(flatten)]
    pub state: HealthState,
    pub clusters: Vec<CellRow>,
}

/// A service in a cluster.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CellRow {
    pub cluster: String,
    #[serde(flatten)]
    pub state: HealthState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Last>,
    pub notes: Vec<String>,
    pub workloads: Vec<WorkloadRow>,
    /// Pods over what serves, for the PODS column.
    #[serde(skip)]
    pub available: Option<i64>,
    #[serde(skip)]
    pub desired: Option<i64>,
}

/// What the cluster said the last time it answered.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Last {
    #[serde(flatten)]
    pub state: HealthState,
    pub answered_at: Timestamp,
    #[serde(skip)]
    pub pods: Option<(i64, i64)>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadRow {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    #[serde(flatten)]
    pub state: HealthState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    pub notes: Vec<String>,
    pub images: Vec<ImageRow>,
    pub pods: Vec<PodStatusRow>,
    /// What incidents are made from; a diagnosis tells it.
    #[serde(skip)]
    pub outside: Vec<OutsideFinding>,
}

/// A finding that blames something outside of its pod, and is sure from the status alone.
#[derive(Clone, Debug)]
pub struct OutsideFinding {
    pub pod: Option<String>,
    pub finding: Finding,
}

/// An image as the pods run it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageRow {
    pub container: String,
    pub image: String,
    /// `sha256:...`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// STATUS, READY and RESTARTS are what `kubectl get pods` prints.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodStatusRow {
    pub name: String,
    pub status: SharedText,
    pub ready: SharedText,
    pub restarts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_restart: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<SharedText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    #[serde(serialize_with = "health_word")]
    pub health: Health,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<SharedText>,
}

/// `--by`: services that share an owner, a system, a cluster or a cluster's label.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupRow {
    pub name: String,
    #[serde(flatten)]
    pub state: HealthState,
    pub services: Vec<String>,
    pub clusters: Vec<String>,
    #[serde(skip)]
    pub counts: Vec<(Health, usize)>,
}
