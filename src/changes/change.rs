//! A change: one deed to one object.

use jiff::Timestamp;

use crate::compare::{AttributeName, AttributeValue};

/// What kind of deed a change was.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ChangeKind {
    Created,
    Rollout,
    /// A rollout whose template was there before.
    Rollback,
    /// A rollout that only starts the pods anew.
    Restart,
    Scaling,
    Edit,
    /// A ConfigMap that the pods name.
    Config,
}

impl ChangeKind {
    /// The id in JSON; never renamed.
    pub fn id(self) -> &'static str {
        match self {
            ChangeKind::Created => "created",
            ChangeKind::Rollout => "rollout",
            ChangeKind::Rollback => "rollback",
            ChangeKind::Restart => "restart",
            ChangeKind::Scaling => "scaling",
            ChangeKind::Edit => "edit",
            ChangeKind::Config => "config",
        }
    }
}

/// One deed to one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub time: Timestamp,
    pub kind: ChangeKind,
    /// `Deployment`.
    pub object: String,
    pub namespace: String,
    pub name: String,
    /// The field manager; `None` where no entry says who it was.
    pub manager: Option<String>,
    /// Of a rollout, the revision that it led to.
    pub revision: Option<String>,
    /// Of a rollout, what is different in the template.
    pub differences: Vec<ChangedValue>,
    /// Of an edit, the fields that the manager has set: the change is among them.
    pub fields: Vec<String>,
    /// What else is known, in words.
    pub note: Option<String>,
    /// A controller's own deed: nobody's decision.
    pub automatic: bool,
}

/// What was and what is.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedValue {
    pub what: AttributeName,
    pub before: AttributeValue,
    pub after: AttributeValue,
}
