//! Events as a timeline: a row each, the newest at the bottom.

use jiff::Timestamp;
use serde::Serialize;

use crate::report::{Cell, Detail, Grid, Line, Page, Report, Tone};
use crate::survey::SurveyHeader;
use crate::text::{age_of, count};
use crate::workload::Event;

/// `kind: ServiceEventList`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventsReport {
    #[serde(flatten)]
    pub header: SurveyHeader,
    /// Oldest first.
    pub items: Vec<EventRow>,
    /// More than one service was asked for: the table names them.
    #[serde(skip)]
    pub many: bool,
}

/// One event, or a series of the same.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventRow {
    /// When it was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Timestamp>,
    pub services: Vec<String>,
    pub cluster: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// `Normal` or `Warning`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub r#type: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    pub object: ObjectRow,
    /// How often it was seen, 1 at least.
    pub count: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Who says so, such as `kubelet`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRow {
    pub kind: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
}

impl EventRow {
    pub fn new(event: &Event, cluster: &str, services: Vec<String>) -> EventRow {
        let about = &event.about;
        let namespace =
            if about.namespace.is_empty() { event.meta.namespace.as_str() } else { about.namespace.as_str() };
        EventRow {
            time: event.last_seen,
            first_seen: event.first_seen,
            services,
            cluster: cluster.to_string(),
            namespace: namespace.to_string(),
            r#type: event.kind.clone(),
            reason: event.reason.clone(),
            object: ObjectRow {
                kind: about.kind.clone(),
                name: about.name.clone(),
                container: event.container().map(str::to_string),
            },
            count: event.count,
            message: event.message.trim().to_string(),
            source: event.source.clone(),
        }
    }

    pub fn is_warning(&self) -> bool {
        self.r#type == "Warning"
    }

    pub fn tone(&self) -> Tone {
        if self.is_warning() { Tone::Doubtful } else { Tone::Plain }
    }

    /// `pod/checkout-5d8f-x2k4z`, as kubectl writes it.
    pub fn about(&self) -> String {
        format!("{}/{}", self.object.kind.to_lowercase(), self.object.name)
    }
}

impl EventsReport {
    /// Columns that would say the same in every row.
    fn idle(&self) -> Vec<&'static str> {
        let service = (!self.many).then_some("SERVICE");
        let cluster = (self.header.clusters.len() == 1).then_some("CLUSTER");
        service.into_iter().chain(cluster).collect()
    }
}

impl Report for EventsReport {
    const KIND: &'static str = "ServiceEventList";

    fn page(&self, detail: Detail) -> Page {
        if detail.fold && !detail.wide {
            let rows = self.items.iter().map(|item| folded(item, self.header.generated_at)).collect();
            return Grid::of(FOLDED, rows).without(&self.idle()).into();
        }
        let mut header = vec!["AGE", "SERVICE", "CLUSTER", "TYPE", "REASON", "OBJECT", "COUNT"];
        if detail.wide {
            header = vec![
                "TIME",
                "FIRST SEEN",
                "SERVICE",
                "CLUSTER",
                "NAMESPACE",
                "TYPE",
                "REASON",
                "OBJECT",
                "CONTAINER",
                "COUNT",
                "SOURCE",
            ];
        }
        header.push("MESSAGE");
        let rows = self.items.iter().map(|item| cells(item, detail.wide, self.header.generated_at)).collect();
        Grid::of(header, rows).without(&self.idle()).into()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(EventRow::about).collect()
    }

    fn footer(&self) -> Vec<Line> {
        let warnings = self.items.iter().filter(|item| item.is_warning()).count();
        let found = match self.items.len() {
            0 => "No events".to_string(),
            all => format!("{}, {}", count(all, "event"), count(warnings, "warning")),
        };
        self.header.footer([Line::from(format!("{found}. {}", self.header.answered()))])
    }

    fn title(&self) -> String {
        "Events".to_string()
    }
}

