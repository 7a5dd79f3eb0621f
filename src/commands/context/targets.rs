//! The contexts and namespaces to choose from: those of the fleet, or those that a service runs in.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use crate::app::App;
use crate::args::{WhichArgs, services};
use crate::fleet::Cluster;
use crate::fleet::kubeconfig::Merged;
use crate::survey::{ClusterRow, Survey};
use crate::text::shell_word;

/// Where to point kubectl.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    pub cluster: String,
    pub context: String,
    pub namespace: String,
    /// As they are typed behind `kubectl`.
    pub flags: String,
    /// The same for a program, without the namespace.
    #[serde(skip)]
    pub pointers: Vec<String>,
    /// Something of the service was seen there.
    pub seen: bool,
    /// kubectl points there already.
    pub current: bool,
}

impl ContextItem {
    /// The cluster of a service; without one the context itself, of which one cluster may have several.
    pub fn place(&self) -> &str {
        if self.service.is_none() { &self.context } else { &self.cluster }
    }
}

/// What was found, and how much was asked for it.
pub struct FoundTargets {
    pub items: Vec<ContextItem>,
    pub clusters: Vec<ClusterRow>,
    pub notes: Vec<String>,
    /// Places that no flags lead kubectl to, and why.
    pub barred: Vec<String>,
    pub complete: bool,
    pub interrupted: bool,
}

pub fn targets(which: &WhichArgs, app: &App) -> Result<FoundTargets> {
    let known = app.contexts()?;
    let maker = TargetMaker::new(&known, app);
    let mut barred = Vec::new();
    if !which.is_any() {
        let fleet = app.fleet()?;
        let items = fleet.clusters().filter(|cluster| !cluster.is_source);
        let items = items.flat_map(|cluster| maker.own(cluster, &mut barred)).collect();
        let silent = fleet.clusters().filter(|cluster| cluster.is_source && !cluster.optional);
        let notes: Vec<String> =
            silent.map(|one| format!("{} did not tell its clusters", one.name)).collect();
        let (clusters, complete) = (Vec::new(), notes.is_empty());
        return Ok(FoundTargets { items, clusters, notes, barred, complete, interrupted: false });
    }
    let survey = Survey::run(services(which, app)?, which.is_named(), app)?;
    let all: Vec<&Cluster> = survey.fleet.clusters().collect();
    let places = survey.places().into_iter().filter(|place| !all[place.cluster].is_source);
    let items = places
        .filter_map(|place| {
            let cluster = all[place.cluster];
            maker.item(Some(place.service), cluster, &place.namespace, place.seen, &mut barred)
        })
        .collect();
    Ok(FoundTargets {
        items,
        clusters: survey.rows(),
        notes: survey.placed.notes(),
        barred,
        complete: survey.is_whole(),
        interrupted: survey.collected.interrupted,
    })
}

struct TargetMaker {
    /// Before the flags: the kubeconfig that this run was given.
    prefix: String,
    current: Option<String>,
    namespaces: BTreeMap<String, String>,
}

impl TargetMaker {
    fn new(known: &Merged, app: &App) -> TargetMaker {
        let given = app.options.kubeconfig.as_ref();
        let prefix = given.map(|path| format!("--kubeconfig {} ", shell_word(&path.display().to_string())));
        let own = known.contexts.iter().map(|context| {
            let namespace = context.namespace.clone().unwrap_or_else(|| "default".to_string());
            (context.name.clone(), namespace)
        });
        TargetMaker {
            prefix: prefix.unwrap_or_default(),
            current: known.current.clone(),
            namespaces: own.collect(),
        }
    }

    /// Every context that is this cluster, with its own namespace; the one alone that was named.
    fn own(&self, cluster: &Cluster, barred: &mut Vec<String>) -> Vec<ContextItem> {
        let others = if cluster.is_named { &[][..] } else { &cluster.others };
        let contexts = std::iter::once(&cluster.context).chain(others);
        let own = |context| self.namespace(cluster, context).unwrap_or("default");
        contexts
            .filter_map(|context| self.of_context(None, cluster, context, own(context), true, barred))
            .collect()
    }

    /// The namespace that kubectl uses in a context where none is said.
    fn namespace<'a>(&'a self, cluster: &'a Cluster, context: &str) -> Option<&'a str> {
        let of_cluster = cluster.namespace.as_deref().filter(|_| cluster.context == context);
        self.namespaces.get(context).map(String::as_str).or(of_cluster)
    }

    fn item(
        &self,
        service: Option<String>,
        cluster: &Cluster,
        namespace: &str,
        seen: bool,
        barred: &mut Vec<String>,
    ) -> Option<ContextItem> {
        // Of contexts that are one cluster the one that has this namespace already needs no change.
        let is_there = |context: &&String| self.namespace(cluster, context) == Some(namespace);
        let context = [&cluster.context].into_iter().chain(&cluster.others).find(is_there);
        self.of_context(service, cluster, context.unwrap_or(&cluster.context), namespace, seen, barred)
    }

    fn of_context(
        &self,
        service: Option<String>,
        cluster: &Cluster,
        context: &str,
        namespace: &str,
        seen: bool,
        barred: &mut Vec<String>,
    ) -> Option<ContextItem> {
        let Some(pointers) = cluster.kubectl_flags(context) else {
            let note =
                format!("no flags lead kubectl to {}, which {} tells of", cluster.name, cluster.origin);
            if !barred.contains(&note) {
                barred.push(note);
            }
            return None;
        };
        let is_there = self.namespace(cluster, context) == Some(namespace);
        let words = || pointers.iter().map(|(flag, value)| format!("{flag} {}", shell_word(value)));
        let is_of_file = pointers.iter().any(|(flag, _)| *flag == "--kubeconfig");
        let prefix = if is_of_file { "" } else { &self.prefix };
        let flags = format!("{prefix}{} -n {}", words().collect::<Vec<_>>().join(" "), shell_word(namespace));
        Some(ContextItem {
            service,
            cluster: cluster.name.clone(),
            context: context.to_string(),
            namespace: namespace.to_string(),
            flags,
            pointers: pointers.iter().flat_map(|(flag, value)| [flag.to_string(), value.clone()]).collect(),
            seen,
            current: self.current.as_deref() == Some(context) && is_there,
        })
    }
}
