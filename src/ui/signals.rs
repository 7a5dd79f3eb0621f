//! Ctrl-C, SIGTERM and SIGHUP: the first lets a command tell what has arrived, the second ends the process at once.

use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// How long a run may take to end in good order, or to come to its next wait, after a signal that found nobody waiting.
const GRACE: Duration = Duration::from_millis(200);

/// The exit code after Ctrl-C.
const INTERRUPTED: u8 = 130;

/// The exit code that the first signal asks for; 0 as long as none came.
static ASKED: AtomicU8 = AtomicU8::new(0);
static CALLED: Notify = Notify::const_new();
/// How many waits a signal would end.
static WAITING: AtomicUsize = AtomicUsize::new(0);
/// Whether one of them has ended, so that the command is on its way to its end.
static HEEDED: AtomicBool = AtomicBool::new(false);
/// Whether something is under way that must be brought to its end.
static BUSY: AtomicBool = AtomicBool::new(false);
/// Whether a child has the terminal: what is typed there is its own.
static GIVEN: AtomicBool = AtomicBool::new(false);
/// What is done before the process is ended in the middle.
static LAST: OnceLock<[fn(); 3]> = OnceLock::new();

/// Watches for signals from here on, on a thread of its own: what computes for long shall not be in their way. `last` is
/// done before the process is ended in the middle. Once is enough.
pub(in crate::ui) fn watch_for(last: [fn(); 3]) {
    if LAST.set(last).is_err() {
        return;
    }
    let (ready, is_ready) = std::sync::mpsc::channel();
    let watching = std::thread::Builder::new().name("signals".to_string()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(watch(ready));
    });
    // Until the handlers stand, a signal ends the process as ever: that takes no time worth mentioning.
    if watching.is_ok() {
        let _ = is_ready.recv();
    }
}

#[cfg(unix)]
async fn watch(ready: std::sync::mpsc::Sender<()>) {
    use tokio::signal::unix::{SignalKind, signal};
    let watched =
        [(SignalKind::interrupt(), INTERRUPTED), (SignalKind::terminate(), 143), (SignalKind::hangup(), 129)];
    let mut tasks = Vec::new();
    for (kind, code) in watched {
        // Who started us with `nohup` wants us to outlive the terminal.
        if kind == SignalKind::hangup() && is_hangup_ignored() {
            continue;
        }
        if let Ok(mut signals) = signal(kind) {
            tasks.push(tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    received(code);
                }
            }));
        }
    }
    let _ = ready.send(());
    for task in tasks {
        let _ = task.await;
    }
}

#[cfg(not(unix))]
async fn watch(ready: std::sync::mpsc::Sender<()>) {
    let _ = ready.send(());
    while tokio::signal::ctrl_c().await.is_ok() {
        received(INTERRUPTED);
    }
}

/// Whether SIGHUP was ignored when the process started, where the system tells: its bit is the lowest.
#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 != 0)
}

fn received(code: u8) {
    if code == INTERRUPTED && GIVEN.load(Ordering::SeqCst) {
        return;
    }
    if ASKED.compare_exchange(0, code, Ordering::SeqCst, Ordering::SeqCst).is_err() {
        end(code);
    }
    let is_awaited = WAITING.load(Ordering::SeqCst) > 0;
    CALLED.notify_waiters();
    if !is_awaited {
        tokio::spawn(unless_heeded(code));
    }
}

/// Ends a run that waits for something else: not before what is under way is done.
async fn unless_heeded(code: u8) {
    loop {
        while BUSY.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(GRACE).await;
        // What began in that moment is under way as well.
        if !BUSY.load(Ordering::SeqCst) {
            break;
        }
    }
    if !HEEDED.load(Ordering::SeqCst) {
        end(code);
    }
}

#[expect(clippy::exit, reason = "whatever is still being computed or written is no longer wanted")]
fn end(code: u8) {
    LAST.get().into_iter().flatten().for_each(|last| last());
    std::process::exit(i32::from(code));
}

