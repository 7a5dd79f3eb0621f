//! Findings in the files that a template renders: names that no step hands over, expressions of GitHub, sizes, labels.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::expression::{Dialect, RenderFailure, references};
use crate::scaffold::binary::as_text;
use crate::scaffold::glob::Globs;
use crate::scaffold::lint::expressions::common;
use crate::scaffold::lint::rules::{
    Findings, GITHUB_EXPRESSION, LARGE_FILE, LintRule, NO_KUBERNETES_ID, PATH_ESCAPES, SYNTAX, UNDEFINED,
};
use crate::scaffold::template::{Step, Template};
use crate::scaffold::unsupported::texts;
use crate::text::closest;
use crate::tree::{Tree, TreeEntry, jailed, joined};
use crate::yaml::{Place, Problem};

const LARGE: usize = 1 << 20;
const LABEL: &str = "backstage.io/kubernetes-id";
const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Rollout"];

pub fn check(template: &Template, source: &Tree, findings: &mut Findings) {
    for step in &template.steps {
        paths(template, step, source, findings);
        moved(template, step, findings);
        if matches!(step.action.as_str(), "fetch:template" | "fetch:template:file" | "fetch:cookiecutter") {
            rendered(template, step, source, findings);
        }
    }
    // What a project is made of is a directory of the template: there a link must stay inside too.
    let tops = source.directories().into_iter().filter(|path| !path.contains('/'));
    let stray = tops.filter_map(|top| {
        source.subtree(&top)?.stray_link().map(|link| (joined(&top, &link.path), link.why))
    });
    let whole = source.stray_link().map(|link| (link.path, link.why));
    for (path, why) in stray.chain(whole).take(1) {
        findings.add(&PATH_ESCAPES, Problem::new(place(template, &path, 1, 1), format!("this {why}")));
    }
    for (path, entry) in source.iter() {
        if let TreeEntry::File { bytes, .. } = entry
            && bytes.len() > LARGE
        {
            let message = format!(
                "this file has {} bytes; templates are read into memory and copied for every project",
                bytes.len()
            );
            findings.add(&LARGE_FILE, Problem::new(place(template, path, 1, 1), message));
        }
    }
    labels(template, source, findings);
}

fn place(template: &Template, path: &str, line: u32, column: u32) -> Place {
    let directory = template.document.name.rsplit_once('/').map_or("", |(directory, _)| directory);
    Place::new(&joined(directory, path), line as usize, column as usize)
}

/// Paths that are spelt out and lead outside, or nowhere.
fn paths(template: &Template, step: &Step, source: &Tree, findings: &mut Findings) {
    for key in ["url", "targetPath", "sourcePath", "filePath"] {
        let Some(path) = step.input.get(key).and_then(Json::as_str) else { continue };
        let pointer = format!("{}/input/{key}", step.pointer);
        if path.contains("${{")
            || path.contains("{%")
            || path.contains("://")
            || path.starts_with("git+")
            || key == "sourcePath" && path == "/"
        {
            continue;
        }
        match jailed("", path) {
            Err(problem) => findings.at(&PATH_ESCAPES, template, &pointer, problem.to_string()),
            Ok(inside) if key == "url" && step.action.starts_with("fetch:") && !source.exists(&inside) => {
                findings.at(
                    &PATH_ESCAPES,
                    template,
                    &pointer,
                    format!("there is no '{path}' beside the template"),
                );
            }
            Ok(_) => {}
        }
    }
}

/// Paths of `fs:*` that are spelt out and lead outside.
fn moved(template: &Template, step: &Step, findings: &mut Findings) {
    if !step.action.starts_with("fs:") {
        return;
    }
    texts(&step.input, "", &mut |path, inner| {
        if path.contains("${{") || path.contains("{%") {
            return;
        }
        if let Err(problem) = jailed("", path) {
            findings.at(
                &PATH_ESCAPES,
                template,
                &format!("{}/input{inner}", step.pointer),
                problem.to_string(),
            );
        }
    });
}

/// What one step renders, with the values that it hands over; none where they are not spelt out.
struct RenderedStep<'a> {
    template: &'a Template,
    root: &'static str,
    values: Option<BTreeSet<String>>,
    dialect: Dialect<'static>,
}

