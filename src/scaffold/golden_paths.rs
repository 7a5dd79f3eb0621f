//! The golden paths that are built into the binary, each a plain directory that a Backstage server renders just as well.

use include_dir::{Dir, DirEntry, include_dir};

use crate::tree::{Tree, TreeEntry};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/scaffold/golden-paths");

/// Every embedded path by its name, in order of name: the directory of its template, `template.yaml` included.
pub fn embedded_templates() -> Vec<(String, Tree)> {
    let mut found: Vec<(String, Tree)> = EMBEDDED.dirs().map(|dir| (name(dir), tree(dir))).collect();
    found.sort_by(|left, right| left.0.cmp(&right.0));
    found
}

/// The embedded path of a name.
#[cfg_attr(not(test), expect(dead_code, reason = "for tests"))]
pub fn embedded_template(wanted: &str) -> Option<Tree> {
    EMBEDDED.dirs().find(|dir| name(dir) == wanted).map(tree)
}

fn name(dir: &Dir<'static>) -> String {
    dir.path().to_string_lossy().into_owned()
}

fn tree(dir: &Dir<'static>) -> Tree {
    let mut tree = Tree::default();
    collect(dir, &format!("{}/", name(dir)), &mut tree);
    tree
}

fn collect(dir: &Dir<'static>, root: &str, tree: &mut Tree) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => collect(dir, root, tree),
            DirEntry::File(file) => {
                let path = file.path().to_string_lossy().replace('\\', "/");
                let inside = path.strip_prefix(root).unwrap_or(&path);
                let entry = TreeEntry::File { bytes: file.contents().to_vec(), executable: false };
                tree.insert(inside, entry).expect("files of a directory lie inside it");
            }
        }
    }
}

#[cfg(test)]
mod tests;
