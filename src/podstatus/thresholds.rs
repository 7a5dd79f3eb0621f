//! How long a state that may pass by itself is waited for before it is a fault.

use jiff::SignedDuration;

/// The times of grace, each a key of `thresholds:` in the config file; the one place where they are
/// (docs/health.md section 16).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// A pod that no node takes.
    pub unschedulable: SignedDuration,
    /// ContainerCreating: volumes, network, the first image.
    pub creating: SignedDuration,
    /// An init container that runs and runs.
    pub initializing: SignedDuration,
    /// How long a container may be unready, where its probes grant no other time; how long a readiness gate may be closed.
    pub readiness: SignedDuration,
    /// An abnormal end this recent counts; it is the kubelet's own reset interval.
    pub recent_restart: SignedDuration,
    /// After the deletion timestamp, which includes the grace period.
    pub stuck_terminating: SignedDuration,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            unschedulable: SignedDuration::from_secs(60),
            creating: SignedDuration::from_mins(5),
            initializing: SignedDuration::from_mins(15),
            readiness: SignedDuration::from_secs(60),
            recent_restart: SignedDuration::from_mins(10),
            stuck_terminating: SignedDuration::from_secs(60),
        }
    }
}
