//! The rows of `drift`: a file, with the lines in which it differs.

use serde::Serialize;

use crate::commands::unified::{line_counts, unified};
use crate::report::{Cell, Line, Tone};
use crate::scaffold::drift::{DriftedFile, LockedFileState, TemplateChange};
use crate::scaffold::lock::{Layer, Policy};
use crate::tree::Tree;

/// The three versions of a layer's files; what was written and what will be by the layer's paths, what stands there by the project's.
pub struct Trees<'a> {
    pub written: &'a Tree,
    pub now: &'a Tree,
    pub next: Option<&'a Tree>,
}

/// A file that drifted.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftRow {
    /// Below the project's directory.
    pub path: String,
    pub policy: &'static str,
    pub state: &'static str,
    /// What the other version does with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<&'static str>,
    /// The project itself went away from the path here.
    pub drifted: bool,
    /// The other version brings something here.
    pub behind: bool,
    /// Of an adopted project: what the path has here was never taken.
    pub pending: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_added: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_removed: Option<usize>,
    #[serde(skip)]
    pub diff: Vec<Line>,
}

pub fn row(layer: &Layer, file: &DriftedFile<'_>, trees: &Trees<'_>) -> DriftRow {
    let place = layer.place(file.path);
    let (written, now) = (trees.written.get(file.path), trees.now.get(&place));
    let next = trees.next.and_then(|next| next.get(file.path));
    let mut diff = Vec::new();
    let known = written.filter(|_| file.state != LockedFileState::AsWritten);
    let counts = known.and_then(|written| line_counts(Some(written), now));
    if known.is_some() {
        diff.extend(unified(&place, ("the path's", written), ("yours", now)));
    }
    if let (Some(change), true) = (file.change, file.is_behind()) {
        let before = written.filter(|_| change != TemplateChange::Added);
        if before.is_some() || change == TemplateChange::Added {
            diff.extend(unified(&place, ("the path's", before), ("the path's, then", next)));
        }
    }
    DriftRow {
        policy: policy_word(file.policy),
        state: state_word(file, now.is_some()),
        template: file.change.filter(|_| file.is_behind()).map(change_word),
        drifted: file.is_drift(),
        behind: file.is_behind(),
        pending: file.pending,
        lines_added: counts.map(|(added, _)| added),
        lines_removed: counts.map(|(_, removed)| removed),
        diff,
        path: place,
    }
}

fn policy_word(policy: Policy) -> &'static str {
    match policy {
        Policy::Merge => "merge",
        Policy::Once => "once",
        Policy::Owned => "owned",
    }
}

fn state_word(file: &DriftedFile<'_>, is_there: bool) -> &'static str {
    match file.state {
        LockedFileState::AsWritten if is_there || file.change != Some(TemplateChange::Added) => "unchanged",
        LockedFileState::AsWritten => "absent",
        LockedFileState::Edited => "edited",
        LockedFileState::Deleted => "deleted",
    }
}

fn change_word(change: TemplateChange) -> &'static str {
    match change {
        TemplateChange::Added => "added",
        TemplateChange::Changed => "changed",
        TemplateChange::Deleted => "deleted",
    }
}

impl DriftRow {
    /// Its cells under PATH, POLICY, PROJECT, TEMPLATE and LINES.
    pub fn cells(&self) -> Vec<Cell> {
        let state = match (self.pending, self.state) {
            (true, "deleted") => "not taken",
            (true, "edited") => "not taken, differs",
            (_, state) => state,
        };
        let tone = match (self.drifted, self.policy) {
            (true, "owned") => Tone::Bad,
            (true, _) => Tone::Doubtful,
            _ => Tone::Muted,
        };
        let lines = match (self.lines_added, self.lines_removed) {
            (Some(added), Some(removed)) => format!("+{added} -{removed}"),
            _ => "-".to_string(),
        };
        vec![
            Cell::from(self.path.clone()),
            Cell::from(self.policy),
            Cell::toned(state, tone),
            Cell::toned(self.template.unwrap_or("-"), if self.behind { Tone::Moving } else { Tone::Muted }),
            Cell::from(lines),
        ]
    }
}
