//! `logs -f` through everything that happens to pods and connections: no line lost, none repeated.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::stand_in::StandIn;
use crate::support::Board;

/// A run of `logs -f`, and what it has printed.
struct Following {
    child: Child,
    lines: Receiver<String>,
    board: Board,
}

impl Following {
    fn start(server: &StandIn, more: &str) -> Following {
        let board = Board::empty().file("kubeconfig", &server.kubeconfig());
        let words = format!("logs -l app=web -n shop --kubeconfig kubeconfig --follow -o json {more}");
        let mut command = board.command(words.split_whitespace());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
        Following { child, lines, board }
    }

    /// The next lines, as `pod line`, exactly these.
    #[track_caller]
    fn says(&self, expected: &[&str]) {
        let until = Instant::now() + Duration::from_secs(20);
        let mut got = Vec::new();
        while got.len() < expected.len() {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else { break };
            let line: Value = serde_json::from_str(&line).expect("an object");
            got.push(format!(
                "{} {}",
                line["pod"].as_str().unwrap_or(""),
                line["line"].as_str().unwrap_or("")
            ));
        }
        assert_eq!(got, expected);
    }

    /// Ctrl-C: nothing more may have come; the exit code and stderr.
    fn stop(mut self) -> (i32, String) {
        std::thread::sleep(Duration::from_millis(700));
        assert!(Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().is_ok());
        let status = self.child.wait().expect("it ends");
        let rest: Vec<String> = self.lines.iter().collect();
        assert_eq!(rest, Vec::<String>::new());
        let mut stderr = Vec::new();
        std::io::Read::read_to_end(&mut self.child.stderr.take().expect("piped"), &mut stderr).expect("read");
        let output = std::process::Output { status, stdout: Vec::new(), stderr };
        (output.status.code().expect("not killed"), self.board.told(&output).stderr)
    }
}

#[test]
fn lines_come_as_they_are_written() {
    let server = StandIn::start();
    server.runs("a");
    server.runs("b");
    server.writes("a", 2, "two");
    server.writes("b", 1, "one");
    server.writes("b", 3, "three");
    let following = Following::start(&server, "");
    following.says(&["b one", "a two", "b three"]);
    server.writes("a", 5000, "five");
    server.writes("b", 4000, "four");
    following.says(&["b four", "a five"]);
    assert_eq!(following.stop(), (130, String::new()));
}

#[test]
fn a_broken_connection_loses_and_repeats_nothing() {
    let server = StandIn::start();
    server.runs("a");
    server.writes("a", 1000, "one");
    let following = Following::start(&server, "-v");
    following.says(&["a one"]);
    // Several lines of one instant, and the break among them.
    server.writes("a", 2500, "two");
    server.writes("a", 2500, "three");
    following.says(&["a two", "a three"]);
    server.breaks();
    server.writes("a", 2500, "four");
    server.writes("a", 2600, "five");
    following.says(&["a four", "a five"]);
    server.breaks();
    server.writes("a", 9000, "six");
    following.says(&["a six"]);
    let (code, stderr) = following.stop();
    assert_eq!(code, 130);
    assert_eq!(stderr.matches("one/a/app: ").count(), 2, "{stderr}");
    assert!(stderr.contains("; taken up again"), "{stderr}");
}

#[test]
fn new_pods_are_picked_up_from_their_first_line() {
    let server = StandIn::start();
    let following = Following::start(&server, "--tail 1");
    std::thread::sleep(Duration::from_millis(1500));
    server.runs("late");
    server.writes("late", 1000, "one");
    following.says(&["late one"]);
    server.writes("late", 2000, "two");
    following.says(&["late two"]);
    let (code, stderr) = following.stop();
    assert_eq!(code, 130);
    assert!(stderr.contains("no logs: no pod carries app=web in namespace shop, in one"), "{stderr}");
}

#[test]
fn a_container_is_followed_from_run_to_run() {
    let server = StandIn::start();
    server.runs("a");
    server.writes("a", 1000, "first");
    let following = Following::start(&server, "");
    following.says(&["a first"]);
    server.writes("a", 2000, "first ends");
    server.ends("a");
    following.says(&["a first ends"]);
    std::thread::sleep(Duration::from_millis(300));
    server.runs("a");
    server.writes("a", 3000, "second");
    following.says(&["a second"]);
    assert_eq!(following.stop(), (130, String::new()));
}

#[test]
fn a_run_that_ends_while_the_connection_is_broken_is_read_to_its_end() {
    let server = StandIn::start();
    server.runs("a");
    server.writes("a", 1000, "first");
    let following = Following::start(&server, "");
    following.says(&["a first"]);
    server.breaks();
    server.writes("a", 2000, "unheard");
    server.ends("a");
    server.runs("a");
    server.writes("a", 3000, "second");
    following.says(&["a unheard", "a second"]);
    assert_eq!(following.stop().0, 130);
}

#[test]
fn more_than_max_streams_is_told() {
    let server = StandIn::start();
    server.runs("a");
    server.writes("a", 1000, "one");
    let following = Following::start(&server, "--max-streams 1");
    following.says(&["a one"]);
    server.runs("b");
    server.writes("b", 2000, "two");
    server.writes("a", 3000, "three");
    following.says(&["a three"]);
    let (code, stderr) = following.stop();
    assert_eq!(code, 130);
    assert!(stderr.contains("1 container not followed, for --max-streams are open: one/b/app"), "{stderr}");
}
