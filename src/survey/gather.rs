//! One cluster's part of a survey: everything that belongs to the targets, and what could not be read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use futures::future::join_all;

use crate::fleet::{Asked, Gap, ListEnd, ListRequest, Silence};
use crate::selector::Selector;
use crate::survey::plan::{Question, questions_within};
use crate::survey::split::{ServiceTarget, TargetIndex, meta, split};
use crate::workload::{Body, KINDS, Kind, Meta, Object, OwnerRef, Workload, kind, no_number};

/// What one cluster has of every target.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub objects: Vec<Object>,
    /// For each target the indices of its objects.
    pub members: Vec<Vec<usize>>,
    pub unread: Vec<UnreadKind>,
}

/// A kind that could not be read, or not everywhere.
#[derive(Clone, Debug)]
pub struct UnreadKind {
    pub kind: &'static Kind,
    pub why: Silence,
    /// The namespaces in which it was read all the same.
    pub covered: BTreeSet<String>,
}

impl UnreadKind {
    /// Whether something of the target may be hidden here.
    pub fn hides(&self, target: &ServiceTarget) -> bool {
        target.namespaces.is_empty() || target.namespaces.iter().any(|name| !self.covered.contains(name))
    }
}

impl Snapshot {
    /// The gaps as an answer carries them.
    pub fn gaps(&self) -> Vec<Gap> {
        let gap = |unread: &UnreadKind| Gap {
            covered: unread.covered.clone(),
            ..Gap::kind(unread.kind.plural, unread.why.clone())
        };
        self.unread.iter().map(gap).collect()
    }
}

/// Asks one cluster the questions that the targets make, of each kind. `namespaces` are those to fall back to, beside
/// the targets' own.
pub async fn gather(
    asked: &Asked,
    targets: &[ServiceTarget],
    questions: &[Question],
    namespaces: &BTreeSet<String>,
) -> Snapshot {
    let mut fallback = namespaces.clone();
    fallback.extend(targets.iter().flat_map(|target| target.namespaces.iter().cloned()));
    let reads = join_all(KINDS.iter().map(|kind| read_kind(asked, kind, targets, questions, &fallback)));
    let index = TargetIndex::new(targets);
    let mut snapshot = Snapshot::default();
    let mut seen = HashSet::new();
    for read in reads.await {
        keep(&mut snapshot.objects, &mut seen, read.objects);
        snapshot.unread.extend(read.unread);
    }
    complete(asked, &index, &mut snapshot, &mut seen).await;
    snapshot.members = split(&snapshot.objects, &index);
    snapshot
}

/// Completes what was read by labels, of any source: see `complete`. Gives back what was found.
pub async fn further_objects(asked: &Asked, targets: &[ServiceTarget], objects: Vec<Object>) -> Vec<Object> {
    let index = TargetIndex::new(targets);
    let mut seen: HashSet<String> = objects.iter().map(identity).collect();
    let labelled = objects.len();
    let mut snapshot = Snapshot { objects, ..Snapshot::default() };
    complete(asked, &index, &mut snapshot, &mut seen).await;
    snapshot.objects.split_off(labelled)
}

/// Asks once more about the kinds that a cluster refused to list in all namespaces, in some namespaces.
pub async fn gather_within(
    asked: &Asked,
    targets: &[ServiceTarget],
    namespaces: &BTreeSet<String>,
    mut snapshot: Snapshot,
) -> Snapshot {
    let index = TargetIndex::new(targets);
    let mut seen: HashSet<String> = snapshot.objects.iter().map(identity).collect();
    let (refused, others): (Vec<UnreadKind>, Vec<UnreadKind>) = std::mem::take(&mut snapshot.unread)
        .into_iter()
        .partition(|unread| matches!(unread.why, Silence::Forbidden(_)));
    let reads = refused.into_iter().map(|unread| {
        let read = KindRead { objects: Vec::new(), unread: Some(unread) };
        read_within(asked, read, targets, namespaces)
    });
    for read in join_all(reads).await {
        keep(&mut snapshot.objects, &mut seen, read.objects);
        snapshot.unread.extend(read.unread);
    }
    snapshot.unread.extend(others);
    complete(asked, &index, &mut snapshot, &mut seen).await;
    snapshot.members = split(&snapshot.objects, &index);
    snapshot
}

