//! Someone is paged: what callboard tells of services that are broken behind real API servers, on one screen.

mod breakages;
mod fleet;
mod pages;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::fleets::{self, Fleet, Limits};
use crate::kube::kubelet::Kubelet;
use crate::kube::{ControlPlane, User};
use crate::support::{Board, Output};
use crate::terminal;
use fleet::BROKEN;
use pages::PAGES;

/// The window of who was woken.
const WIDTH: u16 = 110;
const HEIGHT: usize = 40;

/// The same fleet behind simulated servers and behind real ones.
struct Night {
    plane: ControlPlane,
    kubelets: Vec<Kubelet>,
    fleet: Fleet,
    _home: tempfile::TempDir,
}

impl Night {
    fn begin() -> Night {
        let home = tempfile::tempdir().expect("a directory");
        let directory = home.path().join("night");
        fleet::write(&directory);
        let fleet = fleets::read(&directory);
        let plane = ControlPlane::start(&fleet::CLUSTERS);
        let kubelets = fleet.clusters.iter().map(|cluster| {
            let kubelet = plane.kubelet(cluster, &directory.join(&cluster.name).join("logs"));
            plane.load(&cluster.name, &kubelet.serves(cluster));
            kubelet
        });
        let kubelets = kubelets.collect();
        Night { plane, kubelets, fleet, _home: home }
    }

    fn board(&self) -> Board {
        Board::empty()
    }

    /// Words of a command line that asks the real servers.
    fn words(&self, kubeconfig: &Path, words: &str) -> String {
        let catalog = self.fleet.catalog().expect("it has one");
        format!("--kubeconfig {} --catalog {} {words}", kubeconfig.display(), catalog.display())
    }

    /// As somebody sees it; the kubeconfig that the commands name is left out, for the simulation is asked without.
    fn real(&self, kubeconfig: &Path, words: &str) -> Output {
        let board = self.board().variable("NO_COLOR", "1");
        let mut output = self.steady(terminal::run(&board, WIDTH, &self.words(kubeconfig, words)));
        output.stdout = output.stdout.replace(&format!(" --kubeconfig {}", kubeconfig.display()), "");
        output
    }

    fn simulated(&self, words: &str) -> Output {
        let board = Board::at(&self.fleet.directory).variable("NO_COLOR", "1");
        self.steady(terminal::run(&board, WIDTH, words))
    }

    fn steady(&self, mut output: Output) -> Output {
        let directory = self.fleet.directory.display().to_string();
        for text in [&mut output.stdout, &mut output.stderr] {
            *text = text.replace(&directory, "[FLEET]");
        }
        output
    }
}

/// The whole night on one set of servers, since they take seconds to start.
#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kube-apiserver and etcd"]
fn who_is_woken_reads_the_cause_on_one_screen() {
    let mut night = Night::begin();
    let kubeconfig = night.plane.kubeconfig(|_| User::Viewer);
    each_page_is_answered_on_one_screen(&night, &kubeconfig);
    real_and_simulated_servers_are_told_alike(&night, &kubeconfig);
    a_log_that_grows_is_followed(&night, &kubeconfig);
    an_event_that_comes_is_told(&night, &kubeconfig);
    only_what_reads_was_asked(&night, User::Viewer);
    without_logs_the_cause_is_less_sure(&night);
    one_silent_cluster_hides_nothing(&mut night);
}

