//! Every command that a diagnosis gives to type next, against the servers that it is about: what it names is there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::broken_fleet::{APPS, two_clusters};
use crate::command_check::{Server, check};
use crate::simulation::Demo;
use crate::support::{Board, of};
use crate::typed_command::Typed;

/// The commands of a report with the finding that gives each; those of a service without findings have `null`.
fn commands(report: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for item in report["items"].as_array().expect("items") {
        let findings = item["findings"].as_array().expect("findings").iter();
        for (of, finding) in
            std::iter::once((item, Value::Null)).chain(findings.map(|one| (one, one.clone())))
        {
            let lines = of["next"].as_array().expect("commands").iter();
            all.extend(lines.map(|line| (line.as_str().expect("text").to_string(), finding.clone())));
        }
    }
    all
}

/// Checks all commands of `diagnose` over a fleet, the run being given the kubeconfig; returns how many verbs it met.
#[track_caller]
fn all_hold(fleet: Board, board: &Board, words: &str) -> BTreeSet<String> {
    let demo = Demo::start(fleet);
    let config = demo.kubeconfig.display().to_string();
    let words = ["--kubeconfig", &config].into_iter().chain(words.split_whitespace());
    let report = board.run_words(words).json();
    let mut servers: BTreeMap<String, Server> = BTreeMap::new();
    let mut verbs = BTreeSet::new();
    let mut wrong = Vec::new();
    for (line, finding) in commands(&report) {
        if !line.starts_with("kubectl ") {
            continue;
        }
        let typed = Typed::read(&line);
        verbs.insert(typed.verb.clone());
        assert_eq!(typed.kubeconfig, config, "{line}");
        assert!(demo.has_context(&typed.context), "{line}");
        let server =
            servers.entry(typed.context.clone()).or_insert_with(|| Server::of(&demo, &typed.context));
        if let Err(why) = check(&typed, &finding, server) {
            wrong.push(format!("{}: {line}\n  {why}", finding["cause"]));
        }
    }
    assert!(wrong.is_empty(), "{} commands are wrong:\n{}", wrong.len(), wrong.join("\n"));
    verbs
}

#[test]
fn every_command_of_the_demo_names_what_is_there() {
    let verbs = all_hold(Board::demo(), &Board::demo(), "diagnose -o json");
    for verb in ["get", "describe", "logs"] {
        assert!(verbs.contains(verb), "{verbs:?}");
    }
}

#[test]
fn every_command_of_the_kinds_names_what_is_there() {
    assert!(all_hold(Board::fleet("kinds"), &Board::fleet("kinds"), "diagnose -o json").contains("logs"));
}

#[test]
fn every_command_of_two_clusters_names_what_is_there() {
    let directory = two_clusters();
    let fleet = || Board::at(directory.path());
    let verbs = all_hold(fleet(), &fleet(), "diagnose -o json");
    for verb in ["get", "describe", "logs"] {
        assert!(verbs.contains(verb), "{verbs:?}");
    }
}

/// A finding of two clusters speaks of the pod of one of them, and of when the other one began.
#[test]
fn pod_context_and_namespace_are_of_one_place_and_the_first_sign_of_its_own() {
    let directory = two_clusters();
    let report = Board::at(directory.path()).run("diagnose -o json").json();
    for app in APPS {
        let item = of(&report["items"], "service", app);
        let findings = item["findings"].as_array().expect("findings");
        let [finding] = findings.as_slice() else { panic!("{app}: one finding: {item:#}") };
        assert_eq!(finding["where"].as_array().map(Vec::len), Some(2), "{app}: both clusters: {finding:#}");
        for line in finding["next"].as_array().expect("commands") {
            let line = line.as_str().expect("text");
            if !line.starts_with("kubectl ") {
                continue;
            }
            let typed = Typed::read(line);
            let place = (typed.context.as_str(), typed.namespace.as_str());
            assert!(
                [("west", "shop"), ("east", "store"), ("west", ""), ("east", "")].contains(&place),
                "{line}"
            );
            let other = if place.0 == "west" { "-east" } else { "-west" };
            assert!(!line.contains(other), "{line}");
        }
    }
    let crash = of(&report["items"], "service", "crash");
    let moments = crash["timeline"].as_array().expect("moments").iter();
    let first = moments.filter(|one| one["text"].as_str().is_some_and(|text| text.starts_with("first sign")));
    let first: Vec<(&Value, &Value)> = first.map(|one| (&one["cluster"], &one["time"])).collect();
    assert_eq!(first, [(&json!("east"), &json!("2026-01-15T08:30:00Z"))]);
}

