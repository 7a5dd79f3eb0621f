//! The door to the clusters: who they are, and asking all of them at once.

mod answer;
mod asked;
mod connect;
mod credentials;
mod dial;
mod endpoint;
mod fetch;
mod items;
pub mod kubeconfig;
mod plugins;
mod proxy;
mod scope;
mod silence;
pub mod sources;
mod tls;

pub use asked::Asked;
pub use fetch::{ListEnd, ListRequest, Resource};
pub use proxy::ProxyVariables;
pub use scope::{Scope, Settings};
pub use silence::Silence;

use crate::fleet::endpoint::{Endpoint, Shared, parse_server};
use crate::fleet::kubeconfig::{Context, Document, Merged, Problem};
use crate::fleet::plugins::Plugins;
use crate::fleet::scope::{Candidate, Choice, choose};
use anyhow::{Result, bail};
use futures::{Stream, StreamExt};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The name under which a cluster is shown: its context, or its alias.
pub type ClusterName = String;
/// A kind as people write it: `Pod`, `Rollout.argoproj.io`.
pub type KindName = String;

/// A question that ignores its deadline is given up this much later.
const NET: Duration = Duration::from_secs(1);
/// How long an answer waits for the version, which was asked at the same time.
const VERSION_GRACE: Duration = Duration::from_millis(200);

/// A cluster, as this run knows it.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub name: ClusterName,
    pub context: String,
    /// The id of a row of `sources::SOURCES`.
    pub source: &'static str,
    pub server: String,
    /// The name of the cluster entry in the kubeconfig.
    pub kubeconfig_cluster: String,
    /// The context's own namespace.
    pub namespace: Option<String>,
    pub labels: BTreeMap<String, String>,
    pub aliases: Vec<String>,
    pub optional: bool,
    /// Other contexts that reach the same server.
    pub others: Vec<String>,
    /// The file that declares the context.
    pub file: std::path::PathBuf,
    /// Whether the kubeconfig's `current-context` is this one.
    pub is_current: bool,
}

/// What one cluster said.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    pub cluster: ClusterName,
    /// From the question to its end, credential and connection included.
    pub elapsed: Duration,
    /// The server's version, such as `v1.36.3`, where it was told.
    pub version: Option<String>,
    pub value: T,
    pub gaps: Vec<Gap>,
}

/// Something that a cluster would not or could not say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Gap {
    /// `None`: the whole cluster is silent.
    pub kind: Option<KindName>,
    /// The namespace that it is limited to.
    pub namespace: Option<String>,
    pub why: Silence,
}

impl Gap {
    pub fn cluster(why: Silence) -> Gap {
        Gap { kind: None, namespace: None, why }
    }

    pub fn kind(kind: impl Into<KindName>, why: Silence) -> Gap {
        Gap { kind: Some(kind.into()), namespace: None, why }
    }
}

impl<T> Answer<T> {
    /// Why the whole cluster is silent, if it is.
    pub fn silence(&self) -> Option<&Silence> {
        self.gaps.iter().find(|gap| gap.kind.is_none()).map(|gap| &gap.why)
    }
}

/// The bounds of a run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Clusters asked at the same time.
    pub concurrency: usize,
    /// From the name look-up to the end of the TLS handshake.
    pub connect: Duration,
    /// From there to the last byte; `None` is no limit.
    pub cluster: Option<Duration>,
    /// A credential plugin's own clock.
    pub credentials: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let (connect, cluster) = (Duration::from_secs(3), Some(Duration::from_secs(10)));
        Limits { concurrency: 100, connect, cluster, credentials: Duration::from_secs(30) }
    }
}

/// What a fleet is made of: nothing here is read from the world by the fleet itself.
pub struct Setup {
    /// The kubeconfigs, from `kubeconfig::read` or from memory.
    pub documents: Vec<Document>,
    pub scope: Scope,
    pub limits: Limits,
    pub proxies: ProxyVariables,
    /// Whether a credential plugin may ask a person.
    pub terminal: bool,
    /// The real clock: tokens expire by it.
    pub now: Timestamp,
}

/// All clusters that this run may ask.
pub struct Fleet {
    members: Vec<Arc<Member>>,
    problems: Vec<Problem>,
    limits: Limits,
}

/// A cluster and the server that answers for it.
pub(crate) struct Member {
    pub(crate) cluster: Cluster,
    pub(crate) endpoint: Endpoint,
}

