//! A core Service, reduced to which pods it selects.

use crate::workload::meta::Meta;
use std::collections::BTreeMap;

facts! {
    pub struct CoreService {
        #[serde(rename = "metadata")]
        pub meta: Meta,
        pub spec: CoreServiceSpec,
    }
    pub struct CoreServiceSpec {
        pub selector: BTreeMap<String, String>,
        #[serde(rename = "type")]
        pub kind: String,
    }
}

impl CoreService {
    /// The labels that a pod needs to stand behind it; `None` where its endpoints are somebody else's business: without
    /// a selector, or with an external name.
    pub fn selected(&self) -> Option<&BTreeMap<String, String>> {
        Some(&self.spec.selector).filter(|selector| !selector.is_empty() && self.spec.kind != "ExternalName")
    }
}
