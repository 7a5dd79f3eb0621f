//! What the machine lacks: file descriptors, room on the disk, a cache, a reader, a terminal; x every command that asks.

use std::fs::OpenOptions;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::matrix::page::{Told, told};
use crate::matrix::{ASKING, LIMIT, all_hold, ensure, finished, fleet, leaves_nothing_half};
use crate::support::Board;
use crate::terminal;

pub const TABLE: &[Told] = &[
    Told {
        fault: "256 file descriptors, 300 clusters",
        happens: "every cluster is asked all the same",
        codes: &[0],
    },
    Told { fault: "the answer cannot be written (disk full)", happens: "an error says so", codes: &[1] },
    Told {
        fault: "no file can be written (disk full)",
        happens: "the answer is whole; it is not remembered, and nothing half is left",
        codes: &[0],
    },
    Told {
        fault: "a cache that cannot be written",
        happens: "the answer is whole; it is not remembered",
        codes: &[0],
    },
    Told {
        fault: "a project cannot be written (disk full)",
        happens: "an error says so, and nothing of the project is left",
        codes: &[1],
    },
    Told { fault: "the reader has gone (SIGPIPE)", happens: "the run ends without a word", codes: &[0] },
    Told { fault: "the terminal is closed", happens: "the run ends", codes: &[129, 1, 0] },
];

/// The command line of a run behind a line of shell.
fn behind(board: &Board, shell: &str, words: &str) -> Command {
    let inner = board.command(words.split(' '));
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{shell}; exec \"$0\" \"$@\"")])
        .arg(inner.get_program())
        .args(inner.get_args());
    command.current_dir(board.home()).env_clear().stdin(Stdio::null());
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

fn codes(fault: &str, code: Option<i32>, told_else: &str) -> Result<(), String> {
    let wanted = told(TABLE, fault).codes;
    ensure(code.is_some_and(|code| wanted.contains(&code)), || {
        format!("exit {code:?}, not {wanted:?}\n{told_else}")
    })
}

