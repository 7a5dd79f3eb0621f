//! fleet.yaml: which clusters a simulated fleet has, in which order, and what is wrong with each.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::demo::faults::{FaultId, ServerFault};
use crate::demo::timeline::steps::{self, Readers, TimelineStep};
use crate::yaml::{self, Document, Place, Problem};

/// Every key of fleet.yaml; all of them may be left out.
#[derive(Clone, Debug, Default)]
pub struct FleetFile {
    pub now: Option<Timestamp>,
    pub clusters: Vec<ClusterEntry>,
    /// The clusters are members of a hub, `hub`, and reached through it alone.
    pub has_hub: bool,
    /// In the order of time; `apply` names a file of the fleet.
    pub timeline: Vec<TimelineStep<String>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClusterEntry {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    /// As `/version` says it: `v1.36.3`.
    pub version: Option<String>,
    /// Before each response.
    pub latency: Duration,
    /// Plurals, `*` for all: forbidden, except in `namespaces`.
    pub forbid: Vec<String>,
    /// Where `forbid:` stands.
    pub forbid_at: Option<Place>,
    pub namespaces: Vec<String>,
    pub fault: Option<ServerFault>,
}

/// Reads fleet.yaml. The error names the file, the line and the key.
pub fn parse(name: &str, text: &str) -> anyhow::Result<FleetFile> {
    let mut found = Vec::new();
    for document in yaml::documents(name, text) {
        found.push(document?);
    }
    if let Some(second) = found.get(1) {
        return Err(second.problem("", "a second document; fleet.yaml is one").into());
    }
    let Some(document) = found.pop() else { return Ok(FleetFile::default()) };
    Ok(fleet(&document)?)
}

fn fleet(document: &Document) -> Result<FleetFile, Problem> {
    let Value::Object(fields) = &document.value else {
        return Err(document.problem("", "expected a mapping with now, clusters, timeline"));
    };
    let mut file = FleetFile::default();
    for (key, value) in fields {
        let pointer = format!("/{}", yaml::step(key));
        let wrong = |message: String| Problem::new(document.key_place(&pointer), message);
        match key.as_str() {
            "now" => {
                file.now =
                    Some(instant(value).ok_or_else(|| wrong("now: expected an RFC 3339 instant".into()))?)
            }
            "clusters" => {
                let entries = value.as_array().ok_or_else(|| wrong("clusters: expected a list".into()))?;
                for (index, entry) in entries.iter().enumerate() {
                    let cluster = cluster(document, &format!("/clusters/{index}"), entry)?;
                    if file.clusters.iter().any(|before| before.name == cluster.name) {
                        let problem = format!("cluster {} is listed twice", cluster.name);
                        return Err(document.problem(&format!("/clusters/{index}"), problem));
                    }
                    file.clusters.push(cluster);
                }
            }
            "timeline" => {
                file.timeline = steps::steps(document, &pointer, value, &Readers { duration, fault })?
            }
            "hub" if value == "karmada" => file.has_hub = true,
            "hub" => return Err(wrong("hub: expected karmada".into())),
            _ => return Err(wrong(format!("unknown key `{key}`; expected now, clusters, hub or timeline"))),
        }
    }
    Ok(file)
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn cluster(document: &Document, pointer: &str, entry: &Value) -> Result<ClusterEntry, Problem> {
    let name = entry["name"].as_str().unwrap_or_default();
    let (Value::Object(fields), false) = (entry, name.is_empty() || name.contains('/')) else {
        return Err(document.problem(pointer, "a cluster is a mapping with a name, which has no slash"));
    };
    let mut cluster = ClusterEntry { name: name.to_string(), ..ClusterEntry::default() };
    for (key, value) in fields {
        let place = document.key_place(&format!("{pointer}/{}", yaml::step(key)));
        let problem = |problem: String| Problem::new(place.clone(), format!("cluster {name}: {problem}"));
        let wrong = |expected: &str| problem(format!("{key}: expected {expected}"));
        match key.as_str() {
            "name" => {}
            "labels" => cluster.labels = labels(value).ok_or_else(|| wrong("a mapping of texts"))?,
            "version" => {
                cluster.version = Some(version(value).ok_or_else(|| wrong("a version such as v1.36.3"))?)
            }
            "latency" => {
                cluster.latency = duration(value).ok_or_else(|| wrong("a duration such as 80ms or 2s"))?
            }
            "forbid" => {
                cluster.forbid = texts(value).ok_or_else(|| wrong("a list of plurals, or \"*\""))?;
                cluster.forbid_at = Some(place.clone());
            }
            "namespaces" => cluster.namespaces = texts(value).ok_or_else(|| wrong("a list of namespaces"))?,
            "fault" => cluster.fault = Some(fault(value).map_err(|text| problem(format!("fault: {text}")))?),
            _ => {
                let known = "name, labels, version, latency, forbid, namespaces or fault";
                return Err(problem(format!("unknown key `{key}`; expected {known}")));
            }
        }
    }
    Ok(cluster)
}

impl ClusterEntry {
    /// Refuses a `forbid:` of a plural that is a typing error for one that is known. Any other is taken: a fleet may
    /// forbid a kind that nothing of it has.
    pub fn check_forbid(&self, known: &BTreeSet<String>) -> Result<(), Problem> {
        let Some(place) = &self.forbid_at else { return Ok(()) };
        for entry in
            self.forbid.iter().filter(|entry| !entry.contains(['.', '/', '*']) && !known.contains(*entry))
        {
            if let Some(close) = crate::text::closest(entry, known.iter().map(String::as_str)).first() {
                let text = format!(
                    "cluster {}: forbid: no kind has the plural {entry}; did you mean {close}?",
                    self.name
                );
                return Err(Problem::new(place.clone(), text));
            }
        }
        Ok(())
    }
}

fn labels(value: &Value) -> Option<BTreeMap<String, String>> {
    value.as_object()?.iter().map(|(key, value)| Some((key.clone(), value.as_str()?.to_string()))).collect()
}

fn version(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let mut numbers = text.strip_prefix('v')?.split('.');
    let numeric =
        |part: Option<&str>| part.is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    (numeric(numbers.next()) && numeric(numbers.next())).then(|| text.to_string())
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_string)).collect()
}

