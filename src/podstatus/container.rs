//! One container of a pod: where it stands, how its last run ended, and whether that still counts (docs/health.md
//! section 3.2).

use crate::podstatus::Thresholds;
use crate::podstatus::end::{self, last_end};
use crate::workload::{ContainerStatus, Pod, PodContainer, Role, Terminated, Waiting};
use jiff::{SignedDuration, Timestamp};

/// Restarts that make a loop.
const LOOP: i64 = 3;

/// A container with its status read.
#[derive(Debug, Clone, Copy)]
pub struct ContainerState<'a> {
    pub pod: &'a Pod,
    pub container: PodContainer<'a>,
    pub status: &'a ContainerStatus,
    pub stage: Stage<'a>,
    /// How its last run ended, whenever that was.
    pub last_end: Option<&'a Terminated>,
    /// Whether that end should not have been.
    pub is_abnormal: bool,
    /// Whether that end still counts (`is_recent`).
    pub is_recent: bool,
    /// Whether it ended more than a day ago.
    is_history: bool,
}

/// Where a container stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stage<'a> {
    /// Finished, and need not run again.
    Done,
    /// Waits for others, or for what comes before its start.
    Waiting,
    /// Waits on a fault.
    Faulty(&'a Waiting),
    Running,
    /// Its run is over, and should not be.
    Ended,
}

/// The containers of a pod that have a status, in the order in which they may be to blame. Ephemeral ones never are.
pub fn states<'a>(pod: &'a Pod, now: Timestamp, thresholds: &Thresholds) -> Vec<ContainerState<'a>> {
    let all = pod.containers().into_iter().filter(|container| container.role != Role::Ephemeral);
    all.filter_map(|container| ContainerState::of(pod, container, now, thresholds)).collect()
}

impl<'a> ContainerState<'a> {
    /// `None` where the status says nothing of the container.
    pub fn of(
        pod: &'a Pod,
        container: PodContainer<'a>,
        now: Timestamp,
        thresholds: &Thresholds,
    ) -> Option<ContainerState<'a>> {
        let status = container.status?;
        let last_end = last_end(status);
        let counts =
            |end: &Terminated| end::is_abnormal(pod, &container, end) && !end::is_by_deletion(pod, end);
        let waiting = status.state.waiting.as_deref();
        let over = status.state.terminated.as_deref();
        let stage = match (waiting, over) {
            (Some(waiting), _) if is_fault(&waiting.reason) && !is_passing(pod, waiting, now, thresholds) => {
                Stage::Faulty(waiting)
            }
            (Some(_), _) => Stage::Waiting,
            (_, Some(end)) if counts(end) => Stage::Ended,
            (_, Some(_)) => Stage::Done,
            _ if status.state.running.is_some() => Stage::Running,
            _ => Stage::Waiting,
        };
        Some(ContainerState {
            pod,
            container,
            status,
            stage,
            last_end,
            is_abnormal: last_end.is_some_and(counts),
            is_recent: last_end.is_some_and(|end| is_recent(pod, status, end, now, thresholds)),
            is_history: last_end.is_some_and(|end| is_history(end, now)),
        })
    }

    /// Whether something is wrong with it now: it waits on a fault, is dead, falls over again and again, or fell over
    /// and has not recovered. This is what makes a pod Degraded, and what a diagnosis may blame.
    pub fn is_in_trouble(&self) -> bool {
        match self.stage {
            Stage::Faulty(_) | Stage::Ended => true,
            Stage::Running => self.loops() || self.has_relapsed(),
            Stage::Done | Stage::Waiting => false,
        }
    }

    /// The end to explain: that of a container in trouble, while it does not wait on something else than its back-off.
    pub fn deciding_end(&self) -> Option<&'a Terminated> {
        self.last_end.filter(|_| self.is_abnormal && self.is_in_trouble())
    }

    /// Whether it ended abnormally a short while ago and is up again: no trouble yet, but worth a note.
    pub fn has_stumbled(&self) -> bool {
        self.stage == Stage::Running && self.is_abnormal && self.is_recent && !self.is_in_trouble()
    }

    pub fn name(&self) -> &'a str {
        self.container.name
    }

    fn loops(&self) -> bool {
        self.is_abnormal && self.is_recent && self.status.restart_count >= LOOP
    }

    fn has_relapsed(&self) -> bool {
        let up = self.status.ready && self.pod.is_ready() && self.container.role != Role::Init;
        let often = self.status.restart_count >= LOOP && !self.is_history;
        self.is_abnormal && !up && (self.is_recent || often)
    }
}

/// The waiting reasons that are faults and not a stage.
pub fn is_fault(reason: &str) -> bool {
    reason.starts_with("Err")
        || reason.ends_with("Error")
        || reason.ends_with("BackOff")
        || matches!(
            reason,
            "InvalidImageName" | "RegistryUnavailable" | "SignatureValidationFailed" | "ContainerCannotRun"
        )
}

/// Just after a pod came to its node the kubelet's own caches may not have the objects yet that it refers to
/// (kubernetes#86281): the kubelet tries again, and the objects exist.
fn is_passing(pod: &Pod, waiting: &Waiting, now: Timestamp, thresholds: &Thresholds) -> bool {
    let syncs = ["secret", "configmap"]
        .iter()
        .any(|kind| waiting.message.to_lowercase().contains(&format!("failed to sync {kind} cache")));
    let began = pod.status.start_time.or(pod.meta.created);
    syncs && began.is_some_and(|began| now.duration_since(began) < thresholds.creating)
}

/// Whether the last end still counts: within the kubelet's reset interval, or, for a container that fell over
/// again and again, within the time that so many restarts take at the longest back-off, up to a day. One that
/// restarted 50 times needs more than ten quiet minutes to be believed. An end without a time counts until the
/// container is ready.
fn is_recent(
    pod: &Pod,
    status: &ContainerStatus,
    end: &Terminated,
    now: Timestamp,
    thresholds: &Thresholds,
) -> bool {
    let Some(finished) = end.finished_at else { return !status.ready };
    let quiet = now.duration_since(finished);
    if quiet < thresholds.recent_restart {
        return true;
    }
    let Some(created) = pod.meta.created else { return false };
    let often =
        finished.duration_since(created) < SignedDuration::from_hours(status.restart_count.clamp(0, 100_000));
    let proof = SignedDuration::from_mins(status.restart_count.clamp(0, 288) * 5);
    often && quiet < proof
}

/// What ended a day ago is history, not health.
fn is_history(end: &Terminated, now: Timestamp) -> bool {
    end.finished_at.is_some_and(|finished| now.duration_since(finished) > SignedDuration::from_hours(24))
}
