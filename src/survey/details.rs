//! The second phase: what is asked only where something is wrong. Never a Secret.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream;
use serde_json::Value;

use crate::changes::PastObject;
use crate::fleet::logs::LogRequest;
use crate::fleet::{Asked, Fleet, Gap, ListRequest, Resource, Silence};
use crate::survey::detail_request::{ContainerName, DetailKind, DetailRequest, NamespacedName, WantedLog};
use crate::survey::requests::{DetailQuery, List, requests};
use crate::workload::{Autoscaler, Budget, Claim, CoreService, Event, Meta, Node, SupportingObject, later};

/// What one cluster said.
#[derive(Clone, Debug, Default)]
pub struct Details {
    pub events: Vec<Event>,
    /// By namespace, pod and container.
    pub logs: BTreeMap<ContainerName, LogText>,
    pub nodes: BTreeMap<String, Node>,
    pub claims: Vec<Claim>,
    pub config_maps: BTreeMap<NamespacedName, BTreeMap<String, String>>,
    pub autoscalers: Vec<Autoscaler>,
    pub budgets: Vec<Budget>,
    pub core_services: Vec<CoreService>,
    /// The autoscalers and ConfigMaps with what is kept of their past.
    pub pasts: Vec<PastObject>,
    /// Which of these could not be read, with the reason.
    pub refused: BTreeMap<DetailKind, Silence>,
    /// What was not asked for, since the budget of a cluster was spent; for people.
    pub left_out: Vec<String>,
    /// The events by the name of what they are about.
    named: HashMap<String, Vec<usize>>,
    /// Those of pods that had to make room, by the name of what had made the pod.
    made_room: HashMap<String, Vec<usize>>,
}

/// The last lines of a container's log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogText {
    pub text: String,
    /// Of the run before the current one.
    pub previous: bool,
    /// What the kubelet said in its place: the log is gone.
    pub lost: Option<String>,
}

/// Requests to one cluster at a time: a kubelet is behind each log.
const WIDTH: usize = 8;

/// Bytes of a log that are kept, the last ones.
const MOST_LOG: usize = 256 << 10;

/// Bytes of a log that are read at most: the last lines that are asked for are never so many, but not every server counts.
const MOST_READ: usize = 16 << 20;

/// Runs the inquiries, by the names of the clusters; a cluster without one is not asked.
pub async fn details(fleet: &Fleet, inquiries: BTreeMap<String, DetailRequest>) -> BTreeMap<String, Details> {
    let mut fleet = fleet.clone();
    fleet.retain(|cluster| inquiries.get(&cluster.name).is_some_and(|inquiry| !inquiry.is_empty()));
    let inquiries = Arc::new(inquiries);
    let question = move |asked: Asked| {
        let inquiry = inquiries.get(&asked.cluster().name).cloned().unwrap_or_default();
        async move { (run(&asked, inquiry).await, Vec::<Gap>::new()) }
    };
    let answers = fleet.ask_further(question);
    answers.map(|answer| (answer.cluster, answer.value)).collect().await
}

/// What an answer says of itself once the process was asked to end: such a one is never complete.
pub fn cut_short() -> Option<String> {
    crate::ui::signalled()?;
    Some("asked to end: what was not known by then is not in the answer".to_string())
}

/// One thing that a cluster said.
enum Clue {
    Later(Box<SupportingObject>),
    Log(ContainerName, LogText),
    ConfigMap(NamespacedName, BTreeMap<String, String>),
    Past(Box<PastObject>),
    Refused(DetailKind, Silence),
    LeftOut(String),
    Nothing,
}

async fn run(asked: &Asked, inquiry: DetailRequest) -> Details {
    let lines = inquiry.lines;
    let requests = requests(inquiry);
    let mut details = Details { left_out: requests.left_out, ..Details::default() };
    let asking = requests.all.into_iter().map(|request| answer(asked, request, lines));
    let said = stream::iter(asking).buffer_unordered(WIDTH).collect::<Vec<Vec<Clue>>>().await;
    for clue in said.into_iter().flatten() {
        match clue {
            Clue::Later(object) => match *object {
                SupportingObject::Event(event) => details.events.push(event),
                SupportingObject::Node(node) => {
                    details.nodes.insert(node.meta.name.clone(), node);
                }
                SupportingObject::Autoscaler(autoscaler) => details.autoscalers.push(autoscaler),
                SupportingObject::Budget(budget) => details.budgets.push(budget),
                SupportingObject::Claim(claim) => details.claims.push(claim),
                SupportingObject::CoreService(service) => details.core_services.push(service),
            },
            Clue::Log(container, text) => {
                details.logs.insert(container, text);
            }
            Clue::ConfigMap(name, data) => {
                details.config_maps.insert(name, data);
            }
            Clue::Past(object) => details.pasts.push(*object),
            Clue::Refused(what, why) => {
                details.refused.entry(what).or_insert(why);
            }
            Clue::LeftOut(what) => details.left_out.push(what),
            Clue::Nothing => {}
        }
    }
    details.settle();
    details
}

