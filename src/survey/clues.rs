//! The second phase: what is asked only where something is wrong. Never a Secret.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream;

use crate::fleet::logs::LogRequest;
use crate::fleet::{Asked, Fleet, Gap, ListRequest, Resource, Silence, field};
use crate::workload::{Autoscaler, Budget, Claim, CoreService, Event, Later, Meta, Node, later};

/// A name in a namespace.
pub type Named = (String, String);

/// What one cluster is to be asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inquiry {
    /// Objects whose events are wanted: namespace and name.
    pub events: BTreeSet<Named>,
    /// Containers whose logs are wanted (namespace, pod, container), and whether of the run before the current one.
    pub logs: BTreeMap<(String, String, String), bool>,
    pub nodes: BTreeSet<String>,
    /// Namespaces whose core Services are wanted.
    pub core_services: BTreeSet<String>,
    /// Whether all nodes are wanted, for their taints.
    pub all_nodes: bool,
    /// Namespaces in which it is asked which pods had to make room for others.
    pub preempted: BTreeSet<String>,
    /// Nodes whose events are wanted too.
    pub node_events: BTreeSet<String>,
    pub claims: BTreeSet<Named>,
    pub config_maps: BTreeSet<Named>,
    /// Namespaces whose autoscalers are wanted.
    pub autoscalers: BTreeSet<String>,
    /// Namespaces whose disruption budgets, and what is told of the autoscalers, are wanted too.
    pub scaling: BTreeSet<String>,
    /// Autoscalers and budgets by a selector: its namespace (none: all) and its text.
    pub labelled: BTreeSet<(Option<String>, String)>,
    /// The last lines of each log.
    pub lines: u32,
}

impl Inquiry {
    pub fn is_empty(&self) -> bool {
        let Inquiry {
            events,
            logs,
            nodes,
            core_services,
            all_nodes,
            preempted,
            node_events,
            claims,
            config_maps,
            autoscalers,
            scaling,
            labelled,
            lines: _,
        } = self;
        events.is_empty()
            && logs.is_empty()
            && nodes.is_empty()
            && core_services.is_empty()
            && !all_nodes
            && preempted.is_empty()
            && node_events.is_empty()
            && claims.is_empty()
            && config_maps.is_empty()
            && autoscalers.is_empty()
            && scaling.is_empty()
            && labelled.is_empty()
    }
}

impl Inquiry {
    /// Both: what several services need of a cluster is asked once.
    pub fn join(&mut self, other: Inquiry) {
        self.events.extend(other.events);
        self.logs.extend(other.logs);
        self.nodes.extend(other.nodes);
        self.core_services.extend(other.core_services);
        self.all_nodes |= other.all_nodes;
        self.preempted.extend(other.preempted);
        self.node_events.extend(other.node_events);
        self.claims.extend(other.claims);
        self.config_maps.extend(other.config_maps);
        self.autoscalers.extend(other.autoscalers);
        self.scaling.extend(other.scaling);
        self.labelled.extend(other.labelled);
        self.lines = self.lines.max(other.lines);
    }
}

