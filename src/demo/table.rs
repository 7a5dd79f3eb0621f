//! Server-side tables: `as=Table`, with the columns that kubectl prints.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::demo::columns;
use crate::demo::object::StoredObject;
use crate::demo::printer_columns;
use crate::demo::refusal;
use crate::demo::reply::Reply;
use crate::demo::request::Call;
use crate::demo::resource::ServedResource;

/// What stands beside the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Include {
    Nothing,
    Metadata,
    Object,
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

/// A whole Table.
pub fn table(
    resource: &ServedResource,
    objects: &[&StoredObject],
    metadata: &Map<String, Value>,
    include: Include,
    now: Timestamp,
) -> Value {
    let rows: Vec<Value> = objects.iter().map(|object| row(resource, object, include, now)).collect();
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "columnDefinitions": definitions(resource), "rows": rows})
}

/// The columns of a kind: `{name, type, format, description, priority}` each.
pub fn definitions(resource: &ServedResource) -> Vec<Value> {
    if let Some(printer) = columns::of(resource) {
        return printer.definitions();
    }
    let name = json!({"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0});
    std::iter::once(name).chain(printer_columns::definitions(resource)).collect()
}

/// One row of a Table.
pub fn row(resource: &ServedResource, object: &StoredObject, include: Include, now: Timestamp) -> Value {
    let cells: Vec<Value> = match columns::of(resource) {
        Some(printer) => (printer.row)(&object.value, now),
        None => std::iter::once(object.name.clone().into())
            .chain(printer_columns::cells(resource, &object.value, now))
            .collect(),
    };
    let beside = match include {
        Include::Nothing => Value::Null,
        Include::Metadata => object.partial(),
        Include::Object => object.value.clone(),
    };
    json!({"cells": cells, "object": beside})
}
