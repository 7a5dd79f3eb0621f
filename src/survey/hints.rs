//! What hints at owners beside the workloads: labels of namespaces, and the projects of Argo CD's Applications. A cluster that refuses
//! them has no gap: its services are known all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::catalog::import::FoundNamespace;
use crate::fleet::{Asked, ListRequest, Resource};
use crate::survey::gather::Snapshot;
use crate::survey::split::meta;
use crate::workload::Meta;

const NAMESPACES: Resource<'_> =
    Resource { kind: "Namespace", group: "", version: "v1", plural: "namespaces" };
const APPLICATIONS: Resource<'_> =
    Resource { kind: "Application", group: "argoproj.io", version: "v1alpha1", plural: "applications" };

/// Namespaces that are read one by one where they may not be listed.
const MOST_SINGLE: usize = 32;

/// How Argo CD marks what belongs to an Application; the label counts only where the annotation is not there.
const TRACKING_ID: &str = "argocd.argoproj.io/tracking-id";
const TRACKING_LABELS: [&str; 2] = ["argocd.argoproj.io/instance", "app.kubernetes.io/instance"];

#[derive(Clone, Debug, Default)]
pub struct Hints {
    pub namespaces: BTreeMap<String, Arc<FoundNamespace>>,
    /// The cluster would not show all namespaces that something runs in.
    pub is_refused: bool,
    /// The project of each Application, by name; none where two of one name differ.
    projects: BTreeMap<String, Option<String>>,
}

impl Hints {
    /// The project of the Application that an object belongs to.
    pub fn project(&self, meta: &Meta) -> Option<String> {
        let tracked = meta.annotations.get(TRACKING_ID).and_then(|id| id.split(':').next());
        let labelled = TRACKING_LABELS.iter().find_map(|key| meta.labels.get(*key)).map(String::as_str);
        // Of an Application in another namespace the id has that before its name.
        let name = tracked.or(labelled).map(|name| name.rsplit_once('_').map_or(name, |(_, name)| name))?;
        self.projects.get(name).cloned().flatten()
    }
}

pub async fn hints(asked: &Asked, snapshot: &Snapshot) -> Hints {
    let mut hints = Hints::default();
    let needed: BTreeSet<String> = snapshot
        .objects
        .iter()
        .map(|object| meta(object).namespace.to_string())
        .filter(|name| !name.is_empty())
        .collect();
    if needed.is_empty() {
        return hints;
    }
    let mut namespaces = BTreeMap::new();
    let request = ListRequest { resource: NAMESPACES, namespace: None, selector: None, field_selector: None };
    let listed = asked
        .list(&request, &mut |item| {
            let namespace = namespace(item);
            if needed.contains(&namespace.name) {
                asked.keep(item)?;
                namespaces.insert(namespace.name.clone(), Arc::new(namespace));
            }
            Ok(())
        })
        .await;
    hints.namespaces = namespaces;
    if listed.is_err() {
        for name in needed
            .iter()
            .filter(|name| !hints.namespaces.contains_key(*name))
            .take(MOST_SINGLE)
            .cloned()
            .collect::<Vec<_>>()
        {
            let Ok(Some(text)) = asked.object(&NAMESPACES, None, &name).await else { continue };
            hints.namespaces.insert(name, Arc::new(namespace(&text)));
        }
        hints.is_refused = needed.iter().any(|name| !hints.namespaces.contains_key(name));
    }
    let request = ListRequest { resource: APPLICATIONS, ..request };
    let mut projects: BTreeMap<String, Option<String>> = BTreeMap::new();
    // Most clusters have no Argo CD, and few let everybody see it.
    let _ = asked
        .list(&request, &mut |item| {
            let value: Value = serde_json::from_str(item)?;
            let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_string);
            let (Some(name), Some(project)) = (text("/metadata/name"), text("/spec/project")) else {
                return Ok(());
            };
            projects
                .entry(name)
                .and_modify(|known| *known = known.take().filter(|known| *known == project))
                .or_insert(Some(project));
            Ok(())
        })
        .await;
    hints.projects = projects;
    hints
}

fn namespace(item: &str) -> FoundNamespace {
    let value: Value = serde_json::from_str(item).unwrap_or_default();
    let map = |pointer: &str| {
        let fields = value.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
        fields.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string()))).collect()
    };
    FoundNamespace {
        name: value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_string(),
        labels: map("/metadata/labels"),
        annotations: map("/metadata/annotations"),
    }
}
