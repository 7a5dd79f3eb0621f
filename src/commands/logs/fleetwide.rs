//! Which containers of the services have logs, over all clusters that answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::commands::logs::options::LogOptions;
use crate::commands::logs::targets::{LogSource, Stream, streams};
use crate::health::Health;
use crate::survey::Survey;
use crate::workload::Pod;

/// What there is to read.
#[derive(Default)]
pub struct ReadableLogs {
    /// By cluster, namespace and pod; then as the containers start.
    pub streams: Vec<Stream>,
    /// Containers without a log.
    pub absent: Vec<Stream>,
    /// Pods that were seen, wanted or not.
    pub seen: usize,
    /// Those of them that `--unhealthy` leaves out.
    pub healthy: usize,
    /// Containers that `--previous` leaves out, since they never failed and others did.
    pub unbroken: usize,
    /// All container names of the wanted pods, for `-c`.
    pub names: BTreeSet<String>,
}

/// Every container of every pod that belongs to a service, once.
pub fn find(survey: &Survey, wish: &LogOptions) -> ReadableLogs {
    let mut pods: BTreeMap<(usize, &str, &str), (&Pod, bool)> = BTreeMap::new();
    let (outlooks, _) = survey.health_of_services();
    for cell in outlooks.iter().flat_map(|(_, outlook)| &outlook.cells) {
        for (pod, verdict) in cell.workloads.iter().flat_map(|(_, assessed)| &assessed.pods) {
            let key = (cell.cluster, pod.meta.namespace.as_str(), pod.meta.name.as_str());
            pods.insert(key, (pod, verdict.health > Health::Suspended));
        }
    }
    let mut found = ReadableLogs { seen: pods.len(), ..ReadableLogs::default() };
    for ((cluster, _, _), (pod, is_unhealthy)) in pods {
        if wish.unhealthy && !is_unhealthy {
            found.healthy += 1;
            continue;
        }
        found.names.extend(pod.containers().iter().map(|container| container.name.to_string()));
        let wanted = streams(cluster, pod, &wish.containers);
        let (with_log, without): (Vec<_>, Vec<_>) =
            wanted.into_iter().partition(|stream| stream.life.has_log);
        found.streams.extend(with_log);
        found.absent.extend(without);
    }
    if wish.previous {
        found.leave_out_unbroken();
    }
    found
}

impl ReadableLogs {
    /// Where some container has an earlier run, the current lines of those that are well would bury its last ones.
    fn leave_out_unbroken(&mut self) {
        if self.streams.iter().any(|stream| stream.life.has_previous) {
            let before = self.streams.len();
            self.streams.retain(|stream| !stream.life.is_unbroken);
            self.unbroken = before - self.streams.len();
        }
    }

    pub fn pods(&self) -> usize {
        let pods = self.streams.iter().map(|stream| {
            let LogSource { cluster, namespace, pod, .. } = &*stream.source;
            (cluster, namespace, pod)
        });
        pods.collect::<BTreeSet<_>>().len()
    }

    pub fn clusters(&self) -> usize {
        self.streams.iter().map(|stream| stream.source.cluster).collect::<BTreeSet<_>>().len()
    }

    /// Whether cluster and pod alone would name two pods.
    pub fn needs_namespace(&self) -> bool {
        let mut namespaces: BTreeMap<(usize, &str), &str> = BTreeMap::new();
        self.sources().any(|source| {
            let other = namespaces.insert((source.cluster, &source.pod), &source.namespace);
            other.is_some_and(|other| other != source.namespace)
        })
    }

    fn sources(&self) -> impl Iterator<Item = &Arc<LogSource>> {
        self.streams.iter().chain(&self.absent).map(|stream| &stream.source)
    }
}
