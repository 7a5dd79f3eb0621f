//! Clusters that a watch no longer hears, each told when it falls silent and when it is heard again.

use std::collections::BTreeSet;

use crate::ui::Ui;

/// By name, those that are silent now.
#[derive(Default)]
pub struct SilentWatches(BTreeSet<String>);

impl SilentWatches {
    /// Of clusters that are known to be silent only their return is told.
    pub fn of(known: impl IntoIterator<Item = String>) -> SilentWatches {
        SilentWatches(known.into_iter().collect())
    }

    /// A cluster could not be heard; `why` in words. It is told once until it is heard again.
    pub fn silent(&mut self, cluster: &str, why: &str, ui: &Ui) {
        if self.0.insert(cluster.to_string()) {
            ui.warn(&format!("{cluster}: {why}; trying again"));
        }
    }

    /// A cluster is heard.
    pub fn heard(&mut self, cluster: &str, ui: &Ui) {
        if self.0.remove(cluster) {
            ui.warn(&format!("{cluster}: heard again"));
        }
    }
}
