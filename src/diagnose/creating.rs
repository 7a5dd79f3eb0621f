//! Scheduled but not created: the sandbox, the network, the volumes, the first pull.

use crate::diagnose::culprit::{culprits, is_stage, pod_facts};
use crate::diagnose::exit;
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::rule::Rule;
use crate::diagnose::subject::Subject;
use crate::pattern::regex;
use crate::podstatus::{MemoryLimit, memory_limit};
use crate::workload::{Event, Pod, Role};
use jiff::SignedDuration;

/// A pull that takes this long is worth a word.
const SLOW: SignedDuration = SignedDuration::from_secs(60);

/// An event of the kubelet or the attach controller that the rule's words are about, for a pod that is stuck
/// before its containers start.
pub fn stuck(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = being_created(subject) else { return Vec::new() };
    let events = about_creation(subject);
    let found = events.iter().find_map(|event| rule.find(&event.message).map(|words| (event, words)));
    let Some((event, words)) = found else { return Vec::new() };
    let mut facts = pod_facts(pod);
    for name in ["what", "volume", "key"] {
        if let Some(value) = words.name(name) {
            facts.set(name, value.as_str());
        }
    }
    let finding = rule.finding(Confidence::High, &facts);
    let named = [facts.get("what"), facts.get("key")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let finding = match named.is_empty() {
        true => finding.like(&event.message, &pod.meta.name),
        false => finding.exactly(&named),
    };
    vec![because(finding, event)]
}

/// A volume that is not attached or mounted, in the words of whoever knows best: the driver, else the kubelet, else the
/// time-out that the kubelet says beside either.
pub fn volumes(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = being_created(subject) else { return Vec::new() };
    let events = about_creation(subject);
    let is_volume = |event: &&&Event| {
        matches!(event.reason.as_str(), "FailedMount" | "FailedAttachVolume" | "FailedMapVolume")
            || rule.find(&event.message).is_some()
    };
    let mut told: Vec<&&Event> = events.iter().filter(is_volume).collect();
    told.sort_by_key(|event| is_time_out(&event.message));
    let Some(event) = told.first() else { return Vec::new() };
    let volume = regex(r#"unmounted volumes=\[(?<volume>[^\]]+)\]|for volume "(?<name>[^"]+)""#)
        .captures(&event.message);
    let volume = volume.and_then(|words| words.name("volume").or(words.name("name")));
    let mut facts = pod_facts(pod).with("volume", volume.map_or("", |volume| volume.as_str()));
    if !is_time_out(&event.message) {
        facts.set("said", &clipped(driver_words(&event.message)));
    }
    let finding = rule.finding(Confidence::High, &facts).like(&event.message, &pod.meta.name);
    let finding = because(finding, event);
    vec![told.iter().skip(1).take(2).fold(finding, |finding, event| because(finding, event))]
}

/// A sandbox that fails for another reason than the network's.
pub fn sandbox(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = being_created(subject) else { return Vec::new() };
    let events = about_creation(subject);
    let Some(event) = events.iter().find(|event| event.reason == "FailedCreatePodSandBox") else {
        return Vec::new();
    };
    let facts = pod_facts(pod).with("said", clipped(driver_words(&event.message)));
    let finding = rule.finding(Confidence::High, &facts).like(&event.message, &pod.meta.name);
    vec![because(finding, event)]
}

/// Over the memory limit: a container that was killed, or not even the sandbox had room.
pub fn out_of_memory(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let killed = exit::out_of_memory(subject, rule);
    let Some(pod) = being_created(subject).filter(|_| killed.is_empty()) else { return killed };
    let events = subject.pod_events();
    let is_sandbox =
        |event: &&&Event| event.reason == "FailedCreatePodSandBox" && is_out_of_memory(&event.message);
    let Some(event) = events.iter().find(is_sandbox) else { return Vec::new() };
    let all = pod.containers();
    let limits: Vec<MemoryLimit> = all.iter().filter_map(|container| memory_limit(pod, container)).collect();
    // The sandbox lives below the sum of the limits: the smallest one is the first to doubt.
    let odd = limits.iter().find(|limit| limit.is_milli()).or(limits.first()).cloned();
    let limit = odd.as_ref().map(|limit| format!(" of {}", limit.quantity)).unwrap_or_default();
    let mut finding = rule.finding(Confidence::High, &pod_facts(pod));
    finding.summary = format!("the pod's sandbox needs more memory than the limit{limit} and is killed");
    finding.next.retain(|command| !command.reads_logs());
    let finding = because(finding, event).like("sandbox", "");
    vec![finding.because(Source::Object, &MemoryLimit::evidence(odd.as_ref()))]
}

fn is_out_of_memory(message: &str) -> bool {
    regex(r"OOM-killed|memory limit too low").is_match(message)
}

fn because(finding: Finding, event: &Event) -> Finding {
    finding.because(Source::Event, &format!("{}: {}", event.reason, event.message)).since(event.first_seen)
}

fn clipped(text: &str) -> String {
    let end = text.char_indices().nth(240).map_or(text.len(), |(at, _)| at);
    text[..end].to_string()
}

/// The kubelet waits two minutes and says so, whatever the reason.
fn is_time_out(message: &str) -> bool {
    let waits = regex(
        r"timed out waiting for the condition|context deadline exceeded|timeout expired waiting for volumes",
    );
    waits.is_match(message) && !regex(r"rpc error: code = (Internal|NotFound|FailedPrecondition|InvalidArgument|PermissionDenied|Unknown|Aborted|ResourceExhausted|AlreadyExists)").is_match(message)
}

/// What is wrong, without the frames of the kubelet and of gRPC.
fn driver_words(message: &str) -> &str {
    let frames = [
        r"^(MountVolume|AttachVolume|MapVolume|UnmountVolume|WaitForAttach)\.?\w* failed for volume \S+ ?: ",
        r"^Failed to create pod sandbox: ",
        r"^(rpc error: code = \w+ desc = )+",
        r"^failed to (create|start|setup|set up) (containerd task|sandbox container|pod sandbox|sandbox|shim task)[^:]*: ",
        r"^failed to create (containerd task|shim task): ",
        r"^OCI runtime create failed: (runc create failed: )?(unable to start container process: )?",
    ];
    let mut rest = message.trim();
    for frame in frames {
        if let Some(found) = regex(frame).find(rest).filter(|found| found.end() < rest.len()) {
            rest = &rest[found.end()..];
        }
    }
    rest.trim_end_matches(": unknown")
}

/// Pulling without Pulled: not an error, but what the wait is for.
pub fn pulling(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = being_created(subject) else { return Vec::new() };
    let events = subject.pod_events();
    let done = |pull: &Event| {
        let after = events
            .iter()
            .filter(|event| matches!(event.reason.as_str(), "Pulled" | "Failed" | "Started" | "Created"));
        after
            .filter(|event| event.about.field_path == pull.about.field_path)
            .any(|event| event.last_seen >= pull.last_seen)
    };
    let Some(pull) = events.iter().find(|event| event.reason == "Pulling" && !done(event)) else {
        return Vec::new();
    };
    let Some(began) = pull.first_seen.or(pod.meta.created) else { return Vec::new() };
    let waited = subject.now.duration_since(began);
    if waited < SLOW {
        return Vec::new();
    }
    let image = pull.message.split('"').nth(1).unwrap_or_default();
    let facts = pod_facts(pod).with("what", image).with("waited", crate::text::age(waited.as_secs()));
    let finding = rule.finding(Confidence::Low, &facts).exactly(image);
    vec![finding.because(Source::Event, &pull.message).since(Some(began))]
}

/// The pod, if it is on its node and nothing but its making is waited for.
fn being_created<'a>(subject: &Subject<'a>) -> Option<&'a Pod> {
    let others = culprits(subject).iter().any(|culprit| !culprit.reason().contains("Sandbox"));
    subject.pod.filter(|pod| !others && is_being_created(pod))
}

