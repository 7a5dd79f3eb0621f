//! It runs but is not Ready: probes, gates, init containers that do not finish.

use crate::diagnose::examination::Examination;
use crate::diagnose::failed_container::{FailedContainer, condition_text, pod_facts};
use crate::diagnose::fill::Placeholders;
use crate::diagnose::finding::{Confidence, EvidenceSource, Finding};
use crate::diagnose::need::Needs;
use crate::diagnose::probe::{asks, throttled};
use crate::diagnose::rule::{Check, Rule, RuleFamily};
use crate::pattern::{LazyRegex, regex};
use crate::workload::{Condition, Event, Pod, PodContainer, Probe, Role};
use jiff::{SignedDuration, Timestamp};

pub static RULES: &[Rule] = &[
    Rule {
        code: "readiness-gate",
        title: "A readiness gate is closed",
        summary: "all containers are ready, but readiness gate[ {what}] is not",
        family: RuleFamily::Ready,
        needs: Needs::NOTHING,
        words: None,
        next: &["get pod {pod} -o jsonpath='{.status.conditions}'"],
        check: Check::Alone(gate),
    },
    Rule {
        code: "startup-probe-pending",
        title: "Not started yet, as its startup probe says",
        summary: "{container} runs for {ran}, its startup probe ({what}) has not passed yet and may take {budget}",
        family: RuleFamily::Ready,
        needs: Needs::EVENTS,
        words: Some(regex!("startup probe")),
        next: &[
            "logs {pod} -c {container} --tail=50",
            "debug {pod} -it --image=busybox --target={container}",
        ],
        check: Check::Alone(starting),
    },
    Rule {
        code: "readiness-failing",
        title: "Its readiness probe fails",
        summary: "{container} runs but its readiness probe[ ({what})] fails[: {why}]",
        family: RuleFamily::Ready,
        needs: Needs::EVENTS,
        words: Some(regex!("readiness probe")),
        next: &[
            "logs {pod} -c {container} --tail=50",
            "describe pod {pod}",
            "debug {pod} -it --image=busybox --target={container}",
        ],
        check: Check::Alone(unready),
    },
    Rule {
        code: "init-container-stuck",
        title: "An init container does not finish",
        summary: "init container {container} runs for {ran} and does not finish",
        family: RuleFamily::Ready,
        needs: Needs::LOG,
        words: None,
        next: &[
            "logs {pod} -c {container} --tail=50",
            "debug {pod} -it --image=busybox --target={container}",
        ],
        check: Check::Alone(init_stuck),
    },
];

/// An event this young is about what is going on.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// Started, and its startup probe has not passed yet.
fn starting(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    running(subject, |container, since| {
        let probe = container.spec?.startup_probe.as_ref()?;
        container.status.filter(|status| status.started == Some(false))?;
        let ran = subject.now.duration_since(since).as_secs();
        let facts = facts(subject, container)
            .with("what", asks(probe))
            .with("budget", format!("{}s", probe.budget()));
        let facts = facts.with("ran", crate::text::age(ran));
        let finding = rule
            .finding(Confidence::Medium, &facts)
            .container(container.name)
            .signed_like(container.name, "");
        let finding = finding.because(
            EvidenceSource::Status,
            &format!("{}: running for {}, started: false", container.name, crate::text::age(ran)),
        );
        let finding = finding.because(
            EvidenceSource::Object,
            &format!("startupProbe {} may take {}s", asks(probe), probe.budget()),
        );
        Some(
            failures(subject, container.name, rule)
                .into_iter()
                .take(1)
                .fold(finding, |finding, event| finding.because(EvidenceSource::Event, &event.message))
                .since(Some(since)),
        )
    })
}

