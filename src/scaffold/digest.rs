//! Names of content: git's blob ids, and the digest of a template's whole directory.

use std::collections::BTreeMap;

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use crate::tree::{Tree, TreeEntry};

/// The id that git gives these bytes, in full: the lock's `oid`.
pub fn blob_id(bytes: &[u8]) -> String {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(format!("blob {}\0", bytes.len()).as_bytes());
    context.update(bytes);
    hex(context.finish().as_ref())
}

/// `sha256:...` over every path, kind, mode and content of a tree: the same for the same template, wherever it lies.
pub fn of_tree(tree: &Tree) -> String {
    let mut context = Context::new(&SHA256);
    for (path, entry) in tree.iter() {
        let (kind, bytes): (&str, &[u8]) = match entry {
            TreeEntry::File { bytes, executable: false } => ("file", bytes),
            TreeEntry::File { bytes, executable: true } => ("executable", bytes),
            TreeEntry::Link { target } => ("link", target.as_bytes()),
            TreeEntry::Directory => ("directory", b""),
        };
        // Lengths keep what belongs to one entry from being read as part of the next.
        context.update(format!("{kind} {} {}\0{path}", path.len(), bytes.len()).as_bytes());
        context.update(bytes);
    }
    format!("sha256:{}", hex(context.finish().as_ref()))
}

/// The digest of all that was read of a source: a directory, and by its path what was taken from beside it. With nothing beside it is
/// the directory's own.
pub fn of_all(own: &str, beside: &BTreeMap<String, String>) -> String {
    if beside.is_empty() {
        return own.to_string();
    }
    let mut context = Context::new(&SHA256);
    context.update(own.as_bytes());
    for (path, digest) in beside {
        context.update(format!("\0{} {}\0{path}{digest}", path.len(), digest.len()).as_bytes());
    }
    format!("sha256:{}", hex(context.finish().as_ref()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{blob_id, of_tree};
    use crate::tree::{Tree, TreeEntry};

    #[test]
    fn ids_are_gits() {
        assert_eq!(blob_id(b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(blob_id(b"hello\n"), "ce013625030ba8dba906f756967f9e9ca394464a");
    }

    #[test]
    fn a_digest_tells_trees_apart() {
        let tree = |entries: &[(&str, TreeEntry)]| {
            let mut tree = Tree::default();
            entries.iter().for_each(|(path, entry)| tree.insert(path, entry.clone()).expect("fits"));
            of_tree(&tree)
        };
        let file = |text: &str, executable| TreeEntry::File { bytes: text.into(), executable };
        let digests = [
            tree(&[("a", file("x", false))]),
            tree(&[("a", file("x", true))]),
            tree(&[("a", file("xy", false))]),
            tree(&[("ax", file("", false))]),
            tree(&[("a", TreeEntry::Link { target: "x".into() })]),
            tree(&[("a", file("x", false)), ("b", TreeEntry::Directory)]),
        ];
        let mut different = digests.to_vec();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), digests.len());
    }
}
