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

impl Judged {
    /// Whether a pod whose Ready condition was not told is well all the same.
    pub fn serves(&self) -> bool {
        self.verdict.health == Health::Healthy
    }
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
        return plain(still_there(pod, verdict.clone()));
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

/// A pod that should be gone and has no finalizer is most often on a node that is.
fn still_there(pod: &Pod, mut verdict: Verdict) -> Verdict {
    if verdict.reason == "stuck-terminating"
        && pod.meta.finalizers.is_empty()
        && !pod.spec.node_name.is_empty()
    {
        verdict.message = format!("deleted but still there, on node {}", node(pod));
    }
    verdict
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
        let message = message.trim_start_matches("Pod was rejected: ").trim_start_matches("The ");
        let what = match message.split(". ").next().unwrap_or_default() {
            "" if evicted => "evicted".to_string(),
            "" => "ended by the node".to_string(),
            message if evicted => format!("evicted, {}", lower_first(message)),
            message if status.message.starts_with("Pod was rejected") => {
                format!("rejected by the node, {message}")
            }
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
    let clauses = clauses.split(". ").next().unwrap_or(clauses).replace(" node(s)", "");
    let mut clauses: Vec<&str> = clauses.trim().trim_end_matches(['.', ',']).split(", ").collect();
    let nodes_of = |clause: &&str| clause.split(' ').next().and_then(|count| count.parse::<u64>().ok());
    if clauses.iter().all(|clause| nodes_of(clause).is_some()) {
        clauses.sort_by_key(|clause| std::cmp::Reverse(nodes_of(clause)));
    }
    let nodes = frame.rsplit('/').next().unwrap_or_default();
    format!("none of {nodes} nodes fits: {}", clauses.join(", "))
}

/// Nothing is broken yet and the pod is not ready either: a stage, or one that lasts too long.
fn unready(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    let all = pod.containers();
    if pod.is_ready() {
        return None;
    }
    let starting = |one: &PodContainer| one.status.is_some_and(|status| status.started == Some(false));
    let sidecars: Vec<_> =
        all.iter().copied().filter(|one| one.role == Role::Sidecar && starting(one)).collect();
    initializing(pod, &all, now, thresholds)
        .or_else(|| not_ready(pod, &sidecars, now, thresholds))
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
    // Init containers had their own time.
    let ends =
        pod.status.init_container_statuses.iter().filter_map(|it| it.state.terminated.as_ref()?.finished_at);
    let since = since.or(pod.meta.created).max(ends.max());
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
    if pod.status.phase != "Running" {
        let why = Why::new("", "being created", "Pending");
        return told(Health::Progressing, "Pending", why, pod.meta.created);
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
        let line = format!("ephemeral container {} fails ({})", one.name, waiting.reason);
        return Some(crate::text::safe(&line));
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

#[cfg(test)]
mod tests {
    use crate::health::sample::{ago, check, fresh, looping, now, object, patch, pod, with, with_app};
    use crate::workload::Object;
    use serde_json::json;

    #[test]
    fn a_loop_is_seen_in_every_phase_of_it() {
        check(
            &[looping("a", 7)],
            "Degraded",
            "CrashLoopBackOff",
            "app exits 1, 7 restarts, in back-off (CrashLoopBackOff)",
        );
        let ended = json!({"exitCode": 1, "reason": "Error", "finishedAt": ago(30)});
        let runs = json!({"restartCount": 7, "state": {"running": {"startedAt": ago(20)}}, "lastState": {"terminated": ended}});
        check(&[with_app(pod("a"), runs.clone())], "Degraded", "CrashLoopBackOff", "app exits 1, 7 restarts");
        let ready = patch(runs, json!({"ready": true}));
        check(
            &[with_app(pod("a"), ready)],
            "Degraded",
            "CrashLoopBackOff",
            "app exits 1, 7 restarts, runs again",
        );
        let dead = json!({"state": {"terminated": ended}});
        check(&[with_app(pod("a"), dead)], "Degraded", "Error", "app exits 1 (Error)");
    }

    #[test]
    fn old_restarts_are_history() {
        let status = |restarts: i64, quiet: i64| {
            json!({"ready": true, "restartCount": restarts, "state": {"running": {}},
                "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": ago(quiet)}}})
        };
        let aged = |status| {
            patch(with_app(pod("a"), status), json!({"metadata": {"creationTimestamp": ago(8 * 3600)}}))
        };
        check(
            &[aged(status(4, 540))],
            "Degraded",
            "OOMKilled",
            "app OOMKilled, limit 256Mi, 4 restarts, runs again",
        );
        check(&[aged(status(4, 3 * 3600))], "Healthy", "", "");
        check(&[aged(status(1, 30))], "Healthy", "", "");
        with(&[aged(status(1, 30))], |one| assert_eq!(one.verdict.notes, ["app was OOMKilled before"]));
        check(
            &[aged(status(50, 2 * 3600))],
            "Degraded",
            "OOMKilled",
            "app OOMKilled, limit 256Mi, 50 restarts, runs again",
        );
        let old = patch(
            with_app(pod("a"), status(50, 2 * 3600)),
            json!({"metadata": {"creationTimestamp": ago(90 * 86_400)}}),
        );
        check(&[old], "Healthy", "", "");
    }

    #[test]
    fn what_cannot_start_is_degraded_at_once() {
        let waits = |reason: &str, message: &str| {
            with_app(pod("a"), json!({"state": {"waiting": {"reason": reason, "message": message}}}))
        };
        check(
            &[waits("ImagePullBackOff", "Back-off pulling image: manifest unknown")],
            "Degraded",
            "ImagePullBackOff",
            "app cannot pull web:1.4.2, not found (ImagePullBackOff)",
        );
        check(
            &[waits("CreateContainerConfigError", "secret \"x\" not found")],
            "Degraded",
            "CreateContainerConfigError",
            "app cannot start: secret \"x\" not found (CreateContainerConfigError)",
        );
        let invalid = waits("InvalidImageName", "");
        assert_eq!(crate::health::sample::told(&[invalid])[0], "Degraded");
    }

    #[test]
    fn init_containers_and_sidecars_count() {
        let spec =
            |policy: &str| json!({"spec": {"initContainers": [{"name": "helper", "restartPolicy": policy}]}});
        let waits = json!({"state": {"waiting": {"reason": "PodInitializing"}}});
        let status = json!({"status": {"phase": "Pending", "initContainerStatuses": [{"name": "helper", "restartCount": 4,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 2, "finishedAt": ago(20)}}}]}});
        let init = patch(patch(with_app(pod("a"), waits), status), spec(""));
        check(
            std::slice::from_ref(&init),
            "Degraded",
            "CrashLoopBackOff",
            "init helper exits 2, 4 restarts, in back-off (CrashLoopBackOff)",
        );
        let sidecar = patch(init, spec("Always"));
        assert!(crate::health::sample::told(&[sidecar])[2].starts_with("helper exits 2"));
    }

