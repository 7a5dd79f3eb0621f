//! Benchmarks: the release binary against simulated servers in other processes, a floor and other tools beside it.
//!
//! `cargo bench`, or `cargo bench -- logs`: docs/performance.md says what is measured and what the figures mean.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

mod catalog;
mod fleet;
mod floor;
mod front;
mod measure;
mod server;
mod stored_log;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fleet::{Size, around_the_world, at_once};
use crate::measure::{Run, Runner, compare, run};
use crate::server::Server;

/// What is asked on the command line.
struct Options {
    rounds: usize,
    /// Another build of callboard, to be measured beside this one.
    against: Option<PathBuf>,
    /// Names of benchmarks; all where there are none.
    names: Vec<String>,
}

fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("the first");
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--front", behind, to, lines] => runtime().block_on(server::front(behind, to, lines)),
        ["--floor", kubeconfig, requests, copies] => {
            runtime().block_on(floor::run(Path::new(kubeconfig), Path::new(requests), *copies == "copy"));
        }
        _ if words.contains(&"--bench") => all(&options(&words)),
        _ => println!("benchmarks run with `cargo bench`"),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

fn options(words: &[&str]) -> Options {
    let after = |name: &str| {
        let at = words.iter().position(|word| *word == name)?;
        words.get(at + 1).map(|word| word.to_string())
    };
    let rounds = after("--rounds").and_then(|text| text.parse().ok()).unwrap_or(5);
    let against = after("--against").map(PathBuf::from);
    let known = [
        "startup", "catalog", "status", "large", "wide", "fanout", "memory", "diagnose", "logs", "follow",
        "stern",
    ];
    let names = words.iter().filter(|word| known.contains(word)).map(|word| word.to_string()).collect();
    Options { rounds, against, names }
}

fn all(options: &Options) {
    let home = tempfile::tempdir().expect("a directory");
    let wants = |name: &str| options.names.is_empty() || options.names.iter().any(|wanted| wanted == name);
    if wants("startup") {
        startup(home.path(), options);
    }
    if wants("catalog") {
        catalog::catalog(home.path(), options);
    }
    fleetwide(home.path(), options, &wants);
    if wants("fanout") {
        fanout(home.path(), options);
    }
    if wants("memory") {
        remembered(home.path(), options);
    }
    if wants("logs") || wants("follow") || wants("stern") {
        logs(home.path(), options, wants("logs"), wants("follow"), wants("stern"));
    }
}

/// callboard as this build made it, and the other one.
fn builds(options: &Options) -> Vec<(String, PathBuf)> {
    let ours = ("callboard".to_string(), PathBuf::from(env!("CARGO_BIN_EXE_callboard")));
    let other = options.against.iter().map(|path| ("the other build".to_string(), path.clone()));
    std::iter::once(ours).chain(other).collect()
}

/// A command with nothing of the user's environment.
fn clean(program: &Path, home: &Path, words: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home).current_dir(home).args(words.split_whitespace());
    command.stderr(std::process::Stdio::null());
    command
}

fn startup(home: &Path, options: &Options) {
    let mut runners: Vec<Runner<'_>> = Vec::new();
    for (name, path) in builds(options) {
        let repeat = move || repeated(|| run(&mut clean(&path, home, "--version"), None));
        runners.push(Runner { name, run: Box::new(repeat) });
    }
    let floor = || repeated(|| run(&mut clean(Path::new("/bin/true"), home, ""), None));
    runners.push(Runner { name: "/bin/true".to_string(), run: Box::new(floor) });
    compare("startup: 50 times --version", options.rounds, &runners);
}

fn repeated(once: impl Fn() -> Run) -> Run {
    let mut sum = Run::default();
    for _ in 0..50 {
        let one = once();
        sum.wall += one.wall;
        sum.cpu += one.cpu;
        sum.peak = sum.peak.max(one.peak);
        sum.lines += one.lines;
    }
    sum
}

