//! What changed just before a trouble began: the past of what is broken, read where something is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;

use crate::catalog::Service;
use crate::changes::ChangeKind;
use crate::commands::changes::{
    ChangeRow, ChangedItem, ClusterChanges, PastPlan, PastScope, ReadPast, TimeWindow, folded,
};
use crate::commands::diagnose::broken::BrokenWorkload;
use crate::commands::diagnose::report::RolloutItem;
use crate::diagnose::{Grouped, RuleFamily, rule};
use crate::fleet::Asked;
use crate::survey::{DetailKind, Details, ServiceHealth, Survey};
use crate::workload::Object;

/// Services of a run whose past is read, the worst first: one by one their objects are asked for.
const MOST_SERVICES: usize = 6;
/// Workloads of a service in one cluster whose past is read, the broken ones first.
const MOST_WORKLOADS: usize = 8;
/// Changes that a finding quotes.
const MOST_QUOTED: usize = 3;

/// What clusters keep of the past of what is broken there, by the cluster's name.
pub type ReadPasts = BTreeMap<String, ClusterPast>;

#[derive(Debug, Default)]
pub struct ClusterPast {
    past: ReadPast,
    /// The kinds that it did not tell.
    unread: Vec<String>,
    /// The services, by their places, of which something that has a past was asked for.
    asked: BTreeSet<usize>,
}

/// Asks the clusters in which the services are broken. Whose a past is, is told by the services' places among those diagnosed.
pub async fn read_pasts(
    survey: &Survey,
    outlooks: &[(&Service, ServiceHealth<'_>)],
    broken: &[Vec<BrokenWorkload<'_>>],
) -> ReadPasts {
    let plans = plans(survey, outlooks, broken);
    let mut services: BTreeMap<String, BTreeSet<usize>> =
        plans.iter().map(|(name, plan)| (name.clone(), plan.services())).collect();
    let mut fleet = survey.fleet.clone();
    fleet.retain(|cluster| services.get(&cluster.name).is_some_and(|services| !services.is_empty()));
    let plans = Arc::new(Mutex::new(plans));
    let answers = fleet.ask_further(move |asked: Asked| {
        let plan = plans.lock().unwrap_or_else(PoisonError::into_inner).remove(&asked.cluster().name);
        async move { plan.unwrap_or_default().ask(&asked).await }
    });
    let mut answers = std::pin::pin!(answers);
    let mut read = ReadPasts::new();
    while let Some(answer) = answers.next().await {
        let kinds = answer.gaps.into_iter().map(|gap| gap.kind.unwrap_or_else(|| "anything".to_string()));
        let asked = services.remove(&answer.cluster).unwrap_or_default();
        let past = ClusterPast { past: answer.value, unread: kinds.collect(), asked };
        read.insert(answer.cluster, past);
    }
    read
}

/// By cluster the services whose past is read there.
fn plans(
    survey: &Survey,
    outlooks: &[(&Service, ServiceHealth<'_>)],
    broken: &[Vec<BrokenWorkload<'_>>],
) -> BTreeMap<String, PastPlan> {
    let mut wanted: BTreeMap<usize, Vec<(usize, &Object)>> = BTreeMap::new();
    let sick = outlooks.iter().zip(broken).enumerate().filter(|(_, (_, broken))| !broken.is_empty());
    for (place, ((service, _), broken)) in sick.take(MOST_SERVICES) {
        let number = survey.placed.wanted.iter().position(|wanted| wanted.name == service.name);
        let clusters: BTreeSet<usize> = broken.iter().map(|one| one.cluster).collect();
        for cluster in clusters {
            let answer = survey.collected.answers.get(cluster).and_then(Option::as_ref);
            let Some((answer, number)) = answer.zip(number) else { continue };
            let members = answer.value.members.get(number).map(Vec::as_slice).unwrap_or_default();
            let objects = members.iter().map(|member| &answer.value.objects[*member]);
            let families = broken.iter().filter(|one| one.cluster == cluster).map(|one| one.family);
            let sick = families.map(|family| (family.kind, family.namespace, family.name)).collect();
            let chosen = chosen(objects, &sick).into_iter().map(|object| (place, object));
            wanted.entry(cluster).or_default().extend(chosen);
        }
    }
    let plan = |(cluster, objects): (usize, Vec<(usize, &Object)>)| {
        (survey.clusters[cluster].clone(), PastPlan::of(objects.into_iter(), PastScope::Workloads))
    };
    wanted.into_iter().map(plan).collect()
}

/// The pods, and as many of what runs them as are looked at.
fn chosen<'a>(
    objects: impl Iterator<Item = &'a Object>,
    sick: &BTreeSet<(&str, &str, &str)>,
) -> Vec<&'a Object> {
    let (mut pods, mut workloads) = (Vec::new(), Vec::new());
    for object in objects {
        match object {
            Object::Pod(_) => pods.push(object),
            Object::Workload(one) if matches!(one.kind, "ReplicaSet" | "Job") => {}
            Object::Workload(one) => {
                let name = (one.kind, one.meta.namespace.as_str(), one.meta.name.as_str());
                workloads.push((!sick.contains(&name), object));
            }
        }
    }
    workloads.sort_by_key(|(is_well, _)| *is_well);
    pods.into_iter().chain(workloads.into_iter().take(MOST_WORKLOADS).map(|(_, object)| object)).collect()
}

/// What changed where something is broken.
#[derive(Debug, Default)]
pub struct Pasts {
    /// By cluster of the survey.
    clusters: Vec<ClusterChanges>,
    /// By cluster, the kinds that it did not tell.
    unread: BTreeMap<String, Vec<String>>,
    /// Services by their places and the clusters that told all of their past that was asked for.
    whole: BTreeSet<(usize, String)>,
}

impl Pasts {
    /// With the autoscalers and ConfigMaps that were read for the rules.
    pub fn of(read: &ReadPasts, details: &BTreeMap<String, Details>, clusters: &[String]) -> Pasts {
        let changes = |name: &String| {
            let beside = details.get(name).map(|details| details.pasts.as_slice()).unwrap_or_default();
            read.get(name).map(|one| one.past.changes(beside)).unwrap_or_default()
        };
        let mut pasts = Pasts { clusters: clusters.iter().map(changes).collect(), ..Pasts::default() };
        for (name, one) in read {
            let kinds = [DetailKind::Autoscalers, DetailKind::ConfigMaps];
            let refused = details.get(name).map(|details| &details.refused);
            if !one.unread.is_empty() {
                pasts.unread.insert(name.clone(), one.unread.clone());
            } else if refused.is_some_and(|refused| kinds.iter().all(|kind| !refused.contains_key(kind))) {
                pasts.whole.extend(one.asked.iter().map(|service| (*service, name.clone())));
            }
        }
        pasts
    }

    /// What was not told, once for each cluster.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        self.unread.iter().map(|(cluster, kinds)| {
            format!("{cluster} did not show {}: what changed there before is not all known", kinds.join(", "))
        })
    }
}

/// What changed just before a finding's first sign.
#[derive(Debug, Default)]
pub struct ChangesBefore {
    /// The nearest first.
    pub quoted: Vec<ChangeRow>,
    /// Everything was told that is kept: where nothing is quoted, nothing was seen.
    pub is_whole: bool,
    /// Of the rollout that it began with, what is different in the template.
    pub rollout: Vec<ChangedItem>,
}

/// The past of one of the services.
#[derive(Clone, Copy)]
pub struct OwnPast<'a> {
    pub pasts: &'a Pasts,
    /// Its place among those diagnosed.
    pub service: usize,
    /// The names of the clusters, in fleet order.
    pub clusters: &'a [String],
}

