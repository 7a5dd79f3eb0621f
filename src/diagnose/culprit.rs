//! The containers to blame: those that wait on a fault, or whose last run ended as it should not have.

use crate::diagnose::fill::Facts;
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::possible::commands;
use crate::diagnose::rule::Rule;
use crate::diagnose::subject::Subject;
use crate::workload::{ContainerStatus, Event, Pod, PodContainer, Role, Terminated, Waiting};
use jiff::{SignedDuration, Timestamp};

/// The kubelet forgets its back-off after a container has run this long: an older end is history.
pub const RECENT: SignedDuration = SignedDuration::from_mins(10);

/// A container in trouble.
#[derive(Clone, Copy)]
pub struct Culprit<'a> {
    pub pod: &'a Pod,
    pub container: PodContainer<'a>,
    pub status: &'a ContainerStatus,
    /// Set while it waits, whatever for.
    pub waiting: Option<&'a Waiting>,
    /// How its last run ended, where that still counts.
    pub end: Option<&'a Terminated>,
}

/// The pod's containers in trouble, in the order in which they start: an init container that fails keeps all
/// after it waiting, and those are not to blame. Ephemeral ones never are.
pub fn culprits<'a>(subject: &Subject<'a>) -> Vec<Culprit<'a>> {
    let Some(pod) = subject.pod.filter(|pod| pod.status.phase != "Succeeded") else { return Vec::new() };
    let all = pod.containers().into_iter().filter(|container| container.role != Role::Ephemeral);
    all.filter_map(|container| culprit(subject, pod, container)).collect()
}

fn culprit<'a>(subject: &Subject<'a>, pod: &'a Pod, container: PodContainer<'a>) -> Option<Culprit<'a>> {
    let status = container.status?;
    let waiting = status.state.waiting.as_ref();
    let end = last_end(status).filter(|end| counts(subject, pod, &container, status, end));
    let held = waiting.is_some_and(|waiting| !is_stage(&waiting.reason));
    (held || end.is_some()).then_some(Culprit { pod, container, status, waiting, end })
}

/// Waiting for others, or for what comes before a container's start.
pub fn is_stage(reason: &str) -> bool {
    matches!(reason, "" | "PodInitializing" | "ContainerCreating")
}

/// The newer of the two ends that a status can hold.
fn last_end(status: &ContainerStatus) -> Option<&Terminated> {
    let (now, before) = (status.state.terminated.as_ref(), status.last_state.terminated.as_ref());
    match (now, before) {
        (Some(now), Some(before)) if before.finished_at > now.finished_at => Some(before),
        _ => now.or(before),
    }
}

/// Whether an end is one that should not have been, and is not mere history.
fn counts(
    subject: &Subject,
    pod: &Pod,
    container: &PodContainer,
    status: &ContainerStatus,
    end: &Terminated,
) -> bool {
    if !is_abnormal(pod, container, end) || is_by_deletion(pod, end) {
        return false;
    }
    if status.state.running.is_none() {
        // Over, or in back-off. An init container that succeeded in the end has nothing to answer for.
        return status.state.terminated.as_ref().is_none_or(|last| is_abnormal(pod, container, last));
    }
    if !is_recent(pod, status, end, subject.now) {
        return false;
    }
    let told = matches!(end.reason.as_str(), "OOMKilled" | "ContainerStatusUnknown" | "Unknown");
    let up = if container.role == Role::Init { false } else { status.ready };
    status.restart_count >= 3 || !up || told || was_killed(subject, container.name, end)
}

/// Whether it ended because its pod was deleted, in time and in whatever manner: that is no trouble. What was
/// still there at the end of its grace is.
fn is_by_deletion(pod: &Pod, end: &Terminated) -> bool {
    let grace = pod.spec.termination_grace_period_seconds.unwrap_or(30).clamp(0, 86_400);
    let told = pod.meta.deleted.and_then(|gone| gone.checked_sub(SignedDuration::from_secs(grace)).ok());
    let after = told.zip(end.finished_at).is_some_and(|(told, finished)| finished >= told);
    after && end.exit_code != 137 && end.reason != "OOMKilled"
}

/// Whether a run should not have ended that way: with an error, or at all.
pub fn is_abnormal(pod: &Pod, container: &PodContainer, end: &Terminated) -> bool {
    let told = matches!(end.reason.as_str(), "OOMKilled" | "ContainerCannotRun" | "DeadlineExceeded");
    end.exit_code != 0
        || end.signal != 0
        || told
        || end.reason.ends_with("Error")
        || container.runs_for_ever(pod)
}

