//! What `update` says: what became of each file, what it could not bring together, and what is left for a person to do.

use std::path::Path;

use serde::Serialize;

use crate::commands::update::plan::{Combined, Planned};
use crate::golden_paths::project::LockedProject;
use crate::report::{Block, Cell, Column, Detail, Grid, Line, Page, Report, Tone};
use crate::scaffold::drift::{LockedFileState, drifted};
use crate::scaffold::lock::Policy;
use crate::text::{count, shell_path, shell_word};

/// `kind: ProjectUpdateList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateReport {
    pub items: Vec<UpdateItem>,
    pub dry_run: bool,
    #[serde(skip)]
    pub many: bool,
}

/// A project.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateItem {
    /// The directory as it was named.
    project: String,
    layers: Vec<LayerStep>,
    /// It lies in a git repository, and git did the merge.
    git: bool,
    /// It was written.
    applied: bool,
    changes: Vec<ChangeItem>,
    conflicts: Vec<ConflictItem>,
    /// Files that the project changed and the golden path did not.
    kept: Vec<String>,
    /// Files that the project deleted and the golden path changed.
    stay_deleted: Vec<String>,
    /// Files of an adopted project that are still to be taken.
    pending: Vec<String>,
    /// Files of which nobody knows any more what was written: two versions were compared, not three.
    unknown: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
    next_steps: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The lock says something else afterwards.
    #[serde(skip)]
    lock_changes: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LayerStep {
    layer: String,
    template: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

/// What becomes of a file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeItem {
    pub path: String,
    pub action: &'static str,
    /// Of one that is moved: where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConflictItem {
    pub path: String,
    pub reason: String,
}

/// How an update was carried out.
#[derive(Debug)]
pub enum Applied {
    /// Into the index and the work tree.
    Staged { message: String },
    /// A cherry-pick stopped at its conflicts.
    Conflicts,
    /// git found no conflict after all.
    Committed,
    /// Without git.
    Written,
}

impl UpdateItem {
    pub fn of(
        project: &LockedProject,
        planned: &Planned,
        combined: &Combined,
        changes: Vec<ChangeItem>,
        conflicts: Vec<ConflictItem>,
    ) -> UpdateItem {
        let mut kept = Vec::new();
        for plan in &planned.layers {
            let files = drifted(&plan.layer, &plan.ours, Some(&plan.next));
            let edited = files.iter().filter(|file| {
                file.state == LockedFileState::Edited
                    && file.change.is_none()
                    && file.policy != Policy::Once
                    && !file.pending
            });
            kept.extend(edited.map(|file| plan.layer.place(file.path)));
        }
        kept.retain(|path| !changes.iter().any(|change| change.path == *path));
        let layers = planned.layers.iter().zip(&combined.lock.layers).map(|(plan, after)| LayerStep {
            layer: plan.layer.id.clone(),
            template: plan.layer.template.clone(),
            from: plan.layer.version.clone(),
            to: after.version.clone(),
        });
        UpdateItem {
            project: project.directory.display().to_string(),
            layers: layers.collect(),
            changes,
            conflicts,
            kept,
            stay_deleted: combined.stay_deleted.clone(),
            pending: combined.pending.clone(),
            unknown: combined.unknown.clone(),
            ..UpdateItem::default()
        }
    }

    pub fn in_git(self) -> UpdateItem {
        UpdateItem { git: true, ..self }
    }

    pub fn patched(self, patch: String, lock_changes: bool) -> UpdateItem {
        UpdateItem { patch: Some(patch).filter(|patch| !patch.is_empty()), lock_changes, ..self }
    }

    pub fn failed(directory: &Path, error: &anyhow::Error) -> UpdateItem {
        UpdateItem {
            project: directory.display().to_string(),
            error: Some(format!("{error:#}")),
            ..UpdateItem::default()
        }
    }

    pub fn is_failed(&self) -> bool {
        self.error.is_some()
    }

    pub fn has_conflicts(&self) -> bool {
        !self.conflicts.is_empty()
    }

    /// Nothing would be written, not even the lock.
    pub fn is_nothing(&self) -> bool {
        self.changes.is_empty() && self.conflicts.is_empty() && !self.lock_changes
    }

    pub fn applied(mut self, how: Applied) -> UpdateItem {
        self.applied = true;
        let enter = match self.project.as_str() {
            "." => Vec::new(),
            other => vec![format!("cd {}", shell_path(other))],
        };
        let steps = match how {
            Applied::Staged { message } => {
                vec!["git diff --cached".to_string(), format!("git commit -m {}", shell_word(&message))]
            }
            Applied::Conflicts => vec![
                "git status".to_string(),
                "git mergetool, or an editor, then git add".to_string(),
                "git cherry-pick --continue keeps it, git cherry-pick --abort takes all of it back"
                    .to_string(),
            ],
            Applied::Committed => vec!["git show".to_string()],
            Applied::Written => Vec::new(),
        };
        self.next_steps = if steps.is_empty() { steps } else { enter.into_iter().chain(steps).collect() };
        self
    }

    /// `app 1.4.0 -> 1.5.0`
    fn way(&self) -> String {
        let step = |step: &LayerStep| match (&step.from, &step.to) {
            (Some(from), Some(to)) if from != to => format!("{} {from} -> {to}", step.layer),
            (_, Some(to)) => format!("{} {to}", step.layer),
            _ => step.layer.clone(),
        };
        self.layers.iter().map(step).collect::<Vec<_>>().join(", ")
    }

