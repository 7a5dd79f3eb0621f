//! The pages of docs/ and the README: what they show is what the binary prints, and where they point is something.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::contract::generated;
use crate::support::Board;
use crate::terminal;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

const PAGES: &[&str] = &[
    "README.md",
    "docs/architecture.md",
    "docs/catalog.md",
    "docs/cli.md",
    "docs/clusters.md",
    "docs/demo.md",
    "docs/expressions.md",
    "docs/diagnoses.md",
    "docs/glossary.md",
    "docs/golden-paths.md",
    "docs/health.md",
    "docs/output.md",
    "docs/performance.md",
    "docs/readiness.md",
    "docs/reliability.md",
    "docs/security.md",
];

/// `<!-- name -->`, a block of code, `<!-- end -->`: what stands between is what a run prints.
#[track_caller]
fn captured(path: &str, name: &str, shown: &str) {
    let page = text(path);
    let (opening, closing) = (format!("<!-- {name} -->\n"), "<!-- end -->");
    let start = page.find(&opening).unwrap_or_else(|| panic!("{path} has no {opening}")) + opening.len();
    let end = start + page[start..].find(closing).unwrap_or_else(|| panic!("{path}: {name} has no end"));
    let shown = shown.replace("in [TIME]", "in 1.3s");
    generated(path, &format!("{}```text\n{shown}```\n{}", &page[..start], &page[end..]));
}

/// The demo's table in a window of 110 columns, and below it what stands on stderr.
#[test]
fn the_demo_is_shown_as_it_is() {
    let board = Board::demo().variable("NO_COLOR", "1");
    let output = terminal::run(&board, 110, "status");
    assert_eq!(output.code, 3, "{output}");
    captured("docs/demo.md", "callboard --demo status", &format!("{}{}", output.stdout, output.stderr));
    let short = terminal::run(&board, 110, "status --unhealthy --owner team-payments --owner team-checkout");
    captured("README.md", "the demo, some of it", &format!("{}{}", short.stdout, short.stderr));
}

/// Paged: what the README shows of a diagnosis is what the demo's service says.
#[test]
fn a_diagnosis_is_shown_as_it_is() {
    let output = Board::demo().run("why payments");
    assert_eq!(output.code, 3, "{output}");
    let wide = output.stdout.lines().map(|line| line.chars().count()).max().unwrap_or_default();
    assert!(wide < 160, "a page of {wide} columns is no first screen");
    captured("README.md", "paged at 3 a.m.", &format!("{}{}", output.stdout, output.stderr));
}

/// What the list in docs/demo.md promises can be read off the committed capture.
#[test]
fn the_capture_tells_what_a_reader_must_know() {
    let page = text("docs/demo.md");
    let table = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a capture");
    let row = |words: &[&str]| {
        let found = table.lines().any(|line| words.iter().all(|word| line.contains(word)));
        assert!(found, "no line tells {words:?}:\n{table}");
    };
    row(&["checkout", "us-east-1", "Degraded (down)", "0/6", "15m"]);
    row(&["notifications", "staging", "Degraded (down)", "0/2"]);
    row(&["payments", "us-west-2", "Degraded ", "4/6", "34m"]);
    row(&["returns", "eu-central-1", "Missing"]);
    row(&["ap-south-1", "Unknown", "connection refused"]);
    row(&["silent: ap-south-1", "connection refused"]);
    row(&["eu-central-1", "forbidden"]);
    row(&["search", "Progressing", "rollout"]);
    row(&["pricing", "Suspended", "paused"]);
    row(&["services: ", "degraded", "down", "5 of 6 clusters answered"]);
    let first = table.lines().nth(1).expect("a row");
    assert!(first.contains("(down)"), "what is down comes first: {first}");
}

