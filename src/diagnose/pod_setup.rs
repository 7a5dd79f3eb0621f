//! Scheduled but not created: the sandbox, the network, the volumes.

use crate::diagnose::examination::Examination;
use crate::diagnose::failed_container::{is_stage, pod_facts};
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::need::Needs;
use crate::diagnose::rule::{Check, Rule, RuleFamily};
use crate::pattern::regex;
use crate::workload::{Event, Pod, Role};

pub static RULES: &[Rule] = &[
    Rule {
        code: "sandbox-network",
        title: "The pod's network cannot be set up",
        summary: "the pod network[ on {node}] cannot be set up",
        family: RuleFamily::Creating,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r"failed to (setup|set up) (pod )?network|(setup|set up|teardown|plugin) .*network for (pod|sandbox)|network for sandbox|network(ing)? (plugin|is not ready|not ready)|NetworkPlugin|failed to (assign|allocate) (an )?(IP|address|for range)|no (available )?IP|no IP addresses available|\bcni\b|plugin type=|failed to set up sandbox container .* network|NetworkReady=false|NetworkPluginNotReady"
        )),
        next: &["~ get pods -A -o wide --field-selector spec.nodeName={node}", "describe pod {pod}"],
        check: Check::Alone(|subject, rule| by_event(subject, rule, SetupPart::Sandbox)),
    },
    Rule {
        code: "volume-missing-secret",
        title: "A volume's Secret is not there",
        summary: "a volume needs Secret[ {what}][ key {key}], which is not there",
        family: RuleFamily::Creating,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r#"(?:^|: |, |\[)secrets? "(?<what>[^"/]+)" not found|references non-existent secret key: (?<key>\S+)"#
        )),
        next: &["get secrets", "get pod {pod} -o jsonpath='{.spec.volumes}'"],
        check: Check::Alone(|subject, rule| by_event(subject, rule, SetupPart::Volume)),
    },
    Rule {
        code: "volume-missing-configmap",
        title: "A volume's ConfigMap is not there",
        summary: "a volume needs ConfigMap[ {what}][ key {key}], which is not there",
        family: RuleFamily::Creating,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r#"(?:^|: |, |\[)configmaps? "(?<what>[^"/]+)" not found|references non-existent config ?(map )?key: (?<key>\S+)"#
        )),
        next: &["get configmaps", "get pod {pod} -o jsonpath='{.spec.volumes}'"],
        check: Check::Alone(|subject, rule| by_event(subject, rule, SetupPart::Volume)),
    },
    Rule {
        code: "volume-multi-attach",
        title: "Its volume is still attached to another node",
        summary: "volume[ {volume}] is still attached to another node",
        family: RuleFamily::Creating,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r#"multi-attach error for volume "(?<volume>[^"]+)"|multi-attach error|already (exclusively )?(attached|mounted|in use).*(another|other|one) node|volume is already used by pod|ReadWriteOncePod"#
        )),
        next: &["~ get volumeattachments", "get pods -o wide"],
        check: Check::Alone(|subject, rule| by_event(subject, rule, SetupPart::Volume)),
    },
    Rule {
        code: "volume-mount-timeout",
        title: "Its volumes do not get mounted",
        summary: "volumes[ {volume}] do not get mounted[ on {node}][: {said}]",
        family: RuleFamily::Creating,
        needs: Needs::EVENTS,
        words: Some(regex!(
            r"unmounted volumes=\[(?<volume>[^\]]+)\].*(timed out|deadline exceeded|timeout)|timed out waiting for the condition|(attach|mount)\w*\.?\w* failed for volume \S+ ?: (?s:.*)(timed out|deadline ?exceeded|timeout)|timeout expired waiting for volumes|timed out waiting for external-attacher"
        )),
        next: &["describe pod {pod}", "~ get volumeattachments", "get pvc"],
        check: Check::Alone(volumes),
    },
    Rule {
        code: "sandbox-error",
        title: "The pod's sandbox cannot be made",
        summary: "the pod's sandbox cannot be made[ on {node}][: {said}]",
        family: RuleFamily::Creating,
        needs: Needs::EVENTS,
        words: None,
        next: &["describe pod {pod}", "~ describe node {node}"],
        check: Check::Alone(sandbox),
    },
];

/// What of a pod is set up before its containers.
#[derive(Clone, Copy, PartialEq)]
enum SetupPart {
    Sandbox,
    Volume,
}

/// Whether it is about a volume, whose name may hold any word.
fn is_about_volumes(event: &Event) -> bool {
    matches!(event.reason.as_str(), "FailedMount" | "FailedAttachVolume" | "FailedMapVolume")
}

