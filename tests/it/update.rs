//! `update`: what a golden path became, brought together with what a project became; nothing of either side is lost.

use std::fs;
use std::path::Path;
use std::process::Command;

use snapbox::str;

use crate::drift::{Guild, made, template, written};
use crate::new::read;
use crate::support::{Board, Output, check};

/// git in a directory of the home; returns its exit code and what it printed.
fn git(board: &Board, directory: &str, words: &[&str]) -> (i32, String) {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=Person",
            "-c",
            "user.email=person@example.org",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(words)
        .current_dir(board.home().join(directory))
        .env("HOME", board.home())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR")
        .output()
        .expect("git runs");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(1), text)
}

#[track_caller]
fn committed(board: &Board, directory: &str) {
    for words in [&["add", "--all"][..], &["commit", "--quiet", "-m", "as it is"]] {
        let (code, text) = git(board, directory, words);
        assert_eq!(code, 0, "{text}");
    }
}

/// A file long enough for git to know it again.
fn long(first: &str, last: &str) -> String {
    let middle: String = (0..12).map(|number| format!("line {number} of the middle\n")).collect();
    format!("{first}\n{middle}{last}\n")
}

/// One of the ways in which both sides may change.
struct Scenario<'a> {
    /// The skeleton of both versions.
    first: &'a [(&'a str, &'a str)],
    second: &'a [(&'a str, &'a str)],
    /// What the person does to the project.
    edits: &'a dyn Fn(&Path),
}

impl Scenario<'_> {
    /// A project of the first version, edited, with the second one to come; in a repository or not.
    fn board(&self, repository: bool) -> Board {
        let board = Board::empty();
        let guild = Guild { board: &board };
        guild.writes("1.0.0", self.first);
        made(&board, "p");
        if repository {
            assert_eq!(git(&board, "p", &["init", "--quiet"]).0, 0);
            committed(&board, "p");
        }
        (self.edits)(&board.home().join("p"));
        if repository {
            let _ = git(&board, "p", &["add", "--all"]);
            let _ = git(&board, "p", &["commit", "--quiet", "-m", "mine"]);
        }
        guild.writes("2.0.0", self.second);
        board
    }

    /// Updates with git and without. A preview before touches nothing.
    #[track_caller]
    fn runs(&self, expect: &dyn Fn(&Board, &Output, bool)) {
        for repository in [true, false] {
            let board = self.board(repository);
            let before = files(&board, "p");
            let preview = board.run("update p --dry-run");
            assert_eq!(files(&board, "p"), before, "a preview touches nothing\n{preview}");
            if repository {
                assert_eq!(git(&board, "p", &["status", "--porcelain"]).1, "", "{preview}");
                assert_eq!(git(&board, "p", &["for-each-ref", "refs/callboard"]).1, "");
            }
            let output = board.run("update p");
            assert_eq!(preview.code, output.code, "{preview}\n{output}");
            if repository {
                assert_eq!(git(&board, "p", &["for-each-ref", "refs/callboard"]).1, "");
            }
            expect(&board, &output, repository);
        }
    }
}

/// Every file of a directory with its content, but for those of git.
fn files(board: &Board, directory: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    crate::support::files_below(&board.home().join(directory), &mut found);
    let root = board.home().join(directory);
    let mut files: Vec<(String, Vec<u8>)> = found
        .into_iter()
        .filter(|path| path.iter().all(|part| part != ".git"))
        .map(|path| {
            (
                path.strip_prefix(&root).expect("below").display().to_string(),
                fs::read(&path).unwrap_or_default(),
            )
        })
        .collect();
    files.sort();
    files
}

fn lock_version(board: &Board) -> String {
    let lock = read(board, "p/.callboard/lock.yaml");
    lock.lines().find_map(|line| line.trim().strip_prefix("version: ")).unwrap_or_default().replace('"', "")
}

const PNG: &str = "\u{0}binary one\u{0}\u{1}";

