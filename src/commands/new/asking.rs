//! One question of a form on a terminal, in the way that suits its property.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::args::me;
use crate::commands::new::pickers::{entities, reference, tags, taken};
use crate::scaffold::parameters::{Property, complaints, from_text, put};
use crate::scaffold::questions::{Picker, PromptQuestion, Widget};
use crate::scaffold::repo_url::repo_url;
use crate::scaffold::template::Template;
use crate::ui::Ask;

/// Items of lists that are no answers themselves.
const OTHER: &str = "(something else)";
const NONE: &str = "(none)";

pub enum PromptReply {
    Answer(Json),
    /// The question stays unanswered.
    None,
    /// The question before it is to be asked again.
    Back,
    Left,
}

pub struct Asking<'a> {
    pub template: &'a Template,
    pub answers: &'a Map<String, Json>,
    pub property: &'a Property,
    /// Names, and numbers in lists.
    pub path: &'a [String],
    pub question: &'a PromptQuestion,
    /// Whether there is a question before it.
    pub back: bool,
    pub app: &'a App,
}

impl Asking<'_> {
    pub fn ask(&self) -> Result<PromptReply> {
        let ui = &self.app.ui;
        match &self.question.widget {
            Widget::Boolean => {
                // An untouched checkbox is neither; one that must be answered is no until it is ticked.
                let default = self.question.default.as_ref().and_then(Json::as_bool);
                let default = default.or(self.property.required.then_some(false));
                Ok(match ui.ask_yes_or_neither(self.asked(), default)? {
                    Some(Some(yes)) => PromptReply::Answer(Json::Bool(yes)),
                    Some(None) => PromptReply::None,
                    None => self.left(),
                })
            }
            Widget::Select(options) => self.one(options, false),
            Widget::Several(options) => self.several(options, false),
            Widget::Entity(picker) => self.entity(picker),
            Widget::Tags { kinds } => {
                let tags =
                    self.app.catalog_if_readable()?.map(|catalog| tags(catalog, kinds)).unwrap_or_default();
                let label =
                    |(tag, count): (String, usize)| (Json::from(tag.clone()), format!("{tag} ({count})"));
                self.several(&tags.into_iter().map(label).collect::<Vec<_>>(), true)
            }
            Widget::Secret => {
                let text = ui.ask_secret(self.asked(), &|text| self.check(text))?;
                Ok(self.reply(text))
            }
            _ => self.text(),
        }
    }

    fn asked(&self) -> Ask<'_> {
        let question = self.question;
        let example = match &question.widget {
            Widget::Repository { .. } => question.example.as_deref().or(Some("acme/orders")),
            _ => question.example.as_deref(),
        };
        let optional = !self.property.required;
        Ask { title: &question.title, help: question.help.as_deref(), example, optional, back: self.back }
    }

    /// Why a question has no answer.
    fn left(&self) -> PromptReply {
        if self.app.ui.went_back() { PromptReply::Back } else { PromptReply::Left }
    }

    fn one(&self, options: &[(Json, String)], others: bool) -> Result<PromptReply> {
        let default = options.iter().position(|(value, _)| Some(value) == self.question.default.as_ref());
        let mut labels: Vec<String> = options.iter().map(|(_, label)| label.clone()).collect();
        if others {
            labels.push(OTHER.into());
        }
        let optional = !self.property.required && default.is_none();
        if optional {
            labels.push(NONE.into());
        }
        let first = default.unwrap_or(if optional { labels.len() - 1 } else { 0 });
        let Some(index) = self.app.ui.ask_one(self.asked(), &labels, first)? else {
            return Ok(self.left());
        };
        match options.get(index) {
            Some((value, _)) => Ok(PromptReply::Answer(value.clone())),
            None if labels[index] == OTHER => self.text(),
            None => Ok(PromptReply::None),
        }
    }

    /// Any of some values; with `others`, more that are typed.
    fn several(&self, options: &[(Json, String)], others: bool) -> Result<PromptReply> {
        if options.is_empty() {
            return self.text();
        }
        let default = self.question.default.as_ref().and_then(Json::as_array);
        let mut labels: Vec<String> = options.iter().map(|(_, label)| label.clone()).collect();
        let is_default = |value: &Json| default.is_some_and(|all| all.contains(value));
        let mut ticked: Vec<bool> = options.iter().map(|(value, _)| is_default(value)).collect();
        if others {
            labels.push(OTHER.into());
            ticked.push(false);
        }
        let mut complaint = None;
        let values = loop {
            let asked = Ask { help: complaint.as_deref().or(self.question.help.as_deref()), ..self.asked() };
            let Some(chosen) = self.app.ui.ask_several(asked, &labels, &ticked)? else {
                return Ok(self.left());
            };
            let mut values: Vec<Json> =
                chosen.iter().filter_map(|index| Some(options.get(*index)?.0.clone())).collect();
            if chosen.contains(&options.len()) {
                match self.text()? {
                    PromptReply::Answer(Json::Array(more)) => values.extend(
                        more.into_iter().filter(|value| !options.iter().any(|(known, _)| known == value)),
                    ),
                    reply @ (PromptReply::Left | PromptReply::Back) => return Ok(reply),
                    _ => {}
                }
            }
            match self.fits(Json::Array(values.clone())) {
                Ok(()) => break values,
                Err(why) => complaint = Some(why),
            }
        };
        match values.is_empty() && !self.property.required && default.is_none() {
            true => Ok(PromptReply::None),
            false => Ok(PromptReply::Answer(Json::Array(values))),
        }
    }

    /// A choice among the entities of the catalog; without any, or for something else, a line of text.
    fn entity(&self, picker: &Picker) -> Result<PromptReply> {
        let Some(catalog) = self.app.catalog_if_readable()? else { return self.text() };
        let mine: Option<BTreeSet<_>> = match picker.owned {
            true => me(self.app)?.map(|me| catalog.owners_of(&me).into_iter().collect()),
            false => None,
        };
        if picker.owned && mine.is_none() {
            self.app.ui.detail("$CALLBOARD_ME does not say who you are: entities of every owner are offered");
        }
        let options: Vec<(Json, String)> = entities(catalog, picker, mine.as_ref())
            .into_iter()
            .map(|(reference, label)| (Json::String(reference), label))
            .collect();
        match (options.is_empty(), picker.several) {
            (true, _) => self.text(),
            (false, true) => self.several(&options, picker.arbitrary),
            (false, false) => self.one(&options, picker.arbitrary),
        }
    }

    fn text(&self) -> Result<PromptReply> {
        let default = self.question.default.as_ref().map(|value| match value {
            Json::String(text) => text.replace('\n', "\\n"),
            Json::Array(items) if items.iter().all(Json::is_string) => {
                items.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(",")
            }
            other => other.to_string(),
        });
        let list = self.property.schema["type"] == "array";
        let advice = match &self.question.widget {
            Widget::Text { lines: true } => Some("\\n begins a new line"),
            _ if list => Some("commas between several"),
            Widget::Json => Some("as JSON"),
            _ => None,
        };
        let help = [self.question.help.as_deref(), advice];
        let help: Vec<&str> = help.into_iter().flatten().collect();
        let help = help.iter().map(|part| part.trim_end_matches('.')).collect::<Vec<_>>().join("; ");
        let asked = Ask { help: Some(help.as_str()), ..self.asked() };
        Ok(self.reply(self.app.ui.ask_text(asked, default.as_deref(), &|text| self.check(text))?))
    }

    fn reply(&self, text: Option<String>) -> PromptReply {
        match text {
            None => self.left(),
            Some(text) => self.value(&text).ok().flatten().map_or(PromptReply::None, PromptReply::Answer),
        }
    }

    /// What was typed, as a value; nothing where the question is left open.
    fn value(&self, text: &str) -> Result<Option<Json>, String> {
        let schema = &self.property.schema;
        if text.is_empty() {
            // Emptied by hand, a default is no answer either.
            let emptied = self.question.default.is_some() && schema["type"] == "string";
            return Ok(emptied.then(|| Json::from("")));
        }
        match &self.question.widget {
            Widget::Repository { hosts, owners } => {
                repo_url(text, hosts, owners).map(|url| Some(Json::from(url)))
            }
            Widget::Entity(picker) if picker.several => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                let references: Result<Vec<Json>, String> =
                    parts.map(|part| reference(picker, part).map(Json::from)).collect();
                references.map(|references| Some(Json::Array(references)))
            }
            Widget::Entity(picker) => reference(picker, text).map(|reference| Some(Json::from(reference))),
            Widget::Text { lines: true } => Ok(Some(Json::from(text.replace("\\n", "\n")))),
            _ => from_text(schema, text).map(Some),
        }
    }

    /// Whether what was typed is an answer, and if not, why.
    fn check(&self, text: &str) -> Result<(), String> {
        match self.value(text)? {
            Some(value) => self.fits(value),
            None if self.property.required => Err("an answer is needed".into()),
            None => Ok(()),
        }
    }

    fn fits(&self, value: Json) -> Result<(), String> {
        if self.question.widget == Widget::EntityName
            && let Some(name) = value.as_str().filter(|name| !crate::catalog::is_name(name))
        {
            return Err(format!(
                "'{name}' is no name of an entity: letters, digits, '-', '_' and '.' between them, at most 63"
            ));
        }
        if self.question.widget == Widget::EntityName
            && let (Some(name), Some(catalog)) =
                (value.as_str(), self.app.catalog_if_readable().ok().flatten())
            && let Some(known) = taken(catalog, name)
        {
            return Err(format!("{known} is in the catalog already"));
        }
        let mut answers = self.answers.clone();
        put(&mut answers, self.path, value);
        let name = self.path.join(".");
        let own = |found: &str| found == name || found.starts_with(&format!("{name}."));
        match complaints(self.template, &answers).into_iter().find(|complaint| own(&complaint.name)) {
            Some(complaint) => Err(complaint.message),
            None => Ok(()),
        }
    }
}
