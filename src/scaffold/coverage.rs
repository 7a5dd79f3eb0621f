//! Answers that together try every choice of a form at least once: what `template test` renders.

use serde_json::{Map, Value as Json};

use crate::scaffold::defaults::filled;
use crate::scaffold::parameters::asked;
use crate::scaffold::template::Template;

/// More sets of answers than any form needs.
const MOST: usize = 200;

/// Sets of answers that build on `base`, which answers what has no default: the base itself, then one for each value of an `enum`
/// and each boolean that no earlier set has, questions that only appear with a choice included.
pub fn answer_sets(template: &Template, base: &Map<String, Json>) -> Vec<Map<String, Json>> {
    let mut sets = vec![filled(template, base)];
    let mut index = 0;
    while index < sets.len() && sets.len() < MOST {
        let current = sets[index].clone();
        for property in asked(template, &current) {
            for choice in choices(&property.schema) {
                let tried = |set: &Map<String, Json>| set.get(&property.name) == Some(&choice);
                if sets.iter().any(tried) || sets.len() >= MOST {
                    continue;
                }
                // What depended on the old choice is asked again.
                let mut answers = without_conditional(template, base, &current);
                answers.insert(property.name.clone(), choice);
                sets.push(filled(template, &answers));
            }
        }
        index += 1;
    }
    sets
}

fn choices(schema: &Json) -> Vec<Json> {
    match schema.get("enum").and_then(Json::as_array) {
        Some(options) => options.clone(),
        None if schema["type"] == "boolean" => vec![Json::Bool(true), Json::Bool(false)],
        None => Vec::new(),
    }
}

/// The answers that were chosen on the way, without those that merely were defaults.
fn without_conditional(
    template: &Template,
    base: &Map<String, Json>,
    current: &Map<String, Json>,
) -> Map<String, Json> {
    let defaults = filled(template, base);
    let chosen = current.iter().filter(|(name, value)| defaults.get(*name) != Some(value));
    let mut answers = base.clone();
    answers.extend(chosen.map(|(name, value)| (name.clone(), value.clone())));
    answers
}
