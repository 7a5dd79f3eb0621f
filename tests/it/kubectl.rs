//! `kubectl SERVICE -- ARGS`, with a program of that name that tells how it was called.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{Board, tells};
use crate::terminal::Typist;

/// A board whose PATH has a kubectl that runs a script.
fn board(fleet: Board, script: &str) -> Board {
    let board = fleet.file("bin/kubectl", &format!("#!/bin/sh\n{script}\n"));
    let program = board.home().join("bin/kubectl");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("set");
    let path = format!("{}:/usr/bin:/bin", board.home().join("bin").display());
    board.variable("PATH", path)
}

const TELLS: &str = "echo \"$@\"; grep -c server \"$KUBECONFIG\" >/dev/null || exit 9";

#[test]
fn one_place_gets_the_words_and_passes_its_code_on() {
    let board = board(Board::demo(), &format!("{TELLS}; exit 7"));
    let output = board.run("kubectl checkout --context eu-west-1 -- exec deploy/checkout -- sh -c --context");
    assert_eq!(
        output.stdout, "exec --context eu-west-1 -n shop deploy/checkout -- sh -c --context\n",
        "{output}"
    );
    assert_eq!(output.code, 7, "{output}");
    let fine = self::board(Board::demo(), TELLS).run("kubectl checkout --context eu-west-1 -- delete pod x");
    assert_eq!(
        (fine.code, fine.stdout.as_str()),
        (0, "delete --context eu-west-1 -n shop pod x\n"),
        "{fine}"
    );
}

#[test]
fn several_places_run_at_once_in_order_and_labelled() {
    let script = "case \"$*\" in *us-east-1*) sleep 1; echo one; printf 'two\\n\\033[31mred' ;; *eu-west-1*) echo oops >&2; exit 3;; *) echo three;; esac";
    let board = board(Board::demo(), script);
    let output = board.run("kubectl checkout -- get pods");
    assert_eq!(
        output.stdout, "us-east-1  one\nus-east-1  two\nus-east-1  \u{fffd}[31mred\nus-west-2  three\n",
        "{output}"
    );
    assert!(
        output.stderr.contains("eu-west-1  oops") && output.stderr.contains("silent: ap-south-1"),
        "{output}"
    );
    assert_eq!(output.code, 3, "the worst code: {output}");
    let silent = self::board(Board::demo(), "exit 0").run("kubectl checkout -- get pods");
    assert_eq!(silent.code, 4, "{silent}");
    let whole = self::board(Board::demo(), "exit 0")
        .run("kubectl checkout --context eu-west-1,us-east-1 -- get pods");
    assert_eq!(whole.code, 0, "{whole}");
}

#[test]
fn in_several_places_nothing_is_changed() {
    let board = board(Board::demo(), "touch ran");
    let refused = board.run("kubectl checkout -- rollout restart deploy/checkout");
    tells(
        &refused,
        2,
        &[
            "kubectl rollout is not run in 3 places at once",
            "--context us-west-2 -n shop",
            "choose one by --context",
        ],
    );
    for words in ["get pods --context x", "get pods --kubeconfig=x", "get pods -s https://x"] {
        tells(&board.run(&format!("kubectl checkout -- {words}")), 2, &["would lead kubectl elsewhere"]);
    }
    assert_eq!(board.run("kubectl -- get pods").code, 2);
    tells(
        &board.run("kubectl -l app.kubernetes.io/name -n payments -- delete pod x"),
        2,
        &["kubectl delete is not run in 4 places at once", "-n payments"],
    );
    assert_eq!(board.run("kubectl checkout").code, 2);
    assert!(!board.home().join("ran").exists());
}

#[test]
fn who_is_silent_is_not_run_against() {
    let board = board(Board::demo(), "touch ran");
    let silent = board.run("kubectl checkout --context ap-south-1 -- get pods");
    tells(&silent, 4, &["no answer from ap-south-1, where the catalog says that it runs"]);
    let nowhere = board.run("kubectl checkout --context staging -- get pods");
    assert_ne!(nowhere.code, 0, "{nowhere}");
    assert!(!board.home().join("ran").exists());
    let missing =
        Board::demo().variable("PATH", "/nowhere").run("kubectl checkout --context eu-west-1 -- get pods");
    tells(&missing, 1, &["kubectl is not installed"]);
}

/// What goes on is printed as it comes, and ends with us.
#[test]
fn what_goes_on_is_told_as_it_comes_and_ended() {
    let board = board(Board::demo(), "echo began; echo $$ >> pids; sleep 600");
    let mut command =
        board.command("kubectl checkout --context eu-west-1,us-east-1 -- logs deploy/checkout -f".split(' '));
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    let pids = board.home().join("pids");
    let begun = || fs::read_to_string(&pids).unwrap_or_default().lines().count() == 2;
    let since = Instant::now();
    while !begun() {
        assert!(since.elapsed() < Duration::from_secs(60), "it does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(300));
    let ended = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(ended.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let mut text = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().expect("piped"), &mut text).expect("text");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["eu-west-1  began", "us-east-1  began"]);
    for pid in fs::read_to_string(&pids).expect("read").lines() {
        let since = Instant::now();
        while Path::new(&format!("/proc/{pid}")).exists() {
            assert!(since.elapsed() < Duration::from_secs(10), "{pid} still runs");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn one_place_gets_the_terminal() {
    let board =
        board(Board::demo(), "test -t 0 && test -t 1 && echo on a terminal; read line; echo got $line");
    let mut typist = Typist::start(&board, "kubectl checkout --context eu-west-1 -- edit deploy/checkout");
    typist.sees("on a terminal").types("hello\r").sees("got hello");
    assert_eq!(typist.ends(), 0);
}
