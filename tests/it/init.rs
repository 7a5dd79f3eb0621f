//! `init`: a first configuration from a kubeconfig, which is read and not contacted.

use std::fs;

use serde_json::Value;

use crate::support::{Board, Output, tells};
use crate::terminal::Typist;

/// A plugin that leaves a trace where it is run.
const PLUGIN: &str = "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, args: [-c, 'touch ran'], env: [{name: AWS_PROFILE, value: corp}]}}";

/// A kubeconfig of contexts with a server each, which nobody can reach, and one user.
fn kubeconfig(contexts: &[(&str, &str)]) -> String {
    let text = |name: &str| serde_json::to_string(name).expect("JSON");
    let (mut clusters, mut list) = (String::new(), String::new());
    for (index, (name, server)) in contexts.iter().enumerate() {
        clusters.push_str(&format!("- name: c{index}\n  cluster: {{server: {}}}\n", text(server)));
        list.push_str(&format!("- name: {}\n  context: {{cluster: c{index}, user: u}}\n", text(name)));
    }
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n{clusters}contexts:\n{list}users:\n- name: u\n  user: {PLUGIN}\n"
    )
}

fn board(contexts: &[(&str, &str)]) -> Board {
    Board::empty().file(".kube/config", &kubeconfig(contexts))
}

const SHOP: &[(&str, &str)] = &[
    ("arn:aws:eks:eu-west-1:111122223333:cluster/shop-prod", "https://a.invalid"),
    ("arn:aws:eks:us-east-1:111122223333:cluster/shop-prod", "https://b.invalid"),
    ("arn:aws:eks:eu-west-1:444455556666:cluster/shop-dev", "https://c.invalid"),
    ("gke_search_europe-west1-b_main", "https://d.invalid"),
    ("ci", "https://e.invalid"),
    ("kind-play", "https://127.0.0.1:1"),
];

fn written(board: &Board) -> String {
    fs::read_to_string(board.home().join(".config/callboard/config.yaml")).expect("a configuration")
}

/// What a run makes of the file: name and labels of each cluster. That none can be reached is no matter.
#[track_caller]
fn clusters(board: &Board, words: &str) -> Vec<String> {
    let output = board.run(&format!("clusters -o json --connect-timeout 300ms {words}"));
    assert!(!output.stderr.contains("warning"), "{output}");
    let report: Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"));
    let cluster = |item: &Value| {
        let labels = item["labels"].as_object().expect("labels").iter();
        let labels: Vec<String> =
            labels.map(|(key, value)| format!("{key}={}", value.as_str().expect("text"))).collect();
        format!("{} {}", item["name"].as_str().expect("a name"), labels.join(",")).trim_end().to_string()
    };
    report["items"].as_array().expect("items").iter().map(cluster).collect()
}

#[track_caller]
fn fine(output: Output) -> Output {
    assert_eq!(output.code, 0, "{output}");
    output
}

#[test]
fn proposals_are_written_and_mean_what_they_say() {
    let board =
        board(SHOP).variable("GIT_CONFIG_GLOBAL", "git").file("git", "[user]\n  email = ida@example.com\n");
    let output = fine(board.run("init --yes"));
    assert_eq!(
        output.stdout,
        "[HOME]/.config/callboard/config.yaml: 5 of 6 clusters, 4 short names, 11 labels, 2 groups (@dev, @prod), me: ida@example.com\n"
    );
    assert!(output.stderr.contains("hint: `callboard clusters`"), "{output}");
    assert!(!board.home().join("ran").exists(), "a plugin was run");
    let text = written(&board);
    for line in [
        "# Written by `callboard init` from ",
        "me: ida@example.com\n",
        "contexts:\n- \"!kind-play\"\n",
        "groups:\n  dev:\n  - shop-dev\n  prod:\n  - shop-prod-eu-west-1\n  - shop-prod-us-east-1\n",
        "- name: arn:aws:eks:eu-west-1:111122223333:cluster/shop-prod\n  alias: shop-prod-eu-west-1\n  labels:\n    region: eu-west-1  # a guess, from the name\n",
    ] {
        assert!(text.contains(line), "{line:?} is missing:\n{text}");
    }
    assert_eq!(
        clusters(&board, ""),
        [
            "shop-prod-eu-west-1 environment=prod,provider=aws,region=eu-west-1",
            "shop-prod-us-east-1 environment=prod,provider=aws,region=us-east-1",
            "shop-dev environment=dev,provider=aws,region=eu-west-1",
            "main provider=gcp,region=europe-west1",
            "ci",
        ]
    );
    assert_eq!(
        clusters(&board, "--context @dev"),
        ["shop-dev environment=dev,provider=aws,region=eu-west-1"]
    );
    assert_eq!(
        clusters(&board, "--context kind-play"),
        ["kind-play"],
        "what is no part of the fleet can be named"
    );
    let table = board.run("clusters --connect-timeout 300ms");
    assert!(
        table.stderr.contains("no part of the fleet, by contexts: of the configuration: kind-play;"),
        "{table}"
    );
    let all = board.run("clusters --connect-timeout 300ms --context *");
    assert!(all.stdout.contains("kind-play") && !all.stderr.contains("no part of the fleet"), "{all}");
    assert_eq!(clusters(&board, "--cluster-selector region=us-east-1").len(), 1);
}

