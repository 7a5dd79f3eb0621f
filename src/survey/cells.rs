//! The verdict on a service in each cluster, and over all of them: the rows of docs/health.md section 15.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::fleet::Silence;
use crate::health::{self, Assessed, Health, OwnReason, Summary, WorkloadFamily, order};
use crate::podstatus::Thresholds;
use crate::survey::gather::{Snapshot, UnreadKind};
use crate::survey::memory::{Memory, Remembered};
use crate::survey::split::{ServiceTarget, meta};
use crate::workload::Object;

/// A service as the survey asks for it.
#[derive(Clone, Debug)]
pub struct ServiceQuery {
    pub name: String,
    pub target: ServiceTarget,
    /// Indices of the clusters that the catalog says it runs in; `None` where it says nothing.
    pub placement: Option<BTreeSet<usize>>,
    /// Indices of the clusters whose part another one tells, being the same cluster.
    pub told_elsewhere: BTreeSet<usize>,
    /// Named on the command line, or annotated for Kubernetes: its absence is worth a row.
    pub expected: bool,
    /// Why no cluster is asked for it, such as a selector that is none.
    pub refused: Option<RefusedQuery>,
    /// Clusters that the catalog says it runs in, and that exist nowhere.
    pub nowhere: Vec<UnknownCluster>,
}

/// A name in the catalog that is no cluster's.
#[derive(Clone, Debug)]
pub struct UnknownCluster {
    pub name: String,
    pub message: String,
}

impl UnknownCluster {
    pub fn summary(&self) -> Summary {
        Summary::unknown(OwnReason::NoSuchCluster, self.message.as_str())
    }
}

/// Why no cluster is asked for a service.
#[derive(Clone, Debug)]
pub struct RefusedQuery {
    pub reason: OwnReason,
    pub message: String,
}

/// What a cluster said, as the cells need it.
pub enum ClusterAnswer<'a> {
    Answered(&'a Snapshot),
    Silent(Silence),
    /// The run was interrupted first.
    Pending,
}

/// A service over all clusters; `W` is what is held of each workload.
#[derive(Debug)]
pub struct ServiceVerdict<W> {
    pub summary: Summary,
    /// Worst first.
    pub cells: Vec<ClusterVerdict<W>>,
    /// Where it should run as well, if that existed.
    pub nowhere: Vec<UnknownCluster>,
    /// Something that was not read left this verdict Unknown, in clusters (by index) that count.
    pub unknown_in: BTreeSet<usize>,
}

/// A service in one cluster.
#[derive(Clone, Debug)]
pub struct ClusterVerdict<W> {
    pub cluster: usize,
    pub summary: Summary,
    pub last: Option<Remembered>,
    /// Worst first.
    pub workloads: Vec<W>,
}

/// A workload with its verdict and all that was read of it.
pub type JudgedWorkload<'a> = (WorkloadFamily<'a>, Assessed<'a>);
pub type ServiceHealth<'a> = ServiceVerdict<JudgedWorkload<'a>>;
pub type ClusterHealth<'a> = ClusterVerdict<JudgedWorkload<'a>>;

/// What the judgement stands on beside the answers.
pub struct Assessor<'a> {
    pub now: Timestamp,
    pub thresholds: &'a Thresholds,
    pub memory: &'a Memory,
    /// What tells the clusters apart from one run to the next, by index.
    pub keys: &'a [String],
    /// Not all clusters were asked, so that absence proves nothing.
    pub narrowed: bool,
}

impl ServiceQuery {
    /// Whether a cluster (by index) is to say something of it.
    pub fn is_told_by(&self, cluster: usize) -> bool {
        let is_placed = self.placement.as_ref().is_none_or(|placement| placement.contains(&cluster));
        is_placed && !self.told_elsewhere.contains(&cluster)
    }

    /// What tells this service from another one in the memory: also by what is asked for it.
    pub fn key(&self) -> String {
        format!("{} {} {}", self.name, self.target.selector, self.target.namespaces.join(","))
    }
}