/// What one cluster said.
#[derive(Clone, Debug, Default)]
pub struct Clues {
    pub events: Vec<Event>,
    /// By namespace, pod and container.
    pub logs: BTreeMap<(String, String, String), LogText>,
    pub nodes: BTreeMap<String, Node>,
    pub claims: Vec<Claim>,
    pub config_maps: BTreeMap<Named, BTreeMap<String, String>>,
    pub autoscalers: Vec<Autoscaler>,
    pub budgets: Vec<Budget>,
    pub core_services: Vec<CoreService>,
    /// Which of these could not be read: `events`, `logs`, `nodes`, ... with the reason.
    pub refused: BTreeMap<&'static str, Silence>,
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

/// Runs the inquiries, by the names of the clusters; a cluster without one is not asked.
pub async fn clues(fleet: &Fleet, inquiries: BTreeMap<String, Inquiry>) -> BTreeMap<String, Clues> {
    let mut fleet = fleet.clone();
    fleet.retain(|cluster| inquiries.get(&cluster.name).is_some_and(|inquiry| !inquiry.is_empty()));
    let inquiries = Arc::new(inquiries);
    let question = move |asked: Asked| {
        let inquiry = inquiries.get(&asked.cluster().name).cloned().unwrap_or_default();
        async move { (run(&asked, inquiry).await, Vec::<Gap>::new()) }
    };
    let answers = fleet.ask(question);
    answers.map(|answer| (answer.cluster, answer.value)).collect().await
}

/// What an answer says of itself once the process was asked to end: such a one is never complete.
pub fn cut_short() -> Option<String> {
    crate::ui::signalled()?;
    Some("asked to end: what was not known by then is not in the answer".to_string())
}

/// One thing that a cluster said.
enum Clue {
    Later(Box<Later>),
    Log((String, String, String), LogText),
    ConfigMap(Named, BTreeMap<String, String>),
    Refused(&'static str, Silence),
    Nothing,
}

async fn run(asked: &Asked, inquiry: Inquiry) -> Clues {
    let mut clues = Clues::default();
    let said = stream::iter(tasks(asked, inquiry)).buffer_unordered(WIDTH).collect::<Vec<Vec<Clue>>>().await;
    for clue in said.into_iter().flatten() {
        match clue {
            Clue::Later(object) => match *object {
                Later::Event(event) => clues.events.push(event),
                Later::Node(node) => {
                    clues.nodes.insert(node.meta.name.clone(), node);
                }
                Later::Autoscaler(autoscaler) => clues.autoscalers.push(autoscaler),
                Later::Budget(budget) => clues.budgets.push(budget),
                Later::Claim(claim) => clues.claims.push(claim),
                Later::CoreService(service) => clues.core_services.push(service),
            },
            Clue::Log(container, text) => {
                clues.logs.insert(container, text);
            }
            Clue::ConfigMap(name, data) => {
                clues.config_maps.insert(name, data);
            }
            Clue::Refused(what, why) => {
                clues.refused.entry(what).or_insert(why);
            }
            Clue::Nothing => {}
        }
    }
    clues.settle();
    clues
}

impl Clues {
    /// What several questions brought stands there once, in an order of its own.
    fn settle(&mut self) {
        let named = |meta: &Meta| (meta.namespace.clone(), meta.name.clone());
        self.events.sort_by_key(|event| (event.first_seen, named(&event.meta)));
        self.events.dedup_by_key(|event| (event.first_seen, named(&event.meta)));
        self.autoscalers.sort_by_key(|autoscaler| named(&autoscaler.meta));
        self.autoscalers.dedup_by_key(|autoscaler| named(&autoscaler.meta));
        self.budgets.sort_by_key(|budget| named(&budget.meta));
        self.budgets.dedup_by_key(|budget| named(&budget.meta));
    }
}

type Task<'a> = futures::future::BoxFuture<'a, Vec<Clue>>;

fn tasks(asked: &Asked, inquiry: Inquiry) -> Vec<Task<'_>> {
    let mut tasks: Vec<Task<'_>> = Vec::new();
    for (namespace, name) in inquiry.events {
        let sought = Sought::by_field(&namespace, field("involvedObject.name", &name));
        tasks.push(Box::pin(list(asked, "Event", "events", sought)));
    }
    for namespace in inquiry.autoscalers.union(&inquiry.scaling) {
        tasks.push(Box::pin(list(asked, AUTOSCALER, "autoscalers", Sought::all(namespace))));
    }
    for namespace in &inquiry.scaling {
        tasks.push(Box::pin(list(asked, BUDGET, "budgets", Sought::all(namespace))));
        let told = Sought::by_field(namespace, field("involvedObject.kind", AUTOSCALER));
        tasks.push(Box::pin(list(asked, "Event", "events", told)));
    }
    for (namespace, selector) in inquiry.labelled {
        for (kind, what) in [(AUTOSCALER, "autoscalers"), (BUDGET, "budgets")] {
            let sought = Sought {
                namespace: namespace.clone(),
                selector: Some(selector.clone()).filter(|selector| !selector.is_empty()),
                field: None,
            };
            tasks.push(Box::pin(list(asked, kind, what, sought)));
            let told = Sought {
                namespace: namespace.clone(),
                selector: None,
                field: Some(field("involvedObject.kind", kind)),
            };
            tasks.push(Box::pin(list(asked, "Event", "events", told)));
        }
    }
    for name in inquiry.node_events {
        // A node is in no namespace, and its events are in `default`: who may not list there may know the pods' events.
        let sought = Sought::by_field("default", field("involvedObject.name", &name));
        tasks.push(Box::pin(list(asked, "Event", "nodes", sought)));
    }
    for namespace in &inquiry.core_services {
        tasks.push(Box::pin(list(asked, "Service", "services", Sought::all(namespace))));
    }
    for namespace in &inquiry.preempted {
        let sought = Sought::by_field(namespace, "reason=Preempted".to_string());
        tasks.push(Box::pin(list(asked, "Event", "events", sought)));
    }
    if inquiry.all_nodes {
        tasks.push(Box::pin(list(asked, "Node", "nodes", Sought::default())));
    }
    for name in inquiry.nodes {
        tasks.push(Box::pin(async move { vec![get(asked, "Node", "nodes", None, &name).await] }));
    }
    for (namespace, name) in inquiry.claims {
        let kind = "PersistentVolumeClaim";
        tasks.push(Box::pin(async move { vec![get(asked, kind, "claims", Some(&namespace), &name).await] }));
    }
    for (namespace, name) in inquiry.config_maps {
        tasks.push(Box::pin(async move { vec![config_map(asked, namespace, name).await] }));
    }
    for (container, previous) in inquiry.logs {
        tasks.push(Box::pin(async move { vec![log(asked, container, previous, inquiry.lines).await] }));
    }
    tasks
}

const AUTOSCALER: &str = "HorizontalPodAutoscaler";
const BUDGET: &str = "PodDisruptionBudget";

/// Which objects of a kind are wanted.
#[derive(Default)]
struct Sought {
    /// `None` is everywhere.
    namespace: Option<String>,
    selector: Option<String>,
    field: Option<String>,
}

impl Sought {
    fn all(namespace: &str) -> Sought {
        Sought { namespace: Some(namespace.to_string()), ..Sought::default() }
    }

