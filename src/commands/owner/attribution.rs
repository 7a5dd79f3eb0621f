//! Whose an object is: by the services whose selectors take it or one of its owners, else by what its labels hint at.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::Service;
use crate::catalog::import::{FoundNamespace, FoundService, FoundWorkload, guessed_owner};
use crate::fleet::Cluster;
use crate::selector::Operator;
use crate::workload::Meta;

/// An object, and what owns it by its ownerReferences, upwards.
#[derive(Clone, Debug)]
pub struct OwnedObject {
    pub kind: String,
    pub meta: Meta,
}

impl OwnedObject {
    pub fn called(&self) -> String {
        format!("{} {}", self.kind, self.meta.name)
    }
}

/// By what an owner is known.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerEvidence {
    /// `selector`, `ownerReference`, `label`, `annotation`, `namespace`, `catalog`, or what led to the object: `route`, `address`.
    pub source: &'static str,
    pub text: String,
}

impl OwnerEvidence {
    pub fn new(source: &'static str, text: impl Into<String>) -> OwnerEvidence {
        OwnerEvidence { source, text: text.into() }
    }
}

/// One answer about one object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attribution {
    /// The index of the service.
    pub service: Option<usize>,
    /// An owner that no service led to, as it is written somewhere.
    pub owner: Option<String>,
    pub is_guess: bool,
    pub evidence: Vec<OwnerEvidence>,
}

/// Labels that usually hold a service's name.
const NAMES: [&str; 5] =
    [crate::catalog::KUBERNETES_ID, "app.kubernetes.io/instance", "app.kubernetes.io/name", "app", "k8s-app"];

