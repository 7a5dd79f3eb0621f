//! What clusters hold of services while that changes: it is watched, and told as a whole after each change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use futures::StreamExt;
use futures::future::{BoxFuture, join_all};
use futures::stream::FuturesUnordered;
use tokio::time::Instant;

use crate::config::Config;
use crate::fleet::watch::WatchChange;
use crate::fleet::{Asked, ListRequest, Sender, Silence};
use crate::survey::fallback_namespaces::fallback_namespaces;
use crate::survey::gather::{Snapshot, further_objects, is_served, list};
use crate::survey::live_objects::{LiveObjects, ScopeId};
use crate::survey::overview::Survey;
use crate::survey::plan::{Question, questions, questions_within};
use crate::survey::split::{ServiceTarget, TargetIndex, split};
use crate::workload::{KINDS, Kind, Object};

/// Changes come in bursts; so long is waited for the rest of one.
const BURST: Duration = Duration::from_millis(400);
/// What a watch cannot see, such as a pod that is named by its owner alone, is looked at again after this long.
const REST: Duration = Duration::from_secs(30);
/// Whether a watch is silent for too long by now is looked at this often.
const DOUBT: Duration = Duration::from_secs(1);
/// How often a kind is listed that may be listed and not watched.
const POLL: Duration = Duration::from_secs(10);
/// So many lists later it is watched again.
const POLLS: usize = 30;

/// What to read and watch in a cluster.
#[derive(Clone, Debug)]
pub struct LivePlan {
    /// By service of the survey, those that the cluster is to tell.
    services: Vec<usize>,
    targets: Vec<ServiceTarget>,
    count: usize,
    /// Asked one by one where lists and watches of the whole cluster are forbidden.
    namespaces: BTreeSet<String>,
    /// It is told again after this long though nothing changed: verdicts change with the time alone.
    again: Duration,
}

/// What a cluster sends.
pub enum LiveNews {
    /// All that it holds; members are by service of the survey.
    Snapshot(Box<Snapshot>),
    Silent(Silence),
}

/// By the clusters' names, for all that are to tell something; `again`: they tell it so often at least.
pub fn plans(survey: &Survey, config: &Config, again: Duration) -> BTreeMap<String, LivePlan> {
    let wanted = &survey.placed.wanted;
    let plan = |(index, cluster): (usize, &crate::fleet::Cluster)| {
        let is_told = |number: &usize| wanted[*number].refused.is_none() && wanted[*number].is_told_by(index);
        let services: Vec<usize> = (0..wanted.len()).filter(is_told).collect();
        let targets = services.iter().map(|number| wanted[*number].target.clone()).collect();
        let mut namespaces = fallback_namespaces(cluster, config);
        namespaces.extend(survey.collected.elsewhere.iter().cloned());
        namespaces
            .extend(services.iter().flat_map(|number| wanted[*number].target.namespaces.iter().cloned()));
        (cluster.name.clone(), LivePlan { services, targets, count: wanted.len(), namespaces, again })
    };
    survey.fleet.clusters().enumerate().map(plan).filter(|(_, plan)| !plan.services.is_empty()).collect()
}

/// What was found beside what the watches see, and when.
#[derive(Default)]
struct FurtherObjects {
    objects: Vec<Object>,
    asked_at: Option<Instant>,
}

impl LivePlan {
    /// Watches, and tells what is there after each change, until nobody listens: for `Fleet::follow`.
    pub async fn follow(self, asked: &Asked, sender: &Sender<LiveNews>) {
        let live = Arc::new(LiveObjects::new());
        let mut watches: FuturesUnordered<BoxFuture<'_, ()>> = FuturesUnordered::new();
        for kind in KINDS {
            watches.push(Box::pin(self.watch(asked, kind, live.clone())));
        }
        let telling = self.tell(asked, &live, sender);
        let mut telling = std::pin::pin!(telling);
        loop {
            tokio::select! {
                () = &mut telling => return,
                Some(()) = watches.next() => {}
            }
        }
    }

    async fn tell(&self, asked: &Asked, live: &LiveObjects, sender: &Sender<LiveNews>) {
        let mut further = FurtherObjects::default();
        live.settled(KINDS).await;
        let mut has_changed = true;
        loop {
            let begun = Instant::now();
            let news = self.read(asked, live, &mut further, has_changed).await;
            // A large cluster that never rests is not read without a pause.
            let pause = BURST.max(begun.elapsed() * 4);
            if !sender.send(news).await {
                return;
            }
            let rest = if live.is_doubtful(Instant::now()) { DOUBT } else { self.again };
            has_changed = tokio::time::timeout(rest, live.changed()).await.is_ok();
            tokio::time::sleep(pause).await;
        }
    }