impl Details {
    /// What several questions brought stands there once, in an order of its own.
    fn settle(&mut self) {
        let named = |meta: &Meta| (meta.namespace.clone(), meta.name.clone());
        self.events.sort_by_key(|event| (event.first_seen, named(&event.meta)));
        self.events.dedup_by_key(|event| (event.first_seen, named(&event.meta)));
        self.autoscalers.sort_by_key(|autoscaler| named(&autoscaler.meta));
        self.autoscalers.dedup_by_key(|autoscaler| named(&autoscaler.meta));
        self.budgets.sort_by_key(|budget| named(&budget.meta));
        self.budgets.dedup_by_key(|budget| named(&budget.meta));
        self.claims.sort_by_key(|claim| named(&claim.meta));
        for (number, event) in self.events.iter().enumerate() {
            self.named.entry(event.about.name.clone()).or_default().push(number);
            if let Some(maker) = maker(&event.about.name).filter(|_| event.reason == "Preempted") {
                self.made_room.entry(maker.to_string()).or_default().push(number);
            }
        }
    }

    /// The events about what has that name, of any kind and namespace, with their numbers in `events`.
    pub fn events_named(&self, name: &str) -> impl Iterator<Item = (usize, &Event)> {
        self.named.get(name).into_iter().flatten().map(|number| (*number, &self.events[*number]))
    }

    /// Events of pods that had to make room for others and were made as this one was.
    pub fn made_room(&self, pod: &str) -> impl Iterator<Item = (usize, &Event)> {
        let numbers = maker(pod).and_then(|maker| self.made_room.get(maker)).into_iter().flatten();
        numbers.map(|number| (*number, &self.events[*number]))
    }

    /// A claim by its name.
    pub fn claim(&self, namespace: &str, name: &str) -> Option<&Claim> {
        let place =
            |claim: &Claim| (claim.meta.namespace.as_str(), claim.meta.name.as_str()).cmp(&(namespace, name));
        self.claims.binary_search_by(place).ok().map(|at| &self.claims[at])
    }

    /// The logs of a pod's containers.
    pub fn logs_of(&self, meta: &Meta) -> impl Iterator<Item = (&str, &LogText)> {
        let first = (meta.namespace.to_string(), meta.name.clone(), String::new());
        let is_its = |(namespace, pod, _): &ContainerName| meta.namespace == *namespace && *pod == meta.name;
        let logs = self.logs.range(first..).take_while(move |(container, _)| is_its(container));
        logs.map(|((_, _, container), log)| (container.as_str(), log))
    }
}

/// The part of a pod's name that comes from what has made it.
fn maker(pod: &str) -> Option<&str> {
    pod.rsplit_once('-').map(|(maker, _)| maker)
}

async fn answer(asked: &Asked, request: DetailQuery, lines: u32) -> Vec<Clue> {
    match request {
        DetailQuery::List(list) => {
            let mut details = self::list(asked, &list).await;
            let is_forbidden = |clue: &Clue| matches!(clue, Clue::Refused(_, Silence::Forbidden(_)));
            if !list.instead.is_empty() && details.iter().any(is_forbidden) {
                let instead = list.instead.into_iter().map(|request| single(asked, request, lines));
                details = stream::iter(instead)
                    .buffer_unordered(WIDTH)
                    .collect::<Vec<_>>()
                    .await
                    .into_iter()
                    .flatten()
                    .collect();
                details.extend(list.left_out.map(Clue::LeftOut));
            }
            details
        }
        request => single(asked, request, lines).await,
    }
}

async fn single(asked: &Asked, request: DetailQuery, lines: u32) -> Vec<Clue> {
    match request {
        DetailQuery::List(list) => self::list(asked, &list).await,
        DetailQuery::Object(kind, what, namespace, name) => {
            vec![get(asked, kind, what, namespace.as_deref(), &name).await]
        }
        DetailQuery::ConfigMap((namespace, name)) => config_map(asked, namespace, name).await,
        DetailQuery::Log(WantedLog { container, previous, .. }) => {
            vec![log(asked, container, previous, lines).await]
        }
    }
}

