//! The verdict on a service in each cluster, and over all of them: product.md section 4, word by word.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::fleet::Silence;
use crate::health::{self, Assessed, Family, Health, Serving, Thresholds, Verdict};
use crate::survey::gather::{Snapshot, Unread};
use crate::survey::memory::{Memory, Remembered};
use crate::survey::split::Target;
use crate::survey::state::State;

/// A service as the survey asks for it.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub name: String,
    pub target: Target,
    /// Indices of the clusters that the catalog says it runs in; `None` where it says nothing.
    pub placement: Option<BTreeSet<usize>>,
    /// Named on the command line, or annotated for Kubernetes: its absence is worth a row.
    pub expected: bool,
}

/// What a cluster said, as the cells need it.
pub enum Said<'a> {
    Answered(&'a Snapshot),
    Silent(Silence),
    /// The run was interrupted first.
    Pending,
}

/// A service over all clusters.
#[derive(Debug)]
pub struct Outlook<'a> {
    pub state: State,
    /// Worst first.
    pub cells: Vec<CellState<'a>>,
    /// Something that was not read left this verdict Unknown, in clusters (by index) that count.
    pub unknown_in: BTreeSet<usize>,
}

/// A service in one cluster.
#[derive(Debug)]
pub struct CellState<'a> {
    pub cluster: usize,
    pub state: State,
    pub last: Option<Remembered>,
    pub notes: Vec<String>,
    /// Worst first.
    pub workloads: Vec<(Family<'a>, Assessed<'a>)>,
}

/// What the judgement stands on beside the answers.
pub struct Judge<'a> {
    pub now: Timestamp,
    pub thresholds: &'a Thresholds,
    pub memory: &'a Memory,
    /// The names of the clusters, by index.
    pub clusters: &'a [String],
}

impl Judge<'_> {
    /// The outlook of service number `index`; nothing where it is no running service.
    pub fn outlook<'a>(&self, wanted: &Wanted, index: usize, said: &[Said<'a>]) -> Option<Outlook<'a>> {
        let mut cells = Vec::new();
        let mut hidden: Vec<(usize, Verdict)> = Vec::new();
        for (cluster, said) in said.iter().enumerate() {
            if wanted.placement.as_ref().is_some_and(|placement| !placement.contains(&cluster)) {
                continue;
            }
            match self.cell(wanted, index, cluster, said) {
                Seen::Cell(cell) => cells.push(cell),
                Seen::Hidden(why) => hidden.push((cluster, why)),
                Seen::Nothing => {}
            }
        }
        let unknown = cells.iter().filter(|cell| cell.state.health == Health::Unknown).map(|cell| cell.cluster);
        let mut unknown_in: BTreeSet<usize> = unknown.collect();
        let state = if cells.is_empty() {
            let (state, in_clusters) = absent(wanted, hidden)?;
            unknown_in.extend(in_clusters);
            state
        } else {
            rolled_up(&cells)
        };
        cells.sort_by(|a, b| worse(&b.state, &a.state).then(a.cluster.cmp(&b.cluster)));
        Some(Outlook { state, cells, unknown_in })
    }

    fn cell<'a>(&self, wanted: &Wanted, index: usize, cluster: usize, said: &Said<'a>) -> Seen<'a> {
        let last = self.memory.of(&self.clusters[cluster], &wanted.name);
        let expected_here = wanted.placement.is_some() || last.is_some();
        let unknown = |verdict: Verdict| match expected_here {
            true => Seen::Cell(CellState {
                cluster,
                state: State::new(&verdict, None),
                last: last.cloned(),
                notes: Vec::new(),
                workloads: Vec::new(),
            }),
            false => Seen::Hidden(verdict),
        };
        let snapshot = match said {
            Said::Silent(why) => return unknown(unknown_because(why, "")),
            Said::Pending => return unknown(plain(Health::Unknown, "interrupted", "interrupted before it answered")),
            Said::Answered(snapshot) => snapshot,
        };
        let unread: Vec<&Unread> = snapshot.unread.iter().filter(|unread| unread.hides(&wanted.target)).collect();
        let members = &snapshot.members[index];
        if members.is_empty() {
            return match unread.first() {
                Some(unread) => unknown(unknown_because(&unread.why, unread.kind.plural)),
                None if wanted.placement.is_some() => Seen::Cell(missing(wanted, cluster)),
                None => Seen::Nothing,
            };
        }
        let families = health::families(members.iter().map(|member| &snapshot.objects[*member]));
        let mut workloads: Vec<(Family, Assessed)> = families
            .into_iter()
            .map(|family| {
                let assessed = health::assess(&family, self.now, self.thresholds);
                (family, assessed)
            })
            .collect();
        workloads.sort_by(|a, b| order_of_workloads(a, b));
        let mut cell = judged(cluster, workloads);
        let matters = |unread: &&&Unread| {
            unread.kind.name == "Pod" || last.is_some_and(|last| last.kinds.iter().any(|kind| kind == unread.kind.name))
        };
        if let Some(unread) = unread.iter().find(matters).filter(|_| cell.state.health != Health::Degraded) {
            let verdict = unknown_because(&unread.why, unread.kind.plural);
            cell.state = State { serving: cell.state.serving, ..State::new(&verdict, None) };
            cell.last = last.cloned();
        }
        Seen::Cell(cell)
    }
}

