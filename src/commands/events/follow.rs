//! `events -w`: the timeline goes on while things happen.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Mutex;

use anyhow::Result;
use futures::StreamExt;

use crate::app::App;
use crate::commands::events::listing::ClusterEvents;
use crate::commands::events::options::{EventsArgs, called};
use crate::commands::events::report::{EventRow, EventsReport};
use crate::commands::events::watching::{News, watchings};
use crate::outcome::Outcome;
use crate::render::Format;
use crate::report::{Cell, Line, Tone};
use crate::survey::{SilentWatches, Survey, silences};
use crate::text::{safe, safe_json};
use crate::workload::Event;

/// Prints what there is, then what comes, until Ctrl-C.
pub fn follow(
    args: &EventsArgs,
    app: &App,
    survey: &Survey,
    report: EventsReport,
    found: Vec<ClusterEvents>,
) -> Result<Outcome> {
    let writer = Writer::new(args, app, &report);
    if !args.output.no_headers {
        writer.header()?;
    }
    for item in &report.items {
        writer.print(item)?;
    }
    for line in silences(&report.header.clusters) {
        app.ui.tell(&line);
    }
    app.block_on(listen(args, app, survey, &writer, found))??;
    Ok(Outcome::Interrupted)
}

async fn listen(
    args: &EventsArgs,
    app: &App,
    survey: &Survey,
    writer: &Writer<'_>,
    found: Vec<ClusterEvents>,
) -> Result<()> {
    let mut seen = SeenEvents::new(survey.clusters.iter().zip(&found));
    let watchings = Mutex::new(watchings(survey, app.config()?, found));
    let news = survey.fleet.follow(|asked, sender| {
        let watching = watchings.lock().ok().and_then(|mut all| all.remove(&asked.cluster().name));
        async move {
            if let Some(watching) = watching {
                watching.watch(&asked, &sender).await;
            }
        }
    });
    let mut news = std::pin::pin!(news);
    let mut interrupt = std::pin::pin!(crate::ui::interrupted());
    let mut silent = SilentWatches::default();
    loop {
        let next = tokio::select! {
            next = news.next() => next,
            () = &mut interrupt => return Ok(()),
        };
        let Some((cluster, news)) = next else { return Ok(()) };
        match news {
            News::Silent(why) => silent.silent(&cluster, &why.to_string(), &app.ui),
            News::Hears => silent.heard(&cluster, &app.ui),
            News::Event(services, event) => {
                if !seen.is_new(&cluster, &event) {
                    continue;
                }
                let row = EventRow::new(&event, &cluster, called(&survey.placed.wanted, &services));
                if args.wants(&row, app.now()) {
                    writer.print(&row)?;
                }
            }
        }
    }
}

/// Events whose counts are remembered, the newest: a server keeps them for an hour, and some write many.
const MOST_SEEN: usize = 100_000;

/// What has been told already: an event that is seen again grows its count.
#[derive(Default)]
struct SeenEvents {
    counts: BTreeMap<SeenName, (i64, Option<jiff::Timestamp>)>,
    /// In the order in which they were seen first.
    order: VecDeque<SeenName>,
}

/// Cluster, and namespace/name.
type SeenName = Rc<(String, String)>;

impl SeenEvents {
    fn new<'a>(known: impl Iterator<Item = (&'a String, &'a ClusterEvents)>) -> SeenEvents {
        let mut seen = SeenEvents::default();
        for (cluster, found) in known {
            for (_, event) in &found.events {
                seen.is_new(cluster, event);
            }
        }
        seen
    }

    fn is_new(&mut self, cluster: &str, event: &Event) -> bool {
        let id = format!("{}/{}", event.meta.namespace, event.meta.name);
        let (key, now) = (Rc::new((cluster.to_string(), id)), (event.count, event.last_seen));
        let before = self.counts.insert(key.clone(), now);
        if before.is_none() {
            self.order.push_back(key);
            if self.order.len() > MOST_SEEN {
                self.order.pop_front().map(|oldest| self.counts.remove(&oldest));
            }
        }
        before != Some(now)
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
        let cluster = report.header.clusters.iter().map(|cluster| cluster.name.chars().count()).max();
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
            Format::Json | Format::Yaml => {
                self.app.ui.write(&(safe_json(serde_json::to_string(item)?) + "\n"))
            }
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
    use super::{MOST_SEEN, SeenEvents};
    use crate::workload::{Event, SupportingObject, later};

    fn event(name: &str, count: i64) -> Event {
        let json = format!(r#"{{"metadata":{{"namespace":"shop","name":"{name}"}},"count":{count}}}"#);
        let Ok(SupportingObject::Event(event)) = later("Event").expect("a row").observe(&json) else {
            panic!("no event")
        };
        event
    }

    #[test]
    fn an_event_is_told_once_and_again_when_it_is_seen_again() {
        let mut seen = SeenEvents::default();
        assert!(seen.is_new("eu", &event("a", 1)));
        assert!(!seen.is_new("eu", &event("a", 1)));
        assert!(seen.is_new("us", &event("a", 1)));
        assert!(seen.is_new("eu", &event("b", 1)));
        assert!(seen.is_new("eu", &event("a", 2)));
    }

    #[test]
    fn a_flood_of_events_does_not_grow_for_ever() {
        let mut seen = SeenEvents::default();
        for number in 0..MOST_SEEN + 10 {
            assert!(seen.is_new("eu", &event(&number.to_string(), 1)));
        }
        assert_eq!((seen.counts.len(), seen.order.len()), (MOST_SEEN, MOST_SEEN));
        assert!(!seen.is_new("eu", &event("10", 1)) && seen.is_new("eu", &event("0", 1)));
    }
}
