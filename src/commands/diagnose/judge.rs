//! From details to causes, contrast and timeline: pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use crate::commands::diagnose::broken::{BrokenWorkload, LogBudget, PodGroup};
use crate::commands::diagnose::rollout::{RolloutStart, newest_rollout};
use crate::compare::{
    Attributes, Difference, PodLikeness, Sample, config_map, contrast, pod as pod_attributes,
    workload as workload_attributes,
};
use crate::diagnose::team::{self, Cause};
use crate::diagnose::{
    ContainerLog, Evidence, Finding, Grouped, PlacedFinding, RuleFamily as Rules, Subject, Total,
    UnreadSources, WorkloadPlace,
};
use crate::diagnose::{allowed, diagnose, group, looked_at, rule};
use crate::health::{Assessed, Health, WorkloadFamily};
use crate::podstatus::Thresholds;
use crate::survey::{DetailKind, Details, ServiceHealth, ServiceTarget};
use crate::workload::{Claim, Event, Node, Pod};

/// What a service's trouble comes to.
#[derive(Default)]
pub struct Judgement {
    pub findings: Vec<Grouped>,
    /// The newest rollouts of the workloads whose bad pods are all of it.
    pub rollouts: BTreeMap<WorkloadPlace, RolloutStart>,
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
    pub details: &'a BTreeMap<String, Details>,
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

/// Whether nothing was learnt of a pod beside what its status told.
fn is_bare(subject: &Subject) -> bool {
    let Subject { events, logs, node, nodes, claims, unread, .. } = subject;
    let is_alone = events.is_empty() && logs.is_empty() && claims.is_empty();
    is_alone && node.is_none() && nodes.is_empty() && *unread == UnreadSources::default()
}

/// The pods that are compared: what ended well is over.
fn compared<'a>(assessed: &Assessed<'a>) -> impl Iterator<Item = &'a Pod> {
    assessed.pods.iter().map(|(pod, _)| *pod).filter(|pod| pod.status.phase != "Succeeded")
}

static NO_CLUES: std::sync::LazyLock<Details> = std::sync::LazyLock::new(Details::default);

/// Where a workload has one trouble alone, it is as old as the workload's: the last end of a container that falls over
/// again and again is not when it began.
fn date_back(broken: &BrokenWorkload, found: &mut [PlacedFinding]) {
    let Some(first) = found.first().map(|one| one.finding.cause.clone()) else { return };
    let verdict = &broken.assessed.verdict;
    if verdict.health != Health::Degraded || found.iter().any(|one| one.finding.cause != first) {
        return;
    }
    for one in found {
        one.finding.since = one.finding.since.into_iter().chain(verdict.since).min();
    }
}

