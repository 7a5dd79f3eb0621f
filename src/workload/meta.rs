//! What every object has: its metadata, its owners, its conditions.

use crate::shared::{Shared, SharedText, poolable};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

facts! {
    /// `metadata`, without managedFields. A cluster-wide object has an empty namespace.
    pub struct Meta {
        pub namespace: SharedText,
        pub name: String,
        pub uid: String,
        pub labels: Shared<BTreeMap<String, String>>,
        pub annotations: Shared<BTreeMap<String, String>>,
        #[serde(rename = "creationTimestamp")]
        pub created: Option<Timestamp>,
        /// Already includes the grace period: the object should be gone by then.
        #[serde(rename = "deletionTimestamp")]
        pub deleted: Option<Timestamp>,
        pub generation: Option<i64>,
        pub finalizers: Vec<String>,
        #[serde(rename = "ownerReferences")]
        pub owners: Shared<Vec<OwnerRef>>,
    }

    pub struct OwnerRef {
        pub api_version: String,
        pub kind: String,
        pub name: String,
        pub uid: String,
        pub controller: bool,
    }

    /// A `status.conditions[]` entry; `status` is the text as sent (a boolean becomes its text).
    pub struct Condition {
        #[serde(rename = "type")]
        pub kind: SharedText,
        pub status: SharedText,
        pub reason: SharedText,
        pub message: SharedText,
        pub last_transition_time: Option<Timestamp>,
        pub last_update_time: Option<Timestamp>,
        pub observed_generation: Option<i64>,
    }
}

impl Meta {
    /// The owner that manages this object: the one marked as controller, else the only one.
    pub fn controller(&self) -> Option<&OwnerRef> {
        let marked = self.owners.iter().find(|owner| owner.controller);
        marked.or(if self.owners.len() == 1 { self.owners.first() } else { None })
    }
}

poolable!(Vec<OwnerRef>);

impl Eq for OwnerRef {}

impl Hash for OwnerRef {
    fn hash<H: Hasher>(&self, to: &mut H) {
        (&self.uid, &self.name, &self.kind).hash(to);
    }
}

impl OwnerRef {
    /// The API group, without the version: `apps` of `apps/v1`, empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }
}

impl Condition {
    pub fn is_true(&self) -> bool {
        self.status.eq_ignore_ascii_case("true")
    }
    pub fn is_false(&self) -> bool {
        self.status.eq_ignore_ascii_case("false")
    }
}

/// The condition of that type, the last one if a hostile object has several, as Kubernetes' own printers take it.
pub fn condition<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().rev().find(|condition| condition.kind == kind)
}