/// Within the kubelet's own memory, or, for a container that fell over again and again, within the time that so
/// many restarts take at the longest back-off, up to a day.
fn is_recent(pod: &Pod, status: &ContainerStatus, end: &Terminated, now: Timestamp) -> bool {
    let Some(finished) = end.finished_at else { return !status.ready };
    let quiet = now.duration_since(finished);
    let restarts = status.restart_count.clamp(0, 100_000);
    let often = pod.meta.created.is_some_and(|created| {
        finished.duration_since(created) < SignedDuration::from_hours(restarts)
            && quiet < SignedDuration::from_mins(restarts.min(288) * 5)
    });
    quiet < RECENT || often
}

fn was_killed(subject: &Subject, container: &str, end: &Terminated) -> bool {
    let around = |event: &Event| match (event.last_seen, end.finished_at) {
        (Some(seen), Some(finished)) => seen.duration_since(finished).abs() < RECENT,
        _ => true,
    };
    let events = subject.container_events(container);
    events.iter().any(|event| event.reason == "Killing" && event.message.contains("probe") && around(event))
}

impl<'a> Culprit<'a> {
    pub fn name(&self) -> &'a str {
        self.container.name
    }

    /// Why it waits; empty where it does not.
    pub fn reason(&self) -> &'a str {
        self.waiting.map_or("", |waiting| waiting.reason.as_str())
    }

    /// The exit code, a bare signal being 128 more.
    pub fn code(&self) -> Option<i64> {
        self.end.map(|end| {
            if end.exit_code == 0 && end.signal > 0 { end.signal.saturating_add(128) } else { end.exit_code }
        })
    }

    /// How long the last run took, in seconds. Runtimes write 1970 where a process never started.
    pub fn ran(&self) -> Option<i64> {
        let end = self.end?;
        let started = end.started_at.filter(|started| started.as_second() > 86_400)?;
        Some(end.finished_at?.as_second() - started.as_second()).filter(|seconds| *seconds >= 0)
    }

    /// Whether the process never began to run: the runtime failed, and says why in the message.
    pub fn never_ran(&self) -> bool {
        self.end.is_some_and(|end| {
            let told = matches!(end.reason.as_str(), "StartError" | "ContainerCannotRun");
            told || (end.exit_code >= 126
                && (end.message.contains("OCI runtime") || end.message.contains("container process")))
        })
    }

    /// What sentences and commands may name.
    pub fn facts(&self) -> Facts {
        let spec = self.container.spec;
        let image = spec.map(|spec| spec.image.as_str()).filter(|image| !image.is_empty());
        let limit = |name| spec.and_then(|spec| spec.resources.limits.get(name)).map_or("", String::as_str);
        let restarts =
            if self.status.restart_count > 0 { self.status.restart_count.to_string() } else { String::new() };
        pod_facts(self.pod)
            .with("container", self.name())
            .with("image", image.unwrap_or(&self.status.image))
            .with("memory", limit("memory"))
            .with("code", self.code().map(|code| code.to_string()).unwrap_or_default())
            .with("ran", self.ran().map(crate::text::age).unwrap_or_default())
            .with("restarts", restarts)
    }

    /// A finding that blames this container.
    pub fn blame(&self, rule: &Rule, confidence: Confidence, facts: &Facts) -> Finding {
        let mut finding = rule.finding(confidence, facts).container(self.name());
        finding.next = commands(finding.next, self.pod, self.status);
        finding.like(self.name(), "").since(self.end.and_then(|end| end.finished_at))
    }

    /// As `blame`, the end of the last run being the evidence.
    pub fn blame_end(&self, rule: &Rule, confidence: Confidence, facts: &Facts) -> Finding {
        self.blame(rule, confidence, facts).because(Source::Status, &self.ended())
    }

    /// How the status tells the end: `app: Error, exit code 137, ran 30s, restarts 7`.
    pub fn ended(&self) -> String {
        let Some(end) = self.end else { return String::new() };
        let reason = if end.reason.is_empty() { "terminated" } else { &end.reason };
        let mut text = format!("{}: {reason}, exit code {}", self.name(), end.exit_code);
        if let Some(ran) = self.ran() {
            text += &format!(", ran {}", crate::text::age(ran));
        }
        if self.status.restart_count > 0 {
            text += &format!(", restarts {}", self.status.restart_count);
        }
        text
    }
}

/// What sentences and commands may name of a pod.
pub fn pod_facts(pod: &Pod) -> Facts {
    Facts::default().with("pod", &pod.meta.name).with("node", &pod.spec.node_name)
}

/// Each culprit's finding of a rule.
pub fn each<'a>(subject: &Subject<'a>, find: impl Fn(&Culprit<'a>) -> Option<Finding>) -> Vec<Finding> {
    culprits(subject).iter().filter_map(find).collect()
}