/// Returns once the process is asked to end; at once where it was before. Whoever waits for this must come to an end then.
pub async fn interrupted() {
    let waiting = SignalWait::new();
    let mut called = pin!(CALLED.notified());
    called.as_mut().enable();
    if ASKED.load(Ordering::SeqCst) == 0 {
        called.await;
    }
    HEEDED.store(true, Ordering::SeqCst);
    drop(waiting);
}

/// For one whom a signal may have woken up before it was taken note of: waits a moment for that.
pub(in crate::ui) fn await_note() {
    for _ in 0..75 {
        if signalled().is_some() {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The exit code of the signal that asked the process to end, if one did.
pub fn signalled() -> Option<u8> {
    Some(ASKED.load(Ordering::SeqCst)).filter(|code| *code != 0)
}

struct SignalWait(());

impl SignalWait {
    fn new() -> SignalWait {
        WAITING.fetch_add(1, Ordering::SeqCst);
        SignalWait(())
    }
}

impl Drop for SignalWait {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// While this lives, the first signal waits.
#[must_use]
pub struct Busy(());

pub fn busy() -> Busy {
    BUSY.store(true, Ordering::SeqCst);
    Busy(())
}

impl Drop for Busy {
    fn drop(&mut self) {
        BUSY.store(false, Ordering::SeqCst);
    }
}

/// While this lives, Ctrl-C is somebody else's; other signals count.
#[must_use]
pub struct TerminalGivenAway(());

pub fn give_terminal_away() -> TerminalGivenAway {
    GIVEN.store(true, Ordering::SeqCst);
    TerminalGivenAway(())
}

impl Drop for TerminalGivenAway {
    fn drop(&mut self) {
        GIVEN.store(false, Ordering::SeqCst);
    }
}

#[cfg(all(test, unix))]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the test starts itself as another process"
)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, ExitStatus, Stdio};
    use std::time::{Duration, Instant};

    use super::{busy, interrupted, watch_for};

    const PHASE: &str = "CALLBOARD_TEST_PHASE";

    /// A run that never ends by itself; the test below starts it in a process of its own.
    #[test]
    fn never_ends() {
        let Ok(phase) = std::env::var(PHASE) else { return };
        watch_for([|| {}, || {}, || {}]);
        println!("\nready");
        let _busy = (phase == "busy").then(busy);
        if phase == "heeded" {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(interrupted());
            println!("\nheeded");
        }
        loop {
            std::hint::spin_loop();
        }
    }

    /// How a run in that phase ends by so many signals, and how long after the last one.
    fn ended(phase: &str, signals: usize) -> (ExitStatus, Duration) {
        let own = std::env::current_exe().expect("this binary");
        let mut command = Command::new(own);
        command.args(["--exact", "ui::signals::tests::never_ends", "--nocapture"]).env(PHASE, phase);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut read = |word: &str| assert!(lines.any(|line| line.is_ok_and(|line| line == word)), "{word}");
        read("ready");
        for number in 0..signals {
            std::thread::sleep(Duration::from_millis(300));
            let still = child.try_wait().expect("asked");
            assert!(still.is_none(), "{phase}: it ended by {number} signals");
            let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
            assert!(kill.expect("kill runs").success());
            if phase == "heeded" && number == 0 {
                read("heeded");
            }
        }
        let sent = Instant::now();
        (child.wait().expect("it ends"), sent.elapsed())
    }

    #[test]
    fn what_computes_is_ended_too_and_by_the_second_signal_at_once() {
        for (phase, signals, within) in [("computing", 1, 3), ("busy", 2, 2), ("heeded", 2, 2)] {
            let (status, took) = ended(phase, signals);
            assert_eq!(status.code(), Some(130), "{phase}");
            assert!(took < Duration::from_secs(within), "{phase}: it took {took:?}");
        }
    }
}