/// No container has got beyond waiting for the pod to be made.
fn is_being_created(pod: &Pod) -> bool {
    let phase = matches!(pod.status.phase.as_str(), "Pending" | "Running" | "");
    let staged = |wait: Option<&crate::workload::Waiting>| {
        wait.is_some_and(|wait| is_stage(&wait.reason) || wait.reason.contains("Sandbox"))
    };
    let all = pod.containers();
    let mut own = all.iter().filter(|container| container.role != Role::Ephemeral).peekable();
    let none_known = own.clone().all(|container| container.status.is_none());
    // A pod whose init containers ran has its sandbox and its volumes, but may still pull.
    let waits =
        own.any(|container| container.status.is_some_and(|status| staged(status.state.waiting.as_ref())));
    let runs =
        all.iter().any(|container| container.status.is_some_and(|status| status.state.running.is_some()));
    phase && pod.meta.deleted.is_none() && !pod.spec.node_name.is_empty() && (none_known || waits) && !runs
}

/// Events about what comes before the first container, the latest first, without those that are history: once the sandbox
/// is up, its volumes were mounted. A node that has just joined is not ready for pods yet, and nobody is to blame.
fn about_creation<'a>(subject: &Subject<'a>) -> Vec<&'a Event> {
    let has_sandbox = subject
        .pod
        .and_then(|pod| pod.condition("PodReadyToStartContainers"))
        .is_some_and(crate::workload::Condition::is_true);
    if has_sandbox || subject.node_is_joining() {
        return Vec::new();
    }
    let mut events = subject.pod_events();
    events.retain(|event| is_about_creation(event) && !is_out_of_memory(&event.message));
    events
}

fn is_about_creation(event: &Event) -> bool {
    matches!(
        event.reason.as_str(),
        "FailedMount"
            | "FailedAttachVolume"
            | "FailedCreatePodSandBox"
            | "FailedMapVolume"
            | "FailedSync"
            | "NetworkNotReady"
            | "FailedPodSandBoxStatus"
    )
}
