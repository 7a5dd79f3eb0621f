//! The image cannot be had, or not yet: what the registry or the runtime answered.

use crate::diagnose::examination::Examination;
use crate::diagnose::failed_container::{FailedContainer, is_stage, pod_facts};
use crate::diagnose::fill::Placeholders;
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::need::Needs;
use crate::diagnose::rule::{Check, Rule, RuleFamily};
use crate::diagnose::subject::Subject;
use crate::pattern::regex;
use crate::podstatus::{is_image_reason, pull_fault, repository};
use crate::workload::{Event, Pod, PodContainer};
use jiff::SignedDuration;
use std::borrow::Cow;

pub static RULES: &[Rule] = &[
    Rule {
        code: "slow-image-pull",
        title: "Still pulling the image",
        summary: "still pulling {what} after {waited}",
        family: RuleFamily::Creating,
        needs: Needs::EVENTS,
        words: None,
        next: &["describe pod {pod}"],
        check: Check::Alone(pulling),
    },
    Rule {
        code: "image-invalid-name",
        title: "The image's name is not one",
        summary: "{image} is no image name",
        family: RuleFamily::Image,
        needs: Needs::NOTHING,
        words: None,
        next: &["get pod {pod} -o jsonpath='{.spec.containers[*].image}'"],
        check: Check::Alone(|subject, rule| pull(subject, rule, Beside::Nothing)),
    },
    Rule {
        code: "image-never-pull",
        title: "Not on the node, and must not be pulled",
        summary: "{image} is not on the node and imagePullPolicy is Never",
        family: RuleFamily::Image,
        needs: Needs::NOTHING,
        words: None,
        next: &["get pod {pod} -o jsonpath='{.spec.containers[*].imagePullPolicy}'"],
        check: Check::Alone(|subject, rule| pull(subject, rule, Beside::Nothing)),
    },
    Rule {
        code: "image-arch-mismatch",
        title: "The image is not built for the node's architecture",
        summary: "{image} is not built for the architecture of node[ {node}]",
        family: RuleFamily::Image,
        needs: Needs::NODE,
        words: None,
        next: &["! crane manifest {image}", "~ get nodes -L kubernetes.io/arch"],
        check: Check::Alone(|subject, rule| pull(subject, rule, Beside::Architecture)),
    },
    Rule {
        code: "image-pull-rate-limited",
        title: "The registry limits pulls",
        summary: "the registry limits pulls of {image}",
        family: RuleFamily::Image,
        needs: Needs::EVENTS,
        words: None,
        next: &[
            "get pod {pod} -o jsonpath='{.spec.imagePullSecrets} of {.spec.serviceAccountName}'",
            "describe pod {pod}",
        ],
        check: Check::Alone(|subject, rule| pull(subject, rule, Beside::Nothing)),
    },
    Rule {
        code: "image-disk-full",
        title: "The node has no room for the image",
        summary: "node[ {node}] has no room for {image}",
        family: RuleFamily::Image,
        needs: Needs::EVENTS,
        words: None,
        next: &["~ describe node {node}"],
        check: Check::Alone(|subject, rule| pull(subject, rule, Beside::Nothing)),
    },
    Rule {
        code: "image-registry-tls",
        title: "The registry's certificate is not trusted",
        summary: "the registry's certificate is not trusted",
        family: RuleFamily::Image,
        needs: Needs::EVENTS,
        words: None,
        next: &["describe pod {pod}", "! openssl s_client -connect {registry}:443 -showcerts"],
        check: Check::Alone(|subject, rule| pull(subject, rule, Beside::Nothing)),
    },
    Rule {
        code: "image-not-found-or-unauthorized",
        title: "It does not exist, or may not be seen",
        summary: "{image} does not exist, or the registry does not show it to this cluster",
        family: RuleFamily::Image,
        needs: Needs::EVENTS,
        words: None,
        next: &[
            "! crane manifest {image}",
            "get pod {pod} -o jsonpath='{.spec.imagePullSecrets} of {.spec.serviceAccountName}'",
        ],
        check: Check::Alone(|subject, rule| pull(subject, rule, Beside::PullSecrets)),
    },
    Rule {
        code: "image-pull-unauthorized",
        title: "The registry does not let this cluster pull",
        summary: "the registry does not let this cluster pull {image}",
        family: RuleFamily::Image,
        needs: Needs::EVENTS,
        words: None,
        next: &[
            "get pod {pod} -o jsonpath='{.spec.imagePullSecrets} of {.spec.serviceAccountName}'",
            "get serviceaccounts -o custom-columns='NAME:.metadata.name,PULLSECRETS:.imagePullSecrets[*].name'",
        ],
        check: Check::Alone(|subject, rule| pull(subject, rule, Beside::PullSecrets)),
    },
    Rule {
        code: "image-not-found",
        title: "No such image",
        summary: "{image} is not in the registry",
        family: RuleFamily::Image,
        needs: Needs::EVENTS,
        words: None,
        next: &["! crane manifest {image}", "! crane ls {repository}"],
        check: Check::Alone(|subject, rule| pull(subject, rule, Beside::Nothing)),
    },
    Rule {
        code: "image-registry-unreachable",
        title: "The registry does not answer",
        summary: "the registry[ {registry}] cannot be reached from node[ {node}]",
        family: RuleFamily::Image,
        needs: Needs::EVENTS,
        words: None,
        next: &["describe pod {pod}", "~ describe node {node}"],
        check: Check::Alone(|subject, rule| pull(subject, rule, Beside::Nothing)),
    },
    Rule {
        code: "image-registry-error",
        title: "What answers is no registry",
        summary: "what answers in the registry's place[ ({registry})] is no registry: {image} cannot be pulled[: {said}]",
        family: RuleFamily::Image,
        needs: Needs::EVENTS,
        words: None,
        next: &["describe pod {pod}", "! crane manifest {image}"],
        check: Check::Alone(|subject, rule| pull(subject, rule, Beside::Nothing)),
    },
    Rule {
        code: "image-pull-failed",
        title: "The image cannot be pulled, for a reason without a rule",
        summary: "{image} cannot be pulled[: {said}]",
        family: RuleFamily::Image,
        needs: Needs::EVENTS,
        words: None,
        next: &["describe pod {pod}", "! crane manifest {image}"],
        check: Check::Alone(unexplained),
    },
];

