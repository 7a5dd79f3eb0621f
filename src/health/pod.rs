//! The verdict on one pod (docs/health.md section 3).

use crate::health::container::{self, ContainerTrouble};
use crate::health::judged::{Judged, judged, node, plain, unready_since};
use crate::health::stages::{held_by, node_lost, unready, unscheduled};
use crate::health::why::Why;
use crate::health::{Health, OwnReason, Verdict, common};
use crate::podstatus::Thresholds;
use crate::podstatus::{ContainerState, code, exit_words, is_abnormal, is_fault, last_end, ran, states};
use crate::text::sentence;
use crate::workload::{Pod, PodContainer, Role, columns};
use jiff::Timestamp;

/// The verdict on one pod from its own status.
pub fn pod(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Verdict {
    judge(pod, now, thresholds).verdict
}

/// As `pod`, and with the parts of its line.
pub fn judge(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Judged {
    if pod.status.phase == "Succeeded" && pod.meta.deleted.is_none() {
        return plain(Verdict::healthy());
    }
    let seen = pod.status.observed_generation.map(|seen| seen.to_string()).unwrap_or_default();
    let common = common(&pod.meta, &seen, &pod.status.conditions, now, thresholds);
    if let Some(verdict) = &common
        && verdict.reason != OwnReason::SpecNotObserved
    {
        // A pod that leaves because its node is lost does not get on: the kubelet is not there to end it.
        let lost = pod.meta.deleted.is_some().then(|| failed_phase(pod).or_else(|| node_lost(pod))).flatten();
        return lost
            .filter(|lost| lost.verdict.health > Health::Progressing && !has_failed(pod))
            .unwrap_or_else(|| plain(still_there(pod, verdict.clone())));
    }
    let judged = failed_phase(pod)
        .or_else(|| containers(pod, now, thresholds))
        .or_else(|| held_by(pod))
        .or_else(|| unscheduled(pod, now, thresholds))
        .or_else(|| unready(pod, now, thresholds))
        .unwrap_or_else(|| without_trouble(pod, now, thresholds));
    match common {
        // A crash loop is one, whether or not the kubelet has seen the newest resize.
        Some(verdict) if judged.verdict.health == Health::Healthy => plain(verdict),
        _ => judged,
    }
}

/// A pod that should be gone and has no finalizer is most often on a node that is.
fn still_there(pod: &Pod, mut verdict: Verdict) -> Verdict {
    if verdict.reason == OwnReason::StuckTerminating
        && pod.meta.finalizers.is_empty()
        && !pod.node_name.is_empty()
    {
        verdict.message = format!("deleted but still there, on node {}", node(pod));
    }
    verdict
}

/// Whether the pod's phase says that it is over for good.
pub fn has_failed(pod: &Pod) -> bool {
    pod.status.phase == "Failed"
}

/// Phase Failed, and the reasons that the kubelet or a controller gives for a pod's end.
fn failed_phase(pod: &Pod) -> Option<Judged> {
    let status = &pod.status;
    // After a restart of its node a pod may run again while its status still tells why it ended (kubernetes#104531).
    if status.phase == "Running" && pod.is_ready() {
        return None;
    }
    let evicted = status.reason == "Evicted";
    if status.phase == "Unknown" || status.reason == "NodeLost" {
        let message = format!("node {} does not answer", node(pod));
        return Some(judged(Health::Unknown, "NodeLost", Why::new("", message, "NodeLost"), None));
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
        return Some(judged(Health::Degraded, &*status.reason, Why::new("", what, word), since));
    }
    let culprit = pod.containers().into_iter().find_map(|one| {
        let end = one.status?.state.terminated.as_deref()?;
        is_abnormal(pod, &one, end).then_some((one, end))
    });
    let Some((one, end)) = culprit else {
        let message = sentence(&status.message);
        let what = if message.is_empty() { "failed".to_string() } else { message };
        return Some(judged(Health::Degraded, "Failed", Why::new("", what, ""), since));
    };
    let word = if end.reason.is_empty() { "Error" } else { end.reason.as_str() };
    let what = if word == "OOMKilled" { word.to_string() } else { exit_words(code(end)) };
    let why = Why::new(container::subject(&one), what, word);
    Some(judged(Health::Degraded, word, why, end.finished_at.or(since)))
}

/// The first container in trouble, in the order in which they start: what comes later only waits for it.
fn containers(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Option<Judged> {
    let all = states(pod, now, thresholds);
    let ContainerTrouble { health, reason, why, ended } = all.iter().find_map(container::trouble)?;
    let began = all.iter().find(|one| one.is_in_trouble()).and_then(|one| looping_since(pod, one));
    let since = began.or(unready_since(pod)).or(ended).or(pod.meta.created);
    Some(judged(health, &reason, why, since))
}

/// When a loop began. The Ready condition turns with each restart, so that its time is that of the last one. Where so
/// many restarts, at the runs and pauses they have, take about as long as the pod is old, it never ran well.
fn looping_since(pod: &Pod, state: &ContainerState) -> Option<Timestamp> {
    let (created, end) = (pod.meta.created?, state.last_end?);
    let finished = end.finished_at?;
    let restarts = state.status.restart_count.clamp(0, 100_000);
    let each = ran(end).unwrap_or(0).max(1);
    // 10 s, doubling to five minutes.
    let pauses: i64 = (0..restarts).map(|number| (10_i64 << number.min(5)).min(300)).sum();
    let expected = pauses.saturating_add(each.saturating_mul(restarts.saturating_add(1)));
    let age = finished.duration_since(created).as_secs();
    let always = restarts > 0 && age <= expected.saturating_mul(3) / 2 + 120;
    let before = state.status.last_state.terminated.as_deref().and_then(|before| before.started_at);
    match always {
        true => Some(created),
        false => unready_since(pod).into_iter().chain(before.filter(|at| *at > created)).min(),
    }
}

/// A pod without trouble: well, or, where it is to end, on its way.
fn without_trouble(pod: &Pod, now: Timestamp, thresholds: &Thresholds) -> Judged {
    // What kubectl shows as an error is never well, whatever else the status says.
    let shown = columns(pod).status;
    let shown = shown.strip_prefix("Init:").unwrap_or(&shown);
    if !pod.is_ready() && (is_fault(shown) || matches!(shown, "OOMKilled" | "Evicted")) {
        return judged(Health::Degraded, shown, Why::new("", "in error", shown), last_change(pod));
    }
    if !matches!(pod.status.phase.as_str(), "Running" | "Pending" | "") {
        let what = format!("phase {}", crate::text::safe(&pod.status.phase));
        return judged(Health::Unknown, OwnReason::PhaseUnknown, Why::new("", what, ""), None);
    }
    if pod.status.phase != "Running" {
        let why = Why::new("", "being created", "Pending");
        return judged(Health::Progressing, "Pending", why, pod.meta.created);
    }
    let job = pod.meta.controller().is_some_and(|owner| owner.kind == "Job");
    if job && !pod.restarts_always() {
        return judged(Health::Progressing, "Running", Why::new("", "runs", ""), pod.status.start_time);
    }
    let mut verdict = Verdict::healthy();
    let all = pod.containers();
    let stumbles = states(pod, now, thresholds).into_iter().filter_map(|one| container::stumble(&one, now));
    verdict.notes = stumbles.chain(all.iter().filter_map(ephemeral)).collect();
    plain(verdict)
}

/// A debug container that fails is worth knowing, and no trouble of the pod's.
fn ephemeral(one: &PodContainer) -> Option<String> {
    let status = one.status.filter(|_| one.role == Role::Ephemeral)?;
    let waiting = status.state.waiting.as_deref().filter(|waiting| is_fault(&waiting.reason))?;
    let line = format!("ephemeral container {} fails ({})", one.name, waiting.reason);
    Some(crate::text::safe(&line))
}

/// When a pod that failed ended, as far as its status tells.
pub fn ended(pod: &Pod) -> Option<Timestamp> {
    let all = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
    let finished = all.filter_map(|status| last_end(status)?.finished_at).max();
    let disrupted = pod.condition("DisruptionTarget").and_then(|target| target.last_transition_time);
    finished.or(disrupted).or(unready_since(pod)).or(pod.status.start_time).or(pod.meta.created)
}

/// When a pod that is over ended, as far as its status tells.
fn last_change(pod: &Pod) -> Option<Timestamp> {
    let all = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
    let ended = all.filter_map(|status| last_end(status)?.finished_at).max();
    unready_since(pod).or(ended).or(pod.status.start_time).or(pod.meta.created)
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
        with(&[aged(status(1, 30))], |one| {
            assert_eq!(one.verdict.notes, ["app was OOMKilled, limit 256Mi, 30s ago, 1 restart"])
        });
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
        assert_eq!(crate::health::sample::verdict_of(&[invalid])[0], "Degraded");
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
        assert!(crate::health::sample::verdict_of(&[sidecar])[2].starts_with("helper exits 2"));
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
        let verdict = super::pod(&pod, now(), &crate::podstatus::Thresholds::default());
        assert!(!verdict.message.contains(['\u{1b}', '\n']), "{}", verdict.message);
    }
}
