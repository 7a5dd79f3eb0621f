//! Single entries of a directory, by their paths: read without going through a link, and changed all together or not at all.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::files::fresh::is_executable;
use crate::tree::{Tree, TreeEntry};

/// The longest file that is read.
const MOST: usize = 64 << 20;

/// What stands at paths of a directory: files and links as they are, nothing where nothing or a directory is, nor behind a link on the
/// way. What is neither is an error.
pub fn read_entries<'a>(directory: &Path, paths: impl IntoIterator<Item = &'a str>) -> Result<Tree> {
    let mut tree = Tree::default();
    for path in paths {
        if let Some(entry) = entry(directory, path)? {
            tree.insert(path, entry).with_context(|| format!("in {}", directory.display()))?;
        }
    }
    Ok(tree)
}

/// The same, for looking alone: a link that leads out of the directory stands as a file that holds where it leads, and is told apart.
/// What it leads to is not read.
pub fn read_entries_as_they_are<'a>(
    directory: &Path,
    paths: impl IntoIterator<Item = &'a str>,
) -> Result<(Tree, Vec<OutwardLink>)> {
    let (mut tree, mut outward) = (Tree::default(), Vec::new());
    for path in paths {
        let Some(entry) = entry(directory, path)? else { continue };
        let inside = tree.insert(path, entry.clone());
        if let (Err(_), TreeEntry::Link { target }) = (&inside, entry) {
            outward.push(OutwardLink { path: path.to_string(), target: target.clone() });
            tree.insert(path, TreeEntry::text(target))?;
            continue;
        }
        inside.with_context(|| format!("in {}", directory.display()))?;
    }
    Ok((tree, outward))
}

/// A link of a directory that leads out of it.
#[derive(Debug, Eq, PartialEq)]
pub struct OutwardLink {
    pub path: String,
    pub target: String,
}

pub(in crate::files) fn entry(directory: &Path, path: &str) -> Result<Option<TreeEntry>> {
    for (slash, _) in path.match_indices('/') {
        match fs::symlink_metadata(directory.join(&path[..slash])) {
            Ok(metadata) if metadata.is_dir() => {}
            _ => return Ok(None),
        }
    }
    let full = directory.join(path);
    let Ok(metadata) = fs::symlink_metadata(&full) else { return Ok(None) };
    if metadata.is_symlink() {
        let target = fs::read_link(&full).with_context(|| full.display().to_string())?;
        return Ok(Some(TreeEntry::Link { target: target.to_string_lossy().into_owned() }));
    }
    if metadata.is_dir() {
        return Ok(None);
    }
    if !metadata.is_file() {
        bail!("{} is neither a file nor a directory", full.display());
    }
    let bytes = crate::files::read_bytes(&full, MOST)?;
    Ok(Some(TreeEntry::File { bytes, executable: is_executable(&metadata) }))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::{OutwardLink, read_entries, read_entries_as_they_are};
    use crate::tree::TreeEntry;

    #[test]
    fn nothing_is_read_through_a_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = folder.path().join("project");
        fs::create_dir_all(project.join("a")).expect("made");
        fs::create_dir(folder.path().join("out")).expect("made");
        fs::write(folder.path().join("out/secret"), "hush").expect("written");
        fs::write(project.join("a/b"), "b").expect("written");
        symlink("../out", project.join("way")).expect("linked");
        symlink("b", project.join("a/link")).expect("linked");
        let paths = ["a/b", "a/link", "a", "way/secret", "nothing", "a/b/c"];
        let tree = read_entries(&project, paths).expect("read");
        let found: Vec<(&str, &TreeEntry)> = tree.iter().collect();
        let link = TreeEntry::Link { target: "b".into() };
        assert_eq!(found, [("a/b", &TreeEntry::text("b")), ("a/link", &link)]);
    }

    #[test]
    fn a_link_that_leads_out_is_told_and_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = folder.path().join("project");
        fs::create_dir(&project).expect("made");
        fs::write(folder.path().join("secret"), "hush").expect("written");
        symlink("../secret", project.join("out")).expect("linked");
        fs::write(project.join("own"), "x").expect("written");
        assert!(read_entries(&project, ["own", "out"]).is_err());
        let (tree, outward) = read_entries_as_they_are(&project, ["own", "out"]).expect("read");
        assert_eq!(outward, [OutwardLink { path: "out".into(), target: "../secret".into() }]);
        assert_eq!(tree.get("out"), Some(&TreeEntry::text("../secret")));
        assert_eq!(tree.get("own"), Some(&TreeEntry::text("x")));
    }
}
