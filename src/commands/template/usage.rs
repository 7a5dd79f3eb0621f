//! `template usage`: who started from a golden path, and how far behind they are. Asks the catalog only.

use std::fmt;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::args::{OutputArgs, PlacesArgs};
use crate::catalog::{Catalog, DEFAULT_NAMESPACE, EntityRef};
use crate::commands::template::owner::short_owner;
use crate::golden_paths;
use crate::outcome::{Outcome, advised};
use crate::report::{Cell, Detail, Grid, Line, Page, Report, Tone};
use crate::scaffold::actions::{SOURCE, VERSION};

/// Who started from a golden path, and how far they are behind
///
/// Counts the entities of the catalog whose annotation backstage.io/source-template names it; without a name, those of every golden path.
#[derive(Args, Debug)]
#[command(before_help = "callboard template usage http-service")]
pub struct UsageArgs {
    /// A golden path of `callboard template list`
    template: Option<String>,

    #[command(flatten)]
    places: PlacesArgs,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &UsageArgs, app: &App) -> Result<Outcome> {
    let Some(catalog) = app.catalog()? else {
        let error = anyhow::anyhow!("no catalog, and so nobody who could be counted");
        return Err(advised(error, "--catalog PATH names one"));
    };
    let versions: Vec<(String, Option<String>)> = golden_paths::all(app, &args.places.places())?
        .into_iter()
        .map(|path| (path.template.entity_ref(), path.template.version))
        .collect();
    let wanted = match &args.template {
        // A path whose template is gone still has its adopters.
        Some(name) => Some(
            EntityRef::parse(name, Some("template"), DEFAULT_NAMESPACE)
                .map_err(|error| anyhow::anyhow!("{name}: {error}"))?
                .to_string(),
        ),
        None => None,
    };
    let items = adopters(catalog, wanted.as_deref(), &versions);
    if let Some(wanted) = &wanted
        && !versions.iter().any(|(known, _)| known == wanted)
    {
        if items.is_empty() {
            // Neither a path nor anybody who started from it: a mistyped name.
            golden_paths::find(app, args.template.as_deref().unwrap_or(wanted), &args.places.places())?;
        }
        app.ui.warn(&format!("there is no golden path {wanted} here: its newest version is not known"));
    }
    let report = TemplateUsageReport { items };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    Ok(Outcome::Fine)
}

fn adopters(
    catalog: &Catalog,
    wanted: Option<&str>,
    versions: &[(String, Option<String>)],
) -> Vec<UsageItem> {
    let mut items = Vec::new();
    for entity in catalog.entities.values() {
        let Some(source) = entity.annotation(SOURCE) else { continue };
        let Ok(template) = EntityRef::parse(source, Some("template"), DEFAULT_NAMESPACE) else { continue };
        let template = template.to_string();
        if wanted.is_some_and(|wanted| wanted != template) {
            continue;
        }
        let newest =
            versions.iter().find(|(known, _)| *known == template).and_then(|(_, version)| version.clone());
        let version = entity.annotation(VERSION).map(str::to_string);
        items.push(UsageItem {
            behind: behind(version.as_deref(), newest.as_deref()),
            template,
            entity: entity.reference.short("component"),
            owner: entity.spec("owner").map(short_owner),
            version,
            newest,
        });
    }
    items.sort_by(|left, right| (&left.template, &left.entity).cmp(&(&right.template, &right.entity)));
    items
}

/// How far a version is behind the newest.
#[derive(Clone, Copy, Debug, PartialEq)]
enum VersionLag {
    Current,
    Ahead,
    Major(i64),
    Minor(i64),
    Patch(i64),
}

impl fmt::Display for VersionLag {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            VersionLag::Current => f.write_str("current"),
            VersionLag::Ahead => f.write_str("ahead"),
            VersionLag::Major(count) => write!(f, "{count} major"),
            VersionLag::Minor(count) => write!(f, "{count} minor"),
            VersionLag::Patch(count) => write!(f, "{count} patch"),
        }
    }
}

impl Serialize for VersionLag {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Nothing where a version is not known or no `major.minor.patch`.
fn behind(version: Option<&str>, newest: Option<&str>) -> Option<VersionLag> {
    let numbers = |text: &str| {
        let mut parts =
            text.trim_start_matches('v').split(['.', '-', '+']).map(|part| part.parse::<i64>().ok());
        Some([parts.next()??, parts.next().flatten().unwrap_or(0), parts.next().flatten().unwrap_or(0)])
    };
    let (has, newest) = (numbers(version?)?, numbers(newest?)?);
    for (index, part) in [VersionLag::Major, VersionLag::Minor, VersionLag::Patch].into_iter().enumerate() {
        match newest[index] - has[index] {
            0 => {}
            more if more > 0 => return Some(part(more)),
            _ => return Some(VersionLag::Ahead),
        }
    }
    Some(VersionLag::Current)
}

/// `kind: TemplateUsageList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TemplateUsageReport {
    items: Vec<UsageItem>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UsageItem {
    template: String,
    entity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    behind: Option<VersionLag>,
}

impl Report for TemplateUsageReport {
    const KIND: &'static str = "TemplateUsageList";

    fn page(&self, _: Detail) -> Page {
        let text = |value: &Option<String>| Cell::from(value.clone().unwrap_or_else(|| "-".into()));
        let rows = self.items.iter().map(|item| {
            let behind = match item.behind {
                None => Cell::muted("unknown"),
                Some(current @ VersionLag::Current) => Cell::toned(current.to_string(), Tone::Good),
                Some(behind @ VersionLag::Major(_)) => Cell::toned(behind.to_string(), Tone::Bad),
                Some(behind) => Cell::toned(behind.to_string(), Tone::Doubtful),
            };
            vec![
                Cell::from(item.template.trim_start_matches("template:default/").to_string()),
                Cell::from(item.entity.clone()),
                text(&item.owner),
                text(&item.version),
                text(&item.newest),
                behind,
            ]
        });
        let header = vec!["TEMPLATE", "ENTITY", "OWNER", "VERSION", "NEWEST", "BEHIND"];
        Grid::of(header, rows.collect()).into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| item.entity.clone()).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let current = self.items.iter().filter(|item| item.behind == Some(VersionLag::Current)).count();
        let adopters = match self.items.len() {
            1 => "1 entity".to_string(),
            number => format!("{number} entities"),
        };
        vec![Line::from(format!("{adopters}, {current} current."))]
    }

    fn title(&self) -> String {
        "Who uses golden paths".to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::behind;

    #[test]
    fn versions_behind() {
        for (version, newest, expect) in [
            ("1.2.0", "1.2.0", Some("current")),
            ("1.2", "1.4.1", Some("2 minor")),
            ("1.2.0", "3.0.0", Some("2 major")),
            ("1.2.0", "1.2.5", Some("5 patch")),
            ("2.0.0", "1.9.0", Some("ahead")),
            ("latest", "1.0.0", None),
        ] {
            let told = behind(Some(version), Some(newest)).map(|lag| lag.to_string());
            assert_eq!(told.as_deref(), expect, "{version} {newest}");
        }
        assert_eq!(behind(None, Some("1.0.0")), None);
    }
}
