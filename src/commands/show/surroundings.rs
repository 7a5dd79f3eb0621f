//! What only a page asks a cluster for: what leads to a service's pods, what scales and guards them, their volumes, their past.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::stream;
use serde_json::Value;

use crate::commands::changes::{ClusterChanges, histories};
use crate::commands::show::routes::{CoreServiceRow, HostRow, of_http_route, of_ingress};
use crate::fleet::{Asked, Gap, ListRequest, Resource, Silence};
use crate::survey::Snapshot;
use crate::workload::{Autoscaler, Budget, Claim, Object, Pod, SupportingObject, Workload, later};

/// Requests to one cluster at a time.
const WIDTH: usize = 8;
/// Namespaces of a cluster that are looked at.
const MOST_NAMESPACES: usize = 8;

const CORE_SERVICES: Resource<'static> =
    Resource { kind: "Service", group: "", version: "v1", plural: "services" };
const INGRESSES: Resource<'static> =
    Resource { kind: "Ingress", group: "networking.k8s.io", version: "v1", plural: "ingresses" };
const HTTP_ROUTES: Resource<'static> =
    Resource { kind: "HTTPRoute", group: "gateway.networking.k8s.io", version: "v1", plural: "httproutes" };
const SUPPORTING: [&str; 3] = ["HorizontalPodAutoscaler", "PodDisruptionBudget", "PersistentVolumeClaim"];

/// What one cluster has around a service.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub core_services: Vec<CoreServiceRow>,
    pub hosts: Vec<HostRow>,
    pub autoscalers: Vec<Autoscaler>,
    pub budgets: Vec<Budget>,
    pub claims: Vec<Claim>,
    pub changes: ClusterChanges,
    pub is_whole: bool,
}

/// Asks for them; `own` is the number of the service.
pub async fn surroundings(
    asked: Asked,
    snapshot: Snapshot,
    own: usize,
) -> (Snapshot, Surroundings, Vec<Gap>) {
    let members = snapshot.members.get(own).cloned().unwrap_or_default();
    let objects: Vec<Object> = members.iter().map(|member| snapshot.objects[*member].clone()).collect();
    let all: Vec<usize> = (0..objects.len()).collect();
    let alone = Snapshot { objects, members: vec![all], unread: Vec::new() };
    let past = histories(asked.clone(), alone);
    let own_objects = OwnObjects::of(members.iter().map(|member| &snapshot.objects[*member]));
    let around = around(&asked, &own_objects);
    let ((_, changes, more), (mut found, mut gaps)) = futures::join!(past, around);
    found.changes = changes;
    gaps.extend(more);
    found.is_whole = gaps.is_empty();
    (snapshot, found, gaps)
}

/// A service's pods and workloads in one cluster.
struct OwnObjects<'a> {
    pods: Vec<&'a Pod>,
    workloads: Vec<&'a Workload>,
    claims: BTreeSet<(String, String)>,
}

impl<'a> OwnObjects<'a> {
    fn of(objects: impl Iterator<Item = &'a Object>) -> OwnObjects<'a> {
        let mut own = OwnObjects { pods: Vec::new(), workloads: Vec::new(), claims: BTreeSet::new() };
        for object in objects {
            match object {
                Object::Pod(pod) => {
                    let named =
                        pod.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref());
                    own.claims.extend(
                        named.map(|claim| (pod.meta.namespace.to_string(), claim.claim_name.clone())),
                    );
                    own.pods.push(pod);
                }
                Object::Workload(workload) => own.workloads.push(workload),
            }
        }
        own
    }

    fn namespaces(&self) -> BTreeSet<&'a str> {
        let pods = self.pods.iter().map(|pod| pod.meta.namespace.as_str());
        let workloads = self.workloads.iter().map(|workload| workload.meta.namespace.as_str());
        let all: BTreeSet<&str> = pods.chain(workloads).collect();
        all.into_iter().take(MOST_NAMESPACES).collect()
    }

    /// Whether a selector means pods of the service, those to come included.
    fn is_selected(&self, namespace: &str, labels: &serde_json::Map<String, Value>) -> bool {
        let carries = |own: &dyn Fn(&str) -> Option<String>| {
            labels.iter().all(|(key, value)| own(key).as_deref() == value.as_str())
        };
        let pods = self.pods.iter().filter(|pod| pod.meta.namespace == namespace);
        let workloads = self.workloads.iter().filter(|one| one.meta.namespace == namespace);
        !labels.is_empty()
            && (pods.clone().any(|pod| carries(&|key| pod.meta.labels.get(key).map(ToString::to_string)))
                || workloads
                    .clone()
                    .any(|one| carries(&|key| one.template().labels.get(key).map(ToString::to_string))))
    }

    fn ready(&self, namespace: &str, labels: &BTreeMap<String, String>) -> usize {
        let is_behind = |pod: &&&Pod| {
            pod.meta.namespace == namespace
                && pod.is_ready()
                && labels.iter().all(|(key, value)| {
                    pod.meta.labels.get(key.as_str()).is_some_and(|own| own.as_str() == value)
                })
        };
        self.pods.iter().filter(is_behind).count()
    }
}

