//! `new` and git: repositories that it makes, and golden paths that it fetches.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::new::{new, paths, read};
use crate::support::{Board, tells};

pub fn git(directory: &Path, words: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]).args(words).current_dir(directory);
    let output = command.env("HOME", directory).env("GIT_CONFIG_NOSYSTEM", "1").output().expect("git runs");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

/// A board on which git may be found and knows who commits.
pub fn with_git() -> Board {
    let board = Board::empty().variable("PATH", std::env::var("PATH").expect("a path"));
    board.variable("GIT_CONFIG_NOSYSTEM", "1").file(".gitconfig", "[user]\nname = t\nemail = t@example.org\n")
}

#[test]
fn a_template_that_publishes_makes_a_local_repository_and_prints_the_rest() {
    let board = with_git();
    let output = new(&board, "service orders --set owner=a --set repoUrl=github.com?owner=acme&repo=orders");
    assert_eq!(output.code, 0, "{output}");
    for word in [
        "git repository on main, origin https://github.com/acme/orders.git",
        "gh repo create acme/orders",
        "git push -u origin main",
    ] {
        assert!(output.stdout.contains(word), "{word}\n{output}");
    }
    let project = board.home().join("orders");
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
    assert_eq!(git(&project, &["log", "--format=%s"]), "initial commit");
    assert_eq!(git(&project, &["ls-files", "--stage", "run.sh"]).split(' ').next(), Some("100755"));
    let nameless = Board::empty().variable("PATH", std::env::var("PATH").expect("a path"));
    let nameless =
        nameless.variable("GIT_CONFIG_NOSYSTEM", "1").file(".gitconfig", "[user]\nuseConfigOnly = true\n");
    let output =
        new(&nameless, "service orders --set owner=a --set repoUrl=github.com?owner=acme&repo=orders");
    tells(&output, 0, &["nothing was committed"]);
    assert!(output.stdout.contains("git commit -m 'initial commit'\n"), "{output}");
    let without = Board::empty();
    let nowhere = without.home().display().to_string();
    let without = without.variable("PATH", nowhere);
    let output =
        new(&without, "service orders --set owner=a --set repoUrl=github.com?owner=acme&repo=orders");
    tells(&output, 0, &["no git repository was made", "git is not installed"]);
}

#[test]
fn golden_paths_in_git_are_fetched_cached_and_pinned() {
    let board = with_git();
    let repository = board.home().join("paths");
    fs::create_dir(&repository).expect("made");
    let copied = Command::new("cp")
        .args(["-r", &paths().join("service").display().to_string(), "."])
        .current_dir(&repository)
        .status();
    assert!(copied.expect("cp runs").success());
    git(&repository, &["init", "--quiet", "--initial-branch=main", "."]);
    git(&repository, &["add", "--all"]);
    git(&repository, &["commit", "--quiet", "--message", "one"]);
    git(&repository, &["tag", "v1"]);
    let commit = git(&repository, &["rev-parse", "HEAD"]);
    fs::write(repository.join("service/skeleton/second"), "").expect("written");
    git(&repository, &["add", "--all"]);
    git(&repository, &["commit", "--quiet", "--message", "two"]);
    let url = format!("git+file://{}", repository.display());

    let offline = board.run(&format!("new {url}//service@v1 early --set owner=a --offline"));
    tells(&offline, 1, &["was never fetched", "without --offline"]);
    let output = board.run(&format!("new {url}//service@v1 one --set owner=a"));
    assert_eq!(output.code, 0, "{output}");
    let lock = read(&board, "one/.callboard/lock.yaml");
    assert!(
        lock.contains(&format!("commit: {commit}")) || lock.contains(&format!("commit: \"{commit}\"")),
        "{lock}"
    );
    assert!(!board.home().join("one/second").exists());
    assert_eq!(board.run(&format!("new {url}//service two --set owner=a")).code, 0);
    assert!(board.home().join("two/second").exists());
    tells(
        &board.run(&format!("new {url}//service@nonsense x --set owner=a")),
        1,
        &["cannot be fetched", "nonsense"],
    );
    tells(&board.run(&format!("new {url}//nothing x --set owner=a")), 1, &["no directory nothing"]);
    tells(&board.run("new git+ext::sh x"), 2, &["git+https://"]);

    fs::remove_dir_all(&repository).expect("removed");
    assert_eq!(board.run(&format!("new {url}//service@v1 three --set owner=a --offline")).code, 0);
    assert_eq!(
        read(&board, "three/deploy/app.yaml").replace("three", "one"),
        read(&board, "one/deploy/app.yaml")
    );
    assert_eq!(board.run(&format!("new {url}//service@{commit} four --set owner=a")).code, 0);
}

/// A template that writes one file.
const SMALL: &str = "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: small}\nspec:\n  owner: team-a\n  type: service\n  \
                     steps:\n  - {id: a, action: fetch:template, input: {url: ./skeleton}}\n";

/// git tells its hooks where their repository is; a template that is fetched in one must not land there.
#[test]
fn inside_a_git_hook_the_users_repository_is_left_alone() {
    let board =
        with_git().file("mine/kept", "mine\n").file("t/template.yaml", SMALL).file("t/skeleton/a.txt", "a\n");
    let (mine, repository) = (board.home().join("mine"), board.home().join("t"));
    for directory in [&mine, &repository] {
        git(directory, &["init", "--quiet", "--initial-branch=main", "."]);
        git(directory, &["add", "--all"]);
        git(directory, &["commit", "--quiet", "--message", "one"]);
    }
    let state = || {
        let said = [
            &["rev-parse", "--symbolic-full-name", "HEAD"][..],
            &["rev-parse", "HEAD"],
            &["status", "--porcelain"],
            &["config", "--list", "--local"],
        ];
        said.map(|words| git(&mine, words))
    };
    let before = state();
    let path = |name: &str| mine.join(name).display().to_string();
    let hook = board
        .variable("GIT_DIR", path(".git"))
        .variable("GIT_INDEX_FILE", path(".git/index"))
        .variable("GIT_WORK_TREE", path(""));
    let output = hook.run(&format!("new git+file://{} made", repository.display()));
    assert_eq!(output.code, 0, "{output}");
    assert!(hook.home().join("made/a.txt").exists(), "{output}");
    assert_eq!(state(), before);
}
