//! Watches: what is there, and then what changes, as it happens.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http::StatusCode;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::demo::api::listing::{self, ListingForm, Selection};
use crate::demo::api::paging;
use crate::demo::api::refusal;
use crate::demo::api::reply::{Payload, Reply};
use crate::demo::api::request::{Call, ResourcePath};
use crate::demo::faults::{FaultEffect, FaultId};
use crate::demo::printer::table::{self, Include};
use crate::demo::state::change::ObjectChange;
use crate::demo::state::object::StoredObject;
use crate::demo::state::resource::ServedResource;
use crate::demo::state::store::Store;
use crate::demo::timeline::content::ClusterContent;
use crate::demo::timeline::live::Following;

/// How long a watch lasts that names no time, and how often it says that it is alive.
const LONGEST: Duration = Duration::from_secs(45 * 60);
const BOOKMARK_EVERY: Duration = Duration::from_secs(60);
const BEFORE_END: Duration = Duration::from_secs(2);

pub fn answer(
    cluster: &Arc<ClusterContent>,
    call: &Call,
    place: &ResourcePath,
    resource: &ServedResource,
    following: Following,
) -> Result<Reply, Reply> {
    let telling = Telling {
        resource: resource.clone(),
        namespace: place.namespace.clone(),
        selection: listing::selection(call, resource)?,
        form: listing::form(call)?,
        include: listing::include(call)?,
    };
    let seconds = call.number("timeoutSeconds")?.and_then(|seconds| u64::try_from(seconds).ok());
    let revision = paging::watch_revision(call)?;
    let initial = initial_events(call)?;
    let bookmarks = call.flag("allowWatchBookmarks");
    let lasts = seconds.filter(|seconds| *seconds > 0).map_or(LONGEST, Duration::from_secs);
    let begun = Instant::now();
    let mut watch = Watch {
        telling,
        following,
        ready: VecDeque::new(),
        is_first: true,
        told: revision,
        end: begun + lasts,
        next_bookmark: bookmarks.then(|| next_bookmark(begun, begun + lasts)).flatten(),
    };
    if call.meets(FaultId::Gone) && revision > 0 {
        watch.ready.push_back(too_old(revision, cluster.store.revision));
        (watch.end, watch.next_bookmark) = (begun, None);
        return Ok(watch.reply());
    }
    // With initial events, or without a revision, the watch begins with all there is.
    if initial || revision == 0 {
        let objects = cluster.store.objects(resource, place.namespace.as_deref());
        objects.into_iter().for_each(|(_, object)| watch.tell(cluster, "ADDED", object));
        watch.told = cluster.store.revision;
    } else {
        let objects = before_changes(&cluster.store, resource, place.namespace.as_deref());
        let newer = objects.iter().filter(|object| object.revision > revision);
        newer.for_each(|object| watch.tell(cluster, "ADDED", object));
        watch.catch_up(cluster);
    }
    if initial && bookmarks {
        watch.ready.push_back(watch.telling.bookmark(cluster.store.revision, true));
    }
    Ok(watch.reply())
}

/// The objects as the cluster was read.
fn before_changes<'a>(
    store: &'a Store,
    resource: &ServedResource,
    namespace: Option<&str>,
) -> Vec<&'a StoredObject> {
    let kept = (resource.group.clone(), resource.plural.clone());
    let mut objects: BTreeMap<&str, Option<&StoredObject>> = BTreeMap::new();
    // The first change of each tells what it was.
    for change in store.changes.iter().filter(|change| change.kept == kept) {
        let Some(object) = change.before.as_deref().or(change.after.as_deref()) else { continue };
        if namespace.is_none() || object.namespace.as_deref() == namespace {
            objects.entry(&change.key).or_insert(change.before.as_deref());
        }
    }
    for (key, object) in store.objects(resource, namespace) {
        objects.entry(key).or_insert(Some(object));
    }
    objects.into_values().flatten().collect()
}

/// Whether the events that are already there are asked for by name, with the rules that go with it.
fn initial_events(call: &Call) -> Result<bool, Reply> {
    let wanted = call.option("sendInitialEvents").is_some();
    if wanted && call.option("resourceVersionMatch") != Some("NotOlderThan") {
        let problem = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
        return Err(refusal::list_option("resourceVersionMatch", problem));
    }
    Ok(call.flag("sendInitialEvents"))
}

fn event(kind: &str, object: &Value) -> Bytes {
    format!("{}\n", json!({"type": kind, "object": object})).into()
}

/// What a watch tells, and in which form.
struct Telling {
    resource: ServedResource,
    namespace: Option<String>,
    selection: Selection,
    form: ListingForm,
    include: Include,
}

impl Telling {
    /// The columns of a table stand only with the first event.
    fn shown(&self, object: &StoredObject, cluster: &ClusterContent, is_first: bool) -> Value {
        match self.form {
            ListingForm::Whole => object.value.clone(),
            ListingForm::Metadata => object.partial(),
            ListingForm::Table => {
                let mut metadata = Map::new();
                metadata.insert("resourceVersion".into(), object.revision.to_string().into());
                let now = cluster.clock.now();
                let mut table = table::table(&self.resource, &[object], &metadata, self.include, now);
                if !is_first {
                    table["columnDefinitions"] = Value::Null;
                }
                table
            }
        }
    }

