//! `timeline:` of fleet.yaml: what happens to which cluster, and when, while one watches.

use std::time::Duration;

use serde_json::Value;

use crate::demo::faults::{FaultId, ServerFault};
use crate::yaml::{self, Document, Place, Problem};

/// One entry. `A` is what `apply` holds: the path of a file, and the objects of it once that is read.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineStep<A> {
    pub place: Place,
    /// Since the servers are up.
    pub after: Duration,
    pub cluster: String,
    pub deed: TimelineAction<A>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TimelineAction<A> {
    Apply(A),
    Delete(ObjectName),
    Break(ServerFault),
    /// No fault any more.
    Mend,
}

/// `pods/NAMESPACE/NAME`, `rollouts.argoproj.io/NAMESPACE/NAME`, `nodes/NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName {
    pub plural: String,
    /// Empty where none was named.
    pub group: String,
    /// As a store keeps it: `namespace/name`, or `name`.
    pub key: String,
}

const DEEDS: &[&str] = &["apply", "delete", "break", "mend"];
const KEYS: &[&str] = &["after", "cluster", "apply", "delete", "break", "mend"];

/// Values that other keys of fleet.yaml have as well.
pub struct Readers {
    pub duration: fn(&Value) -> Option<Duration>,
    pub fault: fn(&Value) -> Result<ServerFault, String>,
}

/// The list at a pointer, in the order of time.
pub fn steps(
    document: &Document,
    pointer: &str,
    list: &Value,
    readers: &Readers,
) -> Result<Vec<TimelineStep<String>>, Problem> {
    let wrong = || Problem::new(document.key_place(pointer), "timeline: expected a list".to_string());
    let entries = list.as_array().ok_or_else(wrong)?.iter().enumerate();
    let steps = entries.map(|(index, entry)| step(document, &format!("{pointer}/{index}"), entry, readers));
    let mut steps: Vec<TimelineStep<String>> = steps.collect::<Result<_, _>>()?;
    steps.sort_by_key(|step| step.after);
    Ok(steps)
}

fn step(
    document: &Document,
    pointer: &str,
    entry: &Value,
    readers: &Readers,
) -> Result<TimelineStep<String>, Problem> {
    let at = |key: &str| document.key_place(&format!("{pointer}/{}", yaml::step(key)));
    let wrong = |key: &str, text: &str| Problem::new(at(key), format!("timeline: {text}"));
    let whole = |text: &str| document.problem(pointer, format!("timeline: {text}"));
    let Some(fields) = entry.as_object() else {
        return Err(whole("expected a mapping such as {after: 5s, cluster: eu-1, apply: later/pods.yaml}"));
    };
    if let Some(key) = fields.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(wrong(key, &format!("unknown key `{key}`; expected {}", KEYS.join(", "))));
    }
    let after = fields.get("after").ok_or_else(|| whole("`after` is missing"))?;
    let after = (readers.duration)(after).ok_or_else(|| {
        wrong("after", "after: expected a duration such as 80ms, 5s or 2m, and not a negative one")
    })?;
    let cluster = fields.get("cluster").ok_or_else(|| whole("`cluster` is missing"))?;
    let cluster = cluster.as_str().ok_or_else(|| wrong("cluster", "cluster: expected a name"))?;
    let deeds: Vec<&str> = DEEDS.iter().copied().filter(|deed| fields.contains_key(*deed)).collect();
    let [name] = deeds.as_slice() else {
        return Err(whole("expected one of apply, delete, break or mend"));
    };
    let deed = deed(name, &fields[*name], readers).map_err(|text| wrong(name, &format!("{name}: {text}")))?;
    Ok(TimelineStep { place: document.place(pointer), after, cluster: cluster.to_string(), deed })
}

fn deed(name: &str, value: &Value, readers: &Readers) -> Result<TimelineAction<String>, String> {
    match name {
        "apply" => {
            let path = value.as_str().filter(|path| is_inside(path));
            Ok(TimelineAction::Apply(
                path.ok_or("expected the path of a YAML or JSON file inside the fleet")?.to_string(),
            ))
        }
        "delete" => {
            let named = value.as_str().and_then(named);
            Ok(TimelineAction::Delete(
                named.ok_or("expected an object such as pods/shop/web-1, or nodes/node-1")?,
            ))
        }
        "break" => match (readers.fault)(value)? {
            ServerFault { id: FaultId::Dns, .. } => {
                Err("a name that was found is not lost later; dns can only be a cluster's `fault`".into())
            }
            fault if fault.id.clock_seconds().is_some() => {
                Err("what is stored has its times already; a wrong clock can only be a cluster's `fault`"
                    .into())
            }
            fault => Ok(TimelineAction::Break(fault)),
        },
        _ => (*value == Value::Bool(true))
            .then_some(TimelineAction::Mend)
            .ok_or_else(|| "expected true".into()),
    }
}

fn is_inside(path: &str) -> bool {
    let is_document = [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending));
    is_document && path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
}

fn named(text: &str) -> Option<ObjectName> {
    let (kind, key) = text.split_once('/')?;
    let parts: Vec<&str> = key.split('/').collect();
    if kind.is_empty() || parts.len() > 2 || parts.iter().any(|part| part.is_empty()) {
        return None;
    }
    let (plural, group) = kind.split_once('.').unwrap_or((kind, ""));
    Some(ObjectName { plural: plural.to_string(), group: group.to_string(), key: key.to_string() })
}
