//! Who is looked at more closely, and what has to be asked for it: pure, from what status already fetched.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::diagnose::team::Cause;
use crate::diagnose::{Finding, Needs, Subject, diagnose, log_containers, names_no_taint, needs};
use crate::health::{Assessed, Health, Reason, WorkloadFamily};
use crate::podstatus::Thresholds;
use crate::survey::{ContainerName, DetailRequest, ServiceHealth, ServiceTarget, WantedLog};
use crate::workload::{Pod, Workload};

/// How much is asked for: the flags `--max-pods`, `--max-logs` and `--log-lines` (docs/cli.md).
#[derive(Clone, Copy, Debug)]
pub struct LogBudget {
    /// Pods of one workload that look alike, whose events and nodes are read.
    pub pods: usize,
    /// Of those, pods whose logs are read.
    pub logs: usize,
    /// Lines of each log.
    pub lines: u32,
}

/// A workload in one cluster that something is wrong with.
pub struct BrokenWorkload<'a> {
    pub cluster: usize,
    pub family: &'a WorkloadFamily<'a>,
    pub assessed: &'a Assessed<'a>,
    pub children: Vec<&'a Workload>,
    /// Its bad pods, as many as are looked at; those whose status says the same stand together.
    pub groups: Vec<PodGroup<'a>>,
    /// How many bad pods are not looked at.
    pub unlooked: usize,
    /// What its own status tells, where it was read, before anything else is asked.
    pub findings: Vec<Finding>,
}

/// Bad pods of a workload in the same trouble.
pub struct PodGroup<'a> {
    pub pods: Vec<&'a Pod>,
    /// What the status of the first one tells before anything else is asked; the others' is alike.
    pub findings: Vec<Finding>,
}

impl<'a> BrokenWorkload<'a> {
    pub fn bad_pods(&self) -> impl Iterator<Item = &'a Pod> {
        self.groups.iter().flat_map(|group| group.pods.iter().copied())
    }

    /// What is known of a pod before anything else is asked.
    pub fn of_pod(&'a self, pod: &'a Pod, now: Timestamp, thresholds: Thresholds) -> Subject<'a> {
        let workload = self.family.workload;
        let is_degraded = self.assessed.verdict.health == Health::Degraded;
        let children = &self.children;
        Subject { workload, children, thresholds, is_degraded, ..Subject::of_pod(pod, now) }
    }

    /// Looks at its bad pods, by what their status tells.
    fn group_pods(&mut self, now: Timestamp, thresholds: Thresholds, budget: &mut PodBudget) {
        let mut groups: BTreeMap<Alike, PodGroup<'a>> = BTreeMap::new();
        let mut seen: BTreeMap<&Reason, usize> = BTreeMap::new();
        for (pod, verdict) in &self.assessed.pods {
            if verdict.health <= Health::Healthy {
                continue;
            }
            let alike = seen.entry(&verdict.reason).or_default();
            *alike += 1;
            if !budget.allows(*alike) {
                self.unlooked += 1;
                continue;
            }
            let findings = diagnose(&self.of_pod(pod, now, thresholds));
            let alike = |one: &Finding| (one.cause.clone(), one.container.clone(), one.signature.clone());
            let alike = findings.iter().map(alike).collect();
            groups.entry(alike).or_insert_with(|| PodGroup { pods: Vec::new(), findings }).pods.push(pod);
        }
        self.groups = groups.into_values().collect();
    }

    /// The workload itself as a subject, where it was read.
    pub fn of_workload(&'a self, now: Timestamp, thresholds: Thresholds) -> Option<Subject<'a>> {
        let workload = self.family.workload?;
        Some(Subject { children: &self.children, thresholds, ..Subject::of_workload(workload, now) })
    }
}

/// How many more bad pods one run looks at: a workload with a hundred thousand of them must not keep its reader
/// waiting, and says nothing new with the last of them.
pub struct PodBudget {
    left: usize,
    /// Of one workload, so many with the same reason are looked at whatever is left.
    always: usize,
}

impl PodBudget {
    pub const OF_A_RUN: PodBudget = PodBudget { left: 20_000, always: 16 };

    /// Whether the `number`th pod of its workload and reason is looked at.
    fn allows(&mut self, number: usize) -> bool {
        let is_paid = number > self.always && self.left > 0;
        self.left -= usize::from(is_paid);
        is_paid || number <= self.always
    }
}

