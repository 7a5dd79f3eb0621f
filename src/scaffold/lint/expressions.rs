//! Findings in the expressions of the document: what cannot be read, and names that nothing sets.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::expression::{Dialect, RenderFailure, ValueReference, filters, references};
use crate::scaffold::actions::{ACTIONS, Action, find};
use crate::scaffold::lint::rules::{
    CLOCK_OR_RANDOM, DASHED_STEP_ID, Findings, LintRule, SYNTAX, UNDEFINED, UNDEFINED_IN_OUTPUT,
    UNKNOWN_FILTER, UNUSED_PARAMETER,
};
use crate::scaffold::parameters::declared;
use crate::scaffold::server_steps::texts;
use crate::scaffold::template::{SECRETS, Step, Template};
use crate::text::closest;
use crate::tree::Tree;
use crate::yaml::step as escaped;

pub fn check(template: &Template, source: &Tree, findings: &mut Findings) {
    let declared = declared(template);
    let mut document = LintedDocument { template, declared: &declared, used: BTreeSet::new(), findings };
    for (index, step) in template.steps.iter().enumerate() {
        let pointer = &step.pointer;
        let parts =
            [("input", Some(&step.input)), ("if", step.condition.as_ref()), ("each", step.each.as_ref())];
        for (name, part) in parts {
            let Some(part) = part else { continue };
            texts(part, "", &mut |text, inner| {
                document.text(text, &format!("{pointer}/{name}{inner}"), Some((index, step)));
            });
        }
    }
    texts(&template.output, "", &mut |text, inner| {
        document.output(text, &format!("/spec/output{inner}"));
    });
    for page in &template.pages {
        if let Some(when) = page.when.as_ref().and_then(Json::as_str) {
            let text = if when.trim_start().starts_with("${{") {
                when.to_string()
            } else {
                format!("${{{{ {when} }}}}")
            };
            document.text(&text, &format!("{}/when", page.pointer), None);
        }
    }
    let used = document.used;
    unused(template, &declared, &used, source, findings);
}

struct LintedDocument<'a> {
    template: &'a Template,
    declared: &'a BTreeSet<String>,
    /// Parameters that are read; `*` where all of them are.
    used: BTreeSet<String>,
    findings: &'a mut Findings,
}

/// A finding in an expression, if there is one: the rule, and what is wrong.
pub fn common(reference: &ValueReference) -> Option<(&'static LintRule, RenderFailure)> {
    let random = |name: &str| matches!(name, "random" | "now" | "uuid");
    if let Some(filter) = &reference.filter {
        if random(filter) {
            return Some((
                &CLOCK_OR_RANDOM,
                RenderFailure::new(format!("'{filter}' makes every run differ"), reference.place),
            ));
        }
        if !filters().any(|known| known == filter) && filter != "jsonify" {
            let failure = RenderFailure::new(format!("there is no filter '{filter}'"), reference.place);
            let near = closest(filter, filters());
            return Some((
                &UNKNOWN_FILTER,
                near.first()
                    .map_or(failure.clone(), |near| failure.with_hint(format!("did you mean '{near}'?"))),
            ));
        }
    }
    if reference.path.len() == 1 && random(&reference.path[0]) {
        return Some((
            &CLOCK_OR_RANDOM,
            RenderFailure::new(format!("'{}' makes every run differ", reference.path[0]), reference.place),
        ));
    }
    None
}