#[test]
fn nobody_at_a_terminal_is_asked() {
    let board = board(SHOP);
    let output = board.run("init");
    tells(
        &output,
        2,
        &[
            "--yes",
            "--context GLOB",
            "--me",
            "--alias",
            "--group",
            "--label",
            "--keep-names",
            "--no-guess",
            "--dry-run",
        ],
    );
    assert!(!board.home().join(".config").exists());
}

#[test]
fn a_file_that_exists_is_never_overwritten() {
    let board = board(SHOP)
        .file(".config/callboard/config.yaml", "me: user:ida\n")
        .file("mine.yaml", "me: user:tom\n");
    tells(
        &board.run("init --yes"),
        1,
        &["[HOME]/.config/callboard/config.yaml exists already", "--dry-run", "--config FILE"],
    );
    tells(&board.run("init --yes --config mine.yaml"), 1, &["mine.yaml exists already"]);
    assert_eq!(written(&board), "me: user:ida\n");
    let shown = fine(board.run("init --dry-run")).stdout;
    assert!(shown.contains("\ncontexts:\n- \"!kind-play\"\n"), "{shown}");
    drop(fine(board.run("init --yes --config new/config.yaml")));
    let new = fs::read_to_string(board.home().join("new/config.yaml")).expect("written");
    assert_eq!(new.replace(&board.home().display().to_string(), "[HOME]"), shown);
    let link = board.home().join("link.yaml");
    std::os::unix::fs::symlink(board.home().join("nowhere"), &link).expect("linked");
    tells(&board.run("init --yes --config link.yaml"), 1, &["link.yaml exists already"]);
    let by_variable = board.variable("CALLBOARD_CONFIG", "by-variable.yaml");
    drop(fine(by_variable.run("init --yes")));
    assert!(by_variable.home().join("by-variable.yaml").exists());
    assert_eq!(written(&by_variable), "me: user:ida\n");
}

#[test]
fn flags_say_what_is_wanted() {
    let board = board(SHOP);
    let words = "init -y --context arn:*,ci --me user:default/ida --alias one=arn:aws:eks:eu-west-1:111122223333:cluster/shop-prod \
                 --group west=*eu-west*,!*dev --label region=home:ci --label tier=a:*prod --keep-names --no-guess";
    drop(fine(board.run(words)));
    assert_eq!(
        clusters(&board, ""),
        [
            "one tier=a",
            "arn:aws:eks:us-east-1:111122223333:cluster/shop-prod tier=a",
            "arn:aws:eks:eu-west-1:444455556666:cluster/shop-dev",
            "ci region=home"
        ]
    );
    assert_eq!(clusters(&board, "--context @west"), ["one tier=a"]);
    let text = written(&board);
    assert!(text.contains("me: user:default/ida\n") && !text.contains("a guess,"), "{text}");
}

#[test]
fn a_flag_that_cannot_be_meant_is_refused_before_anything_is_written() {
    let board = board(SHOP);
    let arn = "arn:aws:eks:eu-west-1:111122223333:cluster/shop-prod";
    for (words, told) in [
        ("--alias x".to_string(), "expected SHORT=CONTEXT"),
        ("--alias a,b=ci".to_string(), "letters, digits"),
        ("--alias x=cii".to_string(), "did you mean ci?"),
        (format!("--alias ci={arn}"), "\"ci\" is the name of another context"),
        (format!("--alias x=ci --alias x={arn}"), "\"x\" is the name of another context"),
        ("--group prod".to_string(), "expected NAME=GLOB"),
        ("--group prod=nope".to_string(), "no context \"nope\""),
        ("--group prod=@prdo".to_string(), "no cluster group \"prdo\""),
        ("--label region:ci".to_string(), "expected KEY=VALUE:GLOB"),
        ("--label region=a/b:ci".to_string(), "--label region=a/b:ci"),
        ("--label region=eu:cii".to_string(), "did you mean ci?"),
        ("--me group:".to_string(), "--me group:"),
        ("--cluster-selector region=eu".to_string(), "choose with --context"),
    ] {
        tells(&board.run(&format!("init --yes {words}")), 2, &[told]);
    }
    tells(&board.run("init --yes --context prd-*"), 1, &["no context matches \"prd-*\""]);
    tells(&board.run("init --yess"), 2, &["--yes"]);
    assert!(!board.home().join(".config").exists());
}