/// What is worth quoting beside the deciding text.
#[derive(Clone, Copy, PartialEq)]
enum Beside {
    /// Which pull secrets the pod names, and whether they could be had.
    PullSecrets,
    /// What the node is built of.
    Architecture,
    Nothing,
}

/// What went wrong, in whose words.
struct PullMessage<'a> {
    source: EvidenceSource,
    text: Cow<'a, str>,
}

/// The rule whose cause is what the deciding text says (`podstatus::pull_fault`).
fn pull(subject: &Examination, rule: &Rule, beside: Beside) -> Vec<Finding> {
    subject.each(|failed| {
        let told = pull_message(subject, failed)?;
        let fault = pull_fault(failed.reason(), &told.text, &failed.container)?;
        (fault.cause == rule.code).then(|| finding(subject, failed, rule, beside, &told))
    })
}

/// It cannot be pulled, and no rule knows why, or nothing says it any more.
fn unexplained(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    subject.each(|failed| {
        let waiting = failed.waiting.filter(|waiting| is_image_reason(&waiting.reason))?;
        let said = pull_message(subject, failed).map(|told| last_reason(&told.text)).unwrap_or_default();
        let mut finding = rule.blame(failed, Confidence::Low, &failed.facts().with("said", said));
        finding =
            finding.because(EvidenceSource::Status, &format!("{}: {}", waiting.reason, waiting.message));
        for event in
            subject.container_events(failed.name()).iter().filter(|event| event.reason == "Failed").take(2)
        {
            finding = finding.because(EvidenceSource::Event, &event.message);
        }
        Some(finding.signed(failed.facts().get("image").unwrap_or_default()).since(failed.pod.meta.created))
    })
}