impl LintedDocument<'_> {
    fn text(&mut self, text: &str, pointer: &str, within: Option<(usize, &Step)>) {
        let references = match references(text, Dialect::default()) {
            Ok(references) => references,
            Err(failure) => return self.findings.add(&SYNTAX, self.template.problem(pointer, &failure)),
        };
        let found: Vec<(&'static LintRule, RenderFailure)> = references
            .iter()
            .filter_map(|reference| {
                let unknown = common(reference).or_else(|| self.unknown(reference, within))?;
                // Where the template asks whether a name is there, that it is not is no mistake.
                let allowed = reference.guarded || self.is_unreached(reference);
                (!allowed || unknown.0.id != UNDEFINED.id).then_some(unknown)
            })
            .collect();
        // What is subtracted by mistake is no name either.
        let dashed = found.iter().any(|(rule, _)| rule.id == DASHED_STEP_ID.id);
        for (rule, failure) in found.iter().filter(|(rule, _)| !dashed || rule.id != UNDEFINED.id) {
            self.findings.add(rule, self.template.problem(pointer, failure));
        }
    }

    /// Whether the conditions around it need a parameter that nobody asks for.
    fn is_unreached(&self, reference: &ValueReference) -> bool {
        reference.needs.iter().any(|path| match path.as_slice() {
            [first, name, ..] => first == "parameters" && !self.declared.contains(name),
            _ => false,
        })
    }

    /// As `text`, of the output: what cannot be made there is left out, and stops nothing.
    fn output(&mut self, text: &str, pointer: &str) {
        let before = self.findings.0.len();
        self.text(text, pointer, None);
        for finding in &mut self.findings.0[before..] {
            if finding.rule.id != SYNTAX.id {
                finding.rule = &UNDEFINED_IN_OUTPUT;
            }
        }
    }

    fn unknown(
        &mut self,
        reference: &ValueReference,
        within: Option<(usize, &Step)>,
    ) -> Option<(&'static LintRule, RenderFailure)> {
        let path: Vec<&str> = reference.path.iter().map(String::as_str).collect();
        let undefined = |name: String, near: Option<String>| {
            let failure = RenderFailure::new(format!("'{name}' is not set by anything"), reference.place);
            (
                &UNDEFINED,
                near.map_or(failure.clone(), |near| failure.with_hint(format!("did you mean '{near}'?"))),
            )
        };
        match path.as_slice() {
            []
            | [
                "user" | "environment" | "context" | "secrets" | "always" | "failure" | "range" | "cycler"
                | "joiner",
                ..,
            ] => None,
            ["parameters"] => {
                self.used.insert("*".into());
                None
            }
            ["parameters", name, ..] => {
                self.used.insert((*name).to_string());
                let known = self.declared.contains(*name);
                let near = || {
                    closest(name, self.declared.iter().map(String::as_str)).first().map(ToString::to_string)
                };
                (!known).then(|| undefined(format!("parameters.{name}"), near()))
            }
            ["each", ..] if within.is_some_and(|(_, step)| step.each.is_some()) => None,
            ["each", ..] => {
                let failure =
                    RenderFailure::new("'each' is set only in a step that has `each:`", reference.place);
                Some((&UNDEFINED, failure))
            }
            ["steps"] => None,
            ["steps", id, rest @ ..] => self.unknown_step(reference, id, rest, within),
            [name, ..] => {
                let known = ["parameters", "steps", "user", "each", "secrets", "environment", "context"];
                Some(undefined((*name).to_string(), closest(name, known).first().map(ToString::to_string)))
            }
        }
    }

    fn unknown_step(
        &self,
        reference: &ValueReference,
        id: &str,
        rest: &[&str],
        within: Option<(usize, &Step)>,
    ) -> Option<(&'static LintRule, RenderFailure)> {
        let steps = &self.template.steps;
        let of_id: Vec<usize> = (0..steps.len()).filter(|index| steps[*index].id == id).collect();
        let failure = |message: String| RenderFailure::new(message, reference.place);
        let Some(first) = of_id.first() else {
            let dashed = steps.iter().find(|step| step.id.starts_with(&format!("{id}-")));
            return Some(match dashed {
                Some(step) if rest.is_empty() => {
                    let message = format!("steps.{} subtracts; it is no step", step.id);
                    (&DASHED_STEP_ID, failure(message).with_hint(format!("write steps['{}']", step.id)))
                }
                _ => (&UNDEFINED, failure(format!("there is no step '{id}'"))),
            });
        };
        if within.is_some_and(|(current, _)| *first >= current) {
            return Some((&UNDEFINED, failure(format!("the step '{id}' has not run yet here"))));
        }
        let actions: Option<Vec<&Action>> =
            of_id.iter().map(|index| find(ACTIONS, &steps[*index].action)).collect();
        let actions = actions?;
        match rest {
            ["output", output, ..] if !actions.iter().any(|action| action.outputs.contains(output)) => {
                let failure = failure(format!("{} has no output '{output}'", actions[0].id));
                let known = actions[0].outputs.join(", ");
                let hint = if known.is_empty() { "it has none".into() } else { format!("it has {known}") };
                Some((&UNDEFINED, failure.with_hint(hint)))
            }
            [other, ..] if *other != "output" => {
                Some((&UNDEFINED, failure(format!("a step has an output, no '{other}'"))))
            }
            _ => None,
        }
    }
}

/// Parameters that nothing reads; one that decides about others, by being named in a condition, is read.
fn unused(
    template: &Template,
    declared: &BTreeSet<String>,
    used: &BTreeSet<String>,
    source: &Tree,
    findings: &mut Findings,
) {
    // A template whose files lie elsewhere may read anything.
    if used.contains("*") || source.is_empty() && used.is_empty() {
        return;
    }
    for page in template.pages.iter().filter(|page| page.pointer != SECRETS) {
        let deciding = Json::Object(
            page.schema
                .iter()
                .filter(|(key, _)| *key != "properties" && *key != "required")
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        )
        .to_string();
        let properties = page.schema.get("properties").and_then(Json::as_object).into_iter().flatten();
        for (name, _) in properties.filter(|(name, _)| declared.contains(*name) && !used.contains(*name)) {
            if !deciding.contains(&format!("\"{name}\"")) {
                let pointer = format!("{}/properties/{}", page.pointer, escaped(name));
                findings.at(
                    &UNUSED_PARAMETER,
                    template,
                    &pointer,
                    format!("the parameter '{name}' is never read"),
                );
            }
        }
    }
}
