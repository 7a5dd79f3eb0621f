//! Fleet directories as the tests read them, independently of the simulation: the layout of docs/demo.md, nothing filled in yet.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

/// A directory of tests/fleets.
pub struct Fleet {
    pub directory: PathBuf,
    pub clusters: Vec<Cluster>,
    settings: Value,
}

/// The objects of one cluster, Lists taken apart, in the order of their files.
#[derive(Clone)]
pub struct Cluster {
    pub name: String,
    pub objects: Vec<Value>,
    /// What fleet.yaml forbids here; RBAC can do that for real.
    pub limits: Option<Limits>,
}

/// Who asks may list everything but these, and these in some namespaces.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// `pods`, `rollouts.argoproj.io`, or `*` for all.
    pub forbidden: Vec<String>,
    pub namespaces: Vec<String>,
}

impl Limits {
    /// A plural alone means every group that has one of that name.
    pub fn forbids(&self, group: &str, plural: &str) -> bool {
        let full = format!("{plural}.{group}");
        self.forbidden.iter().any(|word| word == "*" || word == plural || *word == full)
    }
}

impl Fleet {
    pub fn name(&self) -> String {
        self.directory.file_name().expect("a name").to_string_lossy().into_owned()
    }

    /// The catalog: a file or a directory.
    pub fn catalog(&self) -> Option<PathBuf> {
        ["catalog.yaml", "catalog"]
            .map(|name| self.directory.join(name))
            .into_iter()
            .find(|path| path.exists())
    }

    pub fn config(&self) -> Option<PathBuf> {
        Some(self.directory.join("config.yaml")).filter(|path| path.exists())
    }

    /// True if a real server cannot do what fleet.yaml says of one of its clusters.
    pub fn is_simulated_only(&self) -> bool {
        let faulty = |cluster: &Value| cluster.get("fault").is_some();
        self.settings["clusters"].as_array().into_iter().flatten().any(faulty)
            || ["hub", "timeline"].iter().any(|field| self.settings.get(field).is_some())
    }
}

/// All fleets under tests/fleets, by name.
pub fn all() -> Vec<Fleet> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets");
    directories(&root).iter().map(|directory| read(directory)).collect()
}

pub fn named(name: &str) -> Fleet {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets").join(name))
}

/// Reads a fleet: first the clusters that fleet.yaml lists, in its order, then the other directories by name.
pub fn read(directory: &Path) -> Fleet {
    let settings = fs::read_to_string(directory.join("fleet.yaml")).unwrap_or_default();
    let settings = documents(&settings).into_iter().next().unwrap_or(Value::Null);
    let listed = settings["clusters"].as_array().into_iter().flatten();
    let mut names: Vec<String> =
        listed.filter_map(|cluster| Some(cluster["name"].as_str()?.to_string())).collect();
    for path in directories(directory) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if !names.contains(&name) && !["catalog", "golden-paths"].contains(&name.as_str()) {
            names.push(name);
        }
    }
    let cluster = |name: String| Cluster {
        objects: objects(&directory.join(&name)),
        limits: limits(&settings, &name),
        name,
    };
    Fleet {
        directory: directory.to_path_buf(),
        clusters: names.into_iter().map(&cluster).collect(),
        settings,
    }
}

fn limits(settings: &Value, name: &str) -> Option<Limits> {
    let cluster = settings["clusters"].as_array()?.iter().find(|cluster| cluster["name"] == name)?;
    let words = |field: &str| {
        let items = cluster[field].as_array().into_iter().flatten();
        items.filter_map(|item| Some(item.as_str()?.to_string())).collect::<Vec<_>>()
    };
    let limits = Limits { forbidden: words("forbid"), namespaces: words("namespaces") };
    Some(limits).filter(|limits| !limits.forbidden.is_empty())
}

fn directories(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = entries(directory).into_iter().filter(|path| path.is_dir()).collect();
    found.retain(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')));
    found
}

/// What a directory holds, sorted; nothing if it is not there.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    paths
}

fn objects(directory: &Path) -> Vec<Value> {
    let mut found = Vec::new();
    for path in entries(directory) {
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !path.ends_with("logs") {
            found.extend(objects(&path));
        } else if ["yaml", "yml", "json"].contains(&extension.as_str()) {
            let text = fs::read_to_string(&path).expect("readable");
            documents(&text).into_iter().for_each(|document| take_apart(document, &mut found));
        }
    }
    found
}

fn documents(text: &str) -> Vec<Value> {
    let parse = |document| Value::deserialize(document).unwrap_or_else(|error| panic!("{error} in {text}"));
    serde_yaml::Deserializer::from_str(text).map(parse).filter(|value| !value.is_null()).collect()
}

/// A List is its items; those of a list of one kind carry none themselves.
fn take_apart(mut object: Value, found: &mut Vec<Value>) {
    let kind = object["kind"].as_str().expect("every object has a kind").to_string();
    let items = object.get_mut("items").map(Value::take);
    let (Some(kind), Some(Value::Array(items))) = (kind.strip_suffix("List"), items) else {
        found.push(object);
        return;
    };
    for mut item in items {
        if !kind.is_empty() {
            let fields = item.as_object_mut().expect("an item is an object");
            fields.entry("apiVersion").or_insert(object["apiVersion"].clone());
            fields.entry("kind").or_insert(kind.into());
        }
        take_apart(item, found);
    }
}