    #[test]
    fn stages_have_their_time() {
        check(&[fresh("a")], "Progressing", "ContainerCreating", "app being created (ContainerCreating)");
        let stuck = with_app(pod("a"), json!({"state": {"waiting": {"reason": "ContainerCreating"}}}));
        check(
            &[stuck],
            "Degraded",
            "ContainerCreating",
            "app not created, waits for volumes or network (ContainerCreating)",
        );
        let starts = |seconds| json!({"state": {"running": {"startedAt": ago(seconds)}}});
        check(&[with_app(pod("a"), starts(5))], "Progressing", "ContainersNotReady", "app runs, not ready");
        check(&[with_app(pod("a"), starts(300))], "Degraded", "readiness-failing", "app runs, not ready");
        let probe = json!({"spec": {"containers": [{"name": "app", "readinessProbe":
            {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 30, "failureThreshold": 5}}]}});
        let slow = patch(with_app(pod("a"), starts(300)), probe.clone());
        check(&[slow], "Progressing", "ContainersNotReady", "app runs, not ready");
        let conditions = json!([{"type": "Ready", "status": "False", "lastTransitionTime": ago(200)}]);
        let late = patch(
            patch(with_app(pod("a"), starts(300)), probe),
            json!({"status": {"conditions": conditions}}),
        );
        check(
            &[late],
            "Degraded",
            "readiness-failing",
            "app runs but is not ready, probe GET :8080/ready fails",
        );
    }