/// What came of asking for one kind.
#[derive(Default)]
struct KindRead {
    objects: Vec<Object>,
    unread: Option<UnreadKind>,
}

async fn read_kind(
    asked: &Asked,
    kind: &'static Kind,
    targets: &[ServiceTarget],
    questions: &[Question],
    fallback: &BTreeSet<String>,
) -> KindRead {
    let read = read_all(asked, kind, questions).await;
    let Some(why) = read.unread.as_ref().map(|unread| unread.why.clone()) else { return read };
    if kind.optional && matches!(why, Silence::Forbidden(_)) && !is_served(asked, kind).await {
        return KindRead { unread: None, ..read };
    }
    if !matches!(why, Silence::Forbidden(_)) {
        return read;
    }
    read_within(asked, read, targets, fallback).await
}

/// Reads a kind that was refused in namespaces one by one.
async fn read_within(
    asked: &Asked,
    mut read: KindRead,
    targets: &[ServiceTarget],
    namespaces: &BTreeSet<String>,
) -> KindRead {
    let Some(kind) = read.unread.as_ref().map(|unread| unread.kind) else { return read };
    for namespace in namespaces {
        let here = BTreeSet::from([namespace.clone()]);
        let one = read_all(asked, kind, &questions_within(targets, &here)).await;
        read.objects.extend(one.objects);
        if let (None, Some(unread)) = (&one.unread, &mut read.unread) {
            unread.covered.insert(namespace.clone());
        }
    }
    let everything = |unread: &UnreadKind| targets.iter().all(|target| !unread.hides(target));
    if read.unread.as_ref().is_some_and(everything) {
        read.unread = None;
    }
    read
}

/// Asks the questions for one kind at the same time; the first trouble is the kind's.
async fn read_all(asked: &Asked, kind: &'static Kind, questions: &[Question]) -> KindRead {
    let mut read = KindRead::default();
    for (objects, end) in join_all(questions.iter().map(|question| list(asked, kind, question))).await {
        read.objects.extend(objects);
        if let Err(why) = end {
            read.unread.get_or_insert(UnreadKind { kind, why, covered: BTreeSet::new() });
        }
    }
    read
}

/// The objects that arrived, and how the list ended. An absent CRD has no objects and that is no trouble.
pub async fn list(
    asked: &Asked,
    kind: &'static Kind,
    question: &Question,
) -> (Vec<Object>, Result<(), Silence>) {
    let selector = (!question.selector.is_everything()).then(|| question.selector.to_string());
    let request = ListRequest {
        resource: kind.resource(),
        namespace: question.namespace.as_deref(),
        selector: selector.as_deref(),
        field_selector: None,
    };
    let mut objects = Vec::new();
    let mut odd = None;
    let end = asked
        .list_of_cache(&request, &mut |item| {
            asked.keep(item)?;
            let (object, what) = no_number(|| kind.observe(item));
            let object = object?;
            match what {
                None => objects.push(object),
                // What would be taken from it is not known: better none of it than a default told as a fact.
                Some(what) => drop(odd.get_or_insert_with(|| (meta(&object).name.clone(), what))),
            }
            Ok(())
        })
        .await;
    if let (Ok(ListEnd::Whole { .. }), Some((name, what))) = (&end, odd) {
        let name = crate::text::safe(&name);
        let text = format!("{} {name} has {} where a number belongs", kind.name, crate::text::safe(&what));
        return (objects, Err(Silence::Protocol(text)));
    }
    let end = match end {
        Ok(ListEnd::NotServed) if !kind.optional => {
            Err(Silence::Protocol(format!("{} are not served", kind.plural)))
        }
        Ok(_) => Ok(()),
        Err(why) => Err(why),
    };
    (objects, end)
}

