//! What clusters hold of services while that changes: a snapshot after each change, by watches, and the verdicts on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::sync::Notify;

use crate::config::Config;
use crate::fleet::watch::WatchChange;
use crate::fleet::{Asked, ListRequest, Sender, Silence};
use crate::survey::collect::fallback;
use crate::survey::gather::{Snapshot, UnreadKind, gather};
use crate::survey::overview::Survey;
use crate::survey::plan::{Question, questions, questions_within};
use crate::survey::split::ServiceTarget;
use crate::workload::{KINDS, Kind};

/// Changes come in bursts; so long is waited for the rest of one.
const BURST: Duration = Duration::from_millis(400);
/// What a watch cannot see, such as a pod that is named by its owner alone, is looked at again after this long.
const REST: Duration = Duration::from_secs(30);
/// A cluster that does not answer is asked again after this long.
const AGAIN: Duration = Duration::from_secs(3);

/// What to read and watch in a cluster.
#[derive(Clone, Debug)]
pub struct LivePlan {
    /// By service of the survey, those that the cluster is to tell.
    services: Vec<usize>,
    targets: Vec<ServiceTarget>,
    count: usize,
    /// Asked one by one where lists and watches of the whole cluster are forbidden.
    namespaces: BTreeSet<String>,
}

/// What a cluster sends.
pub enum LiveNews {
    /// It was read once more; members are by service of the survey.
    Snapshot(Box<Snapshot>),
    Silent(Silence),
}

/// By the clusters' names, for all that are to tell something.
pub fn plans(survey: &Survey, config: &Config) -> BTreeMap<String, LivePlan> {
    let wanted = &survey.placed.wanted;
    let plan = |(index, cluster): (usize, &crate::fleet::Cluster)| {
        let is_told = |number: &usize| wanted[*number].refused.is_none() && wanted[*number].is_told_by(index);
        let services: Vec<usize> = (0..wanted.len()).filter(is_told).collect();
        let targets = services.iter().map(|number| wanted[*number].target.clone()).collect();
        let mut namespaces = fallback(cluster, config);
        namespaces
            .extend(services.iter().flat_map(|number| wanted[*number].target.namespaces.iter().cloned()));
        (cluster.name.clone(), LivePlan { services, targets, count: wanted.len(), namespaces })
    };
    survey.fleet.clusters().enumerate().map(plan).filter(|(_, plan)| !plan.services.is_empty()).collect()
}

impl LivePlan {
    /// Reads and watches until nobody listens: for `Fleet::follow`.
    pub async fn follow(self, asked: &Asked, sender: &Sender<LiveNews>) {
        let changed = Arc::new(Notify::new());
        let mut watches: FuturesUnordered<BoxFuture<'_, ()>> = FuturesUnordered::new();
        for kind in KINDS {
            watches.push(Box::pin(self.watch(asked, kind, changed.clone())));
        }
        let reading = async {
            loop {
                let news = self.read(asked).await;
                let pause = if matches!(news, LiveNews::Silent(_)) { AGAIN } else { REST };
                if !sender.send(news).await {
                    return;
                }
                let _ = tokio::time::timeout(pause, changed.notified()).await;
                tokio::time::sleep(BURST).await;
            }
        };
        let mut reading = std::pin::pin!(reading);
        loop {
            tokio::select! {
                () = &mut reading => return,
                Some(()) = watches.next() => {}
            }
        }
    }

    async fn read(&self, asked: &Asked) -> LiveNews {
        let mut snapshot = gather(asked, &self.targets, &questions(&self.targets), &self.namespaces).await;
        if let Some(why) = silence(&snapshot) {
            return LiveNews::Silent(why);
        }
        let mut members = vec![Vec::new(); self.count];
        for (number, list) in self.services.iter().zip(std::mem::take(&mut snapshot.members)) {
            members[*number] = list;
        }
        snapshot.members = members;
        LiveNews::Snapshot(Box::new(snapshot))
    }

    /// Wakes the reader at every change of a kind; where a watch of the whole cluster is forbidden, of the namespaces.
    async fn watch(&self, asked: &Asked, kind: &'static Kind, changed: Arc<Notify>) {
        let watch_all = async |asking: Vec<Question>| -> bool {
            let watches = asking.iter().map(|question| watch_one(asked, kind, question, &changed));
            futures::future::join_all(watches).await.into_iter().any(|is_refused| is_refused)
        };
        let asking = questions(&self.targets);
        let is_wide = asking.iter().any(|question| question.namespace.is_none());
        if watch_all(asking).await && is_wide {
            watch_all(questions_within(&self.targets, &self.namespaces)).await;
        }
    }
}

/// True where it was refused.
async fn watch_one(asked: &Asked, kind: &Kind, question: &Question, changed: &Notify) -> bool {
    let selector = (!question.selector.is_everything()).then(|| question.selector.to_string());
    let request = ListRequest {
        resource: kind.resource(),
        namespace: question.namespace.as_deref(),
        selector: selector.as_deref(),
        field_selector: None,
    };
    let mut is_refused = false;
    // What was there at the beginning is no change.
    let mut is_current = false;
    let mut receive = |change: WatchChange<'_>| -> Result<()> {
        match change {
            WatchChange::Current => is_current = true,
            WatchChange::Silent(Silence::Forbidden(_)) => {
                is_refused = true;
                anyhow::bail!("refused");
            }
            WatchChange::Put(_) | WatchChange::Gone(_) if is_current => changed.notify_one(),
            // What came while nothing was heard is not known.
            WatchChange::Silent(_) | WatchChange::Reset => changed.notify_one(),
            WatchChange::Put(_) | WatchChange::Gone(_) => {}
        }
        Ok(())
    };
    // Its error is the receiver's own, and known by then.
    drop(asked.watch(&request, &mut receive).await);
    is_refused
}

/// Why nothing at all was told, if that is so.
fn silence(snapshot: &Snapshot) -> Option<Silence> {
    let unread = |kind: &&Kind| snapshot.unread.iter().find(|one| one.kind.name == kind.name);
    let mut told = KINDS.iter().filter(|kind| !kind.optional);
    if !snapshot.objects.is_empty() || told.any(|kind| unread(&kind).is_none()) {
        return None;
    }
    let main = snapshot.unread.iter().find(|one| one.why.is_of_cluster()).or(snapshot.unread.first());
    main.map(|unread: &UnreadKind| unread.why.clone())
}
