//! One cluster's part of an answer: the objects that a question means, and whose they are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::join_all;
use serde_json::Value;

use crate::catalog::Service;
use crate::catalog::import::FoundNamespace;
use crate::commands::owner::attribution::{Attribution, OwnedObject, OwnerEvidence, by_selector, guesses};
use crate::commands::owner::image;
use crate::commands::owner::question::{OBJECTS, ObjectKind, OwnedSubject, OwnerQuestion, object_kind};
use crate::commands::owner::reading::{Labelled, listed, read_object};
use crate::commands::owner::routes::{Backend, backends};
use crate::fleet::{Asked, Gap, Resource, Silence, field};
use crate::selector::Selector;
use crate::workload::Meta;

const NODES: Resource<'static> = Resource { kind: "Node", group: "", version: "v1", plural: "nodes" };
const NAMESPACES: Resource<'static> =
    Resource { kind: "Namespace", group: "", version: "v1", plural: "namespaces" };

/// Owners above a pod: ReplicaSet, Deployment, and what an operator made.
const MOST_STEPS: usize = 5;
/// Objects read one by one for the ownerReferences of others.
const MOST_READ: usize = 200;

/// What clusters are asked, and the services that may be the answer.
pub struct OwnerBasis {
    pub questions: Vec<OwnerQuestion>,
    pub services: Vec<Service>,
    /// By cluster, where to look where the whole cluster may not be listed.
    pub namespaces: BTreeMap<String, BTreeSet<String>>,
}

/// An object that a question means, and whose it is; no attribution where nothing is known.
#[derive(Debug)]
pub struct OwnedFinding {
    /// The index of the question.
    pub question: usize,
    pub object: OwnedObject,
    pub attributions: Vec<Attribution>,
}

/// Answers all questions in one cluster.
pub async fn find(asked: Asked, basis: Arc<OwnerBasis>) -> (Vec<OwnedFinding>, Vec<Gap>) {
    let mut finder = OwnerFinder { asked: &asked, basis: &basis, read: BTreeMap::new(), gaps: Vec::new() };
    let mut found = Vec::new();
    for (number, question) in basis.questions.iter().enumerate() {
        let is_meant = question.cluster.as_ref().is_none_or(|name| asked.cluster().is_called(name, None));
        if !is_meant {
            continue;
        }
        let mut seen = BTreeSet::new();
        for (object, route) in finder.objects(question).await {
            let id = (object.kind.clone(), object.meta.namespace.to_string(), object.meta.name.clone());
            if !seen.insert(id) {
                continue;
            }
            let mut attributions = finder.attributions(&object).await;
            for attribution in &mut attributions {
                attribution.evidence.splice(0..0, route.iter().cloned());
            }
            found.push(OwnedFinding { question: number, object, attributions });
        }
    }
    let mut gaps = finder.gaps;
    gaps.dedup();
    (found, gaps)
}

struct OwnerFinder<'a> {
    asked: &'a Asked,
    basis: &'a OwnerBasis,
    /// Owners that were read, by kind, namespace and name.
    read: BTreeMap<(String, String, String), Option<OwnedObject>>,
    gaps: Vec<Gap>,
}

/// An object, and what led to it.
type RoutedObject = (OwnedObject, Vec<OwnerEvidence>);

