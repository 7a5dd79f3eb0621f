//! A fleet as it was read: clusters with what they hold, the catalog, the config and the golden paths; no sockets yet.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};

use crate::demo::bundle::{self, Bundle};
use crate::demo::fleet_file::{self, ClusterEntry, FleetFile};
use crate::demo::objects::{self, Placed};
use crate::demo::shift;
use crate::demo::store::{self, Store};

/// Directories of a fleet that are no clusters.
const NO_CLUSTERS: &[&str] = &["catalog", "golden-paths"];

pub struct FleetSource {
    pub(in crate::demo) file: FleetFile,
    pub(in crate::demo) clusters: Vec<ClusterSource>,
    bundle: Bundle,
}

/// One cluster: what fleet.yaml says of it, and its files.
pub(in crate::demo) struct ClusterSource {
    pub entry: ClusterEntry,
    objects: Vec<Placed>,
    logs: BTreeMap<String, String>,
}

/// Reads the fleet in a directory. The error names the file and the line of what is wrong.
pub fn load(dir: &Path) -> anyhow::Result<FleetSource> {
    from_bundle(bundle::from_disk(dir)?)
}

/// The fleet that is built in.
pub fn embedded() -> anyhow::Result<FleetSource> {
    from_bundle(bundle::embedded()).context("the embedded fleet")
}

fn from_bundle(bundle: Bundle) -> anyhow::Result<FleetSource> {
    let file = match bundle.text("fleet.yaml")? {
        Some(text) => fleet_file::parse(&bundle.shown("fleet.yaml"), text)?,
        None => FleetFile::default(),
    };
    let mut entries = file.clusters.clone();
    let listed: BTreeSet<String> = entries.iter().map(|entry| entry.name.clone()).collect();
    let directories: BTreeSet<&str> =
        bundle.files.keys().filter_map(|path| path.split_once('/')).map(|(dir, _)| dir).collect();
    let unlisted = directories.into_iter().filter(|dir| !NO_CLUSTERS.contains(dir) && !listed.contains(*dir));
    entries.extend(unlisted.map(|name| ClusterEntry { name: name.to_string(), ..ClusterEntry::default() }));
    let clusters = clusters(&bundle, entries)?;
    if clusters.iter().any(|cluster| !cluster.entry.forbid.is_empty()) {
        let known = store::plurals(clusters.iter().flat_map(|cluster| &cluster.objects));
        clusters.iter().try_for_each(|cluster| cluster.entry.check_forbid(&known))?;
    }
    Ok(FleetSource { file, clusters, bundle })
}

