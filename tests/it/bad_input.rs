//! Bad input, row by row of what product.md promises: a clear error with its place, and nothing else lost.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Board, Output};

const HELLO: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: hello}\n\
                     spec: {type: service, lifecycle: production, owner: ida}\n";

#[track_caller]
fn tells(output: &Output, code: i32, words: &[&str]) {
    assert_eq!(output.code, code, "{output}");
    for word in words {
        assert!(output.stderr.contains(word), "{word:?} is not told:\n{output}");
    }
    let backtrace = ["panicked", "RUST_BACKTRACE", "stack backtrace"];
    assert!(!backtrace.iter().any(|word| output.stderr.contains(word)), "{output}");
}

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

// No kubeconfig, an empty one, broken contexts, one broken file of several.

#[test]
fn no_kubeconfig() {
    let board = || Board::empty().file("catalog.yaml", HELLO);
    tells(&board().run("status"), 1, &["error: no clusters", "hint: looked in [HOME]/.kube/config", "--demo"]);
    let absent = board().variable("KUBECONFIG", "nowhere.yaml");
    tells(&absent.run("status"), 1, &["error: no clusters", "looked in nowhere.yaml"]);
    tells(&board().run("status --kubeconfig nowhere.yaml"), 1, &["nowhere.yaml"]);
}

#[test]
fn an_empty_kubeconfig() {
    for text in ["", "\n# nothing\n", "apiVersion: v1\nkind: Config\n", "clusters: []\ncontexts: null\n"] {
        let board = Board::empty().file("catalog.yaml", HELLO).file("empty.yaml", text);
        tells(&board.run("status --kubeconfig empty.yaml"), 1, &["no clusters", "looked in empty.yaml"]);
    }
}

/// A fleet whose servers run in a child, for kubeconfigs that are only partly right.
struct Served {
    child: Child,
    kubeconfig: String,
}

impl Served {
    fn fleet(name: &str) -> Served {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("kubeconfig");
        let mut command = Board::fleet(name).command(["demo", "--write"]);
        // The board's home is gone by now, and the servers need none.
        let command = command.arg(&file).current_dir("/").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        assert!(line.starts_with("export KUBECONFIG="), "{line}");
        let kubeconfig = fs::read_to_string(&file).expect("a kubeconfig");
        Served { child, kubeconfig }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_context_without_its_cluster_or_user_is_named_and_the_others_work() {
    let served = Served::fleet("tiny");
    let broken = "apiVersion: v1\nkind: Config\nclusters:\n- {name: c, cluster: {server: 'https://127.0.0.1:1'}}\n\
                  contexts:\n- {name: lost, context: {cluster: gone, user: u}}\n- {name: nobody, context: {cluster: c, user: gone}}\n";
    let board = Board::empty().file("good", &served.kubeconfig).file("broken", broken).file("catalog.yaml", HELLO);
    let board = board.variable("KUBECONFIG", "broken:missing:good");
    let output = board.run("status");
    tells(&output, 0, &["broken", "context \"lost\" names cluster \"gone\"", "context \"nobody\" names user \"gone\""]);
    assert!(output.stdout.contains("hello") && output.stdout.contains("Healthy"), "{output}");
    tells(&board.run("status --context lost"), 1, &["broken", "lost"]);
    assert_eq!(board.run("status --context solo").code, 0);
}

#[test]
fn one_broken_file_of_several_is_named_and_the_others_work() {
    let served = Served::fleet("tiny");
    for (text, told) in [
        ("clusters: [\n", "broken:"),
        ("users:\n- name: u\n  user: {token: secret-token, token: secret-token}\n", "broken:"),
        ("just text\n", "broken"),
        ("\u{0}\u{1}\u{2}", "broken"),
    ] {
        let board = Board::empty().file("good", &served.kubeconfig).file("catalog.yaml", HELLO).file("broken", text);
        let output = board.variable("KUBECONFIG", "broken:good").run("status");
        tells(&output, 0, &[told, "warning: "]);
        assert!(!output.stderr.contains("secret-token"), "a secret shows:\n{output}");
        assert!(output.stdout.contains("Healthy"), "{output}");
    }
}

#[test]
fn a_configuration_that_cannot_be_read() {
    let board = |text: &str| Board::fleet("tiny").file("config.yaml", text);
    let run = |text: &str| board(text).run("status --config config.yaml");
    tells(&run("clusers: []\n"), 1, &["config.yaml:1:1", "clusers"]);
    tells(&run("groups: {west: [\n"), 1, &["config.yaml:"]);
    tells(&run("thresholds: {creating: soon}\n"), 1, &["config.yaml:"]);
    tells(&run("credentials: {timeout: soon}\n"), 1, &["credentials.timeout", "soon"]);
    tells(&Board::fleet("tiny").run("status --config nowhere.yaml"), 1, &["nowhere.yaml"]);
    tells(&Board::fleet("tiny").variable("CALLBOARD_CONFIG", "nowhere.yaml").run("status"), 1, &["nowhere.yaml"]);
}

// Malformed YAML, alias bombs, duplicate keys, unknown kinds, huge files.

/// A catalog with something wrong in its first document, and `hello` in its second.
#[track_caller]
fn beside_hello(first: &str, words: &[&str]) {
    let board = Board::fleet("tiny").file("catalog.yaml", &format!("{first}\n---\n{HELLO}"));
    let output = board.run("status --catalog catalog.yaml");
    tells(&output, 0, words);
    assert!(output.stdout.contains("Healthy"), "the other document is lost:\n{output}");
}

#[test]
fn what_is_wrong_in_a_catalog_has_its_place_and_costs_only_itself() {
    beside_hello("kind: [", &["catalog.yaml:1:", "warning: "]);
    beside_hello("apiVersion: v1\nkind: Component\nkind: API\n", &["catalog.yaml:3:1", "kind"]);
    let component = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: x}\nspec: {type: a, lifecycle: b, owner: c}\n";
    beside_hello(&component.replace("kind: Component", "kind: Componet"), &["catalog.yaml:2:", "Componet"]);
    beside_hello(&component.replace("name: x", "nam: x"), &["catalog.yaml:3:", "name"]);
    beside_hello(&component.replace(", owner: c", ""), &["catalog.yaml:4:", "owner"]);
    beside_hello("plain text", &["catalog.yaml:1:1"]);
    beside_hello(&component.replace("name: x", "name: hello"), &["catalog.yaml:", "declared twice"]);
}

#[test]
fn an_alias_bomb_stays_small() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_string();
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{below}]\n");
    }
    let started = Instant::now();
    beside_hello(&bomb, &["catalog.yaml:"]);
    assert!(started.elapsed() < Duration::from_secs(20), "it took {:?}", started.elapsed());
    beside_hello(&format!("{}x{}", "[".repeat(20_000), "]".repeat(20_000)), &["catalog.yaml:1:"]);
}

