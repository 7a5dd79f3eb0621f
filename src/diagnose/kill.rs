//! The process was killed from outside: by a probe, for the node's memory, at the end of its grace, by no one known.

use crate::diagnose::culprit::{Culprit, RECENT, each};
use crate::diagnose::finding::{Confidence, Finding, Source};
use crate::diagnose::log;
use crate::diagnose::rule::Rule;
use crate::diagnose::subject::Subject;
use crate::pattern::regex;
use crate::workload::{Event, Probe};

/// A probe's kill: told by events, else read from the time that the last run took.
pub fn by_probe(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    let startup = rule.code == "startup-probe-killed";
    each(subject, |culprit| {
        let code = culprit.code().filter(|_| !culprit.never_ran())?;
        let spec = culprit.container.spec;
        let probe =
            spec.and_then(
                |spec| if startup { spec.startup_probe.as_ref() } else { spec.liveness_probe.as_ref() },
            );
        let events = probe_events(subject, culprit, rule);
        let killed = events.iter().any(|event| event.reason == "Killing");
        let by_signal = matches!(code, 0 | 137 | 143);
        let told =
            !events.is_empty() && (by_signal || (killed && !matches!(code, 126 | 127 | 132 | 134 | 139)));
        let facts = culprit.facts();
        let facts = facts.with("what", probe.map(asks).unwrap_or_default()).with("budget", budget(probe));
        if told {
            let finding = culprit.blame(rule, Confidence::High, &facts);
            let mut events: Vec<&Event> = events;
            events.sort_by_key(|event| event.reason != "Unhealthy");
            let finding = events
                .iter()
                .take(2)
                .fold(finding, |finding, event| finding.because(Source::Event, &event.message));
            let finding = finding.like(
                &format!("{} {}", culprit.name(), events.first().map_or("", |event| &event.message)),
                &culprit.pod.meta.name,
            );
            let finding = finding.because(Source::Status, &culprit.ended());
            return Some(throttled(object(finding, culprit, probe, startup), culprit, &events));
        }
        let inferred = by_signal
            && probe.is_some_and(|probe| took_its_budget(culprit, probe))
            && !has_other_killer(subject);
        let not_started = culprit.status.started == Some(false) || culprit.status.state.running.is_none();
        if !inferred || (startup && !not_started) || (!startup && has_startup_in_the_way(culprit)) {
            return None;
        }
        let other = match code {
            0 => "app-exits-zero",
            143 => "sigterm",
            _ => "sigkill-unattributed",
        };
        let finding = culprit.blame_end(rule, Confidence::Medium, &facts).or(&[other]);
        Some(object(finding, culprit, probe, startup))
    })
}

/// The node itself ran out of memory and took the process for it.
pub fn by_node(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        culprit.code().filter(|code| *code == 137)?;
        let events = subject.node_events();
        let event = events.iter().find(|event| rule.find(&event.reason).is_some());
        let pressure = subject.node.and_then(|node| node.has("MemoryPressure"));
        if event.is_none() && pressure.is_none() {
            return None;
        }
        let mut finding = culprit.blame_end(rule, Confidence::Medium, &culprit.facts());
        if let Some(event) = event {
            finding = finding.because(Source::Event, &format!("{}: {}", event.reason, event.message));
        }
        if let Some(pressure) = pressure {
            finding = finding.because(Source::Node, &format!("MemoryPressure=True {}", pressure.message));
        }
        finding = finding.because(Source::Object, &qos(culprit));
        Some(finding.exactly(&format!("{} {}", culprit.name(), culprit.pod.spec.node_name)))
    })
}

/// Told to stop, and still there when the grace was over.
pub fn at_end_of_grace(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        culprit.code().filter(|code| *code == 137)?;
        let events = subject.container_events(culprit.name());
        let stopping =
            events.iter().find(|event| event.reason == "Killing" && rule.find(&event.message).is_some());
        if culprit.pod.meta.deleted.is_none() && stopping.is_none() {
            return None;
        }
        let grace = culprit.pod.spec.termination_grace_period_seconds.unwrap_or(30);
        let facts = culprit.facts().with("grace", format!("{grace}s"));
        let mut finding = culprit.blame_end(rule, Confidence::Medium, &facts);
        if let Some(deleted) = culprit.pod.meta.deleted {
            finding = finding
                .because(Source::Object, &format!("deletionTimestamp {deleted}, grace period {grace}s"));
        }
        if let Some(event) = stopping {
            finding = finding.because(Source::Event, &event.message);
        }
        Some(finding)
    })
}

/// Killed, and nothing says by whom. Without events that is less than a proof.
pub fn unattributed(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        culprit.code().filter(|code| *code == 137)?;
        let confidence = if subject.pod_events().is_empty() { Confidence::Low } else { Confidence::Medium };
        let finding = culprit
            .blame_end(rule, confidence, &culprit.facts())
            .or(&["oom-killed-by-node", "grace-period-exceeded"]);
        Some(with_last_words(subject, culprit, finding))
    })
}