impl Fleet {
    /// Finds the clusters that the scope chooses. Broken files and contexts are `problems`, and an error only where
    /// nothing else is left or where one was named.
    pub fn new(setup: Setup) -> Result<Fleet> {
        let mut merged = Merged::default();
        let mut found: Vec<(&'static str, Context)> = Vec::new();
        let mut documents = Some(setup.documents);
        for source in sources::SOURCES {
            let read = (source.read)(documents.take().unwrap_or_default());
            merged.current = merged.current.or(read.current);
            merged.problems.extend(read.problems);
            found.extend(read.contexts.into_iter().map(|context| (source.id, context)));
        }
        refuse_broken(&setup.scope, &merged.problems, &found)?;
        let candidates: Vec<Candidate> =
            found.iter().map(|(_, context)| candidate(context, &setup.scope, merged.current.as_deref())).collect();
        let chosen = choose(&candidates, &setup.scope)?;
        let plugins = Plugins::new(setup.now, setup.terminal, setup.limits.credentials);
        let shared = Arc::new(Shared::new(plugins, setup.proxies, setup.limits.connect, window(chosen.len())));
        let member = |choice: Choice| {
            let (source, context) = &found[choice.index];
            let settings = setup.scope.settings.get(&context.name).cloned().unwrap_or_default();
            let is_current = merged.current.as_deref() == Some(&context.name);
            let cluster = cluster(source, context, settings, choice.others, is_current);
            let endpoint = Endpoint::new(context.cluster.clone(), context.user.clone(), shared.clone());
            Arc::new(Member { cluster, endpoint })
        };
        let members = chosen.into_iter().map(member).collect();
        Ok(Fleet { members, problems: merged.problems, limits: setup.limits })
    }

    /// The clusters in fleet order.
    pub fn clusters(&self) -> impl Iterator<Item = &Cluster> {
        self.members.iter().map(|member| &member.cluster)
    }

    /// What in the kubeconfigs cannot be used.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Keeps the clusters that pass, for `--cluster-selector` and placements.
    pub fn retain(&mut self, mut keep: impl FnMut(&Cluster) -> bool) {
        self.members.retain(|member| keep(&member.cluster));
    }

    /// Asks every cluster the same question at once, bounded in width and time; yields answers as they come, each
    /// once. The question returns its value and its gaps. Every request it makes ends at the deadline, so that what
    /// arrived before is kept. A cluster that cannot be reached is not asked: its value is the default. Dropping the
    /// stream stops the asking. Needs a tokio runtime, of one worker or several.
    pub fn ask<T, F, Fut>(&self, question: F) -> impl Stream<Item = Answer<T>> + use<T, F, Fut>
    where
        T: Default + Send + 'static,
        F: Fn(Asked) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = (T, Vec<Gap>)> + Send + 'static,
    {
        let question = Arc::new(question);
        let limit = self.limits.cluster;
        futures::stream::iter(self.members.clone())
            .map(move |member| {
                let question = question.clone();
                let name = member.cluster.name.clone();
                // A task each, so that several workers can decode several clusters.
                let task = Stopping(tokio::spawn(ask_one(member, limit, move |asked| question(asked))));
                async move { task.joined().await.unwrap_or_else(|| given_up(name)) }
            })
            .buffer_unordered(self.limits.concurrency.max(1))
    }
}

/// A task that ends with the stream that waits for it.
struct Stopping<T>(tokio::task::JoinHandle<T>);

impl<T> Stopping<T> {
    async fn joined(mut self) -> Option<T> {
        (&mut self.0).await.ok()
    }
}

impl<T> Drop for Stopping<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The answer for a question that broke: better a silent cluster than a missing one.
fn given_up<T: Default>(cluster: ClusterName) -> Answer<T> {
    let gaps = vec![Gap::cluster(Silence::Protocol("the question could not be finished".to_string()))];
    Answer { cluster, elapsed: Duration::ZERO, version: None, value: T::default(), gaps }
}

async fn ask_one<T, Fut>(member: Arc<Member>, limit: Option<Duration>, question: impl Fn(Asked) -> Fut) -> Answer<T>
where
    T: Default,
    Fut: Future<Output = (T, Vec<Gap>)>,
{
    let begun = Instant::now();
    let cluster = member.cluster.name.clone();
    if let Err(why) = member.endpoint.open().await {
        let gaps = vec![Gap::cluster(why)];
        return Answer { cluster, elapsed: begun.elapsed(), version: None, value: T::default(), gaps };
    }
    let deadline = limit.map(|limit| (Instant::now() + limit, limit));
    let asked = Asked::new(member, deadline);
    let mut version = std::pin::pin!(asked.version());
    let mut answering = std::pin::pin!(within_net(deadline, question(asked.clone())));
    let mut told = None;
    let (value, gaps) = tokio::select! {
        said = &mut answering => said,
        version = &mut version => {
            told = Some(version);
            answering.await
        }
    };
    let elapsed = begun.elapsed();
    let version = match told {
        Some(version) => version,
        None => tokio::time::timeout(VERSION_GRACE, version).await.ok().flatten(),
    };
    Answer { cluster, elapsed, version, value, gaps: summed_up(gaps, asked.has_answered()) }
}

async fn within_net<T: Default>(
    deadline: Option<(Instant, Duration)>,
    answering: impl Future<Output = (T, Vec<Gap>)>,
) -> (T, Vec<Gap>) {
    let Some((end, limit)) = deadline else { return answering.await };
    let given_up = |_| (T::default(), vec![Gap::cluster(Silence::TimedOut(limit))]);
    tokio::time::timeout_at(end + NET, answering).await.unwrap_or_else(given_up)
}

/// A cluster of which nothing was heard is silent as a whole, for the reason that weighs most: one that holds for
/// the cluster, else the first.
fn summed_up(gaps: Vec<Gap>, has_answered: bool) -> Vec<Gap> {
    if has_answered || gaps.is_empty() {
        return gaps;
    }
    let main = gaps.iter().find(|gap| gap.kind.is_none() || gap.why.is_of_cluster()).or(gaps.first());
    main.map(|gap| vec![Gap::cluster(gap.why.clone())]).unwrap_or_default()
}

/// The HTTP/2 window of one stream: large lists over long distances want 4 MiB, many clusters want memory.
fn window(clusters: usize) -> u32 {
    u32::try_from((32 << 20) / clusters.max(1)).unwrap_or(u32::MAX).clamp(256 << 10, 4 << 20)
}

/// A broken context that was named is an error, and so is a kubeconfig in which nothing works.
fn refuse_broken(scope: &Scope, problems: &[Problem], found: &[(&'static str, Context)]) -> Result<()> {
    let named = |problem: &&Problem| {
        let context = problem.context.as_deref();
        scope.contexts.iter().any(|word| Some(word.as_str()) == context)
    };
    if let Some(problem) = problems.iter().find(named) {
        bail!("{problem}");
    }
    match (found.is_empty(), problems.is_empty()) {
        (false, _) => Ok(()),
        (true, true) => bail!("no clusters: no kubeconfig was found, or it holds no contexts"),
        (true, false) => {
            let told: Vec<String> = problems.iter().map(|problem| problem.to_string()).collect();
            bail!("no clusters: {}", told.join("; "))
        }
    }
}

fn candidate(context: &Context, scope: &Scope, current: Option<&str>) -> Candidate {
    let server = context.cluster.server.as_deref().unwrap_or_default();
    let server = parse_server(server).map(|place| format!("{place:?}")).unwrap_or_else(|_| server.to_string());
    let authority = context.cluster.certificate_authority_data.as_ref().or(context.cluster.certificate_authority.as_ref());
    let identity = (server, &context.cluster.proxy_url, &context.cluster.tls_server_name, authority);
    let settings = scope.settings.get(&context.name);
    let names = settings.iter().flat_map(|settings| settings.alias.iter().chain(&settings.aliases));
    Candidate {
        name: context.name.clone(),
        names: names.cloned().collect(),
        server: format!("{identity:?}"),
        is_current: current == Some(&context.name),
    }
}

fn cluster(
    source: &'static str,
    context: &Context,
    settings: Settings,
    others: Vec<String>,
    is_current: bool,
) -> Cluster {
    Cluster {
        name: settings.alias.unwrap_or_else(|| context.name.clone()),
        context: context.name.clone(),
        source,
        server: context.cluster.server.clone().unwrap_or_default(),
        kubeconfig_cluster: context.cluster_name.clone(),
        namespace: context.namespace.clone(),
        labels: settings.labels,
        aliases: settings.aliases,
        optional: settings.optional,
        others,
        file: context.file.clone(),
        is_current,
    }
}

#[cfg(test)]
mod tests;
