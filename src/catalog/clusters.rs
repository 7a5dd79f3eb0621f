//! The clusters that a catalog names: Resources of type `kubernetes-cluster`.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::catalog::entity::Entity;
use crate::catalog::refs::EntityRef;

const CLUSTER_TYPE: &str = "kubernetes-cluster";
const API_SERVER: &str = "kubernetes.io/api-server";
const AUTHORITY: &str = "kubernetes.io/api-server-certificate-authority";
/// What tells how Backstage would log in, without the common beginning.
const AUTH: [&str; 3] = ["auth-provider", "x-k8s-aws-id", "aws-assume-role"];
const DASHBOARD: &str = "kubernetes.io/dashboard-url";
/// Other names of a cluster, separated by commas; this annotation is callboard's own.
const ALIASES: &str = "callboard.dev/aliases";

/// What the catalog says about a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterResource {
    pub entity: EntityRef,
    pub name: String,
    pub title: Option<String>,
    /// The server URL, by which it is found among contexts of other names.
    pub server: Option<String>,
    /// Whom its certificate is trusted by, in base64.
    pub authority: Option<String>,
    /// Its annotations that say how to log in: `auth-provider` and others.
    pub auth: BTreeMap<String, String>,
    pub aliases: Vec<String>,
    pub labels: BTreeMap<String, String>,
    pub dashboard: Option<String>,
}

impl Catalog {
    /// The cluster Resources, by name.
    pub fn clusters(&self) -> Vec<ClusterResource> {
        self.of_kind("resource").filter(|entity| is_cluster(entity)).map(cluster).collect()
    }

    /// The cluster Resource of a name, its own or an alias.
    pub fn cluster_called(&self, name: &str) -> Option<&Entity> {
        self.get(self.cluster_names.get(name)?)
    }
}

pub fn is_cluster(entity: &Entity) -> bool {
    entity.reference.kind == "resource"
        && entity.spec("type").is_some_and(|kind| kind.eq_ignore_ascii_case(CLUSTER_TYPE))
}

/// The names of a cluster Resource: its own and its aliases.
pub fn names_of(entity: &Entity) -> Vec<&str> {
    let aliases = entity.annotation_list(ALIASES);
    [entity.name.as_str()].into_iter().chain(aliases).collect()
}

/// The server URL of a cluster Resource.
pub fn server(entity: &Entity) -> Option<String> {
    entity.annotation(API_SERVER).map(str::to_string)
}

fn cluster(entity: &Entity) -> ClusterResource {
    ClusterResource {
        entity: entity.reference.clone(),
        name: entity.name.clone(),
        title: entity.title.clone(),
        server: server(entity),
        authority: entity.annotation(AUTHORITY).map(str::to_string),
        auth: AUTH
            .iter()
            .filter_map(|key| {
                Some((key.to_string(), entity.annotation(&format!("kubernetes.io/{key}"))?.to_string()))
            })
            .collect(),
        aliases: entity.annotation_list(ALIASES).into_iter().map(str::to_string).collect(),
        labels: entity.labels.iter().cloned().collect(),
        dashboard: entity.annotation(DASHBOARD).map(str::to_string),
    }
}

#[cfg(test)]
impl ClusterResource {
    /// A Resource that says nothing of itself.
    pub fn sample() -> ClusterResource {
        ClusterResource {
            entity: EntityRef::new("resource", "default", "c"),
            name: "c".to_string(),
            title: None,
            server: None,
            authority: None,
            auth: BTreeMap::new(),
            aliases: Vec::new(),
            labels: BTreeMap::new(),
            dashboard: None,
        }
    }
}