/// Whether discovery lists a kind: a refusal comes before the answer that there is no such kind.
pub async fn is_served(asked: &Asked, kind: &Kind) -> bool {
    let Ok(Some(text)) = asked.discovery(&kind.resource()).await else { return false };
    let Ok(list) = serde_json::from_str::<serde_json::Value>(&text) else { return false };
    let resources = list["resources"].as_array();
    resources.is_some_and(|all| all.iter().any(|resource| resource["name"] == kind.plural))
}

/// Reads what belongs to the selected objects without carrying their label: the pods and ReplicaSets of a
/// selected workload by its own selector, and the owners of what was selected by their names.
async fn complete(
    asked: &Asked,
    index: &TargetIndex<'_>,
    snapshot: &mut Snapshot,
    seen: &mut HashSet<String>,
) {
    // Two steps at most: a CronJob's Jobs, and their pods.
    for _ in 0..2 {
        let down = downward(&snapshot.objects, index);
        let reads = join_all(down.iter().map(|(kind, question)| list(asked, kind, question)));
        let found: Vec<Object> = reads.await.into_iter().flat_map(|(objects, _)| objects).collect();
        let owned = owned(found, &snapshot.objects);
        let before = snapshot.objects.len();
        keep(&mut snapshot.objects, seen, owned);
        if snapshot.objects.len() == before {
            break;
        }
    }
    // Two steps at most: a pod's ReplicaSet or Job, and that one's Deployment, Rollout or CronJob.
    for _ in 0..2 {
        let up = upward(&snapshot.objects);
        if up.is_empty() {
            break;
        }
        let reads = join_all(up.iter().map(|(kind, namespace, name)| get(asked, kind, namespace, name)));
        let found: Vec<Object> = reads.await.into_iter().flatten().collect();
        if found.is_empty() {
            break;
        }
        keep(&mut snapshot.objects, seen, found);
    }
}

/// Those of the found objects that something known, or found with them, runs.
fn owned(found: Vec<Object>, known: &[Object]) -> Vec<Object> {
    let uids: HashSet<String> = known.iter().chain(&found).map(|object| meta(object).uid.clone()).collect();
    let is_owned = |object: &Object| meta(object).controller().is_some_and(|owner| uids.contains(&owner.uid));
    found.into_iter().filter(is_owned).collect()
}

fn keep(all: &mut Vec<Object>, seen: &mut HashSet<String>, objects: Vec<Object>) {
    all.extend(objects.into_iter().filter(|object| seen.insert(identity(object))));
}

/// What tells an object from all others of its cluster.
pub fn identity(object: &Object) -> String {
    let (kind, meta) = match object {
        Object::Pod(pod) => ("Pod", &pod.meta),
        Object::Workload(workload) => (workload.kind, &workload.meta),
    };
    match meta.uid.as_str() {
        "" => format!("{kind}/{}/{}", meta.namespace, meta.name),
        uid => uid.to_string(),
    }
}

