//! Who stands between us and a child: this binary once more, which gives the child a session without a terminal and
//! ends it when we are gone, even by SIGKILL.
//!
//! A session can only be made by the process that is to lead it, between its start and the program's: in our own
//! process that would take unsafe code, and a signal at the death of the parent reaches no grandchildren.

use std::ffi::OsString;
use std::path::Path;

use tokio::process::Command;

/// The first argument of a keeper. Then come the process that it keeps a child for, the manner, the program and its arguments.
#[cfg(unix)]
const MARK: &str = "__keep";
#[cfg(unix)]
const APART: &str = "apart";
#[cfg(unix)]
const AT_TERMINAL: &str = "at-terminal";

/// The command for a program, to which its arguments are added.
#[cfg(unix)]
pub fn command(program: &Path, has_terminal: bool) -> Command {
    match own_binary() {
        Some(binary) => {
            let mut command = Command::new(binary);
            let manner = if has_terminal { AT_TERMINAL } else { APART };
            command.args([MARK, &std::process::id().to_string(), manner]).arg(program);
            // The keeper of a child that has the terminal must live to end it.
            command.kill_on_drop(!has_terminal);
            command
        }
        None => {
            let mut command = Command::new(program);
            if !has_terminal {
                command.process_group(0);
            }
            command.kill_on_drop(true);
            command
        }
    }
}

#[cfg(not(unix))]
pub fn command(program: &Path, _: bool) -> Command {
    let mut command = Command::new(program);
    command.kill_on_drop(true);
    command
}

/// This binary, which on Linux may even have been replaced since. That of the unit tests cannot keep anything.
#[cfg(unix)]
fn own_binary() -> Option<std::path::PathBuf> {
    let own = Path::new("/proc/self/exe");
    match (cfg!(test), own.exists()) {
        (true, _) => None,
        (false, true) => Some(own.to_path_buf()),
        (false, false) => std::env::current_exe().ok(),
    }
}

/// Runs the child where this process was started as a keeper; returns the child's exit code, or 128 + n after signal n.
#[cfg(unix)]
pub fn keep(arguments: &[OsString]) -> Option<i32> {
    let [_, mark, parent, manner, program, rest @ ..] = arguments else { return None };
    if mark != MARK {
        return None;
    }
    let parent = rustix::process::Pid::from_raw(parent.to_str()?.parse().ok()?)?;
    let has_terminal = manner == AT_TERMINAL;
    if !has_terminal {
        // Without a terminal, opening /dev/tty fails at once, in the child and whatever it starts.
        rustix::process::setsid().ok();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let kept = runtime.and_then(|runtime| runtime.block_on(kept(parent, has_terminal, program, rest)));
    Some(kept.unwrap_or_else(|error| {
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "{}: {error}", Path::new(program).display());
        126
    }))
}

#[cfg(not(unix))]
pub fn keep(_: &[OsString]) -> Option<i32> {
    None
}

#[cfg(unix)]
async fn kept(
    parent: rustix::process::Pid,
    has_terminal: bool,
    program: &OsString,
    arguments: &[OsString],
) -> std::io::Result<i32> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut hang_up) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    // What a person types at the terminal is the child's to take or leave.
    let _typed = (signal(SignalKind::interrupt())?, signal(SignalKind::quit())?);
    let mut child = Command::new(program).args(arguments).spawn()?;
    tokio::select! {
        ended = child.wait() => return ended.map(crate::process::task::code),
        () = orphaned(parent) => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
    if !has_terminal {
        // The child, all that it started and this process.
        rustix::process::kill_process_group(rustix::process::getpid(), rustix::process::Signal::KILL).ok();
    }
    child.kill().await?;
    Ok(143)
}

/// Returns once the process that we keep a child for has ended: we are then somebody else's.
#[cfg(unix)]
async fn orphaned(parent: rustix::process::Pid) {
    while rustix::process::getppid() == Some(parent) {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