#[test]
fn names_that_mean_something_else_stay_names() {
    let odd = [
        "!kind-play",
        "@prod",
        "a*",
        "ab",
        "q'uo\"te",
        "日本",
        "x,y",
        "- z",
        "yes",
        "#no",
        "{{ x }}",
        "a: b",
        "\u{1b}[31mred",
    ];
    let mut contexts: Vec<(String, String)> = odd
        .iter()
        .enumerate()
        .map(|(index, name)| (name.to_string(), format!("https://h{index}.invalid")))
        .collect();
    contexts.push(("kind-play".to_string(), "https://127.0.0.1:1".to_string()));
    let pairs: Vec<(&str, &str)> =
        contexts.iter().map(|(name, server)| (name.as_str(), server.as_str())).collect();
    let board = board(&pairs);
    let output = fine(board.run("init --yes --group some=a*"));
    assert!(output.stdout.contains("13 of 14 clusters"), "{output}");
    assert!(!output.stdout.contains('\u{1b}') && !written(&board).contains('\u{1b}'));
    let names = clusters(&board, "");
    assert_eq!(names.len(), 13, "{names:?}");
    for name in &odd[..12] {
        let is_named = |line: &String| line == name || line.starts_with(&format!("{name} environment="));
        assert!(names.iter().any(is_named), "{name} is not among {names:?}");
    }
    assert_eq!(clusters(&board, "--context @some"), ["a*"], "a literal name wins over a glob");
}

#[test]
fn short_names_never_clash() {
    let board = board(&[
        ("arn:aws:eks:eu-west-1:111122223333:cluster/shop", "https://a.invalid"),
        ("arn:aws:eks:eu-west-1:444455556666:cluster/shop", "https://b.invalid"),
        ("shop", "https://c.invalid"),
        ("gke_p_europe-west1_main", "https://d.invalid"),
        ("gke_q_europe-west1_main", "https://e.invalid"),
        ("main-p", "https://f.invalid"),
    ]);
    drop(fine(board.run("init --yes --no-guess")));
    assert_eq!(
        clusters(&board, ""),
        ["shop-111122223333", "shop-444455556666", "shop", "main-europe-west1-p", "main-q", "main-p"]
    );
    // A context that comes later and is called like an alias: the alias is not used, which is said.
    let text = fs::read_to_string(board.home().join(".kube/config"))
        .expect("there")
        .replace("name: \"main-p\"", "name: \"main-q\"");
    fs::write(board.home().join(".kube/config"), text).expect("written");
    let output = board.run("clusters -o name --connect-timeout 300ms");
    assert!(output.stdout.contains("gke_q_europe-west1_main\nmain-q\n"), "{output}");
    assert!(output.stderr.contains("the alias \"main-q\" is not used"), "{output}");
}

#[test]
fn what_is_not_there_or_broken_is_named() {
    let empty = Board::empty();
    tells(&empty.run("init --yes"), 1, &["no clusters", "looked in [HOME]/.kube/config"]);
    let none = Board::empty().file(".kube/config", "apiVersion: v1\nkind: Config\n");
    tells(&none.run("init --yes"), 1, &["no clusters"]);
    let broken = Board::empty().file(".kube/config", "contexts: [");
    tells(&broken.run("init --yes"), 1, &["[HOME]/.kube/config"]);
    for board in [&empty, &none, &broken] {
        assert!(!board.home().join(".config").exists());
    }
    let two = board(SHOP).file("broken", "contexts: [").variable("KUBECONFIG", "broken:.kube/config");
    let output = fine(two.run("init --yes"));
    assert!(output.stderr.contains("warning: broken:1:"), "{output}");
    assert!(output.stdout.contains("5 of 6 clusters"), "{output}");
    let twice = kubeconfig(SHOP)
        .replace("users:\n", "- name: docker-desktop\n  context: {cluster: c5, user: u}\nusers:\n");
    let twice = Board::empty().file(".kube/config", &twice);
    let shown = fine(twice.run("init --dry-run")).stdout;
    assert!(shown.contains("contexts:\n- \"!kind-play\"\n- \"!docker-desktop\"\n"), "{shown}");
    let local = board(&[("kind-a", "https://127.0.0.1:1"), ("kind-b", "https://127.0.0.1:2")]);
    assert!(
        fine(local.run("init --yes")).stdout.contains("2 of 2 clusters"),
        "all are local: then these are the fleet"
    );
}

