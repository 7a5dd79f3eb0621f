//! `context`: the flags of a service's places, and `--use`, which changes two fields of a kubeconfig and nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use snapbox::str;

use crate::support::{Board, check, of, tells};
use crate::terminal::Typist;

const CONFIG: &str = "# of the whole team, mind the order
apiVersion: v1
kind: Config
current-context: us # until Monday
users:
- {name: me, user: {token: abc}}
contexts:
# the old one
- name: us
  context: {cluster: c, user: me}
- context:
    cluster: c   # shared
    user: me
    namespace: 'web'
  name: eu/west
clusters:
- name: c
  cluster: {server: 'https://127.0.0.1:1'}
";

#[test]
fn a_service_is_flags_for_kubectl() {
    check(
        &Board::demo().run("context checkout"),
        str![[r#"
--context us-east-1 -n shop
--context us-west-2 -n shop
--context eu-west-1 -n shop
--context ap-south-1 -n shop
------- stderr -------
silent: ap-south-1 (connection refused)
note: only the catalog says that it runs in ap-south-1, namespace shop
[exit status: 4]

"#]],
    );
    let narrowed = Board::demo().run("context checkout --context us-east-1,eu-west-1 -o wide");
    check(
        &narrowed,
        str![[r#"
SERVICE   CLUSTER    NAMESPACE  CURRENT  KNOWN BY  FLAGS
checkout  us-east-1  shop       no       seen      --context us-east-1 -n shop
checkout  eu-west-1  shop       no       seen      --context eu-west-1 -n shop
[exit status: 0]

"#]],
    );
    let by_label = Board::demo()
        .run("context -l backstage.io/kubernetes-id=checkout -n shop --context eu-west-1 -o name");
    assert_eq!((by_label.code, by_label.stdout.as_str()), (0, "eu-west-1\n"), "{by_label}");
}

#[test]
fn json_tells_what_is_known_and_what_is_current() {
    let document = Board::demo().run("context checkout -o json").json();
    let silent = of(&document["items"], "cluster", "ap-south-1");
    assert_eq!((&silent["seen"], &silent["namespace"]), (&false.into(), &"shop".into()));
    assert_eq!(document["complete"], false);
    let own = Board::demo().run("context -o json").json();
    assert_eq!(of(&own["items"], "context", "us-east-1")["current"], true);
    assert_eq!(of(&own["items"], "context", "us-west-2")["current"], false);
    assert!(own["items"][0].get("service").is_none());
}

#[test]
fn what_runs_nowhere_is_an_error_and_may_be_where_nobody_answered() {
    tells(&Board::demo().run("context nonsense"), 1, &["no service \"nonsense\""]);
    let nowhere = Board::fleet("tiny").run("context -l app=nothing");
    tells(&nowhere, 1, &["nothing of app=nothing runs in solo"]);
    let silent = Board::fleet("silent").run("context -l app=nothing --context refused-1");
    tells(&silent, 4, &["nothing of app=nothing was seen in refused-1", "refused"]);
    let forbidden = Board::fleet("forbidden").run("context -l app=nothing");
    assert_eq!(forbidden.code, 4, "{forbidden}");
}

/// A kubeconfig behind a link, and what became of it.
struct Linked {
    board: Board,
    before: String,
}

impl Linked {
    fn new(text: &str) -> Linked {
        let board = Board::empty().file("real/config.yaml", text);
        let real = board.home().join("real/config.yaml");
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("set");
        std::os::unix::fs::symlink("real/config.yaml", board.home().join("config")).expect("linked");
        Linked { board, before: text.to_string() }
    }

    #[track_caller]
    fn is(&self, from: &str, to: &str) {
        let real = self.board.home().join("real/config.yaml");
        assert_eq!(fs::read_to_string(&real).expect("read"), self.before.replace(from, to));
        assert_eq!(fs::metadata(&real).expect("there").permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(self.board.home().join("config")).expect("there").is_symlink());
        for directory in [self.board.home().to_path_buf(), self.board.home().join("real")] {
            let left = fs::read_dir(directory).expect("listed").flatten().map(|entry| entry.file_name());
            let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains(".lock")).collect();
            assert!(left.is_empty(), "{left:?}");
        }
    }
}

#[test]
fn use_changes_the_current_context_and_nothing_else() {
    let linked = Linked::new(CONFIG);
    let used = linked.board.run("context --kubeconfig config --context eu/west --use");
    assert_eq!(
        (used.code, used.stdout.as_str()),
        (0, "--kubeconfig config --context eu/west -n web\n"),
        "{used}"
    );
    assert!(used.stderr.contains("current-context is eu/west now, in "), "{used}");
    linked.is("current-context: us #", "current-context: eu/west #");
    let again = linked.board.run("context --kubeconfig config --context eu/west --use");
    tells(&again, 0, &["already"]);
    linked.is("current-context: us #", "current-context: eu/west #");
}

/// JSON is a kubeconfig, too, and so is one without a current context.
#[test]
fn use_keeps_the_manner_of_the_file() {
    let json = "{\"apiVersion\": \"v1\", \"kind\": \"Config\",\r\n \"clusters\": [{\"name\": \"c\", \"cluster\": {\"server\": \"https://127.0.0.1:1\"}}],\r\n \"contexts\": [{\"name\": \"yes\", \"context\": {\"cluster\": \"c\"}}]}\r\n";
    let linked = Linked::new(json);
    let used = linked.board.run("context --kubeconfig config --use");
    assert_eq!(used.code, 0, "{used}");
    linked.is("{\"apiVersion\"", "{\"current-context\": \"yes\", \"apiVersion\"");
}

#[test]
fn kubectls_lock_is_respected() {
    let linked = Linked::new(CONFIG);
    let lock = linked.board.home().join("config.lock");
    fs::write(&lock, "").expect("kubectl's");
    let refused = linked.board.run("context --kubeconfig config --context eu/west --use");
    tells(&refused, 1, &["config.lock is there", "remove it"]);
    assert!(lock.exists(), "somebody else's lock stays");
    fs::remove_file(lock).expect("removed");
    linked.is("nothing", "nothing");
}

#[test]
fn what_cannot_be_changed_alone_is_left_to_kubectl() {
    let shared =
        CONFIG.replace("current-context: us", "current-context: &c us").replace("token: abc", "token: *c");
    let shared = shared.replace("users:\n- {name: me, user: {token: *c}}\n", "")
        + "users:\n- {name: me, user: {token: *c}}\n";
    let linked = Linked::new(&shared);
    let refused = linked.board.run("context --kubeconfig config --context eu/west --use");
    tells(&refused, 1, &["current-context cannot be changed here", "kubectl config use-context eu/west"]);
    linked.is("nothing", "nothing");
}

/// kubectl's rules: the namespace where the context is declared, the current context in the first file that is there.
#[test]
fn each_field_is_written_where_kubectl_would_write_it() {
    let script =
        "set -e; cp \"$KUBECONFIG\" two.yaml; printf '# empty\\nkind: Config\\napiVersion: v1\\n' > one.yaml
        export KUBECONFIG=none.yaml:one.yaml:two.yaml
        \"$0\" context checkout --context eu-west-1 --use
        cat one.yaml; grep -c 'current-context.*us-east-1' two.yaml; grep -c 'shop' two.yaml";
    let board = Board::empty();
    let words = ["demo", "--", "sh", "-c", script, env!("CARGO_BIN_EXE_callboard")];
    let output = board.run_words(words);
    assert_eq!(output.code, 0, "{output}");
    let told = "--context eu-west-1 -n shop\n# empty\ncurrent-context: eu-west-1\nkind: Config\napiVersion: v1\n1\n1\n";
    assert_eq!(output.stdout, told, "{output}");
    assert!(!Path::new(&board.home().join("none.yaml")).exists());
}

#[test]
fn several_targets_are_no_choice_off_a_terminal() {
    let board = Board::empty().file("config", CONFIG);
    let refused = board.run("context --kubeconfig config --context * --use");
    tells(
        &refused,
        2,
        &["2 targets could be meant", "--context us -n default", "choose a cluster by --context"],
    );
    assert_eq!(fs::read_to_string(board.home().join("config")).expect("read"), CONFIG);
    let demo = Board::demo().run("context checkout --use --context eu-west-1");
    tells(&demo, 2, &["the demo's kubeconfig is no file"]);
}

/// Contexts that are one cluster are told apart by their own names.
#[test]
fn contexts_of_one_cluster_are_all_offered() {
    let board = Board::empty().file("config", CONFIG);
    let all = board.run("context --kubeconfig config -o wide");
    let names: Vec<&str> = all.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!((all.code, names), (0, vec!["CLUSTER", "us", "eu/west"]), "{all}");
    let mut typist = Typist::start(&board, "context --kubeconfig config --use");
    typist.sees("Which one?").sees("eu/west  web").types("west\r").sees("--context eu/west -n web");
    assert_eq!(typist.ends(), 0);
    let text = fs::read_to_string(board.home().join("config")).expect("read");
    assert_eq!(text, CONFIG.replace("current-context: us #", "current-context: eu/west #"));
}

#[test]
fn on_a_terminal_one_is_chosen_by_typing() {
    let board = Board::demo();
    let mut typist = Typist::start(&board, "context checkout");
    typist.sees("Which one?").sees("eu-west-1  shop").types("west eu\r").sees("--context eu-west-1 -n shop");
    assert_eq!(typist.ends(), 4);
    let mut typist = Typist::start(&board, "context checkout");
    typist.sees("Which one?").types("\u{1b}");
    assert_eq!(typist.ends(), 130);
}
