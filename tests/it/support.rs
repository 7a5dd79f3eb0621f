//! Hermetic runs of the real binary: nothing of the user's environment, a pinned clock, one text to compare.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use snapbox::data::Inline;
use snapbox::{Assert, IntoData};

use crate::secrets;

/// The instant that the fleets under tests/fleets were written for.
pub const NOW: &str = "2026-01-15T10:00:00Z";

/// Where a run happens: a fleet or none, an empty home, variables of its own.
pub struct Board {
    home: tempfile::TempDir,
    fleet: Option<PathBuf>,
    variables: Vec<(String, String)>,
    /// Where the servers of the fleet write down what they are asked.
    requests: PathBuf,
    /// The run is asked for Secrets by name.
    reads_secrets: bool,
    /// Files of the home that hold secrets because the test has put them there.
    planted: Mutex<BTreeSet<PathBuf>>,
}

impl Board {
    /// No fleet, no kubeconfig, no catalog.
    pub fn empty() -> Board {
        let home = tempfile::tempdir().expect("a temporary home");
        secrets::watch_processes();
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("requests");
        std::fs::create_dir_all(&directory).expect("a directory");
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let requests = directory.join(format!("{}-{number}", std::process::id()));
        let variables = vec![
            ("CALLBOARD_NOW".to_string(), NOW.to_string()),
            ("CALLBOARD_DEMO_REQUESTS".to_string(), requests.display().to_string()),
        ];
        Board { home, fleet: None, variables, requests, reads_secrets: false, planted: Mutex::default() }
    }

    /// A fleet of tests/fleets, served by the binary itself.
    pub fn fleet(name: &str) -> Board {
        let fleet = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets").join(name);
        assert!(fleet.is_dir(), "no fleet {name}");
        Board::empty().of(fleet)
    }

    /// The embedded fleet, at the instant it was written for.
    pub fn demo() -> Board {
        Board::empty().of(PathBuf::new())
    }

    /// A fleet directory made by the test.
    pub fn at(directory: &Path) -> Board {
        Board::empty().of(directory.to_path_buf())
    }

    fn of(mut self, fleet: PathBuf) -> Board {
        self.fleet = Some(fleet);
        self
    }

    /// For `get secrets`: the one thing that reads them.
    pub fn may_read_secrets(mut self) -> Board {
        self.reads_secrets = true;
        self
    }

    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Board {
        self.variables.push((name.to_string(), value.into()));
        self
    }

    /// Writes a file into the run's working directory, which is its home.
    pub fn file(self, name: &str, text: &str) -> Board {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().expect("below home")).expect("created");
        std::fs::write(path, text).expect("written");
        self
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Words split at spaces; for arguments with spaces there is `run_words`.
    pub fn run(&self, words: &str) -> Output {
        self.run_words(words.split_whitespace())
    }

    pub fn run_words<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Output {
        let output = self.command(words).output().expect("the binary runs");
        self.told(&output)
    }

    /// What a finished run said, without what differs from run to run.
    pub fn told(&self, output: &std::process::Output) -> Output {
        self.keeps_secrets(&[&output.stdout, &output.stderr]);
        let text = |bytes: &[u8]| self.steady(&String::from_utf8_lossy(bytes));
        Output {
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            code: output.status.code().expect("not killed"),
        }
    }

