//! The golden paths inside the binary, as one tree: a directory for each.

use include_dir::{Dir, DirEntry, include_dir};

use crate::tree::{Entry, Tree};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/scaffold/golden-paths");

pub fn tree() -> Tree {
    let mut tree = Tree::default();
    add(&FILES, &mut tree);
    tree
}

fn add(directory: &Dir<'_>, tree: &mut Tree) {
    for entry in directory.entries() {
        match entry {
            DirEntry::Dir(below) => add(below, tree),
            DirEntry::File(file) => {
                // Modes are not embedded; a script says itself that it is one.
                let executable = file.contents().starts_with(b"#!");
                let entry = Entry::File { bytes: file.contents().to_vec(), executable };
                let path = file.path().to_string_lossy().replace('\\', "/");
                tree.insert(&path, entry).expect("a path of a directory fits into a tree");
            }
        }
    }
}
