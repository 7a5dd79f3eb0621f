//! What a shell offers while a command line is typed: from local files, in real bash, and as the other shells ask.

use std::process::{Command, Stdio};

use crate::support::Board;

/// What a line becomes in bash, its cursor at the end; the program stands in PATH under its own name.
#[track_caller]
fn in_bash(board: &Board, line: &str) -> Vec<String> {
    let directory = std::path::Path::new(env!("CARGO_BIN_EXE_callboard")).parent().expect("a directory");
    let script = r#"source <(callboard completions bash)
COMP_LINE=$LINE; COMP_POINT=${#LINE}; _callboard_complete; printf '%s\n' "${COMPREPLY[@]}""#;
    let output = Command::new("bash")
        .args(["--norc", "-c", script])
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", directory.display()))
        .env("HOME", board.home())
        .env("LINE", line)
        .current_dir(board.home())
        .output()
        .expect("bash runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().filter(|line| !line.is_empty()).map(str::to_string).collect()
}

const CATALOG: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: checkout, title: 'Check out', tags: [java]}
spec: {type: service, lifecycle: production, owner: team-checkout, system: shop}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: '$(touch pwned)'}
spec: {type: service, lifecycle: production, owner: team-checkout}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-checkout}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ida}
spec: {memberOf: [team-checkout]}
";

/// Nothing listens there, and the plugin would leave a file behind: neither may be touched.
const KUBECONFIG: &str = "apiVersion: v1
kind: Config
current-context: eu-1
clusters:
- {name: a, cluster: {server: 'https://127.0.0.1:1'}}
- {name: b, cluster: {server: 'https://127.0.0.1:2'}}
users:
- name: u
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: touch, args: [ran], interactiveMode: Never}}
contexts:
- {name: eu-1, context: {cluster: a, user: u, namespace: shop}}
- {name: 'arn:aws:eks:eu-west-1:1:cluster/prod', context: {cluster: b, user: u}}
";

fn board() -> Board {
    Board::empty().file("catalog.yaml", CATALOG).file(".kube/config", KUBECONFIG).file(
        ".config/callboard/config.yaml",
        "groups: {prod: ['arn:*']}\nclusters: [{name: eu-1, labels: {region: eu}}]\n",
    )
}

#[test]
fn bash_completes_commands_and_what_the_local_files_know() {
    let board = board();
    let check = |line: &str, expect: &[&str]| assert_eq!(in_bash(&board, line), expect, "{line}");
    check("callboard stat", &["status"]);
    check("callboard --exit-zero stat", &["status"]);
    check("callboard status ch", &["checkout"]);
    check("callboard status --owner ", &["team-checkout", "user:ida"]);
    check("callboard status --system ", &[]);
    check("callboard status --lifecycle p", &["production"]);
    check("callboard status --tag ", &["java"]);
    check("callboard status -l app=x -n ", &["shop"]);
    check("callboard status --context ", &["eu-1", "arn:aws:eks:eu-west-1:1:cluster/prod", "@prod"]);
    check(
        "callboard status --context eu-1,!",
        &["eu-1,!eu-1", "eu-1,!arn:aws:eks:eu-west-1:1:cluster/prod", "eu-1,!@prod"],
    );
    check("callboard status --cluster-selector ", &["region=eu"]);
    check("callboard status --by ", &["cluster", "owner", "region", "system"]);
    check("callboard status -o js", &["json"]);
    check("callboard status --unh", &["--unhealthy"]);
    check("callboard status --conte", &["--context"]);
    check("callboard compare --baseline e", &["eu-1"]);
    check("callboard template sh", &["show"]);
    check("callboard template show http", &["http-service"]);
    check("callboard completions f", &["fish"]);
    assert!(!board.home().join("ran").exists(), "a credential plugin ran");
    assert!(!board.home().join("pwned").exists());
}

/// Only a cluster knows them, and no cluster is asked: those of the last answers are offered.
#[test]
fn containers_are_those_of_the_last_answers() {
    let line = "\"web app=web \"\t{\"health\":\"Healthy\",\"answeredAt\":\"2026-01-15T10:00:00Z\",\"kinds\":[\"Pod\"],\"containers\":[\"app\",\"envoy\"]}";
    let memory = format!("{{\"cluster\":\"eu-1\",\"live\":9}}\n{line}\nbroken\n");
    let board = board().file(".cache/callboard/answers/a.jsonl", &memory);
    assert_eq!(in_bash(&board, "callboard logs checkout -c "), ["app", "envoy"]);
    assert_eq!(in_bash(&board, "callboard logs checkout -c e"), ["envoy"]);
    assert_eq!(in_bash(&board, "callboard --no-cache logs checkout -c "), Vec::<String>::new());
}

