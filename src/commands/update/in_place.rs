//! An update of a project without git: every file for itself, all written together or not at all. Nothing that could not be taken back is
//! done: a file that both changed in the same lines stays as the project has it, and stays behind.

use std::collections::BTreeSet;

use anyhow::Result;
use similar::TextDiff;

use crate::commands::unified::unified;
use crate::commands::update::plan::{Combined, Planned};
use crate::commands::update::report::{ChangeItem, ConflictItem, UpdateItem};
use crate::files::{self, TreeChanges};
use crate::golden_paths::project::LockedProject;
use crate::scaffold::lock::{self, Lock};
use crate::scaffold::three_way::{FileMerge, MergeConflict, three_way};
use crate::tree::{Tree, TreeEntry};

/// How alike two files are of which one is the other, moved; git's own measure is the half.
const ALIKE: f32 = 0.6;

pub struct PlainUpdate<'a> {
    project: &'a LockedProject,
    combined: Combined,
    lock: Lock,
    changes: Vec<ChangeItem>,
    conflicts: Vec<ConflictItem>,
    written: Tree,
    removed: BTreeSet<String>,
    ours: Tree,
}

impl PlainUpdate<'_> {
    pub fn of<'a>(project: &'a LockedProject, planned: &Planned) -> Result<PlainUpdate<'a>> {
        let mut combined = planned.combined(&BTreeSet::new())?;
        // The lock is written by us alone.
        combined.base.remove(lock::PATH);
        combined.next.remove(lock::PATH);
        let ours = planned.ours()?;
        let lock = combined.lock.clone();
        let mut update = PlainUpdate {
            project,
            combined,
            lock,
            changes: Vec::new(),
            conflicts: Vec::new(),
            written: Tree::default(),
            removed: BTreeSet::new(),
            ours,
        };
        update.merge()?;
        Ok(update)
    }

    fn merge(&mut self) -> Result<()> {
        let files = |tree: &Tree| -> BTreeSet<String> {
            tree.iter()
                .filter(|(_, entry)| **entry != TreeEntry::Directory)
                .map(|(path, _)| path.to_string())
                .collect()
        };
        let paths: BTreeSet<String> =
            files(&self.combined.base).union(&files(&self.combined.next)).cloned().collect();
        let mut moved: BTreeSet<String> = BTreeSet::new();
        for path in &paths {
            let (base, ours, next) = (
                self.combined.base.get(path).cloned(),
                self.ours.get(path).cloned(),
                self.combined.next.get(path).cloned(),
            );
            if moved.contains(path) {
                continue;
            }
            match three_way(base.as_ref(), ours.as_ref(), next.as_ref()) {
                FileMerge::Ours => {}
                FileMerge::Next(entry) => {
                    let action = if ours.is_some() { "updated" } else { "added" };
                    self.write(path, entry, action, None)?;
                }
                FileMerge::Both(entry) => self.write(path, entry, "merged", None)?,
                FileMerge::Deleted => {
                    self.removed.insert(path.clone());
                    self.changes.push(ChangeItem { path: path.clone(), action: "deleted", from: None });
                }
                FileMerge::StaysDeleted => match self.moved_here(base.as_ref(), &paths)? {
                    Some((to, there)) => match three_way(base.as_ref(), Some(&there), next.as_ref()) {
                        FileMerge::Next(entry) | FileMerge::Both(entry) => {
                            self.ours.insert(&to, there)?;
                            self.write(&to, entry, "merged", None)?;
                        }
                        FileMerge::Conflict(why) => self.conflict(path, why),
                        _ => {}
                    },
                    None => self.stays_deleted(path),
                },
                FileMerge::Conflict(MergeConflict::DeletedThere) => {
                    let target = self.moved_there(base.as_ref(), &paths);
                    let merged = target.as_ref().and_then(|to| {
                        match three_way(base.as_ref(), ours.as_ref(), self.combined.next.get(to)) {
                            FileMerge::Next(entry) | FileMerge::Both(entry) => Some((to.clone(), entry)),
                            FileMerge::Ours => Some((to.clone(), ours.clone()?)),
                            _ => None,
                        }
                    });
                    match merged {
                        Some((to, entry)) => {
                            self.removed.insert(path.clone());
                            // Its pristine self was written already, if it comes before.
                            self.changes.retain(|change| change.path != to);
                            self.write(&to, entry, "moved", Some(path))?;
                            moved.insert(to);
                        }
                        None => self.conflict(path, MergeConflict::DeletedThere),
                    }
                }
                FileMerge::Conflict(why) => self.conflict(path, why),
            }
        }
        Ok(())
    }

    fn write(
        &mut self,
        path: &str,
        entry: TreeEntry,
        action: &'static str,
        from: Option<&str>,
    ) -> Result<()> {
        self.written.insert(path, entry)?;
        self.changes.push(ChangeItem { path: path.to_string(), action, from: from.map(String::from) });
        Ok(())
    }

    /// The file stays, and the lock goes on saying what it was.
    fn conflict(&mut self, path: &str, why: MergeConflict) {
        self.conflicts.push(ConflictItem { path: path.to_string(), reason: why.words().to_string() });
        for (layer, before) in self.lock.layers.iter_mut().zip(&self.project.lock.layers) {
            let Some(own) =
                before.files.keys().chain(layer.files.keys()).find(|own| before.place(own) == path).cloned()
            else {
                continue;
            };
            match before.files.get(&own) {
                Some(was) => _ = layer.files.insert(own, was.clone()),
                None => _ = layer.files.remove(&own),
            }
            // Until it has come, the project is at the version that it was at.
            let files = std::mem::take(&mut layer.files);
            *layer = lock::Layer { files, ..before.clone() };
        }
    }

    fn stays_deleted(&mut self, path: &str) {
        self.combined.stay_deleted.push(path.to_string());
        for layer in &mut self.lock.layers {
            let own = layer.files.keys().find(|own| layer.place(own) == path).cloned();
            if let Some(file) = own.and_then(|own| layer.files.get_mut(&own)) {
                file.removed = true;
            }
        }
    }

    /// Where the golden path moved a file to: one that is new there and like it, and that the project has not.
    fn moved_there(&self, base: Option<&TreeEntry>, paths: &BTreeSet<String>) -> Option<String> {
        let new = paths
            .iter()
            .filter(|path| self.combined.base.get(path).is_none() && self.ours.get(path).is_none());
        let alike = new.filter_map(|path| Some((path, likeness(base?, self.combined.next.get(path)?))));
        let best =
            alike.filter(|(_, likeness)| *likeness >= ALIKE).max_by(|one, other| one.1.total_cmp(&other.1));
        best.map(|(path, _)| path.clone())
    }

    /// Where the person moved a file to: the one file that no golden path made and that is the same to the byte.
    fn moved_here(
        &self,
        base: Option<&TreeEntry>,
        paths: &BTreeSet<String>,
    ) -> Result<Option<(String, TreeEntry)>> {
        let Some(base) = base else { return Ok(None) };
        let Ok(tree) = files::read_tree(&self.project.directory) else { return Ok(None) };
        let same = tree.iter().filter(|(path, entry)| *entry == base && !paths.contains(*path));
        let found: Vec<(String, TreeEntry)> =
            same.map(|(path, entry)| (path.to_string(), entry.clone())).collect();
        Ok(if let [one] = found.as_slice() { Some(one.clone()) } else { None })
    }

    pub fn item(&self, planned: &Planned) -> UpdateItem {
        let lock_changes = self.lock != self.project.lock;
        let patch: String = self
            .changes
            .iter()
            .flat_map(|change| {
                let before = self.ours.get(change.from.as_deref().unwrap_or(&change.path));
                unified(&change.path, ("yours", before), ("updated", self.written.get(&change.path)))
            })
            .map(|line| line.plain() + "\n")
            .collect();
        UpdateItem::of(self.project, planned, &self.combined, self.changes.clone(), self.conflicts.clone())
            .patched(patch, lock_changes)
    }

    /// As it is afterwards.
    pub fn lock(&self) -> &lock::Lock {
        &self.lock
    }

    pub fn carry_out(&self) -> Result<()> {
        let mut written = self.written.clone();
        written.insert(lock::PATH, TreeEntry::text(self.lock.to_text()))?;
        let touched = written.iter().map(|(path, _)| path).chain(self.removed.iter().map(String::as_str));
        let mut before = Tree::default();
        for path in touched {
            if path != lock::PATH
                && let Some(entry) = self.ours.get(path)
            {
                before.insert(path, entry.clone())?;
            }
        }
        let lock = files::read_entries(&self.project.directory, [lock::PATH])?;
        if let Some(entry) = lock.get(lock::PATH) {
            before.insert(lock::PATH, entry.clone())?;
        }
        files::change_tree(
            &self.project.directory,
            &TreeChanges { written, removed: self.removed.clone(), before },
        )
    }
}

/// From 0 to 1, by lines; of what is no text only the same is alike.
fn likeness(one: &TreeEntry, other: &TreeEntry) -> f32 {
    let (TreeEntry::File { bytes: one, .. }, TreeEntry::File { bytes: other, .. }) = (one, other) else {
        return 0.0;
    };
    if one == other {
        return 1.0;
    }
    match (std::str::from_utf8(one), std::str::from_utf8(other)) {
        (Ok(one), Ok(other)) => TextDiff::from_lines(one, other).ratio(),
        _ => 0.0,
    }
}
