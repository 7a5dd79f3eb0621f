//! An event, of core/v1 or events.k8s.io alike: what happened to which object, how often, since when.

use crate::workload::lenient;
use crate::workload::meta::Meta;
use jiff::Timestamp;

/// One event or series of events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Event {
    pub meta: Meta,
    /// The object it is about; the field path names a container: `spec.containers{app}`.
    pub about: About,
    pub reason: String,
    pub message: String,
    /// `Normal` or `Warning`. Normal ones matter too: a probe kill is one.
    pub kind: String,
    /// At least 1.
    pub count: i64,
    pub first_seen: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
    /// Who says so: `kubelet`, `default-scheduler`.
    pub source: String,
}

facts! {
    /// An object reference.
    pub struct About {
        pub kind: String,
        pub namespace: String,
        pub name: String,
        pub uid: String,
        pub field_path: String,
    }

    pub struct Source {
        pub component: String,
        pub host: String,
    }

    pub struct Series {
        pub count: Option<i64>,
        pub last_observed_time: Option<Timestamp>,
    }

    /// Both APIs' fields at once: each event has one set.
    pub struct Wire {
        pub metadata: Meta,
        pub involved_object: Option<About>,
        pub regarding: Option<About>,
        pub reason: String,
        pub message: String,
        pub note: String,
        #[serde(rename = "type")]
        pub kind: String,
        pub count: Option<i64>,
        pub deprecated_count: Option<i64>,
        pub series: Option<Series>,
        pub first_timestamp: Option<Timestamp>,
        pub deprecated_first_timestamp: Option<Timestamp>,
        pub last_timestamp: Option<Timestamp>,
        pub deprecated_last_timestamp: Option<Timestamp>,
        pub event_time: Option<Timestamp>,
        pub source: Source,
        pub deprecated_source: Source,
        pub reporting_component: String,
        pub reporting_controller: String,
    }
}

impl crate::workload::lenient::Present for About {}
impl crate::workload::lenient::Present for Series {}

impl Event {
    /// The container that the field path names, init containers included.
    pub fn container(&self) -> Option<&str> {
        let path = self.about.field_path.strip_prefix("spec.")?;
        let (list, name) = path.split_once('{')?;
        let named = matches!(list, "containers" | "initContainers" | "ephemeralContainers");
        named.then(|| name.strip_suffix('}')).flatten()
    }
}

/// Decodes one event of either API.
pub fn observe_event(json: &str) -> serde_json::Result<Event> {
    lenient::object::<Wire>(json).map(Wire::event)
}

impl Wire {
    fn event(self) -> Event {
        let series = self.series.unwrap_or_default();
        let count = series.count.or(self.count).or(self.deprecated_count).unwrap_or(1).max(1);
        let single = self.event_time.or(self.metadata.created);
        let last = self.last_timestamp.or(self.deprecated_last_timestamp);
        let first = self.first_timestamp.or(self.deprecated_first_timestamp);
        let source = [
            self.source.component,
            self.reporting_component,
            self.reporting_controller,
            self.deprecated_source.component,
        ];
        Event {
            about: self.involved_object.or(self.regarding).unwrap_or_default(),
            reason: self.reason,
            message: if self.message.is_empty() { self.note } else { self.message },
            kind: self.kind,
            count,
            first_seen: first.or(single).or(last),
            last_seen: series.last_observed_time.max(last).or(single).or(first),
            source: source.into_iter().find(|name| !name.is_empty()).unwrap_or_default(),
            meta: self.metadata,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::observe_event;

    #[track_caller]
    fn check(json: &str, expect: (&str, &str, i64, &str, &str, &str)) {
        let event = observe_event(json).unwrap();
        let time = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
        let (first, last) = (time(event.first_seen), time(event.last_seen));
        let container = event.container().unwrap_or("-");
        assert_eq!(
            (
                event.message.as_str(),
                event.source.as_str(),
                event.count,
                first.as_str(),
                last.as_str(),
                container
            ),
            expect
        );
    }

    #[test]
    fn both_apis_read_alike() {
        check(
            r#"{"involvedObject":{"fieldPath":"spec.containers{app}"},"message":"m","count":5,"source":{"component":"kubelet"},
                "firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:10:00Z","eventTime":null}"#,
            ("m", "kubelet", 5, "2026-01-01T00:00:00Z", "2026-01-01T00:10:00Z", "app"),
        );
        check(
            r#"{"regarding":{"fieldPath":"spec.initContainers{wait}"},"note":"n","eventTime":"2026-01-01T00:00:00.5Z","reportingController":"s",
                "series":{"count":9,"lastObservedTime":"2026-01-01T00:20:00Z"},"deprecatedLastTimestamp":null}"#,
            ("n", "s", 9, "2026-01-01T00:00:00.5Z", "2026-01-01T00:20:00Z", "wait"),
        );
        // Core events of newer schedulers: event time and series, no timestamps.
        check(
            r#"{"message":"m","eventTime":"2026-01-01T00:00:00Z","reportingComponent":"default-scheduler","source":{},
                "firstTimestamp":null,"lastTimestamp":null,"series":{"count":2,"lastObservedTime":"2026-01-01T00:05:00Z"}}"#,
            ("m", "default-scheduler", 2, "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z", "-"),
        );
    }

    #[test]
    fn odd_ones_are_read_as_far_as_they_go() {
        check(r#"{"message":3,"count":"x","series":[],"involvedObject":"pod"}"#, ("3", "", 1, "", "", "-"));
        check(r#"{"involvedObject":{"fieldPath":"spec.containers{"},"count":-4}"#, ("", "", 1, "", "", "-"));
        assert!(observe_event("[]").is_err());
    }
}
