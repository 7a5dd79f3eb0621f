//! `services`: which services there are, whose they are, and where they should run. Asks no cluster where there is a catalog.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::args::{OutputArgs, WhichArgs, services};
use crate::catalog::{PlacementName, Service};
use crate::outcome::Outcome;
use crate::report::{Cell, Detail, Grid, Line, Page, Report};
use crate::survey::untold;
use crate::text::count;

/// Notes under the table before the rest is counted.
const MOST_NOTES: usize = 8;

/// Which services there are, whose, and where they should run
///
/// Reads the catalog only; no cluster is asked. CLUSTERS is the placement: all, where the catalog says nothing.
/// Without a catalog services are guessed from the labels of what runs, and CLUSTERS is where each was seen.
#[derive(Args, Debug)]
#[command(before_help = "callboard services --system shop
callboard services -l app=cart -n shop -o json")]
pub struct ServicesArgs {
    #[command(flatten)]
    which: WhichArgs,

    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &ServicesArgs, app: &App) -> Result<Outcome> {
    let found = services(&args.which, app)?;
    let report = ServicesReport { items: items(&found, app) };
    app.ui.print(&report, args.output.output, !args.output.no_headers)?;
    let Some(gaps) = app.guess_gaps() else { return Ok(Outcome::Fine) };
    untold(app)?.iter().for_each(|line| app.ui.tell(line));
    gaps.notes.iter().for_each(|note| app.ui.tell(&Line::new(vec![Cell::muted(format!("note: {note}"))])));
    Ok(if gaps.is_incomplete { Outcome::Incomplete } else { Outcome::Fine })
}

/// `kind: ServiceList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ServicesReport {
    items: Vec<ServiceItem>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceItem {
    service: String,
    /// No catalog says that there is such a service.
    guessed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Where the catalog declares it.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifecycle: Option<String>,
    tags: Vec<String>,
    selector: String,
    /// Empty: all namespaces.
    namespaces: Vec<String>,
    /// Empty: every cluster. Of a guess those in which it was seen.
    clusters: Vec<String>,
    links: Vec<ServiceLink>,
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceLink {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    url: String,
}

/// Services as documents have them. A dependency that the catalog lacks counts as a place to run only where a cluster has its name; no
/// cluster is asked for that.
pub fn items(services: &[Service], app: &App) -> Vec<ServiceItem> {
    let is_any_tentative = services.iter().any(|service| service.placement.iter().any(|name| name.tentative));
    // A kubeconfig that cannot be read knows no cluster, and is told where one is asked.
    let clusters = if is_any_tentative { app.known_clusters().unwrap_or_default() } else { Vec::new() };
    let is_cluster = |name: &PlacementName| {
        !name.tentative
            || clusters.iter().any(|cluster| cluster.fit(&name.name, name.server.as_deref()).is_some())
    };
    services.iter().map(|service| item(service, &is_cluster)).collect()
}

fn item(service: &Service, is_cluster: &dyn Fn(&PlacementName) -> bool) -> ServiceItem {
    let link =
        |link: &crate::catalog::EntityLink| ServiceLink { title: link.title.clone(), url: link.url.clone() };
    let mut notes = service.notes.clone();
    notes.extend(service.problem.as_ref().map(|problem| problem.to_string()));
    ServiceItem {
        service: service.name.clone(),
        guessed: service.guess.is_some(),
        entity: service.entity.as_ref().map(|entity| entity.to_string()),
        title: service.title.clone(),
        description: service.description.clone(),
        file: service.declared.as_ref().map(|place| place.file.clone()),
        line: service.declared.as_ref().map(|place| place.line),
        owner: service.owner.as_ref().map(|owner| owner.display.clone()),
        system: service.system.as_ref().map(|system| system.display.clone()),
        domain: service.domain.as_ref().map(|domain| domain.display.clone()),
        r#type: service.type_.clone(),
        lifecycle: service.lifecycle.clone(),
        tags: service.tags.clone(),
        selector: service.selector_text.clone(),
        namespaces: service.namespace_scope.clone().unwrap_or_default(),
        clusters: match &service.guess {
            Some(guess) => guess.clusters.clone(),
            None => {
                let placed = service.placement.iter().filter(|placement| is_cluster(placement));
                placed.map(|placement| placement.name.clone()).collect()
            }
        },
        links: service.links.iter().map(link).collect(),
        notes,
    }
}

impl Report for ServicesReport {
    const KIND: &'static str = "ServiceList";

    fn page(&self, detail: Detail) -> Page {
        let header = match detail.wide {
            false => vec!["SERVICE", "OWNER", "SYSTEM", "TYPE", "CLUSTERS"],
            true => {
                vec!["SERVICE", "OWNER", "SYSTEM", "TYPE", "LIFECYCLE", "NAMESPACES", "SELECTOR", "CLUSTERS"]
            }
        };
        let text = |value: &Option<String>| Cell::from(value.clone().unwrap_or_else(|| "-".to_string()));
        let list = |values: &Vec<String>| match values.is_empty() {
            true => Cell::muted("all"),
            false => Cell::from(values.join(",")),
        };
        let rows = self.items.iter().map(|item| {
            let mut cells = vec![
                Cell::from(item.service.clone()),
                text(&item.owner),
                text(&item.system),
                text(&item.r#type),
            ];
            if detail.wide {
                cells.extend([
                    text(&item.lifecycle),
                    list(&item.namespaces),
                    Cell::from(item.selector.clone()),
                ]);
            }
            cells.push(list(&item.clusters));
            cells
        });
        Grid::of(header, rows.collect()).into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| item.service.clone()).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let mut lines = vec![Line::from(format!("{}.", count(self.items.len(), "service")))];
        let mut told: Vec<(&str, Vec<&str>)> = Vec::new();
        for (item, note) in self.items.iter().flat_map(|item| item.notes.iter().map(move |note| (item, note)))
        {
            match told.iter_mut().find(|(known, _)| known == note) {
                Some((_, services)) => services.push(&item.service),
                None => told.push((note, vec![&item.service])),
            }
        }
        let more = told.len().saturating_sub(MOST_NOTES);
        for (note, services) in told.into_iter().take(MOST_NOTES) {
            let whose = match services.as_slice() {
                [one] => one.to_string(),
                [first, rest @ ..] => format!("{first} and {} more", rest.len()),
                [] => String::new(),
            };
            lines.push(Line::new(vec![Cell::muted(format!("note: {whose}: {note}"))]));
        }
        if more > 0 {
            let text = format!("note: {more} more; `-o json` has them all");
            lines.push(Line::new(vec![Cell::muted(text)]));
        }
        lines
    }

    fn title(&self) -> String {
        "Services".to_string()
    }
}