fn each_page_is_answered_on_one_screen(night: &Night, kubeconfig: &Path) {
    let mut transcripts = String::new();
    for page in PAGES {
        let command = format!("diagnose {}", page.service);
        let output = night.real(kubeconfig, &command);
        assert_eq!(output.code, 3, "{output}");
        let told = unbroken(&output.stdout);
        for words in page.says {
            assert!(told.contains(words), "{command}: {words:?} is not told:\n{output}");
        }
        for words in page.never {
            assert!(!told.contains(words), "{command}: {words:?} misleads:\n{output}");
        }
        let next: Vec<&str> = output.stdout.lines().filter(|line| line.starts_with("  next")).collect();
        assert!(!next.is_empty(), "{output}");
        for line in next.iter().filter(|line| line.contains("kubectl")) {
            let names = format!("kubectl --context {BROKEN} ");
            assert!(line.contains(&names) || line.contains("kubectl --context us-east-1 "), "{line}");
            let is_placed = line.contains(" -n ") || line.ends_with(" nodes");
            assert!(is_placed && !line.contains(['<', '{', '>']) || line.contains("jsonpath"), "{line}");
        }
        let rows: usize = screen_rows(&output);
        assert!(rows <= HEIGHT, "{command}: {rows} rows at {WIDTH} columns:\n{output}");
        transcripts += &format!("$ callboard {command}\n{}{}\n", output.stdout, output.stderr);
    }
    if let Some(path) = std::env::var_os("CALLBOARD_TRANSCRIPTS") {
        std::fs::write(path, transcripts).expect("written");
    }
}

/// The text without the breaks between words that a narrow window makes: what follows stands under the first words.
fn unbroken(text: &str) -> String {
    text.replace(&format!("\n{}", " ".repeat(12)), " ")
}

/// How many rows of the window an answer takes: what is longer than a row goes on in the next.
fn screen_rows(output: &Output) -> usize {
    let lines = output.stdout.lines().chain(output.stderr.lines());
    lines.map(|line| line.chars().count().div_ceil(usize::from(WIDTH)).max(1)).sum()
}

fn real_and_simulated_servers_are_told_alike(night: &Night, kubeconfig: &Path) {
    let each = PAGES.iter().map(|page| format!("diagnose {}", page.service));
    let more = [
        "status",
        "status -o wide",
        "diagnose",
        "diagnose accounts",
        "diagnose checkout -o json",
        "logs checkout",
        "logs checkout --previous",
        "logs payments --previous --unhealthy --timestamps",
        "logs search --tail 1",
        "logs invoices --unhealthy",
        "logs pricing --previous",
        "events orders",
        "events invoices -o wide",
        "events search --warnings",
        "top payments",
        "top orders",
        "compare payments",
        "compare invoices",
        "compare checkout",
        "compare accounts",
    ];
    for words in each.chain(more.map(str::to_string)) {
        let (simulated, real) = (night.simulated(&words), night.real(kubeconfig, &words));
        assert!(![1, 2].contains(&real.code), "callboard {words}\n{real}");
        assert_eq!(real.to_string(), simulated.to_string(), "callboard {words}");
    }
}

/// Lines of a command that runs until it is told to stop.
struct Running {
    child: std::process::Child,
    lines: mpsc::Receiver<String>,
    _board: Board,
}

impl Running {
    fn start(night: &Night, kubeconfig: &Path, words: &str) -> Running {
        let board = night.board();
        let words = night.words(kubeconfig, words);
        let mut command = board.command(words.split_whitespace());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)))
        });
        Running { child, lines, _board: board }
    }

    /// Waits for a line that holds these words.
    #[track_caller]
    fn says(&self, words: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(30));
            let line = line.unwrap_or_else(|_| panic!("{words:?} does not come"));
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Ctrl-C.
    fn stop(mut self) {
        assert!(Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().is_ok());
        assert_eq!(self.child.wait().expect("it ends").code(), Some(130));
    }
}

fn a_log_that_grows_is_followed(night: &Night, kubeconfig: &Path) {
    let pod = pod_of(night, "us-east-1", "accounts");
    let following = Running::start(night, kubeconfig, "logs accounts -f --tail 1");
    following.says(&format!("us-east-1/{pod} GET /api 200"));
    night.kubelets[0].append(&format!("shop/{pod}/app"), "2026-01-15T10:00:01Z signed in: ida");
    assert_eq!(following.says("signed in"), format!("us-east-1/{pod} signed in: ida"));
    following.stop();
}