/// Reads every cluster, side by side: reading YAML is what takes the time. The first error in fleet order is told.
fn clusters(bundle: &Bundle, entries: Vec<ClusterEntry>) -> anyhow::Result<Vec<ClusterSource>> {
    std::thread::scope(|scope| {
        let readers: Vec<_> =
            entries.into_iter().map(|entry| scope.spawn(move || cluster(bundle, entry))).collect();
        let read = readers.into_iter().map(|reader| reader.join());
        read.map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

fn cluster(bundle: &Bundle, entry: ClusterEntry) -> anyhow::Result<ClusterSource> {
    let mut cluster = ClusterSource { objects: Vec::new(), logs: BTreeMap::new(), entry };
    let prefix = format!("{}/", cluster.entry.name);
    for path in bundle.files.keys().filter(|path| path.starts_with(&prefix)) {
        let inside = &path[prefix.len()..];
        if let Some(log) = inside.strip_prefix("logs/").filter(|log| log.ends_with(".log")) {
            cluster.logs.insert(log.to_string(), bundle.text(path)?.unwrap_or_default().to_string());
        } else if is_document(inside) {
            cluster
                .objects
                .extend(objects::read(&bundle.shown(path), bundle.text(path)?.unwrap_or_default())?);
        }
    }
    Ok(cluster)
}

fn is_document(path: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
}

impl ClusterSource {
    /// What the cluster holds, every instant moved.
    pub fn store(&self, by: SignedDuration) -> anyhow::Result<Store> {
        let mut objects = self.objects.clone();
        if !by.is_zero() {
            objects.iter_mut().for_each(|object| shift::shift_value(&mut object.value, by));
        }
        let logs = self.logs.iter().map(|(path, text)| (path.clone(), shift::shift_text(text, by))).collect();
        store::build(objects, logs)
    }
}

impl FleetSource {
    /// The instant that the fixtures were written for.
    pub fn now(&self) -> Option<Timestamp> {
        self.file.now
    }

    /// Names of the clusters in fleet order, with the labels that fleet.yaml gives them.
    pub fn clusters(&self) -> Vec<(String, BTreeMap<String, String>)> {
        self.clusters
            .iter()
            .map(|cluster| (cluster.entry.name.clone(), cluster.entry.labels.clone()))
            .collect()
    }

    /// The catalog's files as (name, text), `catalog.yaml` first, as they are written.
    pub fn catalog_documents(&self) -> Vec<(String, String)> {
        let catalog =
            |path: &str| path == "catalog.yaml" || (path.starts_with("catalog/") && is_document(path));
        let mut paths: Vec<&String> = self.bundle.files.keys().filter(|path| catalog(path)).collect();
        paths.sort_by_key(|path| path.contains('/'));
        paths.into_iter().filter_map(|path| self.named(path)).collect()
    }

    /// The config file as (name, text).
    pub fn config(&self) -> Option<(String, String)> {
        self.named("config.yaml")
    }

    /// The files below `golden-paths/`, by their path inside it.
    pub fn golden_paths(&self) -> BTreeMap<String, Vec<u8>> {
        let inside = |path: &str| path.strip_prefix("golden-paths/").map(str::to_string);
        self.bundle
            .files
            .iter()
            .filter_map(|(path, contents)| Some((inside(path)?, contents.clone())))
            .collect()
    }

    fn named(&self, path: &str) -> Option<(String, String)> {
        let contents = self.bundle.files.get(path)?;
        Some((self.bundle.shown(path), String::from_utf8_lossy(contents).into_owned()))
    }
}

#[cfg(test)]
pub(in crate::demo) fn from_files(files: &[(&str, &str)]) -> anyhow::Result<FleetSource> {
    let files = files.iter().map(|(path, text)| ((*path).to_string(), text.as_bytes().to_vec())).collect();
    from_bundle(Bundle { origin: "fleet/".into(), files })
}

#[cfg(test)]
mod tests {
    use super::from_files;

    #[test]
    fn listed_clusters_come_first_and_need_no_directory() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
        let source = from_files(&[
            ("fleet.yaml", "now: 2026-01-15T10:00:00Z\nclusters: [{name: z, labels: {region: eu}}, {name: nowhere, fault: dns}]\n"),
            ("a/pods.yaml", pod),
            ("z/deep/down/pods.yaml", pod),
            ("catalog/b.yaml", "kind: Component"),
            ("catalog.yaml", "kind: Group"),
            ("golden-paths/web/template.yaml", "kind: Template"),
        ])
        .expect("a good fleet");
        let names: Vec<String> = source.clusters().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["z", "nowhere", "a"]);
        assert_eq!(source.clusters()[0].1["region"], "eu");
        assert_eq!(source.catalog_documents()[0].0, "fleet/catalog.yaml");
        assert_eq!(source.catalog_documents().len(), 2);
        assert!(source.golden_paths().contains_key("web/template.yaml") && source.config().is_none());
        assert!(source.now().is_some());
    }

    #[test]
    fn what_is_forbidden_is_a_kind_that_is_known() {
        let fleet = |forbid: &str| {
            let text = format!("clusters:\n- name: eu\n  forbid: [{forbid}]\n");
            let object = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n";
            from_files(&[("fleet.yaml", &text), ("us/widgets.yaml", object)]).map(|_| ())
        };
        for forbid in ["pods", "'*'", "rollouts.argoproj.io", "rollouts", "widgets", "widgets.example.com"] {
            assert!(fleet(forbid).is_ok(), "{forbid}");
        }
        let told = fleet("pods, podz").expect_err("a typing error").to_string();
        assert_eq!(
            told,
            "fleet/fleet.yaml:3:3: cluster eu: forbid: no kind has the plural podz; did you mean pods?"
        );
    }

    #[test]
    fn a_bad_object_is_found_when_the_fleet_is_read() {
        let error =
            from_files(&[("eu/pods.yaml", "a: 1\n---\nkind: Pod\n")]).map(|_| ()).expect_err("no object");
        assert!(
            error.to_string().starts_with("fleet/eu/pods.yaml:1:1: expected a Kubernetes object"),
            "{error}"
        );
    }
}