#[test]
fn a_huge_file_is_refused() {
    let board = Board::fleet("tiny").file("good.yaml", HELLO);
    let huge = fs::File::create(board.home().join("huge.yaml")).expect("created");
    huge.set_len(1 << 30).expect("a sparse file");
    let output = board.run("status --catalog huge.yaml --catalog good.yaml");
    tells(&output, 0, &["huge.yaml", "16"]);
    assert!(output.stdout.contains("Healthy"), "{output}");
}

#[test]
fn a_location_that_leads_nowhere_is_told() {
    let location = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\nspec: {targets: [./gone.yaml]}\n";
    beside_hello(location, &["catalog.yaml:4:", "gone.yaml", "does not exist"]);
}

// A service that is not in the catalog; one with nothing anywhere.

#[test]
fn a_service_that_is_not_in_the_catalog() {
    let output = Board::fleet("shop").run("status chekout");
    tells(&output, 1, &["chekout", "checkout"]);
    assert_eq!(output.stdout, "");
    tells(&Board::fleet("shop").run("status component:shop/checkout"), 1, &["checkout"]);
    tells(&Board::fleet("shop").run("status ::"), 1, &["::"]);
}

#[test]
fn a_service_with_nothing_anywhere_says_what_was_asked_and_where() {
    let bye = HELLO.replace("name: hello", "name: bye, annotations: {backstage.io/kubernetes-namespace: shop}");
    let board = Board::fleet("tiny").file("catalog.yaml", &bye);
    let output = board.run("status bye --catalog catalog.yaml");
    assert_eq!(output.code, 3, "{output}");
    for word in ["bye", "Missing", "backstage.io/kubernetes-id=bye", "shop"] {
        assert!(output.stdout.contains(word), "{word}:\n{output}");
    }
    let selected = Board::fleet("tiny").run("status --selector app=nothing --namespace shop");
    assert_eq!(selected.code, 3, "{selected}");
    assert!(selected.stdout.contains("app=nothing") && selected.stdout.contains("Missing"), "{selected}");
}

