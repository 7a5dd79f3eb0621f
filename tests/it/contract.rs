//! What callboard promises to scripts and shells: generated files, exit codes, streams, flags.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Board, Output};
use crate::terminal;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a committed file with what generates it; `SNAPSHOTS=overwrite` writes it instead.
#[track_caller]
pub fn generated(path: &str, text: &str) {
    let file = root().join(path);
    if std::env::var("SNAPSHOTS").is_ok_and(|what| what == "overwrite") {
        fs::create_dir_all(file.parent().expect("below the root")).expect("created");
        fs::write(&file, text).expect("written");
        return;
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    let first = committed.lines().zip(text.lines()).position(|(one, other)| one != other);
    let line = first.unwrap_or(committed.lines().count().min(text.lines().count()));
    let told = |text: &str| text.lines().nth(line).unwrap_or("(the end)").to_string();
    assert!(
        committed == text,
        "{path} is out of date at line {}; SNAPSHOTS=overwrite cargo test writes it anew\n committed: {}\n generated: {}",
        line + 1,
        told(&committed),
        told(text)
    );
}

#[track_caller]
fn fine(output: Output) -> Output {
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output}");
    output
}

#[test]
fn commands_and_flags_are_documented_as_they_are() {
    generated("docs/cli.md", &fine(Board::empty().run("reference")).stdout);
}

const SHELLS: [(&str, &str); 4] = [
    ("bash", "completions/callboard.bash"),
    ("zsh", "completions/_callboard"),
    ("fish", "completions/callboard.fish"),
    ("powershell", "completions/_callboard.ps1"),
];

#[test]
fn completions_are_those_of_the_binary() {
    for (shell, path) in SHELLS {
        let script = fine(Board::empty().run(&format!("completions {shell}"))).stdout;
        assert!(script.contains("callboard"), "{script}");
        generated(path, &script);
    }
    let wrong = Board::empty().run("completions tcsh");
    assert_eq!(wrong.code, 2, "{wrong}");
}

/// The names of all commands, as `callboard help` lists them, and the root itself as an empty one.
fn commands() -> Vec<String> {
    let help = fine(Board::empty().run("--help")).stdout;
    let listed = help.split("\nAround:\n").nth(1).expect("a list of commands");
    let names =
        listed.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let mut names: Vec<String> =
        names.filter_map(|line| Some(line.split_whitespace().next()?.to_string())).collect();
    names.push(String::new());
    names
}

#[test]
fn every_command_explains_itself() {
    let names = commands();
    assert!(names.iter().any(|name| name == "status"), "{names:?}");
    for name in names {
        let long = fine(Board::empty().run(&format!("{name} --help"))).stdout;
        let short = fine(Board::empty().run(&format!("{name} -h"))).stdout;
        let asked = fine(Board::empty().run(&format!("help {name}"))).stdout;
        assert_eq!((&long, &long), (&asked, &short), "help {name}, {name} --help and {name} -h are one page");
        for text in [&long, &short] {
            assert!(text.contains("Usage: callboard"), "{text}");
            assert!(!text.contains("reference"), "an internal command shows:\n{text}");
        }
    }
    assert!(Board::empty().run("--help").stdout.contains("3 findings, 4 incomplete"));
    let version = fine(Board::empty().run("--version")).stdout;
    let form = r"^callboard 0\.\d+\.\d+ \((development|[0-9a-f]{12}), [0-9a-z_]+-[0-9a-z_-]+\)\n$";
    assert!(regex::Regex::new(form).expect("a pattern").is_match(&version), "{version}");
    assert_eq!(Board::empty().run("-V").stdout, version);
}

/// Flags and arguments that take no value of their own: what a line of help defines.
fn defined(help: &str) -> BTreeSet<String> {
    let flag = regex::Regex::new(r"^ +(?:(-\w), )?(--[a-z-]+)").expect("a pattern");
    let alias = regex::Regex::new(r"\[alias(?:es)?: ([^\]]+)\]").expect("a pattern");
    let mut found = BTreeSet::new();
    for line in help.lines() {
        if let Some(parts) = flag.captures(line) {
            found.extend(parts.iter().skip(1).flatten().map(|part| part.as_str().to_string()));
        }
        for parts in alias.captures_iter(line) {
            found.extend(parts[1].split(", ").map(str::to_string));
        }
    }
    found
}

