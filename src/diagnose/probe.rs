//! A probe in words: what it asks, how long it may fail, and whether it may starve.

use crate::diagnose::failed_container::FailedContainer;
use crate::diagnose::finding::{EvidenceSource, Finding};
use crate::pattern::regex;
use crate::workload::{Event, Probe};

/// What a probe or a hook does, without what looks like a secret.
pub fn asks(probe: &Probe) -> String {
    crate::compare::masked_text(&probe.handler())
}

pub fn budget(probe: Option<&Probe>) -> String {
    probe.map(|probe| format!("{}s", probe.budget())).unwrap_or_default()
}

pub fn probe_evidence(
    finding: Finding,
    failed: &FailedContainer,
    probe: Option<&Probe>,
    startup: bool,
) -> Finding {
    let Some(probe) = probe else { return finding };
    let name = if startup { "startupProbe" } else { "livenessProbe" };
    let text = format!(
        "{}: {name} {}, initial delay {}s, every {}s, timeout {}s, {} failures kill",
        failed.name(),
        asks(probe),
        probe.initial_delay_seconds.unwrap_or(0),
        probe.period(),
        probe.timeout(),
        probe.threshold()
    );
    finding.because(EvidenceSource::Object, &text)
}

/// A probe that times out beside a small CPU limit may starve: a hint, no proof.
pub fn throttled(finding: Finding, failed: &FailedContainer, events: &[&Event]) -> Finding {
    let slow =
        events.iter().any(|event| regex!(r"deadline exceeded|timeout|timed out").is_match(&event.message));
    let limit = failed.container.spec.and_then(|spec| spec.resources.limits.get("cpu"));
    match limit.filter(|limit| slow && millicores(limit).is_some_and(|cpu| cpu <= 500)) {
        Some(limit) => finding
            .because(EvidenceSource::Object, &format!("limits.cpu {limit}: CPU throttling is possible")),
        None => finding,
    }
}

fn millicores(quantity: &str) -> Option<i64> {
    match quantity.strip_suffix('m') {
        Some(milli) => milli.parse().ok(),
        None => quantity
            .parse::<f64>()
            .ok()
            .filter(|cores| cores.is_finite())
            .map(|cores| (cores * 1000.0) as i64),
    }
}