fn cells(item: &EventRow, wide: bool, now: Timestamp) -> Vec<Cell> {
    let filled = |text: &str| Cell::from(if text.is_empty() { "-" } else { text });
    let instant = |time: Option<Timestamp>| Cell::from(time.map_or("-".to_string(), |time| time.to_string()));
    let mut cells = match wide {
        true => vec![instant(item.time), instant(item.first_seen)],
        false => vec![Cell::from(item.time.map_or("-".to_string(), |time| age_of(time, now)))],
    };
    cells.extend([filled(&item.services.join(",")), filled(&item.cluster)]);
    if wide {
        cells.push(filled(&item.namespace));
    }
    cells.extend([Cell::toned(&item.r#type, item.tone()), filled(&item.reason), filled(&item.about())]);
    if wide {
        cells.push(filled(item.object.container.as_deref().unwrap_or_default()));
    }
    cells.push(Cell::from(item.count.to_string()));
    if wide {
        cells.push(filled(&item.source));
    }
    cells.push(filled(&item.message));
    cells
}

/// For a person: what happened is one text, so that it has the room of the columns it would stand in.
const FOLDED: [&str; 5] = ["AGE", "SERVICE", "CLUSTER", "OBJECT", "WHAT HAPPENED"];

fn folded(item: &EventRow, now: Timestamp) -> Vec<Cell> {
    let filled = |text: &str| Cell::from(if text.is_empty() { "-" } else { text });
    vec![
        Cell::from(item.time.map_or("-".to_string(), |time| age_of(time, now))),
        filled(&item.services.join(",")),
        filled(&item.cluster),
        filled(&item.about()),
        Cell::toned(what(item), item.tone()),
    ]
}

/// `Warning BackOff x58: Back-off restarting failed container app`.
fn what(item: &EventRow) -> String {
    let warning = if item.is_warning() { "Warning " } else { "" };
    let times = if item.count > 1 { format!(" x{}", item.count) } else { String::new() };
    // The kubelet names the pod once more, with its namespace and uid: it stands beside.
    let again = format!(" in pod {}_{}(", item.object.name, item.namespace);
    let message = match item.message.find(&again) {
        Some(at) if item.message.ends_with(')') => &item.message[..at],
        _ => &item.message,
    };
    format!("{warning}{}{times}: {message}", item.reason)
}

/// What happens to a container within one second, in its order: the API's times are no finer.
const STEPS: &[&str] =
    &["Scheduled", "Pulling", "Pulled", "Created", "Started", "Unhealthy", "Killing", "BackOff"];

/// Oldest first; what happened at the same instant in fleet order, by object, and in the order that it must have had.
pub fn sorted(mut items: Vec<EventRow>, clusters: &[String]) -> Vec<EventRow> {
    let place = |name: &str| clusters.iter().position(|cluster| cluster == name);
    let step = |reason: &str| STEPS.iter().position(|step| *step == reason);
    items.sort_by_cached_key(|item| (item.time, place(&item.cluster), item.about(), step(&item.reason)));
    items
}

#[cfg(test)]
mod tests {
    use super::{EventRow, sorted};
    use crate::workload::{SupportingObject, later};

    fn row(json: &str, cluster: &str) -> EventRow {
        let Ok(SupportingObject::Event(event)) = later("Event").expect("a row").observe(json) else {
            panic!("no event")
        };
        EventRow::new(&event, cluster, vec!["web".to_string()])
    }

    #[test]
    fn a_timeline_is_one_over_all_clusters() {
        let event = |reason: &str, time: &str| {
            format!(
                r#"{{"metadata":{{"namespace":"shop"}},"reason":"{reason}","lastTimestamp":"{time}","involvedObject":{{"kind":"Pod","name":"p"}}}}"#
            )
        };
        let items = vec![
            row(&event("Started", "2026-01-15T10:00:01Z"), "us"),
            row(&event("Created", "2026-01-15T10:00:01Z"), "us"),
            row(&event("Late", "2026-01-15T10:00:02Z"), "eu"),
            row(&event("Same", "2026-01-15T10:00:01Z"), "eu"),
            row(r#"{"reason":"Timeless"}"#, "us"),
        ];
        let names = ["us".to_string(), "eu".to_string()];
        let order: Vec<String> = sorted(items, &names).into_iter().map(|item| item.reason).collect();
        assert_eq!(order, ["Timeless", "Created", "Started", "Same", "Late"]);
    }

    #[test]
    fn a_person_reads_what_happened_in_one_text() {
        let row = |message: &str, kind: &str, count: i64| {
            let json = format!(
                r#"{{"metadata":{{"namespace":"shop"}},"reason":"BackOff","type":"{kind}","count":{count},"message":"{message}","involvedObject":{{"kind":"Pod","name":"p-1","namespace":"shop"}}}}"#
            );
            super::what(&row(&json, "us"))
        };
        let ended = "Back-off restarting failed container app in pod p-1_shop(541cd5be)";
        assert_eq!(
            row(ended, "Warning", 58),
            "Warning BackOff x58: Back-off restarting failed container app"
        );
        assert_eq!(
            row("in pod p-1_shop(541cd5be), and more", "Normal", 1),
            "BackOff: in pod p-1_shop(541cd5be), and more"
        );
        assert_eq!(row("failed in pod p-2_shop(1)", "Normal", 1), "BackOff: failed in pod p-2_shop(1)");
    }

    #[test]
    fn series_of_the_new_api_are_counted() {
        let row = row(
            r#"{"metadata":{"namespace":"shop","creationTimestamp":"2026-01-15T09:00:00Z"},"reason":"BackOff","note":"again \n","type":"Warning",
            "regarding":{"kind":"Pod","name":"p","fieldPath":"spec.containers{app}"},"eventTime":"2026-01-15T09:00:00.5Z",
            "series":{"count":7,"lastObservedTime":"2026-01-15T09:30:00Z"},"reportingController":"kubelet"}"#,
            "us",
        );
        assert_eq!((row.count, row.about(), row.namespace.as_str()), (7, "pod/p".to_string(), "shop"));
        assert_eq!(row.time.map(|time| time.to_string()).as_deref(), Some("2026-01-15T09:30:00Z"));
        assert_eq!((row.object.container.as_deref(), row.source.as_str()), (Some("app"), "kubelet"));
        assert!(row.is_warning());
    }
}