/// A flag counts as tested where a test types it: followed by the end of a word.
#[test]
fn every_flag_is_documented_and_tested() {
    let reference = fs::read_to_string(root().join("docs/cli.md")).expect("readable");
    let tests: String = fs::read_dir(root().join("tests/it"))
        .expect("readable")
        .filter_map(|entry| fs::read_to_string(entry.expect("readable").path()).ok())
        .collect();
    let mut missing = Vec::new();
    let of_all = defined(&fine(Board::empty().run("options")).stdout);
    assert!(of_all.contains("--context") && of_all.contains("-q"), "{of_all:?}");
    for name in commands() {
        let help = fine(Board::empty().run(&format!("{name} --help"))).stdout;
        let repeated: Vec<&String> = of_all.iter().filter(|flag| defined(&help).contains(*flag)).collect();
        assert!(repeated.is_empty(), "flags of every command are on {name}'s page: {repeated:?}");
        for flag in defined(&help).union(&of_all) {
            let word = regex::Regex::new(&format!(r"(^|[^\w-]){flag}($|[^\w-])")).expect("a pattern");
            if !["-h", "--help"].contains(&flag.as_str()) && !word.is_match(&reference) {
                missing.push(format!("{name} {flag} is not in docs/cli.md"));
            }
            if !word.is_match(&tests) {
                missing.push(format!("{name} {flag} is in no test"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[track_caller]
fn ends_with(board: &Board, words: &str, code: i32) {
    let output = board.run(words);
    assert_eq!(output.code, code, "callboard {words}\n{output}");
}

#[test]
fn the_exit_code_says_what_was_found() {
    let (shop, silent) = (Board::fleet("shop"), Board::fleet("silent"));
    ends_with(&Board::fleet("tiny"), "status", 0);
    ends_with(&shop, "status cart", 0);
    ends_with(&shop, "status nonsense", 1);
    ends_with(&Board::empty(), "status", 1);
    ends_with(&shop, "status --nonsense", 2);
    ends_with(&shop, "nonsense", 2);
    ends_with(&shop, "", 2);
    ends_with(&shop, "status -o nonsense", 2);
    ends_with(&shop, "status -l app --owner team-checkout", 2);
    ends_with(&shop, "status -n shop", 2);
    ends_with(&shop, "status -q -v", 2);
    ends_with(&shop, "status checkout", 3);
    ends_with(&shop, "status returns", 3);
    ends_with(&silent, "status --cluster-timeout 1s", 4);
    ends_with(&Board::fleet("forbidden"), "status orders", 4);
}

/// Progressing, Suspended and Unknown alone are fine, and what a view leaves out changes nothing.
#[test]
fn a_view_changes_no_exit_code() {
    let (shop, kinds) = (Board::fleet("shop"), Board::fleet("kinds"));
    ends_with(&shop, "status search", 0);
    ends_with(&kinds, "status deploy-zero", 0);
    ends_with(&shop, "status --unhealthy", 3);
    ends_with(&shop, "status cart --unhealthy", 0);
    for format in ["table", "wide", "json", "yaml", "name", "markdown", "html"] {
        ends_with(&shop, &format!("status -o {format}"), 3);
        ends_with(&shop, &format!("status cart --output={format}"), 0);
    }
}

#[test]
fn exit_zero_turns_findings_and_silence_into_success_and_errors_into_nothing() {
    ends_with(&Board::fleet("shop"), "status --exit-zero", 0);
    ends_with(&Board::fleet("silent"), "status --exit-zero --request-timeout 1s", 0);
    ends_with(&Board::fleet("shop"), "status nonsense --exit-zero", 1);
    ends_with(&Board::fleet("shop"), "status --exit-zero --nonsense", 2);
}

/// A fleet of which one cluster is down, and may be by the configuration.
#[test]
fn an_optional_cluster_makes_no_run_incomplete() {
    let config = "clusters:\n- {name: refused-1, optional: true}\n";
    let board = Board::fleet("silent").file("config.yaml", config);
    let plain = board.run("status --context well-1,refused-1 -o json").json();
    assert_eq!(
        (&plain["complete"], &plain["clusters"][1]["optional"]),
        (&Value::Bool(false), &Value::Bool(false))
    );
    let with = board.run("status --context well-1,refused-1 -o json --config config.yaml").json();
    assert_eq!(
        (&with["complete"], &with["clusters"][1]["optional"]),
        (&Value::Bool(true), &Value::Bool(true))
    );
    let named = board.variable("CALLBOARD_CONFIG", "config.yaml");
    ends_with(&named, "status --context well-1,refused-1", 0);
}

#[test]
fn the_answer_is_on_stdout_and_everything_else_on_stderr() {
    let shop = Board::fleet("shop");
    let table = shop.run("status");
    assert!(table.stdout.starts_with("SERVICE "), "{table}");
    assert!(!table.stdout.contains("clusters answered"), "{table}");
    assert!(table.stderr.contains("4 of 4 clusters answered"), "{table}");
    for format in ["json", "yaml", "markdown", "html"] {
        let document = shop.run(&format!("status -o {format}"));
        assert_eq!(document.stderr, "", "{document}");
    }
    let markdown = shop.run("status -o markdown").stdout;
    assert!(markdown.starts_with("# Service status\n\n| SERVICE |"), "{markdown}");
    assert!(markdown.contains("4 of 4 clusters answered"), "{markdown}");
    let html = shop.run("status -o html").stdout;
    assert!(html.starts_with("<!doctype html>") && html.contains("4 of 4 clusters answered"), "{html}");
}

#[test]
fn quiet_leaves_only_errors_and_verbose_says_more() {
    let shop = Board::fleet("shop");
    assert_eq!(shop.run("status -q").stderr, "");
    assert_eq!(shop.run("status --quiet").stdout, shop.run("status").stdout);
    let error = shop.run("status nonsense -q");
    assert!(error.stderr.starts_with("error: "), "{error}");
    let (plain, verbose) = (shop.run("status"), shop.run("status -v"));
    assert!(!plain.stderr.contains("status-page") && !plain.stderr.contains("go-kit"), "{plain}");
    assert!(verbose.stderr.contains("not running on Kubernetes: "), "{verbose}");
    assert_eq!(shop.run("--verbose status").stderr, verbose.stderr);
}

#[test]
fn headers_can_be_left_out() {
    let shop = Board::fleet("shop");
    for format in ["table", "wide"] {
        let with = shop.run(&format!("status -o {format}")).stdout;
        let without = shop.run(&format!("status -o {format} --no-headers")).stdout;
        let rows = |text: &str| {
            let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
            text.lines().map(words).collect::<Vec<_>>()
        };
        assert_eq!(rows(&with)[1..], rows(&without)[..]);
    }
}

#[test]
fn colour_is_for_terminals_unless_someone_insists() {
    let colored = |board: &Board, words: &str| board.run(words).stdout.contains('\u{1b}');
    let plain = Board::fleet("tiny");
    assert!(!colored(&plain, "status"));
    assert!(colored(&plain, "status --color always"));
    assert!(!colored(&plain, "status --color=auto"));
    let forced = Board::fleet("tiny").variable("CLICOLOR_FORCE", "1");
    assert!(colored(&forced, "status"));
    assert!(!colored(&forced, "status --color never"));
    let without = Board::fleet("tiny").variable("NO_COLOR", "1").variable("CLICOLOR_FORCE", "1");
    assert!(!colored(&without, "status"));
    assert!(colored(&without, "status --color always"));

    let on_screen = |board: &Board| terminal::run(board, 110, "status").stdout.contains('\u{1b}');
    assert!(on_screen(&Board::fleet("tiny").variable("TERM", "xterm")));
    assert!(!on_screen(&Board::fleet("tiny").variable("TERM", "dumb")));
    assert!(!on_screen(&Board::fleet("tiny").variable("TERM", "xterm").variable("NO_COLOR", "")));
}

/// Colour never carries a meaning alone: without it every word is still there.
#[test]
fn every_colour_is_also_a_word() {
    let shop = Board::fleet("shop");
    let escape = regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("a pattern");
    let colored = shop.run("status --color always").stdout;
    assert!(colored.contains('\u{1b}'));
    assert_eq!(escape.replace_all(&colored, ""), shop.run("status").stdout);
}

#[test]
fn a_terminal_folds_and_cuts_and_a_pipe_does_neither() {
    let demo = Board::demo().variable("NO_COLOR", "1");
    let narrow = terminal::run(&demo, 100, "status");
    for line in narrow.stdout.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    assert!(narrow.stdout.contains('…'), "{narrow}");
    assert!(narrow.stdout.contains(" +1 ") || narrow.stdout.contains(" clusters "), "{narrow}");
    let piped = demo.run("status").stdout;
    assert!(!piped.contains('…') && !piped.contains(" clusters "), "{piped}");
    let columns = |line: &str| regex::Regex::new(" {2,}").expect("a pattern").split(line).count();
    for line in piped.lines() {
        assert_eq!(columns(line), 7, "a cell is empty: {line}");
    }
}

/// As in `callboard status | head -1`: the reader goes away before anything is written.
#[test]
fn a_closed_pipe_is_no_failure() {
    for words in ["status", "status -o json", "completions bash", "reference", "--help"] {
        let board = Board::fleet("shop");
        let mut command = board.command(words.split_whitespace());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut stderr).expect("text");
        let code = child.wait().expect("it ends").code();
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{words}");
    }
}

#[test]
fn a_plugin_of_kubectl_speaks_of_itself_as_one() {
    let board = Board::empty();
    let plugin = board.home().join("kubectl-callboard");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_callboard"), &plugin).expect("linked");
    let output = std::process::Command::new(plugin).args(["status", "--help"]).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("Usage: kubectl callboard status"), "{text}");
}

#[test]
fn one_variable_pins_the_clock() {
    let board = |now: &str| Board::fleet("shop").variable("CALLBOARD_NOW", now);
    let later = board("2026-01-15T11:00:00Z").run("status payments -o json").json();
    assert_eq!(later["generatedAt"], "2026-01-15T11:00:00Z");
    let wrong = board("noon").run("status");
    assert_eq!(wrong.code, 1, "{wrong}");
    assert!(wrong.stderr.contains("CALLBOARD_NOW") && wrong.stderr.contains("noon"), "{wrong}");
}

#[test]
fn the_example_catalog_can_be_used_as_it_is() {
    let example = root().join("catalog.example.yaml");
    let output =
        Board::fleet("tiny").run_words(["status", "-o", "name", "--catalog", &example.to_string_lossy()]);
    assert!(!output.stderr.contains("warning"), "{output}");
    assert!([0, 3].contains(&output.code), "{output}");
    assert!(Path::new(&example).is_file());
}
