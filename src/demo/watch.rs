//! Watches: what is there, then silence, for nothing changes in a simulated cluster.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::demo::cluster::Cluster;
use crate::demo::faults::FaultId;
use crate::demo::listing::{self, Form};
use crate::demo::paging;
use crate::demo::refusal;
use crate::demo::reply::{Payload, Reply};
use crate::demo::request::{Call, Place};
use crate::demo::resource::Resource;
use crate::demo::store::Object;
use crate::demo::table::{self, Include};

/// How long a watch lasts that names no time, and how often it says that it is alive.
const LONGEST: Duration = Duration::from_secs(45 * 60);
const BOOKMARK_EVERY: Duration = Duration::from_secs(60);

pub fn answer(
    cluster: &Arc<Cluster>,
    call: &Call,
    place: &Place,
    resource: &Resource,
) -> Result<Reply, Reply> {
    let form = listing::form(call)?;
    let include = table::include(call)?;
    let selection = listing::selection(call, resource)?;
    let seconds = call.number("timeoutSeconds")?.and_then(|seconds| u64::try_from(seconds).ok());
    let revision = paging::watch_revision(call)?;
    let initial = initial_events(call)?;
    let bookmarks = call.flag("allowWatchBookmarks");
    let mut lines = Vec::new();
    if cluster.faults_on(call, FaultId::Gone) && revision > 0 {
        return Ok(stream_of(vec![too_old(revision, cluster.store.revision)], None, Duration::ZERO));
    }
    // With initial events, or without a revision, the watch begins with all there is.
    let since = if initial { 0 } else { revision };
    for (_, object) in cluster.store.objects(resource, place.namespace.as_deref()) {
        if object.revision > since && selection.takes(object) {
            let first = lines.is_empty();
            let body = shown(resource, object, form, include, cluster, first);
            lines.push(event("ADDED", &body));
        }
    }
    if initial && bookmarks {
        lines.push(event("BOOKMARK", &bookmark(resource, form, cluster.store.revision, true)));
    }
    let alive =
        bookmarks.then(|| event("BOOKMARK", &bookmark(resource, form, cluster.store.revision, false)));
    let seconds = seconds.filter(|seconds| *seconds > 0);
    Ok(stream_of(lines, alive, seconds.map_or(LONGEST, Duration::from_secs)))
}

/// Whether the events that are already there are asked for by name, with the rules that go with it.
fn initial_events(call: &Call) -> Result<bool, Reply> {
    let wanted = call.option("sendInitialEvents").is_some();
    if wanted && call.option("resourceVersionMatch") != Some("NotOlderThan") {
        let problem = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
        return Err(refusal::invalid(
            "meta.k8s.io",
            "ListOptions",
            "",
            "resourceVersionMatch",
            "FieldValueForbidden",
            problem,
        ));
    }
    Ok(call.flag("sendInitialEvents"))
}

fn event(kind: &str, object: &Value) -> Bytes {
    format!("{}\n", json!({"type": kind, "object": object})).into()
}

fn shown(
    resource: &Resource,
    object: &Object,
    form: Form,
    include: Include,
    cluster: &Cluster,
    first: bool,
) -> Value {
    match form {
        Form::Whole => object.value.clone(),
        Form::Metadata => object.partial(),
        Form::Table => {
            let mut metadata = Map::new();
            metadata.insert("resourceVersion".into(), object.revision.to_string().into());
            let mut table = table::table(resource, &[object], &metadata, include, cluster.clock.now());
            if !first {
                table["columnDefinitions"] = Value::Null;
            }
            table
        }
    }
}

/// A sign of life, in the form that the objects have; `end` marks the last of the initial events.
fn bookmark(resource: &Resource, form: Form, revision: u64, end: bool) -> Value {
    let mut metadata = json!({"resourceVersion": revision.to_string()});
    if end {
        metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
    }
    match form {
        Form::Metadata => {
            json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata})
        }
        Form::Table => {
            let object = json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata});
            json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": revision.to_string()},
                "columnDefinitions": null, "rows": [{"cells": [], "object": object}]})
        }
        Form::Whole => {
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

type Lines = Pin<Box<dyn Stream<Item = Result<Bytes, Infallible>> + Send>>;

/// The lines, then a bookmark now and then and shortly before the end, then the clean end.
fn stream_of(lines: Vec<Bytes>, alive: Option<Bytes>, lasts: Duration) -> Reply {
    let started = stream::iter(lines.into_iter().map(Ok));
    let rest: Lines = Box::pin(stream::unfold((lasts, alive), |(left, alive)| async move {
        let last = left.saturating_sub(Duration::from_secs(2));
        match &alive {
            Some(bookmark) if !last.is_zero() => {
                let pause = last.min(BOOKMARK_EVERY);
                tokio::time::sleep(pause).await;
                let left = left - pause;
                let alive = if left <= Duration::from_secs(2) { None } else { alive.clone() };
                Some((Ok(bookmark.clone()), (left, alive)))
            }
            _ => {
                tokio::time::sleep(left).await;
                None
            }
        }
    }));
    Reply::new(StatusCode::OK, "application/json", Payload::Stream(Box::pin(started.chain(rest))))
}
