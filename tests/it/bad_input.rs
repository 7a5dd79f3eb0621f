//! Bad input of every sort, a section each: a clear error with its place, and nothing else lost.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Board, HELLO, tells};

// No kubeconfig, an empty one, broken contexts, one broken file of several.

#[test]
fn no_kubeconfig() {
    let board = || Board::empty().file("catalog.yaml", HELLO);
    tells(
        &board().run("status"),
        1,
        &["error: no clusters", "hint: looked in [HOME]/.kube/config", "--demo"],
    );
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
    let board =
        Board::empty().file("good", &served.kubeconfig).file("broken", broken).file("catalog.yaml", HELLO);
    let board = board.variable("KUBECONFIG", "broken:missing:good");
    let output = board.run("status");
    tells(
        &output,
        0,
        &["broken", "context \"lost\" names cluster \"gone\"", "context \"nobody\" names user \"gone\""],
    );
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
        let board =
            Board::empty().file("good", &served.kubeconfig).file("catalog.yaml", HELLO).file("broken", text);
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
    tells(&run("groups: {west: [\n"), 1, &["config.yaml:"]);
    tells(&run("thresholds: {creating: soon}\n"), 1, &["config.yaml:"]);
    tells(&run("credentials: {timeout: soon}\n"), 1, &["credentials.timeout", "soon"]);
    tells(&Board::fleet("tiny").run("status --config nowhere.yaml"), 1, &["nowhere.yaml"]);
    tells(
        &Board::fleet("tiny").variable("CALLBOARD_CONFIG", "nowhere.yaml").run("status"),
        1,
        &["nowhere.yaml"],
    );
}

// Malformed YAML, alias bombs, duplicate keys, unknown kinds, huge files.

/// A catalog with something wrong in its first document, and `hello` in its second.
#[track_caller]
fn beside_hello(first: &str, code: i32, words: &[&str]) {
    let board = Board::fleet("tiny").file("catalog.yaml", &format!("{first}\n---\n{HELLO}"));
    let output = board.run("status --catalog catalog.yaml");
    tells(&output, code, words);
    assert!(output.stdout.contains("Healthy"), "the other document is lost:\n{output}");
}

#[test]
fn what_is_wrong_in_a_catalog_has_its_place_and_costs_only_itself() {
    beside_hello("kind: [", 4, &["catalog.yaml:1:", "warning: "]);
    beside_hello("apiVersion: v1\nkind: Component\nkind: API\n", 4, &["catalog.yaml:3:1", "kind"]);
    let component = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: x}\nspec: {type: a, lifecycle: b, owner: c}\n";
    beside_hello(
        &component.replace("kind: Component", "kind: Componet"),
        4,
        &["catalog.yaml:2:", "Componet"],
    );
    beside_hello(&component.replace("name: x", "nam: x"), 4, &["catalog.yaml:3:", "name"]);
    beside_hello(&component.replace(", owner: c", ""), 0, &["catalog.yaml:4:", "owner"]);
    beside_hello("plain text", 4, &["catalog.yaml:1:1"]);
    beside_hello(&component.replace("name: x", "name: hello"), 0, &["catalog.yaml:", "declared twice"]);
}

#[test]
fn an_alias_bomb_stays_small() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_string();
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{below}]\n");
    }
    let started = Instant::now();
    beside_hello(&bomb, 4, &["catalog.yaml:"]);
    assert!(started.elapsed() < Duration::from_secs(20), "it took {:?}", started.elapsed());
    beside_hello(&format!("{}x{}", "[".repeat(20_000), "]".repeat(20_000)), 4, &["catalog.yaml:1:"]);
}

#[test]
fn a_huge_file_is_refused() {
    let board = Board::fleet("tiny").file("good.yaml", HELLO);
    let huge = fs::File::create(board.home().join("huge.yaml")).expect("created");
    huge.set_len(1 << 30).expect("a sparse file");
    let output = board.run("status --catalog huge.yaml --catalog good.yaml");
    tells(&output, 4, &["huge.yaml: has more than the 268435456 bytes"]);
    assert!(output.stdout.contains("Healthy"), "{output}");
}

