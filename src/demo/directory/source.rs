//! A fleet as it was read: clusters with what they hold, the catalog, the config and the golden paths; no sockets yet.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};

use crate::demo::directory::bundle::{self, Bundle};
use crate::demo::directory::fleet_file::{self, ClusterEntry, FleetFile};
use crate::demo::faults::FaultId;
use crate::demo::state::manifests::{self, PlacedObject};
use crate::demo::state::store::{self, Store};
use crate::demo::timeline::shift;
use crate::demo::timeline::steps::{TimelineAction, TimelineStep};
use crate::files::Journal;
use crate::yaml::Problem;

/// Directories of a fleet that are no clusters.
const NO_CLUSTERS: &[&str] = &["catalog", "golden-paths"];

/// What the hub of a fleet is called.
pub const HUB: &str = "hub";

pub struct FleetSource {
    pub(in crate::demo) file: FleetFile,
    pub(in crate::demo) clusters: Vec<ClusterFiles>,
    /// What the hub holds, where there is one.
    pub(in crate::demo) hub: Option<ClusterFiles>,
    /// Where the servers write down what they are asked.
    pub(in crate::demo) journal: Option<Arc<Journal>>,
    bundle: Bundle,
}

/// One cluster: what fleet.yaml says of it, and its files.
pub(in crate::demo) struct ClusterFiles {
    pub entry: ClusterEntry,
    objects: Vec<PlacedObject>,
    logs: BTreeMap<String, String>,
    /// What happens to it, in the order of time.
    steps: Vec<TimelineStep<Vec<PlacedObject>>>,
}

/// Reads the fleet in a directory. The error names the file and the line of what is wrong.
pub fn load(dir: &Path) -> anyhow::Result<FleetSource> {
    from_bundle(bundle::from_disk(dir)?)
}

/// The fleet that is built in.
pub fn embedded() -> anyhow::Result<FleetSource> {
    from_bundle(bundle::embedded()).context("the embedded fleet")
}

fn from_bundle(mut bundle: Bundle) -> anyhow::Result<FleetSource> {
    let file = match bundle.text("fleet.yaml")? {
        Some(text) => fleet_file::parse(&bundle.shown("fleet.yaml"), text)?,
        None => FleetFile::default(),
    };
    let later = later(&mut bundle, &file)?;
    let mut entries = file.clusters.clone();
    let listed: BTreeSet<String> = entries.iter().map(|entry| entry.name.clone()).collect();
    let directories: BTreeSet<&str> =
        bundle.files.keys().filter_map(|path| path.split_once('/')).map(|(dir, _)| dir).collect();
    let unlisted = directories.into_iter().filter(|dir| !NO_CLUSTERS.contains(dir) && !listed.contains(*dir));
    entries.extend(unlisted.map(|name| ClusterEntry { name: name.to_string(), ..ClusterEntry::default() }));
    let mut clusters = clusters(&bundle, entries)?;
    let hub = file.has_hub.then(|| match clusters.iter().position(|cluster| cluster.entry.name == HUB) {
        Some(index) => clusters.remove(index),
        None => ClusterFiles::empty(ClusterEntry { name: HUB.to_string(), ..ClusterEntry::default() }),
    });
    for step in later {
        let names: Vec<&str> = clusters.iter().map(|cluster| cluster.entry.name.as_str()).collect();
        match names.iter().position(|name| *name == step.cluster) {
            Some(index) => clusters[index].steps.push(step),
            None => return Err(no_such_cluster(&step, &names).into()),
        }
    }
    clusters.iter().try_for_each(check_steps)?;
    if clusters.iter().any(|cluster| !cluster.entry.forbid.is_empty()) {
        let known = store::plurals(clusters.iter().flat_map(ClusterFiles::written));
        clusters.iter().try_for_each(|cluster| cluster.entry.check_forbid(&known))?;
    }
    Ok(FleetSource { file, clusters, hub, bundle, journal: None })
}