    #[test]
    fn scheduling_has_its_time_too() {
        let pending = |reason: &str, seconds: i64| {
            let message = "0/5 nodes are available: 2 Insufficient cpu, 3 node(s) had untolerated taint {a: b}. preemption: x";
            let condition = json!([{"type": "PodScheduled", "status": "False", "reason": reason, "message": message,
                "lastTransitionTime": ago(seconds)}]);
            let status = json!({"phase": "Pending", "conditions": condition, "containerStatuses": null, "startTime": null});
            patch(pod("a"), json!({"spec": {"nodeName": null}, "status": status}))
        };
        let line = "none of 5 nodes fits: 3 had untolerated taint {a: b}, 2 Insufficient cpu (Unschedulable)";
        check(&[pending("Unschedulable", 30)], "Progressing", "Unschedulable", line);
        check(&[pending("Unschedulable", 90)], "Degraded", "Unschedulable", line);
        check(
            &[pending("SchedulingGated", 9000)],
            "Suspended",
            "SchedulingGated",
            "held back by scheduling gate",
        );
    }

    #[test]
    fn a_silent_node_is_not_the_apps_fault() {
        let conditions = json!([{"type": "Ready", "status": "False", "lastTransitionTime": ago(50)}]);
        let lost = patch(pod("a"), json!({"status": {"conditions": conditions}}));
        check(std::slice::from_ref(&lost), "Degraded", "node-not-ready", "node node-1 not ready");
        with(std::slice::from_ref(&lost), |one| {
            assert_eq!(one.verdict.since.map(|since| since.to_string()), Some(ago(50)))
        });
        let gate = json!({"spec": {"readinessGates": [{"conditionType": "lb/ready"}]}});
        check(
            &[patch(lost, gate)],
            "Progressing",
            "ReadinessGatesNotReady",
            "waits for readiness gate lb/ready",
        );
    }

    #[test]
    fn ends_are_told_apart() {
        let ended = |status| patch(pod("a"), json!({"status": status}));
        check(&[ended(json!({"phase": "Succeeded"}))], "Healthy", "", "");
        let evicted = json!({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory. More."});
        check(
            &[ended(evicted)],
            "Degraded",
            "Evicted",
            "evicted, node was low on resource: memory (Evicted)",
        );
        check(&[ended(json!({"phase": "Failed", "containerStatuses": []}))], "Degraded", "Failed", "failed");
        let deleted =
            |seconds: i64| patch(pod("a"), json!({"metadata": {"deletionTimestamp": ago(seconds)}}));
        check(&[deleted(50)], "Progressing", "Terminating", "being deleted");
        check(&[deleted(70)], "Degraded", "stuck-terminating", "deleted but still there, on node node-1");
        let held = patch(deleted(70), json!({"metadata": {"finalizers": ["a/b"]}}));
        check(&[held], "Degraded", "stuck-terminating", "deleted but still there, finalizer a/b");
    }

    #[test]
    fn hostile_text_stays_on_one_harmless_line() {
        let message = "evil\u{1b}[31m\nsecond line";
        let waits = json!({"state": {"waiting": {"reason": "RunContainerError", "message": message}}});
        let Object::Pod(pod) = object(&with_app(pod("a"), waits)) else { panic!("no pod") };
        let verdict = super::pod(&pod, now(), &crate::health::Thresholds::default());
        assert!(!verdict.message.contains(['\u{1b}', '\n']), "{}", verdict.message);
    }
}
