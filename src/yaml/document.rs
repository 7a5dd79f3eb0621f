//! A document with the places of its nodes, and how much one may cost.

use serde_json::Value;

use crate::yaml::mark::{Inside, Mark, Spot};
use crate::yaml::problem::{Place, Problem};

/// One YAML document: its value, maps in the order of the file, and where each node stands.
#[derive(Clone, Debug)]
pub struct Document {
    /// The name of the file, as problems show it.
    pub name: String,
    pub value: Value,
    /// Where its nodes stand.
    pub mark: Mark,
}

/// How much one file may cost. Anchors and aliases count what they repeat; `nodes` of the whole file and
/// `copied_bytes` of a document bound memory.
#[derive(Clone, Copy, Debug)]
pub struct YamlLimits {
    pub file_bytes: usize,
    pub document_bytes: usize,
    pub depth: usize,
    pub nodes: usize,
    pub aliases: usize,
    pub copied_bytes: usize,
}

impl Default for YamlLimits {
    /// For what people write: catalogs, config files, templates.
    fn default() -> YamlLimits {
        YamlLimits {
            file_bytes: 16 << 20,
            document_bytes: 1 << 20,
            depth: 64,
            nodes: 1_000_000,
            aliases: 1_000,
            copied_bytes: 1 << 20,
        }
    }
}

impl YamlLimits {
    /// For catalogs: a document with an inlined API definition may be long, and a file may hold tens of thousands. What a document
    /// costs while it is read is bounded by its nodes.
    pub fn for_catalogs() -> YamlLimits {
        YamlLimits {
            file_bytes: 256 << 20,
            document_bytes: 16 << 20,
            nodes: 2_000_000,
            copied_bytes: 16 << 20,
            ..YamlLimits::default()
        }
    }

    /// For what `kubectl get -o yaml` writes: one List may be a whole file.
    pub fn for_objects() -> YamlLimits {
        let file_bytes = 64 << 20;
        YamlLimits { file_bytes, document_bytes: file_bytes, nodes: 2_000_000, ..YamlLimits::default() }
    }
}

impl Document {
    /// A value that stands nowhere.
    pub fn empty(name: &str, value: Value) -> Document {
        Document {
            name: name.to_string(),
            value,
            mark: Mark { spot: Spot::default(), inside: Inside::Nothing },
        }
    }

    /// The place of the node at a JSON pointer (`/spec/owner`; empty is the root), or of its nearest
    /// ancestor that exists.
    pub fn place(&self, pointer: &str) -> Place {
        self.find(pointer).1
    }

    /// As `place`, but of the key that names the node: where a field that should not be there stands.
    pub fn key_place(&self, pointer: &str) -> Place {
        self.find(pointer).0
    }

    /// A problem with the node at a JSON pointer.
    pub fn problem(&self, pointer: &str, message: impl Into<String>) -> Problem {
        Problem::new(self.place(pointer), message)
    }

    /// Puts another value at a JSON pointer, and returns whether there was one; what is in the new one stands where the old one did.
    pub fn replace(&mut self, pointer: &str, value: Value) -> bool {
        let (mut at, mut mark) = (&mut self.value, &mut self.mark);
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let index = match at {
                Value::Object(map) => map.keys().position(|key| *key == step),
                Value::Array(_) => step.parse().ok(),
                _ => None,
            };
            let Some(index) = index else { return false };
            let inside = match &mut mark.inside {
                Inside::Fields(fields) => fields.get_mut(index).map(|(_, mark)| mark),
                Inside::Items(items) => items.get_mut(index),
                Inside::Nothing => None,
            };
            let child = match at {
                Value::Object(map) => map.get_mut(&step),
                Value::Array(items) => items.get_mut(index),
                _ => None,
            };
            let (Some(child), Some(inside)) = (child, inside) else { return false };
            (at, mark) = (child, inside);
        }
        *at = value;
        mark.inside = Inside::Nothing;
        true
    }

    /// The places of a node's key and of the node.
    fn find(&self, pointer: &str) -> (Place, Place) {
        let (mut value, mut mark, mut key) = (&self.value, &self.mark, self.mark.spot);
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let (child, child_key) = match (&mark.inside, value) {
                (Inside::Fields(fields), Value::Object(map)) => {
                    let Some(index) = map.keys().position(|key| *key == step) else { break };
                    let Some((spot, child)) = fields.get(index) else { break };
                    (child, *spot)
                }
                (Inside::Items(items), Value::Array(_)) => {
                    let Some(child) = step.parse().ok().and_then(|index: usize| items.get(index)) else {
                        break;
                    };
                    (child, child.spot)
                }
                _ => break,
            };
            let Some(next) = (match value {
                Value::Object(map) => map.get(&step),
                Value::Array(items) => step.parse().ok().and_then(|index: usize| items.get(index)),
                _ => None,
            }) else {
                break;
            };
            (value, mark, key) = (next, child, child_key);
        }
        let place = |spot: Spot| Place::new(&self.name, spot.line as usize, spot.column as usize);
        (place(key), place(mark.spot))
    }
}

/// What stands at a JSON pointer, as `Value::pointer` finds it, without making a text of every step.
pub fn value_at<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    let Some(steps) = pointer.strip_prefix('/') else { return pointer.is_empty().then_some(value) };
    steps.split('/').try_fold(value, |value, step| match value {
        Value::Object(map) if step.contains('~') => map.get(&step.replace("~1", "/").replace("~0", "~")),
        Value::Object(map) => map.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// A JSON pointer step for a key that may hold `/` or `~`, as annotation names do.
pub fn step(key: &str) -> String {
    match key.contains(['~', '/']) {
        true => key.replace('~', "~0").replace('/', "~1"),
        false => key.to_string(),
    }
}
