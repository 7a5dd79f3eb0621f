//! Server-side tables: `as=Table`, with the columns that kubectl prints.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::demo::printer::columns;
use crate::demo::printer::custom;
use crate::demo::state::object::StoredObject;
use crate::demo::state::resource::ServedResource;

/// What stands beside the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Include {
    Nothing,
    Metadata,
    Object,
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
    std::iter::once(name).chain(custom::definitions(resource)).collect()
}

/// One row of a Table.
pub fn row(resource: &ServedResource, object: &StoredObject, include: Include, now: Timestamp) -> Value {
    let cells: Vec<Value> = match columns::of(resource) {
        Some(printer) => (printer.row)(&object.value, now),
        None => std::iter::once(object.name.clone().into())
            .chain(custom::cells(resource, &object.value, now))
            .collect(),
    };
    let beside = match include {
        Include::Nothing => Value::Null,
        Include::Metadata => object.partial(),
        Include::Object => object.value.clone(),
    };
    json!({"cells": cells, "object": beside})
}