/// Someone asked it to stop, and it did.
pub fn asked_to_stop(subject: &Subject, rule: &Rule) -> Vec<Finding> {
    each(subject, |culprit| {
        culprit.code().filter(|code| *code == 143)?;
        let finding = culprit.blame_end(rule, Confidence::Medium, &culprit.facts());
        Some(with_last_words(subject, culprit, finding))
    })
}

fn with_last_words(subject: &Subject, culprit: &Culprit, finding: Finding) -> Finding {
    match log::last(subject, culprit).filter(|line| line.of_that_run) {
        Some(line) => line.quote(finding, culprit),
        None => finding,
    }
}

/// Events of this container about this probe: its failures, and the kill.
fn probe_events<'a>(subject: &Subject<'a>, culprit: &Culprit, rule: &Rule) -> Vec<&'a Event> {
    let finished = culprit.end.and_then(|end| end.finished_at);
    let of_this_end = |event: &Event| match (event.last_seen, finished) {
        // An hour of events may hold an older kill; a newer one is of a newer run.
        (Some(seen), Some(finished)) => finished.duration_since(seen) < RECENT,
        _ => true,
    };
    let mut events = subject.container_events(culprit.name());
    events.retain(|event| {
        matches!(event.reason.as_str(), "Killing" | "Unhealthy")
            && rule.find(&event.message).is_some()
            && of_this_end(event)
    });
    events
}

/// Whether the last run took just as long as the probe grants, and the grace after a SIGTERM that was ignored.
fn took_its_budget(culprit: &Culprit, probe: &Probe) -> bool {
    let (Some(ran), Some(code)) = (culprit.ran(), culprit.code()) else { return false };
    let own = probe.termination_grace_period_seconds;
    let grace = own.or(culprit.pod.spec.termination_grace_period_seconds).unwrap_or(30).max(0);
    let least = probe.budget().saturating_sub(probe.period()).max(1);
    let most =
        probe.budget().saturating_add(probe.timeout().saturating_mul(probe.threshold())).saturating_add(5);
    let after = if code == 137 { grace } else { 0 };
    let until = if code == 137 { grace.saturating_add(2) } else { grace };
    let quick = (least.saturating_add(after)..=most.saturating_add(after)).contains(&ran);
    // A shutdown that takes its time ends with its own code, within the grace.
    quick || (code != 137 && (least..=probe.budget().saturating_add(until.min(10))).contains(&ran))
}

fn has_startup_in_the_way(culprit: &Culprit) -> bool {
    let has = culprit.container.spec.is_some_and(|spec| spec.startup_probe.is_some());
    has && culprit.status.started == Some(false) && culprit.status.state.running.is_some()
}

fn has_other_killer(subject: &Subject) -> bool {
    let node =
        subject.node_events().iter().any(|event| matches!(event.reason.as_str(), "SystemOOM" | "OOMKilling"));
    let deleted = subject.pod.is_some_and(|pod| pod.meta.deleted.is_some());
    node || deleted || subject.node.is_some_and(|node| node.has("MemoryPressure").is_some())
}

/// What a probe or a hook does, without what looks like a secret.
pub fn asks(probe: &Probe) -> String {
    crate::compare::masked_text(&probe.handler())
}

fn budget(probe: Option<&Probe>) -> String {
    probe.map(|probe| format!("{}s", probe.budget())).unwrap_or_default()
}

fn object(finding: Finding, culprit: &Culprit, probe: Option<&Probe>, startup: bool) -> Finding {
    let Some(probe) = probe else { return finding };
    let name = if startup { "startupProbe" } else { "livenessProbe" };
    let text = format!(
        "{}: {name} {}, initial delay {}s, every {}s, timeout {}s, {} failures kill",
        culprit.name(),
        asks(probe),
        probe.initial_delay_seconds.unwrap_or(0),
        probe.period(),
        probe.timeout(),
        probe.threshold()
    );
    finding.because(Source::Object, &text)
}

/// A probe that times out beside a small CPU limit may starve: a hint, no proof.
pub fn throttled(finding: Finding, culprit: &Culprit, events: &[&Event]) -> Finding {
    let slow =
        events.iter().any(|event| regex(r"deadline exceeded|timeout|timed out").is_match(&event.message));
    let limit = culprit.container.spec.and_then(|spec| spec.resources.limits.get("cpu"));
    match limit.filter(|limit| slow && millicores(limit).is_some_and(|cpu| cpu <= 500)) {
        Some(limit) => {
            finding.because(Source::Object, &format!("limits.cpu {limit}: CPU throttling is possible"))
        }
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

fn qos(culprit: &Culprit) -> String {
    let class = &culprit.pod.status.qos_class;
    let spec = culprit.container.spec;
    let request = spec.and_then(|spec| spec.resources.requests.get("memory")).map_or("none", String::as_str);
    if class.is_empty() {
        format!("requests.memory {request}")
    } else {
        format!("QoS {class}, requests.memory {request}")
    }
}
