//! Services as a fleet shows them, before anything is made of them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A service as the labels of a fleet tell of it.
#[derive(Clone, Debug, Default)]
pub struct FoundService {
    /// As it is called where it is guessed.
    pub shown: String,
    /// The label's value.
    pub value: String,
    /// Whether the label is Backstage's own id.
    pub is_id: bool,
    /// The label selector that means exactly it.
    pub selector: String,
    /// The namespace that it is limited to.
    pub namespace: Option<String>,
    /// Where it was seen, in fleet order.
    pub clusters: Vec<String>,
    pub workloads: Vec<FoundWorkload>,
}

/// What runs, with what its labels say.
#[derive(Clone, Debug, Default)]
pub struct FoundWorkload {
    pub cluster: String,
    /// `Deployment shop/cart`.
    pub called: String,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub pod_labels: BTreeMap<String, String>,
    pub pod_annotations: BTreeMap<String, String>,
    pub namespace: Arc<FoundNamespace>,
    /// The Argo CD project of the application that it belongs to.
    pub project: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct FoundNamespace {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
}
