//! What `template test` renders: every choice of a form on top of answers that are given or made up, and the cases of files.

use anyhow::{Result, bail};
use serde_json::{Map, Value as Json};

use crate::commands::template::test::invented::INVENTED;
use crate::commands::template::test::sample::sample;
use crate::golden_paths::{GoldenPath, error_of};
use crate::scaffold::coverage::answer_sets;
use crate::scaffold::defaults::filled;
use crate::scaffold::parameters::{Property, asked, complaints, missing};
use crate::scaffold::questions::{Widget, question};
use crate::scaffold::template::Template;
use crate::yaml;

/// One rendering to be checked.
pub struct RenderCase {
    pub name: String,
    pub answers: Map<String, Json>,
    /// Of a case file: what it says about the result.
    pub expect: Json,
}

/// The made-up or given answers, every choice on top of them, and the cases of `tests/*.yaml`.
pub fn cases(path: &GoldenPath, given: &Map<String, Json>) -> Result<Vec<RenderCase>> {
    let template = &path.template;
    let mut base = match beside(path, "tests/answers.yaml")? {
        Some(Json::Object(answers)) => answers,
        Some(_) => bail!("{}: tests/answers.yaml is no list of answers", template.name),
        None => Map::new(),
    };
    base.extend(given.clone());
    let base = completed(template, base);
    let mut cases: Vec<RenderCase> = Vec::new();
    for answers in answer_sets(template, &base) {
        let answers = completed(template, answers);
        let name = called(&answers, cases.first().map(|first| &first.answers));
        if cases.iter().all(|case| case.name != name) {
            cases.push(RenderCase { name, answers, expect: Json::Null });
        }
    }
    let files: Vec<String> = path
        .tree
        .below("tests")
        .map(|(file, _)| file.to_string())
        .filter(|file| {
            !file.contains('/')
                && (file.ends_with(".yaml") || file.ends_with(".yml"))
                && file != "answers.yaml"
        })
        .collect();
    for file in files {
        let expect = beside(path, &format!("tests/{file}"))?.unwrap_or_default();
        let answers = expect["answers"].as_object().cloned().unwrap_or_default();
        let name = file.rsplit_once('.').map_or(file.as_str(), |(name, _)| name).to_string();
        cases.push(RenderCase { name, answers: filled(template, &answers), expect });
    }
    Ok(cases)
}

/// A YAML file of the template's directory.
fn beside(path: &GoldenPath, file: &str) -> Result<Option<Json>> {
    let Some(bytes) = path.tree.bytes(file) else { return Ok(None) };
    let directory = path.template.document.name.rsplit_once('/').map_or("", |(directory, _)| directory);
    let text = String::from_utf8_lossy(bytes);
    match yaml::documents(&crate::tree::joined(directory, file), &text).into_iter().next() {
        Some(document) => Ok(Some(document.map_err(|problem| error_of(&[problem]))?.value)),
        None => Ok(None),
    }
}

/// What differs from the first case: `language-node`.
fn called(answers: &Map<String, Json>, first: Option<&Map<String, Json>>) -> String {
    let Some(first) = first else { return "defaults".to_string() };
    let different = answers.iter().filter(|(name, value)| first.get(*name) != Some(value));
    let words: Vec<String> = different
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), String::from);
            let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
            let word: String = format!("{name}-{value}").chars().map(plain).collect();
            word.trim_matches(['-', '.']).to_string()
        })
        .collect();
    if words.is_empty() { "same".into() } else { words.join("_").chars().take(120).collect() }
}

/// Made-up answers for what is required and has no default.
fn completed(template: &Template, mut answers: Map<String, Json>) -> Map<String, Json> {
    for _ in 0..20 {
        answers = filled(template, &answers);
        let open = missing(template, &answers);
        if open.is_empty() {
            break;
        }
        for property in open {
            let value = example(template, &answers, &property);
            answers.insert(property.name, value);
        }
    }
    answers
}

/// The first of some usual values that a property takes.
fn example(template: &Template, answers: &Map<String, Json>, property: &Property) -> Json {
    let schema = &property.schema;
    let mut tries: Vec<Json> = match question(property).widget {
        Widget::Select(options) => options.into_iter().map(|(value, _)| value).collect(),
        Widget::Repository { .. } => vec!["github.com?owner=acme&repo=example".into()],
        Widget::Entity(picker) => {
            let kind = picker.kinds.first().cloned().unwrap_or_else(|| "component".to_string());
            let reference = format!("{}:default/{INVENTED}", kind.to_lowercase());
            vec![if picker.several { vec![reference].into() } else { reference.into() }]
        }
        _ => Vec::new(),
    };
    tries.extend(schema["examples"].as_array().into_iter().flatten().cloned());
    tries.extend(schema["pattern"].as_str().and_then(sample).map(Json::from));
    match schema["type"].as_str() {
        Some("boolean") => tries.push(false.into()),
        Some("integer" | "number") => {
            tries.extend([schema["minimum"].clone(), schema["maximum"].clone(), 1.into(), 8080.into()]);
        }
        Some("array") => tries.extend([Json::Array(Vec::new()), vec!["example"].into()]),
        Some("object") => tries.push(Json::Object(Map::new())),
        _ => tries.extend(
            [
                "example",
                "Example",
                "example.org",
                "https://example.org",
                "someone@example.org",
                "1.0.0",
                "1",
                "0 3 * * *",
            ]
            .map(Json::from),
        ),
    }
    let fits = |value: &&Json| {
        let mut tried = answers.clone();
        tried.insert(property.name.clone(), (*value).clone());
        let own = |name: &str| name == property.name || name.starts_with(&format!("{}.", property.name));
        !value.is_null()
            && asked(template, &tried).iter().any(|known| known.name == property.name)
            && !complaints(template, &tried).iter().any(|complaint| own(&complaint.name))
    };
    tries.iter().find(fits).cloned().unwrap_or_else(|| "example".into())
}