#[test]
fn a_file_that_the_person_replaced_and_the_path_left_alone_is_kept() {
    Scenario {
        first: &[("logo.png", PNG), ("a.txt", "one\n")],
        second: &[("logo.png", PNG), ("a.txt", "two\n")],
        edits: &|p| fs::write(p.join("logo.png"), "\u{0}mine").expect("written"),
    }
    .runs(&|board, output, _| {
        assert_eq!(output.code, 0, "{output}");
        assert_eq!(
            (read(board, "p/logo.png").as_str(), read(board, "p/a.txt").as_str()),
            ("\u{0}mine", "two\n")
        );
        assert!(
            output.stderr.contains("app 1.0.0 -> 2.0.0: updated 1, kept yours 1 (logo.png)."),
            "{output}"
        );
        assert_eq!(lock_version(board), "2.0.0");
    });
}

#[test]
fn what_the_path_deletes_and_the_person_edited_is_a_conflict() {
    Scenario {
        first: &[("old.txt", "one\n"), ("a.txt", "one\n"), ("b.txt", "gone\n")],
        second: &[("a.txt", "two\n")],
        edits: &|p| fs::write(p.join("old.txt"), "mine\n").expect("written"),
    }
    .runs(&|board, output, repository| {
        assert_eq!(output.code, 3, "{output}");
        assert_eq!(read(board, "p/old.txt"), "mine\n");
        assert_eq!(read(board, "p/a.txt"), "two\n");
        assert!(!board.home().join("p/b.txt").exists());
        assert!(
            output.stdout.contains("conflict  old.txt: the golden path deleted what you changed"),
            "{output}"
        );
        if repository {
            assert!(git(board, "p", &["status", "--porcelain"]).1.contains("UD old.txt"));
        } else {
            assert_eq!(lock_version(board), "1.0.0", "what is in conflict is still to come");
        }
    });
}

#[test]
fn an_edit_follows_a_file_that_the_path_renames() {
    let (first, second) = (long("first", "last"), long("first", "last of the new"));
    let mine = long("mine", "last");
    Scenario {
        first: &[("old/name.txt", &first)],
        second: &[("new/name.txt", &second)],
        edits: &|p| fs::write(p.join("old/name.txt"), &mine).expect("written"),
    }
    .runs(&|board, output, _| {
        assert_eq!(output.code, 0, "{output}");
        assert_eq!(read(board, "p/new/name.txt"), long("mine", "last of the new"));
        assert!(!board.home().join("p/old").exists(), "{output}");
        assert!(output.stdout.contains("moved     new/name.txt (was old/name.txt)"), "{output}");
    });
}

#[test]
fn a_change_follows_a_file_that_the_person_renamed() {
    let (first, second) = (long("first", "last"), long("first", "last of the new"));
    Scenario {
        first: &[("name.txt", &first)],
        second: &[("name.txt", &second)],
        edits: &|p| fs::rename(p.join("name.txt"), p.join("mine.txt")).expect("moved"),
    }
    .runs(&|board, output, _| {
        assert_eq!(output.code, 0, "{output}");
        assert_eq!(read(board, "p/mine.txt"), second);
        assert!(!board.home().join("p/name.txt").exists(), "{output}");
    });
}

