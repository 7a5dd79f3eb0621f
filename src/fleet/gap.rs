//! What a cluster said, and what it would not or could not say.

use crate::fleet::cluster::ClusterName;
use crate::fleet::silence::Silence;
use std::collections::BTreeSet;
use std::time::Duration;

/// A kind as people write it: `Pod`, `Rollout.argoproj.io`.
pub type KindName = String;

/// What one cluster said.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    pub cluster: ClusterName,
    /// From the question to its end, credential and connection included.
    pub elapsed: Duration,
    /// The server's version, such as `v1.36.3`, where it was told.
    pub version: Option<String>,
    /// The UID of its namespace kube-system, where others share its server and it was told.
    pub uid: Option<String>,
    pub value: T,
    pub gaps: Vec<Gap>,
}

/// Something that a cluster would not or could not say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Gap {
    /// `None`: the whole cluster is silent.
    pub kind: Option<KindName>,
    /// The namespace that it is limited to.
    pub namespace: Option<String>,
    /// The namespaces that it does not hold for.
    pub covered: BTreeSet<String>,
    pub why: Silence,
}

impl Gap {
    /// The whole cluster is silent.
    pub fn cluster(why: Silence) -> Gap {
        Gap { kind: None, namespace: None, covered: BTreeSet::new(), why }
    }

    /// One kind was not told.
    pub fn kind(kind: impl Into<KindName>, why: Silence) -> Gap {
        Gap { kind: Some(kind.into()), namespace: None, covered: BTreeSet::new(), why }
    }
}

impl<T> Answer<T> {
    /// Why the whole cluster is silent, if it is.
    pub fn silence(&self) -> Option<&Silence> {
        self.gaps.iter().find(|gap| gap.kind.is_none()).map(|gap| &gap.why)
    }
}
