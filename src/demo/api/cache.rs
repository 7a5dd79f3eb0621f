//! The search cache of a Karmada hub, with what a real one takes no notice of: limits, field selectors, Tables and the member's own rules.

use http::StatusCode;
use http::request::Parts;
use serde_json::{Value, json};

use crate::demo::api::listing::selection;
use crate::demo::api::members::Members;
use crate::demo::api::refusal::{self, Denied};
use crate::demo::api::reply::Reply;
use crate::demo::api::request::{self, RequestTarget};
use crate::demo::timeline::content::ClusterContent;

const CACHE: &str = "/apis/search.karmada.io/v1alpha1/search/cache";
const OF_MEMBER: &str = "resource.karmada.io/cached-from-cluster";

/// The answer for all members in one list; nothing where the request is for something else.
pub fn answer(hub: &ClusterContent, members: &Members, parts: &Parts) -> Option<Reply> {
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let rest = path.strip_prefix(CACHE).filter(|rest| rest.starts_with('/'))?;
    if members.is_empty() {
        return None;
    }
    Some(search(hub, members, parts, rest).unwrap_or_else(|refusal| refusal))
}

fn search(hub: &ClusterContent, members: &Members, parts: &Parts, rest: &str) -> Result<Reply, Reply> {
    let mut parts = parts.clone();
    parts.uri = rest.parse().map_err(|_| refusal::no_such_path())?;
    let mut call = request::parse(&parts);
    call.query.retain(|key, _| key == "labelSelector");
    if let Some(refusal) = crate::demo::api::access::credential(&call) {
        return Err(refusal);
    }
    if !hub.rules.allow("search.karmada.io", "search", None) {
        return Err(refusal::forbidden(&Denied {
            user: crate::demo::api::access::user(&call),
            verb: "get",
            group: "search.karmada.io",
            plural: "search",
            subresource: Some("api"),
            name: Some("cache"),
            namespace: None,
        }));
    }
    let RequestTarget::Resource(place) = &call.target else { return Err(refusal::no_such_path()) };
    let mut found = None;
    let mut items = Vec::new();
    for (name, live) in members {
        let member = live.now();
        let Some(resource) = member.store.resource(&place.group, &place.version, &place.plural) else {
            continue;
        };
        let selection = selection(&call, resource)?;
        found.get_or_insert_with(|| (resource.kind.clone(), resource.api_version()));
        for (_, object) in member.store.objects(resource, place.namespace.as_deref()) {
            if selection.takes(object) {
                let mut item = object.value.clone();
                item["metadata"]["annotations"][OF_MEMBER] = Value::from(name.as_str());
                items.push(item);
            }
        }
    }
    let Some((kind, api_version)) = found else {
        let error = format!("no matches for {}/{}, Resource={}", place.group, place.version, place.plural);
        return Ok(Reply::json(StatusCode::INTERNAL_SERVER_ERROR, &json!({"error": error})));
    };
    let list =
        json!({"kind": format!("{kind}List"), "apiVersion": api_version, "metadata": {}, "items": items});
    Ok(Reply::json(StatusCode::OK, &list))
}