    /// `added 2, merged 5, kept yours 1 (logo.png), conflicts 1 (Dockerfile)`
    fn sums(&self) -> String {
        let mut parts = Vec::new();
        for action in ["added", "updated", "merged", "moved", "deleted"] {
            let number = self.changes.iter().filter(|change| change.action == action).count();
            if number > 0 {
                parts.push(format!("{action} {number}"));
            }
        }
        let conflicts: Vec<&String> = self.conflicts.iter().map(|conflict| &conflict.path).collect();
        let named = [
            ("kept yours", self.kept.iter().collect::<Vec<_>>()),
            ("stay deleted", self.stay_deleted.iter().collect()),
            ("not taken yet", self.pending.iter().collect()),
            ("conflicts", conflicts),
        ];
        for (words, paths) in named {
            if !paths.is_empty() {
                parts.push(format!("{words} {} ({})", paths.len(), crate::text::listed(&paths, 4)));
            }
        }
        if parts.is_empty() { "nothing to do".to_string() } else { parts.join(", ") }
    }

    /// What it comes to, before or after.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for change in &self.changes {
            let tone = match change.action {
                "added" => Tone::Good,
                "deleted" => Tone::Bad,
                _ => Tone::Moving,
            };
            let from = change.from.as_ref().map(|from| format!(" (was {from})")).unwrap_or_default();
            lines.push(Line::new(vec![
                Cell::toned(format!("{:<9}", change.action), tone),
                Cell::from(format!(" {}{from}", change.path)),
            ]));
        }
        for conflict in &self.conflicts {
            lines.push(Line::new(vec![
                Cell::toned(format!("{:<9}", "conflict"), Tone::Bad),
                Cell::from(format!(" {}: {}", conflict.path, conflict.reason)),
            ]));
        }
        lines
    }

    pub fn patch_lines(&self) -> impl Iterator<Item = String> {
        self.patch.iter().flat_map(|patch| patch.lines()).map(crate::text::safe)
    }

    fn footer(&self, dry_run: bool) -> Vec<Line> {
        let mut lines = vec![Line::from(format!("{}: {}: {}.", self.project, self.way(), self.sums()))];
        if !self.unknown.is_empty() {
            lines.push(Line::from(format!(
                "what the golden path wrote is known no longer of {}: yours is compared with the new one alone",
                crate::text::listed(&self.unknown, 4)
            )));
        }
        if !self.git && self.has_conflicts() {
            lines.push(Line::from(format!(
                "{} as it is and behind; a git repository (`git init`, `git add`, `git commit`) makes them conflicts to solve, --restore PATH --to newest takes the golden path's",
                if self.conflicts.len() == 1 { "the file in conflict stays" } else { "files in conflict stay" }
            )));
        }
        match (dry_run, self.applied, self.is_nothing()) {
            (true, _, false) => lines.push(Line::from("Nothing was written.")),
            (_, true, _) if !self.next_steps.is_empty() => {
                lines.push(Line::from("next:"));
                lines.extend(self.next_steps.iter().map(|step| Line::from(format!("  {step}"))));
            }
            _ => {}
        }
        lines
    }
}

impl UpdateReport {
    fn overview(&self) -> Page {
        let row = |item: &UpdateItem| {
            let (result, tone) = match item {
                UpdateItem { error: Some(error), .. } => (error.clone(), Tone::Bad),
                item if item.is_nothing() => ("up to date".to_string(), Tone::Muted),
                item if self.dry_run => (item.sums(), Tone::Plain),
                item if item.applied => (format!("done: {}", item.sums()), Tone::Good),
                item => (format!("left as it was: {}", item.sums()), Tone::Doubtful),
            };
            vec![
                Cell::from(item.project.clone()),
                Cell::from(if item.is_failed() { "-".to_string() } else { item.way() }),
                Cell::from(item.changes.len().to_string()),
                Cell::from(item.conflicts.len().to_string()),
                Cell::toned(result, tone),
            ]
        };
        let header = [
            Column::from("PROJECT"),
            Column::from("GOLDEN PATH"),
            Column::whole("CHANGES"),
            Column::whole("CONFLICTS"),
            Column::sentence("RESULT"),
        ];
        Grid::of(header, self.items.iter().map(row).collect()).into()
    }
}

impl Report for UpdateReport {
    const KIND: &'static str = "ProjectUpdateList";

    fn page(&self, _: Detail) -> Page {
        if self.many {
            return self.overview();
        }
        let mut blocks = Vec::new();
        for item in &self.items {
            blocks.push(Block::Lines(item.lines()));
            if self.dry_run && item.patch.is_some() {
                blocks.push(Block::Lines(vec![Line::from("")]));
                blocks.push(Block::Verbatim(item.patch_lines().collect()));
            }
        }
        Page { blocks }
    }

    fn names(&self) -> Vec<String> {
        match self.many {
            true => self.items.iter().map(|item| item.project.clone()).collect(),
            false => {
                self.items.iter().flat_map(|item| &item.changes).map(|change| change.path.clone()).collect()
            }
        }
    }

    fn footer(&self) -> Vec<Line> {
        if !self.many {
            return self.items.iter().flat_map(|item| item.footer(self.dry_run)).collect();
        }
        let of = |is: &dyn Fn(&UpdateItem) -> bool| self.items.iter().filter(|item| is(item)).count();
        let (applied, conflicts, failed) =
            (of(&|item| item.applied), of(&UpdateItem::has_conflicts), of(&UpdateItem::is_failed));
        let verb =
            if self.dry_run { "nothing was written".to_string() } else { format!("{applied} updated") };
        vec![Line::from(format!(
            "{}: {verb}, {conflicts} with conflicts, {failed} could not be.",
            count(self.items.len(), "project")
        ))]
    }

    fn title(&self) -> String {
        "Updates of golden paths".to_string()
    }
}