/// An event of the kubelet or the attach controller that the rule's words are about, for a pod that is stuck
/// before its containers start.
fn by_event(subject: &Examination, rule: &Rule, setup: SetupPart) -> Vec<Finding> {
    let Some(pod) = being_created(subject) else { return Vec::new() };
    let events = about_creation(subject);
    let told = events.iter().filter(|event| setup == SetupPart::Volume || !is_about_volumes(event));
    let found = told.filter_map(|event| rule.find(&event.message).map(|words| (event, words))).next();
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
        true => finding.signed_like(&event.message, &pod.meta.name),
        false => finding.signed(&named),
    };
    vec![because(finding, event)]
}

/// A volume that is not attached or mounted, in the words of whoever knows best: the driver, else the kubelet, else the
/// time-out that the kubelet says beside either.
fn volumes(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = being_created(subject) else { return Vec::new() };
    let events = about_creation(subject);
    let is_volume = |event: &&&Event| is_about_volumes(event) || rule.find(&event.message).is_some();
    let mut told: Vec<&&Event> = events.iter().filter(is_volume).collect();
    told.sort_by_key(|event| is_time_out(&event.message));
    let Some(event) = told.first() else { return Vec::new() };
    let volume = regex!(r#"unmounted volumes=\[(?<volume>[^\]]+)\]|for volume "(?<name>[^"]+)""#)
        .captures(&event.message);
    let volume = volume.and_then(|words| words.name("volume").or(words.name("name")));
    let mut facts = pod_facts(pod).with("volume", volume.map_or("", |volume| volume.as_str()));
    if !is_time_out(&event.message) {
        facts.set("said", &clipped(driver_words(&event.message)));
    }
    let finding = rule.finding(Confidence::High, &facts).signed_like(&event.message, &pod.meta.name);
    let finding = because(finding, event);
    vec![told.iter().skip(1).take(2).fold(finding, |finding, event| because(finding, event))]
}

/// A sandbox that fails for another reason than the network's.
fn sandbox(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = being_created(subject) else { return Vec::new() };
    let events = about_creation(subject);
    let Some(event) = events.iter().find(|event| event.reason == "FailedCreatePodSandBox") else {
        return Vec::new();
    };
    let facts = pod_facts(pod).with("said", clipped(driver_words(&event.message)));
    let finding = rule.finding(Confidence::High, &facts).signed_like(&event.message, &pod.meta.name);
    vec![because(finding, event)]
}

pub fn is_out_of_memory(message: &str) -> bool {
    regex!(r"OOM-killed|memory limit too low").is_match(message)
}

pub fn because(finding: Finding, event: &Event) -> Finding {
    finding
        .because(EvidenceSource::Event, &format!("{}: {}", event.reason, event.message))
        .since(event.first_seen)
}

fn clipped(text: &str) -> String {
    let end = text.char_indices().nth(240).map_or(text.len(), |(at, _)| at);
    text[..end].to_string()
}

/// The kubelet waits two minutes and says so, whatever the reason.
fn is_time_out(message: &str) -> bool {
    let waits = regex!(
        r"timed out waiting for the condition|context deadline exceeded|timeout expired waiting for volumes"
    );
    waits.is_match(message) && !regex!(r"rpc error: code = (Internal|NotFound|FailedPrecondition|InvalidArgument|PermissionDenied|Unknown|Aborted|ResourceExhausted|AlreadyExists)").is_match(message)
}

/// What is wrong, without the frames of the kubelet and of gRPC.
fn driver_words(message: &str) -> &str {
    let frames = [
        regex!(
            r"^(MountVolume|AttachVolume|MapVolume|UnmountVolume|WaitForAttach)\.?\w* failed for volume \S+ ?: "
        ),
        regex!(r"^Failed to create pod sandbox: "),
        regex!(r"^(rpc error: code = \w+ desc = )+"),
        regex!(
            r"^failed to (create|start|setup|set up) (containerd task|sandbox container|pod sandbox|sandbox|shim task)[^:]*: "
        ),
        regex!(r"^failed to create (containerd task|shim task): "),
        regex!(r"^OCI runtime create failed: (runc create failed: )?(unable to start container process: )?"),
    ];
    let mut rest = message.trim();
    for frame in frames {
        if let Some(found) = frame.find(rest).filter(|found| found.end() < rest.len()) {
            rest = &rest[found.end()..];
        }
    }
    rest.trim_end_matches(": unknown")
}

/// The pod, if it is on its node and nothing but its making is waited for.
pub fn being_created<'a>(subject: &Examination<'a>) -> Option<&'a Pod> {
    let others = subject.failed.iter().any(|failed| !failed.reason().contains("Sandbox"));
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
        own.any(|container| container.status.is_some_and(|status| staged(status.state.waiting.as_deref())));
    let runs =
        all.iter().any(|container| container.status.is_some_and(|status| status.state.running.is_some()));
    phase && pod.meta.deleted.is_none() && !pod.node_name.is_empty() && (none_known || waits) && !runs
}

/// Events about what comes before the first container, the latest first, without those that are history: once the sandbox
/// is up, its volumes were mounted. A node that has just joined is not ready for pods yet, and nobody is to blame.
fn about_creation<'a>(subject: &Examination<'a>) -> Vec<&'a Event> {
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
