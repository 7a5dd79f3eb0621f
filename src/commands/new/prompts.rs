//! The form on a terminal: its questions in order, those that an answer brings up included.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::commands::new::asking::{Asking, PromptReply};
use crate::report::{Cell, Line, Tone};
use crate::scaffold::defaults::filled;
use crate::scaffold::parameters::{Property, asked, asked_by, at, put};
use crate::scaffold::questions::{PromptQuestion, Widget, question};
use crate::scaffold::template::Template;
use crate::ui::Ask;

/// What a person answered.
pub struct Typed {
    pub answers: Map<String, Json>,
    /// Whether anything was asked at all.
    pub asked: bool,
}

/// What was answered at the keyboard so far, by the path of the question, so that one can go back and change an answer.
#[derive(Default)]
pub struct FormMemory {
    known: BTreeMap<String, TypedReply>,
    /// What is offered for a question that is asked again.
    offered: BTreeMap<String, Json>,
    /// Parameters that are asked for although they have an answer.
    pub reopened: BTreeSet<String>,
    /// The questions that were asked, in order.
    order: Vec<String>,
}

#[derive(Clone)]
enum TypedReply {
    Answer(Json),
    None,
}

impl FormMemory {
    /// Whether a person has typed anything.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// What was typed so far, on top of other answers.
    pub fn answers(&self, given: &Map<String, Json>) -> Map<String, Json> {
        let mut answers = given.clone();
        for path in &self.order {
            if let Some(TypedReply::Answer(value)) = self.known.get(path).filter(|_| !path.ends_with('?')) {
                let path: Vec<String> = path.split('.').map(String::from).collect();
                put(&mut answers, &path, value.clone());
            }
        }
        answers
    }

    /// Has a parameter asked for again, with all that lies in it; the answer that it has is offered.
    pub fn reopen(&mut self, name: &str, answer: Option<&Json>) {
        let inside = |path: &String| path == name || path.starts_with(&format!("{name}."));
        self.known.retain(|path, _| !inside(path));
        self.order.retain(|path| !inside(path));
        self.reopened.insert(name.to_string());
        if let Some(answer) = answer {
            self.offered.insert(name.to_string(), answer.clone());
        }
    }

    /// Takes the last reply back, so that its question is open again; false where nothing was asked.
    pub fn take_back(&mut self) -> bool {
        let Some(path) = self.order.pop() else { return false };
        if let Some(TypedReply::Answer(answer)) = self.known.remove(&path) {
            self.offered.insert(path, answer);
        }
        true
    }
}

/// How a question ended.
enum FormStep {
    Answered,
    /// The one before it is to be asked again.
    Back,
    Left,
}

/// Asks for what is not answered yet. Nothing where the person leaves; what was typed is in the memory all the same.
pub fn ask(
    template: &Template,
    given: Map<String, Json>,
    app: &App,
    memory: &mut FormMemory,
) -> Result<Option<Typed>> {
    let mut page = None;
    loop {
        memory.order.clear();
        let mut form = PromptForm { template, app, answers: given.clone(), page, memory };
        let step = form.all()?;
        page = form.page;
        let answers = form.answers;
        match step {
            FormStep::Answered => return Ok(Some(Typed { answers, asked: page.is_some() })),
            FormStep::Left => return Ok(None),
            FormStep::Back => _ = memory.take_back(),
        }
    }
}

struct PromptForm<'a> {
    template: &'a Template,
    app: &'a App,
    answers: Map<String, Json>,
    /// The page whose title was told last; nothing before the first question.
    page: Option<usize>,
    memory: &'a mut FormMemory,
}

