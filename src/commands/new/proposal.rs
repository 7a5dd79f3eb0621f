//! `publish:*:pull-request`: a branch in a clone of the repository, or a patch for whoever has one; nothing is pushed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::app::App;
use crate::files;
use crate::git::{git, git_with_index};
use crate::scaffold::actions::{Publish, Pull};
use crate::tree::{Tree, joined};

/// The tree as it would lie in the repository.
fn placed(publish: &Publish, pull: &Pull) -> Result<Tree> {
    let mut placed = Tree::default();
    for (path, entry) in publish.tree.iter() {
        placed.insert(&joined(&pull.into, path), entry.clone())?;
    }
    Ok(placed)
}

/// Commits the files on a new branch of a clone. Neither its work tree nor what is staged there is touched.
pub fn branch(clone: &Path, publish: &Publish, pull: &Pull, app: &App) -> Result<String> {
    let directory = git(clone, &["rev-parse", "--absolute-git-dir"])?;
    let temporary = files::temporary_directory(app.env.temporary())?;
    let work = temporary.path().join("work");
    files::write_tree(&work, &placed(publish, pull)?)?;
    let work = work.display().to_string();
    let index = temporary.path().join("index");
    let base = base(clone, pull)?;
    let staged = |arguments: &[&str]| git_with_index(clone, Some(&index), arguments);
    staged(&["read-tree", &base])?;
    let (git_directory, work_tree) =
        (format!("--git-dir={}", directory.trim()), format!("--work-tree={work}"));
    git_with_index(
        Path::new(&work),
        Some(&index),
        &[&git_directory, &work_tree, "add", "--no-all", "--force", "."],
    )?;
    let written = staged(&["write-tree"])?;
    let commit = git(clone, &["commit-tree", written.trim(), "-p", &base, "-m", &publish.message])?;
    git(clone, &["branch", "--", &pull.branch, commit.trim()])?;
    let onto = pull.target.as_ref().map(|target| format!(", from {target}")).unwrap_or_default();
    Ok(format!("branch {} in {}{onto}", pull.branch, clone.display()))
}

/// The commit that the branch starts from: the target on the server as the clone knows it, else the clone's own, else where it stands.
fn base(clone: &Path, pull: &Pull) -> Result<String> {
    let commit = |name: &str| {
        let name = format!("{name}^{{commit}}");
        git(clone, &["rev-parse", "--verify", "--quiet", "--end-of-options", &name])
            .map(|id| id.trim().to_string())
    };
    match &pull.target {
        None => commit("HEAD"),
        Some(target) => commit(&format!("refs/remotes/origin/{target}"))
            .or_else(|_| commit(&format!("refs/heads/{target}")))
            .with_context(|| format!("there is no branch {target} in {}", clone.display())),
    }
}

/// Writes `<directory>.patch` beside the project, for `git apply` in a clone. One that is there is not replaced.
pub fn patch(directory: &Path, publish: &Publish, pull: &Pull, app: &App) -> Result<PathBuf> {
    let whole = files::absolute(directory);
    let name = whole.file_name().context("the directory has no name")?.to_string_lossy();
    let file = whole.with_file_name(format!("{name}.patch"));
    anyhow::ensure!(!files::exists(&file), "{} is there already", file.display());
    let temporary = files::temporary_directory(app.env.temporary())?;
    let work = temporary.path().join("work");
    files::write_tree(&work, &placed(publish, pull)?)?;
    git(&work, &["init", "--quiet", "."])?;
    git(&work, &["add", "--all", "--force"])?;
    let text = git(
        &work,
        &[
            "diff",
            "--cached",
            "--binary",
            "--no-color",
            "--no-ext-diff",
            "--src-prefix=a/",
            "--dst-prefix=b/",
        ],
    )?;
    files::create(&file, text.as_bytes(), None)?;
    Ok(file)
}
