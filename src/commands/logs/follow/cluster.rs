//! One cluster that is followed: its pods are watched, and each of their containers is read.

use std::collections::BTreeMap;

use anyhow::Result;
use futures::StreamExt;
use futures::future::{BoxFuture, join_all};
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc::{self, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use crate::commands::logs::follow::container::{State, follow as follow_container};
use crate::commands::logs::follow::plan::{Plan, Shared};
use crate::commands::logs::follow::roster::{Heard, PodName, Roster};
use crate::commands::logs::notes::Note;
use crate::commands::logs::read::{Batch, How};
use crate::commands::logs::targets::Stream;
use crate::fleet::watch::Change;
use crate::fleet::{Asked, ListRequest, Resource, Sender, Silence};
use crate::survey::{Question, questions, questions_within};
use crate::workload::{Kind, Object, Pod, kind};

/// Namespace, pod, container.
type Key = (String, String, String);

/// Follows until nothing is left that could be.
pub async fn follow(
    asked: &Asked,
    mut plan: Plan,
    shared: &Shared,
    to: &mpsc::Sender<Batch>,
    notes: &Sender<Note>,
) {
    let (telling, mut heard) = unbounded_channel();
    let asking = questions(&plan.targets);
    let known = std::mem::take(&mut plan.known);
    let names = known.iter().map(|stream| (stream.source.namespace.clone(), stream.source.pod.clone()));
    let mut roster = Roster::new(names, asking.len());
    let mut reading =
        Reading { asked, shared, to, notes, known: BTreeMap::new(), number: 0, all: FuturesUnordered::new() };
    known.into_iter().for_each(|stream| reading.put(stream, shared.how.tail));
    let mut watching = std::pin::pin!(watch_all(asked, &plan, asking, telling));
    let mut is_watching = true;
    while is_watching || !reading.all.is_empty() {
        tokio::select! {
            Some(heard) = heard.recv() => match heard {
                Heard::Reset(watch) => roster.reset(watch),
                Heard::Put(watch, pod) => {
                    notes.push(Note::Hears);
                    roster.put(watch, name(&pod));
                    if plan.targets.iter().any(|target| target.selects(&pod.meta)) {
                        let streams = shared.streams(plan.cluster, &pod).into_iter();
                        streams.for_each(|stream| reading.put(stream, shared.tail(&pod)));
                    }
                }
                Heard::Gone(pod) => {
                    roster.gone(&pod);
                    reading.gone(&pod);
                }
                Heard::Current(watch) => {
                    roster.current(watch).iter().for_each(|pod| reading.gone(pod));
                    notes.push(Note::Hears);
                }
                Heard::Silent(why) => {
                    notes.push(Note::Deaf(why));
                }
            },
            Some(ended) = reading.all.next() => reading.ended(ended),
            () = &mut watching, if is_watching => is_watching = false,
        }
    }
}

fn name(pod: &Pod) -> PodName {
    (pod.meta.namespace.clone(), pod.meta.name.clone())
}

/// The containers that are followed.
struct Reading<'a> {
    asked: &'a Asked,
    shared: &'a Shared,
    to: &'a mpsc::Sender<Batch>,
    notes: &'a Sender<Note>,
    known: BTreeMap<Key, (u64, watch::Sender<State>)>,
    number: u64,
    all: FuturesUnordered<BoxFuture<'a, (Key, u64)>>,
}

impl Reading<'_> {
    /// A container is there, or there anew.
    fn put(&mut self, stream: Stream, tail: Option<u32>) {
        let Stream { source, life } = stream;
        let key = (source.namespace.clone(), source.pod.clone(), source.container.clone());
        let state = State { life, is_gone: false };
        if let Some((_, known)) = self.known.get(&key)
            && !known.is_closed()
        {
            known.send_if_modified(|before| {
                let is_new = *before != state;
                *before = state;
                is_new
            });
            return;
        }
        if !self.shared.admit() {
            self.notes.push(Note::Full(source));
            return;
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
    }

    fn gone(&mut self, (namespace, pod): &PodName) {
        let of_pod = self.known.iter().filter(|((n, p, _), _)| n == namespace && p == pod);
        for (_, (_, state)) in of_pod {
            state.send_if_modified(|state| !std::mem::replace(&mut state.is_gone, true));
        }
    }

    fn ended(&mut self, (key, number): (Key, u64)) {
        self.shared.leave();
        // A pod of the same name may have come meanwhile.
        if self.known.get(&key).is_some_and(|(known, _)| *known == number) {
            self.known.remove(&key);
        }
    }
}

/// Watches cluster-wide, or, where that is forbidden, in the namespaces that are known.
async fn watch_all(asked: &Asked, plan: &Plan, asking: Vec<Question>, telling: UnboundedSender<Heard>) {
    let Some(pods) = kind("Pod") else { return };
    let all = asking.iter().enumerate();
    let ended = join_all(all.map(|(number, question)| watch_one(asked, pods, number, question, &telling)));
    let is_refused = ended.await.iter().any(|refused| *refused);
    if !is_refused || asking.iter().all(|question| question.namespace.is_some()) {
        return;
    }
    let within = questions_within(&plan.targets, &plan.namespaces);
    let all = within.iter().enumerate().map(|(index, question)| (asking.len() + index, question));
    join_all(all.map(|(number, question)| watch_one(asked, pods, number, question, &telling))).await;
}

/// Tells what a watch says, for ever; true where it was refused.
async fn watch_one(
    asked: &Asked,
    pods: &Kind,
    number: usize,
    question: &Question,
    telling: &UnboundedSender<Heard>,
) -> bool {
    let selector = (!question.selector.is_everything()).then(|| question.selector.to_string());
    let request = ListRequest {
        resource: Resource { kind: pods.name, group: pods.group, version: pods.version, plural: pods.plural },
        namespace: question.namespace.as_deref(),
        selector: selector.as_deref(),
        field_selector: None,
    };
    let mut is_refused = false;
    let mut receive = |change: Change<'_>| -> Result<()> {
        let heard = match change {
            Change::Reset => Heard::Reset(number),
            Change::Put(json) => match (pods.observe)(json) {
                Ok(Object::Pod(pod)) => Heard::Put(number, pod),
                _ => return Ok(()),
            },
            Change::Gone(json) => match (pods.observe)(json) {
                Ok(Object::Pod(pod)) => Heard::Gone(name(&pod)),
                _ => return Ok(()),
            },
            Change::Current => Heard::Current(number),
            Change::Silent(why @ Silence::Forbidden(_)) => {
                is_refused = true;
                if question.namespace.is_some() {
                    telling.send(Heard::Silent(why.clone()))?;
                }
                anyhow::bail!("refused");
            }
            Change::Silent(why) => Heard::Silent(why.clone()),
        };
        Ok(telling.send(heard)?)
    };
    // Its error is the receiver's own, and told by then.
    drop(asked.watch(&request, &mut receive).await);
    is_refused
}
