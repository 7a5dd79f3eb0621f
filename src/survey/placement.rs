//! Where the catalog says a service runs, as clusters of this run.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{PlacementName, Service};
use crate::fleet::{Cluster, Fleet};
use crate::survey::cells::Wanted;
use crate::survey::split::Target;
use crate::text::{count, listed};

/// The services to ask for, and what could not be placed.
#[derive(Debug, Default)]
pub struct Placed {
    pub wanted: Vec<Wanted>,
    /// The service of each of `wanted`, by its index among those given.
    pub services: Vec<usize>,
    /// Names in the catalog that are no cluster's, with the services that use them.
    pub unmatched: BTreeMap<String, BTreeSet<String>>,
    /// Services that run only in clusters that this run does not ask.
    pub elsewhere: Vec<String>,
    /// Places in the catalog where something may be a service that nobody looked at.
    pub lost: Vec<String>,
}

/// How many services a note names before it counts the rest.
const MOST_NAMES: usize = 8;

impl Placed {
    /// What could not be placed, for people.
    pub fn notes(&self) -> Vec<String> {
        let unmatched = self.unmatched.iter().map(|(name, services)| {
            let services: Vec<&str> = services.iter().map(String::as_str).collect();
            let services = listed(&services, MOST_NAMES);
            format!("the catalog places {services} in {name}, which is no cluster of this kubeconfig")
        });
        let mut notes: Vec<String> = unmatched.collect();
        if !self.elsewhere.is_empty() {
            let elsewhere = listed(&self.elsewhere, MOST_NAMES);
            notes.push(format!("left out, placed in clusters that were not asked: {elsewhere}"));
        }
        if !self.lost.is_empty() {
            let what = count(self.lost.len(), "document");
            notes.push(format!(
                "{what} of the catalog could not be read and may be a service: {}",
                listed(&self.lost, MOST_NAMES)
            ));
        }
        notes
    }
}

/// Matches the placements with the clusters that are asked. `known` are all clusters there are, asked or
/// not; `named` services were named on the command line.
pub fn place(services: &[Service], fleet: &mut Fleet, known: &[Cluster], named: bool) -> Placed {
    let asked: Vec<Cluster> = fleet.clusters().cloned().collect();
    let mut placed = Placed::default();
    for (index, service) in services.iter().enumerate() {
        let mut clusters = BTreeSet::new();
        let mut counts = false;
        let mut exists = false;
        for name in &service.placement {
            let is_known = known.iter().any(|cluster| is_meant(name, cluster));
            if !is_known && name.tentative {
                continue;
            }
            counts = true;
            exists |= is_known;
            if !is_known {
                placed.unmatched.entry(name.name.clone()).or_default().insert(service.name.clone());
            }
            clusters.extend((0..asked.len()).filter(|number| is_meant(name, &asked[*number])));
        }
        if counts && clusters.is_empty() {
            if exists {
                placed.elsewhere.push(service.name.clone());
            }
            continue;
        }
        placed.services.push(index);
        placed.wanted.push(Wanted {
            name: service.name.clone(),
            target: Target {
                selector: service.selector.clone(),
                namespaces: service.namespace_scope.clone().unwrap_or_default(),
            },
            placement: counts.then_some(clusters),
            expected: named || service.annotated,
            refused: service.problem.as_ref().map(|problem| problem.to_string()),
        });
    }
    leave_out_idle(&mut placed, fleet);
    placed
}

/// A cluster in which no service may run is not asked.
fn leave_out_idle(placed: &mut Placed, fleet: &mut Fleet) {
    let anywhere = placed.wanted.iter().any(|wanted| wanted.placement.is_none());
    if anywhere || placed.wanted.is_empty() {
        return;
    }
    let needed: BTreeSet<usize> =
        placed.wanted.iter().flat_map(|wanted| wanted.placement.iter().flatten().copied()).collect();
    let new_index: BTreeMap<usize, usize> = needed.iter().enumerate().map(|(new, old)| (*old, new)).collect();
    let mut index = 0;
    fleet.retain(|_| {
        index += 1;
        needed.contains(&(index - 1))
    });
    for wanted in &mut placed.wanted {
        let clusters = wanted.placement.iter().flatten();
        wanted.placement = Some(clusters.filter_map(|old| new_index.get(old).copied()).collect());
    }
}

/// A name of the catalog means a cluster by any of its names, or by its server.
fn is_meant(name: &PlacementName, cluster: &Cluster) -> bool {
    cluster.is_called(&name.name, name.server.as_deref())
}
