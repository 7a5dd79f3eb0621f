//! Fleets that a test makes itself: a directory of files.

use std::path::Path;

use crate::support::Board;

/// A board on a fleet of these files; the directory lives as long as the first value.
pub fn fleet(files: &[(&str, &str)]) -> (tempfile::TempDir, Board) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path: &Path = &directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("below it")).expect("created");
        std::fs::write(path, text).expect("written");
    }
    let board = Board::at(directory.path());
    (directory, board)
}

/// A catalog of one component `web`, which runs wherever something carries its label.
pub const CATALOG: &str = "
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: web, annotations: {backstage.io/kubernetes-id: web}}
spec: {type: service, lifecycle: production, owner: team-web}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-web}
spec: {type: team, children: []}
";
