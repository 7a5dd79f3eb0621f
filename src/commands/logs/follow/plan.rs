//! What is followed in each cluster: the containers that are known, and how new ones are recognised.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;

use crate::commands::logs::fleetwide::ReadableLogs;
use crate::commands::logs::follow::jobs::CronJobs;
use crate::commands::logs::read::How;
use crate::commands::logs::targets::{ContainerGlobs, Stream, streams};
use crate::config::Config;
use crate::env::Clock;
use crate::health::{self, Health, WorkloadFamily};
use crate::podstatus::Thresholds;
use crate::selector::Selector;
use crate::survey::{ServiceTarget, Survey, fallback_namespaces};
use crate::workload::{Body, Meta, Pod, Workload};

/// One cluster's part.
pub struct FollowPlan {
    pub cluster: usize,
    pub known: Vec<Stream>,
    /// What a pod must be selected by.
    pub targets: Vec<ServiceTarget>,
    /// Watched one by one where a cluster-wide watch is forbidden.
    pub namespaces: BTreeSet<String>,
    /// Those whose template no target selects: what they make is known by its owner.
    pub cron_jobs: CronJobs,
}

/// What all clusters share.
pub struct FollowShared {
    pub how: How,
    pub containers: ContainerGlobs,
    /// Where only pods that are not healthy are wanted: by which thresholds.
    pub only_unhealthy: Option<Thresholds>,
    pub clock: Clock,
    /// Of older pods only the last lines are wanted.
    pub began: Timestamp,
    /// Containers that are followed, in all clusters, and how many may be.
    pub open: AtomicUsize,
    pub most: usize,
}

impl FollowShared {
    /// The containers of a pod that are wanted.
    pub fn streams(&self, cluster: usize, pod: &Pod) -> Vec<Stream> {
        let is_wanted = self.only_unhealthy.as_ref().is_none_or(|thresholds| {
            health::pod(pod, self.clock.now(), thresholds).health > Health::Suspended
        });
        if is_wanted { streams(cluster, pod, &self.containers) } else { Vec::new() }
    }

    /// How many of the lines that a pod's containers wrote before are wanted.
    pub fn tail(&self, pod: &Pod) -> Option<u32> {
        let is_old = pod.meta.created.is_none_or(|created| created < self.began);
        if is_old { self.how.tail } else { None }
    }

    /// Takes a place for one more container; false where all are taken.
    pub fn admit(&self) -> bool {
        let more = |open: usize| (open < self.most).then_some(open + 1);
        self.open.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    pub fn leave(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The plans by the names of the clusters, those that were silent included: they may come back.
pub fn plans(survey: &Survey, found: ReadableLogs, config: &Config) -> BTreeMap<String, FollowPlan> {
    let mut known: BTreeMap<usize, Vec<Stream>> = BTreeMap::new();
    for stream in found.streams.into_iter().chain(found.absent) {
        known.entry(stream.source.cluster).or_default().push(stream);
    }
    let (outlooks, _) = survey.health_of_services();
    let plan = |(index, cluster): (usize, &crate::fleet::Cluster)| {
        let wanted = survey.placed.wanted.iter().filter(|wanted| wanted.is_told_by(index));
        let mut targets: Vec<ServiceTarget> = wanted.map(|wanted| wanted.target.clone()).collect();
        let cells = outlooks.iter().flat_map(|(_, outlook)| &outlook.cells);
        let families: Vec<&WorkloadFamily> = cells
            .filter(|cell| cell.cluster == index)
            .flat_map(|cell| cell.workloads.iter().map(|(family, _)| family))
            .collect();
        let mut cron_jobs = CronJobs::new();
        for cron_job in families.iter().filter_map(|family| hidden_cron_job(family, &targets)) {
            let meta = &cron_job.meta;
            cron_jobs.entry(meta.namespace.to_string()).or_default().insert(meta.uid.clone());
        }
        let own: Vec<ServiceTarget> =
            families.iter().flat_map(|family| own_targets(family, &targets)).collect();
        targets.extend(own);
        let mut namespaces = fallback_namespaces(cluster, config);
        namespaces.extend(targets.iter().flat_map(|target| target.namespaces.iter().cloned()));
        let known = known.remove(&index).unwrap_or_default();
        (cluster.name.clone(), FollowPlan { cluster: index, known, targets, namespaces, cron_jobs })
    };
    survey.fleet.clusters().enumerate().map(plan).collect()
}

/// A CronJob whose pods will not carry what the targets select by.
fn hidden_cron_job<'a>(family: &WorkloadFamily<'a>, targets: &[ServiceTarget]) -> Option<&'a Workload> {
    let cron_job = family.workload.filter(|workload| matches!(workload.body, Body::CronJob { .. }))?;
    let labels = cron_job.template().labels.clone();
    let pod = Meta { namespace: family.namespace.into(), labels, ..Meta::default() };
    (!targets.iter().any(|target| target.selects(&pod))).then_some(cron_job)
}

/// Pods that belong by ownership alone are recognised by their workloads' own selectors.
fn own_targets(family: &WorkloadFamily, targets: &[ServiceTarget]) -> Vec<ServiceTarget> {
    let is_selected = |pod: &&Pod| targets.iter().any(|target| target.selects(&pod.meta));
    if family.pods.iter().all(is_selected) {
        return Vec::new();
    }
    let own = |workload: &Workload| {
        let selector: serde_json::Value = serde_json::from_str(workload.selector()?).ok()?;
        let selector = Selector::from_label_selector(&selector).ok()?;
        let namespaces = vec![family.namespace.to_string()];
        (!selector.is_everything()).then_some(ServiceTarget { selector, namespaces })
    };
    family.workload.iter().chain(&family.jobs).filter_map(|workload| own(workload)).collect()
}
