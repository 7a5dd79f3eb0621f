//! `events -w`: the timeline goes on while things happen.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use futures::StreamExt;

use crate::app::App;
use crate::commands::events::EventsArgs;
use crate::commands::events::called;
use crate::commands::events::listing::{Found, owners, places};
use crate::commands::events::report::{EventRow, EventsReport};
use crate::fleet::watch::Change;
use crate::fleet::{Asked, ListRequest, Resource, Sender};
use crate::outcome::Outcome;
use crate::render::Format;
use crate::report::{Cell, Line, Tone};
use crate::survey::{Scene, silences};
use crate::text::safe;
use crate::workload::{Event, Later, later};

/// What a cluster sends.
enum News {
    Event(Box<Event>),
    Silent(String),
}

/// Prints what there is, then what comes, until Ctrl-C.
pub fn follow(
    args: &EventsArgs,
    app: &App,
    scene: &Scene,
    report: EventsReport,
    found: Vec<Found>,
) -> Result<Outcome> {
    let writer = Writer::new(args, app, &report);
    if !args.output.no_headers {
        writer.header()?;
    }
    for item in &report.items {
        writer.print(item)?;
    }
    for line in silences(&report.clusters) {
        app.ui.tell(&line);
    }
    app.block_on(listen(args, app, scene, &writer, &found))??;
    Ok(Outcome::Interrupted)
}

async fn listen(
    args: &EventsArgs,
    app: &App,
    scene: &Scene,
    writer: &Writer<'_>,
    found: &[Found],
) -> Result<()> {
    let known: BTreeMap<&String, &Found> = scene.clusters.iter().zip(found).collect();
    let mut seen = Seen::new(&known);
    let to_watch: BTreeMap<String, Vec<Option<String>>> =
        known.iter().map(|(name, found)| (name.to_string(), places(&found.belonging))).collect();
    let news = scene.fleet.follow(move |asked, sender| {
        let places = to_watch.get(&asked.cluster().name).cloned().unwrap_or_default();
        watch_all(asked, places, sender)
    });
    let mut news = std::pin::pin!(news);
    let mut interrupt = std::pin::pin!(crate::ui::interrupted());
    let mut silent: BTreeSet<String> = BTreeSet::new();
    loop {
        let next = tokio::select! {
            next = news.next() => next,
            () = &mut interrupt => return Ok(()),
        };
        let Some((cluster, news)) = next else { return Ok(()) };
        match news {
            News::Silent(why) => {
                if silent.insert(cluster.clone()) {
                    app.ui.warn(&format!("{cluster}: {why}; trying again"));
                }
            }
            News::Event(event) => {
                silent.remove(&cluster);
                let Some(found) = known.get(&cluster) else { continue };
                let services = owners(&found.belonging, &event);
                if services.is_empty() || !seen.is_new(&cluster, &event) {
                    continue;
                }
                let row = EventRow::new(&event, &cluster, called(&scene.placed.wanted, &services));
                if args.wants(&row, app.now()) {
                    writer.print(&row)?;
                }
            }
        }
    }
}

async fn watch_all(asked: Asked, places: Vec<Option<String>>, sender: Sender<News>) {
    let watches = places.iter().map(|place| watch(&asked, place.as_deref(), &sender));
    futures::future::join_all(watches).await;
}

async fn watch(asked: &Asked, namespace: Option<&str>, sender: &Sender<News>) {
    let Some(kind) = later("Event") else { return };
    let resource =
        Resource { kind: kind.name, group: kind.group, version: kind.version, plural: kind.plural };
    let request = ListRequest { resource, namespace, selector: None, field_selector: None };
    let mut receive = |change: Change<'_>| {
        let news = match change {
            Change::Put(json) => match (kind.observe)(json) {
                Ok(Later::Event(event)) => News::Event(Box::new(event)),
                _ => return Ok(()),
            },
            Change::Silent(why) => News::Silent(why.message()),
            Change::Reset | Change::Gone(_) | Change::Current => return Ok(()),
        };
        match sender.push(news) {
            true => Ok(()),
            false => Err(anyhow::anyhow!("nobody listens any more")),
        }
    };
    // It ends when nobody listens, or where events are not served; both are no news.
    let _ = asked.watch(&request, &mut receive).await;
}