/// What is down stands in the document that nobody can read: an answer without it is no whole one.
#[test]
fn a_service_that_cannot_be_read_leaves_the_answer_incomplete() {
    let broken = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: down}\nspec: [\n";
    let board = Board::fleet("tiny").file("mine.yaml", &format!("{HELLO}---\n{broken}"));
    let output = board.run("--catalog mine.yaml status -o json");
    assert_eq!(output.code, 4, "{output}");
    let report = output.json();
    assert_eq!(report["complete"], false);
    let note = report["notes"][0].as_str().expect("a note");
    assert!(
        note.starts_with("1 document of the catalog could not be read") && note.contains("mine.yaml:"),
        "{note}"
    );
    for command in ["diagnose --owner ida", "events --owner ida", "top --owner ida", "logs --owner ida"] {
        assert_eq!(board.run(&format!("--catalog mine.yaml -q {command}")).code, 4, "{command}");
    }
    let named = board.run("--catalog mine.yaml status hello -o json");
    assert_eq!(
        (named.code, &named.json()["complete"]),
        (0, &serde_json::json!(true)),
        "what was named was answered"
    );
    let other =
        "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: 'a b'}\nspec: {memberOf: []}\n";
    let board = Board::fleet("tiny").file("mine.yaml", &format!("{HELLO}---\n{other}"));
    assert_eq!(board.run("--catalog mine.yaml status").code, 0, "a User is no service");
}

/// Only a lying server says so; what it says is still no fact.
#[test]
fn a_number_that_is_none_is_a_gap_and_not_a_default() {
    for (good, bad) in [
        ("replicas: 2", "replicas: many"),
        ("replicas: 2", "replicas: true"),
        ("replicas: 2", "replicas: [2]"),
        ("readyReplicas: 2", "readyReplicas: 1.5"),
    ] {
        let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, generation: 1, labels: {app: web}}\n\
             spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: 'web:1'}]}}}\n\
             status: {observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2}\n";
        let run = |text: &str| {
            let (_directory, board) = crate::made::fleet(&[("eu/all.yaml", text)]);
            board.run("status -l app=web -o json")
        };
        assert_eq!(run(deployment).json()["items"][0]["health"], "Healthy");
        let output = run(&deployment.replacen(good, bad, 1));
        let report = output.json();
        assert_eq!(output.code, 4, "{bad}\n{output}");
        assert_eq!(report["items"][0]["health"], "Unknown", "{bad}\n{output}");
        let gap = report["clusters"][0]["gaps"][0]["message"].as_str().unwrap_or_default();
        assert!(
            gap.contains("Deployment web has") && gap.contains("where a number belongs"),
            "{bad}\n{output}"
        );
    }
}

/// Names that steer a terminal or look like others.
#[test]
fn nothing_that_misleads_leaves_in_json_or_text() {
    let catalog = HELLO.replace("owner: ida", "owner: \"i\\x9bd\\u202ea\\u200b\\U000e0041\"");
    let board = Board::fleet("tiny").file("mine.yaml", &catalog);
    for format in ["json", "yaml", "table", "wide", "markdown", "html", "name"] {
        let output = board.run(&format!("--catalog mine.yaml status -o {format}"));
        for c in ['\u{9b}', '\u{202e}', '\u{200b}', '\u{e0041}'] {
            assert!(!output.to_string().contains(c), "{format}: {:x}\n{output}", u32::from(c));
        }
    }
    let report = board.run("--catalog mine.yaml status -o json").json();
    assert_eq!(report["items"][0]["owner"], "i\u{9b}d\u{202e}a\u{200b}\u{e0041}", "and means the same");
}

#[test]
fn a_location_that_leads_nowhere_is_told() {
    let location = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\nspec: {targets: [./gone.yaml]}\n";
    beside_hello(location, 4, &["catalog.yaml:4:", "gone.yaml", "does not exist"]);
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
    let bye =
        HELLO.replace("name: hello", "name: bye, annotations: {backstage.io/kubernetes-namespace: shop}");
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

/// A setting that is misspelt would silently be another fleet.
#[test]
fn a_key_that_is_not_known_is_an_error_with_its_place() {
    let board = Board::fleet("tiny").file("config.yaml", "quorum: 3\nclusers: []\ngroups: {all: ['*']}\n");
    tells(
        &board.run("status --config config.yaml --context @all"),
        1,
        &[
            "error: config.yaml:1:1: the key \"quorum\" is not known here\n",
            "config.yaml:2:1: the key \"clusers\" is not known here\n",
            "hint: did you mean clusters?",
        ],
    );
    let board = Board::fleet("tiny").file("config.yaml", "xyzzy: 3\n");
    tells(&board.run("status --config config.yaml"), 1, &["`callboard schema Config`"]);
}

/// A full disk is an error for help, too.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_an_error() {
    let board = Board::fleet("tiny");
    for words in [
        "--help",
        "status --help",
        "--version",
        "help compare",
        "completions bash",
        "services",
        "status -o json",
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("opened");
        let output = board.command(words.split(' ')).stdout(full).output().expect("it runs");
        tells(&board.told(&output), 1, &["No space left on device"]);
    }
}
