//! `template lint`: everything that is wrong with a golden path, with its place.

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::args::PlacesArgs;
use crate::catalog::{Catalog, DEFAULT_NAMESPACE, EntityRef};
use crate::commands::template::sarif::sarif;
use crate::golden_paths::{self, FoundTemplate, TemplatePlaces};
use crate::outcome::Outcome;
use crate::render::Format;
use crate::report::{Cell, Detail, Grid, Line, Page, Report, Tone};
use crate::scaffold::lint::{LintFinding, LintLevel, LintSubject, against, lint};
use crate::text::count;

/// What is wrong with golden paths, with file, line and column
///
/// Exit code 3 where there is an error; warnings alone are 0.
#[derive(Args, Debug)]
#[command(before_help = "callboard template lint ./golden-paths
callboard template lint ./golden-paths --against git+https://git.example.com/guild/paths@v2")]
pub struct LintArgs {
    /// Names, directories or git+URL//sub@ref; default: every golden path of the places
    templates: Vec<String>,

    /// The version before, as directory or git+URL//sub@ref: what a minor version may not change is an error
    #[arg(long, value_name = "SOURCE")]
    against: Option<String>,

    #[command(flatten)]
    places: PlacesArgs,

    /// How the findings are written: as everywhere, or sarif
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = written)]
    output: WrittenFormat,
}

#[derive(Clone, Copy, Debug)]
enum WrittenFormat {
    As(Format),
    Sarif,
}

fn written(text: &str) -> Result<WrittenFormat, String> {
    match text {
        "sarif" => Ok(WrittenFormat::Sarif),
        other => other.parse().map(WrittenFormat::As).map_err(|error: String| format!("{error}, sarif")),
    }
}

pub fn run(args: &LintArgs, app: &App) -> Result<Outcome> {
    let places = args.places.places();
    let candidates = chosen(&args.templates, app, &places)?;
    let catalog = app.catalog_if_readable()?;
    let known = |owner: &str| {
        let reference = EntityRef::parse(owner, Some("group"), DEFAULT_NAMESPACE);
        reference.is_ok_and(|reference| catalog.is_some_and(|catalog| catalog.get(&reference).is_some()))
    };
    let before = match &args.against {
        Some(source) => Some(golden_paths::find(app, source, &places).context("--against")?),
        None => None,
    };
    let mut findings = Vec::new();
    for candidate in &candidates {
        // Owners of what is inside the binary are placeholders, for `eject` to replace.
        let company = catalog.is_some_and(has_owners) && !candidate.origin.source.starts_with("embedded:");
        let known: Option<&dyn Fn(&str) -> bool> = company.then_some(&known);
        let subject = LintSubject {
            template: candidate.template(),
            source: &candidate.tree,
            base: &candidate.source.base,
            beside: &|path| candidate.source.at(path).ok().flatten(),
            known,
        };
        findings.extend(lint(&subject));
        if let (Some(before), Ok(now)) = (&before, &subject.template) {
            findings.extend(against(&before.template, now));
        }
    }
    let report = LintReport::new(candidates.len(), &findings);
    match args.output {
        WrittenFormat::As(format) => app.ui.print(&report, format, true)?,
        WrittenFormat::Sarif => {
            let document = sarif(&findings, &app.env.directory);
            app.ui.write(&(crate::text::safe_json(serde_json::to_string_pretty(&document)?) + "\n"))?;
        }
    }
    let error = findings.iter().any(|finding| finding.rule.level == LintLevel::Error);
    Ok(if error { Outcome::Findings } else { Outcome::Fine })
}

/// Whether a catalog is of the company's: one that knows nobody (a repository's own `catalog-info.yaml`) says nothing about owners.
fn has_owners(catalog: &Catalog) -> bool {
    ["group", "user"].into_iter().any(|kind| catalog.of_kind(kind).next().is_some())
}

/// The templates that are named, unread; without names all of the places.
pub fn chosen(names: &[String], app: &App, places: &TemplatePlaces) -> Result<Vec<FoundTemplate>> {
    if names.is_empty() {
        return golden_paths::candidates(app, places);
    }
    let named: Result<Vec<Vec<FoundTemplate>>> =
        names.iter().map(|name| golden_paths::named(app, name, places)).collect();
    Ok(named?.into_iter().flatten().collect())
}

/// `kind: TemplateFindingList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LintReport {
    templates: usize,
    items: Vec<LintItem>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LintItem {
    rule: &'static str,
    level: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    file: String,
    line: usize,
    column: usize,
}

impl LintReport {
    fn new(templates: usize, findings: &[LintFinding]) -> LintReport {
        let items = findings.iter().map(|finding| LintItem {
            rule: finding.rule.id,
            level: finding.rule.level.to_string(),
            message: finding.problem.message.clone(),
            hint: finding.problem.hint.clone(),
            file: finding.problem.place.file.clone(),
            line: finding.problem.place.line,
            column: finding.problem.place.column,
        });
        let items = items.collect();
        LintReport { templates, items }
    }
}

impl Report for LintReport {
    const KIND: &'static str = "TemplateFindingList";

    fn page(&self, _: Detail) -> Page {
        let rows = self.items.iter().map(|item| {
            let tone = if item.level == "error" { Tone::Bad } else { Tone::Doubtful };
            let hint = item.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
            vec![
                Cell::from(format!("{}:{}:{}", item.file, item.line, item.column)),
                Cell::toned(item.level.clone(), tone),
                Cell::from(item.rule),
                Cell::from(format!("{}{hint}", item.message)),
            ]
        });
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            return Page::default();
        }
        Grid::of(["PLACE", "LEVEL", "RULE", "MESSAGE"], rows).into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| format!("{}:{}:{}", item.file, item.line, item.column)).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let errors = self.items.iter().filter(|item| item.level == "error").count();
        let (templates, warnings) = (count(self.templates, "golden path"), self.items.len() - errors);
        vec![Line::from(format!("{templates}: {}, {}.", count(errors, "error"), count(warnings, "warning")))]
    }

    fn title(&self) -> String {
        "Findings in golden paths".to_string()
    }
}
