//! The children that still run, and how they are ended with all that they started.

use tokio::process::Child;

use crate::process::task::ProcessInput;

/// A child and its children, killed together unless they are released: a token helper's browser or `sleep` would
/// outlive it otherwise.
pub struct Group {
    #[cfg(unix)]
    leader: Option<RunningProcess>,
}

/// A child that still runs: the leader of a group of its own, or one that has the terminal and shares our group.
#[cfg(unix)]
#[derive(Clone, Copy, Eq, PartialEq)]
struct RunningProcess {
    pid: rustix::process::Pid,
    leads: bool,
}

#[cfg(unix)]
impl RunningProcess {
    fn end(self) {
        use rustix::process::{Signal, kill_process, kill_process_group};
        match self.leads {
            // It may not have come so far as to lead a group.
            true => {
                kill_process_group(self.pid, Signal::KILL).ok();
                kill_process(self.pid, Signal::KILL).ok();
            }
            // Who keeps it ends it.
            false => drop(kill_process(self.pid, Signal::TERM)),
        }
    }
}

#[cfg(unix)]
impl Group {
    pub fn of(child: &Child, input: &ProcessInput) -> Group {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        let pid = id.and_then(rustix::process::Pid::from_raw);
        let leads = !matches!(input, ProcessInput::Terminal);
        let leader = pid.map(|pid| RunningProcess { pid, leads });
        running().extend(leader);
        Group { leader }
    }

    /// The child has ended by itself: what it left behind, such as an agent that keeps a session, is its own affair.
    pub fn release(&mut self) {
        if let Some(leader) = self.leader.take() {
            running().retain(|one| *one != leader);
        }
    }
}

/// The children that are to die with us, for whoever ends the process in the middle.
#[cfg(unix)]
static RUNNING: std::sync::Mutex<Vec<RunningProcess>> = std::sync::Mutex::new(Vec::new());

#[cfg(unix)]
fn running() -> std::sync::MutexGuard<'static, Vec<RunningProcess>> {
    RUNNING.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Stops every child that still runs, with its own children.
pub fn stop_all() {
    #[cfg(unix)]
    for child in std::mem::take(&mut *running()) {
        child.end();
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            running().retain(|one| *one != leader);
            leader.end();
        }
    }
}

#[cfg(not(unix))]
impl Group {
    pub fn of(_: &Child, _: &ProcessInput) -> Group {
        Group {}
    }

    pub fn release(&mut self) {}
}
