//! What was fetched, kept on the disk by commit, and which commit a branch or tag was when it was asked about.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Result;
use jiff::Timestamp;

use crate::files;
use crate::git::address::Address;
use crate::scaffold::digest::blob_id;
use crate::scaffold::lock::without_credentials;
use crate::tree::Tree;

/// A file of a commit and an instant is not longer.
const MOST: usize = 200;

/// The directory of all that was fetched.
#[derive(Clone, Debug)]
pub struct FetchStore(PathBuf);

/// What an address was when a server last said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCommit {
    pub commit: String,
    /// When that was; nothing where an earlier version wrote it down.
    pub at: Option<Timestamp>,
}

impl FetchStore {
    /// In the cache directory.
    pub fn in_cache(cache: &Path) -> FetchStore {
        FetchStore(cache.join("git"))
    }

    /// The directory of a commit: of the whole, or of a part of it where the whole cannot be held.
    pub fn of_commit(&self, commit: &str, part: &str) -> Option<PathBuf> {
        Some(self.place(commit, part)).filter(|directory| files::is_dir(directory))
    }

    fn place(&self, commit: &str, part: &str) -> PathBuf {
        self.0.join(format!("{commit}-{}", &blob_id(part.as_bytes())[..8]))
    }

    /// Whether only directories of a commit can be kept.
    pub fn is_partial(&self, commit: &str) -> bool {
        files::exists(&self.partial(commit))
    }

    fn partial(&self, commit: &str) -> PathBuf {
        self.0.join(format!("{commit}.partial"))
    }

    fn file_of(&self, address: &Address, ending: &str) -> PathBuf {
        let reference = address.reference.as_deref().unwrap_or("HEAD");
        let key = format!("{}\0{reference}", without_credentials(&address.url));
        self.0.join(format!("{}.{ending}", blob_id(key.as_bytes())))
    }

    /// Which commit an address was last.
    pub fn recall(&self, address: &Address) -> Option<KnownCommit> {
        let text = files::read_text_if_exists(&self.file_of(address, "ref"), MOST).ok()??;
        let mut words = text.split_whitespace();
        let commit = words.next().filter(|commit| commit.chars().all(|c| c.is_ascii_hexdigit()))?.to_string();
        Some(KnownCommit { commit, at: words.next().and_then(|text| Timestamp::from_str(text).ok()) })
    }

    /// When it was last tried in vain to fetch an address, since it was fetched.
    pub fn last_failure(&self, address: &Address) -> Option<Timestamp> {
        let text = files::read_text_if_exists(&self.file_of(address, "failed"), MOST).ok()??;
        let at = Timestamp::from_str(text.trim()).ok()?;
        let fetched = self.recall(address).and_then(|known| known.at);
        fetched.is_none_or(|fetched| fetched < at).then_some(at)
    }

    pub fn note_failure(&self, address: &Address, now: Timestamp) -> Result<()> {
        files::create_dir(&self.0)?;
        files::replace(&self.file_of(address, "failed"), now.to_string().as_bytes(), None)
    }

    /// Keeps a commit, or a part of it, and that an address is it now.
    pub fn keep(
        &self,
        address: &Address,
        commit: &str,
        part: Option<&str>,
        tree: &Tree,
        now: Timestamp,
    ) -> Result<()> {
        files::create_dir(&self.0)?;
        if part.is_some() {
            files::replace(&self.partial(commit), b"", None)?;
        }
        let place = self.place(commit, part.unwrap_or_default());
        if !files::is_dir(&place) {
            let written = files::write_tree(&place, tree);
            // Another run may have been quicker, with the same words.
            if !files::is_dir(&place) {
                written?;
            }
        }
        files::replace(&self.file_of(address, "ref"), format!("{commit} {now}\n").as_bytes(), None)
    }
}

#[cfg(test)]
mod tests {
    use super::{FetchStore, KnownCommit};
    use crate::git::address::Address;
    use crate::tree::{Tree, TreeEntry};

    #[test]
    fn what_was_fetched_is_known_with_its_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = FetchStore::in_cache(folder.path());
        let address = Address::parse("git+https://u:p@h/a.git//x@v1").expect("an address");
        let same = Address::parse("git+https://h/a.git//y@v1").expect("an address");
        let (early, late) = ("2026-01-15T10:00:00Z", "2026-01-15T11:00:00Z");
        let time = |text: &str| text.parse().expect("an instant");
        assert_eq!((store.recall(&address), store.last_failure(&address)), (None, None));
        let mut tree = Tree::default();
        tree.insert("x/a.yaml", TreeEntry::text("a: 1\n")).expect("fits");
        store.keep(&address, "abc123", None, &tree, time(early)).expect("kept");
        store.keep(&address, "abc123", None, &tree, time(early)).expect("kept once more");
        let known = KnownCommit { commit: "abc123".to_string(), at: Some(time(early)) };
        assert_eq!(store.recall(&same), Some(known));
        assert!(
            store.of_commit("abc123", "").is_some_and(|path| crate::files::exists(&path.join("x/a.yaml")))
        );
        assert!(!store.is_partial("abc123"));
        store.note_failure(&same, time(late)).expect("noted");
        assert_eq!(store.last_failure(&address), Some(time(late)));
        store.keep(&address, "abc124", Some("x"), &tree, time(late)).expect("kept");
        assert_eq!(store.last_failure(&address), None, "it was fetched since");
        assert!(store.is_partial("abc124") && store.of_commit("abc124", "").is_none());
        let other = Address::parse("git+https://h/a.git//y@v2").expect("an address");
        assert_eq!(store.recall(&other), None);
    }
}
