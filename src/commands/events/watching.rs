//! One cluster under `events -w`: its services' objects are watched as well as the events, so that what is made later
//! has its events told, and a cluster that was silent at first is taken up when it answers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::Result;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::commands::events::belonging::Belonging;
use crate::commands::events::listing::{ClusterEvents, owners, places};
use crate::config::Config;
use crate::fleet::watch::WatchChange;
use crate::fleet::{Asked, ListRequest, Sender, Silence};
use crate::survey::{Question, ServiceTarget, Survey, fallback_namespaces, questions, questions_within};
use crate::workload::{Event, KINDS, Kind, Meta, Object, SupportingObject, later};

/// Events about unknown objects that are kept for a while: the object may be heard of after its first event.
const MOST_UNKNOWN: usize = 512;

/// What a cluster sends.
pub enum News {
    /// With the services, by index.
    Event(Vec<usize>, Box<Event>),
    Silent(String),
    Hears,
}

/// What is known of a cluster, and what to watch there.
pub struct Watching {
    /// By service.
    belonging: Vec<Belonging>,
    targets: Vec<(usize, ServiceTarget)>,
    /// Watched one by one where a watch of the whole cluster is forbidden.
    namespaces: BTreeSet<String>,
}

/// By the clusters' names, those that were silent included.
pub fn watchings(survey: &Survey, config: &Config, found: Vec<ClusterEvents>) -> BTreeMap<String, Watching> {
    let wanted = &survey.placed.wanted;
    let watching = |(index, (cluster, found)): (usize, (&crate::fleet::Cluster, ClusterEvents))| {
        let here = wanted.iter().enumerate().filter(|(_, wanted)| wanted.is_told_by(index));
        let targets: Vec<(usize, ServiceTarget)> =
            here.map(|(service, wanted)| (service, wanted.target.clone())).collect();
        let mut namespaces = fallback_namespaces(cluster, config);
        namespaces.extend(targets.iter().flat_map(|(_, target)| target.namespaces.iter().cloned()));
        let mut belonging = found.belonging;
        belonging.resize(wanted.len(), Belonging::default());
        (cluster.name.clone(), Watching { belonging, targets, namespaces })
    };
    survey.fleet.clusters().zip(found).enumerate().map(watching).collect()
}

/// What one of the watches heard.
enum EventMessage {
    Event(Box<Event>),
    Object(Box<Object>),
    Silent(Silence),
    Hears,
}

type Watches<'a> = FuturesUnordered<BoxFuture<'a, ()>>;

impl Watching {
    /// Watches for ever; ends where nobody listens, or nothing may be watched.
    pub async fn watch(mut self, asked: &Asked, sender: &Sender<News>) {
        let (telling, mut heard) = unbounded_channel();
        let mut watches: Watches<'_> = FuturesUnordered::new();
        let (targets, namespaces) =
            (self.targets.iter().map(|(_, target)| target.clone()).collect(), self.namespaces.clone());
        for kind in KINDS {
            let watch = objects(asked, kind, Vec::clone(&targets), namespaces.clone(), telling.clone());
            watches.push(Box::pin(watch));
        }
        let mut watched = BTreeSet::new();
        let mut unknown: VecDeque<Box<Event>> = VecDeque::new();
        self.listen_further(asked, &mut watched, &telling, &watches);
        loop {
            // What has been heard goes on its way before more is listened to: a flood waits on its connection.
            let heard = tokio::select! {
                biased;
                Some(heard) = heard.recv() => heard,
                ended = watches.next() => match ended {
                    Some(()) => continue,
                    None => return,
                },
            };
            let is_heard = match heard {
                EventMessage::Silent(why) => sender.send(News::Silent(why.message())).await,
                EventMessage::Hears => sender.send(News::Hears).await,
                EventMessage::Event(event) => match owners(&self.belonging, &event) {
                    services if !services.is_empty() => sender.send(News::Event(services, event)).await,
                    _ => {
                        unknown.truncate(MOST_UNKNOWN - 1);
                        unknown.push_front(event);
                        true
                    }
                },
                EventMessage::Object(object) => {
                    if self.learn(&object) {
                        self.listen_further(asked, &mut watched, &telling, &watches);
                        self.tell_known(&mut unknown, sender).await;
                    }
                    true
                }
            };
            if !is_heard {
                return;
            }
        }
    }

