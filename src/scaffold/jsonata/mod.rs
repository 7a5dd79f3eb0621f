//! JSONata, the language of `roadiehq:utils:jsonata`: an expression and data in, data out.
//!
//! It is an interpreter of its own: the crates there are lack the transform operator, which is what golden paths use most, and have no
//! bound on work. Not known here are `%`, `@` and `#`, what formats numbers and dates, and `$eval`: each says so.

mod evaluate;
mod functions;
mod lex;
mod lists;
mod numbers;
mod operators;
#[cfg(test)]
mod parity;
mod parse;
mod paths;
mod syntax;
mod texts;
mod transform;
mod value;

use std::rc::Rc;

use serde_json::Value as Json;

use crate::expression::Fuel;
use crate::scaffold::jsonata::evaluate::JsonataEvaluator;
use crate::scaffold::jsonata::parse::parse;
use crate::scaffold::jsonata::value::{JsonataList, JsonataScope, JsonataValue};

/// What an expression makes of data; none where it finds nothing.
pub fn evaluate(expression: &str, data: &Json, fuel: &Fuel) -> Result<Option<Json>, String> {
    let parsed = parse(expression)?;
    let root = JsonataValue::of_json(data);
    let scope = Rc::new(JsonataScope::default());
    scope.bind(&"$".into(), root.clone());
    let input = match root {
        // A list is one thing to look at.
        JsonataValue::List(_) => JsonataValue::List(Rc::new(JsonataList {
            items: vec![root],
            found: true,
            outer: true,
            ..JsonataList::default()
        })),
        other => other,
    };
    JsonataEvaluator::new(fuel).evaluate(&parsed, &input, &scope)?.to_json(fuel)
}
