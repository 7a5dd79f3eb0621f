//! Where the catalog says a service runs, as clusters of this run.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{PlacementName, Service};
use crate::fleet::{Cluster, Fleet, Gap, NameFit};
use crate::health::OwnReason;
use crate::survey::cells::{RefusedQuery, ServiceQuery, UnknownCluster};
use crate::survey::split::ServiceTarget;
use crate::text::{closest, count, listed};

/// The services to ask for, and what could not be placed.
#[derive(Debug, Default)]
pub struct PlacedServices {
    pub wanted: Vec<ServiceQuery>,
    /// The service of each of `wanted`, by its index among those given.
    pub services: Vec<usize>,
    /// Names in the catalog that are no cluster's, with the services that use them.
    pub unmatched: BTreeMap<String, BTreeSet<String>>,
    /// What the clusters are called that there are, for the one that was meant.
    pub cluster_names: Vec<String>,
    /// Services that run only in clusters that this run does not ask.
    pub elsewhere: Vec<String>,
    /// Places in the catalog where something may be a service that nobody looked at.
    pub lost: Vec<String>,
    /// Whether this run asks only some of the clusters there are: what is not seen in them may run in another one.
    pub narrowed: bool,
    /// Services without a placement that were not seen in the clusters of a narrowed fleet.
    pub unseen: Vec<String>,
    /// What a guess of services left out, or could not see.
    pub guess_notes: Vec<String>,
    /// Whether there may be services that no cluster which counts told of, so that none could be guessed.
    pub is_guess_incomplete: bool,
    /// What clusters would not or could not say when services were guessed, by their names.
    pub guess_untold: BTreeMap<String, Vec<Gap>>,
    /// Clusters that turned out to be one, by name, each with what it is shown as.
    pub same: Vec<String>,
}

/// How many services a note names before it counts the rest.
const MOST_NAMES: usize = 8;

/// Names that are no cluster's, told one by one before the rest is counted.
const MOST_UNMATCHED: usize = 20;

impl PlacedServices {
    /// What could not be placed, for people.
    pub fn notes(&self) -> Vec<String> {
        let unmatched = self.unmatched.iter().take(MOST_UNMATCHED).map(|(name, services)| {
            let services: Vec<&str> = services.iter().map(String::as_str).collect();
            let services = listed(&services, MOST_NAMES);
            let told =
                format!("the catalog places {services} in {name}, which is no cluster of this kubeconfig");
            format!("{told}; {}", self.remedy(name))
        });
        let mut notes: Vec<String> = unmatched.collect();
        let more: Vec<&String> = self.unmatched.keys().skip(MOST_UNMATCHED).collect();
        if !more.is_empty() {
            let names = listed(&more, MOST_NAMES);
            notes.push(format!(
                "the catalog places services in {} more that are no clusters of this kubeconfig: {names}",
                more.len()
            ));
        }
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
        if !self.unseen.is_empty() {
            let (number, names) = (count(self.unseen.len(), "service"), listed(&self.unseen, MOST_NAMES));
            notes.push(format!("left out, {number} not seen in the clusters that were asked: {names}"));
        }
        notes.extend(self.guess_notes.iter().chain(&self.same).cloned());
        notes
    }
}

impl PlacedServices {
    /// What its row says of a name that is no cluster's.
    fn unknown_cluster(&self, name: &str) -> String {
        let near = self.near(name);
        match near.is_empty() {
            true => "no context of the kubeconfig is this cluster".to_string(),
            false => {
                format!("no context of the kubeconfig is this cluster; did you mean {}?", near.join(" or "))
            }
        }
    }

    fn near(&self, name: &str) -> Vec<&str> {
        closest(name, self.cluster_names.iter().map(String::as_str))
    }

    /// What to do about a name that is no cluster's.
    fn remedy(&self, name: &str) -> String {
        let near = self.near(name);
        let context = near.first().copied().unwrap_or("CONTEXT");
        let line = format!("clusters: [{{name: {context}, aliases: [{name}]}}]");
        match near.is_empty() {
            true => format!("if it is one of another name, the configuration says so: {line}"),
            false => format!("did you mean {}? The configuration can say so: {line}", near.join(" or ")),
        }
    }
}

