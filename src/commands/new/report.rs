//! What `new` says: the files with what became of each, where the project is known now, and what is left for the person to do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value as Json;

use crate::commands::new::differences::diff;
use crate::commands::new::effects::{self, EffectsDone};
use crate::commands::new::plan::{PathAction, WritePlan};
use crate::commands::new::register;
use crate::files;
use crate::golden_paths::GoldenPath;
use crate::golden_paths::make::Project;
use crate::report::{Block, Cell, Detail, Line, Page, Report, Tone};
use crate::scaffold::request::StepState;
use crate::text::{count, shell_operand, shell_path};
use crate::tree::TreeEntry;

/// Lines of an overview; the rest is counted.
const LONGEST: usize = 40;

/// `kind: Project`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectReport {
    dry_run: bool,
    /// From the root on.
    directory: String,
    template: ProjectTemplate,
    files: Vec<FileItem>,
    skipped_steps: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registered_in: Option<String>,
    repositories: Vec<String>,
    next_steps: Vec<String>,
    /// The directory as it was named.
    #[serde(skip)]
    shown: String,
    #[serde(skip)]
    diffs: BTreeMap<String, Vec<Line>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProjectTemplate {
    name: String,
    r#ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FileItem {
    path: String,
    action: &'static str,
    r#type: &'static str,
    executable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    /// Of a dry run, where it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip)]
    bytes: usize,
}

impl ProjectReport {
    /// What would be written, with all content.
    pub fn dry(directory: &Path, path: &GoldenPath, project: &Project, plan: &WritePlan) -> ProjectReport {
        let done = effects::expected(project);
        let mut report = ProjectReport::written(directory, path, project, plan, done);
        report.dry_run = true;
        for file in &mut report.files {
            if file.action == name(PathAction::Kept) {
                file.action = "differs";
                let before = plan.before.get(&file.path).map(Vec::as_slice).unwrap_or_default();
                let lines = diff(&file.path, before, project.tree.get(&file.path));
                report.diffs.insert(file.path.clone(), lines);
            }
            let text = project.tree.bytes(&file.path).and_then(|bytes| std::str::from_utf8(bytes).ok());
            file.content = text.filter(|text| !text.contains('\0')).map(String::from);
        }
        report
    }

    pub fn written(
        directory: &Path,
        path: &GoldenPath,
        project: &Project,
        plan: &WritePlan,
        done: EffectsDone,
    ) -> ProjectReport {
        let template = &path.template;
        let left = |state: StepState| matches!(state, StepState::SkippedByRequest | StepState::LeftOut);
        let skipped = project.steps.iter().filter(|step| left(step.state));
        ProjectReport {
            dry_run: false,
            directory: files::absolute(directory).display().to_string(),
            template: ProjectTemplate {
                name: template.name.clone(),
                r#ref: template.entity_ref(),
                version: template.version.clone(),
                source: crate::scaffold::lock::without_credentials(&path.origin.source),
                commit: path.origin.commit.clone(),
            },
            files: project.tree.iter().map(|(path, entry)| file(path, entry, plan)).collect(),
            skipped_steps: skipped.map(|step| step.id.clone()).collect(),
            next_steps: next_steps(directory, project, &done),
            registered_in: done.registered.map(|file| file.display().to_string()),
            repositories: done.repositories,
            shown: directory.display().to_string(),
            diffs: BTreeMap::new(),
        }
    }