/// Without a catalog they are guessed from what runs.
#[test]
fn services_without_a_catalog_are_those_of_the_last_answers() {
    let line = |key: &str| {
        format!(
            "\"{key}\"\t{{\"health\":\"Healthy\",\"answeredAt\":\"2026-01-15T10:00:00Z\",\"kinds\":[\"Pod\"]}}\n"
        )
    };
    let lines = line("web app=web shop") + &line("blog/web app=web blog") + &line("cart app=cart,tier=1 ");
    let board = Board::empty()
        .file(".cache/callboard/answers/a.jsonl", &format!("{{\"cluster\":\"eu-1\",\"live\":9}}\n{lines}"));
    assert_eq!(in_bash(&board, "callboard status "), ["blog/web", "cart", "web"]);
    assert_eq!(in_bash(&board, "callboard get pods -n "), ["blog", "shop"]);
}

/// bash cuts words at `:` and `=` and replaces only what is behind the last one.
#[test]
fn bash_completes_within_words_that_it_cuts() {
    let board = board();
    let check = |line: &str, expect: &[&str]| assert_eq!(in_bash(&board, line), expect, "{line}");
    check("callboard status --context arn:aws:e", &["eks:eu-west-1:1:cluster/prod"]);
    check("callboard status --context=eu", &["eu-1"]);
    check("callboard status --owner user:i", &["ida"]);
    check("callboard status --context \"eu", &["eu-1"]);
}

#[test]
fn a_broken_file_costs_its_own_candidates_only() {
    let board = Board::empty().file("catalog.yaml", "a: [").file(".kube/config", "{");
    assert_eq!(in_bash(&board, "callboard status ch"), Vec::<String>::new());
    assert_eq!(in_bash(&board, "callboard status --context "), Vec::<String>::new());
    assert_eq!(in_bash(&board, "callboard status --unh"), ["--unhealthy"]);
}

/// The demo's names are completed where `--demo` stands before.
#[test]
fn the_flags_that_were_typed_count() {
    let board = Board::empty();
    assert_eq!(in_bash(&board, "callboard --demo status checko"), ["checkout"]);
    assert_eq!(in_bash(&board, "callboard status --demo --context us-w"), ["us-west-2"]);
    assert_eq!(in_bash(&board, "callboard status checko"), Vec::<String>::new());
}

#[track_caller]
fn asked(board: &Board, shell: &str, index: Option<usize>, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.env_clear().env("HOME", board.home()).env("CALLBOARD_COMPLETE", shell).current_dir(board.home());
    if let Some(index) = index {
        command.env("_CLAP_COMPLETE_INDEX", index.to_string()).env("_CLAP_IFS", "\n");
    }
    let output = command.arg("--").args(words).stdin(Stdio::null()).output().expect("runs");
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn zsh_fish_and_powershell_are_told_what_a_name_stands_for() {
    let board = board();
    assert_eq!(asked(&board, "zsh", Some(2), &["callboard", "status", "ch"]), "checkout:Check out");
    assert!(asked(&board, "zsh", Some(2), &["callboard", "status"]).starts_with("checkout:Check out"));
    assert_eq!(asked(&board, "fish", None, &["callboard", "status", "ch"]), "checkout\tCheck out\n");
    assert_eq!(asked(&board, "powershell", None, &["callboard", "status", "ch"]), "checkout\tCheck out\n");
    assert!(asked(&board, "fish", None, &["callboard", "nonsense-", ""]).lines().count() > 5);
}

/// kubectl runs a file of its own name for a plugin's completions.
#[cfg(unix)]
#[test]
fn kubectl_is_answered_in_its_own_way() {
    let board = board();
    let link = board.home().join("kubectl_complete-callboard");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_callboard"), &link).expect("a link");
    let run = |words: &[&str]| {
        let mut command = Command::new(&link);
        command.env_clear().env("HOME", board.home()).current_dir(board.home()).args(words);
        String::from_utf8(command.output().expect("runs").stdout).expect("UTF-8")
    };
    assert_eq!(run(&["status", "ch"]), "checkout\tCheck out\n:4\n");
    assert_eq!(run(&["stat"]), "status\tHealth of services in every cluster, worst first\n:4\n");
    assert_eq!(run(&["status", "zzz"]), ":4\n");
    assert!(run(&[]).ends_with(":4\n"));
}

#[test]
fn a_shell_that_is_not_known_is_named() {
    let board = Board::empty().variable("CALLBOARD_COMPLETE", "tcsh");
    let output = board.run("-- callboard st");
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.contains("bash, elvish, fish, powershell or zsh"), "{output}");
}
