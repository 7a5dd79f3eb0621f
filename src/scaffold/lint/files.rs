//! Findings in the files that a template renders: names that no step hands over, expressions of GitHub, sizes, labels.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::expression::{Dialect, RenderFailure, ValueReference, references};
use crate::scaffold::binary::as_text;
use crate::scaffold::comments::comment_lines;
use crate::scaffold::glob::Globs;
use crate::scaffold::lint::expressions::common;
use crate::scaffold::lint::rules::{
    CASE_COLLISION, Findings, GITHUB_EXPRESSION, LARGE_FILE, LintRule, NO_KUBERNETES_ID, PATH_ESCAPES,
    SYNTAX, UNDEFINED, UNDEFINED_IN_COMMENT,
};
use crate::scaffold::lint::subject::LintSubject;
use crate::scaffold::server_steps::texts;
use crate::scaffold::template::{Step, Template};
use crate::text::closest;
use crate::tree::{PathProblem, Tree, TreeEntry, jailed, joined, tidied, within};
use crate::yaml::{Place, Problem};

const LARGE: usize = 1 << 20;
const LABEL: &str = "backstage.io/kubernetes-id";
const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Rollout"];

pub fn check(template: &Template, subject: &LintSubject<'_>, findings: &mut Findings) {
    let source = subject.source;
    for step in &template.steps {
        paths(template, step, subject, findings);
        moved(template, step, findings);
        if matches!(step.action.as_str(), "fetch:template" | "fetch:template:file" | "fetch:cookiecutter") {
            rendered(template, step, subject, findings);
        }
        if step.action.starts_with("fetch:") {
            collisions(template, step, subject, findings);
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

/// What the URL of a step leads to, and how messages name it from the template's directory on; none where it is not spelt out, lies
/// elsewhere or is not there.
fn fetched(step: &Step, subject: &LintSubject<'_>) -> Option<(Tree, String)> {
    let url = step.input.get("url").and_then(Json::as_str)?;
    if url.contains("${{") || url.contains("{%") || url.contains("://") || url.starts_with("git+") {
        return None;
    }
    let (path, own) = located(url, subject.base).ok()?;
    match own {
        Some(own) => match subject.source.get(&own) {
            Some(entry @ TreeEntry::File { .. }) => {
                let mut tree = Tree::default();
                tree.insert(own.rsplit('/').next().unwrap_or_default(), entry.clone()).ok()?;
                Some((tree, own.rsplit_once('/').map_or(String::new(), |(directory, _)| directory.into())))
            }
            _ => Some((subject.source.subtree(&own)?, own)),
        },
        None => {
            let tree = (subject.beside)(&path)?;
            let up = subject.base.split('/').filter(|word| !word.is_empty()).map(|_| "..");
            let shown = up.chain([path.as_str()]).collect::<Vec<_>>().join("/");
            let name = path.rsplit('/').next().unwrap_or_default();
            let file = tree.len() == 1 && matches!(tree.get(name), Some(TreeEntry::File { .. }));
            let shown = if file { shown.trim_end_matches(name).trim_end_matches('/').into() } else { shown };
            Some((tree, shown))
        }
    }
}

/// A URL of a step as a path from the root of the source on, and from the template's directory on where it lies there.
fn located(url: &str, base: &str) -> Result<(String, Option<String>), PathProblem> {
    let path = match url.strip_prefix('/') {
        Some(rest) => within("", rest)?,
        None => within(base, url)?,
    };
    let own = match path.strip_prefix(base) {
        Some(rest) if base.is_empty() || rest.is_empty() => Some(rest.to_string()),
        Some(rest) => rest.strip_prefix('/').map(String::from),
        None => None,
    };
    Ok((path, own))
}

/// Files that are one where case does not count.
fn collisions(template: &Template, step: &Step, subject: &LintSubject<'_>, findings: &mut Findings) {
    let Some((tree, shown)) = fetched(step, subject) else { return };
    if let Some((first, second)) = tree.collisions().into_iter().next() {
        let message = format!(
            "'{first}' and '{second}' are one file where case, or how an accent is written, does not count"
        );
        findings.add(&CASE_COLLISION, Problem::new(place(template, &joined(&shown, &first), 1, 1), message));
    }
}

fn place(template: &Template, path: &str, line: u32, column: u32) -> Place {
    let directory = template.document.name.rsplit_once('/').map_or("", |(directory, _)| directory);
    Place::new(&tidied(&joined(directory, path)), line as usize, column as usize)
}

/// Paths that are spelt out and lead outside, or nowhere.
fn paths(template: &Template, step: &Step, subject: &LintSubject<'_>, findings: &mut Findings) {
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
        if key == "url" && step.action.starts_with("fetch:") {
            match located(path, subject.base) {
                Err(problem) => findings.at(&PATH_ESCAPES, template, &pointer, problem.to_string()),
                Ok(_) if fetched(step, subject).is_some() => {}
                Ok(_) => {
                    let message = format!("there is no '{path}' beside the template");
                    findings.at(&PATH_ESCAPES, template, &pointer, message);
                }
            }
        } else if key != "url"
            && let Err(problem) = jailed("", path)
        {
            findings.at(&PATH_ESCAPES, template, &pointer, problem.to_string());
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

fn rendered(template: &Template, step: &Step, subject: &LintSubject<'_>, findings: &mut Findings) {
    let Some((files, directory)) = fetched(step, subject) else { return };
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
    /// Whether a condition around a place asks for what no step hands over: Backstage does not get there.
    fn is_unreached(&self, reference: &ValueReference) -> bool {
        let Some(values) = &self.values else { return false };
        reference.needs.iter().any(|path| {
            path.first().is_some_and(|root| root == self.root)
                && path.get(1).is_some_and(|name| !values.contains(name))
        })
    }

    fn text(&self, text: &str, path: &str, findings: &mut Findings) {
        let comments = comment_lines(path, text);
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
            if reference.guarded || self.is_unreached(&reference) {
                continue;
            }
            let in_comment = comments.contains(&reference.place.line);
            let mut add = |rule: &'static LintRule, failure: RenderFailure| {
                add(if in_comment { &UNDEFINED_IN_COMMENT } else { rule }, failure);
            };
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
