//! The door to the clusters: who they are, and asking all of them at once.

mod access;
mod answer;
mod ask;
mod asked;
mod backoff;
mod cluster;
mod connect;
mod credentials;
mod descriptors;
mod dial;
pub mod discovery;
mod endpoint;
mod fetch;
mod flow;
mod found;
mod gap;
mod hub_cache;
mod inflate;
mod instant;
mod items;
pub mod kubeconfig;
mod lines;
pub mod logs;
mod members;
mod names;
pub mod pages;
mod path;
mod plugins;
mod pool;
mod proxy;
mod repeat;
mod scope;
mod server_url;
mod settings;
mod silence;
mod site;
pub mod sources;
mod tls;
pub mod watch;
mod wire;

pub use access::{Access, AccessSetup};
pub use asked::Asked;
pub use backoff::Backoff;
pub use cluster::{Cluster, ClusterName, FleetLimits};
pub use fetch::{ListEnd, ListRequest};
pub use flow::Sender;
pub use found::Found;
pub use gap::{Answer, Gap};
pub use members::NoClusters;
pub use names::NameFit;
pub use path::{Resource, field};
pub use plugins::{CredentialStoreSetup, PluginPolicy};
pub use proxy::ProxyVariables;
pub use scope::FleetScope;
pub use settings::Settings;
pub use silence::Silence;
pub use site::{Site, SiteSetup};

