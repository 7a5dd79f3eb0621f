//! Pipes, sockets and devices where files are expected: the one that names them is told, nobody else waits.
#![cfg(target_os = "linux")]

use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::stand_in::StandIn;
use crate::support::{Board, HELLO, of, tells};

fn pipe(path: &Path) {
    std::fs::create_dir_all(path.parent().expect("below")).expect("made");
    rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RWXU).expect("made");
}

/// Nobody ever writes into the pipes of these tests, so a run that waited for that would never end.
#[track_caller]
fn promptly<T>(run: impl FnOnce() -> T) -> T {
    let since = Instant::now();
    let done = run();
    assert!(since.elapsed() < Duration::from_secs(15), "it took {:?}", since.elapsed());
    done
}

#[test]
fn a_pipe_in_a_context_costs_that_context_only() {
    let server = StandIn::start();
    server.runs("a");
    let tls = "https://127.0.0.1:1";
    let text = format!(
        "clusters:\n- {{name: good, cluster: {{server: '{}'}}}}\n- {{name: authority, cluster: {{server: '{tls}', certificate-authority: pipe}}}}\n\
         - {{name: other, cluster: {{server: '{tls}'}}}}\n\
         users:\n- {{name: none, user: {{}}}}\n- {{name: token, user: {{tokenFile: pipe}}}}\n- {{name: certificate, user: {{client-certificate: pipe, client-key: pipe}}}}\n\
         - {{name: socket, user: {{tokenFile: socket}}}}\n- {{name: device, user: {{tokenFile: /dev/zero}}}}\n\
         contexts:\n- {{name: good, context: {{cluster: good, user: none}}}}\n- {{name: authority, context: {{cluster: authority, user: none}}}}\n{}",
        server.url,
        ["token", "certificate", "socket", "device"]
            .map(|name| format!("- {{name: {name}, context: {{cluster: other, user: {name}}}}}\n"))
            .concat(),
    );
    let board = Board::empty().file("kubeconfig", &text);
    pipe(&board.home().join("pipe"));
    let _socket = std::os::unix::net::UnixListener::bind(board.home().join("socket")).expect("bound");
    let report = promptly(|| board.run("status -l app=web -n shop --kubeconfig kubeconfig -o json")).json();
    let told = |name: &str| {
        let cluster = of(&report["clusters"], "name", name);
        let text = |field: &str| cluster[field].as_str().unwrap_or_default().to_string();
        (text("state"), text("reason"), text("message"))
    };
    assert_eq!(told("good").0, "answered", "{report}");
    for (name, reason, expect) in [
        ("authority", "certificate", "is a pipe and no regular file"),
        ("token", "credentials", "is a pipe and no regular file"),
        ("certificate", "credentials", "is a pipe and no regular file"),
        ("socket", "credentials", "is a socket and no regular file"),
        ("device", "credentials", "is a device and no regular file"),
    ] {
        let (state, why, message) = told(name);
        assert_eq!((state.as_str(), why.as_str()), ("silent", reason), "{report}");
        assert!(message.ends_with(expect), "{name}: {message}");
    }
}

#[test]
fn a_pipe_among_the_kubeconfigs_is_told_and_the_others_work() {
    let server = StandIn::start();
    server.runs("a");
    let board =
        Board::empty().file("good", &server.kubeconfig()).variable("KUBECONFIG", "pipe:good:/dev/null");
    pipe(&board.home().join("pipe"));
    let output = promptly(|| board.run("status -l app=web -n shop"));
    tells(&output, 0, &["pipe: is a pipe that nobody writes to"]);
    assert_eq!(output.stderr.matches("nobody writes").count(), 1, "{output}");
    assert!(output.stdout.contains("Healthy"), "{output}");
}

/// `--kubeconfig <(vault read kubeconfig)`: what comes through it comes once.
#[test]
fn a_kubeconfig_a_catalog_and_a_configuration_may_be_handed_over_by_a_pipe() {
    let server = StandIn::start();
    server.runs("a");
    let board = Board::empty().file("kubeconfig", &server.kubeconfig()).file("catalog.yaml", HELLO);
    let piped = |words: &str, text: &str| {
        let mut command = board.command(words.split(' '));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("piped");
        std::thread::sleep(Duration::from_millis(500));
        stdin.write_all(text.as_bytes()).expect("written");
        drop(stdin);
        board.told(&child.wait_with_output().expect("it ends"))
    };
    for words in
        ["status -l app=web -n shop", "diagnose -l app=web -n shop", "compare -l app=web -n shop", "clusters"]
    {
        let output = piped(&format!("{words} --kubeconfig /dev/stdin"), &server.kubeconfig());
        assert!(matches!(output.code, 0 | 3) && !output.stderr.contains("error"), "{words}\n{output}");
    }
    let catalog = piped("services --catalog /dev/stdin", &HELLO.replace("hello", "piped"));
    assert!(catalog.code == 0 && catalog.stdout.contains("piped"), "{catalog}");
    let config = piped("services --config /dev/stdin", "groups: []\n");
    tells(&config, 1, &["/dev/stdin:1:9: groups: invalid type"]);
}

#[test]
fn a_pipe_that_lies_about_is_no_catalog_no_configuration_and_no_memory() {
    let server = StandIn::start();
    server.runs("a");
    let board = || Board::empty().file("kubeconfig", &server.kubeconfig());

    let in_place = board();
    pipe(&in_place.home().join("catalog.yaml"));
    tells(&promptly(|| in_place.run("services")), 1, &["catalog.yaml: is a pipe and no regular file"]);

    let beside = board().file("catalog/hello.yaml", HELLO);
    pipe(&beside.home().join("catalog/pipe.yaml"));
    let output = promptly(|| beside.run("services --catalog catalog"));
    tells(&output, 0, &[]);
    assert!(output.stdout.contains("hello") && !output.stderr.contains("pipe"), "{output}");

    let configured = board();
    pipe(&configured.home().join(".config/callboard/config.yaml"));
    let output = promptly(|| configured.run("clusters --kubeconfig kubeconfig"));
    tells(&output, 1, &["config.yaml is a pipe and no regular file"]);

    let remembering = board();
    let cache = remembering.home().join(".cache/callboard");
    pipe(&cache.join("answers.json"));
    let status = || promptly(|| remembering.run("status -l app=web -n shop --kubeconfig kubeconfig"));
    tells(&status(), 0, &[]);
    for file in std::fs::read_dir(cache.join("answers")).expect("remembered").flatten() {
        std::fs::remove_file(file.path()).expect("removed");
        pipe(&file.path());
    }
    tells(&status(), 0, &[]);
}
