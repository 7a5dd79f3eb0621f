//! The rows of events.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::demo::printer::columns::cell::{age, integer, name, text_or};

pub fn event(event: &Value, now: Timestamp) -> Vec<Value> {
    let series = &event["series"];
    let present = |value: &Value| value.is_string();
    let first = [&event["firstTimestamp"], &event["deprecatedFirstTimestamp"], &event["eventTime"]]
        .into_iter()
        .find(|time| present(time));
    let last = [
        &series["lastObservedTime"],
        &event["lastTimestamp"],
        &event["deprecatedLastTimestamp"],
        &event["eventTime"],
    ];
    let last = last.into_iter().find(|time| present(time)).or(first);
    let seen = |instant: Option<&Value>| {
        instant.map_or_else(|| "<unknown>".to_string(), |instant| age(instant, now))
    };
    let about =
        if event["involvedObject"].is_object() { &event["involvedObject"] } else { &event["regarding"] };
    let count =
        [&series["count"], &event["count"]].into_iter().map(integer).find(|count| *count > 0).unwrap_or(1);
    vec![
        seen(last).into(),
        text_or(&event["type"], "").into(),
        text_or(&event["reason"], "").into(),
        object(about).into(),
        text_or(&about["fieldPath"], "").into(),
        source(event).into(),
        event["message"].as_str().or(event["note"].as_str()).unwrap_or_default().trim().into(),
        seen(first).into(),
        json!(count),
        name(event),
    ]
}

/// `pod/web-1`
fn object(about: &Value) -> String {
    let (kind, name) = (text_or(&about["kind"], "").to_lowercase(), text_or(&about["name"], ""));
    if name.is_empty() { kind } else { format!("{kind}/{name}") }
}

/// `kubelet, node-1`
fn source(event: &Value) -> String {
    let source = &event["source"];
    let component = text_or(
        &source["component"],
        &text_or(&event["reportingComponent"], &text_or(&event["reportingController"], "")),
    );
    let host = text_or(&source["host"], &text_or(&event["reportingInstance"], ""));
    if host.is_empty() { component } else { format!("{component}, {host}") }
}

#[cfg(test)]
mod tests {
    use super::event;
    use serde_json::json;

    #[test]
    fn an_event_says_what_happened_to_what_and_how_often() {
        let now = "2026-01-15T10:00:00Z".parse().expect("an instant");
        let crash = json!({"metadata": {"name": "web.1"}, "involvedObject": {"kind": "Pod", "name": "web-1", "fieldPath": "spec.containers{app}"},
            "reason": "BackOff", "type": "Warning", "message": " again \n", "count": 31, "source": {"component": "kubelet", "host": "n-1"},
            "firstTimestamp": "2026-01-15T09:10:00Z", "lastTimestamp": "2026-01-15T09:58:00Z"});
        let cells = event(&crash, now);
        let texts: Vec<String> = cells.iter().map(ToString::to_string).collect();
        let expect = r#""2m" "Warning" "BackOff" "pod/web-1" "spec.containers{app}" "kubelet, n-1" "again" "50m" 31 "web.1""#;
        assert_eq!(texts.join(" "), expect);
    }
}
