//! `adopt`: a project that no golden path made is taken up without a change to it, and comes closer a file at a time.

use std::fs;

use snapbox::str;

use crate::drift::{FIRST, Guild, written};
use crate::new::read;
use crate::support::{Board, check};

#[test]
fn a_project_is_adopted_with_nothing_changed_and_taken_a_file_at_a_time() {
    let board = Board::empty();
    let guild = Guild { board: &board };
    guild.writes("1.4.0", FIRST);
    written(&board, "old/Dockerfile", "FROM old\n");
    written(&board, "old/main.go", "package old\n");
    written(&board, "old/README.md", "# old\n\nRun it.\n");
    check(
        &board.run("adopt ./paths/app old --dry-run"),
        str![[r#"
old on app 1.4.0: .callboard/lock.yaml, catalog-info.yaml would be written.
1 file as the path has them, 2 not taken: .ci/ci.yaml, Dockerfile
[exit status: 0]

"#]],
    );
    assert!(!board.home().join("old/.callboard").exists());
    check(
        &board.run("adopt ./paths/app old --no-register"),
        str![[r#"
old on app 1.4.0: .callboard/lock.yaml, catalog-info.yaml written, nothing else was touched.
1 file as the path has them, 2 not taken: .ci/ci.yaml, Dockerfile
next:
  callboard drift old --diff
  callboard update old --only .ci/ci.yaml
[exit status: 0]

"#]],
    );
    assert_eq!(read(&board, "old/Dockerfile"), "FROM old\n");
    assert_eq!(read(&board, "old/main.go"), "package old\n");
    assert!(
        read(&board, "old/catalog-info.yaml").contains("backstage.io/source-template: template:default/app")
    );
    assert!(!board.home().join("old/.ci").exists());
    check(
        &board.run("drift old"),
        str![[r#"
PATH         POLICY  PROJECT             LINES
.ci/ci.yaml  owned   not taken           +0 -1
Dockerfile   merge   not taken, differs  +1 -5
------- stderr -------
old: 2 files away from app 1.4.0.
`callboard update old --only .ci/ci.yaml` takes one that is not taken
[exit status: 3]

"#]],
    );
    // An update by itself takes nothing of it.
    let output = board.run("update old");
    assert_eq!((output.code, read(&board, "old/Dockerfile").as_str()), (0, "FROM old\n"), "{output}");
    assert!(output.stderr.contains("not taken yet 2 (.ci/ci.yaml, Dockerfile)"), "{output}");
    let output = board.run("update old --only .ci/**");
    assert_eq!((output.code, read(&board, "old/.ci/ci.yaml").as_str()), (0, "test: true\n"), "{output}");
    // Both have one, and nobody can say which: it stays.
    let output = board.run("update old --only Dockerfile");
    assert_eq!((output.code, read(&board, "old/Dockerfile").as_str()), (3, "FROM old\n"), "{output}");
    let output = board.run("update old --restore Dockerfile --to newest");
    assert_eq!(output.code, 0, "{output}");
    assert!(read(&board, "old/Dockerfile").starts_with("FROM a\n"));
    let output = board.run("drift old");
    assert_eq!(output.code, 0, "{output}");
    // Not twice.
    let output = board.run("adopt ./paths/app old");
    assert!(output.code == 1 && output.stderr.contains("old is on template:default/app already"), "{output}");
}

#[test]
fn a_catalog_entry_that_is_there_stays_as_it_is() {
    let board = Board::empty();
    Guild { board: &board }.writes("1.4.0", FIRST);
    let entry = "kind: Component # mine\n";
    written(&board, "old/catalog-info.yaml", entry);
    let output = board.run("adopt ./paths/app old --no-register");
    assert_eq!((output.code, read(&board, "old/catalog-info.yaml").as_str()), (0, entry), "{output}");
    let lock = fs::read_dir(board.home().join("old")).expect("listed").count();
    assert_eq!(lock, 2, "the entry and the lock's directory");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let board = Board::empty().file("outside/x", "");
    Guild { board: &board }.writes("1.4.0", FIRST);
    fs::create_dir(board.home().join("old")).expect("made");
    std::os::unix::fs::symlink("../outside", board.home().join("old/.callboard")).expect("linked");
    let output = board.run("adopt ./paths/app old --no-register");
    assert_eq!(output.code, 1, "{output}");
    assert_eq!(fs::read_dir(board.home().join("outside")).expect("listed").count(), 1, "{output}");
}
