//! Credential plugins that are missing, fail, hang or want a terminal; and that no secret is ever printed.

use std::time::{Duration, Instant};

use crate::support::{Board, HELLO, tells};
use crate::terminal::Typist;

/// A kubeconfig of contexts `NAME: (server, user)`.
fn kubeconfig(contexts: &[(&str, &str, &str)]) -> String {
    let entries = |of: &dyn Fn(&(&str, &str, &str)) -> String| contexts.iter().map(of).collect::<String>();
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n{}users:\n{}contexts:\n{}",
        entries(&|(name, server, _)| format!("- {{name: {name}, cluster: {{server: '{server}'}}}}\n")),
        entries(&|(name, _, user)| format!("- name: {name}\n  user: {user}\n")),
        entries(&|(name, ..)| format!("- {{name: {name}, context: {{cluster: {name}, user: {name}}}}}\n")),
    )
}

const NOBODY: &str = "https://127.0.0.1:1";

/// Two contexts that share a plugin, and how the run ends.
fn with_plugin(exec: &str) -> Board {
    let user =
        format!("{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, {exec}}}}}");
    let contexts =
        [("one", "https://127.0.0.1:1", user.as_str()), ("two", "https://127.0.0.1:2", user.as_str())];
    let board = Board::empty().file("catalog.yaml", HELLO).file(".kube/config", &kubeconfig(&contexts));
    board.variable("PATH", std::env::var("PATH").unwrap_or_default())
}

#[track_caller]
fn credentials(board: &Board, words: &[&str]) {
    let report = board.run("status -o json");
    assert_eq!(report.code, 4, "{report}");
    for cluster in report.json()["clusters"].as_array().expect("a list") {
        assert_eq!(
            (&cluster["state"], &cluster["reason"]),
            (&"silent".into(), &"credentials".into()),
            "{cluster}"
        );
    }
    let table = board.run("status");
    tells(&table, 4, words);
    for word in words {
        assert_eq!(table.stderr.matches(word).count(), 1, "{word} is told once for both:\n{table}");
    }
}

#[test]
fn a_credential_plugin_that_is_missing() {
    credentials(
        &with_plugin("command: no-such-plugin, installHint: 'brew install no-such'"),
        &["credential plugin no-such-plugin is not installed", "brew install no-such"],
    );
}

#[test]
fn a_credential_plugin_that_fails() {
    let script = "printf 'first line\\nsession expired, run `aws sso login --profile prod`\\n' >&2; exit 3";
    let exec = format!("command: sh, args: ['-c', {}]", serde_json::to_string(script).expect("quoted"));
    credentials(&with_plugin(&exec), &["sh exited with 3: first line; session expired"]);
}

#[test]
fn a_credential_plugin_that_prints_something_else() {
    credentials(&with_plugin("command: echo, args: [token]"), &["echo printed no ExecCredential"]);
}

#[test]
fn a_credential_plugin_that_hangs() {
    let board = with_plugin("command: sleep, args: ['60']")
        .file(".config/callboard/config.yaml", "credentials: {timeout: 700ms}\n");
    let started = Instant::now();
    credentials(&board, &["sleep gave no credential in 700ms"]);
    assert!(started.elapsed() < Duration::from_secs(20), "it took {:?}", started.elapsed());
}

#[test]
fn a_credential_plugin_that_wants_a_terminal() {
    let user =
        "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always, command: ask-me}}";
    let contexts = [("one", NOBODY, user), ("two", "https://127.0.0.1:2", user)];
    let board = Board::empty().file("catalog.yaml", HELLO).file(".kube/config", &kubeconfig(&contexts));
    credentials(&board, &["ask-me asks questions and needs a terminal"]);
}

#[test]
fn no_secret_is_ever_printed() {
    let contexts = [
        ("one", NOBODY, "{token: s3cr3t-one}"),
        ("two", "https://127.0.0.1:2", "{username: ida, password: s3cr3t-two}"),
        (
            "three",
            "https://127.0.0.1:3",
            "{client-certificate-data: s3cr3t-three, client-key-data: s3cr3t-four}",
        ),
        ("four", "https://ida:s3cr3t-five@127.0.0.1:4", "{tokenFile: /nowhere/token}"),
    ];
    let board = Board::empty().file("catalog.yaml", HELLO).file(".kube/config", &kubeconfig(&contexts));
    for words in ["status -v", "status -v -o json", "clusters -v -o wide", "clusters -o json"] {
        let output = board.run(words);
        assert!(!output.to_string().contains("s3cr3t"), "callboard {words}\n{output}");
        assert_eq!(output.code, 4, "{output}");
    }
}

/// Nobody is left to answer its question, and the shell wants its terminal back.
#[cfg(target_os = "linux")]
#[test]
fn a_plugin_that_asks_ends_with_the_run() {
    for (signals, code) in [(&["TERM"][..], 143), (&["HUP"], 129), (&["TERM", "TERM"], 143)] {
        let script = "echo $$ > pid; exec sleep 60";
        let exec = format!("command: sh, args: ['-c', {}]", serde_json::to_string(script).expect("quoted"));
        let user = format!(
            "{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always, {exec}}}}}"
        );
        let board = Board::empty()
            .file("catalog.yaml", HELLO)
            .file(".kube/config", &kubeconfig(&[("one", NOBODY, &user)]))
            .variable("PATH", std::env::var("PATH").unwrap_or_default());
        let mut typist = Typist::start(&board, "status");
        let pid = || std::fs::read_to_string(board.home().join("pid")).unwrap_or_default();
        let since = Instant::now();
        while pid().trim().is_empty() {
            assert!(since.elapsed() < Duration::from_secs(30), "it is not started:\n{}", typist.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
        for signal in signals {
            typist.signal(signal);
        }
        assert_eq!(typist.ends(), code, "{signals:?}:\n{}", typist.screen());
        let process = format!("/proc/{}", pid().trim());
        let since = Instant::now();
        while std::path::Path::new(&process).exists() {
            assert!(since.elapsed() < Duration::from_secs(5), "{signals:?}: the plugin lives on");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
