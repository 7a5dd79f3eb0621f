//! What runs pods: the wish and the controller's own account of it, per kind.

use crate::workload::body::*;
use crate::workload::lenient::{self, LenientField};
use crate::workload::meta::{Condition, Meta};
use crate::workload::template::{Json, PodTemplate};

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
    Rollout { spec: Box<RolloutSpec>, status: Box<RolloutStatus> },
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
    pub fn template(&self) -> &PodTemplate {
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

    /// `spec.replicas`, and of a DaemonSet how many nodes it is for; `None` where it was not said, and of what runs to its
    /// end.
    pub fn replicas(&self) -> Option<i64> {
        match &self.body {
            Body::Deployment { spec, .. } => spec.replicas,
            Body::ReplicaSet { spec, .. } => spec.replicas,
            Body::StatefulSet { spec, .. } => spec.replicas,
            Body::DaemonSet { status, .. } => status.desired_number_scheduled,
            Body::Rollout { spec, .. } => spec.replicas,
            Body::Job { .. } | Body::CronJob { .. } => None,
        }
    }

    /// How many pods its own status counts; none of a CronJob, whose Jobs count them.
    pub fn counted_pods(&self) -> i64 {
        match &self.body {
            Body::Deployment { status, .. } => status.replicas,
            Body::ReplicaSet { status, .. } => status.replicas,
            Body::StatefulSet { status, .. } => status.replicas,
            Body::DaemonSet { status, .. } => status.current_number_scheduled,
            Body::Rollout { status, .. } => status.replicas,
            Body::Job { status, .. } => status.active,
            Body::CronJob { .. } => 0,
        }
    }

    /// Whether its status counts fewer pods than it should have; of a CronJob it cannot be told, so it may.
    pub fn lacks_pods(&self) -> bool {
        match &self.body {
            Body::DaemonSet { status, .. } => {
                self.counted_pods().min(status.number_available) < self.replicas().unwrap_or(1)
            }
            Body::Job { status, .. } => status.active == 0 && status.completion_time.is_none(),
            Body::CronJob { .. } => true,
            _ => self.counted_pods() < self.replicas().unwrap_or(1),
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
}

/// Decodes one Deployment of a list; so do the following for theirs.
pub fn deployment(json: &str) -> serde_json::Result<Workload> {
    object(json, "Deployment", |spec, status| Body::Deployment { spec, status })
}
pub fn replica_set(json: &str) -> serde_json::Result<Workload> {
    object(json, "ReplicaSet", |spec, status| Body::ReplicaSet { spec, status })
}
pub fn stateful_set(json: &str) -> serde_json::Result<Workload> {
    object(json, "StatefulSet", |spec, status| Body::StatefulSet { spec, status })
}
pub fn daemon_set(json: &str) -> serde_json::Result<Workload> {
    object(json, "DaemonSet", |spec, status| Body::DaemonSet { spec, status })
}
pub fn job(json: &str) -> serde_json::Result<Workload> {
    object(json, "Job", |spec, status| Body::Job { spec, status })
}
pub fn cron_job(json: &str) -> serde_json::Result<Workload> {
    object(json, "CronJob", |spec, status| Body::CronJob { spec, status })
}
pub fn rollout(json: &str) -> serde_json::Result<Workload> {
    object(json, "Rollout", |spec, status| Body::Rollout { spec: Box::new(spec), status: Box::new(status) })
}

#[derive(serde::Deserialize)]
#[serde(default, bound = "S: LenientField, T: LenientField")]
struct WorkloadBody<S, T> {
    #[serde(deserialize_with = "lenient::read")]
    metadata: Meta,
    #[serde(deserialize_with = "lenient::read")]
    spec: S,
    #[serde(deserialize_with = "lenient::read")]
    status: T,
}

impl<S: LenientField, T: LenientField> Default for WorkloadBody<S, T> {
    fn default() -> Self {
        WorkloadBody { metadata: Meta::default(), spec: S::default(), status: T::default() }
    }
}

fn object<S: LenientField, T: LenientField>(
    json: &str,
    kind: &'static str,
    body: fn(S, T) -> Body,
) -> serde_json::Result<Workload> {
    let whole: WorkloadBody<S, T> = lenient::object(json)?;
    let body = body(whole.spec, whole.status);
    Ok(Workload { kind, meta: whole.metadata, body })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::workload::{Object, Workload, kind};

    fn read(name: &str, json: &str) -> Workload {
        match kind(name).unwrap().observe(json).unwrap() {
            Object::Workload(workload) => *workload,
            Object::Pod(_) => panic!("a pod"),
        }
    }

    #[test]
    fn templates_stay_text_beside_what_is_read() {
        let template = r#"{"metadata": {"labels": {"app": "web"}},"spec":{"initContainers":[{"name":"i","image":"x:1"}],
            "containers":[{"name":"app","image":"web:1"}]}}"#;
        let images = [("i".to_string(), "x:1".to_string()), ("app".to_string(), "web:1".to_string())];
        for name in ["Deployment", "StatefulSet", "DaemonSet", "Job", "Rollout"] {
            let one = read(name, &format!(r#"{{"spec":{{"selector":{{"a":1}},"template":{template}}}}}"#));
            assert_eq!(one.template().images, images, "{name}");
            assert_eq!(one.template().labels["app"], "web", "{name}");
            assert_eq!(one.template().raw.as_ref().map(|raw| raw.text()), Some(template), "{name}");
            assert_eq!(one.selector(), Some(r#"{"a":1}"#), "{name}");
        }
        let cron =
            read("CronJob", &format!(r#"{{"spec":{{"jobTemplate":{{"spec":{{"template":{template}}}}}}}}}"#));
        assert_eq!(cron.template().images, images);
        let set = read("ReplicaSet", &format!(r#"{{"spec":{{"template":{template}}}}}"#));
        assert_eq!((set.template().images.len(), &set.template().raw), (2, &None));
        assert!(read("Deployment", "{}").template().images.is_empty());
    }

    #[test]
    fn odd_types_are_read_for_what_they_mean() {
        let odd = r#"{"metadata":{"generation":"3","creationTimestamp":"2026-01-15T10:00:00Z","managedFields":[{"a":{"b":[1]}}],
            "ownerReferences":[{"kind":"A","name":"a"},{"kind":"B","name":"b","controller":true}]},
            "spec":{"replicas":"2","paused":"True"},
            "status":{"observedGeneration":3,"replicas":null,"conditions":[{"type":"Available","status":true},{"type":"X","status":"false"}]}}"#;
        let one = read("Deployment", odd);
        assert_eq!(one.meta.generation, Some(3));
        assert_eq!(one.meta.controller().map(|owner| owner.name.as_str()), Some("b"));
        assert!(one.meta.created.is_some());
        assert!(one.conditions()[0].is_true() && one.conditions()[1].is_false());
        let crate::workload::Body::Deployment { spec, status } = &one.body else { panic!("no Deployment") };
        assert_eq!((spec.replicas, spec.paused, status.replicas), (Some(2), true, 0));
    }
}
