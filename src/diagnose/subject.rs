//! What a diagnosis is made from: one pod or one workload, and all that was read around it.

use crate::loglines::LogReading;
use crate::podstatus::Thresholds;
use crate::workload::{Autoscaler, Budget, Claim, Event, Node, Pod, Workload};
use jiff::Timestamp;

/// One pod with its surroundings, or, without a pod, a workload (or an autoscaler, a budget) of its own.
/// What is empty was not asked for or holds nothing; what was refused stands in `unread`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    pub pod: Option<&'a Pod>,
    /// What runs the pod, or the subject itself where `pod` is `None`.
    pub workload: Option<&'a Workload>,
    /// The ReplicaSets or Jobs that the workload owns.
    pub children: &'a [&'a Workload],
    /// Of the pod, the workload, its children and the node, in any order.
    pub events: &'a [Event],
    pub logs: &'a [ContainerLog<'a>],
    /// The pod's own.
    pub node: Option<&'a Node>,
    /// Of the cluster: read only where the scheduler does not say which taints it means.
    pub nodes: &'a [&'a Node],
    pub autoscaler: Option<&'a Autoscaler>,
    pub budget: Option<&'a Budget>,
    pub claims: &'a [Claim],
    pub unread: UnreadSources,
    pub now: Timestamp,
    pub thresholds: Thresholds,
    /// Whether the verdict on the workload is Degraded: then what its pods wait for has no time left.
    pub is_degraded: bool,
}

/// The last lines of one container.
#[derive(Debug, Clone)]
pub struct ContainerLog<'a> {
    pub container: &'a str,
    pub text: &'a str,
    /// Of the run that ended; `false` where only the current run's could be had.
    pub previous: bool,
    /// What the kubelet says in place of a log that it no longer has; then `text` is empty.
    pub lost: Option<&'a str>,
    /// The text, read.
    pub reading: LogReading,
}

impl<'a> ContainerLog<'a> {
    pub fn new(container: &'a str, text: &'a str, previous: bool) -> ContainerLog<'a> {
        ContainerLog { container, text, previous, lost: None, reading: LogReading::of(text) }
    }

    /// A log that could not be had, in the kubelet's words.
    pub fn lost(container: &'a str, words: &'a str) -> ContainerLog<'a> {
        ContainerLog { lost: Some(words), ..ContainerLog::new(container, "", false) }
    }
}

/// What was asked for and refused: what is inferred without it is less sure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnreadSources {
    pub events: bool,
    pub logs: bool,
    pub node: bool,
}

impl<'a> Subject<'a> {
    /// A pod of which nothing but itself is known.
    pub fn of_pod(pod: &'a Pod, now: Timestamp) -> Subject<'a> {
        Subject { pod: Some(pod), now, ..Subject::default() }
    }

    /// A workload of which nothing but itself is known.
    pub fn of_workload(workload: &'a Workload, now: Timestamp) -> Subject<'a> {
        Subject { workload: Some(workload), now, ..Subject::default() }
    }

    /// Events about the pod itself, the latest first.
    pub fn pod_events(&self) -> Vec<&'a Event> {
        let Some(pod) = self.pod else { return Vec::new() };
        self.about(|event| {
            let about = &event.about;
            let same_uid = about.uid.is_empty() || pod.meta.uid.is_empty() || about.uid == pod.meta.uid;
            matches!(about.kind.as_str(), "Pod" | "") && about.name == pod.meta.name && same_uid
        })
    }

    /// Events about one container of the pod, the latest first. Without a field path an event counts if its
    /// text names the container, or if the pod has no other.
    pub fn container_events(&self, container: &str) -> Vec<&'a Event> {
        let alone = self.pod.is_some_and(|pod| pod.containers().len() == 1);
        let mut events = self.pod_events();
        events.retain(|event| match event.container() {
            Some(name) => name == container,
            None => alone || names(&event.message, container),
        });
        events
    }

    /// Events about the pod's node, the latest first.
    pub fn node_events(&self) -> Vec<&'a Event> {
        let node = self.pod.map_or("", |pod| pod.node_name.as_str());
        self.about(|event| event.about.kind == "Node" && (event.about.name == node || node.is_empty()))
    }

    /// Whether the pod's node has only just joined and was never ready: it takes its time, and accuses nobody.
    pub fn node_is_joining(&self) -> bool {
        self.node.is_some_and(|node| {
            let joined =
                node.meta.created.is_some_and(|at| self.now.duration_since(at) < self.thresholds.creating);
            joined && node.unready().is_some()
        })
    }

    /// The workload and its children.
    pub fn workloads(&self) -> impl Iterator<Item = &'a Workload> {
        self.workload.into_iter().chain(self.children.iter().copied())
    }

    /// Events about one workload, the latest first.
    pub fn workload_events(&self, workload: &Workload) -> Vec<&'a Event> {
        self.about(|event| event.about.kind == workload.kind && event.about.name == workload.meta.name)
    }

    pub fn log(&self, container: &str) -> Option<&'a ContainerLog<'a>> {
        self.logs.iter().find(|log| log.container == container)
    }

    fn about(&self, is: impl Fn(&Event) -> bool) -> Vec<&'a Event> {
        let mut events: Vec<&Event> = self.events.iter().filter(|event| is(event)).collect();
        events.sort_by_key(|event| std::cmp::Reverse(event.last_seen));
        events
    }
}

/// Whether a kubelet's text names a container as a word of its own.
fn names(message: &str, container: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    message.match_indices(container).any(|(at, _)| {
        let before = message[..at].chars().next_back().is_none_or(|c| !word(c));
        let after = message[at + container.len()..].chars().next().is_none_or(|c| !word(c));
        before && after && !container.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_container_is_named_as_a_word() {
        assert!(names("Container app failed liveness probe", "app"));
        assert!(names("restarting failed container=app pod=x", "app"));
        assert!(!names("Container app-proxy failed", "app"));
        assert!(!names("", "app") && !names("x", ""));
    }
}
