//! `catalog validate`: everything that is wrong in a catalog, each with its place and, where one is known, a remedy.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::args::OutputArgs;
use crate::catalog::Problem;
use crate::fleet::Cluster;
use crate::outcome::{Outcome, advised};
use crate::report::{Cell, Detail, Grid, Line, Page, Report, Tone};
use crate::text::count;

/// What is wrong in the catalog, with file, line and column
///
/// Problems break Backstage's rules or cannot be read; findings are valid and still look wrong: references to nothing, an owner that is
/// neither Group nor User, selectors that no server would take, clusters that nobody has. No cluster is contacted: clusters are those of
/// the kubeconfig, and where there is none placements are not checked. Exit code 3 where there is anything.
#[derive(Args, Debug)]
#[command(before_help = "callboard catalog validate
callboard catalog validate services/ catalog-info.yaml")]
pub struct ValidateArgs {
    /// Files, directories and patterns; default: the catalog
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    output: OutputArgs,
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
    let problems = catalog.problems.iter().map(|problem| ValidateItem::of("problem", problem));
    let findings = catalog.findings(clusters.as_deref());
    let mut items: Vec<ValidateItem> =
        problems.chain(findings.iter().map(|finding| ValidateItem::of("finding", finding))).collect();
    items.sort_by(|one, other| one.place().cmp(&other.place()));
    let is_fine = items.is_empty();
    let report = ValidateReport {
        entities: catalog.entities.len(),
        items,
        has_clusters: clusters.is_some(),
        notes: catalog.notes.iter().map(ToString::to_string).collect(),
    };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(if is_fine { Outcome::Fine } else { Outcome::Findings })
}

/// Every name that a placement may call a cluster by; nothing where no kubeconfig tells.
fn cluster_names(app: &App) -> Result<Option<Vec<String>>> {
    if app.contexts()?.contexts.is_empty() {
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
    items: Vec<ValidateItem>,
    #[serde(skip)]
    has_clusters: bool,
    /// What is right and was not read.
    #[serde(skip)]
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ValidateItem {
    class: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    file: String,
    line: usize,
    column: usize,
}

impl ValidateItem {
    fn of(class: &'static str, problem: &Problem) -> ValidateItem {
        ValidateItem {
            class,
            message: problem.message.clone(),
            hint: problem.hint.clone(),
            file: problem.place.file.clone(),
            line: problem.place.line,
            column: problem.place.column,
        }
    }

    fn place(&self) -> (&str, usize, usize) {
        (&self.file, self.line, self.column)
    }
}

impl Report for ValidateReport {
    const KIND: &'static str = "CatalogFindingList";

    fn page(&self, _: Detail) -> Page {
        let rows = self.items.iter().map(|item| {
            let tone = if item.class == "problem" { Tone::Bad } else { Tone::Doubtful };
            let hint = item.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
            vec![
                Cell::from(format!("{}:{}:{}", item.file, item.line, item.column)),
                Cell::toned(item.class, tone),
                Cell::from(format!("{}{hint}", item.message)),
            ]
        });
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            return Page::default();
        }
        Grid::of(["PLACE", "CLASS", "MESSAGE"], rows).into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| format!("{}:{}:{}", item.file, item.line, item.column)).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let problems = self.items.iter().filter(|item| item.class == "problem").count();
        let entities = match self.entities {
            1 => "1 entity".to_string(),
            more => format!("{more} entities"),
        };
        let findings = self.items.len() - problems;
        let mut lines =
            vec![format!("{entities}: {}, {}.", count(problems, "problem"), count(findings, "finding"))];
        if !self.has_clusters {
            lines.push("note: no kubeconfig was found: whether placements name clusters that there are was not checked".to_string());
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
