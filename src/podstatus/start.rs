//! A container that could not be made or started: what the kubelet and the runtime say, without their frames.

use crate::workload::{Terminated, Waiting};

/// Whether the process never began to run: the runtime failed, and says why in the message.
pub fn never_ran(end: &Terminated) -> bool {
    let named = matches!(end.reason.as_str(), "StartError" | "ContainerCannotRun");
    named
        || (end.exit_code.is_some_and(|code| code >= 126)
            && (end.message.contains("OCI runtime") || end.message.contains("container process")))
}

/// Whether a container waits because making or starting it failed.
pub fn failed_to_start(waiting: &Waiting) -> bool {
    matches!(
        waiting.reason.as_str(),
        "CreateContainerConfigError"
            | "CreateContainerError"
            | "RunContainerError"
            | "ContainerCannotRun"
            | "StartError"
            | "PreCreateHookError"
            | "PreStartHookError"
            | "PostStartHookError"
    )
}

/// The innermost error of a runtime, which nests them: `failed to create containerd task: failed to create shim task:
/// OCI runtime create failed: runc create failed: unable to start container process: exec: "x": ...: unknown`.
pub fn start_error(message: &str) -> &str {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line = line.trim_end_matches('.').trim_end_matches(": unknown");
    // The command is the subject of what follows it.
    if let Some(at) = line.rfind("exec: ") {
        return &line[at..];
    }
    FRAMES.iter().fold(line, |rest, frame| match rest.rfind(frame) {
        Some(at) if at + frame.len() < rest.len() => &rest[at + frame.len()..],
        _ => rest,
    })
}

/// What stands before the error itself, the outermost first.
const FRAMES: &[&str] = &[
    "Error response from daemon: ",
    "failed to generate container spec: ",
    "failed to create containerd task: ",
    "failed to start containerd task: ",
    "failed to create task for container: ",
    "failed to create shim task: ",
    "OCI runtime create failed: ",
    "OCI runtime start failed: ",
    "runc create failed: ",
    "runc start failed: ",
    "crun create failed: ",
    "container create failed: ",
    "unable to start container process: ",
    "starting container process caused: ",
    "error during container init: ",
];

#[cfg(test)]
mod tests {
    use super::start_error;

    #[track_caller]
    fn check(message: &str, expect: &str) {
        assert_eq!(start_error(message), expect);
    }

    #[test]
    fn the_innermost_error_is_what_is_wrong() {
        let frames = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";
        check(
            &format!("{frames}exec: \"/app\": permission denied: unknown"),
            "exec: \"/app\": permission denied",
        );
        check(
            &format!(
                "{frames}error during container init: error mounting \"/a\" to rootfs at \"/b\": not a directory: unknown"
            ),
            "error mounting \"/a\" to rootfs at \"/b\": not a directory",
        );
        check(
            "failed to create containerd task: failed to create shim task: context deadline exceeded",
            "context deadline exceeded",
        );
        check("secret \"x\" not found", "secret \"x\" not found");
        check("failed to create shim task: ", "failed to create shim task:");
        check("", "");
    }
}