#[test]
fn nothing_measures_what_loops_and_an_init_container_is_read_as_one() {
    let directory = two_clusters();
    let report = Board::at(directory.path()).run("diagnose -o json").json();
    let next = |app: &str| of(&report["items"], "service", app)["findings"][0]["next"].to_string();
    for app in APPS {
        assert!(!next(app).contains("top pod "), "{app}: {}", next(app));
    }
    let init = next("init");
    assert!(
        init.contains("{.spec.initContainers[*].command}") && !init.contains("{.spec.containers["),
        "{init}"
    );
}

/// The file is named as it was given, in one word of a shell; without the flag kubectl finds its files itself.
#[test]
fn the_kubeconfig_that_was_given_is_named() {
    let directory = two_clusters();
    let demo = Demo::start(Board::at(directory.path()));
    let text = std::fs::read_to_string(&demo.kubeconfig).expect("its kubeconfig");
    let board = Board::at(directory.path()).file("of ida/config", &text);
    let words = |service: &'static str| ["--kubeconfig", "of ida/config", "diagnose", service];
    let output = board.run_words(words("crash"));
    assert!(
        output.stdout.contains("kubectl --kubeconfig 'of ida/config' --context west -n shop logs"),
        "{output}"
    );
    assert!(!output.stdout.contains("kubectl --context"), "{output}");
    assert!(!board.run("diagnose crash").stdout.contains("--kubeconfig"));
    // The commands of a service that no finding explains, too.
    let demo = Demo::start(Board::demo());
    let config = demo.kubeconfig.display().to_string();
    let output = Board::demo().run_words(["--kubeconfig", &config, "diagnose", "returns"]);
    assert!(output.stdout.contains(&format!("kubectl --kubeconfig {config} --context")), "{output}");
}

/// As they are, in a shell, by the real kubectl: found, or refused for rights.
#[test]
#[ignore = "needs KUBEBUILDER_ASSETS: kubectl"]
fn the_real_kubectl_understands_every_command() {
    let two = two_clusters();
    let mut wrong = Vec::new();
    for fleet in [|_: &std::path::Path| Board::demo(), |path: &std::path::Path| Board::at(path)] {
        let (demo, board) = (Demo::start(fleet(two.path())), fleet(two.path()));
        let config = demo.kubeconfig.display().to_string();
        let report = board.run_words(["--kubeconfig", &config, "diagnose", "-o", "json"]).json();
        for (line, _) in commands(&report).into_iter().filter(|(line, _)| line.starts_with("kubectl ")) {
            // `rollout status` waits for the rollout; what changes a cluster is refused by the simulation.
            let line = match line.contains(" rollout status ") {
                true => format!("{line} --watch=false"),
                false => line.split(" | ").next().unwrap_or_default().replace(" -it", ""),
            };
            if Typed::read(&line).words.iter().any(|word| word.starts_with("secret")) {
                continue;
            }
            let output = std::process::Command::new("/bin/sh")
                .args(["-c", &line])
                .env_clear()
                .env("PATH", crate::kube::assets())
                .env("HOME", board.home())
                .stdin(std::process::Stdio::null())
                .output()
                .expect("a shell");
            let said = String::from_utf8_lossy(&output.stderr);
            let is_refused = ["orbidden", "MethodNotAllowed", "does not allow this method", "was refused"]
                .iter()
                .any(|word| said.contains(word));
            if !output.status.success() && !is_refused {
                wrong.push(format!("{line}\n  {said}"));
            } else if output.stdout.trim_ascii().is_empty() && line.contains("imagePullSecrets") {
                wrong.push(format!("{line}\n  prints nothing"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} commands are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
