//! Credential plugins that are missing, fail, hang, fork, flood or ask, x every command that asks.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::matrix::page::{Told, told};
use crate::matrix::{ASKING, all_hold, ensure, finished, fleet, leaves_nothing_half};
use crate::support::Board;

pub const TABLE: &[Told] = &[
    Told {
        fault: "plugin that is missing",
        happens: "silent, `credentials`: its name and its `installHint`",
        codes: &[4],
    },
    Told {
        fault: "plugin that fails",
        happens: "silent, `credentials`: its exit code and what it said last",
        codes: &[4],
    },
    Told {
        fault: "plugin that hangs",
        happens: "silent, `credentials`, after `credentials.timeout`; it is stopped with all that it started",
        codes: &[4],
    },
    Told { fault: "plugin that floods", happens: "silent, `credentials`; it is stopped", codes: &[4] },
    Told {
        fault: "plugin that asks off a terminal",
        happens: "silent, `credentials`; it is not started",
        codes: &[4],
    },
    Told {
        fault: "plugin that leaves a child behind",
        happens: "its credential is taken; the child is not waited for",
        codes: &[0],
    },
];

/// Fault, how the plugin is called, and part of what is said.
const PLUGINS: &[(&str, &str, &str)] = &[
    ("plugin that is missing", "command: no-such-plugin, interactiveMode: Never", "is not installed"),
    (
        "plugin that fails",
        "command: sh, args: ['-c', 'echo session expired >&2; exit 3'], interactiveMode: Never",
        "exited with 3: session expired",
    ),
    (
        "plugin that hangs",
        "command: sh, args: ['-c', 'sleep 60 & wait'], interactiveMode: Never",
        "gave no credential in 1s",
    ),
    (
        "plugin that floods",
        "command: sh, args: ['-c', 'while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done'], interactiveMode: Never",
        "printed too much",
    ),
    (
        "plugin that asks off a terminal",
        "command: sh, args: ['-c', 'read answer'], interactiveMode: Always",
        "needs a terminal",
    ),
    ("plugin that leaves a child behind", "command: sh, args: [plugin.sh], interactiveMode: Never", ""),
];

/// Answers with the demo's token, and lets a child go on that holds its pipes.
const FORKING: &str = "sleep 30 &\n\
    echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": {\"token\": \"callboard-demo-token\"}}'\n";

/// The fleet of the matrix, well, whose servers run in a process of their own.
struct Served {
    child: Child,
    kubeconfig: String,
    catalog: String,
}

impl Served {
    fn start() -> Served {
        let directory = fleet("latency: 0ms");
        let file = directory.path().join("kubeconfig");
        let board = Board::at(directory.path());
        let mut command = board.command(["demo".as_ref(), "--write".as_ref(), file.as_os_str()]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it is up");
        let read = |path: &std::path::Path| std::fs::read_to_string(path).expect("read");
        let (kubeconfig, catalog) = (read(&file), read(&directory.path().join("catalog.yaml")));
        Served { child, kubeconfig, catalog }
    }

    /// The kubeconfig, in which `bad` gets its credential from a plugin.
    fn with_plugin(&self, exec: &str) -> String {
        let user = format!(
            "- name: plugin\n  user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, {exec}}}}}\nusers:\n"
        );
        let (head, tail) = self.kubeconfig.split_once("users:\n").expect("it has users");
        let text = format!(
            "{head}{}{tail}",
            user.replacen("users:\n", "", 1).replacen("- name", "users:\n- name", 1)
        );
        let at = text
            .find("- name: \"bad\"\n  context:")
            .or_else(|| text.find("- name: bad\n  context:"))
            .expect("a context");
        let (before, context) = text.split_at(at);
        let user = context.find("user:").expect("a user");
        let end = user + context[user..].find('\n').expect("its end");
        format!("{before}{}user: plugin{}", &context[..user], &context[end..])
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn check(
    served: &Served,
    fault: &str,
    exec: &str,
    says: &str,
    command: &str,
    words: &str,
) -> Result<(), String> {
    let board = Board::empty()
        .file("kubeconfig", &served.with_plugin(exec))
        .file("catalog.yaml", &served.catalog)
        .file("plugin.sh", FORKING)
        .file(".config/callboard/config.yaml", "credentials: {timeout: 1s}\n")
        .variable("PATH", std::env::var("PATH").unwrap_or_default());
    let output = finished(board.command(
        format!("{words} --kubeconfig kubeconfig --cluster-timeout 20s --connect-timeout 20s").split(' '),
    ))?;
    let output = board.told(&output);
    let code = told(TABLE, fault).codes[0];
    ensure(output.code == code, || format!("exit {}, not {code}\n{output}", output.code))?;
    leaves_nothing_half(&board)?;
    if command == "logs" {
        ensure(output.stdout.contains("\"good\"") && output.stderr.contains(says), || format!("{output}"))?;
        return Ok(());
    }
    let report: Value = serde_json::from_str(&output.stdout).map_err(|error| format!("{error}\n{output}"))?;
    let clusters = if command == "clusters" { &report["items"] } else { &report["clusters"] };
    let of = |name: &str| {
        clusters
            .as_array()
            .and_then(|all| all.iter().find(|one| one["name"] == name))
            .cloned()
            .unwrap_or_default()
    };
    let (bad, good) = (of("bad"), of("good"));
    ensure(good["state"] == "answered", || format!("the good cluster: {good}"))?;
    match says.is_empty() {
        true => ensure(bad["state"] == "answered", || format!("the credential is not taken: {bad}")),
        false => ensure(
            bad["reason"] == "credentials" && bad["message"].as_str().is_some_and(|text| text.contains(says)),
            || format!("not {says:?}: {bad}"),
        ),
    }
}

#[test]
fn a_credential_plugin_costs_only_its_own_clusters() {
    let served = Served::start();
    let mut cases = Vec::new();
    for (fault, exec, says) in PLUGINS {
        for (command, words) in ASKING {
            cases.push((*fault, *exec, *says, *command, *words));
        }
    }
    all_hold(&cases, |(fault, exec, says, command, words)| {
        check(&served, fault, exec, says, command, words)
            .map_err(|failure| format!("--- {fault} x {command}: {failure}"))
    });
}