/// Matches the placements with the clusters that are asked. `known` are all clusters there are, asked or
/// not; `named` services were named on the command line.
pub fn place(services: &[Service], fleet: &mut Fleet, known: &[Cluster], named: bool) -> PlacedServices {
    let asked: Vec<Cluster> = fleet.clusters().cloned().collect();
    // A name that no cluster has may be one of theirs.
    let untold: Vec<usize> = (0..asked.len()).filter(|index| asked[*index].is_source).collect();
    let is_whole = fleet.unasked_sources().is_empty();
    let cluster_names = known.iter().map(|cluster| cluster.name.clone()).collect();
    let mut placed = PlacedServices {
        narrowed: !is_whole || is_narrowed(&asked, known),
        cluster_names,
        ..PlacedServices::default()
    };
    for (index, service) in services.iter().enumerate() {
        let mut clusters = BTreeSet::new();
        let mut counts = false;
        let mut exists = false;
        let mut nowhere = Vec::new();
        for name in &service.placement {
            let best = best_fit(name, known.iter().chain(&asked));
            let is_known = best.is_some();
            if !is_known && name.tentative {
                continue;
            }
            counts = true;
            exists |= is_known || !is_whole;
            if !is_known && !untold.is_empty() {
                clusters.extend(&untold);
            } else if !is_known && is_whole {
                placed.unmatched.entry(name.name.clone()).or_default().insert(service.name.clone());
                if !nowhere.iter().any(|known: &UnknownCluster| known.name == name.name) {
                    let message = placed.unknown_cluster(&name.name);
                    nowhere.push(UnknownCluster { name: name.name.clone(), message });
                }
            }
            let is_meant = |number: &usize| is_known && fit(name, &asked[*number]) == best;
            clusters.extend((0..asked.len()).filter(is_meant));
        }
        if counts && clusters.is_empty() && exists {
            placed.elsewhere.push(service.name.clone());
            continue;
        }
        let is_nowhere = counts && clusters.is_empty();
        let refused = service
            .problem
            .as_ref()
            .map(|problem| RefusedQuery { reason: OwnReason::InvalidSelector, message: problem.to_string() });
        let refused = refused.or_else(|| is_nowhere.then(|| no_such_cluster(service)));
        placed.services.push(index);
        placed.wanted.push(ServiceQuery {
            name: service.name.clone(),
            target: ServiceTarget {
                selector: service.selector.clone(),
                namespaces: service.namespace_scope.clone().unwrap_or_default(),
            },
            placement: counts.then_some(clusters),
            told_elsewhere: BTreeSet::new(),
            expected: named || service.annotated,
            refused,
            nowhere,
        });
    }
    leave_out_idle(&mut placed, fleet);
    placed
}

/// Every cluster that a service is placed in exists nowhere.
fn no_such_cluster(service: &Service) -> RefusedQuery {
    let names: Vec<&str> =
        service.placement.iter().filter(|name| !name.tentative).map(|name| name.name.as_str()).collect();
    let message = format!("placed in {}, which no context of the kubeconfig is", listed(&names, MOST_NAMES));
    RefusedQuery { reason: OwnReason::NoSuchCluster, message }
}

/// A cluster in which no service may run is not asked.
fn leave_out_idle(placed: &mut PlacedServices, fleet: &mut Fleet) {
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

/// Whether there is a cluster that is not asked.
fn is_narrowed(asked: &[Cluster], known: &[Cluster]) -> bool {
    let contexts = |cluster: &Cluster| {
        let mut all: BTreeSet<String> = cluster.others.iter().cloned().collect();
        all.insert(cluster.context.clone());
        all
    };
    let asked: BTreeSet<String> = asked.iter().flat_map(contexts).collect();
    known.iter().any(|one| contexts(one).is_disjoint(&asked))
}

/// A name of the catalog means a cluster by any of its names, or by its server. Where it is one context's own name, the others
/// that it would fit less well are not meant: they may have another credential, and so be another cluster.
fn best_fit<'a>(name: &PlacementName, clusters: impl Iterator<Item = &'a Cluster>) -> Option<NameFit> {
    clusters.filter_map(|cluster| fit(name, cluster)).min()
}

fn fit(name: &PlacementName, cluster: &Cluster) -> Option<NameFit> {
    cluster.fit(&name.name, name.server.as_deref())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{MOST_UNMATCHED, PlacedServices};

    #[test]
    fn names_that_are_no_clusters_are_told_and_then_counted() {
        let mut placed = PlacedServices::default();
        for number in 0..100_000 {
            placed.unmatched.insert(format!("c{number:06}"), BTreeSet::from(["web".to_string()]));
        }
        let notes = placed.notes();
        assert_eq!(notes.len(), MOST_UNMATCHED + 1);
        assert!(notes[0].contains("web in c000000,"), "{}", notes[0]);
        assert!(
            notes[MOST_UNMATCHED].contains("in 99980 more that are no clusters"),
            "{}",
            notes[MOST_UNMATCHED]
        );
    }
}
