//! The diagnosis of services as a value: what `-o json` prints, described by docs/schema/diagnosis.json.

use jiff::Timestamp;
use serde::Serialize;

use crate::commands::changes::{ChangeRow, ChangedItem};
use crate::commands::compare::value_fields;
use crate::commands::diagnose::rollout::RolloutStart;
use crate::compare::{AttributeName, AttributeValue, masked_quote};
use crate::diagnose::Evidence;
use crate::survey::{HealthState, SurveyHeader};

/// `kind: DiagnosisList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiagnosisReport {
    #[serde(flatten)]
    pub header: SurveyHeader,
    /// What explains findings of several services, the widest first.
    pub incidents: Vec<IncidentItem>,
    pub items: Vec<DiagnosedService>,
    #[serde(skip)]
    pub layout: DiagnosisLayout,
}

/// What the page needs beside the answer itself.
#[derive(Debug, Default)]
pub struct DiagnosisLayout {
    pub well: usize,
}

/// One thing that explains findings of several services.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IncidentItem {
    /// An id of docs/diagnoses.md: `node`, `registry`.
    pub cause: &'static str,
    pub what: String,
    pub confidence: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    pub clusters: Vec<String>,
    /// Their names, in the order of the answer.
    pub services: Vec<String>,
    pub findings: Vec<ExplainedFinding>,
    pub evidence: Vec<EvidenceItem>,
    pub next: Vec<String>,
}

/// A finding that an incident explains.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedFinding {
    pub service: String,
    pub cause: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiagnosedService {
    pub service: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(flatten)]
    pub state: HealthState,
    pub links: Vec<LinkItem>,
    pub clusters: Vec<CellItem>,
    pub looked_at: Vec<EvidenceItem>,
    /// What to type where no finding says it.
    pub next: Vec<String>,
    pub timeline: Vec<MomentItem>,
    pub findings: Vec<FindingItem>,
    pub differences: Vec<DifferenceItem>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub url: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CellItem {
    pub cluster: String,
    #[serde(flatten)]
    pub state: HealthState,
    pub notes: Vec<String>,
    #[serde(skip)]
    pub pods: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceItem {
    pub source: &'static str,
    pub text: String,
}

impl From<Evidence> for EvidenceItem {
    fn from(evidence: Evidence) -> EvidenceItem {
        EvidenceItem { source: evidence.source.word(), text: masked_quote(&evidence.text) }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MomentItem {
    pub time: Timestamp,
    pub cluster: String,
    pub text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingItem {
    pub cause: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
    pub confidence: &'static str,
    pub summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    pub evidence: Vec<EvidenceItem>,
    pub next: Vec<String>,
    pub alternatives: Vec<String>,
    /// The rollout that it began with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<RolloutItem>,
    /// What else changed within the hour before, the nearest first.
    pub changes: Vec<ChangeRow>,
    /// Everything was told that clusters keep of the past: where `changes` is empty, nothing was seen to change.
    pub changes_read: bool,
    /// The incidents that explain it: their places in `incidents`, from 1 on.
    pub incidents: Vec<usize>,
    pub r#where: Vec<WhereItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    #[serde(skip)]
    pub spread: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RolloutItem {
    pub time: Timestamp,
    pub revision: String,
    pub images: Vec<ImageChange>,
    /// What is different in the template, images too, as far as it was read.
    pub differences: Vec<ChangedItem>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageChange {
    pub container: String,
    pub before: String,
    pub after: String,
}

/// Differences of a template that the line of a rollout tells; the rest is counted.
const MOST_TOLD: usize = 4;

impl RolloutItem {
    /// The differences that its line tells.
    pub fn told(&self) -> impl Iterator<Item = &ChangedItem> {
        self.differences.iter().take(MOST_TOLD)
    }

    pub fn of(start: &RolloutStart) -> RolloutItem {
        let image = |(container, before, after): &(String, String, String)| ImageChange {
            container: container.clone(),
            before: before.clone(),
            after: after.clone(),
        };
        RolloutItem {
            time: start.time,
            revision: start.revision.clone(),
            images: start.images.iter().map(image).collect(),
            differences: Vec::new(),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WhereItem {
    pub cluster: String,
    pub namespace: String,
    pub workload: String,
    pub bad_pods: usize,
    pub pods: usize,
    pub names: Vec<String>,
}

fn as_text<S: serde::Serializer>(name: &AttributeName, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(name)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceItem {
    #[serde(serialize_with = "as_text")]
    pub what: AttributeName,
    pub values: Vec<ValueItem>,
    /// From 0, tells nothing, to 1, tells the bad from the good without exception.
    #[serde(skip)]
    pub weight: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueItem {
    #[serde(flatten, serialize_with = "value_fields")]
    pub value: AttributeValue,
    pub clusters: Vec<String>,
    pub bad_pods: usize,
    pub pods: usize,
}