/// `status` of 1,000 services, of 100,000 pods, of 1,000 small clusters, and `diagnose` of one service in 100.
fn fleetwide(home: &Path, options: &Options, wants: &dyn Fn(&str) -> bool) {
    let sizes = [
        (
            "status",
            "status of 1,000 services in 100 clusters",
            "status",
            Size { clusters: 100, services: 1000, width: 4, pods: 2, bad: 5, latency: at_once },
        ),
        (
            "large",
            "status of 100 services in 100 clusters of 1,000 pods",
            "status",
            Size { clusters: 100, services: 100, width: 100, pods: 10, bad: 0, latency: at_once },
        ),
        (
            "wide",
            "status of 10 services in 1,000 clusters of 20 pods",
            "status",
            Size { clusters: 1000, services: 10, width: 1000, pods: 2, bad: 0, latency: at_once },
        ),
        (
            "diagnose",
            "diagnose of one service in 100 clusters, bad in 5",
            "diagnose service-0000",
            Size { clusters: 100, services: 4, width: 100, pods: 3, bad: 5, latency: at_once },
        ),
    ];
    for (_, title, words, size) in sizes.into_iter().filter(|(name, ..)| wants(name)) {
        let fleet = tempfile::tempdir().expect("a directory");
        fleet::write(fleet.path(), &size);
        let server = Server::demo(fleet.path(), home);
        let words = format!(
            "{words} --kubeconfig {} --catalog {} --color never",
            server.kubeconfig.display(),
            fleet.path().join("catalog.yaml").display()
        );
        let ours = PathBuf::from(env!("CARGO_BIN_EXE_callboard"));
        let asked = asked(&server.kubeconfig, |kubeconfig| {
            let words =
                words.replace(&server.kubeconfig.display().to_string(), &kubeconfig.display().to_string());
            run(&mut clean(&ours, home, &words), None);
        });
        let requests = fleet.path().join("requests");
        std::fs::write(&requests, rounds_of(&asked)).expect("written");
        let mut runners: Vec<Runner<'_>> = Vec::new();
        for (name, path) in builds(options) {
            let words = words.clone();
            runners.push(Runner { name, run: Box::new(move || run(&mut clean(&path, home, &words), None)) });
        }
        runners.push(floor(&server.kubeconfig, &requests, home, None));
        compare(title, options.rounds, &runners);
        told(&asked, size.bad);
    }
}

/// `status` of five services in ever more small clusters that answer after 50 to 300 ms, beside the slowest of them
/// alone, the floor, and one kubectl for each cluster, which lists one kind where callboard lists nine.
fn fanout(home: &Path, options: &Options) {
    for clusters in [1, 10, 100, 300, 1000] {
        let fleet = tempfile::tempdir().expect("a directory");
        let size =
            Size { clusters, services: 5, width: clusters, pods: 2, bad: 0, latency: around_the_world };
        fleet::write(fleet.path(), &size);
        let server = Server::demo(fleet.path(), home);
        let kubeconfig = server.kubeconfig.display().to_string();
        let catalog = fleet.path().join("catalog.yaml").display().to_string();
        let words =
            |kubeconfig: &str| format!("status --kubeconfig {kubeconfig} --catalog {catalog} --color never");
        let ours = PathBuf::from(env!("CARGO_BIN_EXE_callboard"));
        let asked = asked(&server.kubeconfig, |front| {
            run(&mut clean(&ours, home, &words(&front.display().to_string())), None);
        });
        let requests = fleet.path().join("requests");
        std::fs::write(&requests, rounds_of(&asked)).expect("written");
        let mut runners: Vec<Runner<'_>> = Vec::new();
        for (name, path) in builds(options) {
            let words = words(&kubeconfig);
            runners.push(Runner { name, run: Box::new(move || run(&mut clean(&path, home, &words), None)) });
        }
        let slowest = format!("{} --context {}", words(&kubeconfig), fleet::cluster(0));
        let alone = move || run(&mut clean(&ours, home, &slowest), None);
        runners.push(Runner { name: "the slowest cluster alone".to_string(), run: Box::new(alone) });
        runners.push(floor(&server.kubeconfig, &requests, home, None));
        // A thousand of them take more than a minute a round, and tell no more than a hundred.
        let kubectl = find("kubectl", "KUBECTL").filter(|_| clusters <= 100);
        if let Some(kubectl) = kubectl {
            let run = move || run(&mut one_kubectl_each(&kubectl, home, &kubeconfig, clusters), None);
            let run = move || Run { peak: f64::NAN, ..run() };
            runners.push(Runner { name: "xargs -P 32 kubectl get pods".to_string(), run: Box::new(run) });
        }
        compare(&format!("status of 5 services in {clusters} small clusters"), options.rounds, &runners);
        told(&asked, 0);
    }
}

