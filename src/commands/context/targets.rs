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
    pub complete: bool,
    pub interrupted: bool,
}

pub fn targets(which: &WhichArgs, app: &App) -> Result<FoundTargets> {
    let known = app.contexts()?;
    let maker = TargetMaker::new(&known, app);
    if !which.is_any() {
        let items = app.fleet()?.clusters().flat_map(|cluster| maker.own(cluster)).collect();
        let (clusters, notes) = (Vec::new(), Vec::new());
        return Ok(FoundTargets { items, clusters, notes, complete: true, interrupted: false });
    }
    let survey = Survey::run(services(which, app)?, which.is_named(), app)?;
    let all: Vec<&Cluster> = survey.fleet.clusters().collect();
    let items = survey
        .places()
        .into_iter()
        .map(|place| maker.item(Some(place.service), all[place.cluster], &place.namespace, place.seen));
    Ok(FoundTargets {
        items: items.collect(),
        clusters: survey.rows(),
        notes: survey.placed.notes(),
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
    fn own(&self, cluster: &Cluster) -> Vec<ContextItem> {
        let others = if cluster.is_named { &[][..] } else { &cluster.others };
        let default = "default".to_string();
        let namespace = |context| self.namespaces.get(context).unwrap_or(&default);
        let contexts = std::iter::once(&cluster.context).chain(others);
        contexts.map(|context| self.of_context(None, cluster, context, namespace(context), true)).collect()
    }

    fn item(&self, service: Option<String>, cluster: &Cluster, namespace: &str, seen: bool) -> ContextItem {
        // Of contexts that are one cluster the one that has this namespace already needs no change.
        let is_there = |context: &&String| self.namespaces.get(*context).is_some_and(|own| own == namespace);
        let context = [&cluster.context].into_iter().chain(&cluster.others).find(is_there);
        self.of_context(service, cluster, context.unwrap_or(&cluster.context), namespace, seen)
    }

    fn of_context(
        &self,
        service: Option<String>,
        cluster: &Cluster,
        context: &str,
        namespace: &str,
        seen: bool,
    ) -> ContextItem {
        let is_there = self.namespaces.get(context).is_some_and(|own| own == namespace);
        ContextItem {
            service,
            cluster: cluster.name.clone(),
            context: context.to_string(),
            namespace: namespace.to_string(),
            flags: format!("{}--context {} -n {}", self.prefix, shell_word(context), shell_word(namespace)),
            seen,
            current: self.current.as_deref() == Some(context) && is_there,
        }
    }
}
