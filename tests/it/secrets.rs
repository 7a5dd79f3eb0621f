//! The secrets of the fixtures, and that they are found nowhere: every run of the binary is searched for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};
use std::time::Duration;

use crate::support::{Board, files_below};

/// What fixtures use where something secret belongs: tokens, passwords, keys. A new one is a word of this list, or begins so.
const SECRETS: &[&str] =
    &["s3cr3t", "s3cretw0rd", "tops3cret", "hunter2", "secret-token", "correct-horse", "other-hunter"];

/// The bearer token of the demo's kubeconfig, which `demo` itself writes into a file.
const TOKEN: &str = "callboard-demo-token";

/// More of a file than this is not looked at.
const MOST: u64 = 4 << 20;

/// The first secret in what was printed.
pub fn printed(text: &str) -> Option<&'static str> {
    SECRETS.iter().chain([&TOKEN]).find(|secret| text.contains(**secret)).copied()
}

/// The files below a directory that hold a secret.
pub fn files_with(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    files_below(directory, &mut files);
    let holds = |path: &PathBuf| {
        let is_small = std::fs::metadata(path).is_ok_and(|metadata| metadata.len() <= MOST);
        let text = if is_small { std::fs::read(path).unwrap_or_default() } else { Vec::new() };
        let text = String::from_utf8_lossy(&text);
        SECRETS.iter().any(|secret| text.contains(secret))
    };
    files.retain(holds);
    files
}

/// Command lines with a secret of what callboard has started.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Looks again and again, as `ps` would, at what the binary has started. A test's own command line is the test's own.
pub fn watch_processes() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::thread::spawn(|| {
            loop {
                SEEN.lock().expect("whole").extend(command_lines());
                std::thread::sleep(Duration::from_millis(100));
            }
        });
    });
}

#[track_caller]
pub fn stay_out_of_command_lines() {
    let seen = SEEN.lock().expect("whole");
    assert!(seen.is_empty(), "a secret stands on a command line, for all to see: {seen:#?}");
}

fn command_lines() -> Vec<String> {
    let mut processes: BTreeMap<u32, (u32, String)> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1)?.parse().ok());
        processes.insert(id, (parent.unwrap_or_default(), line));
    }
    let is_ours = |id: u32| {
        let program = std::fs::read_link(format!("/proc/{id}/exe")).unwrap_or_default();
        program == Path::new(env!("CARGO_BIN_EXE_callboard"))
    };
    let by_us = |mut id: u32| {
        // Not the run itself: what it is called with is the test's.
        while let Some((parent, _)) = processes.get(&id).filter(|(parent, _)| *parent > 1) {
            if is_ours(*parent) {
                return true;
            }
            id = *parent;
        }
        false
    };
    let suspect = processes.iter().filter(|(_, (_, line))| printed(line).is_some());
    suspect.filter(|(id, _)| by_us(**id)).map(|(_, (_, line))| line.clone()).collect()
}

/// Who keeps a password in the address of golden paths: it reaches git, and no command line, message or file.
#[test]
fn the_password_of_an_address_reaches_git_unseen() {
    let script = "#!/bin/sh\nprintf '%s\\n' \"$*\" >> \"$HOME/arguments\"\nenv > \"$HOME/environment\"\n\
        case \"$*\" in *fetch*) echo \"fatal: unable to access 'https://git.invalid/a.git/'\" >&2; exit 128;; esac\nexit 0\n";
    let board = Board::empty().file("bin/git", script);
    let git = board.home().join("bin/git");
    std::fs::set_permissions(git, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("runnable");
    let path = format!("{}:{}", board.home().join("bin").display(), std::env::var("PATH").expect("a path"));
    let board = board.variable("PATH", path);
    let output = board.run("template lint git+https://ida:s3cr3t%2Dof@git.invalid/a.git//web@v1");
    assert_eq!(output.code, 1, "{output}");
    let read = |name: &str| std::fs::read_to_string(board.home().join(name)).expect("git was started");
    let arguments = read("arguments");
    assert!(arguments.contains("https://git.invalid/a.git") && printed(&arguments).is_none(), "{arguments}");
    // ida:s3cr3t-of, for that server alone.
    let environment = read("environment");
    for line in [
        "GIT_CONFIG_KEY_0=http.https://git.invalid/.extraHeader",
        "GIT_CONFIG_VALUE_0=Authorization: Basic aWRhOnMzY3IzdC1vZg==",
    ] {
        assert!(environment.contains(line), "{line}\n{environment}");
    }
}

/// The harness sees what it is there for.
#[test]
fn a_secret_that_is_printed_or_written_is_found() {
    let board = Board::empty().file("mine", "token: s3cr3t-one");
    drop(board.command(["--version"]));
    board.keeps_secrets(&[b"nothing"]);
    let caught = |check: &dyn Fn()| std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).is_err();
    assert!(caught(&|| board.keeps_secrets(&[b"Bearer callboard-demo-token"])), "printed");
    std::fs::write(board.home().join("theirs"), "hunter2").expect("written");
    assert!(caught(&|| board.keeps_secrets(&[])), "written");
    let script = Board::empty().file("kubeconfig", "");
    assert!(printed("a s3cr3t-two b").is_some() && printed("a b").is_none());
    drop(script);
}

/// And it would see a request for a Secret: the paths are written down, whoever asks.
#[test]
fn requests_are_written_down() {
    let board = Board::fleet("tiny");
    assert_eq!(board.run("status").code, 0);
    let asked = board.asked();
    assert!(
        asked.iter().any(|line| line.starts_with("solo GET /api/v1/pods?") && line.ends_with(" callboard")),
        "{asked:#?}"
    );
}
