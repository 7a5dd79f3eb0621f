//! `drift`: where projects went away from their golden path, and what the path became since.

use std::fs;

use snapbox::str;

use crate::support::{Board, check};

/// The golden path of these tests, in the home of a run.
pub struct Guild<'a> {
    pub board: &'a Board,
}

impl Guild<'_> {
    /// Writes a version of it: `template.yaml` and the files of its skeleton, nothing else.
    pub fn writes(&self, version: &str, files: &[(&str, &str)]) {
        let directory = self.board.home().join("paths/app");
        let _ = fs::remove_dir_all(&directory);
        let write = |path: &str, text: &str| {
            let path = directory.join(path);
            fs::create_dir_all(path.parent().expect("below")).expect("made");
            fs::write(path, text).expect("written");
        };
        write("template.yaml", &template(version));
        files.iter().for_each(|(path, text)| write(&format!("skeleton/{path}"), text));
    }
}

pub fn template(version: &str) -> String {
    format!(
        "apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata:
  name: app
  annotations: {{callboard.dev/version: {version}, callboard.dev/once: 'main.go,src/**', callboard.dev/owned: '.ci/**'}}
spec:
  type: service
  owner: group:default/guild
  parameters:
    properties: {{name: {{type: string}}, port: {{type: integer, default: 8080}}}}
  steps:
  - {{id: files, action: 'fetch:template', input: {{url: ./skeleton, values: {{name: '${{{{ parameters.name }}}}', port: '${{{{ parameters.port }}}}'}}}}}}
"
    )
}

pub const CATALOG: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: ${{ values.name }}\nspec: {type: service, lifecycle: production, owner: team-a}\n";

/// The first version.
pub const FIRST: &[(&str, &str)] = &[
    ("catalog-info.yaml", CATALOG),
    ("Dockerfile", "FROM a\nRUN b\nCOPY c\nRUN d\nEXPOSE ${{ values.port }}\n"),
    (".ci/ci.yaml", "test: true\n"),
    ("main.go", "package main\n"),
    ("README.md", "# ${{ values.name }}\n\nRun it.\n"),
];

pub fn written(board: &Board, path: &str, text: &str) {
    let path = board.home().join(path);
    fs::create_dir_all(path.parent().expect("below")).expect("made");
    fs::write(path, text).expect("written");
}

pub fn made(board: &Board, directory: &str) {
    let output = board.run_words(["new", "./paths/app", directory, "--no-register"]);
    assert_eq!(output.code, 0, "{output}");
}

