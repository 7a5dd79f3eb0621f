//! `template test`: renders a golden path with every choice of its form, and compares with what it is known to give.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::args::{OutputArgs, PlacesArgs};
use crate::commands::new::read_answers;
use crate::commands::template::lint::chosen;
use crate::files;
use crate::golden_paths::make::{make, request};
use crate::golden_paths::{GoldenPath, Outside, told};
use crate::outcome::{Outcome, advised};
use crate::report::{Cell, Detail, Grid, Line, Page, Report, Tone};
use crate::scaffold::actions::World;
use crate::scaffold::coverage::answer_sets;
use crate::scaffold::lock;
use crate::scaffold::parameters::{Property, asked, complaints, filled, missing};
use crate::scaffold::questions::{Widget, question};
use crate::scaffold::template::Template;
use crate::text::count;
use crate::tree::Tree;
use crate::yaml::{self, Problem};

/// Render golden paths with every choice of their forms, and compare with their golden trees
///
/// Every value of an enum and every boolean is tried at least once, on top of made-up answers for what has no default, or those of
/// --answers or of tests/answers.yaml beside the template. Each result must render without an undefined name, hold only YAML and JSON that can be
/// read, and be what tests/golden/CASE holds. A file tests/CASE.yaml adds a case: `answers`, and the paths that are there (`files`), are not
/// (`absent`), or hold a text (`contains`). Exit code 3 where one fails.
#[derive(Args, Debug)]
pub struct TestArgs {
    /// Names, directories or git+URL//sub@ref; default: every golden path of the places
    templates: Vec<String>,

    /// A YAML file of answers that the cases build on
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,

    /// Write tests/golden anew from what the templates give now
    #[arg(long)]
    update_golden: bool,

    #[command(flatten)]
    places: PlacesArgs,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &TestArgs, app: &App) -> Result<Outcome> {
    let world = Outside { app, catalog: app.catalog()?, hosts: &[], offline: args.places.offline };
    let given = match &args.answers {
        Some(file) => read_answers(file)?,
        None => Map::new(),
    };
    let mut items = Vec::new();
    for candidate in chosen(&args.templates, app, &args.places.places())? {
        let called = candidate.called.clone();
        match candidate.read() {
            Ok(path) => items.extend(tested(&path, &given, args.update_golden, &world)?),
            Err(problems) => {
                let problems = problems.iter().map(Problem::to_string).collect();
                items.push(CaseItem::new(&called, "template.yaml", Map::new(), problems));
            }
        }
    }
    let report = TestReport { api_version: "callboard.dev/v1alpha1", kind: "TemplateTestList", items };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(if report.items.iter().all(|item| item.passed) { Outcome::Fine } else { Outcome::Findings })
}

/// One rendering to be checked.
struct Case {
    name: String,
    answers: Map<String, Json>,
    /// Of a case file: what it says about the result.
    expect: Json,
}

fn tested(
    path: &GoldenPath,
    given: &Map<String, Json>,
    update: bool,
    world: &dyn World,
) -> Result<Vec<CaseItem>> {
    let template = &path.template;
    let golden = path.tree.subtree("tests/golden");
    let mut items = Vec::new();
    let mut now = Tree::default();
    for case in cases(path, given)? {
        let mut wrong: Vec<String> = complaints(template, &case.answers)
            .iter()
            .map(|complaint| format!("{} {}", complaint.name, complaint.message))
            .collect();
        let mut wanted = request(template, case.answers.clone());
        wanted.skip_unsupported = true;
        match make(path, &wanted, world) {
            Err(error) => wrong.push(format!("{error:#}")),
            Ok(project) => {
                let mut tree = project.tree;
                // The lock says where the template lies, which is no part of what it gives.
                tree.remove(lock::PATH);
                tree.remove(".callboard");
                wrong.extend(unreadable(&tree));
                wrong.extend(unexpected(&case.expect, &tree));
                if let (false, Some(golden)) = (update, &golden) {
                    wrong.extend(differences(&golden.subtree(&case.name), &tree));
                }
                for (file, entry) in tree.iter() {
                    now.insert(&format!("{}/{file}", case.name), entry.clone())?;
                }
            }
        }
        items.push(CaseItem::new(&template.name, &case.name, case.answers, wrong));
    }
    if update {
        let Some(directory) = &path.directory else {
            let error = anyhow::anyhow!(
                "the golden trees of {} cannot be written: it lies in no directory",
                template.name
            );
            return Err(advised(error, format!("callboard template eject {} --owner GROUP", template.name)));
        };
        if items.iter().all(|item| item.passed) {
            let target = directory.join("tests/golden");
            files::remove_tree(&target)?;
            files::write_tree(&target, &now)?;
        }
    }
    Ok(items)
}

