//! Whether a step runs, how often, and with which inputs.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::expression::{Dialect, Fuel, StepStatus};
use crate::scaffold::inputs::{RenderedInput, render};
use crate::scaffold::request::Request;
use crate::scaffold::template::{Step, Template};
use crate::yaml::Problem;

/// What the expressions of a step may use.
pub struct StepScope<'a> {
    pub template: &'a Template,
    pub request: &'a Request,
    /// The values by their names: `parameters`, `steps`, `user`.
    pub context: &'a Map<String, Json>,
    /// Names that are known and have no value.
    pub absent: &'a BTreeSet<String>,
    pub status: &'a StepStatus,
    pub fuel: &'a Fuel,
}

/// One time that a step's action runs.
pub struct Iteration {
    pub input: Map<String, Json>,
    pub absent: BTreeSet<String>,
}

impl StepScope<'_> {
    /// Whether the condition of a step calls `always()` or `failure()`.
    pub fn asks_for_status(&self, step: &Step) -> bool {
        self.status.asked.set(false);
        if let Some(Json::String(_)) = &step.condition {
            let _ = self.rendered(
                step.condition.as_ref().unwrap_or(&Json::Null),
                &format!("{}/if", step.pointer),
                self.context,
            );
        }
        self.status.asked.get()
    }

    /// A condition without `each`; with one it is asked for every item.
    pub fn wanted(&self, step: &Step) -> Result<bool, Problem> {
        match &step.condition {
            Some(Json::Bool(false)) => Ok(false),
            Some(condition @ Json::String(_)) if step.each.is_none() => {
                self.holds(condition, step, self.context)
            }
            _ => Ok(true),
        }
    }

    fn holds(&self, condition: &Json, step: &Step, context: &Map<String, Json>) -> Result<bool, Problem> {
        let rendered = self.rendered(condition, &format!("{}/if", step.pointer), context)?;
        Ok(rendered.value.is_some_and(|value| is_truthy(&value)))
    }

    pub fn rendered(
        &self,
        value: &Json,
        pointer: &str,
        context: &Map<String, Json>,
    ) -> Result<RenderedInput, Problem> {
        let dialect = Dialect {
            lenient: self.request.lenient,
            absent: Some(self.absent),
            fuel: Some(self.fuel),
            status: Some(self.status),
            ..Dialect::default()
        };
        render(value, pointer, context, dialect, self.template)
    }

    /// The inputs of a step, one for each item of its `each`, all rendered before the first runs.
    pub fn iterations(&self, step: &Step) -> Result<Vec<(Option<String>, Iteration)>, Problem> {
        let mut context = self.context.clone();
        context.insert("secrets".into(), Json::Object(self.request.secrets.clone()));
        let Some(each) = &step.each else { return Ok(vec![(None, self.iteration(step, &context)?)]) };
        let pointer = format!("{}/each", step.pointer);
        let wrong = |message: &str| {
            self.template.document.problem(&pointer, format!("'each' of step '{}' {message}", step.id))
        };
        let items: Vec<(String, Json)> = match self.rendered(each, &pointer, &context)?.value {
            Some(Json::Array(items)) => {
                items.into_iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
            }
            Some(Json::Object(entries)) => entries.into_iter().collect(),
            Some(_) => return Err(wrong("must give a list or an object")),
            None => return Err(wrong("has no value")),
        };
        let mut iterations = Vec::new();
        for (key, value) in items {
            context.insert("each".into(), json!({"key": key, "value": value}));
            let runs = match &step.condition {
                Some(condition @ Json::String(text)) if !text.is_empty() => {
                    self.holds(condition, step, &context)?
                }
                _ => true,
            };
            if runs {
                iterations.push((Some(key), self.iteration(step, &context)?));
            }
        }
        Ok(iterations)
    }

    fn iteration(&self, step: &Step, context: &Map<String, Json>) -> Result<Iteration, Problem> {
        let rendered = self.rendered(&step.input, &format!("{}/input", step.pointer), context)?;
        let input = match rendered.value {
            Some(Json::Object(input)) => input,
            _ => Map::new(),
        };
        Ok(Iteration { input, absent: rendered.absent })
    }
}

/// What counts as true in an `if`: everything but false, null, 0, empty text and an empty list.
pub fn is_truthy(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(flag) => *flag,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(_) => true,
    }
}
