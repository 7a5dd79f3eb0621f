//! Started from a git hook, whose variables mean the user's repository: nothing of that repository changes. And what git's ssh asks
//! reaches a person or fails at once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Board, tells};
#[cfg(target_os = "linux")]
use crate::terminal::Typist;

const TEMPLATE: &str = "apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: small}
spec:
  type: service
  owner: guild
  parameters: {required: [name], properties: {name: {type: string}}}
  steps:
  - {id: make, action: 'fetch:template', input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}}
  - id: publish
    action: publish:github
    input: {repoUrl: 'github.com?owner=acme&repo=small', defaultBranch: main}
";

fn git(directory: &Path, words: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]).args(words).current_dir(directory);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().expect("git runs");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

/// A repository of golden paths, the user's own with a linked worktree, and a clone for pull requests.
fn world() -> Board {
    let board = Board::empty()
        .variable("PATH", std::env::var("PATH").expect("a path"))
        .variable("GIT_CONFIG_NOSYSTEM", "1")
        .file(".gitconfig", "[user]\nname = t\nemail = t@example.org\n")
        .file("paths/small/template.yaml", TEMPLATE)
        .file("paths/small/skeleton/a.txt", "a of ${{ values.name }}\n")
        .file("mine/mine.txt", "mine\n");
    for name in ["paths", "mine"] {
        let directory = board.home().join(name);
        git(&directory, &["init", "--quiet", "--initial-branch=main", "."]);
        git(&directory, &["add", "--all"]);
        git(&directory, &["commit", "--quiet", "--message", "one"]);
    }
    git(&board.home().join("mine"), &["worktree", "add", "--quiet", "../linked"]);
    let staged = board.home().join("linked/staged.txt");
    fs::write(staged, "staged\n").expect("written");
    git(&board.home().join("linked"), &["add", "staged.txt"]);
    board
}

/// Every file of a directory, but for the time at which git last looked.
fn all(directory: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(directory).expect("listed").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => all(&path, found),
            false => found.push((path.clone(), fs::read(&path).expect("read"))),
        }
    }
    found.sort();
}

#[track_caller]
fn check(words: &str, variables: &[(&str, &str)]) {
    let board = world();
    let own = board.home().join("mine/.git");
    let (mut before, mut after) = (Vec::new(), Vec::new());
    all(&own, &mut before);
    let mut command = board.command(words.replace("[HOME]", &board.home().display().to_string()).split(' '));
    for (name, value) in variables {
        command.env(name, value.replace("[HOME]", &board.home().display().to_string()));
    }
    let output = board.told(&command.output().expect("it runs"));
    assert_eq!(output.code, 0, "{words}\n{output}");
    all(&own, &mut after);
    let names = |all: &[(PathBuf, Vec<u8>)]| all.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    assert_eq!(
        names(&after),
        names(&before),
        "{words}: files came or went in the user's repository\n{output}"
    );
    let changed: Vec<&PathBuf> =
        before.iter().zip(&after).filter(|(one, other)| one != other).map(|(one, _)| &one.0).collect();
    assert!(changed.is_empty(), "{words}: {changed:?} changed\n{output}");
    let linked = board.home().join("linked");
    assert_eq!(git(&linked, &["status", "--porcelain"]), "A  staged.txt");
    assert_eq!(git(&linked, &["symbolic-ref", "HEAD"]), "refs/heads/linked");
    if words.starts_with("new") {
        assert!(board.home().join("shop/.git").is_dir(), "the project has a repository of its own\n{output}");
        assert_eq!(git(&board.home().join("shop"), &["log", "--format=%an"]), "t");
    }
}

/// What git exports to hooks, and what people export who keep their dotfiles in a repository.
const HOOK: &[(&str, &str)] = &[
    ("GIT_DIR", "[HOME]/mine/.git/worktrees/linked"),
    ("GIT_INDEX_FILE", "[HOME]/mine/.git/worktrees/linked/index"),
    ("GIT_PREFIX", ""),
];
const WHOLE: &[(&str, &str)] = &[
    ("GIT_DIR", "[HOME]/mine/.git"),
    ("GIT_WORK_TREE", "[HOME]/mine"),
    ("GIT_COMMON_DIR", "[HOME]/mine/.git"),
    ("GIT_OBJECT_DIRECTORY", "[HOME]/mine/.git/objects"),
    ("GIT_NAMESPACE", "x"),
];