/// The broken_workloads of a service, in the order of its cells.
pub fn broken_workloads<'a>(
    outlook: &'a ServiceHealth<'a>,
    now: Timestamp,
    thresholds: Thresholds,
    budget: &mut PodBudget,
) -> Vec<BrokenWorkload<'a>> {
    let mut broken_workloads = Vec::new();
    for cell in &outlook.cells {
        for (family, assessed) in &cell.workloads {
            // What is well has no cause: neither verdict nor diagnosis may know better than the other.
            // Who waits for a gate is parked, and is told which one.
            let is_gated = assessed.pods.iter().any(|(pod, _)| pod.is_gated());
            if assessed.verdict.health > Health::Suspended || is_gated {
                let children = family.replica_sets.iter().chain(&family.jobs).copied().collect();
                let mut broken = BrokenWorkload {
                    cluster: cell.cluster,
                    family,
                    assessed,
                    children,
                    groups: Vec::new(),
                    unlooked: 0,
                    findings: Vec::new(),
                };
                broken.group_pods(now, thresholds, budget);
                broken.findings =
                    broken.of_workload(now, thresholds).map(|own| diagnose(&own)).unwrap_or_default();
                broken_workloads.push(broken);
            }
        }
    }
    broken_workloads
}

/// Cause, container and signature of each of a pod's findings: pods that share them are in the same trouble.
type Alike = Vec<(String, Option<String>, String)>;

/// What is to be asked, by the index of the cluster.
pub fn inquiries(
    outlook: &ServiceHealth,
    broken_workloads: &[BrokenWorkload],
    causes: &[Cause],
    budget: LogBudget,
    now: Timestamp,
    thresholds: Thresholds,
) -> BTreeMap<usize, DetailRequest> {
    let mut inquiries: BTreeMap<usize, DetailRequest> = BTreeMap::new();
    let theirs = causes.iter().fold(Needs::NOTHING, |all, cause| all.and(cause.needs()));
    for broken in broken_workloads {
        let inquiry = inquiries.entry(broken.cluster).or_default();
        inquiry.lines = budget.lines;
        inquiry.most_logs = MOST_LOGS.max(budget.logs);
        inquiry.scaling.insert(broken.family.namespace.to_string());
        for group in &broken.groups {
            for (number, pod) in group.pods.iter().take(budget.pods).enumerate() {
                let subject = broken.of_pod(pod, now, thresholds);
                let wanted = needs(&subject, &group.findings).and(theirs);
                ask_for_pod(inquiry, pod, wanted);
                if wanted.log && number < budget.logs {
                    let containers = log_containers(&subject).into_iter();
                    inquiry.logs.extend(containers.map(|(name, previous)| WantedLog {
                        container: of_container(pod, name),
                        previous,
                        shape: shape(pod, name),
                    }));
                }
            }
        }
        if let Some(subject) =
            broken.of_workload(now, thresholds).filter(|subject| needs(subject, &broken.findings).events)
        {
            let named = subject.workloads().take(4).map(|workload| &workload.meta);
            inquiry.events.extend(named.map(|meta| (meta.namespace.to_string(), meta.name.clone())));
        }
    }
    ask_for_contrast(outlook, broken_workloads, &mut inquiries);
    inquiries
}

/// What is asked beside, for a service that was named: its autoscalers, for one that can grow no further is slow and
/// otherwise well. Where labels say what is meant (`target`), autoscalers and budgets that carry them are meant too.
pub fn ask_for_scaling(
    outlook: &ServiceHealth,
    target: Option<&ServiceTarget>,
    clusters: usize,
) -> BTreeMap<usize, DetailRequest> {
    let mut inquiries: BTreeMap<usize, DetailRequest> = BTreeMap::new();
    for cell in &outlook.cells {
        let namespaces = cell.workloads.iter().map(|(family, _)| family.namespace.to_string());
        let inquiry = inquiries.entry(cell.cluster).or_default();
        inquiry.core_services.extend(namespaces.clone());
        // Budgets too: what is told of one service must not depend on which others are asked about.
        inquiry.scaling.extend(namespaces);
    }
    if let Some(target) = target {
        let selector =
            if target.selector.is_everything() { String::new() } else { target.selector.to_string() };
        let everywhere = target.namespaces.is_empty().then_some(None);
        let namespaces = target.namespaces.iter().cloned().map(Some).chain(everywhere);
        let labelled: BTreeSet<_> = namespaces.map(|namespace| (namespace, selector.clone())).collect();
        for cluster in 0..clusters {
            inquiries.entry(cluster).or_default().labelled.extend(labelled.clone());
        }
    }
    inquiries
}

fn ask_for_pod(inquiry: &mut DetailRequest, pod: &Pod, wanted: Needs) {
    let namespace = &pod.meta.namespace;
    if wanted.events {
        inquiry.events.insert((namespace.to_string(), pod.meta.name.clone()));
    }
    if wanted.node && !pod.node_name.is_empty() {
        inquiry.nodes.insert(pod.node_name.to_string());
        if wanted.events {
            inquiry.node_events.insert(pod.node_name.to_string());
        }
    }
    let unscheduled = pod.condition("PodScheduled").filter(|scheduled| scheduled.is_false());
    if let Some(unscheduled) = unscheduled.filter(|_| wanted.events) {
        inquiry.preempted.insert(namespace.to_string());
        inquiry.all_nodes |= names_no_taint(&unscheduled.message);
    }
    if wanted.claims {
        let claims = pod.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref());
        inquiry.claims.extend(claims.map(|claim| (namespace.to_string(), claim.claim_name.clone())));
    }
}

