//! Every expression of tests/golden-paths gives what Backstage's own engine gave (tests/oracle wrote it down).

use serde_json::{Map, Value as Json};

use crate::expression::{Dialect, render, render_value};

const EXPECTED: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden-paths/expectations/expressions.json"));

/// Where callboard means to differ, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("${{ badRepo | parseRepoUrl }}", "any host is taken, since callboard knows no list of integrations"),
    ("${{ word.toUpperCase }}", "the place of the error differs"),
];

struct ParityCase<'a> {
    template: &'a str,
    expected: &'a Json,
    dialect: Dialect<'a>,
}

fn cases<'a>(document: &'a Json, section: &str, dialect: Dialect<'a>) -> Vec<ParityCase<'a>> {
    let flag = |case: &Json, name: &str| case[name].as_bool().unwrap_or(false);
    let list = document[section].as_array().expect("a list of cases");
    list.iter()
        .map(|case| ParityCase {
            template: case["template"].as_str().expect("a template is text"),
            expected: case,
            dialect: Dialect {
                trim_blocks: flag(case, "trimBlocks"),
                lstrip_blocks: flag(case, "lstripBlocks"),
                lenient: true,
                ..dialect
            },
        })
        .collect()
}

/// What differs from the expectation, if anything.
fn difference(case: &ParityCase<'_>, context: &Map<String, Json>) -> Option<String> {
    let value = render_value(case.template, context, case.dialect);
    let text = render(case.template, context, case.dialect);
    if case.expected.get("error").is_some() {
        let line = case.expected["error"].as_str().and_then(|error| {
            error.strip_prefix("Template error at line ")?.split(',').next()?.parse::<u32>().ok()
        });
        return match value {
            Ok(value) => Some(format!("no error but {value:?}")),
            Err(failure) => line
                .filter(|line| *line != failure.place.line)
                .map(|line| format!("{failure}, not line {line}")),
        };
    }
    let value = match value {
        Ok(value) => value,
        Err(failure) => return Some(failure.to_string()),
    };
    let expected = match case.expected {
        expected if expected.get("undefined").is_some() => None,
        expected if expected.get("number").is_some() => Some(Json::Null),
        expected => Some(expected["value"].clone()),
    };
    if !alike(value.as_ref(), expected.as_ref()) {
        return Some(format!("value {value:?}, not {expected:?}"));
    }
    let text = text.map_err(|failure| failure.to_string());
    (text.as_deref() != Ok(case.expected["text"].as_str().unwrap_or("?")))
        .then(|| format!("text {text:?}, not {}", case.expected["text"]))
}

/// Numbers are compared as numbers, since serde_json may read the last digit of a long one differently.
fn alike(left: Option<&Json>, right: Option<&Json>) -> bool {
    match (left, right) {
        (Some(Json::Number(left)), Some(Json::Number(right))) => {
            let (left, right) = (left.as_f64().unwrap_or(0.0), right.as_f64().unwrap_or(1.0));
            left == right || ((left - right) / right).abs() < 1e-15
        }
        (Some(Json::Array(left)), Some(Json::Array(right))) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| alike(Some(left), Some(right)))
        }
        (Some(Json::Object(left)), Some(Json::Object(right))) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| left.0 == right.0 && alike(Some(left.1), Some(right.1)))
        }
        (left, right) => left == right,
    }
}

#[test]
fn expressions_are_backstages() {
    let document: Json = serde_json::from_str(EXPECTED).expect("the oracle writes JSON");
    let context = document["context"].as_object().expect("a context").clone();
    let mut all = cases(&document, "expressions", Dialect::default());
    all.extend(cases(&document, "cookiecutter", Dialect { cookiecutter: true, ..Dialect::default() }));
    all.extend(cases(&document, "blocks", Dialect::default()));
    assert!(all.len() > 400, "{} cases", all.len());
    let differences: Vec<String> = all
        .iter()
        .filter(|case| !DIFFERENT.iter().any(|(template, _)| *template == case.template))
        .filter_map(|case| Some(format!("{}\n    {}", case.template, difference(case, &context)?)))
        .collect();
    assert!(
        differences.is_empty(),
        "{} of {} differ:\n{}",
        differences.len(),
        all.len(),
        differences.join("\n")
    );
}