impl Assessor<'_> {
    /// The verdict on service number `index`; nothing where it is no running service.
    pub fn service_health<'a>(
        &self,
        wanted: &ServiceQuery,
        index: usize,
        said: &[ClusterAnswer<'a>],
    ) -> Option<ServiceHealth<'a>> {
        self.service(wanted, said.len(), |cluster, last| {
            self.cell(wanted, index, cluster, &said[cluster], last)
        })
    }

    /// The verdict on a service from its cell in each cluster (by index). A cell is told what the cluster said of it last time, for
    /// where that matters.
    pub fn service<W>(
        &self,
        wanted: &ServiceQuery,
        clusters: usize,
        mut cell: impl FnMut(usize, &LastAnswer<'_>) -> ClusterCell<W>,
    ) -> Option<ServiceVerdict<W>> {
        if let Some(why) = &wanted.refused {
            let summary = Summary::unknown(why.reason, why.message.as_str());
            let nowhere = wanted.nowhere.clone();
            return Some(ServiceVerdict { summary, cells: Vec::new(), nowhere, unknown_in: BTreeSet::new() });
        }
        let key = wanted.key();
        let mut cells = Vec::new();
        let mut hidden: Vec<(usize, Summary)> = Vec::new();
        for cluster in (0..clusters).filter(|cluster| wanted.is_told_by(*cluster)) {
            let last =
                || self.memory.of(&self.keys[cluster], &key).filter(|last| last.answered_at <= self.now);
            match cell(cluster, &last) {
                ClusterCell::Cell(cell) => cells.push(*cell),
                ClusterCell::Hidden(why) => hidden.push((cluster, why)),
                ClusterCell::Nothing => {}
            }
        }
        if cells.is_empty() {
            return absent(wanted, hidden, self.narrowed);
        }
        let nowhere = wanted.nowhere.clone();
        let unknown_clusters = nowhere.iter().map(UnknownCluster::summary);
        let summaries: Vec<Summary> =
            cells.iter().map(|cell| cell.summary.clone()).chain(unknown_clusters).collect();
        let unknown = cells.iter().filter(|cell| cell.summary.health == Health::Unknown);
        let unknown_in = unknown.map(|cell| cell.cluster).collect();
        cells.sort_by_key(|cell| (order(cell.summary.health, cell.summary.serving), cell.cluster));
        Some(ServiceVerdict { summary: health::service(&summaries), cells, nowhere, unknown_in })
    }

    /// Service number `index` in one cluster.
    pub fn cell<'a>(
        &self,
        wanted: &ServiceQuery,
        index: usize,
        cluster: usize,
        said: &ClusterAnswer<'a>,
        last: &LastAnswer<'_>,
    ) -> ClusterCell<JudgedWorkload<'a>> {
        let unknown = |summary: Summary| match last() {
            None if wanted.placement.is_none() => ClusterCell::Hidden(summary),
            last => ClusterCell::Cell(Box::new(ClusterVerdict {
                cluster,
                summary,
                last: last.cloned(),
                workloads: Vec::new(),
            })),
        };
        let snapshot = match said {
            ClusterAnswer::Silent(why) => return unknown(unknown_because(why, None)),
            ClusterAnswer::Pending => {
                return unknown(Summary::unknown(OwnReason::Interrupted, "interrupted before it answered"));
            }
            ClusterAnswer::Answered(snapshot) => snapshot,
        };
        let unread: Vec<&UnreadKind> =
            snapshot.unread.iter().filter(|unread| unread.hides(&wanted.target)).collect();
        let members = &snapshot.members[index];
        if members.is_empty() {
            return match unread.first() {
                Some(unread) => unknown(unknown_because(&unread.why, Some(unread.kind.plural))),
                None if wanted.placement.is_some() => ClusterCell::Cell(Box::new(ClusterVerdict {
                    cluster,
                    summary: Summary::missing(nothing_carries(wanted)),
                    last: None,
                    workloads: Vec::new(),
                })),
                None => ClusterCell::Nothing,
            };
        }
        let mut cell = self.judged(cluster, members.iter().map(|member| &snapshot.objects[*member]), &unread);
        let matters = |unread: &&&UnreadKind| {
            let was_here = |last: &Remembered| last.kinds.iter().any(|kind| kind == unread.kind.name);
            let is_here = |member: &usize| is_owned_by(&snapshot.objects[*member], unread.kind.name);
            unread.kind.name == "Pod" || last().is_some_and(was_here) || members.iter().any(is_here)
        };
        if let Some(unread) = unread.iter().find(matters).filter(|_| cell.summary.health != Health::Degraded)
        {
            let unknown = unknown_because(&unread.why, Some(unread.kind.plural));
            cell.summary = Summary { serving: cell.summary.serving, notes: cell.summary.notes, ..unknown };
            cell.last = last().cloned();
        }
        ClusterCell::Cell(Box::new(cell))
    }

    fn judged<'a>(
        &self,
        cluster: usize,
        objects: impl Iterator<Item = &'a Object>,
        unread: &[&UnreadKind],
    ) -> ClusterHealth<'a> {
        let pods_known = unread.iter().all(|unread| unread.kind.name != "Pod");
        let judge = |mut family: WorkloadFamily<'a>| {
            family.pods_known = pods_known;
            let assessed = health::assess(&family, self.now, self.thresholds);
            (family, assessed)
        };
        let mut workloads: Vec<(WorkloadFamily, Assessed)> =
            health::families(objects).into_iter().map(judge).collect();
        workloads.sort_by(|(_, a), (_, b)| health::rank(a).cmp(&health::rank(b)));
        let summary = health::cell(workloads.iter().map(|(_, assessed)| assessed));
        ClusterVerdict { cluster, summary, last: None, workloads }
    }
}

