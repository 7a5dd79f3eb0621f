//! Clusters that refuse lists of all namespaces: which namespaces are worth asking there, as the configuration, the contexts and other
//! clusters tell.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::config::Config;
use crate::fleet::{Cluster, Silence};
use crate::survey::cells::ServiceQuery;
use crate::survey::gather::Snapshot;
use crate::survey::split::meta;

/// Namespaces that are asked one by one in a cluster beside those that the configuration and the contexts name.
const MOST_NAMESPACES: usize = 16;

/// The namespaces to ask one by one where lists of the whole cluster are forbidden: those that the configuration and the contexts
/// of it name.
pub fn fallback_namespaces(cluster: &Cluster, config: &Config) -> BTreeSet<String> {
    let contexts = cluster.others.iter().chain([&cluster.context]);
    let mut namespaces: BTreeSet<String> =
        contexts.flat_map(|context| config.namespaces_of(context)).collect();
    namespaces.insert(cluster.namespace.clone().unwrap_or_else(|| "default".to_string()));
    namespaces.extend(cluster.other_namespaces.iter().cloned());
    namespaces
}

/// The namespaces in which services were found so far.
pub struct SeenNamespaces {
    /// By service; nothing for one that tells its own, or that is everything.
    found: Mutex<Vec<Option<BTreeSet<String>>>>,
    /// The clusters that are asked further once all others have answered.
    put_off: Mutex<BTreeSet<String>>,
}

impl SeenNamespaces {
    pub fn of(wanted: &[ServiceQuery]) -> SeenNamespaces {
        let is_anywhere =
            |one: &ServiceQuery| one.target.namespaces.is_empty() && !one.target.selector.is_everything();
        let found = wanted.iter().map(|one| is_anywhere(one).then(BTreeSet::new)).collect();
        SeenNamespaces { found: Mutex::new(found), put_off: Mutex::default() }
    }

    /// Takes note of where a cluster has the services.
    pub fn add(&self, snapshot: &Snapshot) {
        for (members, found) in snapshot.members.iter().zip(lock(&self.found).iter_mut()) {
            let Some(found) = found else { continue };
            for member in members {
                let namespace = &meta(&snapshot.objects[*member]).namespace;
                if !found.contains(namespace.as_str()) {
                    found.insert(namespace.to_string());
                }
            }
        }
    }

    /// Whether a cluster refused something that other clusters may tell where to look for; then it is to be asked further.
    pub fn puts_off(&self, cluster: &str, snapshot: &Snapshot) -> bool {
        let is_refused = snapshot.unread.iter().any(|unread| matches!(unread.why, Silence::Forbidden(_)));
        let is_worth_it = is_refused && lock(&self.found).iter().any(Option::is_some);
        is_worth_it && lock(&self.put_off).insert(cluster.to_string())
    }

    /// The clusters that are to be asked further.
    pub fn put_off(&self) -> BTreeSet<String> {
        lock(&self.put_off).clone()
    }

    /// The namespaces in which some services (by number) were found, not too many.
    pub fn of_services(&self, services: &[usize]) -> BTreeSet<String> {
        let found = lock(&self.found);
        let of = services.iter().filter_map(|number| found.get(*number)?.as_ref()).flatten();
        let all: BTreeSet<&String> = of.collect();
        all.into_iter().take(MOST_NAMESPACES).cloned().collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
