//! The image cannot be had: what the registry or the runtime answered.

use crate::diagnose::culprit::{Culprit, each};
use crate::diagnose::fill::Facts;
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::rule::Rule;
use crate::diagnose::subject::Subject;
use crate::pattern::regex;
use crate::podstatus::{pull_fault, repository};
use std::borrow::Cow;

/// The waiting reasons that are about an image.
const REASONS: &[&str] = &[
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
    "ErrImagePullBackOff",
    "PullImageError",
];

/// What went wrong, in whose words.
struct Told<'a> {
    source: Source,
    text: Cow<'a, str>,
}

/// The rule whose cause is what the deciding text says (`podstatus::pull_fault`).
pub fn pull(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        let told = told(subject, culprit)?;
        let fault = pull_fault(culprit.reason(), &told.text, &culprit.container)?;
        (fault.cause == rule.code).then(|| finding(subject, culprit, rule, &told))
    })
}

/// It cannot be pulled, and nothing says why any more.
pub fn unexplained(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        let waiting = culprit.waiting.filter(|waiting| REASONS.contains(&waiting.reason.as_str()))?;
        let mut finding = culprit.blame(rule, Confidence::Low, &culprit.facts());
        finding = finding.because(Source::Status, &format!("{}: {}", waiting.reason, waiting.message));
        for event in
            subject.container_events(culprit.name()).iter().filter(|event| event.reason == "Failed").take(2)
        {
            finding = finding.because(Source::Event, &event.message);
        }
        Some(
            finding.exactly(culprit.facts().get("image").unwrap_or_default()).since(culprit.pod.meta.created),
        )
    })
}

fn finding(subject: &Subject, culprit: &Culprit, rule: &Rule, told: &Told) -> Finding {
    let mut facts: Facts = culprit.facts();
    if let Some(host) = regex(r"(lookup |https?://)(?<host>[\w.-]+)")
        .captures(&told.text)
        .and_then(|words| words.name("host"))
    {
        facts.set("registry", host.as_str());
    }
    let image = facts.get("image").unwrap_or_default().to_string();
    facts.set("repository", repository(&image));
    let mut finding =
        culprit.blame(rule, Confidence::High, &facts).exactly(&image).since(culprit.pod.meta.created);
    finding = finding.because(told.source, &told.text);
    if rule.code.contains("unauthorized") {
        let secrets: Vec<&str> =
            culprit.pod.spec.image_pull_secrets.iter().map(|secret| secret.name.as_str()).collect();
        let listed = if secrets.is_empty() { "none".to_string() } else { secrets.join(", ") };
        finding = finding.because(Source::Object, &format!("imagePullSecrets: {listed}"));
        for event in subject.pod_events() {
            if event.reason == "FailedToRetrieveImagePullSecret" {
                finding = finding.because(Source::Event, &event.message);
            }
        }
    }
    if rule.code == "image-arch-mismatch"
        && let Some(architecture) = subject.node.and_then(|node| node.architecture())
    {
        finding = finding.because(Source::Node, &format!("architecture {architecture}"));
    }
    finding
}

/// The waiting message holds the registry's answer at first, and always on newer kubelets; on older ones it
/// says only that it backs off, and the event has the answer.
fn told<'a>(subject: &Subject<'a>, culprit: &Culprit<'a>) -> Option<Told<'a>> {
    let waiting = culprit.waiting.filter(|waiting| REASONS.contains(&waiting.reason.as_str()))?;
    let bare = regex(r#"^\s*(Back-off pulling image \S+|rpc error: code = \w+ desc =)?\s*$"#);
    let status = || Told {
        source: Source::Status,
        text: Cow::Owned(format!("{}: {}", waiting.reason, waiting.message)),
    };
    if !bare.is_match(&waiting.message) {
        return Some(status());
    }
    let events = subject.container_events(culprit.name());
    let mut failed = events
        .iter()
        .filter(|event| matches!(event.reason.as_str(), "Failed" | "FailedSync" | "InspectFailed"));
    let answer =
        failed.find(|event| event.message.contains("pull") && !event.message.starts_with("Back-off"));
    Some(
        answer
            .map_or_else(status, |event| Told { source: Source::Event, text: Cow::Borrowed(&event.message) }),
    )
}
