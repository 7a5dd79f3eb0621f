//! The door to child processes, bounded and timed.
#![expect(clippy::disallowed_methods, reason = "the door to child processes")]

mod group;
mod keeper;
mod lines;
mod lookup;
mod task;

use std::io::ErrorKind;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;
use tokio::sync::mpsc::Sender;

use crate::process::group::Group;
use crate::process::task::code;

pub use crate::process::group::stop_all;
pub use crate::process::keeper::keep;
pub use crate::process::lines::ChildLine;
pub use crate::process::lookup::{FoundProgram, find, programs};
pub use crate::process::task::{ProcessFailure, ProcessInput, ProcessOutput, ProcessTask};

/// How long to wait for the pipes of a child that has ended: a grandchild may hold them open.
const PIPE_GRACE: Duration = Duration::from_millis(500);

/// Runs a child to its end and keeps what it prints. The child ends with the future and with this process, whatever
/// ends that, and so do its own children; not those of one that has the terminal, which a person can interrupt.
pub async fn run(task: ProcessTask) -> Result<ProcessOutput, ProcessFailure> {
    let mut child = start(&task)?;
    let mut group = Group::of(&child, &task.input);
    if let (ProcessInput::Bytes(bytes), Some(mut stdin)) = (&task.input, child.stdin.take()) {
        let bytes = bytes.clone();
        // A child that does not read its input must not hold us up.
        tokio::spawn(async move { stdin.write_all(&bytes).await.ok() });
    }
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let work = collect(&mut child, task.most, &mut stdout, &mut stderr);
    let ended = match task.limit {
        None => work.await,
        Some(limit) => match tokio::time::timeout(limit, work).await {
            Ok(ended) => ended,
            Err(_) => {
                drop(group);
                let stderr = String::from_utf8_lossy(&stderr).into_owned();
                return Err(ProcessFailure::TimedOut { after: limit, stderr });
            }
        },
    };
    let code = code(ended?);
    group.release();
    Ok(ProcessOutput { code, stdout, stderr })
}

/// Runs a child to its end, handing on its lines as they come; returns its exit code. It waits while they are not taken.
pub async fn run_lines(task: ProcessTask, to: Sender<ChildLine>) -> Result<i32, ProcessFailure> {
    let mut child = start(&task)?;
    let mut group = Group::of(&child, &task.input);
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let pipes = async {
        tokio::join!(lines::hand_on(out, ChildLine::Out, &to), lines::hand_on(err, ChildLine::Err, &to))
    };
    tokio::pin!(pipes);
    let ended = tokio::select! {
        _ = &mut pipes => child.wait().await.map_err(not_started)?,
        ended = child.wait() => {
            // What it has written is still to be taken, however slowly; only a grandchild's pipe has no end.
            let _ = tokio::time::timeout(PIPE_GRACE * 20, &mut pipes).await;
            ended.map_err(not_started)?
        }
    };
    group.release();
    Ok(code(ended))
}

/// As `run`, for callers that have no runtime (local subcommands).
pub fn run_blocking(task: ProcessTask) -> Result<ProcessOutput, ProcessFailure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| ProcessFailure::NotStarted(error.to_string()))?.block_on(run(task))
}

/// Hands the terminal to a child, all three streams of it, and returns its exit code. The child ends with the future and with
/// this process.
pub async fn hand_over(task: &ProcessTask) -> Result<i32, ProcessFailure> {
    let program = lookup::find(&task.program)?;
    let mut command = keeper::command(&program, true);
    for name in &task.withheld {
        command.env_remove(name);
    }
    command.args(&task.arguments).envs(&task.environment);
    if let Some(directory) = &task.directory {
        command.current_dir(directory);
    }
    let mut child = command.spawn().map_err(not_started)?;
    let mut group = Group::of(&child, &ProcessInput::Terminal);
    let ended = child.wait().await.map_err(not_started)?;
    group.release();
    Ok(code(ended))
}

fn start(task: &ProcessTask) -> Result<Child, ProcessFailure> {
    let program = lookup::find(&task.program)?;
    let has_terminal = matches!(task.input, ProcessInput::Terminal);
    let mut command = keeper::command(&program, has_terminal);
    for name in &task.withheld {
        command.env_remove(name);
    }
    command.args(&task.arguments).envs(&task.environment).stdout(Stdio::piped());
    if let Some(directory) = &task.directory {
        command.current_dir(directory);
    }
    match task.input {
        ProcessInput::Nothing => command.stdin(Stdio::null()).stderr(Stdio::piped()),
        ProcessInput::Bytes(_) => command.stdin(Stdio::piped()).stderr(Stdio::piped()),
        ProcessInput::Terminal => command.stdin(Stdio::inherit()).stderr(Stdio::inherit()),
    };
    command.spawn().map_err(not_started)
}

fn not_started(error: std::io::Error) -> ProcessFailure {
    match error.kind() {
        ErrorKind::NotFound => ProcessFailure::NotFound,
        _ => ProcessFailure::NotStarted(error.to_string()),
    }
}

