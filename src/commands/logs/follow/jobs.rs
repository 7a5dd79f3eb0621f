//! The pods of Jobs that a CronJob makes while it is followed: owners connect them, even where no label does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use futures::StreamExt;
use futures::future::{BoxFuture, join_all};
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::commands::logs::follow::pods::{self, Watched};
use crate::commands::logs::follow::roster::RosterMessage;
use crate::fleet::watch::WatchChange;
use crate::fleet::{Asked, ListRequest, Silence};
use crate::selector::Selector;
use crate::survey::Question;
use crate::workload::{Object, Workload, kind};

/// The uids of CronJobs whose pods no label shows, by namespace.
pub type CronJobs = BTreeMap<String, BTreeSet<String>>;

/// Watches the Jobs of the CronJobs, and the pods of each as long as it is there. `numbers` gives each watch its own.
pub async fn watch(
    asked: &Asked,
    cron_jobs: &CronJobs,
    numbers: &AtomicUsize,
    telling: &UnboundedSender<RosterMessage>,
) {
    let all = cron_jobs.iter();
    join_all(all.map(|(namespace, owners)| within(asked, namespace.as_str(), owners, numbers, telling)))
        .await;
}

/// A Job that is there, with what its pods are asked by; or one that is no more.
enum JobHeard {
    Put(String, Selector),
    Gone(String),
}

async fn within(
    asked: &Asked,
    namespace: &str,
    owners: &BTreeSet<String>,
    numbers: &AtomicUsize,
    telling: &UnboundedSender<RosterMessage>,
) {
    let (to, mut heard) = unbounded_channel();
    let mut listening: BTreeMap<String, oneshot::Sender<()>> = BTreeMap::new();
    let mut pods: FuturesUnordered<BoxFuture<'_, ()>> = FuturesUnordered::new();
    let mut jobs = std::pin::pin!(watch_jobs(asked, namespace, owners, to));
    loop {
        tokio::select! {
            biased;
            Some(heard) = heard.recv() => match heard {
                JobHeard::Put(uid, selector) => {
                    if !listening.contains_key(&uid) {
                        let (stop, stopped) = oneshot::channel();
                        listening.insert(uid.clone(), stop);
                        let number = numbers.fetch_add(1, Ordering::Relaxed);
                        let question = Question { namespace: Some(namespace.to_string()), selector };
                        let watched = Watched { number, owner: Some(uid) };
                        pods.push(Box::pin(async move {
                            tokio::select! {
                                _ = pods::watch(asked, &watched, &question, telling) => {}
                                _ = stopped => {}
                            }
                        }));
                    }
                }
                // Its pods go with it; that is for the one who reads them to see.
                JobHeard::Gone(uid) => drop(listening.remove(&uid)),
            },
            Some(()) = pods.next() => {}
            () = &mut jobs => return,
        }
    }
}

async fn watch_jobs(
    asked: &Asked,
    namespace: &str,
    owners: &BTreeSet<String>,
    to: UnboundedSender<JobHeard>,
) {
    let Some(jobs) = kind("Job") else { return };
    let request = ListRequest {
        resource: jobs.resource(),
        namespace: Some(namespace),
        selector: None,
        field_selector: None,
    };
    let owned = |json: &str| match jobs.observe(json) {
        Ok(Object::Workload(job)) => {
            let is_owned = job.meta.controller().is_some_and(|owner| owners.contains(&owner.uid));
            is_owned.then_some(job)
        }
        _ => None,
    };
    let mut receive = |change: WatchChange<'_>| -> Result<()> {
        let heard = match change {
            WatchChange::Put(json) => {
                owned(json).map(|job| JobHeard::Put(job.meta.uid.clone(), selector_of_pods(&job)))
            }
            WatchChange::Gone(json) => owned(json).map(|job| JobHeard::Gone(job.meta.uid.clone())),
            WatchChange::Silent(Silence::Forbidden(_)) => anyhow::bail!("refused"),
            // The watch of the labelled pods tells that the cluster is not heard.
            WatchChange::Silent(_) | WatchChange::Reset | WatchChange::Current | WatchChange::Listening => {
                None
            }
        };
        match heard {
            Some(heard) => Ok(to.send(heard)?),
            None => Ok(()),
        }
    };
    // Where Jobs may not be seen, their pods are found by labels alone.
    drop(asked.watch(&request, &mut receive).await);
}

/// The Job's own, which its server gives it; else all pods of its namespace, of which its owner reference picks.
fn selector_of_pods(job: &Workload) -> Selector {
    let own = job.selector().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    own.and_then(|selector| Selector::from_label_selector(&selector).ok()).unwrap_or_default()
}
