//! Kubeconfigs good, bad and hostile.

use crate::fleet::kubeconfig::{KubeconfigPlaces, KubeconfigText, Merged, merge, read};
use secrecy::ExposeSecret;
use std::path::PathBuf;

fn documents(texts: &[&str]) -> Vec<KubeconfigText> {
    let path = |n: usize| PathBuf::from(format!("/home/me/{}/config", n + 1));
    texts
        .iter()
        .enumerate()
        .map(|(n, text)| KubeconfigText { path: path(n), text: Ok(text.to_string()) })
        .collect()
}

fn merged(texts: &[&str]) -> Merged {
    merge(documents(texts))
}

/// The contexts' names and the problems, one text each.
#[track_caller]
fn check(texts: &[&str], contexts: &[&str], problems: &[&str]) {
    let merged = merged(texts);
    let names: Vec<&str> = merged.contexts.iter().map(|context| context.name.as_str()).collect();
    let told: Vec<String> = merged.problems.iter().map(|problem| problem.to_string()).collect();
    assert_eq!(
        (names.as_slice(), told.iter().map(String::as_str).collect::<Vec<_>>().as_slice()),
        (contexts, problems)
    );
}

const GOOD: &str = r#"
current-context: ""
clusters:
- name: c1
  cluster: {server: "https://one:6443", certificate-authority: ca.pem, certificate-authority-data: ""}
users:
- name: u1
  user: {token: "", tokenFile: secrets/token, exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/plugin}}
- name: u2
  user: {token: 12345, exec: {command: aws}}
contexts:
- name: one
  context: {cluster: c1, user: u1, namespace: shop}
- name: two
  context: {cluster: c1, user: u2, namespace: ""}
"#;

#[test]
fn paths_are_the_files_own_and_empty_is_unset() {
    let merged = merged(&[GOOD, "current-context: two\n"]);
    assert_eq!(merged.current.as_deref(), Some("two"));
    let one = &merged.contexts[0];
    assert_eq!(one.cluster.certificate_authority.as_deref(), Some("/home/me/1/ca.pem"));
    assert_eq!(one.cluster.certificate_authority_data, None);
    assert!(one.user.token.is_none());
    assert_eq!(one.user.token_file.as_deref(), Some("/home/me/1/secrets/token"));
    let command = |n: usize| merged.contexts[n].user.exec.clone().and_then(|exec| exec.command);
    assert_eq!(command(0).as_deref(), Some("/home/me/1/./bin/plugin"));
    assert_eq!(command(1).as_deref(), Some("aws"));
    assert_eq!(one.namespace.as_deref(), Some("shop"));
    assert_eq!(merged.contexts[1].namespace, None);
    let token = merged.contexts[1].user.token.as_ref().map(|token| token.expose_secret().to_string());
    assert_eq!(token.as_deref(), Some("12345"));
}

#[test]
fn the_first_file_wins_whole_entries() {
    let second = "clusters: [{name: c1, cluster: {server: 'https://other', proxy-url: 'http://p'}}]\ncontexts: [{name: three, context: {cluster: c1}}]";
    let merged = merged(&[GOOD, second]);
    let three = &merged.contexts[2];
    assert_eq!(three.cluster.server.as_deref(), Some("https://one:6443"));
    assert_eq!(three.cluster.proxy_url, None);
}

#[test]
fn what_an_earlier_file_hides_is_said_once_for_each_pair_of_files() {
    let other = "clusters: [{name: c1, cluster: {server: 'https://other'}}]
users: [{name: u1, user: {token: hunter2}}, {name: u3, user: {token: b}}]
contexts: [{name: one, context: {cluster: c1, user: u3}}, {name: mine, context: {cluster: c1, user: u3}}]";
    let third =
        "users: [{name: u3, user: {token: c}}, {name: u2, user: {exec: {command: aws}, token: 12345}}]";
    check(
        &[GOOD, other, third],
        &["one", "two", "mine"],
        &[
            "/home/me/2/config: hidden by entries of the same name, but another content, in /home/me/1/config: \
             context \"one\", cluster \"c1\", user \"u1\"",
            "/home/me/3/config: hidden by entries of the same name, but another content, in /home/me/2/config: user \"u3\"",
        ],
    );
}

