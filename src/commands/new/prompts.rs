//! One question for each parameter, in the order of the form, on a terminal.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::catalog::Catalog;
use crate::report::{Cell, Line, Tone};
use crate::scaffold::parameters::{Property, asked, complaints, filled, from_text};
use crate::scaffold::questions::{Picker, Question, Widget, question};
use crate::scaffold::template::Template;

/// The last item of a list that takes other answers too.
const OTHER: &str = "something else";

/// Asks for what is not answered yet, questions that an answer brings up included. Nothing where the person leaves with Escape.
pub fn ask(template: &Template, given: Map<String, Json>, app: &App) -> Result<Option<Map<String, Json>>> {
    let catalog = app.catalog()?;
    let (mut answers, mut seen, mut page) = (given, BTreeSet::new(), None);
    loop {
        let current = filled(template, &answers);
        let open = asked(template, &current)
            .into_iter()
            .find(|property| !seen.contains(&property.name) && !answers.contains_key(&property.name));
        let Some(property) = open else { return Ok(Some(answers)) };
        seen.insert(property.name.clone());
        let mut question = question(&property);
        if question.widget == Widget::Hidden {
            continue;
        }
        if page != Some(property.page) {
            page = Some(property.page);
            if let Some(title) = &template.pages[property.page].title {
                app.ui.tell(&Line::new(vec![Cell::toned(title.clone(), Tone::Strong)]));
            }
        }
        if let Some(help) = &question.help {
            app.ui.tell(&Line::new(vec![Cell::muted(format!("  {help}"))]));
        }
        question.default = current.get(&property.name).cloned();
        let asking =
            Asking { template, answers: &answers, property: &property, question: &question, app, catalog };
        match asking.ask()? {
            Reply::Answer(value) => _ = answers.insert(property.name.clone(), value),
            Reply::None => {}
            Reply::Left => return Ok(None),
        }
    }
}

enum Reply {
    Answer(Json),
    /// The question stays unanswered.
    None,
    Left,
}

struct Asking<'a> {
    template: &'a Template,
    answers: &'a Map<String, Json>,
    property: &'a Property,
    question: &'a Question,
    app: &'a App,
    catalog: Option<&'a Catalog>,
}

