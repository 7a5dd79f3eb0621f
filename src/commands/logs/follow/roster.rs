//! Which pods of a cluster are there, as its watches tell it.

use std::collections::{BTreeMap, BTreeSet};

use crate::fleet::Silence;
use crate::workload::Pod;

/// Namespace and name.
pub type PodName = (String, String);

/// What a watch said; `usize` is the number of the watch.
pub enum RosterMessage {
    /// A whole list follows.
    Reset(usize),
    /// With whether the watch is for the pods of one owner, which then need no label.
    Put(usize, bool, Box<Pod>),
    Gone(PodName),
    /// The list is whole.
    Current(usize),
    Silent(Silence),
}

/// The pods of each watch, so that a new list tells which ones have gone meanwhile.
#[derive(Debug, Default)]
pub struct Roster {
    pods: BTreeMap<PodName, Option<usize>>,
    fresh: BTreeMap<usize, BTreeSet<PodName>>,
    /// Watches that have not told a whole list yet.
    awaited: BTreeSet<usize>,
}

impl Roster {
    /// A roster of pods that are known already, and of so many watches.
    pub fn new(pods: impl IntoIterator<Item = PodName>, watches: usize) -> Roster {
        let pods = pods.into_iter().map(|pod| (pod, None)).collect();
        Roster { pods, fresh: BTreeMap::new(), awaited: (0..watches).collect() }
    }

    pub fn reset(&mut self, watch: usize) {
        self.fresh.insert(watch, BTreeSet::new());
    }

    pub fn put(&mut self, watch: usize, pod: PodName) {
        if let Some(fresh) = self.fresh.get_mut(&watch) {
            fresh.insert(pod.clone());
        }
        self.pods.insert(pod, Some(watch));
    }

    pub fn gone(&mut self, pod: &PodName) {
        self.pods.remove(pod);
    }

    /// The pods that a whole list shows to have gone. Those known from before all lists are gone when every watch
    /// has told one without them.
    pub fn current(&mut self, watch: usize) -> Vec<PodName> {
        let fresh = self.fresh.remove(&watch).unwrap_or_default();
        self.awaited.remove(&watch);
        let all_told = self.awaited.is_empty();
        let is_gone = |pod: &PodName, of: &Option<usize>| match of {
            Some(of) => *of == watch && !fresh.contains(pod),
            None => all_told,
        };
        let gone: Vec<PodName> =
            self.pods.iter().filter(|(pod, of)| is_gone(pod, of)).map(|(pod, _)| pod.clone()).collect();
        gone.iter().for_each(|pod| self.gone(pod));
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::{PodName, Roster};

    fn pod(name: &str) -> PodName {
        ("shop".to_string(), name.to_string())
    }

    #[test]
    fn a_new_list_tells_what_has_gone() {
        let mut roster = Roster::new([], 1);
        roster.reset(0);
        roster.put(0, pod("a"));
        roster.put(0, pod("b"));
        assert!(roster.current(0).is_empty());
        roster.put(0, pod("c"));
        roster.reset(0);
        roster.put(0, pod("b"));
        assert_eq!(roster.current(0), [pod("a"), pod("c")]);
        roster.gone(&pod("b"));
        roster.reset(0);
        assert!(roster.current(0).is_empty());
    }

    #[test]
    fn what_was_known_before_goes_when_no_watch_tells_it() {
        let mut roster = Roster::new([pod("a"), pod("b")], 2);
        roster.reset(0);
        roster.put(0, pod("a"));
        assert!(roster.current(0).is_empty());
        roster.reset(1);
        assert_eq!(roster.current(1), [pod("b")]);
    }
}
