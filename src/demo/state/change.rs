//! One change of one object: what a watch tells of it, and what an object keeps that is written anew.

use std::sync::Arc;

use serde_json::Value;

use crate::demo::state::object::StoredObject;

/// Group and plural, by which objects are kept: the versions of a kind are views of the same ones.
pub type StoreKey = (String, String);

/// One object's change. Neither form is there twice: it was, it is, or both.
#[derive(Debug)]
pub struct ObjectChange {
    pub kept: StoreKey,
    /// `namespace/name`, or `name`.
    pub key: String,
    pub revision: u64,
    pub before: Option<Arc<StoredObject>>,
    pub after: Option<Arc<StoredObject>>,
}

impl ObjectChange {
    /// The last state of what is no more, which a watch tells with the revision of its end.
    pub fn last(&self) -> Option<StoredObject> {
        let mut last = StoredObject::clone(self.before.as_deref()?);
        last.revision = self.revision;
        last.value["metadata"]["resourceVersion"] = self.revision.to_string().into();
        Some(last)
    }
}

/// What an object keeps that is written anew under its name: its identity, and the status where none is written.
pub fn inherit(before: &Value, object: &mut Value) {
    if let (Some(status), Some(fields)) = (before.get("status"), object.as_object_mut()) {
        fields.entry("status").or_insert_with(|| status.clone());
    }
    let Some(metadata) = object["metadata"].as_object_mut() else { return };
    for name in ["uid", "creationTimestamp"] {
        if let Some(value) = before["metadata"].get(name) {
            metadata.insert(name.to_string(), value.clone());
        }
    }
}

/// The generation counts the changes of the spec, unless the file says it. Both are complete.
pub fn count(before: &Value, object: &mut Value) {
    let is_other = before["spec"] != object["spec"];
    if let (Some(generation), Some(metadata)) =
        (before["metadata"]["generation"].as_u64(), object["metadata"].as_object_mut())
    {
        metadata.entry("generation").or_insert_with(|| (generation + u64::from(is_other)).into());
    }
}
