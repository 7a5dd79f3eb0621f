//! The verdict on one pod (facts/health.md 1.4).

use crate::health::container::{self, Trouble};
use crate::health::why::{Why, sentence};
use crate::health::{Health, Thresholds, Verdict, common};
use crate::workload::{Pod, PodContainer, Role, columns};
use jiff::{SignedDuration, Timestamp};

/// The verdict on one pod from its own status.
pub fn pod(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Verdict {
    judge(pod, now, thresholds).verdict
}

/// A verdict with its line still in parts, for the roll-up.
pub struct Judged {
    pub verdict: Verdict,
    pub why: Why,
}

/// As `pod`, and with the parts of its line.
pub fn judge(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Judged {
    if pod.status.phase == "Succeeded" {
        return plain(Verdict::healthy());
    }
    let seen = pod.status.observed_generation.map(|seen| seen.to_string()).unwrap_or_default();
    let common = common(&pod.meta, &seen, &pod.status.conditions, now, thresholds);
    if let Some(verdict) = &common
        && verdict.reason != "spec-not-observed"
    {
        return plain(verdict.clone());
    }
    let judged = ends(pod)
        .or_else(|| containers(pod, now, thresholds))
        .or_else(|| unscheduled(pod, now, thresholds))
        .or_else(|| unready(pod, now, thresholds))
        .unwrap_or_else(|| runs(pod));
    match common {
        // A crash loop is one, whether or not the kubelet has seen the newest resize.
        Some(verdict) if judged.verdict.health == Health::Healthy => plain(verdict),
        _ => judged,
    }
}

/// Whether the pod's phase says that it is over for good.
pub fn has_failed(pod: &Pod) -> bool {
    pod.status.phase == "Failed"
}

fn plain(verdict: Verdict) -> Judged {
    let why = Why::new("", verdict.message.clone(), "");
    Judged { verdict, why }
}

fn told(health: Health, reason: &str, why: Why, since: Option<Timestamp>) -> Judged {
    Judged { verdict: Verdict::new(health, reason, why.line(None)).since(since), why }
}

/// Phase Failed, and the reasons that the kubelet or a controller gives for a pod's end.
fn ends(pod: &Pod) -> Option<Judged> {
    let status = &pod.status;
    let evicted = status.reason == "Evicted";
    if status.phase == "Unknown" || status.reason == "NodeLost" {
        let message = format!("node {} does not answer", node(pod));
        return Some(told(Health::Unknown, "NodeLost", Why::new("", message, "NodeLost"), None));
    }
    if !has_failed(pod) && !evicted {
        return None;
    }
    let since = last_change(pod);
    if !status.reason.is_empty() {
        let word = crate::text::safe(&status.reason);
        let message = sentence(&status.message);
        let what = match message.split(". ").next().unwrap_or_default() {
            "" if evicted => "evicted".to_string(),
            "" => "ended by the node".to_string(),
            message if evicted => format!("evicted, {}", lower_first(message.trim_start_matches("The "))),
            message => lower_first(message),
        };
        return Some(told(Health::Degraded, &status.reason, Why::new("", what, word), since));
    }
    let culprit = pod.containers().into_iter().find_map(|one| {
        let end = one.status?.state.terminated.as_ref()?;
        container::is_abnormal(pod, &one, end).then_some((one, end))
    });
    let Some((one, end)) = culprit else {
        let message = sentence(&status.message);
        let what = if message.is_empty() { "failed".to_string() } else { message };
        return Some(told(Health::Degraded, "Failed", Why::new("", what, ""), since));
    };
    let word = if end.reason.is_empty() { "Error" } else { end.reason.as_str() };
    let what = if word == "OOMKilled" { word.to_string() } else { container::exits(end.exit_code) };
    let why = Why::new(container::subject(&one), what, word);
    Some(told(Health::Degraded, word, why, end.finished_at.or(since)))
}

/// The first container in trouble, in the order in which they start: what comes later only waits for it.
fn containers(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    let all = pod.containers();
    let Trouble { health, reason, why, ended } =
        all.iter().find_map(|one| container::trouble(pod, one, now, thresholds))?;
    let since = unready_since(pod).or(ended).or(pod.meta.created);
    Some(told(health, &reason, why, since))
}

fn unscheduled(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    let scheduled = pod.condition("PodScheduled");
    let gated = scheduled.is_some_and(|condition| condition.reason == "SchedulingGated")
        || (!pod.spec.scheduling_gates.is_empty() && pod.spec.node_name.is_empty());
    if gated {
        let gate =
            pod.spec.scheduling_gates.first().map(|gate| format!(" {}", crate::text::safe(&gate.name)));
        let what = format!("held back by scheduling gate{}", gate.unwrap_or_default());
        return Some(told(Health::Suspended, "SchedulingGated", Why::new("", what, ""), None));
    }
    let condition = scheduled.filter(|condition| condition.is_false())?;
    let since = condition.last_transition_time.or(pod.meta.created);
    let reason = if condition.reason.is_empty() { "Unschedulable" } else { &condition.reason };
    let why = Why::new("", no_node(&condition.message), reason);
    Some(told(after(thresholds.unschedulable, since, now), reason, why, since))
}

/// `0/5 nodes are available: 3 Insufficient cpu, 2 node(s) had ... preemption: ...` without its frame.
fn no_node(message: &str) -> String {
    let message = sentence(message);
    let Some((frame, clauses)) = message.split_once(" nodes are available: ") else {
        return if message.is_empty() { "no node takes it".to_string() } else { message };
    };
    let clauses = clauses.split(" preemption:").next().unwrap_or(clauses);
    let nodes = frame.rsplit('/').next().unwrap_or_default();
    format!("none of {nodes} nodes fits: {}", clauses.trim().trim_end_matches('.'))
}

/// Nothing is broken yet and the pod is not ready either: a stage, or one that lasts too long.
fn unready(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    let all = pod.containers();
    if pod.is_ready() {
        return None;
    }
    initializing(pod, &all, now, thresholds)
        .or_else(|| creating(pod, &all, now, thresholds))
        .or_else(|| not_ready(pod, &all, now, thresholds))
        .or_else(|| condition_only(pod, &all, now, thresholds))
}

fn initializing(pod: &Pod, all: &[PodContainer], now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    let (one, since) = all.iter().filter(|one| one.role == Role::Init).find_map(|one| {
        let running = one.status?.state.running.as_ref()?;
        Some((one, running.started_at.or(pod.status.start_time).or(pod.meta.created)))
    })?;
    let health = after(thresholds.initializing, since, now);
    let stuck = health == Health::Degraded;
    let reason = if stuck { "init-container-stuck" } else { "PodInitializing" };
    let what = if stuck { "does not come to an end" } else { "runs" };
    Some(told(health, reason, Why::new(container::subject(one), what, ""), since))
}

fn creating(pod: &Pod, all: &[PodContainer], now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    let waits = |one: &&PodContainer| one.role != Role::Ephemeral && is_waiting(one);
    let nothing_told =
        pod.status.container_statuses.is_empty() && pod.status.init_container_statuses.is_empty();
    let waiting = all.iter().find(waits);
    if waiting.is_none() && !(nothing_told && matches!(pod.status.phase.as_str(), "" | "Pending")) {
        return None;
    }
    let scheduled = pod.condition("PodScheduled").filter(|condition| condition.is_true());
    let since = scheduled.and_then(|condition| condition.last_transition_time).or(pod.status.start_time);
    let since = since.or(pod.meta.created);
    let unassigned = pod.spec.node_name.is_empty() && scheduled.is_none() && nothing_told;
    if unassigned {
        let why = Why::new("", "waits for a node", "Pending");
        return Some(told(after(thresholds.creating, since, now), "Pending", why, since));
    }
    // The sandbox comes after volumes and network, so what remains is the image.
    let sandbox = pod.condition("PodReadyToStartContainers").is_some_and(|condition| condition.is_true());
    let health = if sandbox { Health::Progressing } else { after(thresholds.creating, since, now) };
    let what = if sandbox {
        "being created, image pull or start"
    } else {
        "not created, waits for volumes or network"
    };
    let what = if health == Health::Progressing && !sandbox { "being created" } else { what };
    let subject = waiting.map(container::subject).unwrap_or_default();
    Some(told(health, "ContainerCreating", Why::new(subject, what, "ContainerCreating"), since))
}

fn is_waiting(one: &PodContainer) -> bool {
    let Some(status) = one.status else { return false };
    let state = &status.state;
    state.waiting.is_some() || (state.running.is_none() && state.terminated.is_none() && !status.ready)
}

/// A container that runs and is not ready, until its probes have had all their chances.
fn not_ready(pod: &Pod, all: &[PodContainer], now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    let one = all.iter().find(|one| {
        let running = one.status.is_some_and(|status| status.state.running.is_some() && !status.ready);
        running && matches!(one.role, Role::Main | Role::Sidecar)
    })?;
    let status = one.status?;
    let starts = status.started == Some(false);
    let startup = one.spec.and_then(|spec| spec.startup_probe.as_ref());
    let readiness = one.spec.and_then(|spec| spec.readiness_probe.as_ref());
    let seconds =
        |probe: Option<&crate::workload::Probe>| SignedDuration::from_secs(probe.map_or(0, |it| it.budget()));
    let budget = thresholds.readiness.max(seconds(startup)).max(seconds(readiness));
    let started = status.state.running.as_ref().and_then(|running| running.started_at);
    let since = unready_since(pod).or(started).or(pod.meta.created);
    // One that was ready for days and no longer is gets its time as well.
    let health = after(budget, started.max(since), now);
    let probe = if starts && startup.is_some() { startup } else { readiness };
    let asked = probe.map(|probe| crate::text::safe(&probe.handler())).filter(|handler| !handler.is_empty());
    let late = health == Health::Degraded;
    let what = match (asked, starts && startup.is_some()) {
        (Some(asked), true) if late => format!("does not start, startup probe {asked} fails"),
        (_, true) => "starts".to_string(),
        (Some(asked), false) if late => format!("runs but is not ready, probe {asked} fails"),
        _ => "runs, not ready".to_string(),
    };
    let reason = if late { "readiness-failing" } else { "ContainersNotReady" };
    Some(told(health, reason, Why::new(container::subject(one), what, ""), since))
}

/// Every container is ready or done and the pod is not: a readiness gate, or a node that fell silent.
fn condition_only(
    pod: &Pod,
    all: &[PodContainer],
    now: Timestamp,
    thresholds: &Thresholds,
) -> Option<Judged> {
    let ready = pod.condition("Ready").filter(|condition| condition.is_false())?;
    let since = ready.last_transition_time.or(pod.meta.created);
    let mut gates = pod.spec.readiness_gates.iter().map(|gate| gate.condition_type.as_str());
    let closed = gates.find(|gate| !pod.condition(gate).is_some_and(|condition| condition.is_true()));
    if closed.is_some() || ready.reason == "ReadinessGatesNotReady" {
        let health = after(thresholds.readiness, since, now);
        let reason = if health == Health::Degraded { "readiness-gate" } else { "ReadinessGatesNotReady" };
        let what = format!("waits for readiness gate {}", crate::text::safe(closed.unwrap_or_default()));
        return Some(told(health, reason, Why::new("", what.trim(), ""), since));
    }
    let mut main = all.iter().filter(|one| one.role == Role::Main).peekable();
    let all_ready = main.peek().is_some() && main.all(|one| one.status.is_some_and(|status| status.ready));
    if all_ready {
        let what = format!("node {} not ready", node(pod));
        return Some(told(
            Health::Degraded,
            "node-not-ready",
            Why::new("", what.replace("  ", " "), ""),
            since,
        ));
    }
    let why = Why::new("", "not ready", ready.reason.clone());
    Some(told(
        Health::Progressing,
        if ready.reason.is_empty() { "NotReady" } else { &ready.reason },
        why,
        since,
    ))
}

/// A pod without trouble: well, or, where it is to end, on its way.
fn runs(pod: &Pod) -> Judged {
    // What kubectl shows as an error is never well, whatever else the status says.
    let shown = columns(pod).status;
    let shown = shown.strip_prefix("Init:").unwrap_or(&shown);
    if container::is_fault(shown) || matches!(shown, "OOMKilled" | "Evicted") {
        return told(Health::Degraded, shown, Why::new("", "in error", shown), last_change(pod));
    }
    if !matches!(pod.status.phase.as_str(), "Running" | "Pending" | "") {
        let what = format!("phase {}", crate::text::safe(&pod.status.phase));
        return told(Health::Unknown, "phase-unknown", Why::new("", what, ""), None);
    }
    let job = pod.meta.controller().is_some_and(|owner| owner.kind == "Job");
    if job && !pod.restarts_always() {
        return told(Health::Progressing, "Running", Why::new("", "runs", ""), pod.status.start_time);
    }
    let mut verdict = Verdict::healthy();
    verdict.notes = pod.containers().iter().filter_map(|one| note(pod, one)).collect();
    plain(verdict)
}

/// What is worth knowing of a container although the pod is well.
fn note(pod: &Pod, one: &PodContainer) -> Option<String> {
    let status = one.status?;
    if one.role == Role::Ephemeral {
        let waiting = status.state.waiting.as_ref().filter(|waiting| container::is_fault(&waiting.reason))?;
        return Some(format!(
            "ephemeral container {} fails ({})",
            crate::text::safe(one.name),
            waiting.reason
        ));
    }
    let end = status.last_state.terminated.as_ref().filter(|end| container::is_abnormal(pod, one, end))?;
    (end.reason == "OOMKilled").then(|| format!("{} was OOMKilled before", container::subject(one)))
}

/// Progressing until the time is over, then Degraded. An age that nobody knows is no proof.
fn after(grace: SignedDuration, since: Option<Timestamp>, now: Timestamp) -> Health {
    let over = since.is_some_and(|since| now.duration_since(since) > grace);
    if over { Health::Degraded } else { Health::Progressing }
}

fn unready_since(pod: &Pod) -> Option<Timestamp> {
    pod.condition("Ready").filter(|condition| condition.is_false())?.last_transition_time
}

/// When a pod that is over ended, as far as its status tells.
fn last_change(pod: &Pod) -> Option<Timestamp> {
    let all = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
    let ended = all.filter_map(|status| container::last_end(status)?.finished_at).max();
    unready_since(pod).or(ended).or(pod.status.start_time).or(pod.meta.created)
}

fn node(pod: &Pod) -> String {
    crate::text::safe(&pod.spec.node_name)
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        // An acronym or an identifier stays as it is.
        Some(first) if !text.chars().nth(1).is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_string(),
    }
}
