//! What `drift` says: the files of one project, or a line for each of many.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use crate::commands::drift::rows::DriftRow;
use crate::report::{Block, Cell, Column, Detail, Grid, Line, Page, Report, Tone};
use crate::scaffold::lock::Layer;
use crate::text::{count, shell_path};

/// `kind: ProjectDriftList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftReport {
    pub items: Vec<DriftItem>,
    /// A line for each project.
    #[serde(skip)]
    pub many: bool,
    #[serde(skip)]
    pub diff: bool,
}

/// A layer of a project.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftItem {
    /// The directory as it was named.
    project: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// The other version.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    drifted: bool,
    behind: bool,
    files: Vec<DriftRow>,
    notes: Vec<String>,
    /// Why the project could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl DriftItem {
    pub fn of(
        directory: &Path,
        layer: &Layer,
        next: Option<Layer>,
        files: Vec<DriftRow>,
        notes: Vec<String>,
    ) -> DriftItem {
        DriftItem {
            project: directory.display().to_string(),
            layer: Some(layer.id.clone()),
            template: Some(layer.template.clone()),
            owner: layer.owner.clone(),
            source: Some(layer.source.clone()),
            version: layer.version.clone(),
            to: next
                .map(|next| next.version.or(next.commit).unwrap_or_else(|| "another version".to_string())),
            drifted: files.iter().any(|file| file.drifted),
            behind: files.iter().any(|file| file.behind),
            files,
            notes,
            error: None,
        }
    }

    pub fn unread(directory: &Path, error: &anyhow::Error) -> DriftItem {
        DriftItem {
            project: directory.display().to_string(),
            error: Some(format!("{error:#}")),
            ..DriftItem::default()
        }
    }

    pub fn is_unread(&self) -> bool {
        self.error.is_some()
    }

    fn number(&self, state: &str) -> usize {
        self.files.iter().filter(|file| file.drifted && file.state == state).count()
    }

    /// `http-service 1.4.0`
    fn path(&self) -> String {
        let name = self.layer.as_deref().unwrap_or_default();
        self.version.as_ref().map_or_else(|| name.to_string(), |version| format!("{name} {version}"))
    }

    /// A line under the table of one project.
    fn sentence(&self) -> Line {
        let drifted = self.files.iter().filter(|file| file.drifted).count();
        let path = self.path();
        let mut text = match drifted {
            0 => format!("{}: as {path} made it", self.project),
            number => format!("{}: {} away from {path}", self.project, count(number, "file")),
        };
        if let Some(to) = &self.to {
            match self.files.iter().filter(|file| file.behind).count() {
                0 => text.push_str(&format!("; {to} changes nothing here")),
                number => text.push_str(&format!("; {to} changes {}", count(number, "file"))),
            }
        }
        Line::from(text + ".")
    }

    fn advice(&self) -> Vec<Line> {
        let directory = match self.project.as_str() {
            "." => String::new(),
            other => format!(" {}", shell_path(other)),
        };
        let mut lines = Vec::new();
        if let Some(file) =
            self.files.iter().find(|file| file.drifted && !file.pending && file.policy == "owned")
        {
            let owner = self.owner.as_deref().unwrap_or("the guild");
            lines.push(Line::from(format!(
                "{} is {owner}'s: `callboard update{directory} --restore {}` takes the change back",
                file.path,
                shell_path(&file.path)
            )));
        }
        if let Some(file) = self.files.iter().find(|file| file.pending && file.drifted) {
            let path = shell_path(&file.path);
            lines.push(Line::from(format!(
                "`callboard update{directory} --only {path}` takes one that is not taken"
            )));
        }
        if self.behind {
            lines.push(Line::from(format!(
                "`callboard update{directory} --dry-run` shows what an update makes of it"
            )));
        }
        lines
    }
}

impl DriftReport {
    pub fn is_drifted(&self) -> bool {
        self.items.iter().any(|item| item.drifted || item.behind)
    }