impl Asking<'_> {
    fn ask(&self) -> Result<Reply> {
        let (ui, title) = (&self.app.ui, &self.question.title);
        match &self.question.widget {
            Widget::Boolean => {
                let default = self.question.default == Some(Json::Bool(true));
                Ok(ui.ask_yes(title, default)?.map_or(Reply::Left, |yes| Reply::Answer(Json::Bool(yes))))
            }
            Widget::Select(options) => self.select(options),
            Widget::Several(options) => {
                let chosen = |value: &Json| {
                    self.question
                        .default
                        .as_ref()
                        .and_then(Json::as_array)
                        .is_some_and(|all| all.contains(value))
                };
                let labels: Vec<String> = options.iter().map(|(_, label)| label.clone()).collect();
                let chosen: Vec<bool> = options.iter().map(|(value, _)| chosen(value)).collect();
                let picked = ui.ask_several(title, &labels, &chosen)?;
                let values =
                    |picked: Vec<usize>| picked.into_iter().map(|index| options[index].0.clone()).collect();
                Ok(picked.map_or(Reply::Left, |picked| Reply::Answer(Json::Array(values(picked)))))
            }
            Widget::Entity(picker) => self.entity(picker),
            Widget::Secret => {
                let text = ui.ask_secret(title, &|text| self.check(text))?;
                Ok(self.reply(&text))
            }
            _ => self.text(),
        }
    }

    fn select(&self, options: &[(Json, String)]) -> Result<Reply> {
        let default = options.iter().position(|(value, _)| Some(value) == self.question.default.as_ref());
        let mut labels: Vec<String> = options.iter().map(|(_, label)| label.clone()).collect();
        if !self.property.required && default.is_none() {
            labels.push("(none)".into());
        }
        let picked = self.app.ui.ask_one(&self.question.title, &labels, default.unwrap_or(0))?;
        Ok(match picked {
            None => Reply::Left,
            Some(index) => options.get(index).map_or(Reply::None, |(value, _)| Reply::Answer(value.clone())),
        })
    }

    /// A choice among the entities of the catalog; without any, or for something else, a line of text.
    fn entity(&self, picker: &Picker) -> Result<Reply> {
        let entities = entities(self.catalog, picker);
        if entities.is_empty() || picker.several {
            return self.text();
        }
        let mut labels: Vec<String> = entities.iter().map(|(_, label)| label.clone()).collect();
        let optional = !self.property.required;
        if picker.arbitrary {
            labels.push(OTHER.into());
        }
        if optional {
            labels.push("(none)".into());
        }
        let default = self.question.default.as_ref().and_then(Json::as_str);
        let default = entities.iter().position(|(reference, _)| Some(reference.as_str()) == default);
        let first = default.unwrap_or(if optional { labels.len() - 1 } else { 0 });
        let Some(index) = self.app.ui.ask_one(&self.question.title, &labels, first)? else {
            return Ok(Reply::Left);
        };
        match entities.get(index) {
            Some((reference, _)) => Ok(Reply::Answer(Json::String(reference.clone()))),
            None if labels[index] == OTHER => self.text(),
            None => Ok(Reply::None),
        }
    }

    fn text(&self) -> Result<Reply> {
        let default = self.question.default.as_ref().map(|value| match value {
            Json::String(text) => text.clone(),
            Json::Array(items) if items.iter().all(Json::is_string) => {
                items.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(",")
            }
            other => other.to_string(),
        });
        let text =
            self.app.ui.ask_text(&self.question.title, default.as_deref(), &|text| self.check(text))?;
        Ok(self.reply(&text))
    }

    fn reply(&self, text: &str) -> Reply {
        match from_text(&self.property.schema, text) {
            _ if text.is_empty() => Reply::None,
            Ok(value) => Reply::Answer(value),
            Err(_) => Reply::None,
        }
    }

    /// Whether what was typed is an answer, and if not, why.
    fn check(&self, text: &str) -> Result<(), String> {
        if text.is_empty() {
            return if self.property.required { Err("an answer is required".into()) } else { Ok(()) };
        }
        let value = from_text(&self.property.schema, text)?;
        let mut answers = self.answers.clone();
        answers.insert(self.property.name.clone(), value);
        let own =
            |name: &str| name == self.property.name || name.starts_with(&format!("{}.", self.property.name));
        match complaints(self.template, &answers).into_iter().find(|complaint| own(&complaint.name)) {
            Some(complaint) => Err(complaint.message),
            None => Ok(()),
        }
    }
}

/// References and labels of the entities that a picker offers.
fn entities(catalog: Option<&Catalog>, picker: &Picker) -> Vec<(String, String)> {
    let Some(catalog) = catalog else { return Vec::new() };
    let wanted = |kind: &str| {
        picker.kinds.is_empty() || picker.kinds.iter().any(|known| known.eq_ignore_ascii_case(kind))
    };
    let fits = |document: &Json| picker.filter.as_ref().is_none_or(|filter| admits(filter, document));
    let found =
        catalog.entities.values().filter(|entity| wanted(&entity.kind) && fits(&entity.document.value));
    found.map(|entity| (entity.reference.to_string(), entity.display())).collect()
}

/// Whether an entity fits a `catalogFilter`: any of a list, all keys of an object, any value of a key.
fn admits(filter: &Json, entity: &Json) -> bool {
    match filter {
        Json::Array(any) => any.iter().any(|filter| admits(filter, entity)),
        Json::Object(all) => all.iter().all(|(key, wanted)| {
            let found = key.split('.').try_fold(entity, |value, word| value.get(word));
            let is = |wanted: &Json| match (wanted.as_str(), found.and_then(Json::as_str)) {
                (Some(wanted), Some(found)) => wanted.eq_ignore_ascii_case(found),
                _ => found.is_some() && wanted["exists"] == true,
            };
            wanted.as_array().map_or_else(|| is(wanted), |any| any.iter().any(is))
        }),
        _ => true,
    }
}