#[test]
fn the_same_line_changed_twice_is_gits_own_conflict() {
    Scenario {
        first: &[("a.txt", "1\ntwo\n3\n"), ("b.txt", "one\n")],
        second: &[("a.txt", "1\ntheirs\n3\n"), ("b.txt", "two\n")],
        edits: &|p| fs::write(p.join("a.txt"), "1\nmine\n3\n").expect("written"),
    }
    .runs(&|board, output, repository| {
        assert_eq!(output.code, 3, "{output}");
        assert_eq!(read(board, "p/b.txt"), "two\n", "what is no conflict has come");
        if !repository {
            assert_eq!(read(board, "p/a.txt"), "1\nmine\n3\n");
            assert_eq!(lock_version(board), "1.0.0");
            assert!(board.run("drift p --to newest").stdout.contains("a.txt  merge   edited   changed"));
            return;
        }
        assert!(git(board, "p", &["status", "--porcelain"]).1.contains("UU a.txt"), "{output}");
        let stages = git(board, "p", &["ls-files", "--stage", "a.txt"]).1;
        assert_eq!(stages.lines().count(), 3, "base, mine and theirs: {stages}");
        let text = read(board, "p/a.txt");
        for part in ["<<<<<<<", "mine\n", "|||||||", "two\n", "theirs\n", ">>>>>>>"] {
            assert!(text.contains(part), "{text}");
        }
        // It can be taken back whole, or gone on with.
        assert_eq!(git(board, "p", &["cherry-pick", "--abort"]).0, 0);
        assert_eq!(read(board, "p/a.txt"), "1\nmine\n3\n");
        assert_eq!(read(board, "p/b.txt"), "one\n");
        assert_eq!(git(board, "p", &["status", "--porcelain"]).1, "");
        assert_eq!(board.run("update p").code, 3);
        written(board, "p/a.txt", "1\nboth\n3\n");
        assert_eq!(git(board, "p", &["add", "a.txt"]).0, 0);
        let (code, text) = git(board, "p", &["-c", "core.editor=true", "cherry-pick", "--continue"]);
        assert_eq!(code, 0, "{text}");
        assert_eq!(lock_version(board), "2.0.0");
        assert!(
            git(board, "p", &["log", "-1", "--format=%s"]).1.starts_with("Update app from 1.0.0 to 2.0.0")
        );
        let again = board.run("update p");
        assert!(again.code == 0 && again.stderr.contains("kept yours 1 (a.txt)"), "{again}");
    });
}

#[test]
fn what_the_person_deleted_stays_deleted() {
    Scenario {
        first: &[("a.txt", "one\n"), ("b.txt", "one\n")],
        second: &[("a.txt", "two\n"), ("b.txt", "two\n")],
        edits: &|p| fs::remove_file(p.join("a.txt")).expect("gone"),
    }
    .runs(&|board, output, repository| {
        assert_eq!(output.code, 0, "{output}");
        assert!(!board.home().join("p/a.txt").exists());
        assert_eq!(read(board, "p/b.txt"), "two\n");
        assert!(output.stderr.contains("stay deleted 1 (a.txt)"), "{output}");
        assert!(read(board, "p/.callboard/lock.yaml").contains("removed: true"));
        if repository {
            committed(board, "p");
        }
        assert_eq!(board.run("drift p").code, 0, "it is no drift any more");
        let back = board.run("update p --restore a.txt");
        assert_eq!((back.code, read(board, "p/a.txt").as_str()), (0, "two\n"), "{back}");
        assert!(!read(board, "p/.callboard/lock.yaml").contains("removed"));
    });
}

#[cfg(unix)]
#[test]
fn a_permission_and_an_edit_come_together_and_links_are_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    for repository in [true, false] {
        let board = Board::empty();
        let guild = Guild { board: &board };
        let skeleton = board.home().join("paths/app/skeleton");
        let writes = |version: &str, mode: u32, target: &str| {
            guild.writes(version, &[("run.sh", "#!/bin/sh\necho one\n"), ("x", ""), ("y", "")]);
            fs::set_permissions(skeleton.join("run.sh"), fs::Permissions::from_mode(mode)).expect("set");
            symlink(target, skeleton.join("link")).expect("linked");
        };
        writes("1.0.0", 0o644, "x");
        made(&board, "p");
        if repository {
            assert_eq!(git(&board, "p", &["init", "--quiet"]).0, 0);
        }
        written(&board, "p/run.sh", "#!/bin/sh\necho mine\n");
        if repository {
            committed(&board, "p");
        }
        writes("2.0.0", 0o755, "y");
        let output = board.run("update p");
        assert_eq!(output.code, 0, "{output}");
        assert_eq!(read(&board, "p/run.sh"), "#!/bin/sh\necho mine\n");
        let mode = fs::metadata(board.home().join("p/run.sh")).expect("there").permissions().mode();
        assert_eq!(mode & 0o100, 0o100, "{output}");
        assert_eq!(fs::read_link(board.home().join("p/link")).expect("a link"), Path::new("y"));
    }
}

