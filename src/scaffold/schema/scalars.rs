//! Texts and numbers: their length, pattern, format and bounds.

use serde_json::{Map, Value as Json};

use crate::expression::Pattern;
use crate::scaffold::schema::SchemaCheck;
use crate::scaffold::schema::formats::misses_format;
use crate::scaffold::schema::types::shown;

impl SchemaCheck<'_> {
    pub fn text(&mut self, schema: &Map<String, Json>, text: &str, at: &str) {
        self.size(schema, ("minLength", "maxLength"), text.chars().count(), "characters", at);
        if let Some(pattern) = schema.get("pattern").and_then(Json::as_str) {
            match Pattern::new(pattern, "").and_then(|compiled| compiled.occurs(text)) {
                Ok(true) => {}
                Ok(false) => self
                    .report(at, format!("must match {pattern}, which {} does not", shown(&Json::from(text)))),
                Err(problem) => self.report(at, format!("cannot be checked: {problem}")),
            }
        }
        if let Some(format) = schema.get("format").and_then(Json::as_str)
            && let Some(noun) = misses_format(format, text)
        {
            self.report(at, format!("must be {noun}, not {}", shown(&Json::from(text))));
        }
    }

    pub fn number(&mut self, schema: &Map<String, Json>, number: f64, at: &str) {
        let bound = |word: &str| schema.get(word).and_then(Json::as_f64);
        if let Some(least) = bound("minimum").filter(|least| number < *least) {
            self.report(at, format!("must be {least} or more, not {number}"));
        }
        if let Some(most) = bound("maximum").filter(|most| number > *most) {
            self.report(at, format!("must be {most} or less, not {number}"));
        }
        if let Some(below) = bound("exclusiveMinimum").filter(|below| number <= *below) {
            self.report(at, format!("must be more than {below}, not {number}"));
        }
        if let Some(above) = bound("exclusiveMaximum").filter(|above| number >= *above) {
            self.report(at, format!("must be less than {above}, not {number}"));
        }
        if let Some(unit) =
            bound("multipleOf").filter(|unit| *unit > 0.0 && (number / unit).fract().abs() > 1e-9)
        {
            self.report(at, format!("must be a multiple of {unit}, not {number}"));
        }
    }
}