fn duration(value: &Value) -> Option<Duration> {
    let text = value.as_str()?;
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let number: f64 = text[..split].parse().ok()?;
    let seconds = match &text[split..] {
        "ms" => number / 1000.0,
        "s" => number,
        "m" => number * 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

/// `drip`, or `{id: drip, kinds: [pods], once: true}`. YAML reads 401 as a number.
fn fault(value: &Value) -> Result<ServerFault, String> {
    let empty = Map::new();
    let fields = value.as_object().unwrap_or(&empty);
    if let Some(key) = fields.keys().find(|key| !matches!(key.as_str(), "id" | "kinds" | "once")) {
        return Err(format!("unknown key `{key}`; expected id, kinds or once"));
    }
    let text = match fields.get("id").unwrap_or(value) {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err("expected an id such as drip, or {id: drip, kinds: [pods]}".into()),
    };
    let id = FaultId::from_text(&text)
        .ok_or_else(|| format!("unknown fault `{text}`; expected one of {}", FaultId::all_texts()))?;
    let kinds = match fields.get("kinds") {
        None => Vec::new(),
        Some(kinds) => texts(kinds).ok_or("kinds: expected a list of plurals")?,
    };
    let once = match fields.get("once") {
        None => false,
        Some(Value::Bool(once)) => *once,
        Some(_) => return Err("once: expected true or false".into()),
    };
    let is_of_cluster = id.breaks_connection() || id.clock_seconds().is_some();
    if is_of_cluster && (once || !kinds.is_empty()) {
        return Err(format!(
            "{text} is of the whole cluster, before any request: once and kinds do not go with it"
        ));
    }
    Ok(ServerFault { id, kinds, once })
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::demo::faults::FaultId;
    use std::time::Duration;

    #[track_caller]
    fn refused(text: &str, expect: &str) {
        let error = parse("fleet.yaml", text).expect_err("it must be refused");
        assert!(error.to_string().contains(expect), "{error}");
    }

    #[test]
    fn every_key_is_read() {
        let file = parse(
            "fleet.yaml",
            "now: 2026-01-15T10:00:00Z\nclusters:\n- name: eu-1\n  labels: {region: eu}\n  version: v1.36.3\n  latency: 80ms\n  \
             forbid: [pods, rollouts.argoproj.io]\n  namespaces: [shop]\n  fault: {id: drip, kinds: [pods]}\n- {name: eu-2, fault: 401}\n",
        )
        .expect("all keys are known");
        let cluster = &file.clusters[0];
        assert_eq!(file.now.map(|now| now.as_second()), Some(1_768_471_200));
        assert_eq!(
            (cluster.latency, cluster.forbid.len(), cluster.labels["region"].as_str()),
            (Duration::from_millis(80), 2, "eu")
        );
        assert_eq!(
            cluster.fault.as_ref().map(|fault| (fault.id, fault.kinds.as_slice())),
            Some((FaultId::Drip, &["pods".to_string()][..]))
        );
        assert_eq!(file.clusters[1].fault.as_ref().map(|fault| fault.id), Some(FaultId::Unauthorized));
    }

    #[test]
    fn mistakes_name_their_line() {
        refused("now: 2026-01-15T10:00:00Z\ncluster: []\n", "fleet.yaml:2:1: unknown key `cluster`");
        refused("clusters:\n- name: a\n  latncy: 1s\n", "fleet.yaml:3:3: cluster a: unknown key `latncy`");
        refused(
            "clusters:\n- name: a\n  latency: soon\n",
            "fleet.yaml:3:3: cluster a: latency: expected a duration",
        );
        refused(
            "clusters:\n- name: a\n  fault: flood\n",
            "unknown fault `flood`; expected one of dns, refused",
        );
        for more in ["kinds: [pods]", "once: true"] {
            refused(
                &format!("clusters:\n- {{name: a, fault: {{id: refused, {more}}}}}\n"),
                "do not go with it",
            );
            refused(
                &format!("clusters:\n- {{name: a, fault: {{id: clock-ahead, {more}}}}}\n"),
                "do not go with it",
            );
        }
        refused("clusters:\n- {name: a, fault: {id: 503, once: 1}}\n", "once: expected true or false");
        refused("clusters: [{name: a}, {name: a}]\n", "cluster a is listed twice");
        refused("hub: fleet\n", "hub: expected karmada");
        refused("clusters:\n- name: [a]\n", "a cluster is a mapping with a name");
    }

    #[test]
    fn a_timeline_is_read_in_the_order_of_time() {
        let file = parse(
            "fleet.yaml",
            "timeline:\n- {after: 2m, cluster: eu, mend: true}\n- {after: 500ms, cluster: eu, apply: later/a.yaml}\n\
             - {after: 1s, cluster: eu, delete: pods/shop/a}\n- {after: 1s, cluster: us, break: {id: close, kinds: [pods]}}\n",
        )
        .expect("a good timeline");
        let deeds: Vec<String> =
            file.timeline.iter().map(|step| format!("{:?} {:?}", step.after, step.deed)).collect();
        assert_eq!(
            deeds,
            [
                r#"500ms Apply("later/a.yaml")"#,
                r#"1s Delete(ObjectName { plural: "pods", group: "", key: "shop/a" })"#,
                r#"1s Break(ServerFault { id: Close, kinds: ["pods"], once: false })"#,
                "120s Mend",
            ]
        );
    }

    #[test]
    fn a_mistake_in_a_timeline_names_its_line() {
        let step = |entry: &str, expect: &str| refused(&format!("timeline:\n- {{{entry}}}\n"), expect);
        refused("timeline: {}\n", "fleet.yaml:1:1: timeline: expected a list");
        refused("timeline: [soon]\n", "fleet.yaml:1:12: timeline: expected a mapping such as");
        step(
            "after: 5s, cluster: eu, mend: true, at: 7",
            "fleet.yaml:2:40: timeline: unknown key `at`; expected after,",
        );
        step("cluster: eu, mend: true", "fleet.yaml:2:3: timeline: `after` is missing");
        step("after: 5s, mend: true", "fleet.yaml:2:3: timeline: `cluster` is missing");
        step("after: -5s, cluster: eu, mend: true", "fleet.yaml:2:4: timeline: after: expected a duration");
        step("after: 5, cluster: eu, mend: true", "after: expected a duration");
        step(
            "after: 5s, cluster: eu",
            "fleet.yaml:2:3: timeline: expected one of apply, delete, break or mend",
        );
        step(
            "after: 5s, cluster: eu, mend: true, break: drip",
            "expected one of apply, delete, break or mend",
        );
        step("after: 5s, cluster: eu, mend: false", "fleet.yaml:2:28: timeline: mend: expected true");
        step(
            "after: 5s, cluster: eu, break: flood",
            "fleet.yaml:2:28: timeline: break: unknown fault `flood`",
        );
        step("after: 5s, cluster: eu, break: dns", "dns can only be a cluster's `fault`");
        for path in ["../a.yaml", "/etc/a.yaml", "later/a.log", "later", "7", ".hidden/a.yaml"] {
            step(&format!("after: 5s, cluster: eu, apply: {path}"), "apply: expected the path");
        }
        for object in ["pods", "pods/", "pods/a/b/c", "/a/b", "7"] {
            step(&format!("after: 5s, cluster: eu, delete: {object}"), "delete: expected an object such as");
        }
    }

    #[test]
    fn an_empty_file_is_a_fleet() {
        assert!(parse("fleet.yaml", "# nothing\n").expect("empty").clusters.is_empty());
    }
}
