//! The requests that a simulated server gets: counted, and written down where a variable names a file for them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::Method;

use crate::files::Journal;

/// What one server was asked; shared by all moments of its cluster.
#[derive(Default)]
pub struct RequestLog {
    cluster: String,
    count: AtomicU64,
    /// The paths that a fault has struck which strikes each once.
    struck: Mutex<BTreeSet<String>>,
    journal: Option<Arc<Journal>>,
}

impl RequestLog {
    pub fn of(cluster: &str, journal: Option<Arc<Journal>>) -> RequestLog {
        let (count, struck) = (AtomicU64::new(1), Mutex::default());
        RequestLog { cluster: cluster.to_string(), count, struck, journal }
    }

    /// The number of the next answer.
    pub fn next(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    /// Writes a request down: cluster, method, path and query as they came, and who asks.
    pub fn note(&self, method: &Method, target: &str, agent: &str) {
        if let Some(journal) = &self.journal {
            let agent = agent.split(['/', ' ']).next().unwrap_or_default();
            journal.add(&format!("{} {} {target} {agent}", self.cluster, method));
        }
    }

    /// Whether no request for this path was struck before.
    pub fn is_first(&self, path: &str) -> bool {
        self.struck.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_string())
    }
}