/// The ids that callboard itself gives as reasons: its own, of verdicts, and those of silent clusters. Kubernetes' own words
/// are CamelCase and need no list.
fn reasons() -> BTreeSet<String> {
    let found = |path: &str, pattern: &str| -> Vec<String> {
        let pattern = regex::Regex::new(pattern).expect("a pattern");
        let source = text(path);
        pattern.captures_iter(&source).map(|parts| parts[1].to_string()).collect()
    };
    let own = found("src/health/reason.rs", r#"OwnReason::\w+ => "([a-z-]+)""#);
    let silences = found("src/fleet/silence.rs", r#"Silence::\w+(?:\(_\)| \{ \.\. \})? => "(\w+)""#);
    let of_rows = found("src/survey/answered.rs", r#"reason: Some\("(\w+)"\)"#);
    assert!(
        own.len() > 20 && silences.len() > 6 && of_rows == ["interrupted"],
        "{own:?} {silences:?} {of_rows:?}"
    );
    [own, silences, of_rows].concat().into_iter().collect()
}

/// A verdict has its reason from the list of ours, or Kubernetes' word: an id that is written down as a text is in no list.
#[test]
fn no_verdict_has_an_id_beside_the_list() {
    let given = r#"(?:Verdict::new|Summary::of|judged)\(\s*[\w:]+,\s*"[a-z-]|Summary::unknown\(\s*"[a-z-]"#;
    let given = regex::Regex::new(given).expect("a pattern");
    for directory in ["src/health", "src/survey"] {
        for entry in fs::read_dir(root().join(directory)).expect("readable") {
            let path = entry.expect("readable").path();
            let source = fs::read_to_string(&path).expect("readable");
            let production = source.split("#[cfg(test)]\n#[allow").next().unwrap_or_default();
            let production = production.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let found = given.find(production).map(|found| found.as_str());
            assert_eq!(found, None, "{}", path.display());
        }
    }
}

#[test]
fn every_reason_is_explained() {
    let reasons = reasons();
    for known in
        ["replicas-unavailable", "missing", "suspended", "timedOut", "unreachable", "stuck-terminating"]
    {
        assert!(reasons.contains(known), "the search has lost {known}: {reasons:?}");
    }
    let page = text("docs/output.md");
    let missing: Vec<&String> = reasons.iter().filter(|id| !page.contains(&format!("| `{id}` |"))).collect();
    assert!(missing.is_empty(), "docs/output.md does not explain {missing:?}");
    let row = regex::Regex::new(r"(?m)^\| `([a-z][A-Za-z-]*)` \|").expect("a pattern");
    let listed = page.split("## Reasons").nth(1).expect("a section").split("\n## ").next().expect("its end");
    let idle: Vec<String> = row
        .captures_iter(listed)
        .map(|parts| parts[1].to_string())
        .filter(|id| !reasons.contains(id))
        .collect();
    assert!(idle.is_empty(), "docs/output.md explains what no code gives: {idle:?}");
}

#[test]
fn links_lead_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)#\s]+)(?:#[^)]*)?\)").expect("a pattern");
    for page in PAGES {
        let directory = Path::new(page).parent().expect("a directory");
        for parts in link.captures_iter(&text(page)) {
            let target = &parts[1];
            assert!(
                target.starts_with("https://") || root().join(directory).join(target).exists(),
                "{page} points to {target}"
            );
        }
    }
    for entry in fs::read_dir(root().join("docs")).expect("readable") {
        let name = entry.expect("readable").file_name().to_string_lossy().into_owned();
        assert!(
            !name.ends_with(".md") || PAGES.contains(&format!("docs/{name}").as_str()),
            "{name} is not in the list"
        );
    }
}

/// The codemap names every module there is, and the rows of the house as the architecture test has them.
#[test]
fn the_codemap_is_the_code() {
    let page = text("docs/architecture.md");
    for entry in fs::read_dir(root().join("src")).expect("readable") {
        let path = entry.expect("readable").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(page.contains(&format!("`{name}`")), "docs/architecture.md does not know {name}");
    }
    let rows = text("tests/it/architecture.rs");
    let rows = rows
        .split("const ROWS: &[&[&str]] = &[")
        .nth(1)
        .and_then(|rest| rest.split("];").next())
        .expect("rows");
    let quoted = regex::Regex::new(r#""(\w+)""#).expect("a pattern");
    let line = |row: &str| {
        let names: Vec<String> = quoted.captures_iter(row).map(|parts| parts[1].to_string()).collect();
        names.join(", ")
    };
    let rows: Vec<String> = rows.lines().map(line).filter(|row| !row.is_empty()).collect();
    captured("docs/architecture.md", "rows", &(rows.join("\n") + "\n"));
}

/// Exit codes, formats and verdicts stand on the page that explains them.
#[test]
fn what_the_program_can_say_is_on_the_page() {
    let page = text("docs/output.md");
    for word in ["Healthy", "Suspended", "Progressing", "Unknown", "Missing", "Degraded", "Degraded (down)"] {
        assert!(page.contains(&format!("| {word} |")), "{word}");
    }
    for format in ["table", "wide", "json", "yaml", "name", "markdown", "html"] {
        assert!(page.contains(&format!("`-o {format}`")), "{format}");
    }
    for page in ["README.md", "docs/output.md"] {
        for code in ["0", "1", "2", "3", "4", "130"] {
            assert!(text(page).contains(&format!("| {code} |")), "{page} does not explain exit code {code}");
        }
    }
}

/// The lines that the README tells to type under a heading, as they stand there.
fn typed(heading: &str) -> Vec<String> {
    let page = text("README.md");
    let block = page.split(heading).nth(1).and_then(|rest| rest.split("```sh\n").nth(1)).expect("a block");
    block.split("```").next().expect("its end").lines().map(str::to_string).collect()
}

/// What the README tells to type works as it is printed, line by line, in a fresh home: in a shell that `demo --` starts, as it says.
#[test]
fn the_commands_of_the_readme_run() {
    let lines: Vec<String> = typed("## Install")
        .into_iter()
        .filter(|line| !line.starts_with("cargo "))
        .chain(typed("## Use it"))
        .collect();
    assert!(lines.len() > 15, "{lines:?}");
    let script: String = lines
        .iter()
        .map(|line| format!("echo '== {}'\n{line}\necho \"-- ${{PIPESTATUS[0]}}\"\n", line.replace('\'', "")))
        .collect();
    let binary = Path::new(env!("CARGO_BIN_EXE_callboard"));
    let path = format!(
        "{}:{}",
        binary.parent().expect("a directory").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let board =
        Board::empty().variable("PATH", path).file(".cargo/bin/installed", "").file("page.sh", &script);
    let output = board.run("demo -- bash page.sh");
    assert_eq!(output.code, 0, "{output}");
    let mut runs = output.stdout.split("== ").skip(1);
    for line in &lines {
        let run = runs.next().unwrap_or_else(|| panic!("{line} was not run\n{output}"));
        let code = run.rsplit("-- ").next().and_then(|code| code.trim().parse::<i32>().ok());
        assert!(code.is_some_and(|code| [0, 3, 4].contains(&code)), "{line}\n{run}\n{}", output.stderr);
        let is_silent = line.starts_with("source") || line.starts_with("ln ");
        assert!(is_silent || run.lines().count() > 2, "{line} prints nothing\n{output}");
    }
}

/// Comments point to sections of these pages by their numbers; a page that is renumbered must not leave them behind.
#[test]
fn every_section_that_the_code_cites_is_there() {
    let mut cited = BTreeSet::new();
    let mut files = vec![root().join("src")];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                fs::read_dir(&path).expect("a directory").map(|entry| entry.expect("an entry").path()),
            );
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let code = fs::read_to_string(&path).expect("a source file");
            // A citation may go on in the next line of its comment.
            let words: Vec<&str> = code.split_whitespace().filter(|word| !word.starts_with("//")).collect();
            for three in words.windows(3).filter(|three| three[1] == "section") {
                let page = three[0].trim_start_matches('(');
                let number = three[2].trim_matches(|c: char| !c.is_ascii_digit());
                if page.starts_with("docs/") && page.ends_with(".md") && !number.is_empty() {
                    cited.insert((page.to_string(), number.to_string()));
                }
            }
        }
    }
    assert!(cited.len() > 10, "the citations were not found: {cited:?}");
    for (page, number) in cited {
        let has = |line: &str| {
            let title = line.trim_start_matches('#').trim_start();
            line.starts_with('#')
                && title.split(' ').next().map(|word| word.trim_end_matches('.')) == Some(&number)
        };
        assert!(text(&page).lines().any(has), "{page} has no section {number}");
    }
}