impl OwnerFinder<'_> {
    async fn objects(&mut self, question: &OwnerQuestion) -> Vec<RoutedObject> {
        let namespace = question.namespace.as_deref();
        match &question.subject {
            OwnedSubject::Object(kind, name) => self.named(kind, namespace, name).await,
            OwnedSubject::Image(reference) => {
                self.pods(namespace, None, |pod| has_image(pod, reference)).await
            }
            OwnedSubject::Namespace(name) => self.pods(Some(name), None, |_| true).await,
            OwnedSubject::Node(name) => {
                let of_node = field("spec.nodeName", name);
                self.pods(namespace, Some(&of_node), |pod| pod["spec"]["nodeName"] == **name).await
            }
            OwnedSubject::Host(host) => {
                let found = backends(self.asked, host).await;
                self.behind(found).await
            }
            OwnedSubject::Address(address) => {
                let text = address.to_string();
                let mut found = self.pods(namespace, None, |pod| has_address(pod, &text)).await;
                found.extend(self.of_address(&text).await);
                found
            }
        }
    }

    async fn named(
        &mut self,
        kind: &'static ObjectKind,
        namespace: Option<&str>,
        name: &str,
    ) -> Vec<RoutedObject> {
        let resource = kind.resource();
        if let Some(namespace) = namespace {
            return match self.asked.object(&resource, Some(namespace), name).await {
                Ok(found) => found
                    .iter()
                    .filter_map(|json| read_object(resource.kind, json))
                    .map(|one| (one, Vec::new()))
                    .collect(),
                Err(why) => self.gap(resource, why),
            };
        }
        let by_name = field("metadata.name", name);
        let kind = resource.kind;
        self.list(resource, None, Some(&by_name), |value| value["metadata"]["name"] == *name)
            .await
            .iter()
            .filter_map(|json| read_object(kind, json))
            .map(|one| (one, Vec::new()))
            .collect()
    }

    async fn pods(
        &mut self,
        namespace: Option<&str>,
        fields: Option<&str>,
        is_meant: impl Fn(&Value) -> bool + Send + Sync,
    ) -> Vec<RoutedObject> {
        let pods = self.list(OBJECTS[0].resource(), namespace, fields, is_meant).await;
        pods.iter().filter_map(|json| read_object("Pod", json)).map(|pod| (pod, Vec::new())).collect()
    }

    /// The pods behind what serves a host or an address: what serves it is an object of its own where no pod is there.
    async fn behind(&mut self, found: (Vec<Backend>, Vec<Gap>)) -> Vec<RoutedObject> {
        self.gaps.extend(found.1);
        let mut objects = Vec::new();
        for Backend { object, selector, route } in found.0 {
            let mut pods = Vec::new();
            let selector = selector.filter(|selector| !selector.is_empty());
            if let Some(selector) = selector.and_then(|labels| {
                Selector::from_label_selector(&serde_json::json!({"matchLabels": labels})).ok()
            }) {
                let namespace = object.meta.namespace.to_string();
                let takes = |pod: &Value| {
                    let pod: Labelled = serde_json::from_value(pod.clone()).unwrap_or_default();
                    selector.matches(&pod.metadata.labels)
                };
                pods = self.pods(Some(&namespace), None, takes).await;
            }
            let text = format!("the pod is behind {}", object.called());
            for (pod, _) in pods.into_iter().take(MOST_READ) {
                let mut led = route.clone();
                led.push(OwnerEvidence::new("route", text.clone()));
                objects.push((pod, led));
            }
            objects.push((object, route));
        }
        objects
    }

    /// What has an address and is no pod: a core Service, or a node with all that runs on it.
    async fn of_address(&mut self, address: &str) -> Vec<RoutedObject> {
        let services = self
            .list(OBJECTS[8].resource(), None, None, |one| service_addresses(one).any(|ip| ip == address))
            .await;
        let backend = |json: &String| {
            let value: Value = serde_json::from_str(json).ok()?;
            let object = read_object("Service", json)?;
            let route = vec![OwnerEvidence::new("address", format!("{} has {address}", object.called()))];
            Some(Backend { object, selector: value["spec"]["selector"].as_object().cloned(), route })
        };
        let services = services.iter().filter_map(backend).collect();
        let mut found = self.behind((services, Vec::new())).await;
        let has = |node: &Value| addresses(&node["status"]["addresses"], "address").any(|ip| ip == address);
        for json in self.list(NODES, None, None, has).await {
            let Some(node) = read_object("Node", &json) else { continue };
            let of_node = field("spec.nodeName", &node.meta.name);
            let name = node.meta.name.clone();
            let pods = self.pods(None, Some(&of_node), |pod| pod["spec"]["nodeName"] == *name).await;
            let route =
                OwnerEvidence::new("address", format!("node {name} has {address}, and the pod is on it"));
            found.extend(pods.into_iter().map(|(pod, _)| (pod, vec![route.clone()])));
        }
        found
    }

    async fn attributions(&mut self, object: &OwnedObject) -> Vec<Attribution> {
        let (cluster, services) = (self.asked.cluster().clone(), &self.basis.services);
        let mut chain = vec![object.clone()];
        loop {
            let found = by_selector(&chain, &cluster, services);
            if !found.is_empty() {
                return found;
            }
            let Some(owner) = self.owner_of(chain.last()).await.filter(|_| chain.len() <= MOST_STEPS) else {
                break;
            };
            chain.push(owner);
        }
        let namespace = match object.meta.namespace.as_str() {
            "" => None,
            name => self.namespace(name).await,
        };
        guesses(&chain, &cluster, services, namespace.as_ref()).into_iter().collect()
    }

    async fn owner_of(&mut self, object: Option<&OwnedObject>) -> Option<OwnedObject> {
        let object = object?;
        let owner = object.meta.controller()?.clone();
        let key = (owner.kind.clone(), object.meta.namespace.to_string(), owner.name.clone());
        if let Some(known) = self.read.get(&key) {
            return known.clone();
        }
        let kind = object_kind(&owner.kind, owner.group()).filter(|_| self.read.len() < MOST_READ)?;
        let json = self.asked.object(&kind.resource(), Some(&key.1), &owner.name).await.ok().flatten();
        let read = json.as_deref().and_then(|json| read_object(&owner.kind, json));
        // Its name is known all the same, and may be what a service is called.
        let read = read.or_else(|| {
            let meta = Meta {
                namespace: object.meta.namespace.clone(),
                name: owner.name.clone(),
                ..Meta::default()
            };
            Some(OwnedObject { kind: owner.kind.clone(), meta })
        });
        self.read.insert(key, read.clone());
        read
    }

    async fn namespace(&mut self, name: &str) -> Option<FoundNamespace> {
        let key = ("Namespace".to_string(), String::new(), name.to_string());
        if !self.read.contains_key(&key) {
            let json = self.asked.object(&NAMESPACES, None, name).await.ok().flatten();
            self.read.insert(key.clone(), json.as_deref().and_then(|json| read_object("Namespace", json)));
        }
        let read = self.read.get(&key)?.as_ref()?;
        let (labels, annotations) = (read.meta.labels.to_owned(), read.meta.annotations.to_owned());
        Some(FoundNamespace {
            name: name.to_string(),
            labels: (*labels).clone(),
            annotations: (*annotations).clone(),
        })
    }

    /// The items of a list that are meant; where the whole cluster may not be listed, of the namespaces that are known.
    async fn list(
        &mut self,
        resource: Resource<'static>,
        namespace: Option<&str>,
        fields: Option<&str>,
        is_meant: impl Fn(&Value) -> bool + Send + Sync,
    ) -> Vec<String> {
        let (found, why) = listed(self.asked, resource, namespace, fields, &is_meant).await;
        let Some(why) = why else { return found };
        let is_wide = namespace.is_none() && resource.kind != "Node" && matches!(why, Silence::Forbidden(_));
        let instead = self.basis.namespaces.get(&self.asked.cluster().name).filter(|_| is_wide);
        let lists = instead
            .into_iter()
            .flatten()
            .map(|name| listed(self.asked, resource, Some(name), fields, &is_meant));
        let more = join_all(lists).await;
        self.gaps.push(Gap::kind(resource.plural, why));
        found.into_iter().chain(more.into_iter().flat_map(|(found, _)| found)).collect()
    }

    fn gap(&mut self, resource: Resource<'_>, why: Silence) -> Vec<RoutedObject> {
        self.gaps.push(Gap::kind(resource.plural, why));
        Vec::new()
    }
}