fn rendered(template: &Template, step: &Step, source: &Tree, findings: &mut Findings) {
    let Some(url) = step
        .input
        .get("url")
        .and_then(Json::as_str)
        .filter(|url| !url.contains("${{") && !url.contains("://"))
    else {
        return;
    };
    let Ok(directory) = jailed("", url) else { return };
    let cookiecutter = step.action == "fetch:cookiecutter"
        || step.input.get("cookiecutterCompat") == Some(&Json::Bool(true));
    let values = match step.input.get("values") {
        None => Some(BTreeSet::new()),
        Some(Json::Object(values)) => Some(values.keys().cloned().collect()),
        Some(_) => None,
    };
    let dialect = Dialect { cookiecutter, ..Dialect::default() };
    let checked = RenderedStep {
        template,
        root: if cookiecutter { "cookiecutter" } else { "values" },
        values,
        dialect,
    };
    if let Some(TreeEntry::File { bytes, .. }) = source.get(&directory) {
        if let Some(text) = as_text(bytes) {
            checked.text(&text, &directory, findings);
        }
        return;
    }
    let Some(files) = source.subtree(&directory) else { return };
    let list = step.input.get("copyWithoutTemplating").and_then(Json::as_array);
    let verbatim: Vec<&str> = list.into_iter().flatten().filter_map(Json::as_str).collect();
    let Ok(verbatim) = Globs::new(verbatim, &files) else { return };
    let extension = match step.input.get("templateFileExtension") {
        Some(Json::Bool(true)) => Some(".njk".to_string()),
        Some(Json::String(extension)) => Some(format!(".{}", extension.trim_start_matches('.'))),
        _ => None,
    };
    for (path, entry) in files.iter() {
        let whole = joined(&directory, path);
        checked.text(path, &whole, findings);
        let is_rendered = extension
            .as_ref()
            .map_or(!verbatim.matches(path), |extension| path.ends_with(extension.as_str()));
        if let TreeEntry::File { bytes, .. } = entry
            && let Some(text) = as_text(bytes).filter(|_| is_rendered)
        {
            checked.text(&text, &whole, findings);
        }
    }
}

impl RenderedStep<'_> {
    fn text(&self, text: &str, path: &str, findings: &mut Findings) {
        let mut add = |rule: &'static LintRule, failure: RenderFailure| {
            let problem = Problem::new(
                place(self.template, path, failure.place.line, failure.place.column),
                failure.message,
            );
            findings.add(
                rule,
                match failure.hint {
                    Some(hint) => problem.hint(hint),
                    None => problem,
                },
            );
        };
        let references = match references(text, self.dialect) {
            Ok(references) => references,
            Err(failure) => return add(&SYNTAX, failure),
        };
        for reference in references {
            if let Some((rule, failure)) = common(&reference) {
                add(rule, failure);
                continue;
            }
            let path: Vec<&str> = reference.path.iter().map(String::as_str).collect();
            match path.as_slice() {
                [] | ["range" | "cycler" | "joiner", ..] => {}
                [root] if *root == self.root => {}
                [root, name, ..] if *root == self.root => {
                    let Some(values) = &self.values else { continue };
                    if !values.contains(*name) {
                        let failure = RenderFailure::new(
                            format!("no step hands over '{root}.{name}'"),
                            reference.place,
                        );
                        let near = closest(name, values.iter().map(String::as_str));
                        add(
                            &UNDEFINED,
                            near.first().map_or(failure.clone(), |near| {
                                failure.with_hint(format!("did you mean '{near}'?"))
                            }),
                        );
                    }
                }
                ["True" | "False" | "None"] if self.dialect.cookiecutter => {}
                [
                    "github" | "secrets" | "env" | "matrix" | "runner" | "needs" | "inputs" | "vars" | "job"
                    | "steps" | "strategy",
                    ..,
                ] => {
                    let failure = RenderFailure::new(
                        format!("'{}' is GitHub's, and is blanked here", path.join(".")),
                        reference.place,
                    );
                    add(&GITHUB_EXPRESSION, failure.with_hint("add the file to copyWithoutTemplating, or put the expression between {% raw %} and {% endraw %}"));
                }
                _ => {
                    let failure = RenderFailure::new(
                        format!("'{}' is not known in files; they see only '{}'", path.join("."), self.root),
                        reference.place,
                    );
                    add(&UNDEFINED, failure);
                }
            }
        }
    }
}

/// Workloads in a template whose files nowhere name the label by which `status` finds them.
fn labels(template: &Template, source: &Tree, findings: &mut Findings) {
    let mut first = None;
    for (path, entry) in source.iter() {
        let TreeEntry::File { bytes, .. } = entry else { continue };
        let Some(text) = as_text(bytes) else { continue };
        if path == "template.yaml" || !(path.contains(".yaml") || path.contains(".yml")) {
            continue;
        }
        if text.contains(LABEL) && !text.contains("kind: Component") {
            return;
        }
        let kind =
            |line: &str| line.strip_prefix("kind: ").is_some_and(|kind| WORKLOADS.contains(&kind.trim()));
        if first.is_none() && text.lines().any(kind) {
            first = Some(path);
        }
    }
    if let Some(path) = first {
        let message = format!("no manifest sets the label {LABEL}, by which a service's workloads are found");
        findings.add(&NO_KUBERNETES_ID, Problem::new(place(template, path, 1, 1), message));
    }
}