impl JudgementBasis<'_> {
    pub fn judge(&self, outlook: &ServiceHealth, broken_workloads: &[BrokenWorkload]) -> Judgement {
        let mut found: Vec<PlacedFinding> = Vec::new();
        let mut looked = Vec::new();
        let mut totals: BTreeMap<WorkloadPlace, Total> = BTreeMap::new();
        for broken in broken_workloads {
            let place = self.place(broken);
            let before = found.len();
            for group in &broken.groups {
                self.pods(broken, group, &place, &mut found);
            }
            self.workload(broken, &place, &mut found, before);
            self.scaling(broken.cluster, broken.family, found.len() > before, &mut found);
            date_back(broken, &mut found[before..]);
            if found.len() == before {
                looked.extend(self.looked_at(broken));
            }
            let pods = broken.assessed.pods.iter().filter(|(pod, _)| pod.status.phase != "Succeeded").count();
            totals.insert(place, Total { pods, serving: broken.assessed.serving });
        }
        self.scaling_beside(outlook, broken_workloads, &mut found);
        let bad: BTreeSet<(usize, &str, &str)> = broken_workloads
            .iter()
            .flat_map(|broken| broken.bad_pods().map(|pod| (broken.cluster, pod)))
            .map(|(cluster, pod)| (cluster, pod.meta.namespace.as_str(), pod.meta.name.as_str()))
            .collect();
        let findings = group(found, &totals, self.clusters);
        let rollouts =
            broken_workloads.iter().filter_map(|broken| Some((self.place(broken), newest_rollout(broken)?)));
        Judgement {
            rollouts: rollouts.collect(),
            timeline: self.timeline(broken_workloads, &findings),
            differences: contrast(&self.samples(outlook, broken_workloads, &bad)),
            looked_at: looked,
            findings,
        }
    }

    fn place(&self, broken: &BrokenWorkload) -> WorkloadPlace {
        self.place_of(broken.cluster, broken.family)
    }

    pub fn place_of(&self, cluster: usize, family: &WorkloadFamily) -> WorkloadPlace {
        WorkloadPlace {
            cluster: self.clusters[cluster].clone(),
            namespace: family.namespace.to_string(),
            workload: format!("{}/{}", family.kind, family.name),
        }
    }

    fn details(&self, broken: &BrokenWorkload) -> &Details {
        self.clues_of(broken.cluster)
    }

    pub fn clues_of(&self, cluster: usize) -> &Details {
        self.details.get(&self.clusters[cluster]).unwrap_or(&NO_CLUES)
    }

    /// Pods that look alike: the first few are judged by all that was read, the rest like the first.
    fn pods(
        &self,
        broken: &BrokenWorkload,
        group: &PodGroup,
        place: &WorkloadPlace,
        found: &mut Vec<PlacedFinding>,
    ) {
        let details = self.details(broken);
        let has_log = |pod: &&&Pod| details.logs_of(&pod.meta).next().is_some();
        let seen = match group.pods.iter().filter(has_log).count() {
            0 => self.budget.pods.max(1),
            logged => logged,
        };
        let mut first: Vec<Finding> = Vec::new();
        for (number, pod) in group.pods.iter().enumerate() {
            let findings = match number < seen {
                true => self.with_clues(broken, pod, |subject| match is_bare(subject) {
                    true if self.causes.is_empty() && number == 0 => group.findings.clone(),
                    _ => self.causes_of(subject),
                }),
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
    fn with_clues<T>(&self, broken: &BrokenWorkload, pod: &Pod, judge: impl Fn(&Subject) -> T) -> T {
        let details = self.details(broken);
        let logs: Vec<ContainerLog> = details
            .logs_of(&pod.meta)
            .map(|(container, log)| match &log.lost {
                Some(words) => ContainerLog::lost(container, words),
                None => ContainerLog::new(container, &log.text, log.previous),
            })
            .collect();
        let events = self.events_of(broken, &[pod]);
        let volumes = pod.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref());
        let claims = volumes.filter_map(|volume| details.claim(&pod.meta.namespace, &volume.claim_name));
        let claims: Vec<Claim> = claims.cloned().collect();
        let subject = Subject {
            nodes: &self.nodes[broken.cluster],
            events: &events,
            logs: &logs,
            node: details.nodes.get(pod.node_name.as_str()),
            claims: &claims,
            unread: UnreadSources {
                events: details.refused.contains_key(&DetailKind::Events),
                logs: details.refused.contains_key(&DetailKind::Logs),
                node: details.refused.contains_key(&DetailKind::Nodes),
            },
            workload: broken.family.workload,
            children: &broken.children,
            thresholds: self.thresholds,
            is_degraded: broken.assessed.verdict.health == Health::Degraded,
            ..Subject::of_pod(pod, self.now)
        };
        judge(&subject)
    }

    /// Of all that a cluster told, what is about the pods, their nodes, the workload and what that owns: another's events
    /// prove nothing here. In the order in which they were seen first.
    fn events_of(&self, broken: &BrokenWorkload, pods: &[&Pod]) -> Vec<Event> {
        let (family, details) = (broken.family, self.details(broken));
        let is_here = |event: &Event| event.meta.namespace == family.namespace;
        let mut found: BTreeMap<usize, &Event> = BTreeMap::new();
        let children = broken.children.iter().map(|child| (child.kind, child.meta.name.as_str()));
        for (kind, name) in children.chain([(family.kind, family.name)]) {
            let about = details.events_named(name);
            found.extend(about.filter(|(_, event)| event.about.kind == kind && is_here(event)));
        }
        for pod in pods {
            let of_node = details.events_named(&pod.node_name);
            found.extend(of_node.filter(|(_, event)| event.about.kind == "Node"));
            let is_pods = |event: &Event| matches!(event.about.kind.as_str(), "Pod" | "") && is_here(event);
            let of_pod = details.events_named(&pod.meta.name);
            found.extend(of_pod.filter(|(_, event)| is_pods(event)));
            // Of a pod that had to make room nothing is left but this.
            let made_room = details.made_room(&pod.meta.name);
            found.extend(made_room.filter(|(_, event)| event.about.kind != "Node" && is_here(event)));
        }
        found.into_values().cloned().collect()
    }

    /// The workload's own findings. A controller's stands only where no pod explains the trouble.
    fn workload(
        &self,
        broken: &BrokenWorkload,
        place: &WorkloadPlace,
        found: &mut Vec<PlacedFinding>,
        before: usize,
    ) {
        let Some(workload) = broken.family.workload else { return };
        let events = self.events_of(broken, &[]);
        let subject = Subject {
            events: &events,
            children: &broken.children,
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

    fn looked_at(&self, broken: &BrokenWorkload) -> Vec<Evidence> {
        match broken.bad_pods().next() {
            Some(pod) => self.with_clues(broken, pod, looked_at),
            None => {
                let events = self.events_of(broken, &[]);
                let subject = broken.of_workload(self.now, self.thresholds);
                subject.map(|s| looked_at(&Subject { events: &events, ..s })).unwrap_or_default()
            }
        }
    }

    /// Every pod of the workloads in trouble, wherever they run, with what can be compared.
    fn samples(
        &self,
        outlook: &ServiceHealth,
        broken_workloads: &[BrokenWorkload],
        bad: &BTreeSet<(usize, &str, &str)>,
    ) -> Vec<Sample> {
        let sick: BTreeSet<(&str, &str)> =
            broken_workloads.iter().map(|p| (p.family.kind, p.family.name)).collect();
        let is_bad = |cluster: usize, pod: &Pod| {
            bad.contains(&(cluster, pod.meta.namespace.as_str(), pod.meta.name.as_str()))
        };
        let workloads = || {
            let all = outlook
                .cells
                .iter()
                .flat_map(|cell| cell.workloads.iter().map(move |one| (cell.cluster, one)));
            all.filter(|(_, (family, _))| sick.contains(&(family.kind, family.name)))
        };
        // Where all are bad, or all of what is left, nothing can tell them from good ones.
        if workloads().all(|(cluster, (_, assessed))| compared(assessed).all(|pod| is_bad(cluster, pod))) {
            return Vec::new();
        }
        let mut samples: Vec<Sample> = Vec::new();
        for (cluster, (family, assessed)) in workloads() {
            let details = self.clues_of(cluster);
            let shared = family.workload.map(|one| workload_attributes(one, &family.replica_sets));
            let shared = shared.unwrap_or_default();
            let mut known: HashMap<(PodLikeness, bool), usize> = HashMap::new();
            for pod in compared(assessed) {
                let bad = is_bad(cluster, pod);
                let number = *known.entry((PodLikeness::of(pod), bad)).or_insert(samples.len());
                if let Some(sample) = samples.get_mut(number) {
                    sample.more += 1;
                    continue;
                }
                let mut attributes: Attributes = shared.clone();
                attributes.extend(pod_attributes(pod, details.nodes.get(pod.node_name.as_str())));
                for map in pod.config_maps() {
                    let data = details.config_maps.get(&(pod.meta.namespace.to_string(), map.clone()));
                    attributes.extend(data.map(|data| config_map(&map, data)).unwrap_or_default());
                }
                let cluster = self.clusters[cluster].clone();
                samples.push(Sample { cluster, bad, attributes, ..Sample::default() });
            }
        }
        samples
    }

    /// Rollouts, first signs and what the clusters reported, oldest first.
    fn timeline(&self, broken_workloads: &[BrokenWorkload], findings: &[Grouped]) -> Vec<Moment> {
        let mut moments: BTreeSet<Moment> = BTreeSet::new();
        for broken in broken_workloads {
            let cluster = self.clusters[broken.cluster].clone();
            let newest = broken.family.replica_sets.iter().max_by_key(|set| set.meta.created);
            if let Some((set, time)) = newest.and_then(|set| Some((set, set.meta.created?))) {
                let revision = set.meta.annotations.get("deployment.kubernetes.io/revision");
                let revision =
                    revision.map(|revision| format!("revision {revision}")).unwrap_or(set.meta.name.clone());
                let text = format!("{} {}: {revision} began", broken.family.kind, broken.family.name);
                moments.insert(Moment { time, cluster: cluster.clone(), text });
            }
            let mut told: BTreeSet<String> = BTreeSet::new();
            let pods: Vec<&Pod> = broken.bad_pods().collect();
            for event in &self.events_of(broken, &pods) {
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