    fn number(&self, action: &str) -> usize {
        self.files.iter().filter(|file| file.r#type != "directory" && file.action == action).count()
    }

    fn summary(&self) -> Vec<Line> {
        let version = self.template.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let written = self.number("added") + self.number("replaced");
        let mut head = format!(": {} from {}{version}", count(written, "file"), self.template.name);
        for (action, words) in
            [("replaced", "replaced"), ("kept", "kept as yours"), ("unchanged", "there already")]
        {
            match self.number(action) {
                0 => {}
                number => head.push_str(&format!(", {number} {words}")),
            }
        }
        let mut lines = vec![Line::new(vec![Cell::toned(self.shown.clone(), Tone::Good), Cell::from(head)])];
        lines.extend(self.registered_in.iter().map(|file| Line::from(format!("registered in {file}"))));
        lines.extend(
            self.repositories.iter().map(|repository| Line::from(format!("git repository {repository}"))),
        );
        lines.push(Line::new(vec![Cell::toned("next:", Tone::Strong)]));
        lines.extend(self.next_steps.iter().map(|step| Line::from(format!("  {step}"))));
        lines
    }

    /// The tree and the content of every file, or what would change where one stands already.
    fn preview(&self) -> Vec<Block> {
        let files = self.files.iter().filter(|file| file.r#type != "directory").count();
        let head = format!("{}: {} of {}, not written", self.shown, count(files, "file"), self.template.name);
        let mut lines = vec![Line::new(vec![Cell::toned(head, Tone::Strong)])];
        lines.extend(self.files.iter().map(FileItem::line));
        let mut blocks = vec![Block::Lines(lines)];
        for file in self.files.iter().filter(|file| file.r#type == "file" && file.action != "unchanged") {
            blocks.push(Block::Lines(vec![Line::from("")]));
            if let Some(lines) = self.diffs.get(&file.path) {
                blocks.push(Block::Lines(lines.clone()));
                continue;
            }
            blocks.push(Block::Lines(vec![Line::new(vec![Cell::toned(
                format!("==> {}", file.path),
                Tone::Strong,
            )])]));
            blocks.push(Block::Verbatim(match &file.content {
                None => vec![format!("({} bytes, not text)", file.bytes)],
                Some(text) => match text.strip_suffix('\n') {
                    Some(text) => vec![text.to_string()],
                    None if text.is_empty() => vec!["(empty)".into()],
                    None => vec![text.clone(), "(no line break at the end)".into()],
                },
            }));
        }
        blocks
    }
}

impl FileItem {
    fn line(&self) -> Line {
        let what = match (self.r#type, self.executable, &self.target) {
            (_, _, Some(target)) => format!(" -> {target}"),
            ("directory", _, _) => "/ (empty)".to_string(),
            (_, true, _) => " (executable)".to_string(),
            _ => String::new(),
        };
        let mut parts = vec![Cell::from(format!("  {}{what}", self.path))];
        match self.action {
            "added" => {}
            "differs" => parts.push(Cell::toned(" (differs from what is there)", Tone::Doubtful)),
            "unchanged" => parts.push(Cell::muted(" (there already)")),
            action => parts.push(Cell::toned(format!(" ({action})"), Tone::Doubtful)),
        }
        Line::new(parts)
    }
}

impl Report for ProjectReport {
    const KIND: &'static str = "Project";

    fn page(&self, _: Detail) -> Page {
        let blocks = if self.dry_run { self.preview() } else { vec![Block::Lines(self.summary())] };
        Page { blocks }
    }

    fn names(&self) -> Vec<String> {
        vec![self.shown.clone()]
    }

    fn footer(&self) -> Vec<Line> {
        match self.number("differs") {
            0 => Vec::new(),
            number => vec![Line::from(format!(
                "{} would be asked about; without a terminal nothing would be written.",
                count(number, "file")
            ))],
        }
    }

    fn title(&self) -> String {
        format!("{} from {}", self.shown, self.template.name)
    }
}

/// The files that would be written, before a person agrees.
pub fn overview(plan: &WritePlan, project: &Project) -> Vec<Line> {
    let files: Vec<FileItem> = project.tree.iter().map(|(path, entry)| file(path, entry, plan)).collect();
    let mut lines: Vec<Line> = files.iter().take(LONGEST).map(FileItem::line).collect();
    if let Some(more) = files.len().checked_sub(LONGEST).filter(|more| *more > 0) {
        lines.push(Line::new(vec![Cell::muted(format!("  and {more} more"))]));
    }
    lines
}

fn file(path: &str, entry: &TreeEntry, plan: &WritePlan) -> FileItem {
    let (kind, executable, target, bytes) = match entry {
        TreeEntry::File { executable, bytes } => ("file", *executable, None, bytes.len()),
        TreeEntry::Link { target } => ("link", false, Some(target.clone()), 0),
        TreeEntry::Directory => ("directory", false, None, 0),
    };
    let action = name(plan.actions.get(path).copied().unwrap_or(PathAction::Added));
    FileItem { path: path.into(), action, r#type: kind, executable, target, content: None, bytes }
}

fn name(action: PathAction) -> &'static str {
    match action {
        PathAction::Added => "added",
        PathAction::Replaced => "replaced",
        PathAction::Kept => "kept",
        PathAction::Unchanged => "unchanged",
    }
}

/// Where one goes, what the template says is next, what publishes the project, and how one sees it run.
fn next_steps(directory: &Path, project: &Project, done: &EffectsDone) -> Vec<String> {
    let mut steps = Vec::new();
    if directory != Path::new(".") {
        steps.push(format!("cd {}", shell_path(&directory.display().to_string())));
    }
    let text = |value: &Json, key: &str| value[key].as_str().unwrap_or_default().to_string();
    for note in project.output["text"].as_array().into_iter().flatten() {
        let content = text(note, "content");
        steps.extend(content.lines().filter(|line| !line.trim().is_empty()).map(str::to_string));
    }
    let mut here = PathBuf::new();
    for group in &done.commands {
        steps.extend(way(&here, &group.directory, directory));
        here.clone_from(&group.directory);
        steps.extend(group.commands.iter().cloned());
    }
    for link in project.output["links"].as_array().into_iter().flatten() {
        // A link without a URL leads to an entity of a Backstage that is not here.
        if let Some(url) = link["url"].as_str() {
            steps.push(format!("{}: {url}", text(link, "title")));
        }
    }
    for name in register::services(project) {
        steps.extend(shell_operand(&name).map(|name| format!("callboard status {name}")));
    }
    steps
}

/// The command that leads from one directory of the project to another.
fn way(from: &Path, to: &Path, project: &Path) -> Option<String> {
    if from == to {
        return None;
    }
    let way = match (from.is_absolute(), to.is_absolute()) {
        (_, true) => to.to_path_buf(),
        (true, false) => files::absolute(project).join(to),
        (false, false) => {
            let shared = from.iter().zip(to.iter()).take_while(|(from, to)| from == to).count();
            let up = from.iter().skip(shared).map(|_| "..".as_ref());
            up.chain(to.iter().skip(shared)).collect()
        }
    };
    Some(format!("cd {}", shell_path(&way.display().to_string())))
}
