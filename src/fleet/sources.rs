//! Where clusters come from: one row a source.

use crate::fleet::kubeconfig::{self, KubeconfigText, Merged};

/// A source of clusters.
pub struct ClusterSource {
    /// As `clusters` shows it.
    pub id: &'static str,
    pub read: fn(Vec<KubeconfigText>) -> Merged,
}

/// Every source, in the order in which their clusters stand in the fleet.
pub const SOURCES: &[ClusterSource] = &[ClusterSource { id: "kubeconfig", read: kubeconfig::merge }];

#[cfg(test)]
mod tests {
    use super::SOURCES;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique() {
        let ids: BTreeSet<&str> = SOURCES.iter().map(|source| source.id).collect();
        assert_eq!(ids.len(), SOURCES.len());
    }
}
