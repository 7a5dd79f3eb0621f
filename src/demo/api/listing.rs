//! Lists and single objects: selection, pages, and the forms a client may ask for.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::demo::api::fields::{self, FieldSelector};
use crate::demo::api::paging::{page, token, token_key};
use crate::demo::api::refusal;
use crate::demo::api::reply::Reply;
use crate::demo::api::request::{Call, ResourcePath};
use crate::demo::faults::FaultId;
use crate::demo::printer::table::{self, Include};
use crate::demo::state::object::StoredObject;
use crate::demo::state::resource::ServedResource;
use crate::demo::timeline::content::ClusterContent;
use crate::selector::Selector;

/// How the answer shall look, by `Accept`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingForm {
    Whole,
    Table,
    Metadata,
}

/// The first form of `Accept` that is served; an error where none is.
pub fn form(call: &Call) -> Result<ListingForm, Reply> {
    if call.accept.is_empty() {
        return Ok(ListingForm::Whole);
    }
    let served = call.accept.iter().find_map(|form| {
        let mut parts = form.split(';');
        let json = matches!(parts.next(), Some("application/json" | "*/*" | "application/*"));
        let kind = parts.find_map(|part| part.strip_prefix("as="));
        match kind {
            _ if !json => None,
            None => Some(ListingForm::Whole),
            Some("Table") => Some(ListingForm::Table),
            Some("PartialObjectMetadata" | "PartialObjectMetadataList") => Some(ListingForm::Metadata),
            Some(_) => None,
        }
    });
    served.ok_or_else(refusal::not_acceptable)
}

/// What a list or a watch selects.
pub struct Selection {
    labels: Selector,
    fields: FieldSelector,
}

/// Reads labelSelector and fieldSelector; a bad one is a 400.
pub fn selection(call: &Call, resource: &ServedResource) -> Result<Selection, Reply> {
    let labels = match call.option("labelSelector") {
        Some(text) => {
            Selector::parse(text).map_err(|error| refusal::bad_request(&servers_words(&error.to_string())))?
        }
        None => Selector::default(),
    };
    let text = call.option("fieldSelector").unwrap_or_default();
    let fields = fields::parse(text, resource).map_err(|error| refusal::bad_request(&error))?;
    Ok(Selection { labels, fields })
}

/// A selector's mistake as the server says it, which is less friendly than we are.
fn servers_words(error: &str) -> String {
    const NAME: &str = "must start and end with an alphanumeric character";
    let mut words = error.replacen(": key: Invalid value", ": <nil>: Invalid value", 1);
    if words.contains("name part must consist") && words.ends_with(NAME) {
        words.push_str(" (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')");
    }
    words.replacen("', expected: '('", "' expected: '('", 1)
}

impl Selection {
    pub fn takes(&self, object: &StoredObject) -> bool {
        self.labels.matches(&object.labels) && self.fields.match_value(&object.value)
    }

    fn is_everything(&self) -> bool {
        self.labels.is_everything() && self.fields.is_everything()
    }
}

/// Answers a list.
pub fn list(
    cluster: &ClusterContent,
    call: &Call,
    place: &ResourcePath,
    resource: &ServedResource,
) -> Result<Reply, Reply> {
    let form = form(call)?;
    let selection = selection(call, resource)?;
    let mut page = page(cluster, call)?;
    let loops = call.meets(FaultId::PageLoop);
    if loops {
        // Whatever was asked for, it begins anew.
        page.start = None;
    }
    let store = cluster.store_at(page.revision);
    let mut found = store.objects(resource, place.namespace.as_deref());
    found.retain(|(_, object)| selection.takes(object));
    found.retain(|(key, _)| page.start.as_deref().is_none_or(|start| token_key(place, key).as_str() > start));
    let rest = page.limit.filter(|limit| *limit > 0).map_or(0, |limit| found.len().saturating_sub(limit));
    found.truncate(found.len() - rest);
    let mut metadata = Map::new();
    metadata.insert("resourceVersion".into(), store.revision.to_string().into());
    if loops {
        let key = format!("/page-{}", cluster.requests.next());
        metadata.insert("continue".into(), token(store.revision as i64, &key).into());
    } else if let (true, Some((key, _))) = (rest > 0, found.last()) {
        metadata.insert("continue".into(), token(store.revision as i64, &token_key(place, key)).into());
        if selection.is_everything() {
            metadata.insert("remainingItemCount".into(), rest.into());
        }
    } else if resource.custom {
        // The server of custom kinds writes the field out even if there is no more.
        metadata.insert("continue".into(), "".into());
    }
    if resource.custom {
        metadata.sort_keys();
    }
    let objects: Vec<&StoredObject> = found.into_iter().map(|(_, object)| object).collect();
    let body = match form {
        ListingForm::Whole => whole_list(resource, &metadata, &objects),
        ListingForm::Metadata => {
            let items: Vec<Value> = objects.iter().map(|object| object.partial()).collect();
            let list = json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "items": items});
            format!("{list}\n")
        }
        ListingForm::Table => {
            let include = include(call)?;
            let table = table::table(resource, &objects, &metadata, include, cluster.clock.now());
            format!("{table}\n")
        }
    };
    Ok(Reply::json_bytes(StatusCode::OK, body.into()))
}

/// The items are stored as text, so that a list of thousands costs a copy. A list of custom objects has its fields
/// in alphabetical order: the items come before the kind.
fn whole_list(resource: &ServedResource, metadata: &Map<String, Value>, objects: &[&StoredObject]) -> String {
    let (kind, api_version) = (&resource.kind, resource.api_version());
    let metadata = Value::Object(metadata.clone());
    let items: Vec<&str> = objects.iter().map(|object| object.item.as_str()).collect();
    let items = items.join(",");
    if resource.custom {
        return format!(
            "{{\"apiVersion\":\"{api_version}\",\"items\":[{items}],\"kind\":\"{kind}List\",\"metadata\":{metadata}}}\n"
        );
    }
    format!(
        "{{\"kind\":\"{kind}List\",\"apiVersion\":\"{api_version}\",\"metadata\":{metadata},\"items\":[{items}]}}\n"
    )
}

/// Answers a get.
pub fn get(
    cluster: &ClusterContent,
    call: &Call,
    place: &ResourcePath,
    resource: &ServedResource,
    name: &str,
) -> Result<Reply, Reply> {
    let form = form(call)?;
    let namespace = place.namespace.as_deref().filter(|_| resource.namespaced);
    let object = cluster.store.object(resource, namespace, name);
    let object = object.ok_or_else(|| refusal::not_found(&resource.group, &resource.plural, name))?;
    let body = match form {
        ListingForm::Whole => object.value.clone(),
        ListingForm::Metadata => object.partial(),
        ListingForm::Table => {
            let mut metadata = Map::new();
            metadata.insert("resourceVersion".into(), object.revision.to_string().into());
            table::table(resource, &[object], &metadata, include(call)?, cluster.clock.now())
        }
    };
    Ok(Reply::json(StatusCode::OK, &body))
}

/// Reads `includeObject`.
pub fn include(call: &Call) -> Result<Include, Reply> {
    match call.option("includeObject") {
        None | Some("Metadata") => Ok(Include::Metadata),
        Some("None") => Ok(Include::Nothing),
        Some("Object") => Ok(Include::Object),
        Some(other) => {
            let problem = format!(
                "includeObject: Invalid value: \"{other}\": must be 'Metadata', 'Object', 'None', or empty"
            );
            Err(refusal::bad_request(&format!("Unable to convert to Table as requested: {problem}")))
        }
    }
}