fn has_image(pod: &Value, reference: &str) -> bool {
    let list = |of: &str, field: &str| pod[of][field].as_array().cloned().unwrap_or_default();
    let statuses: Vec<Value> = [
        list("status", "containerStatuses"),
        list("status", "initContainerStatuses"),
        list("status", "ephemeralContainerStatuses"),
    ]
    .concat();
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_string();
    let specs =
        [list("spec", "containers"), list("spec", "initContainers"), list("spec", "ephemeralContainers")]
            .concat();
    specs.iter().any(|spec| {
        let status = statuses.iter().find(|status| status["name"] == spec["name"]);
        let id = status.map(|status| text(status, "imageID")).unwrap_or_default();
        image::runs(reference, &text(spec, "image"), &id)
    })
}

fn has_address(pod: &Value, address: &str) -> bool {
    // A pod in its node's network has the node's address: that question is about the node.
    pod["spec"]["hostNetwork"] != true
        && (pod["status"]["podIP"] == *address
            || addresses(&pod["status"]["podIPs"], "ip").any(|ip| ip == address))
}

fn addresses<'a>(list: &'a Value, field: &'a str) -> impl Iterator<Item = &'a str> {
    list.as_array().into_iter().flatten().filter_map(move |one| one[field].as_str())
}

fn service_addresses(service: &Value) -> impl Iterator<Item = &str> {
    let texts =
        |list: &'static str| service["spec"][list].as_array().into_iter().flatten().filter_map(Value::as_str);
    let single =
        ["clusterIP", "loadBalancerIP"].into_iter().filter_map(|field| service["spec"][field].as_str());
    texts("clusterIPs")
        .chain(texts("externalIPs"))
        .chain(single)
        .chain(addresses(&service["status"]["loadBalancer"]["ingress"], "ip"))
}
