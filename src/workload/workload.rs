//! What runs pods: the wish and the controller's own account of it, per kind.

use crate::workload::body::*;
use crate::workload::kinds::Object;
use crate::workload::lenient::{self, Field};
use crate::workload::meta::{Condition, Meta};
use crate::workload::template::{Json, Template};

#[derive(Debug, Clone)]
pub struct Workload {
    /// Kubernetes' kind: `Deployment`.
    pub kind: &'static str,
    pub meta: Meta,
    pub body: Body,
}

/// Spec and status of one kind, reduced to what verdicts read.
#[derive(Debug, Clone)]
pub enum Body {
    Deployment { spec: DeploymentSpec, status: DeploymentStatus },
    ReplicaSet { spec: ReplicaSetSpec, status: ReplicaSetStatus },
    StatefulSet { spec: StatefulSetSpec, status: StatefulSetStatus },
    DaemonSet { spec: DaemonSetSpec, status: DaemonSetStatus },
    Job { spec: JobSpec, status: JobStatus },
    CronJob { spec: CronJobSpec, status: CronJobStatus },
    Rollout { spec: RolloutSpec, status: RolloutStatus },
}

impl Workload {
    /// `spec.selector` (a LabelSelector) as JSON text, where the kind has one and it is set.
    pub fn selector(&self) -> Option<&str> {
        let selector = match &self.body {
            Body::Deployment { spec, .. } => &spec.selector,
            Body::ReplicaSet { spec, .. } => &spec.selector,
            Body::StatefulSet { spec, .. } => &spec.selector,
            Body::DaemonSet { spec, .. } => &spec.selector,
            Body::Job { spec, .. } => &spec.selector,
            Body::Rollout { spec, .. } => &spec.selector,
            Body::CronJob { .. } => &None,
        };
        selector.as_ref().map(Json::text)
    }

    /// The pod template; a CronJob's is its job template's. Empty where a Rollout refers to a Deployment.
    pub fn template(&self) -> &Template {
        match &self.body {
            Body::Deployment { spec, .. } => &spec.template,
            Body::ReplicaSet { spec, .. } => &spec.template.0,
            Body::StatefulSet { spec, .. } => &spec.template,
            Body::DaemonSet { spec, .. } => &spec.template,
            Body::Job { spec, .. } => &spec.template,
            Body::CronJob { spec, .. } => &spec.job_template.spec.template,
            Body::Rollout { spec, .. } => &spec.template,
        }
    }

    /// `status.conditions`.
    pub fn conditions(&self) -> &[Condition] {
        match &self.body {
            Body::Deployment { status, .. } => &status.conditions,
            Body::ReplicaSet { status, .. } => &status.conditions,
            Body::StatefulSet { status, .. } => &status.conditions,
            Body::DaemonSet { status, .. } => &status.conditions,
            Body::Job { status, .. } => &status.conditions,
            Body::CronJob { status, .. } => &status.conditions,
            Body::Rollout { status, .. } => &status.conditions,
        }
    }

    /// `status.observedGeneration` as text: Rollouts store text, old ones a hash.
    pub fn observed_generation(&self) -> &str {
        match &self.body {
            Body::Deployment { status, .. } => &status.observed_generation,
            Body::ReplicaSet { status, .. } => &status.observed_generation,
            Body::StatefulSet { status, .. } => &status.observed_generation,
            Body::DaemonSet { status, .. } => &status.observed_generation,
            Body::Rollout { status, .. } => &status.observed_generation,
            Body::Job { .. } | Body::CronJob { .. } => "",
        }
    }
}

/// Decodes one Deployment of a list; so do the following for theirs.
pub fn deployment(json: &str) -> serde_json::Result<Object> {
    object(json, "Deployment", |spec, status| Body::Deployment { spec, status })
}
pub fn replica_set(json: &str) -> serde_json::Result<Object> {
    object(json, "ReplicaSet", |spec, status| Body::ReplicaSet { spec, status })
}
pub fn stateful_set(json: &str) -> serde_json::Result<Object> {
    object(json, "StatefulSet", |spec, status| Body::StatefulSet { spec, status })
}
pub fn daemon_set(json: &str) -> serde_json::Result<Object> {
    object(json, "DaemonSet", |spec, status| Body::DaemonSet { spec, status })
}
pub fn job(json: &str) -> serde_json::Result<Object> {
    object(json, "Job", |spec, status| Body::Job { spec, status })
}
pub fn cron_job(json: &str) -> serde_json::Result<Object> {
    object(json, "CronJob", |spec, status| Body::CronJob { spec, status })
}
pub fn rollout(json: &str) -> serde_json::Result<Object> {
    object(json, "Rollout", |spec, status| Body::Rollout { spec, status })
}

#[derive(serde::Deserialize)]
#[serde(default, bound = "S: Field, T: Field")]
struct Whole<S, T> {
    #[serde(deserialize_with = "lenient::read")]
    metadata: Meta,
    #[serde(deserialize_with = "lenient::read")]
    spec: S,
    #[serde(deserialize_with = "lenient::read")]
    status: T,
}

impl<S: Field, T: Field> Default for Whole<S, T> {
    fn default() -> Self {
        Whole { metadata: Meta::default(), spec: S::default(), status: T::default() }
    }
}

fn object<S: Field, T: Field>(
    json: &str,
    kind: &'static str,
    body: fn(S, T) -> Body,
) -> serde_json::Result<Object> {
    let whole: Whole<S, T> = lenient::object(json)?;
    let body = body(whole.spec, whole.status);
    Ok(Object::Workload(Box::new(Workload { kind, meta: whole.metadata, body })))
}
