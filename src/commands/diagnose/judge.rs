//! From clues to causes, contrast and timeline: pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::commands::diagnose::patient::{BrokenWorkload, LogBudget, config_maps};
use crate::compare::{
    Attributes, Difference, Sample, config_map, contrast, pod as pod_attributes,
    workload as workload_attributes,
};
use crate::diagnose::team::{self, Cause};
use crate::diagnose::{
    ContainerLog, Evidence, Finding, Grouped, PlacedFinding, RuleFamily as Rules, Subject, Total,
    UnreadSources, WorkloadPlace,
};
use crate::diagnose::{allowed, diagnose, group, looked_at, rule};
use crate::health::{Health, WorkloadFamily};
use crate::podstatus::Thresholds;
use crate::survey::{Details, ServiceHealth, ServiceTarget};
use crate::workload::{Claim, Event, Node, Pod, Workload};

/// What a service's trouble comes to.
#[derive(Default)]
pub struct Judgement {
    pub findings: Vec<Grouped>,
    /// What was looked at where nothing explains the trouble.
    pub looked_at: Vec<Evidence>,
    pub differences: Vec<Difference>,
    pub timeline: Vec<Moment>,
}

/// Something that happened, where.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Moment {
    pub time: Timestamp,
    pub cluster: String,
    pub text: String,
}

/// What the judgement stands on.
pub struct JudgementBasis<'a> {
    pub clues: &'a BTreeMap<String, Details>,
    /// The names of the clusters, in fleet order.
    pub clusters: &'a [String],
    /// The nodes that were read, by cluster.
    pub nodes: Vec<Vec<&'a Node>>,
    pub causes: &'a [Cause],
    /// What `-l` selects: autoscalers and budgets that carry it are meant too.
    pub labels: Option<&'a ServiceTarget>,
    pub budget: LogBudget,
    pub now: Timestamp,
    pub thresholds: Thresholds,
}

static NO_CLUES: std::sync::LazyLock<Details> = std::sync::LazyLock::new(Details::default);

/// Where a workload has one trouble alone, it is as old as the workload's: the last end of a container that falls over
/// again and again is not when it began.
fn date_back(patient: &BrokenWorkload, found: &mut [PlacedFinding]) {
    let Some(first) = found.first().map(|one| one.finding.cause.clone()) else { return };
    let verdict = &patient.assessed.verdict;
    if verdict.health != Health::Degraded || found.iter().any(|one| one.finding.cause != first) {
        return;
    }
    for one in found {
        one.finding.since = one.finding.since.into_iter().chain(verdict.since).min();
    }
}

