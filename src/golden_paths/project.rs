//! A project that was made from golden paths: its lock, and what stands in it now.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files::{self, OutwardLink};
use crate::outcome::advised;
use crate::scaffold::lock::{self, Layer, Lock};
use crate::tree::Tree;

const MOST_LOCK: usize = 4 << 20;

/// A project with its lock.
#[derive(Debug)]
pub struct LockedProject {
    pub directory: PathBuf,
    pub lock: Lock,
    /// The lock as it lies there, to the byte.
    pub text: String,
}

impl LockedProject {
    pub fn open(directory: &Path) -> Result<LockedProject> {
        let file = directory.join(lock::PATH);
        let text = files::read_text_if_exists(&file, MOST_LOCK)?;
        let text = text.ok_or_else(|| {
            let error = anyhow::anyhow!(
                "{} was not made from a golden path by callboard: it has no {}",
                directory.display(),
                lock::PATH
            );
            advised(error, "`callboard adopt TEMPLATE` takes a project up that is there already")
        })?;
        let lock =
            Lock::read(&file.display().to_string(), &text).map_err(|problem| anyhow::anyhow!("{problem}"))?;
        anyhow::ensure!(
            lock.layers.iter().all(|layer| layer.engine <= lock::ENGINE),
            "{} was written by a newer callboard",
            file.display()
        );
        Ok(LockedProject { directory: directory.to_path_buf(), lock, text })
    }

    /// The directories that a command is for: the one that is named, or every project below another; the current one by default.
    pub fn chosen(directory: Option<&Path>, all: bool, under: Option<&Path>) -> Result<Vec<PathBuf>> {
        let here = Path::new(".");
        match all {
            true => LockedProject::below(under.unwrap_or(here)),
            false => Ok(vec![directory.unwrap_or(here).to_path_buf()]),
        }
    }

    /// Every project at or below a directory, by path.
    pub fn below(directory: &Path) -> Result<Vec<PathBuf>> {
        let (folder, name) = lock::PATH.split_once('/').context("the lock lies in a directory")?;
        let is_lock = |path: &Path| {
            path.file_name().is_some_and(|file| file == name)
                && path.parent().and_then(Path::file_name).is_some_and(|above| above == folder)
        };
        let locks = files::list_dotted(directory, &is_lock, &|hidden| hidden == folder)?;
        let project = |file: &PathBuf| file.parent().and_then(Path::parent).map(Path::to_path_buf);
        Ok(locks.iter().filter_map(project).collect())
    }

    /// What stands now at the paths of a layer, and at some more; by their places in the project.
    pub fn standing<'a>(&self, layer: &'a Layer, more: impl IntoIterator<Item = &'a str>) -> Result<Tree> {
        files::read_entries(&self.directory, self.places(layer, more).iter().map(String::as_str))
    }

    /// The same for looking alone, with the links that lead out of the project.
    pub fn standing_as_it_is<'a>(
        &self,
        layer: &'a Layer,
        more: impl IntoIterator<Item = &'a str>,
    ) -> Result<(Tree, Vec<OutwardLink>)> {
        files::read_entries_as_they_are(&self.directory, self.places(layer, more).iter().map(String::as_str))
    }

    fn places<'a>(&self, layer: &'a Layer, more: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        layer.files.keys().map(String::as_str).chain(more).map(|path| layer.place(path)).collect()
    }
}
