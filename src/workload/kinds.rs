//! The kinds that callboard asks every cluster for: a kind is a row.

use crate::workload::pod::Pod;
use crate::workload::workload::{self, Workload};
use k8s_openapi::Resource;
use k8s_openapi::api::{apps, batch, core};

/// How to ask for a kind and how to read one item of its list.
#[derive(Debug)]
pub struct Kind<T = Object> {
    pub name: &'static str,
    /// Empty for the core group.
    pub group: &'static str,
    pub version: &'static str,
    pub plural: &'static str,
    /// A CRD that most clusters lack: not found is an answer, not a gap.
    pub optional: bool,
    /// The kinds of this table that its controller creates.
    pub creates: &'static [&'static str],
    /// Reads one item. Only JSON that is no object is an error.
    decode: Decode<T>,
}

/// Reads one item of a list.
pub type Decode<T> = fn(&str) -> serde_json::Result<T>;

impl<T> Kind<T> {
    /// Reads one object. Only JSON that is no object is an error.
    pub fn observe(&self, json: &str) -> serde_json::Result<T> {
        (self.decode)(json)
    }

    /// The same row, of a kind whose controller creates others.
    const fn creating(self, creates: &'static [&'static str]) -> Kind<T> {
        Kind { creates, ..self }
    }
}

/// What an item of a list becomes.
#[derive(Debug, Clone)]
pub enum Object {
    Pod(Box<Pod>),
    Workload(Box<Workload>),
}

impl Object {
    fn of_pod(pod: Pod) -> Object {
        Object::Pod(Box::new(pod))
    }

    fn of_workload(workload: Workload) -> Object {
        Object::Workload(Box::new(workload))
    }
}

pub static KINDS: &[Kind] = &[
    row::<core::v1::Pod, Object>(|json| Pod::of(json).map(Object::of_pod)),
    row::<apps::v1::Deployment, Object>(|json| workload::deployment(json).map(Object::of_workload))
        .creating(&["ReplicaSet"]),
    row::<apps::v1::ReplicaSet, Object>(|json| workload::replica_set(json).map(Object::of_workload))
        .creating(&["Pod"]),
    row::<apps::v1::StatefulSet, Object>(|json| workload::stateful_set(json).map(Object::of_workload))
        .creating(&["Pod"]),
    row::<apps::v1::DaemonSet, Object>(|json| workload::daemon_set(json).map(Object::of_workload))
        .creating(&["Pod"]),
    row::<batch::v1::Job, Object>(|json| workload::job(json).map(Object::of_workload)).creating(&["Pod"]),
    row::<batch::v1::CronJob, Object>(|json| workload::cron_job(json).map(Object::of_workload))
        .creating(&["Job"]),
    Kind {
        name: "Rollout",
        group: "argoproj.io",
        version: "v1alpha1",
        plural: "rollouts",
        optional: true,
        creates: &["ReplicaSet"],
        decode: |json| workload::rollout(json).map(Object::of_workload),
    },
];

/// The row of that name, as Kubernetes spells it.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

pub const fn row<K: Resource, T>(decode: Decode<T>) -> Kind<T> {
    Kind {
        name: K::KIND,
        group: K::GROUP,
        version: K::VERSION,
        plural: K::URL_PATH_SEGMENT,
        optional: false,
        creates: &[],
        decode,
    }
}

#[cfg(test)]
mod tests {
    use super::{KINDS, Object, kind};

    #[test]
    fn rows_are_unique_and_read_an_empty_object() {
        for (index, row) in KINDS.iter().enumerate() {
            assert!(
                KINDS[..index].iter().all(|earlier| earlier.plural != row.plural),
                "{} twice",
                row.plural
            );
            let object = row.observe("{}").unwrap_or_else(|error| panic!("{}: {error}", row.name));
            match object {
                Object::Pod(_) => assert_eq!(row.name, "Pod"),
                Object::Workload(workload) => assert_eq!(workload.kind, row.name),
            }
        }
    }

    #[test]
    fn only_what_is_no_object_is_an_error() {
        for row in KINDS {
            for odd in [
                r#"{"metadata":null,"spec":[],"status":"x"}"#,
                r#"{"metadata":{"labels":[1],"ownerReferences":{"a":1},"creationTimestamp":"yesterday"}}"#,
                r#"{"status":{"conditions":[null,3,"x",{"status":true}],"containerStatuses":[{"state":[]}]}}"#,
                r#"{"spec":{"containers":null,"replicas":"3","template":[]},"status":{"observedGeneration":1e300}}"#,
            ] {
                assert!(row.observe(odd).is_ok(), "{} {odd}", row.name);
            }
            for bad in ["", "null", "[]", "3", "\"x\"", "{\"metadata\":", "{} {}"] {
                assert!(row.observe(bad).is_err(), "{} {bad:?}", row.name);
            }
        }
    }

    #[test]
    fn no_row_is_a_secret() {
        assert!(kind("Secret").is_none() && KINDS.iter().all(|row| row.plural != "secrets"));
    }
}
