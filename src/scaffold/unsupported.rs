//! Steps that only a server can do: which, where, and who would miss their outputs.

use serde_json::Value as Json;

use crate::expression::{Dialect, references};
use crate::scaffold::template::Template;
use crate::yaml::{Problem, step};

#[derive(Clone, Debug)]
pub struct Unsupported {
    /// The id of the step.
    pub step: String,
}

/// One problem a step, at its action, with what to say to go on without it.
pub fn problems(template: &Template, unsupported: &[Unsupported]) -> Vec<Problem> {
    unsupported.iter().filter_map(|each| problem(template, &each.step)).collect()
}

fn problem(template: &Template, id: &str) -> Option<Problem> {
    let index = template.steps.iter().position(|step| step.id == id)?;
    let step = &template.steps[index];
    let readers = readers(template, id);
    let mut message = format!(
        "step {} \"{id}\" uses action {}, which runs only on a Backstage server",
        index + 1,
        step.action
    );
    for (output, reader) in &readers {
        message.push_str(&format!("; its output {output} is used by {reader}"));
    }
    let stub = readers
        .first()
        .map(|(output, _)| format!(", or --stub {id}.{output}=VALUE to go on as if it had run"));
    let hint = format!("--skip {id} leaves it out{}", stub.unwrap_or_default());
    Some(template.document.problem(&format!("{}/action", step.pointer), message).hint(hint))
}

/// Outputs of a step that are read elsewhere, each with the reader: `output.links[2]`, `step 'register'`.
pub fn readers(template: &Template, id: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for step in &template.steps {
        let parts = [Some(&step.input), step.condition.as_ref(), step.each.as_ref()];
        for part in parts.into_iter().flatten() {
            let reader = format!("step '{}'", step.id);
            texts(part, "", &mut |text, _| {
                found.extend(outputs(text, id).into_iter().map(|output| (output, reader.clone())))
            });
        }
    }
    texts(&template.output, "", &mut |text, pointer| {
        let words: Vec<&str> = pointer.split('/').skip(1).take(2).collect();
        let reader = match words.as_slice() {
            [list, index] if index.parse::<usize>().is_ok() => format!("output.{list}[{index}]"),
            words => format!("output.{}", words.join(".")),
        };
        found.extend(outputs(text, id).into_iter().map(|output| (output, reader.clone())));
    });
    found.dedup();
    found
}

fn outputs(text: &str, id: &str) -> Vec<String> {
    let references = references(text, Dialect::default()).unwrap_or_default();
    let of_step =
        |path: &[String]| path.len() > 3 && path[0] == "steps" && path[1] == id && path[2] == "output";
    references.iter().filter(|each| of_step(&each.path)).map(|each| each.path[3].clone()).collect()
}

/// Calls for every text in a value, with its pointer.
pub fn texts(value: &Json, pointer: &str, visit: &mut impl FnMut(&str, &str)) {
    match value {
        Json::String(text) => visit(text, pointer),
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                texts(item, &format!("{pointer}/{index}"), visit);
            }
        }
        Json::Object(entries) => {
            for (key, item) in entries {
                texts(item, &format!("{pointer}/{}", step(key)), visit);
            }
        }
        _ => {}
    }
}
