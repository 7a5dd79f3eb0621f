//! `template list`: which golden paths there are, and whose.

use std::collections::BTreeSet;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::args::{OutputArgs, PlacesArgs};
use crate::commands::template::owner::short_owner;
use crate::golden_paths::{self, GoldenPath};
use crate::outcome::Outcome;
use crate::report::{Cell, Detail, Grid, Line, Page, Report};
use crate::text::count;

/// Which golden paths there are, and which guild owns them
#[derive(Args, Debug)]
#[command(before_help = "callboard template list --owner guild-web")]
pub struct ListArgs {
    /// Only those of this owner (repeatable)
    #[arg(long, visible_alias = "guild", value_name = "GROUP")]
    owner: Vec<String>,

    #[command(flatten)]
    places: PlacesArgs,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &ListArgs, app: &App) -> Result<Outcome> {
    let mut paths = golden_paths::all(app, &args.places.places())?;
    let wanted: Vec<String> = args.owner.iter().map(|owner| short_owner(owner)).collect();
    if !wanted.is_empty() {
        let owners: BTreeSet<String> =
            paths.iter().filter_map(|path| path.template.owner.as_deref()).map(short_owner).collect();
        paths.retain(|path| {
            let owner = path.template.owner.as_deref().map(short_owner);
            owner.is_some_and(|owner| wanted.iter().any(|wanted| is_guild(&owner, wanted)))
        });
        if paths.is_empty() && !owners.is_empty() {
            let owners: Vec<String> = owners.into_iter().collect();
            app.ui.warn(&format!("golden paths here are owned by {}", owners.join(", ")));
        }
    }
    let report = TemplateList { items: paths.iter().map(item).collect() };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(Outcome::Fine)
}

/// Whether an owner is the one that is meant: `web` means `guild-web` and `web-guild` too.
fn is_guild(owner: &str, wanted: &str) -> bool {
    let bare = |name: &str| name.strip_prefix("guild-").or(name.strip_suffix("-guild")).map(str::to_string);
    owner.eq_ignore_ascii_case(wanted) || bare(owner).is_some_and(|owner| owner.eq_ignore_ascii_case(wanted))
}

/// `kind: TemplateList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TemplateList {
    items: Vec<TemplateItem>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateItem {
    pub name: String,
    pub template: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    pub tags: Vec<String>,
    pub source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    pub digest: String,
}

pub fn item(path: &GoldenPath) -> TemplateItem {
    let template = &path.template;
    TemplateItem {
        name: template.name.clone(),
        template: template.entity_ref(),
        title: template.title.clone(),
        description: template.description.clone(),
        owner: template.owner.as_deref().map(short_owner),
        r#type: template.kind.clone(),
        version: template.version.clone(),
        tags: template.tags.clone(),
        source: crate::scaffold::lock::without_credentials(&path.origin.source),
        commit: path.origin.commit.clone(),
        digest: path.origin.digest.clone(),
    }
}

impl Report for TemplateList {
    const KIND: &'static str = "TemplateList";

    fn page(&self, detail: Detail) -> Page {
        let header = match detail.wide {
            true => vec!["NAME", "TYPE", "VERSION", "OWNER", "TAGS", "SOURCE", "DESCRIPTION"],
            false => vec!["NAME", "TYPE", "VERSION", "OWNER", "DESCRIPTION"],
        };
        let text = |value: &Option<String>| Cell::from(value.clone().unwrap_or_else(|| "-".into()));
        let rows = self.items.iter().map(|item| {
            let mut cells = vec![
                Cell::from(item.name.clone()),
                text(&item.r#type),
                text(&item.version),
                text(&item.owner),
            ];
            if detail.wide {
                let tags = if item.tags.is_empty() { "-".to_string() } else { item.tags.join(",") };
                cells.extend([Cell::from(tags), Cell::from(item.source.clone())]);
            }
            let description = item.description.as_ref().or(item.title.as_ref());
            let line = description.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
            cells.push(text(&line));
            cells
        });
        Grid::of(header, rows.collect()).into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| item.name.clone()).collect()
    }

    fn footer(&self) -> Vec<Line> {
        vec![Line::from(format!("{}.", count(self.items.len(), "golden path")))]
    }

    fn title(&self) -> String {
        "Golden paths".to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::is_guild;

    #[test]
    fn a_guild_is_called_by_its_short_name() {
        for owner in ["web", "Web", "guild-web", "web-guild"] {
            assert!(is_guild(owner, "web"), "{owner}");
        }
        assert!(!is_guild("guild-website", "web") && !is_guild("web", "guild-web"));
    }
}