#[test]
fn a_name_that_stands_twice_is_refused_for_the_contexts_that_use_it() {
    let text = "clusters: [{name: c, cluster: {server: 'https://x'}}, {name: d, cluster: {server: 'https://y'}}, {name: d, cluster: {server: 'https://y'}}]
users: [{name: u, user: {token: hunter2}}, {name: u, user: {token: hunter3}}]
contexts:
- {name: fine, context: {cluster: c}}
- {name: a, context: {cluster: d}}
- {name: b, context: {cluster: c, user: u}}
- {name: e, context: {cluster: c}}
- {name: e, context: {cluster: c}}";
    let twice = |what: &str| {
        format!(
            "/home/me/1/config: context {what}, which stands twice in /home/me/1/config: kubectl refuses that"
        )
    };
    check(
        &[text],
        &["fine"],
        &[
            &twice("\"a\" names cluster \"d\""),
            &twice("\"b\" names user \"u\""),
            "/home/me/1/config: context \"e\" stands there twice, which kubectl refuses",
        ],
    );
    // What an earlier file has is not touched by a later one that is wrong.
    let first =
        "clusters: [{name: d, cluster: {server: 'https://y'}}]\ncontexts: [{name: a, context: {cluster: d}}]";
    assert_eq!(merged(&[first, text]).contexts.len(), 2);
}

#[test]
fn a_broken_file_is_named_without_its_secrets_and_the_others_work() {
    let broken = "users:\n- name: u\n  user: {token: \"hunter2\n  x: [";
    let merged = merged(&[broken, GOOD]);
    assert_eq!(merged.contexts.len(), 2);
    let told = merged.problems[0].to_string();
    assert!(told.starts_with("/home/me/1/config:"), "{told}");
    assert!(told.contains("no kubeconfig: ") && !told.contains("hunter2"), "{told}");
}