#[test]
fn what_both_added_or_changed_in_bytes_is_a_conflict_and_stays_mine() {
    Scenario {
        first: &[("logo.png", PNG), ("a.txt", "one\n")],
        second: &[
            ("logo.png", "\u{0}theirs"),
            ("a.txt", "two\n"),
            ("new.txt", "theirs\n"),
            ("same.txt", "same\n"),
        ],
        edits: &|p| {
            fs::write(p.join("logo.png"), "\u{0}mine").expect("written");
            fs::write(p.join("new.txt"), "mine\n").expect("written");
            fs::write(p.join("same.txt"), "same\n").expect("written");
            // The very change that the path makes.
            fs::write(p.join("a.txt"), "two\n").expect("written");
        },
    }
    .runs(&|board, output, repository| {
        assert_eq!(output.code, 3, "{output}");
        assert_eq!(read(board, "p/logo.png"), "\u{0}mine");
        assert_eq!(
            (read(board, "p/a.txt").as_str(), read(board, "p/same.txt").as_str()),
            ("two\n", "same\n")
        );
        assert!(read(board, "p/new.txt").contains("mine\n"));
        if repository {
            let status = git(board, "p", &["status", "--porcelain"]).1;
            assert!(status.contains("UU logo.png") && status.contains("AA new.txt"), "{status}");
        } else {
            assert_eq!(read(board, "p/new.txt"), "mine\n");
        }
    });
}

#[test]
fn a_project_in_a_part_of_a_repository_is_updated_there() {
    let board = Board::empty();
    let guild = Guild { board: &board };
    guild.writes("1.0.0", &[("a.txt", "1\n2\n3\n4\n5\n")]);
    written(&board, "mono/services/other/a.txt", "other\n");
    made(&board, "mono/services/p");
    assert_eq!(git(&board, "mono", &["init", "--quiet"]).0, 0);
    written(&board, "mono/services/p/a.txt", "mine\n2\n3\n4\n5\n");
    committed(&board, "mono");
    written(&board, "mono/services/other/a.txt", "not committed\n");
    guild.writes("2.0.0", &[("a.txt", "1\n2\n3\n4\ntheirs\n"), ("b.txt", "new\n")]);
    let output = board.run("update mono/services/p");
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(read(&board, "mono/services/p/a.txt"), "mine\n2\n3\n4\ntheirs\n");
    assert_eq!(read(&board, "mono/services/p/b.txt"), "new\n");
    assert_eq!(read(&board, "mono/services/other/a.txt"), "not committed\n");
    let status = git(&board, "mono", &["status", "--porcelain"]).1;
    let expect = "M  services/p/.callboard/lock.yaml\nM  services/p/a.txt\nA  services/p/b.txt\n";
    assert!(
        status.contains(" M services/other/a.txt")
            && status.replace(" M services/other/a.txt\n", "") == expect,
        "{status}"
    );
}