/// The timeline with the objects of its files, which are not there at the start, nor make a directory a cluster.
fn later(bundle: &mut Bundle, file: &FleetFile) -> anyhow::Result<Vec<TimelineStep<Vec<PlacedObject>>>> {
    let mut steps = Vec::new();
    for TimelineStep { place, after, cluster, deed } in file.timeline.iter().cloned() {
        let deed = match deed {
            TimelineAction::Apply(path) => match bundle.text(&path)? {
                Some(text) => TimelineAction::Apply(manifests::read(&bundle.shown(&path), text)?),
                None => {
                    let text = format!("timeline: apply: there is no file {path} in the fleet");
                    return Err(Problem::new(place, text).into());
                }
            },
            TimelineAction::Delete(named) => TimelineAction::Delete(named),
            TimelineAction::Break(fault) => TimelineAction::Break(fault),
            TimelineAction::Mend => TimelineAction::Mend,
        };
        steps.push(TimelineStep { place, after, cluster, deed });
    }
    for step in &file.timeline {
        if let TimelineAction::Apply(path) = &step.deed {
            bundle.files.remove(path);
        }
    }
    Ok(steps)
}

fn no_such_cluster(step: &TimelineStep<Vec<PlacedObject>>, names: &[&str]) -> Problem {
    let near = crate::text::closest(&step.cluster, names.iter().copied());
    let near = near.first().map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    Problem::new(step.place.clone(), format!("timeline: no cluster {}{near}", step.cluster))
}

/// What has no address cannot get one while it is watched: it stands in the kubeconfig.
fn check_steps(cluster: &ClusterFiles) -> Result<(), Problem> {
    let is_nowhere = cluster.entry.fault.as_ref().is_some_and(|fault| fault.id == FaultId::Dns);
    let changes =
        |step: &&TimelineStep<_>| matches!(step.deed, TimelineAction::Break(_) | TimelineAction::Mend);
    match cluster.steps.iter().find(changes) {
        Some(step) if is_nowhere => {
            let text = format!("timeline: the fault dns of cluster {} stays", cluster.entry.name);
            Err(Problem::new(step.place.clone(), text))
        }
        _ => Ok(()),
    }
}

