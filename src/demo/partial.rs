//! PartialObjectMetadata: an object without spec and status.

use serde_json::{Value, json};

/// An object as its metadata only.
pub fn partial(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}
