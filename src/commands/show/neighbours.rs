//! What a service depends on, directly and further down, and who depends on it; with their health.

use std::collections::{BTreeSet, VecDeque};

use serde::Serialize;

use crate::catalog::{Catalog, EntityRef, Relation, Service, service};
use crate::health::{Health, order};
use crate::survey::{HealthState, ServiceHealth};

/// How far dependencies are followed.
const DEPTH: usize = 3;

/// An entity that is related to the service.
#[derive(Clone, Debug)]
pub struct Neighbour {
    pub entity: EntityRef,
    /// Where it is no dependency of the service itself: whose it is.
    pub via: Option<String>,
    /// Nothing where the catalog lacks it, or where it can run nowhere.
    pub service: Option<Service>,
    pub in_catalog: bool,
}

impl Neighbour {
    pub fn name(&self) -> Option<&str> {
        self.service.as_ref().map(|service| service.name.as_str())
    }
}

/// All that is around a service.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    pub depends_on: Vec<Neighbour>,
    pub dependents: Vec<Neighbour>,
}

impl Neighbours {
    pub fn of(of: &Service, catalog: Option<&Catalog>) -> Neighbours {
        let (Some(catalog), Some(entity)) = (catalog, &of.entity) else { return Neighbours::default() };
        let dependents = dependents(catalog, entity)
            .into_iter()
            .filter(|other| other != entity)
            .map(|other| neighbour(catalog, other, None));
        Neighbours { depends_on: dependencies(catalog, entity), dependents: dependents.collect() }
    }

    /// Those that run, each once.
    pub fn services(&self) -> Vec<Service> {
        let mut seen = BTreeSet::new();
        let all = self.depends_on.iter().chain(&self.dependents).filter_map(|one| one.service.as_ref());
        all.filter(|service| seen.insert(service.name.clone())).cloned().collect()
    }
}

/// The nearest first; a cluster that a service runs in is a place, and no dependency.
fn dependencies(catalog: &Catalog, entity: &EntityRef) -> Vec<Neighbour> {
    let mut seen = BTreeSet::from([entity.clone()]);
    let mut open = VecDeque::from([(entity.clone(), 0)]);
    let mut found = Vec::new();
    while let Some((at, depth)) = open.pop_front() {
        for other in needs(catalog, &at) {
            let is_place =
                catalog.get(&other).is_some_and(|one| one.spec("type") == Some("kubernetes-cluster"));
            if is_place || !seen.insert(other.clone()) {
                continue;
            }
            let via = (depth > 0).then(|| at.short("component"));
            found.push(neighbour(catalog, other.clone(), via));
            if depth + 1 < DEPTH {
                open.push_back((other, depth + 1));
            }
        }
    }
    found
}

/// What an entity depends on, and who provides the APIs that it consumes.
fn needs(catalog: &Catalog, entity: &EntityRef) -> Vec<EntityRef> {
    let relations = &catalog.relations;
    let mut all: Vec<EntityRef> = relations.from(entity, Relation::DependsOn).cloned().collect();
    for api in relations.from(entity, Relation::ConsumesApi) {
        all.extend(relations.to(api, Relation::ProvidesApi).cloned());
    }
    all
}

/// Who depends on an entity, or consumes an API that it provides.
fn dependents(catalog: &Catalog, entity: &EntityRef) -> BTreeSet<EntityRef> {
    let relations = &catalog.relations;
    let mut all: BTreeSet<EntityRef> = relations.to(entity, Relation::DependsOn).cloned().collect();
    for api in relations.from(entity, Relation::ProvidesApi) {
        all.extend(relations.to(api, Relation::ConsumesApi).cloned());
    }
    all
}

fn neighbour(catalog: &Catalog, entity: EntityRef, via: Option<String>) -> Neighbour {
    let known = catalog.get(&entity);
    let runs = known.filter(|one| entity.kind == "component" || one.is_annotated("backstage.io/kubernetes-"));
    Neighbour { via, service: runs.map(|one| service(catalog, one)), in_catalog: known.is_some(), entity }
}

/// A neighbour as documents have it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NeighbourRow {
    pub entity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    pub in_catalog: bool,
    /// Nothing for what callboard sees nowhere.
    #[serde(flatten)]
    pub state: Option<HealthState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired: Option<i64>,
    /// Those that are as bad as the service.
    pub clusters: Vec<String>,
}

impl NeighbourRow {
    /// The broken first, then the nearer.
    pub fn rank(&self) -> impl Ord + use<> {
        let state = self.state.as_ref();
        (
            state.is_none(),
            state.map(|state| order(state.health, state.serving)),
            self.via.is_some(),
            self.entity.clone(),
        )
    }

    pub fn is_bad(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.health >= Health::Missing)
    }
}

pub fn neighbour_row(
    one: &Neighbour,
    outlook: Option<&ServiceHealth<'_>>,
    clusters: &[String],
) -> NeighbourRow {
    let summary = outlook.map(|outlook| &outlook.summary);
    let cells = || outlook.into_iter().flat_map(|outlook| &outlook.cells);
    let as_bad = cells().filter(|cell| summary.is_some_and(|summary| cell.summary.health == summary.health));
    let sum = |of: fn(&crate::health::Summary) -> Option<i64>| {
        cells().filter_map(|cell| of(&cell.summary)).reduce(|one, other| one + other)
    };
    NeighbourRow {
        entity: one.entity.short("component"),
        via: one.via.clone(),
        service: one.name().map(str::to_string),
        owner: one
            .service
            .as_ref()
            .and_then(|service| service.owner.as_ref())
            .map(|owner| owner.display.clone()),
        in_catalog: one.in_catalog,
        state: summary.map(HealthState::of),
        available: sum(|summary| summary.available),
        desired: sum(|summary| summary.desired),
        clusters: as_bad.map(|cell| clusters[cell.cluster].clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::Neighbours;
    use crate::catalog::{Catalog, EntityRef, service};

    const CATALOG: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: web}\nspec: {type: website, lifecycle: p, owner: a, dependsOn: [component:cart, resource:db, resource:eu], consumesApis: [pay]}\n---\n\
        apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: cart}\nspec: {type: service, lifecycle: p, owner: a, dependsOn: [component:stock, component:web, component:lost]}\n---\n\
        apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: stock}\nspec: {type: service, lifecycle: p, owner: a}\n---\n\
        apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: payments}\nspec: {type: service, lifecycle: p, owner: a, providesApis: [pay]}\n---\n\
        apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: {name: db}\nspec: {type: database, owner: a}\n---\n\
        apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: {name: eu}\nspec: {type: kubernetes-cluster, owner: a}\n";

    #[track_caller]
    fn check(name: &str, down: &[&str], up: &[&str]) {
        let catalog = Catalog::of_text("a", CATALOG);
        let entity = catalog.get(&EntityRef::new("component", "default", name)).expect("known");
        let found = Neighbours::of(&service(&catalog, entity), Some(&catalog));
        let told = |one: &super::Neighbour| match &one.via {
            Some(via) => format!("{} via {via}", one.entity.short("component")),
            None => one.entity.short("component"),
        };
        assert_eq!(found.depends_on.iter().map(told).collect::<Vec<_>>(), down);
        assert_eq!(found.dependents.iter().map(told).collect::<Vec<_>>(), up);
    }

    #[test]
    fn dependencies_go_down_and_dependents_up() {
        check("web", &["cart", "resource:db", "payments", "lost via cart", "stock via cart"], &["cart"]);
        check("payments", &[], &["web"]);
        check("stock", &[], &["cart"]);
    }
}
