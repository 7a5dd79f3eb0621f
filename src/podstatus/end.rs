//! How a container's run ended: abnormal or not, after how long, and what its exit code says.

use crate::workload::{ContainerStatus, Pod, PodContainer, Terminated};
use jiff::SignedDuration;

/// The end that matters: of the run that is over, else of the one before. Where a status holds both, the newer one.
pub fn last_end(status: &ContainerStatus) -> Option<&Terminated> {
    let (now, before) = (status.state.terminated.as_deref(), status.last_state.terminated.as_deref());
    match (now, before) {
        (Some(now), Some(before)) if before.finished_at > now.finished_at => Some(before),
        _ => now.or(before),
    }
}

/// Whether a run should not have ended that way: with an error, or at all.
pub fn is_abnormal(pod: &Pod, container: &PodContainer, end: &Terminated) -> bool {
    let named = matches!(end.reason.as_str(), "OOMKilled" | "ContainerCannotRun" | "DeadlineExceeded");
    end.exit_code.is_some_and(|code| code != 0)
        || end.signal != 0
        || named
        || end.reason.ends_with("Error")
        || container.runs_for_ever(pod)
}

/// Whether it ended because its pod was deleted, in time and in whatever manner: that is no trouble. What was
/// still there at the end of its grace is.
pub fn is_by_deletion(pod: &Pod, end: &Terminated) -> bool {
    let grace = pod.spec.termination_grace_period_seconds.unwrap_or(30).clamp(0, 86_400);
    let asked = pod.meta.deleted.and_then(|gone| gone.checked_sub(SignedDuration::from_secs(grace)).ok());
    let after = asked.zip(end.finished_at).is_some_and(|(asked, finished)| finished >= asked);
    after && end.exit_code != Some(137) && end.reason != "OOMKilled"
}

/// How long the run took, in seconds. Runtimes write 1970 where a process never started.
pub fn ran(end: &Terminated) -> Option<i64> {
    let started = end.started_at.filter(|started| started.as_second() > 86_400)?;
    Some(end.finished_at?.as_second() - started.as_second()).filter(|seconds| *seconds >= 0)
}

/// The exit code, a bare signal being 128 more; nothing where the status does not tell.
pub fn code(end: &Terminated) -> Option<i64> {
    match (end.exit_code, end.signal) {
        (None | Some(0), signal) if signal > 0 => Some(signal.saturating_add(128)),
        (code, _) => code,
    }
}

/// What an exit code says in words.
pub fn exit_words(code: Option<i64>) -> String {
    let Some(code) = code else { return "exits with an unknown code".to_string() };
    match signal_name(code) {
        Some("SIGTERM") => "ended by SIGTERM".to_string(),
        Some(signal) => format!("killed by {signal}"),
        None => format!("exits {code}"),
    }
}

/// What an exit code says of an end that is over.
pub fn exited_words(code: Option<i64>) -> String {
    let Some(code) = code else { return "exited with an unknown code".to_string() };
    match signal_name(code) {
        Some("SIGTERM") => "was ended by SIGTERM".to_string(),
        Some(signal) => format!("was killed by {signal}"),
        None => format!("exited {code}"),
    }
}

/// The signal that an exit code above 128 stands for, where it is one that programs meet.
pub fn signal_name(code: i64) -> Option<&'static str> {
    Some(match code {
        129 => "SIGHUP",
        130 => "SIGINT",
        131 => "SIGQUIT",
        132 => "SIGILL",
        133 => "SIGTRAP",
        134 => "SIGABRT",
        135 => "SIGBUS",
        136 => "SIGFPE",
        137 => "SIGKILL",
        139 => "SIGSEGV",
        141 => "SIGPIPE",
        143 => "SIGTERM",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{code, exit_words};
    use crate::workload::Terminated;

    #[test]
    fn an_absent_exit_code_is_unknown_and_no_success() {
        let end = |exit_code, signal| Terminated { exit_code, signal, ..Terminated::default() };
        let words = |exit_code, signal| exit_words(code(&end(exit_code, signal)));
        assert_eq!(words(None, 0), "exits with an unknown code");
        assert_eq!(words(Some(0), 0), "exits 0");
        assert_eq!(words(None, 9), "killed by SIGKILL");
        assert_eq!(words(Some(3), 0), "exits 3");
    }
}
