//! Objects of any kind by their metadata, item by item of a list.

use serde::Deserialize;
use serde_json::Value;

use crate::commands::owner::attribution::OwnedObject;
use crate::fleet::{Asked, ListEnd, ListRequest, Resource, Silence};
use crate::workload::Meta;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Labelled {
    pub metadata: Meta,
}

/// The items that are meant as far as they came, and why there may be more. A kind that is not served has none.
pub async fn listed(
    asked: &Asked,
    resource: Resource<'static>,
    namespace: Option<&str>,
    fields: Option<&str>,
    is_meant: &(impl Fn(&Value) -> bool + Send + Sync),
) -> (Vec<String>, Option<Silence>) {
    let request = ListRequest { resource, namespace, selector: None, field_selector: fields };
    let mut found = Vec::new();
    let end = asked
        .list(&request, &mut |item| {
            let value: Value = serde_json::from_str(item)?;
            if is_meant(&value) {
                asked.keep(item)?;
                found.push(item.to_string());
            }
            Ok(())
        })
        .await;
    match end {
        Ok(ListEnd::Whole { .. } | ListEnd::NotServed) => (found, None),
        Err(why) => (found, Some(why)),
    }
}

pub fn read_object(kind: &str, json: &str) -> Option<OwnedObject> {
    let read: Labelled = serde_json::from_str(json).ok()?;
    (!read.metadata.name.is_empty()).then(|| OwnedObject { kind: kind.to_string(), meta: read.metadata })
}
