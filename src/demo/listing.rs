//! Lists and single objects: selection, pages, and the forms a client may ask for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::demo::faults::FaultId;
use crate::demo::fields::{self, Fields};
use crate::demo::refusal;
use crate::demo::reply::Reply;
use crate::demo::request::{Call, Place};
use crate::demo::resource::Resource;
use crate::demo::server::Cluster;
use crate::demo::store::{FIRST_REVISION, Object};
use crate::demo::table;
use crate::selector::Selector;

/// How the answer shall look, by `Accept`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Whole,
    Table,
    Metadata,
}

/// The first form of `Accept` that is served; an error where none is.
pub fn form(call: &Call) -> Result<Form, Reply> {
    if call.accept.is_empty() {
        return Ok(Form::Whole);
    }
    let served = call.accept.iter().find_map(|form| {
        let mut parts = form.split(';');
        let json = matches!(parts.next(), Some("application/json" | "*/*" | "application/*"));
        let kind = parts.find_map(|part| part.strip_prefix("as="));
        match kind {
            _ if !json => None,
            None => Some(Form::Whole),
            Some("Table") => Some(Form::Table),
            Some("PartialObjectMetadata" | "PartialObjectMetadataList") => Some(Form::Metadata),
            Some(_) => None,
        }
    });
    served.ok_or_else(refusal::not_acceptable)
}

/// What a list or a watch selects.
pub struct Selection {
    labels: Selector,
    fields: Fields,
}

/// Reads labelSelector and fieldSelector; a bad one is a 400.
pub fn selection(call: &Call, resource: &Resource) -> Result<Selection, Reply> {
    let labels = match call.option("labelSelector") {
        Some(text) => Selector::parse(text).map_err(|error| refusal::bad_request(&error.to_string()))?,
        None => Selector::default(),
    };
    let text = call.option("fieldSelector").unwrap_or_default();
    let fields = fields::parse(text, resource).map_err(|error| refusal::bad_request(&error))?;
    Ok(Selection { labels, fields })
}

impl Selection {
    pub fn takes(&self, object: &Object) -> bool {
        self.labels.matches(&object.labels) && self.fields.match_value(&object.value)
    }

    fn is_everything(&self) -> bool {
        self.labels.is_everything() && self.fields.is_everything()
    }
}

/// Answers a list.
pub fn list(cluster: &Cluster, call: &Call, place: &Place, resource: &Resource) -> Result<Reply, Reply> {
    let form = form(call)?;
    let selection = selection(call, resource)?;
    let page = page(cluster, call)?;
    let mut found = cluster.store.objects(resource, place.namespace.as_deref());
    found.retain(|(_, object)| selection.takes(object));
    found.retain(|(key, _)| page.start.as_deref().is_none_or(|start| token_key(place, key).as_str() > start));
    let rest = page.limit.filter(|limit| *limit > 0).map_or(0, |limit| found.len().saturating_sub(limit));
    found.truncate(found.len() - rest);
    let mut metadata = Map::new();
    metadata.insert("resourceVersion".into(), cluster.store.revision.to_string().into());
    if let (true, Some((key, _))) = (rest > 0, found.last()) {
        metadata.insert("continue".into(), token(cluster.store.revision as i64, &token_key(place, key)).into());
        if selection.is_everything() {
            metadata.insert("remainingItemCount".into(), rest.into());
        }
    }
    let objects: Vec<&Object> = found.into_iter().map(|(_, object)| object).collect();
    let body = match form {
        Form::Whole => whole_list(resource, &metadata, &objects),
        Form::Metadata => {
            let items: Vec<Value> = objects.iter().map(|object| partial(&object.value)).collect();
            let list = json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "items": items});
            format!("{list}\n")
        }
        Form::Table => {
            let include = table::include(call)?;
            let table = table::table(resource, &objects, &metadata, include, cluster.clock.now());
            format!("{table}\n")
        }
    };
    Ok(Reply::json_bytes(StatusCode::OK, body.into()))
}

/// The items are stored as text, so that a list of thousands costs a copy.
fn whole_list(resource: &Resource, metadata: &Map<String, Value>, objects: &[&Object]) -> String {
    let mut body = format!(
        "{{\"kind\":\"{}List\",\"apiVersion\":\"{}\",\"metadata\":{},\"items\":[",
        resource.kind,
        resource.api_version(),
        Value::Object(metadata.clone())
    );
    for (index, object) in objects.iter().enumerate() {
        if index > 0 {
            body.push(',');
        }
        body.push_str(&object.item);
    }
    body.push_str("]}\n");
    body
}

/// Answers a get.
pub fn get(cluster: &Cluster, call: &Call, place: &Place, resource: &Resource, name: &str) -> Result<Reply, Reply> {
    let form = form(call)?;
    let namespace = place.namespace.as_deref().filter(|_| resource.namespaced);
    let object = cluster.store.object(resource, namespace, name);
    let object = object.ok_or_else(|| refusal::not_found(&resource.group, &resource.plural, name))?;
    let body = match form {
        Form::Whole => object.value.clone(),
        Form::Metadata => partial(&object.value),
        Form::Table => {
            let mut metadata = Map::new();
            metadata.insert("resourceVersion".into(), object.revision.to_string().into());
            table::table(resource, &[object], &metadata, table::include(call)?, cluster.clock.now())
        }
    };
    Ok(Reply::json(StatusCode::OK, &body))
}