impl PromptForm<'_> {
    fn all(&mut self) -> Result<FormStep> {
        let mut seen = BTreeSet::new();
        loop {
            let current = filled(self.template, &self.answers);
            let open =
                asked(self.template, &current).into_iter().find(|property| !seen.contains(&property.name));
            let Some(property) = open else { return Ok(FormStep::Answered) };
            seen.insert(property.name.clone());
            match self.property(&property, &[], "")? {
                FormStep::Answered => {}
                other => return Ok(other),
            }
        }
    }

    /// Asks for one property of what lies at a path, and for what is inside it.
    fn property(&mut self, property: &Property, above: &[String], heading: &str) -> Result<FormStep> {
        let path = [above, std::slice::from_ref(&property.name)].concat();
        let mut question = question(property);
        question.title = format!("{heading}{}", question.title);
        let answered = at(&self.answers, &path).is_some();
        match &question.widget {
            Widget::Hidden => Ok(FormStep::Answered),
            Widget::Remark => {
                self.remark(property.page, &path, &question);
                Ok(FormStep::Answered)
            }
            Widget::Group => {
                self.within(&property.schema, &path, property.page, &format!("{} / ", question.title))
            }
            _ if answered => Ok(FormStep::Answered),
            Widget::Rows => self.rows(property, &path, &question.title),
            _ => self.question(property, &path, question),
        }
    }

    fn question(
        &mut self,
        property: &Property,
        path: &[String],
        mut question: PromptQuestion,
    ) -> Result<FormStep> {
        let key = path.join(".");
        if let Some(known) = self.memory.known.get(&key).cloned() {
            self.memory.order.push(key);
            if let TypedReply::Answer(value) = known {
                put(&mut self.answers, path, value);
            }
            return Ok(FormStep::Answered);
        }
        self.start(property.page);
        let filled = filled(self.template, &self.answers);
        let offered = self.memory.offered.get(&key).filter(|_| question.widget != Widget::Secret);
        question.default = offered.or(at(&filled, path)).or(question.default.as_ref()).cloned();
        let asking = Asking {
            template: self.template,
            answers: &self.answers,
            property,
            path,
            question: &question,
            back: !self.memory.order.is_empty(),
            app: self.app,
        };
        let reply = match asking.ask()? {
            PromptReply::Answer(value) => {
                put(&mut self.answers, path, value.clone());
                TypedReply::Answer(value)
            }
            PromptReply::None => TypedReply::None,
            PromptReply::Back => return Ok(FormStep::Back),
            PromptReply::Left => return Ok(FormStep::Left),
        };
        self.memory.order.push(key.clone());
        self.memory.known.insert(key, reply);
        Ok(FormStep::Answered)
    }

    /// What is only to be read, once.
    fn remark(&mut self, page: usize, path: &[String], question: &PromptQuestion) {
        let key = path.join(".");
        if self.memory.known.insert(key, TypedReply::None).is_none() {
            self.start(page);
            let words = question.help.as_deref().unwrap_or(&question.title);
            self.app
                .ui
                .tell(&Line::new(vec![Cell::muted(words.split_whitespace().collect::<Vec<_>>().join(" "))]));
        }
    }

    /// The properties of an object, one question each.
    fn within(&mut self, schema: &Json, path: &[String], page: usize, heading: &str) -> Result<FormStep> {
        let (mut seen, empty) = (BTreeSet::new(), Map::new());
        let schema = schema.as_object().unwrap_or(&empty);
        loop {
            let current = filled(self.template, &self.answers);
            let inner = at(&current, path).and_then(Json::as_object).unwrap_or(&empty);
            let open =
                asked_by(schema, inner, page).into_iter().find(|property| !seen.contains(&property.name));
            let Some(property) = open else { return Ok(FormStep::Answered) };
            seen.insert(property.name.clone());
            match self.property(&property, path, heading)? {
                FormStep::Answered => {}
                other => return Ok(other),
            }
        }
    }

    /// A list of objects, as long as the person adds one.
    fn rows(&mut self, property: &Property, path: &[String], title: &str) -> Result<FormStep> {
        let least = property.schema["minItems"].as_u64().unwrap_or(0).max(u64::from(property.required));
        let most = property.schema["maxItems"].as_u64().unwrap_or(u64::MAX);
        for index in 0..most {
            if index >= least {
                let more =
                    if index == 0 { format!("{title}: add one?") } else { format!("{title}: add another?") };
                let help = property.schema["description"].as_str().filter(|_| index == 0);
                match self.one_more(
                    property.page,
                    path,
                    index,
                    Ask { title: &more, help, ..Ask::default() },
                )? {
                    (FormStep::Answered, true) => {}
                    (FormStep::Answered, false) => break,
                    (other, _) => return Ok(other),
                }
            }
            if index == 0 {
                put(&mut self.answers, path, Json::Array(Vec::new()));
            }
            let path = [path, &[index.to_string()]].concat();
            put(&mut self.answers, &path, Json::Object(Map::new()));
            let heading = format!("{title} {} / ", index + 1);
            match self.within(&property.schema["items"], &path, property.page, &heading)? {
                FormStep::Answered => {}
                other => return Ok(other),
            }
        }
        Ok(FormStep::Answered)
    }

    /// Whether a list gets one more item.
    fn one_more(&mut self, page: usize, path: &[String], index: u64, ask: Ask) -> Result<(FormStep, bool)> {
        let key = format!("{}.{index}?", path.join("."));
        let known =
            self.memory.known.get(&key).map(|known| matches!(known, TypedReply::Answer(Json::Bool(true))));
        let more = match known {
            Some(more) => more,
            None => {
                self.start(page);
                let back = !self.memory.order.is_empty();
                match self.app.ui.ask_yes(Ask { back, ..ask }, false)? {
                    Some(more) => more,
                    None if self.app.ui.went_back() => return Ok((FormStep::Back, false)),
                    None => return Ok((FormStep::Left, false)),
                }
            }
        };
        self.memory.order.push(key.clone());
        self.memory.known.insert(key, TypedReply::Answer(Json::Bool(more)));
        Ok((FormStep::Answered, more))
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
                "Enter takes what is shown in grey, Tab changes it, Shift-Tab goes back, Esc leaves. Nothing is written before the end.".into(),
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
