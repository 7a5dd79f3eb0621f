//! Findings in the template document itself: who owns it, what its steps are given, whether its form makes sense.

use serde_json::{Map, Value as Json};

use crate::expression::Pattern;
use crate::scaffold::actions::{ACTIONS, find};
use crate::scaffold::lint::rules::{
    COPY_WITHOUT_RENDER, DUPLICATE_STEP_ID, Findings, INVALID_INPUT, INVALID_PARAMETERS, NO_DESCRIPTION,
    NO_OWNER, SERVER_ACTION, UNKNOWN_ACTION, UNKNOWN_OWNER,
};
use crate::scaffold::schema::{ViolationKind, violations};
use crate::scaffold::server_steps::{misspelt, readers};
use crate::scaffold::template::{Step, Template};
use crate::text::closest;
use crate::yaml::step as escaped;

pub fn check(template: &Template, known: Option<&dyn Fn(&str) -> bool>, findings: &mut Findings) {
    match (&template.owner, known) {
        (None, _) => findings.at(
            &NO_OWNER,
            template,
            "/spec",
            "spec.owner is missing: which guild keeps this template?",
        ),
        (Some(owner), Some(known)) if !owner.contains("${{") && !known(owner) => {
            findings.at(
                &UNKNOWN_OWNER,
                template,
                "/spec/owner",
                format!("the owner '{owner}' is not in the catalog"),
            );
        }
        _ => {}
    }
    if template.description.is_none() {
        findings.at(
            &NO_DESCRIPTION,
            template,
            "/metadata",
            "metadata.description is missing: when does one choose this template?",
        );
    }
    template.steps.iter().for_each(|step| input(template, step, findings));
    for (index, step) in template.steps.iter().enumerate() {
        let before = template.steps[..index].iter().find(|before| before.id == step.id);
        if before.is_some_and(|before| before.condition.is_none() || step.condition.is_none()) {
            let message = format!("another step has the id '{}', and both can run", step.id);
            findings.at(&DUPLICATE_STEP_ID, template, &format!("{}/id", step.pointer), message);
        }
    }
    for page in &template.pages {
        parameters(template, &Json::Object(page.schema.clone()), &page.pointer, findings, 0);
    }
}

fn input(template: &Template, step: &Step, findings: &mut Findings) {
    let Some(action) = find(ACTIONS, &step.action) else {
        let readers = readers(template, &step.id);
        let used: Vec<String> = readers
            .iter()
            .map(|(output, reader)| format!("; its output {output} is used by {reader}"))
            .collect();
        let message = format!("{} runs only on a Backstage server{}", step.action, used.join(""));
        let at = format!("{}/action", step.pointer);
        if let Some(known) = misspelt(&step.action) {
            let problem = template.document.problem(&at, format!("there is no action {}", step.action));
            return findings.add(&UNKNOWN_ACTION, problem.hint(format!("did you mean {known}?")));
        }
        return findings.add(&SERVER_ACTION, template.document.problem(&at, message));
    };
    let pointer = format!("{}/input", step.pointer);
    if step.input.get("copyWithoutRender").is_some() && step.action.starts_with("fetch:template") {
        let problem = template.document.key_place(&format!("{pointer}/copyWithoutRender"));
        let message = "copyWithoutRender is ignored, so that its files are rendered";
        findings.add(
            &COPY_WITHOUT_RENDER,
            crate::yaml::Problem::new(problem, message).hint("copyWithoutTemplating is its name now"),
        );
    }
    let both =
        |other: &str| step.input.get("templateFileExtension").is_some() && step.input.get(other).is_some();
    if let Some(other) = ["copyWithoutTemplating", "cookiecutterCompat"].into_iter().find(|other| both(other))
    {
        let place = template.document.key_place(&format!("{pointer}/templateFileExtension"));
        let message = format!("templateFileExtension does not go together with {other}");
        findings.add(&INVALID_INPUT, crate::yaml::Problem::new(place, message));
    }
    let schema: Json = serde_json::from_str(action.schema).unwrap_or(Json::Bool(true));
    for violation in violations(&schema, &step.input) {
        // What an expression will give is not known yet.
        let value = step.input.pointer(&violation.pointer);
        if value.and_then(Json::as_str).is_some_and(|text| text.contains("${{"))
            && violation.kind == ViolationKind::Value
        {
            continue;
        }
        let field = violation.pointer.trim_start_matches('/').replace('/', ".");
        let at = format!("{pointer}{}", violation.pointer);
        let message = format!("{}: the input {field} {}", step.action, violation.message);
        findings.add(&INVALID_INPUT, crate::yaml::Problem::new(template.document.key_place(&at), message));
    }
}

/// The types of JSON Schema.
const TYPES: &[&str] = &["string", "number", "integer", "boolean", "array", "object", "null"];

fn kinds(property: &Json) -> impl Iterator<Item = &str> {
    let kind = &property["type"];
    kind.as_str().into_iter().chain(kind.as_array().into_iter().flatten().filter_map(Json::as_str))
}

/// Types that are none, defaults that do not fit, patterns that cannot be read, required names that are no property.
fn parameters(template: &Template, schema: &Json, pointer: &str, findings: &mut Findings, depth: usize) {
    let Json::Object(schema) = schema else { return };
    if depth > 20 {
        return;
    }
    let empty = Map::new();
    let properties = schema.get("properties").and_then(Json::as_object).unwrap_or(&empty);
    for (name, property) in properties {
        let at = format!("{pointer}/properties/{}", escaped(name));
        for kind in kinds(property).filter(|kind| !TYPES.contains(kind)) {
            let near = closest(kind, TYPES.iter().copied());
            let mut problem = template
                .document
                .problem(&format!("{at}/type"), format!("'{name}' has the type '{kind}', which is none"));
            if let Some(near) = near.first() {
                problem = problem.hint(format!("did you mean {near}?"));
            }
            findings.add(&INVALID_PARAMETERS, problem);
        }
        if let Some(pattern) = property.get("pattern").and_then(Json::as_str)
            && let Err(problem) = Pattern::new(pattern, "")
        {
            findings.at(
                &INVALID_PARAMETERS,
                template,
                &format!("{at}/pattern"),
                format!("the pattern of '{name}': {problem}"),
            );
            continue;
        }
        if let Some(default) = property.get("default")
            && let Some(first) = violations(property, default).into_iter().next()
        {
            findings.at(
                &INVALID_PARAMETERS,
                template,
                &format!("{at}/default"),
                format!("the default of '{name}' {}", first.message),
            );
        }
        parameters(template, property, &at, findings, depth + 1);
    }
    // A branch may require what the page around it declares; only whole pages are checked.
    let whole = depth == 0
        && !["allOf", "oneOf", "anyOf", "if", "dependencies"].iter().any(|word| schema.contains_key(*word));
    let required = schema
        .get("required")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .enumerate();
    for (index, name) in required.filter(|(_, name)| whole && !properties.contains_key(*name)) {
        let at = format!("{pointer}/required/{index}");
        findings.at(
            &INVALID_PARAMETERS,
            template,
            &at,
            format!("'{name}' is required and no property of this page"),
        );
    }
}