#[test]
fn what_is_not_committed_is_never_overwritten() {
    let board = Scenario {
        first: &[("a.txt", "one\n"), ("b.txt", "one\n")],
        second: &[("a.txt", "two\n"), ("b.txt", "one\n"), ("c.txt", "new\n"), ("d.txt", "new\n")],
        edits: &|p| fs::write(p.join(".gitignore"), "d.txt\n").expect("written"),
    }
    .board(true);
    written(&board, "p/a.txt", "not committed\n");
    written(&board, "p/c.txt", "not added\n");
    written(&board, "p/d.txt", "ignored\n");
    let before = files(&board, "p");
    check(
        &board.run("update p"),
        str![[r#"
------- stderr -------
error: the update changes what is not committed: a.txt, c.txt, d.txt
hint: nothing was written; commit or stash it first, or --only takes other files
[exit status: 1]

"#]],
    );
    assert_eq!(files(&board, "p"), before);
    let only = board.run("update p --only b.txt");
    assert_eq!(only.code, 0, "{only}");
    // A lock that was edited is not built upon either.
    let lock = read(&board, "p/.callboard/lock.yaml");
    written(&board, "p/.callboard/lock.yaml", &(lock + "# mine\n"));
    let output = board.run("update p --dry-run");
    assert!(output.code == 1 && output.stderr.contains("has changes that are not committed"), "{output}");
}

#[test]
fn files_come_one_at_a_time_and_are_restored() {
    let board = Scenario {
        first: &[("a.txt", "one\n"), ("b.txt", "one\n"), (".ci/ci.yaml", "test: true\n")],
        second: &[
            ("a.txt", "two\n"),
            ("b.txt", "two\n"),
            (".ci/ci.yaml", "test: true\n"),
            ("deep/c.txt", "new\n"),
        ],
        edits: &|p| fs::write(p.join(".ci/ci.yaml"), "test: false\n").expect("written"),
    }
    .board(true);
    let output = board.run("update p --only b.txt");
    assert_eq!(
        (output.code, read(&board, "p/a.txt").as_str(), read(&board, "p/b.txt").as_str()),
        (0, "one\n", "two\n"),
        "{output}"
    );
    assert_eq!(lock_version(&board), "1.0.0", "a part of it is still to come");
    committed(&board, "p");
    let output = board.run("update p --only deep/**");
    assert_eq!((output.code, read(&board, "p/deep/c.txt").as_str()), (0, "new\n"), "{output}");
    committed(&board, "p");
    let output = board.run("update p");
    assert_eq!((output.code, read(&board, "p/a.txt").as_str()), (0, "two\n"), "{output}");
    assert_eq!(lock_version(&board), "2.0.0");
    committed(&board, "p");
    // The guild's own file is taken back, and nothing else.
    let output = board.run("update p --restore .ci/ci.yaml");
    assert_eq!((output.code, read(&board, "p/.ci/ci.yaml").as_str()), (0, "test: true\n"), "{output}");
    committed(&board, "p");
    assert_eq!(board.run("drift p").code, 0);
    let output = board.run("update p");
    assert!(output.code == 0 && output.stderr.contains("p: app 2.0.0: nothing to do."), "{output}");
    let output = board.run("update p --restore nothing.txt");
    assert!(
        output.code == 2 && output.stderr.contains("no golden path of this project has nothing.txt"),
        "{output}"
    );
}

#[test]
fn another_answer_and_a_new_question() {
    let board = Scenario {
        first: &[("a.txt", "port ${{ values.port }}\n")],
        second: &[("a.txt", "port ${{ values.port }}\n")],
        edits: &|_| {},
    }
    .board(false);
    // The version is the project's own.
    Guild { board: &board }.writes("1.0.0", &[("a.txt", "port ${{ values.port }}\n")]);
    let output = board.run("update p --set port=9000");
    assert_eq!((output.code, read(&board, "p/a.txt").as_str()), (0, "port 9000\n"), "{output}");
    assert!(read(&board, "p/.callboard/lock.yaml").contains("port: 9000"));
    let asks = template("3.0.0").replace(
        "    properties: {",
        "    required: [team]\n    properties: {team: {type: string, title: Team}, ",
    );
    written(&board, "paths/app/template.yaml", &asks);
    let before = files(&board, "p");
    check(
        &board.run("update p"),
        str![[r#"
------- stderr -------
error: app 3.0.0 asks what is not answered:
  team: Team
hint: --set team=VALUE
[exit status: 2]

"#]],
    );
    assert_eq!(files(&board, "p"), before);
    let output = board.run("update p --to newest --set team=a");
    assert_eq!((output.code, lock_version(&board).as_str()), (0, "3.0.0"), "{output}");
}

#[test]
fn many_projects_are_one_table_and_those_with_conflicts_are_left() {
    let board = Board::empty();
    let guild = Guild { board: &board };
    guild.writes("1.0.0", &[("a.txt", "one\n")]);
    for project in ["src/clean", "src/clash", "src/broken"] {
        made(&board, project);
    }
    written(&board, "src/clash/a.txt", "mine\n");
    assert_eq!(git(&board, "src/clash", &["init", "--quiet"]).0, 0);
    committed(&board, "src/clash");
    written(&board, "src/broken/.callboard/lock.yaml", "kind: Other\n");
    guild.writes("2.0.0", &[("a.txt", "two\n")]);
    let before = files(&board, "src");
    check(
        &board.run("update --all --under src --dry-run"),
        str![[r#"
PROJECT     GOLDEN PATH         CHANGES  CONFLICTS  RESULT
src/broken  -                   0        0          src/broken/.callboard/lock.yaml:1:1: this is no ScaffoldLock
src/clash   app 1.0.0 -> 2.0.0  0        1          conflicts 1 (a.txt)
src/clean   app 1.0.0 -> 2.0.0  1        0          updated 1
------- stderr -------
3 projects: nothing was written, 1 with conflicts, 1 could not be.
[exit status: 3]

"#]],
    );
    assert_eq!(files(&board, "src"), before);
    check(
        &board.run("update --all --under src"),
        str![[r#"
PROJECT     GOLDEN PATH         CHANGES  CONFLICTS  RESULT
src/broken  -                   0        0          src/broken/.callboard/lock.yaml:1:1: this is no ScaffoldLock
src/clash   app 1.0.0 -> 2.0.0  0        1          left as it was: conflicts 1 (a.txt)
src/clean   app 1.0.0 -> 2.0.0  1        0          done: updated 1
------- stderr -------
3 projects: 1 updated, 1 with conflicts, 1 could not be.
[exit status: 3]

"#]],
    );
    assert_eq!(
        (read(&board, "src/clean/a.txt").as_str(), read(&board, "src/clash/a.txt").as_str()),
        ("two\n", "mine\n")
    );
    assert_eq!(git(&board, "src/clash", &["status", "--porcelain"]).1, "");
}

/// A preview says all in JSON, and the text of a dry run is a diff.
#[test]
fn a_preview_is_a_diff() {
    let board = Scenario {
        first: &[("a.txt", "1\n2\n3\n4\n5\n"), ("b.txt", "old\n")],
        second: &[("a.txt", "1\n2\n3\n4\nfive\n"), ("c.txt", "new\n")],
        edits: &|p| fs::write(p.join("a.txt"), "one\n2\n3\n4\n5\n").expect("written"),
    }
    .board(true);
    check(
        &board.run("update p --dry-run"),
        str![[r#"
merged    a.txt
deleted   b.txt
added     c.txt

diff --git a/a.txt b/a.txt
index 1d48bbe..4decb40 100644
--- a/a.txt
+++ b/a.txt
@@ -2,4 +2,4 @@ one
 2
 3
 4
-5
+five
diff --git a/b.txt b/b.txt
deleted file mode 100644
index 3367afd..0000000
--- a/b.txt
+++ /dev/null
@@ -1 +0,0 @@
-old
diff --git a/c.txt b/c.txt
new file mode 100644
index 0000000..3e75765
--- /dev/null
+++ b/c.txt
@@ -0,0 +1 @@
+new
------- stderr -------
p: app 1.0.0 -> 2.0.0: added 1, merged 1, deleted 1.
Nothing was written.
[exit status: 0]

"#]],
    );
    let json = board.run("update p --dry-run -o json");
    let document: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(document["items"][0]["changes"][0]["action"], "merged", "{json}");
    check(
        &board.run("update p"),
        str![[r#"
merged    a.txt
deleted   b.txt
added     c.txt
------- stderr -------
p: app 1.0.0 -> 2.0.0: added 1, merged 1, deleted 1.
next:
  cd p
  git diff --cached
  git commit -m 'Update app from 1.0.0 to 2.0.0'
[exit status: 0]

"#]],
    );
}

/// No hook of the repository runs, and none of its variables leads git elsewhere.
#[cfg(unix)]
#[test]
fn nothing_of_the_repository_runs() {
    use std::os::unix::fs::PermissionsExt;
    let board = Scenario {
        first: &[("a.txt", "one\n")],
        second: &[("a.txt", "two\n")],
        edits: &|p| fs::write(p.join("a.txt"), "mine\n").expect("written"),
    }
    .board(true);
    for hook in
        ["post-checkout", "pre-commit", "post-index-change", "prepare-commit-msg", "reference-transaction"]
    {
        let path = format!("p/.git/hooks/{hook}");
        written(&board, &path, &format!("#!/bin/sh\ntouch '{}'\n", board.home().join("ran").display()));
        fs::set_permissions(board.home().join(&path), fs::Permissions::from_mode(0o755)).expect("set");
    }
    let board = board.variable("GIT_DIR", "/nowhere").variable("GIT_INDEX_FILE", "/nowhere/index");
    let output = board.run("update p");
    assert_eq!(output.code, 3, "{output}");
    assert!(!board.home().join("ran").exists(), "{output}");
}

/// At whatever moment an update is ended, the project is as it was or as it will be: no file of both, none that is half, nothing of ours left.
#[cfg(unix)]
#[test]
fn a_signal_leaves_the_project_as_it_was_or_as_it_will_be() {
    use std::os::unix::process::ExitStatusExt;
    let many = |text: &str| -> Vec<(String, String)> {
        (0..40)
            .map(|number| (format!("f{number:02}.txt"), long(&format!("{text} {number}"), "end")))
            .collect()
    };
    let (one, two) = (many("one"), many("two"));
    let one: Vec<(&str, &str)> = one.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let two: Vec<(&str, &str)> = two.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    for repository in [true, false] {
        let scenario = Scenario { first: &one, second: &two, edits: &|_| {} };
        let whole = scenario.board(repository);
        // The lock says where the golden path lies.
        let standing = |board: &Board| -> Vec<(String, String)> {
            let home = board.home().display().to_string();
            let text = |content: Vec<u8>| String::from_utf8_lossy(&content).replace(&home, "");
            files(board, "p").into_iter().map(|(path, content)| (path, text(content))).collect()
        };
        let before = standing(&whole);
        let since = std::time::Instant::now();
        assert_eq!(whole.run("update p").code, 0);
        let took = since.elapsed();
        let after = standing(&whole);
        assert_ne!(before, after);
        let mut ended = 0;
        for step in 0..16u32 {
            let board = scenario.board(repository);
            let signal = ["INT", "TERM", "HUP"][step as usize % 3];
            let mut child = board.command(["update", "p"]);
            let mut child = child
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .expect("starts");
            std::thread::sleep(took * step / 14);
            let _ = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
            let status = child.wait().expect("it ends");
            let told = format!("{signal} in step {step}, repository {repository}: {status:?}");
            ended += u32::from(status.signal().is_some() || status.code() != Some(0));
            let now = standing(&board);
            assert!(now == before || now == after, "{told}");
            if repository {
                let (code, text) = git(&board, "p", &["status", "--porcelain"]);
                // Staged as a whole, or not at all; no lock of git's stands in the next command's way.
                let staged = text.lines().all(|line| line.starts_with("M  ") || line.starts_with("A  "));
                assert!(code == 0 && staged && text.is_empty() == (now == before), "{told}\n{text}");
                assert_eq!(git(&board, "p", &["for-each-ref", "refs/callboard"]).1, "", "{told}");
            }
            // And it can be run again.
            if now == before {
                assert_eq!(board.run("update p").code, 0, "{told}");
                assert_eq!(standing(&board), after, "{told}");
            }
        }
        assert!(ended > 0, "no signal came in time");
    }
}
