//! `catalog why`: how an entity came into the catalog, or what kept it out.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::args::OutputArgs;
use crate::catalog::{Catalog, EntityRef, NotFound, Parts};
use crate::commands::catalog::entity::quiet_catalog;
use crate::files;
use crate::outcome::Outcome;
use crate::report::{Block, Cell, Detail, Line, Page, Report, Tone};
use crate::text::{count, listed};
use crate::yaml::{DocumentText, LintFinding, Place, YamlLimits, documents_of, pieces};

/// A longer file is not looked into again.
const MOST_BYTES: usize = 256 << 20;
const MOST_FILES: usize = 8;

/// Why an entity is in the catalog, or is not
///
/// Tells the files that were read, the way that leads to the entity, what refused it, and files that nothing leads to. Exit code 3 where the catalog does not have it.
#[derive(Args, Debug)]
#[command(before_help = "callboard catalog why checkout
callboard catalog why component:shop/cart -o json")]
pub struct ExplainArgs {
    /// A name or an entity ref
    #[arg(value_name = "REF")]
    entity: String,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &ExplainArgs, app: &App) -> Result<Outcome> {
    let parts = Parts::of(&args.entity).map_err(|error| anyhow::anyhow!("{error}"))?;
    let catalog = quiet_catalog(app)?;
    let found: Vec<&EntityRef> = catalog.entities.keys().filter(|reference| parts.means(reference)).collect();
    let mut documents = Vec::new();
    for file in &catalog.files {
        documents.extend(declarations(&file.name, parts, &catalog));
    }
    let beside = app.unread_beside(&catalog)?;
    for file in beside {
        let told = "no Location leads to this file, and none of the catalog's paths does";
        let of_file = declarations(&file.display().to_string(), parts, &catalog).into_iter();
        documents.extend(of_file.map(|document| Declaration {
            counts: false,
            reasons: vec![told.to_string()],
            ..document
        }));
    }
    let shown: Vec<String> = catalog.entities.keys().map(|reference| reference.name.clone()).collect();
    let near = NotFound::new("entity", parts.name, shown.iter().map(String::as_str)).hint();
    let report = Explanation {
        entity: args.entity.clone(),
        found: found.iter().map(ToString::to_string).collect(),
        declarations: documents,
        files: catalog.files.iter().map(|file| file.name.to_string()).collect(),
        hint: near.filter(|_| found.is_empty()),
        notes: [catalog.urls_in_a_line(), catalog.left_alone_in_a_line()].into_iter().flatten().collect(),
    };
    let is_there = !report.found.is_empty();
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(if is_there { Outcome::Fine } else { Outcome::Findings })
}

/// The documents of a file that declare an entity, or were meant to.
fn declarations(file: &str, parts: Parts<'_>, catalog: &Catalog) -> Vec<Declaration> {
    // What lies on no disk, as the demo's, is known by what came of it.
    let known = || catalog.entities.values().find(|entity| entity.file() == file);
    let text = match files::read_bytes(std::path::Path::new(file), MOST_BYTES) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => known().map(|entity| entity.source.text().to_string()).unwrap_or_default(),
    };
    let wanted = parts.name.to_lowercase();
    let is_named = |piece: &DocumentText<'_>| piece.text.to_lowercase().contains(&wanted);
    pieces(&text)
        .iter()
        .filter(|piece| is_named(piece))
        .filter_map(|piece| declaration(file, piece, parts, catalog))
        .collect()
}

fn declaration(
    file: &str,
    piece: &DocumentText<'_>,
    parts: Parts<'_>,
    catalog: &Catalog,
) -> Option<Declaration> {
    let lines = piece.line..piece.line + piece.text.lines().count().max(1);
    let is_here = |place: &Place| place.file == file && lines.contains(&place.line);
    let read = documents_of(file, piece, &YamlLimits::for_catalogs());
    let document = match read.into_iter().next()? {
        Ok(document) => document,
        Err(_) if !names(piece.text, parts.name) => return None,
        Err(problem) => {
            let reasons = vec![told(&problem.message, problem.hint.as_deref())];
            return Some(Declaration::new(problem.place, catalog, false, reasons));
        }
    };
    let text = |pointer: &str| document.value.pointer(pointer).and_then(|value| value.as_str());
    let reference = EntityRef::new(
        text("/kind").unwrap_or_default(),
        text("/metadata/namespace").unwrap_or("default"),
        text("/metadata/name")?,
    );
    if !parts.means(&reference) {
        return None;
    }
    let place = document.place("");
    let entity = catalog.get(&reference).filter(|entity| is_here(&entity.source.place()));
    let problems =
        catalog.problems.iter().chain(&catalog.remarks).filter(|finding| is_here(&finding.problem.place));
    let mut reasons: Vec<String> = problems.map(reason).collect();
    let left = catalog.left.iter().filter(|(place, _)| is_here(place));
    reasons.extend(left.map(|(_, why)| format!("left alone: {}", why.words())));
    Some(Declaration::new(place, catalog, entity.is_some(), reasons))
}

