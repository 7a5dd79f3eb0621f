//! The files of a fleet directory, read once: from disk, or embedded in the binary.

use std::collections::BTreeMap;
use std::path::{MAIN_SEPARATOR, Path};

use anyhow::{Context, bail};
use include_dir::{Dir, DirEntry, include_dir};

use crate::files;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/demo/data");

/// More than this in one file of a fleet is a mistake, and would be held in memory several times over.
const LARGEST_FILE: usize = 64 << 20;

/// Relative paths, `/` between the parts, to contents; `origin` stands before a path where one is shown.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    pub origin: String,
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Bundle {
    /// The path as an error or a catalog location names it.
    pub fn shown(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The text of a file; an error that names it if it is no UTF-8.
    pub fn text(&self, path: &str) -> anyhow::Result<Option<&str>> {
        let Some(bytes) = self.files.get(path) else { return Ok(None) };
        let text =
            std::str::from_utf8(bytes).with_context(|| format!("{} is not UTF-8 text", self.shown(path)))?;
        Ok(Some(text))
    }
}

/// The fleet that is built into the binary.
pub fn embedded() -> Bundle {
    let mut files = BTreeMap::new();
    collect_embedded(&EMBEDDED, &mut files);
    Bundle { origin: "demo:".into(), files }
}

fn collect_embedded(dir: &Dir<'static>, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => collect_embedded(dir, files),
            DirEntry::File(file) => {
                files.insert(file.path().to_string_lossy().replace('\\', "/"), file.contents().to_vec());
            }
        }
    }
}

/// The fleet in a directory. Hidden files and directories are passed over.
pub fn from_disk(dir: &Path) -> anyhow::Result<Bundle> {
    if !files::is_dir(dir) {
        bail!(
            "{} is not a directory; a fleet is a directory that holds one directory for each cluster",
            dir.display()
        );
    }
    let mut contents = BTreeMap::new();
    for path in files::list(dir, &|_| true)? {
        let Some(relative) = path.strip_prefix(dir).ok().and_then(Path::to_str) else { continue };
        let relative = relative.replace(MAIN_SEPARATOR, "/");
        if !relative.split('/').any(|part| part.starts_with('.')) {
            contents.insert(relative, files::read_bytes(&path, LARGEST_FILE)?);
        }
    }
    Ok(Bundle { origin: format!("{}/", dir.display().to_string().trim_end_matches('/')), files: contents })
}

#[cfg(test)]
mod tests {
    use super::{embedded, from_disk};
    use std::path::Path;

    #[test]
    fn a_missing_directory_is_named() {
        let error = from_disk(Path::new("/no/such/fleet")).expect_err("nothing is there");
        assert!(error.to_string().contains("/no/such/fleet"), "{error}");
    }

    #[test]
    fn paths_are_relative() {
        assert!(embedded().files.keys().all(|path| !path.starts_with('/') && !path.contains("data/")));
    }
}