/// The questions for pods and ReplicaSets (Jobs, of a CronJob) that a selected workload runs but no
/// target's labels select.
fn downward(objects: &[Object], index: &TargetIndex) -> Vec<(&'static Kind, Question)> {
    let mut selectors: BTreeMap<(&'static str, &str), Vec<Selector>> = BTreeMap::new();
    let owners: HashSet<&str> =
        objects.iter().filter_map(|object| Some(meta(object).controller()?.uid.as_str())).collect();
    let pods = pods_of(objects);
    for workload in objects.iter().filter_map(workload) {
        let namespace = workload.meta.namespace.as_str();
        let has_children = owners.contains(workload.meta.uid.as_str());
        let complete = match &workload.body {
            Body::CronJob { .. } => has_children,
            // A pod that is older than the label in its template does not carry it (OnDelete, a paused rollout).
            _ => {
                let found = pods.get(workload.meta.uid.as_str()).copied().unwrap_or_default();
                workload.counted_pods() <= found && template_is_selected(workload, index)
            }
        };
        if complete {
            continue;
        }
        let Some(selector) = own_selector(workload) else { continue };
        for kind in below(workload) {
            selectors.entry((kind, namespace)).or_default().push(selector.clone());
        }
    }
    let questions = selectors.into_iter().filter_map(|((name, namespace), selectors)| {
        let kind = kind(name)?;
        let merged = crate::selector::merge(&selectors, usize::MAX).into_iter();
        Some(
            merged.map(move |selector| (kind, Question { namespace: Some(namespace.to_string()), selector })),
        )
    });
    questions.flatten().collect()
}

fn workload(object: &Object) -> Option<&Workload> {
    match object {
        Object::Workload(workload) => Some(workload),
        Object::Pod(_) => None,
    }
}

/// How many pods each workload runs, by its uid: its own, and those of what it owns.
fn pods_of(objects: &[Object]) -> HashMap<&str, i64> {
    let owner = |object| meta(object).controller().map(|owner| owner.uid.as_str());
    let mut own: HashMap<&str, i64> = HashMap::new();
    for pod in objects.iter().filter(|object| matches!(object, Object::Pod(_))) {
        if let Some(owner) = owner(pod) {
            *own.entry(owner).or_default() += 1;
        }
    }
    let mut all = own.clone();
    for set in objects.iter().filter(|object| matches!(object, Object::Workload(_))) {
        if let (Some(owner), Some(pods)) = (owner(set), own.get(meta(set).uid.as_str())) {
            *all.entry(owner).or_default() += pods;
        }
    }
    all
}

/// Whether whoever selects the workload selects its pods too.
fn template_is_selected(workload: &Workload, index: &TargetIndex) -> bool {
    let template = Meta {
        namespace: workload.meta.namespace.clone(),
        labels: workload.template().labels.clone(),
        ..Meta::default()
    };
    let mut selecting = index.selecting(&workload.meta).peekable();
    selecting.peek().is_some() && selecting.all(|target| index.target(target).selects(&template))
}

/// What a workload asks its own pods by. A CronJob has no selector: its Jobs carry the template's labels.
fn own_selector(workload: &Workload) -> Option<Selector> {
    if let Body::CronJob { .. } = &workload.body {
        return Some(Selector::default());
    }
    let selector: serde_json::Value = serde_json::from_str(workload.selector()?).ok()?;
    Selector::from_label_selector(&selector).ok().filter(|selector| !selector.is_everything())
}

/// The kinds that are asked below a workload: what its controller creates, and pods, where a selector finds them.
fn below(workload: &Workload) -> impl Iterator<Item = &'static str> {
    let created = kind(workload.kind).map_or(&[][..], |kind| kind.creates);
    let pods = workload.selector().filter(|_| !created.contains(&"Pod")).map(|_| "Pod");
    created.iter().copied().chain(pods)
}

/// Owners that are not among the objects, of kinds that run pods.
fn upward(objects: &[Object]) -> BTreeSet<(&'static str, String, String)> {
    let known: HashSet<&str> = objects.iter().map(|object| meta(object).uid.as_str()).collect();
    let absent = |object: &Object| -> Option<(&'static str, String, String)> {
        let meta = meta(object);
        let owner: &OwnerRef = meta.controller()?;
        let kind = kind(&owner.kind).filter(|kind| kind.group == owner.group())?;
        let unknown = !known.contains(owner.uid.as_str());
        unknown.then(|| (kind.name, meta.namespace.to_string(), owner.name.clone()))
    };
    objects.iter().filter_map(absent).collect()
}

async fn get(asked: &Asked, kind_name: &str, namespace: &str, name: &str) -> Option<Object> {
    let kind = kind(kind_name)?;
    let json = asked.object(&kind.resource(), Some(namespace), name).await.ok()??;
    kind.observe(&json).ok()
}