    /// What the servers of the fleet were asked so far: cluster, method, path, and who asked.
    pub fn asked(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.requests).unwrap_or_default();
        text.lines().map(str::to_string).collect()
    }

    /// Nothing that was printed, and no file but those of the test itself, holds a secret of the fixtures.
    #[track_caller]
    pub fn keeps_secrets(&self, printed: &[&[u8]]) {
        for text in printed {
            let found = secrets::printed(&String::from_utf8_lossy(text));
            assert!(found.is_none(), "the secret {found:?} is printed:\n{}", String::from_utf8_lossy(text));
        }
        let planted = self.planted.lock().expect("whole");
        let written = secrets::files_with(self.home.path());
        let new: Vec<&PathBuf> = written.iter().filter(|path| !planted.contains(*path)).collect();
        assert!(new.is_empty(), "a secret is written to {new:?}");
        secrets::stay_out_of_command_lines();
    }

    /// The command as `run` would start it.
    pub fn command<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        self.planted.lock().expect("whole").extend(secrets::files_with(self.home.path()));
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.env_clear().current_dir(self.home.path()).stdin(Stdio::null());
        command.env("HOME", self.home.path()).env("XDG_CONFIG_HOME", self.home.path().join(".config"));
        command.env("XDG_CACHE_HOME", self.home.path().join(".cache"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        match &self.fleet {
            Some(fleet) if fleet.as_os_str().is_empty() => {
                command.arg("--demo");
            }
            Some(fleet) => {
                command.arg(format!("--demo={}", fleet.display()));
            }
            None => {}
        }
        command.args(words);
        command
    }

    /// Takes out of a text what differs from run to run: durations, ports, directories.
    fn steady(&self, text: &str) -> String {
        let text = text.replace(&self.home.path().display().to_string(), "[HOME]");
        let text = match &self.fleet {
            Some(fleet) if !fleet.as_os_str().is_empty() => {
                text.replace(&fleet.display().to_string(), "[FLEET]")
            }
            _ => text,
        };
        let patterns = [
            (r"answered in \d+(\.\d+)?m?s", "answered in [TIME]"),
            (r"127\.0\.0\.1:\d+", "127.0.0.1:[PORT]"),
            (r"expired \d+[a-z]+ ago", "expired [AGE] ago"),
            (r#""elapsedMs": \d+"#, r#""elapsedMs": "[MS]""#),
        ];
        patterns.iter().fold(text, |text, (pattern, by)| {
            regex::Regex::new(pattern).expect("a pattern").replace_all(&text, *by).into_owned()
        })
    }
}

/// No run of callboard asks for a Secret, whatever it is for.
impl Drop for Board {
    fn drop(&mut self) {
        let asked = self.asked();
        let _ = std::fs::remove_file(&self.requests);
        let is_secret = |line: &&String| line.ends_with(" callboard") && line.contains("/secrets");
        let found: Vec<&String> = asked.iter().filter(is_secret).collect();
        assert!(
            found.is_empty() || self.reads_secrets || std::thread::panicking(),
            "Secrets are asked for: {found:#?}"
        );
    }
}

/// One text for one snapshot: stdout, stderr and the exit code.
#[must_use = "compare it or assert on its parts"]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Output {
    /// What was printed, which must be as the schema of its kind says.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        let document = serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"));
        crate::schema::conforms(&document);
        document
    }
}

impl fmt::Display for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.stdout)?;
        if !self.stderr.is_empty() {
            write!(formatter, "------- stderr -------\n{}", self.stderr)?;
        }
        writeln!(formatter, "[exit status: {}]", self.code)
    }
}

/// Every regular file below a directory.
pub fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files_below(&entry.path(), found),
            Ok(kind) if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
}

/// A catalog of one service, which tests/fleets/tiny runs.
pub const HELLO: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: hello}\n\
                     spec: {type: service, lifecycle: production, owner: ida}\n";

/// Errors that name what they should, and no backtrace.
#[track_caller]
pub fn tells(output: &Output, code: i32, words: &[&str]) {
    assert_eq!(output.code, code, "{output}");
    for word in words {
        assert!(output.stderr.contains(word), "{word:?} is not told:\n{output}");
    }
    let backtrace = ["panicked", "RUST_BACKTRACE", "stack backtrace"];
    assert!(!backtrace.iter().any(|word| output.stderr.contains(word)), "{output}");
}

/// The entry of a list of objects whose field has that value.
#[track_caller]
pub fn of<'a>(list: &'a Value, field: &str, name: &str) -> &'a Value {
    let items = list.as_array().expect("a list");
    items.iter().find(|item| item[field] == name).unwrap_or_else(|| panic!("no {name} in {list}"))
}

/// Compares all that a run said; `SNAPSHOTS=overwrite cargo test` writes the snapshots anew.
#[track_caller]
pub fn check(output: &Output, expected: Inline) {
    Assert::new().action_env("SNAPSHOTS").eq(output.to_string().raw(), expected.raw());
}

#[track_caller]
pub fn says(fleet: &str, words: &str, expected: Inline) {
    check(&Board::fleet(fleet).run(words), expected);
}
