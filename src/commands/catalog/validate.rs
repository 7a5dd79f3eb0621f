//! `catalog validate`: everything that is wrong in a catalog, each with its place and, where one is known, a remedy.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::catalog::{Catalog, RULES, UNREACHED};
use crate::commands::catalog::changed::{changed, is_among};
use crate::commands::findings::{FindingFormat, LintRow, finding_format, print};
use crate::files;
use crate::fleet::Cluster;
use crate::outcome::{Outcome, advised};
use crate::report::{Block, Cell, Detail, Grid, Line, Page, Report, Tone};
use crate::text::{count, safe};
use crate::yaml::{LintFinding, Place, Problem};

/// A longer file is not looked into for the line of a finding.
const MOST_EXCERPT: usize = 16 << 20;
/// Of a longer line the part around the place is shown.
const MOST_SHOWN: usize = 100;

/// What is wrong in the catalog, with file, line and column
///
/// Problems break Backstage's rules or cannot be read; findings are valid and still look wrong: references to nothing, an owner that is
/// neither Group nor User, selectors that no server would take, clusters that nobody has. No cluster is contacted: clusters are those of
/// the kubeconfig, and where there is none placements are not checked. Exit code 3 where there is anything.
#[derive(Args, Debug)]
#[command(before_help = "callboard catalog validate
callboard catalog validate services/ catalog-info.yaml
callboard catalog validate --changed origin/main -o github")]
pub struct ValidateArgs {
    /// Files, directories and patterns; default: the catalog
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Only what is wrong in files that git says were changed: since HEAD, or since the branch left BASE
    #[arg(id = "changed_since", long = "changed", value_name = "BASE", num_args = 0..=1, default_missing_value = "HEAD")]
    changed: Option<String>,

    /// How the findings are written: as everywhere, sarif or github
    #[arg(short, long, value_name = "FORMAT", default_value = "table", hide_default_value = true, value_parser = finding_format)]
    output: FindingFormat,
}

pub fn run(args: &ValidateArgs, app: &App) -> Result<Outcome> {
    let Some(catalog) = app.read_catalog(&args.paths)? else {
        return Err(advised(
            anyhow::anyhow!(
                "there is no catalog: neither --catalog, $CALLBOARD_CATALOG, the config file nor ./catalog.yaml names one"
            ),
            "name a file or a directory; `callboard catalog import` makes a catalog of what runs",
        ));
    };
    let clusters = cluster_names(app)?;
    let mut findings = catalog.problems.clone();
    findings.extend(catalog.findings(clusters.as_deref()));
    if args.paths.is_empty() {
        findings.extend(unreached(&catalog, app)?);
    }
    if let Some(base) = &args.changed {
        let files = changed(base, app)?;
        findings.retain(|finding| is_among(&files, &finding.problem.place.file));
    }
    findings.sort_by(|one, other| one.problem.cmp(&other.problem));
    let notes = [catalog.urls_in_a_line(), catalog.left_alone_in_a_line(), catalog.emptiness()];
    let mut lines = LinesOfFiles::of(&catalog);
    let excerpts = findings.iter().map(|finding| lines.at(&finding.problem.place)).collect();
    let report = ValidateReport {
        entities: catalog.entities.len(),
        items: findings.iter().map(LintRow::classed).collect(),
        excerpts,
        has_clusters: clusters.is_some(),
        notes: notes.into_iter().flatten().collect(),
    };
    print(&report, &findings, RULES, args.output, app)?;
    Ok(if findings.is_empty() { Outcome::Fine } else { Outcome::Findings })
}

/// Files beside the catalog's that hold entities, and that no Location leads to.
fn unreached(catalog: &Catalog, app: &App) -> Result<Vec<LintFinding>> {
    let beside = app.unread_beside(catalog)?;
    if beside.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: BTreeMap<String, Place> = BTreeMap::new();
    let names: BTreeSet<String> = beside.iter().map(|path| path.display().to_string()).collect();
    if let Some(others) = app.read_beside(&beside)? {
        for entity in others.entities.values().filter(|entity| names.contains(entity.file())) {
            let place = entity.source.place();
            let first = found.entry(place.file.clone()).or_insert_with(|| place.clone());
            if place.line < first.line {
                *first = place;
            }
        }
    }
    let told = found.into_values().map(|place| {
        let problem =
            Problem::new(place, "no Location leads to this file, so that nothing of it is in the catalog");
        LintFinding::new(
            UNREACHED,
            problem.hint("name it under spec.targets of a Location, or as a path of the catalog"),
        )
    });
    Ok(told.collect())
}

/// The lines of the files of a catalog. Findings come file by file, so that each is read once and one held.
struct LinesOfFiles<'a> {
    paths: HashMap<&'a str, &'a Path>,
    /// The file that is held, with where each of its lines begins.
    file: String,
    text: String,
    starts: Vec<usize>,
}