#[test]
fn a_selector_that_kubernetes_would_refuse_is_never_sent() {
    let annotated = "name: hello, annotations: {backstage.io/kubernetes-label-selector: 'app in ('}";
    let board = Board::fleet("tiny").file("catalog.yaml", &HELLO.replace("name: hello", annotated));
    let report = board.run("status -o json --catalog catalog.yaml").json();
    assert_eq!(report["items"][0]["health"], "Unknown");
    assert_eq!(report["items"][0]["reason"], "invalid-selector");
}

#[test]
fn an_empty_answer_says_so() {
    let output = Board::fleet("shop").run("status --owner team-checkout --system money");
    tells(&output, 0, &["No services found"]);
    assert_eq!(output.stdout, "");
    tells(&Board::fleet("shop").run("status --type servce"), 1, &["servce", "did you mean service?"]);
}

// Servers that lie, stumble or crawl: that cluster is partial or silent, and no row is wrong.

/// A fleet of `bad`, with a fault, and `good`; both run the same Deployment.
fn faulty(fault: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets/tiny/solo/hello/hello.yaml");
    for name in ["bad", "good"] {
        fs::create_dir(directory.path().join(name)).expect("created");
        fs::copy(&tiny, directory.path().join(name).join("hello.yaml")).expect("copied");
    }
    let settings = format!("now: 2026-01-15T10:00:00Z\nclusters:\n- {{name: bad, fault: {fault}}}\n- name: good\n");
    fs::write(directory.path().join("fleet.yaml"), settings).expect("written");
    let placed = HELLO.replace("name: hello", "name: hello, annotations: {backstage.io/kubernetes-cluster: 'bad,good'}");
    fs::write(directory.path().join("catalog.yaml"), placed).expect("written");
    directory
}

fn of<'a>(list: &'a Value, field: &str, name: &str) -> &'a Value {
    let items = list.as_array().expect("a list");
    items.iter().find(|item| item[field] == name).unwrap_or_else(|| panic!("no {name} in {list}"))
}

/// The bad cluster is silent with the reason, its row Unknown with the same, and the good one is as it is.
#[track_caller]
fn silences(fault: &str, reason: &str) {
    let directory = faulty(fault);
    let words = "status -o json --connect-timeout 1s --cluster-timeout 3s";
    let started = Instant::now();
    let output = Board::at(directory.path()).run(words);
    assert!(started.elapsed() < Duration::from_secs(20), "{fault} took {:?}", started.elapsed());
    assert_eq!(output.code, 4, "{fault}\n{output}");
    let report = output.json();
    let bad = of(&report["clusters"], "name", "bad");
    assert_eq!((&bad["state"], &bad["reason"]), (&"silent".into(), &reason.into()), "{fault}: {bad}");
    assert!(bad["message"].as_str().is_some_and(|text| text.len() > 5 && text.len() < 400), "{fault}: {bad}");
    let cells = &report["items"][0]["clusters"];
    assert_eq!(of(cells, "cluster", "bad")["health"], "Unknown", "{fault}");
    assert_eq!(of(cells, "cluster", "bad")["reason"], reason, "{fault}");
    assert_eq!(of(cells, "cluster", "good")["health"], "Healthy", "{fault}");
    assert_eq!(of(&report["clusters"], "name", "good")["state"], "answered", "{fault}");
}

#[test]
fn a_server_that_cannot_be_reached() {
    silences("dns", "unreachable");
    silences("refused", "unreachable");
    silences("blackhole", "unreachable");
}

#[test]
fn a_server_that_says_nothing_or_crawls() {
    silences("hang", "timedOut");
    silences("tls-hang", "unreachable");
}

#[test]
fn a_server_whose_certificate_is_not_to_be_trusted() {
    silences("cert-expired", "certificate");
    silences("cert-unknown", "certificate");
    silences("cert-name", "certificate");
}

#[test]
fn a_server_that_refuses_or_fails() {
    silences("'401'", "unauthorized");
    silences("'500'", "server");
    silences("'503'", "server");
    silences("'429'", "server");
}

#[test]
fn a_server_that_sends_something_else() {
    silences("redirect", "protocol");
    silences("html", "protocol");
    silences("garbage", "protocol");
    silences("close", "protocol");
}