/// Up, but its readiness probe says no: told by events, else by the time that has passed.
fn unready(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    running(subject, |container, since| {
        let probe = container.spec.and_then(|spec| spec.readiness_probe.as_ref());
        let mut events = failures(subject, container.name, rule);
        // Those of an earlier run, long ago, tell nothing of this one.
        events.retain(|event| {
            event.last_seen.is_none_or(|seen| seen >= since || subject.now.duration_since(seen) < FRESH)
        });
        let often = events.first().is_some_and(|event| event.count >= probe.map_or(3, Probe::threshold));
        let grace = subject.thresholds.readiness.as_secs();
        let late = subject.now.duration_since(since).as_secs()
            >= probe.map_or(grace, |probe| probe.budget().max(grace));
        if !(often || late) || (events.is_empty() && probe.is_none()) {
            return None;
        }
        let said = events.first().map_or("", |event| event.message.as_str());
        let mut facts = facts(subject, container).with("what", probe.map(asks).unwrap_or_default());
        facts.set("why", why(said));
        let confidence = if said.is_empty() { Confidence::Medium } else { Confidence::High };
        let mut finding = rule.finding(confidence, &facts).container(container.name);
        finding = finding.signed_like(&format!("{} {said}", container.name), &pod_name(subject));
        finding = events
            .iter()
            .take(1)
            .fold(finding, |finding, event| finding.because(EvidenceSource::Event, &event.message));
        let unready = subject.pod.and_then(|pod| pod.condition("ContainersReady").or(pod.condition("Ready")));
        if let Some(unready) = unready.filter(|unready| unready.is_false()) {
            finding = finding
                .because(EvidenceSource::Condition, &condition_text(unready))
                .since(unready.last_transition_time);
        }
        if let Some(probe) = probe {
            let text = format!(
                "readinessProbe {}, every {}s, timeout {}s",
                asks(probe),
                probe.period(),
                probe.timeout()
            );
            finding = finding.because(EvidenceSource::Object, &text);
        }
        Some(
            hint(subject, container, finding, &events)
                .since(events.first().and_then(|event| event.first_seen))
                .since(Some(since)),
        )
    })
}

/// All containers are ready, but something outside that the pod waits for is not.
fn gate(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| is_up(pod) && !pod.is_ready()) else { return Vec::new() };
    let ready = pod.condition("Ready");
    let told = ready.is_some_and(|ready| ready.reason == "ReadinessGatesNotReady");
    let open = pod
        .spec
        .readiness_gates
        .iter()
        .find(|gate| !pod.condition(&gate.condition_type).is_some_and(Condition::is_true));
    let containers = pod.condition("ContainersReady").is_some_and(Condition::is_true);
    let closed = told || (containers && open.is_some());
    if !closed {
        return Vec::new();
    }
    let named = ready.map_or("", |ready| ready.message.split('"').nth(1).unwrap_or_default());
    let gate = open.map_or(named, |gate| gate.condition_type.as_str());
    let finding = rule.finding(Confidence::High, &pod_facts(pod).with("what", gate)).signed(gate);
    let finding = ready
        .map_or(finding.clone(), |ready| finding.because(EvidenceSource::Condition, &condition_text(ready)));
    let state = pod.condition(gate).map(condition_text).unwrap_or_else(|| format!("no condition {gate}"));
    vec![
        finding
            .because(EvidenceSource::Condition, &state)
            .since(ready.and_then(|ready| ready.last_transition_time)),
    ]
}