fn said(output: &std::process::Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn no_disk(command: &str, words: &str) -> Result<(), String> {
    let directory = fleet("latency: 0ms");
    let board = Board::at(directory.path()).variable("CALLBOARD_CACHE_DIR", "cache");
    let fault = "the answer cannot be written (disk full)";
    let mut full = board.command(words.split(' '));
    let device = OpenOptions::new().write(true).open("/dev/full").map_err(|error| error.to_string())?;
    let output = full.stdout(device).stderr(Stdio::piped()).output().map_err(|error| error.to_string())?;
    codes(fault, output.status.code(), &said(&output)).map_err(|failure| format!("{fault}: {failure}"))?;
    ensure(!output.stderr.is_empty(), || format!("{fault}: not a word"))?;

    // A limit on the size of files: writing one fails as on a full disk, and not by a signal.
    for (fault, shell, cache) in [
        ("no file can be written (disk full)", "trap '' XFSZ; ulimit -f 0", "cache"),
        ("a cache that cannot be written", ":", "/proc/callboard"),
    ] {
        let board = Board::at(directory.path()).variable("CALLBOARD_CACHE_DIR", cache);
        let board = board.variable("CALLBOARD_DEMO_REQUESTS", "");
        let output = finished(behind(&board, shell, words))?;
        codes(fault, output.status.code(), &said(&output))
            .map_err(|failure| format!("{fault}: {failure}"))?;
        ensure(!output.stdout.is_empty(), || format!("{fault}: no answer of {command}"))?;
        leaves_nothing_half(&board).map_err(|failure| format!("{fault}: {failure}"))?;
        let (whole, known) = (String::from_utf8_lossy(&output.stdout), command == "logs");
        let read: Result<serde_json::Value, _> = serde_json::from_str(&whole);
        ensure(known || read.is_ok(), || format!("{fault}: half an answer\n{whole}"))?;
    }
    Ok(())
}

/// The reader goes at once, or while the answer is on its way.
fn no_reader(words: &str) -> Result<(), String> {
    let directory = fleet("latency: 0ms");
    for pause in [0, 150] {
        let board = Board::at(directory.path());
        let mut child = board
            .command(words.split(' '))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        std::thread::sleep(Duration::from_millis(pause));
        drop(child.stdout.take());
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        codes("the reader has gone (SIGPIPE)", output.status.code(), &stderr)?;
        ensure(!stderr.contains("error"), || format!("not silently: {stderr}"))?;
    }
    Ok(())
}

/// The window is closed while a cluster is waited for: the kernel sends SIGHUP, and what is written is lost.
fn no_terminal(words: &str) -> Result<(), String> {
    let directory = fleet("fault: hang");
    let board = Board::at(directory.path());
    let (ours, theirs) = terminal::pair();
    let end = || theirs.try_clone().map_err(|error| error.to_string());
    let mut command = board.command(words.split(' '));
    command.stdin(end()?).stdout(end()?).stderr(end()?);
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    drop((command, theirs));
    std::thread::sleep(Duration::from_millis(700));
    drop(ours);
    // The test has no session whose terminal this were, so that the signal is sent by hand.
    let _ = Command::new("kill").args(["-HUP", &child.id().to_string()]).status();
    let since = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            // A signal that comes before the handlers stand ends the process as any other.
            let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
            return codes("the terminal is closed", code, "");
        }
        if since.elapsed() > LIMIT {
            let _ = child.kill();
            return Err("it goes on without a terminal".into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_machine_that_lacks_something_costs_no_answer() {
    all_hold(ASKING, |(command, words)| {
        no_disk(command, words)
            .and_then(|()| no_reader(words))
            .and_then(|()| no_terminal(&words.replace(" -o json", "")))
            .map_err(|failure| format!("--- {command}: {failure}"))
    });
}

#[test]
fn a_project_that_finds_no_room_is_not_begun() {
    let board = Board::empty();
    let words = "new library shelf --no-register --set name=shelf --set owner=ida --set description=x";
    let whole = board.run(words);
    assert!(board.home().join("shelf").is_dir(), "{whole}");
    let board = Board::empty();
    let output = finished(behind(&board, "trap '' XFSZ; ulimit -f 0", words)).expect("it ends");
    let wanted = told(TABLE, "a project cannot be written (disk full)").codes[0];
    assert_eq!(output.status.code(), Some(wanted), "{}", said(&output));
    let mut left = Vec::new();
    crate::support::files_below(board.home(), &mut left);
    assert!(left.is_empty() && !board.home().join("shelf").exists(), "{left:?}\n{}", said(&output));
}

/// The servers have a process of their own, with all the descriptors that they need.
#[test]
fn three_hundred_clusters_need_no_descriptor_each() {
    use std::io::{BufRead, BufReader};
    let directory = tempfile::tempdir().expect("a directory");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: hello, labels: {backstage.io/kubernetes-id: hello}}\n\
               spec: {nodeName: n, containers: [{name: app, image: web}]}\n\
               status: {phase: Running, conditions: [{type: Ready, status: 'True'}], containerStatuses: [{name: app, image: web, ready: true, state: {running: {}}}]}\n";
    for number in 0..300 {
        let cluster = directory.path().join(format!("c{number:03}"));
        std::fs::create_dir(&cluster).expect("made");
        std::fs::write(cluster.join("pod.yaml"), pod).expect("written");
    }
    let file = directory.path().join("kubeconfig");
    let served = Board::at(directory.path());
    let mut servers = served.command(["demo".as_ref(), "--write".as_ref(), file.as_os_str()]);
    let mut servers = servers.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(servers.stdout.take().expect("piped")).read_line(&mut line).expect("it is up");
    let board = Board::empty().file("catalog.yaml", crate::support::HELLO);
    let words =
        format!("status -o json --kubeconfig {} --connect-timeout 30s --cluster-timeout 30s", file.display());
    let output = finished(behind(&board, "ulimit -n 256", &words));
    let _ = servers.kill();
    let _ = servers.wait();
    let output = board.told(&output.expect("it ends"));
    let wanted = told(TABLE, "256 file descriptors, 300 clusters").codes[0];
    assert_eq!(output.code, wanted, "{}", output.stderr);
    let report = output.json();
    assert_eq!(report["items"][0]["clusters"].as_array().map(Vec::len), Some(300));
    assert!(
        report["clusters"].as_array().expect("a list").iter().all(|cluster| cluster["state"] == "answered")
    );
}
