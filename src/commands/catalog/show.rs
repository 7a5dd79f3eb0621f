//! `catalog show`: one entity, where it is declared, what it is related to and what is wrong with it.

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use serde_json::Value as Json;

use crate::app::App;
use crate::args::OutputArgs;
use crate::catalog::{Catalog, Entity};
use crate::commands::catalog::entity::{RelationItem, entity_called, quiet_catalog};
use crate::commands::findings::LintRow;
use crate::outcome::Outcome;
use crate::report::{Block, Cell, Detail, Grid, Line, Page, Report, Tone};

/// One entity: its file, its relations, what is wrong with it
///
/// `-o json` and `-o yaml` have the document itself, with what its placeholders name put in.
#[derive(Args, Debug)]
#[command(before_help = "callboard catalog show checkout
callboard catalog show group:team-checkout -o yaml")]
pub struct EntityArgs {
    /// A name or an entity ref
    #[arg(value_name = "REF")]
    entity: String,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &EntityArgs, app: &App) -> Result<Outcome> {
    let catalog = quiet_catalog(app)?;
    let entity = entity_called(&catalog, &args.entity)?;
    app.ui.print(&report(&catalog, entity), args.output.output, !args.output.no_headers)?;
    Ok(Outcome::Fine)
}

fn report(catalog: &Catalog, entity: &Entity) -> EntityShown {
    let place = entity.source.place();
    let is_here = |file: &str, line: usize| file == entity.file() && entity.source.lines().contains(&line);
    let all = catalog.problems.iter().cloned().chain(catalog.findings(None));
    let findings = all.filter(|finding| is_here(&finding.problem.place.file, finding.problem.place.line));
    EntityShown {
        entity: entity.reference.to_string(),
        file: place.file,
        line: place.line,
        relations: RelationItem::all(catalog, &entity.reference),
        findings: findings.map(|finding| LintRow::classed(&finding)).collect(),
        document: entity.document().value,
        title: entity.shown_name().map(str::to_string),
        description: entity.description.clone(),
        links: entity.links.iter().map(|link| (link.title.clone(), link.url.clone())).collect(),
    }
}

/// `kind: CatalogEntity`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EntityShown {
    entity: String,
    file: String,
    line: usize,
    relations: Vec<RelationItem>,
    findings: Vec<LintRow>,
    /// As it is written, placeholders apart.
    document: Json,
    #[serde(skip)]
    title: Option<String>,
    #[serde(skip)]
    description: Option<String>,
    #[serde(skip)]
    links: Vec<(Option<String>, String)>,
}

impl Report for EntityShown {
    const KIND: &'static str = "CatalogEntity";

    fn page(&self, _: Detail) -> Page {
        let mut head = vec![Cell::toned(self.entity.clone(), Tone::Strong)];
        head.extend(self.title.iter().map(|title| Cell::from(format!("  {title}"))));
        let mut lines = vec![Line::new(head)];
        lines.extend(self.description.iter().flat_map(|text| text.lines()).map(Line::from));
        lines.push(Line::new(vec![Cell::muted(format!("declared at {}:{}", self.file, self.line))]));
        let spec = self.document.get("spec").and_then(Json::as_object).into_iter().flatten();
        let plain = spec.filter_map(|(key, value)| Some((key, value.as_str()?)));
        lines.extend(
            plain
                .filter(|(_, text)| !text.contains('\n') && text.len() < 200)
                .map(|(key, text)| Line::from(format!("{key}: {text}"))),
        );
        let link = |(title, url): &(Option<String>, String)| match title {
            Some(title) => Line::from(format!("{title}: {url}")),
            None => Line::from(url.clone()),
        };
        lines.extend(self.links.iter().map(link));
        let mut blocks = vec![Block::Lines(lines)];
        if !self.relations.is_empty() {
            let row = |relation: &RelationItem| {
                let state = if relation.exists {
                    Cell::from("")
                } else {
                    Cell::toned("not in the catalog", Tone::Doubtful)
                };
                vec![Cell::from(relation.r#type), Cell::from(relation.target.clone()), state]
            };
            blocks.push(Block::Grid(Grid::of(
                ["RELATION", "ENTITY", "NOTE"],
                self.relations.iter().map(row).collect(),
            )));
        }
        if !self.findings.is_empty() {
            let rows = self.findings.iter().map(LintRow::row).collect();
            blocks.push(Block::Grid(Grid::of(["PLACE", "LEVEL", "RULE", "MESSAGE"], rows)));
        }
        Page { blocks }
    }

    fn names(&self) -> Vec<String> {
        vec![self.entity.clone()]
    }

    fn title(&self) -> String {
        format!("Entity {}", self.entity)
    }
}