fn one_kubectl_each(kubectl: &Path, home: &Path, kubeconfig: &str, clusters: usize) -> Command {
    let contexts: Vec<String> = (0..clusters).map(fleet::cluster).collect();
    let line = format!(
        "printf '%s\\n' {} | xargs -P 32 -n 1 {} --kubeconfig {kubeconfig} get pods -A -o json --context",
        contexts.join(" "),
        kubectl.display()
    );
    let mut command = clean(Path::new("/bin/sh"), home, "-c");
    command.arg(line).env("PATH", "/usr/bin:/bin");
    command
}

/// `status` of one service in one cluster, beside the same without a memory: what earlier runs have learned of 10,000 services in 40
/// clusters must cost it nothing.
fn remembered(home: &Path, options: &Options) {
    let fleet = tempfile::tempdir().expect("a directory");
    fleet::write(
        fleet.path(),
        &Size { clusters: 1, services: 1, width: 1, pods: 2, bad: 0, latency: at_once },
    );
    let server = Server::demo(fleet.path(), home);
    let words = format!(
        "status service-0000 --kubeconfig {} --catalog {} --color never",
        server.kubeconfig.display(),
        fleet.path().join("catalog.yaml").display()
    );
    let mut runners: Vec<Runner<'_>> = Vec::new();
    for (name, path) in builds(options) {
        for filled in [true, false] {
            let cache = fleet.path().join(format!("cache-{}-{filled}", runners.len()));
            std::fs::create_dir_all(&cache).expect("a directory");
            let (path, words) = (path.clone(), words.clone());
            let once = move || {
                let mut command = clean(&path, home, &words);
                run(command.env("CALLBOARD_CACHE_DIR", &cache), None)
            };
            if filled {
                once();
                fill(&fleet.path().join(format!("cache-{}-{filled}", runners.len())));
            }
            let name = format!("{name}{}", if filled { "" } else { ", no memory" });
            runners.push(Runner { name, run: Box::new(once) });
        }
    }
    compare("status of one service in one cluster, with a memory of 10,000 in 40", options.rounds, &runners);
}

/// Puts 10,000 services into what is remembered of a cluster, and of 39 more.
fn fill(cache: &Path) {
    let answers = cache.join("answers");
    let Some(file) = std::fs::read_dir(&answers).ok().and_then(|files| files.flatten().next()) else {
        return;
    };
    let text = std::fs::read_to_string(file.path()).expect("read");
    let Some((head, line)) = text.split_once('\n') else { return };
    let lines: String = (0..10_000)
        .map(|number| line.replacen("service-0000", &format!("service-{:05}", number + 1), 1))
        .collect();
    let head = head.replace(&format!("\"live\":{}", line.len()), &format!("\"live\":{}", lines.len()));
    for number in 0..40 {
        let path = if number == 0 { file.path() } else { answers.join(format!("{number:032x}.jsonl")) };
        std::fs::write(path, format!("{head}\n{lines}{line}")).expect("written");
    }
}

/// The requests of one run, by cluster, counted on the way.
fn asked(behind: &Path, runs: impl Fn(&Path)) -> BTreeMap<String, Vec<String>> {
    let runtime = runtime();
    let directory = tempfile::tempdir().expect("a directory");
    let text = std::fs::read_to_string(behind).expect("a kubeconfig");
    let front = runtime.block_on(front::start(&text, None));
    let kubeconfig = directory.path().join("kubeconfig");
    std::fs::write(&kubeconfig, &front.kubeconfig).expect("written");
    runs(&kubeconfig);
    let asked = front.asked.lock().expect("whole");
    asked.clone()
}

/// Lines of round, cluster, path: first what every cluster is asked, then what only those with trouble are.
fn rounds_of(asked: &BTreeMap<String, Vec<String>>) -> String {
    let line = |cluster: &str, path: &String| {
        format!("{} {cluster} {path}\n", if front::is_second_phase(path) { 2 } else { 1 })
    };
    asked.iter().flat_map(|(cluster, paths)| paths.iter().map(move |path| line(cluster, path))).collect()
}

fn told(asked: &BTreeMap<String, Vec<String>>, bad: usize) {
    let count = |second: bool| {
        let paths = asked.values().flatten().filter(|path| front::is_second_phase(path) == second);
        paths.count()
    };
    let worst = asked.values().map(Vec::len).max().unwrap_or(0);
    println!(
        "requests: {} in the first phase ({} clusters), {} in the second ({bad} with trouble); at most {worst} to one cluster",
        count(false),
        asked.len(),
        count(true)
    );
}

