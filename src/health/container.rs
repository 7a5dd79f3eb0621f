//! What is wrong with one container of a pod, in a verdict's words (docs/health.md section 3.2).

use crate::health::Health;
use crate::health::why::Why;
use crate::podstatus::{
    ContainerState, Stage, code, exit_words, exited_words, is_image_reason, memory_limit, never_ran,
    pull_fault, short_image, start_error,
};
use crate::text::sentence;
use crate::workload::{PodContainer, Role, Terminated, Waiting};
use jiff::Timestamp;

/// What is wrong with a container.
pub struct ContainerTrouble {
    pub health: Health,
    pub reason: String,
    pub why: Why,
    /// When its last run ended, where it did.
    pub ended: Option<Timestamp>,
}

/// The container's trouble, `None` where it does what it should or has its time still.
pub fn trouble(state: &ContainerState) -> Option<ContainerTrouble> {
    if !state.is_in_trouble() {
        return None;
    }
    match (state.stage, state.last_end) {
        (Stage::Faulty(waiting), Some(end)) if waiting.reason == "CrashLoopBackOff" => {
            Some(ended(state, end))
        }
        (Stage::Faulty(waiting), _) => Some(waiting_trouble(state, waiting)),
        (_, Some(end)) => Some(ended(state, end)),
        (_, None) => None,
    }
}

fn waiting_trouble(state: &ContainerState, waiting: &Waiting) -> ContainerTrouble {
    let image = image(state);
    let message = sentence(start_error(&waiting.message));
    let fault = pull_fault(&waiting.reason, &waiting.message, &state.container);
    let what = match waiting.reason.as_str() {
        "CrashLoopBackOff" => "crashes, in back-off".to_string(),
        "InvalidImageName" => format!("has an invalid image name, {}", sentence(image)),
        "ErrImageNeverPull" => format!("must not pull {}, not on the node", short_image(image)),
        reason if is_image_reason(reason) => {
            let cause = fault.map(|fault| format!(", {}", fault.words)).unwrap_or_default();
            match short_image(image) {
                image if image.is_empty() => format!("cannot pull its image{cause}"),
                image => format!("cannot pull {image}{cause}"),
            }
        }
        _ if message.is_empty() => "cannot start".to_string(),
        _ => format!("cannot start: {message}"),
    };
    let restarts = if waiting.reason == "CrashLoopBackOff" { state.status.restart_count.max(0) } else { 0 };
    let why = Why { restarts, ..Why::new(subject(&state.container), what, waiting.reason.clone()) };
    ContainerTrouble { health: Health::Degraded, reason: waiting.reason.clone(), why, ended: None }
}

/// A container whose run ended: dead, in back-off, or up again after it.
fn ended(state: &ContainerState, end: &Terminated) -> ContainerTrouble {
    let status = state.status;
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
    let what = match code(end) {
        _ if killed => "OOMKilled".to_string(),
        _ if never_ran(end) && !end.message.is_empty() => {
            format!("cannot start: {}", sentence(start_error(&end.message)))
        }
        code => exit_words(code),
    };
    let tail = if waiting {
        "in back-off"
    } else if status.state.running.is_some() && status.ready && state.pod.is_ready() {
        "runs again"
    } else {
        ""
    };
    // "CrashLoopBackOff" beside a container that just runs would be news to kubectl.
    let shown = if killed || (word == "CrashLoopBackOff" && !waiting) { "" } else { word };
    let why = Why {
        limit: if killed { limit(state) } else { String::new() },
        restarts: status.restart_count.max(0),
        tail: tail.to_string(),
        ..Why::new(subject(&state.container), what, shown)
    };
    ContainerTrouble { health: Health::Degraded, reason: word.to_string(), why, ended: end.finished_at }
}

fn limit(state: &ContainerState) -> String {
    match memory_limit(state.pod, &state.container) {
        Some(limit) => format!("limit {}", crate::text::safe(&limit.quantity)),
        None => "no limit".to_string(),
    }
}

fn image<'a>(state: &ContainerState<'a>) -> &'a str {
    match state.container.spec {
        Some(spec) if !spec.image.is_empty() => &spec.image,
        _ => &state.status.image,
    }
}

/// What is worth knowing of a container that fell over and is up again, although it is no loop yet.
pub fn stumble(state: &ContainerState, now: Timestamp) -> Option<String> {
    let end = state.last_end.filter(|_| state.has_stumbled())?;
    let ago = end.finished_at.map(|at| now.duration_since(at).as_secs().max(0));
    let ago = ago.map(|seconds| format!(" {} ago", crate::text::age(seconds))).unwrap_or_default();
    let what = match end.reason.as_str() {
        "OOMKilled" => format!("was OOMKilled, {},", limit(state)),
        _ => exited_words(code(end)),
    };
    let times = usize::try_from(state.status.restart_count.max(1)).unwrap_or(1);
    Some(format!("{} {what}{ago}, {}", subject(&state.container), crate::text::count(times, "restart")))
}

/// How a line names the container.
pub fn subject(container: &PodContainer) -> String {
    let name = crate::text::safe(container.name);
    match container.role {
        Role::Init => format!("init {name}"),
        _ => name,
    }
}