/// The services that take the object, or one of its owners, where the catalog says that they run; none where no selector does.
pub fn by_selector(chain: &[OwnedObject], cluster: &Cluster, services: &[Service]) -> Vec<Attribution> {
    for (step, object) in chain.iter().enumerate() {
        let taking = services
            .iter()
            .enumerate()
            .filter(|(_, service)| selects(service, &object.meta) && is_placed(service, cluster));
        let attribution = |(index, service): (usize, &Service)| {
            let mut evidence = above(&chain[..=step]);
            evidence.push(OwnerEvidence::new(
                "selector",
                format!("{} has {}", object.called(), deciding(service, &object.meta)),
            ));
            Attribution { service: Some(index), evidence, ..Attribution::default() }
        };
        let found: Vec<Attribution> = taking.map(attribution).collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// What may be meant where no selector says it: the nearest first, each a guess.
pub fn guesses(
    chain: &[OwnedObject],
    cluster: &Cluster,
    services: &[Service],
    namespace: Option<&FoundNamespace>,
) -> Option<Attribution> {
    elsewhere(chain, cluster, services)
        .or_else(|| by_name(chain, services))
        .or_else(|| by_hint(chain, cluster, namespace))
        .or_else(|| only_one(chain, services))
}

fn guess(service: Option<usize>, evidence: OwnerEvidence) -> Attribution {
    Attribution { service, owner: None, is_guess: true, evidence: vec![evidence] }
}

/// A selector that takes it, of a service that the catalog says runs elsewhere.
fn elsewhere(chain: &[OwnedObject], cluster: &Cluster, services: &[Service]) -> Option<Attribution> {
    let mut taking = chain.iter().flat_map(|object| {
        let takes = move |(_, service): &(usize, &Service)| {
            service.selector.matches(&object.meta.labels) && !service.selector.is_everything()
        };
        services.iter().enumerate().filter(takes).map(move |(index, service)| (object, index, service))
    });
    let (object, index, service) = taking.next()?;
    let why = match is_placed(service, cluster) {
        true => format!("not in namespace {}", object.meta.namespace),
        false => format!("not in {}", cluster.name),
    };
    let label = deciding(service, &object.meta);
    let text =
        format!("{} has {label}, but the catalog says that {} runs {why}", object.called(), service.name);
    Some(guess(Some(index), OwnerEvidence::new("label", text)))
}

/// A label that usually holds a name, and a service of that name.
fn by_name(chain: &[OwnedObject], services: &[Service]) -> Option<Attribution> {
    let mut named = chain.iter().flat_map(|object| NAMES.iter().map(move |key| (object, *key)));
    named.find_map(|(object, key)| {
        let (value, source) = match object.meta.labels.get(key) {
            Some(value) => (value, "label"),
            None => (object.meta.annotations.get(key)?, "annotation"),
        };
        let index = services.iter().position(|service| service.name.eq_ignore_ascii_case(value))?;
        let text =
            format!("{} has the {source} {key}={value}, which is the name of a service", object.called());
        Some(guess(Some(index), OwnerEvidence::new(source, text)))
    })
}

/// Labels and annotations that name a team, of the objects or of their namespace.
fn by_hint(
    chain: &[OwnedObject],
    cluster: &Cluster,
    namespace: Option<&FoundNamespace>,
) -> Option<Attribution> {
    let plain = |map: &BTreeMap<String, String>| map.clone();
    let workload = |object: &OwnedObject| FoundWorkload {
        cluster: cluster.name.clone(),
        called: object.called(),
        labels: plain(&object.meta.labels),
        annotations: plain(&object.meta.annotations),
        namespace: namespace.cloned().unwrap_or_default().into(),
        ..FoundWorkload::default()
    };
    let found = FoundService { workloads: chain.iter().map(workload).collect(), ..FoundService::default() };
    let guessed = guessed_owner(&found);
    let owner = guessed.value?;
    let why = guessed.why.unwrap_or_default();
    let source = if why.contains("of Namespace ") { "namespace" } else { "label" };
    Some(Attribution {
        owner: Some(owner),
        is_guess: true,
        evidence: vec![OwnerEvidence::new(source, why)],
        service: None,
    })
}

/// The one service that the catalog puts into the namespace.
fn only_one(chain: &[OwnedObject], services: &[Service]) -> Option<Attribution> {
    let namespace = chain.first()?.meta.namespace.as_str();
    let is_here = |(_, service): &(usize, &Service)| {
        service.namespace_scope.as_ref().is_some_and(|scope| scope.iter().any(|name| name == namespace))
    };
    let mut here = services.iter().enumerate().filter(is_here);
    let (index, service) = here.next().filter(|_| here.next().is_none())?;
    let text =
        format!("{} is the only service that the catalog puts into namespace {namespace}", service.name);
    Some(guess(Some(index), OwnerEvidence::new("catalog", text)))
}

fn selects(service: &Service, meta: &Meta) -> bool {
    let scope = service.namespace_scope.as_ref();
    let is_here = scope.is_none_or(|scope| scope.iter().any(|name| meta.namespace == *name));
    is_here && !service.selector.is_everything() && service.selector.matches(&meta.labels)
}

fn is_placed(service: &Service, cluster: &Cluster) -> bool {
    let is_meant =
        |name: &crate::catalog::PlacementName| cluster.is_called(&name.name, name.server.as_deref());
    service.placement.iter().all(|name| name.tentative) || service.placement.iter().any(is_meant)
}

/// The labels that the selector asks for, as the object has them.
fn deciding(service: &Service, meta: &Meta) -> String {
    let asked = service
        .selector
        .requirements
        .iter()
        .filter(|one| one.operator == Operator::In || one.operator == Operator::Exists);
    let labels: Vec<String> =
        asked.filter_map(|one| Some(format!("{}={}", one.key, meta.labels.get(&one.key)?))).collect();
    match labels.is_empty() {
        true => format!("labels that {} selects", service.selector_text),
        false => {
            format!("{} {}", if labels.len() == 1 { "the label" } else { "the labels" }, labels.join(", "))
        }
    }
}

/// The ownerReferences that were followed.
fn above(chain: &[OwnedObject]) -> Vec<OwnerEvidence> {
    let step = |pair: &[OwnedObject]| {
        OwnerEvidence::new("ownerReference", format!("{} belongs to {}", pair[0].called(), pair[1].called()))
    };
    chain.windows(2).map(step).collect()
}