use crate::fleet::ask::{Stopping, ask_one, given_up};
use crate::fleet::asked::RequestClock;
use crate::fleet::endpoint::{Endpoint, EndpointSetup, EndpointShared};
use crate::fleet::found::FoundContext;
use crate::fleet::kubeconfig::KubeconfigProblem;
use crate::fleet::members::{
    FleetMember, candidates, cluster, refuse_broken, shared_servers, silent_source, window,
};
use crate::fleet::scope::{Choice, choose, drop_unknown, meant_broken};
use crate::fleet::settings::{drop_clashing, spread_patterns};
use crate::fleet::wire::lock;
use anyhow::Result;
use futures::{Stream, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// What a fleet is made of.
pub struct Setup {
    /// The contexts that there are.
    pub found: Found,
    pub scope: FleetScope,
    pub access: Access,
}

/// Plugins that took less than this cost nobody anything.
const WORTH_A_WORD: Duration = Duration::from_secs(1);

/// All clusters that this run may ask. A clone shares connections and credentials, for asking a part of them.
#[derive(Clone)]
pub struct Fleet {
    members: Vec<Arc<FleetMember>>,
    problems: Vec<KubeconfigProblem>,
    /// The broken contexts that words of `--context` mean.
    broken: BTreeSet<String>,
    unasked: Vec<String>,
    limits: FleetLimits,
    shared: Arc<EndpointShared>,
}

impl Fleet {
    /// Finds the clusters that the scope chooses. Broken files and contexts are `problems`, and an error only where
    /// nothing else is left, or nothing else was named. Each source that did not tell stands behind them as a cluster that is silent,
    /// unless literal names say which clusters are meant.
    pub fn new(setup: Setup) -> Result<Fleet> {
        let Setup { mut found, mut scope, access } = setup;
        refuse_broken(&found)?;
        let names = found.contexts.iter().map(|one| one.context.name.as_str()).collect();
        let mut wrong = spread_patterns(&mut scope.settings, &names);
        wrong.extend(drop_clashing(&mut scope.settings, &names));
        let candidates = candidates(&found, &scope);
        let is_open = !found.silent.is_empty();
        let dropped = drop_unknown(&candidates, &mut scope, &found.problems, is_open)?;
        let chosen = choose(&candidates, &scope, &found.problems)?;
        let broken = meant_broken(&candidates, &scope, &found.problems);
        let is_literal = dropped.is_empty() && !scope.contexts.is_empty();
        let is_literal = is_literal && chosen.iter().all(|choice| choice.is_named);
        let dropped = dropped.into_iter().map(|text| match scope.contexts.is_empty() {
            true => KubeconfigProblem::of_configuration(text),
            false => KubeconfigProblem { file: "--context".into(), at: None, context: None, text },
        });
        found.problems.extend(wrong.into_iter().map(KubeconfigProblem::of_configuration));
        found.problems.extend(dropped);
        let shared_servers = shared_servers(&chosen, &candidates, &found);
        let stays_open = descriptors::are_enough(chosen.len());
        let window = window(chosen.len());
        let member = |(choice, server): (&Choice, Option<usize>)| {
            let one = &found.contexts[choice.index];
            let settings_of = |name: &str| scope.settings.get(name).cloned().unwrap_or_default();
            let others: Vec<&FoundContext> =
                choice.others.iter().map(|other| &found.contexts[*other]).collect();
            let names = others.iter().map(|other| other.context.name.as_str());
            let settings = names.map(settings_of).fold(settings_of(&one.context.name), Settings::joined);
            let is_current = found.current.as_ref() == Some(&one.context.name);
            let cluster = cluster(one, settings, &others, choice, is_current, server);
            let endpoint = EndpointSetup {
                context: one.context.name.clone(),
                cluster: one.context.cluster.clone(),
                user: one.context.user.clone(),
                login: one.login.clone(),
                unusable: one.unusable.clone(),
                window,
            };
            let endpoint = Endpoint::new(endpoint, access.shared.clone());
            let member =
                FleetMember { cache: one.cache.clone(), ..FleetMember::new(cluster, endpoint, stays_open) };
            one.version.iter().for_each(|version| drop(member.version.set(version.clone())));
            member
        };
        let mut members: Vec<Arc<FleetMember>> =
            chosen.iter().zip(shared_servers).map(member).map(Arc::new).collect();
        if !is_literal {
            members.extend(found.silent.iter().map(|silent| {
                let (cluster, endpoint) = silent_source(silent);
                Arc::new(FleetMember::new(cluster, Endpoint::new(endpoint, access.shared.clone()), true))
            }));
        }
        let Access { shared, limits } = access;
        Ok(Fleet { members, problems: found.problems, broken, unasked: found.unasked, limits, shared })
    }

    /// The sources that this run has not asked for their clusters.
    pub fn unasked_sources(&self) -> &[String] {
        &self.unasked
    }

    /// The clusters in fleet order.
    pub fn clusters(&self) -> impl Iterator<Item = &Cluster> {
        self.members.iter().map(|member| &member.cluster)
    }

    /// What in the kubeconfigs cannot be used.
    pub fn problems(&self) -> &[KubeconfigProblem] {
        &self.problems
    }

    /// Whether `--context` means the context that is broken so.
    pub fn is_asked_for(&self, problem: &KubeconfigProblem) -> bool {
        problem.context.as_ref().is_some_and(|context| self.broken.contains(context))
    }

    /// What credential plugins that succeeded have printed on stderr so far, a line each with the context's name.
    pub fn plugin_notes(&self) -> Vec<String> {
        self.shared.plugins.notes()
    }

    /// How long credential plugins took, and how long the clusters, where the first was longer and could be spared the next time.
    pub fn plugins_took(&self) -> Option<(Duration, Duration)> {
        let clusters = self.members.iter().map(|member| *lock(&member.spent)).max().unwrap_or_default();
        let plugins = self.shared.plugins.took()?;
        (plugins > clusters.max(WORTH_A_WORD)).then_some((plugins, clusters))
    }

    /// Adds labels that another source knows; those a cluster has already stay.
    pub fn add_labels(&mut self, labels_of: impl Fn(&Cluster) -> BTreeMap<String, String>) {
        for member in &mut self.members {
            let labels = labels_of(&member.cluster);
            if let Some(member) = Arc::get_mut(member) {
                for (key, value) in labels {
                    member.cluster.labels.entry(key).or_insert(value);
                }
            }
        }
    }

    /// Gives less time for a connection to those that could not be reached lately.
    pub fn doubt(&mut self, is_doubtful: impl Fn(&Cluster) -> bool) {
        for member in self.members.iter_mut().filter_map(Arc::get_mut) {
            if is_doubtful(&member.cluster) {
                member.endpoint.doubt();
            }
        }
    }

    /// The clusters of which this run has found out whether they can be reached, and whether they can.
    pub fn reached(&self) -> impl Iterator<Item = (&Cluster, bool)> {
        self.members.iter().filter_map(|member| Some((&member.cluster, *member.reached.get()?)))
    }

    /// Keeps the clusters that pass, for `--cluster-selector` and placements.
    pub fn retain(&mut self, mut keep: impl FnMut(&Cluster) -> bool) {
        self.members.retain(|member| keep(&member.cluster));
    }

    /// Asks every cluster the same question at once, bounded in width and time; yields answers as they come, each
    /// once. The question returns its value and its gaps. Every request it makes ends at the deadline, so that what
    /// arrived before is kept. A cluster that cannot be reached is not asked: its value is the default. Dropping the
    /// stream stops the asking, and so does a signal that asks the process to end. Needs a tokio runtime, of one worker or several.
    pub fn ask<T, F, Fut>(&self, question: F) -> impl Stream<Item = Answer<T>> + use<T, F, Fut>
    where
        T: Default + Send + 'static,
        F: Fn(Asked) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = (T, Vec<Gap>)> + Send + 'static,
    {
        self.members.iter().for_each(|member| *lock(&member.spent) = Duration::ZERO);
        self.ask_further(question)
    }

    /// The same, as a part of what was asked before: each cluster has what that has left of its time limit.
    pub fn ask_further<T, F, Fut>(&self, question: F) -> impl Stream<Item = Answer<T>> + use<T, F, Fut>
    where
        T: Default + Send + 'static,
        F: Fn(Asked) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = (T, Vec<Gap>)> + Send + 'static,
    {
        let question = Arc::new(question);
        let limit = self.limits.cluster;
        let prepared = self.prepare();
        futures::stream::iter(self.members.clone())
            .map(move |member| {
                let _held = &prepared;
                let question = question.clone();
                let name = member.cluster.name.clone();
                // A task each, so that several workers can decode several clusters.
                let task = Stopping(tokio::spawn(ask_one(member, limit, move |asked| question(asked))));
                async move { task.joined().await.unwrap_or_else(|| given_up(name)) }
            })
            .buffer_unordered(self.limits.concurrency.max(1))
            .take_until(crate::ui::interrupted())
    }

    /// Starts the plugins of all clusters, whenever their turn to be asked comes: they are bounded on their own.
    fn prepare(&self) -> Vec<Stopping<()>> {
        if self.members.len() <= self.limits.concurrency {
            return Vec::new();
        }
        let start = |member: Arc<FleetMember>| async move { member.endpoint.prepare().await };
        self.members.iter().map(|member| Stopping(tokio::spawn(start(member.clone())))).collect()
    }

    /// Puts a question that goes on: a watch, or logs that are followed. Every cluster is followed at once, since
    /// none of them ends. What the question sends comes out of the stream, with its cluster; that a cluster cannot
    /// be reached is for its requests to find out and for it to send. The cluster's time limit counts for each request until it is
    /// answered, not for what then flows. The stream ends with the last question; dropping it ends them all.
    pub fn follow<T, F, Fut>(&self, question: F) -> impl Stream<Item = (ClusterName, T)> + use<T, F, Fut>
    where
        T: Send + 'static,
        F: Fn(Asked, Sender<T>) -> Fut,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.flow(question, false)
    }

    /// The same for what ends by itself and is a part of what was asked before: for each request counts what that has left of the
    /// cluster's time limit.
    pub fn follow_further<T, F, Fut>(
        &self,
        question: F,
    ) -> impl Stream<Item = (ClusterName, T)> + use<T, F, Fut>
    where
        T: Send + 'static,
        F: Fn(Asked, Sender<T>) -> Fut,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.flow(question, true)
    }

    fn flow<T, F, Fut>(
        &self,
        question: F,
        is_further: bool,
    ) -> impl Stream<Item = (ClusterName, T)> + use<T, F, Fut>
    where
        T: Send + 'static,
        F: Fn(Asked, Sender<T>) -> Fut,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let (sender, receiver) = flow::channel();
        let following = self.members.iter().map(|member| {
            let rest = |limit| if is_further { member.rest(limit) } else { limit };
            let asked = Asked::new(member.clone(), RequestClock::Each(self.limits.cluster.map(rest)));
            let flowing = question(asked, sender.of(&member.cluster.name));
            let member = member.clone();
            // The credential's clock comes before that of the first request; a failure is that request's to tell.
            Stopping(tokio::spawn(async move {
                member.open().await.ok();
                flowing.await;
            }))
        });
        let following: Vec<Stopping<()>> = following.collect();
        futures::stream::unfold((receiver, following), |(mut receiver, following)| async move {
            receiver.next().await.map(|item| (item, (receiver, following)))
        })
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own world")]
mod tests;