async fn collect(
    child: &mut Child,
    most: usize,
    stdout: &mut Vec<u8>,
    stderr: &mut Vec<u8>,
) -> Result<ExitStatus, ProcessFailure> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let pipes = async { tokio::try_join!(drain(out, stdout, most), drain(err, stderr, most)) };
    tokio::pin!(pipes);
    tokio::select! {
        read = &mut pipes => {
            read?;
            child.wait().await.map_err(not_started)
        }
        ended = child.wait() => {
            if let Ok(read) = tokio::time::timeout(PIPE_GRACE, &mut pipes).await {
                read?;
            }
            ended.map_err(not_started)
        }
    }
}

async fn drain(
    pipe: Option<impl AsyncRead + Unpin>,
    kept: &mut Vec<u8>,
    most: usize,
) -> Result<(), ProcessFailure> {
    let Some(mut pipe) = pipe else { return Ok(()) };
    let mut chunk = vec![0; 8 << 10];
    loop {
        match pipe.read(&mut chunk).await {
            Ok(0) | Err(_) => return Ok(()),
            Ok(read) if kept.len() + read > most => return Err(ProcessFailure::TooMuch),
            Ok(read) => kept.extend_from_slice(&chunk[..read]),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::{ProcessFailure, ProcessInput, ProcessOutput, ProcessTask, run_blocking};
    use std::time::{Duration, Instant};

    fn shell(script: &str, input: ProcessInput) -> Result<ProcessOutput, ProcessFailure> {
        let arguments = vec!["-c".into(), script.into()];
        let limit = Some(Duration::from_secs(2));
        run_blocking(ProcessTask {
            program: "sh".into(),
            arguments,
            input,
            limit,
            most: 10_000,
            ..ProcessTask::default()
        })
    }

    #[test]
    fn what_a_child_prints_and_how_it_ends_is_kept() {
        let done =
            shell("cat; echo oops >&2; exit 7", ProcessInput::Bytes(b"hello".to_vec())).expect("it runs");
        assert_eq!(
            (done.code, done.stdout.as_slice(), done.stderr.as_slice()),
            (7, &b"hello"[..], &b"oops\n"[..])
        );
        assert_eq!(shell("kill -9 $$", ProcessInput::Nothing).expect("it runs").code, 137);
    }

    #[test]
    fn time_and_size_are_bounded() {
        let before = Instant::now();
        let stopped = shell("echo started >&2; sleep 20", ProcessInput::Nothing).err().expect("it hangs");
        let after = Duration::from_secs(2);
        assert_eq!(stopped, ProcessFailure::TimedOut { after, stderr: "started\n".to_string() });
        assert_eq!(shell("yes", ProcessInput::Nothing).err().expect("it floods"), ProcessFailure::TooMuch);
        assert!(before.elapsed() < Duration::from_secs(15));
    }

    #[test]
    fn a_grandchild_that_keeps_the_pipe_does_not_hold_us_up() {
        let task = ProcessTask {
            program: "sh".into(),
            arguments: vec!["-c".into(), "sleep 20 & echo token".into()],
            limit: Some(Duration::from_secs(10)),
            most: 100,
            ..ProcessTask::default()
        };
        let before = Instant::now();
        assert_eq!(run_blocking(task).expect("it runs").stdout, b"token\n");
        assert!(before.elapsed() < Duration::from_secs(15));
    }

    #[test]
    fn the_children_of_a_child_that_is_stopped_end_with_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let note = directory.path().join("late");
        let script = format!("(sleep 4; echo late > '{}') & sleep 20", note.display());
        assert!(matches!(shell(&script, ProcessInput::Nothing), Err(ProcessFailure::TimedOut { .. })));
        std::thread::sleep(Duration::from_secs(4));
        assert!(!note.exists(), "the grandchild lives on");
    }

    #[test]
    fn lines_come_while_the_child_runs_and_the_rest_at_its_end() {
        use super::{ChildLine, run_lines};
        let script = "echo one; echo two >&2; printf 'three\\r\\nfour'; exit 3";
        let arguments = vec!["-c".into(), script.into()];
        let task = ProcessTask { program: "sh".into(), arguments, ..ProcessTask::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (code, mut lines) = runtime.block_on(async {
            let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
            let running = tokio::spawn(run_lines(task, sender));
            let mut lines = Vec::new();
            while let Some(line) = receiver.recv().await {
                lines.push(line);
            }
            (running.await.expect("joined").expect("it runs"), lines)
        });
        lines.sort_by_key(|line| matches!(line, ChildLine::Err(_)));
        let out = |text: &str| ChildLine::Out(text.to_string());
        assert_eq!(lines, [out("one"), out("three"), out("four"), ChildLine::Err("two".to_string())]);
        assert_eq!(code, 3);
    }

    #[test]
    fn a_missing_program_is_told_apart() {
        let task = ProcessTask { program: "no-such-program-here".into(), ..ProcessTask::default() };
        assert_eq!(run_blocking(task).err().expect("it is missing"), ProcessFailure::NotFound);
    }
}
