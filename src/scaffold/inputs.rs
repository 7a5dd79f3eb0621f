//! Renders the strings of a step's input, a condition or an output, each at its place.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::expression::{Dialect, render_value};
use crate::scaffold::template::Template;
use crate::yaml::{Problem, step};

pub struct RenderedInput {
    /// None where the whole is undefined.
    pub value: Option<Json>,
    /// Dotted paths below the whole that were given and are undefined: a file that reads them makes no mistake.
    pub absent: BTreeSet<String>,
}

/// Values are rendered, keys are not. What is undefined loses its key; in a list it becomes null.
pub fn render(
    value: &Json,
    pointer: &str,
    context: &Map<String, Json>,
    dialect: Dialect<'_>,
    template: &Template,
) -> Result<RenderedInput, Problem> {
    let mut renderer = Renderer { context, dialect, template, absent: BTreeSet::new() };
    let value = renderer.value(value, pointer, "")?;
    Ok(RenderedInput { value, absent: renderer.absent })
}

struct Renderer<'a> {
    context: &'a Map<String, Json>,
    dialect: Dialect<'a>,
    template: &'a Template,
    absent: BTreeSet<String>,
}

impl Renderer<'_> {
    fn value(&mut self, value: &Json, pointer: &str, path: &str) -> Result<Option<Json>, Problem> {
        match value {
            Json::String(text) => self.text(text, pointer, path),
            Json::Array(items) => {
                let mut list = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    let rendered =
                        self.value(item, &format!("{pointer}/{index}"), &format!("{path}.{index}"))?;
                    list.push(rendered.unwrap_or_default());
                }
                Ok(Some(Json::Array(list)))
            }
            Json::Object(entries) => {
                let mut map = Map::new();
                for (key, item) in entries {
                    let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    match self.value(item, &format!("{pointer}/{}", step(key)), &inner)? {
                        Some(rendered) => _ = map.insert(key.clone(), rendered),
                        None => _ = self.absent.insert(inner),
                    }
                }
                Ok(Some(Json::Object(map)))
            }
            other => Ok(Some(other.clone())),
        }
    }

    fn text(&mut self, text: &str, pointer: &str, path: &str) -> Result<Option<Json>, Problem> {
        self.pass_on(text, path);
        match render_value(text, self.context, self.dialect) {
            Ok(rendered) => Ok(rendered),
            // Backstage goes on with the text as it stands.
            Err(_) if self.dialect.lenient => Ok(Some(Json::String(text.into()))),
            Err(failure) => Err(self.template.problem(pointer, &failure)),
        }
    }

    /// `values: ${{ parameters }}`: what has no value there has none here.
    fn pass_on(&mut self, text: &str, path: &str) {
        let Some(inner) = text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")) else { return };
        let prefix = format!("{}.", inner.trim());
        let known = self.dialect.absent.into_iter().flatten();
        let below = known.filter_map(|absent| Some(format!("{path}.{}", absent.strip_prefix(&prefix)?)));
        self.absent.extend(below.collect::<Vec<_>>());
    }
}