enum Seen<'a> {
    Cell(CellState<'a>),
    /// Nothing seen, but it may have been hidden; why.
    Hidden(Verdict),
    Nothing,
}

fn plain(health: Health, reason: &str, message: &str) -> Verdict {
    Verdict {
        health,
        reason: reason.to_string(),
        message: message.to_string(),
        since: None,
        notes: Vec::new(),
    }
}

/// `what` is the kind that was not read, or empty for the whole cluster.
fn unknown_because(why: &Silence, what: &str) -> Verdict {
    let message = match what {
        "" => why.message(),
        kind => format!("{kind}: {}", why.message()),
    };
    plain(Health::Unknown, why.reason(), &message)
}

fn missing<'a>(wanted: &Wanted, cluster: usize) -> CellState<'a> {
    let verdict = plain(Health::Missing, "no-objects", &nothing_carries(wanted));
    CellState {
        cluster,
        state: State::new(&verdict, Some(Serving::None)),
        last: None,
        notes: Vec::new(),
        workloads: Vec::new(),
    }
}

fn nothing_carries(wanted: &Wanted) -> String {
    let selector = &wanted.target.selector;
    match wanted.target.namespaces.as_slice() {
        [] => format!("nothing carries {selector}"),
        namespaces => format!("nothing carries {selector} in {}", namespaces.join(", ")),
    }
}

fn judged<'a>(cluster: usize, workloads: Vec<(Family<'a>, Assessed<'a>)>) -> CellState<'a> {
    let summary = health::cell(workloads.iter().map(|(_, assessed)| assessed));
    CellState {
        cluster,
        state: State::new(&summary.verdict, summary.serving),
        last: None,
        notes: summary.verdict.notes,
        workloads,
    }
}

/// A service without a cell: Unknown where it may have been hidden, else Missing, if it was expected at all.
fn absent(wanted: &Wanted, hidden: Vec<(usize, Verdict)>) -> Option<(State, Vec<usize>)> {
    if !wanted.expected {
        return None;
    }
    match hidden.first() {
        Some((_, why)) => {
            let message = match hidden.len() {
                1 => format!("not seen; {}", why.message),
                n => format!("not seen; {n} of its clusters did not say: {}", why.message),
            };
            let verdict = plain(Health::Unknown, &why.reason, &message);
            Some((State::new(&verdict, None), hidden.iter().map(|(cluster, _)| *cluster).collect()))
        }
        None => {
            let verdict = plain(Health::Missing, "no-objects", &nothing_carries(wanted));
            Some((State::new(&verdict, Some(Serving::None)), Vec::new()))
        }
    }
}
