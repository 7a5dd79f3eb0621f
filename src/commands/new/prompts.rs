//! The form on a terminal: its questions in order, those that an answer brings up included.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::commands::new::asking::{Asking, PromptReply};
use crate::report::{Cell, Line, Tone};
use crate::scaffold::defaults::filled;
use crate::scaffold::parameters::{Property, asked, asked_by, at, put};
use crate::scaffold::questions::{Widget, question};
use crate::scaffold::template::Template;
use crate::ui::Ask;

/// What a person answered.
pub struct Typed {
    pub answers: Map<String, Json>,
    /// Whether anything was asked at all.
    pub asked: bool,
}

/// Asks for what is not answered yet. Nothing where the person leaves.
pub fn ask(template: &Template, given: Map<String, Json>, app: &App) -> Result<Option<Typed>> {
    let mut form = PromptForm { template, app, answers: given, page: None };
    let mut seen = BTreeSet::new();
    loop {
        let current = filled(template, &form.answers);
        let open = asked(template, &current).into_iter().find(|property| !seen.contains(&property.name));
        let Some(property) = open else {
            return Ok(Some(Typed { answers: form.answers, asked: form.page.is_some() }));
        };
        seen.insert(property.name.clone());
        if !form.property(&property, &[], "")? {
            return Ok(None);
        }
    }
}

struct PromptForm<'a> {
    template: &'a Template,
    app: &'a App,
    answers: Map<String, Json>,
    /// The page whose title was told last; nothing before the first question.
    page: Option<usize>,
}

impl PromptForm<'_> {
    /// Asks for one property of what lies at a path, and for what is inside it; false where the person leaves.
    fn property(&mut self, property: &Property, above: &[String], heading: &str) -> Result<bool> {
        let path = [above, std::slice::from_ref(&property.name)].concat();
        let mut question = question(property);
        question.title = format!("{heading}{}", question.title);
        let answered = at(&self.answers, &path).is_some();
        match &question.widget {
            Widget::Hidden => Ok(true),
            Widget::Group => {
                self.within(&property.schema, &path, property.page, &format!("{} / ", question.title))
            }
            _ if answered => Ok(true),
            Widget::Rows => self.rows(property, &path, &question.title),
            _ => {
                self.start(property.page);
                question.default =
                    at(&filled(self.template, &self.answers), &path).or(question.default.as_ref()).cloned();
                let asking = Asking {
                    template: self.template,
                    answers: &self.answers,
                    property,
                    path: &path,
                    question: &question,
                    app: self.app,
                };
                match asking.ask()? {
                    PromptReply::Answer(value) => put(&mut self.answers, &path, value),
                    PromptReply::None => {}
                    PromptReply::Left => return Ok(false),
                }
                Ok(true)
            }
        }
    }

    /// The properties of an object, one question each.
    fn within(&mut self, schema: &Json, path: &[String], page: usize, heading: &str) -> Result<bool> {
        let (mut seen, empty) = (BTreeSet::new(), Map::new());
        let schema = schema.as_object().unwrap_or(&empty);
        loop {
            let current = filled(self.template, &self.answers);
            let inner = at(&current, path).and_then(Json::as_object).unwrap_or(&empty);
            let open =
                asked_by(schema, inner, page).into_iter().find(|property| !seen.contains(&property.name));
            let Some(property) = open else { return Ok(true) };
            seen.insert(property.name.clone());
            if !self.property(&property, path, heading)? {
                return Ok(false);
            }
        }
    }

    /// A list of objects, as long as the person adds one.
    fn rows(&mut self, property: &Property, path: &[String], title: &str) -> Result<bool> {
        self.start(property.page);
        let least = property.schema["minItems"].as_u64().unwrap_or(0).max(u64::from(property.required));
        let most = property.schema["maxItems"].as_u64().unwrap_or(u64::MAX);
        for index in 0..most {
            if index >= least {
                let more =
                    if index == 0 { format!("{title}: add one?") } else { format!("{title}: add another?") };
                let help = property.schema["description"].as_str().filter(|_| index == 0);
                match self.app.ui.ask_yes(Ask { title: &more, help, ..Ask::default() }, false)? {
                    Some(true) => {}
                    Some(false) => break,
                    None => return Ok(false),
                }
            }
            if index == 0 {
                put(&mut self.answers, path, Json::Array(Vec::new()));
            }
            let path = [path, &[index.to_string()]].concat();
            put(&mut self.answers, &path, Json::Object(Map::new()));
            let heading = format!("{title} {} / ", index + 1);
            if !self.within(&property.schema["items"], &path, property.page, &heading)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Before the first question what the keys do, and before the first of a page the page's title.
    fn start(&mut self, page: usize) {
        let ui = &self.app.ui;
        let strong = |text: &str| Line::new(vec![Cell::toned(text, Tone::Strong)]);
        let muted = |text: String| Line::new(vec![Cell::muted(text)]);
        if self.page.is_none() {
            let version =
                self.template.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
            ui.tell(&strong(&format!(
                "{}{version}",
                self.template.title.as_ref().unwrap_or(&self.template.name)
            )));
            ui.tell(&muted(
                "Enter takes what is shown in grey, Tab changes it, Esc leaves. Nothing is written before the end.".into(),
            ));
        }
        if self.page == Some(page) {
            return;
        }
        self.page = Some(page);
        let page = &self.template.pages[page];
        if let Some(title) = &page.title {
            ui.tell(&Line::from(""));
            ui.tell(&strong(title));
        }
        if let Some(description) = &page.description {
            ui.tell(&muted(description.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
}