/// The end of a chain of reasons, without those that only say that a pull failed.
fn last_reason(text: &str) -> String {
    let frames = regex!(
        r"^(\w+(ImagePull|PullBackOff)\w*: |ErrImagePull: |rpc error: code = \w+ desc = |failed to (pull( and unpack)?|resolve|extract|get|do)\b[^:]*(:\w+)?( \S+)?: |Back-off pulling image \S+$|Back-off pulling image \S+ )+"
    );
    let rest = frames.replace(text.trim(), "");
    crate::text::safe(rest.trim()).chars().take(200).collect()
}

fn finding(
    subject: &Subject,
    failed: &FailedContainer,
    rule: &Rule,
    beside: Beside,
    told: &PullMessage,
) -> Finding {
    let mut facts: Placeholders = failed.facts();
    if let Some(host) = regex!(r"(lookup |https?://)(?<host>[\w.-]+)")
        .captures(&told.text)
        .and_then(|words| words.name("host"))
    {
        facts.set("registry", host.as_str());
    }
    let image = facts.get("image").unwrap_or_default().to_string();
    facts.set("repository", repository(&image));
    let mut finding =
        rule.blame(failed, Confidence::High, &facts).signed(&image).since(failed.pod.meta.created);
    finding = finding.because(told.source, &told.text);
    if beside == Beside::PullSecrets {
        let secrets: Vec<&str> =
            failed.pod.spec.image_pull_secrets.iter().map(|secret| secret.name.as_str()).collect();
        let listed = if secrets.is_empty() { "none".to_string() } else { secrets.join(", ") };
        finding = finding.because(EvidenceSource::Object, &format!("imagePullSecrets: {listed}"));
        for event in subject.pod_events() {
            if event.reason == "FailedToRetrieveImagePullSecret" {
                finding = finding.because(EvidenceSource::Event, &event.message);
            }
        }
    }
    if beside == Beside::Architecture
        && let Some(architecture) = subject.node.and_then(|node| node.architecture())
    {
        finding = finding.because(EvidenceSource::Node, &format!("architecture {architecture}"));
    }
    finding
}

/// The waiting message holds the registry's answer at first, and always on newer kubelets; on older ones it
/// says only that it backs off, and the event has the answer.
fn pull_message<'a>(subject: &Subject<'a>, failed: &FailedContainer<'a>) -> Option<PullMessage<'a>> {
    let waiting = failed.waiting.filter(|waiting| is_image_reason(&waiting.reason))?;
    let bare = regex!(r#"^\s*(Back-off pulling image \S+|rpc error: code = \w+ desc =)?\s*$"#);
    let status = || PullMessage {
        source: EvidenceSource::Status,
        text: Cow::Owned(format!("{}: {}", waiting.reason, waiting.message)),
    };
    if !bare.is_match(&waiting.message) {
        return Some(status());
    }
    let events = subject.container_events(failed.name());
    let mut failed = events
        .iter()
        .filter(|event| matches!(event.reason.as_str(), "Failed" | "FailedSync" | "InspectFailed"));
    let answer =
        failed.find(|event| event.message.contains("pull") && !event.message.starts_with("Back-off"));
    Some(answer.map_or_else(status, |event| PullMessage {
        source: EvidenceSource::Event,
        text: Cow::Borrowed(&event.message),
    }))
}

/// A pull that takes this long is worth a word.
const SLOW: SignedDuration = SignedDuration::from_secs(60);

/// Pulling without Pulled: not an error, but what the wait is for.
fn pulling(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| waits_for_an_image(pod) && subject.failed.is_empty()) else {
        return Vec::new();
    };
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
    let finding = rule.finding(Confidence::Low, &facts).signed(image);
    vec![finding.because(EvidenceSource::Event, &pull.message).since(Some(began))]
}

/// Whether a container waits to be created; others of its pod may run already.
fn waits_for_an_image(pod: &Pod) -> bool {
    let waits = |container: &PodContainer| match container.status {
        Some(status) => status.state.waiting.as_deref().is_some_and(|waiting| is_stage(&waiting.reason)),
        None => true,
    };
    let open = matches!(pod.status.phase.as_str(), "Pending" | "Running" | "");
    open && pod.meta.deleted.is_none() && !pod.node_name.is_empty() && pod.containers().iter().any(waits)
}
