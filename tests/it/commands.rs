//! The commands beside `status`: `services`, `clusters`, `demo`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use snapbox::data::Inline;
use snapbox::{Assert, IntoData, str};

use crate::support::{Board, Output};

#[track_caller]
fn check(output: &Output, expected: Inline) {
    let latency = regex::Regex::new(r"\b\d+ms +").expect("a pattern");
    let text = output.to_string();
    Assert::new().action_env("SNAPSHOTS").eq(latency.replace_all(&text, "[MS]  ").raw(), expected.raw());
}

#[test]
fn services_of_the_catalog() {
    check(
        &Board::fleet("shop").run("services"),
        str![[r#"
SERVICE   OWNER            SYSTEM      TYPE     CLUSTERS
cart      team-checkout    storefront  service  all
checkout  team-checkout    storefront  service  ap-south-1,eu-west-1,us-east-1,us-west-2
go-kit    team-checkout    -           library  all
payments  team-payments    money       service  us-east-1,us-west-2,eu-west-1
returns   team-fulfilment  warehouse   service  ap-south-1,us-east-1,us-west-2
search    team-discovery   storefront  service  all
------- stderr -------
6 services.
[exit status: 0]

"#]],
    );
    check(
        &Board::fleet("shop").run("services --owner team-checkout -o wide"),
        str![[r#"
SERVICE   OWNER          SYSTEM      TYPE     LIFECYCLE   NAMESPACES  SELECTOR                             CLUSTERS
cart      team-checkout  storefront  service  production  shop        backstage.io/kubernetes-id=cart      all
checkout  team-checkout  storefront  service  production  shop        backstage.io/kubernetes-id=checkout  ap-south-1,eu-west-1,us-east-1,us-west-2
go-kit    team-checkout  -           library  production  all         backstage.io/kubernetes-id=go-kit    all
------- stderr -------
3 services.
[exit status: 0]

"#]],
    );
    check(
        &Board::fleet("shop").run("services --system money -o json"),
        str![[r#"
{
  "apiVersion": "callboard.dev/v1alpha1",
  "kind": "ServiceList",
  "items": [
    {
      "service": "payments",
      "guessed": false,
      "entity": "component:default/payments",
      "description": "Takes money and gives it back.",
      "file": "[FLEET]/catalog.yaml",
      "line": 126,
      "owner": "team-payments",
      "system": "money",
      "domain": "commerce",
      "type": "service",
      "lifecycle": "production",
      "tags": [],
      "selector": "backstage.io/kubernetes-id=payments",
      "namespaces": [
        "payments"
      ],
      "clusters": [
        "us-east-1",
        "us-west-2",
        "eu-west-1"
      ],
      "links": [
        {
          "title": "Runbook",
          "url": "https://runbooks.marrowby.example/payments"
        }
      ],
      "notes": []
    }
  ]
}
[exit status: 0]

"#]],
    );
}

/// No cluster is asked, so none need be there.
#[test]
fn services_need_no_cluster() {
    let catalog = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: hello}\n\
                   spec: {type: service, lifecycle: production, owner: ida}\n";
    let output = Board::empty().file("catalog.yaml", catalog).run("services -o name");
    assert_eq!((output.code, output.stdout.as_str()), (0, "hello\n"), "{output}");
}

#[test]
fn clusters_and_who_i_am_there() {
    check(
        &Board::fleet("shop").run("clusters"),
        str![[r#"
CLUSTER     STATE     VERSION  LATENCY  USER  LABELS             WHY
us-east-1   answered  v1.36.3  [MS]  demo  region=us-east-1   -
us-west-2   answered  v1.36.3  [MS]  demo  region=us-west-2   -
eu-west-1   answered  v1.36.3  [MS]  demo  region=eu-west-1   -
ap-south-1  answered  v1.36.3  [MS]  demo  region=ap-south-1  -
------- stderr -------
4 of 4 clusters answered in [TIME].
[exit status: 0]

"#]],
    );
    check(
        &Board::fleet("silent").run("clusters --cluster-timeout 1s"),
        str![[r#"
CLUSTER         STATE     VERSION  LATENCY  USER  LABELS  WHY
well-1          answered  v1.36.3  [MS]  demo  -       -
refused-1       silent    -        -        -     -       unreachable: connection refused
hang-1          silent    -        -        -     -       timedOut: timed out after 1s
unauthorized-1  silent    -        -        -     -       unauthorized: the server does not accept these credentials
expired-1       silent    -        -        -     -       certificate: the server's certificate expired [AGE] ago, on 2001-01-01
forbidden-1     answered  v1.36.3  [MS]  demo  -       -
------- stderr -------
2 of 6 clusters answered in [TIME].
silent: refused-1 (connection refused); hang-1 (timed out after 1s); unauthorized-1 (the server does not accept these credentials); expired-1 (certificate: the server's certificate expired [AGE] ago, on 2001-01-01)
[exit status: 4]

"#]],
    );
    let report = Board::fleet("shop").run("clusters -o json --context us-east-1").json();
    assert_eq!(report["kind"], "ClusterList");
    let cluster = &report["items"][0];
    assert_eq!(
        (&cluster["name"], &cluster["state"], &cluster["version"]),
        (&"us-east-1".into(), &"answered".into(), &"v1.36.3".into())
    );
    assert_eq!(cluster["labels"], serde_json::json!({"region": "us-east-1"}));
}

/// A demo that is up, with its first line.
fn demo(board: &Board, words: &[&str]) -> (Child, String) {
    let mut command = board.command(words);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
    (child, line)
}

/// What it said on stderr, once a signal has ended it.
fn ended(board: &Board, mut child: Child, signal: &str, code: i32) -> String {
    Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().expect("kill runs");
    drop(child.stdout.take());
    let output = board.told(&child.wait_with_output().expect("it ends"));
    assert_eq!(output.code, code, "{signal}: {output}");
    output.stderr
}

/// `demo` keeps the servers up and takes its kubeconfig away again, however it is stopped.
#[test]
fn the_demo_stays_up_until_it_is_stopped() {
    let board = Board::fleet("tiny");
    let path = board.home().join("demo.yaml");
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let (child, line) = demo(&board, &["demo", "--write", "demo.yaml"]);
        assert!(line.starts_with("export KUBECONFIG=") && line.contains("demo.yaml"), "{line}");

        let user = Board::empty().variable("KUBECONFIG", path.display().to_string());
        let output = user.run("status -l app.kubernetes.io/name=hello");
        assert_eq!(output.code, 0, "{output}");
        assert!(output.stdout.contains("Healthy"), "{output}");

        ended(&board, child, signal, code);
        assert!(!path.exists(), "the kubeconfig is left behind");
    }
}

/// The first path that comes to mind is `~/.kube/config`.
#[test]
fn the_demo_writes_over_nothing() {
    let board = Board::fleet("tiny").file(".kube/config", "precious: true\n");
    let output = board.run("demo --write .kube/config");
    crate::support::tells(&output, 1, &[".kube/config exists already", "hint: nothing was written"]);
    assert_eq!(output.stdout, "");
    let text = std::fs::read_to_string(board.home().join(".kube/config")).expect("still there");
    assert_eq!(text, "precious: true\n");
}

/// What kubectl or a cloud's tool wrote into the exported kubeconfig is the user's.
#[test]
fn the_demo_leaves_what_it_did_not_write() {
    let board = Board::fleet("tiny");
    let path = board.home().join("demo.yaml");
    let write = |text: &str| std::fs::write(&path, text).expect("written");
    let (child, _) = demo(&board, &["demo", "--write", "demo.yaml"]);
    let ours = std::fs::read_to_string(&path).expect("a kubeconfig");
    write(&format!("{ours}# a cluster of mine\n"));
    let told = ended(&board, child, "TERM", 143);
    assert!(told.contains("demo.yaml is no longer what was written"), "{told}");
    assert!(std::fs::read_to_string(&path).expect("still there").ends_with("# a cluster of mine\n"));
    std::fs::remove_file(&path).expect("removed");
    let (child, _) = demo(&board, &["demo", "--write", "demo.yaml"]);
    std::fs::remove_file(&path).expect("removed");
    write("another one");
    ended(&board, child, "INT", 130);
    assert_eq!(std::fs::read_to_string(&path).expect("still there"), "another one");
}
