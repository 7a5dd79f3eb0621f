//! One cluster's events of the services: one list for each namespace that their objects are in.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;

use crate::commands::events::belonging::Belonging;
use crate::fleet::{Asked, Gap, ListEnd, ListRequest, Silence};
use crate::survey::Snapshot;
use crate::workload::{Event, SupportingObject, later};

/// Past so many namespaces one list of the whole cluster's events is asked instead.
const MOST_NAMESPACES: usize = 16;

/// The events in one cluster, each with the services (by index) that it belongs to.
#[derive(Clone, Debug, Default)]
pub struct ClusterEvents {
    pub events: Vec<(Vec<usize>, Event)>,
    /// What each service has there, autoscalers included: for events still to come.
    pub belonging: Vec<Belonging>,
}

/// What each service has in a cluster.
pub fn belonging(snapshot: &Snapshot) -> Vec<Belonging> {
    let of = |members: &Vec<usize>| Belonging::of(members.iter().map(|member| &snapshot.objects[*member]));
    snapshot.members.iter().map(of).collect()
}

/// Where to ask for events: the namespaces one by one, or everywhere (`None`).
pub fn places(belonging: &[Belonging]) -> Vec<Option<String>> {
    let namespaces: BTreeSet<&str> = belonging.iter().flat_map(Belonging::namespaces).collect();
    match namespaces.len() > MOST_NAMESPACES {
        true => vec![None],
        false => namespaces.into_iter().map(|namespace| Some(namespace.to_string())).collect(),
    }
}

/// Asks for the events about what a cluster holds of the services.
pub async fn events(asked: &Asked, snapshot: &Snapshot) -> (ClusterEvents, Vec<Gap>) {
    let mut found = ClusterEvents { events: Vec::new(), belonging: belonging(snapshot) };
    let mut gaps = Vec::new();
    let places = places(&found.belonging);
    let lists = places.iter().map(|place| list(asked, "Event", place.as_deref(), &found.belonging));
    let mut of_autoscalers = Vec::new();
    for (items, end) in join_all(lists).await {
        for item in items {
            let SupportingObject::Event(event) = item else { continue };
            match owners(&found.belonging, &event) {
                services if !services.is_empty() => found.events.push((services, event)),
                _ => of_autoscalers.push(event),
            }
        }
        gaps.extend(end.err().map(|why| Gap::kind("events", why)));
    }
    if !of_autoscalers.is_empty() {
        gaps.extend(add_autoscalers(asked, &mut found.belonging, &of_autoscalers).await);
        let mine = of_autoscalers.into_iter().map(|event| (owners(&found.belonging, &event), event));
        found.events.extend(mine.filter(|(services, _)| !services.is_empty()));
    }
    gaps.dedup();
    (found, gaps)
}

/// Autoscalers are asked for only where one of them has something to say: their target tells whose they are.
async fn add_autoscalers(asked: &Asked, belonging: &mut [Belonging], events: &[Event]) -> Option<Gap> {
    let namespaces: BTreeSet<&str> = events.iter().map(|event| event.about.namespace.as_str()).collect();
    let lists =
        namespaces.iter().map(|namespace| list(asked, "HorizontalPodAutoscaler", Some(namespace), &[]));
    let mut gap = None;
    for (items, end) in join_all(lists).await {
        for item in items {
            let SupportingObject::Autoscaler(autoscaler) = item else { continue };
            let (target, meta) = (&autoscaler.spec.scale_target_ref, &autoscaler.meta);
            for one in
                belonging.iter_mut().filter(|one| one.knows(&target.kind, &meta.namespace, &target.name))
            {
                one.add("HorizontalPodAutoscaler", &meta.namespace, &meta.name);
            }
        }
        gap = gap.or(end.err().map(|why| Gap::kind("horizontalpodautoscalers", why)));
    }
    gap
}

/// The services that an event belongs to.
pub fn owners(belonging: &[Belonging], event: &Event) -> Vec<usize> {
    let mut about = event.about.clone();
    if about.namespace.is_empty() {
        about.namespace = event.meta.namespace.to_string();
    }
    (0..belonging.len()).filter(|service| belonging[*service].has(&about)).collect()
}

/// The items of a list, as far as it came. Events about nothing that is known are dropped as they arrive: a namespace
/// may hold many thousands.
async fn list(
    asked: &Asked,
    name: &str,
    namespace: Option<&str>,
    belonging: &[Belonging],
) -> (Vec<SupportingObject>, Result<(), Silence>) {
    let Some(kind) = later(name) else { return (Vec::new(), Ok(())) };
    let resource = kind.resource();
    let request = ListRequest { resource, namespace, selector: None, field_selector: None };
    let mut items = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let end = asked
        .list(&request, &mut |json| {
            let item = kind.observe(json)?;
            if let SupportingObject::Event(event) = &item {
                let autoscaler = event.about.kind == "HorizontalPodAutoscaler";
                if !autoscaler && owners(belonging, event).is_empty() {
                    return Ok(());
                }
                let uid = event.meta.uid.clone();
                if !uid.is_empty() && seen.insert(uid, items.len()).is_some() {
                    return Ok(());
                }
            }
            asked.keep(json)?;
            items.push(item);
            Ok(())
        })
        .await;
    let end = match end {
        Ok(ListEnd::NotServed) => Err(Silence::Protocol(format!("{} are not served", kind.plural))),
        Ok(_) => Ok(()),
        Err(why) => Err(why),
    };
    (items, end)
}