async fn list(asked: &Asked, wanted: &List) -> Vec<Clue> {
    let Some(row) = later(wanted.kind) else { return Vec::new() };
    let request = ListRequest {
        resource: row.resource(),
        namespace: wanted.namespace.as_deref(),
        selector: wanted.selector.as_deref(),
        field_selector: wanted.field.as_deref(),
    };
    let mut details = Vec::new();
    let receive = &mut |item: &str| {
        let object = row.observe(item)?;
        if wanted.only.keeps(&object) {
            asked.keep(item)?;
            if matches!(object, SupportingObject::Autoscaler(_)) {
                let whole: Value = serde_json::from_str(item)?;
                details.push(Clue::Past(Box::new(PastObject::of(wanted.kind, &whole))));
            }
            details.push(Clue::Later(Box::new(object)));
        }
        Ok(())
    };
    if let Err(why) = asked.list(&request, receive).await {
        details.push(Clue::Refused(wanted.what, why));
    }
    details
}

async fn get(asked: &Asked, kind: &str, what: DetailKind, namespace: Option<&str>, name: &str) -> Clue {
    let Some(row) = later(kind) else { return Clue::Nothing };
    let resource = row.resource();
    match asked.object(&resource, namespace, name).await {
        Ok(Some(text)) => match row.observe(&text) {
            Ok(object) => Clue::Later(Box::new(object)),
            Err(_) => Clue::Nothing,
        },
        Ok(None) => Clue::Nothing,
        Err(why) => Clue::Refused(what, why),
    }
}

async fn config_map(asked: &Asked, namespace: String, name: String) -> Vec<Clue> {
    let resource = Resource { kind: "ConfigMap", group: "", version: "v1", plural: "configmaps" };
    match asked.object(&resource, Some(&namespace), &name).await {
        Ok(Some(text)) => {
            let object: Value = serde_json::from_str(&text).unwrap_or_default();
            let data = object["data"].as_object().into_iter().flatten();
            let data = data.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string())));
            let past = PastObject::of(resource.kind, &object);
            vec![Clue::ConfigMap((namespace, name), data.collect()), Clue::Past(Box::new(past))]
        }
        Ok(None) => Vec::new(),
        Err(why) => vec![Clue::Refused(DetailKind::ConfigMaps, why)],
    }
}

/// The log of the run that is asked for. Where the one before the current run is gone, the current run's: better than
/// nothing, and marked as such.
async fn log(asked: &Asked, container: ContainerName, previous: bool, lines: u32) -> Clue {
    let mut gone = None;
    for previous in if previous { &[true, false][..] } else { &[false] } {
        match one_log(asked, &container, *previous, lines).await {
            Ok(OneLog::Read(LogText { lost: Some(words), .. })) => gone = gone.or(Some(words)),
            Ok(OneLog::Read(log)) if !log.text.is_empty() => return Clue::Log(container, log),
            Err(why @ Silence::Forbidden(_)) => return Clue::Refused(DetailKind::Logs, why),
            Ok(OneLog::Endless) => {
                let (_, pod, name) = &container;
                return Clue::LeftOut(format!("the log of {pod}/{name}, of which more came than was asked"));
            }
            Ok(OneLog::Read(_) | OneLog::Absent) | Err(_) => {}
        }
    }
    match gone {
        Some(_) => Clue::Log(container, LogText { lost: gone, ..LogText::default() }),
        None => Clue::Nothing,
    }
}

/// What came of asking for one log.
enum OneLog {
    Read(LogText),
    Absent,
    /// More came than was asked for: what there is of it are not the last lines, and would be told as such.
    Endless,
}

async fn one_log(
    asked: &Asked,
    (namespace, pod, container): &ContainerName,
    previous: bool,
    lines: u32,
) -> Result<OneLog, Silence> {
    let request =
        LogRequest { namespace, pod, container, previous, tail: Some(lines), ..LogRequest::default() };
    let Some(mut log) = asked.log(&request).await? else { return Ok(OneLog::Absent) };
    let (mut text, mut untimed) = (VecDeque::new(), Vec::new());
    let (mut bytes, mut read) = (0, 0);
    // What had arrived before the connection broke is worth reading.
    while let Ok(Some(line)) = log.next().await {
        if line.is_kubelets() {
            untimed.push(line.text);
            continue;
        }
        bytes += line.text.len() + 1;
        read += line.text.len() + 1;
        if read > MOST_READ {
            return Ok(OneLog::Endless);
        }
        text.push_back(line.text);
        while bytes > MOST_LOG {
            bytes -= text.pop_front().map_or(bytes, |first: String| first.len() + 1);
        }
    }
    let lost = untimed.into_iter().next().filter(|_| text.is_empty());
    Ok(OneLog::Read(LogText { text: Vec::from(text).join("\n"), previous, lost }))
}