/// Reads every cluster, side by side: reading YAML is what takes the time. The first error in fleet order is told.
fn clusters(bundle: &Bundle, entries: Vec<ClusterEntry>) -> anyhow::Result<Vec<ClusterFiles>> {
    std::thread::scope(|scope| {
        let readers: Vec<_> =
            entries.into_iter().map(|entry| scope.spawn(move || cluster(bundle, entry))).collect();
        let read = readers.into_iter().map(|reader| reader.join());
        read.map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

fn cluster(bundle: &Bundle, entry: ClusterEntry) -> anyhow::Result<ClusterFiles> {
    let mut cluster = ClusterFiles::empty(entry);
    let prefix = format!("{}/", cluster.entry.name);
    for path in bundle.files.keys().filter(|path| path.starts_with(&prefix)) {
        let inside = &path[prefix.len()..];
        if let Some(log) = inside.strip_prefix("logs/").filter(|log| log.ends_with(".log")) {
            cluster.logs.insert(log.to_string(), bundle.text(path)?.unwrap_or_default().to_string());
        } else if is_document(inside) {
            cluster
                .objects
                .extend(manifests::read(&bundle.shown(path), bundle.text(path)?.unwrap_or_default())?);
        }
    }
    Ok(cluster)
}

fn is_document(path: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
}

impl ClusterFiles {
    fn empty(entry: ClusterEntry) -> ClusterFiles {
        ClusterFiles { objects: Vec::new(), logs: BTreeMap::new(), steps: Vec::new(), entry }
    }

    /// The same with further objects.
    pub fn with(&self, objects: Vec<PlacedObject>) -> ClusterFiles {
        let mut all = self.objects.clone();
        all.extend(objects);
        ClusterFiles { entry: self.entry.clone(), objects: all, logs: self.logs.clone(), steps: Vec::new() }
    }

    /// What the cluster holds, every instant moved.
    pub fn store(&self, by: SignedDuration) -> anyhow::Result<Store> {
        let mut objects = self.objects.clone();
        if !by.is_zero() {
            objects.iter_mut().for_each(|object| shift::shift_value(&mut object.value, by));
        }
        let logs = self.logs.iter().map(|(path, text)| (path.clone(), shift::shift_text(text, by))).collect();
        store::build(objects, logs)
    }

    /// What happens to it, every instant moved.
    pub fn steps(&self, by: SignedDuration) -> Vec<TimelineStep<Vec<PlacedObject>>> {
        let mut steps = self.steps.clone();
        for step in steps.iter_mut().filter(|_| !by.is_zero()) {
            if let TimelineAction::Apply(objects) = &mut step.deed {
                objects.iter_mut().for_each(|object| shift::shift_value(&mut object.value, by));
            }
        }
        steps
    }

    /// apiVersion and kind of all that is written down for it.
    pub fn kinds(&self) -> impl Iterator<Item = (String, String)> {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
        self.written().map(move |object| (text(&object.value["apiVersion"]), text(&object.value["kind"])))
    }

    /// All objects that are written down for it, those of later included.
    fn written(&self) -> impl Iterator<Item = &PlacedObject> {
        let later = self.steps.iter().flat_map(|step| match &step.deed {
            TimelineAction::Apply(objects) => objects.as_slice(),
            _ => &[],
        });
        self.objects.iter().chain(later)
    }
}

impl FleetSource {
    /// The servers write every request into this file, a line each.
    pub fn write_requests_to(&mut self, path: &Path) -> anyhow::Result<()> {
        self.journal = Some(Arc::new(Journal::open(path)?));
        Ok(())
    }

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

    /// The hub's name, where the clusters are members of one.
    pub fn hub(&self) -> Option<&str> {
        self.hub.as_ref().map(|hub| hub.entry.name.as_str())
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

    #[track_caller]
    fn wrong_timeline(step: &str, expect: &str) {
        let fleet =
            format!("clusters: [{{name: nowhere, fault: dns}}]\ntimeline:\n- {{after: 5s, {step}}}\n");
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
        let mut files = vec![("fleet.yaml", fleet.as_str()), ("eu/pods.yaml", pod)];
        files.extend(step.contains("bad.yaml").then_some(("later/bad.yaml", "kind: Pod\n")));
        let told = from_files(&files).map(|_| ()).expect_err("it must be refused").to_string();
        assert_eq!(told, expect);
    }

    #[test]
    fn a_timeline_names_what_there_is() {
        wrong_timeline(
            "cluster: nowher, mend: true",
            "fleet/fleet.yaml:3:3: timeline: no cluster nowher; did you mean nowhere?",
        );
        wrong_timeline(
            "cluster: eu, apply: later/none.yaml",
            "fleet/fleet.yaml:3:3: timeline: apply: there is no file later/none.yaml in the fleet",
        );
        wrong_timeline(
            "cluster: eu, apply: later/bad.yaml",
            "fleet/later/bad.yaml:1:1: expected a Kubernetes object, but apiVersion is missing",
        );
        wrong_timeline(
            "cluster: nowhere, mend: true",
            "fleet/fleet.yaml:3:3: timeline: the fault dns of cluster nowhere stays",
        );
    }

    #[test]
    fn what_comes_later_is_not_there_and_makes_no_cluster() {
        let pod = |name: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n");
        let source = from_files(&[
            ("fleet.yaml", "timeline: [{after: 5s, cluster: eu, apply: later/b.yaml}, {after: 1s, cluster: eu, apply: eu/c.yaml}]"),
            ("eu/a.yaml", &pod("a")),
            ("eu/c.yaml", &pod("c")),
            ("later/b.yaml", &pod("b")),
        ])
        .expect("a good fleet");
        let names: Vec<String> = source.clusters().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["eu"]);
        let store = source.clusters[0].store(jiff::SignedDuration::ZERO).expect("a store");
        assert!(store.pod("default", "a").is_some() && store.pod("default", "c").is_none());
        assert_eq!(source.clusters[0].steps(jiff::SignedDuration::ZERO).len(), 2);
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