/// An init container that runs and runs.
fn init_stuck(subject: &Examination, rule: &Rule) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| is_up(pod)) else { return Vec::new() };
    let all = pod.containers();
    let blamed = &subject.failed;
    let found = all.iter().filter(|container| container.role == Role::Init).find_map(|container| {
        let started = container.status?.state.running.as_ref()?.started_at?;
        let ran = subject.now.duration_since(started);
        let known = blamed.iter().any(|failed| failed.name() == container.name);
        (ran >= subject.thresholds.readiness && !known).then_some((container, started, ran))
    });
    let Some((container, started, ran)) = found else { return Vec::new() };
    // Until its time is over it may as well be at work, unless it says itself that it waits.
    let late = ran >= subject.thresholds.initializing;
    let said = subject.log(container.name).map_or(&[][..], |log| log.reading.entries.as_slice());
    let last = said.iter().rev().take(6).find(|entry| regex!(r"\bwait(s|ing|ed)?\b|retry|retries|not (yet )?(ready|available|reachable|found)|refused|timed out|no such host|unreachable|sleep|can't|cannot|could not|NXDOMAIN|error|fail(s|ed)?").is_match(&entry.line));
    if !late && last.is_none() {
        return Vec::new();
    }
    let confidence = if late { Confidence::Medium } else { Confidence::Low };
    let ran = crate::text::age(ran.as_secs());
    let facts = facts(subject, container).with("ran", &ran);
    let mut finding =
        rule.finding(confidence, &facts).container(container.name).signed_like(container.name, "");
    finding = finding
        .because(EvidenceSource::Status, &format!("{}: init container running for {ran}", container.name));
    if let Some(initialized) = pod.condition("Initialized").filter(|initialized| initialized.is_false()) {
        finding = finding.because(EvidenceSource::Condition, &condition_text(initialized));
    }
    let last = last.or(said.last());
    vec![finding.because(EvidenceSource::Log, last.map_or("", |entry| &entry.line)).since(Some(started))]
}

/// Containers that run, are not ready and are no culprits already; with the time since which they run.
fn running(
    subject: &Examination,
    find: impl Fn(&PodContainer, Timestamp) -> Option<Finding>,
) -> Vec<Finding> {
    let Some(pod) = subject.pod.filter(|pod| is_up(pod) && pod.meta.deleted.is_none()) else {
        return Vec::new();
    };
    let all = pod.containers();
    let own = all.iter().filter(|container| matches!(container.role, Role::Main | Role::Sidecar));
    own.filter_map(|container| {
        let status = container.status.filter(|status| !status.ready)?;
        let started =
            status.state.running.as_ref()?.started_at.or(pod.status.start_time).or(pod.meta.created)?;
        find(container, started)
    })
    .collect()
}

pub fn is_up(pod: &Pod) -> bool {
    matches!(pod.status.phase.as_str(), "Running" | "Pending" | "Unknown" | "")
}

fn failures<'a>(subject: &Examination<'a>, container: &str, rule: &Rule) -> Vec<&'a Event> {
    let mut events = subject.container_events(container);
    events.retain(|event| event.reason == "Unhealthy" && rule.find(&event.message).is_some());
    events
}

fn facts(subject: &Examination, container: &PodContainer) -> Placeholders {
    subject.pod.map(pod_facts).unwrap_or_default().with("container", container.name)
}

fn pod_name(subject: &Examination) -> String {
    subject.pod.map_or(String::new(), |pod| pod.meta.name.clone())
}

/// What a failed probe's message amounts to.
fn why(message: &str) -> &'static str {
    let is = |words: &LazyRegex| words.is_match(message);
    if is(regex!(r"connection refused")) {
        "nothing listens there, or only on 127.0.0.1"
    } else if is(regex!(r"statuscode: 5\d\d")) {
        "it answers with a server error"
    } else if is(regex!(r"statuscode: (401|403)")) {
        "it answers that the probe may not ask"
    } else if is(regex!(r"statuscode: 404")) {
        "there is no such path"
    } else if is(regex!(r"statuscode: ")) {
        "it answers with an error"
    } else if is(regex!(r"deadline exceeded|timeout|timed out")) {
        "no answer in time"
    } else if is(regex!(r"no route to host|network is unreachable")) {
        "the pod's address cannot be reached from its node"
    } else if is(regex!(r"HTTP response to HTTPS client|malformed HTTP")) {
        "http and https are mixed up"
    } else if is(regex!(r"no such host")) {
        "the probe's host is not known"
    } else {
        ""
    }
}

fn hint(subject: &Examination, container: &PodContainer, finding: Finding, events: &[&Event]) -> Finding {
    match (subject.pod, container.status) {
        (Some(pod), Some(status)) => {
            let failed = FailedContainer { pod, container: *container, status, waiting: None, end: None };
            throttled(finding, &failed, events)
        }
        _ => finding,
    }
}