/// What arrived is kept, what did not is a gap, and a row that it leaves open is Unknown: never wrong.
#[track_caller]
fn never_wrong(fault: &str) {
    let directory = faulty(fault);
    let words = "status -o json --connect-timeout 1s --cluster-timeout 3s";
    let output = Board::at(directory.path()).run(words);
    assert_eq!(output.code, 4, "{fault}\n{output}");
    let report = output.json();
    let bad = of(&report["clusters"], "name", "bad");
    assert_ne!(bad["state"], "answered", "{fault}: {bad}");
    let cells = &report["items"][0]["clusters"];
    assert_eq!(of(cells, "cluster", "bad")["health"], "Unknown", "{fault}: {cells}");
    assert_eq!(of(cells, "cluster", "good")["health"], "Healthy", "{fault}");
}

#[test]
fn an_answer_that_is_cut_short_is_never_a_wrong_row() {
    for fault in ["truncated", "gzip-truncated", "wrong-kind", "drip"] {
        never_wrong(fault);
        never_wrong(&format!("{{id: {fault}, kinds: [pods]}}"));
    }
}

/// 410 while paging: the list begins anew, and where that never ends well, it is a gap.
#[test]
fn a_list_that_expires_while_it_is_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let paged = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets/paged");
    for path in ["catalog.yaml", "big"] {
        std::os::unix::fs::symlink(paged.join(path), directory.path().join(path)).expect("linked");
    }
    fs::write(directory.path().join("fleet.yaml"), "clusters: [{name: big, fault: gone}]\n").expect("written");
    let output = Board::at(directory.path()).run("status -o json");
    let report = output.json();
    let pods = report["items"][0]["clusters"][0]["workloads"][0]["pods"].as_array().map_or(0, Vec::len);
    let whole = pods == 1200 && report["clusters"][0]["state"] == "answered";
    let told = report["clusters"][0]["state"] != "answered" && output.code != 0;
    assert!(whole || told, "neither whole nor told: {pods} pods, {}", report["clusters"][0]);
}

/// Names and messages of a cluster hold what a cluster likes; none of it reaches a terminal raw.
#[test]
fn control_characters_of_a_cluster_stay_harmless() {
    let directory = tempfile::tempdir().expect("a directory");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: evil, namespace: shop, labels: {backstage.io/kubernetes-id: hello}}\n\
               spec: {containers: [{name: app, image: evil}]}\n\
               status: {phase: Failed, reason: \"Evil\\e[2J\", message: \"\\e]0;owned\\a\\u202e\\r\\nfake row\"}\n";
    fs::create_dir(directory.path().join("one")).expect("created");
    fs::write(directory.path().join("one/pod.yaml"), pod).expect("written");
    fs::write(directory.path().join("catalog.yaml"), HELLO).expect("written");
    let board = Board::at(directory.path());
    for format in ["table", "wide", "markdown", "html", "name"] {
        let output = board.run(&format!("status -o {format}"));
        let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!output.stdout.contains(raw) && !output.stderr.contains(raw), "{format}: {:?}", output.stdout);
        assert_eq!(output.code, 3, "{output}");
    }
    assert_eq!(board.run("status").stdout.lines().count(), 2, "one row is one line");
    let report = board.run("status -o json").json();
    assert_eq!(report["items"][0]["health"], "Degraded");
}

#[test]
fn a_fleet_directory_that_is_wrong_is_told() {
    let run = |name: &str, text: &str| {
        let directory = tempfile::tempdir().expect("a directory");
        fs::write(directory.path().join(name), text).expect("written");
        Board::at(directory.path()).run("status")
    };
    tells(&run("fleet.yaml", "clusers: []\n"), 1, &["fleet.yaml:1:1", "clusers"]);
    tells(&run("fleet.yaml", "clusters: [{name: a, fault: gremlins}]\n"), 1, &["gremlins", "refused"]);
    tells(&run("fleet.yaml", "now: noon\n"), 1, &["fleet.yaml:1:1", "RFC 3339"]);
    tells(&Board::empty().run("status --demo=nowhere"), 1, &["nowhere"]);
}

// Credential plugins that are missing, fail, hang or want a terminal.