/// The made-up or given answers, every choice on top of them, and the cases of `tests/*.yaml`.
fn cases(path: &GoldenPath, given: &Map<String, Json>) -> Result<Vec<Case>> {
    let template = &path.template;
    let mut base = match beside(path, "tests/answers.yaml")? {
        Some(Json::Object(answers)) => answers,
        Some(_) => bail!("{}: tests/answers.yaml is no list of answers", template.name),
        None => Map::new(),
    };
    base.extend(given.clone());
    let base = completed(template, base);
    let mut cases: Vec<Case> = Vec::new();
    for answers in answer_sets(template, &base) {
        let answers = completed(template, answers);
        let name = called(&answers, cases.first().map(|first| &first.answers));
        if cases.iter().all(|case| case.name != name) {
            cases.push(Case { name, answers, expect: Json::Null });
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
        cases.push(Case { name, answers: filled(template, &answers), expect });
    }
    Ok(cases)
}

/// A YAML file of the template's directory.
fn beside(path: &GoldenPath, file: &str) -> Result<Option<Json>> {
    let Some(bytes) = path.tree.bytes(file) else { return Ok(None) };
    let directory = path.template.document.name.rsplit_once('/').map_or("", |(directory, _)| directory);
    let text = String::from_utf8_lossy(bytes);
    match yaml::documents(&crate::tree::joined(directory, file), &text).into_iter().next() {
        Some(document) => Ok(Some(document.map_err(|problem| told(&[problem]))?.value)),
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
        Widget::Entity(picker) if picker.several => vec![vec!["component:default/example"].into()],
        Widget::Entity(_) => vec!["group:default/example".into()],
        _ => Vec::new(),
    };
    tries.extend(schema["examples"].as_array().into_iter().flatten().cloned());
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

/// YAML and JSON files that nobody could read.
fn unreadable(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, _) in tree.iter() {
        let Some(text) = tree.bytes(path).and_then(|bytes| std::str::from_utf8(bytes).ok()) else { continue };
        if path.ends_with(".yaml") || path.ends_with(".yml") {
            let problems = yaml::documents(path, text).into_iter().filter_map(Result::err);
            wrong.extend(problems.map(|problem| problem.to_string()));
        } else if path.ends_with(".json")
            && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text)
        {
            wrong.push(format!("{path}: {error}"));
        }
    }
    wrong
}

/// What a case file expects and the tree does not hold.
fn unexpected(expect: &Json, tree: &Tree) -> Vec<String> {
    let texts = |value: &Json| -> Vec<String> {
        let one = value.as_str().map(String::from);
        let many = value.as_array().into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_string()));
        one.into_iter().chain(many).collect()
    };
    let mut wrong = Vec::new();
    wrong.extend(
        texts(&expect["files"])
            .iter()
            .filter(|path| !tree.exists(path))
            .map(|path| format!("{path} is missing")),
    );
    wrong.extend(
        texts(&expect["absent"])
            .iter()
            .filter(|path| tree.exists(path))
            .map(|path| format!("{path} is there")),
    );
    for (path, wanted) in expect["contains"].as_object().into_iter().flatten() {
        let content = tree.bytes(path).map(String::from_utf8_lossy).unwrap_or_default();
        let missing = texts(wanted).into_iter().filter(|text| !content.contains(text));
        wrong.extend(missing.map(|text| format!("{path} does not hold {text:?}")));
    }
    wrong
}

fn differences(golden: &Option<Tree>, tree: &Tree) -> Vec<String> {
    let Some(golden) = golden else {
        return vec!["there is no golden tree for this case; --update-golden writes it".into()];
    };
    let mut wrong = Vec::new();
    for (path, entry) in tree.iter() {
        match golden.get(path) {
            None => wrong.push(format!("{path} is new")),
            Some(known) if known == entry => {}
            Some(_) => wrong.push(changed(path, golden.bytes(path), tree.bytes(path))),
        }
    }
    wrong.extend(
        golden.iter().filter(|(path, _)| tree.get(path).is_none()).map(|(path, _)| format!("{path} is gone")),
    );
    wrong
}

/// The first line that differs.
fn changed(path: &str, was: Option<&[u8]>, is: Option<&[u8]>) -> String {
    let text = |bytes: Option<&[u8]>| {
        bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
    };
    let (was, is) = (text(was), text(is));
    if was == is {
        return format!("{path}: its mode is another");
    }
    let same = was.lines().zip(is.lines()).take_while(|(was, is)| was == is).count();
    let line = |text: &str| {
        text.lines().nth(same).map_or_else(|| "(the end)".to_string(), |line| format!("{line:?}"))
    };
    format!("{path}:{}: was {}, is {}", same + 1, line(&was), line(&is))
}

/// `kind: TemplateTestList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TestReport {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<CaseItem>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CaseItem {
    template: String,
    case: String,
    passed: bool,
    problems: Vec<String>,
    answers: Map<String, Json>,
}

impl CaseItem {
    fn new(template: &str, case: &str, answers: Map<String, Json>, problems: Vec<String>) -> CaseItem {
        CaseItem {
            template: template.into(),
            case: case.into(),
            passed: problems.is_empty(),
            problems,
            answers,
        }
    }
}

impl Report for TestReport {
    fn page(&self, _: Detail) -> Page {
        let mut rows = Vec::new();
        for item in &self.items {
            let result =
                if item.passed { Cell::toned("ok", Tone::Good) } else { Cell::toned("failed", Tone::Bad) };
            let first = item.problems.first().cloned().unwrap_or_default().replace('\n', "; ");
            rows.push(vec![
                Cell::from(item.template.clone()),
                Cell::from(item.case.clone()),
                result,
                Cell::from(first),
            ]);
            for problem in item.problems.iter().skip(1) {
                rows.push(vec![
                    Cell::default(),
                    Cell::default(),
                    Cell::default(),
                    Cell::from(problem.replace('\n', "; ")),
                ]);
            }
        }
        Grid { header: vec!["TEMPLATE", "CASE", "RESULT", "PROBLEM"], rows }.into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| format!("{}/{}", item.template, item.case)).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let failed = self.items.iter().filter(|item| !item.passed).count();
        vec![Line::from(format!("{}, {failed} failed.", count(self.items.len(), "case")))]
    }

    fn title(&self) -> String {
        "Tests of golden paths".to_string()
    }
}
