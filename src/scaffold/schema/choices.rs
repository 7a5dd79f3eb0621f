//! Schemas made of schemas: all, any or one of several, `not`, and conditions.

use serde_json::{Map, Value as Json};

use crate::scaffold::schema::SchemaCheck;
use crate::scaffold::schema::types::{same, shown};

/// Whether the properties that a choice fixes have those values: how forms pick the choice that applies.
pub fn constants_fit(option: &Json, instance: &Json) -> bool {
    let Some(properties) = option.get("properties").and_then(Json::as_object) else { return true };
    properties.iter().all(|(key, property)| {
        let fixed = property.get("const").cloned().map(|only| vec![only]);
        // An enum with a type or title is a question of the choice, not what tells it from the others.
        let bare = property.as_object().is_some_and(|property| property.len() == 1);
        let options =
            fixed.or_else(|| property.get("enum").filter(|_| bare).and_then(Json::as_array).cloned());
        options.is_none_or(|options| {
            instance.get(key).is_some_and(|value| options.iter().any(|option| same(option, value)))
        })
    })
}

impl SchemaCheck<'_> {
    pub fn combined(&mut self, schema: &Map<String, Json>, instance: &Json, at: &str, depth: usize) {
        let list = |word: &str| schema.get(word).and_then(Json::as_array);
        for part in list("allOf").into_iter().flatten() {
            self.against(part, instance, at, depth + 1);
        }
        if let Some(options) = list("anyOf")
            && !options.iter().any(|option| self.fits(option, instance, depth))
        {
            self.nearest(options, instance, at, depth);
        }
        if let Some(options) = list("oneOf") {
            match options.iter().filter(|option| self.fits(option, instance, depth)).count() {
                0 => self.nearest(options, instance, at, depth),
                1 => {}
                _ => self.report(at, "fits several of the choices where it must fit one"),
            }
        }
        if let Some(other) = schema.get("not")
            && self.fits(other, instance, depth)
        {
            self.report(at, format!("must not be {}", shown(instance)));
        }
        if let Some(condition) = schema.get("if") {
            let branch = if self.fits(condition, instance, depth) { "then" } else { "else" };
            if let Some(branch) = schema.get(branch) {
                self.against(branch, instance, at, depth + 1);
            }
        }
    }

    /// What is wrong with the choice that fits best: the one whose constants do, else that with the fewest violations.
    fn nearest(&mut self, options: &[Json], instance: &Json, at: &str, depth: usize) {
        let violations = |option: &Json| {
            let mut check = SchemaCheck { root: self.root, found: Vec::new() };
            check.against(option, instance, at, depth + 1);
            check.found
        };
        let chosen = options
            .iter()
            .filter(|option| constants_fit(option, instance))
            .map(violations)
            .min_by_key(Vec::len);
        match chosen {
            Some(found) if !found.is_empty() && found.len() <= 3 => self.found.extend(found),
            _ => self.report(at, "fits none of the choices"),
        }
    }
}
