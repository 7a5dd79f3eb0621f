//! One run of a program: how long, how much processor and memory, what came out; and several, told as ratios.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Of one run. Where the system does not tell (it is Linux that does), processor and memory are 0.
#[derive(Clone, Copy, Default)]
pub struct Run {
    /// Seconds, until the last line that was waited for, else until the end.
    pub wall: f64,
    /// Seconds of user and system time, in steps of 10 ms, with what it started and waited for.
    pub cpu: f64,
    /// The most memory it held, in MiB; not a number where it started others.
    pub peak: f64,
    pub lines: u64,
    /// The same for the same lines in any order.
    pub digest: u64,
}

/// Runs to the end, or until so many lines have come; then it is interrupted.
pub fn run(command: &mut Command, until: Option<u64>) -> Run {
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut stdout = child.stdout.take().expect("piped");
    let (peak, id) = (AtomicU64::new(0), child.id());
    let mut run = Run::default();
    let mut kept = Vec::new();
    std::thread::scope(|scope| {
        let (ended, ends) = std::sync::mpsc::channel::<()>();
        let peak = &peak;
        // A program that has ended no longer says how much memory it had.
        scope.spawn(move || {
            while ends.recv_timeout(Duration::from_millis(3))
                == Err(std::sync::mpsc::RecvTimeoutError::Timeout)
            {
                peak.fetch_max(peak_of(id), Ordering::Relaxed);
            }
        });
        let mut buffer = vec![0; 256 << 10];
        loop {
            let count = stdout.read(&mut buffer).expect("readable");
            run.lines += buffer[..count].iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
            kept.extend_from_slice(&buffer[..count]);
            if count == 0 || until.is_some_and(|until| run.lines >= until) {
                break;
            }
        }
        run.wall = begun.elapsed().as_secs_f64();
        peak.fetch_max(peak_of(id), Ordering::Relaxed);
        run.cpu = cpu_of(id);
        if until.is_some() {
            stop(&mut child);
        } else {
            wait_unreaped(id);
            run.wall = begun.elapsed().as_secs_f64();
            run.cpu = cpu_of(id);
        }
        drop(ended);
    });
    child.wait().expect("it ended");
    run.peak = peak.into_inner() as f64 / 1024.0;
    let lines = kept.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    run.digest = lines.map(hash).fold(0, u64::wrapping_add);
    run
}

fn hash(line: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

/// Interrupts what would go on, as Ctrl-C does.
pub fn stop(child: &mut Child) {
    let pid = child.id().to_string();
    drop(Command::new("kill").args(["-INT", &pid]).status());
    let until = Instant::now() + Duration::from_secs(5);
    while child.try_wait().is_ok_and(|status| status.is_none()) {
        if Instant::now() > until {
            drop(child.kill());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Until it has ended, while the system still knows what it took.
#[cfg(unix)]
fn wait_unreaped(id: u32) {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return };
    let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
}

#[cfg(not(unix))]
fn wait_unreaped(_: u32) {}

/// KiB.
fn peak_of(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn cpu_of(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (11..15).map(ticks).sum::<f64>() / 100.0
}

/// A program that is measured beside others.
pub struct Runner<'a> {
    pub name: String,
    pub run: Box<dyn Fn() -> Run + 'a>,
}

/// Runs them in turn, A B A B, after a round that does not count; all that is told is medians, and the ratio of the
/// first to each of the others round by round.
pub fn compare(title: &str, rounds: usize, runners: &[Runner<'_>]) -> Vec<Vec<Run>> {
    let mut all: Vec<Vec<Run>> = vec![Vec::new(); runners.len()];
    for round in 0..=rounds {
        for (runner, runs) in runners.iter().zip(&mut all) {
            let run = (runner.run)();
            if round > 0 {
                runs.push(run);
            }
        }
    }
    println!("\n{title}");
    println!("{:34} {:>9} {:>9} {:>9} {:>12}", "", "wall s", "cpu s", "peak MiB", "lines/s");
    for (runner, runs) in runners.iter().zip(&all) {
        let of = |figure: fn(&Run) -> f64| median(runs.iter().map(figure).collect());
        let speed = of(|run| run.lines as f64 / run.wall);
        println!(
            "{:34} {:9.3} {:9.2} {:>9} {speed:12.0}",
            runner.name,
            of(|run| run.wall),
            of(|run| run.cpu),
            Some(of(|run| run.peak))
                .filter(|peak| peak.is_finite())
                .map_or("-".to_string(), |peak| format!("{peak:.1}"))
        );
    }
    for (runner, runs) in runners.iter().zip(&all).skip(1) {
        let ratio = |figure: fn(&Run) -> f64| {
            let pairs = all[0].iter().zip(runs);
            median(pairs.map(|(ours, theirs)| figure(ours) / figure(theirs)).collect())
        };
        let name = format!("{} / {}", runners[0].name, runner.name);
        // What a program of a few milliseconds takes is too little to be told.
        let told = |ratio: f64| if ratio.is_finite() { format!("{ratio:.2}x") } else { "-".to_string() };
        let [wall, cpu, peak] =
            [ratio(|run| run.wall), ratio(|run| run.cpu), ratio(|run| run.peak)].map(told);
        println!("{name:34} {wall:>9} {cpu:>9} {peak:>9}");
    }
    all
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
