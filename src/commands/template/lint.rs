//! `template lint`: everything that is wrong with a golden path, with its place.

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::args::PlacesArgs;
use crate::catalog::{Catalog, DEFAULT_NAMESPACE, EntityRef};
use crate::commands::findings::{FindingFormat, LintRow, finding_format, print};
use crate::golden_paths::{self, FoundTemplate, TemplatePlaces};
use crate::outcome::Outcome;
use crate::report::{Detail, Grid, Line, Page, Report};
use crate::scaffold::lint::{LintFinding, LintLevel, LintSubject, RULES, against, lint};
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

    /// How the findings are written: as everywhere, sarif or github
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = finding_format)]
    output: FindingFormat,
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
    print(&report, &findings, RULES, args.output, app)?;
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
    items: Vec<LintRow>,
}

impl LintReport {
    fn new(templates: usize, findings: &[LintFinding]) -> LintReport {
        let items = findings.iter().map(LintRow::of).collect();
        LintReport { templates, items }
    }
}

impl Report for LintReport {
    const KIND: &'static str = "TemplateFindingList";

    fn page(&self, _: Detail) -> Page {
        let rows: Vec<_> = self.items.iter().map(LintRow::row).collect();
        if rows.is_empty() {
            return Page::default();
        }
        Grid::of(["PLACE", "LEVEL", "RULE", "MESSAGE"], rows).into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(LintRow::place).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let errors = self.items.iter().filter(|item| item.is_error()).count();
        let (templates, warnings) = (count(self.templates, "golden path"), self.items.len() - errors);
        vec![Line::from(format!("{templates}: {}, {}.", count(errors, "error"), count(warnings, "warning")))]
    }

    fn title(&self) -> String {
        "Findings in golden paths".to_string()
    }
}