    fn overview(&self) -> Page {
        let number = |number: usize, tone: Tone| match number {
            0 => Cell::muted("0"),
            some => Cell::toned(some.to_string(), tone),
        };
        let behind = |item: &DriftItem| item.files.iter().filter(|file| file.behind).count();
        let row = |item: &DriftItem| {
            if let Some(error) = &item.error {
                let mut cells = vec![Cell::from(item.project.clone())];
                cells.extend(["-", "-", "-", "-", "-", "-"].map(Cell::from));
                cells.push(Cell::toned(error.clone(), Tone::Bad));
                return cells;
            }
            vec![
                Cell::from(item.project.clone()),
                Cell::from(item.layer.clone().unwrap_or_default()),
                Cell::from(item.version.clone().unwrap_or_else(|| "-".to_string())),
                number(item.number("edited"), Tone::Doubtful),
                number(item.number("deleted"), Tone::Doubtful),
                Cell::from(item.to.clone().unwrap_or_else(|| "-".to_string())),
                number(behind(item), Tone::Moving),
                Cell::from(item.notes.join("; ")),
            ]
        };
        let header = [
            Column::from("PROJECT"),
            Column::from("GOLDEN PATH"),
            Column::whole("VERSION"),
            Column::whole("EDITED"),
            Column::whole("DELETED"),
            Column::whole("TO"),
            Column::whole("BEHIND"),
            Column::sentence("NOTE"),
        ];
        let mut unused = Vec::new();
        if self.items.iter().all(|item| item.to.is_none()) {
            unused.extend(["TO", "BEHIND"]);
        }
        if self.items.iter().all(|item| item.notes.is_empty() && item.error.is_none()) {
            unused.push("NOTE");
        }
        Grid::of(header, self.items.iter().map(row).collect()).without(&unused).into()
    }
}

impl Report for DriftReport {
    const KIND: &'static str = "ProjectDriftList";

    fn page(&self, detail: Detail) -> Page {
        if self.many {
            return self.overview();
        }
        let mut blocks = Vec::new();
        for item in &self.items {
            if self.items.len() > 1 {
                blocks.push(Block::Heading(item.path()));
            }
            let rows: Vec<_> = item.files.iter().map(DriftRow::cells).collect();
            if !rows.is_empty() {
                let header = ["PATH", "POLICY", "PROJECT", "TEMPLATE", "LINES"].map(Column::whole);
                let unused: &[&str] = if item.to.is_none() { &["TEMPLATE"] } else { &[] };
                blocks.push(Block::Grid(Grid::of(header, rows).without(unused)));
            }
            for file in item.files.iter().filter(|file| self.diff && !file.diff.is_empty()) {
                blocks.push(Block::Lines(std::iter::once(Line::from("")).chain(file.diff.clone()).collect()));
            }
            if detail.document {
                blocks.push(Block::Lines(vec![item.sentence()]));
            }
        }
        Page { blocks }
    }

    fn names(&self) -> Vec<String> {
        match self.many {
            true => {
                let drifted =
                    self.items.iter().filter(|item| item.drifted || item.behind || item.is_unread());
                drifted.map(|item| item.project.clone()).collect()
            }
            false => self.items.iter().flat_map(|item| &item.files).map(|file| file.path.clone()).collect(),
        }
    }

    fn footer(&self) -> Vec<Line> {
        if self.many {
            let number = self.items.iter().filter(|item| item.drifted || item.behind).count();
            let unread = self.items.iter().filter(|item| item.is_unread()).count();
            let unread = if unread == 0 { String::new() } else { format!(", {unread} could not be read") };
            let projects: BTreeSet<&str> = self.items.iter().map(|item| item.project.as_str()).collect();
            let projects = count(projects.len(), "project");
            return vec![Line::from(format!("{projects}: {number} drifted or behind{unread}."))];
        }
        let mut lines = Vec::new();
        for item in &self.items {
            lines.push(item.sentence());
            lines.extend(item.notes.iter().map(|note| Line::from(note.clone())));
            lines.extend(item.advice());
        }
        lines
    }

    fn title(&self) -> String {
        "Drift from golden paths".to_string()
    }
}
