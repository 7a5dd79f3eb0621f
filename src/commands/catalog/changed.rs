//! The files that git says were changed: what a check in a merge request is about.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::app::App;
use crate::files;
use crate::git::git;

/// The files that differ from a commit, or from where a branch left it, those that git does not know yet included.
pub fn changed(base: &str, app: &App) -> Result<BTreeSet<PathBuf>> {
    let directory = &app.env.directory;
    let told = "--changed asks git what was changed";
    let root = PathBuf::from(
        git(directory, &["rev-parse", "--show-toplevel"]).context(told)?.trim_end_matches('\n'),
    );
    // A branch is compared with where it was left; a lone commit has no such place.
    let base = if base == "HEAD" {
        "HEAD".to_string()
    } else {
        git(directory, &["merge-base", "--end-of-options", base, "HEAD"]).context(told)?.trim().to_string()
    };
    let differing =
        ["diff", "--name-only", "-z", "--no-ext-diff", "--diff-filter=d", "--end-of-options", &base, "--"];
    // Before its first commit a repository has nothing to differ from.
    let differing =
        match base == "HEAD" && git(directory, &["rev-parse", "--verify", "--quiet", "HEAD"]).is_err() {
            true => git(&root, &["ls-files", "-z"]),
            false => git(&root, &differing),
        };
    let unknown = git(&root, &["ls-files", "--others", "--exclude-standard", "-z"]).context(told)?;
    let names = differing.context(told)? + &unknown;
    Ok(names
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(|name| files::identity(&root.join(name)))
        .collect())
}

/// Whether a file is one of those.
pub fn is_among(files: &BTreeSet<PathBuf>, name: &str) -> bool {
    files.contains(&crate::files::identity(Path::new(name)))
}
