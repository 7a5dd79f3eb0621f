//! What a simulated API server knows: the cluster that it stands for.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crate::demo::access::Rules;
use crate::demo::clock;
use crate::demo::faults::{Fault, FaultId};
use crate::demo::request::Call;
use crate::demo::store::Store;

/// What a server knows; shared by its connections.
pub struct Cluster {
    pub version: String,
    pub latency: Duration,
    pub rules: Rules,
    pub fault: Option<Fault>,
    pub store: Store,
    pub clock: clock::Running,
    /// Counts requests, for their audit ids.
    pub requests: AtomicU64,
}

impl Cluster {
    /// Whether this fault strikes this call.
    pub fn faults_on(&self, call: &Call, id: FaultId) -> bool {
        self.fault.as_ref().is_some_and(|fault| fault.id == id && fault.strikes(call.plural()))
    }

    /// The minor version, 36 if the text says none.
    pub fn minor(&self) -> u32 {
        self.version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(36)
    }
}