fn floor<'a>(kubeconfig: &Path, requests: &Path, home: &'a Path, until: Option<u64>) -> Runner<'a> {
    let copies = if until.is_some() { "copy" } else { "drop" };
    let words = format!("--floor {} {} {copies}", kubeconfig.display(), requests.display());
    let bench = std::env::current_exe().expect("a path");
    let until = until.filter(|lines| *lines > 0);
    Runner {
        name: "the floor".to_string(),
        run: Box::new(move || run(&mut clean(&bench, home, &words), until)),
    }
}

/// Every line of 200 containers, in one cluster and in twenty.
fn logs(home: &Path, options: &Options, whole: bool, follow: bool, stern: bool) {
    // stern opens at most five logs a second: of many containers that would be all that is measured.
    for (clusters, pods, written) in [(1, 200, 5000), (20, 10, 5000), (1, 10, 100_000)] {
        let fleet = tempfile::tempdir().expect("a directory");
        fleet::write(
            fleet.path(),
            &Size { clusters, services: 1, width: clusters, pods, bad: 0, latency: at_once },
        );
        let demo = Server::demo(fleet.path(), home);
        let server = Server::front(&demo.kubeconfig, written, home);
        let kubeconfig = server.kubeconfig.display().to_string();
        let base = "logs -n shop -l app=service-0000 --tail=-1 --max-streams 1000 --color never";
        let lines = (clusters * pods * written) as u64;
        for (wanted, follows) in [(whole, false), (follow, true)] {
            let stern = find("stern", "STERN").filter(|_| stern && pods == 10 && clusters == 1);
            if !wanted && stern.is_none() {
                continue;
            }
            let until = follows.then_some(lines);
            let more = if follows { " --follow" } else { "" };
            let mut runners: Vec<Runner<'_>> = Vec::new();
            for (name, path) in builds(options) {
                let words = format!("{base} --kubeconfig {kubeconfig}{more}");
                runners.push(Runner {
                    name,
                    run: Box::new(move || run(&mut clean(&path, home, &words), until)),
                });
            }
            let requests = fleet.path().join("requests");
            std::fs::write(&requests, streams(clusters, pods, follows)).expect("written");
            runners.push(floor(&server.kubeconfig, &requests, home, Some(until.unwrap_or(0))));
            let has_stern = stern.is_some();
            if let Some(path) = stern {
                let kubeconfig = kubeconfig.clone();
                let run = move || run(&mut stern_command(&path, home, &kubeconfig, follows), until);
                runners.push(Runner { name: "stern".to_string(), run: Box::new(run) });
            }
            let title =
                format!("logs{more}: {lines} lines of {} containers in {clusters} clusters", clusters * pods);
            let all = compare(&title, options.rounds, &runners);
            assert!(all[0].iter().all(|run| run.lines == lines), "callboard lost lines");
            if has_stern {
                let same = all[0][0].digest == all[all.len() - 1][0].digest;
                println!("stern printed {}", if same { "the same lines" } else { "OTHER LINES" });
            } else if pods == 10 && clusters == 1 {
                println!("stern was not measured: it is neither on PATH nor in $STERN");
            }
        }
    }
}

/// What the floor asks: the logs alone.
fn streams(clusters: usize, pods: usize, follows: bool) -> String {
    let more = if follows { "&follow=true" } else { "" };
    let line = |(number, pod): (usize, usize)| {
        let name = fleet::pod_name(0, pod);
        let path = format!("/api/v1/namespaces/shop/pods/{name}/log?timestamps=true&container=app{more}");
        format!("2 {} {path}\n", fleet::cluster(number))
    };
    (0..clusters).flat_map(|number| (0..pods).map(move |pod| (number, pod))).map(line).collect()
}

/// A program, where the variable says or on PATH.
fn find(program: &str, variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|directory| directory.join(program));
    std::env::var_os(variable).map(PathBuf::from).into_iter().chain(on_path).find(|path| path.is_file())
}

/// stern with lines as callboard prints them.
fn stern_command(stern: &Path, home: &Path, kubeconfig: &str, follows: bool) -> Command {
    let mut command = clean(
        stern,
        home,
        "-n shop -l app=service-0000 --tail=-1 --since 48h --color never --max-log-requests 1000",
    );
    command.args(["--kubeconfig", kubeconfig, "--template", "{{.PodName}} {{.Message}}{{\"\\n\"}}"]);
    if !follows {
        command.arg("--no-follow");
    }
    command
}
