//! What is known of a service before any rule is asked: values only, from clusters, manifests and the catalog alike.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// The label by which Backstage finds a service's objects.
pub const ID: &str = "backstage.io/kubernetes-id";

/// A service.
#[derive(Debug, Default)]
pub struct ServiceFacts {
    pub entity: Option<EntityFacts>,
    /// Clusters, or one place without a name where manifests are read.
    pub places: Vec<PlaceFacts>,
    /// The clusters in which it should run, by the catalog.
    pub expected: Vec<String>,
    pub path: PathFacts,
}

/// The service's entity.
#[derive(Debug, Default)]
pub struct EntityFacts {
    pub document: Json,
    pub owner: OwnerFact,
    /// Nothing where the entity names none, or nobody could say.
    pub system_known: Option<bool>,
    /// A runbook lies in the repository.
    pub has_runbook: bool,
}

/// What `spec.owner` is.
#[derive(Debug, Default)]
pub enum OwnerFact {
    #[default]
    Missing,
    Group,
    User,
    /// The catalog has groups, and not this one.
    Unknown(String),
    /// The catalog has no group at all, so that nobody can say.
    NobodyKnows(String),
}

/// The golden path that the service is on.
#[derive(Debug, Default)]
pub struct PathFacts {
    pub template: Option<String>,
    pub version: Option<String>,
    /// The newest version; nothing where the golden path is not here.
    pub newest: Option<String>,
    pub deprecated: bool,
    /// Files of the guild's that were changed.
    pub owned_changed: Vec<String>,
}

/// A cluster, or manifests.
#[derive(Debug)]
pub struct PlaceFacts {
    /// Nothing for manifests.
    pub cluster: Option<String>,
    /// Clusters of one tier should run the same.
    pub tier: String,
    /// Why nothing, or not enough, is known of it.
    pub silent: Option<String>,
    pub workloads: Vec<WorkloadFacts>,
    /// Core Services, autoscalers and budgets of the namespaces; or why they were not read.
    pub services: Result<Vec<Json>, String>,
    pub autoscalers: Result<Vec<Json>, String>,
    pub budgets: Result<Vec<Json>, String>,
}

impl Default for PlaceFacts {
    fn default() -> PlaceFacts {
        PlaceFacts {
            cluster: None,
            tier: String::new(),
            silent: None,
            workloads: Vec::new(),
            services: Ok(Vec::new()),
            autoscalers: Ok(Vec::new()),
            budgets: Ok(Vec::new()),
        }
    }
}

/// A workload as its object says it.
#[derive(Debug, Default)]
pub struct WorkloadFacts {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub object: Json,
    /// Its pods; nothing where there are none by nature (manifests), an error where they were not read.
    pub pods: Option<Result<Vec<PodFacts>, String>>,
    /// File, line and column of a manifest.
    pub place: Option<(String, usize, usize)>,
}

#[derive(Debug, Default)]
pub struct PodFacts {
    pub labels: BTreeMap<String, String>,
    pub node: String,
    pub ready: bool,
    /// The digest that each container runs.
    pub images: BTreeMap<String, String>,
}

impl ServiceFacts {
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.entity.as_ref()?.document["metadata"]["annotations"][key].as_str()
    }

    /// What its objects carry as their id.
    pub fn id(&self) -> Option<&str> {
        self.annotation(ID).or_else(|| self.entity.as_ref()?.document["metadata"]["name"].as_str())
    }

    /// Every workload with its place.
    pub fn workloads(&self) -> impl Iterator<Item = (&PlaceFacts, &WorkloadFacts)> {
        self.places.iter().flat_map(|place| place.workloads.iter().map(move |workload| (place, workload)))
    }
}

impl PlaceFacts {
    pub fn is_live(&self) -> bool {
        self.cluster.is_some()
    }
}

impl WorkloadFacts {
    /// `spec.template`, or a CronJob's; where it stands, and what it is.
    pub fn template(&self) -> (&'static str, &Json) {
        match self.kind.as_str() {
            "CronJob" => {
                ("spec.jobTemplate.spec.template", &self.object["spec"]["jobTemplate"]["spec"]["template"])
            }
            _ => ("spec.template", &self.object["spec"]["template"]),
        }
    }

    pub fn pod_spec(&self) -> &Json {
        &self.template().1["spec"]
    }

    /// The main containers with their paths.
    pub fn containers(&self) -> Vec<(String, &Json)> {
        let at = self.template().0;
        let containers = self.pod_spec()["containers"].as_array().into_iter().flatten();
        let path = |container: &Json| format!("{at}.spec.containers[name={}]", text(&container["name"]));
        containers.map(|container| (path(container), container)).collect()
    }

    pub fn labels(&self) -> BTreeMap<String, String> {
        texts(&self.template().1["metadata"]["labels"])
    }

    /// `Deployment shop/checkout`
    pub fn called(&self) -> String {
        match self.namespace.is_empty() {
            true => format!("{} {}", self.kind, self.name),
            false => format!("{} {}/{}", self.kind, self.namespace, self.name),
        }
    }

    /// It serves for as long as it is there, as a Job does not.
    pub fn serves(&self) -> bool {
        matches!(self.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet" | "Rollout")
    }

    /// It has a number of replicas.
    pub fn scales(&self) -> bool {
        matches!(self.kind.as_str(), "Deployment" | "StatefulSet" | "Rollout")
    }
}

pub fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}

pub fn texts(value: &Json) -> BTreeMap<String, String> {
    let entries = value.as_object().into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string()))).collect()
}

/// A number, however it is written.
pub fn number(value: &Json) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