#[test]
fn a_fetch_from_a_hook_leaves_the_users_repository_alone() {
    let lint = "template lint git+file://[HOME]/paths//small@main";
    check(lint, HOOK);
    check(lint, WHOLE);
    // `git -c core.worktree=... commit` exports what it was told to its hooks.
    check(lint, &[("GIT_CONFIG_PARAMETERS", "'core.worktree'='[HOME]/mine'"), HOOK[0], HOOK[1]]);
}

#[test]
fn a_project_made_from_a_hook_is_not_committed_into_the_users_repository() {
    let new = "new git+file://[HOME]/paths//small@main shop --no-register --set name=shop";
    check(new, HOOK);
    check(new, WHOLE);
}

#[test]
fn no_hook_of_the_user_runs() {
    let board = world();
    let script = "#!/bin/sh\ntouch \"$HOME/ran\"\n";
    let board = board.file("hooks/post-checkout", script).file("hooks/pre-commit", script);
    let board = board.file("hooks/reference-transaction", script);
    let set = "[user]\nname = t\nemail = t@example.org\n[core]\nhooksPath = [HOME]/hooks\nfsmonitor = [HOME]/hooks/pre-commit\n";
    let set = set.replace("[HOME]", &board.home().display().to_string());
    let board = board.file(".gitconfig", &set);
    for name in ["post-checkout", "pre-commit", "reference-transaction"] {
        let path = board.home().join("hooks").join(name);
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("runnable");
    }
    let url = format!("git+file://{}/paths//small@main", board.home().display());
    let output = board.run(&format!("new {url} shop --no-register --set name=shop"));
    assert_eq!(output.code, 0, "{output}");
    assert!(board.home().join("shop/.git").is_dir() && !board.home().join("ran").exists(), "{output}");
}

/// A server whose key nobody knows, asked by an ssh that would ask on the terminal.
#[test]
fn nobody_is_asked_off_a_terminal() {
    let board = Board::empty().file(
        "bin/ssh",
        "#!/bin/sh\necho \"$@\" > \"$HOME/asked\"\necho Host key verification failed. >&2\nexit 255\n",
    );
    let ssh = board.home().join("bin/ssh");
    fs::set_permissions(&ssh, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("runnable");
    let path = format!("{}:{}", board.home().join("bin").display(), std::env::var("PATH").expect("a path"));
    let board = board.variable("PATH", path);
    let output = board.run("new git+ssh://git@host.invalid/paths//x@v1 y");
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stderr.contains("Host key verification failed"), "{output}");
    let asked = fs::read_to_string(board.home().join("asked")).expect("ssh was started");
    assert!(asked.contains("-o BatchMode=yes"), "{asked}");
}

/// An ssh that asks on the terminal, as for a passphrase or an unknown host; without one it says what OpenSSH says.
#[cfg(target_os = "linux")]
fn with_asking_ssh() -> Board {
    use std::os::unix::fs::PermissionsExt;
    // git asks first which ssh this is.
    let ssh = "#!/bin/sh\n[ \"$1\" = -G ] && exit 1\nprintf 'Are you sure (yes/no)? ' > /dev/tty || { echo 'Host key verification failed.' >&2; exit 255; }\n\
               IFS= read -r word < /dev/tty; echo \"$word\" > \"${0%/*}/word\"; exit 255\n";
    let board = Board::empty().file("my-ssh", ssh).variable("PATH", std::env::var("PATH").expect("a path"));
    let path = board.home().join("my-ssh");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("permissions");
    board.variable("GIT_SSH", path.display().to_string())
}

#[cfg(target_os = "linux")]
#[test]
fn what_ssh_asks_reaches_the_terminal_or_fails_at_once() {
    use std::time::{Duration, Instant};
    let board = with_asking_ssh();
    let words = "template lint git+ssh://git.example/paths.git";
    let begun = Instant::now();
    tells(&board.run(words), 1, &["Host key verification failed"]);
    let mut typist = Typist::controlling(&board, words);
    typist.sees("Are you sure (yes/no)? ").types("yes\n");
    assert_eq!(typist.ends(), 1, "{}", typist.screen());
    assert!(begun.elapsed() < Duration::from_secs(20), "it took {:?}", begun.elapsed());
    assert_eq!(typist.screen().matches("Are you sure").count(), 1, "{}", typist.screen());
    assert_eq!(fs::read_to_string(board.home().join("word")).expect("written"), "yes\n");
}
