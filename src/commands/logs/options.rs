//! What is asked of every container, and how reading came to its end.

use std::sync::Arc;

use jiff::Timestamp;

use crate::commands::logs::filter::LineFilter;
use crate::commands::logs::targets::ContainerGlobs;

#[derive(Clone, Debug)]
pub struct LogOptions {
    pub previous: bool,
    /// Lines of each container, the last ones; all of them where nothing is said.
    pub tail: Option<u32>,
    pub since: Option<Timestamp>,
    pub filter: Arc<LineFilter>,
    pub containers: ContainerGlobs,
    pub unhealthy: bool,
    pub max_streams: usize,
}

#[derive(Clone, Copy, Debug)]
pub struct Ended {
    pub interrupted: bool,
    /// Every log that there is was read.
    pub complete: bool,
}
