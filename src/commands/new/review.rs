//! The last question of a form: what would be written, with a look at the files and every answer to be changed.

use std::path::Path;

use anyhow::Result;
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::commands::new::plan::{PathAction, WritePlan};
use crate::commands::new::report::overview;
use crate::golden_paths::make::Project;
use crate::report::{Cell, Line, Tone};
use crate::scaffold::parameters::asked;
use crate::scaffold::questions::{Widget, question};
use crate::scaffold::template::Template;
use crate::text::count;
use crate::tree::TreeEntry;
use crate::ui::Ask;

pub enum Reviewed {
    Write,
    Leave,
    /// The question before is to be asked again.
    Back,
    /// This parameter is.
    Change(String),
}

/// Asks until the person writes or leaves, or wants an answer changed.
pub fn ask(
    template: &Template,
    answers: &Map<String, Json>,
    directory: &Path,
    (project, plan): (&Project, &WritePlan),
    app: &App,
) -> Result<Reviewed> {
    app.ui.tell(&Line::from(""));
    overview(plan, project).iter().for_each(|line| app.ui.tell(line));
    let files = count(plan.number(PathAction::Added) + plan.number(PathAction::Replaced), "file");
    let title = format!("Write {files} to {}?", directory.display());
    let keys = [('y', "yes"), ('n', "no"), ('f', "show the files"), ('c', "change an answer")];
    loop {
        let asked = Ask { title: &title, back: true, ..Ask::default() };
        match app.ui.ask_key(asked, &keys, true)? {
            Some('y') => return Ok(Reviewed::Write),
            Some('f') => contents(project, app),
            Some('c') => {
                if let Some(name) = choice(template, answers, app)? {
                    return Ok(Reviewed::Change(name));
                }
            }
            None if app.ui.went_back() => return Ok(Reviewed::Back),
            _ => return Ok(Reviewed::Leave),
        }
    }
}

/// Every file with its content, as `--dry-run` has it.
fn contents(project: &Project, app: &App) {
    for (path, entry) in project.tree.iter() {
        app.ui.tell(&Line::new(vec![Cell::toned(format!("==> {path}"), Tone::Strong)]));
        let text = match entry {
            TreeEntry::File { bytes, .. } => {
                std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
            }
            TreeEntry::Link { target } => Some(target.as_str()),
            TreeEntry::Directory => None,
        };
        match text {
            Some(text) => text.lines().for_each(|line| app.ui.tell(&Line::from(line.to_string()))),
            None => app.ui.tell(&Line::new(vec![Cell::muted("(not text)")])),
        }
    }
}

/// The parameter whose answer is to be changed; nothing where the person thinks better of it.
fn choice(template: &Template, answers: &Map<String, Json>, app: &App) -> Result<Option<String>> {
    let properties = asked(template, answers);
    let open = properties.iter().map(question);
    let open: Vec<_> =
        open.filter(|question| !matches!(question.widget, Widget::Hidden | Widget::Remark)).collect();
    let label = |name: &str, title: &str, widget: &Widget| {
        let value = match (answers.get(name), widget) {
            (None, _) => "-".to_string(),
            (Some(_), Widget::Secret) => "******".to_string(),
            (Some(Json::String(text)), _) => text.clone(),
            (Some(other), _) => other.to_string(),
        };
        format!("{title}: {value}")
    };
    let labels: Vec<String> =
        open.iter().map(|question| label(&question.name, &question.title, &question.widget)).collect();
    let asked = Ask { title: "Which answer", back: true, ..Ask::default() };
    let index = app.ui.ask_one(asked, &labels, 0)?;
    if index.is_none() {
        app.ui.went_back();
    }
    Ok(index.map(|index| open[index].name.clone()))
}