/// An object as its metadata only.
pub fn partial(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

struct Page {
    limit: Option<usize>,
    /// The last key of the page before.
    start: Option<String>,
}

/// Reads limit, continue and the resource version, in the server's order of complaint.
fn page(cluster: &Cluster, call: &Call) -> Result<Page, Reply> {
    let number = |text: &str| {
        text.parse::<i64>().map_err(|_| refusal::bad_request(&format!("strconv.ParseInt: parsing \"{text}\": invalid syntax")))
    };
    let limit = call.option("limit").map(number).transpose()?.map(|limit| usize::try_from(limit).unwrap_or(0));
    let revision = revision(call)?;
    check_match(call)?;
    if let Some(token) = call.option("continue") {
        if revision.is_some_and(|revision| revision > 0) {
            return Err(refusal::bad_request("specifying resource version is not allowed when using continue"));
        }
        let (revision, start) = read_token(token).map_err(|problem| refusal::bad_request(&format!("invalid continue token: {problem}")))?;
        let gone = cluster.faults_on(call, FaultId::Gone) || revision < FIRST_REVISION as i64;
        if gone && revision >= 0 {
            return Err(expired(&start));
        }
        return Ok(Page { limit, start: Some(start) });
    }
    if call.option("resourceVersionMatch") == Some("Exact") && revision.is_some_and(|revision| revision < FIRST_REVISION) {
        return Err(refusal::status(410, "Expired", "The resourceVersion for the provided list is too old.", None));
    }
    // The cache, which answers resourceVersion=0, does not count pages.
    Ok(Page { limit: limit.filter(|_| revision != Some(0)), start: None })
}

/// The `resourceVersion` of a list or watch.
pub fn revision(call: &Call) -> Result<Option<u64>, Reply> {
    let Some(text) = call.option("resourceVersion") else { return Ok(None) };
    let problem = format!(
        "invalid resource version: resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax"
    );
    text.parse().map(Some).map_err(|_| refusal::bad_request(&problem))
}

fn check_match(call: &Call) -> Result<(), Reply> {
    if call.option("resourceVersionMatch").is_none() || call.option("resourceVersion").is_some() {
        return Ok(());
    }
    let problem = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided";
    Err(refusal::invalid("meta.k8s.io", "ListOptions", "", "resourceVersionMatch", "FieldValueForbidden", problem))
}

/// A page's key begins with a slash, and leaves out the namespace that the path names.
fn token_key(place: &Place, key: &str) -> String {
    match (&place.namespace, key.split_once('/')) {
        (Some(_), Some((_, name))) => format!("/{name}"),
        _ => format!("/{key}"),
    }
}

fn token(revision: i64, key: &str) -> String {
    let content = json!({"v": "meta.k8s.io/v1", "rv": revision, "start": format!("{key}\u{0}")});
    URL_SAFE_NO_PAD.encode(content.to_string())
}

fn read_token(token: &str) -> Result<(i64, String), &'static str> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| "continue key is not valid: illegal base64 data")?;
    let content: Value = serde_json::from_slice(&bytes).map_err(|_| "continue key is not valid: invalid character")?;
    let start = content["start"].as_str().ok_or("continue key is not valid: encoded start key empty")?;
    let start = format!("/{}", start.trim_start_matches('/').trim_end_matches('\u{0}'));
    Ok((content["rv"].as_i64().unwrap_or_default(), start))
}

/// A page that is asked for too late; the token in the answer goes on inconsistently.
fn expired(start: &str) -> Reply {
    let message = "The provided continue parameter is too old to display a consistent list result. You can start a new list without \
                   the continue parameter, or use the continue token in this response to retrieve the remainder of the results. \
                   Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted \
                   between the time the first chunk was returned and now may show up in the list.";
    let body = json!({"kind": "Status", "apiVersion": "v1", "metadata": {"continue": token(-1, start)}, "status": "Failure",
        "message": message, "reason": "Expired", "code": 410});
    Reply::json(StatusCode::GONE, &body)
}

#[cfg(test)]
mod tests {
    use super::{read_token, token};

    #[test]
    fn tokens_are_the_servers() {
        let text = token(3126, "/svc-0000-vl8wfftlxd-9rm6m");
        assert_eq!(text, "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MzEyNiwic3RhcnQiOiIvc3ZjLTAwMDAtdmw4d2ZmdGx4ZC05cm02bVx1MDAwMCJ9");
        assert_eq!(read_token(&text), Ok((3126, "/svc-0000-vl8wfftlxd-9rm6m".to_string())));
        assert!(read_token("garbage").is_err() && read_token("").is_err() && read_token("e30").is_err());
    }
}
