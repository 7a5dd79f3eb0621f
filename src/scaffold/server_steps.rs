//! Steps that only a server can do: which are left out, who reads their outputs, and where that cannot be.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::expression::{Dialect, references};
use crate::scaffold::actions::ACTIONS;
use crate::scaffold::template::{Step, Template};
use crate::yaml::{Problem, step};

/// A step that cannot be left out without a word, and why.
#[derive(Clone, Debug)]
pub enum Refused {
    /// Its action runs on a server only, and nothing may be left out.
    NeedsServer,
    /// Its action is nearly one that runs here.
    Misspelt(&'static str),
    /// Its action would write files.
    Writes,
    /// It decides about files, by what a step puts out that was left out: id and output.
    Reads(String, String),
}

/// Whether an action that does not run here makes files, by its name.
pub fn writes(action: &str) -> bool {
    let mut words = action.split(':');
    let first = words.next().unwrap_or_default();
    matches!(first, "fetch" | "fs" | "workspace") || words.any(|word| word == "fs") || action == "run:yeoman"
}

/// The action that runs here and was meant, where one word of the name is a letter or two off. `gitlab` is no slip of `github`.
pub fn misspelt(action: &str) -> Option<&'static str> {
    const NAMES: [&str; 5] = ["github", "gitlab", "gitea", "azure", "gerrit"];
    let words: Vec<&str> = action.split(':').collect();
    let near = |known: &str| {
        let known: Vec<&str> = known.split(':').collect();
        let mut different = words.iter().zip(&known).filter(|(word, known)| word != known);
        let (Some((word, known)), None, true) =
            (different.next(), different.next(), words.len() == known.len())
        else {
            return false;
        };
        let most = if known.len() < 5 { 1 } else { 2 };
        !NAMES.contains(word) && strsim::osa_distance(word, known) <= most
    };
    ACTIONS.iter().map(|known| known.id).find(|known| near(known))
}

/// The first output of a left-out step that a step reads, as id and output; what a condition reads counts as much.
pub fn read_by(step: &Step, left_out: &BTreeSet<String>) -> Option<(String, String)> {
    let parts = [step.condition.as_ref(), step.each.as_ref(), Some(&step.input)];
    parts.into_iter().flatten().find_map(|part| read_in(part, left_out))
}

/// As `read_by`, of one value.
pub fn read_in(part: &Json, left_out: &BTreeSet<String>) -> Option<(String, String)> {
    let mut found = None;
    texts(part, "", &mut |text, _| {
        let references = references(text, Dialect::default()).unwrap_or_default();
        let path = references.iter().map(|reference| &reference.path).find(|path| {
            path.len() > 2 && path[0] == "steps" && path[2] == "output" && left_out.contains(&path[1])
        });
        if let (None, Some(path)) = (&found, path) {
            found = Some((path[1].clone(), path.get(3).cloned().unwrap_or_default()));
        }
    });
    found
}

/// The problem of a step, at its action, with what to say to go on without it.
pub fn problem(template: &Template, step: &Step, refused: &Refused) -> Problem {
    let (id, action) = (&step.id, &step.action);
    let index = template.steps.iter().position(|each| each.pointer == step.pointer).unwrap_or_default() + 1;
    let pointer = format!("{}/action", step.pointer);
    let mut message =
        format!("step {index} \"{id}\" uses action {action}, which runs only on a Backstage server");
    let mut hint = format!("--skip {id} leaves it out");
    match refused {
        Refused::NeedsServer => {}
        Refused::Misspelt(known) => {
            message = format!("step {index} \"{id}\" uses action {action}, which there is not");
            hint = format!(
                "did you mean {known}? If it is an action of your own Backstage, --skip {id} leaves it out"
            );
        }
        Refused::Writes => message.push_str(" and makes files"),
        Refused::Reads(of, output) => {
            let (said, output) = match output.is_empty() {
                true => ("all of it".to_string(), "OUTPUT"),
                false => (format!("its output {output}"), output.as_str()),
            };
            let action = template.step(of).map(|step| step.action.clone()).unwrap_or_default();
            message = format!(
                "step {index} \"{id}\" makes files by what step \"{of}\" ({action}) puts out, which runs only on a Backstage server: {said}"
            );
            hint = format!(
                "--stub {of}.{output}=VALUE goes on as if it had run, --skip {id} leaves this step out"
            );
        }
    }
    let readers = readers(template, id);
    for (output, reader) in readers.iter().filter(|_| !matches!(refused, Refused::Reads(..))) {
        message.push_str(&format!("; its output {output} is used by {reader}"));
    }
    if let (Some((output, _)), true) =
        (readers.first(), matches!(refused, Refused::NeedsServer | Refused::Writes))
    {
        hint.push_str(&format!(", or --stub {id}.{output}=VALUE to go on as if it had run"));
    }
    template.document.problem(&pointer, message).hint(hint)
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

#[cfg(test)]
mod tests {
    use super::{misspelt, writes};

    #[test]
    fn a_slip_is_told_from_an_action_of_somebody_else() {
        for (action, known) in [
            ("fetch:tempalte", Some("fetch:template")),
            ("fetsh:plain", Some("fetch:plain")),
            ("publish:githib", Some("publish:github")),
            ("catalog:regster", Some("catalog:register")),
            ("gitlab:repo:push", None),
            ("acme:register", None),
            ("http:backstage:request", None),
            ("argocd:create-resources", None),
            ("github:actions:dispatch", None),
            ("publish:gitee-of-ours", None),
        ] {
            assert_eq!(misspelt(action), known, "{action}");
        }
        for (action, makes) in
            [("fetch:rails", true), ("acme:fs:generate", true), ("run:yeoman", true), ("http:request", false)]
        {
            assert_eq!(writes(action), makes, "{action}");
        }
    }
}