#[test]
fn an_edited_project_is_told_path_by_path() {
    let board = Board::empty();
    let guild = Guild { board: &board };
    guild.writes("1.4.0", FIRST);
    made(&board, "orders");
    check(
        &board.run("drift orders"),
        str![[r#"
------- stderr -------
orders: as app 1.4.0 made it.
[exit status: 0]

"#]],
    );
    written(&board, "orders/Dockerfile", "FROM a\nRUN mine\nCOPY c\nRUN d\nEXPOSE 8080\n");
    written(&board, "orders/.ci/ci.yaml", "test: false\n");
    written(&board, "orders/main.go", "package mine\n");
    written(&board, "orders/own.txt", "mine\n");
    fs::remove_file(board.home().join("orders/README.md")).expect("gone");
    check(
        &board.run("drift orders"),
        str![[r#"
PATH         POLICY  PROJECT  LINES
.ci/ci.yaml  owned   edited   +1 -1
Dockerfile   merge   edited   +1 -1
README.md    merge   deleted  +0 -3
------- stderr -------
orders: 3 files away from app 1.4.0.
.ci/ci.yaml is group:default/guild's: `callboard update orders --restore .ci/ci.yaml` takes the change back
[exit status: 3]

"#]],
    );
    check(
        &board.run("drift orders --diff"),
        str![[r#"
PATH         POLICY  PROJECT  LINES
.ci/ci.yaml  owned   edited   +1 -1
Dockerfile   merge   edited   +1 -1
README.md    merge   deleted  +0 -3

--- .ci/ci.yaml (the path's)
+++ .ci/ci.yaml (yours)
@@ -1 +1 @@
-test: true
+test: false

--- Dockerfile (the path's)
+++ Dockerfile (yours)
@@ -1,5 +1,5 @@
 FROM a
-RUN b
+RUN mine
 COPY c
 RUN d
 EXPOSE 8080

--- README.md (the path's)
+++ README.md (yours)
@@ -1,3 +0,0 @@
-# orders
-
-Run it.
------- stderr -------
orders: 3 files away from app 1.4.0.
.ci/ci.yaml is group:default/guild's: `callboard update orders --restore .ci/ci.yaml` takes the change back
[exit status: 3]

"#]],
    );
    guild.writes(
        "1.5.0",
        &[
            FIRST[0],
            ("Dockerfile", "FROM a\nRUN b\nCOPY c\nRUN e\nEXPOSE ${{ values.port }}\n"),
            FIRST[2],
            ("main.go", "package new\n"),
            ("README.md", "# ${{ values.name }}\n\nRun it twice.\n"),
            ("deploy.yaml", "kind: Deployment\n"),
        ],
    );
    check(
        &board.run("drift orders --to newest"),
        str![[r#"
PATH               POLICY  PROJECT    TEMPLATE  LINES
.ci/ci.yaml        owned   edited     -         +1 -1
Dockerfile         merge   edited     changed   +1 -1
README.md          merge   deleted    changed   +0 -3
catalog-info.yaml  merge   unchanged  changed   -
deploy.yaml        merge   absent     added     -
------- stderr -------
orders: 3 files away from app 1.4.0; 1.5.0 changes 4 files.
the recorded version is not at hand: compared by the ids in the lock alone
.ci/ci.yaml is group:default/guild's: `callboard update orders --restore .ci/ci.yaml` takes the change back
`callboard update orders --dry-run` shows what an update makes of it
[exit status: 3]

"#]],
    );
    check(
        &board.run("drift orders --to 9.9.9"),
        str![[r#"
------- stderr -------
error: [HOME]/paths/app holds 1.5.0 of app, and not 9.9.9
hint: --from SOURCE names another place, such as git+https://git.example/paths.git//x@TAG
[exit status: 1]

"#]],
    );
    check(
        &board.run("drift orders --to 1.5.0 -o json"),
        str![[r#"
{
  "apiVersion": "callboard.dev/v1alpha1",
  "kind": "ProjectDriftList",
  "items": [
    {
      "project": "orders",
      "layer": "app",
      "template": "template:default/app",
      "owner": "group:default/guild",
      "source": "[HOME]/paths/app",
      "version": "1.4.0",
      "to": "1.5.0",
      "drifted": true,
      "behind": true,
      "files": [
        {
          "path": ".ci/ci.yaml",
          "policy": "owned",
          "state": "edited",
          "drifted": true,
          "behind": false,
          "pending": false,
          "linesAdded": 1,
          "linesRemoved": 1
        },
        {
          "path": "Dockerfile",
          "policy": "merge",
          "state": "edited",
          "template": "changed",
          "drifted": true,
          "behind": true,
          "pending": false,
          "linesAdded": 1,
          "linesRemoved": 1
        },
        {
          "path": "README.md",
          "policy": "merge",
          "state": "deleted",
          "template": "changed",
          "drifted": true,
          "behind": true,
          "pending": false,
          "linesAdded": 0,
          "linesRemoved": 3
        },
        {
          "path": "catalog-info.yaml",
          "policy": "merge",
          "state": "unchanged",
          "template": "changed",
          "drifted": false,
          "behind": true,
          "pending": false
        },
        {
          "path": "deploy.yaml",
          "policy": "merge",
          "state": "absent",
          "template": "added",
          "drifted": false,
          "behind": true,
          "pending": false
        }
      ],
      "notes": [
        "the recorded version is not at hand: compared by the ids in the lock alone"
      ]
    }
  ]
}
[exit status: 3]

"#]],
    );
}

#[test]
fn all_projects_below_a_directory_are_one_table() {
    let board = Board::empty();
    let guild = Guild { board: &board };
    guild.writes("1.4.0", FIRST);
    for project in ["src/one", "src/deep/two", "src/three", "elsewhere"] {
        made(&board, project);
    }
    written(&board, "src/deep/two/Dockerfile", "FROM mine\n");
    written(&board, "src/three/.callboard/lock.yaml", "kind: Other\n");
    check(
        &board.run("drift --all --under src"),
        str![[r#"
PROJECT       GOLDEN PATH  VERSION  EDITED  DELETED  NOTE
src/deep/two  app          1.4.0    1       0
src/one       app          1.4.0    0       0
src/three     -            -        -       -        src/three/.callboard/lock.yaml:1:1: this is no ScaffoldLock
------- stderr -------
3 projects: 1 drifted or behind, 1 could not be read.
[exit status: 3]

"#]],
    );
    guild.writes("2.0.0", &FIRST[..4]);
    check(
        &board.run("drift --all --under src --to newest"),
        str![[r#"
PROJECT       GOLDEN PATH  VERSION  EDITED  DELETED  TO     BEHIND  NOTE
src/deep/two  app          1.4.0    1       0        2.0.0  2       the recorded version is not at hand: compared by the ids in the lock alone
src/one       app          1.4.0    0       0        2.0.0  2       the recorded version is not at hand: compared by the ids in the lock alone
src/three     -            -        -       -        -      -       src/three/.callboard/lock.yaml:1:1: this is no ScaffoldLock
------- stderr -------
3 projects: 2 drifted or behind, 1 could not be read.
[exit status: 3]

"#]],
    );
    fs::remove_dir_all(board.home().join("src/three")).expect("gone");
    fs::remove_dir_all(board.home().join("src/deep")).expect("gone");
    let output = board.run("drift --all --under src");
    assert_eq!(
        (output.code, output.stderr.contains("1 project: 0 drifted or behind.")),
        (0, true),
        "{output}"
    );
}

#[test]
fn what_is_no_project_is_refused_and_no_lock_leads_out() {
    let board = Board::empty().file("orders/x", "").file("secret", "hush");
    check(
        &board.run("drift orders"),
        str![[r#"
------- stderr -------
error: orders was not made from a golden path by callboard: it has no .callboard/lock.yaml
hint: `callboard adopt TEMPLATE` takes a project up that is there already
[exit status: 1]

"#]],
    );
    Guild { board: &board }.writes("1.4.0", FIRST);
    made(&board, "made");
    let lock = crate::new::read(&board, "made/.callboard/lock.yaml");
    written(&board, "made/.callboard/lock.yaml", &lock.replace("  README.md:", "  ../secret:"));
    let output = board.run("drift made --diff");
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stderr.contains("the path '../secret' leads out of the project"), "{output}");
    // A link in the place of a file is a change, and nothing behind it is looked at.
    written(&board, "made/.callboard/lock.yaml", &lock);
    fs::remove_file(board.home().join("made/README.md")).expect("gone");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret", board.home().join("made/README.md")).expect("linked");
        let output = board.run("drift made --diff");
        assert_eq!(output.code, 3, "{output}");
        assert!(output.stdout.contains("README.md  merge   edited"), "{output}");
        let note =
            "README.md is a link that leads out of the project, to ../secret: what is there was not read";
        assert!(output.stderr.contains(note) && !output.stdout.contains("hush"), "{output}");
    }
}

/// The digest of the lock covers what a step takes from beside the template's directory.
#[test]
fn the_digest_covers_all_that_was_read() {
    let board = Board::empty();
    Guild { board: &board }.writes("1.0.0", FIRST);
    let template = template("1.0.0").replace("./skeleton", "../shared");
    written(&board, "paths/app/template.yaml", &template);
    let digest = |text: &str, directory: &str| {
        written(&board, "paths/shared/README.md", text);
        made(&board, directory);
        let lock = crate::new::read(&board, &format!("{directory}/.callboard/lock.yaml"));
        lock.lines().find(|line| line.contains("digest: ")).expect("a digest").to_string()
    };
    let first = digest("a", "one");
    assert_ne!(first, digest("b", "two"));
    assert_eq!(first, digest("a", "three"));
}
