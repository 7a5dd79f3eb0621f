//! An update of a project in a git repository: git's own merge, looked at first, then laid into the work tree.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;

use crate::commands::update::plan::{Combined, Planned};
use crate::commands::update::report::{Applied, ChangeItem, ConflictItem, UpdateItem};
use crate::git::{CommitWords, GitChange, GitConflictKind, GitMerge, WorkTree};
use crate::golden_paths::project::LockedProject;
use crate::outcome::advised;
use crate::scaffold::lock;
use crate::tree::Tree;

/// More turns than a merge needs until all files are known that the person deleted.
const MOST_TURNS: usize = 5;

pub struct GitUpdate<'a> {
    work_tree: &'a WorkTree,
    project: &'a LockedProject,
    combined: Combined,
    merge: GitMerge,
    ours: Tree,
}

impl GitUpdate<'_> {
    /// Merges, and touches nothing.
    pub fn of<'a>(
        work_tree: &'a WorkTree,
        project: &'a LockedProject,
        planned: &Planned,
        now: Timestamp,
    ) -> Result<GitUpdate<'a>> {
        work_tree.needs_committed(lock::PATH)?;
        let words = CommitWords { message: message(planned), time: now.as_second() };
        let mut gone = BTreeSet::new();
        for _ in 0..MOST_TURNS {
            let combined = planned.combined(&gone)?;
            let merge = work_tree.merged(&combined.base, &combined.next, &words)?;
            // What a person deleted stays deleted; only git can tell whether it was moved instead.
            let deleted =
                merge.conflicts.iter().filter(|conflict| conflict.kind == GitConflictKind::DeletedHere);
            let more: Vec<String> = deleted
                .map(|conflict| conflict.path.clone())
                .filter(|path| combined.base.get(path).is_some())
                .collect();
            let known = gone.len();
            gone.extend(more);
            if gone.len() == known {
                return Ok(GitUpdate { work_tree, project, combined, merge, ours: planned.ours()? });
            }
        }
        bail!("git does not come to an end with {}", project.directory.display())
    }

    pub fn item(&self, planned: &Planned) -> Result<UpdateItem> {
        let changes = self.merge.changes.iter().filter(|change| change.path != lock::PATH);
        let conflicts: Vec<ConflictItem> = self
            .merge
            .conflicts
            .iter()
            .map(|conflict| ConflictItem {
                path: conflict.path.clone(),
                reason: reason(conflict.kind).to_string(),
            })
            .collect();
        let in_conflict = |path: &str| conflicts.iter().any(|conflict| conflict.path == path);
        let changes =
            changes.filter(|change| !in_conflict(&change.path)).map(|change| self.change(change)).collect();
        let patch = self.work_tree.patch(&self.merge, lock::PATH)?;
        let lock_changes = self.merge.changes.iter().any(|change| change.path == lock::PATH);
        Ok(UpdateItem::of(self.project, planned, &self.combined, changes, conflicts)
            .in_git()
            .patched(patch, lock_changes))
    }

    fn change(&self, change: &GitChange) -> ChangeItem {
        let same = self.combined.base.get(&change.path) == self.ours.get(&change.path);
        let action = match change.letter {
            'A' => "added",
            'D' => "deleted",
            'R' => "moved",
            _ if same => "updated",
            _ => "merged",
        };
        ChangeItem { path: change.path.clone(), action, from: change.from.clone() }
    }

    /// Refuses what could not be taken back: files to be changed with changes that are not committed.
    pub fn ready(&self) -> Result<()> {
        self.work_tree.needs_no_half_done()?;
        let changed =
            self.merge.changes.iter().flat_map(|change| [Some(&change.path), change.from.as_ref()]).flatten();
        let touched =
            changed.chain(self.merge.conflicts.iter().map(|conflict| &conflict.path)).map(String::as_str);
        let dirty: Vec<String> = self.work_tree.dirty(touched)?.into_iter().collect();
        if !dirty.is_empty() {
            let error = anyhow::anyhow!(
                "the update changes what is not committed: {}",
                crate::text::listed(&dirty, 8)
            );
            return Err(advised(
                error,
                "nothing was written; commit or stash it first, or --only takes other files",
            ));
        }
        if !self.merge.conflicts.is_empty() {
            self.work_tree.needs_nothing_staged()?;
        }
        Ok(())
    }

    /// As it is afterwards.
    pub fn lock(&self) -> &lock::Lock {
        &self.combined.lock
    }

    pub fn carry_out(&self) -> Result<Applied> {
        if self.merge.conflicts.is_empty() {
            self.work_tree.apply(&self.merge)?;
            return Ok(Applied::Staged { message: self.message() });
        }
        let stopped = self.work_tree.pick(&self.merge).context("nothing was changed")?;
        Ok(if stopped { Applied::Conflicts } else { Applied::Committed })
    }

    fn message(&self) -> String {
        words(&self.project.lock, &self.combined.lock)
    }
}

fn reason(kind: GitConflictKind) -> &'static str {
    match kind {
        GitConflictKind::Both => "both changed it",
        GitConflictKind::BothAdded => "both added it",
        GitConflictKind::DeletedHere => "you deleted what the golden path changed",
        GitConflictKind::DeletedThere => "the golden path deleted what you changed",
    }
}

fn message(planned: &Planned) -> String {
    let steps: Vec<String> = planned
        .layers
        .iter()
        .map(|plan| step(&plan.layer.id, plan.layer.version.as_deref(), plan.next.version.as_deref()))
        .collect();
    format!("Update {}", steps.join(", "))
}

fn words(before: &lock::Lock, after: &lock::Lock) -> String {
    let steps = before.layers.iter().zip(&after.layers);
    let steps: Vec<String> =
        steps.map(|(was, will)| step(&was.id, was.version.as_deref(), will.version.as_deref())).collect();
    format!("Update {}", steps.join(", "))
}

/// `app from 1.4.0 to 1.5.0`
fn step(name: &str, from: Option<&str>, to: Option<&str>) -> String {
    match (from, to) {
        (Some(from), Some(to)) if from != to => format!("{name} from {from} to {to}"),
        (_, Some(to)) => format!("{name} {to}"),
        _ => name.to_string(),
    }
}