fn an_event_that_comes_is_told(night: &Night, kubeconfig: &Path) {
    let watching = Running::start(night, kubeconfig, "events orders -w");
    watching.says("FailedScheduling");
    let pod = pod_of(night, BROKEN, "orders");
    let event = serde_json::json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("{pod}.1"), "namespace": "shop"},
        "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": pod, "namespace": "shop"}, "type": "Normal",
        "reason": "NotTriggerScaleUp", "message": "pod didn't trigger scale-up: 1 max node group size reached",
        "source": {"component": "cluster-autoscaler"}, "count": 1,
        "firstTimestamp": "2026-01-15T10:00:00Z", "lastTimestamp": "2026-01-15T10:00:00Z",
    });
    let reply = night.plane.caller(BROKEN, User::Admin).post("/api/v1/namespaces/shop/events", &event);
    assert_eq!(reply.status, 201, "{}", reply.text());
    let line = watching.says("NotTriggerScaleUp");
    assert!(line.contains("max node group size reached"), "{line}");
    watching.stop();
}

fn pod_of(night: &Night, cluster: &str, service: &str) -> String {
    let cluster = night.fleet.clusters.iter().find(|found| found.name == cluster).expect("it is there");
    let mut pods = cluster.objects.iter().filter(|object| object["kind"] == "Pod");
    let pod = pods.find(|pod| pod["metadata"]["labels"]["app.kubernetes.io/name"] == service);
    pod.expect("it runs")["metadata"]["name"].as_str().expect("named").to_string()
}

/// The servers' own audit logs say that nothing was written, and that nobody asked for a Secret.
#[track_caller]
fn only_what_reads_was_asked(night: &Night, user: User) {
    for cluster in &night.fleet.clusters {
        let asked = night.plane.asked(&cluster.name, user);
        assert!(asked.iter().any(|(_, path)| path.starts_with("/api/v1/")), "no audit of {}", cluster.name);
        for (verb, path) in asked {
            let reads = ["get", "list", "watch"].contains(&verb.as_str());
            assert!(reads || path.ends_with("/selfsubjectreviews"), "{verb} {path}");
            assert!(!path.contains("secrets"), "{verb} {path}");
        }
    }
}

fn without_logs_the_cause_is_less_sure(night: &Night) {
    let limits = Limits { forbidden: vec!["pods/log".into(), "secrets".into()], namespaces: Vec::new() };
    for cluster in &night.fleet.clusters {
        night.plane.limit(&cluster.name, &limits);
    }
    let kubeconfig = night.plane.kubeconfig(|_| User::Narrow);
    let output = night.real(&kubeconfig, "diagnose checkout");
    assert_eq!(output.code, 3, "{output}");
    for words in ["app exits 1", "app: Error, exit code 1", "describe pod checkout-"] {
        assert!(output.stdout.contains(words), "{words:?}:\n{output}");
    }
    assert!(!output.stdout.contains("PAY_API_KEY is not set"), "{output}");
    assert!(output.stderr.contains("eu-west-1 did not show logs (forbidden)"), "{output}");
    // What the kubelet says needs no right to read logs.
    let output = night.real(&kubeconfig, "diagnose pricing");
    assert!(output.stdout.contains("couldn't find key api-key in Secret shop/pay-provider"), "{output}");
    let output = night.real(&kubeconfig, "logs checkout");
    assert_eq!(output.code, 4, "{output}");
    assert!(output.stderr.contains("forbidden"), "{output}");
    only_what_reads_was_asked(night, User::Narrow);
}

fn one_silent_cluster_hides_nothing(night: &mut Night) {
    night.plane.stop("ap-south-1");
    let kubeconfig: PathBuf = night.plane.kubeconfig(|_| User::Viewer);
    let output = night.real(&kubeconfig, "diagnose payments");
    assert_eq!(output.code, 3, "{output}");
    for words in ["oom-killed in app", "256Mi 2/3 bad (eu-west-1) | 512Mi 0/3 bad (us-east-1)"] {
        assert!(output.stdout.contains(words), "{words:?}:\n{output}");
    }
    assert!(output.stderr.contains("silent: ap-south-1 (connection refused)"), "{output}");
}
