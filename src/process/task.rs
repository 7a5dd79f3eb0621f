//! What to run, and what comes of it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// What to run, and within which bounds. It has no `Debug`: the environment may hold secrets.
#[derive(Clone, Default)]
pub struct ProcessTask {
    pub program: String,
    pub arguments: Vec<OsString>,
    /// Added to the environment of this process.
    pub environment: BTreeMap<String, String>,
    /// Variables of this process that the child does not get.
    pub withheld: Vec<String>,
    pub directory: Option<PathBuf>,
    pub input: ProcessInput,
    /// Stopped after this long; `None` for what asks a person something.
    pub limit: Option<Duration>,
    /// Most bytes kept of stdout, and of stderr; more is an error.
    pub most: usize,
}

/// What a child reads.
#[derive(Clone, Default)]
pub enum ProcessInput {
    #[default]
    Nothing,
    Bytes(Vec<u8>),
    /// The terminal: the child also writes its stderr there, where its questions are.
    Terminal,
}

/// What a child left behind.
pub struct ProcessOutput {
    /// The exit code, or 128 + n after signal n.
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Why there is no output.
#[derive(Debug, Eq, PartialEq)]
pub enum ProcessFailure {
    NotFound,
    /// It stands only where an entry of PATH says "here", as `.` does.
    OnlyHere,
    NotStarted(String),
    TimedOut {
        after: Duration,
        stderr: String,
    },
    TooMuch,
}

impl std::fmt::Display for ProcessFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ProcessFailure::NotFound => f.write_str("is not installed"),
            ProcessFailure::OnlyHere => f.write_str(
                "stands only in the current directory, where PATH has it looked for: it is not run from there, nor would kubectl",
            ),
            ProcessFailure::NotStarted(text) => write!(f, "cannot be started: {text}"),
            ProcessFailure::TimedOut { after, .. } => write!(f, "was stopped after {}s", after.as_secs()),
            ProcessFailure::TooMuch => f.write_str("printed too much"),
        }
    }
}

impl std::error::Error for ProcessFailure {}

#[cfg(unix)]
pub fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1)
}

#[cfg(not(unix))]
pub fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(1)
}
