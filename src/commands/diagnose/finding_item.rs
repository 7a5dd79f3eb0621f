//! A finding as the report tells it.

use std::collections::BTreeMap;

use crate::commands::diagnose::past::OwnPast;
use crate::commands::diagnose::reach::Reach;
use crate::commands::diagnose::report::{EvidenceItem, FindingItem, RolloutItem, WhereItem};
use crate::commands::diagnose::rollout::RolloutStart;
use crate::compare::masked_quote;
use crate::diagnose::{Grouped, WorkloadPlace};
use crate::health::{Health, WorkloadFamily};
use crate::survey::{ServiceHealth, Survey};

/// Where the service's workload is well: what is missing in one cluster shows beside it.
fn well<'a>(workload: &str, outlook: &'a ServiceHealth, survey: &'a Survey) -> Option<(&'a str, &'a str)> {
    let cells = outlook.cells.iter().filter(|cell| cell.summary.health == Health::Healthy);
    let families = cells.flat_map(|cell| cell.workloads.iter().map(|(family, _)| (cell.cluster, family)));
    let same =
        |(_, family): &(usize, &WorkloadFamily)| format!("{}/{}", family.kind, family.name) == workload;
    let (cluster, family) = families.clone().find(same).or_else(|| families.clone().next())?;
    Some((survey.clusters[cluster].as_str(), family.namespace))
}

/// With the rollout that it began with, what else changed before, and the commands to type.
pub fn finding(
    found: Grouped,
    rollouts: &BTreeMap<WorkloadPlace, RolloutStart>,
    outlook: &ServiceHealth,
    survey: &Survey,
    reach: &Reach,
    past: OwnPast<'_>,
) -> FindingItem {
    let spread = found.spread();
    // Where it began is where it may have begun with a rollout.
    let is_home = found.first.as_ref().is_some_and(|first| first.cluster == found.home.cluster);
    let rollout = rollouts.get(&found.home).filter(|start| is_home && start.explains(&found.finding));
    let told = rollout.map(RolloutItem::of);
    let before = past.before(&found, told.as_ref());
    let (finding, home) = (found.finding, found.home);
    let well = well(&home.workload, outlook, survey);
    let next = finding.next.iter().flat_map(|command| {
        let beside = well.filter(|_| command.shows_keys());
        let places = [Some((home.cluster.as_str(), home.namespace.as_str())), beside];
        places.into_iter().flatten().map(|(cluster, namespace)| command.line(reach.flags(cluster, namespace)))
    });
    let undo = rollout.and_then(|start| start.undo.as_ref());
    let undo = undo.map(|command| command.line(reach.flags(&home.cluster, &home.namespace)));
    let mut next: Vec<String> = next.collect();
    // After the first look, before all others.
    undo.into_iter().for_each(|line| next.insert(next.len().min(1), line));
    FindingItem {
        next,
        rollout: told.map(|told| RolloutItem { differences: before.rollout, ..told }),
        changes: before.quoted,
        changes_read: before.is_whole,
        cause: finding.cause,
        owner: finding.owner,
        runbook: finding.runbook,
        confidence: finding.confidence.word(),
        summary: masked_quote(&finding.summary),
        container: finding.container,
        evidence: finding.evidence.into_iter().map(EvidenceItem::from).collect(),
        alternatives: finding.alternatives,
        incidents: Vec::new(),
        r#where: found
            .places
            .into_iter()
            .map(|place| WhereItem {
                cluster: place.place.cluster,
                namespace: place.place.namespace,
                workload: place.place.workload,
                bad_pods: place.bad_pods,
                pods: place.pods,
                names: place.names,
            })
            .collect(),
        since: finding.since,
        spread,
    }
}
