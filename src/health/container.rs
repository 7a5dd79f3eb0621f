//! One container of a pod: whether it loops, cannot start, or is merely slow (facts/health.md 1.4).

use crate::health::why::{Why, sentence, short_image, signal};
use crate::health::{Health, Thresholds};
use crate::workload::{ContainerStatus, Pod, PodContainer, Role, Terminated, Waiting};
use jiff::{SignedDuration, Timestamp};

/// What is wrong with a container.
pub struct Trouble {
    pub health: Health,
    pub reason: String,
    pub why: Why,
    /// When its last run ended, where it did.
    pub ended: Option<Timestamp>,
}

/// The container's trouble, `None` where it does what it should or has its time still.
pub fn trouble(
    pod: &Pod,
    container: &PodContainer,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Option<Trouble> {
    let status = container.status?;
    if container.role == Role::Ephemeral || is_done(pod, container) {
        return None;
    }
    if let Some(waiting) = status.state.waiting.as_ref().filter(|waiting| is_fault(&waiting.reason)) {
        return Some(waits(pod, container, status, waiting));
    }
    let end = last_end(status)?;
    let abnormal = is_abnormal(pod, container, end);
    let recent = is_recent(pod, status, end, now, thresholds);
    let dead = status.state.terminated.is_some() && abnormal;
    let looping = abnormal && recent && status.restart_count >= 3;
    let unready = container.role != Role::Init && status.state.running.is_some() && !status.ready;
    let relapsed = unready && (recent || (status.restart_count >= 3 && !is_history(end, now)));
    (dead || looping || relapsed).then(|| ended(pod, container, status, end))
}

/// Whether the container has finished and need not run again.
pub fn is_done(pod: &Pod, container: &PodContainer) -> bool {
    let ended = container.status.and_then(|status| status.state.terminated.as_ref());
    ended.is_some_and(|end| !is_abnormal(pod, container, end))
}

/// The end that matters: of the run that is over, else of the one before.
pub fn last_end(status: &ContainerStatus) -> Option<&Terminated> {
    let (now, before) = (status.state.terminated.as_ref(), status.last_state.terminated.as_ref());
    now.or(before)
}

/// Whether a run should not have ended that way.
pub fn is_abnormal(pod: &Pod, container: &PodContainer, end: &Terminated) -> bool {
    let told = matches!(end.reason.as_str(), "OOMKilled" | "ContainerCannotRun" | "DeadlineExceeded");
    end.exit_code != 0 || told || end.reason.ends_with("Error") || container.runs_for_ever(pod)
}

/// Whether the last end still counts: within the kubelet's reset interval, or, for a container that fell over
/// again and again, within the time that so many restarts take at the longest back-off, up to a day. One that
/// restarted 50 times needs more than ten quiet minutes to be believed.
fn is_recent(
    pod: &Pod,
    status: &ContainerStatus,
    end: &Terminated,
    now: Timestamp,
    thresholds: &Thresholds,
) -> bool {
    let Some(finished) = end.finished_at else { return false };
    let quiet = now.duration_since(finished);
    if quiet < thresholds.recent_restart {
        return true;
    }
    let Some(created) = pod.meta.created else { return false };
    let often =
        finished.duration_since(created) < SignedDuration::from_hours(status.restart_count.clamp(0, 100_000));
    let proof = SignedDuration::from_mins(status.restart_count.clamp(0, 288) * 5);
    often && quiet < proof
}

/// What ended a day ago is history, not health.
fn is_history(end: &Terminated, now: Timestamp) -> bool {
    end.finished_at.is_some_and(|finished| now.duration_since(finished) > SignedDuration::from_hours(24))
}

/// The waiting reasons that are faults and not a stage.
pub fn is_fault(reason: &str) -> bool {
    reason.starts_with("Err")
        || reason.ends_with("Error")
        || reason.ends_with("BackOff")
        || matches!(
            reason,
            "InvalidImageName" | "RegistryUnavailable" | "SignatureValidationFailed" | "ContainerCannotRun"
        )
}

fn waits(pod: &Pod, container: &PodContainer, status: &ContainerStatus, waiting: &Waiting) -> Trouble {
    if waiting.reason == "CrashLoopBackOff" {
        return match last_end(status) {
            Some(end) => ended(pod, container, status, end),
            None => backs_off(container, status),
        };
    }
    let what = match waiting.reason.as_str() {
        "ImagePullBackOff" | "ErrImagePull" | "RegistryUnavailable" => {
            cannot_pull(container, status, waiting)
        }
        "InvalidImageName" => format!("has an invalid image name, {}", sentence(image(container, status))),
        "ErrImageNeverPull" => {
            format!("must not pull {}, not on the node", short_image(image(container, status)))
        }
        _ => match sentence(&waiting.message) {
            message if message.is_empty() => "cannot start".to_string(),
            message => format!("cannot start: {message}"),
        },
    };
    let why = Why::new(subject(container), what, waiting.reason.clone());
    Trouble { health: Health::Degraded, reason: waiting.reason.clone(), why, ended: None }
}

fn backs_off(container: &PodContainer, status: &ContainerStatus) -> Trouble {
    let why = Why {
        restarts: status.restart_count.max(0),
        ..Why::new(subject(container), "crashes, in back-off", "CrashLoopBackOff")
    };
    Trouble { health: Health::Degraded, reason: "CrashLoopBackOff".to_string(), why, ended: None }
}

fn cannot_pull(container: &PodContainer, status: &ContainerStatus, waiting: &Waiting) -> String {
    let message = waiting.message.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let cause = if has(&["toomanyrequests", "429", "rate limit"]) {
        ", rate limited"
    } else if has(&["unauthorized", "denied", "forbidden", "no basic auth"]) {
        ", access denied"
    } else if has(&["manifest unknown", "not found", "notfound"]) {
        ", not found"
    } else if has(&["no such host", "connection refused", "i/o timeout", "deadline exceeded"]) {
        ", registry unreachable"
    } else if has(&["x509", "tls:"]) {
        ", registry not trusted"
    } else {
        ""
    };
    match short_image(image(container, status)) {
        image if image.is_empty() => format!("cannot pull its image{cause}"),
        image => format!("cannot pull {image}{cause}"),
    }
}

/// A container whose run ended: dead, in back-off, or up again after it.
fn ended(pod: &Pod, container: &PodContainer, status: &ContainerStatus, end: &Terminated) -> Trouble {
    let killed = end.reason == "OOMKilled" || end.message.contains("OOM-killed");
    let waiting = status.state.waiting.is_some();
    let loops = waiting || status.restart_count >= 3;
    let word = match end.reason.as_str() {
        _ if killed => "OOMKilled",
        "" | "Completed" | "Error" if loops => "CrashLoopBackOff",
        "" => "Error",
        _ if waiting => "CrashLoopBackOff",
        reason => reason,
    };
    let what = match end.exit_code {
        _ if killed => "OOMKilled".to_string(),
        _ if starts_not(end) => format!("cannot start: {}", start_error(end)),
        code => exits(code),
    };
    let tail = if waiting {
        "in back-off"
    } else if status.state.running.is_some() && status.ready && pod.is_ready() {
        "runs again"
    } else {
        ""
    };
    // "CrashLoopBackOff" beside a container that just runs would be news to kubectl.
    let shown = if killed || (word == "CrashLoopBackOff" && !waiting) { "" } else { word };
    let why = Why {
        limit: if killed { memory_limit(container) } else { String::new() },
        restarts: status.restart_count.max(0),
        tail: tail.to_string(),
        ..Why::new(subject(container), what, shown)
    };
    Trouble { health: Health::Degraded, reason: word.to_string(), why, ended: end.finished_at }
}

/// What an exit code says in words.
pub fn exits(code: i64) -> String {
    match signal(code) {
        Some("SIGTERM") => "ended by SIGTERM".to_string(),
        Some(signal) => format!("killed by {signal}"),
        None => format!("exits {code}"),
    }
}

fn starts_not(end: &Terminated) -> bool {
    matches!(end.reason.as_str(), "StartError" | "ContainerCannotRun") && !end.message.is_empty()
}

/// The runtime nests its errors; the innermost says what is wrong.
fn start_error(end: &Terminated) -> String {
    let message = sentence(&end.message);
    let message = message.trim_end_matches(": unknown");
    let inner = message.rfind("exec: ").or_else(|| message.rfind("container process: ").map(|at| at + 19));
    inner.map_or(message, |at| &message[at..]).to_string()
}

fn memory_limit(container: &PodContainer) -> String {
    let limit = container.spec.and_then(|spec| spec.resources.limits.get("memory"));
    limit.map_or_else(|| "no limit".to_string(), |limit| format!("limit {}", crate::text::safe(limit)))
}

fn image<'a>(container: &PodContainer<'a>, status: &'a ContainerStatus) -> &'a str {
    match container.spec {
        Some(spec) if !spec.image.is_empty() => &spec.image,
        _ => &status.image,
    }
}

/// How a line names the container.
pub fn subject(container: &PodContainer) -> String {
    let name = crate::text::safe(container.name);
    match container.role {
        Role::Init => format!("init {name}"),
        _ => name,
    }
}