    async fn read(
        &self,
        asked: &Asked,
        live: &LiveObjects,
        further: &mut FurtherObjects,
        has_changed: bool,
    ) -> LiveNews {
        let (mut objects, unread) = live.read(KINDS, &self.targets, Instant::now());
        if let Some(why) = silence(&objects, &unread) {
            return LiveNews::Silent(why);
        }
        if has_changed || further.asked_at.is_none_or(|at| at.elapsed() >= REST) {
            further.objects = further_objects(asked, &self.targets, objects.clone()).await;
            further.asked_at = Some(Instant::now());
        }
        objects.extend(further.objects.iter().cloned());
        let mut members = vec![Vec::new(); self.count];
        for (number, list) in self.services.iter().zip(split(&objects, &TargetIndex::new(&self.targets))) {
            members[*number] = list;
        }
        LiveNews::Snapshot(Box::new(Snapshot { objects, members, unread }))
    }

    /// Keeps the objects of a kind current; where a watch of the whole cluster is forbidden, those of the namespaces.
    async fn watch(&self, asked: &Asked, kind: &'static Kind, live: Arc<LiveObjects>) {
        let watch_all = async |asking: Vec<Question>| -> bool {
            let scopes = live.open(kind, &asking);
            let watches = asking
                .iter()
                .zip(scopes)
                .map(|(question, scope)| watch_one(asked, kind, question, &live, scope));
            join_all(watches).await.into_iter().any(|is_refused| is_refused)
        };
        let asking = questions(&self.targets);
        let is_wide = asking.iter().any(|question| question.namespace.is_none());
        if !watch_all(asking).await || !is_wide {
            return;
        }
        if kind.optional && !is_served(asked, kind).await {
            live.close(kind);
            return;
        }
        live.narrow(kind);
        watch_all(questions_within(&self.targets, &self.namespaces)).await;
    }
}

/// Why a watch is given up.
enum Unwatched {
    /// Not even a list may be had.
    Refused,
    /// Lists come, and a watch does not.
    ListsOnly,
}

/// Keeps one list current, for ever; true where it is refused.
async fn watch_one(
    asked: &Asked,
    kind: &'static Kind,
    question: &Question,
    live: &LiveObjects,
    scope: ScopeId,
) -> bool {
    let selector = (!question.selector.is_everything()).then(|| question.selector.to_string());
    let request = ListRequest {
        resource: kind.resource(),
        namespace: question.namespace.as_deref(),
        selector: selector.as_deref(),
        field_selector: None,
    };
    loop {
        let mut unwatched = None;
        let mut receive = |change: WatchChange<'_>| -> Result<()> {
            if let WatchChange::Silent(why) = &change {
                unwatched = match (live.is_listed(kind, scope), why) {
                    (false, Silence::Forbidden(_)) => Some(Unwatched::Refused),
                    (true, Silence::Forbidden(_)) => Some(Unwatched::ListsOnly),
                    (true, _) if live.is_never_heard(kind, scope) => Some(Unwatched::ListsOnly),
                    _ => None,
                };
            }
            live.receive(kind, scope, change);
            anyhow::ensure!(unwatched.is_none(), "given up");
            Ok(())
        };
        // Its error is the receiver's own, and known by then.
        let ended = asked.watch(&request, &mut receive).await;
        match (ended, unwatched) {
            // Not served.
            (Ok(()), _) => {
                live.receive(kind, scope, WatchChange::Reset);
                live.receive(kind, scope, WatchChange::Current);
                return false;
            }
            (Err(_), Some(Unwatched::Refused)) => return true,
            (Err(_), _) => poll(asked, kind, question, live, scope).await,
        }
    }
}

/// Lists again and again what cannot be watched.
async fn poll(asked: &Asked, kind: &'static Kind, question: &Question, live: &LiveObjects, scope: ScopeId) {
    for _ in 0..POLLS {
        match list(asked, kind, question).await {
            (objects, Ok(())) => live.replace(kind, scope, objects),
            (_, Err(why)) => live.receive(kind, scope, WatchChange::Silent(&why)),
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Why nothing at all is told, if that is so. What keeps one list from coming because of the cluster keeps all: they are only noticed
/// one after the other.
fn silence(objects: &[Object], unread: &[crate::survey::gather::UnreadKind]) -> Option<Silence> {
    if let Some(one) = unread.iter().find(|one| one.why.is_of_cluster()) {
        return Some(one.why.clone());
    }
    let of = |kind: &Kind| unread.iter().find(|one| one.kind.name == kind.name);
    let mut told = KINDS.iter().filter(|kind| !kind.optional);
    if !objects.is_empty() || told.any(|kind| of(kind).is_none()) {
        return None;
    }
    unread.first().map(|unread| unread.why.clone())
}
