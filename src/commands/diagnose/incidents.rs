//! What explains the trouble of several services, as the report tells it.

use std::collections::BTreeMap;

use crate::catalog::Service;
use crate::commands::diagnose::judge::Judgement;
use crate::commands::diagnose::reach::Reach;
use crate::commands::diagnose::report::{DiagnosedService, EvidenceItem, ExplainedFinding, IncidentItem};
use crate::compare::masked_quote;
use crate::diagnose::{Grouped, Incident, incidents};
use crate::survey::{Details, ServiceHealth, Survey};

/// Commands for one incident.
const MOST_COMMANDS: usize = 2;

/// The incidents among the findings of all services, which stand in the order of the answer.
pub fn shared_incidents(
    judgements: &[Judgement],
    details: &BTreeMap<String, Details>,
    survey: &Survey,
) -> Vec<Incident> {
    let findings: Vec<&[Grouped]> = judgements.iter().map(|one| one.findings.as_slice()).collect();
    incidents(&findings, &survey.clusters, |cluster, node| {
        Some(details.get(cluster)?.nodes.get(node)?.zone()?.to_string())
    })
}

/// As the report has them.
pub fn incident_items(
    incidents: &[Incident],
    judgements: &[Judgement],
    services: &[(&Service, ServiceHealth)],
    reach: &Reach,
) -> Vec<IncidentItem> {
    let name = |service: usize| services[service].0.name.clone();
    let item = |incident: &Incident| {
        let (service, finding) = incident.foremost;
        let foremost = &judgements[service].findings[finding];
        let commands = foremost.finding.next.iter().take(MOST_COMMANDS);
        let (cluster, namespace) = (&foremost.home.cluster, &foremost.home.namespace);
        let explained = incident.findings.iter().map(|(service, finding)| ExplainedFinding {
            service: name(*service),
            cause: judgements[*service].findings[*finding].finding.cause.clone(),
        });
        IncidentItem {
            cause: incident.kind.id(),
            what: masked_quote(&incident.what),
            confidence: incident.confidence.word(),
            since: incident.since,
            clusters: incident.clusters.clone(),
            services: incident.services().into_iter().map(name).collect(),
            findings: explained.collect(),
            evidence: incident.evidence.iter().cloned().map(EvidenceItem::from).collect(),
            next: commands.map(|command| command.line(reach.flags(cluster, namespace))).collect(),
        }
    };
    incidents.iter().map(item).collect()
}

/// Says of each finding which incidents explain it.
pub fn mark_explained(items: &mut [DiagnosedService], incidents: &[Incident]) {
    for (number, incident) in incidents.iter().enumerate() {
        for (service, finding) in &incident.findings {
            items[*service].findings[*finding].incidents.push(number + 1);
        }
    }
}