/// Two contexts that share a plugin, and how the run ends.
fn with_plugin(exec: &str) -> Board {
    let user = format!("{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, {exec}}}}}");
    let contexts = [("one", "https://127.0.0.1:1", user.as_str()), ("two", "https://127.0.0.1:2", user.as_str())];
    let board = Board::empty().file("catalog.yaml", HELLO).file(".kube/config", &kubeconfig(&contexts));
    board.variable("PATH", std::env::var("PATH").unwrap_or_default())
}

#[track_caller]
fn credentials(board: &Board, words: &[&str]) {
    let report = board.run("status -o json");
    assert_eq!(report.code, 4, "{report}");
    for cluster in report.json()["clusters"].as_array().expect("a list") {
        assert_eq!((&cluster["state"], &cluster["reason"]), (&"silent".into(), &"credentials".into()), "{cluster}");
    }
    let table = board.run("status");
    tells(&table, 4, words);
    for word in words {
        assert_eq!(table.stderr.matches(word).count(), 1, "{word} is told once for both:\n{table}");
    }
}

#[test]
fn a_credential_plugin_that_is_missing() {
    credentials(&with_plugin("command: no-such-plugin, installHint: 'brew install no-such'"), &[
        "credential plugin no-such-plugin is not installed",
        "brew install no-such",
    ]);
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
    let user = "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always, command: ask-me}}";
    let contexts = [("one", NOBODY, user), ("two", "https://127.0.0.1:2", user)];
    let board = Board::empty().file("catalog.yaml", HELLO).file(".kube/config", &kubeconfig(&contexts));
    credentials(&board, &["ask-me asks questions and needs a terminal"]);
}

#[test]
fn no_secret_is_ever_printed() {
    let contexts = [
        ("one", NOBODY, "{token: s3cr3t-one}"),
        ("two", "https://127.0.0.1:2", "{username: ida, password: s3cr3t-two}"),
        ("three", "https://127.0.0.1:3", "{client-certificate-data: s3cr3t-three, client-key-data: s3cr3t-four}"),
        ("four", "https://ida:s3cr3t-five@127.0.0.1:4", "{tokenFile: /nowhere/token}"),
    ];
    let board = Board::empty().file("catalog.yaml", HELLO).file(".kube/config", &kubeconfig(&contexts));
    for words in ["status -v", "status -v -o json", "clusters -v -o wide", "clusters -o json"] {
        let output = board.run(words);
        assert!(!output.to_string().contains("s3cr3t"), "callboard {words}\n{output}");
        assert_eq!(output.code, 4, "{output}");
    }
}

// Ctrl-C.

/// Starts a run that one hanging cluster would keep for long, and presses Ctrl-C.
fn interrupted(words: &str, presses: usize) -> (std::process::Output, Duration) {
    let board = Board::fleet("silent");
    let mut command = board.command(words.split_whitespace());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    std::thread::sleep(Duration::from_millis(1500));
    let pressed = Instant::now();
    for _ in 0..presses {
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
        assert!(kill.success(), "it has ended before: {:?}", child.try_wait());
    }
    let mut output = std::process::Output { status: child.wait().expect("it ends"), stdout: Vec::new(), stderr: Vec::new() };
    let took = pressed.elapsed();
    child.stdout.take().expect("piped").read_to_end(&mut output.stdout).expect("read");
    child.stderr.take().expect("piped").read_to_end(&mut output.stderr).expect("read");
    (output, took)
}

#[test]
fn ctrl_c_prints_what_has_arrived() {
    let (output, took) = interrupted("status -o json --cluster-timeout 60s", 1);
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(took < Duration::from_secs(5), "it took {took:?}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("whole JSON");
    assert_eq!(report["complete"], false);
    let cells = &report["items"][0]["clusters"];
    assert_eq!(of(cells, "cluster", "well-1")["health"], "Healthy");
    assert_eq!(of(cells, "cluster", "hang-1")["reason"], "interrupted");
    assert_eq!(of(&report["clusters"], "name", "refused-1")["reason"], "unreachable");
}

#[test]
fn ctrl_c_ends_every_command_that_asks() {
    let (table, _) = interrupted("status --cluster-timeout 60s", 1);
    assert_eq!(table.status.code(), Some(130));
    let text = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(text.contains("well-1") && text.contains("Healthy"), "{text}");
    let (clusters, took) = interrupted("clusters --cluster-timeout 60s", 1);
    assert_eq!(clusters.status.code(), Some(130));
    assert!(took < Duration::from_secs(5), "it took {took:?}");
    assert!(String::from_utf8_lossy(&clusters.stdout).contains("well-1"));
}