impl<'a> LinesOfFiles<'a> {
    fn of(catalog: &'a Catalog) -> LinesOfFiles<'a> {
        let paths = catalog.files.iter().map(|file| (&*file.name, file.path.as_path())).collect();
        LinesOfFiles { paths, file: String::new(), text: String::new(), starts: Vec::new() }
    }

    /// The line that a place is on; nothing where it cannot be shown.
    fn at(&mut self, place: &Place) -> Option<String> {
        if self.file != place.file {
            let path = self.paths.get(place.file.as_str()).copied().unwrap_or(Path::new(&place.file));
            self.text = files::read_text(path, MOST_EXCERPT).unwrap_or_default();
            self.starts =
                std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
            self.file.clone_from(&place.file);
        }
        let start = *self.starts.get(place.line.checked_sub(1)?)?;
        self.text.get(start..)?.lines().next().map(str::to_string)
    }
}

/// Every name that a placement may call a cluster by; nothing where no kubeconfig tells, or where that is for a server to tell, which
/// is not asked here.
fn cluster_names(app: &App) -> Result<Option<Vec<String>>> {
    if app.contexts()?.contexts.is_empty() || app.has_unasked_sources()? {
        return Ok(None);
    }
    let names = |cluster: Cluster| {
        let own = [cluster.name, cluster.context, cluster.kubeconfig_cluster];
        own.into_iter().chain(cluster.aliases).chain(cluster.others)
    };
    Ok(Some(app.known_clusters()?.into_iter().flat_map(names).collect()))
}

/// `kind: CatalogFindingList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ValidateReport {
    entities: usize,
    items: Vec<LintRow>,
    /// The line of each item.
    #[serde(skip)]
    excerpts: Vec<Option<String>>,
    #[serde(skip)]
    has_clusters: bool,
    /// What was read and is no part of the catalog, and what was not read.
    #[serde(skip)]
    notes: Vec<String>,
}

impl Report for ValidateReport {
    const KIND: &'static str = "CatalogFindingList";

    fn page(&self, detail: Detail) -> Page {
        if self.items.is_empty() {
            return Page::default();
        }
        if detail.document {
            let rows = self.items.iter().map(LintRow::row).collect();
            return Grid::of(["PLACE", "LEVEL", "RULE", "MESSAGE"], rows).into();
        }
        let lines =
            self.items.iter().zip(&self.excerpts).flat_map(|(item, excerpt)| block(item, excerpt.as_deref()));
        Page { blocks: vec![Block::Lines(lines.collect())] }
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(LintRow::place).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let problems = self.items.iter().filter(|item| item.is_error()).count();
        let entities = match self.entities {
            1 => "1 entity".to_string(),
            more => format!("{more} entities"),
        };
        let findings = self.items.len() - problems;
        let mut lines =
            vec![format!("{entities}: {}, {}.", count(problems, "problem"), count(findings, "finding"))];
        if !self.has_clusters {
            lines.push("note: no kubeconfig was found, or some clusters are told of by sources that must be asked: whether placements name clusters that there are was not checked".to_string());
        }
        lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        lines
            .into_iter()
            .map(
                |line| {
                    if line.starts_with("note") {
                        Line::new(vec![Cell::muted(line)])
                    } else {
                        Line::from(line)
                    }
                },
            )
            .collect()
    }

    fn title(&self) -> String {
        "Findings in the catalog".to_string()
    }
}

/// A finding for people: its place and rule, what is wrong, the line with a caret, and what to do.
fn block(item: &LintRow, excerpt: Option<&str>) -> Vec<Line> {
    let head = vec![
        Cell::toned(item.place(), Tone::Strong),
        Cell::from(": "),
        Cell::toned(format!("{}[{}]", item.level, item.rule), item.tone()),
        Cell::from(format!(": {}", item.message)),
    ];
    let mut lines = vec![Line::new(head)];
    if let Some(excerpt) = excerpt {
        let number = item.line.to_string();
        let margin = " ".repeat(number.len());
        let (shown, before) = around(excerpt, item.column);
        let caret = " ".repeat(console::measure_text_width(&before));
        lines.push(Line::new(vec![Cell::muted(format!("  {number} | ")), Cell::from(shown)]));
        lines.push(Line::new(vec![
            Cell::muted(format!("  {margin} | ")),
            Cell::toned(format!("{caret}^"), item.tone()),
        ]));
    }
    if let Some(hint) = &item.hint {
        lines.push(Line::new(vec![Cell::from(format!("  = {hint}"))]));
    }
    lines
}

/// The part of a line around a column, and what of it stands before that.
fn around(line: &str, column: usize) -> (String, String) {
    let characters: Vec<char> = line.replace('\t', " ").chars().collect();
    let at = column.saturating_sub(1).min(characters.len());
    let start = if characters.len() <= MOST_SHOWN { 0 } else { at.saturating_sub(MOST_SHOWN / 2) };
    let end = characters.len().min(start + MOST_SHOWN);
    let part = |from: usize, to: usize| safe(&characters[from..to].iter().collect::<String>());
    (part(start, end), part(start, at))
}
