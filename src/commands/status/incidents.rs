//! What explains several services at once, as far as the status of their pods proves it: nothing more is asked for it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::commands::status::report::{IncidentRow, OutsideFinding, WorkloadRow};
use crate::compare::masked_quote;
use crate::diagnose::{
    Confidence, Finding, Grouped, IncidentKind, PlacedFinding, Subject, WorkloadPlace, diagnose, group,
    incidents,
};
use crate::health::{Health, Reason};
use crate::podstatus::Thresholds;
use crate::report::{Cell, Line, Tone};
use crate::survey::{ClusterVerdict, JudgedWorkload};
use crate::text::{count, listed};
use crate::workload::Workload;

/// Pods of a workload that are looked at; of those that say the same from the same node, one.
const MOST_PODS: usize = 32;
/// Services of an incident that its line names.
const MOST_SERVICES: usize = 6;

/// Words of pods whose processes end: what they say of that stands in logs, and blames nothing outside of them.
const OF_PROCESSES: &[&str] = &["CrashLoopBackOff", "Error", "OOMKilled", "Completed"];

/// What a workload and its bad pods say for sure of what is outside of them: each thing once.
pub fn outside_findings(
    (family, assessed): &JudgedWorkload,
    now: Timestamp,
    thresholds: Thresholds,
) -> Vec<OutsideFinding> {
    if assessed.verdict.health <= Health::Suspended {
        return Vec::new();
    }
    let children: Vec<&Workload> = family.replica_sets.iter().chain(&family.jobs).copied().collect();
    let around = Subject {
        children: &children,
        thresholds,
        is_degraded: assessed.verdict.health == Health::Degraded,
        ..Subject::default()
    };
    let mut seen: BTreeSet<(&Reason, &str)> = BTreeSet::new();
    let pods = assessed.pods.iter().filter(|(pod, verdict)| {
        verdict.health > Health::Healthy
            && !OF_PROCESSES.contains(&verdict.reason.as_str())
            && seen.insert((&verdict.reason, pod.node_name.as_str()))
    });
    let of_pods = pods.take(MOST_PODS).map(|(pod, _)| {
        let subject = Subject { pod: Some(pod), workload: family.workload, now, ..around };
        (Some(pod.meta.name.clone()), diagnose(&subject))
    });
    let own = family
        .workload
        .map(|workload| (None, diagnose(&Subject { workload: Some(workload), now, ..around })));
    let mut found: Vec<OutsideFinding> = Vec::new();
    for (pod, findings) in of_pods.chain(own) {
        for finding in findings.into_iter().filter(is_sure) {
            let is_known = found.iter().any(|known| known.finding.blames == finding.blames);
            if finding.blames.is_some() && !is_known {
                found.push(OutsideFinding { pod: pod.clone(), finding });
            }
        }
    }
    found
}

/// A pod that is not Ready while all its containers are: so much the status itself says of the node, as the verdict does.
fn is_sure(finding: &Finding) -> bool {
    finding.confidence == Confidence::High || finding.cause == "node-not-ready"
}

/// What explains several of the services, which stand in the order of the answer; that they began at one instant proves nothing.
pub fn proven_incidents<'a>(
    services: impl Iterator<Item = (&'a str, &'a [ClusterVerdict<WorkloadRow>])>,
    clusters: &[String],
) -> Vec<IncidentRow> {
    let (names, cells): (Vec<&str>, Vec<_>) = services.unzip();
    let findings = |cells: &&[ClusterVerdict<WorkloadRow>]| {
        let rows =
            cells.iter().flat_map(|cell| cell.workloads.iter().map(|row| (&clusters[cell.cluster], row)));
        let placed = rows.flat_map(|(cluster, row)| {
            let place = WorkloadPlace {
                cluster: cluster.clone(),
                namespace: row.namespace.clone(),
                workload: format!("{}/{}", row.kind, row.name),
            };
            row.outside.iter().map(move |one| PlacedFinding {
                place: place.clone(),
                pod: one.pod.clone(),
                finding: one.finding.clone(),
            })
        });
        group(placed.collect(), &BTreeMap::new(), clusters)
    };
    let findings: Vec<Vec<Grouped>> = cells.iter().map(findings).collect();
    let findings: Vec<&[Grouped]> = findings.iter().map(Vec::as_slice).collect();
    let found = incidents(&findings, clusters, |_, _| None).into_iter();
    let proven = found.filter(|one| one.kind != IncidentKind::Instant);
    let told = proven.map(|one| IncidentRow {
        cause: one.kind.id(),
        what: masked_quote(&one.what),
        services: one.services().into_iter().map(|service| names[service].to_string()).collect(),
        clusters: one.clusters,
    });
    told.collect()
}

/// `incident: node ip-10-11-24-60 is not ready in us-east-1: 9 services (cart, checkout +7); callboard why tells more`.
pub fn incident_line(incident: &IncidentRow) -> Line {
    let services = count(incident.services.len(), "service");
    let names = listed(&incident.services, MOST_SERVICES);
    let clusters = incident.clusters.join(", ");
    Line::new(vec![
        Cell::toned("incident: ", Tone::Bad),
        Cell::toned(incident.what.clone(), Tone::Strong),
        Cell::from(format!(" in {clusters}: {services} ({names}); `callboard why` tells more")),
    ])
}
