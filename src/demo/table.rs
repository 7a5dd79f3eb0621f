//! Server-side tables: `as=Table`, with the columns that kubectl prints.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::demo::columns::{self, Column};
use crate::demo::listing::partial;
use crate::demo::printer_columns;
use crate::demo::refusal;
use crate::demo::reply::Reply;
use crate::demo::request::Call;
use crate::demo::resource::Resource;
use crate::demo::store::Object;

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
            let message = format!("unrecognized includeObject value: \"{other}\"");
            Err(refusal::bad_request(&message))
        }
    }
}

/// A whole Table.
pub fn table(resource: &Resource, objects: &[&Object], metadata: &Map<String, Value>, include: Include, now: Timestamp) -> Value {
    let rows: Vec<Value> = objects.iter().map(|object| row(resource, object, include, now)).collect();
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "columnDefinitions": definitions(resource), "rows": rows})
}

/// The columns of a kind: `{name, type, format, description, priority}` each.
pub fn definitions(resource: &Resource) -> Value {
    if let Some(columns) = columns::of(resource) {
        return columns.iter().map(definition).collect();
    }
    let name = json!({"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0});
    std::iter::once(name).chain(printer_columns::definitions(resource)).collect()
}

fn definition(column: &Column) -> Value {
    let format = if column.name == "Name" { "name" } else { "" };
    json!({"name": column.name, "type": column.form, "format": format, "description": "", "priority": i32::from(column.wide)})
}

/// One row of a Table.
pub fn row(resource: &Resource, object: &Object, include: Include, now: Timestamp) -> Value {
    let cells: Vec<Value> = match columns::of(resource) {
        Some(columns) => columns.iter().map(|column| (column.cell)(&object.value, now)).collect(),
        None => std::iter::once(object.name.clone().into()).chain(printer_columns::cells(resource, &object.value, now)).collect(),
    };
    let beside = match include {
        Include::Nothing => Value::Null,
        Include::Metadata => partial(&object.value),
        Include::Object => object.value.clone(),
    };
    json!({"cells": cells, "object": beside})
}
