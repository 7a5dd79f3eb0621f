//! The containers to blame: those that wait on a fault, or whose last run ended as it should not have.

use crate::diagnose::fill::Placeholders;
use crate::diagnose::subject::Subject;
use crate::podstatus::{ContainerState, code, memory_limit, never_ran, ran, states};
use crate::workload::{Condition, ContainerStatus, Pod, PodContainer, Terminated, Waiting};
use jiff::SignedDuration;

/// The pod's containers in trouble, in the order in which they start: an init container that fails keeps all
/// after it waiting, and those are not to blame. Ephemeral ones never are. A verdict calls the same ones broken.
pub fn failed_containers<'a>(subject: &Subject<'a>) -> Vec<FailedContainer<'a>> {
    let Some(pod) = subject.pod.filter(|pod| pod.status.phase != "Succeeded") else { return Vec::new() };
    let all = states(pod, subject.now, &subject.thresholds);
    all.into_iter().filter(ContainerState::is_in_trouble).map(FailedContainer::of).collect()
}

/// An event this long before an end may still be about it: the kubelet's reset interval.
pub const RECENT: SignedDuration = SignedDuration::from_mins(10);

/// A container in trouble.
#[derive(Clone, Copy)]
pub struct FailedContainer<'a> {
    pub pod: &'a Pod,
    pub container: PodContainer<'a>,
    pub status: &'a ContainerStatus,
    /// Set while it waits, whatever for.
    pub waiting: Option<&'a Waiting>,
    /// How its last run ended, where that still counts.
    pub end: Option<&'a Terminated>,
}

/// Waiting for others, or for what comes before a container's start.
pub fn is_stage(reason: &str) -> bool {
    matches!(reason, "" | "PodInitializing" | "ContainerCreating")
}

impl<'a> FailedContainer<'a> {
    fn of(state: ContainerState<'a>) -> FailedContainer<'a> {
        let ContainerState { pod, container, status, .. } = state;
        FailedContainer {
            pod,
            container,
            status,
            waiting: status.state.waiting.as_deref(),
            end: state.deciding_end(),
        }
    }

    pub fn name(&self) -> &'a str {
        self.container.name
    }

    /// Why it waits; empty where it does not.
    pub fn reason(&self) -> &'a str {
        self.waiting.map_or("", |waiting| waiting.reason.as_str())
    }

    /// The exit code, a bare signal being 128 more.
    pub fn code(&self) -> Option<i64> {
        self.end.and_then(code)
    }

    /// How long the last run took, in seconds. Runtimes write 1970 where a process never started.
    pub fn ran(&self) -> Option<i64> {
        ran(self.end?)
    }

    /// Whether the process never began to run: the runtime failed, and says why in the message.
    pub fn never_ran(&self) -> bool {
        self.end.is_some_and(never_ran)
    }

    /// What sentences and commands may name.
    pub fn facts(&self) -> Placeholders {
        let spec = self.container.spec;
        let image = spec.map(|spec| spec.image.as_str()).filter(|image| !image.is_empty());
        let limit = memory_limit(self.pod, &self.container);
        let restarts =
            if self.status.restart_count > 0 { self.status.restart_count.to_string() } else { String::new() };
        pod_facts(self.pod)
            .with("container", self.name())
            .with("image", image.unwrap_or(&self.status.image))
            .with("memory", limit.map(|limit| limit.quantity).unwrap_or_default())
            .with("code", self.code().map(|code| code.to_string()).unwrap_or_default())
            .with("ran", self.ran().map(crate::text::age).unwrap_or_default())
            .with("restarts", restarts)
    }

    /// How the status tells the end: `app: Error, exit code 137, ran 30s, restarts 7`.
    pub fn ended(&self) -> String {
        let Some(end) = self.end else { return String::new() };
        let reason = if end.reason.is_empty() { "terminated" } else { &end.reason };
        let mut text = format!("{}: {reason}, exit code {}", self.name(), exit_code(end));
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
pub fn pod_facts(pod: &Pod) -> Placeholders {
    Placeholders::default().with("pod", &pod.meta.name).with("node", pod.node_name.as_str())
}

/// The pod's first main container, for what happens to all of them.
pub fn first_main_container(pod: &Pod) -> &str {
    let spec = pod.spec.containers.first().map(|container| container.name.as_str());
    spec.or(pod.status.container_statuses.first().map(|status| status.name.as_str())).unwrap_or_default()
}

/// A condition in one line.
pub fn condition_text(condition: &Condition) -> String {
    let text = format!("{}={} {}: {}", condition.kind, condition.status, condition.reason, condition.message);
    text.trim_end_matches([':', ' ']).to_string()
}

/// The exit code as the status tells it: `137`, or `unknown` where it does not.
pub fn exit_code(end: &Terminated) -> String {
    end.exit_code.map_or("unknown".to_string(), |code| code.to_string())
}