impl JudgementBasis<'_> {
    pub fn judge(&self, outlook: &ServiceHealth, patients: &[BrokenWorkload]) -> Judgement {
        let mut found: Vec<PlacedFinding> = Vec::new();
        let mut looked = Vec::new();
        let mut totals: BTreeMap<WorkloadPlace, Total> = BTreeMap::new();
        for patient in patients {
            let place = self.place(patient);
            let before = found.len();
            for group in &patient.groups {
                self.pods(patient, group, &place, &mut found);
            }
            self.workload(patient, &place, &mut found, before);
            self.scaling(patient.cluster, patient.family, found.len() > before, &mut found);
            date_back(patient, &mut found[before..]);
            if found.len() == before {
                looked.extend(self.looked_at(patient));
            }
            let pods =
                patient.assessed.pods.iter().filter(|(pod, _)| pod.status.phase != "Succeeded").count();
            totals.insert(place, Total { pods, serving: patient.assessed.serving });
        }
        self.scaling_beside(outlook, patients, &mut found);
        let bad: BTreeSet<(usize, &str, &str)> = patients
            .iter()
            .flat_map(|patient| patient.groups.iter().flatten().map(|pod| (patient.cluster, pod)))
            .map(|(cluster, pod)| (cluster, pod.meta.namespace.as_str(), pod.meta.name.as_str()))
            .collect();
        let findings = group(found, &totals, self.clusters);
        Judgement {
            timeline: self.timeline(patients, &findings),
            differences: contrast(&self.samples(outlook, patients, &bad)),
            looked_at: looked,
            findings,
        }
    }

    fn place(&self, patient: &BrokenWorkload) -> WorkloadPlace {
        self.place_of(patient.cluster, patient.family)
    }

    pub fn place_of(&self, cluster: usize, family: &WorkloadFamily) -> WorkloadPlace {
        WorkloadPlace {
            cluster: self.clusters[cluster].clone(),
            namespace: family.namespace.to_string(),
            workload: format!("{}/{}", family.kind, family.name),
        }
    }

    fn clues(&self, patient: &BrokenWorkload) -> &Details {
        self.clues_of(patient.cluster)
    }

    pub fn clues_of(&self, cluster: usize) -> &Details {
        self.clues.get(&self.clusters[cluster]).unwrap_or(&NO_CLUES)
    }

    /// Pods that look alike: the first few are judged by all that was read, the rest like the first.
    fn pods(
        &self,
        patient: &BrokenWorkload,
        group: &[&Pod],
        place: &WorkloadPlace,
        found: &mut Vec<PlacedFinding>,
    ) {
        let clues = self.clues(patient);
        let has_log = |pod: &&&Pod| clues.logs_of(&pod.meta).next().is_some();
        let seen = match group.iter().filter(has_log).count() {
            0 => self.budget.pods.max(1),
            logged => logged,
        };
        let mut first: Vec<Finding> = Vec::new();
        for (number, pod) in group.iter().enumerate() {
            let findings = match number < seen {
                true => self.with_clues(patient, pod, |subject| self.causes_of(subject)),
                false => first.clone(),
            };
            if number == 0 {
                first = findings.clone();
            }
            found.extend(findings.into_iter().map(|finding| PlacedFinding {
                place: place.clone(),
                pod: Some(pod.meta.name.clone()),
                finding,
            }));
        }
    }

    /// A team's own causes stand before ours, and instead of ours about the same container.
    fn causes_of(&self, subject: &Subject) -> Vec<Finding> {
        let mut findings = team::diagnose(self.causes, subject);
        for finding in diagnose(subject) {
            if !findings.iter().any(|known| known.container == finding.container && known.container.is_some())
            {
                findings.push(finding);
            }
        }
        let pod = subject.pod.map(|pod| pod.meta.name.as_str());
        findings.iter_mut().for_each(|finding| allowed(finding, subject.unread, pod));
        findings
    }

    /// Calls with a pod and all that was read around it.
    fn with_clues<T>(&self, patient: &BrokenWorkload, pod: &Pod, judge: impl Fn(&Subject) -> T) -> T {
        let clues = self.clues(patient);
        let logs: Vec<ContainerLog> = clues
            .logs_of(&pod.meta)
            .map(|(container, log)| match &log.lost {
                Some(words) => ContainerLog::lost(container, words),
                None => ContainerLog::new(container, &log.text, log.previous),
            })
            .collect();
        let events = self.events_of(patient, &[pod]);
        let volumes = pod.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref());
        let claims = volumes.filter_map(|volume| clues.claim(&pod.meta.namespace, &volume.claim_name));
        let claims: Vec<Claim> = claims.cloned().collect();
        let subject = Subject {
            nodes: &self.nodes[patient.cluster],
            events: &events,
            logs: &logs,
            node: clues.nodes.get(&pod.spec.node_name),
            claims: &claims,
            unread: UnreadSources {
                events: clues.refused.contains_key("events"),
                logs: clues.refused.contains_key("logs"),
                node: clues.refused.contains_key("nodes"),
            },
            workload: patient.family.workload,
            children: &patient.children,
            thresholds: self.thresholds,
            is_degraded: patient.assessed.verdict.health == Health::Degraded,
            ..Subject::of_pod(pod, self.now)
        };
        judge(&subject)
    }

    /// Of all that a cluster told, what is about the pods, their nodes, the workload and what that owns: another's events
    /// prove nothing here. In the order in which they were seen first.
    fn events_of(&self, patient: &BrokenWorkload, pods: &[&Pod]) -> Vec<Event> {
        let (family, clues) = (patient.family, self.clues(patient));
        let is_here = |event: &Event| event.meta.namespace == family.namespace;
        let mut found: BTreeMap<usize, &Event> = BTreeMap::new();
        let children = patient.children.iter().map(|child| (child.kind, child.meta.name.as_str()));
        for (kind, name) in children.chain([(family.kind, family.name)]) {
            let about = clues.events_named(name);
            found.extend(about.filter(|(_, event)| event.about.kind == kind && is_here(event)));
        }
        for pod in pods {
            let of_node = clues.events_named(&pod.spec.node_name);
            found.extend(of_node.filter(|(_, event)| event.about.kind == "Node"));
            let is_pods = |event: &Event| matches!(event.about.kind.as_str(), "Pod" | "") && is_here(event);
            let of_pod = clues.events_named(&pod.meta.name);
            found.extend(of_pod.filter(|(_, event)| is_pods(event)));
            // Of a pod that had to make room nothing is left but this.
            let made_room = clues.made_room(&pod.meta.name);
            found.extend(made_room.filter(|(_, event)| event.about.kind != "Node" && is_here(event)));
        }
        found.into_values().cloned().collect()
    }

    /// The workload's own findings. A controller's stands only where no pod explains the trouble.
    fn workload(
        &self,
        patient: &BrokenWorkload,
        place: &WorkloadPlace,
        found: &mut Vec<PlacedFinding>,
        before: usize,
    ) {
        let Some(workload) = patient.family.workload else { return };
        let events = self.events_of(patient, &[]);
        let subject = Subject {
            events: &events,
            children: &patient.children,
            thresholds: self.thresholds,
            ..Subject::of_workload(workload, self.now)
        };
        let explained = found.len() > before;
        for finding in diagnose(&subject) {
            let is_controllers = rule(&finding.cause).is_some_and(|rule| rule.family == Rules::Controller);
            if !(is_controllers && explained) {
                found.push(PlacedFinding { place: place.clone(), pod: None, finding });
            }
        }
    }

    fn looked_at(&self, patient: &BrokenWorkload) -> Vec<Evidence> {
        let pod = patient.groups.first().and_then(|group| group.first());
        match pod {
            Some(pod) => self.with_clues(patient, pod, looked_at),
            None => {
                let events = self.events_of(patient, &[]);
                let subject = patient.of_workload(self.now, self.thresholds);
                subject.map(|s| looked_at(&Subject { events: &events, ..s })).unwrap_or_default()
            }
        }
    }

    /// Every pod of the workloads in trouble, wherever they run, with what can be compared.
    fn samples(
        &self,
        outlook: &ServiceHealth,
        patients: &[BrokenWorkload],
        bad: &BTreeSet<(usize, &str, &str)>,
    ) -> Vec<Sample> {
        let sick: BTreeSet<(&str, &str)> = patients.iter().map(|p| (p.family.kind, p.family.name)).collect();
        let mut samples = Vec::new();
        for cell in &outlook.cells {
            let name = &self.clusters[cell.cluster];
            let clues = self.clues.get(name).unwrap_or(&NO_CLUES);
            for (family, assessed) in cell.workloads.iter().filter(|(f, _)| sick.contains(&(f.kind, f.name)))
            {
                let children: Vec<&Workload> = family.replica_sets.clone();
                let shared = family.workload.map(|w| workload_attributes(w, &children)).unwrap_or_default();
                for (pod, _) in assessed.pods.iter().filter(|(pod, _)| pod.status.phase != "Succeeded") {
                    let mut attributes: Attributes = shared.clone();
                    attributes.extend(pod_attributes(pod, clues.nodes.get(&pod.spec.node_name)));
                    for map in config_maps(pod) {
                        if let Some(data) = clues.config_maps.get(&(pod.meta.namespace.clone(), map.clone()))
                        {
                            attributes.extend(config_map(&map, data));
                        }
                    }
                    let key = (cell.cluster, pod.meta.namespace.as_str(), pod.meta.name.as_str());
                    let (cluster, bad) = (name.clone(), bad.contains(&key));
                    samples.push(Sample { cluster, bad, attributes, is_partial: false });
                }
            }
        }
        samples
    }

    /// Rollouts, first signs and what the clusters reported, oldest first.
    fn timeline(&self, patients: &[BrokenWorkload], findings: &[Grouped]) -> Vec<Moment> {
        let mut moments: BTreeSet<Moment> = BTreeSet::new();
        for patient in patients {
            let cluster = self.clusters[patient.cluster].clone();
            let newest = patient.family.replica_sets.iter().max_by_key(|set| set.meta.created);
            if let Some((set, time)) = newest.and_then(|set| Some((set, set.meta.created?))) {
                let revision = set.meta.annotations.get("deployment.kubernetes.io/revision");
                let revision =
                    revision.map(|revision| format!("revision {revision}")).unwrap_or(set.meta.name.clone());
                let text = format!("{} {}: {revision} began", patient.family.kind, patient.family.name);
                moments.insert(Moment { time, cluster: cluster.clone(), text });
            }
            let mut told: BTreeSet<String> = BTreeSet::new();
            let pods: Vec<&Pod> = patient.groups.iter().flatten().copied().collect();
            for event in &self.events_of(patient, &pods) {
                let is_news =
                    event.kind != "Normal" || matches!(event.reason.as_str(), "Killing" | "BackOff");
                let Some(time) = event.first_seen.filter(|_| is_news && told.insert(event.reason.clone()))
                else {
                    continue;
                };
                let text =
                    format!("{} {}: {}: {}", event.about.kind, event.about.name, event.reason, event.message);
                moments.insert(Moment { time, cluster: cluster.clone(), text });
            }
        }
        for finding in findings {
            if let Some(first) = &finding.first {
                let text = format!("first sign of {}: {}", finding.finding.cause, first.summary);
                moments.insert(Moment { time: first.time, cluster: first.cluster.clone(), text });
            }
        }
        moments.into_iter().collect()
    }
}
