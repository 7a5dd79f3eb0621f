//! A command line that is not understood: what is told, in which words, and what is suggested.

use crate::support::Board;

/// The message and the hint; nothing else is said, and the exit code is 2.
#[track_caller]
fn refused(words: &str, message: &str, hint: &str) {
    let output = Board::empty().run(words);
    assert_eq!(output.code, 2, "callboard {words}\n{output}");
    assert_eq!(output.stderr, format!("error: {message}\nhint: {hint}\n"), "callboard {words}");
    assert_eq!(output.stdout, "", "callboard {words}");
}

#[test]
fn what_is_near_is_suggested() {
    refused("statsu", "unrecognized subcommand 'statsu'", "did you mean `callboard status`?");
    refused("template lsit", "unrecognized subcommand 'lsit'", "did you mean `callboard template list`?");
    refused("status --unhealty", "unexpected argument '--unhealty' found", "did you mean --unhealthy?");
    refused("status --contxt=eu", "unexpected argument '--contxt' found", "did you mean --context?");
    refused(
        "compare checkout --only imags",
        "invalid value 'imags' for '--only <WHAT>' [possible values: images, env, resources, template, config, revision, scale, storage, versions]",
        "did you mean images?",
    );
}

#[test]
fn where_nothing_is_near_there_is_a_list() {
    let output = Board::empty().run("xyzzy");
    assert!(output.stderr.contains("hint: there are status, show, diagnose, why, logs"), "{output}");
    assert!(!output.stderr.contains("did you mean"), "{output}");
    refused(
        "status --xyzzy",
        "unexpected argument '--xyzzy' found",
        "`callboard status --help` shows its flags, `callboard options` those of every command",
    );
    refused(
        "completions tcl",
        "invalid value 'tcl' for '<SHELL>' [possible values: bash, elvish, fish, powershell, zsh]",
        "`callboard completions --help` shows examples and flags",
    );
    refused(
        "clusters eu-1",
        "unexpected argument 'eu-1' found",
        "`callboard clusters --help` shows examples and flags",
    );
    refused(
        "template show",
        "the following required arguments were not provided: <TEMPLATE>",
        "`callboard template show --help` shows examples and flags",
    );
    refused(
        "new",
        "no golden path is named; there are full-stack, hook-up, http-service, library, web-site, worker",
        "callboard new http-service orders",
    );
}

#[test]
fn the_words_of_kubectl_are_answered() {
    let hinted = |words: &str, hint: &str| {
        let output = Board::empty().run(words);
        assert_eq!(output.code, 2, "{output}");
        assert!(output.stderr.contains(&format!("hint: {hint}")), "callboard {words}\n{output}");
    };
    hinted("version", "`callboard --version`");
    hinted("pods -A", "`callboard get KIND`");
    hinted("describe pod x", "`callboard why SERVICE`");
    hinted("status -A", "all namespaces are looked at");
    hinted("status --all-namespaces", "all namespaces are looked at");
    hinted("status --sort-by=.metadata.name", "the worst stands first");
    hinted("top -w", "`status -w`, `get -w`, `events -w` and `logs -f` go on");
    hinted("delete pod x", "callboard only reads clusters");
    hinted("config get-contexts", "`callboard clusters`");
}

/// The usage text follows the name that kubectl calls the program by.
#[cfg(unix)]
#[test]
fn a_plugin_of_kubectl_speaks_as_one() {
    let board = Board::empty();
    let link = board.home().join("kubectl-callboard");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_callboard"), &link).expect("a link");
    let run = |words: &[&str]| {
        let output = std::process::Command::new(&link).args(words).env_clear().output().expect("runs");
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    let page = run(&["status", "--help"]);
    assert!(page.contains("Usage: kubectl callboard status"), "{page}");
    assert!(page.contains("\n  kubectl callboard status --owner"), "{page}");
    let told = run(&["xyzzy"]);
    assert!(told.contains("`kubectl callboard --help`"), "{told}");
    assert!(run(&["completions", "bash"]).contains("-F _kubectl_callboard_complete kubectl-callboard"));
}

/// What is looked for first stays on a screen of 80 columns and 24 lines, and one page fits nearly on it.
#[test]
fn the_commands_are_the_last_on_the_screen() {
    let wide = |words: &str| Board::empty().variable("COLUMNS", "80").run(words).stdout;
    let page = wide("--help");
    let last: Vec<&str> = page.lines().rev().take(23).collect();
    assert!(last.contains(&"Look:"), "{page}");
    assert!(page.lines().all(|line| line.len() <= 80), "{page}");
    let page = wide("status --help");
    assert!(page.lines().count() <= 30, "{} lines\n{page}", page.lines().count());
    assert!(page.find("Examples:") < page.find("--owner"), "{page}");
}