/// Whether an owner of this kind is named: then there is one here, whatever could be read of it.
fn is_owned_by(object: &Object, kind: &str) -> bool {
    meta(object).owners.iter().any(|owner| owner.kind == kind)
}

/// Finds what a cluster said of a service last time.
pub type LastAnswer<'m> = dyn Fn() -> Option<&'m Remembered> + 'm;

/// What a cluster's answer comes to for a service.
#[derive(Clone, Debug)]
pub enum ClusterCell<W> {
    Cell(Box<ClusterVerdict<W>>),
    /// Nothing seen, but it may have been hidden; why.
    Hidden(Summary),
    Nothing,
}

impl<W> ClusterCell<W> {
    /// The same, with what is made of each workload.
    pub fn map<T>(self, make: impl Fn(W) -> T) -> ClusterCell<T> {
        match self {
            ClusterCell::Cell(cell) => {
                let ClusterVerdict { cluster, summary, last, workloads } = *cell;
                let workloads = workloads.into_iter().map(make).collect();
                ClusterCell::Cell(Box::new(ClusterVerdict { cluster, summary, last, workloads }))
            }
            ClusterCell::Hidden(why) => ClusterCell::Hidden(why),
            ClusterCell::Nothing => ClusterCell::Nothing,
        }
    }
}

/// `kind` is what was not read; nothing is the whole cluster.
fn unknown_because(why: &Silence, kind: Option<&str>) -> Summary {
    let message = match (why, kind) {
        (Silence::Forbidden(_), None) => "forbidden: nothing may be listed".to_string(),
        (Silence::Forbidden(_), Some(kind)) => format!("forbidden to list {kind}"),
        (why, None) => why.message(),
        (why, Some(kind)) => format!("{kind}: {}", why.message()),
    };
    Summary::unknown(why.reason(), message)
}

fn nothing_carries(wanted: &ServiceQuery) -> String {
    let selector = &wanted.target.selector;
    match wanted.target.namespaces.as_slice() {
        [] => format!("nothing carries {selector}"),
        namespaces => format!("nothing carries {selector} in namespace {}", namespaces.join(", ")),
    }
}

/// A service without a cell: Unknown where it may have been hidden, else Missing, if it was expected at all. It may run in
/// a cluster that was not asked.
fn absent<W>(
    wanted: &ServiceQuery,
    hidden: Vec<(usize, Summary)>,
    narrowed: bool,
) -> Option<ServiceVerdict<W>> {
    if !wanted.expected || (narrowed && hidden.is_empty()) {
        return None;
    }
    let summary = match hidden.first() {
        Some((_, why)) => {
            let mut reasons: Vec<&str> = hidden.iter().map(|(_, why)| why.message.as_str()).collect();
            reasons.dedup();
            let message = match hidden.len() {
                1 => format!("not seen; {}", why.message),
                n => format!("not seen; {n} of its clusters did not say: {}", reasons.join("; ")),
            };
            Summary::unknown(why.reason.clone(), message)
        }
        None => Summary::missing(nothing_carries(wanted)),
    };
    let unknown_in = hidden.into_iter().map(|(cluster, _)| cluster).collect();
    Some(ServiceVerdict { summary, cells: Vec::new(), nowhere: wanted.nowhere.clone(), unknown_in })
}