async fn around(asked: &Asked, own: &OwnObjects<'_>) -> (Surroundings, Vec<Gap>) {
    let mut resources = vec![CORE_SERVICES, INGRESSES, HTTP_ROUTES];
    let supporting = SUPPORTING.iter().filter_map(|name| later(name));
    let wanted = supporting.filter(|row| row.name != "PersistentVolumeClaim" || !own.claims.is_empty());
    resources.extend(wanted.map(|row| row.resource()));
    let mut asking = Vec::new();
    for namespace in own.namespaces() {
        for resource in &resources {
            asking.push(list(asked, namespace.to_string(), *resource));
        }
    }
    let told: Vec<NamespaceAnswer> = stream::iter(asking).buffered(WIDTH).collect().await;
    let (mut found, mut gaps) = (Surroundings::default(), Vec::new());
    for (_, items, gap) in &told {
        gaps.extend(gap.clone());
        items.iter().for_each(|(resource, item)| found.take(resource, item, own));
    }
    // Hosts lead to core Services, which are known by now.
    for (namespace, items, _) in &told {
        for (resource, item) in items {
            let object: Value = serde_json::from_str(item).unwrap_or_default();
            let is_own = |name: &str| {
                found.core_services.iter().any(|one| one.namespace == *namespace && one.name == name)
            };
            let hosts = match *resource {
                "Ingress" => of_ingress(&object, &is_own),
                "HTTPRoute" => of_http_route(&object, &is_own),
                _ => Vec::new(),
            };
            found.hosts.extend(hosts);
        }
    }
    gaps.sort_by_key(|gap| gap.kind.clone());
    gaps.dedup_by_key(|gap| gap.kind.clone());
    (found, gaps)
}

impl Surroundings {
    fn take(&mut self, kind: &str, item: &str, own: &OwnObjects<'_>) {
        if kind == "Service" {
            let object: Value = serde_json::from_str(item).unwrap_or_default();
            let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default().to_string();
            let selected = object["spec"]["selector"].as_object();
            let is_external = object["spec"]["type"] == "ExternalName";
            if !is_external && selected.is_some_and(|labels| own.is_selected(&namespace, labels)) {
                self.core_services.push(CoreServiceRow::of(&object, |labels| own.ready(&namespace, labels)));
            }
            return;
        }
        let Some(Ok(object)) = later(kind).map(|row| row.observe(item)) else { return };
        match object {
            SupportingObject::Autoscaler(one) => {
                let is_own = |workload: &&Workload| {
                    one.scales(workload.kind, &workload.meta.namespace, &workload.meta.name)
                };
                if own.workloads.iter().any(|workload| is_own(&&**workload)) {
                    self.autoscalers.push(one);
                }
            }
            SupportingObject::Budget(one) if one.guards(&own.pods) => self.budgets.push(one),
            SupportingObject::Claim(one) => {
                let name = (one.meta.namespace.to_string(), one.meta.name.clone());
                if own.claims.contains(&name) {
                    self.claims.push(one);
                }
            }
            _ => {}
        }
    }
}

/// A namespace, its objects with their kinds, and what it would not tell.
type NamespaceAnswer = (String, Vec<(&'static str, String)>, Option<Gap>);

async fn list(asked: &Asked, namespace: String, resource: Resource<'static>) -> NamespaceAnswer {
    let request = ListRequest { resource, namespace: Some(&namespace), selector: None, field_selector: None };
    let mut items = Vec::new();
    let receive = &mut |item: &str| {
        asked.keep(item)?;
        items.push((resource.kind, item.to_string()));
        Ok(())
    };
    let why = asked.list(&request, receive).await.err();
    let gap = match why {
        // A refusal of a kind that may not be there at all is a gap only where discovery lists it.
        Some(Silence::Forbidden(_)) if resource.group.starts_with("gateway.") => {
            let is_served = asked.discovery(&resource).await.ok().flatten().is_some();
            is_served.then(|| Gap::kind(resource.plural, Silence::Forbidden(String::new())))
        }
        why => why.map(|why| Gap::kind(resource.plural, why)),
    };
    (namespace, items, gap)
}
