//! Everything that a command which judges services stands on: who was asked, and what was said.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;

use crate::app::App;
use crate::catalog::Service;
use crate::fleet::Fleet;
use crate::health::Thresholds;
use crate::survey::cells::{Judge, Outlook};
use crate::survey::memory::Memory;
use crate::survey::placement::{Placed, place};
use crate::survey::{ClusterRow, Collected, collect};

pub struct Scene {
    pub services: Vec<Service>,
    pub placed: Placed,
    /// The clusters that were asked.
    pub fleet: Fleet,
    pub collected: Collected,
    /// Their names, in fleet order.
    pub clusters: Vec<String>,
    pub memory: Memory,
    pub thresholds: Thresholds,
    pub now: Timestamp,
}

impl Scene {
    /// Asks every cluster that matters for the services. `named`: they were named on the command line.
    pub fn look(services: Vec<Service>, named: bool, app: &App) -> Result<Scene> {
        let mut fleet = app.fleet()?;
        let placed = place(&services, &mut fleet, &app.known_clusters()?, named);
        let memory = Memory::of_text(&app.recall());
        let collected = app.block_on(collect(&placed.wanted, &fleet, app.config()?, &app.ui))?;
        let clusters = fleet.clusters().map(|cluster| cluster.name.clone()).collect();
        let (thresholds, now) = (app.thresholds()?, app.now());
        Ok(Scene { services, placed, fleet, collected, clusters, memory, thresholds, now })
    }

    pub fn judge(&self) -> Judge<'_> {
        Judge { now: self.now, thresholds: &self.thresholds, memory: &self.memory, clusters: &self.clusters }
    }

    /// The services that run, or should, with their verdicts; and those that do not run at all.
    pub fn outlooks(&self) -> (Vec<(&Service, Outlook<'_>)>, Vec<&Service>) {
        let (judge, said) = (self.judge(), self.collected.said());
        let (mut running, mut idle) = (Vec::new(), Vec::new());
        for (index, wanted) in self.placed.wanted.iter().enumerate() {
            let service = &self.services[self.placed.services[index]];
            match judge.outlook(wanted, index, &said) {
                Some(outlook) => running.push((service, outlook)),
                None => idle.push(service),
            }
        }
        (running, idle)
    }

    /// What each cluster said, in fleet order.
    pub fn rows(&self) -> Vec<ClusterRow> {
        self.collected.rows(&self.fleet)
    }

    /// The labels of each cluster.
    pub fn labels(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        self.fleet.clusters().map(|cluster| (cluster.name.clone(), cluster.labels.clone())).collect()
    }

    /// Whether every cluster that counts answered, and no verdict was left Unknown by one that counts.
    pub fn is_complete(&self, outlooks: &[(&Service, Outlook)]) -> bool {
        let rows = self.rows();
        let silent = rows.iter().any(|row| row.is_silent() && !row.optional);
        let counts = |index: &usize| rows.get(*index).is_none_or(|row| !row.optional);
        !silent && !outlooks.iter().flat_map(|(_, outlook)| &outlook.unknown_in).any(counts)
    }
}