    fn by_field(namespace: &str, field: String) -> Sought {
        Sought { field: Some(field), ..Sought::all(namespace) }
    }
}

async fn list(asked: &Asked, kind: &str, what: &'static str, sought: Sought) -> Vec<Clue> {
    let Some(row) = later(kind) else { return Vec::new() };
    let request = ListRequest {
        resource: Resource { kind: row.name, group: row.group, version: row.version, plural: row.plural },
        namespace: sought.namespace.as_deref(),
        selector: sought.selector.as_deref(),
        field_selector: sought.field.as_deref(),
    };
    let mut clues = Vec::new();
    let receive = &mut |item: &str| {
        clues.push(Clue::Later(Box::new((row.observe)(item)?)));
        Ok(())
    };
    if let Err(why) = asked.list(&request, receive).await {
        clues.push(Clue::Refused(what, why));
    }
    clues
}

async fn get(asked: &Asked, kind: &str, what: &'static str, namespace: Option<&str>, name: &str) -> Clue {
    let Some(row) = later(kind) else { return Clue::Nothing };
    let resource = Resource { kind: row.name, group: row.group, version: row.version, plural: row.plural };
    match asked.object(&resource, namespace, name).await {
        Ok(Some(text)) => match (row.observe)(&text) {
            Ok(object) => Clue::Later(Box::new(object)),
            Err(_) => Clue::Nothing,
        },
        Ok(None) => Clue::Nothing,
        Err(why) => Clue::Refused(what, why),
    }
}

async fn config_map(asked: &Asked, namespace: String, name: String) -> Clue {
    let resource = Resource { kind: "ConfigMap", group: "", version: "v1", plural: "configmaps" };
    match asked.object(&resource, Some(&namespace), &name).await {
        Ok(Some(text)) => {
            let object: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            let data = object["data"].as_object().into_iter().flatten();
            let data = data.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string())));
            Clue::ConfigMap((namespace, name), data.collect())
        }
        Ok(None) => Clue::Nothing,
        Err(why) => Clue::Refused("configmaps", why),
    }
}

/// The log of the run that is asked for. Where the one before the current run is gone, the current run's: better than
/// nothing, and marked as such.
async fn log(asked: &Asked, container: (String, String, String), previous: bool, lines: u32) -> Clue {
    let mut gone = None;
    for previous in if previous { &[true, false][..] } else { &[false] } {
        match one_log(asked, &container, *previous, lines).await {
            Ok(Some(LogText { lost: Some(words), .. })) => gone = gone.or(Some(words)),
            Ok(Some(log)) if !log.text.is_empty() => return Clue::Log(container, log),
            Err(why @ Silence::Forbidden(_)) => return Clue::Refused("logs", why),
            Ok(_) | Err(_) => {}
        }
    }
    match gone {
        Some(_) => Clue::Log(container, LogText { lost: gone, ..LogText::default() }),
        None => Clue::Nothing,
    }
}

async fn one_log(
    asked: &Asked,
    (namespace, pod, container): &(String, String, String),
    previous: bool,
    lines: u32,
) -> Result<Option<LogText>, Silence> {
    let request =
        LogRequest { namespace, pod, container, previous, tail: Some(lines), ..LogRequest::default() };
    let Some(mut log) = asked.log(&request).await? else { return Ok(None) };
    let (mut text, mut untimed) = (VecDeque::new(), Vec::new());
    let mut bytes = 0;
    // What had arrived before the connection broke is worth reading.
    while let Ok(Some(line)) = log.next().await {
        if line.is_kubelets() {
            untimed.push(line.text);
            continue;
        }
        bytes += line.text.len() + 1;
        text.push_back(line.text);
        while bytes > MOST_LOG {
            bytes -= text.pop_front().map_or(bytes, |first: String| first.len() + 1);
        }
    }
    let lost = untimed.into_iter().next().filter(|_| text.is_empty());
    Ok(Some(LogText { text: Vec::from(text).join("\n"), previous, lost }))
}
