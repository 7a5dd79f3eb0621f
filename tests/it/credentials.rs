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
    credentials(&with_plugin(&exec), &["sh exited with 3: session expired"]);
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

/// A plugin that hangs, with a child of its own, both noted in the file `pids`.
#[cfg(target_os = "linux")]
fn hanging(mode: &str) -> Board {
    let script = "sleep 60 & echo $! >> pids; echo $$ >> pids; wait";
    let exec = format!("command: sh, args: ['-c', {}]", serde_json::to_string(script).expect("quoted"));
    let user =
        format!("{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: {mode}, {exec}}}}}");
    Board::empty()
        .file("catalog.yaml", HELLO)
        .file(".kube/config", &kubeconfig(&[("one", NOBODY, &user)]))
        .variable("PATH", std::env::var("PATH").unwrap_or_default())
}

/// The plugin of `hanging`, and its child, once both run.
#[cfg(target_os = "linux")]
fn started(board: &Board) -> Vec<String> {
    let since = Instant::now();
    loop {
        let text = std::fs::read_to_string(board.home().join("pids")).unwrap_or_default();
        let pids: Vec<String> = text.lines().map(str::to_string).collect();
        if pids.len() == 2 && text.ends_with('\n') {
            return pids;
        }
        assert!(since.elapsed() < Duration::from_secs(30), "it is not started: {pids:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(target_os = "linux")]
fn lives(pid: &str) -> bool {
    // Whoever is to collect it may be slow: a zombie does nothing any more.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[cfg(target_os = "linux")]
#[track_caller]
fn end_soon(pids: &[String], case: &str) {
    let since = Instant::now();
    while pids.iter().any(|pid| lives(pid)) {
        assert!(since.elapsed() < Duration::from_secs(5), "{case}: the plugin or its child lives on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_plugin_and_its_children_end_with_the_run_whatever_ends_that() {
    for signal in ["INT", "TERM", "HUP", "KILL", "QUIT", "ABRT"] {
        let board = hanging("Never");
        let mut child =
            board.command(["status"]).stderr(std::process::Stdio::null()).spawn().expect("it starts");
        let pids = started(&board);
        let id = child.id().to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{signal}"), &id]).status();
        assert!(sent.expect("kill runs").success());
        child.wait().expect("it ends");
        end_soon(&pids, signal);
    }
}

/// Here it is the plugin alone: a person can interrupt what it started.
#[cfg(target_os = "linux")]
#[test]
fn a_plugin_that_asks_ends_even_with_a_run_that_is_killed() {
    let board = hanging("Always");
    let mut typist = Typist::start(&board, "status");
    let pids = started(&board);
    typist.signal("KILL");
    end_soon(&pids[1..], "KILL");
    let _ = std::process::Command::new("kill").arg(&pids[0]).status();
}

/// It opens the terminal by itself, as ssh, gpg and every getpass do: quietly it cannot, so it is started again where it can.
#[cfg(target_os = "linux")]
#[test]
fn a_plugin_that_asks_on_the_terminal_is_heard_at_once() {
    let answer =
        r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}"#;
    let script = format!(
        "echo run >> runs; printf 'Passphrase: ' > /dev/tty || exit 7; IFS= read -r word < /dev/tty; printf %s \"$word\" > word; printf %s '{answer}'"
    );
    let exec = format!("command: sh, args: ['-c', {}]", serde_json::to_string(&script).expect("quoted"));
    let user = format!("{{exec: {{apiVersion: client.authentication.k8s.io/v1, {exec}}}}}");
    let board = Board::empty()
        .file("catalog.yaml", HELLO)
        .file(".kube/config", &kubeconfig(&[("one", NOBODY, &user)]))
        .variable("PATH", std::env::var("PATH").unwrap_or_default());
    let mut typist = Typist::controlling(&board, "status");
    let since = Instant::now();
    typist.sees("context one: sh exited with 7").sees("; once more, with the terminal:").sees("Passphrase: ");
    assert!(since.elapsed() < Duration::from_secs(15), "it took {:?}", since.elapsed());
    typist.types("swordfish\n");
    typist.sees("connection refused");
    assert_eq!(typist.ends(), 4, "{}", typist.screen());
    assert_eq!(typist.screen().matches("Passphrase").count(), 1, "{}", typist.screen());
    let read = |name: &str| std::fs::read_to_string(board.home().join(name)).expect("written");
    assert_eq!((read("word").as_str(), read("runs").as_str()), ("swordfish", "run\nrun\n"));
}

/// EKS has a plugin of its own for each context.
#[test]
fn forty_plugins_that_hang_cost_one_limit() {
    let users: Vec<(String, String)> = (0..40)
        .map(|number| {
            let exec = format!("command: sleep, args: ['60.{number}']");
            let user = format!(
                "{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, {exec}}}}}"
            );
            (format!("c{number}"), user)
        })
        .collect();
    let contexts: Vec<(&str, &str, &str)> =
        users.iter().map(|(name, user)| (name.as_str(), NOBODY, user.as_str())).collect();
    let board = Board::empty()
        .file("catalog.yaml", HELLO)
        .file(".kube/config", &kubeconfig(&contexts))
        .file(".config/callboard/config.yaml", "credentials: {timeout: 5s}\n")
        .variable("PATH", std::env::var("PATH").unwrap_or_default());
    let started = Instant::now();
    let report = board.run("clusters -o json").json();
    let took = started.elapsed();
    assert!(took < Duration::from_secs(15), "it took {took:?}");
    let items = report["items"].as_array().expect("a list");
    let is_told = |item: &&serde_json::Value| {
        item["message"].as_str().is_some_and(|text| text.contains("gave no credential in 5s"))
    };
    assert_eq!(items.iter().filter(is_told).count(), 40, "{report}");
}

/// A directory that somebody else wrote is where a person stands when the pager rings.
#[cfg(unix)]
#[test]
fn a_plugin_is_never_looked_for_in_the_current_directory() {
    use std::os::unix::fs::PermissionsExt;
    for path in [".", "", ":/usr/bin:/bin", "./:/usr/bin:/bin", "../../usr/bin/.."] {
        let user = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: my-login, interactiveMode: Never}}";
        let board = Board::empty()
            .file("catalog.yaml", HELLO)
            .file(".kube/config", &kubeconfig(&[("one", NOBODY, user)]))
            .file("my-login", "#!/bin/sh\n: > was-run\n")
            .variable("PATH", path);
        let file = board.home().join("my-login");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("permissions");
        let output = board.run("status");
        tells(&output, 4, &["my-login"]);
        assert!(!board.home().join("was-run").exists(), "PATH={path:?}: it was run\n{output}");
    }
}

/// An SSO session that has expired is one run of the plugin, one line for all its clusters, and the command that mends it.
#[test]
fn an_expired_session_of_many_contexts_is_one_line() {
    let script = "echo run >> runs\n\
        printf '%s\\n' 'Traceback (most recent call last):' '  File \"main.py\", line 10, in main' '    raise SSOTokenLoadError' \
        'botocore.exceptions.SSOTokenLoadError' '' 'Error loading SSO Token: The SSO session of corp has expired' \
        'To refresh this SSO session run aws sso login with the corresponding profile.' 'For help see https://docs.example.com/' >&2\n\
        exit 255";
    let mut text = "apiVersion: v1\nkind: Config\ncurrent-context: c0\n".to_string();
    text += &format!(
        "users:\n- name: sso\n  user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, command: sh, args: ['-c', {}, '--profile', corp], interactiveMode: Never}}}}\n",
        serde_json::to_string(script).expect("quoted")
    );
    let entries = |line: fn(usize) -> String| (0..31).map(line).collect::<String>();
    text += "clusters:\n";
    text +=
        &entries(|n| format!("- {{name: k{n}, cluster: {{server: 'https://127.0.0.1:{}'}}}}\n", 20000 + n));
    text += "contexts:\n";
    text += &entries(|n| format!("- {{name: c{n}, context: {{cluster: k{n}, user: sso}}}}\n"));
    let board = Board::empty().file(".kube/config", &text);
    let output = board.run("status -l app=x");
    let line = "(credentials: sh exited with 255: Error loading SSO Token: The SSO session of corp has expired; `aws sso login --profile corp`)";
    tells(&output, 4, &["0 of 31 clusters answered", line]);
    assert_eq!(output.stderr.matches("SSO session").count(), 1, "{output}");
    assert_eq!(std::fs::read_to_string(board.home().join("runs")).expect("it ran").lines().count(), 1);
}

/// Kubernetes 1.24 has dropped it, and old kubeconfigs of EKS still have it.
#[test]
fn an_entry_of_a_version_that_is_gone_is_told_with_the_command_that_renews_it() {
    let exec = "apiVersion: client.authentication.k8s.io/v1alpha1, command: aws, args: [--region, eu-west-1, eks, get-token, --cluster-name, prod]";
    let text = KUBECONFIG_OF_ONE.replace("EXEC", exec);
    let board = Board::empty().file(".kube/config", &text);
    tells(
        &board.run("status -l app=x"),
        4,
        &[
            "client.authentication.k8s.io/v1alpha1",
            "`aws eks update-kubeconfig --name prod --region eu-west-1`",
        ],
    );
}

const KUBECONFIG_OF_ONE: &str = "apiVersion: v1
kind: Config
current-context: one
clusters: [{name: k, cluster: {server: 'https://127.0.0.1:1'}}]
users: [{name: u, user: {exec: {EXEC}}}]
contexts: [{name: one, context: {cluster: k, user: u}}]
";

/// What kubectl would not run, callboard does not either.
#[test]
fn the_policy_of_kuberc_is_obeyed() {
    let exec = "apiVersion: client.authentication.k8s.io/v1, command: sh, args: ['-c', 'echo run > ran; exit 1'], interactiveMode: Never";
    let board = |kuberc: &str| {
        Board::empty()
            .file(".kube/config", &KUBECONFIG_OF_ONE.replace("EXEC", exec))
            .file(".kube/kuberc", kuberc)
    };
    let refused = |board: &Board, why: &str| {
        tells(&board.run("status -l app=x"), 4, &["credential plugin sh is not run", why]);
        assert!(!board.home().join("ran").exists(), "the plugin ran");
    };
    let head = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";
    let denied = board(&format!("{head}credentialPluginPolicy: DenyAll\n"));
    refused(&denied, "DenyAll");
    let list =
        format!("{head}credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{{name: aws}}]\n");
    refused(&board(&list), "credentialPluginAllowlist of kuberc");
    refused(&board("a: ["), "cannot be read");
    let allowed = board(&list.replace("aws", "sh"));
    tells(&allowed.run("status -l app=x"), 4, &["sh exited with 1"]);
    assert!(allowed.home().join("ran").exists(), "the plugin did not run");
    let off = board(&format!("{head}credentialPluginPolicy: DenyAll\n")).variable("KUBERC", "off");
    tells(&off.run("status -l app=x"), 4, &["sh exited with 1"]);
}

/// What a plugin prints that answers with a token for an hour, or since an hour ago.
fn answer(hours: i64) -> String {
    let offset = format!("{} hours", hours);
    let date = std::process::Command::new("date").args(["-u", "-d", &offset, "+%Y-%m-%dT%H:%M:%SZ"]).output();
    let expires = String::from_utf8_lossy(&date.expect("date runs").stdout).trim().to_string();
    format!(
        r#"{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{"token":"kept-for-later","expirationTimestamp":"{expires}"}}}}"#
    )
}

/// A context with a plugin that counts its runs in the file `runs`, and answers what stands in `answer`.
fn counting(config: &str, hours: i64) -> Board {
    let exec = r#"command: sh, args: ['-c', 'echo run >> "$HOME/runs"; cat "$HOME/answer"']"#;
    let user =
        format!("{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, {exec}}}}}");
    Board::empty()
        .file("answer", &answer(hours))
        .file(".kube/config", &kubeconfig(&[("one", NOBODY, &user)]))
        .file(".config/callboard/config.yaml", config)
        .variable("PATH", std::env::var("PATH").unwrap_or_default())
}

fn runs(board: &Board) -> usize {
    std::fs::read_to_string(board.home().join("runs")).expect("it ran").lines().count()
}

#[test]
fn tokens_are_kept_only_where_the_configuration_says_so() {
    let kept = |board: &Board| {
        let mut files = Vec::new();
        crate::support::files_below(&board.home().join(".cache/callboard/credentials"), &mut files);
        files
    };
    let board = counting("credentials: {cache: true}\n", 1);
    tells(&board.run("clusters"), 4, &["connection refused"]);
    tells(&board.run("clusters"), 4, &["connection refused"]);
    assert_eq!((runs(&board), kept(&board).len()), (1, 1));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&kept(&board)[0]).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    tells(&board.run("clusters --no-cache"), 4, &["connection refused"]);
    assert_eq!(runs(&board), 2);
    // Another profile may be another person.
    let board = board.variable("AWS_PROFILE", "other");
    tells(&board.run("clusters"), 4, &["connection refused"]);
    assert_eq!((runs(&board), kept(&board).len()), (3, 2));
    for (config, hours) in
        [("credentials: {cache: false}\n", 1), ("", 1), ("credentials: {cache: true}\n", -1)]
    {
        let board = counting(config, hours);
        tells(&board.run("clusters"), 4, &["connection refused"]);
        tells(&board.run("clusters"), 4, &["connection refused"]);
        assert_eq!((runs(&board), kept(&board).len()), (2, 0), "{config} {hours}");
    }
}

#[test]
fn a_hint_tells_where_plugins_took_longer_than_the_clusters() {
    let hint =
        "`credentials: {cache: true}` in [HOME]/.config/callboard/config.yaml keeps tokens until they expire";
    let slow = |config: &str| {
        let exec = r#"command: sh, args: ['-c', 'sleep 1.5; cat "$HOME/answer"']"#;
        let user = format!(
            "{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, {exec}}}}}"
        );
        counting(config, 1).file(".kube/config", &kubeconfig(&[("one", NOBODY, &user)]))
    };
    let told = slow("").run("clusters");
    tells(&told, 4, &["hint: credential plugins took ", hint]);
    assert!(!slow("credentials: {cache: true}\n").run("clusters").stderr.contains("hint"));
    assert!(!counting("", 1).run("clusters").stderr.contains("hint"), "nothing to gain");
}

/// Nothing is drawn over the question, and it is said who asks.
#[cfg(target_os = "linux")]
#[test]
fn a_prompt_has_the_screen_to_itself() {
    let user = |mode: &str, script: &str| {
        let exec = format!("command: sh, args: ['-c', {}]", serde_json::to_string(script).expect("quoted"));
        format!("{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: {mode}, {exec}}}}}")
    };
    let asks =
        user("Always", "printf 'Code: '; read -r word; exit 1".replace("printf", "printf >&2").as_str());
    let slow = user("Never", "sleep 20; exit 1");
    let contexts = [("asking", NOBODY, asks.as_str()), ("slow", "https://127.0.0.1:2", slow.as_str())];
    let board = Board::empty()
        .file("catalog.yaml", HELLO)
        .file(".kube/config", &kubeconfig(&contexts))
        .file(".config/callboard/config.yaml", "credentials: {timeout: 4s}\n")
        .variable("PATH", std::env::var("PATH").unwrap_or_default());
    let mut typist = Typist::controlling(&board, "status");
    typist.sees("context asking: sh asks:").sees("Code: ");
    let before = typist.screen();
    std::thread::sleep(Duration::from_millis(900));
    assert_eq!(typist.screen(), before, "something is drawn over the question");
    typist.types("1234\n").sees("clusters done").sees("silent: asking");
    assert_eq!(typist.ends(), 4, "{}", typist.screen());
}