    /// Takes an object to the services that it is one of; false where that is nothing new.
    fn learn(&mut self, object: &Object) -> bool {
        let selecting = self.targets.iter().filter(|(_, target)| target.selects(meta(object)));
        let mut is_new = false;
        for (service, _) in selecting {
            is_new |= self.belonging[*service].learn(object);
        }
        is_new
    }

    /// Events of namespaces in which a service has come to be.
    fn listen_further<'a>(
        &self,
        asked: &'a Asked,
        watched: &mut BTreeSet<Option<String>>,
        telling: &UnboundedSender<EventMessage>,
        watches: &Watches<'a>,
    ) {
        if watched.contains(&None) {
            return;
        }
        for place in places(&self.belonging) {
            if watched.insert(place.clone()) {
                watches.push(Box::pin(events(asked, place, telling.clone())));
            }
        }
    }

    /// The events that waited for their objects, the oldest first.
    async fn tell_known(&self, unknown: &mut VecDeque<Box<Event>>, sender: &Sender<News>) {
        let waiting = std::mem::take(unknown);
        for event in waiting.into_iter().rev() {
            match owners(&self.belonging, &event) {
                services if services.is_empty() => unknown.push_front(event),
                services => drop(sender.send(News::Event(services, event)).await),
            }
        }
    }
}

fn meta(object: &Object) -> &Meta {
    match object {
        Object::Pod(pod) => &pod.meta,
        Object::Workload(workload) => &workload.meta,
    }
}

async fn events(asked: &Asked, place: Option<String>, telling: UnboundedSender<EventMessage>) {
    let Some(kind) = later("Event") else { return };
    let resource = kind.resource();
    let request = ListRequest { resource, namespace: place.as_deref(), selector: None, field_selector: None };
    let mut receive = |change: WatchChange<'_>| -> Result<()> {
        let heard = match change {
            WatchChange::Put(json) => match kind.observe(json) {
                Ok(SupportingObject::Event(event)) => EventMessage::Event(event.into()),
                _ => return Ok(()),
            },
            WatchChange::Current | WatchChange::Listening => EventMessage::Hears,
            WatchChange::Silent(why) => EventMessage::Silent(why.clone()),
            WatchChange::Reset | WatchChange::Gone(_) => return Ok(()),
        };
        Ok(telling.send(heard)?)
    };
    // It ends when nobody listens, or where events are not served; both are no news.
    drop(asked.watch(&request, &mut receive).await);
}

/// The objects of a kind that the targets select, cluster-wide or, where that is forbidden, in the namespaces.
async fn objects(
    asked: &Asked,
    kind: &'static Kind,
    targets: Vec<ServiceTarget>,
    namespaces: BTreeSet<String>,
    telling: UnboundedSender<EventMessage>,
) {
    let watch_all = async |asking: Vec<Question>| -> bool {
        let watches = asking.iter().map(|question| of_question(asked, kind, question, &telling));
        futures::future::join_all(watches).await.into_iter().any(|is_refused| is_refused)
    };
    let asking = questions(&targets);
    let is_cluster_wide = asking.iter().any(|question| question.namespace.is_none());
    if watch_all(asking).await && is_cluster_wide {
        watch_all(questions_within(&targets, &namespaces)).await;
    }
}

/// True where it was refused, which has been told before: it is a gap of the list that stands at the beginning.
async fn of_question(
    asked: &Asked,
    kind: &Kind,
    question: &Question,
    telling: &UnboundedSender<EventMessage>,
) -> bool {
    let selector = (!question.selector.is_everything()).then(|| question.selector.to_string());
    let request = ListRequest {
        resource: kind.resource(),
        namespace: question.namespace.as_deref(),
        selector: selector.as_deref(),
        field_selector: None,
    };
    let mut is_refused = false;
    let mut receive = |change: WatchChange<'_>| -> Result<()> {
        let heard = match change {
            WatchChange::Put(json) => match kind.observe(json) {
                Ok(object) => EventMessage::Object(object.into()),
                Err(_) => return Ok(()),
            },
            WatchChange::Silent(Silence::Forbidden(_)) => {
                is_refused = true;
                anyhow::bail!("refused");
            }
            WatchChange::Silent(why) => EventMessage::Silent(why.clone()),
            WatchChange::Current | WatchChange::Listening => EventMessage::Hears,
            WatchChange::Reset | WatchChange::Gone(_) => return Ok(()),
        };
        Ok(telling.send(heard)?)
    };
    // Its error is the receiver's own, and known by then.
    drop(asked.watch(&request, &mut receive).await);
    is_refused
}