#[test]
fn a_bad_entry_costs_itself_only() {
    check(
        &["clusters: [{name: c, cluster: {server: 'https://x'}}]
contexts:
- {name: a, context: {user: u}}
- {name: b, context: {cluster: nope}}
- {name: d, context: {cluster: c, user: nobody}}
- {name: e, context: {cluster: c, extensions: [{extension: {}}]}}
- {name: f}
- {context: {cluster: c}}
- {name: yes, context: {cluster: c}}"],
        &["e", "yes"],
        &[
            "/home/me/1/config:8:3: a context without a name cannot be read",
            "/home/me/1/config: context \"a\" names no cluster",
            "/home/me/1/config: context \"b\" names cluster \"nope\", which is not there",
            "/home/me/1/config: context \"d\" names user \"nobody\", which is not there",
            "/home/me/1/config: context \"f\" names no cluster",
        ],
    );
    check(
        &["clusters: [{name: c, cluster: {server: 'https://x'}}, {name: empty, cluster: {}}]
users:
- {name: odd, user: {exec: {command: x, interactiveMode: Sometimes}}}
- {name: fine, user: {exec: {command: x, provideClusterInfo: null}}}
contexts:
- {name: a, context: {cluster: c, user: odd}}
- {name: b, context: {cluster: c, user: fine}}
- {name: d, context: {cluster: empty}}"],
        &["b"],
        &[
            "/home/me/1/config:3:3: user \"odd\" cannot be read",
            "/home/me/1/config: context \"a\" names user \"odd\", which is not there",
            "/home/me/1/config: context \"d\": cluster \"empty\" has no server",
        ],
    );
}

#[test]
fn what_is_no_kubeconfig_is_said() {
    check(&["", "\n---\n"], &[], &[]);
    for (text, expect) in [
        (
            "hello",
            "1:1: no kubeconfig: a text stands where a map of clusters, users and contexts is expected",
        ),
        (
            "- hello",
            "1:1: no kubeconfig: a list stands where a map of clusters, users and contexts is expected",
        ),
        (
            "users: []\nclusters: {c: {}}",
            "2:11: no kubeconfig: clusters: a map stands where a list is expected",
        ),
        ("contexts: []\ncontexts: []", "2:1: no kubeconfig: the key ... stands twice in this map"),
        (
            "users:\n- name: u\n  user: {token: hunter2, token: hunter3}",
            "3:26: no kubeconfig: the key ... stands twice in this map",
        ),
    ] {
        check(&[text], &[], &[&format!("/home/me/1/config:{expect}")]);
    }
    let nested = format!("users: {}{}", "[".repeat(200), "]".repeat(200));
    let told = merged(&[&nested]).problems[0].to_string();
    assert!(told.ends_with("no kubeconfig: the document is nested more than 64 levels deep"), "{told}");
    for library in ["Options", "budget", "{ depth", "serde", "expected mapping start"] {
        assert!(!told.contains(library), "{told}");
    }
    let bomb = format!("a: &a [{}]\nb: [{}]", "x,".repeat(2000), "*a,".repeat(200_000));
    assert_eq!(merged(&[&bomb, GOOD]).contexts.len(), 2);
    let deep = "[".repeat(100_000);
    assert_eq!(merged(&[&deep, GOOD]).problems.len(), 1);
}

#[test]
fn base64_may_be_wrapped() {
    let text = "clusters: [{name: c, cluster: {server: s, certificate-authority-data: \"AA\\nBB \\r\\n\"}}]\ncontexts: [{name: a, context: {cluster: c}}]";
    assert_eq!(merged(&[text]).contexts[0].cluster.certificate_authority_data.as_deref(), Some("AABB"));
}

#[test]
fn the_variable_skips_missing_files_and_the_flag_does_not() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("config");
    std::fs::write(&path, GOOD).expect("a written file");
    let missing = directory.path().join("missing");
    let variable = vec![PathBuf::new(), missing.clone(), path.clone(), path.clone()];
    let places = KubeconfigPlaces { variable, default: Some(missing.clone()), flag: None };
    assert_eq!(read(&places).expect("read").len(), 1);
    assert!(read(&KubeconfigPlaces { flag: Some(missing), ..places.clone() }).is_err());
    let only_empty =
        KubeconfigPlaces { flag: None, variable: vec![PathBuf::new()], default: Some(path.clone()) };
    assert_eq!(read(&only_empty).expect("read").len(), 1);
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(GOOD.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(&path, utf16).expect("a written file");
    assert_eq!(merge(read(&places).expect("read")).contexts.len(), 2);
    let unreadable =
        KubeconfigPlaces { variable: vec![directory.path().to_path_buf()], ..KubeconfigPlaces::default() };
    let told = merge(read(&unreadable).expect("read")).problems.remove(0).to_string();
    assert_eq!(told, format!("{}: is a directory", directory.path().display()));
}

#[test]
fn mutated_kubeconfigs_never_panic_and_never_leak() {
    let text = GOOD.replace("token: 12345", "token: hunter2hunter2");
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |n: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % n as u64) as usize
    };
    for _ in 0..3_000 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=random(4) {
            let at = random(bytes.len());
            match random(3) {
                0 => bytes[at] = b"{}[]\",: \n-&*!|>\t'"[random(17)],
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b" \n:-[{\"'"[random(8)]),
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        for problem in merged(&[&text]).problems {
            assert!(!problem.to_string().contains("hunter2hunter2"), "{problem}");
        }
    }
}

/// Contexts or problems, each named; and no problem quotes a secret, wherever a mistake moves it.
#[test]
fn every_mutation_is_merged_or_told_without_its_secrets() {
    const SECRETS: &str = "apiVersion: v1\nkind: Config\ncurrent-context: one\nclusters:\n- name: c\n  cluster: {server: 'https://h:6443', proxy-url: 'http://u:hidden-1@proxy'}\n\
        users:\n- name: u\n  user: {token: hidden-2, username: ida, password: hidden-3, client-key-data: hidden-4}\n- name: v\n  user:\n    auth-provider: {name: oidc, config: {id-token: hidden-5}}\n\
        contexts:\n- {name: one, context: {cluster: c, user: u, namespace: shop}}\n- {name: two, context: {cluster: c, user: v}}\n";
    crate::mutation::each(&[GOOD, SECRETS], |text| {
        let beside = "clusters:\n- {name: beside, cluster: {server: 'https://beside'}}\nusers: [{name: beside, user: {}}]\n\
            contexts:\n- {name: beside, context: {cluster: beside, user: beside}}\n";
        let merged = merged(&[text, beside]);
        // A context may be told with the name of its cluster, whatever a mutation has made that.
        let is_a_name = text.rsplit("contexts:").next().is_some_and(|contexts| contexts.contains("hidden-"));
        for problem in &merged.problems {
            let told = problem.to_string();
            assert!(is_a_name || !told.contains("hidden-"), "{told}");
            assert!(told.len() < 4_000, "{told}");
        }
        assert!(
            merged.contexts.iter().any(|context| context.name == "beside"),
            "a good file is lost beside it"
        );
    });
}