impl OwnPast<'_> {
    /// The changes where a finding is. The rollout that it began with is told by that line, and not once more. What ends whole pods comes
    /// from outside: no change of theirs is told beside it.
    pub fn before(self, found: &Grouped, rollout: Option<&RolloutItem>) -> ChangesBefore {
        let from_outside = rule(&found.finding.cause).is_some_and(|rule| rule.family == RuleFamily::End);
        let Some(since) = found.finding.since.filter(|_| !from_outside) else {
            return ChangesBefore::default();
        };
        let here: BTreeSet<&str> = found.places.iter().map(|place| place.place.cluster.as_str()).collect();
        let of_cluster = |(cluster, one): (&String, &ClusterChanges)| {
            let own = one
                .changes
                .iter()
                .filter(|(services, _)| here.contains(cluster.as_str()) && services.contains(&self.service));
            let changes = own.map(|(_, change)| (BTreeSet::from([0]), change.clone())).collect();
            ClusterChanges { changes, left_out: 0 }
        };
        let changes: Vec<ClusterChanges> =
            self.clusters.iter().zip(&self.pasts.clusters).map(of_cluster).collect();
        let (rows, _) = folded(&changes, &[""], self.clusters, &TimeWindow::before(since), false);
        let is_told = |row: &ChangeRow| {
            let home = &found.home;
            let kinds = [ChangeKind::Rollout, ChangeKind::Rollback, ChangeKind::Restart];
            rollout.is_some_and(|told| row.revision.as_ref() == Some(&told.revision))
                && row.is_any_of(&kinds)
                && row.clusters.contains(&home.cluster)
                && row.object.namespace == home.namespace
                && format!("{}/{}", row.object.kind, row.object.name) == home.workload
        };
        let (told, others): (Vec<ChangeRow>, Vec<ChangeRow>) = rows.into_iter().partition(is_told);
        let mut quoted: Vec<ChangeRow> = others.into_iter().take(MOST_QUOTED).collect();
        quoted.iter_mut().for_each(|row| row.services.clear());
        let rollout = told.into_iter().flat_map(|row| row.differences).collect();
        let is_whole =
            here.iter().all(|cluster| self.pasts.whole.contains(&(self.service, cluster.to_string())));
        ChangesBefore { quoted, is_whole, rollout }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{MOST_WORKLOADS, chosen};
    use crate::workload::{Object, kind};

    #[test]
    fn of_many_workloads_the_broken_ones_are_looked_at_first() {
        let read = |name: &str, kind_of: &str| {
            let json = format!(r#"{{"metadata":{{"namespace":"shop","name":"{name}"}}}}"#);
            kind(kind_of).expect("a kind").observe(&json).expect("an object")
        };
        let mut objects: Vec<Object> =
            (0..20).map(|number| read(&format!("w{number}"), "Deployment")).collect();
        objects.extend([read("w19-1", "ReplicaSet"), read("w19-1-a", "Pod")]);
        let sick = BTreeSet::from([("Deployment", "shop", "w19"), ("Deployment", "other", "w18")]);
        let names: Vec<&str> = chosen(objects.iter(), &sick)
            .into_iter()
            .map(|object| match object {
                Object::Pod(pod) => pod.meta.name.as_str(),
                Object::Workload(one) => one.meta.name.as_str(),
            })
            .collect();
        assert_eq!(names[..3], ["w19-1-a", "w19", "w0"]);
        assert_eq!(names.len(), 1 + MOST_WORKLOADS);
    }
}