/// Whether a text that cannot be read has a line that gives a name.
fn names(text: &str, name: &str) -> bool {
    let of_line = |line: &str| {
        let value = line.trim().strip_prefix("name:")?;
        Some(value.trim().trim_matches(['"', '\'']).eq_ignore_ascii_case(name))
    };
    text.lines().filter_map(of_line).any(|is_it| is_it)
}

fn reason(finding: &LintFinding) -> String {
    told(&finding.problem.message, finding.problem.hint.as_deref())
}

fn told(message: &str, hint: Option<&str>) -> String {
    match hint {
        Some(hint) => format!("{message} ({hint})"),
        None => message.to_string(),
    }
}

/// `kind: CatalogExplanation`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Explanation {
    /// As it was asked for.
    entity: String,
    /// The entities of the catalog that are meant.
    found: Vec<String>,
    declarations: Vec<Declaration>,
    /// Every file that was read.
    files: Vec<String>,
    /// What was meant instead, where the catalog has no such entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip)]
    notes: Vec<String>,
}

/// A document that declares the entity, or was meant to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Declaration {
    file: String,
    line: usize,
    /// Whether the catalog has the entity from here.
    counts: bool,
    /// What is wrong with it, or why it is left alone.
    reasons: Vec<String>,
    /// The targets of Locations that lead to the file, the nearest first; empty where it was given.
    through: Vec<String>,
}

impl Declaration {
    fn new(place: Place, catalog: &Catalog, counts: bool, reasons: Vec<String>) -> Declaration {
        let through = way(catalog, &place.file);
        Declaration { file: place.file, line: place.line.max(1), counts, reasons, through }
    }
}

/// The targets that lead to a file, back to one that was given. A file is read once, so that the way ends.
fn way(catalog: &Catalog, file: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = file.to_string();
    while let Some(from) =
        catalog.files.iter().find(|read| *read.name == *at).and_then(|read| read.from.as_ref())
    {
        found.push(from.to_string());
        if found.len() > catalog.files.len() {
            break;
        }
        at.clone_from(&from.file);
    }
    found
}

impl Report for Explanation {
    const KIND: &'static str = "CatalogExplanation";

    fn page(&self, _: Detail) -> Page {
        let mut lines = Vec::new();
        match self.found.as_slice() {
            [] => lines.push(Line::new(vec![
                Cell::toned(self.entity.clone(), Tone::Strong),
                Cell::from(" is "),
                Cell::toned("not in the catalog", Tone::Bad),
            ])),
            found => {
                for entity in found {
                    let is_there = Cell::from(" is in the catalog");
                    lines.push(Line::new(vec![Cell::toned(entity.clone(), Tone::Strong), is_there]));
                }
            }
        }
        for document in &self.declarations {
            let verdict = match (document.counts, document.reasons.is_empty()) {
                (true, _) => Cell::toned("declares it", Tone::Good),
                (false, true) => Cell::toned("declares it, and does not count", Tone::Doubtful),
                (false, false) => Cell::toned("does not count", Tone::Bad),
            };
            lines.push(Line::new(vec![
                Cell::from(format!("  {}:{}  ", document.file, document.line)),
                verdict,
            ]));
            lines.extend(document.reasons.iter().map(|reason| Line::from(format!("    {reason}"))));
            match document.through.as_slice() {
                [] => {}
                through => lines.extend(through.iter().map(|target| {
                    Line::new(vec![Cell::muted(format!("    named by the Location at {target}"))])
                })),
            }
        }
        if self.declarations.is_empty() && self.found.is_empty() {
            lines.push(Line::from("  no document that was read has this name"));
        }
        Page { blocks: vec![Block::Lines(lines)] }
    }

    fn names(&self) -> Vec<String> {
        self.found.clone()
    }

    fn footer(&self) -> Vec<Line> {
        let read = format!("{} read: {}", count(self.files.len(), "file"), listed(&self.files, MOST_FILES));
        let hint = self.hint.iter().map(|hint| Line::from(hint.clone()));
        let notes = self.notes.iter().map(|note| Line::new(vec![Cell::muted(format!("note: {note}"))]));
        hint.chain([Line::from(read)]).chain(notes).collect()
    }

    fn title(&self) -> String {
        format!("Why {}", self.entity)
    }
}
