//! One row a deed: what happened in several clusters within minutes is told once.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::changes::Change;
use crate::commands::changes::listing::ClusterChanges;
use crate::commands::changes::report::ChangeRow;
use crate::commands::changes::window::TimeWindow;

/// A deed that goes from cluster to cluster takes no longer from one to the next.
const ONE_DEED: SignedDuration = SignedDuration::from_mins(10);

/// The rows, newest first, and how many changes by controllers are not among them. `automatic`: tells these too.
pub fn folded(
    found: &[ClusterChanges],
    services: &[&str],
    clusters: &[String],
    window: &TimeWindow,
    automatic: bool,
) -> (Vec<ChangeRow>, usize) {
    let mut all: Vec<(&BTreeSet<usize>, &Change, usize)> = Vec::new();
    for (cluster, one) in found.iter().enumerate() {
        all.extend(one.changes.iter().map(|(services, change)| (services, change, cluster)));
    }
    all.retain(|(_, change, _)| window.holds(change.time));
    let before = all.len();
    all.retain(|(_, change, _)| automatic || !change.automatic);
    let left_out = before - all.len();
    all.sort_by_key(|(_, change, cluster)| (change.time, *cluster));
    let mut rows: Vec<(ChangeRow, &Change, jiff::Timestamp)> = Vec::new();
    for (of, change, cluster) in all {
        let cluster = clusters[cluster].clone();
        let names: Vec<String> = of.iter().map(|service| services[*service].to_string()).collect();
        let same = |(row, known, last): &&mut (ChangeRow, &Change, jiff::Timestamp)| {
            is_same(known, change)
                && row.services == names
                && !row.clusters.contains(&cluster)
                && change.time.duration_since(*last) <= ONE_DEED
        };
        match rows.iter_mut().rev().find(same) {
            Some((row, _, last)) => {
                row.clusters.push(cluster);
                *last = change.time;
            }
            None => rows.push((ChangeRow::new(change, names, cluster), change, change.time)),
        }
    }
    let rank = |name: &String| clusters.iter().position(|known| known == name);
    let mut rows: Vec<ChangeRow> = rows.into_iter().map(|(row, ..)| row).collect();
    rows.iter_mut().for_each(|row| row.clusters.sort_by_key(rank));
    rows.reverse();
    (rows, left_out)
}

/// Whether two changes are the same deed, wherever it was done. Revisions have numbers of their own in each cluster.
fn is_same(one: &Change, other: &Change) -> bool {
    let what = |change: &Change| {
        (
            change.kind,
            change.object.clone(),
            change.namespace.clone(),
            change.name.clone(),
            change.manager.clone(),
        )
    };
    what(one) == what(other)
        && one.differences == other.differences
        && one.fields == other.fields
        && one.note == other.note
}
