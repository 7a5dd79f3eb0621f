//! The fault matrix: every fault x every command, and docs/reliability.md, which is the same table in words.

mod machine;
mod page;
mod plugins;
mod servers;
mod signals;
mod table;
mod watching;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::support::Board;

/// Longest that any of these runs may take, on a machine that does much else.
pub const LIMIT: Duration = Duration::from_secs(45);
/// Most requests that one cluster may get in one run: those of a good one, four times over.
pub const REQUESTS: usize = 60;

/// The commands that ask clusters, as they are called here.
pub const ASKING: &[(&str, &str)] = &[
    ("status", "status -o json"),
    ("show", "show hello -o json"),
    ("diagnose", "diagnose hello -o json"),
    ("logs", "logs hello -o json --timestamps"),
    ("events", "events hello -o json"),
    ("changes", "changes hello --since 9000d -o json"),
    ("top", "top hello -o json"),
    ("compare", "compare hello -o json"),
    ("clusters", "clusters -o json"),
    ("context", "context hello -o json"),
];
/// Those that ask none. `catalog import`, `kubectl`, `owner`, `get`, `check` and `wait` do, and their own tests have silent clusters.
pub const LOCAL: &[&str] = &[
    "services",
    "kubectl",
    "owner",
    "get",
    "wait",
    "init",
    "catalog",
    "new",
    "drift",
    "update",
    "adopt",
    "check",
    "template",
    "demo",
    "completions",
    "config",
    "schema",
    "plugin",
    "options",
];

/// A fleet of `bad`, of which fleet.yaml says `entry`, and `good`; both run the same Deployment, and write the same.
pub fn fleet(entry: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets/tiny/solo/hello/hello.yaml");
    let write = |path: &str, text: &str| {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    let deployment = std::fs::read_to_string(tiny).expect("read");
    for name in ["bad", "good"] {
        write(&format!("{name}/hello.yaml"), &deployment);
        let event = "apiVersion: v1\nkind: Event\nmetadata: {name: hello.1, namespace: hello}\n\
            involvedObject: {kind: Pod, namespace: hello, name: hello-zhn7m82r7w-2zmsf, uid: 4fb058c3-0794-5e34-9a84-d8b1d34d6458}\n\
            type: Normal\nreason: Pulled\nmessage: it is there\nlastTimestamp: '2026-01-15T09:30:00Z'\n";
        write(&format!("{name}/event.yaml"), event);
        let log = "2026-01-15T09:59:00Z one\n2026-01-15T09:59:01Z two\n";
        write(&format!("{name}/logs/hello/hello-zhn7m82r7w-2zmsf/app.log"), log);
    }
    write(
        "fleet.yaml",
        &format!("now: 2026-01-15T10:00:00Z\nclusters:\n- {{name: bad, {entry}}}\n- {{name: good}}\n"),
    );
    let placed = "name: hello, annotations: {backstage.io/kubernetes-cluster: 'bad,good', backstage.io/kubernetes-namespace: hello}";
    write("catalog.yaml", &crate::support::HELLO.replace("name: hello", placed));
    directory
}

/// Runs a command, and fails where it takes for ever.
pub fn finished(mut command: Command) -> Result<Output, String> {
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let (mut stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
    let out = std::thread::spawn(move || all(stdout.as_mut()));
    let err = std::thread::spawn(move || all(stderr.as_mut()));
    let since = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        if since.elapsed() > LIMIT {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("it still ran after {LIMIT:?}"));
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let join =
        |reader: std::thread::JoinHandle<Vec<u8>>| reader.join().map_err(|_| "a reader failed".to_string());
    Ok(Output { status, stdout: join(out)?, stderr: join(err)? })
}

fn all(from: Option<&mut impl std::io::Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        let _ = from.read_to_end(&mut bytes);
    }
    bytes
}

/// Does all of it, a few at the same time; each that fails is told in the end.
#[track_caller]
pub fn all_hold<T: Sync>(cases: &[T], check: impl Fn(&T) -> Result<(), String> + Sync) {
    let (next, failures) = (Mutex::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let index = {
                        let mut next = next.lock().expect("whole");
                        *next += 1;
                        *next - 1
                    };
                    let Some(case) = cases.get(index) else { return };
                    if let Err(failure) = check(case) {
                        failures.lock().expect("whole").push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("whole");
    assert!(failures.is_empty(), "{} of {} fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

pub fn ensure(holds: bool, told: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(told()) }
}

/// Nothing half of anything: whatever a run leaves in its home is whole, and nothing of it is for the moment.
pub fn leaves_nothing_half(board: &Board) -> Result<(), String> {
    let mut left = Vec::new();
    crate::support::files_below(board.home(), &mut left);
    for path in left {
        let name = path.display().to_string();
        ensure(!name.ends_with(".tmp"), || format!("{name} is left"))?;
        // What a template holds is JSON only once it is rendered.
        if name.ends_with(".json") && path.parent().is_some_and(|parent| parent.ends_with("cache")) {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let read: Result<serde_json::Value, _> = serde_json::from_str(&text);
            ensure(read.is_ok(), || format!("{name} is half written: {text}"))?;
        }
    }
    Ok(())
}

/// Every command is in one of the two lists, so that a new one gets its place in the matrix.
#[test]
fn every_command_is_in_the_matrix() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md")).expect("read");
    let named = page.lines().filter_map(|line| line.strip_prefix("## callboard "));
    for name in named {
        let first = name.split(' ').next().unwrap_or_default();
        let known = ASKING.iter().any(|(asking, _)| *asking == first) || LOCAL.contains(&first);
        assert!(known, "{name}: does it ask clusters? Its place is in tests/it/matrix");
    }
}