/// What has been told already: an event that is seen again grows its count.
#[derive(Default)]
struct Seen {
    counts: BTreeMap<(String, String), (i64, Option<jiff::Timestamp>)>,
}

impl Seen {
    fn new(known: &BTreeMap<&String, &Found>) -> Seen {
        let mut seen = Seen::default();
        for (cluster, found) in known {
            for (_, event) in &found.events {
                seen.is_new(cluster, event);
            }
        }
        seen
    }

    fn is_new(&mut self, cluster: &str, event: &Event) -> bool {
        let id = format!("{}/{}", event.meta.namespace, event.meta.name);
        let now = (event.count, event.last_seen);
        self.counts.insert((cluster.to_string(), id), now) != Some(now)
    }
}

/// Rows that are printed one by one: the columns are as wide as what is known asks for.
struct Writer<'a> {
    app: &'a App,
    format: Format,
    widths: Vec<usize>,
}

const HEADER: [&str; 6] = ["TIME", "CLUSTER", "TYPE", "REASON", "OBJECT", "COUNT"];
const LEAST: [usize; 6] = [20, 7, 7, 17, 24, 5];

impl Writer<'_> {
    fn new<'a>(args: &EventsArgs, app: &'a App, report: &EventsReport) -> Writer<'a> {
        let mut widths = LEAST.to_vec();
        for cells in report.items.iter().map(cells) {
            for (width, cell) in widths.iter_mut().zip(&cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let cluster = report.clusters.iter().map(|cluster| cluster.name.chars().count()).max();
        widths[1] = widths[1].max(cluster.unwrap_or_default());
        Writer { app, format: args.output.output, widths }
    }

    fn header(&self) -> Result<()> {
        match self.format {
            Format::Table | Format::Wide => self.line(&HEADER.map(str::to_string), "MESSAGE", Tone::Plain),
            _ => Ok(()),
        }
    }

    fn print(&self, item: &EventRow) -> Result<()> {
        match self.format {
            Format::Json | Format::Yaml => self.app.ui.write(&format!("{}\n", serde_json::to_string(item)?)),
            Format::Name => self.app.ui.write(&format!("{}\n", safe(&item.about()))),
            _ => self.line(&cells(item), &item.message, item.tone()),
        }
    }

    fn line(&self, cells: &[String; 6], message: &str, tone: Tone) -> Result<()> {
        let mut parts: Vec<Cell> = Vec::new();
        for (index, (cell, width)) in cells.iter().zip(&self.widths).enumerate() {
            let padded = format!("{cell:width$}  ");
            parts.push(if index == 2 { Cell::toned(padded, tone) } else { Cell::from(padded) });
        }
        parts.push(Cell::from(message));
        self.app.ui.write_line(&Line::new(parts))
    }
}

fn cells(item: &EventRow) -> [String; 6] {
    let time = item.time.map_or("-".to_string(), |time| {
        jiff::Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
    });
    [
        time,
        item.cluster.clone(),
        item.r#type.clone(),
        item.reason.clone(),
        item.about(),
        item.count.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::Seen;
    use crate::workload::{Event, Later, later};

    fn event(name: &str, count: i64) -> Event {
        let json = format!(r#"{{"metadata":{{"namespace":"shop","name":"{name}"}},"count":{count}}}"#);
        let Ok(Later::Event(event)) = (later("Event").expect("a row").observe)(&json) else {
            panic!("no event")
        };
        event
    }

    #[test]
    fn an_event_is_told_once_and_again_when_it_is_seen_again() {
        let mut seen = Seen::default();
        assert!(seen.is_new("eu", &event("a", 1)));
        assert!(!seen.is_new("eu", &event("a", 1)));
        assert!(seen.is_new("us", &event("a", 1)));
        assert!(seen.is_new("eu", &event("b", 1)));
        assert!(seen.is_new("eu", &event("a", 2)));
    }
}