#[test]
fn three_hundred_contexts_are_no_matter() {
    let contexts: Vec<(String, String)> = (0..300)
        .map(|n| (format!("arn:aws:eks:eu-west-1:{:012}:cluster/main", n), format!("https://h{n}.invalid")))
        .collect();
    let pairs: Vec<(&str, &str)> =
        contexts.iter().map(|(name, server)| (name.as_str(), server.as_str())).collect();
    let board = board(&pairs);
    let since = std::time::Instant::now();
    let output = fine(board.run("init --yes --group some=*7"));
    assert!(since.elapsed() < std::time::Duration::from_secs(20), "{:?}", since.elapsed());
    assert!(output.stdout.contains("300 of 300 clusters, 300 short names, 600 labels"), "{output}");
    assert_eq!(clusters(&board, "--context main-000000000299").len(), 1);
}

/// One server with two users is two clusters until it is proven otherwise, and with one user one.
#[test]
fn contexts_of_one_server_are_told() {
    let text = "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: {server: 'https://a.invalid'}\ncontexts:\n\
                - name: jane@prod\n  context: {cluster: c, user: u}\n- name: again\n  context: {cluster: c, user: u, namespace: x}\n\
                - name: admin@other\n  context: {cluster: c, user: v}\nusers:\n- name: u\n  user: {token: a}\n- name: v\n  user: {token: b}\n";
    let board = Board::empty().file(".kube/config", text);
    let shown = fine(board.run("init --dry-run")).stdout;
    for line in [
        "# All of them: 3 contexts, 2 clusters.",
        "# also again: the same server and user",
        "# the same server as admin@other, as another user",
    ] {
        assert!(shown.contains(line), "{line:?} is missing:\n{shown}");
    }
}

#[test]
fn the_demo_is_no_reason_to_write() {
    let board = Board::demo();
    let shown = fine(board.run("init"));
    assert!(shown.stdout.contains("from demo."), "{shown}");
    assert!(!board.home().join(".config").exists());
}

const ENTER: &str = "\r";
const DOWN: &str = "\u{1b}[B";

#[test]
fn a_person_is_asked_what_no_flag_says() {
    let board = board(SHOP);
    let mut typist = Typist::start(&board, "init");
    typist.sees("6 contexts in").sees("No cluster is contacted");
    typist
        .sees("? Which are the fleet?")
        .sees("arn:aws:eks:*:111122223333:cluster/*  2 clusters, sh (profile corp), eu-west-1, us-east-1");
    typist.sees("kind-play").sees("on this machine").types(&format!("{DOWN}{DOWN}{DOWN} {ENTER}"));
    typist.sees("? Call 4 clusters by short names?").types(ENTER);
    typist.sees("? Write what can be guessed?").types(ENTER);
    typist
        .sees("? Who you are in the catalog")
        .types("no one")
        .sees("no one")
        .types("\u{15}ida@example.com")
        .types(ENTER);
    typist.sees("4 of 6 clusters, 4 short names").sees("? Write ").types(ENTER);
    assert_eq!(typist.ends(), 0);
    let text = written(&board);
    assert!(text.contains("contexts:\n- \"!ci\"\n- \"!kind-play\"\n"), "{text}");
    assert!(text.contains("me: ida@example.com\n"), "{text}");
}

#[test]
fn who_leaves_has_written_nothing() {
    for steps in 0..5 {
        let board = board(SHOP);
        let mut typist = Typist::start(&board, "init");
        let questions = ["? Which", "? Call", "? Write what", "? Who", "? Write "];
        for question in &questions[..steps] {
            typist.sees(question).types(ENTER);
        }
        typist.sees(questions[steps]).types("\u{3}").sees("nothing was written");
        assert_eq!(typist.ends(), 130);
        assert!(!board.home().join(".config").exists());
    }
}

#[test]
fn a_person_who_said_it_all_is_asked_once() {
    let board = board(SHOP);
    let mut typist = Typist::start(&board, "init --context ci --keep-names --no-guess --me ida");
    typist.sees("1 of 6 clusters, me: ida").sees("? Write ").types("n").sees("nothing was written");
    assert_eq!(typist.ends(), 130);
    let mut typist = Typist::start(&board, "init --context ci --keep-names --no-guess --me ida");
    typist.sees("? Write ").types("y").sees("config.yaml: 1 of 6 clusters");
    assert_eq!(typist.ends(), 0);
}
