//! One cluster that is followed: its pods are watched, and each of their containers is read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::StreamExt;
use futures::future::{BoxFuture, join_all};
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc::{self, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use crate::commands::logs::follow::container::{FollowedState, follow as follow_container};
use crate::commands::logs::follow::jobs;
use crate::commands::logs::follow::plan::{FollowPlan, FollowShared};
use crate::commands::logs::follow::pods::{self, Watched};
use crate::commands::logs::follow::roster::{PodName, Roster, RosterMessage};
use crate::commands::logs::notes::Note;
use crate::commands::logs::read::{Batch, How};
use crate::commands::logs::targets::{LogSource, Stream};
use crate::fleet::{Asked, Sender};
use crate::survey::{Question, questions, questions_within};
use crate::workload::Pod;

/// Namespace, pod, container.
type ContainerKey = (String, String, String);

/// Follows until nothing is left that could be.
pub async fn follow(
    asked: &Asked,
    mut plan: FollowPlan,
    shared: &FollowShared,
    to: &mpsc::Sender<Batch>,
    notes: &Sender<Note>,
) {
    let (telling, mut heard) = unbounded_channel();
    let asking = questions(&plan.targets);
    let known = std::mem::take(&mut plan.known);
    let names = known.iter().map(|stream| (stream.source.namespace.clone(), stream.source.pod.clone()));
    let mut roster = Roster::new(names, asking.len());
    let mut reading = FollowedContainers {
        asked,
        shared,
        to,
        notes,
        known: BTreeMap::new(),
        number: 0,
        all: FuturesUnordered::new(),
    };
    for stream in known {
        if let Some(source) = reading.put(stream, shared.how.tail) {
            notes.send(Note::Full(source)).await;
        }
    }
    let mut watching = std::pin::pin!(watch_all(asked, &plan, asking, telling));
    let mut is_watching = true;
    while is_watching || !reading.all.is_empty() {
        // What has been heard is dealt with before more is listened to.
        tokio::select! {
            biased;
            Some(heard) = heard.recv() => match heard {
                RosterMessage::Reset(watch) => roster.reset(watch),
                RosterMessage::Put(watch, is_owned, pod) => {
                    notes.send(Note::Hears).await;
                    roster.put(watch, name(&pod));
                    if is_owned || plan.targets.iter().any(|target| target.selects(&pod.meta)) {
                        for stream in shared.streams(plan.cluster, &pod) {
                            if let Some(source) = reading.put(stream, shared.tail(&pod)) {
                                notes.send(Note::Full(source)).await;
                            }
                        }
                    }
                }
                RosterMessage::Gone(pod) => {
                    roster.gone(&pod);
                    reading.gone(&pod);
                }
                RosterMessage::Current(watch) => {
                    roster.current(watch).iter().for_each(|pod| reading.gone(pod));
                    notes.send(Note::Hears).await;
                }
                RosterMessage::Silent(why) => {
                    notes.send(Note::Deaf(why)).await;
                }
            },
            Some(ended) = reading.all.next() => reading.ended(ended),
            () = &mut watching, if is_watching => is_watching = false,
        }
    }
}

fn name(pod: &Pod) -> PodName {
    (pod.meta.namespace.to_string(), pod.meta.name.clone())
}

/// The containers that are followed.
struct FollowedContainers<'a> {
    asked: &'a Asked,
    shared: &'a FollowShared,
    to: &'a mpsc::Sender<Batch>,
    notes: &'a Sender<Note>,
    known: BTreeMap<ContainerKey, (u64, watch::Sender<FollowedState>)>,
    number: u64,
    all: FuturesUnordered<BoxFuture<'a, (ContainerKey, u64)>>,
}

impl FollowedContainers<'_> {
    /// A container is there, or there anew; gives it back where too many are followed.
    fn put(&mut self, stream: Stream, tail: Option<u32>) -> Option<Arc<LogSource>> {
        let Stream { source, life } = stream;
        let key = (source.namespace.clone(), source.pod.clone(), source.container.clone());
        let state = FollowedState { life, is_gone: false };
        if let Some((_, known)) = self.known.get(&key)
            && !known.is_closed()
        {
            known.send_if_modified(|before| {
                let is_new = *before != state;
                *before = state;
                is_new
            });
            return None;
        }
        if !self.shared.admit() {
            return Some(source);
        }
        self.number += 1;
        // What has not begun yet is wanted from its beginning.
        let tail = tail.filter(|_| state.life.has_log);
        let (number, how) = (self.number, How { tail, ..self.shared.how.clone() });
        let (sender, receiver) = watch::channel(state);
        self.known.insert(key.clone(), (number, sender));
        let (asked, to, notes) = (self.asked, self.to, self.notes);
        self.all.push(Box::pin(async move {
            follow_container(asked, &source, how, receiver, to, notes).await;
            (key, number)
        }));
        None
    }

    fn gone(&mut self, (namespace, pod): &PodName) {
        let first = (namespace.clone(), pod.clone(), String::new());
        let of_pod = self.known.range(first..).take_while(|((n, p, _), _)| n == namespace && p == pod);
        for (_, (_, state)) in of_pod {
            state.send_if_modified(|state| !std::mem::replace(&mut state.is_gone, true));
        }
    }

    fn ended(&mut self, (key, number): (ContainerKey, u64)) {
        self.shared.leave();
        // A pod of the same name may have come meanwhile.
        if self.known.get(&key).is_some_and(|(known, _)| *known == number) {
            self.known.remove(&key);
        }
    }
}

/// Watches cluster-wide, or, where that is forbidden, in the namespaces that are known; and the Jobs of CronJobs.
async fn watch_all(
    asked: &Asked,
    plan: &FollowPlan,
    asking: Vec<Question>,
    telling: UnboundedSender<RosterMessage>,
) {
    let numbers = AtomicUsize::new(0);
    let watch_each = async |asking: &[Question]| -> bool {
        let watches = asking.iter().map(|question| {
            let number = numbers.fetch_add(1, Ordering::Relaxed);
            let telling = &telling;
            async move { pods::watch(asked, &Watched { number, owner: None }, question, telling).await }
        });
        join_all(watches).await.into_iter().any(|is_refused| is_refused)
    };
    let selected = async {
        // The roster knows the watches of the first round by their numbers.
        let is_refused = watch_each(&asking).await;
        if is_refused && asking.iter().any(|question| question.namespace.is_none()) {
            watch_each(&questions_within(&plan.targets, &plan.namespaces)).await;
        }
    };
    tokio::join!(selected, jobs::watch(asked, &plan.cron_jobs, &numbers, &telling));
}
