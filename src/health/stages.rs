//! What a pod waits for that is neither broken nor ready: a node, its volumes, an init container, a probe, a gate
//! (docs/health.md section 3.3).

use crate::health::container;
use crate::health::judged::{Judged, after, judged, node, unready_since};
use crate::health::why::Why;
use crate::health::{Health, OwnReason, Reason};
use crate::podstatus::{Stage, Thresholds, is_fault, no_node, states};
use crate::text::sentence;
use crate::workload::{Pod, PodContainer, Role};
use jiff::{SignedDuration, Timestamp};

pub fn unscheduled(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    if pod.is_gated() {
        let gate =
            pod.spec.scheduling_gates.first().map(|gate| format!(" {}", crate::text::safe(&gate.name)));
        let what = format!("held back by scheduling gate{}", gate.unwrap_or_default());
        return Some(judged(Health::Suspended, "SchedulingGated", Why::new("", what, ""), None));
    }
    let condition = pod.condition("PodScheduled").filter(|condition| condition.is_false())?;
    let since = condition.last_transition_time.or(pod.meta.created);
    let reason = if condition.reason.is_empty() { "Unschedulable" } else { &condition.reason };
    let why = Why::new("", no_node(&condition.message), reason);
    Some(judged(after(thresholds.unschedulable, since, now), reason, why, since))
}

/// Nothing is broken yet and the pod is not ready either: a stage, or one that lasts too long.
pub fn unready(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    let all = pod.containers();
    if pod.is_ready() {
        return None;
    }
    let starting = |one: &PodContainer| one.status.is_some_and(|status| status.started == Some(false));
    let sidecars: Vec<_> =
        all.iter().copied().filter(|one| one.role == Role::Sidecar && starting(one)).collect();
    passing(pod, now, thresholds)
        .or_else(|| initializing(pod, &all, now, thresholds))
        .or_else(|| not_ready(pod, &sidecars, now, thresholds))
        .or_else(|| creating(pod, &all, now, thresholds))
        .or_else(|| not_ready(pod, &all, now, thresholds))
        .or_else(|| condition_only(pod, now, thresholds))
}

/// A fault that the kubelet overcomes by itself.
fn passing(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    let all = states(pod, now, thresholds);
    let waits = all.iter().filter(|one| one.stage == Stage::Waiting);
    let (one, waiting) = waits
        .filter_map(|one| Some((one, one.status.state.waiting.as_deref()?)))
        .find(|(_, waiting)| is_fault(&waiting.reason))?;
    let what = format!("being created: {}", sentence(&waiting.message));
    let why = Why::new(container::subject(&one.container), what, waiting.reason.clone());
    Some(judged(Health::Progressing, &waiting.reason, why, pod.status.start_time.or(pod.meta.created)))
}

fn initializing(pod: &Pod, all: &[PodContainer], now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    let (one, since) = all.iter().filter(|one| one.role == Role::Init).find_map(|one| {
        let running = one.status?.state.running.as_ref()?;
        Some((one, running.started_at.or(pod.status.start_time).or(pod.meta.created)))
    })?;
    let health = after(thresholds.initializing, since, now);
    let stuck = health == Health::Degraded;
    let reason = if stuck { OwnReason::InitContainerStuck.into() } else { Reason::from("PodInitializing") };
    let what = if stuck { "does not come to an end" } else { "runs" };
    Some(judged(health, reason, Why::new(container::subject(one), what, ""), since))
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
    // Init containers had their own time.
    let ends = pod
        .status
        .init_container_statuses
        .iter()
        .filter_map(|it| it.state.terminated.as_deref()?.finished_at);
    let since = since.or(pod.meta.created).max(ends.max());
    let unassigned = pod.node_name.is_empty() && scheduled.is_none() && nothing_told;
    if unassigned {
        let why = Why::new("", "waits for a node", "Pending");
        return Some(judged(after(thresholds.creating, since, now), "Pending", why, since));
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
    Some(judged(health, "ContainerCreating", Why::new(subject, what, "ContainerCreating"), since))
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
    let budget = readiness_grace(seconds(startup), seconds(readiness), thresholds);
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
    let reason = if late { OwnReason::ReadinessFailing.into() } else { Reason::from("ContainersNotReady") };
    Some(judged(health, reason, Why::new(container::subject(one), what, ""), since))
}

/// How long a container may be unready: as long as its probes grant, at least the threshold; less where a quick probe has
/// failed three times as often as counts.
fn readiness_grace(
    startup: SignedDuration,
    readiness: SignedDuration,
    thresholds: &Thresholds,
) -> SignedDuration {
    let most = thresholds.readiness.max(startup).max(readiness);
    let often = (readiness * 3).max(thresholds.readiness / 2).max(startup);
    if readiness.is_zero() { most } else { most.min(often) }
}

/// Every container is ready or done and the pod is not: a readiness gate, or a node that fell silent.
fn condition_only(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    let ready = pod.condition("Ready").filter(|condition| condition.is_false())?;
    let since = ready.last_transition_time.or(pod.meta.created);
    let mut gates = pod.spec.readiness_gates.iter().map(|gate| gate.condition_type.as_str());
    let closed = gates.find(|gate| !pod.condition(gate).is_some_and(|condition| condition.is_true()));
    if closed.is_some() || ready.reason == "ReadinessGatesNotReady" {
        let health = after(thresholds.readiness, since, now);
        let reason = match health {
            Health::Degraded => OwnReason::ReadinessGate.into(),
            _ => Reason::from("ReadinessGatesNotReady"),
        };
        let what = format!("waits for readiness gate {}", crate::text::safe(closed.unwrap_or_default()));
        return Some(judged(health, reason, Why::new("", what.trim(), ""), since));
    }
    if let Some(lost) = node_lost(pod) {
        return Some(lost);
    }
    let why = Why::new("", "not ready", ready.reason.as_str());
    Some(judged(
        Health::Progressing,
        if ready.reason.is_empty() { "NotReady" } else { &ready.reason },
        why,
        since,
    ))
}

/// Its containers are ready as far as the kubelet said, and the pod is not: its node fell silent.
pub fn node_lost(pod: &Pod) -> Option<Judged> {
    let ready = pod.condition("Ready").filter(|condition| !condition.is_true())?;
    let all = pod.containers();
    let mut main = all.iter().filter(|one| one.role == Role::Main).peekable();
    let all_ready = main.peek().is_some() && main.all(|one| one.status.is_some_and(|status| status.ready));
    if !all_ready || !pod.spec.readiness_gates.is_empty() {
        return None;
    }
    let what = format!("node {} not ready", node(pod));
    let why = Why::new("", what.replace("  ", " "), "");
    Some(judged(
        Health::Degraded,
        OwnReason::NodeNotReady,
        why,
        ready.last_transition_time.or(pod.meta.created),
    ))
}

/// A Job's pod that runs on because a container beside the one that did the work does not end.
pub fn held_by(pod: &Pod) -> Option<Judged> {
    if pod.restarts_always() || pod.meta.controller().is_none_or(|owner| owner.kind != "Job") {
        return None;
    }
    let all = pod.containers();
    let main = || all.iter().filter(|one| one.role == Role::Main);
    let end = |one: &PodContainer| one.status?.state.terminated.as_deref()?.finished_at;
    let runs = |one: &&PodContainer| one.status.is_some_and(|status| status.state.running.is_some());
    let (done, other) = (main().find(|one| end(one).is_some())?, main().find(runs)?);
    let what = format!("is done, {} still runs and holds the pod", container::subject(other));
    let why = Why::new(container::subject(done), what, "");
    Some(judged(Health::Progressing, "Running", why, end(done)))
}