    fn takes(&self, object: &StoredObject) -> bool {
        let is_inside = self.namespace.is_none() || object.namespace == self.namespace;
        is_inside && self.selection.takes(object)
    }

    fn is_about(&self, change: &ObjectChange) -> bool {
        (change.kept.0.as_str(), change.kept.1.as_str()) == (&self.resource.group, &self.resource.plural)
    }

    fn bookmark(&self, revision: u64, end: bool) -> Bytes {
        event("BOOKMARK", &bookmark(&self.resource, self.form, revision, end))
    }
}

/// A watch that is open.
struct Watch {
    telling: Telling,
    following: Following,
    ready: VecDeque<Bytes>,
    is_first: bool,
    /// All changes up to this revision are told.
    told: u64,
    end: Instant,
    /// Where they are wanted, and one is still to come.
    next_bookmark: Option<Instant>,
}

impl Watch {
    fn reply(self) -> Reply {
        let lines = stream::unfold(self, |mut watch| async move {
            let line = watch.next().await?;
            Some((Ok::<_, Infallible>(line), watch))
        });
        Reply::new(StatusCode::OK, "application/json", Payload::Stream(Box::pin(lines)))
    }

    /// The next line; None at the end of its time, or where a fault ends it.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let cluster = self.following.borrow_and_update().clone();
            match cluster.fault_of(Some(&self.telling.resource.plural)).map(FaultId::effect) {
                Some(FaultEffect::End) => return None,
                Some(FaultEffect::Stall) => {
                    // Nothing is lost: it is told when the fault is mended.
                    self.following.changed().await.ok()?;
                    continue;
                }
                _ => self.catch_up(&cluster),
            }
            if let Some(line) = self.ready.pop_front() {
                return Some(line);
            }
            let bookmark = self.next_bookmark.unwrap_or(self.end);
            tokio::select! {
                changed = self.following.changed() => changed.ok()?,
                () = tokio::time::sleep_until(self.end.min(bookmark)) => {
                    let at = self.next_bookmark.filter(|at| *at <= self.end)?;
                    self.next_bookmark = next_bookmark(at, self.end);
                    return Some(self.telling.bookmark(self.told, false));
                }
            }
        }
    }

    /// Tells what has changed: for a selection, what begins to belong to it is added, and what ends to, deleted.
    fn catch_up(&mut self, cluster: &ClusterContent) {
        let since = self.told;
        for change in cluster.store.changes.iter().filter(|change| change.revision > since) {
            if !self.telling.is_about(change) {
                continue;
            }
            let was = change.before.as_ref().is_some_and(|object| self.telling.takes(object));
            match change.after.as_ref().filter(|object| self.telling.takes(object)) {
                Some(object) => self.put(cluster, if was { "MODIFIED" } else { "ADDED" }, object),
                None if was => {
                    if let Some(last) = change.last() {
                        self.put(cluster, "DELETED", &last);
                    }
                }
                None => {}
            }
        }
        self.told = self.told.max(cluster.store.revision);
    }

    fn tell(&mut self, cluster: &ClusterContent, kind: &str, object: &StoredObject) {
        if self.telling.takes(object) {
            self.put(cluster, kind, object);
        }
    }

    fn put(&mut self, cluster: &ClusterContent, kind: &str, object: &StoredObject) {
        let body = self.telling.shown(object, cluster, std::mem::replace(&mut self.is_first, false));
        self.ready.push_back(event(kind, &body));
    }
}

/// A bookmark now and then, and one shortly before the end.
fn next_bookmark(after: Instant, end: Instant) -> Option<Instant> {
    let last = end.checked_sub(BEFORE_END).filter(|last| *last > after)?;
    Some(last.min(after + BOOKMARK_EVERY))
}

/// A sign of life, in the form that the objects have; `end` marks the last of the initial events.
fn bookmark(resource: &ServedResource, form: ListingForm, revision: u64, end: bool) -> Value {
    let mut metadata = json!({"resourceVersion": revision.to_string()});
    if end {
        metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
    }
    match form {
        ListingForm::Metadata => {
            json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata})
        }
        ListingForm::Table => {
            let object = json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata});
            json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": revision.to_string()},
                "columnDefinitions": null, "rows": [{"cells": [], "object": object}]})
        }
        ListingForm::Whole => {
            let mut object =
                json!({"kind": resource.kind, "apiVersion": resource.api_version(), "metadata": metadata});
            if resource.kind == "Pod" {
                // The typed server says so of every empty pod; decoders have to bear it.
                object["spec"] = json!({"containers": null});
                object["status"] = json!({});
            }
            object
        }
    }
}

fn too_old(revision: u64, current: u64) -> Bytes {
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": format!("too old resource version: {revision} ({current})"), "reason": "Expired", "code": 410});
    event("ERROR", &status)
}
