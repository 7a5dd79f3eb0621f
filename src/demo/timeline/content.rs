//! What a simulated API server knows: the cluster that it stands for, at one moment.

use std::sync::Arc;
use std::time::Duration;

use crate::demo::faults::{FaultId, ServerFault};
use crate::demo::requests::RequestLog;
use crate::demo::state::store::Store;
use crate::demo::timeline::clock;
use crate::demo::timeline::rules::Rules;

/// What a server knows at a moment; it never changes, but the next moment may know other things.
#[derive(Clone)]
pub struct ClusterContent {
    pub version: String,
    pub latency: Duration,
    pub rules: Rules,
    pub fault: Option<ServerFault>,
    pub store: Arc<Store>,
    /// What it held before, the oldest first: pages go on where they began.
    pub past: Vec<Arc<Store>>,
    pub clock: clock::RunningClock,
    /// Shared by all moments.
    pub requests: Arc<RequestLog>,
}

impl ClusterContent {
    /// What strikes a request that has just come, by its plural, if it has one, and its path.
    pub fn strikes(&self, plural: Option<&str>, path: &str) -> Option<FaultId> {
        let fault = self.fault.as_ref().filter(|fault| fault.strikes(plural))?;
        (!fault.once || self.requests.is_first(path)).then_some(fault.id)
    }

    /// What strikes requests for this plural.
    pub fn fault_of(&self, plural: Option<&str>) -> Option<FaultId> {
        self.fault.as_ref().filter(|fault| fault.strikes(plural)).map(|fault| fault.id)
    }

    /// What it held at a revision, or now where that is not known.
    pub fn store_at(&self, revision: Option<u64>) -> &Arc<Store> {
        let Some(revision) = revision else { return &self.store };
        let mut stores = self.past.iter().chain([&self.store]).rev();
        stores.find(|store| store.revision <= revision).unwrap_or(&self.store)
    }

    /// The minor version, 36 if the text says none.
    pub fn minor(&self) -> u32 {
        self.version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(36)
    }
}