fn of_container(pod: &Pod, container: &str) -> ContainerName {
    (pod.meta.namespace.to_string(), pod.meta.name.clone(), container.to_string())
}

/// What containers share that are likely to have failed alike, whatever workload they are of: what they run and how
/// that ended.
fn shape(pod: &Pod, container: &str) -> String {
    let all = pod.containers();
    let Some(meant) = all.iter().find(|one| one.name == container) else { return String::new() };
    let image = meant.spec.map_or("", |spec| spec.image.as_str());
    let status = meant.status;
    let ended =
        status.and_then(|one| one.state.terminated.as_deref().or(one.last_state.terminated.as_deref()));
    let ended = ended.map(|end| format!("{} {:?}", end.reason, end.exit_code)).unwrap_or_default();
    format!("{container} {image} {ended}")
}

/// Logs that are read in one cluster, however much is wrong there: a kubelet is behind each.
const MOST_LOGS: usize = 48;

/// Nodes whose architecture and version are compared, in one cluster.
const MOST_NODES: usize = 8;

/// What tells the bad pods from the good ones beyond the pods themselves: their nodes and ConfigMaps, also where
/// the same workload is well.
fn ask_for_contrast(
    outlook: &ServiceHealth,
    broken_workloads: &[BrokenWorkload],
    inquiries: &mut BTreeMap<usize, DetailRequest>,
) {
    let sick: BTreeSet<(&str, &str)> =
        broken_workloads.iter().map(|p| (p.family.kind, p.family.name)).collect();
    for cell in &outlook.cells {
        for (family, assessed) in cell.workloads.iter().filter(|(f, _)| sick.contains(&(f.kind, f.name))) {
            let inquiry = inquiries.entry(cell.cluster).or_default();
            for (pod, _) in &assessed.pods {
                let node = &pod.node_name;
                if !node.is_empty() && inquiry.nodes.len() < MOST_NODES {
                    inquiry.nodes.insert(node.to_string());
                }
            }
            if let Some((pod, _)) = assessed.pods.first() {
                let maps = pod.config_maps();
                inquiry.config_maps.extend(maps.into_iter().map(|name| (family.namespace.to_string(), name)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BrokenWorkload, PodBudget};
    use crate::health::{assess, families};
    use crate::podstatus::Thresholds;
    use crate::workload::{Object, kind};
    use jiff::Timestamp;

    fn waiting(name: &str, reason: &str) -> Object {
        let json = format!(
            r#"{{"metadata":{{"namespace":"shop","name":"{name}","uid":"{name}",
            "ownerReferences":[{{"kind":"ReplicaSet","name":"web-1","uid":"r","controller":true}}]}},
            "spec":{{"containers":[{{"name":"app","image":"web:1"}}]}},
            "status":{{"phase":"Pending","containerStatuses":[{{"name":"app","restartCount":0,"ready":false,
            "state":{{"waiting":{{"reason":"{reason}"}}}}}}]}}}}"#
        );
        kind("Pod").expect("a kind").observe(&json).expect("a pod")
    }

    #[test]
    fn the_pods_beyond_the_budget_are_counted() {
        let names = [("a", "ImagePullBackOff"), ("b", "ImagePullBackOff"), ("c", "ErrImageNeverPull")];
        let objects = names.map(|(name, reason)| waiting(name, reason));
        let (now, thresholds) = (Timestamp::UNIX_EPOCH, Thresholds::default());
        let families = families(&objects);
        let (family, assessed) = (&families[0], &assess(&families[0], now, &thresholds));
        let (children, groups, findings) = (Vec::new(), Vec::new(), Vec::new());
        let mut broken =
            BrokenWorkload { cluster: 0, family, assessed, children, groups, unlooked: 0, findings };
        broken.group_pods(now, thresholds, &mut PodBudget { left: 0, always: 1 });
        let looked: Vec<&str> = broken.bad_pods().map(|pod| pod.meta.name.as_str()).collect();
        assert_eq!((looked, broken.unlooked), (vec!["c", "a"], 1), "one of each reason");
    }

    #[test]
    fn a_run_looks_at_some_of_each_kind_and_at_more_while_it_may() {
        let mut budget = PodBudget { left: 3, always: 2 };
        let looked = |budget: &mut PodBudget, pods| (1..=pods).filter(|one| budget.allows(*one)).count();
        assert_eq!(looked(&mut budget, 4), 4, "two in any case, two of the three");
        assert_eq!(looked(&mut budget, 9), 3, "two in any case, the last of the three");
        assert_eq!(looked(&mut budget, 9), 2, "nothing is left, and still its first two");
        assert_eq!(looked(&mut budget, 1), 1);
    }
}
